"""Readers of what is not in a journal: meetings without a number, trials, theses, books, pages of the web."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import structs

from digest.cite.reading.landmarks import (
    ABSTRACT_NUMBER,
    ACRONYM_YEAR,
    CODE,
    EDITION,
    MEETING_WORD,
    YEAR_DIGITS,
    without_year,
)
from digest.cite.reading.line import Fields
from digest.cite.reading.meetings import HOW, meeting_of
from digest.cite.tokens import read_pages

if TYPE_CHECKING:
    from digest.cite.reading.line import Line
    from digest.cite.reading.unplaced import Unplaced

_THESIS: Final = re.compile(
    r"[\[(](?:[\w.'’]{1,12}\s)?(?:dissertation|thesis)[\])]"
    r"|\b(?:doctoral|Ph\.?\s?D\.?|master['’]?s|M\.?Sc\.?)\s(?:dissertation|thesis)\b",
    re.IGNORECASE,
)
# ECTRIMS 2021 - ePoster
_SHOWN_AFTER: Final = re.compile(
    r"\s?(?:[-–—,;.]|\()\s?(?:e-?)?(?P<how>poster|oral|plenary)(?:\s(?:presentation|session))?\)?$", re.IGNORECASE
)
_PAGES_AT_END: Final = re.compile(r"[\s.,;]{1,3}pp?\.\s?(?P<pages>[A-Za-z]{0,3}\d\w*(?:\s?[-–]\s?\w{1,8})?)$")
# 29th ECCMID; ECTRIMS 2021
_ACRONYM: Final = re.compile(rf"\d{{1,3}}(?:st|nd|rd|th)\s[A-Z]{{3,12}}\b|{ACRONYM_YEAR.pattern}")
_NUMBER_AT_END: Final = re.compile(
    r"[\s.,;(]{1,3}(?:e-?)?(?:poster|p[óo]ster|r[ée]sum[ée]|resumen|resumo|vortrag|oral|paper|presentation|session)\s"
    r"(?:(?:no|nr|n[º°])\.?\s?|#)?(?P<number>[A-Z]{0,5}-?\d[\w.-]{0,8})\)?$",
    re.IGNORECASE,
)
# Duck Congress (DC) 2025. OR01: a code after the year of a meeting
_CODE_AT_END: Final = re.compile(rf"(?<={YEAR_DIGITS})\)?[.,;:]\s(?P<number>{CODE})$")
_SHORT: Final = re.compile(
    r"^(?:[(\[]?(?:abstract|abstr?|poster|oral|#)?\.?\s?(?:no\.?|nr\.?|number)?\s?[#:]?\s?)?"
    r"(?P<number>[A-Z]{0,5}-?\d[\w.-]{0,8})[)\].]?$",
    re.IGNORECASE,
)
_VERSION: Final = re.compile(r"\bVersion\s\d[\d.]*\d|\bVersion\s\d")


def meeting_abstract(line: Line) -> Fields | None:
    """An abstract of a meeting, which is not in a journal."""
    cut = line.unplaced
    if cut is None:
        return None
    container = cut.container
    named = container and not cut.published and (MEETING_WORD.search(container) or _ACRONYM.match(container))
    if not (cut.designated or cut.number or named):
        return None
    values: dict[str, Any] = {"type": "meeting-abstract"}
    if not cut.number and (numbered := _NUMBER_AT_END.search(container) or _CODE_AT_END.search(container)):
        container, values["number"] = container[: numbered.start()], numbered["number"]
    if shown := _SHOWN_AFTER.search(container):
        container = container[: shown.start()]
        if kind := HOW.get(shown["how"].lower()):
            values["presentation"] = kind
    if pages := _PAGES_AT_END.search(container):
        container, values["pages"] = container[: pages.start()], read_pages(pages["pages"])
    if name := ABSTRACT_NUMBER.sub("", container).strip(" .,;:("):
        meeting = meeting_of(name)
        if meeting.start and re.fullmatch(r"[A-Z/&-]{3,12}", meeting.name):
            meeting = structs.replace(meeting, name=f"{meeting.name} {meeting.start.year}")  # ECTRIMS 2021
        values["meeting"] = meeting
    if cut.number:
        values["number"] = cut.number["number"]
    return _fields(cut, values, "the meeting was read from what follows the title")


def short_form(line: Line) -> Fields | None:
    """People, the letters of a society with a year, and a number: ``Gane EJ, et al. AASLD 2021. 803``."""
    text = line.rest.strip(" .")
    match = ACRONYM_YEAR.match(text)
    number = _SHORT.match(text[match.end() :].strip(" .,;:")) if match else None
    if not (match and number):
        return None
    meeting = meeting_of(match["name"])
    values = {"type": "meeting-abstract", "issued": meeting.start, "number": number["number"], **line.opening.fields}
    return Fields({**values, "meeting": structs.replace(meeting, name=match["name"])})


def registered_trial(line: Line) -> Fields | None:
    """A study in a register of trials."""
    cut = line.unplaced
    if cut is None or not cut.trial:
        return None
    values = {"type": "trial", "publisher": without_year(cut.container)}
    return _fields(cut, values, "no journal was found; it was read as a registered trial")


def thesis(line: Line) -> Fields | None:
    """A thesis or dissertation, with its university."""
    cut = line.unplaced
    if cut is None or not _THESIS.search(cut.bare):
        return None
    publisher = (cut.published and cut.published["publisher"]) or cut.container
    values = {
        "type": "thesis",
        "title": _THESIS.sub("", cut.fields["title"]).strip(" .,;[("),
        "publisher": without_year(_THESIS.sub("", publisher).strip(" .,;:()[]")),
    }
    return _fields(cut, values)


def published_book(line: Line) -> Fields | None:
    """A book with its publisher, or a chapter in one."""
    cut = line.unplaced
    if cut is None or not cut.published:
        return None
    values = {
        "type": "chapter" if cut.inside else "book",
        "publisher": (cut.published["publisher"] or cut.published["alone"]).strip(),
    }
    if cut.inside:
        values["container"] = EDITION.sub("", cut.after[: cut.published.start()]).strip(" .,;:(")
    return _fields(cut, values, f"no journal was found; it was read as a {values['type']}")


def web_page(line: Line) -> Fields | None:
    """A page of the web, with who made it."""
    cut = line.unplaced
    if cut is None or not cut.online:
        return None
    title, container = cut.fields["title"], cut.container
    if version := _VERSION.search(cut.text):
        title, container = f"{title}. {version[0]}", re.sub(r"\bVersion\b\s[\d.]*", "", container)
    values = {"type": "web", "title": title, "publisher": without_year(container)}
    return _fields(cut, values, "no journal was found; it was read as a page of the web")


def chapter(line: Line) -> Fields | None:
    """A chapter of a book whose publisher is not given."""
    cut = line.unplaced
    if cut is None or not cut.inside:
        return None
    values = {"type": "chapter", "container": cut.container}
    return _fields(cut, values, "no journal was found; it was read as a chapter")


def anything(line: Line) -> Fields | None:
    """A title, and whatever follows it as what it is in."""
    cut = line.unplaced
    if cut is None:
        return None
    container = re.sub(rf"[\s.,;(]{{0,3}}{YEAR_DIGITS}[\s.,;)]{{0,3}}$", "", cut.container)
    doubt = "neither volume nor pages were found, and what follows the title was taken for its container"
    return _fields(cut, {"type": "other", "container": container}, doubt)


def _fields(cut: Unplaced, values: dict[str, Any], doubt: str = "") -> Fields:
    return Fields({**cut.fields, **values}, (*cut.doubts, *((doubt,) if doubt else ())))
