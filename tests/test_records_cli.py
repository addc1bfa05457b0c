"""The commands about records as a user sees them: exit codes, the two outputs, JSON, failures that leave the rest whole."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import ROOT
from tests.sources.server import Exchange, Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

RIS = """\
TY  - JOUR
TI  - An invented trial of enzymes after resection of the pancreatic head
AU  - Saif, Muhammad Wasif
PY  - 2014
DO  - {doi}
ER  -
"""
ONE = RIS.format(doi="10.1000/one")
BROKEN = ONE + "TY  - JOUR\nPY  - 2014\nER  -\n"  # the second has no title, and nothing else to be known by
TABLE = "UID,session\n1,morning\n"  # no column that can be a title: the file cannot be read at all


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A publication without sources, with files to read."""
    (tmp_path / "digest.yaml").write_text("title: Invented Journal\n", encoding="utf-8")
    for name, text in {"one.ris": ONE, "broken.ris": BROKEN, "table.csv": TABLE, "empty.txt": ""}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path, digest_in: Callable[[Path], Run]) -> Run:
    return digest_in(folder)


def zipped(*names: str, mimetype: str = "") -> bytes:
    """A ZIP archive of empty files, OpenDocument's with its first entry."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        if mimetype:
            package.writestr("mimetype", mimetype)
        for name in names:
            package.writestr(name, "")
    return target.getvalue()


def whole(out: str) -> Any:  # noqa: ANN401 - any JSON
    """What standard output holds, which is JSON and nothing else."""
    return json.loads(out)


# What is asked, the exit code, a pattern of all of standard output, and one of a part of standard error.
ASKED: list[tuple[str, int, str, str]] = [
    ("convert one.ris --to ris", 0, r"TY  - JOUR\n(?s:.*)ER  -\s+", ""),
    ("convert one.ris --lines", 0, r'\{"id": ?"doi:10\.1000/one".*\}\n', ""),
    ("convert one.ris --lines --to ris", 2, "", "only JSON has one record on a line"),
    ("convert one.ris --to xml", 2, "", "is not one of 'json'"),
    ("convert one.ris --from rsi", 1, "", r"unknown format “rsi”; did you mean “ris”\?"),
    ("convert", 2, "", "Missing argument"),
    ("convert table.csv", 1, "", "no column of the table holds titles"),
    ("convert nothing.ris", 1, "", "nothing.ris: there is no such file"),
    ("convert nothing.ris one.ris --lines", 1, r"\{.*\}\n", "nothing.ris: there is no such file"),
    ("convert empty.txt", 1, "", "empty.txt: there is nothing in it"),
    ("convert table.csv one.ris --lines", 1, r"\{.*\}\n", "table.csv: no column of the table holds titles"),
    ("convert broken.ris --lines --to json", 0, r"\{.*\}\n(\{.*\}\n)?", r"^broken\.ris:\d+: "),
    ("convert broken.ris --lines --strict", 3, r"\{.*\}\n(\{.*\}\n)?", r"^broken\.ris:\d+: "),
    ("convert http://127.0.0.1:9/feed", 5, "", "the port 9 is unusual"),
    ("convert http://127.0.0.1:8080/feed?token=s3cr3ts3cr3t", 5, "", r"token=\*\*\*: the address 127\.0\.0\.1"),
    ("cite one.ris", 0, r"1\. Saif MW\. .*\n", ""),
    ("cite nothing.ris", 1, "", r"nothing\.ris"),
    ("cite table.csv", 1, "", "no column of the table holds titles"),
    ("collect", 1, "", "there are no sources yet"),
    ("collect one.ris", 0, r"one\.ris: 1 new\n", ""),
    ("collect one.ris -q", 0, r"one\.ris: 1 new\n", r"\A\Z"),
    ("collect one.ris --dry-run", 0, r"one\.ris:\n  one\.ris\n", ""),
    ("collect one.ri", 1, "", "there is no such file"),
    ("collect ftp://example.org/x", 1, "", "addresses of ftp are not read"),
    ("collect nothing.ris", 1, "", "nothing.ris: there is no such file"),
    ("collect table.csv one.ris", 1, r"table\.csv: nothing\none\.ris: 1 new\n", "no column of the table holds titles"),
    ("collect http://127.0.0.1:9/x one.ris", 5, r"x: nothing\none\.ris: 1 new\n", "the port 9 is unusual"),
    ("collect broken.ris", 0, r"broken\.ris: .*\n", r"^broken\.ris:\d+: "),
    ("collect broken.ris --strict", 3, r"broken\.ris: .*\n", r"^broken\.ris:\d+: "),
    ("search enzymes", 1, "", "there is no library yet"),
    ("show 10.1000/one", 1, "", "there is no library yet"),
    ("library merges", 1, "", "there is no library yet"),
    ("search", 1, "", "there is no library yet"),
    ("search a --since soon", 2, "", "“soon” is not a date"),
    ("search a --limit 0", 2, "", "0 is not in the range"),
    ("new --date 2014", 2, "", "an issue has a day"),
    ("library repair", 2, "", "there is no command “digest library repair”"),
]


@pytest.mark.parametrize(("asked", "code", "out", "err"), ASKED, ids=[row[0] for row in ASKED])
def test_exit_codes(asked: str, code: int, out: str, err: str, run: Run) -> None:
    """Each command ends with the code that is promised; results go to standard output, all else to standard error."""
    found, printed, errors = run(*asked.split())
    assert (found, bool(re.fullmatch(out, printed))) == (code, True), (printed, errors)
    assert re.search(err, errors, re.MULTILINE), errors
    assert "s3cr3t" not in printed + errors


COLLECTED: list[tuple[str, int, str, str]] = [
    ("search enzymes", 0, r"doi:10\.1000/one\tSaif: An invented trial .* 2014\n", ""),
    ("search pancrea* -v", 0, r"doi:10\.1000/one\t.*\n", ""),
    ("search nowhere", 0, "", "No record of the library fits “nowhere”"),
    ("search nowhere -q", 0, "", r"\A\Z"),
    ("search enzymes --source other.ris", 1, "", "no record is from a source “other.ris”; did you mean “one.ris”"),
    ("search auther:saif", 0, "", "no field is called “auther”; did you mean “author”"),
    ("show 10.1000/ONE", 0, r"id: doi:10\.1000/one\n(?s:.*)", "# from one.ris: one.ris"),
    ("show 10.1000/one --raw", 0, r"TY  - JOUR(?s:.*)", r"\A\Z"),
    ("show 10.1000/two", 1, "", "no record “10.1000/two”; digest search finds ids"),
    ("library merges", 0, "", "Nothing was merged"),
    ("library split 10.1000/one", 1, "", "was not merged"),
    ("library check", 0, "", "1 record, no problems found"),
    ("collect one.ris", 0, r"one\.ris: 1 unchanged\n", ""),
    ("collect one.ri", 1, "", "there is no such file"),
]


@pytest.mark.parametrize(("asked", "code", "out", "err"), COLLECTED, ids=[row[0] for row in COLLECTED])
def test_exit_codes_with_a_library(asked: str, code: int, out: str, err: str, run: Run) -> None:
    """The same where there is a library to ask."""
    assert run("collect", "one.ris")[0] == 0
    found, printed, errors = run(*asked.split())
    assert (found, bool(re.fullmatch(out, printed))) == (code, True), (printed, errors)
    assert re.search(err, errors, re.MULTILINE), errors


def test_json_has_its_schema(folder: Path, run: Run) -> None:
    """With `--json` standard output is one value of schema 1 that has what people see in words."""
    (folder / "again.ris").write_text(ONE + ONE.replace("10.1000/one", "10.1000/two"), encoding="utf-8")
    dry = whole(run("collect", "one.ris", "--dry-run", "--json")[1])
    assert dry == {"schema": 1, "sources": [{"source": "one.ris", "plan": ["one.ris"]}]}
    assert not (folder / "library.db").exists()
    code, out, err = run("collect", "table.csv", "one.ris", "again.ris", "--json")
    report = whole(out)
    assert (code, report["schema"], report["frozen"]) == (1, 1, [])
    assert "no column of the table" in err
    broken, one, again = report["sources"]
    assert "no column of the table" in broken["stopped"]
    assert (one["new"], one["new_ids"]) == (1, ["doi:10.1000/one"])
    assert (again["new"], again["merged"]) == (1, 1)
    assert again["merges"] == [
        {"id": "doi:10.1000/one", "joined": "again.ris doi:10.1000/one", "reason": "same DOI 10.1000/one"}
    ]
    found = whole(run("search", "enzymes", "--limit", "1", "--json")[1])
    assert (found["schema"], found["query"], found["more"], len(found["hits"])) == (1, "enzymes", True, 1)
    assert found["hits"][0]["record"]["title"].startswith("An invented trial")
    shown = whole(run("show", "10.1000/one", "--json")[1])
    assert (shown["schema"], shown["record"]["id"]) == (1, "doi:10.1000/one")
    assert [(origin["source"], origin["format"]) for origin in shown["origins"]] == [
        ("one.ris", "ris"),
        ("again.ris", "ris"),
    ]
    (merge,) = whole(run("library", "merges", "--json")[1])["merges"]
    assert (merge["reason"], merge["undone"]) == ("same DOI 10.1000/one", False)
    ids = run("library", "split", "10.1000/one")[1].split()
    assert len(ids) == 2
    assert whole(run("library", "merges", "--json")[1])["merges"][0]["undone"] is True
    assert run("collect", "one.ris", "again.ris")[1] == "one.ris: 1 unchanged\nagain.ris: 2 unchanged\n"


@pytest.mark.parametrize("to", ["json", "yaml", "csl", "ris", "bibtex", "nbib"])
def test_converted_and_read_again(to: str, folder: Path, run: Run) -> None:
    """What `convert` prints is read again, and is the same abstract; also where there is no publication."""
    (folder / "digest.yaml").unlink()
    code, out, err = run("convert", "one.ris", "--to", to)
    assert (code, err) == (0, "")
    (folder / "again").write_text(out, encoding="utf-8")
    code, out, err = run("convert", "again", "--lines")
    assert code == 0, err
    record = whole(out)
    assert (record["id"], record["authors"][0]["family"], record["issued"]) == ("doi:10.1000/one", "Saif", "2014")


def test_a_folder_whose_last_file_is_broken(folder: Path, run: Run) -> None:
    """What cannot be read is reported each time, and does not keep what has changed since from being read again."""
    exports = folder / "exports"
    exports.mkdir()
    (exports / "a.ris").write_text(ONE, encoding="utf-8")
    (exports / "z.csv").write_text(TABLE, encoding="utf-8")
    assert run("collect", "exports")[:2] == (1, "exports: 1 new\n")
    (exports / "a.ris").write_text(ONE.replace("enzymes", "insulin"), encoding="utf-8")
    code, out, err = run("collect", "exports")
    assert (code, out) == (1, "exports: 1 changed\n")
    assert "no column of the table holds titles" in err


def test_a_file_is_found_from_where_one_is(folder: Path, digest_in: Callable[[Path], Run]) -> None:
    """A path on the command line starts from the current folder, and is shown as it is in the publication."""
    (folder / "exports").mkdir()
    (folder / "one.ris").rename(folder / "exports" / "one.ris")
    run = digest_in(folder / "exports")
    assert run("collect", "one.ris")[:2] == (0, "one.ris: 1 new\n")
    (origin,) = whole(run("show", "10.1000/one", "--json")[1])["origins"]
    assert origin["where"] == "exports/one.ris"
    assert whole(run("convert", "one.ris", "--lines")[1])["origin"]["where"] == "one.ris"


def listed(*names: str, more: str = "") -> str:
    """A part of a list of OAI-PMH."""
    records = "".join(
        f"<record><header><identifier>oai:x:{name}</identifier><datestamp>2014-05-20</datestamp></header><metadata>"
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>Invented study {name} of the pancreas and its ducts</dc:title><dc:creator>Saif, M</dc:creator>"
        "</oai_dc:dc></metadata></record>"
        for name in names
    )
    return (
        '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        "<responseDate>2014-07-28T00:00:00Z</responseDate><request>x</request>"
        f"<ListRecords>{records}<resumptionToken>{more}</resumptionToken></ListRecords></OAI-PMH>"
    )


def test_a_broken_harvest_goes_on(folder: Path, run: Run) -> None:
    """A list that breaks off keeps what came, lets other sources be read, ends with 5, and goes on there the next time."""
    parts = {"": listed("1", "2", more="a"), "a": listed("3", more="b"), "b": listed("4")}
    broken = {"a"}

    def answer(exchange: Exchange) -> None:
        token = exchange.query.get("resumptionToken", "")
        exchange.reply(parts[token], status=403 if token in broken else 200)

    with Server(answer) as server:
        publication = (
            f"title: X\nsources:\n  - {{name: oai, oai: '{server.url}/oai'}}\n  - {{name: file, address: one.ris}}\n"
        )
        (folder / "digest.yaml").write_text(publication, encoding="utf-8")
        code, out, err = run("collect")
        assert (code, out) == (5, "oai: nothing\nfile: 1 new\n")
        assert f"add “{server.name}” to “allow” in digest.yaml" in err
        (folder / "digest.yaml").unlink()
        assert f"run this in a publication, with “{server.name}” under “allow”" in run("convert", server.url)[2]
        assert not server.requests
        (folder / "digest.yaml").write_text(f"{publication}allow: ['{server.name}']\n", encoding="utf-8")
        code, out, err = run("collect")
        assert (code, out) == (5, "oai: 2 new\nfile: 1 unchanged\n")
        assert "answers 403" in err
        broken.clear()
        code, out, err = run("collect", "oai")
        assert (code, out) == (0, "oai: 2 new\n")
        assert "resumes where it stopped last time" in err
        assert [exchange.query.get("resumptionToken", "") for exchange in server.requests] == ["", "a", "a", "b"]
        assert run("collect", "oai")[:2] == (0, "oai: 4 unchanged\n")


def test_keys_stay_secret(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key in the environment or in an address is in no output, no file of the cache and not in the library."""
    monkeypatch.setenv("DIGEST_KEY_NCBI", "n0b0dys-key")
    feed = """<rss version="2.0"><channel><title>x</title><item><guid>1</guid>
        <title>An invented study of the pancreas and its ducts</title></item></channel></rss>"""

    def answer(exchange: Exchange) -> None:
        if exchange.path == "/gone":
            exchange.reply(f"no {exchange.target} for n0b0dys-key", status=404)
        else:
            exchange.reply(feed, ETag='"1"')

    with Server(answer) as server:
        text = f"title: X\nallow: ['{server.name}']\nsources:\n"
        for name in ("feed", "gone"):
            text += f"  - {{name: {name}, address: '{server.url}/{name}?token=s3cr3ts3cr3t'}}\n"
        text += f"  - {{name: oai, oai: '{server.url}/gone?api_key=s3cr3ts3cr3t'}}\n"
        (folder / "digest.yaml").write_text(text, encoding="utf-8")
        answers = [run("collect", "--dry-run"), run("collect", "-v"), run("collect", "feed", "--json")]
        assert [code for code, _, _ in answers] == [0, 5, 0]
        answers += [run("collect", f"{server.url}/feed?token=s3cr3ts3cr3t"), run("show", "sha256:", "--json")]
        answers += [
            run("convert", f"{server.url}/feed?token=s3cr3ts3cr3t"),
            run("cite", f"{server.url}/gone?key=s3cr3ts3cr3t"),
        ]
        assert any("s3cr3t" in exchange.target for exchange in server.requests)
    assert "token=***" in answers[1][2]
    for _, out, err in answers:
        assert not re.search("s3cr3t|n0b0dys", out + err)
    kept = [path for path in folder.rglob("*") if path.is_file() and path.name != "digest.yaml"]
    assert any(path.suffix == ".page" for path in kept)
    for path in kept:
        assert not re.search(b"s3cr3t|n0b0dys", path.read_bytes()), path


def test_two_collect_at_once(folder: Path) -> None:
    """Two processes that write to one library wait for each other; both end well, and every record is there once."""
    both = []
    for n in range(2):
        records = "".join(
            ONE.replace("10.1000/one", f"10.1000/{k}").replace("enzymes", f"enzyme {k}") for k in range(n * 100, 300)
        )
        (folder / f"{n}.ris").write_text(records, encoding="utf-8")
        both.append(
            subprocess.Popen(
                [sys.executable, "-m", "digest", "collect", f"{n}.ris", "--json"],
                cwd=folder,
                env={"PYTHONPATH": str(ROOT), "PATH": ""},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
    ended = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    reports = [json.loads(out)["sources"][0] for out, _ in ended]
    assert sum(report["new"] for report in reports) == 300
    assert sum(report["merged"] for report in reports) == 200


def test_what_a_source_does_not_hold_any_more(folder: Path, run: Run) -> None:
    """A row that is gone from a file is reported, kept, marked, left out of new issues, and as before when it comes again."""
    table = "No,Title,Authors\n1,An invented trial of enzymes,Smith J\n2,An invented cohort of walkers,Doe A\n"
    (folder / "programme.csv").write_text(table, encoding="utf-8")
    assert run("collect", "programme.csv")[1] == "programme.csv: 2 new\n"
    (folder / "programme.csv").write_text(table.partition("2,")[0], encoding="utf-8")
    code, out, err = run("collect", "programme.csv")
    assert (code, out) == (0, "programme.csv: 1 unchanged, 1 gone\n")
    assert "No source contains these any more: " in err
    assert run("search", "cohort")[1].endswith("[gone from its source]\n")
    assert "no longer there" in run("show", "2")[2]
    code, _, err = run("new", "--date", "2014-07-28")
    assert (
        code,
        "one left out: no source contains them" in err or "1 left out: no source contains them any more" in err,
    ) == (0, True)
    assert run("collect", "programme.csv")[1] == "programme.csv: 1 unchanged\n"
    (folder / "programme.csv").write_text(table, encoding="utf-8")
    assert run("collect", "programme.csv")[1] == "programme.csv: 2 unchanged\n"
    assert "gone" not in run("search", "cohort")[1]


def test_a_file_that_is_broken_takes_nothing_away(folder: Path, run: Run) -> None:
    """What could not be read may be just what is missing: nothing is marked as gone then."""
    (folder / "two.ris").write_text(ONE + ONE.replace("one", "two").replace("enzymes", "walking"), encoding="utf-8")
    assert run("collect", "two.ris")[1] == "two.ris: 2 new\n"
    (folder / "two.ris").write_text(BROKEN, encoding="utf-8")
    assert "gone" not in run("collect", "two.ris")[1]
    (folder / "in").mkdir()
    (folder / "in" / "one.ris").write_text(ONE, encoding="utf-8")
    assert run("collect", "in")[1] == "in: 1 merged\n"
    (folder / "in" / "one.ris").unlink()
    (folder / "in" / "one.ris").symlink_to("nowhere")
    assert run("collect", "in")[1] == "in: nothing\n"


def test_a_source_that_fails_does_not_take_its_name(folder: Path, run: Run) -> None:
    """A file that nothing could be read from leaves its name free; one from which something came keeps it."""
    for n, text in enumerate((TABLE, TABLE, ONE, ONE.replace("one", "two").replace("enzymes", "walks"))):
        (folder / str(n)).mkdir()
        (folder / str(n) / "toc.csv").write_text(text, encoding="utf-8")
    assert [run("collect", f"{n}/toc.csv")[0] for n in (0, 1)] == [1, 1]
    assert run("collect", "2/toc.csv", "--from", "ris")[1] == "toc.csv: 1 new\n"
    assert run("collect", "3/toc.csv", "--from", "ris")[1] == "toc.csv-2: 1 new\n"
    (folder / "2/toc.csv").write_text(TABLE, encoding="utf-8")
    assert run("collect", "2/toc.csv")[0] == 1
    assert run("collect", "1/toc.csv", "0/toc.csv")[0] == 1
    assert run("search", "enzymes", "--source", "toc.csv")[1].count("\n") == 1


def test_frozen_records_of_which_sources_say_something_else(folder: Path, run: Run) -> None:
    """What a source changes, identifies differently or drops is reported for each frozen record, whatever its id was."""
    table = "Title,Authors,Year,DOI\nAn invented trial of enzymes and walks,Smith J,2014,\nAn invented cohort of walkers,Doe A,2014,\n"
    (folder / "list.csv").write_text(table, encoding="utf-8")
    run("collect", "list.csv")
    assert run("new", "--date", "2014-07-28")[0] == 0
    assert "frozen" not in run("collect", "list.csv")[2]
    (folder / "more.csv").write_text(table.replace("2014,\nAn", "2014,10.1000/x\nAn", 1), encoding="utf-8")
    _, out, err = run("collect", "more.csv")
    assert out == "more.csv: 2 merged\n"
    assert err.count("[frozen-changed]") == 1
    assert "has changed in the library" in err
    (folder / "list.csv").write_text(table.partition("An invented cohort")[0], encoding="utf-8")
    (folder / "more.csv").unlink()
    assert "frozen" not in run("collect", "list.csv")[2]  # another source still holds it
    (folder / "more.csv").write_text(table.partition("An invented cohort")[0], encoding="utf-8")
    _, _, err = run("collect", "more.csv")
    assert err.count("[frozen-gone]") == 1
    assert "frozen" not in run("collect", "more.csv")[2]
    assert run("check", "2014-07-28")[1].count("note: no source contains") == 1  # said again, whenever it is checked


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["enzymes"], True),
        (["enzymes", "-walking"], True),
        (["enzymes", "-trial"], False),
        (["-trial"], False),
        (["enzymes", "-qv"], True),
        (["-quite", "enzymes"], True),
        (["enzymes", "-trial of"], False),
        (["trial enzymes", "invented"], False),
        (["title:trial of", "enzymes"], True),
        (["author:trial of"], False),
        (["enzymes", "-title:trial of"], False),
        (["--", "-trial"], False),
        ([""], True),
        (["?!"], True),
        ([], True),
        (["--track", "?"], True),
    ],
)
def test_queries_as_a_shell_gives_them(asked: list[str], found: bool, run: Run) -> None:
    """What must not be there needs no quotes, and an argument with a blank is a phrase, also after a field's name."""
    run("collect", "one.ris")
    code, out, err = run("search", *asked)
    assert (code, bool(out)) == (0, found), err
    words = "" if asked == ["--track", "?"] else "".join(asked)
    assert ("No word was given" in err) == (not any(map(str.isalnum, words)))


def test_two_files_of_one_name(folder: Path, run: Run) -> None:
    """Files of one name in two folders are two sources: reading the second takes nothing from the first."""
    for name in ("2013", "2014"):
        (folder / name).mkdir()
        (folder / name / "list.ris").write_text(ONE.replace("one", name).replace("enzymes", name), encoding="utf-8")
    assert run("collect", "2013/list.ris")[1] == "list.ris: 1 new\n"
    assert run("collect", "2014/list.ris")[1] == "list.ris-2: 1 new\n"
    assert run("collect", str(folder / "2013" / "list.ris"), "2014/list.ris")[1] == (
        "list.ris: 1 unchanged\nlist.ris-2: 1 unchanged\n"
    )
    (folder / "digest.yaml").write_text(
        (folder / "digest.yaml").read_text() + "sources:\n  - {name: list.ris, address: 2014/list.ris}\n"
    )
    assert run("collect", "list.ris")[1] == "list.ris: 1 merged, 1 gone\n"
    assert run("collect", "2013/list.ris")[1] == "list.ris-3: 1 merged\n"


def test_two_files_of_a_folder_with_one_doi(folder: Path, run: Run) -> None:
    """Each file of a folder has names of its own: the same DOI in two of them is merged, not written over."""
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / "a.ris").write_text(ONE.replace("PY ", "AB  - A text\nPY "), encoding="utf-8")
    (inbox / "b.ris").write_text(ONE, encoding="utf-8")
    assert run("collect", "inbox")[1] == "inbox: 1 new, 1 merged\n"
    assert run("collect", "inbox")[1] == "inbox: 2 unchanged\n"
    assert "A text" in run("show", "10.1000/one")[1]
    (inbox / "b.ris").unlink()
    assert run("collect", "inbox")[1] == "inbox: 1 unchanged, 1 gone\n"
    assert "gone" not in run("search", "enzymes")[1]


def test_a_folder_with_other_files(folder: Path, run: Run) -> None:
    """Pictures and papers next to exports are listed in one line; the publication's own files are not a source."""
    (folder / "issues" / "2014-07-28" / "records").mkdir(parents=True)
    (folder / "issues" / "2014-07-28" / "records" / "a.yaml").write_text("title: A frozen one\n", encoding="utf-8")
    for name, content in {"a.png": b"\x89PNG\r\n\x1a\n", "b.pdf": b"%PDF-1.7", "c.docx": b"PK\x03\x04\0"}.items():
        (folder / name).write_bytes(content)
    for name in ("broken.ris", "table.csv", "empty.txt"):
        (folder / name).unlink()
    code, out, err = run("collect", ".", "-v")
    assert (code, out) == (0, f"{folder.name}: 1 new\n")
    assert "hold no records and were not read: 1 PDF (b.pdf); 1 PNG (a.png); 1 Word (c.docx)" in err
    assert "files of the publication itself were not read" in err
    for own in ("digest.yaml", "issues/2014-07-28/records/a.yaml"):
        code, out, err = run("collect", own)
        assert (code, "belongs to the publication itself and is not a source" in err) == (5, True)
    assert "nothing but files of the publication itself" in run("collect", "issues")[2]
    assert run("search", "frozen")[1] == ""
    assert "A frozen one" in run("convert", "issues/2014-07-28/records")[1]


def test_many_problems_of_a_kind(folder: Path, run: Run) -> None:
    """A file in a foreign format is reported with ten problems of a kind and a count; with -v each is listed."""
    (folder / "foreign.json").write_text("[" + ",".join(['{"title": "A", "foreign": 1}'] * 50) + "]", encoding="utf-8")
    _, _, err = run("convert", "foreign.json")
    assert 10 < len(err.splitlines()) < 40
    assert re.search(r"^foreign\.json: \d+ more \w+s of this kind \[[a-z-]+\]; -v lists each$", err, re.MULTILINE)
    assert len(run("convert", "foreign.json", "-v")[2].splitlines()) >= 50


@pytest.mark.parametrize("asked", ["library merges", "library check", "search enzymes"])
def test_json_of_the_library(asked: str, run: Run) -> None:
    """Commands that read the library print JSON with its schema."""
    run("collect", "one.ris")
    code, out, _ = run(*asked.split(), "--json")
    assert (code, whole(out)["schema"]) == (0, 1)


def test_an_empty_name_is_not_a_source(run: Run) -> None:
    """An empty name, as a variable of a script may be, is not taken for the folder one is in."""
    code, _, err = run("collect", "")
    assert (code, "the name of a source is empty" in err) == (2, True)


@pytest.mark.parametrize("to", ["ris", "bibtex", "csl", "nbib"])
def test_plain(to: str, folder: Path, run: Run) -> None:
    """With --plain a file has nothing but what its format has a field for."""
    record = "title: Geese\ntype: meeting-abstract\nnumber: e1\ntrack: Birds\npresentation: poster\npermission: full\nissued: 2014\n"
    (folder / "record.yaml").write_text(record, encoding="utf-8")
    assert "digest-remainder" in run("convert", "record.yaml", "--to", to)[1]
    code, out, _ = run("convert", "record.yaml", "--to", to, "--plain")
    assert (code, "digest-remainder" in out, "Geese" in out) == (0, False, True)


def test_deletions_in_a_file_are_reported(folder: Path, run: Run) -> None:
    """Records that a source has withdrawn are counted, although there is no library that they could be removed from."""
    header = '<header status="deleted"><identifier>oai:j:2</identifier></header>'
    answer = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record>{header}</record></ListRecords></OAI-PMH>'
    (folder / "list.xml").write_text(answer, encoding="utf-8")
    code, _, err = run("convert", "list.xml")
    assert code == 0
    assert "withdrawn by the source, 1 in all: oai:j:2" in err


PROGRAMME = """\
number,title,authors,track,type
P56,Sunitinib after surgery of an invented stomach,Roe J,Stomach,
P57,Octreotide in an invented carcinoid of the bronchus,Poe E,Lung,
P58,Everolimus in invented tumours of the small bowel,Doe J,Stomach,
"""


def test_numbers_are_taken_whole(folder: Path, run: Run) -> None:
    """“P5” is not P56 for any command that is given the name of a record, and nothing is written."""
    (folder / "programme.csv").write_text(PROGRAMME, encoding="utf-8")
    run("collect", "programme.csv", "one.ris")
    assert run("new", "--date", "2014-09-01", "--match", "bronchus", "-q") == (0, "issues/2014-09-01\n", "")
    for command in ("show P5", "show P5 --raw", "add 2014-09-01 P5", "library split P5", "library remove P5"):
        code, out, err = run(*command.split())
        assert (code, out) == (1, ""), command
        assert re.search(r"there is no record “P5”; near it: \S+ \(P56 “Sunitinib after", err), command
    code, _, err = run("add", "2014-09-01", "doi:10.1000/on")
    assert (code, err.partition("\n")[0]) == (
        0,
        "“doi:10.1000/on” is the beginning of doi:10.1000/one (“An invented trial of enzymes after resection of t…”)",
    )
    assert run("add", "2014-09-01", "p-56", "-q")[:2] == (
        0,
        "issues/2014-09-01/records/P56.yaml\nissues/2014-09-01/issue.yaml\n",
    )


def test_a_collect_is_undone(folder: Path, run: Run) -> None:
    """What was removed stays out of the library, is listed and counted, and is put back when somebody asks for it."""
    (folder / "programme.csv").write_text(PROGRAMME, encoding="utf-8")
    run("collect", "programme.csv", "one.ris")
    run("new", "--date", "2014-09-01", "--match", "bronchus")
    code, out, err = run("library", "remove", "--source", "programme.csv")
    assert (code, out.count("\n")) == (0, 3)
    assert err == (
        "3 records removed; “digest library restore” puts back what you name.\n"
        "Frozen records stay as they are in: 2014-09-01\n"
    )
    assert (folder / "issues/2014-09-01/records/P57.yaml").is_file()
    assert run("library", "list")[1].startswith("doi:10.1000/one\t")
    code, out, err = run("collect", "programme.csv")
    assert (code, out) == (0, "programme.csv: nothing\n")
    assert re.search(r"programme\.csv was removed from the library on \S+, and was not read; --again reads it", err)
    assert len(whole(run("library", "list", "--removed", "--json")[1])["removed"]) == 3
    code, out, err = run("collect", "programme.csv", "--again")
    assert (code, out) == (0, "programme.csv: 3 unchanged\n")
    assert "programme.csv: 3 of the records that were removed are back" in err
    assert run("library", "list", "--removed") == (0, "", "Nothing was removed.\n")

    code, out, _ = run("library", "remove", "P56", "P57")
    first, second = out.split()
    assert run("collect", "programme.csv")[1] == "programme.csv: 1 unchanged, 2 removed\n"
    assert run("library", "restore", first)[:2] == (0, f"{first}\n")
    assert run("library", "list", "--removed")[1].startswith(f"{second}\tprogramme.csv\t")
    assert run("library", "restore", "P57")[:2] == (0, f"{second}\n")  # by its number, as it was removed
    assert run("library", "restore", "P57")[0] == 1
    assert run("library", "remove")[0] == run("library", "remove", "P56", "--source", "programme.csv")[0] == 2
    assert "did you mean “one.ris”" in run("library", "remove", "--source", "on.ris")[2]


def test_what_goes_into_a_new_issue(folder: Path, run: Run) -> None:
    """Track, source and type decide, and a type or source that does not exist is an error."""
    (folder / "programme.csv").write_text(PROGRAMME, encoding="utf-8")
    run("collect", "programme.csv", "one.ris")
    asked = [
        (["--track", "stomach"], {"P56.yaml", "P58.yaml"}),
        (["--source", "one.ris"], {"one.yaml"}),
        (["--type", "article"], {"one.yaml"}),
        (["--type", "article", "--type", "meeting-abstract", "--match", "tumor OR enzyme"], {"P58.yaml", "one.yaml"}),
    ]
    for day, (options, files) in enumerate(asked, 1):
        assert run("new", "--date", f"2014-09-0{day}", "--again", *options)[0] == 0
        assert {path.name for path in folder.glob(f"issues/2014-09-0{day}/records/*")} == files
    for options, code, message in (
        (["--type", "articel"], 2, "no type is called “articel”; did you mean “article”?"),
        (["--source", "two.ris"], 1, "did you mean “one.ris”"),
        (["--track", "nothing"], 1, "no record of the library fits"),
    ):
        assert run("new", "--date", "2014-10-01", *options)[0] == code
        assert message in run("new", "--date", "2014-10-01", *options)[2]


def test_the_lock_file_of_an_open_workbook(folder: Path, run: Run) -> None:
    """Excel leaves “~$x.xlsx” next to x.xlsx while it is open: it is not a source, and is not tried."""
    (folder / "exports").mkdir()
    (folder / "exports" / "one.ris").write_text(ONE, encoding="utf-8")
    (folder / "exports" / "~$programme.xlsx").write_bytes(b"\x04Jane" + bytes(160))
    assert run("collect", "exports") == (0, "exports: 1 new\n", "")
    code, out, err = run("convert", "exports/~$programme.xlsx")
    assert (code, out) == (1, "")
    assert "this is the lock file that Office keeps while a file is open; expected the file itself" in err


SAVED_AS_XLS = """\
<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><style>td { mso-number-format: "\\@" }</style></head><body>
<table><caption>Day 1</caption>
<tr><th>Abstract No</th><th>Title</th><th>Authors</th><th>Track</th></tr>
<tr><td>P1</td><td>Invented ducks &amp;<br>geese</td><td>Jane Roe; John Doe</td><td rowspan=2>Ponds</td></tr>
<tr><td>P2</td><td>Invented <i>swans</i></td><td>Max Moe</td></tr>
</table><table><tr><td>printed by a program</td></tr></table></body></html>
"""


def test_a_table_of_html_that_is_called_xls(folder: Path, run: Run) -> None:
    """Programs write HTML, call it .xls, and Excel opens it: it is read as the table that it is."""
    (folder / "programme.xls").write_text(SAVED_AS_XLS, encoding="utf-8")
    code, out, err = run("convert", "programme.xls")
    found = [(one["number"], one["title"], len(one["authors"]), one["track"]) for one in whole(out)]
    assert (code, "[no-meeting]" in err, err.count("\n")) == (0, True, 1)
    assert found == [("P1", "Invented ducks &amp; geese", 2, "Ponds"), ("P2", "Invented swans", 1, "Ponds")]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.docx", zipped("[Content_Types].xml", "word/document.xml"), "a Word document (.docx), not an XLSX workbook"),
        (
            "a.ods",
            zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
            "an OpenDocument file; save it as",
        ),
        ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "an old Office file (.doc, .xls); save it as .xlsx or .csv"),
        (
            "b.xls",
            b'<?xml version="1.0"?><Workbook><Worksheet/></Workbook>',
            "a workbook of Excel 2003 in XML; save it",
        ),
        ("a.pdf", b"%PDF-1.7\n", "a PDF"),
        ("a.zip", zipped("x.ris"), "a ZIP archive; unpack it first"),
    ],
)
def test_files_that_hold_no_records(name: str, content: bytes, what: str, folder: Path, run: Run) -> None:
    """A file that cannot be read is called what it is; the run fails, though another file was read."""
    (folder / name).write_bytes(content)
    code, out, err = run("collect", name, "one.ris")
    assert (code, out.splitlines()[-1]) == (1, "one.ris: 1 new")
    assert f"this is {what}" in err


@pytest.mark.parametrize("command", ["convert", "cite"])
def test_standard_input_without_end_is_refused(command: str) -> None:
    """No more of it is read than of a file: `yes | digest convert -` once took all memory of the machine."""
    endless = "import sys\nwhile True: sys.stdout.write('y\\n' * 500_000)"
    with subprocess.Popen([sys.executable, "-c", endless], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as source:
        done = subprocess.run(
            [sys.executable, "-m", "digest", command, "-"],
            stdin=source.stdout,
            capture_output=True,
            text=True,
            check=False,
        )
        source.kill()
    said = "digest: standard input: more than 256 MiB; split it into parts\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)
