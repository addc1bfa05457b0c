"""Europe PMC's JSON becomes records: answers of its search and article services, whole (``core``) or short (``lite``).

Nothing in it is trusted to have the type that its documentation says: what has another one is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.names import person
from digest.sources import formats, markup, nlm
from digest.sources.draft import Draft, read_date
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import PartialDate, Person
    from digest.sources.page import Outcome, Page

Item = dict[str, Any]


def parse(page: Page) -> Iterator[Outcome]:
    """A record, or a problem, for each result on a page.

    Raises:
        DigestError: the page is no JSON, from its first item on.
    """
    value, broken = formats.json_until_break(page)
    found = list(_results(value))
    if not found:
        yield page.problem("note", "nothing-found", "Europe PMC found nothing for this question")
    for n, one in enumerate(found, 1):
        place = f"result {n}"
        if not isinstance(one, dict):
            yield page.problem(
                "error", "no-record", f"expected a result with its title, found {_kind(one)}", place=place
            )
        elif "errCode" in one or "errMsg" in one:
            told = " ".join(filter(None, (_text(one.get("errCode")), _text(one.get("errMsg"))[:300])))
            message = f"Europe PMC answered with an error instead of results: {told}; wait a little and ask again"
            yield page.problem("error", "europepmc-error", message, place="" if len(found) == 1 else place)
        else:
            yield _record(page, one, n)
    if isinstance(value, dict) and "resultList" in value and found and not broken:
        yield from page.whole(len(found), _text(value.get("hitCount")))
    yield from formats.cut_off(page, broken)


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
        elif not ("hitCount" in one and not _text(one.get("title")) and not _text(one.get("hitCount")).strip("0")):
            yield one


def _kind(value: object) -> str:
    names = {str: "a text", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return "nothing" if value is None else names.get(type(value), "something else")


# --- Values of any type ----------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    """A text or a number as text; anything else is none."""
    if isinstance(value, str):
        return " ".join(value.split())
    return str(value)[:40] if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _item(value: object, *path: str) -> Item:
    """The object that a path of keys leads to; an empty one where there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _all(value: Item, outer: str, inner: str) -> list[object]:
    """The list in ``{outer: {inner: [...]}}``, where one thing may stand without its list."""
    found = _item(value, outer).get(inner)
    return found if isinstance(found, list) else [] if found is None else [found]


def _texts(value: Item, outer: str, inner: str) -> list[str]:
    return [text for one in _all(value, outer, inner) if (text := _text(one))]


def _items(value: Item, outer: str, inner: str) -> list[Item]:
    return [one for one in _all(value, outer, inner) if isinstance(one, dict)]


# --- A result --------------------------------------------------------------------------------------------------------

# Where a source of Europe PMC holds one kind of thing alone.
_SOURCES: Final = {"PPR": "preprint", "ETH": "thesis", "NBK": "book"}
_NUMBERED: Final = {"MED": "PMID:", "PMC": "", "NBK": ""}


def _record(page: Page, result: Item, n: int) -> Outcome:
    source, number = _text(result.get("source")), _text(result.get("id"))
    identifier = f"{source}:{number}" if source and number else number
    pmid = _text(result.get("pmid"))
    place = f"PMID {pmid}" if re.fullmatch(r"\d{1,9}", pmid) else identifier[:100] or f"result {n}"
    draft = Draft(page, place, msgspec.json.encode(result), identifier)
    draft.title = markup.inline(_text(result.get("title")))
    _identify(draft, result, source, number)
    _container(draft, result)
    _types(draft, result, source)
    for author in _items(result, "authorList", "author"):
        _author(draft, author)
    if not draft.authors and (listed := _text(result.get("authorString"))):
        draft.add_people(listed.rstrip(". "))
    if isinstance(text := result.get("abstractText"), str):
        draft.parts = markup.abstract(text)
    draft.keywords = [
        _text(heading.get("descriptorName")) for heading in _items(result, "meshHeadingList", "meshHeading")
    ]
    draft.keywords += _texts(result, "keywordList", "keyword")
    draft.language = _text(result.get("language"))
    draft.licence = _text(result.get("license"))
    return draft.finish()


def _identify(draft: Draft, result: Item, source: str, number: str) -> None:
    if doi := _text(result.get("doi")):
        draft.ids.append(f"doi:{doi}")
    if pmid := _text(result.get("pmid")):
        draft.ids.append(f"PMID:{pmid}")
    elif source in _NUMBERED and number:
        draft.ids.append(f"{_NUMBERED[source]}{number}")
    if pmcid := _text(result.get("pmcid")):
        draft.ids.append(pmcid)
    if isbn := _text(_item(result, "bookOrReportDetails").get("isbn13")) or _text(
        _item(result, "bookOrReportDetails").get("isbn10")
    ):
        draft.ids.append(f"ISBN {isbn}")
    for reference in _items(result, "dbCrossReferenceList", "dbCrossReference"):
        for info in _items(reference, "dbCrossReferenceInfo", "info"):
            draft.ids += nlm.trials(_text(info))


def _container(draft: Draft, result: Item) -> None:
    info, book = _item(result, "journalInfo"), _item(result, "bookOrReportDetails")
    journal = _item(info, "journal")
    draft.container = markup.plain(
        _text(journal.get("title")) or _text(result.get("journalTitle")) or _text(book.get("comprisingTitle"))
    )
    shorts = (_text(journal.get(key)) for key in ("medlineAbbreviation", "isoabbreviation", "ISOAbbreviation"))
    draft.container_short = markup.plain(next(filter(None, shorts), ""))
    draft.publisher = _text(book.get("publisher"))
    issns = [_text(journal.get(key)) for key in ("ISSN", "issn", "ESSN", "essn")]
    draft.issn = [issn for issn in (*issns, *re.split(r"[;,]", _text(result.get("journalIssn")))) if issn.strip()]
    volume = _text(info.get("volume")) or _text(result.get("journalVolume"))
    nlm.set_part(draft, volume, _text(info.get("issue")) or _text(result.get("issue")))
    draft.pages = _text(result.get("pageInfo"))
    draft.issued = _date(result, info)


def _date(result: Item, info: Item) -> PartialDate | None:
    """The date of the issue; where that is a year alone or nothing, the day on which it was first published."""
    printed = read_date(_text(info.get("dateOfPublication"))) or read_date(_text(info.get("yearOfPublication")))
    first = read_date(_text(result.get("firstPublicationDate")))
    electronic = read_date(_text(result.get("electronicPublicationDate"))) or first
    if printed is None and (year := _text(result.get("pubYear"))):
        printed = read_date(year)
        return nlm.better_date(printed, first, only=True)
    return nlm.better_date(printed, electronic, only=_text(result.get("pubModel")).startswith("Electronic"))


def _types(draft: Draft, result: Item, source: str) -> None:
    types = _texts(result, "pubTypeList", "pubType") or re.split(r"\s*;\s*", _text(result.get("pubType")))
    nlm.set_type(draft, types)
    links = [_text(link.get("type")) for link in _items(result, "commentCorrectionList", "commentCorrection")]
    nlm.set_status(draft, links)
    match _SOURCES.get(source):
        case "preprint":
            draft.type = "preprint"
        case "thesis":
            draft.type = draft.type or "thesis"
        case "book":
            draft.type = draft.type or ("chapter" if draft.container else "book")


def _author(draft: Draft, author: Item) -> None:
    """Adds an author, or a group, with affiliations."""
    family, given = _text(author.get("lastName")), _text(author.get("firstName")) or _text(author.get("initials"))
    full, collective = _text(author.get("fullName")), _text(author.get("collectiveName"))
    identifier = _item(author, "authorId")
    orcid = _text(identifier.get("value")) if _text(identifier.get("type")).upper() == "ORCID" else ""
    details = _items(author, "authorAffiliationDetailsList", "authorAffiliation")
    affiliations = [text for one in details if (text := _text(one.get("affiliation")))]
    if not affiliations and (text := _text(author.get("affiliation"))):
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
    """What stands behind the initials in ``Wise JP Sr``; the parts of a name have no place for it."""
    match = re.search(r" (Jr|Sr|2nd|3rd|4th|II|III|IV)$", full.removeprefix(family))
    return match[1] if match else ""
