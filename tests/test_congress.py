"""The bench of a congress: one book for all, and figures that are what they say."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from bench.congress import folder, peers, report
from bench.congress.__main__ import changes
from bench.congress.book import Book, make
from bench.congress.processes import Usage
from bench.congress.report import Printed
from digest import build
from tests.conftest import ROOT

SIZE = 10


@pytest.fixture(scope="module")
def book() -> Book:
    return make(SIZE)


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_the_book_is_what_the_issue_of_a_congress_has(book: Book) -> None:
    """So many abstracts, each of some 300 words, with 10 to 20 authors and 3 to 15 references; the same each time."""
    assert make(SIZE) == book
    assert [one.record.number for one in book.abstracts] == [str(n) for n in range(1, SIZE + 1)]
    for one in book.abstracts:
        words = sum(len(part.text.plain.split()) for part in one.record.abstract)
        assert 250 <= words <= 380
        assert 10 <= len(one.record.authors) <= 20
        assert 3 <= len(one.cited) <= 15
    assert any(one.table for one in book.abstracts)
    marks = "".join(part.text.source for one in book.abstracts for part in one.record.abstract)
    assert "<sub>" in marks
    assert "<sup>" in marks
    assert len({word for one in book.abstracts for word in one.record.abstract[2].text.plain.split()}) > 300


@pytest.mark.parametrize("plain", [False, True])
def test_the_publication_is_read_without_a_warning(tmp_path: Path, plain: bool) -> None:
    """Its files are the same each time, and nothing in them is odd."""
    issue = folder.write_publication(tmp_path / "one", SIZE, plain=plain)
    folder.write_publication(tmp_path / "two", SIZE, plain=plain)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    reading = build.read(issue)
    assert reading.problems == ()
    prepared = build.prepare(reading.issue, build.load_theme(reading.issue))
    assert [str(problem) for problem in prepared.problems] == []
    assert len(prepared.composition.issue.tracks) == 2


def test_changes_are_small(book: Book, tmp_path: Path) -> None:
    """Each changes one record, or adds one with its line in the issue."""
    issue = folder.write(book, tmp_path)
    states = [files(tmp_path)]
    named = []
    for what, change in changes(book):
        change(issue)
        named.append(what)
        states.append(files(tmp_path))
    touched = [
        sorted(name.rpartition("/")[2] for name in after if after[name] != before.get(name))
        for before, after in itertools.pairwise(states)
    ]
    assert dict(zip(named, touched, strict=True)) == {
        "nothing": [],
        "a word of an abstract": ["6.yaml"],
        "a title": ["6.yaml"],
        "an author": ["6.yaml"],
        "an abstract added": ["11.yaml", "issue.yaml"],
    }
    assert build.read(issue).problems == ()


@pytest.mark.parametrize("name", peers.peers())
def test_peers_get_the_same_words(name: str, book: Book, tmp_path: Path) -> None:
    """Every word of titles, names, affiliations, parts, tables and references is in the sources as often as it is meant."""
    peers.peers()[name].write(book, tmp_path)
    (source,) = tmp_path.glob("book.*")
    assert len(list(tmp_path.glob("*.svg"))) == len(book.tracks)
    wanted: Counter[str] = Counter()
    for one in book.abstracts:
        record, table = one.record, one.table
        wanted += words(
            record.title.plain,
            *(person.full for person in record.authors),
            *(place.plain for place in record.affiliations),
            *(part.text.plain for part in record.abstract),
            *record.keywords,
            *(book.references[n].title.plain for n in one.cited),
            *(cell for row in table.rows for cell in row) if table else (),
        )
    assert wanted - words(source.read_text(encoding="utf-8")) == Counter()


def words(*texts: str) -> Counter[str]:
    return Counter(word for text in texts for word in re.findall(r"[^\W\d_]{4,}", text))


def test_all_processes_are_measured(tmp_path: Path) -> None:
    """A child that computes and an orphan that is left are in the figures, and both have ended when they are given."""
    burn = "import time\nwhile time.process_time() < 0.3: pass\n"
    orphan = f"import os, sys\nif os.fork() == 0:\n    os.setsid()\n    exec({burn!r})\n    os._exit(0)\n"
    program = (
        f"import os, subprocess, sys\nsubprocess.run([sys.executable, '-c', {orphan!r}])\n"
        f"held = bytearray(60 * 2**20)\nheld[::4096] = b'x' * len(held[::4096])\n{burn}print('first')\nprint('last')\n"
        "sys.exit(3)\n"
    )
    # In a process of its own: it becomes the parent of orphans, and waits for all its children.
    measure = (
        "import json, sys; from pathlib import Path; import msgspec; from bench.congress.processes import measured\n"
        f"print(msgspec.json.encode(measured((sys.executable, '-c', {program!r}), Path())).decode())"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.check_output([sys.executable, "-c", measure], cwd=tmp_path, env=environment)
    used = msgspec.json.decode(said, type=Usage)
    assert (used.status, used.said) == (3, "first\nlast")
    assert used.cpu >= 0.6
    assert used.wall > 0
    assert used.peak >= 60


@pytest.mark.parametrize(
    ("power", "sizes"), [(1.0, (200, 1000, 6000)), (2.0, (10, 20)), (1.5, (10, 100, 1000)), (None, (10,)), (None, ())]
)
def test_growth_is_the_power_of_the_size(power: float | None, sizes: tuple[int, ...]) -> None:
    """One size shows no growth."""
    found = report.exponent({size: 0.5 * size ** (power or 1) for size in sizes})
    assert found == (power and pytest.approx(power))


def test_tables_and_their_place(tmp_path: Path) -> None:
    """Ratios are to ours, a failure is a line, and the tables take the place of those of the last time."""

    def made(size: int, who: str, seconds: float, *, fails: bool = False) -> Printed:
        usage = Usage(status=3 if fails else 0, wall=seconds / 2, cpu=seconds, peak=1234.5, said="")
        return Printed(size=size, who=who, usage=usage, content=0 if fails else 3 << 20, pages=600, tagged=True)

    ours, other = made(200, "digest", 20), made(200, "typst", 5)
    assert [report.row(one, ours) for one in (ours, other, made(200, "typst", 1, fails=True))] == [
        "| 200 | digest | 20.0 | 1.00 | 10.0 | 1.00 | 1,234 | 3.0 | 600 | yes |",
        "| 200 | typst | 5.0 | 0.25 | 2.5 | 0.25 | 1,234 | 3.0 | 600 | yes |",
        "| 200 | typst | failed (3) | | | | | | | |",
    ]
    assert (
        report.edit_row("200 abstracts", "a title", other) == "| 200 abstracts | a title | 2.50 | 5.00 | 1,234 | 600 |"
    )
    books = [ours, made(1000, "digest", 100), made(10, "digest", 50), other]
    assert list(report.growth(books)) == [
        "digest: CPU grows as the size to the power of 1.00, from 200 to 1,000 abstracts."
    ]
    results = tmp_path / "RESULTS.md"
    results.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    for line in ("first", r"\1 second"):
        report.recorded([line], results)
        assert results.read_text(encoding="utf-8") == f"before\n{report.BEGIN}\n\n{line}\n\n{report.END}\nafter\n"
    assert (Path(report.__file__).parents[1] / "RESULTS.md").read_text(encoding="utf-8").count(report.BEGIN) == 1
