"""The package of an EPUB: what says who made it, what is in it and how it is read; all of it as one file."""

from __future__ import annotations

import datetime as dt
import io
import uuid
import zipfile
from typing import TYPE_CHECKING, Final

from digest.outputs.epub import xhtml
from digest.outputs.epub.plan import CONTENTS
from digest.outputs.items import issue_doi, issue_url
from digest.picture import moves
from digest.render.context import ArticleEntry, DigestEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.outputs.epub.making import Content
    from digest.render.html import PreparedIssue

_FOLDER: Final = "EPUB"
_NAMESPACE: Final = "http://www.idpf.org/2007/opf"
_OPF: Final = f"{_FOLDER}/package.opf"
_CONTAINER: Final = f"""<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="{_OPF}" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_MEDIA: Final = {  # EPUB 3.3, 3.2
    ".css": "text/css",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".otf": "font/otf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}


def packed(prepared: PreparedIssue, content: Content) -> bytes:
    """The EPUB as one file (EPUB 3.3, 4: OCF), the same bytes for the same content.

    Args:
        prepared: the issue.
        content: what is in it.
    """
    issue = prepared.issue
    files = {"META-INF/container.xml": _CONTAINER.encode(), _OPF: package(prepared, content).encode()}
    files |= {f"{_FOLDER}/{name}": text.encode() for name, text in content.pages.items()}
    files |= {f"{_FOLDER}/{name}": held for name, held in content.shared.items()}
    date = issue.head.date
    when = (min(max(date.year, 1980), 2107), date.month or 1, date.day or 1, 0, 0, 0)  # what a zip can say
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, held in {"mimetype": b"application/epub+zip", **files}.items():
            entry = zipfile.ZipInfo(name, when)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, held, compresslevel=9)
    return out.getvalue()


def package(prepared: PreparedIssue, content: Content) -> str:
    """The package document (EPUB 3.3, 5)."""
    language, way = xhtml.escaped(prepared.issue.publication.language), prepared.words.direction
    named = f'xmlns="{_NAMESPACE}" version="3.0" unique-identifier="id"'
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<package {named} xml:lang="{language}" dir="{way}">',
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">',
        *_metadata(prepared, content),
        *_accessibility(prepared, content),
        "</metadata>",
        "<manifest>",
        *_manifest(content),
        "</manifest>",
        f'<spine page-progression-direction="{way}">',
        *(f'<itemref idref="{_id(name)}"/>' for name in content.pages),
        "</spine>",
        "</package>",
        "",
    ]
    return "\n".join(lines)


def identifier(prepared: PreparedIssue) -> str:
    """What every edition of an issue is known by: its DOI, or a UUID of the periodical, its date and its numbers."""
    issue = prepared.issue
    if doi := issue_doi(issue):
        return f"doi:{doi}"
    publication, head = issue.publication, issue.head
    name = "\n".join((publication.title, str(head.date), head.volume, head.number, issue.folder.name))
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


def modified(prepared: PreparedIssue) -> str:
    """When this edition was made: the day of the issue, and a second more for each edition after the first."""
    head = prepared.issue.head
    day = dt.datetime(head.date.year, head.date.month or 1, head.date.day or 1, tzinfo=dt.UTC)
    later = day + dt.timedelta(seconds=head.edition - 1)
    return later.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20)


def _metadata(prepared: PreparedIssue, content: Content) -> Iterator[str]:
    context, issue = prepared.composition.issue, prepared.issue
    publication = issue.publication
    title = f"{publication.title}: {context.full_title}"
    yield _element("dc:identifier", identifier(prepared), "id")
    yield _element("dc:title", title, "title")
    yield _refining("title", "title-type", "main")
    yield _element("dc:language", publication.language)
    languages = {entry.language for entry in context.entries if isinstance(entry, ArticleEntry | DigestEntry)}
    for language in sorted(languages - {publication.language, ""}):
        if not language.startswith("und"):
            yield _element("dc:language", language)
    for n, name in enumerate(dict.fromkeys(publication.editors), 1):
        yield _element("dc:creator", name, f"editor-{n}")
        yield _refining(f"editor-{n}", "role", "edt", 'scheme="marc:relators"')
    articles = [entry for entry in context.entries if isinstance(entry, ArticleEntry)]
    people = {person.full: person for article in articles for person in article.authors}
    for n, person in enumerate(people.values(), 1):
        yield _element("dc:contributor", person.full, f"author-{n}")
        yield _refining(f"author-{n}", "role", "aut", 'scheme="marc:relators"')
        if not person.literal and person.family:
            yield _refining(f"author-{n}", "file-as", ", ".join(filter(None, (person.family, person.given))))
    if publication.publisher:
        yield _element("dc:publisher", publication.publisher)
    yield _element("dc:date", str(issue.head.date))
    for word in dict.fromkeys(word for article in articles for word in article.keywords):
        yield _element("dc:subject", word)
    if context.meeting:
        yield _element("dc:description", prepared.words.event_line(context.meeting))
    if publication.rights:
        yield _element("dc:rights", publication.rights)
    if publication.licence:
        yield f'<meta property="dcterms:license">{xhtml.escaped(publication.licence)}</meta>'
    if url := issue_url(issue):
        yield f'<meta property="dcterms:isVersionOf">{xhtml.escaped(url)}</meta>'
    yield f'<meta property="dcterms:modified">{modified(prepared)}</meta>'
    yield f'<meta property="belongs-to-collection" id="periodical">{xhtml.escaped(publication.title)}</meta>'
    yield _refining("periodical", "collection-type", "series")
    numbers = [issue.head.volume, issue.head.number] if issue.head.number else [issue.head.volume]
    if all(number.isdecimal() and number.isascii() for number in numbers):  # EPUB 3.3, D.3.5
        yield _refining("periodical", "group-position", ".".join(numbers))
    issns = dict.fromkeys(filter(None, (publication.issn_online, publication.issn, publication.issn_print)))
    for issn in issns:
        yield _refining("periodical", "dcterms:identifier", f"urn:issn:{issn}")
    if content.cover:  # for readers of EPUB 2
        yield f'<meta name="cover" content="{_id(content.cover)}"/>'


def _accessibility(prepared: PreparedIssue, content: Content) -> Iterator[str]:
    """What is true for those who do not see, or not well (EPUB Accessibility 1.1, 2; schema.org's vocabulary)."""
    words, pictures = prepared.words, content.pictures
    has = frozenset[str]().union(*content.properties.values())
    described = all(picture.alt for picture in pictures)
    textual = all(picture.alt is not None for picture in pictures)  # empty: it only decorates
    features = ["displayTransformability", "readingOrder", "structuralNavigation", "tableOfContents", "ARIA"]
    said = [words["epub_structure"]]
    if pictures:
        features += ["alternativeText"] if described else []
        said.append(words["epub_described" if described else "epub_undescribed"])
    if "mathml" in has:
        features.append("MathML")
        said.append(words["epub_formulas"])
    if any(file.page.kind == "index" for file in content.plan.files):
        features.append("index")
    if content.page_list:
        features.append("pageNavigation")
        said.append(words["epub_page_list"])
        yield f'<meta property="pageBreakSource">{xhtml.escaped(_paged(prepared))}</meta>'
        yield _element("dc:source", _paged(prepared), "pages")
        yield _refining("pages", "source-of", "pagination")
    for mode in ("textual", *(["visual"] if pictures else [])):
        yield _property("accessMode", mode)
    yield _property("accessModeSufficient", "textual" if textual else "textual,visual")
    for feature in sorted(features, key=str.lower):
        yield _property("accessibilityFeature", feature)
    shown = {picture.source for picture in pictures if picture.source}
    moving = any(moves(content.shared[name]) for name in sorted(shown) if name in content.shared)
    yield _property("accessibilityHazard", "unknown" if moving else "none")
    yield _property("accessibilitySummary", " ".join(said))


def _paged(prepared: PreparedIssue) -> str:
    """The PDF, as whose pages those of the list are."""
    return f"{issue_doi(prepared.issue) or prepared.composition.issue.full_title} (PDF)"


def _manifest(content: Content) -> Iterator[str]:
    for name in content.pages:
        properties = sorted({*content.properties[name], *(("nav",) if name == CONTENTS else ())})
        yield _item(name, "application/xhtml+xml", properties)
    for name in content.shared:
        media = _MEDIA.get(name[name.rindex(".") :].lower(), "text/plain")
        yield _item(name, media, ["cover-image"] if name == content.cover else [])


def _item(name: str, media: str, properties: list[str]) -> str:
    more = f' properties="{" ".join(properties)}"' if properties else ""
    return f'<item id="{_id(name)}" href="{xhtml.escaped(name)}" media-type="{media}"{more}/>'


def _id(name: str) -> str:
    return "item-" + xhtml.xml_name(name.replace("/", "-"))


def _element(name: str, text: str, id_: str = "") -> str:
    named = f' id="{id_}"' if id_ else ""
    return f"<{name}{named}>{xhtml.escaped(' '.join(text.split()))}</{name}>"


def _refining(of: str, name: str, text: str, more: str = "") -> str:
    return f'<meta refines="#{of}" property="{name}"{" " * bool(more)}{more}>{xhtml.escaped(text)}</meta>'


def _property(name: str, text: str) -> str:
    return f'<meta property="schema:{name}">{xhtml.escaped(text)}</meta>'
