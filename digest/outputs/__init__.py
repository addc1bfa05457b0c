"""What else is made of an issue: files for other systems, each by a module of its own, from one table.

Every output is made of the same `Source`: the issue without what may not be published yet. A module of an output has

* ``make(source) -> Made``: its files. The same source gives the same bytes: dates come from the issue, no clock.
* ``lacking(issue) -> Iterator[Lack]``: what the publication has to say before it can be made.

To add an output, write the module and its row in `OUTPUTS`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from digest.errors import Problem, ProjectError
from digest.outputs.source import Lack, Made, Output, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.project import Issue

__all__ = ["OUTPUTS", "Lack", "Made", "Output", "Source", "lacking", "make"]

_ROWS: Final = (
    Output(
        name="docx",
        makes="the issue as a document of Word, with named styles, real headings and questions as comments",
        files=("issue.docx",),
    ),
    Output(
        name="references",
        makes="the articles and abstracts of the issue for reference managers: RIS, BibTeX, CSL-JSON, MEDLINE",
        files=("references.ris", "references.bib", "references.json", "references.nbib"),
    ),
)
OUTPUTS: Final[Mapping[str, Output]] = {row.name: row for row in _ROWS}


def lacking(name: str, issue: Issue) -> tuple[Lack, ...]:
    """What the publication or the issue has to say before an output can be made.

    Args:
        name: a key of `OUTPUTS`.
        issue: the issue.
    """
    return tuple(_module(name).lacking(issue))


def make(name: str, source: Source) -> Made:
    """The files of an output.

    Args:
        name: a key of `OUTPUTS`.
        source: what it is made of.

    Raises:
        ProjectError: the publication lacks what the output needs.
    """
    if lacks := lacking(name, source.issue):
        raise ProjectError([_problem(name, lack, source.issue) for lack in lacks])
    made: Made = _module(name).make(source)
    return made


def _problem(name: str, lack: Lack, issue: Issue) -> Problem:
    read = issue.reads.get(lack.file)
    message = f"{name} cannot be made: {lack.message}"
    if read is None:
        return Problem(level="error", code="output-lacks", message=message, file=lack.file)
    return read.problem("error", "output-lacks", message, *lack.path)


def _module(name: str) -> Any:  # noqa: ANN401 - modules with the same two functions
    return importlib.import_module(f"digest.outputs.{name.replace('-', '_')}")
