"""What is open in a publication: library, sources with their last runs, issues, and a command for each line that waits."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

PROGRAMME = """\
Number,Title,Authors,Abstract,Status
P-06,An invented report of islets,"Roe, J",Text one,{}
P-07,Another invented report of ducts,"Kim, S",Text two,
"""


@pytest.fixture
def run(tmp_path: Path, digest_in: Callable[[Path], Run]) -> Run:
    """A publication with a source that can be read and one that cannot; the program run in it."""
    (tmp_path / "digest.yaml").write_text(
        "title: N\nsources:\n  - {name: prog, address: prog.csv, meeting: {name: 46th EPC, society: EPC,"
        " start: 2014-06-25, end: 2014-06-28}}\n  - {name: late, address: late.csv}\nsections:\n  - title: All\n",
        encoding="utf-8",
    )
    (tmp_path / "prog.csv").write_text(PROGRAMME.format(""), encoding="utf-8")
    return digest_in(tmp_path)


def status(run: Run) -> Any:  # noqa: ANN401 - any JSON
    code, out, err = run("status", "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def todo(run: Run) -> list[str]:
    """Every command that the status names, in its order."""
    found = status(run)
    parts = [found, *found["sources"], *found["issues"]]
    return [one["command"] for part in parts for one in part["todo"]]


def build(folder: Path, name: str = "2014-09-01") -> None:
    """Puts a built file into an issue, younger than everything that is there."""
    (folder / f"issues/{name}/_build").mkdir(exist_ok=True)
    path = folder / f"issues/{name}/_build/issue.html"
    path.write_text("", encoding="utf-8")
    newest = max(one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()) + 10**9
    os.utime(path, ns=(newest, newest))


def touch(folder: Path, name: str) -> None:
    """Makes a file of the publication the newest."""
    newest = max(one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()) + 10**9
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
    os.utime(folder / name, ns=(newest, newest))


def test_from_nothing_to_a_built_issue(tmp_path: Path, run: Run) -> None:
    """Each state names the next command; where nothing waits, no command is named."""
    assert run("status")[1] == (
        "there is no library yet: digest collect\nthere is no issue yet: digest new --date DATE\n"
        "source prog: not read yet: digest collect prog\nsource late: not read yet: digest collect late\n"
    )
    assert run("collect")[0] == 5
    found = status(run)
    assert found["library"] == {
        "records": 2, "arrivals": 2, "withdrawn": 0, "gone": 0, "frozen": 0, "sources": {"prog": 2},
    }  # fmt: skip
    prog, late = found["sources"]
    assert (prog["run"]["new"], prog["run"]["failed"], prog["todo"], prog["arrivals"]) == (2, "", [], 2)
    assert (late["run"]["new"], "late.csv" in late["run"]["failed"]) == (0, True)
    assert todo(run) == ["digest new --date DATE", "digest collect late"]
    assert f"failed on {late['run']['day']}: late.csv: " in run("status")[1]
    (tmp_path / "late.csv").write_text(PROGRAMME.partition("P-06")[0] + "P-09,A third report,,,\n", encoding="utf-8")
    run("collect")
    run("new", "--date", "2014-09-01")
    assert todo(run) == ["digest build 2014-09-01"]
    build(tmp_path)
    assert todo(run) == []
    out = run("status")[1]
    assert "library: 3 records from 3 arrivals, 3 in issues\n" in out
    assert "issue 2014-09-01: 3 entries, built\n" in out


def test_what_waits_in_an_issue(tmp_path: Path, run: Run) -> None:
    """Changes, withdrawals, holds, embargoes, mistakes and a build that is no longer true are counted for each issue."""
    run("collect", "prog")
    run("new", "--date", "2014-09-01")
    build(tmp_path)
    text = PROGRAMME.format("withdrawn").replace("Text two", "Text of another kind")
    (tmp_path / "prog.csv").write_text(text, encoding="utf-8")
    run("collect", "prog")
    (issue,) = status(run)["issues"]
    assert (issue["withdrawn"], issue["changed"]) == (["EPC:46th:2014:P-06"], ["EPC:46th:2014:P-07"])
    assert issue["built"]
    assert todo(run) == ["digest collect late", *["digest refresh 2014-09-01"] * 2]
    run("refresh", "2014-09-01", "--keep")
    path = tmp_path / "issues/2014-09-01/issue.yaml"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("- record: P-06 ", "- record: P-06\n        hold: later "), encoding="utf-8")
    record = tmp_path / "issues/2014-09-01/records/P-07.yaml"
    record.write_text(record.read_text(encoding="utf-8") + "embargo_until: 2014-10-01\n", encoding="utf-8")
    touch(tmp_path, "issues/2014-09-01/issue.yaml")
    (issue,) = status(run)["issues"]
    assert (issue["entries"], issue["held"], issue["embargoed"], issue["dropped"]) == (2, 1, 1, 0)
    assert [one["what"] for one in issue["todo"]] == ["issues/2014-09-01/issue.yaml has changed since it was built"]
    path.write_text("date: 2014-09-01\nsections: [\n", encoding="utf-8")
    assert (
        "issue 2014-09-01: its issue.yaml has mistakes\n  1 error in its files: digest check 2014-09-01\n"
        in (run("status")[1])
    )


def test_what_issues_share(tmp_path: Path, run: Run) -> None:
    """A change of the theme makes the newest issue out of date; what was published before stays as it is."""
    run("collect", "prog")
    run("new", "--date", "2014-09-01")
    run("new", "--date", "2014-10-01", "--again")
    for name in ("2014-09-01", "2014-10-01"):
        build(tmp_path, name)
    touch(tmp_path, "overrides/css/custom.css")
    assert todo(run)[1:] == ["digest build 2014-10-01"]
    touch(tmp_path, "issues/2014-09-01/records/P-06.yaml")
    assert todo(run)[1:] == ["digest build 2014-09-01", "digest build 2014-10-01"]


def test_two_issues_of_one_number(tmp_path: Path, run: Run) -> None:
    """Both issues say that the other one has their number, each with the command that shows where."""
    for name in ("a", "b"):
        (tmp_path / "issues" / name).mkdir(parents=True)
        text = f"date: 2014-0{'ab'.index(name) + 1}-01\nvolume: 1\nnumber: 2\nsections: []\n"
        (tmp_path / "issues" / name / "issue.yaml").write_text(text, encoding="utf-8")
    out = run("status")[1]
    assert "  issue b is volume 1, number 2 as well: digest check a\n" in out
    assert "  issue a is volume 1, number 2 as well: digest check b\n" in out


def test_a_library_that_cannot_be_opened(tmp_path: Path, run: Run) -> None:
    """The rest is shown all the same."""
    (tmp_path / "library.db").write_text("no database, but longer than the head of one" * 9, encoding="utf-8")
    code, out, _ = run("status")
    assert code == 0
    assert "library.db: the library is damaged" in out.splitlines()[0]
    assert "source prog: not read yet" in out


def test_a_library_of_an_earlier_version(tmp_path: Path, run: Run) -> None:
    """What was read before runs were remembered is said to be so, and nothing waits."""
    import sqlite3

    run("collect", "prog")
    with sqlite3.connect(tmp_path / "library.db") as connection:
        connection.execute("DELETE FROM runs")
    assert "source prog: 2 arrivals, read before this was remembered\n" in run("status")[1]
    (tmp_path / "other.csv").write_text(PROGRAMME.format("").replace("P-0", "X-1"), encoding="utf-8")
    run("collect", "other.csv")
    assert "source other.csv: last read " in run("status")[1]


def test_outside_of_a_publication(tmp_path: Path, digest_in: Callable[[Path], Run]) -> None:
    """Where there is no publication, the message says how to make one."""
    code, out, err = digest_in(tmp_path)("status")
    assert (code, out) == (1, "")
    assert "“digest init my-journal” makes one" in err


def test_a_first_source_that_cannot_be_read(run: Run) -> None:
    """It failed: a library that holds nothing yet knows that all the same."""
    assert run("collect", "late")[0] == 5
    assert "source late: not read yet" not in run("status")[1]
    assert "failed on" in run("status")[1]
