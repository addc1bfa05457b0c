"""The issue for Janeway: a folder with JATS, PDF and pictures for each article and abstract, and a README, as a zip.

Janeway's importer gives up an article of which it cannot read something. So the JATS in the zip is not quite that of
the output `jats`: volume and number are those of the issue as whole numbers, all people have given names, pictures are
next to the file, and the type of an article is the title of its section, because that is what Janeway takes for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.outputs import jats
from digest.outputs.handoff import own_items, pdf_of, title_of, zipped
from digest.outputs.losses import Losses
from digest.outputs.source import Lack, Made
from digest.outputs.xmltree import Element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.outputs.items import Item
    from digest.outputs.source import Source
    from digest.project import Issue

FILE: Final = "janeway.zip"
_FOLDER: Final = "articles"
_README: Final = """\
{title}
{line}

This zip has the issue for Janeway: {count}, each with its JATS and its PDF in a folder.

BEFORE

1. Try it in a test journal first. What is imported is published: readers see it at once.
2. The journal must have the plugin “Imports”.

IMPORT

1. Log in as somebody who belongs to the staff.
2. Open the page of the plugin Imports, choose JATS Import, and click Start Import.
3. Choose this zip as it is, without unpacking it, and click Upload and Import.

AFTER

1. Look at each article and its PDF.
2. Janeway puts articles into the issue with the same volume and number, and makes it where there is none. A volume or
   number that is not a whole number is 0 there. Its import has no place for the title and date of the issue, and none
   for its PDF, which is issue.pdf in this zip: enter and upload them by hand.
3. Sections have the titles that they have in the issue. Where one exists already, its title must be exactly the same:
{sections}
4. Groups of authors are not imported, and neither are italics, sub- and superscripts in titles and abstracts.
5. A person without an e-mail address gets an invented one, and becomes another account in each import.
6. An article with a DOI that Janeway knows is changed, not added; one without is added again when you import twice.
"""


def lacking(issue: Issue) -> Iterator[Lack]:
    """What JATS asks for."""
    return jats.lacking(issue)


def make(source: Source) -> Made:
    """One zip, with a note for all that has no place in it.

    Raises:
        DigestError: the theme makes no pages.
    """
    issue = source.issue
    losses = Losses(issue, "janeway")
    items = {item.entry.id: item for item in own_items(source, losses)}
    for name, value in (("volume", issue.head.volume), ("number", issue.head.number)):
        if value and not value.isdecimal():
            losses.of_issue(f"it is a whole number there, so “{value}” becomes 0", name, level="warning")
    files: dict[str, bytes] = {}
    sections: dict[str, None] = {}
    for article in jats.articles(source):
        if (item := items.get(article.anchor)) is None:
            continue
        section = item.section.title.plain if item.section else source.prepared.words.word("editorial")
        sections[section] = None
        _adapt(article.root, section, (issue.head.volume, issue.head.number))
        name = article.anchor
        folder = f"{_FOLDER}/{name}"
        _report_groups(item, losses)
        for link, path in article.pictures.items():
            files[f"{folder}/{_flat(link)}"] = path.read_bytes()
        files[f"{folder}/{name}.xml"] = jats.document_of(article.root)
        if pdf := pdf_of(source, item, losses):
            files[f"{folder}/{name}.pdf"] = pdf.content
    title = title_of(issue)
    about = _README.format(
        title=title,
        line="=" * len(title),
        count="1 article" if len(items) == 1 else f"{len(items)} articles",
        sections="\n".join(f"   * {name}" for name in sections) or "   (none)",
    )
    return Made(
        {FILE: zipped({"README.txt": about.encode(), "issue.pdf": source.pdf.content, **files}, issue.head.date)},
        losses.problems,
    )


def _report_groups(item: Item, losses: Losses) -> None:
    for n, person in enumerate(item.record.authors):
        if person.literal:
            losses.of_item(item, f"Janeway leaves out groups of authors: {person.literal}", "authors", n)


def _flat(link: str) -> str:
    """The name of a picture next to the document, of its path in the folder of the issue."""
    return link.replace("/", "-")


def _adapt(root: Element, section: str, numbers: tuple[str, str]) -> None:
    """Changes a document of JATS to what Janeway's importer takes.

    Args:
        root: the document.
        section: the title of its section.
        numbers: volume and number of the issue.
    """
    root.attributes["article-type"] = section
    for one in root.all():
        link = one.attributes.get("xlink:href")
        if one.name in {"graphic", "inline-graphic"} and link:
            one.attributes["xlink:href"] = _flat(link)
        elif one.name == "name" and not any(_is(child, "given-names") for child in one.children):
            at = next((n for n, child in enumerate(one.children) if _is(child, "surname")), -1)
            one.children.insert(at + 1, Element("given-names"))
        elif one.name == "article-meta":
            _number(one, numbers)


def _number(meta: Element, numbers: tuple[str, str]) -> None:
    """Gives a document whole numbers of volume and issue.

    Where it has none, Janeway would take those of the first reference.
    """
    children = [child for child in meta.children if not (_is(child, "volume") or _is(child, "issue"))]
    dates = [n for n, child in enumerate(children) if _is(child, "pub-date") or _is(child, "pub-date-not-available")]
    children[dates[-1] + 1 : dates[-1] + 1] = [
        Element(name, str(int(number)) if number.isdecimal() else "0")
        for name, number in zip(("volume", "issue"), numbers, strict=True)
    ]
    meta.children = children


def _is(child: object, name: str) -> bool:
    return isinstance(child, Element) and child.name == name
