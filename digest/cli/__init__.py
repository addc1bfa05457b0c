"""The command line: reads options, calls one function, prints the result. What is promised of it is in ``docs/cli.md``.

Results go to standard output, everything else to standard error. Heavy libraries are loaded inside the commands that
need them: ``digest --help`` loads none.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from digest.cli import citing, issues, records, setup
from digest.cli.options import examples
from digest.cli.preview import preview
from digest.cli.program import Program, help_command
from digest.cli.talk import DONE, FAILED, report_error
from digest.cli.terminal import echo, replace_closed_streams
from digest.cli.themes import themes
from digest.ending import Stopped, ended_by_signals

if TYPE_CHECKING:
    from collections.abc import Sequence


def _print_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    """Prints the version of the installed program."""
    if not asked or ctx.resilient_parsing:
        return
    from importlib import metadata

    from digest.doctor import DISTRIBUTION

    try:
        echo(f"digest {metadata.version(DISTRIBUTION)}")
    except metadata.PackageNotFoundError:
        echo("digest, of a checkout that is not installed")
    ctx.exit()


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "DIGEST"},
    epilog=examples(
        "digest init my-journal && cd my-journal",
        "digest build",
        "digest preview --open",
        "digest help build",
    ),
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """Make a dated highlights issue of conference abstracts: curated, cited, as HTML and PDF."""


for _command in (
    issues.init,
    records.collect,
    records.search,
    records.show,
    issues.new,
    issues.add,
    issues.refresh,
    issues.curate,
    preview,
    issues.status,
    issues.check,
    issues.build,
    issues.outputs,
    citing.cite,
    records.convert,
    citing.styles,
    themes,
    records.library,
    records.sources,
    setup.schema,
    setup.clean,
    setup.doctor,
    help_command,
):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns the exit code; in the main thread, signals that end a program end the command."""
    replace_closed_streams()
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        with ended_by_signals():
            try:
                return _run(arguments)
            except Stopped as error:
                return _stopped(error)
    except Stopped as error:  # it came while the handlers of signals were put back
        return _stopped(error)


def _stopped(error: Stopped) -> int:
    """Says that a signal has ended the command, and gives the exit code."""
    if error.number == signal.SIGPIPE:  # whoever read the output has enough, and knows it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return error.exit_code
    with contextlib.suppress(OSError):  # the terminal is gone
        echo(f"digest: {error}", err=True)
    return error.exit_code


def _run(arguments: list[str]) -> int:
    try:
        return cli.main(arguments, prog_name="digest", standalone_mode=False) or DONE
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        said = io.StringIO()
        error.show(file=said)
        echo(said.getvalue(), err=True, nl=False)
        return error.exit_code
    except click.Abort:  # the end of the input, in place of an answer
        echo("stopped", err=True)
        return FAILED
    except OSError as error:  # help or version could not be printed; commands report their own
        return report_error(error)
