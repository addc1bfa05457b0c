"""Rows of tables become records: each field is read from the columns that hold it, and what is odd is reported."""

from __future__ import annotations

import functools
import itertools
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.cite.societies import journal_of
from digest.cite.tokens import read_dates
from digest.errors import DigestError, Problem
from digest.merge import flat
from digest.model import AbstractPart, Meeting
from digest.sources.formats.tables.columns import (
    HEADINGS_WITHIN,
    MOST_LISTED,
    TO_NAME_COLUMNS,
    cell_items,
    column_problems,
    columns_of,
    folded,
    heading_row,
)
from digest.sources.formats.tables.days import is_time, read_day
from digest.sources.formats.tables.people import add_people
from digest.sources.formats.tables.rows import MOST_COLUMNS
from digest.sources.formats.tables.survey import Survey, Table, whole_rows
from digest.sources.page import Parsed, each
from digest.sources.shared import fields, markup
from digest.sources.shared.dates import read_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.presentations import presentation_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from digest.model import RecordType
    from digest.publication import AuthorStyle
    from digest.sources.formats.tables.columns import Columns
    from digest.sources.formats.tables.rows import TableRow
    from digest.sources.page import Outcome, Page


def records(
    page: Page, sheets: Sequence[tuple[str, Callable[[], Iterator[TableRow]]]], *, since_1904: bool = False
) -> Iterator[Outcome]:
    """The records of all sheets; the rows are read twice, first for what only all of them together show.

    Args:
        page: the page.
        sheets: the beginning of a message about each sheet, and its rows.
        since_1904: whether serial numbers of days count from 1904.

    Raises:
        DigestError: no column holds titles, a heading appears twice, or a mapped column does not exist.
    """
    tables: list[Table] = []
    for sheet, rows in sheets:
        first = list(itertools.islice(_filled(page, rows()), HEADINGS_WITHIN))
        at = heading_row(page, first)
        if at is None:
            found = ", ".join(
                f"“{cell.strip()[:40]}”" for cell in (first[0].cells if first else [])[:30] if cell.strip()
            )
            if page.columns:
                columns_of(page, first[0].cells if first else [])
            if page.layout and len(sheets) > 1:  # a workbook of EasyChair has sheets of authors, reviews and others
                yield page.problem("note", "sheet", f"{sheet}no column holds titles; the sheet was left out")
                continue
            raise DigestError(
                f"no column of the table holds titles; its headings are {found or 'empty'}",
                where=page.where,
                todo=TO_NAME_COLUMNS,
            )
        columns = columns_of(page, [cell.strip() for cell in first[at].cells])
        yield from column_problems(page, columns, first[at].line, sheet)
        for row in first[:at]:
            text = " ".join(filter(None, (cell.strip() for cell in row.cells)))
            yield page.problem("note", "above-headings", f"text above the headings: “{text[:200]}”", line=row.line)
        again = [row.line for row in itertools.islice(_filled(page, rows()), at + 1, None) if _is_heading(row, columns)]
        if again:
            message = (
                f"{sheet}the headings come again (line {', '.join(map(str, again[:20]))}); these rows were left out"
            )
            yield page.problem("note", "headings-again", message, line=again[0])
        tables.append(Table(sheet, columns, functools.partial(_below, page, rows, at, columns)))
        left = Counter(
            state or "without a decision"
            for row in itertools.islice(_filled(page, rows()), at + 1, None)
            if not _is_heading(row, columns) and (state := _left_out(row, columns)) is not None
        )
        if left:
            states = ", ".join(f"{count:,} {state}" for state, count in sorted(left.items())[:20])
            message = f"{sheet}only what was accepted is read; left out by their state: {states}"
            yield page.problem("note", "not-accepted", message)
    if not tables and sheets:
        raise DigestError("no sheet has a column that holds titles", where=page.where, todo=TO_NAME_COLUMNS)
    survey = Survey(
        tables, since_1904=since_1904, authors=page.defaults.authors if page.defaults else "", where=page.where
    )
    yield from survey.problems(page)
    if not survey.rows:
        yield page.problem("warning", "no-records", "the table has headings but no rows", line=1)
    without_meeting = 0
    for table in tables:
        make = functools.partial(_record, page, table=table, survey=survey)
        for made in each(page, table.rows(), make, called=f"{table.sheet}row", line=lambda row: row.line):
            if isinstance(made, Parsed) and made.record.type == "meeting-abstract":
                without_meeting += not (made.record.meeting or made.record.container)
            yield made
    if without_meeting and page.defaults:
        message = (
            f"nothing says at which meeting the abstracts of this table were presented ({without_meeting} of them), so "
            "that citations cannot name it; add “meeting: {name: …, start: …}” to the source in digest.yaml"
        )
        yield page.problem("warning", "no-meeting", message)


def _filled(page: Page, rows: Iterator[TableRow]) -> Iterator[TableRow]:
    for row in rows:
        if len(row.cells) > MOST_COLUMNS:
            raise DigestError(f"more than {MOST_COLUMNS} columns", where=page.where, todo="delete the empty ones")
        if any(cell.strip() for cell in row.cells):
            yield row


def _below(
    page: Page,
    rows: Callable[[], Iterator[TableRow]],
    at: int,
    columns: Columns,
    section_rows: list[TableRow] | None = None,
) -> Iterator[TableRow]:
    """The records below the headings, which are in this one of the rows that are not empty; see `whole_rows`."""
    below = (row for row in itertools.islice(_filled(page, rows()), at + 1, None) if not _is_heading(row, columns))
    if columns.left_out:
        below = (row for row in below if _left_out(row, columns) is None)
    return whole_rows(below, columns, section_rows)


def _left_out(row: TableRow, columns: Columns) -> str | None:
    """The words by which a row is left out, which was not accepted or was taken back; nothing for one that is read."""
    for at, kept in columns.left_out:
        text = row.cells[at].strip() if at < len(row.cells) else ""
        if not kept.match(text):
            return f"“{columns.heading[at]}: {text[:40]}”" if text else ""
    return None


def _is_heading(row: TableRow, columns: Columns) -> bool:
    """Whether a row repeats the headings, as where tables were joined or every page of a list has them."""
    cells = tuple(cell.strip() for cell in row.cells)
    width = len(cells)
    return sum(map(bool, cells)) > 1 and cells == columns.heading[:width] and not any(columns.heading[width:])


def _raw(row: TableRow, columns: Columns) -> bytes:
    """The bytes of a row, without what only reaches a person."""
    if not columns.private:
        return row.raw
    return "\t".join(cell for at, cell in enumerate(row.cells) if at not in columns.private).encode("utf-8", "replace")


def _record(page: Page, row: TableRow, table: Table, survey: Survey) -> Outcome:
    sheet, columns = table.sheet, table.columns
    raw = b"\n".join(_raw(one, columns) for one in (row, *row.more))
    draft = Draft(page, f"{sheet}row {row.line}", raw)
    draft.line = row.line
    cells = [cell.strip() for cell in row.cells]
    width = len(columns.heading)
    if row.odd:
        draft.tell("warning", "odd-quote", f"{row.odd}; check its cells")
    if len(cells) > width and any(cells[width:]):
        draft.tell(
            "warning",
            "ragged",
            f"there is text after the last column: “{' | '.join(filter(None, cells[width:]))[:300]}”",
        )
    elif len(cells) < width and not sheet:
        draft.tell("note", "ragged", f"the row has {len(cells)} cells under {width} headings; the others are empty")
    cells += [""] * (width - len(cells))

    text_of = functools.partial(columns.text, cells)
    rich_text_of = functools.partial(columns.rich_text, row, cells)
    draft.title = markup.inline(rich_text_of("title"))
    draft.identifier = survey.identifier(table, row)
    if not columns.weak_number:
        draft.number = text_of("number")
    _status(draft, columns, text_of)
    for field in tuple(
        """
        container container_short volume issue supplement article_number publisher language licence pages
    """.split()
    ):
        setattr(draft, field, text_of(field))
    draft.track = (
        "; ".join(cell_items(text_of("track"), "|")) if "|" in text_of("track") else text_of("track") or row.section
    )
    if not draft.pages and text_of("first_page"):
        first, last = text_of("first_page"), text_of("last_page")
        draft.pages = f"{first}-{last}" if last and last != first else first
    _ids(draft, text_of)
    _dates(draft, table, cells, survey)
    _meeting(draft, text_of)
    _kind(draft, columns, text_of)
    draft.keywords = [word for word in cell_items(text_of("keywords"), "") if word]
    if text_of("editors"):
        draft.add_people(text_of("editors"), as_editor=True)
    style = survey.author_style(table)
    add_people(draft, columns, cells, rich_text_of, style=style)
    _abstract(draft, columns, cells, rich_text_of, row)
    if row.more:
        _add_rows_below(draft, row, columns, style)
    _citation(draft, text_of("citation"))
    made = draft.finish()
    if isinstance(made, Problem):
        text = " | ".join(filter(None, cells))[:300]
        return structs.replace(made, message=f"{made.message}; the row holds “{text}”")
    return made


def _add_rows_below(draft: Draft, row: TableRow, columns: Columns, style: AuthorStyle) -> None:
    """Adds what the rows below that continue a record hold: further authors, paragraphs, keywords."""
    lines = ", ".join(str(more.line) for more in row.more[:MOST_LISTED]) + (" …" if len(row.more) > MOST_LISTED else "")
    draft.tell("note", "continued", f"the record continues in {'rows' if len(row.more) > 1 else 'row'} {lines}")
    unread: list[str] = []
    for more in row.more:
        own = ["" if at in more.above else cell.strip() for at, cell in enumerate(more.cells)]
        unread += [
            cell
            for at, cell in enumerate(own)
            if cell and at not in columns.persons | columns.texts and row.cells[at : at + 1] != [cell]
        ]
        own += [""] * (len(columns.heading) - len(own))
        rich_text_of = functools.partial(columns.rich_text, more, own)
        add_people(draft, columns, own, rich_text_of, goes_on=True, style=style)
        _abstract(draft, columns, own, rich_text_of, more)
        draft.keywords += cell_items(columns.text(own, "keywords"), "")
    if unread:
        draft.tell("warning", "ragged", f"the rows that continue it hold other text: “{' | '.join(unread)[:300]}”")


_GONE: Final = re.compile(
    r"(?<!not )(?<!nicht )\b(?:withdrawn|withdrew|retracted|cancell?ed|zuruckgezogen|zuruckgenommen|abgesagt|storniert|"
    r"entfallt|entfallen|retiree?|annulee?|retirad[oa]|anulad[oa]|cancelad[oa]|ritirat[oa]|annullat[oa])\b"
)
_YES: Final = re.compile(r"(?:yes|y|x|true|1|ja|j|oui|o|si|s|sim|✓|✔)", re.IGNORECASE)


def _status(draft: Draft, columns: Columns, text_of: Callable[[str], str]) -> None:
    """Sets the status where a column says that it was withdrawn; a title that says so is read with the title."""
    words = flat(" | ".join((text_of("status"), text_of("presentation"), text_of("type"))))
    named = any(_GONE.fullmatch(folded(columns.heading[at])) for at in columns.fields.get("status", ()))
    if _GONE.search(words) or (named and _YES.fullmatch(text_of("status"))):
        draft.status = "withdrawn"
    elif re.search(r"\b(?:rejected|reject|declined|abgelehnt|refusee?|rechazad[oa])\b", words):
        draft.tell("note", "concern", f"its status is “{words.strip(' |')[:60]}”; check whether it belongs here")


def _dates(draft: Draft, table: Table, cells: Sequence[str], survey: Survey) -> None:
    """Sets the date of publication, or the day of presentation where the source has no other; and the embargo."""
    text_of = functools.partial(table.columns.text, cells)
    source = draft.page.defaults
    begin = (source.issued or (source.meeting.start if source.meeting else None)) if source else None
    year = read_day(text_of("year"), since_1904=survey.since_1904)
    near = year.year if year else begin.year if begin else None
    draft.issued = survey.day(table, cells, "issued", near) or year
    if year and draft.issued and draft.issued.year != year.year:
        draft.issued = year  # a day of going online, or of being listed
    presented = survey.day(table, cells, "presented", near)
    if not begin:
        draft.issued = draft.issued or presented
    for field, date in (("issued", draft.issued), ("presented", presented)):
        if not (text := text_of(field)) or date or survey.no_days(table, field):
            continue
        if not (field == "presented" and (is_time(text) or len(text) < 4)):
            draft.tell("warning", "odd-date", f"“{text[:60]}” is not a date; it was left out")
    if embargo := text_of("embargo_until"):
        draft.embargo_until = survey.day(table, cells, "embargo_until", near)
        if not draft.embargo_until or draft.embargo_until.day is None:
            draft.tell("warning", "odd-date", f"the embargo “{embargo[:60]}” is not a day; check how long it lasts")


def _meeting(draft: Draft, text_of: Callable[[str], str]) -> None:
    """Sets the meeting with its place and its days, where columns have them: “31 May 2024 through 4 June 2024”."""
    if not text_of("meeting"):
        return
    start = end = None
    if days := text_of("meeting_days"):
        try:
            ((start, end),) = read_dates(days[:120])
        except ValueError:
            draft.tell("note", "odd-date", f"“{days[:60]}” do not say on which days a meeting was; they were left out")
        if start and end and start.is_after(end):
            start = end = None
    draft.meeting = Meeting(name=text_of("meeting"), place=text_of("meeting_place"), start=start, end=end)


def _ids(draft: Draft, text_of: Callable[[str], str]) -> None:
    labels = {"doi": "doi:", "pmid": "PMID:", "pmcid": "", "isbn": "ISBN ", "url": "", "nct": "", "trials": ""}
    for field, label in labels.items():
        for text in cell_items(text_of(field), " ") if field == "isbn" else [text_of(field)]:
            bare = re.sub(r"^(?:doi|pmid|isbn)\s*:?\s*", "", text, flags=re.IGNORECASE)
            if field == "url" and bare.startswith("www."):
                bare = f"https://{bare}"
            if field == "url" and bare and not re.match(r"https?://", bare):
                draft.tell("note", "odd-identifier", f"“{bare[:80]}” is not a web address; it was left out")
            elif bare:
                draft.ids.append(bare if re.match(r"https?://", bare) else f"{label}{bare}")
    draft.issn = [piece for field in ("issn", "eissn") for piece in re.split(r"[;,|\s]+", text_of(field)) if piece]


_TYPES: Final[tuple[tuple[str, RecordType], ...]] = (
    (r"(?:.{1,40}:\s)?(?:meeting|conference) abstract|abstract", "meeting-abstract"),  # CENTRAL: “Journal: …”
    (r"(?:clinical )?trial regist", "trial"),
    (r"preprint", "preprint"),
    (r"book chapter|chapter|inproceedings|incollection", "chapter"),
    (r"book", "book"),
    (r"(?:phd|master)?thesis|dissertation", "thesis"),
    (r"(?:tech)?report", "report"),
    (r"data ?set", "dataset"),
    (r"article|review|letter|editorial|journal", "article"),
)
# “Talk title”, “Titel des Vortrags”: what is spoken or shown is in a programme.
_OF_PROGRAMME: Final = re.compile(
    r"\b(?:talk|poster|presentation|abstract|lecture|vortrag\w*|poster\w*|ponencia|communication)\b"
)


def _kind(draft: Draft, columns: Columns, text_of: Callable[[str], str]) -> None:
    kind, how = text_of("type"), text_of("presentation")
    draft.type = next((type_ for word, type_ in _TYPES if re.match(word, kind, re.IGNORECASE)), None)
    if draft.type is None and re.match(r"(?:conference|proceedings) paper", kind, re.IGNORECASE) and text_of("isbn"):
        draft.type = "chapter"  # in a book of proceedings
    programme = {"number", "track", "presentation", "presenter"} & set(columns.fields) or any(
        _OF_PROGRAMME.search(folded(columns.heading[at])) for at in columns.fields.get("title", ())
    )
    if draft.type is None and programme and not {"container", "volume", "pmid"} & set(columns.fields):
        draft.type = "meeting-abstract"
    for text in (how, kind):
        if draft.presentation is None:
            draft.presentation = presentation_in(text)
    if how and not draft.presentation and draft.status != "withdrawn":
        draft.tell("note", "odd-presentation", f"“{how[:60]}” is not a known way of presenting; it was left out")


def _abstract(
    draft: Draft, columns: Columns, cells: Sequence[str], text_of: Callable[[str], str], row: TableRow
) -> None:
    """Adds the parts of the abstract; a row that continues a record adds to those of the rows before."""
    parts: list[AbstractPart] = list(draft.parts)
    if (text := text_of("abstract")) and not re.fullmatch(r"\[?no abstract available[\].]*", text, re.IGNORECASE):
        parts += markup.abstract(text)
    for at, label in columns.parts:
        if (text := row.rich.get(at, cells[at])) and not fields.is_nothing(text):
            rich = markup.joined(markup.blocks(text))
            if rich:
                parts.append(AbstractPart(label=label, text=rich))
    draft.parts = tuple(parts)


# The column “Source” of Embase's CSV: “Cancer (2004) 102:4 (253-258). Date of Publication: 25 Aug 2004”,
# “Gut (2019) 68 Supplement 1 (A12). Date of Publication: June 2019”.
_EMBASE: Final = re.compile(
    r"(?P<journal>\S.{1,300}?)\s\((?P<year>(?:19|20)\d\d)\)\s(?P<volume>[A-Za-z]{0,4}\d[\w/-]{0,12})?"
    r"(?::(?P<issue>\w[\w/-]{0,12}))?(?:\s?(?P<supplement>(?:Suppl(?:ement)?\b\.?|SUPPL\.?)(?:\s\w{1,6})?))?"
    r"(?:\s\((?P<pages>[^()]{1,40})\))?(?:\s?Article Number:\s(?P<article>[\w.-]{1,30}?))?"
    r"\.?(?:\s(?:.{0,300}?\s)?Date of Publication:\s(?P<date>[^.]{4,30}))?(?:\..{0,400})?"
)


# ProQuest's “Publication info”: “Journal of Practice 32. 5 (May 2014): 770-780.”, “Journal of Practice; Ann Arbor
# Vol. 32, Iss. 5,  (May 2014): 770-780.”
_PROQUEST: Final = re.compile(
    r"(?P<journal>\S[^;]{1,300}?)(?:;[^;]{1,80}?)?,?\s(?:Vol\.\s)?(?P<volume>\d[\w/-]{0,12})"
    r"(?:(?:,\sIss\.\s|\.\s?)(?P<issue>\w[\w/-]{0,12}))?(?P<supplement>$^)?,?\s{1,3}"
    r"\((?P<date>[^()]{0,24}?(?P<year>(?:19|20)\d\d))\)(?::\s?(?P<pages>[\w-]{1,20}))?(?P<article>$^)?\.?"
)


def _embase_source(draft: Draft, match: re.Match[str]) -> None:
    """Takes journal, volume, issue, pages and day from Embase's column, where no other column has them."""
    draft.container = draft.container or match["journal"]
    draft.volume = draft.volume or match["volume"] or ""
    if not (draft.issue or draft.supplement):
        draft.issue, draft.supplement = match["issue"] or "", match["supplement"] or ""
    draft.pages = draft.pages or match["pages"] or ""
    draft.article_number = draft.article_number or match["article"] or ""
    draft.issued = draft.issued or read_date(match["date"] or "") or read_date(match["year"])


def _citation(draft: Draft, text: str) -> None:
    """Takes volume, issue, pages and day from PubMed's column: ``Nature. 2021 Dec 21;1(2):10-11. doi: …``."""
    if embase := _EMBASE.fullmatch(text[:1000]):
        _embase_source(draft, embase)
        return
    if proquest := _PROQUEST.fullmatch(text[:1000]):
        _embase_source(draft, proquest)
        return
    match = re.search(
        r"\.\s(?P<date>\d{4}(?:\s[A-Z][a-z]{2}[\w-]{0,12})?(?:\s\d{1,2})?)(?:;(?P<volume>[^\s():;]{1,20})?"
        r"(?:\((?P<issue>[^()]{1,30})\))?(?::(?P<pages>[^\s.;]{1,30}))?)?\.(?:\s|$)",
        text[:1000],
    )
    if not match:
        if text and not draft.container:
            if journal_of(text) or not re.search(r"\d", text):  # the heading “Source” over names of journals
                draft.container = text
            else:
                draft.tell("note", "source", f"the source “{text[:200]}” could not be read")
        return
    date = read_date(match["date"])
    if date and (
        draft.issued is None or (draft.issued.year == date.year and len(date.parts) > len(draft.issued.parts))
    ):
        draft.issued = date
    draft.volume = draft.volume or match["volume"] or ""
    if not draft.issue or draft.issue.lower() == "no issue":
        draft.issue = match["issue"] or ""
    draft.pages = draft.pages or match["pages"] or ""
