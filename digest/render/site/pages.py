"""A site is made: its pages drawn or taken from the store, links led to other pages, shared files put next to them."""

from __future__ import annotations

import hashlib
import html as html_text
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from markupsafe import Markup

import digest
from digest import store
from digest.errors import Problem, ProjectError
from digest.files import LISTING
from digest.inputs import ignore_step
from digest.render import active, drawings, html, mirror, origins
from digest.render.context import IssueContext
from digest.render.fontnames import hidden_families
from digest.render.site import feed, searching
from digest.render.site.plan import SEARCH, plan
from digest.render.site.shared import SharedFiles
from digest.render.theme import SHARED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.inputs import Step
    from digest.render.html import PreparedIssue
    from digest.render.site.plan import Plan, PlannedPage
    from digest.render.stylesheet import Stylesheet
    from digest.render.theme import Theme
    from digest.store import Store

_SCRIPTS: Final = Markup("<!--digest: scripts-->")  # texts of an issue bring no comments: their “<” is escaped
_HREF: Final = re.compile(r'(<a\b[^<>]{0,300}?\shref=")#([^"<>]{1,400})"')
_ID: Final = re.compile(r'\sid="([^"<>]{1,400})"')
_KIND: Final = "site-page"
_STEP: Final = 50  # pages between two signs of progress


class RenderedSite(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a site, with what was noticed while making them.

    Attributes:
        files: content by name; a name may have a folder in it.
        context: the issue as the templates saw it.
        problems: warnings.
        drawn: how many pages were drawn; the others came from the store.
    """

    files: Mapping[str, bytes]
    context: IssueContext
    problems: tuple[Problem, ...]
    drawn: int


class _Kept(msgspec.Struct, frozen=True):
    """A page as it is kept: its text before links are led to other pages, and the files that it shows."""

    text: str
    uses: dict[str, str]


def render(prepared: PreparedIssue, kept: Store | None = None, on_step: Step = ignore_step) -> RenderedSite:
    """The issue as a folder of pages.

    Args:
        prepared: the issue.
        kept: where pages are kept from one time to the next; nothing: all are drawn.
        on_step: is given what is being made, and how many pages are there and will be.

    Raises:
        ProjectError: texts of the issue have mistakes.
        TemplateError: a template is broken.
    """
    return _Making(prepared, kept).site(on_step)


def sample(prepared: PreparedIssue) -> str:
    """The bodies of all pages of a site in one document, to see what stylesheets meet.

    Raises:
        ProjectError: texts of the issue have mistakes.
        TemplateError: a template is broken.
    """
    drawing = _SiteDrawing(prepared, SharedFiles())
    return "\n".join(drawing.drawn(page) for page in _planned(drawing, prepared).pages)


def address_of(prepared: PreparedIssue) -> str:
    """Where the site of an issue is on the web; empty where the publication does not say so."""
    folder = prepared.issue.publication.sites
    return f"{folder.rstrip('/')}/{prepared.issue.folder.name}/" if folder else ""


def _planned(drawing: _SiteDrawing, prepared: PreparedIssue) -> Plan:
    address = address_of(prepared)
    options, by = drawing.theme.options, drawing.theme.site_by
    return plan(drawing.context, prepared.words, options, by, address, feed.FEED if address else "")


class _SiteDrawing(html.Drawing):
    """Draws pages whose pictures, fonts and styles are files next to them."""

    def __init__(
        self,
        prepared: PreparedIssue,
        shared: SharedFiles,
        *,
        rewrite: Callable[[str, Path], str] | None = None,
    ) -> None:
        self.shared = shared
        super().__init__(prepared, "site", rewrite=rewrite)
        self._values["stylesheets"] = self.styles = self._stylesheet(self.theme.stylesheets("site"))

    def _linked_data(self) -> Markup:
        return Markup()  # each page has its own

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
        """The element that loads all styles, in one file."""

        def next_to(path: Path) -> str:
            return self._source(path).removeprefix(SHARED)

        texts = [html.content_of(str(self.theme.properties).strip())]
        texts += [mirror.turned(sheet.with_addresses(next_to), self._way) for sheet in sheets]
        if hidden := str(hidden_families(self.theme, sheets)):
            texts.append(html.content_of(hidden))
        name = self.shared.add("style", ".css", "\n".join(texts).encode())
        return Markup('<link rel="stylesheet" href="{}">').format(name)

    def drawn(self, page: PlannedPage) -> str:
        """A page, before its links are led to other pages."""
        data = html.as_linked_data(page.data()) if page.data else Markup()
        return self.part(page.template, scripts=_SCRIPTS, linked_data=data, **page.values)


class _Making:
    """One site while it is made."""

    def __init__(self, prepared: PreparedIssue, kept: Store | None) -> None:
        self.prepared, self.store, self.theme = prepared, kept, prepared.theme
        self.shared = SharedFiles()
        self.drawing = _SiteDrawing(prepared, self.shared)
        self.plan = _planned(self.drawing, prepared)
        self.problems: list[Problem] = []
        self.count = 0
        self._places: dict[str, dict[str, None]] = {}
        self._elsewhere: dict[str, str] = {}  # pages of places that the plan does not know, when asked for
        self.scripts: dict[str, list[str]] = {}

    def site(self, on_step: Step) -> RenderedSite:
        address, context = address_of(self.prepared), self.drawing.context
        base = _state(self.theme, self.prepared, self.drawing.styles)
        texts: dict[str, str] = {}
        for n, page in enumerate(self.plan.pages):
            if n % _STEP == 0:
                on_step("Making the pages", n, len(self.plan.pages))
            texts[page.file] = self._page(page, base)
        on_step("Making the index of the search", 0, 0)
        search = searching.add_search(self.plan.entries, self.shared)
        files = {page.file: self._finished(page, texts, search) for page in self.plan.pages}
        wrong = [*(problem for problem in self.drawing.problems if problem.level == "error"), *self.problems]
        if any(problem.level == "error" for problem in wrong):
            raise ProjectError(dict.fromkeys((*self.drawing.problems, *wrong)))
        if address:
            files[feed.FEED] = feed.feed(context, address, self.plan.entries).encode()
            names = ("" if n == 0 else page.file for n, page in enumerate(self.plan.pages))
            files["sitemap.xml"] = feed.sitemap(address, names).encode()
            files["robots.txt"] = feed.robots(address).encode()
        files |= dict(sorted(self.shared.files.items()))
        files[LISTING] = "".join(f"{name}\n" for name in sorted([*files, LISTING])).encode()
        problems = tuple(dict.fromkeys((*self.drawing.problems, *self.problems)))
        return RenderedSite(files=files, context=context, problems=problems, drawn=self.count)

    def _page(self, page: PlannedPage, base: bytes) -> str:
        """A page, from the store where nothing that it is made of has changed."""
        if self.store is None or not page.kept:
            return self._drawn(page)
        # Not as MessagePack: types of ours leave a default out where it is the same object, not where it is equal.
        key = store.key(base, page.template, repr(page.values))
        if (found := self.store.get(_KIND, key)) is not None:
            try:
                kept = msgspec.msgpack.decode(found, type=_Kept)
            except msgspec.DecodeError:  # of another program
                kept = None
            if kept is not None and all(self._shares(Path(path), name) for path, name in kept.uses.items()):
                return kept.text
        self.shared.used.clear()
        text = self._drawn(page)
        if page.file not in self.scripts:
            uses = {str(path): name for path, name in self.shared.used.items()}
            self.store.put(_KIND, key, msgspec.msgpack.encode(_Kept(text, uses)))
        return text

    def _drawn(self, page: PlannedPage) -> str:
        """A page that was drawn and looked at."""
        text = self.drawing.drawn(page)
        self.count += 1
        scan = self.drawing.scan(text)
        if scan.found or scan.scripts:
            self.problems += self._placed(page, scan)
            self.scripts[page.file] = [name for _, name in scan.scripts]
        return text

    def _shares(self, path: Path, name: str) -> bool:
        """Whether a file that a page shows is there as it was; it is then among those of the site."""
        roots = (self.prepared.issue.folder, *self.theme.roots)
        if not any(path.resolve().is_relative_to(root.resolve()) for root in roots) or not path.is_file():
            return False
        return self.drawing._source(path) == name  # noqa: SLF001 - of this module

    def _placed(self, page: PlannedPage, scan: active.Scan) -> list[Problem]:
        """What a scan of a page found, each with the file and line of the template that printed it."""
        for everything in (True, False):
            marked = self._marked(page, everything=everything)
            again = self.drawing.scan(marked)
            if len(again.found) >= len(scan.found) and len(again.scripts) >= len(scan.scripts):
                return html.placed(again)
        return html.placed(scan)

    def _marked(self, page: PlannedPage, *, everything: bool) -> str:
        """A page in which the places of templates are marked."""

        def rewrite(text: str, path: Path) -> str:
            return origins.mark(text, self.theme.shown(path), everything=everything)

        return _SiteDrawing(self.prepared, SharedFiles(), rewrite=rewrite).drawn(page)

    # -- links ---------------------------------------------------------------------------------------------------------

    def _finished(self, page: PlannedPage, texts: Mapping[str, str], search: Markup) -> bytes:
        """A page whose links lead to other pages, with its policy."""

        def led(match: re.Match[str]) -> str:
            target = self.plan.places.get(html_text.unescape(match[2]), "")
            if "#" in target or target in {"", page.file}:  # a place on a page, if it is there
                if match[2] in self._ids(page.file, texts):
                    return match[0]
                file = target.partition("#")[0]
                if not target or (file != target and match[2] not in self._ids(file, texts)):
                    target = self._inside(match[2], texts)
            if not target:
                self.problems.append(self._dead(page, match[2]))
                return match[0]
            return f'{match[1]}{html_text.escape(target)}"'

        text = _HREF.sub(led, texts[page.file])
        if page.file == SEARCH:
            text = text.replace(_SCRIPTS, search)
        scripts = self.scripts.get(page.file, ())
        policy = active.with_policy(text, scripts, files=active.ITS_FOLDER, running=page.file == SEARCH)
        return policy.encode()

    def _inside(self, place: str, texts: Mapping[str, str]) -> str:
        """The address of a place inside of some page; empty where no page has it."""
        if not self._elsewhere:
            for file in texts:
                for found in self._ids(file, texts):
                    self._elsewhere.setdefault(found, f"{file}#{html_text.unescape(found)}")
        return self._elsewhere.get(place, "")

    def _ids(self, file: str, texts: Mapping[str, str]) -> dict[str, None]:
        """The places on a page, as they are written there, in order."""
        if file not in self._places:
            self._places[file] = dict.fromkeys(_ID.findall(texts[file]))
        return self._places[file]

    def _dead(self, page: PlannedPage, place: str) -> Problem:
        """The error for a link that leads nowhere."""
        marked = self._marked(page, everything=False)
        at = marked.find(f'href="#{place}"')
        file, line, _ = origins.place_in(marked, at) if at >= 0 else ("", 0, False)
        message = f"a link leads to “#{html_text.unescape(place)}”, which is not in the issue"
        return Problem(level="error", code="dead-link", message=message, file=file, line=line or None, key=f"#{place}")


def _state(theme: Theme, prepared: PreparedIssue, styles: Markup) -> bytes:
    """A digest of all that pages depend on besides what they are given: program, theme, options, words.

    The times of the program's files are in it, so nobody else can put a page into the store that is taken for ours.
    """
    program = Path(digest.__file__).parent
    parts: list[object] = [sorted(_stamps(program, "*.py")), styles, sorted(theme.options.items()), theme.name]
    parts += [sorted(_stamps(root, "*")) for root in theme.roots]
    parts += [sorted(prepared.words.items()), prepared.words.language, sorted(theme.permits.scripts)]
    return hashlib.sha256(repr(parts).encode()).digest()


def _stamps(folder: Path, pattern: str) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of each file of a folder."""
    for path in folder.rglob(pattern):
        if path.is_file():
            state = path.stat()
            yield path.relative_to(folder).as_posix(), state.st_size, state.st_mtime_ns
