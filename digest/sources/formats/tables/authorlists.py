"""How a column writes its lists of authors, which only all its rows together show: with places, or in two parts.

``Ina Bremer*, Google; Remy de Castel, MIT`` (CMT and others) and ``García López, María; Vidal, Ana`` look alike row by
row. In one column all are written the same way, so each entry counts for the one or for the other.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from digest.degrees import is_degrees
from digest.families import GIVEN, HUNGARIAN_GIVEN, folded, is_spanish_pair
from digest.names import Author, is_group, name_at, read_author, read_people
from digest.sources.formats.tables.affiliations import is_place
from digest.sources.shared import fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.publication import AuthorStyle

_RAISED: Final = re.compile(r"<sup>[^<>]{0,20}</sup>")
_TAG: Final = re.compile(r"</?[a-z][^<>]{0,60}>", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[;|\n](?![^()\n]{0,200}\))")  # “(MIT; Boston)” is one place
_AND: Final = re.compile(r"^(?:and|und|et|y|e|&)(?:\s|$)")
_STARS: Final = re.compile(r"\s?[*†‡§#]{1,3}$")
_BRACKET: Final = re.compile(r"[(\[]")
_MARKED: Final = re.compile(r"^\d|[\d¹²³⁴⁵⁶⁷⁸⁹](?:,|$)|[*†‡§#]\s?[^\W\d_]")
_SUFFIX: Final = re.compile(r"(?:Jr|Sr|II|III|IV|2nd|3rd)\.?")
# Words before a family name that are printed with capitals as well: “Al Bassit, Nadia”.
_BEFORE_FAMILY: Final = frozenset("al el ben bin abu de del della di da dos du van von der den le la mc mac st".split())
_DOTTED: Final = re.compile(r"(?:[^\W\d_]\.[ -]?){1,4}")
_INITIALS: Final = re.compile(r"[A-Z]{1,2}")
_CAPITALS: Final = re.compile(r"[A-Z]{3,4}")
# What no given name contains: digits, marks, “of”, “for”; and what organizations call themselves.
_OF_PLACES: Final = re.compile(
    r"[\d!&@/]|\b(?:of|for|the|and|at|des?|der|für|pour|para|et|und|y|in)\b(?=\s)|"
    r"\b(?:labs?|research|tech|technolog\w{1,4}|systems?|solutions|software|networks?|corp\w{0,9}|company|co|"
    r"ag|sa|llc|plc|foundation|council|agency|bank|group|freelance|independent|retired)\b",
    re.IGNORECASE,
)
_ACRONYM: Final = re.compile(r"(?:[A-Z]{5,12}|(?=[^\s]*[A-Z][^\s]*[A-Z])[A-Z][\w-]{3,15})(?:\s\S{1,30}){0,3}")


def _entries(text: str) -> list[str]:
    text = html.unescape(_TAG.sub("", _RAISED.sub("", text.replace("<br>", "\n"))))
    return [bare for piece in _BETWEEN.split(text) if (bare := _AND.sub("", piece.strip()))]


def _chunks(entry: str) -> list[str]:
    """What is between the commas of an entry, with degrees and “Jr.” left at the name."""
    chunks = [" ".join(chunk.split()) for chunk in entry.split(",")]
    chunks = [chunk for n, chunk in enumerate(chunks) if chunk or n == 0]
    while len(chunks) > 1 and (_SUFFIX.fullmatch(chunks[1]) or (len(chunks) > 2 and is_degrees(chunks[1]))):
        chunks[:2] = [f"{chunks[0]}, {chunks[1]}"]
    return chunks


class AuthorLists:
    """What the entries of a table's lists of authors show, and how they are to be read.

    Attributes:
        said: how they are written as ``digest.yaml`` says; empty where it does not.
        unsure: an entry that can be read in two ways; empty where the column shows which it is.
        stars: whether stars mark those who correspond.
    """

    def __init__(self, said: AuthorStyle = "") -> None:
        self.said = said
        self.stars = False
        self._counts: Counter[str] = Counter()
        self._example = self._doubtful = ""
        self._divided = False

    def look(self, text: str) -> None:
        """Counts what the list of one row shows."""
        entries = _entries(text)
        self._divided = self._divided or len(entries) > 1
        for entry in entries:
            chunks = _chunks(entry)
            head = chunks[0].partition(",")[0]
            if (starred := _STARS.search(head)) or _STARS.search(entry):
                self.stars = True
            if len(chunks) < 2 or _BRACKET.search(head + chunks[1]) or is_group(head):
                self._counts["without"] += len(chunks) < 2
                continue
            rest = [_STARS.sub("", chunk) for chunk in chunks[1:]]
            placed = starred is not None or (len(rest) > 1 and is_place(rest[-1]))
            self._judge(_STARS.sub("", head), rest[0], placed=placed, entry=entry)

    def _judge(self, head: str, second: str, *, placed: bool, entry: str) -> None:
        """Counts one entry: what is before its first comma, and what is after it."""
        self._counts["entries"] += 1
        words = [word for word in head.split() if not word.islower()]
        if _MARKED.search(f"{head}, {second}") or (name_at(head) and name_at(second) and not is_place(second)):
            self._counts["one word"] += 1  # “Smith J1, Roe K2”: several people, or places with their marks
            return
        if len(words) < 2 or (len(words) == 2 and words[0].lower() in _BEFORE_FAMILY):
            self._counts["one word"] += 1
            return
        first = folded(second.split(maxsplit=1)[0]) if second else ""
        if placed or is_place(second) or _OF_PLACES.search(second) or len(second.split()) > 3:
            self._counts["place"] += 1
        elif _CAPITALS.fullmatch(second):
            self._counts["capitals"] += 1
            self._doubtful = self._doubtful or entry
        elif _INITIALS.fullmatch(second):
            self._counts["initials"] += 1
        elif _ACRONYM.fullmatch(second):
            self._counts["place"] += 1
        elif _DOTTED.fullmatch(second) or first in GIVEN or first in HUNGARIAN_GIVEN or is_spanish_pair(*words[:2]):
            self._counts["given"] += 1
        elif folded(words[0]) in GIVEN or _DOTTED.match(words[0]):
            self._counts["name"] += 1
        else:
            self._counts["open"] += 1
            self._example = self._example or entry

    @property
    def style(self) -> AuthorStyle:
        """How the lists are written; empty where each row is read by itself."""
        return self.said or self._shown()

    def _shown(self) -> AuthorStyle:
        count = self._counts
        entries = count["entries"]
        if not self._divided or 3 * entries < count["without"]:
            return ""
        given, place = count["given"] + count["initials"], count["place"]
        if count["initials"] and count["initials"] + count["capitals"] > 0.8 * entries:
            given += count["capitals"]  # “García López, JL; Vidal Moya, AMR”
        else:
            place += count["capitals"]  # “Ina Bremer, KIT; Ann Lee, LogicBlox”
        if 5 * count["one word"] <= entries and place + count["name"] > max(2 * given, 0.1 * entries):
            return "name, place"
        return ""

    @property
    def unsure(self) -> str:
        """An entry that can be read in two ways, where neither ``digest.yaml`` nor the column shows which is right."""
        count = self._counts
        if self.style or not self._divided or 3 * count["entries"] < count["without"]:
            return ""
        shows_family = count["one word"] + count["given"] + count["initials"]
        shows_place = count["place"] + count["name"]
        if shows_family > 4 * max(shows_place, 1) or shows_family > count["entries"] / 2 > 5 * shows_place:
            return ""
        return (self._example or self._doubtful)[:100]


def is_in_brackets(text: str) -> bool:
    """Whether one list has its places in brackets, whatever the others of its column have."""
    return any("(" in chunk for entry in _entries(text) for chunk in _chunks(entry)[1:2])


def listed_people(
    text: str, style: AuthorStyle, *, family_first: bool = False
) -> tuple[list[tuple[Author, list[str]]], bool]:
    """The people of a list that is written in a known way, each with the place after the name; whether it goes on.

    Raises:
        ValueError: an entry is not a name.
    """
    names: list[str] = []
    places: list[list[str]] = []
    truncated = False
    for entry in _entries(text):
        if re.fullmatch(r"(?:et al|and others)\.?", entry, re.IGNORECASE):
            truncated = True
            continue
        name, place = _divided(_chunks(entry), style)
        if not fields.no_name(name):
            names.append(name)
            places.append([place] if place else [])
    together, goes_on = read_people("; ".join(names), family_first=family_first) if len(names) > 1 else ((), False)
    # The whole list shows whether capitals mark the family names, “SMITH John”.
    people = (
        together if len(together) == len(names) else [read_author(name, family_first=family_first) for name in names]
    )
    return list(zip(people, places, strict=True)), truncated or goes_on


def _divided(chunks: Sequence[str], style: AuthorStyle) -> tuple[str, str]:
    """The name and the place of an entry."""
    parts = {"name, place": 1, "family, given": len(chunks), "family, given, place": 2}[style or "family, given"]
    name, place = ", ".join(chunks[:parts]), ", ".join(chunks[parts:])
    if not place and (after := re.fullmatch(r"([^()]{2,200}?)\s?\(([^()]{2,300})\)\s?[*†‡#]{0,3}", name)):
        name, place = after[1], after[2]
    place = _STARS.sub("", place).strip(' "“”;')
    return _STARS.sub("", name), "" if fields.is_nothing(place) else place
