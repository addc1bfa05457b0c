"""The articles and abstracts of an issue as files for reference managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from digest.export import write_records
from digest.outputs.source import Lack, Made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Record
    from digest.outputs.items import Item
    from digest.outputs.source import Source
    from digest.project import Issue

_FILES: Final = {
    "references.ris": "ris",
    "references.bib": "bibtex",
    "references.json": "csl",
    "references.nbib": "nbib",
}


def lacking(_issue: Issue) -> Iterator[Lack]:
    """Nothing: every issue has what these files need."""
    return iter(())


def make(source: Source) -> Made:
    """A file for each format; only what readers of the issue may see of an abstract is in it."""
    records = [citable(item) for item in source.items]
    return Made({name: "".join(write_records(records, to, plain=True)).encode() for name, to in _FILES.items()})


def citable(item: Item) -> Record:
    """The record of an item without what may not be printed of it, and without what only editors need."""
    record = item.record
    authors = tuple(msgspec.structs.replace(person, email=None) for person in record.authors)
    abstract = record.abstract if record.permission == "full" else ()
    return msgspec.structs.replace(record, authors=authors, abstract=abstract, fields={}, origin=None)
