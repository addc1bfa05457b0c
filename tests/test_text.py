"""RichText: what it reads, what it refuses, its faces."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text import TAGS, Node, RichText

FACES = [
    # source, html, plain, latex
    ("Plain", "Plain", "Plain", "Plain"),
    ("H<sub>2</sub>O", "H<sub>2</sub>O", "H2O", r"H\textsubscript{2}O"),
    ("<i>in <b>vivo</b></i>", "<i>in <b>vivo</b></i>", "in vivo", r"\emph{in \textbf{vivo}}"),
    ("<sc>Nat</sc>", '<span class="sc">Nat</span>', "Nat", r"\textsc{Nat}"),
    ("p < 0.05 & n > 3", "p &lt; 0.05 &amp; n &gt; 3", "p < 0.05 & n > 3", r"p < 0.05 \& n > 3"),
    ("&lt;b&gt; &amp; &alpha;", "&lt;b&gt; &amp; α", "<b> & α", r"<b> \& α"),
    ("HR = −.3, a = b, ≥ 3", "HR = −.3, a = b, ≥ 3", "HR = −.3, a = b, ≥ 3", "HR = −.3, a = b, ≥ 3"),
    ("5% of $7_x", "5% of $7_x", "5% of $7_x", r"5\% of \$7\_x"),
    ("  two\n lines ", "two lines", "two lines", "two lines"),
    ("<i></i>", "", "", ""),
]

REFUSED = [
    ("<script>alert(1)</script>", "<script> is not allowed"),
    ('<i class="x">y</i>', "is not allowed"),
    ("<i>open", "<i> is never closed"),
    ("a</i>", "</i> closes nothing: nothing is open"),
    ("<i><b>x</i></b>", "</i> closes nothing: <b> is open"),
    ("a\x00b", "control character U+0000"),
    ("<i>" * 20, "nested more than 16 deep"),
]


OUTSIDE: list[tuple[list[Node], str]] = [
    (["e", "\u0301", " ", "", " x "], "é x"),
    (["a ", ("i", (" ",)), " b"], "a b"),
    ([("i", ("a",)), ("i", ("b", ("b", ("c",)))), ("i", ("d",))], "<i>ab<b>c</b>d</i>"),
    ([("i", ("a ",)), " ", ("i", (" b",)), " ", ("b", ())], "<i>a b</i>"),
    ([("sup", ()), ("sup", ("\u200b",)), "2"], "2"),
]


@pytest.mark.parametrize(("nodes", "source"), OUTSIDE)
def test_nodes_from_outside(nodes: list[Node], source: str) -> None:
    """Texts in pieces are one, composed and with single blanks across spans; like spans side by side are one."""
    assert RichText.of(nodes).source == source


def test_many_pieces_take_no_longer_each() -> None:
    """A text in 100,000 pieces of text and span is put together in a second or two, not in a minute."""
    start = time.process_time()
    assert len(RichText.of([("i", ("a", ("b", ("c",))))] * 50_000).plain) == 100_000
    assert len(RichText.of(["a"] * 100_000).plain) == 100_000
    assert time.process_time() - start < 60


@pytest.mark.parametrize(("source", "html", "plain", "latex"), FACES)
def test_faces(source: str, html: str, plain: str, latex: str) -> None:
    """One text has three faces."""
    text = RichText.parse(source)
    assert (text.html, text.plain, text.latex) == (html, plain, latex)


@pytest.mark.parametrize(("source", "message"), REFUSED)
def test_refused(source: str, message: str) -> None:
    """What is not our markup is refused with a reason."""
    with pytest.raises(ValueError, match=re.escape(message)):
        RichText.parse(source)


def nodes() -> st.SearchStrategy[tuple[Node, ...]]:
    words = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)
    spans = st.recursive(
        words,
        lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, min_size=1, max_size=3).map(tuple)),
        max_leaves=8,
    )
    return st.lists(spans, max_size=4).map(tuple)


@given(nodes())
def test_source_comes_home(tree: tuple[Node, ...]) -> None:
    """`source` is read back to the same text; markup inside a text is never taken for markup."""
    once = RichText.parse(RichText(tree).source)
    assert once.html == RichText(tree).html
    assert RichText.parse(once.source) == once


@given(st.text())
def test_any_text(source: str) -> None:
    """Any text is read or refused with a ValueError, and what is read holds no other markup."""
    try:
        text = RichText.parse(source)
    except ValueError:
        return
    bare = text.html
    for tag in ("i", "b", "sub", "sup"):
        bare = bare.replace(f"<{tag}>", "").replace(f"</{tag}>", "")
    assert "<" not in bare.replace('<span class="sc">', "").replace("</span>", "")


def test_frozen() -> None:
    """A text does not change."""
    with pytest.raises(AttributeError, match="frozen"):
        RichText.parse("x").nodes = ()
