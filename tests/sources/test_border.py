"""Files from outside: no record takes others with it, and only files of an expected size are read."""

from __future__ import annotations

import faulthandler
import io
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from digest import opening
from digest.convert import convert_records
from digest.errors import DigestError, LimitError, Problem
from digest.sources import Page, Parsed, parse
from digest.sources.formats.tables import survey
from digest.sources.page import LONGEST_LINE, each
from digest.sources.shared.xmlpages import MOST_ATTRIBUTES
from digest.streaming import Stream
from digest.worker import JobLimits
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from digest.sources import Outcome

FOUND = ROOT / "tests" / "cases" / "found"
RIS = "TY  - JOUR\nTI  - Ducks\nAU  - Doe, J\nER  - \n"


def read(text: str | bytes, name: str = "export", form: str = "") -> list[Outcome]:
    return list(parse(Page(text.encode() if isinstance(text, str) else text, name, format=form)))


def titles(outcomes: list[Outcome]) -> list[str]:
    return [outcome.record.title.plain for outcome in outcomes if isinstance(outcome, Parsed)]


# --- Records and their neighbours ------------------------------------------------------------------------------------


def test_a_record_that_cannot_be_made_leaves_the_others() -> None:
    """An exception while one record is made is an error with its place and line; the next ones are read."""
    page = Page(b"", "export.ris")

    def outcomes(number: int) -> Iterator[Outcome]:
        yield page.problem("note", "seen", f"{number}")
        if 6 // number == 3:
            raise KeyError("\x1b[31m doi")

    found = list(each(page, [1, 2, 3], outcomes, line=lambda number: 10 * number))
    assert [one.message for one in found if isinstance(one, Problem) and one.level == "note"] == ["1", "2", "3"]
    (error,) = [one for one in found if isinstance(one, Problem) and one.level == "error"]
    assert (error.code, error.line, error.key) == ("unreadable-record", 20, "record 2")
    assert "KeyError" in error.message
    assert error.message.isprintable()


def test_an_author_twice_in_rows_that_continue_a_record() -> None:
    """An author who comes twice is one author, and the next record is read."""
    found = read("Number,Title,Authors\n1,Ducks,Jane Doe\n,,John Roe\n,,John Roe\n2,Geese,A B\n")
    assert titles(found) == ["Ducks", "Geese"]
    first = next(one for one in found if isinstance(one, Parsed))
    assert [author.full for author in first.record.authors] == ["Jane Doe", "John Roe"]


# --- Workbooks -------------------------------------------------------------------------------------------------------


def workbook() -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet("Programme")
    for at, row in enumerate((("Title", "Authors"), ("Ducks", "Jane Doe"))):
        sheet.write_row(at, 0, row)
    book.close()
    return content.getvalue()


def changed(old: str, new: str) -> bytes:
    """The workbook with other text in its sheet."""
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as given, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in given.infolist():
            body = given.read(entry)
            if "sheet1.xml" in entry.filename and "_rels" not in entry.filename:
                assert old.encode() in body
                body = body.replace(old.encode(), new.encode())
            made.writestr(entry.filename, body)
    return content.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('r="B2"', 'r="ZZZZZZ2"', "“ZZZZZZ2”"),
        ('r="B2"', 'r="XFE2"', "“XFE2”"),
        ('r="B2"', 'r="B1048577"', "“B1048577”"),
        ('r="B2"', 'r="B4294967296"', "“B4294967296”"),
        ('r="B2"', 'r="XFD1048576"', "17,179,869,184 cells"),
        ('r="B2"', 'r="&#66;1048577"', "“&#66;1048577”"),
        ('<row r="2"', '<row r="99999999999"', "“99999999999”"),
        ("<sheetData>", "<sheetData>" + "<row/>" * 1_048_576, "row 1048578"),
        ("</sheetData>", "<row>" + "<c/>" * 12_000 + "</row>" + "<row/>" * 1000 + "</sheetData>", "cells large"),
        ("</sheetData>", "<row>" + "<c/>" * 20_000 + "</row></sheetData>", "column 20000"),
    ],
)
def test_cells_far_out_are_refused_before_they_are_read(old: str, new: str, said: str) -> None:
    """A reference that no sheet has, or cells too far apart, are refused with the reference or the size."""
    with pytest.raises(DigestError) as error:
        read(changed(old, new), "programme.xlsx")
    assert said in error.value.found


@pytest.mark.parametrize(
    ("name", "records", "codes"), [("twin.csv", ["Ducks", "Geese"], []), ("crc.xlsx", ["Ducks", "Geese"], ["damaged"])]
)
def test_files_that_broke_the_program(name: str, records: list[str], codes: list[str]) -> None:
    """Each is read without a loss, and what is damaged is reported."""
    found = list(parse(Page(FOUND / name, name)))
    assert titles(found) == records
    assert [one.code for one in found if isinstance(one, Problem) and one.level != "note"] == codes


def test_a_cell_far_out_in_a_file_that_broke_the_program() -> None:
    """It is refused before a rectangle up to that cell is asked for."""
    with pytest.raises(DigestError, match="ZZZZZZ1"):
        list(parse(Page(FOUND / "cell-ZZZZZZ1.xlsx", "export.xlsx")))


def test_a_damaged_part_beside_the_sheets() -> None:
    """A wrong checksum of relations or styles is a warning; the values are read."""
    content = bytearray(workbook())
    name = b"xl/_rels/workbook.xml.rels"
    central = content.rindex(name) - 46  # the record of the central directory: its checksum is at 16
    local = content.index(name) - 30
    content[central + 16] ^= 0xFF
    content[local + 14] ^= 0xFF
    found = read(bytes(content), "programme.xlsx")
    assert titles(found) == ["Ducks"]
    assert ("warning", "damaged") in {(one.level, one.code) for one in found if isinstance(one, Problem)}


# --- Sizes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "TY  - JOUR\nTI  - ",
        "PMID- 12345678\nOWN - NLM\nTI  - ",
        "%0 Journal Article\n%T ",
        "<1. >\nVN  - Ovid Technologies\nTI  - ",
        "RT Journal\nSR Print\nT1 ",
        "FN ISI\nVR 1.0\nPT J\nTI ",
        "Title,Authors\n",
        "@article{a,\ntitle={",
        "Doe J. Ducks. J Clin Oncol 2014; 32: ",
    ],
)
def test_a_line_of_megabytes(head: str) -> None:
    """A line longer than any abstract is refused with its number before it is taken apart."""
    with pytest.raises(DigestError, match="a line of more than 4 MiB") as error:
        read(head + "A" * (LONGEST_LINE + 1) + "\n")
    assert error.value.where == f"export:{head.count(chr(10)) + 1}"


def test_a_table_of_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table with more records than any meeting is refused as a whole, and the message says how many it may have."""
    monkeypatch.setattr(survey, "MOST_RECORDS", 1000)
    text = "Number,Title\n" + "".join(f"{n},Ducks {n}\n" for n in range(1001))
    with pytest.raises(DigestError, match="more than 1,000 records"):
        read(text)


@pytest.mark.parametrize("quote", ["'", '"', ""])
@pytest.mark.parametrize(
    "text",
    [
        '<html><head><meta name="citation_title" content="Ducks"></head><body MANY><p>x</p></body></html>',
        '<rss version="2.0"><channel><title>t</title><item MANY><title>Ducks</title></item></channel></rss>',
    ],
)
def test_a_tag_of_many_attributes(text: str, quote: str) -> None:
    """Attributes after the thousandth of a tag are left out with a warning, and the record is read."""
    value = f"{quote}{'<' if quote else ''}x{quote}" if "html" in text else f'"{quote and "y"}x"'
    found = read(text.replace("MANY", " ".join(f"a{n}={value}" for n in range(20 * MOST_ATTRIBUTES))))
    assert titles(found) == ["Ducks"]
    assert any(isinstance(one, Problem) and one.code == "too-many" for one in found)


# --- The child that reads --------------------------------------------------------------------------------------------


def behave(how: str) -> Iterator[str]:
    yield "begun"
    if how == "abort":
        faulthandler.disable()
        os.abort()
    if how == "memory":
        yield str(len(bytearray(2**33)))
    while how == "loop":
        pass
    if how == "refuse":
        raise DigestError("not a feed", where="a.xml")
    if how == "fail":
        raise ValueError("odd")
    yield "done"


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ("abort", LimitError, "signal 6"),
        ("memory", LimitError, "MiB of memory"),
        ("loop", LimitError, "1 second"),
        ("refuse", DigestError, "not a feed"),
        ("fail", RuntimeError, "ValueError: odd"),
    ],
)
def test_a_reader_that_fails(how: str, kind: type[Exception], said: str) -> None:
    """What was read before comes, then an error that says why it ended; the next question is answered."""
    limits = JobLimits(seconds=1, memory=2**30)
    came: list[str] = []
    with Stream(behave) as stream:
        with pytest.raises(kind, match=said):
            came.extend(stream.ask(limits, how))
        assert list(stream.ask(limits, "")) == ["begun", "done"]
    assert set(came) <= {"begun"}


def test_many_answers_come_in_order() -> None:
    """All values come, in order, whatever their number."""
    stream: Stream[[int], int] = Stream(lambda most: iter(range(most)))
    with stream:
        assert list(stream.ask(JobLimits(seconds=60), 1000)) == list(range(1000))


# --- What is opened --------------------------------------------------------------------------------------------------

OPEN = """
import sys
from pathlib import Path
from digest import opening
try:
    opening.read_file(Path(sys.argv[1]), 1000)
except OSError as error:
    print(error.strerror)
"""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("pipe", "this is a named pipe, not a file"),
        ("link to a pipe", "this is a named pipe, not a file"),
        ("/dev/zero", "this is a device, not a file"),
        ("folder", "this is a folder, not a file"),
        ("loop", "Too many levels of symbolic links"),
        ("dangling", "No such file or directory"),
        ("large", "the file is larger than 0 KiB"),
    ],
)
def test_only_regular_files_are_opened(tmp_path: Path, kind: str, said: str) -> None:
    """Whatever is not a file of the expected size is refused at once, in words."""
    path = tmp_path / "export.ris"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "link to a pipe":
            os.mkfifo(tmp_path / "pipe")
            path.symlink_to("pipe")
        case "folder":
            path.mkdir()
        case "loop":
            path.symlink_to(path.name)
        case "dangling":
            path.symlink_to("nothing")
        case "large":
            path.write_bytes(b"x" * 1001)
        case _:
            path.symlink_to(kind)
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == said


def test_a_pipe_that_a_shell_has_opened() -> None:
    """The name of an open pipe, as ``<(…)`` gives it, is read like standard input."""
    reading, writing = os.pipe()
    os.write(writing, RIS.encode())
    os.close(writing)
    try:
        assert opening.is_given_pipe(f"/dev/fd/{reading}")
        assert '"Ducks"' in "".join(convert_records(f"/dev/fd/{reading}"))
    finally:
        os.close(reading)


def test_a_file_name_that_is_not_utf8(tmp_path: Path) -> None:
    """It is read, and its odd bytes are shown escaped."""
    path = tmp_path / os.fsdecode(b"\xff.ris")
    path.write_text(RIS)
    for name in (path, tmp_path):
        text = "".join(convert_records(name))
        assert '"Ducks"' in text
        assert "\\\\xff.ris" in text
