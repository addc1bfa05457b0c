"""An issue as a spreadsheet for a committee that decides in Excel, and what the committee has changed in it.

The workbook holds the entries as a table to fill in, records that may come in, and, hidden, the entries as they were
handed out. With these a change of the committee is told from one that was made in ``issue.yaml`` meanwhile: what only
one side has changed is taken, what both have changed otherwise is a conflict, told by its row.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest import strict
from digest.arrange import Placed, arranged
from digest.errors import DigestError, Problem, ProjectError, did_you_mean
from digest.model import IssueFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.model import Entry, Record
    from digest.project import Issue

COLUMNS: Final = (
    "Key", "Decision", "Reason", "Section", "Order", "Kind", "Number", "Title", "Authors", "Why", "Comment", "Flag",
)  # fmt: skip
_WIDTHS: Final = (18, 10, 24, 24, 7, 9, 10, 50, 28, 40, 50, 16)
_OPEN: Final = frozenset({"Decision", "Reason", "Section", "Order", "Why", "Comment", "Flag"})
DECISIONS: Final = ("print", "hold", "drop")
_ENTRIES, _CANDIDATES, _EXPORTED = "Entries", "Candidates", "Exported"
_HELP: Final = (
    "White columns are yours. Decision: print, hold or drop; hold and drop need a reason. Order: a number within the"
    " section, 2.5 stands between 2 and 3."
)


class Decided(Struct, frozen=True, kw_only=True):
    """What a committee has changed.

    Attributes:
        text: the new text of ``issue.yaml``.
        changes: what was changed, a line each.
        additions: records that are to come in: id, and the title of their section.
    """

    text: str
    changes: tuple[str, ...]
    additions: tuple[tuple[str, str], ...]


class _Line(Struct, frozen=True):
    """A row of a sheet: where it stands, and its cells by their columns."""

    row: int
    cells: Mapping[str, str]


def export(issue: Issue, candidates: Sequence[Record] = ()) -> bytes:
    """The workbook of an issue.

    Args:
        issue: the issue.
        candidates: records of the library that the committee may take in.
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
        rows = list(_rows(issue))
        offered = [
            {"Key": record.id or "", "Kind": "record", "Number": record.number, "Title": record.title.plain,
             "Authors": _authors(record)}
            for record in candidates
        ]  # fmt: skip
        for name, table in ((_ENTRIES, rows), (_CANDIDATES, offered), (_EXPORTED, rows)):
            sheet = book.add_worksheet(name)
            for at, (column, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
                sheet.set_column(at, at, width)
                sheet.write_string(0, at, column, head)
                for n, row in enumerate(table, 1):
                    sheet.write_string(n, at, row.get(column, ""), open_ if column in _OPEN else closed)
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, max(len(table), 1), len(COLUMNS) - 1)
            sheet.data_validation(1, 1, max(len(table), 1), 1, {"validate": "list", "source": list(DECISIONS)})
            if titles and len(",".join(titles)) < 255 and not any("," in title for title in titles):  # Excel's limits
                sheet.data_validation(1, 3, max(len(table), 1), 3, {"validate": "list", "source": titles})
            if name == _EXPORTED:
                sheet.very_hidden()
            else:
                sheet.write_comment(0, 1, _HELP)
    return target.getvalue()


def decided(content: bytes, name: str, text: str, file: str) -> Decided:
    """What the committee has changed, put into the text of ``issue.yaml`` as it is now.

    Args:
        content: the workbook.
        name: how problems name it.
        text: the text of ``issue.yaml``.
        file: how problems name that.

    Raises:
        ProjectError: rows that cannot be understood, or conflicts; each with its row.
        DigestError: it is no workbook of ours, or the issue has mistakes.
    """
    from digest.sources.page import Page
    from digest.sources.tables import sheets

    tables = {title: _lines(rows, name, title) for title, rows in sheets(Page(content, name))}
    if not {_ENTRIES, _EXPORTED} <= set(tables):
        raise DigestError(
            "this is no workbook of an issue", where=name, expected=f"the sheets {_ENTRIES} and {_EXPORTED}",
            todo="“digest curate export” makes one",
        )  # fmt: skip
    read = strict.read(text, IssueFile, file)
    if read.value is None:
        raise ProjectError(read.problems)
    meeting = _Meeting(name, read.value, tables[_EXPORTED], tables[_ENTRIES])
    sections, changes = meeting.sections()
    additions = meeting.additions(tables.get(_CANDIDATES, ()))
    if meeting.problems:
        raise ProjectError(meeting.problems)
    new = arranged(text, file, sections) if changes else text
    return Decided(text=new, changes=tuple(changes), additions=tuple(additions))


def _lines(rows: Iterable[object], name: str, title: str) -> list[_Line]:
    """The rows of a sheet below its headings; empty ones are nothing."""
    found: list[_Line] = []
    heading: list[str] = []
    for row in rows:
        line, cells = row.line, [cell.strip() for cell in row.cells]  # type: ignore[attr-defined]  # a Row of digest.sources.tables
        if not heading:
            heading = cells
            if title in {_ENTRIES, _EXPORTED, _CANDIDATES} and (missing := [c for c in COLUMNS if c not in heading]):
                raise DigestError(
                    f"the sheet {title} lacks the column {missing[0]}{did_you_mean(missing[0], heading)}",
                    where=name, todo="leave the headings as they are",
                )  # fmt: skip
        elif any(cells):
            found.append(_Line(line, dict.fromkeys(COLUMNS, "") | dict(zip(heading, cells, strict=False))))
    return found


def _authors(record: Record) -> str:
    names = ", ".join(person.short for person in record.authors[:3])
    return names + (", et al." if len(record.authors) > 3 or record.authors_truncated else "")


def _key(entry: Entry, notices: int) -> str:
    if entry.article:
        return f"article {entry.article}"
    return f"record {entry.record}" if entry.record else f"notice {notices}"


def _keyed(head: IssueFile) -> dict[str, tuple[int, int]]:
    """Where each entry stands, by a name that stays while it moves."""
    places: dict[str, tuple[int, int]] = {}
    notices = 0
    for s, section in enumerate(head.sections):
        for e, entry in enumerate(section.entries):
            notices += entry.notice is not None
            places[_key(entry, notices)] = (s, e)
    return places


def _told(head: IssueFile, at: tuple[int, int]) -> dict[str, str]:
    """What an entry says in the columns that a committee may change."""
    entry = head.sections[at[0]].entries[at[1]]
    decision = "drop" if entry.drop else "hold" if entry.hold else "print"
    return {
        "Decision": decision, "Reason": entry.drop or entry.hold, "Section": head.sections[at[0]].title.plain,
        "Order": str(at[1] + 1), "Why": entry.why, "Comment": entry.comment, "Flag": entry.flag,
    }  # fmt: skip


def _rows(issue: Issue) -> Iterable[dict[str, str]]:
    head = issue.head
    for key, at in _keyed(head).items():
        entry = head.sections[at[0]].entries[at[1]]
        row = {"Key": key, "Kind": key.partition(" ")[0], **_told(head, at)}
        if entry.record and (record := issue.records.get(entry.record)):
            row |= {"Number": record.number, "Title": record.title.plain, "Authors": _authors(record)}
        elif entry.article and (article := issue.articles.get(entry.article)):
            authors = article.head.authors
            row |= {"Title": article.head.title.plain, "Authors": ", ".join(person.short for person in authors[:3])}
        elif entry.notice:
            row["Title"] = entry.notice.title
        yield row


class _Meeting:
    """One reading of a workbook against what was handed out and what the issue is now."""

    def __init__(self, name: str, head: IssueFile, before: Iterable[_Line], now: Iterable[_Line]) -> None:
        self.name, self.head = name, head
        self.before = {line.cells["Key"]: line for line in before}
        self.lines: dict[str, _Line] = {}
        self.problems: list[Problem] = []
        self.titles = [section.title.plain for section in head.sections]
        self.places = _keyed(head)
        for line in now:
            key = line.cells["Key"]
            if key in self.lines:
                self.tell(line, f"“{key}” stands in row {self.lines[key].row}, too; delete one of the two")
            elif key not in self.places:
                gone = "is not in the issue any more" if key in self.before else "is no entry of the issue"
                near = "" if key in self.before else did_you_mean(key, self.places)
                self.tell(line, f"“{key}” {gone}{near}; put new records into the sheet {_CANDIDATES}")
            else:
                self.lines[key] = line

    def tell(self, line: _Line, message: str) -> None:
        self.problems.append(Problem(level="error", code="committee", message=message, file=self.name, line=line.row))

    def sections(self) -> tuple[list[list[Placed]], list[str]]:
        """The entries of each section as they are to stand, and what that changes."""
        changes: list[str] = []
        words: dict[str, dict[str, str]] = {}
        wanted: dict[str, int] = {}
        order: dict[str, float] = {}
        moved = False
        for key, at in self.places.items():
            line, told = self.lines.get(key), _told(self.head, at)
            wanted[key], order[key] = at[0], at[1] + 1
            if line is None:
                if key in self.before:
                    message = f"the row of “{key}” is gone; its entry stays: “drop” with a reason takes it out"
                    self.problems.append(Problem(level="error", code="committee", message=message, file=self.name))
                continue
            was = self.before[key].cells if key in self.before else {"Key": key, **told}
            new = {column: self.merged(line, column, was[column], told[column]) for column in told if column != "Order"}
            changed = {column: text for column, text in new.items() if text != told[column]}
            if line.cells["Order"] != was["Order"] or "Section" in changed:
                moved = True
            order[key] = self.number(line)
            wanted[key] = self.section(line, new["Section"])
            words[key] = self.words(line, new) if changed.keys() - {"Section"} else {}
            changes += [f"{key}: {column.lower()}: {text or 'none'}" for column, text in changed.items()]
        keys = list(self.places)
        if moved:
            keys.sort(key=lambda key: (order[key], self.lines[key].row if key in self.lines else 0))
        out: list[list[Placed]] = [[] for _ in self.titles]
        for key in keys:
            out[wanted[key]].append(Placed(at=self.places[key], words=words.get(key, {})))
        new_order = [placed.at for section in out for placed in section]
        moved = moved and new_order != sorted(new_order)  # it may stand so already: the workbook was taken in before
        if moved and {key: self.before[key].cells["Order"] for key in self.places if key in self.before} != {
            key: _told(self.head, at)["Order"] for key, at in self.places.items() if key in self.before
        }:
            message = "the order was changed in the workbook and in issue.yaml; export it again, and order it there"
            self.problems.append(Problem(level="error", code="committee", message=message, file=self.name))
        if moved:
            changes.append("the order of the entries")
        return out, changes

    def merged(self, line: _Line, column: str, was: str, now: str) -> str:
        """The text of a cell, where the committee or the file has changed it."""
        said = line.cells.get(column, "")
        if column == "Decision":
            said = said.lower() or "print"
            if said not in DECISIONS:
                self.tell(
                    line, f"“{said}” is no decision{did_you_mean(said, DECISIONS)}; it is one of {', '.join(DECISIONS)}"
                )
        if _same(said, was):
            return now
        if not _same(now, was) and not _same(said, now):
            self.tell(line, f"{column.lower()} was changed here (“{said[:60]}”) and in issue.yaml (“{now[:60]}”)")
        return said

    def number(self, line: _Line) -> float:
        try:
            return float(line.cells["Order"].replace(",", "."))
        except ValueError:
            self.tell(line, f"“{line.cells['Order']}” is no number; Order is the place within the section")
            return 0.0

    def section(self, line: _Line, title: str) -> int:
        folded = [one.casefold() for one in self.titles]
        if title.casefold() in folded:
            return folded.index(title.casefold())
        near = did_you_mean(title, self.titles)
        self.tell(line, f"there is no section “{title}”{near}; it is one of {', '.join(self.titles)}")
        return 0

    def words(self, line: _Line, new: Mapping[str, str]) -> dict[str, str]:
        """The keys of an entry that a row sets."""
        decision, reason = new["Decision"], new["Reason"]
        if decision in {"hold", "drop"} and not reason:
            self.tell(line, f"why is it to {decision}? Write it under Reason")
        if decision == "print" and reason:
            self.tell(line, "a reason belongs to hold or drop; empty it, or change the decision")
        kind = line.cells["Key"].partition(" ")[0]
        if kind != "record" and (new["Why"] or new["Comment"]):
            self.tell(
                line, f"Why and Comment belong to records; this is {'an article' if kind == 'article' else 'a notice'}"
            )
        at = self.places[line.cells["Key"]]
        told = _told(self.head, at)
        found = {name.lower(): new[name] for name in ("Why", "Comment", "Flag") if new[name] != told[name]}
        entry = self.head.sections[at[0]].entries[at[1]]
        for name, had in (("hold", entry.hold), ("drop", entry.drop)):
            text = reason if decision == name else ""
            if text != had:
                found[name] = text
        return found

    def additions(self, lines: Iterable[_Line]) -> list[tuple[str, str]]:
        """The candidates that are to come in."""
        found = []
        for line in lines:
            decision = line.cells.get("Decision", "").lower()
            if not decision or decision in {"hold", "drop"}:
                continue
            if decision != "print":
                self.tell(line, f"“{decision}” is no decision{did_you_mean(decision, DECISIONS)}; “print” takes it in")
            elif not line.cells.get("Section"):
                self.tell(line, "into which section is it to come? Write its title under Section")
            else:
                found.append((line.cells["Key"], self.titles[self.section(line, line.cells["Section"])]))
        return found


def _same(one: str, other: str) -> bool:
    """Whether two cells say the same: Excel has its own ends of lines."""
    return " ".join(one.split()) == " ".join(other.split())
