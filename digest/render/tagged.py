"""Completes a PDF of WeasyPrint: PDF/UA-1, metadata, page labels, marks for the printer. The one door to pikepdf."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    import pikepdf

_PRISM: Final = "http://prismstandard.org/namespaces/basic/2.0/"
_DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"


DECORATIVE: Final = "\ue000"  # what WeasyPrint takes for the text of a picture with `alt=""`, which says nothing


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the metadata of a PDF says (XMP: Dublin Core and PRISM 2.0).

    Attributes:
        title: title of the document.
        authors: authors, as ``Saif MW``.
        language: language tag.
        date: day of publication, ISO form.
        publisher: publisher.
        keywords: keywords.
        periodical: title of the periodical.
        issn: ISSN.
        volume: volume.
        number: number within the volume.
        event: the meeting.
        doi: the DOI.
        first_page: number of the page on which the element with the id ``content`` begins; pages before it count
            i, ii, iii.
        multiple: what the number of pages is a multiple of; blank pages at the end see to it.
    """

    title: str
    authors: tuple[str, ...] = ()
    language: str
    date: str
    publisher: str = ""
    keywords: tuple[str, ...] = ()
    periodical: str
    issn: str = ""
    volume: str = ""
    number: str = ""
    event: str = ""
    doi: str = ""
    first_page: int = 1
    multiple: int = 1


def repair(pdf: pikepdf.Pdf, name: str) -> None:
    """Repairs the structure of a PDF that WeasyPrint wrote: scopes of table heads, artifacts, links, lists.

    Args:
        pdf: the PDF.
        name: what the names of table heads begin with, so that they are the only ones in a longer document.
    """
    reachable = _complete_structure(pdf, name)
    _mark_artifacts(pdf, reachable)
    for page in pdf.pages:
        for annotation in page.get("/Annots", ()):
            annotation.F = 4  # printed as it is shown


# Elements that hold text (ISO 32000-1, 14.8.4.3 and 14.8.4.4), and those that only say that there is some.
_OF_TEXT: Final = frozenset(f"/{kind}" for kind in "P H1 H2 H3 H4 H5 H6 LBody Lbl TH TD Caption Span Link".split())
_SAYING_NOTHING: Final = frozenset({"/Span", "/NonStruct"})
_PLAIN: Final = frozenset({"Type", "S", "K", "Pg", "P"})  # what every element has


def fold(_document: object, pdf: Any) -> None:  # noqa: ANN401 - pydyf has no types
    """Lets paragraphs and the like hold their text themselves, before WeasyPrint writes the file: its finisher.

    WeasyPrint makes a `Span` of the words of each line, and one more element of each `<b>` or `<sup>`. They say nothing
    that a listener hears, are half of all objects of a book, and part words that are hyphenated.
    """
    objects: list[Any] = pdf.objects
    (root,) = (one for one in objects if isinstance(one, dict) and one.get("Type") == "/StructTreeRoot")
    moved: dict[bytes, bytes] = {}

    def found(where: bytes) -> Any:  # noqa: ANN401 - as above
        return objects[int(where.split(b" ", 1)[0])]

    def holds_text(element: Any) -> bool:  # noqa: ANN401 - as above
        while element["S"] == "/NonStruct":
            element = found(element["P"])
        return element["S"] in _OF_TEXT

    def is_plain(element: Any, parent: Any) -> bool:  # noqa: ANN401 - as above
        return (
            element.get("S") in _SAYING_NOTHING
            and element.keys() == _PLAIN
            and element["Pg"] == parent["Pg"]
            and all(isinstance(kid, int) for kid in element["K"])
        )

    elements: list[Any] = [one for one in objects if isinstance(one, dict) and one.get("Type") == "/StructElem"]
    for parent in filter(holds_text, reversed(elements)):  # what is inside of another element comes after it
        where, kids = parent.reference, [*parent["K"]]
        parent["K"].clear()
        for kid in kids:
            if isinstance(kid, bytes) and is_plain(element := found(kid), parent):
                parent["K"].extend(element["K"])
                moved[kid] = where
                element.clear()  # pydyf counts wrongly where an object is free
            else:
                parent["K"].append(kid)

    def holder(where: bytes) -> bytes:
        while where in moved:
            where = moved[where]
        return where

    for entry in found(root["ParentTree"])["Nums"]:
        if isinstance(entry, list):
            entry[:] = map(holder, entry)


def complete_fonts(pdf: pikepdf.Pdf) -> None:
    """Completes the fonts of a PDF that WeasyPrint wrote, so that each code has a meaning and a glyph."""
    import pikepdf

    _mean_blanks(pdf)
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/ToUnicode" in item:
            _complete_font(item)


def metadata(xmp: bytes, facts: Facts) -> bytes:
    """Metadata as WeasyPrint writes it, with the facts.

    Args:
        xmp: a packet of XMP.
        facts: what it says besides.
    """
    import pikepdf

    with pikepdf.new() as pdf:
        pdf.Root.Metadata = pdf.make_stream(xmp)
        _write_metadata(pdf, facts)
        return bytes(pdf.Root.Metadata.read_bytes())


def bare(xmp: bytes) -> bytes:
    """Metadata of a PDF without its facts: what makes the file, and which standard it keeps.

    Args:
        xmp: a packet of XMP.
    """
    import pikepdf

    with pikepdf.new() as pdf:
        pdf.Root.Metadata = pdf.make_stream(xmp)
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as kept:
            kept.register_xml_namespace(_PRISM, "prism")
            for name in [*kept]:
                if name.startswith((f"{{{_DUBLIN_CORE}}}", f"{{{_PRISM}}}")) or name.endswith("}Keywords"):
                    del kept[name]
        return bytes(pdf.Root.Metadata.read_bytes())


_MEANING: Final = re.compile(rb"(?<=> )<([0-9a-f]+)>")
_UNSEEN_IN_TITLES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2060": "", "\u200b": ""})


def _mean_blanks(pdf: pikepdf.Pdf) -> None:
    """Lets no-break blanks be copied and found as blanks, and joiners as nothing, in texts and in bookmarks.

    The font of a text has one glyph for a blank and a no-break blank, so one meaning serves both.
    """
    import pikepdf

    def meaning(match: re.Match[bytes]) -> bytes:
        text = bytes.fromhex(match[1].decode()).decode("utf-16-be", "replace")
        return b"<" + (text.translate(_UNSEEN_IN_TITLES) or text).encode("utf-16-be").hex().encode() + b">"

    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary) and "/ToUnicode" in item:
            stream = item.ToUnicode
            stream.write(_MEANING.sub(meaning, stream.read_bytes()))
        elif isinstance(item, pikepdf.Dictionary) and "/Title" in item and "/Parent" in item and "/Dest" in item:
            item.Title = str(item.Title).translate(_UNSEEN_IN_TITLES)


def font_names(content: bytes) -> tuple[str, ...]:
    """The names of the fonts inside a PDF, such as ``ABCDEF+Source-Serif-4``."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = (
            str(item.FontName).lstrip("/")
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor" and "/FontName" in item
        )
        return tuple(sorted(set(names)))


def _write_metadata(pdf: pikepdf.Pdf, facts: Facts) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp.register_xml_namespace(_PRISM, "prism")
        values: dict[str, Any] = {
            "dc:title": facts.title,
            "dc:creator": list(facts.authors),
            "dc:language": {facts.language},
            "dc:publisher": {facts.publisher} if facts.publisher else None,
            "dc:subject": set(facts.keywords) or None,
            "dc:date": [facts.date],
            "dc:format": "application/pdf",
            "prism:publicationName": facts.periodical,
            "prism:issn": facts.issn,
            "prism:volume": facts.volume,
            "prism:number": facts.number,
            "prism:publicationDate": facts.date,
            "prism:event": facts.event,
            "prism:doi": facts.doi,
            "dc:identifier": f"doi:{facts.doi}" if facts.doi else "",
            "prism:startingPage": str(facts.first_page),
            "xmp:CreateDate": facts.date,
            "xmp:ModifyDate": facts.date,
        }
        for name, value in values.items():
            if value:
                xmp[name] = value


def _is_decorative(kid: Any) -> bool:  # noqa: ANN401 - pikepdf's objects are numbers, too
    return hasattr(kid, "get") and kid.get("/S") == "/Figure" and str(kid.get("/Alt", "")) == DECORATIVE


def _complete_structure(pdf: pikepdf.Pdf, name: str) -> set[tuple[int, int]]:
    """Gives table heads their scope (PDF/UA-1, 7.5), link annotations an element `Link` (7.18.5), lists items (7.6).

    WeasyPrint gives the annotation of a link that holds other elements, such as ``<a>TGF-β<sub>1</sub></a>``, to each
    of them as well. It calls an item of a list `Span` where styles let items follow each other in a line. Paragraphs
    with nothing in them are left out, and so are pictures that only decorate. A link that is a picture has its words.

    Returns:
        Pairs of a page's object number and a marked-content id.
    """
    import pikepdf

    reachable: set[tuple[int, int]] = set()
    stack: list[tuple[Any, int, bool]] = [(pdf.Root.StructTreeRoot, 0, False)]
    while stack:
        node, page, in_head = stack.pop()
        kind = node.get("/S")
        page = node.Pg.objgen[0] if "/Pg" in node else page
        in_head = in_head or kind == "/THead"
        if kind == "/TH":
            scope = pikepdf.Name.Column if in_head else pikepdf.Name.Row
            attributes = node.get("/A", pikepdf.Dictionary(O=pikepdf.Name.Table))
            attributes["/Scope"] = scope
            node.A = attributes
        if "/ID" in node:
            node.ID = pikepdf.String(f"{name}-{node.ID}")
        if "/A" in node and "/Headers" in node.A:
            node.A.Headers = pikepdf.Array([pikepdf.String(f"{name}-{head}") for head in node.A.Headers])
        kids = node.get("/K")
        if isinstance(kids, pikepdf.Array):
            kids = node.K = pikepdf.Array([kid for kid in kids if not (_is_empty(kid) or _is_decorative(kid))])
        if kind == "/Link" and "/Alt" not in node and (drawn := _only_picture(kids)):
            node.Alt = drawn
        if kind == "/L":
            kids = _make_items(pdf, node, kids if isinstance(kids, pikepdf.Array) else [kids])
        for kid in kids if isinstance(kids, pikepdf.Array) else [] if kids is None else [kids]:
            if isinstance(kid, int):
                reachable.add((page, kid))
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
                stack.append((kid, page, in_head))
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR" and kid.Obj.Subtype == "/Link":
                node.S = pikepdf.Name.Link
    return reachable


def _only_picture(kids: Any) -> str:  # noqa: ANN401 - an array of pikepdf, or a list
    """The words for the picture that is all a link shows; nothing where the link has a text, too."""
    shown = [kid for kid in kids or () if not (hasattr(kid, "get") and kid.get("/Type") == "/OBJR")]
    if len(shown) == 1 and hasattr(shown[0], "get") and shown[0].get("/S") in {"/Figure", "/Link"}:
        return str(shown[0].get("/Alt", ""))
    return ""


def _is_empty(kid: Any) -> bool:  # noqa: ANN401 - what pikepdf gives
    """Whether it is a paragraph, an item or the like with nothing in it, as where a fact is missing."""
    import pikepdf

    is_text = isinstance(kid, pikepdf.Dictionary) and kid.get("/S") in {"/P", "/Span", "/Div", "/NonStruct", "/LI"}
    return is_text and not kid.get("/K") and "/Alt" not in kid and "/ActualText" not in kid


def _make_items(pdf: pikepdf.Pdf, node: Any, kids: Any) -> pikepdf.Array:  # noqa: ANN401 - pikepdf's objects
    """Makes the body of an item of each element in a list that is something else; gives what is in the list then."""
    import pikepdf

    items = pikepdf.Array()
    for kid in kids:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/S", "/LI") not in {"/L", "/LI", "/Caption"}:
            item = pikepdf.Dictionary(
                Type=pikepdf.Name.StructElem, S=pikepdf.Name.LI, P=node, Pg=kid.Pg, K=pikepdf.Array([kid])
            )
            kid.S, kid.P = pikepdf.Name.LBody, pdf.make_indirect(item)
            items.append(kid.P)
        else:
            items.append(kid)
    node.K = items
    return items


_MARKED: Final = re.compile(rb"/\w+\s<</MCID (\d+)>>\sBDC")


def _mark_artifacts(pdf: pikepdf.Pdf, reachable: set[tuple[int, int]]) -> None:
    """Makes artifacts of what the structure tree does not lead to: running heads and folios (PDF/UA-1, 7.1).

    WeasyPrint tags margin boxes and leaves their elements out of the tree (Kozea/WeasyPrint#1836). WeasyPrint writes
    all text as hexadecimal strings, so the pattern can only match operators.
    """
    import pikepdf

    for page in pdf.pages:
        number = int(page.objgen[0])

        def artifact(match: re.Match[bytes], number: int = number) -> bytes:
            return match[0] if (number, int(match[1])) in reachable else b"/Artifact <</Type /Pagination>>\nBDC"

        contents = page.Contents
        contents.write(_MARKED.sub(artifact, contents.read_bytes()))

    nums = pdf.Root.StructTreeRoot.ParentTree.Nums
    for n in range(0, len(nums) - 1, 2):
        entry = nums[n + 1]
        if isinstance(entry, pikepdf.Array) and int(nums[n]) < len(pdf.pages):
            number = int(pdf.pages[int(nums[n])].objgen[0])
            for mcid in range(len(entry)):
                if (number, mcid) not in reachable:
                    entry[mcid] = None


def _complete_font(font: Any) -> None:  # noqa: ANN401 - pikepdf's objects have any keys
    """Gives each code that a font shows a character (PDF/UA-1, 7.21.7), and a glyph that is not .notdef (7.21.8).

    A letter that is drawn in pieces, such as an Arabic one and its dots, has its character at one piece: the others get
    a word joiner, which is not seen and separates nothing. Characters that no font has are drawn as the box that
    .notdef shows; they get a glyph of their own with the same outline.
    """
    import pikepdf

    unicode = font.ToUnicode.read_bytes()
    if b"<>" in unicode:
        font.ToUnicode.write(unicode.replace(b"<>", b"<2060>"))
    if not isinstance(font.Encoding, pikepdf.Stream):
        return
    below = font.DescendantFonts[0]
    encoding = font.Encoding.read_bytes()
    boxes = re.compile(rb"(<(?!0000)[0-9a-f]{4}>) 0$", re.MULTILINE)
    if not boxes.search(encoding) or "/FontFile2" not in below.FontDescriptor:
        return
    widths = list(below.W)
    width = int(widths[1][0]) if widths and widths[0] == 0 else 1000
    file = below.FontDescriptor.FontFile2
    content, number = with_box(file.read_bytes(), width)
    file.write(content)
    file.Length1 = len(content)
    font.Encoding.write(boxes.sub(rb"\1 %d" % number, encoding))
    below.W = pikepdf.Array([*(w for w in widths if w is not None), number, pikepdf.Array([width])])


def with_box(content: bytes, width: int) -> tuple[bytes, int]:
    """A TrueType font with one more glyph, which looks as .notdef does, and the number of it.

    Args:
        content: the font.
        width: how wide the glyph is, in thousandths of the size.
    """
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # it has no types

    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    order = font.getGlyphOrder()
    font.setGlyphOrder([*order, "box"])
    font["glyf"].glyphs["box"] = font["glyf"].glyphs[order[0]]
    side = font["hmtx"].metrics[order[0]][1]
    font["hmtx"].metrics["box"] = (round(width * font["head"].unitsPerEm / 1000), side)
    target = io.BytesIO()
    font.save(target)
    return target.getvalue(), len(order)


def marks(
    kinds: tuple[str, ...], media: tuple[float, ...], trim: tuple[float, ...]
) -> tuple[bytes, bytes, tuple[float, ...]]:
    """What is drawn before and after a page so that its paper shows where to cut and where colours meet.

    Args:
        kinds: ``crop``, ``cross`` or both.
        media: left, bottom, right and top of the bleed.
        trim: the same of the page when it is cut.

    Returns:
        The two streams, and the larger paper.
    """
    room = 24.0  # for the marks, in points
    left, bottom, right, top = media
    trim_left, trim_bottom, trim_right, trim_top = trim
    paths = []
    if "crop" in kinds:
        paths += [
            f"{x:.4f} {y:.4f} m {x:.4f} {end:.4f} l"
            for x in (trim_left, trim_right)
            for y, end in ((bottom - 4, bottom - room + 4), (top + 4, top + room - 4))
        ]
        paths += [
            f"{x:.4f} {y:.4f} m {end:.4f} {y:.4f} l"
            for y in (trim_bottom, trim_top)
            for x, end in ((left - 4, left - room + 4), (right + 4, right + room - 4))
        ]
    if "cross" in kinds:
        middle = ((left + right) / 2, (bottom + top) / 2)
        for x, y in (
            (middle[0], bottom - room / 2),
            (middle[0], top + room / 2),
            (left - room / 2, middle[1]),
            (right + room / 2, middle[1]),
        ):
            paths.append(f"{x - 8:.4f} {y:.4f} m {x + 8:.4f} {y:.4f} l {x:.4f} {y - 8:.4f} m {x:.4f} {y + 8:.4f} l")
            paths.append(f"{x - 4:.4f} {y - 4:.4f} 8 8 re")
    before = f"q {left:.4f} {bottom:.4f} {right - left:.4f} {top - bottom:.4f} re W n\n"
    after = f"\nQ /Artifact BMC q 0.25 w 0 G {' '.join(paths)} S Q EMC"
    return before.encode(), after.encode(), (left - room, bottom - room, right + room, top + room)
