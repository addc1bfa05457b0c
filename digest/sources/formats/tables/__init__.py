"""Tables, CSV, TSV and XLSX: one record a row, its columns known by their headings or by a map in ``digest.yaml``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.errors import DigestError
from digest.sources.formats.tables.columns import (
    HEADINGS_WITHIN,
    MOST_LISTED,
    TO_NAME_COLUMNS,
    heading_row,
    known_headings,
)
from digest.sources.formats.tables.formatting import SheetFormatting
from digest.sources.formats.tables.labelled import labelled_rows
from digest.sources.formats.tables.records import records
from digest.sources.formats.tables.rows import TableRow, delimited_rows
from digest.sources.formats.tables.sheets import check_package, counts_from_1904, formatting_of, rows_as_shown, sheets
from digest.sources.formats.tables.webtables import html_tables
from digest.sources.page import decode, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.errors import Problem
    from digest.sources.page import Outcome, Page


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each row below the headings; an empty row is nothing.

    Raises:
        DigestError: no column holds titles, a heading appears twice, or a mapped column does not exist.
    """
    if page.head.startswith(b"PK\x03\x04"):
        yield from _workbook(page)
        return
    if not decode(page.head)[0].lstrip().startswith("<"):  # HTML may be one line
        page.expect_lines()
    yield from page.text_problems
    if page.format == "fields":
        rows = labelled_rows(page)
        yield from records(page, [("", lambda: iter(rows))])
        return
    text = page.text
    if text.lstrip().startswith("<"):
        yield from _webpage(page)
        return
    start = re.match(r"sep=(.)\r?\n", text)  # Excel's own line
    marks = start[1] if start else ",;\t|"
    at = start.end() if start else 0
    best = max(marks, key=lambda mark: _score(page, [row.cells for row in _sample(text, mark, at)]))
    first = line_of(text, at) if at else 1
    yield from records(page, [("", lambda: delimited_rows(text, best, at, first))])


def _sample(text: str, mark: str, at: int) -> list[TableRow]:
    rows: list[TableRow] = []
    for row in delimited_rows(text[: at + 64_000], mark, at, 1):
        rows.append(row)
        if len(rows) == HEADINGS_WITHIN:
            break
    return rows


def _score(page: Page, rows: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """How well a mark divides a text: known headings, then rows as long as the first, then columns."""
    known, at = max(((known_headings(page, row), -n) for n, row in enumerate(rows)), default=(0, 0))
    width = len(rows[-at]) if rows else 0
    return known, sum(len(row) == width for row in rows) if width > 1 else 0, width


def _webpage(page: Page) -> Iterator[Outcome]:
    """The records of every table of an HTML file that has headings; other tables only arrange the page."""
    found = [(name, rows) for name, rows in html_tables(page) if heading_row(page, rows[:HEADINGS_WITHIN]) is not None]
    if not found:
        message = "no table in this HTML has a column of titles"
        raise DigestError(message, where=page.where, todo=TO_NAME_COLUMNS)
    yield from records(page, [(f"{name}, ", lambda rows=rows: iter(rows)) for name, rows in found])  # type: ignore[misc]  # its own rows


def _workbook(page: Page) -> Iterator[Outcome]:
    """The records of every sheet that has headings; the other sheets are reported."""
    tables: list[tuple[str, Callable[[], Iterator[TableRow]]]] = []
    if damaged := check_package(page):
        message = f"parts of the workbook are damaged ({', '.join(damaged)[:200]}): compare what was read with it"
        yield page.problem("warning", "damaged", message)
    empty = True
    unread: list[str] = []
    hidden: list[Problem] = []
    formatting: dict[str, SheetFormatting] = {}
    odd: list[str] = []
    for name, rows in sheets(page, odd):
        if not any(any(row.cells) for row in rows):
            continue
        empty = False
        formatting = formatting or formatting_of(page)
        formatted = formatting.get(name, SheetFormatting())
        filled = list(rows_as_shown(rows, formatted))
        if heading_row(page, filled[:HEADINGS_WITHIN]) is None:
            unread.append(f"{name} ({len(filled)} rows: {', '.join(filled[0].cells[:8])[:200]})")
            continue
        tables.append((f"sheet {name}, ", lambda filled=filled: iter(filled)))  # type: ignore[misc]  # its own rows
        hidden += _hidden(page, name, filled, formatted)
    if odd:
        cells = ", ".join(odd)[:200]
        message = f"cells are not what they say, or their text is missing ({cells}): compare what was read with it"
        yield page.problem("warning", "damaged", message)
    if empty:
        raise DigestError("all sheets are empty", where=page.where, expected="a table with headings")
    message = f"no column of titles was found in {'; '.join(unread)}"
    if not tables:
        raise DigestError(message, where=page.where, todo=TO_NAME_COLUMNS)
    yield from hidden
    yield from records(page, tables, since_1904=counts_from_1904(page))
    if unread:
        yield page.problem("warning", "no-headings", f"{message}; {TO_NAME_COLUMNS}")


def _hidden(page: Page, name: str, rows: Sequence[TableRow], formatted: SheetFormatting) -> Iterator[Problem]:
    """That a sheet is hidden, or rows and columns of it that are not empty."""
    if formatted.hidden:
        yield page.problem("warning", "hidden", f"the sheet {name} is hidden; its rows were read")
        return
    hidden_rows = set(formatted.hidden_rows)
    if lines := [row.line for row in rows if row.line in hidden_rows]:
        message = f"sheet {name}, {len(lines)} of its rows are hidden; they were read"
        yield page.problem("warning", "hidden", message, line=lines[0])
    filled = {at for row in rows for at, cell in enumerate(row.cells) if cell} & formatted.hidden_columns
    if filled:
        named = ", ".join(
            f"“{next(row.cells[at] for row in rows if row.cells[at : at + 1] > [''])[:40]}”"
            for at in sorted(filled)[:MOST_LISTED]
        )
        yield page.problem("warning", "hidden", f"sheet {name}, {len(filled)} of its columns are hidden: {named}")
