"""What format a page is in, and what is read of it when it is broken: JSON that was cut, and text in any encoding."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from digest.errors import DigestError, Problem
from digest.sources import Page, Parsed
from digest.sources.formats import FORMATS, parse, recognise
from digest.sources.page import decode, is_wide
from digest.sources.shared.jsontext import json_until_break
from tests.record_cases import run


def works(count: int) -> list[dict[str, object]]:
    """Works whose titles hold signs that might be mistaken for the beginning of a list."""
    return [
        {"DOI": f"10.1000/{n}", "title": [f'Work {n} of "items": [{{'], "author": [{"family": "Kaur", "given": "M"}]}
        for n in range(count)
    ]


ANSWERS: dict[str, tuple[str, object]] = {
    "Crossref's list": (
        "crossref-json",
        {
            "status": "ok",
            "message-type": "work-list",
            "message-version": "1.0.0",
            "message": {"facets": {}, "total-results": 3, "items": works(3)},
        },
    ),
    "works of Crossref without their answer": ("crossref-json", works(3)),
    "Europe PMC": (
        "europepmc-json",
        {
            "version": "6.9",
            "hitCount": 3,
            "resultList": {
                "result": [
                    {"id": str(n), "source": "MED", "pmid": str(n + 1), "title": f"Work {n}", "journalTitle": "Gut"}
                    for n in range(3)
                ]
            },
        },
    ),
    "CSL-JSON": ("csl-json", [{"id": n, "title": f"Work {n}", "container-title": "Gut"} for n in range(3)]),
    "CSL-JSON under items": (
        "csl-json",
        {"items": [{"id": n, "title": f"Work {n}", "container-title": "Gut"} for n in range(3)]},
    ),
    "JSON Feed": (
        "feed",
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Gut",
            "home_page_url": "https://example.org",
            "items": [{"id": str(n), "title": f"Work {n}", "url": f"https://example.org/{n}"} for n in range(3)],
        },
    ),
    "records of our own": ("json", [{"type": "article", "title": f"Work {n}"} for n in range(3)]),
}


@pytest.mark.parametrize("case", ANSWERS)
@pytest.mark.parametrize("lost", [4, 30])
def test_json_that_was_cut(case: str, lost: int) -> None:
    """The whole items before the cut are read, and one error says that the rest is lost."""
    name, value = ANSWERS[case]
    text = json.dumps(value, indent=1)
    outcomes = list(parse(page := Page(text[: text.rindex("Work 2") + 9 - lost].encode(), "cut.json")))
    assert page.format == name
    assert [outcome.record.title.plain[:6] for outcome in outcomes if isinstance(outcome, Parsed)] == [
        "Work 0",
        "Work 1",
    ]
    (problem,) = (outcome for outcome in outcomes if isinstance(outcome, Problem))
    assert (problem.level, problem.code) == ("error", "json" if name == "json" else "cut-off")


@pytest.mark.parametrize(
    "text", ['{"message": {"items": [{"DOI": "10.', '[{"title": "A', "[", '{"items": [', '{"a": ]}']
)
def test_json_without_a_whole_item(text: str) -> None:
    """Where nothing is whole the page is refused."""
    with pytest.raises(DigestError, match="not JSON"):
        json_until_break(Page(text.encode(), "x.json"))


@pytest.mark.parametrize(
    "text",
    ['{"a": "' + '\\\\"' * 200_000, '{"items":[{"a":' * 50_000, '{"items":[],' * 50_000, '"' * 300_001, "[" * 300_000],
)
def test_broken_json_takes_no_time(text: str) -> None:
    """Nothing in a broken text makes looking for its items slow."""
    begun = time.process_time()
    with pytest.raises(DigestError):
        json_until_break(Page(text.encode(), "x.json"))
    assert time.process_time() - begun < 60


TABLES = {
    "a soft line break of Word": (
        "Smith J, Lee K. First title\x0bgoes on. Gut. 2014;63:12-15.\n\nPoe E. B. Gut. 2013;4:1.\n",
        "text",
    ),
    "three people and a wrapped title": (
        "Smith J, Lee K, Roe P. A title about\nthe session number. Gut. 2014;63:12-15.\n",
        "text",
    ),
    "a wrapped title in a numbered list": ("1. Smith J, Lee K. Paper on\nducks. Gut. 2014;63:12-15.\n", "text"),
    "the authors of APA": ("Smith, J., & Lee, K. (2014). Abstract reading\nin ducks. Gut, 63, 12-15.\n", "text"),
    "names in full": ("John Smith, Ann Lee. A title of\nducks. Gut. 2014;63:12-15.\n", "text"),
    "a colon after the people": ("Smith J, Lee K: Number of\nducks. Gut 63: 12-15, 2014\n", "text"),
    "authors and a year": (
        "Smith J, Lee K (2014) A, B & C. Gut 14(Suppl 1):S12, abstract P-12\n\nKim S. D. Gut. 2014;1:2.\n",
        "text",
    ),
    "headings that are not known": ("Submission ID,Abstract name,Who\n1,Ducks,Roe\n", "csv"),
    "headings with full stops": ("Abstr. Title,Author\nDucks,Roe\n", "csv"),
    "headings that look like names": ("Event NR;Paper name;Speaker\n1;Ducks;Roe\n", "csv"),
    "headings above citations": ("Title,Authors,Citation\nDucks,Roe J,Gut 2014;63:12-15\n", "csv"),
    "a meeting's name above the headings": ("ASCO 2014 abstracts,,\nTitle,Author,Room\nDucks,Roe,1\n", "csv"),
}


@pytest.mark.parametrize("case", TABLES)
def test_references_are_not_a_table(case: str) -> None:
    """Commas between people do not make a list of references a table, whatever words are in the first line."""
    text, name = TABLES[case]
    assert recognise(Page(text.encode(), "x")) == name


TEXTS = {
    "ris": "TY  - JOUR\nTI  - Über Ärzte\nER  - \n",
    "bibtex": "@article{a, title = {Über Ärzte}, year = 2014}\n",
    "nbib": "PMID- 1\nTI  - Über Ärzte\nDP  - 2014\n",
    "csl-json": '[{"title": "Über Ärzte", "container-title": "Gut"}]',
    "csv": "Title,Authors\nÜber Ärzte,M Kaur\n",
    "refer": "%0 Journal Article\n%T Über Ärzte\n%J Gut\n",
    "isi": "FN Clarivate\nPT J\nTI Über Ärzte\nER\n",
    "json": '[{"type": "article", "title": "Über Ärzte"}]',
    "yaml": "- type: article\n  title: Über Ärzte\n",
    "pubmed-xml": "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>Über Ärzte"
    "</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>",
    "endnote-xml": "<xml><records><record><titles><title>Über Ärzte</title></titles></record></records></xml>",
    "feed": "<rss><channel><title>Gut</title><item><title>Über Ärzte</title><link>https://example.org/1</link></item>"
    "</channel></rss>",
    "jats": "<article article-type='research-article'><front><article-meta><title-group><article-title>Über Ärzte"
    "</article-title></title-group></article-meta></front></article>",
}


def test_a_json_feed_in_utf_16() -> None:
    """JSON is distinguished from XML whatever its encoding."""
    text = json.dumps(ANSWERS["JSON Feed"][1])
    outcomes = list(parse(Page(text.encode("utf-16"), "a.json")))
    assert len([outcome for outcome in outcomes if isinstance(outcome, Parsed)]) == 3


@pytest.mark.parametrize(
    "content", ["日本語の題名と著者の一覧".encode(), b"\0\1\2\3" * 100, b"a\0\0b" * 9, b"\0\0\0", b"PT J\nTI \0"]
)
def test_zeros_that_show_no_encoding(content: bytes) -> None:
    """Bytes whose zeros are anywhere are in neither encoding."""
    assert not is_wide(content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_text_in_other_letters(encoding: str) -> None:
    """A text of letters that are not Latin is known by the zeros of its tags."""
    text = "TY  - JOUR\nTI  - 膵神経内分泌腫瘍の予後に関する検討と文献的考察\nAU  - 山田, 太郎\nER  - \n"
    assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32"]
)
def test_encodings_of_sixteen_and_more_bits(name: str, encoding: str) -> None:
    """Every text format is recognised and read in UTF-16 and UTF-32, with and without a mark."""
    page = Page(TEXTS[name].encode(encoding), "a.txt")
    assert recognise(page) == name
    assert [outcome.record.title.plain for outcome in parse(page) if isinstance(outcome, Parsed)] == ["Über Ärzte"]


def test_real_records(shared: Path) -> None:
    """Each record of the real files is read as it was checked by hand, in every format."""
    assert {name: differences for name, differences in run(shared / "records") if differences} == {}


def test_own_records() -> None:
    """Each record of the seeds, our own text in every format, is read as its file says."""
    seeds = Path(__file__).parent / "seeds"
    truth = json.loads((seeds / "truth.json").read_text(encoding="utf-8"))
    assert {case["file"].partition("/")[0] for case in truth["records"]} == set(FORMATS)
    assert {name: differences for name, differences in run(seeds) if differences} == {}
