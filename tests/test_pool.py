"""Executors of local processes: what tasks give comes back, what they break stays theirs, nothing outlives the parent."""

from __future__ import annotations

import contextlib
import os
import pickle
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import CancelledError, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest import pool
from digest.errors import DigestError, LimitError, ProjectError
from digest.worker import JobLimits
from tests import pool_tasks
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are looked up in /proc")

LIMITS = JobLimits(seconds=1, memory=300 * 2**20, clock=120)
LONG = 120  # seconds after which a test gives up; nothing here takes a tenth of it by itself


@pytest.fixture(scope="module")
def executor() -> Iterator[Executor]:
    """One for all tests that leave it as it was, which is what it is for."""
    with pool.local(2, limits=LIMITS, called="the process of the test") as made:
        yield made


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("crash", "record crash: the process of the test ended by signal 11 (Segmentation fault)"),
        ("kill", "record kill: the process of the test ended by signal 9 (Killed)"),
        ("exit", "record exit: the process of the test ended with code 3"),
        ("spin", "record spin: this took more than 1 seconds of computing and was stopped"),
        ("deaf", "record deaf: this took more than 1 seconds of computing and was stopped"),
        ("memory", "record memory: this took more than 300 MiB of memory and was stopped"),
    ],
)
def test_a_task_that_breaks_its_process_ends_alone(executor: Executor, what: str, says: str) -> None:
    """What crashes, hangs or takes too much is an error of its own task; those before and after it are done."""
    before, broken, *after = [
        executor.submit(pool_tasks.misbehave, one) for one in (b"a", what.encode(), b"b", b"c", b"d")
    ]
    error = broken.exception()
    assert isinstance(error, LimitError)
    assert str(error) == says
    assert [one.result() for one in (before, *after)] == [b"a", b"b", b"c", b"d"]


def test_a_task_that_waits_for_ever_is_ended_by_the_clock() -> None:
    """A task that computes nothing has a limit, too."""
    with pool.local(1, limits=JobLimits(seconds=1, clock=0.3)) as executor:
        waiting, after = executor.submit(pool_tasks.misbehave, b"wait"), executor.submit(pool_tasks.upper, b"a")
        with pytest.raises(LimitError, match=r"^record wait: this took longer than 0.3 seconds and was stopped$"):
            waiting.result()
        assert after.result() == b"A"


def test_what_is_raised_comes_back_as_it_is(executor: Executor) -> None:
    """Errors of ours come with all that they carry, others with their kind; the process goes on."""
    error = executor.submit(pool_tasks.misbehave, b"error").exception()
    assert isinstance(error, DigestError)
    assert (error.found, error.where, error.expected) == ("odd", "a.yaml:3", "even")
    problems = executor.submit(pool_tasks.misbehave, b"problems").exception()
    assert isinstance(problems, ProjectError)
    assert problems.problems == (pool_tasks.PROBLEM,)
    assert isinstance(executor.submit(pool_tasks.misbehave, b"other").exception(), KeyError)


def test_what_cannot_be_sent_is_an_error_of_its_task(executor: Executor) -> None:
    """A function without a name fails by itself."""
    assert isinstance(executor.submit(lambda one: one, b"a").exception(), pickle.PicklingError | AttributeError)
    assert executor.submit(pool_tasks.upper, b"a").result() == b"A"


def test_processes_are_kept_and_there_are_no_more_than_asked_for(executor: Executor) -> None:
    """Twenty tasks are done by two processes, which are started when there is something to do."""
    numbers = {one.result() for one in [executor.submit(pool_tasks.number, b"") for _ in range(20)]}
    assert len(numbers) == 2
    with pool.local(4, limits=LIMITS) as fresh:
        workers = {int(fresh.submit(pool_tasks.number, b"").result()) for _ in range(5)}
        assert len(workers) == 1
        assert _processes_of(_parent(*workers)) == [*workers]


def test_results_come_in_the_order_of_their_payloads(executor: Executor) -> None:
    """Whatever is finished first: `map`, and `ordered`, which takes no more payloads than it may be ahead."""
    payloads = [b"x" * (n % 7 * 100_000) + str(n).encode() for n in range(60)]
    assert list(executor.map(pool_tasks.upper, payloads)) == [one.upper() for one in payloads]
    taken = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for one in payloads:
            taken += 1
            yield one

    results = pool.ordered(executor, pool_tasks.upper, counted(), ahead=5)
    for n, one in enumerate(results):
        assert one.result() == payloads[n].upper()
        assert taken <= n + 5
    assert taken == len(payloads)


def test_results_are_handed_over_as_they_come(tmp_path: Path) -> None:
    """A slow task holds up none that comes later."""
    held = tmp_path / "held.txt"
    with pool.local(2, limits=LIMITS) as executor:
        slow = executor.submit(pool_tasks.append, str(held).encode())
        quick = [executor.submit(pool_tasks.upper, b"a") for _ in range(10)]
        finished = as_completed([slow, *quick])
        assert [next(finished) for _ in range(10)] == sorted(quick, key=quick.index) or not slow.done()
        held.with_suffix(".go").touch()
        assert next(finished) is slow


def test_waiting_tasks_can_be_cancelled(tmp_path: Path) -> None:
    """What has not begun is never done; of thousands none is on its way to a process before its turn."""
    held, never = tmp_path / "held.txt", tmp_path / "never.txt"
    with pool.local(1, limits=LIMITS) as executor:
        first = executor.submit(pool_tasks.append, str(held).encode())
        rest = [executor.submit(pool_tasks.append, str(never).encode()) for _ in range(3000)]
        while not held.exists():
            time.sleep(0.01)
        assert not first.cancel()
        assert all(one.cancel() for one in rest)
        held.with_suffix(".go").touch()
        assert first.result() == str(held).encode()
        with pytest.raises(CancelledError):
            rest[0].result()
    assert not never.exists()


def test_an_exception_ends_what_is_being_done(tmp_path: Path) -> None:
    """Ctrl-C passes through a ``with`` as an exception: nobody waits then, and no process is left."""
    held = tmp_path / "held.txt"
    before = _children()
    executor = pool.local(2, limits=LIMITS)
    futures: list[Future[bytes]] = []

    def stopped() -> None:
        with executor:
            futures.extend(executor.submit(pool_tasks.append, str(held).encode()) for _ in range(9))
            _until(held.exists)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert all(one.done() for one in futures)
    assert _children() == before


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What libraries leave in the folder for temporary files is gone with the process, and so is its folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pool.local(1, limits=LIMITS) as executor:
        executor.submit(pool_tasks.misbehave, b"litter").result()
        assert len([path for path in tmp_path.rglob("*") if path.name.startswith("tmp")]) == 1
    assert not list(tmp_path.iterdir())


def test_a_fork_server_that_was_ended_is_replaced() -> None:
    """Somebody may end any process: the task at work is lost, the next is done."""
    with pool.local(1, limits=LIMITS) as executor:
        worker = int(executor.submit(pool_tasks.number, b"").result())
        os.kill(_parent(worker), signal.SIGKILL)
        results = [executor.submit(pool_tasks.upper, b"a") for _ in range(3)]
        assert [one.exception() or one.result() for one in results][1:] == [b"A", b"A"]


def test_what_cannot_be_loaded_is_reported() -> None:
    """A module to load beforehand that is not there is an error of each task."""
    with pool.local(1, limits=LIMITS, warm="digest.nothing") as executor:
        error = executor.submit(pool_tasks.upper, b"a").exception()
    assert isinstance(error, DigestError)
    assert error.found.startswith("digest.nothing could not be loaded: ModuleNotFoundError")


def test_without_processes() -> None:
    """`here` is an executor as well: a task is done when it has been submitted, and what it raises is its future's."""
    with pool.here() as executor:
        assert executor.submit(pool_tasks.number, b"").result() == str(os.getpid()).encode()
        assert isinstance(executor.submit(pool_tasks.misbehave, b"error").exception(), DigestError)


SCRIPT = """
    import sys, threading
    from digest import pool
    from digest.ending import ended_by_signals, Stopped
    from digest.worker import JobLimits
    from tests import pool_tasks
    if sys.argv[2] == "threads":
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    try:
        with ended_by_signals(), pool.local(2, limits=JobLimits(clock=99)) as executor:
            print(executor.submit(pool_tasks.upper, b"ready").result().decode(), flush=True)
            for one in [executor.submit(pool_tasks.append, sys.argv[1].encode()) for _ in range(5)]:
                one.result()
    except Stopped as stopped:
        sys.exit(stopped.exit_code)
"""


@pytest.mark.parametrize("threads", ["threads", "alone"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_processes_end_with_the_parent(tmp_path: Path, number: signal.Signals, threads: str) -> None:
    """However the parent ends, in the middle of work: the fork server, whether a fork or not, and workers end with it."""
    held = tmp_path / "held.txt"
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), str(held), threads],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "READY\n"
        _until(lambda: held.exists() and len(held.read_text("ascii").split()) == 2)
        below = [int(child) for child in held.read_text("ascii").split()]
        below += [_parent(below[0])]
        assert process.pid not in below
        if number == signal.SIGINT:
            os.killpg(process.pid, number)  # as a terminal does it
        else:
            process.send_signal(number)
        assert process.wait(LONG) == (-9 if number == signal.SIGKILL else 128 + number)
        _until(lambda: not any(_is_there(one) for one in below))
    assert number == signal.SIGKILL or [path.name for path in tmp_path.iterdir()] == ["held.txt"]


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def _is_there(process: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] not in "ZX"
    return False


def _processes_of(parent: int) -> list[int]:
    return [
        int(one) for file in Path(f"/proc/{parent}/task").glob("*/children") for one in file.read_text("ascii").split()
    ]


def _parent(process: int) -> int:
    """Of a worker, its fork server."""
    return int(Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[1])


def _children() -> set[int]:
    """What this process has started: fork servers, but a browser of other tests as well."""
    return {one for one in _processes_of(os.getpid()) if _is_there(one)}


def test_threads_of_the_caller(executor: Executor) -> None:
    """Several threads may submit at once."""
    found: list[bytes] = []

    def add(payload: bytes) -> None:
        found.append(executor.submit(pool_tasks.upper, payload).result())

    threads = [threading.Thread(target=add, args=(b"%d" % n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(b"%d" % n for n in range(20))


def test_the_example_of_the_manual() -> None:
    """The page about processes has a program that runs."""
    page = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
