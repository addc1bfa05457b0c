"""MEDLINE's tagged text: the shapes of files, each field's oddities, and bytes of any kind."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import records
from digest.errors import Problem
from digest.sources import formats
from digest.sources.formats.medline import parse
from digest.sources.page import Outcome, Page, Parsed
from tests.conftest import files_of


def outcomes(text: str | bytes) -> list[Outcome]:
    content = text.encode() if isinstance(text, str) else text
    return list(parse(Page(content, "p.nbib", format="nbib")))


def one(text: str) -> Parsed:
    (found,) = outcomes(text)
    assert isinstance(found, Parsed), found
    return found


def field(text: str, name: str) -> Any:  # noqa: ANN401 - any JSON
    value: dict[str, Any] = json.loads(records.encode(one(text).record))
    return value.get(name)


FIELDS: dict[str, tuple[str, str, Any]] = {
    "a wrapped title": ("TI  - A title that is \n      wrapped.", "title", "A title that is wrapped"),
    "a wrapped title without its indent of six": ("TI  - A title\n  wrapped.", "title", "A title wrapped"),
    "a title in brackets": ("TI  - [In old age].\nTT  - Im Alter.", "title", "In old age"),
    "a title in its language alone": ("TI  - [Not Available].\nTT  - Im Alter.", "title", "Im Alter"),
    "a sign that is not a tag": ("TI  - p<.001 & more", "title", "p&lt;.001 &amp; more"),
    "pages that are shortened": ("TI  - T\nPG  - 454-81", "pages", "454-481"),
    "an article's number": ("TI  - T\nVI  - 5\nLID - 239 [pii]", "pages", "239"),
    "an item that is not a number": ("TI  - T\nVI  - 5\nAID - ABR-5-67x [pii]", "pages", None),
    "a month": ("TI  - T\nDP  - 2018 Apr", "issued", "2018-04"),
    "a day in numbers": ("TI  - T\nDP  - 2013 06 10", "issued", "2013-06-10"),
    "two months": ("TI  - T\nDP  - 1998 Dec-1999 Jan", "issued", "1998-12"),
    "a season": ("TI  - T\nDP  - 2009 Spring", "issued", "2009"),
    "print before electronic": ("TI  - T\nDP  - 2018 Apr\nDEP - 20170728\nPST - ppublish", "issued", "2018-04"),
    "only electronic": ("TI  - T\nDP  - 2016\nDEP - 20160419\nPST - epublish", "issued", "2016-04-19"),
    "identifiers with their kinds": (
        "PMID- 9\nTI  - T\nLID - 10.1000/A [doi]\nAID - 10.1000/A [doi]\nPMC - PMC12",
        "ids",
        {"doi": "10.1000/a", "pmid": "9", "pmcid": "PMC12"},
    ),
    "a DOI without its kind": ("TI  - T\nAID - doi:10.1000/A", "ids", {"doi": "10.1000/a"}),
    "the date of a number is not a number": ("PMID- 9\nTI  - T\nPMCR- 2019/01/01 00:00", "ids", {"pmid": "9"}),
    "a registered trial": (
        "PMID- 9\nTI  - T\nSI  - ClinicalTrials.gov/NCT01077154",
        "ids",
        {"pmid": "9", "nct": ["NCT01077154"]},
    ),
    "an ISSN with its medium": (
        "TI  - T\nIS  - 1759-8486 (Electronic)\nIS  - 1759-8478 (Linking)",
        "issn",
        "1759-8486",
    ),
    "headings and keywords": (
        "TI  - T\nMH  - Brain Ischemia/diagnostic imaging/*surgery\nMH  - *Embolization, Therapeutic\nOT  - stroke",
        "keywords",
        ["Brain Ischemia", "Embolization, Therapeutic", "stroke"],
    ),
    "a chapter": ("TI  - Papers\nBTI - Style", "type", "chapter"),
    "the book of a chapter": ("TI  - Papers\nBTI - Style", "container", "Style"),
    "a book": ("BTI - Style\nPT  - Book", "title", "Style"),
    "a meeting abstract": ("TI  - T\nPT  - Meeting Abstract", "type", "meeting-abstract"),
    "a retraction": ("TI  - T\nRIN - BMJ. 2012;1:2", "status", "withdrawn"),
    "an erratum": ("TI  - T\nEIN - BMJ. 2012;1:2", "status", "corrected"),
    "labels that run into the abstract": (
        "TI  - T\nAB  - BACKGROUND: Why. METHODS: How.\n      RESULTS: What. CONCLUSIONS: So.",
        "abstract",
        [
            {"label": "BACKGROUND", "text": "Why."},
            {"label": "METHODS", "text": "How."},
            {"label": "RESULTS", "text": "What."},
            {"label": "CONCLUSIONS", "text": "So."},
        ],
    ),
    "a copyright is not an abstract": ("TI  - T\nAB  - All.\nCI  - © 2018 X.", "abstract", [{"text": "All."}]),
    "another abstract": ("TI  - T\nAB  - All.\nOAB - Otro.", "abstract", [{"text": "All."}]),
}


@pytest.mark.parametrize(("text", "name", "expected"), FIELDS.values(), ids=FIELDS)
def test_fields(text: str, name: str, expected: object) -> None:
    """Each field becomes what it means."""
    assert field(text, name) == expected


AUTHORS: dict[str, tuple[str, list[str]]] = {
    "both forms": ("FAU - Saif, Muhammad Wasif\nAU  - Saif MW", ["/Saif/Muhammad Wasif//"]),
    "the short form": ("AU  - Saif MW\nAU  - van der Berg J", ["/Saif//MW/", "van der/Berg//J/"]),
    "the full form": ("FAU - Do, Ma\nFAU - O'Reilly, Eileen M", ["/Do/Ma//", "/O'Reilly/Eileen M//"]),
    "a suffix": ("FAU - Wise, John Pierce Sr\nAU  - Wise JP Sr", ["/Wise/John Pierce//Sr"]),
    "one name": ("FAU - Selvamani\nAU  - Selvamani", ["/Selvamani///"]),
    "a group between people": (
        "FAU - A, Bo\nAU  - A B\nCN  - ELIOS Investigators\nFAU - C, Di\nAU  - C D",
        ["/A/Bo//", "ELIOS Investigators", "/C/Di//"],
    ),
    "investigators": ("FAU - A, Bo\nAU  - A B\nFIR - No, One\nIR  - No O", ["/A/Bo//"]),
}


@pytest.mark.parametrize(("lines", "expected"), AUTHORS.values(), ids=AUTHORS)
def test_authors(lines: str, expected: list[str]) -> None:
    """People and groups come in order, with the fuller of their two forms."""
    people = field(f"TI  - T\n{lines}\n", "authors")
    keys = ("particle", "family", "given", "initials", "suffix")
    assert [one.get("literal") or "/".join(one.get(key, "") for key in keys) for one in people] == expected


def test_affiliations_stay_with_their_authors() -> None:
    """Affiliations and ORCID iDs belong to the author above them; one before all authors is the first one's."""
    text = (
        "TI  - T\nAD  - Köln\nFAU - A, Bo\nAU  - A B\nAUID- ORCID: 0000-0002-1825-0097\nAD  - Ulm, \n      Germany.\n"
        "FAU - C, Di\nAU  - C D\nAD  - Ulm, Germany\n"
    )
    assert field(text, "affiliations") == ["Köln", "Ulm, Germany"]
    people = field(text, "authors")
    assert [(one["affiliations"], one.get("orcid")) for one in people] == [([1, 2], "0000-0002-1825-0097"), ([2], None)]


SHAPES: dict[str, tuple[str, list[str]]] = {
    "parted by blank lines": ("\nPMID- 1\nTI  - A\n\nPMID- 2\nTI  - B\n", ["1 A", "2 B"]),
    "not parted": ("PMID- 1\nTI  - A\nPMID- 2\nTI  - B\n", ["1 A", "2 B"]),
    "two lines without what they promise": ("PMID- 1\nPMID- 2\nTI  - B", ["1 [Untitled]", "2 B"]),
    "a blank line within a record": ("PMID- 1\nTI  - A\n\nAB  - B\n\n      and more\n", ["1 A"]),
    "without numbers": ("OWN - ERIC\nTI  - A\n\nOWN - ERIC\nTI  - B\n", [" A", " B"]),
    "ends of lines from elsewhere": ("PMID- 1\r\nTI  - A\r\n\r\nPMID- 2\rTI  - B", ["1 A", "2 B"]),
    "sloppy tags": ("PMID-1\nTI- A\n\nPMID -2\nTI - B", ["1 A", "2 B"]),
    "no title": ("PMID- 1\nAB  - text", ["1 [Untitled]"]),
    "nothing": ("PMID-\nMH  - Female", ["!no-title"]),
    "no record": ("Some text", ["!odd-line", "!no-records"]),
}


@pytest.mark.parametrize(("text", "expected"), SHAPES.values(), ids=SHAPES)
def test_shapes_of_files(text: str, expected: list[str]) -> None:
    """Each ``PMID`` line begins a record, and so does a title after a blank line."""
    shapes = [
        f"{outcome.identifier} {outcome.record.title.plain}" if isinstance(outcome, Parsed) else f"!{outcome.code}"
        for outcome in outcomes(text)
        if isinstance(outcome, Parsed | Problem)
    ]
    assert shapes == expected
    if "!no-records" not in expected:
        assert formats.recognise(Page(text.encode(), "p")) == "nbib"


def test_lines_that_belong_to_nothing_are_reported() -> None:
    """A line that is not a field is not swallowed; a last record without its last field may be cut off."""
    found = one("PMID- 1\nOWN - NLM\nTI  - A\nwhat is this\nPG  - 1")
    assert sorted(problem.code for problem in found.problems) == ["cut-off", "odd-line"]
    assert b"what is this" in found.raw


TEXT = "\n".join(
    f"PMID- {n}\nOWN - NLM\nTI  - Über {n}\n      ways\nFAU - Saif, Wasif\nAU  - Saif W\nAB  - BACKGROUND: A. METHODS: B."
    f"\nSO  - J. 2014;1:{n}.\n"
    for n in range(1, 6)
).encode()
LINES = re.compile(r"^PMID {0,3}-", re.MULTILINE)


@given(st.integers(0, len(TEXT)), st.integers(0, 80), st.binary(max_size=8))
def test_nothing_is_lost_whatever_the_bytes(at: int, gone: int, put: bytes) -> None:
    """Bytes lost or put in anywhere: each ``PMID`` line gives a record or a problem."""
    page = Page(TEXT[:at] + put + TEXT[at + gone :], "p", format="nbib")
    found = list(parse(page))
    lines = len(re.findall(r"(?:\A|[\r\n])PMID {0,3}-", page.text))
    assert sum(isinstance(o, Parsed) or o.level == "error" for o in found if not isinstance(o, tuple)) >= lines  # type: ignore[union-attr]  # none is a deletion


@given(
    st.one_of(
        st.binary(max_size=300),
        st.from_regex(r"((PMID|TI|AU|FAU|AB|CN|AD|DP|VI|PG|LID|MH)  ?- .{0,20}\n){1,9}").map(str.encode),
    )
)
def test_any_bytes(content: bytes) -> None:
    """Any bytes give outcomes and no exception."""
    assert outcomes(content)


def test_files_lose_nothing() -> None:
    """Files give a record for each ``PMID`` line."""
    real = [f"records/{where}" for where in ("**/*.nbib", "**/*nbib*/**/*.txt", "**/*nbib*.txt")]
    for path in dict.fromkeys(files_of("nbib", *real)):
        found = list(parse(Page(path, path.name, format="nbib")))
        lines = len(LINES.findall(path.read_text(encoding="utf-8")))
        assert sum(isinstance(outcome, Parsed) for outcome in found) >= max(1, lines), path.name


def test_fields_without_a_place_are_reported() -> None:
    """A translated title, interests and grants are named once; what only the database needs is not."""
    text = (
        "PMID- 25123456\nOWN - NLM\nTI  - Ducks.\nTT  - Enten\nDP  - 2014\nCOIS- None to declare.\nGR  - R01\nSO  - x\n"
    )
    (found,) = parse(Page(text.encode(), "x.nbib", format="nbib"))
    assert isinstance(found, Parsed)
    message = "fields that were not read: TT “Enten”; COIS “None to declare.”; GR “R01”"
    assert [(problem.level, problem.message) for problem in found.problems] == [("note", message)]


@pytest.mark.parametrize(
    ("pages", "number"), [("abstract no. TuPeB4452", "TuPeB4452"), ("(abstract no. 123)", "123"), ("123-4", None)]
)
def test_the_number_in_place_of_pages(pages: str, number: str | None) -> None:
    """So NLM’s records of meetings on AIDS have it."""
    text = f"PMID- 1\nTI  - Ducks\nPG  - {pages}\nPT  - Meeting Abstract\nDP  - 2002\nTA  - Int Conf AIDS\n"
    assert field(text, "number") == number
    assert (field(text, "pages") is None) == (number is not None)
