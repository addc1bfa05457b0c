"""Articles' pages: what each vocabulary gives, references, pages that hold no article, pages that attack."""

from __future__ import annotations

import csv
import html
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import Problem
from digest.sources.formats.webpage import parse
from digest.sources.page import Outcome, Page, Parsed

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Record


def outcomes(content: str | bytes) -> list[Outcome]:
    data = content.encode() if isinstance(content, str) else content
    return list(parse(Page(data, "page.html", format="html")))


def main(content: str | bytes) -> Record:
    found = [one for one in outcomes(content) if isinstance(one, Parsed)]
    assert found
    return found[0].record


def metas(**values: str | list[str]) -> str:
    """Meta elements of Highwire; an underscore at the end is dropped so that a name can come twice."""
    rows = [
        (name.rstrip("_"), one)
        for name, value in values.items()
        for one in ([value] if isinstance(value, str) else value)
    ]
    return "".join(f'<meta name="citation_{name}" content="{html.escape(value)}">' for name, value in rows)


def people(record: Record) -> list[str]:
    return [person.full + (str(list(person.affiliations)) if person.affiliations else "") for person in record.authors]


HIGHWIRE = metas(
    title="Ducks &amp; <i>geese</i>",
    author="Jane Roe",
    author_institution=["University of Ducks", "Pond"],
    author_="Li, Bo",
    author_institution_="Pond",
    journal_title="Annals of Ducks",
    volume="7",
    issue="3 Suppl 2",
    firstpage="S60",
    lastpage="S66",
    doi="https://doi.org/10.1000/ABC",
    pmid="123",
    publication_date="2014/07/28",
    issn="0732-183X",
    keywords="ducks; geese, wild",
    language="en",
    abstract="BACKGROUND: Why. RESULTS: So.",
    publisher="Pond Press",
)


def test_highwire() -> None:
    """Every citation_ element is where it belongs; institutions belong to the author before them."""
    record = main(f"<html><head>{HIGHWIRE}</head></html>")
    assert record.title.source == "Ducks &amp; <i>geese</i>"
    assert people(record) == ["Jane Roe[1, 2]", "Bo Li[2]"]
    assert [place.plain for place in record.affiliations] == ["University of Ducks", "Pond"]
    assert (record.container, record.volume, record.issue, record.supplement) == ("Annals of Ducks", "7", "3", "2")
    assert (record.pages, record.ids.doi, record.ids.pmid, record.issn) == (
        "S60-S66",
        "10.1000/abc",
        "123",
        "0732-183X",
    )
    assert (str(record.issued), record.keywords, record.publisher) == (
        "2014-07-28",
        ("ducks", "geese, wild"),
        "Pond Press",
    )
    assert [(part.label, part.text.plain) for part in record.abstract] == [("BACKGROUND", "Why."), ("RESULTS", "So.")]


GRAPH = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebSite", "name": "A site"},
        {
            "@type": ["ScholarlyArticle"],
            "headline": "Ducks",
            "author": [
                {
                    "@type": "Person",
                    "givenName": "Jane",
                    "familyName": "Roe",
                    "affiliation": {"name": "Pond"},
                    "@id": "https://orcid.org/0000-0002-1825-0097",
                },
                {"@type": "Person", "name": "Bo Li"},
            ],
            "datePublished": "2014-07-28",
            "isPartOf": {
                "@type": "PublicationIssue",
                "issueNumber": "3",
                "isPartOf": {
                    "@type": ["PublicationVolume", "Periodical"],
                    "name": "Annals of Ducks",
                    "volumeNumber": 7,
                },
            },
            "pageStart": "60",
            "pageEnd": "66",
            "identifier": {"@type": "PropertyValue", "propertyID": "doi", "value": "10.1000/abc"},
            "description": "Why.",
            "keywords": "ducks, geese",
            "license": "https://creativecommons.org/licenses/by/4.0/",
        },
    ],
}

VOCABULARIES = {
    "JSON-LD": f'<script type="application/ld+json">{json.dumps(GRAPH)}</script>',
    "Dublin Core": '<meta name="DC.Title" content="Ducks"><meta name="DC.Creator.PersonalName" content="Jane Roe">'
    '<meta name="DC.Creator.PersonalName" content="Bo Li"><meta name="DC.Source" content="Annals of Ducks">'
    '<meta name="DC.Source.Volume" content="7"><meta name="DC.Source.Issue" content="3"><meta name="DC.Identifier.DOI" '
    'content="10.1000/abc"><meta name="DC.Date.issued" content="2014-07-28"><meta name="DC.Description" content="Why.">'
    '<meta name="DC.Identifier.pageNumber" content="60-66"><meta name="DC.Subject" content="ducks"><meta name="DC.Subject" '
    'content="geese"><meta name="DC.Rights" content="https://creativecommons.org/licenses/by/4.0/">',
    "PRISM and lower-case dc": '<meta name="dc.title" content="Ducks"><meta name="dc.creator" content="Jane Roe"><meta '
    'name="dc.creator" content="Bo Li"><meta name="prism.publicationName" content="Annals of Ducks"><meta '
    'name="prism.volume" content="7"><meta name="prism.number" content="3"><meta name="prism.startingPage" content="60">'
    '<meta name="prism.endingPage" content="66"><meta name="dc.identifier" content="doi:10.1000/abc"><meta '
    'name="prism.publicationDate" content="2014-07-28"><meta name="dc.description" content="Why."><meta name="dc.subject" '
    'content="ducks; geese"><meta name="dc.rights" content="CC BY 4.0">',
    "bepress": '<meta name="bepress_citation_title" content="Ducks"><meta name="bepress_citation_author" content="Roe, Jane">'
    '<meta name="bepress_citation_author" content="Li, Bo"><meta name="bepress_citation_journal_title" content="Annals of '
    'Ducks"><meta name="bepress_citation_volume" content="7"><meta name="bepress_citation_issue" content="3"><meta '
    'name="bepress_citation_firstpage" content="60"><meta name="bepress_citation_lastpage" content="66"><meta '
    'name="bepress_citation_doi" content="10.1000/abc"><meta name="bepress_citation_date" content="2014-07-28"><meta '
    'name="bepress_citation_keywords" content="ducks, geese"><meta name="bepress_citation_abstract" content="Why."><meta '
    'name="dc.rights" content="CC BY 4.0">',
}


@pytest.mark.parametrize("head", VOCABULARIES.values(), ids=VOCABULARIES)
def test_vocabularies(head: str) -> None:
    """The same article in each vocabulary gives the same record."""
    record = main(f"<!DOCTYPE html><html><head>{head}</head><body>Text</body></html>")
    assert record.type == "article"
    assert record.title.plain == "Ducks"
    assert [person.full for person in record.authors] == ["Jane Roe", "Bo Li"]
    assert (record.container, record.volume, record.issue, record.pages) == ("Annals of Ducks", "7", "3", "60-66")
    assert (str(record.issued), record.ids.doi, record.permission) == ("2014-07-28", "10.1000/abc", "full")
    assert record.keywords == ("ducks", "geese")
    assert [part.text.plain for part in record.abstract] == ["Why."]


def test_opengraph_is_the_last_resort() -> None:
    """A page with OpenGraph alone is a web page, with a note."""
    (parsed,) = outcomes('<meta property="og:title" content="Ducks"><meta property="og:site_name" content="Pond News">')
    assert isinstance(parsed, Parsed)
    assert (parsed.record.type, parsed.record.container) == ("web", "Pond News")
    assert [problem.code for problem in parsed.problems] == ["opengraph"]


NO_ARTICLE = {
    "a login page": "<title>Sign in</title><form><input type=password></form>",
    "a login page with OpenGraph": '<meta property="og:title" content="Journal"><form><input type="password"></form>',
    "an error page": '<title>404 Not Found</title><meta property="og:title" content="Pond">',
    "text": "<p>Ducks are birds.</p>",
    "nothing": "",
    "a comment": "<!-- -->",
}


@pytest.mark.parametrize("content", NO_ARTICLE.values(), ids=NO_ARTICLE)
def test_a_page_without_an_article_is_reported(content: str) -> None:
    """A page that holds no article gives one error that says what was expected, and no record."""
    (problem,) = outcomes(content)
    assert isinstance(problem, Problem)
    assert (problem.level, problem.code) == ("error", "no-article")
    assert "expected" in problem.message


def test_names_that_ran_together_are_repaired() -> None:
    """``JohnP.`` is John with the initial P, and is fuller where another vocabulary has the same people."""
    head = metas(title="Ducks", author=["JohnP.", "McDonald"])
    assert people(main(head)) == ["P John", "McDonald"]
    head += '<meta name="DC.Creator.PersonalName" content="Preethi K John"><meta name="DC.Creator.PersonalName" content="A McDonald">'
    assert people(main(head))[0] == "Preethi K John"


TAGGED = (
    "citation_title=Geese; and swans; citation_author=Roe, J; citation_author=Li, B; citation_journal_title=Annals of Ducks; "
    "citation_volume=7; citation_issue=3; citation_firstpage=60; citation_lastpage=6; citation_publication_date=2012; "
    "citation_doi=10.1000/x"
)


def test_references_in_tags_and_in_print() -> None:
    """Each citation_reference is a record of its own, or an error in its place."""
    printed = "Roe J, Li B. Geese. Ann Ducks. 2012; 7(3): 60-6. [PMID:22151453]"
    found = outcomes(metas(title="Ducks", reference=[TAGGED, printed, "see above"]))
    records = [one.record for one in found if isinstance(one, Parsed)]
    assert [record.title.plain for record in records] == ["Ducks", "Geese; and swans", "Geese"]
    assert [record.pages for record in records] == ["", "60-66", "60-66"]
    assert [person.short for person in records[1].authors] == ["Roe J", "Li B"]
    (problem,) = [one for one in found if isinstance(one, Problem)]
    assert (problem.level, problem.key) == ("error", "reference 3")


def ojs(shared: Path, references: str) -> str:
    """The seed article as a page of Open Journal Systems."""
    lines = (shared / "seed_page.txt").read_text(encoding="utf-8").splitlines()
    printed = [line for line in lines if "[PM" in line or "[NBK" in line or "abstr e15166)." in line]
    entries = "".join(f"<p>{html.escape(line)}</p>" for line in printed)
    listed = {
        "OJS 3": f'<div class="item references"><h3 class="label">References</h3><div class="value">{entries}</div></div>',
        "OJS 2": f'<div id="articleCitations"><h4>References</h4><div>{entries}</div></div>',
        "a list": f'<section class="references"><ol>{entries.replace("<p>", "<li>").replace("</p>", "</li>")}</ol></section>',
        "metadata": metas(reference=printed),
    }[references]
    affiliation = "Tufts Medical Center. Boston, MA, USA"
    return (
        "<!DOCTYPE html><html lang='en-US'><head><title>x</title>"
        + metas(
            journal_title="JOP. Journal of the Pancreas",
            journal_abbrev="1",
            issn="1590-8577",
            author="Preethi K John",
            author_institution=affiliation,
            author_="Muhammad Wasif Saif",
            author_institution_=affiliation,
            title=lines[0],
            date="2014/07/28",
            keywords=["Embolization, Therapeutic", "Liver"],
        )
        + f"</head><body><h1 class='page_title'>{lines[0]}</h1><div class='item abstract'><h3>Abstract</h3><p>{lines[7]}</p></div>"
        f"{listed}</body></html>"
    )


@pytest.mark.parametrize("where", ["OJS 3", "OJS 2", "a list", "metadata"])
def test_the_seed_articles_page(shared: Path, where: str) -> None:
    """The OJS page gives the article with its people, and its nine references."""
    article, *references = [one.record for one in outcomes(ojs(shared, where)) if isinstance(one, Parsed)]
    wanted = json.loads((shared / "seed_references.json").read_text(encoding="utf-8"))["references"]
    assert people(article) == ["Preethi K John[1]", "Muhammad Wasif Saif[1]"]
    assert (article.container, article.container_short, str(article.issued)) == (
        "JOP. Journal of the Pancreas",
        "JOP",
        "2014-07-28",
    )
    assert article.abstract[0].text.plain.startswith("Pancreatic neuroendocrine tumors (pNET) are a rare malignancy.")
    assert article.keywords == ("Embolization, Therapeutic", "Liver")
    assert len(references) == 9
    for record, row in zip(references, wanted, strict=True):
        facts: dict[str, Any] = row["record"]
        assert [person.family for person in record.authors] == [author["family"] for author in facts["authors"]]
        assert (record.volume, str(record.issued)) == (facts["volume"], facts["issued"]) or row["n"] == 3
        assert record.pages == facts.get("pages", record.pages)
        assert record.number == facts.get("number", "")
        assert record.origin is not None


def test_an_ojs_page_without_metadata() -> None:
    """What a bare OJS page shows is read: title, people with affiliations, and the journal from “How to Cite”."""
    body = (
        "<h1 class='page_title'>Ducks</h1><ul class='item authors'><li><span class='name'>Jane Roe</span><span "
        "class='affiliation'>Pond</span></li><li><span class='name'>Bo Li</span></li></ul><div class='item abstract'>"
        "<h3>Abstract</h3><p>Ducks are birds that live on ponds and lakes.</p></div><div class='item citation'><div "
        "class='csl-entry'>Roe, J., &amp; Li, B. (2014). Ducks. <i>JOP. Journal of the Pancreas</i>, <i>15</i>(4), 332-334.</div></div>"
    )
    record = main(f"<html><body>{body}</body></html>")
    assert people(record) == ["Jane Roe[1]", "Bo Li"]
    assert (record.container, record.volume, record.issue, record.pages) == (
        "JOP. Journal of the Pancreas",
        "15",
        "4",
        "332-334",
    )
    assert record.abstract[0].text.plain == "Ducks are birds that live on ponds and lakes."


def test_encodings() -> None:
    """The charset counts wherever it is declared, and UTF-8 wins where the bytes are valid UTF-8."""
    late = f"<html>{' ' * 5000}<meta charset='{{}}'><meta name='citation_title' content='café'></html>"
    assert main(late.format("iso-8859-1").encode("latin-1")).title.plain == "café"
    assert main(late.format("windows-1252").encode()).title.plain == "café"
    assert main("<meta name='citation_title' content='café'>".encode("cp1252")).title.plain == "café"


def test_attacks(shared: Path) -> None:
    """Each hostile page is read or reported in two seconds, and nothing in it can run."""
    with (shared / "hostile" / "made" / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        names = [row["path"] for row in csv.DictReader(file) if row["kind"] == "html"]
    assert names
    for name in names:
        start = time.process_time()
        found = list(parse(Page(shared / "hostile" / "made" / name, name, format="html")))
        assert time.process_time() - start < 60, name
        assert found, name
        for one in found:
            if isinstance(one, Parsed):
                texts = [one.record.title.source, *(part.text.source for part in one.record.abstract)]
                assert not any("<script" in text or "<img" in text for text in texts)


def test_what_is_too_deep_is_reported() -> None:
    """What is deeper than the parser goes is not read, and a warning says so."""
    found = outcomes(f"<html><head>{HIGHWIRE}</head><body>{'<div>' * 100_000}</body></html>")
    assert [one.code for one in found if isinstance(one, Problem)] == ["too-deep"]
    assert [one.record.volume for one in found if isinstance(one, Parsed)] == ["7"]


PAGE = f"<html><head>{HIGHWIRE}{metas(reference=[TAGGED])}{VOCABULARIES['JSON-LD']}</head></html>".encode()


@settings(max_examples=150)
@example(b'<script type="application/ld+json">' + b"[" * 100_000)
@example(
    b'<script type="application/ld+json">{"@type":"Article","headline":{"a":[]},"author":[[],1,{"name":{}}]}</script>'
)
@given(
    st.binary(max_size=300)
    | st.integers(0, len(PAGE)).flatmap(
        lambda at: st.binary(max_size=8).map(lambda noise: PAGE[:at] + noise + PAGE[at + len(noise) :])
    )
)
def test_any_bytes_give_outcomes(content: bytes) -> None:
    """Whatever the bytes, there is a record or an error for the article, never an exception."""
    found = outcomes(content)
    assert any(isinstance(one, Parsed) or (isinstance(one, Problem) and one.level == "error") for one in found)
