"""What a build made of the same files before is taken as it is: nothing is composed, drawn or laid out again.

In: the folder of an issue and what is asked of it. Out: the files and problems of that build, from the publication's
store. All that a build may read goes into the key: where there is any doubt, everything is made from the start.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from digest import opening, resources, store
from digest.errors import Problem
from digest.project import find_publication

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_KIND: Final = "build"
_AWAY: Final = frozenset({"_build", "node_modules", "__pycache__"})  # folders of which a build reads nothing
_NAMES: Final = ("records", "articles")  # of other issues, the names of their files count


class Built(msgspec.Struct, frozen=True):
    """What a build made.

    Attributes:
        files: name and bytes of each file.
        problems: warnings and notes.
    """

    files: dict[str, bytes]
    problems: tuple[Problem, ...]


class Before:
    """What was made before of an issue.

    Args:
        folder: folder of the issue.
        asked: what a build is asked for: its formats, its theme, its entries.
    """

    def __init__(self, folder: Path, *asked: str) -> None:
        self._folder, self._asked = folder.resolve(), asked
        self._root = find_publication(folder)
        self._store = store.publication_store(self._root)
        self._key = self._state()

    def get(self) -> Built | None:
        """What a build of the same files made; nothing where there was none, or its files have changed."""
        content = self._store.get(_KIND, self._key) if self._key else None
        try:
            return None if content is None else msgspec.msgpack.decode(content, type=Built)
        except msgspec.MsgspecError:  # of another version of the program
            return None

    def put(self, files: dict[str, bytes], problems: Sequence[Problem]) -> None:
        """Keeps what was made, unless a file has changed since this was made."""
        if self._key and self._state() == self._key:
            self._store.put(_KIND, self._key, msgspec.msgpack.encode(Built(files, tuple(problems))))

    def _state(self) -> bytes:
        """The hash of all that a build depends on; empty where that cannot be known."""
        if "FONTCONFIG_FILE" in os.environ:  # fonts of this machine
            return b""
        parts: list[bytes | str] = [resources.fingerprint(), *self._asked, self._folder.name]
        try:
            for path in self._files():
                parts += [path.relative_to(self._root).as_posix(), _digest(path)]
            for path in self._names():
                parts.append(path.relative_to(self._root).as_posix())
        except (OSError, UnicodeError):  # a file that cannot be read: a build says so
            return b""
        return store.key(*parts)

    def _files(self) -> Iterator[Path]:
        """The files of the publication, without what other issues consist of."""
        seen: set[str] = set()
        issues = self._root / "issues"
        styles = False
        for place, folders, names in os.walk(self._root, followlinks=True):
            here = Path(place)
            real = os.path.realpath(place)
            if real in seen:  # a link in a circle
                folders.clear()
                continue
            seen.add(real)
            folders[:] = sorted(name for name in folders if name not in _AWAY and not name.startswith("."))
            if here.parent == issues and here != self._folder:
                folders.clear()
            for name in sorted(names):
                if here.parent == issues and here != self._folder and name != "issue.yaml":
                    continue
                if here == self._root and ".db" in Path(name).suffixes:  # a library: a build reads none
                    continue
                path = here / name
                styles = styles or (path.suffix == ".css" and b"issues/" in opening.read_file(path))
                yield path
        if styles:  # they may show pictures of other issues
            yield from sorted(path for path in issues.rglob("*") if path.is_file() and "_build" not in path.parts)

    def _names(self) -> Iterator[Path]:
        """The files of records and articles of other issues, whose names count."""
        for kind in _NAMES:
            yield from sorted((self._root / "issues").glob(f"*/{kind}/*"))


def _digest(path: Path) -> bytes:
    if not path.is_file():  # a pipe, a socket, a link to nowhere
        return b""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
