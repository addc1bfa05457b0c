"""Indico's JSON becomes records: abstracts and contributions as managers export them, and answers of its HTTP API.

What the fields are is in Indico 3's source: ``AbstractSchema``, ``FullContributionSchema``, and the serializers of
``events.export`` for the HTTP API. Authors are those of whom Indico says so; who only speaks counts as an author where
there is no other.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from digest.names import person
from digest.sources.page import each
from digest.sources.shared import markup
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break, kind_of
from digest.sources.shared.presentations import presentation_in
from digest.sources.shared.programme import (
    Item,
    Reading,
    abstract_of,
    add_custom,
    item,
    items,
    line,
    meeting_of,
    moment_of,
    named,
    no_item,
    raw_of,
    set_hours,
    without_private,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Meeting, Person
    from digest.sources.page import Outcome, Page

# Fields that are read, and those that only Indico needs: keys, days of the review and who did what in it.
_READ: Final = frozenset(
    """
    id db_id friendly_id title content description state persons accepted_track accepted_contrib_type custom_fields
    code abstract_id keywords room_name venue_name start_dt end_dt duration session session_block track type
    submitter judge modified_by submitted_dt modified_dt judgment_dt submitted_contrib_type submitted_for_tracks
    reviewed_for_tracks duplicate_of merged_into reviews comments score inherit_location
    _type _fossil startDate endDate room roomFullname location url speakers primaryauthors coauthors references
    allowed creationDate modificationDate submission_comment judgment_comment
""".split()
)
_READ_OF_PERSON: Final = frozenset(
    """
    id db_id person_id first_name last_name full_name fullName familyName firstName name title affiliation
    affiliation_link is_speaker author_type roles _type _fossil display_order
""".split()
)


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each abstract that was accepted, or for each contribution, and a problem for each that is odd.

    Raises:
        DigestError: the page is not JSON, from its first item on.
    """
    value, broken = json_until_break(page)
    reading = Reading(page)
    found = list(_found(value))
    if not found:
        yield page.problem("note", "nothing-found", "there are no abstracts and no contributions in it")

    def outcome_of(numbered: tuple[int, tuple[object, Meeting | None]]) -> list[Outcome]:
        n, (one, meeting) = numbered
        if not isinstance(one, dict):
            return [no_item(page, one, n, "abstract")]
        if one.get("_type") == "Conference" or (
            "category" in one and "contributions" not in one and "persons" not in one
        ):
            message = "this is an event without its contributions; ask Indico with “?detail=contributions”"
            return [page.problem("error", "no-contributions", message, place=line(one.get("title"))[:100])]
        return list(_outcomes(page, without_private(one), n, meeting, reading))

    yield from each(page, enumerate(found, 1), outcome_of, called="item")
    yield from reading.problems()
    yield from cut_off(page, broken)


def _found(value: object) -> Iterator[tuple[object, Meeting | None]]:
    """Each abstract or contribution, with the meeting of the event that it is in, where that is named."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            yield one, None
        elif "abstracts" in one:
            yield from ((inner, None) for inner in items(one["abstracts"]))
        elif "results" in one:
            for event in items(one["results"]):
                yield from _of_event(event)
        elif "contributions" in one or "sessions" in one:
            yield from _of_event(one)
        elif one:
            yield one, None


def _of_event(event: object) -> Iterator[tuple[object, Meeting | None]]:
    if not isinstance(event, dict) or not ({"contributions", "sessions"} & set(event)):
        yield event, None
        return
    start, end = (line(item(event.get(key)).get("date")) for key in ("startDate", "endDate"))
    meeting = meeting_of(markup.plain(line(event.get("title"))), line(event.get("location")), start, end)
    for one in items(event.get("contributions")):
        yield one, meeting
    for session in items(event.get("sessions")):
        for one in items(item(session).get("contributions")):
            yield one, meeting


def _outcomes(page: Page, found: Item, n: int, meeting: Meeting | None, reading: Reading) -> Iterator[Outcome]:
    state = line(found.get("state")).lower()
    if state not in {"", "accepted"}:
        reading.leave(state)
        return
    number = line(found.get("code")) or line(found.get("friendly_id"))
    key = line(found.get("db_id")) or line(found.get("id"))
    draft = Draft(page, f"#{number[:60]}" if number else f"item {n}", raw_of(found), key[:200])
    draft.type, draft.number, draft.meeting = "meeting-abstract", number, meeting
    draft.title = markup.inline(line(found.get("title")))
    draft.parts = abstract_of(found.get("content") or found.get("description"))
    _add_people(draft, found, reading)
    draft.track = named(found.get("accepted_track") or found.get("track"), "title")
    kind = named(found.get("accepted_contrib_type") or found.get("type"), "name")
    draft.presentation = presentation_in(kind)
    if kind and not draft.presentation:
        reading.look({"type": kind}, ())
    draft.keywords = [word for one in items(found.get("keywords")) if (word := line(one))]
    custom = (item(one) for one in items(found.get("custom_fields")))
    add_custom(draft, reading, ((line(one.get("name")), one.get("value")) for one in custom))
    _set_place(draft, found, reading)
    _add_identifiers(draft, found)
    reading.look(found, _READ)
    yield draft.finish()


def _add_people(draft: Draft, found: Item, reading: Reading) -> None:
    """The primary authors before the co-authors, each group in its order."""
    groups: dict[str, list[object]] = {"primary": [], "secondary": [], "speaker": []}
    people = found.get("persons")
    if people is not None and not isinstance(people, list):
        draft.tell("warning", "odd-value", f"expected a list of people in “persons”, found {kind_of(people)}")
    for one in items(people):
        kind = line(item(one).get("author_type")).lower()
        kind = {"1": "primary", "2": "secondary"}.get(kind, kind)
        if kind in groups:
            groups[kind].append(one)
        elif item(one).get("is_speaker") or not isinstance(one, dict):
            groups["speaker"].append(one)
        else:
            reading.look({"persons who are neither author nor speaker": 1}, ())
    groups["primary"] += items(found.get("primaryauthors"))
    groups["secondary"] += items(found.get("coauthors"))
    groups["speaker"] += items(found.get("speakers"))
    authors = [*groups["primary"], *groups["secondary"]]
    for one in authors or groups["speaker"]:
        _add_person(draft, one, reading)
    written = {_name_of(item(one)) for one in authors}
    others = [one for one in groups["speaker"] if authors and _name_of(item(one)) not in written]
    if others:
        names = ", ".join(" ".join(_name_of(item(one))).strip()[:60] for one in others[:5])
        draft.tell("note", "speaker", f"who presents it is not one of its authors: {names}")


def _name_of(one: Item) -> tuple[str, str]:
    """Given and family name, or the whole name as the second."""
    given, family = (line(one.get(key)) for key in ("first_name", "last_name"))
    if not family:
        given, family = (line(one.get(key)) for key in ("firstName", "familyName"))
    return (given, family) if family else ("", line(one.get("full_name")) or line(one.get("fullName")) or given)


def _add_person(draft: Draft, one: object, reading: Reading) -> None:
    if not isinstance(one, dict):
        draft.tell("warning", "odd-name", f"expected a person, found {kind_of(one)}; it was left out")
        return
    given, family = _name_of(one)
    place = line(one.get("affiliation"))
    who: str | Person
    try:
        who = person(family, given) if given else family
    except ValueError as error:
        draft.tell("warning", "odd-name", f"an author was left out: {error}")
        return
    if not who:
        draft.tell("warning", "odd-name", "a person without a name was left out")
        return
    draft.add_author(who, [place] if place else [])
    link = item(one.get("affiliation_link"))
    if place and link:
        ror = re.search(r"ror\.org/(0[a-z0-9]{6}\d\d)\b", str(item(link.get("meta"))))
        draft.add_institution(
            place,
            name=line(link.get("name")),
            city=line(link.get("city")),
            country=line(link.get("country_name")),
            ror=ror[1] if ror else "",
        )
    reading.look(one, _READ_OF_PERSON, "persons.")


def _set_place(draft: Draft, found: Item, reading: Reading) -> None:
    session, block = named(found.get("session"), "title"), named(found.get("session_block"), "title")
    draft.session = f"{session}: {block}" if block and block != session and session else session or block
    draft.room = line(found.get("room_name")) or line(found.get("roomFullname")) or line(found.get("room"))
    venue = line(found.get("venue_name")) or line(found.get("location"))
    if not draft.room:
        draft.room = venue
    elif venue:
        reading.look({"venue_name" if "venue_name" in found else "location": venue}, ())
    begin, end = _moment(found.get("start_dt")), _moment(found.get("end_dt"))
    if begin is None:
        begin, end = _moment(found.get("startDate")), _moment(found.get("endDate"))
    given = found.get("start_dt") or found.get("startDate")
    if given and begin is None:
        draft.tell("warning", "odd-hour", f"“{str(given)[:80]}” is not a day and an hour with a zone; it was left out")
    seconds = found.get("duration") if "start_dt" in found else None
    lasts = None
    if isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < 10**7:
        lasts = dt.timedelta(seconds=int(seconds))
    set_hours(draft, begin, end, lasts)


def _moment(value: object) -> dt.datetime | None:
    """``2014-05-31T11:15:00+00:00``, or an object with ``date``, ``time`` and ``tz``."""
    if isinstance(value, dict):
        return moment_of(f"{line(value.get('date'))}T{line(value.get('time'))[:8]}", line(value.get("tz")))
    return moment_of(line(value))


def _add_identifiers(draft: Draft, found: Item) -> None:
    if (address := line(found.get("url"))).startswith(("http://", "https://")):
        draft.ids.append(address)
    for one in map(item, items(found.get("references"))):
        if line(one.get("type")).upper() == "DOI" and (text := line(one.get("value"))):
            draft.ids.append(text if "doi" in text.lower() else f"doi:{text}")
