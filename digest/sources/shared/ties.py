"""Whose an affiliation is, where it names its authors: ``(Liu R., Roe A.) Department``, ``A. Novak, Department``.

Databases print names and e-mail addresses with an affiliation; neither is part of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.merge import flat, fold
from digest.sources.shared import markup
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.model import Person

_ADDRESS: Final = (
    r"(?:\b(?:(?:electronic|e-?mail) address(?:es)?|e-?mails?|mailto)\b\s?:?\s{0,3})?(?<![\w.+-])"
    r"[\w.+'’-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,18}\b"
)
_EMAIL: Final = re.compile(
    rf"[\s,;.:]{{0,4}}[(\[<]\s?{_ADDRESS}\s?[)\]>]|[\s,;.:]{{0,4}}{_ADDRESS}(?:\.(?=\s*$))?", re.IGNORECASE
)
_BRACKETS: Final = re.compile(r"(?:\(([^()]{2,6000})\)|\[([^\[\]]{2,6000})\])\s{0,3}(\S.{0,4000})", re.DOTALL)
_COLON: Final = re.compile(r"([^:]{3,80}): (?=\S)")
_LONGEST_NAME: Final = 80


def without_emails(text: str) -> str:
    """A text without the addresses of mail in it and the words that announce them."""
    if "@" not in text:
        return text
    return re.sub(r"(?:^[\s,;]+|[\s,;]+$)", "", _EMAIL.sub("", text[:20_000]))


def bearers(name: str, people: Sequence[Person], *, family_alone: bool = False) -> list[int]:
    """Which of the people a printed name means; the initials must fit.

    Args:
        name: ``Novak A.``, ``A. Novak``, ``Novak, Ann`` or a group's name.
        people: the people.
        family_alone: whether a family name is enough: it means all who have it.
    """
    whole = fold(name)
    if not whole or len(name) > 200:
        return []
    return [n for n, who in enumerate(people) if _is(name, whole, who, family_alone=family_alone)]


def _is(name: str, whole: str, who: Person, *, family_alone: bool) -> bool:
    family = fold(who.family_name)
    if not family or family not in whole:
        return fold(who.family) == whole if family_alone and who.family else False
    if whole == family:
        return bool(who.literal) or family_alone or not who.initial_letters
    if who.literal:
        return False
    letters = flat(who.initial_letters)
    words = [word for word in re.split(r"[\s,]+", name) if word]
    for rest in _without_family(words, family):
        given = flat("".join(map(_letters, rest)))
        suffixed = flat("".join(map(_letters, rest[:-1]))) if len(rest) > 1 else ""  # Roe A. Jr.
        if given and letters and (letters.startswith(given) or given.startswith(letters) or suffixed == letters):
            return True
    return False


def _without_family(words: Sequence[str], family: str) -> Iterable[Sequence[str]]:
    """The other words of a name, where it begins or ends with a family name."""
    for n in range(1, len(words)):
        if fold("".join(words[:n])) == family:
            yield words[n:]
        if fold("".join(words[n:])) == family:
            yield words[:n]


def _letters(word: str) -> str:
    """The initials that a word means: ``QB``, ``Q.B.`` and ``Pirkko-Liisa`` are two, ``Ann`` one."""
    bare = re.sub(r"[^\w-]", "", word)
    if len(bare.replace("-", "")) < 5 and bare.isupper():
        return bare.replace("-", "")
    return "".join(part[0] for part in bare.split("-") if part)


def tied(text: str, people: Sequence[Person]) -> tuple[list[int], str]:
    """The places of the authors that an affiliation names, and the affiliation without them.

    Where it names nobody among the people, it comes back as it is.
    """
    if match := _BRACKETS.fullmatch(text.strip()):
        found = _listed(match[1] or match[2], people)
        return found, without_emails(match[3] if found else text)
    text = without_emails(text)
    if (match := _COLON.match(text)) and (found := bearers(match[1], people)):
        return found, text[match.end() :]
    for mark in re.finditer(r"[,;]\s", text[:_LONGEST_NAME]):  # “A. Novak, Department”, “Novak, A., Department”
        if found := bearers(text[: mark.start()], people):
            return found, text[mark.end() :].lstrip(" ,;")
    return [], text


def _listed(names: str, people: Sequence[Person]) -> list[int]:
    """Who is named in brackets: between semicolons whole names, between commas whole names or families."""
    pieces = [piece for piece in (without_emails(one).strip(" ,") for one in names.split(";")) if piece]
    found: dict[int, None] = {}
    for piece in pieces:
        mine = bearers(piece, people, family_alone=True)
        if not mine:
            mine = [n for one in piece.split(",") for n in bearers(one.strip(), people, family_alone=True)]
        found.update(dict.fromkeys(mine))
    return sorted(found)


def without_names(people: Sequence[Person], places: Sequence[RichText]) -> tuple[list[Person], list[RichText]]:
    """People and their affiliations, from which the names with which they open are taken; each is tied to its bearer.

    Whoever has an affiliation already keeps it alone.
    """
    marks: dict[RichText, int] = {}
    of: dict[int, int] = {}  # the new number of each old one
    ties: dict[int, set[int]] = {}
    changed = False
    families = {fold(part) for who in people for part in who.family.split()}
    for old, place in enumerate(places, 1):
        flat_text = place.plain
        opens = any(fold(word) in families for word in flat_text[:_LONGEST_NAME].split())
        found, rest = tied(flat_text, people) if opens else ([], flat_text)
        if found and rest and rest != flat_text and flat_text.endswith(rest):
            place = RichText.of(markup.sliced(place, len(flat_text) - len(rest), len(flat_text)))  # noqa: PLW2901
            changed = True
        else:
            found = []
        new = of[old] = marks.setdefault(place, len(marks) + 1)
        for n in found:
            ties.setdefault(n, set()).add(new)
    if not changed:
        return list(people), list(places)
    out = []
    for n, who in enumerate(people):
        mine = {of[mark] for mark in who.affiliations if mark in of} or ties.get(n, set())
        out.append(structs.replace(who, affiliations=tuple(sorted(mine))))
    return out, list(marks)
