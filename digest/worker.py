"""Runs a function in a child process with limits on time and memory; returns or raises what the function did.

A template may loop without end, ask for more memory than there is, or make a library crash. Only a process can be ended
in all of these cases. Time is the computing time that the job's process has used, so that a busy machine stops nothing;
far above is a limit of the clock, for a job that waits for ever. The first limit is soft: `LimitError` is raised inside
the job, so that whoever runs a template can say which line it was. A job that does not end then is ended by the system.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import math
import mmap
import os
import pickle
import re
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

import msgspec

from digest import ending
from digest.errors import DigestError, LimitError, of_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

P = ParamSpec("P")
T = TypeVar("T")

GRACE: Final = 5.0  # seconds of computing between the soft limit and the end: some may be counted at once
_LOOK: Final = 0.05  # seconds of computing in which it is seen how deep calls are nested
_FEW, _MANY = 50, 500  # calls that are looked at, at least: the clock of a machine that others share makes leaps
_PATIENCE: Final = 5.0  # seconds for a job to say where it was when the clock has run out
_MIB: Final = 2**20


class JobLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What a job may use.

    Attributes:
        seconds: how long its process may compute.
        memory: bytes that it may ask for, on top of what its process has already.
        clock: seconds after which it is ended whatever it has computed; none: `by_the_clock`.
    """

    seconds: float = 60
    memory: int = 2048 * _MIB
    clock: float | None = None


def by_the_clock(seconds: float) -> float:
    """How long a job may take that may compute so many seconds: it gets a twentieth of a processor at least."""
    return 60 + 20 * seconds


def entries(folder: Path) -> int:
    """How many articles and records an issue has, or a few more."""
    return sum(1 for name in ("articles", "records") for _ in (folder / name).glob("*"))


def for_issue(entries: int) -> JobLimits:
    """Five times what an issue of so many entries takes, and twenty seconds for slow machines."""
    return JobLimits(seconds=20 + 2 * entries, memory=(2048 + 8 * entries) * _MIB)


def for_trial(entries: int) -> JobLimits:
    """Three times what so many entries take, and ten seconds: an attempt that fails is to fail soon."""
    return msgspec.structs.replace(for_issue(entries), seconds=10 + entries)


@contextlib.contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raises `LimitError` in the code under it when it has computed so long, again each second while it is swallowed.

    It is raised where the calls are nested most: a template that includes another one takes turns with it, and the one
    that loops is the inner one.
    """
    looking = False

    def over(_signal: int, _frame: FrameType | None) -> None:
        nonlocal looking
        if looking:
            sys.setprofile(None)
            raise too_long(seconds)
        looking, deepest, until, calls = True, 0, time.process_time() + _LOOK, 0

        def enter(frame: FrameType, event: str, _value: object) -> None:
            nonlocal looking, deepest, until, calls
            if event == "call":
                deep, now, calls = sum(1 for _ in traceback.walk_stack(frame)), time.process_time(), calls + 1
                if deep >= deepest and now >= until and calls > _FEW:
                    sys.setprofile(None)
                    looking = False
                    raise too_long(seconds)
                if now >= until + _LOOK and calls > _MANY:  # what was deepest, such as a compiler at work, is over
                    deepest, until, calls = 0, now + _LOOK, 0
                deepest = max(deep, deepest)

        sys.setprofile(enter)

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.setprofile(None)
        signal.signal(signal.SIGPROF, before)


def too_long(seconds: float) -> LimitError:
    """The error for a job that has computed so many seconds."""
    return LimitError(f"this took more than {seconds:g} seconds of computing and was stopped")


_ROOM: Final = 2000  # bytes
_said: Final[list[mmap.mmap]] = []  # in a child: shared with its parent, so that its last words outlive it


def doing(what: str) -> None:
    """Says what this process is working on, for the error if it does not come back; nothing outside of a child."""
    for room in _said[-1:]:
        room[:_ROOM] = what.encode("utf-8", "replace")[:_ROOM].ljust(_ROOM, b"\0")


def say_into(room: mmap.mmap) -> None:
    """Has `doing` write into memory that another process reads, with `last_words`."""
    _said.append(room)


def last_words(room: mmap.mmap | bytes) -> str:
    """What a process said last that it is working on."""
    return room[:_ROOM].rstrip(b"\0").decode("utf-8", "replace")


def write_all(end: int, content: bytes) -> None:
    """Writes bytes into a pipe, which takes a part at a time."""
    view = memoryview(content)
    while view:
        view = view[os.write(end, view) :]


def limit_memory(more: int) -> None:
    """Lets this process, and those that it starts, ask for so many bytes more than it has now.

    A second call moves the limit.
    """
    import resource

    with contextlib.suppress(OSError, ValueError):  # no /proc, or a lower limit is set already: nothing to add
        if have := address_space():
            _lower(resource.RLIMIT_AS, have + more)


def address_space() -> int:
    """How many bytes this process has asked for; 0 where the system does not say it."""
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def limit_computing(more: float) -> None:
    """Has the system end this process when it has computed so many seconds more, even where a library does not return.

    It gets SIGXCPU then. A second call moves the end.
    """
    import resource

    with contextlib.suppress(OSError, ValueError):  # a lower limit is set already
        _lower(resource.RLIMIT_CPU, math.ceil(time.process_time() + more))


def _lower(limit: int, wanted: int) -> None:
    import resource

    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def run(limits: JobLimits, function: Callable[P, T], *args: P.args, **options: P.kwargs) -> T:
    """What a function returns, called in a process of its own.

    Raises:
        LimitError: it took too long or too much memory, or its process ended by itself.
        Exception: whatever the function raised.
    """
    with started(limits, function, *args, **options) as answer:
        return answer()


@contextlib.contextmanager
def started(
    limits: JobLimits, function: Callable[P, T], *args: P.args, **options: P.kwargs
) -> Iterator[Callable[[], T]]:
    """Starts a function in a process of its own, and gives what waits for its answer: once, and as `run` does.

    The process is a fork of this one: it starts in milliseconds, with everything that is loaded here. It is ended when
    nobody waits for it any more. Where there is no fork, the function is called here, without limits.
    """
    if not hasattr(os, "fork"):  # pragma: no cover - Windows
        yield lambda: function(*args, **options)
        return
    with (
        tempfile.TemporaryDirectory(prefix="digest-", ignore_cleanup_errors=True) as scratch,
        tempfile.TemporaryFile() as trace,
        mmap.mmap(-1, _ROOM) as words,
    ):
        reading, writing = os.pipe()
        child = ending.fork()
        if child == 0:
            os.close(reading)
            say_into(words)
            tempfile.tempdir = scratch  # what libraries leave there when it is ended goes with it
            _work(writing, trace.fileno(), limits, lambda: function(*args, **options))
        os.close(writing)
        clock = by_the_clock(limits.seconds) if limits.clock is None else limits.clock
        until, codes = time.monotonic() + clock, list[int]()

        def end() -> int:
            if not codes:
                os.close(reading)
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            return codes[0]

        def answer() -> T:
            try:
                given = _read(reading, until)
                if given is None:
                    os.kill(child, signal.SIGXCPU)  # it writes down where it is
                    _read(reading, time.monotonic() + _PATIENCE)
            finally:
                code = end()
            if not given and (given is None or code == -signal.SIGXCPU):
                trace.seek(0)
                error = too_long(limits.seconds) if given is not None else too_late(clock)
                error.where = last_place(trace.read()) or last_words(words)
                raise error
            if not given:
                raise ended(code, last_words(words))
            returned, value = pickle.loads(given)  # noqa: S301 - our own process wrote it
            if not returned:
                raise value
            result: T = value
            return result

        try:
            yield answer
        finally:
            end()


def computed(group: int) -> float:
    """The seconds that the processes of a group have computed; infinite where the system does not say it."""
    if not Path("/proc/self/stat").exists():  # pragma: no cover - not Linux
        return math.inf
    ticks = 0
    for process in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - pathlib's fail where a process ends
        with contextlib.suppress(OSError):  # it has ended
            text = Path("/proc", process, "stat").read_text("utf-8", "replace")
            fields = text.rpartition(")")[2].split()  # proc(5): from the third field on
            if int(fields[2]) == group:
                ticks += sum(map(int, fields[11:15]))  # its own time and that of children which have ended
    return ticks / os.sysconf("SC_CLK_TCK")


def too_late(seconds: float) -> LimitError:
    """The error for a job that took so many seconds by the clock."""
    return LimitError(f"this took longer than {seconds:g} seconds and was stopped")


def how_it_ended(code: int) -> str:
    """What an exit code says in words; one below 0 is the number of the signal that ended the process."""
    return f"by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"with code {code}"


def ended(code: int, doing: str = "") -> LimitError:
    """The error for a process that ended without an answer.

    Args:
        code: its exit code; below 0, the number of the signal that ended it.
        doing: what it was working on, as it said last.
    """
    return LimitError(
        f"the process that makes the pages ended {how_it_ended(code)}",
        where=doing,
        todo="remove what you added last, and try again",
    )


_lines: Final[list[Callable[[Path, int], int]]] = []


def look_lines_up_with(line_of: Callable[[Path, int], int]) -> None:
    """Has `last_place` ask for the line of a template that a line of its code was made of; 0 where it is not known."""
    _lines[:] = [line_of]


def last_place(trace: bytes) -> str:
    """The template that a dump of `faulthandler` was in, innermost first; empty where there was none.

    The dump has the line of the template's code in Python. Whose line that is in the template, `look_lines_up_with` has
    said; otherwise the file alone is named.
    """
    match = re.search(rb'File "([^"]+\.(?:html|txt|xml))", line (\d+)', trace)
    if match is None:
        return ""
    path = Path(match[1].decode(errors="replace"))
    line = next((line for line_of in _lines if (line := line_of(path, int(match[2])))), 0)
    return f"{known_name(path)}:{line}" if line else known_name(path)


def known_name(path: Path) -> str:
    """The name of a file as a person knows it: from the folder of its publication or theme on."""
    for folder in path.parents:
        if (folder / "digest.yaml").is_file() or folder.name == "templates":
            return path.relative_to(folder if folder.name != "templates" else folder.parent).as_posix()
    return Path(*path.parts[-3:]).as_posix().lstrip("/")


def _work(writing: int, trace: int, limits: JobLimits, job: Callable[[], Any]) -> None:
    """The child's whole life."""
    code = 1
    try:
        limit_memory(limits.memory)
        # It writes down where it is first: this handler of Python runs in the middle of a library, too.
        faulthandler.register(signal.SIGXCPU, file=trace, chain=True)
        limit_computing(limits.seconds + GRACE)
        write_all(writing, pickle.dumps(outcome(limits, job)))
        code = 0
    finally:
        os._exit(code)  # no exception gets out of the child; the parent reports that it ended


def too_large(limits: JobLimits) -> LimitError:
    """The error for a job that has asked for more memory than it may."""
    return LimitError(f"this took more than {limits.memory // _MIB} MiB of memory and was stopped")


def _with_place(error: LimitError) -> LimitError:
    error.where = error.where or "".join(map(last_words, _said[-1:]))
    return error


def outcome(limits: JobLimits, job: Callable[[], Any]) -> tuple[bool, Any]:
    """Whether a job returned, and what it returned or raised: a value that can be sent to another process."""
    try:
        with deadline(limits.seconds):
            return True, job()
    except MemoryError:
        return False, _with_place(too_large(limits))
    except LimitError as error:
        return False, _with_place(error)
    except Exception as error:  # noqa: BLE001 - it is raised again in the parent
        return False, _sendable(of_disk(error) or error)


def _sendable(error: Exception) -> Exception:
    """An error as it can be sent to another process."""
    if not isinstance(error, DigestError):
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
    lost: Exception | None = None
    for _ in range(2):  # after what took much memory there may be none left for it at once
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        except Exception as raised:  # noqa: BLE001 - an exception of a library that cannot travel
            lost = raised
            error.__traceback__ = error.__context__ = error.__cause__ = None
            gc.collect()
        else:
            return error
    return RuntimeError(f"{type(error).__name__}: {error} ({lost!r:.300})")


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
