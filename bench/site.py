"""What a site of N invented abstracts takes: ``python -m bench.site --size 6000``.

CPU seconds of each step, from nothing, with nothing changed and with one abstract changed; sizes; where Chromium is
installed, how long a search takes in a page from the disk. ``--keep FOLDER`` keeps the publication and its site there.
"""

from __future__ import annotations

import argparse
import re
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.congress.folder import write_publication
from digest.build import load_theme, prepare, read
from digest.doctor import find_tool
from digest.files import folder_replaced
from digest.render.site import pages
from digest.store import publication_store

if TYPE_CHECKING:
    from collections.abc import Callable

_QUERIES: Final = ("survival", "hazard ratio confidence", "thornquist", "4711", "randmly")


def timed(what: str, job: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the job gives
    """What a job gives; prints its seconds of computing and of the clock."""
    cpu, clock = time.process_time(), time.perf_counter()
    value = job()
    print(f"{what:<34} {time.process_time() - cpu:7.2f} s CPU {time.perf_counter() - clock:7.2f} s")
    return value


def make(issue: Path, theme_name: str) -> pages.RenderedSite:
    """Makes the site once, step by step, and writes it."""
    reading = timed("read the records", lambda: read(issue))
    theme = load_theme(reading.issue, theme_name)
    prepared = timed("compose texts and citations", lambda: prepare(reading.issue, theme))
    store = publication_store(reading.issue.root)
    made: pages.RenderedSite = timed("make the pages", lambda: pages.render(prepared, store))

    def write() -> None:
        with folder_replaced(made.files, issue / "_build" / "site"):
            pass

    timed("write the files", write)
    print(f"{'pages drawn':<34} {made.drawn:7}")
    return made


def search(site: Path) -> None:
    """Prints how long searches take in a page from the disk: the first time, with loading, and again."""
    chromium = find_tool("chromium")
    if not chromium:
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        begin = time.perf_counter()
        page.goto((site / "search.html").as_uri())
        page.locator("#search-words").wait_for()
        print(f"{'search: the page is ready':<34} {time.perf_counter() - begin:7.2f} s")
        for query in (*_QUERIES, *_QUERIES):
            page.locator("#search-words").fill("")
            page.wait_for_function("() => (document.getElementById('search').dataset.shown || '') === ''")
            begin = time.perf_counter()
            page.locator("#search-words").fill(query)
            page.wait_for_function("query => document.getElementById('search').dataset.shown === query", arg=query)
            spent = time.perf_counter() - begin
            print(f"{'search: ' + query:<34} {spent:7.2f} s, {page.locator('#search-status').inner_text()}")
        browser.close()


def main() -> None:
    """Runs the bench."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=6000)
    parser.add_argument("--theme", default="book")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = options.keep or Path(temporary) / "publication"
        issue = root / "issues" / "2014-01-01"
        if not issue.is_dir():
            write_publication(root, options.size)
        print("-- from nothing")
        made = make(issue, options.theme)
        print("-- nothing changed")
        make(issue, options.theme)
        record = issue / "records" / f"{options.size // 2}.yaml"
        before, begin, text = record.read_text("utf-8").partition("abstract:")
        record.write_text(before + begin + text.replace(" patients ", " corrected patients ", 1), encoding="utf-8")
        print("-- a word in one abstract changed")
        make(issue, options.theme)
        print("-- sizes")

        def sizes(pattern: str) -> list[int]:
            return [len(content) for name, content in made.files.items() if re.search(pattern, name)]

        for what, pattern in (
            ("all files", ""),
            ("pages", r"\.html$"),
            ("index of the search", r"/search-[^/]*\.js$"),
            ("lists of a track", r"^track-"),
        ):
            found = sizes(pattern)
            most = max(found, default=0) / 1e3
            print(f"{what:<34} {len(found):6} {sum(found) / 1e6:7.1f} MB, the largest {most:.0f} kB")
        print(f"{'memory at most':<34} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:7.0f} MB")
        search(issue / "_build" / "site")


if __name__ == "__main__":
    main()
