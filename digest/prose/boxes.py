"""Pull quotes, boxes and side notes: what is between a line ``::: quote``, ``::: box`` or ``::: aside`` and ``:::``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

KINDS: Final = {"quote": "pull quote", "box": "box", "aside": "side note"}
_OPENS: Final = re.compile(r":{3,}\s*([A-Za-z][\w-]*)(?:\s+(.*))?")
_ANY: Final = re.compile(r":{3,}\s*\S.*")
_ENDS: Final = re.compile(r":{3,}")
_CODE: Final = re.compile(r"(`{3,}|~{3,})")
_WIDTH: Final = re.compile(r"(?:^|\s+)\{(\w+)\}$")
_DASH: Final = re.compile(r"^(?:---?|[–—])\s*")


def rule(report: Callable[[StateBlock, int, str, bool], None]) -> Callable[[StateBlock, int, int, bool], bool]:
    """The rule of the parser; other names than `KINDS` stay text, which is reported as a notation that is not ours.

    Args:
        report: takes what is wrong: the line, counted from 0, a message, and whether it is an error.
    """

    def read(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        match = None if state.is_code_block(start) else _OPENS.fullmatch(line_at(state, start))
        if match is None or match[1] not in KINDS:
            return False
        if silent:
            return True
        kind, last = match[1], _end(state, start, end)
        noun = KINDS[kind]
        if state.level:
            report(state, start, f"a {noun} is not part of a list, a quotation or a box; write it after that", True)
        if last is None:
            report(state, start, f"the {noun} that begins here has no end; write ::: in a line after it", True)
        inside = range(start + 1, end if last is None else last)
        if all(map(state.isEmpty, inside)):
            report(state, start, f"this {noun} is empty", True)
        title, wide = _taken_width(match[2] or "", lambda message: report(state, start, message, False), kind)
        opened = state.push("box_open", "aside", 1)
        opened.map, opened.meta = [start, inside.stop + 1], {"kind": kind, "wide": wide, "title": bool(title)}
        if title and kind != "quote":
            _push_title(state, "box_title", title, start)
        parent, most = state.parentType, state.lineMax
        state.parentType, state.lineMax = "box", inside.stop
        state.md.block.tokenize(state, start + 1, inside.stop)
        state.parentType, state.lineMax = parent, most
        if title and kind == "quote":
            _push_title(state, "box_by", _DASH.sub("", title), start)
        state.push("box_close", "aside", -1).meta = opened.meta
        state.line = min(inside.stop + 1, end)
        return True

    return read


def line_at(state: StateBlock, n: int) -> str:
    """A line of what is being parsed, without the blanks around it."""
    return state.src[state.bMarks[n] + state.tShift[n] : state.eMarks[n]].rstrip()


def _end(state: StateBlock, start: int, end: int) -> int | None:
    """The line that closes what begins on a line; nothing where none does."""
    depth, code = 0, ""
    for n in range(start + 1, end):
        line = line_at(state, n)
        if line and state.sCount[n] < state.blkIndent:
            return None
        if fence := _CODE.match(line):
            code = "" if code and line.startswith(code) else code or fence[1]
        elif not code and _ENDS.fullmatch(line):
            if not depth:
                return n
            depth -= 1
        elif not code and _ANY.fullmatch(line):
            depth += 1
    return None


def _taken_width(title: str, warn: Callable[[str], None], kind: str) -> tuple[str, bool]:
    """The title without the width in braces at its end, and whether all columns are asked for."""
    match = _WIDTH.search(title)
    if match is None:
        return title, False
    if kind == "aside" or match[1] not in {"page", "column"}:
        known = "a side note has no width" if kind == "aside" else "the width is {column} or {page}"
        warn(f"“{{{match[1]}}}” is printed as it is; {known}")
        return title, False
    return title[: match.start()], match[1] == "page"


def _push_title(state: StateBlock, name: str, title: str, line: int) -> None:
    state.push(f"{name}_open", "p", 1).map = [line, line + 1]
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = title, [line, line + 1], []
    state.push(f"{name}_close", "p", -1)


def inside_of(tokens: Sequence[Token]) -> Iterator[bool]:
    """For each token whether it is inside of a box."""
    depth = 0
    for token in tokens:
        depth += token.nesting * (token.type in {"box_open", "box_close"})
        yield depth > 0


def mark_repeated(tokens: Sequence[Token]) -> None:
    """Marks the pull quotes whose words are in the text around them as well: who listens need not hear them twice."""
    quotes: list[tuple[Token, list[Token]]] = []
    around: list[Token] = []
    inside: list[Token] | None = None
    for n, token in enumerate(tokens):
        if token.type == "box_open" and token.meta["kind"] == "quote":
            inside = []
            quotes.append((token, inside))
        elif token.type == "box_close":
            inside = None
        elif token.type == "inline" and tokens[n - 1].type != "box_by_open":
            (around if inside is None else inside).append(token)
    whole = _letters(around)
    for opened, said in quotes:
        kinds = {child.type for token in said for child in token.children or ()}
        leads = not kinds.isdisjoint({"citation", "link_open", "note_call"})
        parts = [part for part in _letters(said).split("…") if part]
        opened.meta["repeated"] = bool(parts) and not leads and all(part in whole for part in parts)


def _letters(tokens: Sequence[Token]) -> str:
    """The letters and digits of texts, and the dots that leave something out."""
    texts = (child.content for token in tokens for child in token.children or () if child.type == "text")
    return "".join(char for char in " ".join(texts).casefold() if char.isalnum() or char == "…")


def start_of(token: Token, anchor: str) -> str:
    """The start tag of what begins at a token.

    Args:
        token: one of the kind ``box_open``.
        anchor: the id of its title.
    """
    wide = " wide" if token.meta["wide"] else ""
    if token.meta["kind"] == "quote":
        hidden = ' aria-hidden="true"' if token.meta.get("repeated") else ""
        return f'<blockquote class="pull-quote{wide}"{hidden}>\n'
    name = "box" if token.meta["kind"] == "box" else "side-note"
    named = f' aria-labelledby="{anchor}"' if token.meta["title"] else ""
    return f'<aside class="{name}{wide}" role="note"{named}>\n'


def end_of(token: Token) -> str:
    """The end tag of what ends at a token of the kind ``box_close``."""
    return "</blockquote>\n" if token.meta["kind"] == "quote" else "</aside>\n"
