"""Filters of templates: a table of what each takes and gives, and the checks that follow from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from markupsafe import Markup

from digest.errors import did_you_mean
from digest.render.check.conditions import ConditionChecks
from digest.render.check.scopes import name_of
from digest.render.check.types import (
    ANY,
    HTML,
    NOTHING,
    NUMBER,
    TEXT,
    Atom,
    Const,
    Fields,
    ListOf,
    Plain,
    TupleOf,
    Type,
    class_of,
    noun_of,
    of_value,
    union,
)
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import nodes

    from digest.render.check.scopes import Scope


class Filter(msgspec.Struct, frozen=True):
    """What is known of a filter.

    Attributes:
        takes: what it is for; ``list`` is anything that a loop takes, ``sized`` anything that has a length,
            ``fallback`` something that may be missing, ``field`` a value whose field is named.
        gives: what comes out; ``part`` and ``parts`` are one or some of the values of a list, ``chunks`` lists of
            them, ``groups`` lists of them with what they have in common, ``joined`` a text made of them, ``mapped``
            the values of a field, ``pairs`` keys and values.
        of_text: what it gives of a text, whose letters are its list.
        attribute: which argument names a field; -1 where none does but ``attribute=``.
        test: which argument names a test; -1 where none does.
    """

    takes: Literal["anything", "fallback", "field", "list", "sized", "text"]
    gives: Literal[
        "anything", "chunks", "groups", "html", "joined", "mapped", "number", "pairs", "part", "parts", "text"
    ]
    of_text: Literal["anything", "text"] = "text"
    attribute: int = -1
    test: int = -1


# Filters that are not here, such as `round`, take and give anything.
FILTERS: Final[dict[str, Filter]] = {
    # name           takes       gives       of a text    field, test
    "default": Filter("fallback", "anything"),
    "d": Filter("fallback", "anything"),
    "length": Filter("sized", "number"),
    "count": Filter("sized", "number"),
    "int": Filter("anything", "number"),
    "wordcount": Filter("anything", "number"),
    "attr": Filter("field", "anything"),
    # of lists
    "first": Filter("list", "part"),
    "last": Filter("list", "part"),
    "random": Filter("list", "part"),
    "min": Filter("list", "part", "text", 1),
    "max": Filter("list", "part", "text", 1),
    "list": Filter("list", "parts", "anything"),
    "sort": Filter("list", "parts", "text", 2),
    "reverse": Filter("list", "parts"),
    "unique": Filter("list", "parts", "text", 1),
    "select": Filter("list", "parts", "text", -1, 0),
    "reject": Filter("list", "parts", "text", -1, 0),
    "selectattr": Filter("list", "parts", "text", 0, 1),
    "rejectattr": Filter("list", "parts", "text", 0, 1),
    "batch": Filter("list", "chunks", "anything"),
    "slice": Filter("list", "chunks", "anything"),
    "groupby": Filter("list", "groups", "anything", 0),
    "map": Filter("list", "mapped", "anything"),
    "join": Filter("list", "joined", "text", 1),
    "sum": Filter("list", "anything", "text", 0),
    # of texts
    "upper": Filter("text", "text"),
    "lower": Filter("text", "text"),
    "capitalize": Filter("text", "text"),
    "title": Filter("text", "text"),
    "trim": Filter("text", "text"),
    "replace": Filter("text", "text"),
    "truncate": Filter("text", "text"),
    "indent": Filter("text", "text"),
    "string": Filter("text", "text"),
    "center": Filter("text", "text"),
    "wordwrap": Filter("text", "text"),
    "striptags": Filter("text", "text"),
    "urlencode": Filter("text", "text"),
    "format": Filter("text", "text"),
    "filesizeformat": Filter("text", "text"),
    "pprint": Filter("text", "text"),
    # of anything
    "as_is": Filter("anything", "html"),
    "escape": Filter("anything", "html"),
    "e": Filter("anything", "html"),
    "forceescape": Filter("anything", "html"),
    "urlize": Filter("anything", "html"),
    "xmlattr": Filter("anything", "html"),
    "tojson": Filter("anything", "html"),
    "items": Filter("anything", "pairs"),
    "dictsort": Filter("anything", "pairs"),
}
_GIVES: Final[dict[str, Type]] = {"number": NUMBER, "html": HTML, "pairs": (ListOf((TupleOf((TEXT, ANY)),)),)}


class FilterChecks(ConditionChecks):
    """Checks filters, and finds the types of what they give."""

    def filter(self, node: nodes.Filter, type_: Type, scope: Scope) -> Type:
        """The types of what a filter gives; what is wrong with its use is reported."""
        name, line = node.name, node.lineno
        arguments = [self.expression(argument, scope) for argument in node.args]
        keywords: dict[str, Type] = {str(k.key): self.expression(k.value, scope) for k in node.kwargs}
        if not self.has_filter(name, scope, line):
            return ANY
        if name == "safe":
            message = (
                "|safe is not used: texts with markup need no filter, and all others have to be escaped; remove it"
            )
            self.report("marked-safe", message, scope, line)
            return HTML
        known = FILTERS.get(name)
        if known is None or type_ == ():
            return ANY if type_ else ()
        source: nodes.Expr = node.node if node.node is not None else node
        match known.takes:
            case "fallback":
                nothing_counts = len(arguments) > 1 or "boolean" in keywords
                rest = tuple(atom for atom in type_ if atom != NOTHING) if nothing_counts else type_
                return union(rest, arguments[0] if arguments else TEXT)
            case "field":
                return (
                    self.field(type_, field, name_of(source), scope, line) if (field := _constant(arguments)) else ANY
                )
            case "sized":
                for atom in type_:
                    cls = class_of(atom)
                    if atom == NOTHING or (cls not in {None, RichText} and not hasattr(cls, "__len__")):
                        message = f"{name_of(source)} is {noun_of(atom)}, which has no length"
                        self.report("not-a-list", message, scope, line)
            case "text":
                return self.of_text(type_, source, scope)
            case "list":
                if all(isinstance(atom, Plain | Const) and class_of(atom) is str for atom in type_):
                    return ANY if known.of_text == "anything" else TEXT
                return self.of_list(node, known, self.items(type_, source, scope), arguments, keywords, scope)
        return _GIVES.get(known.gives, ANY)

    def has_filter(self, name: str, scope: Scope, line: int) -> bool:
        """Whether there is a filter of this name; where there is none, it is reported."""
        if name not in self.environment.filters:
            near = did_you_mean(name, self.environment.filters)
            self.report("unknown-filter", f"there is no filter “{name}”{near}", scope, line)
        return name in self.environment.filters

    def of_text(self, type_: Type, source: nodes.Expr, scope: Scope) -> Type:
        """What a filter gives of a text; a text that may be missing is reported."""
        if NOTHING in type_ and len(type_) > 1:
            path = name_of(source)
            message = f"{path} may be nothing, which prints “None”; put it inside {{% if {path} %}}"
            self.report("may-be-missing", message, scope, source.lineno)
        return _joined_type(type_)

    def of_list(
        self,
        node: nodes.Filter,
        known: Filter,
        items: Type,
        arguments: Sequence[Type],
        keywords: Mapping[str, Type],
        scope: Scope,
    ) -> Type:
        """What a filter gives of the values of a list."""
        by = _constant([keywords["attribute"]]) if "attribute" in keywords else ""
        by = by or (_constant(arguments[known.attribute :]) if known.attribute >= 0 else "")
        value = self.attribute(items, by, scope, node.lineno, gently="default" in keywords) if by else ANY
        tests = arguments[known.test :] if known.test >= 0 else ()
        if (test := _constant(tests)) and test not in self.environment.tests:
            near = did_you_mean(test, self.environment.tests)
            self.report("unknown-test", f"there is no test “{test}”{near}", scope, node.lineno)
        if node.name in _ORDER and not by and items and all(map(_has_fields, items)):
            message = f'|{node.name} cannot put these in order; say by what: |{node.name}(attribute="…")'
            self.report("wrong-argument", message, scope, node.lineno)
        match known.gives:
            case "part":
                return items
            case "parts":
                if by and known.test > 0:
                    items = _selected(items, by, tests, holds=node.name == "selectattr")
                return (ListOf(items),)
            case "chunks":
                return (ListOf((ListOf(items),)),)
            case "groups":
                return (ListOf((Fields("group", (("grouper", value), ("list", (ListOf(items),)))),)),)
            case "mapped":
                if not by and (what := _constant(arguments)):
                    self.has_filter(what, scope, node.lineno)
                return (ListOf(value),)
            case "joined":
                if odd := next((atom for atom in items if _prints_as_a_program(atom, by)), None):
                    message = f'each of these is {noun_of(odd)}, not a text; use join(", ", attribute="…"), or a loop'
                    self.report("not-text", message, scope, node.lineno)
                return _joined_type(items)
        return ANY

    def attribute(self, items: Type, by: str, scope: Scope, line: int, *, gently: bool) -> Type:
        """The types of the field that a filter looks at, such as ``author.family``; of several, the last."""
        value: Type = ANY
        for names in by.split(","):
            value = items
            for part in names.split("."):
                value = ANY if part.isdigit() else self.field(value, part, "each of these", scope, line, gently=gently)
        return value


_ORDER: Final = frozenset({"sort", "min", "max"})


def _has_fields(atom: Atom) -> bool:
    """Whether a value is one of several fields, which has no order of its own."""
    return isinstance(atom, Plain) and issubclass(atom.cls, msgspec.Struct) and not atom.cls.__struct_config__.order


def _constant(types: Sequence[Type]) -> str:
    """The first of several values where it is a text that is known; empty elsewhere."""
    if types and len(types[0]) == 1 and isinstance(types[0][0], Const) and isinstance(types[0][0].value, str):
        return types[0][0].value
    return ""


def _joined_type(type_: Type) -> Type:
    return HTML if any(class_of(atom) in {Markup, RichText} for atom in type_) else TEXT


def _prints_as_a_program(atom: Any, by: str) -> bool:  # noqa: ANN401 - any of the types
    """Whether ``join`` would print a value as Python shows it."""
    return isinstance(atom, ListOf | TupleOf) or (
        isinstance(atom, Plain) and issubclass(atom.cls, msgspec.Struct) and not by
    )


def _selected(items: Type, by: str, tests: Sequence[Type], *, holds: bool) -> Type:
    """What is left of items of several types when those with a certain value of a field are kept."""
    test = tests[0][0] if tests and len(tests[0]) == 1 else None
    wanted = tests[1] if len(tests) > 1 else ()
    if not isinstance(test, Const) or test.value not in {"equalto", "eq", "==", "in"}:
        return items
    values: set[Any] = set()
    for atom in wanted:
        if isinstance(atom, Const):
            values.add(atom.value)
        elif isinstance(atom, ListOf | TupleOf):
            inner = atom.item if isinstance(atom, ListOf) else tuple(a for part in atom.items for a in part)
            values |= {a.value for a in inner if isinstance(a, Const)}
    return of_value(items, by, values, holds=holds)
