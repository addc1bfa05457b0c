"""PubMed's “Abstract (text)” as it is saved and pasted: where a record begins, and what each paragraph is."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import Problem
from digest.records import as_json
from digest.sources import Outcome, Page, Parsed, parse, recognise

DUCKS = """1. Pancreas. 2014 Nov-Dec;43(8):1350-5. doi: 10.1097/MPA.0000000000000221. Epub
2014 Oct 1.

The effect of number, session and water on ducks: a study
that goes on.

Smith JA Jr(1), de la Cruz M(2)(3), Meier K(1); ESPAC Group.

Author information:
(1)Univ A, Boston,
MA.
(2)Univ B.
(3)Univ C.

BACKGROUND: Ducks swim.
METHODS: We counted
2. things.
CONCLUSIONS: Good.

Copyright © 2014 Ducks Ltd.

DOI: 10.1097/MPA.0000000000000221
PMCID: PMC4000000
PMID: 25123456 [Indexed for MEDLINE]

Conflict of interest statement: None.
"""
GEESE = """2. J Clin Oncol. 2014 May 20;32(15_suppl):4021. doi: 10.1200/jco.2014.32.15_suppl.4021.

Geese.

Lee K(1).

Author information:
(1)Seoul.

4021 Background: Geese fly. Methods: Bar.

PMID: 28142346
"""


def outcomes(text: str) -> list[Outcome]:
    return list(parse(Page(text.encode("utf-8", "replace"), "abstract.txt")))


def records(text: str) -> list[dict[str, Any]]:
    return [as_json(outcome.record) for outcome in outcomes(text) if isinstance(outcome, Parsed)]


TEXTS = {
    "as it is saved": f"\n{DUCKS}\n\n{GEESE}\n",
    "with one blank line between": f"{DUCKS}\n{GEESE}",
    "Windows": f"{DUCKS}\n\n{GEESE}".replace("\n", "\r\n"),
    "in a mail": f"Dear Ann,\n\nthese are they:\n\n{DUCKS}\n\n{GEESE}\n\nAll the best",
    "blank lines with blanks": f"{DUCKS}\n\n{GEESE}".replace("\n\n", "\n \t\n"),
    "numbers with colons": f"{DUCKS}\n\n{GEESE}".replace("1. Panc", "1: Panc").replace("2. J", "2: J"),
    "a selection": f"{DUCKS}\n\n{GEESE}".replace("1. Panc", "17. Panc").replace("2. J", "40. J"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_every_record_is_read_whole(case: str) -> None:
    """Citation, title, people with their places, abstract and numbers, whatever is between two records."""
    assert recognise(Page(TEXTS[case].encode(), "x")) == "text"
    ducks, geese = records(TEXTS[case])
    wanted = {
        "title": "The effect of number, session and water on ducks: a study that goes on",
        "container": "Pancreas",
        "volume": "43",
        "issue": "8",
        "pages": "1350-1355",
        "issued": "2014-11",
        "ids": {"doi": "10.1097/mpa.0000000000000221", "pmid": "25123456", "pmcid": "PMC4000000"},
        "affiliations": ("Univ A, Boston, MA", "Univ B", "Univ C"),
        "authors": (
            {"family": "Smith", "initials": "JA", "suffix": "Jr", "affiliations": (1,)},
            {"family": "Cruz", "particle": "de la", "initials": "M", "affiliations": (2, 3)},
            {"family": "Meier", "initials": "K", "affiliations": (1,)},
            {"literal": "ESPAC Group"},
        ),
        "abstract": (
            {"label": "BACKGROUND", "text": "Ducks swim."},
            {"label": "METHODS", "text": "We counted 2. things."},
            {"label": "CONCLUSIONS", "text": "Good."},
        ),
    }
    assert {name: ducks.get(name) for name in wanted} == wanted
    assert (geese["type"], geese["number"], geese["title"], geese["issued"]) == (
        "meeting-abstract",
        "4021",
        "Geese",
        "2014-05-20",
    )
    assert [part["label"] for part in geese["abstract"]] == ["Background", "Methods"]


HEAD, NUMBER = "1. Gut. 2014 May 20;63(5):1-5.\n\n", "\n\nPMID: 25123456\n"
PARAGRAPHS: dict[str, tuple[str, dict[str, Any]]] = {
    "a title alone": ("Ducks.", {"title": "Ducks", "authors": None, "abstract": None}),
    "nobody": (
        "Ducks.\n\nThey swim, and that well, all day.",
        {"authors": None, "abstract": ({"text": "They swim, and that well, all day."},)},
    ),
    "no abstract": (
        "Ducks.\n\nLee K, Roe B.",
        {"authors": ({"family": "Lee", "initials": "K"}, {"family": "Roe", "initials": "B"}), "abstract": None},
    ),
    "a place without a mark": (
        "Ducks.\n\nLee K.\n\nAuthor information:\nUniv A,\nTown.",
        {"affiliations": ("Univ A, Town",), "authors": ({"family": "Lee", "initials": "K", "affiliations": (1,)},)},
    ),
    "in German": ("[Ducks].\n\n[Article in German]\n\nLee K.", {"title": "Ducks", "language": "de"}),
    "withdrawn": (
        "Ducks.\n\nLee K.\n\nRetraction in\n    Gut. 2015 Jan;64(1):1.",
        {"status": "withdrawn", "abstract": None},
    ),
    "two paragraphs": (
        "Ducks.\n\nLee K.\n\nDucks swim.\n\nThey fly.",
        {"abstract": ({"text": "Ducks swim. They fly."},)},
    ),
}


@pytest.mark.parametrize("case", PARAGRAPHS)
def test_each_paragraph_is_what_it_is(case: str) -> None:
    """People, places and the abstract may be missing; what is linked is not part of the abstract."""
    text, wanted = PARAGRAPHS[case]
    (record,) = records(HEAD + text + NUMBER)
    assert record["ids"] == {"pmid": "25123456"}
    assert {name: record.get(name) for name in wanted} == wanted


CITATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "a supplement": ("Ann Oncol. 2014 Sep;25 Suppl 4:iv210.", {"volume": "25", "supplement": "4", "pages": "iv210"}),
    "online alone": (
        "Gut. 2014 Oct 3:gutjnl-2014-1. doi: 10.1136/gutjnl-2014-1. Online ahead of print.",
        {"issued": "2014-10-03", "pages": "gutjnl-2014-1", "ids": {"doi": "10.1136/gutjnl-2014-1", "pmid": "25123456"}},
    ),
    "no issue": ("Gut. 2014;63:1-5.", {"volume": "63", "issue": None, "pages": "1-5", "issued": "2014"}),
    "a journal with a place": (
        "Pancreatology (Oxf). 2014 Jan;14(1 Suppl):S1. eCollection 2014.",
        {"container_short": "Pancreatology (Oxf)", "volume": "14", "issue": "1", "pages": "S1"},
    ),
}


@pytest.mark.parametrize("case", CITATIONS)
def test_citations(case: str) -> None:
    """The journal's line in all its forms."""
    line, wanted = CITATIONS[case]
    (record,) = records(f"1. {line}\n\nDucks.\n\nLee K.{NUMBER}")
    assert {name: record.get(name) for name in wanted} == wanted


def test_what_is_left_out_is_reported() -> None:
    """Rights and interests are not part of the abstract, and are named."""
    (found,) = (outcome for outcome in outcomes(DUCKS) if isinstance(outcome, Parsed))
    assert [problem.code for problem in found.problems] == ["tail", "tail"]


@given(st.lists(st.sampled_from([*DUCKS.split("\n\n"), *GEESE.split("\n\n"), "1. Gut. 2014;1:2.", "2. ", "PMID: 1"])))
def test_nothing_breaks_it(blocks: list[str]) -> None:
    """Paragraphs in any order give records or problems."""
    for outcome in parse(Page("\n\n".join(["1. Gut. 2014;63:1.", *blocks, "PMID: 5"]).encode(), "x", format="text")):
        assert isinstance(outcome, Parsed | Problem)


@pytest.mark.parametrize("piece", ["1. Gut. 2014;", "Lee K(1), ", "(1)A\n", "A. ", "\n\n2. A. 2014;1:", "PMID: 1\n\n"])
def test_it_takes_no_time(piece: str) -> None:
    """Long texts are read in a time that grows with their length."""
    begun = time.process_time()
    list(parse(Page((HEAD + piece * (300_000 // len(piece)) + NUMBER).encode(), "x", format="text")))
    assert time.process_time() - begun < 50


def test_a_mail_around_it_is_reported() -> None:
    """What comes before the first citation and after the last number is in no record, and is named."""
    before, ducks = outcomes(f"Dear Ann,\n\n{DUCKS}\nAll the best\n")
    assert isinstance(before, Problem)
    assert "Dear Ann" in before.message
    assert isinstance(ducks, Parsed)
    assert (ducks.problems[0].line, "All the best" in ducks.problems[-1].message) == (3, True)
