"""Cuts pages out of a finished PDF: a PDF/UA-1 of its own, with their structure, places, labels and metadata."""

from __future__ import annotations

import functools
import io
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.render import tagged
from digest.render.paper.parts import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.render.pdf import Pdf

_HEADINGS: Final = frozenset(f"/H{level}" for level in range(1, 7))
_OF_TREE: Final = frozenset({"/K", "/P", "/Pg", "/Type", "/S"})  # entries of an element that are written again


class _Mark(msgspec.Struct, frozen=True):
    """A piece of a page's content, by its number there."""

    page: int
    number: int


class _Note(msgspec.Struct, frozen=True):
    """The annotation of a link: which one of a page it is."""

    page: int
    number: int


class _Element(msgspec.Struct, frozen=True):
    """An element of the structure.

    Attributes:
        source: it, in the whole PDF.
        pages: the first and the last page that it is on, counted from 0; nothing where it is on none.
        kids: what is in it.
    """

    source: Any
    pages: tuple[int, int] | None
    kids: tuple[_Element | _Mark | _Note, ...]


class Excerpts:
    """A finished PDF, to cut pages out of it."""

    def __init__(self, whole: Pdf) -> None:
        """Reads its structure.

        Args:
            whole: the PDF, with a structure.
        """
        import pikepdf

        self._labels, self._anchors, self._ends = whole.labels, whole.anchors, whole.ends
        self._pdf = pikepdf.open(io.BytesIO(whole.content))
        self._pages = [*self._pdf.pages]
        self._numbers = {page.objgen: n for n, page in enumerate(self._pages)}
        self._notes = {
            note.objgen: _Note(n, k)
            for n, page in enumerate(self._pages)
            for k, note in enumerate(page.obj.get("/Annots", ()))
        }
        self._document = self._element(self._pdf.Root.StructTreeRoot.K[0], None)

    @functools.cached_property
    def _places(self) -> Mapping[str, tuple[int, Any]]:
        """The page of each named place, and where on it."""
        import pikepdf

        if "/Names" not in self._pdf.Root:
            return {}
        tree = pikepdf.NameTree(self._pdf.Root.Names.Dests)
        return {name: (self._numbers[where[0].objgen], where) for name, where in tree.items()}

    def pages_of(self, anchor: str) -> tuple[int, int] | None:
        """The first and the last page on which an HTML id is, counted from 0; nothing where it is on none."""
        if anchor not in self._anchors:
            return None
        return self._labels.index(self._anchors[anchor]), self._labels.index(self._ends[anchor])

    def label(self, page: int) -> str:
        """The label of a page, such as ``332``."""
        return self._labels[page]

    def cut(self, first: int, last: int, facts: tagged.Facts, elsewhere: Mapping[str, str]) -> bytes:
        """A PDF of some pages.

        A link to a place on another page leads to the address of that place, or is not a link any more.

        Args:
            first: the first page, counted from 0.
            last: the last page.
            facts: for the metadata.
            elsewhere: addresses on the web of places, by HTML id.
        """
        return _Excerpt(self, first, last, elsewhere).write(facts)

    def _element(self, source: Any, page: int | None) -> _Element:  # noqa: ANN401 - pikepdf's objects
        """An element with what is in it."""
        import pikepdf

        page = self._numbers.get(source.Pg.objgen) if "/Pg" in source else page
        held = source.get("/K")
        kids: list[_Element | _Mark | _Note] = []
        for kid in held if isinstance(held, pikepdf.Array) else () if held is None else (held,):
            if isinstance(kid, int):
                if page is not None:
                    kids.append(_Mark(page, kid))
            elif kid is None:
                continue
            elif kid.get("/Type") == "/OBJR":
                kids += [self._notes[kid.Obj.objgen]] if kid.Obj.objgen in self._notes else []
            elif kid.get("/Type") == "/MCR":
                kids.append(_Mark(self._numbers[kid.Pg.objgen] if "/Pg" in kid else page or 0, int(kid.MCID)))
            else:
                kids.append(self._element(kid, page))
        spans = [kid.pages if isinstance(kid, _Element) else (kid.page, kid.page) for kid in kids]
        there = [span for span in spans if span] or ([(page, page)] if page is not None and not kids else [])
        pages = (min(span[0] for span in there), max(span[1] for span in there)) if there else None
        return _Element(source, pages, tuple(kids))


class _Excerpt:
    """One PDF of some pages."""

    def __init__(self, whole: Excerpts, first: int, last: int, elsewhere: Mapping[str, str]) -> None:
        import pikepdf

        self.whole, self.first, self.last, self.elsewhere = whole, first, last, elsewhere
        self.pdf = pikepdf.new()
        for page in whole._pages[first : last + 1]:  # noqa: SLF001 - the whole that it is cut out of
            self.pdf.pages.append(page)
        self.pages = [page.obj for page in self.pdf.pages]
        self.notes: dict[_Note, Any] = {}
        self.marked: list[dict[int, Any]] = [{} for _ in self.pages]
        self.levels: list[int] = []  # of headings that are open
        self.names: set[str] = set()
        for n, page in enumerate(self.pages):
            self._take_links(n, page)

    def write(self, facts: tagged.Facts) -> bytes:
        """The bytes of the file."""
        import pikepdf

        name, root, source = pikepdf.Name, self.pdf.Root, self.whole._pdf.Root  # noqa: SLF001 - as above
        tree = self.pdf.make_indirect(pikepdf.Dictionary(Type=name.StructTreeRoot))
        self.keyed: list[Any] = []
        document = self._element(self.whole._document, tree)  # noqa: SLF001 - as above
        tree.K = pikepdf.Array([document] if document is not None else [])
        self._write_parents(tree)
        root.StructTreeRoot = tree
        for key in ("/MarkInfo", "/ViewerPreferences", "/Lang"):
            if key in source:
                root[key] = self._copied(source[key])
        root.PageLabels = pikepdf.Dictionary(Nums=pikepdf.Array(self._labels()))
        self._write_places()
        packet = tagged.metadata(tagged.bare(source.Metadata.read_bytes()), facts)
        root.Metadata = self.pdf.make_stream(packet, Type=name.Metadata, Subtype=name.XML)
        for key, value in self.whole._pdf.docinfo.items():  # noqa: SLF001 - as above
            if key not in {"/Title", "/Author", "/Keywords", "/Subject"}:
                self.pdf.docinfo[key] = value
        self.pdf.docinfo["/Title"] = pikepdf.String(facts.title)
        if facts.authors:
            self.pdf.docinfo["/Author"] = pikepdf.String(", ".join(facts.authors))
        if facts.keywords:
            self.pdf.docinfo["/Keywords"] = pikepdf.String(", ".join(facts.keywords))
        out = io.BytesIO()
        self.pdf.save(
            out,
            deterministic_id=True,
            min_version="1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
        return out.getvalue()

    # -- links and places ----------------------------------------------------------------------------------------------

    def _take_links(self, n: int, page: Any) -> None:  # noqa: ANN401 - pikepdf's objects
        """Keeps the links of a page that lead to its own pages or to the web."""
        import pikepdf

        kept = pikepdf.Array()
        for k, note in enumerate(page.get("/Annots", ())):
            if "/Dest" in note:
                target = str(note.Dest)
                where = self.whole._places.get(target)  # noqa: SLF001 - as above
                if where is None or not self.first <= where[0] <= self.last:
                    if target not in self.elsewhere:
                        continue
                    address = pikepdf.String(self.elsewhere[target])
                    del note["/Dest"]
                    note.A = pikepdf.Dictionary(Type=pikepdf.Name.Action, S=pikepdf.Name.URI, URI=address)
                    note.Contents = address
            kept.append(note)
            self.notes[_Note(self.first + n, k)] = note
        if len(kept):
            page.Annots = kept
        elif "/Annots" in page:
            del page["/Annots"]

    def _write_places(self) -> None:
        """The named places on these pages."""
        import pikepdf

        names = pikepdf.Array()
        places = self.whole._places  # noqa: SLF001 - as above
        for name in sorted(places, key=name_key):
            page, where = places[name]
            if self.first <= page <= self.last:
                names.append(pikepdf.String(name))
                names.append(pikepdf.Array([self.pages[page - self.first], *map(self._copied, [*where][1:])]))
        if len(names):
            leaf = pikepdf.Dictionary(Names=names)
            self.pdf.Root.Names = pikepdf.Dictionary(Dests=self.pdf.make_indirect(leaf))

    def _labels(self) -> Iterator[Any]:
        import pikepdf

        kind, number = "", 0
        for n in range(self.first, self.last + 1):
            label = self.whole.label(n)
            new, count = ("/D", int(label)) if label.isdecimal() else ("/r", n + 1)
            if (new, count) != (kind, number + 1):
                yield n - self.first
                yield pikepdf.Dictionary(S=pikepdf.Name(new), St=count)
            kind, number = new, count

    # -- structure -----------------------------------------------------------------------------------------------------

    def _element(self, element: _Element, parent: Any) -> Any:  # noqa: ANN401 - pikepdf's objects
        """An element with what of it is on these pages; nothing where none is."""
        import pikepdf

        if element.pages is None or element.pages[1] < self.first or element.pages[0] > self.last:
            return None
        made = self.pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=self._kind(element), P=parent))
        kids, page = pikepdf.Array(), None
        for kid in element.kids:
            if isinstance(kid, _Element):
                if (below := self._element(kid, made)) is not None:
                    kids.append(below)
                    page = below.Pg if page is None else page
            elif self.first <= kid.page <= self.last and (held := self._held(kid, made)) is not None:
                kids.append(held)
                page = self.pages[kid.page - self.first] if page is None else page
        if element.kids and not len(kids):
            return None
        made.Pg = page if page is not None else self.pages[element.pages[0] - self.first]
        made.K = kids
        if made.S == "/Link" and not any(isinstance(kid, _Note) and kid in self.notes for kid in element.kids):
            made.S = pikepdf.Name.Span
        for key, value in element.source.items():
            if key not in _OF_TREE:
                made[key] = self._copied(value)
        return made

    def _copied(self, value: Any) -> Any:  # noqa: ANN401 - pikepdf's objects
        """A value of the whole PDF, for this one."""
        import pikepdf

        if isinstance(value, pikepdf.Dictionary):
            return pikepdf.Dictionary({key: self._copied(one) for key, one in value.items()})
        if isinstance(value, pikepdf.Array):
            return pikepdf.Array([self._copied(one) for one in value])
        return value

    def _held(self, kid: _Mark | _Note, parent: Any) -> Any:  # noqa: ANN401 - pikepdf's objects
        """A piece of content, or a link, as an element names it; nothing where the link is not one any more."""
        import pikepdf

        page = self.pages[kid.page - self.first]
        if isinstance(kid, _Mark):
            self.marked[kid.page - self.first][kid.number] = parent
            return pikepdf.Dictionary(Type=pikepdf.Name.MCR, Pg=page, MCID=kid.number)
        if kid not in self.notes:
            return None
        note = self.notes[kid]
        note.StructParent = len(self.pages) + len(self.keyed)
        self.keyed.append(parent)
        return pikepdf.Dictionary(Type=pikepdf.Name.OBJR, Pg=page, Obj=note)

    def _kind(self, element: _Element) -> Any:  # noqa: ANN401 - pikepdf's objects
        """What an element is; headings count from 1 here and leave no level out (PDF/UA-1, 7.4.2)."""
        import pikepdf

        kind = element.source.S
        if str(kind) not in _HEADINGS:
            return kind
        level = int(str(kind)[2:])
        while self.levels and self.levels[-1] >= level:
            self.levels.pop()
        self.levels.append(level)
        return pikepdf.Name(f"/H{len(self.levels)}")

    def _write_parents(self, tree: Any) -> None:  # noqa: ANN401 - pikepdf's objects
        """The tree from what is on pages to elements (ISO 32000-1, 14.7.4.4)."""
        import pikepdf

        nums = pikepdf.Array()
        for n, (page, marked) in enumerate(zip(self.pages, self.marked, strict=True)):
            page.StructParents = n
            nums.append(n)
            nums.append(pikepdf.Array([marked.get(number) for number in range(max(marked, default=-1) + 1)]))
        for n, element in enumerate(self.keyed, len(self.pages)):
            nums.append(n)
            nums.append(element)
        tree.ParentTree = self.pdf.make_indirect(pikepdf.Dictionary(Nums=nums))
        tree.ParentTreeNextKey = len(self.pages) + len(self.keyed)
