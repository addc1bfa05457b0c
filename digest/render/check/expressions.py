"""Expressions of templates: the types that each can have, and what is wrong in it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import msgspec
from jinja2 import nodes
from markupsafe import Markup

from digest.errors import did_you_mean
from digest.model import PartialDate
from digest.render import contract
from digest.render.check.calls import CallChecks
from digest.render.check.scopes import constants, name_of, path_of
from digest.render.check.types import (
    ANY,
    HTML,
    MOST_CONSTANTS,
    NOTHING,
    NUMBER,
    RICH,
    TEXT,
    YES_NO,
    Atom,
    Const,
    Fields,
    ListOf,
    Plain,
    TupleOf,
    Type,
    class_of,
    falsy,
    field_of,
    fields_of,
    noun_of,
    truthy,
    union,
)
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.render.check.scopes import Scope


_ORDERS: Final = {"lt": "<", "lteq": "<=", "gt": ">", "gteq": ">="}


def _kind(atom: Atom) -> str | None:
    """What a value can be compared with: values of the same kind. Nothing where that is not known."""
    cls = class_of(atom)
    if cls is None or atom == RICH:
        return "rich text" if atom == RICH else None
    kinds: dict[str, type | tuple[type, ...]] = {
        "number": (int, float),
        "text": str,
        "list": tuple,
        "date": PartialDate,
        "day": dt.date,
    }
    return next((name for name, classes in kinds.items() if issubclass(cls, classes)), noun_of(atom))


def _all_texts(type_: Type) -> bool:
    return all(_kind(atom) == "text" for atom in type_)


class ExpressionChecks(CallChecks):
    """Finds the types of expressions."""

    def name(self, name: str, scope: Scope, line: int, *, gently: bool = False) -> Type:
        """The types of a variable."""
        if name in scope.known:
            return scope.known[name]
        if name in scope.names:
            return scope.names[name]
        if name in self.globals:
            return self.globals[name]
        if not gently and not scope.loose:
            known = [*scope.names, *self.globals]
            message = f"“{name}” is not defined here{did_you_mean(name, known)}"
            if name in {"entry", "section", "heading", "figure", "lines", "loop", *contract.PAGES["issue.html"]}:
                message = f"“{name}” is not defined here; you can use {', '.join(scope.names) or 'none'}"
            message = self.lost(scope.template).get((name, line), message)
            self.report("unknown-variable", message, scope, line)
        return ANY

    def expression(self, node: nodes.Node, scope: Scope, *, gently: bool = False, caller: bool = False) -> Type:
        """The types of an expression; what is wrong in it is reported.

        Args:
            node: the expression.
            scope: where it is.
            gently: it may be undefined: ``is defined`` or ``|default`` comes after it.
            caller: it is the macro of a ``{% call %}``.
        """
        self.step()
        match node:
            case nodes.Name():
                return self.name(node.name, scope, node.lineno, gently=gently)
            case nodes.Const():
                if node.value is None:
                    return (NOTHING,)
                return (Const(node.value),) if isinstance(node.value, str | int) else ANY
            case nodes.TemplateData():
                return (Const(node.data),)
            case nodes.Getattr():
                return self.getattr(node, node.node, node.attr, scope, gently=gently)
            case nodes.Getitem():
                return self.getitem(node, scope, gently=gently)
            case nodes.Filter():
                lenient = node.name in {"default", "d"}
                given = HTML if node.node is None else self.expression(node.node, scope, gently=lenient)
                return self.filter(node, given, scope)
            case nodes.Test():
                return self.test(node, scope)
            case nodes.Call():
                return self.call(node, scope, caller=caller)
            case nodes.And() | nodes.Or():
                left = self.expression(node.left, scope)
                inner = scope.copy()
                self.narrow(node.left, inner, holds=isinstance(node, nodes.And))
                right = self.expression(node.right, inner)
                return union(falsy(left) if isinstance(node, nodes.And) else truthy(left), right)
            case nodes.CondExpr():
                return self.either(node, scope)
            case nodes.Concat():
                return self.joined([self.expression(part, scope) for part in node.nodes])
            case nodes.Not() | nodes.Compare():
                sides = [one.expr if isinstance(one, nodes.Operand) else one for one in node.iter_child_nodes()]
                types = [self.expression(side, scope) for side in sides]
                if isinstance(node, nodes.Compare):
                    self.compared(node, types, scope)
                return YES_NO
            case nodes.Tuple():
                return (TupleOf(tuple(self.expression(item, scope) for item in node.items)),)
            case nodes.List():
                return (ListOf(union(*(self.expression(item, scope) for item in node.items)) if node.items else ANY),)
            case nodes.BinExpr():
                return self.computed(node, self.expression(node.left, scope), self.expression(node.right, scope), scope)
        for child in node.iter_child_nodes():
            self.expression(child.value if isinstance(child, nodes.Keyword | nodes.Pair) else child, scope)
        return ANY

    def test(self, node: nodes.Test, scope: Scope) -> Type:
        """Checks ``is …``."""
        self.expression(node.node, scope, gently=node.name in {"defined", "undefined"})
        for argument in (*node.args, *(keyword.value for keyword in node.kwargs)):
            self.expression(argument, scope)
        if node.name not in self.environment.tests:
            near = did_you_mean(node.name, self.environment.tests)
            self.report("unknown-test", f"there is no test “{node.name}”{near}", scope, node.lineno)
        return YES_NO

    def either(self, node: nodes.CondExpr, scope: Scope) -> Type:
        """The types of ``a if test else b``."""
        self.expression(node.test, scope)
        found = []
        for part, holds in ((node.expr1, True), (node.expr2, False)):
            if part is not None:
                inner = scope.copy()
                self.narrow(node.test, inner, holds=holds)
                found.append(self.expression(part, inner))
        return union(*found)

    def computed(self, node: nodes.BinExpr, left: Type, right: Type, scope: Scope) -> Type:
        """The types of a sum or another calculation."""
        both = (*left, *right)
        if isinstance(node, nodes.Add) and all(isinstance(a, Const) and isinstance(a.value, str) for a in both):
            return self.joined([left, right])
        classes = {class_of(atom) for atom in both}
        lists = [all(isinstance(atom, ListOf | TupleOf) for atom in part) for part in (left, right) if part]
        if isinstance(node, nodes.Add) and any(lists) and classes & {str, Markup, RichText, int}:
            message = "a list and something else cannot be added; put it between [ and ], or write a loop"
            self.report("wrong-argument", message, scope, node.lineno)
        if RichText in classes and not isinstance(node, nodes.Add):
            message = f"“{node.operator}” is not possible with a text"
            self.report("wrong-argument", message, scope, node.lineno)
        missing = [self.may_be_nothing(part, side, scope) for part, side in ((left, node.left), (right, node.right))]
        impossible = isinstance(node, nodes.Sub | nodes.Div | nodes.FloorDiv | nodes.Pow) and RichText not in classes
        if impossible and not any(missing) and any(part and _all_texts(part) for part in (left, right)):
            message = f"“{node.operator}” is not possible with a text"
            self.report("wrong-argument", message, scope, node.lineno)
        if classes <= {int, bool}:
            return NUMBER if not isinstance(node, nodes.Div) else ANY
        if isinstance(node, nodes.Add) and classes and classes <= {str, Markup, RichText, int, bool}:
            texts = [bool({class_of(a) for a in part} <= {str, Markup, RichText}) for part in (left, right) if part]
            if len(texts) == 2 and texts[0] != texts[1]:
                self.report(
                    "wrong-argument", "a text and a number cannot be added; write ~ instead of +", scope, node.lineno
                )
            return TEXT if classes <= {str} else HTML if classes <= {str, Markup, RichText} else ANY
        return ANY

    def joined(self, parts: Sequence[Type]) -> Type:
        """Texts one after the other: known texts stay known as long as there are few."""
        texts = [""]
        for part in parts:
            if not all(isinstance(atom, Const) for atom in part):
                return HTML if any(Plain(Markup) in p for p in parts) else TEXT
            texts = [text + str(atom.value) for text in texts for atom in part if isinstance(atom, Const)]
            if len(texts) > MOST_CONSTANTS:
                return TEXT
        return tuple(Const(text) for text in texts)

    def may_be_nothing(self, type_: Type, node: nodes.Expr, scope: Scope) -> bool:
        """Whether a value that is computed with may be nothing, or is; it is reported then."""
        if NOTHING not in type_:
            return False
        path = name_of(node)
        todo = f"may be nothing; put this inside {{% if {path} %}}" if len(type_) > 1 else "is nothing here"
        self.report("may-be-missing", f"{path} {todo}", scope, node.lineno)
        return True

    def ordered(self, node: nodes.Compare, types: Sequence[Type], scope: Scope) -> None:
        """Reports values that have no order: a text and a number, or what may be nothing."""
        sides = list(zip(types, [node.expr, *(operand.expr for operand in node.ops)], strict=True))
        for operand, *pair in zip(node.ops, sides, sides[1:], strict=False):
            if operand.op not in _ORDERS:
                continue
            missing = [self.may_be_nothing(type_, side, scope) for type_, side in pair]
            if any(missing):
                continue
            kinds = [{_kind(atom) for atom in type_} for type_, _ in pair]
            if all(kinds) and None not in kinds[0] | kinds[1] and not kinds[0] & kinds[1]:
                nouns = [noun_of(type_[0]) for type_, _ in pair]
                message = f"“{_ORDERS[operand.op]}” compares {nouns[0]} with {nouns[1]}, which have no order"
                if rich := next((side for type_, side in pair if RICH in type_), None):
                    message = f"“{_ORDERS[operand.op]}” does not compare rich text; compare {name_of(rich)}.plain"
                self.report("wrong-argument", message, scope, node.lineno)

    def compared(self, node: nodes.Compare, types: Sequence[Type], scope: Scope) -> None:
        """Reports a comparison with a value that the other side never has, such as a kind that does not exist.

        Args:
            node: the comparison.
            types: the types of each of its sides.
            scope: where it is.
        """
        self.ordered(node, types, scope)
        if len(node.ops) != 1 or node.ops[0].op not in {"eq", "ne", "in", "notin"}:
            return
        sides = node.expr, node.ops[0].expr
        for type_, side, other in zip(types, sides, sides[::-1], strict=True):
            given = isinstance(other, nodes.Const) and isinstance(other.value, str)
            if given and node.ops[0].op in {"eq", "ne"} and type_ == (RICH,):
                message = f"{name_of(side)} is rich text, which is never equal to a text; compare {name_of(side)}.plain"
                self.report("never-there", message, scope, node.lineno)
        if not isinstance(node.expr, nodes.Getattr):
            return
        values = self.declared(node.expr, scope)
        wanted = constants(node.ops[0].expr)
        if wanted is None or not values or not all(isinstance(atom, Const) for atom in values):
            return
        known = [str(atom.value) for atom in values if isinstance(atom, Const)]
        for value in wanted:
            if isinstance(value, str) and value not in known:
                expected = f"it is one of {', '.join(known)}"
                message = f"{name_of(node.expr)} is never “{value}”{did_you_mean(value, known)}; {expected}"
                self.report("never-there", message, scope, node.lineno)

    def declared(self, node: nodes.Getattr, scope: Scope) -> Type:
        """The types of a field whatever conditions say about it; of `kind`, the kinds that there are."""
        atoms = self.expression(node.node, scope, gently=True)
        if node.attr == "kind" and any(isinstance(a, Plain) and "kind" in fields_of(a.cls) for a in atoms):
            return tuple(Const(kind) for kind in ("article", "digest", "notice", "page"))
        return union(*(field_of(atom, node.attr) or () for atom in atoms))

    def getattr(self, node: nodes.Node, base: nodes.Expr, name: str, scope: Scope, *, gently: bool = False) -> Type:
        """The types of a field, or what conditions say of it."""
        type_ = self.expression(base, scope)
        path = path_of(node)
        if path in scope.known:
            return scope.known[path]
        return self.field(type_, name, name_of(base), scope, node.lineno, gently=gently)

    def getitem(self, node: nodes.Getitem, scope: Scope, *, gently: bool) -> Type:
        """The types of ``x["field"]``, ``x[0]`` and ``x[1:]``."""
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self.getattr(node, node.node, node.arg.value, scope, gently=gently)
        type_ = self.expression(node.node, scope)
        if (path := path_of(node)) in scope.known:
            return scope.known[path]
        if isinstance(node.arg, nodes.Slice):
            for part in (node.arg.start, node.arg.stop, node.arg.step):
                if part is not None:
                    self.expression(part, scope)
            return union(
                *(
                    (atom,) if isinstance(atom, ListOf) or atom == RICH else TEXT if class_of(atom) is str else ANY
                    for atom in type_
                )
            )
        self.expression(node.arg, scope)
        number = node.arg.value if isinstance(node.arg, nodes.Const) else None
        found: list[Type] = []
        for atom in type_:
            match atom:
                case ListOf(item):
                    found.append(item)
                case TupleOf(items) if isinstance(number, int):
                    if not -len(items) <= number < len(items):
                        message = (
                            f"{name_of(node.node)} has {len(items)} parts, counted from 0; there is no part {number}"
                        )
                        self.report("unknown-field", message, scope, node.lineno)
                        found.append(ANY)
                    else:
                        found.append(items[number])
                case TupleOf(items):
                    found.extend(items)
                case Fields("group", known) if isinstance(number, int) and 0 <= number < len(known):
                    found.append(known[number][1])
                case Plain(cls) if issubclass(cls, str):
                    found.append(TEXT)
                case Plain(cls) if issubclass(cls, msgspec.Struct) or cls in {int, bool}:
                    self.report(
                        "not-a-list", f"{name_of(node.node)} is {noun_of(atom)}, not a list", scope, node.lineno
                    )
                    found.append(ANY)
                case _:
                    found.append(ANY)
        return union(*found)
