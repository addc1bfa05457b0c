"""Themes and the editor's overrides: which file wins for a name, which options are set, templates in a sandbox."""

from __future__ import annotations

import base64
import re
import traceback
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import jinja2
import msgspec
import tinycss2
import tinycss2.color4
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digest import memo, picture, resources, strict
from digest.errors import DigestError, LimitError, Problem, ProjectError, TemplateError, did_you_mean, not_utf8
from digest.model import RelativePath
from digest.render.words import UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from types import CodeType

THEME_NAME: Final = r"^[a-z][a-z0-9-]{0,40}$"
MEDIA: Final = {**picture.MEDIA, ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf"}


class Option(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something about a theme that ``digest.yaml`` may set, as ``theme.yaml`` declares it.

    Attributes:
        type: what its value is: ``color`` and ``length`` as in CSS, ``paper`` (a size of sheets), ``font`` (a family),
            ``integer``, ``boolean``, ``choice`` (one of `choices`), ``text``.
        default: its value where nobody sets it.
        description: what it changes, in one sentence.
        choices: the values of a ``choice``.
        minimum: the least value of an ``integer``.
        maximum: the greatest value of an ``integer``.
    """

    type: Literal["boolean", "choice", "color", "font", "integer", "length", "paper", "text"]
    default: str
    description: str
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 1000

    def parse(self, text: str) -> OptionValue:
        """The value that a person typed.

        Raises:
            ValueError: it is none for this option; the message says what one would be.
        """
        text = text.strip()
        match self.type:
            case "boolean":
                if text.lower() not in _BOOLEANS:
                    raise ValueError("expected true or false")
                return _BOOLEANS[text.lower()]
            case "integer":
                if not re.fullmatch(r"\d{1,6}", text) or not self.minimum <= int(text) <= self.maximum:
                    raise ValueError(f"expected a number from {self.minimum} to {self.maximum}")
                return int(text)
            case "color":
                if tinycss2.color4.parse_color(text) in (None, "currentcolor"):
                    raise ValueError("expected a colour of CSS, such as “#0b4f5c” (in quotation marks) or teal")
            case "length":
                if not re.fullmatch(r"\d{1,4}(?:\.\d{1,3})?(?:mm|cm|in|pt|pc|px|em|rem|%)|0", text):
                    raise ValueError("expected a length of CSS, such as 4mm or 12pt")
            case "font":
                if not re.fullmatch(r"[\w .+-]{1,80}", text):
                    raise ValueError("expected the name of one font family, such as Source Serif 4")
            case "paper" | "choice":
                known = tuple(PAPERS) if self.type == "paper" else self.choices
                if text not in known:
                    raise ValueError(f"expected one of {', '.join(known)}{did_you_mean(text, known)}")
        return text


OptionValue = str | int | bool
_BOOLEANS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
# Width and height (CSS Paged Media Module Level 3, 7.1).
PAPERS: Final = {
    "A5": ("148mm", "210mm"),
    "B5": ("176mm", "250mm"),
    "A4": ("210mm", "297mm"),
    "Letter": ("8.5in", "11in"),
    "Legal": ("8.5in", "14in"),
}
Format = Literal["html", "pdf", "text"]


class ThemeFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A theme as its ``theme.yaml`` tells it. What it does not say is as in the theme that it extends.

    Attributes:
        title: name for people.
        description: what it is for, in one sentence.
        extends: the theme whose files are used where this one has none.
        formats: what it makes of an issue.
        inline: its HTML is an e-mail: styles stand in the elements, and pictures are not inside.
        screen: stylesheets of the HTML file, in order.
        print: stylesheets of the PDF, in order.
        options: what ``digest.yaml`` may set under ``theme_options``, by name.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, title="some text")]
    description: str
    extends: Annotated[str, msgspec.Meta(pattern=THEME_NAME, title="the name of a theme")] | None = None
    formats: tuple[Format, ...] = ()
    inline: bool | None = None
    screen: tuple[RelativePath, ...] = ()
    print: tuple[RelativePath, ...] = ()
    options: dict[str, Option] = {}


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One theme of a chain in which each extends the next.

    Attributes:
        name: its name.
        folder: where its files are.
        file: its ``theme.yaml``.
    """

    name: str
    folder: Path
    file: ThemeFile


CUSTOM: Final = "css/custom.css"  # in overrides/: loaded behind the theme's own stylesheets, on screen and in print


class MissingAssetError(Exception):
    """A template asks for a file that is neither in the overrides nor in the theme."""


def themes(publication: Path | None) -> dict[str, Path]:
    """The folders of all themes by name: those of the program, then those in ``themes/`` of the publication.

    A theme of a publication that is called like one of the program is left out: the name means the program's.
    """
    own = publication / "themes" if publication else None
    places = [resources.folder("templates"), *([own] if own else [])]
    found: dict[str, Path] = {}
    for place in places:
        for path in sorted(place.glob("*/theme.yaml")):
            if re.fullmatch(THEME_NAME, path.parent.name):
                found.setdefault(path.parent.name, path.parent)
    return found


class _Compiled(jinja2.BytecodeCache):
    """Compiled templates by their text, for processes that make a page again and again."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.code is not None:
            if len(self.kept) >= 500:
                self.kept.clear()
            self.kept[bucket.key, bucket.checksum] = bucket.code


_COMPILED: Final = _Compiled()


class Theme:
    """The templates and assets of a theme, with the editor's overrides searched before them."""

    def __init__(self, name: str, publication: Path) -> None:
        """Finds the theme.

        Args:
            name: name of the theme.
            publication: folder of the publication; its ``overrides/`` and ``themes/`` need not exist.

        Raises:
            DigestError: there is no such theme.
            ProjectError: its ``theme.yaml``, or that of a theme which it extends, has mistakes.
        """
        self.name = name
        self.publication = publication.resolve()
        self.overrides = self.publication / "overrides"
        self.layers = tuple(self._chain(name))
        self.declared: Mapping[str, Option] = {
            option: declared for layer in reversed(self.layers) for option, declared in layer.file.options.items()
        }
        self.rewrite: Callable[[str, Path], str] | None = None  # changes the text of each template that is loaded
        self.options: Mapping[str, OptionValue] = {
            option: declared.parse(declared.default) for option, declared in self.declared.items()
        }

    def _chain(self, name: str) -> Iterator[Layer]:
        known = themes(self.publication)
        asked_by, seen, wanted = "digest.yaml", list[str](), name
        while wanted:
            if wanted not in known:
                raise DigestError(
                    f"there is no theme “{wanted}”{did_you_mean(wanted, known)}",
                    where=asked_by,
                    expected=f"one of {', '.join(known)}",
                )
            if wanted in seen:
                raise DigestError(f"the themes {', '.join(seen)} extend each other in a circle", where=asked_by)
            seen.append(wanted)
            path = known[wanted] / "theme.yaml"
            asked_by = self.shown(path)
            read = strict.read(strict.read_text(path, asked_by), ThemeFile, asked_by)
            mistakes = [*_mistaken_defaults(read)]
            if read.value is None or mistakes:
                raise ProjectError([*read.problems, *mistakes])
            yield Layer(name=wanted, folder=known[wanted].resolve(), file=read.value)
            wanted = read.value.extends or ""

    def set_options(self, values: Mapping[str, str], own: Theme) -> Iterator[tuple[str, str]]:
        """Sets options; gives the name of each that cannot be set, and why.

        Args:
            values: what ``digest.yaml`` says.
            own: the theme that it says it for. What that one has and this one lacks is left out.
        """
        options = dict(self.options)
        for name, text in values.items():
            if name not in self.declared:
                if name in own.declared:
                    continue
                known = ", ".join(self.declared) or "none"
                near = did_you_mean(name, self.declared)
                yield name, f"the theme {self.name} has no option “{name}”{near}; it has {known}"
                continue
            try:
                options[name] = self.declared[name].parse(text)
            except ValueError as error:
                yield name, f"“{text}” is no value of the option “{name}”; {error}"
        self.options = options

    @property
    def formats(self) -> tuple[Format, ...]:
        """What the theme makes of an issue."""
        return next((layer.file.formats for layer in self.layers if layer.file.formats), ("html", "pdf"))

    @property
    def inline(self) -> bool:
        """Whether the HTML of the theme is an e-mail."""
        return next((layer.file.inline for layer in self.layers if layer.file.inline is not None), False)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders whose files pages may use, the first one wins."""
        return (self.overrides, *(layer.folder for layer in self.layers))

    def shown(self, path: Path) -> str:
        """The name of a file of the publication or of a theme, as problems show it."""
        own = resources.folder("templates").resolve()
        resolved = path.resolve()
        if resolved.is_relative_to(self.publication):
            return resolved.relative_to(self.publication).as_posix()
        return f"templates/{resolved.relative_to(own).as_posix()}" if resolved.is_relative_to(own) else str(path)

    def candidates(self, name: str) -> tuple[Path, ...]:
        """The files that have this name, the one that wins first; none that leads out of its folder.

        ``highlights:issue.html`` is the file as the theme of that name has it, itself or from those that it extends,
        even where an override or a theme that extends it has the same name.
        """
        theme, colon, rest = name.partition(":")
        at = next((n for n, layer in enumerate(self.layers) if colon and layer.name == theme), None)
        roots, name = (self.roots, name) if at is None else (self.roots[at + 1 :], rest)
        paths = ((root, (root / name).resolve()) for root in roots)
        return tuple(path for root, path in paths if path.is_file() and path.is_relative_to(root.resolve()))

    def find(self, name: str) -> Path | None:
        """The file that wins for this name."""
        return next(iter(self.candidates(name)), None)

    def names(self) -> set[str]:
        """The names of all files of the theme and of those that it extends."""
        return {
            path.relative_to(layer.folder).as_posix()
            for layer in self.layers for path in layer.folder.rglob("*") if path.is_file()
        }  # fmt: skip

    def names_in_overrides(self, name: str) -> bool:
        """Whether a template or stylesheet of the editor's names this file or word."""
        kinds = {".html", ".css", ".txt"}
        own = [path for path in self.overrides.rglob("*") if path.suffix in kinds and path.name != name]
        return any(name in path.read_text(encoding="utf-8", errors="replace") for path in own)

    def stylesheets(self, medium: str) -> list[Path]:
        """The stylesheets for ``screen`` or ``print``, the editor's own last.

        Raises:
            DigestError: one is missing.
        """
        lists = ((layer, layer.file.print if medium == "print" else layer.file.screen) for layer in self.layers)
        layer, names = next(((layer, names) for layer, names in lists if names), (self.layers[0], ()))
        paths = []
        for name in names:
            if (path := self.find(name)) is None:
                raise DigestError(f"the stylesheet {name} is missing", where=self.shown(layer.folder / "theme.yaml"))
            paths.append(path)
        custom = self.find(CUSTOM)
        return [*paths, custom] if custom else paths

    @property
    def properties(self) -> Markup:
        """The options as a stylesheet that stands before all others: each is a custom property ``--option-NAME``."""
        properties: dict[str, str] = {}
        for name, value in self.options.items():
            key, type_ = f"--option-{name.replace('_', '-')}", self.declared[name].type
            if type_ == "font":
                properties[key] = f'"{value}"'
            elif type_ == "text":
                properties[key] = tinycss2.serializer.serialize_string_value(str(value)).join('""')
            elif type_ == "boolean":
                properties[key] = str(int(value))
            else:
                properties[key] = str(value)
            if type_ == "paper":
                properties[f"{key}-width"], properties[f"{key}-height"] = PAPERS[str(value)]
        lines = "".join(f"  {key}: {value};\n" for key, value in properties.items())
        # Values are checked by type, and a text is a string of CSS, in which "<\/" is the same as "</".
        return Markup("<style>\n:root {\n" + lines.replace("</", r"<\/") + "}\n</style>")  # noqa: S704 - see above

    def environment(self, **functions: Any) -> jinja2.Environment:  # noqa: ANN401 - functions for templates, tokens of tinycss2: both without a type of their own
        """A Jinja environment: sandboxed, immutable, escaping, and loud about undefined names."""
        environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FunctionLoader(self._load),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=_COMPILED,
        )
        environment.globals.update(functions, options=MappingProxyType(self.options))
        return environment

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        path = self.find(name)
        if path is None:
            return None
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise TemplateError(not_utf8(error, self.shown(path))) from None
        return self.rewrite(text, path) if self.rewrite else text, str(path), lambda: True

    def render(self, environment: jinja2.Environment, template: str, context: Mapping[str, Any]) -> str:
        """What a template gives.

        Args:
            environment: made by `environment`.
            template: its name.
            context: what it sees.

        Raises:
            TemplateError: it is broken, or asks for something that is not there.
        """
        return self._run(lambda: environment.get_template(template), template, context)

    def render_text(self, environment: jinja2.Environment, text: str, context: Mapping[str, Any]) -> str:
        """What a template of the program's own gives that stands in no file, such as one that extends ``issue.html``.

        Raises:
            TemplateError: a template that it uses is broken.
        """
        return self._run(lambda: environment.from_string(text), "issue.html", context)

    def _run(self, load: Callable[[], jinja2.Template], template: str, context: Mapping[str, Any]) -> str:
        try:
            return load().render(context)
        except jinja2.TemplateSyntaxError as error:
            raise self._error("template-syntax", error.message or "", error.filename, error.lineno) from error
        except jinja2.TemplateNotFound as error:
            known = [path.relative_to(root).as_posix() for root in self.roots for path in root.rglob("*.html")]
            message = f"there is no template “{error.message}”{did_you_mean(str(error.message), known)}"
            raise self._error("template-missing", message, *self._place(error)) from error
        except UnknownWordError as error:
            raise self._error("template-undefined", str(error), *self._place(error)) from error
        except MissingAssetError as error:
            raise self._error("missing-asset", str(error), *self._place(error)) from error
        except jinja2.TemplateRuntimeError as error:
            code = "template-undefined" if isinstance(error, jinja2.UndefinedError) else "template-error"
            message = (error.message or str(error)) + _near(error)
            raise self._error(code, message, *self._place(error)) from error
        except (LimitError, MemoryError) as error:
            file, line = self._place(error)
            if file is None:
                raise
            message = (
                f"{error.found}; look for a loop or a “repeat” without end here"
                if isinstance(error, LimitError)
                else "this takes more memory than there is; look for a loop or a text that becomes ever longer here"
            )
            raise self._error("template-limit", message, file, line) from None
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


def _mistaken_defaults(read: strict.Read[ThemeFile]) -> Iterator[Problem]:
    for name, option in (read.value.options if read.value else {}).items():
        try:
            option.parse(option.default)
        except ValueError as error:
            message = f"“{option.default}” is no value of the option “{name}”; {error}"
            yield read.problem("error", "value", message, "options", name, "default")


def data_uri(path: Path) -> str:
    """A file as an address that holds the file itself."""
    media = MEDIA.get(path.suffix.lower(), "application/octet-stream")
    return f"data:{media};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


# What a stylesheet became, with the state of the files that it was made of; kept where `memo.remember` was called.
_INLINED: Final[dict[Path, tuple[str, dict[Path, tuple[int, int]]]]] = {}


def _stamp(path: Path) -> tuple[int, int]:
    if not path.is_file():
        return 0, 0
    state = path.stat()
    return state.st_mtime_ns, state.st_size


def inline_stylesheets(paths: Sequence[Path], theme: Theme) -> tuple[Markup, list[Problem]]:
    """Stylesheets as ``<style>`` elements that need no other file; a problem for each address that leads elsewhere."""
    problems: list[Problem] = []
    parts = []
    for path in paths:
        kept = _INLINED.get(path) if memo.remembers() else None
        if kept and all(_stamp(file) == stamp for file, stamp in kept[1].items()):
            parts.append(kept[0])
            continue
        used = {path: _stamp(path)}
        before = len(problems)
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
            if (file := _addressed(address, path, theme)[0]) is not None:
                used[file] = _stamp(file)
            message = _replace(holder, address, path, theme)
            if message:
                problems.append(
                    Problem(level="error", code="css-address", message=message, file=theme.shown(path), line=line)
                )
        # "</" cannot stand in CSS but inside strings and comments, where "<\/" is the same string.
        parts.append("<style>\n" + tinycss2.serialize(tokens).replace("</", r"<\/") + "</style>")
        if memo.remembers() and len(problems) == before:
            _INLINED[path] = parts[-1], used
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
    path, message = _addressed(address, sheet, theme)
    if path is None:
        return message
    token.value = data_uri(path)
    token.representation = f'url("{token.value}")' if token.type == "url" else f'"{token.value}"'
    return ""


def _addressed(address: str, sheet: Path, theme: Theme) -> tuple[Path | None, str]:
    """The file to which an address in a stylesheet leads, or why it leads to none."""
    path = (sheet.parent / address.partition("#")[0].partition("?")[0]).resolve()
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", address) or not any(
        path.is_relative_to(root.resolve()) for root in theme.roots
    ):
        return (
            None,
            f"the address “{address}” leads out of the theme and the overrides; put the file beside the stylesheet",
        )
    return (path, "") if path.is_file() else (None, f"there is no file “{address}”")


def stylesheet_problems(paths: Sequence[Path], theme: Theme) -> Iterator[Problem]:
    """What keeps stylesheets from being read: their encoding, their syntax, addresses that lead nowhere."""
    for path in paths:
        shown = theme.shown(path)
        try:
            tokens = tinycss2.parse_stylesheet(path.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            yield not_utf8(error, shown)
            continue
        broken = [
            part
            for token in tokens
            for part in (token, *(token.prelude if token.type == "qualified-rule" else ()))
            if part.type == "error"
        ]
        for token in broken:
            message = f"this is no CSS here: {token.message}; look for a bracket or quote too many or too few"
            yield Problem(level="error", code="css-syntax", message=message, file=shown, line=token.source_line)
        for token, address, line in () if broken else _addresses(tokens):
            message = ""
            if token.type == "at-rule":
                message = _replace(token, address, path, theme)
            elif not address.startswith(("data:", "#")):
                message = _addressed(address, path, theme)[1]
            if message:
                yield Problem(level="error", code="css-address", message=message, file=shown, line=line)


GENERIC: Final = frozenset(
    {
        "serif",
        "sans-serif",
        "monospace",
        "cursive",
        "fantasy",
        "system-ui",
        "math",
        "emoji",
        "fangsong",
        "ui-serif",
        "ui-sans-serif",
        "ui-monospace",
        "ui-rounded",
        "inherit",
        "initial",
        "unset",
        "revert",
        "revert-layer",
    }
)


def font_families(paths: Sequence[Path]) -> Iterator[str]:
    """The families that stylesheets bring with ``@font-face``."""
    for path in paths:
        for token in _rules(path):
            if token.type == "at-rule" and token.lower_at_keyword == "font-face":
                for declaration in _declarations(token):
                    if declaration.lower_name == "font-family":
                        yield from _family_names(declaration.value)


def named_families(paths: Sequence[Path], theme: Theme) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """File, line and names of each list of font families that stylesheets for paper name, generic ones left out.

    A list in a custom property counts where ``font-family`` or ``font`` takes it by ``var()``.
    """
    lists: list[tuple[str, int, str, list[Any]]] = []
    for path in paths:
        for declaration in _printed(_rules(path)):
            name = declaration.lower_name
            value = declaration.value
            if name == "font":
                sizes = [
                    n for n, part in enumerate(value) if part.type in {"dimension", "percentage", "number"}
                    or (part.type == "ident" and part.lower_value in _SIZES)
                ]  # fmt: skip
                value = value[sizes[-1] + 1 :] if sizes else [part for part in value if part.type == "function"]
            lists.append(
                (theme.shown(path), declaration.source_line, declaration.name if name[:2] == "--" else name, value)
            )
    taken, before = {"font-family", "font"}, set[str]()
    while taken != before:
        before = set(taken)
        taken |= {used for _, _, name, value in lists if name in taken for used in _variables(value)}
    for file, line, name, value in lists:
        if name in taken and (names := tuple(n for n in _family_names(value) if n.lower() not in GENERIC)):
            yield file, line, names


_SIZES: Final = frozenset(
    ("xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large", "larger", "smaller")
)


def _rules(path: Path) -> list[Any]:
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    return list(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True))


def _declarations(rule: Any) -> list[Any]:  # noqa: ANN401 - functions for templates, tokens of tinycss2: both without a type of their own
    parts = tinycss2.parse_blocks_contents(rule.content or [], skip_comments=True, skip_whitespace=True)
    return [part for part in parts if part.type == "declaration"]


def _printed(rules: Sequence[Any], depth: int = 0) -> Iterator[Any]:
    """The declarations of the rules that hold on paper."""
    for rule in rules:
        if rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports", "layer"}:
            medium = tinycss2.serialize(rule.prelude).strip().lower()
            if rule.lower_at_keyword == "media" and re.match(r"(?:only\s+)?screen\b|not\s+print\b", medium):
                continue
            if rule.content is not None and depth < 20:
                inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
                yield from _printed(inner, depth + 1)
        elif rule.type == "qualified-rule" or (rule.type == "at-rule" and rule.lower_at_keyword == "page"):
            parts = tinycss2.parse_blocks_contents(rule.content or [], skip_comments=True, skip_whitespace=True)
            yield from (part for part in parts if part.type == "declaration")
            if depth < 20:
                yield from _printed([part for part in parts if part.type == "qualified-rule"], depth + 1)
                for part in parts:
                    if part.type == "at-rule" and part.content is not None:  # the boxes in the margins of @page
                        yield from _declarations(part)


def undeclared(paths: Sequence[Path], declared: str) -> Iterator[tuple[Path, int, str, Collection[str]]]:
    """File, line and name of each custom property that ``var()`` takes and neither sheets nor the text `declared` have.

    The names that there are come with it. One with a second value, as in ``var(--x, red)``, is left alone.
    """
    texts = {path: path.read_text(encoding="utf-8-sig", errors="replace") for path in paths}
    known = dict.fromkeys(n for text in (declared, *texts.values()) for n in re.findall(r"(--[\w-]+)\s*:", text))
    for path, text in texts.items():
        for part in _parts(tinycss2.parse_component_value_list(text, skip_comments=True)):
            if part.type == "function" and part.lower_name == "var":
                inner = [token for token in part.arguments if token.type not in {"whitespace", "comment"}]
                if len(inner) == 1 and inner[0].type == "ident" and inner[0].value not in known:
                    yield path, part.source_line, inner[0].value, known


def media(path: Path) -> Iterator[tuple[int, str]]:
    """Line and name of each medium that a stylesheet's ``@media`` rules name."""
    for rule in _rules(path):
        if rule.type == "at-rule" and rule.lower_at_keyword == "media":
            for part in rule.prelude:
                if part.type == "ident" and part.lower_value not in {"and", "or", "not", "only"}:
                    yield part.source_line, part.value


def _parts(tokens: Sequence[Any]) -> Iterator[Any]:
    """Tokens, and those inside of brackets and functions, at any depth."""
    stack = list(reversed(tokens))
    while stack:
        part = stack.pop()
        yield part
        inner = getattr(part, "content", None) or getattr(part, "arguments", None)
        stack.extend(reversed(inner or []))


def _variables(value: Sequence[Any]) -> Iterator[str]:
    for part in value:
        if part.type == "function" and part.lower_name == "var":
            yield from (inner.value for inner in part.arguments if inner.type == "ident")


def _family_names(value: Sequence[Any]) -> Iterator[str]:
    """Names between commas: a string, or words that are one name together."""
    words: list[str] = []
    for part in value:
        if part.type == "string":
            yield part.value
        elif part.type == "ident":
            words.append(part.value)
        elif part.type == "literal" and part.value == "," and words:
            yield " ".join(words)
            words = []
    if words:
        yield " ".join(words)
