"""A page: the bytes of one file or answer with where they are from, and what a parser makes of them.

Getting bytes and understanding bytes are two jobs with this value between them: a file on disk *is* a page, so a parser
is tried on real bytes without a network, and a bad page seen in the wild becomes a test by being saved.
"""

from __future__ import annotations

import codecs
import functools
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.errors import DigestError, Level, Problem
from digest.model import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from digest.model import PartialDate, Source

LARGEST: Final = 256 * 2**20  # of a page that is held whole; PubMed's yearly files are streamed
_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = 64 * 2**10


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


# What a parser yields. A `Problem` of level ``error`` stands for a record, or the rest of a page, that could not be
# read; other problems are about the page. What is odd within a record that was read is in `Parsed.problems`.
Outcome = Parsed | Deleted | Problem


class Page:
    """Bytes, and where they are from.

    Attributes:
        where: file or address, as a person knows it.
        source: name of the source in ``digest.yaml``; may be empty.
        format: the format that the source or the user has told; empty: to be found from the content.
        retrieved: day on which it was taken in.
        columns: for tables: what the columns mean, by the name of a field.
        told: what ``digest.yaml`` says of the source's records, for what they do not tell themselves.
        followed: whether the parts of a list before and behind it are asked for, too.
    """

    def __init__(
        self,
        content: bytes | Path,
        where: str,
        *,
        source: str = "",
        format: str = "",  # noqa: A002 - the field's word
        retrieved: PartialDate | None = None,
        columns: Mapping[str, str] | None = None,
        told: Source | None = None,
    ) -> None:
        self._given = content
        self.where = where
        self.source = source
        self.format = format
        self.retrieved = retrieved
        self.columns = dict(columns or {})
        self.told = told
        self.followed = False

    def open(self) -> BinaryIO:
        """A stream of the bytes, unpacked where they are gzip; for formats that are read as they come."""
        stream: BinaryIO = self._given.open("rb") if isinstance(self._given, Path) else io.BytesIO(self._given)
        packed = stream.read(2) == _GZIP
        stream.seek(0)
        if packed and isinstance(self._given, Path):
            stream.close()  # GzipFile would leave it open
            return gzip.open(self._given, "rb")  # type: ignore[return-value]  # it has all of BinaryIO that is used
        return gzip.GzipFile(fileobj=stream) if packed else stream  # type: ignore[return-value]  # the same

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

    @functools.cached_property
    def head(self) -> bytes:
        """The first 64 KiB, for finding the format; what is broken further on does not matter."""
        return self._read(_HEAD)

    def _read(self, most: int) -> bytes:
        try:
            with self.open() as stream:
                return stream.read(most)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DigestError("the compressed file is damaged", where=self.where, expected="whole gzip") from error

    @functools.cached_property
    def _decoded(self) -> tuple[str, str]:
        return decode(self.content)

    @property
    def text(self) -> str:
        """The content as text: UTF-8, UTF-16 or UTF-32 as a mark or the zeros in it tell, else Windows-1252."""
        return self._decoded[0]

    @functools.cached_property
    def text_problems(self) -> tuple[Problem, ...]:
        """What is to be said of the text's encoding."""
        encoding = self._decoded[1]
        if encoding in {"utf-8", "utf-16", "utf-32"}:
            return ()
        message = f"the text is not UTF-8; it was read as {encoding}: look at letters with accents"
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

    def whole(self, given: int, total: object, *, more: bool = False) -> Iterator[Problem]:
        """The problem that a saved answer is only a part of its list, if it is; none where the parts are followed.

        Args:
            given: how many records are in it.
            total: how many the list has, as the service says, if it does.
            more: whether the service tells where the list goes on.
        """
        size = int(text) if re.fullmatch(r"\d{1,12}", text := str(total), re.ASCII) else 0
        if not self.followed and (more or size > given):
            count = f"{given:,} of {size:,} records" if size > given else f"{given:,} records"
            message = f"this is a part of a list, {count}; the others are not in it: let “digest collect” ask for them"
            yield self.problem("warning", "incomplete", message)


_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "utf-8"), (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"), (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)  # fmt: skip


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
    """Whether bytes begin a text in UTF-16 or UTF-32, in which no tag stands as its ASCII bytes."""
    marked = any(head.startswith(mark) for mark, name, _ in _MARKS if name != "utf-8")
    return marked or bool(_by_zeros(head[:4096]))


def _by_zeros(head: bytes) -> str:
    """The encoding of more than one byte a letter that zeros tell where no mark does; empty where they tell none.

    Markup and tags are ASCII in all formats, so in UTF-16 every second byte of them is a zero, in UTF-32 three of four.
    """
    if len(head) < 4 or head.count(0) <= len(head) // 10:
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
    return "" if controls * 50 > len(text) else codec  # numbers of sixteen bits are no text


def line_of(text: str, at: int) -> int:
    """The line on which a place in a text is, counted from 1; CR, LF and CRLF end a line."""
    return len(re.findall(r"\r\n|\r|\n", text[:at])) + 1
