"""Two outputs compared, and what differs between them as a signature that does not depend on the item.

Three degrees: identical (characters and their formats), the same text (characters), and lenient (letters and figures).
White space at the edges of an entry and of its blocks does not count, nor how a processor spells its tags.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from html import unescape
from typing import Any, Final

_TAG: Final = re.compile(r"<(/?)(\w+)([^<>]*)>")
# What citeproc-js prints where there is nothing to print.
_EMPTY: Final = ("[CSL STYLE ERROR: reference with no printed form.]", "[NO_PRINTED_FORM]")
_NAMED: Final = {"i": "i", "em": "i", "b": "b", "strong": "b", "sup": "sup", "sub": "sub", "u": "u"}
_STYLED: Final = (
    ("small-caps", "sc"),
    ("underline", "u"),
    ("font-style:italic", "i"),
    ("oblique", "oblique"),
    ("font-weight:bold", "b"),
    ("font-style:normal", "-i"),
    ("font-weight:normal", "-b"),
    ("font-variant:normal", "-sc"),
    ("text-decoration:none", "-u"),
    ("baseline", "-sup"),
)
_VOID: Final = "\x00"  # the edge of a block


def characters(html: str) -> list[tuple[str, frozenset[str]]]:
    """Each character of an output with the formats that hold for it."""
    out: list[tuple[str, frozenset[str]]] = []
    stack: list[tuple[str, frozenset[str], bool]] = []
    formats: frozenset[str] = frozenset()
    position = 0
    for words in _EMPTY:
        html = html.replace(words, "")
    while position < len(html):
        tag = _TAG.search(html, position)
        text = unescape(html[position : tag.start() if tag else len(html)])
        out += [(character, frozenset() if character.isspace() else formats) for character in text]
        if tag is None:
            break
        position = tag.end()
        closing, name, attributes = tag[1], tag[2].lower(), tag[3].replace(" ", "").lower()
        if closing:
            while stack:
                opened, formats, is_block = stack.pop()
                if is_block:
                    out.append((_VOID, frozenset()))
                if opened == name:
                    break
            continue
        stack.append((name, formats, name == "div"))
        if name == "div":
            out.append((_VOID, frozenset()))
        if name in _NAMED:
            formats |= {_NAMED[name]}
        for style, format_ in _STYLED:
            if style in attributes:
                formats = formats - {format_[1:]} if format_[0] == "-" else formats | {format_}
    return _trimmed(out)


def _trimmed(out: list[tuple[str, frozenset[str]]]) -> list[tuple[str, frozenset[str]]]:
    """Without white space at the edges of blocks, and without the edges."""
    kept: list[tuple[str, frozenset[str]]] = []
    at_edge = True
    for pair in out:
        if pair[0] == _VOID:
            while kept and kept[-1][0] in " \n\t":
                kept.pop()
            at_edge = True
        elif pair[0] not in " \n\t" or not at_edge:
            kept.append(pair)
            at_edge = False
    while kept and kept[-1][0] in " \n\t":
        kept.pop()
    return kept


def text_of(html: str) -> str:
    """The characters of an output."""
    return "".join([character for character, _ in characters(html)])


IDENTICAL, SAME_TEXT, LENIENT, DIFFERENT = range(4)


def degree(ours: str, theirs: str) -> int:
    """How alike two outputs are."""
    if ours == theirs:
        return IDENTICAL
    one, two = characters(ours), characters(theirs)
    if one == two:
        return IDENTICAL
    first, second = "".join([c for c, _ in one]), "".join([c for c, _ in two])
    if first == second:
        return SAME_TEXT
    return LENIENT if _letters(first) == _letters(second) else DIFFERENT


def _letters(text: str) -> str:
    return "".join([character for character in text.casefold() if character.isalnum()])


_TOKEN: Final = re.compile(r"[^\W\d_]+|\d+|\s|.", re.DOTALL)


def kinds(ours: str, theirs: str, item: Any = None) -> list[str]:  # noqa: ANN401 – any JSON
    """What differs, one signature for each place: our tokens and the other's, with words named by their variable."""
    one, two = _TOKEN.findall(text_of(ours)), _TOKEN.findall(text_of(theirs))
    sources = _sources(item)
    found = []
    for what, start, end, from_, to in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        before = _named(one[start - 1], sources) if start else "^"
        after = _named(one[end], sources) if end < len(one) else "$"
        mine, other = _row(one[start:end], sources), _row(two[from_:to], sources)
        found.append(f"{before}[{mine}|{other}]{after}")
    return list(dict.fromkeys(found))


def _row(tokens: list[str], sources: dict[str, str]) -> str:
    row: list[str] = []
    for token in tokens:
        name = _named(token, sources)
        if row[-1:] == [name] and name[:1] == "{":
            continue
        if name[:1] == "{" and row[-2:] == [name, " "]:
            row.pop()
            continue
        row.append(name)
    return "".join(row)


def _named(token: str, sources: dict[str, str]) -> str:
    if token.isalpha():
        source = sources.get(token.casefold())
        if source is None:
            return "{X}" if len(token) == 1 and token.isupper() else token
        case = "" if source[0] == "\x00" or token in source else "~"
        return "{" + source.split("\x00")[0] + case + "}" if source else token
    return "0" if token.isdigit() else token


def _sources(item: Any) -> dict[str, str]:  # noqa: ANN401 – any JSON
    """The words of an item, and the variable that each comes from."""
    found: dict[str, str] = {}

    def walk(name: str, value: Any) -> None:  # noqa: ANN401
        if isinstance(value, dict):
            for key, part in value.items():
                walk(f"{name}.{key}" if name in found.values() or key in _NAME_PARTS else name, part)
        elif isinstance(value, list):
            for part in value:
                walk(name, part)
        elif isinstance(value, str):
            for word in _TOKEN.findall(value):
                if word.isalpha():
                    found.setdefault(word.casefold(), f"{name}\x00{value}")

    for one in item if isinstance(item, list) else [item]:
        for key, value in (one or {}).items():
            if key not in {"id", "type", "language"}:
                walk("names" if isinstance(value, list) else key, value)
    return found


_NAME_PARTS: Final = {"family", "given", "suffix", "dropping-particle", "non-dropping-particle", "literal"}
