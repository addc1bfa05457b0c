"""The manual cannot lie: its commands are run, its examples are built, its lists are complete."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no types
from PIL import Image, ImageChops, ImageStat
from ruamel.yaml import YAML

from digest import strict
from digest.build import build
from digest.cli import cli
from digest.model import Publication, Record
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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


class Example(NamedTuple):
    """What one heading of the editor's book shows: files by name, and what is to be seen of them."""

    name: str
    files: tuple[tuple[str, str], ...]
    seen: tuple[tuple[str, str], ...]


def examples() -> Iterator[Example]:
    """The examples of the editor's book; a comment behind the files says what they bring about."""
    manual = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    for part in re.split(r"^#{2,3} ", manual, flags=re.MULTILINE)[1:]:
        files = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        if files:
            seen = re.findall(r"^<!-- (seen|gone|printed|embedded|with fonts): (.*) -->$", part, re.MULTILINE)
            yield Example(part.partition("\n")[0], tuple(files), tuple(seen))


EXAMPLES = list(examples())
FILES = [
    (page, name, text)
    for page in PAGES
    if page.name != "templates.md"
    for language, name, text in blocks(page)
    if name and language == "yaml"
]


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


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_examples_of_the_editors_book(
    example: Example, journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """Every door and every recipe builds without a warning, is clean to `digest themes check`, and does what it is for."""
    before = build(journal / ISSUE, ["html"]).files["issue.html"].decode()
    for name, text in example.files:
        if name == "digest.yaml":  # lines for a file that is there
            yaml = YAML()
            whole = yaml.load((journal / name).read_text(encoding="utf-8"))
            whole.update(yaml.load(text))
            yaml.dump(whole, journal / name)
            continue
        (journal / name).parent.mkdir(parents=True, exist_ok=True)
        (journal / name).write_text(text, encoding="utf-8")
    for kind, names in example.seen:
        for name in names.split() if kind == "with fonts" else ():
            _font(journal / "overrides" / "fonts" / name)
    built = build(journal / ISSUE)
    assert [problem for problem in built.problems if problem.level != "note"] == []
    assert digest_in(journal)("themes", "check", "--strict")[:2] == (0, "")
    html = built.files["issue.html"].decode()
    document = pypdfium2.PdfDocument(built.files["issue.pdf"])
    printed = "\n".join(page.get_textpage().get_text_range() for page in document)
    fonts = {
        page_font for page in pikepdf.Pdf.open(io.BytesIO(built.files["issue.pdf"])).pages for page_font in _fonts(page)
    }
    assert {kind for kind, _ in example.seen} - {"with fonts"}
    for kind, what in example.seen:
        match kind:
            case "seen":
                assert what in html
                assert what not in before
            case "gone":
                assert what in before
                assert what not in html
            case "printed":
                assert what in printed
            case "embedded":
                assert any(what.replace(" ", "-") in font for font in fonts), fonts


def _font(path: Path) -> None:
    """A font of another name, made of one of ours."""
    source = "SourceSerif4-Italic.ttf" if "Italic" in path.name else "SourceSerif4-Regular.ttf"
    font = TTFont(ROOT / "templates" / "highlights" / "fonts" / source)
    for record in font["name"].names:
        record.string = str(record).replace("Source Serif 4", "My Garamond").replace("SourceSerif4", "My-Garamond")
    path.parent.mkdir(parents=True, exist_ok=True)
    font.save(path)


def _fonts(page: pikepdf.Page) -> Iterator[str]:
    """The names of the fonts of a page."""
    for font in page.obj["/Resources"].get("/Font", pikepdf.Dictionary()).values():
        yield str(font["/BaseFont"])


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
    table = manual.partition("| block | holds | |")[2].partition("An issue keeps")[0]
    assert set(re.findall(r"`(\w+)`", table)) == blocks_there


@pytest.mark.parametrize("block", ["cover", "contents", "editorial", "sections", "indexes", "colophon"])
def test_pictures_of_blocks(block: str, journal: Path, request: pytest.FixtureRequest) -> None:
    """The picture of each block is the first printed page of an issue in which the other blocks are empty."""
    others = {"cover", "contents", "editorial", "sections", "indexes", "colophon"} - {block}
    empty = "\n".join(f"{{% block {other} %}}{{% endblock %}}" for other in sorted(others))
    (journal / "overrides" / "issue.html").write_text(f'{{% extends "highlights:issue.html" %}}\n{empty}\n')
    issue = journal / ISSUE / "issue.yaml"
    text = issue.read_text(encoding="utf-8")
    if block == "editorial":
        entry = "      - article: radioembolization\n        flag: Sample text\n\n"
        assert entry in text
        issue.write_text(text.replace(entry, "").replace("sections:", "editorial: radioembolization\n\nsections:", 1))
    pages = pypdfium2.PdfDocument(build(journal / ISSUE, ["pdf"]).files["issue.pdf"])
    pictures = (page.render(scale=0.36).to_pil().convert("RGB") for page in pages)
    now = next(picture for picture in pictures if ImageStat.Stat(picture).mean[0] < 252).quantize(
        16
    )  # not an empty page
    path = ROOT / "docs" / "pictures" / f"block-{block}.png"
    if request.config.getoption("--renew"):
        path.parent.mkdir(exist_ok=True)
        now.save(path, optimize=True)
    kept = Image.open(path)
    difference = ImageChops.difference(kept.convert("RGB"), now.convert("RGB"))
    # Another version of the text engine moves letters by a hair; another page moves everything.
    assert kept.size == now.size
    assert ImageStat.Stat(difference).mean[0] < 3, f"renew it with: ./run test --renew -n 0 -k {request.node.name}"


def test_pages_lead_somewhere() -> None:
    """Links between the pages of the manual arrive."""
    for page in PAGES:
        for target in re.findall(
            r"\]\((?!https?:|#)([^)#]+)", re.sub(r"`[^`]*`", "", page.read_text(encoding="utf-8"))
        ):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
