"""Texts of an issue as paragraphs, lists, tables, pictures and footnotes of Word."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

import msgspec
from markupsafe import escape

from digest.languages import direction
from digest.outputs.docx import tree
from digest.outputs.docx.formulas import office_math
from digest.outputs.docx.pictures import Picture
from digest.outputs.docx.runs import PLAIN, Mark, Marks, bookmark_name, escaped, field, paragraph, run
from digest.outputs.docx.template import style_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from digest.outputs.docx.tree import Element
    from digest.render.figures import Figure

_MARKS: Final[Mapping[str, Mark]] = {
    "i": "i",
    "em": "i",
    "cite": "i",
    "var": "i",
    "b": "b",
    "strong": "b",
    "sub": "sub",
    "sup": "sup",
    "s": "del",
    "del": "del",
    "code": "code",
    "kbd": "code",
    "u": "u",
}
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_BLOCKS: Final = frozenset(
    "address article aside blockquote dd div dl dt figure footer h1 h2 h3 h4 h5 h6 header hr ol p pre section "
    "table ul".split()
)
_DEEPEST: Final = 8  # level of a list that Word has
_LONG: Final = 36  # characters of a cell from which on more of them do not make its column wider
_EMU: Final = 635  # in a twentieth of a point


class Comment(msgspec.Struct, frozen=True):
    """A question at a place of the text.

    Attributes:
        number: its number.
        text: what is asked.
    """

    number: int
    text: str


class Embedded(msgspec.Struct, frozen=True):
    """A picture of the file.

    Attributes:
        name: name of its file.
        picture: what it is.
    """

    name: str
    picture: Picture


class Writer:
    """Writes the parts of a file, and keeps what has a place of its own there: notes, comments, links, pictures.

    Attributes:
        footnotes: the paragraphs of each footnote.
        comments: the comments.
        links: the number of each address outside of the file.
        pictures: the pictures.
        lists: of each list whether it is numbered, and with which number it begins.
        bookmarks: the names of the bookmarks.
        lettered: whether footnotes have letters, because citations have raised numbers.
        lost: what could not be put into the file.
    """

    def __init__(
        self,
        language: str,
        figures: Mapping[str, Figure],
        picture: Callable[[str], Picture | str],
        caption: Callable[[Figure], Markup],
        table: Callable[[int], str],
        width: int,
    ) -> None:
        """Nothing is written yet.

        Args:
            language: the language of the issue.
            figures: what belongs at each mark of a text.
            picture: gives the picture in a file, or why there is none.
            caption: gives the caption of a figure.
            table: gives what a table is called by its number.
            width: how wide the text is, in twentieths of a point.
        """
        self.language, self.width = language, width
        self._figures, self._picture, self._caption, self._table = figures, picture, caption, table
        self.footnotes: list[str] = []
        self.comments: list[Comment] = []
        self.links: dict[str, int] = {}
        self.pictures: dict[str, Embedded] = {}
        self.lists: list[tuple[bool, int]] = []
        self.bookmarks: set[str] = set()
        self.lettered = False
        self.lost: list[str] = []
        self._ids = itertools.count(1)
        self._drawn = itertools.count(1)

    # -- places --------------------------------------------------------------------------------------------------------

    def bookmarked(self, anchor: str, inner: str) -> str:
        """Runs with a bookmark around them, by the id of HTML; one that there is already is not set again."""
        name = bookmark_name(anchor)
        if not anchor or name in self.bookmarks:
            return inner
        self.bookmarks.add(name)
        number = next(self._ids)
        return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inner}<w:bookmarkEnd w:id="{number}"/>'

    def commented(self, inner: str, texts: Iterable[str]) -> str:
        """Runs with comments at them."""
        for text in texts:
            number = len(self.comments)
            self.comments.append(Comment(number, text))
            inner = (
                f'<w:commentRangeStart w:id="{number}"/>{inner}<w:commentRangeEnd w:id="{number}"/>'
                f'<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:commentReference w:id="{number}"/></w:r>'
            )
        return inner

    def link(self, address: str, inner: str) -> str:
        """Runs that lead to a place in the file, ``#id``, or outside of it."""
        if address.startswith("#"):
            return f'<w:hyperlink w:anchor="{bookmark_name(address[1:])}" w:history="1">{inner}</w:hyperlink>'
        if not re.match(r"(?:https?|mailto|ftp):", address):
            return inner
        number = self.links.setdefault(address, len(self.links) + 1)
        return f'<w:hyperlink r:id="rLink{number}" w:history="1">{inner}</w:hyperlink>'

    # -- texts ---------------------------------------------------------------------------------------------------------

    def html(self, html: object, *, marks: Marks = PLAIN, language: str = "") -> str:
        """The runs of some HTML of one paragraph: of a title, a name, a caption."""
        return self._inline(tree.tree_of(str(escape(html))).children, marks, language, {})

    def _inline(
        self,
        children: Iterable[Element | str],
        marks: Marks,
        language: str,
        notes: Mapping[str, Element],
        style: str = "",
    ) -> str:
        out: list[str] = []
        for child in children:
            if isinstance(child, str):
                if text := _SPACE.sub(" ", child):
                    out.append(run(text, marks, language=language, style=style))
                continue
            name = child.name
            inner = child.children
            if name == "br":
                out.append("<w:r><w:br/></w:r>")
            elif name == "math":
                out.append(office_math(child))
            elif name == "input":
                out.append(run("☑ " if "checked" in child.attributes else "☐ ", marks))
            elif name in {"wbr", "#comment"}:
                continue
            elif name == "img":
                out.append(run(child.get("alt"), marks | {"i"}, language=language))
            elif "note-call" in child.classes and (call := self._call(child, language, notes)):
                out.append(call)
            elif "note-back" in child.classes:
                continue
            elif name == "a":
                address = child.get("href")
                shown = "" if address.startswith("#") else "Hyperlink"
                out.append(
                    self.bookmarked(
                        child.get("id"), self.link(address, self._inline(inner, marks, language, notes, shown))
                    )
                )
            else:
                more: Marks = frozenset({"sc"}) if "sc" in child.classes else PLAIN
                if name in _MARKS:
                    more |= {_MARKS[name]}
                around = marks - {"sub", "sup"} if name in {"sub", "sup"} else marks  # a run is one of the two
                written = self._inline(inner, around | more, child.get("lang") or language, notes, style)
                out.append(self.bookmarked(child.get("id"), written))
        return "".join(out)

    def _call(self, call: Element, language: str, notes: Mapping[str, Element]) -> str:
        """The reference to a footnote; a second one to the same note is a field that repeats its number."""
        link = next(call.find_all("a"), None)
        key = link.get("href").removeprefix("#") if link else ""
        if key not in notes:
            return ""
        name = bookmark_name(f"{key}-reference")
        if name in self.bookmarks:
            return field(f"NOTEREF {name} \\f \\h", run(call.text, frozenset({"sup"})), dirty=True)
        self.footnotes.append("")
        number = len(self.footnotes)
        blocks = list(self._blocks(notes[key].children, "footnote text", language, {}, 0))
        mark = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>' + run(" ")
        first = blocks[0] if blocks else paragraph("footnote text", "")
        self.footnotes[number - 1] = "".join([first.replace("</w:pPr>", f"</w:pPr>{mark}", 1), *blocks[1:]])
        reference = (
            f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{number}"/></w:r>'
        )
        return self.bookmarked(f"{key}-reference", reference)

    # -- blocks --------------------------------------------------------------------------------------------------------

    def blocks(self, html: object, style: str = "", *, language: str = "", lead: str = "") -> list[str]:
        """The paragraphs, lists and tables of a text.

        Args:
            html: the text.
            style: the name of the style of its paragraphs.
            language: its language, where that is not the one of the issue.
            lead: runs at the beginning of its first paragraph.
        """
        root = tree.tree_of(str(html))
        notes: dict[str, Element] = {}
        self._tables = itertools.count(1)
        for division in root.find_all("div"):
            if "notes" in division.classes:
                self.lettered = self.lettered or any(listed.get("type") == "a" for listed in division.find_all("ol"))
                notes |= {item.get("id"): item for item in division.find_all("li") if item.get("id")}
        out = list(self._blocks(root.children, style, language, notes, 0))
        if lead:
            if out and out[0].startswith("<w:p>"):
                out[0] = out[0].replace("</w:pPr>", f"</w:pPr>{lead}", 1)
            else:
                out.insert(0, self.paragraph(style, lead, language))
        return out

    def paragraph(self, style: str, inner: str, language: str = "", **more: str) -> str:
        """A paragraph that runs as its language does."""
        return paragraph(style, inner, rtl=direction(language or self.language) == "rtl", **more)

    def _blocks(
        self,
        children: Iterable[Element | str],
        style: str,
        language: str,
        notes: Mapping[str, Element],
        level: int,
        before: str = "",
        after: str = "",
    ) -> Iterator[str]:
        """The blocks of an element; what is inline between them is a paragraph."""
        loose: list[Element | str] = []

        def flushed() -> Iterator[str]:
            if any(
                (isinstance(one, str) and one.strip()) or (not isinstance(one, str) and one.name != "#comment")
                for one in loose
            ):
                inner = self._inline(loose, PLAIN, language, notes)
                yield self.paragraph(style, inner, language, before=before, after=after)
            loose.clear()

        for child in children:
            if isinstance(child, str) or (child.name not in _BLOCKS and not self._is_figure(child)):
                loose.append(child)
                continue
            yield from flushed()
            yield from self._block(child, style, language, notes, level, before, after)
        yield from flushed()

    def _is_figure(self, child: Element) -> bool:
        return child.name == "#comment" and f"<!--{child.text}-->" in self._figures

    def _block(
        self,
        child: Element,
        style: str,
        language: str,
        notes: Mapping[str, Element],
        level: int,
        before: str,
        after: str,
    ) -> Iterator[str]:
        name, classes = child.name, child.classes
        language = child.get("lang") or language

        def inner(style: str = style, before: str = before, after: str = after) -> Iterator[str]:
            return self._blocks(child.children, style, language, notes, level, before, after)

        if self._is_figure(child):
            yield from self.figure(self._figures[f"<!--{child.text}-->"], language)
        elif name in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            runs = self.bookmarked(child.get("id"), self._inline(child.children, PLAIN, language, notes))
            yield self.paragraph("heading 3" if int(name[1]) <= 4 else "heading 4", runs, language)
        elif name == "p":
            if "box-title" in classes:
                style = "Box Title"
            elif "table-note" in classes:
                style = "Table Note"
            runs = self._inline(child.children, PLAIN, language, notes)
            yield self.paragraph(style, self.bookmarked(child.get("id"), runs), language, before=before, after=after)
        elif name in {"ul", "ol"}:
            yield from self._list(child, language, notes, level)
        elif name == "dl":
            for part in child.elements:
                if part.name == "dt":
                    yield self.paragraph(
                        "Definition Term", self._inline(part.children, PLAIN, language, notes), language
                    )
                else:
                    yield from self._blocks(part.children, "List Continue", language, notes, level, "", _indent(1))
        elif name == "blockquote":
            yield from inner("Quote")
        elif name == "aside":
            yield from inner("Quote" if any("quote" in one for one in classes) else "Box")
        elif name == "pre":
            yield self.paragraph("Code", run(child.text.rstrip("\n")), language)
        elif name == "hr":
            yield self.paragraph(style, run("* * *"), language, after='<w:jc w:val="center"/>')
        elif name == "table":
            yield from self._whole_table(child, language, notes)
        elif "notes" not in classes:
            yield from inner()
            if "table-frame" in classes and not any("table-note" in one.classes for one in child.elements):
                yield paragraph("Table Note", "")

    def _list(self, listed: Element, language: str, notes: Mapping[str, Element], level: int) -> Iterator[str]:
        numbered = listed.name == "ol"
        start = listed.get("start")
        self.lists.append((numbered, int(start) if start.isdigit() else 1))
        number, depth = len(self.lists), min(level, _DEEPEST)
        style = "List Number" if numbered else "List Bullet"
        mark = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'
        for item in listed.elements:
            if item.name != "li":
                continue
            first = True
            blocks = self._item(item, style, language, notes, level)
            for block in blocks:
                if first and f'<w:pStyle w:val="{style_id(style)}"/>' in block[:80]:
                    yield block.replace("/>", f"/>{mark}", 1)
                elif first:
                    yield self.paragraph(style, "", language, before=mark)
                    yield block
                else:
                    yield block
                first = False
            if first:
                yield self.paragraph(style, "", language, before=mark)

    def _item(
        self, item: Element, style: str, language: str, notes: Mapping[str, Element], level: int
    ) -> Iterator[str]:
        """The blocks of an item of a list: the first has the style of the list, the others continue it."""
        first = True
        for part in _parts_of(item):
            yield from self._blocks(
                part,
                style if first else "List Continue",
                language,
                notes,
                level + 1,
                "",
                "" if first else _indent(level + 1),
            )
            first = False

    # -- tables --------------------------------------------------------------------------------------------------------

    def _whole_table(self, table: Element, language: str, notes: Mapping[str, Element]) -> Iterator[str]:
        caption = next(table.find_all("caption"), None)
        called = self._table(next(self._tables))
        text = self._inline(caption.children, PLAIN, language, notes) if caption else ""
        lead = run(f"{called}. " if text else f"{called}.", frozenset({"b"}))
        yield self.paragraph("Table Caption", lead + text, language)
        rows = [(row, True) for head in table.find_all("thead") for row in head.find_all("tr")]
        rows += [(row, False) for body in table.find_all("tbody") for row in body.find_all("tr")]
        columns = max((len(row.elements) for row, _ in rows), default=0)
        if not columns:
            return
        widths = self._widths([row.elements for row, _ in rows], columns)
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        turned = "<w:bidiVisual/>" if direction(language or self.language) == "rtl" else ""
        described = f'<w:tblCaption w:val="{escaped(caption.text.strip())[:250]}"/>' if caption else ""
        yield "".join(
            [
                (
                    f'<w:tbl><w:tblPr><w:tblStyle w:val="IssueTable"/>{turned}<w:tblW w:w="5000" w:type="pct"/>'
                    '<w:tblLayout w:type="autofit"/>'
                    '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
                    f'w:noHBand="1" w:noVBand="1"/>{described}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
                ),
                *(self._row(row, widths, language, notes, head=head) for row, head in rows),
                "</w:tbl>",
            ]
        )

    def _widths(self, rows: Sequence[Sequence[Element]], columns: int) -> list[int]:
        """The widths of columns: each as its longest text asks for, and none so narrow that its words are torn."""
        wanted = []
        for n in range(columns):
            texts = [row[n].text.strip() for row in rows if n < len(row)]
            word = max((len(word) for text in texts for word in text.split()), default=1)
            longest = max(map(len, texts), default=1)
            wanted.append(max(min(longest, _LONG), min(word, _LONG // 2)) + 2)
        return [self.width * one // sum(wanted) for one in wanted]

    def _row(
        self, row: Element, widths: Sequence[int], language: str, notes: Mapping[str, Element], *, head: bool
    ) -> str:
        """A row; one of the head is repeated on each page (17.4.78), and none is torn apart."""
        cells = []
        for n, width in enumerate(widths):
            cell = row.elements[n] if n < len(row.elements) else None
            style = cell.get("style") if cell else ""
            side = next((side for side in ("right", "center") if side in style), "")
            after = f'<w:jc w:val="{side}"/>' if side else ""
            inner = self._inline(cell.children, PLAIN, language, notes) if cell else ""
            text = self.paragraph("Table Text", inner, language, after=after)
            cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{text}</w:tc>')
        repeated = "<w:tblHeader/>" if head else ""
        return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"

    # -- pictures ------------------------------------------------------------------------------------------------------

    def figure(self, figure: Figure, language: str = "") -> Iterator[str]:
        """A figure with its caption."""
        shown = self.picture(figure.src, figure.alt, keep=0.55)
        yield self.paragraph("Picture", self.bookmarked(figure.id, shown), language)
        if caption := self._caption(figure):
            yield self.paragraph("caption", self.html(caption), language)

    def picture(self, path: str, alt: str, *, keep: float = 0.9) -> str:
        """A picture in a run, with its alternative text; that text alone where the picture cannot be put in.

        Args:
            path: its file.
            alt: what it shows; empty where it only decorates.
            keep: how much of the height of a page it may take.
        """
        found = self.pictures.get(path)
        if found is None:
            picture = self._picture(path)
            if isinstance(picture, str):
                self.lost.append(picture)
                return run(f"[{alt}]" if alt else "", frozenset({"i"}))
            found = self.pictures[path] = Embedded(f"image{len(self.pictures) + 1}", picture)
        most = self.width * _EMU
        width = min(found.picture.width, most)
        height = round(width / found.picture.proportion)
        highest = round(most * 1.45 * keep)
        if height > highest:
            width, height = round(highest * found.picture.proportion), highest
        number = next(self._drawn)
        decorates = (
            '<a:extLst><a:ext uri="{C183D7F6-B498-43B3-948B-1728B52AA6E4}"><adec:decorative '
            'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst>'
        )
        described = f'id="{number}" name="Picture {number}" descr="{escaped(alt)}"'
        described = f"<wp:docPr {described}/>" if alt else f"<wp:docPr {described}>{decorates}</wp:docPr>"
        return (
            '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
            f'<wp:extent cx="{width}" cy="{height}"/>'
            f'{described}<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr>'
            "<a:graphic>"
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
            f'<pic:cNvPr id="{number}" name="{found.name}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
            f'<a:blip r:embed="{found.name}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
            f'<a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        )


def _indent(level: int) -> str:
    return f'<w:ind w:left="{425 * level}"/>'


def _parts_of(item: Element) -> Iterator[list[Element | str]]:
    """What an item of a list holds: what is inline up to the first block, and each block."""
    loose: list[Element | str] = []
    for child in item.children:
        if isinstance(child, str) or child.name not in _BLOCKS:
            loose.append(child)
            continue
        if any(not isinstance(one, str) or one.strip() for one in loose):
            yield loose
        loose = []
        yield [child]
    if any(not isinstance(one, str) or one.strip() for one in loose):
        yield loose
