"""The tables of a Markdown text: caption with its width, columns of numbers, notes, and what is odd in them."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, get_args

from markdown_it.token import Token

from digest.errors import did_you_mean
from digest.model import Width

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTHS: Final[tuple[Width, ...]] = get_args(Width)

_CAPTION: Final = re.compile(r"Table:\s+(?=\S)")
_NOTE: Final = re.compile(r"Notes?:\s+(?=\S)")
_OPTION: Final = re.compile(r"\s*\{([^\W\d_]+)\}\s*$")
_LONG: Final = 15  # rows from which on a table may go on in the next column or page
_WIDE: Final = 4  # columns from which on a table needs the width of the page
# A cell that is a number: a sign of comparison, digits in groups of three or none, decimals, a unit that is a sign.
_NUMBER: Final = re.compile(
    r"[<>≤≥~≈±]?\s?[+−–-]?\s?(?:\d{1,3}(?:[,\u00a0\u202f ]\d{3})+|\d+|(?=[.·]\d))"
    r"(?:[.·,](?P<decimals>\d+))?\s?[%‰]?"
)
_NOTHING: Final = frozenset({"", "-", "–", "—", "−", "…", "NA", "n/a", "NR", "NS"})
_MOST_DECIMALS: Final = 6


def mark(tokens: list[Token]) -> None:
    """Turns paragraphs ``Table: …`` next to tables into captions, ``Note: …`` after them into notes; marks numbers.

    A caption between two tables is that of the second. One after a table is that of the table, as in Pandoc.
    """
    n = 0
    while n < len(tokens):
        if tokens[n].type == "table_open":
            end = next(m for m in range(n, len(tokens)) if tokens[m].type == "table_close")
            after = _is_caption(tokens, end + 1) and not _begins_table(tokens, end + 4)
            if after and tokens[n + 1].type != "caption_open":
                tokens[n].meta["width"] = _as_caption(tokens, end + 1)
                tokens[n + 1 : end + 4] = [*tokens[end + 1 : end + 4], *tokens[n + 1 : end + 1]]
                end += 3
            _mark_numbers(tokens[n:end])
            n = _end_frame(tokens, end)
        elif _is_caption(tokens, n) and _begins_table(tokens, n + 3):
            tokens[n + 3].meta["width"] = _as_caption(tokens, n)
            # HTML wants the caption as the table's first child.
            tokens[n : n + 4] = [tokens[n + 3], *tokens[n : n + 3]]
            continue  # with the table, which is at this place now
        n += 1


def _begins_table(tokens: Sequence[Token], n: int) -> bool:
    return n < len(tokens) and tokens[n].type == "table_open"


def _is_caption(tokens: Sequence[Token], n: int) -> bool:
    return (
        [token.type for token in tokens[n : n + 3]] == ["paragraph_open", "inline", "paragraph_close"]
        and bool(tokens[n + 1].children)
        and bool(_CAPTION.match((tokens[n + 1].children or [])[0].content))
    )


def _as_caption(tokens: Sequence[Token], n: int) -> str:
    """Makes a caption of a paragraph; gives the width that it asks for."""
    inline = tokens[n + 1]
    child = (inline.children or [])[0]
    child.content = _CAPTION.sub("", child.content, count=1)
    tokens[n].type, tokens[n + 2].type = "caption_open", "caption_close"
    return _taken_option(inline)


def _taken_option(caption: Token) -> str:
    """What is in braces at the end of a caption, taken from it if it is a width; else it stays and is reported."""
    last = (caption.children or [])[-1]
    match = _OPTION.search(last.content) if last.type == "text" else None
    if match and match[1] in WIDTHS:
        last.content = last.content[: match.start()]
    return match[1] if match else ""


def _end_frame(tokens: list[Token], end: int) -> int:
    """Puts the end of the frame after the table's notes; gives its place."""
    n = end + 1
    while [token.type for token in tokens[n : n + 3]] == ["paragraph_open", "inline", "paragraph_close"]:
        children = tokens[n + 1].children or []
        if not children or not _NOTE.match(children[0].content):
            break
        children[0].content = _NOTE.sub("", children[0].content, count=1)
        tokens[n].type, tokens[n + 2].type = "table_note_open", "table_note_close"
        n += 3
    tokens.insert(n, Token("frame_close", "", 0))
    return n


def _mark_numbers(tokens: Sequence[Token]) -> None:
    """Gives the cells of columns that hold numbers the class ``numeric``, and what lacks after their last digit.

    ``less-2`` is a cell that has two decimals fewer than the longest of its column, ``whole`` one without a point.
    """
    rows: list[list[tuple[Token, str]]] = []
    for n, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            if token.type == "th_open":
                token.attrSet("scope", "col")
            rows[-1].append((token, tokens[n + 1].content.strip()))
    for place, column in enumerate(zip(*rows, strict=False)):
        head, *cells = column
        aligned = {"right" in str(cell.attrs["style"]) for cell, _ in column if "style" in cell.attrs}
        if False in aligned or not (aligned or place):
            continue  # the editor wants it on the left or in the middle; or it names the rows
        found = [_NUMBER.fullmatch(text) for _, text in cells]
        if not any(found) or not all(match or text in _NOTHING for match, (_, text) in zip(found, cells, strict=True)):
            continue
        head[0].attrSet("class", "numeric")
        decimals = [len(match["decimals"] or "") if match else 0 for match in found]
        for (cell, _), match, own in zip(cells, found, decimals, strict=True):
            less = min(max(decimals) - own, _MOST_DECIMALS)
            kinds = (f" less-{less}" if less else "") + (" whole" if less and not own else "")
            cell.attrSet("class", "numeric" + (kinds if match else ""))


def start_of(tokens: Sequence[Token], n: int, label: str, continued: str) -> str:
    """The start tags of the table that begins at a token.

    A frame that scrolls sideways on a small screen; focusable, so that the keyboard reaches what is out of sight.

    Args:
        tokens: all tokens.
        n: place of ``table_open``.
        label: what the table is called for those who do not see it.
        continued: what is printed where it goes on in another column.
    """
    row = next(m for m in range(n, len(tokens)) if tokens[m].type == "tr_close")
    columns = sum(token.type == "th_open" for token in tokens[n:row])
    end = next(m for m in range(n, len(tokens)) if tokens[m].type == "table_close")
    rows = sum(token.type == "tr_open" for token in tokens[n:end])
    width = tokens[n].meta.get("width", "")
    wide = width == "page" or (columns >= _WIDE and width not in WIDTHS)
    kinds = (" wide" if wide else "") + (f" {width}" if width in {"column", "landscape"} else "")
    kinds += " long" if rows > _LONG else ""
    goes_on = f' data-continued="{html.escape(continued)}"' if continued else ""
    described = f'tabindex="0" role="group" aria-label="{html.escape(label)}"'
    return f'<div class="table-frame{kinds}"{goes_on} {described}><table>\n'


def captions_alone(tokens: Sequence[Token]) -> Iterator[int]:
    """The line of the text, counted from 0, of each caption without a table."""
    for n, token in enumerate(tokens):
        if token.type == "paragraph_open" and _is_caption(tokens, n):
            yield (token.map or [0])[0]


def odd_widths(tokens: Sequence[Token]) -> Iterator[tuple[str, int]]:
    """A message and a line of the text, counted from 0, for each width of a table that is not known."""
    for token in tokens:
        if token.type == "table_open" and (width := token.meta.get("width")) and width not in WIDTHS:
            near = did_you_mean(width, WIDTHS)
            message = (
                f"“{{{width}}}” is printed as it is; the width of a table is {{column}}, {{page}} or {{landscape}}"
            )
            yield message + near, max(0, (token.map or [1])[0] - 2)


def lines(tokens: Sequence[Token]) -> list[int]:
    """The line of each table in the text, counted from 0."""
    return [(token.map or [0])[0] for token in tokens if token.type == "table_open"]


def parts(widths: Sequence[float], room: float) -> tuple[tuple[int, ...], ...]:
    """The columns of each part of a table that is wider than its room, the first one in all of them, as even as can be.

    Nothing where two columns do not fit side by side.

    Args:
        widths: the width of each column.
        room: how wide a part may be.
    """
    first, *others = widths
    if not others or first > room / 2 or first + max(others) > room:
        return ()
    for count in range(2, len(others) + 1):
        size = -(-len(others) // count)
        groups = [range(at, min(at + size, len(widths))) for at in range(1, len(widths), size)]
        if all(first + sum(widths[n] for n in group) <= room for group in groups):
            return tuple((0, *group) for group in groups)
    return ()
