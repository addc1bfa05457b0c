"""An issue composed for templates: its texts made ready, its citations formatted, its entries in order."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup, escape

from digest import prose, trials
from digest.cite import Styles, how_to_cite, society_citation
from digest.cite.items import identifiers
from digest.errors import Problem
from digest.maths import drawn
from digest.model import AbstractPart, Ids, PartialDate, Record, number_key
from digest.ownfields import OwnValues, values
from digest.publication import Picture
from digest.render.authors import Bylines
from digest.render.context import (
    ArticleEntry,
    DigestEntry,
    EntryContext,
    Identifier,
    IssueContext,
    NoticeEntry,
    PageEntry,
    SectionContext,
    TrackContext,
)
from digest.render.deadreferences import found_dead, without_dead
from digest.render.figures import Figure, figure_of
from digest.render.indexes import author_index, by_letter, keyword_index, number_index, sort_key
from digest.render.texts import Texts
from digest.text import RichText
from digest.textlanguage import article_language, entry_languages
from digest.vocabulary import without_check_tags

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from digest.errors import Level
    from digest.model import FieldText
    from digest.ownfields import Place
    from digest.project import Article, Issue
    from digest.publication import Entry, Notice, OwnPage, PlainPicture
    from digest.render.sheeting import Sheeting
    from digest.render.words import Words


_BEGIN: Final = frozenset({"PMC", "NBK"})  # identifiers whose label is the beginning of the number


class Composition(msgspec.Struct, frozen=True, kw_only=True):
    """The texts and citations of an issue, composed once for all media.

    Attributes:
        issue: the issue; the `src` of a picture is the path of its file, and the text of an article has a mark where a
            figure belongs.
        figures: the figure that belongs at each mark.
        problems: what is wrong in the texts.
    """

    issue: IssueContext
    figures: Mapping[str, Figure]
    problems: tuple[Problem, ...]

    def placed(self, source: Callable[[Path], str], figure: Callable[[Figure], Markup]) -> IssueContext:
        """The issue as the templates of one medium see it.

        Args:
            source: gives the address by which a page refers to a file.
            figure: prints a figure inside an article.
        """

        def addressed(picture: Figure) -> Figure:
            return replace(picture, src=source(Path(picture.src)))

        def with_figures(article: ArticleEntry) -> ArticleEntry:
            body = article.body
            for mark, text in printed.items():
                body = body.replace(Markup(mark), text)  # noqa: S704 - our own mark
            return replace(article, body=body)

        replace, issue = msgspec.structs.replace, self.issue
        printed = {mark: figure(addressed(picture)) for mark, picture in self.figures.items()}

        def placed(entry: EntryContext) -> EntryContext:
            if isinstance(entry, PageEntry) and entry.picture:
                return replace(entry, picture=addressed(entry.picture))
            return with_figures(entry) if isinstance(entry, ArticleEntry) else entry

        placed_issue = replace(
            issue,
            sections=tuple(
                replace(section, picture=addressed(section.picture)) if section.picture else section
                for section in issue.sections
            ),
            cover=addressed(issue.cover) if issue.cover else None,
            editorial=with_figures(issue.editorial) if issue.editorial else None,
        )
        return with_entries(placed_issue, placed)


def with_entries(issue: IssueContext, change: Callable[[EntryContext], EntryContext]) -> IssueContext:
    """The issue with the entries of its sections, and of its tracks, changed by a function."""
    replace = msgspec.structs.replace
    sections = tuple(
        replace(section, entries=tuple(change(entry) for entry in section.entries)) for section in issue.sections
    )
    tracks = []
    for track, before in zip(_tracks(sections), issue.tracks, strict=True):
        rest = iter(track.entries)
        sheets = tuple(tuple(itertools.islice(rest, len(sheet))) for sheet in before.sheets)
        opens = {"opens_sheet": before.opens_sheet, "opens_contents": before.opens_contents}
        tracks.append(replace(track, sheets=sheets, **opens))
    return replace(issue, sections=sections, tracks=tuple(tracks))


def compose(
    issue: Issue,
    styles: Styles,
    words: Words,
    *,
    bylines: Bylines | None = None,
    dead_references: bool = True,
    sheeting: Sheeting | None = None,
) -> Composition:
    """The issue as templates see it, before it is known how a page refers to files.

    Args:
        issue: an issue that was read without errors.
        styles: the citation styles.
        words: the words of the theme in the language of the issue.
        bylines: which authors are printed and how; nothing: all, as they came.
        dead_references: whether what an abstract cites by number and does not bring is printed.
        sheeting: how a large issue is divided; nothing: not at all.
    """
    composer = _Composer(issue, styles, words, bylines or Bylines(), dead_references=dead_references)
    context = composer.issue_context()
    if sheeting:
        context = sheeting.divided(context)
    return Composition(
        issue=context, figures=composer.figures, problems=(*composer.problems, *composer.texts.doubts.problems())
    )


class _Composer:
    """One composition: problems gather while the parts of the issue become printable."""

    def __init__(self, issue: Issue, styles: Styles, words: Words, bylines: Bylines, *, dead_references: bool) -> None:
        self.issue, self.styles, self.words, self.bylines = issue, styles, words, bylines
        self.dead_references = dead_references
        self.file = issue.shown("issue.yaml")
        self.figures: dict[str, Figure] = {}
        self.printed = {
            entry.record: f"abstract-{entry.record}"
            for section in issue.head.sections
            for entry in section.entries
            if entry.record
        }
        counts = Counter(issue.records[key].number for key in self.printed)
        mentions = {
            issue.records[key].number: f"#{anchor}"
            for key, anchor in self.printed.items()
            if counts[issue.records[key].number] == 1  # where two meetings share a number nobody can tell
        }
        self.texts = Texts(issue, styles, mentions, words)
        self.problems = self.texts.problems

    def issue_context(self) -> IssueContext:
        issue, head, publication, file = self.issue, self.issue.head, self.issue.publication, self.file
        editorial = self.article(issue.articles[head.editorial]) if head.editorial else None
        sections = tuple(
            SectionContext(
                id=f"section-{s}",
                title=self.texts.rich_title(section.title, file),
                intro=self.texts.plain(section.intro, file, "sections", s - 1, "intro"),
                picture=self.picture(section.picture, file, "sections", s - 1, "picture"),
                accent=section.accent or "",
                entries=tuple(self.entry(entry, s - 1, e) for e, entry in enumerate(section.entries)),
                fields=values(publication.fields, ("sections",), section.fields),
            )
            for s, section in enumerate(head.sections, 1)
        )
        self.texts.manuscripts.look_at_titles()
        entries = [*filter(None, [editorial]), *(entry for section in sections for entry in section.entries)]
        meeting = head.meeting.name if head.meeting else ""
        title = self.texts.title(head.title, file)
        headline = meeting if meeting and _says(publication.title, title) else title
        longer = self.words.word("from_meeting", title=title, meeting=meeting).unescape()
        full_title = longer if meeting and not _says(title, meeting) else title
        authors, keywords = author_index(entries, self.bylines.most), keyword_index(entries)
        numbers_ = number_index(entries)
        return IssueContext(
            publication=publication,
            title=title,
            headline=headline,
            headline_meeting="" if _says(headline, meeting) else meeting,
            full_title=full_title,
            date=head.date,
            volume=head.volume,
            number=head.number,
            meeting=head.meeting,
            first_page=head.first_page,
            cover=self.picture(head.cover.picture if head.cover else None, file, "cover"),
            cover_lines=head.cover.lines if head.cover else (),
            editorial=editorial,
            sections=sections,
            tracks=_tracks(sections),
            in_sheets=False,
            author_index=authors,
            author_index_sheets=(by_letter(authors),),
            keyword_index=keywords,
            keyword_index_sheets=(by_letter(keywords),),
            number_index=numbers_,
            number_index_sheets=(by_letter(numbers_),),
            abbreviations=self.abbreviations(),
            permissions=self.texts.plain(head.permissions, file, "permissions"),
            colophon=self.texts.plain(head.colophon, file, "colophon"),
            how_to_cite=self.how_to_cite(Record(type="article", title=RichText.plain_text(full_title))),
            running_head=self.running_head(""),
            running_foot=self.running_foot(),
            fields=values(publication.fields, ("issue",), head.fields),
        )

    # -- entries -------------------------------------------------------------------------------------------------------

    def entry(self, entry: Entry, s: int, e: int) -> EntryContext:
        if entry.article:
            return self.article(self.issue.articles[entry.article], entry)
        if entry.record:
            return self.digest(entry, entry.record, s, e)
        if entry.page:
            return self.own_page(entry, entry.page, s, e)
        assert entry.notice is not None
        return self.notice(entry, entry.notice, s, e)

    def article(self, article: Article, entry: Entry | None = None) -> ArticleEntry:
        head, file, anchor = article.head, article.file, f"article-{article.key}"
        summary, body, captions = self.texts.manuscripts.of_article(article)
        (for_summary, for_body, *for_captions), references = self.texts.cited(
            [summary, body, *captions.values()], anchor, file
        )
        printed = {
            key: self.texts.inline(caption, share)
            for (key, caption), share in zip(captions.items(), for_captions, strict=True)
        }
        placed = self.place_figures(article, body, printed, anchor)
        meeting = head.meeting or self.issue.head.meeting
        broken = body.broken or any(key not in head.figures for key, _ in body.figures)
        affiliations = tuple(self.texts.rich_title(affiliation, file) for affiliation in head.affiliations)
        return ArticleEntry(
            id=anchor,
            label=self.texts.title(head.label, file) or self.words["highlight_article"],
            flag=self.texts.title(entry.flag, self.file) if entry else "",
            language=head.language or article_language(article.text, self.issue.publication.language),
            title=self.texts.rich_title(head.title, file),
            event_line=self.words.event_line(meeting) if meeting else "",
            authors=head.authors,
            affiliations=affiliations,
            byline=self.bylines.of(head.authors, affiliations, et_al=False),
            summary=self.texts.inline(summary, for_summary),
            keywords=head.keywords,
            body=Markup() if broken else self.texts.body(body, for_body, anchor, placed),
            abbreviations=self.in_order((s, self.texts.title(long, file)) for s, long in head.abbreviations.items()),
            conflict_of_interest=self.texts.plain(head.conflict_of_interest, file, "conflict_of_interest"),
            correspondence=self.texts.plain(head.correspondence, file, "correspondence"),
            references=references,
            how_to_cite=self.how_to_cite(
                Record(
                    type="article",
                    title=self.texts.rich_title(head.title, file),
                    authors=head.authors,
                    affiliations=head.affiliations,
                    pages=head.pages or "",
                    ids=Ids(doi=head.doi),
                )
            ),
            running_head=self.running_head(head.pages or ""),
            pages=head.pages or "",
            doi=head.doi or "",
            numbers=tuple(self.issue.records[key].number for key in head.abstracts if self.issue.records[key].number),
            fields=self.own("articles", head.fields, entry),
        )

    def place_figures(
        self, article: Article, body: prose.Prose, captions: Mapping[str, Markup], anchor: str
    ) -> dict[str, Markup]:
        """A mark for each figure that the text places."""
        figures = article.head.figures
        placed: dict[str, Markup] = {}
        for key in dict.fromkeys(key for key, _ in body.figures if key in figures):
            name = f"{anchor}-figure-{key}"
            picture = self.picture_with(figures[key], article.file, captions[key], name, len(placed) + 1)
            # Texts of an issue bring no comments of HTML: their “<” is escaped.
            mark = f"<!--{picture.id}-->"
            self.figures[mark] = picture
            placed[key] = Markup(mark)  # noqa: S704 - an id is letters, digits and hyphens
        return placed

    def how_to_cite(self, record: Record) -> Markup:
        """How others should cite an article of this issue, or the issue itself."""
        issue = self.issue
        published = msgspec.structs.replace(
            record,
            container=issue.publication.title,
            volume=issue.head.volume,
            issue=issue.head.number,
            issued=issue.head.date,
        )
        return how_to_cite(self.styles, published, issue.publication.language).html

    def digest(self, entry: Entry, key: str, s: int, e: int) -> DigestEntry:
        record, file, anchor = self.issue.records[key], self.file, self.printed[key]
        why, comment = self.texts.manuscripts.of_entry(entry, s, e)
        (for_why, for_comment), references = self.texts.cited([why, comment], anchor, file)
        abstract = record.type == "meeting-abstract"
        whole = record.abstract if record.permission == "full" else ()
        printable = self.living(whole, lambda: self.issue.shown("records", f"{key}.yaml"), "abstract")
        quoted = (AbstractPart(text=RichText.plain_text(entry.quote)),)
        quote = self.living(quoted, lambda: file, "sections", s, "entries", e, "quote")[0].text
        formulas = [(formula.text, formula.source) for formula in record.formulas]
        line = self.issue.reads[file].text_line("sections", s, "entries", e)
        self.texts.doubts.add(record, "", key, file, line)
        return DigestEntry(
            id=anchor,
            flag=self.texts.title(entry.flag, file),
            language=(languages := entry_languages(record, self.issue.publication.language)).text,
            title_language=languages.title,
            type=record.type,
            label=self.words["abstract" if abstract else f"record_{record.type}"],
            number=record.number if abstract else "",
            title=drawn(record.title, formulas),
            authors=record.authors,
            authors_truncated=record.authors_truncated,
            affiliations=record.affiliations,
            byline=self.bylines.of(record.authors, record.affiliations, et_al=record.authors_truncated),
            presentation=record.presented,
            status="" if record.status == "final" else record.status,
            meeting=record.meeting if record.meeting and record.meeting != self.issue.head.meeting else None,
            container="" if abstract else record.container or record.container_short,
            why=self.texts.inline(why, for_why),
            comment=self.texts.block(comment, for_comment, anchor),
            quote=entry.quote if quote == quoted[0].text else quote.plain,
            parts=tuple((part.label or "", drawn(part.text, formulas)) for part in printable),
            keywords=without_check_tags(record.keywords),
            registrations=tuple(map(_registration, record.ids.registrations)),
            track=record.track,
            citation=escape(society_citation(record)) if abstract else self.reference(record),
            identifiers=tuple(
                Identifier(label=name, number=no, printed=f"{name}{'' if name in _BEGIN else ' '}{no}", url=url)
                for name, no, url in identifiers(record.ids)
            ),
            references=references,
            fields=self.own("records", record.fields, entry),
        )

    def notice(self, entry: Entry, notice: Notice, s: int, e: int) -> NoticeEntry:
        file = self.file
        about = self.issue.records.get(notice.about or "")
        return NoticeEntry(
            id=f"notice-{s + 1}-{e + 1}",
            flag=self.texts.title(entry.flag, file),
            type=notice.kind,
            title=self.texts.title(notice.title, file),
            text=self.texts.plain(notice.text, file, "sections", s, "entries", e, "notice", "text"),
            about=f"#{self.printed[notice.about]}" if notice.about in self.printed else "",
            about_number=about.number if about else "",
            fields=self.own("entries", {}, entry),
        )

    def own_page(self, entry: Entry, page: OwnPage, s: int, e: int) -> PageEntry:
        file = self.file
        picture = Picture(file=page.file, alt=page.alt or "") if page.file else None
        return PageEntry(
            id=f"page-{s + 1}-{e + 1}",
            flag=self.texts.title(entry.flag, file),
            title=self.texts.title(page.title, file),
            advertisement=page.advertisement,
            template=page.template or "",
            picture=self.picture_with(picture, file, Markup(), "", 0) if picture else None,
            body=self.texts.plain(page.text, file, "sections", s, "entries", e, "page", "text"),
            fields=self.own("entries", {}, entry),
        )

    def living(
        self, parts: tuple[AbstractPart, ...], file: Callable[[], str], *path: str | int
    ) -> tuple[AbstractPart, ...]:
        """The parts of an abstract; what they cite and do not bring is reported, and left out where that is wanted."""
        printed = list(parts)
        for n, marks in found_dead(parts):
            what = f"this text cites {', '.join(marks)}, but no references come with it"
            todo = "say in the comment what is meant, or leave it out with “dead_references: no” under “theme_options”"
            if not self.dead_references:
                printed[n] = msgspec.structs.replace(parts[n], text=without_dead(parts[n].text))
                kept = [marks for _, marks in found_dead(printed[n : n + 1])]
                todo = f"left out, but for {', '.join(kept[0])}, which its sentence needs" if kept else "left out"
            level: Level = "note" if todo == "left out" else "warning"
            place = (*path, n, "text") if path[-1] == "abstract" else path
            problem = self.issue.reads[file()].problem(level, "dead-reference", f"{what}; {todo}", *place)
            self.problems.append(problem)
        return tuple(printed)

    def reference(self, record: Record) -> Markup:
        """What is not an abstract of a meeting, as a list of references has it."""
        publication = self.issue.publication
        found = self.styles.reference(publication.style, record, language=publication.language)
        return (found or how_to_cite(self.styles, record, publication.language)).html

    def own(self, place: Place, filled: Mapping[str, FieldText], entry: Entry | None) -> OwnValues:
        """The own fields of an entry, and of its record or article, which say what the entry does not."""
        of_entry = entry.fields if entry else {}
        return values(self.issue.publication.fields, ("entries", place), of_entry, filled)

    # -- parts ---------------------------------------------------------------------------------------------------------

    def picture(self, picture: PlainPicture | None, file: str, *path: str | int) -> Figure | None:
        if picture is None:
            return None
        return self.picture_with(picture, file, self.texts.plain(picture.caption, file, *path, "caption"), "", 0)

    def picture_with(self, picture: PlainPicture, file: str, caption: Markup, anchor: str, number: int) -> Figure:
        credited = msgspec.structs.replace(picture, credit=self.texts.title(picture.credit, file))
        return figure_of(credited, self.issue.folder, caption, anchor, number)

    def abbreviations(self) -> tuple[tuple[str, str], ...]:
        """All articles' abbreviations; a warning where two articles mean different things."""
        found: dict[str, str] = {}
        for article in self.issue.articles.values():
            for short, long in article.head.abbreviations.items():
                long = self.texts.title(long, article.file)  # noqa: PLW2901 - as it is printed
                if found.setdefault(short, long) != long:
                    message = f"“{short}” means “{long}” here and “{found[short]}” in another article of this issue"
                    read: Any = self.issue.reads[article.file]
                    self.problems.append(read.problem("warning", "abbreviation", message, "abbreviations", short))
        return self.in_order(found.items())

    @staticmethod
    def in_order(abbreviations: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(abbreviations, key=lambda pair: sort_key(pair[0])))

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


def _registration(number: str) -> Identifier:
    return Identifier(
        label=trials.registry_of(number).name,
        number=trials.printed(number),
        printed=trials.printed(number),
        url=trials.address_of(number),
    )


def _says(text: str, words: str) -> bool:
    """Whether a text has these words in it, one after the other, whatever signs are between them."""
    whole, part = (" ".join(re.findall(r"\w+", one.casefold())) for one in (text, words))
    return f" {part} " in f" {whole} "


_AS_TYPED: Final = str.maketrans("‘’“”–—", "''\"\"--")


def _tracks(sections: Iterable[SectionContext]) -> tuple[TrackContext, ...]:
    """The tracks in the order in which the sections first come to them; no entry and no introduction is lost.

    A page of the editors' own stays with the entry before it. A track has the name of a section also where its
    apostrophes and dashes are those of a keyboard.
    """
    sections = tuple(sections)
    names = {section.title.plain.translate(_AS_TYPED): section.title.plain for section in sections}
    entries: dict[str, list[EntryContext]] = {}
    intros: dict[str, Markup] = {}
    pictures: dict[str, tuple[Figure, ...]] = {}
    accents: dict[str, str] = {}
    titles: dict[str, RichText] = {}
    for section in sections:
        own = section.title.plain
        keys: list[str] = []
        for entry in section.entries:
            if isinstance(entry, PageEntry) and keys:
                keys.append(keys[-1])
            else:
                track = entry.track if isinstance(entry, DigestEntry) else ""
                keys.append(names.get(track.translate(_AS_TYPED), track) or own)
        for key, entry in zip(keys, section.entries, strict=True):
            entries.setdefault(key, []).append(entry)
        first = keys[0] if keys else own
        entries.setdefault(first, [])
        intros[first] = intros.get(first, Markup()) + section.intro
        pictures[first] = pictures.get(first, ()) + ((section.picture,) if section.picture else ())
        for key in dict.fromkeys([first, *keys]):
            accents[key] = accents.get(key) or section.accent
        titles.setdefault(own, section.title)
    tracks = []
    for n, (key, listed) in enumerate(entries.items(), 1):
        numbers = sorted({e.number for e in listed if isinstance(e, DigestEntry) and e.number}, key=number_key)
        first_number, last_number = (numbers[0], numbers[-1]) if numbers else ("", "")
        tracks.append(
            TrackContext(
                id=f"track-{n}",
                title=titles.get(key) or RichText.plain_text(key),
                intro=intros.get(key, Markup()),
                pictures=pictures.get(key, ()),
                accent=accents.get(key, ""),
                entries=tuple(listed),
                sheets=(tuple(listed),),
                opens_sheet=False,
                opens_contents=False,
                first_number=first_number,
                last_number=last_number,
            )
        )
    return tuple(tracks)
