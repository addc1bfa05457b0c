"""Whole templates: walked from the pages that the program renders through all they extend, include, import and call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
from jinja2 import TemplateSyntaxError, nodes

from digest.errors import Problem, TemplateError, did_you_mean
from digest.render import contract, delimiters
from digest.render.check.checker import DEEPEST
from digest.render.check.expressions import ExpressionChecks
from digest.render.check.lost import lost_values
from digest.render.check.scopes import Scope, Template, TooLargeError, all_names, name_of, path_of
from digest.render.check.types import (
    ANY,
    HTML,
    LOOP,
    NOTHING,
    Anything,
    Const,
    Fields,
    Function,
    ListOf,
    Plain,
    TupleOf,
    Type,
    fields_of,
    noun_of,
    type_of,
    union,
)
from digest.render.words import read_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from digest.render.theme import Theme


class TemplateChecks(ExpressionChecks):
    """Walks templates, statement by statement."""

    # -- pages

    def page(self, name: str, names: Mapping[str, Type]) -> None:
        """Walks a page that the program renders, with the names that it is given."""
        template = self.load(name)
        if template is not None:
            self.render(template, dict(names))

    def loose(self, template: Template) -> None:
        """Looks at a template that nobody reaches: what it sees is not known."""
        known = {name: type_of(hint) for page in contract.PAGES.values() for name, hint in page.items()}
        scope = Scope(template, known)
        scope.loose = True
        scope.blocks = {block.name: [(template, block)] for block in template.tree.find_all(nodes.Block)}
        self.body(template.tree.body, scope)

    def render(self, template: Template, names: dict[str, Type], *, loose: bool = False) -> None:
        """Walks a template and those that it extends, with its blocks in theirs."""
        chain = [template]
        scope = Scope(template, names)
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
                self.report("template-error", f"templates extend each other in a circle; {todo}", scope, extends.lineno)
                return None
            self.before(template, parent, scope)
            chain.append(parent)
            template = parent
        scope.template = template
        self.body(template.tree.body, scope)
        return None

    def before(self, template: Template, parent: Template, scope: Scope) -> None:
        """Walks what a template that extends another one has outside of its blocks."""
        above: set[str] = set()
        at: Template | None = parent
        seen: list[Template] = []
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
                    self.report("unknown-block", message, scope, node.lineno)
                    self.block(node.name, scope)
            elif isinstance(node, nodes.Output):
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData) or part.data.strip():
                        message = "this is not printed: a template that extends another one prints its blocks only"
                        self.report("lost-output", message, scope, _first_line(part))
                        break
                self.statement(node, scope)
            else:
                self.statement(node, scope)

    # -- statements

    def body(self, body: Sequence[nodes.Node], scope: Scope) -> None:
        """Walks statements in order."""
        for node in body:
            self.statement(node, scope)

    def statement(self, node: nodes.Node, scope: Scope) -> None:
        """Walks a statement."""
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
                        message = (
                            "escaping stays on: texts with markup need no change, and all others have to be escaped"
                        )
                        self.report("marked-safe", message, scope, node.lineno)
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

    def printed(self, node: nodes.Expr, type_: Type, scope: Scope) -> None:
        """Reports a value that does not print as a text."""
        path = name_of(node)
        if NOTHING in type_ and len(type_) > 1:
            message = f"{path} may be nothing, which prints “None”; put it inside {{% if {path} %}}"
            self.report("may-be-missing", message, scope, node.lineno)
        for atom in type_:
            message = ""
            match atom:
                case ListOf() | TupleOf():
                    message = f"{path} is a list, which prints as Python shows it; use a loop or |join"
                case Plain(cls) if issubclass(cls, msgspec.Struct) and cls.__str__ is msgspec.Struct.__str__:
                    message = (
                        f"{path} is {noun_of(atom)}, not a text; print one of its fields: {', '.join(fields_of(cls))}"
                    )
                case Function(name, macro) if macro >= 0 or name in contract.FUNCTIONS:
                    message = f"{path} is a function; print its result with {name}(…)"
            if message:
                self.report("not-text", message, scope, node.lineno)
                return

    def assign(self, target: nodes.Node, type_: Type, scope: Scope, value: nodes.Node | None) -> None:
        """Gives names in a scope the types of a value."""
        if isinstance(target, nodes.Name):
            scope.set(target.name, type_)
            if value is not None and all(name.name != target.name for name in all_names(value)):
                scope.means[target.name] = value
        elif isinstance(target, nodes.Tuple):
            for n, part in enumerate(target.items):
                self.assign(part, self.unpacked(type_, n, len(target.items), scope, target.lineno), scope, None)
        elif isinstance(target, nodes.NSRef):
            self.name(target.name, scope, target.lineno)

    def unpacked(self, type_: Type, n: int, count: int, scope: Scope, line: int) -> Type:
        """The types of one of several names that share a value."""
        found: list[Type] = []
        for atom in type_:
            match atom:
                case TupleOf(items) if len(items) == count:
                    found.append(items[n])
                case TupleOf(items):
                    self.report("unpacking", f"expected {len(items)} names here, found {count}", scope, line)
                    found.append(ANY)
                case ListOf(item):
                    found.append(item)
                case Fields("group", known):
                    if count != len(known):
                        self.report("unpacking", f"expected {len(known)} names here, found {count}", scope, line)
                    found.append(known[n][1] if n < len(known) else ANY)
                case Anything():
                    found.append(ANY)
                case _:
                    message = (
                        f"each of these is {noun_of(atom)}, which is one value; expected one name here, found {count}"
                    )
                    self.report("unpacking", message, scope, line)
                    found.append(ANY)
        return union(*found)

    def condition(self, node: nodes.If, scope: Scope) -> None:
        """Walks the branches of ``{% if %}``, and joins what they set."""
        branches: list[Scope] = []
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
                scope.set(name, union(*parts))
            elif before is not None:
                # A path may have been set to another value in one branch, and be known in all.
                continue
        for name in [n for n in scope.means if any(branch.means.get(n) is not scope.means[n] for branch in branches)]:
            del scope.means[name]

    def loop(self, node: nodes.For, scope: Scope) -> None:
        """Walks the body of ``{% for %}``."""
        items = self.items(self.expression(node.iter, scope), node.iter, scope)
        inner = scope.copy()
        self.assign(node.target, items, inner, None)
        if node.test is not None:
            self.expression(node.test, inner)
            self.narrow(node.test, inner, holds=True)
        current = inner.names.get(node.target.name, ANY) if isinstance(node.target, nodes.Name) else ANY
        loop = tuple((n, current if n in {"previtem", "nextitem"} else t) for n, t in LOOP.fields)
        inner.set("loop", (Function("loop"),) if node.recursive else (Fields("loop", loop),))
        if node.recursive:
            inner.set("loop", ANY)
        self.body(node.body, inner)
        self.body(node.else_, scope.copy())

    def block(self, name: str, scope: Scope, number: int = 0) -> Type:
        """Walks a block as the innermost template has it."""
        known = scope.blocks.get(name, [])
        if number >= len(known):
            return ()
        template, node = known[number]
        if self.depth > DEEPEST or scope.at == (name, number):
            return HTML
        inner = scope.copy() if node.scoped else Scope(template, dict(scope.top))
        inner.template, inner.blocks, inner.at, inner.loose = template, scope.blocks, (name, number), scope.loose
        same = {n for n, type_ in scope.names.items() if scope.top.get(n) is type_}
        inner.known = {path: type_ for path, type_ in scope.known.items() if path.partition(".")[0] in same}
        inner.top = scope.top
        self.depth += 1
        self.body(node.body, inner)
        self.depth -= 1
        return HTML

    def include(self, node: nodes.Include, scope: Scope) -> None:
        """Walks the templates that an ``{% include %}`` can mean."""
        for names, inner in self.variants(node.template, scope):
            found = [(name, template) for name in names if (template := self.load(name)) is not None]
            if not found:
                if not node.ignore_missing:
                    for name in names:
                        self.missing(name, scope, node.lineno)
                continue
            self.included(found[0][1], inner, with_context=node.with_context)

    def included(self, template: Template, scope: Scope, *, with_context: bool) -> None:
        """Walks an included template, once for the same names and types."""
        names = dict(scope.names) if with_context else {}
        names.pop("loop", None)  # an included template does not see the loop around it
        inherited = {path: type_ for path, type_ in scope.known.items() if with_context and "." in path}
        for path, type_ in scope.known.items():
            if with_context and "." not in path:
                names[path] = type_
        key = (template.path, frozenset(names.items()), frozenset(inherited.items()))
        if key in self.done or self.depth > DEEPEST:
            return
        self.done[key] = HTML
        self.depth += 1
        chain = next(iter(template.tree.find_all(nodes.Extends)), None)
        if chain is not None:
            self.render(template, names, loose=scope.loose)
        else:
            inner = Scope(template, names)
            inner.known, inner.loose = inherited, scope.loose
            inner.blocks = {block.name: [(template, block)] for block in template.tree.find_all(nodes.Block)}
            self.body(template.tree.body, inner)
        self.depth -= 1

    def variants(self, node: nodes.Expr, scope: Scope) -> Iterator[tuple[list[str], Scope]]:
        """The names that the expression of an include can be, each with what is known when it is.

        ``"partials/" ~ entry.kind ~ ".html"`` is one name for each kind of entry.
        """
        if isinstance(node, nodes.List | nodes.Tuple):
            parts = [self.expression(item, scope) for item in node.items]
            names = [atom.value for part in parts for atom in part if isinstance(atom, Const)]
            if all(isinstance(atom, Const) for part in parts for atom in part):
                yield [str(name) for name in names], scope
            else:
                self.open_ended = True
            return
        for part in node.find_all(nodes.Getattr):
            path = path_of(part.node)
            if part.attr == "kind" and path:
                atoms = self.expression(part.node, scope)
                if len(atoms) > 1:
                    for atom in atoms:
                        inner = scope.copy()
                        inner.known = {
                            p: t for p, t in inner.known.items() if p != path and not p.startswith(f"{path}.")
                        }
                        inner.known[path] = (atom,)
                        yield from self.variants(node, inner)
                    return
        for atom in self.expression(node, scope):
            if isinstance(atom, Const) and isinstance(atom.value, str):
                yield [atom.value], scope
            else:
                self.open_ended = True

    def imported(self, node: nodes.Import | nodes.FromImport, scope: Scope) -> None:
        """Finds the macros of an ``{% import %}``."""
        known: dict[str, Type] | None = None
        for names, _ in self.variants(node.template, scope):
            template = self.load(names[0])
            if template is None:
                self.missing(names[0], scope, node.lineno)
                continue
            if self.depth > DEEPEST:
                continue
            inner = Scope(template, dict(scope.names) if node.with_context else {})
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
                self.report("unknown-variable", message, scope, node.lineno)
            scope.set(target, known.get(source, ANY) if known else ANY)

    def macro(self, number: int, given: Sequence[Type], named: Mapping[str, Type]) -> Type:
        """Walks the body of a macro, once for the same types."""
        node, outer = self.macros[number]
        key = (number, tuple(given), tuple(sorted(named.items(), key=lambda pair: pair[0])))
        if key in self.done or self.depth > DEEPEST:
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


def _first_line(node: nodes.Node) -> int:
    if isinstance(node, nodes.TemplateData):
        return node.lineno + node.data[: len(node.data) - len(node.data.lstrip())].count("\n")
    return node.lineno


def _text_of(node: nodes.Expr) -> str:
    return str(node.value) if isinstance(node, nodes.Const) else "the template"


def template_problems(theme: Theme, language: str) -> Iterator[Problem]:
    """What is wrong with the words and the templates of a theme."""
    words, problems = read_words(theme, language)
    yield from problems
    checker = TemplateChecks(theme, words)
    try:
        for name, hints in contract.PAGES.items():
            start = len(checker.markup)
            checker.page(name, {key: type_of(hint) for key, hint in hints.items()})
            template = checker.load(name)
            unread = {"template-syntax", "template-missing"} & {problem.code for problem in checker.problems.values()}
            if name == "issue.html" and template is not None and not unread:
                said = "".join(checker.markup[start:])
                if not re.search(r"<meta[^>]{0,200}charset", said, re.IGNORECASE):
                    block = next((b for b in template.tree.find_all(nodes.Block) if b.name == "head"), None)
                    message = 'the page does not declare its encoding; put <meta charset="utf-8"> first into <head>'
                    checker.report("missing-charset", message, Scope(template, {}), block.lineno if block else 1)
        own = own_templates(theme)
        if "site" in theme.formats or any(name.startswith("site/") for name in own.values()):
            for name, hints in contract.SITE.items():
                checker.page(name, {key: type_of(hint) for key, hint in hints.items()})
        if any(name.startswith("epub/") for name in own.values()):
            for name, hints in contract.EPUB.items():
                checker.page(name, {key: type_of(hint) for key, hint in hints.items()})
        for name in sorted(name for name in own.values() if name.startswith("pages/")):
            checker.page(name, {key: type_of(hint) for key, hint in contract.OWN_PAGE.items()})
        unreached = {path: name for path, name in own.items() if path not in checker.templates}
        for path, name in unreached.items():
            loaded = checker.load(name)
            if loaded is not None:
                checker.loose(loaded)
            yield from _unreached(theme, checker, path, name)
        for path in own:
            yield from template_slips(theme, path)
    except (TooLargeError, RecursionError):
        message = "the templates are too large, or use each other too often, to be checked completely"
        yield Problem(level="warning", code="template-error", message=message, file=theme.name)
    yield from sorted(checker.problems.values(), key=lambda problem: (problem.file, problem.line or 0))


def own_templates(theme: Theme) -> dict[Path, str]:
    """The templates of the publication's own that win for their names, each with its name."""
    found: dict[Path, str] = {}
    for root in theme.own_roots:
        for path in sorted(root.rglob("*.html")):
            name = path.relative_to(root).as_posix()
            if theme.find(name) == path.resolve():
                found.setdefault(path.resolve(), name)
    return found


def _unreached(theme: Theme, checker: TemplateChecks, path: Path, name: str) -> Iterator[Problem]:
    """A warning for an override that no template includes; none where an include may mean anything."""
    if not checker.open_ended and path.is_relative_to(theme.overrides) and name in theme.names():
        message = f"nothing includes “{name}” here, so this file changes nothing"
        yield Problem(level="warning", code="unused-override", message=message, file=theme.shown(path))


def template_slips(theme: Theme, path: Path) -> Iterator[Problem]:
    """A warning for each value of a template that is gone where it is used, and for what prints its own code."""
    shown = theme.shown(path)
    try:
        text = theme.text(path)
        tree = theme.environment().parse(text, path.name, str(path))
    except (TemplateError, TemplateSyntaxError):
        return  # reported as what ends the build
    for lost in lost_values(tree):
        if lost.before:
            yield Problem(level="warning", code="lost-value", message=lost.message, file=shown, line=lost.line)
    for line, message in delimiters.printed(text):
        yield Problem(level="warning", code="template-printed", message=message, file=shown, line=line)
