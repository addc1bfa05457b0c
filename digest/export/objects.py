"""Records as JSON: an array that people can read, or one record on a line."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any, Final

from digest.records import as_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.model import Record


def write(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:  # noqa: ARG001 - JSON says everything
    """A JSON array, a record at a time."""
    return array(map(as_object, records))


def write_lines(records: Iterable[Record]) -> Iterator[str]:
    """JSON lines: each record on a line of its own."""
    for record in records:
        yield json.dumps(as_object(record), ensure_ascii=False) + "\n"


# The order in which people read the fields of a record.
_ORDER: Final = tuple(
    """
    id type number title authors authors_truncated affiliations institutions container container_short issn volume issue
    supplement pages issued issued_online meeting presentation track session room begins ends fields ids permission
    embargo_until status abstract formulas keywords language publisher editors origin
""".split()
)


_USUAL: Final = {"permission": "quote", "status": "final"}


def as_object(record: Record) -> dict[str, Any]:
    """The record as ``digest convert --to json`` prints it: its type always, a label or null for each part."""
    value = {"type": record.type, **as_json(record)}
    if "abstract" in value:
        value["abstract"] = [{"label": part.get("label"), "text": part["text"]} for part in value["abstract"]]
    return {name: value[name] for name in _ORDER if value.get(name) and value[name] != _USUAL.get(name)}


def array(values: Iterable[Any]) -> Iterator[str]:
    """The text of a JSON array, an entry at a time."""
    opening = "[\n"
    for value in values:
        yield opening + textwrap.indent(json.dumps(value, ensure_ascii=False, indent=2), "  ", lambda _: True)
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"
