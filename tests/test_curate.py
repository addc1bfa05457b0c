"""Curation: sections by rule, a new issue's folder, records added line by line, what changed since it was frozen."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from digest.build import build
from digest.curate import Candidate, addition, choose, in_range
from digest.library import Library
from digest.model import Ids, PartialDate, Record
from digest.publication import Publication, Rule
from digest.sources import Page
from digest.sources.formats.tables.sheets import sheets
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

RIS = """\
TY  - JOUR
TI  - Invented study of radioembolization in the pancreas
AU  - Doe, Jane
AU  - Roe, Richard
JO  - Journal of Clinical Oncology
PY  - 2014/05/20/
VL  - 32
IS  - 15_suppl
DO  - 10.1200/jco.2014.32.15_suppl.e15901
AB  - Background: One. Methods: Two. Results: Three. Conclusions: Four.
ER  -
TY  - JOUR
TI  - Another invented study, of pancreatic adenocarcinoma and its treatment
AU  - Poe, Max
JO  - Journal of Clinical Oncology
PY  - 2014/05/20/
VL  - 32
IS  - 15_suppl
DO  - 10.1200/jco.2014.32.15_suppl.4001
ER  -
TY  - JOUR
TI  - An invented study of something else altogether
AU  - Moe, Mary
JO  - Journal of Clinical Oncology
PY  - 2014/05/20/
VL  - 32
IS  - 15_suppl
DO  - 10.1200/jco.2014.32.15_suppl.9001
ER  -
"""
RULES = """
sections:
  - title: Adenocarcinoma
    numbers: [4000-4199]
  - title: Radioembolization
    match: radioemboli*
"""


@pytest.fixture
def run(
    journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> Callable[..., tuple[int, str, str]]:
    """A publication with a library of three invented records, and the program run in it."""
    (journal / "asco.ris").write_text(RIS, encoding="utf-8")
    call = digest_in(journal)
    code, out, err = call("collect", "asco.ris")
    assert (code, out) == (0, "asco.ris: 3 new\n"), err
    return call


def test_a_new_issue_by_rules(journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """The rules of digest.yaml fill an issue that builds at once; what fits nowhere is listed."""
    path = journal / "digest.yaml"
    path.write_text(path.read_text(encoding="utf-8").partition("\nsections:")[0] + RULES, encoding="utf-8")
    code, out, err = run("new", "--date", "2014-08-01", "--match", "study", "-v")
    assert (code, out) == (0, "issues/2014-08-01\n")
    assert "left out: 9001 “An invented study of something else altogether”: it fits no section" in err
    text = (journal / "issues/2014-08-01/issue.yaml").read_text(encoding="utf-8")
    assert text[text.index("sections:") :] == (
        "sections:\n"
        "  - title: Adenocarcinoma\n"
        "    entries:\n"
        "      - record: 4001  # Poe: Another invented study, of pancreatic adenocarcinoma and it…\n"
        "  - title: Radioembolization\n"
        "    entries:\n"
        "      - record: e15901  # Doe: Invented study of radioembolization in the pancreas\n"
    )
    built = build(journal / "issues/2014-08-01", ["html"])
    assert [problem for problem in built.problems if problem.level != "note"] == []
    assert "Invented study of radioembolization" in built.files["issue.html"].decode()


def test_names_of_strange_records(journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """A record with a title of no word and a name with an end of a line is frozen like any other."""
    records = (
        '[{"title": "<i> </i>", "type": "web"}, {"title": "Odd", "authors": [{"literal": "A\\u2028- record: x"}]}]'
    )
    (journal / "odd.json").write_text(records, encoding="utf-8")
    code, out, err = run("collect", "odd.json")
    assert code == 0, err
    came = out.partition(": ")[2]
    (journal / "digest.yaml").write_text("title: X\n", encoding="utf-8")
    code, out, err = run("new", "--date", "2014-09-01")
    assert code == 0, err
    assert len(list((journal / out.strip() / "records").iterdir())) == 3 + int(came[0])


def test_what_was_highlighted_is_known(journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """A record of an earlier issue is marked in a search and left out of the next issue, unless it is asked for."""
    assert run("new", "--date", "2014-08-01", "--match", "radioemboli*")[0] == 0
    assert "[in issue 2014-08-01]" in run("search", "radioemboli*")[1]
    code, _, err = run("new", "--date", "2014-08-02", "--match", "radioemboli*")
    assert code == 1
    assert "it is in issue 2014-08-01; --again includes it" in err
    assert not (journal / "issues/2014-08-02").exists()
    assert run("new", "--date", "2014-08-02", "--match", "radioemboli*", "--again")[0] == 0


def test_nothing_is_overwritten(run: Callable[..., tuple[int, str, str]]) -> None:
    """An issue that is there stays as it is."""
    code, _, err = run("new", "--date", "2014-07-28")
    assert code == 1
    assert "there is already an issue of 2014-07-28" in err
    assert run("new", "--date", "2014-07")[0] == 2


def test_a_new_issue_of_a_date_that_is_taken(journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """An issue in a folder with a name of its own may have that date: both are kept, with a warning."""
    (journal / "issues/2014-07-28").rename(journal / "issues/summer")
    code, out, err = run("new", "--date", "2014-07-28", "--match", "study")
    assert (code, out) == (0, "issues/2014-07-28\n")
    assert "issues/summer: warning: issue summer has the same date, 2014-07-28 [same-date]" in err


def test_adding_keeps_every_other_line(journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """A record is frozen and named at the end of its section; comments and layout stay exactly as they are."""
    path = journal / "issues/2014-07-28/issue.yaml"
    before = path.read_text(encoding="utf-8").splitlines()
    code, out, _ = run("add", "2014-07-28", "e15901", "--section", "Neuroendocrine Tumors")
    assert code == 0
    assert "issues/2014-07-28/records/e15901.yaml" in out.splitlines()
    after = path.read_text(encoding="utf-8").splitlines()
    new = "      - record: e15901  # Doe: Invented study of radioembolization in the pancreas"
    assert after.count(new) == 1
    at = after.index(new)
    assert [line for n, line in enumerate(after) if n != at and not (n == at - 1 and not line)] in (
        before,
        [line for n, line in enumerate(before) if not (n == at - 1 and not line)],
    )
    assert run("check", "2014-07-28")[0] == 0
    code, out, err = run("add", "2014-07-28", "e15901", "--section", "1")
    assert (code, out) == (0, "")
    assert "is in this issue already, as records/e15901.yaml" in err


def test_a_record_is_known_by_the_id_that_it_had(journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """What was frozen under an id that a merge has changed since is not frozen a second time."""
    assert run("add", "2014-07-28", "e15901", "--section", "1")[0] == 0
    folder = journal / "issues/2014-07-28"
    text = (folder / "issue.yaml").read_text(encoding="utf-8")
    with Library.open(journal / "library.db") as library:
        stored = library.get("e15901")
    id_ = stored.record.id
    renamed = structs.replace(stored, record=structs.replace(stored.record, id="doi:new"), former_ids=(id_ or "",))
    made = addition(journal, Publication(title="T"), folder, [(renamed, "1")], text)
    assert (made.records, made.files) == (0, {})
    assert "is in this issue already, as records/e15901.yaml" in made.problems[0].message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("e15901", "--section", "Neuroendocrine Tumours"), "did you mean “Neuroendocrine Tumors”?"),
        (("e15901",), "it is not clear which section e15901 goes into"),
        (("e99999", "--section", "1"), "e99999"),
    ],
)
def test_adding_is_refused_whole(
    arguments: tuple[str, ...], message: str, journal: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    """What cannot be added leaves the issue as it was, and the message says what to do."""
    before = (journal / "issues/2014-07-28/issue.yaml").read_bytes()
    code, out, err = run("add", "2014-07-28", *arguments)
    assert (code, out) == (1, "")
    assert message in err
    assert (journal / "issues/2014-07-28/issue.yaml").read_bytes() == before
    assert not (journal / "issues/2014-07-28/records/e15901.yaml").exists()


@pytest.mark.parametrize(
    ("sections", "wanted"),
    [
        ("  - title: A\n    entries: []\n", "  - title: A\n    entries:\n      - record: e15901  # NOTE\n"),
        (
            "  - title: A\n    entries:\n      # none yet\n      []  # still none\n",
            "  - title: A\n    entries:\n      # none yet\n      # still none\n      - record: e15901  # NOTE\n",
        ),
        (
            "  - title: A\n    entries:\n    - notice: {kind: update, title: N}\n# the end\n",
            "  - title: A\n    entries:\n    - notice: {kind: update, title: N}\n    - record: e15901  # NOTE\n# the end\n",
        ),
        (
            "  - title: A\n    entries:\n      - notice:\n          kind: update\n          title: N\n          text: |\n"
            "            one\n\n            # two\n\n  - title: B\n    entries: []\n",
            "  - title: A\n    entries:\n      - notice:\n          kind: update\n          title: N\n          text: |\n"
            "            one\n\n            # two\n      - record: e15901  # NOTE\n\n  - title: B\n    entries: []\n",
        ),
    ],
)
def test_where_a_line_goes(sections: str, wanted: str, journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """Entries are written below one another in whatever layout an editor keeps."""
    folder = journal / "issues/2014-09-01"
    folder.mkdir()
    (folder / "issue.yaml").write_text(f"date: 2014-09-01\nsections:\n{sections}", encoding="utf-8")
    code, _, err = run("add", "2014-09-01", "e15901", "--section", "A")
    assert code == 0, err
    text = (folder / "issue.yaml").read_text(encoding="utf-8")
    note = "Doe: Invented study of radioembolization in the pancreas"
    assert text == f"date: 2014-09-01\nsections:\n{wanted}".replace("NOTE", note)


def test_changes_of_frozen_records_are_reported(journal: Path, run: Callable[..., tuple[int, str, str]]) -> None:
    """When a source corrects a record that is frozen, collecting says which file and which fields."""
    assert run("new", "--date", "2014-08-01", "--match", "radioemboli*")[0] == 0
    frozen = (journal / "issues/2014-08-01/records/e15901.yaml").read_bytes()
    (journal / "asco.ris").write_text(RIS.replace("Results: Three.", "Results: Thirteen."), encoding="utf-8")
    code, out, err = run("collect", "asco.ris")
    assert (code, out) == (0, "asco.ris: 1 changed, 2 unchanged\n")
    assert "issues/2014-08-01/records/e15901.yaml: warning: " in err
    assert "has changed in the library: abstract" in err
    assert "abstract" in err
    assert (journal / "issues/2014-08-01/records/e15901.yaml").read_bytes() == frozen
    assert run("collect", "asco.ris", "--strict")[0] == 0


@pytest.mark.parametrize(
    ("number", "numbers", "wanted"),
    [
        ("4001", "4000-4199", True),
        ("4200", "4000-4199", False),
        ("LBA4001", "4000-4199", False),
        ("LBA4001", "LBA4000-LBA4100", True),
        ("e15166", "e15000-e15999", True),
        ("615MO", "600MO-699MO", True),
        ("615MO", "600-699", False),
        ("e15166", "e15166", True),
        ("OA03.05", "4000-4199", False),
        ("", "1-2", False),
    ],
)
def test_ranges_of_numbers(number: str, numbers: str, *, wanted: bool) -> None:
    """A range counts within the same letters."""
    assert in_range(number, numbers) is wanted


@given(
    numbers=st.lists(st.integers(1, 9999), unique=True, max_size=30),
    limits=st.lists(st.one_of(st.none(), st.integers(1, 5)), min_size=1, max_size=4),
)
def test_curation_loses_nothing(numbers: list[int], limits: list[int | None]) -> None:
    """Each record is in exactly one section or is named in exactly one note."""
    candidates = [
        Candidate(record=Record(id=f"x:{n}", title=RichText.plain_text(f"Study {n}"), number=str(n))) for n in numbers
    ]
    rules = [
        Rule(title=RichText.plain_text(f"S{n}"), numbers=(f"{n * 2000}-{n * 2000 + 1999}",), limit=limit)
        for n, limit in enumerate(limits)
    ]
    sections, notes = choose(candidates, rules, lambda _: ())
    kept = [str(record.id) for _, records in sections for record in records]
    assert sorted([*kept, *(note.key for note in notes)]) == sorted(
        str(candidate.record.id) for candidate in candidates
    )
    for rule, records in sections:
        assert len(records) <= (rule.limit or 99)
        assert [int(record.number) for record in records] == sorted(int(record.number) for record in records)


@pytest.mark.parametrize(
    ("order", "wanted"),
    [("date", ["b", "a"]), ("title", ["a", "b"]), ("relevance", ["b", "a"]), ("number", ["a", "b"])],
)
def test_orders(order: str, wanted: list[str]) -> None:
    """A section is sorted by what its rule says."""
    a = Record(id="a", title=RichText.plain_text("A"), number="1", issued=PartialDate(2014, 6), ids=Ids())
    b = Record(id="b", title=RichText.plain_text("B"), number="2", issued=PartialDate(2014, 5), ids=Ids())
    rule = Rule(title=RichText.plain_text("All"), order=order, match="x")  # type: ignore[arg-type]  # one of the four
    ((_, records),) = choose([Candidate(record=a), Candidate(record=b, rank=1)], [rule], lambda _: ["b", "a"])[0]
    assert [record.id for record in records] == wanted


PROGRAMME = """\
Number,Title,Authors,Abstract,Status
P-06,An invented report of islets,"Roe, J",Text one,{}
P-07,Another invented report of ducts,"Kim, S",Text two,
"""


@pytest.fixture
def meeting(tmp_path: Path, digest_in: Callable[[Path], Run]) -> tuple[Path, Run]:
    """A publication of its own with a programme of two abstracts, both frozen in an issue."""
    (tmp_path / "digest.yaml").write_text(
        "title: N\nlanguage: en\nsources:\n  - {name: prog, address: prog.csv, meeting: {name: 46th EPC, society: EPC,"
        " start: 2014-06-25, end: 2014-06-28}}\nsections:\n  - title: All\n",
        encoding="utf-8",
    )
    (tmp_path / "prog.csv").write_text(PROGRAMME.format(""), encoding="utf-8")
    run = digest_in(tmp_path)
    assert run("collect")[1] == "prog: 2 new\n"
    assert run("new", "--date", "2014-09-01")[0] == 0
    assert "frozen" not in run("collect")[2]
    return tmp_path, run


@pytest.mark.parametrize("again", [False, True])
def test_a_withdrawal_is_reported_until_it_is_followed(meeting: tuple[Path, Run], *, again: bool) -> None:
    """Each collection and check lists a frozen record that was withdrawn, also where the library was built again."""
    folder, run = meeting
    if again:
        (folder / "library.db").unlink()
    (folder / "prog.csv").write_text(PROGRAMME.format("withdrawn"), encoding="utf-8")
    frozen = folder / "issues/2014-09-01/records/P-06.yaml"
    for command in ("collect", "collect", "check"):
        code, out, err = run(command)
        assert (code, (out + err).count("[frozen-withdrawn]")) == (0, 1)
        assert "issues/2014-09-01/records/P-06.yaml: warning: EPC:46th:2014:P-06 was withdrawn" in out + err
    assert run("collect", "--strict")[0] == 3
    issue = folder / "issues/2014-09-01/issue.yaml"
    text = issue.read_text(encoding="utf-8")
    issue.write_text(text.replace("- record: P-06 ", "- record: P-06\n        drop: withdrawn "), encoding="utf-8")
    assert "frozen-withdrawn" not in run("collect")[2]
    issue.write_text(text, encoding="utf-8")
    frozen.write_text(frozen.read_text(encoding="utf-8") + "status: withdrawn\n", encoding="utf-8")
    assert "frozen-withdrawn" not in run("collect")[2]
    (folder / "library.db").unlink()
    assert "frozen-withdrawn" not in run("check")[1]  # without a library there is nothing to ask


def test_what_is_missing_from_a_library_made_again(meeting: tuple[Path, Run]) -> None:
    """A frozen record that its source no longer contains is reported even where the library never knew it."""
    folder, run = meeting
    (folder / "library.db").unlink()
    (folder / "prog.csv").write_text(PROGRAMME.format("").partition("P-07")[0], encoding="utf-8")
    _, _, err = run("collect")
    assert err.count("[frozen-gone]") == 1
    assert "P-07.yaml: warning: prog no longer contains EPC:46th:2014:P-07" in err
    assert "frozen-gone" not in run("collect")[2]


def test_a_library_made_again_knows_what_is_frozen(meeting: tuple[Path, Run]) -> None:
    """Where a new library calls a record otherwise than the old one did, its frozen file is still known for it."""
    folder, run = meeting
    (folder / "more.ris").write_text(
        "TY  - ABST\nTI  - Another invented report of ducts\nAU  - Kim, S\nPY  - 2014\nT2  - Pancreatology\n"
        "DO  - 10.1000/ducts\nER  - \n",
        encoding="utf-8",
    )
    (folder / "library.db").unlink()
    assert run("collect", "more.ris")[1] == "more.ris: 1 new\n"
    code, out, err = run("collect")
    assert (code, out, "frozen-gone" in err) == (0, "prog: 1 new, 1 merged\n", False)
    assert run("search", "ducts")[1].count("[in issue 2014-09-01]") == 1
    assert run("show", "EPC:46th:2014:P-07")[0] == 0


def test_the_folders_say_what_stands_in_an_issue(meeting: tuple[Path, Run]) -> None:
    """An issue that was deleted, renamed or found by a new library is what its folder says, not what was remembered."""
    folder, run = meeting
    issue = folder / "issues/2014-09-01"
    marked = "[in issue 2014-09-01]"
    assert run("search", "islets")[1].count(marked) == 1
    (folder / "library.db").unlink()
    run("collect")
    assert run("search", "islets")[1].count(marked) == 1
    (issue / "records/P-06.yaml").unlink()
    assert run("search", "islets")[1].count(marked) == 0
    issue.rename(folder / "issues/autumn")
    assert "[in issue autumn]" in run("search", "ducts")[1]
    shutil.rmtree(folder / "issues/autumn")
    assert "in issue" not in run("search", "ducts")[1]
    code, _, err = run("new", "--date", "2014-09-01")
    assert (code, "one record" not in err, "2 records frozen" in err) == (0, True, True)


def test_a_split_lists_frozen_records(meeting: tuple[Path, Run]) -> None:
    """Content of another record in a frozen one is reported by the split, and by each collection and check."""
    folder, run = meeting
    (folder / "more.ris").write_text(
        "TY  - ABST\nTI  - Another invented report of ducts\nAU  - Kim, S\nPY  - 2014\nT2  - Pancreatology\nVL  - 14\n"
        "SP  - S12\nDO  - 10.1000/ducts\nER  - \n",
        encoding="utf-8",
    )
    assert run("collect", "more.ris")[1] == "more.ris: 1 merged\n"
    shutil.rmtree(folder / "issues/2014-09-01")
    run("new", "--date", "2014-09-01")
    code, _, err = run("library", "split", "10.1000/ducts")
    assert (code, err.count("[frozen-split]")) == (0, 1)
    assert "issues/2014-09-01/records/P-07.yaml: warning: since " in err
    for command in (("collect", "prog"), ("check",)):
        assert "".join(map(str, run(*command))).count("[frozen-split]") == 1
    file = folder / "issues/2014-09-01/records/P-07.yaml"
    file.write_text(
        'id: "EPC:46th:2014:P-07"\ntype: meeting-abstract\nnumber: P-07\ntitle: Another invented report of ducts\n',
        encoding="utf-8",
    )
    assert "frozen-split" not in run("check")[1]


def test_withdrawn_records_are_not_offered(meeting: tuple[Path, Run]) -> None:
    """A workbook offers what may be added: nothing that was withdrawn, and a message says so."""
    folder, run = meeting
    shutil.rmtree(folder / "issues/2014-09-01/records")
    (folder / "issues/2014-09-01/issue.yaml").write_text(
        "date: 2014-09-01\nsections:\n  - title: All\n    entries: []\n", encoding="utf-8"
    )
    (folder / "prog.csv").write_text(PROGRAMME.format("withdrawn"), encoding="utf-8")
    run("collect")
    code, _, err = run("curate", "export", "out.xlsx", "--match", "invented")
    assert (code, "1 not offered" in err) == (0, True)
    content = (folder / "out.xlsx").read_bytes()
    rows = {title: [row.cells for row in rows] for title, rows in sheets(Page(content, "out.xlsx"))}
    assert [cells[0] for cells in rows["Candidates"][1:]] == ["EPC:46th:2014:P-07"]
