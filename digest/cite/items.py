"""A record as an item of CSL-JSON (CSL 1.0.2, appendices III and IV) and back, and the addresses of its identifiers."""

from __future__ import annotations

import contextlib
import re
from html import escape
from typing import TYPE_CHECKING, Any, Final

from digest import trials
from digest.cite.societies import abbreviation, completed, journal_of, printed_doi, society_citation, society_in
from digest.cite.tokens import VolumePart, read_identifier
from digest.model import Ids, Meeting, PartialDate, Record, RecordType
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Person

_TYPES: Final[Mapping[RecordType, str]] = {
    # CSL has no type for it: an abstract in a journal's supplement is an article in a journal, and its genre says so.
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


def item(record: Record, key: str, *, house: bool = False, form: str | None = "") -> dict[str, Any]:
    """The CSL-JSON item of a record under the id `key`.

    Args:
        record: the record.
        key: id of the item.
        house: whether the item is for one of our own styles; these may use the variables that `for_house` adds.
        form: which of a society's forms its variable ``source`` holds, such as ``short``; nothing leaves it out.
    """
    is_abstract = record.type == "meeting-abstract"
    if is_abstract:
        record = completed(record)
    unpublished = is_abstract and record.meeting is not None and not (record.container or record.container_short)
    csl: dict[str, Any] = {
        "id": key,
        "type": "speech" if unpublished else _TYPES[record.type],
        "title": _csl_text(record.title.source),
    }
    names = [name_of(person) for person in record.authors]
    if record.authors_truncated:
        names.append({"family": "others"})  # read by digest.csl as "the source itself ends in et al."
    csl |= {
        "author": names,
        "editor": [name_of(person) for person in record.editors],
        "container-title": record.container or record.container_short,
        "container-title-short": record.container_short,
        "volume": record.volume,
        # With the supplement: most styles do not print CSL's own variable for it.
        "issue": str(VolumePart.of(record.issue, record.supplement)),
        # Without a page, an abstract is found by its number.
        "page": record.pages or (record.number if is_abstract and not unpublished else ""),
        "number": record.number,
        "genre": _GENRES.get(record.presented, "abstract") if unpublished else "abstract" if is_abstract else "",
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
    csl = {name: value for name, value in csl.items() if value}
    return for_house(csl, record, form=form) if house else csl


_GENRES: Final = {"oral": "Paper", "poster": "Poster", "poster discussion": "Poster", "plenary": "Paper"}


def for_house(csl: Mapping[str, Any], record: Record | None = None, *, form: str | None = "") -> dict[str, Any]:
    """An item with the variables that our own styles may use, which mean something else elsewhere.

    ==================================  =============================================================================
    ``source``                          citation of a meeting abstract in its society's form
    ``archive``, ``archive_location``   the first of PubMed, PubMed Central, Bookshelf, DOI and registry that knows it,
                                        and its number there
    ``issue``                           the issue without its supplement
    ``medium``                          ``suppl`` where there is a supplement; what was presented, as NLM names it
    ``supplement-number``               its number, if it has one
    ``genre``                           with the number of an abstract that was presented and not published, which has
                                        no ``number`` then unless it was a poster or a talk
    ``section``                         what was presented, as APA names it
    ``part-title``                      the journal's abbreviation with its stops
    ``authority``                       the society at whose meeting an abstract was presented
    ``page``                            the pages, only where these are not the abstract's ``number``
    ==================================  =============================================================================

    Args:
        csl: the item; it may come from elsewhere.
        record: the record that it was made from, if there is one.
        form: which of a society's forms ``source`` holds; its own one where it has none of this name. Nothing leaves it
            out, for styles that do not print it.
    """
    if record is None and (record := record_of(csl)):
        in_none = not (record.container or record.container_short)
        if record.type == "meeting-abstract" and record.meeting and in_none:
            csl = {**csl, "type": "speech"}  # as `item` has an abstract that was presented and not published
    out = dict(csl)
    part = VolumePart.of(_text(csl, "issue"), _text(csl, "supplement-number"))
    out |= {
        "issue": part.issue or "",
        "medium": "" if part.supplement is None else "suppl",
        "supplement-number": part.supplement or "",
        "source": society_citation(record, form) if record and form is not None else "",
        "authority": _society(record.meeting) if record and record.meeting else "",
        "DOI": printed_doi(_text(csl, "DOI")),
        "archive": "",
        "archive_location": "",
    }
    if record and (pairs := registered(record)):
        out["archive"], out["archive_location"], _ = pairs[0]
    if _text(csl, "type") == "speech":
        genre, number = _text(csl, "genre") or "abstract", _text(csl, "number")
        out["genre"] = f"{genre} {number}".strip()  # Abstract 4105 presented at: …
        out["medium"], out["section"] = _PRESENTED.get(genre.lower(), (out["genre"], out["genre"]))
        if out["medium"] == out["genre"]:
            out["number"] = ""  # it is there already
    if _text(csl, "number") == _text(csl, "page"):
        out["page"] = ""
    short, full = _text(csl, "container-title-short"), _text(csl, "container-title")
    if journal := journal_of(short or full):
        short, full = short or journal.short, journal.container
        out["container-title-short"] = short
    out["part-title"] = abbreviation(short, full) if short else ""
    return {name: value for name, value in out.items() if value}


# Citing Medicine, 2nd ed., chapter 12, and the Publication Manual of the APA, 7th ed., section 10.5.
_PRESENTED: Final = {
    "paper": ("Paper", "Paper presentation"),
    "poster": ("Poster session", "Poster presentation"),
    "poster session": ("Poster session", "Poster presentation"),
}
_MEETING_WORD: Final = re.compile(
    r"\d|\b(?:Meeting|Congress|Conference|Symposium|Sessions?|Week|Workshop|Kongress|Tagung)\b", re.IGNORECASE
)


def _society(meeting: Meeting) -> str:
    """The society of a meeting: in full where the meeting has no other name, or else as it is known for short."""
    return meeting.name if not _MEETING_WORD.search(meeting.name) else meeting.society or meeting.name


_RECORD_TYPES: Final[Mapping[str, RecordType]] = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "chapter": "chapter",
    "paper-conference": "meeting-abstract",
    "speech": "meeting-abstract",
    "book": "book",
    "report": "report",
    "thesis": "thesis",
    "article": "preprint",
    "dataset": "dataset",
    "webpage": "web",
    "review": "article",
    "entry-encyclopedia": "chapter",
    "entry-dictionary": "chapter",
    "entry": "chapter",
    "review-book": "article",
    "post": "web",
    "post-weblog": "web",
}


def type_of(csl: Mapping[str, Any]) -> RecordType | None:
    """The kind of publication of an item, by its type and genre; nothing where its type is not a known one."""
    kind = _RECORD_TYPES.get(_text(csl, "type"))
    return "meeting-abstract" if kind == "article" and "abstract" in _text(csl, "genre").lower() else kind


def record_of(csl: Mapping[str, Any]) -> Record | None:
    """The place and identifiers of an item of CSL-JSON as a record; nothing where they do not make one.

    Names are left out: they are printed from the item itself.
    """
    kind = type_of(csl) or "other"
    ids: dict[str, Any] = {}
    for variable, label in (("PMID", "PMID:"), ("PMCID", "PMCID:"), ("DOI", "doi:"), ("URL", "")):
        with contextlib.suppress(ValueError):
            if text := _text(csl, variable):
                field, value = read_identifier(text if text.startswith("http") else label + text)
                ids.setdefault(field, (value,) if field in {"nct", "trials"} else value)
    ids.pop("issn", None)
    part = VolumePart.of(_text(csl, "issue"), _text(csl, "supplement-number"))
    event = _text(csl, "event-title") or _text(csl, "event")
    number, page = _text(csl, "number"), _text(csl, "page")
    journal = journal_of(_text(csl, "container-title-short")) or journal_of(_text(csl, "container-title"))
    if kind == "meeting-abstract" and not number and journal and journal.locator == "number":
        number, page = page, ""
    try:
        meeting = Meeting(name=event, place=_text(csl, "event-place"), society=society_in(event)) if event else None
        return Record(
            title=RichText.parse(escape(_text(csl, "title")) or "-"),
            type=kind,
            container=_text(csl, "container-title"),
            container_short=_text(csl, "container-title-short") or _text(csl, "journalAbbreviation"),
            volume=_text(csl, "volume"),
            issue=part.issue or "",
            supplement="Suppl" if part.supplement == "" else part.supplement or "",
            pages=page,
            number=number,
            issued=_partial(csl.get("issued")),
            meeting=meeting,
            ids=Ids(**ids),
        )
    except ValueError:
        return None


def _text(csl: Mapping[str, Any], variable: str) -> str:
    value = csl.get(variable)
    return str(value).strip() if isinstance(value, str) or type(value) is int else ""


def _partial(date: Any) -> PartialDate | None:  # noqa: ANN401 - any JSON
    try:
        return PartialDate(*(int(part) for part in date["date-parts"][0][:3]))
    except (TypeError, ValueError, KeyError, IndexError):
        return None


def registered(record: Record) -> list[tuple[str, str, str]]:
    """The `identifiers` of a record, and the registration of a registered trial: elsewhere it names another record."""
    own = record.ids.registrations if record.type == "trial" else ()
    return [*identifiers(record.ids), *((*trials.labelled(number), trials.address_of(number)) for number in own)]


def address(variable: str, value: str, csl: Mapping[str, Any]) -> str | None:
    """Where a printed variable of an item leads, if it is an identifier; made for `digest.csl.format_document`."""
    if variable == "archive_location":
        variable = {"PMC": "PMCID"}.get(_text(csl, "archive"), _text(csl, "archive"))
        if number := trials.from_label(variable, value):
            return trials.address_of(number) or None
    match variable:
        case "URL":
            return value if re.fullmatch(r"https?://[^\s<>\"]+", value) else None
        case "DOI" | "PMID" | "PMCID" | "NBK":
            word = value if variable == "DOI" and value.startswith("http") else f"{variable}:{value}"
            try:
                kind, number = read_identifier(word)
            except ValueError:
                return None
            bare = number.removeprefix("PMC").removeprefix("NBK")
            return _ADDRESSES[kind].format(bare)
        case _:
            return None


_ADDRESSES: Final = {
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/PMC{}/",
    "nbk": "https://www.ncbi.nlm.nih.gov/books/NBK{}/",
    "doi": "https://doi.org/{}",
}


def identifiers(ids: Ids) -> list[tuple[str, str, str]]:
    """Each identifier as label, number as printed and address, in the order in which we prefer them."""
    known = (
        ("PMID", "pmid", ids.pmid),
        ("PMC", "pmcid", ids.pmcid and ids.pmcid.removeprefix("PMC")),
        ("NBK", "nbk", ids.nbk and ids.nbk.removeprefix("NBK")),
        ("DOI", "doi", ids.doi),
    )
    return [(label, number, _ADDRESSES[kind].format(number)) for label, kind, number in known if number]


def name_of(person: Person) -> dict[str, str]:
    """A person as a name of CSL-JSON."""
    if person.literal:
        return {"literal": person.literal}
    # Initials as "J. H.": any processor then sees two names where "JH" might be one.
    given = person.given or "".join(f"{letter}. " for letter in person.initials if letter.isalpha()).strip()
    name = {"family": person.family, "given": given, "non-dropping-particle": person.particle, "suffix": person.suffix}
    return {part: text for part, text in name.items() if text}


def _date(start: PartialDate | None, end: PartialDate | None = None) -> dict[str, Any] | None:
    parts = [list(date.parts) for date in (start, end) if date]
    return {"date-parts": parts} if parts else None


def _csl_text(inline: str) -> str:
    """CSL-JSON's rich text: the same tags, small capitals by style, no character references."""
    text = inline.replace("<sc>", '<span style="font-variant: small-caps;">').replace("</sc>", "</span>")
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
