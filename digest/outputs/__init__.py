"""What else is made of an issue: files for other systems, each by a module of its own, from one table.

Every output is made of the same `Source`: the issue without what may not be published yet. A module of an output has

* ``make(source) -> Made``: its files. The same source gives the same bytes: dates come from the issue, no clock.
* ``lacking(issue) -> Iterator[Lack]``: what the publication has to say before it can be made.

To add an output, write the module and its row in `OUTPUTS`.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

from digest.doctor import install_command
from digest.errors import MissingRequirementError, Problem, ProjectError
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
        name="epub",
        makes="an e-book, EPUB 3.3: a page for each article and section, contents, indexes, pictures and fonts",
        files=("issue.epub",),
    ),
    Output(
        name="references",
        makes="the articles and abstracts of the issue for reference managers: RIS, BibTeX, CSL-JSON, MEDLINE",
        files=("references.ris", "references.bib", "references.json", "references.nbib"),
    ),
    Output(
        name="calendar",
        makes="when and where the abstracts were presented, for calendars",
        files=("programme.ics",),
        needs=("icalendar",),
    ),
    Output(
        name="jats",
        makes="JATS 1.3 for archives and journal systems: each article and abstract, and the issue as one file",
        files=("jats/",),
    ),
    Output(
        name="pubmed",
        makes="the articles of the issue for PubMed: an ArticleSet",
        files=("pubmed.xml",),
    ),
    Output(
        name="crossref",
        makes="the deposit that registers the publication's own DOIs with Crossref (schema 5.4.0)",
        files=("crossref.xml",),
    ),
    Output(
        name="datacite",
        makes="metadata for registering the publication's own DOIs with DataCite (schema 4.5): JSON and XML",
        files=("datacite/",),
    ),
    Output(
        name="zenodo",
        makes="metadata for uploading the publication's own articles and abstracts to Zenodo",
        files=("zenodo/",),
    ),
    Output(
        name="ojs",
        makes="the issue for Open Journal Systems 3.3 to 3.5: a file to import with all PDFs, zipped with a README",
        files=("ojs.zip",),
    ),
    Output(
        name="janeway",
        makes="the issue for Janeway: JATS and PDF of each article and abstract, zipped with a README",
        files=("janeway.zip",),
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


def missing_modules(name: str) -> tuple[str, ...]:
    """The modules of Python that an output needs and this machine lacks.

    Args:
        name: a key of `OUTPUTS`.
    """
    return tuple(module for module in OUTPUTS[name].needs if not _is_there(module))


def make(name: str, source: Source) -> Made:
    """The files of an output.

    Args:
        name: a key of `OUTPUTS`.
        source: what it is made of.

    Raises:
        ProjectError: the publication lacks what the output needs.
        MissingRequirementError: this machine does.
    """
    if lacks := lacking(name, source.issue):
        raise ProjectError([_problem(name, lack, source.issue) for lack in lacks])
    if missing := missing_modules(name):
        raise MissingRequirementError(
            f"--to {name} needs {', '.join(missing)}", todo=f"install with: {install_command(missing)}"
        )
    made: Made = _module(name).make(source)
    return made


def _problem(name: str, lack: Lack, issue: Issue) -> Problem:
    read = issue.reads.get(lack.file)
    message = f"{name} cannot be made: {lack.message}"
    if read is None:
        return Problem(level="error", code="output-lacks", message=message, file=lack.file)
    return read.problem("error", "output-lacks", message, *lack.path)


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ValueError:  # somebody has put something else in its place
        return False


def _module(name: str) -> Any:  # noqa: ANN401 - modules with the same two functions
    return importlib.import_module(f"digest.outputs.{name.replace('-', '_')}")
