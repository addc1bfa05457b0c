"""XML as outputs write it: elements of escaped texts, indented where that changes nothing, and rich text in them."""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

import msgspec

from digest.text import FORMULA, NO_TEXT, TAGS, RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.text import Node

MATHML: Final = "http://www.w3.org/1998/Math/MathML"


class Element(msgspec.Struct, frozen=True):
    """An element.

    Attributes:
        name: its name, with a prefix where it has one.
        children: elements and texts, which are not escaped yet.
        attributes: values by name; one without a value is not written.
    """

    name: str
    children: tuple[Element | str, ...] = ()
    attributes: Mapping[str, str | None] = {}

    @property
    def text(self) -> str:
        """The characters of the element and of all in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


def element(name: str, /, *children: Element | str | None, **attributes: str | None) -> Element:
    """An element without those children and attributes that are not there.

    Args:
        name: its name.
        children: elements and texts.
        attributes: values by name.
    """
    there = tuple(child for child in children if child)
    return Element(name, there, attributes)


def document(root: Element) -> bytes:
    """An XML document in UTF-8. What XML cannot hold is left out (XML 1.0, section 2.2)."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *_lines(root, 0), ""]
    return "\n".join(lines).encode()


def rich(text: RichText, names: Mapping[str, str], formula: str = "") -> Iterator[Element | str]:
    """The parts of a text, its markup as elements.

    Args:
        text: the text.
        names: the name of the element for each tag of `digest.text.TAGS`; what is missing is written without it.
        formula: the element around a formula; empty where MathML may be without one.
    """
    return _rich(text.nodes, names, formula)


def _rich(nodes: Iterable[Node], names: Mapping[str, str], formula: str) -> Iterator[Element | str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
            continue
        tag, inner = node
        kind, _, source = tag.partition(" ")
        if kind == FORMULA and source.startswith("<math") and (math := _math(source)):
            yield Element(formula, (math,)) if formula else math
        elif tag in names:
            yield Element(names[tag], tuple(_rich(inner, names, formula)))
        else:
            yield from _rich(inner, names, formula)


def _math(source: str) -> Element | None:
    """MathML of ours (`digest.maths`) with the prefix ``mml``; nothing where it cannot be read."""
    try:
        return _prefixed(ET.fromstring(source))  # noqa: S314 - written by digest.maths, without a DTD
    except ET.ParseError:
        return None


def _prefixed(tree: ET.Element) -> Element:
    parts: list[Element | str] = [tree.text or ""]
    for child in tree:
        parts += [_prefixed(child), child.tail or ""]
    return Element(f"mml:{tree.tag.rpartition('}')[2]}", tuple(part for part in parts if part), dict(tree.attrib))


def _lines(one: Element, depth: int) -> Iterator[str]:
    if not one.children or any(isinstance(child, str) for child in one.children) or one.name.startswith("mml:"):
        yield "  " * depth + _inline(one)
        return
    yield f"{'  ' * depth}<{one.name}{_attributes(one)}>"
    for child in one.children:
        assert isinstance(child, Element)
        yield from _lines(child, depth + 1)
    yield f"{'  ' * depth}</{one.name}>"


def _inline(one: Element) -> str:
    if not one.children:
        return f"<{one.name}{_attributes(one)}/>"
    inner = "".join(
        escape(NO_TEXT.sub("", child)) if isinstance(child, str) else _inline(child) for child in one.children
    )
    return f"<{one.name}{_attributes(one)}>{inner}</{one.name}>"


def _attributes(one: Element) -> str:
    there = {key: NO_TEXT.sub("", value) for key, value in one.attributes.items() if value is not None}
    return "".join(f" {key}={quoteattr(value)}" for key, value in there.items())


# --- HTML of ours as rich text ----------------------------------------------------------------------------------------

_HTML: Final = {"i": "i", "em": "i", "cite": "i", "b": "b", "strong": "b", "sub": "sub", "sup": "sup"}


def of_html(html: str) -> RichText:
    """The text of inline HTML that editors' texts became; of a formula its text, of a link what is printed."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return RichText.of(reader.nodes)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.nodes: list[Node] = []
        self._open: list[str] = []  # ours, or nothing, for each open tag
        self._names: list[str] = []
        self._formula = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "math":
            self._formula += 1
            self.handle_text(given.get("alttext") or "")
        if tag in _VOID:
            self.handle_text(" " if tag == "br" else "")
            return
        small = tag == "span" and "sc" in (given.get("class") or "").split()
        self._names.append(tag)
        self._open.append("sc" if small else _HTML.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "math":
            self._formula = max(self._formula - 1, 0)
        if tag in self._names:
            at = len(self._names) - 1 - self._names[::-1].index(tag)
            del self._names[at:], self._open[at:]

    def handle_data(self, data: str) -> None:
        if not self._formula:
            self.handle_text(data)

    def handle_text(self, data: str) -> None:
        """Takes a text under the tags that are open."""
        node: Node = data
        for tag in reversed(self._open):
            if tag in TAGS:
                node = (tag, (node,))
        if data:
            self.nodes.append(node)


_VOID: Final = frozenset({"br", "img", "wbr", "hr", "input", "link", "meta"})
