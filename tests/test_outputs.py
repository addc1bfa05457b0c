"""Outputs: from one table, of what may be published only, the same bytes each time, with what they lack said before."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING

import icalendar
import pytest
from msgspec import structs

from digest import convert_records, outputs, strict
from digest.build import build
from digest.errors import MissingRequirementError, ProjectError
from digest.export import objects, yaml_record
from digest.jobs import list_outputs
from digest.model import PartialDate, Person, Record
from digest.text import RichText
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What the publication has to say so that everything can be made of the sample.
SAYS = """
publisher: The Society
issn_online: 1590-8577
licence: https://creativecommons.org/licenses/by/4.0/
dois: {prefix: "10.6092", item: "10.6092/1590-8577/{key}", issue: "10.6092/1590-8577/{issue}"}
deposit: {depositor: Office, email: doi@example.org, policy: 10.6092/1590-8577/policy}
addresses: {issue: "https://example.org/{issue}/", item: "https://example.org/{issue}/{key}"}
ojs: {version: "3.4"}
"""
MARK = "Qzxvw"  # of an abstract that may not be published: no output has it


@pytest.fixture
def whole(journal: Path) -> Path:
    """The sample, with all that outputs may ask for."""
    text = (journal / "digest.yaml").read_text(encoding="utf-8")
    (journal / "digest.yaml").write_text(text + SAYS, encoding="utf-8")
    presented(journal / ISSUE, "101", begins="2014-05-31T13:15-05:00", ends="2014-05-31T13:30-05:00", room="Hall B, 1")
    return journal / ISSUE


def presented(issue: Path, key: str, **said: str) -> None:
    """Writes into a record when and where it was presented."""
    path = issue / "records" / f"{key}.yaml"
    lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in said.items())
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + lines, encoding="utf-8")


def contents(content: bytes) -> Iterator[bytes]:
    """The bytes of a file, and of all that is packed in it."""
    yield content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from contents(packed.read(name))
    if content[:5] == b"%PDF-":
        for part in content.split(b"stream\n")[1:]:
            reader = zlib.decompressobj()
            try:
                yield reader.decompress(part)
            except zlib.error:
                continue


@pytest.mark.parametrize("name", outputs.OUTPUTS)
def test_what_is_closed_is_in_none(whole: Path, name: str) -> None:
    """Of an abstract that may not be published yet, no output has a word; nor of one that is on hold."""
    for key, change in (("TPS205", {"embargo_until": PartialDate(2999, 1, 1)}), ("e411", {})):
        path = whole / "records" / f"{key}.yaml"
        record = strict.read(path.read_text(encoding="utf-8"), Record, key).value
        assert record
        marked = structs.replace(
            record,
            title=RichText.plain_text(f"{MARK} one"),
            number=f"{MARK}2",
            keywords=(f"{MARK} three",),
            authors=(Person(family=f"{MARK}four"),),
            **change,
        )
        path.write_text(yaml_record(marked), encoding="utf-8")
    issue = (whole / "issue.yaml").read_text(encoding="utf-8")
    held = issue.replace("- record: e411\n", "- record: e411\n        hold: not yet\n")
    assert held != issue
    (whole / "issue.yaml").write_text(held, encoding="utf-8")
    files = build(whole, [name]).files
    assert files
    for file, content in files.items():
        assert MARK not in file
        assert not any(MARK.encode() in part for part in contents(content)), file


@pytest.mark.parametrize("name", outputs.OUTPUTS)
def test_the_same_bytes(whole: Path, name: str, tmp_path: Path) -> None:
    """The same issue in another folder, on another day, gives the same files; they are those of the table."""
    made = build(whole, [name]).files
    other = tmp_path / "other"
    shutil.copytree(whole.parents[1], other, ignore=shutil.ignore_patterns(".cache"))
    assert build(other / ISSUE, [name]).files == made
    listed = outputs.OUTPUTS[name].files
    assert {file.partition("/")[0] + ("/" if "/" in file else "") for file in made} <= {*listed}


def test_what_is_missing_is_said(journal: Path) -> None:
    """For each output what the publication does not say, before and instead of making it."""
    for listed in list_outputs(folder=journal / ISSUE):
        if not listed.lacks:
            build(journal / ISSUE, [listed.name])
            continue
        with pytest.raises(ProjectError) as caught:
            build(journal / ISSUE, [listed.name])
        errors = [problem for problem in caught.value.problems if problem.code == "output-lacks"]
        assert len(errors) == len(listed.lacks)


def test_every_output_has_its_page() -> None:
    """The manual has a part for each output, with its files."""
    manual = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    for name, row in outputs.OUTPUTS.items():
        assert f"\n## {name}\n" in manual
        assert all(f"`{file}`" in manual for file in row.files), name


def test_every_field_of_a_record_is_written() -> None:
    """What is frozen, exported or read for an output has all fields of a record, and no other."""
    assert set(objects._ORDER) == {field.name for field in structs.fields(Record)}  # noqa: SLF001 - the list


# -- references --------------------------------------------------------------------------------------------------------


def test_reference_files_are_read_back(whole: Path, tmp_path: Path) -> None:
    """Each file has every article and abstract in order, with its DOI; e-mail addresses are in none."""
    article = whole / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    article.write_text(
        text.replace("    family: Hollow", "    email: ann@example.org\n    family: Hollow", 1), encoding="utf-8"
    )
    files = build(whole, ["references"]).files
    items = json.loads(files["references.json"])
    assert [item["DOI"] for item in items if "1590-8577/" in item.get("DOI", "")] == [
        "10.6092/1590-8577/radioembolization",
        "10.6092/1590-8577/cachexia",
    ]
    assert len(items) == 9
    for name, content in files.items():
        assert b"ann@example.org" not in content
        (tmp_path / name).write_bytes(content)
        found = json.loads("".join(convert_records([str(tmp_path / name)], to="csl")))
        assert [one["title"] for one in found] == [one["title"] for one in items], name


# -- calendar ----------------------------------------------------------------------------------------------------------


def test_the_calendar(whole: Path) -> None:
    """What a calendar program reads: the hours in UTC, the room, who speaks; what has no hour is named in a note."""
    presented(whole, "P1701", begins="2014-06-01T08:00+02:00", session="Tracers; part I")
    built = build(whole, ["calendar"])
    calendar = icalendar.Calendar.from_ical(built.files["programme.ics"])
    first, second = calendar.walk("VEVENT")
    by_number = {str(one["SUMMARY"]).split()[0]: one for one in (first, second)}
    talk = by_number["101"]
    assert talk.decoded("DTSTART") == dt.datetime(2014, 5, 31, 18, 15, tzinfo=dt.UTC)
    assert talk.decoded("DTEND") == dt.datetime(2014, 5, 31, 18, 30, tzinfo=dt.UTC)
    assert talk.decoded("DTSTAMP") == dt.datetime(2014, 7, 28, tzinfo=dt.UTC)
    assert str(talk["LOCATION"]) == "Hall B, 1"
    assert str(talk["STATUS"]) == "CONFIRMED"
    other = by_number["P1701"]
    assert other.decoded("DTSTART") == dt.datetime(2014, 6, 1, 6, tzinfo=dt.UTC)
    assert str(other["DESCRIPTION"]).startswith("Tracers; part I\n")
    assert "DTEND" not in other
    (note,) = [problem for problem in built.problems if problem.code == "output-leaves-out"]
    assert "TPS205" in note.message
    assert all(len(line) <= 75 for line in built.files["programme.ics"].split(b"\r\n"))
    assert len({str(one["UID"]) for one in (first, second)}) == 2


@pytest.mark.parametrize(
    ("said", "reported"),
    [
        ({"begins": "2014-05-31T13:15"}, "with their zone"),
        ({"begins": "2014-02-31T13:15Z"}, "no such day or hour"),
        ({"begins": "2014-05-31T13:15Z", "ends": "2014-05-31T13:15+05:00"}, "ends .* before it begins"),
    ],
)
def test_odd_hours(journal: Path, said: dict[str, str], reported: str) -> None:
    """A time without its zone, one that there never was, and an end before the begin are errors with their line."""
    presented(journal / ISSUE, "101", **said)
    with pytest.raises(ProjectError) as caught:
        build(journal / ISSUE, ["references"])
    (problem,) = [one for one in caught.value.problems if re.search(reported, one.message)]
    assert problem.file.endswith("records/101.yaml")
    assert problem.line


def test_without_its_library(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a library of an output is missing, the error says how to get it, and the list says so."""
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MissingRequirementError, match="icalendar"):
        build(whole, ["calendar"])
    (listed,) = [one for one in list_outputs(folder=whole) if one.name == "calendar"]
    assert listed.lacks == ("icalendar, on this machine",)
