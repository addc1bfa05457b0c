"""PubMed's ArticleSet: the order of elements, who wrote what, editions, other languages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from digest import outputs
from tests.conftest import ISSUE
from tests.odd_issues import changed
from tests.test_jats import source_of, texts, tree
from tests.test_outputs import SAYS

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element

# The order that NLM's “PubMed XML Tagged Format” gives, as far as this output goes; no copy of the DTD may be passed on.
ORDER = """
<!ELEMENT ArticleSet (Article+)>
<!ELEMENT Article (Journal, Replaces?, ArticleTitle?, VernacularTitle?, FirstPage?, LastPage?, ELocationID*, Language*,
  AuthorList?, PublicationType*, ArticleIdList?, History?, Abstract?, CopyrightInformation?, CoiStatement?, ObjectList?)>
<!ELEMENT Journal (PublisherName, JournalTitle, Issn, Volume?, Issue?, PubDate)>
<!ELEMENT PubDate (Year, Month?, Day?)>
<!ATTLIST PubDate PubStatus (epublish|ppublish|aheadofprint) #REQUIRED>
<!ELEMENT Replaces (#PCDATA)> <!ATTLIST Replaces IdType (pubmed|pii|doi) #REQUIRED>
<!ELEMENT ELocationID (#PCDATA)> <!ATTLIST ELocationID EIdType (doi|pii) #REQUIRED ValidYN (Y|N) "Y">
<!ELEMENT AuthorList (Author+)>
<!ELEMENT Author (((FirstName, MiddleName?, LastName, Suffix?) | CollectiveName), AffiliationInfo*, Identifier*)>
<!ELEMENT FirstName (#PCDATA)> <!ATTLIST FirstName EmptyYN (Y|N) "N">
<!ELEMENT AffiliationInfo (Affiliation, Identifier*)>
<!ELEMENT Identifier (#PCDATA)> <!ATTLIST Identifier Source CDATA #REQUIRED>
<!ELEMENT ArticleIdList (ArticleId+)>
<!ELEMENT ArticleId (#PCDATA)> <!ATTLIST ArticleId IdType (pii|doi) #REQUIRED>
<!ELEMENT Abstract (AbstractText+)>
<!ELEMENT ObjectList (Object+)> <!ELEMENT Object (Param+)> <!ATTLIST Object Type CDATA #REQUIRED>
<!ELEMENT Param (#PCDATA)> <!ATTLIST Param Name CDATA #REQUIRED>
<!ENTITY % text "(#PCDATA | i | b | sub | sup | u)*">
<!ELEMENT ArticleTitle %text;> <!ELEMENT VernacularTitle %text;> <!ELEMENT AbstractText %text;>
<!ELEMENT i %text;> <!ELEMENT b %text;> <!ELEMENT sub %text;> <!ELEMENT sup %text;> <!ELEMENT u %text;>
""" + "".join(
    f"<!ELEMENT {name} (#PCDATA)>"
    for name in """
        PublisherName JournalTitle Issn Volume Issue Year Month Day FirstPage LastPage Language MiddleName LastName Suffix
        CollectiveName Affiliation PublicationType CopyrightInformation CoiStatement History
    """.split()
)


@pytest.fixture
def whole(journal: Path) -> Path:
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(SAYS)
    return journal / ISSUE


def made(folder: Path) -> tuple[_Element, list[str]]:
    found = outputs.make("pubmed", source_of(folder))
    root = tree(found.files["pubmed.xml"])
    order = etree.DTD(io.StringIO(ORDER))
    assert order.validate(root), order.error_log
    return root, [problem.message for problem in found.problems]


def test_the_sample(whole: Path) -> None:
    """The two articles, in order, with what PubMed indexes; no abstract of a meeting is one of them."""
    root, notes = made(whole)
    assert texts(root, "Article/ArticleIdList/ArticleId[@IdType='pii']") == ["radioembolization", "cachexia"]
    article = root[1]
    assert texts(article, "ELocationID") == ["10.6092/1590-8577/cachexia"]
    assert texts(article, "Journal/PubDate/*") == ["2014", "07", "28"]
    assert article.find("Journal/PubDate[@PubStatus='epublish']") is not None
    assert texts(article, "AuthorList/Author/LastName") == ["Hollowmere", "Tarnbrook", "Wrenfield-Oduya"]
    assert len(article.findall("AuthorList/Author[2]/AffiliationInfo")) == 2
    assert texts(article, "ObjectList/Object/Param")[1] == "Carcinoma, Pancreatic Ductal"
    assert "TGF-β1 together" in texts(article, "Abstract/AbstractText")[0]
    assert texts(article, "Abstract/AbstractText/sub") == ["1", "3"]
    assert texts(article, "CoiStatement") == ["The authors are invented and have none."]
    assert article.find("Replaces") is None
    assert notes == ["pubmed: notices are not in it; NLM takes errata and retractions from the page of the article"]


def test_editions_languages_and_people(whole: Path) -> None:
    """A new edition replaces; a title that is not English is vernacular; groups and people without first names."""
    changed(whole / "issue.yaml", lambda data: data.update(edition="2"))
    article = whole / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    text = text.replace("  - given: Octavia P\n    family: Hollowmere", "  - literal: The A&B Group", 1)
    text = text.replace("  - given: Lucian\n", "  -\n    orcid: 0000-0002-1825-0097\n", 1)
    text = text.replace("summary: >-", "language: pt-BR\npages: 332-334\nsummary: >-", 1)
    article.write_text(text, encoding="utf-8")
    root, _ = made(whole)
    article_ = root[1]
    assert texts(article_, "Replaces[@IdType='doi']") == ["10.6092/1590-8577/cachexia"]
    assert article_.find("ArticleTitle") is None
    assert texts(article_, "VernacularTitle") == ["Weight and Muscle Loss in Pancreatic Adenocarcinoma"]
    assert texts(article_, "Language") == ["PT"]
    assert texts(article_, "FirstPage") + texts(article_, "LastPage") == ["332", "334"]
    assert texts(article_, "AuthorList/Author/CollectiveName") == ["The A&B Group"]
    assert article_.find("AuthorList/Author[2]/FirstName[@EmptyYN='Y']") is not None
    assert texts(article_, "AuthorList/Author[2]/Identifier") == ["https://orcid.org/0000-0002-1825-0097"]


def test_what_pubmed_would_not_take(journal: Path) -> None:
    """Without a publisher nothing is made; an article without pages and DOI is a warning."""
    assert [one.message for one in outputs.lacking("pubmed", source_of(journal / ISSUE).issue)] == [
        "the key “publisher” is missing"
    ]
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("publisher: The Sample Society\n")
    _, notes = made(journal / ISSUE)
    assert sum("neither “pages” nor a DOI" in note for note in notes) == 1
