"""What a format has no place for: gathered while an output is made, and reported once each at its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from digest.errors import Level, Problem
    from digest.model import Path
    from digest.outputs.items import Item
    from digest.project import Issue


class Losses:
    """The problems of one output, each once, in the order in which they were found."""

    def __init__(self, issue: Issue, output: str) -> None:
        """Nothing is lost yet.

        Args:
            issue: the issue.
            output: the name of the output, with which messages begin.
        """
        self._issue, self._output = issue, output
        self._found: dict[tuple[str, str, str, Path], Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found."""
        return tuple(self._found.values())

    def of_item(self, item: Item, message: str, *path: str | int, level: Level = "note") -> None:
        """Reports something about an article or an abstract, at its file."""
        folder, ending = ("articles", ".md") if item.key in self._issue.articles else ("records", ".yaml")
        self._report(level, message, self._issue.shown(folder, item.key + ending), path)

    def of_issue(self, message: str, *path: str | int, level: Level = "note") -> None:
        """Reports something about the issue, at ``issue.yaml``."""
        self._report(level, message, self._issue.shown("issue.yaml"), path)

    def of_publication(self, message: str, *path: str | int, level: Level = "warning") -> None:
        """Reports something about the publication, at ``digest.yaml``."""
        self._report(level, message, "digest.yaml", path)

    def _report(self, level: Level, message: str, file: str, path: Path) -> None:
        from digest.errors import Problem

        message = f"{self._output}: {message}"
        read = self._issue.reads.get(file)
        found = (
            read.problem(level, "output-leaves-out", message, *path)
            if read
            else Problem(level=level, code="output-leaves-out", message=message, file=file)
        )
        self._found.setdefault((level, message, file, path), found)
