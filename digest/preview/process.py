"""The process that makes what a preview shows: killable, kept warm, replaced when it hangs, crashes or is outdated.

The worker answers a job at once with the HTML of each view. Pages take longer: it forks for them, and ends that fork
when a newer job comes. What it has read and formatted stays for the next job.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Mapping, Sequence
from multiprocessing import connection
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest import ending, memo, worker
from digest.errors import Problem
from digest.preview.views import BuiltPages, PageImage, PageSet, View

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

    from digest.preview.views import Step


SCREEN_LIMIT: Final = 10.0  # seconds of computing for the HTML of a view
PAGES_LIMIT: Final = 60.0  # seconds of computing for its pages
# Seconds more for each entry: ten times what 1,000 abstracts took, which are read in 7.3 s of CPU for the first time.
_SCREEN_MORE: Final = 0.07
_PAGES_MORE: Final = 3.0
_OFTEN: Final = 0.2  # seconds between two words about how far it is


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is asked for.

    Attributes:
        number: number of the job; answers carry it.
        views: the views, the most wanted first.
        focus: the page of each that is looked at.
        known: names of the pictures that are there already.
        limits: seconds of computing for the HTML and for the pages of a view.
        wary: whether a process has ended, or did not come back, over these pages.
    """

    number: int
    views: Sequence[View]
    focus: Mapping[View, int]
    known: frozenset[str]
    limits: tuple[float, float]
    wary: bool = False


def grown(limits: tuple[float, float], folder: Path) -> tuple[float, float]:
    """The limits of an issue in a folder: the larger it is, the longer it may take."""
    more = worker.entries(folder)
    return limits[0] + _SCREEN_MORE * more, limits[1] + _PAGES_MORE * more


class JobResult(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a worker made for a job.

    Attributes:
        number: number of the job.
        view: the view; nothing when the answer is about the whole job.
        kind: what it is: ``begun`` (the job was taken), ``screen``, ``step``, ``picture``, ``layout``, ``built``,
            ``theme`` (problems), ``failed`` (the HTML or the pages could not be made), ``ended`` (the worker is ready
            for another job, or its process ended).
        value: the `Screen`, `Step`, `PageImage`, `PageSet`, `BuiltPages` or problems.
        seconds: since the job came.
    """

    number: int
    view: View | None
    kind: str
    value: Any
    seconds: float


class Worker:
    """A worker process, as the server knows it."""

    def __init__(self, folder: Path) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["digest.preview.warm"])
        self.connection, other = context.Pipe()
        self.process = context.Process(target=_work, args=(other, folder), daemon=True)
        self.process.start()
        other.close()

    def ask(self, job: Job) -> None:
        """Gives it a job; a job that it has not finished is given up."""
        with contextlib.suppress(OSError):  # it has just ended: its reader notices
            self.connection.send(job)

    def read(self, take: Callable[[JobResult | None], None]) -> None:
        """Hands on each result until the process ends, then ``None`` once; for a thread."""
        while True:
            try:
                answer = self.connection.recv()
            except (EOFError, OSError):
                break
            take(answer)
        take(None)

    def kill(self) -> None:
        """Ends it and what it has started."""
        pid = self.process.pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def computed(self) -> float:
        """The seconds that it and what it has started have computed."""
        return worker.computed(self.process.pid or 0)

    def exit_code(self) -> int:
        """How it ended."""
        self.process.join(5)
        return self.process.exitcode or 0


def _work(server: Connection, folder: Path) -> None:
    """The worker's life: it ends when the server does."""
    ending.end_with_parent()  # signals are the server's
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)  # so that it can be ended with its forks
    worker.limit_memory(worker.for_issue(worker.entries(folder)).memory)
    memo.remember()
    from digest.preview.rendering import Renderer

    # What is loaded stays: looking through it for garbage again and again takes a fifth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    renderer = Renderer(folder)
    layouts: dict[View, PageSet] = {}
    built = BuiltPages()
    child: tuple[int, Connection] | None = None
    job: Job | None = None
    made: list[View] = []
    start = 0.0
    while True:
        ready = connection.wait([server, *([child[1]] if child else [])])
        if child and child[1] in ready:
            try:
                answer: JobResult = child[1].recv()
            except (EOFError, OSError):
                code = _end(child, kill=False)
                child = None
                if code and job and not job.wary:  # an entry may be at fault: each attempt has a process of its own now
                    job = msgspec.structs.replace(job, wary=True)
                    child = _fork(renderer, job, made, layouts, built, start)
                elif code and job:
                    problems = (crash(code),)
                    server.send(JobResult(number=job.number, view=None, kind="failed", value=problems, seconds=0.0))
            else:
                if isinstance(answer.value, PageSet) and answer.view:
                    layouts[answer.view] = answer.value
                    value = msgspec.structs.replace(answer.value, parts={}, places={}, inputs="", left_out={})
                    answer = msgspec.structs.replace(answer, value=value)
                elif isinstance(answer.value, BuiltPages):
                    built = answer.value
                server.send(answer)
        if server in ready:
            try:
                job = server.recv()
            except (EOFError, OSError):
                if child:
                    _end(child)
                return
            if child:
                _end(child)
                child = None
            assert job is not None
            start = time.monotonic()
            server.send(JobResult(number=job.number, view=None, kind="begun", value=None, seconds=0.0))
            if job.views:  # without any, what was being made is given up
                made = _screens(renderer, job, start, server.send)
                child = _fork(renderer, job, made, layouts, built, start)


def _end(child: tuple[int, Connection], *, kill: bool = True) -> int:
    """Ends a fork, or waits for one that has closed its pipe and is about to end; gives its exit code."""
    pid, pipe = child
    if kill:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    pipe.close()
    return os.waitstatus_to_exitcode(status)


def _screens(renderer: Any, job: Job, start: float, send: Callable[[JobResult], None]) -> list[View]:  # noqa: ANN401 - imported late
    """Makes the HTML of each view; gives those that could be made."""
    from digest.preview import rendering

    made = []
    for view in job.views:
        try:
            with worker.deadline(job.limits[0]):
                value: Any = renderer.screen(view)
            kind = "screen"
            made.append(view)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown, and the worker goes on
            kind, value = "failed", rendering.problems_of(error)
        send(JobResult(number=job.number, view=view, kind=kind, value=value, seconds=rendering.seconds_since(start)))
    return made


def _fork(
    renderer: Any,  # noqa: ANN401 - imported late
    job: Job,
    views: Sequence[View],
    layouts: Mapping[View, PageSet],
    built: BuiltPages,
    start: float,
) -> tuple[int, Connection]:
    """A process that makes the pages of the views, and the pipe for what it makes."""
    reading, writing = connection.Pipe(duplex=False)
    pid = ending.fork()
    if pid:
        writing.close()
        return pid, reading
    code = 1
    try:
        reading.close()
        _pages(renderer, job, views, layouts, built, start, writing.send)
        writing.close()
        code = 0
    finally:
        os._exit(code)


def _pages(
    renderer: Any,  # noqa: ANN401 - imported late
    job: Job,
    views: Sequence[View],
    layouts: Mapping[View, PageSet],
    built: BuiltPages,
    start: float,
    send: Callable[[JobResult], None],
) -> None:
    from digest.preview import rendering

    known = set(job.known)

    def deliver(view: View | None, kind: str, value: object) -> None:
        seconds = rendering.seconds_since(start)
        send(JobResult(number=job.number, view=view, kind=kind, value=value, seconds=seconds))

    def steps(view: View) -> Callable[[Step], None]:
        last = -_OFTEN

        def step(value: Step) -> None:
            nonlocal last
            if value.attempts or time.monotonic() >= last + _OFTEN:
                last = time.monotonic()
                deliver(view, "step", value)

        return step

    for view in views:
        asked = rendering.Asked(
            focus=job.focus.get(view, 0), known=known, seconds=job.limits[1], step=steps(view), wary=job.wary
        )
        try:
            for made in renderer.pages(view, layouts.get(view), asked):
                deliver(view, "picture" if isinstance(made, PageImage) else "layout", made)
            if view.kind == "issue":
                deliver(view, "built", renderer.built(built))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown, and the other views are made
            deliver(view, "failed", rendering.problems_of(error))
    if views:
        try:
            with worker.deadline(job.limits[1]):
                deliver(views[0], "theme", renderer.later_problems(views[0]))
        except Exception as error:  # noqa: BLE001 - see above
            deliver(views[0], "theme", rendering.problems_of(error))
    deliver(None, "ended", None)


def crash(code: int) -> Problem:
    """The problem of a worker that ended by itself."""
    return Problem(level="error", code="preview-crash", message=str(worker.ended(code)))


def hang(seconds: float) -> Problem:
    """The problem of a worker that did not come back."""
    message = f"the pages took more than {seconds:g} seconds of computing and were stopped; undo what you changed last"
    return Problem(level="error", code="preview-limit", message=message)
