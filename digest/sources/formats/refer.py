"""Tagged text of two families becomes records: EndNote's and refer's ``%A``, and Web of Science's two letters.

In refer nothing marks the end of a record: it ends at a blank line, or before a second ``%0`` or ``%T``. In Web of
Science it ends with ``ER``, or before the next ``PT`` where that is missing.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.cite.tokens import read_dates
from digest.errors import DigestError, Problem
from digest.model import Meeting
from digest.sources.page import each
from digest.sources.shared import refman
from digest.sources.shared.dates import date_of, read_date
from digest.sources.shared.draft import Draft
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from digest.sources.page import Outcome, Page

    # The record of a piece of the text, made when it is called; or what is between the records.
    _Piece = Callable[[], Outcome] | Problem

# The tags of RIS that mean the same as those of refer and EndNote.
_REFER: Final[Mapping[str, str]] = {
    "A": "AU",
    "B": "T2",
    "C": "CY",
    "D": "PY",
    "E": "ED",
    "F": "ID",
    "G": "LA",
    "I": "PB",
    "J": "JF",
    "K": "KW",
    "M": "AN",
    "N": "IS",
    "P": "SP",
    "Q": "TT",
    "R": "DO",
    "S": "T3",
    "T": "TI",
    "U": "UR",
    "V": "VL",
    "X": "AB",
    "Z": "N1",
    "0": "TY",
    "1": "C1",
    "2": "C2",
    "3": "C3",
    "7": "ET",
    "8": "DA",
    "9": "M3",
    "@": "SN",
    "!": "ST",
    "+": "AD",
    ">": "L1",
    "~": "DB",
    "W": "DP",
    "^": "LB",
    "&": "SE",
    "(": "OP",
    "H": "A4",
    "Y": "A3",
    "?": "A4",
    "L": "CN",
    "O": "A5",
    "]": "RN",
    "[": "Y2",
    "*": "RI",
    "$": "M2",
    "#": "C4",
    "<": "RN",
    "4": "C5",
    "5": "C6",
    "6": "NV",
    "=": "ET",
    "}": "ET",
    "|": "ET",
}
_TAG: Final = re.compile(r"^[ \t\ufeff]{0,2}%([A-Z0-9@!+>~^&(?\]\[*$#<=}|])(?:[ \t]|$)", re.MULTILINE)


def parse(page: Page) -> Iterator[Outcome]:
    """A record or a problem for each reference.

    Raises:
        DigestError: the page has none.
    """
    text = page.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    reader, expected = _FAMILIES[page.format]
    pieces = reader(page, text)
    first = next(pieces, None)
    if first is None:
        raise DigestError("no references found", where=page.where, expected=f"lines such as {expected}")
    yield from page.text_problems
    yield from each(page, itertools.chain((first,), pieces), lambda one: one if isinstance(one, Problem) else one())


# --- refer and EndNote -----------------------------------------------------------------------------------------------


def _refer(page: Page, text: str) -> Iterator[_Piece]:
    tags = list(_TAG.finditer(text))
    if not tags:
        return
    if before := text[: tags[0].start()].strip("\ufeff \t\n"):
        message = f"lines before the first reference were left out: “{' '.join(before.split())[:120]}”"
        yield page.problem("note", "between-records", message, line=1)
    line, counted, first, count = 1, 0, 0, 0
    seen = ""
    for n, match in enumerate(tags):
        # %0 begins a record, but EndNote's own files set %T before it.
        gap = text[max(0, match.start() - 80) : match.start()]
        blank = n > first and gap[len(gap.rstrip()) :].count("\n") > 1
        again = match[1] in "0T" and match[1] in seen
        if n > first and (again or (blank and ("T" in seen or match[1] in "0T"))):
            count += 1
            line, counted = line + text.count("\n", counted, tags[first].start()), tags[first].start()
            yield functools.partial(_reference, page, text, tags[first:n], match.start(), line, count)
            first, seen = n, ""
        seen += match[1] if match[1] in "0T" else ""
    line += text.count("\n", counted, tags[first].start())
    yield functools.partial(_reference, page, text, tags[first:], len(text), line, count + 1)


def _reference(page: Page, text: str, tags: list[re.Match[str]], stop: int, line: int, count: int) -> Outcome:
    values: refman.Values = {}
    for n, match in enumerate(tags):
        end = tags[n + 1].start() if n + 1 < len(tags) else stop
        value = text[match.end() : end].strip()
        if value:
            values.setdefault(_REFER[match[1]], []).append(value)
    kind = refman.code(values.pop("TY", [""])[0])
    name = refman.name(values)
    raw = text[tags[0].start() : stop].strip()
    draft = Draft(page, name or f"record {count}", raw.encode("utf-8", "replace"), name)
    draft.line = line
    for number in values.get("AN", ()):
        if re.fullmatch(r"[1-9]\d{6,7}", number):  # EndNote's filter for PubMed sets its number here
            values.setdefault("PMID", []).append(number)
    refman.fill(draft, kind, values)
    return draft.finish()


# --- RefWorks --------------------------------------------------------------------------------------------------------

_REFWORKS_TAG: Final = re.compile(r"^\ufeff?([A-Z][A-Z0-9])(?:[ \t]|$)", re.MULTILINE)
# The tags of RIS for those of RefWorks that mean the same (RefWorks, “RefWorks tagged format”).
_REFWORKS: Final[Mapping[str, str]] = {
    **{
        tag: tag
        for tag in """
            ID T1 JF JO T2 T3 IS SP AB PB SN AD AN LA DO DB ST U1 U2 U3 U4 U5 A3 A4 AV CN
        """.split()
    },
    "A1": "AU",
    "A2": "ED",
    "ED": "ET",
    "K1": "KW",
    "YR": "PY",
    "FD": "DA",
    "VO": "VL",
    "OP": "EP",
    "NO": "N1",
    "PP": "CY",
    "UL": "UR",
    "LK": "UR",
    "DS": "DP",
}
_REFWORKS_OWN: Final = frozenset("SR RD SL LL CR WT WV WP SF OT CL A5 A6 IP OL U6 U7 U8 U9".split())
_REFWORKS_KINDS: Final[Mapping[str, str]] = {
    "abstract": "ABST",
    "journal": "JOUR",
    "journal, electronic": "EJOUR",
    "book, whole": "BOOK",
    "book, section": "CHAP",
    "book, edited": "EDBOOK",
    "dissertation/thesis": "THES",
    "dissertation": "THES",
    "conference proceedings": "CONF",
    "conference proceeding": "CONF",
    "unpublished material": "UNPB",
    "web page": "ELEC",
}


def _refworks(page: Page, text: str) -> Iterator[_Piece]:
    tags = [match for match in _REFWORKS_TAG.finditer(text) if match[1] in _REFWORKS_KNOWN]
    starts = [n for n, match in enumerate(tags) if match[1] == "RT"]
    if not starts:
        return
    if before := text[: tags[starts[0]].start()].strip("\ufeff \t\n"):
        message = f"lines before the first reference were left out: “{' '.join(before.split())[:120]}”"
        yield page.problem("note", "between-records", message, line=1)
    line, counted = 1, 0
    for count, (n, stop) in enumerate(zip(starts, [*starts[1:], len(tags)], strict=True), 1):
        end = tags[stop].start() if stop < len(tags) else len(text)
        line, counted = line + text.count("\n", counted, tags[n].start()), tags[n].start()
        yield functools.partial(_refworks_record, page, text, tags[n:stop], end, line, count)


def _refworks_record(page: Page, text: str, tags: list[re.Match[str]], stop: int, line: int, count: int) -> Outcome:
    values: refman.Values = {}
    for at, match in enumerate(tags):
        end = tags[at + 1].start() if at + 1 < len(tags) else stop
        if value := text[match.end() : end].strip():
            values.setdefault(_REFWORKS.get(match[1], match[1]), []).append(value)
    kind = values.pop("RT", [""])[0].lower()
    name = refman.name(values)
    raw = text[tags[0].start() : stop].strip()
    draft = Draft(page, name or f"record {count}", raw.encode("utf-8", "replace"), name)
    draft.line = line
    values = {tag: found for tag, found in values.items() if tag not in _REFWORKS_OWN}
    refman.fill(draft, _REFWORKS_KINDS.get(kind) or refman.code(kind), values)
    return draft.finish()


_REFWORKS_KNOWN: Final = frozenset({"RT", *_REFWORKS, *_REFWORKS_OWN})


# --- Web of Science --------------------------------------------------------------------------------------------------

_ISI_TAG: Final = re.compile(r"^\ufeff?([A-Z][A-Z0-9])(?:[ \t]|$)", re.MULTILINE)
# Tags with one value on each line; the lines of other tags are one wrapped text.
_LISTS: Final = frozenset({"AU", "AF", "CA", "BA", "BE", "BF", "C1", "CR", "GP", "ED"})
_SAME: Final[Mapping[str, str]] = {
    "TI": "TI",
    "SO": "JF",
    "LA": "LA",
    "AB": "AB",
    "PY": "PY",
    "VL": "VL",
    "IS": "IS",
    "DI": "DO",
    "PM": "PMID",
    "PU": "PB",
    "SN": "SN",
    "EI": "SN",
    "BN": "SN",
    "UT": "AN",
    "BE": "ED",
    "ED": "ED",
    "J9": "J1",
    "C1": "AD",
    "EP": "EP",
    "BP": "SP",
    "BR": "SP",
    "AR": "C7",
    "DT": "M3",
    "UR": "UR",
}
# SP is the sponsor of the meeting; converters from other formats write the first page under it.
_FIRST_PAGE: Final = re.compile(r"[A-Za-z]{0,3}\d{1,6}[A-Za-z]?")
# The headings of the tab-delimited export are the same tags; lists are between semicolons.
_ISI_HEADINGS: Final = re.compile(r"\ufeff?PT\t(?:[A-Z][A-Z0-9](?:\t|$)){4,}", re.MULTILINE)
_BETWEEN: Final[Mapping[str, str]] = {"C1": r";\s(?![^\[\]]*\])"}


def _isi(page: Page, text: str) -> Iterator[_Piece]:
    if match := _ISI_HEADINGS.match(text):
        yield from _isi_rows(page, text, text[: match.end()].strip("\ufeff").split("\t"))
        return
    begin, line, counted, count = None, 1, 0, 0
    for match in _ISI_TAG.finditer(text):
        tag = match[1]
        if tag == "PT" or (tag in {"ER", "EF"} and begin is not None):
            if begin is not None:
                count += 1
                line, counted = line + text.count("\n", counted, begin), begin
                yield functools.partial(_isi_record, page, text[begin : match.start()], line, count)
            begin = match.start() if tag == "PT" else None
        elif begin is None and tag not in {"FN", "VR", "ER", "EF"}:
            begin = match.start()  # a record without its PT
    if begin is not None:
        line += text.count("\n", counted, begin)
        yield functools.partial(_isi_record, page, text[begin:], line, count + 1)


def _isi_rows(page: Page, text: str, tags: list[str]) -> Iterator[_Piece]:
    for line, row in enumerate(text.split("\n")[1:], 2):
        if row.strip():
            yield functools.partial(_isi_row, page, tags, row, line)


def _isi_row(page: Page, tags: list[str], row: str, line: int) -> Outcome:
    cells = [cell.strip() for cell in row.split("\t")]
    given: refman.Values = {}
    for tag, cell in zip(tags, cells, strict=False):
        if tag and cell:
            between = _BETWEEN.get(tag, r";\s")
            given[tag] = [one for one in re.split(between, cell) if one] if tag in _LISTS else [cell]
    draft = _isi_draft(page, given, row, line, line - 1)
    if any(cells[len(tags) :]):
        more = " | ".join(filter(None, cells[len(tags) :]))
        draft.tell("warning", "ragged", f"there is text after the last column: “{more[:300]}”")
    return draft.finish()


def _isi_values(text: str) -> refman.Values:
    values: refman.Values = {}
    tags = list(_ISI_TAG.finditer(text))
    for n, match in enumerate(tags):
        end = tags[n + 1].start() if n + 1 < len(tags) else len(text)
        lines = [line.strip() for line in text[match.end() : end].split("\n") if line.strip()]
        if lines:
            values.setdefault(match[1], []).extend(lines if match[1] in _LISTS else [" ".join(lines)])
    return values


def _isi_record(page: Page, text: str, line: int, count: int) -> Outcome:
    return _isi_draft(page, _isi_values(text), text, line, count).finish()


def _isi_draft(page: Page, given: refman.Values, text: str, line: int, count: int) -> Draft:
    one = {tag: found[0] for tag, found in given.items()}
    name = one.get("UT", "")[:200]
    draft = Draft(page, name or f"record {count}", text.strip().encode("utf-8", "replace"), name)
    draft.line = line
    values: refman.Values = {}
    for tag, found in given.items():
        if tag in _SAME:
            values.setdefault(_SAME[tag], []).extend(found)
    # AF has the names in full, one for each of AU.
    people = given.get("AF") if len(given.get("AF", ())) >= len(given.get("AU", ())) else given.get("AU")
    values["AU"] = [*(people or ()), *(f"{name}," for name in given.get("CA", ()))]
    values["KW"] = [*given.get("DE", ()), *given.get("ID", ())]
    values["JA"] = given.get("JI", [])
    values["AD"] = given.get("C1", [])
    sponsor = one.get("SP", "")
    if "BP" not in one and _FIRST_PAGE.fullmatch(sponsor):
        values.setdefault("SP", [sponsor])
    if pages := one.get("PS"):
        first, _, last = pages.partition("-")
        values.setdefault("SP", [first])
        values.setdefault("EP", [f"{last}"] if last else [])
    if "SI" in one or "SU" in one:
        draft.supplement = f"Suppl {one['SU']}" if one.get("SU", "").isdigit() else one.get("SU", "")
    draft.number = one.get("MA", "").strip()
    if date := one.get("PD"):
        year = one.get("PY", "")
        month = re.match(r"(?:(\d\d) \d{4}|([A-Za-z]{3})[A-Za-z]*(?:-[A-Za-z]{3})?(?: (\d{1,2}))?)\s*$", date)
        parsed = date_of(year, month[1] or month[2], month[3]) if month else read_date(date)
        if parsed:
            values.setdefault("DA", []).append(str(parsed).replace("-", "/"))
    _fill_meeting(draft, one)
    if one.get("DT") and draft.number:
        draft.type = "meeting-abstract" if "Abstract" in one["DT"] else None
    refman.fill(draft, _isi_kind(one), values)
    _add_orcids(draft, " ".join(given.get("OI", ())))
    draft.tell_unread((tag, " ".join(found)) for tag, found in given.items() if tag not in _SAME and tag not in _USED)
    return draft


def _add_orcids(draft: Draft, text: str) -> None:
    """Give the authors the ORCID iDs of ``Saif, Muhammad Wasif/0000-0003-3008-1305; …``."""
    found = dict(re.findall(r"([^;/]{3,200})/(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", " ".join(text.split())))
    by_name = {refman.bare_letters(name): orcid for name, orcid in found.items()}
    for n, author in enumerate(draft.authors):
        if not author.orcid and (
            orcid := by_name.get(refman.bare_letters(f"{author.family} {author.given or author.initials}"))
        ):
            draft.authors[n] = structs.replace(author, orcid=orcid)


def _isi_kind(one: Mapping[str, str]) -> str:
    """The type by DT, then PT: a paper in a book of proceedings has PT B, a chapter in a series S."""
    kind, types = one.get("PT", "J")[:1], {word.strip() for word in one.get("DT", "").split(";")}
    if kind == "P":
        return "PAT"
    if kind not in "BCS" or one.get("TY", "").startswith("CONF"):
        return "JOUR"
    inside = one.get("SO", "").casefold() not in {"", one.get("TI", "").casefold()}
    return "BOOK" if not inside or types == {"Book"} else "CHAP"


# Tags that are read under other names, and counts, classes and addresses that only the database needs.
_USED: Final = frozenset(
    """
        PT AU AF CA DE ID JI PS SI SU MA PD CT CY CL TY FN VR NR TC Z9 U1 U2 PG SC WC GA RP EM OI RI PA PI DA CR HC
        HP WE C3
    """.split()
)


def _fill_meeting(draft: Draft, one: Mapping[str, str]) -> None:
    """The meeting that CT, CY, CL and HO describe."""
    title = " ".join(without_control(one.get("CT", "")).split())
    if not title:
        return
    start = end = None
    try:
        ((start, end),) = read_dates(one.get("CY", "")[:120])
    except ValueError:
        start = end = None
    if start and end and start.is_after(end):
        start = end = None
    place = " ".join(without_control(one.get("CL", "")).split())
    draft.meeting = Meeting(name=title, place=place, start=start, end=end)


# The readers of these families, each with lines that it expects.
_FAMILIES: Final = {
    "refer": (_refer, "“%A Saif, M. W.”"),
    "isi": (_isi, "“PT J” and “AU Saif, MW”"),
    "refworks": (_refworks, "“RT Journal” and “A1 Saif,M. W.”"),
}
