"""Which volumes a journal had in a year, to separate digits that ran together; no volume is added from it."""

from __future__ import annotations

from typing import Final

from digest.cite.societies import book, journal_of

# Short title: volumes a year, what to subtract from year × volumes a year for the first of them, first and last year.
# As the journals count them; it agrees with the years and volumes of all tagged citations in the shared folder, but for
# those that are wrong themselves (J Clin Oncol 2012;1, Arthritis Rheum 2012;15).
_COUNTED: Final[dict[str, tuple[tuple[int, int, int, int], ...]]] = {
    "am j gastroenterol": ((1, 1905, 1996, 2030),),
    "am j respir crit care med": ((2, 3839, 1994, 2025),),
    "anesthesiology": ((2, 3908, 1994, 2020),),
    "ann oncol": ((1, 1989, 1990, 2030),),
    "ann rheum dis": ((1, 1941, 1990, 2030),),
    "arthritis rheum": ((1, 1957, 1994, 2001), (2, 3958, 2002, 2010), (1, 1948, 2011, 2014)),
    "blood": ((2, 3905, 1990, 2025),),
    "cancer res": ((1, 1940, 1990, 2030),),
    "cephalalgia": ((1, 1980, 1990, 2030),),
    "chest": ((2, 3883, 1990, 2025),),
    "circulation": ((2, 3899, 1990, 2025),),
    "clin pharmacol ther": ((2, 3933, 1990, 2025),),
    "diabetes": ((1, 1951, 1990, 2030),),
    "diabetologia": ((1, 1957, 1990, 2030),),
    "eur heart j": ((1, 1979, 1990, 2030),),
    "eur respir j": ((2, 3985, 2000, 2025),),
    "gastroenterology": ((2, 3882, 1992, 2025),),
    "hepatology": ((2, 3969, 1990, 2025),),
    "intensive care med": ((1, 1974, 1990, 2030),),
    "invest ophthalmol vis sci": ((1, 1959, 1990, 2030),),
    "j am coll cardiol": ((2, 3965, 1990, 2025),),
    "j am soc nephrol": ((1, 1989, 1993, 2030),),
    "j clin oncol": ((1, 1982, 1983, 2030),),
    "j thromb haemost": ((1, 2002, 2003, 2030),),
    "j urol": ((2, 3837, 1997, 2025),),
    "lancet": ((2, 3645, 1990, 2025),),
    "med sci sports exerc": ((1, 1968, 1990, 2030),),
    "proc am soc clin oncol": ((1, 1981, 1990, 2004),),
    "support care cancer": ((1, 1992, 1993, 2030),),
    "thorax": ((1, 1945, 1990, 2030),),
    "value health": ((1, 1997, 1998, 2030),),
}


def volume_that_begins(digits: str, container: str, year: int) -> str:
    """The volume of a journal in a year with which digits begin; empty where none is known."""
    journal = journal_of(container)
    name = " ".join((journal.short if journal else container).replace(".", " ").casefold().split())
    facts = book().meetings if journal else ()
    known = [row.volume for row in facts if journal and (row.society, row.year) == (journal.society, year)]
    for count, less, first, last in _COUNTED.get(name, ()):
        if first <= year <= last:
            known += [str(count * year - less + n) for n in range(count)]
    return next((volume for volume in known if volume and digits.startswith(volume)), "")
