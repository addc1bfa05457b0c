"""Options that several commands have, and the paragraph of examples in a command's help."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest import opening
from digest.errors import DigestError

if TYPE_CHECKING:
    from digest.model import PartialDate


class Date(click.ParamType):  # type: ignore[type-arg]  # generic for the type checker alone
    """A date as files have it: 2014-07-28, 2014-07 or 2014."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PartialDate:  # noqa: ANN401 - click's own signature
        """The date."""
        from digest.model import PartialDate

        if isinstance(value, PartialDate):
            return value
        try:
            return PartialDate.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


library_option = click.option(
    "--library",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The library's file.  [default: library.db in the publication]",
)
json_option = click.option("--json", is_flag=True, help="Print the result as JSON.")
strict_option = click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
from_option = click.option(
    "--from", "from_", metavar="FORMAT", default="", help="Format of the input, where it is not recognised."
)
issue_option = click.option("--issue", metavar="ISSUE", help="The issue.  [default: the one you are in, or the newest]")
since_option = click.option("--since", type=Date(), help="Only what was published on this day or later.")
until_option = click.option("--until", type=Date(), help="Only what was published on this day or earlier.")


def examples(*lines: str) -> str:
    """The last paragraph of a command's help: command lines to copy."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def keys() -> dict[str, str]:
    """The keys of services that the environment has."""
    return {name: os.environ.get(f"DIGEST_KEY_{name.upper()}", "") for name in ("ncbi", "crossref")}


def services() -> dict[str, str]:
    """The addresses of services that the environment has in place of their own."""
    found = {name: os.environ.get(f"DIGEST_ADDRESS_{name.upper()}", "") for name in ("crossref", "europepmc", "pubmed")}
    return {name: address for name, address in found.items() if address}


def standard_input(names: tuple[str, ...]) -> bytes:
    """What standard input holds, where a command was asked to read it.

    Raises:
        DigestError: it holds more than a file may.
    """
    if "-" not in names:
        return b""
    content = sys.stdin.buffer.read(opening.MOST + 1)
    if len(content) > opening.MOST:
        raise DigestError(f"more than {opening.MOST >> 20} MiB", where="standard input", todo="split it into parts")
    return content
