"""Values of templates that are gone where they are used: what ``{% set %}`` gives inside a loop, and loop variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from jinja2 import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What ends with its own variables (Jinja, “Scoping Behavior”), and what messages call it.
_SCOPES: Final[dict[type[nodes.Node], str]] = {
    nodes.For: "loop",
    nodes.With: "{% with %}",
    nodes.FilterBlock: "{% filter %}",
    nodes.CallBlock: "{% call %}",
    nodes.AssignBlock: "{% set %} … {% endset %}",
}


class Lost(msgspec.Struct, frozen=True):
    """A value that is gone where it is used.

    Attributes:
        line: where it is set.
        name: its name.
        used: the line on which it is used.
        scope: what it was set in.
        begins: the line on which that begins.
        rounds: whether the next round of the same loop uses it.
        variable: whether it is the variable of the loop itself.
        before: whether there is another value of this name, which is used in its place.
    """

    line: int
    name: str
    used: int
    scope: str
    begins: int
    rounds: bool
    variable: bool
    before: bool

    @property
    def message(self) -> str:
        """What is lost, and what to write."""
        if self.variable:
            owner = f"the loop that begins on line {self.begins}" if self.scope == "loop" else self.scope
            return f"“{self.name}” is a variable of {owner}, and ends with it; use it inside, or take |last of the list"
        where = f"the {self.scope}" if self.scope == "loop" else self.scope
        when = (
            "when its next round begins" if self.rounds else f"where {where} ends, and line {self.used} has the old one"
        )
        if not self.before:
            when = f"where {where} ends"
        return (
            f"“{self.name}” is set inside {where} that begins on line {self.begins}, and the value is lost {when}; "
            f"write {{% set ns = namespace({self.name}=…) %}} before it and {{% set ns.{self.name} = … %}} in it"
        )


class _Event(msgspec.Struct, frozen=True):
    """One place where a name is read or gets a value; `scopes` are the open ones, by their numbers."""

    name: str
    line: int
    sets: bool
    scopes: tuple[int, ...]
    variable: bool = False
    keeps: bool = False  # it is a value for itself alone, such as ``x|default(…)``


class _Reader:
    """Lists the events of one frame in the order in which they happen."""

    def __init__(self) -> None:
        self.events: list[_Event] = []
        self.scopes: list[tuple[str, int]] = []
        self.frames: list[nodes.Block | nodes.Macro] = []  # see nothing of what is set around them, and show nothing

    def read(self, items: Sequence[nodes.Node], open_: tuple[int, ...]) -> None:
        for node in items:
            self.one(node, open_)

    def one(self, node: nodes.Node, open_: tuple[int, ...]) -> None:
        match node:
            case nodes.Block() | nodes.Macro():
                self.frames.append(node)
            case nodes.Name():
                self.events.append(_Event(node.name, node.lineno, node.ctx != "load", open_))
            case nodes.NSRef():
                self.events.append(_Event(node.name, node.lineno, False, open_))
            case nodes.Assign():
                self.one(node.node, open_)
                self.targets(node.target, open_, keeps=_is_fallback(node))
            case nodes.For():
                self.one(node.iter, open_)
                inner = self.opened(node, open_)
                self.targets(node.target, inner, variable=True)
                if node.test is not None:
                    self.one(node.test, inner)
                self.read(node.body, inner)
                self.read(node.else_, self.opened(node, open_))
            case nodes.AssignBlock():
                self.read(node.body, self.opened(node, open_))
                self.targets(node.target, open_)
            case nodes.With():
                self.read(node.values, open_)
                inner = self.opened(node, open_)
                for target in node.targets:
                    self.targets(target, inner, variable=True)
                self.read(node.body, inner)
            case nodes.FilterBlock() | nodes.CallBlock():
                inner = self.opened(node, open_)
                self.read([*node.iter_child_nodes()], inner)
            case _:
                self.read([*node.iter_child_nodes()], open_)

    def opened(self, node: nodes.Node, open_: tuple[int, ...]) -> tuple[int, ...]:
        self.scopes.append((_SCOPES[type(node)], node.lineno))
        return (*open_, len(self.scopes) - 1)

    def targets(self, node: nodes.Node, open_: tuple[int, ...], *, variable: bool = False, keeps: bool = False) -> None:
        for name in (node, *node.find_all(nodes.Name)):
            if isinstance(name, nodes.Name):
                self.events.append(_Event(name.name, name.lineno, True, open_, variable, keeps))


def _is_fallback(node: nodes.Assign) -> bool:
    """Whether a name is set to itself or something else, as in ``{% set x = x|default("y") %}``."""
    value, target = node.node, node.target
    if not isinstance(target, nodes.Name):
        return False
    inner = value.left if isinstance(value, nodes.Or) else None
    if isinstance(value, nodes.Filter) and value.name in {"default", "d"}:
        inner = value.node
    return isinstance(inner, nodes.Name) and inner.name == target.name


def lost_values(tree: nodes.Template) -> Iterator[Lost]:
    """The values of a template that are used where they are gone, each once."""
    waiting: list[Sequence[nodes.Node]] = [tree.body]
    found: dict[tuple[str, int], Lost] = {}
    while waiting:
        reader = _Reader()
        reader.read(waiting.pop(), ())
        waiting += [frame.body for frame in reader.frames]
        for lost in _of_frame(reader):
            found.setdefault((lost.name, lost.line), lost)
    yield from found.values()


def _of_frame(reader: _Reader) -> Iterator[Lost]:
    for name in {event.name for event in reader.events if event.sets}:
        events = [event for event in reader.events if event.name == name]
        for at, event in enumerate(events):
            if not event.sets or not event.scopes:
                continue
            scope = event.scopes
            kind, begins = reader.scopes[scope[-1]]
            outer = any(
                one.sets and one.scopes != scope and one.scopes == scope[: len(one.scopes)] for one in events[:at]
            )
            if kind == "loop" and outer and not event.variable and not event.keeps and _next_round_reads(events, at):
                yield Lost(event.line, name, event.line, kind, begins, rounds=True, variable=False, before=True)
                continue
            for later in events[at + 1 :]:
                inside = later.scopes[: len(scope)] == scope
                if inside:
                    continue
                if later.sets:
                    break
                if not event.variable or not outer:
                    yield Lost(
                        event.line, name, later.line, kind, begins, rounds=False, variable=event.variable, before=outer
                    )
                break


def _next_round_reads(events: Sequence[_Event], at: int) -> bool:
    """Whether a loop reads a name before it sets it: it expects the value of the round before."""
    scope = events[at].scopes
    for event in events[:at]:
        if event.scopes[: len(scope)] == scope:
            return not event.sets
    return False
