"""Fields of a publication's own: declared in ``digest.yaml``, checked where they are filled in, typed for templates.

What a person types into ``fields:`` of an entry, an article, a record, a section or an issue is kept as it was typed,
a text or a list of texts. So every file can be read, moved and written without the declarations. They decide what a
text is: `OwnField.value` is the one place where a typed text becomes a value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from msgspec import Struct, field

from digest.errors import did_you_mean
from digest.model import FieldName, FieldText, InconsistentError, Name, PartialDate, Path
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

FieldType = Literal["text", "rich text", "number", "whole number", "yes/no", "date", "choice", "list of texts"]
Place = Literal["entries", "records", "articles", "sections", "issue"]
FieldValue = str | RichText | int | float | bool | PartialDate | tuple[str, ...] | None

_EMPTY: Final[Mapping[str, FieldValue]] = {
    "text": "",
    "choice": "",
    "rich text": RichText(),
    "list of texts": (),
}  # of all other types: nothing
_YES_NO: Final = {"yes": True, "true": True, "no": False, "false": False}
_NOUNS: Final[Mapping[str, str]] = {
    "number": "a number such as 3 or 2.5",
    "whole number": "a whole number such as 3",
    "yes/no": "yes or no",
}


class OwnField(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A field of a publication's own, which templates see as ``entry.fields.NAME``.

    Attributes:
        name: name under which it is filled in and seen by templates, such as ``relevance``.
        type: what it holds.
        for: what has it; one of these or a list of them.
        label: what people see in curation and in Excel; without one, the name.
        choices: the texts of which a choice is one.
        default: what holds where it is not filled in.
        required: whether it has to be filled in wherever something is printed.
    """

    name: FieldName
    type: FieldType = "text"
    for_: Place | tuple[Place, ...] = field(default="entries", name="for")
    label: str = ""
    choices: tuple[Name, ...] = ()
    default: FieldText = ""
    required: bool = False

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        if not self.places:
            yield ("for",), f"a field is for one or more of {', '.join(get_args(Place))}"
        if self.type == "choice" and not self.choices:
            yield ("type",), "the key “choices” is missing: the texts of which this field is one"
        if self.type != "choice" and self.choices:
            yield ("choices",), f"only a choice has choices; this field is of the type “{self.type}”"
        if self.required and self.default:
            yield ("required",), "a field with a default need not be filled in: remove one of the two"
        if self.default and not (self.type == "choice" and not self.choices):
            try:
                self.value(self.default)
            except ValueError as error:
                yield ("default",), str(error)

    @property
    def places(self) -> tuple[Place, ...]:
        """What has it."""
        return self.for_ if isinstance(self.for_, tuple) else (self.for_,)

    @property
    def title(self) -> str:
        """What people see: its label, or else its name."""
        return self.label or self.name

    @property
    def empty(self) -> FieldValue:
        """Its value where nothing says one."""
        return _EMPTY.get(self.type)

    def value(self, typed: FieldText) -> FieldValue:
        """What a typed text, or list of texts, is.

        Raises:
            ValueError: it is not of this field's type.
        """
        if self.type == "list of texts":
            return (typed,) if isinstance(typed, str) else typed
        if not isinstance(typed, str):
            raise ValueError(f"expected {self.noun}, found a list")  # noqa: TRY004 - the value is wrong, not the call
        match self.type:
            case "text":
                return typed
            case "rich text":
                return RichText.parse(typed)
            case "date":
                return PartialDate.parse(typed)
            case "yes/no" if typed.lower() in _YES_NO:
                return _YES_NO[typed.lower()]
            case "choice" if typed in self.choices:
                return typed
            case "whole number" | "number" if re.fullmatch(r"[+-]?\d{1,15}", typed, re.ASCII):
                return int(typed)
            case "number" if re.fullmatch(r"[+-]?(?:\d{1,15}\.\d{0,15}|\.\d{1,15})", typed, re.ASCII):
                return float(typed)
        near = did_you_mean(typed, self.choices)
        raise ValueError(f"expected {self.noun}; found “{typed if len(typed) <= 60 else typed[:57] + '…'}”{near}")

    @property
    def noun(self) -> str:
        """What one types into it, for messages."""
        return f"one of {', '.join(self.choices)}" if self.choices else _NOUNS.get(self.type, f"a {self.type}")

    @property
    def hint(self) -> Any:  # noqa: ANN401 - a type
        """The type of its value, as templates are checked against it."""
        match self.type:
            case "choice":
                return Literal[(*self.choices, *(() if self.required or self.default else ("",)))]
            case "list of texts":
                return tuple[str, ...]
            case "text":
                return str
            case "rich text":
                return RichText
        kinds: dict[str, Any] = {"number": int | float, "whole number": int, "yes/no": bool, "date": PartialDate}
        return kinds[self.type] if self.required or self.default else kinds[self.type] | None

    @property
    def sample(self) -> FieldText:
        """Something to fill in where a theme is tried."""
        samples: dict[str, FieldText] = {
            "number": "2.5",
            "whole number": "3",
            "yes/no": "yes",
            "date": "2014-07-28",
            "choice": max(self.choices, key=len, default=""),
            "list of texts": ("first", "second"),
        }
        return samples.get(self.type, self.title)


class OwnValues:
    """The values of own fields by their names, for templates: a frozen mapping without methods that a name could hide.

    Each field that is declared for a thing is there; one that is not filled in has its default, or is empty.
    """

    __slots__ = ("_values",)
    _values: Mapping[str, FieldValue]

    def __init__(self, values: Mapping[str, FieldValue] | None = None) -> None:
        object.__setattr__(self, "_values", dict(values or {}))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"OwnValues is frozen: {name} cannot be set")

    def __reduce__(self) -> tuple[type[OwnValues], tuple[Mapping[str, FieldValue]]]:
        return type(self), (self._values,)

    def __getitem__(self, name: str) -> FieldValue:
        return self._values[name]

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if isinstance(other, OwnValues) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._values))

    def __repr__(self) -> str:
        return f"OwnValues({self._values!r})"


def mistakes_in_declarations(declared: Sequence[OwnField]) -> Iterator[tuple[Path, str]]:
    """Names and labels that are taken already: each leads to one field, in templates and in workbooks."""
    names: set[str] = set()
    titles: set[str] = set()
    for n, one in enumerate(declared):
        if one.name in names:
            yield (
                (n, "name"),
                f"two fields are called “{one.name}”; a field may be for several: “for: [entries, issue]”",
            )
        elif one.title.casefold() in titles:
            yield (n, "label" if one.label else "name"), f"two fields have the label “{one.title}”"
        names.add(one.name)
        titles.add(one.title.casefold())


def declared_for(declared: Iterable[OwnField], *places: Place) -> tuple[OwnField, ...]:
    """Those of the declared fields that one of these has."""
    return tuple(one for one in declared if set(places) & set(one.places))


def values(declared: Iterable[OwnField], places: Sequence[Place], *given: Mapping[str, FieldText]) -> OwnValues:
    """The values of own fields, as templates see them.

    Args:
        declared: the fields of the publication.
        places: what has them: an entry has those of entries, and those of its article or record.
        given: what was filled in; the first that says something counts.
    """
    found: dict[str, FieldValue] = {}
    for one in declared_for(declared, *places):
        typed = next((text for texts in given if (text := texts.get(one.name, ""))), one.default)
        found[one.name] = one.value(typed) if typed else one.empty
    return OwnValues(found)


class Mistake(Struct, frozen=True):
    """What is wrong with a field that was filled in, or was not: its code, a message, and the field's name."""

    code: str
    message: str
    name: str


def mistakes(declared: Sequence[OwnField], place: Place, given: Mapping[str, FieldText]) -> Iterator[Mistake]:
    """What is wrong in ``fields:``: names that are not declared, and values that are not of their type."""
    here = {one.name: one for one in declared_for(declared, place)}
    for name, typed in given.items():
        if name in here:
            try:
                if typed:
                    here[name].value(typed)
            except ValueError as error:
                yield Mistake("value", f"the field “{name}”: {error}", name)
        else:
            yield Mistake("unknown-key", undeclared(declared, name, place), name)


def undeclared(declared: Sequence[OwnField], name: str, *places: Place) -> str:
    """The message about a field that digest.yaml does not declare for any of these, with what to do.

    Args:
        declared: the fields of the publication.
        name: the field.
        places: what would have it; none: that is not known.
    """
    where = " or ".join(places)
    if elsewhere := next((one for one in declared if one.name == name), None):
        others = " and ".join(elsewhere.places)
        here = f"not for {where}" if where else "not for what this is"
        return f"digest.yaml declares the field “{name}” for {others}, {here}; add that under its “for:”"
    known = declared_for(declared, *places) if places else declared
    near = did_you_mean(name, [one.name for one in known]) or f"; declare it under “fields:” with “- name: {name}”"
    return f"digest.yaml declares no field “{name}”{f' for {where}' if where else ''}{near}"


def missing(fields: Iterable[OwnField], *given: Mapping[str, FieldText]) -> Iterator[Mistake]:
    """The required ones of these fields that nothing fills in."""
    for one in fields:
        if one.required and not any(texts.get(one.name) for texts in given):
            message = f"the field “{one.name}” is missing, which digest.yaml requires: “fields: {{{one.name}: …}}”"
            yield Mistake("missing-key", message, one.name)


def in_a_cell(typed: FieldText) -> str:
    """A typed value as one text, in curation and in a cell of a workbook: a list has a line for each text."""
    return typed if isinstance(typed, str) else "\n".join(typed)


def from_a_cell(declared: OwnField, text: str) -> FieldText:
    """What `in_a_cell` wrote, or a person; an empty text is a field that is not filled in.

    Raises:
        ValueError: it is not of the field's type.
    """
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    if not lines:
        return ""
    if declared.type == "list of texts":
        return tuple(lines)
    typed = text.strip()
    if declared.type not in {"text", "rich text"}:
        typed = _spelt(declared, " ".join(typed.split()))
    declared.value(typed)
    return typed


def _spelt(declared: OwnField, text: str) -> str:
    """A short value in the one spelling: the capitals of a choice, ``3`` for the ``3.0`` of a spreadsheet."""
    if declared.type == "choice":
        return next((one for one in declared.choices if one.casefold() == text.casefold()), text)
    if declared.type == "yes/no":
        found = _YES_NO.get(text.lower())
        return text if found is None else "yes" if found else "no"
    if declared.type == "date":
        return text.removesuffix(" 00:00:00").removesuffix("T00:00:00")
    return re.sub(r"(?<=\d)\.0+$", "", text) if declared.type == "whole number" else text
