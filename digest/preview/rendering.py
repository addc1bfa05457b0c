"""What a preview shows, made from the files as they are now: HTML with its origins, then pictures of the pages."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import pypdfium2

from digest import build
from digest.cite import Styles
from digest.errors import DigestError, Problem, ProjectError, TemplateError
from digest.preview import gallery, origins
from digest.project import read_issue
from digest.render import html, lint, pdf
from digest.render.context import ArticleEntry, DigestEntry, IssueContext, NoticeEntry, SectionContext
from digest.text import RichText

if TYPE_CHECKING:
    from pathlib import Path

    from digest.cite import Cited
    from digest.project import Issue
    from digest.render.theme import Theme

SCALE: Final = 1.5  # 108 pixels to the inch: sharp enough to read 8 pt, 20 ms for a page
_LARGE: Final = re.compile(r"data:([\w/+.-]+);base64,([A-Za-z0-9+/=]{1500,})")
_PART: Final = (
    '{% extends "issue.html" %}{% block cover %}{% endblock %}{% block contents %}{% endblock %}'
    "{% block indexes %}{% endblock %}{% block colophon %}{% endblock %}"
)


class View(msgspec.Struct, frozen=True):
    """What is looked at.

    Attributes:
        kind: the whole issue, one entry, one section, or the gallery of the theme.
        id: id of the entry or section.
    """

    kind: Literal["issue", "entry", "section", "gallery"] = "issue"
    id: str = ""


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """The HTML of a view.

    Attributes:
        html: the document; what is large in it stands as ``/asset/NAME``.
        assets: media type and bytes of these, by name.
        menu: kind, id and title of each section and entry of the issue.
        problems: warnings and notes.
    """

    html: str
    assets: Mapping[str, tuple[str, bytes]]
    menu: tuple[tuple[str, str, str], ...]
    problems: tuple[Problem, ...]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of a page.

    Attributes:
        page: number of the page, counted from 0.
        name: digest of its pixels.
        size: width and height in pixels.
        label: the page's label, such as ``332``.
        png: the picture; nothing when the one who asks has it.
    """

    page: int
    name: str
    size: tuple[int, int]
    label: str
    png: bytes | None


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """All pages of a view, once they are made.

    Attributes:
        names: the picture of each page.
        labels: the label of each page.
        places: page and height of each HTML id.
        entries: the entries as they were printed, by id.
        problems: what the finished pages tell.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    places: Mapping[str, tuple[int, float]]
    entries: Mapping[str, ArticleEntry | DigestEntry | NoticeEntry]
    problems: tuple[Problem, ...]


class _RememberingStyles(Styles):
    """Citation styles that format the same citations once."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._cited: dict[Any, tuple[list[Any], Cited]] = {}

    def cite(
        self, name: str, citations: Sequence[Any], sources: Mapping[str, Any], *, language: str, anchor: str
    ) -> Cited:
        keys = {cite.key for citation in citations for cite in citation.cites}
        known = tuple((key, id(sources[key])) for key in sorted(keys))
        key = (name, tuple(citations), known, language, anchor)
        if key not in self._cited:
            if len(self._cited) > 4000:
                self._cited.clear()
            # The records are kept with the answer, so that their identity stays their own.
            cited = super().cite(name, citations, sources, language=language, anchor=anchor)
            self._cited[key] = [sources[k] for k in keys], cited
        return self._cited[key][1]


@dataclasses.dataclass
class _Read:
    """The files of the issue as they are now."""

    issue: Issue
    theme: Theme
    styles: Styles
    problems: tuple[Problem, ...]


class Renderer:
    """Makes views of an issue; keeps what it read, so that the next time only what changed is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._styles: tuple[object, Styles] | None = None

    # -- reading -------------------------------------------------------------------------------------------------------

    def read(self, view: View) -> _Read:
        """The issue, the theme and the styles of a view.

        Raises:
            DigestError: files have mistakes.
        """
        own, left = build.without_held(read_issue(self.folder))
        own, embargoed = build.without_embargoed(own)
        styles = self._current_styles(own)
        theme = build.load_theme(own)
        problems = (*own.problems, *left, *embargoed)
        if view.kind == "gallery":
            return _Read(gallery.issue(own), theme, styles, ())
        return _Read(own, theme, styles, problems)

    def _current_styles(self, issue: Issue) -> Styles:
        name = issue.publication.style
        path = issue.root / name
        stamp = (name, path.stat().st_mtime_ns if path.is_file() else 0)
        if self._styles is None or self._styles[0] != stamp:
            self._styles = (stamp, _RememberingStyles(issue.root))
        styles = self._styles[1]
        with build.told_at(issue, "style"):
            styles.load(name)
        return styles

    # -- HTML ----------------------------------------------------------------------------------------------------------

    def screen(self, view: View) -> Screen:
        """The HTML of a view, each element with the template and line that made it.

        Raises:
            DigestError: files have mistakes.
        """
        read = self.read(view)
        read.theme.rewrite = lambda source, path: origins.mark(source, read.theme.shown(path))
        page = html.render(read.issue, read.theme, read.styles, "screen", draw=_draw(view, read.theme, None))
        assets: dict[str, tuple[str, bytes]] = {}

        def apart(match: re.Match[str]) -> str:
            name = hashlib.sha256(match[0].encode()).hexdigest()[:32]
            if name not in assets:
                assets[name] = (match[1], base64.b64decode(match[2]))
            return f"/asset/{name}"

        return Screen(
            html=_LARGE.sub(apart, page.html),
            assets=assets,
            menu=() if view.kind == "gallery" else tuple(_menu(page.context)),
            problems=tuple(dict.fromkeys([*read.problems, *page.problems])),
        )

    def theme_problems(self, view: View) -> tuple[Problem, ...]:
        """What the templates and stylesheets have wrong, whether this view prints it or not."""
        read = self.read(view)
        return lint.check(read.theme, read.issue.publication.language)

    # -- pages ---------------------------------------------------------------------------------------------------------

    def pages(self, view: View, before: Layout | None, focus: int, known: set[str]) -> Iterator[Picture | Layout]:
        """Pictures of the pages of a view: first those of what is looked at or was changed, then all, then the layout.

        Args:
            view: the view.
            before: its pages as they were.
            focus: the page that is looked at.
            known: names of pictures that need not be made again.

        Raises:
            DigestError: files have mistakes.
        """
        read = self.read(view)
        context: list[IssueContext] = []

        def remembering(environment: Any, values: Mapping[str, Any]) -> str:  # noqa: ANN401 - an environment of Jinja
            context.append(values["issue"])
            return _draw(view, read.theme, None)(environment, values)

        page = html.render(read.issue, read.theme, read.styles, "print", draw=remembering)
        entries = {entry.id: entry for entry in context[0].entries}
        if view.kind == "issue":
            yield from self._quick(read, context[0], entries, before, focus, known)
        made = self._draft(read, page.html, context[0].first_page)
        names: list[str] = []
        shots: dict[int, Picture] = {}
        document = pypdfium2.PdfDocument(made.content)
        count = len(document)
        focus = min(focus, count - 1)
        for n in sorted(range(count), key=lambda n: abs(n - focus)):
            shots[n] = _shoot(document, n, n, made.labels[n], known)
            yield shots[n]
        names = [shots[n].name for n in range(count)]
        fonts = pdf.font_names(made.content)
        problems = (
            *page.problems,
            *made.problems,
            *build.missing_glyphs(made.missing, read.issue),
            *lint.missing_fonts(read.theme, read.theme.stylesheets("print"), fonts),
        )
        yield Layout(
            names=tuple(names), labels=made.labels, places=made.places, entries=entries,
            problems=tuple(dict.fromkeys(problems)),
        )  # fmt: skip

    def _draft(self, read: _Read, text: str, first_page: int, css: str = "") -> pdf.Draft:
        theme = read.theme
        roots = (read.issue.folder, *theme.roots)
        fonts = theme.find("fonts/fonts.conf")
        return pdf.draft(text, first_page, roots=roots, fonts=fonts, shown=theme.shown, css=css)

    def _quick(
        self,
        read: _Read,
        context: IssueContext,
        entries: Mapping[str, ArticleEntry | DigestEntry | NoticeEntry],
        before: Layout | None,
        focus: int,
        known: set[str],
    ) -> Iterator[Picture]:
        """The pages of the entries that are looked at or were changed, laid out alone: a guess that is right but for what
        depends on pages before them.
        """
        if before is None:
            # Nothing is known yet: what stands before the first entry, the cover as a rule.
            chosen = msgspec.structs.replace(context, sections=(), editorial=None)
            made = self._draft(read, self._again(read, chosen, whole=True), context.first_page)
            first = made.places.get("content", (1, 0.0))[0]
            document = pypdfium2.PdfDocument(made.content)
            for n in range(max(1, min(first, len(document)))):
                yield _shoot(document, n, n, made.labels[n], known)
            return
        order = [id_ for id_ in entries if id_ in before.places]
        changed = [id_ for id_ in order if before.entries.get(id_) != entries[id_]]
        starts = _starts(context, before.places)
        looked_at = next((id_ for id_ in reversed(order) if starts[id_][0] <= focus), None)
        wanted = looked_at
        if changed and len(changed) <= 3 and looked_at not in changed:
            wanted = changed[0]
        if wanted is None:
            return
        page = max(focus, starts[wanted][0]) if wanted == looked_at else starts[wanted][0]
        top = min(y for _, y in starts.values()) + 2
        at = order.index(wanted)
        first = next((n for n in range(at, -1, -1) if starts[order[n]][1] <= top), 0)
        last = at
        while last + 1 < len(order) and starts[order[last + 1]][0] <= page and starts[order[last + 1]][1] > top:
            last += 1
        start = starts[order[first]][0]
        chosen = _narrowed(context, set(order[first : last + 1]))
        number = int(before.labels[start]) if before.labels[start].isdecimal() else context.first_page
        chosen = msgspec.structs.replace(chosen, first_page=number)
        made = self._draft(read, self._again(read, chosen), number)
        document = pypdfium2.PdfDocument(made.content)
        after = next((starts[id_][0] for id_ in order[last + 1 :]), len(before.names))
        for n in sorted(range(len(document)), key=lambda n: abs(start + n - page)):
            if start + n < max(after, start + 1) and made.labels:
                yield _shoot(
                    document, n, start + n, before.labels[start + n] if start + n < len(before.labels) else "", known
                )

    def _again(self, read: _Read, context: IssueContext, *, whole: bool = False) -> str:
        """The print HTML of a part of the issue."""

        def draw(environment: Any, values: Mapping[str, Any]) -> str:  # noqa: ANN401 - an environment of Jinja
            values = {**values, "issue": context}
            if whole:
                return read.theme.render(environment, "issue.html", values)
            return read.theme.render_text(environment, _PART, values)

        return html.render(read.issue, read.theme, read.styles, "print", draw=draw).html


def _draw(view: View, theme: Theme, _unused: None) -> Any:  # noqa: ANN401 - see `html.render`
    """What draws a view; nothing for the whole issue would also do, but links out of parts are no mistakes."""

    def draw(environment: Any, values: Mapping[str, Any]) -> str:  # noqa: ANN401 - an environment of Jinja
        if view.kind == "gallery":
            return gallery.draw(theme, environment, values)
        if view.kind == "issue":
            return theme.render(environment, "issue.html", values)
        context = values["issue"]
        ids = _ids(view, context)
        if not ids:
            raise DigestError(f"there is no {view.kind} “{view.id}” in the issue any more", todo="choose another part")
        return theme.render_text(
            environment, _PART, {**values, "issue": _narrowed(context, ids, headed=view.kind == "section")}
        )

    return draw


def _ids(view: View, context: IssueContext) -> set[str]:
    if view.kind == "section":
        return {entry.id for section in context.sections if section.id == view.id for entry in section.entries}
    return {entry.id for entry in context.entries if view.id in {entry.id, entry.id.partition("-")[2]}}


def _narrowed(context: IssueContext, ids: set[str], *, headed: bool = True) -> IssueContext:
    """The issue with these entries alone."""
    sections: list[SectionContext] = []
    for section in context.sections:
        if entries := tuple(entry for entry in section.entries if entry.id in ids):
            sections.append(msgspec.structs.replace(section, entries=entries))
    editorial = context.editorial if context.editorial and context.editorial.id in ids else None
    return msgspec.structs.replace(context, sections=tuple(sections), editorial=editorial)


def _starts(context: IssueContext, places: Mapping[str, tuple[int, float]]) -> dict[str, tuple[int, float]]:
    """Where each entry starts; the first of a section with the section's head."""
    starts: dict[str, tuple[int, float]] = {}
    if context.editorial and context.editorial.id in places:
        starts[context.editorial.id] = min(places[context.editorial.id], places.get("editorial", (10**9, 0.0)))
    for section in context.sections:
        for n, entry in enumerate(section.entries):
            if entry.id in places:
                head = places.get(section.id) if n == 0 else None
                starts[entry.id] = min(places[entry.id], head) if head else places[entry.id]
    return starts


def _menu(context: IssueContext) -> Iterator[tuple[str, str, str]]:
    if context.editorial:
        yield "entry", context.editorial.id, context.editorial.title.plain
    for section in context.sections:
        yield "section", section.id, _plain(section.title)
        for entry in section.entries:
            title = _plain(entry.title)
            number = entry.number if isinstance(entry, DigestEntry) else ""
            yield "entry", entry.id, f"#{number} {title}" if number else title


def _plain(text: str | RichText) -> str:
    return str(text) if isinstance(text, str) else text.plain


def _shoot(document: Any, n: int, page: int, label: str, known: set[str]) -> Picture:  # noqa: ANN401 - pypdfium2 has no types
    """The picture of a page; its name is a digest of its pixels, so that the same page is the same picture."""
    bitmap = document[n].render(scale=SCALE)
    image = bitmap.to_pil()
    name = hashlib.sha256(bytes(f"{image.size}", "ascii") + image.tobytes()).hexdigest()[:32]
    png = None
    if name not in known:
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        png = file.getvalue()
    return Picture(page=page, name=name, size=image.size, label=label, png=png)


def problems_of(error: BaseException) -> tuple[Problem, ...]:
    """What is wrong, as problems, whatever was raised."""
    if isinstance(error, ProjectError):
        return error.problems
    if isinstance(error, TemplateError):
        return (error.problem,)
    if isinstance(error, DigestError):
        found = re.fullmatch(r"(.*?):(\d+)", error.where)
        message = "; ".join(
            part for part in (error.found, error.expected and f"expected {error.expected}", error.todo) if part
        )
        return (
            Problem(
                level="error", code="preview", message=message,
                file=found[1] if found else error.where, line=int(found[2]) if found else None,
            ),
        )  # fmt: skip
    if isinstance(error, OSError):
        return (
            Problem(
                level="error", code="preview", message=f"{error.strerror or error}", file=str(error.filename or "")
            ),
        )
    if isinstance(error, MemoryError):
        message = "this takes more memory than there is; take away what was added last"
        return (Problem(level="error", code="preview", message=message),)
    return (Problem(level="error", code="preview", message=f"this is a bug: {type(error).__name__}: {error}"),)


def seconds_since(start: float) -> float:
    """Seconds since a time of `time.monotonic`, to the hundredth."""
    return round(time.monotonic() - start, 2)
