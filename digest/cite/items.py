"""A record as an item of CSL-JSON (CSL 1.0.2, appendices III and IV), and the addresses behind its identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from digest.cite.societies import society_citation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Ids, PartialDate, Person, Record, RecordType

_TYPES: Final[Mapping[RecordType, str]] = {
    # CSL has no type for it: an abstract in a journal's supplement is an article in a journal, its genre tells.
    "meeting-abstract": "article-journal",
    "article": "article-journal",
    "chapter": "chapter",
    "book": "book",
    "report": "report",
    "thesis": "thesis",
    "preprint": "article",
    "dataset": "dataset",
    "trial": "webpage",
    "web": "webpage",
    "other": "document",
}


def item(record: Record, key: str, *, house: bool = False) -> dict[str, Any]:
    """The CSL-JSON item of a record under the id `key`.

    Args:
        record: the record.
        key: id of the item.
        house: whether the item is for one of our own styles. These may use two variables that mean something else
            elsewhere: ``source``, the citation of a meeting abstract in its society's form, and ``archive`` with
            ``archive_location``, the first of PubMed, PubMed Central, Bookshelf and DOI that knows the record.
    """
    csl: dict[str, Any] = {"id": key, "type": _TYPES[record.type], "title": _csl_text(record.title.html)}
    names = [_name(person) for person in record.authors]
    if record.authors_truncated:
        names.append({"family": "others"})  # read by digest.csl as "the source itself ends in et al."
    supplement = f"Suppl {record.supplement}".strip() if record.supplement else ""
    csl |= {
        "author": names,
        "editor": [_name(person) for person in record.editors],
        "container-title": record.container or record.container_short,
        "container-title-short": record.container_short,
        "volume": record.volume,
        "issue": " ".join(part for part in (record.issue, supplement) if part),
        "page": record.pages,
        "number": record.number,
        "genre": "abstract" if record.type == "meeting-abstract" else "",
        "issued": _date(record.issued),
        "publisher": record.publisher,
        "language": record.language,
        "ISSN": record.issn,
        "ISBN": record.ids.isbn,
        "DOI": record.ids.doi,
        "PMID": record.ids.pmid,
        "PMCID": record.ids.pmcid,
        "URL": record.ids.url,
    }
    if record.meeting:
        csl |= {
            "event-title": record.meeting.name,
            "event-place": record.meeting.place,
            "event-date": _date(record.meeting.start, record.meeting.end),
        }
    if house:
        csl["source"] = society_citation(record)
        if pairs := identifiers(record.ids):
            csl["archive"], csl["archive_location"], _ = pairs[0]
    return {name: value for name, value in csl.items() if value}


def identifiers(ids: Ids) -> list[tuple[str, str, str]]:
    """Each identifier as label, number as printed and address, the one that the house prefers first."""
    known = (
        ("PMID", ids.pmid, "https://pubmed.ncbi.nlm.nih.gov/{}/"),
        ("PMC", ids.pmcid and ids.pmcid.removeprefix("PMC"), "https://pmc.ncbi.nlm.nih.gov/articles/PMC{}/"),
        ("NBK", ids.nbk and ids.nbk.removeprefix("NBK"), "https://www.ncbi.nlm.nih.gov/books/NBK{}/"),
        ("DOI", ids.doi, "https://doi.org/{}"),
    )
    return [(label, number, address.format(number)) for label, number, address in known if number]


def _name(person: Person) -> dict[str, str]:
    if person.literal:
        return {"literal": person.literal}
    # Initials as "J. H.": any processor then sees two names where "JH" might be one.
    given = person.given or "".join(f"{letter}. " for letter in person.initials if letter.isalpha()).strip()
    name = {
        "family": person.family, "given": given, "non-dropping-particle": person.particle, "suffix": person.suffix
    }  # fmt: skip
    return {part: text for part, text in name.items() if text}


def _date(start: PartialDate | None, end: PartialDate | None = None) -> dict[str, Any] | None:
    parts = [list(date.parts) for date in (start, end) if date]
    return {"date-parts": parts} if parts else None


def _csl_text(inline: str) -> str:
    """CSL-JSON's rich text: the same tags, small capitals by style, no character references."""
    text = inline.replace('<span class="sc">', '<span style="font-variant: small-caps;">')
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
