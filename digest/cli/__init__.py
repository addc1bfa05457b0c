"""The command line: reads options, calls one function, prints the result. What is promised of it is in ``docs/cli.md``.

Results go to standard output, everything else to standard error. Heavy libraries are loaded inside the commands that
need them: ``digest --help`` loads none.
"""

from __future__ import annotations

import functools
import os
import sys
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from digest.errors import DigestError, Problem, ProjectError, TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

F = TypeVar("F", bound="Callable[..., Any]")

DONE, FAILED, ASKED_WRONGLY, WITH_PROBLEMS, MISSING, EMBARGOED = 0, 1, 2, 3, 4, 6
_FORMATS: Final = ("html", "pdf")
_WORTH_A_NOTE: Final = 500  # references; fewer take less than a second
_COLOURS: Final = {"error": "red", "warning": "yellow", "note": "cyan"}


class _Talk:
    """What is said on standard error: more with ``-v``, less with ``-q``."""

    def __init__(self, *, quiet: bool, verbose: bool) -> None:
        self.quiet, self.verbose = quiet, verbose

    def say(self, text: str) -> None:
        if not self.quiet:
            click.echo(text, err=True, color=_colour())

    def problems(self, problems: Iterable[Problem]) -> None:
        """Each problem on a line; notes only with ``-v``, warnings not with ``-q``."""
        for problem in problems:
            if problem.level == "error" or (not self.quiet and (problem.level == "warning" or self.verbose)):
                click.echo(_line(problem), err=True, color=_colour())


def _colour() -> bool | None:
    return False if os.environ.get("NO_COLOR") else None  # None: click looks whether it is a terminal


def _line(problem: Problem) -> str:
    where = str(problem).removesuffix(problem.told)
    return where + problem.told.replace(
        problem.level, click.style(problem.level, fg=_COLOURS[problem.level], bold=True), 1
    )


def _talkative(command: F) -> F:
    """Gives a command the options that every command has, and its `talk`."""

    @functools.wraps(command)
    def call(*, quiet: bool, verbose: bool, debug: bool, **options: Any) -> Any:  # noqa: ANN401 - options of any command
        try:
            return command(talk=_Talk(quiet=quiet, verbose=verbose), **options)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if debug:
                raise
            return _tell(error)

    for option in (
        click.option("--debug", is_flag=True, help="Show a traceback for unexpected errors."),
        click.option("-v", "--verbose", is_flag=True, help="Say more: notes too."),
        click.option("-q", "--quiet", is_flag=True, help="Say less: errors only."),
    ):
        call = option(call)
    return cast("F", call)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "DIGEST"})
@click.version_option(package_name="digest", message="%(prog)s %(version)s")
def cli() -> None:
    """Make a dated highlights issue of conference abstracts: curated, cited, as HTML and PDF."""


@cli.command()
@click.argument("directory", default=".", type=click.Path(file_okay=False, path_type=Path))
@_talkative
def init(directory: Path, talk: _Talk) -> None:
    """Copy a sample publication into DIRECTORY; it builds at once."""
    from digest.resources import copy_sample

    copy_sample(directory)
    click.echo(str(directory))
    inside = "" if directory == Path() else f"cd {directory} && "
    talk.say(f"A sample publication is ready. Next: {inside}digest build")


@cli.command()
@click.argument("issue", required=False)
@click.option("--to", default=",".join(_FORMATS), show_default=True, metavar="FORMATS", help="What to make.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write.  [default: _build in the issue]",
)
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@_talkative
def build(
    issue: str | None, to: str, out: Path | None, *, strict: bool, talk: _Talk
) -> int:  # fmt: skip
    """Make the files of ISSUE, a folder or its name; the newest issue when nothing is said."""
    wanted = [name.strip() for name in to.split(",") if name.strip()]
    if not wanted or set(wanted) - set(_FORMATS):
        raise click.BadParameter(f"expected {' or '.join(_FORMATS)}, or both with a comma", param_hint="--to")
    from digest import project
    from digest.build import build as make
    from digest.build import write

    folder = project.find_issue(Path(), issue)
    built = make(folder, wanted)
    talk.problems(problem for problem in built.problems if problem not in built.embargoed)
    for note in built.embargoed:
        talk.say(_line(note))
    for path in write(built.files, out or folder / "_build"):
        click.echo(_relative(path))
    if built.embargoed:
        return EMBARGOED
    return _exit_code(built.problems, strict=strict)


@cli.command()
@click.argument("issue", required=False)
@click.option("--json", is_flag=True, help="Print the problems as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@_talkative
def check(issue: str | None, *, json: bool, strict: bool, talk: _Talk) -> int:
    """Tell every problem of ISSUE: its files, citations, templates and pages."""
    from digest import project
    from digest.build import check as look

    problems = look(project.find_issue(Path(), issue))
    if json:
        _print_json({"problems": [_as_dict(problem) for problem in problems]})
    else:
        for problem in problems:
            if not talk.quiet or problem.level == "error":
                click.echo(_line(problem), color=_colour())
        counts = [f"{count} {level}{'s' if count != 1 else ''}" for level in _COLOURS
                  if (count := sum(problem.level == level for problem in problems))]  # fmt: skip
        talk.say(", ".join(counts) if counts else "No problems.")
    return _exit_code(problems, strict=strict)


@cli.command()
@click.argument("name", required=False)
@_talkative
def schema(name: str | None, *, talk: _Talk) -> None:  # noqa: ARG001 - there is nothing to talk about
    """Print the JSON Schema of a kind of file; without NAME, list the kinds."""
    from digest.errors import did_you_mean
    from digest.schema import KINDS
    from digest.schema import schema as generate

    if name is None:
        click.echo("\n".join(KINDS))
        return
    if name not in KINDS:
        raise click.BadParameter(
            f"there is no schema “{name}”{did_you_mean(name, KINDS)}; known: {', '.join(KINDS)}",
            param_hint="NAME",
        )
    click.echo(dumps(generate(name), indent=2, ensure_ascii=False))


@cli.command()
@click.option("--json", is_flag=True, help="Print the findings as JSON.")
@_talkative
def doctor(*, json: bool, talk: _Talk) -> int:
    """Tell what is missing on this machine, and the command that brings it."""
    from digest.doctor import examine

    findings = examine()
    if json:
        _print_json({"findings": [{"name": f.name, "found": f.found, "todo": f.todo} for f in findings]})
    else:
        for finding in (f for f in findings if f.todo or not talk.quiet):
            mark = click.style("missing", fg="red", bold=True) if finding.todo else click.style("ok", fg="green")
            click.echo(
                f"{mark}: {finding.name}: {finding.found}{f'; {finding.todo}' if finding.todo else ''}",
                color=_colour(),
            )
    return MISSING if any(finding.todo for finding in findings) else DONE


@cli.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@click.option("--style", default="jop-highlights", show_default=True, metavar="NAME|FILE", help="Citation style.")
@click.option("--locale", metavar="L", help="Language, such as de-DE.  [default: the style's own]")
@click.option(
    "--to", type=click.Choice(["text", "html", "json"]), default="text", show_default=True, help="What to print."
)
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@_talkative
def cite(inputs: tuple[str, ...], style: str, locale: str | None, to: str, *, strict: bool, talk: _Talk) -> int:
    """Print a bibliography of INPUT…: files of CSL-JSON or records, or - for standard input."""
    from digest.cite import Styles
    from digest.cite.bibliography import bibliography, lines, page, read_sources

    found = Styles(Path(), anywhere=True).find(style)
    sources, problems = read_sources([_read_input(name) for name in inputs])
    if not any(problem.level == "error" for problem in problems):
        if len(sources) >= _WORTH_A_NOTE and sys.stderr.isatty():
            talk.say(f"Formatting {len(sources)} references …")
        entries, odd = bibliography(found, sources, locale)
        problems = [*problems, *odd]
        if to == "json":
            references = [{"id": e.id, "number": e.number, "text": e.text, "html": str(e.html)} for e in entries]
            _print_json({"style": found.name, "references": references, "problems": [_as_dict(p) for p in problems]})
        else:
            click.echo("\n".join(lines(found, entries)) if to == "text" else page(found, entries))
    talk.problems(problems)
    return _exit_code(problems, strict=strict)


def _read_input(name: str) -> tuple[str, str]:
    """What a problem calls the input, and its text."""
    content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    shown = "standard input" if name == "-" else name
    try:
        return shown, content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise DigestError("this is not text in UTF-8", where=f"{shown}:{line}", expected="JSON or YAML") from error


@cli.group()
def styles() -> None:
    """Citation styles: ours, and ten thousand published ones."""


@styles.command("list")
@click.option("--match", default="", metavar="WORDS", help="Only styles whose name or title has all these words.")
@click.option("--json", is_flag=True, help="Print the list as JSON.")
@_talkative
def list_styles(match: str, *, json: bool, talk: _Talk) -> None:
    """List the names of all citation styles, ours first."""
    from digest.cite.catalogue import listing

    found = listing(match)
    if json:
        _print_json({"styles": [{"name": s.name, "title": s.title, "ours": s.ours} for s in found]})
    elif found:
        click.echo("\n".join(f"{style.name}\t{style.title}" for style in found))
    else:
        talk.say(f"No style has “{match}” in its name or title.")


@styles.command("show")
@click.argument("name", metavar="NAME|FILE")
@click.option("--json", is_flag=True, help="Print it as JSON.")
@_talkative
def show_style(name: str, *, json: bool, talk: _Talk) -> None:
    """Show what a citation style is, and two references in it."""
    from digest.cite import Styles
    from digest.cite.bibliography import bibliography, lines, sample

    found = Styles(Path(), anywhere=True).find(name)
    entries, problems = bibliography(found, sample())
    facts = {
        "title": found.title,
        "id": found.id,
        "class": " ".join(part for part in (found.style.class_, found.kind) if part),
        "fields": ", ".join(found.fields),
        "parent": found.parent,
        "language": found.style.default_locale,
    }
    facts = {label: value for label, value in facts.items() if value}
    if json:
        _print_json({"name": name, **facts, "sample": list(lines(found, entries))})
    else:
        click.echo("\n".join(f"{label + ':':<10}{value}" for label, value in facts.items()))
        click.echo("\n".join(["", *lines(found, entries)]))
    talk.problems(problems)


def _exit_code(problems: Sequence[Problem], *, strict: bool) -> int:
    levels = {problem.level for problem in problems}
    if "error" in levels:
        return FAILED
    return WITH_PROBLEMS if strict and "warning" in levels else DONE


def _print_json(value: dict[str, Any]) -> None:
    click.echo(dumps({"schema": 1, **value}, indent=2, ensure_ascii=False))


def _as_dict(problem: Problem) -> dict[str, Any]:
    parts = {name: getattr(problem, name) for name in problem.__struct_fields__}
    return {name: value for name, value in parts.items() if value not in (None, "")}


def _relative(path: Path) -> str:
    """The path as a person in this folder would type it."""
    return os.path.relpath(path)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return cli.main(arguments, prog_name="digest", standalone_mode=False) or DONE
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return FAILED
    except BrokenPipeError:  # the reader of our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _tell(error: Exception) -> int:
    if isinstance(error, ProjectError):
        for problem in error.problems:
            if problem.level != "note":
                click.echo(_line(problem), err=True, color=_colour())
        click.echo(str(error), err=True)
        return error.exit_code
    if isinstance(error, TemplateError):
        click.echo(_line(error.problem), err=True, color=_colour())
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
