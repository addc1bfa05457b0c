"""Tags of templates that are not closed as they were opened: ``{% if x }``, ``{{ x }``, ``{ { x }}``; all of a text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDS: Final = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENS: Final = re.compile(r"\{\{|\{%|\{#")
_INSIDE: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|[-+]?[}%#]\}|\}|\{\{|\{%|\{#|\{", re.DOTALL)
_WORDS: Final = (
    "if|elif|else|endif|for|endfor|set|endset|include|extends|block|endblock|macro|endmacro|import|from|call|endcall|"
    "with|endwith|filter|endfilter"
)
# What looks like a tag and is text: blanks between its signs, or one sign alone.
_APART: Final = re.compile(
    rf"""(?P<open>\{{[ ]+\{{|\{{[ ]+%)
    |(?P<word>\{{\s*(?:{_WORDS})\b[^{{}}\n]*%\}})
    |(?P<close>[}}%][ ]+\}}|\}}\}}|%\}})
    |(?P<bare><%|%>)""",
    re.VERBOSE,
)
_NO_TEXT: Final = re.compile(
    r"\{#.*?#\}|\{%-?\s*raw\b.*?endraw\s*-?%\}|<(style|script)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)


def unclosed(text: str) -> Iterator[tuple[int, str]]:
    """Line and message of each tag that does not end as it began.

    Args:
        text: a template.
    """
    at = 0
    while match := _OPENS.search(text, at):
        opens, line = match[0], text.count("\n", 0, match.start()) + 1
        end, message = _end_of(text, match.end(), opens)
        if message:
            yield line, message
        if raw := re.compile(r"\{%-?\s*raw\s*-?%\}").match(text, match.start()):
            found = re.compile(r"\{%-?\s*endraw").search(text, raw.end())
            end = found.start() if found else len(text)
        at = end


def _without_tags(text: str) -> str:
    """The text with blanks for its tags."""
    parts, at = [], 0
    while match := _OPENS.search(text, at):
        end, _ = _end_of(text, match.end(), match[0])
        parts += [text[at : match.start()], re.sub(r"[^\n]", " ", text[match.start() : end])]
        at = end
    return "".join([*parts, text[at:]])


def _end_of(text: str, start: int, opens: str) -> tuple[int, str]:
    """Where a tag ends, and what is wrong with its end."""
    closes = _ENDS[opens]
    if opens == "{#":
        end = text.find("#}", start)
        if end < 0:
            return len(text), "the comment that begins here is never closed; “#}” is missing"
        return end + 2, ""
    depth, at = 0, start  # braces of a dictionary
    while match := _INSIDE.search(text, at):
        sign, at = match[0], match.end()
        if sign[0] in "\"'":
            continue
        if sign == "{":
            depth += 1
        elif sign[0] == "}" and depth:
            depth, at = depth - 1, match.start() + 1
        elif sign.lstrip("-+") == closes:
            return at, ""
        else:
            shown = f"{opens} {' '.join(text[start : match.start()].split())[:40]}"
            if sign in _ENDS:
                return match.start(), f"“{shown}” is never closed; “{closes}” is missing before the next “{sign}”"
            return at, f"“{shown} {sign}” ends with “{sign}”; write “{closes}”"
    line = text[start:].split("\n", 1)[0]
    return start + len(line), f"“{opens}{line.rstrip()[:40]}” is never closed; “{closes}” is missing"


def printed(text: str) -> Iterator[tuple[int, str]]:
    """Line and message of each thing that looks like a tag and is printed as it is.

    Args:
        text: a template that can be parsed.
    """
    bare = _NO_TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    bare = _without_tags(bare)
    opened = 0  # the line on which the last one opens: what closes it says nothing more
    for match in _APART.finditer(bare):
        line = bare.count("\n", 0, match.start()) + 1
        if match["close"] and line == opened:
            continue
        opened = line if match["open"] else opened
        sign = "".join(match[0].split())[:2]
        if match["open"]:
            todo = f"write “{sign}” without a blank"
        elif match["word"]:
            todo = f"write “{{%{match[0][1:]}”"
        elif match["bare"]:
            todo = "tags begin with “{%” and end with “%}”"
        else:
            todo = f"look for the “{'{{' if sign == '}}' else '{%'}” that it should close"
        shown = match[0] if match["open"] or match["close"] else " ".join(match[0].split())[:40]
        yield line, f"“{shown}” is printed as it is; {todo}"
