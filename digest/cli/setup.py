"""The commands about the program itself: schema, clean, doctor."""

from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.options import examples
from digest.cli.talk import DONE, MISSING, print_json, relative, talkative
from digest.cli.terminal import Styled, echo, styled

if TYPE_CHECKING:
    from digest.cli.talk import Talk


@click.command(epilog=examples("digest schema", "digest schema issue > issue.schema.json", "digest schema --write"))
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write all schemas into .schemas/, for text editors.")
@talkative
def schema(name: str | None, *, write: bool, talk: Talk) -> None:
    """Print the JSON Schema of a kind of file.

    Without NAME, list the kinds. In a publication the schemas have the fields that it declares.
    """
    from digest.errors import did_you_mean
    from digest.schema import KINDS, get_schema, write_schemas

    if write and name is not None:
        raise click.UsageError("--write writes all schemas; leave the name out")
    if write:
        for path in write_schemas():
            if not talk.quiet:
                echo(relative(path))
        return
    if name is None:
        echo("\n".join(KINDS))
        return
    if name not in KINDS:
        raise click.BadParameter(
            f"there is no schema “{name}”{did_you_mean(name, KINDS)}; known: {', '.join(KINDS)}",
            param_hint="NAME",
        )
    echo(dumps(get_schema(name, folder=Path()), indent=2, ensure_ascii=False))


@click.command(epilog=examples("digest clean"))
@talkative
def clean(*, talk: Talk) -> None:
    """Remove what is kept only because it was made before.

    It is in .cache/made, and is made again when it is needed. Issues, the library and pages of sources stay.
    """
    from digest.jobs import clean_store

    removed = clean_store()
    if not talk.quiet:
        files = f"{removed.files:,} file{'' if removed.files == 1 else 's'}"
        size = f"{removed.size / 2**20:,.1f} MiB" if removed.size >= 2**20 else f"{removed.size:,} bytes"
        echo(f"Removed {files} of .cache/made ({size}).")


@click.command(epilog=examples("digest doctor", "digest doctor --json"))
@click.option("--json", is_flag=True, help="Print the findings as JSON.")
@talkative
def doctor(*, json: bool, talk: Talk) -> int:
    """List what is missing on this machine, and how to install it."""
    from digest.doctor import examine_machine

    findings = examine_machine()
    if json:
        print_json(
            {"findings": [{"name": f.name, "found": f.found, "todo": f.todo, "optional": f.optional} for f in findings]}
        )
    else:
        for finding in (f for f in findings if f.todo or not talk.quiet):
            mark = styled("ok", fg="green")
            if finding.todo:
                word, colour = ("optional", "yellow") if finding.optional else ("missing", "red")
                mark = styled(word, fg=colour, bold=True)
            todo = f"; {finding.todo}" if finding.todo else ""
            echo(Styled.of(mark, f": {finding.name}: {finding.found}{todo}"))
    return MISSING if any(finding.todo and not finding.optional for finding in findings) else DONE
