"""What a style file may say, element by element, and everything that is wrong with one.

Where `digest.csl.style` refuses only what cannot be rendered, this compares a style with the whole grammar of
CSL 1.0.2, and says for each unknown word which known one is nearest. `GRAMMAR` follows the schema of CSL 1.0.2
(RELAX NG, MIT).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from digest.csl.style import (
    NAMESPACE,
    StyleError,
    StyleProblem,
    did_you_mean,
    line_of,
    parse_xml,
    tag,
    unrenderable,
)
from digest.csl.vocabulary import DATE_VARIABLES, LOCATORS, NAME_VARIABLES, NUMBER_VARIABLES, TERMS, TYPES, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


Value: TypeAlias = (
    frozenset[str] | Literal["text", "number", "macro", "variables", "names", "dates", "term", "types", "locators"]
)
"""What an attribute may hold: one of some words, any text, a number, the name of a macro, or words of a vocabulary."""


class Grammar(Struct, frozen=True, kw_only=True):
    """What an element may carry.

    Attributes:
        attributes: its attributes and what each may hold.
        children: the elements that it may contain.
        required: attributes that it cannot do without.
        one_of: attributes of which it has exactly one.
    """

    attributes: dict[str, Value] = {}
    children: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()


_BOOLEAN: Final = _words("true false")
_FORMATS: Final[dict[str, Value]] = {
    "font-style": _words("italic normal oblique"),
    "font-variant": _words("normal small-caps"),
    "font-weight": _words("normal bold light"),
    "text-decoration": _words("none underline"),
    "vertical-align": _words("baseline sup sub"),
}
_AFFIXES: Final[dict[str, Value]] = {"prefix": "text", "suffix": "text"}
_DISPLAY: Final[dict[str, Value]] = {"display": _words("block left-margin right-inline indent")}
_CASE: Final[dict[str, Value]] = {
    "text-case": _words("lowercase uppercase capitalize-first capitalize-all title sentence")
}
_PERIODS: Final[dict[str, Value]] = {"strip-periods": _BOOLEAN}
_NAME_OPTIONS: Final[dict[str, Value]] = {
    "and": _words("text symbol"),
    "delimiter-precedes-et-al": _words("contextual after-inverted-name always never"),
    "delimiter-precedes-last": _words("contextual after-inverted-name always never"),
    "et-al-min": "number",
    "et-al-use-first": "number",
    "et-al-use-last": _BOOLEAN,
    "et-al-subsequent-min": "number",
    "et-al-subsequent-use-first": "number",
    "initialize": _BOOLEAN,
    "initialize-with": "text",
    "name-as-sort-order": _words("first all"),
    "sort-separator": "text",
}
_INHERITABLE: Final[dict[str, Value]] = {
    **_NAME_OPTIONS,
    "name-form": _words("long short count"),
    "name-delimiter": "text",
    "names-delimiter": "text",
}
_RENDERING: Final = _words("text number label date names group choose")
_CONDITIONS: Final[dict[str, Value]] = {
    "disambiguate": _BOOLEAN,
    "is-numeric": "variables",
    "is-uncertain-date": "dates",
    "locator": "locators",
    "position": _words("first subsequent ibid ibid-with-locator near-note"),
    "type": "types",
    "variable": "variables",
}
_BRANCH: Final = Grammar(attributes={**_CONDITIONS, "match": _words("all any none")}, children=_RENDERING)
_DATE_PART: Final[dict[str, Value]] = {
    "name": _words("day month year"),
    "form": _words("numeric numeric-leading-zeros ordinal long short"),
    "range-delimiter": "text",
    **_AFFIXES,
    **_FORMATS,
    **_CASE,
    **_PERIODS,
}

GRAMMAR: Final[dict[str, Grammar]] = {
    "style": Grammar(
        attributes={
            "class": _words("in-text note"),
            "version": _words("1.0"),
            "default-locale": "text",
            "demote-non-dropping-particle": _words("never sort-only display-and-sort"),
            "initialize-with-hyphen": _BOOLEAN,
            "page-range-format": _words("expanded minimal minimal-two chicago chicago-15 chicago-16"),
            **_INHERITABLE,
        },
        children=_words("info locale macro citation bibliography"),
        required=_words("class version"),
    ),
    "macro": Grammar(attributes={"name": "text"}, children=_RENDERING, required=_words("name")),
    "citation": Grammar(
        attributes={
            "cite-group-delimiter": "text",
            "collapse": _words("citation-number year year-suffix year-suffix-ranged"),
            "year-suffix-delimiter": "text",
            "after-collapse-delimiter": "text",
            "disambiguate-add-names": _BOOLEAN,
            "disambiguate-add-givenname": _BOOLEAN,
            "disambiguate-add-year-suffix": _BOOLEAN,
            "givenname-disambiguation-rule": _words(
                "all-names all-names-with-initials primary-name primary-name-with-initials by-cite"
            ),
            "near-note-distance": "number",
            **_INHERITABLE,
        },
        children=_words("sort layout"),
    ),
    "bibliography": Grammar(
        attributes={
            "hanging-indent": _BOOLEAN,
            "entry-spacing": "number",
            "line-spacing": "number",
            "second-field-align": _words("flush margin"),
            "subsequent-author-substitute": "text",
            "subsequent-author-substitute-rule": _words("complete-all complete-each partial-each partial-first"),
            **_INHERITABLE,
        },
        children=_words("sort layout"),
    ),
    "layout": Grammar(attributes={**_AFFIXES, **_FORMATS, "delimiter": "text"}, children=_RENDERING),
    "sort": Grammar(children=_words("key")),
    "key": Grammar(
        attributes={
            "variable": "variables",
            "macro": "macro",
            "names-min": "number",
            "names-use-first": "number",
            "names-use-last": _BOOLEAN,
            "sort": _words("ascending descending"),
        },
        one_of=_words("variable macro"),
    ),
    "text": Grammar(
        attributes={
            "variable": "variables",
            "macro": "macro",
            "term": "term",
            "value": "text",
            "form": _words("long verb short verb-short symbol"),
            "plural": _BOOLEAN,
            "quotes": _BOOLEAN,
            **_AFFIXES,
            **_DISPLAY,
            **_FORMATS,
            **_CASE,
            **_PERIODS,
        },
        one_of=_words("variable macro term value"),
    ),
    "number": Grammar(
        attributes={
            "variable": NUMBER_VARIABLES,
            "form": _words("numeric ordinal long-ordinal roman"),
            **_AFFIXES,
            **_DISPLAY,
            **_FORMATS,
            **_CASE,
        },
        required=_words("variable"),
    ),
    "label": Grammar(
        attributes={
            "variable": NUMBER_VARIABLES,
            "form": _words("long short symbol verb verb-short"),
            "plural": _words("always never contextual"),
            **_AFFIXES,
            **_FORMATS,
            **_CASE,
            **_PERIODS,
        },
    ),
    "date": Grammar(
        attributes={
            "variable": DATE_VARIABLES,
            "form": _words("text numeric"),
            "date-parts": _words("year year-month year-month-day"),
            "delimiter": "text",
            **_AFFIXES,
            **_DISPLAY,
            **_FORMATS,
            **_CASE,
        },
        children=_words("date-part"),
    ),
    "date-part": Grammar(attributes=_DATE_PART, required=_words("name")),
    "names": Grammar(
        attributes={"variable": "names", "delimiter": "text", **_AFFIXES, **_DISPLAY, **_FORMATS},
        children=_words("name et-al label substitute"),
        required=_words("variable"),
    ),
    "name": Grammar(
        attributes={
            **_NAME_OPTIONS,
            "form": _words("long short count"),
            "delimiter": "text",
            **_AFFIXES,
            **_FORMATS,
        },
        children=_words("name-part"),
    ),
    "name-part": Grammar(
        attributes={"name": _words("given family"), **_AFFIXES, **_FORMATS, **_CASE}, required=_words("name")
    ),
    "et-al": Grammar(attributes={"term": frozenset({"et-al", "and others"}), **_FORMATS}),
    "substitute": Grammar(children=_RENDERING),
    "group": Grammar(
        attributes={"delimiter": "text", **_AFFIXES, **_DISPLAY, **_FORMATS},
        children=_RENDERING,
    ),
    "choose": Grammar(children=_words("if else-if else")),
    "if": _BRANCH,
    "else-if": _BRANCH,
    "else": Grammar(children=_RENDERING),
    "locale": Grammar(children=_words("style-options date terms info")),
    "style-options": Grammar(attributes={"limit-day-ordinals-to-day-1": _BOOLEAN, "punctuation-in-quote": _BOOLEAN}),
    "terms": Grammar(children=_words("term")),
    "term": Grammar(
        attributes={
            "name": "term",
            "form": _words("long verb short verb-short symbol"),
            "gender": _words("masculine feminine"),
            "gender-form": _words("masculine feminine"),
            "match": _words("last-digit last-two-digits whole-number"),
        },
        children=_words("single multiple"),
        required=_words("name"),
    ),
    "single": Grammar(),
    "multiple": Grammar(),
}
"""Every element of a style outside ``cs:info``."""

_VOCABULARIES: Final = {
    "variables": (VARIABLES, "variable"),
    "names": (NAME_VARIABLES, "name variable"),
    "dates": (DATE_VARIABLES, "date variable"),
    "types": (TYPES, "item type"),
    "locators": (LOCATORS, "locator"),
}


def problems_of(source: bytes) -> tuple[StyleProblem, ...]:
    """The problems of a style file in the order of its lines; nothing where it is right."""
    try:
        root = parse_xml(source)
    except StyleError as error:
        return error.problems
    if tag(root) != "style":
        return (StyleProblem(line_of(root), tag(root), "a style file begins with <style>"),)
    if root.get("version", "1.0") != "1.0":
        found = f"this is a style for version {root.get('version')} of CSL; this program reads version 1.0"
        return (StyleProblem(line_of(root), "style", found),)
    problems = [*_top(root), *unrenderable(root)]
    terms = TERMS | {term.get("name", "") for term in root.iter(NAMESPACE + "term")}
    for element in root.iter():
        if not _is_metadata(element):
            problems += _element(element, terms)
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.line))


def _is_metadata(element: _Element) -> bool:
    return tag(element) == "info" or any(tag(parent) == "info" for parent in element.iterancestors())


def _top(root: _Element) -> Iterator[StyleProblem]:
    """What the file as a whole must have, and only once."""
    info = root.find(NAMESPACE + "info")
    if info is None:
        yield StyleProblem(line_of(root), "style", "the style has no <info> with its title, id and date")
    else:
        for name in ("title", "id", "updated"):
            if info.find(NAMESPACE + name) is None:
                yield StyleProblem(line_of(info), "info", f"<{name}> is missing")
    parents = [
        link for link in root.iter(NAMESPACE + "link") if link.get("rel") == "independent-parent" and link.get("href")
    ]
    citations = root.findall(NAMESPACE + "citation")
    if not citations and not parents:
        yield StyleProblem(line_of(root), "style", "the style has no <citation>")
    for extra in [*citations[1:], *root.findall(NAMESPACE + "bibliography")[1:]]:
        yield StyleProblem(line_of(extra), tag(extra), f"a style has one <{tag(extra)}>; this is another one")
    seen: dict[str, int] = {}
    for macro in root.findall(NAMESPACE + "macro"):
        name = macro.get("name", "")
        if name in seen:
            found = f"the macro “{name}” is already there, in line {seen[name]}"
            yield StyleProblem(line_of(macro), "macro", found)
        seen.setdefault(name, line_of(macro))


def _element(element: _Element, terms: frozenset[str]) -> Iterator[StyleProblem]:
    name = tag(element)
    grammar = GRAMMAR.get(name)
    line = line_of(element)
    parent = element.getparent()
    if grammar is None:
        if parent is None or tag(parent) in GRAMMAR:  # what is inside an unknown element is not reported again
            known = sorted(GRAMMAR[tag(parent)].children) if parent is not None else []
            yield StyleProblem(line, name, f"CSL has no element of this name{did_you_mean(name, known)}")
        return
    if parent is not None and tag(parent) in GRAMMAR and name not in GRAMMAR[tag(parent)].children:
        yield StyleProblem(line, name, f"<{name}> is not allowed in <{tag(parent)}>")
    yield from _attributes(element, grammar, terms)
    if name in {"names", "date", "label"}:
        yield from _by_place(element)
    if name in {"group", "macro", "layout", "choose", "sort"} and len(element) == 0:
        yield StyleProblem(line, name, f"this <{name}> is empty")
    if name in {"if", "else-if"} and not any(key in element.attrib for key in _CONDITIONS):
        yield StyleProblem(line, name, f'<{name}> needs a condition, such as type="book" or variable="DOI"')


def _attributes(element: _Element, grammar: Grammar, terms: frozenset[str]) -> Iterator[StyleProblem]:
    name, line = tag(element), line_of(element)
    for key in sorted(grammar.required - set(element.attrib)):
        yield StyleProblem(line, name, f"<{name}> needs the attribute {key}")
    if grammar.one_of:
        there = sorted(grammar.one_of & set(element.attrib))
        if len(there) != 1:
            found = f"it has {' and '.join(there)}" if there else "it has none"
            wanted = ", ".join(sorted(grammar.one_of))
            yield StyleProblem(line, name, f"<{name}> has one of the attributes {wanted}; {found}")
    for key, value in ((str(key), str(value)) for key, value in element.attrib.items()):
        if key.startswith("{"):  # `xml:lang`, and attributes of other programs
            continue
        allowed = grammar.attributes.get(key)
        if allowed is None:
            near = did_you_mean(key, grammar.attributes)
            yield StyleProblem(line, name, f"<{name}> has no attribute {key}{near}")
        else:
            yield from _value(line, name, key, value, allowed, terms)


def _value(line: int, name: str, key: str, value: str, allowed: Value, terms: frozenset[str]) -> Iterator[StyleProblem]:
    if isinstance(allowed, frozenset):
        words = value.split() if key == "position" else [value]
        for word in words:
            if word not in allowed:
                some = " or ".join(sorted(allowed)) if len(allowed) < 8 else ""
                hint = f"; expected {some}" if some else did_you_mean(word, allowed)
                yield StyleProblem(line, name, f"{key} cannot be “{word}”{hint}")
    elif allowed == "number":
        if not value.strip().isdecimal():
            yield StyleProblem(line, name, f"{key} is a number; this is “{value}”")
    elif allowed == "term":
        if value not in terms:
            yield StyleProblem(line, name, f"unknown term “{value}”{did_you_mean(value, terms)}")
    elif allowed in _VOCABULARIES:
        vocabulary, noun = _VOCABULARIES[allowed]
        words = value.split()
        if not words:
            yield StyleProblem(line, name, f"{key} names no {noun}")
        for word in words:
            if word not in vocabulary:
                yield StyleProblem(line, name, f"unknown {noun} “{word}”{did_you_mean(word, vocabulary)}")


def _by_place(element: _Element) -> Iterator[StyleProblem]:
    """What depends on where an element is: labels, and dates of a style or of a locale."""
    name, line = tag(element), line_of(element)
    parent = element.getparent()
    inside = tag(parent) if parent is not None else ""
    if name == "label" and inside != "names" and "variable" not in element.attrib:
        yield StyleProblem(line, name, "<label> needs the attribute variable")
    if name == "date" and inside == "locale" and "form" not in element.attrib:
        yield StyleProblem(line, name, "<date> in <locale> needs the attribute form")
    if name == "date" and inside != "locale":
        if "variable" not in element.attrib:
            yield StyleProblem(line, name, "<date> needs the attribute variable")
        if "form" not in element.attrib and len(element) == 0:
            yield StyleProblem(line, name, "<date> needs the attribute form, or <date-part> elements")
