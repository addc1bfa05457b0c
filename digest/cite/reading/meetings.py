"""Meetings in a citation or a remark: their name, place and days, and how something was presented there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.cite.reading.landmarks import ABSTRACT_NUMBER, DAYS, YEAR, YEAR_DIGITS, find_place, is_proper
from digest.cite.societies import society_in
from digest.cite.tokens import read_dates
from digest.model import Meeting, PartialDate, Presentation

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: Final = "(?:Poster|Paper|Abstract|Oral|Podium|Plenary|Talk)"
PRESENTED: Final = re.compile(
    rf"(?:[(\[]?(?P<how>{_SHOWN}(?:\s(?:presentation|abstract|session))?)?\s*presented (?:at:?|in:)\s+"
    rf"|[(\[]?(?P<talk>{_SHOWN})\s(?:presentation|abstract|session) at:?\s+"
    # APA sets it in brackets after the title, and the meeting after a full stop.
    rf"|\[(?P<kind>(?:{_SHOWN}|Conference|Keynote|Symposium)\s(?:(?:presentation|session)(?:\sabstract)?|abstract|paper|contribution|address)|Poster|Oral|Podium|Plenary|Talk)\]"
    r"[.,]?\s+)"
    rf"(?:the\s+)?(?P<event>(?:(?<=:\s)\d|\d{{1,3}}(?:st|nd|rd|th)\s|{YEAR_DIGITS}\s[A-Z]|[^\s\d.;,]).{{2,400}})",
    re.IGNORECASE,
)
HOW: Final[Mapping[str, Presentation]] = {"poster": "poster", "oral": "oral", "plenary": "plenary"}


def find_presentation(text: str) -> re.Match[str] | None:
    """Where a text says that something was presented, and at what; nothing where it has a place in a journal as well.

    “[Conference abstract]. J Marsh Stud, 12, 3” is not a meeting.
    """
    match = PRESENTED.search(text)
    if match and match["kind"] and find_place(text[match.start("event") :], dated=True):
        return None
    return match


class Remark(Struct, frozen=True):
    """What a remark about a record says of its presentation; each field is empty where it says nothing.

    Attributes:
        number: the abstract's number.
        meeting: the meeting.
        presentation: how it was presented.
    """

    number: str = ""
    meeting: Meeting | None = None
    presentation: Presentation | None = None


_PIECE_BEFORE: Final = re.compile(r"(?:^|[.;:,(\[–—-])\s{0,3}$")
_EVENT: Final = re.compile(
    r"\b(?:Meeting|Congress|Conference|Symposium|Symposia|Workshop|Sessions|Convention|Summit|Kongress|Tagung)\b"
)


def read_remark(text: str) -> Remark:
    """What a note says: ``Abstract 617P. 39th ESMO Congress``, ``Poster presented at DDW; abstract Sa1234``."""
    text = " ".join(text[:600].split())
    if len(text) > 500:
        return Remark()
    marked = next((one for one in ABSTRACT_NUMBER.finditer(text) if _PIECE_BEFORE.search(text[: one.start()])), None)
    number = marked["number"] if marked else ""
    rest = f"{text[: marked.start()].rstrip(' .,;:(')}; {text[marked.end() :]}".strip(" .,;:()[]") if marked else text
    try:
        if found := PRESENTED.search(rest):
            words = " ".join(found[group] or "" for group in ("how", "talk", "kind")).lower().split()
            how = next((HOW[word] for word in words if word in HOW), None)
            return Remark(number, meeting_of(found["event"]), how)
        proper = marked and len(rest) < 200 and _EVENT.search(rest) and is_proper(re.split(r"[.;,]", rest)[0])
        return Remark(number, meeting_of(rest) if proper else None)
    except ValueError:  # days that do not exist
        return Remark(number)


def is_meeting(text: str) -> bool:
    """Whether a text names one meeting and says nothing else: ``2014 ASCO Annual Meeting``, ``39th ESMO Congress``."""
    return (
        len(text) < 100
        and _EVENT.search(text) is not None
        and re.search(rf"{YEAR_DIGITS}|\b\d{{1,3}}(?:st|nd|rd|th)\b", text) is not None
        and not re.search(r"[.;:?]\s", text)
        and is_proper(text)
    )


def meeting_of(text: str) -> Meeting:
    """The meeting whose name, place and days a text gives in any order, between commas, semicolons or full stops."""
    text = _IMPRINT_AT_END.sub("", text)
    start = end = None
    year = YEAR.search(text)
    if days := DAYS.search(text):
        try:
            ((start, end), *_) = read_dates(days[0])
        except ValueError:
            days = None
        else:
            text = f"{text[: days.start()].rstrip(' ,.;:(')}; {text[days.end() :].lstrip(' ,.;)')}"
    if start is None and year:
        start = PartialDate(int(year[0]))
        text = re.sub(rf"[\s,.;(]{{1,3}}{year[0]}[\s,.;)]*$", "", text)
    if inside := _PLACE_IN_MARKS.search(text):
        text = f"{text[: inside.start()]}; {inside['place']}"  # Annual Meeting (Washington, DC)
    ordinal = _ORDINAL.match(text)  # 69. Jahrestagung
    front, text = (ordinal[0], text[ordinal.end() :]) if ordinal else ("", text)
    name, *places = re.split(r";\s*|\.\s+(?=[A-Z])|,\s+(?=[A-Z])", _balanced(text.strip(" .,;")), maxsplit=1)
    place = re.sub(r"\s{0,2};\s{0,2}", ", ", _balanced(places[0].strip(" .,;"))) if places else ""
    if place and (re.search(r"\d|:", place) or not is_proper(place)):
        name, place = text.strip(" .,;()"), ""
    name = meeting_name(front + name)
    return Meeting(name=name, society=society_in(name), place=place, start=start, end=end)


# “San Diego, CA. Philadelphia (PA): AACR; 2014.”: who published the proceedings
_IMPRINT_AT_END: Final = re.compile(
    rf"[.;]\s[A-Z][^.;:()\d]{{1,30}}(?:\s\([A-Z]{{2}}\)|,\s[A-Z]{{2}})?:\s[A-Z][^;:.]{{1,60}}(?:[;,.]\s?{YEAR_DIGITS})?[\s.;]*(?:Online[\s.]*)?$"
)
_ORDINAL: Final = re.compile(r"\d{1,3}\.\s(?=[^\W\d_])")
_PLACE_IN_MARKS: Final = re.compile(r"\s\((?P<place>[A-Z][^\d();:]{2,40},\s[A-Z][^\d();:]{1,30})\)?[\s.,;]*$")
_BEFORE_NAME: Final = re.compile(
    r"^(?:In:?\s)?(?:(?:Poster |Paper |Abstract )?presented at:?\s)?(?:the\s)?", re.IGNORECASE
)


def meeting_name(text: str) -> str:
    """The name of a meeting, without “presented at the” before it and an open parenthesis after it."""
    text = _BEFORE_NAME.sub("", text)
    return _balanced(re.sub(r"\s*\([^()]*$", "", text).strip(" .,;:")) or text


def _balanced(text: str) -> str:
    """A text without a parenthesis at either end that has no other half."""
    while text.count(")") > text.count("(") and text.endswith(")"):
        text = text[:-1].rstrip(" .,;:")
    while text.count("(") > text.count(")") and text.startswith("("):
        text = text[1:].lstrip()
    return text
