"""Facts of the publication's own items that several outputs write alike: names, texts, licence, relations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from digest import trials
from digest.outputs.xmltext import of_html
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Institution, Person, Record
    from digest.outputs.items import Item
    from digest.project import Issue
    from digest.text import RichText

UNAVAILABLE: Final = "(:unav)"
"""What DataCite writes for an author who is not known (metadata schema 4.5, appendix 3)."""
_CREATIVE: Final = re.compile(
    r"https?://(?:www\.)?creativecommons\.org/(?:licenses/(?P<kind>by(?:-nc)?(?:-sa|-nd)?)|(?P<zero>publicdomain/zero))/"
    r"(?P<version>\d\.\d)(?P<country>/[a-z]{2})?/?(?:deed(?:\.[a-z-]+)?|legalcode(?:\.[a-z-]+)?)?",
    re.IGNORECASE,
)


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an item is related to.

    Attributes:
        kind: what the item does: it reviews or cites it, is about a trial, or is a part or another version of it.
        scheme: ``DOI``, ``PMID`` or ``URL``.
        identifier: the identifier.
    """

    kind: Literal["reviews", "cites", "trial", "part", "version"]
    scheme: Literal["DOI", "PMID", "URL"]
    identifier: str


def parts_of(item: Item) -> tuple[tuple[str, RichText], ...]:
    """Labels and texts of the abstract that may be printed, or the summary of an article; those with a text."""
    if isinstance(item.entry, ArticleEntry):
        summary = of_html(str(item.entry.summary))
        return (("", summary),) if summary else ()
    return tuple((label, text) for label, text in item.entry.parts if text)


def language_of(item: Item) -> str:
    """The language that a record says it has, or else the one that its text is in; empty where neither is known."""
    language = item.record.language or item.entry.language
    return "" if language == "und" else language


def plain_abstract(item: Item) -> str:
    """The same as paragraphs of plain text, each with its label."""
    return "\n\n".join(f"{label}: {text.plain}" if label else text.plain for label, text in parts_of(item))


def inverted(person: Person) -> str:
    """A name with the family name first: ``van der Berg, Anna``; that of a group as it is."""
    given = person.given or person.initials
    return ", ".join(part for part in (person.family_name, given, person.suffix) if part)


def affiliations_of(item: Item, person: Person) -> Iterator[tuple[str, Institution | None]]:
    """The affiliations of a person, each as its text with its parts where they are known."""
    known = {one.affiliation: one for one in item.record.institutions}
    for mark in dict.fromkeys(person.affiliations):
        if text := item.record.affiliations[mark - 1].plain:
            yield text, known.get(mark)


def creative_commons(licence: str | None) -> str:
    """The name of a licence of Creative Commons in SPDX's list, in lower case: ``cc-by-4.0``; empty for any other.

    One for a country (``…/by/3.0/de/``) is another licence, and gives nothing.
    """
    match = _CREATIVE.fullmatch(licence or "")
    if not match or match["country"]:
        return ""
    return f"cc0-{match['version']}" if match["zero"] else f"cc-{match['kind'].lower()}-{match['version']}"


def relations_of(issue: Issue, item: Item, *, own: dict[str, str]) -> tuple[Relation, ...]:
    """What an item is related to, each once.

    Args:
        issue: the issue.
        item: the item.
        own: the DOIs of the publication's own in this issue, by key.
    """
    return tuple(dict.fromkeys(_relations(issue, item, own)))


def _relations(issue: Issue, item: Item, own: dict[str, str]) -> Iterator[Relation]:
    if isinstance(item.entry, ArticleEntry):
        for key in issue.articles[item.key].head.abstracts:
            if record := issue.records.get(key):
                yield from _to(record, "reviews", own.get(key, ""))
        for reference in item.entry.references:
            yield from _to(reference.record, "cites", own.get(reference.key, ""))
    for record in (item.record, *item.reviewed):
        for number in record.ids.registrations:
            if address := trials.address_of(number):
                yield Relation(kind="trial", scheme="URL", identifier=address)
    if item.record.ids.doi and item.doi and item.record.ids.doi != item.doi:
        yield Relation(kind="version", scheme="DOI", identifier=item.record.ids.doi)


def _to(record: Record, kind: Literal["reviews", "cites"], own: str) -> Iterator[Relation]:
    if doi := own or record.ids.doi:
        yield Relation(kind=kind, scheme="DOI", identifier=doi)
    elif record.ids.pmid:
        yield Relation(kind=kind, scheme="PMID", identifier=record.ids.pmid)
    elif record.ids.url:
        yield Relation(kind=kind, scheme="URL", identifier=record.ids.url)


def page_range(pages: str) -> tuple[str, str]:
    """First and last page of the first run of pages; the last is empty where there is one page."""
    first, _, last = re.split(r"[,;]", pages.replace("–", "-"))[0].strip().partition("-")
    return first.strip(), last.strip()
