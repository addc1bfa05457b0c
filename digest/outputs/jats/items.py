"""What a file of JATS says of an item: the record as it was published, and whether this publication published it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from digest.model import Record
    from digest.outputs.items import Item
    from digest.project import Issue


def is_own(item: Item, issue: Issue) -> bool:
    """Whether the publication itself published an item.

    It did with its articles, with abstracts for which it has a DOI, with what its own volumes contain, and with an
    abstract that appeared nowhere else. Anything else belongs to the journal that the record names.
    """
    if isinstance(item.entry, ArticleEntry) or item.doi:
        return True
    record, ours = item.record, issue.publication
    if record.issn and record.issn in {ours.issn, ours.issn_print, ours.issn_online}:
        return True
    names = {name.casefold() for name in (record.container, record.container_short) if name}
    return bool(names & {ours.title.casefold(), ours.abbreviation.casefold()}) if names else not record.ids.doi


def published(item: Item, issue: Issue) -> Record:
    """The record of an item as its file says it: without what may not be printed, with what this issue adds.

    An abstract that appeared nowhere else appears in this issue. Its own DOI goes before the one of its record.
    """
    record = msgspec.structs.replace(item.record, fields={}, origin=None, id=None)
    if isinstance(item.entry, ArticleEntry):
        return record
    language = item.entry.language
    record = msgspec.structs.replace(
        record,
        abstract=record.abstract if record.permission == "full" else (),
        language=None if language.startswith("und") else language,
    )
    if not is_own(item, issue):
        return record
    publication, head = issue.publication, issue.head
    ids = msgspec.structs.replace(record.ids, doi=item.doi or record.ids.doi, url=item.url or record.ids.url)
    record = msgspec.structs.replace(record, ids=ids)
    if record.container or record.container_short:
        return record
    return msgspec.structs.replace(
        record,
        container=publication.title,
        container_short=publication.abbreviation,
        issn=publication.issn_print or publication.issn or publication.issn_online,
        publisher=publication.publisher,
        volume=head.volume,
        issue=head.number,
        issued=head.date,
        issued_online=None,
    )
