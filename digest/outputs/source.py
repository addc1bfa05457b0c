"""What an output is made of, and what it gives."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from digest.errors import Problem
from digest.outputs.items import Item, items_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.project import Issue
    from digest.render.context import IssueContext
    from digest.render.html import PreparedIssue
    from digest.render.paper.excerpt import Excerpts
    from digest.render.pdf import Pdf


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table of outputs.

    Attributes:
        name: what people type after ``--to``; the module has the same name.
        makes: what comes out, in a few words.
        files: the files, by their names for an issue in the theme of ``digest.yaml``; a folder ends with ``/``.
        needs: modules of Python that it needs besides this program; the extra ``outputs`` of pyproject.toml has them.
    """

    name: str
    makes: str
    files: tuple[str, ...]
    needs: tuple[str, ...] = ()


class Lack(msgspec.Struct, frozen=True):
    """Something that a publication does not say and an output needs.

    Attributes:
        message: what is missing, such as “the key “deposit” is missing”.
        file: the file in which it belongs, as problems name it.
        path: the place in that file.
    """

    message: str
    file: str = "digest.yaml"
    path: tuple[str | int, ...] = ()


class Made(msgspec.Struct, frozen=True):
    """The files of an output.

    Attributes:
        files: content by name; a name may have a folder in it.
        problems: warnings and notes.
    """

    files: Mapping[str, bytes]
    problems: tuple[Problem, ...] = ()


class Source:
    """An issue, for outputs: without what is on hold, was dropped or is under embargo on its day.

    Attributes:
        prepared: the issue, composed for a theme.
    """

    def __init__(self, prepared: PreparedIssue, pdf: Callable[[], Pdf]) -> None:
        """Nothing is made yet.

        Args:
            prepared: the issue, composed for a theme.
            pdf: makes the pages of the issue.
        """
        self.prepared, self._pdf = prepared, pdf

    @property
    def issue(self) -> Issue:
        """The issue as it was read."""
        return self.prepared.issue

    @property
    def context(self) -> IssueContext:
        """The issue as templates see it; the `src` of a picture is the path of its file."""
        return self.prepared.composition.issue

    @functools.cached_property
    def items(self) -> tuple[Item, ...]:
        """The articles and abstracts, in the order of their pages."""
        return items_of(self.issue, self.context)

    @functools.cached_property
    def pdf(self) -> Pdf:
        """The pages of the issue, made once for all outputs of a build."""
        return self._pdf()

    @functools.cached_property
    def excerpts(self) -> Excerpts:
        """The same, to cut the pages of single entries out of it."""
        from digest.render.paper.excerpt import Excerpts

        return Excerpts(self.pdf)

    @property
    def made_pdf(self) -> Pdf | None:
        """The same where it was made already, because the build or another output asked for it; else nothing."""
        return vars(self).get("pdf")
