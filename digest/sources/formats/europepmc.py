"""Europe PMC's JSON becomes records: answers of its search and article services, whole (``core``) or short (``lite``).

Nothing in it is trusted to have the type that its documentation says: a value of another type is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.names import person
from digest.sources.page import each
from digest.sources.shared import markup, nlm
from digest.sources.shared.dates import read_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break, kind_of, scalar_text
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import PartialDate, Person
    from digest.sources.page import Outcome, Page

Item = dict[str, Any]


def parse(page: Page) -> Iterator[Outcome]:
    """A record, or a problem, for each result on a page.

    Raises:
        DigestError: the page is not JSON, from its first item on.
    """
    value, broken = json_until_break(page)
    found = list(_results(value))
    if not found:
        yield page.problem("note", "nothing-found", "Europe PMC found nothing for this question")

    def outcome_of(numbered: tuple[int, object]) -> Outcome:
        n, one = numbered
        place = f"result {n}"
        if not isinstance(one, dict):
            message = f"expected a result with its title, found {kind_of(one)}"
            return page.problem("error", "no-record", message, place=place)
        if "errCode" in one or "errMsg" in one:
            said = " ".join(filter(None, (_line(one.get("errCode")), _line(one.get("errMsg"))[:300])))
            message = f"Europe PMC answered with an error instead of results: {said}; wait a little and ask again"
            return page.problem("error", "europepmc-error", message, place="" if len(found) == 1 else place)
        return _record(page, one, n)

    yield from each(page, enumerate(found, 1), outcome_of, called="result")
    if isinstance(value, dict) and "resultList" in value and found and not broken:
        yield from page.incomplete(len(found), _line(value.get("hitCount")))
    yield from cut_off(page, broken)


def _results(value: object) -> Iterator[object]:
    """The results in an answer, in a list of answers or of results, or one result."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            yield one
        elif "resultList" in one:
            inner = one["resultList"]
            inner = inner.get("result") if isinstance(inner, dict) else inner
            yield from inner if isinstance(inner, list) else [] if inner is None else [inner]
        elif "result" in one:
            yield from one["result"] if isinstance(one["result"], list) else [one["result"]]
        elif not ("hitCount" in one and not _line(one.get("title")) and not _line(one.get("hitCount")).strip("0")):
            yield one


# --- Values of any type ----------------------------------------------------------------------------------------------


def _line(value: object) -> str:
    """A text or a number as text on one line; anything else gives an empty text."""
    return " ".join(scalar_text(value).split())


def _item(value: object, *path: str) -> Item:
    """The object that a path of keys leads to; an empty one where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _listed(value: Item, outer: str, inner: str) -> list[object]:
    """The list in ``{outer: {inner: [...]}}``, where a single thing may be without its list."""
    found = _item(value, outer).get(inner)
    return found if isinstance(found, list) else [] if found is None else [found]


def _lines(value: Item, outer: str, inner: str) -> list[str]:
    return [text for one in _listed(value, outer, inner) if (text := _line(one))]


def _items(value: Item, outer: str, inner: str) -> list[Item]:
    return [one for one in _listed(value, outer, inner) if isinstance(one, dict)]


# --- A result --------------------------------------------------------------------------------------------------------

# Where a source of Europe PMC holds one kind of thing alone.
_SOURCES: Final = {"PPR": "preprint", "ETH": "thesis", "NBK": "book"}
_NUMBERED: Final = {"MED": "PMID:", "PMC": "", "NBK": ""}


def _record(page: Page, result: Item, n: int) -> Outcome:
    source, number = _line(result.get("source")), _line(result.get("id"))
    identifier = f"{source}:{number}" if source and number else number
    pmid = _line(result.get("pmid"))
    place = f"PMID {pmid}" if re.fullmatch(r"\d{1,9}", pmid) else identifier[:100] or f"result {n}"
    draft = Draft(page, place, msgspec.json.encode(result), identifier)
    draft.title = markup.inline(_line(result.get("title")))
    _identify(draft, result, source, number)
    _container(draft, result)
    _types(draft, result, source)
    for author in _items(result, "authorList", "author"):
        _add_author(draft, author)
    if not draft.authors and (listed := _line(result.get("authorString"))):
        draft.add_people(listed.rstrip(". "))
    if isinstance(text := result.get("abstractText"), str):
        draft.parts = markup.abstract(text)
    draft.keywords = [
        _line(heading.get("descriptorName")) for heading in _items(result, "meshHeadingList", "meshHeading")
    ]
    draft.keywords += _lines(result, "keywordList", "keyword")
    draft.language = _line(result.get("language"))
    draft.licence = _line(result.get("license"))
    return draft.finish()


def _identify(draft: Draft, result: Item, source: str, number: str) -> None:
    if doi := _line(result.get("doi")):
        draft.ids.append(f"doi:{doi}")
    if pmid := _line(result.get("pmid")):
        draft.ids.append(f"PMID:{pmid}")
    elif source in _NUMBERED and number:
        draft.ids.append(f"{_NUMBERED[source]}{number}")
    if pmcid := _line(result.get("pmcid")):
        draft.ids.append(pmcid)
    if isbn := _line(_item(result, "bookOrReportDetails").get("isbn13")) or _line(
        _item(result, "bookOrReportDetails").get("isbn10")
    ):
        draft.ids.append(f"ISBN {isbn}")
    for reference in _items(result, "dbCrossReferenceList", "dbCrossReference"):
        for info in _items(reference, "dbCrossReferenceInfo", "info"):
            draft.ids += nlm.registrations(_line(info))


def _container(draft: Draft, result: Item) -> None:
    info, book = _item(result, "journalInfo"), _item(result, "bookOrReportDetails")
    journal = _item(info, "journal")
    draft.container = markup.plain(
        _line(journal.get("title")) or _line(result.get("journalTitle")) or _line(book.get("comprisingTitle"))
    )
    shorts = (_line(journal.get(key)) for key in ("medlineAbbreviation", "isoabbreviation", "ISOAbbreviation"))
    draft.container_short = markup.plain(next(filter(None, shorts), ""))
    draft.publisher = _line(book.get("publisher"))
    issns = [_line(journal.get(key)) for key in ("ISSN", "issn", "ESSN", "essn")]
    draft.issn = [issn for issn in (*issns, *re.split(r"[;,]", _line(result.get("journalIssn")))) if issn.strip()]
    volume = _line(info.get("volume")) or _line(result.get("journalVolume"))
    nlm.set_part(draft, volume, _line(info.get("issue")) or _line(result.get("issue")))
    draft.pages = _line(result.get("pageInfo"))
    draft.issued = _issue_date(result, info)
    draft.issued_online = read_date(_line(result.get("electronicPublicationDate")))


def _issue_date(result: Item, info: Item) -> PartialDate | None:
    """The date of the issue; where that is a year alone or nothing, the day on which it was first published."""
    printed = read_date(_line(info.get("dateOfPublication"))) or read_date(_line(info.get("yearOfPublication")))
    first = read_date(_line(result.get("firstPublicationDate")))
    electronic = read_date(_line(result.get("electronicPublicationDate"))) or first
    if printed is None and (year := _line(result.get("pubYear"))):
        printed = read_date(year)
        return nlm.better_date(printed, first, only=True)
    return nlm.better_date(printed, electronic, only=_line(result.get("pubModel")).startswith("Electronic"))


def _types(draft: Draft, result: Item, source: str) -> None:
    types = _lines(result, "pubTypeList", "pubType") or re.split(r"\s*;\s*", _line(result.get("pubType")))
    nlm.set_type(draft, types)
    links = [_line(link.get("type")) for link in _items(result, "commentCorrectionList", "commentCorrection")]
    nlm.set_status(draft, links)
    match _SOURCES.get(source):
        case "preprint":
            draft.type = "preprint"
        case "thesis":
            draft.type = draft.type or "thesis"
        case "book":
            draft.type = draft.type or ("chapter" if draft.container else "book")


def _add_author(draft: Draft, author: Item) -> None:
    """Adds an author, or a group, with affiliations."""
    family, given = (
        _line(author.get("lastName")),
        _line(author.get("firstName")) or _line(author.get("initials")),
    )
    full, collective = _line(author.get("fullName")), _line(author.get("collectiveName"))
    identifier = _item(author, "authorId")
    orcid = _line(identifier.get("value")) if _line(identifier.get("type")).upper() == "ORCID" else ""
    details = _items(author, "authorAffiliationDetailsList", "authorAffiliation")
    affiliations = [text for one in details if (text := _line(one.get("affiliation")))]
    if not affiliations and (text := _line(author.get("affiliation"))):
        affiliations = [text]
    name: str | Person
    try:
        if collective:
            name = nlm.group(markup.plain(collective))
        elif family:
            family, given = (without_control(markup.plain(part)) for part in (family, given))
            name = person(family, given, _suffix(full, family))
        else:
            name = markup.plain(full)
    except ValueError as error:
        draft.tell("warning", "odd-name", f"an author was left out: {error}")
        return
    draft.add_author(name, affiliations, orcid=orcid)


def _suffix(full: str, family: str) -> str:
    """The suffix after the initials in ``Wise JP Sr``; the parts of a name have no place for it."""
    match = re.search(r" (Jr|Sr|2nd|3rd|4th|II|III|IV)$", full.removeprefix(family))
    return match[1] if match else ""
