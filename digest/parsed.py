"""Files that were parsed before: what their bytes say is kept in the store, with its lines, and not parsed again.

Only what has no mistakes is kept, under a hash of the bytes, of the type and of all that reading depends on: another
version of the program reads again. What comes out is equal to what `strict.read` gives.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Hashable, Mapping
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast

import msgspec
from msgspec import Raw, Struct, msgpack

from digest import opening, strict, yamlnodes
from digest.memo import remembered
from digest.model import PartialDate
from digest.model import Path as Place
from digest.store import key, publication_store
from digest.text import RichText

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from digest.text import Node

T = TypeVar("T")

_WITH_KEYS: Final = re.compile(rb"://\S*[?@]")  # an address that may have a key or a password in it
_KIND: Final = "reading"
# The modules that decide what a text means; a test compares them with what these modules import.
MODULES: Final = (
    "errors",
    "languages",
    "memo",
    "model",
    "opening",
    "ownfields",
    "parsed",
    "publication",
    "query",
    "store",
    "strict",
    "text",
    "trials",
    "vocabulary",
    "yamlnodes",
)


class ParsedFiles:
    """Reads files of a publication, each the first time only; use it in a ``with``, or close it.

    Args:
        root: folder of the publication, in whose store readings are kept.
    """

    def __init__(self, root: pathlib.Path) -> None:
        self._store = publication_store(root)
        self._new = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, content: bytes, type_: type[T], file: str) -> strict.Read[T]:
        """What the bytes of a file say, as `strict.read` gives it.

        Args:
            content: the bytes.
            type_: a msgspec Struct of ours.
            file: how problems name the file.

        Raises:
            UnicodeDecodeError: they are not UTF-8.
        """
        if type_.__name__ == "Publication" and _WITH_KEYS.search(content):  # these are in no other file
            return strict.read(opening.as_text(content), type_, file)
        name = key_of(content, type_)
        packed = self._store.get(_KIND, name)
        if packed is not None and (known := _unpacked(packed, type_, file)) is not None:
            return known
        read = strict.read(opening.as_text(content), type_, file)
        if read.value is not None and not read.problems:
            self._new += self._store.put(_KIND, name, _packed(read))
        return read

    def read_leniently(self, content: bytes, type_: type[T], file: str) -> strict.Read[T]:
        """The same, where bytes that are not UTF-8 are replaced: reading the issue reports them."""
        try:
            return self.read(content, type_, file)
        except UnicodeDecodeError:
            return strict.read(opening.as_text(content, errors="replace"), type_, file)

    def value(self, path: pathlib.Path, type_: type[T], file: str) -> T | None:
        """The value in a file; nothing where it has mistakes or cannot be read, which reading its issue reports.

        Args:
            path: the file.
            type_: a msgspec Struct of ours.
            file: how problems name the file.
        """
        try:
            content = opening.read_file(path)
        except OSError:
            return None
        return self.read_leniently(content, type_, file).value

    def close(self) -> None:
        """Removes from the store what was not used for long, where something was added."""
        if self._new:
            self._store.trim()
            self._new = 0


class _Kept(Struct, Generic[T], frozen=True, array_like=True):
    """A reading without the name of its file."""

    value: T
    lines: Raw
    texts: Raw


class _Places(Mapping[Place, int]):
    """Lines by path, decoded when somebody asks for one: mostly nobody does."""

    __slots__ = ("_packed", "_places")

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._places: dict[Place, int] | None = None

    def _all(self) -> dict[Place, int]:
        if self._places is None:
            self._places = dict(_LINES.decode(self._packed))
            self._packed = b""
        return self._places

    def __getitem__(self, path: Place) -> int:
        return self._all()[path]

    def __iter__(self) -> Iterator[Place]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __reduce__(self) -> tuple[type[dict[Place, int]], tuple[dict[Place, int]]]:
        return dict, (self._all(),)  # as for other readings, wherever it is sent


def _nodes(value: Any) -> tuple[Node, ...]:  # noqa: ANN401 - what was packed
    """The nodes of a text from the lists that they were packed as.

    Raises:
        ValueError: they are something else.
    """
    if not isinstance(value, list):
        raise ValueError("expected nodes of a text")  # noqa: TRY004 - as msgspec wants it
    found: list[Node] = []
    for one in value:
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, list) and len(one) == 2 and isinstance(one[0], str):
            found.append((one[0], _nodes(one[1])))
        else:
            raise ValueError("expected a node of a text")
    return tuple(found)


def _from_ours(value: object) -> object:
    if isinstance(value, RichText):
        nodes = value.nodes
        return nodes[0] if len(nodes) == 1 and isinstance(nodes[0], str) else nodes
    if isinstance(value, PartialDate):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} cannot be kept")  # as msgspec asks for


def _to_ours(type_: type, value: Any) -> object:  # noqa: ANN401 - as msgspec gives it
    if type_ is RichText:
        return RichText((value,) if isinstance(value, str) else _nodes(value))
    if type_ is PartialDate and isinstance(value, str):
        return PartialDate.parse(value)
    raise ValueError(f"a {type_.__name__} was kept as something else")


_ENCODER: Final = msgpack.Encoder(enc_hook=_from_ours)
_LINES: Final = msgpack.Decoder(list[tuple[tuple[str | int, ...], int]])


@functools.cache
def _decoder(type_: Hashable) -> msgpack.Decoder[Any]:
    return msgpack.Decoder(_Kept[type_], dec_hook=_to_ours)  # type: ignore[valid-type]  # a type of ours


def _packed(read: strict.Read[Any]) -> bytes:
    return _ENCODER.encode([read.value, list(read.lines.items()), list(read.texts.items())])


@remembered
def _unpacked(packed: bytes, type_: type[T], file: str) -> strict.Read[T] | None:
    try:
        kept: _Kept[T] = _decoder(cast("Hashable", type_)).decode(packed)
    except (msgspec.DecodeError, ValueError):
        return None
    return strict.Read(
        value=kept.value,
        rest=kept.value,
        problems=(),
        file=file,
        lines=_Places(bytes(kept.lines)),
        texts=_Places(bytes(kept.texts)),
    )


def key_of(content: bytes, type_: type[Any]) -> bytes:
    """The key of a reading: a hash of the bytes, the type, and all that reading depends on."""
    return key(_version(), f"{type_.__module__}.{type_.__qualname__}", content)


@functools.cache
def _version() -> bytes:
    """A hash of all that reading depends on, besides the text."""
    parts: list[str | bytes] = [sys.version, msgspec.__version__, *yamlnodes.versions()]
    for name in MODULES:
        spec = find_spec(f"digest.{name}")
        loader = spec.loader if spec else None
        if not isinstance(loader, SourceFileLoader | SourcelessFileLoader) or spec is None or spec.origin is None:
            return os.urandom(16)  # nobody knows what it depends on: it is read each time
        parts.append(loader.get_data(spec.origin))
    return key(*parts)
