"""The references file of an issue: records of our own, or what BibTeX, RIS and CSL-JSON hold, become one reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from digest import strict
from digest.errors import DigestError, Problem

if TYPE_CHECKING:
    from digest.model import Record
    from digest.sources.page import Page


def read_references(text: str, file: str) -> strict.Read[tuple[Record, ...]]:
    """The references in a file: records of our own, or what BibTeX, RIS and CSL-JSON hold, under the keys of the file.

    The key that articles cite is BibTeX's key, RIS's ``ID``, CSL's ``id``.
    """
    from digest.sources import Page, recognise

    page = Page(text.encode(), file)
    try:
        form = recognise(page) if text.strip() else ""
        page.format = form if form in _FOREIGN else ""
        return _foreign_references(page) if page.format else _own_references(page)
    except DigestError as error:
        problem = Problem(level="error", code="unreadable", message=error.found, file=file)
        return strict.Read(value=None, problems=(problem,), file=file, lines={}, texts={})


_FOREIGN: Final = frozenset({"bibtex", "ris", "csl-json"})


def _own_references(page: Page) -> strict.Read[tuple[Record, ...]]:
    from digest.sources.formats import own

    records: list[Record] = []
    rest: list[Record] | None = []
    problems: list[Problem] = []
    lines: dict[tuple[str | int, ...], int] = {}
    texts: dict[tuple[str | int, ...], int] = {}
    n = 0
    for read in own.strictly(page):
        if isinstance(read, Problem):
            problems.append(read)
            rest = None if read.level == "error" else rest
            continue
        rest = None if rest is None or read.rest is None else [*rest, read.rest]
        lines |= {(n, *path): line for path, line in read.lines.items()}
        texts |= {(n, *path): line for path, line in read.texts.items()}
        for problem in read.problems:
            key = f"[{n}].{problem.key}".removesuffix(".")
            problems.append(msgspec.structs.replace(problem, key=key))
        if read.value is not None:
            records.append(read.value)
        n += 1
    if not n and not problems and page.text.strip() != "[]":
        problems.append(page.problem("error", "empty", "the file is empty", line=1))
    failed = any(problem.level == "error" for problem in problems)
    return strict.Read(
        value=None if failed else tuple(records),
        rest=None if rest is None else tuple(rest),
        problems=tuple(problems),
        file=page.where,
        lines=lines,
        texts=texts,
    )


def _foreign_references(page: Page) -> strict.Read[tuple[Record, ...]]:
    from digest.sources import Parsed, parse
    from digest.sources.page import line_of

    text = page.text
    records: list[Record] = []
    problems: list[Problem] = []
    lines: dict[tuple[str | int, ...], int] = {}
    at = 0
    for outcome in parse(page):
        if isinstance(outcome, Parsed):
            start = text.find(outcome.raw.decode("utf-8", "replace").strip()[:200], at)
            at = start if start >= 0 else at
            lines[len(records),] = line_of(text, at)
            records.append(msgspec.structs.replace(outcome.record, id=outcome.identifier or None, origin=None))
            problems += outcome.problems
        elif isinstance(outcome, Problem):
            problems.append(outcome)
    whole = not any(problem.level == "error" for problem in problems)
    rest = tuple(records) if whole else None
    return strict.Read(
        value=tuple(records), rest=rest, problems=tuple(problems), file=page.where, lines=lines, texts={}
    )
