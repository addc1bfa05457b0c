"""Prints a document: it is cut into sheets, these are made, their pages get numbers and frames, one PDF comes of it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.csl.numerals import roman
from digest.render import fitting, origins
from digest.render.indexes import each_page_once
from digest.render.paper import assembly, cutting, frames, parts, sheet
from digest.render.sheeting import JOINT

if TYPE_CHECKING:
    from pathlib import Path

    from digest.render import tagged
    from digest.render.paper.making import Workshop

_ROUNDS: Final = 6  # of making sheets again whose numbers of pages turned out to be others
_FRAMES: Final = 100  # pages whose frames are made together


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """A PDF and what its pages show.

    Attributes:
        content: the bytes of the file.
        labels: the label of each page, such as ``ii`` or ``332``.
        anchors: the label of the page on which each HTML id is.
        ends: the label of the last page on which it is.
        places: where each HTML id is: number of the page, from 0, how far down and to the right, in CSS pixels.
        areas: of each page what is inside of its margins: left, top, right, bottom, as shares of the page.
        blocks: of each page the template and line that made each of its boxes, where the document has such marks.
        fit: what does not fit, and what was done about it.
        messages: what WeasyPrint said: message, file of a stylesheet, line.
        undrawn: problems of formulas.
        missing: characters that no font has.
        fonts: the names of the fonts inside.
    """

    content: bytes
    labels: tuple[str, ...]
    anchors: Mapping[str, str]
    ends: Mapping[str, str]
    places: Mapping[str, tuple[int, float, float]]
    areas: tuple[tuple[float, float, float, float], ...]
    blocks: tuple[tuple[origins.Block, ...], ...]
    fit: fitting.Outcome
    messages: tuple[tuple[str, str, int | None], ...]
    undrawn: tuple[Any, ...]
    missing: tuple[str, ...]
    fonts: tuple[str, ...]


class _Spot(msgspec.Struct, frozen=True):
    """A page of the document.

    Attributes:
        sheet: the sheet that it is of; -1 for one without content.
        page: which page of the sheet it is.
        side: ``left`` or ``right``.
        number: its number, as styles count.
    """

    sheet: int
    page: int
    side: str
    number: int


class Printer:
    """Prints one document."""

    def __init__(
        self,
        html: str,
        facts: tagged.Facts,
        fonts: Path | None,
        makers: Workshop,
        *,
        whole: bool = False,
        tags: bool = True,
        typeset: str = "",
    ) -> None:
        """Cuts it.

        Args:
            html: the document.
            facts: for the metadata.
            fonts: a fontconfig file that names the only fonts to fall back on; nothing keeps the machine's own.
            makers: makes sheets and frames.
            whole: whether it stays whole, because its styles look further than a sheet.
            tags: whether the PDF has a structure, bookmarks and metadata.
            typeset: the language in which texts are typeset that have no other one; empty: they stay as they are.
        """
        self.facts, self.makers = facts, makers
        self.roots, self.fonts = tuple(map(str, makers.roots)), str(fonts.resolve()) if fonts else ""
        self.tags, self.typeset = tags, typeset
        self.cut = cutting.cut(html.replace(JOINT, "") if whole else html)
        self.texts = [*self.cut.sheets]
        self.pages: dict[str, int] = {}  # the page on which each HTML id is, counted from 0
        self.made: dict[int, tuple[sheet.Job, sheet.Sheet]] = {}
        self.spool = makers.spool
        self.bodies: dict[int, tuple[int, int]] = {}  # where the objects of each sheet are in it
        self.odd: set[int] = set()  # sheets whose styles count other pages than are printed
        self.right_first = 'dir="rtl"' not in html[:2000]  # the side on which a book of its language begins

    def print(self) -> Printed:
        """The PDF."""
        spots: list[_Spot] = []
        labels: list[str] = []
        anchors: dict[str, str] = {}
        sides: dict[int, str] = {}
        framed: list[frames.Frames] = []
        for left in reversed(range(_ROUNDS)):
            self._make(spots, sides)
            while self._joined():
                self._make(spots, sides)
            spots = self._spots()
            while turned := self._misplaced(spots, sides):
                sides |= turned
                self._make(spots, sides)
                spots = self._spots()
            self.pages = self._first_pages(spots)
            self._compare(spots)
            labels = self._labels(len(spots))
            anchors = {name: labels[n] for name, n in self.pages.items()}
            self.texts = [each_page_once(text, anchors) if 'class="page"' in text else text for text in self.cut.sheets]
            if left and self._stale(spots, sides):  # numbers that never come to rest are taken as they are
                continue
            framed = self._frames(spots)
            if not (turned := self._turned(spots, framed)):
                break
            sides |= turned
        sheets = tuple(self.made[n][1] for n in range(len(self.texts)))
        places = tuple(
            assembly.Place(sheet=spot.sheet, page=spot.page, label=label)
            for spot, label in zip(spots, labels, strict=True)
        )
        made = assembly.Made(
            places, sheets, tuple(framed), self.makers.fonts, self._body, self.tags, not self.right_first
        )
        content, names = assembly.write(made, self.facts)
        all_messages = [*(one.messages for one in sheets), *(one.messages for one in framed)]
        lacking = [*(one.missing for one in sheets), *(one.missing for one in framed)]
        return Printed(
            content=content,
            labels=tuple(labels),
            anchors=anchors,
            ends={name: labels[n] for name, n in self._last_pages(spots).items()},
            **self._shown(spots, [frame for group in framed for frame in group.frames]),
            fit=_together([one.fit for one in sheets]),
            messages=tuple(dict.fromkeys(said for some in all_messages for said in some)),
            undrawn=tuple(dict.fromkeys(problem for one in sheets for problem in one.undrawn)),
            missing=tuple(dict.fromkeys(char for some in lacking for char in some)),
            fonts=names,
        )

    def _shown(self, spots: Sequence[_Spot], around: Sequence[frames.Frame]) -> dict[str, Any]:
        """Where things are on the finished pages."""
        places: dict[str, tuple[int, float, float]] = {}
        areas: list[tuple[float, ...]] = []
        blocks: list[tuple[origins.Block, ...]] = []
        for n, (spot, frame) in enumerate(zip(spots, around, strict=True)):
            wide, high = frame.trim[2] - frame.trim[0], frame.trim[3] - frame.trim[1]
            left, top, width, height = frame.area
            areas.append((left / wide, top / high, (left + width) / wide, (top + height) / high))
            if spot.sheet < 0:
                blocks.append(())
                continue
            page = self.made[spot.sheet][1].pages[spot.page]
            dx, dy = assembly.shift(page, frame)
            for name, (x, y) in page.anchors.items():
                places.setdefault(name, (n, (y - dy) / sheet.SCALE, (x + dx) / sheet.SCALE))
            blocks.append(tuple((what, x + dx / wide, y - dy / high, w, h) for what, x, y, w, h in page.blocks))
        return {"places": places, "areas": tuple(areas), "blocks": tuple(blocks)}

    def _job(self, n: int, spots: Sequence[_Spot], sides: Mapping[int, str]) -> sheet.Job:
        """What a sheet is made of, as far as it is known."""
        own = n in self.odd
        elsewhere = {name for name in self.cut.places[n] if own or self.cut.ids.get(name, n) != n}
        asked = elsewhere if n not in self.made or own else elsewhere & {*self.made[n][1].asked}
        numbers = {name: spots[page].number for name in asked if (page := self.pages.get(name)) is not None}
        return sheet.Job(
            html=self.texts[n],
            typeset=self.typeset,
            roots=self.roots,
            fonts=self.fonts,
            first=n == 0,
            side=sides.get(n, ""),
            numbers={name: numbers.get(name, self.facts.first_page) for name in sorted(asked)},
            start=self._start(n, spots),
            notes=self._notes(n),
            lacking=frozenset(name for name in self.cut.places[n] if name not in self.cut.ids),
            tags=self.tags,
        )

    def _start(self, n: int, spots: Sequence[_Spot]) -> int:
        """The number of the page before a sheet; 0 where it does not matter, or is not known yet."""
        if not n or n not in self.made or not self.made[n][1].counted:
            return 0
        return next((before.number for before, spot in itertools.pairwise(spots) if spot.sheet == n), 0)

    def _notes(self, n: int) -> int:
        """How many footnotes are before a sheet; 0 where it does not matter, or is not known yet."""
        if n not in self.made or not self.made[n][1].numbered:
            return 0
        return sum(self.made[before][1].notes for before in range(n))

    def _make(self, spots: Sequence[_Spot], sides: Mapping[int, str]) -> None:
        """Makes the sheets that are not there, and those again whose job is another now."""
        jobs = {n: self._job(n, spots, sides) for n in range(len(self.texts))}
        new = [n for n, job in jobs.items() if n not in self.made or self.made[n][0] != job]
        for n, one in zip(new, self.makers.sheets([jobs[n] for n in new]), strict=True):
            self.spool.seek(0, os.SEEK_END)  # the objects of a large document do not have to be in memory
            self.bodies[n] = (self.spool.tell(), len(one.body))
            self.spool.write(one.body)
            self.made[n] = (jobs[n], msgspec.structs.replace(one, body=b""))
        for n in new:  # now it is known which numbers it prints: a job with these alone is the same
            job, one = self.made[n]
            kept = {name: number for name, number in job.numbers.items() if name in one.asked}
            self.made[n] = (msgspec.structs.replace(job, numbers=kept), one)

    def _body(self, n: int) -> parts.Parts:
        """The objects of a sheet."""
        start, length = self.bodies[n]
        self.spool.seek(start)
        return msgspec.msgpack.decode(self.spool.read(length), type=parts.Parts)

    def _stale(self, spots: Sequence[_Spot], sides: Mapping[int, str]) -> bool:
        """Whether a sheet has to be made again."""
        return any(self.made[n][0] != self._job(n, spots, sides) for n in range(len(self.texts)))

    def _joined(self) -> bool:
        """Joins sheets between which no page begins after all: their styles say otherwise than their templates."""
        wrong = set()
        for n in range(1, len(self.texts)):
            one, other = self.made[n - 1][1], self.made[n][1]
            name, before = other.pages[0].type.name, one.pages[-1].type.name
            if not (other.opens or one.closes or name != before):
                wrong.add(n)
        if wrong:
            self.cut = cutting.joined(self.cut, wrong)
            self.texts = [*self.cut.sheets]
            self.made, self.odd, self.pages = {}, set(), {}
        return bool(wrong)

    # -- where pages are -----------------------------------------------------------------------------------------------

    def _spots(self) -> list[_Spot]:
        """All pages, with empty ones where a sheet begins on one side of the paper."""
        spots: list[_Spot] = []
        number = 0
        right, begun = self.right_first, False
        for n in range(len(self.texts)):
            one = self.made[n][1]
            asks = one.opens if one.opens in sheet.SIDES else self.made[n - 1][1].closes if n else ""
            if n and asks in sheet.SIDES:
                wanted = {"right": True, "left": False, "recto": self.right_first, "verso": not self.right_first}[asks]
                if wanted != right:
                    number += 1
                    spots.append(_Spot(-1, n, "right" if right else "left", number))
                    right = not right
            for page, facts in enumerate(one.pages):
                number = self._counted(number, facts, begun=begun)
                begun = begun or "content" in facts.anchors
                spots.append(_Spot(n, page, "right" if right else "left", number))
                right = not right
        return spots

    def _counted(self, number: int, page: sheet.SheetPage, *, begun: bool) -> int:
        """The number of a page after another one, as its rules count (CSS Lists 3, 4).

        The page on which the content begins is the first of the issue; another run of pages of its name, such as those
        of an index, goes on with the numbers.
        """
        for what, value in page.counter:
            if what == "increment":
                number += value
            elif not (begun and value == self.facts.first_page):
                number = value
            else:
                number += 1
        return number

    def _compare(self, spots: Sequence[_Spot]) -> None:
        """Finds sheets that print numbers of their own pages, and count them otherwise than they are printed."""
        for n, (job, one) in self.made.items():
            number, printed = job.start, [spot.number for spot in spots if spot.sheet == n] if one.counted else []
            for page, right in zip(one.pages, printed, strict=False):
                for what, value in page.counter:
                    number = number + value if what == "increment" else value
                if number != right and (job.start or not n):
                    self.odd.add(n)

    def _first_pages(self, spots: Sequence[_Spot]) -> dict[str, int]:
        """The page on which each HTML id is first, counted from 0."""
        found: dict[str, int] = {}
        for n, spot in enumerate(spots):
            if spot.sheet >= 0:
                for name in self.made[spot.sheet][1].pages[spot.page].anchors:
                    found.setdefault(name, n)
        return found

    def _last_pages(self, spots: Sequence[_Spot]) -> dict[str, int]:
        """The page on which what begins with each HTML id ends; WeasyPrint names it on each page that it goes on to."""
        found: dict[str, int] = {}
        for n, spot in enumerate(spots):
            if spot.sheet >= 0:
                found |= dict.fromkeys(self.made[spot.sheet][1].pages[spot.page].anchors, n)
        return found

    def _labels(self, count: int) -> list[str]:
        """The label of each page: i, ii, iii up to the content, then numbers."""
        fronts = self.pages.get("content", 0)
        return [roman(n + 1) if n < fronts else str(self.facts.first_page + n - fronts) for n in range(count)]

    # -- what is around them -------------------------------------------------------------------------------------------

    def _frames(self, spots: Sequence[_Spot]) -> list[frames.Frames]:
        """The frames of all pages."""
        jobs = []
        said: dict[str, str] = {}
        for start in range(0, len(spots), _FRAMES):
            pages = [self._framed(spots, n) for n in range(start, min(start + _FRAMES, len(spots)))]
            jobs.append(
                frames.FrameJob(
                    html=self.cut.empty,
                    roots=self.roots,
                    fonts=self.fonts,
                    pages=tuple(pages),
                    before=dict(said),
                    last=spots[-1].number,
                )
            )
            for page in pages:
                said |= {name: texts[-1] for name, texts in page.strings.items() if texts}
        return [*self.makers.frames(jobs)]

    def _framed(self, spots: Sequence[_Spot], n: int) -> frames.FramedPage:
        spot = spots[n]
        if spot.sheet < 0:  # it belongs to what comes after it
            name = self.made[spot.page][1].pages[0].type.name
            outer = self.made[spot.page - 1][1].pages[-1].type.name if spot.page else ""
            kind = sheet.PageType(spot.side, True, outer if outer == name else "", n, ())
            return frames.FramedPage(type=kind, number=spot.number, strings={"numbers": [""], "entry": [""]})
        facts = self.made[spot.sheet][1].pages[spot.page]
        kind = msgspec.structs.replace(facts.type, side=spot.side)
        return frames.FramedPage(type=kind, strings=facts.strings, starts=facts.starts, number=spot.number)

    def _misplaced(self, spots: Sequence[_Spot], sides: Mapping[int, str]) -> dict[int, str]:
        """The first sheet that was laid out for another side, if it has blank pages, or would have them there.

        Those after it come to be elsewhere when it has a page more or less, so they are not looked at yet.
        """
        for spot in spots:
            if spot.sheet >= 0 and not spot.page:
                one = self.made[spot.sheet][1]
                if one.sided and one.pages[0].type.side != spot.side and sides.get(spot.sheet) != spot.side:
                    return {spot.sheet: spot.side}
        return {}

    def _turned(self, spots: Sequence[_Spot], framed: Sequence[frames.Frames]) -> dict[int, str]:
        """The sheets that have to be laid out for another side, because their pages have other measures there."""
        around = [frame for group in framed for frame in group.frames]
        found: dict[int, str] = {}
        for spot, frame in zip(spots, around, strict=True):
            if spot.sheet >= 0:
                facts = self.made[spot.sheet][1].pages[spot.page]
                same = all(abs(a - b) < 0.01 for a, b in zip(facts.area[2:], frame.area[2:], strict=True))
                if not same and facts.type.side != spot.side:
                    first = spot.side if spot.page % 2 == 0 else {"left": "right", "right": "left"}[spot.side]
                    found[spot.sheet] = first
        return found


def _together(outcomes: Sequence[fitting.Outcome]) -> fitting.Outcome:
    """What came of fitting all sheets; tables are numbered through."""
    misfits: list[fitting.Misfit] = []
    were: dict[int, fitting.Misfit] = {}
    helps: dict[int, fitting.Help] = {}
    base = 0
    for outcome in outcomes:

        def moved(misfit: fitting.Misfit, base: int = base) -> fitting.Misfit:
            return misfit if misfit.number < 0 else msgspec.structs.replace(misfit, number=misfit.number + base)

        misfits += map(moved, outcome.misfits)
        were |= {n + base: moved(misfit) for n, misfit in outcome.were.items()}
        helps |= {n + base: help_ for n, help_ in outcome.helps.items()}
        base += 100_000
    return fitting.Outcome(misfits=tuple(misfits), were=were, helps=helps)
