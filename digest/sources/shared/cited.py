"""A whole citation in a field that has room for one, or in one meant for something else, fills what a record lacks.

Dublin Core says of ``bibliographicCitation``, ``source`` and ``identifier`` only that they refer to the resource.
Repositories write all of journal, volume, issue, pages and year there, each in its own form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.cite.reading import read_citation
from digest.errors import Problem
from digest.model import PartialDate
from digest.sources.shared.dates import read_date

if TYPE_CHECKING:
    from digest.sources.shared.draft import Draft

_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
# DOAJ: “Blood Advances, Vol 3, Iss 12, Pp 1789-1793 (2019)”; DSpace: “Pancreas, 2014, vol. 43, n. 8, p. 1350-1355”;
# BASE: “Annals of Oncology ; vol. 27, no. suppl_6, p. vi207 (2016) ; ISSN 0923-7534”.
_VOLUME: Final = re.compile(
    r"[,;(]?\s?\b(?:vol(?:ume)?|v|bd|t)\b\.?\s?(?P<volume>[\w/-]{1,12})(?=[\s,;:.()]|$)", re.IGNORECASE
)
_ISSUE: Final = re.compile(
    r"\b(?:iss(?:ue)?|no|num(?:ber)?|nr|n|h)\b(?:\.|[°º])?\s?"
    r"(?P<issue>[\w./-]{1,20}?(?: ?\d{1,3})?)(?=\s?[,;:(]|\.?\s|\.?$)",
    re.IGNORECASE,
)
_PAGES: Final = re.compile(
    r"\b(?:pp?|pages?|s|article(?: no\.?| number)?|art)\b\.?\s?(?P<pages>[A-Za-z]{0,4}\d[\w./–-]{0,30})", re.IGNORECASE
)
# OUP: “European Heart Journal, Volume 45, Issue Supplement_1, October 2024, ehae666.286, https://…”
_BEHIND_YEAR: Final = re.compile(r"\b(?:19|20)\d\d,\s(?P<pages>[A-Za-z]{0,8}\d[\w.–-]{0,30}?)(?=[,.]?(?:\s|$))")
# EPrints: “Saif, Muhammad Wasif (2014) Title. JOP. Journal of the Pancreas, 15 (4). pp. 332-334. ISSN 1590-8577”
_EPRINTS: Final = re.compile(
    r".{3,2000}?\((?P<year>(?:19|20)\d\d)\)\s.{3,600}?[.?!]\s(?P<container>[^.?!].{1,150}?),\s(?P<volume>\d[\w/-]{0,8})"
    r"(?:\s?\((?P<issue>[^()]{1,30})\))?\.(?:\spp?\.\s(?P<pages>[\w–-]{1,30})\.?)?(?:\sISSN.*)?"
)
# Hugo's themes: “Gut, 66(Suppl 2):A12-A13”, the year in a field of its own.
_BARE: Final = re.compile(
    r"(?P<container>[^\d,]{2,120}?),?\s(?P<volume>\d{1,4})\s?(?:\((?P<issue>[^()]{1,30})\))?(?:\s?[:,]\s?(?P<pages>[A-Za-z]{0,4}\d[\w–-]{0,30}))?\.?"
)


class _Place(Struct, frozen=True, kw_only=True):
    """Where something was printed, as a citation says."""

    container: str
    container_short: str = ""
    volume: str = ""
    issue: str = ""
    supplement: str = ""
    pages: str = ""
    number: str = ""
    issued: PartialDate | None = None
    doi: str = ""


def fill_cited(draft: Draft, text: str) -> bool:
    """Fills what the draft lacks with what a citation says; False where the text is none, or of another volume."""
    text = " ".join(text.split())[:3000]
    if len(text) < 8 or not re.search(r"\d", text) or re.match(r"(?:https?://|urn:|info:|oai:|10\.\d{4})\S*$", text):
        return False
    place = _labelled(text) or _matched(_EPRINTS, text) or _matched(_BARE, text) or _read(text)
    if place is None:
        return False
    if draft.volume and place.volume and draft.volume != place.volume:
        return False
    draft.container = draft.container or ("" if draft.container_short else place.container)
    draft.container_short = draft.container_short or place.container_short
    if not draft.volume:
        draft.volume = place.volume
    if not (draft.issue or draft.supplement):
        draft.issue, draft.supplement = place.issue, place.supplement
    if not (draft.pages or draft.article_number):
        draft.pages = place.pages
    draft.number = draft.number or place.number
    draft.issued = draft.issued or place.issued
    if place.doi and not any("10." in one for one in draft.ids):
        draft.ids.append(f"doi:{place.doi}")
    return True


def _labelled(text: str) -> _Place | None:
    """A place whose parts have their names before them."""
    volume = _VOLUME.search(text)
    if volume is None:
        return None
    rest = text[volume.end() :]
    issue, year = _ISSUE.search(rest), _YEAR.search(text)
    pages = _PAGES.search(rest) or _BEHIND_YEAR.search(rest)
    before = re.sub(r"[\s,;:(]*(?:\(?(?:19|20)\d\d\)?)?[\s,;:(]*$", "", text[: volume.start()])
    if not before or len(before) > 120 or not (issue or pages or year) or re.search(r"\d{4}|\bIn:", before):
        return None
    found = {"issue": issue["issue"] if issue else "", "pages": pages["pages"] if pages else ""}
    return _Place(container=before, volume=volume["volume"], issued=read_date(year[0]) if year else None, **found)


def _matched(pattern: re.Pattern[str], text: str) -> _Place | None:
    match = pattern.fullmatch(text)
    if match is None:
        return None
    found = {name: value for name, value in match.groupdict("").items() if name != "year"}
    year = match.groupdict().get("year")
    return _Place(issued=read_date(year) if year else None, **found)


def _read(text: str) -> _Place | None:
    cited = read_citation(text)
    if (
        isinstance(cited, Problem)
        or not (cited.container or cited.container_short)
        or not (cited.volume or cited.pages)
    ):
        return None
    return _Place(
        container=cited.container,
        container_short=cited.container_short,
        volume=cited.volume,
        issue=cited.issue,
        supplement=cited.supplement,
        pages=cited.pages,
        number=cited.number,
        issued=cited.issued,
        doi=cited.ids.doi or "",
    )
