"""An issue as one document: HTML for the screen, the PDF or e-mail, and the plain text that goes with an e-mail."""

from __future__ import annotations

import functools
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from markupsafe import Markup, escape

from digest.errors import Problem, ProjectError, did_you_mean
from digest.languages import direction
from digest.project import Issue
from digest.render import active, bidi, drawings, excess, footnotes, formulas, mail, mirror, origins
from digest.render.active import Scan
from digest.render.authors import bylines
from digest.render.composing import Composition, compose, with_entries
from digest.render.context import ArticleEntry, DigestEntry, IssueContext, IssueHead, PageEntry
from digest.render.fontnames import hidden_families
from digest.render.plain import PlainText
from digest.render.sheeting import JOINT, sheeting_of
from digest.render.stylesheet import asset_complaint, data_uri, stamp
from digest.render.theme import MissingAssetError, Theme, UnusableAssetError
from digest.render.typesetting import small_capitals
from digest.render.words import Words, read_words
from digest.textlanguage import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from digest.cite import Styles
    from digest.render.context import EntryContext
    from digest.render.figures import Figure
    from digest.render.stylesheet import Stylesheet

Medium = Literal["screen", "print", "text", "site", "epub"]

_WEB: Final = re.compile(r"https?://[^\s\"'<>#]+")


class PreparedIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue whose texts and citations are composed for a theme, ready to be drawn for any medium.

    Attributes:
        issue: the issue.
        theme: the theme.
        words: the words of the theme in the language of the issue.
        composition: the texts, as templates see them but for the addresses of files.
        problems: what is wrong in the texts, the words and the options.
    """

    issue: Issue
    theme: Theme
    words: Words
    composition: Composition
    problems: tuple[Problem, ...]


class RenderedIssue(msgspec.Struct, frozen=True, kw_only=True):
    """A document with what was noticed while making it.

    Attributes:
        text: the document: HTML, or plain text for the medium ``text``.
        context: the issue as the templates saw it.
        problems: warnings.
    """

    text: str
    context: IssueContext
    problems: tuple[Problem, ...]


def prepare(issue: Issue, theme: Theme, styles: Styles) -> PreparedIssue:
    """The issue composed for a theme. It may have errors: they are raised when it is drawn.

    Args:
        issue: the issue.
        theme: the theme.
        styles: the citation styles.
    """
    words, word_problems = read_words(theme, issue.publication.language)
    composition = compose(
        issue,
        styles,
        words,
        bylines=bylines(theme.options),
        dead_references=theme.options.get("dead_references") is not False,
        sheeting=sheeting_of(theme.options),
    )
    unknown = _unknown_languages(issue, composition.issue)
    pages = _missing_pages(issue, theme)
    problems = (*_odd_addresses(theme), *word_problems, *composition.problems, *unknown, *pages)
    return PreparedIssue(issue=issue, theme=theme, words=words, composition=composition, problems=problems)


def render(prepared: PreparedIssue, medium: Medium) -> RenderedIssue:
    """The whole issue as HTML, or as plain text.

    Args:
        prepared: the issue.
        medium: ``screen`` puts stylesheets, fonts and pictures into the document; ``print`` refers to files, and its
            texts are typeset when sheets are made of it; ``text`` is plain text, made by the template ``issue.txt``.

    Raises:
        ProjectError: texts of the issue have mistakes.
        TemplateError: a template is broken.
    """
    drawing = Drawing(prepared, medium)
    page = drawing.page()
    if medium == "text":
        return drawing.finished(page)
    scan = drawing.scan(page)
    wrong = [
        *(problem for problem in drawing.problems if problem.level == "error"),
        *(_placed(prepared, medium, scan) if scan.found else ()),
        *(_dead_links(prepared, page) if medium == "screen" else ()),
    ]
    rendered = drawing.finished(page)
    if wrong:
        raise ProjectError(dict.fromkeys((*rendered.problems, *wrong)))
    if medium == "print" or prepared.theme.inline:  # no e-mail program reads a policy in a page: it has its own
        return rendered
    allowed = tuple(dict.fromkeys(_placed(prepared, medium, scan))) if scan.scripts else ()
    text = active.with_policy(rendered.text, [name for _, name in scan.scripts])
    return msgspec.structs.replace(rendered, text=text, problems=(*rendered.problems, *allowed))


def _placed(prepared: PreparedIssue, medium: Medium, scan: Scan) -> list[Problem]:
    """What a scan of the whole issue found, each with the file and line of the template that printed it."""
    theme = prepared.theme
    for everything in (True, False):  # a comment in the middle of an attribute can hide what is wrong there

        def rewrite(text: str, path: Path, everything: bool = everything) -> str:
            return origins.mark(text, theme.shown(path), everything=everything)

        drawing = Drawing(prepared, medium, rewrite=rewrite)
        marked = drawing.scan(drawing.page())
        if len(marked.found) >= len(scan.found) and len(marked.scripts) >= len(scan.scripts):
            return placed(marked)
    return placed(scan)


def _dead_links(prepared: PreparedIssue, page: str) -> list[Problem]:
    """The dead links of a page, each with the file and line of the template that printed it."""
    found = list(dead_links(page))
    if not found:
        return []
    theme = prepared.theme
    marked = Drawing(prepared, "screen", rewrite=lambda text, path: origins.mark(text, theme.shown(path))).page()
    out = []
    for problem in found:
        at = marked.find(f'href="{escape(problem.key)}"')
        file, line, _ = origins.place_in(marked, at) if at >= 0 else ("", 0, False)
        out.append(msgspec.structs.replace(problem, file=file, line=line or None))
    return out


def placed(scan: Scan) -> list[Problem]:
    """What a scan found, each with its file and line where `origins.mark` has marked the templates."""
    problems = []
    for found in scan.found:
        file, line, own = origins.place_in(scan.text, found.at)
        problems.append(
            Problem(
                level="error",
                code=found.code,
                message=found.message,
                file=file,
                line=(line + found.line * own) or None,
            )
        )
    for at, name in scan.scripts:
        file, line, _ = origins.place_in(scan.text, at)
        message = f"the page runs the script {name}, because digest.yaml allows it"
        problems.append(Problem(level="note", code="allowed-script", message=message, file=file, line=line or None))
    return problems


class Drawing:
    """The templates of a theme and what they see of an issue in one medium; drawn as often as somebody asks.

    Attributes:
        theme: the theme.
        context: the issue as templates see it.
        problems: warnings.
    """

    def __init__(
        self, prepared: PreparedIssue, medium: Medium, *, rewrite: Callable[[str, Path], str] | None = None
    ) -> None:
        """Makes everything ready that templates ask for.

        Args:
            prepared: the issue.
            medium: as for `render`.
            rewrite: changes the text of each template before it is used; gets the text and the file.

        Raises:
            ProjectError: texts of the issue, options or stylesheets have mistakes.
            TemplateError: the template of figures is broken.
        """
        self.theme, self.medium, words = prepared.theme, medium, prepared.words
        sheets = [] if medium == "text" else self.theme.stylesheets(medium)
        css_problems = [problem for sheet in sheets for problem in sheet.problems(selectors=False)]
        inner = [problem for sheet in sheets for problem in active.inner_drawing_problems(sheet)]
        self.problems: tuple[Problem, ...] = (*prepared.problems, *css_problems, *inner)
        self._folder = prepared.issue.folder
        self._drawings: set[Path] = set()
        if any(problem.level == "error" for problem in self.problems):
            raise ProjectError(self.problems)
        self._environment = self.theme.environment(
            rewrite=rewrite,
            asset=self._asset,
            paged=medium == "print",
            joint=Markup(JOINT if medium == "print" else ""),  # noqa: S704 - our own mark
            words=words,
            word=words.word,
            date=words.date,
            dates=words.dates,
            event_line=words.event_line,
            lang=words.lang,
        )
        for path in (path for sheet in sheets for path in sheet.files):
            self._look_at(path)
        self._text = PlainText(words.language)
        self.context = self._with_pages(prepared.composition.placed(self._source, self._figure))
        self._way = _way(self.context, words)
        self._known = {content_of(self._inlined(sheet)) for sheet in sheets if medium == "screen"}
        self._values: dict[str, Any] = {"issue": self.context}
        if medium == "text":
            self._environment = self._environment.overlay(finalize=self._text.printed)
            self._environment.filters.update(self._text.filters)
            self._environment.globals["links"] = self._text.links
        else:
            self._values["stylesheets"] = self.theme.properties + Markup("\n") + self._styles(sheets)
            self._values["linked_data"] = self._linked_data()

    def page(self) -> str:
        """The whole issue.

        Raises:
            TemplateError: a template is broken.
        """
        return self.part("issue.txt" if self.medium == "text" else "issue.html")

    def part(self, template: str, **values: Any) -> str:  # noqa: ANN401 - whatever templates see
        """What a template of the theme prints.

        Args:
            template: its name.
            values: what it sees besides, or instead.

        Raises:
            TemplateError: a template is broken.
        """
        return self._set(self.theme.render(self._environment, template, {**self._values, **values}, fault=self._fault))

    def part_of_text(self, text: str, **values: Any) -> str:  # noqa: ANN401 - whatever templates see
        """What a template prints that is in no file, such as one that extends ``issue.html``.

        Args:
            text: the template.
            values: what it sees besides, or instead.

        Raises:
            TemplateError: a template that it uses is broken.
        """
        return self._set(self.theme.render_text(self._environment, text, {**self._values, **values}, fault=self._fault))

    def finished(self, drawn: str) -> RenderedIssue:
        """What was drawn as a document that can be sent: fit for e-mail, or with the escapes of plain text taken off.

        Args:
            drawn: what `page` or a part gave.
        """
        problems = self.problems
        if self.medium == "text":
            drawn = self._text.finish(drawn)
        elif self.theme.inline and self.medium == "screen":
            drawn = formulas.as_text(drawn)
            drawn = mail.inlined(drawn, str(self.theme.options.get("web_address", "")))
            problems = (*problems, *mail.too_long(drawn))
        return RenderedIssue(text=drawn, context=self.context, problems=problems)

    def _set(self, drawn: str) -> str:
        if self.medium == "text":
            return drawn  # its values were set when they became text
        if self.medium != "print":
            drawn = small_capitals(bidi.isolated(drawn))  # no-break blanks would be copied and not be found
            return drawn if self.theme.inline else formulas.within_reach(drawn)
        return small_capitals(bidi.isolated(footnotes.at_foot(drawn)))

    def _fault(self, drawn: str) -> tuple[int, str] | None:
        return excess.first(drawn, styles=self.medium == "print") if self.medium != "text" else None

    def scan(self, drawn: str) -> Scan:
        """What in a document that was drawn runs, or loads something from elsewhere."""
        return Scan(drawn, self.theme.permits_in(self.medium, self._folder), known_styles=self._known)

    def _linked_data(self) -> Markup:
        return linked_data(self.context)

    # -- what templates ask for ----------------------------------------------------------------------------------------

    def _look_at(self, path: Path) -> None:
        """Adds what is wrong with a drawing to the problems, once."""
        if path not in self._drawings:
            self._drawings.add(path)
            found = tuple(active.drawing_problems(path, self.theme.shown(path)))
            if path.suffix.lower() == ".svg" and not any(problem.code == "picture-type" for problem in found):
                found = (*found, *drawings.problems(path, self.theme.shown(path), self._fonts))
            self.problems = (*self.problems, *found)

    def _source(self, path: Path) -> str:
        self._look_at(path)
        if self.medium == "text" or self.theme.inline:
            return path.name  # e-mail programs drop pictures that are inside of a page, and text has none
        readable = not any(problem.level == "error" for problem in self.problems)
        dressed = ""
        if path.suffix.lower() == ".svg" and readable:
            dressed = drawings.address(path, self._fonts, inside=self.medium == "screen")
        if dressed:
            return dressed
        return path.resolve().as_uri() if self.medium == "print" else data_uri(path)

    @functools.cached_property
    def _fonts(self) -> drawings.Fonts:
        return drawings.fonts_of(self.theme)

    def _asset(self, name: str) -> str:
        path = self.theme.find(name)
        if path is None:
            raise MissingAssetError(f"there is no file “{name}” in the overrides or the theme")
        if message := asset_complaint(path, stamp(path)):
            raise UnusableAssetError(message)
        return self._source(path)

    def _with_pages(self, issue: IssueContext) -> IssueContext:
        """The issue with what the templates of its own pages print; e-mail has no pages, only their texts."""

        def printed(entry: EntryContext) -> EntryContext:
            if not isinstance(entry, PageEntry) or not entry.template:
                return entry
            values = {"entry": entry, "issue": issue, "heading": "h3"}
            text = self.theme.render(self._environment, f"pages/{entry.template}.html", values)
            return msgspec.structs.replace(entry, body=Markup(text))  # noqa: S704 - made by an escaping template

        return issue if self.medium == "text" or self.theme.inline else with_entries(issue, printed)

    def _figure(self, figure: Figure) -> Markup:
        text = self.theme.render(self._environment, "partials/figure.html", {"figure": figure})
        return Markup(text)  # noqa: S704 - made by an escaping template

    def _inlined(self, sheet: Stylesheet) -> Markup:
        """A stylesheet for the screen; one for e-mail is mirrored, as its programs know no start and end of a line."""
        text = str(sheet.inlined())
        if self.theme.inline:
            return Markup(mirror.mirrored(text) if self._way == "rtl" else text)  # noqa: S704 - a stylesheet of ours
        return Markup(mirror.turned(text, self._way))  # noqa: S704 - a stylesheet of ours

    def _styles(self, sheets: Sequence[Stylesheet]) -> Markup:
        if self.medium == "screen":
            hidden = Markup() if self.theme.inline else hidden_families(self.theme, sheets)
            return Markup("\n").join(filter(None, (*map(self._inlined, sheets), hidden)))
        link = Markup('<link rel="stylesheet" href="{}">')
        return Markup("\n").join(link.format(sheet.path.as_uri()) for sheet in sheets)


def _way(issue: IssueContext, words: Words) -> mirror.Way:
    """What of an issue runs from right to left."""
    if words.direction == "rtl":
        return "rtl"
    entries = (entry for entry in issue.entries if isinstance(entry, ArticleEntry | DigestEntry))
    languages = {
        tag for entry in entries for tag in (entry.language, entry.title_language if entry.kind == "digest" else "")
    }
    return "parts" if any(direction(tag) == "rtl" for tag in languages) else "ltr"


def content_of(element: str) -> str:
    """What is between the tags of an element whose start tag has no attributes."""
    return element[element.index(">") + 1 : element.rindex("</")]


class _Links(HTMLParser):
    """Reads where the links of a document lead, and which places it has."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif tag == "a" and name == "href":
                self.links.append(value or "")


def _unknown_languages(issue: Issue, context: IssueContext) -> Iterator[Problem]:
    """A note about the abstracts of which neither the record nor the text says in which language they are."""
    keys = [
        entry.id.removeprefix("abstract-")
        for entry in context.entries
        if isinstance(entry, DigestEntry) and UNKNOWN in {entry.language[:3], entry.title_language[:3]}
    ]
    if keys:
        listed = ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")
        message = (
            f"it is not known in which language these records are: {listed}; they are printed without hyphens. "
            f"Write “language: {context.publication.language}”, or another, into their files"
        )
        yield Problem(level="note", code="unknown-language", message=message, file=issue.shown("issue.yaml"))


def _missing_pages(issue: Issue, theme: Theme) -> Iterator[Problem]:
    """An error for each page of the issue's own whose template is nowhere."""
    read = issue.reads[issue.shown("issue.yaml")]
    for s, section in enumerate(issue.head.sections):
        for e, entry in enumerate(section.entries):
            name = entry.page.template if entry.page else None
            if name and theme.find(f"pages/{name}.html") is None:
                known = {path.stem for root in theme.roots for path in root.glob("pages/*.html")}
                near = did_you_mean(name.removesuffix(".html"), known)
                message = f"there is no template “{name}” of a page: expected overrides/pages/{name}.html{near}"
                yield read.problem("error", "missing-page", message, "sections", s, "entries", e, "page", "template")


def _odd_addresses(theme: Theme) -> Iterator[Problem]:
    """An error for each option that takes a web address and has something else."""
    for name in ("web_address", "cover_address", "lead_address"):
        value = str(theme.options.get(name, ""))
        if value and not _WEB.fullmatch(value):
            message = (
                f"“{value}” is not a web address; the option “{name}” takes one, such as https://example.org/1.html"
            )
            yield Problem(level="error", code="web-address", message=message, file="digest.yaml")


def dead_links(html: str) -> Iterator[Problem]:
    """An error for each link inside a document that leads nowhere."""
    page = _Links()
    page.feed(html)
    for address in dict.fromkeys(page.links):
        if address.startswith("#") and address[1:] not in page.ids:
            message = f"a link leads to “{address}”, which is not in the issue"
            yield Problem(level="error", code="dead-link", message=message, key=address)


def linked_data(issue: IssueContext) -> Markup:
    """The issue as JSON-LD of schema.org: a `PublicationIssue` with a `ScholarlyArticle` for each entry."""
    listed = [entry for entry in issue.entries if isinstance(entry, ArticleEntry | DigestEntry)]
    parts = [part_data(entry, issue, f"#{entry.id}") for entry in listed]
    return as_linked_data(issue_data(issue) | {"hasPart": parts})


def issue_data(issue: IssueContext | IssueHead) -> dict[str, Any]:
    """The issue as a `PublicationIssue` of schema.org, without its parts."""
    periodical = {
        "@type": "Periodical",
        "name": issue.publication.title,
        "issn": issue.publication.issn,
        "url": issue.publication.url,
    }
    volume = {"@type": "PublicationVolume", "volumeNumber": issue.volume, "isPartOf": periodical}
    event = issue.meeting and {
        "@type": "Event",
        "name": issue.meeting.name,
        "location": issue.meeting.place,
        "startDate": issue.meeting.start and str(issue.meeting.start),
        "endDate": issue.meeting.end and str(issue.meeting.end),
    }
    return {
        "@type": "PublicationIssue",
        "name": f"{issue.publication.title}: {issue.title}",
        "issueNumber": issue.number,
        "datePublished": str(issue.date),
        "inLanguage": issue.publication.language,
        "publisher": issue.publication.publisher and {"@type": "Organization", "name": issue.publication.publisher},
        "isPartOf": volume if issue.volume else periodical,
        "about": event,
    }


def as_linked_data(data: Mapping[str, Any]) -> Markup:
    """A thing of schema.org as the text of a ``<script>``; what is empty in it is left out."""
    text = json.dumps(_without_empty({"@context": "https://schema.org", **data}), ensure_ascii=False, indent=1)
    # Inside <script> only "<" could end the element or open a comment.
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - made by an escaping template, or with “<” escaped


def part_data(entry: ArticleEntry | DigestEntry, issue: IssueContext | IssueHead, address: str) -> dict[str, Any]:
    """An article or abstract as a `ScholarlyArticle` of schema.org.

    Args:
        entry: the entry.
        issue: its issue.
        address: where it is.
    """
    authors = [
        {
            "@type": "Organization" if person.literal else "Person",
            "name": person.full,
            "identifier": person.orcid and f"https://orcid.org/{person.orcid}",
        }
        for person in entry.authors
    ]
    part = {
        "@type": "ScholarlyArticle",
        "@id": address,
        "headline": entry.title.plain,
        "author": authors,
        "keywords": list(entry.keywords),
        "inLanguage": "" if entry.language == UNKNOWN else entry.language,
    }
    if isinstance(entry, ArticleEntry):
        doi = entry.doi and f"https://doi.org/{entry.doi}"
        return part | {
            "datePublished": str(issue.date),
            "pagination": entry.pages,
            "sameAs": doi,
            "genre": entry.label,
            "citation": [reference.text for reference in entry.references],
        }
    return part | {
        "genre": "Meeting abstract" if entry.type == "meeting-abstract" else entry.label,
        "identifier": entry.number,
        "creditText": entry.citation.striptags(),
        "sameAs": [identifier.url for identifier in entry.identifiers],
    }


def _without_empty(value: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if isinstance(value, dict):
        return {name: _without_empty(part) for name, part in value.items() if part not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(part) for part in value]
    return value
