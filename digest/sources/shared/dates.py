"""Dates as sources print them, in any usual form, and which of several is the most exact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.model import PartialDate
from digest.vocabulary import MONTH, month_that_begins

if TYPE_CHECKING:
    from collections.abc import Iterable

_OTHER_MONTH: Final = rf"{MONTH}[a-z]{{0,6}}\.?"
_MONTH_WORD: Final = rf"(?P<month>{_OTHER_MONTH})"  # of which `date_of` takes the first three letters
_UP_TO: Final = r"\s?(?:[–—/-]|\b(?:to|and)\b|&)\s?"
# Of a span the first day or month counts: “Nov-Dec 2014”, “May 30 – June 3, 2014”.
_DAY_FIRST: Final = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{_UP_TO}\d{{1,2}}(?:st|nd|rd|th)?)?\s{_MONTH_WORD}"
    rf"(?:{_UP_TO}(?:\d{{1,2}}(?:st|nd|rd|th)?\s)?{_OTHER_MONTH})?[ ,]\s?(?P<year>\d{{4}})\b",
    re.IGNORECASE,
)
_MONTH_FIRST: Final = re.compile(
    rf"\b{_MONTH_WORD}(?:{_UP_TO}{_OTHER_MONTH})?,?\s"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:{_UP_TO}(?:{_OTHER_MONTH}\s)?\d{{1,2}}(?:st|nd|rd|th)?)?,?\s)?"
    r"(?P<year>\d{4})\b",
    re.IGNORECASE,
)
_YEAR_FIRST: Final = re.compile(
    rf"\b(?P<year>\d{{4}})[ ,/-]\s?{_MONTH_WORD}(?:[ ,/-](?P<day>\d{{1,2}})\b)?", re.IGNORECASE
)


def read_date(text: str) -> PartialDate | None:
    """The date in a text, as far as it is certain; nothing where it has no year.

    ISO 8601 with or without a time, RFC 822, ``2014 May 20``, ``20 May 2014``, ``May 20, 2014``, ``2014/05/20``,
    ``2014 May-Jun``, ``May-Jun 2014`` and ``2014 Spring`` (the first month, the year). Of ``03/04/2014`` only the year
    is certain.
    """
    text = " ".join(text.split())[:80]
    if match := re.match(r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)(?!\d)", text) or re.match(
        r"(\d{4})[-/](\d{1,2})(?:[-/](\d{1,2}))?(?!\d)", text
    ):
        return date_of(*match.groups())
    if match := _DAY_FIRST.search(text) or _MONTH_FIRST.search(text) or _YEAR_FIRST.search(text):
        return date_of(match["year"], match["month"], match["day"])
    if match := re.search(r"\b(1[89]\d\d|20\d\d)\b", text):
        return PartialDate(int(match[1]))
    return None


def date_of(year: str | int | None, month: str | int | None = None, day: str | int | None = None) -> PartialDate | None:
    """The date of parts that a source gives, as much of it as is valid: 31 June is June; nothing without a year.

    Args:
        year: the year.
        month: a number, or the month's name.
        day: the day of the month.
    """
    known = [_number(year), month_that_begins(str(month or "").strip()) or _number(month), _number(day)]
    for count in (3, 2, 1):
        if all(part is not None for part in known[:count]):
            try:
                return PartialDate(*known[:count])  # type: ignore[arg-type]  # none of them is missing
            except ValueError:
                continue
    return None


def exact_date(date: PartialDate, others: Iterable[PartialDate]) -> PartialDate:
    """A date, or the most exact of others that fall within it: of 2007, 2007-06-19 and 2008-01-01 the second."""
    for other in others:
        if len(other.parts) > len(date.parts) and other.parts[: len(date.parts)] == date.parts:
            date = other
    return date


def other_date(printed: PartialDate | None, online: PartialDate | None) -> PartialDate | None:
    """The date online, where that of the issue does not say the same."""
    return online if printed and online and printed.parts[: len(online.parts)] != online.parts else None


def _number(value: str | int | None) -> int | None:
    text = str(value if value is not None else "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) and int(text) > 0 else None
