"""The Jinja environment of themes: sandboxed, strict, with bounds on what templates make, and lines for mistakes."""

from __future__ import annotations

import contextlib
import functools
import io
import re
import traceback
from collections.abc import Callable
from types import BuiltinMethodType, GeneratorType
from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from digest import worker
from digest.errors import LimitError
from digest.render import delimiters, richtext
from digest.text import NO_TEXT, RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import CodeType

    from jinja2.runtime import Context

# A real issue of 400 abstracts is a document of 4 million characters. Its longest text has some thousands.
LONGEST: Final = 10_000_000  # characters of a text, or parts of a list, that one operation may make
DOCUMENT: Final = 100_000_000  # characters of a document
WIDEST: Final = 100_000  # characters to which a text is filled up, and decimal digits of a number
DEEPEST: Final = 100  # levels of an expression or of blocks inside blocks

_FILL: Final = frozenset({"center", "expandtabs", "indent", "ljust", "rjust", "zfill", "batch", "slice", "tojson"})
_WIDTH: Final = re.compile(r"\d{6,}")
_HAS_BODY: Final = frozenset({"autoescape", "block", "call", "filter", "for", "if", "macro", "set", "with"})


class TooMuchError(jinja2.TemplateRuntimeError):
    """A template asks for more than any page needs.

    Attributes:
        before: what the line that is found prints before it; where that is text of the template, it has lines as well.
    """

    before = ""


class NoTextError(TooMuchError):
    """A template prints a character that no document may hold."""


class _WithLines(CodeGenerator):
    """Code that knows the line of each piece of a template's text, not of its tags alone, and asks for slices."""

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:  # noqa: N802 - so it is called
        self.newline(node.nodes[0] if node.nodes else node)
        super().visit_Output(node, frame)

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802 - so it is called
        """A slice is asked for as every other part of a value: Jinja would leave it to Python."""
        if not isinstance(node.arg, nodes.Slice):
            return super().visit_Getitem(node, frame)
        self.write("environment.getitem(")
        self.visit(node.node, frame)
        self.write(", slice(")
        for part in (node.arg.start, node.arg.stop, node.arg.step):
            self.visit(part or nodes.Const(None), frame)
            self.write(", ")
        self.write("))")
        return None


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates see what they are given, undefined names are errors, and no operation makes more than its bound."""

    code_generator_class = _WithLines
    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as Jinja has them
        super().__init__(
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            **options,
        )
        self.filters = {
            name: _bounded(name, richtext.as_filter(name, function)) for name, function in self.filters.items()
        }
        del self.globals["lipsum"]  # other words each time: pages would never be the same

    # -- what expressions may make -------------------------------------------------------------------------------------

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - any values
        """What an operator gives, unless that is too large."""
        if operator == "%":
            if isinstance(left, str):
                _require_narrow("%", left, right if isinstance(right, tuple) else (right,))
        elif operator == "+" and (both := richtext.added(left, right)) is not None:
            return both
        elif _size_after(operator, left, right) > LONGEST:
            raise TooMuchError(f"“{operator}” makes more than {LONGEST:,} characters, parts or digits here")
        return super().call_binop(context, operator, left, right)

    def getitem(self, obj: Any, argument: Any) -> Any:  # noqa: ANN401 - any values
        """A part of a value; of rich text as of other texts."""
        if isinstance(obj, RichText) and isinstance(argument, int | slice):
            try:
                return richtext.item(obj, argument)
            except LookupError:
                return self.undefined(obj=obj, name=str(argument))
        return super().getitem(obj, argument)

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - any values
        """A field of a value; rich text has the methods of its plain text."""
        if isinstance(obj, Struct) and attribute in _fields_of(type(obj)):
            value = getattr(obj, attribute)
            if not callable(value):
                return value  # what Jinja would give after a dozen questions, which are about functions and the like
        rich = isinstance(obj, RichText) and not hasattr(obj, attribute) and hasattr("", attribute)
        return super().getattr(obj.plain if rich else obj, attribute)

    def call(self, context: Context, called: Any, /, *args: Any, **values: Any) -> Any:  # noqa: ANN401 - any values
        """What a function gives, unless that is too large."""
        if isinstance(called, BuiltinMethodType) and isinstance(called.__self__, str):
            _require_narrow(called.__name__, called.__self__, (*args, *values.values()))
        elif getattr(called, "__name__", "") in {"format", "format_map"}:
            _require_narrow("format", _formatted(called), (*args, *values.values()))
        given = super().call(context, called, *args, **values)
        _require_short(getattr(called, "__name__", "this"), given)
        return given

    # -- mistakes in their text ----------------------------------------------------------------------------------------

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        with _blamed(name, filename):
            try:
                tree = super()._parse(source, name, filename)
            except jinja2.TemplateSyntaxError as error:
                raise _as_it_was_meant(self, source, error) from None
            _require_flat(tree, name, filename)
            return tree

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        with _blamed(name, filename):
            return super()._generate(source, name, filename, defer_init)

    def _compile(self, source: str, filename: str) -> CodeType:
        try:
            return super()._compile(source, filename)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = _line(source, getattr(error, "lineno", None) or 0)
            raise jinja2.TemplateSyntaxError(_too_deep(error), line, None, filename) from None


def _line(code: str, made: int) -> int:
    """The line of a template that a line of its code in Python was made of."""
    lines = re.search(r"^debug_info = '([\d=&]*)'$", code, re.MULTILINE)
    pairs = (pair.split("=") for pair in (lines[1].split("&") if lines and lines[1] else ()))
    return next((int(line) for line, at in reversed([*pairs]) if int(at) <= made), 1)


def line_of(path: Path, made: int) -> int:
    """The line of a template in a file that a line of its code in Python was made of; 0 where it cannot be known."""
    try:
        text = path.read_text(encoding="utf-8")
        environment = Sandbox()
        environment.filters["as_is"] = str  # every name is asked for when code is made
        return _line(environment.compile(text, None, str(path), raw=True), made)
    except (OSError, ValueError, jinja2.TemplateError):
        return 0


worker.look_lines_up_with(line_of)  # it ends what does not come back, and knows nothing of templates


@functools.cache
def _fields_of(kind: type[Struct]) -> frozenset[str]:
    """The fields of a value that templates may see."""
    return frozenset(name for name in kind.__struct_fields__ if not name.startswith("_"))


Fault = Callable[[str], tuple[int, str] | None]  # of a text: where something may not be printed, and why


def no_fault(_text: str) -> None:
    """There is nothing to find."""


def draw(template: jinja2.Template, values: Mapping[str, Any], fault: Fault = no_fault) -> str:
    """What a template prints.

    Args:
        template: a template of a `Sandbox`.
        values: what it sees.
        fault: finds what may not be printed.

    Raises:
        TooMuchError: it prints more than `DOCUMENT` characters, or what `fault` found; raised at the line that does.
        NoTextError: it prints what no document may hold; raised at that line.
        Exception: whatever happens in the template.
    """
    pieces = io.StringIO()  # a list of a million short ones takes sixty times as much memory
    size = 0
    for piece in (parts := template.generate(values)):
        pieces.write(piece)
        size += len(piece)
        if size > DOCUMENT:
            _throw(template, parts, TooMuchError(f"the document has more than {DOCUMENT:,} characters here"))
    text = pieces.getvalue()
    found: tuple[int, TooMuchError] | None = None
    if bad := NO_TEXT.search(text):
        message = f"the control character U+{ord(bad[0]):04X} is in the text that this prints"
        found = bad.start(), NoTextError(message)
    elif odd := fault(text):
        found = odd[0], TooMuchError(odd[1])
    if found:  # rare: drawn again, up to the piece that has it
        size = 0
        for piece in (parts := template.generate(values)):
            size += len(piece)
            if size > found[0]:
                found[1].before = piece[: found[0] - size + len(piece)]
                _throw(template, parts, found[1])
        raise found[1]
    return text


def _throw(template: jinja2.Template, parts: Iterator[str], error: Exception) -> None:
    """Raises an error where the innermost of the templates is that take turns; an included one has its own loop."""
    inner: Any = parts
    while isinstance(inner, GeneratorType):
        found = inner.gi_yieldfrom or (inner.gi_frame.f_locals.get("gen") if inner.gi_frame else None)
        if not isinstance(found, GeneratorType) or found.gi_frame is None:
            break
        inner = found
    try:
        inner.throw(error)
    except Exception:  # noqa: BLE001 - it is raised again
        template.environment.handle_exception()  # with the lines of templates in the place of those of their code


# -- sizes -------------------------------------------------------------------------------------------------------------


def _size_after(operator: str, left: Any, right: Any) -> int:  # noqa: ANN401 - any values
    """How many characters, parts or digits an operator makes, at most; 0 where that is not known."""
    if isinstance(left, int) and isinstance(right, int):
        bits = {"*": left.bit_length() + right.bit_length(), "**": left.bit_length() * max(right, 0)}.get(operator, 0)
        return bits * LONGEST // (WIDEST * 3)  # three bits are a digit
    if operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
        return len(left) + len(right)
    if operator == "*":
        many, times = (left, right) if isinstance(right, int) else (right, left)
        return len(many) * times if isinstance(times, int) and isinstance(many, str | list | tuple) else 0
    return 0


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter of Jinja that fills nothing up without end, and gives no text without end."""

    @functools.wraps(function)  # keeps the marks by which Jinja gives it the environment
    def bounded(*args: Any, **values: Any) -> Any:  # noqa: ANN401 - whatever the filter takes
        at = next((n for n, value in enumerate(args) if not isinstance(value, Sandbox | jinja2.runtime.Context)), 0)
        subject = args[at] if at < len(args) else ""
        _require_narrow(name, subject if isinstance(subject, str) else "", (*args[at + 1 :], *values.values()))
        given = function(*args, **values)
        _require_short(name, given)
        return given

    return bounded


def _require_narrow(name: str, text: str, values: tuple[Any, ...]) -> None:
    numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
    wide = [number for number in numbers if number > WIDEST]
    if name in _FILL and wide:
        raise TooMuchError(f"“{name}” takes a number up to {WIDEST:,} here, found {wide[0]:,}")
    if name in {"%", "format", "format_map"} and (_WIDTH.search(text) or (wide and re.search(r"\*|\{[^}]*\{", text))):
        raise TooMuchError(f"a text is not filled up to more than {WIDEST:,} characters here")


def _require_short(name: str, given: Any) -> None:  # noqa: ANN401 - any value
    if isinstance(given, str | list | tuple) and len(given) > LONGEST:
        raise TooMuchError(f"“{name}” makes more than {LONGEST:,} characters or parts here")


def _formatted(wrapper: Any) -> str:  # noqa: ANN401 - a function
    """The text whose `format` Jinja's sandbox has put into a function."""
    cells = (cell.cell_contents for cell in getattr(wrapper, "__closure__", None) or ())
    return next((cell for cell in cells if isinstance(cell, str)), "")


# -- lines -------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _blamed(name: str | None, filename: str | None) -> Iterator[None]:
    """Whatever a template makes of Jinja's parser and compiler is a mistake in it, at the line they had reached."""
    try:
        yield
    except (jinja2.TemplateError, LimitError):
        raise
    except Exception as error:  # noqa: BLE001 - foreign text in a library's recursive code
        line = 1
        for frame, _ in traceback.walk_tb(error.__traceback__):
            node, parser = frame.f_locals.get("node"), frame.f_locals.get("self")
            if isinstance(node, nodes.Node):
                line = node.lineno or line
            elif isinstance(parser, Parser):
                line = parser.stream.current.lineno
        raise jinja2.TemplateSyntaxError(_too_deep(error), line, name, filename) from None


def _too_deep(error: BaseException) -> str:
    if isinstance(error, RecursionError | MemoryError | SyntaxError):
        return "blocks, brackets or operators are nested too deeply here"
    return f"this is not a template: {error}"


def _require_flat(tree: nodes.Template, name: str | None, filename: str | None) -> None:
    """Refuses what is nested more deeply than whoever walks through it later can follow."""
    level: list[nodes.Node] = [tree]
    depth = 0
    while level:
        if depth > DEEPEST:
            raise jinja2.TemplateSyntaxError(
                "blocks, brackets or operators are nested too deeply here", level[0].lineno, name, filename
            )
        level, depth = [child for node in level for child in node.iter_child_nodes()], depth + 1


def _as_it_was_meant(
    environment: jinja2.Environment, source: str, error: jinja2.TemplateSyntaxError
) -> jinja2.TemplateSyntaxError:
    """The same mistake, or the tag before it that is not closed as it was opened and leads to it."""
    for line, message in (*delimiters.unclosed(source), *delimiters.printed(source)):
        return jinja2.TemplateSyntaxError(message, line, error.name, error.filename)
    return _where_it_opens(environment, source, error)


def _where_it_opens(
    environment: jinja2.Environment, source: str, error: jinja2.TemplateSyntaxError
) -> jinja2.TemplateSyntaxError:
    """The same mistake; a block that is never closed is reported on the line that opens it."""
    message = error.message or "this is not a template"
    if "innermost block" not in message and not message.startswith("Unexpected end of template"):
        return error
    opened = _open_blocks(environment, source, error.lineno)
    if not opened:
        return error
    line, tag = opened[-1]
    end = re.search(r"unknown tag 'end(\w+)'", message)
    ends_another = end is not None and any(name == end[1] for _, name in opened[:-1])
    if message.startswith("Unexpected end of template") or ends_another:
        where = f" before line {error.lineno}" if ends_another else ""
        message = f"the “{tag}” that begins here is never closed; a tag “{{% end{tag} %}}” is missing{where}"
        return jinja2.TemplateSyntaxError(message, line, error.name, error.filename)
    message = f"{message} It begins on line {line}."
    return jinja2.TemplateSyntaxError(message, error.lineno, error.name, error.filename)


def _open_blocks(environment: jinja2.Environment, source: str, until: int) -> list[tuple[int, str]]:
    """Line and name of each block that is open before the tag that ends on a line."""
    opened: list[tuple[int, str]] = []
    tag: list[tuple[int, str, str]] = []
    inside = False
    for line, kind, value in environment.lexer.tokeniter(source, None):
        if kind == "block_begin":
            tag, inside = [], True
        elif kind == "block_end" and inside:
            inside = False
            names = [(at, text) for at, what, text in tag if what == "name"]
            if not names:
                continue
            at, word = names[0]
            if word.startswith("end"):
                if at >= until and (not opened or opened[-1][1] != word[3:]):
                    break
                del opened[-1:]
            elif word in _HAS_BODY and not (word == "set" and any(text == "=" for _, _, text in tag)):
                opened.append((at, word))
        elif inside and kind != "whitespace":
            tag.append((line, kind, value))
    return opened
