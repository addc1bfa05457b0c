"""For `bench.mutants`: a plugin of pytest that collects tests once, then runs some of them for each of many mutants.

`MUTANTS` in the environment names a file with a list of `Job`. For each, a fork of the process gets the mutant's code
in place of the function's, runs the tests until one fails, and a line on standard output says how it ended. What no
function runs, as a default value, is known to a new process alone: there the tests run in one.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Final, NamedTuple

import digest

if TYPE_CHECKING:
    import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
MARK: Final = "mutant "  # begins a line for `bench.mutants`
STARTED: Final = 30  # seconds of CPU to start with
MEMORY: Final = 4 * 2**30
WALL: Final = 240  # seconds after which a run has got stuck


class Job(NamedTuple):
    """A mutant, none where `module` is empty, and the tests that may notice it."""

    number: int
    module: str
    function: str
    start: int
    end: int
    text: str
    tests: list[str]
    seconds: float


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """All mutants, one after the other."""
    if "MUTANTS" not in os.environ:
        return None
    jobs = [Job(*given) for given in json.loads(Path(os.environ["MUTANTS"]).read_text(encoding="utf-8"))]
    for _, name, _ in pkgutil.walk_packages(digest.__path__, "digest."):
        if not name.endswith("__main__"):
            importlib.import_module(name)
    functions: dict[tuple[str, str], list[FunctionType]] = {}
    for found in gc.get_objects():
        if isinstance(found, FunctionType):
            functions.setdefault((found.__code__.co_filename, found.__code__.co_qualname), []).append(found)
    items = {item.nodeid: item for item in session.items}
    for job in jobs:
        session.items = [items[name] for name in job.tests if name in items]
        _say(job.number, *_noticed(session, job, functions))
    return True


def _say(number: int, by: str, failed: list[str]) -> None:
    print(f"\n{MARK}{json.dumps([number, by, failed])}", flush=True)


def _noticed(
    session: pytest.Session, job: Job, functions: dict[tuple[str, str], list[FunctionType]]
) -> tuple[str, list[str]]:
    """How a run with the mutant ended, empty for well, and which tests failed."""
    path = ROOT / job.module
    source, made = (path.read_bytes(), path.stat()) if job.module else (b"", None)
    reading, writing = os.pipe()
    if made:  # processes that tests start read it
        changed = source[: job.start] + job.text.encode() + source[job.end :]
        path.write_bytes(changed)
        os.utime(path, (made.st_atime, made.st_mtime + 1000 * (job.number + 1)))  # not to be taken for a compiled one
    try:
        child = os.fork()
        if child == 0:
            os.close(reading)
            os.setpgid(0, 0)
            _quiet(job.seconds)
            patched = not made or _patch(changed, str(path), job.function, functions)
            _run(session, job, writing) if patched else _run_anew(job, writing)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as file:
            signal.signal(signal.SIGALRM, lambda *_: _end(child))
            signal.alarm(WALL)
            failed = file.read().splitlines()
            signal.alarm(0)
        _end(child)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        if made:
            path.write_bytes(source)
            os.utime(path, (made.st_atime, made.st_mtime))
    done = failed[-1:] == ["done"]
    return ("" if done else f"it ended with {status}"), failed[:-1] if done else failed


def _end(child: int) -> None:
    """Ends a fork, and what its tests have left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)


def _quiet(seconds: float) -> None:
    """Limits, and no output."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + STARTED, int(seconds) + STARTED + 5))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def _patch(source: bytes, path: str, function: str, functions: dict[tuple[str, str], list[FunctionType]]) -> bool:
    """Puts the mutant's code in place; false where the code of no function changes."""
    news = [code for code in _codes(compile(source, path, "exec")) if code.co_qualname == function]
    olds = functions.get((path, function), [])
    changed = False
    for new in news:
        for old in olds:
            same = old.__code__.co_firstlineno == new.co_firstlineno
            if same and len(old.__code__.co_freevars) == len(new.co_freevars) and old.__code__ != new:
                old.__code__, changed = new, True
    return changed


def _codes(code: CodeType) -> list[CodeType]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return [code, *(found for one in inner for found in _codes(one))]


class _Failing:
    """Says at once which tests fail."""

    def __init__(self, writing: int) -> None:
        self.writing = writing

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self.writing, (report.nodeid + "\n").encode())


def _run(session: pytest.Session, job: Job, writing: int) -> None:
    """The rest of the life of a fork."""
    try:
        session.config.pluginmanager.register(_Failing(writing))
        for item, after in zip(session.items, [*session.items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if session.testsfailed and job.module:
                break
        os.write(writing, b"done\n")
    finally:
        os._exit(0)


def _run_anew(job: Job, writing: int) -> None:
    """The same in a new process, for what only a module's start runs."""
    files = sorted({test.partition("::")[0] for test in job.tests})
    chosen = Path(os.environ["MUTANTS"]).with_name("chosen")
    chosen.write_text(json.dumps(job.tests), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:cacheprovider", "-p", "bench.noticing"]
    environment = {name: value for name, value in os.environ.items() if name != "MUTANTS"}
    code = subprocess.run([*command, *files], cwd=ROOT, env={**environment, "CHOSEN": str(chosen)}, check=False)
    if code.returncode:
        os.write(writing, b"a test in a new process\n")
    os.write(writing, b"done\n")
    os._exit(0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a new process: the chosen tests, in their order."""
    if "CHOSEN" in os.environ:
        chosen = json.loads(Path(os.environ["CHOSEN"]).read_text(encoding="utf-8"))
        order = {name: place for place, name in enumerate(chosen)}
        items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])
