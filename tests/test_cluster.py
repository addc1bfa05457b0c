"""Executors of a Dask cluster: a real scheduler and worker processes on 127.0.0.1, some of which are lost."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from digest import pool
from digest.errors import DigestError, LimitError, MissingRequirementError, ProjectError
from digest.pool.machines import do_at_worker
from digest.worker import JobLimits
from tests import pool_tasks
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are looked up in /proc")
distributed = pytest.importorskip("distributed", reason="the extra “cluster” is not installed")

LIMITS = JobLimits(seconds=5, memory=300 * 2**20, clock=120)
LONG = 60  # seconds after which a test gives up
WORKERS = 4  # two of the tests lose three of them


class Machines:
    """A scheduler and workers, each a process of its own, as a shell starts them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.workers: list[subprocess.Popen[bytes]] = []
        self.scheduler = self._started("scheduler", "--port", "0", "--scheduler-file", str(folder / "scheduler.json"))
        self.address = ""
        until = time.monotonic() + LONG
        while not self.address:
            assert time.monotonic() < until
            time.sleep(0.05)
            with contextlib.suppress(OSError, ValueError):
                self.address = json.loads((folder / "scheduler.json").read_text(encoding="utf-8"))["address"]

    def _started(self, kind: str, *arguments: str, first: Path = ROOT) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    f"distributed.cli.dask_{kind}",
                    *arguments,
                    "--host",
                    "127.0.0.1",
                    "--no-dashboard",
                ],
                cwd=self._folder,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(map(str, (first, ROOT))),
                    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
                    # Dask blames a lost worker on all that it had been given: here that is one task.
                    "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0",
                    "DASK_TEMPORARY_DIRECTORY": str(self._folder),
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start_worker(self, first: Path = ROOT) -> subprocess.Popen[bytes]:
        worker = self._started("worker", self.address, "--no-nanny", "--nthreads", "1", first=first)
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    started = Machines(tmp_path_factory.mktemp("cluster"))
    yield started
    started.end()


@pytest.fixture(scope="module")
def executor(scheduler: Machines) -> Iterator[Executor]:
    for _ in range(WORKERS):
        scheduler.start_worker()
    with pool.cluster(
        scheduler.address, limits=LIMITS, warm="digest.errors", called="its process", patience=LONG / 2
    ) as made:
        yield made


def test_nobody_at_the_address() -> None:
    """A scheduler that does not answer is a thing that is missing: exit code 4, and how to start one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(MissingRequirementError, match=r"the scheduler does not answer") as raised:
            pool.cluster(address, limits=LIMITS, patience=0.2)
    assert raised.value.where == address
    assert raised.value.exit_code == 4
    assert "dask scheduler" in raised.value.todo


@pytest.mark.parametrize("address", ["", "nonsense", "http://127.0.0.1:1", "tcp://", "tcp://127.0.0.1:99999999"])
def test_what_is_not_an_address(address: str) -> None:
    """A wrong address is the same error, whatever Dask makes of it."""
    with pytest.raises(MissingRequirementError, match=r"the scheduler does not answer"):
        pool.cluster(address, limits=LIMITS, patience=0.2)


def test_somebody_else_at_the_address() -> None:
    """A server that says nothing, because it is not a scheduler, is the same error."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(pool.SchedulerError, match=r"the scheduler does not answer: nothing came in 0.4 seconds"),
    ):
        pool.cluster(f"tcp://127.0.0.1:{silent.getsockname()[1]}", limits=LIMITS, patience=0.2)


def test_a_scheduler_without_workers(scheduler: Machines) -> None:
    """Nobody waits for workers that nobody has started."""
    with pytest.raises(pool.SchedulerError, match=rf"has no workers; “dask worker {scheduler.address}” starts one"):
        pool.cluster(scheduler.address, limits=LIMITS, patience=0.2)


def test_a_worker_with_another_program(scheduler: Machines, tmp_path: Path) -> None:
    """Another release of the program is noticed before there is work: what was found where, and what was expected."""
    shutil.copytree(ROOT / "digest", tmp_path / "digest", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "digest" / "pool" / "machines.py").open("a", encoding="utf-8") as file:
        file.write("\n# another release\n")
    worker = scheduler.start_worker(first=tmp_path)
    with pytest.raises(DigestError, match=r"this worker has digest ") as raised:
        pool.cluster(scheduler.address, limits=LIMITS, patience=LONG / 2)
    assert raised.value.where.startswith("tcp://127.0.0.1:")
    ours = pool.program_versions()["digest"]
    assert raised.value.expected.startswith(f"digest {ours}")
    assert ours not in raised.value.found
    worker.kill()
    worker.wait()
    scheduler.workers.remove(worker)


def test_a_worker_that_came_later_with_another_program() -> None:
    """Each task says which program it is from."""
    with pytest.raises(DigestError, match=r"a worker has digest .*; expected digest 0.0 \(other\)"):
        do_at_worker("0.0 (other)", (LIMITS, "", ""), b"")


def test_versions_of_all_that_makes_pages() -> None:
    """What decides about the bytes of pages is compared: packages, and libraries of the system."""
    versions = pool.program_versions()
    assert {"Python", "weasyprint", "pikepdf", "fonttools", "pillow"} <= versions.keys()
    assert "distributed" not in versions


def test_the_same_bytes_as_here(executor: Executor) -> None:
    """Results are those of `here`, in order; what is raised comes as it is, and crashes cost no worker."""
    payloads = [b"x" * (n % 5 * 50_000) + str(n).encode() for n in range(30)]
    assert list(executor.map(pool_tasks.upper, payloads)) == [one.upper() for one in payloads]
    taken = pool.ordered(executor, pool_tasks.upper, payloads, ahead=6)
    assert [one.result() for one in taken] == [one.upper() for one in payloads]
    tasks = [executor.submit(pool_tasks.misbehave, one) for one in (b"error", b"problems", b"crash", b"memory", b"a")]
    error, problems, crash, memory = [one.exception() for one in tasks[:4]]
    assert str(error) == "a.yaml:3: odd; expected even"
    assert isinstance(problems, ProjectError)
    assert problems.problems == (pool_tasks.PROBLEM,)
    assert isinstance(crash, LimitError)
    assert str(crash) == "record crash: its process ended by signal 11 (Segmentation fault)"
    assert str(memory) == "record memory: this took more than 300 MiB of memory and was stopped"
    assert tasks[4].result() == b"a"


def test_waiting_tasks_can_be_cancelled(executor: Executor, scheduler: Machines, tmp_path: Path) -> None:
    """The scheduler forgets what is cancelled, and none of it is done."""
    held, never = tmp_path / "held.txt", tmp_path / "never.txt"
    first = [executor.submit(pool_tasks.append, str(held).encode()) for _ in range(4 * WORKERS)]  # some for each worker
    _until(lambda: held.exists() and len(held.read_text("ascii").split()) == WORKERS)
    rest = [executor.submit(pool_tasks.append, str(never).encode()) for _ in range(50)]
    assert all(one.cancel() for one in rest)
    with distributed.Client(scheduler.address, set_as_default=False) as client:
        _until(lambda: client.run_on_scheduler(pool_tasks.left_to_do) == len(first))
    held.with_suffix(".go").touch()
    assert [one.result() for one in first] == [str(held).encode()] * len(first)
    assert executor.submit(pool_tasks.upper, b"a").result() == b"A"
    assert not never.exists()


def test_a_worker_that_is_killed_in_the_middle(executor: Executor, scheduler: Machines, tmp_path: Path) -> None:
    """Another worker does its task again: nothing is missing, and nothing is otherwise."""
    payload = str(tmp_path / "ended").encode()
    futures = [executor.submit(pool_tasks.end_machine, payload)]
    futures += [executor.submit(pool_tasks.upper, str(n).encode()) for n in range(40)]
    assert futures[0].result() == payload
    assert [one.result() for one in futures[1:]] == [str(n).encode() for n in range(40)]
    assert _left(scheduler) == WORKERS - 1


def test_a_task_that_ends_every_worker(executor: Executor, scheduler: Machines, tmp_path: Path) -> None:
    """It is given up; all others are done."""
    bad = executor.submit(pool_tasks.end_machine, str(tmp_path / "ended").encode() + b"!")
    others = [executor.submit(pool_tasks.upper, str(n).encode()) for n in range(40)]
    error = bad.exception()
    assert isinstance(error, LimitError)
    assert error.found == "several workers ended, one after the other, over this task, and it was given up"
    assert [one.result() for one in others] == [str(n).encode() for n in range(40)]
    assert _left(scheduler) == WORKERS - 3


def test_a_scheduler_that_goes_away(executor: Executor, scheduler: Machines, tmp_path: Path) -> None:
    """What was made is kept, what was not is an error with exit code 4, at once."""
    held = tmp_path / "held.txt"
    made = executor.submit(pool_tasks.upper, b"a")
    assert made.result() == b"A"
    lost = [executor.submit(pool_tasks.append, str(held).encode()) for _ in range(5)]
    _until(held.exists)
    scheduler.scheduler.kill()
    for future in (*lost, executor.submit(pool_tasks.upper, b"a")):
        error = future.exception(LONG)
        assert isinstance(error, pool.SchedulerError)
        assert str(error).startswith(f"{scheduler.address}: the scheduler went away")
        assert error.exit_code == 4
    assert made.result() == b"A"


def _left(machines: Machines) -> int:
    return sum(worker.poll() is None for worker in machines.workers)


def _until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_sheets_of_a_cluster_are_the_same_bytes(tmp_path: Path) -> None:
    """A PDF whose sheets are made elsewhere, where no file of the theme is, is the one that this machine makes."""
    from tests.test_sheets import document, made

    picture = ROOT / "seeds/sample/issues/2014-07-28/figures/cover.svg"
    text = document().replace("</h1>", f'</h1><img alt="" src="{picture.as_uri()}">')
    machines = Machines(tmp_path)
    try:
        machines.start_worker()
        with pool.cluster(machines.address, limits=LIMITS, patience=LONG / 2) as executor:  # the worker is there
            assert executor.submit(bytes.upper, b"a").result() == b"A"
        assert made(text, scheduler=machines.address).content == made(text).content
    finally:
        machines.end()
