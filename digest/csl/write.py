"""The tree of a citation or entry, written as plain text, HTML, Markdown or LaTeX. One function per notation."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Final

from digest.csl.tree import Block, Formatted, Link

if TYPE_CHECKING:
    from collections.abc import Callable

    from digest.csl.tree import Node

_HTML: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("font-style", "italic"): ("<i>", "</i>"),
    ("font-weight", "bold"): ("<b>", "</b>"),
    ("vertical-align", "sup"): ("<sup>", "</sup>"),
    ("vertical-align", "sub"): ("<sub>", "</sub>"),
}
_RAISED: Final = dict(zip("0123456789abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
_MARKDOWN: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("font-style", "italic"): ("*", "*"),
    ("font-style", "oblique"): ("*", "*"),
    ("font-weight", "bold"): ("**", "**"),
    ("vertical-align", "sup"): ("<sup>", "</sup>"),
    ("vertical-align", "sub"): ("<sub>", "</sub>"),
    ("font-variant", "small-caps"): ('<span style="font-variant:small-caps">', "</span>"),
    ("text-decoration", "underline"): ("<u>", "</u>"),
}
_LATEX: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("font-style", "italic"): (r"\textit{", "}"),
    ("font-style", "oblique"): (r"\textsl{", "}"),
    ("font-style", "normal"): (r"\textup{", "}"),
    ("font-weight", "bold"): (r"\textbf{", "}"),
    ("font-weight", "normal"): (r"\textmd{", "}"),
    ("font-variant", "small-caps"): (r"\textsc{", "}"),
    ("font-variant", "normal"): (r"\textup{", "}"),
    ("text-decoration", "underline"): (r"\underline{", "}"),
    ("vertical-align", "sup"): (r"\textsuperscript{", "}"),
    ("vertical-align", "sub"): (r"\textsubscript{", "}"),
}
_LATEX_CHARACTERS: Final = str.maketrans(
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
        "\N{NO-BREAK SPACE}": "~",
    }
)
# In a URL that is an argument of another command only these are special to hyperref.
_LATEX_URL: Final = str.maketrans(
    {"\\": "%5C", "{": "%7B", "}": "%7D", "%": r"\%", "#": r"\#", "&": r"\&", "^": "%5E", "~": r"\~{}", " ": "%20"}
)
_MARKDOWN_SPECIAL: Final = re.compile(
    r"([\\`*_\[\]<>]|&(?=#?\w+;))|(?m:^(\s*)(\d+)([.)](?=\s|$)))|(?m:^(\s*)([#+-](?=\s)))"
)


def to_text(node: Node) -> str:
    """The characters alone, with single raised ones as Unicode has them (``m²``); a space divides blocks that touch.

    Small capitals without a capital among them are capitals: ``L-dopa``.
    """
    if isinstance(node, str):
        return node
    if isinstance(node, Formatted) and node.value == "sup" and node.children[0] in _RAISED and len(node.children) == 1:
        return _RAISED[str(node.children[0])]
    parts: list[str] = []
    for child in node.children:
        text = to_text(child)
        if isinstance(child, Block) and parts and text and not parts[-1][-1:].isspace():
            text = " " + text
        if text:
            parts.append(text)
    whole = "".join(parts)
    small = isinstance(node, Formatted) and node.value == "small-caps" and whole == whole.lower()
    return whole.upper() if small else whole


def to_html(node: Node) -> str:
    """HTML for use inside a paragraph or list item; every character of the item is escaped.

    Formats are ``<i> <b> <sup> <sub>``, all others ``<span style="property:value;">``; blocks are
    ``<div class="csl-left-margin">`` and the like; links ``<a href>``.
    """
    parts: list[str] = []
    _html(node, parts.append)
    return "".join(parts)


def _html(node: Node, put: Callable[[str], None]) -> None:
    if isinstance(node, str):
        put(escape(node, quote=False))
        return
    end = ""
    if isinstance(node, Formatted):
        start, end = _HTML.get((node.property, node.value)) or (
            f'<span style="{node.property}:{node.value};">',
            "</span>",
        )
        put(start)
    elif isinstance(node, Link):
        put(f'<a href="{escape(node.url)}">')
        end = "</a>"
    elif isinstance(node, Block):
        put(f'<div class="csl-{node.display}">')
        end = "</div>"
    for child in node.children:
        _html(child, put)
    put(end)


def to_markdown(node: Node) -> str:
    """CommonMark; what it lacks (small caps, sub- and superscript) is written as the inline HTML that it allows."""
    if isinstance(node, str):
        return _MARKDOWN_SPECIAL.sub(_escape_markdown, node)
    inner = "".join(to_markdown(child) for child in node.children)
    if isinstance(node, Formatted):
        start, end = _MARKDOWN.get((node.property, node.value), ("", ""))
        # `* a*` is not emphasis: a sign must touch the ink (CommonMark 6.2), so white space goes outside.
        bare = inner.strip()
        if not bare or not start:
            return inner
        lead, trail = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f"{lead}{start}{bare}{end}{trail}"
    if isinstance(node, Link):
        return f"[{inner}](<{node.url.replace('<', '%3C').replace('>', '%3E').replace(chr(10), '%0A')}>)"
    if isinstance(node, Block):
        return f"{inner.rstrip()} " if node.display == "left-margin" else f"{inner}\n"
    return inner


def _escape_markdown(found: re.Match[str]) -> str:
    sign, space, number, point, indent, bullet = found.groups()
    if sign:
        return f"\\{sign}"
    return f"{indent}\\{bullet}" if bullet else f"{space}{number}\\{point}"


def to_latex(node: Node) -> str:
    r"""LaTeX source for a document with UTF-8 input; links need the package ``hyperref``."""
    if isinstance(node, str):
        return node.translate(_LATEX_CHARACTERS)
    inner = "".join(to_latex(child) for child in node.children)
    if isinstance(node, Formatted):
        start, end = _LATEX.get((node.property, node.value), ("", ""))
        return f"{start}{inner}{end}"
    if isinstance(node, Link):
        return rf"\href{{{node.url.translate(_LATEX_URL)}}}{{{inner}}}"
    if isinstance(node, Block):
        return f"{inner.rstrip()} " if node.display == "left-margin" else f"{inner}\n\n"
    return inner
