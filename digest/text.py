"""RichText: the little markup that a title or an abstract may carry, with its faces for HTML, plain text and LaTeX."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        return _write(self.nodes, str, dict.fromkeys(TAGS, "{}"))

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


def _write(nodes: tuple[Node, ...], write_text: Callable[[str], str], spans: Mapping[str, str]) -> str:
    return "".join(
        write_text(node) if isinstance(node, str) else spans[node[0]].format(_write(node[1], write_text, spans))
        for node in nodes
    )
