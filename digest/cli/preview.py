"""The command that shows an issue while it is being changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.talk import DONE, need_extra, talkative

if TYPE_CHECKING:
    from digest.cli.talk import Talk


@click.command()
@click.argument("issue", required=False)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on this machine.  [default: a free one]")
@click.option("--open", "open_", is_flag=True, help="Open it in the browser.")
@talkative
def preview(issue: str | None, port: int, *, open_: bool, talk: Talk) -> int:
    """Show ISSUE in a browser, HTML and PDF, and show every change of its files at once."""
    from digest import project

    folder = project.find_issue(Path(), issue)
    project.read_publication(project.find_publication(folder))
    need_extra("the preview")
    from digest.preview import curation
    from digest.preview.server import serve

    def told(address: str) -> None:
        click.echo(address)
        talk.say("Open this address in a browser. Ctrl-C ends the preview.")

    serve(folder, port=port, told=told, open_browser=open_, extend=curation.mount)
    return DONE
