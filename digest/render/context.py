"""What templates see: an issue as frozen values in which every text is ready to be printed.

These types are the contract with everybody who writes templates (``docs/templates.md``). Texts of type `Markup` and
`RichText` print themselves as HTML; all others are escaped by the template engine.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from markupsafe import Markup

from digest import prose
from digest.cite import Reference, Styles, how_to_cite, society_citation
from digest.cite.items import identifiers
from digest.errors import Problem
from digest.model import Ids, Meeting, PartialDate, Person, Publication, Record, number_key
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from digest.model import ArticleFile, Entry, Notice, Picture
    from digest.project import Article, Issue
    from digest.render.words import Words


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A picture.

    Attributes:
        id: HTML id; empty on the cover.
        number: number within its article, counted from 1; 0 on the cover.
        src: address for ``<img src>``.
        alt: what it shows, in words.
        caption: caption.
        credit: who made it.
    """

    id: str
    number: int
    src: str
    alt: str
    caption: Markup
    credit: str


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """A number under which others know something, with its address.

    Attributes:
        label: such as ``DOI``.
        number: as printed.
        url: where it leads.
    """

    label: str
    number: str
    url: str


class ArticleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A highlight article.

    Attributes:
        kind: ``article``.
        id: HTML id.
        label: what stands above the title.
        flag: a word printed with the entry; may be empty.
        language: language of the text.
        title: title.
        event_line: from which meeting these are highlights; empty without a meeting.
        authors: authors; `Person.affiliations` are the marks.
        affiliations: affiliations in order of their marks.
        summary: summary.
        keywords: keywords.
        body: the text.
        abbreviations: pairs of abbreviation and meaning.
        conflict_of_interest: the authors' statement.
        correspondence: whom to write to.
        references: references in order.
        how_to_cite: how others should cite the article.
        running_head: line for the head of its pages.
        pages: pages as cited; may be empty.
        doi: DOI; may be empty.
        numbers: numbers of the abstracts that it reviews.
    """

    kind: Literal["article"] = "article"
    id: str
    label: str
    flag: str
    language: str
    title: RichText
    event_line: str
    authors: tuple[Person, ...]
    affiliations: tuple[RichText, ...]
    summary: Markup
    keywords: tuple[str, ...]
    body: Markup
    abbreviations: tuple[tuple[str, str], ...]
    conflict_of_interest: Markup
    correspondence: Markup
    references: tuple[Reference, ...]
    how_to_cite: Markup
    running_head: str
    pages: str
    doi: str
    numbers: tuple[str, ...]


class DigestEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An abstract on its own.

    Attributes:
        kind: ``digest``.
        id: HTML id.
        flag: a word printed with the entry; may be empty.
        language: language of the abstract.
        number: the society's abstract number, without ``#``; may be empty.
        title: title.
        authors: authors; `Person.affiliations` are the marks.
        authors_truncated: the source itself ends in “et al.”.
        affiliations: affiliations in order of their marks.
        presentation: how it was presented; may be empty.
        status: ``corrected`` or ``withdrawn``; empty when it is neither.
        meeting: where it was presented, when that is not the meeting of the issue.
        why: why this one.
        comment: the editor's comment.
        quote: a short quotation from the abstract.
        parts: the abstract, when all of it may be printed; pairs of label and text.
        keywords: keywords.
        registrations: numbers of registered trials.
        track: track, session or topic of the meeting under which it was listed; may be empty.
        citation: the abstract as its society cites it.
        identifiers: where else it is found.
        references: what the comment cites.
    """

    kind: Literal["digest"] = "digest"
    id: str
    flag: str
    language: str
    number: str
    title: RichText
    authors: tuple[Person, ...]
    authors_truncated: bool
    affiliations: tuple[RichText, ...]
    presentation: str
    status: str
    meeting: Meeting | None
    why: Markup
    comment: Markup
    quote: str
    parts: tuple[tuple[str, RichText], ...]
    keywords: tuple[str, ...]
    registrations: tuple[Identifier, ...]
    track: str
    citation: str
    identifiers: tuple[Identifier, ...]
    references: tuple[Reference, ...]


class NoticeEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An erratum, a withdrawal or an update.

    Attributes:
        kind: ``notice``.
        id: HTML id.
        flag: a word printed with the entry; may be empty.
        type: ``erratum``, ``withdrawal`` or ``update``.
        title: headline.
        text: what happened.
        about: address of the entry that it is about; empty when that is not in the issue.
        about_number: number of the abstract that it is about; may be empty.
    """

    kind: Literal["notice"] = "notice"
    id: str
    flag: str
    type: str
    title: str
    text: Markup
    about: str
    about_number: str


EntryContext = ArticleEntry | DigestEntry | NoticeEntry


class SectionContext(msgspec.Struct, frozen=True, kw_only=True):
    """A section.

    Attributes:
        id: HTML id.
        title: heading.
        intro: a paragraph under the heading; may be empty.
        entries: entries in order; `kind` tells which they are.
    """

    id: str
    title: RichText
    intro: Markup
    entries: tuple[EntryContext, ...]


class TrackContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a meeting listed under one track; entries without a track stand under their section.

    Attributes:
        id: HTML id.
        title: name of the track, or heading of the section.
        intro: the introductions of the sections that begin with it; may be empty.
        entries: entries in order; `kind` tells which they are.
        first_number: the lowest of its abstract numbers; empty without any.
        last_number: the highest of them.
    """

    id: str
    title: RichText
    intro: Markup
    entries: tuple[EntryContext, ...]
    first_number: str
    last_number: str


class IndexReference(msgspec.Struct, frozen=True, kw_only=True):
    """One place to which a line of an index leads.

    Attributes:
        anchor: HTML id of the entry.
        label: what to show where there are no page numbers.
        number: number of the abstract, without ``#``; may be empty.
    """

    anchor: str
    label: str
    number: str = ""


class IndexLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an index.

    Attributes:
        name: what is looked up.
        initial: the letter under which it stands.
        references: where it is found.
    """

    name: str
    initial: str
    references: tuple[IndexReference, ...]


class IssueContext(msgspec.Struct, frozen=True, kw_only=True):
    """The issue.

    Attributes:
        publication: the periodical: `title`, `abbreviation`, `issn`, `publisher`, `url`, `language`, `editors`,
            `rights`.
        title: title on the cover.
        date: date of publication; `date.long`, `date.medline`, `date.year`, `date.month_name`.
        volume: volume; may be empty.
        number: number within the volume; may be empty.
        meeting: the meeting: `name`, `place`, `dates`, `event_line`; may be missing.
        first_page: number of the first page behind the contents.
        cover: picture on the cover; may be missing.
        editorial: an article that opens the issue; may be missing.
        sections: sections in order.
        tracks: the same entries as in `sections`, by the track of the meeting under which each was listed.
        author_index: all authors.
        keyword_index: all keywords.
        number_index: all abstract numbers.
        abbreviations: pairs of abbreviation and meaning, from all articles.
        permissions: by whose leave texts and pictures are printed; may be empty.
        colophon: about the making of the issue; may be empty.
        running_head: line for the head of pages that belong to no article.
        running_foot: line for the foot of every page.
    """

    publication: Publication
    title: str
    date: PartialDate
    volume: str
    number: str
    meeting: Meeting | None
    first_page: int
    cover: Figure | None
    editorial: ArticleEntry | None
    sections: tuple[SectionContext, ...]
    tracks: tuple[TrackContext, ...]
    author_index: tuple[IndexLine, ...]
    keyword_index: tuple[IndexLine, ...]
    number_index: tuple[IndexLine, ...]
    abbreviations: tuple[tuple[str, str], ...]
    permissions: Markup
    colophon: Markup
    running_head: str
    running_foot: str

    @property
    def entries(self) -> tuple[EntryContext, ...]:
        """All entries in the order of their pages, the editorial first."""
        first = (self.editorial,) if self.editorial else ()
        return (*first, *(entry for section in self.sections for entry in section.entries))


_NCT: Final = "https://clinicaltrials.gov/study/"


def compose(
    issue: Issue,
    styles: Styles,
    words: Words,
    *,
    source: Callable[[Path], str],
    figure: Callable[[Figure], Markup],
) -> tuple[IssueContext, tuple[Problem, ...]]:
    """The issue as templates see it, and what is wrong in its texts.

    Args:
        issue: an issue that was read without errors.
        styles: the citation styles.
        words: the words of the theme in the language of the issue.
        source: gives the address by which a page refers to a file.
        figure: prints a figure inside an article.
    """
    composer = _Composer(issue, styles, words, source, figure)
    return composer.issue_context(), tuple(composer.problems)


class _Composer:
    """One composition: problems gather while the parts of the issue become printable."""

    def __init__(
        self,
        issue: Issue,
        styles: Styles,
        words: Words,
        source: Callable[[Path], str],
        figure: Callable[[Figure], Markup],
    ) -> None:
        self.issue, self.styles, self.words = issue, styles, words
        self.source, self.write_figure = source, figure
        self.problems: list[Problem] = []
        self.sources: Mapping[str, Record] = {**issue.references, **issue.records}
        self.printed = {
            entry.record: f"abstract-{entry.record}"
            for section in issue.head.sections for entry in section.entries if entry.record
        }  # fmt: skip
        counts = Counter(issue.records[key].number for key in self.printed)
        self.mentions = {
            issue.records[key].number: f"#{anchor}"
            for key, anchor in self.printed.items()
            if counts[issue.records[key].number] == 1  # where two meetings share a number nobody can tell
        }

    def issue_context(self) -> IssueContext:
        issue, head, publication = self.issue, self.issue.head, self.issue.publication
        file = issue.shown("issue.yaml")
        editorial = self.article(issue.articles[head.editorial], flag="") if head.editorial else None
        sections = tuple(
            SectionContext(
                id=f"section-{s}",
                title=section.title,
                intro=self.plain(section.intro, file, "sections", s - 1, "intro"),
                entries=tuple(self.entry(entry, s - 1, e) for e, entry in enumerate(section.entries)),
            )
            for s, section in enumerate(head.sections, 1)
        )
        entries = [
            *([editorial] if editorial else []),
            *(entry for section in sections for entry in section.entries),
        ]
        return IssueContext(
            publication=publication, title=head.title, date=head.date, volume=head.volume, number=head.number,
            meeting=head.meeting, first_page=head.first_page,
            cover=self.picture(head.cover, file, ("cover",)) if head.cover else None,
            editorial=editorial, sections=sections, tracks=_tracks(sections),
            author_index=_author_index(entries), keyword_index=_keyword_index(entries),
            number_index=_number_index(entries), abbreviations=self.abbreviations(),
            permissions=self.plain(head.permissions, file, "permissions"),
            colophon=self.plain(head.colophon, file, "colophon"),
            running_head=self.running_head(""), running_foot=self.running_foot(),
        )  # fmt: skip

    # -- texts ---------------------------------------------------------------------------------------------------------

    def parse(self, text: str, file: str, *path: str | int) -> prose.Prose:
        """A text from a YAML value, its problems told at the line of its key."""
        line = self.issue.reads[file].text_line(*path)
        return self.checked(prose.parse(text, file, first_line=line), file)

    def checked(self, parsed: prose.Prose, file: str) -> prose.Prose:
        self.problems += [*parsed.problems, *prose.odd_keys(parsed, self.sources, file)]
        return parsed

    def paragraph(self, text: str, file: str, *path: str | int) -> prose.Prose:
        """A text that templates print inside a paragraph of theirs."""
        parsed = self.parse(text, file, *path)
        if not prose.is_one_paragraph(parsed):
            message = "this text is one paragraph: no empty line, list, heading or table in it"
            self.problems.append(self.issue.reads[file].problem("error", "not-one-paragraph", message, *path))
        return parsed

    def plain(self, text: str, file: str, *path: str | int) -> Markup:
        """A text that stands where there is no list of references."""
        parsed = self.parse(text, file, *path)
        for citation in parsed.citations:
            message = (
                "citations stand in articles, and in the “why” and “comment” of a record; here is no list of references"
            )
            self.problems.append(
                Problem(level="error", code="citation-place", message=message, file=file, line=citation.line)
            )
        if parsed.problems or parsed.citations:
            return Markup()
        return prose.render(parsed, mentions=self.mentions, level=4, table=self.words["table"])

    def cited(
        self, texts: Sequence[prose.Prose], anchor: str
    ) -> tuple[list[tuple[Markup, ...]], tuple[Reference, ...]]:
        """For each text what its citations print, and the references of all of them."""
        citations = [citation for text in texts for citation in text.citations]
        if any(cite.key not in self.sources for citation in citations for cite in citation.cites):
            return [tuple(Markup() for _ in text.citations) for text in texts], ()
        publication = self.issue.publication
        done = self.styles.cite(
            publication.style, citations, self.sources, language=publication.language, anchor=f"{anchor}-ref-"
        )
        shares, at = [], 0
        for text in texts:
            shares.append(done.citations[at : at + len(text.citations)])
            at += len(text.citations)
        return shares, done.references

    def inline(self, text: prose.Prose, citations: Sequence[Markup]) -> Markup:
        return Markup() if text.problems else prose.render_inline(text, citations=citations, mentions=self.mentions)

    def block(self, text: prose.Prose, citations: Sequence[Markup]) -> Markup:
        return (
            Markup()
            if text.problems
            else prose.render(text, citations=citations, mentions=self.mentions, level=4, table=self.words["table"])
        )

    # -- entries -------------------------------------------------------------------------------------------------------

    def entry(self, entry: Entry, s: int, e: int) -> EntryContext:
        if entry.article:
            return self.article(self.issue.articles[entry.article], flag=entry.flag)
        if entry.record:
            return self.digest(entry, entry.record, s, e)
        assert entry.notice is not None
        return self.notice(entry.notice, entry.flag, s, e)

    def article(self, article: Article, *, flag: str) -> ArticleEntry:
        head, file, anchor = article.head, article.file, f"article-{article.key}"
        summary = self.paragraph(head.summary, file, "summary")
        body = self.checked(prose.parse(article.text, file, first_line=article.first_line), file)
        captions = {
            key: self.paragraph(picture.caption, file, "figures", key, "caption")
            for key, picture in head.figures.items()
        }
        (for_summary, for_body, *for_captions), references = self.cited([summary, body, *captions.values()], anchor)
        printed = {
            key: self.inline(caption, share)
            for (key, caption), share in zip(captions.items(), for_captions, strict=True)
        }
        placed = self.place_figures(article, body, printed, anchor)
        meeting = head.meeting or self.issue.head.meeting
        broken = bool(body.problems) or any(key not in head.figures for key, _ in body.figures)
        return ArticleEntry(
            id=anchor, label=head.label or self.words["highlight_article"], flag=flag,
            language=head.language or self.issue.publication.language,
            title=head.title, event_line=self.words.event_line(meeting) if meeting else "",
            authors=head.authors, affiliations=head.affiliations, summary=self.inline(summary, for_summary),
            keywords=head.keywords,
            body=Markup() if broken else prose.render(
                body, citations=for_body, figures=placed, mentions=self.mentions, prefix=f"{anchor}-h-", level=4,
                table=self.words["table"],
            ),
            abbreviations=tuple(sorted(head.abbreviations.items(), key=lambda pair: _sort_key(pair[0]))),
            conflict_of_interest=self.plain(head.conflict_of_interest, file, "conflict_of_interest"),
            correspondence=self.plain(head.correspondence, file, "correspondence"),
            references=references, how_to_cite=self.how_to_cite(head),
            running_head=self.running_head(head.pages or ""), pages=head.pages or "", doi=head.doi or "",
            numbers=tuple(self.issue.records[key].number for key in head.abstracts if self.issue.records[key].number),
        )  # fmt: skip

    def place_figures(
        self, article: Article, body: prose.Prose, captions: Mapping[str, Markup], anchor: str
    ) -> dict[str, Markup]:
        """The figures that the text places, printed; problems for those it cannot place and those it forgets."""
        figures = article.head.figures
        placed: dict[str, Markup] = {}
        for key, line in body.figures:
            if key not in figures:
                known = (
                    f"; the front matter declares {', '.join(figures)}"
                    if figures
                    else "; the front matter declares no figures"
                )
                message = f"there is no figure “{key}”{known}"
                self.problems.append(
                    Problem(level="error", code="unknown-figure", message=message, file=article.file, line=line)
                )
            elif key not in placed:
                picture = self.picture_with(figures[key], captions[key], f"{anchor}-figure-{key}", len(placed) + 1)
                placed[key] = self.write_figure(picture)
        for key in (key for key in figures if key not in placed):
            message = f"the text places no figure “{key}”: expected a paragraph ![]({key})"
            self.problems.append(
                self.issue.reads[article.file].problem("warning", "unplaced-figure", message, "figures", key)
            )
        return placed

    def how_to_cite(self, head: ArticleFile) -> Markup:
        issue = self.issue
        record = Record(
            type="article", title=head.title, authors=head.authors, affiliations=head.affiliations,
            container=issue.publication.title, volume=issue.head.volume, issue=issue.head.number,
            pages=head.pages or "", issued=issue.head.date, ids=Ids(doi=head.doi),
        )  # fmt: skip
        return how_to_cite(self.styles, record, issue.publication.language).html

    def digest(self, entry: Entry, key: str, s: int, e: int) -> DigestEntry:
        record, file, anchor = self.issue.records[key], self.issue.shown("issue.yaml"), self.printed[key]
        why = self.paragraph(entry.why, file, "sections", s, "entries", e, "why")
        comment = self.parse(entry.comment, file, "sections", s, "entries", e, "comment")
        (for_why, for_comment), references = self.cited([why, comment], anchor)
        printable = record.abstract if record.permission == "full" else ()
        return DigestEntry(
            id=anchor, flag=entry.flag, language=record.language or self.issue.publication.language,
            number=record.number, title=record.title,
            authors=record.authors, authors_truncated=record.authors_truncated, affiliations=record.affiliations,
            presentation=record.presented, status="" if record.status == "final" else record.status,
            meeting=record.meeting if record.meeting and record.meeting != self.issue.head.meeting else None,
            why=self.inline(why, for_why), comment=self.block(comment, for_comment), quote=entry.quote,
            parts=tuple((part.label or "", part.text) for part in printable),
            keywords=record.keywords,
            registrations=tuple(
                Identifier(label="ClinicalTrials.gov", number=nct, url=f"{_NCT}{nct}") for nct in record.ids.nct
            ),
            track=record.track,
            citation=society_citation(record),
            identifiers=tuple(Identifier(label=name, number=no, url=url) for name, no, url in identifiers(record.ids)),
            references=references,
        )  # fmt: skip

    def notice(self, notice: Notice, flag: str, s: int, e: int) -> NoticeEntry:
        file = self.issue.shown("issue.yaml")
        about = self.issue.records.get(notice.about or "")
        return NoticeEntry(
            id=f"notice-{s + 1}-{e + 1}", flag=flag, type=notice.kind, title=notice.title,
            text=self.plain(notice.text, file, "sections", s, "entries", e, "notice", "text"),
            about=f"#{self.printed[notice.about]}" if notice.about in self.printed else "",
            about_number=about.number if about else "",
        )  # fmt: skip

    # -- parts ---------------------------------------------------------------------------------------------------------

    def picture(self, picture: Picture, file: str, path: tuple[str | int, ...]) -> Figure:
        return self.picture_with(picture, self.plain(picture.caption, file, *path, "caption"), "", 0)

    def picture_with(self, picture: Picture, caption: Markup, anchor: str, number: int) -> Figure:
        src = self.source(self.issue.folder / picture.file)
        return Figure(id=anchor, number=number, src=src, alt=picture.alt, caption=caption, credit=picture.credit)

    def abbreviations(self) -> tuple[tuple[str, str], ...]:
        """All articles' abbreviations; a warning where two articles mean different things."""
        found: dict[str, str] = {}
        for article in self.issue.articles.values():
            for short, long in article.head.abbreviations.items():
                if found.setdefault(short, long) != long:
                    message = f"“{short}” means “{long}” here and “{found[short]}” in another article of this issue"
                    read: Any = self.issue.reads[article.file]
                    self.problems.append(read.problem("warning", "abbreviation", message, "abbreviations", short))
        return tuple(sorted(found.items(), key=lambda pair: _sort_key(pair[0])))

    def running_head(self, pages: str) -> str:
        """``JOP. J Pancreas (Online) 2014 Jul 28; 15(4):332-334.``."""
        head, publication = self.issue.head, self.issue.publication
        numbers = head.volume + (f"({head.number})" if head.number else "") + (f":{pages}" if pages else "")
        name = publication.abbreviation or publication.title
        return f"{name} {head.date.medline}{'; ' if numbers else ''}{numbers}."

    def running_foot(self) -> str:
        """``JOP. Journal of the Pancreas - http://… - Vol. 15 No. 4 – July 2014. [ISSN 1590-8577]``."""
        head, publication = self.issue.head, self.issue.publication
        words = self.words
        numbers = " ".join(
            word.unescape()
            for word in (
                words.word("volume_in_line", volume=head.volume) if head.volume else None,
                words.word("issue_in_line", number=head.number) if head.number else None,
            )
            if word
        )
        month = words.date(PartialDate(head.date.year, head.date.month))
        when = " – ".join(part for part in (numbers, f"{month}.") if part)
        issn = f" [ISSN {publication.issn}]" if publication.issn else ""
        return " - ".join(part for part in (publication.title, publication.url, when) if part) + issn


def _sort_key(text: str) -> tuple[str, str]:
    """Letters without their accents decide first: ``Löfgren`` stands beside ``Lofgren``."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.casefold().translate({0x111: "d", 0xF8: "o", 0x142: "l", 0x131: "i"}), text


def _index(
    found: Mapping[str, list[IndexReference]], key: Callable[[str], Any], initial: Callable[[str], str]
) -> tuple[IndexLine, ...]:
    return tuple(
        IndexLine(name=name, initial=initial(name), references=tuple(dict.fromkeys(found[name])))
        for name in sorted(found, key=key)
    )


def _author_index(entries: Iterable[EntryContext]) -> tuple[IndexLine, ...]:
    found: dict[str, list[IndexReference]] = {}
    keys: dict[str, tuple[str, str]] = {}
    for entry in entries:
        if not isinstance(entry, NoticeEntry):
            for person in entry.authors:
                found.setdefault(person.short, []).append(_index_reference(entry))
                # The particle is printed but not sorted by (CSL: demote-non-dropping-particle).
                keys[person.short] = _sort_key(person.literal or f"{person.family} {person.initial_letters}")
    return _index(found, keys.__getitem__, lambda name: keys[name][0][:1].upper())


def _keyword_index(entries: Iterable[EntryContext]) -> tuple[IndexLine, ...]:
    """Spellings that differ in capitals alone are one keyword, printed as it came first."""
    found: dict[str, list[IndexReference]] = {}
    spelt: dict[str, str] = {}
    for entry in entries:
        if not isinstance(entry, NoticeEntry):
            for word in entry.keywords:
                name = spelt.setdefault(unicodedata.normalize("NFC", word).casefold(), word)
                found.setdefault(name, []).append(_index_reference(entry))
    return _index(found, _sort_key, lambda name: _sort_key(name)[0][:1].upper())


def _tracks(sections: Iterable[SectionContext]) -> tuple[TrackContext, ...]:
    """The tracks in the order in which the sections first come to them; no entry and no introduction is lost."""
    entries: dict[str, list[EntryContext]] = {}
    intros: dict[str, Markup] = {}
    titles: dict[str, RichText] = {}
    for section in sections:
        own = section.title.plain
        keys = [entry.track if isinstance(entry, DigestEntry) and entry.track else own for entry in section.entries]
        for key, entry in zip(keys, section.entries, strict=True):
            entries.setdefault(key, []).append(entry)
        first = keys[0] if keys else own
        entries.setdefault(first, [])
        intros[first] = intros.get(first, Markup()) + section.intro
        titles.setdefault(own, section.title)
    tracks = []
    for n, (key, listed) in enumerate(entries.items(), 1):
        numbers = sorted({e.number for e in listed if isinstance(e, DigestEntry) and e.number}, key=number_key)
        first_number, last_number = (numbers[0], numbers[-1]) if numbers else ("", "")
        tracks.append(
            TrackContext(
                id=f"track-{n}", title=titles.get(key) or RichText.plain_text(key), intro=intros.get(key, Markup()),
                entries=tuple(listed), first_number=first_number, last_number=last_number,
            )
        )  # fmt: skip
    return tuple(tracks)


def _number_index(entries: Iterable[EntryContext]) -> tuple[IndexLine, ...]:
    found: dict[str, list[IndexReference]] = {}
    for entry in entries:
        if not isinstance(entry, NoticeEntry):
            for number in entry.numbers if isinstance(entry, ArticleEntry) else filter(None, [entry.number]):
                found.setdefault(number, []).append(_index_reference(entry))
    return _index(found, number_key, lambda _: "")


def _index_reference(entry: ArticleEntry | DigestEntry) -> IndexReference:
    label = f"#{entry.number}" if isinstance(entry, DigestEntry) and entry.number else entry.title.plain
    return IndexReference(anchor=entry.id, label=label, number=entry.number if isinstance(entry, DigestEntry) else "")
