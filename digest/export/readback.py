"""What a format cannot say of a record, found by reading back what was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest import remainder, sources
from digest.sources import Page, Parsed

if TYPE_CHECKING:
    from digest.model import Record


def unsaid(record: Record, text: str, format_: str) -> dict[str, Any]:
    """The fields that a reader would not get back from this text.

    Args:
        record: the record.
        text: the record as the format has it.
        format_: name of the format, as `digest.sources.FORMATS` has it.
    """
    page = Page(text.encode("utf-8", "replace"), "", format=format_)
    read = next((outcome.record for outcome in sources.parse(page) if isinstance(outcome, Parsed)), None)
    return remainder.remainder(record, read)
