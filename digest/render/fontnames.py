"""The font families that pages name and nothing brings: on the screen those of the machine are hidden, as on paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from digest.render.stylesheet import GENERIC, named_families

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from digest.render.stylesheet import Stylesheet
    from digest.render.theme import Theme


def hidden_families(theme: Theme, sheets: Sequence[Stylesheet]) -> Markup:
    """A ``<style>`` that keeps browsers from taking a font of the machine where paper takes none; often empty.

    A rule ``@font-face`` goes before an installed font of the same name (CSS Fonts 4, 4.1), and one for a character
    that no text has leaves all others to the next name of the list. Chromium takes the installed font all the same
    where the file of a rule is not there; here it is never asked for.
    """
    rule = '@font-face {{ font-family: "{}"; src: url("data:,"); unicode-range: U+0; }}'
    rules = [rule.format(_in_string(name)) for name in _lacking(theme, sheets)]
    if not rules:
        return Markup()
    return Markup("<style>\n" + "\n".join(rules) + "\n</style>")  # noqa: S704 - names are letters, or escaped


def _lacking(theme: Theme, sheets: Sequence[Stylesheet]) -> Iterator[str]:
    """Each family that stylesheets for the screen or options name, and neither they nor the theme's fonts bring."""
    brought = {name.casefold() for sheet in sheets for name in sheet.brought_families}
    options = (str(theme.options[option]) for option, one in theme.declared.items() if one.type == "font")
    named = (name for _, _, names in named_families(sheets, "screen") for name in names)
    fonts = theme.find("fonts/fonts.conf")
    if fonts is None:  # paper has the fonts of the machine, too
        return
    for name in dict.fromkeys((*options, *named)):
        if name.casefold() not in {*brought, *GENERIC} and not _is_of_theme(name, fonts):
            yield name


def _is_of_theme(name: str, fonts: Path) -> bool:
    if f"<family>{name}</family>" in fonts.read_text(encoding="utf-8", errors="replace"):
        return True  # without a look into the files
    from digest.render import pdf

    return name.casefold() in {family.casefold() for family in pdf.families(fonts)}


def _in_string(name: str) -> str:
    return re.sub(r"[^\w .+-]", lambda match: f"\\{ord(match[0]):x} ", name)
