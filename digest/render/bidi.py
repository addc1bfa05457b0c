"""What runs from left to right inside of a text from right to left is set apart, so that its parts keep their order.

Unicode's rules for both directions (UAX #9) go by the letters next to a sign: after Arabic letters ``-5`` is printed as
``5-``, ``0.61-0.89`` as ``0.89-0.61``; and what is in an element of its own, as the number in ``CO2``, changes sides
in WeasyPrint. Numbers with their signs and units, formulas, names and titles in other scripts are therefore isolated,
as UAX #9, section 6.5 asks for: by ``<bdi>`` in HTML, by U+2066 and U+2069 in plain text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_RTL: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff"
_HAS_RTL: Final = re.compile(f"[{_RTL}]")
_COMPARED: Final = "\u00b1~\u2248\u2243\u2245=<>\u2264\u2265\u226a\u226b"  # a blank may follow these
_SIGNS: Final = "-+\u2212#$\u20ac\u00a3\u00a5"
_SPACE: Final = "[ \u00a0\u202f\u2009\u2060]"
# From a sign or the point of a number to the last letter, number or sign after a number, over anything but letters that
# run from right to left.
_RUN: Final = re.compile(
    rf"(?:[{_COMPARED}]{_SPACE}?|(?<!\w)[{_SIGNS}])?(?:[.,](?=\d))?[^\W{_RTL}](?:[^{_RTL}\n]*[^\W{_RTL}])?[%\u2030\u00b0\u2032\u2033+\u2212\u2122\u00ae]*"
)
_ASIDE: Final = re.compile(r"(?P<number>[^\s()\[\]A-Za-z]+)\s+[(\[]")
_DAY_AFTER: Final = re.compile(r"[.;\u00b7]\s+\d[\d\s\u2013-]*$")
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
_PIECE: Final = re.compile(
    r"<(?P<raw>style|script|title|svg|math|textarea)\b.*?</(?P=raw)\s*>|<!--.*?-->|<!\[.*?\]>|<![^>]*>"
    r"|<(?P<close>/)?(?P<tag>[A-Za-z][\w-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>|(?P<text>[^<]+|<)",
    re.DOTALL | re.IGNORECASE,
)
_DIR: Final = re.compile(r"\sdir=\"(ltr|rtl|auto)\"", re.IGNORECASE)
_LINES: Final = re.compile(r"(\sdata-(?:running-head|running-foot|track)=\")([^\"]+)(\")")
_INLINE: Final = frozenset("a abbr b bdi cite code em i mark q s small span strong sub sup time u var".split())
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
_UNIT: Final = re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|\w+);|.", re.DOTALL)
LRI, RLM, FSI, PDI = "\u2066", "\u200f", "\u2068", "\u2069"


def runs(text: str) -> Iterator[tuple[int, int]]:
    """Where in a text from right to left something runs the other way: begin and end of each.

    >>> text = "النسبة 58% (p = .05) و HR 0.74."
    >>> [text[begin:end] for begin, end in runs(text)]
    ['58%', 'p = .05', 'HR 0.74']
    """
    at = 0
    while match := _RUN.search(text, at):
        begin, end = match.span()
        if aside := _ASIDE.match(text, begin, end):  # a number and what is said of it are two
            end = aside.end("number")
        if after := _DAY_AFTER.search(text, begin, end):  # it belongs to the words after it
            end = after.start() + (after[0][0] == ".")
        end = _balanced(text, begin, end)
        yield begin, end
        at = max(end, begin + 1)


def _balanced(text: str, begin: int, end: int) -> int:
    """The end of a run in which each bracket has its partner: moved after the partner, or before the bracket."""
    open_ones: list[int] = []
    for at in range(begin, end):
        if text[at] in "([{":
            open_ones.append(at)
        elif text[at] in _BRACKETS:
            if not open_ones or text[open_ones[-1]] != _BRACKETS[text[at]]:
                return _trimmed(text, begin, at)
            open_ones.pop()
    while open_ones and end < len(text) and _BRACKETS.get(text[end]) == text[open_ones[-1]]:
        open_ones.pop()
        end += 1
    return _trimmed(text, begin, open_ones[0]) if open_ones else end


def _trimmed(text: str, begin: int, end: int) -> int:
    while end > begin + 1 and not (text[end - 1].isalnum() or text[end - 1] in "%\u2030\u00b0)]}"):
        end -= 1
    return max(end, begin + 1)


def is_plain(text: str) -> bool:
    """Whether a run keeps its order in any text: one word or number, without signs."""
    return text.isalnum()


def first_direction(text: str) -> str:
    """``rtl`` or ``ltr``, as the first letter of a text has it; empty where it has no letters (UAX #9, P2)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in {"L", "R", "AL"}:
            return "ltr" if kind == "L" else "rtl"
    return ""


def isolated_text(text: str) -> str:
    """A paragraph of plain text: in one that runs from right to left, what does not is between U+2066 and U+2069."""
    if not _HAS_RTL.search(text):
        return text
    out, at = [], 0
    for begin, end in runs(text):
        run = text[begin:end]
        out += [text[at:begin], run if is_plain(run) else f"{LRI}{run}{PDI}"]
        at = end
    return "".join([*out, text[at:]])


def marked_lines(lines: Sequence[str]) -> list[str]:
    """Lines of one paragraph, of which each shows on its own the way in which the paragraph runs.

    Programs that show plain text take each line for a paragraph and look at its first letter. One that runs from right
    to left, as most of its letters do, has U+200F where a line begins with a letter that does not.
    """
    kinds = [unicodedata.bidirectional(char) for line in lines for char in line]
    if kinds.count("R") + kinds.count("AL") <= kinds.count("L"):
        return [*lines]
    return [
        re.sub(r"^(\s*)", rf"\g<1>{RLM}", line) if first_direction(line.replace(LRI, "")) == "ltr" else line
        for line in lines
    ]


class _Piece(msgspec.Struct):
    """A piece of a page: a tag, or one character of its text as the page writes it."""

    raw: str
    char: str = ""
    element: int = 0  # which inline element it is in, as a number; of the paragraph itself 0
    before: str = ""
    after: str = ""


def isolated(page: str) -> str:
    """A page of HTML in which ``dir="auto"`` is settled and all that runs against a text's direction is isolated."""
    if not _HAS_RTL.search(page) and ' dir="rtl"' not in page:
        return page
    pieces = list(_PIECE.finditer(page))
    out: list[str] = []
    ways, tags = ["ltr"], [""]
    paragraph: list[_Piece] = []
    opened: list[int] = []
    count = 0
    for n, match in enumerate(pieces):
        tag = (match["tag"] or "").lower()
        if match["text"]:
            if ways[-1] == "rtl":
                element = opened[-1] if opened else 0
                paragraph += [_Piece(unit, html.unescape(unit), element) for unit in _UNIT.findall(match["text"])]
            else:
                _flush(paragraph, out)
                out.append(match["text"])
            continue
        raw = match[0]
        if not tag:
            _flush(paragraph, out)
            out.append(raw)
            continue
        turns = bool(_DIR.search(match["attributes"] or ""))
        if tag in _INLINE and ways[-1] == "rtl" and not turns and tags[-1] != "~":
            if match["close"]:
                if opened:
                    opened.pop()
                else:
                    _flush(paragraph, out)
            else:
                count += 1
                opened.append(count)
            paragraph.append(_Piece(raw))
        else:
            _flush(paragraph, out)
            opened.clear()
            raw = _settled(raw, pieces, n) if turns else raw
            out.append(raw)
        if match["close"]:
            if tag in tags:
                while tags.pop() != tag:
                    ways.pop()
                ways.pop()
        elif tag not in _VOID and not raw.endswith("/>"):
            way = _DIR.search(raw)
            ways.append(way[1].lower() if way else ways[-1])
            tags.append(tag)
    _flush(paragraph, out)
    text = "".join(out)
    if re.search(r'<html\b[^<>]* dir="rtl"', text[:4000]):
        text = _LINES.sub(lambda match: f"{match[1]}{FSI}{match[2]}{PDI}{match[3]}", text)
    return text


def _settled(raw: str, pieces: Sequence[re.Match[str]], at: int) -> str:
    """A start tag with ``dir="auto"`` as the first letter of its element has it, for WeasyPrint does not look."""
    tag, deep = pieces[at]["tag"].lower(), 0
    for piece in pieces[at:]:
        if (piece["tag"] or "").lower() == tag:
            deep += -1 if piece["close"] else 1
            if not deep:
                break
        elif piece["text"] and (way := first_direction(html.unescape(piece["text"]))):
            return re.sub(r'(\sdir=")auto"', rf'\g<1>{way}"', raw, flags=re.IGNORECASE)
    return re.sub(r'\sdir="auto"', "", raw, flags=re.IGNORECASE)


def _flush(paragraph: list[_Piece], out: list[str]) -> None:
    """Writes a paragraph with its runs isolated, each as a whole where its elements end within it, else in parts."""
    chars = [piece for piece in paragraph if piece.char]
    text = "".join(piece.char[:1] for piece in chars)
    for begin, end in runs(text) if _HAS_RTL.search(text) else _whole(text):
        run = chars[begin:end]
        if is_plain(text[begin:end]) and len({piece.element for piece in run}) == 1:
            continue
        for first, last in _wrappable(paragraph, run[0], run[-1]):
            first.before = '<bdi dir="ltr">' + first.before
            last.after += "</bdi>"
    out += [piece.before + piece.raw + piece.after for piece in paragraph]
    paragraph.clear()


def _whole(text: str) -> Iterator[tuple[int, int]]:
    """A paragraph in which nothing runs from right to left, to its full stop; nothing where it is a sign or a mark."""
    if re.search(r"\w", text) and not re.fullmatch(r"\s*[\[(]?\d+[.)\]]?\s*", text):
        yield len(text) - len(text.lstrip()), len(text.rstrip())


def _wrappable(paragraph: Sequence[_Piece], first: _Piece, last: _Piece) -> Iterator[tuple[_Piece, _Piece]]:
    """Begin and end of what can be wrapped of a run: all of it, with elements that begin or end with it, or parts."""
    at = {id(piece): n for n, piece in enumerate(paragraph)}
    begin, end = at[id(first)], at[id(last)]
    while True:  # an element that is opened in the run and closed after it belongs to it, if it holds no more
        depth = lowest = 0
        for piece in paragraph[begin : end + 1]:
            depth += 0 if piece.char else -1 if piece.raw.startswith("</") else 1
            lowest = min(lowest, depth)
        if depth > 0 and end + 1 < len(paragraph) and paragraph[end + 1].raw.startswith("</"):
            end += 1
        elif lowest < 0 and begin and not paragraph[begin - 1].char and not paragraph[begin - 1].raw.startswith("</"):
            begin -= 1
        else:
            break
    if depth == 0 and lowest == 0:
        yield paragraph[begin], paragraph[end]
        return
    part: list[_Piece] = []
    for piece in [*paragraph[begin : end + 1], _Piece("<>")]:
        if piece.char:
            part.append(piece)
        else:
            text = "".join(one.char[:1] for one in part)
            yield from ((part[b], part[e - 1]) for b, e in runs(text) if not is_plain(text[b:e]))
            part = []
