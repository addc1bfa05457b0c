"""The command line as a user meets it: what it prints and where, exit codes, nothing half written, no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.cli import main
from digest.project import read_issue
from tests.conftest import ISSUE
from tests.test_project import change

if TYPE_CHECKING:
    from collections.abc import Callable

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def run(journal: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Callable[..., tuple[int, str, str]]:
    """Runs ``digest`` inside a copy of the sample publication."""
    monkeypatch.chdir(journal)
    monkeypatch.setenv("NO_COLOR", "1")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


def test_init_then_build(tmp_path: Path) -> None:
    """The two commands of the manual, in a process of their own: a sample publication, and its issue."""
    environment = {**os.environ, "NO_COLOR": "1"}
    made = subprocess.run(
        [sys.executable, "-m", "digest", "init", "my-journal"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout == "my-journal\n"
    assert "cd my-journal && digest build" in made.stderr
    built = subprocess.run(
        [sys.executable, "-m", "digest", "build"],
        cwd=tmp_path / "my-journal",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert built.stdout.split() == [f"{ISSUE}/_build/issue.html", f"{ISSUE}/_build/issue.pdf"]
    assert built.stderr == ""
    assert (tmp_path / "my-journal" / ISSUE / "_build" / "issue.pdf").read_bytes().startswith(b"%PDF-1.7")


def test_init_overwrites_nothing(run: Callable[..., tuple[int, str, str]]) -> None:
    """A folder with something in it is left as it is."""
    before = Path("digest.yaml").read_bytes()
    code, out, err = run("init", ".")
    assert (code, out) == (1, "")
    assert "this folder is not empty" in err
    assert Path("digest.yaml").read_bytes() == before


def test_html_alone(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """One format, another folder."""
    code, out, err = run("build", "2014-07-28", "--to", "html", "--out", str(tmp_path / "out"))
    assert (code, out, err) == (0, f"{tmp_path}/out/issue.html\n", "")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["issue.html"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["build", "--to", "docx"], 2, "expected html or pdf"),
        (["build", "--to", ","], 2, "expected html or pdf"),
        (["build", "2013-01-01"], 1, "there is no issue “2013-01-01”"),
        (["biuld"], 2, "biuld"),
        (["build", "--nothing"], 2, "No such option"),
        (["schema", "isue"], 2, "did you mean “issue”?"),
    ],
)
def test_asked_wrongly(run: Callable[..., tuple[int, str, str]], arguments: list[str], code: int, message: str) -> None:
    """A wrong call is told in a sentence."""
    got, out, err = run(*arguments)
    assert (got, out) == (code, "")
    assert message in err


MISTAKES = [
    # file, what stands there, what is put in its place, the line that is printed
    (f"{ISSUE}/articles/radioembolization.md", "[@kuo2014]", "[@kuo2041]",
     "{file}:{line}: error: nothing is known as @kuo2041; did you mean “kuo2014”? [unknown-citation]"),
    (f"{ISSUE}/issue.yaml", "first_page:", "frist_page:",
     "{file}:{line}: error: the key “frist_page” is not known here; did you mean “first_page”? [unknown-key]"),
    (f"{ISSUE}/issue.yaml", "cover.svg", "kover.svg",
     f"{{file}}:{{line}}: error: there is no picture {ISSUE}/figures/kover.svg; did you mean “cover.svg”? [missing-picture]"),
    (f"{ISSUE}/articles/cachexia.md", "![](body-weight)", "![](bodyweight)",
     "{file}:{line}: error: there is no figure “bodyweight”; the front matter declares body-weight [unknown-figure]"),
    (f"{ISSUE}/articles/cachexia.md", "affiliations: [1, 2]", "affiliations: [1, 3]",
     "{file}:{line}: error: author Lucian Tarnbrook has affiliation 3, but there are 2 [inconsistent]"),
    (f"{ISSUE}/issue.yaml", "The registry counts", "The <u>registry</u> counts",
     "{file}:{line}: error: the HTML <u> is not used in texts; allowed are <i> <b> <sub> <sup> <sc> [html]"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES, ids=[row[2] for row in MISTAKES])
def test_mistakes_keep_the_issue_from_being_written(
    run: Callable[..., tuple[int, str, str]], file: str, old: str, new: str, message: str
) -> None:
    """A mistake is told with its place, and what was built before stays as it is."""
    assert run("build", "--to", "html")[0] == 0
    target = Path(ISSUE, "_build", "issue.html")
    before = target.read_bytes()
    line = change(Path(file), old, new)
    code, out, err = run("build", "--to", "html")
    assert (code, out) == (1, "")
    told = err.splitlines()
    # A text on several lines of YAML is told at the line of its key.
    assert message.format(file=file, line=line) in told or message.format(file=file, line=line - 1) in told
    assert told[-1].endswith("nothing was written")
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["issue.html"]


TEMPLATES = [
    ("{% if %}", 2, "template-syntax", "Expected an expression"),
    ("{{ issue.colofon }}", 2, "template-undefined", "did you mean “colophon”?"),
    ("{{ isue }}", 2, "template-undefined", "'isue' is undefined"),
    ("{% include 'partials/nothing.html' %}", 2, "template-missing", "there is no template “partials/nothing.html”"),
    ("{{ 1 / 0 }}", 2, "template-error", "ZeroDivisionError"),
    ("{{ asset('logo.svg') }}", None, "missing-asset", "there is no file “logo.svg”"),
    ("{{ issue.__class__.__mro__ }}", 2, "template-error", "unsafe"),
    ("{% include 'partials/colophon.html' %}", 2, "template-error", "recursion"),
]


@pytest.mark.parametrize(
    ("template", "line", "code", "message"), TEMPLATES, ids=[row[2] + str(n) for n, row in enumerate(TEMPLATES)]
)
def test_broken_template(
    run: Callable[..., tuple[int, str, str]], template: str, line: int | None, code: str, message: str
) -> None:
    """A broken template is told with its file and line."""
    path = Path("overrides", "partials", "colophon.html")
    path.parent.mkdir()
    path.write_text(f"<p>\n{template}\n", encoding="utf-8")
    got, out, err = run("build", "--to", "html")
    assert (got, out) == (1, "")
    (told,) = [text for text in err.splitlines() if "error:" in text]
    assert told.endswith(f"[{code}]")
    assert message in told
    if line:
        assert told.startswith(f"{path}:{line}: error: ")


def test_an_override_extends_its_original(run: Callable[..., tuple[int, str, str]]) -> None:
    """A template of the editor's can build on the theme's template of the same name."""
    Path("overrides", "issue.html").write_text(
        '{% extends "highlights:issue.html" %}{% block title %}My own{% endblock %}', encoding="utf-8"
    )
    assert run("build", "--to", "html")[0] == 0
    html = Path(ISSUE, "_build", "issue.html").read_text(encoding="utf-8")
    assert "<title>My own</title>" in html
    assert "Author index" in html


@pytest.mark.parametrize(
    ("css", "message"),
    [
        ("a { background: url(https://example.org/x.png) }", "leads out of the theme and the overrides"),
        ("@import 'other.css';", "@import is not used here"),
        ("a { background: u\\72l('file:///etc/passwd') }", "leads out of the theme and the overrides"),
        ("a { background: url(../../digest.yaml) }", "leads out of the theme and the overrides"),
        ("@media screen { a { background: url(nothing.png) } }", "there is no file “nothing.png”"),
    ],
)
def test_stylesheets_reach_no_other_place(run: Callable[..., tuple[int, str, str]], css: str, message: str) -> None:
    """A stylesheet can use the files beside it and nothing else."""
    Path("overrides", "css", "custom.css").write_text(f"\n{css}\n", encoding="utf-8")
    code, _, err = run("build", "--to", "html")
    assert code == 1
    assert err.splitlines()[0].startswith("overrides/css/custom.css:2: error: ")
    assert message in err


def test_strict(run: Callable[..., tuple[int, str, str]]) -> None:
    """A warning alone does not fail, unless it is asked to."""
    change(Path(ISSUE, "issue.yaml"), "Fewer than half of those", "More than half of those")
    code, out, err = run("build", "--to", "html")
    assert code == 0
    assert "[quote-differs]" in err
    code, out, err = run("build", "--to", "html", "--strict")
    assert (code, bool(out)) == (3, True)
    assert run("build", "--to", "html", "-q")[2] == ""


def test_embargo(run: Callable[..., tuple[int, str, str]]) -> None:
    """What is under embargo on the day of the issue is left out, with whatever reviews it, and the exit code says so."""
    path = Path(ISSUE, "records", "101.yaml")
    path.write_text(path.read_text(encoding="utf-8") + "\nembargo_until: 2014-07-29\n", encoding="utf-8")
    code, out, err = run("build", "--to", "html")
    assert (code, bool(out)) == (6, True)
    assert err.count("left out: “101” is under embargo until 2014-07-29") == 2
    html = Path(ISSUE, "_build", "issue.html").read_text(encoding="utf-8")
    assert "Samplinib plus gemcitabine" not in html
    change(path, "embargo_until: 2014-07-29", "embargo_until: 2014-07-28")
    assert run("build", "--to", "html")[0] == 0


def test_permission_none(run: Callable[..., tuple[int, str, str]]) -> None:
    """Of a record with permission “none” no word of the abstract is printed."""
    record = read_issue(Path(ISSUE)).records["e411"]
    assert record.permission == "none"
    assert run("build", "--to", "html")[0] == 0
    html = Path(ISSUE, "_build", "issue.html").read_text(encoding="utf-8")
    assert record.title.html in html
    assert record.abstract
    assert all(part.text.html not in html for part in record.abstract)


def test_check(run: Callable[..., tuple[int, str, str]]) -> None:
    """``check`` prints every problem as its result, notes too, and counts them."""
    code, out, err = run("check")
    assert code == 0
    assert "NBK6993" in out
    assert err == "1 note\n"
    change(Path(ISSUE, "issue.yaml"), "article: cachexia", "article: cachexie")
    code, out, err = run("check")
    assert code == 1
    assert "[missing-article]" in out


def test_check_as_json(run: Callable[..., tuple[int, str, str]]) -> None:
    """``--json`` is for other programs."""
    line = change(Path(ISSUE, "issue.yaml"), "article: cachexia", "article: cachexie")
    code, out, _ = run("check", "--json")
    told = json.loads(out)
    assert (code, told["schema"]) == (1, 1)
    (problem,) = [problem for problem in told["problems"] if problem["level"] == "error"]
    assert (problem["code"], problem["line"], problem["key"]) == (
        "missing-article",
        line,
        "sections[1].entries[0].article",
    )


def test_a_missing_glyph_is_told(run: Callable[..., tuple[int, str, str]]) -> None:
    """A character that no font has is told with the line on which it stands."""
    line = change(Path(ISSUE, "issue.yaml"), "Nobody knows yet", "Nobody 病 knows yet")
    code, _, err = run("build", "--to", "pdf")
    assert code == 0
    assert f"{ISSUE}/issue.yaml:{line}: warning: no font has “病” (U+75C5, CJK UNIFIED IDEOGRAPH-75C5)" in err
    assert err.count("[missing-glyph]") == 1


def test_other_pages_are_told(run: Callable[..., tuple[int, str, str]]) -> None:
    """Where the issue counts its pages as the volume does, an article's pages are compared with those it is on."""
    change(Path(ISSUE, "issue.yaml"), "first_page: 1", "first_page: 332")
    line = next(
        n for n, text in enumerate(Path(ISSUE, "articles", "radioembolization.md").read_text(encoding="utf-8").splitlines(), 1)
        if text.startswith("pages:")
    )  # fmt: skip
    _, _, err = run("build", "--to", "pdf")
    assert f"{ISSUE}/articles/radioembolization.md:{line}: warning: " in err
    assert "is cited with pages 332-334, but stands on 332-333" in err


def test_a_folder_that_cannot_be_written(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """A disk that refuses is told in a sentence."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    code, out, err = run("build", "--to", "html", "--out", str(tmp_path / "file" / "out"))
    assert (code, out) == (1, "")
    assert "nothing was written" in err


def test_doctor(run: Callable[..., tuple[int, str, str]]) -> None:
    """On a machine that has everything, ``doctor`` finds everything."""
    code, out, _ = run("doctor", "--json")
    assert code == 0
    assert {finding["name"] for finding in json.loads(out)["findings"]} == {"Python", "PDF", "templates", "seeds"}


def test_doctor_without_pango(journal: Path) -> None:
    """Without Pango the command that brings it is told, and the exit code says that something is missing."""
    program = (
        "import cffi.api, sys\nreal = cffi.api.FFI.dlopen\n"
        'def dlopen(self, name, *rest):\n    raise OSError(f"cannot load library {name!r}")\n'
        "cffi.api.FFI.dlopen = dlopen\nfrom digest.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    for arguments in (["doctor"], ["build"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], cwd=journal, capture_output=True, text=True, check=False
        )
        assert done.returncode == 4, done.stderr
        assert "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert not (journal / ISSUE / "_build").exists()


def test_schema(run: Callable[..., tuple[int, str, str]]) -> None:
    """``schema`` lists the kinds of files and prints the schema of one."""
    assert run("schema")[1].split() == ["publication", "issue", "article", "record", "references"]
    assert json.loads(run("schema", "issue")[1])["$ref"] == "#/$defs/IssueFile"


def test_debug_shows_where(run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours is told in a sentence, and with ``--debug`` with its traceback."""

    def broken(*_: object) -> None:
        raise KeyError("inside")

    monkeypatch.setattr("ruamel.yaml.YAML.compose", broken)
    code, _, err = run("build")
    assert code == 1
    assert "this is a bug: KeyError: 'inside'" in err
    with pytest.raises(KeyError, match="inside"):
        run("build", "--debug")
