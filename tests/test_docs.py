"""The manual is true: its commands are run, its examples are built, its lists are complete."""

from __future__ import annotations

import ast
import io
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
from digest.build import BuiltIssue, build
from digest.cli import cli
from digest.model import Record
from digest.publication import Publication
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = re.compile("[a-z]+(-[a-z]+)*")
KINDS: dict[str, Any] = {
    "overrides/words/en.yaml": dict[str, str],
    "digest.yaml": Publication,
    f"{ISSUE}/references.yaml": tuple[Record, ...],
}


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """Each fenced block of a page: its language, the file name after it, its text."""
    yield from re.findall(r"^```(\w*) ?(\S*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """What one heading of the editor's book shows: files by name, and what they make visible."""

    name: str
    files: tuple[tuple[str, str], ...]
    seen: tuple[tuple[str, str], ...]


def examples() -> Iterator[Example]:
    """The examples of the editor's book; a comment after the files says what they change."""
    manual = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    for part in re.split(r"^#{2,3} ", manual, flags=re.MULTILINE)[1:]:
        files = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
        if files:
            seen = re.findall(
                r"^<!-- (seen|gone|printed|embedded|bleed|full bleed|paper|with fonts|on the site): (.*) -->$",
                part,
                re.MULTILINE,
            )
            yield Example(part.partition("\n")[0], tuple(files), tuple(seen))


EXAMPLES = list(examples())
FILES = [
    (page, name, text)
    for page in PAGES
    if page.name not in {"templates.md", "tutorial.md"}  # these examples are used, not only read
    for language, name, text in blocks(page)
    if name and language == "yaml"
]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if "```console" in page.read_text(encoding="utf-8")], ids=lambda path: path.name
)
def test_commands(page: Path, tmp_path: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]) -> None:
    """Every command of a page is run, in its order, and prints what the page says; the tutorial's files are written."""
    folder = tmp_path
    for language, name, text in blocks(page):
        if name and page.name == "tutorial.md":
            (folder / name).write_text(text, encoding="utf-8")
        if language != "console":
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            command = shlex.split(line)
            if command[0] == "cd":
                folder = folder / command[1]
                continue
            if command[0] == "mkdir":
                (folder / command[1]).mkdir()
                continue
            assert command[0] == "digest", line
            _, out, err = digest_in(folder)(*command[1:])
            # Paths inside the test's folder are replaced by what a reader of the page would see.
            printed = (
                (out + err)
                .replace(str(folder) + "/", "")
                .replace(str(folder.parent), "..")
                .replace(str(tmp_path) + "/", "")
            )
            assert sorted(printed.splitlines()) == sorted(expected.splitlines()), line


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_examples_of_the_editors_book(
    example: Example,
    journal: Path,
    built: BuiltIssue,
    digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]],
) -> None:
    """Every door and every recipe builds without a warning, is clean to `digest themes check`, and does what it is for."""
    before = built.files["issue.html"].decode()
    for name, text in example.files:
        if name == "digest.yaml":  # lines for a file that exists
            yaml = YAML()
            whole = yaml.load((journal / name).read_text(encoding="utf-8"))
            whole.update(yaml.load(text))
            yaml.dump(whole, journal / name)
            continue
        if name == f"{ISSUE}/issue.yaml":  # what it says of records that are entries already
            _say(journal / name, text)
            continue
        (journal / name).parent.mkdir(parents=True, exist_ok=True)
        (journal / name).write_text(text, encoding="utf-8")
    for kind, names in example.seen:
        for name in names.split() if kind == "with fonts" else ():
            _font(journal / "overrides" / "fonts" / name)
    made = build(journal / ISSUE)
    assert [problem for problem in made.problems if problem.level != "note"] == []
    assert digest_in(journal)("themes", "check", "--strict")[:2] == (0, "")
    html = made.files["issue.html"].decode()
    document = pypdfium2.PdfDocument(made.files["issue.pdf"])
    printed = "\n".join(page.get_textpage().get_text_range() for page in document)
    fonts = {
        page_font for page in pikepdf.Pdf.open(io.BytesIO(made.files["issue.pdf"])).pages for page_font in _fonts(page)
    }
    assert {kind for kind, _ in example.seen} - {"with fonts"}
    for kind, what in example.seen:
        match kind:
            case "on the site":
                pages = build(journal / ISSUE, ["site"]).files
                assert all(what in page.decode() for name, page in pages.items() if name.endswith(".html"))
            case "seen":
                assert what in html
                assert what not in before
            case "gone":
                assert what in before
                assert what not in html
            case "printed":
                assert what in printed
            case "full bleed":  # in millimetres: what is at the edges of the first page is neither white nor one colour
                page = document[0]
                assert round((page.get_trimbox()[0] - page.get_bleedbox()[0]) / 72 * 25.4) == int(what)
                image = page.render(scale=1).to_pil().convert("RGB")
                edge = {image.getpixel((x, y)) for x in (1, image.width - 2) for y in range(1, image.height - 1)}
                assert len(edge) > 20
                assert (255, 255, 255) not in edge
            case "paper":  # in points
                assert {page.get_size() for page in document} == {tuple(map(float, what.split()))}
            case "embedded":
                assert any(what.replace(" ", "-") in font for font in fonts), fonts


def _say(path: Path, text: str) -> None:
    """Gives the cover, sections and entries of an issue the keys that an example has, and adds articles and pages."""
    yaml = YAML()
    whole = yaml.load(path.read_text(encoding="utf-8"))
    said = yaml.load(text)
    whole["cover"].update(said.get("cover", {}))
    for section in said.get("sections", ()):
        there = next(one for one in whole["sections"] if one["title"] == section["title"])
        for entry in section.pop("entries", ()):
            known = next((one for one in there["entries"] if one.get("record") == entry.get("record", "")), None)
            if known is not None:
                known.update(entry)
            elif entry.keys() & {"article", "page"}:  # an entry of its own
                there["entries"].append(entry)
        there.update(section)
    yaml.dump(whole, path)


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
    """Every example of a file can be read without a problem."""
    read: strict.Read[object] = strict.read(text, KINDS[name], name)
    assert read.problems == (), page


def test_every_command_has_its_place() -> None:
    """Each command and each of its options is in the manual."""
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
    """Each code of a problem is in the manual, and the manual lists no other."""
    listed = set()
    for name, end in (("cli.md", "## digest init"), ("sources.md", "## The network")):
        manual = (ROOT / "docs" / name).read_text(encoding="utf-8")
        listed |= set(re.findall(r"`([a-z-]+)`", manual[manual.index("| code | what") : manual.index(end)]))
    assert listed == codes()


def codes() -> set[str]:
    """The codes of all problems: texts that are given to a parameter called `code`, of a function or of a class."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in (ROOT / "digest").rglob("*.py")
        if "csl" not in path.parts
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    constants = {
        node.target.id: node.value
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
    }
    places: dict[str, set[int]] = {}  # the name of a function or class, and which of its arguments is the code
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = (
                [argument.arg for argument in node.args.args if argument.arg not in {"self", "cls"}]
                if isinstance(node, ast.FunctionDef)
                else [
                    one.target.id
                    for one in node.body
                    if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
                ]
            )
            if "code" in names and {"message", "why"} & set(names):
                places.setdefault(node.name, set()).add(names.index("code"))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            given += [node.args[place] for place in places.get(name, ()) if place < len(node.args)]
            found.update(
                part.value
                for value in (constants.get(one.id, one) if isinstance(one, ast.Name) else one for one in given)
                for part in ((value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,))
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value)
            )
    # The first two are made of the word for what was looked for. Functions of one name may take something else in that
    # place: a level, or the kind of a message between the processes of the preview.
    other = {"error", "warning", "note", "ended", "failed", "layout", "picture", "theme"}
    return (found | {"unknown-style", "unknown-theme"}) - other


def test_every_block_and_partial_has_its_place() -> None:
    """The manual lists exactly the blocks and partials of the theme."""
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
    """The picture of each block is the first printed page of an issue whose other blocks are empty."""
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
    now = next(picture for picture in pictures if ImageStat.Stat(picture).mean[0] < 254).quantize(
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
    """Links between the pages of the manual lead to a file."""
    for page in PAGES:
        for target in re.findall(
            r"\]\((?!https?:|#)([^)#]+)", re.sub(r"`[^`]*`", "", page.read_text(encoding="utf-8"))
        ):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_site(tmp_path: Path) -> None:
    """The site is built with every link checked, has every page of docs/, and loads nothing from the web."""
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "build_site.py", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    site = tmp_path / "site"
    assert done.stdout.splitlines()[-1] == str(site / "index.html")
    for page in (ROOT / "docs").glob("*.md"):
        text = (site / f"{page.stem}.html").read_text(encoding="utf-8")
        headings = re.findall(
            r"^## (.*)$",
            re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL),
            re.MULTILINE,
        )
        assert text.count("<h2 ") == len(headings), page.name  # an odd fence swallows what follows it
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        loaded = re.findall(r"<(?:script|img|source|iframe)\b[^>]*?\bsrc(?:set)?=.?((?:https?:)?//[^\s>]*)", text)
        loaded += re.findall(r"<link\b[^>]*?\bhref=.?((?:https?:)?//[^\s>]*)", text)
        assert loaded == [], path.name
        for picture in re.findall(r'<(?:img|source)\b[^>]*?\bsrc(?:set)?="([^":]+)"', text):
            assert (path.parent / picture).is_file(), f"{path.name}: {picture}"
