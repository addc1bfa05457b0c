"""Jobs in a process of their own: what they give comes back, what they break stays there."""

from __future__ import annotations

import itertools
import os
import select
import signal
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from digest import worker
from digest.build import build
from digest.errors import DigestError, LimitError, MissingRequirementError, Problem, ProjectError, TemplateError
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOON = worker.JobLimits(seconds=1, memory=300 * 2**20)
PROBLEM = Problem(level="error", code="value", message="no", file="a.yaml", line=3)


def _raise(error: Exception) -> None:
    raise error


def _endless() -> None:
    while True:
        pass


def _deaf() -> None:
    """Like a library that does not come back: the signal of the soft limit is not heard."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
    _endless()


def _waiting() -> None:
    """Like one that waits for an answer that never comes: it computes nothing."""
    signal.pause()


def _children() -> set[str]:
    """The processes that this one started and that are not gone."""
    return {child for file in Path("/proc/self/task").glob("*/children") for child in file.read_text("ascii").split()}


def test_what_it_gives_comes_back(journal: Path) -> None:
    """A build in a process of its own is the same build."""
    folder = journal / ISSUE
    assert worker.run(worker.JobLimits(), build, folder, ["html"]) == build(folder, ["html"])


@pytest.mark.parametrize(
    "error",
    [
        DigestError("found", where="a:1", expected="b", todo="c"),
        ProjectError([PROBLEM]),
        TemplateError(PROBLEM),
        MissingRequirementError("nothing", todo="install it"),
        LimitError("too long"),
        ValueError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_exceptions_travel(error: Exception) -> None:
    """What the job raises is raised here, with all that it says."""
    with pytest.raises(type(error)) as caught:
        worker.run(SOON, _raise, error)
    assert str(caught.value) == str(error)
    parts = {name: value for name, value in vars(caught.value).items() if name != "__notes__"}
    assert parts == {name: value for name, value in vars(error).items() if name != "__notes__"}


@pytest.mark.parametrize(
    ("job", "clock", "reported"),
    [
        (_endless, None, "more than 1 seconds of computing"),
        (_deaf, None, "more than 1 seconds of computing"),
        (_waiting, 0.5, "longer than 0.5 seconds"),
        (lambda: len("x" * 2**30), None, "more than 300 MiB of memory"),
        (os.abort, None, "by signal 6"),
        (lambda: os._exit(7), None, "with code 7"),
    ],
    ids=["endless", "deaf", "waiting", "memory", "crash", "exit"],
)
def test_what_it_breaks_stays_there(job: Callable[[], Any], clock: float | None, reported: str) -> None:
    """A job that hangs, waits, grows or crashes ends with an error and leaves no process behind."""
    before = _children()
    with pytest.raises(LimitError, match=reported):
        worker.run(structs.replace(SOON, clock=clock), job)
    assert _children() == before


def test_a_busy_machine_stops_nothing() -> None:
    """What counts is what a job computes: one that waited longer than its limit still gives its result."""
    limits = worker.JobLimits(seconds=0.2)

    def patient() -> str:
        select.select([], [], [], 0.5)
        return "done"

    assert worker.run(limits, patient) == "done"


def test_the_inner_one_of_two_that_take_turns() -> None:
    """What was deepest when the time was over, such as a compiler at work, does not hide who loops after it."""

    def deep(calls: int) -> None:
        if calls:
            deep(calls - 1)
        else:
            signal.raise_signal(signal.SIGPROF)  # the time is over
            sum(number for number in range(2))

    def inner() -> Iterator[int]:
        yield from range(10**6)

    def outer() -> None:
        deep(50)
        for number in inner():
            str(number)

    with pytest.raises(LimitError, match="more than 1000 seconds") as caught, worker.deadline(1000):
        outer()
    frames = [frame.name for frame in traceback.extract_tb(caught.tb)]
    assert frames[frames.index("outer") + 1] == "inner"


def test_a_clock_that_leaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many share a machine, its clock may leap at calls that are nested less: the inner one is found still."""
    calls = iter(range(10**7))
    monkeypatch.setattr(time, "process_time", lambda: float((next(calls) + 1) // 2))

    def inner() -> Iterator[int]:
        signal.raise_signal(signal.SIGPROF)  # the time is over
        yield from itertools.repeat(1)

    def outer() -> Iterator[int]:
        yield from inner()

    with pytest.raises(LimitError, match="more than 1000 seconds") as caught, worker.deadline(1000):
        sum(number for number, _ in zip(outer(), range(10**4), strict=False))
    assert "inner" in [frame.name for frame in traceback.extract_tb(caught.tb)]


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("<p>\n{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}", 2),
        (
            "{% set ns = namespace(x='aaaaaaaa') %}\n\n{% for i in range(90) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
            3,
        ),
    ],
    ids=["time", "memory"],
)
def test_a_template_without_end(journal: Path, template: str, line: int) -> None:
    """A template that never ends or grows without end is reported with its line."""
    (journal / "overrides" / "partials").mkdir()
    (journal / "overrides" / "partials" / "colophon.html").write_text(template, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        worker.run(worker.JobLimits(seconds=6, memory=300 * 2**20), build, journal / ISSUE, ["html"])
    problem = caught.value.problem
    assert (problem.code, problem.file, problem.line) == ("template-limit", "overrides/partials/colophon.html", line)


def test_the_last_place_of_one_that_does_not_come_back() -> None:
    """Of a job that was killed, the innermost template is named."""
    trace = b'Current thread:\n  File "/x/y.py", line 3 in f\n  File "/t/partials/a.html", line 9 in root\n  File "/t/b.html"'
    assert worker.last_place(trace).endswith("t/partials/a.html")
    assert worker.last_place(b"") == ""


def test_the_line_of_one_that_does_not_come_back(journal: Path) -> None:
    """Of a job that the system ended, the line is the template's, not that of the code which it becomes."""
    (journal / "overrides" / "partials").mkdir()
    template = "<p>{{ 1|as_is }}</p>\n\n\n" + "{% for a in range(99999) %}" * 3 + "{% endfor %}" * 3
    (journal / "overrides" / "partials" / "colophon.html").write_text(template, encoding="utf-8")

    def deaf() -> object:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF})
        return build(journal / ISSUE, ["html"])

    with pytest.raises(LimitError) as caught:
        worker.run(worker.JobLimits(seconds=2, memory=2**36), deaf)
    assert caught.value.where == "overrides/partials/colophon.html:4"


def test_limits_grow_with_the_issue() -> None:
    """A large issue may take longer and more than a small one."""
    small, large = worker.for_issue(5), worker.for_issue(5000)
    assert small.seconds < large.seconds
    assert small.memory < large.memory
    assert worker.by_the_clock(small.seconds) > 10 * small.seconds


def test_two_at_once() -> None:
    """Jobs that are started run next to each other and next to this process; each answer is had when it is asked for."""
    with worker.started(SOON, os.getpid) as first, worker.started(SOON, os.getpid) as second:
        assert len({os.getpid(), second(), first()}) == 3


def test_a_job_that_nobody_waits_for(tmp_path: Path) -> None:
    """It is ended when the block is left that started it."""
    file = tmp_path / "process"

    def stay() -> None:
        file.write_text(f"{os.getpid()}.", encoding="ascii")
        signal.pause()

    with worker.started(SOON, stay):
        while not file.exists() or not file.read_text(encoding="ascii").endswith("."):
            time.sleep(0.01)
    with pytest.raises(ProcessLookupError):
        os.kill(int(file.read_text(encoding="ascii").rstrip(".")), 0)
