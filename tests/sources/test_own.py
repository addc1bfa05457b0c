"""Records of our own: JSON, JSON lines and YAML, as they were written; each record's mistakes told together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.records import encode
from digest.sources import Outcome, Page, Parsed
from digest.sources.own import parse
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
    "something behind the list": ('[{"title":"a"}] x', "json", ["a", "json"]),
    "what is no record": ('[{"title":"a"}, 5, null]', "json", ["a", "type", "type"]),
    "a number where a text is wanted": ('[{"title":"a","volume":15}]', "json", ["a"]),
    "a pair of surrogates": ('[{"title":"\\ud83d\\ude00"}]', "json", ["\U0001f600"]),
    "a lone surrogate": ('[{"title":"a","track":"\\ud83d"},{"title":"b"}]', "json", ["control-character", "b"]),
    "a control character": ('[{"title":"a","track":"\\u0000"},{"title":"b"}]', "json", ["control-character", "b"]),
    "a huge number": ('[{"title":"a","volume":' + "9" * 5000 + '},{"title":"b"}]', "json", ["a", "b"]),
    "an unknown key": ('[{"titel":"a"},{"title":"b"}]', "json", ["unknown-key", "b"]),
    "a key twice": ('[{"title":"a","title":"b"},{"title":"c"}]', "json", ["duplicate-key", "c"]),
    "a key twice inside": ('[{"title":"a","ids":{"pmid":"1","pmid":"2"}},{"title":"c"}]', "json", ["duplicate-key", "c"]),
    "a key twice in lines": ('{"title":"a","title":"b"}\n{"title":"c"}\n', "json", ["duplicate-key", "c"]),
    "a key twice in a list that breaks off": ('[{"title":"a","title":"b"},{"ti', "json", ["duplicate-key", "json"]),
    "records twice": ('{"records":[{"title":"a"}],"records":[{"title":"b"}]}', "json", ["duplicate-key", "b"]),
    "the same key in two objects": ('[{"title":"a","authors":[{"family":"b"},{"family":"c"}]}]', "json", ["a"]),
    "a YAML list": ("- title: a\n  volume: 15\n# remark\n- title: b\n", "yaml", ["a", "b"]),
    "YAML records": ("schema: 1\nrecords:\n  - title: a\n  - title: b\n", "yaml", ["a", "b"]),
    "YAML documents": ("---\ntitle: a\n---\ntitle: b\n...\n", "yaml", ["a", "b"]),
    "a YAML record": ("title: a\nabstract:\n- text: |\n    - no item\n", "yaml", ["a"]),
    "a mistake in one of a YAML list": ("- title: a\n- titel: b\n- title: 'c\n- title: d\n", "yaml",
                                       ["a", "unknown-key", "yaml", "d"]),
    "an alias": ("- title: &a x\n- title: *a\n", "yaml", ["x", "yaml"]),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_records_are_read_in_every_form(case: str) -> None:
    """Each record of each form is read or is one problem; a mistake hides none of the others."""
    content, format_, expected = READ[case]
    assert shown(content, format_) == expected


def test_a_record_tells_all_its_mistakes_at_once() -> None:
    """One problem a record, with each mistake by its key, and the line in the page."""
    (problem,) = outcomes('[\n{"titel": "a",\n "ids": {"doi": "x"}}\n]')
    assert isinstance(problem, Problem)
    assert (problem.line, problem.key) == (2, "record 1")
    for words in ("did you mean “title”", "ids.doi: expected a DOI", "the key “title” is missing"):
        assert words in problem.message


@pytest.mark.parametrize("content", ['{"schema":2,"records":[]}', "schema: 2\nrecords:\n- title: a\n"])
def test_another_schema_is_refused(content: str) -> None:
    """Records of a schema that is not ours are not guessed at."""
    with pytest.raises(DigestError, match="of schema 2"):
        outcomes(content, "json" if content.startswith("{") else "yaml")


def test_an_origin_and_an_id_are_kept_or_made() -> None:
    """What a record tells of where it came from stays; what it does not is the page."""
    kept, made = outcomes('[{"title":"a","id":"x","origin":{"where":"there"}},{"title":"a"}]')
    assert isinstance(kept, Parsed)
    assert isinstance(made, Parsed)
    assert (kept.record.id, kept.record.origin and kept.record.origin.where) == ("x", "there")
    assert made.record.id
    assert made.record.origin
    assert (made.record.origin.where, made.raw) == ("page", b'{"title":"a"}')


def test_deep_nesting_is_told() -> None:
    """Brackets without end are a problem and no crash."""
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
    assert time.process_time() - started < 10


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
