"""What is wrong with a query, and where: shown with a caret, and at its line in digest.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from digest.query import mistakes_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# A query, what is wrong with it, and the character that the caret is below.
MISTAKES: list[tuple[str, str, int]] = [
    ("(islet cell OR neuroendocrine", "the parenthesis is not closed", 0),
    ("islet) cell", "the parenthesis was not opened", 5),
    ("islet ()", "there is nothing in the parentheses", 6),
    ('islet "cell tumour', "the quotation mark is not closed", 6),
    ('title:"cell', "the quotation mark is not closed", 6),
    ("islet OR", "there is nothing after OR", 6),
    ("OR islet", "there is nothing before OR", 0),
    ("islet OR AND cell", "there is nothing after OR", 6),
    ("(islet NOT) cell", "there is nothing after NOT", 7),
    ("author: saif", "there is nothing after “author:”", 0),
    ("year:20x4", "expected a year such as 2014, 2012-2014 or 2013-", 0),
    ("tum*r", "a * comes at the end of a beginning, as in pancrea*", 3),
    (
        "saif ausor:x",
        "no field is called “ausor”; did you mean “author”?; put “ausor:” in quotes if these are words",
        5,
    ),
]
# What people type, in which nothing is wrong.
RIGHT = [
    "",
    "pancrea* OR neuroendocrine -mouse",
    '"islet cell" (author:saif OR by:roe) year:2012-2014',
    "“islet cell” year:2013- NOT mouse",
    "survival AND NOT mouse",
    "doi:10.1000/one 5-FU α–PD-1 - & co",
]


@pytest.mark.parametrize(("query", "message", "at"), MISTAKES)
def test_mistakes(query: str, message: str, at: int) -> None:
    """Each mistake has its place."""
    assert mistakes_in(query)[0] == (at, message)


@pytest.mark.parametrize("query", RIGHT)
def test_right(query: str) -> None:
    """A query without a mistake is left alone."""
    assert mistakes_in(query) == []


def test_where_people_see_them(
    tmp_path: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """A caret on the command line, a line in digest.yaml; an unknown field is a word where somebody searches."""
    run = digest_in(tmp_path)
    (tmp_path / "digest.yaml").write_text("title: Invented Journal\n", encoding="utf-8")
    (tmp_path / "one.csv").write_text("title,authors\nTumours of an invented organ,Roe J\n", encoding="utf-8")
    run("collect", "one.csv")
    code, _, err = run("search", "tumor (organ")
    assert (code, err) == (
        1,
        "digest: the query cannot be read: the parenthesis is not closed\n    tumor (organ\n          ^\n",
    )
    assert run("new", "--date", "2014-09-01", "--match", "ausor:x")[2].endswith("\n    ausor:x\n    ^\n")
    code, _, err = run("search", "tumor seen:organ")
    assert (code, "Also looked for: tumours" in err, "no field is called “seen”" in err) == (0, True, True)
    assert "“tumours” finds one" in run("search", "tumuors")[2]
    assert "“tumours” finds one" in run("new", "--date", "2014-09-01", "--match", "tumuors")[2]
    rules = "title: Invented Journal\nsections:\n  - title: One\n    match: ausor:x\n"
    (tmp_path / "digest.yaml").write_text(rules, encoding="utf-8")
    code, _, err = run("new", "--date", "2014-09-01")
    assert code == 1
    assert err.startswith(
        "digest.yaml:4: error: the query cannot be read: no field is called “ausor”; did you mean “author”?"
    )
