"""An HTML page made fit for e-mail: styles inside the elements, links that work anywhere, a warning when too long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import css_inline
from markupsafe import escape

from digest import tabular
from digest.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Gmail shows the first 102 kB of a message, and the rest behind a link.
CLIPPED: Final = 102 * 1024
_LINK: Final = re.compile(r'<a\b([^<>]*?)\shref="#([^"<>]*)"([^<>]*)>(.*?)</a>', re.DOTALL)
_BACK: Final = re.compile(r'\s?<a class="note-back"[^<>]*>[^<>]*</a>')
_TABLE: Final = re.compile(r'(<div class="table-frame[^<>]*>)<table>(.*?)</table>', re.DOTALL)
_CAPTION: Final = re.compile(r"<caption>(.*?)</caption>\s*", re.DOTALL)
_ROW: Final = re.compile(r"(<tr>)(.*?)(</tr>)", re.DOTALL)
_CELL: Final = re.compile(r"<(t[hd])\b[^<>]*>.*?</\1>", re.DOTALL)
_TABLE_ROOM: Final = 500.0  # pixels: the column of 600 without its margins, and those of a comment
_PHONE: Final = 250.0  # pixels: the same on a telephone of 320
_LETTER: Final = 8.0  # pixels: a wide letter of 13 px
_GAP: Final = 8.0  # pixels: the space around a cell
_ENCODING: Final = re.compile(r'<meta charset="utf-8"\s*/?>\s*')


def inlined(html: str, web_address: str) -> str:
    """The page with its styles inside the elements; rules for dark mode and small screens stay in the head.

    Args:
        html: the page.
        web_address: where the issue is on the web. A link to a place in the issue leads there; without an address
            it is text, because links inside of a message do nothing in Gmail and Yahoo. So notes have no ways back.
    """

    def link(match: re.Match[str]) -> str:
        before, place, after, text = match.groups()
        if web_address:
            return f'<a{before} href="{escape(web_address)}#{place}"{after}>{text}</a>'
        return text

    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, resolve_css_variables=True)
    done = inliner.inline(_TABLE.sub(_in_parts, _LINK.sub(link, _BACK.sub("", html))))
    # The rules that stay come first in the head; the encoding has to be within the first 1024 bytes (HTML, 4.2.5.4).
    return _ENCODING.sub("", done, count=1).replace("<head>", '<head><meta charset="utf-8">', 1)


def _in_parts(match: re.Match[str]) -> str:
    """A table that is too wide as several with its first column in each: an e-mail cannot be scrolled sideways."""
    frame, inner = match.groups()
    rows = [[cell[0] for cell in _CELL.finditer(row[2])] for row in _ROW.finditer(inner)]
    if not rows or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return match[0]
    texts = [[re.sub(r"<[^<>]*>", "", cell).split() or [""] for cell in column] for column in zip(*rows, strict=True)]
    longest = max(len(word) for column in texts for cell in column for word in cell)
    widths = [longest * _LETTER + _GAP] * len(texts)  # the styles give all columns the same
    if sum(widths) <= _TABLE_ROOM or not (
        groups := tabular.parts(widths, _PHONE) or tabular.parts(widths, _TABLE_ROOM)
    ):
        return match[0]
    continued = re.search(r'data-continued="([^"]*)"', frame)
    tables = []
    for n, columns in enumerate(groups):
        kept = iter(rows)

        def chosen(row: re.Match[str], kept: Iterator[list[str]] = kept, columns: Sequence[int] = columns) -> str:
            cells = next(kept)
            return row[1] + "".join(cells[column] for column in columns) + row[3]

        part = _ROW.sub(chosen, inner)
        if n and continued:
            part = _CAPTION.sub(rf"<caption>\1 {continued[1]}</caption>", part)
        tables.append(f"<table>{part}</table>")
    return frame + "\n".join(tables)


def too_long(html: str) -> Iterator[Problem]:
    """A warning when the message is longer than Gmail shows."""
    size = len(html.encode())
    if size > CLIPPED:
        message = (
            f"the message has {size // 1024} kB; Gmail shows the first 102 and hides the rest behind a link. "
            "Take entries out, or set options such as “keywords”, “references” and “contents” to false"
        )
        yield Problem(level="warning", code="mail-clipped", message=message)
