"""The rows of a table, and how a text of CSV or TSV is cut into them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.sources.page import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_COLUMNS: Final = 16_384  # a sheet of Excel has no more


class TableRow(Struct, frozen=True):
    """One row: its line, its cells, its bytes, and what is odd about how it is written.

    Attributes:
        line: the line on which it begins.
        cells: its cells as plain text.
        raw: its bytes.
        odd: what is odd about how it is written.
        rich: cells with formatted words, as markup.
        above: cells of a workbook that were merged with one above them, and have its text.
        wide: whether its only cell was merged with others to its right.
        more: rows below it with further authors or paragraphs of the same record.
        section: the text of the nearest row above that is the heading of a part of the table.
    """

    line: int
    cells: list[str]
    raw: bytes
    odd: str = ""
    rich: dict[int, str] = {}
    above: frozenset[int] = frozenset()
    wide: bool = False
    more: tuple[TableRow, ...] = ()
    section: str = ""


def delimited_rows(text: str, mark: str, at: int, line: int) -> Iterator[TableRow]:
    """The rows of a text as RFC 4180 defines them; a quote that is never closed ends with its line and is reported.

    The module `csv` would read on to the end of the file after such a quote, without a word.

    Args:
        text: the text.
        mark: the character between cells.
        at: where in the text to begin.
        line: the number of the line that begins there.
    """
    quoted = re.compile(rf'[ ]?"((?:[^"]++|"")*+)"[ ]?(?={re.escape(mark)}|\r|\n|\Z)')
    bare = re.compile(rf"[^{re.escape(mark)}\r\n]*+")
    cells: list[str] = []
    end, begin, odd, lost = len(text), at, "", 0
    while at < end or (cells and at == end and text[at - 1] == mark):
        plain = True
        if text.startswith('"', at) or text.startswith(' "', at):
            match = quoted.match(text, at) if lost < 4 * end else None
            if match:
                cells.append(match[1].replace('""', '"'))
                plain = False
            else:
                # What a failed search has read is counted: quotes on each line must not make reading quadratic.
                lost += _searched(text, at)
                odd = odd or f"a quote in column {len(cells) + 1} is not closed, or text follows it in its cell"
        if plain:
            match = bare.match(text, at)
            cells.append(match[0] if match else "")
        at = match.end() if match else at
        if len(cells) > MOST_COLUMNS:
            yield TableRow(line, cells, b"")
            return
        if at < end and text[at] == mark:
            at += 1
            if at < end:
                continue
            cells.append("")
        body = text[begin:at]
        yield TableRow(line, cells, body.encode("utf-8", "replace"), odd)
        line += line_of(body, len(body)) - 1 + (at < end)
        at += 2 if text.startswith("\r\n", at) else 1
        begin, cells, odd = at, [], ""


def _searched(text: str, at: int) -> int:
    """How many characters the search for the end of a quoted cell has read."""
    match = re.compile(r'[ ]?"(?:[^"]++|"")*+').match(text, at)
    return match.end() - at if match else 0
