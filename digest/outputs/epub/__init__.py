"""The issue as an e-book: EPUB 3.3, with a page for each article and section, drawn with the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.outputs.source import Lack, Made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.outputs.source import Source
    from digest.project import Issue

_FILE: Final = "issue.epub"


def lacking(_issue: Issue) -> Iterator[Lack]:
    """Nothing: every issue has what an e-book needs."""
    return iter(())


def make(source: Source) -> Made:
    """One file. It lists the pages of the PDF where the same build makes that.

    Raises:
        ProjectError: a page of it holds what may not be there, or leads nowhere.
        TemplateError: a template is broken.
    """
    from digest.outputs.epub import making, package

    content = making.make(source.prepared, source.made_pdf)
    return Made({_FILE: package.packed(source.prepared, content)}, content.problems)
