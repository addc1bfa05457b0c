"""Fonts that stylesheets or options name and nothing brings, and families that lack bold or italic."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from digest import font
from digest.errors import Problem, did_you_mean
from digest.render import rules
from digest.render.stylesheet import GENERIC, named_families

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.render.rules import Declaration, Face
    from digest.render.stylesheet import Stylesheet
    from digest.render.theme import Theme

_BOLD: Final = 600  # the weight of headings and of <b>; CSS Fonts 4, 5.2: a face of 500 or less is not bold


def missing_fonts(
    theme: Theme,
    sheets: Sequence[Stylesheet],
    embedded: Sequence[str] | None = None,
    *,
    medium: str = "print",
) -> Iterator[Problem]:
    """A warning for each font family that stylesheets or options name and nothing brings.

    The fonts of the machine do not count, on paper as on the screen: pages would look different on each.

    Args:
        theme: the theme, its options set.
        sheets: the stylesheets for the medium.
        embedded: the fonts of the finished PDF. Without them, and without a ``fonts.conf``, nobody knows which of
            the machine's own fonts will serve.
        medium: ``print`` or ``screen``.
    """
    from digest.render import pdf
    from digest.render.paper import engine

    fonts = None if engine.other_fonts() else theme.find("fonts/fonts.conf")
    if fonts is None and embedded is None:
        return
    known = {
        name.casefold(): name
        for name in (
            *(name for sheet in sheets for name in sheet.brought_families),
            *(pdf.families(fonts) if fonts else ()),
        )
    }
    printed = [_letters(name.partition("+")[2] or name) for name in embedded or ()]

    def absent(name: str) -> bool:
        return name.casefold() not in known and not any(font.startswith(_letters(name)) for font in printed)

    def message(names: Sequence[str]) -> str:
        listed = ", ".join(f"“{name}”" for name in names)
        near = did_you_mean(names[0], known.values())
        return (
            f"there is no font {listed}: neither an @font-face rule nor the theme's own fonts provide it{near}; "
            "put it into overrides/fonts/ and name it with @font-face in css/custom.css"
        )

    for file, line, names in named_families(sheets, medium):
        # Names after the first are for other machines, once pages are finished.
        if lacking := [name for name in (names if embedded is None else names[:1]) if absent(name)]:
            yield Problem(level="warning", code="missing-font", message=message(lacking), file=file, line=line)
    for option, declared in theme.declared.items():
        name = str(theme.options[option])
        if declared.type == "font" and absent(name) and name.lower() not in GENERIC:
            yield Problem(
                level="warning",
                code="missing-font",
                message=message([name]),
                file="digest.yaml",
                line=theme.option_lines.get(option),
                key=f"theme_options.{option}",
            )


def _letters(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


class _Use(msgspec.Struct, frozen=True):
    """Where a family is used, and which faces it needs there.

    Attributes:
        family: the family, in small letters.
        bold: whether bold text may be in it.
        italic: whether italic text may be in it.
    """

    family: str
    bold: bool = True
    italic: bool = True


def lacking_faces(theme: Theme) -> Iterator[Problem]:
    """A warning for each family of the publication's own stylesheets that is used for text and lacks bold or italic."""
    media = ("screen", *(("print",) if "pdf" in theme.formats else ()))
    sheets = dict.fromkeys(sheet for medium in media for sheet in theme.stylesheets(medium))
    found: dict[str, list[tuple[Stylesheet, Face]]] = {}
    for sheet in sheets:
        for face in rules.faces(sheet.rules):
            found.setdefault(face.family.casefold(), []).append((sheet, face))
    options = [str(theme.options[name]) for name, one in theme.declared.items() if one.type == "font"]
    uses = [_Use(name.casefold()) for name in options]
    uses += [use for sheet in sheets for block in rules.blocks(sheet.rules) for use in _uses(block)]
    for family, known in found.items():
        if not known[0][0].path.is_relative_to(theme.publication):
            continue
        asked = [use for use in uses if use.family == family]
        faces = [face for _, face in known]
        lacking = [
            what
            for what, lacks in (
                ("bold", any(use.bold for use in asked) and all(face.weights[1] < _BOLD for face in faces)),
                ("italic", any(use.italic for use in asked) and not any(face.italic for face in faces)),
            )
            if lacks
        ]
        if lacking:
            yield _lacking(*known[0], lacking)


def _lacking(sheet: Stylesheet, face: Face, lacking: Sequence[str]) -> Problem:
    path = sheet.path.parent / face.file.partition("#")[0].partition("?")[0]
    if "bold" in lacking and face.weights == (400.0, 400.0) and face.file and font.is_variable(path):
        todo = "its file holds several weights: say so in this rule, such as “font-weight: 200 900”"
    else:
        rows = {"bold": "font-weight: 600 (or bold)", "italic": "font-style: italic"}
        todo = f"add an @font-face rule with {' and one with '.join(rows[what] for what in lacking)}"
    seen = {"bold": "headings and <b>", "italic": "<i>"}
    what, shown = " and no ".join(lacking), " and ".join(seen[one] for one in lacking)
    message = (
        f"the font “{face.family}” has no {what}: paper shows no difference for {shown}, "
        f"and browsers distort the letters; {todo}"
    )
    return Problem(level="warning", code="missing-face", message=message, file=sheet.shown, line=face.line)


def _uses(block: Sequence[Declaration]) -> Iterator[_Use]:
    """The families that the declarations of a rule name, with what they say of weight and style."""
    said = {declaration.name: declaration for declaration in block}
    for declaration in block:
        if declaration.name.startswith("--"):
            yield _Use(declaration.family)
        elif declaration.name == "font":
            bold, italic = declaration.is_bold, declaration.is_italic
            yield _Use(declaration.family, bold, italic)
        elif declaration.name == "font-family":
            weight, style = said.get("font-weight"), said.get("font-style")
            bold, italic = weight is None or weight.is_bold, style.is_italic if style else weight is None
            yield _Use(declaration.family, bold, italic)
