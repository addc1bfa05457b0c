"""For `bench.mutants`: all the small mistakes that can be made in a module.

A comparison is turned or moves its border, ``and`` becomes ``or``, a condition means the opposite, a number is one
more, ``+`` becomes ``-``, what is returned is empty, a ``not``, a call, a ``continue`` or a ``raise`` is missing.
Texts, annotations, class keywords, tables of a module, its limits (numbers over 20 or with a fraction) and slices of
that length stay as they are.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

TURNED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
EMPTY: Final = {"str": "''", "list": "[]", "dict": "{}", "set": "set()", "tuple": "()", "int": "0", "bool": "not "}


class Mutant(NamedTuple):
    """One mistake: the lines of a module that change, and what they say then."""

    module: str
    line: int
    function: str
    start: int
    end: int
    text: str
    before: str
    after: str

    @property
    def key(self) -> str:
        """How it is written in the list of equivalent mutants: it survives when lines above it change."""
        return f"{self.module}: {self.before}  ->  {self.after}"


def mutants(module: str, source: str) -> list[Mutant]:
    """All mistakes that can be made in a module, in the order of the lines."""
    return sorted(set(_Finder(module, source).found), key=lambda mutant: (mutant.start, mutant.end, mutant.text))


class _Finder(ast.NodeVisitor):
    """Walks through a module and collects mistakes."""

    def __init__(self, module: str, source: str) -> None:
        self.module, self.source, self.found = module, source.encode(), list[Mutant]()
        self.names: list[str] = []
        self.functions = 0
        self.returns: list[str] = []
        self.starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.visit(ast.parse(source))

    def add(self, node: ast.expr | ast.stmt, text: str) -> None:
        """The node says something else."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        line_end = self.starts[node.end_lineno] if node.end_lineno < len(self.starts) else len(self.source)
        first = self.starts[node.lineno - 1]
        changed = self.source[first:start] + text.encode() + self.source[end:line_end]
        before, after = (" ".join(part.decode().split()) for part in (self.source[first:line_end], changed))
        if "pragma: no cover" in before:
            return
        function = ".".join(self.names) if self.functions else ""
        self.found.append(Mutant(self.module, node.lineno, function, start, end, text, before, after))

    def replace(self, node: ast.expr, change: Callable[[ast.expr], None]) -> None:
        """A part of the node is another one."""
        other = copy.deepcopy(node)
        change(other)
        self.add(node, f"({ast.unparse(other)})")

    def within(self, name: str, node: ast.AST, *, function: bool) -> None:
        """What is inside of a function or class; functions inside of a function count as the outer one."""
        named = not self.functions
        if named:
            self.names.append(name)
        self.functions += function
        self.generic_visit(node)
        self.functions -= function
        if named:
            self.names.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.name in {"__repr__", "__rich_repr__"}:
            return
        self.returns.append(ast.unparse(node.returns) if node.returns else "")
        bare = copy.copy(node)
        bare.returns, bare.decorator_list = None, []
        self.within(node.name, bare, function=True)
        self.returns.pop()

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.visit_FunctionDef(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        bare = copy.copy(node)
        bare.keywords, bare.decorator_list = [], []
        self.within(node.name, bare, function=False)

    def visit_If(self, node: ast.If) -> None:
        if "TYPE_CHECKING" not in ast.unparse(node.test):
            self.condition(node.test)
            self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self.condition(node.test)
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self.condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for test in node.ifs:
            self.condition(test)
        self.generic_visit(node)

    def condition(self, test: ast.expr) -> None:
        """A condition means the opposite, unless another mistake does the same."""
        if not isinstance(test, ast.Compare | ast.UnaryOp | ast.NamedExpr):
            self.add(test, f"(not ({ast.unparse(test)}))")
        elif isinstance(test, ast.NamedExpr):
            self.add(test, f"not ({ast.unparse(test)})")

    def visit_arg(self, node: ast.arg) -> None:
        """Annotations do nothing."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value and not self.of_module(node.value):
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if not self.of_module(node.value):
            self.generic_visit(node)

    def of_module(self, value: ast.expr) -> bool:
        """Whether this is a table or a limit of a module."""
        if self.functions:
            return False
        if isinstance(value, ast.Constant):
            return isinstance(value.value, float) or (isinstance(value.value, int) and value.value > 20)
        return isinstance(value, ast.Dict | ast.List | ast.Tuple | ast.Set | ast.BinOp) or "frozenset" in ast.unparse(
            value
        )

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """What a text says changes nothing that the program does."""

    def visit_Compare(self, node: ast.Compare) -> None:
        for place in range(len(node.ops)):

            def change(other: ast.expr, place: int = place) -> None:
                assert isinstance(other, ast.Compare)
                other.ops[place] = TURNED[type(other.ops[place])]()

            self.replace(node, change)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        def change(other: ast.expr) -> None:
            assert isinstance(other, ast.BoolOp)
            other.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()

        self.replace(node, change)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self.add(node, f"({ast.unparse(node.operand)})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = (ast.JoinedStr, ast.List, ast.Tuple)
        plain = not any(
            isinstance(side, texts) or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes))
            for side in (node.left, node.right)
        )
        if isinstance(node.op, ast.Add | ast.Sub) and plain:

            def change(other: ast.expr) -> None:
                assert isinstance(other, ast.BinOp)
                other.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()

            self.replace(node, change)
        self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        limit = isinstance(node.upper, ast.Constant) and isinstance(node.upper.value, int) and node.upper.value > 20
        for part in (node.lower, None if limit else node.upper, node.step):
            if part is not None:
                self.visit(part)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self.add(node, repr(not node.value))
        elif isinstance(node.value, int | float):
            self.add(node, repr(node.value + 1))

    def visit_Return(self, node: ast.Return) -> None:
        value = node.value
        if value is not None and not isinstance(value, ast.Constant):
            kind = self.returns[-1].partition("[")[0] if self.returns else ""
            empty = EMPTY.get(kind, "None")
            changed = f"not ({ast.unparse(value)})" if kind == "bool" else empty
            plain_bool = kind == "bool" and isinstance(value, ast.Compare | ast.UnaryOp)
            if ast.unparse(value) not in {empty, "None"} and not plain_bool:
                self.add(value, changed)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call):
            self.add(node, "pass")
            self.generic_visit(node)
        elif not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.add(node, "pass")
        self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        self.add(node, "pass")
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self.add(node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self.add(node, "pass")
