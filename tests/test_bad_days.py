"""Bad days of whole builds: killed, out of room, without a store, or with sheets and templates that fail for a few."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from bench.builds import BuildFault, Case, Days, built_files, kept_values, left_over, run_build, write_publication
from digest import build
from digest.errors import DigestError
from digest.render.paper import making
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[Path], Callable[..., tuple[int, str, str]]]

PDF, SITE, ALL, PROCESSES = Case("pdf"), Case("site"), Case("html,pdf,site"), Case("pdf", processes=True)
GRID: Final = (
    '<div style="display: grid; grid-auto-flow: column dense"><p style="grid-row: 4">a<p style="grid-row: -9">b</div>'
)
UNPRINTABLE: Final = "WeasyPrint cannot lay this out: IndexError: list index out of range"


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    return Days(Path(os.path.realpath(tmp_path_factory.mktemp("days"))))


def at(days: Days, case: Case, part: float, **more: object) -> BuildFault:
    """A fault after a part of all moments of a build."""
    return BuildFault(int(days.expected(case).moments * part), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "part"),
    [
        *((PDF, part) for part in (0.02, 0.4, 0.7, 0.97)),
        *((SITE, part) for part in (0.3, 0.6, 0.8, 0.97)),
        *((ALL, part) for part in (0.75, 0.985)),
        *((PROCESSES, part) for part in (0.5, 0.9)),
    ],
)
def test_a_build_is_killed(days: Days, case: Case, part: float) -> None:
    """Files are the former ones or the new ones; the next build goes on, and gives the bytes of one never killed."""
    assert days.trial(case, at(days, case, part)) == ""


@pytest.mark.parametrize(
    ("case", "part", "more"),
    [(PDF, 0.5, False), (PDF, 0.5, True), (PDF, 0.98, False), (SITE, 0.2, True), (SITE, 0.7, True)],
)
def test_the_disk_is_full(days: Days, case: Case, part: float, more: bool) -> None:
    """It is said and the former files stay, or only the store has no room, and the new ones are there."""
    assert days.trial(case, at(days, case, part, error=errno.ENOSPC, more=more)) == ""


@pytest.mark.parametrize(
    ("case", "code"), [(PDF, errno.EROFS), (PDF, errno.EIO), (SITE, errno.ENODEV), (PROCESSES, errno.ESTALE)]
)
def test_the_disk_of_the_store_vanishes(days: Days, case: Case, code: int) -> None:
    """The same bytes, and a note of what it costs."""
    assert days.without_store(case, at(days, case, 0.2, error=code, store=True)) == ""


def test_a_killed_build_goes_on_from_its_sheets(days: Days) -> None:
    """Killed when it says that the third sheet is made: the next one makes the others alone."""
    with days.copy(PDF) as root:
        command = [sys.executable, "-m", "digest", "build", "--to", "pdf", "--json"]
        with subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=-1) as process:
            assert process.stdout
            for line in process.stdout:
                event = json.loads(line)
                if event.get("doing") == "Making sheets" and event["done"] == 3:
                    process.send_signal(signal.SIGKILL)
                    break
        kept = {name: place for name, place in kept_values(root).items() if name.startswith("sheet/")}
        assert len(kept) >= 3
        assert built_files(root) == days.expected(PDF).former
        assert run_build(root, PDF).code == 0
        assert built_files(root) == days.expected(PDF).files
        assert kept.items() <= kept_values(root).items()
        assert left_over(root) == []


def test_no_room_for_temporary_files(days: Days, digest_in: Run) -> None:
    """It is not blamed on an entry or a style."""
    usual, before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    with days.copy(PDF) as root:
        former = built_files(root)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
        try:
            code, out, err = digest_in(root)("build", "--to", "pdf")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, usual)
        assert (code, out) == (1, "")
        assert err.startswith(
            "digest: a file that is needed in between cannot be written or read: File too large; make room"
        )
        assert built_files(root) == former


# -- what fails for a few ----------------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book in sheets of five abstracts, whose template of abstracts is an override."""
    root = tmp_path / "journal"
    write_publication(root)
    partials = root / "overrides" / "partials"
    partials.mkdir(parents=True)
    shutil.copy(ROOT / "templates/book/partials/digest.html", partials)
    return root


def add_to_template(root: Path, text: str) -> None:
    """Adds a first line to the template of abstracts."""
    path = root / "overrides" / "partials" / "digest.html"
    path.write_text(f"{text}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")


@pytest.mark.parametrize("output", ["pdf", "site", "html,pdf"])
def test_a_template_that_fails_for_two_records(book: Path, digest_in: Run, output: str) -> None:
    """Both are named with the line of the template, and so is what is wrong with another one."""
    add_to_template(book, "{% if entry.number in ['3', '14'] %}{{ 1 / 0 }}{% endif %}")
    add_to_template(book, "{% if entry.number == '9' %}<script>1</script>{% endif %}")
    code, out, err = digest_in(book)("build", "--to", output)
    assert (code, out) == (1, "")
    found = [line for line in err.splitlines() if ": error: " in line]
    place = "overrides/partials/digest.html:2: error: this divides by zero; this happens with the record"
    assert found[:2] == [f"{place} “{n}” [template-error]" for n in (3, 14)]
    assert [line.rpartition(" ")[2] for line in found[2:]] == ["[active-content]"]


def test_a_template_that_fails_for_all(book: Path, digest_in: Run) -> None:
    """It is the template that is named, once."""
    add_to_template(book, "{{ 1 / 0 }}")
    code, _, err = digest_in(book)("build", "--to", "pdf")
    assert (code, err) == (
        1,
        "overrides/partials/digest.html:1: error: this divides by zero [template-error]\n1 error, nothing was written\n",
    )


@pytest.mark.parametrize("processes", [False, True])
def test_sheets_that_fail(book: Path, digest_in: Run, monkeypatch: pytest.MonkeyPatch, processes: bool) -> None:
    """What is wrong in three sheets is reported in one run: two with a picture that is none, one that has no layout."""
    monkeypatch.setattr(making, "_SMALL", 0 if processes else 1 << 40)
    add_to_template(book, f"{{% if entry.number == '7' and paged %}}{GRID}{{% endif %}}")
    add_to_template(
        book,
        "{% if entry.number in ['2', '15'] and paged %}"
        '<img alt="x" src="data:image/png;base64,{{ entry.number }}AAA">{% endif %}',
    )
    code, out, err = digest_in(book)("build", "--to", "pdf")
    assert (code, out) == (1, "")
    found = [line for line in err.splitlines() if "error: " in line]
    assert len(found) == 3, err
    assert sum("[asset-type]" in line for line in found) == 2
    assert sum(UNPRINTABLE in line and "“5” to “8”" in line for line in found) == 1, err


def test_records_that_cannot_be_laid_out(book: Path) -> None:
    """Those that are looked through are the ones of the two sheets that failed; all other sheets are in the store."""
    add_to_template(book, f"{{% if entry.number in ['3', '14'] and paged %}}{GRID}{{% endif %}}")
    with pytest.raises(DigestError, match=UNPRINTABLE) as caught:
        build.build(book / "issues" / "2014-01-01", ["pdf"])
    assert [name.partition("-")[2] for name in caught.value.entries] == ["1", "2", "3", "4", "13", "14", "15", "16"]
    assert sum(name.startswith("sheet/") for name in kept_values(book)) == 4  # title page, contents, two of abstracts
