"""Tables: headings in many wordings, maps of columns, marks, quotes, encodings, workbooks; no row is lost."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.sources import Outcome, Page, Parsed
from digest.sources.tables import parse

if TYPE_CHECKING:
    from digest.model import Record

SEED = Path(__file__).parent / "seeds" / "xlsx" / "two.xlsx"


def outcomes(content: str | bytes, columns: dict[str, str] | None = None) -> list[Outcome]:
    data = content.encode() if isinstance(content, str) else content
    return list(parse(Page(data, "programme.csv", format="csv", columns=columns)))


def records(found: list[Outcome]) -> list[Record]:
    return [outcome.record for outcome in found if isinstance(outcome, Parsed)]


def one(content: str | bytes, columns: dict[str, str] | None = None) -> Record:
    (record,) = records(outcomes(content, columns))
    return record


def codes(found: list[Outcome]) -> list[str]:
    return [problem.code for outcome in found for problem in (
        [outcome] if isinstance(outcome, Problem) else outcome.problems if isinstance(outcome, Parsed) else []
    )]  # fmt: skip


HEADINGS = {
    "Title": "title", "Abstract Title": "title", "paper_title": "title", "AbstractTitle": "title", "Item Title": "title",
    "Abstract #": "number", "Abstract No.": "number", "UID": "number", "Poster number": "number",
    "Meeting Abstract": "number", "Session": "track", "Topic": "track", "Volume": "volume", "Journal/Book": "container",
    "Source title": "container", "Publisher": "publisher", "Art. No.": "pages",
}  # fmt: skip


@pytest.mark.parametrize(("heading", "field"), HEADINGS.items())
def test_headings_are_known_in_many_wordings(heading: str, field: str) -> None:
    """A column is known by its heading, however it is spelled."""
    title = "" if field == "title" else "Title,"
    record = one(f"{title}{heading},Note\n{'Ducks,' if title else ''}e12,x\n")
    value = getattr(record, field)
    assert (value.plain if field == "title" else value) == "e12"


AUTHORS = {
    "bars": ("Authors\nJane Doe|Peter West|Ronan Le Bras\n", ["Jane Doe", "Peter West", "Ronan Le Bras"]),
    "PubMed": ('Authors\n"Lim SM, Shiau CWC, Lau Y."\n', ["SM Lim", "CWC Shiau", "Y Lau"]),
    "Scopus": (
        'Authors,Author full names\nDoe J.,"Doe, Jane Ann (57200000001); Roe, Richard (57200000002)"\n',
        ["Jane Ann Doe", "Richard Roe"],
    ),
    "Springer's glued names": ("Item DOI,Authors\n10.1234/d.1,Andy SmithTom Weber\n", ["Andy Smith", "Tom Weber"]),
    "a speaker and where from": ('Speakers\n"Andrew S. Gordon, Institute of Ducks"\n', ["Andrew S. Gordon"]),
    "a speaker and who does not speak": ('Speakers\n"Tovly Deutsch (Masoud Jasbi, Stuart Shieber)"\n',
                                         ["Tovly Deutsch", "Masoud Jasbi", "Stuart Shieber"]),
    "numbered columns": (
        "Author 1 First Name,Author 1 Last Name,Author2 First Name,Author2 Last Name\nJane,Doe,Richard,Roe\n",
        ["Jane Doe", "Richard Roe"],
    ),
    "one person's columns": ("First name,Middle name,Last name\nJane,B.,van der Doe\n", ["Jane B. van der Doe"]),
    "only the first author": ("First Author\nSmith A\n", ["A Smith"]),
}  # fmt: skip


@pytest.mark.parametrize("case", AUTHORS)
def test_names_stand_in_one_column_or_in_many(case: str) -> None:
    """Authors are read from a joined list in any form, and from columns of single names."""
    table, people = AUTHORS[case]
    heading, row, *_ = table.split("\n")
    assert [author.full for author in one(f"Title,{heading}\nDucks,{row}\n").authors] == people


def test_affiliations_stay_with_their_authors() -> None:
    """Marks tie affiliations to names; so do lists of one length; a single author has them all."""
    marked = one('Title,Authors,Affiliations\nDucks,"Jane Doe1, Richard Roe1,2","1. Lake; 2. Pond"\n')
    assert [author.affiliations for author in marked.authors] == [(1,), (1, 2)]
    assert [place.plain for place in marked.affiliations] == ["Lake", "Pond"]
    listed = one("Title,Authors,Affiliations\nDucks,Jane Doe; Richard Roe,Lake; Pond\n")
    assert [author.affiliations for author in listed.authors] == [(1,), (2,)]
    unsure = one("Title,Authors,Affiliations\nDucks,Jane Doe; Richard Roe; A Poe,Lake; Pond\n")
    assert [author.affiliations for author in unsure.authors] == [(), (), ()]
    assert len(unsure.affiliations) == 2


def test_parts_of_an_abstract_have_their_columns() -> None:
    """A column of each part gives a labelled abstract in the order of the columns; an empty cell gives none."""
    record = one("Title,Background,abstract_methods,Results,Conclusions\nDucks,They swim.,p <.05,N/A,So it is.\n")
    assert [(part.label, part.text.plain) for part in record.abstract] == [
        ("Background", "They swim."), ("Methods", "p <.05"), ("Conclusions", "So it is."),
    ]  # fmt: skip


def test_a_map_says_what_headings_do_not() -> None:
    """The editor's map goes before all guesses; a column that is ignored is not told of."""
    found = outcomes("Nr,Was,Wer,Title\n7,Ducks,Jane Doe,Dr\n",
                     {"Was": "title", "Wer": "authors", "Title": "ignore", "Nr": "number"})  # fmt: skip
    (record,) = records(found)
    assert (record.title.plain, record.number, record.authors[0].full) == ("Ducks", "7", "Jane Doe")
    assert codes(found) == []


REFUSED = {
    "no column of titles": ("UID,session\n1,2\n", {}, "no column of the table holds titles"),
    "a heading twice": ("id,title,Title\n1,a,b\n", {}, "stands twice"),
    "a mapped column that is missing": ("Paper,x\na,b\n", {"Papers": "title"}, "did you mean “Paper”"),
    "a map to no field": ("Paper,x\na,b\n", {"Paper": "titel"}, "did you mean “title”"),
    "too many columns": (",".join(f"c{n}" for n in range(20_000)) + "\n", {}, "more than 16384 columns"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_that_cannot_be_read_says_how_to_mend_it(case: str) -> None:
    """A table is refused with what was found and what to do."""
    content, columns, message = REFUSED[case]
    with pytest.raises(DigestError) as raised:
        outcomes(content, columns)
    assert message in str(raised.value)


WRITTEN = {
    "commas": "Title,Number\nDucks,7\n",
    "semicolons": "Title;Number\nDucks;7\n",
    "tabs": "Title\tNumber\nDucks\t7\n",
    "bars": "Title|Number\nDucks|7\n",
    "Excel's own line": "sep=;\nTitle;Number\nDucks;7\n",
    "a title above": "Ducks 2014\n\nTitle,Number\nDucks,7\n",
    "old Macintosh": "Title,Number\rDucks,7\r",
    "Windows": "Title,Number\r\nDucks,7\r\n",
    "no last line end": "Title,Number\nDucks,7",
    "a byte order mark": "\ufeffTitle,Number\nDucks,7\n",
    "empty rows": "Title,Number\n,\n\nDucks,7\n,,,\n",
    "quotes": '"Title","Number"\n"Ducks","7"\n',
}


@pytest.mark.parametrize("case", WRITTEN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_is_read_however_it_is_written(case: str, encoding: str) -> None:
    """Marks between cells, line ends, encodings and what stands above the headings make no difference."""
    record = one(WRITTEN[case].encode(encoding))
    assert (record.title.plain, record.number) == ("Ducks", "7")


def test_a_quote_that_is_not_closed_swallows_no_row() -> None:
    """A cell that opens a quote and never closes it ends with its line, and is told."""
    found = outcomes('Title,Number\n"Ducks,7\nGeese,8\n"Swans ""x""\non two lines",9\n')
    assert [record.title.plain for record in records(found)] == ['"Ducks', "Geese", 'Swans "x" on two lines']
    assert codes(found) == ["odd-quote"]


def test_rows_of_another_length_are_told() -> None:
    """A row with more or fewer cells than headings is read, and what hangs over is told."""
    found = outcomes("id,title,track\n1,a\n2,b,c,d\n")
    assert [record.title.plain for record in records(found)] == ["a", "b"]
    assert codes(found) == ["ragged", "ragged"]
    assert "“d”" in str(found)


def test_unread_columns_are_told_once() -> None:
    """Columns that mean nothing known are named once a page, not lost in silence."""
    found = outcomes("Title,Zoom link,Room\na,x,y\nb,x,y\n")
    (note,) = (outcome for outcome in found if isinstance(outcome, Problem))
    assert note.level == "warning"
    assert "“Zoom link”, “Room”" in note.message


def test_formulas_are_text() -> None:
    """A cell that a spreadsheet would compute is read as it stands."""
    assert one('Title,Number\n"=HYPERLINK(""http://x"")",7\n').title.plain == '=HYPERLINK("http://x")'


def test_many_quotes_take_no_more_than_their_length() -> None:
    """A text of nothing but opened quotes is read in time that grows with its length alone."""
    started = time.process_time()
    outcomes("Title,Number\n" + ',"""x' * 10 + ('"a""' * 10 + ",\n") * 2_000)
    assert time.process_time() - started < 5


@given(st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=6))
def test_every_row_gives_a_record_or_a_problem(rows: list[list[str]]) -> None:
    """What was written by the rules of RFC 4180 comes back: one outcome for each row that is not empty."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    data = ("Title,Number,Track\n" + "\n".join(lines)).encode("utf-8", "replace")
    found = [o for o in outcomes(data) if not isinstance(o, Problem) or o.level == "error"]
    clean = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in rows]
    assert len(found) == sum(any(cell.strip() for cell in row) for row in clean)


# --- Workbooks -------------------------------------------------------------------------------------------------------


def workbook(sheet: str, *, also: dict[str, str] | None = None) -> bytes:
    """The seed with another sheet."""
    made = io.BytesIO()
    with zipfile.ZipFile(SEED) as seed, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in seed.namelist():
            new.writestr(name, seed.read(name) if "sheet1" not in name else sheet)
        for name, content in (also or {}).items():
            new.writestr(name, content)
    return made.getvalue()


def test_a_workbook_is_read_as_a_table() -> None:
    """Whole numbers are without “.0”, and each row is told by its sheet and line."""
    found = outcomes(SEED.read_bytes())
    assert [(record.number, record.title.plain) for record in records(found)] == [("4001", "Ducks"), ("4002", "Geese")]
    assert [author.full for author in records(found)[0].authors] == ["Jane Doe", "R Roe"]


def cells(*found: str) -> str:
    rows = "".join(
        f'<row><c r="{at}" t="inlineStr"><is><t>{text}</t></is></c></row>' for at, text in (c.split("=") for c in found)
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'


WORKBOOKS = {
    "cells far apart": (workbook(cells("A1=Title", "XFD1048576=x")), "cells large"),
    "no headings": (workbook(cells("A1=Room", "A2=x")), "no column of titles"),
    "empty": (workbook(cells()), "nothing in its sheets"),
    "a bomb": (workbook(cells("A1=Title"), also={"xl/media/a.xml": " " * (257 * 2**20)}), "unpacks to"),
    "no XML": (workbook("<worksheet"), "cannot be read"),
    "cut off": (SEED.read_bytes()[:700], "damaged"),
}


@pytest.mark.parametrize("case", WORKBOOKS)
def test_a_workbook_that_cannot_be_read_is_refused(case: str) -> None:
    """A hostile or broken workbook gives a message before it costs memory."""
    content, message = WORKBOOKS[case]
    with pytest.raises(DigestError) as raised:
        outcomes(content)
    assert message in str(raised.value)


# --- Real files ------------------------------------------------------------------------------------------------------


def test_real_programmes_are_read(shared: Path) -> None:
    """Every row of every real programme with titles gives a record with authors who are people."""
    for path in sorted((shared / "records" / "more").rglob("*.csv")):
        try:
            found = list(parse(Page(path, path.name, format="csv")))
        except DigestError as error:
            assert "no column of the table holds titles" in str(error)  # noqa: PT017 - others must be read
            continue
        assert records(found), path
        assert not [outcome for outcome in found if isinstance(outcome, Problem) and outcome.level == "error"], path
        long = [a.full for record in records(found) for a in record.authors if len(a.full) > 60 or "|" in a.full]
        assert not long, path
