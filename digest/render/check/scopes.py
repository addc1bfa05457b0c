"""What each line of a template sees: names with their types, and what conditions around the line say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.render.check.types import Type


class Template:
    """A template as it was parsed, with the name it was asked for by."""

    def __init__(self, name: str, path: Path, shown: str, tree: nodes.Template) -> None:
        self.name, self.path, self.shown, self.tree = name, path, shown, tree


class Scope:
    """What a line of a template sees, and what is known of it from the conditions around it."""

    def __init__(self, template: Template, names: dict[str, Type]) -> None:
        self.template = template
        self.names = names
        self.known: dict[str, Type] = {}  # of a path such as “entry.meeting”
        self.means: dict[str, nodes.Node] = {}  # what a name was set to
        self.top = names  # what blocks and macros see
        self.blocks: dict[str, list[tuple[Template, nodes.Block]]] = {}
        self.at: tuple[str, int] | None = None  # the block, and its number in the chain
        self.loose = False  # nobody reaches this template: names that it does not know may come from anywhere

    def copy(self, *, own_names: bool = True) -> Scope:
        """The same scope for the lines of a branch; with `own_names` what they set stays inside."""
        other = Scope(self.template, dict(self.names) if own_names else self.names)
        other.known, other.means, other.top = dict(self.known), dict(self.means), self.top
        other.blocks, other.at, other.loose = self.blocks, self.at, self.loose
        return other

    def set(self, name: str, type_: Type) -> None:
        """Gives a name new types; what was known of it no longer counts."""
        self.names[name] = type_
        self.known = {path: known for path, known in self.known.items() if path.partition(".")[0] != name}
        self.means = {
            alias: node
            for alias, node in self.means.items()
            if alias != name and all(part.name != name for part in all_names(node))
        }


def all_names(node: nodes.Node) -> Iterator[nodes.Name]:
    """The variables that an expression uses, itself included."""
    if isinstance(node, nodes.Name):
        yield node
    yield from node.find_all(nodes.Name)


def path_of(node: nodes.Node) -> str | None:
    """``entry.meeting`` for an expression that is a name with fields."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        inner = path_of(node.node)
        return f"{inner}.{node.attr}" if inner else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str | int):
        inner = path_of(node.node)
        return f"{inner}.{node.arg.value}" if inner else None
    return None


def name_of(node: nodes.Node) -> str:
    """An expression as messages call it: its path, or “this”."""
    return path_of(node) or "this"


class TooLargeError(Exception):
    """So much was looked at that a person would not wait for more."""


def constants(node: nodes.Node) -> list[Any] | None:
    """The values that an expression lists; nothing where one of them is not known."""
    if isinstance(node, nodes.Const):
        return [node.value]
    if isinstance(node, nodes.List | nodes.Tuple) and all(isinstance(item, nodes.Const) for item in node.items):
        return [item.value for item in node.items if isinstance(item, nodes.Const)]
    return None
