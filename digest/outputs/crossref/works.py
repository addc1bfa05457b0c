"""The articles, abstracts and notices of an issue as Crossref's `journal_article`, in the order of its schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.outputs import described
from digest.outputs.crossref.citations import DOI, citation_list
from digest.outputs.crossref.people import contributors
from digest.outputs.crossref.registries import registry_doi
from digest.outputs.xmltext import Element, element, rich
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.model import PartialDate, Record
    from digest.outputs.items import Item
    from digest.outputs.losses import Losses
    from digest.outputs.notices import OwnNotice
    from digest.project import Issue

FACES: Final = {"i": "i", "b": "b", "sub": "sub", "sup": "sup", "sc": "scp"}
_JATS: Final = {"i": "jats:italic", "b": "jats:bold", "sub": "jats:sub", "sup": "jats:sup", "sc": "jats:sc"}
# The two-letter codes of languages5.4.0.xsd. Those of three letters are left out: not each is in its list.
LANGUAGES: Final = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv jw ka
    kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt mu my na nb nd ne ng
    nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv
    sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """.split()
)
# What a notice does to what it is about (common5.4.0.xsd, cm_update_type).
_UPDATES: Final = {"erratum": "erratum", "withdrawal": "withdrawal", "update": "addendum"}
_LONGEST_PAGE: Final = 32
_LONGEST_ITEM_NUMBER: Final = 32


def language_of(tag: str) -> str | None:
    """The code that Crossref has for a language tag; nothing where it has none, or the language is not known."""
    code = tag.partition("-")[0].lower()
    return code if code in LANGUAGES else None


def publication_date(issue: Issue) -> Element:
    """The day of the issue; of the electronic edition where the publication has one, or else of the printed one."""
    date = issue.head.date
    medium = "online" if issue.publication.issn_online else "print"
    return element(
        "publication_date",
        element("month", f"{date.month or 1:02}"),
        element("day", f"{date.day or 1:02}"),
        element("year", f"{date.year:04}"),
        media_type=medium,
    )


def doi_data(doi: str, url: str) -> Element:
    """A DOI with the address to which it leads."""
    return element("doi_data", element("doi", doi), element("resource", url))


def article(issue: Issue, item: Item, dois: Mapping[str, str], losses: Losses) -> Element:
    """An article or an abstract of the publication's own.

    Args:
        issue: the issue.
        item: what is registered.
        dois: the DOIs of what is the publication's own in the issue, by key.
        losses: takes what Crossref has no place for.
    """
    whole = isinstance(item.entry, ArticleEntry) or bool(item.entry.parts)
    abstract = _abstract(item)
    container, publication = item.record.container, issue.publication
    if container not in {"", publication.title, publication.abbreviation}:
        losses.of_item(
            item,
            f"it appeared in “{container}”; it is registered as the publication's own because digest.yaml says that "
            "abstracts are (dois.abstracts), or issue.yaml gives it a DOI",
            "container",
            level="warning",
        )
    if item.record.status == "withdrawn":
        losses.of_item(
            item, "it is withdrawn; Crossref hears of that only by a notice about it (notice: {kind: withdrawal})"
        )
    parts = (
        element("titles", element("title", *rich(item.entry.title, FACES))),
        contributors(item, losses),
        abstract,
        publication_date(issue),
        _pages(issue, item, losses),
        _numbers(item, losses),
        *_crossmark(issue, item, losses, licensed=whole),
        _relations(issue, item, dois, losses),
        doi_data(item.doi, item.url),
        citation_list(item.entry.references) if isinstance(item.entry, ArticleEntry) else None,
    )
    spoken = described.language_of(item)
    language = language_of(spoken)
    if spoken and language is None:
        losses.of_item(item, f"there is no code for its language, {spoken}", "language")
    return element(
        "journal_article",
        *parts,
        publication_type="full_text" if whole else "bibliographic_record",
        language=language,
    )


def notice(issue: Issue, one: OwnNotice, losses: Losses) -> Element:
    """A notice: an article that updates the abstract that it is about, where there is a policy of corrections."""
    deposit = issue.publication.deposit
    mark = None
    if deposit and deposit.policy:
        date = str(issue.head.date)
        update = element("update", one.about, type=_UPDATES[one.notice.kind], date=date)
        licence = _licence(issue)
        mark = element(
            "crossmark",
            element("crossmark_policy", deposit.policy),
            element("updates", update),
            element("custom_metadata", licence) if licence else None,
        )
    else:
        message = (
            "Crossref is not notified that this notice is about "
            f"{one.about}: the key “policy” is missing in “deposit” of digest.yaml"
        )
        losses.of_issue(message, *one.place, level="warning")
    return element(
        "journal_article",
        element("titles", element("title", one.notice.title)),
        publication_date(issue),
        mark or _licence(issue),
        doi_data(one.doi, one.url),
        publication_type="full_text",
        language=language_of(issue.publication.language),
    )


def _abstract(item: Item) -> Element | None:
    """The abstract that may be printed, or the summary of an article, as JATS has it: paragraphs before sections."""
    made: list[Element] = []
    for label, text in described.parts_of(item):
        paragraph = element("jats:p", *rich(text, _JATS, "jats:inline-formula"))
        if label:
            made.append(element("jats:sec", element("jats:title", label), paragraph))
        elif made and made[-1].name == "jats:sec":  # a section has a title, and no paragraph comes after one
            made[-1] = Element("jats:sec", (*made[-1].children, paragraph))
        else:
            made.append(paragraph)
    return Element("jats:abstract", tuple(made)) if made else None


def _pages(issue: Issue, item: Item, losses: Losses) -> Element | None:
    """The pages; those of an abstract's record only where that appeared in this publication."""
    pages = item.record.pages.replace("–", "-")
    publication = issue.publication
    elsewhere = item.record.container not in {"", publication.title, publication.abbreviation}
    if not pages or elsewhere:
        return None
    runs = [run.strip() for run in re.split(r"[,;]", pages) if run.strip()]
    first, _, last = runs[0].partition("-")
    if max(len(first), len(last)) > _LONGEST_PAGE or not first:
        losses.of_item(item, f"these pages have no place there: {pages}", "pages")
        return None
    others = ", ".join(runs[1:])[:100]
    return element(
        "pages",
        element("first_page", first),
        element("last_page", last) if last else None,
        element("other_pages", others) if others else None,
    )


def _numbers(item: Item, losses: Losses) -> Element | None:
    number = "" if isinstance(item.entry, ArticleEntry) else item.entry.number
    if len(number) > _LONGEST_ITEM_NUMBER:
        losses.of_item(item, f"this number is too long there: {number}", "number")
        number = ""
    pmid = item.record.ids.pmid
    if not number and not pmid:
        return None
    return element(
        "publisher_item",
        element("item_number", number, item_number_type="article_number") if number else None,
        element("identifier", pmid, id_type="pmid") if pmid else None,
    )


def _crossmark(issue: Issue, item: Item, losses: Losses, *, licensed: bool) -> Iterator[Element]:
    """Licence and trials; inside of Crossmark where the publication takes part in it."""
    programs = [one for one in (_licence(issue) if licensed else None, _trials(item, losses)) if one is not None]
    deposit = issue.publication.deposit
    if deposit and deposit.policy:
        custom = Element("custom_metadata", tuple(programs)) if programs else None
        yield element("crossmark", element("crossmark_policy", deposit.policy), custom)
    else:
        yield from programs


def _licence(issue: Issue) -> Element | None:
    licence = issue.publication.licence
    if not licence:
        return None
    reference = element("ai:license_ref", licence, applies_to="vor", start_date=str(issue.head.date))
    return element("ai:program", reference, name="AccessIndicators")


def _trials(item: Item, losses: Losses) -> Element | None:
    """The trials that an abstract is about, or those of the abstracts that an article reviews."""
    records = (item.record, *item.reviewed)
    numbers = dict.fromkeys(number for record in records for number in record.ids.registrations)
    made: list[Element] = []
    for number in numbers:
        if registry := registry_doi(number):
            made.append(element("ct:clinical-trial-number", number, registry=registry))
        else:
            losses.of_item(item, f"Crossref knows no registry of trials with such a number: {number}")
    return Element("ct:program", tuple(made)) if made else None


def _relations(issue: Issue, item: Item, dois: Mapping[str, str], losses: Losses) -> Element | None:
    """What an article reviews; of an abstract that others have registered as well, their DOI."""
    made: list[Element] = []
    names = issue.articles[item.key].head.abstracts if isinstance(item.entry, ArticleEntry) else ()
    for key in names:
        record = issue.records.get(key)
        if record is None:
            continue
        target = _target(record, dois.get(key, ""))
        if target is None:
            title = record.title.shortened(60).plain
            losses.of_item(
                item, f"that it reviews “{title}” is not said there: that has no DOI or address", "abstracts"
            )
        else:
            made.append(_related("inter_work_relation", "isReviewOf", *target))
    other = item.record.ids.doi
    if other and other != item.doi and DOI.fullmatch(other):
        made.append(_related("intra_work_relation", "isVersionOf", "doi", other))
    return Element("rel:program", tuple(made), {"name": "relations"}) if made else None


def _target(record: Record, own: str) -> tuple[str, str] | None:
    """The kind and the value of the best identifier of a record."""
    doi = own or record.ids.doi
    if doi and DOI.fullmatch(doi):
        return "doi", doi
    for kind, value in (("pmid", record.ids.pmid), ("pmcid", record.ids.pmcid), ("uri", record.ids.url)):
        if value:
            return kind, value
    return None


def _related(name: str, relation: str, kind: str, value: str) -> Element:
    attributes: dict[str, str | None] = {"relationship-type": relation, "identifier-type": kind}
    return element("rel:related_item", Element(f"rel:{name}", (value,), attributes))


def is_dated(date: PartialDate) -> bool:
    """Whether the year is one that Crossref takes (crossref5.4.0.xsd, xrefYear)."""
    return 1400 <= date.year <= 2200
