"""The presentations of an issue as a calendar (iCalendar, RFC 5545): who speaks when and where."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from digest.errors import Problem
from digest.model import moment
from digest.outputs.source import Lack, Made
from digest.render.context import DigestEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icalendar import Event

    from digest.outputs.items import Item
    from digest.outputs.source import Source
    from digest.project import Issue

_NAME: Final = "programme.ics"
_LISTED: Final = 5  # abstracts that a note names


def lacking(issue: Issue) -> Iterator[Lack]:
    """That no record says when it was presented."""
    shown = (entry.record for section in issue.head.sections for entry in section.entries if entry.record)
    if not any(issue.records[key].begins for key in shown):
        message = "no record says when it was presented; the keys “begins” and “ends” of a record do"
        yield Lack(message, issue.shown("issue.yaml"))


def make(source: Source) -> Made:
    """An event for each abstract whose hour is known; a note about those whose hour is not."""
    import icalendar

    publication = source.issue.publication
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//digest//programme//EN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", f"{publication.title}: {source.context.full_title}")
    calendar.add("x-wr-calname", f"{publication.title}: {source.context.full_title}")
    without = []
    for item in source.items:
        if not isinstance(item.entry, DigestEntry):
            continue
        if item.record.begins:
            calendar.add_component(_event(item, source))
        else:
            without.append(item.entry.number or item.key)
    problems = []
    if without:
        more = f" and {len(without) - _LISTED} more" if len(without) > _LISTED else ""
        message = f"these abstracts are not in {_NAME}, because it is not known when they were presented: "
        message += ", ".join(without[:_LISTED]) + more
        file = source.issue.shown("issue.yaml")
        problems.append(Problem(level="note", code="output-leaves-out", message=message, file=file))
    return Made({_NAME: calendar.to_ical(sorted=True)}, tuple(problems))


def _event(item: Item, source: Source) -> Event:
    """The event of one presentation. Hours are written in UTC, so that they hold wherever the calendar is read."""
    import icalendar

    record, head = item.record, source.issue.head
    event = icalendar.Event()
    issued = dt.datetime.combine(dt.date.fromisoformat(str(head.date)), dt.time(), dt.UTC)
    event.add("uid", str(uuid5(NAMESPACE_URL, f"{source.issue.publication.title} {head.date} {item.key}")))
    event.add("dtstamp", issued)  # no clock: when the issue was published
    event.add("sequence", head.edition - 1)
    assert record.begins
    event.add("dtstart", moment(record.begins).astimezone(dt.UTC))
    if record.ends:
        event.add("dtend", moment(record.ends).astimezone(dt.UTC))
    number = f"{record.number} " if record.number else ""
    event.add("summary", f"{number}{record.title.plain}")
    if record.room:
        event.add("location", record.room)
    authors = ", ".join(person.full for person in record.authors)
    said = [part for part in (record.session, record.presented, authors) if part]
    if said:
        event.add("description", "\n".join(said))
    if record.track:
        event.add("categories", [record.track])
    if address := item.url or record.ids.url or (record.ids.doi and f"https://doi.org/{record.ids.doi}"):
        event.add("url", address)
    event.add("status", "CANCELLED" if record.status == "withdrawn" else "CONFIRMED")
    return event
