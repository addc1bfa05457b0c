"""The pages of an EPUB are drawn with the theme, become XHTML, and their links lead from file to file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec
from markupsafe import Markup

from digest.contrast import mixed
from digest.errors import Problem, ProjectError
from digest.outputs.epub import xhtml
from digest.outputs.epub.plan import CONTENTS, Plan, plan
from digest.render import drawings, html, mirror
from digest.render.ebook import EpubLink
from digest.render.site.shared import SharedFiles
from digest.render.theme import SHARED
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from digest.outputs.epub.plan import PlannedFile
    from digest.render.active import Scan
    from digest.render.html import PreparedIssue
    from digest.render.pdf import Pdf
    from digest.render.stylesheet import Stylesheet

_OPTION: Final = re.compile(r"var\(\s*--option-([a-z0-9-]+)\s*\)")
_LICENCES: Final = re.compile(r"(?:OFL|LICEN[CS]E|COPYING)[\w.-]*", re.IGNORECASE)
_LIGHTER: Final = 0.7  # white in a colour, for dark grounds


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is in an EPUB, besides what says so.

    Attributes:
        pages: the text of each page by its file, in the order of reading.
        properties: what the manifest says of each page.
        shared: pictures, fonts with their licences, and the styles; content by name.
        cover: the file of the picture of the cover; empty without one.
        pictures: all pictures of all pages.
        page_list: whether the contents list the pages of the PDF.
        plan: which pages there are.
        problems: what was noticed.
    """

    pages: Mapping[str, str]
    properties: Mapping[str, frozenset[str]]
    shared: Mapping[str, bytes]
    cover: str
    pictures: tuple[xhtml.Picture, ...]
    page_list: bool
    plan: Plan
    problems: tuple[Problem, ...]


class _Drawing(html.Drawing):
    """Draws pages whose pictures, fonts and styles are files next to them."""

    def __init__(self, prepared: PreparedIssue) -> None:
        self.shared = SharedFiles()
        super().__init__(prepared, "epub")
        self._values["stylesheets"] = self._stylesheet(self.theme.stylesheets("epub"))

    def _linked_data(self) -> Markup:
        return Markup()

    def _source(self, path: Path) -> str:
        self._look_at(path)
        readable = not any(problem.level == "error" for problem in self.problems)

        def dressed(path: Path) -> str:
            svg = path.suffix.lower() == ".svg" and readable
            return drawings.address(path, self._fonts, inside=True) if svg else ""

        return self.shared.address(path, dressed)

    def _styles(self, sheets: Sequence[Stylesheet]) -> Markup:  # noqa: ARG002 - they are in one file
        return Markup()

    def _stylesheet(self, sheets: Sequence[Stylesheet]) -> Markup:
        """The element that loads all styles, in one file. Options are filled in: few readers know variables of CSS."""

        def next_to(path: Path) -> str:
            return self._source(path).removeprefix(SHARED)

        text = "\n".join(mirror.turned(sheet.with_addresses(next_to), self._way) for sheet in sheets)
        for folder in sorted({path.parent for sheet in sheets for path in sheet.files if _is_font(path.name)}):
            for path in sorted(folder.iterdir()):
                if path.is_file() and _LICENCES.fullmatch(path.name):
                    self.shared.address(path)
        name = self.shared.add("style", ".css", _OPTION.sub(self._option, text).encode())
        return Markup('<link rel="stylesheet" type="text/css" href="{}">').format(name)

    def _option(self, match: re.Match[str]) -> str:
        name = match[1].replace("-", "_")
        lighter = name.removesuffix("_lighter")
        if lighter != name and lighter in self.theme.options:
            return mixed(str(self.theme.options[lighter]), "#ffffff", _LIGHTER)
        if name not in self.theme.options:
            return match[0]
        value = str(self.theme.options[name])
        return f'"{value}"' if self.theme.declared[name].type == "font" else value

    def found(self, text: str) -> Scan:
        """What may not be in a page."""
        return self.scan(text)


def make(prepared: PreparedIssue, pdf: Pdf | None) -> Content:
    """The pages of the EPUB of an issue, and the files that they show.

    Args:
        prepared: the issue.
        pdf: its pages on paper, where the contents are to list them.

    Raises:
        ProjectError: texts of the issue have mistakes, or a page leads to a place that is not there.
        TemplateError: a template is broken.
    """
    return _Making(prepared, pdf).content()


class _Making:
    """One EPUB while it is made."""

    def __init__(self, prepared: PreparedIssue, pdf: Pdf | None) -> None:
        self.prepared, self.pdf = prepared, pdf
        self.drawing = _Drawing(prepared)
        theme = prepared.theme
        self.plan = plan(self.drawing.context, prepared.words, theme.options, theme.site_by)
        self.problems: list[Problem] = []

    def content(self) -> Content:
        pages = {file.page.file: self.page(file) for file in self.plan.files if file.page.file != CONTENTS}
        places = _places(pages)
        contents = next(file for file in self.plan.files if file.page.file == CONTENTS)
        listed = tuple(self.page_list(pages, places))
        values = {"contents": self.plan.contents, "landmarks": self.plan.landmarks, "pages": listed}
        pages[CONTENTS] = self.page(msgspec.structs.replace(contents, values={**contents.values, **values}))
        places |= {place: (CONTENTS, name) for place, name in pages[CONTENTS].places.items() if place not in places}
        order = [file.page.file for file in self.plan.files]
        for name in order:
            self.lead(pages[name], places)
        wrong = [problem for problem in (*self.drawing.problems, *self.problems) if problem.level == "error"]
        problems = tuple(dict.fromkeys((*self.drawing.problems, *self.problems)))
        if wrong:
            raise ProjectError(problems)
        cover = self.drawing.context.cover
        return Content(
            pages={name: pages[name].text() for name in order},
            properties={name: frozenset(pages[name].has) for name in order},
            shared=dict(sorted(self.drawing.shared.files.items())),
            cover=cover.src if cover else "",
            pictures=tuple(picture for name in order for picture in pages[name].pictures),
            page_list=bool(listed),
            plan=self.plan,
            problems=problems,
        )

    def page(self, file: PlannedFile) -> xhtml.Page:
        text = self.drawing.part(file.template, **file.values)
        scan = self.drawing.found(text)
        if scan.found:
            self.problems += html.placed(scan)
        return xhtml.Page(text, self.prepared.issue.publication.language)

    def lead(self, page: xhtml.Page, places: Mapping[str, tuple[str, str]]) -> None:
        def led(place: str) -> str:
            if place in page.places:
                return f"#{page.places[place]}"
            if place not in places:
                message = f"a link leads to “#{place}”, which is not in the EPUB"
                self.problems.append(Problem(level="error", code="dead-link", message=message, key=f"#{place}"))
                return f"#{place}"
            file, there = places[place]
            return f"{file}#{there}"

        page.lead(led)

    def page_list(self, pages: Mapping[str, xhtml.Page], places: dict[str, tuple[str, str]]) -> Iterator[EpubLink]:
        """Each page of the PDF on which a place of the issue is, led to a mark at the first of these places."""
        if self.pdf is None:
            return
        marks: dict[str, str] = {}
        for place, label in self.pdf.anchors.items():
            if place in places and label not in marks:
                file = places[place][0]
                if mark := pages[file].mark(place, label):
                    marks[label] = mark
                    places[mark] = (file, mark)
        for label in dict.fromkeys(self.pdf.labels):
            if label in marks:
                yield EpubLink(href=f"#{marks[label]}", title=RichText.plain_text(label))


def _places(pages: Mapping[str, xhtml.Page]) -> dict[str, tuple[str, str]]:
    """The file of each id, and its name there; the first file in the order of reading."""
    found: dict[str, tuple[str, str]] = {}
    for file, page in pages.items():
        for place, name in page.places.items():
            found.setdefault(place, (file, name))
    return found


def _is_font(name: str) -> bool:
    return name.lower().endswith((".woff2", ".woff", ".otf", ".ttf"))
