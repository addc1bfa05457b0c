"""A page: the bytes of one file or answer with their source, and what a parser makes of them.

Getting bytes and understanding bytes are two jobs with this value between them: a file on disk *is* a page, so a parser
is tried on real bytes without a network, and a bad page seen in the wild becomes a test by being saved.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from digest import opening
from digest.errors import DigestError, Level, Problem
from digest.model import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import BinaryIO

    from digest.model import PartialDate
    from digest.publication import Source

Item = TypeVar("Item")

LARGEST: Final = 256 * 2**20  # of a page that is held whole; PubMed's yearly files are streamed
LONGEST_LINE: Final = 4 * 2**20  # of a format of lines; no abstract is a tenth as long
_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = 64 * 2**10
_PIECE: Final = 2**20  # shorter than the longest line
_OF_PERSONS: Final = ("authors", "people", "data/authors", "content/authors", "_data/authors", "speakers")
_UP: Final = 5  # folders above a page in which those of persons are looked for


class Parsed(Struct, frozen=True, kw_only=True):
    """One record that a parser found.

    Attributes:
        record: the record, with its origin.
        raw: the bytes that it was read from, as near as the format allows.
        identifier: the name under which its source knows it (an OAI identifier, a feed's guid); may be empty.
        problems: what in it could not be read; warnings and notes.
    """

    record: Record
    raw: bytes
    identifier: str = ""
    problems: tuple[Problem, ...] = ()


class Deleted(Struct, frozen=True, kw_only=True):
    """A record that its source has taken back (OAI-PMH 2.0, section 2.5.1).

    Attributes:
        identifier: the name under which the source knew it.
        where: the page that says so.
    """

    identifier: str
    where: str


# What a parser yields. A `Problem` of level ``error`` takes the place of a record, or of the rest of a page, that
# could not be read; others are about the page. What is odd within a record that was read is in `Parsed.problems`.
Outcome = Parsed | Deleted | Problem


class _Packed(gzip.GzipFile):
    """A file that is unpacked as it is read."""

    def __init__(self, fileobj: BinaryIO) -> None:
        super().__init__(fileobj=fileobj)
        self._packed = fileobj

    def close(self) -> None:
        super().close()
        self._packed.close()


def each(
    page: Page,
    items: Iterable[Item],
    make: Callable[[Item], Outcome | Iterable[Outcome]],
    *,
    called: str = "record",
    line: Callable[[Item], int | None] = lambda _: None,
) -> Iterator[Outcome]:
    """What is made of each item of a page; where that fails, the item is one error, and the next ones are read.

    Every parser makes its records here, so that no fault in one of them, or in this program, costs its neighbours.

    Args:
        page: the page.
        items: what the page was cut into, each with all that is needed to make its record.
        make: gives what comes of an item: one outcome or several.
        called: what an item is called in messages.
        line: the line of an item, where it has one.
    """
    for n, item in enumerate(items, 1):
        try:
            made = make(item)
            if isinstance(made, Parsed | Deleted | Problem):
                yield made
            else:
                yield from made
        except DigestError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one record does to a library or to us
            message = f"this {called} could not be read and was left out ({fault(error)}); the others were read"
            yield page.problem("error", "unreadable-record", message, line=line(item), place=f"{called} {n}")


def fault(error: Exception) -> str:
    """The kind of an exception, and what it says in short, on one line of printable characters."""
    said = "".join(letter if letter.isprintable() else " " for letter in str(error)[:400])
    return f"{type(error).__name__}: {' '.join(said.split())[:200]}".removesuffix(": ")


class Page:
    """Bytes and their source.

    Attributes:
        where: file or address, as a person knows it.
        source: name of the source in ``digest.yaml``; may be empty.
        format: the format that the source or the user named; empty: to be found from the content.
        retrieved: day on which it was taken in.
        columns: for tables: what the columns mean, by the name of a field.
        layout: for tables: the system whose headings they have; may be empty.
        defaults: the entry of ``digest.yaml`` for the source, which fills what its records do not say themselves.
        followed: whether the parts of the list before and after it are requested as well.
    """

    def __init__(
        self,
        content: bytes | Path,
        where: str,
        *,
        source: str = "",
        format: str = "",  # noqa: A002 - the field's word
        retrieved: PartialDate | None = None,
        columns: Mapping[str, str] | str | None = None,
        defaults: Source | None = None,
    ) -> None:
        self._given = content
        self.where = opening.shown_name(where)
        self.source = source
        self.format = format
        self.retrieved = retrieved
        self.layout = columns if isinstance(columns, str) else ""
        self.columns = {} if isinstance(columns, str) else dict(columns or {})
        self.defaults = defaults
        self.followed = False

    def open(self) -> BinaryIO:
        """A stream of the bytes, unpacked where they are gzip; for formats that are read as they come."""
        try:
            stream = opening.open_file(self._given) if isinstance(self._given, Path) else io.BytesIO(self._given)
        except OSError as error:
            raise DigestError(f"the file cannot be read: {error.strerror or error}", where=self.where) from error
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        return _Packed(fileobj=stream) if packed else stream  # type: ignore[return-value]  # it has all that is used

    @property
    def request(self) -> tuple[object, ...]:
        """What was asked for, to compare it with another page: where it is, and how it is to be read."""
        return (
            self._given,
            self.where,
            self.source,
            self.format,
            self.retrieved,
            self.columns,
            self.layout,
            self.defaults,
            self.followed,
        )

    @property
    def file(self) -> Path | None:
        """The file that it is; nothing where its bytes were given."""
        return self._given if isinstance(self._given, Path) else None

    @functools.cached_property
    def size(self) -> int:
        """How many bytes there are, packed as they may be; 0 for a file that cannot be read."""
        if isinstance(self._given, bytes):
            return len(self._given)
        try:
            return self._given.stat().st_size
        except OSError:
            return 0

    @functools.cached_property
    def content(self) -> bytes:
        """All bytes, unpacked.

        Raises:
            DigestError: there are more than `LARGEST`, or the packing is broken.
        """
        if isinstance(self._given, bytes) and not self._given.startswith(_GZIP):
            content = self._given
        else:
            content = self._read(LARGEST + 1)
        if len(content) > LARGEST:
            raise DigestError(f"more than {LARGEST >> 20} MiB, unpacked", where=self.where, todo="split it into parts")
        return content

    def expect_lines(self) -> None:
        """Refuses a page of a format of lines in which one is longer than `LONGEST_LINE`: it is another kind of file.

        Raises:
            DigestError: there is such a line.
        """
        length, line = 0, 1
        with self._unpacking(), self.open() as stream:
            while piece := stream.read(_PIECE):
                ends = [at for mark in (b"\n", b"\r") for at in (piece.find(mark), piece.rfind(mark)) if at >= 0]
                if length + min(ends, default=len(piece)) > LONGEST_LINE:
                    found = f"a line of more than {LONGEST_LINE >> 20} MiB"
                    where = f"{self.where}:{line}"
                    raise DigestError(found, where=where, expected="a file of lines, as it was exported")
                length = len(piece) - max(ends) - 1 if ends else length + len(piece)
                line += piece.count(b"\n") or piece.count(b"\r")

    @functools.cached_property
    def head(self) -> bytes:
        """The first 64 KiB, for finding the format; what is broken after them does not matter."""
        return self._read(_HEAD)

    def _read(self, most: int) -> bytes:
        with self._unpacking(), self.open() as stream:
            return stream.read(most)

    @contextlib.contextmanager
    def _unpacking(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DigestError("the compressed file is damaged", where=self.where, expected="whole gzip") from error

    def person_file(self, key: str) -> str:
        """The text of the file about a person whom a page names by a key; empty where there is none, or no file.

        Sites keep a file for each person: ``authors/ana-lopez.yml`` next to the folder of a page or further up.
        """
        if not isinstance(self._given, Path) or not re.fullmatch(r"[\w-]{1,80}", key):
            return ""
        for folder in list(self._given.resolve().parents)[:_UP]:
            for name in _OF_PERSONS:
                for file in (
                    folder / name / f"{key}.yml",
                    folder / name / f"{key}.yaml",
                    folder / name / key / "_index.md",
                ):
                    if file.is_file() and file.stat().st_size < _HEAD:
                        return decode(opening.read_file(file, _HEAD))[0]
        return ""

    @functools.cached_property
    def _decoded(self) -> tuple[str, str]:
        return decode(self.content)

    @property
    def text(self) -> str:
        """The content as text: UTF-8, UTF-16 or UTF-32 as a byte order mark or its zeros show, else Windows-1252."""
        return self._decoded[0]

    @functools.cached_property
    def text_problems(self) -> tuple[Problem, ...]:
        """A warning where the encoding of the text had to be guessed."""
        encoding = self._decoded[1]
        if encoding in {"utf-8", "utf-16", "utf-32"}:
            return ()
        message = f"the text is not UTF-8; it was read as {encoding}: check letters with accents"
        return (self.problem("warning", "encoding", message),)

    def problem(self, level: Level, code: str, message: str, *, line: int | None = None, place: str = "") -> Problem:
        """A problem with something on this page.

        Args:
            level: ``error`` where a record was lost by it.
            code: a short name of this kind of problem.
            message: what was found, what was expected, what to do.
            line: where it is, in a text.
            place: which record it is about, such as ``PMID 24857584`` or ``item 3``.
        """
        return Problem(level=level, code=code, message=message, file=self.where, line=line, key=place)

    def incomplete(self, given: int, total: object, *, more: bool = False) -> Iterator[Problem]:
        """The problem that a saved answer is only part of its list, if it is; none where the other parts are requested.

        Args:
            given: how many records are in it.
            total: how many the list has, as the service says, if it does.
            more: whether the service says where the list continues.
        """
        size = int(text) if re.fullmatch(r"\d{1,12}", text := str(total), re.ASCII) else 0
        if not self.followed and (more or size > given):
            count = f"{given:,} of {size:,} records" if size > given else f"{given:,} records"
            message = f"this is part of a list, {count}; use “digest collect” to get the others"
            yield self.problem("warning", "incomplete", message)


_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)


def decode(content: bytes) -> tuple[str, str]:
    """The text that bytes hold, never an error, and the name of the encoding that was found."""
    for mark, name, codec in _MARKS:
        if content.startswith(mark):
            return content.decode(codec, "replace").removeprefix("\ufeff"), name
    if codec := _by_zeros(content[:4096]):
        return content.decode(codec, "replace"), codec[:6]
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # The five bytes that Windows-1252 leaves undefined become U+FFFD.
        return content.decode("cp1252", "replace"), "Windows-1252"


def is_wide(head: bytes) -> bool:
    """Whether bytes begin a text in UTF-16 or UTF-32, where no tag appears as its ASCII bytes."""
    marked = any(head.startswith(mark) for mark, name, _ in _MARKS if name != "utf-8")
    return marked or bool(_by_zeros(head[:4096]))


def _by_zeros(head: bytes) -> str:
    """The encoding of several bytes per letter that zeros show without a mark; empty where they show none.

    Markup and tags are ASCII in all formats, so in UTF-16 every second byte of them is a zero, in UTF-32 three of four.
    """
    if head.count(0) <= max(3, len(head) // 10):  # a stray zero is not an encoding
        return ""
    by_four = [head[n::4].count(0) / len(head[n::4]) for n in range(4)]
    if by_four[3] == 1 and by_four[2] > 0.9 and by_four[0] < 0.5:
        return "utf-32-le"
    if by_four[0] == 1 and by_four[1] > 0.9 and by_four[3] < 0.5:
        return "utf-32-be"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if min(even, odd) * 10 > max(even, odd):
        return ""
    codec = "utf-16-le" if odd > even else "utf-16-be"
    text = head.decode(codec, "replace")
    controls = sum(1 for letter in text if letter < " " and letter not in "\t\n\f\r")
    return "" if controls * 50 > len(text) else codec  # numbers of sixteen bits are not text


def line_of(text: str, at: int) -> int:
    """The line on which a place in a text is, counted from 1; CR, LF and CRLF end a line."""
    return len(re.findall(r"\r\n|\r|\n", text[:at])) + 1
