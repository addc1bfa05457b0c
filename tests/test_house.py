"""The rules of the code: which module may import which, how long they may be, what is light, what the linters say."""

from __future__ import annotations

import ast
import functools
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

# Each heavy library has one room, a file or a folder; lxml has two, which do not import each other.
ROOMS: dict[str, str | tuple[str, ...]] = {
    "weasyprint": ("render/pdf.py", "render/paper/"),
    "pikepdf": ("render/tagged.py", "render/paper/"),
    "jinja2": (
        "render/theme.py",
        "render/sandbox.py",
        "render/richtext.py",
        "render/inventory.py",
        "render/check/",
    ),
    "css_inline": "render/mail.py",
    "cssselect2": ("render/check/selectors.py", "render/paper/engine.py"),
    "tinycss2": ("render/stylesheet.py", "render/rules.py"),
    "tinyhtml5": "outputs/epub/xhtml.py",
    "fontTools": ("render/pdf.py", "render/tagged.py"),
    "gcld3": "textlanguage.py",
    "latex2mathml": "maths.py",
    "ziamath": "render/formulas.py",
    "markdown_it": ("prose/", "tabular.py"),
    "mdit_py_plugins": "prose/",
    "ruamel": "yamlnodes.py",
    "yaml": "yamlnodes.py",
    "click": "cli/",
    "lxml": ("csl/", "sources/"),
    "feedparser": "sources/shared/lenient.py",
    "httpcore": ("sources/network/connections.py", "sources/network/fetch.py"),
    "nh3": "sources/shared/markup.py",
    "docx": "outputs/docx/",
    "python_calamine": "sources/formats/tables/sheets.py",
    "sqlite3": "library/tables.py",
    "PIL": ("picture.py", "preview/review.py"),
    "pypdfium2": ("preview/", "outputs/docx/pictures.py"),
    "starlette": "preview/",
    "uvicorn": "preview/",
    "watchfiles": "preview/",
    "sse_starlette": "preview/",
    "xlsxwriter": "spreadsheet.py",
    "distributed": "pool/machines.py",
    "dask": "pool/machines.py",
}


@functools.cache
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
            assert room(path).startswith(home), f"{library} belongs in digest/{home}"


def test_every_room_is_used() -> None:
    """The table above lists no library that nothing imports."""
    known = {name.partition(".")[0] for path in MODULES for name in imported(path)}
    assert set(ROOMS) <= known


@pytest.mark.parametrize(
    ("module", "may_know"),
    [
        ("errors", set()),
        ("ending", set()),
        ("picture", {"opening"}),
        ("text", set()),
        ("maths", {"text"}),
        ("model", {"text", "trials", "vocabulary"}),
        ("trials", set()),
        ("journals", set()),
        ("vocabulary", set()),
        ("names", {"degrees", "families", "model", "text", "vocabulary"}),
        ("families", set()),
        ("degrees", set()),
        ("records", {"model", "text"}),
        ("files", {"errors", "opening"}),
        ("ownfields", {"errors", "model", "text"}),
        ("merge", {"cite", "model", "records", "text"}),
        ("remainder", {"model", "records", "text"}),
        ("query", {"errors"}),
        ("library", {"ending", "errors", "merge", "model", "query", "records", "sources"}),
        ("store", {"errors", "opening"}),
        ("strict", {"errors", "languages", "memo", "model", "opening", "yamlnodes"}),
        ("parsed", {"memo", "model", "opening", "store", "strict", "text", "yamlnodes"}),
        ("references", {"errors", "model", "sources", "strict"}),
        ("yamlnodes", set()),
        ("publication", {"model", "ownfields", "query", "text"}),
        ("schema", {"errors", "files", "model", "ownfields", "project", "publication", "text"}),
        ("prose", {"errors", "maths", "tabular", "text", "typed"}),
        ("tabular", {"errors", "model"}),
        ("typed", set()),
        ("resources", {"errors"}),
        ("contrast", set()),
        (
            "project",
            {
                "contrast",
                "errors",
                "model",
                "opening",
                "ownfields",
                "parsed",
                "picture",
                "publication",
                "references",
                "strict",
            },
        ),
        ("reconcile", {"errors", "library", "model", "opening", "parsed", "project"}),
        ("issuefile", {"errors", "export", "model", "publication", "strict"}),
        (
            "frozen",
            {"errors", "library", "model", "parsed", "project", "publication", "reconcile", "records"},
        ),
        ("inputs", {"errors", "model", "opening", "project", "publication", "sources"}),
        (
            "collect",
            {
                "cite",
                "errors",
                "files",
                "frozen",
                "inputs",
                "library",
                "model",
                "project",
                "publication",
                "reconcile",
                "sources",
            },
        ),
        ("lookup", {"errors", "frozen", "inputs", "library", "model", "query", "reconcile"}),
        ("memo", set()),
        ("opening", set()),
        ("streaming", {"ending", "errors", "worker"}),
        ("pool", {"doctor", "ending", "errors", "streaming", "worker"}),
        ("worker", {"ending", "errors"}),
    ],
)
def test_knowledge_points_inwards(module: str, may_know: set[str]) -> None:
    """The inner modules know only those further in."""
    paths = [path for path in MODULES if room(path) == f"{module}.py" or room(path).startswith(f"{module}/")]
    assert paths, f"there is no digest/{module}"
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES} - {module}
    known = {name.split(".")[1] for path in paths for name in ours(path) if "." in name} & rooms
    assert known <= may_know


def test_csl_knows_nothing_of_ours() -> None:
    """The citation processor imports nothing else of ours."""
    for path in (PACKAGE / "csl").rglob("*.py"):
        assert all(name == "digest" or name.startswith("digest.csl") for name in ours(path)), path


def test_nobody_imports_the_command_line() -> None:
    """Console output lives in the command line alone."""
    for path in MODULES:
        if not room(path).startswith("cli/") and room(path) != "__main__.py":
            assert not any(name.startswith("digest.cli") for name in ours(path)), path
            assert "click.echo" not in path.read_text(encoding="utf-8"), path


def test_no_drawers() -> None:
    """No module has a name that says nothing, and each says in one sentence what it is."""
    for path in MODULES:
        assert path.stem not in {"utils", "util", "helpers", "common", "base", "manager", "misc"}, path
        assert len(sentence_of(path)) > 10, f"{path} has no sentence about itself"


def sentence_of(path: Path) -> str:
    """The first line of a module's docstring, without its full stop."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0].removesuffix(".").replace("``", "`")


def table_of_rooms() -> str:
    """The modules with their sentences, as tables in Markdown: those at the top, then each package."""
    tables: dict[str, list[str]] = {}
    for path in MODULES:
        name, sentence = room(path), sentence_of(path).replace("|", "\\|")
        package = name.rpartition("/")[0]
        rows = tables.setdefault(package, [])
        if path.name == "__init__.py":
            rows.insert(
                0,
                f"\n### digest/{package + '/' if package else ''}\n\n{sentence}.\n\n| module | what it is |\n| --- | --- |",
            )
        else:
            rows.append(f"| `{path.name}` | {sentence} |")
    return "\n".join(row for package in sorted(tables) for row in tables[package]) + "\n\n"


def test_table_of_rooms(request: pytest.FixtureRequest) -> None:
    """The manual lists every module with the sentence that the module says about itself."""
    page = ROOT / "docs" / "architecture.md"
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition("<!-- rooms: written by ./run test --renew -n 0 tests/test_house.py -->\n")
    kept, end, after = rest.partition("<!-- end of rooms -->")
    assert begin
    assert end
    if request.config.getoption("--renew"):
        page.write_text(before + begin + table_of_rooms() + end + after, encoding="utf-8")
    else:
        assert kept == table_of_rooms(), "write it with: ./run test --renew -n 0 tests/test_house.py -k rooms"


MOST_LINES = 820  # of a module: what one can keep in mind
LONGEST = 80  # lines of a function, without its docstring


@pytest.mark.parametrize("path", MODULES, ids=room)
def test_length(path: Path) -> None:
    """No module is too long to know; a function that is longer than a screen says why, in a comment on its `def` line."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) <= MOST_LINES, f"{room(path)} has {len(lines)} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            docstring = ast.get_docstring(node, clean=False) is not None
            body = node.body[1] if docstring and len(node.body) > 1 else first
            length = (node.end_lineno or 0) - body.lineno + 1
            signature = "\n".join(lines[node.lineno - 1 : max(first.lineno - 1, node.lineno)])
            reason = re.search(r"#(?! noqa| type:) ?\w|# noqa[^#]*# ?\w", signature)
            assert length <= LONGEST or reason, f"{room(path)}: {node.name} has {length} lines and no reason for it"


def needed_at_import(path: Path) -> set[str]:
    """The modules of ours that importing this one imports first: those at its top, not those for type checkers."""
    modules = {
        ".".join(("digest", *p.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__") for p in MODULES
    }
    found: set[str] = set()
    left: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while left:
        node = left.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in modules else node.module)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            left += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)
    return found & modules


def test_no_circle_of_imports() -> None:
    """No module needs, to be imported, another that needs it."""
    needs = {
        ".".join(("digest", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
            ".__init__"
        ): needed_at_import(path)
        for path in MODULES
    }
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, "a circle: " + " -> ".join((*way[way.index(name) :], name))
        if name not in done:
            for other in sorted(needs[name]):
                walk(other, (*way, name))
            done.add(name)

    for name in sorted(needs):
        walk(name, ())


HEAVY = [
    "latex2mathml",
    "ziamath",
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
    "gcld3",
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
    """No file names a package host, a place on one machine or the wrong package on PyPI, or is half merged."""
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
                r"pip install [\"']?dig" + r"est\b",  # on PyPI that is another project
                r"(?<!-)\bdig" + r"est\[preview\]",
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
    """Ruff and mypy report nothing."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
