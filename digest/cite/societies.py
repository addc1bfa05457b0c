"""How each society cites its own meeting abstracts: a table (``societies.yaml``), applied in both directions."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from msgspec import Meta, Struct, structs

from digest import strict
from digest.cite.tokens import VolumePart, print_dates, read_dates, read_pages
from digest.journals import full_title
from digest.model import Meeting, PartialDate, Record
from digest.vocabulary import MONTH, MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Year = Annotated[int, Meta(ge=1900)]


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table: under which conditions a society prints which form.

    Attributes:
        society: the society's short name, as in `Meeting.society`; empty for everybody else.
        name: which of a society's forms this is: ``short``, ``proceedings`` or ``platform``; empty for the one that it
            prints itself.
        form: the citation, with ``{fields}`` of the record and ``[parts]`` that may be left out.
        tail: what follows where the whole citation is wanted; left out when a field in it is missing.
        source: where this form was seen.
        first_year: first year of publication in which it holds.
        last_year: last year in which it holds.
        meeting: pattern of a part of the meeting's name.
        numbers: pattern of the abstract numbers that it is for.
        suppl: pattern of the supplements that it is for.
        dois: pattern of the beginnings of DOIs that it is for.
        verified: whether the form was seen in print.
    """

    society: str = ""
    name: str = ""
    form: str
    tail: str = ""
    source: str
    first_year: Year = 1900
    last_year: Year = 9999
    meeting: str = ""
    numbers: str = ".*"
    suppl: str = ".*"
    dois: str = ""
    verified: bool = True


class Journal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A journal that prints a society's abstracts.

    Attributes:
        society: the society.
        container: full title.
        short: NLM's abbreviation.
        locator: what is printed where other citations have a page: the page, or the abstract's number.
        supplements: whether supplements belong to the volume, or to issues whose number they share.
        volume_is: factor and subtrahend that make the volume of the year, for a journal of one volume a year.
        source: two years and volumes, or more, that show it.
        verified: whether they were seen in print; `volume_is` without a source is not.
    """

    society: str
    container: str
    short: str
    volume_is: tuple[int, ...] = ()
    source: str = ""
    verified: bool = True
    locator: Literal["pages", "number"] = "pages"
    supplements: Literal["volume", "issues"] = "volume"


class DoiKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of DOI, and what it reveals of a meeting abstract.

    Attributes:
        society: the society; empty where the publisher gives such DOIs to the abstracts of several.
        pattern: pattern of the whole DOI in small letters; its named groups are what it reveals.
        short: abbreviation of the journal; empty where several have such DOIs.
        source: an example.
        articles: whether the journal's articles have such DOIs as well, so that something else must tell them apart.
        pages: pattern of the pages that only abstracts have among those with such a DOI.
        first_year: first year of publication in which `pages` is enough.
        volume_is: factor and subtrahend that make the volume of the year.
        supplement_is: the same for the supplement.
        supplement: the supplement, where it always is the same.
        years_from: the year for each value of the group ``letter``.
        supplements: the supplement of single years.
        page_prefix: what the printed page has before the one in the DOI.
        printed: how the publisher prints it, from the pattern's groups, where capitals are not in its beginning only.
        verified: whether what it reveals was seen in print.
    """

    society: str = ""
    pattern: str
    short: str = ""
    source: str
    articles: bool = False
    pages: str = ""
    first_year: Year = 1900
    volume_is: tuple[int, ...] = ()
    supplement_is: tuple[int, ...] = ()
    supplement: str = ""
    supplements: dict[str, str] = {}
    years_from: dict[str, int] = {}
    page_prefix: str = ""
    printed: str = ""
    verified: bool = True


class Fact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What citations print of one meeting, for records that do not say it themselves.

    Attributes:
        society: the society.
        year: year of publication.
        last_year: last year of publication in which the same holds; the year itself where it is left out.
        meeting: pattern of a part of the meeting's name; where it is given, records must name the meeting.
        numbers: pattern of the abstract numbers for which it holds.
        dates: days of the meeting.
        place: where it was.
        ordinal: which one it was, such as ``107th``.
        section: part of the proceedings.
        volume: volume of the journal.
        volume_is: factor and subtrahend that make the volume of the year.
        issue: issue of the journal.
        supplement: its supplement.
        supplement_is: factor and subtrahend that make the supplement of the year.
        source: where they were seen.
        verified: whether these facts were seen in print; otherwise they are from memory and must be verified first.
        seen: fields of a row that is not verified which `source` shows all the same, such as ``volume``.
    """

    society: str
    year: Year
    last_year: Year = 1900
    meeting: str = ""
    numbers: str = ".*"
    dates: str = ""
    place: str = ""
    ordinal: str = ""
    section: str = ""
    volume: str = ""
    volume_is: tuple[int, ...] = ()
    issue: str = ""
    supplement: str = ""
    supplement_is: tuple[int, ...] = ()
    source: str = ""
    verified: bool = True
    seen: tuple[str, ...] = ()

    def covers(self, year: int) -> bool:
        """Whether it is about a year: its own, or any up to its last."""
        return self.year <= year <= max(self.year, self.last_year)

    def volume_of(self, year: int) -> str:
        """The volume of a year in which it holds; empty where it is not known."""
        return self.volume or computed_number(self.volume_is, year)


class Book(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        forms: the table of forms, in the order in which they are tried.
        journals: journals and whose abstracts they print.
        dois: kinds of DOIs.
        titles: titles of other journals by their abbreviations.
        spellings: beginnings of DOIs in small letters, and how their publishers spell them.
        meetings: facts about single meetings.
    """

    forms: tuple[Form, ...]
    journals: tuple[Journal, ...]
    dois: tuple[DoiKind, ...]
    titles: dict[str, str]
    spellings: dict[str, str]
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

    The form is the first row of the table for the record's society and year all of whose fields the record has; what it
    lacks may come from its DOI or from what is known of the meeting. Empty where no row fits: the record is too
    incomplete, or not a meeting abstract.

    Args:
        record: the record.
        name: which of a society's forms, such as ``short``; its own one where it has none of this name.
        whole: with the full stop or the DOI that the society prints after it.
    """
    record = completed(record)
    row, fields = _row_for(record, name)
    text = _filled_form(row.form, fields) if row else None
    if row is None or text is None:
        return ""
    return text + ((_filled_form(row.tail, fields) or "") if whole else "")


def doubt(record: Record, form: str | None = "") -> str:
    """What nobody has seen in print yet of an abstract's citation; empty where everything was seen.

    Args:
        record: the record.
        form: which of its society's forms is printed, such as ``short``; nothing where a style prints its own form,
            in which only what the table added can be wrong.
    """
    full = completed(record)
    if full.type != "meeting-abstract" or full.issued is None:
        return ""
    society = society_of(full)
    known = doi_kind(record.ids.doi or "")
    given = with_doi(record) if known is None or known[0].verified else record
    own: Mapping[str, str] = _fields(given, society) if given.issued else {}
    fields: Mapping[str, str] = _fields(full, society)
    printed = set(_OF_VOLUMES)
    if form is not None:
        row, fields = _row_for(full, form)
        if row is None:
            return ""
        if not row.verified:
            return f"the form “{row.form}”"
        printed = {piece["field"] for piece in _PIECE.finditer(row.form) if piece["field"]}
    unseen = _unseen(record, society, full.issued.year)
    added = [
        field
        for field in sorted(printed & unseen)
        if fields[field] and (field in _OF_MEETINGS or fields[field] != own.get(field))
    ]
    return f"{', '.join(added)} of {society} {full.issued.year}" if added else ""


# Fields that the table may have given, of a volume or of a meeting.
_OF_VOLUMES: Final = ("volume", "issue", "supplement", "suppl", "part")
_OF_MEETINGS: Final = ("dates", "place", "ordinal", "section")


def _unseen(record: Record, society: str, year: int) -> frozenset[str]:
    """The fields of a citation that would come from a row of the table that nobody has seen in print."""
    known = doi_kind(record.ids.doi or "")
    record = with_doi(record)
    journal = journal_of(record.container_short) or journal_of(record.container)
    found: set[str] = set()
    if known and not known[0].verified:
        found.update(_OF_VOLUMES)
    fact = _fact(record, society, year)
    if fact and not fact.verified:
        meeting = record.meeting
        days = bool(meeting and meeting.start and meeting.start.day)
        found.update(field for field in _OF_MEETINGS if field != "dates" or not days)
        if meeting and meeting.place:
            found.discard("place")
        found.update(_OF_VOLUMES)
    elif journal and not journal.verified and not (fact and fact.volume_of(year)):
        found.add("volume")
    if fact:
        parts = _OF_VOLUMES[1:] if {"issue", "supplement"} & set(fact.seen) else ()
        found.difference_update(fact.seen, parts)
    return frozenset(found)


def _row_for(record: Record, name: str) -> tuple[Form | None, Mapping[str, str]]:
    """The first row whose conditions hold and whose fields a completed record has, and its fields."""
    if record.type != "meeting-abstract" or record.issued is None:
        return None, {}
    society = society_of(record)
    if name == "platform" and not record.container and journal_of(record.container_short) is None:
        record = structs.replace(record, container=_platform_title(record.container_short))
    fields = _fields(record, society)
    for wanted in dict.fromkeys((name, "")):
        for row in _rows_of(society, wanted):
            if _is_for(row, int(fields["year"]), fields) and _filled_form(row.form, fields) is not None:
                return row, fields
    return None, fields


def _platform_title(short: str) -> str:
    """The title of an abbreviated journal as its publisher prints it, with capitals; empty where it is not known."""
    return book().titles.get(short) or _SMALL.sub(lambda match: match[0].upper(), full_title(short))


_SMALL: Final = re.compile(r"(?<![\w'’])(?!(?:and|for|from|the)\b)[a-z](?=\w\w)")


@functools.cache
def _rows_of(society: str, name: str) -> tuple[Form, ...]:
    return tuple(row for row in table() if row.society in {society, ""} and row.name == name)


def completed(record: Record) -> Record:
    """The record with what it lacks and its DOI or its meeting provides: journal, volume, number, year.

    Issue and supplement are added only together: a record that has one of them is right.
    """
    record = with_doi(record)
    journal = journal_of(record.container_short) or journal_of(record.container) or _journal_of_volume(record)
    if journal and not (record.container or record.container_short):
        record = structs.replace(record, container=journal.container, container_short=journal.short)
    if journal and journal.supplements == "issues" and not record.issue and re.fullmatch(r"\d+", record.supplement):
        record = structs.replace(record, issue=record.supplement, supplement="Suppl")
    if record.type != "meeting-abstract" or record.issued is None or journal is None:
        return record
    year, society = record.issued.year, society_of(record)
    if journal.supplements == "issues" and not record.supplement and re.fullmatch(r"\d+", record.issue):
        record = structs.replace(record, supplement="Suppl")  # its abstracts are in supplements only
    fact = _fact(record, society, year) if society in _societies(journal) else None
    volume = record.volume or (fact.volume_of(year) if fact else "") or computed_number(journal.volume_is, year)
    supplement = (fact.supplement or computed_number(fact.supplement_is, year)) if fact else ""
    if fact is None or not fact.issue + supplement or record.issue or record.supplement:
        return structs.replace(record, volume=volume) if volume != record.volume else record
    if record.volume and record.volume != fact.volume_of(year) != "":
        return record  # another volume of the year, so another meeting
    supplement = supplement or "Suppl"
    return structs.replace(record, volume=volume, issue=fact.issue, supplement=supplement)


def _journal_of_volume(record: Record) -> Journal | None:
    """The one journal of its society that has the volume of an abstract in its year, where that names no journal."""
    if record.container or record.container_short or not record.volume or record.issued is None or not record.number:
        return None
    society, year = society_of(record), record.issued.year
    found = [
        row
        for row in book().journals
        if row.society == society and row.volume_is and computed_number(row.volume_is, year) == record.volume
    ]
    return found[0] if len(found) == 1 else None


def doi_kind(doi: str) -> tuple[DoiKind, re.Match[str]] | None:
    """The kind of a DOI and the match of its pattern; nothing for one that cannot be a meeting abstract's."""
    for row, pattern in _kinds_of(doi.partition("/")[0]):
        if match := pattern.fullmatch(doi):
            return row, match
    return None


def shows_abstract(doi: str, pages: str = "", year: int | None = None) -> bool:
    """Whether a DOI shows a meeting abstract: alone, or with pages, as S889 with ``10.1016/j.annonc.2023.09.700``."""
    row = known[0] if (known := doi_kind(doi)) else None
    if row is None or not row.articles:
        return row is not None
    return bool(row.pages) and year is not None and year >= row.first_year and bool(re.fullmatch(row.pages, pages))


@functools.lru_cache(maxsize=512)
def _kinds_of(registrant: str) -> tuple[tuple[DoiKind, re.Pattern[str]], ...]:
    """The kinds of DOIs of one registrant, such as ``10.1200``."""
    begin = re.escape(registrant) + "/"
    return tuple((row, re.compile(row.pattern)) for row in book().dois if row.pattern.startswith(begin))


def printed_doi(doi: str) -> str:
    """A DOI in small letters as its publisher spells it: ``10.1200/JCO.2023.41.17_suppl.LBA1``."""
    if known := doi_kind(doi):
        if known[0].printed:
            given = {name: _printed_number(value or "") for name, value in known[1].groupdict().items()}
            return known[0].printed.format_map(given | {"part": (known[1].groupdict().get("part") or "").capitalize()})
        start, end = known[1].span("number") if "number" in known[1].re.groupindex else (0, 0)
        doi = doi[:start] + _printed_number(doi[start:end]) + doi[end:]
    for beginning, spelled in book().spellings.items():
        if doi.startswith(beginning):
            return spelled + doi[len(beginning) :]
    return doi


def with_doi(record: Record) -> Record:
    """The meeting abstract with what it lacks and its DOI provides; another record as it is."""
    known = doi_kind(record.ids.doi or "")
    if known is None or record.type != "meeting-abstract":
        return record
    row, match = known
    given = match.groupdict()
    year = int(given.get("year") or 0) or row.years_from.get(given.get("letter") or "", 0)
    if "short_year" in given:
        year = 2000 + int(given["short_year"])
    if not year and record.issued:
        year = record.issued.year
    if "volume" in given and not given.get("year") and not record.issued:
        year = 0  # the year does not follow from a volume: societies count their own way
    part = VolumePart.parse(given.get("part") or "")
    if supplement := row.supplements.get(str(year), row.supplement) or (
        computed_number(row.supplement_is, year) if year else ""
    ):
        part = VolumePart(supplement=supplement)
    container = next((entry.container for entry in book().journals if entry.short == row.short), "")
    container = container or book().titles.get(row.short, "")
    volume = given.get("volume") or (computed_number(row.volume_is, year) if year else "")
    pages = row.page_prefix + given["pages"] if given.get("pages") else ""
    pages = _printed_number(pages) if row.printed else pages
    has_part = bool(record.issue or record.supplement)
    return structs.replace(
        record,
        container=record.container or ("" if record.container_short and not row.short else container),
        container_short=record.container_short or (row.short if not record.container else ""),
        volume=record.volume or volume,
        issue=record.issue if has_part else part.issue or "",
        supplement=record.supplement if has_part else ("Suppl" if part.supplement == "" else part.supplement or ""),
        number=record.number or _printed_number(given.get("number") or ""),
        pages=record.pages or pages,
        issued=record.issued or (PartialDate(year) if year else None),
        meeting=record.meeting or _meeting_of_doi(row, given),
    )


def _meeting_of_doi(row: DoiKind, given: Mapping[str, str | None]) -> Meeting | None:
    if not row.society:
        return None
    year = given.get("meeting_year")
    return Meeting(name=row.society, society=row.society, start=PartialDate(2000 + int(year)) if year else None)


def computed_number(rule: tuple[int, ...], year: int) -> str:
    """The number of a volume or supplement in a year, by factor and subtrahend; empty without a rule."""
    return str(rule[0] * year - rule[1]) if rule else ""


def _printed_number(number: str) -> str:
    """A number as societies print it: DOIs are kept in small letters, of which only a leading ``e`` is one."""
    return number if re.fullmatch(r"e\d+", number) else number.upper()


@functools.lru_cache(maxsize=4096)
def journal_of(name: str) -> Journal | None:
    """The journal of this title or abbreviation, full stops aside."""
    return _journals_by_name().get(_comparable_title(name))


@functools.cache
def _journals_by_name() -> Mapping[str, Journal]:
    found: dict[str, Journal] = {}
    for row in book().journals:
        for name in (row.container, row.short):
            found.setdefault(_comparable_title(name), row)
    return found


def _comparable_title(name: str) -> str:
    """A title in small letters, without stops and “The”."""
    words = re.sub(r"[.,:]", " ", name).replace("&", "and").lower().split()
    return " ".join(words).removeprefix("the ")


def abbreviation(short: str, full: str) -> str:
    """A journal's abbreviation with a stop after each word cut short: ``J. Clin. Oncol.``, ``Cancer Res.``, ``Blood``.

    Where its full title is not known, a title of one word is whole, and others end in a stop.
    """
    if not full or full == short:
        return short if " " not in short.strip() or short.endswith(".") else f"{short}."
    whole = {word.strip(".,:").lower() for word in full.replace("-", " ").split()}
    words = (
        word if word.strip(".,:()").lower() in whole or word.endswith((".", ")")) else f"{word}."
        for word in short.split()
    )
    return " ".join(words)


def society_of(record: Record) -> str:
    """The society as the table names it: that of the meeting, or else the one whose abstracts the journal prints."""
    named = record.meeting.society if record.meeting else ""
    if named:
        return society_in(named) or named
    journal = journal_of(record.container_short) or journal_of(record.container)
    return journal.society if journal else ""


def organ_of(journal: Journal | None, year: int, volume: str, issue: str) -> str:
    """The society whose meeting's abstracts are in a journal's supplement or issue; empty where that is not certain.

    Gut prints those of two societies, Annals of Oncology guidelines as well.
    """
    found = {
        fact.society
        for fact in (_facts_about(journal, year) if journal and volume else ())
        if (fact.volume_of(year), fact.issue) == (volume, issue)
    }
    if not found and journal and journal.supplements == "issues" and len(_societies(journal)) == 1:
        found = set(_societies(journal))  # JCO prints those of one society only
    return found.pop() if len(found) == 1 else ""


def is_of_meeting(name: str, year: int, volume: str, part: VolumePart) -> bool:
    """Whether a supplement of a journal is one that the table knows as that of a meeting: Ann Oncol 28 (suppl 5)."""
    journal = journal_of(name)
    if journal is None or not volume or part.supplement is None:
        return False
    usual = computed_number(journal.volume_is, year)
    return any(
        (fact.volume_of(year) or usual) == volume
        and (
            fact.issue in {part.issue, part.supplement}
            if fact.issue
            else (part.issue, part.supplement) == (None, fact.supplement or computed_number(fact.supplement_is, year))
        )
        for fact in _facts_about(journal, year)
        if fact.issue or part.supplement
    )


def _facts_about(journal: Journal, year: int) -> list[Fact]:
    """What is known of the meetings whose abstracts a journal printed in a year."""
    facts = (fact for fact in book().meetings if fact.society in _societies(journal))
    return [fact for fact in facts if fact.covers(year)]


def society_in(text: str) -> str:
    """The first society of the table that a text names; empty where it names none."""
    match = re.search(_societies_pattern(), text)
    return match[0] if match else ""


@functools.cache
def _societies_pattern() -> str:
    known = sorted({row.society for row in book().journals}, key=len, reverse=True)
    return r"\b(?:" + "|".join(map(re.escape, known)) + r")\b"


def _is_for(row: Form, year: int, fields: Mapping[str, str]) -> bool:
    return (
        row.first_year <= year <= row.last_year
        and (not row.meeting or re.search(row.meeting, fields["event"]) is not None)
        and re.fullmatch(row.numbers, fields["number"]) is not None
        and re.fullmatch(row.suppl, fields["suppl"]) is not None
        and (not row.dois or re.match(row.dois, fields["doi"]) is not None)
    )


def _fields(record: Record, society: str) -> dict[str, str]:
    """Every field of the record that a form may print."""
    assert record.issued is not None
    year, meeting = record.issued.year, record.meeting
    fact = _fact(record, society, year)
    part = VolumePart.of(record.issue, record.supplement)
    journal = journal_of(record.container) or journal_of(record.container_short)
    pages = record.pages.replace("–", "-")
    locator = pages or record.number
    return {
        "journal": record.container_short or (journal.short if journal else record.container),
        "container": (journal.container if journal else record.container) or record.container_short,
        "year": str(year),
        "month": MONTHS[record.issued.month - 1] if record.issued.month else "",
        "volume": record.volume,
        "issue": part.issue or "",
        "supplement": part.supplement or "",
        "suppl": re.sub(r"(?<=\d)[sS]$", "", part.suppl),
        "part": str(part),
        "page_s": next((text for text in (pages, record.supplement) if re.fullmatch(r"\d+[sS]", text)), ""),
        "number": record.number,
        "pages": pages,
        "locator": locator,
        "range": re.sub(r"(?<=\d)-(?=\w)", "–", pages) if pages else locator,
        "page_words": _page_words(pages, record.number),
        "event": re.sub(r"^[Tt]he ", "", meeting.name) if meeting else "",
        "dates": _dates(meeting, fact),
        "place": (meeting.place if meeting else "") or (fact.place if fact else ""),
        "ordinal": fact.ordinal if fact else "",
        "section": fact.section if fact else "",
        "meeting_year": str(meeting.start.year) if meeting and meeting.start else fact.dates[:4] if fact else "",
        "doi": printed_doi(record.ids.doi or ""),
    }


def _page_words(pages: str, number: str) -> str:
    """``Pages v25–v54``, ``Page v25``; an electronic locator has no word, as on the pages of Oxford's journals."""
    if "-" in pages:
        return f"Pages {pages.replace('-', '–')}"
    return f"Page {pages}" if re.fullmatch(r"[A-Za-z]{0,5}\d+", pages) else pages or number


def _fact(record: Record, society: str, year: int) -> Fact | None:
    name = record.meeting.name if record.meeting else ""
    for fact in facts_of(society):
        if fact.covers(year) and re.fullmatch(fact.numbers, record.number):
            if fact.meeting and not re.search(fact.meeting, name):
                continue
            return fact
    return None


@functools.cache
def facts_of(society: str) -> tuple[Fact, ...]:
    """What is known of the meetings of a society."""
    return tuple(fact for fact in book().meetings if fact.society == society)


def _dates(meeting: Meeting | None, fact: Fact | None) -> str:
    """Days of the meeting; of one in several parts, of which a record has first and last day, those that are known."""
    known = read_dates(fact.dates) if fact and fact.dates else ()
    if meeting and meeting.start and meeting.start.day:
        end = meeting.end or meeting.start
        if not known or (known[0][0], known[-1][1]) != (meeting.start, end):
            return print_dates([(meeting.start, end)])
    return print_dates(known) if known else ""


# --- The language of forms -------------------------------------------------------------------------------------------

_PIECE: Final = re.compile(r"\{(?P<field>\w+)\}|(?P<open>\[)|(?P<close>\])|(?P<text>[^{}\[\]]+)")


def _filled_form(form: str, fields: Mapping[str, str]) -> str | None:
    """The form with its fields; nothing when one outside of brackets is missing."""
    whole: list[str] = []
    group: list[str] | None = None
    complete = True
    for field, mark, literal in _pieces(form):
        if mark == "[":
            group, complete = [], True
        elif mark:
            whole += group if group and complete else []
            group = None
        else:
            text = fields[field] if field else literal
            if group is not None:
                group.append(text)
                complete = complete and bool(text)
            elif not text:
                return None
            else:
                whole.append(text)
    return "".join(whole)


@functools.lru_cache(maxsize=256)
def _pieces(form: str) -> tuple[tuple[str, str, str], ...]:
    """Each piece of a form: a field, or a bracket, or text."""
    pieces = _PIECE.finditer(form)
    return tuple((piece["field"] or "", piece["open"] or piece["close"] or "", piece["text"] or "") for piece in pieces)


_NUMBER: Final = r"(?:[A-Z]{2,3} )?[A-Za-z]{0,6}-?\d[\w.-]*"
_PAGES: Final = r"[A-Za-z]*-?\d[\w.]*(?:[-–][A-Za-z]*-?\d\w*)?"
_READ: Final = {
    "journal": r"[^\W\d][^\d;:]*?",
    "container": r"[^\W\d][^\d;:]*?",
    "year": r"(?:19|20)\d\d",
    "month": "|".join(MONTHS),
    "volume": r"\d{1,4}",
    "issue": r"\d+(?:[-/]\d+)?",
    "supplement": r"\w{1,3}",
    "suppl": r"\w{1,3}",
    "part": r"[^()]+",
    "page_s": r"\d+[sS]",
    "number": _NUMBER,
    "pages": _PAGES,
    "locator": f"{_NUMBER}|{_PAGES}",
    "range": f"{_PAGES}|{_NUMBER}",
    "page_words": f"Pages? {_PAGES}|{_NUMBER}|{_PAGES}",
    "event": r"[^;\d][^;]*",
    "dates": r"\d{4} [^;.]+",
    "place": r"[^;.]+",
    "ordinal": r"\d+(?:st|nd|rd|th)",
    "section": r"[^;\d][^;]*",
    "meeting_year": r"(?:19|20)\d\d",
    "doi": r"10\.\d{4,9}/\S+",
}


@functools.cache
def _pattern(form: str) -> re.Pattern[str]:
    """What reads a form back; a field that is in it twice must have the same value twice."""
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
    """The fields of a `Record` in a citation of one of the table's forms; nothing when it is in none of them.

    The journal decides between societies whose forms look alike.
    """
    for row in table():
        match = _pattern(row.form).fullmatch(text)
        if not match or not row.first_year <= int(match["year"]) <= row.last_year:
            continue
        name = match.groupdict().get("journal") or match["container"]
        journal = journal_of(name)
        if not journal and "," in name and row.form.startswith("{container},"):
            continue  # authors, title and journal with nothing but commas between them
        if (row.society in _societies(journal)) if row.society else (journal or _NAME.fullmatch(name)):
            return dict(_record_fields(row, match.groupdict(), journal, text))
    return None


# What may be the name of a journal that is not in the table: not a sentence, a second name, square brackets, or a
# month, as in “Ann Oncol. March 2014;25(3)”.
_NAME: Final = re.compile(rf"(?!{MONTH}[a-z]*\.?$)[^\[\].?!]{{2,60}}\.?(?:\s\([^()]*\))?\.?")


def societies_of(name: str) -> frozenset[str]:
    """The societies whose abstracts a journal of this title or abbreviation prints."""
    return _societies(journal_of(name))


def _societies(journal: Journal | None) -> frozenset[str]:
    return _societies_by_journal()[journal.short] if journal else frozenset()


@functools.cache
def _societies_by_journal() -> Mapping[str, frozenset[str]]:
    return {
        row.short: frozenset(other.society for other in book().journals if other.short == row.short)
        for row in book().journals
    }


# JCO's supplements of annual meetings until 2014, after the volume; other numbers with an s are pages.
_SUPPLEMENT_S: Final = r"(?:5|1[4568])[sS]"
_LOCATORS: Final = ("pages", "locator", "range", "page_words")


def _record_fields(
    row: Form, given: Mapping[str, str | None], journal: Journal | None, text: str
) -> Iterator[tuple[str, Any]]:
    name = given.get("journal") or given.get("container") or ""
    yield "container", journal.container if journal else name.strip(" .,")
    if journal:
        yield "container_short", journal.short
    month = MONTHS.index(given["month"]) + 1 if given.get("month") else None
    yield "issued", PartialDate(int(given["year"] or 0), month)
    yield "volume", given.get("volume") or ""
    part = VolumePart.parse(given.get("part") or "")
    issue, supplement = (
        given.get("issue") or part.issue,
        given.get("supplement") or given.get("suppl") or part.supplement,
    )
    if given.get("issue") and supplement is None and re.search(r"suppl", text, re.IGNORECASE):
        supplement = ""
    yield "issue", issue or ""
    page_s = given.get("page_s") or ""
    if re.fullmatch(_SUPPLEMENT_S, page_s):
        supplement, page_s = page_s, ""
    yield "supplement", "Suppl" if supplement == "" else supplement or ""
    locator = read_pages(next((given[name] for name in _LOCATORS if given.get(name)), None) or "")
    counts = journal is not None and journal.locator == "number" and supplement is not None and "-" not in locator
    number = given.get("number") or (locator if counts else "")
    yield "number", number
    yield "pages", page_s or ("" if counts else locator)
    is_abstract = bool(row.society or number or supplement is not None)
    yield "type", "meeting-abstract" if is_abstract else "article"
    society = organ_of(journal, int(given["year"] or 0), given.get("volume") or "", issue or "")
    if row.society and given.get("dates"):
        society = row.society
    if society and is_abstract:
        dates = read_dates(days) if (days := given.get("dates")) else ()
        year = given.get("meeting_year")
        yield (
            "meeting",
            Meeting(
                name=given.get("event") or society,
                society=society,
                place=given.get("place") or "",
                start=dates[0][0] if dates else PartialDate(int(year)) if year else None,
                end=dates[-1][1] if dates else None,
            ),
        )
