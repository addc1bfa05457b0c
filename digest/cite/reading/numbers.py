"""The number that societies put before or after the title of an abstract: ``632P Title``, ``Title (P302)``."""

from __future__ import annotations

import re
from typing import Final

from digest.cite.numbering import CERTAIN, is_joined, is_known_word, numbered

_NUMBER: Final = r"(?:LBA\s|[A-Z]{1,4}\s(?=\d\d?\.\d\d))?[A-Za-z]{0,6}-?\d(?:[\w.-]{0,12}\w)?"
# “Abstract 16722: Title” (AHA, AACR), “Poster P45. Title”
_NAMED_BEFORE: Final = re.compile(
    rf"(?:Abstract|Abstr\.?|Poster|Paper)\s(?:(?:no|nr|number)\b\.?\s?)?[:#]?\s?#?(?P<number>{_NUMBER})\s?[:.|–—-]\s?(?=\S)"
)
# By kind of presentation: P(oster), O(ral), S(ession), PB (publication), LB (late-breaking), days of the week (EULAR,
# DDW), …: the codes of EHA, EULAR, ESC, EASL, ECTRIMS, SABCS, ISTH, DDW, EHA and IASLC. Trials are called so as well
# (E2108, S1007: of ECOG and SWOG), so that letters which groups use for them are not in it, or with three digits only.
_KIND: Final = (
    r"(?:P|O|OP|PO|PS|PP|PB|PF|PA|PD|PL|PT|OA|OC|OR|OT|OS|MA|MO|EP|EPS|FP|FC|POS|TPS|TIP|LB|LBO|LBP|LBA|LBCT|GS|AB|ABS|"
    r"SAT|FRI|THU|WED|SUN|MON|TUE|Su|Mo|Tu|We|Th|Fr|Sa)"
)
# ESMO puts the kind after the number: 632P, 1745TiP, 12MO, 985PD.
_ESMO: Final = r"\d{1,4}(?:P|PD|O|MO|TiP|TIP|eP|RF)(?:_PR)?"
_SIGNED: Final = re.compile(
    rf"(?P<number>{_KIND}[ -]?\d{{1,5}}(?:[.-]\d{{1,3}}){{0,2}}|S\d{{3}}|[A-Z]-\d{{2,4}}"
    rf"|\d{{1,4}}-(?:OR|P|LB|PUB)|e\d{{5,6}}|{_ESMO}|\d{{1,5}})"
    r"\s?[:.|–—-]\s+(?=[^\W_a-z]|[“\"‘(\[]|\w?[A-Z])"
)
# Without a sign Y90, P53 and CD137 begin titles: only what has the digits that societies number with is a number.
# Four digits of which the first is 0 (SLEEP: 0097) are neither a year nor a quantity.
_UNSIGNED: Final = re.compile(
    rf"(?P<number>{CERTAIN}|{_ESMO}|(?:P|OP|PO|PS|PP|PB|PF|PD|EP|POS|TPS|OT)-?(?:0\d{{2,4}}|\d{{4,5}})|(?:P|O|OP|PO|PS|PP)-\d{{2,4}}"
    r"|(?:PD|LBA|V)\d\d-\d\d|\d{1,4}-(?:OR|P|LB|PUB)|LBA-?\d{1,4}"
    r"|(?:PD|PS|OT|P|GS)\d-\d\d|(?:OA|MA|PL|P|EP)\d\d\.\d\d|0\d{3})\s+(?=[^\W_a-z]|[“\"‘(\[])"
)
# In brackets of its own, “(P23) Title”; phosphorus-32 and oxygen-15 are isotopes.
_SET_OFF: Final = re.compile(
    rf"[\[(](?!P-?3[23]\b|O-?15\b)(?P<number>{_KIND}-?\d{{2,5}})[\])]\s?[:.|]?\s+(?=[^\W\d_a-z])"
)
_FIRST: Final = re.compile(rf"[\[(]?(?P<number>{_NUMBER})[\])]?[:.]?\s+(?=[^\W_a-z]|[“\"‘(\[])")
_NAMED_AFTER: Final = re.compile(
    rf"[\s.,;]{{0,4}}(?:[\[(](?:[A-Z]{{2,10}}\s)?)?\b(?:Abstract|Abstr|Abs|Poster|Paper|Presentation)\b\.?\s(?:(?:no|nr|number)\b\.?\s?)?[:#]?\s?#?"
    rf"(?P<number>{_NUMBER})[\])]?$",
    re.IGNORECASE,
)
_IN_MARKS: Final = re.compile(rf"\s?[\[(]#?(?P<number>{_NUMBER})[\])]$")
_KIND_IN_MARKS: Final = re.compile(rf"{_KIND}-?\d{{3,5}}|{_ESMO}")


def is_numbered(title: str) -> bool:
    """Whether a number that only abstracts have is before a title."""
    return bool(
        ((match := _UNSIGNED.match(title)) and not is_known_word(match["number"]))
        or _NAMED_BEFORE.match(title)
        or _SET_OFF.match(title)
        or _MARKED.match(title)
        or is_joined(title)
    )


_MARKED: Final = re.compile(r"#\s?[A-Z]{0,4}-?\d{1,5}\s?[:.|]?\s+(?=[A-Z])")  # AACR until 2010: #2345


def number_after(text: str) -> str:
    """The number after the pages: ``S1234, MA12.05``; empty where there is none."""
    match = re.fullmatch(
        rf"[\s.,;(\[]{{0,3}}(?P<number>{_KIND}(?:-?\d{{2,5}}|\s\d\d?(?=\.))(?:[.-]\d{{2}}){{0,2}}|{_ESMO}|P[A-Z]{{2}}\d{{1,3}}|[A-Z]{{1,3}}-[A-Z]{{1,3}}-\d{{2,4}})[\s.)\]]{{0,3}}",
        text,
    )
    return match["number"] if match else ""


def number_at_title(title: str, number: str, pages: str) -> tuple[str, str]:
    """The title of an abstract without the number before or after it, and that number.

    Args:
        title: the title.
        number: the number that is known from elsewhere; empty where none is.
        pages: the pages.
    """
    before = _NAMED_BEFORE.match(title) or _SIGNED.match(title) or _UNSIGNED.match(title) or _SET_OFF.match(title)
    if before and before.re is _UNSIGNED and is_known_word(before["number"]):
        before = None
    found = None if before else numbered(title, known=number, proceedings=True)
    if found and found.start and found.end - found.start > 8:
        return title[found.start : found.end].strip(), found.number
    if before and len(title) - before.end() > 8 and number.casefold() in {"", before["number"].casefold()}:
        return title[before.end() :], before["number"]
    first = _FIRST.match(title)
    if first and first["number"].casefold() in {text.casefold() for text in (number, pages) if text}:
        return title[first.end() :], first["number"]
    after = _NAMED_AFTER.search(title)
    if after and (not number or number.casefold() == after["number"].casefold()):
        return title[: after.start()].rstrip(" .,;"), after["number"]
    if marked := _IN_MARKS.search(title):
        known = {text.casefold() for text in (number, pages) if text}
        if marked["number"].casefold() in known or (not number and _KIND_IN_MARKS.fullmatch(marked["number"])):
            return title[: marked.start()].rstrip(" .,;"), marked["number"]
    return title, number


# Opening marks with those that close them: English, French and Spanish, German, Swedish, Danish, CJK.
_QUOTES: Final = {
    "“": "”",
    "‘": "’",
    '"': '"',
    "'": "'",
    "«": "»",
    "‹": "›",
    "„": "“”",
    "‚": "‘’",
    "”": "”",
    "’": "’",
    "»": "«»",
    "›": "‹›",
    "「": "」",
    "『": "』",
    "《": "》",
}


def without_quotes(title: str) -> str:
    """The title without quotation marks around the whole of it; those around a part, or two parts, are its own."""
    title = _STOP_AFTER_QUOTE.sub("", title)
    inner = title[1:-1].strip()
    if len(inner) < 2 or title[-1] not in _QUOTES.get(title[0], ""):
        return title
    opening, closing = title[0], title[-1]
    # An apostrophe inside a word closes nothing.
    marks = re.findall(rf"(?<!\w)[{opening}{closing}]|[{opening}{closing}](?!\w)", inner)
    return title if marks else inner.rstrip(" .,")


_STOP_AFTER_QUOTE: Final = re.compile(r"(?<=[”\"’'»])[.,]$")
