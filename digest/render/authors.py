"""The authors of an entry as a theme prints them: how many of them, their names in one fashion, their affiliations."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.model import Person
    from digest.render.theme import OptionValue

Shown = Literal["all", "ten and last", "first"]
Fashion = Literal["as they came", "A. B. Miller", "AB Miller", "Miller AB"]

_TEN: Final = 10


class PrintedAuthor(msgspec.Struct, frozen=True, kw_only=True):
    """An author as the theme prints one.

    Attributes:
        name: the name in the fashion that the option ``names`` of the theme asks for.
        affiliations: marks of the affiliations.
        orcid: ORCID iD without its address; may be empty.
    """

    name: str
    affiliations: tuple[int, ...]
    orcid: str


class Byline(msgspec.Struct, frozen=True, kw_only=True):
    """The authors of an entry that are printed, as the options ``authors`` and ``most_authors`` of the theme ask.

    Attributes:
        first: the authors at the beginning of the list, or all.
        others: how many are left out after them; never a single one.
        last: the last author, where it is printed after those left out; else nothing.
        et_al: “et al.” follows, because the source itself ends in it.
        affiliations: affiliations of those who are printed, in order of their marks.
        everyone: all authors; their marks are those of the entry's own `affiliations`.
    """

    first: tuple[PrintedAuthor, ...]
    others: int
    last: tuple[PrintedAuthor, ...]
    et_al: bool
    affiliations: tuple[RichText, ...]
    everyone: tuple[PrintedAuthor, ...]


class Bylines(msgspec.Struct, frozen=True, kw_only=True):
    """What a theme asks for about authors.

    Attributes:
        shown: which authors are printed.
        fashion: how their names are written.
        most: how many authors of an entry are in the index, and printed where all are asked for.
    """

    shown: Shown = "all"
    fashion: Fashion = "as they came"
    most: int | None = None

    def of(self, authors: Sequence[Person], affiliations: Sequence[RichText], *, et_al: bool) -> Byline:
        """The byline of an entry.

        Args:
            authors: all its authors.
            affiliations: all their affiliations.
            et_al: whether the source names further authors by “et al.” alone.
        """
        first, last = self._parts(authors, et_al=et_al)
        marks = sorted({mark for person in (*first, *last) for mark in person.affiliations})
        number = {mark: n for n, mark in enumerate(marks, 1)}
        whole = len(first) == len(authors)
        if whole:  # affiliations that nobody has stay
            number = {n: n for n in range(1, len(affiliations) + 1)}
        printed = tuple(self._printed(person, number) for person in first)
        return Byline(
            first=printed,
            others=len(authors) - len(first) - len(last),
            last=tuple(self._printed(person, number) for person in last),
            et_al=et_al,
            affiliations=tuple(affiliations if whole else (affiliations[mark - 1] for mark in marks)),
            everyone=printed if whole else tuple(self._printed(person, None) for person in authors),
        )

    def _parts(self, authors: Sequence[Person], *, et_al: bool) -> tuple[Sequence[Person], Sequence[Person]]:
        """Who is printed before those left out, and who after them. A single name is not left out: it is as short."""
        most = len(authors) if self.most is None else self.most
        head = {"all": most, "ten and last": min(most, _TEN), "first": 1}[self.shown]
        tail = 1 if self.shown == "ten and last" and not et_al else 0
        if len(authors) - head - tail < (1 if et_al else 2):
            return authors, ()
        return authors[:head], authors[len(authors) - tail :]

    def _printed(self, person: Person, number: dict[int, int] | None) -> PrintedAuthor:
        marks = person.affiliations if number is None else tuple(number[mark] for mark in person.affiliations)
        return PrintedAuthor(name=name_of(person, self.fashion), affiliations=marks, orcid=person.orcid or "")


def bylines(options: Mapping[str, OptionValue]) -> Bylines:
    """What the options of a theme ask for. A theme that gives one of their names another meaning does without it."""
    asked: dict[str, Any] = {}
    of_option = {"authors": ("shown", Shown), "names": ("fashion", Fashion), "most_authors": ("most", int)}
    for option, (name, kind) in of_option.items():
        with contextlib.suppress(msgspec.ValidationError):
            asked[name] = msgspec.convert(options.get(option), kind)
    return Bylines(**asked)


# -- names -------------------------------------------------------------------------------------------------------------

# Scripts with capitals, whose given names are shortened to them. Georgian capitals are not used at the start of names.
_WITH_CAPITALS: Final = re.compile(r"(?:LATIN|GREEK|CYRILLIC|ARMENIAN) ")
# Family name first and without a space: 王小明, 김민재. Names from abroad, in katakana, keep their order.
_EASTERN: Final = re.compile(r"[㐀-鿿豈-﫿가-힣々ぁ-ゖ\U00020000-\U0003ffff]+")
# An initial as its owner writes it: Th., Yu., Wm., Md.
_SHORTENED: Final = re.compile(r"[^\W\d_][^\W\d_]{0,2}\.")
# Several initials without a space: A.B., J.-P.
_DOTTED: Final = re.compile(r"(?:[^\W\d_]{1,3}\.-?)+[^\W\d_]?")
# Given names that are initials already: JK.
_BARE: Final = re.compile(r"[A-Z]{1,2}")
_LETTERS: Final = re.compile(r"IJ(?=[a-z])|[^\W\d_]")


def name_of(person: Person, fashion: Fashion) -> str:
    """A name in one fashion; groups, and names in scripts without capitals, are printed as they came.

    Args:
        person: the person or group.
        fashion: how names are written.
    """
    if _EASTERN.fullmatch(person.family) and _EASTERN.fullmatch(person.given):
        return person.family + person.given
    if fashion == "as they came" or person.literal:
        return person.full
    initials = _initials(person)
    if not initials:
        return person.full
    dotted = "".join(f"{'-' if joined else ' '}{letters}." for joined, letters in initials).strip(" -")
    bare = "".join(letters for _, letters in initials)
    if fashion == "A. B. Miller":
        return _joined(dotted, person.family_name, person.suffix)
    if fashion == "AB Miller":
        return _joined(bare, person.family_name, person.suffix)
    return _joined(person.family_name, bare, person.suffix)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _initials(person: Person) -> tuple[tuple[bool, str], ...]:
    """The initials of a person, each with whether a hyphen joins it to the one before; none where names have none."""
    given = unicodedata.normalize("NFC", person.given)
    if given and not _BARE.fullmatch(given):
        words = [word for word in given.split() if word[0].isalpha()]  # “(Bob)” is a nickname
        capital = [word for word in words if not word.islower()]  # María de los Ángeles: M. Á.
        found = tuple(initial for word in capital or words for initial in _initials_of(word))
    else:  # MW, J-P, YuA: a capital with the small letters after it
        letters = re.findall(r"(-?)\s?([^\W\d_][a-zа-яёα-ω]{0,2})", person.initials or given)
        found = tuple((bool(hyphen), initial) for hyphen, initial in letters)
    if any(not _WITH_CAPITALS.match(unicodedata.name(letters[0], "")) for _, letters in found):
        return ()
    return found


def _initials_of(word: str) -> Iterator[tuple[bool, str]]:
    if _DOTTED.fullmatch(word) and "." in word:
        for hyphen, letters in re.findall(r"(-?)([^\W\d_]{1,3})", word):
            yield bool(hyphen), letters[:1].upper() + letters[1:]
        return
    for n, part in enumerate(re.split(r"[-‐‑]", word)):
        if _SHORTENED.fullmatch(part):
            yield n > 0, part[:1].upper() + part[1:-1]
        elif match := _LETTERS.search(part):
            yield n > 0, match[0].upper()
