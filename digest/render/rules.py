"""What the rules of a stylesheet say, each with its line: selectors, faces of fonts, declarations that run together.

The second door to tinycss2, for the rules that `Stylesheet` has parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
import tinycss2

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_DEEPEST: Final = 20  # rules inside rules
_GROUPS: Final = frozenset({"media", "supports", "layer", "container", "scope", "starting-style"})
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
BOTH: Final = frozenset({"screen", "print"})


class Name(msgspec.Struct, frozen=True):
    """A name in a selector.

    Attributes:
        kind: ``.`` for a class, ``#`` for an id, nothing for an element.
        text: the name.
        line: its line.
    """

    kind: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"{self.kind}{self.text}"


class Selector(msgspec.Struct, frozen=True):
    """One selector of a rule.

    Attributes:
        text: the selector.
        line: its line.
        media: for which of ``screen`` and ``print`` it is.
        names: the classes, ids and elements that it names.
        plain: the selector without states and pseudo-elements, where classes, ids, elements and combinators are left
            alone; nothing where it asks for more, such as attributes.
        nested: whether it is in another rule.
    """

    text: str
    line: int
    media: frozenset[str]
    names: tuple[Name, ...]
    plain: str
    nested: bool


class Face(msgspec.Struct, frozen=True):
    """A ``@font-face`` rule.

    Attributes:
        family: the family.
        line: its line.
        weights: the least and the greatest weight that it says it has; 400 where it says nothing.
        italic: whether it says it is italic or oblique.
        file: the first address of a file.
    """

    family: str
    line: int
    weights: tuple[float, float]
    italic: bool
    file: str


def _parts(content: Sequence[Any] | None) -> list[Any]:
    return list(tinycss2.parse_blocks_contents(content or [], skip_comments=True, skip_whitespace=True))


def _is_sign(token: Any, sign: str) -> bool:  # noqa: ANN401 - tinycss2 has no types
    return bool(token.type == "literal" and token.value == sign)


# -- selectors ---------------------------------------------------------------------------------------------------------


def selectors(
    rules: Sequence[Any], media: frozenset[str] = BOTH, *, nested: bool = False, depth: int = 0
) -> Iterator[Selector]:
    """The selectors of rules, also of those inside ``@media`` and the like.

    Args:
        rules: the rules, as tinycss2 has parsed them.
        media: for which of ``screen`` and ``print`` they are.
        nested: whether they are in a rule.
        depth: in how many.
    """
    if depth > _DEEPEST:
        return
    for rule in rules:
        if rule.type == "at-rule" and rule.lower_at_keyword in _GROUPS and rule.content is not None:
            inner = media & media_of(rule) if rule.lower_at_keyword == "media" else media
            yield from selectors(_parts(rule.content), inner, nested=nested, depth=depth + 1)
        elif rule.type == "qualified-rule":
            for tokens in _between_commas(rule.prelude):
                if (found := _selector(tokens, media, nested=nested)) is not None:
                    yield found
            inner_rules = [part for part in _parts(rule.content) if part.type != "declaration"]
            yield from selectors(inner_rules, media, nested=True, depth=depth + 1)


def media_of(rule: Any) -> frozenset[str]:  # noqa: ANN401 - tinycss2 has no types
    """Which of ``screen`` and ``print`` a ``@media`` rule is for (Media Queries 4), whatever it says of widths."""
    found: set[str] = set()
    for query in tinycss2.serialize(rule.prelude).lower().split(","):
        match = re.match(r"\s*(not\s+|only\s+)?(all|print|screen|[a-z-]+)?(?=\s|$)", query)
        named = (match[2] if match else None) or "all"
        inside = BOTH if named in {"all", "not", "only"} else BOTH & {named}
        found |= BOTH - inside if match and (match[1] or "").startswith("not") and "(" not in query else inside
    return frozenset(found)


def _between_commas(tokens: Sequence[Any]) -> Iterator[list[Any]]:
    part: list[Any] = []
    for token in tokens:
        if token.type == "literal" and token.value == ",":
            yield part
            part = []
        elif token.type != "comment":
            part.append(token)
    yield part


def _selector(tokens: Sequence[Any], media: frozenset[str], *, nested: bool) -> Selector | None:
    """A selector as its tokens say; nothing where there is none, or one that cannot be read."""
    tokens = [*tokens]
    while tokens and tokens[0].type == "whitespace":
        tokens.pop(0)
    if not tokens or any(token.type == "error" for token in tokens):
        return None
    names, plain = [*_names(tokens)], _plain(tokens)
    nested = nested or any(token.type == "literal" and token.value == "&" for token in tokens)
    text = " ".join(tinycss2.serialize(tokens).split())
    return Selector(text, tokens[0].source_line, media, tuple(names), plain, nested)


def _names(tokens: Sequence[Any]) -> Iterator[Name]:
    """The classes, ids and elements of a selector, also of those inside ``:not(…)`` and the like."""
    before = ""
    for token in tokens:
        if token.type == "ident" and before != ":":
            # After “|” is the element, before it is a namespace; after a dot a class.
            yield Name("." if before == "." else "", token.value, token.source_line)
        elif token.type == "hash":
            yield Name("#", token.value, token.source_line)
        elif token.type == "function" and token.lower_name in {"not", "is", "where", "has", "matches", "-webkit-any"}:
            for part in _between_commas(token.arguments):
                yield from _names(part)
        before = token.value if token.type == "literal" else ""


_PLAIN: Final = frozenset({".", ">", "+", "~", "*"})
# What depends on the reader, or on a piece of an element, and not on the page (Selectors 4, 7 to 12).
_STATES: Final = frozenset(
    """
    hover active focus focus-visible focus-within visited link any-link local-link target target-within checked
    open popover-open enabled disabled fullscreen modal before after first-letter first-line
    """.split()
)


def _plain(tokens: Sequence[Any]) -> str:
    """A selector without states and pseudo-elements; nothing where something else than names is left."""
    kept: list[Any] = []
    colons = 0
    for token in tokens:
        if _is_sign(token, ":"):
            colons += 1
        elif colons:
            if token.type == "ident" and (colons > 1 or token.lower_value in _STATES):
                colons = 0
            else:
                return ""
        elif token.type in {"ident", "hash", "whitespace"} or (token.type == "literal" and token.value in _PLAIN):
            kept.append(token)
        else:
            return ""
    return " ".join(tinycss2.serialize(kept).split())


# -- faces -------------------------------------------------------------------------------------------------------------

_WEIGHTS: Final = {"normal": 400.0, "bold": 700.0}


def faces(rules: Sequence[Any]) -> Iterator[Face]:
    """The faces of fonts that rules bring (CSS Fonts 4, 4), those without a family left out."""
    for rule in rules:
        if rule.type != "at-rule" or rule.lower_at_keyword != "font-face":
            continue
        said = {part.lower_name: part.value for part in _parts(rule.content) if part.type == "declaration"}
        family = " ".join(token.value for token in said.get("font-family", []) if token.type in {"string", "ident"})
        weights = [
            token.value if token.type == "number" else _WEIGHTS[token.lower_value]
            for token in said.get("font-weight", [])
            if token.type == "number" or (token.type == "ident" and token.lower_value in _WEIGHTS)
        ]
        style = next((token.lower_value for token in said.get("font-style", []) if token.type == "ident"), "normal")
        if family:
            span = (min(weights), max(weights)) if weights else (400.0, 400.0)
            yield Face(
                family, rule.source_line, span, style in {"italic", "oblique"}, _first_address(said.get("src", []))
            )


def _first_address(tokens: Sequence[Any]) -> str:
    for token in tokens:
        if token.type == "url":
            return str(token.value)
        if token.type == "function" and token.lower_name == "url":
            return next((str(part.value) for part in token.arguments if part.type == "string"), "")
    return ""


class Declaration(msgspec.Struct, frozen=True):
    """A declaration as far as it is about fonts.

    Attributes:
        name: the property.
        family: the name that may be a font family, in small letters; those after a comma are for letters that the first
            one lacks (CSS Fonts 4, 5.3).
        is_bold: whether it asks for a weight of 600 or more.
        is_italic: whether it asks for italic or oblique.
    """

    name: str
    family: str
    is_bold: bool
    is_italic: bool


_BOLD: Final = frozenset({"bold", "bolder"})
_ITALIC: Final = frozenset({"italic", "oblique"})


def blocks(rules: Sequence[Any], depth: int = 0) -> Iterator[list[Declaration]]:
    """The declarations of each rule, those about faces left out."""
    for rule in rules:
        if rule.type not in {"at-rule", "qualified-rule"} or depth > _DEEPEST:
            continue
        if rule.type == "at-rule" and rule.lower_at_keyword == "font-face":
            continue
        parts = _parts(rule.content)
        yield [_about_fonts(part) for part in parts if part.type == "declaration"]
        yield from blocks(parts, depth + 1)


def _about_fonts(part: Any) -> Declaration:  # noqa: ANN401 - tinycss2 has no types
    weighs = [token for token in part.value if token.type == "number" and 1 <= token.value <= 1000]
    words = {token.lower_value for token in part.value if token.type == "ident"}
    return Declaration(
        name=part.name if part.name.startswith("--") else part.lower_name,
        family=_family(part.value),
        is_bold=bool(words & _BOLD) or any(token.value >= 600 for token in weighs[:1]),
        is_italic=bool(words & _ITALIC),
    )


def _family(tokens: Sequence[Any]) -> str:
    """The first name: a string, or the words after the last size, as one name; empty where it is something else."""
    first = next(iter(_between_commas(tokens)), [])
    words: list[str] = []
    for token in first:
        if token.type == "string":
            return str(token.value).casefold()
        if token.type == "ident":
            words.append(token.value)
        elif token.type != "whitespace":
            words = []
    return " ".join(words).casefold()


# -- declarations ------------------------------------------------------------------------------------------------------


def slips(rules: Sequence[Any], text: str) -> Iterator[tuple[int, str]]:
    """Line and message of what is between braces and not a declaration, or runs into the next one.

    Args:
        rules: the rules, as tinycss2 has parsed them.
        text: the stylesheet.
    """
    bare = _COMMENT.sub(lambda match: re.sub(r"\S", " ", match[0]), text)
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    yield from _outside(rules)
    stack = [(rule, 0) for rule in reversed(rules)]
    while stack:
        rule, depth = stack.pop()
        if rule.type not in {"at-rule", "qualified-rule"} or rule.content is None or depth > _DEEPEST:
            continue
        keyword = rule.lower_at_keyword if rule.type == "at-rule" else ""
        parts = _parts(rule.content)
        for part in parts:
            if part.type == "declaration" and keyword in _GROUPS and not depth:
                said = f"{part.name}: {_short(part.value)}"
                yield part.source_line, f"“{said}” is in no rule; put it between “{{” and “}}” of one"
            elif part.type == "declaration":
                yield from _declaration(part)
            elif part.type == "error":
                line, said = _statement(bare, starts[part.source_line - 1] + part.source_column - 1)
                yield line, _no_declaration(said, keyword)
            elif part.type == "qualified-rule" and keyword != "keyframes" and (run := _runs_into(part)):
                yield run
        inside = depth + (rule.type == "qualified-rule" or keyword not in _GROUPS)
        stack += [(part, inside) for part in reversed(parts)]


def _outside(rules: Sequence[Any]) -> Iterator[tuple[int, str]]:
    """What is between rules: declarations, and the “;” that make the rule after them count for nothing."""
    for rule in rules:
        if rule.type != "qualified-rule":
            continue
        words = [token for token in rule.prelude if token.type not in {"whitespace", "comment"}]
        at = next((n for n, token in enumerate(words) if _is_sign(token, ";")), None)
        if at == 0:
            yield words[0].source_line, "this “;” after “}” keeps the rule after it from counting; remove it"
        elif at is not None:
            said = _short(words[:at])
            message = f"“{said}” is in no rule, and the rule after it does not count; put it between “{{” and “}}”"
            yield words[0].source_line, message


def _declaration(part: Any) -> Iterator[tuple[int, str]]:  # noqa: ANN401 - tinycss2 has no types
    """What is wrong with the signs of a declaration, whatever its property takes."""
    value = [token for token in part.value if token.type not in {"whitespace", "comment"}]
    own = part.name.startswith("--")
    if not value and not own:
        yield part.source_line, f"“{part.name}” has no value here"
    for n, token in enumerate(value):
        if _is_sign(token, ":"):
            before = value[n - 1] if n else None
            if before is None or before.type != "ident":
                yield token.source_line, f"there is a “:” too many after “{part.name}”"
            elif n == 1 and before.lower_value == "progid":  # as old browsers have it
                return
            elif n == 1 and not own:
                yield part.source_line, f"“{part.name}: {before.value}: …” has two “:”; a “;” or a value is missing"
            elif n > 1 and (not own or before.source_line > value[n - 2].source_line):
                yield value[n - 2].source_line, _run_together(part.name, value[: n - 1], before.value)
            return
        if _is_sign(token, "!") and not own:
            yield token.source_line, f"after “!” only “important” is possible, found “{_short(value[n + 1 : n + 2])}”"
            return


def _run_together(name: str, value: Sequence[Any], following: str) -> str:
    said = f"{name}: {_short(value)}"
    return f"a “;” is missing after “{said}”; without it neither this nor “{following}” counts"


def _runs_into(rule: Any) -> tuple[int, str] | None:  # noqa: ANN401 - tinycss2 has no types
    """Line and message where the selector of a rule inside a rule begins with a declaration that lacks its “;”."""
    tokens = [token for token in rule.prelude if token.type != "comment"]
    while tokens and tokens[0].type == "whitespace":
        tokens.pop(0)
    if len(tokens) < 4 or tokens[0].type != "ident" or tokens[1] != ":" or tokens[2].type != "whitespace":
        return None
    said = _short([token for token in tokens if token.source_line == tokens[0].source_line])
    return tokens[0].source_line, f"a “;” is missing in “{said}”, before the rule inside of this one"


def _statement(bare: str, at: int) -> tuple[int, str]:
    """Line and text of what a person wrote where tinycss2 found neither a declaration nor a rule.

    Args:
        bare: the stylesheet with blanks for its comments.
        at: where it ends, as tinycss2 says: at the “;” after it, or in its last word.
    """
    begin = max(bare.rfind(sign, 0, at) for sign in ";{}") + 1
    end = match.start() if (match := re.compile("[;{}]").search(bare, at)) else len(bare)
    said = bare[begin:end]
    begin += len(said) - len(said.lstrip())
    return bare.count("\n", 0, begin) + 1, said.strip()


def _no_declaration(said: str, keyword: str) -> str:
    shown = " ".join(said.split())[:60]
    if match := re.fullmatch(r"([\w-]+)\s*=\s*(.+)", said, re.DOTALL):
        return f"“{shown}” has “=” for “:”; write “{match[1]}: {' '.join(match[2].split())[:60]}”"
    if (match := re.fullmatch(r"([a-z-]{3,})\s+(\S.*)", said, re.DOTALL)) and keyword not in _GROUPS:
        return f"“{shown}” lacks a “:”; write “{match[1]}: {' '.join(match[2].split())[:60]}”"
    expected = "a rule such as “.title { color: teal }”" if keyword in _GROUPS else "a name, “:” and a value"
    return f"“{shown}” says nothing here; expected {expected}"


def _short(tokens: Sequence[Any]) -> str:
    """Tokens without the comments and blanks between them, as one would write them."""
    text = ""
    for token in tokens:
        sign = token.type == "literal" and token.value in {",", ":"}
        text += ("" if sign or not text else " ") + tinycss2.serialize([token]).strip()
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:59]}…"
