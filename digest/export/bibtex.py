"""Records as BibTeX in the dialect of biblatex, names and texts in LaTeX."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest import remainder
from digest.cite.tokens import VolumePart
from digest.export.keys import Keys
from digest.export.readback import unsaid
from digest.sources.shared import latex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import Person, Record, RecordType


def write(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    """Entries with a blank line between them."""
    keys = Keys()
    for n, record in enumerate(records):
        yield ("\n" if n else "") + bibtex_entry(record, keys.key(record), plain=plain)


_ENTRIES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "inproceedings",
    "article": "article",
    "chapter": "incollection",
    "book": "book",
    "report": "report",
    "thesis": "thesis",
    "preprint": "online",
    "dataset": "dataset",
    "trial": "online",
    "web": "online",
    "other": "misc",
}


def bibtex_entry(record: Record, key: str, *, plain: bool = False) -> str:
    """The entry of a record in the dialect of biblatex, names and texts in LaTeX."""
    fields = _fields(record)
    kind = _ENTRIES[record.type]
    if record.type == "meeting-abstract" and "journaltitle" in fields:
        kind = "article"
    if record.type in {"meeting-abstract", "preprint", "trial"}:
        fields["entrysubtype"] = record.type
    rows = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    if not plain and (rest := unsaid(record, _entry_text(kind, key, rows), "bibtex")):
        rows.append(f"  {remainder.MARK} = {{{remainder.printed(rest)}}}")
    return _entry_text(kind, key, rows)


def _entry_text(kind: str, key: str, rows: Iterable[str]) -> str:
    return ",\n".join([f"@{kind}{{{key}", *rows]) + "\n}\n"


def _fields(record: Record) -> dict[str, str]:
    text, ids, meeting = latex.encode, record.ids, record.meeting
    authors = [_name(person) for person in record.authors]
    if record.authors_truncated:
        authors.append("others")
    in_journal = record.type in {"article", "meeting-abstract", "preprint", "other", "trial", "web"}
    fields = {
        "author": " and ".join(authors),
        "title": latex.encode_rich(record.title, protected=True),
        "journaltitle" if in_journal else "booktitle": text(record.container),
        "shortjournal": text(record.container_short),
        "editor": " and ".join(map(_name, record.editors)),
        "date": str(record.issued or ""),
        "volume": text(record.volume),
        "number": text(str(VolumePart.of(record.issue, record.supplement))) if in_journal else "",
        "issue": "" if in_journal else text(record.issue),
        "pages": text(record.pages.replace("-", "--")).replace("-{}-", "--"),
        "abstractnumber": text(record.number),
        "issn": record.issn or "",
        "isbn": ids.isbn or "",
        "publisher": text(record.publisher),
        "doi": _bare(ids.doi or ""),
        "pmid": ids.pmid or "",
        "pmcid": ids.pmcid or "",
        "nbk": ids.nbk or "",
        "nct": ", ".join(ids.nct),
        "trials": ", ".join(ids.trials),
        "url": _bare(ids.url or ""),
        "language": record.language or "",
        "keywords": _keywords(record.keywords),
        "affiliation": "; ".join(f"{{{latex.encode_rich(place)}}}" for place in record.affiliations),
    }
    if meeting:
        dates = "/".join(str(date) for date in (meeting.start, meeting.end) if date)
        fields |= {"eventtitle": text(meeting.name), "venue": text(meeting.place), "eventdate": dates}
        fields["eventsociety"] = text(meeting.society)
    if len(record.abstract) == 1 and record.abstract[0].label is None:
        fields["abstract"] = latex.encode_rich(record.abstract[0].text)
    elif record.abstract:
        fields["abstract"] = "\n".join(
            f"\\paragraph{{{text(part.label or '')}}} {latex.encode_rich(part.text)}" for part in record.abstract
        )
    return fields


def _bare(address: str) -> str:
    """An address or DOI as it is, except for the characters that BibTeX itself would interpret."""
    return re.sub(r"[%#{}]", lambda match: f"\\{match[0]}", address) if address.count("{") == address.count("}") else ""


def _keywords(words: Iterable[str]) -> str:
    return "; ".join(f"{{{latex.encode(w)}}}" if re.search(r"[,;]", w) else latex.encode(w) for w in words)


def _name(person: Person) -> str:
    if person.literal:
        return f"{{{latex.encode(person.literal)}}}"
    given = person.given or "".join(f"{letter}. " for letter in person.initials).strip()
    family = f"{person.particle} {person.family}".strip()
    parts = [_guarded(part) for part in (family, person.suffix, given) if part]
    return ", ".join(parts) if len(parts) > 1 or " " not in family else f"{{{parts[0]}}}"


def _guarded(part: str) -> str:
    """A part of a name, in braces where it holds what separates names."""
    text = latex.encode(part)
    return f"{{{text}}}" if re.search(r",|\band\b", text, re.IGNORECASE) else text
