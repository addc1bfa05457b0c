"""A stylesheet of a theme, parsed once: its mistakes, the files and fonts it uses, its text with those files inside.

The one door to tinycss2. Nothing here changes tokens, so that all questions about a stylesheet have the same answer in
whatever order they are asked.
"""

from __future__ import annotations

import base64
import copy
import functools
import re
from typing import TYPE_CHECKING, Any, Final

import tinycss2
import tinycss2.color4
from markupsafe import Markup

from digest import font, memo, opening, picture
from digest.errors import Problem, not_utf8
from digest.render import brackets, rules
from digest.text import NO_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from pathlib import Path

MEDIA: Final = {**picture.MEDIA, ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf"}
GENERIC: Final = frozenset(
    """
        serif sans-serif monospace cursive fantasy system-ui math emoji fangsong ui-serif ui-sans-serif ui-monospace
        ui-rounded inherit initial unset revert revert-layer
    """.split()
)
_TAKE_ADDRESSES: Final = {"url", "src", "image", "image-set", "-webkit-image-set"}
_SIZES: Final = frozenset(
    ("xx-small", "x-small", "small", "medium", "large", "x-large", "xx-large", "xxx-large", "larger", "smaller")
)
_HOLD_TOKENS: Final = ("prelude", "content", "arguments", "value")  # attributes of tokens that have tokens inside
_DEEPEST: Final = 20  # rules inside rules

LARGEST: Final = 4 * 2**20  # bytes of a stylesheet, the pictures and fonts that are written into it included
NESTED: Final = 30  # brackets inside brackets
SELECTOR: Final = 2_000  # words and signs before a block
LENGTH: Final = 100_000  # CSS pixels, 26 metres; WeasyPrint counts in units of which a page has less than 2³¹
NUMBER: Final = 1_000_000  # numbers without a unit, and those with one that is not a length
COLUMNS: Final = 100
TEXT: Final = 100_000  # characters of a string
# CSS pixels, at least, where something is repeated until a page is full.
_LEAST: Final = {"column-width": 4, "columns": 4, "size": 40, "repeating": 0.1, "background-size": 0.1}
_PIXELS: Final = {"px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
_FONT_UNITS: Final = frozenset(
    {"em", "rem", "ex", "rex", "ch", "rch", "cap", "ic", "lh", "rlh", "vw", "vh", "vmin", "vmax"}
)
_RELATIVE: Final = 10  # pixels, at least, for a unit that depends on a font or a page


_RUNS: Final = frozenset(("behavior", "-ms-behavior", "-moz-binding"))  # properties with which old browsers ran scripts


def hazards(text: str, inside: Callable[[str], bool]) -> Iterator[tuple[int, str, str]]:
    """Line, code and message of what in a stylesheet or a ``style`` runs, or loads something from elsewhere.

    Args:
        text: rules or declarations.
        inside: whether an address may be loaded.
    """
    yield from _hazards(tinycss2.parse_component_value_list(text), inside)


def _hazards(tokens: Sequence[Any], inside: Callable[[str], bool] | None) -> Iterator[tuple[int, str, str]]:
    """As `hazards`; without `inside` addresses are not looked at."""
    loads = "the page would load “{}”; in templates use asset(…), so that the file is inside the page"
    stack = [(token, False) for token in reversed(tokens)]
    before = None
    while stack:
        token, takes = stack.pop()
        if token.type == "url" or (token.type == "string" and takes):
            if inside and not inside(token.value):
                yield token.source_line, "loads-a-file", loads.format(token.value[:80])
        elif token.type == "at-keyword" and token.lower_value == "import" and inside:
            message = "@import loads a stylesheet; list it in theme.yaml, or put the rules into css/custom.css"
            yield token.source_line, "loads-a-file", message
        elif token.type == "function":
            if token.lower_name == "expression":
                yield token.source_line, "active-content", "“expression(…)” runs a script in old browsers"
            elif token.lower_name == "var" and takes:
                message = "an address comes from var(…), where nobody sees what is loaded; write it out"
                yield token.source_line, "loads-a-file", message
        elif token.type == "literal" and before is not None and token.value == ":" and _is_word(before, _RUNS):
            yield token.source_line, "active-content", f"“{before.value}” runs a script in old browsers"
        if token.type not in {"whitespace", "comment"}:
            before = token
        held = token.type == "function" and token.lower_name in _TAKE_ADDRESSES
        inner = getattr(token, "content", None) or getattr(token, "arguments", None) or []
        if isinstance(inner, list):
            stack.extend((part, held or (takes and token.type == "function")) for part in reversed(inner))


def _is_word(token: Any, words: Collection[str]) -> bool:  # noqa: ANN401 - tinycss2 has no types
    return bool(token.type == "ident" and token.lower_value in words)


def is_color(text: str) -> bool:
    """Whether a text is one colour of CSS, and not ``currentcolor``."""
    return tinycss2.color4.parse_color(text) not in (None, "currentcolor")


def string(text: str) -> str:
    """A text as a string of CSS, in its quotes."""
    return f'"{tinycss2.serializer.serialize_string_value(text)}"'


def data_uri(path: Path) -> str:
    """A file as an address that holds the file itself."""
    media = MEDIA.get(path.suffix.lower(), "application/octet-stream")
    return f"data:{media};base64,{base64.b64encode(opening.read_file(path)).decode('ascii')}"


def stamp(path: Path) -> tuple[int, int]:
    """When a file was changed last, and its size; zeros where the file is missing."""
    if not path.is_file():
        return 0, 0
    state = path.stat()
    return state.st_mtime_ns, state.st_size


@functools.lru_cache(maxsize=1000)
def asset_complaint(path: Path, _stamp: tuple[int, int]) -> str:
    """Why a picture or font cannot be used; empty when it can, and for other files."""
    ending = path.suffix.lower()
    return (
        picture.complaint(path) if ending in picture.MEDIA else font.complaint(path) if ending in font.ENDINGS else ""
    )


class Stylesheet:
    """A stylesheet as it was when it was read; its rules are parsed when somebody asks for the first time.

    Attributes:
        path: its file.
        shown: the name of the file, as problems show it.
        roots: the folders whose files it may use.
        stamp: the state of the file when it was read.
    """

    def __init__(self, path: Path, shown: str, roots: Sequence[Path]) -> None:
        self.path, self.shown, self.roots = path, shown, tuple(root.resolve() for root in roots)
        self.stamp = stamp(path)
        with opening.open_file(path) as file:
            self._bytes = file.read(LARGEST + 1)
        self._inlined: tuple[Markup, dict[Path, tuple[int, int]]] | None = None
        self._declared: dict[str, tuple[Any, ...]] = {}

    # -- what it says --------------------------------------------------------------------------------------------------

    @functools.cached_property
    def text(self) -> str:
        """Its text; bytes that are not UTF-8 are replaced."""
        return self._bytes.decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")

    @functools.cached_property
    def excess(self) -> tuple[tuple[int, str], ...]:
        """Line and message for each thing of which it asks more than pages can hold."""
        if len(self._bytes) > LARGEST:
            return ((1, f"the stylesheet is larger than {LARGEST // 2**20} MiB"),)
        return tuple(excess(self._parsed))

    @functools.cached_property
    def _parsed(self) -> list[Any]:
        return list(tinycss2.parse_component_value_list(self.text))

    @functools.cached_property
    def tokens(self) -> list[Any]:
        """Its component values (CSS Syntax Module Level 3, 5.3.10); none where there is `excess`."""
        return [] if self.excess else self._parsed

    @functools.cached_property
    def left_open(self) -> tuple[brackets.Slip, ...]:
        """Its brackets, comments and quotes that are not closed; what comes after them is not what it seems."""
        return () if self.excess else tuple(brackets.slips(self.text))

    @property
    def sound_text(self) -> str:
        """Its text above the line of the first of these: what comes there is what it seems."""
        if self.excess:
            return ""
        first = min((slip.line for slip in self.left_open), default=0)
        return "\n".join(self.text.split("\n")[: first - 1]) if first else self.text

    @functools.cached_property
    def rules(self) -> list[Any]:
        """Its rules, with the comments and blanks between them."""
        return list(tinycss2.parse_stylesheet(self.tokens))

    @functools.cached_property
    def addresses(self) -> tuple[tuple[Any, str, int], ...]:
        """Each token that holds an address, the address, and its line; ``@import`` included."""
        return tuple(_addresses(self.rules))

    def declarations(self, medium: str) -> tuple[Any, ...]:
        """The declarations of the rules that hold for ``screen`` or ``print``."""
        if medium not in self._declared:
            self._declared[medium] = tuple(_declarations_for(medium, self.rules))
        return self._declared[medium]

    @functools.cached_property
    def brought_families(self) -> tuple[str, ...]:
        """The font families that it brings with ``@font-face``."""
        faces = (rule for rule in self.rules if rule.type == "at-rule" and rule.lower_at_keyword == "font-face")
        return tuple(
            name
            for face in faces
            for declaration in _declarations(face)
            if declaration.lower_name == "font-family"
            for name in _family_names(declaration.value)
        )

    @functools.cached_property
    def media(self) -> tuple[tuple[int, str], ...]:
        """Line and name of each medium that its ``@media`` rules name."""
        return tuple(
            (part.source_line, part.value)
            for rule in self.rules
            if rule.type == "at-rule" and rule.lower_at_keyword == "media"
            for part in rule.prelude
            if part.type == "ident" and part.lower_value not in {"and", "or", "not", "only"}
        )

    @functools.cached_property
    def needed_properties(self) -> tuple[tuple[int, str], ...]:
        """Line and name of each custom property that it takes by ``var()`` without a second value."""
        return tuple(_needed_properties(self.tokens))

    # -- what is wrong -------------------------------------------------------------------------------------------------

    @functools.cached_property
    def _hazards(self) -> tuple[tuple[int, str, str], ...]:
        return tuple(_hazards(self.tokens, None))  # `addresses` are looked at with the files to which they lead

    def problems(self, *, selectors: bool = True) -> list[Problem]:
        """What keeps it from being used: its encoding, its syntax, what pages cannot hold, addresses that lead nowhere.

        Args:
            selectors: whether mistakes inside selectors count, which cost no more than one rule.
        """
        try:
            self._bytes.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            return [not_utf8(error, self.shown)]
        if self.excess:
            return [self._problem("css-limit", message, line) for line, message in self.excess]
        if bad := NO_TEXT.search(self.text):
            message = f"the control character U+{ord(bad[0]):04X} is in the stylesheet; remove it"
            return [self._problem("control-character", message, self.text[: bad.start()].count("\n") + 1)]
        if self.left_open:
            return [self._problem("css-syntax", slip.message, slip.line) for slip in self.left_open]
        broken = [
            part
            for rule in self.rules
            for part in (rule, *(rule.prelude if selectors and rule.type == "qualified-rule" else ()))
            if part.type == "error"
        ]
        if broken:
            message = "this is not a rule of CSS: {}; look for an extra or missing bracket or quote"
            return [self._problem("css-syntax", message.format(part.message), part.source_line) for part in broken]
        found = ((self.file_at(token, address)[1], line) for token, address, line in self.addresses)
        odd = [self._problem("css-address", message, line) for message, line in found if message]
        return odd + [self._problem(code, message, line) for line, code, message in self._hazards]

    def _problem(self, code: str, message: str, line: int) -> Problem:
        return Problem(level="error", code=code, message=message, file=self.shown, line=line)

    def file_at(self, token: Any, address: str) -> tuple[Path | None, str]:  # noqa: ANN401 - tinycss2 has no types
        """The file to which an address leads, or why it leads to none; neither for an address without a file."""
        if token.type == "at-rule":
            return (
                None,
                "@import is not used here: put the rules into css/custom.css, or list the stylesheet in theme.yaml",
            )
        if address.startswith(("data:", "#")):
            return None, ""
        try:
            path = (self.path.parent / address.partition("#")[0].partition("?")[0]).resolve()
            inside = any(path.is_relative_to(root) for root in self.roots)
            there = path.is_file()
        except (OSError, ValueError, RuntimeError):  # too long, a NUL, a link in a circle
            return None, f"there is no file “{address[:60]}”"
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|//", address) or not inside:
            message = "leads out of the theme and the overrides; put the file next to the stylesheet"
            return None, f"the address “{address}” {message}"
        if not there:
            return None, f"there is no file “{address}”"
        message = asset_complaint(path, stamp(path))
        return (None, message) if message else (path, "")

    @property
    def files(self) -> set[Path]:
        """The files that it loads."""
        return {path for token, address, _ in self.addresses if (path := self.file_at(token, address)[0])}

    # -- its text ------------------------------------------------------------------------------------------------------

    def with_addresses(self, address: Callable[[Path], str]) -> str:
        """Its text with the address that a function gives for each file that it loads.

        Only where `problems` finds nothing.
        """
        return str(tinycss2.serialize(self._with_files(self.rules, address)))

    def inlined(self) -> Markup:
        """The stylesheet as a ``<style>`` element that needs no other file.

        Only where `problems` finds nothing.
        """
        if self._inlined is None or any(stamp(path) != known for path, known in self._inlined[1].items()):
            used = {path: stamp(path) for path in self.files}
            # "</" can be in CSS only inside strings and comments, where "<\/" is the same string.
            text = self.with_addresses(data_uri).replace("</", r"<\/")
            self._inlined = Markup("<style>\n" + text + "</style>"), used  # noqa: S704 - CSS cannot end the element
        return self._inlined[0]

    def _with_files(self, tokens: Sequence[Any], address: Callable[[Path], str]) -> list[Any]:
        """Tokens with files in the place of their addresses; those without an address are the same objects."""
        return [self._with_file(token, address) for token in tokens]

    def _with_file(self, token: Any, address: Callable[[Path], str]) -> Any:  # noqa: ANN401 - tinycss2 has no types
        if token.type == "url":
            return self._replaced(token, token.value, address)
        changed: dict[str, list[Any]] = {}
        for name in _HOLD_TOKENS:
            inner = getattr(token, name, None)
            if isinstance(inner, list):
                parts = self._with_files(inner, address)
                if name == "arguments" and token.lower_name in _TAKE_ADDRESSES:
                    parts = [
                        self._replaced(part, part.value, address) if part.type == "string" else part for part in parts
                    ]
                if any(new is not old for new, old in zip(parts, inner, strict=True)):
                    changed[name] = parts
        if not changed:
            return token
        token = copy.copy(token)
        for name, parts in changed.items():
            setattr(token, name, parts)
        return token

    def _replaced(self, token: Any, named: str, address: Callable[[Path], str]) -> Any:  # noqa: ANN401 - tinycss2 has no types
        path, _ = self.file_at(token, named)
        if path is None:
            return token
        other = copy.copy(token)
        other.value = address(path)
        other.representation = f'url("{other.value}")' if token.type == "url" else f'"{other.value}"'
        return other


# Stylesheets by their files and folders; kept where `memo.remember` was called, as long as the file is the same.
_KEPT: Final[dict[tuple[Path, str, tuple[Path, ...]], Stylesheet]] = {}


def read_stylesheet(path: Path, shown: str, roots: Sequence[Path]) -> Stylesheet:
    """The stylesheet in a file; in a process that remembers, the one that was read before where nothing changed.

    Args:
        path: the file.
        shown: its name, as problems show it.
        roots: the folders whose files it may use.
    """
    key = (path, shown, tuple(roots))
    sheet = _KEPT.get(key) if memo.remembers() else None
    if sheet is None or sheet.stamp != stamp(path):
        sheet = Stylesheet(path, shown, roots)
        if memo.remembers():
            _KEPT[key] = sheet
    return sheet


# -- several stylesheets together --------------------------------------------------------------------------------------


def named_families(sheets: Sequence[Stylesheet], medium: str = "print") -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """File, line and names of each list of font families that stylesheets name for a medium, generic ones left out.

    A list in a custom property counts where ``font-family`` or ``font`` takes it by ``var()``.
    """
    lists: list[tuple[str, int, str, list[Any]]] = []
    for sheet in sheets:
        for declaration in sheet.declarations(medium):
            name, value = declaration.lower_name, declaration.value
            if name == "font":
                value = _families_of_font(value)
            lists.append((sheet.shown, declaration.source_line, declaration.name if name[:2] == "--" else name, value))
    taken, before = {"font-family", "font"}, set[str]()
    while taken != before:
        before = set(taken)
        taken |= {used for _, _, name, value in lists if name in taken for used in _variables(value)}
    for file, line, name, value in lists:
        if name in taken and (names := tuple(n for n in _family_names(value) if n.lower() not in GENERIC)):
            yield file, line, names


def undeclared(sheets: Sequence[Stylesheet], declared: str) -> Iterator[tuple[str, int, str, Collection[str]]]:
    """File, line and name of each custom property that ``var()`` takes and neither sheets nor the text `declared` have.

    The names that there are come with it. One with a second value, as in ``var(--x, red)``, is left alone.
    """
    texts = (declared, *(sheet.text for sheet in sheets))
    known = dict.fromkeys(name for text in texts for name in re.findall(r"(--[\w-]+)\s*:", text))
    for sheet in sheets:
        for line, name in sheet.needed_properties:
            if name not in known:
                yield sheet.shown, line, name, known


# -- bounds ------------------------------------------------------------------------------------------------------------


def excess(text: str | list[Any], *, inline: bool = False) -> Iterator[tuple[int, str]]:
    """Line and message for each thing of which a text of CSS asks more than pages can hold; at most twenty of them.

    Args:
        text: a stylesheet, or the declarations of a ``style`` attribute; or its component values.
        inline: whether it is a ``style`` attribute.
    """
    values = tinycss2.parse_component_value_list(text) if isinstance(text, str) else text
    stack: list[tuple[list[Any], int, bool, str]] = [(values, 0, inline, "")]
    found = 0
    while stack and found < 20:
        tokens, depth, declared, name = stack.pop()
        before = 0
        for at, token in enumerate(tokens):
            if token.type not in {"whitespace", "comment"}:
                before += 1
            if token.type == "ident" and at + 1 < len(tokens) and tokens[at + 1] == ":":
                name = token.lower_value
            elif token == ";":  # noqa: S105 - a token of CSS
                name, before = "", 0
            message = ""
            if token.type == "string" and len(token.value) > TEXT and not token.value.startswith("data:"):
                message = f"a text of more than {TEXT:,} characters is more than a page can hold"
            if inner := getattr(token, "content", None) or getattr(token, "arguments", None):
                if depth >= NESTED:
                    message = f"brackets are nested more than {NESTED} deep here"
                else:
                    around = (
                        token.lower_name if token.type == "function" and token.lower_name[:9] == "repeating" else name
                    )
                    stack.append((inner, depth + 1, declared or token.type == "{} block", around))
            if token.type == "{} block":
                if before > SELECTOR:
                    message = f"there are more than {SELECTOR:,} words and signs before this bracket; split the rule up"
                before = 0
            if token.type in {"number", "dimension", "percentage"} and declared:
                message = _too_large(name, token)
            if message and found < 20:
                found += 1
                yield token.source_line, message


def _too_large(name: str, token: Any) -> str:  # noqa: ANN401 - tinycss2 has no types
    """Why a number is out of bounds in a declaration; empty where it is not.

    Args:
        name: the property, or the function around it.
        token: the number.
    """
    size, unit = abs(token.value), token.lower_unit if token.type == "dimension" else ""
    least = next((pixels for prefix, pixels in _LEAST.items() if name.startswith(prefix)), 0)
    if unit in _PIXELS and 0 < size * _PIXELS[unit] < least:
        return f"{token.serialize()[:40]} is too small here; pages would have no end"
    if token.type == "percentage":
        bad = size > LENGTH
    elif unit in _PIXELS:
        bad = size * _PIXELS[unit] > LENGTH
    elif unit in _FONT_UNITS:
        bad = size * _RELATIVE > LENGTH
    elif name in {"column-count", "columns"} and not unit:
        bad = size > COLUMNS
    else:
        bad = size > NUMBER and name not in {"z-index", "order"} and unit not in {"s", "ms"}
    return f"{token.serialize()[:40]} is more than a page can hold" if bad else ""


# -- tokens ------------------------------------------------------------------------------------------------------------


def _addresses(tokens: Sequence[Any]) -> Iterator[tuple[Any, str, int]]:
    for token in tokens:
        if token.type == "url":
            yield token, token.value, token.source_line
        elif token.type == "function" and token.lower_name in _TAKE_ADDRESSES:
            yield from ((part, part.value, token.source_line) for part in token.arguments if part.type == "string")
        elif token.type == "at-rule" and token.lower_at_keyword == "import":
            yield token, "", token.source_line
        for name in _HOLD_TOKENS:
            inner = getattr(token, name, None)
            if isinstance(inner, list):
                yield from _addresses(inner)


def _block(rule: Any) -> list[Any]:  # noqa: ANN401 - tinycss2 has no types
    return list(tinycss2.parse_blocks_contents(rule.content or [], skip_comments=True, skip_whitespace=True))


def _declarations(rule: Any) -> list[Any]:  # noqa: ANN401 - tinycss2 has no types
    return [part for part in _block(rule) if part.type == "declaration"]


def _declarations_for(medium: str, found: Sequence[Any], depth: int = 0) -> Iterator[Any]:
    for rule in found:
        if rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports", "layer"}:
            if rule.lower_at_keyword == "media" and medium not in rules.media_of(rule):
                continue
            if rule.content is not None and depth < _DEEPEST:
                inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
                yield from _declarations_for(medium, inner, depth + 1)
        elif rule.type == "qualified-rule" or (rule.type == "at-rule" and rule.lower_at_keyword == "page"):
            parts = _block(rule)
            yield from (part for part in parts if part.type == "declaration")
            if depth < _DEEPEST:
                inner = [part for part in parts if part.type == "qualified-rule"]
                yield from _declarations_for(medium, inner, depth + 1)
                for part in parts:
                    if part.type == "at-rule" and part.content is not None:  # the boxes in the margins of @page
                        yield from _declarations(part)


def _needed_properties(tokens: Sequence[Any]) -> Iterator[tuple[int, str]]:
    stack = list(reversed(tokens))
    while stack:
        part = stack.pop()
        if part.type == "function" and part.lower_name == "var":
            inner = [token for token in part.arguments if token.type not in {"whitespace", "comment"}]
            if len(inner) == 1 and inner[0].type == "ident":
                yield part.source_line, inner[0].value
        stack.extend(reversed(getattr(part, "content", None) or getattr(part, "arguments", None) or []))


def _families_of_font(value: Sequence[Any]) -> list[Any]:
    """Of the value of ``font`` what comes after the size; where no size is seen, what functions give."""
    sizes = [
        n
        for n, part in enumerate(value)
        if part.type in {"dimension", "percentage", "number"} or (part.type == "ident" and part.lower_value in _SIZES)
    ]
    return list(value[sizes[-1] + 1 :]) if sizes else [part for part in value if part.type == "function"]


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
