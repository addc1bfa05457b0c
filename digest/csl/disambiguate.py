"""Telling ambiguous cites apart: given names, more names, the ``disambiguate`` condition, year-suffixes.

CSL 1.0.2 “Disambiguation”. Every item is rendered once as a cite; only sets of items whose cites read the same are
looked at again, so the work grows with the number of items and of collisions, not with the square of either.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest.csl.draft import plain
from digest.csl.item import Item
from digest.csl.names import NameList, initials
from digest.csl.printing import BARE_INITIALS, FULL, INITIALS, SUBSEQUENT, UNEXPANDED, Expansion, Printing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from digest.csl.compile import Program
    from digest.csl.names import PersonName


class Disambiguation(Struct, frozen=True):
    """What makes the cites of a document unambiguous.

    Attributes:
        expansions: how the names of an item are expanded, by id; only items that need it.
        year_suffixes: the letter after an item's year, by id; only items that need it.
    """

    expansions: dict[str, Expansion]
    year_suffixes: dict[str, str]

    def expansion(self, id: str) -> Expansion:  # noqa: A002 – CSL-JSON's word
        """How the names of this item are expanded."""
        return self.expansions.get(id, UNEXPANDED)


_CLEAR: Final = Disambiguation({}, {})


def disambiguate(
    program: Program, items: list[Item], numbers: dict[str, int], first_notes: dict[str, str]
) -> Disambiguation:
    """What makes the cites of these items unambiguous, by the methods that the style allows.

    Args:
        program: the compiled style.
        items: all items of the document, cited or not: uncited ones can make a cite ambiguous too.
        numbers: the place of each item in the bibliography, which year-suffixes follow.
        first_notes: the note that cites each item first; `above n 3` and `above n 7` are not the same cite.
    """
    area = program.citation.area
    givens, names, suffixes = (
        area.is_set(f"disambiguate-add-{method}") for method in ("givenname", "names", "year-suffix")
    )
    if not (givens or names or suffixes or program.tests_disambiguate):
        return _CLEAR
    return _Judge(program, items, first_notes, givens=givens, names=names).judge(numbers, suffixes=suffixes)


class _Case(Struct):
    """One item, its names as the style prints them in a cite, and how they are expanded by now."""

    item: Item
    lists: list[NameList]
    expansion: Expansion


class _Judge:
    """Works through the methods, from the whole document to ever smaller sets of cites that read the same."""

    def __init__(
        self, program: Program, items: list[Item], first_notes: dict[str, str], *, givens: bool, names: bool
    ) -> None:
        self._program = program
        self._first_notes = first_notes
        self._names = names
        rule = program.citation.area.attributes.get("givenname-disambiguation-rule", "by-cite")
        self._top = 0 if not givens else BARE_INITIALS if rule.endswith("-with-initials") else FULL
        self._by_cite = rule == "by-cite"
        self._primary = rule.startswith("primary-name")
        self._people: dict[str, Counter[str]] = {}  # initials of all who share a surname
        self._cases: list[_Case] = []
        for item in items:
            printing = self._printing(item, UNEXPANDED)
            text = plain(program.citation.render(printing))
            if text:
                self._cases.append(_Case(item, printing.lists, UNEXPANDED))

    def _printing(self, item: Item, expansion: Expansion) -> Printing:
        printing = Printing(item, in_bibliography=False)
        # Cites are compared in the form that they have when they are repeated: the shortest one, and so the one that
        # has to tell items apart (test-suite, `disambiguate_BasedOnSubsequentForm…`).
        printing.position = SUBSEQUENT
        printing.first_note = self._first_notes.get(item.id, "")
        printing.comparing = True
        printing.expansion = expansion
        return printing

    def _key(self, case: _Case, expansion: Expansion) -> str:
        return plain(self._program.citation.render(self._printing(case.item, expansion)))

    def judge(self, numbers: dict[str, int], *, suffixes: bool) -> Disambiguation:
        if self._top and not self._by_cite:
            self._expand_everywhere()
        year_suffixes: dict[str, str] = {}
        for cases in self._equal_sets(self._cases, lambda case: case.expansion):
            for left in self._indistinct_sets(cases):
                if suffixes:
                    left.sort(key=lambda case: numbers[case.item.id])
                    year_suffixes |= {case.item.id: letters(place) for place, case in enumerate(left)}
        expansions = {case.item.id: case.expansion for case in self._cases if case.expansion is not UNEXPANDED}
        return Disambiguation(expansions, year_suffixes)

    def _equal_sets(self, cases: Iterable[_Case], expansion: Callable[[_Case], Expansion]) -> list[list[_Case]]:
        """The sets of two or more that read the same with these expansions."""
        return [found for found in self._split(cases, expansion) if len(found) > 1]

    def _split(self, cases: Iterable[_Case], expansion: Callable[[_Case], Expansion]) -> list[list[_Case]]:
        found: dict[str, list[_Case]] = {}
        for case in cases:
            found.setdefault(self._key(case, expansion(case)), []).append(case)
        return list(found.values())

    def _indistinct_sets(self, cases: list[_Case]) -> Iterator[list[_Case]]:
        """Expands the cases of a set as far as that helps; yields the sets that nothing makes unambiguous."""
        for left in self._by_names(cases):
            yield from self._by_condition(left)

    def _by_names(self, cases: list[_Case]) -> list[list[_Case]]:
        """Methods 1 and 2: for each name in turn its given names, then one more name with its given names."""
        done: list[list[_Case]] = []
        work = [cases]
        while work:
            found = work.pop()
            for change in self._ways_to_expand(found):
                attempt = {case.item.id: change(case) for case in found}
                parts = self._split(found, lambda case: attempt[case.item.id])  # noqa: B023 – used at once
                if len(parts) > 1:
                    for case in found:
                        case.expansion = attempt[case.item.id]
                    work += [part for part in parts if len(part) > 1]
                    break
            else:
                done.append(found)
        return done

    def _ways_to_expand(self, cases: list[_Case]) -> Iterator[Callable[[_Case], Expansion]]:
        """Ways to expand the names of all cases of a set alike, in the order in which they are tried."""
        lists = max((len(case.lists) for case in cases), default=0)
        for number in range(lists):
            shown = max((self._shown_names(case, number) for case in cases), default=0)
            if self._by_cite and self._top:
                for place in range(shown):
                    for level in self._levels(cases, number):
                        yield lambda case, n=number, p=place, lv=level: _with_level(case.expansion, n, p, lv)  # type: ignore[misc]
            if not self._names:
                continue
            most = max((len(case.lists[number].names) for case in cases if number < len(case.lists)), default=0)
            for count in range(shown + 1, most + 1):
                yield lambda case, n=number, c=count: self._grown(case, n, c)  # type: ignore[misc]
                for level in self._levels(cases, number) if self._by_cite and self._top else ():
                    yield lambda case, n=number, c=count, lv=level: _with_level(
                        _longer(case.expansion, n, c), n, c - 1, lv
                    )  # type: ignore[misc]

    def _grown(self, case: _Case, number: int, count: int) -> Expansion:
        """The expansion with so many names shown; those that are new follow the rule for all names of the document."""
        expansion = _longer(case.expansion, number, count)
        if self._people and not self._primary and number < len(case.lists):
            found = case.lists[number]
            for place in range(found.shown, min(count, len(found.names))):
                level = self._level_for(found.names[place], found)
                if level:
                    expansion = _with_level(expansion, number, place, level)
        return expansion

    def _shown_names(self, case: _Case, number: int) -> int:
        if number >= len(case.lists):
            return 0
        found = case.lists[number]
        return min(len(found.names), max(found.shown, case.expansion.names_shown(number)))

    def _levels(self, cases: list[_Case], number: int) -> list[int]:
        found = next((case.lists[number] for case in cases if number < len(case.lists)), None)
        if found is None:
            return []
        levels = [BARE_INITIALS, FULL] if found.initials or self._top == BARE_INITIALS else [FULL]
        return [level for level in levels if found.level < level <= self._top]

    def _by_condition(self, cases: list[_Case]) -> Iterator[list[_Case]]:
        """Method 3: ``disambiguate="true"`` tests true where that helps."""
        if not self._program.tests_disambiguate:
            yield cases
            return
        attempt = {case.item.id: structs.replace(case.expansion, condition=True) for case in cases}
        parts = self._split(cases, lambda case: attempt[case.item.id])
        if len(parts) == 1:
            yield cases
            return
        for case in cases:
            case.expansion = attempt[case.item.id]
        yield from (part for part in parts if len(part) > 1)

    def _expand_everywhere(self) -> None:
        """The rules other than ``by-cite``: names that could be mistaken for others are expanded in all cites.

        Names that “et al.” hides count as others (citeproc-js; CSL 1.0.2 does not say so): a cite with more names or
        the bibliography may show them.
        """
        people: dict[str, dict[str, str]] = {}
        for case in self._cases:
            for found in case.lists:
                for name in found.names[:1] if self._primary else found.names:
                    if not name.literal and not name.others:
                        people.setdefault(_surname(name), {}).setdefault(_comparable_given(name), _initials(name))
        self._people = {surname: Counter(given.values()) for surname, given in people.items() if len(given) > 1}
        for case in self._cases:
            expansion = case.expansion
            for number, found in enumerate(case.lists):
                for place, name in enumerate(found.names[: 1 if self._primary else found.shown]):
                    level = self._level_for(name, found)
                    if level:
                        expansion = _with_level(expansion, number, place, level)
            case.expansion = expansion

    def _level_for(self, name: PersonName, found: NameList) -> int:
        """How far the rule for all names of the document expands a name."""
        rivals = None if name.literal or name.others else self._people.get(_surname(name))
        if rivals is None or not _comparable_given(name):
            return 0
        if self._top == BARE_INITIALS:  # they help where they tell it from one of the others at least
            return BARE_INITIALS if found.level < 1 and len(rivals) > 1 else 0
        if rivals[_initials(name)] == 1:
            return INITIALS if found.level < 1 else 0
        return FULL if found.level < FULL else 0


def _surname(name: PersonName) -> str:
    return f"{name.particle} {name.family}".strip().casefold()


def _comparable_given(name: PersonName) -> str:
    """Given names for comparing: `J. J.` and `J.J.` are the same."""
    return re.sub(r"[\s.]+", "", name.given)


def _initials(name: PersonName) -> str:
    return initials(name.given, "", False, True)


def _with_level(expansion: Expansion, number: int, place: int, level: int) -> Expansion:
    """The expansion with one name raised to a level."""
    levels = [list(row) for row in expansion.levels]
    while len(levels) <= number:
        levels.append([])
    row = levels[number]
    row += [0] * (place + 1 - len(row))
    row[place] = max(row[place], level)
    return structs.replace(expansion, levels=tuple(map(tuple, levels)))


def _longer(expansion: Expansion, number: int, count: int) -> Expansion:
    """The expansion with so many names shown."""
    shown = [*expansion.shown, *[0] * (number + 1 - len(expansion.shown))]
    shown[number] = max(shown[number], count)
    return structs.replace(expansion, shown=tuple(shown))


def letters(place: int) -> str:
    """The year-suffix of a place: ``a`` to ``z``, then ``aa``, ``ab`` and so on."""
    text = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(ord("a") + rest) + text
    return text
