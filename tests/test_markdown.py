"""What of Markdown is printed, in every medium, and what is reported because it would be printed as typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from digest import prose
from digest.build import build
from digest.render.footnotes import at_foot
from digest.render.mail import inlined
from digest.render.plain import PlainText
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOTE = '<sup class="note-call"><a id="p-note-{0}-call-{1}" href="#p-note-{0}" role="doc-noteref">{0}</a></sup>'
BACK = '<a class="note-back" href="#p-note-{0}-call-{1}" role="doc-backlink">↩\ufe0e</a>'

PRINTED = [
    ("~~gone~~", "<p><s>gone</s></p>\n"),
    ("H~2~O and x^2^", "<p>H<sub>2</sub>O and x<sup>2</sup></p>\n"),
    ("[^18^F]FDG, SO~4~^2−^, p^\\*^", "<p>[<sup>18</sup>F]FDG, SO<sub>4</sub><sup>2−</sup>, p<sup>*</sup></p>\n"),
    ("~5 to ~6 mg, 5~10,15~20 mg", "<p>~5 to ~6 mg, 5~10,15~20 mg</p>\n"),
    (
        "- [ ] todo\n- [x] done",
        '<ul>\n<li class="task">☐\u00a0todo</li>\n<li class="task">☑\u00a0done</li>\n</ul>\n',
    ),
    ("Term\n: Definition", "<dl>\n<dt>Term</dt>\n<dd>Definition</dd>\n</dl>\n"),
    ("Dose\n~ 5 mg", "<p>Dose\n~ 5 mg</p>\n"),
    (
        "2. Two\n3. Three\n7. Seven",
        '<ol start="2">\n<li value="2" style="counter-increment:list-item 2">Two</li>\n<li>Three</li>\n'
        '<li value="7" style="counter-increment:list-item 4">Seven</li>\n</ol>\n',
    ),
    ("1. One\n1. Two", "<ol>\n<li>One</li>\n<li>Two</li>\n</ol>\n"),
    ("$5 and $10", "<p>$5 and $10</p>\n"),
    (
        "see https://example.org/a_b, www.example.org.",
        '<p>see <a href="https://example.org/a_b">https://example.org/a_b</a>, '
        '<a href="http://www.example.org">www.example.org</a>.</p>\n',
    ),
    ("5&nbsp;mg, pan&shy;creas\\\nnext", "<p>5\u00a0mg, pan\u00adcreas<br />\nnext</p>\n"),
    ("> said\n\n---", "<blockquote>\n<p>said</p>\n</blockquote>\n<hr />\n"),
    ("## A\n\n### B\n\n#### C", '<h4 id="p-a">A</h4>\n<h5 id="p-b">B</h5>\n<h6 id="p-c">C</h6>\n'),
    (
        "A.[^x] B[^x]^[Third, *inline*.]\n\n[^x]: The note.",
        f"<p>A.{NOTE.format(1, 1)} B{NOTE.format(1, 2)}{NOTE.format(2, 1)}</p>\n"
        '<div class="notes foot">\n<ol>\n'
        f'<li id="p-note-1">\n<p>The note.</p>\n{BACK.format(1, 1)} {BACK.format(1, 2)}</li>\n'
        f'<li id="p-note-2">\n<p>Third, <em>inline</em>.</p>\n{BACK.format(2, 1)}</li>\n'
        "</ol>\n</div>\n",
    ),
]


@pytest.mark.parametrize(("text", "html"), PRINTED)
def test_printed(text: str, html: str) -> None:
    """What is written, whole; nothing of it is reported."""
    parsed = prose.parse(text, "f")
    assert parsed.problems == ()
    assert prose.render(parsed, prefix="p-", level=4, notes_at_foot=True) == html


def test_a_formula_over_several_lines() -> None:
    """A line of a formula that begins like an item of a list is part of the formula."""
    page = prose.render(prose.parse("$$\na\n- b\n= c\n$$\n\nText", "f"))
    assert 'alttext="a − b = c"' in page
    assert "<li>" not in page


UNSUPPORTED = [
    (r"a \textit{word}", r"\textit{word}"),
    (r"a \alpha and", r"\alpha"),
    (r"where \(x^2\) is", r"\(x^2\)"),
    (r"\begin{itemize}", r"\begin{itemize}"),
    ("``so'' he said", "``so''"),
    ("in Fig.~1", "~1"),
    ("see [[Page]]", "[[Page]]"),
    ("'''bold'''", "'''bold'''"),
    ("{{ issue.title }}", "{{ issue.title }}"),
    ("[b]bold[/b]", "[b]"),
    ("a ==mark== b", "==mark=="),
    ("nice :smile:", ":smile:"),
    (":math:`x^2`", ":math:`…`"),
    ("`text <https://example.org>`_", "`…`_"),
    (".. image:: x.png", ".. image:: x.png"),
    ("words {.small}", "{.small}"),
    ("::: warning\ntext", "::: warning"),
    ("> [!NOTE]\n> text", "[!NOTE]"),
    ("*[HTML]: Hypertext", "*[HTML]: Hypertext"),
    ("a <!-- one\n\ntwo", "<!--"),
    ("+---+---+\n| a | b |", "+---+---+"),
    ("| a | b |\n|---|\n| 1 | 2 |", "|---|"),
    ("| Arm | Patients |\n| Samplinib | 270 |", "| Arm | Patients |"),
    ("Arm | Patients\nSamplinib | 270", "Arm | Patients"),
    ("title: A\ndate: B", "title: A"),
    ("a\n\n---\nlayout: x\n---", "layout: x"),
    ("##Heading", "##Heading"),
    ("• one\n• two", "• one"),
    ("a) one\nb) two", "a) one"),
    ("-one\n-two", "-one"),
    ("[x](a b.html)", "[x](a b.html)"),
    ("[x](javascript:alert)", "[x](javascript:alert)"),
    ("[x][nowhere]", "[x][nowhere]"),
    ("[x]: https://example.org", "[x]"),
    ("text ^[not closed", "^[not closed"),
    ("a **bold", "**bold"),
    ("10^9/L", "^9"),
    ("H_{2}O", "_{2}"),
    ("~2~ alone", "~2~"),
    ("&nosuch;", "&nosuch;"),
    ("```mermaid\nx\n```", "```mermaid"),
    ("```\nnever closed", "```"),
    ("Right Left\n----- -----\n1 2", "rule"),
]


@pytest.mark.parametrize(("text", "shown"), UNSUPPORTED)
def test_what_is_not_supported_is_reported_with_its_line(text: str, shown: str) -> None:
    """Another notation is a warning at its line, with what was typed and what to write."""
    problems = prose.parse(f"First.\n\n{text}", "f", first_line=5).problems
    assert {(problem.level, problem.code) for problem in problems} == {("warning", "unsupported-markup")}
    line = 7 + next(
        (n for n, one in enumerate(text.split("\n")) if shown in one), 1 if shown in {"rule", "|---|"} else 0
    )
    assert problems[0].line == line
    assert shown in problems[0].message


FINE = [
    "p < 0.05 and **p** < .01; 0.03** and 0.2*",
    "HLA-A*02:01 and HLA-B*07:02, CD4+/CD8+, IL-6 | IL-8",
    "ratios 1:2:3 and 12:30:15, n = 12 (5%)",
    r"code `\textit{x} ==y== [[z]]` and C:\Users",
    r"escaped \*\*x\*\*, \=\=y\=\=, \[\[z\]\]",
    "see [1] and [2, 3]; [a] (b); a {b} c; A [sic] b",
    "x_i and foo_bar_baz, C++ and A&T; AT&T;",
    "https://example.org/a_b?c=d&e==f;~g and me_x@example.org",
    "(a) alone, a. alone, -5 °C",
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_meant_as_typed_is_not_reported(text: str) -> None:
    """Stars, strokes, tildes and brackets that mean themselves, code and escaped signs are left alone."""
    assert prose.parse(text, "f").problems == ()


WRONG = [
    ("a\n\nb[^1]", 3, "footnote", "error"),
    ("a\n\n[^1]: b", 3, "footnote", "warning"),
    ("a[^1]\n\n[^1]: b\n[^1]: c", 4, "footnote", "error"),
    ("a^[b [^1]]", 1, "footnote", "error"),
    ("| a | b |\n|---|---|\n| 1 | 2 | 3 |", 3, "table", "error"),
    ("## A\n\n##### B", 3, "heading", "error"),
    ("## A\n\n#### B", 3, "heading", "warning"),
    ("a\n\n<br>", 3, "html", "error"),
]


@pytest.mark.parametrize(("text", "line", "code", "level"), WRONG)
def test_wrong(text: str, line: int, code: str, level: str) -> None:
    """What would be lost, or leads nowhere, is reported with its line."""
    problems = prose.parse(text, "f").problems
    assert (line, code, level) in {(problem.line, problem.code, problem.level) for problem in problems}


FIGURES = [
    ("![A picture](figures/tall.png)", "figures: {tall: {file: figures/tall.png, alt: A picture, caption: …}}"),
    ("words ![x](figures/Plot_1.png)", "figures: {plot-1: {file: figures/Plot_1.png, alt: x,"),
    ("![What it shows](liver)", "as ![](liver); what it shows (“What it shows”) is its “alt”"),
    ("words ![](liver)", "in a paragraph of its own, as ![](liver)"),
    ("![x](https://example.org/a.png)", "save https://example.org/a.png in figures/"),
]


@pytest.mark.parametrize(("text", "said"), FIGURES)
def test_a_figure_that_is_not_declared(text: str, said: str) -> None:
    """The message says how a figure is declared, with the key that is missing."""
    (problem,) = prose.parse(f"a\n\n{text}", "f").problems
    assert (problem.line, problem.code) == (3, "figure")
    assert said in problem.message


def test_letters_where_references_are_raised_numbers() -> None:
    """A note is never taken for a reference."""
    page = prose.render(prose.parse("A [@x]^[note]", "f"), citations=[Markup("<sup>1</sup>")])
    assert '<ol type="a">' in page
    assert ">a</a></sup>" in page


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("A^[b]", True),
        ("- A^[b]", True),
        ("## A^[b]", False),
        ("| A^[b] |\n|---|\n| c |", False),
        ("A[^1]\n\n[^1]: b\n\n    c", False),
    ],
)
def test_notes_at_the_foot_of_the_page(text: str, moves: bool) -> None:
    """Notes of one paragraph that are called in running text go to the foot of the page; others stay below the text."""
    page = at_foot(prose.render(prose.parse(text, "f"), prefix="p-", notes_at_foot=True))
    assert ('style="float:footnote"' in page) is moves
    assert ('class="notes"' in page) is not moves
    assert page.count('id="p-note-1"') == 1


def test_as_plain_text() -> None:
    """Lists keep their numbers, code its lines, quotations and definitions are set in, notes are a list without links."""
    text = "A^[N]\n\n> said\n\n2. x\n5. y\n\nT\n: D\n\n```\na\n  b\n```\n\n~~c~~\n\n---"
    page = PlainText().wrapped(prose.render(prose.parse(text, "f")))
    assert page.unescape() == ("A¹\n\n> said\n\n2. x\n\n5. y\n\nT\n\n  D\n\n    a\n      b\n\n~~c~~\n\n* * *\n\n1. N")


def test_in_mail() -> None:
    """In a message, where links to places do nothing, notes have no way back."""
    page = inlined(f"<html><head></head><body>{prose.render(prose.parse('A^[N]', 'f'))}</body></html>", "")
    assert "↩" not in page
    assert "<a" not in page


ARTICLE = """---
title: A *small* article
authors:
  - {given: Octavia P, family: Hollowmere}
summary: One sentence.
---

## Introduction

A claim.[^1] Another.[^note]

[^1]: The first note.
[^note]: The second note, with *italics*.

3. Three

7. Seven
"""


@pytest.fixture
def article(journal: Path) -> Path:
    """A small article with notes, in the place of one of the sample."""
    path = journal / ISSUE / "articles" / "cachexia.md"
    path.write_text(ARTICLE, encoding="utf-8")
    return path


def test_notes_in_an_issue(journal: Path, article: Path) -> None:
    """On screen notes are below the article, with links both ways; on paper at the foot. A title is not Markdown."""
    assert article.is_file()
    made = build(journal / ISSUE, ["html", "pdf"])
    screen = made.files["issue.html"].decode()
    assert screen.count("The first note.") == 1
    for place in ("note-1", "note-1-call-1", "note-2", "note-2-call-1"):
        assert f'id="article-cachexia-h-{place}"' in screen
        assert f'href="#article-cachexia-h-{place}"' in screen
    pages = [
        " ".join(page.get_textpage().get_text_range().split())
        for page in pypdfium2.PdfDocument(made.files["issue.pdf"])
    ]
    (page,) = (page for page in pages if "The first note." in page)
    assert re.search(r"claim\.\W?1", page)
    assert {"3.", "7."} <= set(page.split())
    assert page.index("claim.") < page.index("Hollowmere, O") < page.index("1 The first note.")
    assert "↩" not in page
    reported = [(problem.file, problem.line, problem.code) for problem in made.problems if "*small*" in problem.message]
    assert reported == [(f"{ISSUE}/articles/cachexia.md", 2, "unsupported-markup")]


def test_a_summary_has_no_notes(
    journal: Path, article: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """Where a text has no room below it, a note is refused with its line."""
    article.write_text(ARTICLE.replace("One sentence.", "One sentence.^[A note.]"), encoding="utf-8")
    code, out, err = digest_in(journal)("check")
    assert code == 1
    assert "cachexia.md:5: error: footnotes belong in articles, comments and notices" in out + err


SIGNS = "[^1] [^a]: ^[ ] ^ ~ ~~ $ $$ x 2 : | --- [ ] - 1. > ``` # \\ { } = == @a , .".split()


@given(st.lists(st.sampled_from([*SIGNS, "\n", "\n\n", " ", "    "])).map("".join))
def test_whatever_is_typed(text: str) -> None:
    """Any mixture of signs is parsed and written; its problems have lines of the text."""
    parsed = prose.parse(text, "f")
    assert all(1 <= (problem.line or 0) <= text.count("\n") + 1 for problem in parsed.problems)
    figures = {key: Markup() for key, _ in parsed.figures}
    at_foot(
        prose.render(parsed, citations=[Markup("[1]")] * len(parsed.citations), figures=figures, notes_at_foot=True)
    )
