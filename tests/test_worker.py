"""Jobs in a process of their own: what they give comes back, what they break stays there."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest import worker
from digest.build import build
from digest.errors import DigestError, LimitError, MissingRequirementError, Problem, ProjectError, TemplateError
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from collections.abc import Callable

SOON = worker.Limits(seconds=1.5, memory=300 * 2**20)
PROBLEM = Problem(level="error", code="value", message="no", file="a.yaml", line=3)


def _raise(error: Exception) -> None:
    raise error


def _endless() -> None:
    while True:
        pass


def _deaf() -> None:
    """Like a library that does not come back: no signal is heard."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    time.sleep(60)


def _children() -> set[str]:
    """The processes that this one started and that are not gone."""
    return {child for file in Path("/proc/self/task").glob("*/children") for child in file.read_text("ascii").split()}


def test_what_it_gives_comes_back(journal: Path) -> None:
    """A build in a process of its own is the same build."""
    folder = journal / ISSUE
    assert worker.run(worker.Limits(), build, folder, ["html"]) == build(folder, ["html"])


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
    ("job", "told"),
    [
        (_endless, "longer than 1.5 seconds"),
        (_deaf, "longer than 1.5 seconds"),
        (lambda: len("x" * 2**30), "more than 300 MiB of memory"),
        (os.abort, "by signal 6"),
        (lambda: os._exit(7), "with code 7"),
    ],
    ids=["endless", "deaf", "memory", "crash", "exit"],
)
def test_what_it_breaks_stays_there(job: Callable[[], Any], told: str) -> None:
    """A job that hangs, grows or crashes ends with an error, soon, and leaves no process behind."""
    start, before = time.monotonic(), _children()
    with pytest.raises(LimitError, match=told):
        worker.run(SOON, job)
    assert time.monotonic() - start < SOON.seconds + worker.GRACE + 2
    assert _children() == before


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
    """A template that never ends or grows without end is told with its line."""
    (journal / "overrides" / "partials").mkdir()
    (journal / "overrides" / "partials" / "colophon.html").write_text(template, encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        worker.run(worker.Limits(seconds=6, memory=300 * 2**20), build, journal / ISSUE, ["html"])
    problem = caught.value.problem
    assert (problem.code, problem.file, problem.line) == ("template-limit", "overrides/partials/colophon.html", line)


def test_the_last_place_of_one_that_does_not_come_back() -> None:
    """Of a job that was killed, the innermost template is told."""
    trace = b'Current thread:\n  File "/x/y.py", line 3 in f\n  File "/t/partials/a.html", line 9 in root\n  File "/t/b.html"'
    assert worker.last_place(trace).endswith("t/partials/a.html")
    assert worker.last_place(b"") == ""


def test_limits_grow_with_the_issue() -> None:
    """A large issue may take longer and more than a small one."""
    small, large = worker.for_issue(5), worker.for_issue(5000)
    assert small.seconds < large.seconds
    assert small.memory < large.memory
