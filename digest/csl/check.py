"""Everything that is wrong with a style file."""

from __future__ import annotations

from digest.csl.style import StyleError, StyleProblem, read_style


def problems_of(source: bytes) -> tuple[StyleProblem, ...]:
    """The problems of a style, in the order of its lines."""
    try:
        read_style(source)
    except StyleError as error:
        return error.problems
    return ()
