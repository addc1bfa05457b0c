"""Records as CSL-JSON; what CSL has no variable for goes into ``custom``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from digest import remainder
from digest.cite.items import item
from digest.export.keys import Keys
from digest.export.objects import array
from digest.export.readback import unsaid
from digest.sources.formats.own import is_item

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.model import Record


def write(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    """A JSON array of items, an item at a time."""
    keys = Keys()
    return array(csl_item(record, record.id or keys.key(record), plain=plain) for record in records)


def csl_item(record: Record, key: str, *, plain: bool = False) -> dict[str, Any]:
    """The CSL-JSON item of a record, with what CSL has no variable for."""
    value = item(record, key)
    if record.abstract:
        value["abstract"] = "\n".join(
            f"{part.label}: {part.text.source}" if part.label else part.text.source for part in record.abstract
        )
    if record.keywords:
        mark = "; " if any("," in word for word in record.keywords) else ", "
        value["keyword"] = mark.join(record.keywords)
    if not is_item(value):
        value["citation-key"] = key  # so that it is not mistaken for a record of ours
    if not plain and (rest := unsaid(record, json.dumps(value), "csl-json")):
        value["custom"] = {remainder.MARK: rest}
    return value
