"""Breaks each line once: WeasyPrint lays the same paragraphs out again and again while it balances columns.

Four of five lines were broken before, with the same text, style and width. What came of them is kept while a document
is laid out. The pages are the same, to the byte: two widths count as the same where nothing in WeasyPrint's function
can tell them apart.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 20_000  # lines that are kept; a line is asked for again soon or not at all
_LONGEST: Final = 10_000  # characters of a text that is kept


@contextlib.contextmanager
def kept(*modules: Any, units: int | None) -> Iterator[None]:  # noqa: ANN401 - WeasyPrint has no types
    """Lets WeasyPrint break each line once, while this lasts.

    Args:
        modules: its modules that break lines.
        units: how many of Pango's units are in a CSS pixel; None takes no two widths as the same.
    """
    split = modules[0].split_first_line
    lines: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def once(text: str, style: Any, context: Any, width: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        if len(text) > _LONGEST:
            return split(text, style, context, width, *rest, **named)
        as_wide = width if units is None else _width_key(width, style, units)
        key = (text, id(style), as_wide, rest, *named.items())
        if key not in lines:
            if len(lines) >= _MOST:
                lines.clear()
            found = split(text, style, context, width, *rest, **named)
            lines[key] = (style, found)  # with the style, its id stays its own
        _, (layout, *facts) = lines[key]
        again = object.__new__(type(layout))  # the layout is changed when it is drawn
        again.__dict__.update(layout.__dict__)
        return again, *facts

    for module in modules:
        module.split_first_line = once
    try:
        yield
    finally:
        for module in modules:
            module.split_first_line = split


def _width_key(width: Any, style: Any, units: int) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """What of a width decides how a line is broken; the second column has another in the last bits.

    Pango's widths are whole units. So whether a text is as wide depends on the whole units of the width, and on whether
    it has more than these. How much of a text is tried first depends on the width in letters.
    """
    if width is None or not 0 < width < _WIDEST or style["letter_spacing"] != "normal":
        return width
    size, zone = style["font_size"], style["hyphenate_limit_zone"]
    if not size or getattr(zone, "value", None) != 0:
        return width
    exact = width * units
    whole = int(exact)
    return whole, whole == exact, size * _RATIO > width, int(width / size * _RATIO)


_WIDEST: Final = 2**21  # CSS pixels: more is without end for Pango
_RATIO: Final = 4  # letters of which as many are as wide as the text is high: WeasyPrint tries no more than that first
