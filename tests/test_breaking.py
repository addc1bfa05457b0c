"""Where pages and lines break: entries whole or with four lines on either side, no head alone, no page empty for nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from bench import pages
from digest.render import breaking, pdf
from tests.conftest import ISSUE, SAMPLE

REASONS = {
    ("book", "2"): "the next track opens with an abstract that is not cut from its head",
    ("book", "7"): "the last page of the issue",
    ("compact", "2"): "the last page of the issue",
    ("highlights", "3"): "the article after it opens with a title and a summary, which are not broken",
    ("highlights", "7"): "the next section opens with an abstract that is kept whole",
    ("highlights", "9"): "the last page of the issue",
}
STYLE = """
@page { size: 150mm 110mm; margin: 5mm; @bottom-left { content: none } }
html { font: 10pt/1.5 serif; hyphens: auto } body, p, h3 { margin: 0; font-size: 10pt } p { orphans: 2; widows: 2 }
.filler { height: HEIGHTmm } article { break-inside: avoid } .text { columns: 2 }
"""  # a page is 100 mm high: 18.9 lines of 5.29 mm
WORDS = "Patients lost weight before the meeting, and few of them ate again. "


@pytest.fixture(scope="module", params=["book", "compact", "highlights"])
def measured(request: pytest.FixtureRequest) -> tuple[str, pages.Measured]:
    return request.param, pages.measure(SAMPLE / ISSUE, request.param)


def test_pages_have_nothing_that_a_typesetter_takes_back(measured: tuple[str, pages.Measured]) -> None:
    _, found = measured
    assert found.found == {"torn": [], "lone lines": [], "lone heads": [], "hyphens": [], "rivers": []}
    assert found.rules == 0


def test_no_page_is_more_than_a_third_empty_without_a_reason(measured: tuple[str, pages.Measured]) -> None:
    theme, found = measured
    empty = {page.label for page in found.pages if page.label.isdecimal() and page.empty > 1 / 3}
    assert empty <= {label for name, label in REASONS if name == theme}


def test_an_entry_is_broken_where_text_is_on_either_side(measured: tuple[str, pages.Measured]) -> None:
    theme, found = measured
    if theme == "highlights":
        assert found.broken, "nothing of the sample is broken: this tests nothing"
        assert all(min(entry.lines) >= breaking.LINES and sum(entry.heights) > 1 / 2 for entry in found.broken)
    if theme == "compact":
        assert not found.broken


def laid_out(filler: float, words: int, *, head: int = 1, end: str = "") -> list[pages.Broken]:
    """The entries that go over pages, after a filler of some millimetres."""
    title = "".join(f"<h3>Title {n}</h3>" for n in range(head))
    entry = f"<article id='one'>{title}<div class='text'><p>{WORDS * words}</p></div>{end}</article>"
    style = STYLE.replace("HEIGHT", str(filler))
    found: list[Any] = []
    html = f"<html lang='en'><head><style>{style}</style></head><body><div class='filler'>.</div>{entry}</body></html>"
    pdf.proof(html, 1, roots=(), fonts=None, on_layout=found.append)
    return pages.broken(found[0])


@pytest.mark.parametrize(
    ("filler", "words", "head", "begins"),
    [
        (75, 8, 1, ""),  # less than half a page, a quarter is left
        (60, 8, 2, "here"),  # less than half a page, but more than a third would be left empty
        (75, 60, 1, "here"),  # more than half a page
        (88, 60, 1, "next"),  # the head is not left behind with a line or two
        (10, 8, 1, ""),  # it fits
    ],
)
def test_what_is_kept_whole(filler: float, words: int, head: int, begins: str) -> None:
    found = laid_out(filler, words, head=head)
    assert [entry.heights[0] > 0.9 for entry in found] == {"": [], "here": [False], "next": [True]}[begins]


@pytest.mark.parametrize("words", range(26, 40))
def test_four_lines_are_on_either_side(words: int) -> None:
    """The longer the text, the more of it is after the break: never one, two or three lines."""
    for entry in laid_out(20, words, end="<p>Cite as this.</p>"):
        assert min(entry.lines) >= breaking.LINES


def test_no_more_than_two_lines_in_a_row_end_with_a_hyphen() -> None:
    words = "characterization immunohistochemistry representative multidisciplinary investigational "
    style = "html { font: 10pt serif; hyphens: auto } p { width: 42mm; text-align: justify }"
    html = f"<html lang='en'><head><style>{style}</style></head><body><p>{words * 12}</p></body></html>"
    found: list[Any] = []
    pdf.proof(html, 1, roots=(), fonts=None, on_layout=found.append)
    ends = "".join("-" if line.text.rstrip().endswith(("-", "‐")) else "." for line in pages.lines_of(found[0]))
    assert max(map(len, re.findall("-+", ends))) == breaking.HYPHENS
