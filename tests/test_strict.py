"""Strict reading: every mistake is reported with line and key, what was expected, and the nearest spelling."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import strict
from digest.model import Record
from digest.publication import ArticleFile, IssueFile, Publication

MISTAKES: list[tuple[type, str, list[str]]] = [
    (
        Publication,
        "titel: x\n",
        [
            "f:1: error: the key “titel” is not known here; did you mean “title”? [unknown-key]",
            "f:1: error: the key “title” is missing [missing-key]",
        ],
    ),
    (Publication, "title: [a]\n", ["f:1: error: expected some text, found a list [type]"]),
    (Publication, "- a\n", ["f:1: error: expected keys with values (“key: value”), found a list [type]"]),
    (Publication, "title: a\ntitle: b\n", ["f:2: error: the key “title” appears here twice [duplicate-key]"]),
    (
        Publication,
        "title: a\nissn: 1590-8578\n",
        ["f:2: error: the ISSN 1590-8578 has a wrong check digit: 7 would be right [inconsistent]"],
    ),
    (
        Publication,
        "title: a\nurl: javascript:x\n",
        ["f:2: error: expected an address that begins with https://, found “javascript:x” [value]"],
    ),
    (
        Publication,
        "title: &a x\nrights: *a\n",
        ["f:2: error: aliases (*name) and deep nesting are not used in these files; write the value out [yaml]"],
    ),
    (
        Publication,
        "title: !!python/name:os.system x\n",
        ["f:1: error: the tag tag:yaml.org,2002:python/name:os.system is not used in these files [yaml]"],
    ),
    (Publication, "", ["f:1: error: the file is empty [empty]"]),
    (IssueFile, "date: 2014-02-30\nsections: []\n", ["f:1: error: February 2014 has no day 30 [value]"]),
    (
        IssueFile,
        "date: 2014-07\nsections: []\n",
        ["f:1: error: the date of an issue is a day, such as 2014-07-28, not 2014-07 [inconsistent]"],
    ),
    (
        IssueFile,
        "date: 2014-07-28\nfirst_page: 0\nsections:\n- title: A\n  entries:\n  - artikel: x\n",
        [
            "f:2: error: expected a page number, found “0” [value]",
            "f:6: error: the key “artikel” is not known here; did you mean “article”? A field of your own is declared under “fields” in digest.yaml, and written as “fields: {artikel: …}” [unknown-key]",
        ],
    ),
    (
        IssueFile,
        "date: 2014-07-28\nsections:\n- title: A\n  entries:\n  - article: x\n    record: y\n",
        ["f:5: error: an entry is one of article, record, notice and page: give exactly one of them [inconsistent]"],
    ),
    (
        IssueFile,
        "date: 2014-07-28\nsections: []\ncover: {file: ../x.png, alt: x}\n",
        ["f:3: error: expected a path inside this folder, such as figures/plot.png, found “../x.png” [value]"],
    ),
    (
        ArticleFile,
        "title: x\nauthors:\n- {family: Saif, affiliations: [1, 3]}\n- {family: John, affiliations: [2]}\naffiliations:\n- Tufts\n",
        [
            "f:3: error: author Saif has affiliation 3, but there is one [inconsistent]",
            "f:4: error: author John has affiliation 2, but there is one [inconsistent]",
        ],
    ),
    (
        Record,
        "title: a <u>b</u>\nstatus: witdrawn\nauthors_truncated: yes\n",
        [
            "f:1: error: <u> is not allowed in a text; allowed are <i> <b> <sub> <sup> <sc>, without attributes [value]",
            "f:2: error: expected one of corrected, final, withdrawn; found “witdrawn”; did you mean “withdrawn”? [value]",
            "f:3: error: expected true or false, found “yes” [value]",
        ],
    ),
    (
        Record,
        "title: x\nids: {doi: https://doi.org/10.1/x}\n",
        [
            "f:2: error: expected a DOI in lower case that begins with 10., such as 10.1200/jco.2014.32.15_suppl.e15166, found “https://doi.org/10.1/x” [value]"
        ],
    ),
    (
        Record,
        "title: x\nnumber: '#7'\nembargo_until: 2014\n",
        [
            "f:2: error: the number is given without “#”: 7 [inconsistent]",
            "f:3: error: an embargo ends on a day, such as 2014-07-29, not in 2014 [inconsistent]",
        ],
    ),
]


@pytest.mark.parametrize(("type_", "text", "reported"), MISTAKES)
def test_mistakes(type_: type, text: str, reported: list[str]) -> None:
    """Each mistake is reported once, all mistakes at once."""
    read: strict.Read[object] = strict.read(text, type_, "f")
    assert read.value is None
    assert sorted(str(problem) for problem in read.problems) == sorted(reported)


def test_yaml_mistakes_have_a_line() -> None:
    """What is not YAML is reported with its line and what usually helps."""
    (problem,) = strict.read("title: a\nrights: b: c\n", Publication, "f").problems
    assert (problem.line, problem.code) == (2, "yaml")
    assert "must be in quotes" in problem.message


@pytest.mark.parametrize(
    ("text", "line", "hint"),
    [
        ("title: a\n\trights: b\n", 2, "there is a tab here"),
        ("title: a\n rights: b\n", 2, "in YAML a text that contains"),
        ("editors:\n  - a\n - b\n", 3, "not indented like"),
        ("title: a\nrights:b\n", 3, "a space is missing after"),
        ('title: "a\nrights: b\n', 3, "never closed"),
        ("title: @a\n", 1, "must be in quotes"),
        ("title: x\nrights: #101\n", 2, "is a comment"),
        ("title: x\nrights: see #101\n", 2, "is a comment"),
    ],
)
def test_slips_of_yaml(text: str, line: int, hint: str) -> None:
    """The slips that people make are reported with what fixes them."""
    problem = strict.read(text, Publication, "f").problems[0]
    assert hint in problem.message, problem.message
    assert problem.line == line


def test_the_type_decides() -> None:
    """Scalars are what the type says: numbers keep their zeros, Norway stays a country, nothing is nothing."""
    read = strict.read("title: x\nnumber: 0037\nvolume: 15\nissue:\nlanguage: no\nissued: 2014\n", Record, "f")
    assert read.value is not None
    assert (read.value.number, read.value.volume, read.value.issue, read.value.language) == (
        "0037",
        "15",
        "",
        "no",
    )
    assert str(read.value.issued) == "2014"


def test_where_texts_begin() -> None:
    """A text below its key begins on the next line."""
    read = strict.read("title: x\nrights: |\n  one\n  two\npublisher: >-\n  three\n", Publication, "f")
    assert [read.text_line(key) for key in ("title", "rights", "publisher")] == [1, 3, 6]


def test_json_is_read_too() -> None:
    """A JSON file is read by the same way."""
    read = strict.read('[{"id": "a1", "title": "x", "authors": [{"family": "Ł\\u00f3"}]}]', tuple[Record, ...], "f")
    assert read.value is not None
    assert read.value[0].authors[0].family == "Łó"


def test_lines_lead_back() -> None:
    """A problem found later is reported at the line of its part."""
    read = strict.read("title: x\n\nids:\n  pmid: 1\n", Record, "f", first_line=10)
    assert read.problem("warning", "c", "m", "ids", "pmid").line == 13
    assert read.problem("warning", "c", "m", "ids", "nbk").line == 12


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["title", "authors", "family", "ids", "abstract", "text", "x"]), inner
                )
            ),
        ).map(lambda value: msgspec.json.encode(value).decode()),
    )
)
def test_any_text(text: str) -> None:
    """Any text gives a value or problems, never an exception."""
    read = strict.read(text, Record, "f")
    assert (read.value is None) == bool(read.problems)
    assert all(problem.file == "f" and "\n" not in str(problem) for problem in read.problems)


@pytest.mark.parametrize(
    "text",
    ["[" * 5000, "{a: " * 3000, "- " * 3000 + "x", "a: " + "!" * 3000, "\ufeff", "%YAML 9.9\n---\n", "\t- x"],
)
def test_hostile(text: str) -> None:
    """Deep and odd texts are refused like any other."""
    assert strict.read(text, Record, "f").problems


@pytest.mark.parametrize(
    "text",
    [
        "title: " + "[" * 50_000,
        "title: " + "[{a: " * 10_000,
        '{"a":' * 20_000,
        "- " * 20_000 + "x",
        "title: " + "[a, " * 20_000,
        "title: " + "[\n " * 20_000,
        "\n".join(" " * n + "a:" for n in range(1000)),
    ],
)
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    """What is nested too deeply is reported with its line before anything is made of it."""
    started = time.process_time()
    (problem,) = strict.read(text, Record, "f").problems
    assert (problem.message, problem.line is not None) == ("the text is nested too deeply", True)
    assert time.process_time() - started < 60


@pytest.mark.parametrize("text", ['{"title": "' + "[0, 1) " * 100 + '"}', "title: '" + "[" * 100 + "'"])
def test_brackets_in_a_text_are_no_nesting(text: str) -> None:
    """A quoted text may hold any number of brackets."""
    assert strict.read(text, Record, "f").value is not None
