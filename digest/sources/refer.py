"""Tagged text of two families becomes records: EndNote's and refer's ``%A``, and Web of Science's two letters.

refer knows no sign that ends a record: a blank line does, or a second ``%0`` or ``%T``. Web of Science ends one with
``ER``, and the next ``PT`` begins another where that is missing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.cite.tokens import read_dates
from digest.errors import DigestError
from digest.model import Meeting
from digest.sources import refman
from digest.sources.draft import Draft, date_of, read_date
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.sources.page import Outcome, Page

# The tags of refer and EndNote in those of RIS.
_REFER: Final[Mapping[str, str]] = {
    "A": "AU", "B": "T2", "C": "CY", "D": "PY", "E": "ED", "F": "ID", "G": "LA", "I": "PB", "J": "JF", "K": "KW",
    "M": "AN", "N": "IS", "P": "SP", "Q": "TT", "R": "DO", "S": "T3", "T": "TI", "U": "UR", "V": "VL", "X": "AB",
    "Z": "N1", "0": "TY", "1": "C1", "2": "C2", "3": "C3", "7": "ET", "8": "DA", "9": "M3", "@": "SN", "!": "ST",
    "+": "AD", ">": "L1", "~": "DB", "W": "DP", "^": "LB", "&": "SE", "(": "OP", "H": "A4", "Y": "A3", "?": "A4",
    "L": "CN", "O": "A5", "]": "RN", "[": "Y2", "*": "RI", "$": "M2", "#": "C4", "<": "RN", "4": "C5", "5": "C6",
    "6": "NV", "=": "ET", "}": "ET", "|": "ET",
}  # fmt: skip
_TAG: Final = re.compile(r"^[ \t\ufeff]{0,2}%([A-Z0-9@!+>~^&(?\]\[*$#<=}|])(?:[ \t]|$)", re.MULTILINE)


def parse(page: Page) -> Iterator[Outcome]:
    """A record or a problem for each reference.

    Raises:
        DigestError: there is none.
    """
    text = page.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _isi(page, text) if page.format == "isi" else _refer(page, text)
    first = next(found, None)
    if first is None:
        expected = (
            "lines such as “PT J” and “AU Saif, MW”" if page.format == "isi" else "lines such as “%A Saif, M. W.”"
        )
        raise DigestError("there is no reference in it", where=page.where, expected=expected)
    yield from page.text_problems
    yield first
    yield from found


# --- refer and EndNote -----------------------------------------------------------------------------------------------


def _refer(page: Page, text: str) -> Iterator[Outcome]:
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
            yield _reference(page, text, tags[first:n], match.start(), line, count)
            first, seen = n, ""
        seen += match[1] if match[1] in "0T" else ""
    line += text.count("\n", counted, tags[first].start())
    yield _reference(page, text, tags[first:], len(text), line, count + 1)


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


# --- Web of Science --------------------------------------------------------------------------------------------------

_ISI_TAG: Final = re.compile(r"^\ufeff?([A-Z][A-Z0-9])(?:[ \t]|$)", re.MULTILINE)
# Those that hold one value a line; the lines of others are one text, wrapped.
_LISTS: Final = frozenset({"AU", "AF", "CA", "BA", "BE", "BF", "C1", "CR", "GP", "ED"})
_SAME: Final[Mapping[str, str]] = {
    "TI": "TI", "SO": "JF", "LA": "LA", "AB": "AB", "PY": "PY", "VL": "VL", "IS": "IS", "DI": "DO", "PM": "PMID",
    "PU": "PB", "SN": "SN", "EI": "SN", "BN": "SN", "UT": "AN", "BE": "ED", "ED": "ED", "J9": "J1", "C1": "AD",
    "EP": "EP", "BP": "SP", "BR": "SP", "AR": "C7", "DT": "M3", "UR": "UR",
}  # fmt: skip
# SP is the meeting's sponsor; what converters of other formats write under it is a first page.
_FIRST_PAGE: Final = re.compile(r"[A-Za-z]{0,3}\d{1,6}[A-Za-z]?")
_KINDS: Final[Mapping[str, str]] = {"J": "JOUR", "B": "BOOK", "S": "CHAP", "P": "PAT"}


def _isi(page: Page, text: str) -> Iterator[Outcome]:
    begin, line, counted, count = None, 1, 0, 0
    for match in _ISI_TAG.finditer(text):
        tag = match[1]
        if tag == "PT" or (tag in {"ER", "EF"} and begin is not None):
            if begin is not None:
                count += 1
                line, counted = line + text.count("\n", counted, begin), begin
                yield _isi_record(page, text[begin : match.start()], line, count)
            begin = match.start() if tag == "PT" else None
        elif begin is None and tag not in {"FN", "VR", "ER", "EF"}:
            begin = match.start()  # a record without its PT
    if begin is not None:
        yield _isi_record(page, text[begin:], line + text.count("\n", counted, begin), count + 1)


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
    given = _isi_values(text)
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
    values["AD"] = [re.sub(r"^\[([^\]]{2,2000})\]\s*", r"(\1) ", address) for address in given.get("C1", ())]
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
    _meeting(draft, one)
    kind = "CPAPER" if one.get("TY", "").startswith("CONF") else _KINDS.get(one.get("PT", "J")[:1], "JOUR")
    if one.get("DT") and draft.number:
        draft.type = "meeting-abstract" if "Abstract" in one["DT"] else None
    if kind == "CPAPER":
        kind = "JOUR"  # a paper in a journal, whatever it was first
    refman.fill(draft, kind, values)
    draft.tell_unread((tag, " ".join(found)) for tag, found in given.items() if tag not in _SAME and tag not in _USED)
    return draft.finish()


# What is read under other names, and counts, classes and addresses that only the database needs.
_USED: Final = frozenset({
    "PT", "AU", "AF", "CA", "DE", "ID", "JI", "PS", "SI", "SU", "MA", "PD", "CT", "CY", "CL", "TY", "FN", "VR",
    "NR", "TC", "Z9", "U1", "U2", "PG", "SC", "WC", "GA", "RP", "EM", "OI", "RI", "PA", "PI", "DA", "CR", "HC",
    "HP", "WE", "C3",
})  # fmt: skip


def _meeting(draft: Draft, one: Mapping[str, str]) -> None:
    """The meeting that CT, CY, CL and HO tell."""
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
