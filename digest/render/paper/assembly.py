"""Puts sheets and frames together to one PDF/UA-1: fonts, outline, places, structure, page labels, metadata."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.render import tagged
from digest.render.paper import faces, parts
from digest.render.paper.frames import Frames
from digest.render.paper.parts import array, name_key, reference, text
from digest.render.paper.sheet import Sheet

if TYPE_CHECKING:
    from digest.render.paper.frames import Frame
    from digest.render.paper.sheet import SheetPage

_LEAF: Final = 200  # places in a leaf of the tree of names
_SAME: Final = 0.001  # points: no difference


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page of the document comes from.

    Attributes:
        sheet: the sheet it is of; -1 for a page without content.
        page: which page of the sheet it is.
        label: what is printed for its number, such as ``ii`` or ``332``.
    """

    sheet: int
    page: int
    label: str


class Made(msgspec.Struct, frozen=True):
    """All that a PDF is put together of.

    Attributes:
        places: its pages in their order.
        sheets: its sheets, without their objects where `load` has them.
        framed: the frames, some pages each, in the order of the pages.
        files: the files of fonts, by their digests.
        load: gives the objects of a sheet.
        tags: whether it has a structure, bookmarks and metadata.
        leftwards: whether its pages follow each other from right to left.
    """

    places: tuple[Place, ...]
    sheets: tuple[Sheet, ...]
    framed: tuple[Frames, ...]
    files: Mapping[str, bytes]
    load: Callable[[int], parts.Parts]
    tags: bool = True
    leftwards: bool = False


def write(made: Made, facts: tagged.Facts) -> tuple[bytes, tuple[str, ...]]:
    """The file, and the names of the fonts inside, such as ``ABCDEF+Source-Serif-4``.

    Args:
        made: what it is put together of.
        facts: for the metadata.
    """
    return _Assembly(made, facts).write()


def shift(page: SheetPage, frame: Frame) -> tuple[float, float]:
    """By how much the content of a page is moved, in points to the right and upwards, for the side that it is on."""
    moves = (frame.area[0] - page.area[0], page.area[1] - frame.area[1])
    return tuple(0.0 if abs(move) < _SAME else move for move in moves)  # type: ignore[return-value]  # two


class _Assembly:
    def __init__(self, made: Made, facts: tagged.Facts) -> None:
        self.made, self.facts = made, facts
        self.out = parts.Writer()
        self.pages = [self.out.reserve() for _ in made.places]
        self.tree = self.out.reserve()
        self.structure, self.document, self.parents = (self.out.reserve() for _ in range(3))
        self.drawing: dict[bytes, int] = {}
        self.pictures: dict[bytes, int] = {}
        self.kids: list[bytes] = []
        self.leaves: list[tuple[int, int, bytes]] = []  # first and last key, and entries

    def write(self) -> tuple[bytes, tuple[str, ...]]:
        which, groups = faces.grouped([*(s.faces for s in self.made.sheets), *(f.faces for f in self.made.framed)])
        fonts = self._fonts(groups)
        frames = self._frames(which[len(self.made.sheets) :], fonts)
        key = len(self.pages)
        places = {(place.sheet, place.page): n for n, place in enumerate(self.made.places)}
        for n, sheet in enumerate(self.made.sheets):
            at = [places[n, page] for page in range(len(sheet.pages))]
            self._sheet(n, sheet, at, [frames[k] for k in at], fonts[which[n]], key)
            key += len(sheet.keyed)
        for n, place in enumerate(self.made.places):
            if place.sheet < 0:
                drawn = b"<< /XObject << /Frame %s /Ground %s >> >>" % _forms(frames[n])
                self._page(n, frames[n], (0.0, 0.0), [], reference(self.out.new(drawn)), ())
        names = tuple(sorted({face.name.decode().lstrip("/") for group in groups for face in group.values()}))
        blanks = [self._blank() for _ in range(-len(self.pages) % self.facts.multiple)]
        self._page_tree(blanks)
        if self.made.tags:
            self._structure(key)
        return self.out.finish(self._catalog(), self._info()), names

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _frames(self, which: Sequence[int], fonts: Sequence[int]) -> list[Frame]:
        """The frame of each page, with the numbers that its forms have here."""
        found = []
        for group, framed in zip(which, self.made.framed, strict=True):
            base = self._objects(framed.parts, {parts.FONTS: reference(fonts[group])})
            found += [
                msgspec.structs.replace(frame, form=base + frame.form, ground=frame.ground and base + frame.ground)
                for frame in framed.frames
            ]
        return found

    def _objects(self, made: parts.Parts, holes: dict[int, bytes]) -> int:
        """Writes objects; gives what their numbers here are more than those in the parts."""
        base = self.out.reserve(made.count) - 1
        numbers = {n: reference(base + n) for n in range(1, made.count + 1)} | holes
        there = self._pictures(made, numbers, base)
        for n, content in made.numbered(numbers | there):
            if n not in there:
                self.out.add(base + n, content, made.data.get(n))
        return base

    def _pictures(self, made: parts.Parts, numbers: Mapping[int, bytes], base: int) -> dict[int, bytes]:
        """The pictures among objects that an earlier sheet has as well: each is in the file once."""
        there: dict[int, bytes] = {}
        if not any(b"/Image" in piece for piece in made.pieces):
            return there
        for _ in range(2):  # the masks of pictures, then the pictures
            for n, content in made.numbered({**numbers, **there}):
                if n in made.data and re.search(rb"/Subtype\s*/Image\b", content):
                    key = hashlib.sha256(content + b"\0" + made.data[n]).digest()
                    first = self.pictures.setdefault(key, base + n)
                    if first != base + n:
                        there[n] = reference(first)
        return there

    def _sheet(self, n: int, sheet: Sheet, at: Sequence[int], frames: Sequence[Frame], fonts: int, key: int) -> None:
        holes = {parts.DOCUMENT: reference(self.document), parts.FONTS: reference(fonts)}
        for k, (where, frame) in enumerate(zip(at, frames, strict=True)):
            holes[parts.page_hole(k)] = reference(self.pages[where])
            holes[parts.frame_hole(k)], holes[parts.ground_hole(k)] = _forms(frame)
        holes |= {parts.key_hole(k): b"%d" % (key + k) for k in range(len(sheet.keyed))}
        base = self._objects(self.made.load(n), holes)

        def there(number: int) -> bytes:
            return reference(base + number) if number else b"null"

        entries = []
        for page, where, frame in zip(sheet.pages, at, frames, strict=True):
            content = [there(page.content)]
            self._page(
                where,
                frame,
                shift(page, frame),
                content,
                there(page.resources),
                [there(note) for note in page.notes],
            )
            entries.append(b"%d %s" % (where, array(there(item) for item in page.marked)))
        self.kids += [there(kid) for kid in sheet.kids]
        for first, last, some in _runs(at, entries):
            self.leaves.append((first, last, b" ".join(some)))
        if sheet.keyed:
            some = [b"%d %s" % (key + k, there(item)) for k, item in enumerate(sheet.keyed)]
            self.leaves.append((key, key + len(some) - 1, b" ".join(some)))

    def _page(
        self,
        n: int,
        frame: Frame,
        move: tuple[float, float],
        content: list[bytes],
        resources: bytes,
        notes: Sequence[bytes],
    ) -> None:
        """Writes a page: the frame, then the content. What is moved is the paper under the content, not the content."""
        dx, dy = move
        media: tuple[float, ...]
        bleed: tuple[float, ...]
        media, bleed, trim = (
            (left - dx, bottom - dy, right - dx, top - dy)
            for left, bottom, right, top in (frame.media, frame.bleed, frame.trim)
        )
        contents = self._ordered(content, frame, dx, dy)
        if frame.marks:
            before, after, larger = tagged.marks(frame.marks, media, trim)
            contents = [reference(self._stream(before)), *contents, reference(self._stream(after))]
            media, bleed = larger, media
        boxes = _boxes(media, bleed, trim)
        tags = b" /Tabs /S /StructParents %d" % n if self.made.tags else b""
        annotations = b" /Annots %s" % array(notes) if notes else b""
        self.out.add(
            self.pages[n],
            b"<< /Type /Page /Parent %s %s /Contents %s /Resources %s%s%s >>"
            % (reference(self.tree), boxes, array(contents), resources, annotations, tags),
        )

    def _ordered(self, content: list[bytes], frame: Frame, dx: float, dy: float) -> list[bytes]:
        """The streams of a page: its ground, the content, then the frame, as texts are read."""
        move = b"1 0 0 1 %s %s cm " % (_number(-dx), _number(-dy)) if dx or dy else b""
        artifact = b"/Artifact <</Type /Pagination>> BDC q " + move + b"/%s Do Q EMC\n"
        ground = artifact % b"Ground" if frame.ground else b""
        return [self._shared(ground + b"q\n"), *content, self._shared(b"Q " + artifact % b"Frame")]

    def _shared(self, content: bytes) -> bytes:
        """A stream that many pages have."""
        if content not in self.drawing:
            self.drawing[content] = self._stream(content)
        return reference(self.drawing[content])

    def _stream(self, content: bytes) -> int:
        return self.out.new(b"<< /Length %d >>" % len(content), content)

    def _blank(self) -> int:
        """A page without anything but marks, of the size of the last one."""
        frame = self.made.framed[-1].frames[-1]
        media, bleed, contents = frame.media, frame.media, b""
        if frame.marks:
            before, after, media = tagged.marks(frame.marks, media, frame.trim)
            contents = b"/Contents %s " % reference(self._stream(before + after))
        boxes = _boxes(media, bleed, frame.trim)
        return self.out.new(
            b"<< /Type /Page /Parent %s %s %s/Resources << >> >>" % (reference(self.tree), boxes, contents)
        )

    def _page_tree(self, blanks: Sequence[int]) -> None:
        kids = [*self.pages, *blanks]
        self.out.add(
            self.tree, b"<< /Type /Pages /Count %d /Kids %s >>" % (len(kids), array(reference(kid) for kid in kids))
        )

    def _fonts(self, groups: Sequence[Mapping[bytes, faces.Face]]) -> list[int]:
        """Writes the fonts; gives the number of each group's dictionary."""
        made, roots = faces.union(groups, self.made.files)
        base = self._objects(made, {})
        return [base + root for root in roots]

    # -- the document --------------------------------------------------------------------------------------------------

    def _structure(self, key: int) -> None:
        self.out.add(
            self.document,
            b"<< /Type /StructElem /S /Document /P %s /K %s >>" % (reference(self.structure), array(self.kids)),
        )
        leaves = [
            reference(self.out.new(b"<< /Limits [%d %d] /Nums [%s] >>" % leaf))
            for leaf in sorted(self.leaves, key=lambda leaf: leaf[0])
        ]
        self.out.add(self.parents, b"<< /Kids %s >>" % array(leaves))
        self.out.add(
            self.structure,
            b"<< /Type /StructTreeRoot /ParentTree %s /ParentTreeNextKey %d /K [%s] >>"
            % (reference(self.parents), key, reference(self.document)),
        )

    def _catalog(self) -> int:
        if not self.made.tags:
            return self.out.new(b"<< /Type /Catalog /Pages %s >>" % reference(self.tree))
        info = self.made.sheets[0].info
        entries = [
            b"/Type /Catalog /Pages %s /StructTreeRoot %s" % (reference(self.tree), reference(self.structure)),
            b"/MarkInfo << /Marked true >> /ViewerPreferences << /DisplayDocTitle true%s >>"
            % (b" /Direction /R2L" if self.made.leftwards else b""),
            b"/Lang %s" % text(info.language),
            b"/PageLabels << /Nums [%s] >>" % self._labels(),
        ]
        if names := self._names():
            entries.append(b"/Names << /Dests %s >>" % reference(names))
        if outlines := self._outlines():
            entries.append(b"/Outlines %s" % reference(outlines))
        packet = tagged.metadata(info.xmp, self.facts)
        entries.append(
            b"/Metadata %s"
            % reference(self.out.new(b"<< /Type /Metadata /Subtype /XML /Length %d >>" % len(packet), packet))
        )
        return self.out.new(b"<< %s >>" % b" ".join(entries))

    def _info(self) -> int:
        fields = self.made.sheets[0].info.fields
        return self.out.new(b"<< %s >>" % b" ".join(b"%s %s" % (key.encode(), fields[key]) for key in fields))

    def _labels(self) -> bytes:
        fronts = sum(not place.label.isdecimal() for place in self.made.places)
        front = b"0 << /S /r >> " if fronts else b""
        return front + b"%d << /S /D /St %d >>" % (fronts, self.facts.first_page)

    def _names(self) -> int:
        """The tree of named places; of places of one name the first is meant."""
        found: dict[str, bytes] = {}
        for n, place in enumerate(self.made.places):
            if place.sheet >= 0:
                page = self.made.sheets[place.sheet].pages[place.page]
                for name, (x, y) in page.anchors.items():
                    found.setdefault(name, self._destination(n, x, page.trim[3] - page.trim[1] - y))
        ordered = sorted((name_key(name), b"%s %s" % (text(name), where), text(name)) for name, where in found.items())
        leaves = []
        for some in (ordered[n : n + _LEAF] for n in range(0, len(ordered), _LEAF)):
            limits = b"[%s %s]" % (some[0][2], some[-1][2])
            leaf = b"<< /Limits %s /Names [%s] >>" % (limits, b" ".join(entry for _, entry, _ in some))
            leaves.append(reference(self.out.new(leaf)))
        return self.out.new(b"<< /Kids %s >>" % array(leaves)) if leaves else 0

    def _destination(self, n: int, x: float, y: float) -> bytes:
        return b"[%s /XYZ %s %s 0]" % (reference(self.pages[n]), _number(x), _number(y))

    def _outlines(self) -> int:
        """The bookmarks, as WeasyPrint nests them."""
        from weasyprint.anchors import make_page_bookmark_tree
        from weasyprint.matrix import Matrix

        root: list[Any] = []
        skipped: list[int] = []
        depths, level = [root], 0
        for n, place in enumerate(self.made.places):
            if place.sheet >= 0:
                marks = self.made.sheets[place.sheet].pages[place.page].bookmarks
                page = SimpleNamespace(bookmarks=[(lvl, label, (x, y), state) for lvl, label, x, y, state in marks])
                level = make_page_bookmark_tree(page, skipped, depths, level, n, Matrix())
        if not root:
            return 0
        number = self.out.reserve()
        items, count = self._outline(root, number)
        self.out.add(
            number,
            b"<< /Count %d /First %s /Last %s >>" % (count, reference(items[0]), reference(items[-1])),
        )
        return number

    def _outline(self, marks: Sequence[Any], parent: int) -> tuple[list[int], int]:
        """Bookmarks that are next to each other: their numbers, and how many are shown at first."""
        numbers = [self.out.reserve() for _ in marks]
        shown = len(marks)
        for n, (label, (page, x, y), children, state) in enumerate(marks):
            below, count = self._outline(children, numbers[n]) if children else ([], 0)
            entries = [
                b"/Title %s /Parent %s /Dest %s" % (text(label), reference(parent), self._destination(page, x, y))
            ]
            if below:
                closed = state == "closed"
                entries.append(
                    b"/Count %d /First %s /Last %s"
                    % (-count if closed else count, reference(below[0]), reference(below[-1]))
                )
                shown += 0 if closed else count
            if n:
                entries.append(b"/Prev %s" % reference(numbers[n - 1]))
            if n + 1 < len(numbers):
                entries.append(b"/Next %s" % reference(numbers[n + 1]))
            self.out.add(numbers[n], b"<< %s >>" % b" ".join(entries))
        return numbers, shown


def _forms(frame: Frame) -> tuple[bytes, bytes]:
    """What draws a frame and its ground."""
    return reference(frame.form), reference(frame.ground) if frame.ground else b"null"


def _runs(at: Sequence[int], entries: Sequence[bytes]) -> Iterable[tuple[int, int, list[bytes]]]:
    """Entries whose keys follow each other: first key, last key, entries; a page without content can be between."""
    start = 0
    for n in range(1, len(at) + 1):
        if n == len(at) or at[n] != at[n - 1] + 1:
            yield at[start], at[n - 1], [*entries[start:n]]
            start = n


def _boxes(media: Sequence[float], bleed: Sequence[float], trim: Sequence[float]) -> bytes:
    """The entries of a page that say how large it is."""
    named = ((b"MediaBox", media), (b"BleedBox", bleed), (b"TrimBox", trim))
    return b" ".join(b"/%s %s" % (name, array(map(_number, box))) for name, box in named)


def _number(value: float) -> bytes:
    return (b"%.4f" % value).rstrip(b"0").rstrip(b".") or b"0"
