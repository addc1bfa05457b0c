"""What rendering elements yield, and how it becomes the final tree: joints, quotation marks, flip-flop.

A `Draft` is text with intentions: *italic*, *in quotation marks*, *a string of the item*. It is cheap to build, since
a style builds many that it then throws away. `finish` reads a draft once from left to right and settles what only the
neighbours decide: which of two meeting punctuation marks is printed, on which side of a quotation mark a comma goes,
whether quotes are outer or inner ones, and what italics inside italics look like.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from msgspec import Struct

from digest.csl.tree import PLAIN, Block, Formatted, Link, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.csl.tree import Display, Node, Property


class Mark:
    """A draft with an intention; each kind is a subclass. `Mark` itself intends nothing and holds pieces together."""

    __slots__ = ("child",)

    def __init__(self, child: Draft) -> None:
        self.child = child

    def copy(self, child: Draft) -> Mark:
        """The same intention for another text."""
        return type(self)(child)


class Styled(Mark):
    """One formatting property. With `flips`, the property is taken back where it already holds (rich text)."""

    __slots__ = ("flips", "property", "value")

    def __init__(self, child: Draft, property: str, value: str, *, flips: bool = False) -> None:  # noqa: A002 – CSL's word
        self.child, self.property, self.value, self.flips = child, property, value, flips

    def copy(self, child: Draft) -> Styled:
        """The same format for another text."""
        return Styled(child, self.property, self.value, flips=self.flips)


class Quoted(Mark):
    """In quotation marks: outer ones, or inner ones inside others."""

    __slots__ = ()


class Typed(Quoted):
    """In typographic quotation marks that the item itself has.

    Those of the locale turn as all quotations do; others are text, as citeproc-js has it (the specification is silent,
    pandoc turns them too).
    """

    __slots__ = ("signs",)

    def __init__(self, child: Draft, signs: tuple[str, str]) -> None:
        self.child, self.signs = child, signs

    def copy(self, child: Draft) -> Typed:
        """The same marks around another text."""
        return Typed(child, self.signs)


class Placed(Mark):
    """In a block of its own."""

    __slots__ = ("display",)

    def __init__(self, child: Draft, display: Display) -> None:
        self.child, self.display = child, display

    def copy(self, child: Draft) -> Placed:
        """The same place for another text."""
        return Placed(child, self.display)


class Linked(Mark):
    """A link to `url`."""

    __slots__ = ("url",)

    def __init__(self, child: Draft, url: str) -> None:
        self.child, self.url = child, url

    def copy(self, child: Draft) -> Linked:
        """The same address for another text."""
        return Linked(child, self.url)


class Verbatim(Mark):
    """One string of the item: the punctuation *inside* it is the author's and stays as it is."""

    __slots__ = ()


class Undecorated(Mark):
    """``<span class="nodecor">``: upright, regular, whatever holds around it."""

    __slots__ = ()


class Protected(Mark):
    """``<span class="nocase">``: text-case leaves it alone."""

    __slots__ = ()


class Worded(Mark):
    """A term of the locale: in a note it gets a capital where it begins the citation."""

    __slots__ = ()


class Kept(Mark):
    """Text that is printed as it is: a blank at its beginning or end stays, also next to another one."""

    __slots__ = ()


class Spliced(list["Draft"]):
    """The output of ``cs:choose``: its pieces are delimited by the *enclosing* element (CSL 1.0.2 “Choose”)."""

    __slots__ = ()


Draft: TypeAlias = "str | list[Draft] | Mark"


class Quotes(Struct, frozen=True):
    """How a locale quotes.

    Attributes:
        outer: opening and closing mark.
        inner: opening and closing mark of a quotation inside another.
        punctuation_inside: whether a full stop or comma that follows moves inside (``punctuation-in-quote``).
    """

    outer: tuple[str, str] = ("“", "”")
    inner: tuple[str, str] = ("‘", "’")
    punctuation_inside: bool = False


def plain(draft: Draft | None) -> str:
    """The characters of a draft as they are, without quotation marks and joints; what sorting and comparing need."""
    if draft is None:
        return ""
    if isinstance(draft, str):
        return draft
    if isinstance(draft, Mark):
        return plain(draft.child)
    return "".join([plain(part) for part in draft])


def map_text(draft: Draft, change: Callable[[str], str]) -> Draft:
    """The draft with every string replaced by `change` of it."""
    if isinstance(draft, str):
        return change(draft)
    if isinstance(draft, Mark):
        return draft.copy(map_text(draft.child, change))
    return type(draft)(map_text(part, change) for part in draft)


# What becomes of two marks that meet: the second is not printed …
_DROPPED: Final = frozenset(
    """
        :: ;: !: ?: :. .. ;. !. ?. ;; !! ?? ,,
    """.split()
)
# … or it takes the place of the first. Every other pair is printed. CSL 1.0.2 says nothing of this; the four
# `punctuation_FullMonty*` cases of the test-suite spell the table out.
_REPLACED: Final = frozenset([":!", ";!", ":?", ";?"])
_MARKS: Final = frozenset(".,;:!?")
_BLANKS: Final = frozenset([" ", "\N{NO-BREAK SPACE}"])
# The specification lets full stop and comma move inside a quotation; the test-suite also `!` and `?`.
_MOVABLE: Final = frozenset(".,!?")


@lru_cache(maxsize=1024)
def _letter_of_superscript(character: str) -> str | None:
    """The letter that a superscript character raises: `e` for `ᵉ`; `None` for all others, ligatures such as `™` too."""
    kind, _, base = unicodedata.decomposition(character).partition(" ")
    return chr(int(base, 16)) if kind == "<super>" and " " not in base else None


class _Open:
    """A node that is still being written."""

    __slots__ = ("children", "mark")

    def __init__(self, mark: Mark | None) -> None:
        self.mark = mark
        self.children: list[str | _Open] = []


_Place: TypeAlias = tuple[list["str | _Open"], int]


def finish(draft: Draft | None, quotes: Quotes) -> Sequence:
    """The final tree of a draft."""
    root = _Open(None)
    if draft is not None:
        _Finisher(quotes).write(draft, root.children)
    return Sequence(_frozen(root.children))


class _Finisher:
    """Reads a draft from left to right, remembering what comes directly before."""

    __slots__ = ("_after", "_closing", "_depth", "_formats", "_is_content", "_last", "_quotes", "_tail")

    def __init__(self, quotes: Quotes) -> None:
        self._quotes = quotes
        self._depth = 0
        self._formats = dict(PLAIN)
        self._tail = ""  # the last character, quotation marks not counted
        self._is_content = False  # whether it is of a text that is printed as it is
        self._last: _Place | None = None  # where it is
        self._closing: _Place | None = None  # the innermost closing mark of the quotation that has just ended …
        self._after = False  # … and whether punctuation has been printed after it

    def write(self, draft: Draft, into: list[str | _Open]) -> None:
        """Adds a draft to the children of a node. Its depth does not matter: what is left to do is kept in a list.

        Each task comes with the list to write into, and inside of a `Verbatim` with a flag that says whether its first
        text is still to come, the only one that meets text of another origin.
        """
        tasks: list[tuple[Draft | Callable[[], None], list[str | _Open], list[bool] | None]] = [(draft, into, None)]
        while tasks:
            task, into, first = tasks.pop()
            if isinstance(task, str):
                if task:
                    self._text(task, into, joint=first is None or first[0])
                    if first is not None:
                        first[0] = False
                        self._is_content = True
            elif isinstance(task, list):
                tasks += [(part, into, first) for part in reversed(task)]
            elif not isinstance(task, Mark):
                task()
            elif isinstance(task, Styled):
                name, value = task.property, task.value
                before = self._formats[name]
                if before == value and task.flips:
                    value = PLAIN[name]
                if before != value:
                    node = _Open(task if value == task.value else Styled("", name, value))
                    into.append(node)
                    into = node.children
                    self._formats[name] = value
                    tasks.append((partial(self._formats.__setitem__, name, before), into, None))
                tasks.append((task.child, into, first))
            elif isinstance(task, Typed) and task.signs not in (self._quotes.outer, self._quotes.inner):
                opening, closing = task.signs
                tasks.append(([opening, task.child, closing], into, first))
            elif isinstance(task, Quoted):
                node = _Open(None)
                into.append(node)
                before_it = self._depth
                closing = self._begin_quotation(task, node)
                tasks.append((partial(self._end_quotation, node, closing, before_it), into, None))
                tasks.append((task.child, node.children, first))
            elif isinstance(task, Verbatim):
                tasks.append((task.child, into, [True] if first is None else first))
            elif isinstance(task, Kept):
                tasks.append((task.child, into, [False]))
            elif isinstance(task, Undecorated):
                child = task.child
                for name, value in self._formats.items():
                    if value != PLAIN[name]:
                        child = Styled(child, name, PLAIN[name])
                tasks.append((child, into, first))
            elif isinstance(task, (Placed, Linked)):
                node = _Open(task)
                into.append(node)
                if isinstance(task, Placed):  # what is in the block before does not touch this one
                    self._begin("", None)
                tasks.append((task.child, node.children, first))
            else:
                tasks.append((task.child, into, first))

    def _begin_quotation(self, quotation: Quoted, node: _Open) -> str:
        """Writes the opening mark: an outer one, or an inner one inside others; returns the closing one."""
        inner = self._depth % 2 == 1
        if not inner and isinstance(quotation, Typed) and quotation.signs != self._quotes.outer:
            inner = True  # typed as an inner one: it is not made an outer one
            self._depth += 1
        opening, closing = self._quotes.inner if inner else self._quotes.outer
        node.children.append(opening)
        self._begin(opening[-1:], (node.children, 0))
        self._depth += 1
        return closing

    def _end_quotation(self, node: _Open, closing: str, depth: int) -> None:
        self._depth = depth
        if self._closing is None or self._after:
            self._closing, self._after = (node.children, len(node.children)), False
        node.children.append(closing)

    def _begin(self, tail: str, last: _Place | None) -> None:
        """Forgets what came before; from here on `tail` does."""
        self._tail, self._last, self._closing = tail, last, None

    def _text(self, text: str, into: list[str | _Open], *, joint: bool) -> None:
        if joint and self._tail:
            first = text[0]
            if first in _MARKS:
                pair = self._tail + first
                if pair in _DROPPED:
                    text = text[1:]
                else:
                    if pair in _REPLACED:
                        self._take_back()
                    if (
                        self._closing is not None
                        and not self._after
                        and first in _MOVABLE
                        and self._quotes.punctuation_inside
                    ):
                        self._move_inside(first)
                        text = text[1:]
            elif (
                first in _BLANKS
                and self._tail == first
                and not self._is_content
                and (self._last is None or self._last[0] is into)
            ):  # of two blanks of the style one is printed, but not where one of them has a format (citeproc-js)
                text = text[1:]
            if not text:
                return
        self._is_content = False
        self._last = (into, len(into))
        into.append(text)
        self._tail = text[-1]
        if self._closing is not None:
            if len(text) == 1 and text in _MARKS and not self._after:
                self._after = True
            else:
                self._closing = None

    def _take_back(self) -> None:
        if self._last is not None:
            children, place = self._last
            children[place] = cast("str", children[place])[:-1]
            self._after = False

    def _move_inside(self, sign: str) -> None:
        if self._closing is not None:
            children, place = self._closing
            children.insert(place, sign)
            self._closing, self._last, self._tail = (children, place + 1), (children, place), sign


def _frozen(children: list[str | _Open]) -> tuple[Node, ...]:
    nodes: list[Node] = []
    text = ""
    for child in children:
        if isinstance(child, str):
            if child.isascii():
                text += child
                continue
            for character in child:
                raised = None if character < "ª" else _letter_of_superscript(character)
                if raised is None:
                    text += character
                else:
                    if text:
                        nodes.append(text)
                        text = ""
                    nodes.append(Formatted("vertical-align", "sup", (raised,)))
            continue
        inner = _frozen(child.children)
        if not inner:
            continue
        if child.mark is None:
            for node in inner:
                if isinstance(node, str):
                    text += node
                else:
                    if text:
                        nodes.append(text)
                        text = ""
                    nodes.append(node)
            continue
        if text:
            nodes.append(text)
            text = ""
        mark = child.mark
        if isinstance(mark, Styled):
            nodes.append(Formatted(cast("Property", mark.property), mark.value, inner))
        elif isinstance(mark, Linked):
            nodes.append(Link(mark.url, inner))
        elif isinstance(mark, Placed):
            nodes.append(Block(mark.display, inner))
    if text:
        nodes.append(text)
    return tuple(nodes)
