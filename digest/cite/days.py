"""Dates of meetings in other words: those of other languages, and of numbers alone, become English ones.

`digest.cite.tokens.read_dates` reads the result.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import unicodedata
from typing import Final

from digest.vocabulary import MONTHS, any_month

_DASH: Final = r"[-‐‑‒–—−~～〜]"
# The months in languages whose names `digest.vocabulary` does not have, without accents: Dutch, Danish, Swedish,
# Norwegian, Polish, Czech, Hungarian, Romanian, Catalan, Turkish, Indonesian, Finnish. Russian, Ukrainian, Greek and
# Arabic words have endings: their beginnings. Source: Unicode CLDR, calendars/gregorian, months.
_ABROAD: Final = (
    "januari styczen stycznia leden ledna ianuarie gener ocak tammikuuta январ січ ιανουαρ يناير",
    "februari lutego luty unora februarie febrer subat helmikuuta феврал лют φεβρουαρ فبراير",
    "maart marts marca brezen brezna marcius martie mart maret maaliskuuta март берез μαρτ مارس",
    "kwiecien kwietnia duben dubna aprilis aprilie nisan huhtikuuta апрел квіт απριλ ابريل",
    "maj maja mei kveten kvetna majus maig mayis toukokuuta мая маи трав μαιο μαι مايو",
    "czerwiec czerwca cerven cervna junius iunie juny haziran kesakuuta июн черв ιουνι يونيو",
    "lipiec lipca cervenec cervence julius iulie juliol temmuz heinakuuta июл лип ιουλι يوليو",
    "sierpien sierpnia srpen srpna augustus augusti augusztus agustus agost agustos elokuuta август серп αυγουστ اغسطس",
    "wrzesien wrzesnia zari szeptember septembrie eylul syyskuuta сентябр верес σεπτεμβρ سبتمبر",
    "pazdziernik pazdziernika rijen rijna octombrie ekim lokakuuta октябр жовт οκτωβρ اكتوبر",
    "listopada noiembrie kasim marraskuuta ноябр листопад νοεμβρ نوفمبر",
    "grudzien grudnia prosinec prosince desember desembre aralik joulukuuta декабр груд δεκεμβρ ديسمبر",
)
_WHOLE: Final = {word: n for n, row in enumerate(_ABROAD, 1) for word in row.split() if word.isascii()}
_BEGINNINGS: Final = {word: n for n, row in enumerate(_ABROAD, 1) for word in row.split() if not word.isascii()}
# The first year of a Japanese era, less one.
_ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925}
_ROMAN: Final = {name: n for n, name in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), 1)}
# “to” between two days; “a” and “do” only where a day follows.
_TO: Final = re.compile(
    r"\s(?:bis(?:\s+zum)?|au|ao|al?|à|às|até|hasta(?:\s+el)?|tot(?:\s+en\s+met)?|t/m|do|po|til|till|по|до|đến|το)\s+"
    r"(?=(?:[^\W\d_]+\.?,?\s+)?\d)",
    re.IGNORECASE,
)
_AND: Final = re.compile(
    rf"(?<![\d.-])(?<!{_DASH}\s)(?<!{_DASH})\b(\d{{1,2}})(?:st|nd|rd|th|[.ºª])?\s*"
    rf"(?:\b(?:and|et|und|y|e|i|en|och|og|и|та)\b|&|/)\s*(?=\d{{1,2}}(?:st|nd|rd|th|[.ºª])?(?:\s+(?!and\b)[^\W\d]|,))"
    rf"(?!\d{{1,2}}\s?{_DASH})",
    re.IGNORECASE,
)
_ENDINGS: Final = re.compile(
    r"(?<=\d)(?:-?(?:го|е|й|ое|ro|ste|de)|-(?:án|én|ján|jén|ig|tól|től))(?![^\W\d])", re.IGNORECASE
)
_EAST: Final = re.compile(
    r"(?P<year>\d{4}|(?P<era>令和|平成|昭和)(?P<n>\d{1,2}|元))\s?[年년]|(?P<month>\d{1,2})\s?[月월]|(?P<day>\d{1,2})\s?[日일号號]"
)
_WEEKDAY: Final = re.compile(
    r"[（(]\s?(?:[月火水木金土日월화수목금토일](?:[曜요][日일])?[・･,/]?[祝休]?|[A-Za-z]{2,4}\.?)\s?[)）]"
)
_DOTTED: Final = re.compile(r"(?<![\d.])(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}|\d{2}(?=\D|$)))?(?!\d)")
_YEAR_FIRST: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[./]\s?(\d{1,2})[./]\s?(\d{1,2})(?!\d)")
_MONTH_DOT_DAY: Final = re.compile(rf"(?<={_DASH})\s?(\d{{1,2}})[./](\d{{1,2}})(?![\d./])")
_COMPACT: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])([0-3]\d)(?!\d)")
_ISO_END: Final = re.compile(r"(?<=-\d\d-\d\d/)(?:(0[1-9]|1[0-2])-)?(\d\d)(?![\d-])")
_MONTH_FIRST: Final = re.compile(r"(?<![\d/-])(\d{1,2})/(\d{1,2})\s?-\s?(\d{1,2})/(\d{4}|\d\d)(?![\d/])")
_SLASHED: Final = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d\d))?(?![\d/])")
_ROMANS: Final = "(VIII|VII|VI|V|IV|IX|III|II|I|XII|XI|X)"
_ROMAN_MONTH: Final = re.compile(rf"(?<=\d)[./\s]\s?{_ROMANS}[./\s]\s?(?=\d|$|[-–])")
_SEVERAL_DAYS: Final = re.compile(  # “3, 4, 5 June”
    r"(?<![\d./A-Za-z-])(?<![A-Za-z]\s)(\d{1,2}),\s?(?:\d{1,2},\s?){0,6}(\d{1,2})(?=\s(?!and|und)[^\W\d_]{3})"
)
_LONGEST: Final = 30  # days between the first and the last of a meeting


def in_english(text: str) -> str:
    """The text with months, “to”, and dates of numbers alone as English has them: ``31 May - 2 June 2007``.

    What it does not know stays as it is. Of ``03/04/2014`` nobody can tell which is the month.
    """
    text = _SEVERAL_DAYS.sub(r"\1 - \2", text)
    text = re.sub(rf"(?<=\d)-{_ROMANS}-(?=\d{{4}})", lambda found: f" {MONTHS[_ROMAN[found[1]] - 1]} ", text)
    if re.fullmatch(r"[A-Za-z0-9 ,.–-]*", text) and not re.search(r"\d\.\s?\d|\d{8}|\b\d{1,2}\.", text):
        return _months(_TO.sub(" - ", _AND.sub(r"\1 - ", text)))
    text = unicodedata.normalize("NFKC", text).replace("·", ".")
    text = _EAST.sub(_east, _WEEKDAY.sub(" ", text))
    text = re.sub(
        rf"(?<=\s)(?:至|到)|から|{_DASH}|−", "-", re.sub(r"(?<=[\s\d])(?:至|到|から|부터)(?=\s?\d|\s)", " - ", text)
    )
    text = re.sub(
        r"(?<=\d)\s?tháng\s?(\d{1,2})\b(?:\s?năm)?", lambda found: f" {_month(found[1])} ", text, flags=re.IGNORECASE
    )
    text = re.sub(r"(?<!\d)['’](\d\d)\b", lambda found: f" {_year(found[1])}", text)
    text = _ENDINGS.sub("", text)
    text = _COMPACT.sub(lambda found: f"{found[1]}-{found[2]}-{found[3]}", text)
    text = _ISO_END.sub(lambda found: f"{_month(found[1] or '')} {found[2]}", text)
    year_first = _YEAR_FIRST.search(text) is not None
    text = _YEAR_FIRST.sub(lambda found: f"{found[1]} {_month(found[2])} {found[3]} ", text)
    if year_first:  # 2022.9.29-10.1
        text = _MONTH_DOT_DAY.sub(lambda found: f" {_month(found[1])} {found[2]}", text)
    text = _ROMAN_MONTH.sub(lambda found: f" {MONTHS[_ROMAN[found[1]] - 1]} ", text)
    text = _DOTTED.sub(_dotted, text)
    text = _slashes(_MONTH_FIRST.sub(r"\1/\2/\4-\1/\3/\4", text))
    text = _TO.sub(" - ", _AND.sub(r"\1 - ", text))
    return _months(text)


def _month(number: str) -> str:
    return MONTHS[int(number) - 1] if number and 1 <= int(number) <= 12 else number


def _year(text: str | None) -> str:
    """Four digits of a year; of two, those that are nearest: 22 is 2022, 98 is 1998."""
    return "" if not text else text if len(text) == 4 else f"{'20' if int(text) < 70 else '19'}{text}"


def _dotted(found: re.Match[str]) -> str:
    if not 1 <= int(found[2]) <= 12:
        return found[0]
    return f"{found[1]} {_month(found[2])} {_year(found[3])} "


def _east(found: re.Match[str]) -> str:
    if found["era"]:
        return f"{_ERAS[found['era']] + (1 if found['n'] == '元' else int(found['n']))} "
    return (
        f"{found['year']} " if found["year"] else f"{_month(found['month'])} " if found["month"] else f"{found['day']} "
    )


def _slashes(text: str) -> str:
    """Dates such as 29/9/2022: the day is where the numbers allow only that, or where the meeting takes no months."""
    found = list(_SLASHED.finditer(text))
    year = next((_year(match[3]) for match in found if match[3]), "")
    if not year:
        return text
    pairs = [(int(match[1]), int(match[2])) for match in found]
    orders = {
        name: [(day, month) if name == "day" else (month, day) for day, month in pairs] for name in ("day", "month")
    }
    possible = [name for name, days in orders.items() if _is_meeting([(int(year), m, d) for d, m in days])]
    if len(possible) != 1:
        return text
    order = iter(orders[possible[0]])

    def words(match: re.Match[str]) -> str:
        day, month = next(order)
        return f"{day} {MONTHS[month - 1]} {_year(match[3])}"

    return _SLASHED.sub(words, text)


def _is_meeting(days: list[tuple[int, int, int]]) -> bool:
    try:
        dates = [dt.date(*day) for day in days]
    except ValueError:
        return False
    return all(0 <= (after - before).days <= _LONGEST for before, after in itertools.pairwise(dates))


def _months(text: str) -> str:
    return re.sub(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])+", _english, text)


def _english(found: re.Match[str]) -> str:
    """The English name of a month in any language; another word as it is."""
    word = unicodedata.normalize("NFD", found[0].casefold())
    bare = "".join(letter for letter in word if not unicodedata.combining(letter)).replace("ı", "i").replace("ł", "l")
    if len(bare) < 3:
        return found[0]
    number = any_month(bare) or _WHOLE.get(bare)
    if number is None and not bare.isascii():
        number = next((n for start, n in _BEGINNINGS.items() if bare.startswith(start)), None)
    return found[0] if number is None else MONTHS[number - 1]
