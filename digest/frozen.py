"""Compares the frozen records of issues with the library, and warns about those that it now knows otherwise."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.errors import DigestError, Problem
from digest.model import Origin, Record
from digest.parsed import ParsedFiles
from digest.project import LIBRARY, find_publication
from digest.publication import IssueFile
from digest.reconcile import open_reconciled, record_id
from digest.records import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from digest.errors import Level
    from digest.library import Intake, Library, StoredRecord

_COMPARED: Final = tuple(
    name for name in Record.__struct_fields__ if name not in {"id", "origin", "permission", "presentation", "fields"}
)


def frozen_records(folder: Path) -> Iterator[tuple[str, Record]]:
    """The frozen records of an issue that can be read, with the names of their files."""
    with ParsedFiles(find_publication(folder)) as parsed:
        for path in sorted((folder / "records").glob("*.yaml")):
            if (record := parsed.value(path, Record, path.name)) is not None:
                yield path.stem, record


def frozen_problems(folder: Path, records: Mapping[str, Record] | None = None) -> list[Problem]:
    """Warnings about the frozen records of one issue, from the publication's library; none where it has no library.

    Args:
        folder: folder of the issue.
        records: its frozen records by the names of their files, where they were read already.
    """
    root = find_publication(folder)
    if not (root / LIBRARY).is_file():
        return []
    try:
        with open_reconciled(root) as library:
            return list(FrozenWatch(root).problems(library, folder, records))
    except DigestError as error:
        return [Problem(level="warning", code="library", message=str(error), file=LIBRARY)]


def version_of(record: Record) -> str:
    """A checksum of what a record says, without what belongs to one library (its id, its origin) or to the editor."""
    content = structs.replace(record, id=None, origin=None, permission="quote", presentation=None, fields={})
    return hashlib.sha256(encode(content)).hexdigest()[:16]


def as_frozen(record: Record) -> Record:
    """A record of the library as it is frozen: with a note of its version, to tell changes from corrections by hand."""
    return structs.replace(record, origin=structs.replace(record.origin or Origin(), version=version_of(record)))


def is_settled(frozen: Record, known: Record) -> bool:
    """Whether this version of the library's record is the one that was frozen, or that somebody decided not to take."""
    return frozen.origin is not None and frozen.origin.version == version_of(known)


def has_news(frozen: Record, stored: StoredRecord) -> bool:
    """Whether the library's record is a version about which nobody has decided, and differs from the frozen one.

    A file without a version was frozen by hand, or by an earlier program: the bytes that it was read from tell then.
    """
    origin = frozen.origin
    if origin is None or not differing_fields(frozen, stored.record) or is_settled(frozen, stored.record):
        return False
    return bool(origin.version or (origin.sha256 and origin.sha256 not in {one.sha256 for one in stored.origins}))


def differing_fields(frozen: Record, record: Record) -> list[str]:
    """The names of the fields in which a frozen record differs from the library's record."""
    return [name for name in _COMPARED if getattr(frozen, name) != getattr(record, name)]


def same_study(library: Library, records: Iterable[Record], issue: str) -> Iterator[Problem]:
    """A note for each record whose study was highlighted before, under another number or from another meeting."""
    for record in records:
        for link in library.get(record.id or "").links:
            for highlight in library.get(link.other).highlighted:
                if highlight.issue != issue:
                    other = f"{link.other} in issue {highlight.issue} ({link.reason})"
                    message = f"{record.id} is about the same study as {other}"
                    yield Problem(level="note", code="same-study", message=message, key=record.id or "")


class FrozenWatch:
    """Watches the frozen records of a publication while sources are read, and finds those that need a look.

    It is given what each transaction did, and keeps only what concerns frozen records: 100,000 arrivals may change
    much more.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._parsed = ParsedFiles(root)
        self._printed: dict[Path, dict[str, bool]] = {}  # by issue the entries that it may print
        self._files: dict[str, list[Path]] | None = None
        self._changed: set[str] = set()
        self._withdrawn: set[str] = set()
        self._gone: set[str] = set()
        self._read_first: set[str] = set()

    def _frozen(self) -> dict[str, list[Path]]:
        if self._files is None:  # read when it is needed: a publication may have many issues
            self._files = {}
            for path in sorted(self._root.glob("issues/[!.]*/records/*.yaml")):
                if id_ := record_id(path, self._parsed):
                    self._files.setdefault(id_, []).append(path)
        return self._files

    def note(self, intake: Intake) -> None:
        """Takes in what a part of a collection changed."""
        changed = {id_ for change in intake.changes if change.fields for id_ in (change.id, change.former_id) if id_}
        changed |= {id_ for one in intake.merges if one.fields for id_ in (one.id, one.former_id, one.joined) if id_}
        if not (changed or intake.deletions or intake.gone_ids):
            return
        frozen = self._frozen().keys()
        self._changed |= changed & frozen
        self._withdrawn |= frozen & intake.deletions
        self._gone |= frozen & intake.gone_ids

    def read_first(self, source: str) -> None:
        """Takes in that a source was read to its end for the first time: its frozen records ought to be in it."""
        self._read_first.add(source)

    def recognise(self, library: Library) -> None:
        """Makes a library that was built again know frozen records by the ids that they have in the files.

        It may call them otherwise: an id is the best that was known at its time.
        """
        if not self._read_first:
            return
        for id_, paths in self._frozen().items():
            if library.known(id_) is None and (frozen := self._read(paths[0])) is not None:
                library.recognise(frozen)

    def problems(
        self, library: Library, folder: Path | None = None, records: Mapping[str, Record] | None = None
    ) -> Iterator[Problem]:
        """A warning for each frozen record that its source has changed or no longer has.

        A record that was withdrawn, or holds what belongs to another record since they were split, is listed each time.

        Args:
            library: the library.
            folder: an issue, to list only its records, and all that is open about them, whenever it came about.
            records: its frozen records by the names of their files, where they were read already.
        """
        parted = library.parted()
        here = {path.parent.parent for paths in self._frozen().values() for path in paths}
        here = {one for one in here if folder is None or one.resolve() == folder.resolve()}
        for id_, path in ((id_, path) for id_, paths in self._frozen().items() for path in paths):
            if path.parent.parent not in here:
                continue
            known = library.known(id_)
            touched = bool(folder) or id_ in self._changed or id_ in self._withdrawn or id_ in self._gone
            others = parted.get(known.id or "", set()) if known else set()
            unknown = known is None and bool(self._read_first)
            if not (touched or others or unknown or (known and known.status == "withdrawn")):
                continue
            file = path.relative_to(self._root).as_posix()
            frozen = records.get(path.stem) if folder and records is not None else self._read(path)
            if frozen is None:
                continue
            problem = self._problem(library, frozen, known, others, file, whole=bool(folder))
            if problem and (problem.code not in {"frozen-withdrawn", "frozen-changed"} or self._is_printed(path)):
                yield problem
        self._parsed.close()

    def _read(self, path: Path) -> Record | None:
        return self._parsed.value(path, Record, path.name)

    def _is_printed(self, path: Path) -> bool:
        """Whether an issue may print a frozen record: as an entry, or as what an article reviews; not if dropped."""
        file = path.parent.parent / "issue.yaml"
        if file not in self._printed:  # read once: an issue may have thousands
            self._printed[file] = {}
            issue = self._parsed.value(file, IssueFile, file.name) if file.is_file() else None
            for entry in (entry for section in (issue.sections if issue else ()) for entry in section.entries):
                if entry.record:
                    before = self._printed[file].get(entry.record, False)
                    self._printed[file][entry.record] = before or not entry.drop
        return self._printed[file].get(path.stem, True)

    def _problem(
        self,
        library: Library,
        frozen: Record,
        known: Record | None,
        others: Iterable[str],
        file: str,
        *,
        whole: bool,
    ) -> Problem | None:
        id_ = frozen.id or ""

        def warning(code: str, message: str) -> Problem:
            return Problem(level="warning", code=code, message=message, file=file, key=id_)

        if known is None:
            if frozen.origin is None or frozen.origin.source not in self._read_first:
                return None
            return warning(
                "frozen-gone",
                f"{frozen.origin.source} no longer contains {id_}: check whether it was withdrawn; this file stays as"
                " it is",
            )
        if frozen.status != "withdrawn" and id_ in self._withdrawn and known.status != "withdrawn":
            return warning("frozen-withdrawn", f"{id_} was withdrawn by one of its sources after it was frozen")
        if frozen.status != "withdrawn" and known.status == "withdrawn":
            message = f"{id_} was withdrawn by its source after it was frozen"
            if is_settled(frozen, known):
                message += "; it was decided to keep this file as it is"
                return Problem(level="note", code="frozen-withdrawn", message=message, file=file, key=id_)
            return warning(
                "frozen-withdrawn", f"{message}: {_refresh(file, 'adds “status: withdrawn”')}, or drop its entry"
            )
        stored = library.get(known.id or "") if whole or id_ in self._gone else None
        if stored and all(origin.gone for origin in stored.origins):
            message = f"no source contains {id_} any more: check whether it was withdrawn; this file stays as it is"
            level: Level = "warning" if id_ in self._gone else "note"  # it is repeated; nothing can settle it
            return Problem(level=level, code="frozen-gone", message=message, file=file, key=id_)
        fields = differing_fields(frozen, known)
        for name in sorted(others):
            other = library.known(name)
            theirs = [
                field
                for field in fields
                if other and (value := getattr(frozen, field)) and value == getattr(other, field)
            ]
            if theirs:
                return warning(
                    "frozen-split",
                    f"since {known.id} and {name} were split, this file has content of the other: {', '.join(theirs)};"
                    f" compare with “digest show {known.id}” and “digest show {name}”, then correct it",
                )
        now = id_ in self._changed and fields and not is_settled(frozen, known)
        if now or (whole and stored and has_news(frozen, stored)):
            message = f"{id_} has changed in the library: {', '.join(fields)}"
            return warning("frozen-changed", f"{message}; {_refresh(file, 'shows both, to take or to keep')}")
        return None


def _refresh(file: str, what: str) -> str:
    """The command that settles a frozen record, as words of a message."""
    _, issue, _, name = file.split("/")
    return f"“digest refresh {issue} {name.removesuffix('.yaml')}” {what}"
