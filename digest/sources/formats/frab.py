"""frab's schedules become records, as XML and as JSON: what frab, pretalx, Pentabarf and others publish of a programme.

The forms are those of the schemas in the repository ``voc/schedule`` (``validator/xsd``, ``validator/json``), and what
pretalx and FOSDEM write. A schedule holds only what was accepted.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from lxml import etree
from msgspec import Struct

from digest.model import Meeting
from digest.sources.page import decode, each
from digest.sources.shared import markup, xmlpages
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break
from digest.sources.shared.presentations import presentation_in
from digest.sources.shared.programme import (
    Item,
    Reading,
    abstract_of,
    item,
    items,
    line,
    meeting_of,
    moment_of,
    no_item,
    raw_of,
    set_hours,
    without_private,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from digest.errors import Problem
    from digest.sources.page import Outcome, Page

_READ: Final = frozenset(
    """
    guid id code date start end duration room slug url title subtitle track type language abstract description persons
    logo recording recording_license do_not_record feedback_url origin_url video_download_url
""".split()
)


class _Frame(Struct, kw_only=True):
    """What is said around an event: its meeting and zone, the day and the hour at which days change, and its room."""

    meeting: Meeting | None = None
    zone: str = ""
    day: str = ""
    change: str = ""
    room: str = ""


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each event, and a problem for each that is odd.

    Raises:
        DigestError: the page is neither such XML nor JSON, or declares entities.
    """
    reading = Reading(page)
    if decode(page.head)[0].lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        yield from _parse_json(page, reading)
    else:
        yield from _parse_xml(page, reading)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _parse_json(page: Page, reading: Reading) -> Iterator[Outcome]:
    value, broken = json_until_break(page)
    found = list(_in_json(value))
    if not found:
        yield page.problem("note", "nothing-found", "there are no events in it")

    def outcome_of(numbered: tuple[int, tuple[object, _Frame]]) -> Outcome:
        n, (one, frame) = numbered
        if not isinstance(one, dict):
            return no_item(page, one, n, "event")
        clean = without_private(one)
        persons = [_json_name(person) for person in items(clean.get("persons"))]
        return _record(page, clean, persons, frame, raw_of(clean), n, reading)

    yield from each(page, enumerate(found, 1), outcome_of, called="event")
    yield from reading.problems()
    yield from cut_off(page, broken)


def _in_json(value: object) -> Iterator[tuple[object, _Frame]]:
    outer = item(value)
    conference = item(item(outer.get("schedule", outer)).get("conference"))
    frame = _Frame(meeting=_meeting(conference), zone=line(conference.get("time_zone_name")))
    for day in items(conference.get("days")):
        if not isinstance(day, dict):
            yield day, frame
            continue
        rooms = day.get("rooms")
        date, change = line(day.get("date")), line(day.get("day_start"))
        for name, events in rooms.items() if isinstance(rooms, dict) else []:
            around = _Frame(meeting=frame.meeting, zone=frame.zone, day=date, change=change, room=str(name)[:500])
            for one in items(events):
                yield one, around


def _meeting(conference: Item) -> Meeting | None:
    place = line(conference.get("city")) or line(conference.get("venue"))
    return meeting_of(
        markup.plain(line(conference.get("title"))), place, line(conference.get("start")), line(conference.get("end"))
    )


def _json_name(person: object) -> str:
    if not isinstance(person, dict):
        return line(person)
    names = (line(person.get(key)) for key in ("public_name", "full_public_name", "name", "display_name"))
    return next(filter(None, names), "")


# --- XML -------------------------------------------------------------------------------------------------------------


def _parse_xml(page: Page, reading: Reading) -> Iterator[Outcome]:
    frame = _Frame()
    count = 0
    is_whole = True

    def outcomes_of(found: _Element | Problem) -> list[Outcome]:
        nonlocal count, is_whole
        if not isinstance(found, etree._Element):  # noqa: SLF001 - the type has no other name
            is_whole = False  # pieces are read between the tags around the first one, which has another room and day
            return [found]
        if etree.QName(found).localname == "conference":
            fields = {str(etree.QName(child).localname): _line(child) for child in found.iterchildren(etree.Element)}
            frame.meeting, frame.zone = _meeting(fields), fields.get("time_zone_name", "")
            return []
        count += 1
        return [_of_element(page, found, frame, count, reading, is_whole=is_whole)]

    yield from each(page, xmlpages.elements(page, "event", "conference"), outcomes_of, called="event")
    yield from reading.problems()
    if not count:
        yield page.problem("note", "nothing-found", "there are no events in it")


def _line(element: _Element | None) -> str:
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else ""


def _of_element(page: Page, event: _Element, frame: _Frame, n: int, reading: Reading, *, is_whole: bool) -> Outcome:
    around = _Frame(meeting=frame.meeting, zone=frame.zone)
    if is_whole:
        for above in event.iterancestors():
            match etree.QName(above).localname:
                case "room":
                    around.room = around.room or above.get("name", "")
                case "day":
                    around.day, around.change = above.get("date", ""), above.get("start", "")
    raw = etree.tostring(event, with_tail=False)
    found: dict[str, Any] = {key: event.get(key) for key in ("id", "guid", "code") if event.get(key)}
    persons = []
    for child in event.iterchildren(etree.Element):
        name = str(etree.QName(child).localname)
        if name == "persons":
            persons += [_line(person) for person in child.iterchildren(etree.Element)]
        elif name in {"abstract", "description"}:
            found[name] = "".join(map(str, child.itertext())) if len(child) == 0 else _as_html(child)
        else:
            found.setdefault(name, _line(child))
    return _record(page, found, persons, around, raw, n, reading)


def _as_html(element: _Element) -> str:
    """The content of an element that holds HTML as elements."""
    inner = etree.tostring(element, encoding="unicode", with_tail=False)
    return re.sub(r"^<[^>]*>|</[^>]*>$", "", inner)


# --- An event --------------------------------------------------------------------------------------------------------


def _record(
    page: Page, found: Item, persons: list[str], frame: _Frame, raw: bytes, n: int, reading: Reading
) -> Outcome:
    key = line(found.get("guid")) or line(found.get("id"))
    place = line(found.get("code")) or line(found.get("id"))
    draft = Draft(page, f"event {place[:60] or n}", raw, key[:200])
    draft.type, draft.number, draft.meeting = "meeting-abstract", line(found.get("code")), frame.meeting
    title, below = line(found.get("title")), line(found.get("subtitle"))
    sign = " " if title.endswith((":", "?", "!")) else ": "
    draft.title = markup.inline(f"{title}{sign}{below}" if title and below else title or below)
    draft.parts = abstract_of(found.get("abstract"))
    longer = abstract_of(found.get("description"))
    if longer and draft.parts and longer != draft.parts:
        size = sum(len(part.text.plain) for part in longer)
        draft.tell("note", "body", f"besides the abstract there is a description of {size} characters")
    draft.parts = draft.parts or longer
    for name in persons:
        if name:
            draft.add_author(markup.plain(name))
    draft.track, kind = line(found.get("track")), line(found.get("type"))
    draft.presentation = presentation_in(kind)
    if kind and not draft.presentation:
        reading.look({"type": kind}, ())
    draft.language = line(found.get("language"))
    draft.room = line(found.get("room")) or frame.room
    if (address := line(found.get("url"))).startswith(("http://", "https://")):
        draft.ids.append(address)
    _set_hours(draft, found, frame, reading)
    reading.look(found, _READ)
    return draft.finish()


def _set_hours(draft: Draft, found: Item, frame: _Frame, reading: Reading) -> None:
    """Its own day and hour; or the hour on the day around it, in the zone of the conference."""
    text, hour = line(found.get("date")), line(found.get("start"))
    begin = moment_of(text, frame.zone)
    if begin is None and re.fullmatch(r"\d?\d:\d\d(?::\d\d)?", hour) and (day := (frame.day or text)[:10]):
        hour = hour.zfill(len(hour) + (hour.find(":") == 1))
        begin = moment_of(f"{day}T{hour}", frame.zone)
        change = re.search(r"T(\d\d:\d\d)", frame.change)
        if begin and change and hour[:5] < change[1]:  # the day of a programme ends after midnight
            begin += dt.timedelta(days=1)
        if begin is None:
            message = "hours of presentations were left out, as nothing says in which zone they are (time_zone_name)"
            reading.say("no-zone", message)
            return
    if begin is None and (text or hour):
        draft.tell("warning", "odd-hour", f"“{text[:40]} {hour[:20]}” is not a day and an hour; it was left out")
    set_hours(draft, begin, lasts=_lasts(line(found.get("duration"))))


def _lasts(text: str) -> dt.timedelta | None:
    """``00:45``, ``0:45``, ``00:45:00``; ``1:02:30`` are a day, two hours and a half, as pretalx writes them."""
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?", text, re.ASCII)
    if not match:
        return None
    first, second, third = (int(part or 0) for part in match.groups())
    if match[3] and len(match[1]) == 1:
        return dt.timedelta(days=first, hours=second, minutes=third)
    return dt.timedelta(hours=first, minutes=second, seconds=third)
