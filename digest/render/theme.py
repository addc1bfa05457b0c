"""A theme and the editor's overrides: which file wins for a name, and templates that run in a sandbox."""

from __future__ import annotations

import base64
import re
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import jinja2
import msgspec
import tinycss2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digest import picture, resources, strict
from digest.errors import DigestError, Problem, ProjectError, TemplateError, did_you_mean, not_utf8
from digest.model import RelativePath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MEDIA: Final = {**picture.MEDIA, ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf"}


class ThemeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A theme as its ``theme.yaml`` tells it.

    Attributes:
        title: name for people.
        description: what it is for, in one sentence.
        screen: stylesheets of the HTML file, in order.
        print: stylesheets of the PDF, in order.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, title="some text")]
    description: str
    screen: tuple[RelativePath, ...]
    print: tuple[RelativePath, ...]


CUSTOM: Final = "css/custom.css"  # in overrides/: loaded behind the theme's own stylesheets, on screen and in print


class MissingAssetError(Exception):
    """A template asks for a file that is neither in the overrides nor in the theme."""


class Theme:
    """The templates and assets of a theme, with the editor's overrides searched before them."""

    def __init__(self, name: str, publication: Path) -> None:
        """Finds the theme.

        Args:
            name: name of the theme.
            publication: folder of the publication; its ``overrides/`` need not exist.

        Raises:
            DigestError: there is no such theme.
            ProjectError: its ``theme.yaml`` has mistakes.
        """
        themes = resources.folder("templates")
        known = sorted(path.parent.name for path in themes.glob("*/theme.yaml"))
        if name not in known:
            raise DigestError(
                f"there is no theme “{name}”{did_you_mean(name, known)}",
                where="digest.yaml",
                expected=f"one of {', '.join(known)}",
            )
        self.name = name
        self.folder = themes / name
        self.publication = publication.resolve()
        self.overrides = self.publication / "overrides"
        read = strict.read((self.folder / "theme.yaml").read_text(encoding="utf-8"), ThemeFile, f"{name}/theme.yaml")
        if read.value is None:
            raise ProjectError(read.problems)
        self.file = read.value

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders whose files pages may use, the first one wins."""
        return (self.overrides, self.folder)

    def shown(self, path: Path) -> str:
        """The name of a file of the publication or of the theme, as problems show it."""
        themes = self.folder.parent.resolve()
        resolved = path.resolve()
        if resolved.is_relative_to(self.publication):
            return resolved.relative_to(self.publication).as_posix()
        return f"templates/{resolved.relative_to(themes).as_posix()}" if resolved.is_relative_to(themes) else str(path)

    def find(self, name: str) -> Path | None:
        """The file that wins for this name; nothing when there is none, or when it leads out of its folder."""
        for root in self.roots:
            path = (root / name).resolve()
            if path.is_file() and path.is_relative_to(root.resolve()):
                return path
        return None

    def unused(self) -> Iterator[Problem]:
        """A warning for each template and stylesheet in the overrides that takes the place of nothing."""
        known = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()} | {
            CUSTOM
        }
        for path in sorted(self.overrides.rglob("*")):
            name = path.relative_to(self.overrides).as_posix()
            if path.suffix in {".html", ".css"} and name not in known and not self._is_named(path.name):
                near = did_you_mean(name, known)
                message = f"this file takes the place of nothing, because the theme has none of its name{near}"
                yield Problem(level="warning", code="unused-override", message=message, file=self.shown(path))

    def _is_named(self, name: str) -> bool:
        """Whether a template or stylesheet of the editor's names this file."""
        own = [path for path in self.overrides.rglob("*") if path.suffix in {".html", ".css"} and path.name != name]
        return any(name in path.read_text(encoding="utf-8", errors="replace") for path in own)

    def stylesheets(self, medium: str) -> list[Path]:
        """The stylesheets for ``screen`` or ``print``, the editor's own last.

        Raises:
            DigestError: one is missing.
        """
        names = self.file.print if medium == "print" else self.file.screen
        paths = []
        for name in names:
            if (path := self.find(name)) is None:
                raise DigestError(f"the stylesheet {name} is missing", where=f"{self.name}/theme.yaml")
            paths.append(path)
        custom = self.find(CUSTOM)
        return [*paths, custom] if custom else paths

    def environment(self, **functions: Any) -> jinja2.Environment:  # noqa: ANN401 - functions for templates, tokens of tinycss2: both without a type of their own
        """A Jinja environment: sandboxed, immutable, escaping, and loud about undefined names."""
        environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FunctionLoader(self._load),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.globals.update(functions)
        return environment

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        original = name.removeprefix(f"{self.name}:")
        # "highlights:issue.html" is the theme's own file, even where an override has the same name.
        path = self.find(name) if original == name else (self.folder / original).resolve()
        if path is None or not any(path.is_relative_to(root.resolve()) for root in self.roots) or not path.is_file():
            return None
        try:
            return path.read_text(encoding="utf-8-sig"), str(path), lambda: True
        except UnicodeDecodeError as error:
            raise TemplateError(not_utf8(error, self.shown(path))) from None

    def render(self, environment: jinja2.Environment, template: str, context: Mapping[str, Any]) -> str:
        """What a template gives.

        Args:
            environment: made by `environment`.
            template: its name.
            context: what it sees.

        Raises:
            TemplateError: it is broken, or asks for something that is not there.
        """
        try:
            return environment.get_template(template).render(context)
        except jinja2.TemplateSyntaxError as error:
            raise self._error("template-syntax", error.message or "", error.filename, error.lineno) from error
        except jinja2.TemplateNotFound as error:
            known = [path.relative_to(root).as_posix() for root in self.roots for path in root.rglob("*.html")]
            message = f"there is no template “{error.message}”{did_you_mean(str(error.message), known)}"
            raise self._error("template-missing", message, *self._place(error)) from error
        except MissingAssetError as error:
            raise self._error("missing-asset", str(error), *self._place(error)) from error
        except jinja2.TemplateRuntimeError as error:
            code = "template-undefined" if isinstance(error, jinja2.UndefinedError) else "template-error"
            message = (error.message or str(error)) + _near(error)
            raise self._error(code, message, *self._place(error)) from error
        except DigestError:
            raise
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            # Anything that an expression in a template can raise; from our own code it would show our own file.
            file, line = self._place(error)
            if file is None:
                raise
            message = f"{type(error).__name__}: {error}"
            if isinstance(error, RecursionError):
                message = (
                    f"templates use each other without end; the theme's own file is called “{self.name}:{template}”"
                )
            raise self._error("template-error", message, file, line) from error

    def _error(self, code: str, message: str, file: str | None, line: int | None) -> TemplateError:
        shown = self.shown(Path(file)) if file else ""
        return TemplateError(Problem(level="error", code=code, message=message, file=shown, line=line))

    def _place(self, error: BaseException) -> tuple[str | None, int | None]:
        """The innermost line of a template on the way to an error."""
        roots = tuple(str(root.resolve()) for root in self.roots)
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename.startswith(roots) and frame.filename.endswith((".html", ".txt", ".xml")):
                return frame.filename, frame.lineno
        return None, None


def _near(error: jinja2.TemplateRuntimeError) -> str:
    """The nearest field of the value that lacks one, when the message names both."""
    match = re.search(r"'([\w.]+)(?: object)?' has no attribute '(\w+)'", error.message or "")
    if not match:
        return ""
    from digest.render import context

    type_ = getattr(context, match[1].rpartition(".")[2], None)
    fields = [name for name in dir(type_) if not name.startswith("_")] if type_ else []
    return did_you_mean(match[2], fields)


def data_uri(path: Path) -> str:
    """A file as an address that holds the file itself."""
    media = MEDIA.get(path.suffix.lower(), "application/octet-stream")
    return f"data:{media};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def inline_stylesheets(paths: Sequence[Path], theme: Theme) -> tuple[Markup, list[Problem]]:
    """Stylesheets as ``<style>`` elements that need no other file; a problem for each address that leads elsewhere."""
    problems: list[Problem] = []
    parts = []
    for path in paths:
        try:
            tokens = tinycss2.parse_stylesheet(path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            problems.append(not_utf8(error, theme.shown(path)))
            continue
        if broken := [token for token in tokens if token.type == "error"]:
            message = f"this is no CSS here: {broken[0].message}; look for a bracket or quote too many or too few"
            problem = Problem(
                level="error", code="css-syntax", message=message, file=theme.shown(path), line=broken[0].source_line
            )
            problems.append(problem)
            continue
        for holder, address, line in _addresses(tokens):
            message = _replace(holder, address, path, theme)
            if message:
                problems.append(
                    Problem(level="error", code="css-address", message=message, file=theme.shown(path), line=line)
                )
        # "</" cannot stand in CSS but inside strings and comments, where "<\/" is the same string.
        parts.append("<style>\n" + tinycss2.serialize(tokens).replace("</", r"<\/") + "</style>")
    return Markup("\n".join(parts)), problems  # noqa: S704 - CSS cannot end the element, see above


_TAKE_ADDRESSES: Final = {"url", "src", "image", "image-set", "-webkit-image-set"}


def _addresses(tokens: Sequence[Any]) -> Iterator[tuple[Any, str, int]]:
    """Each token that holds an address, the address, and its line; ``@import`` included."""
    for token in tokens:
        if token.type == "url":
            yield token, token.value, token.source_line
        elif token.type == "function" and token.lower_name in _TAKE_ADDRESSES:
            yield from ((part, part.value, token.source_line) for part in token.arguments if part.type == "string")
        elif token.type == "at-rule" and token.lower_at_keyword == "import":
            yield token, "", token.source_line
        for part in ("prelude", "content", "arguments", "value"):
            inner = getattr(token, part, None)
            if isinstance(inner, list):
                yield from _addresses(inner)


def _replace(token: Any, address: str, sheet: Path, theme: Theme) -> str:  # noqa: ANN401 - functions for templates, tokens of tinycss2: both without a type of their own
    """Puts the file itself in the place of its address; a message when that cannot be."""
    if token.type == "at-rule":
        return "@import is not used here: put the rules into css/custom.css, or list the stylesheet in theme.yaml"
    if address.startswith(("data:", "#")):
        return ""
    path = (sheet.parent / address.partition("#")[0].partition("?")[0]).resolve()
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", address) or not any(
        path.is_relative_to(root.resolve()) for root in theme.roots
    ):
        return f"the address “{address}” leads out of the theme and the overrides; put the file beside the stylesheet"
    if not path.is_file():
        return f"there is no file “{address}”"
    token.value = data_uri(path)
    token.representation = f'url("{token.value}")' if token.type == "url" else f'"{token.value}"'
    return ""
