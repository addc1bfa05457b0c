"""OpenReview's notes become records: answers of API 2, in which each field is ``content.FIELD.value``, and of API 1.

Which notes are of accepted papers is in ``venueid``: that of the venue itself (“ICLR.cc/2024/Conference”) where a paper
was accepted, one below it (“…/Submission”, “…/Rejected_Submission”) where not; in ``venue`` (“Submitted to …”); or in a
decision among the replies.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from digest.model import Meeting, PartialDate
from digest.sources.page import each
from digest.sources.shared import markup
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break
from digest.sources.shared.markdown import spans
from digest.sources.shared.presentations import presentation_in
from digest.sources.shared.programme import (
    Item,
    Reading,
    abstract_of,
    item,
    items,
    line,
    named,
    no_item,
    raw_of,
    without_private,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.sources.page import Outcome, Page

_READ: Final = frozenset(
    """
    title authors authorids abstract keywords venue venueid doi html pdf _bibtex primary_area paperhash
    supplementary_material submission_guidelines code_of_ethics reciprocal_reviewing anonymous_url
    no_acknowledgement_section
""".split()
)
# The last part of the venueid of what was not accepted, or not yet.
_OPEN: Final = re.compile(
    r"(?:Blind_|Active_)?Submi(?:ssion|tted)\w*|(?:Desk_)?Rejected\w*|Withdrawn\w*|Under_Review|Decision_Pending|Retracted\w*",
    re.IGNORECASE,
)
_OPEN_VENUE: Final = re.compile(
    r"(?:submitted to|under review|(?:desk )?rejected|withdrawn|decision pending)\b|.* submission\s*$", re.IGNORECASE
)
_REPLY: Final = re.compile(
    r"/-/(?:\w*review|\w*comment|\w*decision|\w*rebuttal|\w*withdrawal\w*|\w*desk_rejection\w*|revision)$",
    re.IGNORECASE,
)


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each paper that was accepted or of which nothing says that it was not; a problem for odd ones.

    Raises:
        DigestError: the page is not JSON, from its first item on.
    """
    value, broken = json_until_break(page)
    answer = item(value)
    if "notes" not in answer and line(answer.get("name")).endswith("Error"):
        said = line(answer.get("message"))[:300]
        yield page.problem("error", "openreview-error", f"OpenReview answered with an error instead of notes: {said}")
        return
    reading = Reading(page)
    found = items(answer["notes"]) if "notes" in answer else items(value)
    decisions = dict(_decisions(found))
    if not found:
        yield page.problem("note", "nothing-found", "there are no notes in it")

    def outcome_of(numbered: tuple[int, object]) -> list[Outcome]:
        n, one = numbered
        if not isinstance(one, dict) or not isinstance(one.get("content"), dict):
            return [no_item(page, one, n, "note")]
        return list(_outcomes(page, without_private(one), n, decisions, reading))

    yield from each(page, enumerate(found, 1), outcome_of, called="note")
    yield from reading.problems()
    if found and not broken:
        size = line(answer.get("count"))
        if not page.followed and size.isdecimal() and len(size) < 10 and int(size) > len(found):
            message = f"this is part of a list, {len(found):,} of {int(size):,} notes: save the other parts as well"
            yield page.problem("warning", "incomplete", message)
    yield from cut_off(page, broken)


def _field(content: Item, name: str) -> object:
    """The value of a field, also where it is not in an object of its own (API 1)."""
    value = content.get(name)
    return value.get("value") if isinstance(value, dict) and "value" in value else value


def _texts(content: Item, name: str) -> list[str]:
    value = _field(content, name)
    if isinstance(value, str):
        return [text for piece in re.split(r"\s*[;,\n]\s*", value) if (text := line(piece))]
    return [text for one in items(value) if (text := line(one))]


def _invitations(note: Item) -> list[str]:
    return [line(one) for one in (*items(note.get("invitations")), note.get("invitation")) if line(one)]


def _decisions(found: list[object]) -> Iterator[tuple[str, str]]:
    """The decision about each paper, from replies on the page or with the paper."""
    for note in map(item, found):
        details = item(note.get("details"))
        for reply in map(item, (note, *items(details.get("directReplies")), *items(details.get("replies")))):
            content = item(reply.get("content"))
            decision = line(_field(content, "decision")) or line(_field(content, "recommendation"))
            if decision and any(name.lower().endswith("decision") for name in _invitations(reply)):
                yield line(reply.get("forum")) or line(note.get("forum")) or line(note.get("id")), decision


def _is_reply(note: Item) -> bool:
    forum, key = line(note.get("forum")), line(note.get("id"))
    if (note.get("replyto") or (forum and key and forum != key)) and not line(_field(note["content"], "abstract")):
        return True
    names = _invitations(note)
    return bool(names) and all(_REPLY.search(name) for name in names)


def _state(content: Item, decision: str) -> str:
    """Why a note is not in the programme; nothing where it was accepted, or where nothing says so."""
    place, venue = line(_field(content, "venueid")), line(_field(content, "venue"))
    last = place.rpartition("/")[2]
    if _OPEN.fullmatch(last):
        return last
    if _OPEN_VENUE.match(venue):
        return venue
    if decision and not re.match(r"(?:probably )?accept|invite|oral|poster|spotlight", decision, re.IGNORECASE):
        return decision
    return ""


def _outcomes(page: Page, note: Item, n: int, decisions: Mapping[str, str], reading: Reading) -> Iterator[Outcome]:
    content: Item = note["content"]
    key = line(note.get("id"))
    forum = line(note.get("forum")) or key
    if _is_reply(note):
        reading.leave("replies, such as reviews")
        return
    decision = decisions.get(forum, "")
    if state := _state(content, decision):
        reading.leave(state)
        return
    draft = Draft(page, f"note {key[:60] or n}", raw_of(note), key[:200])
    draft.type = "meeting-abstract"
    draft.title = markup.inline(spans(line(_field(content, "title"))))
    draft.parts = abstract_of(_field(content, "abstract"))
    for one in items(_field(content, "authors")):
        _add_author(draft, one)
    draft.keywords, draft.track = _texts(content, "keywords"), line(_field(content, "primary_area"))
    draft.licence = line(note.get("license"))
    _set_venue(draft, content, decision, reading)
    draft.issued = draft.issued or _day(note.get("pdate"))
    if forum and re.fullmatch(r"[\w-]{4,40}", forum):
        draft.ids.append(f"https://openreview.net/forum?id={forum}")
    for name in ("doi", "html"):
        text = line(_field(content, name))
        if match := re.search(r"\b10\.\d{4,9}/\S+", text):
            draft.ids.append(f"doi:{match[0]}")
    reading.look({name: _field(content, name) for name in content}, _READ)
    yield draft.finish()


def _add_author(draft: Draft, one: object) -> None:
    """A name, or an object with the name and the institutions of the profile."""
    if not isinstance(one, dict):
        if name := line(one):
            draft.add_author(name)
        else:
            draft.tell("warning", "odd-name", "a person without a name was left out")
        return
    name = named(one, "fullname", "name")
    places = []
    for place in map(item, items(one.get("institutions"))):
        text = ", ".join(filter(None, (line(place.get("name")), line(place.get("country")))))
        places += [text] if text else []
    if name:
        draft.add_author(name, places)
    for place, text in zip(map(item, items(one.get("institutions"))), places, strict=False):
        draft.add_institution(text, name=line(place.get("name")))


def _set_venue(draft: Draft, content: Item, decision: str, reading: Reading) -> None:
    """“ICLR 2024 poster” is the meeting of a year and how it was presented; what has no year is a journal."""
    venue, place = line(_field(content, "venue")), line(_field(content, "venueid"))
    draft.presentation = presentation_in(decision)
    if place.startswith(("dblp.org/", "OpenReview.net/")):
        reading.say("other-venue", "some notes are of papers that their authors only listed; check where they appeared")
        draft.type = "article"
        return
    match = re.fullmatch(r"(.{1,200}?\b(?:19|20)\d\d\b)(?P<rest>.{0,80})", venue)
    if match:
        rest = match["rest"]
        draft.presentation = draft.presentation or presentation_in(rest)
        name = match[1] if presentation_in(rest) or not rest.strip() else venue
        draft.meeting = Meeting(name=re.sub(r"\s+(?:spotlight|notable.*)$", "", name, flags=re.IGNORECASE))
    elif venue:
        draft.type, draft.container = "article", re.sub(r"^Accepted (?:by|at) ", "", venue)
    if not (venue or place or decision):
        reading.say(
            "unknown-state", "nothing says of some notes whether they were accepted; check that they belong here"
        )


def _day(value: object) -> PartialDate | None:
    """The day, in UTC, of a number of milliseconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 4 * 10**12:
        return None
    day = dt.datetime.fromtimestamp(value / 1000, dt.UTC)
    return PartialDate(day.year, day.month, day.day)
