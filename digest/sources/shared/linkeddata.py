"""The JSON-LD of a page: its objects, the one that is the article, and the journal that it is part of."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from lxml.etree import _Element

    from digest.model import RecordType

_LONGEST: Final = 200_000  # of one value

KINDS: Final[dict[str, RecordType]] = {
    "ScholarlyArticle": "article",
    "MedicalScholarlyArticle": "article",
    "PublicationIssue": "other",
    "Article": "article",
    "TechArticle": "article",
    "Report": "report",
    "Thesis": "thesis",
    "Chapter": "chapter",
    "Book": "book",
    "Dataset": "dataset",
    "NewsArticle": "web",
    "BlogPosting": "web",
    "MedicalTrial": "trial",
    "CreativeWork": "other",
    "WebPage": "web",
    "AcademicArticle": "article",
}
BEST: Final = tuple(
    """
    ScholarlyArticle MedicalScholarlyArticle AcademicArticle Thesis Chapter Report Book Dataset MedicalTrial
    TechArticle Article NewsArticle BlogPosting
""".split()
)


def objects(root: _Element) -> tuple[list[dict[str, Any]], list[str]]:
    """All objects of the page's JSON-LD, outer ones first, and what could not be read."""
    found: list[dict[str, Any]] = []
    odd: list[str] = []
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        source = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[)|(?:-->|//\]\]>)\s*$", "", script.text or "")
        try:
            # Line ends inside strings are not JSON, but publishers paste abstracts with them.
            value = msgspec.json.decode(re.sub(r"[\x00-\x1f]", " ", source).encode("utf-8", "replace"))
        except (msgspec.DecodeError, RecursionError) as error:
            odd.append(f"the page's JSON-LD is not JSON and was left out: {str(error)[:100]}")
            continue
        waiting: list[tuple[Any, int]] = [(value, 0)]
        while waiting and len(found) < 1000:
            current, depth = waiting.pop(0)
            if isinstance(current, list) and depth < 8:
                waiting += [(child, depth + 1) for child in current[:500]]
            elif isinstance(current, dict):
                found.append(current)
                inner = (current.get("@graph"), current.get("mainEntity"), current.get("mainEntityOfPage"))
                waiting += [(child, depth + 1) for child in inner if isinstance(child, dict | list) and depth < 8]
    return found, odd


def types(value: dict[str, Any]) -> set[str]:
    """The names of its types, without the vocabulary's address."""
    kinds = value.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return {name.rpartition("/")[2] for name in names if isinstance(name, str)}


def article(linked: list[dict[str, Any]]) -> dict[str, Any]:
    """The object that is the article; empty where there is none."""
    for kind in BEST:
        for value in linked:
            if kind in types(value) and (text_at(value, "headline") or text_at(value, "name")):
                known = {at: one for one in reversed(linked) if len(one) > 1 and isinstance(at := one.get("@id"), str)}
                return _resolved(value, known, 0)
    return {}


def _resolved(value: dict[str, Any], known: dict[str, dict[str, Any]], depth: int) -> dict[str, Any]:
    """An object with what it is part of in its place, where only its ``@id`` is (JSON-LD 1.1, 4.4 and 4.9)."""
    named = (
        {"@id": part} if isinstance(part, str) and part in known else part for part in many(value.get("isPartOf"))[:20]
    )
    parts = [part for part in named if isinstance(part, dict)]
    if depth > 4 or not parts:
        return value
    whole = (known.get(str(part.get("@id")), part) if len(part) == 1 else part for part in parts)
    return {**value, "isPartOf": [_resolved(part, known, depth + 1) for part in whole]}


def text_at(value: object, *path: str) -> str:
    """The text at a path of a JSON-LD object; of a list its first."""
    for name in path:
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or value.get("@id")
    return " ".join(str(value).split())[:_LONGEST] if isinstance(value, str | int | float) else ""


def title_of(article: dict[str, Any]) -> str:
    """The headline, or the name where that is the headline with a subtitle; a site's name after it is none."""
    headline, name = text_at(article, "headline"), text_at(article, "name")
    more = html.unescape(name).removeprefix(html.unescape(headline)).lstrip()
    journal = periodical(article).get("container", "")
    subtitled = (
        headline
        and more != html.unescape(name)
        and more[:1] in {":", "–", "—"}
        and more[1:].strip() not in {"", journal}
    )
    return name if subtitled or not headline else headline


def many(value: object) -> list[Any]:
    """A value as a list: none, one or several."""
    return value[:1000] if isinstance(value, list) else [value] if value else []


def periodical(article: dict[str, Any]) -> dict[str, str]:
    """Journal, volume and issue of nested ``isPartOf``."""
    out: dict[str, str] = {}
    waiting = [(article, 0)]
    while waiting:
        value, depth = waiting.pop(0)
        for name, key in (("volumeNumber", "volume"), ("issueNumber", "issue"), ("issn", "issn")):
            if text := text_at(value, name):
                out.setdefault(key, text)
        if depth and "Periodical" in types(value) | ({"Periodical"} if not types(value) else set()):
            out.setdefault("container", text_at(value, "name"))
        if depth < 5:
            waiting += [(part, depth + 1) for part in many(value.get("isPartOf")) if isinstance(part, dict)]
    return out


def numbers(article: dict[str, Any]) -> dict[str, str]:
    """The identifiers that are named by ``propertyID``, such as ``pmid``, in small letters."""
    return {
        text_at(one, "propertyID").rpartition("/")[2].lower(): text_at(one, "value")
        for one in many(article.get("identifier"))
        if isinstance(one, dict) and one.get("propertyID")
    }
