"""Makes one sheet: WeasyPrint lays a document out, and its pages become parts of a PDF, without what is around them.

What is around the content of a page (running heads, folio, ground) depends on the pages before it and is made by
`frames`. A number of a page in another sheet comes with the job. So a sheet depends on its job alone.
"""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.errors import Problem
from digest.render import fitting, formulas, mirror, origins, tagged, typesetting
from digest.render.paper import apart, engine, faces, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import SimpleNamespace

SCALE: Final = 0.75  # points in a CSS pixel
SIDES: Final = frozenset({"left", "right", "recto", "verso"})  # breaks to a side of the paper
_UNSEEN: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2060": "", "\u200b": ""})  # blanks in a bookmark


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a sheet is made of.

    Attributes:
        html: a whole HTML document that refers to its files by ``file:`` addresses.
        typeset: the language in which its texts are typeset that have no other one; empty: they stay as they are.
        roots: the folders whose files it may use; any other address is refused.
        fonts: a fontconfig file that names the only fonts to fall back on; empty keeps the machine's own.
        first: whether the pages of the whole document begin with it.
        side: the side of its first page, ``left`` or ``right``; empty is the one on which its language begins a book.
        numbers: on which page each place is that it names; of its own places only where it cannot know.
        start: the number of the page before it.
        notes: how many footnotes are before it.
        lacking: places that are nowhere.
        tags: whether its PDF has a structure for machines, and its streams are packed.
    """

    html: str
    typeset: str = ""
    roots: tuple[str, ...]
    fonts: str = ""
    first: bool = True
    side: str = ""
    numbers: Mapping[str, int] = {}
    start: int = 0
    notes: int = 0
    lacking: frozenset[str] = frozenset()
    tags: bool = True


class PageType(msgspec.Struct, frozen=True, array_like=True):
    """Which rules of ``@page`` a page follows (CSS Paged Media 3, 3.2; CSS GCPM 3, 5).

    Attributes:
        side: ``left`` or ``right``.
        blank: whether nothing is on it.
        name: its name in the styles.
        index: which of all pages it is, counted from 0.
        groups: the runs of pages of one name that it is in, and which of each it is.
    """

    side: str
    blank: bool
    name: str
    index: int
    groups: tuple[tuple[str, int], ...]


class SheetPage(msgspec.Struct, frozen=True, array_like=True):
    """A page of a sheet. Lengths are in points; the origin is the lower left corner of the page.

    Attributes:
        type: which rules it follows.
        media: left, bottom, right, top of the paper with its bleed.
        bleed: the same of the bleed that PDF knows.
        trim: the same of the page when it is cut.
        area: left, top, width and height of what is inside of its margins.
        strings: what its content says for running heads, by name.
        starts: the names that its first line sets.
        counter: what its rules do with the number of the page: ``reset``, ``set`` or ``increment``, and by how much.
        anchors: where each HTML id is, from the upper left corner of the page.
        blocks: the template and line that made each box, where the document has such marks.
        bookmarks: level, label, left, top and state of each.
        content: the number of its stream in the parts.
        resources: that of its resources.
        notes: those of its annotations.
        marked: those of the elements of its marked content, in their order; 0 for none.
    """

    type: PageType
    media: tuple[float, ...]
    bleed: tuple[float, ...]
    trim: tuple[float, ...]
    area: tuple[float, float, float, float]
    strings: dict[str, list[str]]
    starts: tuple[str, ...]
    counter: tuple[tuple[str, int], ...]
    anchors: dict[str, tuple[float, float]]
    blocks: tuple[origins.Block, ...]
    bookmarks: tuple[tuple[int, str, float, float, str], ...]
    content: int
    resources: int
    notes: tuple[int, ...]
    marked: tuple[int, ...]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a job.

    Attributes:
        pages: its pages.
        body: their objects, `parts.Parts` as MessagePack.
        kids: the outermost elements of the structure.
        keyed: the elements of annotations, by their keys.
        faces: the fonts it uses, and how.
        asked: the places in other sheets whose page it prints.
        counted: whether it prints the number of a page of its own, so that it depends on where it starts.
        notes: how many footnotes it has.
        numbered: whether it prints the number of a footnote, so that it depends on those before it.
        sided: whether something in it begins on one side of the paper, so that it depends on its own side.
        opens: the break that its first elements ask for before them.
        closes: the break that its last elements ask for after them.
        fit: what does not fit, and what was done about it.
        messages: what WeasyPrint said: message, file of a stylesheet, line.
        undrawn: problems of formulas.
        missing: characters that no font has.
        info: facts of the document, and its metadata as WeasyPrint writes them.
    """

    pages: tuple[SheetPage, ...]
    body: bytes
    kids: tuple[int, ...]
    keyed: tuple[int, ...]
    faces: tuple[faces.Face, ...]
    asked: tuple[str, ...]
    counted: bool
    notes: int
    numbered: bool
    sided: bool
    opens: str
    closes: str
    fit: fitting.Outcome
    messages: tuple[tuple[str, str, int | None], ...]
    undrawn: tuple[Problem, ...]
    missing: tuple[str, ...]
    info: Info


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of a document for its PDF.

    Attributes:
        fields: the entries of its information dictionary, as PDF writes them.
        language: its language tag.
        xmp: its metadata as XMP.
    """

    fields: dict[str, bytes] = {}
    language: str = ""
    xmp: bytes = b""


def make(
    job: Job,
    shown: Callable[[Path], str] = str,
    on_page: Callable[[int], None] = lambda _: None,
    on_layout: Callable[[Any], None] = lambda _: None,
) -> tuple[Sheet, dict[str, bytes]]:
    """The sheet, and the files of its fonts by their digests.

    Args:
        job: what it is made of.
        shown: gives the name of a file as errors show it.
        on_page: is given the number of each page that is laid out; one may be laid out more than once.
        on_layout: is given WeasyPrint's document, to measure its boxes.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
        ProjectError: a picture or font that it uses cannot be used.
        DigestError: WeasyPrint gave up.
    """
    text = typesetting.typeset(job.html, job.typeset, paper=True) if job.typeset else job.html
    html, undrawn = formulas.as_pictures(text)  # WeasyPrint draws no MathML
    fonts = Path(job.fonts) if job.fonts else None
    with engine.fontconfig(fonts), engine.logged(on_page) as log:
        weasyprint = engine.load()
        roots = tuple(Path(root).resolve() for root in job.roots)
        fetcher = engine.fetcher_for(weasyprint, roots, log, shown, mirror.way_of(html))
        with (
            engine.less_garbage_collection(),
            engine.blamed(log, shown),
            engine.our_layout(weasyprint),
            apart.laid_out_apart(weasyprint, job) as seen,
        ):
            options: dict[str, Any] = {"pdf_variant": "pdf/ua-1"} if job.tags else {}
            document, fit = engine.fitted(weasyprint, html, fetcher, log, **options)
            on_layout(document)
            own_marks(document)
            if job.tags:
                raw = document.write_pdf(finisher=tagged.fold, pdf_variant="pdf/ua-1", pdf_identifier=b"digest")
            else:
                raw = document.write_pdf(uncompressed_pdf=True, pdf_identifier=b"digest")
        used, files = faces.of(document)
    assert raw is not None
    marked = origins.ATTRIBUTE in job.html
    facts = [_facts(page, seen, marked=marked) for page in document.pages]
    return _taken_apart(raw, facts, job)(
        faces=used,
        asked=tuple(sorted(seen.asked)),
        counted=seen.counted,
        notes=seen.notes,
        numbered=seen.numbered,
        sided=_sided(document.pages),
        opens=_break(document.pages[0], "break_before", 0) if document.pages else "",
        closes=_break(document.pages[-1], "break_after", -1) if document.pages else "",
        fit=fit,
        messages=tuple(log.messages),
        undrawn=tuple(undrawn),
        missing=engine.missing(log),
    ), files


def own_marks(document: Any) -> list[tuple[str, ...]]:  # noqa: ANN401 - WeasyPrint has no types
    """The marks that the styles of each page ask for; WeasyPrint, which would draw them in the bleed, forgets them."""
    styles = [page._page_box.style for page in document.pages]  # noqa: SLF001 - nothing public has the styles of a page
    marks = [tuple(style["marks"]) for style in styles]
    for style in styles:  # several pages may share one
        style["marks"] = ()
    return marks


# -- what pages show ---------------------------------------------------------------------------------------------------


def _edge(page: Any, which: int) -> Iterator[Any]:  # noqa: ANN401 - WeasyPrint has no types
    """The first or last element of a page, what is first or last in it, and so on."""
    box = page._page_box.children[0]  # noqa: SLF001 - nothing public has the boxes of a page
    while box is not None:
        yield box
        children = [child for child in getattr(box, "children", ()) if child.is_in_normal_flow()]
        box = children[which] if children and hasattr(children[which], "style") else None


def _break(page: Any, name: str, which: int) -> str:  # noqa: ANN401 - WeasyPrint has no types
    """The break that the first or last elements of a page ask for; one to a side of the paper goes before others."""
    found = ""
    for box in _edge(page, which):
        value = box.style[name]
        if value in SIDES:
            return str(value)
        if value in {"page", "always", "all"}:
            found = "page"
    return found


def _sided(pages: Sequence[Any]) -> bool:
    """Whether an element in a sheet asks for a side of the paper; those that begin or end the sheet do not count."""
    if not pages:
        return False
    first = {id(box.element) for box in _edge(pages[0], 0)}
    last = {id(box.element) for box in _edge(pages[-1], -1)}
    boxes = [box for page in pages for box in page._page_box.descendants()]  # noqa: SLF001 - see above
    return any(
        (box.style["break_before"] in SIDES and id(box.element) not in first)
        or (box.style["break_after"] in SIDES and id(box.element) not in last)
        for box in boxes
    )


def _starts(page: Any) -> tuple[str, ...]:  # noqa: ANN401 - WeasyPrint has no types
    """The names of strings that the first elements of a page set."""
    names: list[str] = []
    box = page
    while box is not None:
        if box.style["string_set"] != "none":
            names += [name for name, _ in box.style["string_set"]]
        box = box.children[0] if getattr(box, "children", None) else None
    return tuple(dict.fromkeys(names))


def _facts(page: Any, seen: SimpleNamespace, *, marked: bool) -> dict[str, Any]:  # noqa: ANN401 - WeasyPrint has no types
    """What a page is, but for what the PDF has of it."""
    box, height = page._page_box, page.height * SCALE  # noqa: SLF001 - nothing public has the box of a page
    kind = box.page_type
    counter = [
        (what, value)
        for what, key in (("reset", "counter_reset"), ("set", "counter_set"), ("increment", "counter_increment"))
        if isinstance(box.style[key], list | tuple)
        for name, value in box.style[key]
        if name == "page"
    ]
    return {
        "type": PageType(kind.side, kind.blank, kind.name or "", kind.index, tuple(kind.groups)),
        "area": area_of(box),
        "strings": seen.pages.get(box, {}),
        "starts": _starts(box),
        "counter": tuple(counter),
        "anchors": {name: (float(place[0]) * SCALE, float(place[1]) * SCALE) for name, place in page.anchors.items()},
        "blocks": origins.blocks(box) if marked else (),
        "bookmarks": tuple(
            (level, label.translate(_UNSEEN), x * SCALE, height - y * SCALE, state)
            for level, label, (x, y), state in page.bookmarks
        ),
    }


def area_of(box: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - WeasyPrint has no types
    """Left, top, width and height of what is inside of the margins of a page, in points."""
    left, top = box.content_box_x(), box.content_box_y()
    return left * SCALE, top * SCALE, box.width * SCALE, box.height * SCALE


# -- the PDF of a sheet ------------------------------------------------------------------------------------------------


def boxes_of(page: Any) -> dict[str, Any]:  # noqa: ANN401 - pikepdf has no type for it
    """The paper, the bleed and the page when it is cut."""
    names = {"media": "/MediaBox", "bleed": "/BleedBox", "trim": "/TrimBox"}
    return {key: tuple(float(n) for n in page.obj[name]) for key, name in names.items()}


def _taken_apart(raw: bytes, facts: Sequence[dict[str, Any]], job: Job) -> Callable[..., Sheet]:
    """The objects of a PDF that WeasyPrint wrote, with its structure repaired."""
    import pikepdf

    with pikepdf.open(io.BytesIO(raw)) as pdf:
        known, keyed, outer = {}, {}, []
        if job.tags:
            tagged.repair(pdf, _name(job))
            root: Any = pdf.Root.StructTreeRoot
            known[root.K[0].objgen] = parts.DOCUMENT
            outer = [*root.K[0].K]
            nums = root.ParentTree.Nums
            keyed = {int(nums[n]): nums[n + 1] for n in range(0, len(nums) - 1, 2)}
        for n, page in enumerate(pdf.pages):
            known[page.objgen] = parts.page_hole(n)
        if len(pdf.pages):
            known[pdf.pages[0].Resources.Font.objgen] = parts.FONTS
        exporter = parts.Exporter(pdf, known, len(pdf.pages))
        pages = []
        for n, (page, more) in enumerate(zip(pdf.pages, facts, strict=True)):
            pages.append(
                SheetPage(
                    **more,
                    **boxes_of(page),
                    content=exporter.add(page.Contents),
                    resources=exporter.add(resources(pdf, page, n, exporter)),
                    notes=tuple(exporter.add(note) for note in page.obj.get("/Annots", ())),
                    marked=tuple(0 if item is None else exporter.add(item) for item in keyed.pop(n, ())),
                )
            )
        kids = tuple(exporter.add(kid) for kid in outer)
        elements = tuple(exporter.add(keyed[key]) for key in sorted(keyed))
        info = Info()
        if job.first and job.tags:
            fields = {str(key): value.unparse() for key, value in pdf.docinfo.items()}
            language = str(pdf.Root.get("/Lang", ""))
            info = Info(fields=fields, language=language, xmp=pdf.Root.Metadata.read_bytes())
        made = exporter.parts(packed=job.tags)

    def sheet(**rest: Any) -> Sheet:  # noqa: ANN401 - what the layout shows
        return Sheet(
            pages=tuple(pages), body=msgspec.msgpack.encode(made), kids=kids, keyed=elements, info=info, **rest
        )

    return sheet


def _name(job: Job) -> str:
    """A name for a sheet, the same wherever the files lie that it uses."""
    text = job.html
    for n, root in enumerate(job.roots):
        text = text.replace(Path(root).as_uri(), f"\0{n}")
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def resources(pdf: Any, page: Any, n: int, exporter: parts.Exporter) -> Any:  # noqa: ANN401 - pikepdf's objects
    """The resources of a page with a place for what is around its content."""
    import pikepdf

    own = copy.copy(page.Resources)
    drawn = copy.copy(own["/XObject"]) if "/XObject" in own else pikepdf.Dictionary()
    for name, hole in (("/Frame", parts.frame_hole(n)), ("/Ground", parts.ground_hole(n))):
        drawn[name] = pdf.make_indirect(pikepdf.Dictionary())
        exporter.holds(drawn[name], hole)
    own["/XObject"] = drawn
    return pdf.make_indirect(own)
