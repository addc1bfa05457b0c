"""One tree, four notations."""

import pytest

from digest import csl
from digest.csl import Block, Formatted, Link, Sequence

ROWS: list[tuple[csl.Node, str, str, str, str]] = [
    ("a <b> & *c_d*", "a <b> & *c_d*", "a &lt;b&gt; &amp; *c_d*", r"a \<b\> & \*c\_d\*", r"a <b> \& *c\_d*"),
    (Formatted("font-style", "italic", ("a ",)), "a ", "<i>a </i>", "*a* ", r"\textit{a }"),
    (Formatted("font-weight", "bold", ("a",)), "a", "<b>a</b>", "**a**", r"\textbf{a}"),
    (
        Formatted("font-variant", "small-caps", ("a",)),
        "A",
        '<span style="font-variant:small-caps;">a</span>',
        '<span style="font-variant:small-caps">a</span>',
        r"\textsc{a}",
    ),
    (Formatted("vertical-align", "sup", ("2",)), "²", "<sup>2</sup>", "<sup>2</sup>", r"\textsuperscript{2}"),
    (Formatted("vertical-align", "sup", ("xq",)), "xq", "<sup>xq</sup>", "<sup>xq</sup>", r"\textsuperscript{xq}"),
    (
        Formatted("text-decoration", "underline", ("a",)),
        "a",
        '<span style="text-decoration:underline;">a</span>',
        "<u>a</u>",
        r"\underline{a}",
    ),
    (
        Link('https://x.org/?a=1&b="<>', ("a",)),
        "a",
        '<a href="https://x.org/?a=1&amp;b=&quot;&lt;&gt;">a</a>',
        '[a](<https://x.org/?a=1&b="%3C%3E>)',
        r'\href{https://x.org/?a=1\&b="<>}{a}',
    ),
    (
        Sequence((Block("left-margin", ("1.",)), Block("right-inline", ("A",)))),
        "1. A",
        '<div class="csl-left-margin">1.</div><div class="csl-right-inline">A</div>',
        "1\\. A\n",
        "1. A\n\n",
    ),
    (
        "50 % {x} #1 ~ ^ \\ $ _",
        "50 % {x} #1 ~ ^ \\ $ _",
        "50 % {x} #1 ~ ^ \\ $ _",
        "50 % {x} #1 ~ ^ \\\\ $ \\_",
        r"50 \% \{x\} \#1 \textasciitilde{} \textasciicircum{} \textbackslash{} \$ \_",
    ),
    ("12. not a list", "12. not a list", "12. not a list", "12\\. not a list", "12. not a list"),
    ("# no heading", "# no heading", "# no heading", "\\# no heading", "\\# no heading"),
]


@pytest.mark.parametrize(("node", "text", "html", "markdown", "latex"), ROWS)
def test_a_node_in_each_notation(node: csl.Node, text: str, html: str, markdown: str, latex: str) -> None:
    """Formats and links; what is special in a notation is escaped."""
    assert csl.to_text(node) == text
    assert csl.to_html(node) == html
    assert csl.to_markdown(node) == markdown
    assert csl.to_latex(node) == latex
