"""The file of Word from which issues are made, ``templates/highlights/issue.docx``: its styles, page, head and foot.

``python -m digest.outputs.docx.template FILE`` writes it again. A test compares the file with what this module makes.
Parts and elements are those of ISO/IEC 29500-1, WordprocessingML, transitional.
"""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACCENT: Final = "0B4F5C"
_GREY: Final = "595959"
NAMESPACES: Final = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_WORD: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"

_RIGHT_TAB: Final = '<w:tabs><w:tab w:val="right" w:pos="9639"/></w:tabs>'
# Styles of paragraphs: name, the style that it is based on, the one that follows, properties of paragraph and of text.
# Names that Word knows itself are in small letters as Word writes them (17.7.4.9).
_PARAGRAPHS: Final = (
    ("Title", "Normal", "Subtitle", '<w:spacing w:before="1200" w:after="240"/>', "<w:b/><w:bCs/>{c}{60}"),
    ("Subtitle", "Normal", "Normal", '<w:spacing w:after="120"/>', "{c}{32}"),
    ("Imprint", "Normal", "Imprint", '<w:spacing w:after="60"/>', "{g}{20}"),
    (
        "heading 1",
        "Normal",
        "Normal",
        '<w:keepNext/><w:keepLines/><w:pageBreakBefore/><w:spacing w:after="240"/><w:outlineLvl w:val="0"/>',
        "<w:b/><w:bCs/>{c}{40}",
    ),
    (
        "heading 2",
        "Normal",
        "Authors",
        '<w:keepNext/><w:keepLines/><w:spacing w:before="60" w:after="80"/><w:outlineLvl w:val="1"/>',
        "<w:b/><w:bCs/>{28}",
    ),
    (
        "heading 3",
        "Normal",
        "Normal",
        '<w:keepNext/><w:keepLines/><w:spacing w:before="240" w:after="80"/><w:outlineLvl w:val="2"/>',
        "<w:b/><w:bCs/>{c}{24}",
    ),
    (
        "heading 4",
        "Normal",
        "Normal",
        '<w:keepNext/><w:keepLines/><w:spacing w:before="160" w:after="60"/><w:outlineLvl w:val="3"/>',
        "<w:b/><w:bCs/><w:i/><w:iCs/>{22}",
    ),
    (
        "TOC Heading",
        "Normal",
        "Normal",
        '<w:keepNext/><w:pageBreakBefore/><w:spacing w:after="240"/>',
        "<w:b/><w:bCs/>{c}{40}",
    ),
    (
        "toc 1",
        "Normal",
        "Normal",
        '<w:keepNext/><w:tabs><w:tab w:val="right" w:pos="9639"/></w:tabs><w:spacing w:before="200" w:after="60"/>',
        "<w:b/><w:bCs/>{c}",
    ),
    (
        "toc 2",
        "Normal",
        "Normal",
        _RIGHT_TAB + '<w:spacing w:after="60"/><w:ind w:left="284" w:right="567"/>',
        "",
    ),
    (
        "Label",
        "Normal",
        "heading 2",
        '<w:keepNext/><w:spacing w:before="480" w:after="40"/>',
        "<w:b/><w:bCs/>{c}{18}",
    ),
    ("Authors", "Normal", "Affiliations", '<w:keepNext/><w:spacing w:after="80"/>', ""),
    ("Affiliations", "Normal", "Affiliations", '<w:spacing w:after="20"/>', "<w:i/><w:iCs/>{g}{19}"),
    ("Event", "Normal", "Authors", '<w:keepNext/><w:spacing w:after="80"/>', "{g}{19}"),
    ("Why", "Normal", "Abstract", '<w:spacing w:before="120" w:after="120"/>', ""),
    ("Abstract", "Normal", "Abstract", '<w:spacing w:before="60" w:after="60"/>', ""),
    (
        "Comment Heading",
        "Normal",
        "Comment",
        '<w:keepNext/><w:spacing w:before="160" w:after="40"/><w:ind w:left="284"/>',
        "<w:b/><w:bCs/>{c}",
    ),
    (
        "Comment",
        "Normal",
        "Comment",
        (
            f'<w:pBdr><w:left w:val="single" w:sz="12" w:space="8" w:color="{ACCENT}"/></w:pBdr>'
            '<w:spacing w:after="80"/><w:ind w:left="284"/>'
        ),
        "",
    ),
    ("Notice", "Normal", "Notice", '<w:spacing w:after="100"/>', ""),
    ("Keywords", "Normal", "Normal", '<w:spacing w:before="80" w:after="80"/>', "{19}"),
    ("Citation", "Normal", "Normal", '<w:spacing w:before="80" w:after="80"/>', "{g}{19}"),
    ("Reference Heading", "heading 4", "Reference", "", ""),
    ("Reference", "Normal", "Reference", '<w:spacing w:after="40"/><w:ind w:left="425" w:hanging="425"/>', "{19}"),
    (
        "Quote",
        "Normal",
        "Normal",
        '<w:spacing w:before="120" w:after="120"/><w:ind w:left="567" w:right="567"/>',
        "<w:i/><w:iCs/>",
    ),
    ("Picture", "Normal", "caption", '<w:keepNext/><w:spacing w:before="200" w:after="80"/><w:jc w:val="center"/>', ""),
    ("caption", "Normal", "Normal", '<w:keepLines/><w:spacing w:before="80" w:after="160"/>', "{g}{18}"),
    ("Table Caption", "caption", "Table Text", '<w:keepNext/><w:spacing w:before="240" w:after="80"/>', ""),
    (
        "Table Text",
        "Normal",
        "Table Text",
        '<w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/>',
        "{19}",
    ),
    ("Table Note", "Normal", "Normal", '<w:spacing w:before="60" w:after="200"/>', "{g}{18}"),
    (
        "Box Title",
        "Box",
        "Box",
        "<w:keepNext/>",
        "<w:b/><w:bCs/>{c}",
    ),
    (
        "Box",
        "Normal",
        "Box",
        "<w:pBdr>"
        + "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="6" w:color="{ACCENT}"/>'
            for side in ("top", "left", "bottom", "right")
        )
        + '</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="EEF4F5"/><w:spacing w:after="0"/>'
        '<w:ind w:left="170" w:right="170"/>',
        "",
    ),
    (
        "Code",
        "Normal",
        "Code",
        '<w:spacing w:after="120"/>',
        '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/>{18}',
    ),
    ("List Bullet", "Normal", "List Bullet", '<w:spacing w:after="40"/>', ""),
    ("List Number", "Normal", "List Number", '<w:spacing w:after="40"/>', ""),
    ("List Continue", "Normal", "List Continue", '<w:spacing w:after="40"/>', ""),
    ("Definition Term", "Normal", "List Continue", '<w:keepNext/><w:spacing w:after="0"/>', "<w:b/><w:bCs/>"),
    ("Index", "Normal", "Index", '<w:spacing w:after="20"/><w:ind w:left="284" w:hanging="284"/>', "{19}"),
    (
        "header",
        "Normal",
        "header",
        '<w:tabs><w:tab w:val="right" w:pos="9639"/></w:tabs><w:spacing w:after="0"/>',
        "{g}{17}",
    ),
    (
        "footer",
        "Normal",
        "footer",
        '<w:tabs><w:tab w:val="right" w:pos="9639"/></w:tabs><w:spacing w:after="0"/>',
        "{g}{17}",
    ),
    ("footnote text", "Normal", "footnote text", '<w:spacing w:after="20"/>', "{18}"),
    ("annotation text", "Normal", "annotation text", '<w:spacing w:after="0"/>', "{20}"),
)
# Styles of text: name, properties.
_TEXTS: Final = (
    ("Lead-in", "<w:b/><w:bCs/>"),
    ("Flag", '<w:b/><w:bCs/><w:color w:val="8A5A00"/>'),
    ("Hyperlink", '<w:color w:val="0B4F5C"/><w:u w:val="single"/>'),
    ("footnote reference", '<w:vertAlign w:val="superscript"/>'),
    ("annotation reference", '<w:sz w:val="16"/><w:szCs w:val="16"/>'),
)


def template() -> bytes:
    """The file of Word: the same bytes each time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in _parts().items():
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED, 9)
    return target.getvalue()


def style_id(name: str) -> str:
    """The id of one of our styles: its name as Word makes ids of names."""
    if name == "annotation reference":
        return "CommentReference"
    if name == "annotation text":
        return "CommentText"
    words = name.split()
    return "".join(word[:1].upper() + word[1:] for word in words).replace("Toc", "TOC").replace("-", "")


def _parts() -> Mapping[str, str]:
    kinds = {
        "/word/document.xml": "document.main",
        "/word/styles.xml": "styles",
        "/word/settings.xml": "settings",
        "/word/fontTable.xml": "fontTable",
        "/word/numbering.xml": "numbering",
        "/word/footnotes.xml": "footnotes",
        "/word/header1.xml": "header",
        "/word/footer1.xml": "footer",
    }
    overrides = "".join(
        f'<Override PartName="{name}" ContentType="{_WORD}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    within = ("styles", "settings", "fontTable", "numbering", "footnotes", "header", "footer")
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" '
        f'Target="{kind}{"1" if kind in {"header", "footer"} else ""}.xml"/>'
        for n, kind in enumerate(within, 1)
    )
    related += f'<Relationship Id="rId8" Type="{_OFFICE}/theme" Target="theme/theme1.xml"/>'
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}'
        '<Override PartName="/word/theme/theme1.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.theme+xml"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>'
        "</Types>",
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
        "</Relationships>",
        "docProps/core.xml": f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Styles of an issue</dc:title></cp:coreProperties>',
        "word/document.xml": f"{_HEAD}<w:document {NAMESPACES}><w:body>{''.join(_shown())}{_section()}</w:body>"
        "</w:document>",
        "word/_rels/document.xml.rels": f"{_HEAD}<Relationships "
        f'xmlns="{_PACKAGE}/relationships">{related}</Relationships>',
        "word/styles.xml": f"{_HEAD}<w:styles {NAMESPACES}>{''.join(_styles())}</w:styles>",
        "word/settings.xml": f"{_HEAD}<w:settings {NAMESPACES}>"
        '<w:zoom w:percent="100"/><w:defaultTabStop w:val="567"/><w:autoHyphenation w:val="0"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/>'
        '<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        "</w:compat></w:settings>",
        "word/fontTable.xml": f"{_HEAD}<w:fonts {NAMESPACES}>"
        '<w:font w:name="Cambria"><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
        '<w:font w:name="Courier New"><w:family w:val="modern"/><w:pitch w:val="fixed"/></w:font></w:fonts>',
        "word/theme/theme1.xml": f"{_HEAD}{_theme()}",
        "word/numbering.xml": f"{_HEAD}<w:numbering {NAMESPACES}/>",
        "word/footnotes.xml": f"{_HEAD}<w:footnotes {NAMESPACES}>{SEPARATORS}</w:footnotes>",
        "word/header1.xml": f'{_HEAD}<w:hdr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>'
        "<w:r><w:t>{running head}</w:t></w:r></w:p></w:hdr>",
        "word/footer1.xml": f'{_HEAD}<w:ftr {NAMESPACES}><w:p><w:pPr><w:pStyle w:val="Footer"/></w:pPr>'
        "<w:r><w:t>{running foot}</w:t></w:r><w:r><w:tab/></w:r>"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>',
    }


def _theme() -> str:
    """The colours and fonts that Word offers first (20.1.6.9)."""
    colors = {
        "dk1": "000000",
        "lt1": "FFFFFF",
        "dk2": ACCENT,
        "lt2": "EEF4F5",
        "accent1": ACCENT,
        "accent2": "8A5A00",
        "accent3": "5B7F3A",
        "accent4": "7A3B69",
        "accent5": "3A5A8A",
        "accent6": _GREY,
        "hlink": ACCENT,
        "folHlink": _GREY,
    }
    named = "".join(f'<a:{name}><a:srgbClr val="{color}"/></a:{name}>' for name, color in colors.items())
    font = '<a:latin typeface="Cambria"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>' * 3
    lines = "".join(
        f'<a:ln w="{width}"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>'
        for width in (6350, 12700, 19050)
    )
    return (
        '<a:theme xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" name="Issue"><a:themeElements>'
        f'<a:clrScheme name="Issue">{named}</a:clrScheme><a:fontScheme name="Issue"><a:majorFont>{font}</a:majorFont>'
        f'<a:minorFont>{font}</a:minorFont></a:fontScheme><a:fmtScheme name="Issue">'
        f"<a:fillStyleLst>{fill}</a:fillStyleLst>"
        f"<a:lnStyleLst>{lines}</a:lnStyleLst><a:effectStyleLst>{'<a:effectStyle><a:effectLst/></a:effectStyle>' * 3}"
        f"</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


# What is between text and footnotes (17.11.23): notes of their own, which every file has.
SEPARATORS: Final = (
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
)


def _section() -> str:
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId6"/><w:footerReference w:type="default" r:id="rId7"/>'
        '<w:pgSz w:w="11907" w:h="16840"/>'
        '<w:pgMar w:top="1418" w:right="1134" w:bottom="1418" w:left="1134" w:header="709" w:footer="709" '
        'w:gutter="0"/>'
        "</w:sectPr>"
    )


def _shown() -> Iterator[str]:
    """A paragraph in each style, to be restyled; an editor's program drops the styles that no text uses."""
    for name, *_ in (*_PARAGRAPHS, ("Normal",)):
        if name in {"header", "footer", "footnote text", "annotation text"}:
            continue
        yield f'<w:p><w:pPr><w:pStyle w:val="{style_id(name)}"/></w:pPr><w:r><w:t>{name}</w:t></w:r></w:p>'
    for name, _ in _TEXTS:
        if name in {"footnote reference", "annotation reference"}:
            continue
        yield f'<w:p><w:r><w:rPr><w:rStyle w:val="{style_id(name)}"/></w:rPr><w:t>{name}</w:t></w:r></w:p>'
    yield (
        '<w:tbl><w:tblPr><w:tblStyle w:val="IssueTable"/><w:tblW w:w="5000" w:type="pct"/>'
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" '
        'w:noVBand="1"/>'
        '</w:tblPr><w:tblGrid><w:gridCol w:w="9639"/></w:tblGrid><w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc><w:tcPr>'
        '<w:tcW w:w="5000" w:type="pct"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="TableText"/></w:pPr>'
        "<w:r><w:t>Issue Table</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>"
    )


def _styles() -> Iterator[str]:
    yield (
        "<w:docDefaults><w:rPrDefault><w:rPr>"
        '<w:rFonts w:ascii="Cambria" w:hAnsi="Cambria" w:eastAsia="Cambria" w:cs="Times New Roman"/>'
        '<w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="en" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr>'
        "</w:rPrDefault>"
        '<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="264" w:lineRule="auto"/></w:pPr></w:pPrDefault>'
        "</w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/>'
        '<w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
    )
    for name, based, following, paragraph, text in _PARAGRAPHS:
        yield (
            f'<w:style w:type="paragraph"{_custom(name)} w:styleId="{style_id(name)}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="{style_id(based)}"/><w:next w:val="{style_id(following)}"/><w:qFormat/>'
            f"<w:pPr>{paragraph}</w:pPr><w:rPr>{_expanded(text)}</w:rPr></w:style>"
        )
    for name, text in _TEXTS:
        yield (
            f'<w:style w:type="character"{_custom(name)} w:styleId="{style_id(name)}"><w:name w:val="{name}"/>'
            f'<w:basedOn w:val="DefaultParagraphFont"/><w:qFormat/><w:rPr>{text}</w:rPr></w:style>'
        )
    line = f'w:val="single" w:sz="8" w:space="0" w:color="{ACCENT}"'
    thin = 'w:val="single" w:sz="4" w:space="0" w:color="BFBFBF"'
    yield (
        '<w:style w:type="table" w:customStyle="1" w:styleId="IssueTable"><w:name w:val="Issue Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblBorders>'
        f"<w:top {line}/><w:bottom {line}/><w:insideH {thin}/></w:tblBorders></w:tblPr>"
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:bCs/></w:rPr>'
        f"<w:tcPr><w:tcBorders><w:bottom {line}/></w:tcBorders></w:tcPr></w:tblStylePr></w:style>"
    )


_BUILT_IN: Final = frozenset(
    """
    Title Subtitle Quote caption header footer Hyperlink List-Bullet List-Number List-Continue TOC-Heading heading-1
    heading-2 heading-3 heading-4 toc-1 toc-2 footnote-text footnote-reference annotation-text annotation-reference
    """.split()
)


def _custom(name: str) -> str:
    return "" if name.replace(" ", "-") in _BUILT_IN else ' w:customStyle="1"'


def _expanded(text: str) -> str:
    """Properties of text with ``{c}``, ``{g}`` and ``{number}`` replaced by colours and a size in half points."""
    for short, color in (("{c}", ACCENT), ("{g}", _GREY)):
        text = text.replace(short, f'<w:color w:val="{color}"/>')
    before, brace, rest = text.partition("{")
    if not brace:
        return text
    size = rest.rstrip("}")
    return f'{before}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(template())
