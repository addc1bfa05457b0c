"""Where the abstracts of a meeting are printed in a year, as far as the table of societies knows."""

from __future__ import annotations

import re

from msgspec import Struct

from digest.cite.societies import book, computed_number, facts_of
from digest.cite.tokens import read_dates
from digest.model import PartialDate


class Printing(Struct, frozen=True, kw_only=True):
    """Where the abstracts of one meeting are printed, as far as the table knows.

    Attributes:
        volume: volume of the journal.
        issues: the issues that hold them.
        supplements: the supplements that hold them.
        days: first and last day of the meeting.
        place: where it was.
        unseen: fields above that nobody has seen in print.
    """

    volume: str = ""
    issues: tuple[str, ...] = ()
    supplements: tuple[str, ...] = ()
    days: tuple[PartialDate, ...] = ()
    place: str = ""
    unseen: frozenset[str] = frozenset()


def printing_of(society: str, container: str, meeting: str, year: int) -> Printing:
    """Where the abstracts of a meeting are printed: what the rows of the table that name it say, or else those for all.

    Args:
        society: the society.
        container: title of the journal.
        meeting: name of the meeting.
        year: year of publication.
    """
    rows = [fact for fact in facts_of(society) if fact.covers(year)]
    named = [fact for fact in rows if fact.meeting and re.search(fact.meeting, meeting)]
    if not named and any(not fact.meeting and fact.numbers == ".*" for fact in rows):
        named = [fact for fact in rows if not fact.meeting]
    named = list({fact.numbers: fact for fact in reversed(named)}.values())[::-1]  # the first row counts
    journal = next((row for row in book().journals if (row.society, row.container) == (society, container)), None)
    volume = next((found for fact in named if (found := fact.volume_of(year))), "")
    days = read_dates(next((fact.dates for fact in named if fact.dates), "")) if any(f.dates for f in named) else ()
    unseen = {
        name
        for fact in named
        if not fact.verified
        for name in ("volume", "issue", "supplement", "dates", "place")
        if name not in fact.seen
    }
    if not volume and journal:
        volume = computed_number(journal.volume_is, year)
        unseen |= set() if journal.verified else {"volume"}
    return Printing(
        volume=volume,
        issues=tuple(dict.fromkeys(fact.issue for fact in named if fact.issue)),
        supplements=tuple(
            dict.fromkeys(
                found for fact in named if (found := fact.supplement or computed_number(fact.supplement_is, year))
            )
        ),
        days=(days[0][0], days[-1][1]) if days else (),
        place=next((fact.place for fact in named if fact.place), ""),
        unseen=frozenset(unseen),
    )
