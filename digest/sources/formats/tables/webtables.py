"""Tables of an HTML file as rows of texts: what programs save as ``.xls``, and what is copied from a programme."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.sources.formats.tables.rows import TableRow
from digest.sources.formats.webpage import decoded, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from digest.sources.page import Page

_MOST_SPANNED: Final = 1000  # columns or rows that a cell may take, as in HTML's own limits
_BREAKS: Final = frozenset({"br", "p", "div", "li"})


def html_tables(page: Page) -> Iterator[tuple[str, list[TableRow]]]:
    """The tables of the page that are in no other, by their captions, each with its rows of texts.

    Cells that span rows or columns are repeated in each, as merged cells of a workbook are.
    """
    root = tree(decoded(page)[0])
    if root is None:
        return
    for n, table in enumerate(root.iter("table"), 1):
        if next(table.iterancestors("table"), None) is None:
            caption = table.findtext("caption") or ""
            yield " ".join(caption.split()) or f"table {n}", list(_rows(table))


def _rows(table: _Element) -> Iterator[TableRow]:
    spans: dict[int, tuple[int, str]] = {}  # by column: rows that a cell above still takes, and its text
    for line, row in enumerate((one for one in table.iter("tr") if next(one.iterancestors("table")) is table), 1):
        texts: list[str] = []
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        while cells or len(texts) in spans:
            at = len(texts)
            if at in spans:
                left, text = spans.pop(at)
                if left > 1:
                    spans[at] = (left - 1, text)
                texts.append(text)
                continue
            cell = cells.pop(0)
            text, down = _text(cell), _span(cell, "rowspan")
            for column in range(at, at + _span(cell, "colspan")):
                texts.append(text)
                if down > 1:
                    spans[column] = (down - 1, text)
        while texts and not texts[-1]:
            texts.pop()
        yield TableRow(line, texts, "\t".join(texts).encode("utf-8", "replace"))


def _span(cell: _Element, name: str) -> int:
    found = re.match(r"\s*(\d{1,4})", cell.get(name, ""))
    return min(max(int(found[1]), 1), _MOST_SPANNED) if found else 1


def _text(cell: _Element) -> str:
    """What a cell shows; line ends where the page has them."""
    pieces = []
    for element in cell.iter():
        if isinstance(element.tag, str):
            if element.tag in _BREAKS:
                pieces.append("\n")
            pieces.append(" ".join((element.text or "").split("\n")))
        if element is not cell:
            pieces.append(" ".join((element.tail or "").split("\n")))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)
