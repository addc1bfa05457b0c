"""Pasted text: where a reference begins and ends, what is none, and the page of an article with its own authors."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import Problem
from digest.sources import Page, Parsed
from digest.sources.reflist import parse

if TYPE_CHECKING:
    from pathlib import Path

    from digest.sources import Outcome

DUCKS = "Doe J, Roe R. Ducks in vivo. J Ducks. 2014; 32(15): 60-6. [PMID:24857584]"
GEESE = "Poe A. Geese and swans. J Geese. 2012; 3(1): 5-9."


def outcomes(text: str) -> list[Outcome]:
    return list(parse(Page(text.encode("utf-8", "replace"), "pasted.txt", format="text")))


def titles(text: str) -> list[str]:
    return [outcome.record.title.plain for outcome in outcomes(text) if isinstance(outcome, Parsed)]


LISTS = {
    "lines": f"{DUCKS}\n{GEESE}\n",
    "blank lines": f"{DUCKS}\n\n{GEESE}\n",
    "numbers with a full stop": f"1. {DUCKS}\n2. {GEESE}\n",
    "numbers in brackets": f"[1] {DUCKS}\n[2] {GEESE}\n",
    "numbers in parentheses": f"(1) {DUCKS}\n(2) {GEESE}\n",
    "numbers with a parenthesis": f"1) {DUCKS}\n2) {GEESE}\n",
    "numbers and tabs": f"1\t{DUCKS}\n2\t{GEESE}\n",
    "bullets": f"• {DUCKS}\n• {GEESE}\n",
    "indented bullets": f"  - {DUCKS}\n  - {GEESE}\n",
    "a hanging indent": f"{DUCKS[:30]}\n    {DUCKS[30:]}\n{GEESE[:30]}\n    {GEESE[30:]}\n",
    "wrapped lines": f"{DUCKS[:28]}\n{DUCKS[29:]}\n{GEESE[:23]}\n{GEESE[24:]}\n",
    "wrapped lines with numbers": f"1. {DUCKS[:28]}\n{DUCKS[29:]}\n2. {GEESE[:23]}\n{GEESE[24:]}\n",
    "Windows": f"{DUCKS}\r\n{GEESE}\r\n",
    "authors and years": "Doe J and Roe R (2014) Ducks in vivo. J Ducks 32(15): 60-66.\nPoe A (2012) Geese and swans. J Geese 3(1): 5-9.\n",
    "a heading": f"References\n{DUCKS}\n{GEESE}\n",
}


@pytest.mark.parametrize("case", LISTS)
def test_references_are_found_in_lists_of_every_form(case: str) -> None:
    """Two references are two records, whatever stands before them and however lines are broken."""
    assert titles(LISTS[case]) == ["Ducks in vivo", "Geese and swans"]


def test_what_is_no_reference_is_told_once() -> None:
    """Headings and prose are named in one note; nothing is left unsaid."""
    found = outcomes(f"References\n\nDucks are birds. They swim.\n\n{DUCKS}\n")
    (note,) = (outcome for outcome in found if isinstance(outcome, Problem))
    assert note.level == "note"
    assert "“References”; “Ducks are birds. They swim.”" in note.message


def test_an_item_that_cannot_be_read_is_a_problem_with_its_line() -> None:
    """A numbered item that tells no journal and no year is one error, with its text."""
    found = outcomes(f"1. {DUCKS}\n2. ibid., in 2014\n3. {GEESE}\n")
    assert len(found) == 3
    problem = found[1]
    assert isinstance(problem, Problem)
    assert (problem.level, problem.line) == ("error", 2)
    assert "ibid., in 2014" in problem.message


def test_text_without_references_is_an_error() -> None:
    """Where nothing was found, the text itself is what could not be read."""
    (problem,) = outcomes("Ducks are birds.\n")
    assert isinstance(problem, Problem)
    assert problem.level == "error"


def test_a_journals_page_gives_the_article_and_its_references(shared: Path) -> None:
    """The seed article's page gives the article with the names that its citation had glued, and all nine references."""
    article = json.loads((shared / "seed_article.json").read_text(encoding="utf-8"))
    wanted = json.loads((shared / "seed_references.json").read_text(encoding="utf-8"))["references"]
    own, *found = (
        outcome.record
        for outcome in parse(Page(shared / "seed_page.txt", "seed_page.txt"))
        if isinstance(outcome, Parsed)
    )
    assert own.title.plain == article["title"]
    assert [(a.given, a.family) for a in own.authors] == [(a["given"], a["family"]) for a in article["authors"]]
    assert [place.plain for place in own.affiliations] == article["affiliations"]
    assert (own.container, own.volume, own.issue, own.pages) == (
        article["journal"]["title"], article["volume"], article["issue"], article["pages"],
    )  # fmt: skip
    assert list(own.keywords) == article["keywords"]
    assert own.meeting
    assert own.meeting.event_line == article["event_line"]
    assert own.abstract[0].text.plain.startswith("Pancreatic neuroendocrine tumors (pNET) are a rare malignancy.")
    assert len(found) == len(wanted)
    for record, reference in zip(found, wanted, strict=True):
        expected = reference["record"]
        assert [(a.family, a.initials) for a in record.authors] == [
            (a["family"], a.get("initials", "")) for a in expected["authors"]
        ]
        assert record.authors_truncated == expected.get("authors_truncated", False)
        # The page has lost some blanks, as the case's own notes say.
        assert record.title.plain.replace(" ", "") == expected["title"].replace(" ", "")
        assert (record.volume, record.issue, record.pages, record.number) == tuple(
            expected.get(field, "") for field in ("volume", "issue", "pages", "number")
        )
        assert expected["container_short"] in {record.container_short, record.container}
        ids = expected.get("ids", {})
        assert (record.ids.pmid, record.ids.pmcid, record.ids.nbk) == (
            ids.get("pmid"),
            ids.get("pmcid"),
            ids.get("nbk"),
        )


HOSTILE = {
    "names without end": "Doe J, " * 20_000 + "2014; 1(1): 1-2.",
    "numbers without end": "1(1): " * 20_000 + "2014",
    "one long word": "A" * 200_000 + " 2014;1:2",
    "short lines": "Doe J. 2014; 1(1): 1-2.\n" * 1_000,
    "glued names": "DoeJ" * 3_000 + " 2014; 1(1): 1-2.",
    "years": "2014 " * 600,
    "identifiers": "10.1234/" * 350 + " 2014",
    "brackets": "[abstract" * 300 + " 2014;1:1",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_read_in_time(case: str) -> None:
    """Text that is long or repeats itself takes seconds at most."""
    started = time.process_time()
    outcomes(HOSTILE[case])
    assert time.process_time() - started < 10


@given(
    st.lists(st.sampled_from([f"1. {DUCKS}", f"[2] {GEESE}", "• ibid. 2014", "References", "", "Prose. More prose."]))
)
def test_every_line_is_in_a_record_or_told(lines: list[str]) -> None:
    """Each reference gives a record, whatever stands around it."""
    found = outcomes("\n\n".join(lines))
    assert sum(isinstance(outcome, Parsed) for outcome in found) == sum(
        "PMID" in line or "Geese" in line for line in lines
    )
