"""Each command as one function: the work of an issue from sources to pages, without the command line."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

import digest
from digest import DigestError
from digest.cli import cli
from digest.cli.program import help_command
from tests.conftest import ROOT
from tests.test_house import HEAVY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

RIS = """\
TY  - JOUR
TI  - An invented trial of {what} after resection of the pancreatic head
AU  - Saif, Muhammad Wasif
PY  - 2014
DO  - 10.1000/{what}
ER  -
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A publication, which is not the current folder, with a file of two records."""
    (tmp_path / "digest.yaml").write_text(
        "title: Invented Journal\nsources:\n  - {name: export, address: export.ris}\n", encoding="utf-8"
    )
    text = "".join(RIS.format(what=what) for what in ("enzymes", "insulin"))
    (tmp_path / "export.ris").write_text(text, encoding="utf-8")
    return tmp_path


def test_from_sources_to_an_issue(folder: Path) -> None:
    """Records are collected, found, chosen, added, checked and printed, each by a call with a typed result."""
    (plan,) = digest.plan_sources(folder=folder)
    assert (plan.source, plan.requests) == ("export", ("export.ris",))
    heard: list[str] = []
    done = digest.collect_sources(folder=folder, on_intake=lambda intake: heard.append(intake.source))
    assert (heard, [intake.new for intake in done.intakes], done.failures, done.frozen) == (["export"], [2], (), ())
    found = digest.search_library("enzymes auther:saif", folder=folder)
    assert (found.hits, found.more, len(found.unknown_fields)) == ((), False, 1)
    found = digest.search_library("trial", folder=folder, limit=1)
    assert (len(found.hits), found.more) == (1, True)
    assert digest.get_record("10.1000/enzymes", folder=folder).record.ids.doi == "10.1000/enzymes"
    assert digest.get_record_bytes("10.1000/enzymes", folder=folder)[0].startswith(b"TY  - JOUR")
    assert (digest.list_merges(folder=folder), digest.check_library(folder=folder).count) == ([], 2)
    with pytest.raises(DigestError, match="not merged"):
        digest.split_record("10.1000/enzymes", folder=folder)
    made = digest.new_issue(digest.PartialDate(2014, 7, 28), folder=folder, match="enzymes")
    assert (made.folder, made.records, made.has_library) == (folder.resolve() / "issues" / "2014-07-28", 1, True)
    added = digest.add_records("2014-07-28", ["10.1000/insulin"], folder=folder)
    assert (added.records, added.problems) == (1, ())
    assert not [problem for problem in digest.check_issue(folder=folder) if problem.level == "error"]
    built = digest.build_issue(folder=folder, formats=["html"])
    assert [file.name for file in built.files] == ["issue.html"]
    exported = digest.export_workbook(folder / "decide.xlsx", folder=folder, match="trial")
    assert (exported.offered, exported.withheld, exported.more) == (0, 0, False)
    taken = digest.import_workbook(folder / "decide.xlsx", folder=folder)
    assert (taken.changes, taken.written) == ((), False)


def test_an_issue_without_a_library(folder: Path) -> None:
    """Where nothing was collected, a new issue is empty and says so."""
    made = digest.new_issue(digest.PartialDate(2014, 7, 28), folder=folder)
    assert (made.records, made.has_library) == (0, False)
    assert (made.folder / "issue.yaml").is_file()


def test_records_without_a_library(folder: Path) -> None:
    """Any input is converted and cited; what could not be read is counted next to what could."""
    names = [str(folder / "export.ris"), str(folder / "nothing.ris")]
    converted = digest.convert_records(names, to="bibtex")
    text = "".join(converted)
    assert (text.count("10.1000/"), converted.count, len(converted.failures), converted.failed) == (2, 2, 1, True)
    assert (
        "".join(digest.convert_records(["-"], lines=True, standard_input=RIS.format(what="one").encode())).count("\n")
        == 1
    )
    bibliography = digest.cite_records(names[:1], style="jop-highlights")
    assert [entry.number for entry in bibliography.entries] == [1, 2]
    with pytest.raises(DigestError, match="no such file"):
        digest.cite_records([str(folder / "nothing.xyz.ris")], style="jop-highlights")


# The function, or functions, of each command.
FUNCTIONS = {
    "init": "copy_sample",
    "collect": "collect_sources plan_sources",
    "search": "search_library",
    "show": "get_record get_record_bytes",
    "new": "new_issue",
    "add": "add_records",
    "refresh": "refresh_issue",
    "curate export": "export_workbook",
    "curate import": "import_workbook",
    "preview": "preview_issue",
    "status": "get_status",
    "check": "check_issue",
    "build": "build_issue",
    "outputs": "list_outputs",
    "cite": "cite_records",
    "convert": "convert_records",
    "styles list": "list_styles",
    "styles show": "show_style",
    "themes list": "list_themes",
    "themes show": "describe_theme",
    "themes eject": "eject_file",
    "themes check": "check_theme",
    "themes review": "review_theme",
    "themes context": "describe_context",
    "library merges": "list_merges",
    "library split": "split_record",
    "library remove": "remove_records",
    "library restore": "restore_records",
    "library list": "list_removed search_library",
    "library check": "check_library",
    "sources list": "list_presets",
    "sources show": "get_preset expand_preset",
    "schema": "get_schema write_schemas",
    "clean": "clean_store",
    "doctor": "examine_machine",
}
PAGE = ROOT / "docs" / "python.md"


def commands(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its words."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before}{name} ")
        elif command is not help_command:
            yield f"{before}{name}", command


def test_every_command_is_a_function() -> None:
    """Each command calls the public function that the table names for it."""
    found = dict(commands(cli))
    assert list(found) == list(FUNCTIONS)
    for name, command in found.items():
        assert command.callback
        source = inspect.getsource(inspect.unwrap(command.callback))
        for function in FUNCTIONS[name].split():
            assert function in digest.__all__
            assert function in source, f"digest {name} does not call {function}"


def test_names() -> None:
    """The table of modules, the list of names and what type checkers see are the same; each name is its own."""
    tree = ast.parse((ROOT / "digest" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and "not" not in ast.unparse(node.test))
    seen = {
        alias.name: "digest.csl" if alias.name == "csl" else node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    table = next(node.value for node in tree.body if isinstance(node, ast.Assign) and "_MODULES" in ast.unparse(node))
    assert seen == ast.literal_eval(table)
    assert sorted(seen) == sorted(digest.__all__)
    assert set(digest.__all__) <= set(dir(digest))
    for name in digest.__all__:
        value = getattr(digest, name)
        assert value.__name__.removeprefix("digest.") == name
        assert not (ROOT / "digest" / f"{name}.py").exists(), f"{name} would hide a module"
    with pytest.raises(AttributeError, match="no attribute 'reed_records'"):
        _ = digest.reed_records  # type: ignore[attr-defined]  # a misspelt name is a mistake to type checkers, too


def test_import_is_light() -> None:
    """``import digest`` loads no other module of ours, and the values of records load no heavy library."""
    program = (
        "import sys, digest\nprint(*[name for name in sys.modules if name.startswith('digest.')])\n"
        f"digest.Record, digest.Problem, digest.find_issue\nprint(*[name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "\n\n"


def test_arguments_and_results_are_typed() -> None:
    """Each public function says what it takes and gives, and what it raises; each type describes its parts."""
    for name in digest.__all__:
        value = getattr(digest, name)
        if inspect.isfunction(value):
            hints = [*inspect.signature(value).parameters.values()]
            assert all(hint.annotation is not hint.empty for hint in hints), name
            assert inspect.signature(value).return_annotation is not inspect.Signature.empty, name
        assert len(sentence(value)) > 10, f"{name} has no docstring"


def sentence(value: object) -> str:
    """The first sentence of a docstring, as Markdown."""
    first = (inspect.getdoc(value) or "").partition("\n\n")[0]
    return " ".join(first.split()).removesuffix(".").replace("``", "`").replace("|", "\\|")


def tables() -> dict[str, str]:
    """The tables of the page: commands with their functions, and all names."""
    rows = [
        f"| `digest {name}` | {', '.join(f'`{one}`' for one in functions.split())} |"
        for name, functions in FUNCTIONS.items()
    ]
    names: dict[str, list[str]] = {"functions": [], "types": [], "errors": []}
    for name in digest.__all__:
        value = getattr(digest, name)
        error = isinstance(value, type) and issubclass(value, Exception)
        kind = "errors" if error else "types" if isinstance(value, type) else "functions"
        names[kind].append(f"| `{name}` | {sentence(value)} |")
    return {
        "commands": "\n".join(["| command | function |", "| --- | --- |", *rows]),
        "names": "\n\n".join("\n".join([f"| {kind} | |", "| --- | --- |", *lines]) for kind, lines in names.items()),
    }


def test_tables_of_the_page(golden: Callable[[str, str], None]) -> None:
    """The page lists each command with its function, and every public name with its first sentence."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in tables().items():
        found = re.search(f"<!-- {name}: .*? -->\n(.*?)<!-- end of {name} -->", text, re.DOTALL)
        assert found
        text = text[: found.start(1)] + f"\n{table}\n\n" + text[found.end(1) :]
    golden("docs/python.md", text)


def examples() -> str:
    """All examples of the page, one after the other."""
    return "\n".join(re.findall(r"^```pycon\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))


def test_examples_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example prints what the page says."""
    monkeypatch.chdir(tmp_path)
    report: list[str] = []
    test = doctest.DocTestParser().get_doctest(examples(), {}, PAGE.name, str(PAGE), 0)
    doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert not report, "".join(report)


def test_types_of_the_page(tmp_path: Path) -> None:
    """Mypy understands the examples, strictly."""
    lines = [line[4:] for line in examples().splitlines() if line.startswith((">>> ", "... ", "..."))]
    program = tmp_path / "program.py"
    program.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", ROOT / "pyproject.toml", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_one_or_several(folder: Path) -> None:
    """What may be several may be one, as a text or a path: nothing is taken letter by letter."""
    file = folder / "export.ris"
    (plan,) = digest.plan_sources(file, folder=folder)
    assert plan.requests == (str(file),)
    assert len(digest.read_records(str(file)).records) == len(digest.read_records([file, file]).records) / 2 == 2
    assert digest.convert_records(file).failures == []
    by_name, by_value = digest.cite_records(file), digest.cite_records(digest.read_records(file).records)
    assert by_name.text == by_value.text
    assert by_name.html == by_value.html
    assert by_name.text.startswith("1. ")
    digest.collect_sources(folder=folder)
    issue = digest.new_issue(digest.PartialDate(2014, 7, 28), folder=folder, match="enzymes").folder
    assert digest.add_records(issue, "10.1000/insulin", folder=folder).records == 1
    assert list(digest.render_issue(issue, formats="html").files) == ["issue.html"]
    with pytest.raises(DigestError, match="no format “hmtl”; did you mean “html”"):
        digest.render_issue(issue, formats="hmtl")


def test_records_of_bytes(folder: Path) -> None:
    """What cannot be read is a problem in the place of the record; what is in no format, or missing, is an error."""
    read = digest.read_records(b'[{"type": "article", "title": "One"}, {"type": "artikle", "title": "Two"}]')
    assert [record.title.plain for record in read.records] == ["One"]
    assert {problem.file for problem in read.problems} == {"bytes"}
    assert "error" in {problem.level for problem in read.problems}
    with pytest.raises(DigestError):
        digest.read_records(folder / "nothing.ris")
    with pytest.raises(DigestError, match="did you mean “bibtex”"):
        digest.read_records(b"", input_format="bibtexx")
    with pytest.raises(DigestError, match="did you mean “issue”"):
        digest.get_schema("isue")


def test_a_library_of_ones_own(folder: Path) -> None:
    """A library needs no publication: a file is enough."""
    file = folder / "elsewhere" / "my.db"
    with pytest.raises(DigestError, match="no library yet"):
        digest.open_library(library=file)
    with digest.open_library(library=file, make=True) as library:
        assert len(library) == 0
    digest.collect_sources(folder / "export.ris", library=file)
    with digest.open_library(library=file) as library:
        assert len(library) == 2
