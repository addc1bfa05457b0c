"""Seconds from saving a file to seeing it in Chromium: ``python -m bench.preview --sizes 5 20 60 --runs 7``.

An issue of N invented abstracts in the theme highlights is previewed; the abstract in its middle is looked at. A text
is that abstract's title, a style is the colour of all titles. Each figure is the median of the runs: until the web page
shows it, until the first picture of a page of the PDF is another one, and until all pages are made.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.congress.folder import write_publication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
# Each promise gives the time of the first frame in which something is seen.
_SEEN: Final = """([selector, test, value]) => { window.seen = new Promise(done => {
    const look = () => {
        const element = document.querySelector(selector);
        const shown = element && (test === "text" ? element.textContent : getComputedStyle(element).color);
        shown?.includes(value) ? done(Date.now()) : requestAnimationFrame(look);
    };
    look();
}); }"""
_CHANGED: Final = """() => { window.changed = new Promise(done => {
    const names = () => [...document.querySelectorAll("#pages li")].map(one => one.dataset.name).join();
    const before = names();
    const look = () => names() !== before ? done(Date.now()) : requestAnimationFrame(look);
    look();
}); }"""


@contextlib.contextmanager
def preview(root: Path) -> Iterator[str]:
    """The address of a running preview."""
    with subprocess.Popen(
        [sys.executable, "-m", "digest", "preview"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)


def measure(page: Any, edit: Callable[[str], None], runs: int, seen: Callable[[int], list[str]]) -> list[float]:  # noqa: ANN401 - a page of Playwright
    """Medians of the seconds until the web page, the first page and all pages show an edit."""
    from playwright.sync_api import expect

    frame = next(frame for frame in page.frames if "/screen?" in frame.url)
    rows = []
    for run in range(runs):
        wanted = seen(run)
        frame.evaluate(_SEEN, wanted)
        page.evaluate(_CHANGED)
        start = time.time()
        edit(wanted[2])
        first = [frame.evaluate("window.seen") / 1000 - start, page.evaluate("window.changed") / 1000 - start]
        expect(page.locator("#status")).to_have_text(re.compile("^Up to date"), timeout=120_000)
        rows.append([*first, time.time() - start])
        page.wait_for_timeout(300)
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def lines(browser: Any, root: Path, size: int, runs: int) -> Iterator[str]:  # noqa: ANN401 - a browser of Playwright
    """The lines of the table for an issue of so many entries."""
    from playwright.sync_api import expect

    folder = write_publication(root, size, plain=True)
    head = root / "digest.yaml"
    head.write_text(head.read_text(encoding="utf-8").replace("theme: book", "theme: highlights"), encoding="utf-8")
    number = size // 2 + 1
    record, css = folder / "records" / f"{number}.yaml", root / "overrides" / "css" / "custom.css"
    css.parent.mkdir(parents=True)
    css.write_text("", encoding="utf-8")
    text, title = record.read_text(encoding="utf-8"), f"#abstract-{number} .title"

    def retitle(word: str) -> None:
        record.write_text(re.sub(r"(?m)^(title: *(?:>-\n\s+)?\"?)", rf"\1{word} ", text, count=1), encoding="utf-8")

    def recolour(colour: str) -> None:
        css.write_text(f".digest .title {{ color: {colour} }}\n", encoding="utf-8")

    with preview(root) as address:
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(address)
        expect(page.locator("#status")).to_have_text(re.compile("^Up to date"), timeout=120_000)
        pages = page.locator("#pages li").count()
        page.frame_locator("#screen").locator(title).scroll_into_view_if_needed()
        page.locator("#pages li").nth(pages * number // (size + 2)).scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        for name, edit, seen in (
            ("text", retitle, lambda run: [title, "text", f"Edited{run}"]),
            ("style", recolour, lambda run: [title, "colour", f"rgb({run + 1}, 2, 3)"]),
        ):
            figures = " | ".join(f"{value:.2f}" for value in measure(page, edit, runs, seen))
            yield f"| {size} | {pages} | {name} | {figures} | {os.getloadavg()[0]:.1f} |"
        page.close()


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", type=int, nargs="+", default=[5, 20, 60])
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    from playwright.sync_api import sync_playwright

    print("| entries | pages | edit | web page, s | first changed page, s | all pages, s | load |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        for size in options.sizes:
            for line in lines(browser, Path(name) / str(size), size, options.runs):
                print(line, flush=True)
        browser.close()


if __name__ == "__main__":
    main()
