"""Where lines and pages break beyond what WeasyPrint knows: entries kept whole, lines on either side, stacked hyphens.

WeasyPrint 70 keeps all of a block with `break-inside: avoid` on one page or breaks it anywhere, and has no
`hyphenate-limit-lines`. What is here asks it to lay the same entry out again where the break would be a bad one.
"""

from __future__ import annotations

import contextlib
from math import inf
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES: Final = 4  # lines of text that an entry leaves on either side of a break
WHOLE: Final = 1 / 2  # of a page: an entry that is not higher is not broken
EMPTY: Final = 1 / 3  # of a page: no more is left empty to keep an entry whole
HYPHENS: Final = 2  # lines in a row that may end with one
_TRIES: Final = 12  # how often a break is moved up by a line
_FAR: Final = 60  # lines that are still to come: more than half a page
_TEXT: Final = frozenset({"text", "body"})  # classes of what counts as the text of an entry


@contextlib.contextmanager
def rules(block: Any, inline: Any) -> Iterator[None]:  # noqa: ANN401 - WeasyPrint has no types
    """Lets WeasyPrint break entries and lines as a typesetter would, while this lasts.

    Args:
        block: WeasyPrint's module that lays out blocks.
        inline: its module that lays out lines.
    """
    lay_out, columns = block.block_container_layout, block.columns_layout
    next_line, split = inline.get_next_linebox, inline.split_first_line
    entries, hyphens = _Entries(lay_out, block.remove_placeholders), _Hyphens(next_line, split)

    def in_columns(context: Any, box: Any, *rest: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        if entries.is_trial and box.style["column_fill"] != "auto":
            box = _restyled(box, "column_fill", "auto")  # the height is known without balancing them
        return columns(context, box, *rest)

    def in_flow(*place: Any, **named: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        return lay_out(*place, **named) if named else entries.lay_out(*place)  # cells, and what floats, have names

    block.block_container_layout, block.columns_layout = in_flow, in_columns
    inline.get_next_linebox, inline.split_first_line = hyphens.next_line, hyphens.split
    try:
        yield
    finally:
        block.block_container_layout, block.columns_layout = lay_out, columns
        inline.get_next_linebox, inline.split_first_line = next_line, split


class _Entries:
    """Lays out entries: each `article` with `break-inside: avoid`.

    One that is not higher than half a page stays whole, if that leaves no more than a third of the page empty. Another
    is broken where at least four lines of its text are on either side. Inside of columns WeasyPrint's own rules hold.
    """

    def __init__(self, lay_out: Any, remove: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        self.is_trial = False
        self._lay_out = lay_out
        self._remove = remove
        self._top = 0.0
        self._wholes: dict[Any, tuple[float, int]] = {}
        self._before: dict[tuple[Any, str], _Text] = {}  # what is before each place in an entry

    def lay_out(self, context: Any, box: Any, space: float, skip: Any, is_empty: bool, *rest: Any) -> Any:  # noqa: ANN401
        """In place of WeasyPrint's `block_container_layout`.

        Args:
            context: of the layout.
            box: what is laid out.
            space: how much of the page's foot is not for it.
            skip: where it goes on.
            is_empty: whether nothing is on the page yet.
            rest: the lists of absolute and fixed boxes, margins, styles of first letters and lines, and more.
        """
        tag = box.element.tag if box.element is not None else ""
        if tag == "html":
            self._top = box.position_y
        if tag != "article" or box.style["break_inside"] != "avoid" or self.is_trial or context.in_column:
            return self._lay_out(context, box, space, skip, is_empty, *rest)
        absolutes, fixed, margins, *more = rest

        def attempt(space: float) -> Any:  # noqa: ANN401 - WeasyPrint has no types
            again, given = _restyled(box, "break_inside", "auto"), None if margins is None else [*margins]
            return self._lay_out(context, again, space, skip, is_empty, absolutes, fixed, given, *more)

        def without(part: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
            if part is not None:
                self._remove(context, [part], absolutes, fixed)
            return None, None, {"break": "any", "page": None}, [], False, more[-1]

        result = attempt(space)
        part, resume, *_ = result
        if part is None or resume is None:
            return result
        page, room = context.page_bottom - self._top, context.page_bottom - space - box.position_y
        may_wait, here = skip is None and not is_empty, _Text.of(part)
        if may_wait and here.lines < LINES:
            return without(part)
        if any(child.footnote for child in part.descendants()):
            return result  # what is at the foot of the page is not laid out on trial
        before = self._before.get((box.element, repr(skip)), _Text(0, 0))
        left = (_letters(box.element) - before.letters - here.letters) * here.lines
        there = LINES  # lines after the break
        if left <= _FAR * here.letters:
            height, lines = self._whole(context, box, more)
            if may_wait and room <= page * EMPTY and height <= page * WHOLE:
                return without(part)
            there = lines - before.lines - here.lines
        lines, step, up = here.lines + there, max((line.height for line in _lines(part)), default=0.0), space
        for _ in range(_TRIES):
            if there >= LINES or not step:
                break
            without(part)
            up += step
            result = attempt(up)
            part, resume, *_ = result
            if part is None or resume is None:
                break
            here = _Text.of(part)
            there = lines - here.lines
            if may_wait and here.lines < LINES:
                break
        if may_wait and (there < LINES or here.lines < LINES) and room <= page * WHOLE:
            return without(part)
        if part is None or resume is None:
            without(part)
            result = attempt(space)
            part, resume, *_ = result
        here = _Text.of(part)
        self._before[box.element, repr(resume)] = _Text(before.lines + here.lines, before.letters + here.letters)
        return result

    def _whole(self, context: Any, box: Any, more: Any) -> tuple[float, int]:  # noqa: ANN401 - as above
        """How high an entry is on one page, and how many lines its text has."""
        if box.element not in self._wholes:
            self._wholes[box.element] = self._trial(context, box, more)
        return self._wholes[box.element]

    def _trial(self, context: Any, box: Any, more: Any) -> tuple[float, int]:  # noqa: ANN401 - as above
        """The same, as a page without an end shows it."""
        again, shapes, in_column = _restyled(box, "break_inside", "auto"), [*context.excluded_shapes], context.in_column
        self.is_trial = True
        try:
            part = self._lay_out(context, again, -inf, None, True, [], [], [], *more)[0]
        finally:
            self.is_trial = False
            context.in_column = in_column
        if part is None:
            return inf, LINES
        height = part.border_height() - sum(
            child.height * (1 - 1 / columns)
            for around in part.descendants()
            if (columns := around.style["column_count"]) != "auto" and not getattr(around, "is_column", False)
            for child in around.children
            if child.is_column
        )
        lines = len(_lines(part))
        self._remove(context, [part], [], [])
        context.excluded_shapes[:] = shapes
        return height, lines


class _Hyphens:
    """Lays out lines: no more than two in a row end with a hyphen."""

    def __init__(self, next_line: Any, split: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        self._next_line = next_line
        self._new_line = getattr(next_line, "__wrapped__", next_line)  # one that is not kept: its style is another
        self._split = split
        self._is_enough = False
        self._manual: dict[int, tuple[Any, Any]] = {}  # styles by their ids, each with one that does not hyphenate
        self._runs: dict[tuple[Any, str], int] = {}  # hyphens above each place in a paragraph

    def next_line(self, context: Any, box: Any, y: float, space: float, skip: Any, *rest: Any) -> Any:  # noqa: ANN401
        """In place of WeasyPrint's `get_next_linebox`."""
        run = self._runs.get((box.element, repr(skip)), 0)
        before, self._is_enough = self._is_enough, run >= HYPHENS
        try:
            lay_out = self._new_line if self._is_enough else self._next_line
            line, resume = lay_out(context, box, y, space, skip, *rest)
        finally:
            self._is_enough = before
        if line is not None and resume is not None:
            run = run + 1 if (_last_text(line) or "").rstrip().endswith(("-", "‐")) else 0
            if run:
                self._runs[box.element, repr(resume)] = run
        return line, resume

    def split(self, text: str, style: Any, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        """In place of WeasyPrint's `split_first_line`."""
        if self._is_enough and style["hyphens"] == "auto":
            if id(style) not in self._manual:
                self._manual[id(style)] = (style, _changed(style, "hyphens", "manual"))
            _, style = self._manual[id(style)]
        return self._split(text, style, *rest, **options)


def _restyled(box: Any, name: str, value: str) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """A copy of a box with another value of a property."""
    again = box.copy()
    again.style = _changed(box.style, name, value)
    return again


def _changed(style: Any, name: str, value: str) -> Any:  # noqa: ANN401 - as above
    """A copy of a style with another value of a property."""
    again = style.copy()
    again[name] = value
    return again


class _Text(NamedTuple):
    """How much of the text of an entry there is."""

    lines: int
    letters: int

    @classmethod
    def of(cls, part: Any) -> _Text:  # noqa: ANN401 - WeasyPrint has no types
        """What is in a part of an entry that was laid out."""
        lines = _lines(part)
        texts = (len(box.text) for line in lines for box in line.descendants() if hasattr(box, "text"))
        return cls(len(lines), sum(texts))


def _lines(part: Any, inside: bool = False) -> list[Any]:  # noqa: ANN401 - WeasyPrint has no types
    """The lines of the text of an entry that are laid out, without its head, comment and citation."""
    found: list[Any] = []
    for child in getattr(part, "children", ()):
        if type(child).__name__ == "LineBox":
            found += [child] if inside and hasattr(child, "height") else []  # what is moved on has no height yet
        else:
            found += _lines(child, inside or (child.element is not None and _is_text(child.element)))
    return found


def _last_text(box: Any) -> str | None:  # noqa: ANN401 - WeasyPrint has no types
    """The text with which a line ends; of what is taken out of the flow, its own alone."""
    for child in reversed(box.children if type(box).__name__ != "AbsolutePlaceholder" else ()):
        if (text := _last_text(child)) is not None:
            return text
    return getattr(box, "text", None)


def _letters(entry: Any) -> int:  # noqa: ANN401 - as above
    """How long the text of an entry is."""
    texts = (part for part in entry.iter() if _is_text(part))
    return sum(len(text) for part in texts for text in part.itertext())


def _is_text(element: Any) -> bool:  # noqa: ANN401 - as above
    return not _TEXT.isdisjoint((element.get("class") or "").split())
