"""Themes and the editor's overrides: which file wins for a name, which options are set, templates in a sandbox."""

from __future__ import annotations

import contextlib
import re
import traceback
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import jinja2
import msgspec
from markupsafe import Markup

from digest import opening, resources, strict
from digest.errors import DigestError, FileNames, LimitError, Problem, ProjectError, TemplateError, did_you_mean
from digest.ownfields import undeclared
from digest.publication import RelativePath
from digest.render import sandbox, stylesheet, typesetting, wording
from digest.render.active import Permits, host_of
from digest.render.words import UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType

    from digest.ownfields import OwnField
    from digest.publication import Publication
    from digest.render.stylesheet import Stylesheet

THEME_NAME: Final = r"^[a-z][a-z0-9-]{0,40}$"


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
            ValueError: it is not a value of this option; the message says what one looks like.
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
                if not stylesheet.is_color(text):
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
Format = Literal["html", "pdf", "text", "site"]
Groups = Literal["sections", "tracks"]


class ThemeManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A theme as its ``theme.yaml`` describes it. What it leaves out is as in the theme that it extends.

    Attributes:
        title: name for people.
        description: what it is for, in one sentence.
        extends: the theme whose files are used where this one has none.
        formats: what it makes of an issue.
        inline: its HTML is an e-mail: styles are in the elements, and pictures are not inside.
        screen: stylesheets of the HTML file, in order.
        print: stylesheets of the PDF, in order.
        site: stylesheets of a site, which come after those of the HTML file.
        epub: stylesheets of an EPUB, in order.
        site_by: what the pages of a site that list abstracts are made of: ``sections`` of the issue, or ``tracks``.
        options: what ``digest.yaml`` may set under ``theme_options``, by name.
    """

    title: Annotated[str, msgspec.Meta(min_length=1, title="some text")]
    description: str = ""
    extends: Annotated[str, msgspec.Meta(pattern=THEME_NAME, title="the name of a theme")] | None = None
    formats: tuple[Format, ...] = ()
    inline: bool | None = None
    screen: tuple[RelativePath, ...] = ()
    print: tuple[RelativePath, ...] = ()
    site: tuple[RelativePath, ...] = ()
    epub: tuple[RelativePath, ...] = ()
    site_by: Groups | None = None
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
    file: ThemeManifest


SHARED: Final = "assets/"  # in a site: the folder of what its pages share
CUSTOM: Final = "css/custom.css"  # in overrides/: loaded after the theme's own stylesheets, on screen and in print
CUSTOM_EPUB: Final = "epub/custom.css"  # the same for an EPUB, whose readers know less of CSS


# Options that the program reads itself, where a theme declares them.
OPTIONS_OF_THE_PROGRAM: Final = frozenset(
    {
        "authors",
        "names",
        "most_authors",
        "dead_references",
        "web_address",
        "cover_address",
        "whole_sheets",
        "sheet_abstracts",
        "sheets_from",
    }
)


class MissingAssetError(Exception):
    """A template asks for a file that is neither in the overrides nor in the theme."""

    code = "missing-asset"


class UnusableAssetError(MissingAssetError):
    """A template asks for a picture or font that cannot be used."""

    code = "asset-type"


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
        self._sheets: dict[Path, Stylesheet] = {}
        self.permits = Permits()
        self.fields: tuple[OwnField, ...] = ()  # what templates see as `entry.fields` (`load_theme`)
        self.option_lines: Mapping[str, int | None] = {}  # of the options that ``digest.yaml`` sets
        self.options: Mapping[str, OptionValue] = {
            option: declared.parse(declared.default) for option, declared in self.declared.items()
        }

    def _chain(self, name: str) -> Iterator[Layer]:
        known = themes(self.publication)
        asked_by, seen = "", list[str]()
        wanted: str | None = name
        while wanted is not None:
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
            read = strict.read(strict.read_text(path, asked_by), ThemeManifest, asked_by)
            mistakes = [*_mistaken_defaults(read)]
            if read.value is None or mistakes:
                if read.rest and read.rest.extends and read.rest.extends not in known:
                    message = f"there is no theme “{read.rest.extends}”{did_you_mean(read.rest.extends, known)}"
                    mistakes.append(read.problem("error", "unknown-theme", message, "extends"))
                raise ProjectError([*read.problems, *mistakes])
            yield Layer(name=wanted, folder=known[wanted].resolve(), file=read.value)
            wanted = read.value.extends

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
                yield name, f"“{text}” is not a value of the option “{name}”; {error}"
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
    def site_by(self) -> Groups:
        """What the pages of a site that list abstracts are made of."""
        return next((layer.file.site_by for layer in self.layers if layer.file.site_by), "sections")

    def permit(self, publication: Publication) -> None:
        """Takes over what ``digest.yaml`` lets pages hold: scripts by name, for e-mail the hosts of its addresses."""
        addresses = (publication.url or "", *publication.theme_options.values())
        self.permits = Permits(
            scripts=frozenset(publication.allow_scripts), hosts=frozenset(filter(None, map(host_of, addresses)))
        )

    def permits_in(self, medium: str, *further: Path) -> Permits:
        """What pages for ``screen`` or ``print`` may hold.

        Args:
            medium: which of the two; ``site`` is a folder of pages for the screen, ``epub`` an e-book.
            further: folders outside the publication whose files it may show, such as that of the gallery.
        """
        if medium == "print":  # which of the files there, the fetcher decides
            folders = (f"{folder.resolve().as_uri()}/".lower() for folder in (self.publication, *further, *self.roots))
            return Permits(scripts=self.permits.scripts, begin=("data:", *folders))
        if medium == "site":
            return Permits(scripts=self.permits.scripts, begin=("data:", SHARED))
        if medium == "epub":  # which runs no scripts, whatever digest.yaml allows
            return Permits(begin=("data:", SHARED))
        return Permits(hosts=self.permits.hosts) if self.inline else Permits(scripts=self.permits.scripts)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders whose files pages may use, the first one wins."""
        return (self.overrides, *(layer.folder for layer in self.layers))

    @property
    def own_roots(self) -> tuple[Path, ...]:
        """Those of the folders that belong to the publication."""
        own = (layer.folder for layer in self.layers if layer.folder.is_relative_to(self.publication))
        return (self.overrides, *own)

    def shown(self, path: Path) -> str:
        """The name of a file of the publication or of a theme, as problems show it."""
        return self.naming(path)

    @property
    def naming(self) -> FileNames:
        """How files of the publication and of themes are called in problems."""
        own = resources.folder("templates").resolve()
        return FileNames(((str(self.publication), ""), (str(own), "templates/")))

    def text(self, path: Path) -> str:
        """The text of a file of the theme or the overrides.

        Raises:
            TemplateError: it is too large, not UTF-8 or cannot be read.
        """
        try:
            return strict.read_text(path, self.shown(path))
        except ProjectError as error:
            raise TemplateError(error.problems[0]) from None

    def candidates(self, name: str) -> tuple[Path, ...]:
        """The files that have this name, the one that wins first; none that leads out of its folder.

        ``highlights:issue.html`` is the file as the theme of that name has it, itself or from those that it extends,
        even where an override or a theme that extends it has the same name.
        """
        theme, colon, rest = name.partition(":")
        at = next((n for n, layer in enumerate(self.layers) if colon and layer.name == theme), None)
        roots, name = (self.roots, name) if at is None else (self.roots[at + 1 :], rest)
        return tuple(path for root in roots if (path := opening.inside(root, name)) is not None)

    def find(self, name: str) -> Path | None:
        """The file that wins for this name."""
        return next(iter(self.candidates(name)), None)

    def names(self) -> set[str]:
        """The names of all files of the theme and of those that it extends."""
        return {
            path.relative_to(layer.folder).as_posix()
            for layer in self.layers
            for path in layer.folder.rglob("*")
            if path.is_file()
        }

    def names_in_overrides(self, name: str) -> bool:
        """Whether a template or stylesheet of the editor's names this word."""
        for path in (path for path in self.overrides.rglob("*") if path.suffix in {".html", ".css", ".txt"}):
            with contextlib.suppress(TemplateError):  # reported where it is used
                if name in self.text(path):
                    return True
        return False

    def stylesheets(self, medium: str) -> list[Stylesheet]:
        """The stylesheets for ``screen``, ``print``, ``site`` or ``epub``, the editor's own last.

        Raises:
            DigestError: one is missing.
        """
        paths = []
        for kind in ("screen", "site") if medium == "site" else (medium,):
            lists = ((layer, getattr(layer.file, kind)) for layer in self.layers)
            layer, names = next(((layer, names) for layer, names in lists if names), (self.layers[0], ()))
            for name in names:
                if (path := self.find(name)) is None:
                    where = self.shown(layer.folder / "theme.yaml")
                    raise DigestError(f"the stylesheet {name} is missing", where=where)
                paths.append(path)
        custom = self.find(CUSTOM_EPUB if medium == "epub" else CUSTOM)
        return [self._stylesheet(path) for path in (*paths, *([custom] if custom else []))]

    def _stylesheet(self, path: Path) -> Stylesheet:
        """A stylesheet, parsed once as long as its file is the same."""
        sheet = self._sheets.get(path)
        if sheet is None or sheet.stamp != stylesheet.stamp(path):
            sheet = self._sheets[path] = stylesheet.read_stylesheet(path, self.shown(path), self.roots)
        return sheet

    @property
    def properties(self) -> Markup:
        """The options as a stylesheet that comes before all others: each is a custom property ``--option-NAME``."""
        properties: dict[str, str] = {}
        for name, value in self.options.items():
            key, type_ = f"--option-{name.replace('_', '-')}", self.declared[name].type
            if type_ == "font":
                properties[key] = f'"{value}"'
            elif type_ == "text":
                properties[key] = stylesheet.string(str(value))
            elif type_ == "boolean":
                properties[key] = str(int(value))
            else:
                properties[key] = str(value)
            if type_ == "paper":
                properties[f"{key}-width"], properties[f"{key}-height"] = PAPERS[str(value)]
        lines = "".join(f"  {key}: {value};\n" for key, value in properties.items())
        # Values are checked by type, and a text is a string of CSS, in which "<\/" is the same as "</".
        return Markup("<style>\n:root {\n" + lines.replace("</", r"<\/") + "}\n</style>")  # noqa: S704 - see above

    def environment(
        self,
        *,
        rewrite: Callable[[str, Path], str] | None = None,
        **functions: Any,  # noqa: ANN401 - functions of any signature
    ) -> jinja2.Environment:
        """A Jinja environment: sandboxed, immutable, escaping, and strict about undefined names.

        Args:
            rewrite: changes the text of each template before it is parsed; gets the text and the file.
            functions: what templates can use besides.
        """

        def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
            path = self.find(name)
            if path is None:
                return None
            text = self.text(path)
            return rewrite(text, path) if rewrite else text, str(path), lambda: True

        environment = sandbox.Sandbox(loader=jinja2.FunctionLoader(load), bytecode_cache=_COMPILED)
        environment.filters["as_is"] = typesetting.as_is
        environment.globals.update(functions, options=MappingProxyType(self.options))
        return environment

    def render(
        self,
        environment: jinja2.Environment,
        template: str,
        context: Mapping[str, Any],
        *,
        fault: sandbox.Fault = sandbox.no_fault,
    ) -> str:
        """What a template gives.

        Args:
            environment: made by `environment`.
            template: its name.
            context: what it sees.
            fault: finds what may not be printed; reported at the line of the template that prints it.

        Raises:
            TemplateError: it is broken, or asks for something that is not there.
        """
        return self._run(lambda: environment.get_template(template), template, context, fault)

    def render_text(
        self,
        environment: jinja2.Environment,
        text: str,
        context: Mapping[str, Any],
        *,
        fault: sandbox.Fault = sandbox.no_fault,
    ) -> str:
        """What a template prints that is in no file, such as one that extends ``issue.html``.

        Raises:
            TemplateError: a template that it uses is broken.
        """
        return self._run(lambda: environment.from_string(text), "issue.html", context, fault)

    def _run(
        self,
        load: Callable[[], jinja2.Template],
        template: str,
        context: Mapping[str, Any],
        fault: sandbox.Fault,
    ) -> str:
        try:
            return self._drawn(load, template, context, fault)
        except TemplateError as error:
            error.entries = _entries(error.__cause__ or error.__context__)
            raise

    def _drawn(
        self,
        load: Callable[[], jinja2.Template],
        template: str,
        context: Mapping[str, Any],
        fault: sandbox.Fault,
    ) -> str:
        try:
            return sandbox.draw(load(), context, fault)
        except jinja2.TemplateSyntaxError as error:
            raise self._error("template-syntax", wording.of_error(error), error.filename, error.lineno) from error
        except jinja2.TemplateNotFound as error:
            known = [path.relative_to(root).as_posix() for root in self.roots for path in root.rglob("*.html")]
            message = f"there is no template “{error.message}”{did_you_mean(str(error.message), known)}"
            raise self._error("template-missing", message, *self._place(error)) from error
        except UnknownWordError as error:
            raise self._error("template-undefined", str(error), *self._place(error)) from error
        except MissingAssetError as error:
            raise self._error(error.code, str(error), *self._place(error)) from error
        except jinja2.TemplateRuntimeError as error:
            code = _CODES.get(type(error), "template-error")
            message = self._no_such_field(error) or wording.of_error(error)
            file, line = self._place(error)
            if file and line and (before := getattr(error, "before", "")) and before in self.text(Path(file)):
                line += before.count("\n")
            raise self._error(code, message, file, line) from error
        except (LimitError, MemoryError) as error:
            file, line = self._place(error)
            if file is None:
                raise
            message = (
                f"{error.found}; look for a loop or a “repeat” without end here"
                if isinstance(error, LimitError)
                else "this takes more memory than there is; look for a loop or a text that keeps growing here"
            )
            raise self._error("template-limit", message, file, line) from None
        except DigestError:
            raise
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
            # Anything that an expression in a template can raise; from our own code it would show our own file.
            file, line = self._place(error)
            if file is None:
                raise
            message = wording.of_error(error)
            if isinstance(error, RecursionError):
                message = f"templates use each other endlessly; the theme's own file is called “{self.name}:{template}”"
            raise self._error("template-error", message, file, line) from error

    def _no_such_field(self, error: jinja2.TemplateRuntimeError) -> str:
        """The message where an own field is missing; empty where something else is."""
        match = re.search(r"OwnValues object' has no attribute '(\w+)'", error.message or "")
        return undeclared(self.fields, match[1]) if match else ""

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


def _entries(error: BaseException | None) -> tuple[str, ...]:
    """The id of the entry that a template was printing; empty where it was printing something else."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__ if error else None)]
    found = (getattr(frame.f_locals.get("entry"), "id", None) for frame in reversed(frames))
    return next(((name,) for name in found if isinstance(name, str)), ())


_CODES: Final[Mapping[type[Exception], str]] = {
    jinja2.UndefinedError: "template-undefined",
    sandbox.NoTextError: "control-character",
    sandbox.TooMuchError: "template-limit",
}


def load_theme(read: strict.Read[Publication], root: Path, name: str | None = None) -> Theme:
    """The theme of a publication, or the one that is named, with its options set.

    What ``theme_options`` sets for the publication's own theme is set in another one where that has it as well.

    Args:
        read: ``digest.yaml`` as it was read without errors.
        root: folder of the publication.
        name: another theme than the one that ``digest.yaml`` names.

    Raises:
        DigestError: there is no theme of that name.
        ProjectError: ``digest.yaml`` names no theme, a theme has mistakes, or an option is set that it does not have.
    """
    publication = read.value
    assert publication is not None
    with read.blamed("unknown-theme", "theme"):
        theme = own = Theme(publication.theme, root)
    if name is not None and name != own.name:
        theme = Theme(name, root)
    theme.permit(publication)
    theme.fields = publication.fields
    theme.option_lines = {
        name: read.problem("note", "theme-option", "", "theme_options", name).line
        for name in publication.theme_options
        if theme.name == own.name and name in theme.declared
    }
    if mistakes := [
        read.problem("error", "theme-option", message, "theme_options", key)
        for key, message in theme.set_options(publication.theme_options, own)
    ]:
        raise ProjectError(mistakes)
    return theme


def _mistaken_defaults(read: strict.Read[ThemeManifest]) -> Iterator[Problem]:
    for name, option in (read.value.options if read.value else {}).items():
        try:
            option.parse(option.default)
        except ValueError as error:
            message = f"“{option.default}” is not a value of the option “{name}”; {error}"
            yield read.problem("error", "value", message, "options", name, "default")
