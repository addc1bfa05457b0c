"""Europe PMC's JSON: whole and short answers, people, dates, kinds, errors, and values of any type."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import records
from digest.errors import DigestError, Problem
from digest.sources import formats
from digest.sources.formats.europepmc import parse
from digest.sources.page import Outcome, Page, Parsed

RESULT: dict[str, Any] = {"id": "9", "source": "MED", "pmid": "9", "title": "A trial."}


def outcomes(value: object) -> list[Outcome]:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return list(parse(Page(content, "p.json", format="europepmc-json")))


def answer(*results: object) -> dict[str, Any]:
    return {"version": "6.9", "hitCount": len(results), "resultList": {"result": list(results)}}


def field(given: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON
    (found,) = outcomes(answer({**RESULT, **given}))
    assert isinstance(found, Parsed), found
    return json.loads(records.encode(found.record)).get(name)


def test_a_saved_part_of_a_list_says_so() -> None:
    """The results that the question found beyond those of one answer are reported to be missing."""
    _, problem = outcomes({**answer(RESULT), "hitCount": 500})
    assert isinstance(problem, Problem)
    assert (problem.level, problem.code) == ("warning", "incomplete")
    assert ", 1 of 500 records;" in problem.message


CORE = {
    "volume": "32",
    "issue": "15_suppl",
    "dateOfPublication": "2014 May 20",
    "yearOfPublication": 2014,
    "journal": {"title": "Journal of clinical oncology", "medlineAbbreviation": "J Clin Oncol", "ISSN": "0732-183X"},
}
FIELDS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "a title with markup": (
        {"title": "CO<sub>2</sub> &amp; <i>E. coli</i>."},
        "title",
        "CO<sub>2</sub> &amp; <i>E. coli</i>",
    ),
    "a title in brackets": ({"title": "[In old age]."}, "title", "In old age"),
    "the day of the issue": ({"journalInfo": CORE, "firstPublicationDate": "2013-01-01"}, "issued", "2014-05-20"),
    "the supplement": ({"journalInfo": CORE}, "supplement", "Suppl"),
    "the journal": ({"journalInfo": CORE}, "container", "Journal of clinical oncology"),
    "the journal in a short answer": ({"journalTitle": "J Clin Oncol"}, "container", "J Clin Oncol"),
    "the volume in a short answer": ({"journalVolume": "32"}, "volume", "32"),
    "the ISSN in a short answer": ({"journalIssn": "0732-183X; 1527-7755; "}, "issn", "0732-183X"),
    "the year in a short answer": ({"pubYear": "2014"}, "issued", "2014"),
    "the day of the year in a short answer": (
        {"pubYear": "2014", "firstPublicationDate": "2014-07-05"},
        "issued",
        "2014-07-05",
    ),
    "pages": ({"pageInfo": "454-81"}, "pages", "454-481"),
    "identifiers": ({"doi": "10.1000/A", "pmcid": "PMC12"}, "ids", {"doi": "10.1000/a", "pmid": "9", "pmcid": "PMC12"}),
    "headings in an abstract": (
        {"abstractText": "<h4>Background</h4>Why.<h4>Methods</h4>How <sup>2</sup>."},
        "abstract",
        [{"label": "Background", "text": "Why."}, {"label": "Methods", "text": "How <sup>2</sup>."}],
    ),
    "labels in an abstract": (
        {"abstractText": "BACKGROUND: Why. METHODS: How. RESULTS: What. CONCLUSIONS: So."},
        "abstract",
        [
            {"label": "BACKGROUND", "text": "Why."},
            {"label": "METHODS", "text": "How."},
            {"label": "RESULTS", "text": "What."},
            {"label": "CONCLUSIONS", "text": "So."},
        ],
    ),
    "headings and keywords": (
        {
            "meshHeadingList": {"meshHeading": [{"descriptorName": "Embolization, Therapeutic"}]},
            "keywordList": {"keyword": ["liver"]},
        },
        "keywords",
        ["Embolization, Therapeutic", "liver"],
    ),
    "a free licence": ({"license": "cc by"}, "permission", "full"),
    "a licence that is not free": ({"license": "cc by-nc-nd"}, "permission", None),
    "a preprint": ({"source": "PPR", "id": "PPR1", "pmid": None, "doi": "10.1101/1"}, "type", "preprint"),
    "its server": ({"source": "PPR", "bookOrReportDetails": {"publisher": "bioRxiv"}}, "publisher", "bioRxiv"),
    "a chapter": (
        {"source": "NBK", "id": "NBK7", "pmid": None, "bookOrReportDetails": {"comprisingTitle": "Style"}},
        "type",
        "chapter",
    ),
    "kinds in a short answer": ({"pubType": "meeting abstract; journal article"}, "type", "meeting-abstract"),
    "a retraction": (
        {"commentCorrectionList": {"commentCorrection": [{"type": "Retraction in", "id": "77"}]}},
        "status",
        "withdrawn",
    ),
    "a registered trial": ({"abstractText": "NCT01077154."}, "ids", {"pmid": "9", "nct": ["NCT01077154"]}),
    "a number for a text": ({"pageInfo": 12, "journalVolume": 3}, "pages", "12"),
    "the language": ({"language": "ger"}, "language", "de"),
}


@pytest.mark.parametrize(("given", "name", "expected"), FIELDS.values(), ids=FIELDS)
def test_fields(given: dict[str, Any], name: str, expected: object) -> None:
    """Each field of whole and short answers becomes what it means."""
    assert field(given, name) == expected


PEOPLE: dict[str, tuple[dict[str, Any], list[str]]] = {
    "names in parts": (
        {"author": [{"fullName": "Saif MW", "firstName": "Muhammad Wasif", "lastName": "Saif", "initials": "MW"}]},
        ["/Saif/Muhammad Wasif//"],
    ),
    "a suffix that only the short form has": (
        {"author": [{"fullName": "Wise JP Sr", "firstName": "John Pierce", "lastName": "Wise"}]},
        ["/Wise/John Pierce//Sr"],
    ),
    "initials": ({"author": [{"fullName": "Saif MW", "lastName": "Saif", "initials": "MW"}]}, ["/Saif//MW/"]),
    "the short form": ({"author": [{"fullName": "van der Berg J"}]}, ["van der/Berg//J/"]),
    "a group": ({"author": [{"collectiveName": "ELIOS Investigators"}]}, ["ELIOS Investigators"]),
    "one without a list": ({"author": {"fullName": "Saif MW"}}, ["/Saif//MW/"]),
}


@pytest.mark.parametrize(("people", "expected"), PEOPLE.values(), ids=PEOPLE)
def test_authors(people: dict[str, Any], expected: list[str]) -> None:
    """People and groups keep the fullest of their forms."""
    keys = ("particle", "family", "given", "initials", "suffix")
    found = field({"authorList": people, "authorString": "Not Used X."}, "authors")
    assert [one.get("literal") or "/".join(one.get(key, "") for key in keys) for one in found] == expected


def test_authors_of_a_short_answer() -> None:
    """The printed list is read where the others are missing."""
    found = field({"authorString": "Saif MW, O'Reilly EM, ELIOS Investigators."}, "authors")
    assert [one.get("literal") or one["family"] for one in found] == ["Saif", "O'Reilly", "ELIOS Investigators"]


def test_affiliations_stay_with_their_authors() -> None:
    """Affiliations and ORCID iDs are tied to their authors."""
    places = [
        {"authorAffiliation": [{"affiliation": "Bonn;"}, {"affiliation": "Ulm."}]},
        {"authorAffiliation": [{"affiliation": "Ulm"}]},
    ]
    given = {
        "authorList": {
            "author": [
                {"fullName": "A B", "lastName": "Aa", "firstName": "B", "authorAffiliationDetailsList": places[0]},
                {
                    "lastName": "Cc",
                    "authorId": {"type": "ORCID", "value": "0000-0002-1825-0097"},
                    "authorAffiliationDetailsList": places[1],
                },
            ]
        }
    }
    assert field(given, "affiliations") == ["Bonn", "Ulm"]
    assert [(one["affiliations"], one.get("orcid")) for one in field(given, "authors")] == [
        ([1, 2], None),
        ([2], "0000-0002-1825-0097"),
    ]


SHAPES: dict[str, tuple[object, list[str]]] = {
    "a search": (answer(RESULT, {**RESULT, "id": "8", "pmid": "8"}), ["MED:9", "MED:8"]),
    "an article": ({"version": "6.9", "hitCount": 1, "result": RESULT}, ["MED:9"]),
    "a result alone": ({**RESULT, "abstractText": "A."}, ["MED:9"]),
    "results in a list": ([{**RESULT, "abstractText": "A."}], ["MED:9"]),
    "answers in a list": ([answer(RESULT), answer(RESULT)], ["MED:9", "MED:9"]),
    "nothing found": (answer(), ["!nothing-found"]),
    "an error": ({"version": "6.9", "errCode": 404, "errMsg": "Not found"}, ["!europepmc-error"]),
    "no results": (answer(RESULT, None, "x", {}), ["MED:9", "!no-record", "!no-record", "!no-title"]),
}


@pytest.mark.parametrize(("value", "expected"), SHAPES.values(), ids=SHAPES)
def test_shapes_of_answers(value: object, expected: list[str]) -> None:
    """Each result of every kind of answer gives a record or a problem, and an error is not an empty answer."""
    found = outcomes(value)
    assert [f"!{o.code}" if isinstance(o, Problem) else o.identifier for o in found] == expected
    assert formats.recognise(Page(json.dumps(value).encode(), "p")) == "europepmc-json"


def test_what_is_not_json() -> None:
    """A page that is not JSON is not an answer."""
    with pytest.raises(DigestError):
        outcomes(b'{"resultList": {"result": [')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "title",
                    "author",
                    "authorList",
                    "fullName",
                    "journalInfo",
                    "pubTypeList",
                    "pubType",
                    "doi",
                    "journal",
                    "abstractText",
                    "lastName",
                    "source",
                    "id",
                    "keywordList",
                    "keyword",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, min_size=1, max_size=4))
def test_results_in_are_records_and_problems_out(results: list[object]) -> None:
    """Whatever a result is made of, it gives one record or one problem."""
    assert len(outcomes(answer(*results))) == len(results)


@given(JSON)
def test_any_json(value: object) -> None:
    """Any JSON gives outcomes."""
    assert outcomes(value)
