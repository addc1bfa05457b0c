"""What a condition of a template says about the values below it, such as that one is not missing there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from digest.render.check.fields import FieldChecks
from digest.render.check.scopes import constants, path_of
from digest.render.check.types import ANY, NOTHING, Anything, Const, Type, falsy, field_of, of_value, truthy, union

if TYPE_CHECKING:
    from digest.render.check.scopes import Scope


class ConditionChecks(FieldChecks):
    """Narrows types to what can be where a condition holds."""

    def narrow(self, test: nodes.Node, scope: Scope, *, holds: bool) -> None:
        """Keeps in a scope only what can be where a condition holds, or does not."""
        self.step()
        if isinstance(test, nodes.Not):
            return self.narrow(test.node, scope, holds=not holds)
        if isinstance(test, nodes.And | nodes.Or):
            if isinstance(test, nodes.And) == holds:
                self.narrow(test.left, scope, holds=holds)
                return self.narrow(test.right, scope, holds=holds)
            left, right = scope.copy(), scope.copy()
            self.narrow(test.left, left, holds=holds)
            self.narrow(test.left, right, holds=not holds)
            self.narrow(test.right, right, holds=holds)
            for path in left.known.keys() & right.known.keys():
                scope.known[path] = union(left.known[path], right.known[path])
            for path in left.known.keys() ^ right.known.keys():
                side, other = (left, right) if path in left.known else (right, left)
                # A side that cannot be reached says nothing.
                if any(known == () for known in other.known.values()):
                    scope.known[path] = side.known[path]
            return None
        if isinstance(test, nodes.Name) and test.name in scope.means:
            self.narrow(scope.means[test.name], scope, holds=holds)
        if subject := path_of(test):
            known = self.quietly(test, scope)
            self.learn(subject, truthy(known) if holds else falsy(known), scope)
        elif isinstance(test, nodes.Compare) and len(test.ops) == 1:
            self.narrow_compared(test, scope, holds=holds)
        elif isinstance(test, nodes.Test) and test.name in {"none", "defined", "undefined"}:
            self.narrow_tested(test, scope, holds=holds)
        elif isinstance(test, nodes.Filter) and test.name in {"length", "count"} and test.node is not None:
            self.narrow(test.node, scope, holds=holds)
        return None

    def learn(self, path: str, type_: Type, scope: Scope) -> None:
        """Keeps the types of a path; what was known of its fields no longer counts."""
        before = scope.known.get(path)
        scope.known[path] = type_
        if before != type_:
            for longer in [p for p in scope.known if p.startswith(f"{path}.")]:
                del scope.known[longer]

    def quietly(self, node: nodes.Node, scope: Scope) -> Type:
        """The types of an expression whose mistakes are reported elsewhere."""
        self.quiet += 1
        found = self.expression(node, scope, gently=True)
        self.quiet -= 1
        return found

    def narrow_compared(self, test: nodes.Compare, scope: Scope, *, holds: bool) -> None:
        """What a comparison says: ``entry.kind == "article"``, ``x in ["a", "b"]``, ``x != none``."""
        operand = test.ops[0]
        subject: nodes.Node = test.expr
        value: set[Any]
        if isinstance(test.expr, nodes.Const) and operand.op in {"eq", "ne"}:
            subject, value = operand.expr, {test.expr.value}
        else:
            found = constants(operand.expr)
            if found is None:
                return
            value = set(found)
        if operand.op not in {"eq", "ne", "in", "notin"}:
            return
        if isinstance(subject, nodes.Name) and subject.name in scope.means:
            subject = scope.means[subject.name]
        holds = holds == (operand.op in {"eq", "in"})
        path = path_of(subject)
        if isinstance(subject, nodes.Getattr) and (owner := path_of(subject.node)):
            self.learn(owner, of_value(self.quietly(subject.node, scope), subject.attr, value, holds=holds), scope)
        if path:
            known = self.quietly(subject, scope)
            if None in value:
                kept = tuple(a for a in known if (a == NOTHING) == holds or (isinstance(a, Anything)))
            else:
                kept = tuple(a for a in known if not isinstance(a, Const) or (a.value in value) == holds)
                kept = tuple(a for a in kept if not (holds and a == NOTHING))
            self.learn(path, kept, scope)

    def narrow_tested(self, test: nodes.Test, scope: Scope, *, holds: bool) -> None:
        """What ``is none``, ``is defined`` and ``is undefined`` say."""
        node = test.node
        if isinstance(node, nodes.Name) and node.name in scope.means and test.name == "none":
            self.narrow_tested(
                nodes.Test(scope.means[node.name], "none", [], [], None, None, lineno=test.lineno), scope, holds=holds
            )
        path = path_of(node)
        if not path:
            return
        if test.name == "none":
            known = self.quietly(node, scope)
            self.learn(path, tuple(a for a in known if (a == NOTHING) == holds or isinstance(a, Anything)), scope)
            return
        holds = holds == (test.name == "defined")
        if isinstance(node, nodes.Getattr) and (owner := path_of(node.node)):
            known = self.quietly(node.node, scope)
            self.learn(
                owner, tuple(a for a in known if (field_of(a, node.attr) is not None) == holds or a == ANY[0]), scope
            )
        elif isinstance(node, nodes.Name) and node.name not in scope.names and node.name not in self.globals and holds:
            scope.known[node.name] = ANY
