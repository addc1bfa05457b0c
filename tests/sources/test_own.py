"""Records of our own: JSON, JSON lines and YAML, as they were written; the mistakes of each record reported together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.cite.bibliography import read_citables
from digest.errors import DigestError, Problem
from digest.records import encode
from digest.sources import Outcome, Page, Parsed, formats
from digest.sources.formats.own import parse
from tests.sources.strategies import records as any_record

if TYPE_CHECKING:
    from digest.model import Record


def outcomes(content: str, format: str = "json") -> list[Outcome]:  # noqa: A002 - the page's word
    return list(parse(Page(content.encode("utf-8", "surrogatepass"), "page", format=format)))


def shown(content: str, format: str = "json") -> list[str]:  # noqa: A002 - the page's word
    return [
        outcome.record.title.plain if isinstance(outcome, Parsed) else getattr(outcome, "code", "deleted")
        for outcome in outcomes(content, format)
    ]


READ = {
    "a list": ('[{"title":"a"},{"title":"b"}]', "json", ["a", "b"]),
    "records with a schema": ('{"schema":1,"records":[{"title":"a"}]}', "json", ["a"]),
    "one record": ('{"title":"a"}', "json", ["a"]),
    "lines": ('{"title":"a"}\n\n{"title":"b"}\n', "json", ["a", "b"]),
    "lines of which one is broken": ('{"title":"a"}\n{"title":\n{"title":"b"}\n', "json", ["a", "yaml", "b"]),
    "an empty list": ("[]", "json", []),
    "a list that breaks off": ('[{"title":"a"},{"title":"b"},{"ti', "json", ["a", "b", "json"]),
    "records that break off": ('{"schema":1,"records":[{"title":"a"},{"ti', "json", ["a", "json"]),
    "something after the list": ('[{"title":"a"}] x', "json", ["a", "json"]),
    "what is not a record": ('[{"title":"a"}, 5, null]', "json", ["a", "type", "type"]),
    "a number where a text is wanted": ('[{"title":"a","volume":15}]', "json", ["a"]),
    "a pair of surrogates": ('[{"title":"\\ud83d\\ude00"}]', "json", ["\U0001f600"]),
    "a lone surrogate": ('[{"title":"a","track":"\\ud83d"},{"title":"b"}]', "json", ["control-character", "b"]),
    "a control character": ('[{"title":"a","track":"\\u0000"},{"title":"b"}]', "json", ["control-character", "b"]),
    "a huge number": ('[{"title":"a","volume":' + "9" * 5000 + '},{"title":"b"}]', "json", ["a", "b"]),
    "an unknown key": ('[{"titel":"a"},{"title":"b"}]', "json", ["unknown-key", "b"]),
    "a key twice": ('[{"title":"a","title":"b"},{"title":"c"}]', "json", ["duplicate-key", "c"]),
    "a key twice inside": (
        '[{"title":"a","ids":{"pmid":"1","pmid":"2"}},{"title":"c"}]',
        "json",
        ["duplicate-key", "c"],
    ),
    "a key twice in lines": ('{"title":"a","title":"b"}\n{"title":"c"}\n', "json", ["duplicate-key", "c"]),
    "a key twice in a list that breaks off": ('[{"title":"a","title":"b"},{"ti', "json", ["duplicate-key", "json"]),
    "records twice": ('{"records":[{"title":"a"}],"records":[{"title":"b"}]}', "json", ["duplicate-key", "b"]),
    "the same key in two objects": ('[{"title":"a","authors":[{"family":"b"},{"family":"c"}]}]', "json", ["a"]),
    "a YAML list": ("- title: a\n  volume: 15\n# remark\n- title: b\n", "yaml", ["a", "b"]),
    "YAML records": ("schema: 1\nrecords:\n  - title: a\n  - title: b\n", "yaml", ["a", "b"]),
    "YAML documents": ("---\ntitle: a\n---\ntitle: b\n...\n", "yaml", ["a", "b"]),
    "a YAML record": ("title: a\nabstract:\n- text: |\n    - no item\n", "yaml", ["a"]),
    "a mistake in one of a YAML list": (
        "- title: a\n- titel: b\n- title: 'c\n- title: d\n",
        "yaml",
        ["a", "unknown-key", "yaml", "d"],
    ),
    "an alias": ("- title: &a x\n- title: *a\n", "yaml", ["x", "yaml"]),
}


@pytest.mark.parametrize("case", READ)
def test_records_are_read_in_every_form(case: str) -> None:
    """Each record of each form is read or is one problem; a mistake hides none of the others."""
    content, format_, expected = READ[case]
    assert shown(content, format_) == expected


def test_all_mistakes_of_a_record_are_reported_at_once() -> None:
    """One problem a record, with each mistake by its key, and the line in the page."""
    (problem,) = outcomes('[\n{"titel": "a",\n "ids": {"doi": "x"}}\n]')
    assert isinstance(problem, Problem)
    assert (problem.line, problem.key) == (2, "record 1")
    for words in ("did you mean “title”", "ids.doi: expected a DOI", "the key “title” is missing"):
        assert words in problem.message


@pytest.mark.parametrize("content", ['{"schema":2,"records":[]}', "schema: 2\nrecords:\n- title: a\n"])
def test_another_schema_is_refused(content: str) -> None:
    """Records of another schema are not guessed at."""
    with pytest.raises(DigestError, match="of schema 2"):
        outcomes(content, "json" if content.startswith("{") else "yaml")


def test_an_origin_and_an_id_are_kept_or_made() -> None:
    """The origin and id that a record has are kept; where it has none, they are made from the page."""
    kept, made = outcomes('[{"title":"a","id":"x","origin":{"where":"there"}},{"title":"a"}]')
    assert isinstance(kept, Parsed)
    assert isinstance(made, Parsed)
    assert (kept.record.id, kept.record.origin and kept.record.origin.where) == ("x", "there")
    assert made.record.id
    assert made.record.origin
    assert (made.record.origin.where, made.raw) == ("page", b'{"title":"a"}')


def test_deep_nesting_is_reported() -> None:
    """Brackets without end are a problem, not a crash."""
    for content, format_ in (
        ("[" * 20_000, "json"),
        ('[{"title":' + "[" * 20_000, "json"),
        ("- title: " + "[" * 10_000, "yaml"),
    ):
        assert any(isinstance(outcome, Problem) and outcome.level == "error" for outcome in outcomes(content, format_))


def test_many_records_are_read_quickly() -> None:
    """Twenty thousand records take a few seconds."""
    started = time.process_time()
    assert len(outcomes("[" + ",".join(f'{{"title":"Ducks","number":"{n}"}}' for n in range(20_000)) + "]")) == 20_000
    assert time.process_time() - started < 60


@settings(max_examples=30)
@given(st.lists(any_record(), max_size=2))
def test_what_was_written_is_read_back(given_records: list[Record]) -> None:
    """Records as JSON come back the same but for the id and origin that they lacked."""
    found = outcomes("[" + ",".join(encode(record).decode() for record in given_records) + "]")
    assert len(found) == len(given_records)
    for outcome, record in zip(found, given_records, strict=True):
        assert isinstance(outcome, Parsed)
        assert outcome.record.title == record.title
        assert outcome.record.abstract == record.abstract


FROZEN = """\
# A frozen record: one abstract, as this issue prints it; correct it by hand, if you like.

id: mate:1
title: "Weight, lipase and enzymes: a report of titles, authors and numbers"
authors:
  - {family: Au, given: Ann}
  - {family: Doe, initials: J}
container: Pancreas
issued: 2014-05
"""


def test_a_frozen_record_made_by_hand_is_not_a_table() -> None:
    """The commas of its first line are not columns: the line says what the file is."""
    page = Page(FROZEN.encode(), "P102.yaml")
    (outcome,) = formats.parse(page)
    assert page.format == "yaml"
    assert isinstance(outcome, Parsed)
    assert outcome.record.id == "mate:1"


@pytest.mark.parametrize(
    "text",
    [
        "# one, title, author\nid: a\ntitle: b, c, d\n",
        "title: Weight, lipase, enzymes\nauthors: []\n",
        "schema: 1\nrecords:\n  - title: a, b\n    track: x, title\n",
        "---\n- number: 1, title, author\n  title: b\n",
        "-\n  track: title, author\n  title: b\n",
        "- affiliations: [Ducks]\n  abstract:\n    - text: >-\n        TY  - is a tag, @article{a, too\n  title: b\n",
    ],
)
def test_a_yaml_mapping_is_never_a_table(text: str) -> None:
    """Nor tagged text, whatever words and signs its values hold."""
    assert formats.recognise(Page(text.encode(), "page")) == "yaml"


CITED = {
    "JSON lines": '{"title":"One","id":"a"}\n{"title":"Two","id":"b"}\n',
    "YAML with a schema": "schema: 1\nrecords:\n  - title: One\n    id: a\n  - title: Two\n    id: b\n",
    "JSON with a schema": '{"schema":1,"records":[{"title":"One","id":"a"},{"title":"Two","id":"b"}]}',
    "YAML documents": "---\ntitle: One\nid: a\n---\ntitle: Two\nid: b\n",
    "a frozen record and another document": FROZEN.replace("mate:1", "a") + "---\ntitle: Two\nid: b\n",
    "a list of records that breaks off": '[{"title":"One","id":"a","ids":{}},{"title":"Two","id":"b"},{"ti',
}


@pytest.mark.parametrize("case", CITED)
def test_cite_reads_records_as_convert_does(case: str) -> None:
    """Each form in which `convert` reads records is one in which `cite` does."""
    sources, problems = read_citables([("f", CITED[case])])
    assert [source.key for source in sources] == ["a", "b"]
    assert [problem.code for problem in problems] == (["json"] if "breaks off" in case else [])
