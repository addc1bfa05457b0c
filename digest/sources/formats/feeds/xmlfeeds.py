"""The records of an XML feed: of a well-formed one, of one that can be repaired, or item by item."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from digest.sources.formats.feeds.elements import (
    channel_of,
    fields_of,
    items_of,
    local_name,
    not_a_feed,
    raw_bytes,
    tree_of,
)
from digest.sources.formats.feeds.items import record_of
from digest.sources.formats.feeds.values import Fields, Value
from digest.sources.page import each
from digest.sources.shared import lenient, xmlpages
from digest.sources.shared.draft import Draft
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from digest.sources.page import Outcome, Page


_LONGEST_RUN: Final = 2**20  # of text without a tag; lxml refuses 10 MB


def xml_records(root: _Element, page: Page) -> Iterator[Outcome]:
    """The records of a well-formed feed.

    Raises:
        DigestError: it is not a feed.
    """
    if local_name(root) not in {"rss", "rdf", "feed", "channel", "entry"}:
        raise not_a_feed(f"XML whose first element is <{local_name(root)}>", page)
    channel = channel_of(root)
    items = list(items_of(root))

    def outcome_of(numbered: tuple[int, _Element]) -> Outcome:
        count, item = numbered
        return record_of(fields_of(item), channel, Draft(page, f"item {count}", raw_bytes(item)))

    yield from each(page, enumerate(items, 1), outcome_of, called="item")
    if not items:
        yield page.problem("note", "no-items", "the feed is well-formed but holds no items")


# --- What is not well-formed -----------------------------------------------------------------------------------------

_TAG: Final = re.compile(r"<(/?)((?:[A-Za-z][\w.-]{0,40}:)?)(item|entry)(?=[\s/>])[^<>]{0,5000}>")
_PREFIX: Final = re.compile(r"(?:</?|\s)([A-Za-z][\w.-]{0,40}):[A-Za-z]")
_XMLNS: Final = re.compile(r"""\sxmlns(?::([\w.-]{1,40}))?\s*=\s*("[^"<>]{0,500}"|'[^'<>]{0,500}')""")
_KNOWN_PREFIXES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "cc": "http://web.resource.org/cc/",
    "arxiv": "http://arxiv.org/schemas/atom",
}


def repaired_records(text: str, page: Page) -> Iterator[Outcome]:
    """The records of a feed that is not well-formed.

    Raises:
        DigestError: it is not a feed.
    """
    if not re.search(r"<(?:[\w.-]{1,40}:)?(?:rss|RDF|feed|channel|item|entry)\b", text, re.IGNORECASE):
        raise not_a_feed("neither a feed nor well-formed XML", page)
    where = _syntax_error(text)
    run = re.compile(rf"([^<]{{{_LONGEST_RUN}}})[^<]+")
    text, cut = run.subn(r"\1", text)
    if cut:
        message = f"a text of more than {_LONGEST_RUN} characters was cut there; compare it with its source"
        yield page.problem("warning", "cut", message)
    text = xmlpages.repaired(text)
    if (root := tree_of(text)) is not None:
        if not cut:
            message = f"the feed is not well-formed XML ({where}); its characters and references were repaired"
            yield page.problem("note", "not-well-formed", message)
        yield from xml_records(root, page)
        return
    message = f"the feed is not well-formed XML ({where}); it was read item by item: check its records"
    yield page.problem("warning", "not-well-formed", message)
    yield from _one_by_one(text, page)


def _syntax_error(text: str) -> str:
    try:
        etree.fromstring(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), xmlpages.strict_parser("utf-8"))
    except (etree.XMLSyntaxError, ValueError) as error:
        return without_control(str(error))[:200]
    return "a reference to an undeclared entity"


def _pieces(text: str) -> tuple[str, list[str]]:
    """The text before the first item, and the items, an unclosed one up to the next."""
    starts: list[int] = []
    ends: dict[int, int] = {}  # of an item, by its start
    at = 0
    inside = False
    for piece, inert in xmlpages.sections(text):
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
    """Each item of a broken feed by itself: a broken item does no harm to its neighbours."""
    head, items = _pieces(text)
    prefixes = dict.fromkeys(match[1] for match in _PREFIX.finditer(text[:2_000_000]))
    spaces = {match[1] or "": match[2] for match in _XMLNS.finditer(head[:50_000])}
    for prefix in prefixes:
        if prefix.lower() not in {"xml", "xmlns", "http", "https"}:
            spaces.setdefault(prefix, f'"{_KNOWN_PREFIXES.get(prefix.lower(), f"urn:undeclared:{prefix}")}"')
    declared = "".join(f" xmlns{':' if prefix else ''}{prefix}={value}" for prefix, value in spaces.items())
    opening = f"<feed{declared}>"
    channel = _head_fields(head, opening)
    trees = [tree_of(f"{opening}{item}</feed>") for item in items]
    broken = [n for n, tree in enumerate(trees) if tree is None]
    rescued = dict(zip(broken, lenient.read([f"{opening}{items[n]}</feed>" for n in broken]), strict=True))

    def outcome_of(numbered: tuple[int, tuple[str, _Element | None]]) -> Outcome:
        n, (item, tree) = numbered
        found = [fields_of(element) for element in items_of(tree)] if tree is not None else []
        draft = Draft(page, f"item {n + 1}", item.encode("utf-8", "replace"))
        if found:
            return record_of(found[0], channel, draft)
        if isinstance(given := rescued.get(n, "it holds nothing"), str):
            return draft.refuse("not-well-formed", f"this item is not well-formed XML and could not be read: {given}")
        draft.tell("warning", "not-well-formed", "this item is not well-formed XML: compare it with its source")
        fields = {key: [Value(text) for text in texts] for key, texts in given.items()}
        return record_of(fields, channel, draft)

    yield from each(page, enumerate(zip(items, trees, strict=True)), outcome_of, called="item")
    if not items:
        yield page.problem("error", "no-items", "the feed is broken before its first item; nothing could be read")


def _head_fields(head: str, opening: str) -> Fields:
    """The channel of a broken feed, as far as single elements give it."""
    found: Fields = {}
    names = r"title|link|prism:publicationName|prism:issn|prism:volume|dc:publisher|dc:language|language"
    for match in re.finditer(rf"<({names})>([^<]{{1,500}}|<!\[CDATA\[[^<\]]{{1,500}}\]\]>)</\1>", head[:50_000]):
        tree = tree_of(f"{opening}{match[0]}</feed>")
        if tree is not None:
            for key, values in fields_of(tree).items():
                found.setdefault(key, []).extend(values)
    return found
