"""The bytes of an XML feed become elements: encoding, namespaces, and what an item or a channel holds, by name."""

from __future__ import annotations

import codecs
import functools
import html
import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from digest.errors import DigestError
from digest.sources.formats.feeds.values import Fields, Value
from digest.sources.page import decode
from digest.sources.shared.xmlpages import strict_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from digest.errors import Problem
    from digest.sources.page import Page


_LARGEST: Final = 64 * 2**20  # characters; the feeds of 65 publishers stay below 3 MiB


def not_a_feed(what: str, page: Page) -> DigestError:
    """The error that a page is something other than a feed."""
    return DigestError(f"this is {what}", where=page.where, expected="a feed: RSS, Atom or JSON Feed")


# --- From bytes to elements ------------------------------------------------------------------------------------------

_DECLARED: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[<>]{0,2000}(?P<subset>\[)?", re.IGNORECASE)


def decoded(page: Page) -> tuple[str, list[Problem]]:
    """The text of a feed, in the encoding that it declares where the bytes are in it, and its problems."""
    content = page.content
    for start, codec in ((b"\0\0\0<", "utf-32-be"), (b"<\0\0\0", "utf-32-le")):  # XML 1.0, appendix F
        if content.startswith(start):
            return content.decode(codec, "replace"), []
    if len(content) > _LARGEST:
        raise DigestError(
            f"the feed has more than {_LARGEST >> 20} MiB", where=page.where, expected="a feed of some hundred items"
        )
    match = _DECLARED.match(content.removeprefix(codecs.BOM_UTF8)[:400])
    if match and not content.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF8)):
        name = match[1].decode("ascii")
        try:
            info = codecs.lookup(name)
            # Windows-1252 is what "ISO-8859-1" holds in practice (WHATWG Encoding, section 4.2).
            codec = "cp1252" if info.name in {"iso8859-1", "ascii"} else info.name
            if codec.startswith(("cp125", "iso8859")) and not content.isascii() and decode(content)[1] == "utf-8":
                codec = "utf-8"  # bytes beyond ASCII are not valid UTF-8 by chance
            # 16 bits cannot be true where the declaration itself was read byte by byte.
            if not codec.startswith(("utf-16", "utf-32", "utf-7", "undefined", "hz", "idna", "punycode")):
                text = content.decode(codec)
                return text, []
        except (LookupError, UnicodeError, ValueError):
            pass
        text, found = decode(content)
        if found.lower() == _codec_name(name):
            return text, []
        message = f"the feed says that it is in {name}, which it is not; it was read as {found}: check its accents"
        return text, [page.problem("warning", "encoding", message)]
    return page.text, list(page.text_problems)


def _codec_name(name: str) -> str:
    """The usual name of an encoding, ``utf-8`` of ``UTF8``; the name itself where Python does not know it."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()


def refuse_declarations(text: str, page: Page) -> None:
    """Refuses entities of the feed's own: they expand without end, and fetch files and addresses."""
    if match := _DOCTYPE.search(text[:20_000]):
        head = text[match.start() : match.start() + 20_000]
        if match["subset"] or "<!ENTITY" in head.upper():
            raise DigestError(
                "the feed declares entities of its own (a DOCTYPE with “[”); it was refused",
                where=page.where,
                expected="a feed without them, as no publisher needs any",
            )


def tree_of(text: str) -> _Element | None:
    """The tree of a text that is well-formed; nothing where it is not."""
    try:
        root = etree.fromstring(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), strict_parser("utf-8"))
    except (etree.XMLSyntaxError, ValueError):
        return None
    # A reference that was not resolved would be lost text: a DOCTYPE makes lxml accept &nbsp; without a value.
    return None if next(root.iter(etree.Entity), None) is not None else root


_PRISM: Final = "prism"
_NAMESPACES: Final = {
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/elements/1.0/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
    "http://arxiv.org/schemas/atom": "arxiv:",
    "http://web.resource.org/cc/": "cc:",
    "http://creativecommons.org/ns#": "cc:",
    "http://backend.userland.com/creativeCommonsRssModule": "cc:",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "cc:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/xhtml": "html:",
    "http://purl.org/rss/1.0/": "",
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/net/rss1.1#": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
}


@functools.lru_cache(maxsize=4096)
def _key(tag: str) -> str:
    """``prism:volume`` of a tag in any of PRISM's namespaces; ``x:name`` of one in an unknown namespace."""
    namespace, _, local = tag.rpartition("}")
    namespace = namespace.removeprefix("{")
    if not namespace and ":" in local:  # a prefix that was never declared
        prefix, _, local = local.partition(":")
        return f"{prefix.lower()}:{local.lower()}"
    prefix = _NAMESPACES.get(namespace, _NAMESPACES.get(namespace.strip(), "x:"))
    if prefix == "x:" and _PRISM in namespace.lower():
        prefix = "prism:"
    return prefix + local.lower()


def local_name(element: _Element) -> str:
    """The name of an element without its namespace, in lower case."""
    return _key(element.tag).rpartition(":")[2]


def items_of(root: _Element) -> Iterator[_Element]:
    """The items of a feed, wherever they are below its root, but none within another."""
    stack = [iter([root])]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif _key(child.tag) in {"item", "entry", "x:item", "x:entry"}:
            yield child
        else:
            stack.append(iter(child))


def channel_of(root: _Element) -> Fields:
    """What the feed says about itself, by the names of elements."""
    found: Fields = {}
    for element in (root, *(child for child in root if local_name(child) == "channel")):
        for key, values in fields_of(element, skip=("item", "entry", "channel", "image", "items", "textinput")).items():
            found.setdefault(key, []).extend(values)
    return found


def raw_bytes(item: _Element) -> bytes:
    """An item as it is written."""
    return etree.tostring(item, encoding="utf-8", with_tail=False)


def fields_of(item: _Element, skip: tuple[str, ...] = ()) -> Fields:
    """The elements of an item by name, repeated ones in order."""
    found: Fields = {}
    for name, text in item.attrib.items():
        found.setdefault(f"@{_key(str(name)).rpartition(':')[2]}", []).append(Value(str(text)))
    for child in item:
        key = _key(child.tag)
        if key.rpartition(":")[2] in skip:
            continue
        attributes = {_key(str(name)).rpartition(":")[2]: str(text) for name, text in child.attrib.items()}
        kind = attributes.get("type", "").lower()
        if len(child) == 0:
            value = Value(child.text or "", attributes, literal=kind in {"text", "text/plain"})
        elif key in {"author", "contributor", "source"}:
            names = [part for part in child if local_name(part) in {"name", "title"}]
            inner = {local_name(part): _inside(part) for part in child}
            value = Value(_inside(names[0]) if names else _inside(child), {**attributes, **inner})
        elif parts := [
            part for part in child.iter() if local_name(part) in {"li", "name"} and _key(part.tag) != "html:li"
        ]:
            for part in parts:
                found.setdefault(key, []).append(Value(_inside(part), attributes))
            continue
        else:
            # Atom's xhtml, and titles whose markup was never escaped.
            inside = "".join([html.escape(child.text or "", quote=False), *map(_serialised, child)])
            value = Value(inside, attributes)
        found.setdefault(key, []).append(value)
    return found


def _inside(element: _Element) -> str:
    return "".join(map(str, element.itertext()))


def _serialised(element: _Element) -> str:
    text = etree.tostring(element, encoding="unicode", with_tail=True)
    return re.sub(r"(</?)[A-Za-z][\w.-]{0,30}:(?=[A-Za-z])", r"\1", text)
