"""The static check of a theme and its overrides: templates against the types of what they see, stylesheets, fonts.

Nothing is rendered. Templates are walked as `Theme.environment` parses them, from the pages that the program renders
through everything they extend, include, import and call; each expression has the types that it can have there.
"""

from __future__ import annotations

import re
import types
import typing
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final, Literal, Union

import msgspec
from jinja2 import TemplateSyntaxError, nodes
from markupsafe import Markup

from digest.errors import DigestError, Problem, TemplateError, did_you_mean, not_utf8
from digest.render import contract
from digest.render.context import ArticleEntry, DigestEntry, NoticeEntry
from digest.render.html import loads
from digest.render.theme import CUSTOM, GENERIC, font_families, media, named_families, stylesheet_problems, undeclared
from digest.render.words import UnknownWordError, Words, read_words
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import jinja2

    from digest.errors import Level
    from digest.render.theme import Theme

_WARNINGS: Final = frozenset(
    {"may-be-missing", "never-there", "not-text", "lost-output", "unknown-block", "missing-charset", "missing-font"}
)
_STEPS: Final = 100_000  # nodes that are looked at; the whole of `highlights` takes 3,100
_DEPTH: Final = 60
_CONSTANTS: Final = 24  # values that a text is followed through; more are just a text


_OF_LISTS: Final = frozenset(
    {
        "list",
        "sort",
        "reverse",
        "unique",
        "select",
        "reject",
        "selectattr",
        "rejectattr",
        "batch",
        "slice",
        "first",
        "last",
        "random",
        "min",
        "max",
        "map",
        "groupby",
        "join",
        "sum",
    }
)
_OF_TEXTS: Final = frozenset(
    {
        "upper",
        "lower",
        "capitalize",
        "title",
        "trim",
        "replace",
        "truncate",
        "indent",
        "string",
        "center",
        "wordwrap",
        "striptags",
        "urlencode",
        "format",
        "filesizeformat",
        "pprint",
    }
)


# -- types -------------------------------------------------------------------------------------------------------------


class Plain(msgspec.Struct, frozen=True):
    """A value of a class of Python."""

    cls: type


class Const(msgspec.Struct, frozen=True):
    """A value that is known."""

    value: str | int | bool


class Seq(msgspec.Struct, frozen=True):
    """Any number of values of the same types."""

    item: tuple[Any, ...]


class Row(msgspec.Struct, frozen=True):
    """As many values as there are, each of its own types."""

    items: tuple[tuple[Any, ...], ...]


class Fields(msgspec.Struct, frozen=True):
    """A thing of the template language with these fields and no others."""

    name: str
    fields: tuple[tuple[str, tuple[Any, ...]], ...]
    prints: bool = False


class Function(msgspec.Struct, frozen=True):
    """A function: one of the program's by its name, or a macro by its number."""

    name: str
    macro: int = -1


class Anything(msgspec.Struct, frozen=True):
    """A value of which nothing is known."""


Atom = Plain | Const | Seq | Row | Fields | Function | Anything
Type = tuple[Atom, ...]  # the types that a value can have; none where a line is never reached

ANY: Final[Type] = (Anything(),)
TEXT: Final[Type] = (Plain(str),)
HTML: Final[Type] = (Plain(Markup),)
NUMBER: Final[Type] = (Plain(int),)
YES_NO: Final[Type] = (Plain(bool),)
NOTHING: Final = Plain(type(None))
_LOOP: Final = Fields(
    "loop",
    tuple(
        [(name, NUMBER) for name in ("index", "index0", "revindex", "revindex0", "length", "depth", "depth0")]
        + [(name, YES_NO) for name in ("first", "last")]
        + [(name, ANY) for name in ("previtem", "nextitem", "cycle", "changed")]
    ),
)


def _union(*parts: Type) -> Type:
    found = tuple(dict.fromkeys(atom for part in parts for atom in part))
    if Anything() in found:
        return ANY
    if sum(isinstance(atom, Const) for atom in found) > _CONSTANTS:
        found = tuple(dict.fromkeys(Plain(type(atom.value)) if isinstance(atom, Const) else atom for atom in found))
    return found


def type_of(hint: Any) -> Type:  # noqa: ANN401 - any type that a field has
    """The types of a value by the hint of its field."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return type_of(arguments[0])
    if origin in {Union, types.UnionType}:
        return _union(*(type_of(part) for part in arguments))
    if origin is Literal:
        return tuple(Const(value) for value in arguments)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return (Seq(type_of(arguments[0])),)
        return (Row(tuple(type_of(part) for part in arguments)),)
    if hint is types.FunctionType or not isinstance(hint, type):
        return ANY
    return (Plain(hint),) if hint is not dict and origin is None else ANY


_FIELDS: dict[type, dict[str, Type]] = {}


def _fields_of(cls: type) -> dict[str, Type]:
    if cls not in _FIELDS:
        _FIELDS[cls] = {name: type_of(hint) for name, hint in contract.fields(cls).items()}
    return _FIELDS[cls]


def _class(atom: Atom) -> type | None:
    match atom:
        case Plain(cls):
            return cls
        case Const(value):
            return type(value)
        case Seq() | Row():
            return tuple
    return None


_NAMES: Final[dict[type, str]] = {
    str: "a text", Markup: "a text (HTML)", RichText: "a text", int: "a number", bool: "true or false",
    ArticleEntry: "an article", DigestEntry: "a digest", NoticeEntry: "a notice",
}  # fmt: skip


def _named(atom: Atom) -> str:
    match atom:
        case Seq() | Row():
            return "a list"
        case Fields(name):
            return f"“{name}”"
        case Function():
            return "a function"
    cls = _class(atom)
    if cls is None:
        return "this"
    return _NAMES.get(cls, f"{'an' if cls.__name__[0] in 'AEIO' else 'a'} {cls.__name__}")


def _known_fields(atom: Atom) -> Iterable[str]:
    match atom:
        case Fields(_, known):
            return [name for name, _ in known]
        case Plain(cls) if issubclass(cls, msgspec.Struct):
            return _fields_of(cls)
    of = _class(atom)
    return [name for name in dir(of) if not name.startswith("_")] if of is not None else []


def _field(atom: Atom, name: str) -> Type | None:
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
            if (found := _fields_of(cls).get(name)) is not None:
                return (Function(f"str.{name}"),) if found == ANY and issubclass(cls, str) else found
            return ANY if cls in {dict, object} else None
    of = _class(atom)
    if of is not None and not name.startswith("_") and hasattr(of, name):
        return (Function(f"str.{name}"),) if of is str else ANY
    return None


# -- scopes ------------------------------------------------------------------------------------------------------------


class _Template:
    def __init__(self, name: str, path: Path, shown: str, tree: nodes.Template) -> None:
        self.name, self.path, self.shown, self.tree = name, path, shown, tree


class _Scope:
    """What a line of a template sees, and what conditions around it have told of it."""

    def __init__(self, template: _Template, names: dict[str, Type]) -> None:
        self.template = template
        self.names = names
        self.told: dict[str, Type] = {}  # of a path such as “entry.meeting”
        self.means: dict[str, nodes.Node] = {}  # what a name was set to
        self.top = names  # what blocks and macros see
        self.blocks: dict[str, list[tuple[_Template, nodes.Block]]] = {}
        self.at: tuple[str, int] | None = None  # the block, and its number in the chain
        self.loose = False  # nobody reaches this template: names that it does not know may come from anywhere

    def copy(self, *, own_names: bool = True) -> _Scope:
        other = _Scope(self.template, dict(self.names) if own_names else self.names)
        other.told, other.means, other.top = dict(self.told), dict(self.means), self.top
        other.blocks, other.at, other.loose = self.blocks, self.at, self.loose
        return other

    def set(self, name: str, type_: Type) -> None:
        if self.top is self.names:
            self.top = self.names
        self.names[name] = type_
        self.told = {path: known for path, known in self.told.items() if path.partition(".")[0] != name}
        self.means = {
            alias: node
            for alias, node in self.means.items()
            if alias != name and all(part.name != name for part in _all_names(node))
        }


def _all_names(node: nodes.Node) -> Iterator[nodes.Name]:
    if isinstance(node, nodes.Name):
        yield node
    yield from node.find_all(nodes.Name)


def _path(node: nodes.Node) -> str | None:
    """``entry.meeting`` for an expression that is a name with fields."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        inner = _path(node.node)
        return f"{inner}.{node.attr}" if inner else None
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str | int):
        inner = _path(node.node)
        return f"{inner}.{node.arg.value}" if inner else None
    return None


def _text(node: nodes.Node) -> str:
    return _path(node) or "this"


class _Enough(Exception):  # noqa: N818 - no error: the end of the work
    """So much was looked at that a person would not wait for more."""


# -- templates ---------------------------------------------------------------------------------------------------------


class _Linter:
    def __init__(self, theme: Theme, words: Words) -> None:
        self.theme, self.words = theme, words
        self.environment: jinja2.Environment = theme.environment()
        self.problems: dict[tuple[str, int, str, str], Problem] = {}
        self.templates: dict[Path, _Template | None] = {}
        self.macros: list[tuple[nodes.Macro | nodes.CallBlock, _Scope]] = []
        self.done: dict[Any, Type] = {}
        self.steps = self.depth = self.quiet = 0
        self.markup: list[str] = []  # what the page says itself
        self.globals: dict[str, Type] = {
            **{name: type_of(hint) for name, hint in contract.EVERYWHERE.items()},
            **{name: (Function(name),) for name in contract.FUNCTIONS},
            **dict.fromkeys(self.environment.globals, ANY),
            "range": (Function("range"),),
            "options": (Fields("options", tuple((n, (Plain(type(v)),)) for n, v in theme.options.items())),),
            "words": (
                Fields(
                    "words",
                    (
                        *((name, TEXT) for name in words),
                        *((name, TEXT) for name in ("direction", "language")),
                        *((name, (Function(name),)) for name in ("word", "date", "dates", "event_line")),
                        *((name, ANY) for name in ("month", "get", "items", "keys", "values")),
                    ),
                ),
            ),
        }  # fmt: skip

    # -- problems

    def tell(self, code: str, message: str, scope: _Scope, line: int) -> None:
        if self.quiet:
            return
        level: Level = "warning" if code in _WARNINGS else "error"
        file = scope.template.shown
        self.problems.setdefault(
            (file, line, code, message), Problem(level=level, code=code, message=message, file=file, line=line)
        )

    # -- files

    def load(self, name: str) -> _Template | None:
        """The template of this name; nothing where there is none, or it is told that it is broken."""
        path = self.theme.find(name)
        if path is None:
            return None
        if path not in self.templates:
            shown = self.theme.shown(path)
            self.templates[path] = None
            try:
                tree = self.environment.parse(path.read_text(encoding="utf-8-sig"), name, str(path))
                self.templates[path] = _Template(name, path, shown, tree)
            except UnicodeDecodeError as error:
                problem = not_utf8(error, shown)
                self.problems[shown, problem.line or 1, problem.code, problem.message] = problem
            except TemplateSyntaxError as error:
                self.broken(shown, error.lineno, error.message or "this is no template")
            except RecursionError:
                self.broken(shown, 1, "brackets or tags stand too deep in each other")
        return self.templates[path]

    def broken(self, shown: str, line: int, message: str) -> None:
        self.problems[shown, line, "template-syntax", message] = Problem(
            level="error", code="template-syntax", message=message, file=shown, line=line
        )

    def names_of_templates(self) -> list[str]:
        return [path.relative_to(root).as_posix() for root in self.theme.roots for path in sorted(root.rglob("*.html"))]

    def missing(self, name: str, scope: _Scope, line: int) -> None:
        if self.theme.find(name) is None:
            near = did_you_mean(name, self.names_of_templates())
            self.tell("template-missing", f"there is no template “{name}”{near}", scope, line)

    # -- pages

    def page(self, name: str, names: Mapping[str, Type]) -> None:
        template = self.load(name)
        if template is not None:
            self.render(template, dict(names))

    def loose(self, template: _Template) -> None:
        """Looks at a template that nobody reaches: what it sees is not known."""
        known = {name: type_of(hint) for page in contract.PAGES.values() for name, hint in page.items()}
        scope = _Scope(template, known)
        scope.loose = True
        scope.blocks = {block.name: [(template, block)] for block in template.tree.find_all(nodes.Block)}
        self.body(template.tree.body, scope)

    def render(self, template: _Template, names: dict[str, Type], *, loose: bool = False) -> None:
        """Walks a template and those that it extends, with its blocks in theirs."""
        chain = [template]
        scope = _Scope(template, names)
        scope.loose = loose
        blocks = scope.blocks
        while True:
            for block in template.tree.find_all(nodes.Block):
                blocks.setdefault(block.name, []).append((template, block))
            extends = next(iter(template.tree.find_all(nodes.Extends)), None)
            if extends is None:
                break
            if extends not in template.tree.body or not isinstance(extends.template, nodes.Const):
                return self.loose(template)
            scope.template = template
            parent = self.load(name := str(extends.template.value))
            if parent is None:
                return self.missing(name, scope, extends.lineno)
            if parent in chain:
                todo = f"the theme's own file is called “{self.theme.name}:{template.name.rpartition(':')[2]}”"
                self.tell("template-error", f"templates extend each other in a circle; {todo}", scope, extends.lineno)
                return None
            self.before(template, parent, scope)
            chain.append(parent)
            template = parent
        scope.template = template
        self.body(template.tree.body, scope)
        return None

    def before(self, template: _Template, parent: _Template, scope: _Scope) -> None:
        """Walks what a template that extends another one has outside of its blocks."""
        above: set[str] = set()
        at: _Template | None = parent
        seen: list[_Template] = []
        while at is not None and at not in seen:
            seen.append(at)
            above |= {block.name for block in at.tree.find_all(nodes.Block)}
            extends = next(iter(at.tree.find_all(nodes.Extends)), None)
            at = (
                self.load(str(extends.template.value))
                if extends and isinstance(extends.template, nodes.Const)
                else None
            )
        for node in template.tree.body:
            if isinstance(node, nodes.Block):
                if node.name not in above:
                    near = did_you_mean(node.name, above)
                    message = f"“{parent.name}” has no block “{node.name}”, so this is not printed{near}"
                    self.tell("unknown-block", message, scope, node.lineno)
                    self.block(node.name, scope)
            elif isinstance(node, nodes.Output):
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData) or part.data.strip():
                        message = "this is not printed: a template that extends another one prints its blocks only"
                        self.tell("lost-output", message, scope, _first_line(part))
                        break
                self.statement(node, scope)
            else:
                self.statement(node, scope)

    # -- statements

    def body(self, body: Sequence[nodes.Node], scope: _Scope) -> None:
        for node in body:
            self.statement(node, scope)

    def step(self) -> None:
        self.steps += 1
        if self.steps > _STEPS:
            raise _Enough

    def statement(self, node: nodes.Node, scope: _Scope) -> None:
        self.step()
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if isinstance(part, nodes.TemplateData):
                        self.markup.append(part.data)
                    else:
                        self.printed(part, self.expression(part, scope), scope)
            case nodes.If():
                self.condition(node, scope)
            case nodes.For():
                self.loop(node, scope)
            case nodes.Assign():
                self.assign(node.target, self.expression(node.node, scope), scope, node.node)
            case nodes.AssignBlock():
                self.body(node.body, scope.copy())
                type_ = HTML if node.filter is None else self.filter(node.filter, HTML, scope)
                self.assign(node.target, type_, scope, None)
            case nodes.With():
                inner = scope.copy()
                values = [self.expression(value, scope) for value in node.values]
                for target, value, given in zip(node.targets, node.values, values, strict=True):
                    self.assign(target, given, inner, value)
                self.body(node.body, inner)
            case nodes.Block():
                self.block(node.name, scope)
            case nodes.Include():
                self.include(node, scope)
            case nodes.Import() | nodes.FromImport():
                self.imported(node, scope)
            case nodes.Macro():
                inner = scope.copy(own_names=False)
                self.macros.append((node, inner))
                scope.set(node.name, (Function(node.name, len(self.macros) - 1),))
                for default in node.defaults:
                    self.expression(default, scope)
                self.macro(len(self.macros) - 1, [ANY] * len(node.args), {})
            case nodes.CallBlock():
                inner = scope.copy()
                for argument in node.args:
                    inner.set(argument.name, ANY)
                self.body(node.body, inner)
                self.expression(node.call, scope, caller=True)
            case nodes.FilterBlock():
                self.body(node.body, scope.copy())
                self.filter(node.filter, HTML, scope)
            case nodes.ScopedEvalContextModifier():
                for keyword in node.options:
                    if keyword.key == "autoescape" and not (
                        isinstance(keyword.value, nodes.Const) and keyword.value.value is True
                    ):
                        message = "escaping is not switched off: a text with markup comes ready, all others are escaped"
                        self.tell("marked-safe", message, scope, node.lineno)
                self.body(node.body, scope)
            case nodes.Scope():
                self.body(node.body, scope.copy())
            case nodes.ExprStmt():
                self.expression(node.node, scope)
            case nodes.Extends() | nodes.Continue() | nodes.Break():
                pass
            case _:
                for child in node.iter_child_nodes():
                    if isinstance(child, nodes.Expr):
                        self.expression(child, scope)
                    else:
                        self.statement(child, scope)

    def printed(self, node: nodes.Expr, type_: Type, scope: _Scope) -> None:
        path = _text(node)
        if NOTHING in type_ and len(type_) > 1:
            message = f"{path} may be nothing, which prints “None”; put it inside {{% if {path} %}}"
            self.tell("may-be-missing", message, scope, node.lineno)
        for atom in type_:
            message = ""
            match atom:
                case Seq() | Row():
                    message = f"{path} is a list, which prints as a program would show it; use a loop or |join"
                case Plain(cls) if issubclass(cls, msgspec.Struct) and cls.__str__ is msgspec.Struct.__str__:
                    message = (
                        f"{path} is {_named(atom)}, not a text; print one of its fields: {', '.join(_fields_of(cls))}"
                    )
                case Function(name, macro) if macro >= 0 or name in contract.FUNCTIONS:
                    message = f"{path} is a function; what it gives is printed by {name}(…)"
            if message:
                self.tell("not-text", message, scope, node.lineno)
                return

    def assign(self, target: nodes.Node, type_: Type, scope: _Scope, value: nodes.Node | None) -> None:
        if isinstance(target, nodes.Name):
            scope.set(target.name, type_)
            if value is not None and all(name.name != target.name for name in _all_names(value)):
                scope.means[target.name] = value
        elif isinstance(target, nodes.Tuple):
            for n, part in enumerate(target.items):
                self.assign(part, self.unpacked(type_, n, len(target.items), scope, target.lineno), scope, None)
        elif isinstance(target, nodes.NSRef):
            self.name(target.name, scope, target.lineno)

    def unpacked(self, type_: Type, n: int, count: int, scope: _Scope, line: int) -> Type:
        found: list[Type] = []
        for atom in type_:
            match atom:
                case Row(items) if len(items) == count:
                    found.append(items[n])
                case Row(items):
                    self.tell("unpacking", f"expected {len(items)} names here, found {count}", scope, line)
                    found.append(ANY)
                case Seq(item):
                    found.append(item)
                case Fields("group", known):
                    if count != len(known):
                        self.tell("unpacking", f"expected {len(known)} names here, found {count}", scope, line)
                    found.append(known[n][1] if n < len(known) else ANY)
                case Anything():
                    found.append(ANY)
                case _:
                    message = (
                        f"each of these is {_named(atom)}, which is one value; expected one name here, found {count}"
                    )
                    self.tell("unpacking", message, scope, line)
                    found.append(ANY)
        return _union(*found)

    def condition(self, node: nodes.If, scope: _Scope) -> None:
        branches: list[_Scope] = []
        rest = scope.copy()
        for branch in (node, *node.elif_):
            self.expression(branch.test, rest)
            inner = rest.copy()
            self.narrow(branch.test, inner, holds=True)
            self.body(branch.body, inner)
            branches.append(inner)
            self.narrow(branch.test, rest, holds=False)
        self.body(node.else_, rest)
        branches.append(rest)
        for name in dict.fromkeys(name for branch in branches for name in branch.names):
            parts = [branch.names[name] for branch in branches if name in branch.names]
            before = scope.names.get(name)
            if any(part is not before for part in parts) and not (
                before is not None and all(set(part) <= set(before) for part in parts)
            ):
                scope.set(name, _union(*parts))
            elif before is not None:
                # A path may have been set to another value in one branch, and told of in all.
                continue
        for name in [n for n in scope.means if any(branch.means.get(n) is not scope.means[n] for branch in branches)]:
            del scope.means[name]

    def loop(self, node: nodes.For, scope: _Scope) -> None:
        items = self.items(self.expression(node.iter, scope), node.iter, scope)
        inner = scope.copy()
        self.assign(node.target, items, inner, None)
        if node.test is not None:
            self.expression(node.test, inner)
            self.narrow(node.test, inner, holds=True)
        current = inner.names.get(node.target.name, ANY) if isinstance(node.target, nodes.Name) else ANY
        loop = tuple((n, current if n in {"previtem", "nextitem"} else t) for n, t in _LOOP.fields)
        inner.set("loop", (Function("loop"),) if node.recursive else (Fields("loop", loop),))
        if node.recursive:
            inner.set("loop", ANY)
        self.body(node.body, inner)
        self.body(node.else_, scope.copy())

    def items(self, type_: Type, node: nodes.Node, scope: _Scope) -> Type:
        found: list[Type] = []
        for atom in type_:
            match atom:
                case Seq(item):
                    found.append(item)
                case Row(items):
                    found.extend(items)
                case Anything() | Plain():
                    cls = _class(atom)
                    if atom == NOTHING:
                        message = f"{_text(node)} may be nothing; put the loop inside {{% if {_text(node)} %}}"
                        self.tell("may-be-missing", message, scope, node.lineno)
                    elif cls is not None and not hasattr(cls, "__iter__"):
                        self.tell("not-a-list", f"{_text(node)} is {_named(atom)}, not a list", scope, node.lineno)
                        found.append(ANY)
                    elif cls is not None and issubclass(cls, str):
                        message = f"{_text(node)} is a text: this loop would print it letter by letter"
                        self.tell("not-a-list", message, scope, node.lineno)
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
                    self.tell("not-a-list", f"{_text(node)} is {_named(atom)}, not a list", scope, node.lineno)
                    found.append(ANY)
        return _union(*found)

    def block(self, name: str, scope: _Scope, number: int = 0) -> Type:
        known = scope.blocks.get(name, [])
        if number >= len(known):
            return ()
        template, node = known[number]
        if self.depth > _DEPTH or scope.at == (name, number):
            return HTML
        inner = scope.copy() if node.scoped else _Scope(template, dict(scope.top))
        inner.template, inner.blocks, inner.at, inner.loose = template, scope.blocks, (name, number), scope.loose
        same = {n for n, type_ in scope.names.items() if scope.top.get(n) is type_}
        inner.told = {path: told for path, told in scope.told.items() if path.partition(".")[0] in same}
        inner.top = scope.top
        self.depth += 1
        self.body(node.body, inner)
        self.depth -= 1
        return HTML

    def include(self, node: nodes.Include, scope: _Scope) -> None:
        for names, inner in self.variants(node.template, scope):
            found = [(name, template) for name in names if (template := self.load(name)) is not None]
            if not found:
                if not node.ignore_missing:
                    for name in names:
                        self.missing(name, scope, node.lineno)
                continue
            self.included(found[0][1], inner, with_context=node.with_context)

    def included(self, template: _Template, scope: _Scope, *, with_context: bool) -> None:
        names = dict(scope.names) if with_context else {}
        names.pop("loop", None)  # an included template does not see the loop around it
        told = {path: told for path, told in scope.told.items() if with_context and "." in path}
        for path, type_ in scope.told.items():
            if with_context and "." not in path:
                names[path] = type_
        key = (template.path, frozenset(names.items()), frozenset(told.items()))
        if key in self.done or self.depth > _DEPTH:
            return
        self.done[key] = HTML
        self.depth += 1
        chain = next(iter(template.tree.find_all(nodes.Extends)), None)
        if chain is not None:
            self.render(template, names, loose=scope.loose)
        else:
            inner = _Scope(template, names)
            inner.told, inner.loose = told, scope.loose
            inner.blocks = {block.name: [(template, block)] for block in template.tree.find_all(nodes.Block)}
            self.body(template.tree.body, inner)
        self.depth -= 1

    def variants(self, node: nodes.Expr, scope: _Scope) -> Iterator[tuple[list[str], _Scope]]:
        """The names that the expression of an include can be, each with what is known when it is.

        ``"partials/" ~ entry.kind ~ ".html"`` is one name for each kind of entry.
        """
        if isinstance(node, nodes.List | nodes.Tuple):
            parts = [self.expression(item, scope) for item in node.items]
            names = [atom.value for part in parts for atom in part if isinstance(atom, Const)]
            if all(isinstance(atom, Const) for part in parts for atom in part):
                yield [str(name) for name in names], scope
            return
        for part in node.find_all(nodes.Getattr):
            path = _path(part.node)
            if part.attr == "kind" and path:
                atoms = self.expression(part.node, scope)
                if len(atoms) > 1:
                    for atom in atoms:
                        inner = scope.copy()
                        inner.told = {p: t for p, t in inner.told.items() if p != path and not p.startswith(f"{path}.")}
                        inner.told[path] = (atom,)
                        yield from self.variants(node, inner)
                    return
        for atom in self.expression(node, scope):
            if isinstance(atom, Const) and isinstance(atom.value, str):
                yield [atom.value], scope

    def imported(self, node: nodes.Import | nodes.FromImport, scope: _Scope) -> None:
        known: dict[str, Type] | None = None
        for names, _ in self.variants(node.template, scope):
            template = self.load(names[0])
            if template is None:
                self.missing(names[0], scope, node.lineno)
                continue
            if self.depth > _DEPTH:
                continue
            inner = _Scope(template, dict(scope.names) if node.with_context else {})
            inner.loose = scope.loose
            before = dict(inner.names)
            self.depth += 1
            self.body(template.tree.body, inner)
            self.depth -= 1
            known = {n: t for n, t in inner.names.items() if before.get(n) is not t and not n.startswith("_")}
        if isinstance(node, nodes.Import):
            scope.set(node.target, (Fields(node.target, tuple(known.items())),) if known is not None else ANY)
            return
        for name in node.names:
            source, target = name if isinstance(name, tuple) else (name, name)
            if known is not None and source not in known:
                message = f"“{_text_of(node.template)}” has no macro “{source}”{did_you_mean(source, known)}"
                self.tell("unknown-variable", message, scope, node.lineno)
            scope.set(target, known.get(source, ANY) if known else ANY)

    def macro(self, number: int, given: Sequence[Type], named: Mapping[str, Type]) -> Type:
        node, outer = self.macros[number]
        key = (number, tuple(given), tuple(sorted(named.items(), key=lambda pair: pair[0])))
        if key in self.done or self.depth > _DEPTH:
            return HTML
        self.done[key] = HTML
        inner = outer.copy()
        names = [argument.name for argument in node.args]
        defaults = dict(zip(names[len(names) - len(node.defaults) :], node.defaults, strict=True))
        for n, name in enumerate(names):
            if n < len(given):
                type_ = given[n]
            elif name in named:
                type_ = named[name]
            else:
                type_ = self.expression(defaults[name], outer) if name in defaults else ANY
            inner.set(name, type_)
        for name in ("varargs", "kwargs", "caller"):
            inner.set(name, ANY)
        self.depth += 1
        self.body(node.body, inner)
        self.depth -= 1
        return HTML

    # -- expressions

    def name(self, name: str, scope: _Scope, line: int, *, gently: bool = False) -> Type:
        if name in scope.told:
            return scope.told[name]
        if name in scope.names:
            return scope.names[name]
        if name in self.globals:
            return self.globals[name]
        if not gently and not scope.loose:
            known = [*scope.names, *self.globals]
            message = f"there is no “{name}” here{did_you_mean(name, known)}"
            if name in {"entry", "section", "heading", "figure", "lines", "loop", *contract.PAGES["issue.html"]}:
                message = f"there is no “{name}” at this place; here are {', '.join(scope.names) or 'none'}"
            self.tell("unknown-variable", message, scope, line)
        return ANY

    def expression(self, node: nodes.Node, scope: _Scope, *, gently: bool = False, caller: bool = False) -> Type:
        """The types of an expression; tells what is wrong in it.

        Args:
            node: the expression.
            scope: where it stands.
            gently: it may be undefined: ``is defined`` or ``|default`` stands behind it.
            caller: it is the macro of a ``{% call %}``.
        """
        self.step()
        if isinstance(node, nodes.Name):
            return self.name(node.name, scope, node.lineno, gently=gently)
        if isinstance(node, nodes.Const):
            return (
                (NOTHING,) if node.value is None else (Const(node.value),) if isinstance(node.value, str | int) else ANY
            )
        if isinstance(node, nodes.TemplateData):
            return (Const(node.data),)
        if isinstance(node, nodes.Getattr):
            return self.getattr(node, node.node, node.attr, scope, gently=gently)
        if isinstance(node, nodes.Getitem):
            return self.getitem(node, scope, gently=gently)
        if isinstance(node, nodes.Filter):
            if node.node is None:
                return self.filter(node, HTML, scope)
            lenient = node.name in {"default", "d"}
            return self.filter(node, self.expression(node.node, scope, gently=lenient), scope)
        if isinstance(node, nodes.Test):
            self.expression(node.node, scope, gently=node.name in {"defined", "undefined"})
            for argument in (*node.args, *(keyword.value for keyword in node.kwargs)):
                self.expression(argument, scope)
            if node.name not in self.environment.tests:
                near = did_you_mean(node.name, self.environment.tests)
                self.tell("unknown-test", f"there is no test “{node.name}”{near}", scope, node.lineno)
            return YES_NO
        if isinstance(node, nodes.Call):
            return self.call(node, scope, caller=caller)
        if isinstance(node, nodes.And | nodes.Or):
            left = self.expression(node.left, scope)
            inner = scope.copy()
            self.narrow(node.left, inner, holds=isinstance(node, nodes.And))
            right = self.expression(node.right, inner)
            kept = _falsy(left) if isinstance(node, nodes.And) else _truthy(left)
            return _union(kept, right)
        if isinstance(node, nodes.CondExpr):
            self.expression(node.test, scope)
            found = []
            for part, holds in ((node.expr1, True), (node.expr2, False)):
                if part is not None:
                    inner = scope.copy()
                    self.narrow(node.test, inner, holds=holds)
                    found.append(self.expression(part, inner))
            return _union(*found)
        if isinstance(node, nodes.Concat):
            return self.joined([self.expression(part, scope) for part in node.nodes])
        if isinstance(node, nodes.Not | nodes.Compare):
            for child in node.iter_child_nodes():
                self.expression(child.expr if isinstance(child, nodes.Operand) else child, scope)
            if isinstance(node, nodes.Compare):
                self.compared(node, scope)
            return YES_NO
        if isinstance(node, nodes.Tuple):
            return (Row(tuple(self.expression(item, scope) for item in node.items)),)
        if isinstance(node, nodes.List):
            return (Seq(_union(*(self.expression(item, scope) for item in node.items)) if node.items else ANY),)
        if isinstance(node, nodes.BinExpr):
            left, right = self.expression(node.left, scope), self.expression(node.right, scope)
            if isinstance(node, nodes.Add) and all(
                isinstance(a, Const) and isinstance(a.value, str) for a in (*left, *right)
            ):
                return self.joined([left, right])
            return self.computed(node, left, right, scope)
        for child in node.iter_child_nodes():
            self.expression(child.value if isinstance(child, nodes.Keyword | nodes.Pair) else child, scope)
        return ANY

    def computed(self, node: nodes.BinExpr, left: Type, right: Type, scope: _Scope) -> Type:
        classes = {_class(atom) for atom in (*left, *right)}
        if classes <= {int, bool}:
            return NUMBER if not isinstance(node, nodes.Div) else ANY
        if isinstance(node, nodes.Add) and classes and classes <= {str, Markup, int, bool}:
            texts = [bool({_class(a) for a in part} <= {str, Markup}) for part in (left, right) if part]
            if len(texts) == 2 and texts[0] != texts[1]:
                self.tell(
                    "wrong-argument", "a text and a number cannot be added; write ~ instead of +", scope, node.lineno
                )
            return TEXT if classes <= {str} else HTML if classes <= {str, Markup} else ANY
        return ANY

    def joined(self, parts: Sequence[Type]) -> Type:
        texts = [""]
        for part in parts:
            if not all(isinstance(atom, Const) for atom in part):
                return HTML if any(Plain(Markup) in p for p in parts) else TEXT
            texts = [text + str(atom.value) for text in texts for atom in part if isinstance(atom, Const)]
            if len(texts) > _CONSTANTS:
                return TEXT
        return tuple(Const(text) for text in texts)

    def compared(self, node: nodes.Compare, scope: _Scope) -> None:
        """Tells a comparison with a value that the other side never has, such as a kind that does not exist."""
        if len(node.ops) != 1 or node.ops[0].op not in {"eq", "ne", "in", "notin"}:
            return
        if not isinstance(node.expr, nodes.Getattr):
            return
        values = self.declared(node.expr, scope)
        wanted = _constants(node.ops[0].expr)
        if wanted is None or not values or not all(isinstance(atom, Const) for atom in values):
            return
        known = [str(atom.value) for atom in values if isinstance(atom, Const)]
        for value in wanted:
            if isinstance(value, str) and value not in known:
                expected = f"it is one of {', '.join(known)}"
                message = f"{_text(node.expr)} is never “{value}”{did_you_mean(value, known)}; {expected}"
                self.tell("never-there", message, scope, node.lineno)

    def declared(self, node: nodes.Getattr, scope: _Scope) -> Type:
        """The types of a field with no regard to what conditions have told; of `kind`, the kinds that there are."""
        atoms = self.expression(node.node, scope, gently=True)
        if node.attr == "kind" and any(isinstance(a, Plain) and "kind" in _fields_of(a.cls) for a in atoms):
            return tuple(Const(kind) for kind in ("article", "digest", "notice"))
        return _union(*(_field(atom, node.attr) or () for atom in atoms))

    def getattr(self, node: nodes.Node, base: nodes.Expr, name: str, scope: _Scope, *, gently: bool = False) -> Type:
        type_ = self.expression(base, scope)
        path = _path(node)
        if path in scope.told:
            return scope.told[path]
        return self.field(type_, name, _text(base), scope, node.lineno, gently=gently)

    def field(
        self, type_: Type, name: str, path: str, scope: _Scope, line: int, *, gently: bool = False
    ) -> Type:  # fmt: skip
        if name.startswith("_"):
            self.tell(
                "unknown-field", f"“{name}” is not for templates: names that begin with _ are closed", scope, line
            )
            return ANY
        have: list[tuple[Atom, Type]] = []
        lack: list[Atom] = []
        for atom in type_:
            if (found := _field(atom, name)) is not None:
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
            self.tell("may-be-missing", message, scope, line)
        if without and have and not gently:
            self.one_kind_only(have, without, name, path, scope, line)
        elif without and not have:
            self.unknown_field(without, name, path, scope, line, gently=gently)
            return ANY
        return _union(*(found for _, found in have)) if have or not type_ else ANY

    def one_kind_only(
        self, have: Sequence[tuple[Atom, Type]], lack: Sequence[Atom], name: str, path: str, scope: _Scope, line: int
    ) -> None:
        kinds = [str(kind.value) for atom, _ in have for kind in _field(atom, "kind") or () if isinstance(kind, Const)]
        if kinds:
            asked = (
                f'{path}.kind == "{kinds[0]}"'
                if len(kinds) == 1
                else f"{path}.kind in {tuple(kinds)}".replace("'", '"')
            )
            those, others = " and ".join(_named(atom) for atom, _ in have), " and ".join(map(_named, lack))
            message = f"only {those} has “{name}”, {others} has not; put this inside {{% if {asked} %}}"
            self.tell("other-kind", message, scope, line)
        else:
            self.tell("unknown-field", f"{path} may be {_named(lack[0])}, which has no “{name}”", scope, line)

    def unknown_field(
        self, lack: Sequence[Atom], name: str, path: str, scope: _Scope, line: int, *, gently: bool
    ) -> None:
        known = list(dict.fromkeys(field for atom in lack for field in _known_fields(atom)))
        near = did_you_mean(name, known)
        if isinstance(lack[0], Seq) and not near:
            item = next((atom for atom in lack[0].item if _field(atom, name) is not None), None)
            near = f"; each of them has: write {{% for … in {path} %}}" if item is not None else ""
        if isinstance(lack[0], Fields) and lack[0].name == "words":
            self.tell("unknown-word", f"there is no word “{name}”{near}", scope, line)
            return
        if isinstance(lack[0], Fields) and lack[0].name == "options":
            message = (
                f"the theme {self.theme.name} has no option “{name}”{near}; theme.yaml declares {', '.join(known)}"
            )
        else:
            message = f"{path} is {_named(lack[0])} and has no “{name}”{near}"
            if isinstance(lack[0], Plain) and issubclass(lack[0].cls, msgspec.Struct) and not near:
                message += f"; it has {', '.join(known)}"
        self.tell("never-there" if gently else "unknown-field", message, scope, line)

    def getitem(self, node: nodes.Getitem, scope: _Scope, *, gently: bool) -> Type:
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self.getattr(node, node.node, node.arg.value, scope, gently=gently)
        type_ = self.expression(node.node, scope)
        if (path := _path(node)) in scope.told:
            return scope.told[path]
        if isinstance(node.arg, nodes.Slice):
            for part in (node.arg.start, node.arg.stop, node.arg.step):
                if part is not None:
                    self.expression(part, scope)
            return _union(
                *(((atom,) if isinstance(atom, Seq) else TEXT if _class(atom) is str else ANY) for atom in type_)
            )
        self.expression(node.arg, scope)
        number = node.arg.value if isinstance(node.arg, nodes.Const) else None
        found: list[Type] = []
        for atom in type_:
            match atom:
                case Seq(item):
                    found.append(item)
                case Row(items) if isinstance(number, int):
                    if not -len(items) <= number < len(items):
                        message = (
                            f"{_text(node.node)} has {len(items)} parts, counted from 0; there is no part {number}"
                        )
                        self.tell("unknown-field", message, scope, node.lineno)
                        found.append(ANY)
                    else:
                        found.append(items[number])
                case Row(items):
                    found.extend(items)
                case Fields("group", known) if isinstance(number, int) and 0 <= number < len(known):
                    found.append(known[number][1])
                case Plain(cls) if issubclass(cls, str):
                    found.append(TEXT)
                case Plain(cls) if issubclass(cls, msgspec.Struct) or cls in {int, bool}:
                    self.tell("not-a-list", f"{_text(node.node)} is {_named(atom)}, not a list", scope, node.lineno)
                    found.append(ANY)
                case _:
                    found.append(ANY)
        return _union(*found)

    # -- filters and functions

    def filter(self, node: nodes.Filter, type_: Type, scope: _Scope) -> Type:
        name, line = node.name, node.lineno
        arguments = [self.expression(argument, scope) for argument in node.args]
        keywords: dict[str, Type] = {str(k.key): self.expression(k.value, scope) for k in node.kwargs}
        if name not in self.environment.filters:
            near = did_you_mean(name, self.environment.filters)
            self.tell("unknown-filter", f"there is no filter “{name}”{near}", scope, line)
            return ANY
        if name == "safe":
            message = "|safe is not used: a text with markup comes ready, and all others have to be escaped; remove it"
            self.tell("marked-safe", message, scope, line)
            return HTML
        if type_ == ():
            return ()
        return self.filtered(node, name, type_, arguments, keywords, scope)

    def filtered(
        self,
        node: nodes.Filter,
        name: str,
        type_: Type,
        arguments: Sequence[Type],
        keywords: Mapping[str, Type],
        scope: _Scope,
    ) -> Type:
        source, line = node.node if node.node is not None else node, node.lineno
        if name in {"default", "d"}:
            rest = (
                tuple(atom for atom in type_ if atom != NOTHING)
                if len(arguments) > 1 or "boolean" in keywords
                else type_
            )
            return _union(rest, arguments[0] if arguments else TEXT)
        if name in {"length", "count"}:
            for atom in type_:
                cls = _class(atom)
                if atom == NOTHING or (cls is not None and not hasattr(cls, "__len__")):
                    self.tell("not-a-list", f"{_text(source)} is {_named(atom)}, which has no length", scope, line)
            return NUMBER
        if name in {"int", "wordcount"}:
            return NUMBER
        if name in _OF_LISTS:
            if all(isinstance(atom, Plain | Const) and _class(atom) is str for atom in type_):
                return ANY if name in {"list", "map", "groupby", "batch", "slice"} else TEXT
            items = self.items(type_, source, scope)
            return self.listed(name, items, arguments, keywords, scope, line)
        if name == "attr":
            constant = arguments[0][0] if arguments and len(arguments[0]) == 1 else None
            if isinstance(constant, Const) and isinstance(constant.value, str):
                return self.field(type_, constant.value, _text(source), scope, line)
            return ANY
        if name in {"escape", "e", "forceescape", "urlize", "xmlattr", "tojson"}:
            return HTML
        if name in _OF_TEXTS:
            if NOTHING in type_ and len(type_) > 1:
                path = _text(source)
                message = f"{path} may be nothing, which prints “None”; put it inside {{% if {path} %}}"
                self.tell("may-be-missing", message, scope, line)
            return HTML if any(_class(atom) in {Markup, RichText} for atom in type_) else TEXT
        if name in {"items", "dictsort"}:
            return (Seq((Row((TEXT, ANY)),)),)
        return ANY

    def listed(
        self,
        name: str,
        items: Type,
        arguments: Sequence[Type],
        keywords: Mapping[str, Type],
        scope: _Scope,
        line: int,
    ) -> Type:
        def constant(type_: Type) -> str:
            return (
                type_[0].value
                if len(type_) == 1 and isinstance(type_[0], Const) and isinstance(type_[0].value, str)
                else ""
            )

        by = constant(keywords.get("attribute", ()))
        if name in {"selectattr", "rejectattr", "groupby"} and arguments:
            by = by or constant(arguments[0])
        at = {"sort": 2, "unique": 1, "join": 1, "sum": 0, "min": 1, "max": 1}.get(name)
        if at is not None and len(arguments) > at:
            by = by or constant(arguments[at])
        value: Type = ANY
        if by:
            for names in by.split(","):
                value = items
                for part in names.split("."):
                    if not part.isdigit():
                        value = self.field(value, part, "each of these", scope, line, gently="default" in keywords)
                    else:
                        value = ANY
        if name == "map":
            if by:
                return (Seq(value),)
            what = constant(arguments[0]) if arguments else ""
            if what and what not in self.environment.filters:
                near = did_you_mean(what, self.environment.filters)
                self.tell("unknown-filter", f"there is no filter “{what}”{near}", scope, line)
            return (Seq(ANY),)
        tests = (
            arguments[1:] if name in {"selectattr", "rejectattr"} else arguments if name in {"select", "reject"} else ()
        )
        if tests and (test := constant(tests[0])) and test not in self.environment.tests:
            self.tell(
                "unknown-test", f"there is no test “{test}”{did_you_mean(test, self.environment.tests)}", scope, line
            )
        if name in {"selectattr", "rejectattr"} and by:
            return (Seq(self.selected(items, by, tests, holds=name == "selectattr")),)
        if name == "groupby":
            return (Seq((Fields("group", (("grouper", value), ("list", (Seq(items),)))),)),)
        if name in {"first", "last", "random", "min", "max"}:
            return items
        if name == "join":
            for atom in items:
                if isinstance(atom, Seq | Row) or (
                    isinstance(atom, Plain) and issubclass(atom.cls, msgspec.Struct) and not by
                ):
                    message = f'each of these is {_named(atom)}, not a text; use join(", ", attribute="…"), or a loop'
                    self.tell("not-text", message, scope, line)
                    break
            return HTML if any(_class(atom) in {Markup, RichText} for atom in items) else TEXT
        if name == "sum":
            return ANY
        return (Seq((Seq(items),)),) if name in {"batch", "slice"} else (Seq(items),)

    def selected(self, items: Type, by: str, tests: Sequence[Type], *, holds: bool) -> Type:
        """What is left of items of several types when those with a certain value of a field are kept."""
        test = tests[0][0] if tests and len(tests[0]) == 1 else None
        wanted = tests[1] if len(tests) > 1 else ()
        if not isinstance(test, Const) or test.value not in {"equalto", "eq", "==", "in"}:
            return items
        values: set[Any] = set()
        for atom in wanted:
            if isinstance(atom, Const):
                values.add(atom.value)
            elif isinstance(atom, Seq | Row):
                inner = atom.item if isinstance(atom, Seq) else tuple(a for part in atom.items for a in part)
                values |= {a.value for a in inner if isinstance(a, Const)}
        return _of_value(items, by, values, holds=holds)

    def call(self, node: nodes.Call, scope: _Scope, *, caller: bool = False) -> Type:
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
                self.tell("unknown-block", message, scope, node.lineno)
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
                case _ if atom == NOTHING or isinstance(atom, Plain | Const | Seq | Row | Fields):
                    message = f"{_text(node.node)} is {_named(atom)}, not a function; remove the brackets"
                    self.tell("wrong-argument", message, scope, node.lineno)
                    found.append(ANY)
        return _union(*found)

    def super(self, node: nodes.Call, scope: _Scope) -> Type:
        if scope.at is None:
            if not scope.loose:
                self.tell("unknown-block", "super() stands outside of a block", scope, node.lineno)
            return HTML
        name, number = scope.at
        if number + 1 >= len(scope.blocks.get(name, [])):
            if not scope.loose:
                message = f"super() finds no block “{name}” in what this template extends"
                self.tell("unknown-block", message, scope, node.lineno)
            return HTML
        return self.block(name, scope, number + 1)

    def macro_called(
        self, name: str, number: int, given: Sequence[Type], named: Mapping[str, Type], node: nodes.Call, scope: _Scope,
        *, dynamic: bool, caller: bool,
    ) -> None:  # fmt: skip
        definition = self.macros[number][0]
        names = [argument.name for argument in definition.args]
        used = {part.name for part in definition.find_all(nodes.Name)}
        if not dynamic:
            if len(given) > len(names) and "varargs" not in used:
                message = f"{name}() takes {len(names)} {'value' if len(names) == 1 else 'values'}, found {len(given)}"
                self.tell("wrong-argument", message, scope, node.lineno)
            for key in named:
                if key not in names and "kwargs" not in used and not (caller and key == "caller"):
                    message = f"{name}() takes no “{key}”{did_you_mean(key, names)}"
                    self.tell("wrong-argument", message, scope, node.lineno)
            required = names[: len(names) - len(definition.defaults)]
            if missing := [n for at, n in enumerate(required) if at >= len(given) and n not in named]:
                message = f"{name}() needs {', '.join(f'“{n}”' for n in missing)} as well"
                self.tell("wrong-argument", message, scope, node.lineno)
        self.macro(number, given[: len(names)], {key: type_ for key, type_ in named.items() if key in names})

    def function(
        self, name: str, given: Sequence[Type], named: Mapping[str, Type], node: nodes.Call, scope: _Scope,
        *, dynamic: bool,
    ) -> Type:  # fmt: skip
        if name == "range":
            return (Seq(NUMBER),)
        if name.startswith("str."):
            method = name.removeprefix("str.")
            if method in {"split", "splitlines", "rsplit"}:
                return (Seq(TEXT),)
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
                self.tell(
                    "wrong-argument", f"{name}(…) takes one value, found {len(given) + len(named)}", scope, node.lineno
                )
            else:
                self.accepted(name, wanted[0], given[0], node, scope)
        if name == "asset" and given:
            for atom in given[0]:
                if isinstance(atom, Const) and isinstance(atom.value, str) and self.theme.find(atom.value) is None:
                    known = [
                        path.relative_to(root).as_posix()
                        for root in self.theme.roots for path in root.rglob("*") if path.is_file()
                    ]  # fmt: skip
                    near = did_you_mean(atom.value, known)
                    message = f"there is no file “{atom.value}” in the overrides or the theme{near}"
                    self.tell("missing-asset", message, scope, node.lineno)
        return type_of(gives)

    def accepted(self, name: str, wanted: type, given: Type, node: nodes.Call, scope: _Scope) -> None:
        what = _text(node.args[0])
        for atom in given:
            cls = _class(atom)
            if atom == NOTHING:
                message = f"{what} may be nothing; put {name}(…) inside {{% if {what} %}}"
                self.tell("may-be-missing", message, scope, node.lineno)
            elif not isinstance(atom, Anything) and (cls is None or not issubclass(cls, wanted)):
                message = f"{name}(…) takes {_named(Plain(wanted))}, and {what} is {_named(atom)}"
                self.tell("wrong-argument", message, scope, node.lineno)

    def word(self, given: Sequence[Type], named: Mapping[str, Type], node: nodes.Call, scope: _Scope) -> None:
        if len(given) != 1:
            self.tell(
                "wrong-argument", 'word(…) takes the key of a word first, as in word("contents")', scope, node.lineno
            )
            return
        for atom in given[0]:
            if isinstance(atom, Const):
                try:
                    self.words.word(str(atom.value), **dict.fromkeys(named, ""))
                except UnknownWordError as error:
                    self.tell("unknown-word", str(error), scope, node.lineno)

    # -- what conditions tell

    def narrow(self, test: nodes.Node, scope: _Scope, *, holds: bool) -> None:
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
            for path in left.told.keys() & right.told.keys():
                scope.told[path] = _union(left.told[path], right.told[path])
            for path in left.told.keys() ^ right.told.keys():
                side, other = (left, right) if path in left.told else (right, left)
                # A side that cannot be reached tells nothing.
                if any(known == () for known in other.told.values()):
                    scope.told[path] = side.told[path]
            return None
        if isinstance(test, nodes.Name) and test.name in scope.means:
            self.narrow(scope.means[test.name], scope, holds=holds)
        if subject := _path(test):
            known = self.silent(test, scope)
            self.told(subject, _truthy(known) if holds else _falsy(known), scope)
        elif isinstance(test, nodes.Compare) and len(test.ops) == 1:
            self.narrow_compared(test, scope, holds=holds)
        elif isinstance(test, nodes.Test) and test.name in {"none", "defined", "undefined"}:
            self.narrow_tested(test, scope, holds=holds)
        elif isinstance(test, nodes.Filter) and test.name in {"length", "count"} and test.node is not None:
            self.narrow(test.node, scope, holds=holds)
        return None

    def told(self, path: str, type_: Type, scope: _Scope) -> None:
        before = scope.told.get(path)
        scope.told[path] = type_
        if before != type_:
            for longer in [p for p in scope.told if p.startswith(f"{path}.")]:
                del scope.told[longer]

    def silent(self, node: nodes.Node, scope: _Scope) -> Type:
        """The types of an expression whose mistakes are told elsewhere."""
        self.quiet += 1
        found = self.expression(node, scope, gently=True)
        self.quiet -= 1
        return found

    def narrow_compared(self, test: nodes.Compare, scope: _Scope, *, holds: bool) -> None:
        operand = test.ops[0]
        subject: nodes.Node = test.expr
        value: set[Any]
        if isinstance(test.expr, nodes.Const) and operand.op in {"eq", "ne"}:
            subject, value = operand.expr, {test.expr.value}
        else:
            found = _constants(operand.expr)
            if found is None:
                return
            value = set(found)
        if operand.op not in {"eq", "ne", "in", "notin"}:
            return
        if isinstance(subject, nodes.Name) and subject.name in scope.means:
            subject = scope.means[subject.name]
        holds = holds == (operand.op in {"eq", "in"})
        path = _path(subject)
        if isinstance(subject, nodes.Getattr) and (owner := _path(subject.node)):
            self.told(owner, _of_value(self.silent(subject.node, scope), subject.attr, value, holds=holds), scope)
        if path:
            known = self.silent(subject, scope)
            if None in value:
                kept = tuple(a for a in known if (a == NOTHING) == holds or (isinstance(a, Anything)))
            else:
                kept = tuple(a for a in known if not isinstance(a, Const) or (a.value in value) == holds)
                kept = tuple(a for a in kept if not (holds and a == NOTHING))
            self.told(path, kept, scope)

    def narrow_tested(self, test: nodes.Test, scope: _Scope, *, holds: bool) -> None:
        node = test.node
        if isinstance(node, nodes.Name) and node.name in scope.means and test.name == "none":
            self.narrow_tested(
                nodes.Test(scope.means[node.name], "none", [], [], None, None, lineno=test.lineno), scope, holds=holds
            )
        path = _path(node)
        if not path:
            return
        if test.name == "none":
            known = self.silent(node, scope)
            self.told(path, tuple(a for a in known if (a == NOTHING) == holds or isinstance(a, Anything)), scope)
            return
        holds = holds == (test.name == "defined")
        if isinstance(node, nodes.Getattr) and (owner := _path(node.node)):
            known = self.silent(node.node, scope)
            self.told(
                owner, tuple(a for a in known if (_field(a, node.attr) is not None) == holds or a == ANY[0]), scope
            )
        elif isinstance(node, nodes.Name) and node.name not in scope.names and node.name not in self.globals and holds:
            scope.told[node.name] = ANY


def _first_line(node: nodes.Node) -> int:
    if isinstance(node, nodes.TemplateData):
        return node.lineno + node.data[: len(node.data) - len(node.data.lstrip())].count("\n")
    return node.lineno


def _text_of(node: nodes.Expr) -> str:
    return str(node.value) if isinstance(node, nodes.Const) else "the template"


def _constants(node: nodes.Node) -> list[Any] | None:
    if isinstance(node, nodes.Const):
        return [node.value]
    if isinstance(node, nodes.List | nodes.Tuple) and all(isinstance(item, nodes.Const) for item in node.items):
        return [item.value for item in node.items if isinstance(item, nodes.Const)]
    return None


def _of_value(type_: Type, name: str, values: set[Any], *, holds: bool) -> Type:
    """Those of several types whose field can have, or lack, one of these values."""
    kept = []
    for atom in type_:
        field = _field(atom, name)
        known = [a.value for a in field if isinstance(a, Const)] if field else []
        if field and len(known) == len(field):
            possible = any(v in values for v in known) if holds else any(v not in values for v in known)
            if not possible:
                continue
        kept.append(atom)
    return tuple(kept)


def _truthy(type_: Type) -> Type:
    return tuple(a for a in type_ if a != NOTHING and not (isinstance(a, Const) and not a.value))


def _falsy(type_: Type) -> Type:
    def always(atom: Atom) -> bool:
        if isinstance(atom, Const):
            return bool(atom.value)
        cls = _class(atom)
        return isinstance(atom, Function) or (
            isinstance(atom, Plain) and cls is not None and issubclass(cls, msgspec.Struct)
        )

    return tuple(a for a in type_ if not always(a))


# -- the whole ---------------------------------------------------------------------------------------------------------


def check(theme: Theme, language: str) -> tuple[Problem, ...]:
    """Every problem of a theme with its overrides that can be told without an issue.

    Args:
        theme: the theme, its options set.
        language: in which its words are printed.
    """
    pages = {path: path.read_text(encoding="utf-8-sig", errors="replace") for path in _pages(theme)}
    told = [*check_templates(theme, language), *_stylesheets(theme, pages), *_markup(theme, pages), *unused(theme)]
    return tuple(dict.fromkeys(told))


def check_templates(theme: Theme, language: str) -> Iterator[Problem]:
    """What is wrong with the words and the templates of a theme."""
    words, problems = read_words(theme, language)
    yield from problems
    linter = _Linter(theme, words)
    try:
        for name, hints in contract.PAGES.items():
            start = len(linter.markup)
            linter.page(name, {key: type_of(hint) for key, hint in hints.items()})
            template = linter.load(name)
            unread = {"template-syntax", "template-missing"} & {problem.code for problem in linter.problems.values()}
            if name == "issue.html" and template is not None and not unread:
                said = "".join(linter.markup[start:])
                if not re.search(r"<meta[^>]{0,200}charset", said, re.IGNORECASE):
                    block = next((b for b in template.tree.find_all(nodes.Block) if b.name == "head"), None)
                    message = 'the page does not say how it is encoded; put <meta charset="utf-8"> first into <head>'
                    linter.tell("missing-charset", message, _Scope(template, {}), block.lineno if block else 1)
        own = [
            theme.overrides,
            *(layer.folder for layer in theme.layers if layer.folder.is_relative_to(theme.publication)),
        ]
        for root in own:
            for path in sorted(root.rglob("*.html")):
                name = path.relative_to(root).as_posix()
                if theme.find(name) == path.resolve() and path.resolve() not in linter.templates:
                    unreached = linter.load(name)
                    if unreached is not None:
                        linter.loose(unreached)
    except (_Enough, RecursionError):
        message = "the templates are too large, or use each other too often, to be checked to their end"
        yield Problem(level="warning", code="template-error", message=message, file=theme.name)
    yield from sorted(linter.problems.values(), key=lambda problem: (problem.file, problem.line or 0))


def _stylesheets(theme: Theme, pages: Mapping[Path, str]) -> Iterator[Problem]:
    """What is wrong with stylesheets: syntax, addresses, what cannot be printed, and fonts that are not there."""
    sheets: dict[str, list[Path]] = {}
    for medium in ("screen", "print"):
        try:
            sheets[medium] = theme.stylesheets(medium)
        except DigestError as error:
            message = f"{error.found}{did_you_mean(error.found.split()[2], theme.names())}"
            yield Problem(level="error", code="template-missing", message=message, file=error.where)
    everywhere = tuple(dict.fromkeys(path for paths in sheets.values() for path in paths))
    yield from stylesheet_problems(everywhere, theme)
    for path, line, name, known in undeclared(everywhere, "".join([theme.properties, *pages.values()])):
        message = f"nothing declares “{name}”{did_you_mean(name, known)}"
        yield Problem(level="warning", code="css-unknown", message=message, file=theme.shown(path), line=line)
    for path in everywhere:
        for line, name in media(path):
            if name.lower() not in _MEDIA:
                message = f"there is no medium “{name}”{did_you_mean(name, _MEDIA)}"
                yield Problem(level="warning", code="css-unknown", message=message, file=theme.shown(path), line=line)
    if "pdf" in theme.formats and (paths := sheets.get("print")):
        from digest.render import pdf

        for path in paths:
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            for at, message in pdf.css_problems(text):
                yield Problem(level="warning", code="css-unknown", message=message, file=theme.shown(path), line=at)
        yield from missing_fonts(theme, paths)


_MEDIA: Final = ("all", "print", "screen", "speech")
_JINJA: Final = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
_FILLED: Final = "\0"  # stands where a template prints something


def _pages(theme: Theme) -> tuple[Path, ...]:
    """The templates of a theme that win for their names."""
    names = sorted({path.relative_to(root).as_posix() for root in theme.roots for path in root.rglob("*.html")})
    return tuple(path for name in names if (path := theme.find(name)) is not None)


class _Markup(HTMLParser):
    """Reads from the text of a template what it loads and its styles, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[tuple[int, str]] = []
        self.styles: list[tuple[int, str]] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        line = self.getpos()[0]
        self.in_style = tag == "style"
        for name, value in attrs:
            if value and loads(tag, name):
                self.loaded.append((line, value))
            elif value and name == "style":
                self.styles.append((line, f"a{{{value}}}"))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - asked for so
        self.in_style = False

    def handle_data(self, data: str) -> None:
        if self.in_style:
            self.styles.append((self.getpos()[0], data))


def _markup(theme: Theme, pages: Mapping[Path, str]) -> Iterator[Problem]:
    """What is wrong in the text of templates: files that are loaded by their bare names, and styles."""
    for path, text in pages.items():
        shown = theme.shown(path)
        page = _Markup()
        page.feed(_JINJA.sub(lambda match: _FILLED + "\n" * match[0].count("\n"), text))
        page.close()
        for line, address in page.loaded:
            if _FILLED not in address and not address.startswith(
                ("data:", "https://", "http://")[: 3 if theme.inline else 1]
            ):
                name = address.removeprefix("./")
                there = (
                    f'write {{{{ asset("{name}") }}}}'
                    if theme.find(name)
                    else "put it into overrides/ and use asset(…)"
                )
                message = f"the page would load “{address}”, which nobody finds once it is mailed or moved; {there}"
                yield Problem(level="error", code="loads-a-file", message=message, file=shown, line=line)
        if "pdf" in theme.formats and page.styles:
            from digest.render import pdf

            for line, style in page.styles:
                for at, message in () if _FILLED in style else pdf.css_problems(style):
                    yield Problem(
                        level="warning", code="css-unknown", message=message, file=shown, line=line + (at or 1) - 1
                    )


def missing_fonts(theme: Theme, paths: Sequence[Path], embedded: Sequence[str] | None = None) -> Iterator[Problem]:
    """A warning for each font family that print stylesheets or options name and nothing brings.

    Args:
        theme: the theme, its options set.
        paths: the stylesheets for paper.
        embedded: the fonts of the finished PDF. Without them, and without a ``fonts.conf``, nobody can tell which of
            the machine's own fonts will serve.
    """
    from digest.render import pdf

    fonts = None if pdf.other_fonts() else theme.find("fonts/fonts.conf")
    if fonts is None and embedded is None:
        return
    known = {name.casefold(): name for name in (*font_families(paths), *(pdf.families(fonts) if fonts else ()))}
    printed = [_letters(name.partition("+")[2] or name) for name in embedded or ()]

    def absent(name: str) -> bool:
        return name.casefold() not in known and not any(font.startswith(_letters(name)) for font in printed)

    def message(names: Sequence[str]) -> str:
        listed = ", ".join(f"“{name}”" for name in names)
        near = did_you_mean(names[0], known.values())
        return (
            f"there is no font {listed}: no @font-face brings it, nor do the theme's own fonts{near}; "
            "put it into overrides/fonts/ and name it with @font-face in css/custom.css"
        )

    for path, line, names in named_families(paths, theme):
        # Names behind the first are for other machines, once pages are finished.
        if lacking := [name for name in (names if embedded is None else names[:1]) if absent(name)]:
            yield Problem(level="warning", code="missing-font", message=message(lacking), file=path, line=line)
    for option, declared in theme.declared.items():
        name = str(theme.options[option])
        if declared.type == "font" and absent(name) and name.lower() not in GENERIC:
            yield Problem(
                level="warning", code="missing-font", message=message([name]), file="digest.yaml",
                key=f"theme_options.{option}",
            )  # fmt: skip


def _letters(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.casefold())


def unused(theme: Theme) -> Iterator[Problem]:
    """A warning for each template and stylesheet in the overrides that takes the place of nothing."""
    known = theme.names() | {CUSTOM}
    for path in sorted(theme.overrides.rglob("*")):
        name = path.relative_to(theme.overrides).as_posix()
        if path.suffix in {".html", ".css", ".txt"} and name not in known and not theme.names_in_overrides(path.name):
            near = did_you_mean(name, known)
            message = f"this file takes the place of nothing, because the theme has none of its name{near}"
            yield Problem(level="warning", code="unused-override", message=message, file=theme.shown(path))


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What a template of a theme is made of.

    Attributes:
        name: its name.
        files: the files of this name, the one that wins first.
        blocks: its blocks.
        variables: names that it uses and does not set itself.
        includes: names of the templates that it includes, extends or imports.
    """

    name: str
    files: tuple[str, ...]
    blocks: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()


def parts(theme: Theme) -> tuple[Part, ...]:
    """Every file of a theme and its overrides by name, with what templates are made of."""
    environment = theme.environment()
    names = theme.names() | {
        path.relative_to(theme.overrides).as_posix() for path in theme.overrides.rglob("*") if path.is_file()
    }
    found = []
    for name in sorted(names):
        candidates = theme.candidates(name)
        if not candidates:
            continue
        files = tuple(theme.shown(path) for path in candidates)
        blocks: tuple[str, ...] = ()
        variables: tuple[str, ...] = ()
        includes: tuple[str, ...] = ()
        if name.endswith(".html"):
            try:
                tree = environment.parse(candidates[0].read_text(encoding="utf-8-sig"))
            except (TemplateSyntaxError, UnicodeDecodeError, RecursionError):
                tree = nodes.Template([])
            blocks = tuple(block.name for block in tree.find_all(nodes.Block))
            own = {node.name for node in tree.find_all(nodes.Name) if node.ctx in {"store", "param"}}
            own |= {macro.name for macro in tree.find_all(nodes.Macro)} | {"loop", "super", "self", "caller"}
            variables = tuple(
                dict.fromkeys(n.name for n in tree.find_all(nodes.Name) if n.ctx == "load" and n.name not in own)
            )
            includes = tuple(
                dict.fromkeys(
                    "".join(str(c.value) if isinstance(c, nodes.Const) else "…" for c in _pieces(node.template))
                    for node in tree.find_all((nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport))
                    if isinstance(node, nodes.Include | nodes.Extends | nodes.Import | nodes.FromImport)
                )
            )
        found.append(Part(name=name, files=files, blocks=blocks, variables=tuple(sorted(variables)), includes=includes))
    return tuple(found)


def blocks(theme: Theme, path: Path) -> tuple[str, ...]:
    """The blocks of a template, those of the templates that it extends as well; none where it is no template.

    Raises:
        TemplateError: it is broken.
    """
    if path.suffix != ".html":
        return ()
    environment = theme.environment()
    found: dict[str, None] = {}
    at: Path | None = path
    for _ in range(_DEPTH):
        if at is None:
            break
        try:
            tree = environment.parse(at.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise TemplateError(not_utf8(error, theme.shown(at))) from None
        except TemplateSyntaxError as error:
            problem = Problem(
                level="error",
                code="template-syntax",
                message=error.message or "",
                file=theme.shown(at),
                line=error.lineno,
            )
            raise TemplateError(problem) from None
        found |= dict.fromkeys(block.name for block in tree.find_all(nodes.Block))
        extends = next(iter(tree.find_all(nodes.Extends)), None)
        at = theme.find(str(extends.template.value)) if extends and isinstance(extends.template, nodes.Const) else None
    return tuple(found)


def _pieces(node: nodes.Expr) -> list[nodes.Expr]:
    return node.nodes if isinstance(node, nodes.Concat) else [node]
