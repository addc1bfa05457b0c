"""The order of cites and entries: strings compared as people do, by several keys, empty ones last.

CSL 1.0.2 “Sorting”.

Strings compare letter by letter without regard to case; accents only decide between equals. White space and
punctuation come before figures, figures before letters. This follows the root order of the Unicode Collation
Algorithm closely enough for names and titles, without its tables.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")

_LETTERS: Final = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "đ": "d",
    "ı": "i",
    "ħ": "h",
}
_IGNORED_AT_START: Final = "'’ʼ‘ʻ\"“”«»([{<¿¡"
# Between the parts of a name, and white space: both lower than all punctuation, which begins with `#` here.
_LOW: Final = {"\x1e": "\x1e", "\x1f": "\x1f", " ": " ", "\u00a0": " ", "\t": " ", "\n": " "}


@lru_cache(maxsize=65536)
def collated(text: str) -> tuple[str, str]:
    """A key by which strings sort: the letters alone first, then their accents; case never counts."""
    lowered = text.casefold()
    if not (lowered.isascii() and lowered.isalnum()):
        lowered = unicodedata.normalize("NFD", lowered.lstrip(_IGNORED_AT_START))
        lowered = "".join(
            [_LETTERS.get(character, character) for character in lowered if not unicodedata.combining(character)]
        )
        lowered = "".join(
            [character if character.isalnum() else _LOW.get(character, f"#{character}") for character in lowered]
        )
    return lowered, text.casefold()


def in_order(items: Iterable[T], keys: Callable[[T], Sequence[str]], descending: Sequence[bool]) -> list[T]:
    """The items sorted by their keys, in a stable order; `descending` says for each key how it sorts.

    Sorting by the last key first and the most important one last gives each key its own direction.
    """
    decorated = [(item, keys(item)) for item in items]
    for place in range(len(descending) - 1, -1, -1):
        full = [pair for pair in decorated if pair[1][place]]
        empty = [pair for pair in decorated if not pair[1][place]]
        full.sort(key=lambda pair: collated(pair[1][place]), reverse=descending[place])
        decorated = full + empty
    return [item for item, _ in decorated]
