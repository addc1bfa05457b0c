"""Fields of values in templates: whether a value has them, and what a loop over a value gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from digest.errors import did_you_mean
from digest.ownfields import undeclared
from digest.render.check.checker import Checker
from digest.render.check.scopes import name_of
from digest.render.check.types import (
    ANY,
    NOTHING,
    PLACES,
    TEXT,
    Anything,
    Const,
    Fields,
    ListOf,
    Plain,
    TupleOf,
    Type,
    class_of,
    field_names,
    field_of,
    noun_of,
    own_fields,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import nodes

    from digest.render.check.scopes import Scope
    from digest.render.check.types import Atom


class FieldChecks(Checker):
    """Checks fields, and what is looped over."""

    def items(self, type_: Type, node: nodes.Node, scope: Scope) -> Type:
        """The types of what a loop over a value gives."""
        found: list[Type] = []
        for atom in type_:
            match atom:
                case ListOf(item):
                    found.append(item)
                case TupleOf(items):
                    found.extend(items)
                case Anything() | Plain():
                    cls = class_of(atom)
                    if atom == NOTHING:
                        message = f"{name_of(node)} may be nothing; put the loop inside {{% if {name_of(node)} %}}"
                        self.report("may-be-missing", message, scope, node.lineno)
                    elif cls is not None and not hasattr(cls, "__iter__"):
                        self.report("not-a-list", f"{name_of(node)} is {noun_of(atom)}, not a list", scope, node.lineno)
                        found.append(ANY)
                    elif cls is not None and issubclass(cls, str):
                        message = f"{name_of(node)} is a text: this loop would print it letter by letter"
                        self.report("not-a-list", message, scope, node.lineno)
                        found.append(TEXT)
                    else:
                        found.append(ANY)
                case Fields("words") | Fields("options"):
                    found.append(TEXT)
                case Fields("group", known):
                    found.extend(type_ for _, type_ in known)
                case Const(str()):
                    found.append(TEXT)
                case _:
                    self.report("not-a-list", f"{name_of(node)} is {noun_of(atom)}, not a list", scope, node.lineno)
                    found.append(ANY)
        return union(*found)

    def field(self, type_: Type, name: str, path: str, scope: Scope, line: int, *, gently: bool = False) -> Type:
        """The types of a field of a value; reports where the value may lack it."""
        if name.startswith("_"):
            self.report(
                "unknown-field", f"“{name}” is not for templates: names that begin with _ are private", scope, line
            )
            return ANY
        have: list[tuple[Atom, Type]] = []
        lack: list[Atom] = []
        for atom in type_:
            if (found := field_of(atom, name)) is not None:
                if name == "fields" and isinstance(atom, Plain) and atom.cls in PLACES:
                    found = own_fields(self.theme.fields, atom.cls)
                have.append((atom, found))
            else:
                lack.append(atom)
        without = [atom for atom in lack if atom != NOTHING]
        if NOTHING in lack and not gently:
            message = (
                f"{path} may be nothing; put this inside {{% if {path} %}}"
                if len(type_) > 1
                else f"{path} is nothing here"
            )
            self.report("may-be-missing", message, scope, line)
        if without and have and not gently:
            self.one_kind_only(have, without, name, path, scope, line)
        elif without and not have:
            self.unknown_field(without, name, path, scope, line, gently=gently)
            return ANY
        return union(*(found for _, found in have)) if have or not type_ else ANY

    def one_kind_only(
        self, have: Sequence[tuple[Atom, Type]], lack: Sequence[Atom], name: str, path: str, scope: Scope, line: int
    ) -> None:
        """Reports a field that only some of the kinds of entries have."""
        kinds = [
            str(kind.value) for atom, _ in have for kind in field_of(atom, "kind") or () if isinstance(kind, Const)
        ]
        if kinds:
            asked = (
                f'{path}.kind == "{kinds[0]}"'
                if len(kinds) == 1
                else f"{path}.kind in {tuple(kinds)}".replace("'", '"')
            )
            those, others = " and ".join(noun_of(atom) for atom, _ in have), " and ".join(map(noun_of, lack))
            has, does = "has" if len(have) == 1 else "have", "does" if len(lack) == 1 else "do"
            message = f"only {those} {has} “{name}”, {others} {does} not; put this inside {{% if {asked} %}}"
            self.report("other-kind", message, scope, line)
        elif isinstance(lack[0], Fields) and lack[0].places:
            self.report("unknown-field", undeclared(self.theme.fields, name, *lack[0].places), scope, line)
        else:
            self.report("unknown-field", f"{path} may be {noun_of(lack[0])}, which has no “{name}”", scope, line)

    def unknown_field(
        self, lack: Sequence[Atom], name: str, path: str, scope: Scope, line: int, *, gently: bool
    ) -> None:
        """Reports a field that no value there has."""
        known = list(dict.fromkeys(field for atom in lack for field in field_names(atom)))
        near = did_you_mean(name, known)
        if isinstance(lack[0], ListOf) and not near:
            item = next((atom for atom in lack[0].item if field_of(atom, name) is not None), None)
            near = f"; each of them has: write {{% for … in {path} %}}" if item is not None else ""
        if isinstance(lack[0], Fields) and lack[0].name == "words":
            self.report("unknown-word", f"there is no word “{name}”{near}", scope, line)
            return
        if isinstance(lack[0], Fields) and lack[0].places:
            places = dict.fromkeys(place for atom in lack if isinstance(atom, Fields) for place in atom.places)
            message = undeclared(self.theme.fields, name, *places)
        elif isinstance(lack[0], Fields) and lack[0].name == "options":
            message = (
                f"the theme {self.theme.name} has no option “{name}”{near}; theme.yaml declares {', '.join(known)}"
            )
        else:
            kind = noun_of(lack[0])
            same = kind.partition(" ")[2] == path.rpartition(".")[2]  # “issue is the issue” says nothing
            message = f"{path} has no “{name}”{near}" if same else f"{path} is {kind} and has no “{name}”{near}"
            if isinstance(lack[0], Plain) and issubclass(lack[0].cls, msgspec.Struct) and not near:
                message += f"; it has {', '.join(known)}"
        self.report("never-there" if gently else "unknown-field", message, scope, line)
