"""Records as MEDLINE's tagged text; what it has no tag for goes into ``GN``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest import remainder, trials
from digest.cite.tokens import VolumePart
from digest.export.readback import unsaid
from digest.export.tagged import abstract_line, html_text, tagged_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import Person, Record, RecordType


def write(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    """Records with a blank line between them."""
    for n, record in enumerate(records):
        yield ("\n" if n else "") + nbib_record(record, plain=plain)


_PUBLICATION_TYPES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "Meeting Abstract",
    "article": "Journal Article",
    "chapter": "Book Chapter",
    "book": "Book",
    "report": "Technical Report",
    "thesis": "Academic Dissertation",
    "preprint": "Preprint",
    "dataset": "Dataset",
}


def nbib_record(record: Record, *, plain: bool = False) -> str:
    """The lines of a record in MEDLINE's format; one without a PMID begins with its owner, ``NONE``."""
    body = tagged_lines(_rows(record), "{:<4}- {}\n")
    if not plain and (rest := unsaid(record, body, "nbib")):
        body += f"GN  - {remainder.MARK} {remainder.printed(rest)}\n"
    return body


def _rows(record: Record) -> Iterator[tuple[str, str | None]]:
    ids = record.ids
    yield "PMID", ids.pmid
    yield "OWN", "" if ids.pmid else "NONE"
    yield "IS", record.issn
    yield "ISBN", ids.isbn
    yield "VI", record.volume
    yield "IP", str(VolumePart.of(record.issue, record.supplement))
    yield "DP", record.issued.medline if record.issued else ""
    online = record.issued_online
    yield "DEP", str(online).replace("-", "") if online and online.day else ""
    yield "TI", html_text(record.title)
    yield "PG", record.pages
    yield "LID", f"{ids.doi} [doi]" if ids.doi else ""
    yield "AB", abstract_line(record)
    for person in record.authors:
        yield from _person(person, "FAU", "AU")
        yield "AUID", f"ORCID: {person.orcid}" if person.orcid else ""
        for mark in person.affiliations:
            yield "AD", html_text(record.affiliations[mark - 1])
    if record.authors_truncated:
        yield "AU", "et al."
    for person in record.editors:
        yield from _person(person, "FED", "ED")
    yield "LA", record.language
    yield from (("SI", f"{trials.registry_of(number).name}/{number}") for number in ids.registrations)
    yield "PT", _PUBLICATION_TYPES.get(record.type)
    yield "TA", record.container_short
    yield "JT", record.container
    yield "PB", record.publisher
    yield from (("OT", word) for word in record.keywords)
    yield "PMC", ids.pmcid
    yield "SO", _source(record)


def _person(person: Person, full: str, short: str) -> Iterator[tuple[str, str]]:
    if person.literal:
        yield "CN" if full == "FAU" else short, person.literal
        return
    given = " ".join(filter(None, (person.given or " ".join(person.initials), person.suffix)))
    yield full, ", ".join(filter(None, (person.family_name, given)))
    yield short, person.short


def _source(record: Record) -> str:
    """What MEDLINE's last line repeats: journal, date, volume and pages."""
    place = record.volume + (f"({part})" if (part := str(VolumePart.of(record.issue, record.supplement))) else "")
    date = record.issued.medline if record.issued else ""
    where = ":".join(filter(None, (place, record.pages)))
    source = ". ".join(
        filter(None, (record.container_short or record.container, ";".join(filter(None, (date, where)))))
    )
    return f"{source or record.title.plain[:80]}."
