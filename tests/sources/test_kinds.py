"""Kinds of trouble that files of every format have in common, each with its rule and small files that show it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from digest.errors import Problem
from digest.export import as_object
from digest.sources import Page, Parsed
from digest.sources.formats import parse, recognise
from digest.sources.shared import markup
from digest.sources.shared.cited import fill_cited
from digest.sources.shared.draft import Draft

if TYPE_CHECKING:
    from pathlib import Path


def records(text: str, name: str = "x.txt") -> list[dict[str, Any]]:
    """The records of a text in whatever format it is, as ``digest convert`` prints them."""
    found = [as_object(one.record) for one in parse(Page(text.encode(), name)) if isinstance(one, Parsed)]
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # tuples as lists


def ris(*lines: str) -> dict[str, Any]:
    """The record of RIS with these lines."""
    return records("\n".join(("TY  - JOUR", "TI  - Some title", *lines, "ER  - ", "")))[0]


# --- Fields that hold something else -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "issue",
    [
        "S0016-5085(14)60001-2",  # a publisher item identifier: S, ISSN, year, number, check digit
        "S0016508514600012",
        "10.1016/S0016-5085(14)60001-2",
        "0016-5085",
        "24857584",
    ],
)
def test_no_issue(issue: str) -> None:
    """What is not the number of an issue is left out of its field."""
    assert "issue" not in ris("JO  - Gastroenterology", "VL  - 146", f"IS  - {issue}", "PY  - 2014")


@pytest.mark.parametrize("nothing", ["NA", "N/A", "None", "null", "nan", "undefined", "[]", "-"])
def test_placeholders(nothing: str) -> None:
    """R, Python and JavaScript print something where there is no value; people may be called so."""
    record = ris(f"VL  - {nothing}", f"IS  - {nothing}", f"SP  - {nothing}", "AU  - Null, Jennifer", f"AB  - {nothing}")
    assert not record.keys() & {"volume", "issue", "pages", "abstract"}
    assert record["authors"] == [{"family": "Null", "given": "Jennifer"}]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [("LBA-4-LBA-4", "LBA-4"), ("i120-i120", "i120"), ("143-144", "143-144")],
)
def test_pages_from_and_to_the_same(pages: str, expected: str) -> None:
    """Blood's and others' abstracts have one place twice."""
    text = f'[{{"type": "article-journal", "title": "Some title", "page": "{pages}"}}]'
    assert records(text)[0]["pages"] == expected


def test_number_in_the_field_of_pages() -> None:
    """AIDSLINE's abstracts have “abstract no. TuPeB4452” where pages are."""
    text = (
        "PMID- 12990077\nTI  - Home care\nPG  - abstract no. TuPeB4452\nPT  - Meeting Abstract\nDP  - 2002\nSO  - x\n"
    )
    record = records(text)[0]
    assert (record["number"], record.get("pages")) == ("TuPeB4452", None)


def test_ids_of_continuous_publication_are_no_numbers() -> None:
    """Oxford University Press: the id of an article within its volume is printed where pages are."""
    record = ris("JO  - European Heart Journal", "M3  - Conference Abstract", "M1  - ehae666.286", "SP  - ehae666.286")
    assert (record.get("number"), record["pages"]) == (None, "ehae666.286")


def test_numbers_of_books_are_not_of_articles() -> None:
    """An ISBN next to an ISSN is that of a volume of proceedings."""
    record = ris("JO  - Gut", "VL  - 3", "SN  - 978-3-16-148410-0", "SN  - 0017-5749")
    assert (record["issn"], record.get("ids")) == ("0017-5749", None)


def test_doi_with_angle_brackets() -> None:
    """A DOI may hold any printable character (DOI Handbook, 2.2.2); Wiley's old ones hold a SICI."""
    doi = "10.1002/(sici)1097-0258(19990815)18:15<2100::aid-sim12>3.0.co;2-h"
    assert ris(f"DO  - {doi.upper()}")["ids"]["doi"] == doi


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (("https://www.embase.com/records?id=L1", "https://journal.example/1"), "https://journal.example/1"),
        (("https://journal.example/1", "https://www.proquest.com/docview/1"), "https://journal.example/1"),
        (("https://www.proquest.com/docview/1",), "https://www.proquest.com/docview/1"),
    ],
)
def test_own_address_before_a_databases(addresses: tuple[str, ...], expected: str) -> None:
    """A journal's own page is kept before that of a database, wherever it is."""
    assert ris(*(f"UR  - {address}" for address in addresses))["ids"]["url"] == expected


@pytest.mark.parametrize(
    "name",
    [
        "Smith, A. B. (Intr. by K. Jones)",
        "Smith, A. B. (introduced by K. Jones)",
        "Smith, A. B. (Spon. by K. Jones)",
        "Smith, A. B. (Spon: K. Jones)",
        "Smith, A. B. (sponsor: K. Jones)",
    ],
)
def test_who_introduced_an_author(name: str) -> None:
    """Societies printed who presented an author that was not a member; it is none of the name."""
    assert ris(f"AU  - {name}")["authors"] == [{"family": "Smith", "given": "A. B."}]


# --- Text ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Against <i>P. falciparum</i>\n      , again", "Against <i>P. falciparum</i>, again"),
        (
            "In <i>TP53</i>\n   -mutated and (\n   <i>KRAS</i>\n   ) cells",
            "In <i>TP53</i> -mutated and (<i>KRAS</i>) cells",
        ),
        ("H\n  <sub>\n  2\n  </sub>O at 5", "H<sub>2</sub>O at 5"),
        ("At <i>p</i> .05", "At <i>p</i> .05"),
        ("The <i>BRAF</i>\n    gene", "The <i>BRAF</i> gene"),
        ("the role of &lt;em>leptin&lt;/em> in A &amp;amp; B", "the role of <i>leptin</i> in A &amp; B"),
    ],
)
def test_blanks_and_escapes(source: str, expected: str) -> None:
    """Blanks that a printer of XML puts before a mark are not the text's; tags may be escaped twice, or by halves."""
    assert markup.inline(source).source == expected


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (
            "Study question: Does it? Summary answer: No. What is known already: Little. Study design, size, duration: A "
            "cohort. Main results and the role of chance: None. Limitations, reasons for caution: Some. Wider implications "
            "of the findings: None. Study funding/competing interest(s): None. Trial registration number: None.",
            [
                "Study question",
                "Summary answer",
                "What is known already",
                "Study design, size, duration",
                "Main results and the role of chance",
                "Limitations, reasons for caution",
                "Wider implications of the findings",
                "Study funding/competing interest(s)",
                "Trial registration number",
            ],
        ),
        (
            "Issues: Mothers leave. Description: We visited. Lessons learned: Transport. Next steps: Bring care.",
            ["Issues", "Description", "Lessons learned", "Next steps"],
        ),
        ("Introduction: We asked. Method(s): A trial. Result(s): It did.", ["Introduction", "Method(s)", "Result(s)"]),
    ],
)
def test_labels_of_societies(text: str, labels: list[str]) -> None:
    """The templates of ESHRE and of the International AIDS Society, and Embase's spelling."""
    assert [part.label for part in markup.abstract(text)] == labels


def test_numbers_of_references() -> None:
    """A number that points to a reference is left out of an abstract, where it is not a word of its sentence."""
    text = (
        '<article article-type="abstract"><front><article-meta><title-group><article-title>T</article-title></title-group>'
        '<abstract><p>Iron feeds.<xref ref-type="bibr">1</xref> It does<sup><xref ref-type="bibr">2</xref>,'
        '<xref ref-type="bibr">3</xref></sup> so [<xref ref-type="bibr">4</xref>, <xref ref-type="bibr">5</xref>]. '
        'See reference <xref ref-type="bibr">6</xref>.</p></abstract></article-meta></front></article>'
    )
    assert records(text)[0]["abstract"] == [{"label": None, "text": "Iron feeds. It does so. See reference 6."}]


# --- A whole citation in one field ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Blood Advances, Vol 3, Iss 12, Pp 1789-1793 (2019)", "Blood Advances|3|12|1789-1793|2019"),
        ("Pancreas, 2014, vol. 43, n. 8, p. 1350-1355", "Pancreas|43|8|1350-1355|2014"),
        (
            "Annals of Oncology ; vol. 27, no. suppl_6, p. vi207 (2016) ; ISSN 0923-7534",
            "Annals of Oncology|27|suppl_6|vi207|2016",
        ),
        (
            "European Heart Journal, Volume 45, Issue Supplement_1, October 2024, ehae666.286, https://doi.org/10.1093/x",
            "European Heart Journal|45|Supplement_1|ehae666.286|2024",
        ),
        (
            "Saif, Muhammad Wasif (2014) Pancreatic cancer. JOP. Journal of the Pancreas, 15 (4). pp. 332-334. ISSN 1590-8577",
            "JOP. Journal of the Pancreas|15|4|332-334|2014",
        ),
        ("Int J Cancer. 2010 Jun 1; 126(11): 2580-2589", "Int J Cancer|126|11|2580-2589|2010-06-01"),
        ("Gut, 66(Suppl 2):A12-A13", "Gut|66|Suppl 2|A12-A13|None"),
        ("https://repository.example/handle/1/23", ""),
        ("urn:nbn:de:gbv:18-302", ""),
    ],
)
def test_whole_citations(text: str, expected: str) -> None:
    """DOAJ, DSpace, BASE, Oxford University Press, EPrints, NLM and Hugo write a citation each in its own form."""
    draft = Draft(Page(b"", "x"), "x", b"")
    assert fill_cited(draft, text) is bool(expected)
    found = (draft.container or draft.container_short, draft.volume, draft.issue, draft.pages, str(draft.issued))
    assert not expected or "|".join(found) == expected


@pytest.mark.parametrize("element", ["dc:identifier", "dc:source", "dcterms:bibliographicCitation"])
def test_whole_citations_in_dublin_core(element: str) -> None:
    """Wherever a repository puts it, a citation fills the record."""
    text = (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>T</dc:title><dc:date>2019</dc:date>'
        f"<{element}>Blood Advances, Vol 3, Iss 12, Pp 1789-1793 (2019)</{element}></oai_dc:dc>"
    )
    record = records(text)[0]
    assert [record[name] for name in ("container", "volume", "issue", "pages")] == [
        "Blood Advances",
        "3",
        "12",
        "1789-1793",
    ]


def test_whole_citation_in_a_pages_metadata() -> None:
    """A repository's page: Dublin Core and nothing for volume and pages."""
    text = (
        '<html><head><meta name="DC.title" content="T"><meta name="DCTERMS.bibliographicCitation" '
        'content="Pancreas, 2014, vol. 43, n. 8, p. 1350-1355"></head><body></body></html>'
    )
    record = records(text)[0]
    assert [record[name] for name in ("container", "volume", "issue", "pages")] == ["Pancreas", "43", "8", "1350-1355"]


# --- Formats -------------------------------------------------------------------------------------------------------------

MARKDOWN = """---
layout: abstract
title: "Effects of *KRAS* on H~2~O"
authors:
  - name: Ana María López
    affiliation: 1
  - name: John Q. Smith
    affiliation: [1, 2]
affiliations:
  - index: 1
    name: Hospital, Madrid
  - index: 2
    name: University, Leeds
abstract_number: P-102
event: 12th Congress of the Example Society
location: Vienna, Austria
event_date: 2019-06-05
date: 2019-06-01
presentation_type: Poster
---

## Background
We **asked** (p < 0.05).

## Results
* One

## References
1. Smith J. Pancreas 2011.
"""


def test_markdown() -> None:
    """Sites of meetings keep an abstract as Markdown with front matter."""
    record = records(MARKDOWN)[0]
    assert record["title"] == "Effects of <i>KRAS</i> on H<sub>2</sub>O"
    assert [author.get("affiliations") for author in record["authors"]] == [[1], [1, 2]]
    assert (record["number"], record["presentation"], record["type"]) == ("P-102", "poster", "meeting-abstract")
    assert record["meeting"] == {
        "name": "12th Congress of the Example Society",
        "place": "Vienna, Austria",
        "start": "2019-06-05",
    }
    assert record["abstract"] == [
        {"label": "Background", "text": "We <b>asked</b> (p &lt; 0.05)."},
        {"label": "Results", "text": "One"},
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (MARKDOWN, "markdown"),
        (MARKDOWN.replace("\n", "\r\n"), "markdown"),
        ('+++\ntitle = "T"\nauthors = ["J. Doe"]\n+++\nWe did it.\n', "markdown"),
        ("---\nlayout: inproceedings\ntitle: T\n---\n", "markdown"),
        ("---\ntitle: T\ntype: article\n---\ntitle: U\ntype: article\n", "yaml"),
        ("# schema: 1\ntitle: T\ntype: article\n", "yaml"),
        ("---\nlayout: page\npermalink: /x\n---\n{% include x %}\n", "text"),
    ],
)
def test_what_is_markdown(text: str, name: str) -> None:
    """Front matter with a title; documents of YAML in a row are our own records."""
    assert recognise(Page(text.encode(), "x")) == name


OVID = """
<1. >
VN  - Ovid Technologies
DB  - Embase
UI  - 625990112
TI  - PD-1 blockade: Interim results.
SO  - Blood Journal. Conference: 60th Annual Meeting, ESH 2018. United States. 132 (Supplement 1) (pp 1623-1624), 2018.
      Date of Publication: November 2018.
AU  - Van Der Meulen K.J.
AU  - Rao V.S.
IN  - (Rao) Lymphoma Unit, London
AB  - Introduction: Relapse. Method(s): A trial. Result(s): It did.
PT  - Conference Abstract
CS  - 20181201
CE  - 20181204

<2. >
VN  - Ovid Technologies
DB  - Ovid MEDLINE(R)
UI  - 24857584
TI  - Another record.
SO  - Gut. 29(3):12-9, 2014 Mar.
AU  - Rao VS
"""


def test_ovid() -> None:
    """Ovid's tagged text has journal, volume, pages, date and meeting in one sentence."""
    first, second = records(OVID)
    assert [first[name] for name in ("container", "volume", "supplement", "pages", "issued")] == [
        "Blood Journal",
        "132",
        "1",
        "1623-1624",
        "2018-11",
    ]
    assert first["meeting"] == {
        "name": "60th Annual Meeting, ESH 2018",
        "place": "United States",
        "start": "2018-12-01",
        "end": "2018-12-04",
    }
    assert first["authors"][1]["affiliations"] == [1]
    assert [second[name] for name in ("container", "volume", "issue", "pages", "issued")] == [
        "Gut",
        "29",
        "3",
        "12-19",
        "2014-03",
    ]
    assert second["ids"] == {"pmid": "24857584"}


def test_journal_elsewhere_in_linked_data() -> None:
    """JSON-LD may name by its ``@id`` what an article is part of (JSON-LD 1.1, 4.4)."""
    text = (
        '<html><head><script type="application/ld+json">{"@graph": ['
        '{"@type": "PublicationIssue", "@id": "#i", "issueNumber": "4", "isPartOf": {"@id": "#v"}}, '
        '{"@type": ["PublicationVolume", "Periodical"], "@id": "#v", "name": "Occup Med", "volumeNumber": "59"}, '
        '{"@type": "ScholarlyArticle", "headline": "Sleep", "isPartOf": {"@id": "#i"}, '
        '"identifier": [{"@type": "PropertyValue", "propertyID": "pmid", "value": "28800301"}]}]}'
        "</script></head><body></body></html>"
    )
    record = records(text)[0]
    assert [record[name] for name in ("container", "volume", "issue")] == ["Occup Med", "59", "4"]
    assert record["ids"]["pmid"] == "28800301"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Sleep &#8211; rest or theft?", "Sleep – rest or theft?"),
        ("Sleep: a survey", "Sleep: a survey"),
        ("Sleep – Occup Med", "Sleep"),
        ("Sleepers", "Sleep"),
    ],
)
def test_headline_and_name_in_linked_data(name: str, title: str) -> None:
    """A headline may be the title without its subtitle; ``isPartOf`` may be an ``@id`` of the same page alone."""
    text = (
        '<html><head><script type="application/ld+json">{"@graph": ['
        '{"@type": ["PublicationVolume", "Periodical"], "@id": "#v", "name": "Occup Med", "volumeNumber": "59"}, '
        f'{{"@type": "ScholarlyArticle", "headline": "Sleep", "name": "{name}", "isPartOf": "#v"}}]}}'
        "</script></head><body></body></html>"
    )
    record = records(text)[0]
    assert [record[key] for key in ("title", "container", "volume")] == [title, "Occup Med", "59"]


@pytest.mark.parametrize("where", ["title-group", "article-title"])
def test_labels_of_titles(where: str) -> None:
    """The label of a title is the abstract's number, in the title or in its group."""
    label, within = "<label>P217</label>", where == "article-title"
    text = (
        '<article article-type="meeting-report"><front><article-meta><title-group>'
        f"{'' if within else label}<article-title>{label if within else ''}Ducks</article-title></title-group>"
        "</article-meta></front></article>"
    )
    record = records(text, "x.xml")[0]
    assert [record[key] for key in ("title", "number")] == ["Ducks", "P217"]


@pytest.mark.parametrize("key", ["ana-lopez", "ana-maria-lopez2"])
def test_authors_by_key(key: str) -> None:
    """A site may name its authors by the keys of their own files; without these, by the words of the keys."""
    record = records(
        f"---\ntitle: T\nauthors: [{key}]\n---\nimport A from './a.astro';\n\nWe did.\n\n## Authors\n\n<A />\n"
    )[0]
    assert record["authors"] == [
        {"family": "Lopez", "given": key.removesuffix("-lopez2").removesuffix("-lopez").title().replace("-", " ")}
    ]
    assert record["abstract"] == [{"label": None, "text": "We did."}]


def test_files_of_persons(tmp_path: Path) -> None:
    """Astro and Hugo keep a file for each person, which has name, affiliation and ORCID iD."""
    (tmp_path / "authors").mkdir()
    (tmp_path / "authors" / "ana-lopez.yml").write_text(
        "name: Ana López\naffiliation: Hospital, Madrid\n", encoding="utf-8"
    )
    (tmp_path / "abstracts").mkdir()
    file = tmp_path / "abstracts" / "1.mdx"
    file.write_text("---\ntitle: T\nauthors:\n  - ana-lopez\n---\nWe did.\n", encoding="utf-8")
    (found,) = parse(Page(file, "1.mdx"))
    assert isinstance(found, Parsed)
    assert [author.family for author in found.record.authors] == ["López"]
    assert [str(place.plain) for place in found.record.affiliations] == ["Hospital, Madrid"]


def test_pages_of_a_site_are_no_records() -> None:
    """A list of posters has a title, but neither authors nor an abstract."""
    (found,) = parse(Page(b"---\ntitle: Posters\nsidebar:\n  order: 3\n---\n\nA list.\n", "x.md"))
    assert isinstance(found, Problem)
    assert (found.level, found.code) == ("warning", "no-record")


def test_formulas_next_to_each_other() -> None:
    """In LaTeX a formula may end where the next one begins."""
    assert (
        records("@article{a, title={Of $\\Sigma$$\\Delta$ and $$x^2$$}, year=2001}")[0]["title"]
        == "Of ΣΔ and x<sup>2</sup>"
    )


def test_versions_of_software() -> None:
    """What is not a part of a book or journal takes title and authors of the whole (biblatex 3.20, appendix B)."""
    text = "@software{s, title={Scilab}, author={Doe, Jane}, year=2002}\n@softwareversion{s:1, crossref={s}, date={2003}}\n"
    version = records(text)[1]
    assert (version["title"], version["authors"][0]["family"], version.get("container")) == ("Scilab", "Doe", None)


def test_stop_behind_a_family_name() -> None:
    """The stop of a printed list is not a part of the last author's name."""
    text = '[{"type": "article-journal", "title": "T", "author": [{"family": "Jones.", "given": "C. D."}]}]'
    assert records(text)[0]["authors"] == [{"family": "Jones", "given": "C. D."}]


def test_a_number_where_pages_are() -> None:
    """A place that says it is the abstract's number is one, whatever the format: ``abstract no. TuPeB4452``."""
    text = b"TY  - JOUR\nTI  - Home care\nJO  - Invented J\nPY  - 2002\nSP  - abstract no. TuPeB4452\nER  -\n"
    (outcome,) = parse(Page(text, "a.ris"))
    assert isinstance(outcome, Parsed)
    assert (outcome.record.number, outcome.record.pages) == ("TuPeB4452", "")
    assert outcome.record.type == "meeting-abstract"


# --- What is printed before and after the text --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number", "first"),
    [
        # Publishers that print the number next to the title deposit it as the first words of the text (JCO at Crossref).
        ("2041Background: We asked. Methods: We did. Results: It did.", "2041", "Background"),
        ("e14567 Background: We asked. Methods: We did. Results: It did.", "e14567", "Background"),
        ("TPS4160Background: We asked. Methods: We did.", "TPS4160", "Background"),
        ("Abstract P-12 Background: We asked. Methods: We did.", "P-12", "Background"),
        ("Meeting abstract 123. Background: We asked. Methods: We did.", "123", "Background"),
        ("(P-123) Aims: We asked. Methods: We did.", "P-123", "Aims"),
        ("Abstract P-12: We asked and did it.", "P-12", None),
        ("Abstract No. 45. Objectives: We asked. Methods: We did.", "45", "Objectives"),
        # No numbers of abstracts.
        ("5 patients were seen. Results: It did. Conclusions: Good.", "", None),
        ("Abstract 5 We asked.", "", None),
        ("1990 was a year. Methods: We did. Results: It did.", "", None),
    ],
)
def test_numbers_before_texts(text: str, number: str, first: str | None) -> None:
    """In a supplement, the number before the first label is the abstract's; so is what the text calls one."""
    found = ris("JO  - Blood", "VL  - 37", "IS  - 15_suppl", "PY  - 2019", f"AB  - {text}")
    assert (found.get("number", ""), found["abstract"][0]["label"]) == (number, first)
    assert found["type"] == ("meeting-abstract" if number else "article")


def test_a_page_before_the_text() -> None:
    """Where the number is known, as page or by the DOI, it is not a part of an abstract without labels."""
    found = ris("JO  - J Clin Oncol", "VL  - 37", "IS  - 15_suppl", "SP  - 4068", "AB  - 4068 We did something.")
    assert (found["number"], found["abstract"][0]["text"]) == ("4068", "We did something.")


@pytest.mark.parametrize("text", ["4068 patients were seen.", "4068 HIV patients were seen."])
def test_a_count_before_the_text(text: str) -> None:
    """What is counted stays, also where it is the page of an article."""
    assert ris("JO  - Gut", "VL  - 63", "IS  - 7", "SP  - 4068", f"AB  - {text}")["abstract"][0]["text"] == text


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        # ASCO
        (
            "Background: A b. Methods: We did. Clinical trial information: NCT01077154. Research Sponsor: None.",
            ["Background", "Methods", "Clinical trial information", "Research Sponsor"],
        ),
        ("We saw 4 patients. Research Sponsor: Some Company.", [None, "Research Sponsor"]),
        # ESMO
        (
            "Background: A b. Methods: We did. Clinical trial identification: NCT01077154. Editorial acknowledgement: W. "
            "Legal entity responsible for the study: The authors. Funding: None. Disclosure: All have declared none.",
            [
                "Background",
                "Methods",
                "Clinical trial identification",
                "Editorial acknowledgement",
                "Legal entity responsible for the study",
                "Funding",
                "Disclosure",
            ],
        ),
        # ASH, EULAR
        (
            "Aims: A b. Results: It did. Disclosures: Doe: Some Company. Off Label Use: None. References: 1. Doe.",
            ["Aims", "Results", "Disclosures", "Off Label Use", "References"],
        ),
        ("Aims: A b. Results: It did. Supported by: The State.", ["Aims", "Results", "Supported by"]),
    ],
)
def test_what_follows_texts(text: str, labels: list[str | None]) -> None:
    """What societies print after the text has its own labels, and the number of a trial is an identifier."""
    found = ris(f"AB  - {text}")
    assert [part["label"] for part in found["abstract"]] == labels
    assert found.get("ids", {}).get("nct", []) == (["NCT01077154"] if "NCT" in text else [])


@pytest.mark.parametrize(
    ("title", "more", "wanted", "track"),
    [
        ("Do diets matter? [Oral abstracts]", "", "Do diets matter?", "Oral abstracts"),
        ("Diets matter [Poster Discussion]", "", "Diets matter", "Poster Discussion"),
        ("Diets [Gut flora]", "<prism:section>Gut flora</prism:section>", "Diets", "Gut flora"),
        ("Diets [Gut flora]", "<dc:title>Diets</dc:title>", "Diets", "Gut flora"),
        ("Uptake of [F-18]FDG", "", "Uptake of [F-18]FDG", ""),
        ("Letters of a donor [in Latin]", "", "Letters of a donor [in Latin]", ""),
    ],
)
def test_sections_behind_titles(title: str, more: str, wanted: str, track: str) -> None:
    """HighWire's feeds print the section in brackets after a title: words for one, or what another element says."""
    found = records(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/1.2/basic/">'
        f'<channel rdf:about="https://x.org/"><title>Gut</title></channel><item rdf:about="https://x.org/1"><title>{title}'
        f"</title><link>https://x.org/1</link>{more}</item></rdf:RDF>",
        "x.rdf",
    )
    assert (found[0]["title"], found[0].get("track", "")) == (wanted, track)


# --- Two dates ---------------------------------------------------------------------------------------------------------

_PUBMED = (
    "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article PubModel='Print-Electronic'><Journal>"
    "<JournalIssue><Volume>2</Volume><PubDate><Year>2014</Year><Month>Jul</Month></PubDate></JournalIssue><Title>Gut</Title>"
    "</Journal><ArticleTitle>A title</ArticleTitle><ArticleDate DateType='Electronic'><Year>2014</Year><Month>05</Month>"
    "<Day>20</Day></ArticleDate></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
)
_JATS = (
    "<article><front><journal-meta><journal-title>Gut</journal-title></journal-meta><article-meta><title-group>"
    "<article-title>A title</article-title></title-group><pub-date pub-type='epub'><day>20</day><month>5</month><year>2014"
    "</year></pub-date><pub-date pub-type='ppub'><month>7</month><year>2014</year></pub-date></article-meta></front></article>"
)
_CROSSREF = (
    '{"message": {"DOI": "10.5555/x", "type": "journal-article", "title": ["A title"], "container-title": ["Gut"], '
    '"published-print": {"date-parts": [[2014, 7]]}, "published-online": {"date-parts": [[2014, 5, 20]]}, '
    '"issued": {"date-parts": [[2014, 5, 20]]}, "publisher": "P", "prefix": "10.5555", "member": "1"}}'
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PMID- 1\nTI  - A title\nJT  - Gut\nDP  - 2014 Jul\nDEP - 20140520\nPST - ppublish\n", "a.nbib"),
        (_PUBMED, "a.xml"),
        (_JATS, "b.xml"),
        (_CROSSREF, "a.json"),
        # EndNote's export of its field “Epub Date”
        ("TY  - JOUR\nTI  - A title\nJO  - Gut\nPY  - 2014\nDA  - 2014/07//\nET  - 2014/05/20\nER  - \n", "a.ris"),
        (
            "<html><head><meta name='citation_title' content='A title'><meta name='citation_journal_title' content='Gut'>"
            "<meta name='citation_publication_date' content='2014/07'>"
            "<meta name='citation_online_date' content='2014/05/20'></head><body></body></html>",
            "a.html",
        ),
        ("1. Doe J, Roe B. A title. Gut. 2014 Jul;63(7):1-9. doi: 10.5555/x. Epub 2014 May 20.\n", "a.txt"),
    ],
)
def test_date_of_the_issue_and_date_online(text: str, name: str) -> None:
    """Both are kept, and the issue's date is the one that is cited (Citing Medicine, chapter 1)."""
    (record,) = records(text, name)
    assert (record["issued"], record["issued_online"]) == ("2014-07", "2014-05-20")


def test_one_date_is_kept_once() -> None:
    """A day that says no more than the date of the issue is not another one."""
    found = records("PMID- 1\nTI  - A title\nJT  - Gut\nDP  - 2014 May 20\nDEP - 20140520\n", "a.nbib")[0]
    assert (found["issued"], found.get("issued_online")) == ("2014-05-20", None)


def test_several_addresses_in_one_field() -> None:
    """The journal's own is found among addresses that a field holds together."""
    both = "https://www.embase.com/search/x; https://journal.example/1"
    for text in (
        f"@article{{a, title={{T x}}, journal={{Gut}}, year=2014, url={{{both}}}}}",
        f"title,authors,journal,year,url\nT x,Jane Roe,Gut,2014,{both}\nT y,Jane Roe,Gut,2014,\n",
    ):
        assert records(text)[0]["ids"]["url"] == "https://journal.example/1"


@pytest.mark.parametrize(
    ("page", "number"), [("P102", "P102"), ("OA04", "OA04"), ("A12", ""), ("S387", ""), ("e12", "")]
)
def test_pages_that_are_numbers(page: str, number: str) -> None:
    """Pages of supplements begin with S, A or e; other letters are those of abstracts' numbers."""
    assert (
        ris("JO  - Gut", "VL  - 63", "PY  - 2014", f"SP  - {page}", "M3  - Conference Abstract").get("number", "")
        == number
    )


def test_number_in_m1() -> None:
    """Web of Science has the number in M1 of what PT or M3 call a meeting abstract."""
    assert ris("VL  - 124", "IS  - 21", "M1  - 1234", "PT  - Meeting Abstract")["number"] == "1234"


def test_page_behind_a_title() -> None:
    """Neurology prints the number after the title, and counts pages by it."""
    text = "TY  - JOUR\nTI  - Gastrin in mice (P5.123)\nJO  - Neurology\nVL  - 82\nSP  - P5.123\nER  - \n"
    (found,) = records(text)
    assert (found["title"], found["number"], found["type"]) == ("Gastrin in mice", "P5.123", "meeting-abstract")


def test_names_in_bold_below_a_heading() -> None:
    """Of ASH's disclosures the names are in bold; they are not labels."""
    source = (
        "<p><b>Introduction:</b> Mice.</p><h4>Disclosures</h4><p><b>Roe:</b> <i>Some Company:</i> Employment.</p>"
        "<p><b>Poe:</b> None.</p>"
    )
    found = markup.abstract(source)
    assert [part.label for part in found] == ["Introduction", "Disclosures"]
    assert found[1].text.plain == "Roe: Some Company: Employment. Poe: None."


# --- What databases put where ------------------------------------------------------------------------------------------


def test_items_of_an_answer_on_lines() -> None:
    """An answer of Crossref with an item on each line is not JSON lines."""
    item = {"title": ["Some title"], "type": "journal-article"}
    items = ",\n".join(json.dumps({**item, "DOI": doi}) for doi in ("10.9999/1", "10.9999/2"))
    answer = f'{{"status":"ok","message-type":"work-list","message":{{"items":[\n{items}]}}}}'
    assert [record["ids"]["doi"] for record in records(answer, "x.json")] == ["10.9999/1", "10.9999/2"]


def test_accession_number_of_nlm() -> None:
    """EndNote's number of a record from NLM is PubMed's."""
    assert ris("AN  - 21553931", "DP  - NLM")["ids"]["pmid"] == "21553931"


def test_meeting_in_a_note_of_scopus() -> None:
    """Scopus has name and days of a conference among the notes."""
    note = "Export Date: 12 March 2023; Conference name: 16th Duck Symposium; Conference date: 8 July 2019 through 11 July 2019"
    assert ris(f"N1  - {note}; Conference code: 149500")["meeting"] == {
        "name": "16th Duck Symposium",
        "start": "2019-07-08",
        "end": "2019-07-11",
    }


def test_title_of_a_part_of_a_journal() -> None:
    """NLM's titles of parts have a stop in the middle; an abbreviation has more, or ends in one."""
    assert ris("JF  - Lancet. Gastroenterology & hepatology")["container"] == "Lancet. Gastroenterology & hepatology"
    assert ris("JF  - Ann. Oncol.")["container_short"]


@pytest.mark.parametrize(
    ("pages", "expected"),
    [("OR15-06", "OR15-06"), ("S12-5", "S12-S15"), ("S-122–S-123", "S-122-S-123"), ("LBA-4-LBA-4", "LBA-4")],
)
def test_numbers_in_two_parts(pages: str, expected: str) -> None:
    """A last page does not begin with a zero, and its letters may have a hyphen of their own."""
    record = ris(f"SP  - {pages}", "VL  - 4")
    assert expected in {record.get("pages"), record.get("number")}


def test_orcids_of_web_of_science() -> None:
    """OI has the ORCID iDs of authors by their names."""
    text = (
        "FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Roe, P\n   Poe, M\nAF Roe, Pilar\n   Poe, Miguel A.\n"
        "TI Ducks\nOI Roe, Pilar/0000-0002-1825-0097; \nPY 2019\nER\nEF\n"
    )
    assert [author.get("orcid") for author in records(text)[0]["authors"]] == ["0000-0002-1825-0097", None]


def test_journals_at_ovid() -> None:
    """Degrees, marks and places, the kind of the article, and journal, date, volume and pages in one line."""
    text = """<5. >
VN  - Ovid Technologies
DB  - Journals@Ovid
AU  - Roe, James A. Ph.D., FACSM 1,2,+
AU  - Poe, Wei 2,*
IN  - (1)Duck Institute, Oslo, Norway, (2)School of Geese, Bergen, Norway
TI  - Ducks in winter.  [Article]
SO  - ACTA Duck & Goose Journal January/February 2010;14(1):56-60
DI  - 10.9999/duck.1
"""
    record = records(text)[0]
    assert record["title"] == "Ducks in winter"
    assert [author["given"] for author in record["authors"]] == ["James A.", "Wei"]
    assert [author["affiliations"] for author in record["authors"]] == [[1, 2], [2]]
    assert record["affiliations"] == ["Duck Institute, Oslo, Norway", "School of Geese, Bergen, Norway"]
    place = (record[key] for key in ("container", "volume", "issue", "pages", "issued"))
    assert tuple(place) == ("ACTA Duck & Goose Journal", "14", "1", "56-60", "2010-01")
    assert record["ids"]["doi"] == "10.9999/duck.1"


def test_version_in_medline_at_ovid() -> None:
    """VI is the version of a MEDLINE record; the volume is in the source."""
    text = (
        "<1. >\nVN  - Ovid Technologies\nDB  - Ovid MEDLINE(R)\nUI  - 29459515\nTI  - Yuzu\nVI  - 1\n"
        "SO  - Journal of Oleo Science. 67(3):335-344, 2018 Mar 01.\n"
    )
    assert records(text)[0]["volume"] == "67"


def test_meeting_abstract_of_web_of_science_in_bibtex() -> None:
    """The type that Web of Science names, and its way to write a supplement to an issue."""
    text = "@article{a, Author = {Roe, Dana}, Title = {Ducks}, Journal = {Gut}, Number = {{15, S}}, Type = {{Meeting Abstract}}}"
    record = records(text)[0]
    assert (record["type"], record["issue"]) == ("meeting-abstract", "15")
    assert record["supplement"] in {"", "Suppl"}


def test_commas_inside_of_one_place() -> None:
    """A column for the institution of one author holds one place, or several between semicolons."""
    text = (
        "Abstract Number,Abstract Title,Author 1 First Name,Author 1 Last Name,Author 1 Institution\n"
        'P1,Ducks,Ann,Roe,"Duck Institute, Oslo, Norway"\nP2,Geese,Ann,Roe,"Duck Institute, Oslo; Goose House, Bergen"\n'
    )
    found = [record["affiliations"] for record in records(text, "x.csv")]
    assert found == [["Duck Institute, Oslo, Norway"], ["Duck Institute, Oslo", "Goose House, Bergen"]]


def test_preprints_of_arxiv() -> None:
    """Answers of arXiv name no server: the address of an item does."""
    text = """<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query: ducks</title><id>http://arxiv.org/api/x</id>
<entry><id>http://arxiv.org/abs/1905.09999v2</id><published>2019-05-02T17:59:59Z</published><title>Ducks</title>
<summary>We watched ducks.</summary><author><name>Ann Roe</name></author></entry></feed>"""
    record = records(text, "x.xml")[0]
    assert (record["type"], record["container"]) == ("preprint", "arXiv")


def test_nobody_and_pmc() -> None:
    """Scopus says that there is no name; PubMed's feeds have PMC numbers with a label of their own."""
    assert (
        "authors"
        not in records('"Authors","Title"\n"[No author name available]","Ducks"\n"Roe A.","Geese"\n', "x.csv")[0]
    )
    text = (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>x</title><item>'
        "<title>Ducks</title><dc:identifier>pmc:PMC7877999</dc:identifier></item></channel></rss>"
    )
    assert records(text, "x.xml")[0]["ids"]["pmcid"] == "PMC7877999"


def test_degrees_are_no_suffix() -> None:
    """Societies deposit degrees with Crossref where a suffix belongs."""
    author = {"given": "Henrik", "family": "Roe", "suffix": "MD, PhD"}
    work = {"DOI": "10.9999/1", "title": ["Some title"], "type": "journal-article", "author": [author]}
    assert records(json.dumps(work), "x.json")[0]["authors"] == [{"family": "Roe", "given": "Henrik"}]


def test_output_language_of_refworks() -> None:
    """OL is a tag of its own, not another line of the language."""
    text = "RT Journal Article\nSR Electronic(1)\nID 1\nA1 Roe,Ann\nT1 Ducks\nYR 2014\nLA English\nOL English (30)\n"
    assert records(text)[0]["language"] == "en"
