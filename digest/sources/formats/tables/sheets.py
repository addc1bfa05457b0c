"""The sheets of an XLSX workbook as rows of texts: values, or what a reader sees, with merged cells filled in."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

from digest.errors import DigestError
from digest.sources.formats.tables.formatting import read_formatting
from digest.sources.formats.tables.rows import MOST_COLUMNS, TableRow
from digest.sources.page import LARGEST, Page
from digest.sources.shared import markup

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.sources.formats.tables.formatting import Cell, SheetFormatting

_MOST_CELLS: Final = 10_000_000  # 100,000 abstracts with 100 columns; calamine keeps a sheet as a full rectangle
_MOST_ROWS: Final = 1_048_576  # a sheet of Excel has no more


def sheets(page: Page, odd: list[str] | None = None) -> Iterator[tuple[str, list[TableRow]]]:
    """The sheets of an XLSX workbook by name, hidden ones too, each with its rows of texts, without empty ones.

    Args:
        page: the workbook.
        odd: gets the names of cells that are not what they say; they are read as the characters that are in them.

    Raises:
        DigestError: it cannot be read; `check_package` comes before.
    """
    from python_calamine import CalamineError

    try:
        found = list(_sheets(page.content))
    except (CalamineError, OSError, ValueError) as error:
        plain, cells = _with_plain_cells(page.content)
        if not cells:
            raise _unreadable(page, error) from error
        try:
            found = list(_sheets(plain))
        except (CalamineError, OSError, ValueError):
            raise _unreadable(page, error) from error
        if odd is not None:
            odd += cells
    yield from found


def _sheets(content: bytes) -> Iterator[tuple[str, list[TableRow]]]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        given: Iterator[list[Any]] = sheet.iter_rows()
        left = [""] * (sheet.start[1] if sheet.start else 0)  # columns before the first that is not empty
        rows = []
        for line, cells in enumerate(given, 1):
            texts = left + [_cell_text(cell) for cell in cells]
            while texts and not texts[-1]:
                texts.pop()
            if texts:
                rows.append(TableRow(line, texts, "\t".join(texts).encode("utf-8", "replace")))
        yield name, rows


_FILLED_CELL: Final = re.compile(
    rb"<((?:\w+:)?)c(?=[\s>])([^<>]*)(?<!/)>((?:(?!</(?:\w+:)?c>).)*)</(?:\w+:)?c>", re.DOTALL
)
_KIND: Final = re.compile(rb"\st\s*=\s*[\"']([^\"'<>]*)[\"']")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_NUMBER: Final = re.compile(rb"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")
_DAY: Final = re.compile(rb"\s*(?:\d{4}-\d\d-\d\d)?(?:T?\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?Z?\s*")
_ERRORS: Final = frozenset(b"#DIV/0! #N/A #NAME? #NULL! #NUM! #REF! #VALUE! #GETTING_DATA".split())


def _with_plain_cells(content: bytes) -> tuple[bytes, list[str]]:
    """A package in which cells are what they say (ECMA-376, 18.18.11), and the names of those that were not."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {entry.filename: package.read(entry) for entry in package.infolist()}
    strings = len(re.findall(rb"<(?:\w+:)?si\b", parts.get("xl/sharedStrings.xml", b"")))
    odd: list[str] = []

    def plain(cell: re.Match[bytes]) -> bytes:
        prefix, facts, inner = cell.groups()
        found, typed = _VALUE.search(inner), _KIND.search(facts)
        value, kind = found[1] if found else b"", typed[1] if typed else b"n"
        match kind:
            case b"inlineStr" | b"str":
                right = True
            case b"s":
                right = not value or (value.strip().isdigit() and int(value) < strings)
            case b"b":
                right = value in {b"", b"0", b"1"}
            case b"e":
                right = not value or value in _ERRORS
            case b"n" | b"d":
                right = not value or (_NUMBER if kind == b"n" else _DAY).fullmatch(value) is not None
            case _:
                right = False
        if right:
            return cell[0]
        name = re.search(rb"\br=[\"']([A-Za-z0-9]{1,12})", facts)
        odd.append(name[1].decode() if name else "?")
        shown = b"" if kind == b"s" else value  # the number of a text that is not there says nothing
        kept = _KIND.sub(b"", facts)
        return b'<%sc%s t="str"><%sv>%s</%sv></%sc>' % (prefix, kept, prefix, shown, prefix, prefix)

    parts = {
        name: _FILLED_CELL.sub(plain, part) if re.fullmatch(r"xl/worksheets/.*\.xml", name) else part
        for name, part in parts.items()
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return out.getvalue(), odd


def _unreadable(page: Page, error: Exception) -> DigestError:
    return DigestError(f"the workbook cannot be read: {error}", where=page.where, todo="save it as CSV")


# Parts that hold no text of cells: where one is damaged, the values are read all the same.
_BESIDE: Final = re.compile(
    r"(?:.*/)?_rels/.*|docProps/.*|customXml/.*|xl/(?:styles|calcChain|metadata)\.xml|"
    r"xl/(?:theme|media|drawings|charts|printerSettings|comments\d*|persons|threadedComments)\b.*",
    re.IGNORECASE,
)


def check_package(page: Page) -> list[str]:
    """The parts without text of cells that are damaged.

    calamine keeps a sheet as a full rectangle: one cell at XFD1048576 asks for 400 GB and ends the process.

    Raises:
        DigestError: a package is not a workbook, is damaged, unpacks to more than a page may hold, or has cells too far
            apart.
    """
    damaged: list[str] = []
    refusal, todo = "", "delete what comes after the table, and save it again or as CSV"
    try:
        with zipfile.ZipFile(io.BytesIO(page.content)) as package:
            entries = package.infolist()
            if "xl/workbook.xml" not in package.namelist():
                refusal, todo = _other_package(package.namelist())
            elif (total := sum(entry.file_size for entry in entries)) > LARGEST:
                refusal = f"the workbook unpacks to {total >> 20} MiB"
            else:
                for entry in entries:
                    try:
                        cells, odd = _extent(package.read(entry))
                    except zipfile.BadZipFile:
                        if not _BESIDE.fullmatch(entry.filename):
                            raise
                        damaged.append(entry.filename)
                        continue
                    if odd:
                        refusal = f"a sheet of the workbook has a cell at “{odd}”, which no sheet has"
                    elif cells > _MOST_CELLS:
                        refusal = f"a sheet of the workbook is {cells:,} cells large"
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        refusal = f"the workbook is damaged: {error}"
    if refusal:
        raise DigestError(refusal, where=page.where, todo=todo)
    return damaged


def _other_package(names: Sequence[str]) -> tuple[str, str]:
    """What a package is that is not an XLSX workbook, and what to do with it."""
    for part, what, todo in (
        ("word/", "a Word document (.docx)", "copy its table into a spreadsheet, or save it as plain text"),
        ("ppt/", "a presentation (.pptx)", "copy its table into a spreadsheet, or save it as plain text"),
        ("xl/workbook.bin", "a binary workbook (.xlsb)", "save it as .xlsx or CSV"),
        ("content.xml", "an OpenDocument file", "save it as .xlsx or CSV, a text as plain text"),
    ):
        if any(name.startswith(part) for name in names):
            return f"this is {what}, not an XLSX workbook", todo
    return "this is not an XLSX workbook", "save the table as .xlsx or CSV"


_REFERENCE: Final = re.compile(rb"(?<![\w:.-])r\s{0,9}=\s{0,9}(?:\"([^\"]{1,40})\"?|'([^']{1,40})'?)")
_CELL: Final = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")
_ROW: Final = re.compile(rb"[0-9]{1,7}")


def _extent(body: bytes) -> tuple[int, str]:
    """How many cells the rectangle around all cells of a sheet has, and a reference that is outside of any sheet.

    Excel's own limits are 1,048,576 rows and 16,384 columns, up to XFD (ECMA-376 leaves them to the program).
    """
    if b"sheetData" not in body:
        return 0, ""
    rows = body.split(b"<row")  # rows and cells need no reference: they are counted then
    widest, lowest = max(row.count(b"<c") for row in rows), len(rows) - 1
    if lowest > _MOST_ROWS or widest > MOST_COLUMNS:
        return 0, f"row {lowest}" if lowest > _MOST_ROWS else f"column {widest}"
    for match in _REFERENCE.finditer(body):
        reference = match[1] or match[2]
        cell = _CELL.fullmatch(reference)
        if cell:
            column = 0
            for letter in cell[1].upper():
                column = column * 26 + letter - 64
            widest, lowest = max(widest, column), max(lowest, int(cell[2]))
        if not (cell or _ROW.fullmatch(reference)) or widest > MOST_COLUMNS or lowest > _MOST_ROWS:
            return 0, reference.decode("ascii", "replace")
    return widest * lowest, ""


def _cell_text(value: object) -> str:
    """A cell as text: no ``.0`` after a whole number, days in ISO 8601; the result of a formula as it was stored."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


def formatting_of(page: Page) -> dict[str, SheetFormatting]:
    """What a workbook holds besides values, by the names of its sheets.

    Raises:
        DigestError: more cells are merged than a sheet may hold.
    """
    try:
        return read_formatting(page.content)
    except ValueError as error:
        raise _unreadable(page, error) from error


def rows_as_shown(rows: Sequence[TableRow], formatted: SheetFormatting) -> Iterator[TableRow]:
    """The rows of a sheet that are not empty, as a reader sees them: a merged cell is there in each row it covers."""
    by_line: dict[int, dict[int, str]] = {}
    rich: dict[int, dict[int, str]] = {}
    above: dict[int, dict[int, Cell]] = {}
    for (line, at), text in formatted.shown.items():
        by_line.setdefault(line, {})[at] = text
    for (line, at), text in formatted.rich.items():
        rich.setdefault(line, {})[at] = text
    for (line, at), origin in formatted.above.items():
        above.setdefault(line, {})[at] = origin
    seen: dict[Cell, tuple[str, str]] = {}
    merged = set(formatted.above.values())
    for row in rows:
        if not any(row.cells):
            continue
        cells = list(row.cells)
        mine = {
            at: text
            for at, text in rich.get(row.line, {}).items()
            if at < len(cells) and "".join(markup.plain(text).split()) == "".join(cells[at].split())
        }
        for at, text in by_line.get(row.line, {}).items():
            if at < len(cells) and cells[at]:
                cells[at] = text
        covered = set()
        for at, origin in above.get(row.line, {}).items():
            text, with_markup = seen.get(origin, ("", ""))
            if text and not (at < len(cells) and cells[at]):
                cells += [""] * (at + 1 - len(cells))
                cells[at] = text
                covered.add(at)
                if with_markup:
                    mine[at] = with_markup
        seen |= {(row.line, at): (cell, mine.get(at, "")) for at, cell in enumerate(cells) if (row.line, at) in merged}
        own = [at for at, cell in enumerate(cells) if cell and at not in covered]
        wide = len(own) == 1 and (row.line, own[0]) in formatted.across
        raw = "\t".join(cells).encode("utf-8", "replace")
        yield TableRow(row.line, cells, raw, rich=mine, above=frozenset(covered), wide=wide)


def counts_from_1904(page: Page) -> bool:
    """Whether days are counted from 1904 (ECMA-376, part 1, 18.2.28, ``date1904``)."""
    with zipfile.ZipFile(io.BytesIO(page.content)) as package:
        book = package.read("xl/workbook.xml")
    return re.search(rb"\bdate1904\s{0,3}=\s{0,3}[\"'](?:1|true)[\"']", book) is not None
