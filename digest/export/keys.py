"""Keys of entries that people can type, no two the same in one file: ``saif2014``, ``saif2014b``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from digest.sources.shared import latex

if TYPE_CHECKING:
    from digest.model import Record


class Keys:
    """The keys of one file."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def key(self, record: Record) -> str:
        """A key of family name and year, with a letter or number after it where it was given before."""
        return self._unique(_name_and_year(record))

    def _unique(self, key: str) -> str:
        count = self._counts[key] = self._counts.get(key, 0) + 1
        if count == 1:
            return key
        name = f"{key}{chr(96 + count)}" if count <= 26 else f"{key}-{count}"
        return name if name not in self._counts else self._unique(name)


def _name_and_year(record: Record) -> str:
    first = record.authors[0].family_name if record.authors else record.title.plain
    word = re.sub(r"[^a-z]", "", latex.ascii_of(first).lower())[:30] or "record"
    year = str(record.issued.year) if record.issued else ""
    return f"{word}{year}"
