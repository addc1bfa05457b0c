"""Metadata for registering DOIs with DataCite, schema 4.5: of each item of the publication's own, as JSON and XML."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from digest.model import has_orcid_check
from digest.outputs import described
from digest.outputs.items import issue_doi
from digest.outputs.losses import Losses
from digest.outputs.notices import notices_of
from digest.outputs.source import Lack, Made
from digest.outputs.xmltext import Element, document
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Person
    from digest.outputs.items import Item
    from digest.outputs.notices import OwnNotice
    from digest.outputs.source import Source
    from digest.project import Issue


_KERNEL: Final = "http://datacite.org/schema/kernel-4"
_ROOT: Final = {
    "xmlns": _KERNEL,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{_KERNEL} http://schema.datacite.org/meta/kernel-4.5/metadata.xsd",
}
# DataCite 4.5, appendix 1, relationType: what an item does, and of what kind the other thing is.
_RELATIONS: Final = {
    "reviews": "Reviews",
    "cites": "Cites",
    "trial": "References",
    "part": "IsPartOf",
    "version": "IsVersionOf",
}
_KINDS: Final = {"erratum": "Erratum", "withdrawal": "Withdrawal", "update": "Update"}


def lacking(issue: Issue) -> Iterator[Lack]:
    """The pattern of DOIs, the publisher, and the addresses to which DOIs lead."""
    publication = issue.publication
    if publication.dois is None:
        yield Lack("the key “dois” is missing: the prefix that the publication has, and the pattern of its DOIs")
    if not publication.publisher:
        yield Lack("the key “publisher” is missing: DataCite asks who publishes")
    if not publication.addresses.item:
        yield Lack(
            "the key “addresses.item” is missing: where the DOIs of articles and abstracts lead", path=("addresses",)
        )


def make(source: Source) -> Made:
    """``datacite/KEY.json``, which the REST API takes as attributes, and ``datacite/KEY.xml``, for the form."""
    issue = source.issue
    losses = Losses(issue, "datacite")
    own = {item.key: item.doi for item in source.items if item.doi}
    records: dict[str, dict[str, Any]] = {}
    for item in source.items:
        if item.doi:
            records[item.key] = _item(issue, item, own, losses)
        elif item.key in issue.articles:
            message = "it has no DOI and gets no file: give it one, or a pattern (dois.item in digest.yaml)"
            losses.of_item(item, message, level="warning")
    for one in notices_of(issue, source.context, source.items):
        if one.doi and one.key not in records:
            records[one.key] = _notice(issue, one)
        else:
            message = f"the notice “{one.notice.title}” has no DOI: it is about nothing of the publication's own"
            losses.of_issue(message, *one.place)
    files: dict[str, bytes] = {}
    for key, record in records.items():
        text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
        files[f"datacite/{key}.json"] = text.encode()
        files[f"datacite/{key}.xml"] = document(as_xml(record))
    return Made(files, losses.problems)


def _item(issue: Issue, item: Item, own: dict[str, str], losses: Losses) -> dict[str, Any]:
    creators = [_creator(item, n, person, losses) for n, person in enumerate(item.record.authors)]
    if not creators:
        losses.of_item(item, f"it has no authors; DataCite wants one, and gets {described.UNAVAILABLE}", "authors")
    if item.record.authors_truncated:
        losses.of_item(item, "the authors after “et al.” are not known, and are missing there", "authors")
    language = described.language_of(item)
    subjects = dict.fromkeys(item.record.keywords)
    fields = _shared(issue, item.doi, item.url, str(item.entry.title), language)
    fields["types"] = _type(item)
    fields["creators"] = creators or [{"name": described.UNAVAILABLE}]
    fields["subjects"] = [{"subject": subject} for subject in subjects]
    fields["dates"] += _presented(item)
    if not isinstance(item.entry, ArticleEntry) and item.entry.number:
        fields["alternateIdentifiers"] = [
            {"alternateIdentifier": item.entry.number, "alternateIdentifierType": "Abstract number"}
        ]
    fields["relatedIdentifiers"] += _relations(issue, item, own)
    fields["relatedItems"] = [_journal(issue, item)]
    if text := described.plain_abstract(item):
        fields["descriptions"] = [{"description": text, "descriptionType": "Abstract", **_lang(language)}]
    if place := _place(item):
        fields["descriptions"] = [
            *fields.get("descriptions", ()),
            {"description": place, "descriptionType": "Other", "lang": "en"},
        ]
    if not (isinstance(item.entry, ArticleEntry) or item.entry.parts):
        del fields["rightsList"]  # nothing of its text is printed
    return {key: value for key, value in fields.items() if value}


def _notice(issue: Issue, one: OwnNotice) -> dict[str, Any]:
    fields = _shared(issue, one.doi, one.url, one.notice.title, issue.publication.language)
    fields["types"] = {"resourceTypeGeneral": "Text", "resourceType": _KINDS[one.notice.kind]}
    fields["creators"] = [{"name": issue.publication.publisher, "nameType": "Organizational"}]
    fields["relatedIdentifiers"] += [
        {"relatedIdentifier": one.about, "relatedIdentifierType": "DOI", "relationType": "References"}
    ]
    fields["relatedItems"] = [_journal(issue, None)]
    return {key: value for key, value in fields.items() if value}


def _shared(issue: Issue, doi: str, url: str, title: str, language: str) -> dict[str, Any]:
    """The fields of articles, abstracts and notices, in the order of the schema's properties."""
    publication = issue.publication
    whole = issue_doi(issue)
    rights: dict[str, str] = {"rights": publication.rights, "rightsUri": publication.licence or ""}
    if name := described.creative_commons(publication.licence):
        rights |= {
            "rightsIdentifier": name,
            "rightsIdentifierScheme": "SPDX",
            "schemeUri": "https://spdx.org/licenses/",
        }
    rights = {key: value for key, value in rights.items() if value}
    part = {"relatedIdentifier": whole, "relatedIdentifierType": "DOI", "relationType": "IsPartOf"}
    return {
        "doi": doi,
        "url": url,
        "types": {},
        "creators": [],
        "titles": [{"title": title, **_lang(language)}],
        "publisher": {"name": publication.publisher},
        "publicationYear": f"{issue.head.date.year:04}",
        "subjects": [],
        "dates": [{"date": str(issue.head.date), "dateType": "Issued"}],
        "language": language,
        "alternateIdentifiers": [],
        "relatedIdentifiers": [part] if whole else [],
        "relatedItems": [],
        "rightsList": [rights] if rights else [],
        "descriptions": [],
        "schemaVersion": _KERNEL,
    }


def _lang(language: str) -> dict[str, str]:
    return {"lang": language} if language else {}


def _type(item: Item) -> dict[str, str]:
    if isinstance(item.entry, ArticleEntry):
        return {"resourceTypeGeneral": "JournalArticle", "resourceType": "Journal article"}
    if item.record.type == "meeting-abstract":
        return {"resourceTypeGeneral": "Text", "resourceType": "Conference abstract"}
    return {"resourceTypeGeneral": "Text", "resourceType": item.entry.label or "Text"}


def _creator(item: Item, n: int, person: Person, losses: Losses) -> dict[str, Any]:
    made: dict[str, Any] = {"name": described.inverted(person)}
    made["nameType"] = "Organizational" if person.literal else "Personal"
    if not person.literal:
        given = person.given or person.initials
        made |= {"givenName": given} if given else {}
        made["familyName"] = " ".join(part for part in (person.family_name, person.suffix) if part)
    if person.orcid and has_orcid_check(person.orcid):
        made["nameIdentifiers"] = [
            {
                "nameIdentifier": f"https://orcid.org/{person.orcid}",
                "nameIdentifierScheme": "ORCID",
                "schemeUri": "https://orcid.org",
            }
        ]
    elif person.orcid:
        message = f"the ORCID iD {person.orcid} has a wrong check digit, and is left out"
        losses.of_item(item, message, "authors", n, level="warning")
    places: list[dict[str, str]] = []
    for text, known in described.affiliations_of(item, person):
        place = {"name": known.name if known and known.name else text}
        if known and known.ror:
            place |= {
                "affiliationIdentifier": f"https://ror.org/{known.ror}",
                "affiliationIdentifierScheme": "ROR",
                "schemeUri": "https://ror.org",
            }
        if place not in places:
            places.append(place)
    return made | ({"affiliation": places} if places else {})


def _presented(item: Item) -> list[dict[str, str]]:
    begins, ends = item.record.begins, item.record.ends
    if not begins:
        return []
    span = f"{begins}/{ends}" if ends else begins
    return [{"date": span, "dateType": "Other", "dateInformation": "Presented"}]


def _relations(issue: Issue, item: Item, own: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "relatedIdentifier": one.identifier,
            "relatedIdentifierType": one.scheme,
            "relationType": _RELATIONS[one.kind],
            **({"resourceTypeGeneral": "StudyRegistration"} if one.kind == "trial" else {}),
        }
        for one in described.relations_of(issue, item, own=own)
    ]


def _journal(issue: Issue, item: Item | None) -> dict[str, Any]:
    publication = issue.publication
    issn = publication.issn_online or publication.issn or publication.issn_print
    own = item is not None and isinstance(item.entry, ArticleEntry)
    first, last = described.page_range(item.record.pages) if item and own else ("", "")
    kind = "EISSN" if issn and issn == publication.issn_online else "ISSN"
    found = {
        "relatedItemType": "Journal",
        "relationType": "IsPublishedIn",
        "relatedItemIdentifier": {"relatedItemIdentifier": issn, "relatedItemIdentifierType": kind} if issn else None,
        "titles": [{"title": publication.title}],
        "publicationYear": f"{issue.head.date.year:04}",
        "volume": issue.head.volume,
        "issue": issue.head.number,
        "firstPage": first,
        "lastPage": last,
        "publisher": publication.publisher,
    }
    return {key: value for key, value in found.items() if value}


def _place(item: Item) -> str:
    """Where an abstract was presented; the schema has no place of its own for meetings."""
    meeting = item.record.meeting
    if meeting is None or isinstance(item.entry, ArticleEntry):
        return ""
    return f"Presented at: {', '.join(part for part in (meeting.name, meeting.place, meeting.dates) if part)}"


# --- XML --------------------------------------------------------------------------------------------------------------


def as_xml(record: dict[str, Any]) -> Element:
    """The same facts in the form of DataCite's XML schema (kernel-4.5)."""
    made = [Element("identifier", (record["doi"],), {"identifierType": "DOI"})]
    made += _listed("creators", [_creator_xml(one) for one in record["creators"]])
    titles = [_worded("title", one["title"], one) for one in record["titles"]]
    made += _listed("titles", titles)
    made.append(Element("publisher", (record["publisher"]["name"],)))
    made.append(Element("publicationYear", (record["publicationYear"],)))
    kinds = record["types"]
    general = {"resourceTypeGeneral": kinds["resourceTypeGeneral"]}
    made.append(Element("resourceType", (kinds["resourceType"],), general))
    subjects = [Element("subject", (one["subject"],)) for one in record.get("subjects", ())]
    made += _listed("subjects", subjects)
    made += _listed("dates", [_attributed("date", one, "date") for one in record.get("dates", ())])
    if "language" in record:
        made.append(Element("language", (record["language"],)))
    numbers = record.get("alternateIdentifiers", ())
    made += _listed(
        "alternateIdentifiers", [_attributed("alternateIdentifier", one, "alternateIdentifier") for one in numbers]
    )
    related = record.get("relatedIdentifiers", ())
    made += _listed(
        "relatedIdentifiers", [_attributed("relatedIdentifier", one, "relatedIdentifier") for one in related]
    )
    made += _listed("rightsList", [_rights_xml(one) for one in record.get("rightsList", ())])
    made += _listed("descriptions", [_description_xml(one) for one in record.get("descriptions", ())])
    made += _listed("relatedItems", [_journal_xml(one) for one in record.get("relatedItems", ())])
    return Element("resource", tuple(made), _ROOT)


def _listed(name: str, parts: list[Element]) -> list[Element]:
    return [Element(name, tuple(parts))] if parts else []


def _worded(name: str, text: str, one: dict[str, str]) -> Element:
    return Element(name, (text,), {"xml:lang": one.get("lang")})


def _attributed(name: str, one: dict[str, str], text: str) -> Element:
    return Element(name, (one[text],), {key: value for key, value in one.items() if key != text})


def _creator_xml(one: dict[str, Any]) -> Element:
    parts = [Element("creatorName", (one["name"],), {"nameType": one.get("nameType")})]
    parts += [Element(key, (one[key],)) for key in ("givenName", "familyName") if key in one]
    for name in one.get("nameIdentifiers", ()):
        attributes = {"nameIdentifierScheme": name["nameIdentifierScheme"], "schemeURI": name["schemeUri"]}
        parts.append(Element("nameIdentifier", (name["nameIdentifier"],), attributes))
    for place in one.get("affiliation", ()):
        attributes = {
            "affiliationIdentifier": place.get("affiliationIdentifier"),
            "affiliationIdentifierScheme": place.get("affiliationIdentifierScheme"),
            "schemeURI": place.get("schemeUri"),
        }
        parts.append(Element("affiliation", (place["name"],), attributes))
    return Element("creator", tuple(parts))


def _rights_xml(one: dict[str, str]) -> Element:
    text = (one["rights"],) if "rights" in one else ()
    return Element(
        "rights",
        text,
        {
            "rightsURI": one.get("rightsUri"),
            "rightsIdentifier": one.get("rightsIdentifier"),
            "rightsIdentifierScheme": one.get("rightsIdentifierScheme"),
            "schemeURI": one.get("schemeUri"),
        },
    )


def _description_xml(one: dict[str, str]) -> Element:
    attributes = {"descriptionType": one["descriptionType"], "xml:lang": one.get("lang")}
    return Element("description", (one["description"],), attributes)


def _journal_xml(one: dict[str, Any]) -> Element:
    parts: list[Element] = []
    if "relatedItemIdentifier" in one:
        parts.append(_attributed("relatedItemIdentifier", one["relatedItemIdentifier"], "relatedItemIdentifier"))
    parts += _listed("titles", [_worded("title", title["title"], title) for title in one["titles"]])
    names = ("publicationYear", "volume", "issue", "firstPage", "lastPage", "publisher")
    parts += [Element(name, (one[name],)) for name in names if name in one]
    attributes = {"relatedItemType": one["relatedItemType"], "relationType": one["relationType"]}
    return Element("relatedItem", tuple(parts), attributes)
