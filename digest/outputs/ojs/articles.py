"""Articles and abstracts in the native XML of OJS: a submission with its file, its publication, its authors."""

from __future__ import annotations

import base64
from html import escape
from typing import TYPE_CHECKING, Final

from digest.outputs import described
from digest.outputs.xmltext import Element, element
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.model import PartialDate, Person
    from digest.outputs.handoff import ItemPdf
    from digest.outputs.items import Item
    from digest.outputs.losses import Losses
    from digest.outputs.ojs.sections import Sections
    from digest.outputs.source import Source
    from digest.publication import Ojs
    from digest.text import Node, RichText

_MARKUP: Final = frozenset({"i", "b", "sub", "sup"})  # what OJS keeps in titles (from 3.4 on) and in abstracts
_PUBLISHED: Final = "3"  # the status of a submission and of a publication


class Articles:
    """Makes the articles of one import file; their numbers link only what is in it."""

    def __init__(self, source: Source, ojs: Ojs, locale: str, sections: Sections, losses: Losses) -> None:
        """Begins with number 1.

        Args:
            source: the issue.
            ojs: the journal's installation.
            locale: the language of the journal in OJS.
            sections: the sections of the file.
            losses: takes what has no place in it.
        """
        self._source, self._ojs, self._locale, self._sections, self._losses = source, ojs, locale, sections, losses
        self._date = whole_date(source.issue.head.date)
        self._count = self._people = 0

    def article(self, item: Item, pdf: ItemPdf | None) -> Element:
        """An article or an abstract.

        Args:
            item: it.
            pdf: its PDF.
        """
        self._count += 1
        number = f"{self._count}"
        language = described.language_of(item)
        if language and language.partition("-")[0] != self._locale.partition("_")[0]:
            message = f"its language is {language}, but OJS is given the language of the journal, {self._locale}"
            self._losses.of_item(item, message)
        old = self._ojs.version == "3.3"
        return Element(
            "article",
            tuple(
                part
                for part in (
                    element("id", number, type="internal", advice="ignore"),
                    self._file(item, number, pdf) if pdf else None,
                    self._publication(item, number, pdf),
                )
                if part
            ),
            {
                "locale": self._locale,
                "date_submitted": self._date,
                "status": _PUBLISHED,
                "submission_progress": "0" if old else "",
                "current_publication_id": number,
                "stage": "production",
            },
        )

    def _file(self, item: Item, number: str, pdf: ItemPdf) -> Element:
        """The PDF. Without ``uploader`` OJS takes the person who imports it."""
        return element(
            "submission_file",
            element("id", number, type="internal", advice="ignore") if self._ojs.version != "3.3" else None,
            element("name", f"{item.key}.pdf", locale=self._locale),
            element("file", embedded(pdf.content), id=number, filesize=f"{len(pdf.content)}", extension="pdf"),
            id=number,
            created_at=self._date,
            updated_at=self._date,
            file_id=number,
            stage="proof",
            genre=self._ojs.genre,
        )

    def _publication(self, item: Item, number: str, pdf: ItemPdf | None) -> Element:
        publication, record = self._source.issue.publication, item.record
        authors, contact = self._authors(item)
        pages = record.pages or (pdf.pages if pdf else "")
        children = (
            element("id", number, type="internal", advice="ignore"),
            element("id", item.doi, type="doi", advice="update") if item.doi else None,
            element("title", self._title(item.entry.title), locale=self._locale),
            self._abstract(item),
            element("licenseUrl", publication.licence) if publication.licence else None,
            self._keywords(record.keywords),
            authors,
            self._galley(number) if pdf else None,
            self._citations(item),
            element("pages", pages) if pages else None,
        )
        attributes = {
            "locale": self._locale if self._ojs.version == "3.3" else None,
            "version": "1",
            "status": _PUBLISHED,
            "primary_contact_id": contact,
            "date_published": self._date,
            "section_ref": self._sections.short(item.section),
            "seq": number,
            "access_status": "0",  # as that of the issue
        }
        return Element("publication", tuple(child for child in children if child), attributes)

    # -- texts ---------------------------------------------------------------------------------------------------------

    def _title(self, title: RichText) -> str:
        """A title: plain in OJS 3.3, with markup in later versions."""
        return title.plain if self._ojs.version == "3.3" else _html(title)

    def _abstract(self, item: Item) -> Element | None:
        parts = described.parts_of(item)
        paragraphs = (
            f"<p><strong>{escape(label, quote=False)}:</strong> {_html(text)}</p>" if label else f"<p>{_html(text)}</p>"
            for label, text in parts
        )
        return element("abstract", "\n".join(paragraphs), locale=self._locale) if parts else None

    def _keywords(self, words: Iterable[str]) -> Element | None:
        named = self._ojs.version == "3.5"
        made = [element("keyword", element("name", word) if named else word) for word in dict.fromkeys(words)]
        return element("keywords", *made, locale=self._locale) if made else None

    def _citations(self, item: Item) -> Element | None:
        entry = item.entry
        if not isinstance(entry, ArticleEntry) or not entry.references:
            return None
        return element("citations", *(element("citation", one.text) for one in entry.references))

    def _galley(self, number: str) -> Element:
        return element(
            "article_galley",
            element("id", number, type="internal", advice="ignore"),
            element("name", "PDF", locale=self._locale),
            element("seq", "0"),
            Element("submission_file_ref", (), {"id": number}),
            locale=self._locale,
        )

    # -- people --------------------------------------------------------------------------------------------------------

    def _authors(self, item: Item) -> tuple[Element, str]:
        """The authors, and the number of the one whom OJS writes to."""
        people = item.record.authors
        if item.record.authors_truncated:
            self._losses.of_item(item, "the authors after “et al.” are not known, and are missing there", "authors")
        if not people:
            title = self._source.issue.publication.title
            message = f"it has no author, and OJS fails without one; it gets “{title}”"
            self._losses.of_item(item, message, "authors", level="warning")
            made = [self._author(0, (element("givenname", title, locale=self._locale),), (), "", contact=True)]
            return element("authors", *made), f"{self._people}"
        if without := [person.full for person in people if not person.email]:
            names = ", ".join(without[:3]) + (f" and {len(without) - 3} more" if len(without) > 3 else "")
            message = f"OJS wants an “email” of each author before it lets anybody edit them; it gets none of {names}"
            self._losses.of_item(item, message, "authors")
        chosen = next((n for n, person in enumerate(people) if person.corresponding), 0)
        first = self._people + 1
        made = [
            self._author(
                n,
                self._names(person),
                self._places(item, person),
                person.email or "",
                contact=n == chosen,
                orcid=person.orcid,
            )
            for n, person in enumerate(people)
        ]
        return element("authors", *made), f"{first + chosen}"

    def _author(
        self,
        n: int,
        names: tuple[Element, ...],
        places: tuple[Element, ...],
        email: str,
        *,
        contact: bool,
        orcid: str | None = None,
    ) -> Element:
        self._people += 1
        return element(
            "author",
            *names,
            *places,
            element("email", email),
            element("orcid", f"https://orcid.org/{orcid}") if orcid else None,
            primary_contact="true" if contact else None,
            user_group_ref=self._ojs.user_group,
            seq=f"{n}",
            id=f"{self._people}",
        )

    def _names(self, person: Person) -> tuple[Element, ...]:
        """The names; who has one name only, as groups do, has it as the given name."""
        given = person.given or person.initials
        family = " ".join(part for part in (person.family_name, person.suffix) if part)
        if not given:
            return (element("givenname", family, locale=self._locale),)
        return (
            element("givenname", given, locale=self._locale),
            element("familyname", family, locale=self._locale),
        )

    def _places(self, item: Item, person: Person) -> tuple[Element, ...]:
        """The affiliations: from OJS 3.5 on each by itself, before that all in one text."""
        there = tuple(described.affiliations_of(item, person))
        if self._ojs.version == "3.5":
            return tuple(self._place(text, known.ror if known else None) for text, known in there)
        joined = "; ".join(text for text, _ in there)
        return (element("affiliation", joined, locale=self._locale),) if joined else ()

    def _place(self, text: str, ror: str | None) -> Element:
        name = element("name", text, locale=self._locale)
        if ror:
            return element("rorAffiliation", element("ror", f"https://ror.org/{ror}"), name)
        return element("affiliation", name)


def embedded(content: bytes) -> Element:
    """A file as part of the import file."""
    return element("embed", base64.b64encode(content).decode(), encoding="base64")


def whole_date(date: PartialDate) -> str:
    """A day as XML Schema has it; the first of the month or year where no day is known."""
    return f"{date.year:04d}-{date.month or 1:02d}-{date.day or 1:02d}"


def _html(text: RichText) -> str:
    """A text as OJS keeps it; small capitals and formulas are their text."""
    return "".join(_pieces(text.nodes))


def _pieces(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield escape(node, quote=False)
            continue
        tag, inner = node
        if tag in _MARKUP:
            yield f"<{tag}>{''.join(_pieces(inner))}</{tag}>"
        else:
            yield from _pieces(inner)
