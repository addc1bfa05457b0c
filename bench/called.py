"""For `bench.mutants`: a plugin of pytest that notes which functions each test calls.

`CALLS` in the environment names a file: the tests run, with a program whose functions `probed` has changed, and the
file says how long each of those that passed took, and what called each function: a test, ``fixture:NAME`` for a fixture
that tests share, ``file:PATH`` for a process that a test of this file started.
"""

from __future__ import annotations

import ast
import atexit
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pluggy import HookimplMarker

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

STARTED: Final = ".started"  # added to the name of the file: what other processes called
SEEN: Final[set[str]] = set()  # the functions called since it was emptied
_hook: Final = HookimplMarker("pytest")
_by: list[str] = []  # what is at work in this process


def probed(module: str, source: str) -> str:
    """A module in which each function first puts its name into `SEEN`, as ``digest/model.py::Ids.doi``."""
    tree = ast.parse(source)

    def visit(body: list[ast.stmt], outer: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{outer}{node.name}.")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                probe = ast.parse(f"_called_.add({f'{module}::{outer}{node.name}'!r})").body
                node.body[1 if ast.get_docstring(node) is not None else 0 : 0] = probe

    visit(tree.body, "")
    place = next(n for n, node in enumerate([*tree.body, None]) if not _first(node))
    tree.body[place:place] = ast.parse("from bench.called import SEEN as _called_").body
    return ast.unparse(tree)


def _first(node: ast.stmt | None) -> bool:
    """A docstring, or an import from the future."""
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _write() -> None:
    """In a process that a test started: adds what it has called to what others have."""
    with open(os.environ["CALLS"] + STARTED, "a", encoding="utf-8") as file:  # noqa: PTH123 - at the very end
        file.write("".join(f"{_by[-1]}\t{name}\n" for name in SEEN))


def _forked() -> None:
    """A fork ends with `os._exit`, which runs nothing that has been registered."""
    SEEN.clear()
    leave = os._exit

    def exit_(code: int) -> None:
        _write()
        leave(code)

    os._exit = exit_  # type: ignore[assignment]


if "CALLS" in os.environ:
    os.register_at_fork(after_in_child=_forked)
    if "PYTEST_CURRENT_TEST" in os.environ:
        _by.append("file:" + os.environ["PYTEST_CURRENT_TEST"].partition("::")[0])
        atexit.register(_write)


class Noting:
    """The plugin that notes calls."""

    def __init__(self) -> None:
        """Nothing is noted so far."""
        self.calls: dict[str, list[str]] = {}
        self.tests: dict[str, float] = {}
        self.fixtures: dict[str, list[str]] = {}

    def note(self) -> None:
        """What is at work has called what was called since the last time."""
        for name in SEEN:
            self.calls.setdefault(name, []).append(_by[-1])
        SEEN.clear()

    @_hook(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Around a test."""
        SEEN.clear()
        _by.append(item.nodeid)
        before = sum(os.times()[:4])
        yield
        self.note()
        _by.pop()
        if item.nodeid in self.tests:
            self.tests[item.nodeid] = sum(os.times()[:4]) - before
        self.fixtures[item.nodeid] = list(getattr(item, "fixturenames", ()))

    @_hook(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Iterator[None]:
        """Around a fixture: what tests share is called once, for the first of them."""
        if fixturedef.scope == "function" or not _by:
            yield
            return
        self.note()
        _by.append(f"fixture:{fixturedef.argname}")
        yield
        self.note()
        _by.pop()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Only tests that pass can notice something."""
        if report.when == "call" and report.passed:
            self.tests[report.nodeid] = 0.0
        elif report.failed:
            self.tests.pop(report.nodeid, None)

    def pytest_sessionfinish(self) -> None:
        """Everything is noted."""
        place = Path(os.environ["CALLS"])
        started = place.with_name(place.name + STARTED)
        for line in set(started.read_text(encoding="utf-8").splitlines()) if started.exists() else ():
            by, _, name = line.partition("\t")
            self.calls.setdefault(name, []).append(by)
        found = {"tests": self.tests, "fixtures": self.fixtures, "calls": self.calls}
        place.write_text(json.dumps(found), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """Registers what the environment asks for."""
    if "CALLS" in os.environ:
        config.pluginmanager.register(Noting())
