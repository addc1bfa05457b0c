"""Days as people write them in tables: ``13.05.2014``, ``13. Mai 2014``, ``5/13/14``, the serial numbers of Excel."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final, Literal

from digest.merge import flat
from digest.sources.shared.dates import date_of, read_date
from digest.vocabulary import any_month

if TYPE_CHECKING:
    from digest.model import PartialDate

Order = Literal["", "day", "month"]  # which of two numbers comes first

_ENDING: Final = r"(?:\.|st|nd|rd|th|er|º|o)?"
_RANGE: Final = rf"(?:(?P<first>\d{{1,2}}){_ENDING}\s?(?:[–—-]|/|to|bis|au|al|a)\s?)?"
_NUMBERS: Final = re.compile(
    r"(?<![\d.:])(?:(?P<first>\d{1,2})\.(?:(?P<from>\d{1,2})\.)?\s?[–-]\s?)?(?P<a>\d{1,2})\s?(?P<mark>[./-])\s?(?P<b>\d{1,2})\s?(?P=mark)\s?"
    r"(?P<year>\d{4}|\d{2})(?![\d.]\d|\d)"
)
_DAY_FIRST: Final = re.compile(
    rf"(?<![\d:]){_RANGE}(?P<day>\d{{1,2}}){_ENDING}[\s.-]{{0,2}}(?:(?:de|of|di)\s)?(?P<month>[^\W\d_]{{3,10}})\.?"
    r"(?:[\s,.’'-]{0,2}(?:(?:de|del)\s)?(?P<year>\d{4}|\d{2})(?![\d:h]))?"
)
_MONTH_FIRST: Final = re.compile(
    rf"\b(?P<month>[^\W\d_]{{3,10}})\.?\s(?P<day>\d{{1,2}})(?!\d|:){_ENDING}(?:\s?[–—-]\s?\d{{1,2}}(?!\d))?"
    r"(?:,?\s(?P<year>\d{4})\b)?"
)
_NO_DAY: Final = re.compile(  # of two months the first
    r"\b(?P<month>[^\W\d_]{3,10})\.?(?:(?:\s?[–—/&-]\s?|\s(?:bis|to|and|und|et|y|a)\s)[^\W\d_]{3,10}\.?)?"
    r"[\s,/-]{1,2}(?:(?:de|del)\s)?(?P<year>\d{4})\b"
)
_TIME: Final = re.compile(
    r"\s*\d{1,2}(?:(?:\s?[:.h]\s?\d{2}){1,2}\s?(?:[ap]\.?m\.?|uhr|h|hrs)?|\s?(?:[ap]\.?m\.?|uhr|h|hrs))(?:\s?[–—-].{0,20})?",
    re.IGNORECASE,
)


class DayOrder:
    """Which of day and month comes first in the dates of a whole column.

    Attributes:
        unsure: how many could be read in both ways.
        example: the first of them.
    """

    def __init__(self) -> None:
        self._found: set[Order] = set()
        self.unsure = 0
        self.example = ""

    def look(self, text: str) -> None:
        """Takes one cell into account."""
        match = _NUMBERS.search(text[:80])
        if match is None:
            return
        a, b = int(match["a"]), int(match["b"])
        if a > 12 >= b:
            self._found.add("day")
        elif b > 12 >= a:
            self._found.add("month")
        elif match["mark"] != "." and a != b:
            self.unsure += 1
            self.example = self.example or text[:40]

    @property
    def first(self) -> Order:
        """What comes first in the column; nothing where no date shows it, or where they contradict each other."""
        return next(iter(self._found)) if len(self._found) == 1 else ""


def read_day(text: str, order: Order = "", *, year: int | None = None, since_1904: bool = False) -> PartialDate | None:
    """The date in a cell, as far as it is certain; nothing where there is none.

    Args:
        text: the cell.
        order: what comes first in ``03/04/2014``; where that is not known, only its year is certain.
        year: the year of a date without one.
        since_1904: whether serial numbers count from 1904, as in old workbooks of the Macintosh.
    """
    text = " ".join(text.split())[:80]
    if re.fullmatch(r"[2-7]\d{4}(?:[.,]\d{1,12})?", text):
        start = dt.date(1904, 1, 1) if since_1904 else dt.date(1899, 12, 30)
        day = start + dt.timedelta(days=int(text[:5]))
        return date_of(day.year, day.month, day.day)
    if re.match(r"\d{4}(?!\d)[-/.]?\d|\d{8}(?!\d)", text):  # ISO 8601
        return read_date(text)
    if match := _NUMBERS.search(text):
        return _of_numbers(match, order)
    plain = flat(text)
    for pattern in (_DAY_FIRST, _MONTH_FIRST):
        for match in pattern.finditer(plain):
            after = re.search(r"\b(?:19|20)\d\d\b", plain[match.end() :])  # May 30 to June 3, 2014
            known = match["year"] or (after[0] if after else str(year) if year else "")
            if (month := any_month(match["month"])) and known:
                return date_of(_full(known), month, match.groupdict().get("first") or match["day"])
    for match in _NO_DAY.finditer(plain):
        if month := any_month(match["month"]):
            return date_of(match["year"], month)
    return read_date(text)


def is_time(text: str) -> bool:
    """Whether a cell is a time of day and not a date."""
    return _TIME.fullmatch(text[:60]) is not None


def _of_numbers(match: re.Match[str], order: Order) -> PartialDate | None:
    a, b, year = int(match["a"]), int(match["b"]), _full(match["year"])
    if match["mark"] == "-" and len(match["year"]) == 2:
        return None  # 14-05-13 may begin with the year
    if a > 12 or match["mark"] == "." or a == b:
        order = "day"
    elif b > 12:
        order = "month"
    if not order:
        return date_of(year)
    return date_of(year, match["from"] or b, match["first"] or a) if order == "day" else date_of(year, a, b)


def _full(year: str) -> int:
    """The year that two digits mean, as POSIX has it: 69 to 99 are of the last century."""
    number = int(year)
    return number if len(year) == 4 else number + (1900 if number > 68 else 2000)
