"""What a format cannot say of a record travels with it as JSON, and is put back when the record is read again.

Each field is kept with a checksum of what the format itself said when the record was written. Where somebody has
changed that since, the change counts and the kept field is left out.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.records import as_json, from_json
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Mapping

    from digest.model import Record

MARK: Final = "digest-remainder"
# The id is made from the identifiers, and the origin is where the record was read: each reading makes new ones.
NOT_KEPT: Final = frozenset({"id", "origin"})
_LONGEST: Final = 2_000_000


def remainder(record: Record, read: Record | None) -> dict[str, Any]:
    """The fields of a record that reading its text does not give back; empty where it gives all.

    Args:
        record: the record.
        read: the record that was read back from its text; None where the text cannot be read.
    """
    ours, theirs = _fields(record), _fields(read) if read else {}
    fields = (ours.keys() | theirs.keys()) - NOT_KEPT
    return {
        field: [_checksum(theirs.get(field)), ours.get(field)]
        for field in sorted(fields)
        if (ours.get(field) or None) != (theirs.get(field) or None)  # identifiers without any are not a difference
    }


def put_back(record: Record, rest: Mapping[str, Any]) -> tuple[Record, list[str]]:
    """A record with its remainder put back, and the names of the fields that were changed since it was written.

    Raises:
        ValueError: the remainder has a field that is not a record's, or a value that the field cannot hold.
        RecursionError: it is nested too deeply.
    """
    read = _fields(record)
    whole, changed = dict(read), []
    for field, pair in rest.items():
        if field in NOT_KEPT or not isinstance(pair, list) or len(pair) != 2:
            continue
        if pair[0] != _checksum(read.get(field)):
            changed.append(field)
        elif pair[1] is None:
            whole.pop(field, None)
        else:
            whole[field] = _clean(pair[1])
    return from_json(whole), sorted(changed)


def printed(rest: Mapping[str, Any]) -> str:
    """A remainder on one line of ASCII, with braces only where JSON itself needs them, never inside its texts."""
    text = json.dumps(rest, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return _without_braces_in_texts(text)


def parsed(text: str) -> object:
    """The remainder that `printed` wrote; None where the text is not one."""
    if len(text) > _LONGEST:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _without_braces_in_texts(text: str) -> str:
    """JSON with the braces inside its texts escaped, so that braces are balanced whatever the texts hold."""
    out, inside, escaped = [], False, False
    for letter in text:
        if inside and letter in "{}":
            out.append(f"\\u{ord(letter):04x}")
        else:
            out.append(letter)
        if letter == '"' and not escaped:
            inside = not inside
        escaped = letter == "\\" and not escaped
    return "".join(out)


def _clean(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A JSON value without control characters in its texts: it comes from outside, as everything does."""
    if isinstance(value, str):
        return without_control(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return {name: _clean(one) for name, one in value.items()} if isinstance(value, dict) else value


def _fields(record: Record) -> dict[str, Any]:
    """The fields of a record as JSON has them, with those whose default is a value of its own."""
    return {**as_json(record), "type": record.type, "permission": record.permission, "status": record.status}


def _checksum(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
