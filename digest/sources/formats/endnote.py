"""EndNote XML becomes records: the stream is cut at its ``<record>`` tags, and each record is parsed alone.

So memory does not grow with the library, a broken record affects no other, and no DTD reaches the parser.
"""

from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING, Final

from lxml import etree

from digest.errors import DigestError
from digest.sources.page import decode, each, is_wide
from digest.sources.shared import refman, xmlpages
from digest.sources.shared.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

    from digest.sources.page import Outcome, Page

_CHUNK: Final = 2**18
_LARGEST: Final = 16 * 2**20  # of one record
_LONGEST_TAG: Final = 40
_START: Final = re.compile(rb"<(?:record|RECORD)(?=[\s>])")
_END: Final = re.compile(rb"</(?:record|RECORD)\s{0,20}>")
_PARSER: Final = xmlpages.strict_parser()
_CONTROL: Final = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]);|0*(?:[0-8]|1[124-9]|2\d|3[01]);)"
)

# The tag of RIS that means the same as each element.
_ELEMENTS: Final[Mapping[str, str]] = {
    "volume": "VL",
    "number": "IS",
    "issue": "IS",
    "isbn": "SN",
    "publisher": "PB",
    "pub-location": "CY",
    "accession-num": "AN",
    "language": "LA",
    "label": "ID",
    "work-type": "M3",
    "electronic-resource-num": "DO",
    "remote-database-name": "DB",
    "remote-database-provider": "DP",
    "notes": "N1",
    "abstract": "AB",
    "custom1": "C1",
    "custom2": "C2",
    "custom3": "C3",
    "custom4": "C4",
    "custom5": "C5",
    "custom6": "C6",
    "custom7": "C7",
    "edition": "ET",
    "research-notes": "RN",
    "pages": "SP",
    "auth-address": "AD",
}
_TITLES: Final[Mapping[str, str]] = {
    "secondary-title": "T2",
    "tertiary-title": "T3",
    "short-title": "ST",
    "translated-title": "TT",
    "alt-title": "JX",
}
_PEOPLE: Final[Mapping[str, str]] = {"authors": "AU", "secondary-authors": "ED", "tertiary-authors": "A3"}


# Elements that only EndNote needs.
_OWN: Final = frozenset(
    {
        "database",
        "source-app",
        "rec-number",
        "ref-type",
        "foreign-keys",
        "added-date",
        "modified-date",
        "reprint-status",
    }
)


def parse(page: Page) -> Iterator[Outcome]:
    """A record or a problem for each ``<record>``.

    Raises:
        DigestError: there is none, or the file declares entities of its own.
    """
    if b"<!ENTITY" in page.head:
        raise DigestError(
            "the file declares entities of its own; it is refused", where=page.where, expected="EndNote XML"
        )
    count = 0

    def outcome_of(piece: bytes | str) -> Outcome:
        nonlocal count
        count += 1
        if isinstance(piece, str):
            return page.problem("error", "cut-off", piece, place=f"record {count}")
        return _outcome(page, piece, count)

    yield from each(page, _pieces(page), outcome_of)
    if not count:
        raise DigestError("no <record> found", where=page.where, expected="EndNote XML")


def _outcome(page: Page, raw: bytes, count: int) -> Outcome:
    place = f"record {count}"
    if not _END.search(raw, max(0, len(raw) - _LONGEST_TAG)):
        message = "the record ends before its last tag and was left out; export the file again"
        return page.problem("error", "cut-off", message, place=place)
    oddity = "control characters were left out of it" if _CONTROL.search(raw) else ""
    text = _utf8(_CONTROL.sub(b" ", raw) if oddity else raw)
    try:
        element = etree.fromstring(text, _PARSER)
    except etree.XMLSyntaxError as error:
        try:
            element = etree.fromstring(xmlpages.repaired(decode(text)[0]).encode("utf-8", "replace"), _PARSER)
        except etree.XMLSyntaxError:
            message = f"this record is not well-formed XML and was left out: {error.msg}"
            return page.problem("error", "xml", message, place=place)
        oddity = "characters that XML does not allow were replaced in it; check its text"
    number = _characters(element.find("rec-number"))
    draft = Draft(page, f"record {number}" if number else place, raw, number[:200])
    if oddity:
        draft.tell("note", "encoding", oddity)
    _fill(draft, element)
    return draft.finish()


def _utf8(raw: bytes) -> bytes:
    return raw if raw.isascii() else decode(raw)[0].encode("utf-8", "replace")


def _pieces(page: Page) -> Iterator[bytes | str]:
    """The bytes of each record, without its end where that is missing; a text where bytes were lost."""
    buffer, at, scanned, lost = b"", 0, 0, ""
    for chunk in _chunks(page):
        if isinstance(chunk, str):
            lost = chunk
            break
        buffer, at, scanned = buffer[at:] + chunk, 0, max(0, scanned - at)
        while start := _START.search(buffer, at):
            again = _START.search(buffer, start.end())
            end = _END.search(buffer, max(start.end(), scanned), again.start() if again else len(buffer))
            if again and not end:  # another one begins before it ends
                yield buffer[start.start() : again.start()]
                at = scanned = again.start()
            elif end:
                yield buffer[start.start() : end.end()]
                at = scanned = end.end()
            else:
                at, scanned = start.start(), len(buffer) - _LONGEST_TAG
                break
        else:
            at = max(at, len(buffer) - _LONGEST_TAG)
        if len(buffer) - at > _LARGEST:
            yield f"a record is larger than {_LARGEST >> 20} MiB; it was left out"
            at = len(buffer)
    if start := _START.search(buffer, at):
        yield buffer[start.start() :]
    if lost:
        yield lost


def _chunks(page: Page) -> Iterator[bytes | str]:
    """The page's bytes in UTF-8, or an encoding that includes ASCII; last, where it is damaged, why they end."""
    head = page.head
    if is_wide(head):
        yield decode(page.content)[0].encode("utf-8", "replace")
        return
    try:
        with page.open() as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError):
        yield "the compressed file is damaged here: the rest is lost; export it again"


# --- Elements --------------------------------------------------------------------------------------------------------


def _characters(element: _Element | None) -> str:
    """The characters inside an element, its styles left out; lines kept where the source has carriage returns."""
    if element is None:
        return ""
    text = "".join(element.itertext())  # type: ignore[arg-type]  # of str, as nothing but elements is left
    pieces = (" ".join(piece.split()) for piece in text.split("\r"))
    return "\n".join(piece for piece in pieces if piece)


_FACES: Final[Mapping[str, str]] = {
    "italic": "i",
    "bold": "b",
    "subscript": "sub",
    "superscript": "sup",
}


def _styled(element: _Element) -> str:
    """The text of an element as inline HTML, from the faces of its styles."""
    styles = element.findall("style")
    if not any(face in (style.get("face") or "") for style in styles for face in _FACES):
        return _characters(element)
    out = [_escaped(element.text or "")]
    for style in styles:
        text = _escaped("".join(style.itertext()))  # type: ignore[arg-type]  # of str
        for face in (style.get("face") or "").split():
            if tag := _FACES.get(face):
                text = f"<{tag}>{text}</{tag}>"
        out += [text, _escaped(style.tail or "")]
    return "".join(out)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fill(draft: Draft, record: _Element) -> None:
    values: refman.Values = {}

    def add(tag: str, text: str) -> None:
        if text:
            values.setdefault(tag, []).append(text)

    kind_element = record.find("ref-type")
    kind = refman.code(
        (kind_element.get("name") or _characters(kind_element)) if kind_element is not None else "",
        _characters(kind_element),
    )
    for child in record:
        name = str(child.tag)
        if tag := _ELEMENTS.get(name):
            add(tag, _styled(child) if name == "abstract" else _characters(child))
        elif name == "contributors":
            for group in child:
                for author in group:
                    if tag := _PEOPLE.get(str(group.tag)):
                        add(tag, _characters(author))
        elif name == "titles":
            for title in child:
                if title.tag == "title":
                    add("TI", _styled(title).replace("\n", " "))
                elif tag := _TITLES.get(str(title.tag)):
                    add(tag, _characters(title).replace("\n", " "))
        elif name in {"periodical", "alt-periodical"}:
            if name == "periodical":
                add("JF", _characters(child.find("full-title")))
                for abbreviation in ("abbr-1", "abbr-2"):
                    add("JA", _characters(child.find(abbreviation)))
        elif name == "keywords":
            for word in child:
                add("KW", _characters(word))
        elif name == "urls":
            for link in child.iter("url"):
                parent = link.getparent()
                add(
                    "UR" if parent is not None and parent.tag in {"related-urls", "web-urls"} else "L1",
                    _characters(link),
                )
        elif name == "dates":
            _fill_dates(values, child)
        elif name not in _OWN:
            add(name, _characters(child))
    number = _characters(record.find("accession-num"))
    if re.fullmatch(r"[1-9]\d{6,7}", number):  # EndNote's filter for PubMed sets its number here
        add("PMID", number)
    refman.fill(draft, kind, values)


def _fill_dates(values: refman.Values, dates: _Element) -> None:
    year = _characters(dates.find("year"))
    values["PY"] = [year] if year else []
    texts = [_characters(date) for date in dates.iter("date")]
    month, day = _characters(dates.find("month")), _characters(dates.find("day"))
    if month and re.fullmatch(r"\d{4}", year):
        values["DA"] = [f"{year}/{int(month):02d}/{day}" if re.fullmatch(r"\d{1,2}", month) else f"{year} {month}"]
    elif texts and texts[0]:
        text = texts[0]
        values["DA"] = [text if re.search(r"\b\d{4}\b", text) else f"{year} {text}"]
