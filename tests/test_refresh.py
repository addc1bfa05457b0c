"""Frozen records and the library: what changed is shown word by word, then taken or kept, and asked about once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from digest import strict
from digest.errors import DigestError
from digest.frozen import frozen_problems
from digest.model import Record
from digest.refresh import refresh_issue
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

PROGRAMME = """\
Number,Title,Authors,Affiliations,Abstract,Status
P-06,An invented report of islets,"Roe, J","Invented Hospital, York",Background: One. Results: {result} of 40.,{status}
P-07,Another invented report of ducts,"Kim, S","Invented Hospital, York",Text two.,
"""


@pytest.fixture
def run(tmp_path: Path, digest_in: Callable[[Path], Run]) -> Run:
    """A publication with a programme of two abstracts, both frozen in an issue; the program run in it."""
    (tmp_path / "digest.yaml").write_text(
        "title: N\nsources:\n  - {name: prog, address: prog.csv, meeting: {name: 46th EPC, society: EPC,"
        " start: 2014-06-25, end: 2014-06-28}}\nsections:\n  - title: All\n",
        encoding="utf-8",
    )
    called = digest_in(tmp_path)
    collected(tmp_path, called)
    assert called("new", "--date", "2014-09-01")[0] == 0
    return called


def collected(folder: Path, run: Run, result: str = "3", status: str = "") -> str:
    """Reads the programme with this result and status; what the program says on standard error."""
    (folder / "prog.csv").write_text(PROGRAMME.format(result=result, status=status), encoding="utf-8")
    return run("collect")[2]


def frozen(folder: Path, name: str = "P-06") -> Path:
    return folder / f"issues/2014-09-01/records/{name}.yaml"


def record(folder: Path, name: str = "P-06") -> Record:
    """The frozen record, read strictly."""
    read = strict.read(frozen(folder, name).read_text(encoding="utf-8"), Record, name)
    assert read.value is not None, read.problems
    return read.value


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def open_in(folder: Path) -> list[str]:
    """The codes of the warnings about frozen records that a check repeats."""
    return [one.code for one in frozen_problems(folder / "issues/2014-09-01") if one.level == "warning"]


def shown(run: Run, *arguments: str) -> list[Any]:
    records: list[Any] = json.loads(run("refresh", "2014-09-01", *arguments, "--json")[1])["records"]
    return records


@pytest.mark.parametrize("decision", ["--take", "--keep"])
def test_a_change_is_open_until_it_is_taken_or_kept(tmp_path: Path, run: Run, decision: str) -> None:
    """The check repeats a change; a decision ends that, until the source changes once more."""
    assert open_in(tmp_path) == []
    assert run("refresh", "2014-09-01")[1:] == ("", "Nothing to decide.\n")
    assert "[frozen-changed]" in collected(tmp_path, run, "13")
    assert "frozen" not in collected(tmp_path, run, "13")  # what was collected before is the check's to repeat
    assert run("check")[1].count("[frozen-changed]") == 1
    assert open_in(tmp_path) == ["frozen-changed"]
    before = frozen(tmp_path).read_bytes()
    code, out, err = run("refresh", "2014-09-01")
    assert code == 0
    assert "records/P-06.yaml: other in the library\n  abstract: " in out
    assert "[-3-]{+13+} of 40" in out
    assert err.startswith("1 open.")
    assert frozen(tmp_path).read_bytes() == before
    assert run("refresh", "2014-09-01", decision)[1].endswith("issues/2014-09-01/records/P-06.yaml\n")
    assert ("13 of 40" in frozen(tmp_path).read_text(encoding="utf-8")) == (decision == "--take")
    assert (open_in(tmp_path), shown(run)) == ([], [])
    collected(tmp_path, run, "14")
    assert open_in(tmp_path) == ["frozen-changed"]
    collected(tmp_path, run, "13")  # as it was when somebody decided
    assert open_in(tmp_path) == []


def test_corrections_by_hand_stay(tmp_path: Path, run: Run) -> None:
    """What an editor has written into the file is not taken for a change of the source, and not overwritten by one."""
    edit(
        frozen(tmp_path),
        "title: An invented report of islets",
        "# mine\ntitle: A corrected report of islets  # as printed",
    )
    assert open_in(tmp_path) == []
    collected(tmp_path, run, "13")
    (one,) = shown(run)
    assert {field["field"]: field["changed_by"] for field in one["fields"]} == {"title": "hand", "abstract": "library"}
    assert (one["settled"], one["withdrawn"], one["decision"]) == (False, False, "")
    run("refresh", "2014-09-01", "P-06", "--take")
    text = frozen(tmp_path).read_text(encoding="utf-8")
    assert "# mine\ntitle: A corrected report of islets  # as printed\n" in text
    assert record(tmp_path).title.plain == "A corrected report of islets"
    assert text.startswith("# A frozen record")
    (one,) = shown(run, "P-06")  # named, it is shown although nothing is open
    assert [(field["field"], field["changed_by"]) for field in one["fields"]] == [("title", "hand")]
    assert one["settled"]
    _, _, err = run("refresh", "2014-09-01", "P-06", "--take")
    assert "what was corrected by hand stays" in err
    run("refresh", "2014-09-01", "P-06", "--take", "--field", "title")
    assert record(tmp_path).title.plain == "An invented report of islets"
    assert shown(run, "P-06") == []


def test_one_field_of_several(tmp_path: Path, run: Run) -> None:
    """With --field the others stay as they are, and nothing is asked about them any more."""
    path = tmp_path / "prog.csv"
    path.write_text(PROGRAMME.format(result="13", status="").replace("Roe, J", "Row, J"), encoding="utf-8")
    run("collect")
    run("refresh", "2014-09-01", "--take", "--field", "abstract")
    assert record(tmp_path).authors[0].family == "Roe"
    assert "13 of 40" in record(tmp_path).abstract[-1].text.plain
    assert open_in(tmp_path) == []


@pytest.mark.parametrize("decision", ["--take", "--keep"])
def test_a_withdrawal(tmp_path: Path, run: Run, decision: str) -> None:
    """A withdrawal is a change of the status: taken, the issue's own check speaks of it; kept, a note remains."""
    collected(tmp_path, run, status="withdrawn")
    assert open_in(tmp_path) == ["frozen-withdrawn"]
    assert "withdrawn by its source\n  status: [-final-]{+withdrawn+}\n" in run("refresh", "2014-09-01")[1]
    run("refresh", "2014-09-01", decision)
    assert record(tmp_path).status == ("withdrawn" if decision == "--take" else "final")
    assert open_in(tmp_path) == []
    listed = run("check")[1]
    assert ("[withdrawn]" in listed) == (decision == "--take")
    assert ("it was decided to keep this file as it is [frozen-withdrawn]" in listed) == (decision == "--keep")
    collected(tmp_path, run)
    assert open_in(tmp_path) == (["frozen-changed"] if decision == "--take" else [])


def test_another_source_that_adds_something(tmp_path: Path, run: Run) -> None:
    """A record that is joined by another source's is a new version as well."""
    (tmp_path / "more.ris").write_text(
        "TY  - ABST\nTI  - Another invented report of ducts\nAU  - Kim, S\nPY  - 2014\nT2  - Pancreatology\nVL  - 14\n"
        "DO  - 10.1000/ducts\nER  - \n",
        encoding="utf-8",
    )
    assert run("collect", "more.ris")[1] == "more.ris: 1 merged\n"
    assert open_in(tmp_path) == ["frozen-changed"]
    (one,) = shown(run)
    assert one["record"] == "P-07"
    assert {field["changed_by"] for field in one["fields"]} == {"library"}
    run("refresh", "2014-09-01", "10.1000/ducts", "--take")
    assert record(tmp_path, "P-07").ids.doi == "10.1000/ducts"
    assert open_in(tmp_path) == []


def test_a_file_without_a_version(tmp_path: Path, run: Run) -> None:
    """Where a file does not say which version it is, changes differ from corrections by the checksum of the source."""
    text = frozen(tmp_path).read_text(encoding="utf-8")
    frozen(tmp_path).write_text(
        "".join(line for line in text.splitlines(keepends=True) if "version:" not in line), encoding="utf-8"
    )
    edit(frozen(tmp_path), "title: An invented", "title: A corrected")
    assert open_in(tmp_path) == []
    collected(tmp_path, run, "13")
    assert open_in(tmp_path) == ["frozen-changed"]
    run("refresh", "2014-09-01", "--keep")
    assert open_in(tmp_path) == []
    assert record(tmp_path).origin.version  # type: ignore[union-attr]  # it was frozen with an origin


# How people may have laid the file out, before it is changed line by line.
LAYOUTS: list[tuple[str, Callable[[str], str]]] = [
    ("line ends of Windows", lambda text: text.replace("\n", "\r\n")),
    ("a byte order mark", lambda text: "\ufeff" + text),
    ("no end of the last line", lambda text: text.rstrip("\n")),
    ("no origin", lambda text: text.partition("origin:")[0]),
    ("quoted keys", lambda text: text.replace("\nabstract:", '\n"abstract":').replace("\nid:", "\n'id' :")),
    ("comments between", lambda text: text.replace("\nabstract:", "\n# one\n\n# two\nabstract:  # three")),
    (
        "no indentation of lists",
        lambda text: text.replace("\n  - label", "\n- label").replace("\n    text", "\n  text"),
    ),
]


@pytest.mark.parametrize("layout", [layout for _, layout in LAYOUTS], ids=[name for name, _ in LAYOUTS])
def test_layouts(tmp_path: Path, run: Run, layout: Callable[[str], str]) -> None:
    """Every other line of the file stays, and the result is what was meant."""
    text = layout(frozen(tmp_path).read_text(encoding="utf-8"))
    frozen(tmp_path).write_bytes(text.encode())
    collected(tmp_path, run, "13")
    code, _, err = run("refresh", "2014-09-01", "P-06", "--take")
    assert code == 0, err
    assert "13 of 40" in record(tmp_path).abstract[-1].text.plain
    after = frozen(tmp_path).read_bytes().decode()
    assert after.count("\r\n") in {0, after.count("\n")}
    for kept in ("# A frozen record", "# one", "# two"):
        assert (kept in after) == (kept in text)
    assert open_in(tmp_path) == []


def test_what_cannot_be_rewritten(tmp_path: Path, run: Run) -> None:
    """A file in brackets is not guessed at: the message says what to do, and nothing is written."""
    text = frozen(tmp_path).read_text(encoding="utf-8")
    value = strict.read(text, Record, "x").value
    assert value is not None
    id_ = value.id
    frozen(tmp_path).write_text(f'{{id: "{id_}", title: T, origin: {{sha256: "0"}}}}\n', encoding="utf-8")
    before = frozen(tmp_path).read_bytes()
    code, _, err = run("refresh", "2014-09-01", "--take")
    assert (code, frozen(tmp_path).read_bytes()) == (1, before)
    assert "could not be rewritten" in err
    assert "nothing was written" in err


def test_somebody_else_writes_meanwhile(tmp_path: Path, run: Run) -> None:
    """A file that changes while somebody decides is not overwritten."""
    collected(tmp_path, run, "13")

    def decide(_: object) -> Any:  # noqa: ANN401 - one of three words
        edit(frozen(tmp_path), "title: An", "title: One")
        return "take"

    with pytest.raises(DigestError, match="somebody has changed the file"):
        refresh_issue("2014-09-01", folder=tmp_path, decide=decide)
    assert record(tmp_path).title.plain == "One invented report of islets"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("P-6",), 1, "no record “P-6” is frozen in issue 2014-09-01; did you mean “P-06”?"),
        (("P-06", "--take", "--field", "titel"), 1, "a record has no field “titel”; did you mean “title”?"),
        (("--take", "--keep"), 2, "take or keep, not both"),
        (("--field", "title"), 2, "only with --take"),
    ],
)
def test_what_is_asked_wrongly(run: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    """A name that is none, and options that contradict each other, are refused with what was probably meant."""
    assert run("refresh", "2014-09-01", *arguments)[0] == code
    assert message in run("refresh", "2014-09-01", *arguments)[2]


def test_an_issue_that_the_library_does_not_know(tmp_path: Path, run: Run) -> None:
    """A record that never came out of the library is said to be so where it is named; one that cannot be read always."""
    frozen(tmp_path, "own").write_text("id: doi:10.1000/own\ntitle: My own\n", encoding="utf-8")
    frozen(tmp_path, "bad").write_text("titel: x\n", encoding="utf-8")
    assert "the library has no record doi:10.1000/own" in run("refresh", "2014-09-01", "own", "-v")[2]
    assert "records/bad.yaml:1: error: the key “titel” is not known here" in run("refresh", "2014-09-01")[2]


def test_on_a_terminal(tmp_path: Path, run: Run) -> None:
    """On a terminal each record is shown in colours and asked about; what was decided before “quit” is written."""
    collected(tmp_path, run, "13")
    edit(tmp_path / "prog.csv", "Text two.", "Text three.")
    run("collect")
    master, slave = os.openpty()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", "refresh", "2014-09-01"],
        cwd=tmp_path,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    os.write(master, b"take\nquit\n")
    printed = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
        if not part:
            break
        printed += part
    os.close(master)
    assert process.wait(timeout=300) == 0
    assert b"\x1b[31m[-3-]" in printed
    assert b"take, keep, later, or quit" in printed
    assert "13 of 40" in frozen(tmp_path).read_text(encoding="utf-8")
    assert open_in(tmp_path) == ["frozen-changed"]
