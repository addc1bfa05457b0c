"""Tables, figures and code on paper: nothing is cut, what does not fit is helped and reported with its line."""

from __future__ import annotations

import base64
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from digest import picture
from digest.build import BuiltIssue, build
from digest.render import fitting, pdf
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from digest.errors import Problem

FONTS = ROOT / "templates" / "highlights" / "fonts" / "fonts.conf"
HEAD = """---
title: A Small Article
authors:
  - {given: Octavia P, family: Hollowmere}
summary: One sentence.
---

## Introduction

"""
TEXT = "Weight loss often comes before the diagnosis, and what is lost is not fat alone. Patients value strength. "
ISSUE_FILE = """date: 2014-07-28
volume: 15
number: 4
title: Highlights
first_page: 1
sections:
  - title: Part One
    entries:
      - article: stress
  - title: Part Two
    entries:
      - record: e310
        comment: |
          A comment.
"""


def table(columns: int, rows: int, caption: str = "", *, cell: str = "{:.2f} (0.61 to 1.89)") -> str:
    """A table of Markdown whose first cells are ``Row 1`` and so on."""
    heads = ["Item", *(f"Column heading {n}" for n in range(1, columns))]
    lines = [f"Table: {caption}\n"] if caption else []
    lines += [f"| {' | '.join(heads)} |", f"|{'---|' * columns}"]
    lines += [
        f"| {' | '.join([f'Row {r}', *(cell.format(r * c * 1.37) for c in range(1, columns))])} |"
        for r in range(1, rows + 1)
    ]
    return "\n".join(lines) + "\n\n"


def publication(journal: Path, article: str, *, comment: str = "", css: str = "", head: str = HEAD) -> Path:
    """The folder of an issue with one article and one abstract, whose comment goes on with a text."""
    (journal / "digest.yaml").write_text(
        "title: JOP. Journal of the Pancreas\ntheme_options: {indexes: no, contents: no, cover: no}\n", "utf-8"
    )
    issue = journal / ISSUE
    for path in (*(issue / "articles").iterdir(), *(issue / "records").iterdir()):
        if path.stem != "e310":
            path.unlink()
    more = "".join(f"          {line}\n" if line else "\n" for line in comment.splitlines())
    (issue / "issue.yaml").write_text(ISSUE_FILE + ("\n" + more if more else ""), "utf-8")
    (issue / "articles" / "stress.md").write_text(head + article, "utf-8")
    custom = journal / "overrides" / "css" / "custom.css"
    custom.parent.mkdir(parents=True, exist_ok=True)
    custom.write_text(css, "utf-8")
    return issue


def made(folder: Path, theme: str = "highlights") -> tuple[BuiltIssue, pypdfium2.PdfDocument, list[Problem]]:
    """The issue, its pages, and what was said about things that do not fit."""
    built = build(folder, ("pdf",), theme_name=theme)
    content = next(content for name, content in built.files.items() if name.endswith(".pdf"))
    kinds = {"too-wide", "too-high", "fitted"}
    return built, pypdfium2.PdfDocument(content), [problem for problem in built.problems if problem.code in kinds]


def words(document: pypdfium2.PdfDocument) -> str:
    """The text of all pages, without what ends lines."""
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def turned(document: pypdfium2.PdfDocument) -> list[int]:
    """The numbers of the pages that are wider than high, counted from 0."""
    return [n for n, page in enumerate(document) if page.get_width() > page.get_height()]


def outside(document: pypdfium2.PdfDocument) -> list[str]:
    """Letters that leave the paper."""
    found = []
    for page in document:
        text = page.get_textpage()
        for n in range(text.count_chars()):
            left, _, right, _ = text.get_charbox(n)
            if right > page.get_width() or left < 0:
                found.append(text.get_text_range(n, 1))
    return found


# -- tables ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["highlights", "book"])
def test_a_table_of_sixteen_columns_is_turned(journal: Path, theme: str) -> None:
    """It is on a landscape page, a line leads to it, the text runs on, and the warning names its line."""
    issue = publication(journal, TEXT + "\n\n" + table(16, 7, "Sixteen columns") + TEXT * 3)
    _, document, problems = made(issue, theme)
    (page,) = turned(document)
    assert "Sixteen columns" in document[page].get_textpage().get_text_range()
    assert re.search(r"Sixteen columns\s*→\s*\d", words(document))
    assert not outside(document)
    (problem,) = problems
    assert (problem.level, problem.code, problem.line) == ("warning", "fitted", 14)
    assert problem.file == "issues/2014-07-28/articles/stress.md"


def test_an_editors_page_for_a_table(journal: Path) -> None:
    """A rule `page:` of the editor's own is followed, although the table was inside of columns; nothing is reported."""
    css = "@media print { @page mine { size: A4 landscape; } .table-frame.wide { page: mine; } }"
    _, document, problems = made(publication(journal, table(16, 7, "Sixteen columns") + TEXT, css=css))
    assert len(turned(document)) == 1
    assert not outside(document)
    assert problems == []


@pytest.mark.parametrize("theme", ["highlights", "book"])
def test_a_table_that_the_editor_turns(journal: Path, theme: str) -> None:
    """`{landscape}` after the caption turns the page, with the notes of the table, and is not printed."""
    text = TEXT * 20 + "\n\n" + table(4, 3, "Turned {landscape}") + "Note: a Adjusted for age.\n\n" + TEXT * 20
    _, document, problems = made(publication(journal, text), theme)
    (page,) = turned(document)
    assert re.search(r"Turned\s.*Row 3.*a Adjusted for age\.", words(document), re.DOTALL)
    assert "Adjusted" in document[page].get_textpage().get_text_range()
    assert "{" not in words(document)
    assert problems == []


def test_thirty_columns_are_printed_in_parts(journal: Path) -> None:
    """Too wide for a turned page: parts that repeat the first column, each with the caption; no cell is lost."""
    _, document, problems = made(publication(journal, table(30, 5, "Thirty columns") + TEXT))
    text = words(document)
    parts = int(re.findall(r"in (\d) parts", problems[0].message)[0])
    assert text.count("Row 5") == parts > 1
    assert text.count("Thirty columns (continued)") == parts - 1
    assert all(re.search(rf"\b{n * 5 * 1.37:.2f}\b", text) for n in range(1, 30))
    assert not outside(document)


@pytest.mark.parametrize(
    ("theme", "how"), [("book", "turned page"), ("compact", "as wide as the page"), ("journal", "turned page")]
)
def test_a_table_in_a_comment(journal: Path, theme: str, how: str) -> None:
    """A table of a comment leaves its narrow column; the warning leads to its line in issue.yaml."""
    issue = publication(journal, TEXT, comment=table(16, 3, "Sixteen columns"))
    _, document, (problem,) = made(issue, theme)
    assert how in problem.message
    assert (problem.file, problem.line) == ("issues/2014-07-28/issue.yaml", 18)
    assert not outside(document)
    assert "Row 3" in words(document)


@pytest.mark.parametrize(("columns", "rows"), [(3, 89), (5, 120)])
def test_a_long_table_goes_on(journal: Path, columns: int, rows: int) -> None:
    """Its caption and head are repeated in each column or page, “continued” from the second on; no row is lost."""
    _, document, problems = made(publication(journal, TEXT + "\n\n" + table(columns, rows, "A long table") + TEXT))
    text = words(document)
    assert re.findall(r"Row (\d+)", text) == [str(n) for n in range(1, rows + 1)]
    assert text.count("A long table (continued)") == text.count("A long table") - 1 > 0
    assert text.index("A long table (continued)") > text.index("Row 1")
    assert problems == []


def test_other_tables_stay_as_they_are(journal: Path) -> None:
    """A table that fits is laid out as it was typed; `{column}` keeps one of four columns in its column."""
    text = table(4, 3, "Kept {column}", cell="{:.1f}") + table(3, 3, "Small", cell="{:.1f}") + TEXT * 30
    _, document, problems = made(publication(journal, text))
    page = document[0] if "Kept" in document[0].get_textpage().get_text_range() else document[1]
    found = page.get_textpage().search("Column heading 3").get_next()
    assert found is not None
    assert page.get_textpage().get_charbox(found[0])[2] < page.get_width() / 2
    assert problems == []


# -- text and code -----------------------------------------------------------------------------------------------------


def test_code_and_sequences_stay_in_their_column(journal: Path) -> None:
    """Long lines of code, addresses and sequences are broken; nothing leaves its column."""
    dna = "ACGTTGCAAGGCTTACGCATGCAATCGGTACCGGTTAACGGCATTCGG" * 3
    text = f"1. One\n   - nested\n\n7. Seven\n\n```\n{'x' * 300}\ndigest build --out ../a/very/long/path/that/does/not\n```\n\n"
    text += f"Primer {dna}**ACG**{dna}<sub>3</sub>{dna} ends at https://example.org/{'a/b-' * 60}.\n\n{TEXT * 9}"
    _, document, problems = made(publication(journal, text))
    assert problems == []
    assert not outside(document)


def test_what_a_style_pushes_out_is_reported(journal: Path) -> None:
    """Code that a rule of the editor's keeps on one line is reported, with its line in the article."""
    issue = publication(
        journal, f"Text.\n\n```\n{'long ' * 60}\n```\n\n{TEXT}", css="pre { white-space: pre !important; }"
    )
    _, _, (problem,) = made(issue)
    assert (problem.code, problem.file, problem.line) == ("too-wide", "issues/2014-07-28/articles/stress.md", 13)
    assert problem.message.startswith("the code “long long")


# -- figures -----------------------------------------------------------------------------------------------------------

FIGURES = HEAD.replace(
    "---\n\n## Intro",
    """figures:
  wide: {file: figures/wide.svg, alt: A wide figure., caption: Wide.}
  kept: {file: figures/wide.svg, alt: A wide figure., caption: Kept., width: column}
  turned: {file: figures/wide.svg, alt: A wide figure., caption: On a page of its own., width: landscape}
  tall: {file: figures/tall.png, alt: A tall figure., caption: Tall.}
---

## Intro""",
)
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 400">
<rect width="1600" height="400" fill="#dde"/>
<text x="20" y="60" font-size="28">Plain</text>
<text x="20" y="160" font-size="28" style="font-family: Helvetica, Arial, sans-serif">Helvetica</text>
<foreignObject width="200" height="50"><p xmlns="http://www.w3.org/1999/xhtml">Lost</p></foreignObject>
</svg>
"""


@pytest.fixture
def figures(journal: Path) -> Path:
    """An issue with a drawing of 4:1, placed three times, and a picture of 1:8."""
    text = "".join(f"![]({key})\n\n{TEXT * 4}\n\n" for key in ("wide", "kept", "turned", "tall"))
    issue = publication(journal, text, head=FIGURES)
    (issue / "figures").mkdir(exist_ok=True)
    (issue / "figures" / "wide.svg").write_text(DRAWING, "utf-8")
    Image.new("RGB", (300, 2400), (90, 120, 160)).save(issue / "figures" / "tall.png")
    return issue


def test_figures_take_the_room_that_they_need(figures: Path) -> None:
    """A wide one spans both columns, `width` decides otherwise, a tall one fits with its caption."""
    _, document, problems = made(figures)
    assert problems == []
    assert len(turned(document)) == 1
    text = words(document)
    assert re.search(r"Figure 3\. On a page of its own\. → \d", text)
    assert all(name in text for name in ("Wide.", "Kept.", "Tall."))


def test_the_text_of_drawings(figures: Path) -> None:
    """It is set in the fonts of the theme, on screen and paper; what is not printed is reported once, with its line."""
    built = build(figures, ("html", "pdf"))
    found = [(problem.file, problem.line) for problem in built.problems if problem.code == "drawing"]
    assert found == [("issues/2014-07-28/figures/wide.svg", 4), ("issues/2014-07-28/figures/wide.svg", 5)]
    page = built.files["issue.html"].decode()
    drawing = base64.b64decode(re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page)[0]).decode()
    assert "Helvetica," not in drawing
    assert "font-family: 'Source Sans 3'" in drawing
    assert "@font-face" in drawing


SHAPES = [
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 200"/>', 4.0),
    ('<svg xmlns="http://www.w3.org/2000/svg" width="10mm" height="20mm"/>', 0.5),
    ('<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="50%"/>', 1.0),
    ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 0"/>', 1.0),
]


@pytest.mark.parametrize(("text", "shape"), SHAPES)
def test_how_wide_a_drawing_is(tmp_path: Path, text: str, shape: float) -> None:
    """The box of a drawing says how its sides relate, else its width and height; without them nothing is assumed."""
    path = tmp_path / "a.svg"
    path.write_text(text, "utf-8")
    assert picture.proportion(path) == shape


def test_a_picture_that_only_decorates(journal: Path) -> None:
    """A picture with `alt: ""` is not a figure for a screen reader: no warning, and still PDF/UA."""
    head = FIGURES.replace("alt: A tall figure.", 'alt: ""').replace("  turned: {", "  other: {")
    issue = publication(journal, "".join(f"![]({key})\n\n" for key in ("wide", "kept", "other", "tall")), head=head)
    (issue / "figures").mkdir(exist_ok=True)
    (issue / "figures" / "wide.svg").write_text(DRAWING, "utf-8")
    Image.new("RGB", (300, 600), (90, 120, 160)).save(issue / "figures" / "tall.png")
    built, _, _ = made(issue)
    assert not [problem for problem in built.problems if problem.code == "pdf"]
    path = journal / "issue.pdf"
    path.write_bytes(built.files["issue.pdf"])
    done = subprocess.run(
        [Path(sys.executable).with_name("pdfua"), "check", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    with pikepdf.open(io.BytesIO(built.files["issue.pdf"])) as document:
        figures = [
            one for one in document.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/Figure"
        ]
        assert sorted(str(one.get("/Alt")) for one in figures) == ["A wide figure."] * 3


# -- the choice --------------------------------------------------------------------------------------------------------

SEVEN = (40.0,) * 7
CHOICES = [
    # room, span, turned → classes, parts
    ((300.0, 0.0, 0.0), ((), 0)),
    ((240.0, 600.0, 900.0), (("wide",), 0)),
    ((100.0, 200.0, 900.0), (("turned",), 0)),
    ((100.0, 200.0, 0.0), (("wide", "small"), 2)),
    ((270.0, 0.0, 0.0), (("small",), 0)),
    ((30.0, 0.0, 0.0), (("smallest", "squeezed"), 0)),
]


@pytest.mark.parametrize(("rooms", "expected"), CHOICES)
def test_the_choice(rooms: tuple[float, float, float], expected: tuple[tuple[str, ...], int]) -> None:
    """What changes the page least comes first: as it is, wider, smaller, turned, in parts; at last words are broken."""
    sizes = (SEVEN, tuple(n * 0.9 for n in SEVEN), tuple(n * 0.8 for n in SEVEN))
    help_ = fitting.choose(fitting.Measured(least=sizes, easy=sizes), *rooms)
    assert (help_.classes, len(help_.parts)) == expected
    assert all(part[0] == 0 for part in help_.parts)
    if help_.parts:
        assert sorted({n for part in help_.parts for n in part}) == list(range(7))


def test_a_float_that_moves_on_is_printed_once() -> None:
    """Where a head with a float moves to the next page, no piece of the float is printed before it."""
    notes = "".join(f"<p>note {n}</p>" for n in range(1, 8))
    text = (
        '<!DOCTYPE html><html lang="en"><head><title>T</title><style>@page { size: 100mm 60mm; margin: 5mm }'
        " body { font: 10pt/5mm serif; margin: 0 } p { margin: 0 } .side { float: left; width: 30mm }"
        " .head, .head p { break-after: avoid } .summary { orphans: 7 }</style></head><body>"
        + "<p>Before.</p>" * 5
        + f'<article><div class="head"><p>Title</p><div class="side">{notes}</div><p class="summary">'
        + "A summary of so many words that it goes to the next page, where there is room for all that it says. " * 2
        + "</p></div><p>Text.</p></article>"
    )
    made_ = pdf.proof(text, 1, roots=(), fonts=FONTS)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made_.content)]
    assert [page.count("note 5") for page in pages] == [0, 1]
