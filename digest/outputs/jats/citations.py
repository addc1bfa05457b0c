"""What an article cites, as ``ref`` with ``element-citation``: each fact in its own element (JATS4R, citations)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.outputs.jats import texts
from digest.outputs.xmltree import Child, Element, filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.cite import Reference
    from digest.model import Ids, Person, Record, RecordType

# JATS 1.3, @publication-type, “suggested values”; JATS4R asks for none of “other”.
_TYPES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "confproc",
    "article": "journal",
    "chapter": "book",
    "book": "book",
    "report": "report",
    "thesis": "thesis",
    "preprint": "preprint",
    "dataset": "data",
    "trial": "webpage",
    "web": "webpage",
}
_TITLES: Final[Mapping[str, str]] = {"data": "data-title"}
_RANGE: Final = re.compile(r"([A-Za-z]*\d+[A-Za-z]*)[-–]([A-Za-z]*\d+[A-Za-z]*)")
_ELECTRONIC: Final = re.compile(r"e\d+", re.IGNORECASE)


def reference(entry: Reference, name: str) -> Element:
    """An entry of a list of references.

    Args:
        entry: the entry.
        name: its id in the document.
    """
    return Element("ref", filled("label", entry.label), citation(entry.record), id=name)


def citation(record: Record) -> Element:
    """The citation of a record."""
    kind = _TYPES.get(record.type, "journal" if record.container else "webpage")
    made = Element("element-citation", publication_type=kind)
    made.add(people(record.authors, "author", truncated=record.authors_truncated), people(record.editors, "editor"))
    title = texts.rich(record.title)
    whole = record.type in {"book", "report", "thesis", "web", "trial"} and not record.container
    if whole:
        made.add(Element("source", *title))
    else:
        names = {**_TITLES, "book": "chapter-title" if record.type == "chapter" else "article-title"}
        made.add(Element(names.get(kind, "article-title"), *title))
        made.add(filled("source", record.container_short or record.container))
    if record.meeting:
        made.add(Element("conf-name", record.meeting.name), filled("conf-loc", record.meeting.place))
    if record.issued:
        for name, part in zip(("year", "month", "day"), record.issued.parts, strict=False):
            iso = str(record.issued) if name == "year" and len(record.issued.parts) == 1 else None
            made.add(Element(name, str(part), iso_8601_date=iso))
    made.add(filled("volume", record.volume), filled("issue", record.issue), filled("supplement", record.supplement))
    made.add(*pages(record))
    made.add(filled("publisher-name", record.publisher), filled("isbn", record.ids.isbn))
    return made.add(*identifiers(record.ids))


def people(persons: Iterable[Person], kind: str, *, truncated: bool = False) -> Element | None:
    """People of one kind; nothing where there are none."""
    group = filled("person-group", *map(name, persons), person_group_type=kind)
    return group.add(Element("etal")) if group and truncated else group


def name(person: Person) -> Element:
    """The name of a person, or of a group."""
    if person.literal:
        return Element("collab", person.literal)
    given = person.given or person.initials
    return Element(
        "name",
        Element("surname", person.family_name),
        filled("given-names", given),
        filled("suffix", person.suffix),
    )


def pages(record: Record) -> Iterator[Element]:
    """Pages, or the number of an article without pages; an abstract that has only its number has that."""
    printed = record.pages
    if match := _RANGE.fullmatch(printed):
        yield Element("fpage", match[1])
        yield Element("lpage", match[2])
    elif _ELECTRONIC.fullmatch(printed):
        yield Element("elocation-id", printed)
    elif printed:
        yield Element("fpage", re.split(r"[-–,;\s]", printed)[0])
        if re.search(r"[-–,;\s]", printed):
            yield Element("page-range", printed)
    elif record.number:
        yield Element("elocation-id", record.number)


def identifiers(ids: Ids) -> Iterator[Child]:
    """The numbers of a record, and its address where it has none of them."""
    for kind, value in (("doi", ids.doi), ("pmid", ids.pmid), ("pmcid", ids.pmcid)):
        if value:
            yield Element("pub-id", value, pub_id_type=kind)
    if ids.nbk:
        yield Element("pub-id", ids.nbk, pub_id_type="custom", custom_type="bookaccession")
    if ids.url and not (ids.doi or ids.pmid or ids.pmcid):
        yield Element("ext-link", ids.url, ext_link_type="uri", xlink__href=ids.url, xlink__title=ids.url)
