"""A style file read into frozen values that carry the names of CSL's own elements (CSL 1.0.2 “Styles – Structure”).

`read_style` gets a `Style` out of the bytes of a file or says why it cannot, with the line. It refuses what no
processor could render: what is not XML or not a style, a macro that is not there or calls itself. Smaller mistakes,
such as an attribute that CSL does not know, are passed over here; `digest.csl.check` reports them all.

Style files come from outside: entities, DTDs and the network are off, and depth and size are bounded.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from msgspec import Struct, structs

from digest.csl.tree import Display

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element


NAMESPACE: Final = "{http://purl.org/net/xbiblio/csl}"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
MAX_DEPTH: Final = 100  # elements inside elements, macros expanded; the deepest of 2,773 published styles has 72
MAX_SIZE: Final = 50_000  # elements that one rendering visits; the longest way through a published style has 3,047


class StyleProblem(Struct, frozen=True):
    """One thing that is wrong with a style file.

    Attributes:
        line: where, counted from 1; 0 where the file as a whole is meant.
        element: the element, such as ``text`` or ``date-part``.
        message: what was found, and what was expected.
    """

    line: int
    element: str
    message: str

    def __str__(self) -> str:
        """``line 12: <text>: unknown macro “titel”; did you mean “title”?``."""
        where = f"line {self.line}: " if self.line else ""
        return f"{where}<{self.element}>: {self.message}" if self.element else f"{where}{self.message}"


class StyleError(ValueError):
    """A style that cannot be used; `problems` says why, each with its line."""

    def __init__(self, problems: tuple[StyleProblem, ...]) -> None:
        self.problems = problems
        super().__init__(
            "; ".join(map(str, problems[:3])) + (f" … ({len(problems)} in all)" if len(problems) > 3 else "")
        )


Case: TypeAlias = str
Formats: TypeAlias = tuple[tuple[str, str], ...]
"""Formatting properties with their values, such as ``(("font-style", "italic"),)``."""


class Rendering(Struct, frozen=True, kw_only=True):
    """What all rendering elements have in common.

    Attributes:
        line: the line of the element in the file.
        prefix: text before the output, only where there is output.
        suffix: text after it.
        formats: formatting properties that are set.
        display: the block that it is in.
        text_case: change of case.
        strip_periods: whether full stops are taken away.
        quotes: whether it is set in quotation marks.
    """

    line: int = 0
    prefix: str = ""
    suffix: str = ""
    formats: Formats = ()
    display: Display | None = None
    text_case: Case = ""
    strip_periods: bool = False
    quotes: bool = False


class Text(Rendering, frozen=True, kw_only=True):
    """``cs:text``: the content of a variable, a macro, a term or a given text."""

    source: Literal["variable", "macro", "term", "value", ""]
    name: str
    form: str = "long"
    plural: bool = False


class Number(Rendering, frozen=True, kw_only=True):
    """``cs:number``: a number variable in figures, as an ordinal or in roman numerals."""

    variable: str
    form: str = "numeric"


class Label(Rendering, frozen=True, kw_only=True):
    """``cs:label``: the term that belongs to a variable; without `variable` inside ``cs:names``."""

    variable: str = ""
    form: str = "long"
    plural: str = "contextual"


class DatePart(Rendering, frozen=True, kw_only=True):
    """``cs:date-part``: day, month or year."""

    name: str
    form: str = ""
    range_delimiter: str | None = None
    affixed: bool = False


class Date(Rendering, frozen=True, kw_only=True):
    """``cs:date``: with `form` a localized format that `parts` adjust, else a format of its own made of `parts`."""

    variable: str = ""
    form: str = ""
    shown: str = "year-month-day"
    delimiter: str = ""
    parts: tuple[DatePart, ...] = ()


class NameOptions(Struct, frozen=True, kw_only=True):
    """The inheritable options of ``cs:name`` and ``cs:names``; `None` where an element leaves one to its parents."""

    and_: str | None = None
    delimiter_precedes_et_al: str | None = None
    delimiter_precedes_last: str | None = None
    et_al_min: int | None = None
    et_al_use_first: int | None = None
    et_al_use_last: bool | None = None
    et_al_subsequent_min: int | None = None
    et_al_subsequent_use_first: int | None = None
    initialize: bool | None = None
    initialize_with: str | None = None
    name_as_sort_order: str | None = None
    sort_separator: str | None = None
    name_form: str | None = None
    name_delimiter: str | None = None
    names_delimiter: str | None = None

    def under(self, parent: NameOptions) -> NameOptions:
        """These options, each that is not set taken from the parent."""
        mine = structs.asdict(self)
        theirs = structs.asdict(parent)
        return NameOptions(**{key: theirs[key] if value is None else value for key, value in mine.items()})


class NamePart(Rendering, frozen=True, kw_only=True):
    """``cs:name-part``: how the given or family part of a name looks."""

    name: str


class Name(Rendering, frozen=True, kw_only=True):
    """``cs:name``: how each name of a list looks and what comes between them."""

    options: NameOptions = NameOptions()
    parts: tuple[NamePart, ...] = ()


class EtAl(Rendering, frozen=True, kw_only=True):
    """``cs:et-al``: the term after a list that was cut."""

    term: str = "et-al"


class Names(Rendering, frozen=True, kw_only=True):
    """``cs:names``: one or more lists of names, or what replaces them.

    Attributes:
        variables: the name variables, in order.
        delimiter: between the lists of two variables; `None` where it is inherited.
        name: ``cs:name``, where there is one.
        et_al: ``cs:et-al``, where there is one.
        label: ``cs:label``, where there is one.
        label_first: whether the label comes before the names.
        substitute: what is tried in turn when no variable has names.
    """

    variables: tuple[str, ...]
    delimiter: str | None = None
    name: Name | None = None
    et_al: EtAl | None = None
    label: Label | None = None
    label_first: bool = False
    substitute: tuple[Element, ...] = ()


class Group(Rendering, frozen=True, kw_only=True):
    """``cs:group``, also ``cs:layout``: elements in a row with a delimiter between them."""

    delimiter: str = ""
    children: tuple[Element, ...] = ()


class Condition(Struct, frozen=True):
    """One test of ``cs:if``: the attribute and one of its values."""

    test: str
    value: str


class Branch(Struct, frozen=True):
    """``cs:if``, ``cs:else-if`` or, without conditions, ``cs:else``."""

    conditions: tuple[Condition, ...]
    match: str
    children: tuple[Element, ...]


class Choose(Struct, frozen=True):
    """``cs:choose``: the first branch whose conditions hold."""

    line: int
    branches: tuple[Branch, ...]


Element: TypeAlias = Text | Number | Label | Date | Names | Group | Choose


class Key(Struct, frozen=True, kw_only=True):
    """``cs:key``: what to sort by, and how names count while sorting."""

    line: int
    variable: str = ""
    macro: str = ""
    descending: bool = False
    options: NameOptions = NameOptions()


class Area(Struct, frozen=True, kw_only=True):
    """``cs:citation`` or ``cs:bibliography``.

    Attributes:
        layout: its ``cs:layout``.
        sort: its sort keys, most important first.
        options: inheritable name options set on it.
        attributes: all other attributes, by the name that CSL gives them.
    """

    layout: Group
    sort: tuple[Key, ...] = ()
    options: NameOptions = NameOptions()
    attributes: dict[str, str] = {}

    def is_set(self, attribute: str) -> bool:
        """Whether an attribute that is true or false is set to true."""
        return self.attributes.get(attribute) == "true"


class Term(Struct, frozen=True, kw_only=True):
    """``cs:term``: the words of one language for one thing.

    Attributes:
        single: the word, singular.
        multiple: its plural.
        gender: of the noun, where the language's ordinals follow it.
        match: which numbers an ordinal suffix is for.
    """

    single: str
    multiple: str
    gender: str = ""
    match: str = ""


class LocaleLayer(Struct, frozen=True, kw_only=True):
    """``cs:locale``: of a locale file, or of a style that overrides it.

    Attributes:
        lang: the language or dialect; empty for all.
        terms: by name, form and (for ordinals) gender.
        dates: localized date formats by their form.
        options: attributes of ``cs:style-options``.
    """

    lang: str = ""
    terms: dict[tuple[str, str, str], Term] = {}
    dates: dict[str, Date] = {}
    options: dict[str, str] = {}


class Style(Struct, frozen=True, kw_only=True, eq=False):
    """A style, ready to be compiled.

    Attributes:
        title: its name for people.
        id: its identifier, usually an address.
        class_: ``note`` or ``in-text``.
        default_locale: the locale that it is written for; empty for none.
        attributes: the global options that are set, by the name that CSL gives them.
        options: inheritable name options set on ``cs:style``.
        locales: its own ``cs:locale`` elements.
        macros: elements of each macro by its name.
        citation: ``cs:citation``.
        bibliography: ``cs:bibliography``, where it has one.
    """

    title: str
    id: str
    class_: str
    default_locale: str
    attributes: dict[str, str]
    options: NameOptions
    locales: tuple[LocaleLayer, ...]
    macros: dict[str, tuple[Element, ...]]
    citation: Area
    bibliography: Area | None


def parse_xml(source: bytes) -> _Element:
    """The root element of a style or locale file.

    Raises:
        StyleError: it is not well-formed, uses entities of its own or is nested beyond reason.
    """
    from lxml import etree

    if b"&amp;#" in source:
        source = _TWICE_ESCAPED.sub(_escaped_once, source)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise StyleError(
            (StyleProblem(line, "", f"this is not well-formed XML: {getattr(error, 'msg', None) or error}"),)
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise StyleError((StyleProblem(1, "", "a style has no document type declaration (<!DOCTYPE …>)"),))
    return root


# Editors of styles escape what is escaped already: `&amp;#160;` was a no-break space. A web page shows the character.
_TWICE_ESCAPED: Final = re.compile(rb"&amp;(#(?:\d{1,7}|x[0-9A-Fa-f]{1,6});)")


def _escaped_once(match: re.Match[bytes]) -> bytes:
    """A character reference; what would be no character of XML stays as it is."""
    character = unescape("&" + match[1].decode())
    is_text = character in {"\t", "\n"} or (character >= " " and character not in "\ufffd\ufffe\uffff")
    return b"&" + match[1] if is_text else match[0]


def read_style(source: bytes) -> Style:
    """The style in a file.

    Raises:
        StyleError: it cannot be rendered.
    """
    root = parse_xml(source)
    if tag(root) != "style":
        raise StyleError((StyleProblem(line_of(root), tag(root), "a style file begins with <style>"),))
    citation = _child(root, "citation")
    if citation is None:
        parent = next(
            (link.get("href", "") for link in root.iter(NAMESPACE + "link") if link.get("rel") == "independent-parent"),
            "",
        )
        message = (
            f"this style only points to another one, {parent}: load that"
            if parent
            else "a style has one <citation>, this has none"
        )
        raise StyleError((StyleProblem(line_of(root), "style", message),))
    problems = tuple(unrenderable(root))
    if problems:
        raise StyleError(problems)
    info = _child(root, "info")
    bibliography = _child(root, "bibliography")
    return Style(
        title=_text_of(info, "title"),
        id=_text_of(info, "id"),
        class_=root.get("class", "in-text"),
        default_locale=root.get("default-locale", ""),
        attributes={str(key): str(value) for key, value in root.attrib.items()},
        options=_name_options(root),
        locales=tuple(read_locale(child) for child in root if tag(child) == "locale"),
        macros={child.get("name", ""): _elements(child) for child in root if tag(child) == "macro"},
        citation=_area(citation),
        bibliography=_area(bibliography) if bibliography is not None else None,
    )


def unrenderable(root: _Element) -> list[StyleProblem]:
    """What keeps a style from being rendered: layouts and macros that are missing, circles, monstrous size."""
    problems: list[StyleProblem] = []
    macros = {child.get("name", ""): child for child in root if tag(child) == "macro"}
    for area in root:
        if tag(area) in {"citation", "bibliography"} and _child(area, "layout") is None:
            problems += [StyleProblem(line_of(area), tag(area), f"<{tag(area)}> needs a <layout>")]
    for element in root.iter(NAMESPACE + "text", NAMESPACE + "key"):
        name = element.get("macro")
        if name is not None and name not in macros:
            problems.append(
                StyleProblem(line_of(element), tag(element), f"unknown macro “{name}”{did_you_mean(name, macros)}")
            )
    measured: dict[str, tuple[int, int]] = {}  # macro -> depth and size of its expansion
    for name, macro in macros.items():
        _measure(name, macro, macros, measured, [], problems)
        if problems and name in measured and measured[name][0] > MAX_DEPTH:
            break
    if not problems:
        for area in root:
            if tag(area) in {"citation", "bibliography"}:
                depth, size = _extent(area, macros, measured)
                if depth > MAX_DEPTH or size > MAX_SIZE:
                    problems.append(StyleProblem(line_of(area), tag(area), _too_large(depth, size)))
    return problems


def _too_large(depth: int, size: int) -> str:
    if depth > MAX_DEPTH:
        return f"its elements and macros are nested deeper than {MAX_DEPTH} levels"
    return f"with its macros written out it has {size} elements; {MAX_SIZE} are the most"


def _measure(
    name: str,
    macro: _Element,
    macros: dict[str, _Element],
    measured: dict[str, tuple[int, int]],
    path: list[str],
    problems: list[StyleProblem],
) -> None:
    """Measures a macro and those it calls; a circle becomes a problem. Iterative: the chain may be of any length."""
    work: list[tuple[str, _Element, bool]] = [(name, macro, False)]
    while work:
        name, macro, done = work.pop()
        if done:
            path.pop()
            depth, size = _extent(macro, macros, measured)
            measured[name] = depth, size
            if depth > MAX_DEPTH or size > MAX_SIZE:
                if not problems:
                    problems.append(StyleProblem(line_of(macro), "macro", _too_large(depth, size)))
                measured[name] = min(depth, MAX_DEPTH + 1), min(size, MAX_SIZE + 1)
            continue
        if name in measured:
            continue
        path.append(name)
        work.append((name, macro, True))
        for call in macro.iter(NAMESPACE + "text"):
            called = call.get("macro")
            if called is None or called not in macros or called in measured:
                continue
            if called in path:
                circle = " → ".join([*path[path.index(called) :], called])
                problem = StyleProblem(line_of(call), "text", f"the macro “{called}” calls itself: {circle}")
                if problem not in problems:
                    problems.append(problem)
            else:
                work.append((called, macros[called], False))


def _extent(element: _Element, macros: dict[str, _Element], measured: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """How deep an element is nested and how many elements one rendering visits: of ``cs:choose`` only one branch.

    It may call itself: libxml2 refuses documents nested deeper than 256 levels.
    """
    extents = [_extent(child, macros, measured) for child in element]
    called = element.get("macro")
    if called is not None and called in measured:
        extents.append(measured[called])
    depth = 1 + max((depth for depth, _ in extents), default=0)
    sizes = [size for _, size in extents]
    return depth, 1 + (max(sizes, default=0) if tag(element) == "choose" else sum(sizes))


def did_you_mean(word: str, known: Any) -> str:  # noqa: ANN401 – any container of words
    """``; did you mean “title”?``, or nothing where no known word is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean “{near[0]}”?" if near else ""


def line_of(element: _Element) -> int:
    """The line that an element begins in."""
    line = cast("int | None", element.sourceline)  # lxml-stubs has it as `...`
    return line or 0


def tag(element: _Element) -> str:
    """The element's name without CSL's namespace; of another namespace, with it."""
    name = element.tag
    return name.removeprefix(NAMESPACE)


def _child(element: _Element, name: str) -> _Element | None:
    return element.find(NAMESPACE + name)


def _text_of(element: _Element | None, name: str) -> str:
    child = _child(element, name) if element is not None else None
    return (child.text or "").strip() if child is not None else ""


def _area(element: _Element) -> Area:
    layout = _child(element, "layout")
    sort = _child(element, "sort")
    return Area(
        layout=_group(layout) if layout is not None else Group(),
        sort=tuple(_key(key) for key in sort if tag(key) == "key") if sort is not None else (),
        options=_name_options(element),
        attributes={str(key): str(value) for key, value in element.attrib.items()},
    )


def _key(element: _Element) -> Key:
    return Key(
        line=line_of(element),
        variable=element.get("variable", ""),
        macro=element.get("macro", ""),
        descending=element.get("sort") == "descending",
        options=NameOptions(
            et_al_min=_integer(element, "names-min"),
            et_al_use_first=_integer(element, "names-use-first"),
            et_al_use_last=_boolean(element, "names-use-last"),
            et_al_subsequent_min=_integer(element, "names-min"),
            et_al_subsequent_use_first=_integer(element, "names-use-first"),
        ),
    )


def _integer(element: _Element, name: str) -> int | None:
    value = (element.get(name) or "").strip()
    return int(value) if value.isdecimal() and len(value) < 10 else None


def _boolean(element: _Element, name: str) -> bool | None:
    value = element.get(name)
    return None if value is None else value.strip() == "true"


def _name_options(element: _Element) -> NameOptions:
    of_name = tag(element) == "name"
    get = element.get
    return NameOptions(
        and_=get("and"),
        delimiter_precedes_et_al=get("delimiter-precedes-et-al"),
        delimiter_precedes_last=get("delimiter-precedes-last"),
        et_al_min=_integer(element, "et-al-min"),
        et_al_use_first=_integer(element, "et-al-use-first"),
        et_al_use_last=_boolean(element, "et-al-use-last"),
        et_al_subsequent_min=_integer(element, "et-al-subsequent-min"),
        et_al_subsequent_use_first=_integer(element, "et-al-subsequent-use-first"),
        initialize=_boolean(element, "initialize"),
        initialize_with=get("initialize-with"),
        name_as_sort_order=get("name-as-sort-order"),
        sort_separator=get("sort-separator"),
        name_form=get("form") if of_name else get("name-form"),
        name_delimiter=get("delimiter") if of_name else get("name-delimiter"),
        names_delimiter=get("names-delimiter"),
    )


_FORMATTING: Final = ("font-style", "font-variant", "font-weight", "text-decoration", "vertical-align")


def _common(element: _Element) -> dict[str, Any]:
    """The attributes of `Rendering`; only those that are set, since most elements have none of them."""
    attributes: dict[str, Any] = {"line": line_of(element)}
    formats: list[tuple[str, str]] = []
    for key, value in element.attrib.items():
        if key in _FORMATTING:
            formats.append((str(key), str(value)))
        elif key in {"prefix", "suffix"}:
            attributes[str(key)] = _kept_blanks(str(value))
        elif key == "display":
            attributes["display"] = str(value)
        elif key == "text-case":
            attributes["text_case"] = str(value)
        elif key in {"strip-periods", "quotes"}:
            attributes[str(key).replace("-", "_")] = value == "true"
    if attributes.get("display") not in {"block", "left-margin", "right-inline", "indent", None}:
        del attributes["display"]
    if formats:
        attributes["formats"] = tuple(formats)
    return attributes


def _kept_blanks(text: str) -> str:
    """Text of a style in which two blanks stay two: HTML shows a row of blanks as one, so the first does not break."""
    return text.replace("  ", "\N{NO-BREAK SPACE} ") if "  " in text else text


def _elements(parent: _Element) -> tuple[Element, ...]:
    return tuple(_READERS[name](child) for child in parent if (name := tag(child)) in _READERS)


def _text(element: _Element) -> Text:
    common = _common(element)
    sources: tuple[Literal["variable", "macro", "term", "value"], ...] = ("variable", "macro", "term", "value")
    for source in sources:
        name = element.get(source)
        if name is not None:
            return Text(
                source=source,
                name=name,
                form=element.get("form", "long"),
                plural=element.get("plural") == "true",
                **common,
            )
    return Text(source="", name="", **common)


def _number(element: _Element) -> Number:
    return Number(variable=element.get("variable", ""), form=element.get("form", "numeric"), **_common(element))


def _label(element: _Element) -> Label:
    return Label(
        variable=element.get("variable", ""),
        form=element.get("form", "long"),
        plural=element.get("plural", "contextual"),
        **_common(element),
    )


def _date(element: _Element) -> Date:
    return Date(
        variable=element.get("variable", ""),
        form=element.get("form", ""),
        shown=element.get("date-parts", "year-month-day"),
        delimiter=_kept_blanks(element.get("delimiter", "")),
        parts=tuple(
            DatePart(
                name=child.get("name", ""),
                form=child.get("form", ""),
                range_delimiter=child.get("range-delimiter"),
                **_common(child),
            )
            for child in element
            if tag(child) == "date-part"
        ),
        **_common(element),
    )


def _names(element: _Element) -> Names:
    name = et_al = label = None
    substitute: tuple[Element, ...] = ()
    label_first = False
    for child in element:
        match tag(child):
            case "name":
                name = Name(
                    options=_name_options(child),
                    parts=tuple(
                        NamePart(name=part.get("name", ""), **_common(part))
                        for part in child
                        if tag(part) == "name-part"
                    ),
                    **_common(child),
                )
            case "et-al":
                et_al = EtAl(term=child.get("term", "et-al"), **_common(child))
            case "label":
                label, label_first = _label(child), name is None
            case "substitute":
                substitute = _elements(child)
    return Names(
        variables=tuple(element.get("variable", "").split()),
        delimiter=element.get("delimiter"),
        name=name,
        et_al=et_al,
        label=label,
        label_first=label_first and name is not None,
        substitute=substitute,
        **_common(element),
    )


def _group(element: _Element) -> Group:
    return Group(delimiter=_kept_blanks(element.get("delimiter", "")), children=_elements(element), **_common(element))


_TESTS: Final = ("type", "variable", "is-numeric", "is-uncertain-date", "locator", "position", "disambiguate")


def _choose(element: _Element) -> Choose:
    branches = tuple(
        Branch(
            tuple(Condition(test, value) for test in _TESTS for value in (child.get(test) or "").split()),
            child.get("match", "all") if tag(child) != "else" else "else",
            _elements(child),
        )
        for child in element
        if tag(child) in {"if", "else-if", "else"}
    )
    return Choose(line_of(element), branches)


_READERS: Final[dict[str, Callable[[Any], Element]]] = {
    "text": _text,
    "number": _number,
    "label": _label,
    "date": _date,
    "names": _names,
    "group": _group,
    "choose": _choose,
}


def read_locale(element: _Element) -> LocaleLayer:
    """The ``cs:locale`` element of a locale file or a style."""
    terms: dict[tuple[str, str, str], Term] = {}
    dates: dict[str, Date] = {}
    options: dict[str, str] = {}
    for child in element:
        match tag(child):
            case "terms":
                for term in child:
                    if tag(term) == "term":
                        _read_term(term, terms)
            case "date":
                date = _date(child)
                dates[date.form] = date
            case "style-options":
                options.update((str(key), str(value)) for key, value in child.attrib.items())
    return LocaleLayer(lang=element.get(XML_LANG, ""), terms=terms, dates=dates, options=options)


def _read_term(element: _Element, terms: dict[tuple[str, str, str], Term]) -> None:
    single = multiple = _words(element)
    if len(element):
        single = _term_text(element, "single")
        multiple = _term_text(element, "multiple")
    get = element.get
    key = (get("name", ""), get("form", "long"), get("gender-form", ""))
    terms[key] = Term(single=single, multiple=multiple, gender=get("gender", ""), match=get("match", ""))


def _term_text(element: _Element, name: str) -> str:
    child = _child(element, name)
    return _words(child) if child is not None else ""


def _words(element: _Element) -> str:
    """The text of a term. Its spaces count (`` AD``), but a line break in an otherwise empty element is not text.

    An apostrophe is typographic, as in any text that is printed (`à l’adresse`); quotation marks are as they are.
    """
    text = element.text or ""
    if "'" in text and len(text.strip()) > 1:
        text = text.replace("'", "’")
    return "" if "\n" in text and not text.strip() else text
