"""The text of SVG drawings, set in the fonts of the theme on screen and on paper, and what of it cannot be printed."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

import msgspec

from digest import opening
from digest.errors import Problem
from digest.render.stylesheet import GENERIC

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

    from digest.render.theme import Theme

_SVG: Final = "http://www.w3.org/2000/svg"
_TEXTS: Final = frozenset({"text", "tspan", "textPath"})
_FACE: Final = re.compile(r"@font-face\s*\{[^{}]*\}")
_FAMILY_OF_FACE: Final = re.compile(r"font-family\s*:\s*[\"']?([^\"';}]+?)[\"']?\s*[;}]")
_DECLARED: Final = re.compile(r"font-family\s*:\s*((?:\"[^\"]*\"|'[^']*'|[^;\"'{}])+)")
# In the shorthand `font` the families come after the size, the only value that needs a number with a unit.
_SHORTHAND: Final = re.compile(
    r"(?<![\w-])font\s*:\s*[^;{}]*?\d(?:px|pt|em|rem|ex|mm|cm|in|pc|%)?(?:/[\w.%]+)?\s+((?:\"[^\"]*\"|'[^']*'|[^;\"'{}])+)"
)


class Fonts(msgspec.Struct, frozen=True, kw_only=True):
    """The fonts that the drawings of a theme are set in.

    Attributes:
        sans: the family of text that asks for none, for one without serifs, or for one that is not there.
        serif: the family of text that asks for one with serifs.
        families: all families that there are, by their names in small letters.
        faces: the rules ``@font-face`` of the screen, each with its font inside, by the same names.
    """

    sans: str
    serif: str
    families: dict[str, str]
    faces: dict[str, tuple[str, ...]]

    def chosen(self, names: str) -> tuple[str, str]:
        """Of a list of families the one that is used, and the first of the list if that is not there."""
        listed = [name for part in names.split(",") if (name := part.strip().strip("\"'").strip())]
        first = listed[0] if listed else ""
        absent = "" if first.casefold() in {*self.families, *GENERIC} else first
        for name in listed:
            if known := self.families.get(name.casefold()):
                return known, absent
            if name.casefold() in GENERIC:
                return (self.serif if "serif" in name and "sans" not in name else self.sans), absent
        return self.sans, absent


def fonts_of(theme: Theme) -> Fonts:
    """The fonts of a theme, its options set."""
    sheets = [sheet for medium in ("screen", "print") for sheet in theme.stylesheets(medium)]
    families = {name.casefold(): name for sheet in sheets for name in sheet.brought_families}
    faces: dict[str, tuple[str, ...]] = {}
    for sheet in theme.stylesheets("screen"):
        for rule in _FACE.findall(str(sheet.inlined())):
            if match := _FAMILY_OF_FACE.search(rule):
                faces[match[1].casefold()] = (*faces.get(match[1].casefold(), ()), rule)
    first = next(iter(families.values()), "sans-serif")
    sans, serif = (str(theme.options.get(name) or first) for name in ("heading_font", "text_font"))
    return Fonts(sans=sans, serif=serif, families=families, faces=faces)


def problems(path: Path, shown: str, fonts: Fonts) -> Iterator[Problem]:
    """A warning for each part of a drawing that is not printed, and for each font that is not there.

    Args:
        path: a drawing that is well formed.
        shown: its name, as problems show it.
        fonts: the fonts of the theme.
    """
    found: list[tuple[int, str]] = []
    parser = expat.ParserCreate(namespace_separator="}")
    styles: list[str] = []

    def missing(names: str, line: int) -> None:
        used, absent = fonts.chosen(names)
        if absent:
            message = (
                f"the drawing asks for the font “{absent}”, which the theme does not bring; its text is set in "
                f"“{used}”. Draw it with that font, or turn the text into paths"
            )
            found.append((line, message))

    def start(name: str, attributes: dict[str, str]) -> None:
        line = parser.CurrentLineNumber
        local = name.rpartition("}")[2]
        if local == "foreignObject":
            found.append((line, "the drawing holds HTML in <foreignObject>, which is not printed; use <text>"))
        if local == "style":
            styles.append("")
        for names in _families(attributes):
            missing(names, line)

    def data(text: str) -> None:
        if styles:
            for match in (*_DECLARED.finditer(text), *_SHORTHAND.finditer(text)):
                missing(match[1], parser.CurrentLineNumber + text.count("\n", 0, match.start()))

    def end(name: str) -> None:
        if name.rpartition("}")[2] == "style":
            styles.clear()

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.Parse(opening.read_file(path), True)
    known: set[str] = set()
    for line, message in found:
        if message not in known:
            known.add(message)
            yield Problem(level="warning", code="drawing", message=message, file=shown, line=line)


def address(path: Path, fonts: Fonts, *, inside: bool) -> str:
    """An address that holds the drawing with its text in the fonts of the theme; empty for one without text.

    Args:
        path: a drawing that is well formed.
        fonts: the fonts of the theme.
        inside: whether the fonts themselves are put into it: a browser sees no others in a picture.
    """
    source = opening.read_file(path)
    root = ET.fromstring(source)  # noqa: S314 - its entities were refused before
    if not any(part.tag.rpartition("}")[2] in _TEXTS for part in root.iter()):
        return ""
    used = {fonts.sans}
    if "font-family" not in root.attrib:
        root.set("font-family", fonts.sans)
    for part in root.iter():
        if part.tag == f"{{{_SVG}}}style":
            part.text = _replaced(part.text or "", fonts, used)
        if "style" in part.attrib:
            part.set("style", _replaced(part.get("style", ""), fonts, used))
        if "font-family" in part.attrib:
            part.set("font-family", _used(part.get("font-family", ""), fonts, used))
    if inside:
        style = ET.Element(f"{{{_SVG}}}style")
        rules = [rule for name in sorted(used) for rule in fonts.faces.get(name.casefold(), ())]
        style.text = "\n".join(rule for rule in rules if _is_needed(rule, source))
        root.insert(0, style)
    return "data:image/svg+xml;base64," + base64.b64encode(_written(root)).decode()


def _is_needed(face: str, source: bytes) -> bool:
    """Whether a drawing may use a face: italic and bold ones only where it says so, as each has 50 kB or more."""
    if re.search(r"font-style\s*:\s*(?:italic|oblique)", face):
        return b"italic" in source or b"oblique" in source
    weight = re.search(r"font-weight\s*:\s*(\w+)", face)
    return not weight or weight[1] in {"400", "normal"} or b"bold" in source or b"font-weight" in source


def _families(attributes: dict[str, str]) -> Iterator[str]:
    if "font-family" in attributes:
        yield attributes["font-family"]
    for pattern in (_DECLARED, _SHORTHAND):
        yield from (match[1] for match in pattern.finditer(attributes.get("style", "")))


def _used(names: str, fonts: Fonts, used: set[str]) -> str:
    family, _ = fonts.chosen(names)
    used.add(family)
    return f"'{family}'"


def _replaced(style: str, fonts: Fonts, used: set[str]) -> str:
    for pattern in (_DECLARED, _SHORTHAND):
        style = pattern.sub(lambda match: match[0].removesuffix(match[1]) + _used(match[1], fonts, used), style)
    return style


def _written(root: Element) -> bytes:
    """The drawing as XML whose elements have no prefix, as browsers and WeasyPrint want them."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return bytes(ET.tostring(root, encoding="utf-8"))
