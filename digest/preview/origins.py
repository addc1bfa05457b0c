"""Marks each start tag of a template with the file and line that it stands on, for the preview alone."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import escape

ATTRIBUTE: Final = "data-template"
# What is no HTML text: expressions, statements and comments of Jinja, comments of HTML.
_SKIPPED: Final = re.compile(
    r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->|<!|</|"
    r"<(?P<quiet>script|style|title|textarea|head|html|meta|link|base)\b|"
    r"<(?P<name>(?:[A-Za-z]|\{\{.*?\}\})(?:[\w:-]|\{\{.*?\}\})*)|"
    r"(?P<quote>[\"'])|>",
    re.DOTALL | re.IGNORECASE,
)


def mark(source: str, shown: str) -> str:
    """The template with an attribute ``data-template="FILE:LINE"`` in each start tag; its lines stay where they are.

    Args:
        source: the text of the template.
        shown: the name of its file, as people know it.
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
        if match["quiet"]:
            inside = True
            if match["quiet"].lower() in {"script", "style", "title", "textarea"}:
                text_until, inside = match["quiet"].lower(), False
        elif match["name"]:
            line = source.count("\n", 0, match.start()) + 1
            parts.append(source[at : match.end()])
            parts.append(f' {ATTRIBUTE}="{escape(shown)}:{line}"')
            at, inside, quote = match.end(), True, ""
    return "".join([*parts, source[at:]])
