"""An article's page becomes its record and those of its references: Highwire, PRISM, Dublin Core, JSON-LD, OpenGraph.

What a page says in several vocabularies is taken from the most exact one; a page that says nothing, such as a login
page, is reported, never stored as an article.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import urllib.parse
from typing import TYPE_CHECKING, Any, Final

import lxml.html
from lxml import etree
from msgspec import structs

from digest.cite.reading import read_citation
from digest.errors import DigestError, Problem
from digest.merge import record_id
from digest.model import Meeting, Origin, Person
from digest.names import person, read_name, read_people
from digest.sources.page import Parsed, decode, each
from digest.sources.shared import linkeddata, markup, xmlpages
from digest.sources.shared.cited import fill_cited
from digest.sources.shared.dates import read_date
from digest.sources.shared.draft import Draft
from digest.text import RichText, without_control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from digest.model import AbstractPart, PartialDate, RecordType
    from digest.sources.page import Outcome, Page

_LARGEST: Final = 32 * 2**20
_DEEPEST: Final = 254  # libxml2's HTML parser drops what is deeper, and says nothing
_MOST_REFERENCES: Final = 5000
_LONGEST: Final = 200_000  # of one value

# What a page says, by the name of the property in small letters, repeated ones in order.
_Meta = dict[str, list[str]]


def parse(page: Page) -> Iterator[Outcome]:
    """The article of a page, then its references, each as a record or as the problem why it is not one.

    Raises:
        DigestError: the page is too large.
    """
    if len(page.content) > _LARGEST:
        raise DigestError(
            f"the page has more than {_LARGEST >> 20} MiB", where=page.where, expected="an article's page"
        )
    text, problems = decoded(page)
    text, cut = xmlpages.with_few_attributes(page, text)
    yield from (*problems, *cut)
    root = tree(text)
    if root is None:
        yield _nothing(page, "it is empty")
        return
    if _is_cut(root):
        message = f"the page is nested more than {_DEEPEST} deep; what is deeper was not read"
        yield page.problem("warning", "too-deep", message)
    ordered = list(_metas(root))
    meta: _Meta = {}
    for name, value in ordered:
        meta.setdefault(name, []).append(value)
    linked, odd = linkeddata.objects(root)
    for message in odd:
        yield page.problem("warning", "json-ld", message)
    article = linkeddata.article(linked)
    yield from each(page, [article], lambda one: _main(page, root, ordered, meta, one), called="article")
    yield from _references(page, root, meta)


def _nothing(page: Page, what: str) -> Problem:
    message = (
        f"no article was found: {what}; expected a page with Highwire (citation_title), Dublin Core, JSON-LD or "
        "OpenGraph metadata; save the article's own page in a browser that has access to it"
    )
    return page.problem("error", "no-article", message)


# --- From bytes to elements ------------------------------------------------------------------------------------------

_CHARSET: Final = re.compile(
    rb"<meta[^<>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9._:-]{1,40})", re.IGNORECASE
)


def decoded(page: Page) -> tuple[str, list[Problem]]:
    """The text of a page; the encoding that it declares counts where the bytes are in it."""
    content = page.content
    match = _CHARSET.search(content[: 2**18])
    if match and not content.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            name = codecs.lookup(match[1].decode("ascii")).name
            if name in {"iso8859-1", "ascii"}:
                name = "cp1252"
            if name.startswith(("cp125", "iso8859")) and not content.isascii() and decode(content)[1] == "utf-8":
                name = "utf-8"  # bytes beyond ASCII are not valid UTF-8 by chance
            if not name.startswith(("utf-16", "utf-32", "utf-7", "undefined", "hz", "idna", "punycode")):
                return content.decode(name), []
        except (LookupError, UnicodeError, ValueError):
            pass
    text, found = decode(content)
    message = f"the page is not UTF-8; it was read as {found}: check letters with accents"
    return text, [] if found.startswith("utf") else [page.problem("warning", "encoding", message)]


def tree(text: str) -> _Element | None:
    """The elements of a page of HTML; nothing where it has none."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    source = without_control(text).encode("utf-8", "replace")
    try:
        return lxml.html.document_fromstring(source, parser=parser) if source.strip() else None
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _is_cut(root: _Element) -> bool:
    """Whether the tree reaches the depth at which the parser stops."""
    deepest = depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    return deepest >= _DEEPEST


def _metas(root: _Element) -> Iterator[tuple[str, str]]:
    """Properties of the page in its order, names in small letters with one kind of dot."""
    for element in root.iter("meta"):
        content = " ".join((element.get("content") or "").split())
        if not content:
            continue
        if len(content) > _LONGEST:
            content = content[:_LONGEST]
        names = f"{element.get('name') or ''} {element.get('property') or ''} {element.get('itemprop') or ''}"
        for word in dict.fromkeys(names.lower().split()):
            name = word.removeprefix("bepress_")
            if match := re.fullmatch(r"(dc|dcterms|prism|eprints)[._:](\S{1,60})", name):
                name = f"{match[1]}.{match[2]}"
            is_doi = name == "dc.identifier" and (element.get("scheme") or "").lower() == "doi"
            yield "dc.identifier.doi" if is_doi else name, content


def _inside(element: _Element) -> str:
    return "".join(map(str, element.itertext()))


# --- The article -----------------------------------------------------------------------------------------------------

_WALL: Final = re.compile(
    r"\b(?:sign in|log ?in|access denied|just a moment|captcha|are you (?:a )?(?:human|robot)|403|forbidden|404|"
    r"(?:page )?not found|error|unavailable|subscribe to|cookies? (?:required|disabled)|"
    r"verif(?:y|ication)|redirecting)\b",
    re.IGNORECASE,
)
_SCHOLARLY: Final = re.compile(r"citation_(?!reference)|dc\.|dcterms\.|prism\.|eprints\.")


def _main(page: Page, root: _Element, ordered: list[tuple[str, str]], meta: _Meta, article: dict[str, Any]) -> Outcome:
    title_element = root.find(".//title")
    heading = " ".join((title_element.text or "").split())[:200] if title_element is not None else ""
    ojs = _ojs(root)
    scholarly = any(_SCHOLARLY.match(name) for name in meta)
    titles = [
        _one(meta, "citation_title", "dc.title", "dcterms.title", "prism.title", "eprints.title"),
        linkeddata.title_of(article),
        ojs.get("title", [""])[0],
    ]
    title = next((text for text in titles if text), "")
    social = ""
    if not title:
        has_password = any((field.get("type") or "").lower() == "password" for field in root.iter("input"))
        social = "".join([*meta.get("og:title", []), *meta.get("twitter:title", [])][:1])
        if not social or has_password or (_WALL.search(heading) and not scholarly):
            wall = (
                "it is a login or error page" if has_password or _WALL.search(heading) else "the page has no metadata"
            )
            return _nothing(page, f"{wall}{f' (“{heading}”)' if heading else ''}")
        title = social
    draft = Draft(page, "page", page.content)
    draft.title = _rich(title)
    draft.identifier = _one(meta, "citation_doi", "dc.identifier.doi", "citation_id", "dc.identifier", "og:url")[:500]
    _add_people(ordered, meta, article, ojs, draft)
    _add_place(meta, article, ojs, draft)
    _add_identifiers(root, meta, article, ojs, draft)
    draft.parts = _abstract(root, meta, article, ojs)
    draft.issued = _issued(meta, article, ojs)
    draft.issued_online = read_date("".join(meta.get("citation_online_date", ())[:1]))
    draft.keywords = _keywords(meta, article, ojs)
    language = root.get("lang") or ""
    draft.language = (
        _one(meta, "citation_language", "dc.language", "prism.language")
        or linkeddata.text_at(article, "inLanguage")
        or language
    )
    draft.licence = next(
        (
            text
            for name in ("dc.rights", "dcterms.license", "dc.rights.license", "citation_license", "dcterms.rights")
            for text in meta.get(name, ())
            if re.search(r"creativecommons|\bCC", text)
        ),
        linkeddata.text_at(article, "license"),
    )
    draft.track = _one(meta, "citation_section", "prism.section", "citation_article_type", "dc.type.articletype")
    draft.type = _kind(meta, article, draft, scholarly=scholarly or bool(ojs.get("title")), social=social)
    if social:
        draft.tell("note", "opengraph", "the page has no metadata except OpenGraph; check the whole record")
    return draft.finish()


def _rich(text: str) -> RichText:
    # A title that is nothing but a script is shown, not dropped.
    return markup.inline(text) or RichText.of((text,))


def _one(meta: _Meta, *names: str) -> str:
    return next((text for name in names for text in meta.get(name, ()) if text), "")


def _kind(meta: _Meta, article: dict[str, Any], draft: Draft, *, scholarly: bool, social: str) -> RecordType | None:
    if meta.get("citation_dissertation_institution"):
        return "thesis"
    if meta.get("citation_technical_report_institution"):
        return "report"
    if meta.get("citation_inbook_title") or (meta.get("citation_isbn") and not meta.get("citation_journal_title")):
        return "chapter" if draft.container else "book"
    if re.fullmatch(r"(?:bio|med|chem)Rxiv|(?:ar|psyar|socar)Xiv|SSRN|Research Square", draft.container, re.IGNORECASE):
        return "preprint"
    if scholarly:
        return None
    if social:
        return "web"
    return next((linkeddata.KINDS[kind] for kind in linkeddata.BEST if kind in linkeddata.types(article)), None)


_GLUED: Final = re.compile(r"([^\W\d_a-z][^\W\d_A-Z]{1,30})([^\W\d_a-z](?:\.?[^\W\d_a-z]){0,3}\.?)")


def _person(text: str) -> Person:
    """A name, also one whose family name ran into its initials: ``JohnP.``.

    Raises:
        ValueError: it is not a name.
    """
    if match := _GLUED.fullmatch(text.strip(" ,;")):
        return person(match[1], match[2].replace(".", ""))
    return read_name(text)


def _add_people(
    ordered: list[tuple[str, str]], meta: _Meta, article: dict[str, Any], ojs: dict[str, list[str]], draft: Draft
) -> None:
    """Adds the authors of the first vocabulary that has any, with fuller names where another has the same people."""
    people = _bare([])  # name, affiliations, ORCID iD
    for name, value in ordered:
        if name == "citation_author":
            people.append((value, [], ""))
        elif people and name in {"citation_author_institution", "citation_author_affiliation"}:
            people[-1][1].append(value)
        elif people and name == "citation_author_orcid":
            people[-1] = (people[-1][0], people[-1][1], value)
    vocabularies = (
        "citation_authors",
        "dc.creator.personalname",
        "dc.creator",
        "dcterms.creator",
        "eprints.creators_name",
        "article:author",
        "author",
    )
    plain = [_bare(meta.get(name, [])) for name in vocabularies]
    others = [
        *plain[:5],
        [found for author in linkeddata.many(article.get("author")) if (found := _linked_author(author))[0]],
        [
            (name, [place] if place else [], "")
            for name, place in zip(ojs.get("names", []), ojs.get("places", []), strict=True)
        ],
        *plain[5:],
    ]
    lists = [named for found in (people, *others) if (named := [one for one in found if not one[0].startswith("http")])]
    if not lists:
        return
    chosen = lists[0]
    if len(chosen) == 1 and re.search(r";| and |,[^,]*,", chosen[0][0]):
        draft.add_people(chosen[0][0])
        return
    fuller = [read for found in lists[1:] if len(read := _read_all(found)) == len(chosen)]
    if not any(places for _, places, _ in chosen):
        placed = next((found for found in lists[1:] if len(found) == len(chosen) and any(p for _, p, _ in found)), None)
        chosen = [(name, placed[n][1] if placed else [], orcid) for n, (name, _, orcid) in enumerate(chosen)]
    for n, (name, places, orcid) in enumerate(chosen):
        try:
            author = _person(name)
        except ValueError as error:
            draft.tell("warning", "odd-name", f"an author was left out: {error}")
            continue
        for read in fuller:
            other = read[n]
            same = other.family_name.casefold() == author.family_name.casefold()
            if (
                same
                and len(other.given) > len(author.given)
                and other.initial_letters[:1] == author.initial_letters[:1]
            ):
                author = other
        draft.add_author(author, places, orcid=orcid)


def _bare(names: list[str]) -> list[tuple[str, list[str], str]]:
    return [(name, [], "") for name in names]


def _read_all(found: list[tuple[str, list[str], str]]) -> list[Person]:
    try:
        return [_person(name) for name, _, _ in found]
    except ValueError:
        return []


def _linked_author(author: object) -> tuple[str, list[str], str]:
    if isinstance(author, str):
        return author, [], ""
    family, given = linkeddata.text_at(author, "familyName"), linkeddata.text_at(author, "givenName")
    name = f"{family}, {given}" if family and given else linkeddata.text_at(author, "name") or family
    places = [
        text
        for place in linkeddata.many(author.get("affiliation") if isinstance(author, dict) else None)
        if (text := place if isinstance(place, str) else linkeddata.text_at(place, "name"))
    ]
    ids = [
        linkeddata.text_at(author, "@id"),
        linkeddata.text_at(author, "sameAs"),
        linkeddata.text_at(author, "identifier"),
    ]
    return name, places, next((text for text in ids if "orcid.org" in text), "")


def _add_place(meta: _Meta, article: dict[str, Any], ojs: dict[str, list[str]], draft: Draft) -> None:
    journal = linkeddata.periodical(article) if article else {}
    draft.container = (
        _one(meta, "citation_journal_title", "prism.publicationname", "citation_inbook_title", "citation_book_title")
        or _one(meta, "dc.source", "dcterms.source", "eprints.publication", "citation_journal_abbrev")
        or journal.get("container", "")
    )
    if re.match(r"https?://", draft.container):
        draft.container = ""
    draft.container_short = _one(meta, "citation_journal_abbrev")
    draft.volume = _one(meta, "citation_volume", "prism.volume", "dc.source.volume", "eprints.volume") or journal.get(
        "volume", ""
    )
    draft.issue = _one(
        meta, "citation_issue", "prism.number", "prism.issueidentifier", "dc.source.issue", "eprints.number"
    ) or journal.get("issue", "")
    first = _one(meta, "citation_firstpage", "citation_first_page", "prism.startingpage") or linkeddata.text_at(
        article, "pageStart"
    )
    last = _one(meta, "citation_lastpage", "citation_last_page", "prism.endingpage") or linkeddata.text_at(
        article, "pageEnd"
    )
    if first:
        draft.pages = f"{first}-{last}" if last and "-" not in first else first
    else:
        draft.pages = _one(
            meta, "citation_pages", "dc.identifier.pagenumber", "prism.pagerange", "eprints.pagerange"
        ) or linkeddata.text_at(article, "pagination")
    draft.article_number = _one(
        meta, "citation_article_number", "citation_elocation_id", "citation_elocation", "citation_id_from_sass_path"
    )
    draft.issn = [
        *meta.get("citation_issn", ()),
        *meta.get("prism.issn", ()),
        *meta.get("dc.source.issn", ()),
        *meta.get("prism.eissn", ()),
    ]
    if not draft.issn and journal.get("issn"):
        draft.issn = [journal["issn"]]
    draft.publisher = _one(
        meta,
        "citation_publisher",
        "dc.publisher",
        "dcterms.publisher",
        "citation_technical_report_institution",
        "citation_dissertation_institution",
        "eprints.publisher",
    ) or linkeddata.text_at(article, "publisher", "name")
    if name := _one(meta, "citation_conference_title", "citation_conference"):
        draft.meeting = Meeting(name=name)
        if meta.get("citation_isbn"):  # a paper in proceedings that are a book: Google Scholar has no other tag for it
            draft.container = draft.container or name
    if not draft.container and ojs.get("citation"):
        # Only where the page has no metadata for it: what OJS prints under “How to Cite”.
        cited = read_citation(ojs["citation"][0])
        if not isinstance(cited, Problem):
            draft.container = next((name for name in ojs.get("journal", ()) if name), cited.container)
            draft.container_short = "" if ojs.get("journal") else cited.container_short
            draft.volume, draft.issue, draft.supplement = cited.volume, cited.issue, cited.supplement
            draft.pages = draft.pages or cited.pages
    if not (draft.volume or draft.pages):
        _fill_from_citations(meta, draft)
    if not draft.container and not draft.meeting:
        draft.container = _one(meta, "og:site_name")


def _fill_from_citations(meta: _Meta, draft: Draft) -> None:
    """Where journal, volume and pages have no fields: the whole citation that repositories write into another."""
    journal = draft.container
    for name in (
        "dcterms.bibliographiccitation",
        "dc.identifier.citation",
        "eprints.citation",
        "dc.source",
        "dc.identifier",
    ):
        for text in meta.get(name, ()):
            draft.container = "" if journal == text else journal
            if fill_cited(draft, markup.plain(text)):
                return
    draft.container = journal


def _add_identifiers(
    root: _Element, meta: _Meta, article: dict[str, Any], ojs: dict[str, list[str]], draft: Draft
) -> None:
    texts = [
        *(meta.get("citation_doi", ())),
        *meta.get("prism.doi", ()),
        *meta.get("dc.identifier.doi", ()),
        *meta.get("dc.identifier", ()),
        *meta.get("dcterms.identifier", ()),
        *meta.get("eprints.id_number", ()),
        *meta.get("doi", ()),
        *(
            _as_text(value) or linkeddata.text_at(value, "value")
            for value in linkeddata.many(article.get("identifier"))
        ),
        *map(_as_text, linkeddata.many(article.get("sameAs"))),
        linkeddata.text_at(article, "@id"),
        *ojs.get("doi", ()),
    ]
    for text in texts:
        if match := re.search(
            r"(?:^|doi\s?[:=]?\s?|doi\.org/)(10\.\d{4,9}/[^\s<>\"]{1,250})", text.strip(), re.IGNORECASE
        ):
            draft.ids.append(match[1].rstrip(".,;"))
            break
    named = linkeddata.numbers(article)
    if pmid := _one(meta, "citation_pmid", "ncbi_pmid") or named.get("pmid", ""):
        draft.ids.append(f"PMID:{pmid}")
    if pmcid := _one(meta, "citation_pmcid", "citation_pmc") or named.get("pmcid", ""):
        draft.ids.append(f"PMCID:{pmcid.upper().removeprefix('PMC')}")
    if isbn := _one(meta, "citation_isbn"):
        draft.ids.append(f"ISBN {isbn}")
    canonical = [link.get("href") or "" for link in root.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    addresses = [
        _one(meta, "citation_public_url"),
        _one(meta, "citation_abstract_html_url"),
        *canonical[:1],
        _one(meta, "dc.identifier.uri"),
        _one(meta, "og:url"),
        linkeddata.text_at(article, "url"),
        _one(meta, "citation_fulltext_html_url"),
        *(text for text in meta.get("dc.identifier", ())),
        draft.page.where,
    ]
    for address in addresses:
        bare = urllib.parse.urldefrag(address.strip())[0] if _ADDRESS.fullmatch(address.strip()) else ""
        if bare and len(bare) < 1900:
            draft.ids.append(bare)
            break


_ADDRESS: Final = re.compile(r"https?://[^\s<>\"\[\]]{3,1900}")


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _issued(meta: _Meta, article: dict[str, Any], ojs: dict[str, list[str]]) -> PartialDate | None:
    names = tuple(
        """
        citation_publication_date citation_date citation_cover_date prism.publicationdate citation_online_date
        prism.coverdate dc.date.issued dcterms.issued dc.date dcterms.date citation_year eprints.date
        dc.date.created article:published_time
    """.split()
    )
    texts = [text for name in names for text in meta.get(name, ())]
    texts += [
        linkeddata.text_at(article, "datePublished"),
        linkeddata.text_at(article, "dateCreated"),
        *ojs.get("published", ()),
    ]
    return next((date for text in texts if (date := read_date(text))), None)


def _keywords(meta: _Meta, article: dict[str, Any], ojs: dict[str, list[str]]) -> list[str]:
    for name in ("citation_keywords", "citation_keyword", "dc.subject", "prism.keyword", "eprints.keywords"):
        if found := meta.get(name):
            return [word for text in found for word in _words(text, alone=len(found) == 1)]
    given = article.get("keywords")
    if given:
        return [
            word
            for text in map(_as_text, linkeddata.many(given))
            for word in _words(text, alone=not isinstance(given, list))
        ]
    return [word for text in ojs.get("keywords", ()) for word in _words(text, alone=True)]


def _words(text: str, *, alone: bool) -> list[str]:
    """Keywords of one property; commas separate them only where it is the only property."""
    return re.split(r"\s*;\s*", text) if ";" in text else re.split(r"\s*,\s*", text) if alone else [text]


# --- The abstract ----------------------------------------------------------------------------------------------------


def _abstract(
    root: _Element, meta: _Meta, article: dict[str, Any], ojs: dict[str, list[str]]
) -> tuple[AbstractPart, ...]:
    """The abstract of the metadata; that of the page where the former is missing, cut off or without its labels."""
    given = (
        _one(meta, "citation_abstract", "dcterms.abstract", "dc.description.abstract")
        or linkeddata.text_at(article, "abstract")
        or _one(meta, "dc.description", "eprints.abstract")
        or (linkeddata.text_at(article, "description") if not ojs.get("abstract") else "")
    )
    given_parts = markup.abstract(given) if given else ()
    shown = _shown_abstract(root)
    size, seen = (sum(len(part.text.plain) for part in parts) for parts in (given_parts, shown))
    is_cut = bool(re.search(r"(?:\.\.\.|…)$", given))
    if shown and (
        not given_parts
        or (is_cut and seen > size)
        or (len(shown) > len(given_parts) and any(part.label for part in shown) and seen > 0.8 * size)
    ):
        return shown
    if given_parts:
        return given_parts
    return markup.abstract(_one(meta, "og:description", "description", "twitter:description"))


_ABSTRACT_PLACES: Final = frozenset(
    """
        abstract abstractsection article-abstract articleabstract hlfld-abstract abstract-content abs1-content
        section-abstract abstract-text enc-abstract tab-abstract
    """.split()
)
_REFERENCE_PLACES: Final = frozenset(
    """
        references articlecitations citationsblock reference-list ref-list article-references references-list
        c-article-references article_references reflist references_wrap bibliography
    """.split()
)


def _places(root: _Element, names: frozenset[str]) -> Iterator[_Element]:
    """Elements whose id or one of whose classes is one of the names."""
    for element in root.iter("div", "section", "article", "ol", "ul", "p", "blockquote", "span", "td"):
        words = f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()
        if not names.isdisjoint(words):
            yield element


def _shown_abstract(root: _Element) -> tuple[AbstractPart, ...]:
    for element in _places(root, _ABSTRACT_PLACES):
        blocks = markup.element_blocks(element)
        while blocks and re.fullmatch(r"(?:Abstract|Summary)\s?:?", blocks[0].text.plain, re.IGNORECASE):
            blocks = blocks[1:]
        if sum(len(block.text.plain) for block in blocks) > 40:
            return markup.parts(blocks)
    return ()


# --- Open Journal Systems, whose pages often say less in their metadata than in their text ---------------------------


def _ojs(root: _Element) -> dict[str, list[str]]:
    """The texts that a page of OJS 2 or 3 shows, by what they are."""
    found: dict[str, list[str]] = {}

    def add(key: str, element: _Element, skip: str = "") -> None:
        text = " ".join(_inside(element).split())
        text = re.sub(rf"^(?:{skip})\s?:?\s{{0,2}}", "", text, flags=re.IGNORECASE) if skip else text
        if text and len(text) < 20_000:
            found.setdefault(key, []).append(text)

    for element in root.iter("h1", "h2", "div", "ul", "section", "span", "em"):
        words = set((element.get("class") or "").lower().split())
        name = element.get("id") or ""
        if "page_title" in words or name == "articleTitle":
            add("title", element)
        elif name == "authorString":
            add("authors", element)
        elif "authors" in words and element.tag in {"ul", "section", "div"} and "names" not in found:
            for author in element.iter("li"):
                names = [part for part in author.iter("span", "strong") if "name" in (part.get("class") or "").split()]
                places = [
                    part for part in author.iter("span", "div") if "affiliation" in (part.get("class") or "").split()
                ]
                if names:
                    found.setdefault("names", []).append(" ".join(_inside(names[0]).split()))
                    found.setdefault("places", []).append(" ".join(_inside(places[0]).split()) if places else "")
        elif "csl-entry" in words:
            add("citation", element)
            # The first italics of an APA citation are the journal, whose name may hold a full stop.
            found.setdefault("journal", []).extend(_inside(part).strip() for part in element.iter("i", "em"))
        elif {"item", "keywords"} <= words:
            add("keywords", element, "keywords")
        elif {"item", "doi"} <= words:
            add("doi", element, "doi")
        elif {"item", "published"} <= words:
            add("published", element, "published")
    if "names" not in found and "authors" in found:
        try:
            people = read_people(found["authors"][0])[0]
        except ValueError:
            people = ()
        found["names"] = [author.person.full for author in people]
        found["places"] = [""] * len(people)
    if not ({"citation", "names"} & set(found)):
        found.pop("title", None)  # a page of something else with such a class
    return found


# --- References ------------------------------------------------------------------------------------------------------


def _references(page: Page, root: _Element, meta: _Meta) -> Iterator[Outcome]:
    """The references that the page lists, in its metadata or else in its text."""
    texts = meta.get("citation_reference") or list(_shown_references(root))

    def outcome_of(numbered: tuple[int, str]) -> Outcome:
        count, text = numbered
        tagged = re.match(r"\s*citation_\w{3,40}\s?=", text)
        return (_tagged_reference if tagged else _printed_reference)(page, f"reference {count}", text)

    yield from each(page, enumerate(texts[:_MOST_REFERENCES], 1), outcome_of, called="reference")
    if len(texts) > _MOST_REFERENCES:
        message = f"the page lists {len(texts)} references; those from {_MOST_REFERENCES + 1} on were not read"
        yield page.problem("error", "too-many", message)


def _shown_references(root: _Element) -> Iterator[str]:
    for element in _places(root, _REFERENCE_PLACES):
        entries = [
            part
            for part in element.iter("li", "p")
            if not any(child.tag in {"li", "p"} for child in part.iterdescendants())
        ]
        texts = [markup.element_text(entry).plain for entry in entries] or [
            block.text.plain for block in markup.element_blocks(element) if not block.heading
        ]
        texts = [re.sub(r"^\[?\d{1,3}[.)\]]\s{1,3}", "", text) for text in texts]
        texts = [text for text in texts if re.search(r"\d{4}", text) and len(text) > 20]
        if texts:
            yield from texts
            return


def _tagged_reference(page: Page, place: str, text: str) -> Outcome:
    """A reference in Highwire's own tags: ``citation_title=…; citation_author=…; citation_volume=…``."""
    draft = Draft(page, place, text.encode())
    tags: _Meta = {}
    for piece in re.split(r";\s{0,5}(?=citation_\w{1,40}\s?=)", text.strip(" ;")):
        name, _, value = piece.partition("=")
        if value.strip(" ;"):
            tags.setdefault(name.strip().lower(), []).append(value.strip(" ;"))
    draft.title = _rich(_one(tags, "citation_title"))
    for name in tags.get("citation_author", ()):
        if re.search(r";| and |,[^,]*,", name):
            draft.add_people(name)
        else:
            draft.add_author(name)
    draft.container = _one(
        tags, "citation_journal_title", "citation_inbook_title", "citation_conference_title", "citation_book_title"
    )
    draft.container_short = _one(tags, "citation_journal_abbrev")
    draft.volume, draft.issue = _one(tags, "citation_volume"), _one(tags, "citation_issue", "citation_number")
    first, last = _one(tags, "citation_firstpage"), _one(tags, "citation_lastpage")
    draft.pages = f"{first}-{last}" if first and last else first or _one(tags, "citation_pages")
    draft.issued = next(
        (
            date
            for name in ("citation_publication_date", "citation_date", "citation_year")
            for value in tags.get(name, ())
            if (date := read_date(value))
        ),
        None,
    )
    draft.publisher = _one(tags, "citation_publisher")
    for name, label in (
        ("citation_doi", ""),
        ("citation_pmid", "PMID:"),
        ("citation_id", ""),
        ("citation_isbn", "ISBN "),
    ):
        for value in tags.get(name, ()):
            if label or re.search(r"10\.\d{4,9}/", value):
                draft.ids.append(f"{label}{value}")
    if not draft.title and not draft.authors and not draft.container:
        return draft.refuse("unread-reference", f"nothing was recognised in “{text[:120]}”")
    return draft.finish()


def _printed_reference(page: Page, place: str, text: str) -> Outcome:
    """A reference as it is printed."""
    found = read_citation(without_control(text)[:5000])
    if isinstance(found, Problem):
        return page.problem("error", found.code, f"{place}: {found.message}", place=place)
    raw = text.encode("utf-8", "replace")
    origin = Origin(
        source=page.source,
        format=page.format,
        where=page.where,
        retrieved=page.retrieved,
        sha256=hashlib.sha256(raw).hexdigest(),
    )
    record = structs.replace(found, origin=origin)
    return Parsed(record=structs.replace(record, id=record_id(record)), raw=raw, identifier=place)
