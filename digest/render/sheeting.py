"""Divides a large issue: which abstracts, or names of an index, are laid out together and begin on a new page."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.render.indexes import IndexLetter, by_letter

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.render.context import EntryContext, IssueContext, TrackContext
    from digest.render.indexes import IndexLine

JOINT: Final = "<!--joint-->"  # what templates print where a document may be cut, because a page begins there
_LINES: Final = 500  # of an index, laid out together
_LISTED: Final = 200  # entries of the contents, laid out together


class Sheeting(msgspec.Struct, frozen=True, kw_only=True):
    """How a theme wants a large issue to be divided.

    Attributes:
        most: how many entries are laid out together.
        least: from how many entries on an issue is large.
    """

    most: int
    least: int

    def divided(self, issue: IssueContext) -> IssueContext:
        """The issue in sheets, if it is large.

        A track with more entries than go on a sheet is divided evenly. Shorter tracks share one, as far as they fit. So
        they do in the contents, where none is divided.
        """
        if sum(len(track.entries) for track in issue.tracks) < self.least:
            return issue
        tracks: list[TrackContext] = []
        room, lines = 0, _LISTED
        for track in issue.tracks:
            count = len(track.entries)
            turns = bool(tracks) and count > lines
            lines = (_LISTED if turns else lines) - count
            opens = bool(tracks) and count > room
            room = (self.most if opens or not tracks else room) - count
            sheets = self._even(track.entries) if count > self.most else (track.entries,)
            if count > self.most:
                room = self.most - len(sheets[-1])
            tracks.append(msgspec.structs.replace(track, sheets=sheets, opens_sheet=opens, opens_contents=turns))
        return msgspec.structs.replace(
            issue,
            in_sheets=True,
            tracks=tuple(tracks),
            author_index_sheets=_lines(issue.author_index),
            keyword_index_sheets=_lines(issue.keyword_index),
            number_index_sheets=_lines(issue.number_index),
        )

    def _even(self, entries: Sequence[EntryContext]) -> tuple[tuple[EntryContext, ...], ...]:
        parts = math.ceil(len(entries) / self.most)
        ends = [round(n * len(entries) / parts) for n in range(parts + 1)]
        return tuple(tuple(entries[a:b]) for a, b in itertools.pairwise(ends))


def sheeting_of(options: Mapping[str, Any]) -> Sheeting | None:
    """How the options of a theme divide a large issue; nothing where they do not."""
    most, least = options.get("sheet_abstracts"), options.get("sheets_from")
    return Sheeting(most=int(most), least=int(least)) if most and least else None


def _lines(index: Sequence[IndexLine]) -> tuple[tuple[IndexLetter, ...], ...]:
    """The letters of an index, those together that are laid out together; a letter with many lines is divided."""
    sheets: list[list[IndexLetter]] = [[]]
    room = _LINES
    for letter in by_letter(index):
        for start in range(0, len(letter.lines), _LINES):
            some = letter.lines[start : start + _LINES]
            if len(some) > room and sheets[-1]:
                sheets.append([])
                room = _LINES
            sheets[-1].append(IndexLetter(initial=letter.initial, lines=some))
            room -= len(some)
    return tuple(tuple(sheet) for sheet in sheets)
