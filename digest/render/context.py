"""What templates see: an issue as frozen values in which every text is ready to be printed.

These types are the contract with everybody who writes templates (``docs/templates.md``). Texts of type `Markup` and
`RichText` print themselves as HTML; all others are escaped by the template engine.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from markupsafe import Markup

from digest.cite import Reference
from digest.model import Meeting, PartialDate, Person, RecordType
from digest.ownfields import OwnValues
from digest.publication import Publication
from digest.render.authors import Byline
from digest.render.figures import Figure
from digest.render.indexes import IndexLetter, IndexLine
from digest.text import RichText


class Identifier(msgspec.Struct, frozen=True, kw_only=True):
    """A number under which others know something, with its address.

    Attributes:
        label: such as ``DOI``.
        number: as printed.
        printed: number and, where it does not say itself what it is, its label: ``DOI 10.1200/x``, ``PMC3301211``.
        url: where it leads; empty where that is not known.
    """

    label: str
    number: str
    printed: str
    url: str


class ArticleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A highlight article.

    Attributes:
        kind: ``article``.
        id: HTML id.
        label: the line above the title.
        flag: a word printed with the entry; may be empty.
        language: language of the text.
        title: title.
        event_line: from which meeting these are highlights; empty without a meeting.
        authors: all authors; `Person.affiliations` are the marks.
        affiliations: affiliations in order of their marks.
        byline: the authors as they are printed, by the options of the theme.
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
        fields: your own fields, of the entry and of its article.
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
    byline: Byline
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
    fields: OwnValues


class DigestEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An abstract on its own, or another record, such as an article of a journal.

    Attributes:
        kind: ``digest``.
        id: HTML id.
        flag: a word printed with the entry; may be empty.
        language: language of the abstract, ``und`` where that is not known.
        title_language: language of the title, which may be another.
        type: what it is: an abstract of a meeting, an article of a journal, a preprint and so on.
        label: what it is, in words; printed where an abstract has no number.
        number: the society's abstract number, without ``#``; may be empty, and is where it is not an abstract.
        title: title.
        authors: all authors; `Person.affiliations` are the marks.
        authors_truncated: the source itself ends in “et al.”; further authors are not known.
        affiliations: affiliations in order of their marks.
        byline: the authors as they are printed, by the options of the theme.
        presentation: how it was presented; may be empty.
        status: ``corrected`` or ``withdrawn``; empty when it is neither.
        meeting: where it was presented, when that is not the meeting of the issue.
        container: the journal or book that it appeared in; empty for an abstract of a meeting.
        why: why this one.
        comment: the editor's comment.
        quote: a short quotation from the abstract.
        parts: the abstract, when all of it may be printed; pairs of label and text.
        keywords: keywords.
        registrations: numbers of registered trials.
        track: track, session or topic of the meeting under which it was listed; may be empty.
        citation: the abstract as its society cites it; anything else as the style of the publication does.
        identifiers: where else it is found.
        references: what the comment cites.
        fields: your own fields, of the entry and of its record.
    """

    kind: Literal["digest"] = "digest"
    id: str
    flag: str
    language: str
    title_language: str
    type: RecordType
    label: str
    number: str
    title: RichText
    authors: tuple[Person, ...]
    authors_truncated: bool
    affiliations: tuple[RichText, ...]
    byline: Byline
    presentation: str
    status: str
    meeting: Meeting | None
    container: str
    why: Markup
    comment: Markup
    quote: str
    parts: tuple[tuple[str, RichText], ...]
    keywords: tuple[str, ...]
    registrations: tuple[Identifier, ...]
    track: str
    citation: Markup
    identifiers: tuple[Identifier, ...]
    references: tuple[Reference, ...]
    fields: OwnValues


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
        fields: your own fields.
    """

    kind: Literal["notice"] = "notice"
    id: str
    flag: str
    type: str
    title: str
    text: Markup
    about: str
    about_number: str
    fields: OwnValues


class PageEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the editors' own, such as an advertisement or an obituary.

    Attributes:
        kind: ``page``.
        id: HTML id.
        flag: a word printed with the entry; may be empty.
        title: heading; may be empty.
        advertisement: whether somebody paid for it.
        template: name of the template in ``pages/`` that prints it; may be empty.
        picture: a picture that fills the page; may be missing.
        body: its text; in ``partials/page.html`` what its template printed.
        fields: your own fields.
    """

    kind: Literal["page"] = "page"
    id: str
    flag: str
    title: str
    advertisement: bool
    template: str
    picture: Figure | None
    body: Markup
    fields: OwnValues


EntryContext = ArticleEntry | DigestEntry | NoticeEntry | PageEntry


class SectionContext(msgspec.Struct, frozen=True, kw_only=True):
    """A section.

    Attributes:
        id: HTML id.
        title: heading.
        intro: a paragraph under the heading; may be empty.
        picture: picture at its head; may be missing.
        accent: its own colour, such as ``#8a5a00``; empty where it has that of the theme.
        entries: entries in order; `kind` says which kind each is.
        fields: your own fields.
    """

    id: str
    title: RichText
    intro: Markup
    picture: Figure | None
    accent: str
    entries: tuple[EntryContext, ...]
    fields: OwnValues


class TrackContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a meeting listed under one track; entries without a track are listed under their section.

    Attributes:
        id: HTML id.
        title: name of the track, or heading of the section.
        intro: the introductions of the sections that begin with it; may be empty.
        pictures: the pictures of these sections.
        accent: the colour of the first section with entries of the track that has one of its own; may be empty.
        entries: entries in order; `kind` says which kind each is.
        sheets: the same entries, those together that are laid out together; one group but in a large book.
        opens_sheet: whether a page begins with it, because the book is large.
        opens_contents: whether a page of contents that list all abstracts begins with it, for the same reason.
        first_number: the lowest of its abstract numbers; empty without any.
        last_number: the highest of them.
    """

    id: str
    title: RichText
    intro: Markup
    pictures: tuple[Figure, ...]
    accent: str
    entries: tuple[EntryContext, ...]
    sheets: tuple[tuple[EntryContext, ...], ...]
    opens_sheet: bool
    opens_contents: bool
    first_number: str
    last_number: str


class IssueHead(msgspec.Struct, frozen=True, kw_only=True):
    """What the pages of a site know of the issue: everything but its entries and indexes.

    Attributes:
        publication: the periodical, as in `IssueContext`.
        title: title as `issue.yaml` has it.
        headline: what is said largest, as in `IssueContext`.
        headline_meeting: the meeting to be named with the headline; empty where the headline names it.
        full_title: the title with the meeting that it is about.
        date: date of publication.
        volume: volume; may be empty.
        number: number within the volume; may be empty.
        meeting: the meeting; may be missing.
        how_to_cite: how others should cite the issue.
        running_head: line for the head of pages that belong to no article.
        running_foot: line for the foot of every page.
        fields: your own fields of the issue.
    """

    publication: Publication
    title: str
    headline: str
    headline_meeting: str
    full_title: str
    date: PartialDate
    volume: str
    number: str
    meeting: Meeting | None
    how_to_cite: Markup
    running_head: str
    running_foot: str
    fields: OwnValues


class IssueContext(msgspec.Struct, frozen=True, kw_only=True):
    """The issue.

    Attributes:
        publication: the periodical: `title`, `abbreviation`, `issn`, `publisher`, `url`, `language`, `editors`,
            `rights`.
        title: title as `issue.yaml` has it.
        headline: what the cover says largest: the title, or the meeting where the name of the periodical says the
            title already.
        headline_meeting: the meeting to be named with the headline; empty where the headline names it.
        full_title: the title with the meeting that it is about.
        date: date of publication; `date.long`, `date.medline`, `date.year`, `date.month_name`.
        volume: volume; may be empty.
        number: number within the volume; may be empty.
        meeting: the meeting: `name`, `place`, `dates`, `event_line`; may be missing.
        first_page: number of the first page after the contents.
        cover: picture on the cover; may be missing.
        cover_lines: the editors' lines for the cover; may be empty.
        editorial: an article that opens the issue; may be missing.
        sections: sections in order.
        tracks: the same entries as in `sections`, by the track of the meeting under which each was listed.
        in_sheets: whether it is so large that some abstracts each begin on a new page, and are laid out alone.
        author_index: the authors of each entry, no more than the option ``most_authors`` of the theme.
        author_index_sheets: the same by letter, those letters together that are laid out together.
        keyword_index: all keywords.
        keyword_index_sheets: the same by letter, as `author_index_sheets`.
        number_index: all abstract numbers.
        number_index_sheets: the same, as `author_index_sheets`.
        abbreviations: pairs of abbreviation and meaning, from all articles.
        permissions: by whose leave texts and pictures are printed; may be empty.
        colophon: about the making of the issue; may be empty.
        how_to_cite: how others should cite the issue.
        running_head: line for the head of pages that belong to no article.
        running_foot: line for the foot of every page.
        fields: your own fields of the issue.
    """

    publication: Publication
    title: str
    headline: str
    headline_meeting: str
    full_title: str
    date: PartialDate
    volume: str
    number: str
    meeting: Meeting | None
    first_page: int
    cover: Figure | None
    cover_lines: tuple[RichText, ...]
    editorial: ArticleEntry | None
    sections: tuple[SectionContext, ...]
    tracks: tuple[TrackContext, ...]
    in_sheets: bool
    author_index: tuple[IndexLine, ...]
    author_index_sheets: tuple[tuple[IndexLetter, ...], ...]
    keyword_index: tuple[IndexLine, ...]
    keyword_index_sheets: tuple[tuple[IndexLetter, ...], ...]
    number_index: tuple[IndexLine, ...]
    number_index_sheets: tuple[tuple[IndexLetter, ...], ...]
    abbreviations: tuple[tuple[str, str], ...]
    permissions: Markup
    colophon: Markup
    how_to_cite: Markup
    running_head: str
    running_foot: str
    fields: OwnValues

    @property
    def entries(self) -> tuple[EntryContext, ...]:
        """All entries in the order of their pages, the editorial first."""
        first = (self.editorial,) if self.editorial else ()
        return (*first, *(entry for section in self.sections for entry in section.entries))

    @property
    def leads(self) -> tuple[ArticleEntry | DigestEntry, ...]:
        """What comes first on cover and contents: the articles, or else the first abstract of each section."""
        entries = [
            [e for e in section.entries if isinstance(e, ArticleEntry | DigestEntry)] for section in self.sections
        ]
        articles = tuple(e for section in entries for e in section if isinstance(e, ArticleEntry))
        return articles or tuple(section[0] for section in entries if section)
