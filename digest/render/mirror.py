"""Styles for texts that run from right to left: left and right of a stylesheet become start and end, or change places.

Themes and overrides are written as for a language that runs from left to right. Only where a page has a text that runs
the other way are they changed, all of them alike: WeasyPrint 70 loses the order of declarations where some name sides
and others start and end. A rule whose selector names ``dir`` is for one way alone, and stays as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Way = Literal["ltr", "parts", "rtl"]  # what of a page runs from right to left: nothing, some entries, or the page

_MASKED: Final = re.compile(
    r"/\*.*?\*/|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|url\([^()]*\)", re.DOTALL | re.IGNORECASE
)
_PAGE: Final = re.compile(r"@page\b[^{}]*\{(?:[^{}]|\{[^{}]*\})*\}", re.IGNORECASE)
_RULE: Final = re.compile(r"(?P<selector>[^{}]*)\{(?P<declarations>[^{}]*)\}")
_DECLARATION: Final = re.compile(r"(?P<before>\s*)(?P<name>[\w-]+)(?P<colon>\s*:\s*)(?P<value>[^;]*)(?P<end>;?)")
_VALUES: Final = re.compile(r"(?:[^\s()]+|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+")
_SIDES: Final = {"top": "block-start", "bottom": "block-end", "left": "inline-start", "right": "inline-end"}
_CORNERS: Final = {
    "top-left": "start-start",
    "top-right": "start-end",
    "bottom-left": "end-start",
    "bottom-right": "end-end",
}
# Properties that name a side by their value, and what they call start and end.
_BY_VALUE: Final = {
    "text-align": {"left": "start", "right": "end"},
    "text-align-last": {"left": "start", "right": "end"},
}
# WeasyPrint 70 raises KeyError for what floats to the start or end of a line: these have a rule for each way.
_FLOAT: Final = re.compile(r"(?<![\w-])(float|clear)(\s*:\s*)(left|right)\b([^;]*)", re.IGNORECASE)
_SHORTHAND: Final = re.compile(r"margin|padding|inset|border-(?:width|style|color)")
_BREAK: Final = re.compile(r"(page-)?break-(before|after)", re.IGNORECASE)
_LEFT_OR_RIGHT: Final = re.compile(r"(?<![\w])(left|right)(?![\w])", re.IGNORECASE)


def way_of(page: str) -> Way:
    """What of a page of HTML runs from right to left."""
    if ' dir="rtl"' not in page:
        return "ltr"
    return "rtl" if re.search(r'<html\b[^<>]* dir="rtl"', page[:4000]) else "parts"


def turned(css: str, way: Way) -> str:
    """A stylesheet for a page of which this runs from right to left; its lines stay where they are.

    >>> turned(".comment { padding: 1mm 2mm 1mm 4mm; border-left: 1pt solid }", "parts")
    '.comment { padding-block: 1mm 1mm; padding-inline: 4mm 2mm; border-inline-start: 1pt solid }'
    >>> turned("@page :left { margin-left: 2cm; @bottom-left { content: counter(page) } }", "rtl")
    '@page :right { margin-right: 2cm; @bottom-right { direction: rtl; content: counter(page) } }'
    """
    if way == "ltr":
        return css
    change = _logical_page if way == "rtl" else _logical
    return _unmasked(css, lambda text: "".join(_turned(text, change, pages=way == "rtl", floats=way)))


def mirrored(css: str) -> str:
    """A stylesheet in which left and right have changed places, for programs that know no start and end (e-mail)."""
    return _unmasked(css, lambda text: "".join(_turned(text, _swapped, pages=True, floats="ltr")))


def _unmasked(css: str, change: Callable[[str], str]) -> str:
    """The text after a change that sees no comment, string or address in it."""
    kept: list[str] = []

    def mask(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\ufff9{len(kept) - 1}\ufffb"

    return re.sub("\ufff9(\\d+)\ufffb", lambda match: kept[int(match[1])], change(_MASKED.sub(mask, css)))


def _turned(text: str, change: Callable[[str, str], str], *, pages: bool, floats: Way) -> Iterator[str]:
    at = 0
    for page in _PAGE.finditer(text):
        yield _rules(text[at : page.start()], change, floats)
        yield _mirrored_page(page[0]) if pages else page[0]
        at = page.end()
    yield _rules(text[at:], change, floats)


def _rules(text: str, change: Callable[[str, str], str], floats: Way) -> str:
    def rule(match: re.Match[str]) -> str:
        if re.search(r"\[dir\b|:dir\(", match["selector"], re.IGNORECASE):
            return match[0]
        turned = f"{match['selector']}{{{_declarations(match['declarations'], change)}}}"
        return _with_floats(match["selector"], match["declarations"], turned, floats)

    return _RULE.sub(rule, text)


def _with_floats(selector: str, declarations: str, turned: str, way: Way) -> str:
    """A rule that was turned, and one for what floats in texts that run the other way."""
    found = list(_FLOAT.finditer(declarations))
    if not found or way == "ltr":
        return turned
    other = "; ".join(f"{one[1]}{one[2]}{_other_side(one[3].lower())}{one[4].rstrip()}" for one in found)
    same = "; ".join(one[0].rstrip() for one in found)
    plain = " ".join(re.sub("\ufff9\\d+\ufffb|<[^<>]*>", "", selector).split()).rpartition(";")[2]
    if way == "parts":
        return f'{turned} [dir="rtl"] :is({plain}) {{ {other} }}'
    return f'{turned} {plain} {{ {other} }} [dir="ltr"] :is({plain}) {{ {same} }}'


def _declarations(text: str, change: Callable[[str, str], str]) -> str:
    def declaration(match: re.Match[str]) -> str:
        value = match["value"].rstrip()
        blank = match["value"][len(value) :]
        return f"{match['before']}{change(match['name'], match['colon'] + value)}{blank}{match['end']}"

    return _DECLARATION.sub(declaration, text)


def _logical(name: str, value: str) -> str:
    """A declaration, ``name`` and ``: value``, that names start and end instead of sides."""
    lower = name.lower()
    if known := _BY_VALUE.get(lower):
        return name + _LEFT_OR_RIGHT.sub(lambda match: known[match[0].lower()], value)
    if lower in _SIDES:
        return f"inset-{_SIDES[lower]}{value}"
    if match := re.fullmatch(r"(margin|padding)-(top|bottom|left|right)", lower):
        return f"{match[1]}-{_SIDES[match[2]]}{value}"
    if match := re.fullmatch(r"border-(top|bottom|left|right)(-\w+)?", lower):
        return f"border-{_SIDES[match[1]]}{match[2] or ''}{value}"
    if match := re.fullmatch(r"border-(\w+-\w+)-radius", lower):
        return f"border-{_CORNERS.get(match[1], match[1])}-radius{value}"
    if lower == "border":
        return f"border-block{value}; border-inline{value}"
    if _SHORTHAND.fullmatch(lower):
        return _in_two(lower, value) or name + value
    return name + value


def _logical_page(name: str, value: str) -> str:
    """The same where the whole page is turned: a break to a right page is one to a left page."""
    return name + _other_side(value) if _BREAK.fullmatch(name) else _logical(name, value)


def _in_two(name: str, value: str) -> str:
    """A shorthand of four sides as two of two sides; nothing where its values cannot be counted."""
    values, important = _values(value)
    if not 1 <= len(values) <= 4 or (len(values) == 1 and "var(" in values[0]):
        return ""
    top, right, bottom, left = _four(values)
    stem, _, what = name.partition("-")
    tail = f"-{what}" if what else ""
    return f"{stem}-block{tail}: {top} {bottom}{important}; {stem}-inline{tail}: {left} {right}{important}"


def _values(value: str) -> tuple[list[str], str]:
    values = _VALUES.findall(value.lstrip(" \t\n:"))
    important = " !important" if values and values[-1].lower() == "!important" else ""
    return (values[:-1] if important else values), important


def _four(values: list[str]) -> tuple[str, str, str, str]:
    top, right = values[0], values[1] if len(values) > 1 else values[0]
    bottom = values[2] if len(values) > 2 else top
    return top, right, bottom, values[3] if len(values) > 3 else right


def _swapped(name: str, value: str) -> str:
    """A declaration with left and right in each other's place."""
    lower = name.lower()
    if lower in {*_BY_VALUE, "float", "clear"}:
        return name + _other_side(value)
    if _SHORTHAND.fullmatch(lower):
        values, important = _values(value)
        if len(values) == 4:
            top, right, bottom, left = values
            return f"{name}: {top} {left} {bottom} {right}{important}"
        return name + value
    return _other_side(name) + value


def _other_side(text: str) -> str:
    return re.sub(r"\b(left|right)\b", lambda match: "right" if match[0] == "left" else "left", text)


def _mirrored_page(text: str) -> str:
    """A rule ``@page`` as in a mirror: its pages, its margins, and the boxes in them, whose texts run the other way."""
    text = re.sub(r"@page\b[^{}]*|@(?:top|bottom|left|right)-[\w-]+|@(?:top|bottom)-\w+", _mirrored_name, text)
    text = re.sub(r"(@(?:top|bottom|left|right)-[\w-]+\s*\{)", r"\1 direction: rtl;", text)
    return re.sub(r"(?<=[{;}])[^{};@]+", lambda match: _declarations(match[0], _swapped), text)


def _mirrored_name(match: re.Match[str]) -> str:
    name = match[0]
    if name.startswith("@page"):
        return re.sub(r":(left|right)\b", lambda side: ":right" if side[1] == "left" else ":left", name)
    return _other_side(name)
