"""Figures as templates see them, with the room that each takes on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from markupsafe import Markup

from digest import picture
from digest.model import Width
from digest.publication import Picture

if TYPE_CHECKING:
    from pathlib import Path

    from digest.publication import PlainPicture

WIDE: Final = 2.0  # times as wide as high: in one column of two its labels are too small to be read


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A picture.

    Attributes:
        id: HTML id; empty outside of articles.
        number: number within its article, counted from 1; 0 outside of articles.
        src: address for ``<img src>``.
        alt: what it shows, in words.
        caption: caption.
        credit: who made it.
        width: the room it takes on paper: `column`, `page` (all columns) or `landscape` (a turned page).
    """

    id: str
    number: int
    src: str
    alt: str
    caption: Markup
    credit: str
    width: Width = "column"


def figure_of(declared: PlainPicture, folder: Path, caption: Markup, anchor: str, number: int) -> Figure:
    """The figure of a picture that an editor declared; one that is at least twice as wide as high takes the page.

    Args:
        declared: the picture.
        folder: the folder of the issue.
        caption: its caption.
        anchor: its HTML id; empty outside of articles.
        number: its number within the article; 0 outside of articles.
    """
    path = folder / declared.file
    wide = picture.proportion(path) >= WIDE
    wanted = declared.width if isinstance(declared, Picture) else None
    return Figure(
        id=anchor,
        number=number,
        src=str(path),
        alt=declared.alt,
        caption=caption,
        credit=declared.credit,
        width=wanted or ("page" if wide else "column"),
    )
