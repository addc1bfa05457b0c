"""The live preview: a folder is watched, what changed is made again in a process of its own, a browser shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def preview_issue(
    issue: str | Path | None = None,
    *,
    folder: Path = Path(),
    port: int = 0,
    announce: Callable[[str], None],
    open_browser: bool = False,
) -> int | None:
    """Serves the preview of an issue, with its curation page, until somebody presses Ctrl-C.

    Returns the number of the signal that ended it.

    Call it in the main thread: it waits for the signals that end it.

    Args:
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        folder: a folder in the publication.
        port: port on 127.0.0.1; 0 takes a free one.
        announce: is given the address, once the preview can be reached.
        open_browser: whether to open it in a browser.

    Raises:
        ProjectError: ``digest.yaml`` has mistakes.
        MissingRequirementError: what the preview needs is not installed.
        DigestError: there is no such issue, or the port is taken.
    """
    from digest import project
    from digest.doctor import need_preview

    place = project.find_issue(issue, folder=folder)
    project.read_publication(project.find_publication(place))
    need_preview("the preview")
    from digest.preview import curation
    from digest.preview.server import serve

    return serve(place, port=port, announce=announce, open_browser=open_browser, extend=curation.mount)
