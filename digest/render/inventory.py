"""What a theme is made of: its files by name, which of them wins, and the blocks and variables of its templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from jinja2 import TemplateSyntaxError, nodes

from digest.errors import Problem, TemplateError

if TYPE_CHECKING:
    from pathlib import Path

    from digest.render.theme import Theme

_LONGEST: Final = 60  # templates that extend each other


class ThemeFile(msgspec.Struct, frozen=True, kw_only=True):
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


def files(theme: Theme) -> tuple[ThemeFile, ...]:
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
        places = tuple(theme.shown(path) for path in candidates)
        blocks: tuple[str, ...] = ()
        variables: tuple[str, ...] = ()
        includes: tuple[str, ...] = ()
        if name.endswith(".html"):
            try:
                tree = environment.parse(theme.text(candidates[0]))
            except (TemplateSyntaxError, TemplateError):
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
        found.append(
            ThemeFile(name=name, files=places, blocks=blocks, variables=tuple(sorted(variables)), includes=includes)
        )
    return tuple(found)


def blocks(theme: Theme, path: Path) -> tuple[str, ...]:
    """The blocks of a template, those of the templates that it extends as well; none where it is not a template.

    Raises:
        TemplateError: it is broken.
    """
    if path.suffix != ".html":
        return ()
    environment = theme.environment()
    found: dict[str, None] = {}
    at: Path | None = path
    for _ in range(_LONGEST):
        if at is None:
            break
        try:
            tree = environment.parse(theme.text(at))
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
