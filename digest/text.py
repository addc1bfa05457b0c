"""RichText: the little markup that a title or an abstract may carry, with its faces for HTML, plain text and LaTeX."""

from __future__ import annotations

import html
import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

TAGS: Final = ("i", "b", "sub", "sup", "sc")
_HTML: Final = {"i": "<i>{}</i>", "b": "<b>{}</b>", "sub": "<sub>{}</sub>", "sup": "<sup>{}</sup>",
                "sc": '<span class="sc">{}</span>'}  # fmt: skip
_LATEX: Final = {"i": r"\emph{{{}}}", "b": r"\textbf{{{}}}", "sub": r"\textsubscript{{{}}}",
                 "sup": r"\textsuperscript{{{}}}", "sc": r"\textsc{{{}}}"}  # fmt: skip
_LATEX_SPECIAL: Final = str.maketrans({
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
})  # fmt: skip
# One tag of ours, or anything else that HTML would read as a tag (a letter, / or ! right behind "<"):
# "p < 0.05" and "n<30" stay text, "<script>" is refused.
_TAG: Final = re.compile(r"<(/?)([A-Za-z!?][^\s<>/]*)([^<>]*)>")
# What XML 1.0 (section 2.2) does not allow; a control character in a title makes PDF metadata invalid.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

Node = str | tuple[str, tuple["Node", ...]]


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
        collapsed = " ".join(_clean(text).split())
        return cls((collapsed,) if collapsed else ())

    @classmethod
    def parse(cls, source: str) -> Self:
        """The text of inline HTML with ``<i> <b> <sub> <sup> <sc>`` and character references; nothing else.

        Raises:
            ValueError: another tag, an attribute, a tag without its partner, or a control character.
        """
        stack: list[tuple[str, list[Node]]] = [("", [])]
        at = 0
        source = " ".join(_clean(source).split())
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
                if children:
                    stack[-1][1].append((name, tuple(children)))
        _append(stack[-1][1], html.unescape(source[at:]))
        if len(stack) > 1:
            raise ValueError(f"<{stack[-1][0]}> is never closed")
        return cls(tuple(stack[0][1]))

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
        """Inline HTML; small capitals as ``<span class="sc">``; no line ends inside ``p = .003``."""
        return _write(self.nodes, lambda text: html.escape(unbroken(text)), _HTML)

    @property
    def source(self) -> str:
        """What `parse` reads back to an equal value."""
        return _write(self.nodes, lambda text: html.escape(text, quote=False), {t: f"<{t}>{{}}</{t}>" for t in TAGS})

    @property
    def plain(self) -> str:
        """The characters without their markup."""
        if len(self.nodes) == 1 and isinstance(self.nodes[0], str):
            return self.nodes[0]
        return _characters(self.nodes)

    @property
    def latex(self) -> str:
        """LaTeX for text mode."""
        return _write(self.nodes, lambda text: text.translate(_LATEX_SPECIAL), _LATEX)

    def __html__(self) -> str:
        return self.html

    def __str__(self) -> str:
        return self.plain

    def __repr__(self) -> str:
        return f"RichText.parse({self.source!r})"

    def __bool__(self) -> bool:
        return bool(self.nodes)

    def __eq__(self, other: object) -> bool:
        return self.nodes == other.nodes if isinstance(other, RichText) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.nodes)


# A sign and the number behind it, with the letter before it: 167 of 4,320 trial abstracts hold "p < .001" or the like.
_RELATION: Final = re.compile(r"(?:(?<=\b[pPnN]) )?([=<>≤≥±×])( (?=[−–-]?[.,]?\d))?")


def unbroken(text: str) -> str:
    """The text with no-break spaces where a line must not end: in ``p = .003``, ``≥ 3``, ``n = 42``."""

    def bind(match: re.Match[str]) -> str:
        before, after = ("\u00a0" if match[0][0] == " " else ""), ("\u00a0" if match[2] else "")
        return f"{before}{match[1]}{after}"

    return _RELATION.sub(bind, text)


def _clean(text: str) -> str:
    """The text as it is.

    Raises:
        ValueError: it holds a character that no XML document may hold.
    """
    if match := _CONTROL.search(text):
        raise ValueError(f"the control character U+{ord(match[0]):04X} stands in the text; remove it")
    return text


def _append(children: list[Node], text: str) -> None:
    if text:
        children.append(text)


def without_control(text: str) -> str:
    """The text without characters that nobody sees.

    These are what no XML document may hold (XML 1.0, section 2.2), and what makes two equal titles differ: zero width,
    marks of direction that a source leaves open, tag characters. Joiners stay: Persian and the scripts of India need
    them.
    """
    return text if text.isprintable() else _UNSEEN.sub("", text)


def _spaced(text: str) -> str:
    """The text without unseen characters, composed, with single blanks for white space."""
    if not text.isprintable():  # of white space only the blank is
        text = _WHITE.sub(" ", _UNSEEN.sub("", text))
    elif "  " in text:
        text = _WHITE.sub(" ", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_UNSEEN: Final = re.compile(
    _CONTROL.pattern[:-1] + "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


# UTF-8 that was read as Windows-1252: what it makes of the second byte stands behind no such letter in any language.
_MISREAD: Final = re.compile("[ÃÄÅ][\u0080-\u009f¡-¿€‚ƒ„†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ]|Â[\u00a0-¿]|â(?:€|\u0080)[\u0080-¿‚-™]")


def repaired(text: str) -> str:
    """The text with the letters that somebody read as Windows-1252 though they were UTF-8: ``DomÃ¨nech``."""
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
                tag, found = "", [_following(node, blank)]
            elif len(node[1]) == 1 and isinstance(node[1][0], str):  # nearly all spans
                tag, found = node[0], [_following(node[1][0], blank)]
            else:
                tag, found = node[0], _collapsed(node[1], blank)
            if not found or not found[0]:
                continue
            if not out or out[-1][0] != tag:
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


def _following(text: str, blank: list[bool]) -> str:
    """A text behind others with its white space collapsed; `blank` tells of theirs, and then of its own."""
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


_WHITE: Final = re.compile(r"\s\s+|[^\S ]")  # not the single blanks, which stay what they are


def _characters(nodes: tuple[Node, ...]) -> str:
    return "".join([node if isinstance(node, str) else _characters(node[1]) for node in nodes])


def _write(nodes: tuple[Node, ...], write_text: Callable[[str], str], spans: Mapping[str, str]) -> str:
    return "".join(
        write_text(node) if isinstance(node, str) else spans[node[0]].format(_write(node[1], write_text, spans))
        for node in nodes
    )
