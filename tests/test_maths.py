"""Formulas: what is one, its text, its MathML, and what of it is refused."""

from __future__ import annotations

import json
import re
import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import maths
from digest.cli import main
from digest.render import formulas
from digest.text import RichText
from digest.vocabulary import without_check_tags

if TYPE_CHECKING:
    from pathlib import Path

MML = "http://www.w3.org/1998/Math/MathML"


# Pandoc's manual, tex_math_dollars; sums of money as real titles have them.
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("On $K$-frames and $x^2$", ["K", "x^2"]),
        ("$$x$$ and \\(y\\) or \\[z\\]", ["x", "y", "z"]),
        ("$\\alpha$$\\beta$", ["\\alpha", "\\beta"]),
        ("$\\sim$5 with p $<$0.05", ["\\sim", "<"]),
        ("$5 and $10", []),
        ("from US$5 to US$10", []),
        ("$50,000/QALY or A$60,000/QALY", []),
        ("cost in $/QALY and A$/QALY", []),
        ("($5) against ($7)", []),
        ("a sum of \\$5, and $x$", ["x"]),
        ("one $ alone, $", []),
    ],
)
def test_what_is_a_formula(text: str, found: list[str]) -> None:
    assert [place.tex for place in maths.places(text)] == found


# A superscript is written in Unicode, as 10³ is not 103; a subscript of digits or a word follows letters as it is typed.
@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\alpha \le 0.05", "α ≤ 0.05"),
        (r"x^2", "x²"),
        (r"10^{-3}", "10⁻³"),
        (r"\mathrm{RuO_2}", "RuO2"),
        (r"\ce{H2SO4}", "H2SO4"),
        (r"C_{\max}", "Cmax"),
        (r"x_i^2", "x_i²"),
        (r"^{14}\mathrm{C}", "¹⁴C"),
        (r"37^{\circ}\mathrm{C}", "37°C"),
        (r"\mathrm{Ca}^{2+}", "Ca²⁺"),
        (r"10\,\mu\mathrm{m}", "10 μm"),
        (r"H_0: \mu_1 = \mu_2", "H0: μ1 = μ2"),
        (r"\frac{a}{b}", "a/b"),
        (r"\frac{a+b}{c}", "(a + b)/c"),
        (r"\sqrt{x+1}", "√(x + 1)"),
        (r"\sqrt[3]{x}", "∛x"),
        (r"\bar{x} \pm s", "x̄ ± s"),
        (r"\overline{AB} + \hat{AB}", "\u0100B\u0304 + AB\u0302"),
        (r"\sum_{i=1}^n x_i", "∑_(i=1)ⁿ x_i"),
        (r"\log_{10} x", "log10 x"),
        (r"\mathcal{O}(n \log n)", "O(n log n)"),
        (r"\mathbb{R}^n", "ℝⁿ"),
        (r"e^{-\lambda t}", "e^(−λt)"),
        (r"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "(1, 2; 3, 4)"),
        (r"\documentclass{minimal}\begin{document}$$\alpha $$\end{document}", "α"),
        (f'<math xmlns="{MML}" id="M1">\n <mi>K</mi>\n</math>', "K"),
        ("<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>", "x²"),
        ("<math><msubsup><mi>η</mi><mi>p</mi><mn>2</mn></msubsup></math>", "η_p²"),
        ("<math><mmultiscripts><mi>C</mi><mprescripts/><none/><mn>14</mn></mmultiscripts></math>", "¹⁴C"),
        ("<math><mfenced><mi>a</mi><mi>b</mi></mfenced></math>", "(a, b)"),
        ("<math><semantics><mi>x</mi><annotation>x in TeX</annotation></semantics></math>", "x"),
        # PubMed 28775130 and its like
        (
            "<math><msub><mrow><mover><mi>V</mi><mo>.</mo></mover><mi>O</mi></mrow>"
            "<mrow><mn>2</mn><mi>m</mi><mi>a</mi><mi>x</mi></mrow></msub></math>",
            "V̇O2max",
        ),
    ],
)
def test_a_formula_as_text(source: str, text: str) -> None:
    assert maths.read(source).text == text


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (r"\undefined{x}", r"the command \undefined is not known"),
        (r"\frac", "its TeX is not complete"),
        (r"\frac{", "a brace { is not closed"),
        (r"\input{/etc/passwd}", r"the command \input has no place"),
        (r"\newcommand{\a}{\a\a}\a", r"the command \newcommand has no place"),
        (r"\href{javascript:alert(1)}{x}", r"the command \href has no place"),
        ("{" * 300 + "x" + "}" * 300, "too many parts"),
        ("<math>" + "<mrow>" * 300 + "x", "too many parts"),
        ("x" * 30_000, "too long"),
        ("<math></math>", "nothing in it"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(source: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        maths.read(source)


class _Names(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(name for name, _ in attrs)}


HOSTILE = (
    '<math href="javascript:x" onclick="a()"><mi onload="a()" style="x:url(y)">x</mi><script>alert(1)</script>'
    '<annotation-xml encoding="text/html"><img src=x onerror="a()"></annotation-xml><mglyph src="http://x"/>'
    '<maction actiontype="statusline"><mi>y</mi></maction><mspace width="99999em"/><ms>&lt;b&gt;</ms></math>'
)


def test_mathml_keeps_what_is_listed_and_nothing_else() -> None:
    """No scripts, no addresses, no styles, no lengths beyond the page."""
    made = maths.read(HOSTILE).mathml
    names = _Names()
    names.feed(made)
    assert names.found == {"math", "alttext", "mi", "mspace", "ms"}
    assert "99999" not in made


@given(st.text(alphabet='<>/&$\\{}^_"= mathirownsupfc12\ufdd0\ufdd1', max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is in a formula: a text and MathML that is well formed, or a reason."""
    for source in (text, f"<math>{text}</math>"):
        try:
            made = maths.read(source)
        except ValueError:
            continue
        assert "<" not in made.text or "&lt;" in made.mathml
        assert made.mathml.count("<math") == 1
        maths.read(made.mathml)
    "".join(map(str, maths.put_back(maths.set_aside(text))))


def test_a_formula_is_drawn_where_its_text_is_a_word() -> None:
    text = RichText.parse("The x² of <i>2x²</i> and x²y, a/b.")
    drawn = maths.drawn(text, [("x²", "x^2"), ("a/b", r"\frac{a}{b}"), ("c", "\\broken")])
    assert drawn.plain == text.plain
    assert drawn.source == text.source
    assert drawn.html.count("<msup>") == 1
    assert drawn.html.count("<mfrac>") == 1


def test_pictures_are_bounded() -> None:
    """Layout takes twice as long for each level; what is too large is printed as text, and reported."""
    deep = maths.read(r"\sqrt{" * 12 + "x" + "}" * 12).mathml
    begun = time.process_time()
    page, problems = formulas.as_pictures(f"<p>{deep} {maths.read('x^2').mathml}</p>")
    assert time.process_time() - begun < 60
    assert page.count("<img") == 1
    assert 'alt="x²"' in page
    assert [problem.code for problem in problems] == ["formula"]


CROSSREF = {
    "status": "ok",
    "message-type": "work-list",
    "message": {
        "items": [
            {
                "DOI": "10.9999/m.2",
                "type": "journal-article",
                "title": [
                    "Of $x^2$ and <math xmlns='http://www.w3.org/1998/Math/MathML'>\n <mi>K</mi>\n</math>-frames, $5 to $10"
                ],
                "abstract": "<jats:p>Let <jats:inline-formula><jats:alternatives><jats:tex-math>$$\\alpha $$</jats:tex-math>"
                "<mml:math><mml:mi>α</mml:mi></mml:math></jats:alternatives></jats:inline-formula> be "
                "$\\foo{x}$ &lt;mml:math&gt;&lt;mml:mi&gt;z&lt;/mml:mi&gt;&lt;/mml:math&gt;.</jats:p>",
            }
        ]
    },
}


def test_formulas_of_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Text without marks; a formula of several versions once; the source where the text says less; the rest reported."""
    path = tmp_path / "works.json"
    path.write_text(json.dumps(CROSSREF), encoding="utf-8")
    assert main(["convert", str(path), "--to", "json"]) == 0
    out, err = capsys.readouterr()
    (record,) = json.loads(out)
    assert record["title"] == "Of x² and K-frames, $5 to $10"
    assert record["abstract"][0]["text"] == "Let α be \\foo{x} z."
    assert record["formulas"] == [{"text": "x²", "source": "x^2"}]
    assert "“\\foo{x}”, because the command \\foo is not known [formula]" in err


# NLM's check tags are whom a study is about; an author's own “Mice” or “Pregnancy” is a subject.
@pytest.mark.parametrize(
    ("keywords", "printed"),
    [
        (("Humans", "Female", "Aged, 80 and over", "Pancreatic Neoplasms"), ("Pancreatic Neoplasms",)),
        (("Mice", "Pregnancy"), ("Mice", "Pregnancy")),
        (("Animals", "Mice"), ()),
    ],
)
def test_check_tags_are_no_keywords(keywords: tuple[str, ...], printed: tuple[str, ...]) -> None:
    assert without_check_tags(keywords) == printed
