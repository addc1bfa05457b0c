"""What a preview shows, made from the files as they are now: HTML with its origins, then pictures of the pages."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import hashlib
import io
import itertools
import re
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import pypdfium2

from digest import build, jobs, opening, worker
from digest.cite import Styles
from digest.errors import DigestError, Problem, ProjectError, TemplateError, did_you_mean
from digest.preview.views import BuiltPages, PageImage, PageSet, Screen, Step, View
from digest.render import check, gallery, html, mirror, misfits, origins, pdf, tagged
from digest.render.context import DigestEntry, IssueContext, SectionContext, TrackContext
from digest.render.paper import reach
from digest.store import publication_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from digest.build import EntryName
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
class _Composed:
    """A view's issue as its files are now, composed once for HTML and pages."""

    prepared: html.PreparedIssue
    problems: tuple[Problem, ...]
    styles: Styles
    left_out: Mapping[EntryName, tuple[str, Problem]] = dataclasses.field(default_factory=dict)

    @property
    def issue(self) -> Issue:
        return self.prepared.issue

    @property
    def theme(self) -> Theme:
        return self.prepared.theme


class Renderer:
    """Makes views of an issue; keeps what it read, so that the next time only what changed is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._styles: tuple[object, Styles] | None = None
        self._html: dict[View, str] = {}
        self._composed: dict[View, _Composed] = {}  # what the HTML of each view was made of; its pages are as well

    # -- reading -------------------------------------------------------------------------------------------------------

    def read(self, view: View) -> _Composed:
        """The issue of a view, composed for its theme.

        Raises:
            DigestError: files have mistakes.
        """
        reading = build.read(self.folder)
        theme = build.load_theme(reading.issue)
        styles = self._current_styles(reading.issue)
        if view.kind == "gallery":
            return _Composed(build.prepare(gallery.issue(reading.issue.publication), theme, styles), (), styles)
        return _Composed(build.prepare(reading.issue, theme, styles), reading.problems, styles)

    def _current_styles(self, issue: Issue) -> Styles:
        """The citation styles; those that were used before, with what they remember, while the style is the same."""
        name = issue.publication.style
        path = issue.root / name
        stamp = (name, path.stat().st_mtime_ns if path.is_file() else 0)
        if self._styles is None or self._styles[0] != stamp:
            self._styles = (stamp, _RememberingStyles(issue.root))
        return self._styles[1]

    # -- HTML ----------------------------------------------------------------------------------------------------------

    def screen(self, view: View) -> Screen:
        """The HTML of a view, each element with the template and line that made it.

        Raises:
            DigestError: files have mistakes.
        """
        composed = self._composed[view] = self.read(view)
        theme = composed.theme
        drawing = html.Drawing(composed.prepared, "screen", rewrite=_marked(theme))
        drawn = _draw(view, drawing)
        loose = html.placed(drawing.scan(drawn))
        page = drawing.finished(drawn)
        self._html[view] = page.text
        assets: dict[str, tuple[str, bytes]] = {}

        def apart(match: re.Match[str]) -> str:
            name = hashlib.sha256(match[0].encode()).hexdigest()[:32]
            if name not in assets:
                assets[name] = (match[1], base64.b64decode(match[2]))
            return f"/asset/{name}"

        return Screen(
            html=_LARGE.sub(apart, page.text),
            assets=assets,
            menu=() if view.kind == "gallery" else tuple(_menu(page.context)),
            problems=tuple(dict.fromkeys([*composed.problems, *page.problems, *loose])),
        )

    def later_problems(self, view: View) -> tuple[Problem, ...]:
        """What takes a while to find: links that lead nowhere, and whatever is wrong with templates and stylesheets."""
        composed = self._composed.get(view) or self.read(view)
        dead = html.dead_links(self._html.get(view, "")) if view.kind == "issue" else ()
        static = check.theme_problems(composed.theme, composed.issue.publication.language)
        return (*dead, *static, *build.unmet_selectors(composed.prepared))

    # -- pages ---------------------------------------------------------------------------------------------------------

    def pages(self, view: View, before: PageSet | None, asked: Asked) -> Iterator[PageImage | PageSet]:
        """Pictures of the pages of a view: first those of what is looked at or was changed, then all, then the layout.

        An entry with which the pages cannot be made is found and left out, with a warning; the others are shown.

        Args:
            view: the view.
            before: its pages as they were.
            asked: which of them are wanted first, and within which limits.

        Raises:
            DigestError: files have mistakes, or the pages cannot be made, and not because of a few entries.
        """
        composed = self._composed.get(view) or self.read(view)
        if "pdf" not in composed.theme.formats:
            yield PageSet(pages=(), places={}, parts={}, problems=())
            return
        search = _Search(view, composed, before.left_out if before else {}, asked.step)
        error = search.attempt(search.outline.entries) if asked.wary else None
        if error is None:
            try:
                with worker.deadline(asked.seconds):
                    yield from _all_pages(view, search.rest, before, asked)
            except jobs.SAYS_WHERE:
                raise
            except Exception as raised:  # noqa: BLE001 - whatever a library raises
                error = raised
            else:
                return
        search.find(error)
        with worker.deadline(asked.seconds):
            yield from _all_pages(view, search.rest, before, asked)

    def built(self, before: BuiltPages) -> BuiltPages:
        """The pages of the PDF that was built last; of another than before, unless the file is the same."""
        path = self.folder / "_build" / "issue.pdf"
        try:
            status = path.stat()
            stamp = f"{status.st_mtime_ns} {status.st_size}"
            if stamp == before.stamp:
                return before
            document = pypdfium2.PdfDocument(opening.read_file(path))
            names = tuple(_name(document[n].render(scale=SCALE).to_pil()) for n in range(len(document)))
        except (OSError, pypdfium2.PdfiumError):
            return BuiltPages()
        return BuiltPages(stamp=stamp, names=names)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Asked:
    """How pages are wanted.

    Attributes:
        focus: the page that is looked at.
        known: names of pictures that need not be made again; those that are made are added.
        seconds: of computing for all pages.
        step: is given how far it is.
        wary: whether to try in another process first, because this one may not come back.
    """

    focus: int = 0
    known: set[str] = dataclasses.field(default_factory=set)
    seconds: float = 600.0
    step: Callable[[Step], None] = lambda _: None
    wary: bool = False


class _Search:
    """The entries of a view with which its pages cannot be made, and what is left to make them of."""

    def __init__(
        self,
        view: View,
        composed: _Composed,
        known: Mapping[EntryName, tuple[str, Problem]],
        step: Callable[[Step], None],
    ) -> None:
        """Tries those again that failed before, where they are other than they were.

        Args:
            view: the view.
            composed: its issue.
            known: the entries that failed before, with digests of what they were made of, and warnings.
            step: is given how far it is.
        """
        self.view, self.composed, self._step = view, composed, step
        self._files = _files(composed, templates=True) if known else ""
        self._attempts = 0
        self.left_out = {
            name: (mark, problem)
            for name, (mark, problem) in known.items()
            if name in self.outline.entries and (mark == self._mark(name) or self.attempt([name]) is not None)
        }

    @functools.cached_property
    def outline(self) -> build.Outline:
        """What is in the view."""
        outline = build.outline_of(self.composed.issue, ["pdf"])
        if self.view.kind in {"issue", "gallery"}:
            return outline
        ids = _ids(self.view, html.Drawing(self.composed.prepared, "print").context)
        names = {"record": "abstract", "article": "article", "editorial": "article"}
        kept = tuple(name for name in outline.entries if f"{names.get(name.kind, '')}-{name.key}" in ids)
        return msgspec.structs.replace(outline, entries=kept)

    @property
    def rest(self) -> _Composed:
        """The issue without the entries that fail."""
        if not self.left_out:
            return self.composed
        kept = [name for name in build.outline_of(self.composed.issue, ()).entries if name not in self.left_out]
        problems = tuple(problem for _, problem in self.left_out.values())
        return self._narrowed(kept, left_out=self.left_out, problems=(*self.composed.problems, *problems))

    def find(self, error: Exception) -> None:
        """Finds the entries that fail.

        Raises:
            Exception: the error, where it is not about a few entries.
        """
        several = self.view.kind != "gallery" and len(self.outline.entries) > 1
        found = jobs.unprintable_entries(self.outline, "pdf", self.attempt) if several else {}
        if not found:
            raise error
        self._files = self._files or _files(self.composed, templates=True)
        self.left_out |= {name: (self._mark(name), problem) for name, problem in found.items()}

    def attempt(self, entries: Sequence[EntryName], lacking: str = "") -> Exception | None:
        """Lays out some entries in a process of its own; gives the error, or nothing when it went well."""
        self._attempts += 1
        self._step(Step(doing="Looking for the entry that cannot be printed", done=self._attempts, attempts=True))

        def lay_out() -> None:
            composed = self._narrowed(entries, lacking)
            print_ = _Print(composed)
            if entries or self.view.kind == "issue":
                print_.proof(_draw(self.view, print_.drawing, narrowed=True), print_.context.first_page)

        return jobs.failure_of(lay_out, of=entries)

    def _narrowed(self, entries: Sequence[EntryName], lacking: str = "", **facts: Any) -> _Composed:  # noqa: ANN401 - see below
        """The issue with these entries alone; `facts` are other attributes of it."""
        issue = build.narrowed(self.composed.issue, entries, lacking)
        prepared = build.prepare(issue, self.composed.theme, self.composed.styles)
        return dataclasses.replace(self.composed, prepared=prepared, **facts)

    def _mark(self, name: EntryName) -> str:
        """A digest of what an entry is made of, which is another when it may be printable."""
        path = self.composed.issue.root / self.outline.files[name]
        content = opening.read_file(path) if path.is_file() else b""
        return hashlib.sha256(self._files.encode() + content).hexdigest()


def _all_pages(view: View, composed: _Composed, before: PageSet | None, asked: Asked) -> Iterator[PageImage | PageSet]:
    """The pages of an issue, as `Renderer.pages` gives them."""
    about = len(before.pages) if before else 0

    def on_page(page: int) -> None:
        asked.step(Step(doing="Laying out", done=page, about=max(about, page) if about else 0))

    print_ = _Print(composed, on_page)
    context = print_.context
    text = print_.html(view)
    parts = _parts(text, context)
    inputs = _inputs(composed, text)
    if before and before.inputs == inputs and all(name in asked.known for name, *_ in before.pages):
        yield before
        return
    if view.kind == "issue":
        yield from _quick(print_, parts, before, asked.focus, asked.known)
    made = print_.proof(text, context.first_page)
    document = pypdfium2.PdfDocument(made.content)
    count = len(document)
    focus = min(asked.focus, count - 1)
    shot: dict[int, PageImage] = {}
    for n in sorted(range(count), key=lambda n: abs(n - focus)):
        shot[n] = _shoot(document, n, n, made, asked.known)
        yield shot[n]
        asked.step(Step(doing="Drawing", done=len(shot), about=count))
    problems = [
        *print_.problems,
        *made.problems,
        *build.missing_glyphs(made.missing, composed.issue),
        *misfits.problems(made.fit, composed.issue),
        *check.missing_fonts(composed.theme, composed.theme.stylesheets("print"), tagged.font_names(made.content)),
    ]
    if view.kind == "gallery":  # its texts are the program's own: an editor cannot fix anything there
        problems = [
            problem if problem.file.startswith(_THEIRS) else msgspec.structs.replace(problem, file="", line=None)
            for problem in problems
        ]
    if view.kind != "issue":  # links lead out of a part, and the gallery prints entries again and again
        problems = [problem for problem in problems if not _ABOUT_ANCHORS.match(problem.message)]
    problems += [problem for _, problem in composed.left_out.values()]
    yield PageSet(
        pages=tuple((shot[n].name, *shot[n].size, shot[n].label) for n in range(count)),
        places=made.places,
        parts=parts,
        inputs=inputs,
        problems=tuple(dict.fromkeys(problems)),
        from_right=mirror.way_of(text) == "rtl",
        left_out=composed.left_out,
    )


class _Print:
    """An issue on its way to paper, of which several documents are made."""

    def __init__(self, composed: _Composed, on_page: Callable[[int], None] = lambda _: None) -> None:
        self.composed, self._on_page = composed, on_page
        self.drawing = html.Drawing(composed.prepared, "print", rewrite=_marked(composed.theme))
        self.context, self.problems = self.drawing.context, self.drawing.problems

    def html(self, view: View) -> str:
        """The document of a view."""
        return _draw(view, self.drawing)

    def part(self, context: IssueContext, *, whole: bool = False) -> str:
        """The document of a part of the issue, without or with what is around the entries."""
        if whole:
            return self.drawing.part("issue.html", issue=context)
        return self.drawing.part_of_text(_PART, issue=context)

    def proof(self, text: str, first_page: int) -> pdf.Proof:
        """The pages of a document."""
        theme = self.composed.theme
        issue = self.composed.issue
        return pdf.proof(
            text,
            first_page,
            roots=(issue.folder, *theme.roots),
            kept=publication_store(issue.root) if self.context.in_sheets else None,
            fonts=theme.find("fonts/fonts.conf"),
            shown=theme.naming,
            on_page=self._on_page,
            whole=reach.looking_further(theme.stylesheets("print"), text) is not None,
            typeset=issue.publication.language,
        )


def _quick(
    print_: _Print, parts: Mapping[str, str], before: PageSet | None, focus: int, known: set[str]
) -> Iterator[PageImage]:
    """The pages of the entry that is looked at, or of the changed one that is nearest to it, laid out alone.

    Where entries have moved, nothing: what is laid out alone is then not what all pages will show.
    """
    context = print_.context
    starts = _starts(context, before.places) if before else {}
    order = [id_ for id_ in parts if id_ in starts]
    changed = [n for n, id_ in enumerate(order) if before and before.parts.get(id_) != parts[id_]]
    looked_at = max((n for n, id_ in enumerate(order) if starts[id_][0] <= focus), default=-1)
    at = min(changed, key=lambda n: abs(n - looked_at), default=looked_at)
    if before is None or at < 0:
        # What comes before the first entry: a cover as a rule. Page numbers in the contents are not known yet.
        nothing = msgspec.structs.replace(context, sections=(), tracks=(), editorial=None)
        made = print_.proof(print_.part(nothing, whole=True), 1)
        document = pypdfium2.PdfDocument(made.content)
        fronts = made.places["content"][0] if "content" in made.places else len(document)
        for n in range(max(1, min(fronts, len(document)))) if before is None else (focus,):
            if n < len(document):
                yield _shoot(document, n, n, made, known)
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
    made, ahead = _alone(print_, before, chosen, (prior, *order[last + 1 : last + 2]), start)
    for id_ in chosen[: at + 1 - first] if changed else chosen[:1]:
        n, y, x = made.places.get(id_, (0, 0.0, 0.0))
        n_before, y_before, x_before = before.places[id_]
        if n - ahead != n_before - start or abs(y - y_before) > _SAME or abs(x - x_before) > _SAME:
            return
    document = pypdfium2.PdfDocument(made.content)
    # The page on which the next entry begins has not all that it will have, nor that on which back matter may begin.
    at_end = last + 1 == len(order)
    end = min(len(labels) if at_end else starts[order[last + 1]][0], start + len(document) - ahead - at_end)
    for n in sorted(range(start, end), key=lambda n: abs(n - page)):
        yield _shoot(document, n - start + ahead, n, made, known, label=labels[n])


def _alone(
    print_: _Print, before: PageSet, chosen: Sequence[str], around: Sequence[str], start: int
) -> tuple[pdf.Proof, int]:
    """The pages of some entries, which begin a page as they did before, and how many pages come ahead of them.

    These hold what the entries follow in the document: the head of their section, and an entry. Another comes after
    them, because the rules of an entry may ask what is before it and what is after it.

    Args:
        print_: the issue.
        before: its pages as they were.
        chosen: the ids of the entries.
        around: id of the entry before them in their section, empty when they are its first, and of the one after them.
        start: the page that they begin.
    """
    side, other = ("left", "right") if start % 2 else ("right", "left")
    label = before.pages[start][3]
    number = int(label) if label.isdecimal() else print_.context.first_page
    articles = {entry.id for entry in print_.context.entries if entry.kind == "article"}
    prior, *after = around
    ids = {*chosen, *after, *([] if prior in articles else [prior])}
    css = f"html {{ break-before: {side} }}"
    if prior:
        css = f'html {{ break-before: {other} }} [id="{chosen[0]}"] {{ break-before: {side} !important }}'
    ahead = 1 if prior else 0
    while True:
        context = msgspec.structs.replace(_narrowed(print_.context, ids), first_page=number - ahead)
        text = print_.part(context).replace("</head>", f"<style>@media print {{ {css} }}</style></head>", 1)
        made = print_.proof(text, number - ahead)
        found = made.places[chosen[0]][0] if prior and chosen[0] in made.places else 0
        if found == ahead or ahead > 1:
            return made, found
        ahead = found


def _inputs(composed: _Composed, text: str) -> str:
    """A digest of all that pages are made of: the document, and the state of each file that it may use."""
    return hashlib.sha256(f"{_files(composed)}\0{text}".encode()).hexdigest()


def _files(composed: _Composed, *, templates: bool = False) -> str:
    """A digest of the state of each file that pages may use besides their text, or besides texts of the issue."""
    sheets = {sheet.path for sheet in composed.theme.stylesheets("print")}
    state = hashlib.sha256(opening.read_file(composed.issue.root / "digest.yaml") if templates else b"")
    for root in (composed.issue.folder, *composed.theme.roots):
        for path in sorted(root.rglob("*")):
            if (
                (path.suffix not in _IN_THE_TEXT or (templates and path.suffix == ".html"))
                and (path.suffix != ".css" or path in sheets)
                and "_build" not in path.parts
            ):
                with contextlib.suppress(OSError):  # gone meanwhile
                    found = path.stat()
                    state.update(f"{path}\0{found.st_mtime_ns}\0{found.st_size}\0".encode())
    return state.hexdigest()


def _draw(view: View, drawing: html.Drawing, *, narrowed: bool = False) -> str:
    """The document of a view.

    Args:
        view: the view.
        drawing: its issue.
        narrowed: whether the issue has been narrowed to entries of the view.

    Raises:
        DigestError: what it shows is not in the issue any more, or a template is broken.
    """
    if view.kind == "gallery":
        return gallery.draw(drawing)
    if view.kind == "issue":
        return drawing.page()
    ids = {entry.id for entry in drawing.context.entries} if narrowed else _ids(view, drawing.context)
    if not ids:
        known = [id_ for kind, id_, _ in _menu(drawing.context) if kind == view.kind]
        known += [id_.partition("-")[2] for id_ in known if view.kind == "entry"]
        raise DigestError(
            f"there is no {view.kind} “{view.id}” in the issue{did_you_mean(view.id, known)}",
            todo="choose another part to show",
        )
    return drawing.part_of_text(_PART, issue=_narrowed(drawing.context, ids))


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
    for group, entries in kept:
        if entries and isinstance(group, TrackContext):
            yield msgspec.structs.replace(group, entries=entries, sheets=(entries,), opens_sheet=False)
        elif entries:
            yield msgspec.structs.replace(group, entries=entries)


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


def _marked(theme: Theme) -> Callable[[str, Path], str]:
    """What puts its file and line into each tag of a template."""
    return lambda source, path: origins.mark(source, theme.shown(path))


def _shoot(
    document: Any,  # noqa: ANN401 - pypdfium2 has no types
    n: int,
    page: int,
    made: pdf.Proof,
    known: set[str],
    *,
    label: str | None = None,
) -> PageImage:
    """The picture of a page of what was laid out, and what made each of its boxes.

    Args:
        document: what was laid out, opened.
        n: number of the page in it.
        page: number of the page in the view.
        made: what was laid out.
        known: names of pictures that need not be made again; this one is added.
        label: label of the page; none: the one that it has in what was laid out.
    """
    image = document[n].render(scale=SCALE).to_pil()
    name = _name(image)
    png = None
    if name not in known:
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=1)
        png = file.getvalue()
        known.add(name)
    label = made.labels[n] if label is None else label
    return PageImage(page=page, name=name, size=image.size, label=label, blocks=made.blocks[n], png=png)


def _name(image: Any) -> str:  # noqa: ANN401 - a picture of Pillow, which is not imported here
    """The name of a picture: a digest of its pixels, so that the same page is the same picture."""
    return hashlib.sha256(bytes(f"{image.size}", "ascii") + image.tobytes()).hexdigest()[:32]


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
                level="error",
                code="preview",
                message=message,
                file=found[1] if found else error.where,
                line=int(found[2]) if found else None,
            ),
        )
    if isinstance(error, OSError):
        return (
            Problem(
                level="error", code="preview", message=f"{error.strerror or error}", file=str(error.filename or "")
            ),
        )
    if isinstance(error, MemoryError):
        message = "this takes more memory than there is; remove what you added last"
        return (Problem(level="error", code="preview", message=message),)
    return (Problem(level="error", code="preview", message=f"this is a bug: {type(error).__name__}: {error}"),)


def seconds_since(start: float) -> float:
    """Seconds since a time of `time.monotonic`, to the hundredth."""
    return round(time.monotonic() - start, 2)
