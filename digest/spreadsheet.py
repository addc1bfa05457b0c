"""An issue as a workbook for a committee that decides in Excel, and what the committee has changed in it.

The workbook holds the entries as a table to fill in, records that may be added, and, hidden, the entries as they were
exported. These distinguish a change of the committee from one that was made in ``issue.yaml`` meanwhile: what only one
side has changed is taken, what both have changed differently is a conflict, reported with its row.
"""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest import opening, project, strict, worker
from digest.curate import addition
from digest.errors import DigestError, Problem, ProjectError, did_you_mean
from digest.files import write_files
from digest.frozen import frozen_records
from digest.inputs import publication_around
from digest.issuefile import Placement, arranged, bytes_of, text_of
from digest.ownfields import declared_for, from_a_cell, in_a_cell
from digest.publication import IssueFile
from digest.query import check_query
from digest.reconcile import open_reconciled
from digest.sources.limited import limits_for
from digest.writing import change_issue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.inputs import Notify
    from digest.library import StoredRecord
    from digest.model import FieldText, Record
    from digest.ownfields import OwnField
    from digest.project import Issue
    from digest.publication import Entry
    from digest.sources.formats.tables.rows import TableRow
    from digest.sources.page import Page

COLUMNS: Final = tuple(
    """
    Key Decision Reason Section Order Kind Number Title Authors Why Comment Flag
""".split()
)
_WIDTHS: Final = (18, 10, 24, 24, 7, 9, 10, 50, 28, 40, 50, 16)
_OPEN: Final = frozenset({"Decision", "Reason", "Section", "Order", "Why", "Comment", "Flag"})
_OWN_WIDTH: Final = 20  # of the column of a field of the publication's own
DECISIONS: Final = ("print", "hold", "drop")
_ENTRIES, _CANDIDATES, _EXPORTED = "Entries", "Candidates", "Exported"
_HELP: Final = (
    "White columns are yours. Decision: print, hold or drop; hold and drop need a reason. Order: a number within the"
    " section; 2.5 comes between 2 and 3."
)


def columns_of(fields: Iterable[OwnField]) -> dict[str, OwnField]:
    """The columns of own fields by their headings: the label, with the name where a column of ours has that heading."""
    taken = {column.casefold() for column in COLUMNS}
    return {
        f"{one.title} ({one.name})" if one.title.casefold() in taken else one.title: one
        for one in declared_for(fields, "entries")
    }


class Decided(Struct, frozen=True, kw_only=True):
    """What a committee has changed.

    Attributes:
        text: the new text of ``issue.yaml``.
        changes: what was changed, a line each.
        additions: records to add: id, and the title of their section.
        problems: what an editor should know about the table.
    """

    text: str
    changes: tuple[str, ...]
    additions: tuple[tuple[str, str], ...]
    problems: tuple[Problem, ...]


class WorkbookExport(Struct, frozen=True, kw_only=True):
    """What came of exporting an issue.

    Attributes:
        file: the workbook that was written.
        offered: how many records the committee may add.
        withheld: how many more fit the query, but were withdrawn or have vanished from their sources.
        more: whether only the first `most` records that fit the query were looked at.
        most: how many records that is.
    """

    file: Path
    offered: int
    withheld: int
    more: bool
    most: int


class WorkbookImport(Struct, frozen=True, kw_only=True):
    """What came of importing a workbook.

    Attributes:
        file: the ``issue.yaml``.
        changes: what has changed, or would change, a line each.
        problems: what an editor should know about the table, and about records that were added.
        written: whether the file was changed.
    """

    file: Path
    changes: tuple[str, ...]
    problems: tuple[Problem, ...]
    written: bool


_OFFERED: Final = 500  # records of a query that a workbook may offer


def export_workbook(
    file: Path, *, issue: str | Path | None = None, folder: Path = Path(), library: Path | None = None, match: str = ""
) -> WorkbookExport:
    """Writes an issue as a workbook in which a committee decides, orders and comments.

    Args:
        file: the workbook; it must not exist.
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication.
        match: a query; records of the library that fit it are offered as well.

    Raises:
        DigestError: there is such a file already, or no such issue; nothing was written.
    """
    check_query(match)
    if file.exists():
        raise DigestError("this file already exists", where=str(file), todo="choose another name; nothing was written")
    if file.suffix.lower() != ".xlsx":
        raise DigestError("a workbook is written", where=str(file), expected="a name that ends in .xlsx")
    read = project.read_issue(project.find_issue(issue, folder=folder))
    hits, found, offered = [], [], []
    if match:
        with open_reconciled(read.root, library) as opened:
            hits = opened.search(match, limit=_OFFERED)
        frozen = {record.id for record in read.records.values()}
        found = [hit for hit in hits if hit.id not in frozen]
        offered = [hit.record for hit in found if not hit.gone and hit.record.status != "withdrawn"]
    (path,) = write_files({file.name: workbook(read, offered)}, file.parent, was={file.name: None})
    return WorkbookExport(
        file=path,
        offered=len(offered),
        withheld=len(found) - len(offered),
        more=len(hits) == _OFFERED,
        most=_OFFERED,
    )


def import_workbook(
    file: Path,
    *,
    issue: str | Path | None = None,
    folder: Path = Path(),
    library: Path | None = None,
    dry_run: bool = False,
    show: Notify | None = None,
) -> WorkbookImport:
    """Puts what a committee decided into the issue: all of it, or nothing where a row cannot be understood.

    Args:
        file: the workbook.
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication.
        dry_run: whether to return the changes without making them.
        show: is given, in words, which other command is waited for, and what another program saved meanwhile.

    Raises:
        ProjectError: rows that cannot be understood, or conflicts; each with its row.
        DigestError: it is not a workbook of ours, or a record cannot be added.
    """
    place = project.find_issue(issue, folder=folder)
    root, publication = publication_around(folder)
    assert publication is not None
    path = place / "issue.yaml"
    shown_as = path.resolve().relative_to(root.resolve()).as_posix()
    content = opening.read_file(file)
    stored: dict[str, StoredRecord] = {}
    tried: list[tuple[tuple[str, ...], tuple[Problem, ...]]] = []

    def compared(before: bytes) -> tuple[Decided, list[str], list[tuple[str, str]]]:
        text = text_of(before, shown_as)
        found = worker.run(limits_for(len(content)), decided, content, str(file), text, shown_as, publication.fields)
        there = _records_in(place, text)
        added = [(id_, section) for id_, section in found.additions if id_ not in there]
        return found, [*found.changes, *(f"{id_}: added to {section}" for id_, section in added)], added

    def make(before: bytes) -> Mapping[str, bytes]:
        found, changes, added = compared(before)
        if tried and not changes:
            return {}
        made = addition(root, publication, place, [(stored[id_], section) for id_, section in added], found.text)
        tried.append((tuple(changes), (*found.problems, *made.problems)))
        return {"issue.yaml": bytes_of(found.text, before), **made.in_file(before)}

    found, changes, added = compared(opening.read_file(path))
    if dry_run or not changes:
        return WorkbookImport(file=path, changes=tuple(changes), problems=found.problems, written=False)
    if added:
        with open_reconciled(root, library) as opened:
            stored = {id_: opened.get(id_) for id_, _ in added}
    change_issue(place, make, show)
    return WorkbookImport(file=path, changes=tried[-1][0], problems=tried[-1][1], written=True)


def _records_in(folder: Path, text: str) -> set[str]:
    """The ids of the frozen records that are entries of an issue."""
    head = strict.read(text, IssueFile, "issue.yaml").value
    names = {entry.record for section in head.sections for entry in section.entries} if head else set()
    return {record.id for name, record in frozen_records(folder) if name in names and record.id}


class _Line(Struct, frozen=True):
    """A row of a sheet: its number, and its cells by their columns."""

    row: int
    cells: Mapping[str, str]


def workbook(issue: Issue, candidates: Sequence[Record] = ()) -> bytes:
    """The workbook of an issue.

    Args:
        issue: the issue.
        candidates: records of the library that the committee may add.
    """
    import xlsxwriter

    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        # The same bytes each time; the format knows no time zone.
        book.set_properties({"created": dt.datetime(2000, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)})
        head = book.add_format({"bold": True, "bg_color": "#0b4f5c", "font_color": "#ffffff", "valign": "top"})
        closed = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#eeeeee"})
        open_ = book.add_format({"text_wrap": True, "valign": "top"})
        titles = [section.title.plain for section in issue.head.sections]
        own = columns_of(issue.publication.fields)
        widths = [*zip(COLUMNS, _WIDTHS, strict=True), *((column, _OWN_WIDTH) for column in own)]
        rows = list(_rows(issue))
        offered = [
            {
                "Key": record.id or "",
                "Kind": "record",
                "Number": record.number,
                "Title": record.title.plain,
                "Authors": _authors(record),
            }
            for record in candidates
        ]
        for name, table in ((_ENTRIES, rows), (_CANDIDATES, offered), (_EXPORTED, rows)):
            sheet = book.add_worksheet(name)
            for at, (column, width) in enumerate(widths):
                sheet.set_column(at, at, width)
                sheet.write_string(0, at, column, head)
                for n, row in enumerate(table, 1):
                    sheet.write_string(
                        n, at, row.get(column, ""), open_ if column in _OPEN or column in own else closed
                    )
                if choices := _choices(own.get(column)):
                    sheet.data_validation(1, at, max(len(table), 1), at, {"validate": "list", "source": choices})
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, max(len(table), 1), len(widths) - 1)
            sheet.data_validation(1, 1, max(len(table), 1), 1, {"validate": "list", "source": list(DECISIONS)})
            if _fits_a_list(titles):
                sheet.data_validation(1, 3, max(len(table), 1), 3, {"validate": "list", "source": titles})
            if name == _EXPORTED:
                sheet.very_hidden()
            else:
                sheet.write_comment(0, 1, _HELP)
    return target.getvalue()


def _fits_a_list(texts: Sequence[str]) -> bool:
    """Whether Excel takes these as the texts from which one chooses in a cell."""
    return bool(texts) and len(",".join(texts)) < 255 and not any("," in text for text in texts)


def _choices(field: OwnField | None) -> list[str]:
    """The texts from which one chooses in the column of a field; none where anything may be typed."""
    choices = ["yes", "no"] if field and field.type == "yes/no" else [*field.choices] if field else []
    return choices if _fits_a_list(choices) else []


def decided(content: bytes, name: str, text: str, file: str, fields: tuple[OwnField, ...] = ()) -> Decided:
    """What the committee has changed, put into the text of ``issue.yaml`` as it is now.

    The sheet of the entries may come back as CSV. That does not hold the entries as they were exported: all that is
    different from the issue as it is now counts as the committee's.

    Args:
        content: the workbook, or the CSV.
        name: how problems name it.
        text: the text of ``issue.yaml``.
        file: how problems name that.
        fields: the fields that the publication declares.

    Raises:
        ProjectError: rows that cannot be understood, or conflicts; each with its row.
        DigestError: it is not a workbook of ours, or the issue has mistakes.
    """
    from digest.sources.formats.tables.sheets import check_package, sheets
    from digest.sources.page import Page

    read = strict.read(text, IssueFile, file)
    if read.value is None:
        raise ProjectError(read.problems)
    page, own = Page(content, name), columns_of(fields)
    if content[:2] != b"PK" and b"\0" not in content[:1000]:
        now = _now(read.value, own)
        tables = {_ENTRIES: _csv_lines(page, now, own), _EXPORTED: now}
    else:
        check_package(page)
        tables = {title: _lines(rows, name, title) for title, rows in sheets(page)}
    if not {_ENTRIES, _EXPORTED} <= set(tables):
        raise DigestError(
            "this is not a workbook of an issue",
            where=name,
            expected=f"the sheets {_ENTRIES} and {_EXPORTED}",
            todo="“digest curate export” makes one",
        )
    comparison = _Comparison(name, read.value, own, tables[_EXPORTED], tables[_ENTRIES])
    sections, changes = comparison.sections()
    additions = comparison.additions(tables.get(_CANDIDATES, ()))
    if comparison.problems:
        raise ProjectError(comparison.problems)
    new = arranged(text, file, sections) if changes else text
    return Decided(text=new, changes=tuple(changes), additions=tuple(additions), problems=tuple(comparison.missing))


def _lines(rows: Iterable[TableRow], name: str, title: str) -> list[_Line]:
    """The rows of a sheet below its headings, without empty ones."""
    found: list[_Line] = []
    heading: list[str] = []
    for row in rows:
        line, cells = row.line, [cell.strip() for cell in row.cells]
        if not heading:
            heading = cells
            if title in {_ENTRIES, _EXPORTED, _CANDIDATES} and (missing := [c for c in COLUMNS if c not in heading]):
                raise DigestError(
                    f"the sheet {title} lacks the column {missing[0]}{did_you_mean(missing[0], heading)}",
                    where=name,
                    todo="leave the headings as they are",
                )
        elif any(cells):
            found.append(_Line(line, dict.fromkeys(COLUMNS, "") | dict(zip(heading, cells, strict=False))))
    return found


def _csv_lines(page: Page, now: Iterable[_Line], own: Mapping[str, OwnField]) -> list[_Line]:
    """The rows of a CSV, in which only the column of keys is needed: what the others would say is as it is.

    The mark between cells depends on Excel's language: it is the one that the first line has most.
    """
    from digest.sources.formats.tables.rows import delimited_rows

    first = page.text.partition("\n")[0]
    rows = [row for row in delimited_rows(page.text, max(",;\t", key=first.count), 0, 1) if any(row.cells)]
    heading = [cell.strip() for cell in rows[0].cells] if rows else []
    columns = [*COLUMNS, *own]
    if "Key" not in heading or (unknown := [one for one in heading if one and one not in columns]):
        called = f"no column is called “{unknown[0]}”{did_you_mean(unknown[0], columns)}" if "Key" in heading else ""
        raise DigestError(
            called or "there is no column Key",
            where=page.where,
            expected=f"the sheet {_ENTRIES} saved as CSV, with Key and any of {', '.join(columns[1:])}",
        )
    known = {line.cells["Key"]: line.cells for line in now}
    lines = []
    for row in rows[1:]:
        cells = dict(zip(heading, (cell.strip() for cell in row.cells), strict=False))
        lines.append(_Line(row.line, dict.fromkeys(COLUMNS, "") | dict(known.get(cells["Key"], {})) | cells))
    return lines


def _now(head: IssueFile, own: Mapping[str, OwnField]) -> list[_Line]:
    """The entries of an issue as rows of the sheet that was exported."""
    blank = dict.fromkeys(COLUMNS, "")
    return [
        _Line(n, blank | {"Key": key, **_cells(head, at, own)}) for n, (key, at) in enumerate(_keyed(head).items(), 2)
    ]


def _authors(record: Record) -> str:
    names = ", ".join(person.short for person in record.authors[:3])
    return names + (", et al." if len(record.authors) > 3 or record.authors_truncated else "")


def _key(entry: Entry, counted: Counter[str]) -> str:
    if entry.article:
        return f"article {entry.article}"
    if entry.record:
        return f"record {entry.record}"
    kind = "notice" if entry.notice else "page"
    counted[kind] += 1
    return f"{kind} {counted[kind]}"


def _keyed(head: IssueFile) -> dict[str, tuple[int, int]]:
    """The place of each entry, by a name that stays the same while it moves."""
    places: dict[str, tuple[int, int]] = {}
    counted: Counter[str] = Counter()
    for s, section in enumerate(head.sections):
        for e, entry in enumerate(section.entries):
            places[_key(entry, counted)] = (s, e)
    return places


def _cells(head: IssueFile, at: tuple[int, int], own: Mapping[str, OwnField]) -> dict[str, str]:
    """The cells of an entry in the columns that a committee may change."""
    entry = head.sections[at[0]].entries[at[1]]
    decision = "drop" if entry.drop else "hold" if entry.hold else "print"
    return {
        "Decision": decision,
        "Reason": entry.drop or entry.hold,
        "Section": head.sections[at[0]].title.plain,
        "Order": str(at[1] + 1),
        "Why": entry.why,
        "Comment": entry.comment,
        "Flag": entry.flag,
        **{column: in_a_cell(entry.fields.get(field.name, "")) for column, field in own.items()},
    }


def _rows(issue: Issue) -> Iterable[dict[str, str]]:
    head, own = issue.head, columns_of(issue.publication.fields)
    for key, at in _keyed(head).items():
        entry = head.sections[at[0]].entries[at[1]]
        row = {"Key": key, "Kind": key.partition(" ")[0], **_cells(head, at, own)}
        if entry.record and (record := issue.records.get(entry.record)):
            row |= {"Number": record.number, "Title": record.title.plain, "Authors": _authors(record)}
        elif entry.article and (article := issue.articles.get(entry.article)):
            authors = article.head.authors
            row |= {"Title": article.head.title.plain, "Authors": ", ".join(person.short for person in authors[:3])}
        elif entry.notice:
            row["Title"] = entry.notice.title
        elif entry.page:
            row["Title"] = entry.page.name
        yield row


class _Comparison:
    """A workbook compared with what was exported and with what the issue is now."""

    def __init__(
        self,
        name: str,
        head: IssueFile,
        own: Mapping[str, OwnField],
        before: Iterable[_Line],
        now: Iterable[_Line],
    ) -> None:
        self.name, self.head, self.own = name, head, own
        self.before = {line.cells["Key"]: line for line in before}
        self.lines: dict[str, _Line] = {}
        self.problems: list[Problem] = []
        self.titles = [section.title.plain for section in head.sections]
        self.places = _keyed(head)
        for line in now:
            key = line.cells["Key"]
            if key in self.lines:
                self.report(line, f"“{key}” is also in row {self.lines[key].row}; delete one of the two")
            elif key not in self.places:
                gone = "is no longer in the issue" if key in self.before else "is not an entry of the issue"
                near = "" if key in self.before else did_you_mean(key, self.places)
                self.report(line, f"“{key}” {gone}{near}; put new records in the sheet {_CANDIDATES}")
            else:
                self.lines[key] = line

    def report(self, line: _Line, message: str) -> None:
        self.problems.append(Problem(level="error", code="committee", message=message, file=self.name, line=line.row))

    @property
    def missing(self) -> Iterator[Problem]:
        """A warning where rows of entries are missing that were there: that may be meant as a decision, and is none."""
        if gone := [key for key in self.places if key in self.before and key not in self.lines]:
            more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
            stays = "these entries stay as they are" if more else "its entry stays as it is"
            message = f"there is no row for “{gone[0]}”{more}; {stays}: use “drop” with a reason to remove one"
            yield Problem(level="warning", code="committee", message=message, file=self.name)

    def sections(self) -> tuple[list[list[Placement]], list[str]]:
        """The entries of each section as the committee wants them, and what that changes."""
        changes: list[str] = []
        words: dict[str, dict[str, str]] = {}
        fields: dict[str, dict[str, FieldText]] = {}
        wanted: dict[str, int] = {}
        order: dict[str, float] = {}
        moved = False
        for key, at in self.places.items():
            line, current = self.lines.get(key), _cells(self.head, at, self.own)
            wanted[key], order[key] = at[0], at[1] + 1
            if line is None:
                continue
            self.check_columns(line)
            was = self.before[key].cells if key in self.before else {"Key": key, **current}
            new = {
                column: self.merged(line, column, was.get(column, current[column]), current[column])
                for column in current
                if column != "Order"
            }
            changed = {column: text for column, text in new.items() if text != current[column]}
            placed = line.cells["Order"].strip()  # without a number the entry keeps its place
            moved = moved or "Section" in changed or (bool(placed) and placed != was["Order"])
            order[key] = self.number(line) if placed else order[key]
            wanted[key] = self.section(line, new["Section"])
            words[key] = self.words(line, new) if changed.keys() - {"Section", *self.own} else {}
            fields[key] = self.fields(line, {column: text for column, text in changed.items() if column in self.own})
            changes += [f"{key}: {column.lower()}: {text or 'none'}" for column, text in changed.items()]
        keys = list(self.places)
        if moved:
            keys.sort(key=lambda key: (order[key], self.lines[key].row if key in self.lines else 0))
        out: list[list[Placement]] = [[] for _ in self.titles]
        for key in keys:
            out[wanted[key]].append(
                Placement(at=self.places[key], texts=words.get(key, {}), fields=fields.get(key, {}))
            )
        new_order = [placed.at for section in out for placed in section]
        moved = moved and new_order != sorted(
            new_order
        )  # it may have this order already: the workbook was imported before
        if moved and {key: self.before[key].cells["Order"] for key in self.places if key in self.before} != {
            key: _cells(self.head, at, self.own)["Order"] for key, at in self.places.items() if key in self.before
        }:
            message = (
                "the order was changed both in the workbook and in issue.yaml; export again, and change the order there"
            )
            self.problems.append(Problem(level="error", code="committee", message=message, file=self.name))
        if moved:
            changes.append("the order of the entries")
        return out, changes

    def check_columns(self, line: _Line) -> None:
        """Reports what was typed into a column of a field that is no longer declared."""
        before = self.before.get(line.cells["Key"])
        for column, text in line.cells.items() if before else ():
            lost = column and column not in COLUMNS and column not in self.own and before and column in before.cells
            if lost and not _same(text, before.cells[column] if before else ""):
                near = did_you_mean(column, self.own) or "; export again"
                self.report(line, f"digest.yaml declares no field with the label “{column}” for entries any more{near}")

    def merged(self, line: _Line, column: str, was: str, now: str) -> str:
        """The text of a cell, where the committee or the file has changed it."""
        typed = line.cells.get(column, "" if column in COLUMNS else now)  # a field that was declared since the export
        same = _same_lines if column in self.own and self.own[column].type == "list of texts" else _same
        if column == "Decision":
            typed = typed.lower() or "print"
            if typed not in DECISIONS:
                near = did_you_mean(typed, DECISIONS)
                self.report(line, f"“{typed}” is not a decision{near}; choose {', '.join(DECISIONS)}")
        if same(typed, was):
            return now
        if not same(now, was) and not same(typed, now):
            self.report(line, f"{column.lower()} was changed here (“{typed[:60]}”) and in issue.yaml (“{now[:60]}”)")
        return typed

    def number(self, line: _Line) -> float:
        try:
            return float(line.cells["Order"].replace(",", "."))
        except ValueError:
            self.report(line, f"“{line.cells['Order']}” is not a number; Order is the place within the section")
            return 0.0

    def section(self, line: _Line, title: str) -> int:
        folded = [one.casefold() for one in self.titles]
        if title.casefold() in folded:
            return folded.index(title.casefold())
        near = did_you_mean(title, self.titles)
        self.report(line, f"there is no section “{title}”{near}; it has to be one of {', '.join(self.titles)}")
        return 0

    def words(self, line: _Line, new: Mapping[str, str]) -> dict[str, str]:
        """The keys of an entry that a row sets."""
        decision, reason = new["Decision"], new["Reason"]
        if decision in {"hold", "drop"} and not reason:
            self.report(line, f"give a Reason for “{decision}”")
        if decision == "print" and reason:
            self.report(line, "a Reason goes with hold or drop; remove it, or change the decision")
        kind = line.cells["Key"].partition(" ")[0]
        if kind != "record" and (new["Why"] or new["Comment"]):
            article = "an" if kind == "article" else "a"
            self.report(line, f"Why and Comment belong to records; this is {article} {kind}")
        at = self.places[line.cells["Key"]]
        current = _cells(self.head, at, self.own)
        found = {name.lower(): new[name] for name in ("Why", "Comment", "Flag") if new[name] != current[name]}
        entry = self.head.sections[at[0]].entries[at[1]]
        for name, had in (("hold", entry.hold), ("drop", entry.drop)):
            text = reason if decision == name else ""
            if text != had:
                found[name] = text
        return found

    def fields(self, line: _Line, changed: Mapping[str, str]) -> dict[str, FieldText]:
        """The own fields that a row sets."""
        found: dict[str, FieldText] = {}
        for column, text in changed.items():
            try:
                found[self.own[column].name] = from_a_cell(self.own[column], text)
            except ValueError as error:
                self.report(line, f"{column}: {error}")
        return found

    def additions(self, lines: Iterable[_Line]) -> list[tuple[str, str]]:
        """The candidates to add."""
        found = []
        for line in lines:
            decision = line.cells.get("Decision", "").lower()
            if not decision or decision in {"hold", "drop"}:
                continue
            if decision != "print":
                self.report(line, f"“{decision}” is not a decision{did_you_mean(decision, DECISIONS)}; “print” adds it")
            elif not line.cells.get("Section"):
                self.report(line, "which section? Write its title under Section")
            else:
                found.append((line.cells["Key"], self.titles[self.section(line, line.cells["Section"])]))
        return found


def _same(one: str, other: str) -> bool:
    """Whether two cells have the same text: Excel has its own line ends."""
    return " ".join(one.split()) == " ".join(other.split())


def _same_lines(one: str, other: str) -> bool:
    """Whether two cells have the same list of texts, one on each line."""
    first, second = ([line for line in map(str.split, text.splitlines()) if line] for text in (one, other))
    return first == second
