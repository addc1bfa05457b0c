"""What a workbook holds besides values: merged cells, formatted words, numbers as shown, hidden rows and columns.

python-calamine gives the values alone. This reads the parts of the package once more (ECMA-376, part 1, 18.3 to 18.8).
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
from typing import IO, TYPE_CHECKING, Final

from lxml import etree
from msgspec import Struct

from digest.sources.shared.xmlpages import strict_walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

_MOST_MERGED: Final = 1_000_000  # cells; a sheet whose merged ranges overlap may ask for any number
_MOST_COLUMNS: Final = 16_384
Cell = tuple[int, int]  # its line, counted from 1, and its column, counted from 0


class SheetFormatting(Struct, frozen=True, kw_only=True):
    """What one sheet holds besides values.

    Attributes:
        hidden: whether the sheet is hidden.
        hidden_rows: the lines that are hidden.
        hidden_columns: the columns that are hidden, counted from 0.
        above: for each cell that is merged with one above it, that other cell.
        across: cells that are merged with others to their right, with how many there are in all.
        shown: numbers as they are displayed, where their format adds something: ``P-001`` of 1.
        rich: texts with formatted words, as markup: ``Role of <i>KRAS</i> in CO<sub>2</sub>``.
    """

    hidden: bool = False
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: frozenset[int] = frozenset()
    above: dict[Cell, Cell] = {}
    across: dict[Cell, int] = {}
    shown: dict[Cell, str] = {}
    rich: dict[Cell, str] = {}


def read_formatting(content: bytes) -> dict[str, SheetFormatting]:
    """What each sheet of a workbook holds besides values, by its name; nothing for what cannot be read.

    Raises:
        ValueError: more cells are merged than a sheet may hold.
    """
    found: dict[str, SheetFormatting] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        try:
            related = {
                one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lstrip("/")
                for one in _elements(package, "xl/_rels/workbook.xml.rels", "Relationship")
            }
            formats, texts = _formats(package), _rich_texts(package)
            for sheet in _elements(package, "xl/workbook.xml", "sheet"):
                part = next(
                    (related.get(str(text), "") for name, text in sheet.items() if str(name).endswith("}id")), ""
                )
                hidden = sheet.get("state", "visible") != "visible"
                found[sheet.get("name", "")] = _sheet(package, part, formats, texts, hidden=hidden)
        except (
            etree.XMLSyntaxError,
            KeyError,
            zipfile.BadZipFile,
        ):  # calamine reports what is wrong with it, or has read it all the same
            return found
    return found


def _elements(package: zipfile.ZipFile, part: str, *names: str) -> Iterator[_Element]:
    """The elements of these names in a part, each whole; nothing where that part is missing."""
    try:
        stream: IO[bytes] = package.open(part)
    except KeyError:
        return
    with stream:
        for _, element in strict_walk(stream, names=names):
            yield element
            element.clear()
            # The empty elements before it would stay in memory.
            while (before := element.getprevious()) is not None and (parent := element.getparent()) is not None:
                parent.remove(before)


def _name(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _on(element: _Element) -> bool:
    return element.get("val", "1") not in {"0", "false"}


def _sheet(
    package: zipfile.ZipFile, part: str, formats: Mapping[str, str], texts: Mapping[str, str], *, hidden: bool
) -> SheetFormatting:
    hidden_rows: list[int] = []
    above: dict[Cell, Cell] = {}
    across: dict[Cell, int] = {}
    shown: dict[Cell, str] = {}
    rich: dict[Cell, str] = {}
    line = 0
    columns: set[int] = set()
    for element in _elements(package, part, "row", "mergeCell", "col"):
        if _name(element) == "col":
            first, last = element.get("min", ""), element.get("max", "")
            if element.get("hidden", "0") in {"1", "true"} and first.isdecimal() and last.isdecimal():
                columns.update(range(int(first) - 1, min(int(last), _MOST_COLUMNS)))
            continue
        if _name(element) == "mergeCell":
            _merge(element.get("ref", ""), above, across)
            continue
        number = element.get("r", "")
        line = int(number) if re.fullmatch(r"[0-9]{1,7}", number) else line + 1
        if element.get("hidden", "0") in {"1", "true"}:
            hidden_rows.append(line)
        column = -1
        for cell in element:
            column = _column(cell.get("r", "")) if cell.get("r") else column + 1
            kind, style = cell.get("t", "n"), cell.get("s", "")
            if kind == "inlineStr":
                if text := next((_markup(one) for one in cell if _name(one) == "is"), ""):
                    rich[line, column] = text
            elif kind == "s" or (kind == "n" and style in formats):
                value = next((one.text or "" for one in cell if _name(one) == "v"), "").strip()
                if kind == "s" and value in texts:
                    rich[line, column] = texts[value]
                elif kind == "n" and (text := _as_shown(value, formats[style])):
                    shown[line, column] = text
    return SheetFormatting(
        hidden=hidden,
        hidden_rows=tuple(hidden_rows),
        hidden_columns=frozenset(columns),
        above=above,
        across=across,
        shown=shown,
        rich=rich,
    )


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"[^A-Za-z]", "", reference)[:4].upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _merge(reference: str, above: dict[Cell, Cell], across: dict[Cell, int]) -> None:
    match = re.fullmatch(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7}):\$?([A-Za-z]{1,3})\$?([0-9]{1,7})", reference.strip())
    if match is None:
        return
    left, top, right, bottom = _column(match[1]), int(match[2]), _column(match[3]), int(match[4])
    if right > left:
        across[top, left] = right - left + 1
    if len(above) + bottom - top > _MOST_MERGED:
        raise ValueError(f"more than {_MOST_MERGED:,} cells are merged")
    for line in range(top + 1, bottom + 1):
        above[line, left] = top, left


# --- Formatted words -------------------------------------------------------------------------------------------------


def _rich_texts(package: zipfile.ZipFile) -> dict[str, str]:
    """The shared texts of a workbook that have formatted words, by their numbers."""
    texts = enumerate(map(_markup, _elements(package, "xl/sharedStrings.xml", "si")))
    return {str(n): text for n, text in texts if text}


def _markup(item: _Element) -> str:
    """A text as markup; empty where all of it is formatted alike: that is the format of its cell and means nothing."""
    runs: list[tuple[str, tuple[str, ...]]] = []
    for run in item:
        if _name(run) != "r":
            continue
        tags: list[str] = []
        text = ""
        for one in run:
            if _name(one) == "t":
                text += one.text or ""
            elif _name(one) == "rPr":
                for mark in one:
                    if _name(mark) in {"b", "i"} and _on(mark):
                        tags.append(_name(mark))
                    elif _name(mark) == "vertAlign" and mark.get("val") in _RAISED:
                        tags.append(_RAISED[mark.get("val", "")])
        runs.append((text, tuple(tags)))
    kinds = [set(tags) for text, tags in runs if text.strip()]
    everywhere = set.intersection(*kinds) if kinds else set()
    parts = []
    for text, marks in runs:
        piece = html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>")
        for tag in sorted(set(marks) - everywhere) if text.strip() else ():
            piece = f"<{tag}>{piece}</{tag}>"
        parts.append(piece)
    made = "".join(parts)
    return made.strip() if re.search(r"</(?:b|i|su[bp])>", made) else ""


_RAISED: Final = {"superscript": "sup", "subscript": "sub"}


# --- Numbers as they are shown ---------------------------------------------------------------------------------------


def _formats(package: zipfile.ZipFile) -> dict[str, str]:
    """The formats of numbers that add something to them, by the styles of cells that have them."""
    codes: dict[str, str] = {"2": "0.00"}  # of those that every workbook has
    styles: list[str] = []
    for element in _elements(package, "xl/styles.xml", "numFmt", "cellXfs"):
        if _name(element) == "numFmt":
            codes[element.get("numFmtId", "")] = element.get("formatCode", "")
        else:
            styles = [style.get("numFmtId", "") for style in element]
    plain = {"", "0", "#", "general", "@"}
    return {str(n): code for n, name in enumerate(styles) if (code := codes.get(name, "")).lower() not in plain}


_PIECE: Final = re.compile(
    r"\"(?P<text>[^\"]*)\"|\\(?P<one>.)|_.|\*.|\[\$(?P<sign>[^\]-]*)[^\]]*\]|\[[^\]]*\]|(?P<digits>[0#?]+(?:\.[0#?]+)?)|"
    r"(?P<bare>[-/ +():!^&'~{}<>=$€£])"
)


def _as_shown(value: str, code: str) -> str:
    """A number as its format shows it: ``P-001`` of 1 and ``"P-"000``; empty for formats that say nothing more.

    Days, shares, powers and thousands are not written out: their value is what a record needs.
    """
    if not re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,12})?", value):
        return ""
    code = code[:200].partition(";")[0]
    before, after, digits, at = "", "", "", 0
    while at < len(code):
        match = _PIECE.match(code, at)
        if match is None:
            return ""
        at = match.end()
        literal = match["text"] or match["one"] or match["sign"] or match["bare"] or ""
        if match["digits"] and digits:
            return ""  # 000-0000 parts the digits of one number
        if match["digits"]:
            digits = match["digits"]
        elif digits:
            after += literal
        else:
            before += literal
    whole, _, part = digits.partition(".")
    if not digits or (not before.strip() and not after.strip() and whole.count("0") < 2 and not part):
        return ""
    number = float(value)
    if number.is_integer() or not part:
        # Decimals of whole numbers are a habit of spreadsheets: nobody counts abstracts as 4021.00.
        text = f"{number:0{whole.count('0')}.0f}" if number.is_integer() else value
    else:
        text = f"{number:0{whole.count('0') + len(part) + 1}.{part.count('0')}f}" if "0" in part else value
    return f"{before}{text}{after}".strip()
