"""One check of a theme's templates: the problems found and the templates read so far, and how much was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jinja2 import TemplateSyntaxError, nodes

from digest.errors import Problem, TemplateError, did_you_mean
from digest.render import contract, delimiters
from digest.render.check.lost import lost_values
from digest.render.check.scopes import Scope, Template, TooLargeError
from digest.render.check.types import ANY, TEXT, Fields, Function, Plain, Type, type_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import jinja2

    from digest.errors import Level
    from digest.render.theme import Theme
    from digest.render.words import Words

WARNINGS: Final = frozenset(
    {"may-be-missing", "never-there", "not-text", "lost-output", "unknown-block", "missing-charset", "missing-font"}
)
MOST_STEPS: Final = 100_000  # nodes that are looked at; the whole of `highlights` takes 3,100
DEEPEST: Final = 60  # templates, blocks and macros inside each other


class Checker:
    """One check of a theme's templates: problems gather while templates are walked.

    The modules of this folder add to it, each what it knows: fields, conditions, filters, calls, expressions and
    whole templates. They call each other back, because an expression may call a macro, which is a piece of a template.
    """

    def __init__(self, theme: Theme, words: Words) -> None:
        self.theme, self.words = theme, words
        self.environment: jinja2.Environment = theme.environment()
        self.problems: dict[tuple[str, int, str, str], Problem] = {}
        self.templates: dict[Path, Template | None] = {}
        self.macros: list[tuple[nodes.Macro | nodes.CallBlock, Scope]] = []
        self.done: dict[Any, Type] = {}
        self.steps = self.depth = self.quiet = 0
        self.open_ended = False  # whether an include may mean a template that is not known
        self._lost: dict[Path, dict[tuple[str, int], str]] = {}
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
        }

    # -- what modules further out know

    def expression(self, node: nodes.Node, scope: Scope, *, gently: bool = False, caller: bool = False) -> Type:
        """The types of an expression (`ExpressionChecks`)."""
        raise NotImplementedError

    def block(self, name: str, scope: Scope, number: int = 0) -> Type:
        """Walks a block (`TemplateChecks`)."""
        raise NotImplementedError

    def macro(self, number: int, given: Sequence[Type], named: Mapping[str, Type]) -> Type:
        """Walks a macro with what it is given (`TemplateChecks`)."""
        raise NotImplementedError

    # -- problems

    def report(self, code: str, message: str, scope: Scope, line: int) -> None:
        """Keeps a problem once; nothing is kept while `quiet`."""
        if self.quiet:
            return
        level: Level = "warning" if code in WARNINGS else "error"
        file = scope.template.shown
        self.problems.setdefault(
            (file, line, code, message), Problem(level=level, code=code, message=message, file=file, line=line)
        )

    # -- files

    def load(self, name: str) -> Template | None:
        """The template of this name; nothing where it is missing, or is broken, which is reported."""
        path = self.theme.find(name)
        if path is None:
            return None
        if path not in self.templates:
            shown = self.theme.shown(path)
            self.templates[path] = None
            text = ""
            try:
                text = self.theme.text(path)
                tree = self.environment.parse(text, name, str(path))
                self.templates[path] = Template(name, path, shown, tree)
            except TemplateError as error:
                problem = error.problem
                self.problems[shown, problem.line or 1, problem.code, problem.message] = problem
            except TemplateSyntaxError as error:
                self.broken(shown, error.lineno, error.message or "this is not a template")
                for line, message in (*delimiters.unclosed(text), *delimiters.printed(text)):
                    self.broken(shown, line, message)
        return self.templates[path]

    def lost(self, template: Template) -> dict[tuple[str, int], str]:
        """What to say of each name that is used on a line where what a loop gave it is gone."""
        if template.path not in self._lost:
            lost = (one for one in lost_values(template.tree) if not one.before)
            self._lost[template.path] = {
                (one.name, one.used): f"“{one.name}” is not defined here: {one.message}" for one in lost
            }
        return self._lost[template.path]

    def broken(self, shown: str, line: int, message: str) -> None:
        """Keeps a problem of a template that cannot be parsed."""
        self.problems[shown, line, "template-syntax", message] = Problem(
            level="error", code="template-syntax", message=message, file=shown, line=line
        )

    def names_of_templates(self) -> list[str]:
        """The names of all templates, for “did you mean”."""
        return [path.relative_to(root).as_posix() for root in self.theme.roots for path in sorted(root.rglob("*.html"))]

    def missing(self, name: str, scope: Scope, line: int) -> None:
        """Reports a template that is not there."""
        if self.theme.find(name) is None:
            near = did_you_mean(name, self.names_of_templates())
            self.report("template-missing", f"there is no template “{name}”{near}", scope, line)

    def step(self) -> None:
        """Counts a node that is looked at; ends the check when there are too many."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooLargeError
