"""MODS, the Library of Congress's schema for descriptions: single and in collections, with the host of each part."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from lxml import etree

from digest.model import AbstractPart, Meeting, Person
from digest.names import person
from digest.sources.page import each
from digest.sources.shared import markup, xmlpages
from digest.sources.shared.dates import read_date
from digest.sources.shared.draft import Draft
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml.etree import _Element

    from digest.errors import Problem
    from digest.model import PartialDate, RecordType
    from digest.sources.page import Outcome, Page

# Words of ``genre``: the list “marcgt” and what exporters add.
_GENRES: Final[Mapping[str, RecordType]] = {
    "meeting abstract": "meeting-abstract",
    "conference abstract": "meeting-abstract",
    "abstract": "meeting-abstract",
    "journal article": "article",
    "article": "article",
    "book chapter": "chapter",
    "chapter": "chapter",
    "conference publication": "chapter",
    "conference paper": "chapter",
    "conference proceeding": "chapter",
    "thesis": "thesis",
    "dissertation": "thesis",
    "theses": "thesis",
    "technical report": "report",
    "report": "report",
    "preprint": "preprint",
    "dataset": "dataset",
    "data set": "dataset",
    "web site": "web",
    "book": "book",
}
_AUTHORS: Final = frozenset({"", "author", "aut", "creator", "cre", "contributor", "ctb"})
_EDITORS: Final = frozenset({"editor", "edt"})


def parse(page: Page) -> Iterator[Outcome]:
    """A record or a problem for each ``<mods>``.

    Raises:
        DigestError: the page declares entities.
    """
    count = 0

    def outcome_of(found: _Element | Problem) -> Outcome:
        nonlocal count
        if not isinstance(found, etree._Element):  # noqa: SLF001 - the type has no other name
            return found
        count += 1
        return _record(page, found, count)

    yield from each(page, xmlpages.elements(page, "mods"), outcome_of)
    if not count:
        yield page.problem("error", "no-records", "there is no <mods> in it")


def _record(page: Page, mods: _Element, count: int) -> Outcome:
    raw = etree.tostring(mods, with_tail=False)
    for element in mods.iter(etree.Element):
        element.tag = etree.QName(element).localname
    name = mods.get("ID") or _text(mods, "recordInfo/recordIdentifier")
    draft = Draft(page, name or f"record {count}", raw, name[:200])
    related = {kind: [one for one in mods.iterfind("relatedItem") if one.get("type") == kind] for kind in _RELATED}
    host = related["host"][0] if related["host"] else None
    draft.title = _title(mods)
    _people(draft, mods, _AUTHORS, as_editor=False)
    _people(draft, mods, _EDITORS, as_editor=True)
    draft.type = _type(mods, host)
    draft.issued, draft.publisher = _date(mods), _text(mods, "originInfo/publisher")
    draft.language, draft.licence = _text(mods, "language/languageTerm"), _text(mods, "accessCondition")
    if host is not None:
        _host(draft, host)
    for part in mods.iterfind("part"):
        _part(draft, part)
    _identifiers(draft, mods)
    _abstract(draft, mods)
    subjects = (one for subject in mods.iterfind("subject") for one in (*subject.iterfind("topic"),))
    draft.keywords = [text for one in subjects if (text := _line(one))]
    left = [("relatedItem", _title(one).plain) for one in (*related["host"][1:], *related["series"])]
    draft.tell_unread([*left, *(("note", _line(note)) for note in mods.iterfind("note"))])
    return draft.finish()


_RELATED: Final = ("host", "series")


def _line(element: _Element | None) -> str:
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else ""


def _text(element: _Element, path: str) -> str:
    return next((text for one in element.iterfind(path) if (text := _line(one))), "")


def _title(element: _Element, kind: str | None = None) -> RichText:
    """The title with its parts; of several the one that has no type, or has this one."""
    info = next((one for one in element.iterfind("titleInfo") if one.get("type") == kind), None)
    if info is None:
        return RichText()
    title = f"{_text(info, 'nonSort')} {_text(info, 'title')}".strip()
    below = _text(info, "subTitle")
    title = f"{title}: {below}" if below else title
    part = " ".join(filter(None, (_text(info, "partNumber"), _text(info, "partName"))))
    return markup.inline(html.escape(f"{title}. {part}" if part else title, quote=False))


def _people(draft: Draft, element: _Element, roles: Iterable[str], *, as_editor: bool) -> None:
    """The names with one of these roles; a name without a role is an author."""
    for name in element.iterfind("name"):
        own = {_line(term).lower().rstrip(".") for term in name.iterfind("role/roleTerm")} or {""}
        if name.get("type") == "conference":
            if draft.meeting is None and (meeting := _whole(name)):
                draft.meeting = Meeting(name=meeting)
            continue
        if own.isdisjoint(roles):
            if not own & {*_AUTHORS, *_EDITORS} and not as_editor and element.tag == "mods":
                words = ", ".join(sorted(own))
                message = f"{_whole(name)[:80]} is listed as {words[:40]}, which a record has no place for"
                draft.tell("note", "contributor", message)
            continue
        parts = {kind: _joined(name, kind) for kind in ("family", "given", "termsOfAddress")}
        orcid = next((_line(one) for one in name.iterfind("nameIdentifier") if "orcid" in (one.get("type") or "")), "")
        places = [text for one in name.iterfind("affiliation") if (text := _line(one))]
        if parts["family"]:
            found: Person | str = person(parts["family"], parts["given"], parts["termsOfAddress"])
        elif name.get("type") == "corporate":
            found = Person(literal=_whole(name) or "-")
        else:
            found = _whole(name)
        draft.add_author(found, places, orcid=orcid, as_editor=as_editor)


def _joined(name: _Element, kind: str) -> str:
    return " ".join(_line(part) for part in name.iterfind("namePart") if part.get("type") == kind)


def _whole(name: _Element) -> str:
    return _joined_untyped(name) or _text(name, "displayForm")


def _joined_untyped(name: _Element) -> str:
    return " ".join(_line(part) for part in name.iterfind("namePart") if part.get("type") is None)


def _type(mods: _Element, host: _Element | None) -> RecordType | None:
    """What its genre says; a part whose host is a periodical is an article, a part of another host a chapter."""
    for genre in mods.iterfind("genre"):
        if kind := _GENRES.get(_line(genre).lower().replace("-", " ")):
            return "chapter" if kind == "book" and host is not None else kind
    if host is None:
        return None
    words = {_line(genre).lower() for genre in (*host.iterfind("genre"), *host.iterfind("originInfo/issuance"))}
    if words & {"journal", "periodical", "academic journal", "continuing", "serial", "magazine", "newspaper"}:
        return "article"
    return "chapter" if words & {"book", "conference publication", "monographic"} else None


def _date(element: _Element) -> PartialDate | None:
    """The date of publication: the one for machines, the one that is issued, before others."""
    for path in ("originInfo/dateIssued", "part/date", "originInfo/copyrightDate", "originInfo/dateCreated"):
        dates = sorted(element.iterfind(path), key=lambda one: (one.get("point") == "end", one.get("encoding") is None))
        for one in dates:
            if found := read_date(_line(one)):
                return found
    return None


def _host(draft: Draft, host: _Element) -> None:
    draft.container, draft.container_short = _title(host).plain, _title(host, "abbreviated").plain
    _people(draft, host, {*_EDITORS}, as_editor=True)
    draft.publisher = draft.publisher or _text(host, "originInfo/publisher")
    for part in host.iterfind("part"):
        _part(draft, part)
    draft.issued = draft.issued or _date(host)
    for one in host.iterfind("identifier"):
        if one.get("type") == "issn":
            draft.issn.append(_line(one))
        elif one.get("type") == "isbn" and draft.type in {"chapter", "book"}:
            draft.ids.append(f"ISBN {_line(one)}")


def _part(draft: Draft, part: _Element) -> None:
    """Volume, issue and pages of a part."""
    for detail in part.iterfind("detail"):
        number = _text(detail, "number") or _text(detail, "caption")
        match (detail.get("type") or "").lower():
            case "volume":
                draft.volume = draft.volume or number
            case "issue" | "number":
                draft.issue = draft.issue or number
            case "supplement":
                draft.supplement = draft.supplement or number
            case "page" | "pages":
                draft.pages = draft.pages or number
            case "article" | "article_number" | "elocation-id":
                draft.article_number = draft.article_number or number
    for extent in part.iterfind("extent"):
        if not (extent.get("unit") or "page").lower().startswith("p"):
            continue
        first, last = _text(extent, "start"), _text(extent, "end")
        span = f"{first}-{last}" if first and last else first or re.sub(r"^pp?\.? ?", "", _text(extent, "list"))
        draft.pages = draft.pages or span


_LABELS: Final = {"doi": "doi:", "pmid": "PMID:", "pubmed": "PMID:", "pmc": "", "pmcid": "", "isbn": "ISBN "}


def _identifiers(draft: Draft, mods: _Element) -> None:
    for one in mods.iterfind("identifier"):
        kind, text = (one.get("type") or "").lower(), _line(one)
        if one.get("invalid") == "yes" or not text:
            continue
        if kind == "issn":
            draft.issn.append(text)
        elif kind in _LABELS:
            draft.ids.append(text if text.lower().startswith(("http", "doi", "pm")) else f"{_LABELS[kind]}{text}")
        elif kind in {"uri", "url", "hdl", "", "nct", "isrctn"} and text.startswith(("http", "10.", "NCT", "ISRCTN")):
            draft.ids.append(text)
    addresses = (_line(one) for one in mods.iterfind("location/url"))
    draft.ids += [address for address in addresses if address.startswith(("http://", "https://"))]


def _abstract(draft: Draft, mods: _Element) -> None:
    """The abstract; several with labels of their own, as ``displayLabel``, are its parts."""
    texts = [one for one in mods.iterfind("abstract") if _line(one)]
    labelled = [(one.get("displayLabel") or "").strip(" :") for one in texts]
    if len(texts) > 1 and all(labelled):
        draft.parts = tuple(
            AbstractPart(label=label, text=markup.element_text(one)) for label, one in zip(labelled, texts, strict=True)
        )
    elif texts:
        draft.parts = markup.parts(markup.element_blocks(texts[0]))
        for other in texts[1:]:
            draft.tell("note", "second-abstract", f"a second abstract was left out: “{_line(other)[:200]}”")
