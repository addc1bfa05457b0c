"""How each society cites its own meeting abstracts: a table (``societies.yaml``), applied in both directions."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from msgspec import Meta, Struct, structs

from digest import strict
from digest.cite.tokens import Part, print_dates, read_dates, read_pages
from digest.model import Meeting, PartialDate, Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Year = Annotated[int, Meta(ge=1900)]


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table: under which conditions a society prints which form.

    Attributes:
        society: the society's short name, as in `Meeting.society`; empty for everybody else.
        name: which of a society's forms this is, such as ``short``; empty for the one that it prints itself.
        form: the citation, with ``{fields}`` of the record and ``[parts]`` that may be left out.
        tail: what follows where the whole citation is wanted; left out when a field in it is missing.
        source: where this form was seen.
        first_year: first year of publication in which it holds.
        last_year: last year in which it holds.
        numbers: pattern of the abstract numbers that it is for.
        suppl: pattern of the supplements that it is for.
        verified: whether the form was seen in print.
    """

    society: str = ""
    name: str = ""
    form: str
    tail: str = ""
    source: str
    first_year: Year = 1900
    last_year: Year = 9999
    numbers: str = ".*"
    suppl: str = ".*"
    verified: bool = True


class Journal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A journal that prints a society's abstracts.

    Attributes:
        society: the society.
        container: full title.
        short: NLM's abbreviation.
        locator: what stands where other citations have a page: the page, or the abstract's number.
        supplements: whether supplements belong to the volume, or to issues whose number they share.
    """

    society: str
    container: str
    short: str
    locator: Literal["pages", "number"] = "pages"
    supplements: Literal["volume", "issues"] = "volume"


class Address(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of DOI, and what it tells about a meeting abstract.

    Attributes:
        society: the society.
        pattern: pattern of the whole DOI in small letters; its named groups are what it tells.
        short: abbreviation of the journal.
        source: an example.
        volume_is: factor and subtrahend that make the volume of the year.
        supplement_is: the same for the supplement.
        supplement: the supplement, where it always is the same.
        years_from: the year for each value of the group ``letter``.
        page_prefix: what the printed page has before the one in the DOI.
    """

    society: str
    pattern: str
    short: str
    source: str
    volume_is: tuple[int, ...] = ()
    supplement_is: tuple[int, ...] = ()
    supplement: str = ""
    years_from: dict[str, int] = {}
    page_prefix: str = ""


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What citations print of one meeting, for records that do not say it themselves.

    Attributes:
        society: the society.
        year: year of publication.
        meeting: a part of the meeting's name; where it is given, a record must name its meeting to profit.
        numbers: pattern of the abstract numbers for which it holds.
        dates: days of the meeting.
        place: where it was.
        ordinal: which one it was, such as ``107th``.
        section: part of the proceedings.
        volume: volume of the journal.
        issue: issue of the journal.
        supplement: its supplement.
        verified: whether these facts were seen in print; otherwise they are from memory, to be looked up before use.
    """

    society: str
    year: Year
    meeting: str = ""
    numbers: str = ".*"
    dates: str = ""
    place: str = ""
    ordinal: str = ""
    section: str = ""
    volume: str = ""
    issue: str = ""
    supplement: str = ""
    verified: bool = True


class Book(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        forms: the table of forms, in the order in which they are tried.
        journals: journals and whose abstracts they print.
        dois: kinds of DOIs.
        meetings: facts about single meetings.
    """

    forms: tuple[Form, ...]
    journals: tuple[Journal, ...]
    dois: tuple[Address, ...]
    meetings: tuple[Fact, ...]


@functools.cache
def book() -> Book:
    """The file, read once."""
    text = resources.files(__package__).joinpath("societies.yaml").read_text(encoding="utf-8")
    read = strict.read(text, Book, "societies.yaml")
    assert read.value is not None, [str(problem) for problem in read.problems]
    return read.value


def table() -> tuple[Form, ...]:
    """All forms, in the order in which they are tried."""
    return book().forms


def society_citation(record: Record, name: str = "", *, whole: bool = False) -> str:
    """The citation of a meeting abstract in its society's own form, without authors and title.

    The first row of the table decides that is for the record's society and year, and of which the record has every
    field; what the record lacks may come from its DOI or from what is known of the meeting. Empty when there is no such
    row: the record is too incomplete, or no meeting abstract.

    Args:
        record: the record.
        name: which of a society's forms, such as ``short``.
        whole: with the full stop or the DOI that the society prints behind it.
    """
    record = completed(record)
    if record.type != "meeting-abstract" or record.issued is None:
        return ""
    society = society_of(record)
    fields = _fields(record, society)
    for row in table():
        if _is_for(row, society, name, record.issued.year, fields) and (text := _filled(row.form, fields)) is not None:
            return text + ((_filled(row.tail, fields) or "") if whole else "")
    return ""


def completed(record: Record) -> Record:
    """The record with what its DOI or its meeting tells and it does not say itself: journal, volume, number, year.

    Issue and supplement are added only together: a record that has one of them knows better.
    """
    record = with_doi(record)
    journal = journal_of(record.container_short) or journal_of(record.container)
    if journal and journal.supplements == "issues" and not record.issue and re.fullmatch(r"\d+", record.supplement):
        record = structs.replace(record, issue=record.supplement, supplement="Suppl")
    if record.type != "meeting-abstract" or record.issued is None:
        return record
    fact = _fact(record, society_of(record), record.issued.year)
    if fact is None or not fact.volume + fact.issue:
        return record
    said = bool(record.issue or record.supplement)
    return structs.replace(
        record,
        volume=record.volume or fact.volume,
        issue=record.issue if said else fact.issue,
        supplement=record.supplement if said else fact.supplement or "Suppl",
    )


def told_by_doi(doi: str) -> tuple[Address, re.Match[str]] | None:
    """The kind of DOI that this is, with what it tells; nothing for one that is not a meeting abstract's."""
    for row in book().dois:
        if match := re.fullmatch(row.pattern, doi):
            return row, match
    return None


def with_doi(record: Record) -> Record:
    """The record with what its DOI tells and it does not say itself."""
    known = told_by_doi(record.ids.doi or "")
    if known is None:
        return record
    row, match = known
    told = match.groupdict()
    year = int(told.get("year") or 0) or row.years_from.get(told.get("letter") or "", 0)
    if "short_year" in told:
        year = 2000 + int(told["short_year"])
    if not year and record.issued:
        year = record.issued.year
    if "volume" in told and not told.get("year") and not record.issued:
        year = 0  # a volume alone does not tell the year: societies count their own way
    part = Part.parse(told.get("part") or "")
    if row.supplement or (row.supplement_is and year):
        part = Part(supplement=row.supplement or _reckoned(row.supplement_is, year))
    journal = next(entry for entry in book().journals if entry.short == row.short)
    volume = told.get("volume") or (_reckoned(row.volume_is, year) if year else "")
    pages = row.page_prefix + told["pages"] if told.get("pages") else ""
    said = bool(record.issue or record.supplement)
    return structs.replace(
        record,
        container=record.container or journal.container,
        container_short=record.container_short or (journal.short if not record.container else ""),
        volume=record.volume or volume,
        issue=record.issue if said else part.issue or "",
        supplement=record.supplement if said else ("Suppl" if part.supplement == "" else part.supplement or ""),
        number=record.number or _printed_number(told.get("number") or ""),
        pages=record.pages or pages,
        issued=record.issued or (PartialDate(year) if year else None),
        meeting=record.meeting or _meeting_told(row, told),
    )


def _meeting_told(row: Address, told: Mapping[str, str | None]) -> Meeting:
    year = told.get("meeting_year")
    return Meeting(name=row.society, society=row.society, start=PartialDate(2000 + int(year)) if year else None)


def _reckoned(rule: tuple[int, ...], year: int) -> str:
    return str(rule[0] * year - rule[1]) if rule else ""


def _printed_number(number: str) -> str:
    """A number as societies print it: DOIs are kept in small letters, of which only a leading ``e`` is one."""
    return number if re.fullmatch(r"e\d+", number) else number.upper()


def journal_of(name: str) -> Journal | None:
    """The journal of this title or abbreviation, full stops aside."""
    return _journals_by_name().get(_bare(name))


@functools.cache
def _journals_by_name() -> Mapping[str, Journal]:
    found: dict[str, Journal] = {}
    for row in book().journals:
        for name in (row.container, row.short):
            found.setdefault(_bare(name), row)
    return found


def _bare(name: str) -> str:
    words = re.sub(r"[.,:]", " ", name).replace("&", "and").lower().split()
    return " ".join(words).removeprefix("the ")


def society_of(record: Record) -> str:
    """The society as the table names it: that of the meeting, or else the one whose abstracts the journal prints."""
    named = record.meeting.society if record.meeting else ""
    if named:
        return society_in(named) or named
    journal = journal_of(record.container_short) or journal_of(record.container)
    return journal.society if journal else ""


def organ_of(journal: Journal | None, year: int, volume: str, issue: str) -> str:
    """The society whose meeting's abstracts stand in a journal's supplement or issue; empty where that is not sure.

    Gut prints those of two societies, Annals of Oncology guidelines as well.
    """
    if journal is None:
        return ""
    societies = _societies(journal)
    found = {
        fact.society
        for fact in book().meetings
        if fact.society in societies and (fact.year, fact.volume, fact.issue) == (year, volume, issue) and volume
    }
    if not found and journal.supplements == "issues" and len(societies) == 1:
        found = societies  # JCO prints no other society's
    return found.pop() if len(found) == 1 else ""


def society_in(text: str) -> str:
    """The first society of the table that a text names; empty where it names none."""
    match = re.search(_societies_pattern(), text)
    return match[0] if match else ""


@functools.cache
def _societies_pattern() -> str:
    known = sorted({row.society for row in book().journals}, key=len, reverse=True)
    return r"\b(?:" + "|".join(map(re.escape, known)) + r")\b"


def _is_for(row: Form, society: str, name: str, year: int, fields: Mapping[str, str]) -> bool:
    return (
        row.society in {society, ""}
        and row.name in {name, ""}
        and (row.name == name or not row.society)
        and row.first_year <= year <= row.last_year
        and re.fullmatch(row.numbers, fields["number"]) is not None
        and re.fullmatch(row.suppl, fields["suppl"]) is not None
    )


def _fields(record: Record, society: str) -> dict[str, str]:
    """Everything that a form may print of the record."""
    assert record.issued is not None
    year, meeting = record.issued.year, record.meeting
    fact = _fact(record, society, year)
    part = Part.of(record.issue, record.supplement)
    journal = journal_of(record.container) or journal_of(record.container_short)
    pages = record.pages.replace("–", "-")
    locator = pages or record.number
    return {
        "journal": record.container_short or (journal.short if journal else record.container),
        "container": (journal.container if journal else record.container) or record.container_short,
        "year": str(year),
        "volume": record.volume,
        "issue": part.issue or "",
        "supplement": part.supplement or "",
        "suppl": re.sub(r"(?<=\d)[sS]$", "", part.suppl),
        "part": str(part),
        "page_s": next((text for text in (record.supplement, pages) if re.fullmatch(r"\d+s", text)), ""),
        "number": record.number,
        "pages": pages,
        "locator": locator,
        "range": re.sub(r"(?<=\d)-(?=\w)", "–", pages) if pages else locator,
        "dates": _dates(meeting, fact),
        "place": (meeting.place if meeting else "") or (fact.place if fact else ""),
        "ordinal": fact.ordinal if fact else "",
        "section": fact.section if fact else "",
        "meeting_year": str(meeting.start.year) if meeting and meeting.start else fact.dates[:4] if fact else "",
        "doi": record.ids.doi or "",
    }


def _fact(record: Record, society: str, year: int) -> Fact | None:
    name = record.meeting.name if record.meeting else ""
    for fact in book().meetings:
        if (fact.society, fact.year) == (society, year) and re.fullmatch(fact.numbers, record.number):
            if fact.meeting and fact.meeting not in name:
                continue
            return fact
    return None


def _dates(meeting: Meeting | None, fact: Fact | None) -> str:
    """Days of the meeting; a meeting in several parts, which a record tells from first to last day, as it is known."""
    known = read_dates(fact.dates) if fact and fact.dates else ()
    if meeting and meeting.start and meeting.start.day:
        end = meeting.end or meeting.start
        if not known or (known[0][0], known[-1][1]) != (meeting.start, end):
            return print_dates([(meeting.start, end)])
    return print_dates(known) if known else ""


# --- The language of forms -------------------------------------------------------------------------------------------

_PIECE: Final = re.compile(r"\{(?P<field>\w+)\}|(?P<open>\[)|(?P<close>\])|(?P<text>[^{}\[\]]+)")


def _filled(form: str, fields: Mapping[str, str]) -> str | None:
    """The form with its fields; nothing when one outside of brackets is missing."""
    whole: list[str] = []
    group: list[str] | None = None
    complete = True
    for piece in _PIECE.finditer(form):
        if piece["open"]:
            group, complete = [], True
        elif piece["close"]:
            whole += group if group and complete else []
            group = None
        else:
            text = fields[piece["field"]] if piece["field"] else piece["text"]
            if group is not None:
                group.append(text)
                complete = complete and bool(text)
            elif not text:
                return None
            else:
                whole.append(text)
    return "".join(whole)


_NUMBER: Final = r"(?:[A-Z]{2,3} )?[A-Za-z]{0,6}-?\d[\w.-]*"
_PAGES: Final = r"[A-Za-z]*-?\d[\w.]*(?:[-–][A-Za-z]*-?\d\w*)?"
_READ: Final = {
    "journal": r"[^\W\d][^\d;:]*?", "container": r"[^\W\d][^\d;:]*?", "year": r"(?:19|20)\d\d", "volume": r"\d{1,4}",
    "issue": r"\d+(?:[-/]\d+)?", "supplement": r"\w{1,3}", "suppl": r"\w{1,3}", "part": r"[^()]+", "page_s": r"\d+s",
    "number": _NUMBER, "pages": _PAGES, "locator": f"{_NUMBER}|{_PAGES}", "range": f"{_PAGES}|{_NUMBER}",
    "dates": r"\d{4} [^;.]+", "place": r"[^;.]+", "ordinal": r"\d+(?:st|nd|rd|th)", "section": r"[^;\d][^;]*",
    "meeting_year": r"(?:19|20)\d\d", "doi": r"10\.\d{4,9}/\S+",
}  # fmt: skip


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    """What reads a form back; a field that stands twice must say the same twice."""
    seen: set[str] = set()
    out = []
    for piece in _PIECE.finditer(form):
        if field := piece["field"]:
            out.append(f"(?P={field})" if field in seen else f"(?P<{field}>{_READ[field]})")
            seen.add(field)
        else:
            out.append("(?:" if piece["open"] else ")?" if piece["close"] else re.escape(piece["text"]))
    return re.compile("".join(out))


def read_form(text: str) -> dict[str, Any] | None:
    """The fields of a `Record` that a citation in one of the table's forms tells; nothing when it is in none of them.

    The journal decides between societies whose forms look alike.
    """
    for row in table():
        match = _pattern(row.form).fullmatch(text)
        if not match or not row.first_year <= int(match["year"]) <= row.last_year:
            continue
        name = match.groupdict().get("journal") or match["container"]
        journal = journal_of(name)
        if (row.society in _societies(journal)) if row.society else (journal or _NAME.fullmatch(name)):
            return dict(_record_fields(row, match.groupdict(), journal, text))
    return None


# What may be the name of a journal that is not in the table: no sentence, no second one, nothing in square brackets, no
# month, as in “Ann Oncol. March 2014;25(3)”.
_NAME: Final = re.compile(
    r"(?!(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?$)[^\[\].?!]{2,60}\.?(?:\s\([^()]*\))?\.?"
)


def _societies(journal: Journal | None) -> set[str]:
    return {row.society for row in book().journals if journal and row.short == journal.short}


def _record_fields(
    row: Form, told: Mapping[str, str | None], journal: Journal | None, text: str
) -> Iterator[tuple[str, Any]]:
    name = told.get("journal") or told.get("container") or ""
    yield "container", journal.container if journal else name.strip(" .,")
    if journal:
        yield "container_short", journal.short
    yield "issued", PartialDate(int(told["year"] or 0))
    yield "volume", told.get("volume") or ""
    part = Part.parse(told.get("part") or "")
    issue, supplement = told.get("issue") or part.issue, told.get("supplement") or told.get("suppl") or part.supplement
    if told.get("issue") and supplement is None and re.search(r"suppl", text, re.IGNORECASE):
        supplement = ""
    yield "issue", issue or ""
    page_s = told.get("page_s") or ""
    if len(page_s) in {2, 3}:
        supplement = page_s
    yield "supplement", "Suppl" if supplement == "" else supplement or ""
    locator = read_pages(told.get("pages") or told.get("locator") or told.get("range") or "")
    counts = journal is not None and journal.locator == "number" and supplement is not None and "-" not in locator
    number = told.get("number") or (locator if counts else "")
    yield "number", number
    yield "pages", (page_s if len(page_s) > 3 else "") or ("" if counts else locator)
    is_abstract = bool(row.society or number or supplement is not None)
    yield "type", "meeting-abstract" if is_abstract else "article"
    society = organ_of(journal, int(told["year"] or 0), told.get("volume") or "", issue or "")
    if row.society and told.get("dates"):
        society = row.society
    if society and is_abstract:
        dates = read_dates(days) if (days := told.get("dates")) else ()
        year = told.get("meeting_year")
        yield (
            "meeting",
            Meeting(
                name=society,
                society=society,
                place=told.get("place") or "",
                start=dates[0][0] if dates else PartialDate(int(year)) if year else None,
                end=dates[-1][1] if dates else None,
            ),
        )
