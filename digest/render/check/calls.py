"""Calls in templates: macros, ``super()``, and the program's own functions with what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from digest.errors import did_you_mean
from digest.render import contract
from digest.render.check.filters import FilterChecks
from digest.render.check.scopes import name_of
from digest.render.check.types import (
    ANY,
    HTML,
    NOTHING,
    NUMBER,
    TEXT,
    YES_NO,
    Anything,
    Const,
    Fields,
    Function,
    ListOf,
    Plain,
    TupleOf,
    Type,
    class_of,
    noun_of,
    type_of,
    union,
)
from digest.render.words import UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.render.check.scopes import Scope


class CallChecks(FilterChecks):
    """Checks calls of macros and functions."""

    def call(self, node: nodes.Call, scope: Scope, *, caller: bool = False) -> Type:
        """The types of what a call gives."""
        if isinstance(node.node, nodes.Name) and node.node.name == "super" and "super" not in scope.names:
            return self.super(node, scope)
        if (
            isinstance(node.node, nodes.Getattr)
            and isinstance(node.node.node, nodes.Name)
            and node.node.node.name == "self"
        ):
            known = scope.blocks
            if node.node.attr not in known:
                message = f"there is no block “{node.node.attr}”{did_you_mean(node.node.attr, known)}"
                self.report("unknown-block", message, scope, node.lineno)
            return HTML
        type_ = self.expression(node.node, scope)
        given = [self.expression(argument, scope) for argument in node.args]
        named = {keyword.key: self.expression(keyword.value, scope) for keyword in node.kwargs}
        dynamic = node.dyn_args is not None or node.dyn_kwargs is not None
        for part in (node.dyn_args, node.dyn_kwargs):
            if part is not None:
                self.expression(part, scope)
        found: list[Type] = []
        for atom in type_:
            match atom:
                case Function(name, macro) if macro >= 0:
                    self.macro_called(name, macro, given, named, node, scope, dynamic=dynamic, caller=caller)
                    found.append(HTML)
                case Function(name):
                    found.append(self.function(name, given, named, node, scope, dynamic=dynamic))
                case Anything():
                    found.append(ANY)
                case _ if atom == NOTHING or isinstance(atom, Plain | Const | ListOf | TupleOf | Fields):
                    message = f"{name_of(node.node)} is {noun_of(atom)}, not a function; remove the brackets"
                    self.report("wrong-argument", message, scope, node.lineno)
                    found.append(ANY)
        return union(*found)

    def super(self, node: nodes.Call, scope: Scope) -> Type:
        """What ``super()`` prints: the block of the template that is extended."""
        if scope.at is None:
            if not scope.loose:
                self.report("unknown-block", "super() is outside a block", scope, node.lineno)
            return HTML
        name, number = scope.at
        if number + 1 >= len(scope.blocks.get(name, [])):
            if not scope.loose:
                message = f"super() finds no block “{name}” in what this template extends"
                self.report("unknown-block", message, scope, node.lineno)
            return HTML
        return self.block(name, scope, number + 1)

    def macro_called(
        self,
        name: str,
        number: int,
        given: Sequence[Type],
        named: Mapping[str, Type],
        node: nodes.Call,
        scope: Scope,
        *,
        dynamic: bool,
        caller: bool,
    ) -> None:
        """Checks what a macro is given, and walks it with that."""
        definition = self.macros[number][0]
        names = [argument.name for argument in definition.args]
        used = {part.name for part in definition.find_all(nodes.Name)}
        if not dynamic:
            if len(given) > len(names) and "varargs" not in used:
                message = f"{name}() takes {len(names)} {'value' if len(names) == 1 else 'values'}, found {len(given)}"
                self.report("wrong-argument", message, scope, node.lineno)
            for key in named:
                if key not in names and "kwargs" not in used and not (caller and key == "caller"):
                    message = f"{name}() takes no “{key}”{did_you_mean(key, names)}"
                    self.report("wrong-argument", message, scope, node.lineno)
            required = names[: len(names) - len(definition.defaults)]
            if missing := [n for at, n in enumerate(required) if at >= len(given) and n not in named]:
                message = f"{name}() needs {', '.join(f'“{n}”' for n in missing)} as well"
                self.report("wrong-argument", message, scope, node.lineno)
        self.macro(number, given[: len(names)], {key: type_ for key, type_ in named.items() if key in names})

    def function(
        self,
        name: str,
        given: Sequence[Type],
        named: Mapping[str, Type],
        node: nodes.Call,
        scope: Scope,
        *,
        dynamic: bool,
    ) -> Type:
        """The types of what a function of the program gives, or a method of a text."""
        if name == "range":
            return (ListOf(NUMBER),)
        if name.startswith("str."):
            method = name.removeprefix("str.")
            if method in {"split", "splitlines", "rsplit"}:
                return (ListOf(TEXT),)
            return (
                YES_NO
                if method.startswith(("is", "starts", "ends"))
                else NUMBER
                if method in {"find", "count", "index"}
                else TEXT
            )
        wanted, gives = contract.FUNCTIONS.get(name, (None, Any))
        if dynamic:
            return type_of(gives)
        if name == "word":
            self.word(given, named, node, scope)
        elif wanted is not None:
            if len(given) != len(wanted) or named:
                self.report(
                    "wrong-argument", f"{name}(…) takes one value, found {len(given) + len(named)}", scope, node.lineno
                )
            else:
                self.accepted(name, wanted[0], given[0], node, scope)
        if name == "asset" and given:
            for atom in given[0]:
                if isinstance(atom, Const) and isinstance(atom.value, str) and self.theme.find(atom.value) is None:
                    known = [
                        path.relative_to(root).as_posix()
                        for root in self.theme.roots
                        for path in root.rglob("*")
                        if path.is_file()
                    ]
                    near = did_you_mean(atom.value, known)
                    message = f"there is no file “{atom.value}” in the overrides or the theme{near}"
                    self.report("missing-asset", message, scope, node.lineno)
        return type_of(gives)

    def accepted(self, name: str, wanted: type, given: Type, node: nodes.Call, scope: Scope) -> None:
        """Checks what a function of the program is given."""
        what = name_of(node.args[0])
        for atom in given:
            cls = class_of(atom)
            if atom == NOTHING:
                message = f"{what} may be nothing; put {name}(…) inside {{% if {what} %}}"
                self.report("may-be-missing", message, scope, node.lineno)
            elif not isinstance(atom, Anything) and (cls is None or not issubclass(cls, wanted)):
                message = f"{name}(…) takes {noun_of(Plain(wanted))}, and {what} is {noun_of(atom)}"
                self.report("wrong-argument", message, scope, node.lineno)

    def word(self, given: Sequence[Type], named: Mapping[str, Type], node: nodes.Call, scope: Scope) -> None:
        """Checks that the words of a theme have the key that is asked for."""
        if len(given) != 1:
            self.report(
                "wrong-argument", 'word(…) takes the key of a word first, as in word("contents")', scope, node.lineno
            )
            return
        for atom in given[0]:
            if isinstance(atom, Const):
                try:
                    self.words.word(str(atom.value), **dict.fromkeys(named, ""))
                except UnknownWordError as error:
                    self.report("unknown-word", str(error), scope, node.lineno)
