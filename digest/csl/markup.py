"""The rich text that a CSL-JSON string may carry, read into a draft.

Understood are ``<i> <b> <sup> <sub> <sc>``, ``<span style="font-variant: small-caps;">``, ``<span class="nocase">``,
``<span class="nodecor">`` and quotation marks, straight or curly. Everything else, ``<script>`` and tags without their
partner included, is text. Quotation marks become quotations (so that they can turn inner and take the locale's form);
a single one without partner is an apostrophe, a double one stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from digest.csl.draft import Draft, Protected, Quoted, Styled, Typed, Undecorated, Verbatim

_SPECIAL: Final = re.compile(r"[<\"'“”‘’„]")
# A blank before these signs, as French types it, is narrow and does not break (citeproc-js, for any language).
_FRENCH: Final = re.compile(r" (?=[:;?!»])|(?<=«) ")
_TOKEN: Final = re.compile(
    r"""<(?:(?P<open>i|b|sup|sub|sc)|(?P<close>/(?:i|b|sup|sub|sc|span))|span\s+(?P<span>[^<>]*))>|(?P<quote>["'“”‘’„])"""
)
_SPANS: Final = (
    (re.compile(r"""^style\s*=?\s*["']\s*font-variant:\s*small-caps;?\s*["']$"""), "sc"),
    (re.compile(r"""^class\s*=\s*["']nocase["']$"""), "nocase"),
    (re.compile(r"""^class\s*=\s*["']nodecor["']$"""), "nodecor"),
)
_FORMATS: Final = {
    "i": ("font-style", "italic"),
    "b": ("font-weight", "bold"),
    "sup": ("vertical-align", "sup"),
    "sub": ("vertical-align", "sub"),
    "sc": ("font-variant", "small-caps"),
}
_CLOSING: Final = {'"': '"', "'": "'", "”": "“", "’": "‘", "“": "„"}
_OPENING: Final = frozenset("\"'“‘„")
_DEEPEST: Final = 24  # more formats and quotations inside each other are not typography but an attack
# Behind these a quotation can begin though they are not white space.
_OPENERS: Final = frozenset('([{<-–—/“"\u2060')


# Characters that no notation may carry: controls but tab and line breaks, lone surrogates, non-characters (XML 1.0).
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """The text without characters that cannot be printed or written as UTF-8."""
    return text if text.isprintable() else _UNPRINTABLE.sub("", text)


class _Level:
    """What has been read since something opened: the sign or tag, its source, and the pieces so far."""

    __slots__ = ("kind", "pieces", "source")

    def __init__(self, kind: str, source: str) -> None:
        self.kind, self.source = kind, source
        self.pieces: list[Draft] = []


@lru_cache(maxsize=8192)
def rich(text: str) -> Draft:
    """The draft of a string of an item, style or cite; the string itself where nothing in it is special."""
    text = clean(text)
    if " " in text:
        text = _FRENCH.sub("\N{NARROW NO-BREAK SPACE}", text)
    if not _SPECIAL.search(text):
        return text
    levels = [_Level("", "")]
    end = 0
    for token in _TOKEN.finditer(text):
        if token.start() > end:
            levels[-1].pieces.append(text[end : token.start()])
        end = token.end()
        if token["quote"]:
            _quote(token["quote"], text, token.start(), levels)
        elif token["close"]:
            _close_tag(token[0], token["close"][1:], levels)
        elif len(levels) > _DEEPEST:
            levels[-1].pieces.append(token[0])
        else:
            kind = token["open"] or next(
                (kind for pattern, kind in _SPANS if pattern.match(token["span"].strip())), "span"
            )
            levels.append(_Level(kind, token[0]))
    levels[-1].pieces.append(text[end:])
    while len(levels) > 1:
        _give_up(levels)
    pieces = levels[0].pieces
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(str(piece) for piece in pieces)
    return Verbatim(pieces)


def _give_up(levels: list[_Level]) -> None:
    """What opened last has no partner: it is text."""
    level = levels.pop()
    levels[-1].pieces += ["’" if level.source in "'‘" else level.source, *level.pieces]


def _close(levels: list[_Level], depth: int) -> list[Draft]:
    while len(levels) - 1 > depth:
        _give_up(levels)
    return levels.pop().pieces


def _close_tag(source: str, name: str, levels: list[_Level]) -> None:
    for depth in range(len(levels) - 1, 0, -1):
        kind = levels[depth].kind
        if kind == name or (
            name == "span" and kind in {"sc", "nocase", "nodecor", "span"} and levels[depth].source != "<sc>"
        ):
            break
    else:
        levels[-1].pieces.append(source)
        return
    opened = levels[depth].source
    pieces = _close(levels, depth)
    into = levels[-1].pieces
    if kind == "span":  # a span of another kind is not markup of CSL-JSON: both its tags are text
        into += [opened, *pieces, source]
    elif kind == "nocase":
        into.append(Protected(pieces))
    elif kind == "nodecor":
        into.append(Undecorated(pieces))
    else:
        into.append(Styled(pieces, *_FORMATS[kind], flips=True))


def _quote(sign: str, text: str, at: int, levels: list[_Level]) -> None:
    before = _neighbour(text, at, -1)
    after = _neighbour(text, at + 1, 1)
    if not (sign in "'’" and before.isalnum() and after.isalnum()):  # not the apostrophe of `l'État`
        opening = _CLOSING.get(sign)
        if opening and before and not before.isspace():
            for depth in range(len(levels) - 1, 0, -1):
                if levels[depth].kind == opening and (depth < len(levels) - 1 or any(levels[depth].pieces)):
                    pieces = _close(levels, depth)
                    levels[-1].pieces.append(Quoted(pieces) if sign in "\"'" else Typed(pieces, (opening, sign)))
                    return
                if levels[depth].kind not in _OPENING:
                    break
        if (
            len(levels) <= _DEEPEST
            and sign in _OPENING
            and (not before or before.isspace() or before in _OPENERS or sign in "“„")
            and after
            and not after.isspace()
        ):
            levels.append(_Level(sign, sign))
            return
    levels[-1].pieces.append("’" if sign == "'" else sign)


def _neighbour(text: str, at: int, step: int) -> str:
    """The next character in this direction that is not part of a tag; empty at the end."""
    while True:
        if step < 0:
            if (
                at > 0
                and text[at - 1] == ">"
                and (tag := text.rfind("<", max(0, at - 80), at)) >= 0
                and _TOKEN.fullmatch(text, tag, at)
            ):
                at = tag
                continue
            return text[at - 1 : at]
        if at < len(text) and text[at] == "<" and (found := _TOKEN.match(text, at)):
            at = found.end()
            continue
        return text[at : at + 1]
