"""A committee's workbook is exported and imported: decisions, order, texts, mistakes by row, conflicts."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter

from digest import strict
from digest.errors import DigestError, ProjectError
from digest.ownfields import OwnField
from digest.project import read_issue
from digest.publication import IssueFile
from digest.sources.formats.tables.sheets import sheets
from digest.sources.page import Page
from digest.spreadsheet import COLUMNS, decided, workbook
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = (SAMPLE / ISSUE / "issue.yaml").read_text(encoding="utf-8")
HEAD = strict.read(TEXT, IssueFile, "issue.yaml").value
assert HEAD is not None


def changed(content: bytes, change: Callable[[dict[str, list[dict[str, str]]]], None]) -> bytes:
    """The workbook as somebody gives it back: its cells, changed, without what only Excel cares for."""
    tables: dict[str, list[dict[str, str]]] = {}
    for name, rows in sheets(Page(content, "x.xlsx")):
        filled = [row.cells + [""] * (len(COLUMNS) - len(row.cells)) for row in rows]
        tables[name] = [dict(zip(COLUMNS, cells, strict=True)) for cells in filled[1:]]
    change(tables)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, table in tables.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate([dict(zip(COLUMNS, COLUMNS, strict=True)), *table]):
                for at, column in enumerate(COLUMNS):
                    sheet.write_string(n, at, row[column])
    return target.getvalue()


def row(tables: dict[str, list[dict[str, str]]], key: str) -> dict[str, str]:
    return next(one for one in tables["Entries"] if one["Key"] == key)


def test_the_workbook_comes_back(journal: Path) -> None:
    """A workbook that nobody touched changes nothing; the same issue gives the same bytes."""
    issue = read_issue(journal / ISSUE)
    content = workbook(issue)
    assert content == workbook(issue)
    found = decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert (found.text, found.changes, found.additions) == (TEXT, (), ())


def test_rows_that_are_missing(journal: Path) -> None:
    """Entries without a row stay as they are, which is said: a table of a few rows decides about these alone."""
    content = changed(workbook(read_issue(journal / ISSUE)), missing)
    found = decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert (found.changes, found.text) == ((), TEXT)
    (problem,) = found.problems
    assert str(problem).startswith("x.xlsx: warning: there is no row for “record e15166”; its entry stays as it is")
    table = b"Key,Decision,Reason\nrecord e310,hold,later\n"
    found = decided(table, "x.csv", TEXT, "issue.yaml")
    assert found.changes == ("record e310: decision: hold", "record e310: reason: later")
    (problem,) = found.problems
    assert " and 8 more; these entries stay as they are" in problem.message


def test_an_order_that_was_cleared(journal: Path) -> None:
    """An entry without a number keeps its place, what else is said of it is taken in."""

    def change(tables: dict[str, list[dict[str, str]]]) -> None:
        for one in tables[next(iter(tables))]:
            one.update(Order="")
        row(tables, "record e15166").update(Decision="hold", Reason="Ask ASCO first")

    content = changed(workbook(read_issue(journal / ISSUE)), change)
    found = decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert found.changes == ("record e15166: decision: hold", "record e15166: reason: Ask ASCO first")


def test_what_a_committee_decides(journal: Path) -> None:
    """Decisions, order, section and words are taken into the file, and each change is listed."""

    def change(tables: dict[str, list[dict[str, str]]]) -> None:
        row(tables, "record e15166").update(Decision="Hold", Reason="Ask ASCO first", Why="Clear and short")
        row(tables, "record P1701").update(Section="pancreatic adenocarcinoma", Order="1.5")

    content = changed(workbook(read_issue(journal / ISSUE)), change)
    found = decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert found.changes == (
        "record e15166: decision: hold",
        "record e15166: reason: Ask ASCO first",
        "record e15166: why: Clear and short",
        "record P1701: section: pancreatic adenocarcinoma",
        "the order of the entries",
    )
    head = strict.read(found.text, IssueFile, "issue.yaml").value
    assert head is not None
    assert (head.sections[0].entries[1].hold, head.sections[0].entries[1].why) == ("Ask ASCO first", "Clear and short")
    assert [entry.record or entry.article for entry in head.sections[1].entries][:3] == ["cachexia", "P1701", "101"]
    assert "# An entry is an article (a file in articles/)" in found.text


def test_a_change_made_meanwhile_stays(journal: Path) -> None:
    """What was changed in issue.yaml since the export stays, where the committee left it alone."""
    content = changed(
        workbook(read_issue(journal / ISSUE)), lambda t: row(t, "record e15166").update(Why="The committee's")
    )
    meanwhile = TEXT.replace("flag: Facts only", "flag: Only facts")
    found = decided(content, "x.xlsx", meanwhile, "issue.yaml")
    assert "flag: Only facts" in found.text
    assert "The committee's" in found.text


def missing(tables: dict[str, list[dict[str, str]]]) -> None:
    del tables["Entries"][1]


MISTAKES: list[tuple[Callable[[dict[str, list[dict[str, str]]]], Any], str]] = [
    (
        lambda t: row(t, "record e15166").update(Decision="hodl"),
        "x.xlsx:3: error: “hodl” is not a decision; did you mean “hold”?; choose print, hold, drop [committee]",
    ),
    (
        lambda t: row(t, "record e15166").update(Decision="drop"),
        "x.xlsx:3: error: give a Reason for “drop” [committee]",
    ),
    (
        lambda t: row(t, "record e15166").update(Reason="So"),
        "x.xlsx:3: error: a Reason goes with hold or drop; remove it, or change the decision [committee]",
    ),
    (
        lambda t: row(t, "record e15166").update(Section="Neuroendocrine Tumours"),
        "x.xlsx:3: error: there is no section “Neuroendocrine Tumours”; did you mean “Neuroendocrine Tumors”?; it has to be one of Neuroendocrine Tumors, Pancreatic Adenocarcinoma, Supportive Care [committee]",
    ),
    (
        lambda t: row(t, "record e15166").update(Order="first"),
        "x.xlsx:3: error: “first” is not a number; Order is the place within the section [committee]",
    ),
    (
        lambda t: row(t, "article radioembolization").update(Why="Because"),
        "x.xlsx:2: error: Why and Comment belong to records; this is an article [committee]",
    ),
    (
        lambda t: t["Entries"].append(dict(row(t, "record e15166"))),
        "x.xlsx:12: error: “record e15166” is also in row 3; delete one of the two [committee]",
    ),
    (
        lambda t: row(t, "record e15166").update(Key="record e15167"),
        "x.xlsx:3: error: “record e15167” is not an entry of the issue; did you mean “record e15166”?; put new records in the sheet Candidates [committee]",
    ),
    (
        lambda t: t["Candidates"].append(dict.fromkeys(COLUMNS, "") | {"Key": "doi:10.1/a", "Decision": "print"}),
        "x.xlsx:2: error: which section? Write its title under Section [committee]",
    ),
]


@pytest.mark.parametrize(("change", "message"), MISTAKES, ids=[message[:60] for _, message in MISTAKES])
def test_mistakes_are_reported_by_row(
    change: Callable[[dict[str, list[dict[str, str]]]], Any], message: str, journal: Path
) -> None:
    """A row that cannot be understood is reported with its number, and nothing is changed."""
    content = changed(workbook(read_issue(journal / ISSUE)), change)
    with pytest.raises(ProjectError) as caught:
        decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert message in [str(problem) for problem in caught.value.problems]


def test_a_sheet_that_was_saved_as_csv(journal: Path) -> None:
    """Excel's CSV is read with commas or semicolons; without the hidden sheet, it is compared with the issue as it is."""
    rows = dict(sheets(Page(workbook(read_issue(journal / ISSUE)), "x.xlsx")))["Entries"]
    for mark in ",;\t":
        written = io.StringIO()
        csv.writer(written, delimiter=mark).writerows(row.cells for row in rows)
        text = written.getvalue()
        assert decided(text.encode("utf-8-sig"), "x.csv", TEXT, "issue.yaml").changes == ()
        held = text.replace(f"record e310{mark}print{mark}", f"record e310{mark}hold{mark}later", 1)
        found = decided(held.encode("utf-8-sig"), "x.csv", TEXT, "issue.yaml")
        assert found.changes == ("record e310: decision: hold", "record e310: reason: later")
        assert "hold: later" in found.text


def test_a_conflict_is_reported(journal: Path) -> None:
    """What both sides changed otherwise is shown, never overwritten."""
    content = changed(workbook(read_issue(journal / ISSUE)), lambda t: row(t, "record e15166").update(Flag="Theirs"))
    with pytest.raises(ProjectError) as caught:
        decided(content, "x.xlsx", TEXT.replace("flag: Facts only", "flag: Ours"), "issue.yaml")
    (problem,) = caught.value.problems
    assert str(problem) == "x.xlsx:3: error: flag was changed here (“Theirs”) and in issue.yaml (“Ours”) [committee]"


def test_other_workbooks() -> None:
    """Another workbook, and a file that is not a workbook, are refused with what to do."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        book.add_worksheet("Data").write_string(0, 0, "x")
    for content in (target.getvalue(), b"no workbook"):
        with pytest.raises(DigestError):
            decided(content, "x.xlsx", TEXT, "issue.yaml")


def test_formulas_stay_text(journal: Path) -> None:
    """A text that begins like a formula is a text in the workbook."""
    path = journal / ISSUE / "issue.yaml"
    path.write_text(TEXT.replace("flag: Facts only", "flag: =HYPERLINK(1)"), encoding="utf-8")
    content = workbook(read_issue(journal / ISSUE))
    (entries,) = [[line.cells for line in rows] for name, rows in sheets(Page(content, "x")) if name == "Entries"]
    assert "=HYPERLINK(1)" in entries[2]


def test_round_trip_on_the_command_line(
    journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """Records that are offered are added by a decision and a section; what was decided is in issue.yaml."""
    run = digest_in(journal)
    assert run("collect", "-q")[0] == 0
    assert run("curate", "export", "decide.xlsx", "--match", "pancreas")[0] == 0
    assert run("curate", "export", "decide.xlsx")[0] == 1  # nothing is overwritten unasked
    path = journal / "decide.xlsx"

    def change(tables: dict[str, list[dict[str, str]]]) -> None:
        tables["Candidates"][0].update(Decision="print", Section="Supportive Care")
        row(tables, "record e15166").update(Decision="drop", Reason="Not ours")
        row(tables, "record 101").update(Order="3.5")
        row(tables, "record TPS205").update(Section="Supportive Care", Order="1.5")

    path.write_bytes(changed(path.read_bytes(), change))
    code, out, _ = run("curate", "import", "decide.xlsx", "--dry-run")
    assert (code, "added to Supportive Care" in out) == (0, True)
    assert (journal / ISSUE / "issue.yaml").read_text(encoding="utf-8") == TEXT
    assert run("curate", "import", "decide.xlsx")[:2] == (0, out)
    head = read_issue(journal / ISSUE).head
    assert head.sections[0].entries[1].drop == "Not ours"
    assert [entry.record for entry in head.sections[1].entries[1:]] == ["LBA7", "101"]
    assert [entry.record for entry in head.sections[2].entries[:3]] == ["e310", "TPS205", "e411"]
    assert HEAD is not None
    assert len(head.sections[2].entries) == len(HEAD.sections[2].entries) + 2
    assert run("check")[0] == 0
    taken = path.read_bytes(), (journal / ISSUE / "issue.yaml").read_bytes()
    for _ in range(2):  # taken in once more it changes nothing
        code, out, err = run("curate", "import", "decide.xlsx")
        assert (code, out, "Nothing was changed" in err) == (0, "", True), err
    assert (path.read_bytes(), (journal / ISSUE / "issue.yaml").read_bytes()) == taken


FIELDS = """
fields:
  - {name: relevance, type: whole number, label: Clinical relevance}
  - {name: level, type: choice, choices: [high, low]}
  - {name: why, type: list of texts}
  - {name: elsewhere, for: records}
"""


def own_workbook(root: Path, change: dict[str, dict[str, object]]) -> tuple[bytes, str, tuple[OwnField, ...]]:
    """The workbook of an issue with own fields, in which cells of entries were changed; the text of the issue, the fields."""
    with (root / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(FIELDS)
    path = root / ISSUE / "issue.yaml"
    text = TEXT.replace("- record: e15166\n", "- record: e15166\n        fields: {relevance: 4, why: [a b, c]}\n")
    path.write_text(text, encoding="utf-8")
    issue = read_issue(root / ISSUE)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, rows in sheets(Page(workbook(issue), "x.xlsx")):
            sheet = book.add_worksheet(name)
            heading: list[str] = []
            for n, row in enumerate(rows):
                heading = heading or row.cells
                cells = dict(zip(heading, row.cells, strict=False))
                typed = change.get(cells["Key"], {}) if name == "Entries" else {}
                for at, column in enumerate(heading):
                    sheet.write(n, at, typed.get(column, cells.get(column, "")))
    return target.getvalue(), text, issue.publication.fields


def test_own_fields_come_and_go(journal: Path) -> None:
    """Own fields of entries have a column each; what is typed there is their value in the file."""
    typed: dict[str, dict[str, object]] = {
        "record e15166": {"Clinical relevance": 5, "why (why)": "a\nb c\n"},
        "article radioembolization": {"level": "High"},
    }
    content, text, fields = own_workbook(journal, typed)
    found = decided(content, "x.xlsx", text, "issue.yaml", fields)
    head = strict.read(found.text, IssueFile, "issue.yaml").value
    assert head is not None
    assert head.sections[0].entries[0].fields == {"level": "high"}
    assert head.sections[0].entries[1].fields == {"relevance": "5", "why": ("a", "b c")}
    assert found.changes == (
        "article radioembolization: level: High",
        "record e15166: clinical relevance: 5",
        "record e15166: why (why): a\nb c",
    )


def test_own_fields_nobody_touched(journal: Path) -> None:
    """The workbook comes back as it was: nothing changes, also where a field was declared after the export."""
    content, text, fields = own_workbook(journal, {})
    assert decided(content, "x.xlsx", text, "issue.yaml", fields).text == text
    later = (*fields, OwnField(name="later", required=True))
    assert decided(content, "x.xlsx", text, "issue.yaml", later).text == text


@pytest.mark.parametrize(
    ("typed", "declared", "reported"),
    [
        ("high", True, "Clinical relevance: expected a whole number such as 3; found “high”"),
        ("5", False, "digest.yaml declares no field with the label “Clinical relevance” for entries any more"),
    ],
)
def test_own_fields_with_mistakes(journal: Path, typed: str, declared: bool, reported: str) -> None:
    """A value of another type, or one that belongs to a field that is gone, is reported with its row."""
    content, text, fields = own_workbook(journal, {"record e15166": {"Clinical relevance": typed}})
    with pytest.raises(ProjectError) as raised:
        decided(content, "x.xlsx", text, "issue.yaml", fields if declared else ())
    assert reported in str(raised.value.problems[0])
    assert raised.value.problems[0].line == 3
