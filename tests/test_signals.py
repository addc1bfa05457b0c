"""Signals: Ctrl-C, a closed terminal and “kill” end a command and all its processes, with one line and the right code."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest.cli import main
from digest.ending import SIGNALS, Stopped, ended_by_signals, held
from tests.conftest import ROOT, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are looked up in /proc")

LONG = 120  # seconds after which a test gives up; nothing here takes a hundredth of it by itself
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
CODES = {signal.SIGINT: 130, signal.SIGHUP: 129, signal.SIGTERM: 143}
SAYS = {
    signal.SIGINT: "digest: stopped by Ctrl-C\n",
    signal.SIGHUP: "digest: stopped by SIGHUP\n",
    signal.SIGTERM: "digest: stopped by SIGTERM\n",
}


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication with a template that goes on for minutes, and a library."""
    root = tmp_path_factory.mktemp("signals") / "journal"
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("_build"))
    subprocess.run([sys.executable, "-m", "digest", "collect"], cwd=root, check=True, capture_output=True, env=_env())
    (root / "overrides" / "partials").mkdir(parents=True, exist_ok=True)
    (root / "overrides" / "partials" / "notice.html").write_text(ENDLESS, encoding="utf-8")
    return root


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


@contextlib.contextmanager
def running(cwd: Path, *arguments: str, before: Callable[[], object] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A command in a process group of its own, as a shell starts it."""

    def as_a_shell() -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may ignore some
        if before:
            before()

    process = subprocess.Popen(
        [sys.executable, "-m", "digest", *arguments],
        cwd=cwd,
        env=_env(),
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=as_a_shell,  # noqa: PLW1509 - no other thread starts processes here
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def below(pid: int) -> set[int]:
    """The processes that one has started, and those that these have."""
    found: set[int] = set()
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, file.read_text("ascii").split()):
                found |= {child} | below(child)
    return found


def alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())  # one that nobody has asked for its code has none
    return False


def wait_for(what: Callable[[], object]) -> None:
    until = time.monotonic() + LONG
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def handles(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal: it has got that far."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def snapshot(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }


@pytest.mark.parametrize(
    ("number", "command", "to_all"),
    [
        *((number, "build", False) for number in SIGNALS),
        (signal.SIGINT, "build", True),  # as a terminal sends Ctrl-C
        (signal.SIGTERM, "build", True),  # as “timeout” does it
        (signal.SIGTERM, "check", False),
    ],
)
def test_a_signal_ends_a_command_and_its_processes(
    publication: Path, number: signal.Signals, command: str, *, to_all: bool
) -> None:
    """The command ends with the code of the signal and one line, its processes with it, and no file has changed."""
    before = snapshot(publication)
    with running(publication, command) as process:
        wait_for(lambda: below(process.pid))
        started = below(process.pid)
        (os.killpg if to_all else os.kill)(process.pid, number)
        out, err = process.communicate(timeout=LONG)
    assert (process.returncode, out, err) == (CODES[number], "", SAYS[number])
    wait_for(lambda: not any(map(alive, started)))
    assert snapshot(publication) == before


def test_processes_end_with_a_command_that_is_killed(publication: Path) -> None:
    """Whoever is killed without warning leaves no process that works on."""
    with running(publication, "build") as process:
        wait_for(lambda: below(process.pid))
        started = below(process.pid)
        process.kill()
        process.communicate(timeout=LONG)
        wait_for(lambda: not any(map(alive, started)))


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_preview_ends_with_its_processes(publication: Path, number: signal.Signals) -> None:
    """The preview, too, which has processes in reserve, ends with the code of the signal."""
    with running(publication, "preview") as process:
        assert process.stdout
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        wait_for(lambda: len(below(process.pid)) >= 2)
        started = below(process.pid)
        process.send_signal(number)
        _, err = process.communicate(timeout=LONG)
        assert process.returncode == (-number if number == signal.SIGKILL else CODES[number])
        assert err.removeprefix("Open this address in a browser. Ctrl-C ends the preview.\n") == SAYS.get(number, "")
        wait_for(lambda: not any(map(alive, started)))


def test_ctrl_c_is_heard_while_another_process_writes(publication: Path) -> None:
    """A command that waits for the library can be ended, and has written nothing."""
    with contextlib.closing(sqlite3.connect(publication / "library.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with running(publication, "library", "remove", "P2101") as process:
            library = str(publication / "library.db")
            wait_for(lambda: library in _open_files(process.pid))
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=LONG)
        assert (process.returncode, out, err) == (130, "", SAYS[signal.SIGINT])
        other.execute("ROLLBACK")
        assert other.execute("SELECT count(*) FROM removed").fetchone() == (0,)


def _open_files(pid: int) -> set[str]:
    found = set()
    for file in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.add(str(file.readlink()))
    return found


def test_what_is_ignored_stays_ignored(publication: Path) -> None:
    """After “nohup”, a closed terminal does not end a command; “kill” does."""
    with running(publication, "convert", "-", before=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        wait_for(lambda: handles(process.pid, signal.SIGTERM))
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=LONG) == ("", SAYS[signal.SIGTERM])
        assert process.returncode == 143


@pytest.mark.parametrize("arguments", ["search", "--help", "--version", "cite --help"])
def test_a_reader_that_has_enough(publication: Path, arguments: str) -> None:
    """A command whose output nobody reads any longer ends without a word, with the code that shells give to SIGPIPE."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "digest", *arguments.split()]
    done = subprocess.run(command, cwd=publication, env=_env(), check=False, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, b"Traceback" in done.stderr) == (141, False)


@pytest.mark.parametrize("stream", [0, 1, 2])
def test_a_stream_that_is_closed(publication: Path, stream: int) -> None:
    """Output that would be lost is an error; a command without it works, and no file takes the stream's number."""
    closing = (
        f"import os; os.close({stream}); os.execv({sys.executable!r}, [{sys.executable!r}, '-m', 'digest', 'search'])"
    )
    command = [sys.executable, "-c", closing]
    done = subprocess.run(command, cwd=publication, env=_env(), check=False, capture_output=True)
    said = done.stderr.decode()
    assert (done.returncode, "standard output is closed" in said) == ((1, True) if stream == 1 else (0, False))
    assert "bug" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("arguments", ["search", "--help", "--version", "cite --help"])
def test_a_disk_that_is_full(publication: Path, arguments: str) -> None:
    """Output that cannot be written is an error of one line."""
    command = [sys.executable, "-m", "digest", *arguments.split()]
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(command, cwd=publication, env=_env(), check=False, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr.decode().splitlines()[-1]) == (1, "digest: No space left on device")
    assert b"Traceback" not in done.stderr


# -- in a program of one's own -----------------------------------------------------------------------------------------


def test_handlers_are_put_back() -> None:
    """Whoever calls `main` has its own handlers of signals afterwards; in another thread they are never touched."""
    before = [signal.getsignal(number) for number in SIGNALS]
    assert main(["schema"]) == 0
    assert [signal.getsignal(number) for number in SIGNALS] == before
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["schema"])))
    thread.start()
    thread.join()
    assert codes == [0]


def _together(done: list[str]) -> None:
    with held():
        signal.raise_signal(signal.SIGTERM)
        with held():
            done.append("first")
        signal.raise_signal(signal.SIGTERM)
        done.append("last")
    done.append("more")


def test_steps_that_belong_together() -> None:
    """A signal that comes in the middle of them waits until they are done; one more changes nothing."""
    done: list[str] = []
    with ended_by_signals(), pytest.raises(Stopped) as caught:
        _together(done)
    assert (done, caught.value.exit_code) == (["first", "last"], 143)


def _cleaned(done: list[str]) -> None:
    try:
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.raise_signal(signal.SIGTERM)
        done.append("all")


def test_cleaning_up_is_not_disturbed() -> None:
    """Some send a signal twice: what the first one has begun goes on to its end."""
    done: list[str] = []
    with ended_by_signals(), pytest.raises(Stopped):
        _cleaned(done)
    assert done == ["all"]


class _Deleted:
    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def _deleted() -> None:
    _Deleted()
    wait_for(lambda: False)


def test_a_signal_is_not_lost_while_an_object_is_deleted() -> None:
    """Python drops what is raised there: the signal ends the command all the same."""
    with ended_by_signals(), pytest.raises(Stopped):
        _deleted()
