"""How well letters of one colour are read on another: the ratio of WCAG 2, from 1 (not at all) to 21."""

from __future__ import annotations

import re
from typing import Final

ENOUGH: Final = 4.5  # WCAG 2.2, 1.4.3: for text of any size


def contrast(one: str, other: str = "#ffffff") -> float:
    """The ratio of two colours, each as ``#rrggbb``; it is the same in both directions."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    """Relative luminance (WCAG 2.2, glossary)."""
    parts = (int(color[n : n + 2], 16) / 255 for n in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def mixed(one: str, other: str, part: float) -> str:
    """A colour between two, each as ``#rrggbb``; one that is written otherwise, such as by its name, stays as it is.

    >>> mixed("#000000", "#ffffff", 0.5), mixed("teal", "#ffffff", 0.5)
    ('#808080', 'teal')

    Args:
        one: a colour.
        other: another.
        part: how much of the other is in it, from 0 to 1.
    """
    if not all(re.fullmatch("#[0-9A-Fa-f]{6}", color) for color in (one, other)):
        return one
    pairs = ((int(one[n : n + 2], 16), int(other[n : n + 2], 16)) for n in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
