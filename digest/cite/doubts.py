"""Warnings of what is printed in a society's form, or with a fact from its table, that nobody has seen in print yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.cite.societies import doubt
from digest.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Record


class Doubts:
    """What was seen so far: one warning for each form or fact, at the first abstract that has it."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[str, tuple[str, int | None]]] = {}

    def add(self, record: Record, form: str | None, key: str, file: str, line: int | None) -> None:
        """Looks at the citation of one record.

        Args:
            record: the record.
            form: which of its society's forms is printed, such as ``short``; nothing where a style prints its own form.
            key: what the record is called.
            file: the file in which it is cited.
            line: the line there.
        """
        if what := doubt(record, form):
            self._keys.setdefault(what, {}).setdefault(key, (file, line))

    def problems(self) -> Iterator[Problem]:
        """The warnings, in the order of the first abstracts."""
        for what, places in self._keys.items():
            key, (file, line) = next(iter(places.items()))
            others = len(places) - 1
            more = f" and {others} {'other' if others == 1 else 'others'}" if others else ""
            message = (
                f"{what} was not seen in print yet (cited: “{key}”{more}); "
                "compare it with the society's own before you rely on it"
            )
            yield Problem(level="warning", code="unverified-form", message=message, file=file, line=line)
