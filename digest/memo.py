"""Caches results of pure functions where the same calls recur; the preview turns it on."""

from __future__ import annotations

import functools
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

KEPT: Final = 12_000  # answers of each function: twice the files of a large issue
_on: list[bool] = []


def remember() -> None:
    """From now on, functions marked with `remembered` give what they gave for the same arguments before."""
    _on.append(True)


def remembers() -> bool:
    """Whether `remember` was called."""
    return bool(_on)


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Marks a pure function, with arguments that can be hashed, whose values nobody changes."""
    kept: OrderedDict[Any, T] = OrderedDict()

    @functools.wraps(function)
    def call(*args: P.args, **options: P.kwargs) -> T:
        if not _on:
            return function(*args, **options)
        key = (args, tuple(options.items()))
        if key not in kept:
            kept[key] = function(*args, **options)
            if len(kept) > KEPT:
                kept.popitem(last=False)
        else:
            kept.move_to_end(key)
        return kept[key]

    return call
