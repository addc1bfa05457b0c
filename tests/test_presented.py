"""When and where an abstract was presented: from a programme through the library into an issue, and out again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from digest.export import as_object
from digest.model import Institution, Origin, PartialDate, Person, Record
from digest.records import from_json
from digest.sources.bounds import LONGEST, MOST, OTHERS, bounded
from digest.sources.page import Page, Parsed
from digest.strict import read
from digest.text import RichText
from tests.conftest import SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PLACE: dict[str, Any] = {
    "session": "Evening birds: Part 1",
    "room": "Room 3",
    "begins": "2024-05-15T07:30+00:00",
    "ends": "2024-05-15T07:50+00:00",
}
PARTS = [{"affiliation": 1, "name": "Lake Institute", "city": "Nowhere", "country": "Nowhereland", "ror": "05a28rw58"}]


@pytest.fixture
def programme(tmp_path: Path) -> Path:
    """A publication with a programme and, as a second source, its abstract with parts of the affiliation."""
    (tmp_path / "digest.yaml").write_text(
        "title: Ducks\nsources:\n"
        "  - {name: prog, address: prog.json, meeting: {name: Duck Days 2024, society: DUCK, start: 2024-05-14}}\n"
        "  - {name: own, address: own.json}\nsections:\n  - title: All\n"
    )
    (tmp_path / "prog.json").write_bytes((SEEDS / "indico-json" / "contributions.json").read_bytes())
    own = {
        "title": "Ducks at dusk",
        "number": "WE-07",
        "meeting": {"name": "Duck Days 2024", "society": "DUCK", "start": "2024-05-14"},
        "issued": "2024-05-15",
        "authors": [{"family": "Doe", "given": "Jane", "affiliations": [1]}],
        "affiliations": ["Lake Institute"],
        "institutions": PARTS,
    }
    (tmp_path / "own.json").write_text(json.dumps([own]))
    return tmp_path


def test_from_two_sources_into_an_issue(
    programme: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """Session, room and hours of one source and the parts of an affiliation of the other are in the frozen record."""
    run = digest_in(programme)
    code, out, err = run("collect")
    assert (code, "1 merged" in out) == (0, True), (out, err)
    code, out, err = run("new", "--date", "2024-06-01", "--match", "number:WE-07")
    assert code == 0, (out, err)
    (frozen,) = (programme / "issues" / "2024-06-01" / "records").glob("*.yaml")
    value = read(frozen.read_text(), Record, frozen.name).value
    assert value is not None
    kept = as_object(value)
    assert {name: kept.get(name) for name in PLACE} == PLACE
    assert list(kept["institutions"]) == PARTS


def test_every_field_is_in_json() -> None:
    """What ``digest convert --to json`` prints has each field of a record that is not empty."""
    names = set(Record.__struct_fields__)
    person = Person(family="Doe", affiliations=(1,))
    record = Record(
        title=RichText.parse("Ducks"),
        authors=(person,),
        affiliations=(RichText.parse("Lake Institute"),),
        institutions=(Institution(affiliation=1, name="Lake Institute"),),
        origin=Origin(source="a"),
        **PLACE,
    )
    assert from_json(as_object(record)) == record
    from digest.export import objects

    assert set(objects._ORDER) == names  # noqa: SLF001 - the list that has to be whole


def test_bounds_of_a_programme() -> None:
    """Names of sessions, rooms and institutions are cut as others are, and go with the affiliations that are kept."""
    places = tuple(RichText.parse(f"Place {n}") for n in range(MOST["affiliations"] + 2))
    last = Institution(affiliation=len(places), name="Last")
    long = Institution(affiliation=1, name="a" * (OTHERS + 1))
    record = Record(
        title=RichText.parse("Ducks"),
        affiliations=places,
        institutions=(long, last),
        session="b" * (OTHERS + 1),
        room="c" * (OTHERS + 1),
        issued=PartialDate(2024),
    )
    kept = bounded(Parsed(record=record, raw=b""), Page(b"", "p")).record
    assert [one.affiliation for one in kept.institutions] == [1]
    assert {len(kept.session), len(kept.room), len(kept.institutions[0].name)} == {OTHERS}
    assert len(kept.affiliations) == MOST["affiliations"] < LONGEST["affiliations"]
