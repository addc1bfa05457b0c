"""XML from outside: read without loading anything else, element by element, and repaired where that is safe."""

from __future__ import annotations

import html
import io
import re
import zlib
from typing import IO, TYPE_CHECKING, Any, Final

from lxml import etree

from digest.errors import DigestError
from digest.sources.page import LARGEST, is_wide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lxml.etree import _Element

    from digest.errors import Problem
    from digest.sources.page import Page


def strict_parser(encoding: str | None = None) -> etree.XMLParser:
    """A parser that reads well-formed XML alone, and neither a DTD, an entity's value nor the network."""
    return etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_pis=True,
        remove_comments=True,
    )


def strict_walk(
    stream: IO[bytes], *, events: Sequence[str] = ("end",), names: Sequence[str] | None = None
) -> Iterator[tuple[str, _Element]]:
    """The events of a stream, read as by `strict_parser`.

    Args:
        stream: the bytes.
        events: the events: ``start``, ``end``.
        names: the local names of the elements to report; all where there are none.
    """
    walk: Iterator[tuple[str, _Element]] = etree.iterparse(
        stream,
        events=events,
        tag=None if names is None else [f"{{*}}{name}" for name in names],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_pis=True,
        remove_comments=True,
    )
    return walk


# --- Elements of a page ----------------------------------------------------------------------------------------------


def elements(page: Page, *names: str) -> Iterator[_Element | Problem]:
    """The outermost elements of these local names, each freed when the next is asked for, and what is wrong.

    A page that is not well-formed is repaired where that is safe (bare ampersands, control characters, bytes that are
    not UTF-8, HTML's entities, undeclared prefixes), with a warning before the first element of the repaired page.
    Where that does not help, each element is read alone, and one error takes the place of each that cannot be read; if
    even its beginning cannot be found, one error comes after the last whole element, with the number of those lost.

    Raises:
        DigestError: the page declares entities.
    """
    count = 0
    try:
        with io.BytesIO(content) if (content := _narrow(page)) else page.open() as stream:
            for element in _outermost(stream, names, page.where):
                count += 1
                yield element
    except etree.XMLSyntaxError as error:
        wrong = fault(error)
    except (EOFError, OSError, zlib.error) as error:
        yield page.problem("error", "damaged", f"the compressed file is damaged after {_many(count, names)}: {error}")
        return
    else:
        if count:
            return
        wrong = ""  # a prefix may not be declared, which libxml2 does not take for an error
    content = content or page.content
    repaired_content = _repaired_page(content)
    done = 0
    if repaired_content != content:
        try:
            for element in _outermost(io.BytesIO(repaired_content), names, page.where):
                done += 1
                if done <= count:
                    continue
                if done == count + 1:
                    why = wrong or "a prefix is not declared"
                    message = f"the page is not well-formed XML and was repaired: {why}; check what was read from it"
                    yield page.problem("warning", "xml", message)
                yield element
        except etree.XMLSyntaxError as error:
            wrong = fault(error)
        else:
            return
    elif not wrong:
        return
    read = max(count, done)
    pieces = _pieces(repaired_content, names)
    if pieces[read:]:
        yield from _each_alone(page, repaired_content, pieces, read, names)
        return
    begun = len(re.findall(rb"<(?:[\w.-]{1,40}:)?(?:" + "|".join(names).encode() + rb")[\s>]", content))
    lost = f"; {begun - read} more were not read" if begun > read else ""
    yield page.problem("error", "xml", f"the page is not well-formed XML: {wrong}; {_many(read, names)} read{lost}")


_LARGEST_HEAD: Final = 64 * 2**10


def _pieces(content: bytes, names: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the outermost elements of these names begin and end, by their tags alone; nothing where that is unclear."""
    tags = re.compile(
        rb"<(/?)(?:[\w.-]{1,40}:)?(?:" + b"|".join(re.escape(name.encode()) for name in names) + rb")(?=[\s>/])"
    )
    pieces: list[tuple[int, int]] = []
    begin = depth = 0
    for tag in tags.finditer(content):
        if not tag[1]:
            begin = begin if depth else tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                pieces.append((begin, content.find(b">", tag.end()) + 1 or len(content)))
    if depth:
        pieces.append((begin, len(content)))
    return pieces if pieces and pieces[0][0] <= _LARGEST_HEAD else []


def _each_alone(
    page: Page, content: bytes, pieces: Sequence[tuple[int, int]], read: int, names: tuple[str, ...]
) -> Iterator[_Element | Problem]:
    """The elements of pieces of a page that were not read yet, each between the first tags and what closes them."""
    head = content[: pieces[0][0]]
    opened: list[bytes] = []
    for tag in re.finditer(rb"<(/?)([A-Za-z_][\w.:-]{0,80})(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>", head):
        if tag[1]:
            opened = opened[:-1]
        elif not tag[3]:
            opened.append(tag[2])
    tail = b"".join(b"</" + name + b">" for name in reversed(opened))
    for n, (begin, end) in enumerate(pieces[read:], read + 1):
        piece = content[begin:end]
        try:
            yield from _outermost(io.BytesIO(head + piece + tail), names, page.where)
        except etree.XMLSyntaxError as error:
            message = f"this <{names[0]}> is not well-formed XML and was left out: {fault(error)}"
            yield page.problem("error", "xml", message, place=place_of(piece, n))


_NAMING: Final = re.compile(
    rb"<(?:[\w.-]{1,40}:)?(identifier|PMID|article-id|recordIdentifier)\b[^<>]{0,200}>\s{0,100}([^<>\s][^<>]{0,200}?)\s{0,100}<"
)


def place_of(piece: bytes, n: int) -> str:
    """How a problem names a record that cannot be read: by the first identifier in it, or by its number on the page."""
    if match := _NAMING.search(piece[:20_000]):
        kind = "PMID" if match[1] == b"PMID" else "record"
        return f"{kind} {match[2].decode('utf-8', 'replace')}"
    return f"record {n}"


def _many(count: int, names: tuple[str, ...]) -> str:
    return f"{count or 'no'} <{names[0]}>"


def fault(error: etree.XMLSyntaxError) -> str:
    """What libxml2 says is wrong, without the place in what it saw."""
    return _BESIDE_THE_FAULT.sub("", str(error.msg or "not XML")).replace("\n", " ")[:300]


# Where it was in what the parser saw, and what to do about it in C.
_BESIDE_THE_FAULT: Final = re.compile(r",? (?:use XML_PARSE_HUGE option|line \d+, column \d+|\(.{0,300}\)$)")


def _outermost(stream: IO[bytes], names: tuple[str, ...], where: str) -> Iterator[_Element]:
    depth, first = 0, True
    for event, element in strict_walk(stream, events=("start", "end"), names=names):
        if first:
            first = False
            _refuse_entities(element, where)
        if event == "start":
            depth += 1
            continue
        depth -= 1
        if depth:
            continue
        _resolve(element)
        yield element
        # What was read is freed, and the empty elements before it, or a file of 30,000 records stays in memory.
        element.clear(keep_tail=False)  # type: ignore[call-arg]  # lxml-stubs lack it
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def _refuse_entities(element: _Element, where: str) -> None:
    """Refuses entities with a value of their own, which is how small files grow; names of pictures (NDATA) are fine."""
    dtd = element.getroottree().docinfo.internalDTD
    declared: Iterable[Any] = getattr(dtd, "iterentities", tuple)()  # without a DTD there are none
    if any(not entity.system_url or entity.content is None for entity in declared):
        raise DigestError(
            "the page declares entities of its own, which are not read",
            where=where,
            expected="XML without <!ENTITY> declarations",
            todo="resolve them first, for instance with xmllint --noent",
        )


def _resolve(element: _Element) -> None:
    """Puts characters in the place of references to entities of a DTD that is not read: ``&nbsp;``, ``&alpha;``."""
    for reference in list(element.iter(etree.Entity)):
        parent = reference.getparent()
        if parent is None:
            continue
        text = html.unescape(str(reference.text)) + (reference.tail or "")
        before = reference.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + text
        else:
            parent.text = (parent.text or "") + text
        parent.remove(reference)


# Others in Python's list are not encodings of a page: “undefined” always fails, “punycode” is slow.
_CODECS: Final = (
    rb"utf-?8|us-ascii|iso-8859-\d{1,2}|windows-125\d|koi8-[ru]|gb(?:k|2312|18030)|big5|shift_jis|euc-(?:jp|kr)"
)


def _narrow(page: Page) -> bytes:
    """A page of UTF-16 or UTF-32 in UTF-8, as libxml2 reads neither without a mark, nor UTF-32 at all; else nothing."""
    try:
        if not is_wide(page.head):
            return b""
    except DigestError:  # a damaged page is reported where its elements are read
        return b""
    return _DECLARATION.sub("", page.text).lstrip().encode("utf-8", "replace")


_DECLARATION: Final = re.compile(r"^\ufeff?\s{0,99}<\?xml[^>]{0,300}\?>")


# --- Bounds ---------------------------------------------------------------------------------------------------------

MOST_ATTRIBUTES: Final = 1000  # of one tag; pages of publishers have 40
_TAG: Final = re.compile(r"""<[A-Za-z](?:[^>"']++|"[^"]*+"|'[^']*+')*+""")
_ATTRIBUTE: Final = re.compile(r"""[^\s=>"']++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?|["'=]""")


def with_few_attributes(page: Page, text: str) -> tuple[str, list[Problem]]:
    """A text of XML or HTML in which no tag has more than `MOST_ATTRIBUTES`, and a warning where one had.

    Libraries compare each attribute of a tag with all others: 100,000 of them take a minute.
    """
    cut: list[str] = []

    def shortened(match: re.Match[str]) -> str:
        tag = match[0]
        if len(tag) <= 2 * MOST_ATTRIBUTES:
            return tag
        for n, attribute in enumerate(_ATTRIBUTE.finditer(tag, 1)):  # the first is the tag's name
            if n > MOST_ATTRIBUTES:
                cut.append(tag[:40].split()[0])
                return tag[: attribute.start()]
        return tag

    text = _TAG.sub(shortened, text)
    if not cut:
        return text, []
    message = f"{cut[0]}> has more than {MOST_ATTRIBUTES:,} attributes; those after them were left out"
    return text, [page.problem("warning", "too-many", message)]


# --- Repairs ---------------------------------------------------------------------------------------------------------


def _repaired_page(content: bytes) -> bytes:
    """The same page with what is clearly meant in place of what XML does not allow."""
    declared = re.match(
        rb"(?:\xef\xbb\xbf)?\s{0,99}<\?xml[^>]{0,200}?encoding=[\"'](" + _CODECS + rb")[\"']", content, re.IGNORECASE
    )
    try:
        text = content.decode(declared[1].decode() if declared else "utf-8")
    except UnicodeError:
        # Bytes that are not UTF-8 are Windows-1252 wherever this was seen; those around them stay UTF-8.
        text = re.sub(
            "[\udc80-\udcff]",
            lambda m: bytes([ord(m[0]) - 0xDC00]).decode("cp1252", "replace"),
            content.decode("utf-8", "surrogateescape"),
        )
    text = repaired(_DECLARATION.sub("", text).lstrip())
    used = set(re.findall(r"<(?:/)?([A-Za-z_][\w.-]{0,40}):", text)) | set(re.findall(r"\s(xlink|xsi):\w{1,40}=", text))
    missing = sorted(used - set(re.findall(r"\sxmlns:([\w.-]{1,40})\s?=", text)) - {"xml"})[:50]
    if missing and (root := re.search(r"<(?:[A-Za-z_][\w.-]{0,40}:)?[A-Za-z_][\w.-]{0,80}", text)):
        more = "".join(f' xmlns:{prefix}="urn:{prefix}"' for prefix in missing)
        text = text[: root.end()] + more + text[root.end() :]
    return text.encode("utf-8", "replace")[:LARGEST]


_AMPERSAND: Final = re.compile(r"&(?:(#\d{1,9}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_NOT_ALLOWED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_INERT: Final = re.compile(r"<!\[CDATA\[|<!--")


def repaired(text: str) -> str:
    """A text of XML with everything that has one safe repair: control characters, HTML's own entities, a bare “&”."""
    text = _NOT_ALLOWED.sub("", text)
    return "".join(piece if inert else _AMPERSAND.sub(_reference, piece) for piece, inert in sections(text))


def sections(text: str) -> Iterator[tuple[str, bool]]:
    """A text of XML in pieces, each with whether it is a CDATA section or a comment, in which nothing is markup."""
    at = 0
    while match := _INERT.search(text, at):
        end = text.find("-->" if match[0] == "<!--" else "]]>", match.end())
        if end < 0:
            break  # never closed: what follows is read as if it were not there
        yield text[at : match.start()], False
        at = end + 3
        yield text[match.start() : at], True
    yield text[at:], False


def _reference(match: re.Match[str]) -> str:
    """The character that a reference means, in a form that XML has."""
    if match[1] in {"amp", "lt", "gt", "quot", "apos"}:
        return match[0]
    meant = html.unescape(match[0])
    if not match[1] or meant == match[0]:
        return f"&amp;{match[0][1:]}"
    return html.escape(_NOT_ALLOWED.sub("", meant)) or "\N{REPLACEMENT CHARACTER}"
