"""Finds by halving the few entries of an issue with which its pages cannot be made, so that the others are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

E = TypeVar("E")

MOST: Final = 4  # entries that are left out of an issue: where more fail, it is not single entries that are at fault
_SAMPLES: Final = 3  # entries that are tried alone first: a theme that fails for each of them fails for all


def failing(entries: Sequence[E], attempt: Callable[[Sequence[E]], Exception | None]) -> dict[E, Exception]:
    """The entries that fail by themselves, each with its error; empty where not a few entries are at fault.

    Nothing is found where an issue without entries fails as well, where all entries that were tried fail, where more
    than `MOST` do, or where each can be printed alone and only all together cannot. For n entries of which k fail there
    are about 2 k log₂ n attempts, and never more than `most_attempts`.

    Args:
        entries: the entries of an issue with which an attempt has failed.
        attempt: tries some of them; gives the error, or nothing when it went well.
    """
    if not entries or attempt(()) is not None:
        return {}
    samples = [entries[0], entries[len(entries) // 2], entries[-1]]
    if len(entries) > _SAMPLES and all(attempt([entry]) is not None for entry in samples):
        return {}
    found: dict[E, Exception] = {}
    open_: list[tuple[Sequence[E], bool]] = [(entries, True)]  # groups, and whether each is known to fail
    while open_ and len(found) <= MOST:
        group, fails = open_.pop()
        if len(group) == 1 or not fails:
            error = attempt(group)
            if error is None:
                continue
            if len(group) == 1:
                found[group[0]] = error
                continue
        half = len(group) // 2
        left, right = group[:half], group[half:]
        if attempt(left) is None:
            open_.append((right, True))
        else:
            open_ += [(right, False), (left, True)]
    return found if len(found) <= MOST and len(found) < len(entries) else {}


def most_attempts(entries: int) -> int:
    """How many attempts there are at most with so many entries."""
    return 1 + _SAMPLES + 2 * (MOST + 1) * (max(1, entries).bit_length() + 1)
