"""Runs and paragraphs of WordprocessingML (ISO/IEC 29500-1, 17.3), as text that is put into a file as it is."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal

from digest.languages import direction
from digest.outputs.docx.template import style_id
from digest.text import NO_TEXT
from digest.textlanguage import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Mark = Literal["b", "i", "sub", "sup", "sc", "del", "code", "u"]
Marks = frozenset[Mark]
PLAIN: Final[Marks] = frozenset()

# In the order in which the schema wants them (17.3.2.28).
_MARKS: Final[Mapping[Mark, str]] = {
    "code": '<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/>',
    "b": "<w:b/><w:bCs/>",
    "i": "<w:i/><w:iCs/>",
    "sc": "<w:smallCaps/>",
    "del": "<w:strike/>",
    "u": '<w:u w:val="single"/>',
    "sup": '<w:vertAlign w:val="superscript"/>',
    "sub": '<w:vertAlign w:val="subscript"/>',
}
# Letters of scripts that run from right to left, and what is between two of them without a letter of another.
_RIGHT: Final = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff"
_LEFTWARDS: Final = re.compile(f"[{_RIGHT}](?:[^{_RIGHT}A-Za-zÀ-ʸͰ-ҁҊ-֏\u0900-\ufb1c]*[{_RIGHT}])*")
_BOOKMARK: Final = 40  # characters that Word takes (17.13.6.2)


def escaped(text: str) -> str:
    """A text for an element or attribute, without what XML cannot hold."""
    text = NO_TEXT.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def bookmark_name(anchor: str) -> str:
    """The name of the bookmark of an id of HTML: letters, digits and ``_`` only, and not too many."""
    name = re.sub(r"[^A-Za-z0-9_]", "_", anchor)
    if name == anchor and len(name) <= _BOOKMARK and name[:1].isalpha():
        return name
    return f"d_{name[: _BOOKMARK - 11]}_{hashlib.sha256(anchor.encode()).hexdigest()[:8]}"


def run(text: str, marks: Marks = PLAIN, *, language: str = "", style: str = "") -> str:
    """A text as runs; what runs from right to left is marked as such, which Word asks for (17.3.2.30).

    Args:
        text: the characters; a line break is one.
        marks: how it is set.
        language: its language, where that is not the one around it.
        style: the name of a style of text.
    """
    return "".join(_one_run(part, marks, language, style, rtl=rtl) for part, rtl in _parts(text) if part)


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for match in _LEFTWARDS.finditer(text):
        yield text[at : match.start()], False
        yield match[0], True
        at = match.end()
    yield text[at:], False


def _one_run(text: str, marks: Marks, language: str, style: str, *, rtl: bool) -> str:
    properties = f'<w:rStyle w:val="{style_id(style)}"/>' if style else ""
    properties += "".join(written for mark, written in _MARKS.items() if mark in marks)
    if rtl:
        properties += "<w:rtl/>"
    if language and language != UNKNOWN:
        kind = "bidi" if direction(language) == "rtl" else "val"
        properties += f'<w:lang w:{kind}="{escaped(language)}"/>'
    lines = escaped(text).split("\n")
    texts = "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' if line else "" for line in lines)
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{texts}</w:r>"


def way_of(text: str) -> str:
    """A language that runs as the first letter of a text does, as ``dir="auto"`` of HTML; empty without a letter."""
    strong = next((kind for char in text if (kind := unicodedata.bidirectional(char)) in {"L", "R", "AL"}), "")
    return {"L": "en", "R": "he", "AL": "ar"}.get(strong, "")


def paragraph(style: str, inner: str, *, before: str = "", after: str = "", rtl: bool = False) -> str:
    """A paragraph.

    Args:
        style: the name of its style.
        inner: its runs.
        before: its properties that come before the direction, such as ``<w:numPr>``.
        after: those that come after it, such as ``<w:jc>``.
        rtl: whether it runs from right to left.
    """
    turned = "<w:bidi/>" if rtl else ""
    name = f'<w:pStyle w:val="{style_id(style)}"/>' if style else ""
    return f"<w:p><w:pPr>{name}{before}{turned}{after}</w:pPr>{inner}</w:p>"


def field(instruction: str, result: str, *, dirty: bool = False) -> str:
    """A field with what it showed last; a dirty one is counted again when Word opens the file (17.16.18)."""
    again = ' w:dirty="true"' if dirty else ""
    return f"{field_start(instruction, again)}{result}{FIELD_END}"


def field_start(instruction: str, again: str = "") -> str:
    """The beginning of a field, up to what it shows."""
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"{again}/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {escaped(instruction)} </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )


FIELD_END: Final = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
