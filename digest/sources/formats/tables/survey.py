"""What only all rows of a table show together: which are one record, whose numbers repeat, how dates are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator  # msgspec looks at the types of fields
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest.errors import DigestError
from digest.merge import fold
from digest.sources.formats.tables.authorlists import AuthorLists
from digest.sources.formats.tables.columns import Columns
from digest.sources.formats.tables.days import DayOrder, read_day
from digest.sources.formats.tables.rows import TableRow
from digest.sources.shared import fields, markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.errors import Level, Problem
    from digest.model import PartialDate
    from digest.publication import AuthorStyle
    from digest.sources.page import Page


class Table(Struct, frozen=True):
    """A sheet, or the whole of a text: how problems name it, what its columns are, and its rows as often as asked.

    Attributes:
        sheet: the beginning of a message about it.
        columns: what its columns mean.
        rows: gives the rows that are records, see `whole_rows`; into a list given to it go those that head sections.
    """

    sheet: str
    columns: Columns
    rows: Callable[..., Iterator[TableRow]]


# --- Rows that belong together ---------------------------------------------------------------------------------------


def whole_rows(
    rows: Iterable[TableRow], columns: Columns, section_rows: list[TableRow] | None = None
) -> Iterator[TableRow]:
    """The rows that are records, each with the rows below that continue it, and with its section's heading.

    Args:
        rows: all rows.
        columns: what the columns mean.
        section_rows: where to put the rows that are headings of a section, each with its text as its section.
    """
    section, head = "", None
    more: list[TableRow] = []
    for row in rows:
        if head is not None and _continues(row, head, columns):
            more.append(row)
            continue
        if head is not None:
            yield structs.replace(head, more=tuple(more), section=section)
        heading = _section(row, columns)
        section, head, more = heading or section, None if heading else row, []
        if heading and section_rows is not None:
            section_rows.append(structs.replace(row, section=heading))
    if head is not None:
        yield structs.replace(head, more=tuple(more), section=section)


# “P-05”, “Poster 12”, “4021.” are an abstract's; “Poster III – Imaging” is the heading of those that follow.
_ANY_NUMBER: Final = re.compile(r"\W{0,3}(?:[^\W\d_]{1,8}[\W_]{0,3}){0,2}\d[\w./-]{0,12}\W{0,3}")


def _section(row: TableRow, columns: Columns) -> str:
    """The text of a row that heads a part of the table: it is alone in its row, and not a title, a number or a name."""
    filled = [(at, cell.strip()) for at, cell in enumerate(row.cells) if cell.strip() and at not in row.above]
    if len(filled) != 1 or row.above:
        return ""
    at, text = filled[0]
    if len(text) > 300 or not re.search(r"[^\W\d_]", text):
        return ""
    if row.wide:
        return text
    numbered = at in columns.fields.get("number", ()) and len(text) > 3 and not _ANY_NUMBER.fullmatch(text)
    return text if numbered or at in columns.fields.get("track", ()) else ""


def _continues(row: TableRow, head: TableRow, columns: Columns) -> bool:
    """Whether a row is more of the record above: it has no title and no number, or those of the row above.

    Such is a sheet with a line for each author, whose other cells are merged or empty, and a text over several lines.
    """
    filled = {at for at, cell in enumerate(row.cells) if cell.strip() and at not in row.above}
    names = {at for field in ("number", "doi", "pmid", "title") for at in columns.fields.get(field, ())}
    if names & filled or not filled:
        return False
    if names & row.above:
        return True
    if not columns.text(head.cells, "title"):
        return False
    return all(
        at in columns.persons or at in columns.texts or (at < len(head.cells) and row.cells[at] == head.cells[at])
        for at in filled
    ) and bool(filled & (columns.persons | columns.texts))


# --- Names of rows ---------------------------------------------------------------------------------------------------


def _name_of(columns: Columns, cells: Sequence[str]) -> str:
    """What a row is known by in its source."""
    return next((text for field in ("number", "doi", "pmid") if (text := columns.text(cells, field))), "")


_NAMELESS: Final = "\0"  # before the title of a row that has no number; no cell holds it


def _key_of(columns: Columns, cells: Sequence[str]) -> str:
    """The name of a row, or else its title with a mark before it."""
    return _name_of(columns, cells) or _NAMELESS + fold(markup.plain(columns.text(cells, "title")))


def _first_author(columns: Columns, cells: Sequence[str]) -> str:
    """The family name of the first author, or the whole name, as it is written in the row."""
    listed = (columns.text(cells, field) for field in ("authors", "first_author", "presenter"))
    single = (
        cells[at]
        for who in columns.people
        for part in ("family", "name")
        if (at := who.parts.get(part, len(cells))) < len(cells)
    )
    text = markup.plain(next(filter(None, (*listed, *single)), ""))
    return re.split(r"[;,|(\n\d]", text, maxsplit=1)[0].strip()[:60]


class _RowTraits(Struct, frozen=True):
    """What distinguishes a row from others of its name: its place, its first author, its title, all its cells."""

    line: int
    place: str
    author: str
    title: str
    cells: tuple[str, ...]


def _traits(table: Table, row: TableRow) -> _RowTraits:
    columns = table.columns
    place = columns.text(row.cells, "track") or row.section or table.sheet.removesuffix(", ")
    title = markup.plain(columns.text(row.cells, "title"))[:200]
    cells = tuple(" ".join(cell.split()) for one in (row, *row.more) for cell in one.cells)
    return _RowTraits(row.line, place[:100], _first_author(columns, row.cells), title, cells)


def _distinctions(rows: Sequence[_RowTraits]) -> dict[tuple[str, tuple[str, ...]], str]:
    """What is added to the name of each of several rows; nothing where all are copies of one.

    Where the session does not distinguish them, the first author does, and else their order by title: so neither the
    order of the rows nor a word that is changed in a title or an abstract makes another record of them.
    """
    different = {(traits.place, traits.cells): traits for traits in rows}
    if len(different) == 1:
        return dict.fromkeys(different, "")
    added: dict[tuple[str, tuple[str, ...]], str] = {}
    for place, here in _grouped(different.values(), lambda traits: traits.place):
        for author, mine in _grouped(here, lambda traits: fold(traits.author)) if len(here) > 1 else [("", here)]:
            for n, traits in enumerate(sorted(mine, key=lambda one: (fold(one.title), one.cells)), 1):
                parts = (place, traits.author if author else "", str(n) if len(mine) > 1 else "")
                added[traits.place, traits.cells] = " · ".join(filter(None, parts))
    return added


def _grouped(rows: Iterable[_RowTraits], key: Callable[[_RowTraits], str]) -> list[tuple[str, list[_RowTraits]]]:
    groups: dict[str, list[_RowTraits]] = {}
    for traits in rows:
        groups.setdefault(key(traits), []).append(traits)
    return list(groups.items())


# --- The survey ------------------------------------------------------------------------------------------------------

_DAYS: Final = ("issued", "presented", "embargo_until")
_ANSWER: Final = re.compile(
    r"true|false|yes|no|[tfyn01x]|ja|nein|oui|non|s[íi]|✓|✔", re.IGNORECASE
)  # “published”: TRUE
_LISTS: Final = ("authors", "first_author", "presenter", "coauthors")
MOST_RECORDS: Final = 250_000  # of a table: it is refused before the first record is made
_MOST_REPORTED: Final = 20  # problems of a kind that may come once for each number


class Survey:
    """Which names several rows have, in which order dates are written, and how lists of authors are.

    Attributes:
        since_1904: whether serial numbers of days count from 1904.
        rows: how many there are.
    """

    def __init__(
        self, tables: Sequence[Table], *, since_1904: bool, authors: AuthorStyle = "", where: str = ""
    ) -> None:
        self._lists: dict[str, AuthorLists] = {table.sheet: AuthorLists(authors) for table in tables}
        self.since_1904 = since_1904
        self.rows = 0
        self._headings = {table.sheet: table.columns.heading for table in tables}
        self._days: dict[tuple[str, int], DayOrder] = {}
        self._answers: dict[tuple[str, int], set[str]] = {}  # what columns for days hold, where that is yes or no
        self._repeated: dict[str, tuple[str, list[_RowTraits]]] = {}  # the sheet of the second row, and all rows
        self._distinctions: dict[str, dict[tuple[str, tuple[str, ...]], str]] = {}
        self._sections: list[tuple[str, TableRow, bool]] = []  # the sheet, and whether there are rows below
        names: Counter[str] = Counter()
        for table in tables:
            days = {at: DayOrder() for field in _DAYS for at in table.columns.fields.get(field, ())}
            answers: dict[int, set[str]] = {at: set() for at in days}
            self._answers |= {(table.sheet, at): said for at, said in answers.items()}
            self._days |= {(table.sheet, at): order for at, order in days.items()}
            section_rows: list[TableRow] = []
            headed: set[str] = set()
            for row in table.rows(section_rows):
                self.rows += 1
                if self.rows > MOST_RECORDS:
                    raise DigestError(
                        f"the table has more than {MOST_RECORDS:,} records",
                        where=where,
                        expected="the abstracts of some meetings; the largest has 50,000",
                        todo="split it into parts",
                    )
                headed.add(row.section)
                name = _key_of(table.columns, row.cells)
                names[name] += 1
                if names[name] == 2:
                    self._repeated[name] = (table.sheet, [])
                for at, order in days.items():
                    if at < len(row.cells):
                        order.look(row.cells[at])
                        if not fields.is_nothing(row.cells[at]):
                            answers[at].add(row.cells[at].strip()[:20])
                for field in _LISTS:
                    if text := table.columns.text(row.cells, field):
                        self._lists[table.sheet].look(text)
            self._sections += [(table.sheet, row, row.section in headed) for row in section_rows]
        if self._repeated:
            for table in tables:
                for row in table.rows():
                    if (repeated := self._repeated.get(_key_of(table.columns, row.cells))) is not None:
                        repeated[1].append(_traits(table, row))
            self._distinctions = {name: _distinctions(rows) for name, (_, rows) in self._repeated.items()}

    def problems(self, page: Page) -> Iterator[Problem]:
        """Each number that several rows have, copies of rows, and dates that can be read in two ways."""
        yield from self._repetitions(page)
        for sheet, row, headed in self._sections:
            what = "it was taken as the session of the rows below" if headed else "no row below belongs to it"
            message = f"{sheet}“{row.section}” is alone in its row; {what}"
            level: Level = "note" if headed else "warning"
            yield page.problem(level, "section", message, line=row.line)
        for sheet, lists in self._lists.items():
            if lists.unsure:
                message = (
                    f"{sheet}“{lists.unsure}” can be a name with its place, or a family name before a given name; "
                    f"the column does not show which; each row was read by itself; say it in digest.yaml: "
                    f"“authors: name, place” or “authors: family, given”"
                )
                yield page.problem("warning", "unsure", message)
            if lists.stars and lists.style:
                message = f"{sheet}the stars after names mark who corresponds; they were left out"
                yield page.problem("note", "not-read", message)
        for (sheet, at), said in self._answers.items():
            if said and all(map(_ANSWER.fullmatch, said)):
                heading = self._headings[sheet][at]
                message = (
                    f"{sheet}the column “{heading[:40]}” holds {' and '.join(sorted(said))}, no days; it was left out"
                )
                yield page.problem("warning", "odd-date", message)
        unsure = [order for order in self._days.values() if order.unsure and not order.first]
        if unsure:
            message = (
                f"nothing shows which is the day and which the month in “{unsure[0].example}”; only the year was kept, "
                f"for all {sum(order.unsure for order in unsure)} such dates"
            )
            yield page.problem("warning", "odd-date", message)

    def _repetitions(self, page: Page) -> Iterator[Problem]:
        several: list[tuple[str, int]] = []
        copies: list[tuple[str, int]] = []
        for name, (sheet, rows) in self._repeated.items():
            seen: dict[tuple[str, tuple[str, ...]], int] = {}
            for n, traits in enumerate(rows):
                if (first := seen.setdefault((traits.place, traits.cells), n)) != n:
                    message = f"{sheet}the row is an exact copy of row {rows[first].line}; the two are one record"
                    copies.append((message, traits.line))
            if len(seen) > 1 and not name.startswith(_NAMELESS):
                each = "each is a separate record, identified by its session and first author as well"
                several.append((f"{sheet}{len(rows)} rows have the number {name[:60]}; {each}", rows[1].line))
        for found, more in (
            (several, "numbers belong to several rows; each row is a separate record"),
            (copies, "rows are exact copies of others"),
        ):
            for message, line in found[:_MOST_REPORTED]:
                yield page.problem("warning", "repeated", message, line=line)
            if len(found) > _MOST_REPORTED:
                yield page.problem("warning", "repeated", f"{len(found) - _MOST_REPORTED} more {more}")

    def author_style(self, table: Table) -> AuthorStyle:
        """How the lists of authors of a table are written; empty where each row is read by itself."""
        return self._lists[table.sheet].style

    def no_days(self, table: Table, field: str) -> bool:
        """Whether a column for days only says yes or no, which is reported once."""
        said = [self._answers[table.sheet, at] for at in table.columns.fields.get(field, ())]
        return bool(said) and all(map(_ANSWER.fullmatch, set().union(*said)))

    def day(self, table: Table, cells: Sequence[str], field: str, year: int | None) -> PartialDate | None:
        """The date in a field of a row."""
        for at in table.columns.fields.get(field, ()):
            if cells[at] and not fields.is_nothing(cells[at]):
                first = self._days[table.sheet, at].first
                return read_day(cells[at], first, year=year, since_1904=self.since_1904)
        return None

    def identifier(self, table: Table, row: TableRow) -> str:
        """What the row is known by: its number, and what distinguishes it where several rows have the number.

        A row without a number has no name, unless another one has its title, too.
        """
        name = _key_of(table.columns, row.cells)
        bare = "" if name.startswith(_NAMELESS) else name
        if name not in self._distinctions:
            return bare
        traits = _traits(table, row)
        added = self._distinctions[name][traits.place, traits.cells]
        title = traits.title if name.startswith(_NAMELESS) else bare
        return " · ".join(filter(None, (title or "[Untitled]", added))) if added else bare
