"""A job runs in a process of its own, with limits on time and memory; what it gives or raises comes back as a value.

A template may loop without end, ask for more memory than there is, or make a library crash. Only a process can be ended
in all of these cases. The first limit is soft: `LimitError` is raised inside the job, so that whoever runs a template
can say which line it was. A job that does not end then is killed.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import pickle
import re
import signal
import sys
import tempfile
import time
import traceback
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import msgspec

from digest.errors import DigestError, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

P = ParamSpec("P")
T = TypeVar("T")

GRACE: Final = 2.0  # seconds between the soft limit and the end
_LOOK: Final = 0.05  # seconds in which it is seen how deep calls are nested
_MIB: Final = 2**20


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a job may use.

    Attributes:
        seconds: how long it may take.
        memory: bytes that it may ask for, beside what its process has already.
    """

    seconds: float = 60
    memory: int = 2048 * _MIB


def entries(folder: Path) -> int:
    """How many articles and records an issue has, or a few more."""
    return sum(1 for name in ("articles", "records") for _ in (folder / name).glob("*"))


def for_issue(entries: int) -> Limits:
    """Ten times what an issue of so many entries takes on two busy cores, and half a minute for slow machines."""
    return Limits(seconds=30 + 4 * entries, memory=(2048 + 8 * entries) * _MIB)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raises `LimitError` in the code under it when its time is over, again each second while somebody swallows it.

    It is raised where the calls are nested most: a template that includes another one takes turns with it, and the one
    that loops is the inner one.
    """
    looking = False

    def error() -> LimitError:
        return LimitError(f"this took longer than {seconds:g} seconds and was stopped")

    def over(_signal: int, _frame: FrameType | None) -> None:
        nonlocal looking
        if looking:
            sys.setprofile(None)
            raise error()
        looking, deepest, until = True, 0, time.monotonic() + _LOOK

        def enter(frame: FrameType, event: str, _value: object) -> None:
            nonlocal deepest
            if event == "call":
                deep = sum(1 for _ in traceback.walk_stack(frame))
                if deep >= deepest and time.monotonic() >= until:
                    sys.setprofile(None)
                    raise error()
                deepest = max(deep, deepest)

        sys.setprofile(enter)

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.setprofile(None)
        signal.signal(signal.SIGALRM, before)


def limit_memory(more: int) -> None:
    """Lets this process, and those that it starts, ask for so many bytes more than it has now; for good."""
    import resource

    with contextlib.suppress(OSError, ValueError):  # no /proc, or a lower limit is set already: nothing to add
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
            have = int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = have + more
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def run(limits: Limits, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """What a function gives, called in a process of its own.

    The process is a fork of this one: it starts in milliseconds, with everything that is loaded here. Where there is no
    fork, the function is called here, without limits.

    Raises:
        LimitError: it took too long or too much memory, or its process ended by itself.
        Exception: whatever the function raised.
    """
    if not hasattr(os, "fork"):  # pragma: no cover - Windows
        return function(*args, **options)
    with tempfile.TemporaryFile() as trace:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _work(writing, trace.fileno(), limits, lambda: function(*args, **options))
        os.close(writing)
        try:
            answer = _read(reading, time.monotonic() + limits.seconds + GRACE)
        finally:
            os.close(reading)
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        if answer is None:
            trace.seek(0)
            raise LimitError(
                f"this took longer than {limits.seconds:g} seconds and was stopped", where=last_place(trace.read())
            )
    if not answer:
        raise ended(os.waitstatus_to_exitcode(status))
    given, value = pickle.loads(answer)  # noqa: S301 - our own process wrote it
    if not given:
        raise value
    result: T = value
    return result


def ended(code: int) -> LimitError:
    """What is told of a process that ended without an answer."""
    how = f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with code {code}"
    return LimitError(
        f"the process that makes the pages ended {how}",
        todo="often a picture or font that a library cannot bear: take away what was added last",
    )


def last_place(trace: bytes) -> str:
    """The template that a dump of `faulthandler` was in, innermost first; empty where there was none."""
    match = re.search(rb'File "([^"]+\.(?:html|txt|xml))", line (\d+)', trace)
    return os.path.relpath(match[1].decode(errors="replace")) if match else ""


def _work(writing: int, trace: int, limits: Limits, job: Callable[[], Any]) -> None:
    """The child's whole life."""
    code = 1
    try:
        limit_memory(limits.memory)
        # Python code is told by a signal; a library that does not come back is asked where it is just before the end.
        faulthandler.dump_traceback_later(limits.seconds + GRACE / 2, file=trace)
        answer = pickle.dumps(_outcome(limits, job))
        signal.setitimer(signal.ITIMER_REAL, 0)
        view = memoryview(answer)
        while view:
            view = view[os.write(writing, view) :]
        code = 0
    finally:
        os._exit(code)  # no exception gets out of the child; the parent tells that it ended


def _outcome(limits: Limits, job: Callable[[], Any]) -> tuple[bool, Any]:
    try:
        with deadline(limits.seconds):
            return True, job()
    except MemoryError:
        return False, LimitError(f"this took more than {limits.memory // _MIB} MiB of memory and was stopped")
    except Exception as error:  # noqa: BLE001 - it is raised again in the parent
        if not isinstance(error, DigestError):
            error.add_note("".join(traceback.format_tb(error.__traceback__)))
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        except Exception:  # noqa: BLE001 - an exception of a library that cannot travel
            return False, RuntimeError(f"{type(error).__name__}: {error}")
        return False, error


def _read(reading: int, until: float) -> bytes | None:
    """All bytes up to the end; nothing when the end does not come in time."""
    import select

    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return None
        part = os.read(reading, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)
