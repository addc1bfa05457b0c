"""Breaks each line once: WeasyPrint lays the same paragraphs out again and again while it balances columns.

Four of five lines were broken before, with the same text, style and width. What came of them is kept while a document
is laid out. The pages are the same, to the byte.
"""

from __future__ import annotations

import contextlib
import copy
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST: Final = 20_000  # lines that are kept; a line is asked for again soon or not at all
_LONGEST: Final = 10_000  # characters of a text that is kept


@contextlib.contextmanager
def kept(*modules: Any) -> Iterator[None]:  # noqa: ANN401 - WeasyPrint has no types
    """Lets WeasyPrint break each line once, while this lasts.

    Args:
        modules: its modules that break lines.
    """
    split = modules[0].split_first_line
    lines: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def once(text: str, style: Any, context: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        if len(text) > _LONGEST:
            return split(text, style, context, *rest, **named)
        key = (text, id(style), rest, *named.items())
        if key not in lines:
            if len(lines) >= _MOST:
                lines.clear()
            lines[key] = (style, split(text, style, context, *rest, **named))  # with the style, its id stays its own
        _, (layout, *facts) = lines[key]
        return copy.copy(layout), *facts  # the layout is changed when it is drawn

    for module in modules:
        module.split_first_line = once
    try:
        yield
    finally:
        for module in modules:
            module.split_first_line = split
