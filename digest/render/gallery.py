"""The gallery: every partial of a theme with the hardest content that it may have to print."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from digest import resources
from digest.errors import DigestError, ProjectError, TemplateError
from digest.ownfields import declared_for
from digest.project import read_issue
from digest.render import html
from digest.render.context import DigestEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.cite import Styles
    from digest.model import FieldText
    from digest.ownfields import Place
    from digest.project import Issue
    from digest.publication import Publication
    from digest.render.context import IssueContext
    from digest.render.html import Drawing, Medium
    from digest.render.theme import Theme

_PAGE: Final = """{% extends "issue.html" %}
{% block body %}
{% set name_style = "font: 600 16px/1.4 sans-serif; margin: 32px 0 8px; padding: 6px; border-left: 4px solid #777" %}
<main id="content" class="gallery-of-partials" style="padding: 0 24px">
{% for name, cases in gallery %}
<section class="gallery-partial" id="partial-{{ loop.index }}">
<h2 class="gallery-name" style="{{ name_style }}">{{ name }}</h2>
{% for title, html in cases %}
<p class="gallery-case" style="font: 13px/1.4 sans-serif; margin: 12px 0 4px">{{ title }}</p>
{{ html }}
{% endfor %}
</section>
{% endfor %}
</main>
{% endblock %}
"""


def issue(publication: Publication) -> Issue:
    """The issue of the gallery in a publication: with its title, language, style and own fields.

    Raises:
        DigestError: the installation lacks the gallery.
    """
    root = resources.folder("seeds") / "gallery"
    folder = next(iter(sorted((root / "issues").glob("*/issue.yaml"))), None)
    if folder is None:
        raise DigestError("the program's own gallery is missing", where=str(root), todo="install digest again")
    found, fields = read_issue(folder.parent), publication.fields
    replace = msgspec.structs.replace

    def samples(place: Place) -> dict[str, FieldText]:
        return {one.name: one.sample for one in declared_for(fields, place)}

    records = {key: replace(record, fields=samples("records")) for key, record in found.records.items()}
    articles = {
        key: replace(article, head=replace(article.head, fields=samples("articles")))
        for key, article in found.articles.items()
    }
    sections = tuple(
        replace(
            section,
            fields=samples("sections"),
            entries=tuple(replace(entry, fields=samples("entries")) for entry in section.entries),
        )
        for section in found.head.sections
    )
    head = replace(found.head, sections=sections, fields=samples("issue"))
    return replace(found, publication=publication, head=head, records=records, articles=articles)


def documents(
    publication: Publication, theme: Theme, styles: Styles
) -> tuple[Callable[[Medium], str], Callable[[Medium], str]]:
    """What draws the gallery, and what draws its issue as a whole; nothing is done before they are called.

    Args:
        publication: the publication in which it is shown.
        theme: the theme.
        styles: the citation styles of the publication.
    """
    prepared = functools.cache(lambda: html.prepare(issue(publication), theme, styles))
    return (
        lambda medium: draw(html.Drawing(prepared(), medium)),
        lambda medium: html.Drawing(prepared(), medium).page(),
    )


def draw(drawing: Drawing) -> str:
    """A document with each partial under its name.

    A partial that is broken shows its problem in its place; the others are printed.
    """
    theme = drawing.theme
    names = sorted({*theme.names(), *_own(theme)})
    partials = [name for name in names if name.startswith("partials/") and name.endswith(".html")]
    found = []
    for name in partials:
        cases = []
        for title, more in _cases(name, drawing.context):
            try:
                text = Markup(drawing.part(name, **more))  # noqa: S704 - an escaping template made it
            except (TemplateError, ProjectError) as error:
                text = Markup('<p style="color: #b00020"><b>{}</b></p>').format(str(error))
            if text.strip():
                cases.append((title, text))
        if cases:
            found.append((name, cases))
    return drawing.part_of_text(_PAGE, gallery=found)


def _own(theme: Theme) -> Iterator[str]:
    return (path.relative_to(theme.overrides).as_posix() for path in theme.overrides.rglob("*.html"))


def _cases(name: str, context: IssueContext) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a partial is given: each entry of its kind, each section, each index, or the issue."""
    stem = name.removeprefix("partials/").removesuffix(".html")
    if stem in {"meta", "figure", "section-picture"}:  # the head of the page; inside articles and sections
        return
    if stem == "section":
        for section in context.sections:
            yield _title(section), {"section": section}
    elif stem == "track":
        for track in context.tracks:
            yield _title(track), {"track": track}
    elif stem == "index-lines":
        yield "", {"lines": context.author_index}
    elif stem in {"article", "digest", "notice", "page"}:
        for entry in (entry for entry in context.entries if entry.kind == stem):
            yield _title(entry), {"entry": entry, "heading": "h3"}
    elif stem in {"digest-head", "comment", "identifiers", "contents-status"}:  # of an abstract
        for entry in (entry for entry in context.entries if isinstance(entry, DigestEntry)):
            if entry.comment or stem != "comment":
                yield _title(entry), {"entry": entry, "heading": "h3"}
    elif stem in {"authors", "references"}:
        for entry in (entry for entry in context.entries if entry.kind in {"article", "digest"}):
            yield _title(entry), {"entry": entry, "heading": "h4"}
    else:
        entry = context.entries[0]
        yield "", {"entry": entry, "heading": "h3", "section": context.sections[0]}


def _title(entry: Any) -> str:  # noqa: ANN401 - any kind of entry
    title = entry.title
    return str(title if isinstance(title, str) else title.plain)[:80]
