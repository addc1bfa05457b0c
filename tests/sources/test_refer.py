"""EndNote's and refer's tagged text, and Web of Science's: what each oddity becomes, and that no record is lost."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.records import as_json
from digest.sources import Page, Parsed, parse
from tests.conftest import files_of

if TYPE_CHECKING:
    from digest.sources import Outcome


def read(text: str | bytes, name: str = "refer") -> list[Outcome]:
    content = text.encode() if isinstance(text, str) else text
    return list(parse(Page(content, "x", format=name)))


def records(text: str, name: str = "refer") -> list[dict[str, Any]]:
    return [as_json(outcome.record) for outcome in read(text, name) if isinstance(outcome, Parsed)]


TITLES = {
    "a blank line between": ("%0 Journal Article\n%T A\n\n%0 Journal Article\n%T B\n", ["A", "B"]),
    "no blank line between": ("%0 Journal Article\n%T A\n%0 Journal Article\n%T B\n", ["A", "B"]),
    "the title first": ("%T A\n%0 Journal Article\n%D 2014\n\n\n%T B\n%0 Journal Article\n%D 2015\n", ["A", "B"]),
    "no types": ("%T A\n%A Saif, M.\n\n%A Kaur, A.\n%T B\n", ["A", "B"]),
    "an abstract with a blank line": ("%0 Journal Article\n%T A\n%X One.\n\nTwo.\n%D 2014\n", ["A"]),
    "a blank line before the title": ("%0 Book\n\n%T A\n", ["A"]),
    "a title over two lines": ("%0 Journal Article\n%T A long\ntitle\n", ["A long title"]),
    "old Mac's line ends": ("%0 Book\r%T A\r\r%0 Book\r%T B", ["A", "B"]),
    "a byte order mark": ("\ufeff%0 Book\n%T A\n", ["A"]),
    "a sign of per cent in a text": ("%0 Book\n%T A\n%X We saw\n%5 more of it\n", ["A"]),
}


@pytest.mark.parametrize("case", TITLES)
def test_records_of_refer(case: str) -> None:
    """A type, a title or a blank line begins a record, as exporters set them."""
    text, titles = TITLES[case]
    assert [record["title"] for record in records(text)] == titles


def test_fields_of_refer() -> None:
    """Each tag is read for what it means."""
    (record,) = records(
        "%0 Journal Article\n%T A title\n%A Saif, Muhammad Wasif\n%A Study Group,\n%J Journal of Clinical Oncology\n"
        "%V 32\n%N 15_suppl\n%P e15166-e15166\n%D 2014\n%8 May 20\n%R 10.1000/ABC\n%@ 0732-183X\n%K one\ntwo\n"
        "%X Background: One. Methods: Two.\n%M 24857584\n%U https://example.org/1\n%G eng\n%+ A town\n%9 Meeting Abstract\n"
        "%> file:///x.pdf\n"
    )
    assert record.pop("origin")
    assert record["authors"] == ({"family": "Saif", "given": "Muhammad Wasif"}, {"literal": "Study Group"})
    assert record["ids"] == {"doi": "10.1000/abc", "pmid": "24857584", "url": "https://example.org/1"}
    wanted = {
        "type": "meeting-abstract",
        "container": "Journal of Clinical Oncology",
        "volume": "32",
        "issue": "15",
        "supplement": "Suppl",
        "pages": "e15166",
        "issued": "2014-05-20",
        "issn": "0732-183X",
        "keywords": ("one", "two"),
        "language": "en",
        "affiliations": ("A town",),
    }
    assert {name: record.get(name) for name in wanted} == wanted
    assert [part["label"] for part in record["abstract"]] == ["Background", "Methods"]


WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Saif, MW
   Kaur, A
AF Saif, Muhammad Wasif
   Kaur, Anna
TI A title that goes on
   in a second line
SO JOURNAL OF CLINICAL ONCOLOGY
DT Meeting Abstract
CT 50th Annual Meeting of the Society
CY MAY 30-JUN 03, 2014
CL Chicago, IL
C1 [Saif, Muhammad Wasif] Tufts Med Ctr, Boston, MA USA.
   [Kaur, Anna; Saif, Muhammad Wasif] Univ Two, Town, England.
SN 0732-183X
PD MAY 20
PY 2014
VL 32
IS 15
SU S
MA e15166
DI 10.1000/abc
PM 24857584
UT WOS:000001
ER

PT J
AU Roe, B
TI Without its end
PY 2013
PT J
TI The last one

EF
"""


def test_web_of_science() -> None:
    """A meeting abstract comes with its number and meeting; a record without its end affects no other."""
    first, second, third = records(WOS, "isi")
    assert [second["title"], third["title"]] == ["Without its end", "The last one"]
    wanted = {
        "title": "A title that goes on in a second line",
        "type": "meeting-abstract",
        "number": "e15166",
        "container": "Journal of Clinical Oncology",
        "volume": "32",
        "issue": "15",
        "issued": "2014-05-20",
        "meeting": {
            "name": "50th Annual Meeting of the Society",
            "place": "Chicago, IL",
            "start": "2014-05-30",
            "end": "2014-06-03",
        },
        "ids": {"doi": "10.1000/abc", "pmid": "24857584"},
    }
    assert {name: first.get(name) for name in wanted} == wanted
    assert [(person["given"], person["affiliations"]) for person in first["authors"]] == [
        ("Muhammad Wasif", (1, 2)),
        ("Anna", (2,)),
    ]


SPONSORS = {
    "no pages": ("SP Amer Soc Clin Oncol\n", None),
    "pages": ("SP Amer Soc Clin Oncol\nBP S12\nEP S13\n", "S12-S13"),
    "pages first": ("BP S12\nEP S13\nSP 3M\n", "S12-S13"),
    "a range of pages": ("SP Amer Soc Clin Oncol\nPS 12-13\n", "12-13"),
    "a sponsor with a figure": ("SP Merck 2014; 3M\n", None),
    "a page, of another program": ("SP 12\nEP 13\n", "12-13"),
}


@pytest.mark.parametrize("case", SPONSORS)
def test_a_meetings_sponsor_is_not_a_page(case: str) -> None:
    """Web of Science names the meeting's sponsor under ``SP``, which in RIS is the first page."""
    lines, pages = SPONSORS[case]
    (record,) = records(f"PT J\nTI A\nSO GUT\nDT Meeting Abstract\nPY 2014\nVL 32\n{lines}MA 4021\nER\n", "isi")
    assert (record["number"], record.get("pages")) == ("4021", pages)


@pytest.mark.parametrize("name", ["refer", "isi"])
def test_nothing_in_it(name: str) -> None:
    """A text without a reference is an error of the page."""
    with pytest.raises(DigestError):
        read("nothing", name)


@given(
    st.lists(
        st.sampled_from(
            ["PT J", "PT S", "TI A", "   more", "ER", "", "AU B, C", "CY MAY 9-3, 2014", "CT x", "PD 99", "C1 [x] y"]
        )
    )
)
def test_no_record_of_web_of_science_is_lost(lines: list[str]) -> None:
    """Each PT line gives a record or an error."""
    outcomes = read("\n".join(["FN x", "PT J", *lines]), "isi")
    assert len(outcomes) >= 1 + sum(line.startswith("PT") for line in lines)


@given(
    st.lists(st.sampled_from(["%0 Book", "%0 Thesis", "%A B, C", "%X t", "%D x", "%P -", "%@ 1", "more"]), max_size=20)
)
def test_no_record_of_refer_is_lost(lines: list[str]) -> None:
    """Each line with a type gives a record or an error."""
    outcomes = read("\n".join(["%0 Book", *lines]))
    assert len(outcomes) == 1 + sum(line.startswith("%0") for line in lines)


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    """Whatever the bytes, the only errors are ours."""
    assert read(b"%0 Book\n%T " + content)
    assert read(b"PT J\nTI " + content, "isi")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("%0 Book\n" * 10_000, "refer"),
        ("%0 Book\n%T A\n" + "%A B, C\n" * 10_000, "refer"),
        ("%0 Book\n%T A" + "\n" * 200_000, "refer"),
        ("PT J\n" * 10_000, "isi"),
        ("PT J\nTI A\nC1 " + "[a; b" * 50_000, "isi"),
        ("PT J\nTI A\nCY " + "1-" * 50_000 + "\nCT x", "isi"),
    ],
    ids=range(6),
)
def test_time_is_bounded(text: str, name: str) -> None:
    """Hostile texts take no more than moments."""
    start = time.process_time()
    read(text, name)
    assert time.process_time() - start < 50


def test_files_are_read() -> None:
    """Every file gives records; none of them is an error."""
    more = "records/more/**/"
    files = [
        *files_of("refer", f"{more}*.enl"),
        *files_of("isi", f"{more}IsiImporterTest[12M]*.isi", f"{more}example_wos.ris"),
    ]
    assert len(files) >= 3
    for path in files:
        outcomes = list(parse(Page(path, path.name)))
        assert outcomes
        assert not [o for o in outcomes if isinstance(o, Problem)], path


PLACES = {
    "a meeting's name": (
        "%B Digestive Disease Week\n%C Southampton\n%8 June 25-28\n",
        ("Digestive Disease Week", "Southampton", "2014-06-25"),
        "",
    ),
    "a journal": ("%B Pancreatology\n%C Southampton\n%8 June 25-28\n", None, "CY “Southampton”"),
    "a number in a note": ("%Z Abstract P-3\n", None, ""),
    "a meeting in a note": ("%Z Abstract P-3. 39th ESMO Congress\n", ("39th ESMO Congress", "", "None"), ""),
    "a note without a number": (
        "%Z Abstract P-3\n%Z Read it again\n%$ green\n",
        None,
        "N1 “Read it again”; M2 “green”",
    ),
    "a second address": ("%Z Abstract P-3\n%U http://a.org/1\n%U http://b.org/2\n", None, "UR “http://b.org/2”"),
    "a second ISSN": ("%Z Abstract P-3\n%@ 0732-183X\n%@ 1527-7755\n", None, "SN “1527-7755”"),
}


@pytest.mark.parametrize("case", PLACES)
def test_what_a_paper_of_a_conference_holds(case: str) -> None:
    """Name, place and days of its meeting and the number in a note are read; what is not read is reported."""
    lines, meeting, left = PLACES[case]
    (found,) = read(f"%0 Conference Paper\n%T Ducks\n%A Smith, J.\n%D 2014\n{lines}")
    assert isinstance(found, Parsed)
    record = found.record
    assert record.number == ("P-3" if "P-3" in lines else "")
    named = record.meeting and (record.meeting.name, record.meeting.place, str(record.meeting.start))
    assert named == meeting
    notes = [problem.message for problem in found.problems if problem.code == "not-read"]
    assert notes == ([f"fields that were not read: {left}"] if left else [])


def test_other_fields_of_web_of_science() -> None:
    """Fields with no place in a record are named; counts and classes that only the database needs are not."""
    (found,) = read("PT J\nTI Ducks\nSO GUT\nPY 2014\nFU Duck Fund [12]\nTC 5\nWC Zoology\nER\n", "isi")
    assert isinstance(found, Parsed)
    assert [problem.message for problem in found.problems] == ["fields that were not read: FU “Duck Fund [12]”"]
