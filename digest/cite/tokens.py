"""The small pieces of a printed citation as values: issues and supplements, pages, dates of a meeting, identifiers.

Each is read tolerantly, as sources and citations in the wild spell it, and printed in one way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Self

from msgspec import Struct

from digest.model import MONTHS, Meeting, PartialDate

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[PartialDate, PartialDate]
DASH: Final = r"[-‐‑‒–—−]"


class Part(Struct, frozen=True, kw_only=True):
    """The part of a volume: an issue, a supplement, or a supplement to an issue.

    Attributes:
        issue: number of the issue; nothing where the supplement belongs to the volume.
        supplement: number of the supplement; empty for one without a number, nothing where there is no supplement.
    """

    issue: str | None = None
    supplement: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """``15_suppl``, ``13 Suppl 2``, ``3, Supplement 1``, ``S1``, ``11S2``; else an issue as it stands."""
        text = re.sub(r"[\s_()]+", " ", text).strip(" .,")
        if match := _SUPPLEMENT.fullmatch(text):
            return cls(issue=match["issue"] or None, supplement=(match["number"] or match["short"] or "").strip(" -"))
        return cls(issue=text or None)

    @classmethod
    def of(cls, issue: str, supplement: str) -> Self:
        """The part that two fields of a record tell together; ``Suppl`` alone is a supplement without a number."""
        first = cls.parse(issue)
        if not supplement.strip():
            return first
        if re.fullmatch(r"\w{1,3}", supplement, re.ASCII):
            # As the record has it: 1, A, 5s. The first three letters of a word are no number of a supplement.
            return cls(issue=first.issue, supplement=supplement)
        second = cls.parse(supplement)
        if second.supplement is None:
            return cls(issue=first.issue, supplement=second.issue)
        return cls(issue=first.issue or second.issue, supplement=second.supplement)

    @property
    def suppl(self) -> str:
        """What stands beside the word “suppl”: the supplement's number, or else that of the issue it belongs to."""
        return "" if self.supplement is None else self.supplement or self.issue or ""

    def __str__(self) -> str:
        """``15 Suppl``, ``Suppl 4``, ``13 Suppl 2`` or ``4``, as NLM writes it."""
        word = None if self.supplement is None else f"Suppl {self.supplement}".strip()
        return " ".join(part for part in (self.issue, word) if part)


_SUPPLEMENT: Final = re.compile(
    # Commas, words and numerals as databases set them: “3, Supplement 1”, “Issue 3 - Suppl. No. 2”.
    r"(?:(?:(?:issue|no\.?|number) )?(?P<issue>\d[\w/]*?(?:-\d+)?))?(?:[ -]|(?<=\w) ?[,;/:&+–-] ?(?=s(?:upp|\d)))?"
    r"(?:suppl(?:ement(?:al|ary)?|s)?(?![a-z])\.?[ -]*(?:n[or]\.? ?(?=\d))?(?P<number>[\w-]*)"
    r"|S(?P<short>\d*)|(?<=\d)s(?![\w]))",
    re.IGNORECASE | re.ASCII,
)


def read_pages(text: str) -> str:
    """Pages with the last one completed: ``60-6`` is ``60-66``, ``S12-5`` ``S12-S15``, ``7021–7021`` ``7021``."""
    text = re.sub(r"^(?:pp?|pages?)\b\.?\s*", "", text.strip(), flags=re.IGNORECASE).rstrip(" .,;")
    match = re.fullmatch(rf"([A-Za-z]*)(\d+)(\w*)\s*{DASH}+\s*([A-Za-z]*)(\d+)(\w*)", text, re.ASCII)
    if not match or (match[5].startswith("0") and len(match[5]) > len(match[2])):
        return text  # GS2-08 is a number in two parts
    letters, first, end, other, last, last_end = match.groups()
    if len(last) < len(first) and other in {"", letters}:
        last = first[: len(first) - len(last)] + last
    before, after = letters + first + end, (other or letters) + last + last_end
    return before if before.lower() == after.lower() else f"{before}-{after}"


def read_dates(text: str) -> tuple[Span, ...]:
    """First and last day of each part of a meeting, in any usual order of words.

    ``May 30 - June 3, 2014``, ``31st May till 4th June 2013``, ``2021 Apr 10-15 and May 17-21``,
    ``2014-05-30/2014-06-03``; a month or a year alone where no day is given.

    Raises:
        ValueError: there is no date, or one that does not exist.
    """
    parts = []
    for part in re.split(r"\band\b|&|;", _ISO.sub(lambda m: f" {m[1]} {MONTHS[int(m[2]) - 1]} {m[3]} ", text)):
        sides = [_day(side) for side in re.split(rf"{DASH}+|/|\b(?:to|till|until|through)\b", part)]
        sides = [side for side in sides if side]
        if len(sides) > 2:
            raise ValueError(f"“{part.strip()}” is more than a first and a last day")
        if sides:
            parts.append((sides[0], sides[-1]))
    years = [side["year"] for part in parts for side in part if "year" in side]
    if not years:
        raise ValueError(f"“{text.strip()}” is no date with a year, such as May 30 - June 3, 2014")
    return tuple(_span(start, end, years[0]) for start, end in parts)


def _day(text: str) -> dict[str, int]:
    """Year, month and day, as far as one side of a range tells them."""
    found: dict[str, int] = {}
    for word in re.findall(r"[A-Za-z]+|\d+", text):
        if word.isdecimal():
            found.setdefault("year" if len(word) == 4 else "day", int(word))
        elif (name := word[:3].title()) in _MONTHS and MONTHS[_MONTHS.index(name)].lower().startswith(
            "sep" if word.lower() == "sept" else word.lower()
        ):
            found.setdefault("month", _MONTHS.index(name) + 1)
    return found


def _span(start: dict[str, int], end: dict[str, int], year: int) -> Span:
    """Each side with what only the other one tells."""
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
_MONTHS: Final = tuple(name[:3] for name in MONTHS)


def read_identifier(text: str) -> tuple[str, str]:
    """Kind and canonical spelling of an identifier: ``[PMID:24857584]`` is ``("pmid", "24857584")``.

    Kinds are the fields of `digest.model.Ids`, and ``issn``.

    Raises:
        ValueError: this is none, or its check digit is wrong.
    """
    bare = text.strip().strip("[]<>(). ")
    for kind, pattern in _IDENTIFIERS.items():
        if match := pattern.fullmatch(bare):
            return kind, _canonical(kind, match[1])
    raise ValueError(
        f"“{text}” is no identifier such as [PMID:24857584], NCT01077154 or 10.1200/jco.2014.32.15_suppl.8031"
    )


def _canonical(kind: str, value: str) -> str:
    match kind:
        case "doi":
            return value.lower().rstrip(".,;")
        case "pmcid" | "nbk" | "nct":
            return {"pmcid": "PMC", "nbk": "NBK", "nct": "NCT"}[kind] + value
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
        "doi": r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi\s*[:=]?\s*(?:https?://(?:dx\.)?doi\.org/)?)?(10\.\d{4,9}/\S+)",
        "nct": r"(?:ClinicalTrials\.gov(?:\s+\w+)?\s*[:=]?\s*|NCT\s*[:=]\s*|https?://(?:www\.)?clinicaltrials\.gov/\S*/)?(?:NCT)(\d{8})",
        "pmcid": r"(?:https?://\S*/articles/|PMC(?:ID)?\s*[:=]?\s*)?(?:PMC|(?<=[:=])|(?<=[:=] ))(\d+)/?",
        "pmid": r"(?:PMID\s*[:=]?\s*|PubMed(?:\s+PMID)?\s*[:=]\s*|https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed)/)([1-9]\d{0,8})/?",
        "nbk": r"(?:https?://\S*/books/|NBK\s*[:=]\s*)?(?:NBK|(?<=[:=])|(?<=[:=] ))(\d+)/?",
        "issn": r"(?:[pe]-?)?ISSN(?:-L)?\s*[:=]?\s*(\d{4}-?\d{3}[\dX])",
        "isbn": r"ISBN(?:-1[03])?\s*[:=]?\s*((?:97[89][- ]?)?(?:\d[- ]?){9}[\dX])",
        "url": r"(https?://\S+)",
    }.items()
}  # fmt: skip


def read_encore(text: str) -> Meeting | None:
    """The meeting at which an abstract was presented before, as a line at its end says; nothing where there is none."""
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
