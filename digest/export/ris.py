"""Records as RIS; what RIS has no tag for goes into ``U5``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest import remainder
from digest.cite.tokens import VolumePart
from digest.export.keys import Keys
from digest.export.readback import unsaid
from digest.export.tagged import abstract_line, html_text, tagged_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import PartialDate, Person, Record, RecordType


def write(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    """Records with a blank line between them."""
    keys = Keys()
    for n, record in enumerate(records):
        yield ("\n" if n else "") + ris_record(record, record.id or keys.key(record), plain=plain)


_TYPES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "ABST",
    "article": "JOUR",
    "chapter": "CHAP",
    "book": "BOOK",
    "report": "RPRT",
    "thesis": "THES",
    "preprint": "UNPB",
    "dataset": "DATA",
    "trial": "CTLI",
    "web": "ELEC",
    "other": "GEN",
}


def ris_record(record: Record, key: str, *, plain: bool = False) -> str:
    """The lines of a record in RIS, from TY to ER."""
    body = tagged_lines(_rows(record, key), "{}  - {}\n")
    end = "ER  - \n"
    if not plain and (rest := unsaid(record, body + end, "ris")):
        body += f"U5  - {remainder.MARK} {remainder.printed(rest)}\n"
    return body + end


def _rows(record: Record, key: str) -> Iterator[tuple[str, str | None]]:
    ids, meeting = record.ids, record.meeting
    is_unpublished = meeting is not None and not (record.container or record.container_short)
    yield "TY", "CPAPER" if record.type == "meeting-abstract" and is_unpublished else _TYPES[record.type]
    yield "ID", key
    yield "M3", "Preprint" if record.type == "preprint" else ""
    yield from (("AU", _name(person)) for person in record.authors)
    if record.authors_truncated:
        yield "AU", "et al."
    yield from (("A2", _name(person)) for person in record.editors)
    yield "TI", html_text(record.title)
    yield "T2", record.container or record.container_short
    yield "JA", record.container_short
    yield "VL", record.volume
    yield "IS", str(VolumePart.of(record.issue, record.supplement))
    first, dash, last = record.pages.partition("-")
    yield "SP", first
    yield "EP", last if dash else ""
    yield "C7", "" if first else record.number
    if record.issued:
        yield "PY", f"{record.issued.year:04d}"
        yield "DA", _date(record.issued)
    if record.issued_online and record.type == "article":  # EndNote's “Epub Date” of an article
        yield "ET", _date(record.issued_online)
    if meeting:
        yield "C3", meeting.name
        yield "CY", meeting.place
    yield "DO", ids.doi
    own = ids.registrations[:1] if record.type == "trial" else ()
    yield "AN", f"PMID: {ids.pmid}" if ids.pmid else "".join(own)
    yield "C2", ids.pmcid
    yield "UR", ids.url
    yield "SN", record.issn
    yield "SN", ids.isbn
    yield "PB", record.publisher
    yield "LA", record.language
    yield from (("AD", html_text(place)) for place in record.affiliations)
    yield from (("KW", word) for word in record.keywords)
    yield "AB", abstract_line(record)


def _date(date: PartialDate) -> str:
    return "/".join([*(f"{part:02d}" for part in date.parts), "", "", ""][:3]) + "/"


def _name(person: Person) -> str:
    if person.literal:
        return person.literal
    given = person.given or "".join(f"{letter}." for letter in person.initials)
    parts = [part for part in (person.family_name, given, person.suffix) if part]
    return ", ".join(parts) if len(parts) > 1 else f"{parts[0]},"
