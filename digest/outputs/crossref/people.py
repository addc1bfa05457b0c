"""Authors of an item as Crossref's contributors: people with ORCID iD and institutions, groups, within its limits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.model import has_orcid_check
from digest.outputs.xmltext import Element, element

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.model import Institution, Person
    from digest.outputs.items import Item
    from digest.outputs.losses import Losses
    from digest.text import RichText

# crossref5.4.0.xsd: the types of surname, given_name, suffix, organization and institution.
_NAME: Final = re.compile(r"[^0-9?]*[^? \t\r\n]+[^0-9]*")
_LONGEST_NAME: Final = 60
_LONGEST_SUFFIX: Final = 10
_LONGEST_GROUP: Final = 511
_LONGEST_INSTITUTION: Final = 1024
_LONGEST_PART: Final = 255


def contributors(item: Item, losses: Losses) -> Element | None:
    """The authors of an item in their order, the first of them marked so; nothing where there are none."""
    affiliations = _affiliations(item)
    made: list[Element] = []
    for n, person in enumerate(item.record.authors):
        sequence = "additional" if made else "first"
        one = _person(item, n, person, sequence, affiliations, losses)
        if one is not None:
            made.append(one)
    if item.record.authors_truncated:
        losses.of_item(item, "the authors after “et al.” are not known, and are missing in the deposit", "authors")
    return Element("contributors", tuple(made)) if made else None


def _person(
    item: Item, n: int, person: Person, sequence: str, affiliations: Mapping[int, Element], losses: Losses
) -> Element | None:
    role = {"sequence": sequence, "contributor_role": "author"}
    if person.literal:
        if person.affiliations:
            losses.of_item(item, f"a group has no affiliation there: {person.literal}", "authors", n)
        if person.orcid:
            losses.of_item(item, f"a group has no ORCID iD there: {person.literal}", "authors", n)
        name = _within(item, n, person.literal, _LONGEST_GROUP, losses)
        return Element("organization", (name,), role)
    family = _within(item, n, person.family_name, _LONGEST_NAME, losses)
    given = _within(item, n, person.given or person.initials, _LONGEST_NAME, losses)
    if not _NAME.fullmatch(family):
        losses.of_item(item, f"“{person.full}” is not a name there, and is left out", "authors", n, level="warning")
        return None
    if given and not _NAME.fullmatch(given):
        losses.of_item(item, f"the given name of “{person.full}” is not a name there, and is left out", "authors", n)
        given = ""
    suffix = person.suffix
    if len(suffix) > _LONGEST_SUFFIX:
        losses.of_item(item, f"“{suffix}” is too long there for what comes after a name", "authors", n, "suffix")
        suffix = ""
    orcid = person.orcid
    if orcid and not has_orcid_check(orcid):
        losses.of_item(
            item, f"the ORCID iD {orcid} has a wrong check digit, and is left out", "authors", n, level="warning"
        )
        orcid = None
    places = tuple(affiliations[mark] for mark in dict.fromkeys(person.affiliations) if mark in affiliations)
    parts = (
        element("given_name", given) if given else None,
        element("surname", family),
        element("suffix", suffix) if suffix else None,
        Element("affiliations", places) if places else None,
        element("ORCID", f"https://orcid.org/{orcid}") if orcid else None,
    )
    return Element("person_name", tuple(part for part in parts if part), role)


def _within(item: Item, n: int, name: str, most: int, losses: Losses) -> str:
    """A name, cut where it is longer than there is room."""
    name = " ".join(name.split())
    if len(name) > most:
        message = f"a name has at most {most} characters there; this one is cut: {name}"
        losses.of_item(item, message, "authors", n, level="warning")
        return name[:most].rstrip()
    return name


def _affiliations(item: Item) -> dict[int, Element]:
    known = {one.affiliation: one for one in item.record.institutions}
    numbered = enumerate(item.record.affiliations, start=1)
    return {number: _institution(text, known.get(number)) for number, text in numbered if text.plain}


def _institution(text: RichText, known: Institution | None) -> Element:
    """An affiliation: its parts where the source gave them apart, or else its whole text as the name."""
    whole = text.plain[:_LONGEST_INSTITUTION]
    if known is None:
        return Element("institution", (element("institution_name", whole),))
    return Element("institution", tuple(_parts(known, whole)))


def _parts(known: Institution, whole: str) -> Iterator[Element]:
    yield element("institution_name", known.name[:_LONGEST_INSTITUTION] or whole)
    if known.ror:
        yield element("institution_id", f"https://ror.org/{known.ror}", type="ror")
    if not known.name:
        return  # the whole text has the rest
    place = ", ".join(part for part in (known.city, known.country) if part)
    for name, part in (("institution_place", place), ("institution_department", known.department)):
        if 2 <= len(part) <= _LONGEST_PART:
            yield element(name, part)
