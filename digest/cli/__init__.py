"""The command line: reads options, calls one function, prints the result. What is promised of it is in ``docs/cli.md``.

Results go to standard output, everything else to standard error. Heavy libraries are loaded inside the commands that
need them: ``digest --help`` loads none.
"""

from __future__ import annotations

import os
import sys
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from digest.cli.preview import preview
from digest.cli.records import add_commands, is_address, read_inputs
from digest.cli.talk import (
    DONE,
    EMBARGOED,
    FAILED,
    MISSING,
    Talk,
    as_dict,
    colour,
    exit_code,
    print_json,
    relative,
    report,
    shown,
    talkative,
)
from digest.cli.themes import add_theme_commands
from digest.errors import DigestError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.cite.bibliography import Source
    from digest.worker import Limits

_FORMATS: Final = ("html", "pdf", "text")
_WORTH_A_NOTE: Final = 500  # references; fewer take less than a second


@click.group(context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "DIGEST"})
@click.version_option(package_name="digest", message="%(prog)s %(version)s")
def cli() -> None:
    """Make a dated highlights issue of conference abstracts: curated, cited, as HTML and PDF."""


@cli.command()
@click.argument("directory", default=".", type=click.Path(file_okay=False, path_type=Path))
@talkative
def init(directory: Path, talk: Talk) -> None:
    """Copy a sample publication into DIRECTORY; it builds at once."""
    from digest.resources import copy_sample

    copy_sample(directory)
    click.echo(str(directory))
    inside = "" if directory == Path() else f"cd {directory} && "
    talk.say(f"A sample publication is ready. Next: {inside}digest build")


@cli.command()
@click.argument("issue", required=False)
@click.option("--to", metavar="FORMATS", help="What to make, such as html,pdf.  [default: what the theme makes]")
@click.option("--theme", metavar="NAME", help="Another theme than the one in digest.yaml.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write.  [default: _build in the issue]",
)
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@talkative
def build(
    issue: str | None, to: str | None, theme: str | None, out: Path | None, *, strict: bool, talk: Talk
) -> int:  # fmt: skip
    """Make the files of ISSUE, a folder or its name; the newest issue when nothing is said."""
    wanted = [name.strip() for name in (to or "").split(",") if name.strip()]
    if (to is not None and not wanted) or set(wanted) - set(_FORMATS):
        raise click.BadParameter(f"expected {', '.join(_FORMATS)}, or several with commas", param_hint="--to")
    from digest import project, worker
    from digest.build import build as make
    from digest.files import write

    folder = project.find_issue(Path(), issue)
    built = worker.run(_limits(folder), make, folder, wanted, theme_name=theme)
    talk.problems(problem for problem in built.problems if problem not in built.embargoed)
    for note in built.embargoed:
        talk.say(shown(note))
    for path in write(built.files, out or folder / "_build"):
        click.echo(relative(path))
    if built.embargoed:
        return EMBARGOED
    return exit_code(built.problems, strict=strict)


@cli.command()
@click.argument("issue", required=False)
@click.option("--json", is_flag=True, help="Print the problems as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@talkative
def check(issue: str | None, *, json: bool, strict: bool, talk: Talk) -> int:
    """Tell every problem of ISSUE: its files, citations, templates and pages."""
    from digest import project, worker
    from digest.build import check as look
    from digest.cli.records import look_into_library

    folder = project.find_issue(Path(), issue)
    problems = (*worker.run(_limits(folder), look, folder), *look_into_library(folder))
    return report(problems, talk, json=json, strict=strict)


def _limits(folder: Path) -> Limits:
    """What the templates and stylesheets of an issue may use."""
    from digest import worker

    return worker.for_issue(worker.entries(folder))


@cli.command()
@click.argument("name", required=False)
@talkative
def schema(name: str | None, *, talk: Talk) -> None:  # noqa: ARG001 - there is nothing to talk about
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
@talkative
def doctor(*, json: bool, talk: Talk) -> int:
    """Tell what is missing on this machine, and the command that brings it."""
    from digest.doctor import examine

    findings = examine()
    if json:
        print_json({"findings": [{"name": f.name, "found": f.found, "todo": f.todo} for f in findings]})
    else:
        for finding in (f for f in findings if f.todo or not talk.quiet):
            mark = click.style("missing", fg="red", bold=True) if finding.todo else click.style("ok", fg="green")
            click.echo(
                f"{mark}: {finding.name}: {finding.found}{f'; {finding.todo}' if finding.todo else ''}",
                color=colour(),
            )
    return MISSING if any(finding.todo for finding in findings) else DONE


@cli.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@click.option("--style", default="jop-highlights", show_default=True, metavar="NAME|FILE", help="Citation style.")
@click.option("--locale", metavar="L", help="Language, such as de-DE.  [default: the style's own]")
@click.option(
    "--to", type=click.Choice(["text", "html", "json"]), default="text", show_default=True, help="What to print."
)
@click.option("--from", "from_", metavar="FORMAT", default="", help="Format of INPUT, where it is not found.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@talkative
def cite(
    inputs: tuple[str, ...], style: str, locale: str | None, to: str, from_: str, *, strict: bool, talk: Talk
) -> int:
    """Print a bibliography of INPUT…: files, folders or addresses in any format, or - for standard input."""
    from digest.cite import Styles
    from digest.cite.bibliography import bibliography, lines, page, read_sources

    found = Styles(Path(), anywhere=True).find(style)
    sources, problems = read_sources([_to_cite(name, from_, talk) for name in inputs])
    if not any(problem.level == "error" for problem in problems):
        if len(sources) >= _WORTH_A_NOTE and sys.stderr.isatty():
            talk.say(f"Formatting {len(sources)} references …")
        entries, odd = bibliography(found, sources, locale)
        problems = [*problems, *odd]
        if to == "json":
            references = [{"id": e.id, "number": e.number, "text": e.text, "html": str(e.html)} for e in entries]
            print_json({"style": found.name, "references": references, "problems": [as_dict(p) for p in problems]})
        else:
            click.echo("\n".join(lines(found, entries)) if to == "text" else page(found, entries))
    talk.problems(problems)
    if not sources and any(problem.level != "note" for problem in problems):
        return FAILED
    return exit_code(problems, strict=strict)


def _to_cite(name: str, format_: str, talk: Talk) -> tuple[str, str | Iterable[Source | Problem]]:
    """What a problem calls the input, and its text, or what was read from it."""
    from digest.sources import Page, recognise

    shown_as = "standard input" if name == "-" else name
    content: bytes | None = None
    if name == "-":
        content = sys.stdin.buffer.read()
    elif not is_address(name) and not Path(name).is_dir():
        content = Path(name).read_bytes()
    if content is not None and (format_ or recognise(Page(content, shown_as))) in _READ_BY_LINE:
        try:
            return shown_as, content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise DigestError(
                "this is not text in UTF-8", where=f"{shown_as}:{line}", expected="JSON or YAML"
            ) from error
    return shown_as, _records_to_cite(name, format_, talk, content)


# What `digest.cite.bibliography` reads itself: it knows the line of each item and keeps variables that only CSL has.
_READ_BY_LINE: Final = frozenset({"csl-json", "json", "yaml"})


def _records_to_cite(name: str, format_: str, talk: Talk, content: bytes | None) -> Iterator[Source | Problem]:
    from msgspec import structs

    from digest.cite.bibliography import Source
    from digest.sources.page import Parsed

    def failed(error: DigestError) -> None:
        raise error

    for outcome in read_inputs((name,), format_, talk, on_error=failed, standard_input=content):
        if isinstance(outcome, Parsed):
            yield from (structs.replace(problem, level="note") for problem in outcome.problems)
            yield Source(key=outcome.identifier or outcome.record.id or "", value=outcome.record, file=name)
        elif isinstance(outcome, Problem):
            yield structs.replace(outcome, level="warning")


@cli.group()
def styles() -> None:
    """Citation styles: ours, and ten thousand published ones."""


@styles.command("list")
@click.option("--match", default="", metavar="WORDS", help="Only styles whose name or title has all these words.")
@click.option("--json", is_flag=True, help="Print the list as JSON.")
@talkative
def list_styles(match: str, *, json: bool, talk: Talk) -> None:
    """List the names of all citation styles, ours first."""
    from digest.cite.catalogue import listing

    found = listing(match)
    if json:
        print_json({"styles": [{"name": s.name, "title": s.title, "ours": s.ours} for s in found]})
    elif found:
        click.echo("\n".join(f"{style.name}\t{style.title}" for style in found))
    else:
        talk.say(f"No style has “{match}” in its name or title.")


@styles.command("show")
@click.argument("name", metavar="NAME|FILE")
@click.option("--json", is_flag=True, help="Print it as JSON.")
@talkative
def show_style(name: str, *, json: bool, talk: Talk) -> None:
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
        print_json({"name": name, **facts, "sample": list(lines(found, entries))})
    else:
        click.echo("\n".join(f"{label + ':':<10}{value}" for label, value in facts.items()))
        click.echo("\n".join(["", *lines(found, entries)]))
    talk.problems(problems)


add_commands(cli)
add_theme_commands(cli)
cli.add_command(preview)


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
