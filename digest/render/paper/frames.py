"""Makes what is around the content of pages: running heads, folios, ground; when it is known which pages they are."""

from __future__ import annotations

import contextlib
import copy
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from digest.render import mirror
from digest.render.paper import apart, engine, faces, parts, rereading, sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class FramedPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page as what is around its content depends on it.

    Attributes:
        type: which rules it follows; its side is the true one.
        strings: what its content says for running heads, by name.
        starts: the names that its first line sets.
        number: the number of the page, as its styles count.
    """

    type: sheet.PageType
    strings: dict[str, list[str]] = {}
    starts: tuple[str, ...] = ()
    number: int


class FrameJob(msgspec.Struct, frozen=True, kw_only=True):
    """What the frames of some pages are made of.

    Attributes:
        html: a document without content, with the styles and the attributes of its ``body``.
        roots: as for a sheet.
        fonts: as for a sheet.
        pages: the pages, which follow each other.
        before: what was last said for running heads before them.
        last: the number of the last page of all.
    """

    html: str
    roots: tuple[str, ...]
    fonts: str = ""
    pages: tuple[FramedPage, ...]
    before: dict[str, str] = {}
    last: int


class Frame(msgspec.Struct, frozen=True, array_like=True):
    """What is around the content of a page. Lengths are in points.

    Attributes:
        media: as in `sheet.SheetPage`.
        bleed: as there.
        trim: as there.
        area: as there.
        marks: the marks for cutting that the page asks for: ``crop``, ``cross``.
        form: the number of what is drawn in the parts.
        ground: that of the ground of the page, which is under the content; 0 for none.
    """

    media: tuple[float, ...]
    bleed: tuple[float, ...]
    trim: tuple[float, ...]
    area: tuple[float, float, float, float]
    marks: tuple[str, ...]
    form: int
    ground: int


class Frames(msgspec.Struct, frozen=True, kw_only=True):
    """The frames of some pages.

    Attributes:
        frames: one for each page.
        parts: their objects.
        faces: the fonts they use.
        messages: what WeasyPrint said, as in `sheet.Sheet`.
        missing: characters that no font has.
    """

    frames: tuple[Frame, ...]
    parts: parts.Parts
    faces: tuple[faces.Face, ...]
    messages: tuple[tuple[str, str, int | None], ...]
    missing: tuple[str, ...]


def make(job: FrameJob, shown: Callable[[Path], str] = str) -> tuple[Frames, dict[str, bytes]]:
    """The frames, and the files of their fonts by their digests.

    Args:
        job: what they are made of.
        shown: gives the name of a file as errors show it.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
        ProjectError: a picture or font that they use cannot be used.
        DigestError: WeasyPrint gave up.
    """
    fonts = Path(job.fonts) if job.fonts else None
    with engine.fontconfig(fonts), engine.logged() as log:
        weasyprint = engine.load()
        roots = tuple(Path(root).resolve() for root in job.roots)
        fetcher = engine.fetcher_for(weasyprint, roots, log, shown, mirror.way_of(job.html))
        with (
            engine.less_garbage_collection(),
            engine.blamed(log, shown),
            engine.our_layout(weasyprint),
            _margins_alone(job),
            rereading.remembered(log),
        ):
            html = weasyprint.HTML(string=job.html, base_url="", url_fetcher=fetcher)
            document = html.render(pdf_variant="pdf/ua-1")
            marks = sheet.own_marks(document)
            raw = document.write_pdf(pdf_identifier=b"digest")
        used, files = faces.of(document)
    assert raw is not None
    boxes = [page._page_box for page in document.pages]  # noqa: SLF001 - nothing public has the boxes of a page
    facts = [(sheet.area_of(box), mark, box.is_ground) for box, mark in zip(boxes, marks, strict=True)]
    framed, made = _taken_apart(raw, facts)
    return Frames(
        frames=framed, parts=made, faces=used, messages=tuple(log.messages), missing=engine.missing(log)
    ), files


@contextlib.contextmanager
def _margins_alone(job: FrameJob) -> Iterator[None]:
    """Lets WeasyPrint make the pages of the job, empty, and draw what is around their content."""
    import weasyprint.document as document_
    from weasyprint import layout
    from weasyprint.draw import draw_page, draw_stacking_context
    from weasyprint.formatting_structure.boxes import MarginBox
    from weasyprint.layout import page as paging
    from weasyprint.stacking import StackingContext

    def strings_of(context: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        found = context.get_string_or_element_for

        def said(store: Any, page: Any, name: str, keyword: str = "first") -> Any:  # noqa: ANN401 - see above
            if keyword == "start" and store is context.string_set:
                framed = job.pages[context.current_page - 2]
                if name in framed.starts and framed.strings.get(name):
                    return (framed.strings[name][0],)
            return found(store, page, name, keyword)

        return said

    def laid_out(html: Any, root_box: Any, context: Any) -> Iterator[Any]:  # noqa: ANN401 - see above
        layout.initialize_page_maker(context, root_box)
        context.rendered_notes = []
        context.get_string_or_element_for = strings_of(context)
        for name, text in job.before.items():
            context.string_set[name][1] = [text]
        for n, framed in enumerate(job.pages, 2):
            for name, texts in framed.strings.items():
                context.string_set[name][n] = list(texts)
        for n, framed in enumerate(job.pages, 2):
            kind = framed.type
            page_type = paging.PageType(kind.side, kind.blank, kind.name, kind.index, kind.groups)
            paging.set_page_type_computed_styles(page_type, html, context.style_for)
            state: Any = ([0], {"page": [framed.number], "pages": [job.last]}, [{"pages", "page"}], [])
            context.page_maker[0] = (None, {"break": "any", "page": kind.name}, True, state, context.page_maker[0][-1])
            page, _, _ = paging.make_page(context, root_box, page_type, None, 1, ([0], {"pages": [0]}, [{"pages"}], []))
            context.current_page = n
            page.children = (page.children[0], *layout.make_margin_boxes(context, page, state))
            layout.layout_backgrounds(page, context.get_image_from_uri)
            heads = tuple(child for child in page.children if isinstance(child, MarginBox))
            page.children, page.is_ground = (), True
            if _has_ground(page):
                yield page
            page = copy.copy(page)
            page.children, page.is_ground = heads, False
            yield page

    def drawn(page: Any, stream: Any) -> None:  # noqa: ANN401 - see above
        if page.is_ground:
            draw_page(page, stream)
        else:
            draw_stacking_context(stream, StackingContext.from_page(page))

    changes: apart.Changes = {(document_, "layout_document"): laid_out, (document_, "draw_page"): drawn}
    with apart.changed(changes | apart.drawing()):
        yield


def _has_ground(box: Any) -> bool:  # noqa: ANN401 - WeasyPrint has no types
    """Whether a page has a colour, a picture or a border under its content."""
    grounds = [ground for ground in (box.background, box.canvas_background) if ground is not None]
    borders = any(box.style[f"border_{side}_width"] for side in ("top", "right", "bottom", "left"))
    return borders or any(ground.color.alpha > 0 or any(layer.image for layer in ground.layers) for ground in grounds)


def _taken_apart(
    raw: bytes, facts: Sequence[tuple[tuple[float, float, float, float], tuple[str, ...], bool]]
) -> tuple[tuple[Frame, ...], parts.Parts]:
    """The pages of a PDF as forms that can be drawn on other pages (ISO 32000-1, 8.10)."""
    import pikepdf

    with pikepdf.open(io.BytesIO(raw)) as pdf:
        fonts = pdf.pages[0].Resources.Font
        exporter = parts.Exporter(pdf, {fonts.objgen: parts.FONTS})
        shared = pdf.make_indirect(copy.copy(pdf.pages[0].Resources))
        frames = []
        forms: dict[bytes, Any] = {}
        ground = 0
        for page, (area, marks, is_ground) in zip(pdf.pages, facts, strict=True):
            drawn = page.Contents.read_raw_bytes() + page.MediaBox.unparse()
            form = forms.setdefault(drawn, page.Contents)  # grounds are the same on most pages
            form.Type, form.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
            form.BBox, form.Resources = page.MediaBox, shared
            number = exporter.add(form)
            if is_ground:
                ground = number
                continue
            frames.append(Frame(**sheet.boxes_of(page), area=area, marks=marks, form=number, ground=ground))
            ground = 0
        return tuple(frames), exporter.parts()
