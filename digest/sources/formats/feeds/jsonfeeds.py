"""The records of a JSON Feed (versions 1 and 1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from digest.sources.formats.feeds.elements import not_a_feed
from digest.sources.formats.feeds.items import record_of
from digest.sources.formats.feeds.values import Fields, Value
from digest.sources.page import each
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import cut_off, json_until_break

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Outcome, Page


# --- JSON Feed -------------------------------------------------------------------------------------------------------


def json_records(page: Page) -> Iterator[Outcome]:
    """The items of a JSON Feed (versions 1 and 1.1)."""
    feed, broken = json_until_break(page)
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        raise not_a_feed("JSON without a list of “items”", page)
    channel: Fields = {}
    for name, key in (("title", "title"), ("home_page_url", "link"), ("language", "language")):
        if text := _string(feed.get(name)):
            channel[key] = [Value(text, literal=True)]

    def outcome_of(numbered: tuple[int, object]) -> Outcome:
        count, item = numbered
        draft = Draft(page, f"item {count}", msgspec.json.encode(item))
        if isinstance(item, dict):
            return record_of(_json_fields(item), channel, draft)
        return draft.refuse("not-an-item", f"expected an object, found {type(item).__name__}")

    yield from each(page, enumerate(items, 1), outcome_of, called="item")
    if not items:
        yield page.problem("note", "no-items", "the feed is whole but holds no items")
    yield from cut_off(page, broken)


def _json_fields(item: dict[str, Any]) -> Fields:
    found: Fields = {}
    names = {
        "id": "guid",
        "url": "link",
        "external_url": "link",
        "title": "title",
        "content_html": "content:encoded",
        "content_text": "description",
        "summary": "description",
        "date_published": "published",
        "date_modified": "updated",
        "language": "dc:language",
    }
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
