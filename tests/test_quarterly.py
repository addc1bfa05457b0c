"""The theme ``journal``: what shares its first page, what is next to what, on paper and on screens of any width."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from digest.build import build
from digest.preview import review
from digest.render.theme import themes
from tests.conftest import ISSUE, SAMPLE, nu_messages, violations

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from digest.render import pdf

WIDTH = 210 / 25.4 * 72  # points of A4
NOTES = WIDTH / 3  # the first of three columns ends before that


@pytest.fixture(scope="module")
def made() -> pdf.Proof:
    """The pages of the sample."""
    return review.compose(review.Version(issue=SAMPLE / ISSUE), "journal", "issue").laid_out()


@pytest.fixture(scope="module")
def page_text() -> str:
    """The sample as one HTML file."""
    return build(SAMPLE / ISSUE, ["html"], theme_name="journal").files["issue-journal.html"].decode()


def box_of(page: pypdfium2.PdfPage, text: str) -> tuple[float, float]:
    """Where the only place of a text on a page begins: from the left, and from the top."""
    words = page.get_textpage()
    place = words.search(text).get_next()
    assert place is not None, text
    left, _, _, top = words.get_charbox(place[0])
    return left, page.get_height() - top


def test_it_is_small() -> None:
    """The theme shows how far one goes in fewer than 300 lines of its own."""
    files = [path for kind in ("html", "css") for path in themes(None)["journal"].rglob(f"*.{kind}")]
    assert 0 < sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files) < 300


def test_the_first_page(made: pdf.Proof) -> None:
    """Masthead, contents and the lead story with its summary are on page 1."""
    assert (made.labels[0], made.problems, made.missing, made.fit.misfits) == ("1", (), (), ())
    assert {made.places[name][0] for name in ("content", "contents-heading", "article-radioembolization")} == {0}
    page = pypdfium2.PdfDocument(made.content)[0]
    heights = [
        box_of(page, text)[1]
        for text in ("JOP. Journal of the Pancreas", "Vol 15", "CONTENTS", "HIGHLIGHT ARTICLE", "few patients are")
    ]
    assert heights == sorted(heights)
    lines = {y for _, y in (box_of(page, text) for text in ("Vol 15", "28 July 2014", "ISSN 1590-8577"))}
    assert max(lines) - min(lines) < 2


def test_notes_are_next_to_the_abstract(made: pdf.Proof) -> None:
    """Why an abstract was chosen and the comment are in the first column, level with its text, on the same page."""
    page = pypdfium2.PdfDocument(made.content)[made.places["abstract-P1701"][0]]
    for note in ("Shows a corrected abstract", "Seventeen patients gained"):
        assert box_of(page, note)[0] < NOTES
    left, top = box_of(page, "To compare PET/CT")
    assert left > NOTES
    assert abs(top - box_of(page, "Ylvalil")[1]) < 6


def test_nothing_is_printed_twice(made: pdf.Proof) -> None:
    """An affiliation of an article that moved to the next page as a whole is there, and nowhere else."""
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made.content))
    assert text.count("Department of Supportive Oncology") == 1


def test_sections_are_numbered_alike(made: pdf.Proof) -> None:
    """A section has in its head the number that it has in the contents."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made.content)]
    for number, title in enumerate(("Neuroendocrine Tumors", "Pancreatic Adenocarcinoma", "Supportive Care"), 1):
        assert len(re.findall(rf"\b{number} {title}", "".join(pages))) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_any_screen(chromium: Browser, page_text: str, tmp_path: Path, width: int, scheme: str) -> None:
    """No screen is too narrow, axe-core finds nothing, and notes are next to the text where there is room alone."""
    file = tmp_path / "issue.html"
    file.write_text(page_text, encoding="utf-8")
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]  # "light" or "dark"
    page.goto(file.as_uri())
    try:
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") == width
        boxes = page.evaluate(
            "['.side', '.abstract'].map(name => {"
            " const box = document.querySelector(`#abstract-P1701 ${name}`).getBoundingClientRect();"
            " return [box.left, box.top, box.right, box.bottom] })"
        )
    finally:
        page.close()
    (_, _, side_right, side_bottom), (left, top, _, _) = boxes
    assert (side_right < left) == (width > 960)
    assert (side_bottom <= top) == (width < 960)


def test_valid(page_text: str, tmp_path: Path) -> None:
    """The Nu checker has nothing to say."""
    path = tmp_path / "issue.html"
    known = re.sub(r"\s*(?:hyphenate-limit-chars|text-wrap): [^;]+;", "", page_text)
    path.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", known), encoding="utf-8")
    assert [f"{m.get('lastLine')}: {m['message']} {m.get('extract', '')}" for m in nu_messages(path)] == []
