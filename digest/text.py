"""RichText: the little markup that a title or an abstract may carry, with its faces for HTML, plain text and LaTeX."""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

TAGS: Final = ("i", "b", "sub", "sup", "sc")
_HTML: Final = {
    "i": "<i>{}</i>",
    "b": "<b>{}</b>",
    "sub": "<sub>{}</sub>",
    "sup": "<sup>{}</sup>",
    "sc": '<span class="sc">{}</span>',
}
_LATEX: Final = {
    "i": r"\emph{{{}}}",
    "b": r"\textbf{{{}}}",
    "sub": r"\textsubscript{{{}}}",
    "sup": r"\textsuperscript{{{}}}",
    "sc": r"\textsc{{{}}}",
}
_LATEX_SPECIAL: Final = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)
# One tag of ours, or anything else that HTML would read as a tag (a letter, / or ! right after "<"):
# "p < 0.05" and "n<30" stay text, "<script>" is refused.
_TAG: Final = re.compile(r"<(/?)([A-Za-z!?][^\s<>/]*)([^<>]*)>")
# What XML 1.0 (section 2.2) does not allow; a control character in a title makes PDF metadata invalid.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# What no document of text may hold: XML 1.0 and HTML allow none of these, and half a surrogate pair cannot be encoded.
NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

Node = str | tuple[str, tuple["Node", ...]]

FORMULA: Final = "formula"
"""Begins the tag of a formula, whose text is in the node; what follows a blank is its source, or MathML to print."""
UNREADABLE: Final = "unreadable"
"""Begins the tag of a formula that cannot be read; why follows a blank."""


class RichText:
    """A frozen piece of text in which parts may be italic, bold, sub- or superscript, or small capitals.

    Made by `parse` from inline HTML or by `plain_text` from text without markup. In a template it prints itself as
    HTML (it has ``__html__``), so no filter is needed. Equal when the markup is equal.
    """

    __slots__ = ("nodes",)
    nodes: tuple[Node, ...]

    def __init__(self, nodes: tuple[Node, ...] = ()) -> None:
        object.__setattr__(self, "nodes", nodes)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"RichText is frozen: {name} cannot be set")

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[Node, ...]]]:
        return type(self), (self.nodes,)

    @classmethod
    def plain_text(cls, text: str) -> Self:
        """The same characters, none of them read as markup; white space is collapsed."""
        collapsed = " ".join(_checked(text).split())
        return cls((collapsed,) if collapsed else ())

    @classmethod
    def parse(cls, source: str) -> Self:
        """The text of inline HTML with ``<i> <b> <sub> <sup> <sc>`` and character references; nothing else.

        Raises:
            ValueError: another tag, an attribute, a tag without its partner, or a control character.
        """
        source = " ".join(_checked(source).split())
        if "<" not in source and "&" not in source:  # most texts
            return cls((source,) if source else ())
        stack: list[tuple[str, list[Node]]] = [("", [])]
        at, empty = 0, False
        for match in _TAG.finditer(source):
            _append(stack[-1][1], html.unescape(source[at : match.start()]))
            at = match.end()
            closing, name, rest = match[1], match[2].lower(), match[3]
            if name not in TAGS or rest.strip():
                allowed = " ".join(f"<{tag}>" for tag in TAGS)
                raise ValueError(f"{match[0]} is not allowed in a text; allowed are {allowed}, without attributes")
            if not closing:
                if len(stack) > 16:
                    raise ValueError("markup is nested more than 16 deep")
                stack.append((name, []))
            elif stack[-1][0] != name:
                opened = f"<{stack[-1][0]}> is open" if len(stack) > 1 else "nothing is open"
                raise ValueError(f"</{name}> closes nothing: {opened} at that place")
            else:
                _, children = stack.pop()
                empty = empty or not children
                if children:
                    stack[-1][1].append((name, tuple(children)))
        _append(stack[-1][1], html.unescape(source[at:]))
        if len(stack) > 1:
            raise ValueError(f"<{stack[-1][0]}> is never closed")
        text = cls(tuple(stack[0][1]))
        return cls.parse(text.source) if empty else text  # the blanks around an empty span are one

    @classmethod
    def of(cls, nodes: Iterable[Node]) -> Self:
        """The text of nodes from outside, made canonical.

        White space is collapsed across spans, empty spans and control characters are left out, characters are composed
        (NFC).
        """
        if isinstance(nodes, tuple) and len(nodes) == 1 and isinstance(nodes[0], str):  # nine of ten
            text = _spaced(nodes[0]).strip(" ")
            return cls((text,) if text else ())
        return cls(_trimmed(_collapsed(nodes, [True])))

    @property
    def html(self) -> str:
        """Inline HTML; small capitals as ``<span class="sc">``."""
        return _write(self.nodes, html.escape, _HTML)

    @property
    def source(self) -> str:
        """What `parse` reads back to an equal value."""
        return _write(self.nodes, _escaped, {t: f"<{t}>{{}}</{t}>" for t in TAGS})

    @property
    def plain(self) -> str:
        """The characters without their markup; small capitals are capitals."""
        if len(self.nodes) == 1 and isinstance(self.nodes[0], str):
            return self.nodes[0]
        return _characters(self.nodes)

    @property
    def latex(self) -> str:
        """LaTeX for text mode."""
        return _write(self.nodes, lambda text: text.translate(_LATEX_SPECIAL), _LATEX)

    def retyped(self, change: Callable[[list[str]], list[str]]) -> Self:
        """The same with other characters: a function takes its texts in order and gives as many; its markup is kept."""
        return type(self).of(_filled(self.nodes, iter(change([*_texts(self.nodes)]))))

    def shortened(self, most: int) -> Self:
        """The same, or its first characters with “…” after them, no more than `most` in all; its markup is kept."""
        if len(self.plain) <= most:
            return self
        return type(self).of((*_first(self.nodes, most - 1), "…"))

    def part(self, start: int | None, stop: int | None) -> Self:
        """The characters from one place to another, as a slice of Python takes them; their markup is kept."""
        first, last, _ = slice(start, stop).indices(len(self.plain))
        return type(self).of(_between(self.nodes, first, last))

    def __contains__(self, text: object) -> bool:
        return str(text) in self.plain

    def __lt__(self, other: object) -> bool:
        return self.plain < other.plain if isinstance(other, RichText) else NotImplemented

    def __html__(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.plain

    def __repr__(self) -> str:
        if _has_formula(self.nodes):  # whose source `parse` does not read
            return f"RichText({self.nodes!r})"
        return f"RichText.parse({self.source!r})"

    def __bool__(self) -> bool:
        return bool(self.nodes)

    def __eq__(self, other: object) -> bool:
        return self.nodes == other.nodes if isinstance(other, RichText) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.nodes)


def capitals(text: str) -> str:
    """What small capitals are without their size: capitals, unless the text has a capital of its own, as ``Nat`` has.

    It stays as long as it was: a letter whose capital is two letters is left.
    """
    if text != text.lower():
        return text
    return "".join(large if len(large := char.upper()) == 1 else char for char in text)


def lettered(number: int) -> str:
    """a, b, …, z, aa, ab for 1, 2, …, 26, 27, 28, as HTML counts items of a list with letters (``lower-latin``)."""
    letters = ""
    while number > 0:
        number, left = divmod(number - 1, 26)
        letters = chr(ord("a") + left) + letters
    return letters


def _checked(text: str) -> str:
    """The text unchanged.

    Raises:
        ValueError: it has a character that is not allowed in XML.
    """
    if match := _CONTROL.search(text):
        raise ValueError(f"the control character U+{ord(match[0]):04X} is not allowed in the text; remove it")
    return text


def _append(children: list[Node], text: str) -> None:
    if text:
        children.append(text)


def without_control(text: str) -> str:
    """The text without invisible characters.

    These are what no XML document may hold (XML 1.0, section 2.2), and what makes two equal titles differ: zero width,
    marks of direction that a source leaves open, tag characters. Joiners stay: Persian and the scripts of India need
    them.
    """
    return text if text.isprintable() else _UNSEEN.sub("", text)


def _escaped(text: str) -> str:
    """A text as `RichText.parse` reads it back: white space other than a blank would be one there."""
    return _WHITE.sub(lambda match: "".join(f"&#{ord(char)};" for char in match[0]), html.escape(text, quote=False))


def _spaced(text: str) -> str:
    """The text without invisible characters, composed, with single spaces for white space."""
    if not text.isprintable():  # of white space only the space is
        text = _WHITE.sub(" ", _UNSEEN.sub("", text))
    elif "  " in text:
        text = _WHITE.sub(" ", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_UNSEEN: Final = re.compile(
    _CONTROL.pattern[:-1] + "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


# UTF-8 that was read as Windows-1252: no language has what becomes of the second byte after such a letter.
_MISREAD: Final = re.compile("[ÃÄÅ][\u0080-\u009f¡-¿€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ]|Â[\u00a0-¿]|â(?:€|\u0080)[\u0080-¿‚-™]")


def repaired(text: str) -> str:
    """The text with repaired letters that were UTF-8 and were read as Windows-1252: ``DomÃ¨nech``."""
    if text.isascii():
        return text

    def repair(match: re.Match[str]) -> str:
        try:
            octets = b"".join(c.encode("latin-1" if "\u0080" <= c <= "\u009f" else "cp1252") for c in match[0])
            return octets.decode("utf-8")
        except UnicodeError:
            return match[0]

    return _MISREAD.sub(repair, text)


def _collapsed(nodes: Iterable[Node], blank: list[bool]) -> list[Node]:
    """Nodes with white space collapsed; `blank` holds whether the text before them ends in white space."""
    # Texts under no tag, spans with what they hold; joined at the end, as a text may come in 100,000 pieces.
    out: list[tuple[str, list[Node]]] = []
    for is_text, row in itertools.groupby(nodes, _is_text):
        for node in ("".join(map(str, row)),) if is_text else row:
            found: list[Node]
            if isinstance(node, str):
                tag, found = "", [_continued(node, blank)]
            elif len(node[1]) == 1 and isinstance(node[1][0], str):  # nearly all spans
                tag, found = node[0], [_continued(node[1][0], blank)]
            else:
                tag, found = node[0], _collapsed(node[1], blank)
            if not found or not found[0]:
                continue
            if not out or out[-1][0] != tag or " " in tag:  # two formulas that follow each other stay two
                out.append((tag, found))
                continue
            before = out[-1][1]  # <i>a</i><i>b</i>
            if tag and isinstance(before[-1], str) and isinstance(found[0], str):
                before[-1] += found[0]
                found = found[1:]
            before += found
    return [(tag, tuple(found)) if tag else "".join(map(str, found)) for tag, found in out]


def _is_text(node: Node) -> bool:
    return isinstance(node, str)


def _continued(text: str, blank: list[bool]) -> str:
    """A text with its white space collapsed; `blank` holds whether one precedes it, then whether one ends it."""
    text = _spaced(text)
    if blank[0]:
        text = text.removeprefix(" ")
    if text:
        blank[0] = text.endswith(" ")
    return text


def _trimmed(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Nodes without white space at their end."""
    kept = list(nodes)
    while kept:
        last = kept.pop()
        end: Node | None = (last.rstrip(" ") or None) if isinstance(last, str) else None
        if not isinstance(last, str) and (children := _trimmed(last[1])):
            end = (last[0], children)
        if end is not None:
            return (*kept, end)
    return ()


_WHITE: Final = re.compile(r"\s\s+|[^\S ]")  # but not single spaces, which stay as they are


def _first(nodes: tuple[Node, ...], most: int) -> Iterator[Node]:
    """The first characters of nodes; a formula is whole or left out."""
    for node in nodes:
        if most <= 0:
            return
        text = node if isinstance(node, str) else _characters(node[1])
        if len(text) <= most:
            yield node
        elif isinstance(node, str):
            yield node[:most].rstrip()
        elif " " not in node[0]:
            yield node[0], tuple(_first(node[1], most))
        most -= len(text)


def _between(nodes: tuple[Node, ...], start: int, stop: int) -> Iterator[Node]:
    """The characters of nodes from one place to another; a formula is whole or left out."""
    at = 0
    for node in nodes:
        text = node if isinstance(node, str) else _characters(node[1])
        begin, end = max(start - at, 0), min(stop - at, len(text))
        at += len(text)
        if begin >= end:
            continue
        if (begin, end) == (0, len(text)):
            yield node
        elif isinstance(node, str):
            yield node[begin:end]
        elif " " not in node[0]:
            yield node[0], tuple(_between(node[1], begin, end))


def _texts(nodes: Iterable[Node]) -> Iterator[str]:
    """The texts of nodes in their order."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        else:
            yield from _texts(node[1])


def _filled(nodes: Iterable[Node], texts: Iterator[str]) -> tuple[Node, ...]:
    """The nodes with other texts, taken in order."""
    return tuple(next(texts) if isinstance(node, str) else (node[0], _filled(node[1], texts)) for node in nodes)


def _characters(nodes: tuple[Node, ...]) -> str:
    out = []
    for node in nodes:
        if isinstance(node, str):
            out.append(node)
        else:
            inner = _characters(node[1])
            out.append(capitals(inner) if node[0] == "sc" else inner)
    return "".join(out)


def _has_formula(nodes: Iterable[Node]) -> bool:
    """Whether a formula is among nodes or in them."""
    tagged = (node for node in nodes if not isinstance(node, str))
    return any(tag not in TAGS or _has_formula(inner) for tag, inner in tagged)


def _write(nodes: tuple[Node, ...], write_text: Callable[[str], str], spans: Mapping[str, str]) -> str:
    out = []
    for node in nodes:
        if isinstance(node, str):
            out.append(write_text(node))
        elif " " in node[0]:  # a formula: its MathML in HTML, its text elsewhere
            kind, _, source = node[0].partition(" ")
            as_html = kind == FORMULA and spans is _HTML and source.startswith("<math ")
            out.append(source if as_html else _write(node[1], write_text, spans))
        else:
            out.append(spans[node[0]].format(_write(node[1], write_text, spans)))
    return "".join(out)
