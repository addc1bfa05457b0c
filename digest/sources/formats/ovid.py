"""Ovid's tagged text becomes records: ``<1. >`` or ``VN  - Ovid Technologies`` begins each.

The tags are two letters as in RIS, with other meanings (Ovid's database guides): fields have the same names in MEDLINE,
Embase and others, but journal, volume, issue, pages and meeting are one sentence in ``SO``.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.degrees import is_degree
from digest.errors import DigestError
from digest.model import Meeting
from digest.sources.page import each
from digest.sources.shared import refman
from digest.sources.shared.dates import date_of
from digest.sources.shared.draft import Draft
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.sources.page import Outcome, Page

_BEGINS: Final = re.compile(r"^(?:<\s?\d{1,6}\s?\.?\s?>[ \t]*|VN {1,2}- Ovid\b.*)$", re.MULTILINE)
_TAG: Final = re.compile(r"^([A-Z][A-Z0-9]) {1,2}-(?: |$)", re.MULTILINE)
_NUMBER: Final = re.compile(r"^UI {1,2}- ", re.MULTILINE)
# In Ovid's other text each name has a line of its own, and its value below it, indented.
_NAMES: Final[Mapping[str, str]] = {
    "Unique Identifier": "UI",
    "Accession Number": "UI",
    "PubMed ID": "PM",
    "Title": "TI",
    "Author": "AU",
    "Authors": "AU",
    "Author/Editor": "AU",
    "Authors Full Name": "FA",
    "Author Full Name": "FA",
    "Source": "SO",
    "Journal": "JN",
    "Journal Name": "JN",
    "Abstract": "AB",
    "Publication Type": "PT",
    "Year of Publication": "YR",
    "Publication Year": "YR",
    "Digital Object Identifier": "DO",
    "DOI": "DO",
    "Institution": "IN",
    "Author Affiliation": "IN",
    "Language": "LG",
    "Database": "DB",
    "Publisher": "PB",
    "ISSN": "IS",
    "ISSN Print": "IS",
    "ISSN Electronic": "ES",
    "Conference Information": "CF",
    "Conference": "CF",
    "Subject Headings": "SH",
    "MeSH Subject Headings": "MH",
    "Keyword Heading": "KW",
    "Keywords": "KW",
    "Status": "ST",
    "Country of Publication": "CP",
    "Date of Publication": "DP",
}
_NAMED: Final = re.compile(
    rf"^(?P<name>{'|'.join(map(re.escape, _NAMES))})\.?[ \t]*\n(?P<value>(?:[ \t]+\S.*(?:\n|\Z))+)", re.MULTILINE
)
# The tags of RIS for those that mean the same.
_SAME: Final[Mapping[str, str]] = {
    "TI": "TI",
    "BT": "BT",
    "JN": "JF",
    "JT": "JF",
    "TA": "JA",
    "JA": "JA",
    "VI": "VL",
    "IP": "IS",
    "YR": "PY",
    "DO": "DO",
    "AB": "AB",
    "IS": "SN",
    "IB": "SN",
    "ES": "SN",
    "PB": "PB",
    "LG": "LA",
    "KW": "KW",
    "MH": "KW",
    "SH": "KW",
    "DB": "DB",
    "UI": "AN",
    "PM": "PMID",
    "DI": "DO",
    "ED": "ED",
}
_USED: Final = frozenset(
    """
        VN ST SO AU FA IN AD PG PT DP CF CS CE AR CP RO UR XL CO DC NT SL SU EM DD RV EV CR PS AI AS CN TN RN
    """.split()
)


def parse(page: Page) -> Iterator[Outcome]:
    """A record or a problem for each reference.

    Raises:
        DigestError: the page has none.
    """
    text = page.text.replace("\r\n", "\n").replace("\r", "\n")
    text = _NAMED.sub(_tagged, text)
    starts = [match.start() for match in _BEGINS.finditer(text)]
    # “<1. >” and the line “VN” below it begin the same record; a second “UI” shows that its beginning is lost.
    starts = [at for n, at in enumerate(starts) if not n or _has_tags(text, starts[n - 1], at)]
    if (first := _TAG.search(text)) and (not starts or first.start() < starts[0]):
        starts.insert(0, first.start())
    numbers = [match.start() for match in _NUMBER.finditer(text)]
    for one, two in itertools.pairwise(numbers):
        if not any(one < at <= two for at in starts):
            starts.append(two)
    starts.sort()
    if not first:
        raise DigestError(
            "no references found", where=page.where, expected="lines such as “<1. >” and “TI  - The title”"
        )
    yield from page.text_problems
    line, counted = 1, 0
    pieces: list[tuple[str, int, int]] = []
    for n, (at, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
        line, counted = line + text.count("\n", counted, at), at
        pieces.append((text[at:end], line, n))
    yield from each(page, pieces, lambda piece: _record(page, *piece), line=lambda piece: piece[1])


def _tagged(match: re.Match[str]) -> str:
    """A field whose name is on a line of its own, with its tag; each of several people has it."""
    tag = _NAMES[match["name"]]
    lines = [line.strip() for line in match["value"].split("\n") if line.strip()]
    if tag in {"AU", "FA"}:
        people = [name.strip() for line in lines for name in line.split(";") if name.strip()]
        return "".join(f"{tag}  - {name}\n" for name in people)
    return f"{tag}  - " + "\n      ".join(lines) + "\n"


def _has_tags(text: str, start: int, end: int) -> bool:
    return any(match[1] != "VN" for match in _TAG.finditer(text, start, end))


def _record(page: Page, text: str, line: int, n: int) -> Outcome:
    given: dict[str, list[str]] = {}
    tags = list(_TAG.finditer(text))
    for match, end in zip(tags, [*(tag.start() for tag in tags[1:]), len(text)], strict=False):
        if value := text[match.end() : end].strip():
            given.setdefault(match[1], []).append(value)
    one = {tag: " ".join(found[0].split()) for tag, found in given.items()}
    name = one.get("UI", "")[:200]
    draft = Draft(page, name or f"record {n}", text.strip().encode("utf-8", "replace"), name)
    draft.line = line
    values: refman.Values = {}
    for tag, found in given.items():
        if tag in _SAME:
            values.setdefault(_SAME[tag], []).extend(found)
    people = [" ".join(author.split()) for author in given.get("FA") or given.get("AU") or []]
    marks: list[tuple[int, ...]] = []
    places = given.get("IN", [])
    if "journals@ovid" in one.get("DB", "").lower():
        values["TI"] = [_KIND_AFTER.sub("", title) for title in values.get("TI", [])]
        marks = list(map(_marks_of, people))
        people = [_without_degrees(_MARKS_AFTER.sub("", name)) for name in people]
        places = [place for text in places for place in _NUMBERED.split(" ".join(text.split())) if place.strip(" ,;")]
    if "VI" in given and _MEDLINE_VOLUME.search(one.get("SO", "")):
        values.pop("VL", None)  # MEDLINE's VI is the version of the record
    values["AU"] = [_inverted(author) for author in people]
    values["AD"] = places
    values["M3"] = [*given.get("PT", ()), *given.get("ST", ())]
    _read_source(draft, one.get("SO", ""), values)
    for tag, text_of in (("PG", one.get("PG", "")), ("C7", one.get("AR", ""))):
        if text_of and tag == "PG":
            values.setdefault("SP", [re.sub(r"^pp?\.?\s", "", text_of)])
        elif text_of:
            values.setdefault(tag, [text_of])
    if date := re.match(r"\w.{0,40}\d{4}|\d{4}.{0,20}", one.get("DP", "")):
        values.setdefault("DA", [date[0]])
    _fill_meeting(draft, one)
    refman.fill(draft, "JOUR", values)
    if any(marks) and len(marks) == len(draft.authors) and max(max(one, default=0) for one in marks) <= len(places):
        draft.authors = [
            structs.replace(author, affiliations=numbers) if numbers else author
            for author, numbers in zip(draft.authors, marks, strict=True)
        ]
    draft.tell_unread((tag, " ".join(found)) for tag, found in given.items() if tag not in _SAME and tag not in _USED)
    return draft.finish()


# Journals@Ovid has the kind of an article after its title, marks after names, and places after the same marks:
# “Zhang, Weijia 1,2,+”, “(1)Cancer Research Institute, (2)School of Medicine”.
_KIND_AFTER: Final = re.compile(r"\.?\s+\[[A-Z][A-Za-z &:,/-]{2,60}\]\s*$")
_MARKS_AFTER: Final = re.compile(r"\s(?:\d{1,2}|[+*]{1,3})(?:,(?:\d{1,2}|[+*]{1,3}))*$")
_NUMBERED: Final = re.compile(r"[,;]?\s?\(\d{1,2}\)\s?")
_MEDLINE_VOLUME: Final = re.compile(r"\.\s\w{1,8}(?:\([^()]{1,40}\))?:[\w.,/ -]{1,40}?,\s(?:19|20)\d\d")


def _without_degrees(name: str) -> str:
    """``Peterson, James A.`` of ``Peterson, James A. Ph.D., FACSM``."""
    family, comma, given = name.partition(", ")
    words = given.split()
    while len(words) > 1 and (is_degree(words[-1].strip(",")) or re.fullmatch(r"F[A-Z]{3,5}", words[-1])):
        words.pop()
    return f"{family}{comma}{' '.join(words).rstrip(',')}"


def _marks_of(name: str) -> tuple[int, ...]:
    """The numbers after a name."""
    match = _MARKS_AFTER.search(name)
    return tuple(sorted(map(int, re.findall(r"\d+", match[0])))) if match else ()


_INITIALS: Final = re.compile(r"(\S.{0,80}?)\s((?:[^\W\d_a-z]\w?\.-?){1,5})")


def _inverted(author: str) -> str:
    """``Van Der Meulen K.J.`` with the comma that Ovid leaves out."""
    match = _INITIALS.fullmatch(" ".join(author.split()))
    return f"{match[1]}, {match[2]}" if match and "," not in match[1] else author


# Embase: “Journal. Conference: Name. Place. 132 (Supplement 1) (pp 1-2), 2018. Date of Publication: November 2018.”;
# MEDLINE: “Journal. 29(3):12-9, 2014 Mar.”
_SOURCE: Final = re.compile(
    r"(?P<journal>.{2,300}?)\.\s"
    r"(?:Conference:\s(?P<event>.{3,500}?)\.\s(?:Conference Publication:\s(?:\([^()]{0,40}\)\.?\s)?)?)?"
    r"(?:(?P<volume>[A-Za-z]{0,4}\s?\d[\w/-]{0,12})\s?)?(?:\((?P<issue>[^()]{1,60})\)\s?)?"
    r"(?:\((?:pp?\s(?P<pages>[^()]{1,40})|no pagination)\)|:\s?(?P<after>[\w.,/ -]{1,40}?))?"
    r",\s(?P<date>(?:19|20)\d\d(?:\s[A-Za-z]{3,9}(?:[\s-][\w-]{1,9}){0,2})?)\.?(?:\s(?P<rest>.{0,400}))?"
)


# Journals@Ovid: “ACSM'S Health & Fitness Journal January/February 2010;14(1):56”; its parts by their tags in RIS.
_SHORT_SOURCE: Final = re.compile(
    r"(?P<JF>.{2,300}?)\s"
    r"(?P<DA>(?:[A-Z][a-z]{2,8}(?:[/-][A-Z][a-z]{2,8})?\s)?(?:\d{1,2},?\s)?(?P<PY>(?:19|20)\d\d));\s?"
    r"(?P<VL>[\w -]{0,20})(?:\((?P<IS>[^()]{1,60})\))?:\s?"
    r"(?P<SP>[A-Za-z]{0,3}\d\w*)(?:-(?P<EP>\w+))?[\w,. -]{0,40}"
)


def _read_source(draft: Draft, text: str, values: refman.Values) -> None:
    """Sets what the sentence ``SO`` says and no field of its own."""
    if not text:
        return
    if short := _SHORT_SOURCE.fullmatch(text[:2000]):
        for tag, value in short.groupdict().items():
            if value:
                values.setdefault(tag, [value])
        return
    match = _SOURCE.fullmatch(text[:2000])
    if not match:
        draft.tell("note", "source", f"the source “{text[:200]}” could not be read")
        return
    found = {"JF": match["journal"], "VL": match["volume"], "IS": match["issue"], "PY": match["date"][:4]}
    for tag, value in found.items():
        if value:
            values.setdefault(tag, [value])
    first, _, last = (match["pages"] or match["after"] or "").partition("-")
    if first:
        values.setdefault("SP", [first.strip()])
        values.setdefault("EP", [last.strip()] if last else [])
    rest = match["rest"] or ""
    if article := re.search(r"Article Number:\s([\w.-]{1,30}?)\.?(?:\s|$)", rest):
        values.setdefault("C7", [article[1]])
    published = re.search(r"Date of Publication:\s([^.]{4,30})", rest)
    values.setdefault("DA", [published[1] if published else match["date"]])
    if match["event"]:
        name, place = _name_and_place(match["event"])
        draft.meeting = Meeting(name=without_control(name), place=without_control(place))


def _name_and_place(event: str) -> tuple[str, str]:
    """The name of a meeting and the place that Embase puts after it and a full stop."""
    name, _, place = event.partition(". ")
    return name.strip(), "" if re.search(r"\d", place) else place.strip(" .")


def _fill_meeting(draft: Draft, one: Mapping[str, str]) -> None:
    """The meeting's own field and its days, of which Embase gives the first and the last."""
    if draft.meeting is None and (event := one.get("CF", "")):
        name, place = _name_and_place(re.sub(r"\.?\s?\(?(?:19|20)\d\d[-\s].{0,60}$", "", event))
        draft.meeting = Meeting(name=without_control(name), place=without_control(place)) if name else None
    days = [re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", one.get(tag, "")) for tag in ("CS", "CE")]
    start, end = (date_of(*day.groups()) if day else None for day in days)
    if draft.meeting and start and not (end and start.is_after(end)):
        draft.meeting = Meeting(name=draft.meeting.name, place=draft.meeting.place, start=start, end=end)
