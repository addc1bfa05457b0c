"""What programs read of a site whose address is known: a feed, a map of its pages, and where that map is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.render.context import DigestEntry, IssueContext

FEED: Final = "feed.xml"
_MOST: Final = 100  # entries of a feed: readers of feeds show the newest


def feed(issue: IssueContext, address: str, entries: Sequence[tuple[str, ArticleEntry | DigestEntry]]) -> str:
    """An Atom feed (RFC 4287) of an issue: its articles, then its abstracts, a hundred at most.

    Args:
        issue: the issue.
        address: where the site is.
        entries: the articles and abstracts, each with its page.
    """
    when = f"{issue.date.year:04}-{issue.date.month or 1:02}-{issue.date.day or 1:02}T00:00:00Z"
    publisher = issue.publication.publisher or issue.publication.title
    listed = sorted(entries, key=lambda pair: not isinstance(pair[1], ArticleEntry))[:_MOST]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(issue.publication.language)}>',
        f"<title>{escape(f'{issue.publication.title}: {issue.full_title}')}</title>",
        f"<id>{escape(address)}</id>",
        f"<updated>{when}</updated>",
        f"<author><name>{escape(publisher)}</name></author>",
        f'<link rel="self" href={quoteattr(address + FEED)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(address)}/>',
    ]
    for file, entry in listed:
        people = "".join(f"<author><name>{escape(person.full)}</name></author>" for person in entry.authors[:20])
        number = f"#{entry.number} " if not isinstance(entry, ArticleEntry) and entry.number else ""
        summary = (entry.summary if isinstance(entry, ArticleEntry) else entry.why).striptags()
        lines += [
            "<entry>",
            f"<title>{escape(number + entry.title.plain)}</title>",
            f"<id>{escape(address + file)}</id>",
            f"<updated>{when}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(address + file)}/>',
            *([people] if people else []),
            *([f"<summary>{escape(summary)}</summary>"] if summary else []),
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>", ""])


def sitemap(address: str, files: Iterable[str]) -> str:
    """A map of the pages of a site (sitemaps.org 0.9)."""
    lines = [f"<url><loc>{escape(address + file)}</loc></url>" for file in files]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return "\n".join([head, *lines, "</urlset>", ""])


def robots(address: str) -> str:
    """Where the map is. Search engines read this file at the root of a server only."""
    return f"User-agent: *\nAllow: /\nSitemap: {address}sitemap.xml\n"
