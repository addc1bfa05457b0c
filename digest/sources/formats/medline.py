"""MEDLINE's tagged text (.nbib) becomes records: one for each ``PMID`` line, even where no blank line separates them.

Where a record has no ``PMID`` (as ERIC and some reference managers write it), a blank line separates it from the one
before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.model import Person
from digest.names import person, read_author
from digest.sources.page import each
from digest.sources.shared import markup, nlm
from digest.sources.shared.dates import date_of, read_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.restoring import restored_from
from digest.text import without_control
from digest.vocabulary import means_others

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import PartialDate
    from digest.sources.page import Outcome, Page

# Four places for the tag, then a hyphen; files made by hand have other numbers of blanks.
_FIELD: Final = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,3}-(?: (.*)|)")
# Without a blank after the hyphen, only known tags are tags: "DNA-damage" may begin a badly wrapped line.
_SLOPPY: Final = re.compile(
    r"(PMID|PMCR?|OWN|STAT|TI|BTI|CTI|AB|FAU|AU|AD|AUID|CN|FED|ED|JT|TA|VI|IP|PG|DP|DEP|PT|LA|LID|AID|MH|OT|SO|IS)"
    r" {0,3}-(.*)"
)
_TITLES: Final = frozenset({"TI", "BTI", "CTI"})


class _TaggedField(Struct):
    """A tag with the lines of its value, and the number of the first of them."""

    tag: str
    lines: list[str]
    line: int

    @property
    def value(self) -> str:
        """The value on one line."""
        return " ".join(filter(None, self.lines))


class _TaggedRecord(Struct):
    """The fields of one record and its lines."""

    fields: list[_TaggedField]
    lines: list[str]
    stray: list[int]

    def all(self, *tags: str) -> list[str]:
        """The values of these tags in their order; empty ones left out."""
        return [value for field in self.fields if field.tag in tags and (value := field.value)]

    def first(self, *tags: str) -> str:
        """The value of the first tag that has one."""
        return next((value for tag in tags for value in self.all(tag)), "")

    def has(self, tags: frozenset[str]) -> bool:
        """Whether any of these tags is there."""
        return any(field.tag in tags for field in self.fields)


def parse(page: Page) -> Iterator[Outcome]:
    """A record, or a problem, for each record of MEDLINE text on a page."""
    yield from page.text_problems
    entries, stray = _entries(page.text)
    for line in stray[:20]:
        message = "this line comes before any record and has no tag such as “TI  - ”; it was left out"
        yield page.problem("warning", "odd-line", message, line=line)
    if len(stray) > 20:
        yield page.problem("warning", "odd-line", f"{len(stray) - 20} more lines without a tag were left out")
    if not entries:
        message = "no records found; expected lines such as “PMID- 24857584” and “TI  - The title”"
        yield page.problem("error", "no-records", message)
    whole = sum(entry.has(_LAST) for entry in entries)

    def outcome_of(numbered: tuple[int, _TaggedRecord]) -> Outcome:
        n, entry = numbered
        return _record(page, entry, n, cut=n == len(entries) and _is_cut(entry, whole))

    yield from each(page, enumerate(entries, 1), outcome_of)


# Tags that are read, that are reported elsewhere, and that only the database needs.
_READ: Final = frozenset(
    """
        PMID OWN STAT DCOM LR EDAT MHDA CRDT PHST DA SO JID SB PMCR NLM PST LID AID PMC TI BTI CTI AB OAB OABL OTO
        OID FAU AU AUID AD CN FED ED JT TA VI IP PG DP DEP PT LA MH OT IS ISSN ISBN SI CI RIN EIN CRI ECI PB GN IRAD
        IRF CTDT PL RF
    """.split()
)
_LAST: Final = frozenset({"SO"})


def _is_cut(entry: _TaggedRecord, whole: int) -> bool:
    """Whether the last record looks as if the file ended within it: NLM's last field is missing."""
    return not entry.has(_LAST) and (whole > 0 or entry.first("OWN") == "NLM")


# --- Lines -----------------------------------------------------------------------------------------------------------


def _entries(text: str) -> tuple[list[_TaggedRecord], list[int]]:
    """The records of a text, and the numbers of lines that belong to none."""
    entries: list[_TaggedRecord] = []
    block: list[tuple[int, str]] = []
    stray: list[int] = []
    lines = re.split(r"\r\n|\r|\n", text)
    for number, line in enumerate([*lines, ""], 1):
        if line.strip():
            block.append((number, line))
        elif block:
            _take(block, entries, stray)
            block = []
    return entries, stray


def _take(block: list[tuple[int, str]], entries: list[_TaggedRecord], stray: list[int]) -> None:
    """Adds the records of lines between two blank ones; lines that are not a record belong to the one before."""
    found: list[_TaggedRecord] = []
    for number, line in block:
        match = (_FIELD.fullmatch(line) or _SLOPPY.fullmatch(line)) if line[0] not in " \t" else None
        if match and match[1] == "PMID" and found and found[-1].has(frozenset({"PMID"})):
            found.append(_TaggedRecord(fields=[], lines=[], stray=[]))
        if not found:
            found.append(_TaggedRecord(fields=[], lines=[], stray=[]))
        entry = found[-1]
        entry.lines.append(line)
        if match:
            entry.fields.append(_TaggedField(tag=match[1], lines=[(match[2] or "").strip()], line=number))
        elif line[0] in " \t" and entry.fields:
            entry.fields[-1].lines.append(line.strip())
        else:
            entry.stray.append(number)
    first = found[0]
    known = frozenset({"PMID", "OWN", *_TITLES})
    if first.has(known):
        entries += found
        return
    if not entries:
        stray += first.stray
        if first.fields:
            first.stray = []
            entries += found
        else:
            entries += found[1:]
        return
    before = entries[-1]
    if first.fields or (before.fields and first.lines[0][0] in " \t"):
        if before.fields and first.stray:  # the end of a value that a blank line has cut
            texts = dict(block)
            before.fields[-1].lines += [texts[number].strip() for number in first.stray]
        before.fields += first.fields
        before.lines += first.lines
    else:
        before.stray += first.stray
    entries += found[1:]


# --- A record --------------------------------------------------------------------------------------------------------


def _record(page: Page, entry: _TaggedRecord, n: int, *, cut: bool) -> Outcome:
    pmid = entry.first("PMID")
    known = re.fullmatch(r"[1-9]\d{0,8}", pmid) is not None
    raw = "\n".join(entry.lines).encode("utf-8", "replace") + b"\n"
    draft = Draft(page, f"PMID {pmid}" if known else f"record {n}", raw, pmid[:200])
    draft.line = entry.fields[0].line if entry.fields else None
    for line in entry.stray[:5]:
        draft.tell("warning", "odd-line", f"line {line} of the file has no tag and continues none; it was left out")
    if cut:
        draft.tell("warning", "cut-off", "the last record does not end with the field “SO”: the file may be cut off")
    _describe(draft, entry)
    _identify(draft, entry)
    _add_people(draft, entry)
    _add_abstract(draft, entry)
    draft.tell_unread((field.tag, field.value) for field in entry.fields if field.tag not in _READ)
    return restored_from(draft.finish(), entry.all("GN"), page)


def _describe(draft: Draft, entry: _TaggedRecord) -> None:
    title = markup.inline(" ".join(entry.all("TI")))
    book, collection = (markup.inline(" ".join(entry.all(tag))) for tag in ("BTI", "CTI"))
    if title.plain.strip("[]. ").lower() in {"", "not available"} and (other := " ".join(entry.all("TT"))):
        title = markup.inline(other)
    types = entry.all("PT")
    nlm.set_type(draft, types)
    links = {
        "RIN": "Retraction in",
        "EIN": "Erratum in",
        "CRI": "Corrected and republished in",
        "ECI": "Expression of concern in",
    }
    nlm.set_status(draft, [links[field.tag] for field in entry.fields if field.tag in links])
    draft.container, draft.container_short = entry.first("JT"), entry.first("TA")
    if book:
        draft.type = "chapter" if title and title != book else "book"
        draft.container = draft.container or (book.plain if draft.type == "chapter" else "")
    draft.title = title or book or collection
    draft.container = draft.container or (collection.plain if collection != draft.title else "")
    volume, issue, pages = entry.first("VI"), entry.first("IP"), entry.first("PG")
    if "ERIC" in entry.all("OWN"):  # “v12”, “n3”, “p123-140”
        volume, issue, pages = (re.sub(r"^[vnp](?=\d)", "", text) for text in (volume, issue, pages))
    nlm.set_part(draft, volume, issue)
    draft.pages = pages
    draft.publisher = entry.first("PB")
    draft.language = entry.first("LA")
    draft.issued_online = read_date(entry.first("DEP"))
    draft.issued = nlm.better_date(
        _date(entry.first("DP")), draft.issued_online, only=entry.first("PST").startswith("epub")
    )
    headings = (heading.split("/")[0].strip(" *") for heading in entry.all("MH"))
    draft.keywords = [*headings, *(word.strip(" *") for word in entry.all("OT"))]


def _date(text: str) -> PartialDate | None:
    if match := re.fullmatch(r"(\d{4})\s{1,5}(\d{1,2})(?:\s{1,5}(\d{1,2}))?", text):
        return date_of(*match.groups())
    return read_date(text)


def _identify(draft: Draft, entry: _TaggedRecord) -> None:
    if pmid := entry.first("PMID"):
        draft.ids.append(f"PMID:{pmid}")
    items: list[str] = []
    for text in entry.all("LID", "AID"):
        match = re.fullmatch(r"(.{1,500}?)\s?\[(\w{1,20})\]", text)
        kind, value = (match[2].lower(), match[1]) if match else ("", text)
        if kind == "doi":
            draft.ids.append(f"doi:{value}")
        elif kind == "pii":
            items.append(value)
        elif kind == "bookaccession" or (not kind and re.match(r"10\.\d{4}|doi\W|https?://", value, re.IGNORECASE)):
            draft.ids.append(value)
    draft.ids += [match[0] for text in entry.all("PMC") if (match := re.search(r"PMC\d{1,12}", text))]
    draft.ids += [f"ISBN {re.sub(r'ISBN|[(].{0,40}[)]', '', text).strip()}" for text in entry.all("ISBN")]
    draft.ids += [number for text in entry.all("SI") for number in nlm.registrations(text)]
    draft.issn = [re.sub(r"^ISSN\W{0,3}", "", text) for text in entry.all("IS", "ISSN")]
    nlm.set_number(draft, items[0] if items else "")


class _Byline(Struct):
    """An author's names, identifiers and affiliations."""

    full: str = ""
    short: str = ""
    collective: str = ""
    orcid: str = ""
    affiliations: list[str] = []


def _add_people(draft: Draft, entry: _TaggedRecord) -> None:
    authors: list[_Byline] = []
    editors: list[_Byline] = []
    early: list[str] = []  # before 2014 a single affiliation came before the authors: that of the first
    for field in entry.fields:
        tag, value = field.tag, " ".join(field.value.split())
        if not value:
            continue
        match tag:
            case "FAU" | "FED":
                (authors if tag == "FAU" else editors).append(_Byline(full=value))
            case "AU" | "ED":
                people = authors if tag == "AU" else editors
                if people and people[-1].full and not people[-1].short:
                    people[-1].short = value
                else:
                    people.append(_Byline(short=value))
            case "CN":
                authors.append(_Byline(collective=value))
            case "AUID" if authors:
                authors[-1].orcid = authors[-1].orcid or (value if _ORCID.search(value) else "")
            case "AD" if authors:
                authors[-1].affiliations.append(value)
            case "AD":
                early.append(value)
    if authors:
        authors[0].affiliations[:0] = early
    elif early:
        for text in early:
            draft.affiliation(text)
    for people in (authors, editors):
        for one in people:
            _add_person(draft, one, as_editor=people is editors)


_ORCID: Final = re.compile(r"\d{4}-?\d{4}-?\d{4}-?\d{3}[\dXx]")
_SUFFIX: Final = re.compile(r"(.{1,200}) (Jr|Sr|2nd|3rd|4th|5th|II|III|IV)\.?")


def _add_person(draft: Draft, one: _Byline, *, as_editor: bool) -> None:
    name: str | Person
    if means_others(one.short) or means_others(one.full):
        draft.truncated = draft.truncated or not as_editor
        return
    try:
        if one.collective:
            name = nlm.group(one.collective)
        elif "," in one.full:
            family, _, given = without_control(one.full).partition(",")
            match = _SUFFIX.fullmatch(given.strip())
            name = person(family, match[1] if match else given, match[2] if match else "")
        elif one.full:
            name = _as_indexed(one) or read_author(without_control(one.full)).person
        else:
            name = one.short
    except ValueError as error:
        draft.tell("warning", "odd-name", f"an author was left out: {error}")
        return
    draft.add_author(name, one.affiliations, orcid=one.orcid, as_editor=as_editor)


def _as_indexed(one: _Byline) -> Person | None:
    """A name of which NLM's short form is the same has no given names: ``Selvamani``, ``The Cancer Council``."""
    return Person(family=without_control(one.full)) if one.full == one.short and " " not in one.full else None


def _add_abstract(draft: Draft, entry: _TaggedRecord) -> None:
    text = " ".join(entry.all("AB"))
    if not text and (text := entry.first("OAB")):
        draft.tell("note", "other-abstract", "the record has no abstract of its own; another one (OAB) was used")
    draft.parts = markup.parts(markup.blocks(text)) if text else ()
    for line in entry.all("CI"):
        nlm.tell_copyright(draft, line)
