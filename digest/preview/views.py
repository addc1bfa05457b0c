"""What the processes of a preview send each other: a view, its HTML, pictures of its pages, their layout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from digest.build import EntryName
from digest.errors import Problem
from digest.render.origins import Block


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
        html: the document; what is large in it is at ``/asset/NAME``.
        assets: media type and bytes of these, by name.
        menu: kind, id and title of each section and entry of the issue.
        problems: warnings and notes.
    """

    html: str
    assets: Mapping[str, tuple[str, bytes]]
    menu: tuple[tuple[str, str, str], ...]
    problems: tuple[Problem, ...]


class PageImage(msgspec.Struct, frozen=True, kw_only=True):
    """The picture of a page.

    Attributes:
        page: number of the page, counted from 0.
        name: digest of its pixels.
        size: width and height in pixels.
        label: the page's label, such as ``332``.
        blocks: what made each box of it.
        png: the picture; nothing when the one who asks has it.
    """

    page: int
    name: str
    size: tuple[int, int]
    label: str
    blocks: tuple[Block, ...]
    png: bytes | None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """How far the pages of a view are.

    Attributes:
        doing: what is being done, in words.
        done: how many pages are done, or how many attempts were made.
        about: how many there will be, as far as that is known; 0 where it is not.
        attempts: whether attempts are counted, not pages.
    """

    doing: str
    done: int = 0
    about: int = 0
    attempts: bool = False


class BuiltPages(msgspec.Struct, frozen=True, kw_only=True):
    """The pages of the PDF that ``digest build`` has made last.

    Attributes:
        stamp: time and size of the file; empty where there is none.
        names: the names that pictures of its pages have.
    """

    stamp: str = ""
    names: tuple[str, ...] = ()


class PageSet(msgspec.Struct, frozen=True, kw_only=True):
    """All pages of a view, once they are made.

    Attributes:
        pages: name, width, height and label of the picture of each page.
        places: page of each HTML id, and how far down and to the right it is.
        parts: digest of the HTML of each entry, by id.
        problems: what was found in the finished pages.
        inputs: digest of all that the pages were made of.
        from_right: whether pages follow each other from right to left.
        left_out: entries with which the pages cannot be made: a digest of what they are made of, and the warning.
    """

    pages: tuple[tuple[str, int, int, str], ...]
    places: Mapping[str, tuple[int, float, float]]
    parts: Mapping[str, str]
    inputs: str = ""
    problems: tuple[Problem, ...]
    from_right: bool = False
    left_out: Mapping[EntryName, tuple[str, Problem]] = {}
