"""The HTML that templates print becomes elements of JATS: sections, tables, figures, lists, notes, formulas, links."""

from __future__ import annotations

import functools
import re
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from digest.outputs.jats.cited import CITED
from digest.outputs.xmltree import Child, Element, filled
from digest.text import FORMULA, lettered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.render.figures import Figure
    from digest.text import Node, RichText

_SPANS: Final = {
    "em": "italic",
    "i": "italic",
    "strong": "bold",
    "b": "bold",
    "sub": "sub",
    "sup": "sup",
    "sc": "sc",
    "s": "strike",
    "del": "strike",
    "code": "monospace",
}
_EMPTY: Final = frozenset({"br", "hr", "img", "input", "col", "wbr"})
_HEADING: Final = re.compile(r"h([1-6])")
_BLOCKS: Final = frozenset("p ul ol dl blockquote aside div pre table hr".split())
_ALIGNED: Final = re.compile(r"text-align:\s*(left|right|center)")
# What MathML 2 (the JATS DTD's) does not know of MathML 3 and MathML Core, by element; others have no such attribute.
_NO_MATH: Final = {"displaystyle": {"mstyle", "mtable"}, "scriptlevel": {"mstyle"}}


class _Reader(HTMLParser):
    """Reads HTML of our own, in which every element that is not empty is closed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("body")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag)
        made.attributes = {key: value or "" for key, value in attrs}
        self._open[-1].children.append(made)
        if tag not in _EMPTY:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for n in range(len(self._open) - 1, 0, -1):
            if self._open[n].name == tag:
                del self._open[n:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        made = Element("!")
        made.attributes = {"mark": f"<!--{data}-->"}
        self._open[-1].children.append(made)


def name_of(identifier: str) -> str:
    """An id of HTML as a name of XML without a colon; what is different stays different.

    >>> name_of("article-a-ref-b/c:d")
    'article-a-ref-b·2f·c·3a·d'
    """
    return re.sub(r"[^A-Za-z0-9_.-]", lambda match: f"·{ord(match[0]):x}·", identifier)


def rich(text: RichText) -> list[Child]:
    """The elements of a title or the text of an abstract."""
    return list(_of_nodes(text.nodes))


def _of_nodes(nodes: Iterable[Node]) -> Iterator[Child]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif " " in node[0]:
            kind, _, source = node[0].partition(" ")
            if kind == FORMULA and source.startswith("<math "):
                (formula,) = _tree(source).children
                assert isinstance(formula, Element)
                yield Element("inline-formula", _mathml(formula))
            else:
                yield from _of_nodes(node[1])
        else:
            yield Element(_SPANS[node[0]], *_of_nodes(node[1]))


def _tree(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def _mathml(element: Element) -> Element:
    """A formula with the prefix that the DTD asks for, and with the attributes that it knows."""
    made = Element(f"mml:{element.name}")
    made.attributes = {
        key: value
        for key, value in element.attributes.items()
        if element.name in _NO_MATH.get(key, {element.name}) and not (key == "scope" or key.startswith("xmlns"))
    }
    for child in element.children:
        made.add(child if isinstance(child, str) else _mathml(child))
    return made


class Texts:
    """The texts of one document.

    Attributes:
        pictures: the figures that were placed so far.
        unknown: names of elements that have no place in JATS; their text is kept.
    """

    def __init__(self, prefix: str, figures: Mapping[str, Figure], links: Callable[[str], Element | None]) -> None:
        """Nothing is converted yet.

        Args:
            prefix: what the ids of tables and boxes begin with.
            figures: the figure that belongs at each mark.
            links: makes an element, without its text, of an address that begins with “#”; nothing where it leads to
                nothing in the document.
        """
        self._prefix, self._figures, self._links = prefix, figures, links
        self._boxes = self._tables = 0
        self.pictures: list[Figure] = []
        self.unknown: set[str] = set()
        self.figure_label = "{number}"

    # -- whole texts ---------------------------------------------------------------------------------------------------

    def body(self, html: str) -> tuple[list[Element], list[Element]]:
        """Paragraphs and then sections of a text; and its notes, each as ``fn``."""
        root = _tree(html)
        notes: list[Element] = []
        kept: list[Child] = []
        for child in root.children:
            if isinstance(child, Element) and "notes" in _classes(child):
                notes += self._notes(child)
            else:
                kept.append(child)
        return self._sections(kept), notes

    def inline(self, html: str) -> list[Child]:
        """The contents of one paragraph, from HTML with or without ``<p>``."""
        return self._joined(_tree(html).children)

    def paragraphs(self, html: str) -> list[Element]:
        """Paragraphs that hold whatever else there is, for places that take nothing but ``p``."""
        return _in_paragraphs(self._blocks(_tree(html).children))

    def _joined(self, nodes: Sequence[Child]) -> list[Child]:
        """Paragraphs run together."""
        out: list[Child] = []
        for node in nodes:
            if isinstance(node, Element) and node.name in _BLOCKS:
                out += [" ", *self._joined(node.children)] if out else self._joined(node.children)
            else:
                out += self._inline([node])
        return _trimmed(out)

    # -- blocks --------------------------------------------------------------------------------------------------------

    def _sections(self, nodes: Sequence[Child]) -> list[Element]:
        """Blocks, then a section for each heading, those of lower headings inside of it."""
        levels = [(n, int(match[1])) for n, node in enumerate(nodes) if (match := _heading(node))]
        if not levels:
            return self._blocks(nodes)
        out = self._blocks(nodes[: levels[0][0]])
        at = 0
        while at < len(levels):
            begin, level = levels[at]
            after = next((m for m in range(at + 1, len(levels)) if levels[m][1] <= level), len(levels))
            end = levels[after][0] if after < len(levels) else len(nodes)
            heading = nodes[begin]
            assert isinstance(heading, Element)
            title = Element("title", *_trimmed(self._inline(heading.children, formula="inline-formula")))
            name = heading.attributes.get("id")
            section = Element("sec", title, id=name_of(name) if name else None)
            out.append(section.add(*self._sections(nodes[begin + 1 : end])))
            at = after
        return out

    def _blocks(self, nodes: Sequence[Child]) -> list[Element]:
        out: list[Element] = []
        loose: list[Child] = []

        def end() -> None:
            if found := _trimmed(self._inline(loose, formula="disp-formula")):
                out.append(Element("p", *found))
            loose.clear()

        for node in nodes:
            if isinstance(node, Element) and (node.name in _BLOCKS or node.name == "!" or _heading(node)):
                end()
                out += self._block(node)
            else:
                loose.append(node)
        end()
        return out

    def _block(self, node: Element) -> list[Element]:
        match node.name:
            case "p":
                return [
                    Element("p", *inner)
                    for line in _lines(node.children)
                    if (inner := _trimmed(self._inline(line, formula="disp-formula")))
                ]
            case "!":
                return [self._figure(self._figures[node.attributes["mark"]])]
            case "ul" | "ol":
                return [self._list(node)]
            case "dl":
                return [self._definitions(node)]
            case "blockquote":
                return [self._quotation(node)]
            case "aside":
                return [self._box(node)]
            case "pre":
                return [self._code(node)]
            case "table":
                return [self._table([node], "")]
            case "hr":
                return []  # a rule between two paragraphs has no element in JATS Publishing, and no words
            case "div" if "table-frame" in _classes(node):
                return [self._table(_elements(node), node.attributes.get("aria-label", ""))]
            case "div":
                return self._blocks(node.children)
            case _:  # a heading where no section may begin
                return [Element("p", Element("bold", *_trimmed(self._inline(node.children))))]

    def _list(self, node: Element) -> Element:
        items = [item for item in _elements(node) if item.name == "li"]
        kind = "order" if node.name == "ol" else "simple" if any("task" in _classes(i) for i in items) else "bullet"
        numbers, number = list[int](), int(node.attributes.get("start", "1")) - 1
        for item in items:
            number = int(item.attributes.get("value", number + 1))
            numbers.append(number)
        counted = numbers == list(range(1, len(items) + 1)) or kind != "order"
        made = Element("list", list_type=kind)
        for item, number in zip(items, numbers, strict=True):
            inner = _in_paragraphs(self._blocks(item.children), {"list", "def-list"})
            label = None if counted else Element("label", f"{number}.")
            made.add(Element("list-item", label, *(inner or [Element("p")])))
        return made

    def _definitions(self, node: Element) -> Element:
        made = Element("def-list")
        for child in _elements(node):
            if child.name == "dt":
                made.add(Element("def-item", Element("term", *_trimmed(self._inline(child.children)))))
            elif made.children and isinstance(made.children[-1], Element):
                made.children[-1].add(Element("def", *(_in_paragraphs(self._blocks(child.children)) or [Element("p")])))
        return made

    def _quotation(self, node: Element) -> Element:
        attributions = [child for child in _elements(node) if "pull-quote-by" in _classes(child)]
        inner = [child for child in node.children if child not in attributions]
        kind = "pull-quote" if "pull-quote" in _classes(node) else None
        said = [Element("attrib", *_trimmed(self._inline(one.children))) for one in attributions]
        return Element("disp-quote", *self._blocks(inner), *said, content_type=kind)

    def _box(self, node: Element) -> Element:
        self._boxes += 1
        titles = [child for child in _elements(node) if "box-title" in _classes(child)]
        inner = [child for child in node.children if child not in titles]
        heads = [Element("title", *_trimmed(self._inline(one.children, formula="inline-formula"))) for one in titles]
        kind = "side-note" if "side-note" in _classes(node) else "box"
        name = f"{self._prefix}-box-{self._boxes}"
        return Element("boxed-text", filled("caption", *heads), *self._sections(inner), id=name, content_type=kind)

    def _code(self, node: Element) -> Element:
        inner = next(iter(_elements(node)), node)
        language = next((c.removeprefix("language-") for c in _classes(inner) if c.startswith("language-")), None)
        return Element("code", inner.text.removesuffix("\n"), language=language or None)

    def _figure(self, figure: Figure) -> Element:
        self.pictures.append(figure)
        caption = self.inline(figure.caption)
        path = PurePosixPath(figure.src)
        kind = {"svg": "svg+xml", "jpg": "jpeg"}.get(path.suffix[1:].lower(), path.suffix[1:].lower())
        return Element(
            "fig",
            Element("label", self.figure_label.replace("{number}", str(figure.number))),
            filled("caption", filled("p", *caption)),
            Element(
                "graphic",
                # JATS4R, accessibility: “null” is what a picture has that only decorates.
                Element("alt-text", figure.alt or "null"),
                xlink__href=figure.src,
                mimetype="image",
                mime_subtype=kind,
            ),
            filled("attrib", figure.credit),
            id=name_of(figure.id),
        )

    # -- tables and notes ----------------------------------------------------------------------------------------------

    def _table(self, nodes: Sequence[Element], label: str) -> Element:
        self._tables += 1
        (table,) = (node for node in nodes if node.name == "table")
        captions = [child for child in _elements(table) if child.name == "caption"]
        notes = [Element("p", *_trimmed(self._inline(n.children))) for n in nodes if "table-note" in _classes(n)]
        caption = [Element("p", *_trimmed(self._inline(one.children, formula="inline-formula"))) for one in captions]
        made = Element("table")
        groups = [child for child in _elements(table) if child.name in {"thead", "tbody"}]
        rows = [(group.name, [self._row(row) for row in _elements(group)]) for group in groups]
        if any(name == "tbody" for name, _ in rows):
            made.add(*(Element(name, *inner) for name, inner in rows))
        else:  # a head without rows below it: the DTD asks for a tbody after a thead
            made.add(*(row for _, inner in rows for row in inner))
        return Element(
            "table-wrap",
            filled("label", label),
            filled("caption", *caption),
            made,
            filled("table-wrap-foot", *notes),
            id=f"{self._prefix}-table-{self._tables}",
        )

    def _row(self, row: Element) -> Element:
        made = Element("tr")
        for cell in _elements(row):
            aligned = _ALIGNED.search(cell.attributes.get("style", ""))
            inner = _trimmed(self._inline(cell.children, break_="break"))
            align, scope = aligned[1] if aligned else None, cell.attributes.get("scope")
            made.add(Element(cell.name, *inner, align=align, scope=scope))
        return made

    def _notes(self, node: Element) -> list[Element]:
        (row,) = (child for child in _elements(node) if child.name == "ol")
        letters = row.attributes.get("type") == "a"
        made = []
        for number, note in enumerate(_elements(row), 1):
            inner = [child for child in note.children if isinstance(child, str) or "note-back" not in _classes(child)]
            label = Element("label", lettered(number) if letters else str(number))
            made.append(Element("fn", label, *_in_paragraphs(self._blocks(inner)), id=name_of(note.attributes["id"])))
        return made

    # -- within a line -------------------------------------------------------------------------------------------------

    def _inline(self, nodes: Sequence[Child], *, formula: str = "", break_: str = "") -> list[Child]:
        """Elements within a line.

        Args:
            nodes: nodes of HTML.
            formula: the element of a formula in a line of its own; empty where the place takes none.
            break_: the element of a new line; empty where the place takes none.
        """
        out: list[Child] = []
        for node in nodes:
            if isinstance(node, str):
                out.append(re.sub(r"\s+", " ", node) if "\n" in node else node)
                continue
            inner = functools.partial(self._inline, node.children, break_=break_)
            classes = _classes(node)
            if node.name == "br":
                out.append(Element(break_) if break_ else " ")
            elif node.name == "math":
                displayed = node.attributes.get("display") == "block" and formula
                out.append(Element(formula if displayed else "inline-formula", _mathml(node)))
            elif "note-call" in classes:
                (call,) = _elements(node)
                out.append(Element("xref", Element("sup", call.text), ref_type="fn", rid=_target(call)))
            elif CITED in node.attributes:
                names = " ".join(name_of(name) for name in node.attributes[CITED].split())
                out.append(Element("xref", *inner(), ref_type="bibr", rid=names))
            elif "sc" in classes:
                out.append(Element("sc", *inner()))
            elif node.name == "a":
                out += self._link(node, inner())
            elif node.name in _SPANS:
                out.append(Element(_SPANS[node.name], *inner()))
            elif node.name == "!":
                out.append(self._figure(self._figures[node.attributes["mark"]]))
            else:
                if node.name not in {"span", "bdi", "p"}:
                    self.unknown.add(node.name)
                out += inner()
        return out

    def _link(self, node: Element, inner: list[Child]) -> list[Child]:
        href = node.attributes.get("href", "")
        if href.startswith("#"):
            made = self._links(href[1:])
            return [made.add(*inner)] if made else inner
        words = "".join(child if isinstance(child, str) else child.text for child in inner)
        if href.startswith("mailto:"):
            address = href.removeprefix("mailto:").partition("?")[0]
            return [Element("email", address)] if words == address else [*inner, " (", Element("email", address), ")"]
        if not href.startswith(("http://", "https://")):
            return inner
        # JATS4R, accessibility: an address is not a description of where it leads.
        title = words if words == href or "://" in words else None
        return [Element("ext-link", *inner, ext_link_type="uri", xlink__href=href, xlink__title=title)]


def _heading(node: Child) -> re.Match[str] | None:
    return None if isinstance(node, str) else _HEADING.fullmatch(node.name)


def _classes(node: Element) -> list[str]:
    return node.attributes.get("class", "").split()


def _elements(node: Element) -> list[Element]:
    return [child for child in node.children if isinstance(child, Element)]


def _target(link: Element) -> str:
    return name_of(link.attributes["href"].removeprefix("#"))


def _lines(nodes: Sequence[Child]) -> Iterator[list[Child]]:
    """The lines of a paragraph: a paragraph of JATS has no element for a new line."""
    line: list[Child] = []
    for node in nodes:
        if isinstance(node, Element) and node.name == "br":
            yield line
            line = []
        else:
            line.append(node)
    yield line


def _in_paragraphs(blocks: Iterable[Element], kept: Iterable[str] = ()) -> list[Element]:
    """Blocks in paragraphs of their own, for places that take no other blocks than these and paragraphs."""
    return [block if block.name in {"p", *kept} else Element("p", block) for block in blocks]


def _trimmed(nodes: list[Child]) -> list[Child]:
    """Nodes without white space at both ends."""
    out = list(nodes)
    while out and isinstance(first := out[0], str):
        if first := first.lstrip():
            out[0] = first
            break
        del out[0]
    while out and isinstance(last := out[-1], str):
        if last := last.rstrip():
            out[-1] = last
            break
        del out[-1]
    return out
