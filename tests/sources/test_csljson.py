"""CSL-JSON becomes records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.cite.bibliography import Citable, bibliography, read_citables
from digest.cite.catalogue import load
from digest.errors import DigestError, Problem
from digest.records import as_json
from digest.sources import Page, Parsed
from digest.sources.formats import csljson
from tests.conftest import files_of

if TYPE_CHECKING:
    from digest.sources.page import Outcome


def read(content: bytes | str) -> list[Outcome]:
    data = content.encode() if isinstance(content, str) else content
    return list(csljson.parse(Page(data, "some.json", format="csl-json")))


def fields(item: dict[str, Any]) -> dict[str, Any]:
    (outcome,) = read(json.dumps([item]))
    assert isinstance(outcome, Parsed), outcome
    return {**as_json(outcome.record), "type": outcome.record.type}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(
            {"title": "T", "type": "article-journal", "genre": "abstract", "number": "e15166", "page": "e15166"},
            {"type": "meeting-abstract", "number": "e15166", "pages": None},
            id="an abstract found by its number",
        ),
        pytest.param(
            {
                "title": '<i>KRAS</i> and <span style="font-variant: small-caps;">Star<sub>2</sub></span> <span class="nocase">Q</span> p < .001'
            },
            {"title": "<i>KRAS</i> and <sc>Star<sub>2</sub></sc> Q p &lt; .001"},
            id="rich text",
        ),
        pytest.param(
            {"title": "T", "issued": {"date-parts": [["2014", 5, 20, 3]]}},
            {"issued": "2014-05-20"},
            id="texts and too many parts",
        ),
        pytest.param({"title": "T", "issued": {"date-parts": [[None]]}}, {"issued": None}, id="no date"),
        pytest.param({"title": "T", "issued": {"raw": "20 May 2014"}}, {"issued": "2014-05-20"}, id="a raw date"),
        pytest.param({"title": "T", "issued": {"literal": "Spring 2014"}}, {"issued": "2014"}, id="a literal date"),
        pytest.param({"title": "T", "issued": "2014-05"}, {"issued": "2014-05"}, id="a bare date"),
        pytest.param(
            {"title": "T", "issued": {"date-parts": [[2014, 13, 45]]}}, {"issued": "2014"}, id="no such month"
        ),
        pytest.param(
            {"title": "T", "issue": "15_suppl", "volume": 32},
            {"issue": "15", "supplement": "Suppl", "volume": "32"},
            id="a supplement",
        ),
        pytest.param(
            {"title": "T", "note": "PMID: 24857584\nPMCID: PMC3700796\nregistered as NCT01077154"},
            {"ids": {"pmid": "24857584", "pmcid": "PMC3700796", "nct": ("NCT01077154",)}},
            id="variables in the note",
        ),
        pytest.param(
            {"title": "T", "DOI": "https://doi.org/10.1200/JCO.2014.1", "PMID": 24857584},
            {"ids": {"doi": "10.1200/jco.2014.1", "pmid": "24857584"}},
            id="identifiers in any spelling",
        ),
        pytest.param(
            {
                "title": "T",
                "event-title": "50th ASCO Annual Meeting",
                "event-place": "Chicago",
                "event-date": {"date-parts": [[2014, 5, 30], [2014, 6, 3]]},
            },
            {
                "meeting": {
                    "name": "50th ASCO Annual Meeting",
                    "society": "ASCO",
                    "place": "Chicago",
                    "start": "2014-05-30",
                    "end": "2014-06-03",
                }
            },
            id="a meeting",
        ),
        pytest.param(
            {"title": ["T"], "container-title": ["J"], "ISSN": ["0732-183X", "1527-7755"]},
            {"title": "T", "container": "J", "issn": "0732-183X"},
            id="lists as Crossref has them",
        ),
        pytest.param(
            {"title": "T", "keyword": "Carcinoma, Ductal; Weight"},
            {"keywords": ("Carcinoma, Ductal", "Weight")},
            id="keywords",
        ),
        pytest.param(
            {"title": "T", "abstract": "<jats:p>BACKGROUND: We saw. RESULTS: We won.</jats:p>"},
            {"abstract": ({"text": "We saw.", "label": "BACKGROUND"}, {"text": "We won.", "label": "RESULTS"})},
            id="an abstract",
        ),
    ],
)
def test_variables_become_fields(item: dict[str, Any], expected: dict[str, Any]) -> None:
    """As CSL defines them, and as programs write them."""
    found = fields(item)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            {"family": "Heide", "given": "Jan", "non-dropping-particle": "van der", "suffix": "Jr"},
            "Jan van der Heide Jr",
        ),
        ({"family": "Saif", "given": "M. W."}, "M. W. Saif"),
        ({"literal": "Beat AML Study Group"}, "Beat AML Study Group"),
        ({"literal": "ESMO"}, "ESMO"),
        ({"literal": "Trang T. Le"}, "Trang T. Le"),
        ({"family": "Beat AML Study Group"}, "Beat AML Study Group"),
        ({"given": "Plato"}, "Plato"),
        ("Saif, Wasif", "Wasif Saif"),
    ],
)
def test_names_are_read(name: object, expected: str) -> None:
    """In parts, whole, or as a bare text."""
    (outcome,) = read(json.dumps([{"title": "T", "author": [name, {"family": "others"}]}]))
    assert isinstance(outcome, Parsed)
    assert [person.full for person in outcome.record.authors] == [expected]
    assert outcome.record.authors_truncated


ITEM = {"id": "a", "title": "T"}


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ([ITEM, ITEM], 2),
        (ITEM, 1),
        ({"items": [ITEM, ITEM]}, 2),
        ({"a": ITEM, "b": ITEM}, 2),
        ({"x": [ITEM], "y": [ITEM, ITEM]}, 3),
    ],
    ids=["a list", "one item", "items", "items by their ids", "lists by names"],
)
def test_items_are_found_wherever_they_are(value: object, count: int) -> None:
    """In a list, alone, or in an object."""
    assert sum(isinstance(outcome, Parsed) for outcome in read(json.dumps(value))) == count


def test_what_comes_before_a_break_is_kept() -> None:
    """The items before the place are read, and an error reports the rest."""
    *kept, problem = read('[{"title": "A"}, {"title": "B"}, {"title": "C", "iss')
    assert [outcome.record.title.plain for outcome in kept if isinstance(outcome, Parsed)] == ["A", "B"]
    assert isinstance(problem, Problem)
    assert (problem.level, problem.code) == ("error", "cut-off")
    with pytest.raises(DigestError):
        read('{"title')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
VARIABLES = (
    "id",
    "type",
    "title",
    "author",
    "editor",
    "issued",
    "DOI",
    "URL",
    "PMID",
    "page",
    "number",
    "event",
    "event-date",
    "keyword",
    "custom",
    "note",
    "abstract",
    "ISSN",
    "container-title",
    "volume",
    "issue",
    "language",
    "genre",
)


@settings(max_examples=150)
@given(
    st.lists(
        JSON
        | st.dictionaries(
            st.sampled_from(VARIABLES),
            JSON | st.sampled_from(("T", [["a"]], {"date-parts": [[2014, "5"]]})),
            max_size=5,
        ),
        max_size=4,
    )
)
def test_items_in_are_records_and_problems_out(items: list[object]) -> None:
    """Each entry of a list gives a record or an error, whatever types its variables have."""
    outcomes = read(json.dumps(items, allow_nan=False) if _is_finite(items) else "[]")
    lost = [outcome for outcome in outcomes if isinstance(outcome, Problem) and outcome.level == "error"]
    records = [outcome for outcome in outcomes if isinstance(outcome, Parsed)]
    assert len(records) + len(lost) == (max(1, len(items)) if _is_finite(items) else 1)


def _is_finite(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def test_files_lose_nothing() -> None:
    """As many records and errors as items, in our files and those of two projects."""
    for path in files_of("csl-json", "records/more/csl_json/**/*.json"):
        value = json.loads(path.read_bytes())
        outcomes = read(path.read_bytes())
        if isinstance(value, list):
            assert len(outcomes) == max(1, len(value)), path.name


MEETING = {"event-title": "ASCO Annual Meeting 2014", "event-place": "Chicago", "number": "4021"}
ITEMS: dict[str, dict[str, Any]] = {
    "as CSL has it": {**MEETING, "author": [{"family": "Smith", "given": "J"}, {"family": "Lee", "given": "K"}]},
    "the event of CSL 1.0.1": {
        "event": "ASCO Annual Meeting 2014",
        "event-place": "Chicago",
        "number": "4021",
        "author": "Smith J and Lee K",
    },
    "an event as Crossref has it": {
        "event": {"name": "ASCO Annual Meeting 2014", "location": "Chicago"},
        "number": "4021",
        "author": ["Smith, J.", "Lee K"],
    },
}


@pytest.mark.parametrize("case", ITEMS)
def test_an_item_is_cited_as_its_record_is(case: str) -> None:
    """A bibliography of items and one of the records that are read from them say the same."""
    value = {"id": "a", "type": "paper-conference", "title": "Ducks", "issued": "2014", **ITEMS[case]}
    text = json.dumps([value])
    (found,) = (outcome for outcome in read(text) if isinstance(outcome, Parsed))
    style = load("jop-highlights")
    sources, problems = read_citables([("x.json", text)])
    entries, more = bibliography(style, sources)
    (wanted,), _ = bibliography(style, [Citable(key="a", value=found.record)])
    assert [entry.text for entry in entries] == [wanted.text]
    assert wanted.text == "Smith J, Lee K. Ducks. Abstract 4021 presented at: ASCO Annual Meeting 2014; Chicago."
    assert not problems
    assert not more
