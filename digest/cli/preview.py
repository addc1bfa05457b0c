"""The command preview: an issue in a browser while it is being changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli.options import examples
from digest.cli.talk import DONE, talkative
from digest.cli.terminal import echo
from digest.ending import Stopped

if TYPE_CHECKING:
    from digest.cli.talk import Talk


@click.command(epilog=examples("digest preview --open", "digest preview 2014-07-28 --port 8400"))
@click.argument("issue", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on this machine.  [default: a free one]")
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
@talkative
def preview(issue: str | None, port: int, *, open_: bool, talk: Talk) -> int:
    """Show an issue in a browser, with every change as it is saved.

    ISSUE is a folder or its name; by default the one you are in, or the newest. Use the Curation page in the same
    window to assemble an issue.
    """
    from digest.preview import preview_issue

    def announce(address: str) -> None:
        echo(address)
        talk.say("Open this address in a browser. Ctrl-C ends the preview.")

    number = preview_issue(issue, port=port, announce=announce, open_browser=open_)
    if number is not None:
        raise Stopped(number)
    return DONE
