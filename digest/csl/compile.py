"""A style and a locale compiled once into plain functions; rendering an item is then only calling them.

Each rendering element becomes a closure ``(Printing) -> Draft``, where an empty draft (``""``) means that the element
printed nothing. What does not depend on the item (terms, inherited name options, formats that are set) is decided while
compiling. Macros are compiled when they are first called, once for citations and once for the bibliography, since both
hand down options of their own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import structs

from digest.csl import numerals
from digest.csl.dates import compile_date, localized, sort_key
from digest.csl.draft import Kept, Linked, Placed, Quoted, Spliced, Styled, Worded, map_text, plain
from digest.csl.locales import locale_for
from digest.csl.markup import rich
from digest.csl.names import citation_label, compile_name_list, compile_person, compile_sort_key, counted
from digest.csl.printing import FIRST, IBID, IBID_WITH_LOCATOR, SUBSEQUENT, Printing
from digest.csl.style import Area, Choose, Date, EtAl, Group, Label, Name, NameOptions, Names, Number, Text
from digest.csl.textcase import cased
from digest.csl.vocabulary import DATE_VARIABLES, NAME_VARIABLES, NUMBER_VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from digest.csl.draft import Draft
    from digest.csl.locales import Locale
    from digest.csl.names import PersonName
    from digest.csl.style import Branch, Condition, Element, Key, Rendering, Style

Render: TypeAlias = "Callable[[Printing], Draft]"
Decorate: TypeAlias = "Callable[[Draft, Printing], Draft]"

# Identifiers are printed letter by letter: an apostrophe in a URL is not typography.
_VERBATIM: Final = frozenset(["URL", "DOI", "ISBN", "ISSN", "PMID", "PMCID"])
# Numbers whose ranges get a dash, as pages do; `number` is not one of them, `12-345` being the number of a report.
_RANGED: Final = NUMBER_VARIABLES - {"number", "version", "citation-number", "first-reference-note-number"}
# Terms that are named otherwise than the number variable that they accompany (CSL 1.0.2 appendix II).
_LABEL_TERMS: Final = {
    "printing-number": "printing",
    "part-number": "part",
    "supplement-number": "supplement",
}


_NO_ITEM: Final[Printing] = Printing.__new__(Printing)
"""Used where a text depends on no item: terms, fixed text, names."""


def _pieces(parts: Iterable[Render], printing: Printing) -> list[Draft]:
    """What several elements print, in order; the output of ``cs:choose`` piece by piece."""
    out: list[Draft] = []
    for part in parts:
        piece = part(printing)
        if piece:
            if type(piece) is Spliced:
                out += piece
            else:
                out.append(piece)
    return out


class Layout:
    """The compiled ``cs:layout`` of one area, with its sort keys.

    Attributes:
        area: what was compiled.
        fields: one function per element of the layout.
        keys: one function per sort key, each with whether it sorts in descending order.
        counts_down: whether the last entry has number 1, since the style sorts by citation-number in descending order
            (lists of publications do; the specification does not say it, the test-suite does).
    """

    def __init__(
        self,
        area: Area,
        fields: tuple[Render, ...],
        keys: tuple[tuple[Callable[[Printing], str], bool], ...],
        *,
        counts_down: bool,
    ) -> None:
        self.area = area
        self.fields = fields
        self.keys = keys
        self.counts_down = counts_down

    def render(self, printing: Printing) -> list[Draft]:
        """What the elements of the layout print for one item, without the layout's own affixes and formats."""
        return _pieces(self.fields, printing)

    def dress(self, content: Draft) -> Draft:
        """Content inside the affixes and formats of the layout; here, unlike elsewhere, affixes are formatted too."""
        layout = self.area.layout
        out: Draft = [layout.prefix, content, layout.suffix] if layout.prefix or layout.suffix else content
        for name, value in layout.formats:
            out = Styled(out, name, value)
        return out


class Program:
    """A style compiled for one locale. Its two layouts are compiled when they are first asked for.

    Attributes:
        style: what was compiled.
        locale: for which language.
        tests_disambiguate: whether cites look different when they are ambiguous (``disambiguate="true"``).
    """

    def __init__(self, style: Style, locale: Locale) -> None:
        self.style = style
        self.locale = locale
        # A style that places the year-suffix itself, in either area, gets none after the year (CSL 1.0.2).
        self._implicit_suffix = not any(
            isinstance(element, Text) and _variable_of(element) == "year-suffix"
            for area in (style.citation, style.bibliography)
            for element in _reached(style, area)
        )
        self.tests_disambiguate = any(
            isinstance(element, Choose)
            and any(condition.test == "disambiguate" for branch in element.branches for condition in branch.conditions)
            for element in _reached(style, style.citation)
        )
        self._layouts: dict[str, Layout] = {}

    @property
    def citation(self) -> Layout:
        """The layout of citations."""
        return self._layout("citation", self.style.citation)

    @property
    def bibliography(self) -> Layout | None:
        """The layout of the bibliography, if the style has one."""
        area = self.style.bibliography
        return self._layout("bibliography", area) if area is not None else None

    def _layout(self, name: str, area: Area) -> Layout:
        found = self._layouts.get(name)
        if found is None:
            compiler = _Compiler(self.style, self.locale, area, implicit_suffix=self._implicit_suffix)
            found = self._layouts[name] = compiler.layout()
        return found


@lru_cache(maxsize=64)
def compiled(style: Style, lang: str) -> Program:
    """The program of a style for a language; kept for the next document."""
    return Program(style, locale_for(style.locales, lang))


def _variable_of(element: Text | Number) -> str:
    if isinstance(element, Number):
        return element.variable
    return element.name if element.source == "variable" else ""


def _reached(style: Style, area: Area | None) -> Iterator[Element]:
    """Every rendering element of an area, those in macros that it calls included."""
    seen: set[str] = set()
    work: list[Element] = list(area.layout.children) if area is not None else []
    while work:
        element = work.pop()
        yield element
        if isinstance(element, Text) and element.source == "macro" and element.name not in seen:
            seen.add(element.name)
            work += style.macros.get(element.name, ())
        elif isinstance(element, Group):
            work += element.children
        elif isinstance(element, Choose):
            for branch in element.branches:
                work += branch.children
        elif isinstance(element, Names):
            work += element.substitute


class _Compiler:
    """Compiles the elements of one area."""

    def __init__(self, style: Style, locale: Locale, area: Area, *, implicit_suffix: bool) -> None:
        self._style = style
        self._locale = locale
        self._area = area
        self._options = area.options.under(style.options)
        self._implicit_suffix = implicit_suffix
        self._macros: dict[str, Render] = {}
        self._page_format = style.attributes.get("page-range-format", "")
        self._dash = locale.text("page-range-delimiter") or "–"

    def layout(self) -> Layout:
        area = self._area
        return Layout(
            area,
            tuple(map(self.element, area.layout.children)),
            tuple((self._key(key), key.descending) for key in area.sort),
            counts_down=any(key.descending and self._sorts_by_number(key) for key in area.sort),
        )

    def _sorts_by_number(self, key: Key) -> bool:
        called = Area(layout=Group(children=self._style.macros.get(key.macro, ())))
        return key.variable == "citation-number" or any(
            isinstance(element, (Text, Number)) and _variable_of(element) == "citation-number"
            for element in _reached(self._style, called)
        )

    def element(self, element: Element) -> Render:
        """The closure of one rendering element."""
        match element:
            case Text():
                return self._text(element)
            case Number():
                return self._number(element)
            case Label():
                return self._label(element)
            case Date():
                return self._date(element)
            case Names():
                return self._names(element)
            case Group():
                return self._group(element.children, element.delimiter, element)
            case Choose():
                return self._choose(element)

    # -- what elements share ------------------------------------------------------------------------------------------

    def _decorate(self, element: Rendering, *, affixes: bool = True) -> Decorate | None:
        """What puts case, formats, quotes, affixes and display around an output; `None` where nothing is set."""
        case, strip, quotes, display = element.text_case, element.strip_periods, element.quotes, element.display
        formats = element.formats
        prefix, suffix = (element.prefix, element.suffix) if affixes else ("", "")
        if not (case or strip or quotes or display or formats or prefix or suffix):
            return None
        if not (case or strip or quotes or display or formats):
            return lambda draft, _: [prefix, draft, suffix]
        language = self._language

        def decorate(draft: Draft, printing: Printing) -> Draft:
            if case:
                of_term = case == "title" and printing is _NO_ITEM  # title case spares titles, but no terms, in German
                draft = cased(draft, case, language="en" if of_term else language(printing))
            if strip:
                draft = map_text(draft, _without_periods)
            for name, value in formats:
                draft = Styled(draft, name, value)
            if quotes:
                draft = Quoted(draft)
            if prefix or suffix:
                draft = [prefix, draft, suffix]
            return Placed(draft, display) if display else draft

        return decorate

    def _decorated(self, element: Rendering, *, affixes: bool = True) -> Callable[[Draft], Draft]:
        """As `_decorate`, for what is not an item's text and so needs no printing."""
        decorate = self._decorate(element, affixes=affixes)
        if decorate is None:
            return lambda draft: draft
        return lambda draft: decorate(draft, _NO_ITEM) if draft else draft

    def _language(self, printing: Printing) -> str:
        """The language of the text: the item's own, else the document's.

        CSL 1.0.2 “Title Case Conversion” names the style's default-locale. The language that a document asks for takes
        its place, here as for words and dates: a style made for English does not write German titles in title case.
        """
        return (printing is not _NO_ITEM and printing.item.string("language")) or self._locale.lang

    def _variable(self, name: str, value: Callable[[Printing], Draft], decorate: Decorate | None) -> Render:
        """The closure of an element that prints one variable: counted, linked, not twice."""
        # The suffix alone is not content: `(n.d.-a)` without it is `(n.d.)`, not nothing (test-suite).
        counted = name != "year-suffix"

        def render(printing: Printing) -> Draft:
            if counted:
                printing.called += 1
            if name in printing.suppressed:
                return ""
            draft = value(printing)
            if not draft:
                return ""
            printing.filled += 1
            if printing.recorded is not None:
                printing.recorded.append(name)
            if printing.link is not None and not printing.sorting:
                text = "" if name in DATE_VARIABLES else printing.item.string(name)
                url = printing.link(name, text or plain(draft), printing.item.original)
                if url:
                    draft = Linked(draft, url)
            return decorate(draft, printing) if decorate is not None else draft

        return render

    # -- elements -----------------------------------------------------------------------------------------------------

    def _text(self, element: Text) -> Render:
        decorate = self._decorate(element)
        if element.source == "macro":
            return self._macro_call(element, decorate)
        if element.source == "variable":
            return self._variable(element.name, self._value(element.name, element.form), decorate)
        fixed: Draft
        if element.source == "term":
            fixed = self._locale.text(element.name, element.form, plural=element.plural)
            fixed = fixed and (Kept(Worded(fixed)) if fixed[-1:] == " " else Worded(fixed))
        else:
            fixed = rich(element.name)
            if " " in (element.name[:1], element.name[-1:]):
                fixed = Kept(fixed)
        if not fixed:
            return _nothing
        if decorate is not None and (element.text_case != "title" or element.source == "term"):
            fixed = decorate(fixed, _NO_ITEM)
            decorate = None
        if decorate is None:
            constant = fixed
            return lambda _: constant
        dressed, text = decorate, fixed
        return lambda printing: dressed(text, printing)

    def _macro_call(self, element: Text, decorate: Decorate | None) -> Render:
        macro = self._macros.get(element.name)
        if macro is None:
            children = self._style.macros.get(element.name, ())
            macro = self._macros[element.name] = self._group(children, "", None)
        if decorate is None:
            return macro
        call, dress = macro, decorate

        def render(printing: Printing) -> Draft:
            out = call(printing)
            return dress(out, printing) if out else ""

        return render

    def _value(self, name: str, form: str) -> Callable[[Printing], Draft]:
        """The function that gets the content of a variable as ``cs:text`` prints it."""
        match name:
            case "citation-number":
                return lambda printing: (
                    f"{printing.citation_number:09d}" if printing.sorting else str(printing.citation_number or "")
                )
            case "year-suffix":
                return _year_suffix
            case "first-reference-note-number":
                return lambda printing: printing.first_note
            case "citation-label":
                return citation_label
            case "locator":
                return self._locator
            case "page":
                return lambda printing: self._pages(printing.item.string("page"))
            case "page-first":
                return _first_page
        if name in _VERBATIM:
            return lambda printing: printing.item.string(name).strip()
        if name in _RANGED:
            dash = self._dash
            return lambda printing: rich(numerals.ranged(printing.item.string(name).strip(), dash))
        short = (
            {"title": "title-short", "container-title": "container-title-short"}.get(name) if form == "short" else None
        )
        if short is None and form == "short":
            short = f"{name}-short"
        if short is not None:
            brief = short
            return lambda printing: printing.item.text(brief) or printing.item.text(name)
        return lambda printing: printing.item.text(name)

    def _pages(self, text: str) -> Draft:
        return rich(numerals.page_range(text, self._page_format, self._dash)) if text else ""

    def _locator(self, printing: Printing) -> Draft:
        text = printing.locator
        if not text:
            return ""
        if "–" in text or "—" in text:
            return rich(text)  # a dash that was typed says how the range is to be printed
        if printing.label in {"page", ""} and self._page_format:
            return self._pages(text)
        return rich(numerals.page_range(text, "", "–"))  # always an en dash (CSL 1.0.2 “Range Delimiters”)

    def _number(self, element: Number) -> Render:
        name, form, locale, dash = element.variable, element.form, self._locale, self._dash
        gender = locale.gender(_LABEL_TERMS.get(name, name))
        raw = self._raw(name)
        # In figures, pages and locators have the ranges that they have as text.
        ranged = self._value(name, "long") if form == "numeric" and name in {"locator", "page"} else None

        def value(printing: Printing) -> Draft:
            text = raw(printing).strip()
            if not text:
                return ""
            if printing.sorting:
                return text.zfill(9) if text.isdecimal() else text
            if ranged is not None:
                return ranged(printing)
            return numerals.number(text, form, locale, gender, dash)

        return self._variable(name, value, self._decorate(element))

    def _raw(self, name: str) -> Callable[[Printing], str]:
        match name:
            case "locator":
                return lambda printing: printing.locator
            case "citation-number":
                return lambda printing: str(printing.citation_number or "")
            case "first-reference-note-number":
                return lambda printing: printing.first_note
            case "page-first":
                return _first_page
            case _:
                return lambda printing: printing.item.string(name)

    def _label(self, element: Label) -> Render:
        decorate = self._decorate(element)
        name, form, plural = element.variable, element.form, element.plural
        raw = self._raw(name)
        locale = self._locale

        def render(printing: Printing) -> Draft:
            text = raw(printing).strip()
            if not text or name in printing.suppressed:
                return ""
            term = (printing.label or "page") if name == "locator" else _LABEL_TERMS.get(name, name)
            if plural == "contextual":
                if name in {"number-of-pages", "number-of-volumes"}:
                    several = (text.isdecimal() and int(text[:9]) > 1) or (
                        not text.isdecimal() and numerals.is_plural(text)
                    )
                else:
                    several = numerals.is_plural(text)
            else:
                several = plural == "always"
            out = locale.text(term, form, plural=several)
            if not out:
                return ""
            return decorate(out, _NO_ITEM) if decorate is not None else out

        return render

    def _date(self, element: Date) -> Render:
        pattern = localized(element, self._locale)
        decorate = self._decorate(structs.replace(element, formats=pattern.formats, text_case=pattern.text_case))
        variable = element.variable
        shown = tuple(name for name in ("year", "month", "day") if any(part.name == name for part in pattern.parts))
        render_date = compile_date(
            pattern,
            self._locale,
            self._decorated,
            implicit_suffix=self._implicit_suffix,
        )

        def value(printing: Printing) -> Draft:
            date = printing.item.date(variable)
            if date is None or (printing.comparing and variable == "accessed"):
                return ""
            if printing.sorting:
                return sort_key(date, shown)
            if date.literal:  # in the place of the year: what prints months and days alone prints nothing
                return rich(date.literal) if "year" in shown or not shown else ""
            return render_date(date, printing)

        return self._variable(variable, value, decorate)

    def _group(self, children: Iterable[Element], delimiter: str, element: Group | None) -> Render:
        """A group, or (without element) a macro, which counts as one; CSL 1.0.2 “Group”."""
        parts = tuple(map(self.element, children))
        decorate = self._decorate(element) if element is not None else None

        def render(printing: Printing) -> Draft:
            called, filled = printing.called, printing.filled
            out = _pieces(parts, printing)
            if not out or (printing.called > called and printing.filled == filled):
                return ""
            printing.called += 1
            printing.filled += 1
            if delimiter and len(out) > 1:
                joined: list[Draft] = [out[0]]
                for piece in out[1:]:
                    joined += (delimiter, piece)
                out = joined
            return decorate(out, printing) if decorate is not None else out

        return render

    def _choose(self, element: Choose) -> Render:
        branches = tuple((self._test(branch), tuple(map(self.element, branch.children))) for branch in element.branches)

        def render(printing: Printing) -> Draft:
            for test, parts in branches:
                if test(printing):
                    return Spliced(_pieces(parts, printing))
            return ""

        return render

    def _test(self, branch: Branch) -> Callable[[Printing], bool]:
        if branch.match == "else":
            return lambda _: True
        # An item has one type: several types are alternatives whatever `match` says of the conditions. The letter of
        # CSL 1.0.2 (“all” by default) could never hold; authors of styles and other processors mean this.
        types = frozenset(condition.value for condition in branch.conditions if condition.test == "type")
        tests = tuple(self._condition(condition) for condition in branch.conditions if condition.test != "type")
        if types:
            tests = (lambda printing: printing.item.type in types, *tests)
        if not tests:
            return lambda _: False
        if len(tests) == 1 and branch.match != "none":
            return tests[0]
        match branch.match:
            case "any":
                return lambda printing: any(test(printing) for test in tests)
            case "none":
                return lambda printing: not any(test(printing) for test in tests)
            case _:
                return lambda printing: all(test(printing) for test in tests)

    def _condition(self, condition: Condition) -> Callable[[Printing], bool]:
        value = condition.value
        match condition.test:
            case "variable":
                return _has(value)
            case "is-numeric":
                raw = self._raw(value)
                return lambda printing: numerals.is_numeric(raw(printing))
            case "is-uncertain-date":
                return lambda printing: (date := printing.item.date(value)) is not None and date.circa
            case "locator":
                return lambda printing: bool(printing.locator) and (printing.label or "page") == value
            case "position":
                return _POSITIONS.get(value, _never)
            case "disambiguate":
                return lambda printing: printing.expansion.condition == (value == "true")
            case _:
                return _never

    # -- names --------------------------------------------------------------------------------------------------------

    def _name_list(
        self, name: Name, options: NameOptions, et_al: EtAl
    ) -> Callable[[tuple[PersonName, ...], Printing], Draft]:
        """A function that prints the names of one variable."""
        demote = self._style.attributes.get("demote-non-dropping-particle", "display-and-sort")
        hyphen = self._style.attributes.get("initialize-with-hyphen") != "false"
        person = compile_person(
            options,
            name.parts,
            lambda part: _affixed(part.prefix, part.suffix),
            lambda part: self._decorated(part, affixes=False),
            demote,
            hyphen=hyphen,
            language=self._locale.lang,
        )
        sort_key = compile_sort_key(options, demote, hyphen=hyphen)
        return compile_name_list(
            options,
            person,
            self._decorated(name),
            sort_key,
            et_al,
            self._decorated(et_al),
            self._locale,
            prefixed=bool(name.prefix),
        )

    def _names(self, element: Names) -> Render:
        name = element.name or Name()
        options = name.options.under(self._options)
        one_list = self._name_list(name, options, element.et_al or EtAl())
        decorate = self._decorate(element)
        label = self._names_label(element.label) if element.label is not None else None
        label_first = element.label_first
        variables = element.variables
        delimiter = element.delimiter if element.delimiter is not None else options.names_delimiter or ""
        counting = options.name_form == "count"
        substitutes = tuple(self.element(_inheriting(child, element)) for child in element.substitute)
        both = {"editor", "translator"} <= set(variables)

        def names_of(printing: Printing) -> list[tuple[str, tuple[PersonName, ...]]]:
            found = [
                (variable, people)
                for variable in variables
                if variable not in printing.suppressed and (people := printing.item.names(variable))
            ]
            if both and len(found) > 1:
                lists = dict(found)
                # A style that defines the term for both as empty wants to name the two roles apart (test-suite).
                if lists.get("editor") == lists.get("translator") and (
                    label is None or label("editortranslator", False)
                ):
                    others = [pair for pair in found if pair[0] not in {"editor", "translator"}]
                    found = [("editortranslator", lists["editor"]), *others]
            return found

        def render(printing: Printing) -> Draft:
            printing.called += 1
            found = names_of(printing)
            if not found:
                return self._substituted(substitutes, printing)
            if printing.recorded is not None:
                printing.recorded += variables
            if counting:
                printing.filled += 1
                return counted(found, options, printing)
            out: list[Draft] = []
            for variable, people in found:
                piece = one_list(people, printing)
                if not piece:
                    continue
                if label is not None and not printing.sorting:
                    tag = label(variable, len(people) > 1)
                    if tag:
                        piece = [tag, piece] if label_first else [piece, tag]
                if out and delimiter:
                    out.append(delimiter)
                out.append(piece)
            if not out:
                return ""
            draft: Draft = out[0] if len(out) == 1 else out
            if decorate is not None and not printing.sorting:  # affixes would put `Doe` after `Doe, Roe`
                draft = decorate(draft, printing)
            if printing.first_names is None:
                printing.first_names, printing.names_draft = plain(out), draft
            if printing.names_off:
                printing.names_off = False  # only the first names are left out
                return ""
            printing.filled += 1
            return draft

        return render

    @staticmethod
    def _substituted(substitutes: Sequence[Render], printing: Printing) -> Draft:
        """The output of the first child of ``cs:substitute`` that has one; its variables are not printed again."""
        outer = printing.recorded
        try:
            for substitute in substitutes:
                printing.recorded = []
                was_off = printing.names_off
                out = substitute(printing)
                if was_off and not printing.names_off:
                    return ""  # names that are left out (suppressed, collapsed) have no substitute
                if out:
                    printing.suppressed.update(printing.recorded)
                    if outer is not None:
                        outer += printing.recorded
                    if printing.first_names is None:
                        printing.first_names, printing.names_draft = plain(out), out
                        if printing.in_bibliography and not printing.sorting:
                            repeats = bool(printing.recorded)  # a variable can, a term such as `Anon` is not a name
                            if not printing.shown_names:
                                printing.shown_names = (printing.first_names if repeats else f"\0{printing.item.id}",)
                            if repeats and printing.replaced is not None:
                                out = printing.replaced[0]
                        if printing.names_off:
                            printing.names_off = False
                            return ""
                    return out
            return ""
        finally:
            printing.recorded = outer

    def _names_label(self, element: Label) -> Callable[[str, bool], Draft]:
        decorate = self._decorate(element)
        locale, form, plural = self._locale, element.form, element.plural

        def label(variable: str, several: bool) -> Draft:
            if plural != "contextual":
                several = plural == "always"
            text = locale.text(variable, form, plural=several)
            if not text and variable == "editortranslator":
                text = locale.text("editor-translator", form, plural=several)
            if not text:
                return ""
            return decorate(text, _NO_ITEM) if decorate is not None else text

        return label

    # -- sorting ------------------------------------------------------------------------------------------------------

    def _key(self, key: Key) -> Callable[[Printing], str]:
        """A function from an item to a string that sorts as the key wants; empty strings go last."""
        options = key.options.under(self._options)
        if key.macro:
            call = self._macro_call(Text(source="macro", name=key.macro), None)
        else:
            call = self._sort_variable(key.variable)
        overrides = key.options != NameOptions()

        def value(printing: Printing) -> str:
            printing.sorting = True
            printing.sort_options = options if overrides else None
            return plain(call(printing))

        return value

    def _sort_variable(self, variable: str) -> Render:
        if variable in NAME_VARIABLES:
            element = Names(
                variables=(variable,), name=Name(options=NameOptions(name_form="long", name_as_sort_order="all"))
            )
            return self._names(element)
        if variable in DATE_VARIABLES:
            return lambda printing: sort_key(date) if (date := printing.item.date(variable)) is not None else ""
        if variable in NUMBER_VARIABLES:
            raw = self._raw(variable)
            return lambda printing: text.zfill(9) if (text := raw(printing).strip()).isdecimal() else text
        return self._value(variable, "long")


def _affixed(prefix: str, suffix: str) -> Callable[[Draft], Draft]:
    if not (prefix or suffix):
        return lambda draft: draft
    return lambda draft: [prefix, draft, suffix] if draft else draft


def _inheriting(child: Element, parent: Names) -> Element:
    """A bare ``cs:names`` in ``cs:substitute`` takes over everything from the element that it replaces.

    It may be in a ``cs:choose`` or ``cs:group`` of the substitute. Several in one branch are tried in turn, as they
    are outside of it (CSL 1.0.2 “Substitute”: “the first element to return a non-empty result”).
    """
    if isinstance(child, Names) and child.name is None and child.et_al is None and child.label is None:
        return structs.replace(
            parent,
            line=child.line,
            variables=child.variables,
            delimiter=child.delimiter if child.delimiter is not None else parent.delimiter,
            substitute=child.substitute,
        )
    if isinstance(child, Group):
        return structs.replace(child, children=tuple(_inheriting(one, parent) for one in child.children))
    if isinstance(child, Choose):
        branches = (
            structs.replace(branch, children=_tried_in_turn(branch.children, parent)) for branch in child.branches
        )
        return structs.replace(child, branches=tuple(branches))
    return child


def _tried_in_turn(children: tuple[Element, ...], parent: Names) -> tuple[Element, ...]:
    if len(children) > 1 and all(isinstance(child, (Names, Choose)) for child in children):
        return (
            structs.replace(parent, variables=(), prefix="", suffix="", formats=(), display=None, substitute=children),
        )
    return tuple(_inheriting(child, parent) for child in children)


def _has(variable: str) -> Callable[[Printing], bool]:
    match variable:
        case "locator":
            return lambda printing: bool(printing.locator)
        case "year-suffix":
            return lambda printing: bool(printing.year_suffix)
        case "citation-number":
            return lambda printing: bool(printing.citation_number)
        case "first-reference-note-number":
            return lambda printing: bool(printing.first_note)
        case _:
            # A variable that has replaced names counts: it is suppressed in the output and empty for cs:group, not for
            # conditions (CSL 1.0.2 “Substitute”).
            return lambda printing: printing.item.has(variable)


def _nothing(_: Printing) -> Draft:
    return ""


def _never(_: Printing) -> bool:
    return False


_POSITIONS: Final[dict[str, Callable[[Printing], bool]]] = {
    "first": lambda printing: not printing.in_bibliography and printing.position == FIRST,
    "subsequent": lambda printing: not printing.in_bibliography and printing.position >= SUBSEQUENT,
    "ibid": lambda printing: not printing.in_bibliography and printing.position >= IBID,
    "ibid-with-locator": lambda printing: not printing.in_bibliography and printing.position == IBID_WITH_LOCATOR,
    "near-note": lambda printing: not printing.in_bibliography and printing.near_note,
}


def _year_suffix(printing: Printing) -> Draft:
    if printing.year_suffix_printed:
        return ""
    printing.year_suffix_printed = True
    return printing.year_suffix


def _first_page(printing: Printing) -> str:
    own = printing.item.string("page-first")
    if own:
        return own
    found = numerals.FIRST_PAGE.match(printing.item.string("page").strip())
    return found[0] if found else ""


def _without_periods(text: str) -> str:
    return text.replace(".", "")
