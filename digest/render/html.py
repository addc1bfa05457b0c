"""An issue as one document: HTML for the screen, for the PDF or for e-mail, and the plain text beside an e-mail."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from digest.errors import Problem, ProjectError
from digest.render import mail
from digest.render.context import ArticleEntry, DigestEntry, Figure, IssueContext, compose
from digest.render.plain import PlainText
from digest.render.theme import MissingAssetError, Theme, data_uri, inline_stylesheets
from digest.render.words import read_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import Literal

    from digest.cite import Styles
    from digest.project import Issue


_WEB: Final = re.compile(r"https?://[^\s\"'<>#]+")


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A document with what was noticed while making it.

    Attributes:
        html: the document; plain text for the medium ``text``.
        context: the issue as the templates saw it.
        problems: warnings.
    """

    html: str
    context: IssueContext
    problems: tuple[Problem, ...]


def render(
    issue: Issue,
    theme: Theme,
    styles: Styles,
    medium: Literal["screen", "print", "text"],
    *,
    draw: Callable[[Any, Mapping[str, Any]], str] | None = None,
) -> Page:
    """The issue as HTML, or as plain text.

    Args:
        issue: the issue.
        theme: the theme.
        styles: the citation styles.
        medium: ``screen`` puts stylesheets, fonts and pictures into the document; ``print`` refers to files;
            ``text`` is plain text, made by the template ``issue.txt``.
        draw: makes something else than the whole issue, of an environment and what templates see; its links are not
            looked after.

    Raises:
        ProjectError: texts of the issue have mistakes.
        TemplateError: a template is broken.
    """
    paged = medium == "print"

    def source(path: Path) -> str:
        if medium == "text" or theme.inline:
            return path.name  # e-mail programs drop pictures that are inside of a page, and text has none
        return path.resolve().as_uri() if paged else data_uri(path)

    def asset(name: str) -> str:
        path = theme.find(name)
        if path is None:
            raise MissingAssetError(f"there is no file “{name}” in the overrides or the theme")
        return source(path)

    words, word_problems = read_words(theme, issue.publication.language)
    environment = theme.environment(
        asset=asset, paged=paged, words=words, word=words.word, date=words.date, dates=words.dates,
        event_line=words.event_line,
    )  # fmt: skip

    def figure(value: Figure) -> Markup:
        text = theme.render(environment, "partials/figure.html", {"figure": value})
        return Markup(text)  # noqa: S704 - made by an escaping template, or with “<” escaped

    web_address = str(theme.options.get("web_address", ""))
    told = [*_odd_addresses(theme)]
    context, problems = compose(issue, styles, words, source=source, figure=figure)
    if medium == "text":
        told += [*word_problems, *problems]
        if any(problem.level == "error" for problem in told):
            raise ProjectError(told)
        text = PlainText()
        environment = environment.overlay(finalize=text.printed)
        environment.filters.update(text.filters)
        environment.globals["links"] = text.links
        rendered = theme.render(environment, "issue.txt", {"issue": context})
        return Page(html=text.finish(rendered), context=context, problems=tuple(told))
    sheets = theme.stylesheets(medium)
    if paged:
        links = (Markup('<link rel="stylesheet" href="{}">').format(path.as_uri()) for path in sheets)
        styles_markup, css_problems = Markup("\n").join(links), list[Problem]()
    else:
        styles_markup, css_problems = inline_stylesheets(sheets, theme)
    styles_markup = theme.properties + Markup("\n") + styles_markup
    problems = (*told, *word_problems, *problems, *css_problems)
    if any(problem.level == "error" for problem in problems):
        raise ProjectError(problems)
    values = {"issue": context, "stylesheets": styles_markup, "linked_data": linked_data(context)}
    html = draw(environment, values) if draw else theme.render(environment, "issue.html", values)
    if theme.inline and not paged:
        html = mail.inlined(html, web_address)
        problems = (*problems, *mail.told(html))
    if not draw and not paged and (loose := tuple(astray(html, remote=theme.inline))):
        raise ProjectError((*problems, *loose))
    return Page(html=html, context=context, problems=problems)


class _Addresses(HTMLParser):
    """Reads which files a document loads, where its links lead, and which places it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif tag == "a" and name == "href":
                self.links.append(value or "")
            elif value and loads(tag, name):
                self.loaded.append(value)


def loads(tag: str, name: str) -> bool:
    """Whether an attribute of an element holds the address of a file that the page loads."""
    return name in {"src", "srcset", "poster", "data", "background"} or (tag == "link" and name == "href")


def _odd_addresses(theme: Theme) -> Iterator[Problem]:
    """An error for each option that names an address and is none of the web."""
    for name in ("web_address", "cover_address"):
        value = str(theme.options.get(name, ""))
        if value and not _WEB.fullmatch(value):
            message = (
                f"“{value}” is no address of the web; the option “{name}” is one, such as https://example.org/1.html"
            )
            yield Problem(level="error", code="web-address", message=message, file="digest.yaml")


def astray(html: str, *, remote: bool) -> Iterator[Problem]:
    """What keeps the document from being one file that can be mailed, and links inside it that lead nowhere."""
    page = _Addresses()
    page.feed(html)
    for address in dict.fromkeys(page.loaded):
        if not address.startswith(("data:", "https://", "http://") if remote else "data:"):
            message = f"the page would load “{address}”; in templates use asset(…), so that the file is inside the page"
            yield Problem(level="error", code="loads-a-file", message=message)
    for address in dict.fromkeys(page.links):
        if address.startswith("#") and address[1:] not in page.ids:
            yield Problem(
                level="error", code="dead-link", message=f"a link leads to “{address}”, which is not in the issue"
            )


def linked_data(issue: IssueContext) -> Markup:
    """The issue as JSON-LD of schema.org: a `PublicationIssue` with a `ScholarlyArticle` for each entry."""
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
    data = {
        "@context": "https://schema.org",
        "@type": "PublicationIssue",
        "name": f"{issue.publication.title}: {issue.title}",
        "issueNumber": issue.number,
        "datePublished": str(issue.date),
        "inLanguage": issue.publication.language,
        "publisher": issue.publication.publisher and {"@type": "Organization", "name": issue.publication.publisher},
        "isPartOf": volume if issue.volume else periodical,
        "about": event,
        "hasPart": [_part(entry, issue) for entry in issue.entries if isinstance(entry, ArticleEntry | DigestEntry)],
    }
    text = json.dumps(_without_empty(data), ensure_ascii=False, indent=1)
    # Inside <script> only "<" could end the element or open a comment.
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - made by an escaping template, or with “<” escaped


def _part(entry: ArticleEntry | DigestEntry, issue: IssueContext) -> dict[str, Any]:
    authors = [
        {"@type": "Organization" if person.literal else "Person", "name": person.full,
         "identifier": person.orcid and f"https://orcid.org/{person.orcid}"}
        for person in entry.authors
    ]  # fmt: skip
    part = {
        "@type": "ScholarlyArticle",
        "@id": f"#{entry.id}",
        "headline": entry.title.plain,
        "author": authors,
        "keywords": list(entry.keywords),
        "inLanguage": entry.language,
    }
    if isinstance(entry, ArticleEntry):
        doi = entry.doi and f"https://doi.org/{entry.doi}"
        return part | {"datePublished": str(issue.date), "pagination": entry.pages, "sameAs": doi, "genre": entry.label,
                       "citation": [reference.text for reference in entry.references]}  # fmt: skip
    return part | {"genre": "Meeting abstract", "identifier": entry.number, "creditText": entry.citation,
                   "sameAs": [identifier.url for identifier in entry.identifiers]}  # fmt: skip


def _without_empty(value: Any) -> Any:  # noqa: ANN401 - any part of a JSON document
    if isinstance(value, dict):
        return {name: _without_empty(part) for name, part in value.items() if part not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(part) for part in value]
    return value
