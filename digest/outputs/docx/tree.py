"""The HTML that `digest.prose` and `digest.text` write, as a tree."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_VOID: Final = frozenset({"br", "hr", "img", "input", "wbr", "col", "mspace"})


class Element:
    """An element with its attributes and what it holds: elements and texts; a comment has the name ``#comment``."""

    __slots__ = ("attributes", "children", "name")

    def __init__(self, name: str, attributes: dict[str, str] | None = None) -> None:
        self.name, self.attributes = name, attributes or {}
        self.children: list[Element | str] = []

    def get(self, name: str) -> str:
        """An attribute; empty where it is missing."""
        return self.attributes.get(name, "")

    @property
    def classes(self) -> frozenset[str]:
        """The names in its ``class``."""
        return frozenset(self.get("class").split())

    @property
    def elements(self) -> list[Element]:
        """The elements that it holds."""
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def text(self) -> str:
        """All texts in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def find_all(self, name: str) -> Iterator[Element]:
        """The elements of a name in it, at any depth, in their order."""
        for child in self.elements:
            if child.name == name:
                yield child
            yield from child.find_all(name)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in [element.name for element in self.open[1:]]:
            while self.open.pop().name != tag:
                pass

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        comment = Element("#comment")
        comment.children.append(data)
        self.open[-1].children.append(comment)


def tree_of(html: str) -> Element:
    """The elements and texts of some HTML, in an element without a name."""
    if "<" not in html and "&" not in html:
        root = Element("")
        if html:
            root.children.append(html)
        return root
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.open[0]
