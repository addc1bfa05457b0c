"""Lets WeasyPrint 70 lay out and draw in less time, without changing a byte of what it writes.

Each patch says what it replaces, why the result is the same, and when it can go. Another version of WeasyPrint gets
none of them. `linebreaks` keeps broken lines of text; here whole lines, styles and what follows from them are kept.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The versions whose output was compared with and without the patches.
TESTED: Final = {"weasyprint": ("70.0",), "pydyf": ("0.13.0",), "cssselect2": ("0.10.1",)}

_Change = tuple[Any, str, Any]  # in what, which name, what it is meanwhile


def is_tested(weasyprint: Any) -> bool:  # noqa: ANN401 - WeasyPrint has no types
    """Whether what is installed are the versions that were tested."""
    libraries = (weasyprint, weasyprint.pdf.pydyf, weasyprint.cssselect2)
    return all(library.__version__ in TESTED[library.__name__] for library in libraries)


def units(weasyprint: Any) -> int | None:  # noqa: ANN401 - as above
    """How many of Pango's units are in a CSS pixel, for `linebreaks`; None for a version that was not tested."""
    found: int | None = weasyprint.text.ffi.TO_UNITS if is_tested(weasyprint) else None
    return found


@contextlib.contextmanager
def patches(weasyprint: Any) -> Iterator[None]:  # noqa: ANN401 - as above
    """Makes WeasyPrint quicker while this lasts, if its version is one that was tested."""
    if not is_tested(weasyprint):
        yield
        return
    before: list[_Change] = []
    try:
        for patch in _PATCHES:
            for owner, name, value in patch(weasyprint):
                before.append((owner, name, owner.__dict__[name]))
                setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in reversed(before):
            setattr(owner, name, value)


def _everywhere(name: str, original: Any, value: Any) -> Iterator[_Change]:  # noqa: ANN401 - as above
    """The change of a function in each module of WeasyPrint that has it."""
    for module in [*sys.modules.values()]:
        if getattr(module, "__name__", "").startswith("weasyprint") and module.__dict__.get(name) is original:
            yield module, name, value


# -- lines -------------------------------------------------------------------------------------------------------------


def _lines(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """Each line of text is laid out once for a page.

    Replaces `get_next_linebox`: columns are laid out again and again, and their lines are the same at another height.
    Same: only lines of text, of pictures and of blocks within a line are kept, where no float is near; all that such a
    line depends on is in the key, and the height is added by the same sum. What is kept is dropped when a page begins.
    Goes when WeasyPrint balances columns without laying each line out again.
    """
    inline, page = weasyprint.layout.inline, weasyprint.layout.page
    kept = _Lines(inline.get_next_linebox, inline.line_box_verticality, weasyprint.formatting_structure.boxes)
    make_page = page.make_page

    @functools.wraps(make_page)
    def fresh(*place: Any) -> Any:  # noqa: ANN401 - as above
        kept.forget()
        return make_page(*place)

    @functools.wraps(kept.original)
    def next_line(*place: Any) -> Any:  # noqa: ANN401 - as above
        return kept.next(*place)

    yield inline, "get_next_linebox", next_line
    yield inline, "line_box_verticality", kept.verticality
    yield page, "make_page", fresh


class _Lines:
    """The lines of a page by all that they depend on."""

    def __init__(self, original: Any, verticality: Any, boxes: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        self.original = original
        self._verticality = verticality
        self._atoms = frozenset({boxes.TextBox, boxes.InlineReplacedBox})
        self._parents = frozenset({boxes.LineBox, boxes.InlineBox, boxes.InlineBlockBox})
        self._simple: dict[int, tuple[Any, bool]] = {}
        self._found: dict[Any, tuple[Any, float, Any, tuple[float, float, float]]] = {}
        self._measured: list[tuple[Any, float, list[float]] | None] = []

    def forget(self) -> None:
        """Drops all lines."""
        self._simple.clear()
        self._found.clear()

    def verticality(self, line: Any) -> Any:  # noqa: ANN401 - as above
        """In place of `line_box_verticality`: notes where the boxes are before they are moved to their height."""
        bottom, top = self._verticality(line)
        if self._measured:
            self._measured[-1] = (line, top, [box.position_y for box in line.descendants()])
        return bottom, top

    def next(
        self,
        context: Any,  # noqa: ANN401 - WeasyPrint has no types
        box: Any,  # noqa: ANN401 - as above
        y: float,
        space: float,
        skip: Any,  # noqa: ANN401 - as above
        around: Any,  # noqa: ANN401 - as above
        absolutes: Any,  # noqa: ANN401 - as above
        fixed: Any,  # noqa: ANN401 - as above
        letter: Any,  # noqa: ANN401 - as above
        first: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        """In place of `get_next_linebox`."""
        if letter or first:
            self._simple[id(box)] = (box, False)  # its boxes are changed
        if context.excluded_shapes or not self._is_simple(box):
            return self.original(context, box, y, space, skip, around, absolutes, fixed, letter, first)
        place, rest = [id(box)], skip
        while rest:
            ((index, rest),) = rest.items()
            place.append(index)
        key = (
            *place,
            "",
            around.content_box_x(),
            around.width,
            around.height,
            around.style["direction"],
            box.text_indent,
        )
        known = self._found.get(key)
        if known is not None and (dy := y - known[1]) != 0:
            line, _, resume, (box.position_x, box.width, box.height) = known
            box.position_y = y
            again = _moved(line, dy)
            again.position_y = y
            return again, resume
        self._measured.append(None)
        try:
            line, resume = self.original(context, box, y, space, skip, around, absolutes, fixed, letter, first)
        finally:
            measured = self._measured.pop()
        if measured is not None and measured[0] is line:
            _, top, heights = measured
            self._found[key] = (_placed(line, iter(heights)), top, resume, (box.position_x, box.width, box.height))
        return line, resume

    def _is_simple(self, box: Any) -> bool:  # noqa: ANN401 - as above
        """Whether a line is laid out in the same way wherever it is."""
        known = self._simple.get(id(box))
        if known is None:
            simple = not box.style["margin_top"].value and all(map(self._may_be_kept, box.descendants()))
            known = self._simple[id(box)] = (box, simple)  # with the box, its id stays its own
        return known[1]

    def _may_be_kept(self, box: Any) -> bool:  # noqa: ANN401 - as above
        kind = type(box)
        if kind not in self._atoms and (kind not in self._parents or box.is_table_wrapper):
            return False
        return box.is_in_normal_flow() and box.first_letter_style is None and box.first_line_style is None


def _moved(box: Any, dy: float) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """A copy of a box and of all in it, further down."""
    new = object.__new__(type(box))
    values = new.__dict__
    values.update(box.__dict__)
    values["position_y"] += dy
    if children := box.children:
        values["children"] = type(children)([_moved(child, dy) for child in children])
    elif (layout := values.get("pango_layout")) is not None:
        values["pango_layout"] = own = object.__new__(type(layout))
        own.__dict__.update(layout.__dict__)
    return new


def _placed(box: Any, heights: Iterator[float]) -> Any:  # noqa: ANN401 - as above
    """A copy of a box and of all in it, at these heights."""
    new = object.__new__(type(box))
    values = new.__dict__
    values.update(box.__dict__)
    values["position_y"] = next(heights)
    if children := box.children:
        values["children"] = type(children)([_placed(child, heights) for child in children])
    elif (layout := values.get("pango_layout")) is not None:
        values["pango_layout"] = own = object.__new__(type(layout))
        own.__dict__.update(layout.__dict__)
    return new


# -- styles ------------------------------------------------------------------------------------------------------------


def _struts(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """The height of a line is kept with its style.

    Replaces `strut`. Same: the result is that of the first call, and what it depends on does not change in a style
    that boxes have. Goes when WeasyPrint keeps it without a key that is made of fourteen texts.
    """
    original = weasyprint.text.line_break.strut

    def strut(style: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        try:
            return style.kept_strut
        except AttributeError:
            style.kept_strut = found = original(style)
            return found

    yield from _everywhere("strut", original, strut)


def _sizes(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """What a box is wide and high without its surroundings is found once for each style.

    Replaces `resolve_percentages`. Same: lengths in pixels and “auto” are set as they were; percentages, functions,
    collapsed borders and the boxes whose styles WeasyPrint changes while it measures them (in flex and grid) go the
    usual way. Goes when WeasyPrint resolves only what is a percentage.
    """
    percent = weasyprint.layout.percent
    original = percent.resolve_percentages
    one, sizing = percent.resolve_one_percentage, percent.adjust_box_sizing
    box_class, page_class = weasyprint.formatting_structure.boxes.Box, weasyprint.formatting_structure.boxes.PageBox

    def resolve(box: Any, containing_block: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        if not isinstance(box, box_class) or box.is_flex_item or box.is_grid_item:
            original(box, containing_block)
            return
        if isinstance(containing_block, box_class):
            width, height = containing_block.width, containing_block.height
        else:
            width, height = containing_block
        style = box.style
        is_auto = height == "auto"
        try:
            plan = style.kept_sizes[is_auto]
        except AttributeError:
            style.kept_sizes = plans = (_plan(style, False), _plan(style, True))
            plan = plans[is_auto]
        if plan is None:
            original(box, containing_block)
            return
        same, other, is_sized = plan
        box.__dict__.update(same)
        if other:
            maybe = height if isinstance(box, page_class) else width
            for name, of in other:
                one(box, name, width if of == "width" else maybe if of == "maybe" else height)
        if is_sized:
            sizing(box, "width")
            sizing(box, "height")

    yield from _everywhere("resolve_percentages", original, resolve)


_OF_WIDTH: Final = ("margin_left", "margin_right", "padding_left", "padding_right", "width", "min_width", "max_width")
_OF_EITHER: Final = ("margin_top", "margin_bottom", "padding_top", "padding_bottom")
_OF_HEIGHT: Final = ("height", "min_height", "max_height")
_BORDERS: Final = tuple(f"border_{side}_width" for side in ("top", "right", "bottom", "left"))


def _plan(style: Any, is_auto: bool) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """What is the same for all boxes of a style; which lengths depend on others; whether borders are inside.

    None where all goes the usual way.
    """
    if style["border_collapse"] == "collapse":
        return None
    same: dict[str, Any] = {name: style[name] for name in _BORDERS}
    other = []
    names = [(name, "width") for name in _OF_WIDTH] + [(name, "maybe") for name in _OF_EITHER]
    for name, of in [*names, *((name, "height") for name in _OF_HEIGHT)]:
        value = style[name]
        if value is None or value == "auto":
            same[name] = 0 if value == "auto" and name in {"min_width", "min_height"} else value
        elif getattr(value, "unit", None) == "px":
            same[name] = value.value
        elif is_auto and of == "height":
            return None
        else:
            other.append((name, of))
    return same, tuple(other), style["box_sizing"] != "content-box"


def _computed(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """Properties that no rule sets come from the parent or the initial values without further questions.

    Replaces `__missing__` of styles of elements and `__init__` of those of boxes without one. Same: these are the first
    steps of it that apply; properties that depend on others, functions, and all that a rule sets go the usual way.
    What each box is asked for is there at once. Goes when WeasyPrint finds a missing property in less time.
    """
    css = weasyprint.css
    original, anonymous = css.ComputedStyle.__missing__, css.AnonymousStyle.__init__
    inherited, initial, not_computed = css.INHERITED, css.INITIAL_VALUES, css.INITIAL_NOT_COMPUTED
    physical, is_math = css.PHYSICAL_FUNCTIONS, css.check_math
    usual = {"float", "display", "position", "page", *(name for name in initial if name.startswith("text_decoration_"))}
    plain = frozenset(name for name in initial if name not in usual and (name in inherited or name not in not_computed))
    first = {name: initial[name] for name in (*_OF_WIDTH, *_OF_EITHER, *_OF_HEIGHT, *_ASKED) if name in plain}
    ways = [(name, function(block="ttb", inline=way)) for name, function in physical.items() for way in ("ltr", "rtl")]
    logical = frozenset(other for name, other in ways if name in first or name in _BORDERS)
    styles = frozenset(name.replace("width", "style") for name in _BORDERS)
    borders = frozenset({*_BORDERS, *styles})
    none = dict.fromkeys(_BORDERS, 0)
    taken = tuple(name for name in _TAKEN if name in inherited)

    def begin(self: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        """What each box is asked for."""
        cascaded = self.cascaded
        if cascaded.keys().isdisjoint(logical):
            if cascaded.keys().isdisjoint(first):
                self.update(first)
            else:
                self.update({name: value for name, value in first.items() if name not in cascaded})
            if cascaded.keys().isdisjoint(borders):
                self.update(none)
        if (parent := self.parent_style) is not None:
            for name in taken:
                if name not in cascaded:
                    self[name] = parent[name]

    def missing(self: Any, key: str) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        if key not in plain or key in self.cascaded:
            if key == "display" and "height" not in self:  # the first question to the style of a box
                begin(self)
            return original(self, key)
        if (logical := physical.get(key)) and logical(block="ttb", inline=self["direction"]) in self.cascaded:
            return original(self, key)
        if key in inherited:
            if (parent := self.parent_style) is None:
                return original(self, key)
            value = parent[key]
        else:
            value = initial[key]
        if is_math(value):
            return original(self, key)
        self[key] = value
        return value

    own = {**first, "float": initial["float"], "position": initial["position"]}

    def new(self: Any, parent: Any) -> None:  # noqa: ANN401 - as above
        anonymous(self, parent)
        self.update(own)

    yield css.ComputedStyle, "__missing__", missing
    yield css.AnonymousStyle, "__init__", new


# Not inherited, and asked of each box.
_ASKED: Final = (
    "anchor",
    "appearance",
    "background_color",
    "background_image",
    "bookmark_level",
    "bookmark_state",
    "border_bottom_left_radius",
    "border_bottom_right_radius",
    "border_bottom_style",
    "border_image_source",
    "border_left_style",
    "border_right_style",
    "border_top_left_radius",
    "border_top_right_radius",
    "border_top_style",
    "box_decoration_break",
    "box_shadow",
    "box_sizing",
    "break_after",
    "break_before",
    "break_inside",
    "column_count",
    "column_width",
    "continue",
    "counter_increment",
    "counter_reset",
    "counter_set",
    "image_orientation",
    "mask_border_source",
    "max_lines",
    "opacity",
    "outline_color",
    "outline_offset",
    "outline_style",
    "overflow",
    "transform",
    "vertical_align",
)
# Inherited, asked of each box, and never a function.
_TAKEN: Final = (
    "border_collapse",
    "direction",
    "font_family",
    "font_feature_settings",
    "font_kerning",
    "font_language_override",
    "font_stretch",
    "font_style",
    "font_variant_alternates",
    "font_variant_caps",
    "font_variant_east_asian",
    "font_variant_ligatures",
    "font_variant_numeric",
    "font_variant_position",
    "font_variation_settings",
    "font_weight",
    "hyphens",
    "lang",
    "overflow_wrap",
    "text_transform",
    "visibility",
    "white_space",
)


def _siblings(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """The elements after another are found once for all children of a parent.

    Replaces `iter_next_siblings`, which ``:has(+ …)`` asks of each element, and which goes through all children each
    time. Same: they are the children after it. Goes when cssselect2 begins at the element.
    """

    def following(self: Any) -> Iterator[Any]:  # noqa: ANN401 - cssselect2 has no types
        if (parent := self.parent) is None:
            return iter(())
        if (children := parent.__dict__.get("kept_children")) is None:
            parent.kept_children = children = [*parent.iter_children()]
        return iter(children[self.index + 1 :])

    yield weasyprint.cssselect2.ElementWrapper, "iter_next_siblings", following


# -- boxes -------------------------------------------------------------------------------------------------------------


def _flow(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """Whether a box is in the flow is one look at two properties.

    Replaces `is_in_normal_flow`. Same: the five questions that it asks are about these two. Goes when WeasyPrint asks
    them in one.
    """
    out = frozenset({"left", "right", "inline-start", "inline-end", "footnote"})

    def is_in_normal_flow(self: Any) -> bool:  # noqa: ANN401 - WeasyPrint has no types
        style = self.style
        if style["float"] in out:
            return False
        position = style["position"]
        if position == "static" or position == "relative":  # noqa: PLR1714 - quicker
            return True
        return position not in ("absolute", "fixed") and position[0] not in ("running()", "note()")

    yield weasyprint.formatting_structure.boxes.Box, "is_in_normal_flow", is_in_normal_flow


def _descendants(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """What is in a box is found by one loop.

    Replaces `descendants`. Same: the same boxes in the same order, each looked into when it is reached; a generator
    inside of generators hands each box through all of them. Goes when WeasyPrint has a loop.
    """
    box_class = weasyprint.formatting_structure.boxes.Box

    def descendants(self: Any, placeholders: bool = False) -> Iterator[Any]:  # noqa: ANN401 - WeasyPrint has no types
        yield self
        open_ = [iter(self.children)]
        while open_:
            for child in open_[-1]:
                if isinstance(child, box_class):
                    yield child
                    if child.children:
                        open_.append(iter(child.children))
                        break
                elif placeholders:
                    yield from child.descendants(placeholders)
                else:
                    yield child
            else:
                open_.pop()

    yield box_class, "descendants", descendants


def _page_names(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """The named page on which a box begins or ends is asked of one child for each level.

    Replaces `page_values` and `block_level_page_name`. Same: only the first or last child in the flow counts; asking
    both for both ends doubles the work with each level. Goes when WeasyPrint does.
    """
    boxes, block = weasyprint.formatting_structure.boxes, weasyprint.layout.block

    def at_end(box: Any, last: bool) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        if getattr(type(box), "page_values", None) is not page_values:
            return box.page_values()[last]
        children = box.children
        for child in reversed(children) if last else children:
            if child.is_in_normal_flow() or child.is_floated():
                return at_end(child, last) or box.style["page"]
        return box.style["page"]

    def page_values(self: Any) -> Any:  # noqa: ANN401 - as above
        return at_end(self, False), at_end(self, True)

    def name(before: Any, after: Any) -> Any:  # noqa: ANN401 - as above
        following = at_end(after, False)
        return following if at_end(before, True) != following else None

    yield boxes.ParentBox, "page_values", page_values
    yield block, "block_level_page_name", name


def _margins(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """Margins that meet are one loop; whether a box is a context of its own, one look at each property.

    Replaces `collapse_margin` and `establishes_formatting_context`. Same: the highest and the lowest margin, and the
    same questions. Goes when WeasyPrint makes no lists and asks no functions there.
    """
    boxes, block = weasyprint.formatting_structure.boxes, weasyprint.layout.block

    out = frozenset({"left", "right", "inline-start", "inline-end"})

    def collapse_margin(adjoining_margins: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        high = low = 0
        for margin in adjoining_margins:
            if margin > high:
                high = margin
            elif margin < low:
                low = margin
        return high + low

    def establishes_formatting_context(self: Any) -> bool:  # noqa: ANN401 - as above
        style = self.style
        if style["float"] in out or style["position"] in ("absolute", "fixed") or self.is_column:
            return True
        if isinstance(self, boxes.BlockBox):
            if style["overflow"] != "visible":
                return True
        elif isinstance(self, boxes.BlockContainerBox):
            return True
        return "flow-root" in style["display"]

    yield from _everywhere("collapse_margin", block.collapse_margin, collapse_margin)
    yield boxes.Box, "establishes_formatting_context", establishes_formatting_context


def _collisions(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """Where there is no float, a box is where it would be.

    Replaces `avoid_collisions`. Same: this is what remains of it without shapes to avoid. Goes when WeasyPrint begins
    with this question.
    """
    original = weasyprint.layout.float.avoid_collisions

    def avoid(context: Any, box: Any, containing_block: Any, outer: bool = True) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        if outer or context.excluded_shapes or box.is_floated() or containing_block.style["direction"] != "ltr":
            return original(context, box, containing_block, outer=outer)
        left, above = containing_block.content_box_x(), box.margin_top
        right = left + containing_block.width
        left += box.margin_left
        right -= box.margin_right
        return left - box.margin_left, box.position_y + above - above, right - left

    yield from _everywhere("avoid_collisions", original, avoid)


# -- text --------------------------------------------------------------------------------------------------------------


def _contexts(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """What Pango has to know of a style is said once for all styles that say the same.

    Replaces `Layout.setup`. Same: context, font and language depend on the properties in the key alone, and no layout
    changes them; attributes, which layouts change, are made for each. Goes when WeasyPrint keeps a context for each
    style.
    """
    ffi, gobject, pango = (getattr(weasyprint.text.ffi, name) for name in ("ffi", "gobject", "pango"))
    contexts = _Contexts(weasyprint.text)

    def setup(self: Any, style: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        context, font, values, features, _ = contexts.of(style)
        self.__dict__.update(values)
        self.style = style
        self.layout = layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(layout, False)
        pango.pango_layout_set_font_description(layout, font)
        if features is not None:
            attributes = pango.pango_attr_list_new()
            pango.pango_attr_list_insert(attributes, features)
            pango.pango_layout_set_attributes(layout, attributes)

    yield weasyprint.text.line_break.Layout, "setup", setup


class _Contexts:
    """What Pango knows of a style: the context, the font, values of a layout, its features; and what has to live on."""

    def __init__(self, text: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        self._text = text

    def of(self, style: Any) -> Any:  # noqa: ANN401 - as above
        """The one of a style, which has it from then on."""
        try:
            return style.kept_context
        except AttributeError:
            config = style.font_config
        known = config.__dict__.setdefault("kept_contexts", {})
        is_decorated = style["text_decoration_line"] != "none"
        key = repr([is_decorated, *(style[name] for name in _OF_FONT)])
        if key not in known:
            known[key] = self._new(style, is_decorated)
        style.kept_context = known[key]
        return known[key]

    def _new(self, style: Any, is_decorated: bool) -> Any:  # noqa: ANN401 - as above
        library, constants = self._text.ffi, self._text.constants
        ffi, pango, unref = library.ffi, library.pango, library.gobject.g_object_unref
        context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), unref)
        pango.pango_context_set_round_glyph_positions(context, False)
        pango.pango_context_set_base_dir(context, constants.PANGO_DIRECTION[style["direction"]])
        name = style["lang"]
        if (other := style["font_language_override"]) != "normal":
            name = constants.LST_TO_ISO.get(other.lower(), other)
        pointer, text = library.unicode_to_char_p(name) if name else (None, b"")
        if text:
            language = pango.pango_language_from_string(pointer)
            pango.pango_context_set_language(context, language)
        else:
            language = pango.pango_language_get_default()
        font = self._text.fonts.get_font_description(style)
        values: dict[str, Any] = {"language": language, "first_line_direction": 0}
        values |= dict.fromkeys(("ascent", "underline_position", "strikethrough_position"))
        if is_decorated:
            metrics = ffi.gc(pango.pango_context_get_metrics(context, font, language), pango.pango_font_metrics_unref)
            for name in _METRICS:
                values[name] = library.FROM_UNITS * getattr(pango, f"pango_font_metrics_get_{name}")(metrics)
        features = None
        if found := self._text.fonts.font_features(*(style[name] for name in _FEATURES)):
            text = ",".join(f"{name} {value}" for name, value in found.items()).encode()
            known = style.font_config.font_features
            if text not in known:
                known[text] = pango.pango_attr_font_features_new(text)
            features = known[text]
        return context, font, values, features, pointer


_METRICS: Final = (
    "ascent",
    "underline_position",
    "strikethrough_position",
    "underline_thickness",
    "strikethrough_thickness",
)
_FEATURES: Final = (
    "font_kerning",
    "font_variant_ligatures",
    "font_variant_position",
    "font_variant_caps",
    "font_variant_numeric",
    "font_variant_alternates",
    "font_variant_east_asian",
    "font_feature_settings",
)
_OF_FONT: Final = (
    *_FEATURES,
    "direction",
    "lang",
    "font_language_override",
    "font_family",
    "font_style",
    "font_stretch",
    "font_weight",
    "font_size",
    "font_variation_settings",
)


def _justified(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """A line that is stretched gets its layout when it is drawn.

    Replaces `create_layout` where lines are justified: it makes a layout, throws it away, and keeps the text. Same: the
    text and the values are those that are kept. Goes when WeasyPrint makes none there.
    """
    inline, contexts = weasyprint.layout.inline, _Contexts(weasyprint.text)
    layout_class = weasyprint.text.line_break.Layout

    def create(text: str, style: Any, context: Any, max_width: Any, justification_spacing: float) -> Any:  # noqa: ANN401, ARG001 - as above
        values = contexts.of(style)[2]
        if text == " " and style["word_spacing"]:
            text = " \u200b"  # as WeasyPrint does it: one space alone would not be stretched
        if (end := text.find("\n")) != -1:
            text = text[: end + 2]
        layout = object.__new__(layout_class)
        layout.__dict__.update(values)
        layout.justification_spacing, layout.max_width, layout.text = justification_spacing, max_width, text
        layout.layout = layout.style = None  # it is put to sleep at once
        return layout

    yield inline, "create_layout", create


# -- the file ----------------------------------------------------------------------------------------------------------


def _references(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """The references to all pages are made once.

    Replaces `PDF.page_references`, which makes all of them for each element of the structure. Same: they depend on the
    list of pages alone, which only grows. Goes when pydyf keeps them or WeasyPrint asks for one.
    """
    pydyf = weasyprint.pdf.pydyf
    original = pydyf.PDF.__dict__["page_references"].fget

    def references(self: Any) -> Any:  # noqa: ANN401 - pydyf has no types
        count = len(self.pages["Kids"])
        known = self.__dict__.get("kept_references")
        if known is None or known[0] != count:
            known = self.kept_references = (count, original(self))
        return known[1]

    yield pydyf.PDF, "page_references", property(references)


def _written(weasyprint: Any) -> Iterator[_Change]:  # noqa: ANN401 - WeasyPrint has no types
    """Each object of the file is written out, and compressed, once.

    Replaces `data` of dictionaries and streams, and `write`, which asks for the data of each object again for the
    identifier of the file; and `_to_bytes`, which asks for the type of each item in an order that suits few. Same: no
    object changes while the file is written. Goes when pydyf keeps what it has written.
    """
    pydyf = weasyprint.pdf.pydyf
    to_bytes, original = pydyf._to_bytes, pydyf.PDF.write  # noqa: SLF001 - what is replaced
    stream_data = pydyf.Stream.__dict__["data"].fget
    kept: dict[int, bytes] = {}
    writing: list[Any] = []
    names: dict[str, bytes] = {}

    def bytes_of(item: Any) -> bytes:  # noqa: ANN401 - pydyf has no types
        kind = type(item)
        if kind is bytes:
            return item  # type: ignore[no-any-return]  # it is bytes
        if kind is int or kind is str:
            return str(item).encode("ascii")
        return to_bytes(item)  # type: ignore[no-any-return]  # pydyf has no types

    def dictionary(self: Any) -> bytes:  # noqa: ANN401 - pydyf has no types
        if writing and (known := kept.pop(id(self), None)) is not None:
            return known
        parts: list[bytes] = []
        for key, value in self.items():
            if (name := names.get(key)) is None:
                names[key] = name = b"/" + to_bytes(key) + b" "
            parts += (name, bytes_of(value))
        data = b"<<" + b"".join(parts) + b">>"
        if writing and self.number is not None:
            kept[id(self)] = data
        return data

    def stream(self: Any) -> bytes:  # noqa: ANN401 - pydyf has no types
        if writing and (known := kept.pop(id(self), None)) is not None:
            return known
        data: bytes = stream_data(self)
        if writing and self.number is not None:
            kept[id(self)] = data
        return data

    def write(self: Any, *place: Any, **named: Any) -> None:  # noqa: ANN401 - pydyf has no types
        writing.append(self)
        try:
            original(self, *place, **named)
        finally:
            writing.pop()
            kept.clear()

    yield pydyf, "_to_bytes", bytes_of
    yield pydyf.Dictionary, "data", property(dictionary)
    yield pydyf.Stream, "data", property(stream)
    yield pydyf.PDF, "write", write


_PATCHES: Final[tuple[Callable[[Any], Iterator[_Change]], ...]] = (
    _lines,
    _struts,
    _sizes,
    _computed,
    _siblings,
    _flow,
    _page_names,
    _margins,
    _collisions,
    _descendants,
    _contexts,
    _justified,
    _references,
    _written,
)
