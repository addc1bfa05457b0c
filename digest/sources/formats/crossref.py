"""Crossref's REST JSON becomes records: a work, a list of works, or bare items of either.

Nothing in it is trusted to have the type that its documentation says: a value of another type is left out and reported.
Subjects are not used as keywords: they describe the journal, not the work.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest import trials
from digest.cite.tokens import read_dates
from digest.model import InconsistentError, Meeting, Person
from digest.names import person
from digest.sources.page import each
from digest.sources.shared import markup
from digest.sources.shared.dates import date_of, exact_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break, kind_of, scalar_text
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.model import PartialDate, RecordType
    from digest.sources.page import Outcome, Page

Item = dict[str, Any]


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each work on a page.

    Raises:
        DigestError: the page is not JSON, from its first item on.
    """
    value, broken = json_until_break(page)
    if isinstance(value, dict) and (refusal := _refusal(value)):
        yield page.problem("error", "crossref-error", f"Crossref answered with an error instead of works: {refusal}")
        return
    works = list(_works(value))
    if not works:
        yield page.problem("note", "nothing-found", "Crossref found no works for this question")

    def outcome_of(numbered: tuple[int, object]) -> Outcome:
        n, work = numbered
        if isinstance(work, dict):
            return _work(page, work, n)
        message = f"expected a work with its title and DOI, found {kind_of(work)}"
        return page.problem("error", "no-work", message, place=f"item {n}")

    yield from each(page, enumerate(works, 1), outcome_of, called="item")
    inner = value.get("message") if isinstance(value, dict) else None
    if isinstance(inner, dict) and works and not broken:
        yield from page.incomplete(len(works), scalar_text(inner.get("total-results")))
    yield from cut_off(page, broken)


def _refusal(value: Item) -> str:
    message = value.get("message")
    if value.get("status") not in (None, "ok") and not (isinstance(message, dict) and message.get("items")):
        return str(message if message is not None else value.get("status"))[:300]
    if isinstance(message, str):
        return message[:300]
    return ""


def _works(value: object) -> Iterator[object]:
    """The works in an answer, in a list of answers or of works, or in one work."""
    for one in value if isinstance(value, list) else [value]:
        inner = one.get("message", one) if isinstance(one, dict) else one
        if isinstance(inner, dict) and "items" in inner and "DOI" not in inner:
            yield from inner["items"] if isinstance(inner["items"], list) else [inner["items"]]
        elif isinstance(inner, list):
            yield from inner
        else:
            yield inner


# --- Values of any type ----------------------------------------------------------------------------------------------


def _scalar_texts(value: object) -> list[str]:
    return [text for one in (value if isinstance(value, list) else [value]) if (text := scalar_text(one))]


def _first_text(value: object) -> str:
    return next(iter(_scalar_texts(value)), "")


def _items(value: object) -> list[Item]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]


def _item(value: object) -> Item:
    return value if isinstance(value, dict) else {}


def _date(value: object) -> PartialDate | None:
    """The date in ``{"date-parts": [[2021, 5, 20]]}``, or in the same without its braces."""
    parts = value.get("date-parts") if isinstance(value, dict) else value
    while isinstance(parts, list) and parts and isinstance(parts[0], list):
        parts = parts[0]
    if not isinstance(parts, list) or not parts:
        return None
    return date_of(*(scalar_text(part) for part in (*parts, None, None)[:3]))


# --- A work ----------------------------------------------------------------------------------------------------------

# Types of Crossref's input schema 5.3.1; a journal's article may be a meeting abstract, as its DOI or number shows.
_TYPES: Final[Mapping[str, RecordType]] = {
    "proceedings-article": "article",
    "book-chapter": "chapter",
    "book-section": "chapter",
    "book-part": "chapter",
    "book-track": "chapter",
    "reference-entry": "chapter",
    "book": "book",
    "monograph": "book",
    "edited-book": "book",
    "reference-book": "book",
    "book-set": "book",
    "book-series": "book",
    "proceedings": "book",
    "report": "report",
    "report-component": "report",
    "report-series": "report",
    "standard": "report",
    "dissertation": "thesis",
    "posted-content": "preprint",
    "dataset": "dataset",
    "database": "dataset",
    "peer-review": "other",
    "component": "other",
    "journal": "other",
    "journal-issue": "other",
    "journal-volume": "other",
    "grant": "other",
    "other": "other",
}


def _work(page: Page, work: Item, n: int) -> Outcome:
    doi = scalar_text(work.get("DOI"))
    draft = Draft(page, doi[:200] or f"item {n}", msgspec.json.encode(work), doi)
    draft.type = _TYPES.get(scalar_text(work.get("type")))
    _names_of_things(draft, work)
    for field, editors in (("author", False), ("editor", True)):
        people = work.get(field)
        if people is not None and not isinstance(people, list):
            draft.tell("warning", "odd-value", f"expected a list of people in “{field}”, found {kind_of(people)}")
        for one in people if isinstance(people, list) else []:
            _contributor(draft, one, as_editor=editors)
    draft.container, *more = (markup.plain(text) for text in _scalar_texts(work.get("container-title"))[:5] or [""])
    if more:
        draft.tell("note", "containers", f"besides “{draft.container}” it is in “{'”, “'.join(more)}”"[:400])
    draft.container_short = markup.plain(_first_text(work.get("short-container-title")))
    if draft.type == "preprint":
        institution = next((_first_text(one.get("name")) for one in _items(work.get("institution"))), "")
        draft.container = draft.container or institution or scalar_text(work.get("group-title"))
    draft.volume = scalar_text(work.get("volume"))
    draft.issue = scalar_text(work.get("issue")) or scalar_text(_item(work.get("journal-issue")).get("issue"))
    draft.pages, draft.article_number = scalar_text(work.get("page")), scalar_text(work.get("article-number"))
    draft.publisher, draft.language = (
        markup.plain(scalar_text(work.get("publisher"))),
        scalar_text(work.get("language")),
    )
    draft.issued, draft.issued_online = _issue_date(work), _date(work.get("published-online"))
    if not draft.issued and work.get("issued") not in (None, {}, {"date-parts": [[None]]}):
        draft.tell("note", "odd-date", f"“{str(work['issued'])[:60]}” is not a date; it was left out")
    draft.meeting = _meeting(draft, work.get("event"))
    _add_identifiers(draft, work, doi)
    draft.licence = _licence(work.get("license"))
    _status(draft, work)
    _add_abstract(draft, work.get("abstract"), doi)
    return draft.finish()


def _names_of_things(draft: Draft, work: Item) -> None:
    titles = _scalar_texts(work.get("title"))
    title = markup.inline(titles[0]) if titles else RichText()
    if others := [text for text in dict.fromkeys(titles[1:]) if text != titles[0]]:
        shown = "”, “".join(text[:100] for text in others[:3])
        draft.tell("note", "titles", f"there are {len(titles)} titles; besides the first: “{shown}”")
    for subtitle in map(markup.inline, _scalar_texts(work.get("subtitle"))[:3]):
        if subtitle and subtitle.plain.lower() not in title.plain.lower():
            sign = " " if title.plain.endswith((":", "?", "!", ".", "—")) else ": "
            title = RichText.of((*title.nodes, sign, *subtitle.nodes)) if title else subtitle
    if not title:
        title = markup.inline(_first_text(work.get("original-title")) or _first_text(work.get("short-title")))
    draft.title = title


def _contributor(draft: Draft, one: object, *, as_editor: bool) -> None:
    if isinstance(one, str):
        draft.add_author(one, as_editor=as_editor)
        return
    if not isinstance(one, dict):
        draft.tell("warning", "odd-name", f"expected a person, found {kind_of(one)}; it was left out")
        return
    family, given = (markup.plain(scalar_text(one.get(field))) for field in ("family", "given"))
    group = markup.plain(scalar_text(one.get("name")) or scalar_text(one.get("literal")))
    places = [_affiliation(place) for place in _items(one.get("affiliation"))]
    places += _scalar_texts(one.get("affiliation"))
    try:
        if family:
            name: Person | str = person(family, given, markup.plain(scalar_text(one.get("suffix"))))
        elif group:
            name = Person(literal=group)
        else:
            name = given
    except ValueError:
        name = family or given
    draft.add_author(name, [] if as_editor else places, orcid=scalar_text(one.get("ORCID")), as_editor=as_editor)


def _affiliation(place: Item) -> str:
    """The name of an institution and where it is; a mark that is attached to it, as in ``1Department``, is left out."""
    name = re.sub(r"^\d{1,2}\s?(?=[A-Z][a-z])", "", _first_text(place.get("name")))
    parts = [*_scalar_texts(place.get("department")), name, *_scalar_texts(place.get("place"))]
    return ", ".join(part for n, part in enumerate(parts) if part and (part == name or part not in name))


def _issue_date(work: Item) -> PartialDate | None:
    """The date of print before that of the web: a volume of 2003 that went online in 2005 is of 2003."""
    fields = ("published-print", "issued", "published-online", "published", "posted", "published-other", "created")
    dates = [_date(work.get(field)) for field in fields[:-1]]
    dates += [_date(_item(work.get("journal-issue")).get(field)) for field in fields[:1]]
    known = [date for date in dates if date]
    return exact_date(known[0], known) if known else None


def _meeting(draft: Draft, event: object) -> Meeting | None:
    """The event; its name may hold days and place: ``Proceedings: Meeting of Ducks; April 5-9, 2014; York, UK``."""
    given = {"name": event} if isinstance(event, str) else _item(event)
    whole, place, acronym = (markup.plain(scalar_text(given.get(field))) for field in ("name", "location", "acronym"))
    sponsor = _first_text(given.get("sponsor"))
    society = next((word for word in (sponsor, acronym) if re.fullmatch(r"[A-Z]{3,6}", word)), "")
    start, end = _date(given.get("start")), _date(given.get("end"))
    name, *others = (piece.strip() for piece in whole[:500].split(";"))
    for other in others:
        try:
            spans = read_dates(other)
        except ValueError:
            place = place or other
        else:
            start, end = start or spans[0][0], end or spans[-1][1]
    name = re.sub(r"^(?:proceedings|abstracts)\s?:\s?(?=\S)", "", name, flags=re.IGNORECASE) or acronym
    if not name:
        return None
    try:
        return Meeting(name=name, society=society, place=place, start=start, end=end)
    except InconsistentError as error:
        draft.tell("warning", "odd-date", f"the dates of the meeting are left out: {error}")
        return Meeting(name=name, society=society, place=place)


def _add_identifiers(draft: Draft, work: Item, doi: str) -> None:
    if doi:
        draft.ids.append(doi)
    elif work.get("DOI") is not None:
        draft.tell("warning", "odd-value", f"expected a DOI, found {kind_of(work['DOI'])}")
    page = scalar_text(_item(_item(work.get("resource")).get("primary")).get("URL"))
    for address in (page, scalar_text(work.get("URL"))):
        if re.match(r"https?://(?!(?:dx\.)?doi\.org/)", address):
            draft.ids.append(address)
    draft.ids += [f"PMID:{text}" for text in _scalar_texts(work.get("PMID"))]
    for field, kinds in (("ISSN", "issn-type"), ("ISBN", "isbn-type")):
        typed = sorted(_items(work.get(kinds)), key=lambda one: one.get("type") != "print")
        values = list(
            dict.fromkeys([*(scalar_text(one.get("value")) for one in typed), *_scalar_texts(work.get(field))])
        )
        if field == "ISSN":
            draft.issn = [value for value in values if value]
        else:
            # A book has one for each binding; any of them finds it.
            draft.ids += [f"ISBN {re.sub(r'^https?://.{0,60}/', '', value)}" for value in values[:1] if value]
    for trial in _items(work.get("clinical-trial-number")):
        number = scalar_text(trial.get("clinical-trial-number"))
        found = [one.number for one in trials.find(number)]
        draft.ids += found
        if number and not found:
            draft.tell("note", "trial", f"it is registered as {number[:80]}, which no known registry has")


def _licence(value: object) -> str:
    """The licence of the version of record; that for text mining says nothing about printing."""
    order = {"vor": 0, "unspecified": 1, "am": 2}
    found = sorted(
        (rank, scalar_text(one.get("URL")))
        for one in _items(value)
        if (rank := order.get(scalar_text(one.get("content-version")), 9 if one.get("content-version") else 1)) < 9
    )
    return found[0][1] if found else ""


def _status(draft: Draft, work: Item) -> None:
    """Whether a notice says that this work was taken back or corrected (``updated-by``, ``relation``)."""
    relations = work.get("relation")
    words = {scalar_text(one.get("type")).lower() for one in _items(work.get("updated-by"))}
    words |= set(relations) if isinstance(relations, dict) else set()
    title = draft.title.plain
    if words & {"retraction", "withdrawal", "removal", "is-retracted-by"} or re.match(
        r"\W?(?:RETRACTED|WITHDRAWN)\b", title
    ):
        draft.status = "withdrawn"
    elif words & {"correction", "corrigendum", "erratum", "new_version", "is-corrected-by"}:
        draft.status = "corrected"


def _add_abstract(draft: Draft, value: object, doi: str) -> None:
    if value is not None and not isinstance(value, str | list):
        draft.tell("warning", "odd-value", f"expected the abstract as a text, found {kind_of(value)}")
    text = "\n\n".join(_scalar_texts(value)) if isinstance(value, list) else scalar_text(value)
    if not text:
        return
    found = markup.blocks(text)
    first = found[0].text.plain.strip(" #.") if found else ""
    numbered = len(found) > 1 and re.fullmatch(r"[A-Za-z]{0,5}\d{1,6}", first)
    # ASCO's abstracts begin with a paragraph that holds only the number, which is also the page and the end of the DOI.
    if numbered and (first == draft.pages.partition("-")[0] or doi.lower().endswith(f".{first.lower()}")):
        draft.number, found = first, found[1:]
    draft.parts = markup.parts(found)
