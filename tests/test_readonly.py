"""Reading needs no writing: a publication that cannot be written answers as any other, and nothing is made in it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest.errors import DigestError
from digest.library import Library
from digest.model import PartialDate
from tests.conftest import ISSUE, ROOT, SAMPLE
from tests.test_library import arrival

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = PartialDate(2014, 7, 28)
NOBODY = 65534
SCRIPT = """
import contextlib, io, json, sys
from digest.cli import main
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(json.loads(line))
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


def _as_anybody() -> None:
    """Takes from an administrator what lets it write anywhere; for a process that is about to begin."""
    import ctypes

    if os.geteuid() == 0:
        library = ctypes.CDLL(None)
        for capability in (1, 2, 3):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER
            assert library.prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def start(root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "HOME": str(root), "XDG_CACHE_HOME": ""},
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=_as_anybody,  # noqa: PLW1509 - no other thread starts processes here
    )


def run(root: Path, *commands: str) -> list[tuple[int, str, str]]:
    """What commands give in a folder, one after the other in one process that has no special rights."""
    with start(root) as process:
        output, complaints = process.communicate("\n".join(json.dumps(command.split()) for command in commands) + "\n")
    assert complaints == ""  # of libraries that would like to write
    return [tuple(json.loads(line)) for line in output.splitlines()]


@contextlib.contextmanager
def read_only(root: Path) -> Iterator[None]:
    """Makes a folder somebody else's, or at least nobody's to write in."""
    paths = [root, *root.rglob("*")]
    owners = [(path.stat().st_uid, path.stat().st_gid) for path in paths]
    for path in paths:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
        path.chmod(path.stat().st_mode & ~0o222)
    try:
        yield
    finally:
        for path, owner in zip(paths, owners, strict=True):
            path.chmod(path.stat().st_mode | 0o200)
            if os.geteuid() == 0:
                os.chown(path, *owner)


def state(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(root).as_posix(): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in [root, *root.rglob("*")]
    }


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a library and a file of records, which has an issue that the library has not heard of yet."""
    root = tmp_path_factory.mktemp("readonly") / "journal"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("_build"))
    (code, *_), *_ = run(root, "collect")
    assert code == 0
    later = root / "issues" / "2014-08-01"
    (later / "records").mkdir(parents=True)
    (later / "issue.yaml").write_text("date: 2014-08-01\n", encoding="utf-8")
    (later / "records" / "one.yaml").write_text(
        'id: "IPM:invented-pancreas-meeting:2014:P2102"\ntitle: Enzymes\n', encoding="utf-8"
    )
    (root / "one.ris").write_text("TY  - JOUR\nTI  - An invented trial\nAU  - Doe, A\nER  - \n", encoding="utf-8")
    return root


READING = [
    "search enzyme --json",
    "show P2102 --json",
    "library check",
    "library merges",
    "library list",
    "status --json",
    f"check {ISSUE} --json",
    "sources list",
    "convert one.ris --to ris",
    "cite one.ris",
    "themes list",
    "refresh 2014-07-28 --json",
    "collect --dry-run",
]


def test_reading_commands_need_no_writing(publication: Path, tmp_path: Path) -> None:
    """They answer exactly as where everything can be written, know all issues, and leave nothing behind."""
    copy = shutil.copytree(publication, tmp_path / "journal")
    writes = run(copy, *READING)
    with read_only(publication):
        before = state(publication)
        out = tmp_path / "out"
        *reads, built, refused = run(publication, *READING, f"build {ISSUE} --out {out}", "collect")
        assert state(publication) == before
    for command, one, other in zip(READING, reads, writes, strict=True):
        assert one == other, command
    shown: dict[str, Any] = json.loads(reads[1][1])
    assert "2014-08-01" in json.dumps(shown)
    assert (built[0], (out / "issue.pdf").is_file()) == (0, True), built
    assert refused[0] == 1
    assert "cannot be opened or written here" in refused[2]


@pytest.mark.parametrize("others", [{"library.db-wal", "library.db-shm"}, {"library.db-wal"}])
def test_a_library_whose_writer_was_killed(tmp_path: Path, others: set[str]) -> None:
    """What is still in SQLite's file next to the library is read, even where only that one was copied with it."""
    original, root = tmp_path / "original", tmp_path / "copy"
    original.mkdir()
    with Library.open(original / "library.db") as library:
        library.collect([arrival("1", doi="10.1000/1")], source="s", today=TODAY)
        root.mkdir()
        for name in {"library.db", *others}:
            shutil.copy(original / name, root / name)
    with read_only(root):
        before = state(root)
        (code, out, err), (checked, *_) = run(
            root, "search --library library.db --json", "library check --library library.db"
        )
        assert state(root) == before
    assert (code, checked, json.loads(out)["hits"][0]["record"]["ids"]["doi"]) == (0, 0, "10.1000/1"), err


def test_an_earlier_version_that_cannot_be_written(tmp_path: Path) -> None:
    """The message says what to do; where it can be written, the library is brought up to date."""
    root = tmp_path / "journal"
    root.mkdir()
    Library.open(root / "library.db").close()
    with contextlib.closing(sqlite3.connect(root / "library.db")) as connection:
        connection.executescript(
            "DROP TABLE removed; DROP TABLE removed_keys; DROP TABLE removed_sources; PRAGMA user_version = 6"
        )
        connection.execute("PRAGMA journal_mode = DELETE")
    with read_only(root):
        before = state(root)
        ((code, out, err),) = run(root, "search --library library.db")
        assert state(root) == before
    assert (code, out) == (1, "")
    assert "version 6" in err
    assert "run “digest library check” where it can be written" in err
    ((code, _, err),) = run(root, "library check --library library.db")
    assert code == 0, err


def test_a_library_that_changes_while_it_is_read(tmp_path: Path) -> None:
    """Where no lock can be had, a change is noticed, and no answer is given that mixes two states."""
    root = tmp_path / "journal"
    root.mkdir()
    path = root / "library.db"
    with Library.open(path) as library:
        library.collect([arrival("1", doi="10.1000/1")], source="s", today=TODAY)
    script = (
        "import sys; from pathlib import Path; from digest.library import Library; from digest.errors import DigestError\n"
        "with Library.open(Path('library.db')) as library:\n"
        "    print(len(library), flush=True); sys.stdin.readline()\n"
        "    try: print(len(library))\n"
        "    except DigestError as error: print(error)\n"
    )
    with read_only(root):
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=_as_anybody,  # noqa: PLW1509 - no other thread starts processes here
        )
        assert process.stdout
        assert process.stdout.readline() == "1\n"
    with Library.open(path) as library:
        library.collect([arrival("2", doi="10.1000/2", title="Survival")], source="s", today=TODAY)
    out, _ = process.communicate("\n")
    assert out == "library.db: the library was changed while it was being read; try again\n"


# -- with others at work -----------------------------------------------------------------------------------------------


def test_readers_do_not_wait_for_a_writer(publication: Path, tmp_path: Path) -> None:
    """While another process writes, what was there before is read, with the issues as they are now."""
    root = Path(shutil.copytree(publication, tmp_path / "journal"))
    with contextlib.closing(sqlite3.connect(root / "library.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM records")
        (found, shown) = run(root, "search enzyme --json", "show P2102 --json")
        other.execute("ROLLBACK")
    assert (found[0], shown[0]) == (0, 0), (found, shown)
    assert "2014-08-01" in shown[1]


def test_what_was_learnt_is_written_with_what_comes_next(tmp_path: Path) -> None:
    """Issues that could not be noted while another process wrote are in the file after the next thing that is written."""
    path = tmp_path / "library.db"
    with Library.open(path) as library:
        library.collect([arrival("1", doi="10.1000/1")], source="s", today=TODAY)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            library.set_issues({"2014-07-28": (TODAY, ["doi:10.1000/1"])}, "stamp")
            other.execute("ROLLBACK")
            assert [one.issue for one in library.get("doi:10.1000/1").highlighted] == ["2014-07-28"]
            assert other.execute("SELECT count(*) FROM highlighted").fetchone() == (0,)
            assert library.issues_stamp() == ""
        library.collect([arrival("2", doi="10.1000/2", title="Survival")], source="s", today=TODAY)
    with Library.open(path) as library:
        assert [one.issue for one in library.get("doi:10.1000/1").highlighted] == ["2014-07-28"]


def _of_another_program(path: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in ("PRAGMA journal_mode = WAL", "CREATE TABLE songs(name)", "INSERT INTO songs VALUES('one')"):
    connection.execute(statement)
os.kill(os.getpid(), 9)
"""


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE songs(name)"],
        ["PRAGMA journal_mode = WAL", "CREATE TABLE songs(name)"],
        ["PRAGMA application_id = 7"],
        ["PRAGMA user_version = 3"],
        ["PRAGMA user_version = 7", "CREATE TABLE records(n)"],
        [],  # it was killed while everything was in the file next to it
    ],
    ids=["tables", "tables, WAL", "a number", "a version", "tables and our version", "killed"],
)
def test_another_programs_database_is_not_touched(tmp_path: Path, statements: list[str]) -> None:
    """It is refused after being read alone: its bytes, and those of SQLite's file next to it, are as before."""
    path = tmp_path / "songs.db"
    if statements:
        _of_another_program(path, *statements)
    else:
        done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
        assert done.returncode == -signal.SIGKILL
    before = {name: value[1] for name, value in state(tmp_path).items() if not name.endswith("-shm")}
    with pytest.raises(DigestError, match="another program's database"):
        Library.open(path)
    assert {name: value[1] for name, value in state(tmp_path).items() if not name.endswith("-shm")} == before


def test_a_library_that_is_no_file(tmp_path: Path) -> None:
    """A folder, a pipe and a link to itself are refused at once."""
    folder, pipe, loop = tmp_path / "folder.db", tmp_path / "pipe.db", tmp_path / "loop.db"
    folder.mkdir()
    os.mkfifo(pipe)
    loop.symlink_to(loop)
    for path in (folder, pipe, loop):
        with pytest.raises(DigestError, match=r"not a file|cannot be read"):
            Library.open(path)


def test_a_link_to_a_library(tmp_path: Path) -> None:
    """SQLite's own files are looked for next to the file itself."""
    (tmp_path / "far").mkdir()
    with Library.open(tmp_path / "far" / "library.db") as library:
        library.collect([arrival("1", doi="10.1000/1")], source="s", today=TODAY)
        (tmp_path / "library.db").symlink_to(tmp_path / "far" / "library.db")
        with Library.open(tmp_path / "library.db") as linked:
            assert len(linked) == 1
