"""Small styles that the tests of the processor are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from digest import csl

if TYPE_CHECKING:
    from collections.abc import Mapping


def style(
    layout: str = '<text variable="title"/>',
    *,
    options: str = "",
    top: str = "",
    citation: str = "",
    dress: str = "",
    bibliography: str = "",
) -> csl.Style:
    """A style whose citation layout holds these elements."""
    source = (
        f'<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0" {options}>{top}'
        f"<citation {citation}><layout {dress}>{layout}</layout></citation>{bibliography}</style>"
    )
    return csl.load_style(source.encode())


def cited(item: Any, layout: str = '<text variable="title"/>', **parts: str) -> str:  # noqa: ANN401 – any JSON
    """The HTML of a citation of one item."""
    return csl.to_html(
        csl.format_document(style(layout, **parts), {"a": item}, [csl.Citation((csl.Cite("a"),))]).citations[0]
    )


def names(people: list[Mapping[str, Any]], element: str = "<name/>", **parts: str) -> str:
    """The HTML of a citation that prints the authors."""
    return cited({"author": people}, f'<names variable="author">{element}</names>', **parts)
