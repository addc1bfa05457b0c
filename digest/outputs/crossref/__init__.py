"""The deposit that registers an issue's DOIs with Crossref: schema 5.4.0, one batch of the publication's own items.

It is written, not sent: somebody uploads it. The rules are those of crossref5.4.0.xsd and common5.4.0.xsd, and of
Crossref's documentation of deposits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.outputs.crossref import works
from digest.outputs.items import issue_doi, issue_url
from digest.outputs.losses import Losses
from digest.outputs.notices import notices_of
from digest.outputs.source import Lack, Made
from digest.outputs.xmltext import MATHML, Element, document, element

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.outputs.items import Item
    from digest.outputs.notices import OwnNotice
    from digest.outputs.source import Source
    from digest.project import Issue

_NAMESPACE: Final = "http://www.crossref.org/schema/5.4.0"
_ROOT: Final = {
    "version": "5.4.0",
    "xmlns": _NAMESPACE,
    "xmlns:ai": "http://www.crossref.org/AccessIndicators.xsd",
    "xmlns:ct": "http://www.crossref.org/clinicaltrials.xsd",
    "xmlns:jats": "http://www.ncbi.nlm.nih.gov/JATS1",
    "xmlns:mml": MATHML,
    "xmlns:rel": "http://www.crossref.org/relations.xsd",
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{_NAMESPACE} https://www.crossref.org/schemas/crossref5.4.0.xsd",
}
# crossref5.4.0.xsd and common5.4.0.xsd: how many characters these may have.
_LONGEST: Final = {
    "depositor_name": 130,
    "email_address": 200,
    "registrant": 255,
    "full_title": 255,
    "abbrev_title": 150,
    "volume": 32,
    "issue": 32,
}
_LONGEST_BATCH: Final = 100


def lacking(issue: Issue) -> Iterator[Lack]:
    """Who deposits, the prefix, an ISSN whose edition is known, addresses, and a year that Crossref takes."""
    publication = issue.publication
    if publication.deposit is None:
        yield Lack("the key “deposit” is missing: who registers the DOIs (depositor, email)")
    if not (publication.deposit and publication.deposit.registrant) and not publication.publisher:
        yield Lack("the key “publisher” is missing: the organization that is responsible for what is registered")
    if publication.dois is None:
        yield Lack("the key “dois” is missing: the prefix that the publication has, and the pattern of its DOIs")
    if not publication.issn_online and not publication.issn_print:
        yield Lack("the key “issn_online” or “issn_print” is missing: Crossref asks of which edition an ISSN is")
    if not publication.addresses.item:
        yield Lack(
            "the key “addresses.item” is missing: where the DOIs of articles and abstracts lead", path=("addresses",)
        )
    if not works.is_dated(issue.head.date):
        message = f"Crossref takes years from 1400 to 2200, not {issue.head.date.year}"
        yield Lack(message, file=issue.shown("issue.yaml"), path=("date",))


def make(source: Source) -> Made:
    """``crossref.xml``: the journal, the issue, its articles, and of abstracts and notices those of the publication."""
    issue = source.issue
    losses = Losses(issue, "crossref")
    items = tuple(_own(issue, source.items, losses))
    dois = {item.key: item.doi for item in items}
    notices = tuple(_own_notices(notices_of(issue, source.context, items), set(dois.values()), losses))
    journal = Element(
        "journal",
        (
            _journal(issue, losses),
            _issue(source, losses),
            *(works.article(issue, item, dois, losses) for item in items),
            *(works.notice(issue, one, losses) for one in notices),
        ),
    )
    if not items and not issue_doi(issue):
        losses.of_issue("there is nothing to register: no item of this issue has a DOI of the publication's own")
    batch = Element("doi_batch", (_head(issue, losses), element("body", journal)), _ROOT)
    return Made({"crossref.xml": document(batch)}, losses.problems)


def timestamp(issue: Issue) -> str:
    """The version of what is deposited, which has to grow: day and edition of the issue, 14 digits as of a clock."""
    date = issue.head.date
    return str((date.year * 10_000 + (date.month or 1) * 100 + (date.day or 1)) * 1_000_000 + issue.head.edition)


def _own(issue: Issue, items: Sequence[Item], losses: Losses) -> Iterator[Item]:
    """The items with a DOI under the prefix of the publication, each DOI once."""
    dois = issue.publication.dois
    seen: set[str] = set()
    for item in items:
        if not item.doi:
            if item.key in issue.articles:
                message = "it has no DOI and is not registered: give it one, or a pattern (dois.item in digest.yaml)"
                losses.of_item(item, message, level="warning")
        elif not dois or not item.doi.startswith(f"{dois.prefix}/"):
            message = f"{item.doi} is not under the publication's prefix, and is not registered"
            losses.of_item(item, message, "doi", level="warning")
        elif item.doi in seen:
            losses.of_item(item, f"two items have the DOI {item.doi}: the second is left out", "doi", level="warning")
        else:
            seen.add(item.doi)
            yield item


def _own_notices(notices: Sequence[OwnNotice], taken: set[str], losses: Losses) -> Iterator[OwnNotice]:
    for one in notices:
        title = one.notice.title
        if not one.key:
            losses.of_issue(
                f"the notice “{title}” is not registered: “about” does not say what it is about", *one.place
            )
        elif not one.about:
            message = (
                f"the notice “{title}” is not registered: what it is about is registered by others, and so are its "
                "corrections"
            )
            losses.of_issue(message, *one.place)
        elif not one.doi:
            message = f"the notice “{title}” has no DOI: digest.yaml has no pattern for it (dois.item)"
            losses.of_issue(message, *one.place, level="warning")
        elif one.doi in taken:
            message = f"the notice “{title}” is left out: its DOI, {one.doi}, is that of an item"
            losses.of_issue(message, *one.place, level="warning")
        else:
            yield one


def _head(issue: Issue, losses: Losses) -> Element:
    publication = issue.publication
    deposit = publication.deposit
    assert deposit, "lacking() asks for it"
    stamp = timestamp(issue)
    batch = re.sub(r"[^A-Za-z0-9._-]+", "-", f"{stamp}-{issue.name}")[:_LONGEST_BATCH]
    return element(
        "head",
        element("doi_batch_id", batch),
        element("timestamp", stamp),
        element(
            "depositor",
            _short("depositor_name", deposit.depositor, losses, "deposit", "depositor"),
            _short("email_address", deposit.email, losses, "deposit", "email"),
        ),
        _short("registrant", deposit.registrant or publication.publisher, losses, "deposit"),
    )


def _journal(issue: Issue, losses: Losses) -> Element:
    publication = issue.publication
    issns = (("electronic", publication.issn_online), ("print", publication.issn_print))
    return element(
        "journal_metadata",
        _short("full_title", publication.title, losses, "title"),
        _short("abbrev_title", publication.abbreviation, losses, "abbreviation") if publication.abbreviation else None,
        *(element("issn", issn, media_type=medium) for medium, issn in issns if issn),
        language=works.language_of(publication.language),
    )


def _issue(source: Source, losses: Losses) -> Element:
    issue = source.issue
    head = issue.head
    doi, url = issue_doi(issue), issue_url(issue)
    prefix = issue.publication.dois.prefix if issue.publication.dois else ""
    if doi and not url:
        losses.of_publication(f"the issue's DOI, {doi}, is not registered: its address is missing (addresses.issue)")
    elif doi and not doi.startswith(f"{prefix}/"):
        losses.of_issue(f"{doi} is not under the publication's prefix, and is not registered", "doi", level="warning")
        doi = ""
    volume = _short("volume", head.volume, losses, "volume", of_issue=True) if head.volume else None
    return element(
        "journal_issue",
        element("titles", element("title", source.context.full_title)),
        works.publication_date(issue),
        element("journal_volume", volume) if volume else None,
        _short("issue", head.number, losses, "number", of_issue=True) if head.number else None,
        works.doi_data(doi, url) if doi and url else None,
    )


def _short(name: str, text: str, losses: Losses, *path: str, of_issue: bool = False) -> Element:
    """An element with a text, cut where Crossref takes no longer one."""
    text, most = " ".join(text.split()), _LONGEST[name]
    if len(text) > most:
        message = f"at most {most} characters are taken there; this is cut: {text}"
        (losses.of_issue if of_issue else losses.of_publication)(message, *path, level="warning")
        text = text[:most].rstrip()
    return element(name, text)
