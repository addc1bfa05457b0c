"""An issue as a document of Word, ``issue.docx``: named styles, real headings, fields, notes and comments.

Its styles, page and running heads are those of ``issue.docx`` in the theme, which an editor opens in Word or
LibreOffice, changes, and puts into ``overrides/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest import opening
from digest.errors import DigestError, Problem, ProjectError
from digest.outputs.source import Lack, Made
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.outputs.source import Source
    from digest.project import Issue

_FILE: Final = "issue.docx"


def lacking(_issue: Issue) -> Iterator[Lack]:
    """Nothing: every issue has what a document of Word needs."""
    return iter(())


def make(source: Source) -> Made:
    """The document.

    Raises:
        ProjectError: texts of the issue have mistakes.
        DigestError: the template is not a document of Word.
    """
    from digest.outputs.docx.entries import Book
    from digest.outputs.docx.package import LARGEST, Template
    from digest.outputs.docx.pictures import Pictures
    from digest.outputs.docx.template import template
    from digest.outputs.items import issue_doi

    prepared, issue, context = source.prepared, source.issue, source.context
    if wrong := [problem for problem in prepared.problems if problem.level == "error"]:
        raise ProjectError(wrong)
    path = prepared.theme.find(_FILE)
    where = prepared.theme.shown(path) if path else _FILE
    opened = Template(_content(path, where, LARGEST) if path else template(), where)
    book = Book(source, Pictures(prepared), opened.width)
    opened.fill(book.front, book.body, book.writer, context.date, context.first_page)
    opened.print_around(
        {
            "running head": context.running_head,
            "running foot": context.running_foot,
            "title": context.full_title,
            "publication": context.publication.title,
            "date": prepared.words.date(context.date),
        }
    )
    articles = [entry for entry in context.entries if isinstance(entry, ArticleEntry)]
    facts = {
        "title": f"{context.publication.title}: {context.full_title}",
        "subject": context.meeting.name if context.meeting else "",
        "author": context.publication.publisher or context.publication.title,
        "last_modified_by": "digest",
        "keywords": "; ".join(dict.fromkeys(word for article in articles for word in article.keywords)),
        "comments": "",
        "category": "",
        "identifier": issue_doi(issue),
        "language": context.publication.language,
        "version": str(issue.head.edition),
    }
    content = opened.packed(facts, context.date, issue.head.edition)
    problems = [
        *(Problem(level="note", code="word-template", message=note, file=where) for note in opened.notes),
        *(
            Problem(level="warning", code="not-in-word", message=lost, file=issue.shown("issue.yaml"))
            for lost in dict.fromkeys(book.writer.lost)
        ),
        *(problem for problem in prepared.problems if problem.level != "error"),
    ]
    return Made({_FILE: content}, tuple(problems))


def _content(path: Path, where: str, most: int) -> bytes:
    """The bytes of a template.

    Raises:
        DigestError: it cannot be read, or is far too large.
    """
    try:
        return opening.read_file(path, most)
    except OSError as error:
        raise DigestError(f"the template cannot be read: {error.strerror}", where=where) from error
