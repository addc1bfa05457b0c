"""The issue for Open Journal Systems: one file of its native XML, with the PDFs in it, and a README, as a zip.

The forms are those of the native import of OJS 3.3, 3.4 and 3.5. The importer takes attributes for texts of PHP, in
which “false” is true; so what is not so is not written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.outputs.handoff import own_items, pdf_of, zipped
from digest.outputs.items import issue_doi
from digest.outputs.losses import Losses
from digest.outputs.ojs import readme
from digest.outputs.ojs.articles import Articles, embedded, whole_date
from digest.outputs.ojs.sections import Sections
from digest.outputs.source import Lack, Made
from digest.outputs.xmltext import Element, document, element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.outputs.source import Source
    from digest.project import Issue

_NAMESPACE: Final = "http://pkp.sfu.ca"
_OLD_LOCALE: Final = re.compile(r"[a-z][a-z]_[A-Z][A-Z](@[a-z]+)?")  # of OJS 3.3
_LOCALE: Final = re.compile(r"[A-Za-z]{2,4}([_-][A-Za-z]{4})?([_-]([A-Za-z]{2}|[0-9]{3}))?(@[a-z]{2,30})?")
_COVERS: Final = {".jpg", ".jpeg", ".png", ".gif"}  # what OJS takes
FILE: Final = "ojs.zip"


def lacking(issue: Issue) -> Iterator[Lack]:
    """The version of the installation, and a language in its form."""
    ojs = issue.publication.ojs
    if ojs is None:
        yield Lack("the key “ojs” is missing: the version of the journal's installation, 3.3, 3.4 or 3.5")
        return
    locale = locale_of(issue)
    if not (_OLD_LOCALE if ojs.version == "3.3" else _LOCALE).fullmatch(locale):
        form = (
            "OJS 3.3 names languages with a country, such as de_DE" if ojs.version == "3.3" else "such as en or pt_BR"
        )
        what = f"“{locale}” is not a language of OJS" if ojs.locale else "the key “ojs.locale” is missing"
        yield Lack(f"{what}: {form}", path=("ojs", "locale") if ojs.locale else ("ojs",))


def locale_of(issue: Issue) -> str:
    """The name that OJS has for the journal's language."""
    publication = issue.publication
    assert publication.ojs
    language = publication.ojs.locale or publication.language.replace("-", "_")
    return "en_US" if language == "en" and publication.ojs.version == "3.3" else language


def make(source: Source) -> Made:
    """One zip, with a note for all that has no place in it.

    Raises:
        DigestError: the theme makes no pages.
    """
    issue, ojs, locale = source.issue, source.issue.publication.ojs, locale_of(source.issue)
    assert ojs
    losses = Losses(issue, "ojs")
    items = own_items(source, losses)
    pdfs = {item.key: pdf_of(source, item, losses) for item in items}
    sections = Sections(source, items, losses)
    articles = Articles(source, ojs, locale, sections, losses)
    made = [articles.article(item, pdfs[item.key]) for item in items]
    root = _issue(source, sections, tuple(made), losses)
    content = document(root)
    about = readme.text(issue, ojs, locale, sections.listed, len(items), len(content))
    files = {"README.txt": about.encode(), "import.xml": content}
    if ojs.version == "3.3":
        files["issue.pdf"] = source.pdf.content
    return Made({FILE: zipped(files, issue.head.date)}, losses.problems)


def _issue(source: Source, sections: Sections, articles: tuple[Element, ...], losses: Losses) -> Element:
    issue, locale = source.issue, locale_of(source.issue)
    doi = issue_doi(issue)
    return Element(
        "issue",
        tuple(
            part
            for part in (
                element("id", doi, type="doi", advice="update") if doi else None,
                _identification(source, locale, losses),
                element("date_published", whole_date(issue.head.date)),
                sections.element(locale),
                _cover(source, locale, losses),
                _issue_galley(source, locale),
                Element("articles", articles),
            )
            if part
        ),
        {"xmlns": _NAMESPACE, "published": "1", "access_status": "1"},
    )


def _identification(source: Source, locale: str, losses: Losses) -> Element:
    """Volume, number, year and title, by which OJS knows whether it has the issue already."""
    head = source.issue.head
    volume = str(int(head.volume)) if head.volume.isdecimal() else ""
    if head.volume and not volume:
        losses.of_issue(f"a volume is a whole number there, so “{head.volume}” is left out", "volume", level="warning")
    return element(
        "issue_identification",
        element("volume", volume) if volume else None,
        element("number", head.number) if head.number else None,
        element("year", f"{head.date.year}"),
        element("title", source.context.title, locale=locale),
    )


def _cover(source: Source, locale: str, losses: Losses) -> Element | None:
    """The picture of the cover, where OJS takes its kind."""
    cover = source.context.cover
    if cover is None:
        return None
    path = Path(cover.src)
    if path.suffix.lower() not in _COVERS:
        message = "the picture of the cover is left out, because OJS takes JPEG, PNG and GIF pictures"
        losses.of_issue(message, "cover")
        return None
    name = f"cover{path.suffix.lower()}"
    made = element(
        "cover",
        element("cover_image", name),
        element("cover_image_alt_text", cover.alt),
        embedded(path.read_bytes()),
        locale=locale,
    )
    return element("covers", made)


def _issue_galley(source: Source, locale: str) -> Element:
    """The PDF of the whole issue."""
    content, date = source.pdf.content, whole_date(source.issue.head.date)
    file = element(
        "issue_file",
        element("file_name", "issue.pdf"),
        element("file_type", "application/pdf"),
        element("file_size", f"{len(content)}"),
        element("content_type", "1"),  # what readers may load
        element("original_file_name", "issue.pdf"),
        element("date_uploaded", date),
        element("date_modified", date),
        embedded(content),
    )
    return element("issue_galleys", element("issue_galley", element("label", "PDF"), file, locale=locale))
