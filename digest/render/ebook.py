"""What the templates of an EPUB see besides the issue: the page, the section that it belongs to, the contents."""

from __future__ import annotations

from typing import Literal

import msgspec
from markupsafe import Markup

from digest.render.figures import Figure
from digest.text import RichText


class EpubPage(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an EPUB.

    Attributes:
        kind: what it is.
        file: its name.
        title: its title, for `<title>`.
    """

    kind: Literal["cover", "contents", "section", "article", "index", "about"]
    file: str
    title: str


class EpubLink(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the contents.

    Attributes:
        href: where it leads: `#` and an HTML id of the issue.
        title: what it is called.
        label: what comes before the title, such as the number of an abstract; may be empty.
        language: the language of the title; empty for that of the issue.
        kind: what it leads to, by its `epub:type`; empty but in the list of landmarks.
        status: `withdrawn` or `corrected`, of an abstract; empty when it is neither.
        within: the lines under it.
    """

    href: str
    title: RichText
    label: str = ""
    language: str = ""
    kind: str = ""
    status: str = ""
    within: tuple[EpubLink, ...] = ()


class EpubSection(msgspec.Struct, frozen=True, kw_only=True):
    """A section of the issue, or a track.

    Attributes:
        id: HTML id.
        title: heading.
        intro: a paragraph under the heading; may be empty.
        pictures: pictures at its head.
        accent: its own colour; empty where it has that of the theme.
        part: which of its files this is, counted from 1; only the first has the head.
        links: its entries, where some are files of their own; only in the first file.
    """

    id: str
    title: RichText
    intro: Markup
    pictures: tuple[Figure, ...]
    accent: str
    part: int
    links: tuple[EpubLink, ...]
