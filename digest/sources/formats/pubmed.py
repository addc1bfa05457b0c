"""PubMed XML becomes records: answers of E-utilities and the yearly and daily files, read as they come.

The stream is cut at the tags of its records, and each is parsed alone. So memory does not grow, a broken record affects
no other, sets may follow each other, a record may come without a set, and no DTD ever reaches the parser.
"""

from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING, Final

import msgspec
from lxml import etree

from digest.errors import DigestError
from digest.model import AbstractPart
from digest.names import person
from digest.sources.page import Deleted, decode, each, is_wide
from digest.sources.shared import markup, nlm, xmlpages
from digest.sources.shared.dates import date_of, read_date
from digest.sources.shared.draft import Draft
from digest.sources.shared.jsontext import json_of
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from digest.errors import Problem
    from digest.model import PartialDate
    from digest.sources.page import Outcome, Page

_CHUNK: Final = 2**18
_STEP: Final = 2**13  # looking further for an end is useless where many records begin and none ends
_LARGEST: Final = 16 * 2**20  # of one record; 5,000 authors with affiliations make 4 MiB
_KINDS: Final = (b"PubmedArticle", b"PubmedBookArticle", b"DeleteCitation", b"DeleteDocument", b"MedlineCitation")
_START: Final = re.compile(rb"<(" + b"|".join(_KINDS) + rb")(?=[\s/>])")
_END: Final = {kind: re.compile(rb"</" + kind + rb"\s{0,20}>") for kind in _KINDS}
_AGAIN: Final = {
    kind: re.compile(rb"<MedlineCitation[\s>]" if kind == b"MedlineCitation" else rb"<Pubmed(?:Book)?Article[\s>]")
    for kind in _KINDS
}
_EMPTY: Final = {kind: re.compile(rb"<" + kind + rb"(?:\s[^<>]{0,500})?/>") for kind in _KINDS}
_SET: Final = re.compile(rb"<(?:PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet)\b(?![^<>]{0,100}/>)")
_SET_END: Final = re.compile(rb"</(?:PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet)\b")
_LONGEST_TAG: Final = 40
_PARSER: Final = xmlpages.strict_parser()


def parse(page: Page) -> Iterator[Outcome]:
    """A record, a deletion or a problem for each record of PubMed on a page, as the page is read.

    Raises:
        DigestError: the page holds no PubMed XML, or declares entities of its own.
    """
    head = page.head
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"["}:
        yield _json_answer(page)
        return
    if b"<!ENTITY" in head:
        raise DigestError(
            "the file declares entities of its own; it is refused",
            where=page.where,
            expected="PubMed XML as sent",
        )
    encoding = _encoding(head)
    found = 0

    def outcomes_of(numbered: tuple[int, tuple[bytes, bytes] | str]) -> Iterator[Outcome]:
        nonlocal found
        place, piece = numbered
        found += not isinstance(piece, str)
        if isinstance(piece, str):
            if piece != "end":
                yield page.problem("error", "cut-off", piece, place=f"record {place}")
            elif found:
                message = "the file ends before its last tag: records may be missing from it; fetch it again"
                yield page.problem("warning", "cut-off", message)
        else:
            yield from _outcomes(page, *piece, place, encoding)

    yield from each(page, enumerate(_pieces(page), 1), outcomes_of)
    if not found:
        yield from _without_records(page)


def _outcomes(page: Page, kind: bytes, raw: bytes, n: int, encoding: str | None) -> Iterator[Outcome]:
    """The outcome of the bytes of one record."""
    repaired = False
    try:
        element = _element(raw, encoding)
    except etree.XMLSyntaxError as error:
        if not raw.rstrip().endswith(b">") or not _END[kind].search(raw, max(0, len(raw) - _LONGEST_TAG)):
            message = "the record ends before its last tag and was left out; fetch the file again"
            yield page.problem("error", "cut-off", message, place=xmlpages.place_of(raw, n))
            return
        try:
            element, repaired = _element(_repaired(raw, encoding), None), True
        except etree.XMLSyntaxError:
            message = f"this record is not well-formed XML and was left out: {xmlpages.fault(error)}"
            yield page.problem("error", "xml", message, place=xmlpages.place_of(raw, n))
            return
    if kind in {b"DeleteCitation", b"DeleteDocument"}:
        yield from _deleted(page, element, n)
        return
    draft = Draft(page, f"record {n}", raw)
    if repaired:
        draft.tell("warning", "encoding", "characters that XML does not allow were replaced in it; check its text")
    if kind == b"PubmedBookArticle":
        _book(draft, element)
    else:
        _article(draft, element)
    yield draft.finish()


# --- Cutting the stream ----------------------------------------------------------------------------------------------


def _pieces(page: Page) -> Iterator[tuple[bytes, bytes] | str]:
    """Each record as the name of its element and its bytes; a text where bytes were lost, ``end`` for a missing end."""
    buffer, at, ended, problem = b"", 0, False, ""
    opened = closed = 0
    cut = False
    chunks = _chunks(page)

    def more() -> bool:
        nonlocal buffer, at, ended, problem
        chunk = next(chunks, b"")
        if isinstance(chunk, str):
            problem, chunk = chunk, b""
        ended = not chunk
        buffer, at = buffer[at:] + chunk, 0
        return bool(chunk)

    more()
    while True:
        start = _START.search(buffer, at)
        tag = -1 if ended or start else buffer.rfind(b"<", max(at, len(buffer) - _LONGEST_TAG))
        upto = start.start() if start else tag if tag >= 0 else len(buffer)  # a tag may lie across two chunks
        between, at = buffer[at:upto], upto
        if b"Set" in between:
            opened += len(_SET.findall(between))
            closed += len(_SET_END.findall(between))
        if not start:
            if ended:
                break
            more()
            continue
        kind, at, scanned = start[1], start.start(), start.end()
        opening = scanned - at
        while True:
            upto = min(len(buffer), scanned + _STEP)
            likely = buffer.find(b"</" + kind, scanned, upto)
            end = _END[kind].search(buffer, likely, upto) if likely >= 0 else None
            again = _AGAIN[kind].search(buffer, scanned, end.start() if end else upto)
            if again:  # another one begins before this one ends
                yield kind, buffer[at : again.start()]
                at = again.start()
                break
            if end:
                yield kind, buffer[at : end.end()]
                at = end.end()
                break
            if closing := _EMPTY[kind].match(buffer, at):
                yield kind, closing[0]
                at = closing.end()
                break
            if len(buffer) - at > _LARGEST:
                yield f"a record is larger than {_LARGEST >> 20} MiB; it was left out"
                at = len(buffer) - _LONGEST_TAG
                break
            if upto < len(buffer):
                scanned = upto - _LONGEST_TAG
                continue
            length = len(buffer) - at
            if not more():
                yield kind, buffer[at:]
                at, cut = len(buffer), True
                break
            scanned = max(opening, length - _LONGEST_TAG)
    if problem:
        yield problem
    elif opened > closed and not cut:
        yield "end"


def _chunks(page: Page) -> Iterator[bytes | str]:
    """The page's bytes in UTF-8 or an encoding that includes ASCII; last, where it is damaged, why they end."""
    head = page.head
    if is_wide(head):
        yield decode(page.content)[0].encode("utf-8", "replace")
        return
    held: list[bytes] = []
    size = 0
    try:
        with page.open() as stream:
            # From a damaged file, `read` does not give what comes before the damage.
            while chunk := stream.read1(_CHUNK):  # type: ignore[attr-defined]  # both kinds of stream have it
                held.append(chunk)
                size += len(chunk)
                if size >= _CHUNK:
                    yield b"".join(held)
                    held, size = [], 0
        yield from held
    except (EOFError, zlib.error, gzip.BadGzipFile, OSError):
        yield from held
        yield "the compressed file is damaged here: the rest is lost; fetch it again"


def _encoding(head: bytes) -> str | None:
    """The encoding that the file declares, where the parser cannot find it by itself."""
    match = re.match(rb"(?:\xef\xbb\xbf)?\s{0,100}<\?xml[^<>]{0,200}?encoding\s?=\s?[\"']([A-Za-z0-9._-]{1,40})", head)
    name = match[1].decode().lower() if match else "utf-8"
    return name if name in {"iso-8859-1", "latin1", "windows-1252", "us-ascii", "iso-8859-15"} else None


# --- Parsing ---------------------------------------------------------------------------------------------------------


def _element(raw: bytes, encoding: str | None) -> _Element:
    if encoding:
        raw = raw.decode("cp1252" if encoding != "iso-8859-15" else encoding, "replace").encode()
    return etree.fromstring(raw, _PARSER)


def _repaired(raw: bytes, encoding: str | None) -> bytes:
    """The record's text with what most often breaks XML replaced: odd bytes, control characters, bare ampersands."""
    text = raw.decode("cp1252", "replace") if encoding else decode(raw)[0]
    return xmlpages.repaired(text).encode("utf-8", "replace")


def _deleted(page: Page, element: _Element, n: int) -> Iterator[Outcome]:
    for child in element:
        if number := _line(child):
            yield Deleted(identifier=number, where=page.where)
        else:
            yield page.problem("error", "no-pmid", "a record was deleted, but nothing says which", place=f"record {n}")


def _line(element: _Element | None) -> str:
    """The text of an element without markup, on one line."""
    if element is None:
        return ""
    text = "".join(map(str, element.itertext())) if len(element) else element.text or ""
    return " ".join(text.split())


def _under(element: _Element | None, path: str) -> str:
    return " ".join((element.findtext(path) or "").split()) if element is not None else ""


def _date(element: _Element | None) -> PartialDate | None:
    """The date in ``Year``, ``Month``, ``Day``, or what a ``MedlineDate`` says for certain: ``1998 Dec-1999 Jan``."""
    if element is None:
        return None
    parts = {child.tag: (child.text or "").strip() for child in element}
    if "MedlineDate" in parts:
        return read_date(parts["MedlineDate"])
    return date_of(parts.get("Year"), parts.get("Month"), parts.get("Day"))


# --- An article ------------------------------------------------------------------------------------------------------


def _article(draft: Draft, element: _Element) -> None:
    citation = element if element.tag == "MedlineCitation" else element.find("MedlineCitation")
    if citation is None:
        return
    data = element.find("PubmedData")
    article = citation.find("Article")
    pmid = _under(citation, "PMID")
    _identify(draft, pmid)
    pii = ""
    if article is not None:
        pii = _description(draft, article)
    info = citation.find("MedlineJournalInfo")
    draft.container_short = _under(info, "MedlineTA") or draft.container_short
    if linking := _under(info, "ISSNLinking"):
        draft.issn.append(linking)
    for child in citation:
        match child.tag:
            case "MeshHeadingList":
                draft.keywords += [_line(heading.find("DescriptorName")) for heading in child]
            case "KeywordList":
                draft.keywords += [_line(keyword) for keyword in child]
            case "CommentsCorrectionsList":
                nlm.set_status(draft, [link.get("RefType") or "" for link in child])
            case "OtherID" if (child.text or "").startswith("PMC"):
                draft.ids += _pmcid(child.text or "")
            case "OtherAbstract" if not draft.parts:
                _other_abstract(draft, child)
    if data is not None:
        for child in data.iterfind("ArticleIdList/ArticleId"):
            kind, value = child.get("IdType"), _line(child)
            if kind == "doi" and value:
                draft.ids.append(f"doi:{value}")
            elif kind == "pmc":
                draft.ids += _pmcid(value)
            elif kind == "bookaccession" and value:
                draft.ids.append(value)
            elif kind == "pii":
                pii = pii or value
    nlm.set_number(draft, pii)


def _identify(draft: Draft, pmid: str) -> None:
    """Set the identifiers under which the source knows the record."""
    if pmid:
        draft.identifier = pmid[:200]
        draft.ids.append(f"PMID:{pmid}")
    if re.fullmatch(r"[0-9]{1,9}", pmid):
        draft.place = f"PMID {pmid}"


def _pmcid(text: str) -> list[str]:
    match = re.search(r"PMC\d{1,12}", text)
    return [match[0]] if match else []


def _description(draft: Draft, article: _Element) -> str:
    """Read an ``Article``; return the publisher's item identifier."""
    pii, vernacular, types, pages = "", RichText(), [], ""
    electronic: PartialDate | None = None
    for child in article:
        match child.tag:
            case "Journal":
                _journal(draft, child)
            case "ArticleTitle":
                draft.title = markup.element_text(child)
            case "VernacularTitle":
                vernacular = markup.element_text(child)
            case "Pagination":
                pages = _under(child, "MedlinePgn") or "-".join(
                    filter(None, (_under(child, "StartPage"), _under(child, "EndPage")))
                )
            case "ELocationID" if child.get("ValidYN") != "N":
                if child.get("EIdType") == "doi":
                    draft.ids.append(f"doi:{_line(child)}")
                elif child.get("EIdType") == "pii":
                    pii = _line(child)
            case "Abstract":
                _add_abstract(draft, child)
            case "AuthorList":
                _authors(draft, child)
            case "Language" if not draft.language:
                draft.language = _line(child)
            case "DataBankList":
                for bank in child.iterfind("DataBank"):
                    name = _under(bank, "DataBankName")
                    for number in bank.iterfind("AccessionNumberList/AccessionNumber"):
                        draft.ids += nlm.registrations(f"{name}/{_line(number)}")
            case "PublicationTypeList":
                types = [_line(kind) for kind in child]
            case "ArticleDate" if child.get("DateType", "Electronic") == "Electronic":
                electronic = _date(child)
    draft.pages = pages
    nlm.set_type(draft, types)
    only = (article.get("PubModel") or "").startswith("Electronic")
    draft.issued, draft.issued_online = nlm.better_date(draft.issued, electronic, only=only), electronic
    if vernacular and draft.title.plain.strip("[]. ").lower() in {"", "not available"}:
        draft.title = vernacular
    return pii


def _journal(draft: Draft, journal: _Element) -> None:
    draft.container = _under(journal, "Title")
    draft.container_short = _under(journal, "ISOAbbreviation")
    if issn := _under(journal, "ISSN"):
        draft.issn.append(issn)
    issue = journal.find("JournalIssue")
    if issue is not None:
        nlm.set_part(draft, _under(issue, "Volume"), _under(issue, "Issue"))
        draft.issued = _date(issue.find("PubDate"))


def _add_abstract(draft: Draft, abstract: _Element) -> None:
    """Read the parts of an abstract, each with its printed label; one without labels may have them in its text."""
    texts: list[tuple[str, RichText]] = []
    for child in abstract:
        if child.tag == "AbstractText":
            label = " ".join((child.get("Label") or "").split()).strip(" :")
            label = "" if label.upper() in {"UNLABELLED", "UNASSIGNED"} else label
            if text := markup.element_text(child):
                texts.append((label, text))
            elif label:
                draft.tell("note", "empty-part", f"the part “{label[:80]}” of the abstract is empty; it was left out")
        elif child.tag == "CopyrightInformation":
            nlm.tell_copyright(draft, _line(child))
    draft.parts = _parts(texts)


def _parts(texts: list[tuple[str, RichText]]) -> tuple[AbstractPart, ...]:
    if any(label for label, _ in texts):
        return tuple(AbstractPart(label=label or None, text=text) for label, text in texts)
    return markup.parts([markup.TextBlock(text=text) for _, text in texts])


def _other_abstract(draft: Draft, other: _Element) -> None:
    """Use an abstract in another language, or not by the publisher, where the record lacks its own."""
    if other.get("Type") == "plain-language-summary":
        return
    _add_abstract(draft, other)
    if draft.parts:
        kind = " ".join(filter(None, (other.get("Type"), other.get("Language"))))
        draft.tell("note", "other-abstract", f"the record has no abstract of its own; another one ({kind}) was used")


def _authors(draft: Draft, authors: _Element) -> None:
    truncated = authors.get("CompleteYN") == "N"
    as_editor = authors.get("Type") == "editors"
    draft.truncated = draft.truncated or (truncated and not as_editor)
    for author in authors:
        if author.get("ValidYN") == "N":
            message = f"an author’s name that an erratum has corrected was left out: {_line(author)[:100]}"
            draft.tell("note", "odd-name", message)
            continue
        _add_author(draft, author, as_editor=as_editor)


def _add_author(draft: Draft, author: _Element, *, as_editor: bool) -> None:
    family = given = initials = suffix = collective = orcid = ""
    affiliations: list[str] = []
    for child in author:
        match child.tag:
            case "LastName":
                family = _line(child)
            case "ForeName" | "FirstName":
                given = _line(child)
            case "MiddleName":
                given = f"{given} {_line(child)}"
            case "Initials":
                initials = _line(child)
            case "Suffix":
                suffix = _line(child)
            case "CollectiveName":
                collective = markup.element_text(child).plain
            case "Identifier" if child.get("Source") == "ORCID":
                orcid = _line(child)
            case "AffiliationInfo":
                affiliations += [_line(text) for text in child if text.tag == "Affiliation"]
            case "Affiliation":
                affiliations.append(_line(child))
    try:
        name = nlm.group(collective) if collective and not family else person(family, given or initials, suffix)
    except ValueError as error:
        draft.tell("warning", "odd-name", f"an author was left out: {error}")
        return
    draft.add_author(name, affiliations, orcid=orcid, as_editor=as_editor)


# --- A book ----------------------------------------------------------------------------------------------------------


def _book(draft: Draft, element: _Element) -> None:
    """Read a book of NCBI's Bookshelf, or a chapter of one."""
    document = element.find("BookDocument")
    if document is None:
        return
    pmid = _under(document, "PMID")
    _identify(draft, pmid)
    title, book_title, types = RichText(), RichText(), []
    own_authors = any(len(authors) for authors in document.iterfind("AuthorList"))
    for child in document:
        match child.tag:
            case "ArticleIdList":
                draft.ids += [
                    _line(one) if one.get("IdType") != "doi" else f"doi:{_line(one)}"
                    for one in child
                    if one.get("IdType") in {"doi", "bookaccession"} and _line(one)
                ]
            case "Book":
                book_title = _in_book(draft, child, with_authors=not own_authors)
            case "ArticleTitle":
                title = markup.element_text(child)
            case "VernacularTitle" if not title:
                title = markup.element_text(child)
            case "Pagination":
                draft.pages = _under(child, "MedlinePgn") or _under(child, "StartPage")
            case "Language" if not draft.language:
                draft.language = _line(child)
            case "AuthorList":
                _authors(draft, child)
            case "PublicationType":
                types.append(_line(child))
            case "Abstract":
                _add_abstract(draft, child)
            case "KeywordList":
                draft.keywords += [_line(keyword) for keyword in child]
            case "ContributionDate":
                draft.issued = draft.issued or _date(child)
    nlm.set_status(draft, types)
    if title and title != book_title:
        draft.type, draft.title, draft.container = "chapter", title, book_title.plain
    else:
        draft.type, draft.title = "book", book_title


def _in_book(draft: Draft, book: _Element, *, with_authors: bool) -> RichText:
    """Read a ``Book``; return its title."""
    title = RichText()
    for child in book:
        match child.tag:
            case "BookTitle":
                title = markup.element_text(child)
            case "Publisher":
                draft.publisher = _under(child, "PublisherName")
            case "PubDate":
                draft.issued = _date(child)
            case "Volume":
                draft.volume = _line(child)
            case "Isbn" if _line(child):
                draft.ids.append(f"ISBN {_line(child)}")
            case "ELocationID" if child.get("EIdType") == "doi":
                draft.ids.append(f"doi:{_line(child)}")
            case "AuthorList" if with_authors or child.get("Type") == "editors":
                _authors(draft, child)
    return title


# --- Answers without records -----------------------------------------------------------------------------------------


def _without_records(page: Page) -> Iterator[Problem]:
    """What an answer of E-utilities without records says.

    Raises:
        DigestError: nothing in it is recognised.
    """
    text = decode(page.head)[0]
    errors = re.findall(r"<(ERROR|ErrorList|PhraseNotFound|OutputMessage)>\s*([^<>]{1,300})", text)
    if re.search(r"<(?:eFetchResult|eSearchResult|ERROR|ePostResult|eSummaryResult|eLinkResult)\b", text):
        if errors:
            yield _error_answer(page, "; ".join(" ".join(message.split()) for _, message in errors))
            return
        message = "the answer holds numbers or summaries, not records; fetch the records with efetch and retmode=xml"
        yield page.problem("error", "no-records", message)
    elif re.search(r"<(?:PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet)\b", text):
        if re.search(r"</(?:PubmedArticleSet|PubmedBookArticleSet|MedlineCitationSet)\s*>|Set\s*/>", text):
            yield page.problem("note", "no-records", "the set holds no records")
        else:
            yield page.problem("error", "cut-off", "the set ends before its first record; fetch it again")
    else:
        raise DigestError("this is not PubMed XML", where=page.where, expected="<PubmedArticle> elements")


def _json_answer(page: Page) -> Problem:
    """What E-utilities say in JSON: an error, or numbers without records."""
    value = json_of(page)
    error = value.get("error") or (value.get("esearchresult") or {}).get("ERROR") if isinstance(value, dict) else None
    if error:
        return _error_answer(page, str(error) if isinstance(error, str) else msgspec.json.encode(error).decode()[:300])
    message = "the answer is JSON, which does not hold whole records; fetch them with efetch and retmode=xml"
    return page.problem("error", "no-records", message)


def _error_answer(page: Page, said: str) -> Problem:
    message = f"PubMed answered with an error instead of records: {said}; wait a little and ask again"
    return page.problem("error", "pubmed-error", message)
