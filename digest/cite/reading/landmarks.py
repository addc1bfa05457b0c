"""The landmarks of any citation: years, months, days, volume with pages, the number of an abstract, capitals."""

from __future__ import annotations

import re
from typing import Final

from digest.cite.tokens import DASH
from digest.vocabulary import MONTH, MONTH_ABROAD

YEAR_DIGITS: Final = r"(?:19|20)\d\d"
YEAR: Final = re.compile(rf"(?<![\w:.-]){YEAR_DIGITS}(?![\w-]|\.\d)")
MONTH_WORD: Final = rf"(?:{MONTH}[a-z]*\.?)"
_ABROAD: Final = rf"(?:de\s)?(?:(?i:{MONTH_ABROAD})|{MONTH}[a-z]*)(?:\sde)?"
DAYS: Final = re.compile(
    # 17.–20. September 2014, 12 al 14 de mayo de 2014, du 3 au 5 mai 2014
    rf"\b\d\d?\.?(?:\s{_ABROAD})?(?:\s?(?:{DASH}|bis|au|al|ao|e|y|et|und)\s?\d\d?\.?)?\s{_ABROAD}\s{YEAR_DIGITS}\b|"
    rf"(?:\b\d\d?(?:\s?(?:{DASH}|to)\s?\d\d?)?\s{MONTH_WORD}(?:\s?(?:{DASH}|to)\s?\d\d?\s{MONTH_WORD})?"
    rf"|\b{MONTH_WORD}(?:\s\d\d?)?(?:\s?(?:{DASH}|to)\s?(?:{MONTH_WORD}\s?)?\d\d?)?),?\s{YEAR_DIGITS}\b"
    rf"|\b{YEAR_DIGITS}\s{MONTH_WORD}(?:\s\d\d?)?(?:\s?{DASH}\s?(?:{MONTH_WORD}\s?)?\d\d?)?"
)
EDITION: Final = re.compile(r"[.,]?\s?\(?\b\d{1,2}(?:st|nd|rd|th)\s(?:ed\b\.?|edition)\)?", re.IGNORECASE)
IN_BOOK: Final = re.compile(
    r"(?:(?<=[.?!\])]\s)|(?<=[.?!]))In(?!\s[Pp]ress\b):?\s"
    r"(?:(?P<editors>[^:]{3,200}?),?\s\(?[Ee]d(?:itor)?s?\b\.?\)?[,.:]?\s)?"
)
MEETING_WORD: Final = re.compile(
    r"\b(?:Meeting|Congress|Conference|Symposium|Symposia|Workshop|Society|Association|Proceedings|Sessions?|Convention|"
    r"Abstracts|Forum|Federation|College|Summit|Kongress|Jahreskongress|Jahrestagung|Tagung|Congr[eè]s{1,2}o?|Jornadas|"
    r"Journ[ée]es|R[ée]union|Reuni[óo]n)\b",
    re.IGNORECASE,
)
ABSTRACT_NUMBER: Final = re.compile(
    # “Meeting Abstracts 2010” is not a number.
    rf"[\[(]?\b(?:e-)?(?:abstracts?|abstr?|abs|program(?=\s(?:no\b|number)))\b(?!(?<=s)\.?\s{YEAR_DIGITS}\b)\.?\s*(?:(?:nr|no|number)\b\.?)?\s*[:#]?\s*#?"
    r"(?P<number>(?:LBA |[A-Z]{1,4}[_-]|(?-i:[A-Z]{1,4}) (?=\d\d?\.\d\d))?[A-Za-z]{0,6}-?\d(?:[\w.-]*\w)?)[\])]?",
    re.IGNORECASE,
)
# A code of an abstract, where nothing says that it is one: OR01, P-45, GS1-01
CODE: Final = r"[A-Z][A-Za-z]{0,5}-?\d[\w.-]{0,8}"
# A meeting called by its society's letters and year: “ECTRIMS 2021”, “2017 ASCO”, “ACC/AHA 2014”.
ACRONYM_YEAR: Final = re.compile(
    rf"(?<![\w/-])(?P<name>[A-Z][A-Z/&-]{{2,11}}(?:[ -](?:GI|GU|Asia|Europe|Congress|Annual Meeting|Annual Congress))?"
    rf"\s(?:Annual Meeting |Congress )?{YEAR_DIGITS}|{YEAR_DIGITS}\s[A-Z][A-Z/&-]{{2,11}})(?![\w/-])"
)
PUBLISHER: Final = (
    r"(?:[A-Z][\w&'’.-]*\s){0,4}?(?:University Press|Press|Publish(?:ing|ers)|Verlag|Springer|Elsevier|Wiley|Routledge|"
    r"McGraw-Hill|Karger|Thieme|Saunders|Lippincott|Mosby|Blackwell|Macmillan|IEEE|ACM)\b[\w&'’/ -]{0,40}"
)
IMPRINT: Final = re.compile(
    rf"(?:[.;,]\s|\s?\()(?P<imprint>(?P<place>[A-Z][^.:;()\d]{{1,40}}):\s(?P<publisher>[A-Z][^.;:()\d]{{1,80}}?)"
    rf"|(?P<alone>{PUBLISHER}))(?:,\s[A-Z][\w ]{{2,30}})?[\s.,;:)]*$"
)
DESIGNATION: Final = re.compile(
    r"[\[(](?:(?:meeting|conference|congress|poster|oral)(?: presentation)? )?abst(?:r\b|ract)", re.IGNORECASE
)

_SUPPL: Final = r"suppl(?:ement)?s?\b\.?(?:[ _-]*\w{1,3}\b)?|suppl(?:ement)?_\w{1,3}"
# ADA: 222-OR; SABCS: P6-13-02; a range of pages, a letter before or after each.
_LOCATOR: Final = (
    r"(?:\d{1,4}-(?:OR|P|LB|PUB)\b|[A-Z]{1,3}\d{1,2}-\d\d-\d\d\b"
    rf"|(?:[A-Za-z]{{0,6}}{DASH}?|[A-Z]\s|(?:PA|OC|PO|PB)\s)\d[\w./]*(?:\s?{DASH}\s?[A-Za-z]*-?\d\w*)?)"
)
# Volume, part and place in it, wherever the year is. Volume and page alone (“74:CT326”) need their colon or comma.
_PLACE: Final = re.compile(
    rf"(?<![\w.:/-])(?!{YEAR_DIGITS}\b)(?P<volume>\d{{1,4}})\s*"
    rf"(?:[,.]?\s*\((?!{YEAR_DIGITS}\))\s*(?P<part>[^()]{{1,30}}?)\s*\)"
    rf"|[,.]?\s*(?P<word>(?:\d+[ _]?)?(?:{_SUPPL})|S\d+)(?!\w)"
    rf"|,\s*no\.\s*(?P<no>\w+))?"
    rf"(?:\s*\([^()]*{YEAR_DIGITS}[^()]*\)|,?\s*(?:\d\d?\s+)?{MONTH_WORD}\s*(?:\d\d?,?)?\s*{YEAR_DIGITS})?"
    rf"(?P<joint>\s*[:,;]|(?<=\))\s)\s*(?:abstr?(?:act)?\.?\s*(?:number|nr|no)?\.?\s*#?|pp?(?:\.\s*|\s+))?"
    rf"(?P<locator>{_LOCATOR})",
    re.IGNORECASE,
)
_DAY_BEFORE: Final = re.compile(rf"{MONTH_WORD}\s*(?:\d\d?\s?{DASH}\s?)?$", re.IGNORECASE)
_YEAR_BEFORE: Final = re.compile(rf"(?<![\w-]){YEAR_DIGITS}\s?[,;]\s?$")
_YEAR_AFTER: Final = re.compile(rf"\s?\({YEAR_DIGITS}\)")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\s[^\W\d_]|\))")
_SMALL_WORDS: Final = frozenset("of and the for on in to & de des et für und der la du".split())


def find_place(text: str, *, dated: bool) -> re.Match[str] | None:
    """Volume, part and page: the first that is not a day and a volume, or a page and a year.

    Args:
        text: what follows the people.
        dated: whether the year is known already, so that “12, 2014” is a volume and a page.
    """
    start = 0
    while match := _PLACE.search(text, start):
        has_part = match["part"] or match["word"] or match["no"]
        if _THOUSANDS.match(text, match.start()):
            start = match.end()
            continue  # 302,865 women
        is_day = _DAY_BEFORE.search(text[: match.start()])
        joint = match["joint"].strip()
        if has_part or (
            joint in {":", ","}
            and not is_day
            and (dated or not re.fullmatch(YEAR_DIGITS, match["locator"]) or _sure_page(text, match))
        ):
            return match
        if not joint and "(" in match[0]:
            return match  # 138 (2021) 1161
        start = match.start() + len(match["volume"])
    return None


def _sure_page(text: str, match: re.Match[str]) -> bool:
    """Whether what looks like a year is a page: its year is before the volume or after it, or “p.” is before it."""
    return bool(
        _YEAR_BEFORE.search(text[: match.start()])
        or _YEAR_AFTER.match(text, match.end())
        or re.search(r"pp?\.?\s?$", text[: match.start("locator")])
    )


def is_proper(text: str) -> bool:
    """Whether all words but the small ones begin with a capital."""
    return all(not word[0].islower() for word in text.split() if word not in _SMALL_WORDS)


def is_short(pages: str) -> bool:
    """Whether pages are two at most."""
    ends = re.fullmatch(r"\D*(\d+)\w*-\D*(\d+)\w*", pages)
    return ends is None or 0 <= int(ends[2]) - int(ends[1]) < 2


def without_year(text: str) -> str:
    """A text with spaces in place of its years and the marks around them."""
    return _YEAR_BETWEEN.sub(" ", text).strip(" .,;")


_YEAR_BETWEEN: Final = re.compile(rf"[\s.,;(]{{0,3}}{YEAR_DIGITS}[\s.,;)]{{0,3}}")
