"""The rules of the house: who may know whom, where heavy libraries live, what is light, what the linters say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = ROOT / "digest"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Each heavy library has one room, a file or a folder; lxml has two, which know nothing of each other.
ROOMS: dict[str, str | tuple[str, ...]] = {
    "weasyprint": "render/pdf.py",
    "pikepdf": "render/pdf.py",
    "jinja2": ("render/theme.py", "render/lint.py"),
    "css_inline": "render/mail.py",
    "tinycss2": "render/theme.py",
    "fontTools": "render/pdf.py",
    "markdown_it": "prose.py",
    "ruamel": "strict.py",
    "click": "cli/",
    "lxml": ("csl/", "sources/"),
    "feedparser": "sources/lenient.py",
    "httpcore": "sources/fetch.py",
    "nh3": "sources/markup.py",
    "python_calamine": "sources/tables.py",
    "sqlite3": "library.py",
    "PIL": ("picture.py", "preview/review.py"),
    "pypdfium2": "preview/",
    "starlette": "preview/",
    "uvicorn": "preview/",
    "watchfiles": "preview/",
    "sse_starlette": "preview/",
    "xlsxwriter": "spreadsheet.py",
}


def imported(path: Path) -> set[str]:
    """The dotted names that a module imports anywhere, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides which room is entered"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def ours(path: Path) -> set[str]:
    return {name for name in imported(path) if name == "digest" or name.startswith("digest.")}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=room)
def test_one_room_for_each_heavy_library(path: Path) -> None:
    """A heavy library is imported in its room only."""
    for library, home in ROOMS.items():
        if any(name == library or name.startswith(f"{library}.") for name in imported(path)):
            assert room(path).startswith(home), f"{library} belongs into digest/{home}"


def test_every_room_is_lived_in() -> None:
    """The table above names no library that nobody imports."""
    known = {name.partition(".")[0] for path in MODULES for name in imported(path)}
    assert set(ROOMS) <= known


@pytest.mark.parametrize(
    ("module", "may_know"),
    [
        ("errors", set()),
        ("picture", set()),
        ("text", {"errors"}),
        ("model", {"errors", "text"}),
        ("journals", set()),
        ("names", {"model", "text"}),
        ("records", {"model", "text"}),
        ("files", {"errors"}),
        ("merge", {"cite", "model", "records", "text"}),
        ("library", {"errors", "merge", "model", "records", "sources", "text"}),
        ("strict", {"errors", "memo", "model"}),
        ("schema", {"model", "text"}),
        ("prose", {"errors", "text"}),
        ("resources", {"errors"}),
        ("project", {"errors", "model", "picture", "sources", "strict"}),
        ("memo", set()),
        ("worker", {"errors"}),
    ],
)
def test_knowledge_points_inwards(module: str, may_know: set[str]) -> None:
    """The inner modules know only those further in."""
    known = {name.split(".")[1] for name in ours(PACKAGE / f"{module}.py") if "." in name} & {
        path.stem for path in MODULES
    }
    assert known <= may_know


def test_csl_knows_nothing_of_ours() -> None:
    """The citation processor could leave the house."""
    for path in (PACKAGE / "csl").rglob("*.py"):
        assert all(name == "digest" or name.startswith("digest.csl") for name in ours(path)), path


def test_nobody_imports_the_command_line() -> None:
    """Console output lives in the command line alone."""
    for path in MODULES:
        if not room(path).startswith("cli/") and room(path) != "__main__.py":
            assert not any(name.startswith("digest.cli") for name in ours(path)), path
            assert "click.echo" not in path.read_text(encoding="utf-8"), path


def test_no_drawers() -> None:
    """No module is called after nothing in particular, and each says in a sentence what it is."""
    for path in MODULES:
        assert path.stem not in {"utils", "util", "helpers", "common", "base", "manager", "misc"}, path
        sentence = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        assert len(sentence) > 10, f"{path} has no sentence about itself"


HEAVY = [
    "feedparser",
    "httpcore",
    "nh3",
    "python_calamine",
    "sqlite3",
    "weasyprint",
    "pikepdf",
    "css_inline",
    "jinja2",
    "tinycss2",
    "markdown_it",
    "ruamel.yaml",
    "lxml",
    "PIL",
    "xlsxwriter",
    "fontTools",
    "asyncio",
    "multiprocessing",
    "starlette",
    "uvicorn",
]


def test_help_is_light() -> None:
    """``digest --help`` loads no heavy library."""
    program = (
        "import sys\nfrom digest.cli import main\nassert main(['--help']) == 0\n"
        f"print('loaded:', *[name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_no_hosts_and_no_paths_of_a_machine() -> None:
    """No file of the project names a package host or a place on somebody's machine, or was merged by half."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    forbidden = re.compile(
        "|".join(
            [
                "pypi" + r"\.org",
                "files.python" + "hosted",
                "registry.npm" + "js",
                "deb.debian" + r"\.org",
                "/wo" + "rk/",
                "/ro" + "ot/",
                "^<<<<" + "<<< ",
                "^>>>>" + ">>> ",
            ]
        ),
        re.MULTILINE,
    )
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".ttf", ".woff2", ".png", ".jpg", ".webp"} or not path.is_file():
            continue
        found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{name}: {found}"


@pytest.mark.parametrize(
    "command", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=["lint", "format", "types"]
)
def test_linters(command: list[str]) -> None:
    """Ruff and mypy have nothing to say."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
