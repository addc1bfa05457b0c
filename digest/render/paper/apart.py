"""Lets WeasyPrint lay out a sheet as a part of a longer document, and draw the content of its pages alone."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from digest.render.paper import faces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.render.paper.sheet import Job

CONTINUED: Final = "data-continued"  # marks elements of a sheet that began in an earlier one
Changes = dict[tuple[Any, str], Any]
"""What takes the place of a name in a module or class of WeasyPrint."""


@contextlib.contextmanager
def changed(changes: Mapping[tuple[Any, str], Any]) -> Iterator[None]:
    """Puts other functions in the place of WeasyPrint's while this lasts."""
    originals = {(owner, name): getattr(owner, name) for owner, name in changes}
    for (owner, name), change in changes.items():
        setattr(owner, name, change)
    try:
        yield
    finally:
        for (owner, name), original in originals.items():
            setattr(owner, name, original)


@contextlib.contextmanager
def laid_out_apart(weasyprint: Any, job: Job) -> Iterator[SimpleNamespace]:  # noqa: ANN401 - WeasyPrint has no types
    """Lays out and draws the content of pages alone, of a document that may begin before this sheet.

    Yields:
        `asked`, the places of other sheets whose page is printed; `counted`, whether pages of its own are; `notes`, how
        many footnotes there are; `numbered`, whether the number of one is printed; `pages`, by page box what running
        heads need.
    """
    seen = SimpleNamespace(asked=set(), counted=False, notes=0, numbered=False, pages={})
    changes = _paging(job) | _content(seen) | _links(weasyprint, job) | _targets(job, seen) | _notes(job, seen)
    with changed(changes | drawing()):
        yield seen


def drawing() -> Changes:
    """Draws without fonts, which all sheets share, and names what is drawn the same in each sheet."""
    from weasyprint import pdf
    from weasyprint.pdf.fonts import Font
    from weasyprint.pdf.stream import Stream

    add_image = Stream.add_image
    seen: dict[Any, int] = {}

    def named(stream: Any, image: Any, interpolate: Any, ratio: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        image.id = f"{seen.setdefault(image, len(seen))}-"  # not by the address of its file on this machine
        return add_image(stream, image, interpolate, ratio)

    return {
        (Stream, "add_image"): named,
        (pdf, "build_fonts_dictionary"): faces.left_out,
        (Font, "get_unused_glyph_id"): faces.canonical_code,
    }


def _paging(job: Job) -> Changes:
    """Pages that follow those of other sheets: which of all they are, on which side, which number they have."""
    from weasyprint import layout
    from weasyprint.layout import page as paging

    original_type, initialize, update = paging.PageType, layout.initialize_page_maker, paging._update_page_groups  # noqa: SLF001 - no other place has it
    offset = 0 if job.first else 1

    def page_type(side: str, blank: bool, name: str, index: int, groups: Any) -> Any:  # noqa: ANN401 - as WeasyPrint's
        return original_type(side, blank, name, index + offset, groups)

    def begun(context: Any, root_box: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        initialize(context, root_box)
        resume_at, next_page, right_page, *rest = context.page_maker[0]
        if not job.first:  # a page break is before it: margins at the top of the page stay
            next_page = {"break": "page", "page": next_page["page"]}
        if job.side:
            right_page = job.side == "right"
        if job.start:
            rest[0][1]["page"] = [job.start]
        context.page_maker[0] = (resume_at, next_page, right_page, *rest)

    def grouped(page_groups: list[Any], resume_at: Any, next_page: Any, root_box: Any, blank: bool) -> Any:  # noqa: ANN401 - as WeasyPrint's
        before = len(page_groups)
        name = update(page_groups, resume_at, next_page, root_box, blank)
        if len(page_groups) > before and resume_at is None:
            element, path = root_box, page_groups[-1][2]
            while path:
                ((n, path),) = path.items()
                element = element.children[n]
            if element.element is not None and element.element.get(CONTINUED) == "":
                page_groups[-1][1] = 1  # its first page is in an earlier sheet
        return name

    return {
        (paging, "PageType"): page_type,
        (paging, "_update_page_groups"): grouped,
        (layout, "initialize_page_maker"): begun,
    }


def _notes(job: Job, seen: SimpleNamespace) -> Changes:
    """Footnotes are counted from those of the sheets before."""
    from weasyprint.formatting_structure import build

    to_box = build.element_to_box

    class Counters(dict[str, list[int]]):
        def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as that of a `dict`
            seen.numbered = seen.numbered or name == "footnote"
            return super().get(name, default)

    def counted(*args: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        counters = Counters(footnote=[job.notes], note=[0])
        with changed({(build, "element_to_box"): to_box}):
            boxes = to_box(*args, ([0], counters, [{"footnote", "note"}], []))
        seen.notes = counters["footnote"][0] - job.notes
        return boxes

    return {(build, "element_to_box"): counted}


def _content(seen: SimpleNamespace) -> Changes:
    """Pages without what is around their content; what that needs to know of them is written down."""
    import weasyprint.document as document_
    from weasyprint import layout
    from weasyprint.draw import draw_stacking_context
    from weasyprint.stacking import StackingContext

    def recorded(context: Any, page: Any, _state: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        strings = {name: pages[context.current_page] for name, pages in context.string_set.items()}
        elements = [box.element for box in page.descendants() if getattr(box, "element", None) is not None]
        seen.pages[page] = {name: list(texts) for name, texts in strings.items() if texts} | _heads(elements)
        return ()

    def drawn(page: Any, stream: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        draw_stacking_context(stream, StackingContext.from_page(page))

    return {(layout, "make_margin_boxes"): recorded, (document_, "draw_page"): drawn}


def _heads(elements: Sequence[Any]) -> dict[str, list[str]]:
    """What running heads may say of the elements on a page: ``string(numbers)`` and ``string(entry)``.

    ``numbers`` is what the elements with ``data-number`` have there: nothing, one number, or the first and the last as
    a range. ``entry`` is the ``data-running-head`` of the first element that has one, even if it began on an earlier
    page.
    """
    numbers = [*dict.fromkeys(number for element in elements if (number := element.get("data-number")))]
    text = numbers[0] if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}" if numbers else ""
    found = (head for element in elements if (head := element.get("data-running-head")) is not None)
    return {"numbers": [text], "entry": [next(found, "")]}


def _links(weasyprint: Any, job: Job) -> Changes:  # noqa: ANN401 - WeasyPrint has no types
    """Links to places of other sheets stay; those to places that are nowhere are reported."""
    from weasyprint import pdf

    def links(pages: Any) -> Iterator[Any]:  # noqa: ANN401 - WeasyPrint has no types
        anchors: set[str] = set()
        for page in pages:
            places = {name: place for name, place in page.anchors.items() if name not in anchors}
            anchors.update(places)
            kept = []
            for link in page.links:
                if link[0] == "internal" and link[1] in job.lacking:
                    weasyprint.logger.LOGGER.error("No anchor #%s for internal URI reference", link[1])
                else:
                    kept.append(link)
            yield kept, [(name, place[0], place[1]) for name, place in places.items()]

    return {(pdf, "resolve_links"): links}


def _targets(job: Job, seen: SimpleNamespace) -> Changes:
    """Numbers of pages that the job brings, in the place of those that a layout of all sheets would give."""
    import weasyprint.document as document_

    class Targets(document_.TargetCollector):  # type: ignore[misc]  # WeasyPrint has no types
        def lookup_target(self, anchor_token: Any, source_box: Any, css_token: Any, parse_again: Any) -> Any:  # noqa: ANN401 - see above
            token = anchor_token
            if token[0] == "attr()":
                token = ("string", source_box.element.get(token[1][0], token[1][2]))
            name = token[1][1:] if token[0] == "string" and str(token[1]).startswith("#") else ""
            if token[0] == "url" and token[1][0] == "internal":
                name = token[1][1]
            if name in job.numbers:
                seen.asked.add(name)
                return SimpleNamespace(
                    state="up-to-date",
                    cached_page_counter_values={"page": [job.numbers[name]]},
                    target_box=SimpleNamespace(cached_counter_values={}),
                )
            seen.counted = seen.counted or name in self.target_lookup_items
            return super().lookup_target(anchor_token, source_box, css_token, parse_again)

    return {(document_, "TargetCollector"): Targets}
