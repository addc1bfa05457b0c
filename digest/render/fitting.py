"""What does not fit into columns and pages, as the finished layout shows it, and the help that a table gets.

A table that is too wide is set over both columns, smaller, on a turned page, or in parts that repeat its first column.
A box over all columns is taken out of them: they end before it and begin again after it.
All works on WeasyPrint's tree of elements before layout and its boxes after it; how it looks is in the theme's styles.
"""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal
from xml.etree import ElementTree as ET

import msgspec

from digest import tabular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from xml.etree.ElementTree import Element

SIZES: Final = ("", "small", "smallest")  # classes of a frame; the theme's styles say how small, 6.5 pt at least
_ROUNDS: Final = 5  # layouts of a document at most: as it is, with a page of its own, with help, parted, and one more
_SLACK: Final = 1.0  # CSS pixels: what nobody sees
_BLEED: Final = 10 / 25.4 * 96  # pixels: what reaches beyond the paper for the bleed is cut off where there is none
_TALL_CELL: Final = 2  # lines in a cell that is comfortable to read
_SHORT: Final = 60.0  # CSS pixels: a cell of that width is not broken
_PROSE: Final = 130.0  # CSS pixels: a column of sentences of that width is comfortable, however long they are
_LETTER: Final = 3.6  # CSS pixels: a letter of 6.5 pt
_NARROW: Final = 150.0  # CSS pixels: no column of a page is much narrower
_TRIALS: Final = (("room", ""), *(("least", size) for size in SIZES), ("easy", ""), ("turned", ""))
_FRAME: Final = "table-frame"
_NUMBER: Final = "data-frame"
_NTH: Final = "data-nth"


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """What is done for a table or a figure.

    Attributes:
        classes: classes that its frame gets.
        parts: the columns of each part, counted from 0, if it is cut into parts.
        lift: whether it is taken out of the columns: to the end of its entry, for a page of its own, or where it is.
        depth: how far from the root the outermost element with columns around it is; 0 without any.
        chosen: whether the program chose it, not the editor.
    """

    classes: tuple[str, ...] = ()
    parts: tuple[tuple[int, ...], ...] = ()
    lift: Literal["", "end", "here"] = ""
    depth: int = 0
    chosen: bool = True


class Misfit(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is too large for its column or page.

    Attributes:
        kind: ``table``, ``picture``, ``code`` or ``text``.
        ids: the HTML ids around it, the nearest first.
        number: which of the frames of the document it is in, counted from 0; -1 for none.
        nth: which of the tables of its entry it is, counted from 0.
        text: how it begins.
        over: by how many CSS pixels.
        high: whether it is too high, not too wide.
    """

    kind: str
    ids: tuple[str, ...]
    number: int
    nth: int = 0
    text: str
    over: float
    high: bool = False


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a table or a figure came to be, in CSS pixels.

    Attributes:
        room: how wide its column or page is.
        span: how wide all columns are together, if it may span them.
        depth: as in `Help`.
        misplaced: it asks for a page of its own, which it cannot have inside of columns.
        broken: it spans the columns and goes on in the next page, where WeasyPrint 70 loses the rest of it; of a box
            also when it may come to do so.
    """

    room: float
    span: float
    depth: int
    misplaced: bool
    broken: bool


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished layout shows.

    Attributes:
        misfits: what is too large.
        frames: tables and figures, by their number in the document.
    """

    misfits: tuple[Misfit, ...]
    frames: Mapping[int, Spot]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of fitting a document.

    Attributes:
        misfits: what is still too large.
        were: the tables that did not fit, by their number in the document.
        helps: what was done for tables and figures, by the same numbers.
    """

    misfits: tuple[Misfit, ...] = ()
    were: Mapping[int, Misfit] = {}
    helps: Mapping[int, Help] = {}


LayOut = Callable[[Callable[["Element"], None]], tuple["Element", Any]]
"""Lays a document out after its tree was changed by a function; gives the tree and WeasyPrint's document."""


def fit(tree: Element, lay_out: LayOut, before: Outcome | None = None) -> tuple[Any, Outcome]:
    """The document as WeasyPrint laid it out, with help for what did not fit.

    What looks too wide is tried alone, before all is laid out. After that the pages show what else is.

    Args:
        tree: the document, as it comes.
        lay_out: lays the document out.
        before: what came of the same document a moment ago.
    """
    before = before or Outcome()
    helps, were = dict(before.helps), dict(before.were)
    if not helps and (numbers := _doubtful(tree)):
        helps |= _tried(tree, lay_out, numbers, {}, helps, were)
    for _ in range(_ROUNDS):
        tree, document = lay_out(functools.partial(apply, helps=helps))
        found = findings(tree, document.pages)
        more = {
            n: msgspec.structs.replace(helps.get(n, Help(chosen=False)), lift="here", depth=spot.depth)
            for n, spot in found.frames.items()
            if spot.broken and not helps.get(n, Help()).lift
        }
        asking = [n for n, spot in found.frames.items() if spot.misplaced and n not in helps]
        wide = [one.number for one in found.misfits if one.kind == "table" and not one.high and one.number >= 0]
        if numbers := [n for n in dict.fromkeys([*asking, *wide]) if n not in were and n not in more]:
            more |= _tried(tree, lay_out, numbers, found.frames, helps, were)
        if not more:
            break
        helps |= more
    drop_first_continued(document.pages)
    return document, Outcome(misfits=found.misfits, were=were, helps=helps)


def _doubtful(tree: Element) -> list[int]:
    """Which tables may be too wide for a narrow column by their longest words, and what wants a page of its own."""
    found = []
    for n, frame in frames_of(tree).items():
        if _is_wide_box(frame):
            continue
        rows = [*frame.iter("tr")]
        columns = itertools.zip_longest(*rows)
        least = sum(max((_longest_word(cell) for cell in column if cell is not None), default=0) for column in columns)
        if "landscape" in frame.get("class", "").split() or least * _LETTER > _NARROW:
            found.append(n)
    return found


def _tried(
    tree: Element,
    lay_out: LayOut,
    numbers: Sequence[int],
    spots: Mapping[int, Spot],
    helps: Mapping[int, Help],
    were: dict[int, Misfit],
) -> dict[int, Help]:
    """The help that tables and figures need, as a trial of them alone shows.

    Args:
        tree: the document.
        lay_out: lays it out.
        numbers: which of them.
        spots: where they are in the pages, as far as these are there.
        helps: what was done for them already.
        were: gets what each was that is too wide.
    """
    frames = frames_of(tree)
    tree, trial = lay_out(functools.partial(as_trial, numbers=numbers))
    walk = _Walk(tree)
    alone = walk.findings(trial.pages).frames
    measured, turned = read_trial(trial.pages)
    chosen = {}
    for n in numbers:
        if (spot := alone.get(n)) is None:
            continue
        stays = "column" in walk.frames[n].get("class", "").split()
        lifted = helps[n].lift if n in helps else "end" if spot.misplaced else ""
        turn, is_turned = turned.get(n, (0.0, False))
        room, span, turn = spot.room, 0.0 if stays else spot.span, 0.0 if stays else turn
        if lifted == "end":  # it has a page of its own: which shows how wide that is, or shows it soon
            room, span, turn = (spots[n].room if n in helps and n in spots else max(turn, room)), 0.0, 0.0
        help_ = Help(chosen=False)
        if n in measured and sum(measured[n].least[0]) > room + _SLACK:
            help_ = choose(measured[n], room, span, turn, own="turned" if is_turned else "whole")
            misfit = walk.misfit(walk.frames[n], n, "table", sum(measured[n].least[0]) - room)
            were[n] = msgspec.structs.replace(misfit, text=_beginning(frames[n]))
        if lifted:
            help_ = msgspec.structs.replace(help_, lift=lifted)
        if help_ != Help(chosen=False):
            chosen[n] = msgspec.structs.replace(help_, depth=spot.depth)
    return chosen


def number(tree: Element) -> None:
    """Numbers the tables and figures of a document in their order; the numbers stay when they are moved."""
    frames = (part for part in tree.iter() if _is_frame(part))
    for n, frame in enumerate(frames):
        frame.set(_NUMBER, str(n))
    for entry in tree.iter("article"):
        tables = (part for part in entry.iter() if part.get(_NUMBER) and _FRAME in part.get("class", "").split())
        for n, table in enumerate(tables):
            table.set(_NTH, str(n))


def frames_of(tree: Element) -> dict[int, Element]:
    """The tables and figures of a document, and its boxes over all columns, by their numbers."""
    return {int(part.get(_NUMBER, "")): part for part in tree.iter() if part.get(_NUMBER)}


def _is_frame(part: Element) -> bool:
    names = part.get("class", "").split()
    return _FRAME in names or (part.tag == "figure" and "figure" in names) or _is_wide_box(part)


def _is_wide_box(part: Element) -> bool:
    names = part.get("class", "").split()
    return "wide" in names and ("box" in names or "pull-quote" in names)


# -- after layout ------------------------------------------------------------------------------------------------------


def findings(tree: Element, pages: Sequence[Any]) -> Findings:
    """What the pages of a document show that was made of a tree of elements."""
    return _Walk(tree).findings(pages)


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    """What limits a box: left, right and bottom edge, and in what it is."""

    left: float
    right: float
    bottom: float
    page: str = ""  # on which the columns around it are meant to be
    in_columns: bool = False
    span: float = 0.0
    direct: bool = False  # the box may span the columns around it
    frame: int = -1
    kind: str = "text"


class _Walk:
    """One walk through the boxes of all pages."""

    def __init__(self, tree: Element) -> None:
        self.parents = {child: parent for parent in tree.iter() for child in parent}
        self.frames = frames_of(tree)
        self.numbers = {frame: n for n, frame in self.frames.items()}
        self.rows: set[Element] = set()
        self.with_columns: set[Element] = set()
        self.found: dict[tuple[Element, bool], Misfit] = {}
        self.seen: dict[int, tuple[_Place, str]] = {}

    def findings(self, pages: Sequence[Any]) -> Findings:
        for page in pages:
            box = page._page_box  # noqa: SLF001 - nothing public has the boxes of a page
            left, top = box.content_box_x(), box.content_box_y()
            place = _Place(left=left, right=left + box.width, bottom=top + box.height)
            for child in box.children:
                if type(child).__name__ not in {"MarginBox", "FootnoteAreaBox"}:
                    self.walk(child, place, (0.0, page.width, page.height))
        frames = {}
        for number, (place, asked) in self.seen.items():
            frame = self.frames[number]
            lost = not self.rows.issuperset(frame.iter("tr"))
            if _is_wide_box(frame):
                lost = self.parents[frame] in self.with_columns
            frames[number] = Spot(
                room=place.right - place.left,
                span=place.span if place.direct else 0.0,
                depth=self.depth(frame),
                misplaced=place.in_columns and asked != place.page and not _is_wide_box(frame),
                broken=place.in_columns and lost,
            )
        return Findings(misfits=tuple(self.found.values()), frames=frames)

    def depth(self, element: Element) -> int:
        around = [part for part in self.around(element) if part in self.with_columns]
        return len(list(self.around(around[-1]))) + 1 if around else 0

    def around(self, element: Element) -> Iterator[Element]:
        """The elements around one, the nearest first."""
        while (element := self.parents.get(element, element)) in self.parents:
            yield element

    def walk(self, box: Any, place: _Place, sheet: tuple[float, float, float]) -> None:  # noqa: ANN401 - WeasyPrint has no types
        name, element = type(box).__name__, box.element
        if name == "AbsolutePlaceholder":
            box = box._box  # noqa: SLF001 - it is in the place of another box
            name = type(box).__name__
        style = box.style
        changes: dict[str, Any] = {}
        if style["position"] in {"absolute", "fixed"} or _is_outdented(box):
            changes |= {"left": sheet[0] - _BLEED, "right": sheet[1] + _BLEED, "bottom": sheet[2] + _BLEED}
        if style["column_count"] != "auto" or style["column_width"] != "auto":
            self.with_columns.add(element)
            changes |= {"in_columns": True, "span": box.width, "page": style["page"]}
        if box.is_column:
            changes |= {
                "left": box.position_x,
                "right": box.position_x + box.width,
                "direct": True,
            }
        elif element in self.numbers and not box.is_table_wrapper and place.frame != self.numbers[element]:
            number = self.numbers[element]
            self.seen.setdefault(number, (place, str(style["page"])))
            changes |= {"frame": number}
        if name == "TableRowBox":
            self.rows.add(element)
        if name == "TableCellBox":
            changes |= {"kind": "table"}
            changes |= {
                "left": max(place.left, box.position_x),
                "right": min(place.right, box.position_x + box.border_width()),
            }
        elif box.element_tag == "pre":
            changes |= {"kind": "code"}
        is_frame = element in self.numbers and not _is_wide_box(element)
        if place.direct and not box.is_column and element is not None and not is_frame:
            changes.setdefault("direct", False)
        inner = msgspec.structs.replace(place, **changes) if changes else place
        if name == "TextBox" or "Replaced" in name:
            self.compare(box, inner, "picture" if "Replaced" in name else inner.kind)
        if style["overflow"] == "visible":
            for child in box.children:
                self.walk(child, inner, sheet)

    def compare(self, box: Any, place: _Place, kind: str) -> None:  # noqa: ANN401 - WeasyPrint has no types
        over = max(box.position_x + box.margin_width() - place.right, place.left - box.position_x)
        below = box.position_y + box.margin_height() - place.bottom
        for much, high in ((over, False), (below, True)):
            if much <= _SLACK or (high and kind == "text" and getattr(box, "text", "").isspace()):
                continue
            owner = self.frames[place.frame] if place.frame >= 0 else box.element
            known = self.found.get((owner, high))
            if known is None or known.over < much:
                table = place.frame >= 0 and _FRAME in owner.get("class", "")
                self.found[owner, high] = self.misfit(owner, place.frame, "table" if table else kind, much, high=high)

    def misfit(self, owner: Element, number: int, kind: str, over: float, *, high: bool = False) -> Misfit:
        return Misfit(
            kind=kind,
            ids=tuple(part.get("id", "") for part in (owner, *self.around(owner)) if part.get("id")),
            number=number,
            nth=int(owner.get(_NTH, "0")),
            text=_beginning(owner),
            over=over,
            high=high,
        )


def _is_outdented(box: Any) -> bool:  # noqa: ANN401 - WeasyPrint has no types
    """Whether a box is meant to leave the one around it."""
    return any(
        isinstance(getattr(box, f"margin_{side}", 0), int | float) and getattr(box, f"margin_{side}") < -_SLACK
        for side in ("left", "right")
    )


def _beginning(element: Element) -> str:
    """How something begins: the caption of a table or figure, the name of a picture, or its first words."""
    caption = next((part for part in element.iter() if _is_caption(part)), None)
    text = " ".join(_words(element if caption is None else caption).split())
    picture = next((part.get("src", "") for part in element.iter("img")), "")
    return text[:60] or picture.rpartition("/")[2][:60]


def _is_caption(part: Element) -> bool:
    return part.tag in {"caption", "figcaption"} or part.get("class") == "caption"


def drop_first_continued(pages: Sequence[Any]) -> None:
    """Takes “continued” from the caption of each table where it begins, and leaves it where it goes on."""
    begun: set[Element] = set()
    for page in pages:
        for table in page._page_box.descendants():  # noqa: SLF001 - nothing public has the boxes of a page
            if type(table).__name__ == "TableBox" and table.element not in begun:
                begun.add(table.element)
                for box in table.descendants():
                    if any(_is_continued(child) for child in box.children):
                        box.children = [child for child in box.children if not _is_continued(child)]


def _is_continued(box: Any) -> bool:  # noqa: ANN401 - WeasyPrint has no types
    return box.element is not None and box.element.get("class") == "continued"


# -- the choice --------------------------------------------------------------------------------------------------------


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """How wide the columns of a table are, in CSS pixels, for each of `SIZES`.

    Attributes:
        least: with a line for each word.
        easy: with no more than two lines in a cell, sentences aside.
    """

    least: tuple[tuple[float, ...], ...]
    easy: tuple[tuple[float, ...], ...]


def choose(measured: Measured, room: float, span: float, turned: float, own: str = "turned") -> Help:
    """The help that changes a page least and leaves the table readable.

    Args:
        measured: its columns.
        room: the width that it has.
        span: the width of all columns together; 0 where it cannot span them.
        turned: the width that it has outside of its entry; 0 where it may not leave it.
        own: the class for that: ``turned`` for a turned page, ``whole`` where the theme turns none.
    """
    places: list[tuple[tuple[str, ...], float, Literal["", "end"]]] = [((), room, "")]
    places += [(("wide",), span, "")] if span > room + _SLACK else []
    widest = places[-1]
    places += [((own,), turned, "end")] if turned > widest[1] + _SLACK else []
    order = [(place, size) for place in places for size in (0, 1)]
    for widths in (measured.easy, measured.least):
        for (names, width, lift), size in [*order, *((place, 2) for place in places)]:
            if sum(widths[size]) <= width + _SLACK:
                return Help(classes=(*names, *filter(None, [SIZES[size]])), lift=lift)
    for widths, size in itertools.product((measured.easy, measured.least), (1, 2)):
        if parts := tabular.parts(widths[size], widest[1] + _SLACK):
            return Help(classes=(*widest[0], SIZES[size]), parts=parts)
    return Help(classes=(*widest[0], SIZES[2], "squeezed"))


# -- the trial ---------------------------------------------------------------------------------------------------------


def as_trial(tree: Element, numbers: Sequence[int]) -> None:
    """Leaves in a document these tables alone, each once for each size, as narrow and as wide as can be.

    Around each are the elements that were around it, so that the same styles apply. A frame that is turned shows how
    wide such a page is.
    """
    parents = {child: parent for parent in tree.iter() for child in parent}
    frames = frames_of(tree)
    body = next(part for part in tree.iter("body"))
    style = ET.SubElement(next(part for part in tree.iter("head")), "style")
    style.text = "@page trial { size: 199999px 199999px; margin: 0 }"  # one page, so that no table is broken
    kept = []
    for number in numbers:
        chain: list[Element] = []
        part = frames[number]
        while (part := parents[part]) is not body:
            chain.append(part)
        for kind, size in _TRIALS:
            frame = copy.deepcopy(frames[number])
            frame.tail = None
            if kind == "room":
                frame[:] = [frame.makeelement("p", {})]
                frame[0].text = "."
            else:
                if frame.find("table") is None:
                    continue  # a figure: only its room matters
                del frame.attrib[_NUMBER]
                _bare(frame)
                frame.set("data-trial", f"{number} {kind} {SIZES.index(size)}")
                _add_classes(frame, (size, "turned" if kind == "turned" else ""))
            if kind in {"least", "easy"}:
                frame.set(
                    "style", f"column-span:none;break-inside:auto;width:{'1px' if kind == 'least' else '99999px'}"
                )
                next(frame.iter("table")).set("style", "width:auto")
            own = "" if kind == "room" else "columns:auto;page:trial"
            kept.append(_wrapped(frame, chain if kind != "turned" else [], own))
    body[:] = kept
    body.text = None


def _bare(frame: Element) -> None:
    """Leaves of a frame what says how wide its columns are: the head, the longest words and the longest cells."""
    for part in list(frame.iter()):
        part.attrib.pop("id", None)
        for child in list(part):
            if child.tag == "caption" or (part is frame and child.tag != "table"):
                part.remove(child)
    for rows in frame.iter("tbody"):
        columns = [*zip(*rows, strict=False)]
        rows[:] = []
        for longest in (_longest_word, lambda cell: len(_words(cell))):
            row = ET.SubElement(rows, "tr")
            row[:] = [copy.deepcopy(max(column, key=longest)) for column in columns]


def _longest_word(cell: Element) -> int:
    return max(map(len, _words(cell).split()), default=0)


def _wrapped(frame: Element, chain: Sequence[Element], style: str) -> Element:
    """A frame in elements like those that were around it."""
    for around in chain:
        outer = ET.Element(around.tag, {k: v for k, v in around.items() if k != "id" or not style})
        if style:
            outer.set("style", style)
        outer.append(frame)
        frame = outer
    return frame


def read_trial(pages: Sequence[Any]) -> tuple[dict[int, Measured], dict[int, tuple[float, bool]]]:
    """What a trial shows: the columns of each table, how wide a page of its own is, and whether that is turned."""
    widths: dict[tuple[int, str, int], tuple[float, ...]] = {}
    lines: dict[int, tuple[float, bool]] = {}
    for page in pages:
        for box in page._page_box.descendants():  # noqa: SLF001 - nothing public has the boxes of a page
            name = box.element.get("data-trial") if box.element is not None else None
            if not name or type(box).__name__ != "BlockBox" or box.is_table_wrapper:
                continue
            number, kind, size = name.split()
            row = next((part for part in box.descendants() if type(part).__name__ == "TableRowBox"), None)
            if kind == "turned":
                lines[int(number)] = (box.width, str(box.style["page"]) == "turned")
            elif row is not None:
                widths.setdefault((int(number), kind, int(size)), tuple(cell.border_width() for cell in row.children))
    measured = {}
    for number in sorted({number for number, _, _ in widths}):
        least = tuple(widths[number, "least", size] for size in range(len(SIZES)))
        whole = widths[number, "easy", 0]
        easy = tuple(
            tuple(
                max(low, min(high, max(high / _TALL_CELL * 1.1, _SHORT), _PROSE) * sum(lows) / sum(least[0]))
                for low, high in zip(lows, whole, strict=True)
            )
            for lows in least
        )
        measured[number] = Measured(least=least, easy=easy)
    return measured, lines


# -- before layout -----------------------------------------------------------------------------------------------------


def apply(tree: Element, helps: Mapping[int, Help]) -> None:
    """Changes a document before it is laid out: what was chosen for its tables and figures, and heads that go on."""
    parents = {child: parent for parent in tree.iter() for child in parent}
    for number, frame in frames_of(tree).items():
        help_ = helps.get(number, Help())
        _add_classes(frame, help_.classes)
        if help_.parts:
            _cut(frame, help_.parts)
        if "long" in frame.get("class", "").split():
            for table in frame.findall("table"):
                _caption_into_head(table, frame.get("data-continued", ""))
        if help_.lift == "end":
            _lift(frame, help_.depth, parents, number)
        elif help_.lift:
            _part_columns(frame, help_.depth, parents)


def _add_classes(part: Element, names: Sequence[str]) -> None:
    part.set("class", " ".join(dict.fromkeys([*part.get("class", "").split(), *filter(None, names)])))


def _cut(frame: Element, parts: Sequence[Sequence[int]]) -> None:
    """Makes of the table of a frame one for each part, with the caption over each."""
    whole = next(iter(frame.findall("table")))
    at = list(frame).index(whole)
    tables = []
    for n, columns in enumerate(parts):
        table = copy.deepcopy(whole)
        for row in table.iter("tr"):
            cells = list(row)
            row[:] = [cells[column] for column in columns if column < len(cells)]
        caption = table.find("caption")
        if n and caption is not None and (word := frame.get("data-continued", "")):
            _append_text(caption, f" {word}")
        if n:
            table.set("data-part", str(n + 1))
        tables.append(table)
    frame[at : at + 1] = tables


def _caption_into_head(table: Element, continued: str) -> None:
    """Makes the caption the first row of the head, so that it is repeated where the table goes on."""
    caption, head = table.find("caption"), table.find("thead")
    row = head.find("tr") if head is not None else None
    if caption is None or head is None or row is None:
        return
    table.remove(caption)
    cell = ET.Element("th", {"class": "caption", "colspan": str(len(row)), "scope": "colgroup"})
    cell.text, cell[:] = caption.text, list(caption)
    if continued and not table.get("data-part"):
        word = ET.SubElement(cell, "span", {"class": "continued"})
        word.text = f" {continued}"
    first = ET.Element("tr", {"class": "caption-row"})
    first.append(cell)
    head.insert(0, first)
    _add_classes(table, ("with-caption",))


def _append_text(part: Element, text: str) -> None:
    if len(part):
        part[-1].tail = (part[-1].tail or "") + text
    else:
        part.text = (part.text or "") + text


def _lift(frame: Element, depth: int, parents: dict[Element, Element], number: int) -> None:
    """Takes a frame out of the columns: to the end of its entry, or after it where the entry itself is in columns.

    So the text runs on, and the page before is full. A line in its place leads to it.
    """
    around = _around(frame, parents)
    outer = around[-1 - depth] if depth else None
    entry = next((part for part in around if part.tag == "article"), None)
    home = parents[frame]
    at = list(home).index(frame)
    name = frame.get("id") or f"{entry.get('id', '') if entry is not None else 'page'}-frame-{number}"
    frame.set("id", name)
    home[at] = _pointer(frame, name)
    home[at].tail, frame.tail = frame.tail, None
    if entry is None:
        target, after = (outer if outer is not None else home[at]), True
    elif outer is not None and around.index(outer) > around.index(entry):
        target, after = _split_after(entry, outer, parents), True
    else:
        target, after = entry, False
    if not after:
        target.append(frame)
        parents[frame] = target
    else:
        _insert_after(target, frame, parents)
    frame.set("data-lifted", "1")
    if entry is not None:
        _move_end(entry, frame)


def _part_columns(frame: Element, depth: int, parents: dict[Element, Element]) -> None:
    """Takes a frame out of the columns in its place: they end before it and begin again after it."""
    around = _around(frame, parents)
    outer = around[-1 - depth]
    _split_after(frame, outer, parents)
    home = parents[frame]
    home.remove(frame)
    _insert_after(outer, frame, parents)


def _around(frame: Element, parents: Mapping[Element, Element]) -> list[Element]:
    """A frame and the elements around it, up to the root."""
    around = [frame]
    while around[-1] in parents:
        around.append(parents[around[-1]])
    return around


def _insert_after(target: Element, frame: Element, parents: dict[Element, Element]) -> None:
    holder = parents[target]
    place = list(holder).index(target) + 1
    while place < len(holder) and holder[place].get("data-lifted"):
        place += 1
    holder.insert(place, frame)
    parents[frame] = holder


def _split_after(node: Element, outer: Element, parents: dict[Element, Element]) -> Element:
    """Cuts the elements from one around a node up to an outer one in two after it; gives the first half."""
    while node is not outer:
        parent = parents[node]
        at = list(parent).index(node) + 1
        rest = list(parent)[at:]
        if rest:
            half = ET.Element(parent.tag, {k: v for k, v in parent.items() if k != "id"})
            parent[at:] = []
            half[:] = rest
            parents |= dict.fromkeys(rest, half)
            half.tail, parent.tail = parent.tail, None
            holder = parents[parent]
            holder.insert(list(holder).index(parent) + 1, half)
            parents[half] = holder
        node = parent
    return outer


def _pointer(frame: Element, name: str) -> Element:
    """A line that leads to a frame on a page of its own."""
    caption = next((part for part in frame.iter() if _is_caption(part)), None)
    line = ET.Element("p", {"class": "lifted"})
    link = ET.SubElement(line, "a", {"href": f"#{name}"})
    link.text = " ".join(_words(caption).split()) if caption is not None else frame.get("aria-label", "")
    return line


def _words(part: Element) -> str:
    """The text of an element, without the credit of a picture and the sign that a table goes on."""
    inner = (
        (_words(child) if child.get("class") not in {"continued", "credit"} else "") + (child.tail or "")
        for child in part
    )
    return (part.text or "") + "".join(inner)


def _move_end(entry: Element, frame: Element) -> None:
    """Lets the entry end with the frame: its pages are counted up to there."""
    end = f"{entry.get('id', '')}-end"
    for part in entry.iter():
        if part.get("id") == end:
            del part.attrib["id"]
            ET.SubElement(frame, "div", {"id": end})
            return
