"""The articles and abstracts of an issue as other systems know them: each with its record, DOI, address and section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from digest.model import Ids, Record
from digest.publication import Section
from digest.render.context import ArticleEntry, DigestEntry
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.project import Issue
    from digest.render.context import IssueContext


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An article or an abstract of an issue.

    Attributes:
        key: the name of its file.
        entry: what templates see of it.
        record: what it is, in the issue: an article of the publication, or the abstract as its record has it.
        section: the section that it is in; nothing for the editorial.
        doi: the DOI under which the publication has it; empty where it has none. That of a record that belongs to
            somebody else is in `record` only.
        url: its address; empty where the publication does not say it.
        reviewed: the records that an article reviews.
    """

    key: str
    entry: ArticleEntry | DigestEntry
    record: Record
    section: Section | None
    doi: str
    url: str
    reviewed: tuple[Record, ...] = ()


def issue_doi(issue: Issue) -> str:
    """The DOI of an issue; empty where it has none."""
    dois = issue.publication.dois
    return issue.head.doi or _filled(dois.issue if dois else "", issue)


def issue_url(issue: Issue) -> str:
    """The address of an issue; empty where the publication does not say it."""
    return issue.head.url or _filled(issue.publication.addresses.issue, issue)


def items_of(issue: Issue, context: IssueContext) -> tuple[Item, ...]:
    """The articles and abstracts of an issue in the order of their pages, the editorial first.

    Args:
        issue: the issue, without what may not be published.
        context: the same as templates see it.
    """
    return tuple(_items(issue, context))


def _items(issue: Issue, context: IssueContext) -> Iterator[Item]:
    if context.editorial:
        yield _article(issue, context.editorial, None)
    for section, printed in zip(issue.head.sections, context.sections, strict=True):
        for entry, shown in zip(section.entries, printed.entries, strict=True):
            if isinstance(shown, ArticleEntry):
                yield _article(issue, shown, section)
            elif isinstance(shown, DigestEntry) and entry.record:
                yield Item(
                    key=entry.record,
                    entry=shown,
                    record=issue.records[entry.record],
                    section=section,
                    doi=entry.doi or _own_doi(issue, entry.record),
                    url=_filled(issue.publication.addresses.item, issue, entry.record),
                )


def _article(issue: Issue, entry: ArticleEntry, section: Section | None) -> Item:
    key = entry.id.removeprefix("article-")
    head, publication = issue.articles[key].head, issue.publication
    dois = publication.dois
    doi = head.doi or _filled(dois.item if dois else "", issue, key)
    url = head.url or _filled(publication.addresses.item, issue, key)
    record = Record(
        type="article",
        title=entry.title,
        authors=head.authors,
        affiliations=entry.affiliations,
        institutions=head.institutions,
        container=publication.title,
        container_short=publication.abbreviation,
        issn=publication.issn_online or publication.issn or publication.issn_print,
        volume=issue.head.volume,
        issue=issue.head.number,
        pages=head.pages or "",
        issued=issue.head.date,
        meeting=head.meeting or issue.head.meeting,
        ids=Ids(doi=doi or None, url=url or None),
        keywords=head.keywords,
        language=entry.language,
        publisher=publication.publisher,
    )
    reviewed = tuple(issue.records[name] for name in head.abstracts if name in issue.records)
    return Item(key=key, entry=entry, record=record, section=section, doi=doi, url=url, reviewed=reviewed)


def _own_doi(issue: Issue, key: str) -> str:
    """The DOI of an abstract of the publication's own; one that it has already goes before the pattern."""
    dois = issue.publication.dois
    if dois is None or not dois.abstracts:
        return ""
    there = issue.records[key].ids.doi
    if there:
        return there if there.startswith(f"{dois.prefix}/") else ""
    return _filled(dois.item, issue, key)


def _filled(pattern: str, issue: Issue, key: str = "") -> str:
    """A pattern of a DOI or address for an issue or an item; a DOI has no capitals."""
    filled = pattern.replace("{issue}", issue.folder.name).replace("{key}", key)
    return filled.lower() if filled.startswith("10.") else filled


def summary_of(item: Item) -> RichText:
    """What an item is about, in one text: the summary of an article, or the abstract that may be printed."""
    if isinstance(item.entry, ArticleEntry):
        return RichText.plain_text(item.entry.summary.striptags())
    return RichText(tuple(node for _, text in item.entry.parts for node in (*text.nodes, " ")))
