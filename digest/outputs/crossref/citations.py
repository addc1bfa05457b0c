"""The references of an article as Crossref's list of citations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.outputs.xmltext import Element, element

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.cite import Reference
    from digest.model import Record

# The attribute `type` of a citation (common5.4.0.xsd, citation_key.atts). An abstract in a journal is cited as what the
# journal published; one without a journal as a paper of its meeting.
_TYPES: Final = {
    "article": "journal_article",
    "chapter": "book_chapter",
    "book": "book",
    "report": "report",
    "thesis": "dissertation",
    "preprint": "preprint",
    "dataset": "dataset",
    "web": "web_resource",
}
DOI: Final = re.compile(r"10\.[0-9]{4,9}/.{1,200}")  # common5.4.0.xsd, doi_t
_LONGEST_NUMBER: Final = 32  # of volume, issue and page
_LONGEST_KEY: Final = 128


def citation_list(references: Iterable[Reference]) -> Element | None:
    """The references in their order, each with its number as key; nothing where there are none."""
    made = tuple(_citation(reference) for reference in references)
    return Element("citation_list", made) if made else None


def _citation(reference: Reference) -> Element:
    record = reference.record
    kind = _TYPES.get(record.type)
    if record.type == "meeting-abstract":
        kind = "journal_article" if record.container else "conference_paper"
    return Element(
        "citation",
        tuple(_facts(reference)),
        {"key": f"ref{reference.number}"[:_LONGEST_KEY], "type": kind or "other"},
    )


def _facts(reference: Reference) -> Iterator[Element]:
    record = reference.record
    doi = record.ids.doi if record.ids.doi and DOI.fullmatch(record.ids.doi) else None
    if record.issn:
        yield element("issn", record.issn)
    container = record.container or record.container_short
    if record.type in {"article", "meeting-abstract"} and container:
        yield element("journal_title", container)
    if record.authors:
        yield element("author", record.authors[0].family_name)
    first = _first_page(record)
    for name, number in (("volume", record.volume), ("issue", _issue(record)), ("first_page", first)):
        if 0 < len(number) <= _LONGEST_NUMBER:
            yield element(name, number)
    if record.number and not first:
        yield element("elocation_id", record.number)
    if record.issued:
        yield element("cYear", str(record.issued.year))
    if doi:
        yield element("doi", doi)
    if record.ids.isbn:
        yield element("isbn", record.ids.isbn)
    yield from _titles(record)
    if not doi:
        yield element("unstructured_citation", reference.text)


def _titles(record: Record) -> Iterator[Element]:
    if record.type == "book":
        yield element("volume_title", record.title.plain)
    else:
        yield element("article_title", record.title.plain)
        if record.type == "chapter" and record.container:
            yield element("volume_title", record.container)


def _issue(record: Record) -> str:
    """The number of the issue with that of the supplement, as it is printed: ``15 suppl 5s``."""
    supplement = f"suppl {record.supplement}" if record.supplement else ""
    return " ".join(part for part in (record.issue, supplement) if part)


def _first_page(record: Record) -> str:
    return re.split(r"[-–,;]", record.pages)[0].strip()
