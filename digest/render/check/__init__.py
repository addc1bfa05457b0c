"""The check of a theme and its overrides: templates against the types of what they see, stylesheets, fonts, overrides.

Nothing is rendered but for `unmet_selectors`. Templates are walked as `Theme.environment` parses them, from the pages
that the program renders through everything they extend, include, import and call; each expression has the types that
it can have there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import DigestError, TemplateError
from digest.render.check.assets import (
    declaration_problems,
    drawings_problems,
    markup_problems,
    stylesheet_problems,
    templates_of,
)
from digest.render.check.fonts import lacking_faces, missing_fonts
from digest.render.check.overrides import unread_options, unused_overrides
from digest.render.check.selectors import unmet_selectors
from digest.render.check.templates import own_templates, template_problems, template_slips

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.errors import Problem
    from digest.render.theme import Theme

__all__ = [
    "missing_fonts",
    "silent_slips",
    "template_problems",
    "theme_problems",
    "unmet_selectors",
]


def theme_problems(theme: Theme, language: str) -> tuple[Problem, ...]:
    """Every problem of a theme with its overrides that can be found without an issue.

    Args:
        theme: the theme, its options set.
        language: in which its words are printed.
    """
    texts: dict[Path, str] = {}
    unreadable: list[Problem] = []
    for path in templates_of(theme):
        try:
            texts[path] = theme.text(path)
        except TemplateError as error:
            unreadable.append(error.problem)
    problems = [
        *unreadable,
        *template_problems(theme, language),
        *stylesheet_problems(theme, texts.values()),
        *markup_problems(theme, texts),
        *drawings_problems(theme),
        *unused_overrides(theme),
        *unread_options(theme),
    ]
    return tuple(dict.fromkeys(problems))


def silent_slips(theme: Theme) -> Iterator[Problem]:
    """The slips in the publication's own files that no page shows and nothing else reports while pages are made."""
    yield from unused_overrides(theme)
    yield from unread_options(theme)
    for path in own_templates(theme):
        yield from template_slips(theme, path)
    try:
        sheets = dict.fromkeys(
            sheet for medium in ("screen", "print", "site", "epub") for sheet in theme.stylesheets(medium)
        )
        yield from (
            problem
            for sheet in sheets
            if sheet.path.is_relative_to(theme.publication)
            for problem in declaration_problems(sheet)
        )
        yield from lacking_faces(theme)
        if not theme.inline:
            yield from missing_fonts(theme, theme.stylesheets("screen"), (), medium="screen")
    except DigestError:
        return  # a stylesheet is missing, which ends the build with its name
