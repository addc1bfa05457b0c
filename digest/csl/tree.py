"""What a formatted citation is: a small frozen tree of text, formats, links and blocks.

A `Node` is one of five things, and nothing in it is markup: a ``<`` in a string is a character.

====================  ===============================================================================
``str``               text to print unchanged
`Sequence`            nodes one after the other
`Formatted`           nodes with one formatting property of CSL (``font-style`` ``italic``)
`Link`                nodes that lead to an address
`Block`               nodes in a block of their own (the ``display`` attribute, CSL 1.0.2 “Display”)
====================  ===============================================================================

Quotation marks are characters here: which pair they are, and on which side of them a comma goes, has been decided.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

Property: TypeAlias = Literal["font-style", "font-variant", "font-weight", "text-decoration", "vertical-align"]
Display: TypeAlias = Literal["block", "left-margin", "right-inline", "indent"]

PLAIN: Final[dict[str, str]] = {
    "font-style": "normal",
    "font-variant": "normal",
    "font-weight": "normal",
    "text-decoration": "none",
    "vertical-align": "baseline",
}
"""The value of each formatting property where no style asks for another (CSL 1.0.2 “Formatting”)."""


class Sequence(Struct, frozen=True, gc=False):
    """Nodes one after the other; the root of every citation and entry.

    Attributes:
        children: what it is made of, in order of reading.
    """

    children: tuple[Node, ...]


class Formatted(Struct, frozen=True, gc=False):
    """Nodes that carry one formatting property.

    Attributes:
        property: one of the keys of `PLAIN`.
        value: a value that CSL gives this property; the plain one where italics turn upright inside italics.
        children: what it applies to.
    """

    property: Property
    value: str
    children: tuple[Node, ...]


class Link(Struct, frozen=True, gc=False):
    """Nodes that lead somewhere.

    Attributes:
        url: the address, as the caller's `link` function gave it.
        children: what is printed.
    """

    url: str
    children: tuple[Node, ...]


class Block(Struct, frozen=True, gc=False):
    """Nodes in a block of their own.

    Attributes:
        display: how the block is placed.
        children: what is in it.
    """

    display: Display
    children: tuple[Node, ...]


Node: TypeAlias = str | Sequence | Formatted | Link | Block


class Entry(Struct, frozen=True):
    """One entry of a bibliography.

    Attributes:
        id: the item's id in the caller's mapping.
        content: the whole entry. With ``second-field-align`` its first child is a ``left-margin`` block (the number or
            label) and its second a ``right-inline`` block (the rest).
    """

    id: str
    content: Sequence

    @property
    def margin(self) -> Node | None:
        """The part for the left margin where the style separates one (``second-field-align``), else `None`."""
        first = self.content.children[0] if self.content.children else None
        return first if isinstance(first, Block) and first.display == "left-margin" else None

    @property
    def body(self) -> Node:
        """What comes to the right of the margin; the whole content where the style separates none."""
        return Sequence(self.content.children[1:]) if self.margin is not None else self.content
