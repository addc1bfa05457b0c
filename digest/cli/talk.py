"""What all commands share: how they talk to people, print JSON, and end."""

from __future__ import annotations

import functools
import os
from json import dumps
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from digest.errors import DigestError, MissingRequirementError, Problem, ProjectError, TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

F = TypeVar("F", bound="Callable[..., Any]")

DONE, FAILED, ASKED_WRONGLY, WITH_PROBLEMS, MISSING, UNREACHED, EMBARGOED = 0, 1, 2, 3, 4, 5, 6
COLOURS: Final = {"error": "red", "warning": "yellow", "note": "cyan"}


_OF_A_KIND: Final = 10  # problems of one kind in one file that are told; a file in a foreign form has thousands


class Talk:
    """What is said on standard error: more with ``-v``, less with ``-q``."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self.quiet, self.verbose = quiet, verbose
        self._told: dict[tuple[str, str, str], int] = {}

    def say(self, text: str) -> None:
        """A line, not with ``-q``."""
        if not self.quiet:
            click.echo(text, err=True, color=colour())

    def problems(self, problems: Iterable[Problem]) -> None:
        """Each problem on a line; notes only with ``-v``, warnings not with ``-q``.

        Without ``-v`` the first ten of a kind in a file; `end` tells how many there were.
        """
        for problem in problems:
            if problem.level == "error" or (not self.quiet and (problem.level == "warning" or self.verbose)):
                kind = (problem.file, problem.level, problem.code)
                count = self._told[kind] = self._told.get(kind, 0) + 1
                if count <= _OF_A_KIND or self.verbose:
                    click.echo(shown(problem), err=True, color=colour())

    def end(self) -> None:
        """Tells how many problems of each kind were not told one by one."""
        for (file, level, code), count in self._told.items():
            if (more := count - _OF_A_KIND) > 0 and not self.verbose:
                counted = f"one more {level}" if more == 1 else f"{more:,} more {level}s"
                click.echo(f"{file + ': ' if file else ''}{counted} of this kind [{code}]; -v tells each", err=True)
        self._told.clear()


def colour() -> bool | None:
    """Whether click colours what it prints."""
    return False if os.environ.get("NO_COLOR") else None  # None: click looks whether it is a terminal


def shown(problem: Problem) -> str:
    """A problem on one line, its level in colour."""
    where = str(problem).removesuffix(problem.told)
    return where + problem.told.replace(
        problem.level, click.style(problem.level, fg=COLOURS[problem.level], bold=True), 1
    )


def talkative(command: F) -> F:
    """Gives a command the options that every command has, and its `talk`."""

    @functools.wraps(command)
    def call(*, quiet: bool, verbose: bool, debug: bool, **options: Any) -> Any:  # noqa: ANN401 - options of any command
        talk = Talk(quiet=quiet, verbose=verbose)
        try:
            return command(talk=talk, **options)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if debug:
                raise
            return tell(error)
        finally:
            talk.end()

    for option in (
        click.option("--debug", is_flag=True, help="Show a traceback for unexpected errors."),
        click.option("-v", "--verbose", is_flag=True, help="Say more: notes too."),
        click.option("-q", "--quiet", is_flag=True, help="Say less: errors only."),
    ):
        call = option(call)
    return cast("F", call)


def exit_code(problems: Sequence[Problem], *, strict: bool) -> int:
    """The exit code of a command that made one thing of its input, or could not."""
    levels = {problem.level for problem in problems}
    if "error" in levels:
        return FAILED
    return WITH_PROBLEMS if strict and "warning" in levels else DONE


def report(problems: Sequence[Problem], talk: Talk, *, json: bool, strict: bool) -> int:
    """Prints what a check found, each on a line of standard output or as JSON; the exit code."""
    if json:
        print_json({"problems": [as_dict(problem) for problem in problems]})
    else:
        for problem in problems:
            if not talk.quiet or problem.level == "error":
                click.echo(shown(problem), color=colour())
        counts = [f"{count} {level}{'s' if count != 1 else ''}" for level in COLOURS
                  if (count := sum(problem.level == level for problem in problems))]  # fmt: skip
        talk.say(", ".join(counts) if counts else "No problems.")
    return exit_code(problems, strict=strict)


def print_json(value: dict[str, Any]) -> None:
    """Prints a value with the version of the schema that it follows."""
    click.echo(dumps({"schema": 1, **value}, indent=2, ensure_ascii=False))


def as_dict(problem: Problem) -> dict[str, Any]:
    """A problem as a value of JSON."""
    parts = {name: getattr(problem, name) for name in problem.__struct_fields__}
    return {name: value for name, value in parts.items() if value not in (None, "")}


def lacks_extra(what: str, error: ModuleNotFoundError) -> Exception:
    """What is raised where a library of the extra ``preview`` is missing; an error of our own stays one."""
    if (error.name or "").partition(".")[0] == "digest":
        return error
    return MissingRequirementError(
        f"{what} needs {error.name}, which is not installed", todo="install it with: pip install 'digest[preview]'"
    )


def relative(path: Path) -> str:
    """The path as a person in this folder would type it."""
    return os.path.relpath(path)


def tell(error: Exception) -> int:
    """Says why a command ended, and gives its exit code."""
    if isinstance(error, ProjectError):
        for problem in error.problems:
            if problem.level != "note":
                click.echo(shown(problem), err=True, color=colour())
        click.echo(str(error), err=True)
        return error.exit_code
    if isinstance(error, TemplateError):
        click.echo(shown(error.problem), err=True, color=colour())
        click.echo("1 error, nothing was written", err=True)
        return error.exit_code
    if isinstance(error, DigestError):
        click.echo(f"digest: {error}", err=True)
        return error.exit_code
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"digest: {where}{error.strerror or error}", err=True)
        return FAILED
    click.echo(
        f"digest: this is a bug: {type(error).__name__}: {error}; run again with --debug to see where",
        err=True,
    )
    return FAILED
