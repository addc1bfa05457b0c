"""The list of commands in the order of the work, and what to type instead of a word that is not a command."""

from __future__ import annotations

import contextlib
import difflib
import signal
from typing import TYPE_CHECKING, Any, Final

import click

from digest.cli.options import examples
from digest.cli.terminal import echo
from digest.ending import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Words that people type, and the commands that do what they mean.
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("create", "start", "setup", "scaffold"), ("init", "new")),
    **dict.fromkeys(("fetch", "harvest", "pull", "load", "read", "ingest", "sync"), ("collect",)),
    "update": ("collect", "refresh"),
    "import": ("collect", "curate import"),
    **dict.fromkeys(("find", "query", "grep", "ls"), ("search",)),
    "list": ("search", "themes list", "styles list"),
    **dict.fromkeys(("get", "cat", "info", "record"), ("show",)),
    "issue": ("new",),
    **dict.fromkeys(("freeze", "insert", "include", "append"), ("add",)),
    **dict.fromkeys(("edit", "decide", "spreadsheet", "excel", "xlsx"), ("curate", "preview")),
    **dict.fromkeys(("watch", "serve", "open", "view", "dev", "live", "browse"), ("preview",)),
    **dict.fromkeys(("validate", "lint", "verify", "test"), ("check",)),
    **dict.fromkeys(("state", "overview", "todo"), ("status",)),
    **dict.fromkeys(("make", "render", "compile", "generate", "pdf", "html", "print", "publish", "run"), ("build",)),
    **dict.fromkeys(("bibliography", "references", "reference", "citation", "format"), ("cite",)),
    **dict.fromkeys(("transform", "translate"), ("convert",)),
    "export": ("convert", "curate export"),
    **dict.fromkeys(("style", "csl"), ("styles",)),
    **dict.fromkeys(("theme", "template", "templates"), ("themes",)),
    "eject": ("themes eject",),
    **dict.fromkeys(("diff", "compare"), ("refresh", "themes review")),
    "review": ("themes review",),
    "merges": ("library merges",),
    **dict.fromkeys(("remove", "delete", "undo", "rm"), ("library remove",)),
    "restore": ("library restore",),
    **dict.fromkeys(("split", "unmerge"), ("library split",)),
    **dict.fromkeys(("db", "database"), ("library",)),
    **dict.fromkeys(("preset", "presets", "congress", "congresses", "meetings"), ("sources",)),
    **dict.fromkeys(("cache", "purge", "clear", "store"), ("clean",)),
    "version": ("--version",),
    **dict.fromkeys(("install", "requirements", "environment"), ("doctor",)),
}

# The commands of the program, in the order in which an editor needs them.
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "From sources to an issue": (
        "init",
        "collect",
        "search",
        "show",
        "new",
        "add",
        "refresh",
        "curate",
        "preview",
        "status",
        "check",
        "build",
        "outputs",
    ),
    "Citations and records": ("cite", "convert", "styles"),
    "Themes, library and program": ("themes", "library", "sources", "schema", "clean", "doctor", "help"),
}


class Commands(click.Group):
    """Commands in the order in which they were added; for a word that is not one, the error names the right one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """The names, in that order."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments name."""
        if not ctx.resilient_parsing and args[0] not in self.commands and not args[0].startswith("-"):
            raise unknown_command(ctx, self, args[0])
        return super().resolve_command(ctx, args)


@contextlib.contextmanager
def _heard() -> Iterator[None]:
    """A command whose output nobody reads any longer ends as by the signal that says so."""
    try:
        yield
    except BrokenPipeError as error:
        raise Stopped(signal.SIGPIPE) from error


class Program(Commands):
    """The whole program, whose help lists the commands by what they are for."""

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:  # noqa: ANN401 - click's own signature
        """Reads the options, of which some print something and end the command."""
        with _heard():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Runs the command."""
        with _heard():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of `SECTIONS`."""
        order = [name for names in SECTIONS.values() for name in names]
        return sorted(super().list_commands(ctx), key=order.index)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's own signature
        """Writes the commands of each section."""
        longest = max(map(len, self.commands))
        for heading, names in SECTIONS.items():
            rows = [
                (name.ljust(longest), self.commands[name].get_short_help_str(formatter.width - 6 - longest))
                for name in names
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)


def unknown_command(ctx: click.Context, group: click.Group, name: str) -> click.UsageError:
    """The error for a word that is not a command, with the one that was probably meant."""
    path = ctx.command_path
    meant: Sequence[str] = SYNONYMS.get(name.lower(), ()) if isinstance(group, Program) else ()
    if not meant:
        meant = difflib.get_close_matches(name.lower(), group.commands, n=1, cutoff=0.6)
    if meant:
        hint = f"did you mean {' or '.join(f'“{path} {one}”' for one in meant)}?"
    else:
        hint = f"“{path} --help” lists the commands"
    return click.UsageError(f"there is no command “{path} {name}”; {hint}", ctx)


@click.command("help", epilog=examples("digest help", "digest help build", "digest help curate export"))
@click.argument("names", nargs=-1, metavar="[COMMAND…]")
@click.pass_context
def help_command(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of a command, or of the program."""
    shown = ctx.parent or ctx
    for name in names:
        group = shown.command
        command = group.get_command(shown, name) if isinstance(group, click.Group) else None
        if command is None:
            known = group if isinstance(group, click.Group) else click.Group()
            raise unknown_command(shown, known, name)
        shown = click.Context(command, info_name=name, parent=shown)
    echo(shown.get_help())
