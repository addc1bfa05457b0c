"""Text becomes tokens: markdown-it with plugins, and our own rules for citations, formulas, figures, notes, boxes."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markdown_it import MarkdownIt
from markdown_it.rules_block.table import escapedSplit
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_ref
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from digest import maths, tabular, typed
from digest.prose import boxes, foreign
from digest.text import TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline

_CITE: Final = re.compile(
    r"(?P<before>(?:[^@]*\s)?)(?P<minus>-?)@(?P<key>[A-Za-z0-9](?:[\w.:/+-]*\w)?)(?P<after>[^@]*)"
)
_LOCATOR: Final = re.compile(
    r",\s*(?:(?P<label>pp?|pages?|fig|figure|table|ch|chap|chapter|sec|section|vol|volume)\.? )?"
    r"\s*(?P<locator>\d[\w.–-]*(?:,? \d[\w.–-]*)*)"
)
# What somebody meant as a citation: “@” at the beginning of a word, directly inside the brackets.
_MEANT: Final = re.compile(r"(?:^|[;\s])-?@")
# pandoc's abbreviations of CSL's locator terms (CSL 1.0.2, appendix III).
_LABELS: Final = {
    "p": "page",
    "pp": "page",
    "pages": "page",
    "fig": "figure",
    "ch": "chapter",
    "chap": "chapter",
    "sec": "section",
    "vol": "volume",
}
_LONGEST_FORMULA: Final = 5000
_TAG: Final = re.compile(rf"</?(?:{'|'.join(TAGS)})>")
# pandoc's manual, “superscript” and “subscript”: no blank inside that is not escaped.
_SCRIPT: Final = re.compile(r"([~^])((?:\\[ -/:-@\[-`{-~]|[^\s~^\\\[\]]){1,40})\1(?!\1)")
# A label with “^” is none: “[^18^F]FDG” begins with a superscript.
_NOTE_CALL: Final = re.compile(r"\[\^[^\s\[\]^]+\]")
_TASK: Final = re.compile(r"\[([ xX])\]\s+(?=\S)")
_BOXES: Final = {" ": "☐", "x": "☑"}


class Cite(msgspec.Struct, frozen=True, kw_only=True):
    """One reference inside a citation.

    Attributes:
        key: what is cited.
        prefix: text before it, such as ``see``.
        locator: place inside it, such as ``33-35``.
        label: CSL's term of the locator, such as ``page``.
        suffix: text after it.
        suppress_author: the text names the author already (``-@key``).
    """

    key: str
    prefix: str = ""
    locator: str = ""
    label: str = ""
    suffix: str = ""
    suppress_author: bool = False


class Finding(msgspec.Struct, frozen=True):
    """What a rule of the parser found wrong.

    Attributes:
        line: its line in the text, counted from 0.
        code: the code of the problem.
        message: its message.
        is_error: whether the text cannot be printed so.
    """

    line: int
    code: str
    message: str
    is_error: bool = False


def tokens_of(text: str, marks: typed.Marks | None) -> tuple[list[Token], list[Finding]]:
    """The tokens of a text, with our own kinds, and what the rules found wrong in it.

    Quotes, dashes and the like are as `marks` has them; without these they stay as they were typed.

    Our kinds are ``citation``, ``bad_citation``, ``formula``, ``figure``, ``markup`` and ``note_call``, around the
    notes at the end ``notes_open``, ``note_open``, ``note_close`` and ``notes_close``, and those of
    `digest.prose.boxes`.
    """
    env: dict[str, Any] = {"findings": [], "marks": marks}
    tokens = _PARSER.parse(text, env)
    return tokens, env["findings"]


def lines_of(children: Sequence[Token] | None, line: int) -> Iterator[tuple[Token, int]]:
    """Each part of a paragraph with its line, where the first is in `line`."""
    for child in children or ():
        yield child, line
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        elif child.type != "text":
            line += child.content.count("\n")


# -- within a line -----------------------------------------------------------------------------------------------------


def _citation_rule(state: StateInline, silent: bool) -> bool:
    """``[@key]`` and its like; what looks like one and is not is reported; other brackets are left to links."""
    if state.src[state.pos] != "[":
        return False
    end = state.src.find("]", state.pos)
    inner = state.src[state.pos + 1 : end] if end >= 0 else state.src[state.pos + 1 :]
    if not _MEANT.search(inner) or (end >= 0 and ("[" in inner or state.src[end + 1 : end + 2] == "(")):
        return False
    if end < 0 and not inner.startswith(("@", "-@")):
        return False
    cites = [_cite(part) for part in inner.split(";")] if end >= 0 else [None]
    if not silent:
        token = state.push("bad_citation" if None in cites else "citation", "", 0)
        token.content = inner
        token.meta = {"cites": cites}
    state.pos = end + 1 if end >= 0 else state.posMax
    return True


def _cite(part: str) -> Cite | None:
    match = _CITE.fullmatch(part)
    if not match:
        return None
    after, locator, label = match["after"], "", ""
    if found := _LOCATOR.match(after):
        word = found["label"] or "page"
        locator, label, after = found["locator"], _LABELS.get(word, word), after[found.end() :]
    prefix = match["before"].strip()
    return Cite(
        key=match["key"],
        prefix=f"{prefix} " if prefix else "",
        locator=locator,
        label=label,
        suffix=after.strip(),
        suppress_author=bool(match["minus"]),
    )


def _formula_rule(state: StateInline, silent: bool) -> bool:
    """``$x^2$`` and ``$$x^2$$``; sums of money are left alone."""
    start = state.pos
    if state.src[start] != "$":
        return False
    place = next(maths.places(state.src[: start + _LONGEST_FORMULA], start), None)
    if place is None or place.start != start:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = state.src[start : place.end]
        try:
            formula = maths.read(place.tex)
            token.meta = {"why": "", "html": maths.display(formula) if place.display else formula.mathml}
        except ValueError as error:
            token.meta = {"why": str(error), "html": html.escape(token.content)}
    state.pos = place.end
    return True


def _markup_rule(state: StateInline, silent: bool) -> bool:
    """One of our own tags; other HTML goes on to markdown-it's rule, and is reported."""
    match = _TAG.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        token = state.push("markup", "", 0)
        token.content = match[0]
    state.pos = match.end()
    return True


def _script_rule(state: StateInline, silent: bool) -> bool:
    """``H~2~O`` and ``x^2^``; “about” (``~5``), ranges (``5~10``) and powers without an end (``x^2+y^2``) are none."""
    match = _SCRIPT.match(state.src, state.pos, state.posMax)
    if not match:
        return False
    before, after = state.src[: state.pos][-1:], state.src[match.end() : match.end() + 1]
    if match[1] == before or (match[1] == "~" and not re.match(r"[^\W_]|[)\]}^]", before)):
        return False
    if before.isalnum() and (after.isdigit() or (after.isalpha() and not re.fullmatch(r"[-+−]?\w+[-+−]?", match[2]))):
        return False
    if not silent:
        tag = "sub" if match[1] == "~" else "sup"
        state.push("markup", "", 0).content = f"<{tag}>"
        state.push("text", "", 0).content = re.sub(r"\\(.)", r"\1", match[2])
        state.push("markup", "", 0).content = f"</{tag}>"
    state.pos = match.end()
    return True


def _note_call_rule(state: StateInline, silent: bool) -> bool:
    """``[^1]``, whether or not the note is defined."""
    if not _NOTE_CALL.match(state.src, state.pos):
        return False
    return footnote_ref(state, silent, always_match=True)


# -- blocks ------------------------------------------------------------------------------------------------------------


def _display_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Lines from ``$$`` to ``$$``, whose signs would otherwise begin lists and headings."""
    if state.is_code_block(start) or not boxes.line_at(state, start).startswith("$$"):
        return False
    first = boxes.line_at(state, start)
    last = start
    if len(first) < 5 or not first.endswith("$$"):
        last = next((n for n in range(start + 1, end) if boxes.line_at(state, n).endswith("$$")), end)
    if last >= end or any(state.isEmpty(n) for n in range(start, last)):
        return False
    if silent:
        return True
    state.line = last + 1
    state.push("paragraph_open", "p", 1).map = [start, last + 1]
    inline = state.push("inline", "", 0)
    inline.content = "\n".join(boxes.line_at(state, n) for n in range(start, last + 1))
    inline.map = [start, last + 1]
    inline.children = []
    state.push("paragraph_close", "p", -1)
    return True


def _odd_box(state: StateBlock, line: int, message: str, is_error: bool) -> None:
    state.env["findings"].append(Finding(line, "box", message, is_error))


def _only_colons(definitions: Callable[..., bool]) -> Callable[..., bool]:
    """A rule for lists of definitions that leaves lines with ``~ 5 mg`` alone, which is “about 5 mg”."""

    def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        following = next((n for n in range(start + 1, end) if not state.isEmpty(n)), start)
        return not boxes.line_at(state, following).startswith("~") and definitions(state, start, end, silent)

    return rule


def _notes(state: StateCore) -> None:
    """Takes definitions of footnotes out of the text, numbers the calls, and puts what is called at the end."""
    findings: list[Finding] = state.env["findings"]
    body, definitions = _without_definitions(state.tokens, findings)
    typed_inside = state.env.get("footnotes", {}).get("list", {})  # the tokens of each ^[…]
    notes: dict[str, _Note] = {}
    at_foot = True
    for n, (token, boxed) in enumerate(zip(body, boxes.inside_of(body), strict=True)):
        for child, line in lines_of(token.children, _first_line(token)) if token.type == "inline" else ():
            if child.type != "footnote_ref":
                continue
            label = child.meta.get("label", "")
            key = label or f" {child.meta['id']}"
            if key not in notes and not label:
                notes[key] = _Note(len(notes) + 1, _one_paragraph(typed_inside[child.meta["id"]]["tokens"], line))
            elif key not in notes and label in definitions:
                notes[key] = _Note(len(notes) + 1, definitions[label][1])
            elif key not in notes:
                findings.append(Finding(line, "footnote", _NO_TEXT.format(label=label), is_error=True))
                continue
            notes[key].calls += 1
            at_foot = at_foot and body[n - 1].type == "paragraph_open" and not boxed
            child.type, child.meta = "note_call", {"number": notes[key].number, "call": notes[key].calls}
    for label, (line, _) in definitions.items():
        if label not in notes:
            findings.append(Finding(line, "footnote", _NO_CALL.format(label=label)))
    for token in (token for note in notes.values() for token in note.tokens if token.type == "inline"):
        for child, line in lines_of(token.children, _first_line(token)):
            if child.type == "footnote_ref":
                findings.append(
                    Finding(line, "footnote", "a footnote calls another one; write it into one", is_error=True)
                )
    at_foot = at_foot and all([token.type for token in note.tokens] == _PARAGRAPH for note in notes.values())
    state.tokens = body
    if notes:
        state.tokens.append(Token("notes_open", "div", 1, meta={"at_foot": at_foot}))
        for note in notes.values():
            meta = {"number": note.number, "calls": note.calls}
            state.tokens += [
                Token("note_open", "li", 1, meta=meta),
                *note.tokens,
                Token("note_close", "li", -1, meta=meta),
            ]
        state.tokens.append(Token("notes_close", "div", -1))


_NO_TEXT: Final = (
    "the footnote [^{label}] has no text; write it in a paragraph of its own, as “[^{label}]: …” "
    "(a raised “{label}” is <sup>{label}</sup>)"
)
_NO_CALL: Final = (
    "nothing in the text calls the footnote [^{label}], which is not printed; write [^{label}] where it belongs"
)
_PARAGRAPH: Final = ["paragraph_open", "inline", "paragraph_close"]


class _Note:
    __slots__ = ("calls", "number", "tokens")

    def __init__(self, number: int, tokens: list[Token]) -> None:
        self.number, self.tokens, self.calls = number, tokens, 0


def _without_definitions(
    tokens: Sequence[Token], findings: list[Finding]
) -> tuple[list[Token], dict[str, tuple[int, list[Token]]]]:
    """The text without definitions of footnotes; and these by their labels, each with its line and its tokens."""
    body: list[Token] = []
    definitions: dict[str, tuple[int, list[Token]]] = {}
    open_ones: list[list[Token]] = [body]
    for token in tokens:
        if token.type == "footnote_reference_open":
            label, line, inner = token.meta["label"], _first_line(token), list[Token]()
            if label in definitions:
                message = f"the footnote [^{label}] has a text already; only the first would be printed"
                findings.append(Finding(line, "footnote", message, is_error=True))
            definitions.setdefault(label, (line, inner))
            open_ones.append(inner)
        elif token.type == "footnote_reference_close":
            open_ones.pop()
        else:
            open_ones[-1].append(token)
    return body, definitions


def _one_paragraph(children: list[Token], line: int) -> list[Token]:
    place = [line, line + 1]
    inline = Token("inline", "", 0, children=children, map=place)
    return [
        Token("paragraph_open", "p", 1, map=place, block=True),
        inline,
        Token("paragraph_close", "p", -1, block=True),
    ]


def _first_line(token: Token) -> int:
    return (token.map or [0])[0]


def _own_blocks(state: StateCore) -> None:
    """Figures, captions and notes of tables, boxes of tasks, and numbers of lists as they were typed."""
    tokens = state.tokens
    for n, token in enumerate(tokens):
        if token.type == "ordered_list_open":
            _keep_numbers(tokens, n)
        if token.type != "inline" or tokens[n - 1].type != "paragraph_open":
            continue
        children = token.children or []
        if len(children) == 1 and children[0].type == "image" and not children[0].content:
            figure = Token("figure", "", 0, content=str(children[0].attrs["src"]))
            tokens[n - 1].hidden = tokens[n + 1].hidden = True
            token.children = [figure]
        elif tokens[n - 2].type == "list_item_open" and children and (box := _TASK.match(children[0].content)):
            children[0].content = f"{_BOXES[box[1].lower()]}\u00a0{children[0].content[box.end() :]}"
            tokens[n - 2].attrSet("class", "task")
    tabular.mark(tokens)
    boxes.mark_repeated(tokens)


def _keep_numbers(tokens: Sequence[Token], start: int) -> None:
    """Gives items their numbers where these do not just go up; who writes ``1. 1. 1.`` lets them be counted.

    WeasyPrint 70 knows neither ``start`` nor ``value``, so these items have a style as well.
    """
    items: list[Token] = []
    for token in tokens[start + 1 :]:
        if token.type == "ordered_list_close" and token.level == tokens[start].level:
            break
        if token.type == "list_item_open" and token.level == tokens[start].level + 1:
            items.append(token)
    numbers = [int(item.info) for item in items]
    counted = len(set(numbers)) == 1
    for n, (item, number) in enumerate(zip(items, numbers, strict=True)):
        before = numbers[n - 1] if n else 0
        if number != before + 1 and not (counted and n):
            item.attrSet("value", str(number))
            item.attrSet("style", f"counter-increment:list-item {number - before}")


def _whole_tables(state: StateCore) -> None:
    """Reports cells that have no column: markdown-it leaves them out, as GitHub does."""
    lines = state.src.split("\n")
    columns = 0
    for token in state.tokens:
        if token.type == "table_open":
            columns = 0
        columns += token.type == "th_open"
        if token.type != "tr_open" or not token.map:
            continue
        typed = re.sub(r"^[>\s]*\|?", "", lines[token.map[0]].rstrip())
        cells = escapedSplit(typed.removesuffix("|") if not typed.endswith("\\|") else typed)
        if columns and len(cells) > columns:
            message = (
                f"this row has {len(cells)} cells and the table {columns} columns; “{cells[columns].strip()[:40]}” "
                "would be left out (a stroke inside of a cell is \\|)"
            )
            state.env["findings"].append(Finding(token.map[0], "table", message, is_error=True))


def _foreign(state: StateCore) -> None:
    """Reports notations that are not ours, before escaped signs are joined with those that were typed."""
    found = [*foreign.found(state.tokens, state.src)]
    for label, defined in state.env.get("references", {}).items():
        if not re.search(rf"\[\s*{re.escape(label)}\s*\](?!:)", state.src, re.IGNORECASE):
            message = f"no link has the words [{label.lower()}], for which this line is an address; it is not printed"
            found.append((defined["map"][0], message))
    state.env["findings"] += [Finding(line, foreign.CODE, message) for line, message in found]


def _typed(state: StateCore) -> None:
    """Texts as they are printed; what is escaped is still apart from them here, and stays as it is."""
    if state.env.get("marks") is None:
        return
    for token in state.tokens:
        unseen = ("markup", "_open", "_close")
        children = [child for child in token.children or () if not child.type.endswith(unseen)]
        shown = [
            child.content if child.type == "text" else " " if child.type.endswith("break") else typed.OTHER
            for child in children
        ]
        for child, new in zip(children, typed.printed(shown, state.env["marks"]), strict=True):
            if child.type == "text":
                child.content = new


def _make() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).disable("html_block")
    deflist_plugin(md)
    definitions = next(rule for rule in md.block.ruler.getRules("") if rule.__name__ == "deflist")
    md.block.ruler.at("deflist", _only_colons(definitions), {"alt": ["paragraph", "reference", "blockquote"]})
    footnote_plugin(md, move_to_end=False)
    gfm_autolink_plugin(md)
    md.inline.ruler.at("footnote_ref", _note_call_rule)
    md.inline.ruler.before("link", "citation", _citation_rule)
    md.inline.ruler.before("html_inline", "markup", _markup_rule)
    md.inline.ruler.before("emphasis", "formula", _formula_rule)
    md.inline.ruler.after("footnote_inline", "script", _script_rule)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("fence", "display", _display_rule, {"alt": interrupts})
    md.block.ruler.before("fence", "box", boxes.rule(_odd_box), {"alt": interrupts})
    md.core.ruler.after("inline", "notes", _notes)
    md.core.ruler.after("notes", "foreign", _foreign)
    md.core.ruler.after("foreign", "whole_tables", _whole_tables)
    md.core.ruler.before("text_join", "typed", _typed)
    md.core.ruler.push("own_blocks", _own_blocks)
    return md


_PARSER: Final = _make()
