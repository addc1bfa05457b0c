"""Feeds become records: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed, with the habits of scholarly publishers.

A feed that is XML is read by lxml, which keeps every repeated element; what is not well-formed is repaired where that
is safe, cut into its items, and only an item that is still broken goes to feedparser (`digest.sources.shared.lenient`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.sources.formats.feeds.elements import decoded, refuse_declarations, tree_of
from digest.sources.formats.feeds.jsonfeeds import json_records
from digest.sources.formats.feeds.xmlfeeds import repaired_records, xml_records
from digest.sources.page import decode
from digest.sources.shared import xmlpages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Outcome, Page


def parse(page: Page) -> Iterator[Outcome]:
    """The items of a feed, each as a record or as the problem why it is not one.

    Raises:
        DigestError: it is not a feed, is too large, or declares entities.
    """
    if decode(page.head)[0].lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        yield from json_records(page)
        return
    text, problems = decoded(page)
    text, cut = xmlpages.with_few_attributes(page, text)
    yield from (*problems, *cut)
    refuse_declarations(text, page)
    root = tree_of(text)
    if root is None:
        yield from repaired_records(text, page)
        return
    yield from xml_records(root, page)
