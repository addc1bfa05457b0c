"""The small pieces of a printed citation as values: issues and supplements, pages, dates of a meeting, identifiers.

Each is read tolerantly, as sources and citations in the wild spell it, and printed in one way.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct

from digest import trials
from digest.cite.days import in_english
from digest.cite.registries import decoded
from digest.model import Meeting, PartialDate
from digest.vocabulary import MONTHS, english_month

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[PartialDate, PartialDate]
DASH: Final = r"[-‐‑‒–—−]"


class VolumePart(Struct, frozen=True, kw_only=True):
    """The part of a volume: an issue, a supplement, or a supplement to an issue.

    Attributes:
        issue: number of the issue; nothing where the supplement belongs to the volume.
        supplement: number of the supplement; empty for one without a number, nothing without a supplement.
    """

    issue: str | None = None
    supplement: str | None = None

    @classmethod
    @functools.lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Self:
        """``15_suppl``, ``13 Suppl 2``, ``3, Supplement 1``, ``Number 4 • Suppl 1``, ``S1``, ``11S2``; else an issue.

        Of an issue the word before its number is left out; a part of it is as NLM writes it, ``10 Pt 2``.
        """
        text = re.sub(
            r"^\s*(?:vol(?:ume|umen)?|bd|band|tome|jg)\b\.?\s*\d+(?:\s*[,;:]\s*(?=\w)|\s(?=s(?:up|\d)))",
            "",
            text,
            flags=re.IGNORECASE,
        )
        text = re.sub(r"^(\d{1,3}), ?S$", r"\1 Suppl", text.strip())  # Web of Science: “15, S”
        text = _PART.sub(" Pt ", re.sub(r"[\s_()\[\]•·|]+", " ", text).strip(" .,"))
        if match := _SUPPLEMENT.fullmatch(text):
            number = match["number"] or (match["short"] or "").replace("S", "").replace("s", "")
            return cls(issue=match["issue"] or None, supplement=number.strip(" -"))
        return cls(issue=_ISSUE_WORD.sub("", text, count=1) or None)

    @classmethod
    def of(cls, issue: str, supplement: str) -> Self:
        """The part in two fields of a record together; ``Suppl`` alone is a supplement without a number."""
        first = cls.parse(issue)
        if not supplement.strip():
            return first
        if re.fullmatch(r"\w{1,3}", supplement, re.ASCII):
            # As the record has it: 1, A, 5s. The first three letters of a word are not the number of a supplement.
            return cls(issue=first.issue, supplement=supplement)
        second = cls.parse(supplement)
        if second.supplement is None:
            return cls(issue=first.issue, supplement=second.issue)
        return cls(issue=first.issue or second.issue, supplement=second.supplement)

    @property
    def suppl(self) -> str:
        """The number next to the word “suppl”: the supplement's number, or else that of the issue it belongs to."""
        return "" if self.supplement is None else self.supplement or self.issue or ""

    def __str__(self) -> str:
        """``15 Suppl``, ``Suppl 4``, ``13 Suppl 2`` or ``4``, as NLM writes it."""
        word = None if self.supplement is None else f"Suppl {self.supplement}".strip()
        return " ".join(part for part in (self.issue, word) if part)


_SUPPLEMENT: Final = re.compile(
    # Commas, words and numerals as databases set them: “3, Supplement 1”, “Issue 3 - Suppl. No. 2”, “10 Pt 2 Suppl”.
    r"(?:(?:(?:issue|n(?:[or]|úm|um|umber)?\.?|heft|nº) ?)?(?P<issue>\d[\w/]*?(?:-\d+)?(?: Pt \w{1,3})?))?"
    r"(?:[ -]|(?<=\w) ?[,;/:&+–-] ?(?=s(?:up|\d)))?"
    r"(?:sup(?:p?l(?:ement(?:al|ary|um|o|a)?|s)?)?(?![a-z])\.?[ -]*(?:n[or]\. ?(?=\d)|nº ?)?"
    r"(?:S(?=\d))?(?P<number>[\w-]*(?: Pt \w{1,3})?)"
    r"|S(?:[ -]?(?P<short>\d+(?:-S?\d+)?[A-D]?))?|(?<=\d)s(?![\w]))",
    re.IGNORECASE | re.ASCII,
)
_PART: Final = re.compile(r"[ ,]+(?:pt|part|parte|teil)\b\.? ?(?=\w{1,3}\b)", re.IGNORECASE)
_ISSUE_WORD: Final = re.compile(
    r"^(?:issue|n[or]?|n[úu]m(?:ero)?|number|heft|ausgabe|fasc(?:icolo|icule)?|cuaderno|nº|n°|№|#)\.? ?(?=\d)",
    re.IGNORECASE,
)


def read_pages(text: str) -> str:
    """Pages with the last one completed: ``60-6`` is ``60-66``, ``S12-5`` ``S12-S15``, ``7021–7021`` ``7021``.

    Of several ranges each is completed: ``34-6, 87-91`` is ``34-36, 87-91``.
    """
    text = _PAGE_WORD.sub("", re.sub(r"(?<=\d)\s?\[[^\[\]]{0,40}\]$", "", text.strip())).rstrip(" .,;")
    text = re.sub(rf"(?<=\d)\s?{DASH}$", "", text)  # no last page is given
    if re.fullmatch(rf"\d{{1,2}},\d{{3}}\s?{DASH}\s?\d{{1,2}},\d{{3}}", text):  # 1,045-1,050
        text = text.replace(",", "")
    if "," not in text and ";" not in text:
        return _range(text)
    pieces = re.split(r"\s*([,;])\s*((?:discussion|quiz)(?:\s|$))?\s*", text, flags=re.IGNORECASE)
    ranges = [_range(piece) for piece in pieces[::3]]
    marks = [f"{mark} {word or ''}" for mark, word in zip(pieces[1::3], pieces[2::3], strict=True)]
    return "".join(part for pair in zip(ranges, [*marks, ""], strict=True) for part in pair).rstrip(" ,;")


# “S.” with a space is German for page; S12 is a page of a supplement.
_PAGE_WORD: Final = re.compile(
    r"^(?:(?:pp?|pages?|p[áa]gs?|p[áa]ginas?|seiten?|str|стр|с)\b\.?\s*|S\.\s+(?=\d))", re.IGNORECASE
)
_ROMAN: Final = r"(?:[ivxlc]+|[IVXLC]+)"


def _range(text: str) -> str:
    """One page or range of pages, its last page completed; another text as it is."""
    match = re.fullmatch(
        rf"([A-Za-z]*)(\d+)(\w*(?:\.[a-z]\d+)?)\s*{DASH}+\s*([A-Za-z]*)(\d+)(\w*(?:\.[a-z]\d+)?)", text, re.ASCII
    )
    # A last page does not begin with a zero that the first one lacks: OR15-06 is a number in two parts.
    if not match or (match[5].startswith("0") and (len(match[5]) > len(match[2]) or (match[1] and not match[4]))):
        if re.fullmatch(rf"{_ROMAN}\s*{DASH}+\s*{_ROMAN}", text):  # pages before the first
            first, _, last = re.sub(rf"\s*{DASH}+\s*", "-", text).partition("-")
            return first if first == last else f"{first}-{last}"
        # S-122–S-123, S-122–123; LBA-4-LBA-4 is one place twice; GS2-08 is a number in two parts
        joined = re.fullmatch(rf"([A-Za-z]{{1,5}}-)(\d{{1,5}})\s*(?:{DASH}+\s*\1|[–—]\s*)(\d{{1,5}})", text)
        if not joined:
            return text
        letters, first, last = joined.groups()
        last = first[: max(0, len(first) - len(last))] + last
        return f"{letters}{first}" if first == last else f"{letters}{first}-{letters}{last}"
    letters, first, end, other, last, last_end = match.groups()
    if end.startswith(".") and other and not last_end and end[1] == other:  # 1045.e1-e9
        return f"{letters}{first}{end}-{letters}{first}.{other}{last}"
    if end.startswith(".") and not other and not last_end and len(last) < len(first):  # 1045.e1-9
        return f"{letters}{first}{end}-{letters}{first}{end[:2]}{last}"
    if len(last) < len(first) and other in {"", letters}:
        last = first[: len(first) - len(last)] + last
    before, after = letters + first + end, (other or letters) + last + last_end
    return before if before.lower() == after.lower() else f"{before}-{after}"


def read_dates(text: str) -> tuple[Span, ...]:
    """First and last day of each part of a meeting, in any usual order of words.

    ``May 30 - June 3, 2014``, ``31st May till 4th June 2013``, ``2021 Apr 10-15 and May 17-21``,
    ``2014-05-30/2014-06-03``, ``08.10.22–11.10.22``, ``du 31 mai au 2 juin 2007``; a month or a year alone where no day
    is given.

    Raises:
        ValueError: the text has no date, or one that does not exist.
    """
    parts = []
    words = _ISO.sub(lambda m: f" {m[1]} {MONTHS[int(m[2]) - 1]} {m[3]} ", in_english(text))
    for part in re.split(r"\band\b|&|;", words):
        sides = [_day(side) for side in re.split(rf"{DASH}+|/|\b(?:to|till|until|through)\b", part)]
        sides = [side for side in sides if side]
        if len(sides) > 2:
            raise ValueError(f"“{part.strip()}” is more than a first and a last day")
        if sides:
            parts.append((sides[0], sides[-1]))
    years = [side["year"] for part in parts for side in part if "year" in side]
    if not years:
        raise ValueError(f"“{text.strip()}” is not a date with a year, such as May 30 - June 3, 2014")
    return tuple(_span(start, end, years[0]) for start, end in parts)


def _day(text: str) -> dict[str, int]:
    """Year, month and day, as far as they are on one side of a range."""
    found: dict[str, int] = {}
    for word in re.findall(r"[^\W\d_]+|\d+", text):
        if word.isdecimal():
            found.setdefault("year" if len(word) == 4 else "day", int(word))
        elif month := english_month(word):
            found.setdefault("month", month)
    return found


def _span(start: dict[str, int], end: dict[str, int], year: int) -> Span:
    """Each side, completed with what is only on the other one."""
    month, last_month = start.get("month", end.get("month")), end.get("month", start.get("month"))
    last_year = end.get("year", start.get("year", year))
    first_year = start.get("year", last_year - (month is not None and last_month is not None and month > last_month))
    days = (start.get("day"), end.get("day")) if month else (None, None)
    return PartialDate(first_year, month, days[0]), PartialDate(last_year, last_month, days[1])


def print_dates(spans: Sequence[Span]) -> str:
    """``2019 Mar 29-Apr 3`` and ``2021 Apr 10-15 and May 17-21``, the order of NLM."""
    texts = []
    year: int | None = None
    for start, end in spans:
        first = start.medline if start.year != year else start.medline.removeprefix(f"{year} ")
        shared = [a == b for a, b in zip(start.parts, end.parts, strict=False)]
        if start == end:
            last = ""
        elif not shared[0]:
            last = end.medline
        elif len(shared) > 1 and not shared[1]:
            last = end.medline.removeprefix(f"{end.year} ")
        else:
            last = str(end.day or "")
        texts.append(f"{first}-{last}" if last else first)
        year = end.year
    return " and ".join(texts)


_ISO: Final = re.compile(r"\b(\d{4})-(0[1-9]|1[0-2])-(\d\d)\b")


def read_identifier(text: str) -> tuple[str, str]:
    """Kind and canonical spelling of an identifier: ``[PMID:24857584]`` is ``("pmid", "24857584")``.

    Kinds are the fields of `digest.model.Ids`, and ``issn``.

    Raises:
        ValueError: the text is not an identifier, or its check digit is wrong.
    """
    bare = text.strip().strip("[]<>(). ")
    if "%" in bare and "10." in bare:
        bare = decoded(bare)
    if number := trials.alone(bare):
        return "nct" if number.startswith("NCT") else "trials", number
    for kind, pattern in _IDENTIFIERS.items():
        if match := pattern.fullmatch(bare):
            return kind, _canonical(kind, match[1])
    raise ValueError(
        f"“{text}” is not an identifier such as [PMID:24857584], NCT01077154 or 10.1200/jco.2014.32.15_suppl.8031"
    )


def _canonical(kind: str, value: str) -> str:
    match kind:
        case "doi":
            return value.lower().rstrip(".,;")
        case "pmcid" | "nbk":
            return {"pmcid": "PMC", "nbk": "NBK"}[kind] + value
        case "issn":
            value = f"{value[:4]}-{value[-4:]}".upper()
            digits = [10 if digit == "X" else int(digit) for digit in value.replace("-", "")]
            if sum(digit * weight for digit, weight in zip(digits, range(8, 0, -1), strict=True)) % 11:
                raise ValueError(f"the ISSN {value} has a wrong check digit")
            return value
        case "isbn":
            return re.sub(r"[- ]", "", value).upper()
        case _:
            return value


_IDENTIFIERS: Final = {
    kind: re.compile(pattern, re.IGNORECASE | re.ASCII)
    for kind, pattern in {
        "doi": r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi\s*[:=]?\s*(?:https?://(?:dx\.)?doi\.org/)?)?(10\.(?!1002/central/)\d{4,9}/\S+)",
        "pmcid": r"(?:https?://\S*/articles/|PMC(?:ID)?\s*[:=]?\s*)?(?:PMC|(?<=[:=])|(?<=[:=] ))(\d+)/?",
        "pmid": r"(?:PMID\s*[:=]?\s*|PubMed(?:\s+PMID)?\s*[:=]\s*|https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/)([1-9]\d{0,8})/?",
        "nbk": r"(?:https?://\S*/books/|NBK\s*[:=]\s*)?(?:NBK|(?<=[:=])|(?<=[:=] ))(\d+)/?",
        "issn": r"(?:[pe]-?)?ISSN(?:-L)?\s*[:=]?\s*(\d{4}-?\d{3}[\dX])",
        "isbn": r"ISBN(?:-1[03])?\s*[:=]?\s*((?:97[89][- ]?)?(?:\d[- ]?){9}[\dX])",
        "url": r"(https?://\S+)",
    }.items()
}


def read_encore(text: str) -> Meeting | None:
    """The meeting at which an abstract was presented before, from a line at its end; nothing where none says so."""
    for match in _ENCORE.finditer(text):
        words = match["meeting"]
        year = re.search(r"\b(?:19|20)\d\d\b", words)
        name = re.sub(r"\b(?:19|20)\d\d\b", "", words).partition(",")[0]
        name = re.sub(r"\s+(?:in|held|on)\s.*$", "", " ".join(name.split())).strip(" :-")
        society = re.search(r"\b[A-Z]{3,6}\b", name)
        if year and name:
            return Meeting(name=name, society=society[0] if society else "", start=PartialDate(int(year[0])))
    return None


_ENCORE: Final = re.compile(
    r"(?:presented|published|encore)\b[^.;]{0,30}?\b(?:at|in|from|of)\s+(?:the\s+)?(?P<meeting>(?:[^.;]|\.(?=\w))+)",
    re.IGNORECASE,
)
