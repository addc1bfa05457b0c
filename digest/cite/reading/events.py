"""The meeting that a citation names next to its journal: in the name of the proceedings, or after the place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest import journals
from digest.cite.reading.landmarks import ABSTRACT_NUMBER, ACRONYM_YEAR, MEETING_WORD, YEAR_DIGITS, is_proper
from digest.cite.reading.meetings import meeting_of
from digest.cite.reading.titles import journal_at_end
from digest.cite.societies import society_in

if TYPE_CHECKING:
    from digest.model import Meeting

# HighWire's form of ASCO until 2007 and of ASH until 2012: “J Clin Oncol, 2006 ASCO Annual Meeting Proceedings Part I.
# Vol 24, No. 18S”, “Blood (ASH Annual Meeting Abstracts) 2010 116: Abstract 123”, “… (Meeting Abstracts) 2006; 24”.
_PROCEEDINGS: Final = re.compile(
    rf"(?P<joint>[.,:;]?)\s(?P<open>\()?(?:in\s)?(?P<event>(?:{YEAR_DIGITS}\s)?(?:[A-Z][A-Z-]{{1,9}}\s)?(?:Annual\s)?"
    r"Meeting\s(?:Proceedings|Abstracts))(?:\s\(?(?:Part\s[IV]+|Post-Meeting Edition)\)?)?(?P<close>\))?[.,:;]?(?=\s|$)"
)
_VOLUME_AT_END: Final = re.compile(rf"{YEAR_DIGITS}\s?;\s?\d{{1,3}}$")
# What may come after the place: “Conference abstract, ATS 2025 International Conference, San Francisco.”
_AFTER_PLACE: Final = re.compile(
    r"^[\s.;,)\]]{0,4}(?:and\s(?=poster|oral|presented))?[(\[]?(?:(?:Poster|Oral|Plenary|Conference|Meeting|Congress)\s)?(?:(?:abstract|presentation|poster)\b)?"
    r"[)\]]?[,.:;]?\s?[(\[]?(?:presented\s)?(?:(?:at|from|of|in|on)\b:?\s)?(?:the\s)?(?P<event>[A-Z\d][^\[\]]{5,300})$",
    re.IGNORECASE,
)


def without_proceedings(text: str) -> tuple[str, str]:
    """The text without the name of proceedings after its journal or volume, and that name, if there is one."""
    for match in _PROCEEDINGS.finditer(text):
        head = text[: match.start()]
        if bool(match["open"]) != bool(match["close"]):
            continue
        if match["open"] or _VOLUME_AT_END.search(head) or journal_at_end(head):
            return f"{head}. {text[match.end() :].lstrip()}", match["event"]
    return text, ""


_AT_TITLE: Final = re.compile(r"^(?P<title>.{8,}[.?!])\s(?P<event>[A-Z\d][^.?!]{4,150})$")


def meeting_at_title(title: str) -> tuple[str, Meeting] | None:
    """A title without the sentence after it that names a meeting, and the meeting: ``Title. ASCO Meeting 2015``."""
    match = _AT_TITLE.match(title)
    if match is None or not is_proper(match["event"]):
        return None
    event = re.sub(r"\sAbstracts?$", "", match["event"])
    if not (
        ACRONYM_YEAR.match(event)
        or (MEETING_WORD.search(event) and (society_in(event) or re.search(r"\d|[A-Z]{3}", event)))
    ):
        return None
    try:
        return match["title"].rstrip("."), meeting_of(event)
    except ValueError:
        return None


def meeting_after(text: str) -> Meeting | None:
    """The meeting that is named after the place in a journal; nothing where what is there is not surely one."""
    match = _AFTER_PLACE.match(text)
    if match is None:
        return None
    event = ABSTRACT_NUMBER.sub("", match["event"]).strip(" .,;:")
    name = event.split(",")[0].split(".")[0]
    if journals.is_journal(name) or not (MEETING_WORD.search(event) or ACRONYM_YEAR.match(event) or society_in(name)):
        return None
    try:
        return meeting_of(event)
    except ValueError:
        return None
