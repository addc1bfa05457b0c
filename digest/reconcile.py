"""Opens a publication's library, after bringing what it knows about issues in line with the issues' folders."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from typing import TYPE_CHECKING, Final

from digest import opening
from digest.errors import DigestError
from digest.library import Library
from digest.model import PartialDate, Record
from digest.parsed import ParsedFiles
from digest.project import LIBRARY, issue_heads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def open_reconciled(root: Path, file: Path | None = None, *, make: bool = False) -> Library:
    """The library of a publication, which knows what is in its issues: their folders decide, whoever changed them.

    Args:
        root: folder of the publication; where it is not a publication, the library is only opened.
        file: the library's file; none: the one in the publication.
        make: whether to make a library where there is none.

    Raises:
        DigestError: the library is missing, or it cannot be opened.
    """
    path = file or root / LIBRARY
    if not make and not path.exists():
        raise DigestError(
            "there is no library yet", where=os.path.relpath(path), todo="“digest collect” reads records into one"
        )
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
    library = Library.open(path)
    if (root / "digest.yaml").is_file():
        try:
            _reconcile(library, root)
        except BaseException:
            library.close()
            raise
    return library


def _reconcile(library: Library, root: Path) -> None:
    """Reads the issues' folders where their files, or the library, have changed since they were last read."""
    stamp = _stamp(root)
    if stamp and stamp == library.issues_stamp():
        return
    issues: dict[str, tuple[PartialDate, list[str]]] = {}
    with ParsedFiles(root) as parsed:
        for name, head in issue_heads(root).items():
            if (date := _date_of(name, head.date)) is not None:
                issues[name] = (date, list(_ids_in(root / "issues" / name, parsed)))
    library.set_issues(issues, stamp)


def _stamp(root: Path) -> str:
    """A checksum of names, sizes and times of all files that `_reconcile` reads; empty where it cannot be relied on."""
    files = []
    newest = 0
    for pattern in ("issues/[!.]*/issue.yaml", "issues/[!.]*/records/*.yaml"):
        for path in root.glob(pattern):
            try:
                status = path.stat()
            except OSError:
                return ""
            files.append((path.relative_to(root).as_posix(), status.st_mtime_ns, status.st_size))
            newest = max(newest, status.st_mtime_ns)
    if newest > time.time_ns() - _SETTLED:
        return ""
    return hashlib.blake2b(repr(sorted(files)).encode("utf-8", "replace"), digest_size=16).hexdigest()


_SETTLED: Final = 2_500_000_000  # nanoseconds: FAT counts two seconds, so a second change may not show in the time


def _ids_in(folder: Path, parsed: ParsedFiles) -> Iterator[str]:
    for path in sorted(folder.glob("records/*.yaml")):
        if id_ := record_id(path, parsed):
            yield id_


def record_id(path: Path, parsed: ParsedFiles) -> str:
    """The id in a frozen record's file: nearly always on its own line, as this program writes it.

    Empty where the file is gone or cannot be read: reading the issue reports that.
    """
    try:
        text = opening.read_file(path).decode("utf-8", "replace")
    except OSError:
        return ""
    if match := _ID_LINE.search(text):
        return match[2]
    record = parsed.value(path, Record, path.name)
    return (record.id or "") if record else ""


_ID_LINE: Final = re.compile(r"^id:[ ]*([\"']?)([^\s\"'#]+)\1[ ]*$", re.MULTILINE)


def _date_of(issue: str, date: str) -> PartialDate | None:
    """The date of an issue, even of one with mistakes: as its file has it, or else from the name of its folder."""
    for text in (date, issue):
        with contextlib.suppress(ValueError):
            return PartialDate.parse(text)
    return None
