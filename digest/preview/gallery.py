"""The gallery: every partial of a theme with the worst that it may have to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from digest import resources
from digest.errors import DigestError, ProjectError, TemplateError
from digest.project import read_issue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.project import Issue
    from digest.render.context import IssueContext
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


def issue(own: Issue) -> Issue:
    """The issue of the gallery in the publication of another: its title, language and style.

    Raises:
        DigestError: the installation lacks the gallery.
    """
    root = resources.folder("seeds") / "gallery"
    folder = next(iter(sorted((root / "issues").glob("*/issue.yaml"))), None)
    if folder is None:
        raise DigestError("the program's own gallery is missing", where=str(root), todo="install digest again")
    return msgspec.structs.replace(read_issue(folder.parent), publication=own.publication)


def draw(theme: Theme, environment: Any, values: Mapping[str, Any]) -> str:  # noqa: ANN401 - an environment of Jinja
    """A document with each partial under its name.

    A partial that is broken shows its problem in its place; the others are printed.
    """
    names = sorted({*theme.names(), *_own(theme)})
    partials = [name for name in names if name.startswith("partials/") and name.endswith(".html")]
    found = []
    for name in partials:
        cases = []
        for title, more in _cases(name, values["issue"]):
            try:
                text = Markup(theme.render(environment, name, {**values, **more}))  # noqa: S704 - an escaping template made it
            except (TemplateError, ProjectError) as error:
                text = Markup('<p style="color: #b00020"><b>{}</b></p>').format(str(error))
            if text.strip():
                cases.append((title, text))
        if cases:
            found.append((name, cases))
    return theme.render_text(environment, _PAGE, {**values, "gallery": found})


def _own(theme: Theme) -> Iterator[str]:
    return (path.relative_to(theme.overrides).as_posix() for path in theme.overrides.rglob("*.html"))


def _cases(name: str, context: IssueContext) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a partial is given: each entry of its kind, each section, each index, or the issue."""
    stem = name.removeprefix("partials/").removesuffix(".html")
    if stem in {"meta", "figure"}:  # the head of the page; inside articles
        return
    if stem == "section":
        for section in context.sections:
            yield _title(section), {"section": section}
    elif stem == "index-lines":
        yield "", {"lines": context.author_index}
    elif stem in {"article", "digest", "notice"}:
        for entry in (entry for entry in context.entries if entry.kind == stem):
            yield _title(entry), {"entry": entry, "heading": "h3"}
    elif stem in {"authors", "references"}:
        for entry in (entry for entry in context.entries if entry.kind != "notice"):
            yield _title(entry), {"entry": entry, "heading": "h4"}
    else:
        entry = context.entries[0]
        yield "", {"entry": entry, "heading": "h3", "section": context.sections[0]}


def _title(entry: Any) -> str:  # noqa: ANN401 - any kind of entry
    title = entry.title
    return str(title if isinstance(title, str) else title.plain)[:80]
