"""Marks each start tag of a template with its file and line: for the preview, and to say where something came from."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

from markupsafe import escape

ATTRIBUTE: Final = "data-template"
Block = tuple[str, float, float, float, float]
"""What made a box of a page, ``FILE:LINE``, and where it is: left, top, width and height as shares of the page."""
# What is not HTML text: expressions, statements and comments of Jinja, comments of HTML.
_SKIPPED: Final = re.compile(
    r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->|<!|</|"
    r"<(?P<quiet>script|style|title|textarea|head|html|meta|link|base)\b|"
    r"<(?P<name>(?:[A-Za-z]|\{\{.*?\}\})(?:[\w:-]|\{\{.*?\}\})*)|"
    r"(?P<quote>[\"'])|>",
    re.DOTALL | re.IGNORECASE,
)


def mark(source: str, shown: str, *, everything: bool = False) -> str:
    """The template with an attribute ``data-template="FILE:LINE"`` in each start tag; its lines stay where they are.

    Args:
        source: the text of the template.
        shown: the name of its file, as people know it.
        everything: marks the tags that show nothing as well, and, by a comment, what is printed between tags.
    """
    parts: list[str] = []
    at, inside, quote = 0, False, ""
    text_until = ""  # the end tag of an element that holds text alone
    for match in _SKIPPED.finditer(source):
        found = match[0]
        if text_until:
            if found == "</" and source[match.end() :].lower().startswith(text_until):
                text_until = ""
            continue
        if inside:
            if match["quote"]:
                quote = "" if quote == found else quote or found
            elif found == ">" and not quote:
                inside = False
            continue
        name = match["name"] or (everything and match["quiet"])
        if name or (everything and found.startswith("{{")):
            line = source.count("\n", 0, match.start()) + 1
            place = f'{ATTRIBUTE}="{escape(shown)}:{line}"'
            end = match.end() if name else match.start()
            parts.append(source[at:end] + (f" {place}" if name else f"<!--{place}-->"))
            at = end
        if match["quiet"]:
            inside = True
            if match["quiet"].lower() in {"script", "style", "title", "textarea"}:
                text_until, inside = match["quiet"].lower(), False
        elif match["name"]:
            inside, quote = True, ""
    return "".join([*parts, source[at:]])


_MARKED: Final = re.compile(rf'{ATTRIBUTE}="([^"]*):(\d+)"')
_OWN: Final = re.compile(rf"<[^\s<>/]+ {_MARKED.pattern}")


def place_in(marked: str, at: int) -> tuple[str, int, bool]:
    """Where a tag of a marked document is from: file, line, and whether these are its own and not of what is before it.

    The file is empty where nothing before it is marked.

    Args:
        marked: what marked templates gave.
        at: where the tag begins.
    """
    own = _OWN.match(marked, at)
    found = own or _MARKED.match(marked, max(marked.rfind(f'{ATTRIBUTE}="', 0, at), 0))
    return (unescape(found[1]), int(found[2]), bool(own)) if found else ("", 0, False)


# Boxes that are the text of an element, or a line of it: their element has a box of its own.
_WITHIN: Final = frozenset({"TextBox", "LineBox"})


def blocks(page: Any) -> tuple[Block, ...]:  # noqa: ANN401 - WeasyPrint has no types
    """What made each box of a page whose element is marked, in the order of the document.

    An element that goes on in another column has a box in each.

    Args:
        page: the box of the page.
    """
    found: dict[Block, None] = {}
    width, height = page.margin_width(), page.margin_height()
    for box in page.descendants():
        element = getattr(box, "element", None)
        if element is None or type(box).__name__ in _WITHIN or not (place := element.get(ATTRIBUTE)):
            continue
        left, top, wide, high = box.hit_area()
        if wide > 0 and high > 0:
            shares = (left / width, top / height, wide / width, high / height)
            found[place, *(round(share, 4) for share in shares)] = None
    return tuple(found)
