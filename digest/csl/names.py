"""Names: from what an item holds to a `PersonName`, and from ``cs:names`` to functions that print lists of them.

CSL 1.0.2 “Names”, “Name-part Order”, “Name Particles”.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from digest.csl.draft import Draft, Kept, plain
from digest.csl.markup import clean, rich
from digest.csl.printing import BARE_INITIALS, FULL

if TYPE_CHECKING:
    from digest.csl.locales import Locale
    from digest.csl.printing import Printing
    from digest.csl.style import EtAl, NameOptions, NamePart


class PersonName(Struct, frozen=True):
    """One name, as CSL takes it apart; a group has only `literal`.

    Attributes:
        family: surname without particles.
        given: given names or initials.
        dropping: particle that goes when only the surname is shown (Alexander *von* Humboldt).
        particle: the non-dropping particle (Vincent *van* Gogh).
        suffix: such as ``Jr.`` or ``III``.
        comma_suffix: whether a comma comes before the suffix in the ordinary order.
        literal: the name of a group, printed as it is.
        static: whether the family name comes first in the ordinary order too.
        others: not a name but the sign that the source itself ends with “et al.” here.
    """

    family: str = ""
    given: str = ""
    dropping: str = ""
    particle: str = ""
    suffix: str = ""
    comma_suffix: bool = False
    literal: str = ""
    static: bool = False
    others: bool = False


class NameList(Struct, frozen=True):
    """A list of names that has been rendered.

    Attributes:
        names: all names of the variable.
        shown: how many of them were printed.
        level: 0 where the style prints short names, 1 with initials, 2 in full.
        initials: whether the style can show initials at all (``initialize-with``).
    """

    names: tuple[PersonName, ...]
    shown: int
    level: int
    initials: bool


_OTHERS: Final = PersonName(others=True)
PART: Final = "\x1f"
"""Divides the parts of a name in a sort key, as `NAME` divides names: both sort before any text."""
NAME: Final = "\x1e"
_GLUE: Final = frozenset(["'", "’", "ʼ", "-", "‐", " ", ""])
_ARTICLE: Final = re.compile(r"^(?:the|an|a)\s+", re.IGNORECASE)
_APOSTROPHES: Final = "'’ʼʻ‘"
# A particle is one or more words in lower case before a word that is not, glued on by an apostrophe or hyphen or not.
_LEADING: Final = re.compile(
    rf"((?:[^\W\d_A-Z]+\.?(?:[{_APOSTROPHES}]\s*|[-‐]|\s+)|[{_APOSTROPHES}][^\W\d_]+\s+)+)(?=\S)"
)
_TRAILING: Final = re.compile(rf"\s+((?:[^\W\d_]+\.?\s+)*[^\W\d_]+[{_APOSTROPHES}]?)$")


def read_name(value: Any) -> PersonName | None:  # noqa: ANN401 – any JSON
    """The name in a CSL-JSON value; `None` where there is none.

    Particles that are written into the family or given name are taken apart, unless the name has particle fields.
    ``{"family": "others"}`` and ``{"literal": "others"}`` are not names but the “et al.” of BibTeX and pandoc.
    """
    if not isinstance(value, Mapping):
        return None
    field = {
        key: _string(value.get(key))
        for key in ("family", "given", "literal", "suffix", "dropping-particle", "non-dropping-particle")
    }
    family, given, literal = field["family"], field["given"], field["literal"]
    if literal or not (family or given):
        if literal == "others":
            return _OTHERS
        return PersonName(literal=literal) if literal else None
    if family == "others" and not given:
        return _OTHERS
    if _truth(value.get("isInstitution")):
        return PersonName(literal=family or given)
    dropping, particle, suffix = field["dropping-particle"], field["non-dropping-particle"], field["suffix"]
    comma = _truth(value.get("comma-suffix"))
    if not suffix and "," in given:
        rest, _, tail = given.partition(",")
        if tail.startswith("!"):
            comma, tail = True, tail[1:]
        tail = tail.strip()
        if tail and not tail[0].islower():
            given, suffix = rest.strip(), tail
    if not particle and not dropping and len(family) + len(given) < 200:
        if len(family) > 1 and family[0] == family[-1] == '"':
            family = family[1:-1]  # quotation marks keep a family name in one piece
        else:
            match = _LEADING.match(family)
            if match and match[1] == match[1].lower() and match.end() < len(family) and not family.islower():
                particle, family = match[1], family[match.end() :]
                if particle.rstrip()[-1] not in f"{_APOSTROPHES}-‐":
                    particle = particle.rstrip()  # `de’ Medici` keeps its space, `d’Aubignac` has none
        match = _TRAILING.search(given)
        if match:
            words = match[1].split()
            while words and not words[0].islower():
                words.pop(0)
            if words and all(word.islower() for word in words):
                dropping = " ".join(words)
                given = given[: len(given) - len(dropping)].rstrip()
    return PersonName(
        family=family,
        given=given,
        dropping=dropping,
        particle=particle,
        suffix=suffix,
        comma_suffix=comma,
        static=_truth(value.get("static-ordering")),
    )


def _string(value: Any) -> str:  # noqa: ANN401 – any JSON
    if isinstance(value, str):
        return clean(value).strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e15 else ""


def _truth(value: Any) -> bool:  # noqa: ANN401 – any JSON
    return value not in (None, False, 0, "", "false", "0")


@lru_cache(maxsize=4096)
def _family_first(text: str) -> bool:
    """Whether a name is written in a script that puts the family name first and needs no space (Chinese, Korean …)."""
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and all(
        unicodedata.name(letter, "").startswith(
            ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "IDEOGRAPHIC", "BOPOMOFO", "YI ")
        )
        for letter in letters
    )


_TAGGED: Final = re.compile(r"((?:<[^<>]*>)*)([^<>]*)((?:<[^<>]*>)*)")
_HYPHENS: Final = re.compile("[-‐‑]")


# Languages whose typography keeps a short word and the next one together (citeproc-js).
_KEEPS_PARTICLE: Final = frozenset(["fr", "ru", "cs"])
# What begins with one of these is a remark, such as `(Jenny)` or `"Bob"`, not a name to shorten.
_NO_INITIAL: Final = frozenset('([{"“‘„«')


@lru_cache(maxsize=16384)
def initials(given: str, mark: str, hyphen: bool, every_name: bool) -> str:
    """Given names as initials with `mark` after each: ``J. H.``, ``JH``, ``J.-L.``.

    Args:
        given: names or initials, such as ``Jean-Luc M.``; words in lower case (`de`) stay words.
        mark: ``initialize-with``.
        hyphen: ``initialize-with-hyphen``: whether ``J.-L.`` keeps its hyphen.
        every_name: ``initialize``: whether full names are shortened too, not only what is an initial already.
    """
    out = ""
    glued = False
    for word in given.split():
        short = _initials_of_word(word, mark, hyphen=hyphen, every_name=every_name)
        if short is None:
            out = f"{out.rstrip()} {word}" if out else word
        else:
            out += short if glued or not out else " " + short
        glued = short is not None
    return out.rstrip()


def _initials_of_word(word: str, mark: str, *, hyphen: bool, every_name: bool) -> str | None:
    out = ""
    for number, part in enumerate(_HYPHENS.split(word)):
        tagged = _TAGGED.fullmatch(part)
        lead, core, trail = tagged.groups() if tagged else ("", part, "")
        if not core:
            continue
        short = _initial(core, mark, every_name=every_name)
        if short is None:
            if number == 0:
                return None
            continue  # the second half of `Guo-ping` is not a name of its own
        bare = short.rstrip()
        short = f"{lead}{bare}{trail}{short[len(bare) :]}"
        out = f"{out.rstrip()}-{short}" if out and hyphen else out + short
    return out or None


def _initial(core: str, mark: str, *, every_name: bool) -> str | None:
    if "." in core:  # initials and other abbreviations already: `M.E.`, `Ph.M.`
        pieces = [piece for piece in core.split(".") if piece]
        if pieces and not core.endswith(".") and len(pieces[-1]) > 1:
            last = pieces.pop()
            return "".join(piece + mark for piece in pieces) + (last[0] + mark if every_name else last)
        return "".join(piece + mark for piece in pieces) or None
    if core[0].islower() or core[0] in _NO_INITIAL:
        return None
    if every_name:
        return core[0] + mark
    return core + mark if len(core) == 1 else None


def compile_person(
    options: NameOptions,
    parts: tuple[NamePart, ...],
    decorate: Callable[[NamePart], Callable[[Draft], Draft]],
    cased: Callable[[NamePart], Callable[[Draft], Draft]],
    demote: str,
    *,
    hyphen: bool,
    language: str,
) -> Callable[[PersonName, bool, int], Draft]:
    """A function that prints one name, from the name, whether it is inverted, and how far it is expanded.

    Args:
        options: resolved options of ``cs:name``.
        parts: ``cs:name-part`` elements.
        decorate: gives the function that puts the affixes of a name part around it.
        cased: gives the function that applies formats and text-case of a name part.
        demote: ``demote-non-dropping-particle``.
        hyphen: ``initialize-with-hyphen``.
        language: of the locale.
    """
    particle_gap = "\N{NO-BREAK SPACE}" if language[:2] in _KEEPS_PARTICLE else " "
    family_part = next((part for part in parts if part.name == "family"), None)
    given_part = next((part for part in parts if part.name == "given"), None)

    def keep(draft: Draft) -> Draft:
        return draft

    family_format = cased(family_part) if family_part else keep
    given_format = cased(given_part) if given_part else keep
    family_affixes = decorate(family_part) if family_part else keep
    given_affixes = decorate(given_part) if given_part else keep
    separator = options.sort_separator.replace("  ", " ") if options.sort_separator is not None else ", "
    short_form = options.name_form == "short"
    # Several blanks after an initial are one (citeproc-js); two styles have them.
    mark = None if options.initialize_with is None else re.sub(r"\s+", " ", options.initialize_with)
    every_name = options.initialize is not False
    # Initials without stops have a suffix without them too: `King ML Jr` (citeproc-js; the specification is silent).
    bare_suffix = mark is not None and "." not in mark

    def suffix_of(name: PersonName) -> Draft:
        return rich(name.suffix.replace(".", "") if bare_suffix else name.suffix)

    def person(name: PersonName, inverted: bool, level: int) -> Draft:
        if name.literal:
            return family_affixes(family_format(rich(name.literal)))
        family = family_format(rich(name.family)) if name.family else ""
        if _family_first(name.family + name.given):
            if short_form and not level:
                return family_affixes(family)
            if not family:
                return given_affixes(given_format(name.given))
            given_ = given_affixes(given_format(name.given)) if name.given else ""
            return [family_affixes(family), given_]
        particle = family_format(rich(name.particle)) if name.particle else ""
        if short_form and not level and family:
            return family_affixes(_joined(particle, family, gap=particle_gap))
        given = name.given
        own_mark = "" if mark is None and short_form and level == BARE_INITIALS else mark
        if (
            given and family and own_mark is not None and not _family_first(given)
        ):  # `Banksy` is not known by an initial
            given = initials(given, own_mark, hyphen, every_name and level != FULL)
        given_draft = given_format(rich(given)) if given else ""
        if not family:
            return given_affixes(given_draft)
        dropping = given_format(rich(name.dropping)) if name.dropping else ""
        if inverted or name.static:
            gap = separator if inverted else " "
            if demote == "display-and-sort":
                first = family
                rest = _joined(given_draft, dropping, particle)
            else:
                first = _joined(particle, family, gap=particle_gap)
                rest = _joined(given_draft, dropping)
            out: list[Draft] = [family_affixes(first)]
            if rest:
                out += [gap, given_affixes(rest)]
            if name.suffix:
                out += [gap, suffix_of(name)]
            return out
        surname: Draft = _joined(dropping, particle, family, gap=particle_gap)
        if name.suffix:
            surname = [surname, ", " if name.comma_suffix else " ", suffix_of(name)]
        surname = family_affixes(surname)
        return [given_affixes(given_draft), " ", surname] if given_draft else surname

    return person


def compile_sort_key(options: NameOptions, demote: str, *, hyphen: bool) -> Callable[[PersonName], str]:
    """A function that gives what one name sorts by.

    Args:
        options: resolved options of ``cs:name``.
        demote: ``demote-non-dropping-particle``.
        hyphen: ``initialize-with-hyphen``.
    """
    short_form = options.name_form == "short"
    # Several blanks after an initial are one (citeproc-js); two styles have them.
    mark = None if options.initialize_with is None else re.sub(r"\s+", " ", options.initialize_with)
    every_name = options.initialize is not False

    def sort_key(name: PersonName) -> str:
        """The name in sorting order (CSL 1.0.2 “Name-part Order”), its parts divided by what sorts before all text."""
        if name.literal:
            return _ARTICLE.sub("", name.literal)
        if _family_first(name.family + name.given):
            return name.family if short_form else f"{name.family}{PART}{name.given}"
        given = initials(name.given, mark, hyphen, every_name) if mark is not None and name.family else name.given
        if demote == "never":
            parts = [f"{name.particle}{'' if name.particle[-1:] in _GLUE else ' '}{name.family}", name.dropping, given]
        else:
            parts = [name.family, f"{name.dropping} {name.particle}".strip(), given]
        return PART.join(parts[:2] if short_form else [*parts, name.suffix]).rstrip(PART)

    return sort_key


def _joined(*parts: Draft, gap: str = " ") -> Draft:
    """The parts with spaces between them, but none after a particle that ends with an apostrophe or hyphen."""
    out: list[Draft] = []
    for part in parts:
        if not part:
            continue
        if out and plain(out[-1])[-1:] not in _GLUE:
            out.append(gap)
        out.append(part)
    return out[0] if len(out) == 1 else out


def compile_name_list(
    options: NameOptions,
    person: Callable[[PersonName, bool, int], Draft],
    dress: Callable[[Draft], Draft],
    sort_key: Callable[[PersonName], str],
    et_al: EtAl,
    decorate_et_al: Callable[[Draft], Draft],
    locale: Locale,
    *,
    prefixed: bool,
) -> Callable[[tuple[PersonName, ...], Printing], Draft]:
    """A function that prints the names of one variable: cut, joined, with “and” or “et al.”.

    Args:
        options: options of ``cs:name`` with everything inherited.
        person: prints one name.
        dress: puts the formats and affixes of ``cs:name`` around each name (CSL 1.0.2 “Name”: “individual names”).
        sort_key: gives what one name sorts by.
        et_al: ``cs:et-al``.
        decorate_et_al: puts formats and affixes around the et-al term.
        locale: for the terms.
        prefixed: whether ``cs:name`` has a prefix.
    """
    delimiter = options.name_delimiter if options.name_delimiter is not None else ", "
    inversion = options.name_as_sort_order
    before_et_al = options.delimiter_precedes_et_al or "contextual"
    join = _compile_join(options, delimiter, locale)
    et_al_term = locale.text(et_al.term)
    # no space between scripts that use none (`Zither等`), nor where the term brings its own
    et_al_gap = "" if _family_first(et_al_term) or et_al_term[:1].isspace() else " "
    level = 0 if options.name_form == "short" else 1 if options.initialize_with is not None else 2
    can_initialize = options.initialize_with is not None and options.initialize is not False

    def precedes_et_al(shown: int, names: tuple[PersonName, ...]) -> bool:
        """Whether the delimiter comes before the et-al term."""
        return (
            before_et_al == "always"
            or (before_et_al == "contextual" and shown > 1)
            or (before_et_al == "after-inverted-name" and _is_inverted(inversion, shown - 1, names))
        )

    def render(names: tuple[PersonName, ...], printing: Printing) -> Draft:
        cut_by_source = names[-1].others
        if cut_by_source:
            names = names[:-1]
            if not names:
                return decorate_et_al(et_al_term) if et_al_term and not printing.sorting else ""
        least, first, use_last = _limits(options, printing)
        total = len(names)
        shown = total
        counted = total + cut_by_source  # whoever is meant by “et al.”, it is one more at least
        number = len(printing.lists)
        if least and first is not None and counted >= least and first < total:
            if not first:
                return ""
            shown = min(total, max(first, printing.expansion.names_shown(number)))
        cut = shown < total or cut_by_source
        last = cut and use_last and shown <= total - 2 and not cut_by_source
        printing.lists.append(NameList(names, shown, level, can_initialize))
        if printing.sorting:
            return NAME.join([sort_key(one) for one in ((*names[:shown], names[-1]) if last else names[:shown])])
        levels = printing.expansion.levels
        printed: list[Draft] = []
        for place in range(shown):
            inverted = inversion == "all" or (inversion == "first" and place == 0)
            printed.append(person(names[place], inverted, printing.expansion.level(number, place) if levels else 0))
        if number == 0 and printing.in_bibliography:
            printing.shown_names = printing.shown_names or tuple(map(plain, printed))
            if printing.replaced is not None:
                sign, count = printing.replaced
                if count is None:
                    return sign
                printed = [sign if place < count else one for place, one in enumerate(printed)]
        dressed = [dress(one) for one in printed]
        if prefixed:  # the prefix follows the delimiter as the style has it, blanks too (citeproc-js)
            end = len(dressed) if cut or options.and_ is None else -1  # after “and” a blank is merged
            dressed[1:end] = map(Kept, dressed[1:end])
        out = join(dressed, names, cut=cut)
        if last:
            out += [delimiter, "… ", dress(person(names[-1], inversion == "all", 0))]
        elif cut and et_al_term:
            out += [delimiter if precedes_et_al(shown, names) else et_al_gap, decorate_et_al(et_al_term)]
        return out[0] if len(out) == 1 else out

    return render


def _limits(options: NameOptions, printing: Printing) -> tuple[int, int | None, bool]:
    """From how many names a list is cut, how many then remain, and whether its last name is printed."""
    own = printing.sort_options or options
    least, first = own.et_al_min, own.et_al_use_first
    if printing.position and not printing.in_bibliography:
        least = own.et_al_subsequent_min if own.et_al_subsequent_min is not None else least
        first = own.et_al_subsequent_use_first if own.et_al_subsequent_use_first is not None else first
    return least or 0, first, bool(own.et_al_use_last)


class _Join(Protocol):
    """A function that sets delimiters, and “and” before the last name of a list that is not cut."""

    def __call__(self, printed: list[Draft], names: tuple[PersonName, ...], *, cut: bool) -> list[Draft]: ...


def _compile_join(options: NameOptions, delimiter: str, locale: Locale) -> _Join:
    """The function that joins the names of a list, by the options of ``cs:name``."""
    inversion = options.name_as_sort_order
    before_last = options.delimiter_precedes_last or "contextual"
    conjunction = {"text": locale.text("and"), "symbol": locale.text("and", "symbol") or "&"}.get(
        options.and_ or "", ""
    )

    # Two blanks in the delimiter are one between the first two names, later one of them does not break (citeproc-js).
    before_second = delimiter.replace("  ", " ")
    between = delimiter.replace("  ", "\N{NO-BREAK SPACE} ")

    def join(printed: list[Draft], names: tuple[PersonName, ...], *, cut: bool) -> list[Draft]:
        shown = len(printed)
        out: list[Draft] = []
        for place, one in enumerate(printed):
            if place == shown - 1 and place and not cut and conjunction:
                inverted = _is_inverted(inversion, place - 1, names)
                out.append(_conjunction(delimiter, conjunction, before_last, shown, inverted=inverted))
            elif place:
                out.append(between if place > 1 else before_second)
            out.append(one)
        return out

    return join


def _is_inverted(inversion: str | None, place: int, names: tuple[PersonName, ...]) -> bool:
    return (inversion == "all" or (inversion == "first" and place == 0)) and not names[place].literal


def _conjunction(delimiter: str, word: str, rule: str, shown: int, *, inverted: bool) -> str:
    precedes = rule == "always" or (rule == "contextual" and shown > 2) or (rule == "after-inverted-name" and inverted)
    if _family_first(
        word
    ):  # written without blanks, and without a comma but where the style asks for one (citeproc-js)
        return f"{delimiter}{word}" if precedes and rule != "contextual" else word
    if word[-1:].isspace():
        return word  # Hebrew writes it together with a name; a term that brings its own space is set as it is
    gap = " "
    if precedes:
        return f"{delimiter.rstrip() or ''} {word}{gap}" if delimiter.strip() else f"{delimiter}{word}{gap}"
    return f" {word}{gap}"


def counted(found: list[tuple[str, tuple[PersonName, ...]]], options: NameOptions, printing: Printing) -> Draft:
    """How many names would be printed (``form="count"``)."""
    total = 0
    own = printing.sort_options or options
    for _, people in found:
        count = len(people)
        if own.et_al_min and own.et_al_use_first and count >= own.et_al_min:
            count = min(count, own.et_al_use_first)
        total += count
    return f"{total:09d}" if printing.sorting else str(total)


def citation_label(printing: Printing) -> Draft:
    """The label that the item has, or one of names and year such as ``RoNo78``, with the year-suffix."""
    label = printing.item.string("citation-label")
    if not label:
        names = next(
            (people for variable in ("author", "editor", "translator") if (people := printing.item.names(variable))), ()
        )
        letters = {1: (4,), 2: (2, 2), 3: (2, 1, 1)}.get(len(names), (1, 1, 1, 1))
        label = "".join((name.family or name.literal)[:count] for name, count in zip(names, letters, strict=False))
        date = printing.item.date("issued")
        if date is not None and date.start is not None:
            label += f"{abs(date.start.year) % 100:02d}"
    if label and printing.year_suffix and not printing.year_suffix_printed:
        printing.year_suffix_printed = True
        label += printing.year_suffix
    return label
