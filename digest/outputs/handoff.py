"""What zips for journal systems share: what of an issue is in them, the PDF of each item, and a zip of fixed bytes."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import msgspec

from digest.errors import DigestError
from digest.outputs.jats.items import is_own
from digest.outputs.notices import notices_of
from digest.render.context import PageEntry
from digest.render.tagged import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import PartialDate
    from digest.outputs.items import Item
    from digest.outputs.losses import Losses
    from digest.outputs.source import Source
    from digest.project import Issue


class ItemPdf(msgspec.Struct, frozen=True, kw_only=True):
    """The PDF of an article or abstract.

    Attributes:
        content: the bytes of the file.
        pages: the pages, as they are printed in the issue: ``332-334``, or ``332``.
    """

    content: bytes
    pages: str


def own_items(source: Source, losses: Losses) -> tuple[Item, ...]:
    """The articles and abstracts that the publication itself publishes; a note says which others are left out.

    Raises:
        DigestError: the theme makes no pages.
    """
    theme = source.prepared.theme
    if theme.inline:
        raise DigestError(f"the theme “{theme.name}” makes no PDF", todo="choose another one with --theme")
    own = tuple(item for item in source.items if is_own(item, source.issue))
    if others := [item.key for item in source.items if item not in own]:
        names = ", ".join(others)
        losses.of_issue(
            f"only the PDF of the issue has what appeared elsewhere and is not the publication's own: {names}"
        )
    for one in notices_of(source.issue, source.context, source.items):
        losses.of_issue(f"only the PDF of the issue has the notice “{one.notice.title}”", *one.place)
    pages = [entry for entry in source.context.entries if isinstance(entry, PageEntry)]
    if pages:
        names = ", ".join(f"“{page.title or page.id}”" for page in pages)
        losses.of_issue(f"only the PDF of the issue has pages of your own: {names}")
    return own


def pdf_of(source: Source, item: Item, losses: Losses) -> ItemPdf | None:
    """The pages of the issue on which an item is, as a PDF of their own; nothing where the theme does not name them."""
    pages = source.excerpts.pages_of(item.entry.id)
    if pages is None:
        message = (
            f"the theme “{source.prepared.theme.name}” prints no id “{item.entry.id}”, so that it has no PDF of its own"
        )
        losses.of_item(item, message, level="warning")
        return None
    first, last = map(source.excerpts.label, pages)
    elsewhere = {one.entry.id: one.url for one in source.items if one.url}
    content = source.excerpts.cut(*pages, _facts(source, item, first), elsewhere)
    return ItemPdf(content=content, pages=first if first == last else f"{first}-{last}")


def _facts(source: Source, item: Item, first: str) -> Facts:
    publication, head = source.issue.publication, source.issue.head
    language = item.entry.language
    return Facts(
        title=item.entry.title.plain,
        authors=tuple(person.full for person in item.record.authors),
        language=publication.language if language == "und" else language,
        date=str(head.date),
        publisher=publication.publisher,
        keywords=item.record.keywords,
        periodical=publication.title,
        issn=publication.issn or "",
        volume=head.volume,
        number=head.number,
        event=item.record.meeting.name if item.record.meeting else "",
        doi=item.doi,
        first_page=int(first) if first.isdecimal() else 1,
    )


def title_of(issue: Issue) -> str:
    """What a README is headed with: the periodical, volume and number, the day."""
    head = issue.head
    numbers = (f"volume {head.volume}" if head.volume else "", f"number {head.number}" if head.number else "")
    return ", ".join(part for part in (issue.publication.title, *numbers, str(head.date)) if part)


def zipped(files: Mapping[str, bytes], date: PartialDate) -> bytes:
    """A zip, the same bytes from run to run.

    Args:
        files: content by name.
        date: the day of all files in it.
    """
    when = (min(max(date.year, 1980), 2107), date.month or 1, date.day or 1, 0, 0, 0)  # what a zip can say
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, when)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()
