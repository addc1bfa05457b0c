"""Records that are written in a format are read back the same."""

from __future__ import annotations

import importlib.util
import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from digest import strict
from digest.errors import DigestError
from digest.model import AbstractPart, Ids, Meeting, Origin, PartialDate, Person, Record
from digest.sources import Page, Parsed, parse
from digest.sources.remainder import MARK
from digest.sources.write import WRITERS, write, yaml_record, yaml_text
from digest.text import RichText
from tests.sources.strategies import ALPHABET, records

if TYPE_CHECKING:
    from pathlib import Path

FORMATS = {"json": "json", "yaml": "yaml", "csl": "csl-json", "ris": "ris", "bibtex": "bibtex", "nbib": "nbib"}
KEEPS_ALL = frozenset({"json", "yaml"})

WHOLE = Record(
    title=RichText.parse("Y<sub>90</sub> in <i>KRAS</i>-mutated tumors: a retrospective, single-center analysis"),
    authors=(
        Person(family="Gruener", given="Julia", affiliations=(1,), orcid="0000-0002-1825-0097"),
        Person(family="Heide", given="Jan", particle="van der", suffix="Jr", affiliations=(1, 2)),
        Person(literal="Beat AML Study Group"),
    ),
    affiliations=(RichText.parse("Weill Cornell, New York, NY"), RichText.parse("Institute of B&B, Easthaven")),
    container="Journal of Clinical Oncology",
    container_short="J Clin Oncol",
    issn="0732-183X",
    volume="32",
    issue="15",
    supplement="Suppl",
    number="e15166",
    issued=PartialDate(2014, 5, 20),
    meeting=Meeting(name="50th ASCO Annual Meeting 2014", society="ASCO", place="Chicago, IL, USA",
                    start=PartialDate(2014, 5, 30), end=PartialDate(2014, 6, 3)),
    presentation="poster",
    ids=Ids(doi="10.1200/jco.2014.32.15_suppl.e15166", nct=("NCT01077154",)),
    abstract=(
        AbstractPart(label="Background", text=RichText.parse("Of 100 patients 5% had p &lt; .001.")),
        AbstractPart(label="Methods", text=RichText.parse("We looked {twice} – carefully.")),
    ),
    keywords=("Carcinoma, Pancreatic Ductal", "Body Weight"),
    track="Gastrointestinal Cancer",
    language="en",
    publisher="American Society of Clinical Oncology",
    permission="full",
    embargo_until=PartialDate(2014, 5, 14),
    origin=Origin(source="invented for this test"),
)  # fmt: skip


def back(found: list[Record], to: str) -> list[Record]:
    text = "".join(write(found, to))
    outcomes = list(parse(Page(text.encode("utf-8"), f"out.{to}", format=FORMATS[to])))
    read = [outcome.record for outcome in outcomes if isinstance(outcome, Parsed)]
    assert len(read) == len(found), outcomes
    return [_as_given(one, of, keeps_all=to in KEEPS_ALL) for one, of in zip(read, found, strict=True)]


def _as_given(read: Record, record: Record, *, keeps_all: bool) -> Record:
    """What was read, with the two fields as they were that a reading makes anew, or adds where they are missing."""
    made = {name: getattr(record, name) for name in ("id", "origin") if not (keeps_all and getattr(record, name))}
    return structs.replace(read, **made)


def readable(to: str) -> str:
    module = {"json": "own", "yaml": "own", "csl": "csljson", "nbib": "medline"}.get(to, to)
    if importlib.util.find_spec(f"digest.sources.{module}") is None:
        pytest.skip(f"nothing reads {to} yet")
    return to


@pytest.mark.parametrize("to", WRITERS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(records(), min_size=1, max_size=2))
@example([WHOLE])
@example([WHOLE, WHOLE])
def test_a_record_that_is_written_is_read_back_the_same(to: str, found: list[Record]) -> None:
    """Every field comes back, but for the two that each reading makes anew."""
    assert back(found, readable(to)) == found


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(records())
@example(WHOLE)
def test_yaml_of_a_record_is_a_record_file(record: Record) -> None:
    """The strict reader takes what is written without a word."""
    read = strict.read(yaml_record(record), Record, "record.yaml")
    assert read.problems == ()
    assert read.value == record


@given(st.text(ALPHABET + "\n\t\x85\u2028", max_size=30))
@example("null")
@example("1e5")
@example("- a")
@example("2014-05-20T10:00")
def test_a_text_is_one_scalar_of_yaml_whatever_it_holds(text: str) -> None:
    """Another reader of YAML gets the same characters, as text or, of plain numbers and dates, what they stand for."""
    from ruamel.yaml import YAML

    node = YAML(typ="safe", pure=True).compose(f"key: {yaml_text(text)}\n")
    assert node.value[0][1].value == text
    assert node.value[0][1].id == "scalar"
    flow = YAML(typ="safe", pure=True).compose(f"key: [{yaml_text(text, in_flow=True)}, b]\n")
    assert flow.value[0][1].value[0].value == text


@pytest.mark.parametrize("to", ["csl", "ris", "bibtex", "nbib"])
def test_what_a_format_has_a_place_for_is_written_there(to: str) -> None:
    """Only the rest is kept beside: of an article as journals print it, nothing is."""
    article = Record(
        type="article",
        title=RichText.parse("Nonfunctional pancreatic neuroendocrine tumors"),
        authors=(Person(family="Kuo", given="Jennifer H."), Person(family="Heide", given="Jan", particle="van der")),
        container="Surgical Clinics of North America",
        container_short="Surg Clin North Am",
        volume="94",
        issue="3",
        pages="689-708",
        issued=PartialDate(2014, 6),
        ids=Ids(pmid="24857584", doi="10.1016/j.suc.2014.02.010"),
        abstract=(AbstractPart(text=RichText.parse("They are found by chance, of 5% it is known.")),),
        keywords=("Pancreas", "Surgery"),
        language="en",
    )
    assert MARK not in "".join(write([article], readable(to)))


def test_lines_and_arrays_of_json_say_the_type_and_the_label_always() -> None:
    """As the command line promises: a type, and a null for a part without a label."""
    record = Record(title=RichText.parse("A"), abstract=(AbstractPart(text=RichText.parse("B")),))
    assert (
        "".join(write([record, record], "json", lines=True)).splitlines()
        == ['{"type": "meeting-abstract", "title": "A", "abstract": [{"label": null, "text": "B"}]}'] * 2
    )
    assert "".join(write([], "json")) == "[]\n"


def test_two_entries_never_have_one_key() -> None:
    """Keys are made of name and year; a letter tells equal ones apart."""
    text = "".join(write([WHOLE, WHOLE, WHOLE], "bibtex"))
    assert [line for line in text.splitlines() if line.startswith("@")] == [
        "@article{gruener2014,", "@article{gruener2014b,", "@article{gruener2014c,"
    ]  # fmt: skip


def test_a_change_in_the_written_text_holds() -> None:
    """What somebody has corrected in another program is not undone by what stood beside it."""
    text = "".join(write([WHOLE], "bibtex"))
    assert MARK in text
    changed = text.replace("Julia", "Juliane").replace("32,", "33,")
    (outcome,) = parse(Page(changed.encode(), "out.bib", format="bibtex"))
    assert isinstance(outcome, Parsed)
    assert outcome.record.authors[0].given == "Juliane"
    assert [problem.code for problem in outcome.problems] == ["remainder"]


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ('{"track":["74234e98","a\\u0000b"]}', []),
        ('{"track":["74234e98",{"a":[1]}]}', ["remainder"]),
        ('{"title":["0",null],"no such field":["74234e98","x"]}', ["remainder"]),
        ('["track"]', []),
        ("{", []),
        ("[" * 9000, []),
    ],
    ids=["a control character", "another type", "an unknown field", "no object", "no JSON", "nested deeply"],
)
def test_what_stands_beside_is_from_outside_too(rest: str, told: list[str]) -> None:
    """It is checked as everything else, and an odd one leaves the record as the format itself tells it."""
    text = f"TY  - JOUR\nTI  - T\nU5  - {MARK} {rest}\nER  - \n"
    (outcome,) = parse(Page(text.encode(), "out.ris"))
    assert isinstance(outcome, Parsed)
    assert [problem.code for problem in outcome.problems] == told
    assert outcome.record.title.plain == "T"
    assert "\0" not in outcome.record.track


@pytest.mark.parametrize("to", WRITERS)
def test_real_records_come_back_the_same(to: str, shared: Path) -> None:
    """Of each real file the first five records: names, markup and texts as publishers have them."""
    readable(to)
    files = sorted((shared / "records" / "files").iterdir())
    found = [outcome.record for path in files for outcome in _first(path)]
    assert len(found) > 40
    assert back(found, to) == found


def _first(path: Path) -> list[Parsed]:
    outcomes = parse(Page(path, path.name))
    return list(itertools.islice((outcome for outcome in outcomes if isinstance(outcome, Parsed)), 5))


def test_an_unknown_format_is_told() -> None:
    """With the nearest known one."""
    with pytest.raises(DigestError, match="bibtex"):
        write([], "bibtext")
