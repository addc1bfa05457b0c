"""Which files an EPUB has, in the order of reading, and what the template of each is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from digest.render.context import ArticleEntry, DigestEntry, PageEntry, SectionContext, TrackContext
from digest.render.ebook import EpubLink, EpubPage, EpubSection
from digest.render.site.plan import cut
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.render.context import EntryContext, IssueContext
    from digest.render.figures import Figure
    from digest.render.theme import Groups
    from digest.render.words import Words

CONTENTS: Final = "nav.xhtml"
_MOST: Final = 40  # abstracts of one file: readers open a file as a whole, and 300 kB take them noticeable time
_INDEXES: Final = (
    ("author-index", "author_index"),
    ("keyword-index", "keyword_index"),
    ("number-index", "number_index"),
)


class PlannedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is to be made.

    Attributes:
        page: the page.
        template: the template that prints it.
        values: what the template sees besides.
    """

    page: EpubPage
    template: str
    values: Mapping[str, Any]


class _Planner:
    """One plan."""

    def __init__(self, issue: IssueContext, words: Words, options: Mapping[str, Any], by: Groups) -> None:
        self.issue, self.words, self.options = issue, words, options
        self.groups: Sequence[SectionContext | TrackContext] = issue.tracks if by == "tracks" else issue.sections
        self.indexes = [
            (id_, words[name], lines)
            for id_, name in _INDEXES
            if options.get("indexes", True) and options.get(name, True) and (lines := getattr(issue, name))
        ]
        self.about = bool(options.get("colophon", True) or issue.abbreviations)

    def files(self) -> Iterator[PlannedFile]:
        yield self.file("cover", "cover.xhtml", self.issue.full_title)
        yield self.file("contents", CONTENTS, self.words["contents"])
        if self.issue.editorial:
            section = _section("editorial", RichText.plain_text(self.words["editorial"]))
            yield self.article(self.issue.editorial, section)
        for group in self.groups:
            yield from self.files_of(group)
        for id_, title, lines in self.indexes:
            for n, (label, listed) in enumerate(cut(lines), 1):
                named = f"{title}: {label}" if label else title
                values = {"index": id_, "listed": listed}
                yield self.file("index", f"{id_}{f'-{n}' if n > 1 else ''}.xhtml", named, **values)
        if self.about:
            yield self.file("about", "about.xhtml", self.words["colophon"])

    def file(self, kind: Any, file: str, title: str, **values: Any) -> PlannedFile:  # noqa: ANN401 - any values
        page = EpubPage(kind=kind, file=file, title=title)
        return PlannedFile(page=page, template=f"epub/{kind}.html", values={"page": page, **values})

    def files_of(self, group: SectionContext | TrackContext) -> Iterator[PlannedFile]:
        """A section: each article in a file of its own, what is between them in files of the section."""
        pictures = _pictures(group)
        mixed = any(isinstance(entry, ArticleEntry) for entry in group.entries)
        links = tuple(self.links_of(group.entries)) if mixed else ()
        section = _section(group.id, group.title, group.intro, pictures, group.accent, links)
        part = 1
        held: list[EntryContext] = []

        def put() -> PlannedFile:
            name = f"{group.id}.xhtml" if part == 1 else f"{group.id}-{part}.xhtml"
            shown = msgspec.structs.replace(section, part=part)
            return self.file("section", name, group.title.plain, section=shown, entries=tuple(held))

        for entry in group.entries:
            alone = isinstance(entry, ArticleEntry)
            if (alone and (held or part == 1)) or len(held) >= _MOST:
                yield put()
                part, held = part + 1, []
            if isinstance(entry, ArticleEntry):
                yield self.article(entry, section)
            else:
                held.append(entry)
        if held or part == 1:
            yield put()

    def article(self, entry: ArticleEntry, section: EpubSection) -> PlannedFile:
        return self.file("article", f"{entry.id}.xhtml", entry.title.plain, entry=entry, section=section)

    # -- the contents --------------------------------------------------------------------------------------------------

    def contents(self) -> tuple[EpubLink, ...]:
        """The contents: editorial, sections with their entries, indexes, colophon."""
        found = []
        if self.issue.editorial:
            title = RichText.plain_text(self.words["editorial"])
            found.append(EpubLink(href="#editorial", title=title, within=tuple(self.links_of((self.issue.editorial,)))))
        for group in self.groups:
            href, within = f"#{group.id}", tuple(self.links_of(group.entries))
            found.append(EpubLink(href=href, title=group.title, within=within))
        return (*found, *self.rest())

    def links_of(self, entries: Sequence[EntryContext]) -> Iterator[EpubLink]:
        for entry in entries:
            href = f"#{entry.id}"
            if isinstance(entry, DigestEntry):
                label = f"#{entry.number}" if entry.number else ""
                language = _known(entry.title_language)
                yield EpubLink(href=href, title=entry.title, label=label, language=language, status=entry.status)
            elif isinstance(entry, ArticleEntry):
                yield EpubLink(href=href, title=entry.title, language=_known(entry.language))
            elif not isinstance(entry, PageEntry) or entry.title:
                yield EpubLink(href=href, title=RichText.plain_text(entry.title))

    def rest(self) -> Iterator[EpubLink]:
        for id_, title, _ in self.indexes:
            yield EpubLink(href=f"#{id_}", title=RichText.plain_text(title), kind="index")
        if self.issue.abbreviations:
            yield EpubLink(
                href="#abbreviations", title=RichText.plain_text(self.words["abbreviations"]), kind="glossary"
            )
        if self.options.get("colophon", True):
            yield EpubLink(href="#colophon", title=RichText.plain_text(self.words["colophon"]), kind="colophon")

    def landmarks(self) -> tuple[EpubLink, ...]:
        """The title page, the contents, where the text begins, and what is after it."""
        first = next((link for link in self.contents() if not link.kind), None)
        title = RichText.plain_text(self.issue.headline)
        found = [EpubLink(href="#title-page", title=title, kind="titlepage")]
        found.append(EpubLink(href="#contents", title=RichText.plain_text(self.words["contents"]), kind="toc"))
        if first:
            found.append(EpubLink(href=first.href, title=first.title, kind="bodymatter"))
        return (*found, *self.rest())


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The files of an EPUB.

    Attributes:
        files: the pages in the order of reading.
        contents: the contents.
        landmarks: what readers jump to.
    """

    files: tuple[PlannedFile, ...]
    contents: tuple[EpubLink, ...]
    landmarks: tuple[EpubLink, ...]


def plan(issue: IssueContext, words: Words, options: Mapping[str, Any], by: Groups) -> Plan:
    """The files of the EPUB of an issue.

    Args:
        issue: the issue as templates see it.
        words: the words of the theme.
        options: the options of the theme.
        by: what files of abstracts are made of.
    """
    planner = _Planner(issue, words, options, by)
    return Plan(files=tuple(planner.files()), contents=planner.contents(), landmarks=planner.landmarks())


def _pictures(group: SectionContext | TrackContext) -> tuple[Figure, ...]:
    if isinstance(group, TrackContext):
        return group.pictures
    return (group.picture,) if group.picture else ()


_NOTHING: Final = Markup()


def _section(
    id_: str,
    title: RichText,
    intro: Markup = _NOTHING,
    pictures: tuple[Figure, ...] = (),
    accent: str = "",
    links: tuple[EpubLink, ...] = (),
) -> EpubSection:
    return EpubSection(id=id_, title=title, intro=intro, pictures=pictures, accent=accent, part=1, links=links)


def _known(language: str) -> str:
    return "" if language.startswith("und") else language
