"""CSL-JSON becomes records: a list of items, one item, or items under ``items`` or by their ids.

It reads the variables of CSL 1.0.2 (appendices III and IV), those that Crossref, Zotero and others add, and the lines
of ``note`` that are variables (``PMID: 24857584``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest import remainder
from digest.cite.items import name_of, type_of
from digest.cite.societies import society_in
from digest.model import Meeting, Person
from digest.names import is_group, person, read_author
from digest.sources.page import Page, each
from digest.sources.shared import markup
from digest.sources.shared.dates import date_of, read_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break
from digest.sources.shared.restoring import restored
from digest.text import RichText, without_control
from digest.vocabulary import means_others

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.model import PartialDate
    from digest.sources.page import Outcome

Item = dict[str, Any]


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each item of a page, or an error for it.

    Raises:
        DigestError: the page is not JSON, from its first item on.
    """
    yield from page.text_problems
    whole, broken = json_until_break(page)
    items = list(_items(whole))

    def outcome_of(numbered: tuple[int, tuple[str, object]]) -> Outcome:
        number, (key, value) = numbered
        if isinstance(value, dict):
            return _item(page, value, key, number)
        message = f"an item is an object such as {{“title”: …}}, this is {_description(value)}"
        return page.problem("error", "no-item", message, place=f"item {number}")

    yield from each(page, enumerate(items, 1), outcome_of, called="item")
    yield from cut_off(page, broken)
    if not items:
        yield page.problem("error", "no-records", "no items found; expected a list of items")


def _items(value: object) -> Iterator[tuple[str, object]]:
    """Each item with its key, if it has one."""
    if isinstance(value, list):
        yield from (("", one) for one in value)
    elif isinstance(value, dict):
        inner = value.get("items", value.get("references"))
        if isinstance(inner, list):
            yield from (("", one) for one in inner)
        elif isinstance(inner, dict) and not _is_item(value):
            yield from inner.items()
        elif not _is_item(value) and all(isinstance(one, dict | list) for one in value.values()):
            for key, one in value.items():
                yield from (("", each) for each in one) if isinstance(one, list) else ((key, one),)
        else:
            yield "", value
    else:
        yield "", value


def _is_item(value: Mapping[str, object]) -> bool:
    return any(isinstance(value.get(name), str) for name in ("type", "title", "DOI", "id", "container-title"))


def _description(value: object) -> str:
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else f"“{str(value)[:40]}”"


def plain_item(value: Item) -> Item:
    """An item as CSL 1.0.2 has it, of one in any form that is read here: names, dates and the event in their variables.

    What only CSL has stays as it is.
    """
    out = {name: _first_text(value, name) if _is_list_of_texts(one) else one for name, one in value.items()}
    draft = Draft(Page(b"", ""), "", b"")
    for variable, people in (("author", draft.authors), ("editor", draft.editors)):
        given = value.get(variable)
        if isinstance(given, str | dict) or (isinstance(given, list) and any(isinstance(one, str) for one in given)):
            if not draft.authors and not draft.editors:
                _add_people(
                    draft, {**value, "editor": [value["editor"]]} if isinstance(value.get("editor"), str) else value
                )
            others = [{"family": "others"}] if variable == "author" and draft.truncated else []
            out[variable] = [*map(name_of, people), *others]
    for variable in ("issued", "event-date"):
        date = value.get(variable)
        odd = isinstance(date, str | int) or (isinstance(date, dict) and not date.get("date-parts"))
        if odd and (found := _dates(date)):
            out[variable] = {"date-parts": [list(one.parts) for one in found]}
    if "event" in value and (meeting := _meeting(value, draft)):
        event = {"event-title": meeting.name, "event-place": meeting.place}
        days = [list(day.parts) for day in (meeting.start, meeting.end) if day]
        event |= {"event-date": {"date-parts": days}} if days else {}  # type: ignore[dict-item]  # a date among texts
        out |= {name: one for name, one in event.items() if one and not out.get(name)}
        out.pop("event")
    return out


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, str) for one in value)


# --- An item ---------------------------------------------------------------------------------------------------------

# Variables that people write into the note because their program has no field for them.
_IN_NOTE: Final = {
    name.lower(): name
    for name in tuple(
        """
        PMID PMCID DOI ISSN ISBN URL event-title event-place event-date genre number container-title
        container-title-short volume issue page publisher language issued type supplement-number
    """.split()
    )
}
_NOTE_LINE: Final = re.compile(r"^[ \t]*\{?:?([A-Za-z][A-Za-z -]{1,30}):[ \t]*([^\n{}]{1,500})\}?[ \t]*$", re.MULTILINE)
_NCT: Final = re.compile(r"\bNCT\d{8}\b")


def _item(page: Page, value: Item, key: str, number: int) -> Outcome:
    name = value.get("id", value.get("citation-key", key))
    identifier = str(name)[:500] if isinstance(name, str) or type(name) in {int, float} else key
    draft = Draft(page, identifier[:200] or f"item {number}", _raw(value), without_control(identifier))
    csl = _with_note(value, draft)
    _fill(draft, csl)
    outcome: Outcome = draft.finish()
    custom = value.get("custom")
    if isinstance(custom, dict) and remainder.MARK in custom:
        outcome = restored(outcome, custom[remainder.MARK], page)
    return outcome


def _raw(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (UnicodeError, ValueError, msgspec.MsgspecError, RecursionError):
        return repr(value)[:100_000].encode("utf-8", "replace")


def _with_note(value: Item, draft: Draft) -> Item:
    note = value.get("note")
    if not isinstance(note, str):
        return value
    out = dict(value)
    for match in _NOTE_LINE.finditer(note[:20_000]):
        variable = _IN_NOTE.get(match[1].strip().lower().replace(" ", "-"))
        if variable and not out.get(variable):
            out[variable] = match[2].strip()
    draft.ids += _NCT.findall(note[:20_000])
    return out


def _first_text(csl: Item, *names: str) -> str:
    """The first of these variables that is not empty, as text; of a list the first entry."""
    for name in names:
        value = csl.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value.strip():
            return value.strip()
        if type(value) in {int, float}:
            return str(value)[:100]
    return ""


def _listed_texts(csl: Item, name: str) -> list[str]:
    value = csl.get(name)
    pieces = value if isinstance(value, list) else re.split(r"[,;]\s*|\s+", value) if isinstance(value, str) else []
    return [str(piece).strip() for piece in pieces if isinstance(piece, str | int) and str(piece).strip()][:50]


def _fill(draft: Draft, csl: Item) -> None:
    draft.type = type_of(
        {
            **csl,
            "type": {
                "journal-article": "article-journal",
                "posted-content": "article",
                "proceedings-article": "paper-conference",
                "book-chapter": "chapter",
            }.get(_first_text(csl, "type"), _first_text(csl, "type")),
        }
    )
    kind = _first_text(csl, "type")
    if kind and draft.type is None:
        draft.type = "other"
    title = read_rich(_first_text(csl, "title"))
    subtitle = read_rich(_first_text(csl, "subtitle"))
    mark = "" if not subtitle else " " if title.plain.endswith((":", "?", "!")) else ": "
    draft.title = RichText.of((*title.nodes, mark, *subtitle.nodes))
    _add_people(draft, csl)
    draft.container = markup.plain(_first_text(csl, "container-title"))
    draft.container_short = markup.plain(_first_text(csl, "container-title-short", "journalAbbreviation"))
    draft.volume = _first_text(csl, "volume")
    draft.issue = _first_text(csl, "issue")
    draft.supplement = _first_text(csl, "supplement-number", "supplement")
    draft.pages = _first_text(csl, "page")
    draft.article_number = _first_text(csl, "article-number")
    number = _first_text(csl, "number")
    if draft.type in {"meeting-abstract", "article", None} or "abstract" in _first_text(csl, "genre").lower():
        draft.number = number
    if number and draft.pages == number and draft.type == "meeting-abstract":
        draft.pages = ""  # `cite.items` fills the page with the number: an abstract is found by it
    draft.publisher = markup.plain(_first_text(csl, "publisher"))
    draft.language = _first_text(csl, "language")
    draft.issued = _issue_date(csl)
    draft.issued_online = next(iter(_dates(csl.get("published-online"))), None)
    draft.meeting = _meeting(csl, draft)
    if abstract := _first_text(csl, "abstract"):
        draft.parts = markup.abstract(abstract)
    draft.issn += _listed_texts(csl, "ISSN")
    draft.ids += [f"ISBN {piece}" for piece in _listed_texts(csl, "ISBN")]
    for variable, label in (("DOI", "doi:"), ("PMID", "PMID:"), ("PMCID", "PMCID:"), ("URL", "")):
        if value := _first_text(csl, variable):
            bare = re.sub(r"^(?:doi|pmid|pmcid)\s{0,3}:\s{0,3}", "", value, flags=re.IGNORECASE) if label else value
            draft.ids.append(bare if re.match(r"https?://", bare) else label + bare)
    keywords = csl.get("keyword", csl.get("keywords"))
    if isinstance(keywords, str):
        draft.keywords += re.split(r";" if ";" in keywords else r",", keywords)
    elif isinstance(keywords, list):
        draft.keywords += [word for word in keywords if isinstance(word, str)]
    if "retract" in _first_text(csl, "status").lower() or "withdrawn" in _first_text(csl, "status").lower():
        draft.status = "withdrawn"


_SPAN: Final = re.compile(r"<span\b([^<>]{0,300})>|</span\s*>", re.IGNORECASE)


def read_rich(text: str) -> RichText:
    """The text of CSL-JSON's rich text, small capitals by style."""
    opened: list[str] = []

    def tag(match: re.Match[str]) -> str:
        if match[1] is None:
            return opened.pop() if opened else ""
        is_small = "small-caps" in match[1].lower()
        opened.append("</sc>" if is_small else "")
        return "<sc>" if is_small else ""

    return markup.inline(_SPAN.sub(tag, text))


# --- People ----------------------------------------------------------------------------------------------------------


def _add_people(draft: Draft, csl: Item) -> None:
    editors: list[Any] = next(
        (csl[name] for name in ("editor", "container-editor") if isinstance(csl.get(name), list)), []
    )
    authors = csl.get("author")
    if isinstance(authors, str):
        draft.add_people(authors)
    elif isinstance(authors, dict):
        authors = [authors]
    for people, as_editor in ((authors, False), (editors, True)):
        for name in people if isinstance(people, list) else ():
            if isinstance(name, str):
                draft.add_people(name, as_editor=as_editor)
            elif isinstance(name, dict):
                _add_name(draft, name, as_editor=as_editor)
            else:
                draft.tell(
                    "warning", "odd-name", f"a name is an object or a text, not {_description(name)}; it was left out"
                )


def _add_name(draft: Draft, name: Item, *, as_editor: bool) -> None:
    family, given, suffix, literal = (
        without_control(_first_text(name, *variables))
        for variables in (("family",), ("given",), ("suffix",), ("literal", "name"))
    )
    particle = " ".join(
        filter(None, (_first_text(name, "dropping-particle"), _first_text(name, "non-dropping-particle")))
    )
    alone = literal or (family if not given else "")
    if means_others(alone):
        draft.truncated = draft.truncated or not as_editor
        return
    places = name.get("affiliation")
    if isinstance(places, str):
        places = [places]
    affiliations = [
        text
        for place in (places if isinstance(places, list) else ())
        if (text := place if isinstance(place, str) else _first_text(place, "name") if isinstance(place, dict) else "")
    ]
    try:
        found = _person(family, given, suffix, particle, literal)
    except ValueError as error:
        draft.tell("warning", "odd-name", f"an author was left out: {error}")
        return
    draft.add_author(found, affiliations, orcid=_first_text(name, "ORCID", "orcid"), as_editor=as_editor)


def _person(family: str, given: str, suffix: str, particle: str, literal: str) -> Person:
    if literal and not family:
        shown = " ".join(markup.plain(literal).split())
        # A literal is a name that its writer could not divide into parts; names of people can be divided.
        words = shown.split()
        if is_group(shown) or not 2 <= len(words) <= 5 or "," in shown or not all(w[0].isalpha() for w in words):
            return Person(literal=shown)
        return read_author(shown).person
    family, given, particle = (" ".join(markup.plain(part).split()) for part in (family, given, particle))
    if not family:
        family, given = given, ""
    if not family:
        raise ValueError("the name is empty")
    if not given and not particle and is_group(family):
        return Person(literal=family)
    if particle:
        made = person(family, given, suffix)
        return Person(family=family, given=made.given, initials=made.initials, particle=particle, suffix=made.suffix)
    return person(family, given, suffix)


# --- Dates -----------------------------------------------------------------------------------------------------------


def _issue_date(csl: Item) -> PartialDate | None:
    for name in ("issued", "published", "published-print", "published-online", "original-date", "posted", "created"):
        if found := _dates(csl.get(name)):
            return found[0]
    return date_of(_first_text(csl, "year")) if csl.get("year") else None


def _dates(value: object) -> list[PartialDate]:
    """One or two dates of a date variable: CSL's parts, Zotero's ``raw``, a ``literal``, or bare text."""
    if isinstance(value, str | int):
        text = str(value)[:100]
        pieces = text.split("/") if re.fullmatch(r"\d{4}-[\d-]{2,5}/\d{4}-[\d-]{2,5}", text) else [text]
        return [date for piece in pieces if (date := read_date(piece))]
    if not isinstance(value, dict):
        return []
    parts = value.get("date-parts")
    out = []
    if isinstance(parts, list):
        rows = parts if parts and isinstance(parts[0], list) else [parts]
        for row in rows[:2]:
            if isinstance(row, list) and row:
                given = [str(part) if type(part) in {str, int, float} else "" for part in row[:3]]
                if date := date_of(*[re.sub(r"\.0$", "", part) for part in given]):
                    out.append(date)
    if out:
        return out
    for name in ("raw", "literal", "date-time"):
        if isinstance(value.get(name), str) and (found := _dates(value[name])):
            return found
    return []


def _meeting(csl: Item, draft: Draft) -> Meeting | None:
    event = csl.get("event")
    inner = event if isinstance(event, dict) else {}
    name = markup.plain(_first_text(csl, "event-title") or _first_text(inner, "name") or _first_text(csl, "event"))
    if not name:
        return None
    name = without_control(name)
    place = without_control(markup.plain(_first_text(csl, "event-place") or _first_text(inner, "location")))
    dates = _dates(csl.get("event-date"))
    if not dates:
        dates = [*_dates(inner.get("start")), *_dates(inner.get("end"))]
    society = society_in(name)
    try:
        return Meeting(
            name=name,
            society=society,
            place=place,
            start=dates[0] if dates else None,
            end=dates[-1] if len(dates) > 1 else None,
        )
    except ValueError as error:
        draft.tell("warning", "odd-date", f"the dates of the meeting were left out: {error}")
        return Meeting(name=name, society=society, place=place)
