"""Numbers as CSL understands them: what is numeric, what is plural, ordinals, roman numerals, ranges of pages."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from digest.csl.locales import Locale

# One number: digits, perhaps with letters around them (`D2`, `2b`, `L2d`, `2nd`); CSL 1.0.2 “Choose”, `is-numeric`.
_NUMBER: Final = r"[^\W\d_]{0,4}\d+[^\W\d_]{0,4}"
_NUMERIC: Final = re.compile(rf"\s*{_NUMBER}(?:\s*(?:,|-|–|&|\band\b)\s*{_NUMBER})*\s*")
_ROMAN: Final = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
FIRST_PAGE: Final = re.compile(r"[^\W_]+")
_SEPARATOR: Final = re.compile(r"\s*(,|&|(?<!\\)-|–|—)\s*")


def is_numeric(text: str) -> bool:
    """Whether the text consists of numbers alone."""
    return _NUMERIC.fullmatch(text) is not None


def ranged(text: str, dash: str = "–") -> str:
    """The text with a dash for the hyphen of each range, where it consists of numbers."""
    if "-" not in text or not is_numeric(text):
        return text.replace("\\-", "-")
    return re.sub(r"\s*-\s*", dash, text)


def is_plural(text: str) -> bool:
    """Whether it holds several numbers: a list or a range."""
    return _PLURAL.match(text.lstrip()) is not None


_PART: Final = r"[^\W\d_]{0,3}(?:\d+[^\W\d_]{0,2}|(?<![^\W\d_])[ivxlcdm]+(?![^\W\d_]))"
_PLURAL: Final = re.compile(
    rf"{_PART}\s*(?:(?<!\\)--?|[–—,;&]|\band\b)\s*(?:and\s+|&\s*)?(?:[^\W\d_]{{0,3}}\d|[ivxlcdm]+\b)", re.IGNORECASE
)


def roman(number: int) -> str:
    """``xxiii`` for 23."""
    if not 0 < number < 5000:
        return str(number)
    text = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        text += sign * count
    return text


@lru_cache(maxsize=4096)
def page_range(text: str, format: str, delimiter: str) -> str:  # noqa: A002 – CSL's word
    """The pages of an item with their ranges written as ``page-range-format`` asks (CSL 1.0.2 appendix V).

    Without a format the numbers stay as they are; the hyphen of a range becomes the locale's delimiter all the same,
    as the test-suite has it (the specification does that only with a format).
    """
    text = re.sub(r"\s\s+", " ", text)
    parts = re.split(r"(\s*[,;&]\s*|\s+and\s+)", text)
    return "".join(
        _one_range(part, format, delimiter)
        if place % 2 == 0
        else re.sub(r"\s*([,;])\s*", r"\1 ", re.sub(r"\s*&\s*", " & ", part))
        for place, part in enumerate(parts)
    )


_RANGE: Final = re.compile(
    r"\s*([^\W\d_]*|\d+[^\W\d_]+)(\d{1,18})([^\W\d_]?)"
    r"\s*(?:-|–|—|--)\s*([^\W\d_]*|\d+[^\W\d_]+)(\d{1,18})([^\W\d_]?)\s*"
)
_ROMAN_RANGE: Final = re.compile(r"\s*([ivxlcdm]+)\s*[-–—]\s*([ivxlcdm]+)\s*", re.IGNORECASE)


def _one_range(text: str, format: str, delimiter: str) -> str:  # noqa: A002
    if "\\-" in text:
        return text.replace("\\-", "-")
    match = _RANGE.fullmatch(text)
    if match is None:
        found = _ROMAN_RANGE.fullmatch(text)
        if found:
            return f"{found[1]}{delimiter}{found[2]}"
        return re.sub(r"\s*[–—]\s*", "–", text)
    before, first, after, before_last, last, after_last = match.groups()
    if (before, first, after) == (before_last, last, after_last):
        return f"{before}{first}{after}"  # Crossref writes one page as 4021-4021
    if after or after_last:
        return f"{before}{first}{after}{delimiter}{before_last}{last}{after_last}"
    if not format:
        return f"{before}{first}{delimiter}{before_last}{last}"
    if before != before_last:  # `N110-5`, `110-N6`: nobody knows what is left out, so nothing is changed
        return f"{before}{first}-{before_last}{last}"
    whole = first[: max(0, len(first) - len(last))] + last
    if int(whole) < int(first):
        return f"{before}{first}-{before_last}{last}"
    match format:
        case "minimal":
            short = _shortened(first, whole, 1)
        case "minimal-two":
            short = _shortened(first, whole, 2)
        case "chicago" | "chicago-15":
            short = _chicago(first, whole, fifteenth=True)
        case "chicago-16":
            short = _chicago(first, whole, fifteenth=False)
        case _:
            short = before_last + whole
    return f"{before}{first}{delimiter}{short}"


def _shortened(first: str, last: str, least: int) -> str:
    if len(first) != len(last):
        return last
    same = 0
    while same < len(last) - least and first[same] == last[same]:
        same += 1
    return last[same:]


def _chicago(first: str, last: str, *, fifteenth: bool) -> str:
    number = int(first)
    if number < 100 or number % 100 == 0 or len(first) != len(last):
        return last
    if number % 100 < 10:
        return _shortened(first, last, 1)
    short = _shortened(first, last, 2)
    # Chicago 15 writes four digits in full where three of them change (1496–1504), Chicago 16 does not (1496–500).
    return last if fifteenth and len(first) == 4 and len(short) == 3 else short


def number(text: str, form: str, locale: Locale, gender: str, dash: str = "–") -> str:
    """A number variable in the form that ``cs:number`` asks for; text that is not numeric stays as it is."""
    if not is_numeric(text):
        return text
    pieces = _SEPARATOR.split(text.strip())
    out = ""
    for place, piece in enumerate(pieces):
        if place % 2:
            out += {",": ", ", "&": " & ", "-": dash}.get(piece, piece)
        elif piece.isdecimal() and len(piece) < 10:
            out += ordered(int(piece), form, locale, gender)
        else:
            out += piece
    return out


def ordered(value: int, form: str, locale: Locale, gender: str) -> str:
    """One number in a form of ``cs:number``."""
    match form:
        case "ordinal":
            return f"{value}{locale.ordinal_suffix(value, gender)}"
        case "long-ordinal":
            return locale.long_ordinal(value, gender) or f"{value}{locale.ordinal_suffix(value, gender)}"
        case "roman":
            return roman(value)
        case _:
            return str(value)
