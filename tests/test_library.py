"""The library: nothing that came in is lost, by merging, splitting, killing, a full disk or a second process."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from digest.errors import DigestError, Problem
from digest.library import Intake, Library, Reading
from digest.model import AbstractPart, Ids, Meeting, Origin, PartialDate, Person, Record
from digest.sources import Page, parse
from digest.sources.formats import FORMATS
from digest.sources.page import Deleted, Outcome, Parsed
from digest.text import RichText
from tests.conftest import ROOT, SHARED, files_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TODAY = PartialDate(2014, 7, 28)
TITLE = "Predictors of survival following radioembolization of liver metastases"


def arrival(identifier: str = "", title: str = TITLE, text: str = "", **fields: Any) -> Parsed:  # noqa: ANN401 - any field of a record
    """One meeting abstract of ASCO 2014 by Saif, except for what is given."""
    known: dict[str, Any] = {
        "authors": (Person(family="Saif", given="Muhammad Wasif"), Person(family="Löfberg", initials="K")),
        "issued": PartialDate(2014, 5, 20),
        "meeting": Meeting(name="ASCO Annual Meeting", society="ASCO"),
        "abstract": (AbstractPart(text=RichText.parse(text)),) if text else (),
    }
    ids = Ids(**{name: fields.pop(name) for name in ("doi", "pmid", "pmcid", "nct") if name in fields})
    record = Record(title=RichText.parse(title), ids=ids, **{"origin": Origin(format="ris"), **known, **fields})
    return Parsed(record=record, raw=repr((identifier, title, fields)).encode(), identifier=identifier)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.db") as opened:
        yield opened
        assert opened.check() == ()


def ids(library: Library) -> list[str]:
    return [record.id or "" for record in library.all()]


def read_to_the_end(library: Library, source: str, *outcomes: Outcome) -> Reading:
    """A reading of a whole source that holds these alone."""
    with library.reading(source, today=TODAY, whole=True) as reading:
        reading.take(outcomes)
    return reading


def test_nothing_is_lost(library: Library) -> None:
    """What came in comes out: the record, its bytes, its source and when it was seen."""
    came = arrival("a", doi="10.1000/a", text="p &lt; .001 in <i>x</i>")
    report = library.collect([came], source="asco", today=TODAY)
    assert (report.new, report.arrived, report.new_ids) == (1, 1, ["doi:10.1000/a"])
    stored = library.get("doi:10.1000/a")
    assert structs.replace(stored.record, id=None) == came.record
    assert [library.raw(origin) for origin in stored.origins] == [came.raw]
    (origin,) = stored.origins
    assert (origin.source, origin.identifier, origin.format, origin.first_seen) == ("asco", "a", "ris", TODAY)


def test_what_became_of_each(library: Library) -> None:
    """Every arrival is new, merged, changed, unchanged, deleted, unknown or refused, and the report says which."""
    first: list[Outcome] = [
        arrival("a", doi="10.1000/a"),
        arrival("b", number="e1", title="Quality of life in neuroendocrine tumours of the pancreas"),
        Problem(level="error", code="broken", message="no title"),
        Problem(level="note", code="odd", message="two titles"),
    ]
    report = library.collect(first, source="feed", today=TODAY)
    assert (report.new, report.refused, len(report.problems), report.arrived) == (2, 1, 2, 3)
    later = PartialDate(2014, 8, 1)
    second: list[Outcome] = [
        arrival("a", doi="10.1000/a"),
        arrival("b", number="e1", volume="32", title="Quality of life in neuroendocrine tumours of the pancreas"),
        Deleted(identifier="a", where="page"),
        Deleted(identifier="never seen", where="page"),
    ]
    report = library.collect(second, source="feed", today=later)
    assert (report.unchanged, report.changed, report.deleted, report.unknown, report.arrived) == (1, 1, 1, 1, 4)
    (changed,) = report.changes
    assert changed.fields == ("volume",)
    assert report.deletions == ["doi:10.1000/a"]
    assert library.get("10.1000/a").record.status == "withdrawn"
    report = library.collect([arrival("x", doi="10.1000/a", pmid="7")], source="pubmed", today=later)
    (merged,) = report.merges
    assert (merged.id, merged.joined, merged.reason) == ("doi:10.1000/a", "pubmed x", "same DOI 10.1000/a")
    assert "status" in merged.fields  # another source still has it
    assert len(library) == 2


def test_a_record_that_could_not_be_read_back_is_refused(library: Library) -> None:
    """A value that no record may have is reported, and does no damage."""
    bad = arrival("bad", doi="no DOI")
    lone = arrival("bad\udcff", title="x", track="\udcff")
    report = library.collect([bad, lone, arrival("good\udcff")], source="s\udcff", today=TODAY)
    assert (report.refused, report.new) == (2, 1)
    assert [problem.code for problem in report.problems] == ["not-stored", "not-stored"]
    assert len(list(library.all())) == 1


def test_a_report_does_not_grow_with_the_source(library: Library) -> None:
    """However much comes in, all is counted and reported part by part; the report keeps the first of each kind."""
    parts: list[Intake] = []

    def outcomes(text: str) -> Iterator[Outcome]:
        for n in range(1100):
            title = f"Survival with {n} and {n * 7} lesions of the liver"
            yield structs.replace(arrival(str(n), doi=f"10.1000/{n}", title=title, text=text), problems=(odd,))

    odd = Problem(level="warning", code="odd", message="odd")
    library.collect(outcomes("first"), source="a", today=TODAY)
    report = library.collect(outcomes("second"), source="a", today=TODAY, on_part=parts.append)
    assert (report.changed, len(report.changes), len(report.problems), report.levels) == (1100, 1000, 1000, {"warning"})
    assert [sum(len(part.changes) for part in parts), sum(len(part.problems) for part in parts)] == [1100, 1100]
    merged = library.collect(outcomes("third"), source="b", today=TODAY)
    assert (merged.merged, len(merged.merges)) == (1100, 1000)
    gone = read_to_the_end(library, "b").intake
    assert (gone.gone, gone.gone_ids) == (1100, [])


def test_a_library_of_an_earlier_version(tmp_path: Path) -> None:
    """A library from an earlier version is read, searched and written like one of today."""
    path = tmp_path / "library.db"
    affiliations = (RichText.parse("University of Nowhere"),)
    with Library.open(path) as library:
        library.collect([arrival("a", doi="10.1000/a", affiliations=affiliations)], source="s", today=TODAY)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE runs")
        connection.execute("DROP TABLE issues_seen")
        connection.execute("DROP TABLE places")
        for table in ("removed", "removed_keys", "removed_sources"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE origins DROP COLUMN gone")
        connection.execute("DROP TABLE words")
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(title, content='')")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    with Library.open(path) as library:
        assert [hit.id for hit in library.search("affiliation:nowhere")] == ["doi:10.1000/a"]
        assert library.collect([arrival("b", doi="10.1000/a")], source="t", today=TODAY).merged == 1
        assert read_to_the_end(library, "s").intake.gone == 1
        assert library.name_of("a/list.csv", "list.csv") == "list.csv"
        assert (library.check(), library.runs()) == ((), {})


def test_former_versions_are_kept(library: Library) -> None:
    """When a source says something else, what it said before is still in the file."""
    library.collect([arrival("a", doi="10.1000/a", volume="1")], source="s", today=TODAY)
    library.collect([arrival("a", doi="10.1000/a", volume="2")], source="s", today=TODAY)
    with sqlite3.connect(library.path) as connection:
        assert b'"volume":"1"' in connection.execute("SELECT json FROM former").fetchone()[0]
    connection.close()
    assert library.get("doi:10.1000/a").record.volume == "2"


@pytest.mark.parametrize("name", ["guid", ""])
def test_one_name_for_several(library: Library, name: str) -> None:
    """Abstracts to which their source gives the same name, or the same DOI, do not replace each other."""
    titles = ["Everolimus in tumours of the small bowel", "Quality of life after surgery", "Ki-67 in biopsies of liver"]
    came = [
        arrival(name, doi="10.1000/suppl", number=str(n), title=title, authors=()) for n, title in enumerate(titles, 1)
    ]
    report = library.collect(came, source="s", today=TODAY)
    assert report.new == len(library) == 3
    assert library.collect(came, source="s", today=TODAY).unchanged == 3


_SAME: dict[str, Any] = {"authors": (Person(family="Roe", initials="J"),), "doi": None}


@pytest.mark.parametrize(
    ("title", "rows", "records"),
    [
        # (name, number, text) of each row of one page; how many records they are
        ("Case report", [("", "", "Four."), ("", "", "Five.")], 2),
        ("Case report", [("", "", "Four."), ("", "", "Five."), ("", "", "Six.")], 3),
        ("Case report", [("", "", "Four."), ("", "", "Four.")], 1),
        (TITLE, [("", "", "Four."), ("", "", "Five.")], 2),
        (TITLE, [("guid", "", "Four."), ("guid", "", "Five.")], 2),
        ("Case report", [("P-06", "P-06", "One."), ("P-06 · S3", "P-06", "Two.")], 2),
        (TITLE, [("P-06", "P-06", "One."), ("P-06 · S3", "P-06", "Two.")], 2),
        (TITLE, [("a", "", "One."), ("b", "", "Two.")], 2),
        (TITLE, [("a", "", "One."), ("b", "", "One.")], 1),
    ],
)
def test_rows_of_one_page(library: Library, title: str, rows: list[tuple[str, str, str]], records: int) -> None:
    """Rows of one page are separate records unless they are identical, the next time as well."""
    came = [arrival(name, title=title, number=number, text=text, **_SAME) for name, number, text in rows]
    library.collect(came, source="s", today=TODAY)
    assert len(library) == records
    texts = {text for _, _, text in rows}
    for order in (came, came[::-1], came):
        report = library.collect(order, source="s", today=TODAY)
        assert (report.unchanged, report.arrived, report.changes) == (len(rows), len(rows), [])
        assert {record.abstract[0].text.plain for record in library.all()} == texts
    codes = [problem.code for problem in report.problems]
    assert codes == ["repeated"] * (len(rows) - len({(name, text) for name, _, text in rows}))


def test_rows_of_one_page_are_not_joined_by_another_source(library: Library) -> None:
    """Two rows of one page do not become one record, whatever changes or comes from another source."""
    one, two = (arrival(name, text=f"Text {name}.", number="P-06") for name in "ab")
    library.collect([one, two], source="s", today=TODAY)
    assert [link.other for link in library.get(ids(library)[0]).links] == ids(library)[1:]
    report = library.collect([arrival("x", number="P-06", text="Text b.")], source="t", today=TODAY)
    assert (report.merged, len(library)) == (1, 2)
    joined = library.get(report.merges[0].id)
    assert [(origin.source, origin.record.abstract[0].text.plain) for origin in joined.origins] == [
        ("s", "Text b."),
        ("t", "Text b."),
    ]
    longer = arrival("a", text="Another text, and a longer one.", number="P-06")
    report = library.collect([longer, two], source="s", today=TODAY)
    assert (report.changed, report.unchanged, len(library)) == (1, 1, 2)


def test_rows_of_one_page_with_one_identifier(library: Library) -> None:
    """What shares a DOI or PMID is one record, even if it appears twice on one page."""
    came = [
        arrival("a", doi="10.1000/a", text="One."),
        arrival("b", doi="10.1000/a", pmid="7", text="Two."),
        arrival("c", pmid="7", text="Three."),
    ]
    assert (library.collect(came, source="s", today=TODAY).merged, len(library)) == (2, 1)
    assert (library.collect(came, source="s", today=TODAY).unchanged, len(library)) == (3, 1)


def test_texts_that_contradict_each_other(library: Library) -> None:
    """A contradiction is reported when two sources are merged or one changes, and kept with the merge."""
    library.collect([arrival("a", text="We had 10 patients.")], source="s", today=TODAY)
    report = library.collect([arrival("b", text="We had 99 patients.")], source="t", today=TODAY)
    (problem,) = report.problems
    assert (problem.code, problem.level, report.levels) == ("texts-differ", "warning", {"warning"})
    (merge,) = library.merges()
    assert merge.reason.endswith("contradict each other: “we had 10 patients” and “we had 99 patients”")
    report = library.collect([arrival("b", text="We had 10 patients.")], source="t", today=TODAY)
    assert (report.changed, report.problems) == (1, [])
    report = library.collect([arrival("b", text="We had 11 patients.")], source="t", today=TODAY)
    assert [problem.code for problem in report.problems] == ["texts-differ"]


def test_a_row_put_in_before_others_of_its_name(library: Library) -> None:
    """Each row stays what it was, wherever a new one of the same name appears."""
    one, two, new = (arrival(title="Case report", text=text) for text in ("One.", "Two.", "New."))
    library.collect([one, two], source="s", today=TODAY)
    report = library.collect([new, one, two], source="s", today=TODAY)
    assert (report.new, report.unchanged, report.changed) == (1, 2, 0)
    changed = arrival(title="Case report", text="Two, corrected.")
    report = library.collect([new, one, changed], source="s", today=TODAY)
    assert (report.new, report.unchanged, report.changed) == (0, 2, 1)


def test_a_row_under_another_name(library: Library) -> None:
    """A row that its source has renamed is the same record, which says what the row says now."""
    library.collect([arrival("a", track="Liver", text="A long text of 10 words.")], source="s", today=TODAY)
    report = read_to_the_end(library, "s", arrival("b", track="Biliary", text="A text of 20.")).intake
    assert (report.merged, report.gone, len(library)) == (1, 1, 1)
    assert report.problems == []  # it says something else than before, which is not a contradiction
    (record,) = library.all()
    assert (record.track, record.abstract[0].text.plain) == ("Biliary", "A text of 20.")
    assert ["abstract" in change.fields for change in report.changes] == [True]


def test_what_is_gone_is_not_written_over(library: Library) -> None:
    """A new row without a name does not replace one that is gone."""
    for text in ("One.", "Two."):
        read_to_the_end(library, "s", arrival(title="Case report", text=text))
        assert read_to_the_end(library, "s").intake.gone == 1
    assert [record.abstract[0].text.plain for record in library.all()] == ["One.", "Two."]


def test_a_merge_within_a_page_is_parted(library: Library) -> None:
    """A row that comes back next to the one that was taken for it is a separate record again."""
    old, new = arrival("a", text="One."), arrival("b", text="Two.")
    library.collect([old], source="s", today=TODAY)
    library.collect([new], source="s", today=TODAY)
    assert len(library) == 1
    library.collect([new, old], source="s", today=TODAY)
    assert sorted(record.abstract[0].text.plain for record in library.all()) == ["One.", "Two."]


def test_rows_of_one_title_that_all_change(library: Library) -> None:
    """Rows of one title stay separate while each of them changes, whichever comes first."""
    for text in ("once", "again"):
        came = [arrival(str(n), text=f"{text} {n}") for n in range(100)]
        report = library.collect(came, source="s", today=TODAY)
        assert (report.merges, len(library), len(report.new_ids)) == ([], 100, 100 * (text == "once"))
        assert max(len(library.get(id_).links) for id_ in ids(library)[50:]) <= 10


def test_files_once_more(tmp_path: Path) -> None:
    """Reading files of all formats a second time changes nothing."""
    files = [path for form in FORMATS for path in files_of(form)]
    files += [path for path in sorted((SHARED / "records" / "files").glob("*")) if path.is_file()]
    files += sorted((SHARED / "records" / "more" / "programme").rglob("*.csv"))[:5]
    with Library.open(tmp_path / "library.db") as library:
        reports: list[Intake] = []
        for _ in range(2):
            with library.reading("all", today=TODAY, whole=True) as reading:
                for path in files:
                    with contextlib.suppress(DigestError):
                        outcomes = [one for one in parse(Page(path, path.name)) if not isinstance(one, Problem)]
                        reading.take(outcomes, part=path.name)
            assert reading.is_whole
            reports.append(reading.intake)
        first, second = reports
        assert first.new > (1000 if SHARED.is_dir() else 40)
        assert (first.changed, first.gone) == (second.changed, second.gone) == (0, 0)
        assert (second.new, second.merged, second.changes) == (0, 0, [])
        assert second.unchanged == first.new + first.merged + first.unchanged


def test_thousands_of_one_name_and_title(library: Library) -> None:
    """A name and title shared by a thousand rows do not make collecting slow."""
    start = time.process_time()
    for text in ("once", "again"):
        came = [arrival(title="Case report", text=f"{text} {n}") for n in range(1500)]
        library.collect(came, source="s", today=TODAY)
        assert len(library) == 1500
    assert time.process_time() - start < 60


@pytest.mark.parametrize("title", ["Editorial", "[Untitled]"])
def test_many_without_a_name(library: Library, title: str) -> None:
    """Records that only their text distinguishes are each kept, and recognised again."""
    came = [arrival(title=title, text=text, authors=(), meeting=None) for text in ("One.", "Two.", "Three.")]
    report = library.collect([*came, came[0]], source="file", today=TODAY)
    assert (report.new, report.unchanged, report.changed) == (3, 1, 0)
    assert [record.abstract[0].text.plain for record in library.all()] == ["One.", "Two.", "Three."]
    assert library.collect(came, source="file", today=TODAY).unchanged == 3


def test_thousands_under_one_name(library: Library) -> None:
    """A name or title that is used a thousand times neither makes collecting slow nor loses a record."""
    nothing: dict[str, Any] = {"authors": (), "meeting": None, "type": "article"}
    came = [arrival(f"{n}", title="Editorial", **nothing) for n in range(1000)]
    came += [arrival("guid", title=f"{n:04d} {'abcdefghij'[n % 10] * 30}", **nothing) for n in range(1000)]
    start = time.process_time()
    assert library.collect(came, source="s", today=TODAY).new == 2000
    assert library.collect(came, source="s", today=TODAY).unchanged == 2000
    assert time.process_time() - start < 60
    assert len(set(ids(library))) == 2000


# Records of one reference manager's file: what the second has otherwise, its format, and how many records they are.
_ARTICLE: dict[str, Any] = {
    "type": "article", "meeting": None, "volume": "76", "issue": "3", "pages": "494-496", "container": "J Inv Hyg",
}  # fmt: skip
_ABSTRACT = {**_ARTICLE, "type": "meeting-abstract"}


@pytest.mark.parametrize(
    ("first", "second", "file", "records"),
    [
        # A reviewer's library: several databases have one article.
        (_ARTICLE, {}, "ris", 1),
        (_ARTICLE, {"issue": ""}, "endnote-xml", 1),
        (_ARTICLE, {"doi": "10.1000/a"}, "ris", 1),
        # Not the same place, people, thing or text.
        (_ARTICLE, {"pages": ""}, "ris", 2),
        (_ARTICLE, {"pages": "494-499"}, "ris", 2),
        (_ARTICLE, {"volume": ""}, "ris", 2),
        (_ARTICLE, {"issue": "4"}, "ris", 2),
        (_ARTICLE, {"authors": (Person(family="Saif", given="Muhammad Wasif"), Person(family="Roe"))}, "ris", 2),
        (_ARTICLE | {"text": "We had 10 patients."}, {"text": "We had 99 patients."}, "ris", 2),
        (_ARTICLE | {"title": "Reply"}, {}, "ris", 2),
        # A page that lists each thing once.
        (_ARTICLE, {}, "feed", 2),
        (_ARTICLE, {}, "crossref-json", 2),
        # A meeting: several abstracts of one title may be on one page.
        (_ABSTRACT, {}, "ris", 2),
        (_ARTICLE | {"supplement": "1"}, {}, "ris", 2),
        (_ARTICLE | {"pages": "S12"}, {}, "ris", 2),
        (_ARTICLE | {"pages": "S12", "text": "We had ten patients."}, {"text": "We had ten patients. (TM)"}, "ris", 1),
        (_ABSTRACT | {"number": "P1"}, {"number": "P2"}, "ris", 2),
        (_ABSTRACT | {"number": "P1"}, {}, "ris", 1),
        (_ABSTRACT | {"text": "We had ten patients."}, {"text": "Methods: We had ten patients."}, "ris", 1),
    ],
)
def test_one_file_of_several_databases(
    library: Library, first: dict[str, Any], second: dict[str, Any], file: str, records: int
) -> None:
    """What a file has twice is one in a reviewer's library; the report says so, it stays so, and can be undone."""
    came = [
        arrival(name, **{**first, **fields}, origin=Origin(format=file))
        for name, fields in (("a", {}), ("b", {"keywords": ("liver",), **second}))
    ]  # fmt: skip
    report = library.collect(came, source="s", today=TODAY)
    assert [merge.within for merge in report.merges] == [True] * (2 - records)
    assert all(merge.reason.endswith(", twice in one file") for merge in library.merges())
    for order in (came[::-1], came):
        assert library.collect(order, source="s", today=TODAY).unchanged == 2
        assert len(library) == records
    if records == 1:
        library.split(ids(library)[0])
        library.collect(came, source="s", today=TODAY)
        assert len(library) == 2


def test_what_was_removed_stays_out(library: Library) -> None:
    """A removed record stays out, whoever sends it, until it is put back; other sources keep what they say."""
    liver, pancreas = (
        "Everolimus in tumours of the liver and elsewhere",
        "Quality of life after surgery of the pancreas",
    )
    one, two = arrival("a", doi="10.1000/a", number="P56"), arrival("b", title=liver, doi="10.1000/b")
    three = arrival("c", title=pancreas)
    library.collect([one, two, three], source="s", today=TODAY)
    library.collect([one], source="t", today=TODAY)
    library.set_issues({"2014-07-28": (TODAY, ["doi:10.1000/a"])})
    before = list(library.all())

    done = library.remove(["P56"], today=TODAY)
    assert (done.arrivals, done.ids, done.kept, done.issues) == (2, ("doi:10.1000/a",), (), ("2014-07-28",))
    report = library.collect([one, two, three], source="s", today=TODAY)
    assert (report.removed, report.unchanged, report.arrived) == (1, 2, 3)
    elsewhere = arrival("x", doi="10.1000/a", title="Predictors of survival following radioembolization of the liver")
    report = library.collect([elsewhere], source="u", today=TODAY)
    assert (report.removed, report.arrived, len(library)) == (1, 1, 2)
    changed = arrival("a", doi="10.1000/a", number="P56", text="Corrected.")
    assert library.collect([changed, two], source="s", today=TODAY).removed == 1
    assert not library.search("P56")
    assert [(one.id, one.source) for one in library.removed()] == [("doi:10.1000/a", name) for name in "stu"]
    with pytest.raises(DigestError, match=r"no record “doi:10\.1000/x” was removed; did you mean “doi:10\.1000/a”"):
        library.restore(["doi:10.1000/x"])
    assert library.restore(["doi:10.1000/a"]).ids == ("doi:10.1000/a",)
    assert [origin.source for origin in library.get("P56").origins] == ["s", "t", "u"]

    done = library.remove(source="s", today=TODAY)
    assert (done.arrivals, len(done.ids), done.kept) == (3, 2, ("doi:10.1000/a",))
    assert set(library.removed_sources()) == {"s"}
    assert [hit.id for hit in library.search("")] == ["doi:10.1000/a"]
    with pytest.raises(DigestError, match="no record is from a source “s”"):
        library.search("", source="s")
    with pytest.raises(DigestError, match="no record is from a source “s”"):
        library.remove(source="s", today=TODAY)
    assert library.restore(source="s").arrivals == 3
    assert {record.id for record in library.all()} == {record.id for record in before}
    assert not library.removed()
    assert not library.removed_sources()


def test_what_was_split_stays_split_when_it_is_put_back(library: Library) -> None:
    """Neither a split nor two rows of one page become one by removing and putting back."""
    for source in "st":
        library.collect([arrival("a"), arrival("b", text="Another text.")], source=source, today=TODAY)
    assert len(library) == 2
    library.split(library.merges()[0].id)
    assert len(library) == 3
    library.remove(source="s", today=TODAY)
    library.restore(source="s")
    assert len(library) == 3


def test_a_bridge_joins_what_was_apart(library: Library) -> None:
    """A record that shares a name with each of two makes them one; the former id still leads there."""
    one = arrival("a", doi="10.1000/a", type="article", title="One title of this thing")
    two = arrival("b", pmid="7", type="article", title="Ein Titel dieser Sache", authors=one.record.authors)
    library.collect([one, two], source="s", today=TODAY)
    library.set_issues({"2014-07-28": (TODAY, ["pmid:7"])})
    report = library.collect([arrival("c", doi="10.1000/a", pmid="7", type="article")], source="t", today=TODAY)
    assert [merge.reason for merge in report.merges] == ["same DOI 10.1000/a", "same PMID 7"]
    stored = library.get("pmid:7")
    assert stored.record.id == "doi:10.1000/a"
    assert stored.former_ids == ("pmid:7",)
    assert len(stored.origins) == 3
    assert [highlight.issue for highlight in stored.highlighted] == ["2014-07-28"]
    assert len(library) == 1


def test_an_id_that_gets_better(library: Library) -> None:
    """When a DOI becomes known it is the record's id, and the old id still finds it."""
    library.collect([arrival("a", number="e15166")], source="s", today=TODAY)
    (before,) = ids(library)
    library.collect([arrival("x", number="e15166", doi="10.1000/a")], source="t", today=TODAY)
    assert ids(library) == ["doi:10.1000/a"]
    assert library.get(before).record.id == "doi:10.1000/a"


def test_split_is_for_good(library: Library) -> None:
    """A merge that was undone is not made again, whether the sources repeat themselves or change."""
    one, two = arrival("a", doi="10.1000/a"), arrival("b", doi="10.1000/a", pmid="7", volume="1")
    library.collect([one], source="s", today=TODAY)
    library.collect([two], source="t", today=TODAY)
    assert len(library) == 1
    apart = library.split("10.1000/a")
    assert apart == ("doi:10.1000/a", "pmid:7")
    assert [merge.undone for merge in library.merges()] == [True]
    library.collect([one], source="s", today=TODAY)
    library.collect([structs.replace(two, record=structs.replace(two.record, volume="2"))], source="t", today=TODAY)
    assert ids(library) == ["doi:10.1000/a", "pmid:7"]
    assert structs.replace(library.get("doi:10.1000/a").record, id=None) == one.record
    assert library.get("10.1000/a").record.id == "doi:10.1000/a"
    with pytest.raises(DigestError, match="was not merged"):
        library.split("10.1000/a")


def test_a_change_can_part_them(library: Library) -> None:
    """An arrival that now has another DOI is a separate record again."""
    library.collect([arrival("a", doi="10.1000/a")], source="s", today=TODAY)
    library.collect([arrival("b", doi="10.1000/a")], source="t", today=TODAY)
    assert len(library) == 1
    library.collect([arrival("b", doi="10.1000/b")], source="t", today=TODAY)
    assert ids(library) == ["doi:10.1000/a", "doi:10.1000/b"]


def test_encores_are_linked(library: Library) -> None:
    """The same study at another meeting is another record, and each links to the other."""
    again: dict[str, Any] = {"meeting": Meeting(name="ESMO Congress", society="ESMO"), "doi": "10.1000/esmo"}
    report = library.collect([arrival("a", doi="10.1000/a"), arrival("b", **again)], source="s", today=TODAY)
    assert report.new == 2
    (link,) = report.links
    assert link.reason == "same title and first author (Saif) at ASCO 2014 and ESMO 2014"
    assert [found.other for found in library.get("10.1000/a").links] == ["doi:10.1000/esmo"]
    assert [found.other for found in library.get("10.1000/esmo").links] == ["doi:10.1000/a"]


@pytest.mark.parametrize(
    "text",
    [
        "doi:10.1234/asco.e15166",
        "10.1234/ASCO.E15166",
        "https://doi.org/10.1234/asco.e15166",
        "pmid:24857584",
        "24857584",
        "PMID: 24857584",
        "https://pubmed.ncbi.nlm.nih.gov/24857584/",
        "PMC3700796",
        "pmc3700796",
        "e15166",
        "E15166",
        " E-15166 ",
        "10.1234/asco",
        "DOI:10.1234/asco.",
        "doi:10.1234/asco.e",
        "saif2014",
    ],
)
def test_get(library: Library, text: str) -> None:
    """A record is found by any of its whole names, or by the beginning of its id, which is shown."""
    came = arrival("a", doi="10.1234/asco.e15166", pmid="24857584", pmcid="PMC3700796", number="e15166", id="saif2014")
    other = arrival("b", doi="10.5555/other", number="4015", title="Quality of life in other diseases of the liver")
    library.collect([came, other], source="s", today=TODAY)
    shown: list[str] = []
    assert library.get(text, show=shown.append).record.id == "doi:10.1234/asco.e15166"
    if "asco" in text and "166" not in text:
        (line,) = shown
        assert line.startswith(f"“{text}” is the beginning of doi:10.1234/asco.e15166 (e15166 “Predictors of survival")
        with pytest.raises(DigestError, match="no record"):
            library.get(text)
    else:
        assert not shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # A number is never completed, neither an abstract's nor one at the end of an id.
        (
            "e1",
            "no record “e1”; near it: doi:10.1000/e11 (e11 “Everolimus in tumours of the small bowel”); doi:10.1000/e12",
        ),
        ("10.1000/e1", "no record “10.1000/e1”; near it: doi:10.1000/e11"),
        ("P5", "no record “P5”; near it: doi:10.1000/p56 (P56 “Sunitinib after surgery of the stomach”)"),
        ("P5.6", "no record “P5.6”"),
        ("P056", "no record “P056”; near it: doi:10.1000/p56"),
        # The beginning of an id that several have; digits that are a PMID and a number.
        (
            "10.1000/e",
            "may be more than one record: doi:10.1000/e11 (e11 “Everolimus in tumours of the small bowel”); doi:",
        ),
        (
            "1234",
            "may be more than one record: doi:10.1000/p56 (P56 “Sunitinib after surgery of the stomach”); sha256:",
        ),
        ("doi:", "no record"),
        ("doi:10.1000/e13", "near it: doi:10.1000/e1"),
        ("nothing of the kind", "no record"),
        ("", "no id was given"),
        ("%' OR 1=1 --", "no record"),
        ("\udcff", "no record"),
    ],
)
def test_get_nothing(library: Library, text: str, message: str) -> None:
    """A name that leads to no record, or to several, is refused with suggestions."""
    titles = ["Everolimus in tumours of the small bowel", "Quality of life after surgery of the pancreas"]
    came = [arrival(doi=f"10.1000/e1{n}", number=f"e1{n}", title=title) for n, title in enumerate(titles, 1)]
    came.append(arrival(doi="10.1000/p56", pmid="1234", number="P56", title="Sunitinib after surgery of the stomach"))
    came.append(arrival(number="1234", title="Octreotide in carcinoid of the bronchus", issued=None))
    library.collect(came, source="s", today=TODAY)
    with pytest.raises(DigestError) as caught:
        library.get(text, show=lambda _: None)
    assert message in str(caught.value)


@pytest.fixture
def searched(library: Library) -> Library:
    texts = [
        (
            "one",
            "Pancreatic cancer after gemcitabine",
            "Median overall survival was 9 months. TGF-β was high.",
            "GI",
            2012,
        ),
        ("two", "Neuroendocrine tumours of the pancreas", "Survival overall was not reached.", "NET", 2013),
        ("three", "Screening for melanoma", "Pancreatic metastases were seen: α–PD-1 failed.", "Skin", 2014),
    ]
    for name, title, text, track, year in texts:
        fields = {
            "authors": (Person(family="Sørensen" if name == "three" else "Saif", given="Åse"),),
            "track": track,
            "number": f"e{year}",
            "issued": PartialDate(year, 5),
            "meeting": None,
            "doi": f"10.1000/{name}",
        }
        library.collect([arrival(name, title, text, **fields)], source="odd" if name == "two" else "s", today=TODAY)
    return library


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("pancreatic", "one three"),
        ("PANCREA*", "one two three"),
        ("pancreatic survival", "one"),
        ('"overall survival"', "one"),
        ("“survival overall”", "two"),
        ("gemcitabine OR melanoma", "one three"),
        ("survival gemcitabine OR tumours", "one two"),
        ("(pancreatic cancer) OR (screening melanoma)", "one three"),
        ("pancrea* -survival", "three"),
        ("pancrea* NOT survival", "three"),
        ("-survival", "three"),
        ("author:saif", "one two"),
        ("author:sorensen", "three"),
        ("Sørensen Ase", "three"),
        ("number:e2013", "two"),
        ("E2013", "two"),
        ("track:net", "two"),
        ("year:2014", "three"),
        ("year:2012-2013", "one two"),
        ("year:2013- pancrea*", "two three"),
        ("title:pancrea*", "one two"),
        ("pa* year:2013-", "two three"),
        ("-title:pancrea*", "three"),
        ("tgf-beta", "one"),
        ("anti-PD-1 OR α-PD-1", "three"),
        ("doi:10.1000/two", "two"),
        ("seen: alpha", "three"),
        ("nothing", ""),
        ("", "one two three"),
        ('- -- ( ) " * : OR AND NOT NEAR(', ""),
        (")pancreatic( OR", "one three"),
    ],
)
def test_search(searched: Library, query: str, found: str) -> None:
    """Words, phrases, beginnings, OR, exclusions, parentheses and fields find what they ask for."""
    hits = searched.search(query)
    if query.startswith("- --"):
        assert {hit.id for hit in hits} in ({"doi:10.1000/one", "doi:10.1000/two", "doi:10.1000/three"}, set())
        return
    assert {hit.id.removeprefix("doi:10.1000/") for hit in hits} == set(found.split())


# What is typed, what the library has, and what else was looked for. British and American as in the dictionaries and in
# the entry terms of MeSH.
_FORMS: list[tuple[str, str, str]] = [
    ("tumor", "tumour tumours", "tumour tumours"),
    ("tumours", "tumor", "tumor"),
    ("title:tumor", "tumours", "tumours"),
    ("tumor*", "tumourigenesis", "tumour*"),
    ("haematology", "hematology", "hematology"),
    ("anemia", "anaemia anaemias", "anaemia anaemias"),
    ("leukemias", "leukaemia", "leukaemia"),
    ("esophageal", "oesophageal", "oesophageal"),
    ("paediatric", "pediatric", "pediatric"),
    ("oedema", "edema", "edema"),
    ("fetal", "foetal", "foetal"),
    ("randomized", "randomised", "randomised"),
    ("randomisation", "randomization", "randomization"),
    ("analysed", "analyzed", "analyzed"),
    ("diarrhea", "diarrhoea", "diarrhoea"),
    ("metastasis", "metastases", "metastases"),
    ("biopsies", "biopsy", "biopsy"),
    ("carcinoma", "carcinomas carcinomata", "carcinomas carcinomata"),
    ("children", "child", "child"),
    ("centre", "centers", "centers"),
    ("labeling", "labelling", "labelling"),
    # Exactly as it is.
    ('"tumor"', "tumour", ""),
    ("AIDS", "aid", ""),
    ("author:berg", "bergs", ""),
    ("for", "four", ""),
    ("size", "seize sizable", ""),
    ("colon", "color", ""),
]


@pytest.mark.parametrize(("query", "there", "also"), _FORMS)
def test_other_forms_of_words(library: Library, query: str, there: str, also: str) -> None:
    """A word finds its other spellings, singular and plural, if the library has them, and the search says which."""
    for n, word in enumerate(there.split()):
        library.collect([arrival(str(n), title=f"An invented title with {word} in it")], source="s", today=TODAY)
    assert sorted(library.other_forms(query)) == sorted(also.split())
    assert len(library.search(query)) == (len(there.split()) if also else 0)
    assert len(library.search(f"-{query}")) == (0 if also else len(there.split()))


def test_what_is_offered_where_nothing_fits(searched: Library) -> None:
    """A query that finds nothing is answered with what is there: words that begin like one of its words, or resemble it."""
    assert searched.offers("pancreatic ca") == (("pancreatic cancer", 1),)
    assert searched.offers("screning melanoma") == (("screening melanoma", 1),)
    assert searched.offers("xyzzy") == ()


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"since": PartialDate(2013)}, "two three"),
        ({"since": PartialDate(2013, 5, 20)}, "two three"),  # May 2013 may be later
        ({"since": PartialDate(2013, 6)}, "three"),
        ({"until": PartialDate(2013)}, "one two"),
        ({"until": PartialDate(2013, 4, 30)}, "one"),
        ({"track": "net"}, "two"),
        ({"source": "odd"}, "two"),
        ({"limit": 0}, ""),
    ],
)
@pytest.mark.parametrize("query", ["", "pancrea*"])
def test_filters(searched: Library, query: str, options: dict[str, Any], found: str) -> None:
    """Dates, track and source exclude what certainly does not fit."""
    assert {hit.id.removeprefix("doi:10.1000/") for hit in searched.search(query, **options)} == set(found.split())


def test_order_and_what_is_shown(searched: Library) -> None:
    """Records with the word in the title come first; a lower limit cuts the same list; the issue is shown."""
    searched.set_issues({"2014-07-28": (TODAY, ["doi:10.1000/three"])})
    hits = searched.search("pancreatic")
    assert [hit.id for hit in hits] == ["doi:10.1000/one", "doi:10.1000/three"]
    assert searched.search("pancreatic", limit=1) == hits[:1]
    assert searched.search("pancreatic", limit=None) == hits
    assert hits[1].snippet == "Pancreatic metastases were seen: α–PD-1 failed."
    assert [highlight.issue for highlight in hits[1].highlighted] == ["2014-07-28"]
    searched.set_issues({"2014-07-28": (TODAY, ["doi:10.1000/one", "doi:10.1000/unknown"])})
    assert not searched.get("10.1000/three").highlighted


@given(query=st.text(alphabet=st.sampled_from('ab*"-:() \udcff\x00“”^+~{}') | st.characters(), max_size=30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_anything_can_be_typed(searched: Library, query: str) -> None:
    """No query breaks the search."""
    for text in (query, f"author:{query}", f"-{query}", f'"{query}', f"a OR {query}"):
        searched.search(text, track=query)


@pytest.mark.parametrize("query", ["a " * 101, "(" * 30 + "a"])
def test_too_long_a_query(searched: Library, query: str) -> None:
    """A query that nobody types is refused with a message."""
    with pytest.raises(DigestError, match=r"at most|more than"):
        searched.search(query)


_arrivals = st.builds(
    arrival,
    identifier=st.sampled_from(["a", "b", "c", ""]),
    title=st.sampled_from([TITLE, "Quality of life in neuroendocrine tumours of the pancreas", "Editorial"]),
    text=st.sampled_from(["", "gemcitabine", "everolimus; presented at ASCO 2013"]),
    doi=st.sampled_from([None, "10.1000/a", "10.1000/b"]),
    pmid=st.sampled_from([None, "7", "8"]),
    number=st.sampled_from(["", "1", "2"]),
    issued=st.sampled_from([None, PartialDate(2013), PartialDate(2014)]),
)
_outcomes = _arrivals | st.builds(Deleted, identifier=st.sampled_from(["a", "b"]), where=st.just(""))
_steps = st.tuples(
    st.sampled_from(["s", "t"]), st.lists(_outcomes, max_size=4), st.sampled_from(["", "split", "remove", "source"])
)


@given(st.lists(_steps, max_size=5))
@settings(max_examples=60)
def test_whatever_comes(tmp_path_factory: pytest.TempPathFactory, steps: list[Any]) -> None:
    """Counts add up, every arrival is an origin of one record, and the search has each record as it is."""
    path = tmp_path_factory.mktemp("any") / "library.db"
    with Library.open(path) as library:
        for source, outcomes, then in steps:
            before = sum(len(library.get(id_).origins) for id_ in ids(library))
            report = library.collect(outcomes, source=source, today=TODAY)
            assert report.arrived == len(outcomes)
            after = [origin for id_ in ids(library) for origin in library.get(id_).origins]
            assert len(after) == before + report.new + report.merged
            assert not [merge for merge in report.merges if not merge.reason]
            for id_ in ids(library)[:1] if then == "split" else []:
                if len(library.get(id_).origins) > 1:
                    count = len(library.get(id_).origins)
                    assert len(set(library.split(id_))) == count
            for id_ in ids(library)[:1] if then == "remove" else []:
                assert library.remove([id_], today=TODAY).ids == (id_,)
            if then == "source" and library.holds(source):
                library.remove(source=source, today=TODAY)
            assert library.check() == ()
        origins = sum(len(library.get(id_).origins) for id_ in ids(library)) + len(library.removed())
        for source in "st":
            library.restore(source=source)
        assert sum(len(library.get(id_).origins) for id_ in ids(library)) == origins
        assert library.check() == ()
        for word in ("gemcitabine", "everolimus", "quality", "survival", "editorial"):
            texts = {
                record.id
                for record in library.all()
                if word in f"{record.title.plain} {[part.text.plain for part in record.abstract]}".lower()
            }
            assert {hit.id for hit in library.search(word, limit=None)} == texts


# --- Cursors, breaks, other files -------------------------------------------------------------------------------------


def test_cursor_and_records_together(library: Library) -> None:
    """The cursor is stored with the last record; when reading fails, what came before it is stored, and the cursor is not."""

    def breaking(error: BaseException) -> Iterator[Outcome]:
        yield arrival("a", doi="10.1000/a")
        raise error

    library.collect([], source="s", today=TODAY, cursor="1")
    report = library.collect(breaking(DigestError("gone")), source="s", today=TODAY, cursor="2")
    assert str(report.stopped) == "gone"
    assert (library.cursor("s"), report.new, len(library)) == ("1", 1, 1)
    with pytest.raises(KeyboardInterrupt):
        library.collect(breaking(KeyboardInterrupt()), source="t", today=TODAY, cursor="3")
    assert (library.cursor("t"), len(library.get("10.1000/a").origins)) == (None, 2)
    with library.reading("s", today=TODAY) as reading:
        assert reading.resume == "1"
    assert library.cursor("s") is None


def test_a_reading_begins_resumes_and_ends(library: Library) -> None:
    """A reading that fails resumes where it stopped; one that reaches the end marks what is missing as gone."""
    one, two = arrival("1", doi="10.1000/1", title="Survival"), arrival("2", doi="10.1000/2", title="Quality of life")
    with library.reading("s", today=TODAY, whole=True) as reading:
        assert (reading.first, reading.resume) == (True, "")
        reading.take([one], cursor="page 2")
        raise DigestError("the service is down")
    assert [str(error) for error in reading.failures] == ["the service is down"]
    assert (str(reading.intake.stopped), reading.is_whole, reading.intake.gone) == ("the service is down", False, 0)
    with library.reading("s", today=TODAY, fresh=True) as reading:
        assert (reading.first, reading.resume) == (False, "")
        raise DigestError("still down")
    with library.reading("s", today=TODAY, whole=True) as reading:
        assert reading.resume == "page 2"
        reading.take([two])
    assert (reading.is_whole, reading.intake.new, reading.intake.gone_ids) == (True, 1, ["doi:10.1000/1"])
    with library.reading("s", today=TODAY, whole=True) as reading:
        assert reading.resume == ""
        reading.note(Problem(level="error", code="unread", message="page 2 cannot be read"))
    assert (reading.is_whole, reading.intake.gone, reading.intake.stopped) == (False, 0, None)
    with library.reading("s", today=TODAY) as reading:  # a service gives what is new: the rest is not gone
        reading.take([], cursor="next week")
    assert (reading.is_whole, reading.intake.gone, library.cursor("s")) == (False, 0, None)


def test_what_is_not_a_library(tmp_path: Path) -> None:
    """Another program's file, a newer library, a damaged one and a missing folder are reported and left alone."""
    text, foreign, newer = tmp_path / "text.db", tmp_path / "foreign.db", tmp_path / "newer.db"
    text.write_bytes(b"This is not a database. " * 99)
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE songs(name)")
    connection.close()
    Library.open(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    damaged = tmp_path / "damaged.db"
    with Library.open(damaged) as library:
        library.collect([arrival(doi="10.1000/a")], source="s", today=TODAY)
    content = damaged.read_bytes()
    damaged.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    for path, message in {
        text: "damaged, or not a library",
        foreign: "another program's database",
        newer: "update this program",
        damaged: "collect again",
        tmp_path / "missing" / "library.db": "cannot be opened",
    }.items():
        before = path.read_bytes() if path.exists() else None
        with pytest.raises(DigestError) as caught, Library.open(path) as library:
            library.collect([arrival(doi="10.1000/b")], source="s", today=TODAY)
        assert message in str(caught.value), path
        assert before == (path.read_bytes() if path.exists() else None)


def test_a_full_disk(tmp_path: Path) -> None:
    """A full disk loses nothing that was stored, and the message says what to do."""
    path = tmp_path / "library.db"
    count = 0
    with Library.open(path, max_pages=120) as library:
        message = ""
        while not message and count < 1000:
            came = [arrival(str(count), doi=f"10.1000/{count}", title=f"{TITLE} {count}", text="word " * 300)]
            try:
                library.collect(came, source="s", today=TODAY)
                count += 1
            except DigestError as error:
                message = str(error)
        assert message.startswith(str(path))
        assert "make room" in message
        assert len(library) == count > 3
    with Library.open(path) as library:
        assert library.check() == ()
        library.collect(
            [arrival("more", doi="10.1000/more", title="More room on this disk for all")], source="s", today=TODAY
        )
        assert len(library) == count + 1


WRITER = """
import sys
from pathlib import Path
from digest.library import Intake, Library
from digest.model import PartialDate
from tests.test_library import TITLE, arrival
path, source, batches = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with Library.open(path) as library:
    for batch in range(batches):
        came = [arrival(f"{batch}.{n}", doi=f"10.1000/{source}.{batch}.{n}", title=f"{TITLE} {source}{batch}.{n}")
                for n in range(5)]
        library.collect(came, source=source, today=PartialDate(2014), cursor=str(batch + 1))
        print(batch + 1, flush=True)
"""


def writer(path: Path, source: str, batches: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(path), source, str(batches)]
    return subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


def test_killed_at_any_point(tmp_path: Path) -> None:
    """A process that is killed leaves an intact library with everything that it had reported as stored."""
    path = tmp_path / "library.db"
    chance = random.Random(1)  # noqa: S311 - moments, no secrets
    reached: dict[str, int] = {}
    processes = [(f"s{n}", writer(path, f"s{n}", 100_000)) for n in range(3)]
    for turn in range(12):
        source, process = processes.pop(0)
        assert process.stdout
        first = process.stdout.readline()  # it has begun
        time.sleep(chance.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        lines = [first, *process.stdout.read().splitlines()]
        process.wait()
        process.stdout.close()
        with Library.open(path) as library:
            cursor = int(library.cursor(source) or 0)
            stored = len(library.search("", source=source, limit=None))
        assert cursor >= int(lines[-1]) > 0
        assert stored == 5 * cursor
        reached[source] = cursor
        if turn < 9:
            processes.append((f"t{turn}", writer(path, f"t{turn}", 100_000)))
    with Library.open(path) as library:
        assert library.check() == ()
        # What was committed but not yet visible to others may be found when SQLite recovers its log.
        found = {source: int(library.cursor(source) or 0) for source in reached}
        assert all(found[source] >= cursor for source, cursor in reached.items())
        assert len(library) == 5 * sum(found.values())


def test_two_writers_wait_for_each_other(tmp_path: Path) -> None:
    """Two processes that write at once, even into a new file, both store everything."""
    path = tmp_path / "library.db"
    processes = [writer(path, source, 30) for source in ("a", "b")]
    for process in processes:
        output, _ = process.communicate(timeout=120)
        assert (process.returncode, output.split()[-1]) == (0, "30")
    with Library.open(path) as library:
        assert len(library) == 2 * 30 * 5
        assert library.check() == ()
