"""Pull quotes, boxes and side notes: what is read, what is reported, and how they are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pypdfium2
import pytest

from digest import prose
from digest.build import build
from digest.render.plain import PlainText
from digest.render.words import marks_of
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from pathlib import Path

NOTE = '<aside class="side-note" role="note">\n<p>x</p>\n</aside>\n'
PRINTED = [
    ("::: aside\nx\n:::", NOTE),
    ("before\n::: aside\nx\n:::\nafter", f"<p>before</p>\n{NOTE}<p>after</p>\n"),
    (
        '::: box What is *new*, "x" {page}\n- a\n:::',
        '<aside class="box wide" role="note" aria-labelledby="p-box-1">\n'
        '<p class="box-title" id="p-box-1">What is <em>new</em>, “x”</p>\n<ul>\n<li>a</li>\n</ul>\n</aside>\n',
    ),
    ("::: box {column}\nx\n:::", '<aside class="box" role="note">\n<p>x</p>\n</aside>\n'),
    (
        "::: quote -- Anna Amwick\nNew words.\n:::",
        '<blockquote class="pull-quote">\n<p>New words.</p>\n<p class="pull-quote-by">Anna Amwick</p>\n</blockquote>\n',
    ),
    ("::: box\n```\n:::\n```\n:::", '<aside class="box" role="note">\n<pre><code>:::\n</code></pre>\n</aside>\n'),
    ("    ::: box", "<pre><code>::: box\n</code></pre>\n"),
]


@pytest.mark.parametrize(("text", "html"), PRINTED)
def test_printed(text: str, html: str) -> None:
    """What is written, whole; nothing of it is reported."""
    parsed = prose.parse(text, "f", marks=marks_of("en"))
    assert parsed.problems == ()
    assert prose.render(parsed, prefix="p-", level=4) == html


REPEATED = [
    ("the words of the text are here", True),
    ("The *words* … are here", True),
    ("the words that are not here", False),
    ("the words [with a link](https://example.org)", False),
]


@pytest.mark.parametrize(("quoted", "is_hidden"), REPEATED)
def test_a_quote_that_repeats_the_text_is_not_heard_twice(quoted: str, is_hidden: bool) -> None:
    """Only one whose words are in the text, and without a link that the keyboard would reach."""
    page = prose.render(prose.parse(f'So "The words of the text" are here.\n\n::: quote Who\n{quoted}\n:::', "f"))
    assert ('aria-hidden="true"' in page) == is_hidden


WRONG = [
    ("::: box\nx", 5, "error", "box", "has no end"),
    ("::: box T\n\n:::", 5, "error", "box", "this box is empty"),
    ("- a\n  ::: aside\n  x\n  :::", 6, "error", "box", "a side note is not part of a list"),
    ("::: box\n\n::: quote\nx\n:::\n:::", 7, "error", "box", "a pull quote is not part of"),
    ("::: box T {wide}\nx\n:::", 5, "warning", "box", "“{wide}” is printed as it is"),
    ("::: aside {page}\nx\n:::", 5, "warning", "box", "a side note has no width"),
    ("::: boxx\nx\n:::", 5, "warning", "unsupported-markup", "a block whose name is not known"),
    ("x\n\n:::", 7, "warning", "unsupported-markup", "the end of a box that does not begin"),
]


@pytest.mark.parametrize(("text", "line", "level", "code", "said"), WRONG)
def test_what_is_wrong_is_reported_with_its_line(text: str, line: int, level: str, code: str, said: str) -> None:
    """One problem, at the line on which it begins."""
    (problem,) = prose.parse(text, "f", first_line=5).problems
    assert (problem.line, problem.level, problem.code) == (line, level, code)
    assert said in problem.message


def test_a_note_that_is_called_in_a_box_is_at_the_end() -> None:
    """The foot of a page belongs to the text around the box."""
    parsed = prose.parse("::: box\nx^[The note.]\n:::", "f")
    assert '<div class="notes">' in prose.render(parsed, notes_at_foot=True)


def test_in_plain_text() -> None:
    """Title and text, each in its lines; quotes with the sign of quotations."""
    parsed = prose.parse("::: box Title\ntext\n:::\n\n::: quote Who\nsaid\n:::", "f")
    assert str(PlainText().wrapped(prose.render(parsed))) == "Title\n\ntext\n\n&gt; said\n\n&gt; Who"


def _words(sign: str, count: int) -> str:
    return " ".join(f"{sign}{n}z counts the words of a box one by one." for n in range(count))


def test_boxes_on_paper_lose_nothing(journal: Path) -> None:
    """A box over all columns that is longer than a page, and one that does not fit on the rest of one, are whole."""
    path = journal / ISSUE / "articles" / "radioembolization.md"
    text = path.read_text(encoding="utf-8")
    long = f"::: box Long {{page}}\n{_words('L', 80)}\n\n{_words('M', 80)}\n:::\n\n## Discussion"
    half = f"::: box Half {{page}}\n{_words('H', 30)}\n:::\n\n::: quote {{page}}\nA pulled quote.\n:::\n\nA summary of"
    path.write_text(text.replace("## Discussion", long).replace("A summary of", half), encoding="utf-8")
    built = build(journal / ISSUE, ["pdf"])
    assert [problem for problem in built.problems if problem.level != "note"] == []
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(built.files["issue.pdf"])]
    whole = "".join(pages)
    assert [
        f"{sign}{n}z" for sign, n in (("L", 80), ("M", 80), ("H", 30)) for n in range(n) if f"{sign}{n}z" not in whole
    ] == []
    assert sum("H0z" in page or "H29z" in page for page in pages) == 1
    assert "A summary of" not in whole or whole.index("A pulled quote.") < whole.index("leaves questions open")
