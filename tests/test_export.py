"""Records that are written in a format are read back the same."""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, get_args

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from digest import strict
from digest.errors import DigestError
from digest.export import WRITERS, write_records, yaml_record, yaml_text
from digest.model import AbstractPart, Ids, Meeting, Origin, PartialDate, Person, Record, RecordType
from digest.project import read_issue
from digest.remainder import MARK
from digest.sources import Page, Parsed, parse, recognise
from digest.sources.formats import FORMATS as SOURCES
from digest.text import RichText
from tests.conftest import ISSUE, SHARED, files_of
from tests.sources.strategies import ALPHABET, records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Digest = Callable[[Path], Callable[..., tuple[int, str, str]]]

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
    meeting=Meeting(
        name="50th ASCO Annual Meeting 2014",
        society="ASCO",
        place="Chicago, IL, USA",
        start=PartialDate(2014, 5, 30),
        end=PartialDate(2014, 6, 3),
    ),
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
)


def back(found: list[Record], to: str) -> list[Record]:
    text = "".join(write_records(found, to))
    outcomes = list(parse(Page(text.encode("utf-8"), f"out.{to}", format=FORMATS[to])))
    read = [outcome.record for outcome in outcomes if isinstance(outcome, Parsed)]
    assert len(read) == len(found), outcomes
    return [_as_given(one, of, keeps_all=to in KEEPS_ALL) for one, of in zip(read, found, strict=True)]


def _as_given(read: Record, record: Record, *, keeps_all: bool) -> Record:
    """What was read, with the two fields as they were that each reading makes or adds."""
    made = {name: getattr(record, name) for name in ("id", "origin") if not (keeps_all and getattr(record, name))}
    return structs.replace(read, **made)


@pytest.mark.parametrize("to", WRITERS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.lists(records(), min_size=1, max_size=2))
@example([WHOLE])
@example([WHOLE, WHOLE])
def test_a_record_that_is_written_is_read_back_the_same(to: str, found: list[Record]) -> None:
    """Every field comes back, except for the two that each reading makes."""
    assert back(found, to) == found


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(records())
@example(WHOLE)
def test_yaml_of_a_record_is_a_record_file(record: Record) -> None:
    """The strict reader accepts what is written without a problem."""
    read = strict.read(yaml_record(record), Record, "record.yaml")
    assert read.problems == ()
    assert read.value == record


@given(st.text(ALPHABET + "\n\t\x85\u2028", max_size=30))
@example("null")
@example("1e5")
@example("- a")
@example("2014-05-20T10:00")
def test_a_text_is_one_scalar_of_yaml_whatever_it_holds(text: str) -> None:
    """Another reader of YAML gets the same characters, as text or, for plain numbers and dates, as their value."""
    from ruamel.yaml import YAML

    node = YAML(typ="safe", pure=True).compose(f"key: {yaml_text(text)}\n")
    assert node.value[0][1].value == text
    assert node.value[0][1].id == "scalar"
    flow = YAML(typ="safe", pure=True).compose(f"key: [{yaml_text(text, in_flow=True)}, b]\n")
    assert flow.value[0][1].value[0].value == text


@pytest.mark.parametrize("to", ["csl", "ris", "bibtex", "nbib"])
def test_what_a_format_has_a_place_for_is_written_there(to: str) -> None:
    """Only the rest goes into the remainder: for an article as journals print it, nothing."""
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
    assert MARK not in "".join(write_records([article], to))
    assert MARK not in "".join(write_records([structs.replace(article, ids=Ids())], to))


def test_lines_and_arrays_of_json_say_the_type_and_the_label_always() -> None:
    """As the command line promises: a type, and a null for a part without a label."""
    record = Record(title=RichText.parse("A"), abstract=(AbstractPart(text=RichText.parse("B")),))
    assert (
        "".join(write_records([record, record], "json", lines=True)).splitlines()
        == ['{"type": "meeting-abstract", "title": "A", "abstract": [{"label": null, "text": "B"}]}'] * 2
    )
    assert "".join(write_records([], "json")) == "[]\n"


def test_two_entries_never_have_one_key() -> None:
    """Keys are made of name and year; a letter distinguishes equal ones."""
    text = "".join(write_records([WHOLE, WHOLE, WHOLE], "bibtex"))
    assert [line for line in text.splitlines() if line.startswith("@")] == [
        "@article{gruener2014,",
        "@article{gruener2014b,",
        "@article{gruener2014c,",
    ]


def test_a_change_in_the_written_text_counts() -> None:
    """What somebody has corrected in another program is not undone by the remainder."""
    text = "".join(write_records([WHOLE], "bibtex"))
    assert MARK in text
    changed = text.replace("Julia", "Juliane").replace("32,", "33,")
    (outcome,) = parse(Page(changed.encode(), "out.bib", format="bibtex"))
    assert isinstance(outcome, Parsed)
    assert outcome.record.authors[0].given == "Juliane"
    assert [problem.code for problem in outcome.problems] == ["remainder"]


@pytest.mark.parametrize(
    ("rest", "codes"),
    [
        ('{"track":["74234e98","a\\u0000b"]}', []),
        ('{"track":["74234e98",{"a":[1]}]}', ["remainder"]),
        ('{"title":["0",null],"no such field":["74234e98","x"]}', ["remainder"]),
        ('["track"]', []),
        ("{", []),
        ("[" * 9000, []),
    ],
    ids=["a control character", "another type", "an unknown field", "not an object", "not JSON", "nested deeply"],
)
def test_a_remainder_comes_from_outside_too(rest: str, codes: list[str]) -> None:
    """It is checked as everything else, and an odd one leaves the record as the format itself has it."""
    text = f"TY  - JOUR\nTI  - T\nU5  - {MARK} {rest}\nER  - \n"
    (outcome,) = parse(Page(text.encode(), "out.ris"))
    assert isinstance(outcome, Parsed)
    assert [problem.code for problem in outcome.problems] == codes
    assert outcome.record.title.plain == "T"
    assert "\0" not in outcome.record.track


@pytest.mark.parametrize("to", WRITERS)
def test_records_of_files_come_back_the_same(to: str) -> None:
    """Of each of our files and each real one the first five records: names, markup and texts as publishers have them."""
    files = [path for form in SOURCES for path in files_of(form)] + sorted((SHARED / "records" / "files").glob("*"))
    found = [outcome.record for path in files for outcome in _first(path)]
    assert len(found) > 40
    assert back(found, to) == found


def _first(path: Path) -> list[Parsed]:
    outcomes = parse(Page(path, path.name))
    return list(itertools.islice((outcome for outcome in outcomes if isinstance(outcome, Parsed)), 5))


BARE = [Record(title=RichText.parse("Ducks"), type=kind) for kind in get_args(RecordType)]
LONG = structs.replace(
    WHOLE, id="long", abstract=(AbstractPart(text=RichText.parse("Ducks swim, and @geese{too} fly. " * 200)),)
)


def written(found: Iterable[Record], form: str) -> str:
    to, _, lines = form.partition(" ")
    return "".join(write_records(found, to, lines=bool(lines)))


FORMS = [*WRITERS, "json lines"]


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(records(), min_size=1, max_size=2))
@example([WHOLE])
@example([LONG, WHOLE])
@example(BARE)
def test_what_is_written_is_recognised(form: str, found: list[Record]) -> None:
    """Whatever the records hold, the format of their text is known by its content."""
    assert recognise(Page(written(found, form).encode(), "out")) == FORMATS[form.partition(" ")[0]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("record", BARE, ids=lambda record: record.type)
def test_a_record_of_a_title_alone_comes_back(form: str, record: Record) -> None:
    """Without authors, journal and date the format is still known, and so is the type."""
    (outcome,) = parse(Page(written([record], form).encode(), "out"))
    assert isinstance(outcome, Parsed)
    assert structs.replace(outcome.record, id=None, origin=None) == record


@pytest.fixture(params=FORMS)
def file(request: pytest.FixtureRequest, journal: Path) -> Path:
    """A file that the program wrote, in a publication."""
    path = journal / "written"
    path.write_text(written(KEPT, request.param), encoding="utf-8")
    return path


KEPT = [
    structs.replace(record, id=key, origin=None)
    for key, record in {"whole": WHOLE, "long": structs.replace(LONG, ids=Ids(), number="7"), "bare": BARE[0]}.items()
]


def same(text: str) -> list[Record]:
    """The records of a JSON text without the fields that each reading makes."""
    outcomes = parse(Page(text.encode(), "again", format="json"))
    return [structs.replace(one.record, id=None, origin=None) for one in outcomes if isinstance(one, Parsed)]


EXPECTED = [structs.replace(record, id=None) for record in KEPT]


def test_convert_reads_what_it_wrote(file: Path, digest_in: Digest) -> None:
    """The same records, of a file and of a folder of them."""
    run = digest_in(file.parent)
    code, out, err = run("convert", "written")
    assert (code, same(out), err) == (0, EXPECTED, "")
    (file.parent / "folder").mkdir()
    for name in ("a", "b"):
        (file.parent / "folder" / name).write_bytes(file.read_bytes())
    code, out, err = run("convert", "folder", "--lines")
    assert (code, same(out), err) == (0, EXPECTED * 2, "")


def test_cite_reads_what_convert_wrote(file: Path, digest_in: Digest) -> None:
    """The same bibliography as of the records themselves."""
    run = digest_in(file.parent)
    (file.parent / "records.yaml").write_text(written(KEPT, "yaml"), encoding="utf-8")
    code, expected, err = run("cite", "records.yaml")
    assert (code, len(expected.splitlines()), err) == (0, len(KEPT), "")
    assert run("cite", "written") == (0, expected, "")


def test_collect_reads_what_convert_wrote(file: Path, digest_in: Digest) -> None:
    """Each record is new to an empty library, and known when it comes again."""
    run = digest_in(file.parent)
    code, out, _ = run("collect", "written", "--library", "new.db")
    assert (code, out) == (0, f"written: {len(KEPT)} new\n")
    code, out, _ = run("collect", "written", "--library", "new.db")
    assert (code, out) == (0, f"written: {len(KEPT)} unchanged\n")
    code, out, _ = run("search", "ducks OR radioembolization OR tumors", "--json", "--library", "new.db")
    found = [hit["record"] for hit in json.loads(out)["hits"]]
    assert {record.title for record in same(json.dumps(found))} == {record.title for record in EXPECTED}


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("json", "references.json"),
        ("json lines", "references.json"),
        ("yaml", "references.yaml"),
        ("csl", "references.json"),
        ("ris", "references.ris"),
        ("bibtex", "references.bib"),
    ],
)
def test_the_references_of_an_issue_may_be_written_by_convert(form: str, name: str, journal: Path) -> None:
    """The same records, by the keys of the file; those of BibTeX are made of name and year."""
    for path in (journal / ISSUE).glob("references.*"):
        path.unlink()
    (journal / ISSUE / name).write_text(written(KEPT, form), encoding="utf-8")
    for article in (journal / ISSUE / "articles").glob("*.md"):
        text = re.sub(r"\[-?@[^\]]*\]", "", article.read_text(encoding="utf-8"))
        article.write_text(text, encoding="utf-8")
    references = read_issue(journal / ISSUE).references
    assert [structs.replace(record, id=None, origin=None) for record in references.values()] == EXPECTED
    assert form == "bibtex" or list(references) == ["whole", "long", "bare"]


def test_an_unknown_format_is_reported() -> None:
    """With the nearest known one."""
    with pytest.raises(DigestError, match="bibtex"):
        write_records([], "bibtext")
