"""The day or month on which a part of a journal came out, as a citation prints it next to the volume."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.cite.reading.landmarks import MONTH_WORD
from digest.cite.tokens import DASH, read_dates

if TYPE_CHECKING:
    from digest.model import PartialDate

# Months may be a range, “2020 May-Jun” and “May/June 2020”: the first is the date. A range of days is a meeting's.
_MONTHS: Final = rf"\b{MONTH_WORD}(?:\s?(?:{DASH}|/)\s?{MONTH_WORD})?"
_DAY: Final = rf"\d\d?(?![\d\w]|\s?{DASH}\s?\d|\s?{DASH}\s?{MONTH_WORD}\s?\d)"
# What may be between a volume and a date after it: issue, supplement, pages; their words, and locators like “iv430”.
_PLACE: Final = (
    r"(?:[\s,.:;()_–-]|\d++|[a-zA-Z]{1,5}\d[\w.]*+|(?:n[or]?|pp?|pages?|issue|"
    r"suppl(?:ement)?s?|s|art(?:icle)?)(?![a-z])){0,24}?"
)
_ONLINE: Final = r"\b(?:first\s)?published\s(?:online|electronically|ahead\sof\sprint)(?:\s(?:first|on))?:?\s"


def issue_date(text: str, year: int, volume: str, days: str = "") -> PartialDate | None:
    """The date of a part of a journal, where more than its year is printed; nothing where only the year is.

    | printed | by |
    | --- | --- |
    | ``2016 Dec 2;128(22)`` | NLM |
    | ``20 May 2014;32``, ``May 20, 2014 32`` | Silverchair, HighWire |
    | ``Volume 28, Issue 5, 1 September 2017, Pages 3–7``; ``vol. 57, no. 2, pp. 3–7, May 2016`` | Oxford, MLA, IEEE |
    | ``30, no. 5 (October): 683`` | Chicago |
    | ``(2014, June 1)`` | APA: `days` |
    | ``26, 2008 (May 20 suppl)`` | ASCO |
    | ``Published online June 15, 2017`` | AMA |

    Args:
        text: the citation.
        year: the year of the part, which a date must have.
        volume: its volume; dates of meetings and of visits are not next to it.
        days: what APA prints after the year.
    """
    dated = (
        rf"(?P<ymd>\b{year}\s{_MONTHS}(?:\s{_DAY})?)"
        rf"|(?P<dmy>(?:(?<![\d–-])\b{_DAY}\s)?{_MONTHS}\s{year}\b)|(?P<mdy>{_MONTHS}\s{_DAY},?\s{year}\b)"
    )
    candidates = [rf"{_ONLINE}(?:{dated})"]
    if volume:
        at = rf"(?<![\w.]){re.escape(volume)}(?!\w)"
        year_before = re.search(rf"\b{year}\W{{0,3}}{at}|\b{year}\s{_MONTHS}[^;]{{0,4}};\s?{at}", text)
        candidates = [
            rf"(?:{dated})[\s.;:,)]{{0,3}}(?:[Vv]ol(?:ume|\.)?\s)?(?={at})",
            *([] if year_before else [rf"{at}{_PLACE}[\s,(](?:{dated})(?=\s?[,.:;)]|\s*$)"]),
            rf"{at}[\s,]{{0,2}}(?:no\.\s\w+\s|\(\w{{1,4}}\)\s)?\((?P<month>{_MONTHS}(?:\s{_DAY})?)\)",
            rf"\((?P<suppl>{_MONTHS}\s{_DAY}),?\s[Ss]uppl",
            *candidates,
        ]
    found = next((match for one in candidates if (match := re.search(one, text, re.IGNORECASE))), None)
    if found:
        printed = next(value for value in found.groupdict().values() if value)
    elif days and re.fullmatch(rf"{_MONTHS}(?:\s{_DAY})?", days):
        printed = days
    else:
        return None
    printed = re.sub(rf"(?<=[a-z.])\s?(?:{DASH}|/)\s?{MONTH_WORD}", "", printed, flags=re.IGNORECASE)
    start, _ = read_dates(printed if str(year) in printed else f"{printed} {year}")[0]
    return start if start.year == year and start.month else None
