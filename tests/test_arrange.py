"""Entries are moved and changed in the lines of issue.yaml; a committee's workbook is handed out and taken in."""

from __future__ import annotations

import difflib
import io
from typing import TYPE_CHECKING, Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import strict
from digest.arrange import WORDS, Placed, arranged
from digest.build import build
from digest.errors import DigestError, ProjectError
from digest.model import IssueFile
from digest.project import read_issue
from digest.sources.page import Page
from digest.sources.tables import sheets
from digest.spreadsheet import COLUMNS, decided, export
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = (SAMPLE / ISSUE / "issue.yaml").read_text(encoding="utf-8")
HEAD = strict.read(TEXT, IssueFile, "issue.yaml").value
assert HEAD is not None
SAME = [[Placed(at=(s, e)) for e in range(len(section.entries))] for s, section in enumerate(HEAD.sections)]
FLAT = [placed for section in SAME for placed in section]


def difference(new: str) -> list[str]:
    """The lines that are new or gone."""
    lines = difflib.unified_diff(TEXT.splitlines(), new.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def test_nothing_changed() -> None:
    """The same order and words give the same text, to the letter."""
    assert arranged(TEXT, "issue.yaml", SAME) == TEXT


@given(st.permutations(FLAT), st.lists(st.integers(0, len(SAME) - 1), min_size=len(FLAT), max_size=len(FLAT)))
@settings(max_examples=60, deadline=None)
def test_any_order(entries: list[Placed], sections: list[int]) -> None:
    """In any order and any section each entry says what it said; no line of the file is lost or made up."""
    wanted: list[list[Placed]] = [[] for _ in SAME]
    for placed, section in zip(entries, sections, strict=True):
        wanted[section].append(placed)
    new = arranged(TEXT, "issue.yaml", wanted)
    read = strict.read(new, IssueFile, "issue.yaml").value
    assert read is not None
    assert HEAD is not None
    assert [section.entries for section in read.sections] == [
        tuple(HEAD.sections[placed.at[0]].entries[placed.at[1]] for placed in section) for section in wanted
    ]
    bare = sorted(line.strip() for line in TEXT.splitlines() if line.strip())
    assert sorted(line.strip() for line in new.splitlines() if line.strip() and line.strip() != "[]") == bare


def test_words() -> None:
    """A key gets another text in its place, a new one comes at the end of its entry, an empty one goes."""
    wanted = [list(section) for section in SAME]
    wanted[0][1] = Placed(at=(0, 1), words={"flag": "", "why": "Short: and clear", "hold": "Waiting for permission"})
    assert difference(arranged(TEXT, "issue.yaml", wanted)) == [
        "-        flag: Facts only",
        "-        why: >-",
        "-          The abstract that the highlight article above is about. Its text belongs to ASCO, so this entry holds",
        "-          bibliographic facts and nothing else.",
        '+        why: "Short: and clear"',
        "+        hold: Waiting for permission",
    ]


@given(st.sampled_from([word for word in WORDS if word != "quote"]), st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_words(name: str, text: str) -> None:
    """Whatever is typed comes back as it was, or is refused; the rest of the file is not touched."""
    wanted = [list(section) for section in SAME]
    wanted[0][1] = Placed(at=(0, 1), words={name: text})
    try:
        new = arranged(TEXT, "issue.yaml", wanted)
    except DigestError as error:
        assert "could not be rewritten" in str(error)  # noqa: PT017 - a refusal is one of two right answers
        return
    read = strict.read(new, IssueFile, "issue.yaml").value
    assert read is not None
    assert getattr(read.sections[0].entries[1], name) == text.strip()


COMMENTED = """\
date: 2014-07-28
title: T
sections:
- title: One
  entries:
  # the first one
  - record: a   # why not
    why: Because
  - why: It stands before
    record: b
- title: Two
  entries: []
- title: Three
  entries: []  # none yet
# behind all
permissions: P
"""


def test_comments_go_with_their_entry() -> None:
    """A comment above an entry or in it moves with it; one that stands elsewhere stays."""
    new = arranged(COMMENTED, "issue.yaml", [[Placed(at=(0, 1))], [Placed(at=(0, 0))], []])
    assert new == COMMENTED.replace("  # the first one\n  - record: a   # why not\n    why: Because\n", "").replace(
        "  entries: []\n", "  entries:\n    # the first one\n    - record: a   # why not\n      why: Because\n"
    )


def test_sections_without_entries() -> None:
    """A section that had none gets its first; a section that loses all keeps an empty list."""
    new = arranged(COMMENTED, "issue.yaml", [[], [], [Placed(at=(0, 0)), Placed(at=(0, 1), words={"why": "Changed"})]])
    read = strict.read(new, IssueFile, "issue.yaml").value
    assert read is not None
    assert [[entry.record for entry in section.entries] for section in read.sections] == [[], [], ["a", "b"]]
    assert "- why: Changed\n" in new
    assert "  entries:  # none yet\n" in new
    assert "# behind all\npermissions: P\n" in new


@pytest.mark.parametrize(
    ("text", "sections", "message"),
    [
        (COMMENTED, [[Placed(at=(0, 0))], [], []], "the new order does not hold each entry once"),
        (COMMENTED, [[Placed(at=(0, 0)), Placed(at=(0, 0))], [], []], "the new order does not hold each entry once"),
        (COMMENTED.replace("date: 2014-07-28", "date: soon"), [[], [], []], "the issue has mistakes"),
        ("date: 2014-07-28\ntitle: T\nsections: [{title: A, entries: [{record: a}, {record: b}]}]\n", [[Placed(at=(0, 1)), Placed(at=(0, 0))]], "the entries of this section stand in brackets"),
        (COMMENTED, [[Placed(at=(0, 0), words={"title": "x"}), Placed(at=(0, 1))], [], []], "an entry has no key “title”"),
    ],
)  # fmt: skip
def test_refused(text: str, sections: list[list[Placed]], message: str) -> None:
    """What would lose an entry, or cannot be done in the file's own lines, is refused."""
    with pytest.raises(DigestError) as caught:
        arranged(text, "issue.yaml", sections)
    assert message in str(caught.value)


def test_held_and_dropped_are_not_printed(journal: Path) -> None:
    """An entry with a reason to hold or drop it stays in the file, and is told and left out of the pages."""
    wanted = [list(section) for section in SAME]
    wanted[0][1] = Placed(at=(0, 1), words={"hold": "Waiting for permission"})
    wanted[0][2] = Placed(at=(0, 2), words={"drop": "Too small"})
    (journal / ISSUE / "issue.yaml").write_text(arranged(TEXT, "issue.yaml", wanted), encoding="utf-8")
    built = build(journal / ISSUE, ["html"])
    page = built.files["issue.html"].decode()
    assert 'id="abstract-e15166"' not in page
    assert 'id="abstract-P1701"' not in page
    told = {problem.code: problem for problem in built.problems if problem.code in {"held", "dropped"}}
    assert told["held"].message == "“e15166” is not printed, it is held: Waiting for permission"
    assert told["dropped"].message == "“P1701” is not printed, it is dropped: Too small"
    assert told["held"].line == 1 + next(
        n
        for n, line in enumerate((journal / ISSUE / "issue.yaml").read_text(encoding="utf-8").splitlines())
        if "hold:" in line
    )


# --- The workbook ----------------------------------------------------------------------------------------------------


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
    content = export(issue)
    assert content == export(issue)
    found = decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert (found.text, found.changes, found.additions) == (TEXT, (), ())


def test_what_a_committee_decides(journal: Path) -> None:
    """Decisions, order, section and words are taken into the file, and each change is told."""

    def change(tables: dict[str, list[dict[str, str]]]) -> None:
        row(tables, "record e15166").update(Decision="Hold", Reason="Ask ASCO first", Why="Clear and short")
        row(tables, "record P1701").update(Section="pancreatic adenocarcinoma", Order="1.5")

    content = changed(export(read_issue(journal / ISSUE)), change)
    found = decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert found.changes == (
        "record e15166: decision: hold", "record e15166: reason: Ask ASCO first", "record e15166: why: Clear and short",
        "record P1701: section: pancreatic adenocarcinoma", "the order of the entries",
    )  # fmt: skip
    head = strict.read(found.text, IssueFile, "issue.yaml").value
    assert head is not None
    assert (head.sections[0].entries[1].hold, head.sections[0].entries[1].why) == ("Ask ASCO first", "Clear and short")
    assert [entry.record or entry.article for entry in head.sections[1].entries][:3] == ["cachexia", "P1701", "101"]
    assert "# An entry is an article (a file in articles/)" in found.text


def test_a_change_made_meanwhile_stays(journal: Path) -> None:
    """What was changed in issue.yaml since the export stays, where the committee left it alone."""
    content = changed(
        export(read_issue(journal / ISSUE)), lambda t: row(t, "record e15166").update(Why="The committee's")
    )
    meanwhile = TEXT.replace("flag: Facts only", "flag: Only facts")
    found = decided(content, "x.xlsx", meanwhile, "issue.yaml")
    assert "flag: Only facts" in found.text
    assert "The committee's" in found.text


def missing(tables: dict[str, list[dict[str, str]]]) -> None:
    del tables["Entries"][1]


MISTAKES: list[tuple[Callable[[dict[str, list[dict[str, str]]]], Any], str]] = [
    (lambda t: row(t, "record e15166").update(Decision="hodl"), "x.xlsx:3: error: “hodl” is no decision; did you mean “hold”?; it is one of print, hold, drop [committee]"),
    (lambda t: row(t, "record e15166").update(Decision="drop"), "x.xlsx:3: error: why is it to drop? Write it under Reason [committee]"),
    (lambda t: row(t, "record e15166").update(Reason="So"), "x.xlsx:3: error: a reason belongs to hold or drop; empty it, or change the decision [committee]"),
    (lambda t: row(t, "record e15166").update(Section="Neuroendocrine Tumours"), "x.xlsx:3: error: there is no section “Neuroendocrine Tumours”; did you mean “Neuroendocrine Tumors”?; it is one of Neuroendocrine Tumors, Pancreatic Adenocarcinoma, Supportive Care [committee]"),
    (lambda t: row(t, "record e15166").update(Order="first"), "x.xlsx:3: error: “first” is no number; Order is the place within the section [committee]"),
    (lambda t: row(t, "article radioembolization").update(Why="Because"), "x.xlsx:2: error: Why and Comment belong to records; this is an article [committee]"),
    (missing, "x.xlsx: error: the row of “record e15166” is gone; its entry stays: “drop” with a reason takes it out [committee]"),
    (lambda t: t["Entries"].append(dict(row(t, "record e15166"))), "x.xlsx:12: error: “record e15166” stands in row 3, too; delete one of the two [committee]"),
    (lambda t: row(t, "record e15166").update(Key="record e15167"), "x.xlsx:3: error: “record e15167” is no entry of the issue; did you mean “record e15166”?; put new records into the sheet Candidates [committee]"),
    (lambda t: t["Candidates"].append(dict.fromkeys(COLUMNS, "") | {"Key": "doi:10.1/a", "Decision": "print"}), "x.xlsx:2: error: into which section is it to come? Write its title under Section [committee]"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), MISTAKES, ids=[told[:60] for _, told in MISTAKES])
def test_mistakes_are_told_by_their_row(
    change: Callable[[dict[str, list[dict[str, str]]]], Any], told: str, journal: Path
) -> None:
    """A row that cannot be understood is told with its number, and nothing is changed."""
    content = changed(export(read_issue(journal / ISSUE)), change)
    with pytest.raises(ProjectError) as caught:
        decided(content, "x.xlsx", TEXT, "issue.yaml")
    assert told in [str(problem) for problem in caught.value.problems]


def test_a_conflict_is_told(journal: Path) -> None:
    """What both sides changed otherwise is shown, never overwritten."""
    content = changed(export(read_issue(journal / ISSUE)), lambda t: row(t, "record e15166").update(Flag="Theirs"))
    with pytest.raises(ProjectError) as caught:
        decided(content, "x.xlsx", TEXT.replace("flag: Facts only", "flag: Ours"), "issue.yaml")
    (problem,) = caught.value.problems
    assert str(problem) == "x.xlsx:3: error: flag was changed here (“Theirs”) and in issue.yaml (“Ours”) [committee]"


def test_what_is_no_workbook_of_ours() -> None:
    """Another workbook, and what is no workbook, are refused with what to do."""
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
    content = export(read_issue(journal / ISSUE))
    (entries,) = [[line.cells for line in rows] for name, rows in sheets(Page(content, "x")) if name == "Entries"]
    assert "=HYPERLINK(1)" in entries[2]


def test_round_trip_on_the_command_line(
    journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """Records that are offered come in by a decision and a section; what was decided stands in issue.yaml."""
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
    assert (code, "comes into Supportive Care" in out) == (0, True)
    assert (journal / ISSUE / "issue.yaml").read_text(encoding="utf-8") == TEXT
    assert run("curate", "import", "decide.xlsx")[:2] == (0, out)
    head = read_issue(journal / ISSUE).head
    assert head.sections[0].entries[1].drop == "Not ours"
    assert [entry.record for entry in head.sections[1].entries[1:]] == ["LBA7", "101"]
    assert [entry.record for entry in head.sections[2].entries[:3]] == ["e310", "TPS205", "e411"]
    assert len(head.sections[2].entries) == len(SAME[2]) + 2
    assert run("check")[0] == 0
    taken = path.read_bytes(), (journal / ISSUE / "issue.yaml").read_bytes()
    for _ in range(2):  # taken in once more it changes nothing
        code, out, err = run("curate", "import", "decide.xlsx")
        assert (code, out, "Nothing was changed" in err) == (0, "", True), err
    assert (path.read_bytes(), (journal / ISSUE / "issue.yaml").read_bytes()) == taken


@pytest.mark.parametrize("comment", ["", "  # none yet"])
def test_a_section_becomes_empty_and_is_filled_again(comment: str) -> None:
    """What was moved out of a section can be moved back into it: the entries stand as before, and the comment stays."""
    wanted = [[*SAME[0], *SAME[2]], SAME[1], []]
    emptied = arranged(TEXT, "issue.yaml", wanted).replace("      []\n", f"      []{comment}\n")
    assert f"    entries:\n      []{comment}\n" in emptied
    count = len(SAME[0])
    back = [
        SAME[0],
        SAME[1],
        [Placed(at=(0, count + n)) for n in range(len(SAME[2]))],
    ]
    filled = arranged(emptied, "issue.yaml", back)
    assert filled == TEXT.replace(
        "    intro: Everything in this section is invented.\n    entries:\n      - record: e310",
        f"    intro: Everything in this section is invented.\n    entries:\n{f'      {comment.strip()}{chr(10)}' if comment else ''}"
        "      - record: e310",
    )
