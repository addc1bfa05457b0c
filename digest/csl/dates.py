"""Dates: from what an item holds to a `DateValue`, and from ``cs:date`` to a function that prints one.

CSL 1.0.2 “Date”, “Date-part”, “Date Ranges”, “AD and BC”, “Seasons”.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, structs

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.csl.draft import Draft
    from digest.csl.locales import Locale
    from digest.csl.printing import Printing
    from digest.csl.style import Date, DatePart


class DatePoint(Struct, frozen=True):
    """A year, or less than a year; 0 where a part is not known. Years before Christ are negative."""

    year: int
    month: int = 0
    day: int = 0
    season: int = 0

    def part(self, name: str) -> int:
        """The year, the month (or where there is none, the season as 20 + its number) or the day."""
        if name == "year":
            return self.year
        if name == "day":
            return self.day
        return self.month or (20 + self.season if self.season else 0)


class DateValue(Struct, frozen=True):
    """A date as an item has it.

    Attributes:
        start: when it was or began, also what it sorts by; `None` where only `literal` is known.
        end: when a range ended; `None` for one date.
        is_open: whether it is a range that has not ended.
        circa: whether it is approximate.
        literal: words that are printed instead of the date.
    """

    start: DatePoint | None
    end: DatePoint | None = None
    is_open: bool = False
    circa: bool = False
    literal: str = ""


def read_date(value: Any) -> DateValue | None:  # noqa: ANN401 – any JSON
    """The date in a CSL-JSON value; `None` where there is none.

    Read are ``date-parts`` (numbers or digits), ``season``, ``circa``, ``literal``, ``raw``, and bare text as ``raw``.
    """
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return parse_date(str(value)) if not isinstance(value, int) or abs(value) < 100_000 else None
    if not isinstance(value, Mapping):
        return None
    circa = value.get("circa") not in (None, False, 0, "0", "", "false")
    literal = value.get("literal")
    points = _points(value.get("date-parts"), value.get("season"))
    if points:
        start, end = points[0], points[1] if len(points) > 1 else None
        is_open = end is not None and end.year == 0
        words = literal.strip() if isinstance(literal, str) else ""
        return DateValue(start, None if is_open else end, is_open, circa, words)
    if isinstance(literal, str) and literal.strip():
        return DateValue(None, circa=circa, literal=literal)
    for key in ("raw", "date-parts"):
        raw = value.get(key)
        if isinstance(raw, str) and raw.strip():
            date = parse_date(raw)
            return structs.replace(date, circa=date.circa or circa) if date else None
    season = value.get("season")
    if isinstance(season, str) and season.strip() and not season.strip().isdecimal():
        return DateValue(None, circa=circa, literal=season)
    return None


def _points(parts: Any, season: Any) -> list[DatePoint]:  # noqa: ANN401 – any JSON
    points: list[DatePoint] = []
    if not isinstance(parts, list):
        return points
    for number, part in enumerate(parts[:2]):
        if not isinstance(part, list):
            part = [part]  # noqa: PLW2901 – a year that is not in a list of its own
        year, month, day = (*(_integer(value) for value in part[:3]), 0, 0, 0)[:3]
        if not year and not (number and part):
            continue
        points.append(_point(year, month, day, _season(season) if number == 0 else 0))
    return points


def _point(year: int, month: int, day: int, season: int = 0) -> DatePoint:
    if month > 12:
        # 13–16 and 21–24 are seasons in practice; numbers between continue the first row, as the test-suite has it.
        season = (month - 12 - 1) % 4 + 1 if month <= 24 else 0
        month = day = 0
    return DatePoint(year, max(0, month), day if 0 < day <= 31 and month > 0 else 0, 0 if month > 0 else season)


def _integer(value: Any) -> int:  # noqa: ANN401 – any JSON
    if isinstance(value, str) and len(value) > 20:
        return 0
    try:
        number = int(value) if isinstance(value, (str, int, float)) else 0
    except (ValueError, OverflowError):
        return 0
    return number if abs(number) < 1_000_000 else 0


_SEASONS: Final = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}


def _season(value: Any) -> int:  # noqa: ANN401 – any JSON
    if isinstance(value, str) and value.strip().lower() in _SEASONS:
        return _SEASONS[value.strip().lower()]
    number = _integer(value)
    if 20 < number <= 24:
        number -= 20
    return number if 0 < number <= 4 else 0


_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CIRCA: Final = re.compile(r"^\s*(?:circa|ca\.?|c\.|around|about)\s*|[?~%]", re.IGNORECASE)
_ISO: Final = re.compile(r"([-−]?\d{1,6})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T[\d:.Z+-]*)?")
_NUMERIC: Final = re.compile(r"(\d{1,2})/(?:(\d{1,2})/)?(\d{3,4})|(\d{3,4})/(\d{1,2})(?:/(\d{1,2}))?")
_WORDS: Final = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\.?\s+)?(?P<month>[A-Za-z]{3,9})\.?,?\s+"
    r"(?:(?P<day2>\d{1,2})(?:st|nd|rd|th)?,?\s+)?(?P<year>\d{3,4})"
    r"|(?P<year3>\d{3,4}),?\s+(?P<month3>[A-Za-z]{3,9})\.?(?:\s+(?P<day3>\d{1,2}))?"
)


def parse_date(text: str) -> DateValue | None:
    """The date in a text: ISO 8601 (ranges with ``/``), ``1 May 2000``, ``May 1, 2000``, ``Spring 2000``, ``5/1/2000``.

    What is none of these becomes a literal date; empty text is none.
    """
    text = text.strip()
    if not text:
        return None
    bare = _CIRCA.sub("", text).strip()
    circa = bare != text
    bare = bare.strip("[] ")
    point = _one_date(bare)
    if point is not None:
        return DateValue(point, circa=circa)
    for separator in ("/", "_", "–", "--", " - ", "-"):
        first, found, last = bare.partition(separator)
        if not found:
            continue
        start, end = _one_date(first.strip()), _one_date(last.strip())
        if start is not None and end is not None:
            return DateValue(start, end, circa=circa)
        if start is not None and last.strip() in {"", ".."}:
            return DateValue(start, is_open=True, circa=circa)
        if start is None and end is not None:  # `May-June 2000`, `1-4 May 2000`
            start = _one_date(f"{first.strip()} {end.year}") or _one_date(
                f"{first.strip()} {_MONTHS[end.month - 1]} {end.year}"
            )
            if start is not None:
                return DateValue(start, end, circa=circa)
    return DateValue(None, circa=circa, literal=text)


def _one_date(text: str) -> DatePoint | None:
    if match := _ISO.fullmatch(text):
        return _point(int(match[1].replace("−", "-")), int(match[2] or 0), int(match[3] or 0))
    if match := _NUMERIC.fullmatch(text):
        if match[3]:
            return _point(int(match[3]), int(match[1]), int(match[2] or 0))
        return _point(int(match[4]), int(match[5]), int(match[6] or 0))
    if match := _WORDS.fullmatch(text):
        word = (match["month"] or match["month3"]).lower()
        year = int(match["year"] or match["year3"])
        if word in _SEASONS:
            return _point(year, 0, 0, _SEASONS[word])
        if word[:3] in _MONTHS:
            return _point(year, _MONTHS.index(word[:3]) + 1, int(match["day"] or match["day2"] or match["day3"] or 0))
    return None


_PARTS: Final = ("year", "month", "day")


def sort_key(date: DateValue, parts: tuple[str, ...] = _PARTS) -> str:
    """A string that sorts as the date does: start, then end, years B.C. in order.

    CSL 1.0.2 “Sorting”: the form is YYYYMMDD, with zeros for what is missing. What a macro does not print is missing
    too: so macros that print years of some types and whole dates of others give keys that compare.
    """
    if date.start is None:
        return date.literal
    key = "".join(_sortable(date.start, name, name in parts) for name in _PARTS)
    if date.end is not None:
        key += "-" + "".join(_sortable(date.end, name, name in parts) for name in _PARTS)
    return key


def _sortable(point: DatePoint, name: str, is_shown: bool) -> str:
    if not is_shown:
        return "0000000" if name == "year" else "00"
    if name == "year":
        # Shifted so that 100 B.C. comes before 44 B.C. and both before the first year.
        return f"{point.year + 5_000_000:07d}"
    return f"{point.month if name == 'month' else point.day:02d}"


def localized(element: Date, locale: Locale) -> Date:
    """The format that ``cs:date`` asks for: its own, or the locale's with the element's adjustments."""
    if not element.form:
        return element
    pattern = locale.dates.get(element.form)
    if pattern is None:
        return element
    wanted = {"year": {"year"}, "year-month": {"year", "month"}}.get(element.shown, {"year", "month", "day"})
    own = {part.name: part for part in element.parts}
    parts = []
    for part in pattern.parts:
        if part.name not in wanted:
            continue
        mine = own.get(part.name)
        if mine is not None:
            part = structs.replace(  # noqa: PLW2901 – the same part, adjusted
                part,
                form=mine.form or part.form,
                formats=mine.formats or part.formats,
                text_case=mine.text_case or part.text_case,
                strip_periods=mine.strip_periods or part.strip_periods,
                range_delimiter=mine.range_delimiter if mine.range_delimiter is not None else part.range_delimiter,
            )
        parts.append(part)
    return structs.replace(
        element,
        parts=tuple(parts),
        delimiter=pattern.delimiter,
        formats=element.formats or pattern.formats,
        text_case=element.text_case or pattern.text_case,
    )


_SIZE: Final = ("year", "month", "day")


def compile_date(
    element: Date,
    locale: Locale,
    decorate: Callable[[DatePart], Callable[[Draft], Draft]],
    *,
    implicit_suffix: bool,
) -> Callable[[DateValue, Printing], list[Draft]]:
    """A function from a date to its parts in print, without the affixes of ``cs:date`` itself.

    Args:
        element: a date format of its own (see `localized`).
        locale: for month names, ordinals and eras.
        decorate: gives the function that puts formats and affixes around a date part.
        implicit_suffix: whether the year-suffix belongs after the year.
    """
    parts = tuple(
        (
            part.name,
            _printer(part, locale),
            decorate(part),
            decorate(structs.replace(part, suffix="")),
            decorate(structs.replace(part, prefix="")),
        )
        for part in element.parts
    )
    names = tuple(part.name for part in element.parts)
    dashes = {part.name: "–" if part.range_delimiter is None else part.range_delimiter for part in element.parts}
    delimiter = element.delimiter

    def printed(
        point: DatePoint,
        first: int,
        last: int,
        printing: Printing,
        *,
        suffixed: bool = True,
        open_end: bool = False,
        open_start: bool = False,
        era: str = "",
    ) -> list[Draft]:
        """The parts that the date has, from `first` to `last`.

        Only the dash divides the two sides of a range (CSL 1.0.2 “Date Ranges”): with `open_end` it follows and the
        last part has no suffix, with `open_start` it comes before and the first part has no prefix. `era` is one that
        the other side says as well: `100–44 BC`.
        """
        found = []
        for name, printer, whole, bare, unled in parts[first:last]:
            text = printer(point)
            if era and name == "year":
                text = text.removesuffix(era)
            if suffixed and implicit_suffix and name == "year" and text and not printing.year_suffix_printed:
                text += printing.year_suffix
                printing.year_suffix_printed = bool(printing.year_suffix)
            if text:
                found.append((text, whole, bare, unled))
        out = [whole(text) for text, whole, _, _ in found]
        if open_end and found:
            text, _, bare, _ = found[-1]
            out[-1] = bare(text)
        if open_start and found:
            text, _, _, unled = found[0]
            out[0] = unled(text)
        return out

    def era_of(point: DatePoint) -> str:
        return locale.text("bc") if point.year < 0 else locale.text("ad") if point.year < 1000 else ""

    def row(pieces: list[Draft]) -> list[Draft]:
        if not delimiter:
            return pieces
        return [piece for pair in pieces for piece in (delimiter, pair)][1:]

    def render(date: DateValue, printing: Printing) -> list[Draft]:
        start, end = date.start, date.end
        if start is None:
            return []
        if date.is_open:
            out = printed(start, 0, len(parts), printing, open_end=True)
            return [*row(out), dashes.get("year", "–")] if out else []
        unlike = next((name for name in _SIZE if name in names and end and start.part(name) != end.part(name)), None)
        if end is None or unlike is None:
            return row(printed(start, 0, len(parts), printing))
        # What is smaller than the largest part that differs is printed on both sides of the dash, all else once.
        twice = [place for place, name in enumerate(names) if name in _SIZE[_SIZE.index(unlike) :]]
        first, last = twice[0], twice[-1] + 1
        before = printed(start, 0, first, printing)
        same_era = era_of(start) if era_of(start) == era_of(end) else ""
        left = printed(start, first, last, printing, suffixed=False, open_end=True, era=same_era)
        right = printed(end, first, last, printing, open_start=bool(left))
        span: list[Draft] = [[*row(left), dashes[unlike], *row(right)]] if left and right else [row(left) or row(right)]
        return row([*before, *span, *printed(end, last, len(parts), printing)])

    return render


def _printer(part: DatePart, locale: Locale) -> Callable[[DatePoint], str]:
    form = part.form
    if part.name == "year":

        def year(point: DatePoint) -> str:
            number = abs(point.year)
            if not number:
                return ""
            if form == "short":
                return f"{number % 100:02d}"
            if point.year < 0:
                return f"{number}{locale.text('bc')}"
            return f"{number}{locale.text('ad')}" if number < 1000 else str(number)

        return year
    if part.name == "month":

        def month(point: DatePoint) -> str:
            number = point.month
            if not number:
                return (
                    locale.text(f"season-{point.season:02d}") if point.season and not form.startswith("numeric") else ""
                )
            if form == "numeric":
                return str(number)
            if form == "numeric-leading-zeros":
                return f"{number:02d}"
            return locale.text(f"month-{number:02d}", form or "long")

        return month

    def day(point: DatePoint) -> str:
        number = point.day
        if not number:
            return ""
        if form == "numeric-leading-zeros":
            return f"{number:02d}"
        if form == "ordinal" and (number == 1 or not locale.limit_day_ordinals):
            return f"{number}{locale.ordinal_suffix(number, locale.gender(f'month-{point.month:02d}'))}"
        return str(number)

    return day
