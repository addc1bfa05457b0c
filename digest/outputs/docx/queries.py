"""What the program doubts about an entry, as comments that authors and editors see in Word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.model import Person, Record
    from digest.render.context import DigestEntry

_MOST = 5  # names that a comment lists


def about_authors(entry: ArticleEntry | DigestEntry) -> Iterator[str]:
    """What is missing of the authors of an entry."""
    people = [person for person in entry.authors if not person.literal]
    if not entry.authors:
        yield "No author is named. Who wrote this?"
        return
    if bare := [person for person in people if not person.given and not person.initials]:
        yield f"The given name is missing: {_listed(bare)}."
    if short := [person for person in people if not person.given and person.initials]:
        yield f"Only the initials are known, not the given names: {_listed(short)}."
    if entry.affiliations:
        if without := [person for person in people if not person.affiliations]:
            yield f"The affiliation is missing: {_listed(without)}."
        used = {mark for person in entry.authors for mark in person.affiliations}
        if idle := [str(n) for n in range(1, len(entry.affiliations) + 1) if n not in used]:
            yield f"No author has affiliation {', '.join(idle)}. Whose is it?"
    elif people:
        yield "No affiliation is given."
    if isinstance(entry, ArticleEntry):
        if not any(person.corresponding for person in entry.authors) and not entry.correspondence:
            yield "No corresponding author is named."
    elif entry.authors_truncated:
        yield "The source ends its list of authors in “et al.”. Who are the others?"


def about_text(entry: DigestEntry, record: Record) -> Iterator[str]:
    """Why an abstract is not printed, and what its editors should look at before it is."""
    if record.permission != "full" and record.abstract:
        if record.permission == "none":
            yield "No permission to print any of the abstract is noted, so none of its text is here."
        else:
            yield "Permission for the whole abstract is missing: at most a short quotation may be printed."
    if not record.ids.doi:
        yield "The DOI of the abstract is not known."
    if record.status == "withdrawn" and entry.parts:
        yield "This abstract was withdrawn. Is its text still to be printed?"


def _listed(people: Sequence[Person]) -> str:
    names = ", ".join(person.full for person in people[:_MOST])
    return names + (f" and {len(people) - _MOST} more" if len(people) > _MOST else "")
