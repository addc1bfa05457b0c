"""A processor for the Citation Style Language 1.0.2: styles and items in, formatted citations and bibliographies out.

    >>> from digest import csl
    >>> style = csl.load_style(b'''<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
    ...   <citation><layout prefix="[" suffix="]"><text variable="citation-number"/></layout></citation>
    ...   <bibliography><layout suffix=".">
    ...     <text variable="title" font-style="italic"/>
    ...   </layout></bibliography></style>''')
    >>> document = csl.format_document(style, {"a": {"title": "On n < 5"}}, [csl.Citation((csl.Cite("a"),))])
    >>> csl.to_text(document.citations[0]), csl.to_html(document.bibliography[0].content)
    ('[1]', '<i>On n &lt; 5</i>.')

How a reference comes about, in the order of the modules::

    style, locales     a style file and the words of a language, as frozen values
    compile            both, once, as plain functions; with names, dates, numerals, textcase, markup
    item, printing     what one item holds, what is known while it is rendered
    document           numbers and positions; disambiguate, sorting, cites and bibliography do one thing each
    draft              joints, quotation marks, flip-flop: from intentions to a tree
    tree, write        the tree, and text, HTML, Markdown and LaTeX of it
    grammar            what is wrong with a style file (`check`)

The package knows nothing of the rest of `digest`.
"""

from __future__ import annotations

from pathlib import Path

from digest.csl.cites import Citation, Cite
from digest.csl.document import Document, format_document
from digest.csl.item import ItemProblem
from digest.csl.locales import locale_names
from digest.csl.style import Style, StyleError, StyleProblem, read_style
from digest.csl.tree import Block, Entry, Formatted, Link, Node, Sequence
from digest.csl.write import to_html, to_latex, to_markdown, to_text

__all__ = [
    "Block",
    "Citation",
    "Cite",
    "Document",
    "Entry",
    "Formatted",
    "ItemProblem",
    "Link",
    "Node",
    "Sequence",
    "Style",
    "StyleError",
    "StyleProblem",
    "check",
    "format_document",
    "load_style",
    "locale_names",
    "to_html",
    "to_latex",
    "to_markdown",
    "to_text",
]


def load_style(source: Path | bytes) -> Style:
    """The style in a file, or in the bytes of one.

    Raises:
        StyleError: it cannot be used; its `problems` say why and where.
        OSError: the file cannot be read.
    """
    return read_style(source.read_bytes() if isinstance(source, Path) else source)


def check(source: Path | bytes) -> tuple[StyleProblem, ...]:
    """Everything that is wrong with a style file, in the order of its lines; nothing where it is right.

    Never raises for what is in the file; a file that cannot be read is a problem too.
    """
    from digest.csl.grammar import problems_of

    try:
        content = source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        return (StyleProblem(0, "", f"this file cannot be read: {error.strerror or error}"),)
    return problems_of(content)
