"""Fixtures that several tests share, and the flag that renews golden files."""

from __future__ import annotations

import difflib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from digest.build import Built, build
from digest.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

# Two busy cores are no measure of speed; the same examples every time, new ones by `--hypothesis-seed`.
settings.register_profile("digest", deadline=None, derandomize=True)
settings.load_profile("digest")

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "seeds" / "sample"
SHARED = ROOT.parent / "shared" / "cases"
ISSUE = "issues/2014-07-28"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write golden files anew and show what changed")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real cases; tests that need it are skipped, aloud, where it is missing."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared/cases is not here")
    return SHARED


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
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The sample issue, built once for all tests that only look at it."""
    journal = shutil.copytree(
        SAMPLE, tmp_path_factory.mktemp("built") / "journal", ignore=shutil.ignore_patterns("_build")
    )
    return build(Path(journal) / ISSUE)


CHECKERS = ROOT / "tests" / "browser" / "node_modules"
AXE = CHECKERS / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; browser tests are skipped, aloud, where there is none."""
    path = shutil.which("chromium")
    if not path or not AXE.is_file():
        pytest.skip("Chromium or axe-core is not installed")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # for busy machines
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


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
