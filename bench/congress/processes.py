"""What a command and all processes that it starts take: seconds of computing, wall time, and memory at one moment."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

EVERY: Final = 0.1  # seconds between two looks
_LEFT: Final = 5.0  # seconds in which a process may still end after the command has
_SUBREAPER: Final = 36  # PR_SET_CHILD_SUBREAPER (prctl(2)): orphans of the command become children of this process
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_MIB: Final = 2**20


class Usage(Struct, frozen=True, kw_only=True):
    """What a command took.

    Attributes:
        status: its exit status; of one that a signal ended, minus the signal.
        wall: seconds until it had ended.
        cpu: seconds of computing, of all processes together.
        peak: MiB that all processes together had at one moment: shared pages count once.
        said: the last lines that it printed.
    """

    status: int
    wall: float
    cpu: float
    peak: float
    said: str


def measured(command: Sequence[str], folder: Path) -> Usage:
    """Runs a command in a folder; every process that it leaves running is ended.

    For a process that has no other children: this one becomes the parent of orphans, and waits for all its children.
    Memory is looked at ten times a second; a peak in between is missed, but for that of the largest process.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryFile() as printed:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
        )
        watch = _Watch()
        watch.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:  # Ctrl-C: nothing goes on that nobody waits for
            _end(watch)
            raise
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = used.ru_utime + used.ru_stime + _orphans(watch)
        watch.done.set()
        watch.join()
        printed.seek(0)
        said = printed.read().decode(errors="replace").strip().splitlines()
    return Usage(
        status=process.returncode,
        wall=wall,
        cpu=max(cpu, watch.cpu),
        peak=max(watch.peak, used.ru_maxrss / 1024),
        said="\n".join(said[-3:]),
    )


def _orphans(watch: _Watch) -> float:
    """Waits for what the command has left running; gives the seconds that it computed."""
    seconds, end = 0.0, time.monotonic() + _LEFT
    while True:
        try:
            pid, _, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return seconds
        if pid:
            seconds += used.ru_utime + used.ru_stime
        elif time.monotonic() > end:
            _end(watch)
            end += _LEFT
        else:
            time.sleep(0.01)


def _end(watch: _Watch) -> None:
    for left in watch.alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(left, signal.SIGKILL)


class _Watch(threading.Thread):
    """Looks at all processes that come from this one, until `done` is set.

    Attributes:
        peak: the most memory that all had together, in MiB.
        cpu: the seconds that each had computed when it was last seen, together.
        done: set when nothing is left to look at.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.peak = 0.0
        self._seconds: dict[tuple[int, int], float] = {}  # by number and beginning of the process

    @property
    def cpu(self) -> float:
        return sum(self._seconds.values())

    def run(self) -> None:
        while not self.done.wait(EVERY):
            self.peak = max(self.peak, sum(map(_memory, self.alive())) / _MIB)

    def alive(self) -> list[int]:
        """All processes that come from this one: the command, its descendants, and those that it has left."""
        stats = {pid: stat for name in os.listdir("/proc") if name.isdecimal() and (stat := _stat(pid := int(name)))}  # noqa: PTH208 - often
        children: dict[int, list[int]] = {}
        for pid, (parent, _, _) in stats.items():
            children.setdefault(parent, []).append(pid)
        found: list[int] = []
        waiting = list(children.get(os.getpid(), ()))
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += children.get(pid, ())
            _, began, seconds = stats[pid]
            self._seconds[pid, began] = seconds
        return found


def _stat(pid: int) -> tuple[int, int, float] | None:
    """Parent, beginning and seconds of computing of a process, without its children (proc(5)); none: it has ended."""
    try:
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[1]), int(fields[19]), (int(fields[11]) + int(fields[12])) / _TICKS


def _memory(pid: int) -> int:
    """Bytes of a process, shared pages divided by the number of those that share them."""
    try:
        lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:")), 0)


def _read(path: str) -> bytes:
    """A small file of the kernel: it is asked for so often that Python's own way would be seen in the figures."""
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 8192)
    finally:
        os.close(file)
