"""How each society cites its own meeting abstracts: a table (``societies.yaml``) and the function that applies it."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct

from digest import strict

if TYPE_CHECKING:
    from digest.model import Record

_FIELD: Final = re.compile(r"\{(\w+)\}")


class Form(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the table: under which conditions a society prints which form.

    Attributes:
        society: the society's short name, as in `Meeting.society`; empty for everybody else.
        form: the citation, with ``{fields}`` of the record.
        source: where this form was seen.
        first_year: first year in which it holds.
        last_year: last year in which it holds.
        verified: whether the form was seen in print.
    """

    society: str = ""
    form: str
    source: str
    first_year: Annotated[int, Meta(ge=1900)] = 1900
    last_year: Annotated[int, Meta(ge=1900)] = 9999
    verified: bool = True


def society_citation(record: Record) -> str:
    """The citation of a meeting abstract in its society's own form, without authors, title and final stop.

    The first row of the table decides that is for the record's society and year, and of which the record has every
    field. Empty when there is none: the record is too incomplete, or no meeting abstract.
    """
    if record.type != "meeting-abstract" or record.issued is None:
        return ""
    society = record.meeting.society if record.meeting else ""
    fields = {
        "container": record.container_short or record.container,
        "volume": record.volume,
        "issue": record.issue,
        "supplement": record.supplement,
        "number": record.number,
        "pages": record.pages,
        "year": str(record.issued.year),
    }
    for row in table():
        if row.society not in {society, ""} or not row.first_year <= record.issued.year <= row.last_year:
            continue
        if all(fields[name] for name in _FIELD.findall(row.form)):
            return _FIELD.sub(lambda match: fields[match[1]], row.form)
    return ""


@functools.cache
def table() -> tuple[Form, ...]:
    """All rows, in the order in which they are tried."""
    text = resources.files(__package__).joinpath("societies.yaml").read_text(encoding="utf-8")
    read = strict.read(text, tuple[Form, ...], "societies.yaml")
    assert read.value is not None, [str(problem) for problem in read.problems]
    return read.value
