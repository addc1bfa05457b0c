"""Which pages a site has, what each of them is given, and on which page each place of the issue is."""

from __future__ import annotations

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from digest.model import number_key
from digest.render import html
from digest.render.context import (
    ArticleEntry,
    DigestEntry,
    IssueHead,
    SectionContext,
    TrackContext,
)
from digest.render.site.context import ListedEntry, Site, SiteGroup, SiteIndex, SiteLink, SitePage
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.render.context import EntryContext, IssueContext
    from digest.render.figures import Figure
    from digest.render.indexes import IndexLine
    from digest.render.theme import Groups
    from digest.render.words import Words

HOME: Final = "index.html"
SEARCH: Final = "search.html"
ABOUT: Final = "about.html"
LISTED: Final = 200  # entries on one page of a section or track
AT_HOME: Final = 150  # entries that the first page lists itself
_WHOLE: Final = 800  # names and places of an index on one page
_LEAST, _MOST = 300, 1500  # the same on one page of an index that has several

_INDEXES: Final = (
    ("author-index", "author_index", "authors"),
    ("keyword-index", "keyword_index", "keywords"),
    ("number-index", "number_index", "numbers"),
)


class PlannedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page that is to be made.

    Attributes:
        file: its name.
        template: the template that prints it.
        values: what the template sees.
        data: gives the thing of schema.org that the page is about, which follows from its values; may be missing.
        kept: whether it may come from a store; what is given the whole issue depends on all of it.
    """

    file: str
    template: str
    values: dict[str, Any]
    data: Callable[[], Mapping[str, Any]] | None = None
    kept: bool = True


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The pages of a site.

    Attributes:
        pages: the pages, the first one first.
        places: the address of each HTML id that has a page, or a place on one, whatever the templates print.
        entries: the articles and abstracts in order, each with its page.
    """

    pages: tuple[PlannedPage, ...]
    places: Mapping[str, str]
    entries: tuple[tuple[str, ArticleEntry | DigestEntry], ...]


class _Group(msgspec.Struct, frozen=True):
    """A section or track before its pages are known."""

    source: SectionContext | TrackContext
    files: tuple[str, ...]

    def parts(self) -> list[tuple[EntryContext, ...]]:
        entries = self.source.entries
        return [entries[at : at + LISTED] for at in range(0, len(entries), LISTED)] or [()]


def plan(issue: IssueContext, words: Words, options: Mapping[str, Any], by: Groups, address: str, feed: str) -> Plan:
    """The pages of the site of an issue.

    Args:
        issue: the issue as templates see it.
        words: the words of the theme.
        options: the options of the theme.
        by: what the pages that list entries are made of.
        address: where the site is on the web; may be empty.
        feed: the name of its feed; may be empty.
    """
    return _Planner(issue, words, options, by, address, feed).plan()


def head_of(issue: IssueContext) -> IssueHead:
    """An issue without its entries and indexes."""
    return IssueHead(**{name: getattr(issue, name) for name in IssueHead.__struct_fields__})


class _Planner:
    """One plan: names of files first, because pages lead to each other."""

    def __init__(
        self, issue: IssueContext, words: Words, options: Mapping[str, Any], by: Groups, address: str, feed: str
    ) -> None:
        self.issue, self.words, self.options, self.address = issue, words, options, address
        self.head = head_of(issue)
        self.files = _names([entry.id for entry in issue.entries if isinstance(entry, ArticleEntry | DigestEntry)])
        sources: Sequence[SectionContext | TrackContext] = issue.tracks if by == "tracks" else issue.sections
        self.groups = [_Group(source, _parts_of(source.id, len(source.entries))) for source in sources]
        about = bool(options.get("colophon", True) or issue.abbreviations)
        self.indexes = [
            (id_, self.words[word], name, lines)
            for id_, word, name in _INDEXES
            if options.get("indexes", True) and options.get(word, True) and (lines := getattr(issue, word))
        ]
        menu = [(HOME, words["contents"]), *((f"{name}.html", title) for _, title, name, _ in self.indexes)]
        menu += [(SEARCH, words["search"]), *([(ABOUT, words["colophon"])] if about else [])]
        links = tuple(SiteLink(href=href, title=RichText.plain_text(title)) for href, title in menu)
        self.site = Site(address=address, menu=links, feed=feed)
        self.about = about

    def plan(self) -> Plan:
        own = [*self.own_pages()]
        pages = [self.home(), *own, *self.group_pages(), *self.index_pages()]
        pages.append(self.page("search", SEARCH, self.words["search"], issue=self.head))
        if self.about:
            pages.append(self.page("about", ABOUT, self.words["colophon"]))
        entries = tuple((page.file, page.values["entry"]) for page in own)
        return Plan(pages=tuple(pages), places=self.places(), entries=entries)

    def page(
        self,
        kind: str,
        file: str,
        title: str,
        data: Callable[[], Mapping[str, Any]] | None = None,
        **values: Any,  # noqa: ANN401 - any values
    ) -> PlannedPage:
        issue = self.issue.publication.title
        named = f"{title} · {issue}" if title != issue else title
        address = self.address and self.address + ("" if file == HOME else file)
        page = SitePage(kind=kind, file=file, title=named, address=address)  # type: ignore[arg-type]  # one of its words
        values = {"issue": self.issue, "site": self.site, "page": page, **values}
        return PlannedPage(
            file=file, template=f"site/{kind}.html", values=values, data=data, kept=values["issue"] is self.head
        )

    def places(self) -> dict[str, str]:
        found: dict[str, str] = dict(self.files)
        if self.issue.editorial:
            found["editorial"] = self.files[self.issue.editorial.id]
        pages: dict[str, str] = {}  # of entries: the page on which each is listed
        for group in self.groups:
            found[group.source.id] = group.files[0]
            for file, entries in zip(group.files, group.parts(), strict=True):
                pages |= {entry.id: file for entry in entries}
                found |= {entry.id: f"{file}#{entry.id}" for entry in entries if entry.id not in self.files}
        others: list[SectionContext | TrackContext] = [*self.issue.sections, *self.issue.tracks]
        for other in others:
            file = next((pages[entry.id] for entry in other.entries if entry.id in pages), HOME)
            found.setdefault(other.id, file)
        found |= {id_: f"{name}.html" for id_, _, name, _ in self.indexes}
        if self.about:
            found |= {id_: f"{ABOUT}#{id_}" for id_ in ("colophon", "abbreviations")}
        return found

    # -- the kinds of pages --------------------------------------------------------------------------------------------

    def home(self) -> PlannedPage:
        few = len(self.issue.entries) <= AT_HOME
        groups = [(self.group(group, 1), self.listed(group.source.entries) if few else ()) for group in self.groups]
        return self.page("home", HOME, self.issue.full_title, self.data, groups=tuple(groups))

    def data(self) -> dict[str, Any]:
        return html.issue_data(self.head) | {"@id": self.address}

    def own_pages(self) -> Iterator[PlannedPage]:
        """The articles and abstracts, each between its neighbours."""
        home = SiteLink(href=HOME, title=RichText.plain_text(self.words["editorial"]))
        chain: list[tuple[ArticleEntry | DigestEntry, SiteLink]] = []
        if self.issue.editorial:
            chain.append((self.issue.editorial, home))
        for group in self.groups:
            for file, entries in zip(group.files, group.parts(), strict=True):
                link = SiteLink(href=file, title=group.source.title)
                chain += [(entry, link) for entry in entries if isinstance(entry, ArticleEntry | DigestEntry)]
        links = [self.link(entry) for entry, _ in chain]
        for n, (entry, group_link) in enumerate(chain):
            file = self.files[entry.id]
            yield self.page(
                "entry",
                file,
                entry.title.plain,
                functools.partial(self.data_of, entry),
                issue=self.head,
                entry=entry,
                group=group_link,
                before=links[n - 1] if n else None,
                after=links[n + 1] if n + 1 < len(links) else None,
            )

    def data_of(self, entry: ArticleEntry | DigestEntry) -> dict[str, Any]:
        return html.part_data(entry, self.head, self.address + self.files[entry.id]) | {"isPartOf": self.data()}

    def group_pages(self) -> Iterator[PlannedPage]:
        for group in self.groups:
            for n, (file, entries) in enumerate(zip(group.files, group.parts(), strict=True), 1):
                title = group.source.title.plain + (f" ({n})" if n > 1 else "")
                shown, listed = self.group(group, n), self.listed(entries)
                yield self.page("group", file, title, issue=self.head, group=shown, entries=listed)

    def index_pages(self) -> Iterator[PlannedPage]:
        for id_, title, name, lines in self.indexes:
            pieces = cut(lines)
            files = _index_files(name, pieces)
            letters = tuple(
                SiteLink(href=file, title=RichText.plain_text(label))
                for file, (label, _) in zip(files, pieces, strict=True)
            )
            index = SiteIndex(id=id_, title=title, letters=letters if len(pieces) > 1 else (), count=len(lines))
            for file, (label, listed) in zip(files, pieces, strict=True):
                named = f"{title}: {label}" if len(pieces) > 1 else title
                yield self.page("index", file, named, issue=self.head, index=index, listed=listed)

    # -- parts of them -------------------------------------------------------------------------------------------------

    def link(self, entry: ArticleEntry | DigestEntry) -> SiteLink:
        number = f"#{entry.number}" if isinstance(entry, DigestEntry) and entry.number else ""
        language = entry.title_language if isinstance(entry, DigestEntry) else entry.language
        return SiteLink(href=self.files[entry.id], title=entry.title, label=number, language=language)

    def listed(self, entries: Sequence[EntryContext]) -> tuple[ListedEntry, ...]:
        return tuple(ListedEntry(href=self.files.get(entry.id, ""), entry=entry) for entry in entries)

    def group(self, group: _Group, part: int) -> SiteGroup:
        source, lists = group.source, group.parts()
        numbers = _numbers(source.entries)
        parts = tuple(
            SiteLink(href=file, title=RichText.plain_text(_range(entries, n * LISTED)))
            for n, (file, entries) in enumerate(zip(group.files, lists, strict=True))
        )
        pictures: tuple[Figure, ...]
        if isinstance(source, SectionContext):
            pictures = (source.picture,) if source.picture else ()
        else:
            pictures = source.pictures
        return SiteGroup(
            id=source.id,
            href=group.files[0],
            title=source.title,
            intro=source.intro if part == 1 else Markup(),
            pictures=pictures,
            accent=source.accent,
            first_number=numbers[0] if numbers else "",
            last_number=numbers[-1] if numbers else "",
            count=len(source.entries),
            parts=parts if len(parts) > 1 else (),
            part=part,
        )


def _numbers(entries: Sequence[EntryContext]) -> list[str]:
    return sorted({e.number for e in entries if isinstance(e, DigestEntry) and e.number}, key=number_key)


def _range(entries: Sequence[EntryContext], before: int) -> str:
    """What a part of a list is called: its numbers where they go up, else its places in the list."""
    listed = [e.number for e in entries if isinstance(e, DigestEntry) and e.number]
    if len(listed) == len(entries) and listed and listed == sorted(listed, key=number_key):
        return listed[0] if len(listed) == 1 else f"{listed[0]}–{listed[-1]}"
    return f"{before + 1}–{before + len(entries)}"


def _parts_of(id_: str, entries: int) -> tuple[str, ...]:
    parts = max(1, -(-entries // LISTED))
    return tuple(f"{id_}.html" if n == 1 else f"{id_}-{n}.html" for n in range(1, parts + 1))


def _names(ids: Sequence[str]) -> dict[str, str]:
    """The file of each entry by its id; names that some disk could confuse, or an address cannot hold, get a digest."""
    same = Counter(id_.casefold() for id_ in ids)

    def name(id_: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", id_)
        if plain == id_ and same[id_.casefold()] == 1 and len(id_) <= 120:
            return f"{id_}.html"
        return f"{plain[:100]}-{hashlib.sha256(id_.encode()).hexdigest()[:8]}.html"

    return {id_: name(id_) for id_ in dict.fromkeys(ids)}


def cut(lines: Sequence[IndexLine]) -> list[tuple[str, tuple[IndexLine, ...]]]:
    """An index in pieces that a page can hold: by its letters, small ones together, large ones in parts.

    Args:
        lines: the lines of the index in their order.
    """
    if _weight(lines) <= _WHOLE:
        return [("", tuple(lines))]
    pieces: list[tuple[str, str, list[IndexLine]]] = []  # first and last letter, lines
    for initial, found in groupby(lines, key=lambda line: line.initial):
        listed = list(found)
        if _weight(listed) > _MOST:
            pieces += [("", "", part) for part in _in_parts(listed)]
        elif pieces and pieces[-1][0] and _weight(pieces[-1][2]) < _LEAST:
            first, _, before = pieces[-1]
            pieces[-1] = (first, initial, before + listed)
        else:
            pieces.append((initial, initial, listed))
    return [
        ((first if first == last else f"{first}–{last}") or _names_of(listed), tuple(listed))
        for first, last, listed in pieces
    ]


def _weight(lines: Sequence[IndexLine]) -> int:
    return sum(1 + len(line.references) for line in lines)


def _in_parts(lines: Sequence[IndexLine]) -> Iterator[list[IndexLine]]:
    """The lines of one letter in parts of much the same weight."""
    whole = _weight(lines)
    parts = -(-whole // _MOST)
    before = 0
    found: dict[int, list[IndexLine]] = {}
    for line in lines:
        found.setdefault(before * parts // whole, []).append(line)
        before += _weight([line])
    yield from found.values()


def _names_of(lines: Sequence[IndexLine]) -> str:
    return lines[0].name if len(lines) == 1 else f"{lines[0].name} – {lines[-1].name}"


def _index_files(name: str, pieces: Sequence[tuple[str, tuple[IndexLine, ...]]]) -> list[str]:
    """The names of the pages of an index: after their first letter, where that is a plain one."""
    files = [f"{name}.html"]
    for _, listed in pieces[1:]:
        initial = listed[0].initial.lower()
        stem = f"{name}-{initial}" if re.fullmatch("[a-z0-9]", initial) else f"{name}-{len(files) + 1}"
        file, n = f"{stem}.html", 1
        while file in files:
            n += 1
            file = f"{stem}-part-{n}.html"
        files.append(file)
    return files
