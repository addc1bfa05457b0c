"""The issue as JATS Journal Publishing 1.3: a file for each article, abstract and notice, and one for all of it.

``jats/issue.xml`` is an article of the type ``collection``, whether it is an issue or a supplement: each item is a
``sub-article`` in it. Whoever loads a supplement as one file needs the whole of it, and whoever loads single items does
not look at it.

What belongs to the publication has its ``journal-meta``. The record of an abstract that appeared elsewhere has that of
its own journal: its DOI, volume and date are not ours.

Source: ANSI/NISO Z39.96-2021, Journal Publishing Tag Set; JATS4R's recommendations.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from digest.errors import Problem
from digest.model import Record
from digest.outputs.items import issue_doi, issue_url
from digest.outputs.jats import citations, front, texts
from digest.outputs.jats.cited import Marker
from digest.outputs.jats.items import is_own, published
from digest.outputs.jats.texts import Texts, name_of
from digest.outputs.source import Lack, Made
from digest.outputs.xmltree import Element, filled, written
from digest.render.context import ArticleEntry, DigestEntry, NoticeEntry, PageEntry
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.cite import Reference
    from digest.model import RecordType
    from digest.outputs.items import Item
    from digest.outputs.source import Source
    from digest.project import Issue
    from digest.publication import Notice
    from digest.render.figures import Figure

DOCTYPE: Final = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Publishing DTD v1.3 20210610//EN" '
    '"JATS-journalpublishing1-3.dtd">\n'
)
_NAMESPACES: Final = {
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
    "xmlns:mml": "http://www.w3.org/1998/Math/MathML",
    "xmlns:ali": "http://www.niso.org/schemas/ali/1.0/",
}
# Elements that hold elements only: each of these is in a line of its own.
_LINES: Final = frozenset(
    """
        article sub-article front front-stub journal-meta journal-title-group publisher article-meta article-categories
        subj-group title-group contrib-group contrib name author-notes pub-date permissions license abstract kwd-group
        conference custom-meta-group custom-meta body sec back notes list list-item def-list def-item def disp-quote
        boxed-text caption fig graphic table-wrap table thead tbody tr table-wrap-foot fn-group fn glossary ref-list ref
        element-citation person-group
    """.split()
)
# JATS 1.3, @article-type, “suggested values”.
_TYPES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "abstract",
    "thesis": "dissertation",
    "preprint": "preprint",
    "dataset": "dataset",
}
_NOTICES: Final = {
    "erratum": ("correction", "corrected-article"),
    "withdrawal": ("retraction", "retracted-article"),
    "update": ("addendum", "addended-article"),
}
FOLDER: Final = "jats"


def lacking(issue: Issue) -> Iterator[Lack]:
    """The ISSN: the DTD has no journal without one."""
    publication = issue.publication
    if not (publication.issn or publication.issn_print or publication.issn_online):
        yield Lack("the key “issn”, “issn_print” or “issn_online” is missing")


def make(source: Source) -> Made:
    """The files, with the pictures that they name."""
    documents = _Documents(source)
    files = {f"{FOLDER}/{name}.xml": content for name, content in documents.single()}
    files[f"{FOLDER}/issue.xml"] = documents.whole()
    for picture, path in documents.pictures.items():
        files[f"{FOLDER}/{picture}"] = path.read_bytes()
    return Made(dict(sorted(files.items())), tuple(documents.problems()))


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An item as a document of its own, which is not written yet.

    Attributes:
        anchor: the id of its entry.
        root: the document.
        pictures: the files of its pictures, by the names that it gives them.
    """

    anchor: str
    root: Element
    pictures: Mapping[str, Path]


def articles(source: Source) -> Iterator[Article]:
    """Each article, abstract and notice of the issue, for another output to change."""
    return _Documents(source).articles()


def document_of(root: Element) -> bytes:
    """The bytes of a document."""
    return written(root, DOCTYPE, _LINES)


class _Documents:
    """The documents of one issue; what has no place in them gathers."""

    def __init__(self, source: Source) -> None:
        self.source, self.issue, self.context = source, source.issue, source.context
        self.words = source.prepared.words
        self.language = self.issue.publication.language
        self.pictures: dict[str, Path] = {}
        self.unknown: set[str] = set()
        self.items: dict[str, Item] = {item.entry.id: item for item in source.items}
        self.notices: dict[str, tuple[NoticeEntry, Notice, str | RichText]] = {}
        for section, shown in zip(self.issue.head.sections, self.context.sections, strict=True):
            for typed, entry in zip(section.entries, shown.entries, strict=True):
                if isinstance(entry, NoticeEntry) and typed.notice:
                    self.notices[entry.id] = entry, typed.notice, shown.title
        self.names = self._names()
        figures = source.prepared.composition.figures
        self.figures: dict[str, Figure] = {}
        for mark, figure in figures.items():
            path = Path(figure.src).relative_to(self.issue.folder).as_posix()
            self.figures[mark] = msgspec.structs.replace(figure, src=path)

    @functools.cached_property
    def marker(self) -> Marker:
        """Marks citations where the style links none."""
        return Marker(self.issue, self.words)

    def _names(self) -> dict[str, str]:
        """The names of the files: the key of an item, or its id where two have that key, or the whole issue has."""
        keys = [item.key.casefold() for item in self.items.values()]
        names = {
            anchor: anchor if item.key.casefold() == "issue" or keys.count(item.key.casefold()) > 1 else item.key
            for anchor, item in self.items.items()
        }
        return names | {anchor: anchor for anchor in self.notices}

    def single(self) -> Iterator[tuple[str, bytes]]:
        """Each item as a document of its own, under the name of its file."""
        for one in self.articles():
            yield self.names[one.anchor], document_of(one.root)

    def articles(self) -> Iterator[Article]:
        """The same before they are written."""
        for anchor in self.names:
            document = _Document(self, whole=False)
            root = document.root(anchor)
            root.name = "article"
            root.attributes = {**_NAMESPACES, "dtd-version": "1.3", **root.attributes}
            root.attributes.pop("id")
            yield Article(anchor=anchor, root=root, pictures=document.pictures)

    def whole(self) -> bytes:
        """All of the issue as one document."""
        document = _Document(self, whole=True)
        order = [entry.id for entry in self.context.entries if entry.id in self.names]
        root = Element("article", document.front_of_issue(), document.sections(), document.back_of_issue())
        root.attributes = {
            **_NAMESPACES,
            "article-type": "collection",
            "dtd-version": "1.3",
            "xml:lang": self.language,
        }
        root.add(*(document.root(anchor) for anchor in dict.fromkeys(order)))
        return written(root, DOCTYPE, _LINES)

    def problems(self) -> Iterator[Problem]:
        """What of the issue is in none of the files."""
        file = self.issue.shown("issue.yaml")

        def note(message: str) -> Problem:
            return Problem(level="note", code="output-leaves-out", message=f"jats: {message}", file=file)

        pages = [entry for entry in self.context.entries if isinstance(entry, PageEntry)]
        if pages:
            names = ", ".join(f"“{page.title or page.id}”" for page in pages)
            yield note(f"pages of your own have no place in it and are left out: {names}")
        if self.context.cover:
            yield note("the picture of the cover has no place in it and is left out")
        if any(section.picture for section in self.context.sections):
            yield note("pictures of sections have no place in it and are left out")
        nameless = [
            item.key
            for item in self.items.values()
            if not is_own(item, self.issue)
            and not (item.record.issn and (item.record.container or item.record.container_short))
        ]
        if nameless:
            yield note(
                "the DTD asks for the journal and its ISSN, which are not known of these records and are empty: "
                + ", ".join(nameless)
            )
        if self.unknown:
            yield note(f"only the text is kept of: {', '.join(sorted(self.unknown))}")
        if self.issue.publication.fields:
            yield note("fields of your own have no place in it and are left out")


class _Document:
    """One document."""

    def __init__(self, documents: _Documents, *, whole: bool) -> None:
        self.all, self.issue, self.context, self.words = documents, documents.issue, documents.context, documents.words
        self.in_whole = whole
        self.references: set[str] = set()
        self.pictures: dict[str, Path] = {}

    # -- texts ---------------------------------------------------------------------------------------------------------

    def texts(self, anchor: str) -> Texts:
        """A converter for the texts of an item."""
        made = Texts(anchor, self.all.figures, self.link)
        made.figure_label = str(self.words.word("figure", number="{number}")).rstrip(".")
        return made

    def link(self, target: str) -> Element | None:
        """A link to a reference, to another item of the document, or to the page of that item."""
        if target in self.references:
            return Element("xref", ref_type="bibr", rid=name_of(target))
        if target in self.all.names and self.in_whole:
            return Element("xref", ref_type="other", rid=name_of(target))
        if (item := self.all.items.get(target)) and item.url:
            return Element("ext-link", ext_link_type="uri", xlink__href=item.url)
        return None

    def keep(self, used: Texts) -> None:
        """Remembers what texts placed and what they could not say."""
        self.all.unknown |= used.unknown
        for figure in used.pictures:
            self.pictures[figure.src] = self.issue.folder / figure.src
        self.all.pictures |= self.pictures

    # -- items ---------------------------------------------------------------------------------------------------------

    def root(self, anchor: str) -> Element:
        """An item as a ``sub-article``."""
        if anchor in self.all.notices:
            return self.notice(anchor)
        item = self.all.items[anchor]
        return (
            self.article(item, item.entry) if isinstance(item.entry, ArticleEntry) else self.abstract(item, item.entry)
        )

    def article(self, item: Item, entry: ArticleEntry) -> Element:
        self.references = {f"{entry.id}-ref-{reference.key}" for reference in entry.references}
        used, record = self.texts(entry.id), published(item, self.issue)
        shown_summary, shown_body = entry.summary, entry.body
        if entry.references and "-ref-" not in entry.body:
            shown_summary, shown_body = self.all.marker.article(entry, item.key)
        body, notes = used.body(shown_body)
        meta = self.meta(item, record, entry.label)
        summary = filled("p", *used.inline(shown_summary))
        meta.abstract = [summary] if summary else []
        meta.notes = [*self.author_notes(used, entry)]
        meta.related = [self.reviewed(one) for one in item.reviewed]
        kind = "editorial" if entry is self.context.editorial else "other"
        kind = "meeting-report" if kind == "other" and (record.meeting or item.reviewed) else kind
        back = filled(
            "back",
            filled("fn-group", *notes),
            self.glossary(entry.abbreviations),
            self.reference_list(entry.references, entry.id),
        )
        self.keep(used)
        return self.made(entry.id, kind, entry.language, self.matter(meta), filled("body", *body), back)

    def author_notes(self, used: Texts, entry: ArticleEntry) -> Iterator[Element]:
        if words := used.inline(entry.correspondence):
            yield Element("corresp", *_simple(words), id=f"{entry.id}-corresp")
        if paragraphs := used.paragraphs(entry.conflict_of_interest):
            yield Element("fn", *paragraphs, fn_type="coi-statement", id=f"{entry.id}-coi")

    def abstract(self, item: Item, entry: DigestEntry) -> Element:
        self.references = {f"{entry.id}-ref-{reference.key}" for reference in entry.references}
        used, record, own = self.texts(entry.id), published(item, self.issue), is_own(item, self.issue)
        record = msgspec.structs.replace(record, title=entry.title)
        meta = self.meta(item, record, entry.label)
        meta.abstract = front.abstract_of(entry.parts)
        meta.title_language = entry.title_language if entry.title_language != entry.language else None
        concerned = [(notice, shown.id) for shown, notice, _ in self.all.notices.values() if notice.about == item.key]
        links = [(_NOTICES[one.kind][0], one.title, "", self.address(name)) for one, name in concerned]
        meta.related = [*front.corrections(record, links, entry.id)]
        if not own:
            meta.permissions = Element("permissions")
            meta.medium = ""
            meta.dated = True
            meta.version = ""
            meta.related = [*meta.related, self.shown_in()]
        back = filled("back", self.remarks(used, entry), self.reference_list(entry.references, entry.id))
        self.keep(used)
        kind = _TYPES.get(record.type, "other")
        place = self.matter(meta) if own else self.foreign(record, meta)
        return self.made(entry.id, kind, entry.language, place, None, back)

    def remarks(self, used: Texts, entry: DigestEntry) -> Element | None:
        """Why the editors chose an abstract, what they say of it, and what they quote."""
        why, comment = entry.why, entry.comment
        if entry.references and "-ref-" not in why + comment:
            why, comment = self.all.marker.abstract(entry)
        made = Element("notes", Element("title", self.words["comment"]), notes_type="editors-comment")
        if words := used.inline(why):
            made.add(Element("p", *words, content_type="why"))
        if entry.quote:
            made.add(Element("disp-quote", Element("p", entry.quote), filled("attrib", *used.inline(entry.citation))))
        if comment:
            body, notes = used.body(comment)
            made.add(*body, filled("fn-group", *notes))
        return made if len(made.children) > 1 else None

    def notice(self, anchor: str) -> Element:
        entry, notice, section = self.all.notices[anchor]
        kind, relation = _NOTICES[notice.kind]
        about = self.issue.records.get(notice.about or "")
        if about is None and notice.kind == "update":
            kind = "announcement"
        used = self.texts(anchor)
        body, notes = used.body(entry.text)
        record = _bare(self, entry.title)
        meta = front.Meta(prefix=anchor, key=anchor, record=record)
        meta.headings = self.words[f"notice_{notice.kind}"], section
        if about and notice.about:
            item = self.all.items.get(f"abstract-{notice.about}")
            doi = (item.doi if item else "") or about.ids.doi or ""
            place = self.address(item.entry.id) if item else ""
            meta.related = [front.related(relation, about.title.plain, doi, place, f"{anchor}-related")]
        self.common(meta, own=True)
        self.keep(used)
        back = filled("back", filled("fn-group", *notes))
        return self.made(anchor, kind, self.all.language, self.matter(meta), filled("body", *body), back)

    def made(
        self, anchor: str, kind: str, language: str, place: Element, body: Element | None, back: Element | None
    ) -> Element:
        return Element(
            "sub-article", place, body, back, article_type=kind, id=name_of(anchor), xml__lang=language or "und"
        )

    # -- front matter --------------------------------------------------------------------------------------------------

    def meta(self, item: Item, record: Record, label: str) -> front.Meta:
        sections = zip(self.issue.head.sections, self.context.sections, strict=True)
        section = next((shown.title for typed, shown in sections if typed is item.section), self.words["editorial"])
        made = front.Meta(prefix=name_of(item.entry.id), key=item.key, record=record, headings=(label, section))
        made.more = [("flag", item.entry.flag)]
        self.common(made, own=True)
        return made

    def common(self, meta: front.Meta, *, own: bool) -> None:
        """What all items of the publication have from the issue; in the whole issue, that is there once."""
        publication, head = self.issue.publication, self.issue.head
        same = (meta.record.issued, meta.record.volume, meta.record.issue) == (head.date, head.volume, head.number)
        meta.dated = not (own and self.in_whole and same and not meta.record.supplement)
        meta.medium = _medium(self.issue)
        meta.permissions = None if self.in_whole else front.permissions_of(publication)
        meta.version = str(head.edition) if head.edition > 1 and not self.in_whole else ""

    def matter(self, meta: front.Meta) -> Element:
        """The front matter of an item of the publication's own."""
        if self.in_whole:
            return front.filled_meta("front-stub", meta)
        journal = front.journal_of(self.issue.publication)
        return Element("front", journal, front.filled_meta("article-meta", meta))

    def foreign(self, record: Record, meta: front.Meta) -> Element:
        """The front matter of what appeared elsewhere."""
        return Element("front", front.journal_named(record), front.filled_meta("article-meta", meta))

    def front_of_issue(self) -> Element:
        head, context, publication = self.issue.head, self.context, self.issue.publication
        record = _bare(self, context.full_title)
        ids = msgspec.structs.replace(record.ids, doi=issue_doi(self.issue) or None, url=issue_url(self.issue) or None)
        record = msgspec.structs.replace(record, ids=ids, meeting=head.meeting)
        meta = front.Meta(prefix="issue", key=self.issue.folder.name, record=record)
        self.common(meta, own=False)
        meta.permissions = front.permissions_of(publication)
        meta.version = str(head.edition) if head.edition > 1 else ""
        meta.issue_title = context.title
        made = front.filled_meta("article-meta", meta)
        editors = [
            Element("contrib", Element("string-name", name), contrib_type="editor") for name in publication.editors
        ]
        if editors:
            at = next(
                n for n, child in enumerate(made.children) if isinstance(child, Element) and child.name == "title-group"
            )
            made.children.insert(at + 1, Element("contrib-group", *editors, content_type="editors"))
        return Element("front", front.journal_of(publication), made)

    def sections(self) -> Element | None:
        """The sections of the issue, with what the editors say of each."""
        made = []
        for section in self.context.sections:
            used = self.texts(section.id)
            body = used.paragraphs(section.intro)
            self.keep(used)
            entries = [entry.id for entry in section.entries if entry.id in self.all.names]
            items = (
                Element(
                    "list-item", Element("p", Element("xref", *self.title(name), ref_type="other", rid=name_of(name)))
                )
                for name in entries
            )
            made.append(
                Element(
                    "sec",
                    Element("title", *texts.rich(section.title)),
                    *body,
                    filled("list", *items, list_type="simple"),
                    id=name_of(section.id),
                )
            )
        return filled("body", *made)

    def title(self, anchor: str) -> list[str | Element]:
        if anchor in self.all.notices:
            return [self.all.notices[anchor][0].title]
        return [self.all.items[anchor].entry.title.plain]

    def back_of_issue(self) -> Element | None:
        made = []
        for kind, text in (("permissions", self.context.permissions), ("colophon", self.context.colophon)):
            used = self.texts(kind)
            body, notes = used.body(text)
            self.keep(used)
            if body:
                title = Element("title", self.words[kind])
                made.append(Element("notes", title, *body, filled("fn-group", *notes), notes_type=kind))
        return filled("back", *made)

    # -- relations and lists -------------------------------------------------------------------------------------------

    def address(self, anchor: str) -> str:
        """Where another item is: in the document, or in the file next to it."""
        return f"#{name_of(anchor)}" if self.in_whole else f"{self.all.names[anchor]}.xml"

    def reviewed(self, record: Record) -> Element:
        """An abstract that an article reviews."""
        doi = record.ids.doi
        return Element(
            "related-object",
            record.title.plain,
            link_type="is-review-of",
            document_type="abstract",
            document_id_type="doi" if doi else "abstract-number" if record.number else None,
            document_id=doi or record.number or None,
            xlink__href=f"https://doi.org/{doi}" if doi else None,
        )

    def shown_in(self) -> Element:
        """The issue that presents an abstract which appeared elsewhere."""
        doi, url = issue_doi(self.issue), issue_url(self.issue)
        return Element(
            "related-object",
            self.context.how_to_cite.striptags(),
            link_type="is-presented-in",
            document_type="journal-issue",
            document_id_type="doi" if doi else None,
            document_id=doi or None,
            xlink__href=f"https://doi.org/{doi}" if doi else url or None,
        )

    def glossary(self, abbreviations: Sequence[tuple[str, str]]) -> Element | None:
        items = [
            Element("def-item", Element("term", short), Element("def", Element("p", long)))
            for short, long in abbreviations
        ]
        if not items:
            return None
        return Element("glossary", Element("title", self.words["abbreviations"]), Element("def-list", *items))

    def reference_list(self, references: Sequence[Reference], anchor: str) -> Element | None:
        entries = [citations.reference(one, name_of(f"{anchor}-ref-{one.key}")) for one in references]
        return Element("ref-list", Element("title", self.words["references"]), *entries) if entries else None


def _medium(issue: Issue) -> str:
    """How the issue was published, where its ISSNs leave one possibility."""
    publication = issue.publication
    if bool(publication.issn_online) == bool(publication.issn_print):
        return ""
    return "electronic" if publication.issn_online else "print"


def _bare(document: _Document, title: str) -> Record:
    """A record of the publication's own with a title and nothing else."""
    head = document.issue.head
    return Record(
        type="article",
        title=RichText.plain_text(title),
        issued=head.date,
        volume=head.volume,
        issue=head.number,
    )


def _simple(nodes: Sequence[str | Element]) -> list[str | Element]:
    """What ``corresp`` may hold: no notes, no links inside of the document."""
    return [node if isinstance(node, str) or node.name not in {"xref", "monospace"} else node.text for node in nodes]
