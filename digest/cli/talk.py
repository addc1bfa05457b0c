"""What all commands share: how they talk to people, print JSON, and end."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import traceback
from json import dumps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from digest.cli.terminal import Styled, echo, shown, styled, without_halves
from digest.ending import Stopped
from digest.errors import DigestError, Problem, ProjectError, TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from digest.inputs import Step

F = TypeVar("F", bound="Callable[..., Any]")

DONE, FAILED, WRONG_USAGE, WITH_PROBLEMS, MISSING, UNREACHED, EMBARGOED = 0, 1, 2, 3, 4, 5, 6
COLOURS: Final = {"error": "red", "warning": "yellow", "note": "cyan"}


_AFTER: Final = 1.0  # seconds after which a job shows that it is alive
_ALWAYS_SAID: Final = frozenset({"allowed-script"})  # notes that are shown without -v
_OF_A_KIND: Final = 10  # problems of one kind in one file that are listed; a file in a foreign format has thousands


class Talk:
    """What goes to standard error: more with ``-v``, less with ``-q``."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self.quiet, self.verbose = quiet, verbose
        self._alive = False  # whether a sign of life may be on the line
        self._counts: dict[tuple[str, str, str], int] = {}

    def say(self, text: str) -> None:
        """A line, not with ``-q``."""
        if not self.quiet:
            self.clear()
            echo(text, err=True)

    def problems(self, problems: Iterable[Problem]) -> None:
        """Each problem on a line; notes only with ``-v``, warnings not with ``-q``.

        Without ``-v`` the first ten of a kind in a file; `end` says how many more there were.
        """
        for problem in problems:
            shown = problem.level == "warning" or problem.code in _ALWAYS_SAID or self.verbose
            if problem.level == "error" or (shown and not self.quiet):
                kind = (problem.file, problem.level, problem.code)
                count = self._counts[kind] = self._counts.get(kind, 0) + 1
                if count <= _OF_A_KIND or self.verbose:
                    self.clear()
                    echo(as_line(problem), err=True)

    @contextlib.contextmanager
    def signs_of_life(self, unit: str, *, printing: bool = False) -> Iterator[Step]:
        """A function that says what a job is doing: on one line of a terminal, once it has taken more than a second.

        The line shows counts, and the time left where it is known how many there are. It does nothing with ``-q``, or
        where standard error is not a terminal. A child process may call it: the line is cleared here.

        Args:
            unit: what is counted, such as “pages”.
            printing: whether the results come meanwhile: on a terminal, these are a sign of life themselves.
        """
        if self.quiet or not sys.stderr.isatty() or (printing and sys.stdout.isatty()):
            yield lambda _doing, _done, _total: None
            return
        from tqdm import tqdm

        bars: dict[str, tqdm[Any]] = {}

        def step(doing: str, done: int, total: int) -> None:
            doing, _, detail = doing.partition("\t")
            if doing not in bars:
                for bar in bars.values():
                    bar.close()
                bars[doing] = tqdm(
                    desc=shown(doing),
                    initial=done,
                    total=total or None,
                    unit=f" {doing.rpartition(' ')[2] if detail else unit}",
                    delay=0 if bars else _AFTER,
                    leave=False,
                    bar_format=None if done or total else "{desc} [{elapsed}]",  # nothing is counted
                )
            bar = bars[doing]
            bar.total = total or None
            if detail:
                bar.set_postfix_str(detail, refresh=False)
            bar.update(max(done - bar.n, 0))

        self._alive = True
        try:
            yield step
        finally:
            for bar in bars.values():
                bar.close()
            self.clear()
            self._alive = False

    def clear(self) -> None:
        """Empties the line that a sign of life is on."""
        if self._alive:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def end(self) -> None:
        """Prints how many problems of each kind were not listed."""
        for (file, level, code), count in self._counts.items():
            if (more := count - _OF_A_KIND) > 0 and not self.verbose:
                counted = f"one more {level}" if more == 1 else f"{more:,} more {level}s"
                echo(f"{file + ': ' if file else ''}{counted} of this kind [{code}]; -v lists each", err=True)
        self._counts.clear()


def as_line(problem: Problem) -> Styled:
    """A problem on one line, its level in colour."""
    before, level, after = str(problem).partition(f"{problem.level}: ")
    named = styled(problem.level, fg=COLOURS[problem.level], bold=True)
    before = before.replace("\n", "\\u000a")  # the name of a file can have line ends
    return Styled.of(before, named, level[len(problem.level) :] + after)


def talkative(command: F) -> F:
    """Gives a command the options that every command has, and its `talk`."""

    @functools.wraps(command)
    def call(*, quiet: bool, verbose: bool, debug: bool, **options: Any) -> Any:  # noqa: ANN401 - options of any command
        talk = Talk(quiet=quiet, verbose=verbose)
        last = talk.end
        try:
            with debugging() if debug else contextlib.nullcontext():
                return command(talk=talk, **options)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Stopped:
            last = talk.clear
            raise
        except Exception as error:  # noqa: BLE001 - whatever happened is said, never shown as a traceback unasked
            if debug:
                echo(traceback.format_exc(), err=True, nl=False)
                return FAILED
            return report_error(error)
        finally:
            last()

    for option in (
        click.option(
            "--debug", is_flag=True, help="Show how citations are read, and a traceback for unexpected errors."
        ),
        click.option("-v", "--verbose", is_flag=True, help="Print more: notes too."),
        click.option("-q", "--quiet", is_flag=True, help="Print less: errors only."),
    ):
        call = option(call)
    return cast("F", call)


@contextlib.contextmanager
def debugging() -> Iterator[None]:
    """Prints on standard error what the program logs, such as how a pasted citation was read."""
    import logging

    class Escaping(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return shown(super().format(record))

    log, handler = logging.getLogger("digest"), logging.StreamHandler()
    handler.setFormatter(Escaping("debug: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(logging.NOTSET)


def exit_code(problems: Sequence[Problem], *, strict: bool) -> int:
    """The exit code of a command that made one thing of its input, or could not."""
    levels = {problem.level for problem in problems}
    if "error" in levels:
        return FAILED
    return WITH_PROBLEMS if strict and "warning" in levels else DONE


def print_problems(problems: Sequence[Problem], talk: Talk, *, json: bool, strict: bool) -> int:
    """Prints what a check found, each on a line of standard output or as JSON, and returns the exit code."""
    if json:
        print_json({"problems": [as_dict(problem) for problem in problems]})
    else:
        for problem in problems:
            if not talk.quiet or problem.level == "error":
                echo(as_line(problem))
        counts = [
            f"{count} {level}{'s' if count != 1 else ''}"
            for level in COLOURS
            if (count := sum(problem.level == level for problem in problems))
        ]
        talk.say(", ".join(counts) if counts else "No problems.")
    return exit_code(problems, strict=strict)


def print_event(kind: str, **facts: Any) -> None:  # noqa: ANN401 - any value of JSON
    """Prints what happens as JSON on a line of its own, at once, for a program that waits for it."""
    echo(without_halves(dumps({"schema": 1, "event": kind, **facts}, ensure_ascii=False)))
    sys.stdout.flush()


def print_json(value: dict[str, Any]) -> None:
    """Prints a value with the version of the schema that it follows."""
    echo(without_halves(dumps({"schema": 1, **value}, indent=2, ensure_ascii=False)))


def as_dict(problem: Problem) -> dict[str, Any]:
    """A problem as a value of JSON."""
    parts = {name: getattr(problem, name) for name in problem.__struct_fields__}
    return {name: value for name, value in parts.items() if value not in (None, "")}


def relative(path: Path) -> str:
    """The path as a person in this folder would type it."""
    return os.path.relpath(path)


def report_error(error: Exception) -> int:
    """Prints why a command ended, and returns its exit code."""
    if isinstance(error, ProjectError):
        for problem in error.problems:
            if problem.level != "note":
                echo(as_line(problem), err=True)
        echo(str(error), err=True)
        return error.exit_code
    if isinstance(error, TemplateError):
        echo(as_line(error.problem), err=True)
        echo("1 error, nothing was written", err=True)
        return error.exit_code
    if isinstance(error, DigestError):
        echo(f"digest: {error}", err=True)
        return error.exit_code
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        echo(f"digest: {where}{error.strerror or error}", err=True)
        return FAILED
    echo(
        f"digest: this is a bug: {type(error).__name__}: {error}; run again with --debug to see where",
        err=True,
    )
    return FAILED
