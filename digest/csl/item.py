"""Any JSON value as an item that rendering can trust: strings are strings, names are names, dates are dates.

Values are read when they are first asked for and kept. What is not as CSL-JSON has it is read as well as it can be, or
left out; either way an `ItemProblem` reports it.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from digest.csl.dates import DateValue, read_date
from digest.csl.draft import Kept
from digest.csl.markup import clean, rich
from digest.csl.names import PersonName, read_name
from digest.csl.vocabulary import DATE_VARIABLES, NAME_VARIABLES, NUMBER_VARIABLES, VARIABLES

if TYPE_CHECKING:
    from digest.csl.draft import Draft


class ItemProblem(Struct, frozen=True):
    """Something odd about one item; the document was formatted all the same.

    Attributes:
        id: the item's id.
        variable: the variable that it is about; empty for the item as a whole.
        message: what was found and what became of it.
    """

    id: str
    variable: str
    message: str

    def __str__(self) -> str:
        """``gruener2014: issued: …``."""
        return ": ".join(part for part in (self.id, self.variable, self.message) if part)


# Names that CSL-JSON or other programs use for a variable of CSL.
_ALIASES: Final = {
    "title-short": ("shortTitle",),
    "container-title-short": ("journalAbbreviation",),
    "event-title": ("event",),
    "event": ("event-title",),
    "citation-label": ("citation-key",),
}
_TRIMMED: Final = NUMBER_VARIABLES | {"note", "URL", "DOI", "PMID", "PMCID"}
_NOTE_LINE: Final = re.compile(r"^([A-Za-z][-_A-Za-z]*)\s*:\s*(.*\S)\s*$")
_NOTE_BRACES: Final = re.compile(r"\{:([-_A-Za-z]+):\s*([^{}]*)\}")


class Item:
    """One item of the caller's mapping.

    Attributes:
        id: its id.
        data: what the caller gave, with the variables of its note field added.
        type: its type, such as ``article-journal``; ``document`` where it has none.
    """

    __slots__ = ("_dates", "_names", "_problems", "_texts", "data", "id", "original", "type")

    def __init__(self, id: str, data: Any, problems: list[ItemProblem]) -> None:  # noqa: A002, ANN401 – any JSON
        self.id = id
        self._problems = problems
        self._texts: dict[str, Draft] = {}
        self._names: dict[str, tuple[PersonName, ...]] = {}
        self._dates: dict[str, DateValue | None] = {}
        if not isinstance(data, Mapping):
            self._add_problem("", f"an item is an object, this is {_kind(data)}")
            data = {}
        self.original: Mapping[str, Any] = data
        note = data.get("note")
        self.data: Mapping[str, Any] = self._with_note(data, note) if isinstance(note, str) and ":" in note else data
        kind = self.data.get("type")
        self.type = kind if isinstance(kind, str) and kind else "document"

    def _add_problem(self, variable: str, message: str) -> None:
        self._problems.append(ItemProblem(self.id, variable, message))

    def string(self, variable: str) -> str:
        """The variable as one string, markup and all; empty where it is not there."""
        value = self.data.get(variable)
        if value is None or value == "":
            for alias in _ALIASES.get(variable, ()):
                value = self.data.get(alias)
                if value:
                    break
            else:
                return ""
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, (bool, dict, list)):
            if variable not in self._texts:
                self._add_problem(variable, f"text or a number was expected, this is {_kind(value)}; it was left out")
                self._texts[variable] = ""
            return ""
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            value = int(value)
        try:
            return str(value)
        except ValueError:  # more digits than Python turns into text
            self._add_problem(variable, "this number is too long; it was left out")
            return ""

    def text(self, variable: str) -> Draft:
        """The variable as rich text; empty where it is not there."""
        found = self._texts.get(variable)
        if found is None:
            text = self.string(variable)
            bare = text.strip()
            found = rich(text if variable == "note" else bare.replace("  ", "\N{NO-BREAK SPACE} "))
            if text is not bare and bare and variable not in _TRIMMED:
                # Blanks at the ends are the author's, as two within are, of which one does not break (citeproc-js).
                found = Kept([" " * (text[:1] == " "), found, " " * (text[-1:] == " ")])
            self._texts[variable] = found
        return found

    def names(self, variable: str) -> tuple[PersonName, ...]:
        """The names of a variable; empty where it has none."""
        found = self._names.get(variable)
        if found is None:
            found = self._names[variable] = self._read_names(variable)
        return found

    def _read_names(self, variable: str) -> tuple[PersonName, ...]:
        value = self.data.get(variable)
        if not value:
            return ()
        if isinstance(value, Mapping):
            value = [value]
        if isinstance(value, str):
            self._add_problem(variable, "a list of names was expected, this is text; it was taken as one name")
            value = [{"literal": value}]
        if not isinstance(value, list):
            self._add_problem(variable, f"a list of names was expected, this is {_kind(value)}; it was left out")
            return ()
        names = []
        for entry in value:
            name = read_name({"literal": entry} if isinstance(entry, str) else entry)
            if name is None:
                self._add_problem(
                    variable, f"a name has a family or literal name, this has none: {_quoted(entry)}; it was left out"
                )
            else:
                names.append(name)
        return tuple(names)

    def date(self, variable: str) -> DateValue | None:
        """The date of a variable; `None` where it has none."""
        if variable not in self._dates:
            value = self.data.get(variable)
            date = read_date(value) if value else None
            if date is None and value and not (isinstance(value, Mapping) and not any(value.values())):
                self._add_problem(variable, f"this is not a date: {_quoted(value)}; it was left out")
            self._dates[variable] = date
        return self._dates[variable]

    def has(self, variable: str) -> bool:
        """Whether the variable has content, as ``variable="…"`` of ``cs:if`` tests it."""
        if variable in NAME_VARIABLES:
            return bool(self.names(variable))
        if variable in DATE_VARIABLES:
            return self.date(variable) is not None
        if variable == "page-first":
            return bool(self.string("page-first") or self.string("page"))
        return bool(self.string(variable).strip())

    def _with_note(self, data: Mapping[str, Any], note: str) -> Mapping[str, Any]:
        """The item with the variables that its note field holds.

        CSL-JSON has no place for variables that a reference manager does not know; practice is to write them into the
        note, as lines ``variable: value`` at its beginning or as ``{:variable: value}``.
        """
        found: dict[str, Any] = {}

        def take(name: str, value: str) -> bool:
            variable = _NOTE_NAMES.get(name) or _NOTE_NAMES.get(name.lower().replace("_", "-").replace(" ", "-"))
            if variable is None:
                return False
            if variable in NAME_VARIABLES:
                family, _, given = value.partition("||")
                name_ = {"family": family.strip(), "given": given.strip()} if given else {"literal": value}
                found.setdefault(variable, []).append(name_)
            elif variable in DATE_VARIABLES:
                found[variable] = {"raw": value}
            else:
                found[variable] = value
            return True

        note = _NOTE_BRACES.sub(lambda match: "" if take(match[1], match[2].strip()) else match[0], note)
        lines = note.split("\n")
        kept: list[str] = []
        for number, line in enumerate(lines):
            match = _NOTE_LINE.match(line)
            if match and take(match[1], match[2]):
                continue
            if number == 0 or not line.strip():
                kept.append(line)
                continue
            kept += lines[number:]
            break
        if not found:
            return data
        own = {
            key: value for key, value in found.items() if key == "type" or not data.get(key) or key in DATE_VARIABLES
        }
        return {**data, **own, "note": "\n".join(kept).strip()}


_NOTE_NAMES: Final = {
    name: name for name in (*VARIABLES, "type", "title-short", "container-title-short", "collection-title-short")
}


def _kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "true or false", dict: "an object", list: "a list", str: "text", int: "a number", float: "a number"}
    return kinds.get(type(value), type(value).__name__)


def _quoted(value: object) -> str:
    try:
        text = reprlib.repr(value)  # bounded in depth, as a value of JSON need not be
    except ValueError:  # an integer with more digits than Python turns into text
        return "a number without end"
    return text if len(text) <= 60 else text[:59] + "…"
