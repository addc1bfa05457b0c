"""What a format cannot say of a record travels beside it as JSON, and is put back when the record is read again.

Each field is kept with a checksum of what the format itself told when it was written. Where somebody has changed that
since, the change holds and the field beside it is told and left out.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.merge import record_id
from digest.records import as_json, from_json
from digest.sources.page import Parsed
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Record
    from digest.sources.page import Outcome, Page

MARK: Final = "digest-remainder"
# The id is made from the identifiers, the origin is where the record was read from: both are told anew by each reading.
NOT_KEPT: Final = frozenset({"id", "origin"})


def remainder(record: Record, told: Record | None) -> dict[str, Any]:
    """What of a record its reading from a format does not tell; empty where that tells all.

    Args:
        record: the record.
        told: what is read back from the format; nothing where that cannot be read.
    """
    ours, theirs = _fields(record), _fields(told) if told else {}
    fields = (ours.keys() | theirs.keys()) - NOT_KEPT
    return {
        field: [_checksum(theirs.get(field)), ours.get(field)]
        for field in sorted(fields)
        if ours.get(field) != theirs.get(field)
    }


def restored(outcome: Outcome, rest: object, page: Page) -> Outcome:
    """What was read, with the remainder that stood beside it put back."""
    if not isinstance(outcome, Parsed) or not isinstance(rest, dict):
        return outcome
    told = _fields(outcome.record)
    whole, changed = dict(told), []
    for field, pair in rest.items():
        if field in NOT_KEPT or not isinstance(pair, list) or len(pair) != 2:
            continue
        if pair[0] != _checksum(told.get(field)):
            changed.append(field)
        elif pair[1] is None:
            whole.pop(field, None)
        else:
            whole[field] = _clean(pair[1])
    place = outcome.identifier or outcome.record.id or ""
    try:
        record = from_json(whole)
        record = msgspec.structs.replace(record, id=record_id(record))
    except (ValueError, RecursionError) as error:
        problem = page.problem("warning", "remainder", f"what stands beside the record is odd: {error}", place=place)
        return msgspec.structs.replace(outcome, problems=(*outcome.problems, problem))
    problems: Iterable[Any] = ()
    if changed:
        message = f"{', '.join(sorted(changed))}: changed since it was written, what stood beside it was left out"
        problems = (page.problem("note", "remainder", message, place=place),)
    return msgspec.structs.replace(outcome, record=record, problems=(*outcome.problems, *problems))


def restored_from(outcome: Outcome, remarks: Iterable[str], page: Page) -> Outcome:
    """What was read, with the remainder put back that one of its remarks is: `MARK`, a blank, then JSON."""
    for remark in remarks:
        mark, _, text = remark.strip().partition(" ")
        if mark == MARK:
            return restored(outcome, read(text), page)
    return outcome


def printed(rest: dict[str, Any]) -> str:
    """A remainder on one line of ASCII without braces outside JSON's own, none inside its texts."""
    text = json.dumps(rest, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return _outside_braces(text)


def read(text: str) -> object:
    """The remainder that `printed` wrote; nothing where it is none."""
    if len(text) > 2_000_000:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _outside_braces(text: str) -> str:
    """JSON with the braces inside its texts as references, so that they are in balance whatever the texts hold."""
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
    """A value of JSON without control characters in its texts: it comes from outside like all else."""
    if isinstance(value, str):
        return without_control(value)
    if isinstance(value, list):
        return [_clean(one) for one in value]
    return {name: _clean(one) for name, one in value.items()} if isinstance(value, dict) else value


def _fields(record: Record) -> dict[str, Any]:
    """The fields of a record as JSON has them, with those that have a default other than nothing."""
    return {**as_json(record), "type": record.type, "permission": record.permission, "status": record.status}


def _checksum(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
