"""What the processes of a preview tell each other: a view, its HTML, pictures of its pages, their layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from digest.errors import Problem


class View(msgspec.Struct, frozen=True):
    """What is looked at.

    Attributes:
        kind: the whole issue, one entry, one section, or the gallery of the theme.
        id: id of the entry or section.
    """

    kind: Literal["issue", "entry", "section", "gallery"] = "issue"
    id: str = ""


class Screen(msgspec.Struct, frozen=True, kw_only=True):
    """The HTML of a view.

    Attributes:
        html: the document; what is large in it stands as ``/asset/NAME``.
        assets: media type and bytes of these, by name.
        menu: kind, id and title of each section and entry of the issue.
        problems: warnings and notes.
    """

    html: str
    assets: Mapping[str, tuple[str, bytes]]
    menu: tuple[tuple[str, str, str], ...]
    problems: tuple[Problem, ...]


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of a page.

    Attributes:
        page: number of the page, counted from 0.
        name: digest of its pixels.
        size: width and height in pixels.
        label: the page's label, such as ``332``.
        png: the picture; nothing when the one who asks has it.
    """

    page: int
    name: str
    size: tuple[int, int]
    label: str
    png: bytes | None


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """All pages of a view, once they are made.

    Attributes:
        pages: name, width, height and label of the picture of each page.
        places: page of each HTML id, and how far down and to the right it is.
        parts: digest of the HTML of each entry, by id.
        problems: what the finished pages tell.
        inputs: digest of all that the pages were made of.
    """

    pages: tuple[tuple[str, int, int, str], ...]
    places: Mapping[str, tuple[int, float, float]]
    parts: Mapping[str, str]
    inputs: str = ""
    problems: tuple[Problem, ...]
