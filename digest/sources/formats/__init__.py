"""Bytes to records: a module for each format, the table of formats, and how each is recognised."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from digest.errors import DigestError, Problem
from digest.sources.bounds import bounded
from digest.sources.formats.recognition import recognise, without_records
from digest.sources.formats.registry import FORMATS, Format, named
from digest.sources.page import Parsed, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.sources.page import Outcome, Page

__all__ = ["FORMATS", "Format", "named", "parse", "recognise", "without_records"]


def parse(page: Page) -> Iterator[Outcome]:
    """What is on a page, in its order: a record, a deletion or a problem for each thing that the page holds.

    Records are within the bounds of `digest.sources.bounds`.

    Raises:
        DigestError: the page is in no format of the table, or not at all what its format says.
    """
    page.format = page.format or recognise(page)
    form = named(page.format)
    if form.by_line:
        page.expect_lines()
    module = importlib.import_module(f"digest.sources.formats.{form.module}")
    parser: Callable[[Page], Iterator[Outcome]] = module.parse
    count = 0
    try:
        for outcome in parser(page):
            count += not isinstance(outcome, Problem)
            yield bounded(outcome, page) if isinstance(outcome, Parsed) else outcome
    except (DigestError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - the page itself is broken in a way that its parser does not know
        read = f"{count:,} {'record was' if count == 1 else 'records were'} read, nothing that comes after"
        message = f"this could not be read to its end ({fault(error)}): {read}"
        yield page.problem("error", "unreadable-rest", message)
