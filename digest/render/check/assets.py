"""What is wrong in a theme outside the expressions of templates: stylesheets, addresses, fonts, unused overrides."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from digest.errors import DigestError, Problem, did_you_mean
from digest.render import rules
from digest.render.active import FILLED, Scan, drawing_problems
from digest.render.check.fonts import lacking_faces, missing_fonts
from digest.render.stylesheet import undeclared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from digest.render.stylesheet import Stylesheet
    from digest.render.theme import Theme


def stylesheet_problems(theme: Theme, templates: Iterable[str]) -> Iterator[Problem]:
    """What is wrong with stylesheets: syntax, addresses, what cannot be printed, and fonts that are not there.

    Args:
        theme: the theme, its options set.
        templates: the texts of its templates, which may declare custom properties.
    """
    sheets: dict[str, list[Stylesheet]] = {}
    for medium in ("screen", "print", "site", "epub"):
        try:
            sheets[medium] = theme.stylesheets(medium)
        except DigestError as error:
            message = f"{error.found}{did_you_mean(error.found.split()[2], theme.names())}"
            yield Problem(level="error", code="template-missing", message=message, file=error.where)
    everywhere = tuple(dict.fromkeys(sheet for found in sheets.values() for sheet in found))
    for sheet in everywhere:
        yield from sheet.problems()
    colors = (name.replace("_", "-") for name, option in theme.declared.items() if option.type == "color")
    lighter = (f"--option-{name}-lighter: #ffffff;" for name in colors)  # which an EPUB has
    for file, line, name, known in undeclared(everywhere, "".join([theme.properties, *lighter, *templates])):
        yield _css_problem(f"“{name}” is not defined{did_you_mean(name, known)}", file, line)
    for sheet in everywhere:
        for line, name in sheet.media:
            if name.lower() not in _MEDIA:
                yield _css_problem(f"there is no medium “{name}”{did_you_mean(name, _MEDIA)}", sheet.shown, line)
    slips = {sheet: tuple(declaration_problems(sheet)) for sheet in everywhere}
    yield from (slip for found in slips.values() for slip in found)
    yield from lacking_faces(theme)
    if not theme.inline and "screen" in sheets:
        yield from missing_fonts(theme, sheets["screen"], medium="screen")
    if "pdf" in theme.formats and (printed := sheets.get("print")):
        from digest.render import pdf

        for sheet in printed:
            reported = {slip.line for slip in slips[sheet]}
            for at, message in pdf.css_problems(sheet.sound_text):
                if at not in reported:
                    yield _css_problem(message, sheet.shown, at)
        yield from missing_fonts(theme, printed)


def declaration_problems(sheet: Stylesheet) -> Iterator[Problem]:
    """A warning for each declaration that is none, or runs into the next, because a sign is missing or wrong."""
    for line, message in () if sheet.left_open else rules.slips(sheet.rules, sheet.text):
        yield Problem(level="warning", code="css-declaration", message=message, file=sheet.shown, line=line)


def _css_problem(message: str, file: str, line: int | None) -> Problem:
    return Problem(level="warning", code="css-unknown", message=message, file=file, line=line)


_MEDIA: Final = ("all", "print", "screen", "speech")
_JINJA: Final = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)


def templates_of(theme: Theme) -> tuple[Path, ...]:
    """The templates of a theme that win for their names."""
    names = sorted({path.relative_to(root).as_posix() for root in theme.roots for path in root.rglob("*.html")})
    return tuple(path for name in names if (path := theme.find(name)) is not None)


class _Markup(HTMLParser):
    """Reads from the text of a template its styles, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.styles: list[tuple[int, str]] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        self.in_style = tag == "style"
        for name, value in attrs:
            if value and name == "style":
                self.styles.append((line, f"a{{{value}}}"))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - this is how it is called
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.styles.append((self.getpos()[0], data))


def markup_problems(theme: Theme, texts: Mapping[Path, str]) -> Iterator[Problem]:
    """What is wrong in the text of templates: what runs, what is loaded from elsewhere, and styles."""
    for path, text in texts.items():
        shown = theme.shown(path)
        bare = _JINJA.sub(lambda match: FILLED + "\n" * match[0].count("\n"), text)
        for found in Scan(bare, theme.permits_in("screen")).found:
            message, name = found.message, found.address.removeprefix("./")
            if theme.find(name):
                message = f'{message.partition("; ")[0]}; write {{{{ asset("{name}") }}}}'
            elif name and "//" not in name:
                message = f"{message.partition('; ')[0]}; put it into overrides/ and use asset(…)"
            line = bare.count("\n", 0, found.at) + 1 + found.line
            yield Problem(level="error", code=found.code, message=message, file=shown, line=line)
        page = _Markup()
        page.feed(bare)
        page.close()
        if "pdf" in theme.formats and page.styles:
            from digest.render import pdf

            for line, style in page.styles:
                for at, message in () if FILLED in style else pdf.css_problems(style):
                    yield _css_problem(message, shown, line + (at or 1) - 1)


def drawings_problems(theme: Theme) -> Iterator[Problem]:
    """An error for each thing in the drawings of a theme that runs, or loads something from elsewhere."""
    names = sorted({path.relative_to(root).as_posix() for root in theme.roots for path in root.rglob("*.svg")})
    for path in filter(None, map(theme.find, names)):
        yield from drawing_problems(path, theme.shown(path))
