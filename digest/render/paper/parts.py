"""Objects of a PDF that can be put into another one: their references to each other and to what is not there are holes.

An object is its bytes, cut where a number is not known yet: that of another object of the same parts, of a page, of
what is around the content of a page, of the fonts. `numbered` fills them in. Streams keep their data as it is, so that
nothing is compressed twice.
"""

from __future__ import annotations

import copy
import hashlib
import re
import zlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

DOCUMENT: Final = -1  # the element of the structure that is the whole document
FONTS: Final = -2  # the dictionary of fonts
_PAGE, _FRAME, _GROUND, _KEY = -10, -11, -12, -13  # of the first page or annotation; four less for each further one
_END: Final = 0  # after the last piece of an object


def page_hole(n: int) -> int:
    """The hole for the n-th page."""
    return _PAGE - 4 * n


def frame_hole(n: int) -> int:
    """The hole for what is around the content of the n-th page."""
    return _FRAME - 4 * n


def ground_hole(n: int) -> int:
    """The hole for the ground of the n-th page."""
    return _GROUND - 4 * n


def key_hole(n: int) -> int:
    """The hole for the key of the n-th annotation in the parent tree (ISO 32000-1, 14.7.4.4)."""
    return _KEY - 4 * n


class Parts(msgspec.Struct, frozen=True, array_like=True):
    """Objects of a PDF, numbered from 1.

    Attributes:
        pieces: bytes of all objects.
        holes: what follows each piece: an object or one of the holes; 0 when the object ends.
        data: the data of streams, by their numbers.
    """

    pieces: list[bytes]
    holes: list[int]
    data: dict[int, bytes]

    @property
    def count(self) -> int:
        """How many objects there are."""
        return self.holes.count(_END)

    def numbered(self, numbers: Mapping[int, bytes]) -> Iterator[tuple[int, bytes]]:
        """Each object with its number here, its holes filled.

        Args:
            numbers: what is printed in each hole, such as ``12 0 R``.
        """
        out: list[bytes] = []
        at = 1
        for piece, hole in zip(self.pieces, self.holes, strict=True):
            out.append(piece)
            if hole:
                out.append(numbers[hole])
            else:
                yield at, b"".join(out)
                out.clear()
                at += 1


# A string, which may look as if it held a reference; a reference; the key of an annotation.
_TOKEN: Final = re.compile(
    rb"\((?:[^()\\]|\\.)*\)|<[0-9A-Fa-f]*>|\b(?P<ref>\d+) (?P<gen>\d+) R\b|/StructParent (?P<key>\d+)", re.DOTALL
)


class Exporter:
    """Takes objects out of a PDF that pikepdf has open, with all that they refer to."""

    def __init__(self, pdf: Any, known: Mapping[tuple[int, int], int], first_key: int = 0) -> None:  # noqa: ANN401 - pikepdf's
        """Begins with nothing.

        Args:
            pdf: the PDF.
            known: objects that are not taken, with the holes that stay for them.
            first_key: the key of the first annotation.
        """
        self._pdf, self._first_key = pdf, first_key
        self._holes = dict(known)
        self._waiting: list[Any] = []
        self._count = 0

    def add(self, item: Any) -> int:  # noqa: ANN401 - an object of pikepdf
        """The number that an object of its own will have."""
        place = item.objgen
        if place not in self._holes:
            self._count += 1
            self._holes[place] = self._count
            self._waiting.append(item)
        return self._holes[place]

    def holds(self, item: Any, hole: int) -> None:  # noqa: ANN401 - an object of pikepdf
        """Leaves a hole for an object."""
        self._holes[item.objgen] = hole

    def parts(self, *, packed: bool = True) -> Parts:
        """All objects that were added, and those that they refer to.

        Args:
            packed: whether streams are compressed that were not.
        """
        pieces: list[bytes] = []
        holes: list[int] = []
        data: dict[int, bytes] = {}
        at = 0
        while at < len(self._waiting):
            item = self._waiting[at]
            at += 1
            if item._type_name == "stream":  # noqa: SLF001 - what pikepdf has for it
                text, data[at] = _stream(item, packed=packed)
            else:
                text = item.unparse(resolved=True)
            start = 0
            for match in _TOKEN.finditer(text):
                if match["ref"]:
                    place = (int(match["ref"]), int(match["gen"]))
                    hole = self._holes.get(place) or self.add(self._pdf.get_object(place))
                    pieces.append(text[start : match.start()])
                elif match["key"]:
                    hole = key_hole(int(match["key"]) - self._first_key)
                    pieces.append(text[start : match.start("key")])
                else:
                    continue
                holes.append(hole)
                start = match.end()
            pieces.append(text[start:])
            holes.append(_END)
        return Parts(pieces, holes, data)


def _stream(item: Any, *, packed: bool) -> tuple[bytes, bytes]:  # noqa: ANN401 - a stream of pikepdf
    """The dictionary and the data of a stream."""
    import pikepdf

    data = item.read_raw_bytes()
    about = copy.copy(item.stream_dict)
    if packed and "/Filter" not in about:
        data = zlib.compress(data, 6)
        about.Filter = pikepdf.Name.FlateDecode
    about.Length = len(data)
    return about.unparse(resolved=True), data


class Writer:
    """Writes a PDF object by object: those without data go together, compressed (ISO 32000-1, 7.5.7)."""

    _TOGETHER: Final = 200

    def __init__(self) -> None:
        self.out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self._places: dict[int, tuple[int, int, int]] = {}
        self._small: list[tuple[int, bytes]] = []
        self._next = 1

    def reserve(self, count: int = 1) -> int:
        """The first of so many numbers that follow each other."""
        first = self._next
        self._next += count
        return first

    def add(self, number: int, content: bytes, data: bytes | None = None) -> None:
        """Writes an object; a dictionary with its data is a stream."""
        if data is None:
            self._small.append((number, content))
            if len(self._small) == self._TOGETHER:
                self._flush()
            return
        self._places[number] = (1, len(self.out), 0)
        self.out += b"%d 0 obj\n%s\nstream\n%s\nendstream\nendobj\n" % (number, content, data)

    def new(self, content: bytes, data: bytes | None = None) -> int:
        """Writes an object, and gives the number that it got."""
        number = self.reserve()
        self.add(number, content, data)
        return number

    def _flush(self) -> None:
        if not self._small:
            return
        number, small, self._small = self.reserve(), self._small, []
        heads, body, at = [], [], 0
        for n, (inner, content) in enumerate(small):
            self._places[inner] = (2, number, n)
            heads.append(b"%d %d" % (inner, at))
            body.append(content)
            at += len(content) + 1
        head = b" ".join(heads) + b"\n"
        data = zlib.compress(head + b"\n".join(body), 6)
        content = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>" % (
            len(small),
            len(head),
            len(data),
        )
        self.add(number, content, data)

    def finish(self, root: int, info: int) -> bytes:
        """The whole file, with the table of where each object is (ISO 32000-1, 7.5.8)."""
        self._flush()
        number = self.reserve()
        start = len(self.out)
        self._places[number] = (1, start, 0)
        self._places[0] = (0, 0, 65535)
        size = self._next
        wide = max(3, (start.bit_length() + 7) // 8)
        rows = b"".join(
            kind.to_bytes(1, "big") + place.to_bytes(wide, "big") + index.to_bytes(2, "big")
            for kind, place, index in (self._places.get(n, (0, 0, 0)) for n in range(size))
        )
        name = hashlib.sha256(self.out).hexdigest()[:32].encode()
        data = zlib.compress(rows, 9)
        self.out += (
            b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 %d 2] /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] "
            b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
            % (number, size, wide, root, info, name, name, len(data), data, start)
        )
        return bytes(self.out)


def text(value: str) -> bytes:
    """A text as PDF writes it (ISO 32000-1, 7.9.2.2); as pydyf does, because links name places by the same bytes."""
    try:
        plain = value.encode("ascii")
    except UnicodeEncodeError:
        return b"<feff%s>" % value.encode("utf-16-be").hex().encode()
    return b"(%s)" % re.sub(rb"([\\()])", rb"\\\1", plain)


def name_key(name: str) -> bytes:
    """How names are ordered in their tree: by their bytes in a PDF."""
    return name.encode() if name.isascii() else b"\xfe\xff" + name.encode("utf-16-be")


def reference(number: int) -> bytes:
    """How an object is referred to."""
    return b"%d 0 R" % number


def array(items: Iterable[bytes]) -> bytes:
    """An array."""
    return b"[%s]" % b" ".join(items)
