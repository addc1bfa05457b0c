"""A tree of XML that outputs fill, and the text of it: escaped, in a fixed form, with prefixes as they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Self

from digest.text import NO_TEXT

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

# What no document of XML 1.0 may hold (section 2.2), and the blanks that an attribute would lose.
_BLANKS: Final = re.compile(r"[\t\n\r]")
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Element:
    """An element of XML.

    Attributes:
        name: its name, with the prefix that the root declares: ``mml:math``.
        attributes: its attributes, in order.
        children: texts and elements.
    """

    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, *children: Child | None, **attributes: str | None) -> None:
        """An element with what is not nothing.

        Args:
            name: its name.
            children: texts and elements; nothing, and an empty text, is left out.
            attributes: attributes, with ``_`` for a hyphen and ``__`` for a colon; nothing is left out.
        """
        self.name = name
        self.children: list[Child] = [child for child in children if child is not None and child != ""]
        self.attributes = {
            key.replace("__", ":").replace("_", "-"): value for key, value in attributes.items() if value is not None
        }

    def add(self, *children: Child | None) -> Self:
        """The same element, with these at its end."""
        self.children += [child for child in children if child is not None and child != ""]
        return self

    @property
    def text(self) -> str:
        """The characters in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self) -> Iterator[Element]:
        """The element and those in it, in the order of the document."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all()


Child = str | Element


def filled(name: str, *children: Child | None, **attributes: str | None) -> Element | None:
    """An element; nothing where it would be empty."""
    element = Element(name, *children, **attributes)
    return element if element.children else None


def written(root: Element, doctype: str, lines: Container[str]) -> bytes:
    """The bytes of a document.

    Args:
        root: its element.
        doctype: its document type declaration.
        lines: names of elements that hold elements only, each of which begins a line.
    """
    return (DECLARATION + doctype + "".join(_written(root, lines, 0)) + "\n").encode()


def _written(element: Element, lines: Container[str], depth: int) -> Iterable[str]:
    options = "".join(f' {key}="{_attribute(value)}"' for key, value in element.attributes.items())
    if not element.children:
        yield f"<{element.name}{options}/>"
        return
    yield f"<{element.name}{options}>"
    apart = element.name in lines and not any(isinstance(child, str) for child in element.children)
    for child in element.children:
        if apart:
            yield "\n" + " " * (depth + 1)
        if isinstance(child, str):
            yield _text(child)
        else:
            yield from _written(child, lines, depth + 1)
    if apart:
        yield "\n" + " " * depth
    yield f"</{element.name}>"


def _text(text: str) -> str:
    text = NO_TEXT.sub("", text) if not text.isprintable() else text
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _attribute(text: str) -> str:
    return _BLANKS.sub(lambda match: f"&#{ord(match[0])};", _text(text).replace("&#13;", "\r").replace('"', "&quot;"))
