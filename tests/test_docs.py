"""The manual cannot lie: its commands are run, its examples are built, its lists are complete."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from digest import strict
from digest.build import build
from digest.cli import cli
from digest.model import Publication, Record
from digest.render import context
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
KINDS: dict[str, Any] = {
    "overrides/words/en.yaml": dict[str, str],
    "digest.yaml": Publication,
    f"{ISSUE}/references.yaml": tuple[Record, ...],
}


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """Each fenced block of a page: language, name behind it, text."""
    yield from re.findall(r"^```(\w*) ?(\S*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


EXAMPLES = [
    (page, name, text)
    for page in PAGES
    for language, name, text in blocks(page)
    if name and language in {"html", "css"}
]
FILES = [(page, name, text) for page in PAGES for language, name, text in blocks(page) if name and language == "yaml"]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")], ids=lambda path: path.name
)
def test_commands(page: Path, tmp_path: Path) -> None:
    """Every command of a page is run, in its order, and prints what the page says."""
    folder = tmp_path
    program = [sys.executable, "-m", "digest"]
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    for language, _, text in blocks(page):
        if language != "console":
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            command = shlex.split(line)
            if command[0] == "cd":
                folder = folder / command[1]
                continue
            assert command[0] == "digest", line
            done = subprocess.run(
                [*program, *command[1:]],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            # Paths of the test's own folder are shown as the page's reader would see them.
            printed = (
                done.stdout.replace(str(folder) + "/", "")
                .replace(str(folder.parent), "..")
                .replace(str(tmp_path) + "/", "")
            )
            assert sorted(printed.splitlines()) == sorted(expected.splitlines()), line


@pytest.mark.parametrize(("page", "name", "text"), EXAMPLES, ids=[name for _, name, _ in EXAMPLES])
def test_examples_of_templates(page: Path, name: str, text: str, journal: Path) -> None:
    """Every example of an override builds, and is seen in what it builds."""
    assert page.name == "templates.md"
    before = build(journal / ISSUE, ["html"]).files["issue.html"].decode()
    path = journal / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    built = build(journal / ISSUE)
    after = built.files["issue.html"].decode()
    assert after != before
    marks = {
        "css": "#5b2a86",
        "notice.html": 'class="notice-line"',
        "issue.html": "Printed on paper that was not made yet.",
    }
    assert next(mark for ending, mark in marks.items() if name.endswith(ending)) in after
    assert [problem for problem in built.problems if problem.level != "note"] == []


@pytest.mark.parametrize(("page", "name", "text"), FILES, ids=[name for _, name, _ in FILES])
def test_examples_of_files(page: Path, name: str, text: str) -> None:
    """Every example of a file is one."""
    read: strict.Read[object] = strict.read(text, KINDS[name], name)
    assert read.problems == (), page


def test_every_command_has_its_place() -> None:
    """Each command, each of its options and each exit code stands in the manual."""
    manual = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for name, command in cli.commands.items():
        assert f"## digest {name}" in manual
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert any(f"{option}" in manual for option in parameter.opts), f"digest {name} {parameter.opts}"
        for below, part in command.commands.items() if isinstance(command, click.Group) else ():
            section = re.search(
                rf"^## digest {name} (?:[\w-]+\|)*{below}\b.*?(?=^## |\Z)", manual, re.MULTILINE | re.DOTALL
            )
            assert section, f"digest {name} {below}"
            for parameter in part.params:
                if isinstance(parameter, click.Option) and parameter.name not in {"quiet", "verbose", "debug"}:
                    assert any(option in section[0] for option in parameter.opts), (
                        f"digest {name} {below} {parameter.opts}"
                    )


def test_every_code_has_its_place() -> None:
    """Each code of a problem stands in the manual, and the manual names no other."""
    told = set()
    for name, end in (("cli.md", "## digest init"), ("sources.md", "## The network")):
        manual = (ROOT / "docs" / name).read_text(encoding="utf-8")
        told |= set(re.findall(r"`([a-z-]+)`", manual[manual.index("| code | what is told |") : manual.index(end)]))
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "digest").rglob("*.py") if "csl" not in path.parts
    )
    known = set(
        re.findall(r'(?:code=|tell\(\s*(?:\([^()]*\)|\(\*path, [^()]*\)|path)?,?\s*)"([a-z]+(?:-[a-z]+)*)"', sources)
    )
    known |= set(
        re.findall(
            r'(?:problem|_problem|tell|_error)\(\s*(?:"(?:error|warning|note)", )?"([a-z]+(?:-[a-z]+)*)"', sources
        )
    )
    known |= set(
        re.findall(
            r'\.?\b(?:tell|refuse|problem|say|_left)\(\s*(?:(?:hit\.)?record,\s*)?(?:level,\s*|"(?:error|warning|note)",\s*)?'
            r'"([a-z]+(?:-[a-z]+)*)"',
            sources,
        )
    )
    known = (known | {"template-undefined", "template-error", "unknown-style", "unknown-theme"}) - {
        "error",
        "warning",
        "note",
    }
    assert told == known


def test_every_block_and_partial_has_its_place() -> None:
    """The blocks and partials of the theme are those that the manual promises."""
    manual = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    theme = ROOT / "templates" / "highlights"
    partials = {path.name for path in (theme / "partials").glob("*.html")}
    assert (
        set(re.findall(r"`([\w-]+\.html)`", manual.partition("| partial | prints |")[2].partition("## 4.")[0]))
        == partials
    )
    blocks_there = set(re.findall(r"{% block (\w+) %}", (theme / "issue.html").read_text(encoding="utf-8")))
    table = manual.partition("| block | holds |")[2].partition("An issue keeps")[0]
    assert set(re.findall(r"`(\w+)`", table)) == blocks_there


@pytest.mark.parametrize(
    ("row", "type_"),
    [
        ("issue", context.IssueContext), ("section", context.SectionContext), ("figure", context.Figure), ("lines", context.IndexLine),
        ("article", context.ArticleEntry), ("digest", context.DigestEntry), ("notice", context.NoticeEntry),
    ],
)  # fmt: skip
def test_every_field_has_its_place(row: str, type_: type) -> None:
    """The manual names every field that a template can use."""
    manual = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^\| `{row}` \| (.*) \|$", manual, re.MULTILINE)
    fields = set(type_.__annotations__) | ({"entries"} if row == "issue" else set())
    assert (
        set(re.findall(r"`(\w+)`", line)) - {"article", "digest", "notice"} | ({"kind"} if row == "entry" else set())
        >= fields
    )


def test_pages_lead_somewhere() -> None:
    """Links between the pages of the manual arrive."""
    for page in PAGES:
        for target in re.findall(
            r"\]\((?!https?:|#)([^)#]+)", re.sub(r"`[^`]*`", "", page.read_text(encoding="utf-8"))
        ):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
