"""Fixtures that several tests share, and the flag that renews golden files."""

from __future__ import annotations

import difflib
import json
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from digest.build import BuiltIssue, build
from digest.cli import main
from digest.doctor import find_tool
from digest.memo import remember
from digest.sources import Page as Source
from digest.sources import recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

# Two busy cores do not measure speed; the same examples every time, new ones with `--hypothesis-seed`.
settings.register_profile("digest", deadline=None, derandomize=True)
settings.load_profile("digest")

# As in the preview: a file that hundreds of tests read is read once.
remember()

# Where the tests are started in the background of a script, the programs that they start would ignore Ctrl-C.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "seeds" / "sample"
SHARED = ROOT.parent / "shared" / "cases"
ISSUE = "issues/2014-07-28"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write golden files again and show what changed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real cases; tests that need it are skipped if it is missing."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/cases is not here")
    return SHARED


# Files of our own text, in every format: by format, and those that users of other programs met.
SEEDS = ROOT / "tests" / "sources" / "seeds"
FIELD = ROOT / "tests" / "cases" / "field"


def files_of(form: str, *real: str) -> list[Path]:
    """Files of a format: our own, and of the folder of real cases, where it is here, those that patterns name.

    Args:
        form: the name of the format.
        real: patterns of paths in the folder of real cases.
    """
    own = [path for path in sorted((SEEDS / form).iterdir()) if not path.stem.startswith("found-")]
    own += [path for path in sorted(FIELD.iterdir()) if recognise(Source(path, path.name)) == form]
    return own + [path for pattern in real for path in sorted(SHARED.glob(pattern)) if path.is_file()]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A copy of the sample publication that a test may change."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "journal", ignore=shutil.ignore_patterns("_build")))


@pytest.fixture
def digest_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path], Callable[..., tuple[int, str, str]]]:
    """Gives for a folder a function that runs ``digest`` there: exit code, standard output, standard error."""

    def enter(folder: Path) -> Callable[..., tuple[int, str, str]]:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("NO_COLOR", "1")

        def call(*arguments: str) -> tuple[int, str, str]:
            code = main(arguments)
            out, err = capsys.readouterr()
            assert "Traceback" not in err
            return code, out, err

        return call

    return enter


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltIssue:
    """The sample issue, built once for all tests that only look at it."""
    journal = shutil.copytree(
        SAMPLE, tmp_path_factory.mktemp("built") / "journal", ignore=shutil.ignore_patterns("_build")
    )
    return build(Path(journal) / ISSUE)


CHECKERS = ROOT / "tests" / "browser" / "node_modules"
AXE = CHECKERS / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; browser tests are skipped if it is missing."""
    path = find_tool("chromium")
    if not path or not AXE.is_file():
        pytest.skip("Chromium or axe-core is not installed")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=120_000)  # for busy machines
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def nu_messages(path: Path) -> list[dict[str, Any]]:
    """What the Nu checker says of an HTML file; a test is skipped where it is missing."""
    java, jar = find_tool("java"), CHECKERS / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not java or not jar.is_file():
        pytest.skip("Java or the Nu checker is not installed")
    done = subprocess.run([java, "-jar", jar, "--format", "json", path], capture_output=True, text=True, check=False)
    messages: list[dict[str, Any]] = json.loads(done.stderr)["messages"]
    return messages


def violations(page: Page, *, frames: bool = True) -> list[Any]:
    """What axe-core finds in a page, and in the frames of it: rule, elements, and why."""
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found: list[Any] = page.evaluate(
        "iframes => axe.run(document, {resultTypes: ['violations'], iframes})"
        ".then(r => r.violations.map(v => [v.id, v.nodes.map(n => n.html + n.failureSummary)]))",
        frames,
    )
    return found


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with a file of the project, whole."""

    def compare(name: str, text: str) -> None:
        path = ROOT / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if request.config.getoption("--renew") and text != before:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            difference = difflib.unified_diff(
                before.splitlines(), text.splitlines(), "before", "after", lineterm="", n=1
            )
            print(f"\nrenewed {name}", *difference, sep="\n")  # noqa: T201 - shown on purpose: renewing must be seen
            return
        renew = f"./run test --renew -n 0 -s -k {request.node.originalname}"
        assert text == before, (
            f"{name} differs; look at the difference, and if it is right renew the file with: {renew}"
        )

    return compare
