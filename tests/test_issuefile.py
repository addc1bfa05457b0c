"""Entries move, change and are added in the lines of issue.yaml, and everything else stays as it is."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import strict
from digest.build import build
from digest.errors import DigestError
from digest.issuefile import TEXT_KEYS, NewEntry, Placement, arranged, extended, unchanged
from digest.publication import IssueFile
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (SAMPLE / ISSUE / "issue.yaml").read_text(encoding="utf-8")
HEAD = strict.read(TEXT, IssueFile, "issue.yaml").value
assert HEAD is not None
SAME = unchanged(HEAD)
FLAT = [placed for section in SAME for placed in section]


def difference(new: str) -> list[str]:
    """The lines that are new or gone."""
    lines = difflib.unified_diff(TEXT.splitlines(), new.splitlines(), n=0, lineterm="")
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def test_nothing_changed() -> None:
    """The same order and words give exactly the same text."""
    assert arranged(TEXT, "issue.yaml", SAME) == TEXT


@given(st.permutations(FLAT), st.lists(st.integers(0, len(SAME) - 1), min_size=len(FLAT), max_size=len(FLAT)))
@settings(max_examples=60, deadline=None)
def test_any_order(entries: list[Placement], sections: list[int]) -> None:
    """In any order and any section each entry has the same content; no line of the file is lost or made up."""
    wanted: list[list[Placement]] = [[] for _ in SAME]
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
    wanted[0][1] = Placement(at=(0, 1), texts={"flag": "", "why": "Short: and clear", "hold": "Waiting for permission"})
    assert difference(arranged(TEXT, "issue.yaml", wanted)) == [
        "-        flag: Facts only",
        "-        why: >-",
        "-          The abstract that the highlight article above is about. Its text belongs to ASCO, so this entry holds",
        "-          bibliographic facts and nothing else.",
        '+        why: "Short: and clear"',
        "+        hold: Waiting for permission",
    ]


@given(st.sampled_from([word for word in TEXT_KEYS if word != "quote"]), st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_words(name: str, text: str) -> None:
    """Whatever is typed comes back as it was, or is refused; the rest of the file is not touched."""
    wanted = [list(section) for section in SAME]
    wanted[0][1] = Placement(at=(0, 1), texts={name: text})
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
  - why: It comes first
    record: b
- title: Two
  entries: []
- title: Three
  entries: []  # none yet
# after all
permissions: P
"""


def test_comments_go_with_their_entry() -> None:
    """A comment above an entry or in it moves with it; any other stays."""
    new = arranged(COMMENTED, "issue.yaml", [[Placement(at=(0, 1))], [Placement(at=(0, 0))], []])
    assert new == COMMENTED.replace("  # the first one\n  - record: a   # why not\n    why: Because\n", "").replace(
        "  entries: []\n", "  entries:\n    # the first one\n    - record: a   # why not\n      why: Because\n"
    )


def test_sections_without_entries() -> None:
    """A section that had none gets its first; a section that loses all keeps an empty list."""
    new = arranged(
        COMMENTED, "issue.yaml", [[], [], [Placement(at=(0, 0)), Placement(at=(0, 1), texts={"why": "Changed"})]]
    )
    read = strict.read(new, IssueFile, "issue.yaml").value
    assert read is not None
    assert [[entry.record for entry in section.entries] for section in read.sections] == [[], [], ["a", "b"]]
    assert "- why: Changed\n" in new
    assert "  entries:  # none yet\n" in new
    assert "# after all\npermissions: P\n" in new


@pytest.mark.parametrize(
    ("text", "sections", "message"),
    [
        (COMMENTED, [[Placement(at=(0, 0))], [], []], "the new order does not contain each entry exactly once"),
        (
            COMMENTED,
            [[Placement(at=(0, 0)), Placement(at=(0, 0))], [], []],
            "the new order does not contain each entry exactly once",
        ),
        (COMMENTED.replace("date: 2014-07-28", "date: soon"), [[], [], []], "the issue has mistakes"),
        (
            "date: 2014-07-28\ntitle: T\nsections: [{title: A, entries: [{record: a}, {record: b}]}]\n",
            [[Placement(at=(0, 1)), Placement(at=(0, 0))]],
            "this section lists its entries in brackets",
        ),
        (
            COMMENTED,
            [[Placement(at=(0, 0), texts={"title": "x"}), Placement(at=(0, 1))], [], []],
            "an entry has no key “title”",
        ),
    ],
)
def test_refused(text: str, sections: list[list[Placement]], message: str) -> None:
    """What would lose an entry, or cannot be done in the file's own lines, is refused."""
    with pytest.raises(DigestError) as caught:
        arranged(text, "issue.yaml", sections)
    assert message in str(caught.value)


BREAKS = """\
date: 2014-07-28
title: "A title with a line separator\u2028and more"
sections:
- title: One
  entries:
  - record: a
  - record: c
"""


def test_a_new_entry_comes_last() -> None:
    """A new entry comes after the last one, also where a text above has a character that only some call a line end."""
    assert extended(BREAKS, "issue.yaml", {0: [NewEntry(record="new", comment="Doe: A title")]}) == (
        BREAKS + "  - record: new  # Doe: A title\n"
    )


def test_new_entries_in_several_sections() -> None:
    """New entries come at the end of their sections; all other lines stay exactly as they are."""
    new = extended(
        COMMENTED, "issue.yaml", {0: [NewEntry(record="x"), NewEntry(record="y")], 2: [NewEntry(record="z")]}
    )
    assert new == COMMENTED.replace("    record: b\n", "    record: b\n  - record: x\n  - record: y\n").replace(
        "  entries: []  # none yet\n", "  entries:  # none yet\n    - record: z\n"
    )


def test_what_would_be_read_otherwise_is_refused() -> None:
    """A result that would be read as another issue than the wanted one is refused, not written."""
    two = 'date: 2014-07-28\nsections:\n- title: A\n  entries:\n  - record: a\n    why: "One\ntext"\n'
    with pytest.raises(DigestError, match="could not be rewritten: the result would not say what was meant"):
        extended(two, "issue.yaml", {0: [NewEntry(record="new")]})


def test_held_and_dropped_are_not_printed(journal: Path) -> None:
    """An entry with a reason to hold or drop it stays in the file, and is reported and left out of the pages."""
    wanted = [list(section) for section in SAME]
    wanted[0][1] = Placement(at=(0, 1), texts={"hold": "Waiting for permission"})
    wanted[0][2] = Placement(at=(0, 2), texts={"drop": "Too small"})
    (journal / ISSUE / "issue.yaml").write_text(arranged(TEXT, "issue.yaml", wanted), encoding="utf-8")
    built = build(journal / ISSUE, ["html"])
    page = built.files["issue.html"].decode()
    assert 'id="abstract-e15166"' not in page
    assert 'id="abstract-P1701"' not in page
    notes = {problem.code: problem for problem in built.problems if problem.code in {"held", "dropped"}}
    assert notes["held"].message == "“e15166” is not printed, because it is on hold: Waiting for permission"
    assert notes["dropped"].message == "“P1701” is not printed, because it was dropped: Too small"
    assert notes["held"].line == 1 + next(
        n
        for n, line in enumerate((journal / ISSUE / "issue.yaml").read_text(encoding="utf-8").splitlines())
        if "hold:" in line
    )


# --- The workbook ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("comment", ["", "  # none yet"])
def test_a_section_becomes_empty_and_is_filled_again(comment: str) -> None:
    """What was moved out of a section can be moved back into it: the entries are as before, and the comment stays."""
    wanted = [[*SAME[0], *SAME[2]], SAME[1], []]
    emptied = arranged(TEXT, "issue.yaml", wanted).replace("      []\n", f"      []{comment}\n")
    assert f"    entries:\n      []{comment}\n" in emptied
    count = len(SAME[0])
    back = [
        SAME[0],
        SAME[1],
        [Placement(at=(0, count + n)) for n in range(len(SAME[2]))],
    ]
    filled = arranged(emptied, "issue.yaml", back)
    assert filled == TEXT.replace(
        "    intro: Everything in this section is invented.\n    entries:\n      - record: e310",
        f"    intro: Everything in this section is invented.\n    entries:\n{f'      {comment.strip()}{chr(10)}' if comment else ''}"
        "      - record: e310",
    )


FIELDS = """date: 2014-07-28
sections:
  - title: A
    entries:
      - record: a
        fields: {relevance: 4, note: "x # } y"}  # ours
      - record: b
        fields:  # below
          # stars
          relevance: 4

          tags:
          - p
          - q
        why: x
      - fields:
          relevance: 2
        record: c
      - record: d
"""


@pytest.mark.parametrize(
    ("entry", "values", "lines"),
    [
        (0, {"relevance": "5"}, '        fields:  # ours\n          relevance: 5\n          note: "x # } y"\n'),
        (1, {"relevance": "5"}, "        fields:  # below\n          # stars\n          relevance: 5\n\n          tags:\n          - p\n          - q\n"),
        (1, {"tags": ("r: s",)}, '          relevance: 4\n\n          tags:\n            - "r: s"\n        why: x\n'),
        (1, {"more": "yes"}, '          - q\n          more: "yes"\n        why: x\n'),
        (1, {"relevance": "", "tags": ""}, "      - record: b\n        why: x\n"),
        (2, {"relevance": ""}, "        why: x\n      - record: c\n      - record: d\n"),
        (2, {"note": "two\nlines"}, "          relevance: 2\n          note: |-\n            two\n            lines\n        record: c\n"),
        (3, {"relevance": "3"}, "      - record: d\n        fields:\n          relevance: 3\n"),
    ],
)  # fmt: skip
def test_own_fields(entry: int, values: dict[str, str | tuple[str, ...]], lines: str) -> None:
    """An own field gets another value in its place, also in braces; comments and all other lines stay."""
    head = strict.read(FIELDS, IssueFile, "f").value
    assert head is not None
    wanted = unchanged(head)
    wanted[0][entry] = Placement(at=(0, entry), fields=values)
    new = arranged(FIELDS, "f", wanted)
    assert lines in new
    again = strict.read(new, IssueFile, "f").value
    assert again is not None
    assert again.sections[0].entries[entry].fields.get(next(iter(values)), "") == next(iter(values.values()))


def test_own_fields_in_odd_braces() -> None:
    """Braces over several lines are refused with what to do; the entry moves all the same."""
    text = FIELDS.replace("{relevance: 4, note", "{relevance: 4,\n          note")
    with pytest.raises(DigestError, match=r"in braces on several lines.*put each field on its own line"):
        arranged(
            text, "f", [[Placement(at=(0, 0), fields={"relevance": "5"}), *(Placement(at=(0, n)) for n in (1, 2, 3))]]
        )
    moved = arranged(text, "f", [[Placement(at=(0, n)) for n in (3, 2, 1, 0)]])
    assert sorted(moved.splitlines()) == sorted(text.splitlines())
