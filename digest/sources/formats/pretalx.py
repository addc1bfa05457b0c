"""pretalx's API becomes records: pages of submissions in its version of 2025 and in the one before, and slots.

What the fields are is in pretalx's source (``api.serializers``) and its documentation of the API. Its ``schedule.json``
and ``schedule.xml`` are in frab's form, see `digest.sources.formats.frab`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.merge import flat
from digest.sources.page import each
from digest.sources.shared import markup
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break
from digest.sources.shared.presentations import presentation_in
from digest.sources.shared.programme import (
    Item,
    Reading,
    abstract_of,
    add_custom,
    item,
    items,
    line,
    moment_of,
    no_item,
    raw_of,
    set_hours,
    without_private,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Outcome, Page

_ACCEPTED: Final = frozenset({"", "accepted", "confirmed"})
# Fields that are read, and those that only pretalx needs: keys, and what its reviewers and organisers do.
_READ: Final = frozenset(
    """
    code id title speakers submission_type submission_type_id track track_id tags tag_ids state pending_state abstract
    description duration slot_count content_locale do_not_record image slots slot answers is_featured notes
    internal_notes review_code anonymised_data reviews assigned_reviewers is_anonymised median_score mean_score created
    updated invitations start end room
""".split()
)
_READ_OF_SPEAKER: Final = frozenset(
    "code name biography answers submissions availabilities guid timezone locale".split()
)
_PLACES: Final = frozenset(
    {"affiliation", "affiliations", "institution", "institutions", "organization", "organisation"}
)


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each submission that was accepted or confirmed, and a problem for each that is odd.

    Raises:
        DigestError: the page is not JSON, from its first item on.
    """
    value, broken = json_until_break(page)
    reading = Reading(page)
    answer = item(value)
    found = items(answer["results"]) if "results" in answer else items(value)
    if not found:
        yield page.problem("note", "nothing-found", "there are no submissions in it")

    def outcome_of(numbered: tuple[int, object]) -> list[Outcome]:
        n, one = numbered
        if not isinstance(one, dict):
            return [no_item(page, one, n, "submission")]
        if isinstance(inner := one.get("submission"), dict):  # a slot of a schedule
            one = {**inner, "slots": [{key: part for key, part in one.items() if key != "submission"}]}
        return list(_outcomes(page, without_private(one), n, reading))

    yield from each(page, enumerate(found, 1), outcome_of, called="submission")
    yield from reading.problems()
    if not broken and found and not page.followed:
        size, more = line(answer.get("count")), line(answer.get("next"))
        if more or (size.isdecimal() and len(size) < 10 and int(size) > len(found)):
            message = f"this is one page of a list, {len(found):,} of {size or 'more'}: save its other pages as well"
            yield page.problem("warning", "incomplete", message)
    yield from cut_off(page, broken)


def _text(value: object, locale: str) -> str:
    """A text, or the one of several languages that is that of the submission, English, or the first."""
    if not isinstance(value, dict):
        return line(value)
    texts = [line(value.get(key)) for key in (locale, locale.partition("-")[0], "en")]
    return next((text for text in (*texts, *map(line, value.values())) if text), "")


def _named(value: object, locale: str) -> str:
    """The name of something that is expanded; a text in one or several languages; nothing for a bare number."""
    if isinstance(value, dict) and "name" in value:
        return _text(value["name"], locale)
    return "" if isinstance(value, int | float) else _text(value, locale)


def _outcomes(page: Page, found: Item, n: int, reading: Reading) -> Iterator[Outcome]:
    state = line(found.get("state")).lower()
    if state not in _ACCEPTED:
        reading.leave(state)
        return
    code, locale = line(found.get("code")), line(found.get("content_locale"))
    draft = Draft(page, code[:60] or f"submission {n}", raw_of(found), code[:200])
    draft.type, draft.number, draft.language = "meeting-abstract", code, locale
    draft.title = markup.inline(_text(found.get("title"), locale))
    draft.parts = abstract_of(found.get("abstract"))
    longer = abstract_of(found.get("description"))
    if longer and draft.parts:
        size = sum(len(part.text.plain) for part in longer)
        draft.tell("note", "body", f"besides the abstract there is a description of {size} characters")
    draft.parts = draft.parts or longer
    for one in items(found.get("speakers")):
        _add_speaker(draft, one, reading)
    draft.track, kind = (_named(found.get(key), locale) for key in ("track", "submission_type"))
    for key in ("track", "submission_type"):
        if isinstance(found.get(key), int) and not isinstance(found[key], bool):
            _say_bare(reading)
    every = item(found.get("submission_type"))
    names = (kind, *map(line, (item(every.get("name")) or every).values()))  # in all languages of the event
    draft.presentation = next(filter(None, map(presentation_in, names)), None)
    if kind and not draft.presentation:
        reading.look({"submission_type": kind}, ())
    tags = [item(one) for one in items(found.get("tags"))]
    draft.keywords = [text for one in tags if one.get("is_public") is True and (text := _text(one.get("tag"), locale))]
    add_custom(draft, reading, _answers(found, locale))
    _set_slot(draft, found, locale, reading)
    reading.look(found, _READ)
    yield draft.finish()


def _say_bare(reading: Reading) -> None:
    message = (
        "speakers, tracks or rooms are given as codes and numbers, not by name, and were left out; ask pretalx with "
        "“?expand=speakers,track,submission_type,slots.room,answers.question”"
    )
    reading.say("not-expanded", message)


def _answers(found: Item, locale: str) -> Iterator[tuple[str, object]]:
    """The answers to questions, by the words of the question."""
    for one in map(item, items(found.get("answers"))):
        question = one.get("question")
        asked = question.get("question") if isinstance(question, dict) else None
        if name := _text(asked, locale):
            yield name, one.get("answer")


def _add_speaker(draft: Draft, one: object, reading: Reading) -> None:
    if not isinstance(one, dict):
        _say_bare(reading)
        return
    name = markup.plain(line(one.get("name")))
    if not name:
        draft.tell("warning", "odd-name", "a speaker without a name was left out")
        return
    places = []
    for asked, answer in _answers(one, "en"):
        if flat(asked) in _PLACES and line(answer):
            places.append(line(answer))
        else:
            reading.look({f"“{asked[:60]}”": answer}, ())
    draft.add_author(name, places)
    reading.look(one, _READ_OF_SPEAKER, "speakers.")


def _set_slot(draft: Draft, found: Item, locale: str, reading: Reading) -> None:
    """The first slot; a later one of the same submission is a repetition."""
    slots = [one for one in items(found.get("slots")) or items(found.get("slot")) if isinstance(one, dict)]
    if any(isinstance(one, int) for one in items(found.get("slots"))):
        _say_bare(reading)
    timed = [(begin, slot) for slot in slots if (begin := moment_of(line(slot.get("start"))))]
    for slot in slots:
        if line(slot.get("start")) and not moment_of(line(slot.get("start"))):
            text = line(slot.get("start"))[:60]
            draft.tell("warning", "odd-hour", f"“{text}” is not a day and an hour with a zone; it was left out")
    if len(timed) > 1:
        draft.tell("note", "slots", f"it is presented {len(timed)} times; the first time was taken")
    if timed:
        begin, slot = min(timed, key=lambda pair: pair[0])
        set_hours(draft, begin, moment_of(line(slot.get("end"))))
        slots = [slot]
    if slots:
        draft.room = _named(slots[0].get("room"), locale)
        if isinstance(slots[0].get("room"), int):
            _say_bare(reading)
