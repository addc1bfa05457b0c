"""Opens the template of Word, puts an issue into it, and packs it: the same bytes each time (ISO/IEC 29500-2)."""

from __future__ import annotations

import copy
import datetime as dt
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

import docx
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from digest.errors import DigestError
from digest.languages import direction
from digest.outputs.docx.runs import paragraph, run
from digest.outputs.docx.template import NAMESPACES, SEPARATORS, template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from digest.model import PartialDate
    from digest.outputs.docx.blocks import Comment, Writer

LARGEST: Final = 30 * 2**20  # bytes of a template, packed or not
_KEPT: Final = frozenset(
    "styles settings fontTable numbering theme webSettings header footer endnotes officeDocument "
    "custom-properties".split()
)
_LEVELS: Final = 9
_BULLETS: Final = ("•", "–", "▪")


class Template:
    """A file of Word whose styles, page, heads and feet an issue takes.

    Attributes:
        width: how wide its text is, in twentieths of a point.
        notes: what was taken out of it.
    """

    def __init__(self, content: bytes, where: str) -> None:
        """Opens it.

        Args:
            content: its bytes.
            where: how messages name it.

        Raises:
            DigestError: it is not a file of Word, or far too large.
        """
        self.where, self.notes = where, list[str]()
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                whole = sum(one.file_size for one in packed.infolist())
            if whole > LARGEST:
                raise self._refused("this file is too large for a template")
            self._document: Any = docx.Document(io.BytesIO(content))
        except (OpcError, KeyError, ValueError, SyntaxError, OSError, zipfile.BadZipFile, zlib.error) as error:
            raise self._refused("this file is not a document of Word") from error
        self._part: Any = self._document.part
        self._section: Any = copy.deepcopy(self._document.element.body.sectPr)
        if self._section is None:
            raise self._refused("this document has no page set-up")
        if self._document.styles.element.tag != qn("w:styles") or self._document.element.tag != qn("w:document"):
            raise self._refused("this file is not a document of Word")
        self._own: Any = docx.Document(io.BytesIO(template()))
        self._take_out()
        self._ids = self._styles()
        size, margins = self._section.find(qn("w:pgSz")), self._section.find(qn("w:pgMar"))
        sides = [self._twips(margins, side, 1134) for side in ("w:left", "w:right")]
        self.width = max(self._twips(size, "w:w", 11907) - sum(sides), 2000)

    def _refused(self, message: str) -> DigestError:
        return DigestError(message, where=self.where, expected="a file that Word saved as .docx")

    @staticmethod
    def _twips(element: Any, name: str, otherwise: int) -> int:  # noqa: ANN401 - python-docx knows the element
        text = element.get(qn(name)) if element is not None else None
        return int(text) if text and text.lstrip("-").isdigit() else otherwise

    # -- the template --------------------------------------------------------------------------------------------------

    def _take_out(self) -> None:
        """Leaves styles, page set-up, heads and feet; what would load something from elsewhere is never kept."""
        package = self._part.package
        for rels in (package.rels, self._part.rels):
            for name in [name for name, rel in rels.items() if rel.reltype.rpartition("/")[2] not in _KEPT]:
                del rels[name]
        for part in [*package.iter_parts()]:
            for name in [name for name, rel in part.rels.items() if rel.is_external]:
                rel = part.rels[name]
                if rel.reltype != RELATIONSHIP_TYPE.HYPERLINK:
                    self.notes.append(f"the template loads “{rel.target_ref}” from elsewhere; that was taken out")
                    self._without(part, name)
                    del part.rels[name]
        self._repair_fonts()
        settings = self._document.settings.element
        for tag in ("w:attachedTemplate", "w:mailMerge", "w:documentProtection", "w:trackRevisions"):
            for element in settings.findall(qn(tag)):
                settings.remove(element)

    def _repair_fonts(self) -> None:
        """Takes names of sets of characters out of the table of fonts: LibreOffice writes some that Word does not know.

        Their numbers stay (17.8.3.2).
        """
        for name, rel in [*self._part.rels.items()]:
            if rel.reltype == RELATIONSHIP_TYPE.FONT_TABLE and b":characterSet=" in rel.target_part.blob:
                old = rel.target_part
                blob = re.sub(rb'\s\w+:characterSet="[^"]*"', b"", old.blob)
                new = Part(old.partname, old.content_type, blob, self._part.package)
                for number, embedded in old.rels.items():
                    new.rels.add_relationship(embedded.reltype, embedded.target_part, number)
                del self._part.rels[name]
                self._part.rels.add_relationship(RELATIONSHIP_TYPE.FONT_TABLE, new, name)

    @staticmethod
    def _without(part: Any, name: str) -> None:  # noqa: ANN401 - python-docx has no name for it
        """Takes out of a part what uses a relationship."""
        root = getattr(part, "element", None)
        for element in [] if root is None else [*root.iter()]:
            if name in element.attrib.values() and element.getparent() is not None:
                element.getparent().remove(element)

    def _styles(self) -> Mapping[str, str]:
        """The ids in the template of our styles, by ours; those that it lacks are added.

        Word and LibreOffice name ids in their own way, and LibreOffice drops styles that no text uses. The name of a
        style stays (17.7.4.9).
        """
        theirs = self._document.styles.element
        known = {
            (style.get(qn("w:type")), self._name(style)): style.get(qn("w:styleId")) for style in self._each(theirs)
        }
        taken = {*known.values()}
        ids: dict[str, str] = {}
        added = []
        for style in self._each(self._own.styles.element):
            own, key = style.get(qn("w:styleId")), (style.get(qn("w:type")), self._name(style))
            if key in known:
                ids[own] = known[key]
                continue
            new = own
            while new in taken:
                new += "1"
            taken.add(new)
            ids[own] = new
            added.append(copy.deepcopy(style))
        for style in added:
            style.set(qn("w:styleId"), ids[style.get(qn("w:styleId"))])
            for tag in ("w:basedOn", "w:next", "w:link"):
                for element in style.findall(qn(tag)):
                    element.set(qn("w:val"), ids.get(element.get(qn("w:val")), element.get(qn("w:val"))))
            style.attrib.pop(qn("w:default"), None)
            theirs.append(style)
        return ids

    @staticmethod
    def _each(styles: Any) -> Iterator[Any]:  # noqa: ANN401 - python-docx knows the element
        yield from styles.findall(qn("w:style"))

    @staticmethod
    def _name(style: Any) -> str:  # noqa: ANN401 - python-docx knows the element
        name = style.find(qn("w:name"))
        return "" if name is None else str(name.get(qn("w:val"), "")).casefold()

    # -- the issue -----------------------------------------------------------------------------------------------------

    def fill(
        self, front: Sequence[str], body: Sequence[str], writer: Writer, date: PartialDate, first_page: int
    ) -> None:
        """Puts an issue in the place of the template's text.

        Args:
            front: title page and contents, whose pages count i, ii, iii.
            body: the rest.
            writer: what was written besides.
            date: the day of its comments.
            first_page: number of the first page of the rest.
        """
        language = writer.language
        way = "bidi" if direction(language) == "rtl" else "val"
        for element in self._document.styles.element.iter(qn("w:lang")):
            if element.getparent().getparent().tag == qn("w:rPrDefault"):
                element.set(qn(f"w:{way}"), language)
        inner = "".join([*front, '<w:p><w:pPr><w:pStyle w:val="Normal"/></w:pPr></w:p>', *body])
        new: Any = parse_xml(f"<w:body {NAMESPACES}>{inner}</w:body>")
        break_ = new[len(front)]
        break_.find(qn("w:pPr")).append(self._paged(fmt="lowerRoman", start=1, title=True, writer=writer))
        new.append(self._paged(fmt="decimal", start=first_page, title=False, writer=writer))
        base = self._add_lists(writer.lists)
        for number in new.iter(qn("w:numId")):
            number.set(qn("w:val"), str(int(number.get(qn("w:val"))) + base))
        self._dead_links(new, writer.bookmarks)
        notes = self._add_part("footnotes", CONTENT_TYPE.WML_FOOTNOTES, self._footnotes(writer.footnotes))
        if writer.comments:
            self._add_part("comments", CONTENT_TYPE.WML_COMMENTS, self._comments(writer.comments, date))
        self._rename(new)
        root = self._document.element
        root.replace(root.body, new)
        for address, number in writer.links.items():
            name = f"rLink{number}"
            for part, text in ((self._part, inner), (notes, "".join(writer.footnotes))):
                if f'r:id="{name}"' in text:
                    part.rels.add_relationship(RELATIONSHIP_TYPE.HYPERLINK, address, name, is_external=True)
        for one in writer.pictures.values():
            media = one.picture.media
            place = PackURI(f"/word/media/{one.name}.{'png' if media == 'image/png' else 'jpg'}")
            picture = Part(place, media, one.picture.content, self._part.package)
            self._part.rels.add_relationship(RELATIONSHIP_TYPE.IMAGE, picture, one.name)

    def _paged(self, *, fmt: str, start: int, title: bool, writer: Writer) -> Any:  # noqa: ANN401 - as python-docx has it
        """The page set-up of a section (17.6.17)."""
        section = copy.deepcopy(self._section)
        for tag in ("w:pgNumType", "w:titlePg", "w:type", "w:footnotePr", "w:bidi"):
            for element in section.findall(qn(tag)):
                section.remove(element)
        letters = '<w:footnotePr><w:numFmt w:val="lowerLetter"/></w:footnotePr>' if writer.lettered else ""
        own = {
            "w:footnotePr": letters,
            "w:type": '<w:type w:val="nextPage"/>',
            "w:pgNumType": f'<w:pgNumType w:fmt="{fmt}" w:start="{start}"/>',
            "w:titlePg": "<w:titlePg/>" if title else "",
            "w:bidi": "<w:bidi/>" if direction(writer.language) == "rtl" else "",
        }
        there: dict[str, list[Any]] = {element.tag: [] for element in section}
        for element in section:
            there[element.tag].append(element)
        parts: list[Any] = []
        for tag in _SECTION:
            parts += there.get(qn(tag), [])
            if text := own.get(tag):
                parts += [*parse_xml(f"<w:sectPr {NAMESPACES}>{text}</w:sectPr>")]
        new: Any = parse_xml(f"<w:sectPr {NAMESPACES}/>")
        new.extend(parts)
        return new

    def _rename(self, root: Any) -> None:  # noqa: ANN401 - python-docx knows the element
        """Gives styles the ids that they have in the template."""
        for tag in ("w:pStyle", "w:rStyle", "w:tblStyle"):
            for element in root.iter(qn(tag)):
                own = element.get(qn("w:val"))
                element.set(qn("w:val"), self._ids.get(own, own))

    @staticmethod
    def _dead_links(body: Any, bookmarks: Iterable[str]) -> None:  # noqa: ANN401 - python-docx knows the element
        """Takes the links away that lead to no place in the file; what they show stays."""
        known = {*bookmarks}
        for link in [*body.iter(qn("w:hyperlink"))]:
            anchor = link.get(qn("w:anchor"))
            if anchor is not None and anchor not in known:
                for child in [*link]:
                    link.addprevious(child)
                link.getparent().remove(link)

    def _add_part(self, name: str, media: str, xml: str) -> Any:  # noqa: ANN401 - a part of python-docx
        root: Any = parse_xml(xml)
        self._rename(root)
        part = Part(PackURI(f"/word/{name}.xml"), media, _written(root), self._part.package)
        self._part.relate_to(part, f"{_OFFICE}/{name}")
        return part

    @staticmethod
    def _footnotes(notes: Sequence[str]) -> str:
        written = "".join(f'<w:footnote w:id="{n}">{note}</w:footnote>' for n, note in enumerate(notes, 1))
        return f"<w:footnotes {NAMESPACES}>{SEPARATORS}{written}</w:footnotes>"

    @staticmethod
    def _comments(comments: Sequence[Comment], date: PartialDate) -> str:
        mark = '<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r>'
        written = "".join(
            f'<w:comment w:id="{one.number}" w:author="digest" w:date="{date}T00:00:00Z" w:initials="d">'
            f"{paragraph('annotation text', mark + run(one.text, language='en'))}</w:comment>"
            for one in comments
        )
        return f"<w:comments {NAMESPACES}>{written}</w:comments>"

    def _add_lists(self, lists: Sequence[tuple[bool, int]]) -> int:
        """Adds the numbering of lists to that of the template; gives by how much their numbers grow (17.9)."""
        related = [rel.target_part for rel in self._part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.NUMBERING]
        if not related:
            part = self._own.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
            self._part.relate_to(part, RELATIONSHIP_TYPE.NUMBERING)
            related = [part]
        root = related[0].element
        abstract = [int(one.get(qn("w:abstractNumId"))) for one in root.findall(qn("w:abstractNum"))]
        numbers = [int(one.get(qn("w:numId"))) for one in root.findall(qn("w:num"))]
        kind, base = max(abstract, default=0) + 1, max(numbers, default=0)
        first = root.find(qn("w:num"))
        for n, numbered in enumerate((False, True)):
            levels = "".join(_level(level, numbered=numbered) for level in range(_LEVELS))
            new = parse_xml(
                f'<w:abstractNum {NAMESPACES} w:abstractNumId="{kind + n}">'
                f'<w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
            )
            if first is not None:
                first.addprevious(new)
            else:
                root.append(new)
        last = root.findall(qn("w:num"))
        at = last[-1] if last else root.findall(qn("w:abstractNum"))[-1]
        for n, (numbered, start) in enumerate(lists, 1):
            begins = "".join(
                f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
                for level in (range(_LEVELS) if numbered else ())
            )
            new = parse_xml(
                f'<w:num {NAMESPACES} w:numId="{base + n}"><w:abstractNumId w:val="{kind + numbered}"/>{begins}</w:num>'
            )
            at.addnext(new)
            at = new
        return base

    def print_around(self, texts: Mapping[str, str]) -> None:
        """Puts texts into heads and feet, where the template has their names in braces, such as ``{running head}``."""
        for rel in self._part.rels.values():
            if rel.reltype in {RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER}:
                for one in rel.target_part.element.iter(qn("w:p")):
                    _filled(one, texts)

    def packed(self, facts: Mapping[str, str], date: PartialDate, edition: int) -> bytes:
        """The file.

        Args:
            facts: its properties by the names that python-docx has for them.
            date: the day of the issue.
            edition: which edition of the issue this is.
        """
        properties = self._document.core_properties
        for name, text in facts.items():
            setattr(properties, name, text[:255])
        day = dt.datetime(date.year, date.month or 1, date.day or 1)  # noqa: DTZ001 - python-docx takes it for UTC
        properties.created = properties.modified = day
        properties.revision = edition
        made = io.BytesIO()
        self._document.save(made)
        year = min(max(date.year, 1980), 2107)  # what a zip can say
        stamp = (year, date.month or 1, date.day or 1, 0, 0, 0)
        target = io.BytesIO()
        with zipfile.ZipFile(made) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
            for name in sorted(before.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
                after.writestr(zipfile.ZipInfo(name, stamp), before.read(name), zipfile.ZIP_DEFLATED, 6)
        return target.getvalue()


_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# The order in a section's properties (17.6.17).
_SECTION: Final = tuple(
    f"w:{name}"
    for name in """
    headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols
    formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid printerSettings
    """.split()
)


def _written(root: Any) -> bytes:  # noqa: ANN401 - python-docx knows the element
    from docx.opc.oxml import serialize_part_xml

    return bytes(serialize_part_xml(root))


def _level(level: int, *, numbered: bool) -> str:
    kind = ("decimal", "lowerLetter", "lowerRoman")[level % 3] if numbered else "bullet"
    text = f"%{level + 1}." if numbered else _BULLETS[level % 3]
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/>'
        '<w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{425 * (level + 1)}" w:hanging="425"/></w:pPr></w:lvl>'
    )


_PLACE: Final = re.compile(r"\{([a-z ]+)\}")


def _filled(line: Any, texts: Mapping[str, str]) -> None:  # noqa: ANN401 - python-docx knows the element
    """Fills the places in a paragraph; Word cuts texts into runs as it likes, so that a place may be in several."""
    found = [*line.iter(qn("w:t"))]
    whole = "".join(one.text or "" for one in found)
    if not any(match[1] in texts for match in _PLACE.finditer(whole)):
        return
    apart = any("{" in (one.text or "") and "}" not in (one.text or "").rpartition("{")[2] for one in found)
    if apart:
        for one in found[1:]:
            one.text = ""
        found[0].text = whole
    for one in found:
        one.text = _PLACE.sub(lambda match: texts.get(match[1], match[0]), one.text or "")
        one.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
