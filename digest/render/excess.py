"""Where a finished document asks for more than pages can hold: elements inside elements, cells that span, styles."""

from __future__ import annotations

import re
from typing import Final

from digest.render import stylesheet

DEEPEST: Final = 100  # elements inside elements; a page of ours has 15
SPAN: Final = 1_000  # columns or rows of a cell, the greatest number that HTML knows for columns

_MARKS: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(style|script)\b[^<>]{0,1000}>(.*?)(?:</\1|\Z)|<(/?)([a-z][\w-]*)", re.DOTALL | re.IGNORECASE
)
_STYLE: Final = re.compile(r"\sstyle\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_SPAN: Final = re.compile(r"\s(?:col|row)?span\s*=\s*[\"']?\s*0*(\d{4,})", re.IGNORECASE)
# Elements that have no content, and those that end where the next one begins.
_FLAT: Final = frozenset(
    """
        area base br col embed hr img input link meta param source track wbr path rect circle line use stop
        p li dt dd tr td th thead tbody tfoot colgroup caption option optgroup rt rp
    """.split()
)


def first(html: str, *, styles: bool) -> tuple[int, str] | None:
    """Place and message of the first thing of which a document asks too much.

    Args:
        html: the document.
        styles: whether its ``style`` elements are looked at; those on the screen are stylesheets that were.
    """
    depth = 0
    for match in _MARKS.finditer(html):
        if styles and (match[1] or "").lower() == "style":
            for _, message in stylesheet.excess(match[2]):
                return match.start(), message
        name = (match[4] or "").lower()
        if not name or name in _FLAT:
            continue
        depth = max(0, depth - 1) if match[3] else depth + 1
        if depth > DEEPEST:
            return match.start(), f"elements are nested more than {DEEPEST} deep here; an end tag may be missing"
    for match in _SPAN.finditer(html):
        if int(match[1][:9]) > SPAN:
            return match.start(), f"a cell that spans {match[1][:9]} columns or rows is more than a page can hold"
    known: set[str] = set()
    for match in _STYLE.finditer(html):
        text = match[1] or match[2] or ""
        if text not in known:
            known.add(text)
            for _, message in stylesheet.excess(text, inline=True):
                return match.start(), message
    return None
