"""PubMed XML: each oddity of the format, files that are broken anywhere, and files that are large."""

from __future__ import annotations

import gzip
import json
import re
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import records
from digest.errors import DigestError, Problem
from digest.sources import formats
from digest.sources.formats.pubmed import parse
from digest.sources.page import Deleted, Outcome, Page, Parsed
from tests.conftest import files_of

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Record

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" '
    '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)
TITLE = "<ArticleTitle>T</ArticleTitle>"


def article(inner: str = TITLE, *, pmid: str = "1", after: str = "", data: str = "", model: str = "Print") -> str:
    """One invented ``PubmedArticle``."""
    return (
        f'<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article PubModel="{model}">{inner}</Article>'
        f"{after}</MedlineCitation><PubmedData>{data}</PubmedData></PubmedArticle>"
    )


def pubmed_set(*records: str) -> str:
    return f"{HEAD}<PubmedArticleSet>{''.join(records)}</PubmedArticleSet>"


def outcomes(text: str | bytes) -> list[Outcome]:
    content = text.encode() if isinstance(text, str) else text
    return list(parse(Page(content, "p.xml", format="pubmed-xml")))


def one(text: str | bytes) -> Parsed:
    (found,) = outcomes(text)
    assert isinstance(found, Parsed), found
    return found


def as_json(record: Record) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(records.encode(record))
    return value


def names(value: dict[str, Any]) -> list[str]:
    return [
        person.get("literal")
        or "/".join(person.get(key, "") for key in ("particle", "family", "given", "initials", "suffix"))
        for person in value.get("authors", [])
    ]


def journal(volume: str = "4", issue: str = "", date: str = "<Year>2014</Year>") -> str:
    return (
        f"{TITLE}<Journal><JournalIssue><Volume>{volume}</Volume><Issue>{issue}</Issue><PubDate>{date}</PubDate>"
        "</JournalIssue></Journal>"
    )


def types(*kinds: str) -> str:
    types = "".join(f"<PublicationType>{kind}</PublicationType>" for kind in kinds)
    return f"{TITLE}<PublicationTypeList>{types}</PublicationTypeList>"


FIELDS: dict[str, tuple[str, str, Any]] = {
    "markup in a title": (
        "<ArticleTitle>CO<sub>2</sub> in <i>E. coli</i>.</ArticleTitle>",
        "title",
        "CO<sub>2</sub> in <i>E. coli</i>",
    ),
    "brackets around a translated title": ("<ArticleTitle>[Old age].</ArticleTitle>", "title", "Old age"),
    "no title but in its language": (
        "<ArticleTitle>[Not Available].</ArticleTitle><VernacularTitle>Im Alter.</VernacularTitle>",
        "title",
        "Im Alter",
    ),
    "an empty title": ("<ArticleTitle/><VernacularTitle>Im Alter.</VernacularTitle>", "title", "Im Alter"),
    "a month in letters": (journal(date="<Year>2014</Year><Month>Nov</Month>"), "issued", "2014-11"),
    "a day that is none": (journal(date="<Year>2014</Year><Month>02</Month><Day>30</Day>"), "issued", "2014-02"),
    "a season": (journal(date="<Year>2014</Year><Season>Spring</Season>"), "issued", "2014"),
    "an issue of two months": (journal(date="<MedlineDate>1998 Dec-1999 Jan</MedlineDate>"), "issued", "1998-12"),
    "a season in one text": (journal(date="<MedlineDate>2000 Spring</MedlineDate>"), "issued", "2000"),
    "print before electronic": (
        f"{journal()}<ArticleDate><Year>2013</Year><Month>5</Month><Day>1</Day></ArticleDate>",
        "issued",
        "2014",
    ),
    "a supplement after the volume": (journal("29 Suppl 1"), "volume", "29"),
    "the supplement there": (journal("29 Suppl 1"), "supplement", "1"),
    "a supplement with an underscore": (journal("32", "15_suppl"), "supplement", "Suppl"),
    "pages that are shortened": (
        f"{TITLE}<Pagination><MedlinePgn>454-81</MedlinePgn></Pagination>",
        "pages",
        "454-481",
    ),
    "first and last page": (
        f"{TITLE}<Pagination><StartPage>770</StartPage><EndPage>80</EndPage></Pagination>",
        "pages",
        "770-780",
    ),
    "an article's number as first page": (
        f"{TITLE}<Pagination><StartPage>e0033722</StartPage></Pagination>",
        "pages",
        "e0033722",
    ),
    "an article's number as item": (f'{journal()}<ELocationID EIdType="pii">239</ELocationID>', "pages", "239"),
    "an item before there is a volume": (f'{TITLE}<ELocationID EIdType="pii">239</ELocationID>', "pages", None),
    "an item that is not a number": (
        f'{journal()}<ELocationID EIdType="pii">S0140-6736(14)60000-1</ELocationID>',
        "pages",
        None,
    ),
    "a DOI": (
        f'{TITLE}<ELocationID EIdType="doi">10.1000/A.B</ELocationID>',
        "ids",
        {"doi": "10.1000/a.b", "pmid": "1"},
    ),
    "a DOI that is wrong": (
        f'{TITLE}<ELocationID EIdType="doi" ValidYN="N">10.1000/no</ELocationID>',
        "ids",
        {"pmid": "1"},
    ),
    "a registered trial": (
        f"{TITLE}<DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>"
        "<AccessionNumber>NCT01077154</AccessionNumber></AccessionNumberList></DataBank></DataBankList>",
        "ids",
        {"pmid": "1", "nct": ["NCT01077154"]},
    ),
    "the first of two languages": (f"{TITLE}<Language>ger</Language><Language>eng</Language>", "language", "de"),
    "a meeting abstract": (types("Meeting Abstract"), "type", "meeting-abstract"),
    "a congress": (types("Congress"), "type", "meeting-abstract"),
    "a paper of a congress": (types("Congress", "Journal Article"), "type", "article"),
    "a preprint": (types("Preprint", "Journal Article"), "type", "preprint"),
    "a retracted article": (types("Journal Article", "Retracted Publication"), "status", "withdrawn"),
    "a list of authors that goes on": (
        f'{TITLE}<AuthorList CompleteYN="N"><Author><LastName>A</LastName></Author></AuthorList>',
        "authors_truncated",
        True,
    ),
}


@pytest.mark.parametrize(("inner", "field", "expected"), FIELDS.values(), ids=FIELDS)
def test_fields_of_an_article(inner: str, field: str, expected: object) -> None:
    """Each element of an article becomes its field."""
    assert as_json(one(pubmed_set(article(inner))).record).get(field) == expected


AROUND: dict[str, tuple[dict[str, str], str, Any]] = {
    "an address on the web, once the volume is for a year": (
        {
            "inner": f"{journal()}<ArticleDate><Year>2014</Year><Month>8</Month><Day>8</Day></ArticleDate>",
            "model": "Electronic-eCollection",
        },
        "issued",
        "2014-08-08",
    ),
    "identifiers of the article, not of its references": (
        {
            "data": '<ArticleIdList><ArticleId IdType="pmc">PMC12</ArticleId></ArticleIdList><ReferenceList><Reference>'
            '<ArticleIdList><ArticleId IdType="pmc">PMC99</ArticleId></ArticleIdList></Reference></ReferenceList>'
        },
        "ids",
        {"pmid": "1", "pmcid": "PMC12"},
    ),
    "a PubMed Central number among others": (
        {"after": '<OtherID Source="NLM">PMC34 [Available on 01/02/15]</OtherID>'},
        "ids",
        {"pmid": "1", "pmcid": "PMC34"},
    ),
    "not the numbers of an erratum": (
        {
            "after": '<CommentsCorrectionsList><CommentsCorrections RefType="ErratumIn"><PMID>77</PMID>'
            "</CommentsCorrections></CommentsCorrectionsList>"
        },
        "ids",
        {"pmid": "1"},
    ),
    "an erratum": (
        {"after": '<CommentsCorrectionsList><CommentsCorrections RefType="ErratumIn"/></CommentsCorrectionsList>'},
        "status",
        "corrected",
    ),
    "headings whole, without qualifiers, before keywords": (
        {
            "after": "<MeshHeadingList><MeshHeading><DescriptorName>Embolization, Therapeutic</DescriptorName>"
            "<QualifierName>methods</QualifierName></MeshHeading></MeshHeadingList><KeywordList><Keyword>liver</Keyword>"
            "</KeywordList>"
        },
        "keywords",
        ["Embolization, Therapeutic", "liver"],
    ),
    "NLM's abbreviation": (
        {
            "after": "<MedlineJournalInfo><MedlineTA>J Clin Oncol</MedlineTA></MedlineJournalInfo>",
            "inner": f"{TITLE}<Journal><ISOAbbreviation>J. Clin. Oncol.</ISOAbbreviation></Journal>",
        },
        "container_short",
        "J Clin Oncol",
    ),
    "investigators are not authors": (
        {"after": "<InvestigatorList><Investigator><LastName>No</LastName></Investigator></InvestigatorList>"},
        "authors",
        None,
    ),
    "another abstract is not mixed in": (
        {
            "inner": f"{TITLE}<Abstract><AbstractText>Main.</AbstractText></Abstract>",
            "after": '<OtherAbstract Type="Publisher" Language="spa"><AbstractText>Otro.</AbstractText></OtherAbstract>',
        },
        "abstract",
        [{"text": "Main."}],
    ),
    "another abstract where there is none": (
        {"after": '<OtherAbstract Type="Publisher" Language="spa"><AbstractText>Otro.</AbstractText></OtherAbstract>'},
        "abstract",
        [{"text": "Otro."}],
    ),
}


@pytest.mark.parametrize(("parts", "field", "expected"), AROUND.values(), ids=AROUND)
def test_what_is_around_an_article(parts: dict[str, str], field: str, expected: object) -> None:
    """Lists next to the article belong to it, lists of references do not."""
    assert as_json(one(pubmed_set(article(**parts))).record).get(field) == expected


AUTHORS: dict[str, tuple[str, list[str]]] = {
    "a suffix": (
        "<LastName>Wise</LastName><ForeName>John Pierce</ForeName><Suffix>Sr</Suffix>",
        ["/Wise/John Pierce//Sr"],
    ),
    "an article as name": ("<LastName>The</LastName><ForeName>Therry</ForeName>", ["/The/Therry//"]),
    "initials alone": ("<LastName>Saif</LastName><Initials>MW</Initials>", ["/Saif//MW/"]),
    "a particle": ("<LastName>van der Berg</LastName><ForeName>Jan</ForeName>", ["van der/Berg/Jan//"]),
    "a group": ("<CollectiveName>on behalf of the ELIOS Investigators</CollectiveName>", ["ELIOS Investigators"]),
    "a group that sounds like a person": ("<CollectiveName>Beat AML</CollectiveName>", ["Beat AML"]),
    "names in parts": ("<LastName>Do</LastName><FirstName>An</FirstName><MiddleName>B</MiddleName>", ["/Do/An B//"]),
    "no name": ("<Initials></Initials>", []),
}


@pytest.mark.parametrize(("inner", "expected"), AUTHORS.values(), ids=AUTHORS)
def test_authors(inner: str, expected: list[str]) -> None:
    """People and groups keep their names; one without a name is reported."""
    found = one(pubmed_set(article(f"{TITLE}<AuthorList><Author>{inner}</Author></AuthorList>")))
    assert names(as_json(found.record)) == expected
    assert [problem.code for problem in found.problems] == ([] if expected else ["odd-name"])


def test_affiliations_stay_with_their_authors() -> None:
    """Affiliations and ORCID iDs are tied to authors, equal ones counted once, a corrected name left out and reported."""
    info = "<AffiliationInfo><Affiliation>{}</Affiliation></AffiliationInfo>"
    found = one(
        pubmed_set(
            article(
                f"{TITLE}<AuthorList><Author><LastName>A</LastName>{info.format('Bonn;')}{info.format('Ulm.')}</Author>"
                "<Author><LastName>B</LastName><Identifier Source='ORCID'>https://orcid.org/0000000218250097"
                f"</Identifier>{info.format('Ulm')}</Author>"
                "<Author><LastName>C</LastName><Identifier Source='ORCID'>0000-0002-1825-0079</Identifier></Author>"
                "<Author ValidYN='N'><LastName>Wrong</LastName></Author></AuthorList>"
            )
        )
    )
    value = as_json(found.record)
    assert value["affiliations"] == ["Bonn", "Ulm"]
    assert [(person.get("affiliations", []), person.get("orcid")) for person in value["authors"]] == [
        ([1, 2], None),
        ([2], "0000-0002-1825-0097"),
        ([], None),  # its check digit is wrong
    ]
    assert sorted(problem.code for problem in found.problems) == ["odd-identifier", "odd-name"]


ABSTRACTS: dict[str, tuple[str, list[tuple[str | None, str]]]] = {
    "labels as printed": (
        '<AbstractText Label="AIMS AND SCOPE" NlmCategory="OBJECTIVE">Why.</AbstractText>'
        '<AbstractText Label="METHODS">How <sup>2</sup>.</AbstractText>',
        [("AIMS AND SCOPE", "Why."), ("METHODS", "How <sup>2</sup>.")],
    ),
    "a category is not a label": ('<AbstractText NlmCategory="METHODS">How.</AbstractText>', [(None, "How.")]),
    "unlabelled": ('<AbstractText Label="UNLABELLED">All.</AbstractText>', [(None, "All.")]),
    "a part without a label after others": (
        '<AbstractText Label="METHODS">How.</AbstractText><AbstractText>NCT01077154.</AbstractText>',
        [("METHODS", "How."), (None, "NCT01077154.")],
    ),
    "labels that run into the text": (
        "<AbstractText>Background: Why. Methods: How. Results: p &lt; 0.05. Conclusions: So.</AbstractText>",
        [("Background", "Why."), ("Methods", "How."), ("Results", "p &lt; 0.05."), ("Conclusions", "So.")],
    ),
    "a number before them": (
        "<AbstractText>e15166 Background: Why. Methods: How. Results: What. Conclusions: So.</AbstractText>",
        [("Background", "Why."), ("Methods", "How."), ("Results", "What."), ("Conclusions", "So.")],
    ),
    "an empty part": (
        '<AbstractText Label="METHODS"/><AbstractText Label="RESULTS">R.</AbstractText>',
        [("RESULTS", "R.")],
    ),
    "a copyright": (
        "<AbstractText>All.</AbstractText><CopyrightInformation>© X.</CopyrightInformation>",
        [(None, "All.")],
    ),
}


@pytest.mark.parametrize(("inner", "expected"), ABSTRACTS.values(), ids=ABSTRACTS)
def test_abstracts(inner: str, expected: list[tuple[str | None, str]]) -> None:
    """Abstracts come in their parts with the labels that are printed."""
    record = one(pubmed_set(article(f"{TITLE}<Abstract>{inner}</Abstract>"))).record
    assert [(part.label, part.text.source) for part in record.abstract] == expected


def test_books_and_chapters() -> None:
    """A record of the Bookshelf is a chapter where it has a title of its own, with the book's editors."""
    book = (
        "<PubmedBookArticle><BookDocument><PMID>2</PMID><ArticleIdList><ArticleId IdType='bookaccession'>NBK6993"
        "</ArticleId></ArticleIdList><Book><Publisher><PublisherName>NLM</PublisherName></Publisher><BookTitle>Style"
        "</BookTitle><PubDate><Year>2007</Year></PubDate><AuthorList Type='editors'><Author><LastName>Wendling"
        "</LastName></Author></AuthorList></Book>{}</BookDocument></PubmedBookArticle>"
    )
    whole = one(book.format("")).record
    chapter = one(book.format("<ArticleTitle>Papers.</ArticleTitle><Language>eng</Language>")).record
    assert (whole.type, whole.title.plain, whole.container, whole.ids.nbk) == ("book", "Style", "", "NBK6993")
    assert (chapter.type, chapter.title.plain, chapter.container) == ("chapter", "Papers", "Style")
    assert chapter.editors[0].family == "Wendling"
    assert (chapter.publisher, str(chapter.issued)) == ("NLM", "2007")


def test_deletions() -> None:
    """Each number that an update takes back is a deletion, under the name that its record has."""
    found = outcomes(pubmed_set(article(pmid="5"), "<DeleteCitation><PMID>7</PMID><PMID>8</PMID></DeleteCitation>"))
    assert found[1:] == [Deleted(identifier="7", where="p.xml"), Deleted(identifier="8", where="p.xml")]
    assert isinstance(found[0], Parsed)
    assert found[0].identifier == "5"


SHAPES: dict[str, tuple[str | bytes, list[str]]] = {
    "a record without a set": (article(pmid="4"), ["4"]),
    "records without a set": (article(pmid="4") + "\n" + article(pmid="5"), ["4", "5"]),
    "sets after each other": (pubmed_set(article(pmid="4")) + pubmed_set(article(pmid="5")), ["4", "5"]),
    "citations without their article": (
        f"<MedlineCitationSet><MedlineCitation><PMID>4</PMID><Article>{TITLE}</Article></MedlineCitation>"
        f"<MedlineCitation><PMID>5</PMID><Article>{TITLE}</Article></MedlineCitation></MedlineCitationSet>",
        ["4", "5"],
    ),
    "packed": (gzip.compress(pubmed_set(article(pmid="4")).encode()), ["4"]),
    "UTF-16": (pubmed_set(article(pmid="4")).encode("utf-16"), ["4"]),
    "Latin-1": (
        f"<?xml version='1.0' encoding='ISO-8859-1'?>{article('<ArticleTitle>é</ArticleTitle>', pmid='4')}".encode(
            "latin-1"
        ),
        ["4"],
    ),
    "an odd byte": (pubmed_set(article("<ArticleTitle>é</ArticleTitle>", pmid="4")).encode("latin-1"), ["4"]),
    "a bare ampersand": (pubmed_set(article("<ArticleTitle>é R&D</ArticleTitle>", pmid="4")), ["4"]),
    "a control character": (pubmed_set(article("<ArticleTitle>é \x01</ArticleTitle>", pmid="4")), ["4"]),
    "a reference to one": (pubmed_set(article("<ArticleTitle>é &#1; &eacute;</ArticleTitle>", pmid="4")), ["4"]),
    "a broken record between two": (
        pubmed_set(article(pmid="4"), article("<ArticleTitle><b></ArticleTitle>", pmid="6"), article(pmid="5")),
        ["4", "!xml PMID 6", "5"],
    ),
    "a record without its end": (
        pubmed_set(article(pmid="4"), article(pmid="6")[:-20], article(pmid="5")),
        ["4", "!cut-off PMID 6", "5"],
    ),
    "the end of the file is missing": (
        pubmed_set(article(pmid="4"), article(pmid="6"))[:-60],
        ["4", "!cut-off PMID 6"],
    ),
    "only the end of the set is missing": (pubmed_set(article(pmid="4"))[:-5], ["4", "!cut-off"]),
    "a record that is empty": (pubmed_set("<PubmedArticle/>", article(pmid="5")), ["!no-title record 1", "5"]),
    "an empty set": (pubmed_set(), ["!no-records"]),
    "an empty set in one tag": (f"{HEAD}<PubmedArticleSet/>", ["!no-records"]),
    "a set that is cut off": (f"{HEAD}<PubmedArticleSet>", ["!cut-off"]),
    "an error": ("<eFetchResult><ERROR>API rate limit exceeded</ERROR></eFetchResult>", ["!pubmed-error"]),
    "an error in JSON": ('{"error":"API rate limit exceeded","count":"11"}', ["!pubmed-error"]),
    "numbers": ("<eSearchResult><Count>1</Count><IdList><Id>4</Id></IdList></eSearchResult>", ["!no-records"]),
    "numbers in JSON": ('{"header": {}, "esearchresult": {"idlist": ["4"]}}', ["!no-records"]),
}


@pytest.mark.parametrize(("content", "expected"), SHAPES.values(), ids=SHAPES)
def test_shapes_of_files(content: str | bytes, expected: list[str]) -> None:
    """Whatever form a file has, each of its records gives a record or a problem, and no other is lost."""
    found = outcomes(content)
    shapes = [
        f"!{outcome.code} {outcome.key}".strip() if isinstance(outcome, Problem) else outcome.identifier
        for outcome in found
    ]
    assert shapes == expected
    for outcome in found:
        if isinstance(outcome, Parsed) and outcome.record.title.plain != "T":
            assert outcome.record.title.plain.startswith("é")
    assert formats.recognise(Page(content.encode() if isinstance(content, str) else content, "p")) == "pubmed-xml"


def test_entities_are_refused() -> None:
    """A file with entities of its own is not a file of PubMed, and nothing in it is expanded."""
    bomb = '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/hostname">]>' + article("&a;&c;")
    with pytest.raises(DigestError, match="entities"):
        outcomes(bomb)


def test_damaged_packing_keeps_what_came_before() -> None:
    """Of a packed file that breaks off, the records before the break are read, and the loss is reported."""
    text = pubmed_set(*(article(pmid=str(n), after=f"<OtherID>{n * 7919}</OtherID>") for n in range(1, 5001)))
    found = outcomes(gzip.compress(text.encode())[:-2000])
    read = [outcome.identifier for outcome in found if isinstance(outcome, Parsed)]
    assert read == [str(n) for n in range(1, len(read) + 1)]
    assert 100 < len(read) < 5000
    assert [outcome.code for outcome in found if isinstance(outcome, Problem)] == ["cut-off", "cut-off"]


def test_memory_does_not_grow(tmp_path: Path) -> None:
    """A large file is read as it comes: twenty times the records need no more memory."""
    record = article(f"{TITLE}<Abstract><AbstractText>{'word ' * 1000}</AbstractText></Abstract>")
    peaks = []
    for count in (150, 600):
        path = tmp_path / f"{count}.xml.gz"
        with gzip.open(path, "wt", compresslevel=1) as file:
            file.write(HEAD + "<PubmedArticleSet>" + record * count + "</PubmedArticleSet>")
        tracemalloc.start()
        assert sum(isinstance(outcome, Parsed) for outcome in parse(Page(path, "p", format="pubmed-xml"))) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0]


def test_a_record_without_end_is_bounded() -> None:
    """Forty megabytes without an end are not a record; the records after them are read."""
    found = outcomes(f"<PubmedArticleSet><PubmedArticle>{'x' * 40_000_000}</PubmedArticle>{article(pmid='5')}")
    assert [outcome.code for outcome in found if isinstance(outcome, Problem)] == ["cut-off", "cut-off"]
    assert [outcome.identifier for outcome in found if isinstance(outcome, Parsed)] == ["5"]


WHOLE = pubmed_set(*(article(f"<ArticleTitle>Ö {n}</ArticleTitle>", pmid=str(n)) for n in range(1, 6))).encode()


@given(st.integers(0, len(WHOLE)), st.integers(0, 60), st.binary(max_size=6))
def test_nothing_is_lost_whatever_the_bytes(at: int, gone: int, put: bytes) -> None:
    """Bytes lost or put in anywhere: each record that begins gives a record or a problem, and nothing else happens."""
    broken = WHOLE[:at] + put + WHOLE[at + gone :]
    try:
        found = outcomes(broken)
    except DigestError:
        return
    begun = broken.count(b"<PubmedArticle>")
    counted = [o for o in found if isinstance(o, Parsed) or (isinstance(o, Problem) and o.level == "error")]
    assert len(counted) >= begun
    assert sum(isinstance(o, Parsed) for o in found) <= 6


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    """Any bytes give outcomes or a `DigestError`."""
    for data in (
        content,
        b"<PubmedArticle>" + content,
        b"<PubmedArticleSet><PubmedArticle>" + content + b"</PubmedArticle>",
    ):
        try:
            found = outcomes(data)
        except DigestError:
            continue
        assert found


def test_files_lose_nothing() -> None:
    """Files give as many records as they hold, all with titles and none with an error."""
    for path in files_of("pubmed-xml", "records/more/pubmed_xml/**/*.xml", "records/files/pm-*.xml"):
        begun = len(re.findall(rb"</Pubmed(?:Book)?Article>", path.read_bytes()))
        if begun:
            found = list(parse(Page(path, path.name, format="pubmed-xml")))
            assert len(found) == begun
            assert all(isinstance(outcome, Parsed) and outcome.record.title.plain for outcome in found)


HOSTILE: dict[str, bytes] = {
    "records that begin and never end": b"<PubmedArticleSet>" + b"<PubmedArticle>" * 20_000,
    "tags that begin and never end": b"<PubmedArticleSet>" + b"<" * 5_000_000,
    "deep nesting": article("<ArticleTitle>" + "<b>" * 9000 + "</b>" * 9000 + "</ArticleTitle>").encode(),
    "many affiliations": article(
        f"{TITLE}<AuthorList>"
        + "".join(
            f"<Author><LastName>A</LastName><AffiliationInfo><Affiliation>{n}x</Affiliation></AffiliationInfo></Author>"
            for n in range(10_000)
        )
        + "</AuthorList>"
    ).encode(),
    "many ampersands": article(f"<ArticleTitle>{'&' * 300_000}</ArticleTitle>").encode(),
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_take_no_time(content: bytes) -> None:
    """What is quadratic in a careless reader takes a moment: the time grows with the size alone."""
    before = time.process_time()
    assert outcomes(content)
    assert time.process_time() - before < 50


def test_hostile_cases(shared: Path) -> None:
    """Errors are reported, a foreign DTD is never requested, and a number that is not one is text."""
    folder = shared / "hostile" / "made" / "pubmed"
    found = {path.name: list(formats.parse(Page(path, path.name))) for path in sorted(folder.iterdir())}
    for name, (outcome,) in found.items():
        assert isinstance(outcome, Problem if name.startswith("error") else Parsed), name
