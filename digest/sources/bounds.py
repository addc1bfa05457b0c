"""How much of a record is kept: no field of a real abstract comes near these bounds, what is cut is reported.

They are far above what has been printed: the longest list of authors is one of some 15,000 names (COVIDSurg, 2021), an
article of 2015 has 5,154 authors from 344 institutes (Physical Review Letters 114, 191803), and no title in PubMed is
longer than a few thousand characters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.model import Institution, Person, Record
    from digest.sources.page import Page, Parsed

MOST: Final[Mapping[str, int]] = {
    "authors": 20_000,
    "affiliations": 5_000,
    "editors": 1_000,
    "abstract": 200,
    "keywords": 2_000,
    "formulas": 2_000,
}
"""How many of each are kept."""
LONGEST: Final[Mapping[str, int]] = {
    "title": 10_000,
    "abstract": 200_000,
    "affiliations": 10_000,
    "authors": 1_000,
    "editors": 1_000,
    "keywords": 1_000,
}
"""How many characters are kept of a title, affiliation, name or keyword, and of the parts of an abstract in all."""
OTHERS: Final = 2_000
"""How many characters are kept of every other field; an identifier or address that is longer is left out."""
FORMULA: Final = 20_000
"""How long a formula may be, as MathML or TeX; of a longer one its text is kept."""
REGISTRATIONS: Final = 200
"""How many registrations of trials are kept, in the registry of the USA and in all others."""
_NAMES: Final = ("family", "given", "initials", "particle", "suffix", "literal")
_TEXTS: Final = (
    "container",
    "container_short",
    "volume",
    "issue",
    "supplement",
    "pages",
    "number",
    "track",
    "session",
    "room",
    "publisher",
)


def bounded(parsed: Parsed, page: Page) -> Parsed:
    """A record of which no field is longer than its bound, with a warning for each field that was cut.

    Args:
        parsed: a record as its format gave it.
        page: where it was read.
    """
    record = parsed.record
    changed: dict[str, Any] = {}
    said: list[str] = []
    for name, most in MOST.items():
        given = getattr(record, name)
        if len(given) > most:
            changed[name] = given[:most]
            said.append(f"{name}: {most:,} of {len(given):,} were kept")
    if "authors" in changed:
        changed["authors_truncated"] = True
    for name, short in _shortened(record, changed):
        changed[name] = short
        said.append(f"{name}: what is longer than {LONGEST.get(name, OTHERS):,} characters was cut")
    for name, kept, why in _left_out(record, changed):
        changed[name] = kept
        said.append(f"{name}: {why}")
    if not said:
        return parsed
    if "affiliations" in changed:
        last = len(changed["affiliations"])
        kept = changed.get("institutions", record.institutions)
        changed["institutions"] = tuple(one for one in kept if one.affiliation <= last)
        for name in ("authors", "editors"):
            changed[name] = tuple(_with_marks_to(last, person) for person in changed.get(name, getattr(record, name)))
    name = f"#{record.number}" if 0 < len(record.number) <= 40 else f"“{record.title.shortened(80).plain}”"
    problems = [page.problem("warning", "cut", f"{name}: {text}", place=name) for text in said]
    record = msgspec.structs.replace(record, **changed)
    return msgspec.structs.replace(parsed, record=record, problems=(*parsed.problems, *problems))


def _shortened(record: Record, changed: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each field that has something too long in it, with this cut."""
    if len(record.title.plain) > LONGEST["title"]:
        yield "title", record.title.shortened(LONGEST["title"])
    for name in ("affiliations", "keywords", "authors", "editors", "abstract"):
        given = changed.get(name, getattr(record, name))
        most = LONGEST[name]
        short = _parts(given, most) if name == "abstract" else tuple(_short(value, most) for value in given)
        if short != given:
            yield name, short
    for name in _TEXTS:
        if len(text := getattr(record, name)) > OTHERS:
            yield name, _cut(text, OTHERS)
    if (short := tuple(map(_short_institution, record.institutions))) != record.institutions:
        yield "institutions", short
    meeting = record.meeting
    if meeting and max(map(len, (meeting.name, meeting.society, meeting.place))) > OTHERS:
        texts = {name: _cut(getattr(meeting, name), OTHERS) for name in ("name", "society", "place")}
        yield "meeting", msgspec.structs.replace(meeting, **texts)


def _left_out(record: Record, changed: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Each field of which something is too long to be used at all, without this, and why."""
    formulas = changed.get("formulas", record.formulas)
    short = tuple(formula for formula in formulas if len(formula.source) <= FORMULA)
    if short != formulas:
        yield "formulas", short, f"those of more than {FORMULA:,} characters are printed as their text"
    ids = record.ids
    long = [name for name in ("doi", "url") if len(getattr(ids, name) or "") > OTHERS]
    many = [name for name in ("nct", "trials") if len(getattr(ids, name)) > REGISTRATIONS]
    if long or many:
        kept = {**dict.fromkeys(long), **{name: getattr(ids, name)[:REGISTRATIONS] for name in many}}
        why = (
            f"identifiers of more than {OTHERS:,} characters and more than {REGISTRATIONS} registrations were left out"
        )
        yield "ids", msgspec.structs.replace(ids, **kept), why


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _short(value: Any, most: int) -> Any:  # noqa: ANN401 - a text, a rich text or a person: the same as came
    if isinstance(value, str):
        return _cut(value, most)
    if isinstance(value, RichText):
        return value.shortened(most)
    if all(len(getattr(value, name)) <= most for name in _NAMES):
        return value
    return msgspec.structs.replace(value, **{name: _cut(getattr(value, name), most) for name in _NAMES})


def _short_institution(one: Institution) -> Institution:
    texts = {name: _cut(getattr(one, name), OTHERS) for name in ("name", "department", "city", "country")}
    return msgspec.structs.replace(one, **texts)


def _parts(parts: tuple[Any, ...], most: int) -> tuple[Any, ...]:
    """Parts of an abstract with no more characters than `most` in all; a part of which nothing is left is left out."""
    if sum(len(part.text.plain) for part in parts) <= most and all(len(part.label or "") <= OTHERS for part in parts):
        return parts
    kept = []
    for part in parts:
        if most <= 0:
            break
        text = part.text.shortened(most)
        kept.append(msgspec.structs.replace(part, text=text, label=_cut(part.label, OTHERS) if part.label else None))
        most -= len(text.plain)
    return tuple(kept)


def _with_marks_to(last: int, person: Person) -> Person:
    marks = tuple(mark for mark in person.affiliations if mark <= last)
    return person if marks == person.affiliations else msgspec.structs.replace(person, affiliations=marks)
