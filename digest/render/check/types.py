"""The types that a value of a template can have, and what is known of their fields."""

from __future__ import annotations

import types
import typing
from typing import TYPE_CHECKING, Any, Final, Literal, Union

import msgspec
from markupsafe import Markup

from digest.ownfields import Place, declared_for
from digest.render import contract, wording
from digest.render.context import ArticleEntry, DigestEntry, IssueContext, NoticeEntry, PageEntry, SectionContext
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.ownfields import OwnField

MOST_CONSTANTS: Final = 24  # values that a text is followed through; more are just a text


class Plain(msgspec.Struct, frozen=True):
    """A value of a class of Python."""

    cls: type


class Const(msgspec.Struct, frozen=True):
    """A value that is known."""

    value: str | int | bool


class ListOf(msgspec.Struct, frozen=True):
    """Any number of values of the same types."""

    item: tuple[Any, ...]


class TupleOf(msgspec.Struct, frozen=True):
    """As many values as there are, each of its own types."""

    items: tuple[tuple[Any, ...], ...]


class Fields(msgspec.Struct, frozen=True):
    """A thing of the template language with these fields and no others."""

    name: str
    fields: tuple[tuple[str, tuple[Any, ...]], ...]
    prints: bool = False
    places: tuple[Place, ...] = ()  # of own fields: what has them


class Function(msgspec.Struct, frozen=True):
    """A function: one of the program's by its name, or a macro by its number."""

    name: str
    macro: int = -1


class Anything(msgspec.Struct, frozen=True):
    """A value of which nothing is known."""


Atom = Plain | Const | ListOf | TupleOf | Fields | Function | Anything
Type = tuple[Atom, ...]  # the types that a value can have; none where a line is never reached

ANY: Final[Type] = (Anything(),)
TEXT: Final[Type] = (Plain(str),)
HTML: Final[Type] = (Plain(Markup),)
RICH: Final = Plain(RichText)
NUMBER: Final[Type] = (Plain(int),)
YES_NO: Final[Type] = (Plain(bool),)
NOTHING: Final = Plain(type(None))
LOOP: Final = Fields(
    "loop",
    tuple(
        [(name, NUMBER) for name in ("index", "index0", "revindex", "revindex0", "length", "depth", "depth0")]
        + [(name, YES_NO) for name in ("first", "last")]
        + [(name, ANY) for name in ("previtem", "nextitem", "cycle", "changed")]
    ),
)


# Where templates see own fields, and what can have them there.
PLACES: Final[dict[type, tuple[Place, ...]]] = {
    ArticleEntry: ("entries", "articles"),
    DigestEntry: ("entries", "records"),
    NoticeEntry: ("entries",),
    PageEntry: ("entries",),
    SectionContext: ("sections",),
    IssueContext: ("issue",),
}


def own_fields(declared: Sequence[OwnField], cls: type) -> Type:
    """The types of ``fields`` of a value of this class."""
    places = PLACES[cls]
    known = []
    for one in declared_for(declared, *places):
        found = type_of(one.hint)
        if cls is ArticleEntry and one.required and "articles" not in one.places:
            found = union(found, (NOTHING,) if one.empty is None else ())  # an editorial is not in a section
        known.append((one.name, found))
    return (Fields("fields", tuple(known), places=places),)


def union(*parts: Type) -> Type:
    """The types of a value that may be any of several; too many known texts become a text."""
    found = tuple(dict.fromkeys(atom for part in parts for atom in part))
    if Anything() in found:
        return ANY
    if sum(isinstance(atom, Const) for atom in found) > MOST_CONSTANTS:
        found = tuple(dict.fromkeys(Plain(type(atom.value)) if isinstance(atom, Const) else atom for atom in found))
    return found


def type_of(hint: Any) -> Type:  # noqa: ANN401 - any type that a field has
    """The types of a value by the hint of its field."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return type_of(arguments[0])
    if origin in {Union, types.UnionType}:
        return union(*(type_of(part) for part in arguments))
    if origin is Literal:
        return tuple(Const(value) for value in arguments)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return (ListOf(type_of(arguments[0])),)
        return (TupleOf(tuple(type_of(part) for part in arguments)),)
    if hint is types.FunctionType or not isinstance(hint, type):
        return ANY
    return (Plain(hint),) if hint is not dict and origin is None else ANY


_FIELDS: dict[type, dict[str, Type]] = {}


def fields_of(cls: type) -> dict[str, Type]:
    """The fields of a class, each with its types."""
    if cls not in _FIELDS:
        _FIELDS[cls] = {name: type_of(hint) for name, hint in contract.fields(cls).items()}
    return _FIELDS[cls]


def class_of(atom: Atom) -> type | None:
    """The class of Python that a value has; nothing where that is not known."""
    match atom:
        case Plain(cls):
            return cls
        case Const(value):
            return type(value)
        case ListOf() | TupleOf():
            return tuple
    return None


def noun_of(atom: Atom) -> str:
    """What messages call a value: “a text”, “an article”."""
    match atom:
        case ListOf() | TupleOf():
            return "a list"
        case Fields(name, places=places):
            return f"your fields of {' or '.join(places)}" if places else f"“{name}”"
        case Function():
            return "a function"
    cls = class_of(atom)
    if cls is None:
        return "this"
    return wording.noun(cls.__name__)


def field_names(atom: Atom) -> Iterable[str]:
    """The names of the fields that a value has, for “did you mean”."""
    match atom:
        case Fields(_, known):
            return [name for name, _ in known]
        case Plain(cls) if issubclass(cls, msgspec.Struct):
            return fields_of(cls)
    of = class_of(atom)
    if of is RichText:
        return [*(name for name in fields_of(RichText) if fields_of(RichText)[name] != ANY), *field_names(Plain(str))]
    return [name for name in dir(of) if not name.startswith("_")] if of is not None else []


def field_of(atom: Atom, name: str) -> Type | None:
    """The types of a field; nothing where there is no such field."""
    match atom:
        case Anything():
            return ANY
        case Fields(_, known):
            return dict(known).get(name)
        case Function(_, macro):
            return (
                ANY if macro >= 0 and name in {"name", "arguments", "catch_kwargs", "catch_varargs", "caller"} else None
            )
        case Plain(cls):
            if (found := fields_of(cls).get(name)) is not None:
                return (Function(f"str.{name}"),) if found == ANY and issubclass(cls, str) else found
            if cls is RichText and not name.startswith("_") and hasattr(str, name):
                return (Function(f"str.{name}"),)
            return ANY if cls in {dict, object} else None
    of = class_of(atom)
    if of is not None and not name.startswith("_") and hasattr(of, name):
        return (Function(f"str.{name}"),) if of is str else ANY
    return None


def of_value(type_: Type, name: str, values: set[Any], *, holds: bool) -> Type:
    """Those of several types whose field can have, or lack, one of these values."""
    kept = []
    for atom in type_:
        field = field_of(atom, name)
        known = [a.value for a in field if isinstance(a, Const)] if field else []
        if field and len(known) == len(field):
            possible = any(v in values for v in known) if holds else any(v not in values for v in known)
            if not possible:
                continue
        kept.append(atom)
    return tuple(kept)


def truthy(type_: Type) -> Type:
    """What is left of the types of a value where it counts as true."""
    return tuple(a for a in type_ if a != NOTHING and not (isinstance(a, Const) and not a.value))


def falsy(type_: Type) -> Type:
    """What is left of the types of a value where it counts as false."""

    def always(atom: Atom) -> bool:
        if isinstance(atom, Const):
            return bool(atom.value)
        cls = class_of(atom)
        return isinstance(atom, Function) or (
            isinstance(atom, Plain) and cls is not None and issubclass(cls, msgspec.Struct)
        )

    return tuple(a for a in type_ if not always(a))
