"""Metadata for uploads to Zenodo: for each article, and each abstract of the publication's own, what its API takes."""

from __future__ import annotations

import html
import json
from typing import TYPE_CHECKING, Any, Final

from digest.model import has_orcid_check
from digest.outputs import described
from digest.outputs.losses import Losses
from digest.outputs.notices import notices_of
from digest.outputs.source import Lack, Made
from digest.render.context import ArticleEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Person
    from digest.outputs.items import Item
    from digest.outputs.source import Source
    from digest.project import Issue

# Relations of Zenodo's API (developers.zenodo.org, “related_identifiers”), which are DataCite's with small letters.
_RELATIONS: Final = {
    "reviews": "reviews",
    "cites": "cites",
    "trial": "references",
    "part": "isPartOf",
    "version": "isVariantFormOf",
}
# ISO 639-3 of the languages that have a code of two letters (ISO 639-1) and in which abstracts are often written.
_LANGUAGES: Final = dict(
    pair.split(":")
    for pair in """
    af:afr ar:ara bg:bul bn:ben ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng es:spa et:est eu:eus fa:fas fi:fin
    fr:fra ga:gle gl:glg he:heb hi:hin hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz ko:kor lt:lit
    lv:lav mk:mkd ms:msa nb:nob nl:nld nn:nno no:nor pl:pol pt:por ro:ron ru:rus sk:slk sl:slv sq:sqi sr:srp sv:swe
    th:tha tr:tur uk:ukr ur:urd uz:uzb vi:vie zh:zho
    """.split()
)
_ZENODO: Final = "10.5281/"  # DOIs that Zenodo itself gives


def lacking(issue: Issue) -> Iterator[Lack]:
    """A licence: an upload without one would get Zenodo's default, which the publication has not chosen."""
    licence = issue.publication.licence
    if not licence:
        yield Lack("the key “licence” is missing: Zenodo would choose one, CC BY 4.0")
    elif not described.creative_commons(licence):
        message = f"the licence {licence} is not one of Creative Commons, such as https://creativecommons.org/licenses/by/4.0/"
        yield Lack(message, path=("licence",))


def make(source: Source) -> Made:
    """``zenodo/KEY.json``: an object with ``metadata``, as the request has it that makes an upload."""
    issue = source.issue
    losses = Losses(issue, "zenodo")
    own = {item.key: item.doi for item in source.items if item.doi}
    files: dict[str, bytes] = {}
    for item in source.items:
        if not isinstance(item.entry, ArticleEntry):
            if not item.doi:
                continue  # it belongs to others
            if not item.entry.parts:
                losses.of_item(item, "nothing of its text may be printed, so there is nothing to upload", "permission")
                continue
        made = {"metadata": _metadata(issue, item, own, losses)}
        files[f"zenodo/{item.key}.json"] = (json.dumps(made, ensure_ascii=False, indent=2) + "\n").encode()
    for one in notices_of(issue, source.context, source.items):
        message = f"the notice “{one.notice.title}” gets no file: an upload is corrected by a new version of it"
        losses.of_issue(message, *one.place)
    return Made(files, losses.problems)


def _metadata(issue: Issue, item: Item, own: dict[str, str], losses: Losses) -> dict[str, Any]:
    publication, record = issue.publication, item.record
    is_article = isinstance(item.entry, ArticleEntry)
    creators = [_creator(item, n, person, losses) for n, person in enumerate(record.authors)]
    if not creators:
        losses.of_item(item, f"it has no authors; Zenodo wants one, and gets {described.UNAVAILABLE}", "authors")
    description = _description(item)
    if not description:
        losses.of_item(item, "it has no summary; Zenodo wants a description, and gets the title", level="warning")
    fields: dict[str, Any] = {
        "upload_type": "publication",
        "publication_type": "article" if is_article else "conferencepaper",
        "publication_date": str(issue.head.date),
        "title": item.entry.title.plain,
        "creators": creators or [{"name": described.UNAVAILABLE}],
        "description": description or f"<p>{html.escape(item.entry.title.plain)}</p>",
        "access_right": "open",
        "license": described.creative_commons(publication.licence),
        "doi": "" if item.doi.startswith(_ZENODO) else item.doi,
        "keywords": list(dict.fromkeys(record.keywords)),
        "language": _language(item, losses),
        "related_identifiers": _related(issue, item, own),
        "references": [reference.text for reference in item.entry.references] if is_article else [],
        "journal_title": publication.title,
        "journal_volume": issue.head.volume,
        "journal_issue": issue.head.number,
        "journal_pages": record.pages if is_article else "",
    }
    if not is_article:
        fields |= _conference(item)
    return {key: value for key, value in fields.items() if value}


def _conference(item: Item) -> dict[str, str]:
    """The meeting. Its acronym is left out: a record has that of the society."""
    meeting, record = item.record.meeting, item.record
    if meeting is None:
        return {}
    return {
        "conference_title": meeting.name,
        "conference_dates": meeting.dates,
        "conference_place": meeting.place,
        "conference_session": record.session,
        "conference_session_part": record.number if record.session else "",
    }


def _creator(item: Item, n: int, person: Person, losses: Losses) -> dict[str, str]:
    places = dict.fromkeys(text for text, _ in described.affiliations_of(item, person))
    orcid = person.orcid
    if orcid and not has_orcid_check(orcid):
        message = f"the ORCID iD {orcid} has a wrong check digit, and is left out"
        losses.of_item(item, message, "authors", n, level="warning")
        orcid = None
    made = {"name": described.inverted(person), "affiliation": "; ".join(places), "orcid": orcid or ""}
    return {key: value for key, value in made.items() if value}


def _description(item: Item) -> str:
    """The summary or abstract as HTML, of which Zenodo keeps paragraphs and simple markup."""
    paragraphs = [
        f"<p>{f'<strong>{html.escape(label)}:</strong> ' if label else ''}{text.source}</p>"
        for label, text in described.parts_of(item)
    ]
    return "".join(paragraphs).replace("<sc>", "").replace("</sc>", "")


def _language(item: Item, losses: Losses) -> str:
    code = described.language_of(item).partition("-")[0]
    if not code:
        return ""
    if code not in _LANGUAGES and len(code) != 3:
        losses.of_item(item, f"there is no code of three letters for its language, {code}", "language")
        return ""
    return _LANGUAGES.get(code, code)


def _related(issue: Issue, item: Item, own: dict[str, str]) -> list[dict[str, str]]:
    made = [
        {"identifier": one.identifier, "relation": _RELATIONS[one.kind]}
        for one in described.relations_of(issue, item, own=own)
    ]
    if item.url:
        made.append({"identifier": item.url, "relation": "isIdenticalTo"})
    return made
