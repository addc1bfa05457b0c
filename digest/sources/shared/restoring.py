"""Puts back what our own files say of a record beyond their format (`digest.remainder`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from digest import remainder
from digest.merge import record_id
from digest.sources.page import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.sources.page import Outcome, Page


def restored(outcome: Outcome, rest: object, page: Page) -> Outcome:
    """What was read, with the remainder of its record put back; a remainder that cannot be used becomes a problem."""
    if not isinstance(outcome, Parsed) or not isinstance(rest, dict):
        return outcome
    place = outcome.identifier or outcome.record.id or ""
    try:
        record, changed = remainder.put_back(outcome.record, rest)
        record = msgspec.structs.replace(record, id=record_id(record))
    except (ValueError, RecursionError) as error:
        message = f"the data kept with the record in “{remainder.MARK}” cannot be used: {error}"
        problem = page.problem("warning", "remainder", message, place=place)
        return msgspec.structs.replace(outcome, problems=(*outcome.problems, problem))
    problems = outcome.problems
    if changed:
        message = (
            f"{', '.join(changed)}: changed since it was written; the value kept in “{remainder.MARK}” was left out"
        )
        problems = (*problems, page.problem("note", "remainder", message, place=place))
    return msgspec.structs.replace(outcome, record=record, problems=problems)


def restored_from(outcome: Outcome, remarks: Iterable[str], page: Page) -> Outcome:
    """What was read, with the remainder put back from one of these remarks: `remainder.MARK`, a space and JSON."""
    for remark in remarks:
        mark, _, text = remark.strip().partition(" ")
        if mark == remainder.MARK:
            return restored(outcome, remainder.parsed(text), page)
    return outcome
