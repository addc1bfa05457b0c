"""The order of cites and entries: strings compared as people do, by several keys, empty ones last.

CSL 1.0.2 “Sorting”. How strings compare is in `collation`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from digest.csl.collation import collator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

T = TypeVar("T")


def in_order(
    items: Iterable[T], keys: Callable[[T], Sequence[str]], descending: Sequence[bool], lang: str = "en-US"
) -> list[T]:
    """The items sorted by their keys, in a stable order; `descending` says for each key how it sorts.

    Sorting by the last key first and the most important one last gives each key its own direction.
    """
    collated = collator(lang)
    decorated = [(item, keys(item)) for item in items]
    for place in range(len(descending) - 1, -1, -1):
        full = [pair for pair in decorated if pair[1][place]]
        empty = [pair for pair in decorated if not pair[1][place]]
        full.sort(key=lambda pair: collated(pair[1][place]), reverse=descending[place])
        decorated = full + empty
    return [item for item, _ in decorated]
