"""The parts of an issue in the order of a book: title page, contents, sections with their entries, end matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from digest.outputs.docx import queries
from digest.outputs.docx.blocks import Writer
from digest.outputs.docx.runs import FIELD_END, Marks, bookmark_name, field, field_start, run, way_of
from digest.render.context import ArticleEntry, DigestEntry, NoticeEntry
from digest.render.words import UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.outputs.source import Source
    from digest.render.authors import PrintedAuthor
    from digest.render.context import EntryContext, Identifier, PageEntry, SectionContext
    from digest.render.figures import Figure

_BOLD: Final[Marks] = frozenset({"b"})
_RAISED: Final[Marks] = frozenset({"sup"})
_DOT: Final = " · "


class Book:
    """An issue as the body of a file.

    Attributes:
        writer: what was written besides the body.
        front: title page and contents.
        body: the rest.
    """

    def __init__(self, source: Source, pictures: Any, width: int) -> None:  # noqa: ANN401 - anything with `get`
        """Writes everything.

        Args:
            source: what it is made of.
            pictures: has the pictures.
            width: how wide the text is, in twentieths of a point.
        """
        self.source, self.issue = source, source.context
        self.options = source.prepared.theme.options
        self.language = self.issue.publication.language
        self.writer = Writer(
            self.language,
            source.prepared.composition.figures,
            pictures.get,
            self._caption,
            lambda number: self.word("table", "Table {number}", number=number).unescape(),
            width,
        )
        self._contents: list[tuple[int, str, str, str]] = []
        self.body = [*self._body(), *self._end_matter()]
        self.front = [*self._title_page(), *self._contents_list()]

    # -- words ---------------------------------------------------------------------------------------------------------

    def word(self, key: str, english: str = "", **values: object) -> Markup:
        """A word of the theme, or the English one where the theme has none."""
        try:
            return self.source.prepared.words.word(key, **values)
        except UnknownWordError:
            return Markup(english or key.capitalize()).format(**values)  # noqa: S704 - a word of ours; values are escaped

    def _caption(self, figure: Figure) -> Markup:
        parts = [
            Markup("<b>{}</b>").format(self.word("figure", "Figure {number}.", number=figure.number))
            if figure.number
            else "",
            figure.caption.replace("<p>", "").replace("</p>", ""),
            self.word("picture", "Picture: {credit}", credit=figure.credit) if figure.credit else "",
        ]
        return Markup(" ").join(part for part in parts if part)

    def _asked(self, option: str) -> bool:
        return self.options.get(option) is not False

    def _lead(self, key: str, english: str) -> str:
        return run(self.word(key, english).unescape(), style="Lead-in") + run(" ")

    def _heading(self, level: int, anchor: str, title: str, runs: str, language: str = "") -> str:
        """A heading that the contents list."""
        mark = f"_Toc{len(self._contents) + 1:09d}"
        self._contents.append((level, mark, title, language))
        inner = self.writer.bookmarked(mark, self.writer.bookmarked(anchor, runs))
        return self.writer.paragraph(f"heading {level}", inner, language)

    # -- front matter --------------------------------------------------------------------------------------------------

    def _title_page(self) -> Iterator[str]:
        issue, publication, write = self.issue, self.issue.publication, self.writer
        yield write.paragraph("Imprint", run(publication.title, _BOLD))
        yield write.paragraph("Title", write.html(issue.headline))
        if issue.headline_meeting:
            yield write.paragraph("Subtitle", write.html(issue.headline_meeting))
        if issue.meeting and (where := _joined(issue.meeting.place, self._dates())):
            yield write.paragraph("Subtitle", run(where))
        numbers = [
            self.word("volume", "Vol {volume}", volume=issue.volume).unescape() if issue.volume else "",
            self.word("issue", "No {number}", number=issue.number).unescape() if issue.number else "",
            self.source.prepared.words.date(issue.date),
        ]
        yield write.paragraph("Imprint", run(_DOT.join(filter(None, numbers))))
        for line in issue.cover_lines:
            yield write.paragraph("Imprint", write.html(line))
        if issue.cover:
            yield from self._plain_picture(issue.cover, 0.55)
        issn = {
            "ISSN": publication.issn,
            "ISSN (print)": publication.issn_print,
            "ISSN (online)": publication.issn_online,
        }
        for text in (publication.publisher, *(f"{name} {number}" for name, number in issn.items() if number)):
            if text:
                yield write.paragraph("Imprint", run(text))
        if publication.editors:
            editors = self.word("editors", "Editors").unescape()
            yield write.paragraph("Imprint", run(f"{editors}: {', '.join(publication.editors)}"))
        for said in (publication.url, publication.rights, publication.licence):
            if said:
                yield write.paragraph("Imprint", write.link(said, run(said)))
        yield write.paragraph("Imprint", self._lead("how_to_cite", "How to cite") + write.html(issue.how_to_cite))

    def _dates(self) -> str:
        return self.source.prepared.words.dates(self.issue.meeting) if self.issue.meeting else ""

    def _plain_picture(self, picture: Figure, keep: float) -> Iterator[str]:
        yield self.writer.paragraph("Picture", self.writer.picture(picture.src, picture.alt, keep=keep))
        if caption := self._caption(picture):
            yield self.writer.paragraph("caption", self.writer.html(caption))

    def _contents_list(self) -> Iterator[str]:
        """The field of the contents, filled; only the numbers of pages are left to the reader's program."""
        write = self.writer
        yield write.paragraph("TOC Heading", run(self.word("contents", "Contents").unescape()))
        start = field_start('TOC \\o "1-2" \\h \\z \\u', ' w:dirty="true"')
        for n, (level, mark, title, language) in enumerate(self._contents):
            page = "<w:r><w:tab/></w:r>" + field(f"PAGEREF {mark} \\h", run(""), dirty=True)
            line = f'<w:hyperlink w:anchor="{mark}" w:history="1">{title}{page}</w:hyperlink>'
            last = FIELD_END if n == len(self._contents) - 1 else ""
            yield write.paragraph(f"toc {level}", f"{start if not n else ''}{line}{last}", language)

    # -- body ----------------------------------------------------------------------------------------------------------

    def _body(self) -> Iterator[str]:
        issue = self.issue
        if issue.editorial:
            title = run(self.word("editorial", "Editorial").unescape())
            yield self._heading(1, "editorial", title, title)
            yield from self._article(issue.editorial)
        for section in issue.sections:
            yield from self._section(section)

    def _section(self, section: SectionContext) -> Iterator[str]:
        runs = self.writer.html(section.title)
        yield self._heading(1, section.id, runs, runs)
        if section.picture:
            yield from self._plain_picture(section.picture, 0.3)
        yield from self.writer.blocks(section.intro)
        for entry in section.entries:
            yield from self._entry(entry)

    def _entry(self, entry: EntryContext) -> Iterator[str]:
        if isinstance(entry, ArticleEntry):
            yield from self._article(entry)
        elif isinstance(entry, DigestEntry):
            yield from self._abstract(entry)
        elif isinstance(entry, NoticeEntry):
            yield from self._notice(entry)
        else:
            yield from self._page(entry)

    def _label(self, parts: Iterable[str], flag: str) -> str:
        shown = [run(part) for part in parts if part]
        if flag:
            shown.append(run(flag, style="Flag"))
        return self.writer.paragraph("Label", run(_DOT).join(shown))

    def _title(self, entry: ArticleEntry | DigestEntry, language: str, questions: Iterable[str] = ()) -> str:
        runs = self.writer.html(entry.title, language=self._other(language))
        inner = self.writer.commented(runs, questions)
        listed = (run(f"#{entry.number} ") if isinstance(entry, DigestEntry) and entry.number else "") + runs
        return self._heading(2, entry.id, listed, inner, language)

    def _other(self, language: str) -> str:
        """A language, where it is not the one of the issue."""
        return "" if language.lower() == self.language.lower() else language

    def _article(self, entry: ArticleEntry) -> Iterator[str]:
        write, language = self.writer, self._other(entry.language)
        yield self._label([entry.label], entry.flag)
        yield self._title(entry, language)
        if entry.event_line:
            yield write.paragraph("Event", run(entry.event_line))
        yield from self._byline(entry)
        if entry.summary:
            yield write.paragraph("heading 3", run(self.word("summary", "Summary").unescape()))
            yield write.paragraph("Abstract", write.html(entry.summary, language=language), language)
        yield from self._keywords(entry.keywords, language)
        yield from write.blocks(entry.body, language=language)
        for key, english, text in (
            ("conflict_of_interest", "Conflict of interest", entry.conflict_of_interest),
            ("correspondence", "Correspondence", entry.correspondence),
        ):
            if text:
                yield write.paragraph("heading 3", run(self.word(key, english).unescape()))
                yield from write.blocks(text, language=language)
        if entry.abbreviations:
            yield write.paragraph("heading 3", run(self.word("abbreviations", "Abbreviations").unescape()))
            pairs = [run(short, _BOLD) + run(f" {long}") for short, long in entry.abbreviations]
            yield write.paragraph("", run("; ").join(pairs), language)
        yield from self._references(entry)
        cite = self._lead("how_to_cite", "How to cite") + write.html(entry.how_to_cite)
        yield write.paragraph("Citation", cite)
        if entry.doi:
            yield write.paragraph(
                "Citation", write.link(f"https://doi.org/{entry.doi}", run(f"DOI {entry.doi}", style="Hyperlink"))
            )

    def _abstract(self, entry: DigestEntry) -> Iterator[str]:
        write, language = self.writer, self._other(entry.language)
        status = self.word(f"status_{entry.status}", entry.status).unescape() if entry.status else ""
        number = (
            self.word("abstract_number", "Abstract #{number}", number=entry.number).unescape()
            if entry.number
            else entry.label
        )
        key = f"presentation_{entry.presentation}"
        presented = self.word(key, entry.presentation).unescape() if entry.presentation else ""
        yield self._label([status, number, presented], entry.flag)
        record = self.source.issue.records[entry.id.removeprefix("abstract-")]
        yield self._title(entry, self._other(entry.title_language), queries.about_text(entry, record))
        if entry.container:
            yield write.paragraph("Event", run(entry.container))
        if meeting := entry.meeting:
            words = _joined(meeting.name, meeting.place, self.source.prepared.words.dates(meeting))
            yield write.paragraph("Event", run(words))
        yield from self._byline(entry)
        if entry.why:
            yield write.paragraph("Why", self._lead("why", "Why this one") + write.html(entry.why))
        if entry.quote:
            quoted = self.word("quote", "“{text}”", text=entry.quote).unescape()
            yield write.paragraph("Quote", run(quoted, language=language), language)
        for label, text in entry.parts:
            lead = run(label, style="Lead-in", language=language) + run(" ") if label else ""
            yield write.paragraph("Abstract", lead + write.html(text, language=language), language)
        if entry.comment:
            yield write.paragraph("Comment Heading", run(self.word("comment", "Editor’s comment").unescape()))
            yield from write.blocks(entry.comment, "Comment")
        yield from self._keywords(entry.keywords, language)
        yield from self._citation(entry)
        yield from self._references(entry)

    def _notice(self, entry: NoticeEntry) -> Iterator[str]:
        write = self.writer
        yield self._label([self.word(f"notice_{entry.type}", entry.type.capitalize()).unescape()], entry.flag)
        runs = write.html(entry.title)
        yield self._heading(2, entry.id, runs, runs)
        yield from write.blocks(entry.text, "Notice")
        if entry.about_number:
            number = self.word("abstract_number", "Abstract #{number}", number=entry.about_number)
            link = Markup('<a href="{}">{}</a>').format(entry.about, number) if entry.about else number
            yield write.paragraph("Citation", write.html(self.word("concerns", "Concerns {abstract}", abstract=link)))

    def _page(self, entry: PageEntry) -> Iterator[str]:
        write = self.writer
        advertisement = self.word("advertisement", "Advertisement").unescape() if entry.advertisement else ""
        yield self._label([advertisement], entry.flag)
        if entry.title:
            runs = write.html(entry.title)
            yield self._heading(2, entry.id, runs, runs)
        if entry.picture:
            yield from self._plain_picture(entry.picture, 0.9)
        yield from write.blocks(entry.body)
        if entry.template:
            write.lost.append(
                f"what the template “{entry.template}” prints of the page “{entry.title or entry.template}” is "
                "for pages "
                "only; its text and its picture are in the file"
            )

    # -- parts of entries ----------------------------------------------------------------------------------------------

    def _byline(self, entry: ArticleEntry | DigestEntry) -> Iterator[str]:
        """All authors with raised marks, and their affiliations. One affiliation for all needs no marks.

        Options of the theme leave authors out of pages; here nothing can be unfolded, and offices need everybody.
        """
        write, authors = self.writer, entry.byline.everyone
        shown = self._asked("affiliations")
        marked = shown and len(entry.affiliations) > 1
        people = [
            self._author(author, marked=marked, starred=person.corresponding)
            for author, person in zip(authors, entry.authors, strict=True)
        ]
        text = run(", ").join(people)
        if entry.byline.et_al:
            text += run((", " if len(people) > 1 else " ") + self.word("et_al", "et al.").unescape())
        questions = list(queries.about_authors(entry))
        if text or questions:
            yield write.paragraph("Authors", write.commented(text or run("–"), questions))
        for n, affiliation in enumerate(entry.affiliations if shown else (), 1):
            mark = run(str(n), _RAISED) + run(" ") if marked else ""
            yield write.paragraph("Affiliations", mark + write.html(affiliation))
        if any(person.corresponding for person in entry.authors):
            yield write.paragraph(
                "Affiliations", run("*", _RAISED) + run(" " + self.word("correspondence", "Correspondence").unescape())
            )

    def _author(self, author: PrintedAuthor, *, marked: bool, starred: bool) -> str:
        marks = [str(n) for n in author.affiliations] if marked else []
        raised = ",".join([*marks, *(["*"] if starred else [])])
        name = run(author.name)
        if author.orcid and self._asked("orcid"):
            name = self.writer.link(f"https://orcid.org/{author.orcid}", name)
        return name + (run(raised, _RAISED) if raised else "")

    def _keywords(self, keywords: Sequence[str], language: str) -> Iterator[str]:
        if keywords and self._asked("keywords"):
            text = self._lead("keywords", "Keywords") + run("; ".join(keywords), language=language)
            yield self.writer.paragraph("Keywords", text)

    def _citation(self, entry: DigestEntry) -> Iterator[str]:
        identifiers = [*(entry.identifiers if self._asked("identifiers") else ()), *entry.registrations]
        parts = []
        if entry.citation:
            parts.append(self._lead("cite_as", "Cite as") + self.writer.html(entry.citation))
        parts += [self._identifier(one) for one in identifiers]
        if parts:
            yield self.writer.paragraph("Citation", run(_DOT).join(parts))

    def _identifier(self, identifier: Identifier) -> str:
        shown = run(identifier.printed, style="Hyperlink" if identifier.url else "")
        return self.writer.link(identifier.url, shown) if identifier.url else shown

    def _references(self, entry: ArticleEntry | DigestEntry) -> Iterator[str]:
        if not entry.references:
            return
        write = self.writer
        heading = "heading 3" if isinstance(entry, ArticleEntry) else "Reference Heading"
        yield write.paragraph(heading, run(self.word("references", "References").unescape()))
        for reference in entry.references:
            number = f"{reference.label}\t" if reference.label else ""
            inner = _tabbed(run(number)) + write.html(reference.html)
            yield write.paragraph(
                "Reference", write.bookmarked(f"{entry.id}-ref-{reference.key}", inner), way_of(reference.text)
            )

    # -- end matter ----------------------------------------------------------------------------------------------------

    def _end_matter(self) -> Iterator[str]:
        issue, write = self.issue, self.writer
        if issue.author_index and self._asked("indexes"):
            title = run(self.word("author_index", "Author index").unescape())
            yield self._heading(1, "author-index", title, title)
            for line in issue.author_index:
                places = [write.link(f"#{one.anchor}", self._index_place(one)) for one in line.references]
                yield write.paragraph("Index", run(f"{line.name}  ") + run(", ").join(places))
        if issue.abbreviations:
            title = run(self.word("abbreviations", "Abbreviations").unescape())
            yield self._heading(1, "abbreviations", title, title)
            for short, long in issue.abbreviations:
                yield write.paragraph("Index", run(short, _BOLD) + run(f"  {long}"))
        if issue.colophon or issue.permissions:
            title = run(self.word("colophon", "Colophon").unescape())
            yield self._heading(1, "colophon", title, title)
            yield from write.blocks(issue.colophon)
            if issue.permissions:
                yield write.paragraph("heading 3", run(self.word("permissions", "Permissions").unescape()))
                yield from write.blocks(issue.permissions)

    def _index_place(self, place: Any) -> str:  # noqa: ANN401 - a reference of an index
        """Where a name is found: the number of the abstract, else its page, which the reader's program counts."""
        if place.number:
            return run(f"#{place.number}")
        return field(f"PAGEREF {bookmark_name(place.anchor)} \\h", run(place.label), dirty=True)


def _joined(*parts: str) -> str:
    return ". ".join(part for part in parts if part)


def _tabbed(runs: str) -> str:
    """Runs in which a tab is one of Word's."""
    return runs.replace("\t</w:t>", "</w:t><w:tab/>")
