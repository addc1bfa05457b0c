"""What a preview shows, made from the files as they are now: HTML with its origins, then pictures of the pages."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import io
import itertools
import re
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import pypdfium2

from digest import build
from digest.cite import Styles
from digest.errors import DigestError, Problem, ProjectError, TemplateError
from digest.preview import gallery, origins
from digest.preview.views import Layout, Picture, Screen, View
from digest.project import read_issue
from digest.render import html, lint, pdf
from digest.render.context import DigestEntry, IssueContext, SectionContext, TrackContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from digest.cite import Cited
    from digest.project import Issue
    from digest.render.theme import Theme
    from digest.text import RichText

G = TypeVar("G", SectionContext, TrackContext)
SCALE: Final = 1.5  # 108 pixels to the inch: sharp enough to read 8 pt, 20 ms for a page
_COLUMN: Final = 100  # CSS pixels: no column is narrower
_SAME: Final = 2  # CSS pixels: what is hardly moved
_FEW_PAGES: Final = 3
_FEW_ENTRIES: Final = 10
_LARGE: Final = re.compile(r"data:([\w/+.-]+);base64,([A-Za-z0-9+/=]{1500,})")
_IN_THE_TEXT: Final = frozenset({"", ".html", ".json", ".md", ".yaml"})
_ABOUT_ANCHORS: Final = re.compile(
    r"Anchor defined twice|No anchor #|Content discarded: target points to undefined anchor"
)
_THEIRS: Final = ("overrides/", "themes/")
_ID: Final = re.compile(r"""\sid=["']?([^"'\s>]+)""")
_PART: Final = (
    '{% extends "issue.html" %}{% block cover %}{% endblock %}{% block contents %}{% endblock %}'
    "{% block indexes %}{% endblock %}{% block colophon %}{% endblock %}"
)


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
        self._html: dict[View, str] = {}
        self._reads: dict[View, _Read] = {}  # what the HTML of each view was made of; its pages are made of the same

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
        read = self._reads[view] = self.read(view)
        theme = read.theme
        theme.rewrite = lambda source, path: origins.mark(source, theme.shown(path))

        def draw(environment: Any, values: Mapping[str, Any]) -> str:  # noqa: ANN401 - an environment of Jinja
            return _draw(view, theme, environment, values)

        try:
            page = html.render(read.issue, theme, read.styles, "screen", draw=draw)
        finally:
            theme.rewrite = None
        self._html[view] = page.html
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

    def later_problems(self, view: View) -> tuple[Problem, ...]:
        """What takes a while to find: links that lead nowhere, and whatever is wrong with templates and stylesheets."""
        read = self._reads.get(view) or self.read(view)
        astray = html.astray(self._html.get(view, ""), remote=read.theme.inline) if view.kind == "issue" else ()
        return (*astray, *lint.check(read.theme, read.issue.publication.language))

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
        read = self._reads.get(view) or self.read(view)
        if "pdf" not in read.theme.formats:
            yield Layout(pages=(), places={}, parts={}, problems=())
            return
        print_ = _Print(read)
        context = print_.context
        text = print_.html(view)
        parts = _parts(text, context)
        inputs = _inputs(read, text)
        if before and before.inputs == inputs and all(name in known for name, *_ in before.pages):
            yield before
            return
        if view.kind == "issue":
            yield from _quick(print_, parts, before, focus, known)
        made = print_.draft(text, context.first_page)
        document = pypdfium2.PdfDocument(made.content)
        count = len(document)
        focus = min(focus, count - 1)
        shot: dict[int, Picture] = {}
        for n in sorted(range(count), key=lambda n: abs(n - focus)):
            shot[n] = _shoot(document, n, n, made.labels[n], known)
            yield shot[n]
        problems = [
            *print_.problems,
            *made.problems,
            *build.missing_glyphs(made.missing, read.issue),
            *lint.missing_fonts(read.theme, read.theme.stylesheets("print"), pdf.font_names(made.content)),
        ]
        if view.kind == "gallery":  # its texts are the program's own: nothing there is to be mended
            problems = [
                problem if problem.file.startswith(_THEIRS) else msgspec.structs.replace(problem, file="", line=None)
                for problem in problems
            ]
        if view.kind != "issue":  # links lead out of a part, and the gallery prints entries again and again
            problems = [problem for problem in problems if not _ABOUT_ANCHORS.match(problem.message)]
        yield Layout(
            pages=tuple((shot[n].name, *shot[n].size, shot[n].label) for n in range(count)),
            places=made.places, parts=parts, inputs=inputs, problems=tuple(dict.fromkeys(problems)),
        )  # fmt: skip


class _Print:
    """An issue composed for paper once, of which several documents are made."""

    def __init__(self, read: _Read) -> None:
        self.read = read
        kept: list[tuple[Any, Mapping[str, Any]]] = []

        def keep(environment: Any, values: Mapping[str, Any]) -> str:  # noqa: ANN401 - an environment of Jinja
            kept.append((environment, values))
            return ""

        page = html.render(read.issue, read.theme, read.styles, "print", draw=keep)
        self.environment, self.values = kept[0]
        self.context, self.problems = page.context, page.problems

    def html(self, view: View) -> str:
        """The document of a view."""
        return _draw(view, self.read.theme, self.environment, self.values)

    def part(self, context: IssueContext, *, whole: bool = False) -> str:
        """The document of a part of the issue, without or with what stands around the entries."""
        values = {**self.values, "issue": context}
        if whole:
            return self.read.theme.render(self.environment, "issue.html", values)
        return self.read.theme.render_text(self.environment, _PART, values)

    def draft(self, text: str, first_page: int) -> pdf.Draft:
        """The pages of a document."""
        theme = self.read.theme
        roots = (self.read.issue.folder, *theme.roots)
        return pdf.draft(text, first_page, roots=roots, fonts=theme.find("fonts/fonts.conf"), shown=theme.shown)


def _quick(
    print_: _Print, parts: Mapping[str, str], before: Layout | None, focus: int, known: set[str]
) -> Iterator[Picture]:
    """The pages of the entry that is looked at, or of the changed one that is nearest to it, laid out alone.

    Where entries stand elsewhere than they did, nothing: what is laid out alone is then not what all pages will show.
    """
    context = print_.context
    starts = _starts(context, before.places) if before else {}
    order = [id_ for id_ in parts if id_ in starts]
    changed = [n for n, id_ in enumerate(order) if before and before.parts.get(id_) != parts[id_]]
    looked_at = max((n for n, id_ in enumerate(order) if starts[id_][0] <= focus), default=-1)
    at = min(changed, key=lambda n: abs(n - looked_at), default=looked_at)
    if before is None or at < 0:
        # What stands before the first entry: a cover as a rule. Page numbers in the contents are not known yet.
        nothing = msgspec.structs.replace(context, sections=(), tracks=(), editorial=None)
        made = print_.draft(print_.part(nothing, whole=True), 1)
        document = pypdfium2.PdfDocument(made.content)
        fronts = made.places["content"][0] if "content" in made.places else len(document)
        for n in range(max(1, min(fronts, len(document)))) if before is None else (focus,):
            if n < len(document):
                yield _shoot(document, n, n, made.labels[n], known)
        return
    labels = [label for *_, label in before.pages]
    top, left = min(y for _, y, _ in starts.values()) + 2, min(x for _, _, x in starts.values()) + _COLUMN

    def leads(n: int) -> bool:  # whether a page begins with this entry
        page, y, x = starts[order[n]]
        return n == 0 or (page > starts[order[n - 1]][0] and y <= top and x <= left)

    page = focus if at == looked_at else starts[order[at]][0]
    first = next(n for n in range(at, -1, -1) if leads(n))
    last = at
    while last + 1 < len(order) and starts[order[last + 1]][0] <= page and not leads(last + 1):
        last += 1
    if len(labels) <= _FEW_PAGES or last - first > max(_FEW_ENTRIES, len(order) // 3):
        return  # laying all out takes hardly longer
    start, chosen = starts[order[first]][0], order[first : last + 1]
    sections = ([entry.id for entry in group.entries] for group in _groups(context, before.places))
    members = next((ids for ids in sections if chosen[0] in ids), [])
    prior = next((id_ for id_ in reversed(order[:first]) if id_ in members), "")
    made, ahead = _alone(print_, before, chosen, prior, start)
    for id_ in chosen[: at + 1 - first] if changed else chosen[:1]:
        n, y, x = made.places.get(id_, (0, 0.0, 0.0))
        n_before, y_before, x_before = before.places[id_]
        if n - ahead != n_before - start or abs(y - y_before) > _SAME or abs(x - x_before) > _SAME:
            return
    document = pypdfium2.PdfDocument(made.content)
    # The page on which the next entry begins has not all that it will have.
    following = starts[order[last + 1]][0] if last + 1 < len(order) else len(labels)
    end = min(following, start + len(document) - ahead)
    for n in sorted(range(start, end), key=lambda n: abs(n - page)):
        yield _shoot(document, n - start + ahead, n, labels[n], known)


def _alone(print_: _Print, before: Layout, chosen: Sequence[str], prior: str, start: int) -> tuple[pdf.Draft, int]:
    """The pages of some entries, which begin a page as they did before, and how many pages stand ahead of them.

    These hold what the entries follow in the document: the head of their section, and an entry, because the rules of an
    entry may ask what is before it.

    Args:
        print_: the issue.
        before: its pages as they were.
        chosen: the ids of the entries.
        prior: id of the entry before them in their section; empty when they are its first.
        start: the page that they begin.
    """
    side, other = ("left", "right") if start % 2 else ("right", "left")
    label = before.pages[start][3]
    number = int(label) if label.isdecimal() else print_.context.first_page
    articles = {entry.id for entry in print_.context.entries if entry.kind == "article"}
    ids = {*chosen, *([] if prior in articles else [prior])}
    css = f"html {{ break-before: {side} }}"
    if prior:
        css = f'html {{ break-before: {other} }} [id="{chosen[0]}"] {{ break-before: {side} !important }}'
    ahead = 1 if prior else 0
    while True:
        context = msgspec.structs.replace(_narrowed(print_.context, ids), first_page=number - ahead)
        text = print_.part(context).replace("</head>", f"<style>@media print {{ {css} }}</style></head>", 1)
        made = print_.draft(text, number - ahead)
        found = made.places[chosen[0]][0] if prior and chosen[0] in made.places else 0
        if found == ahead or ahead > 1:
            return made, found
        ahead = found


def _inputs(read: _Read, text: str) -> str:
    """A digest of all that pages are made of: the document, and the state of each file that it may use."""
    sheets = set(read.theme.stylesheets("print"))
    state = hashlib.sha256(text.encode())
    for root in (read.issue.folder, *read.theme.roots):
        for path in sorted(root.rglob("*")):
            if (
                path.suffix not in _IN_THE_TEXT
                and (path.suffix != ".css" or path in sheets)
                and "_build" not in path.parts
            ):
                with contextlib.suppress(OSError):  # gone meanwhile
                    found = path.stat()
                    state.update(f"{path}\0{found.st_mtime_ns}\0{found.st_size}\0".encode())
    return state.hexdigest()


def _draw(view: View, theme: Theme, environment: Any, values: Mapping[str, Any]) -> str:  # noqa: ANN401 - an environment of Jinja
    """The document of a view.

    Raises:
        DigestError: what it shows is not in the issue any more, or a template is broken.
    """
    if view.kind == "gallery":
        return gallery.draw(theme, environment, values)
    if view.kind == "issue":
        return theme.render(environment, "issue.html", values)
    context = values["issue"]
    ids = _ids(view, context)
    if not ids:
        raise DigestError(f"there is no {view.kind} “{view.id}” in the issue", todo="choose another part to show")
    return theme.render_text(environment, _PART, {**values, "issue": _narrowed(context, ids)})


def _parts(text: str, context: IssueContext) -> dict[str, str]:
    """A digest of the HTML of each entry, from its id to that of the next."""
    entries = {entry.id for entry in context.entries}
    found: dict[str, int] = {}
    for match in _ID.finditer(text):
        if match[1] in entries:
            found.setdefault(match[1], match.start())
    ends = (*found.items(), ("", len(text)))
    return {
        id_: hashlib.sha256(text[place:end].encode()).hexdigest() for (id_, place), (_, end) in itertools.pairwise(ends)
    }


def _ids(view: View, context: IssueContext) -> set[str]:
    if view.kind == "section":
        return {entry.id for section in context.sections if section.id == view.id for entry in section.entries}
    return {entry.id for entry in context.entries if view.id in {entry.id, entry.id.partition("-")[2]}}


def _narrowed(context: IssueContext, ids: set[str]) -> IssueContext:
    """The issue with these entries alone."""
    sections = tuple(_with_entries(context.sections, ids))
    tracks = tuple(_with_entries(context.tracks, ids))
    editorial = context.editorial if context.editorial and context.editorial.id in ids else None
    return msgspec.structs.replace(context, sections=sections, tracks=tracks, editorial=editorial)


def _with_entries(groups: Sequence[G], ids: set[str]) -> Iterator[G]:
    kept = ((group, tuple(entry for entry in group.entries if entry.id in ids)) for group in groups)
    return (msgspec.structs.replace(group, entries=entries) for group, entries in kept if entries)


def _groups(context: IssueContext, places: Mapping[str, Any]) -> Iterator[SectionContext | TrackContext]:
    """The sections, or the tracks: those that the theme prints."""
    groups: tuple[SectionContext | TrackContext, ...] = (*context.sections, *context.tracks)
    return (group for group in groups if group.id in places)


def _starts(
    context: IssueContext, places: Mapping[str, tuple[int, float, float]]
) -> dict[str, tuple[int, float, float]]:
    """Where each entry starts; the first of a section with the section's head."""
    starts = {entry.id: places[entry.id] for entry in context.entries if entry.id in places}
    heads = [("editorial", (context.editorial,) if context.editorial else ())]
    for name, entries in [*heads, *((group.id, group.entries) for group in _groups(context, places))]:
        first = next((entry.id for entry in entries if entry.id in starts), None)
        if first and name in places:
            starts[first] = min(starts[first], places[name])
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
    if isinstance(error, ProjectError | TemplateError):
        return error.problems
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
