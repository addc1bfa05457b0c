"""Many files are read ahead in several processes: what comes of them is what one process makes of them, in their order."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import digest
from digest import pool
from digest.model import PartialDate
from digest.sources import limited
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.errors import Problem

pytestmark = pytest.mark.skipif(pool.usable_cores() < 2, reason="with one core, nothing is read ahead")

SEEDS = ROOT / "tests" / "sources" / "seeds"
DAY = PartialDate(2014, 7, 28)
RIS = "TY  - JOUR\nTI  - A study of ducks {0}\nAU  - Doe, J.\nPY  - 2014\nDO  - 10.9999/duck.{0}\nAB  - {1}\nER  - \n\n"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few small files are worth it here."""
    monkeypatch.setattr(limited, "WORTH", 2_000)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of all formats: some without records, damaged, empty, or cannot be read; RIS of many sizes."""
    folder = tmp_path_factory.mktemp("many") / "files"
    shutil.copytree(SEEDS, folder / "a")
    (folder / "b").mkdir()
    for name in ("a", "b"):
        for k in range(8):
            text = "".join(RIS.format(f"{name}{k}{m}", "ducks " * (k * 20)) for m in range(k))
            (folder / name / f"{k:02}.ris").write_text(text, encoding="utf-8")
    (folder / "b" / "damaged.json").write_bytes(b'{"items": [' + bytes(range(256)) * 9)
    (folder / "b" / "nothing.bin").write_bytes(bytes(range(256)))
    (folder / "b" / "damaged.csv.gz").write_bytes(b"\x1f\x8b" + b"x" * 99)
    (folder / "b" / "gone.ris").symlink_to("nowhere.ris")
    return folder


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """With one core everything is read in its turn, in one process."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


def converted(names: Sequence[Path], folder: Path) -> tuple[list[Any], int]:
    """All that comes of a conversion, in the order in which it comes; how many processes were at work at once."""
    seen: list[Any] = []
    most = 0
    for piece in digest.convert_records(
        names, lines=True, folder=folder, on_problems=seen.append, on_error=lambda error: seen.append(str(error))
    ):
        seen.append(piece)
        most = max(most, _workers())
    return seen, most


def collected(names: Sequence[Path], folder: Path, library: Path) -> tuple[list[Any], list[str]]:
    """All that comes of a collection, in the order in which it comes, and what is in the library then."""
    seen: list[Any] = []
    made = digest.collect_sources(
        names,
        folder=folder,
        library=library,
        today=DAY,
        on_problems=lambda problems: seen.append(list(problems)),
        on_intake=lambda intake: seen.append((intake.source, intake.arrived, intake.problems, str(intake.stopped))),
        on_step=lambda *step: seen.append(step),
    )
    seen.append((list(map(str, made.failures)), made.frozen))
    with contextlib.closing(sqlite3.connect(library)) as connection:
        return seen, list(connection.iterdump())


@pytest.fixture(autouse=True)
def others(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests have left running is not counted."""
    monkeypatch.setitem(_others, "there", _counted())


_others = {"there": 0}


def _workers() -> int:
    """How many processes this test has that were started by processes which this one has started."""
    return _counted() - _others["there"]


def _counted() -> int:
    return sum(
        len(file.read_text("ascii").split())
        for own in Path("/proc/self/task").glob("*/children")
        for server in own.read_text("ascii").split()
        for file in Path(f"/proc/{server}/task").glob("*/children")
    )


def test_conversion_of_a_folder(files: Path, tmp_path: Path) -> None:
    """Records, problems and errors are those of one process, in the same order; and there were several."""
    with one_core():
        alone, none = converted([files], tmp_path)
    together, several = converted([files], tmp_path)
    assert together == alone
    assert (none, several) == (0, min(pool.usable_cores(), 8))
    assert _workers() == 0


def test_library_of_files(files: Path, tmp_path: Path) -> None:
    """So is a library, with files of the same name in two folders."""
    names = sorted(path for path in files.rglob("*") if path.is_file())
    with one_core():
        alone = collected(names, tmp_path, tmp_path / "alone.db")
    together = collected(names, tmp_path, tmp_path / "together.db")
    assert together[0] == alone[0]
    assert together[1] == alone[1]


def test_a_file_that_takes_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read again in its turn, as if nobody had tried: an error of its own, and its neighbours are whole."""
    monkeypatch.setattr(limited, "SECONDS", 1)
    monkeypatch.setattr(limited, "SECONDS_FOR_MIB", 0)
    for name, count in (("a", 9), ("b", 5_000), ("c", 9), ("d", 9)):
        text = "".join(RIS.format(f"{name}{n}", "ducks " * 20) for n in range(count))
        (tmp_path / f"{name}.ris").write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    made = digest.convert_records(tmp_path, lines=True, folder=tmp_path, on_problems=problems.extend)
    records = "".join(made).splitlines()
    assert [sum(f"10.9999/duck.{name}" in line for line in records) for name in "acd"] == [9, 9, 9]
    assert not made.failures
    (error,) = [problem for problem in problems if problem.level == "error"]
    assert (error.file, error.code) == (str(tmp_path / "b.ris"), "unreadable-rest")
    assert error.message.startswith("this took more than 1 seconds of computing and was stopped: ")


def test_few_bytes_are_read_in_one_process(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is started ahead for files that are read in a moment; nor for a large one alone."""
    monkeypatch.setattr(limited, "WORTH", 100 * 2**20)
    assert converted([files], tmp_path)[1] == 0
    monkeypatch.setattr(limited, "WORTH", 2_000)
    assert converted([files / "a" / "07.ris"], tmp_path)[1] == 0


def test_what_was_expected_in_vain_is_given_up(files: Path) -> None:
    """Where other pages are read than were said, they are read all the same, and the others are not for long."""
    from digest.sources import Page

    others = [Page(files / "a" / f"{n:02}.ris", "elsewhere") for n in range(3, 8)]
    with limited.PageReader() as reader:
        reader.expect(iter(others))
        for n in range(3, 8):
            assert len(list(reader.read(Page(files / "a" / f"{n:02}.ris", "here")))) == n
        assert _workers() <= pool.usable_cores()
    assert _workers() == 0


def test_ending_in_the_middle(files: Path, tmp_path: Path) -> None:
    """Who stops taking records leaves no process."""
    pieces = iter(digest.convert_records([files], lines=True, folder=tmp_path))
    next(pieces)
    del pieces
    gc.collect()
    assert _workers() == 0
