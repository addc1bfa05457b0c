"""What the templates of a site see besides the issue: the page, the menu, groups of entries, letters of an index."""

from __future__ import annotations

from typing import Literal

import msgspec
from markupsafe import Markup

from digest.render.context import EntryContext
from digest.render.figures import Figure
from digest.text import RichText


class SiteLink(msgspec.Struct, frozen=True, kw_only=True):
    """A link to another page of the site.

    Attributes:
        href: its address, relative to the page; empty where it is the page itself.
        title: what it is called.
        label: what comes before the title, such as the number of an abstract; may be empty.
        language: the language of the title; empty for that of the issue.
    """

    href: str
    title: RichText
    label: str = ""
    language: str = ""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What all pages of a site have in common.

    Attributes:
        address: where it is on the web; empty where `sites` in `digest.yaml` is not set.
        menu: its main pages.
        feed: the address of its feed; may be empty.
    """

    address: str
    menu: tuple[SiteLink, ...]
    feed: str


class SitePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page.

    Attributes:
        kind: what it is.
        file: its name.
        title: its title, for `<title>`.
        address: where it is on the web; empty where that is not known.
    """

    kind: Literal["home", "group", "entry", "index", "search", "about"]
    file: str
    title: str
    address: str


class SiteGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A section of the issue, or a track, as a page of a site lists it.

    Attributes:
        id: HTML id.
        href: address of its first page.
        title: heading.
        intro: a paragraph under the heading; may be empty.
        pictures: pictures at its head.
        accent: its own colour; empty where it has that of the theme.
        first_number: the lowest of its abstract numbers; empty without any.
        last_number: the highest of them.
        count: how many entries it has.
        parts: the pages that list it, where there are several.
        part: which of them this is, counted from 1.
    """

    id: str
    href: str
    title: RichText
    intro: Markup
    pictures: tuple[Figure, ...]
    accent: str
    first_number: str
    last_number: str
    count: int
    parts: tuple[SiteLink, ...]
    part: int


class ListedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry where it is listed.

    Attributes:
        href: address of its page; empty for a notice or a page of the editors', which is printed in the list itself.
        entry: the entry.
    """

    href: str
    entry: EntryContext


class SiteIndex(msgspec.Struct, frozen=True, kw_only=True):
    """A page of an index.

    Attributes:
        id: `author-index`, `keyword-index` or `number-index`.
        title: its heading.
        letters: the pages of the index, where there are several; `href` is empty for this page.
        count: how many lines the whole index has.
    """

    id: str
    title: str
    letters: tuple[SiteLink, ...]
    count: int
