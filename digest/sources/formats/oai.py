"""OAI-PMH 2.0 answers become records: Dublin Core (oai_dc) and JATS, deletions, and the errors of a repository.

This is about one answer; `digest.sources.network.harvest` asks for the next one.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from lxml import etree
from msgspec import Struct

from digest.sources.formats import jats
from digest.sources.page import Deleted, each
from digest.sources.shared import markup, xmlpages
from digest.sources.shared.cited import fill_cited
from digest.sources.shared.dates import date_of, exact_date, read_date
from digest.sources.shared.draft import Draft, language_tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

    from digest.errors import Problem
    from digest.model import PartialDate, RecordType
    from digest.sources.page import Outcome, Page

_OAI: Final = re.compile(r"http://www\.openarchives\.org/OAI/(?:2\.0|1\.[01])/.{0,40}")
_DC: Final = "http://purl.org/dc/"
_OTHER_ANSWERS: Final = ("Identify", "ListSets", "ListMetadataFormats")


def parse(page: Page) -> Iterator[Outcome]:
    """A record, a deletion or a problem for each ``<record>`` of an answer, in its order.

    Raises:
        DigestError: the page declares entities.
    """
    count, is_reported = 0, False
    seen: dict[str, bytes] = {}

    def outcomes_of(found: _Element | Problem) -> Iterator[Outcome]:
        nonlocal count, is_reported
        if not isinstance(found, etree._Element):  # noqa: SLF001 - the type has no other name
            is_reported = is_reported or found.level == "error"
            yield found
            return
        name = _local(found)
        if name == "resumptionToken":  # empty in the last part of a list (OAI-PMH 2.0, section 3.5)
            yield from page.incomplete(count, found.get("completeListSize"), more=bool(_line(found)))
            return
        is_reported = True
        if name == "record":
            count += 1
            yield from _record(page, found, count, seen)
        elif name == "error":
            yield _error_answer(page, found)
        elif name == "header":
            count += 1
            yield _header(page, found, count)
        elif name == "dc":  # one record saved without the answer around it
            count += 1
            raw = etree.tostring(found, with_tail=False, encoding="utf-8")
            yield _dublin_core(page, found, raw, f"record {count}", "")
        else:
            message = f"this is the answer to {name}, which holds no records; ask for ListRecords"
            yield page.problem("error", "no-records", message)

    names = ("record", "error", "header", "dc", "resumptionToken", *_OTHER_ANSWERS)
    yield from each(page, xmlpages.elements(page, *names), outcomes_of)
    if not is_reported:
        yield _nothing(page)


def _nothing(page: Page) -> Outcome:
    """An answer without records: an empty list, known by its resumption token, or no answer at all."""
    if re.search(rb"<(?:[\w.-]{1,40}:)?(?:ListRecords|ListIdentifiers)\b", page.head):
        return page.problem("note", "nothing-found", "the list in this answer is empty")
    return page.problem("error", "no-oai", "no <record> found; expected an answer of OAI-PMH")


def _error_answer(page: Page, element: _Element) -> Outcome:
    """OAI-PMH 2.0, section 3.6: an answer may be a list of errors."""
    code = element.get("code") or "an error without a code"
    said = _line(element)[:300]
    if code == "noRecordsMatch":
        return page.problem("note", "nothing-found", f"the repository has no records for this question: {said or code}")
    return page.problem("error", "oai-error", f"the repository answered with {code}" + (f": {said}" if said else ""))


def _header(page: Page, header: _Element, n: int) -> Outcome:
    identifier = _line(header.find("{*}identifier"))
    if header.get("status") == "deleted" and identifier:
        return Deleted(identifier=identifier, where=page.where)
    message = "the answer lists identifiers only, not records; ask for ListRecords"
    return page.problem("error", "no-metadata", message, place=identifier or f"header {n}")


def _line(element: _Element | None) -> str:
    return " ".join("".join(map(str, element.itertext())).split()) if element is not None else ""


def _record(page: Page, record: _Element, n: int, seen: dict[str, bytes]) -> Iterator[Outcome]:
    header = record.find("{*}header")
    identifier = _line(header.find("{*}identifier") if header is not None else None)
    place = identifier[:300] or f"record {n}"
    namespace = record.tag.rpartition("}")[0].removeprefix("{")
    if namespace and not _OAI.fullmatch(namespace):
        message = f"<record> is in the namespace {namespace[:100]}; expected http://www.openarchives.org/OAI/2.0/"
        yield page.problem("error", "namespace", message, place=place)
        return
    if header is not None and header.get("status") == "deleted":
        if identifier:
            yield Deleted(identifier=identifier, where=page.where)
        else:
            yield page.problem("error", "no-identifier", "a record was deleted, but nothing says which", place=place)
        return
    raw = etree.tostring(record, with_tail=False, encoding="utf-8")
    digest = hashlib.sha256(raw).digest()
    if identifier and seen.get(identifier) == digest:
        yield page.problem("note", "repeated", "the same record again, with identical text", place=place)
        return
    seen[identifier] = digest
    holder = record.find("{*}metadata")
    metadata = next(holder.iterchildren("*"), None) if holder is not None else None
    if metadata is None:
        message = "the record has no metadata and is not marked as deleted"
        yield page.problem("error", "no-metadata", message, place=place)
        return
    kind = _local(metadata)
    if kind in {"article", "pmc-articleset"}:
        article = metadata if kind == "article" else metadata.find("{*}article")
        if article is not None:
            yield from jats.article(page, article, place, identifier)
            return
    terms = [child for child in metadata.iterchildren("*") if child.tag.startswith(f"{{{_DC}")]
    if kind in {"dc", "qualifieddc"} or terms:
        yield _dublin_core(page, metadata, raw, place, identifier)
        return
    message = f"metadata in <{kind}> cannot be read; ask for the prefix oai_dc, jats or nlm"
    yield page.problem("error", "prefix", message, place=place)


def _local(element: _Element) -> str:
    """The name without namespace, or without an undeclared prefix, which raises an error in lxml's `QName`."""
    return element.tag.rpartition("}")[2].rpartition(":")[2]


# --- Dublin Core -----------------------------------------------------------------------------------------------------


class _DcText(Struct, frozen=True, kw_only=True):
    text: str
    language: str


def _dublin_core(page: Page, metadata: _Element, raw: bytes, place: str, identifier: str) -> Outcome:
    by_name: dict[str, list[_DcText]] = {}
    for child in metadata.iter():
        text = " ".join((child.text or "").split())
        if text and child is not metadata:
            language = next((str(value) for key, value in child.items() if str(key).endswith("lang")), "")
            name = child.tag.rpartition("}")[2]
            if name in {"description", "abstract"}:  # whose lines may begin with labels
                text = (child.text or "").strip()
            by_name.setdefault(name, []).append(_DcText(text=text, language=language))
    draft = Draft(page, place, raw, identifier)
    draft.language = next((one.text for one in by_name.get("language", [])), "")
    ours = (language_tag(draft.language) or "")[:2]

    def texts(*names: str) -> list[str]:
        return list(dict.fromkeys(one.text for name in names for one in by_name.get(name, [])))

    def chosen(*names: str) -> tuple[str, list[str]]:
        """The text in the record's language, or else the first; and the others."""
        all_of = [one for name in names for one in by_name.get(name, [])]
        best = next((one for one in all_of if ours and one.language[:2].lower() == ours), None)
        best = best or next(iter(all_of), None)
        return (best.text if best else ""), [one.text for one in all_of if best and one.text != best.text]

    title, others = chosen("title")
    draft.title = markup.inline(title)
    if others:
        draft.tell("note", "titles", f"another title was left out: “{others[0][:200]}”")
    _add_people(draft, texts("creator"), texts("contributor"))
    _add_abstract(draft, *chosen("abstract", "description"))
    draft.issued = _issue_date(texts("issued", "date", "available", "created"))
    draft.publisher = next((markup.plain(text) for text in texts("publisher")), "")
    _add_identifiers(draft, texts("identifier"), texts("relation", "isPartOf"))
    _fill_source(draft, texts("source", "bibliographicCitation"))
    _fill_type(draft, texts("type"))
    rights = texts("rights", "license", "accessRights")
    draft.licence = next((text for text in rights if "creativecommons.org/" in text), "") or "; ".join(rights)[:1000]
    for text in texts("subject"):
        pieces = text.split(";") if text.count(";") else [text]
        draft.keywords += [piece.strip() for piece in pieces if not _NO_SUBJECT.fullmatch(piece.strip())]
    return draft.finish()


_NO_SUBJECT: Final = re.compile(
    r"(?:research |original |review |short )?(?:articles?|papers?|research|reviews?)|meeting abstracts?|"
    r"(?:info:eu-repo|https?:).{0,200}",
    re.IGNORECASE,
)
_INSTITUTION: Final = re.compile(
    r"\b(?:univ\w{0,12}|departa?e?men\w{0,4}|dept|hospita\w{0,3}|institu\w{0,5}|facult\w{0,4}|school|cent(?:er|re|ro)|"
    r"college|clinic\w{0,2}|academy|laborator\w{0,3}|division|gmbh|inc|ltd|ministry|escola|polytechnic|klinik\w{0,3})\b",
    re.IGNORECASE,
)


def _add_people(draft: Draft, creators: list[str], contributors: list[str]) -> None:
    """Authors; OJS puts the affiliation after each: ``Saif, Muhammad Wasif; Tufts Medical Center``."""
    if not creators and contributors:
        draft.tell("note", "contributors", "no creators are named; the contributors are used as authors")
        creators, contributors = contributors, []
    for text in creators:
        name, *rest = (markup.plain(piece) for piece in text.split(";"))
        rest = [piece for piece in rest if piece]
        if rest and len(creators) == 1 and not any(map(_INSTITUTION.search, rest)) and all(len(p) < 60 for p in rest):
            draft.add_people(markup.plain(text))
        elif "," not in name and re.search(r"\s(?:and|&)\s", name) and not rest:
            draft.add_people(name)
        else:
            draft.add_author(name, ["; ".join(rest)] if rest else [])
    if contributors := [text for text in contributors if text not in creators]:
        draft.tell("note", "contributors", f"contributors whose role is not given: {'; '.join(contributors)[:300]}")


def _add_abstract(draft: Draft, first: str, others: list[str]) -> None:
    """The first description that is long enough to be an abstract, or else the longest."""
    every = [text for text in dict.fromkeys((first, *others)) if text and not _PROVENANCE.match(text)]
    best = next((text for text in every if len(text) >= 200), max(every, key=len, default=""))
    draft.parts = markup.abstract(best)
    for text in every:
        if text != best:
            draft.tell("note", "description", f"a description other than the abstract was left out: “{text[:160]}”")


# What DSpace writes about its own processing.
_PROVENANCE: Final = re.compile(
    r"(?:made available in dspace|submitted by|approved for entry|item (?:withdrawn|reinstated)|rejected by)\b",
    re.IGNORECASE,
)


def _issue_date(texts: list[str]) -> PartialDate | None:
    """The earliest date, made more exact by another within it; times of day are those of archiving.

    Some repositories give year, month and day as elements of their own: ``2014``, ``05``, ``30``.
    """
    years = [text for text in texts if re.fullmatch(r"\d{4}", text)]
    parts = [text for text in texts if re.fullmatch(r"\d{1,2}|[^\W\d_]{3,12}\.?", text)]
    if len(years) == 1 and 0 < len(parts) < 3 and len(parts) + 1 == len(texts):
        return date_of(years[0], *parts)
    dated = [(bool(re.search(r"\dT\d\d:", text)), date) for text in texts if (date := read_date(text))]
    dates = [date for timed, date in dated if not timed] or [date for _, date in dated]
    return exact_date(min(dates), dates) if dates else None


def _add_identifiers(draft: Draft, texts: list[str], relations: list[str]) -> None:
    for text in texts:
        if isbn := _isbn(text):
            draft.ids.append(f"ISBN {isbn}")
        elif match := re.fullmatch(r"(?:info:|urn:)?(?:pmid|doi)[:/]\s?(\S{1,300})", text, re.IGNORECASE):
            draft.ids.append(match[1] if "/" in match[1] else f"PMID:{match[1]}")
        elif match := re.fullmatch(r"(?:urn:)?(?:ISSN:?\s?)?(\d{4}-\d{3}[\dX])", text, re.IGNORECASE):
            draft.issn.append(match[1])
        elif re.match(r"https?://|10\.\d{4,9}/|PMC\d|doi", text, re.IGNORECASE):
            draft.ids.append(text)
        elif _JOURNAL.fullmatch(text):
            _fill_source(draft, [text])
        elif fill_cited(draft, markup.plain(text)):
            continue
        elif not re.match(r"(?:hdl|oai|urn|local|uri|handle|arxiv|\d{1,12}$)", text, re.IGNORECASE):
            # Numbers that only a repository knows are of no use elsewhere; the rest is reported.
            draft.tell("note", "odd-identifier", f"“{text[:160]}” is not an identifier of a record")
    if not any("10." in one for one in draft.ids):
        # OJS before 3.2 gives the article's DOI among its relations where its page is the identifier.
        dois = [text for text in relations if re.match(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?10\.\d{4,9}/\S", text)]
        draft.ids += dois if len(dois) == 1 else []


def _isbn(text: str) -> str:
    """The ISBN in a text, with hyphens anywhere; empty where the check digit is wrong."""
    text = re.sub(r"^(?:urn:)?ISBN:?\s?", "", text[:60], flags=re.IGNORECASE)
    bare = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"(?:97[89])?\d{9}[\dX]", bare, re.ASCII):
        return ""
    digits = [10 if digit == "X" else int(digit) for digit in bare]
    if len(bare) == 10:
        return "" if sum(n * digit for n, digit in zip(range(10, 0, -1), digits, strict=True)) % 11 else bare
    return "" if sum(digit * (3 if n % 2 else 1) for n, digit in enumerate(digits)) % 10 else bare


# ``JOP. Journal of the Pancreas; Vol. 15 No. 4 (2014): JOP; 332-334``, in the most common languages of OJS.
_JOURNAL: Final = re.compile(
    r"(?P<journal>[^;]{2,200});\s?"
    r"(?:(?:volume|vol|v|bd|jg|t|cilt|том|год)(?![^\W\d_])\.?\s?(?P<volume>[\w./-]{1,20})\s?,?\s?;?)?\s?"
    r"(?:(?:num[ée]ro|n[úu]m|no|nr|n|issue|iss|n[°º]|say[ıi]|h|№)(?![^\W\d_])\.?\s?[°º]?\s?(?P<issue>[^();:]{1,40}?))?\s?,?\s?"
    r"(?:\((?P<year>\d{4})(?:[^()]{0,20})\)|(?P<bare>(?:19|20)\d\d))?"
    r"(?:\s?:\s?(?P<name>.{0,300}?))?"
    r"(?:;\s?(?P<pages>[^;]{1,60}))?\s?",
    re.IGNORECASE,
)


def _fill_source(draft: Draft, texts: list[str]) -> None:
    """Journal, volume, issue, year and pages from the sentence into which OJS puts them."""
    for text in map(markup.plain, texts):
        if match := re.fullmatch(r"(?:ISSN\s?:?\s?)?(\d{4}-\d{3}[\dXx])(?:\s\(.{0,40}\))?", text):
            draft.issn.append(match[1])
            continue
        if draft.container:
            fill_cited(draft, text)  # or the same in another language
            continue
        match = _JOURNAL.fullmatch(text)
        if match and (match["volume"] or match["issue"] or match["year"] or match["bare"]):
            draft.container = match["journal"].strip()
            draft.volume, draft.issue = match["volume"] or "", (match["issue"] or "").strip()
            pages = (match["pages"] or "").strip()
            if re.search(r"\d", pages) or len(pages) < 10:
                draft.pages = pages
            year = match["year"] or match["bare"]
            if year and not draft.issued:
                draft.issued = read_date(year)
            name = match["name"] or ""
            if re.search(r"\bsuppl", name, re.IGNORECASE) and len(name) < 25:
                draft.supplement = name
        elif re.match(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s?)?10\.\d{4,9}/", text):
            continue  # of the issue, which OJS gives along with its name
        elif fill_cited(draft, text):
            continue
        elif len(text) < 120 and not re.search(r"\d|https?:", text):
            draft.container = text
        else:
            draft.tell("note", "source", f"the source “{text[:200]}” could not be read")


_TYPES: Final[Mapping[str, RecordType]] = {
    "thesis": "thesis",
    "doctoralthesis": "thesis",
    "masterthesis": "thesis",
    "bachelorthesis": "thesis",
    "dissertation": "thesis",
    "book": "book",
    "bookpart": "chapter",
    "bookchapter": "chapter",
    "report": "report",
    "technicalreport": "report",
    "workingpaper": "report",
    "preprint": "preprint",
    "dataset": "dataset",
    "meetingabstract": "meeting-abstract",
    "conferenceabstract": "meeting-abstract",
    "abstract": "meeting-abstract",
    "article": "article",
    "journalarticle": "article",
    "conferenceposter": "meeting-abstract",
}


def _fill_type(draft: Draft, texts: list[str]) -> None:
    for text in texts:
        word = re.sub(r"[^a-z]", "", text.rpartition("/")[2].lower())
        draft.type = draft.type or _TYPES.get(word)
