"""Numbers by which an abstract cites what it does not bring are found, reported, and left out where that is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.build import build, check
from digest.model import AbstractPart
from digest.render.deadreferences import found_dead, without_dead
from digest.text import RichText
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "found", "left"),
    [
        ("As shown before [3].", ["[3]"], "As shown before."),
        ("Two trials [3, 4], and a third [7-9], agree.", ["[3, 4]", "[7-9]"], "Two trials, and a third, agree."),
        ("It is known [3] and [4] that", ["[3] and [4]"], "It is known that"),
        ("This is rare.<sup>1,2</sup> Then", ["1,2"], "This is rare. Then"),
        ("in patients<sup>12</sup> with", ["12"], "in patients with"),
        ("outcomes are <i>poor [9]</i>.", ["[9]"], "outcomes are <i>poor</i>."),
        ("According to [3] it is", ["[3]"], "According to [3] it is"),
        ("pts (n=12) [3]", ["[3]"], "pts (n=12)"),
    ],
)
def test_citations(text: str, found: list[str], left: str) -> None:
    """A number in brackets or above the line is a citation; it is left out but where a sentence needs it as a word."""
    rich = RichText.parse(text)
    assert list(found_dead([AbstractPart(text=rich)])) == [(0, tuple(found))]
    assert without_dead(rich).source == left


@pytest.mark.parametrize(
    "text",
    [
        "5 [3-8] months",
        "median 12 months [3–8]",
        "median age, range [45-80]",
        "12% [3]",
        "95% CI [2, 8]",
        "mean 5.2 [1.1]",
        "grade [1-3]",
        "[18]F-FDG, [11]C and benzo[4,5]imidazole",
        "10<sup>3</sup> cells/m<sup>2</sup> and (mg/m)<sup>2</sup>",
        "two square meters<sup>2</sup>",
        "<sup>68</sup>Ga, CD8<sup>+</sup>, Y<sup>90</sup>, vitamin B<sup>12</sup>",
        "[1] Smith J. A title.",
        "Shown before [1]. References: 1. Smith J. A title.",
    ],
)
def test_what_is_no_citation(text: str) -> None:
    """Intervals, isotopes, powers and names of substances are none, and what comes with a list of its own is not dead."""
    assert list(found_dead([AbstractPart(text=RichText.parse(text))])) == []


def test_a_part_with_references() -> None:
    """An abstract that brings its list cites what is there."""
    parts = [
        AbstractPart(label="Background", text=RichText.parse("Shown before [1].")),
        AbstractPart(label="References", text=RichText.parse("1. Smith J. A title.")),
    ]
    assert list(found_dead(parts)) == []


def test_an_article_without_a_journal(journal: Path) -> None:
    """A journal article that cannot be printed with its journal is reported."""
    path = journal / ISSUE / "records" / "P1701.yaml"
    path.write_text("type: article\ntitle: A title\nissued: 2014\n", encoding="utf-8")
    (found,) = [problem for problem in check(journal / ISSUE) if problem.code == "no-journal"]
    assert (found.level, found.file) == ("warning", f"{ISSUE}/issue.yaml")


def test_reported_at_their_line(journal: Path) -> None:
    """A warning names the numbers and the line; with the option they are left out, which is a note."""
    path = journal / ISSUE / "records" / "P1701.yaml"
    text = path.read_text(encoding="utf-8")
    old = "contrast-enhanced CT"
    assert text.count(old) == 1
    path.write_text(text.replace(old, f"{old} [3]"), encoding="utf-8")
    (found,) = [problem for problem in check(journal / ISSUE) if problem.code == "dead-reference"]
    assert (found.level, found.file) == ("warning", f"{ISSUE}/records/P1701.yaml")
    assert text.splitlines()[(found.line or 0) - 1].strip() == "text: >-"
    assert found.message.startswith("this text cites [3], but no references come with it; say in the comment")
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("\ntheme_options:\n  dead_references: no\n")
    built = build(journal / ISSUE, formats=("html",))
    assert b"CT [3]" not in built.files["issue.html"]
    (found,) = [problem for problem in built.problems if problem.code == "dead-reference"]
    assert (found.level, found.message) == ("note", "this text cites [3], but no references come with it; left out")
