"""Whether records fit a query before they are in a library: the words of the same query decide, as in a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.errors import DigestError
from digest.library.query import Query
from digest.library.tables import ADD_WORDS, DELETE_WORDS, words_alone, words_of
from digest.query import check_query

if TYPE_CHECKING:
    from digest.model import Record


class Fitting:
    """A query that is put to one record after the other.

    Raises:
        DigestError: the query has no words, or cannot be read.
    """

    def __init__(self, query: str) -> None:
        check_query(query)
        self._asked = Query.read(query, known=lambda words, _: words)
        if not (self._asked.match or self._asked.excluded or self._asked.years):
            raise DigestError("there is no word in the query", where=f"match: {query}")
        self._words = words_alone()

    def __call__(self, record: Record) -> bool:
        """Whether the record fits."""
        asked = self._asked
        date = record.issued or (record.meeting.start if record.meeting else None)
        if not all(date and first <= date.year <= last for first, last in asked.years):
            return False
        row = (1, *words_of(record))
        self._words.execute(ADD_WORDS, row)
        try:
            return (not asked.match or self._has(asked.match)) and not (asked.excluded and self._has(asked.excluded))
        finally:
            self._words.execute(DELETE_WORDS, row)

    def _has(self, match: str) -> bool:
        return self._words.execute("SELECT 1 FROM words WHERE words MATCH ?", (match,)).fetchone() is not None
