"""The Markdown of articles: citations, figures, captions, mentions, and what is refused."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from digest import prose
from digest.prose import Cite

CITES = [
    ("[@a]", [Cite(key="a")]),
    ("[@a; @b]", [Cite(key="a"), Cite(key="b")]),
    ("[see @a, p. 3]", [Cite(key="a", prefix="see ", locator="3", label="page")]),
    ("[@a, pp. 33-35, 38]", [Cite(key="a", locator="33-35, 38", label="page")]),
    ("[@a, chap. 2]", [Cite(key="a", locator="2", label="chapter")]),
    ("[@a, 12 and elsewhere]", [Cite(key="a", locator="12", label="page", suffix="and elsewhere")]),
    ("[-@a]", [Cite(key="a", suppress_author=True)]),
    ("[@doi:10.1_x-y.z]", [Cite(key="doi:10.1_x-y.z")]),
    ("[ @a ; @b ]", [Cite(key="a"), Cite(key="b")]),
    ("[@doi:10.1200/jco.2014.32.15_suppl.e15166]", [Cite(key="doi:10.1200/jco.2014.32.15_suppl.e15166")]),
    ("[@a\n; @b]", [Cite(key="a"), Cite(key="b")]),
]

NO_CITES = ["[mail a@b.org]", "[@a](https://example.org)", "[text]", r"\[@a]", "`[@a]`", "a@b"]

HTML = [
    (
        "## One *two*\n\n## One two",
        '<h4 id="p-one-two">One <em>two</em></h4>\n<h4 id="p-one-two-2">One two</h4>\n',
    ),
    ("H<sub>2</sub>O <sc>x</sc>", '<p>H<sub>2</sub>O <span class="sc">x</span></p>\n'),
    ("p < 0.05 & q", "<p>p &lt; 0.05 &amp; q</p>\n"),
    (
        "## Arm\n\n## Arm\n\n## Arm 2",
        '<h4 id="p-arm">Arm</h4>\n<h4 id="p-arm-2">Arm</h4>\n<h4 id="p-arm-2-2">Arm 2</h4>\n',
    ),
    ("[Abstract #e1](https://example.org)", '<p><a href="https://example.org">Abstract #e1</a></p>\n'),
    ("see Abstract #e1, #9", '<p>see Abstract <a class="mention" href="#abstract-e1">#e1</a>, #9</p>\n'),
    ("A\n\n![](f)\n\nB", "<p>A</p>\n<figure></figure>\n<p>B</p>\n"),
    (
        "Table: What *was* done\n\n| a | b |\n|---|--:|\n| 1 | 2 |",
        '<div class="table-frame" tabindex="0" role="group" aria-label="Table 1"><table>\n<caption>What <em>was</em> done</caption>\n'
        '<thead>\n<tr>\n<th scope="col">a</th>\n<th style="text-align:right" scope="col" class="numeric">b</th>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<td>1</td>\n<td style="text-align:right" class="numeric">2</td>\n</tr>\n</tbody>\n</table></div>\n',
    ),
    (
        "| a | b |\n|---|---|\n| x | 1,234.25 |\n| y | <.5 |\n| z | – |\n| u | 12 |\n\nNote: a Not *shown*.",
        '<div class="table-frame" tabindex="0" role="group" aria-label="Table 1"><table>\n'
        '<thead>\n<tr>\n<th scope="col">a</th>\n<th scope="col" class="numeric">b</th>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<td>x</td>\n<td class="numeric">1,234.25</td>\n</tr>\n'
        '<tr>\n<td>y</td>\n<td class="numeric less-1">&lt;.5</td>\n</tr>\n'
        '<tr>\n<td>z</td>\n<td class="numeric">–</td>\n</tr>\n'
        '<tr>\n<td>u</td>\n<td class="numeric less-2 whole">12</td>\n</tr>\n</tbody>\n</table>'
        '<p class="table-note">a Not <em>shown</em>.</p>\n</div>\n',
    ),
    (
        "Table: T {landscape}\n\n| a |\n|---|\n| x |",
        '<div class="table-frame landscape" tabindex="0" role="group" aria-label="Table 1"><table>\n<caption>T</caption>\n'
        '<thead>\n<tr>\n<th scope="col">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>x</td>\n</tr>\n</tbody>\n</table></div>\n',
    ),
    (
        "| a |\n|---|\n| x |\n\nTable: After it {landscape}\n\nNote: A note.",
        '<div class="table-frame landscape" tabindex="0" role="group" aria-label="Table 1"><table>\n<caption>After it</caption>\n'
        '<thead>\n<tr>\n<th scope="col">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>x</td>\n</tr>\n</tbody>\n</table>'
        '<p class="table-note">A note.</p>\n</div>\n',
    ),
    (
        "| a |\n|---|\n| x |\n\nTable: Of the second\n\n| b |\n|---|\n| y |",
        '<div class="table-frame" tabindex="0" role="group" aria-label="Table 1"><table>\n'
        '<thead>\n<tr>\n<th scope="col">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>x</td>\n</tr>\n</tbody>\n</table></div>\n'
        '<div class="table-frame" tabindex="0" role="group" aria-label="Table 2"><table>\n<caption>Of the second</caption>\n'
        '<thead>\n<tr>\n<th scope="col">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>y</td>\n</tr>\n</tbody>\n</table></div>\n',
    ),
    ("[x](https://example.org)", '<p><a href="https://example.org">x</a></p>\n'),
]

REFUSED = [
    ("a\n\nb <script>x</script>", 3, "html"),
    ("<div>x</div>", 1, "html"),
    ("<sub>x", 1, "html"),
    ("x</sub>", 1, "html"),
    ("one\ntwo ![](f) three", 2, "figure"),
    ("![](f)\n\n![](f)", 3, "figure"),
    ("# Top", 1, "heading"),
    ("a\n[@a, @b]", 2, "citation-syntax"),
    ("[@a @b]", 1, "citation-syntax"),
    ("[@a and @b]", 1, "citation-syntax"),
    ("[@a;]", 1, "citation-syntax"),
    ("[@ a]", 1, "citation-syntax"),
    ("one\n[@a unclosed", 2, "citation-syntax"),
    ("*a <i>b* c</i>", 1, "html"),
    ("[x <i>y](https://example.org) z</i>", 1, "html"),
    ("| a |\n|---|\n| <u>x</u> |", 3, "html"),
]


def test_the_width_of_a_table() -> None:
    """A width that is not known stays in the caption and is reported, with the nearest one."""
    (problem,) = prose.parse("A\n\nTable: T {lanscape}\n\n| a |\n|---|\n| x |", "f").problems
    assert (problem.level, problem.code, problem.line) == ("warning", "table-width", 3)
    assert "did you mean “landscape”?" in problem.message


def test_a_caption_without_a_table() -> None:
    """A caption that no table is next to is reported at its line."""
    (problem,) = prose.parse("A\n\nTable: T\n\nB", "f").problems
    assert (problem.level, problem.code, problem.line) == ("warning", "table", 3)


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        (r"\frac{a}{b + c", "a brace { is not closed"),
        (r"x^{2", "a brace { is not closed"),
        (r"\sqrt{x}}", "a brace } closes nothing"),
        (r"}x{", "a brace } closes nothing"),
    ],
)
def test_a_brace_without_the_other(formula: str, why: str) -> None:
    """Nobody can tell where the other one belongs: the formula is printed as its source, with a warning."""
    (problem,) = prose.parse(f"A ${formula}$ b", "f").problems
    assert (problem.level, problem.code) == ("warning", "formula")
    assert why in problem.message
    assert prose.parse(r"A $\{x\}$ b", "f").problems == ()


@pytest.mark.parametrize(("text", "cites"), CITES)
def test_citations(text: str, cites: list[Cite]) -> None:
    """Citations are read in pandoc's notation."""
    (citation,) = prose.parse(f"A {text}.", "f").citations
    assert list(citation.cites) == cites


@pytest.mark.parametrize("text", NO_CITES)
def test_no_citations(text: str) -> None:
    """Addresses, links and code are not citations."""
    assert prose.parse(text, "f").citations == ()


@pytest.mark.parametrize(("text", "html"), HTML)
def test_html(text: str, html: str) -> None:
    """What is written, whole."""
    parsed = prose.parse(text, "f")
    assert parsed.problems == ()
    got = prose.render(
        parsed,
        figures={"f": Markup("<figure></figure>")},
        mentions={"e1": "#abstract-e1"},
        prefix="p-",
        level=4,
    )
    assert got == html


@pytest.mark.parametrize(("text", "line", "code"), REFUSED)
def test_refused(text: str, line: int, code: str) -> None:
    """What is not ours is reported with its line."""
    problems = prose.parse(text, "f", first_line=1).problems
    assert {(problem.line, problem.code) for problem in problems} == {(line, code)}


def test_lines_count_from_the_file() -> None:
    """Lines are those of the file, not of the text after the front matter."""
    parsed = prose.parse("a\nb\n[@x]\n\n![](f)", "f", first_line=20)
    assert parsed.citations[0].line == 22
    assert parsed.figures == (("f", 24),)


def test_unknown_key_has_its_neighbour() -> None:
    """A mistyped key is reported with the nearest right one."""
    (problem,) = prose.odd_keys(prose.parse("[@gruner2014]", "f"), {"gruener2014": 1}, "f")
    assert str(problem) == "f:1: error: nothing is known as @gruner2014; did you mean “gruener2014”? [unknown-citation]"


def test_long_brackets_are_read_at_once() -> None:
    """A citation with many blanks costs no more than any other text."""
    assert prose.parse("[@a, 1" + " " * 20_000 + "(1]", "f").citations[0].cites[0].locator == "1"
    assert prose.parse("[@a" * 5_000, "f").problems


def test_a_key_outside_brackets_is_reported() -> None:
    """A known key in the text without brackets was meant as a citation; an address is none."""
    problems = prose.odd_keys(
        prose.parse("as\n@gruener2014 says (@other), me@gruener2014", "f"), {"gruener2014": 1}, "f"
    )
    assert [(problem.line, problem.level, problem.code) for problem in problems] == [(2, "warning", "citation-syntax")]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            assert not (value or "").lower().lstrip().startswith(("javascript:", "vbscript:", "file:"))


@given(
    st.text()
    | st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "script",
                "[@a",
                "]",
                "(",
                ")",
                "!",
                "javascript:",
                "\n",
                "|",
                "-",
                "`",
                "*",
                "#",
                "&lt;",
                "<i>",
                '"',
                " ",
            ]
        )
    ).map("".join)
)
def test_nothing_gets_through(text: str) -> None:
    """Whatever is typed, no script and no other HTML than ours comes out."""
    parsed = prose.parse(text, "f")
    figures = {key: Markup() for key, _ in parsed.figures}
    page = _Tags()
    page.feed(prose.render(parsed, citations=[Markup("[1]")] * len(parsed.citations), figures=figures))
    assert not page.found & {
        "script",
        "img",
        "iframe",
        "style",
        "object",
        "embed",
        "form",
        "input",
        "link",
        "meta",
        "base",
    }
