"""The notices of an issue about the publication's own abstracts: each with a key, a DOI and an address of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from digest.model import Path
from digest.publication import Notice
from digest.render.context import NoticeEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.outputs.items import Item
    from digest.project import Issue
    from digest.render.context import IssueContext


class OwnNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A notice of an issue.

    Attributes:
        key: what its kind and the record that it is about make: ``erratum-p1701``, the second of these
            ``erratum-p1701-2``. It stays the same as long as both are; empty where the notice is about no record.
        notice: the notice.
        doi: the DOI that the pattern for items makes of the key; empty where what it is about is not the publication's
            own, because then somebody else registers what becomes of it.
        url: its address; empty where the publication does not say it.
        about: the DOI of what it is about; empty where that has none of the publication's own.
        place: where the notice is in ``issue.yaml``.
    """

    key: str
    notice: Notice
    doi: str
    url: str
    about: str
    place: Path


def notices_of(issue: Issue, context: IssueContext, items: Sequence[Item]) -> tuple[OwnNotice, ...]:
    """The notices of an issue in the order of their pages.

    Args:
        issue: the issue, without what may not be published.
        context: the same as templates see it.
        items: the articles and abstracts.
    """
    return tuple(_notices(issue, context, {item.key: item.doi for item in items}))


def _notices(issue: Issue, context: IssueContext, dois: dict[str, str]) -> Iterator[OwnNotice]:
    seen: dict[str, int] = {}
    for n, (section, printed) in enumerate(zip(issue.head.sections, context.sections, strict=True)):
        for m, (entry, shown) in enumerate(zip(section.entries, printed.entries, strict=True)):
            notice = entry.notice
            if notice is None or not isinstance(shown, NoticeEntry):
                continue
            about = dois.get(notice.about or "", "") or _doi_of_earlier(issue, notice)
            key = f"{notice.kind}-{notice.about}".lower() if notice.about else ""
            if key:
                seen[key] = seen.get(key, 0) + 1
                key += f"-{seen[key]}" if seen[key] > 1 else ""
            patterns, address = issue.publication.dois, issue.publication.addresses.item
            yield OwnNotice(
                key=key,
                notice=notice,
                doi=_filled(patterns.item, issue, key).lower() if patterns and key and about else "",
                url=_filled(address, issue, key) if key else "",
                about=about,
                place=("sections", n, "entries", m, "notice"),
            )


def _doi_of_earlier(issue: Issue, notice: Notice) -> str:
    """The publication's own DOI of an abstract that an earlier issue printed; only its record says it."""
    dois = issue.publication.dois
    record = issue.records.get(notice.about or "")
    doi = record.ids.doi if record and dois and dois.abstracts else None
    return doi if doi and dois and doi.startswith(f"{dois.prefix}/") else ""


def _filled(pattern: str, issue: Issue, key: str) -> str:
    return re.sub(r"\{(issue|key)\}", lambda match: issue.folder.name if match[1] == "issue" else key, pattern)
