"""The articles of an issue for PubMed: one ArticleSet, as publishers send it to NLM.

Only what the publication itself wrote is in it; abstracts of a meeting are not cited in PubMed by their reviewers.

Source: NLM's “PubMed XML Tagged Format” (NBK3828), DTD PubMed 2.8. The order of elements counts.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from digest.errors import Problem
from digest.outputs.source import Lack, Made
from digest.outputs.xmltree import Child, Element, filled, written
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.model import PartialDate, Person
    from digest.outputs.items import Item
    from digest.outputs.source import Source
    from digest.project import Issue
    from digest.text import Node

_DOCTYPE: Final = (
    '<!DOCTYPE ArticleSet PUBLIC "-//NLM//DTD PubMed 2.8//EN" "https://dtd.nlm.nih.gov/ncbi/pubmed/in/PubMed.dtd">\n'
)
_LINES: Final = frozenset(
    """
        ArticleSet Article Journal PubDate AuthorList Author AffiliationInfo ArticleIdList ObjectList Object
    """.split()
)
_MARKUP: Final = frozenset({"i", "b", "sub", "sup"})
_PAGES: Final = re.compile(r"([A-Za-z]*\d+)(?:-([A-Za-z]*\d+))?")
_TAG: Final = re.compile(r"<(/?)(em|i|strong|b|sub|sup)>|<[^<>]*>")
_AS: Final = {"em": "i", "strong": "b"}
FILE: Final = "pubmed.xml"


def lacking(issue: Issue) -> Iterator[Lack]:
    """The publisher and an ISSN, which every article names; and an article."""
    publication = issue.publication
    if not publication.publisher:
        yield Lack("the key “publisher” is missing")
    if not (publication.issn or publication.issn_print or publication.issn_online):
        yield Lack("the key “issn”, “issn_print” or “issn_online” is missing")
    if not issue.articles:
        yield Lack("the issue has no article of the publication's own", issue.shown("issue.yaml"))


def make(source: Source) -> Made:
    """The file, with a note for each article that PubMed would not take, and for the notices, which are not in it."""
    items = [item for item in source.items if item.entry.kind == "article"]
    root = Element("ArticleSet", *(_article(source, item) for item in items))
    return Made({FILE: written(root, _DOCTYPE, _LINES)}, tuple(_problems(source, items)))


def _problems(source: Source, items: Iterable[Item]) -> Iterator[Problem]:
    for item in items:
        if not item.record.pages and not item.doi:
            message = "pubmed: this article has neither “pages” nor a DOI; PubMed takes no article without one of them"
            file = source.issue.articles[item.key].file
            yield Problem(level="warning", code="output-odd", message=message, file=file)
    notices = sum(entry.kind == "notice" for entry in source.context.entries)
    if notices:
        message = "pubmed: notices are not in it; NLM takes errata and retractions from the page of the article"
        yield Problem(level="note", code="output-leaves-out", message=message, file=source.issue.shown("issue.yaml"))


def _article(source: Source, item: Item) -> Element:
    issue, record, entry = source.issue, item.record, item.entry
    assert isinstance(entry, ArticleEntry)
    english = entry.language.partition("-")[0] == "en"
    pages = _PAGES.fullmatch(record.pages)
    made = Element("Article", _journal(issue))
    if issue.head.edition > 1:  # of what is in PubMed already
        made.add(Element("Replaces", item.doi or item.key, IdType="doi" if item.doi else "pii"))
    made.add(Element("ArticleTitle" if english else "VernacularTitle", *_rich(entry.title.nodes)))
    if pages:
        made.add(Element("FirstPage", pages[1]), Element("LastPage", pages[2] or pages[1]))
    if item.doi:
        made.add(Element("ELocationID", item.doi, EIdType="doi", ValidYN="Y"))
    if entry.language != "und":
        made.add(Element("Language", entry.language.partition("-")[0].upper()))
    made.add(filled("AuthorList", *(_author(person, item) for person in record.authors)))
    editorial = entry is source.context.editorial
    made.add(Element("PublicationType", "Editorial" if editorial else "Journal Article"))
    doi = Element("ArticleId", item.doi, IdType="doi") if item.doi else None
    made.add(Element("ArticleIdList", Element("ArticleId", item.key, IdType="pii"), doi))
    made.add(filled("Abstract", *_abstract(entry.summary)))
    made.add(filled("CoiStatement", " ".join(html.unescape(_TAG.sub(" ", entry.conflict_of_interest)).split())))
    words = (Element("Object", Element("Param", word, Name="value"), Type="keyword") for word in record.keywords)
    return made.add(filled("ObjectList", *words))


def _journal(issue: Issue) -> Element:
    publication, head = issue.publication, issue.head
    online = bool(publication.issn_online) and not publication.issn_print
    return Element(
        "Journal",
        Element("PublisherName", publication.publisher),
        Element("JournalTitle", publication.abbreviation or publication.title),
        Element("Issn", publication.issn_print or publication.issn_online or publication.issn),
        filled("Volume", head.volume),
        filled("Issue", head.number),
        _date(head.date, "epublish" if online else "ppublish"),
    )


def _date(date: PartialDate, status: str) -> Element:
    made = Element("PubDate", PubStatus=status)
    for name, part in zip(("Year", "Month", "Day"), date.parts, strict=False):
        made.add(Element(name, f"{part:02d}"))
    return made


def _author(person: Person, item: Item) -> Element:
    """A person under the names as printed; the attribute says that somebody has no first name."""
    made = Element("Author")
    if person.literal:
        made.add(Element("CollectiveName", person.literal))
    else:
        given = person.given or person.initials
        made.add(Element("FirstName", given) if given else Element("FirstName", EmptyYN="Y"))
        made.add(Element("LastName", person.family_name), filled("Suffix", person.suffix))
    parts = {one.affiliation: one for one in item.record.institutions}
    for number in person.affiliations:
        place = Element("AffiliationInfo", Element("Affiliation", item.record.affiliations[number - 1].plain))
        if number in parts and parts[number].ror:
            place.add(Element("Identifier", f"https://ror.org/{parts[number].ror}", Source="ROR"))
        made.add(place)
    if person.orcid:
        made.add(Element("Identifier", f"https://orcid.org/{person.orcid}", Source="ORCID"))
    return made


def _rich(nodes: Iterable[Node]) -> Iterator[Child]:
    """Text with the markup that PubMed knows; small capitals and formulas are their text."""
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif node[0] in _MARKUP:
            yield Element(node[0], *_rich(node[1]))
        else:
            yield from _rich(node[1])


def _abstract(summary: str) -> list[Child]:
    """The summary, of which the same markup is kept and links are their text."""
    root = Element("AbstractText")
    stack, at = [root], 0
    for match in _TAG.finditer(summary):
        stack[-1].add(html.unescape(summary[at : match.start()]))
        at = match.end()
        name = match[2] and _AS.get(match[2], match[2])
        if name and not match[1]:
            made = Element(name)
            stack[-1].add(made)
            stack.append(made)
        elif name and len(stack) > 1:
            stack.pop()
    root.add(html.unescape(summary[at:]))
    return [root] if root.text.strip() else []
