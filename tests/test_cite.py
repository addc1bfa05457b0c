"""Citations: the seed's references exactly, numbers in the text, the societies' own forms."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

import pytest

from digest import csl, prose, strict
from digest.cite import Styles, how_to_cite, item, society_citation
from digest.cite.societies import table
from digest.errors import DigestError
from digest.model import Ids, Meeting, PartialDate, Person, Record
from digest.project import read_issue
from digest.text import RichText
from tests.conftest import ISSUE, ROOT, SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from digest.build import BuiltIssue

STYLE = "jop-highlights"


def record(**fields: object) -> Record:
    read = strict.read(json.dumps({"title": "T", **fields}), Record, "record")
    assert read.value is not None, [str(problem) for problem in read.problems]
    return read.value


def bare(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def test_seed_references(shared: Path) -> None:
    """The nine references of the seed article come out exactly, in order of citation."""
    seed = json.loads((shared / "seed_references.json").read_text(encoding="utf-8"))["references"]
    sources = {entry["id"]: record(**entry["record"]) for entry in seed}
    text = prose.parse(" ".join(f"[@{key}]" for key in sources), "f")
    cited = Styles().cite(STYLE, text.citations, sources, language="en", anchor="ref-")
    assert [reference.text for reference in cited.references] == [entry["expected"] for entry in seed]
    assert [bare(reference.html) for reference in cited.references] == [entry["expected"] for entry in seed]


def test_seed_references_in_the_sample(shared: Path, built: BuiltIssue) -> None:
    """The same nine are in the sample issue, numbered one to nine."""
    seed = json.loads((shared / "seed_references.json").read_text(encoding="utf-8"))["references"]
    page = built.files["issue.html"].decode()
    (section,) = re.findall(r'id="article-radioembolization-references">(.*?)</ol>', page, re.DOTALL)
    assert [bare(line) for line in re.findall(r"</span> (.*?)</li>", section, re.DOTALL)] == [
        entry["expected"] for entry in seed
    ]


def test_seed_how_to_cite(shared: Path, built: BuiltIssue) -> None:
    """The line “How to cite” is the published one, corrected."""
    seed = json.loads((shared / "seed_article.json").read_text(encoding="utf-8"))
    page = bare(built.files["issue.html"].decode())
    assert f"How to cite {seed['how_to_cite']}" in page
    assert seed["event_line"] in page


def test_seed_article(shared: Path) -> None:
    """The sample's article has the facts of the published one, and no others."""
    seed = json.loads((shared / "seed_article.json").read_text(encoding="utf-8"))
    issue = read_issue(SAMPLE / ISSUE)
    head = issue.articles["radioembolization"].head
    assert issue.publication.title == seed["journal"]["title"]
    assert issue.publication.issn == seed["journal"]["issn"]
    assert (issue.head.volume, issue.head.number, str(issue.head.date)) == (seed["volume"], seed["issue"], seed["date"])
    assert (head.title.plain, head.label.upper(), head.pages) == (seed["title"], seed["label"], seed["pages"])
    assert [(person.given, person.family) for person in head.authors] == [
        (a["given"], a["family"]) for a in seed["authors"]
    ]
    assert [text.plain for text in head.affiliations] == seed["affiliations"]
    assert list(head.keywords) == seed["keywords"]


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("[@a]", ["[1]"]),
        ("[@a; @b]", ["[1, 2]"]),
        ("[@a; @b; @c]", ["[1-3]"]),
        ("[@a] [@b] [@c] [@a; @b; @c; @e]", ["[1]", "[2]", "[3]", "[1-4]"]),
        ("[@a] [@b] [@c; @a]", ["[1]", "[2]", "[1, 3]"]),
        ("[@a] [@b; @c; @d] [@a; @c; @d; @e]", ["[1]", "[2-4]", "[1, 3-5]"]),
        ("[@a, p. 3] [@b; @a]", ["[1, p. 3]", "[1, 2]"]),
        ("[@a, pp. 3-5]", ["[1, pp. 3-5]"]),
        ("[see @a]", ["[see 1]"]),
    ],
)
def test_numbers_in_the_text(text: str, printed: list[str]) -> None:
    """Numbers follow the order of citation, sorted in their brackets, three and more as a range."""
    sources = {key: record(authors=[{"family": key.upper()}], issued="2014") for key in "abcde"}
    cited = Styles().cite(STYLE, prose.parse(text, "f").citations, sources, language="en", anchor="ref-")
    assert [bare(citation) for citation in cited.citations] == printed


@pytest.mark.parametrize(
    ("style", "labels", "beginning"),
    [
        (STYLE, ["1.", "2."], "A"),
        ("the-lancet", ["1", "2"], "A"),
        ("apa", ["", ""], "A"),
        ("nlm-citation-sequence", ["1.", "2."], "A"),
    ],
)
def test_labels_of_references(style: str, labels: list[str], beginning: str) -> None:
    """A reference has one number: ours, or the one that the style prints, or none where the style has none."""
    sources = {key: record(authors=[{"family": f"A{key}"}], issued="2014", type="article") for key in "ab"}
    cited = Styles().cite(style, prose.parse("[@a; @b]", "f").citations, sources, language="en", anchor="ref-")
    assert [reference.label for reference in cited.references] == labels
    assert all(reference.text.startswith(beginning) for reference in cited.references)


def test_numbers_are_links() -> None:
    """A number leads to its reference, an identifier to its registry, and nothing can be smuggled in."""
    sources = {"a": record(title="x &lt;script&gt; <i>y</i>", ids={"pmid": "24857584"}, issued="2014")}
    cited = Styles().cite(STYLE, prose.parse("[@a]", "f").citations, sources, language="en", anchor="ref-")
    assert str(cited.citations[0]) == '[<a href="#ref-a">1</a>]'
    assert 'PMID:<a href="https://pubmed.ncbi.nlm.nih.gov/24857584/">24857584</a>' in str(cited.references[0].html)
    assert "<script>" not in cited.references[0].html
    assert "<i>y</i>" in cited.references[0].html


FORMS = [
    (
        {"container_short": "Gut", "issued": "2014", "volume": "1", "type": "article", "ids": {"doi": "10.1000/x.y"}},
        "T. Gut. 2014; 1. [DOI:10.1000/x.y]",
    ),
    (
        {
            "authors": [{"family": "Au", "given": "Bo"}],
            "container": "Pancreas Book",
            "type": "chapter",
            "publisher": "P",
            "issued": "2014",
            "pages": "3-9",
            "editors": [{"family": "Ed", "given": "Ann"}],
        },
        "Au B. T. In: Ed A, ed. Pancreas Book. P; 2014: 3-9.",
    ),
    ({"type": "book", "publisher": "P", "issued": "2014"}, "T. P; 2014."),
    ({"type": "web", "ids": {"url": "https://example.org/x"}}, "T. https://example.org/x."),
    (
        {"authors": [{"literal": "Beat AML Study Group"}], "container_short": "Blood", "issued": "2021"},
        "Beat AML Study Group. T. Blood. 2021; 138(Suppl 1).",
    ),
    (
        {
            "authors": [{"family": f"A{n}", "given": "Bo"} for n in range(9)],
            "type": "article",
            "container_short": "Gut",
            "issued": "2014",
        },
        "A0 B, A1 B, A2 B, A3 B, A4 B, A5 B, A6 B, et al. T. Gut. 2014.",
    ),
    (
        {
            "authors": [{"family": "Berg", "particle": "van den", "given": "Anna Bo", "suffix": "Jr"}],
            "type": "article",
            "container_short": "Gut",
        },
        "van den Berg AB Jr. T. Gut.",
    ),
    (
        {
            "authors": [{"family": "Kuo", "initials": "JH"}],
            "authors_truncated": True,
            "type": "article",
            "container_short": "Gut",
        },
        "Kuo JH, et al. T. Gut.",
    ),
    ({}, "T."),
]


@pytest.mark.parametrize(("fields", "expected"), FORMS)
def test_house_style(fields: dict[str, object], expected: str) -> None:
    """Other kinds of publications in the house style."""
    cited = Styles().cite(
        STYLE, prose.parse("[@a]", "f").citations, {"a": record(**fields)}, language="en", anchor="ref-"
    )
    assert cited.references[0].text == expected


ASCO = {"society": "ASCO", "name": "Annual Meeting"}
SOCIETIES = [
    (
        {"meeting": ASCO, "container_short": "J Clin Oncol", "volume": "32", "issued": "2014", "number": "e15166"},
        "J Clin Oncol 32, 2014 (suppl; abstr e15166)",
    ),
    (
        {
            "meeting": ASCO,
            "container_short": "J Clin Oncol",
            "volume": "32",
            "supplement": "5s",
            "issued": "2014",
            "number": "8031",
        },
        "J Clin Oncol 32:5s, 2014 (suppl; abstr 8031)",
    ),
    (
        {"meeting": ASCO, "container_short": "J Clin Oncol", "volume": "33", "issued": "2015", "number": "TPS5608"},
        "J Clin Oncol 33, 2015 (suppl; abstr TPS5608)",
    ),
    (
        {
            "meeting": ASCO,
            "container_short": "J Clin Oncol",
            "volume": "39",
            "supplement": "15",
            "issued": "2021",
            "number": "TPS595",
        },
        "J Clin Oncol 39, 2021 (suppl 15; abstr TPS595)",
    ),
    (
        {
            "meeting": {"society": "ASH", "name": "ASH"},
            "container_short": "Blood",
            "volume": "138",
            "supplement": "1",
            "issued": "2021",
            "number": "1161",
        },
        "Blood (2021) 138 (Supplement 1): 1161",
    ),
    (
        {"container_short": "Gut", "volume": "63", "supplement": "1", "issued": "2014", "number": "OC-01"},
        "Gut 2014;63(Suppl 1):abstr OC-01",
    ),
    ({"container": "Gut", "issued": "2014", "number": "7"}, "Gut 2014;63:abstr 7"),
    ({"container": "Gut", "number": "7"}, ""),
    ({"container": "Gut", "issued": "2014"}, ""),
    ({"type": "article", "container": "Gut", "issued": "2014", "number": "7"}, ""),
]


@pytest.mark.parametrize(("fields", "expected"), SOCIETIES)
def test_society_citation(fields: dict[str, object], expected: str) -> None:
    """Each society's own form, by its year."""
    assert society_citation(record(**fields)) == expected


def test_every_row_has_its_source() -> None:
    """Each form of the table says where it was seen."""
    assert len(table()) >= 6
    assert all(row.source for row in table())


def test_how_to_cite() -> None:
    """APA's form, with two authors and with one."""
    two = Record(
        type="article",
        title=RichText.parse("Of <i>x</i>"),
        container="JOP",
        volume="15",
        issue="4",
        pages="332-334",
        ids=Ids(doi="10.1/x"),
        authors=(Person(family="John", given="Preethi K"), Person(family="Saif", given="Muhammad Wasif")),
        issued=PartialDate(2014, 7, 28),
    )
    assert (
        how_to_cite(Styles(), two, "en").text
        == "John, P. K., & Saif, M. W. (2014). Of x. JOP, 15(4), 332-334. https://doi.org/10.1/x"
    )


def test_item_of_a_meeting_abstract() -> None:
    """A meeting abstract is an article in a journal whose genre says what it is; house variables are for house styles."""
    abstract = Record(
        title=RichText.parse("CD8<sup>+</sup> &lt; 3"),
        container_short="J Clin Oncol",
        volume="32",
        number="e15166",
        issued=PartialDate(2014),
        authors=(Person(family="Patel", initials="RS"),),
        authors_truncated=True,
        ids=Ids(pmid="1"),
        meeting=Meeting(name="ASCO 2014", society="ASCO", start=PartialDate(2014, 5, 30), end=PartialDate(2014, 6, 3)),
    )
    plain = item(abstract, "k")
    assert plain == {
        "id": "k",
        "type": "article-journal",
        "genre": "abstract",
        "title": "CD8<sup>+</sup> < 3",
        "page": "e15166",
        "author": [{"family": "Patel", "given": "R. S."}, {"family": "others"}],
        "container-title": "J Clin Oncol",
        "container-title-short": "J Clin Oncol",
        "volume": "32",
        "issue": "15 Suppl",
        "number": "e15166",
        "issued": {"date-parts": [[2014]]},
        "event-title": "ASCO 2014",
        "event-date": {"date-parts": [[2014, 5, 30], [2014, 6, 3]]},
        "PMID": "1",
    }
    house = item(abstract, "k", house=True)
    assert {name: house[name] for name in house.keys() - plain.keys()} == {
        "source": "J Clin Oncol 32, 2014 (suppl; abstr e15166)",
        "archive": "PMID",
        "archive_location": "1",
        "authority": "ASCO",
        "part-title": "J. Clin. Oncol.",
        "medium": "suppl",
    }


@pytest.mark.parametrize("name", ["jop-highlights", "jop-how-to-cite"])
def test_house_styles_are_sound(name: str) -> None:
    """Our own styles have no mistakes."""
    assert csl.check(ROOT / "digest" / "cite" / "styles" / f"{name}.csl") == ()


def test_unknown_style(tmp_path: Path) -> None:
    """An unknown style is reported with the nearest name; a broken one with its line."""
    with pytest.raises(DigestError, match="did you mean “jop-highlights”"):
        Styles(tmp_path).load("jop-highlight")
    (tmp_path / "broken.csl").write_text("<style>\n<citation>\n</style>", encoding="utf-8")
    with pytest.raises(DigestError, match=r"broken\.csl:\d"):
        Styles(tmp_path).load("broken.csl")
    with pytest.raises(DigestError, match="unknown citation style"):
        Styles(tmp_path / "sub").load("../broken.csl")


def test_an_abstract_that_was_only_presented_keeps_its_number() -> None:
    """What is in no journal is found by its number, which every style of ours prints with the meeting."""
    meeting = Meeting(
        name="50th Invented Meeting", place="Chicago, IL", start=PartialDate(2014, 5, 30), end=PartialDate(2014, 6, 3)
    )
    record = Record(
        type="meeting-abstract", title=RichText.parse("Geese"), number="4105", meeting=meeting, issued=PartialDate(2014)
    )
    for style in (path.stem for path in (ROOT / "digest" / "cite" / "styles").glob("meeting-*.csl")):
        done = Styles(ROOT).cite(
            style, [prose.Citation(cites=(prose.Cite(key="a"),), line=1)], {"a": record}, language="en", anchor=""
        )
        assert re.search(r"Abstract 4105\W.*50th Invented Meeting", done.references[0].text), style
