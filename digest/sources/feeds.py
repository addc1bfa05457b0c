"""Feeds become records: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed, with the habits of scholarly publishers.

A feed that is XML is read by lxml, which keeps every repeated element; what is not well-formed is mended where the mend
is sure, cut into its items, and only an item that still is broken goes to feedparser (`digest.sources.lenient`).
"""

from __future__ import annotations

import codecs
import functools
import html
import re
import urllib.parse
from typing import TYPE_CHECKING, Any, Final

import msgspec
from lxml import etree
from msgspec import Struct

from digest.cite.societies import journal_of
from digest.errors import DigestError, Problem
from digest.model import Meeting
from digest.sources import lenient, markup
from digest.sources.draft import Draft, abbreviation, read_date
from digest.sources.formats import cut_off, json_until_break
from digest.sources.markup import Block
from digest.sources.page import Parsed, decode
from digest.text import RichText, without_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

    from digest.model import PartialDate
    from digest.sources.page import Outcome, Page

_LARGEST: Final = 64 * 2**20  # characters; the feeds of 65 publishers stay below 3 MiB
_LONGEST_RUN: Final = 2**20  # of text without a tag; lxml refuses 10 MB
_LONGEST_TITLE: Final = 3000
_LONGEST_TEXT: Final = 200_000


class Value(Struct, frozen=True):
    """One element of an item.

    Attributes:
        text: what it holds: text that may be HTML in any state of escaping.
        attributes: its attributes, by local name.
        literal: whether the feed says that it is no HTML (Atom, section 3.1.1.1).
    """

    text: str
    attributes: dict[str, str] = {}
    literal: bool = False


# What an item or a channel says, by the names of its elements: ``title``, ``dc:creator``, ``prism:volume``.
_Fields = dict[str, list[Value]]


def parse(page: Page) -> Iterator[Outcome]:
    """The items of a feed, each as a record or as the problem that it is none.

    Raises:
        DigestError: it is no feed, too large, or declares entities.
    """
    if decode(page.head)[0].lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        yield from _json_feed(page)
        return
    text, problems = _decoded(page)
    yield from problems
    _refuse_declarations(text, page)
    root = _tree(text)
    if root is None:
        yield from _mended(text, page)
        return
    yield from _of_tree(root, page)


def _of_tree(root: _Element, page: Page) -> Iterator[Outcome]:
    if _local(root) not in {"rss", "rdf", "feed", "channel", "entry"}:
        raise _no_feed(f"XML whose first element is <{_local(root)}>", page)
    channel = _channel(root)
    count = 0
    for count, item in enumerate(_items(root), 1):
        yield _record(_fields(item), channel, Draft(page, f"item {count}", _raw(item)))
    if not count:
        yield page.problem("note", "no-items", "the feed is well-formed but holds no items")


def _no_feed(what: str, page: Page) -> DigestError:
    return DigestError(f"this is {what}", where=page.where, expected="a feed: RSS, Atom or JSON Feed")


# --- From bytes to elements ------------------------------------------------------------------------------------------

_DECLARED: Final = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_DOCTYPE: Final = re.compile(r"<!DOCTYPE[^\[<>]{0,2000}(?P<subset>\[)?", re.IGNORECASE)


def _decoded(page: Page) -> tuple[str, list[Problem]]:
    """The text of a feed in the encoding that it declares, if that is one and the bytes are in it."""
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
                codec = "utf-8"  # bytes beyond ASCII make whole UTF-8 by no chance
            # 16 bits cannot be true where the declaration itself was read byte by byte.
            if not codec.startswith(("utf-16", "utf-32", "utf-7", "undefined", "hz", "idna", "punycode")):
                text = content.decode(codec)
                return text, []
        except (LookupError, UnicodeError, ValueError):
            pass
        text, found = decode(content)
        if found.lower() == _codec_name(name):
            return text, []
        message = f"the feed says that it is in {name}, which it is not; it was read as {found}: look at its accents"
        return text, [page.problem("warning", "encoding", message)]
    return page.text, list(page.text_problems)


def _codec_name(name: str) -> str:
    """The usual name of an encoding, ``utf-8`` of ``UTF8``; the name itself where Python does not know it."""
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()


def _refuse_declarations(text: str, page: Page) -> None:
    """Refuses entities of the feed's own: they expand without end, and fetch files and addresses."""
    if match := _DOCTYPE.search(text[:20_000]):
        head = text[match.start() : match.start() + 20_000]
        if match["subset"] or "<!ENTITY" in head.upper():
            raise DigestError(
                "the feed declares entities of its own (a DOCTYPE with “[”); it was refused",
                where=page.where,
                expected="a feed without them, as no publisher needs any",
            )


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=False,
        remove_pis=True, remove_comments=True, strip_cdata=True,
    )  # fmt: skip


def _tree(text: str) -> _Element | None:
    """The tree of a text that is well-formed; nothing where it is not."""
    try:
        root = etree.fromstring(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), _parser())
    except (etree.XMLSyntaxError, ValueError):
        return None
    # A reference that was not resolved would be lost text: a DOCTYPE makes lxml accept &nbsp; without a value.
    return None if next(root.iter(etree.Entity), None) is not None else root


_PRISM: Final = "prism"
_NAMESPACES: Final = {
    "http://purl.org/dc/elements/1.1/": "dc:", "http://purl.org/dc/elements/1.0/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:", "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://search.yahoo.com/mrss/": "media:", "http://search.yahoo.com/mrss": "media:",
    "http://arxiv.org/schemas/atom": "arxiv:", "http://web.resource.org/cc/": "cc:",
    "http://creativecommons.org/ns#": "cc:", "http://backend.userland.com/creativeCommonsRssModule": "cc:",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "cc:",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:", "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes:",
    "http://www.w3.org/1999/xhtml": "html:", "http://purl.org/rss/1.0/": "", "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "", "http://my.netscape.com/rdf/simple/0.9/": "", "": "",
    "http://backend.userland.com/rss2": "", "http://purl.org/net/rss1.1#": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
}  # fmt: skip


@functools.lru_cache(maxsize=4096)
def _key(tag: str) -> str:
    """``prism:volume`` of a tag in any of PRISM's namespaces; ``x:name`` of one in a namespace that nobody knows."""
    namespace, _, local = tag.rpartition("}")
    namespace = namespace.removeprefix("{")
    if not namespace and ":" in local:  # a prefix that was never declared
        prefix, _, local = local.partition(":")
        return f"{prefix.lower()}:{local.lower()}"
    prefix = _NAMESPACES.get(namespace, _NAMESPACES.get(namespace.strip(), "x:"))
    if prefix == "x:" and _PRISM in namespace.lower():
        prefix = "prism:"
    return prefix + local.lower()


def _local(element: _Element) -> str:
    return _key(element.tag).rpartition(":")[2]


def _items(root: _Element) -> Iterator[_Element]:
    """The items of a feed, wherever they stand below its root, but none within another."""
    stack = [iter([root])]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif _key(child.tag) in {"item", "entry", "x:item", "x:entry"}:
            yield child
        else:
            stack.append(iter(child))


def _channel(root: _Element) -> _Fields:
    """What the feed says of itself."""
    found: _Fields = {}
    for element in (root, *(child for child in root if _local(child) == "channel")):
        for key, values in _fields(element, skip=("item", "entry", "channel", "image", "items", "textinput")).items():
            found.setdefault(key, []).extend(values)
    return found


def _raw(item: _Element) -> bytes:
    return etree.tostring(item, encoding="utf-8", with_tail=False)


def _fields(item: _Element, skip: tuple[str, ...] = ()) -> _Fields:
    """The elements of an item by name, repeated ones in order."""
    found: _Fields = {}
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
            names = [part for part in child if _local(part) in {"name", "title"}]
            inner = {_local(part): _inside(part) for part in child}
            value = Value(_inside(names[0]) if names else _inside(child), {**attributes, **inner})
        elif parts := [part for part in child.iter() if _local(part) in {"li", "name"} and _key(part.tag) != "html:li"]:
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


# --- What is not well-formed -----------------------------------------------------------------------------------------

_TAG: Final = re.compile(r"<(/?)((?:[A-Za-z][\w.-]{0,40}:)?)(item|entry)(?=[\s/>])[^<>]{0,5000}>")
_PREFIX: Final = re.compile(r"(?:</?|\s)([A-Za-z][\w.-]{0,40}):[A-Za-z]")
_XMLNS: Final = re.compile(r"""\sxmlns(?::([\w.-]{1,40}))?\s*=\s*("[^"<>]{0,500}"|'[^'<>]{0,500}')""")
_KNOWN_PREFIXES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "content": "http://purl.org/rss/1.0/modules/content/", "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "cc": "http://web.resource.org/cc/",
    "arxiv": "http://arxiv.org/schemas/atom",
}  # fmt: skip


def _mended(text: str, page: Page) -> Iterator[Outcome]:
    """The records of a feed that is not well-formed as it came."""
    if not re.search(r"<(?:[\w.-]{1,40}:)?(?:rss|RDF|feed|channel|item|entry)\b", text, re.IGNORECASE):
        raise _no_feed("no feed, nor well-formed XML", page)
    where = _syntax_error(text)
    run = re.compile(rf"([^<]{{{_LONGEST_RUN}}})[^<]+")
    text, cut = run.subn(r"\1", text)
    if cut:
        message = f"a text of more than {_LONGEST_RUN} characters was cut there; read it at its source"
        yield page.problem("warning", "cut", message)
    text = markup.mended(text)
    if (root := _tree(text)) is not None:
        if not cut:
            message = f"the feed is not well-formed XML ({where}); its characters and references were mended"
            yield page.problem("note", "not-well-formed", message)
        yield from _of_tree(root, page)
        return
    message = f"the feed is not well-formed XML ({where}); it was read item by item: look at its records"
    yield page.problem("warning", "not-well-formed", message)
    yield from _one_by_one(text, page)


def _syntax_error(text: str) -> str:
    try:
        etree.fromstring(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        return without_control(str(error))[:200]
    return "a reference to an entity that nobody has declared"


def _pieces(text: str) -> tuple[str, list[str]]:
    """What stands before the first item, and the items, an unclosed one up to the next."""
    starts: list[int] = []
    ends: dict[int, int] = {}  # of an item, by its start
    at = 0
    inside = False
    for piece, inert in markup.sections(text):
        if not inert:
            for match in _TAG.finditer(piece):
                if match[1]:
                    if inside:
                        ends[starts[-1]] = at + match.end()
                    inside = False
                else:
                    starts.append(at + match.start())
                    inside = not match[0].endswith("/>")
                    if not inside:
                        ends[starts[-1]] = at + match.end()
        at += len(piece)
    limits = [*starts[1:], len(text)][: len(starts)]
    items = [text[start : ends.get(start, limit)] for start, limit in zip(starts, limits, strict=True)]
    return text[: starts[0]] if starts else text, items


def _one_by_one(text: str, page: Page) -> Iterator[Outcome]:
    """Each item of a broken feed by itself: one that is whole is not harmed by its neighbour."""
    head, items = _pieces(text)
    prefixes = dict.fromkeys(match[1] for match in _PREFIX.finditer(text[:2_000_000]))
    spaces = {match[1] or "": match[2] for match in _XMLNS.finditer(head[:50_000])}
    for prefix in prefixes:
        if prefix.lower() not in {"xml", "xmlns", "http", "https"}:
            spaces.setdefault(prefix, f'"{_KNOWN_PREFIXES.get(prefix.lower(), f"urn:undeclared:{prefix}")}"')
    declared = "".join(f" xmlns{':' if prefix else ''}{prefix}={value}" for prefix, value in spaces.items())
    opening = f"<feed{declared}>"
    channel = _head_fields(head, opening)
    trees = [_tree(f"{opening}{item}</feed>") for item in items]
    broken = [n for n, tree in enumerate(trees) if tree is None]
    rescued = dict(zip(broken, lenient.read([f"{opening}{items[n]}</feed>" for n in broken]), strict=True))
    count = 0
    for n, (item, tree) in enumerate(zip(items, trees, strict=True)):
        found = [_fields(element) for element in _items(tree)] if tree is not None else []
        count += 1
        draft = Draft(page, f"item {count}", item.encode("utf-8", "replace"))
        if found:
            yield _record(found[0], channel, draft)
        elif isinstance(given := rescued.get(n, "it holds nothing"), str):
            yield draft.refuse("not-well-formed", f"this item is not well-formed XML and could not be read: {given}")
        else:
            draft.tell("warning", "not-well-formed", "this item is not well-formed XML: compare it with its source")
            fields = {key: [Value(text) for text in texts] for key, texts in given.items()}
            yield _record(fields, channel, draft)
    if not count:
        yield page.problem("error", "no-items", "the feed is broken before its first item; nothing could be read")


def _head_fields(head: str, opening: str) -> _Fields:
    """The channel of a broken feed, as far as single elements tell it."""
    found: _Fields = {}
    names = r"title|link|prism:publicationName|prism:issn|prism:volume|dc:publisher|dc:language|language"
    for match in re.finditer(rf"<({names})>([^<]{{1,500}}|<!\[CDATA\[[^<\]]{{1,500}}\]\]>)</\1>", head[:50_000]):
        tree = _tree(f"{opening}{match[0]}</feed>")
        if tree is not None:
            for key, values in _fields(tree).items():
                found.setdefault(key, []).extend(values)
    return found


# --- JSON Feed -------------------------------------------------------------------------------------------------------


def _json_feed(page: Page) -> Iterator[Outcome]:
    """The items of a JSON Feed (versions 1 and 1.1)."""
    feed, broken = json_until_break(page)
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise _no_feed("JSON without a list of “items”", page)
    channel: _Fields = {}
    for name, key in (("title", "title"), ("home_page_url", "link"), ("language", "language")):
        if text := _string(feed.get(name)):
            channel[key] = [Value(text, literal=True)]
    for count, item in enumerate(items, 1):
        draft = Draft(page, f"item {count}", msgspec.json.encode(item))
        if isinstance(item, dict):
            yield _record(_json_fields(item), channel, draft)
        else:
            yield draft.refuse("not-an-item", f"expected an object, found {type(item).__name__}")
    if not items:
        yield page.problem("note", "no-items", "the feed is whole but holds no items")
    yield from cut_off(page, broken)


def _json_fields(item: dict[str, Any]) -> _Fields:
    found: _Fields = {}
    names = {
        "id": "guid", "url": "link", "external_url": "link", "title": "title", "content_html": "content:encoded",
        "content_text": "description", "summary": "description", "date_published": "published",
        "date_modified": "updated", "language": "dc:language",
    }  # fmt: skip
    for name, key in names.items():
        if text := _string(item.get(name)):
            found.setdefault(key, []).append(Value(text, literal=name in {"title", "content_text", "summary"}))
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    for author in authors or []:
        if name := _string(author.get("name") if isinstance(author, dict) else author):
            found.setdefault("author", []).append(Value(name))
    tags = item.get("tags")
    for tag in tags if isinstance(tags, list) else []:
        if name := _string(tag):
            found.setdefault("category", []).append(Value(name))
    for name in ("doi", "_doi"):
        if text := _string(item.get(name)):
            found.setdefault("prism:doi", []).append(Value(text))
    return found


def _string(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""


# --- From elements to a record ---------------------------------------------------------------------------------------

_GREEK: Final = re.compile(r"\{([A-Za-z]{2,12}|\+/-|>=|<=)\}")
_SIGNS: Final[Mapping[str, str]] = {"+/-": "±", ">=": "≥", "<=": "≤", "micro": "µ", "degrees": "°", "deg": "°"}


def _clean(text: str) -> str:
    return _GREEK.sub(_sign, text) if "{" in text else text


def _sign(match: re.Match[str]) -> str:
    """The sign that HighWire's and Cold Spring Harbor's feeds write as ``{Delta}``."""
    word = match[1]
    known = html.unescape(f"&{word};")
    greek = len(known) == 1 and "\N{GREEK CAPITAL LETTER ALPHA}" <= known <= "\N{GREEK PHI SYMBOL}"
    return _SIGNS.get(word) or (known if greek else match[0])


def _rich(value: Value) -> RichText:
    text = _clean(value.text)
    # A title that is nothing but a script is shown, not dropped.
    return (RichText() if _is_literal(value) else markup.inline(text)) or RichText.of((text,))


_TAGS: Final = re.compile(r"</?([A-Za-z][\w:-]{0,20})(?:\s[^<>]{0,500})?/?>")


def _is_literal(value: Value) -> bool:
    """Whether a text that is called plain is so: publishers put ``<i>`` there as well."""
    if not value.literal:
        return False
    names = {match[1].lower() for match in _TAGS.finditer(value.text)}
    return bool(names - {*markup.SPANS, "p", "br", "div", "span", "h2", "h3", "h4"}) or not (
        names or re.search(r"&(?:[a-z]{2,8}|#\d{2,6});", value.text)
    )


def _flat(value: Value) -> str:
    """The characters of a short value."""
    return _flattened(value.text[:20_000])


@functools.lru_cache(maxsize=256)  # a title is asked for several times, a journal in every item
def _flattened(text: str) -> str:
    text = _clean(text)
    return (markup.plain(text) if "<" in text or "&" in text else " ".join(without_control(text).split())).strip()


def _first(fields: _Fields, *names: str) -> str:
    """The first of these elements that says something."""
    for name in names:
        for value in fields.get(name, ()):
            if text := _flat(value):
                return text
    return ""


def _all(fields: _Fields, *names: str) -> Iterator[str]:
    for name in names:
        for value in fields.get(name, ()):
            if text := _flat(value):
                yield text


def _record(fields: _Fields, channel: _Fields, draft: Draft) -> Parsed | Problem:
    """The record of one item."""
    draft.identifier = _first(fields, "guid", "id", "@about", "link")[:500]
    found, told = _texts(fields, channel, draft)
    _add_identifiers(fields, channel, told, draft)
    _add_place(fields, channel, told, draft)
    _add_title(fields, draft)
    _add_people(fields, told, draft)
    draft.issued = _issued(fields, told, draft)
    draft.parts = markup.parts(found)
    draft.keywords = [*_all(fields, "dc:subject", "prism:keyword", "media:keywords"), *_categories(fields)]
    draft.track = draft.track or _first(fields, "prism:section")
    draft.language = _first(fields, "dc:language", "@lang") or _first(channel, "dc:language", "language", "@lang")
    draft.publisher = _first(fields, "dc:publisher") or _first(channel, "dc:publisher")
    draft.licence = _licence(fields) or _licence(channel)
    _add_kind(fields, told, draft)
    return draft.finish()


def _categories(fields: _Fields) -> Iterator[str]:
    for value in fields.get("category", ()):
        if text := _flat(value) or value.attributes.get("label") or value.attributes.get("term") or "":
            yield text


def _licence(fields: _Fields) -> str:
    texts = list(_all(fields, "cc:license", "dcterms:license", "dc:rights", "rights", "prism:copyright", "copyright"))
    for value in (*fields.get("cc:license", ()), *fields.get("link", ())):
        if value.attributes.get("rel", "license") == "license":
            texts.insert(0, value.attributes.get("resource") or value.attributes.get("href") or "")
    return next((text for text in texts if re.search(r"creativecommons|\bCC", text)), "".join(texts[:1]))


# --- Texts, and what publishers write into them ----------------------------------------------------------------------

_MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DATE: Final = rf"(?:(?:\d{{1,2}} )?{_MONTH}(?: \d{{1,2}},?)?[ ,]{{1,2}})?\d{{4}}"
_CITATIONS: Final = (
    # Atypon and Wiley: “Journal of Clinical Oncology, Volume 32, Issue 15_suppl, Page e15166-e15166, May 2014.”
    re.compile(
        rf"(?:(?P<journal>[^;:]{{2,150}}?), )?Vol(?:ume|\.) (?=\D{{0,8}}\d)(?P<volume>[\w-]{{1,12}})"
        rf"(?:, (?:Issues?|Numbers?|Nos?\.|Iss\.?) (?P<issue>[\w/ –-]{{1,20}}?))?"
        rf"(?:, (?P<supplement>Suppl(?:ement)?s?\.?(?: [\w–-]{{1,10}})?))?"
        rf"(?:, (?P<year>\d{{4}}))?(?:, (?:Pages?|pp?\.) (?P<pages>[\w.–-]{{1,30}}?))?"
        rf"(?:, (?P<date>{_DATE}))?(?=[.;]|$)\.? ?"
    ),
    re.compile(
        rf"(?P<journal>[^;:]{{2,150}}?), (?:Ahead of Print|EarlyView|Early View|Accepted Article|Online First|"
        rf"Latest Articles|Advance Access)(?:, (?P<date>{_DATE}))?(?:\.|$) ?"
    ),
    # Nature: “Nature, Published online: 05 July 2024; doi:10.1038/…”
    re.compile(
        rf"(?P<journal>[^;:]{{2,100}}?), (?:Published online|Published|Publication date):? "
        rf"(?P<date>{_DATE}|\d{{4}}-\d\d-\d\d)(?:[;.]|$) ?(?:\| )?"
    ),
    # PubMed: “J Clin Oncol. 2014 May 20;32(15):1234-40. doi: …. Online ahead of print.”
    re.compile(
        rf"(?P<journal>[A-Z][^.;:]{{1,120}})\. (?P<date>\d{{4}}(?: {_MONTH}(?:-{_MONTH})?(?: \d{{1,2}})?)?)"
        r"(?:;(?P<volume>[\w ]{1,15})?(?:\((?P<issue>[^()]{1,25})\))?)?"
        r"(?::(?P<pages>[\w.()/-]{1,40}?))?(?:\. |\.?$)"
    ),
    # Thieme: “Endoscopy 2024; 56(1): 12-20”
    re.compile(
        r"(?P<journal>[A-Z][^.;:]{2,120}?) (?P<date>\d{4}); ?(?P<volume>\w{1,8}) ?(?:\((?P<issue>[^()]{1,25})\))?"
        r": ?(?P<pages>[\w.–-]{1,30})(?=[. ]|$)\.? ?"
    ),
)  # fmt: skip
_KEYS: Final = re.compile(
    r"(?P<key>Publication date|Available online|Source|Author\(s\)|Authors?|Published|DOI)\s?:\s?", re.IGNORECASE
)
_AGAIN: Final = re.compile(r"\s?(?=(?:Source|Available online|DOI)\s?:|Author\(s\)\s?:)")
_LABELLED_DOI: Final = re.compile(
    r"\b(?:doi\s?[:.]\s?(?:https?://(?:dx\.)?doi\.org/)?|https?://(?:dx\.)?doi\.org/)(10\.\d{4,9}/[^\s<>\"|]{1,200})",
    re.IGNORECASE,
)
_NOISE: Final = re.compile(
    r"(?:PMID\s?:\s?\d{1,9}|PMC(?:ID)?\s?:\s?PMC\d{1,9}|doi\s?[:.]\s?\S{1,300}|https?://\S{1,300}|"
    r"Online ahead of print|Epub \d{4}[\w ]{0,10}|No abstract(?: available)?|Published online|[|.,;\s]){1,12}",
    re.IGNORECASE,
)
_ARXIV: Final = re.compile(r"arXiv:(?P<id>\S{4,30}) Announce Type: \S{1,20}\s{1,4}(?:Abstract: )?")
_MDPI: Final = re.compile(
    r"(?P<journal>[^:]{2,80}), Vol\. (?P<volume>\w{1,8})(?:, (?:Issue|No\.) (?P<issue>\w{1,8}))?, "
    r"Pages? (?P<pages>[\w–-]{1,20}): (?=\S)"
)


def _texts(fields: _Fields, channel: _Fields, draft: Draft) -> tuple[list[Block], dict[str, str]]:
    """The longest text of an item without what is no abstract, and the facts that its texts tell."""
    best: list[Block] = []
    length = 0
    told: dict[str, str] = {}
    title = _first(fields, "title", "dc:title").casefold()
    journals = {*_all(fields, "prism:publicationname", "dc:source"), _journal(_first(channel, "title"))}
    names = (
        "content:encoded", "content", "summary", "description", "dc:description", "dcterms:abstract", "prism:teaser",
        "media:description", "x:abstract", "x:encoded",
    )  # fmt: skip
    for name in names:
        for value in fields.get(name, ()):
            text = _clean(value.text)
            kind = value.attributes.get("type", "").lower()
            if "/" in kind and not re.match(r"text/|[\w.+/-]*(?:xml|html)", kind):
                draft.tell("note", "no-text", f"<{name}> holds {kind[:60]}, which is no text; it was left out")
                continue
            if len(text) > _LONGEST_TEXT:
                message = f"<{name}> has {len(text)} characters; it was cut after {_LONGEST_TEXT}"
                draft.tell("warning", "cut", message)
                text = text[:_LONGEST_TEXT]
            if not text.strip():
                continue
            text = _HIGHWIRE_HEADING.sub(r"<\1h4>", text)
            raw = [Block(text=RichText.of((text,)))] if _is_literal(value) else markup.blocks(text)
            found = [
                block for block in _abstract_blocks(raw, told) if block.text.plain not in journals or block.heading
            ]
            size = sum(len(block.text.plain) for block in found)
            if size > length and " ".join(block.text.plain for block in found).casefold().strip(" .") != title:
                best, length = found, size
    return best, told


_BY: Final = re.compile(r"[Bb]y (?=[^\W\d_a-z][\w.’'-]{0,30} )")
_HIGHWIRE_HEADING: Final = re.compile(r"<(/?)st>")


def _abstract_blocks(blocks: list[Block], told: dict[str, str]) -> Iterator[Block]:
    """Blocks without citations and lines such as ``Source: …``, which become facts."""
    started = False
    for n, block in enumerate(blocks):
        text = block.text.plain
        if not started and text.strip(" :.").lower() == "abstract":
            continue
        if block.heading or len(text) > 3000:
            yield block
            started = started or not block.heading
            continue
        if not started and n + 1 < len(blocks) and (match := _BY.match(text)) and not text.endswith("."):
            told.setdefault("authors", text[match.end() :])  # PLOS
            continue
        at = 0 if started else _citation(text, told)
        rest = text[at:]
        if not started and _KEYS.match(rest):
            for line in _AGAIN.split(rest):
                if match := _KEYS.match(line):
                    told.setdefault(match["key"].lower(), line[match.end() :].strip())
            continue
        if match := _ARXIV.match(rest):
            told.setdefault("arxiv", match["id"])
            at += match.end()
            rest = text[at:]
        for match in re.finditer(r"\bPMID\s?:\s?(\d{1,9})\b", rest) if len(rest) < 300 else ():
            told.setdefault("pmid", match[1])
        if _NOISE.fullmatch(rest) or not rest.strip():
            if match := _LABELLED_DOI.search(rest):
                told.setdefault("doi", match[1])
            continue
        started = True
        yield block if not at else Block(text=RichText.of(markup.sliced(block.text, at, len(text))))


def _citation(text: str, told: dict[str, str]) -> int:
    """Where a citation that opens a text ends; what it says is kept."""
    head = text[:500]
    for pattern in _CITATIONS:
        if match := pattern.match(head):
            for key, value in match.groupdict().items():
                if value:
                    told.setdefault(key, value.strip())
            return match.end()
    return 0


# --- Identifiers -----------------------------------------------------------------------------------------------------

_DOI_IN_ADDRESS: Final = re.compile(r"\b(10\.\d{4,9}/[^\s?#<>\"&]{1,200})")
_WHOLE_DOI: Final = re.compile(r"(?:doi\s?[:=]\s?|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S{1,250})", re.IGNORECASE)
_BEHIND_DOI: Final = re.compile(
    r"(?:/(?:abstract|full|fulltext|pdf|epdf|html|meta|summary|full-text|references)(?:/.{0,40})?"
    r"|\.(?:abstract|full|full-text|short|pdf|full\.pdf))$"
)
_PREPRINT: Final = re.compile(
    r"10\.(?:1101/(?:\d{6}$|20)|64898/|48550/|21203/rs|20944/preprints|31219/|31234/|2139/ssrn|26434/|12688/f1000)",
    re.IGNORECASE,
)


def _add_identifiers(fields: _Fields, channel: _Fields, told: dict[str, str], draft: Draft) -> None:
    texts = [*_all(fields, "prism:doi", "arxiv:doi", "x:doi", "dc:identifier", "dcterms:identifier", "prism:url")]
    texts += [value.attributes.get("resource", "") for value in fields.get("dc:identifier", ())]
    has_doi = False
    pmid = told.get("pmid", "")
    for text in texts:
        if match := _WHOLE_DOI.fullmatch(text):
            if not has_doi:
                draft.ids.append(match[1])
            has_doi = True
        elif match := re.fullmatch(r"(?:pmid|pubmed)\s?[:=]\s?(\d{1,9})", text, re.IGNORECASE):
            pmid = pmid or match[1]
        elif match := re.fullmatch(r"(?:pmcid?\s?[:=]\s?)?(PMC\d{1,9})", text, re.IGNORECASE):
            draft.ids.append(f"PMCID:{match[1].upper()}")
        elif re.match(r"(?:isbn|issn)\b", text, re.IGNORECASE):
            draft.ids.append(text)
    links = list(_addresses(fields, channel))
    names = [*_all(fields, "guid", "id", "@about"), *links, *_all(fields, "dc:identifier", "prism:url")]
    for value in fields.get("link", ()):
        names += [value.attributes.get("href", "")] if value.attributes.get("title") == "doi" else []
    if not has_doi and "doi" in told:
        draft.ids.append(told["doi"].rstrip(".,;)"))
        has_doi = True
    for name in names:
        if match := re.search(r"(?:pubmed[:/]|pubmed\.ncbi\.nlm\.nih\.gov/|PMID:)(\d{1,9})\b", name):
            pmid = pmid or match[1]
        if not has_doi and (match := _DOI_IN_ADDRESS.search(urllib.parse.unquote(name))):
            doi = _BEHIND_DOI.sub("", match[1]).rstrip("/.,;")
            if re.match(r"10\.(?:1101|64898)/", doi):
                doi = re.sub(r"v\d{1,2}$", "", doi)
            elif doi.startswith("10.1093/"):
                doi = re.sub(r"/\d{5,9}$", "", doi)  # Oxford's number of the page
            draft.ids.append(doi)
            has_doi = True
    if not has_doi:
        for name in ("source", "dc:source"):
            for text in _all(fields, name):
                if not has_doi and (match := _LABELLED_DOI.search(text)):
                    draft.ids.append(match[1].rstrip(".,;"))
                    has_doi = True
    if pmid:
        draft.ids.append(f"PMID:{pmid}")
    draft.ids += links[:1]
    for value in (*fields.get("prism:issn", ()), *fields.get("prism:eissn", ())):
        draft.issn += [value.text.strip()] if value.text.strip() else []
    if not draft.issn:
        draft.issn = [text for text in _all(channel, "prism:issn", "prism:eissn") if text]


def _addresses(fields: _Fields, channel: _Fields) -> Iterator[str]:
    """The addresses of an item's own page, absolute, the likeliest first."""
    base = _first(fields, "@base") or _first(channel, "@base")
    if not base.startswith(("http://", "https://")):
        base = next((link for link in _links(channel) if link.startswith(("http://", "https://"))), "")
    guids = [
        value.text.strip()
        for value in fields.get("guid", ())
        if value.attributes.get("ispermalink", "true").lower() == "true"
    ]
    about = [value.text.strip() for value in fields.get("@about", ())]
    for link in (
        *_all(fields, "feedburner:origlink"),
        *_links(fields),
        *guids,
        *about,
        *_all(fields, "prism:url", "id"),
    ):
        address = link
        if base and not re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:", link) and link in _links(fields):
            try:
                address = urllib.parse.urljoin(base, link)
            except ValueError:
                continue
        if re.fullmatch(r"https?://[^\s<>\"]{3,1900}", address):
            yield address


def _links(fields: _Fields) -> list[str]:
    return [
        link
        for value in fields.get("link", ())
        if value.attributes.get("rel", "alternate") == "alternate"
        and (link := "".join(without_control(value.attributes.get("href") or value.text).split()))
    ]


# --- Journal, volume, pages ------------------------------------------------------------------------------------------

_CHANNEL: Final = (
    re.compile(r"^(?P<name>(?:bio|med)Rxiv)\b.{0,200}$", re.IGNORECASE),
    re.compile(r"^.{0,200}\bupdates on (?P<name>arXiv)\.org$"),
    re.compile(r"^(?:Latest Results for|Table of Contents for|Recent Articles in|Latest Articles (?:from|in)|"
               r"Newest Articles (?:from|in)|ScienceDirect Publication:|New issue of|RSS feed for)\s?"
               r"(?P<name>.{2,200})$",
               re.IGNORECASE),
    re.compile(r"^[^:]{2,60}: (?P<name>.{2,200}?): (?:Table of Contents?|Latest Articles.{0,40}|Ahead of Print|"
               r"Early ?View|Current Issue|Latest Issue|Accepted Articles?)$", re.IGNORECASE),
)  # fmt: skip
_CHANNEL_TAIL: Final = re.compile(
    r"(?:\s?[-–—|:]\s?|,?\s)(?:(?:the )?(?:current|latest|new|recent|online first|most recent)(?: online)? "
    r"(?:issues?|articles?|papers?|content|results?)|advance access|ahead of print|early ?view|table of contents?|"
    r"e?toc|online first|articles in press|issue|nature\.com (?:science|subject) feeds|recent issues|rss(?: feed)?|"
    r"open access articles|latest articles \([^()]{2,40}\)|new and recent articles|"
    r"sciencedirect|vol(?:ume|\.) \d.{0,60})$",
    re.IGNORECASE,
)
_NO_JOURNAL: Final = re.compile(r"\b(?:pubmed|search(?: results)?|alerts?|my ncbi|query)\b", re.IGNORECASE)


def _journal(title: str) -> str:
    """The journal that a channel's title means: ``JOP`` of ``JOP - Current issue``; empty for a search."""
    for pattern in _CHANNEL:
        if match := pattern.match(title):
            title = match["name"]
            break
    for _ in range(3):
        shorter = _CHANNEL_TAIL.sub("", title).strip(" -–—|:,")
        if shorter == title or not shorter:
            break
        title = shorter
    return "" if _NO_JOURNAL.search(title) else title


_SERVERS: Final = {
    "biorxiv": "bioRxiv", "medrxiv": "medRxiv", "arxiv": "arXiv", "chemrxiv": "ChemRxiv",
    "researchsquare": "Research Square", "preprints": "Preprints",
}  # fmt: skip
_SERVER: Final = re.compile(rf"//(?:[\w-]{{1,30}}\.)?({'|'.join(_SERVERS)})\.(?:org|com)/", re.IGNORECASE)


def _add_place(fields: _Fields, channel: _Fields, told: dict[str, str], draft: Draft) -> None:
    """Journal, volume, issue, pages, meeting: from PRISM, or else from what texts and the channel tell."""
    for source in ("dc:source", "source"):
        for text in _all(fields, source):
            if not text.startswith(("http:", "https:")) and not _citation(text, told):
                told.setdefault("journal" if source == "dc:source" else "blog", text.rstrip(" ;,."))
    if "source" in told and not _citation(told["source"], told):
        told.setdefault("journal", told["source"])
    told.update({"journal": told["journal"].strip()} if "journal" in told else {})
    draft.container = (
        _first(fields, "prism:publicationname")
        or told.get("journal", "")
        or _first(channel, "prism:publicationname")
        or told.get("blog", "")
        or _journal(_first(channel, "title"))
    )
    if not _first(fields, "prism:publicationname") and any(map(_PREPRINT.match, draft.ids)):
        # The channel of a subject is called after the subject; the server is in the address.
        server = next((found for text in draft.ids if (found := _SERVER.search(text))), None)
        draft.container = _SERVERS[server[1].lower()] if server else draft.container
    draft.volume = _first(fields, "prism:volume", "x:volume") or told.get("volume", "")
    draft.issue = _first(fields, "prism:number", "prism:issueidentifier", "x:issue") or told.get("issue", "")
    draft.supplement = _first(fields, "prism:supplement") or told.get("supplement", "")
    start, end = _first(fields, "prism:startingpage"), _first(fields, "prism:endingpage")
    draft.pages = f"{start}-{end}" if start and end else start or _first(fields, "prism:pagerange", "prism:pages")
    draft.pages = draft.pages or told.get("pages", "").rstrip(".")
    draft.article_number = _first(fields, "prism:articlenumber", "prism:elocationid", "prism:enumber", "prism:eid")
    reference = _first(fields, "arxiv:journal_reference", "arxiv:journal_ref")
    event = _first(fields, "prism:event", "prism:conference") or (
        reference if re.search(r"\b(?:Conference|Symposium|Workshop|Congress|Meeting)\b", reference) else ""
    )
    if event:
        draft.meeting = Meeting(name=event)


# --- Title, people, date, kind ---------------------------------------------------------------------------------------

_SECTION: Final = re.compile(r"\[(?P<section>[A-Za-z][A-Za-z &/,’'-]{2,60})\] (?=\S)")
_SECTION_WORDS: Final = re.compile(
    r"\b(?:articles?|research|reviews?|editorials?|comment\w*|correspondence|letters?|news|perspectives?|viewpoints?|"
    r"series|reports?|brief|original|case|clinical|asap|special|corrections?|errat(?:um|a)|obituary|profile|features?|"
    r"essays?|communications?|highlights?|cover|focus|biology|medicine|sciences?|physics|chemistry|genetics|"
    r"immunology|neuroscience|oncology|rapid|first|papers?|advance|press|abstracts?|guidelines?|trials?|education|"
    r"practice|opinion|analysis|methods?|resources?|insights?|in this issue|in context)\b",
    re.IGNORECASE,
)


def _add_title(fields: _Fields, draft: Draft) -> None:
    values = [value for name in ("title", "dc:title", "x:title", "media:title") for value in fields.get(name, ())]
    texts = [rich for value in values if (rich := _rich(_limited(value, draft)))]
    if not texts:
        return
    title = texts[0]
    flat = title.plain
    clean = next((rich for rich in texts[1:] if rich.plain and flat.endswith(rich.plain) and rich != title), None)
    if match := _MDPI.match(flat):
        draft.container = draft.container or match["journal"]
        draft.volume, draft.issue = draft.volume or match["volume"], draft.issue or match["issue"] or ""
        draft.pages = draft.pages or draft.article_number or match["pages"]
        title = clean or RichText.of(markup.sliced(title, match.end(), len(flat)))
    elif match := _SECTION.match(flat):
        section = match["section"]
        if _SECTION_WORDS.search(section) or section == _first(fields, "prism:section", "category", "dc:subject"):
            draft.track = section
            title = RichText.of(markup.sliced(title, match.end(), len(flat)))
    draft.title = title


def _limited(value: Value, draft: Draft) -> Value:
    if len(value.text) <= _LONGEST_TITLE:
        return value
    message = f"a title of {len(value.text)} characters was cut after {_LONGEST_TITLE}"
    draft.tell("warning", "cut", message)
    return Value(value.text[:_LONGEST_TITLE], value.attributes, value.literal)


# RSS 2.0: "a@b.c (Jane Roe)"; also "Jane Roe <a@b.c>", "Jane Roe, a@b.c". Every repetition ends at a blank.
_EMAIL: Final = re.compile(r"(?:mailto:)?[^\s@<>()]{1,64}@[^\s@<>()]{1,190}")


def _add_people(fields: _Fields, told: dict[str, str], draft: Draft) -> None:
    values = next(
        (found for name in ("dc:creator", "author", "x:author", "media:credit", "dc:contributor",
                                 "contributor", "itunes:author")
         if (found := [value for value in fields.get(name, ()) if value.text.strip()])), [],
    )  # fmt: skip
    for value in values:
        text = without_control(_clean(value.text)).strip()
        if len(text) > 100_000:
            draft.tell("warning", "cut", f"a list of authors of {len(text)} characters was left out")
            continue
        text = markup.plain(text) if "<" in text or "&" in text else text
        if "@" in text:
            text = _without_email(text)
            if not text:
                draft.tell("note", "no-name", "an author has an e-mail address alone; it was left out")
                continue
        if "," in text:
            text = " ".join(text.split())
        elif "\n" in text:
            text = "\n".join(line.strip() for line in text.splitlines() if line.strip())
        affiliation = value.attributes.get("affiliation", "")
        if affiliation or (len(values) > 1 and not re.search(r";|\n| and |,.*,", text)):
            draft.add_author(" ".join(text.split()), [affiliation] if affiliation else [])
        else:
            draft.add_people(text)
    if not draft.authors:
        for key in ("author(s)", "authors", "author"):
            if told.get(key):
                draft.add_people(told[key])
                break


def _without_email(text: str) -> str:
    if match := re.search(r"\(([^()@]{2,2000})\)", text):
        return match[1].strip()
    return _EMAIL.sub("", text).strip(" <>(),;\t\r\n")


def _issued(fields: _Fields, told: dict[str, str], draft: Draft) -> PartialDate | None:
    names = (
        "prism:publicationdate", "prism:coverdate", "dc:date", "dcterms:issued", "dcterms:available",
        "prism:coverdisplaydate", "published", "pubdate", "issued", "dcterms:created", "created", "updated", "modified",
        "dcterms:modified", "x:date",
    )  # fmt: skip
    texts = []
    for name in names:
        values = list(_all(fields, name))
        # An element that may stand once stands twice, and one of its dates cannot be: who knows which was meant?
        if len(values) > 1 and any(read_date(text) is None for text in values):
            draft.tell(
                "warning", "odd-date", f"“{'” and “'.join(values)[:120]}”: the date stands twice; neither was taken"
            )
        else:
            texts += values
    told_dates = [told[key] for key in ("publication date", "date", "published", "year") if key in told]
    # A citation's date is the issue's; the feed's pubDate is when the feed was made.
    has_own = any(name in fields for name in names[:6])
    for text in (*texts, *told_dates) if has_own else (*told_dates, *texts):
        if date := read_date(text):
            return date
    if texts:
        draft.tell("note", "odd-date", f"“{texts[0][:60]}” is no date; the record has none")
    return None


_ANNOUNCEMENT: Final = re.compile(
    r"(?:issue information|cover (?:image|picture|feature)|(?:inside )?(?:front|back) (?:cover|matter)|masthead|"
    r"(?:table of )?contents|editorial board|(?:author|subject|reviewer)s?(?: and \w+)? index|"
    r"information for authors|instructions (?:to|for) authors|in this issue|list of reviewers|(?:title|cover) page|"
    r"acknowledge?ment (?:to|of) reviewers|call for (?:papers|abstracts)|announcements?|calendar)"
    r"(?=\s?(?:$|[,:;(|–-]|vol|issue))",
    re.IGNORECASE,
)


def _add_kind(fields: _Fields, told: dict[str, str], draft: Draft) -> None:
    """Sets the type where an item is no article: a preprint, a page of the issue, a news item."""
    dois = [text for text in draft.ids if text.startswith("10.")]
    journal = draft.container
    title = draft.title.plain
    if any(map(_PREPRINT.match, dois)) or re.fullmatch(
        r"(?:bio|med|chem)Rxiv|(?:ar|psyar|socar)Xiv|SSRN|Research Square|Preprints(?:\.org)?", journal, re.IGNORECASE
    ):
        draft.type = "preprint"
    elif _ANNOUNCEMENT.match(title) and not draft.authors:
        draft.type = "other"
    elif re.search(r"\babs(?:tr|tract)?\b\.?\s?#?[A-Za-z]{0,4}\d", title, re.IGNORECASE):
        draft.type = "article"  # finish() sees the number and makes it an abstract
    elif not (
        dois or draft.volume or draft.issue or draft.pages or draft.issn or "journal" in told
        or any(key.startswith(("prism:", "arxiv:")) for key in fields)
        or any(text.startswith("PM") for text in draft.ids) or abbreviation(journal) or journal_of(journal)
    ):  # fmt: skip
        draft.type = "web"
