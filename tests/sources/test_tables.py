"""Tables: headings in many wordings, maps of columns, marks, quotes, encodings, workbooks; no row is lost."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import re
import time
import zipfile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.publication import AuthorStyle, ColumnField, FormatName, Source
from digest.sources import Outcome, Page, Parsed
from digest.sources.formats import FORMATS, recognise
from digest.sources.formats.tables import parse
from digest.sources.formats.tables.columns import FIELDS, folded
from tests.conftest import files_of

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
    return [
        problem.code
        for outcome in found
        for problem in (
            [outcome] if isinstance(outcome, Problem) else outcome.problems if isinstance(outcome, Parsed) else []
        )
    ]


HEADINGS = {
    "Title": "title",
    "Abstract Title": "title",
    "paper_title": "title",
    "AbstractTitle": "title",
    "Item Title": "title",
    "Abstract #": "number",
    "Abstract No.": "number",
    "UID": "number",
    "Poster number": "number",
    "Meeting Abstract": "number",
    "Session": "track",
    "Topic": "track",
    "Volume": "volume",
    "Journal/Book": "container",
    "Source title": "container",
    "Publisher": "publisher",
    "Art. No.": "pages",
    "Paper": "title",
    "Titel": "title",
    "Título": "title",
    "Titre de la communication": "title",
    "Paper ID": "number",
    "Nr.": "number",
    "Beitragsnummer": "number",
    "Sitzung": "track",
    "Sesión": "track",
}


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
    "a speaker and an institution": ('Speakers\n"Andrew S. Gordon, Institute of Ducks"\n', ["Andrew S. Gordon"]),
    "a speaker and who does not speak": (
        'Speakers\n"Tovly Deutsch (Masoud Jasbi, Stuart Shieber)"\n',
        ["Tovly Deutsch", "Masoud Jasbi", "Stuart Shieber"],
    ),
    "a speaker and one who does not": ("Speakers\nTovly Deutsch (Alan W Black)\n", ["Tovly Deutsch", "Alan W Black"]),
    "a speaker and a city": ("Speakers\nTovly Deutsch (New York)\n", ["Tovly Deutsch"]),
    "numbered columns": (
        "Author 1 First Name,Author 1 Last Name,Author2 First Name,Author2 Last Name\nJane,Doe,Richard,Roe\n",
        ["Jane Doe", "Richard Roe"],
    ),
    "one person's columns": ("First name,Middle name,Last name\nJane,B.,van der Doe\n", ["Jane B. van der Doe"]),
    "only the first author": ("First Author\nSmith A\n", ["A Smith"]),
    "a presenter and the others": (
        'Presenting Author,Co-Authors\n"Smith, J.","Jones, A.; Brown, B."\n',
        ["J Smith", "A. Jones", "B. Brown"],
    ),
    "the presenter is one of the authors": (
        'Authors,Presenting author\n"Jane Doe, Al Roe",Al Roe\n',
        ["Jane Doe", "Al Roe"],
    ),
    "columns of single names, and co-authors again": (
        "Author 1 First Name,Author 1 Last Name,Author 2,Presenting author,Co-authors\n"
        'Jane,Doe,Al Roe,J. Doe,"Al Roe; Cy Poe"\n',
        ["Jane Doe", "Al Roe", "Cy Poe"],
    ),
    "an author and co-authors in columns": (
        "Author 1,Co-Author 1,Co-Author 2\nJane Doe,Al Roe,Cy Poe\n",
        ["Jane Doe", "Al Roe", "Cy Poe"],
    ),
    "a submitter is not an author": ("Author 1,Submitter name\nJane Doe,Al Roe\n", ["Jane Doe"]),
    "name and Vorname": ("Name,Vorname\nMeyer,Eva\n", ["Eva Meyer"]),
    "Referent": ("Referent\nEva Meyer\n", ["Eva Meyer"]),
    "nobody yet": ("Authors\ntbd\n", []),
}


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


PLACES = {
    "raised": "¹Uni Köln, ²Uni Bonn",
    "raised after": "Uni Köln¹, Uni Bonn²",
    "dots": "1. Uni Köln; 2. Uni Bonn",
    "lines": "1. Uni Köln\n2. Uni Bonn",
    "brackets and commas": "(1) Uni Köln, (2) Uni Bonn",
    "brackets after": "Uni Köln (1); Uni Bonn (2)",
    "digits alone": "1 Uni Köln, 2 Uni Bonn",
    "tags": "<sup>1</sup>Uni Köln, <sup>2</sup>Uni Bonn",
    "order alone": "Uni Köln; Uni Bonn",
}


@pytest.mark.parametrize("case", PLACES)
@pytest.mark.parametrize("names", ["Jane Doe¹, Al Roe¹˒²", "Jane Doe (1), Al Roe (1,2)", "Jane Doe1; Al Roe1,2"])
def test_marks_tie_affiliations_however_they_are_written(case: str, names: str) -> None:
    """Marks before or after affiliations, with any sign between them, lead to the authors with these marks."""
    record = one(f'Title,Authors,Affiliations\nDucks,"{names}","{PLACES[case]}"\n')
    assert [place.plain for place in record.affiliations] == ["Uni Köln", "Uni Bonn"]
    assert [author.affiliations for author in record.authors] == [(1,), (1, 2)]


def test_affiliations_in_columns_of_their_own() -> None:
    """Numbered columns go with marks, an author's own with the author; department, city and country are one place."""
    numbered = one('Title,Authors,Affiliation 1,Affiliation 2\nDucks,"Jane Doe1, Al Roe2",Lake,Pond\n')
    assert [author.affiliations for author in numbered.authors] == [(1,), (2,)]
    heading = "Author 1,Author 1 Institution,Author 1 City,Author 2,Author 2 Affiliation 1,Author 2 Affiliation 2"
    own = one(f"Title,{heading}\nDucks,Jane Doe,Lake,Rome,Al Roe,Pond,Sea\n")
    assert [place.plain for place in own.affiliations] == ["Lake, Rome", "Pond", "Sea"]
    assert [author.affiliations for author in own.authors] == [(1,), (2, 3)]


AMONG_NAMES = {
    "Ann Lee (Boston, USA), Bob Roy (London, UK)": "Ann Lee: Boston, USA | Bob Roy: London, UK",
    "Ann Lee (Boston) and Bob Roy (Boston)": "Ann Lee: Boston | Bob Roy: Boston",
    "Lee, Ann (Boston)": "Ann Lee: Boston",
    "Lee, Ann (Boston); Roy, Bob (London, UK)": "Ann Lee: Boston | Bob Roy: London, UK",
    "Lee A, Roy B [University of X]; Poe C (Rome)": "A Lee:  | B Roy: University of X | C Poe: Rome",
    "Smith A., Roy B., Poe C.; University of A, Boston": "A. Smith: University of A, Boston | B. Roy: University of A, "
    "Boston | C. Poe: University of A, Boston",
    "A. Lee; B. Roy; University of Boston, USA": "A. Lee: University of Boston, USA | B. Roy: University of Boston, USA",
    "Smith J, Roe A. University of A, Rome": "J Smith: University of A, Rome | A Roe: University of A, Rome",
    "Ann Lee, Bob Roy, Klinikum Bonn, Germany": "Ann Lee: Klinikum Bonn, Germany | Bob Roy: Klinikum Bonn, Germany",
    "Ann Lee, University of Boston, USA; Bob Roy, King’s College, UK": "Ann Lee: University of Boston, USA | Bob Roy: King’s College, UK",
    "Ann Lee, Boston, USA; Bob Roy, London, UK": "Ann Lee: Boston, USA | Bob Roy: London, UK",
    "Ann Lee, University of A, Bob Roy, Hospital B, Rome": "Ann Lee: University of A | Bob Roy: Hospital B, Rome",
    "Smith J(1), O'Brien K(1,2), van der Berg P(2). (1)Univ A; (2)Univ B": "J Smith: Univ A | K O'Brien: Univ A; Univ B | P van der Berg: Univ B",
    "Smith J¹, Roe K². ¹Univ A, Boston; ²Univ B, Rome": "J Smith: Univ A, Boston | K Roe: Univ B, Rome",
    "Smith J1, Roe K2; 1 Lake, 2 Pond": "J Smith: Lake | K Roe: Pond",
    "Lee A (1), B Roy (2) (1) Univ A (2) Univ B": "A Lee: Univ A | B Roy: Univ B",
    "Lee A (1), Roy B (2)\n(1) Univ A\n(2) Univ B": "A Lee: Univ A | B Roy: Univ B",
    "Ann Lee, MD (Boston, USA), Bob Roy, PhD (London, UK)": "Ann Lee: Boston, USA | Bob Roy: London, UK",
    "Prof. Ann Lee (Charité Berlin), Bob Roy (2 Rome)": "Ann Lee: Charité Berlin | Bob Roy: Rome",
    "Ann Lee (University of Boston (BU), USA), Bob Roy": "Ann Lee: University of Boston (BU), USA | Bob Roy: ",
    "Smith J, Roe K - University of A, Boston": "J Smith: University of A, Boston | K Roe: University of A, Boston",
    "Ann Lee: University of Boston; Bob Roy: King's College": "Ann Lee: University of Boston | Bob Roy: King's College",
    "Smith J a, Roe K b. a) Univ A; b) Univ B": "J Smith: Univ A | K Roe: Univ B",
    "Smith J*, Roe K†. *Univ A; †Univ B": "J Smith: Univ A | K Roe: Univ B",
    "Lee A[1], Roy B[2]; [1] Univ A, [2] Univ B": "A Lee: Univ A | B Roy: Univ B",
    "SMITH John, University of A; ROE Kim, Hospital B": "John Smith: University of A | Kim Roe: Hospital B",
    # none of these is a place
    "Ann Lee (presenting author), Bob Roy (MD)": "Ann Lee:  | Bob Roy: ",
    "Smith J; European Study Group (ESG)": "J Smith:  | European Study Group (ESG): ",
    "Smith J, Roe A, on behalf of the University Hospital Study Group": "J Smith:  | A Roe:  | University Hospital Study Group: ",
    "National Cancer Institute; Roe A": "National Cancer Institute:  | A Roe: ",
    "Robert (Bob) Smith": "Robert Smith: ",
    "Lee, Jordan; Roe, Israel": "Jordan Lee:  | Israel Roe: ",
}


@pytest.mark.parametrize("cell", AMONG_NAMES)
def test_places_among_names_are_no_authors(cell: str) -> None:
    """Places and institutions in a cell of authors are affiliations of those before them, however they are printed."""
    record = one(f'Title,Authors\nDucks,"{cell}"\n')
    people = [
        f"{author.full}: " + "; ".join(record.affiliations[n - 1].plain for n in author.affiliations)
        for author in record.authors
    ]
    assert " | ".join(people) == AMONG_NAMES[cell]


def test_a_place_in_a_column_of_one_name() -> None:
    """A place after the name in a column for one author is this author's."""
    record = one("Title,Author 1,Author 2\nDucks,Ann Lee (Boston),Bob Roy (Rome)\n")
    assert [(author.full, author.affiliations) for author in record.authors] == [("Ann Lee", (1,)), ("Bob Roy", (2,))]


def test_many_brackets_take_no_more_than_their_length() -> None:
    """A cell of nothing but brackets and commas is read in time that grows with its length alone."""
    started = time.process_time()
    for cell in (
        "Lee A (1). (1) ",
        "Ann (Rome), ",
        "Univ A, ",
        "a. 1 Univ (b) ",
        "((a",
        "*Univ. ",
        ", MD (Rome)",
        "a - Univ",
    ):
        outcomes(f'Title,Authors\nDucks,"{cell * 3000}"\n')
    assert time.process_time() - started < 60


REPEATED = (
    "No,Session,Title,Authors\n1,Lakes,Ducks,Doe J\n2,Lakes,Geese,Roe A\n1,Ponds,Ducks,Poe B\n1,Ponds,Swans,Coe C\n"
)


def test_rows_of_one_number_stay_apart() -> None:
    """A number of several rows is reported once, and their sessions and authors distinguish the rows, in any order."""
    found = outcomes(REPEATED)
    parsed = [outcome for outcome in found if isinstance(outcome, Parsed)]
    assert [outcome.identifier for outcome in parsed] == [
        "1 · Lakes",
        "2",
        "1 · Ponds · Poe B",
        "1 · Ponds · Coe C",
    ]
    assert codes(found) == ["repeated"]
    heading, *rows = REPEATED.splitlines()
    turned = outcomes("\n".join([heading, *reversed(rows)]))
    assert {o.identifier for o in turned if isinstance(o, Parsed)} == {outcome.identifier for outcome in parsed}


NAMES = {
    "nothing repeated": ("No,Title\n1,Ducks\n2,Ducks\n", ["1", "2"], []),
    "another author": ("No,Title,Authors\n1,Ducks,Doe J\n1,Ducks,Roe A\n", ["1 · Doe J", "1 · Roe A"], ["repeated"]),
    "another text": (
        "No,Title,Authors,Text\n1,Ducks,Doe J,x\n1,Ducks,Doe J,y\n",
        ["1 · Doe J · 1", "1 · Doe J · 2"],
        ["repeated"],
    ),
    "another session": ("No,Title,Session\n1,Ducks,A\n1,Ducks,B\n", ["1 · A", "1 · B"], ["repeated"]),
    "a copy": ("No,Title,Authors\n1,Ducks,Doe J\n1,Ducks,Doe J\n", ["1", "1"], ["repeated"]),
    "no number, one title": ("Title,Authors,Session\nDucks,Doe J,A\nDucks,Doe J,B\n", ["Ducks · A", "Ducks · B"], []),
    "no number, another text": (
        "Title,Authors,Text\nDucks,Doe J,x\nDucks,Doe J,y\n",
        ["Ducks · Doe J · 1", "Ducks · Doe J · 2"],
        [],
    ),
    "no number, a copy": ("Title,Authors\nDucks,Doe J\nDucks,Doe J\n", ["", ""], ["repeated"]),
    "no number, titles of their own": ("Title,Authors\nDucks,Doe J\nGeese,Doe J\n", ["", ""], []),
    "no title": ("Title,Text\n,x\n,y\n", ["[Untitled] · 1", "[Untitled] · 2"], ["no-title", "no-title"]),
}


@pytest.mark.parametrize("case", NAMES)
def test_each_row_has_a_name_of_its_own(case: str) -> None:
    """No two rows that differ are known by one name, in any order of the rows; copies are, and that is reported."""
    content, names, expected = NAMES[case]
    heading, *rows = content.splitlines()
    for turned in (rows, rows[::-1]):
        found = outcomes("\n".join([heading, *turned]))
        assert sorted(o.identifier for o in found if isinstance(o, Parsed)) == names
        assert codes(found) == expected


EDITED = {
    "a title": ("Alpha in rats", "Alpha in mice"),
    "a text": ("Text of alpha", "Word of alpha"),
}


@pytest.mark.parametrize("case", EDITED)
@pytest.mark.parametrize("first", ["P-05,", ","])
def test_a_row_keeps_its_name_when_it_is_edited(case: str, first: str) -> None:
    """Changing a word of a title or a text makes no other record, not even where two rows have the number."""
    content = f"No,Title,Authors,Text\nP-05,Alpha in rats,Kim S,Text of alpha\n{first}Beta in man,Kim S,Text of beta\n"
    names = [
        [o.identifier for o in outcomes(text) if isinstance(o, Parsed)]
        for text in (content, content.replace(*EDITED[case]))
    ]
    assert names[0] == names[1]


DATES = {
    "a dot means the day first": (["12.05.2014"], ["2014-05-12"]),
    "one date decides for all": (["12/05/2014", "13/05/2014"], ["2014-05-12", "2014-05-13"]),
    "or the other way round": (["05/12/2014", "5/13/14"], ["2014-05-12", "2014-05-13"]),
    "a dotted date decides too": (["12/05/2014", "13.05.2014"], ["2014-05-12", "2014-05-13"]),
    "German": (["13. Mai 2014", "1. März 2014"], ["2014-05-13", "2014-03-01"]),
    "French": (["13 mai 2014", "1er août 2014"], ["2014-05-13", "2014-08-01"]),
    "Spanish": (["13 de mayo de 2014", "enero de 2014"], ["2014-05-13", "2014-01"]),
    "Excel": (["13-May-14", "41772"], ["2014-05-13", "2014-05-13"]),
    "a span": (
        ["May 30 – June 3, 2014", "13.-15.05.2014", "30.05.-03.06.2014"],
        ["2014-05-30", "2014-05-13", "2014-05-30"],
    ),
    "two months": (["Nov-Dec 2014", "Mai/Juni 2014", "2014 Nov-Dec"], ["2014-11", "2014-05", "2014-11"]),
    "with an hour": (["13 May 2014, 10:30", "2014-05-13 08:00:00"], ["2014-05-13", "2014-05-13"]),
}


@pytest.mark.parametrize("case", DATES)
@pytest.mark.parametrize("heading", ["Date", "Session Date", "Datum"])
def test_days_are_read_as_people_write_them(case: str, heading: str) -> None:
    """Dates in four languages, in numbers either way round, and as serial numbers give the day."""
    cells, wanted = DATES[case]
    rows = "".join(f'Ducks,"{cell}"\n' for cell in cells)
    found = outcomes(f"Title,{heading}\n{rows}")
    assert [str(record.issued) for record in records(found)] == wanted
    assert codes(found) == []


@pytest.mark.parametrize("cells", [["12/05/2014", "11/05/2014"], ["12/05/2014", "13/05/2014", "5/13/14"]])
def test_day_and_month_are_not_guessed(cells: list[str]) -> None:
    """Where no date of the column decides, or two contradict each other, only the year is kept; this is reported once."""
    found = outcomes("Title,Date\n" + "".join(f"Ducks,{cell}\n" for cell in cells))
    assert str(records(found)[0].issued) == "2014"
    assert codes(found) == ["odd-date"]


WITHDRAWN = {
    "a column": ("Title,Status\nDucks,Withdrawn\n", "Ducks", "withdrawn"),
    "a column of yes": ("Title,Withdrawn\nDucks,yes\n", "Ducks", "withdrawn"),
    "a column of no": ("Title,Withdrawn\nDucks,no\n", "Ducks", "final"),
    "a decision": ("Title,Decision\nDucks,Cancelled\n", "Ducks", "withdrawn"),
    "German": ("Titel,Status\nDucks,zurückgezogen\n", "Ducks", "withdrawn"),
    "French": ("Titre,Statut\nDucks,Retiré\n", "Ducks", "withdrawn"),
    "Spanish": ("Título,Estado\nDucks,retirada\n", "Ducks", "withdrawn"),
    "accepted": ("Title,Status\nDucks,Accepted\n", "Ducks", "final"),
    "the title": ("Title,No\nWITHDRAWN: Ducks,1\n", "Ducks", "withdrawn"),
    "brackets": ("Title,No\n[Retracted] Ducks,1\n", "Ducks", "withdrawn"),
    "after the title": ("Title,No\nDucks (withdrawn),1\n", "Ducks", "withdrawn"),
    "nothing else": ("Title,No\nWITHDRAWN,1\n", "WITHDRAWN", "withdrawn"),
    "a word of the title": ("Title,No\nCancelled operations on ducks,1\n", "Cancelled operations on ducks", "final"),
}


@pytest.mark.parametrize("case", WITHDRAWN)
def test_what_was_withdrawn_says_so(case: str) -> None:
    """A column or the title may say that an abstract was withdrawn; the title is left without these words."""
    content, title, status = WITHDRAWN[case]
    record = one(content)
    assert (record.title.plain, record.status) == (title, status)


def test_fields_of_columns_are_those_of_a_source() -> None:
    """What a column may hold is the same for the reader of tables, for digest.yaml and for its schema."""
    assert set(get_args(ColumnField)) == set(FIELDS)
    assert set(get_args(FormatName)) == {"", *FORMATS}


def test_the_list_of_headings_is_sound() -> None:
    """Each heading is written as headings are compared, once in its field, and each of its fields exists."""
    text = resources.files("digest.sources.formats.tables").joinpath("headings.csv").read_text(encoding="utf-8")
    lines = list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
    assert len(lines) > 600
    assert len({(line["field"], line["heading"]) for line in lines}) == len(lines)
    for line in lines:
        assert folded(line["heading"]) == line["heading"], line
        assert line["field"] in FIELDS
        assert line["language"] in {"en", "de", "fr", "es", "it", "pt"}
        assert line["weak"] in {"", "weak"}


def test_parts_of_an_abstract_have_their_columns() -> None:
    """A column of each part gives a labelled abstract in the order of the columns; an empty cell gives none."""
    record = one("Title,Background,abstract_methods,Results,Conclusions\nDucks,They swim.,p <.05,N/A,So it is.\n")
    assert [(part.label, part.text.plain) for part in record.abstract] == [
        ("Background", "They swim."),
        ("Methods", "p <.05"),
        ("Conclusions", "So it is."),
    ]


def test_a_map_says_what_headings_do_not() -> None:
    """The editor's map overrides all guesses; a column that is ignored is not reported."""
    found = outcomes(
        "Nr,Was,Wer,Title\n7,Ducks,Jane Doe,Dr\n", {"Was": "title", "Wer": "authors", "Title": "ignore", "Nr": "number"}
    )
    (record,) = records(found)
    assert (record.title.plain, record.number, record.authors[0].full) == ("Ducks", "7", "Jane Doe")
    assert codes(found) == []


REFUSED = {
    "no column of titles": ("UID,session\n1,2\n", {}, "no column of the table holds titles"),
    "a heading twice": ("id,title,Title\n1,a,b\n", {}, "two columns have the heading"),
    "a mapped column that is missing": ("Paper,x\na,b\n", {"Papers": "title"}, "did you mean “Paper”"),
    "a map to no field": ("Paper,x\na,b\n", {"Paper": "titel"}, "did you mean “title”"),
    "too many columns": (",".join(f"c{n}" for n in range(20_000)) + "\n", {}, "more than 16384 columns"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_table_that_cannot_be_read_says_how_to_fix_it(case: str) -> None:
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
    """Marks between cells, line ends, encodings and text above the headings make no difference."""
    record = one(WRITTEN[case].encode(encoding))
    assert (record.title.plain, record.number) == ("Ducks", "7")


def test_a_quote_that_is_not_closed_swallows_no_row() -> None:
    """A cell that opens a quote and never closes it ends with its line, and is reported."""
    found = outcomes('Title,Number\n"Ducks,7\nGeese,8\n"Swans ""x""\non two lines",9\n')
    assert [record.title.plain for record in records(found)] == ['"Ducks', "Geese", 'Swans "x" on two lines']
    assert codes(found) == ["odd-quote"]


def test_rows_of_another_length_are_reported() -> None:
    """A row with more or fewer cells than headings is read, and the surplus is reported."""
    found = outcomes("id,title,track\n1,a\n2,b,c,d\n")
    assert [record.title.plain for record in records(found)] == ["a", "b"]
    assert codes(found) == ["ragged", "ragged"]
    assert "“d”" in str(found)


def test_unread_columns_are_reported_once() -> None:
    """Columns that mean nothing known are named once a page, not lost in silence."""
    found = outcomes("Title,Zoom link,Room\na,x,y\nb,x,y\n")
    (note,) = (outcome for outcome in found if isinstance(outcome, Problem))
    assert note.level == "warning"
    assert "“Zoom link”, “Room”" in note.message
    many = outcomes("Title," + ",".join(f"x{n}" for n in range(20)) + "\na\n")
    assert "“x7” and 12 more" in str(many[0])


def test_formulas_are_text() -> None:
    """A cell that a spreadsheet would compute is read as it is written."""
    assert one('Title,Number\n"=HYPERLINK(""http://x"")",7\n').title.plain == '=HYPERLINK("http://x")'


def test_many_quotes_take_no_more_than_their_length() -> None:
    """A text of nothing but opened quotes is read in time that grows with its length alone."""
    started = time.process_time()
    outcomes("Title,Number\n" + ',"""x' * 10 + ('"a""' * 10 + ",\n") * 2_000)
    assert time.process_time() - started < 50


@given(st.lists(st.lists(st.text(max_size=8), min_size=3, max_size=3), max_size=6))
def test_every_row_gives_a_record_or_a_problem(rows: list[list[str]]) -> None:
    """What was written by the rules of RFC 4180 comes back: one outcome for each row that is not empty."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    data = ("Title,Number,Track\n" + "\n".join(lines)).encode("utf-8", "replace")
    found = [o for o in outcomes(data) if not isinstance(o, Problem) or o.level == "error" or o.code == "section"]
    clean = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in rows]
    assert len(found) == sum(any(cell.strip() for cell in row) for row in clean)


# --- Workbooks -------------------------------------------------------------------------------------------------------


def workbook(sheet: str, *, also: dict[str, str] | None = None) -> bytes:
    """The seed with another sheet, and with other parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(SEED) as seed, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in seed.namelist():
            if name not in (also or {}):
                new.writestr(name, seed.read(name) if "sheet1" not in name else sheet)
        for name, content in (also or {}).items():
            new.writestr(name, content)
    return made.getvalue()


def test_a_workbook_is_read_as_a_table() -> None:
    """Whole numbers are without “.0”, and each row is named by its sheet and line."""
    found = outcomes(SEED.read_bytes())
    assert [(record.number, record.title.plain) for record in records(found)] == [("4001", "Ducks"), ("4002", "Geese")]
    assert [author.full for author in records(found)[0].authors] == ["Jane Doe", "R Roe"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="C3" t="b"><v>7</v></c>', "7"),
        ('<c r="C3" t="e"><v>#OOPS!</v></c>', "#OOPS!"),
        ('<c r="C3" t="n"><v>nobody</v></c>', "nobody"),
        ('<c r="C3" t="zz"><v>nobody</v></c>', "nobody"),
        ('<c r="C3" t="s"><v>99999</v></c>', ""),
        ('<x:c r="C3" t="b"><x:v>7</x:v></x:c>', "7"),
    ],
)
def test_a_cell_that_is_not_what_it_says(cell: str, text: str) -> None:
    """It is read as the characters that are in it, and named; the rows around it are read as ever (ECMA-376, 18.18.11)."""
    sheet = cells("A1=Title", "B1=Authors", "C1=Session").replace("</row><row>", "").replace(
        "</sheetData>",
        "".join(
            f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{title}</t></is></c>'
            f'<c r="B{n}" t="inlineStr"><is><t>Jane Doe</t></is></c>{cell if n == 3 else ""}</row>'
            for n, title in ((2, "Ducks"), (3, "Geese"), (4, "Swans"))
        )
        + "</sheetData>",
    ).replace("<worksheet ", f'<worksheet xmlns:x="{SPACE}" ')  # fmt: skip
    found = outcomes(workbook(sheet))
    assert [(record.title.plain, record.track) for record in records(found)] == [
        ("Ducks", ""),
        ("Geese", text),
        ("Swans", ""),
    ]
    (problem,) = (one for one in found if isinstance(one, Problem) and one.code == "damaged")
    assert "(C3)" in problem.message


def cells(*found: str) -> str:
    rows = "".join(
        f'<row><c r="{at}" t="inlineStr"><is><t>{text}</t></is></c></row>' for at, text in (c.split("=") for c in found)
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'


SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_of(*rows: str, merged: str = "") -> str:
    """A sheet whose cells are between bars; ``1`` is a number, ``2@1`` one of the second style, ``<is>`` a rich text."""
    lines = []
    for line, row in enumerate(rows, 1):
        made = ""
        for at, cell in zip("ABCDEFGH", row.split("|"), strict=False):
            value, _, style = cell.partition("@")
            if re.fullmatch(r"[0-9.]+", value):
                made += f'<c r="{at}{line}" s="{style or 0}"><v>{value}</v></c>'
            elif cell:
                text = cell if cell.startswith("<r>") else f"<t>{cell}</t>"
                made += f'<c r="{at}{line}" t="inlineStr"><is>{text}</is></c>'
        lines.append(f'<row r="{line}">{made}</row>')
    ranges = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged.split())
    merges = f"<mergeCells>{ranges}</mergeCells>" if merged else ""
    return f'<worksheet xmlns="{SPACE}"><sheetData>{"".join(lines)}</sheetData>{merges}</worksheet>'


def shown(found: list[Outcome]) -> list[str]:
    """Number, title, authors with their affiliations, and session of each record, in a line."""
    lines = []
    for record in records(found):
        people = ", ".join(" ".join([author.full, *map(str, author.affiliations)]) for author in record.authors)
        lines.append(f"{record.number}: {record.title.source}: {people}: {record.track}")
    return lines


ROWS = {
    "an author a line": (
        (
            "No|Title|Author|Affiliation",
            "P1|Ducks|Doe, Jane|Lake",
            "||Roe, Al|Pond",
            "||Poe, Cy|Lake",
            "P2|Geese|Coe, Di|Sea",
        ),
        ["P1: Ducks: Jane Doe 1, Al Roe 2, Cy Poe 1: ", "P2: Geese: Di Coe 1: "],
    ),
    "an affiliation a line": (
        ("No|Title|Author|Affiliation", "P1|Ducks|Doe, Jane|Lake", "|||Pond", "||Doe, Jane|Sea"),
        ["P1: Ducks: Jane Doe 1 2 3: "],
    ),
    "names in two columns": (
        ("No|Title|First name|Last name|Institution", "P1|Ducks|Jane|Doe|Lake", "||Al|Roe|Pond"),
        ["P1: Ducks: Jane Doe 1, Al Roe 2: "],
    ),
    "a number without a title is another record": (
        ("No|Title|Author", "P1|Ducks|Doe, Jane", "P2||Roe, Al"),
        ["P1: Ducks: Jane Doe: ", "P2: [Abstract P2]: Al Roe: "],
    ),
    "sections": (
        ("No|Title|Author", "Lakes and ponds||", "P1|Ducks|Doe, Jane", "Seas||", "P2|Geese|Roe, Al"),
        ["P1: Ducks: Jane Doe: Lakes and ponds", "P2: Geese: Al Roe: Seas"],
    ),
    "a session of its own": (
        ("No|Title|Author|Session", "Lakes and ponds|||", "P1|Ducks|Doe, Jane|A", "|||B", "P2|Geese|Roe, Al|"),
        ["P1: Ducks: Jane Doe: A", "P2: Geese: Al Roe: B"],
    ),
}


@pytest.mark.parametrize("case", ROWS)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_rows_that_are_no_record_are_part_of_one(case: str, kind: str) -> None:
    """Rows with further authors belong to the record above, a text alone in its row to the records below; all is reported."""
    rows, wanted = ROWS[case]
    text = "\n".join(row.replace("|", ";") for row in rows)
    found = outcomes(text if kind == "csv" else workbook(sheet_of(*rows)))
    assert shown(found) == wanted
    reported = len([code for code in codes(found) if code in {"continued", "section"}])
    assert reported == (0 if "another record" in case else 2 if "section" in case or "session" in case else 1)


def test_a_text_alone_at_the_end_is_reported() -> None:
    """A text that heads no row is a warning: it may have been an abstract."""
    found = outcomes("No,Title\nLakes,\n1,Ducks\nClosing remarks,\n")
    assert [(o.level, o.line) for o in found if isinstance(o, Problem)] == [("note", 2), ("warning", 4)]


def test_a_text_of_several_rows_is_one_abstract() -> None:
    """Paragraphs in rows of their own follow each other."""
    record = one("No,Title,Abstract\n1,Ducks,Aims: one.\n,,Methods: two.\n")
    assert [(part.label, part.text.plain) for part in record.abstract] == [("Aims", "one."), ("Methods", "two.")]


def test_a_row_that_is_refused_is_quoted() -> None:
    """An error shows the row that was not read."""
    assert "“P12”" in str(outcomes("No,Title\n1,Ducks\nP12,\n"))


MERGED = {
    "a session over rows": (
        ("Session|No|Title|Authors", "Lakes|1|Ducks|Doe, Jane", "|2|Geese|Roe, Al", "Seas|3|Swans|Poe, Cy"),
        "A2:A3",
        ["1: Ducks: Jane Doe: Lakes", "2: Geese: Al Roe: Lakes", "3: Swans: Cy Poe: Seas"],
    ),
    "authors over rows": (
        ("No|Title|Authors", "1|Ducks|Doe, Jane", "2|Geese|", "3|Swans|Poe, Cy"),
        "C2:C3",
        ["1: Ducks: Jane Doe: ", "2: Geese: Jane Doe: ", "3: Swans: Cy Poe: "],
    ),
    "number, title and session over authors": (
        (
            "Session|No|Title|Author|Affiliation|Text",
            "Lakes|1|Ducks|Doe, Jane|Lake|x",
            "|||Roe, Al|Pond|",
            "|2|Geese|Poe, Cy|Sea|y",
        ),
        "A2:A4 B2:B3 C2:C3 F2:F3",
        ["1: Ducks: Jane Doe 1, Al Roe 2: Lakes", "2: Geese: Cy Poe 1: Lakes"],
    ),
    "a number over titles": (
        ("No|Title|Authors", "1|Ducks|Doe, Jane", "|Geese|Roe, Al"),
        "A2:A3",
        ["1: Ducks: Jane Doe: ", "1: Geese: Al Roe: "],
    ),
    "sections across": (
        ("No|Title|Authors", "|1. Lakes|", "1|Ducks|Doe, Jane", "2014||", "2|Geese|Roe, Al"),
        "B2:C2 A4:C4",
        ["1: Ducks: Jane Doe: 1. Lakes", "2: Geese: Al Roe: 1. Lakes"],
    ),
}


@pytest.mark.parametrize("case", MERGED)
def test_merged_cells_are_there_for_all_their_rows(case: str) -> None:
    """A merged cell counts for each of its rows; rows under one title are one record; no row is lost."""
    rows, merged, wanted = MERGED[case]
    assert shown(outcomes(workbook(sheet_of(*rows, merged=merged)))) == wanted


def test_words_set_in_type_keep_it() -> None:
    """Italics, subscripts and raised marks of a cell's words are kept, those of the whole cell are not."""
    title = "<r><t>Role of </t></r><r><rPr><i/></rPr><t>KRAS</t></r><r><t> &amp; CO</t></r><r>{}<t>2</t></r>".format(
        '<rPr><vertAlign val="subscript"/></rPr>'
    )
    raised = '<rPr><vertAlign val="superscript"/></rPr>'
    names = f"<r><t>Jane Doe</t></r><r>{raised}<t>1</t></r><r><t>, Al Roe</t></r><r>{raised}<t>1,2</t></r>"
    text = "<r><rPr><b/></rPr><t>Aims:</t></r><r><t> p &lt; 5\n</t></r><r><rPr><b/></rPr><t>Methods:</t></r><r><t> x.</t></r>"
    bold = "<r><rPr><b/></rPr><t>Ge</t></r><r><rPr><b/></rPr><t>ese</t></r>"
    rows = (f"1|{title}|{names}|1. Lake; 2. Pond|{text}", f"2|{bold}|||")
    found = records(outcomes(workbook(sheet_of("No|Title|Authors|Affiliations|Text", *rows))))
    assert [record.title.source for record in found] == ["Role of <i>KRAS</i> &amp; CO<sub>2</sub>", "Geese"]
    assert [(author.full, author.affiliations) for author in found[0].authors] == [
        ("Jane Doe", (1,)),
        ("Al Roe", (1, 2)),
    ]
    assert [(part.label, part.text.plain) for part in found[0].abstract] == [("Aims", "p < 5"), ("Methods", "x.")]


def test_a_workbook_of_a_spreadsheet_is_read_so_too() -> None:
    """Shared texts, styles and merged ranges are found where spreadsheets put them."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Posters")
        italic, padded = book.add_format({"italic": True}), book.add_format({"num_format": '"P-"000'})
        raised = book.add_format({"font_script": 1})
        for at, heading in enumerate(("Session", "No.", "Title", "Authors", "Date")):
            sheet.write(0, at, heading)
        sheet.merge_range("A2:A3", "Lakes")
        for line in (1, 2):
            sheet.write_number(line, 1, line, padded)
            sheet.write_datetime(line, 4, dt.date(2014, 5, 30), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_rich_string(1, 2, "Role of ", italic, "KRAS", " in ducks")
        sheet.write_string(2, 2, "p <.05 & geese", italic)
        sheet.write_rich_string(1, 3, "Jane Doe", raised, "1", ", Al Roe", raised, "2")
        sheet.write_string(2, 3, "Cy Poe")
    found = outcomes(made.getvalue())
    assert shown(found) == [
        "P-001: Role of <i>KRAS</i> in ducks: Jane Doe, Al Roe: Lakes",
        "P-002: p &lt;.05 &amp; geese: Cy Poe: Lakes",
    ]
    assert [str(record.issued) for record in records(found)] == ["2014-05-30"] * 2


def test_entities_of_a_workbook_are_not_opened(tmp_path: Path) -> None:
    """A workbook whose parts declare entities reads no file and grows no text by them."""
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    declared = f'<!DOCTYPE x [<!ENTITY a "{"x" * 1000}"><!ENTITY b SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    run = "<r><t>Ducks</t></r><r><rPr><i/></rPr><t>{}</t></r>"
    for name in ("&a;", "&b;"):
        try:
            found = outcomes(workbook(declared + sheet_of("No|Title", f"1|{run.format(name)}")))
        except DigestError:
            continue
        assert not [one for record in records(found) for one in ("secret", "xxx") if one in record.title.plain]


SHOWN = {
    '"P-"000': ("1", "P-001"),
    "0000": ("2", "0002"),
    "\\P00": ("7", "P07"),
    "[Red]000;-000": ("7", "007"),
    "0.00": ("4.1", "4.10"),
    "000_)": ("12", "012"),
    "General": ("12", "12"),
    "0": ("12", "12"),
    "#,##0": ("4021", "4021"),
    '0"a"': ("3", "3a"),
    "00.00": ("4.1", "04.10"),
    "[$P-407]000": ("5", "P005"),
    '"P"000"-A"': ("5", "P005-A"),
    "0.0": ("4", "4"),
    "000-000": ("123456", "123456"),
}


@pytest.mark.parametrize("code", SHOWN)
def test_numbers_are_read_as_they_are_shown(code: str) -> None:
    """Letters and noughts that a cell's format puts before a number are part of an abstract's number."""
    value, wanted = SHOWN[code]
    styles = (
        f'<styleSheet xmlns="{SPACE}"><numFmts><numFmt numFmtId="170" formatCode="{html.escape(code)}"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    content = workbook(sheet_of("No|Title", f"{value}@1|Ducks"), also={"xl/styles.xml": styles})
    assert one(content).number == wanted


def test_what_is_hidden_in_a_workbook_is_reported() -> None:
    """Hidden sheets and rows are read, with a warning."""
    sheet = sheet_of("No|Title", "1|Ducks", "2|Geese")
    assert codes(outcomes(workbook(sheet))) == []
    assert codes(outcomes(workbook(sheet.replace('<row r="3"', '<row hidden="1" r="3"')))) == ["hidden"]
    columns = '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
    (problem,) = (o for o in outcomes(workbook(sheet.replace("<sheetData>", columns))) if isinstance(o, Problem))
    assert (problem.code, "“Title”" in problem.message) == ("hidden", True)
    with zipfile.ZipFile(SEED) as seed:
        book = seed.read("xl/workbook.xml").decode()
    hidden = workbook(sheet, also={"xl/workbook.xml": book.replace("<sheet ", '<sheet state="hidden" ', 1)})
    assert codes(outcomes(hidden)) == ["hidden"]
    assert len(records(outcomes(hidden))) == 2


def test_numbers_recur_from_sheet_to_sheet() -> None:
    """A number on two sheets is two rows, which the sheets distinguish."""
    title = ("A1=Title", "B1=No", "A2=Ducks", "B2=7")
    made = io.BytesIO()
    with zipfile.ZipFile(SEED) as seed, zipfile.ZipFile(made, "w") as new:
        sheets = [name for name in seed.namelist() if "worksheets/sheet" in name]
        for name in seed.namelist():
            new.writestr(name, cells(*title) if name in sheets else seed.read(name))
    names = [o.identifier for o in outcomes(made.getvalue()) if isinstance(o, Parsed)]
    assert len(set(names)) == len(names) == len(sheets)


WORKBOOKS = {
    "cells far apart": (workbook(cells("A1=Title", "XFD1048576=x")), "cells large"),
    "no headings": (workbook(cells("A1=Room", "A2=x")), "no column of titles"),
    "empty": (workbook(cells()), "all sheets are empty"),
    "too much merged": (workbook(sheet_of("Title", "x", merged="A1:A999999 B1:B999999")), "merged"),
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


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("word/document.xml", "a Word document"),
        ("ppt/presentation.xml", "a presentation"),
        ("xl/workbook.bin", ".xlsb"),
        ("a.txt", "not an XLSX workbook"),
    ],
)
def test_another_package_is_called_by_its_name(part: str, says: str) -> None:
    """The advice for a document that is not a workbook is not to delete what comes after its table."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(part, "x")
    with pytest.raises(DigestError) as raised:
        outcomes(made.getvalue())
    assert says in str(raised.value)
    assert "delete" not in str(raised.value)


# --- Real files ------------------------------------------------------------------------------------------------------


def test_programmes_are_read() -> None:
    """Every row of every programme with titles gives a record with authors who are people."""
    for path in files_of("csv", "records/more/**/*.csv"):
        try:
            found = list(parse(Page(path, path.name, format="csv")))
        except DigestError as error:
            assert "no column of the table holds titles" in str(error)  # noqa: PT017 - others must be read
            continue
        assert records(found), path
        assert not [outcome for outcome in found if isinstance(outcome, Problem) and outcome.level == "error"], path
        long = [a.full for record in records(found) for a in record.authors if len(a.full) > 60 or "|" in a.full]
        assert not long, path


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "Cancer (2004) 102:4 (253-258). Date of Publication: 25 Aug 2004",
            ("Cancer", "102", "4", None, "253-258", "2004-08-25"),
        ),
        (
            "Gut (2019) 68 Supplement 1 (A12). Date of Publication: 1 Jun 2019",
            ("Gut", "68", None, "1", "A12", "2019-06-01"),
        ),
        ("Gut (2019) 54 (83-86). Date of Publication: 2019", ("Gut", "54", None, None, "83-86", "2019")),
        ("Gut", ("Gut", None, None, None, None, None)),
    ],
)
def test_the_source_of_embase(source: str, expected: tuple[str | None, ...]) -> None:
    """Embase’s CSV has journal, place and day in one column."""
    record = one(f'Title,Author Names,Source\nOn ducks in winter,"Roe J., Poe A.","{source}"\n')
    found = (record.container, record.volume, record.issue, record.supplement, record.pages, record.issued)
    assert tuple(str(value) if value else None for value in found) == expected


# Lists of authors as systems for submissions export them. One row does not show whether “Ina Bremer, Google” is a name
# with its place or “García López, María” a family name before a given name: all rows of the column together do.
LISTS: dict[str, tuple[list[str], list[str]]] = {
    "CMT 2: a place after each name, a star for who corresponds": (
        [
            "Quill Aldred, KIT; Ina Bremer*, Google Research",
            "Remy de Castel*, University of Nowhere",
            "Luz Fell, UC Nowhere",
        ],
        [
            "Quill Aldred: KIT | Ina Bremer: Google Research",
            "Remy de Castel: University of Nowhere",
            "Luz Fell: UC Nowhere",
        ],
    ),
    "acronyms alone": (
        ["Quill Aldred, KIT; Ina Bremer, MIT", "Remy Castel, IBM", "Luz Fell, LogicBlox; Auguste Dupin, SAP"],
        ["Quill Aldred: KIT | Ina Bremer: MIT", "Remy Castel: IBM", "Luz Fell: LogicBlox | Auguste Dupin: SAP"],
    ),
    "lines, and places with commas": (
        ["Quill Aldred, KIT, Germany\nIna Bremer, Duke, Durham, USA", "Remy Castel, Google"],
        ["Quill Aldred: KIT, Germany | Ina Bremer: Duke, Durham, USA", "Remy Castel: Google"],
    ),
    "degrees, Jr., quotes, no place": (
        [
            'Quill Aldred, Jr., MD, University A; Ina Bremer, ""Duke, Durham"";',
            "Remy Castel, none; and Luz Fell, Lab B",
        ],
        ["Quill Aldred Jr: University A | Ina Bremer: Duke, Durham", "Remy Castel: | Luz Fell: Lab B"],
    ),
    "CMT 3: places in brackets, a star after them": (
        ["Bremer, Ina (MIT)*; de Castel, Remy (Google)", "Quill Aldred (KIT)*"],
        ["Ina Bremer: MIT | Remy de Castel: Google", "Quill Aldred: KIT"],
    ),
    "family names before given names": (
        ["Aldred, Quill; Bremer, Ina", "de Castel, Remy; Al Bassit, Nadia"],
        ["Quill Aldred: | Ina Bremer:", "Remy de Castel: | Nadia Al Bassit:"],
    ),
    "two family names before given names": (
        ["García López, María; Pérez Ruiz, Juan", "Martínez Gil, Ana; Vidal Moya, José"],
        ["María García López: | Juan Pérez Ruiz:", "Ana Martínez Gil: | José Vidal Moya:"],
    ),
    "two family names before initials": (
        ["Aldred Quill, JL; Bremer Dupin, MR", "Castel Fell, ABM; Estrada Poe, K"],
        ["JL Aldred Quill: | MR Bremer Dupin:", "ABM Castel Fell: | K Estrada Poe:"],
    ),
    "Python's list": (
        ["['Quill Aldred', 'Ina Bremer']", "[{'name': 'Remy Castel', 'affiliation': 'MIT'}, {'name': 'Luz Fell'}]"],
        ["Quill Aldred: | Ina Bremer:", "Remy Castel: MIT | Luz Fell:"],
    ),
}


def of_source(rows: list[str], authors: AuthorStyle = "") -> list[Outcome]:
    """What a table with these lists of authors gives, for a source that says how they are written."""
    text = "Paper ID,Title,Authors\n" + "".join(f'{n},Duck {n},"{row}"\n' for n, row in enumerate(rows, 1))
    source = Source(name="programme", address="programme.csv", authors=authors)
    return list(parse(Page(text.encode(), "programme.csv", format="csv", defaults=source)))


def with_places(record: Record) -> str:
    return " | ".join(
        f"{author.full}: {'; '.join(record.affiliations[n - 1].plain for n in author.affiliations)}".strip()
        for author in record.authors
    )


@pytest.mark.parametrize("case", LISTS)
def test_lists_of_authors_are_read_as_their_column_shows(case: str) -> None:
    """Whether a place or a given name is after the comma is decided by all rows, and nothing is reported."""
    rows, wanted = LISTS[case]
    found = of_source(rows)
    assert [with_places(record) for record in records(found)] == wanted
    assert "unsure" not in codes(found)


DOUBTFUL = ["Quill Aldred, Springfield; Ina Bremer, Shelbyville", "Remy Castel, Ogdenville"]
SAID: dict[AuthorStyle, list[str]] = {
    "name, place": ["Quill Aldred: Springfield | Ina Bremer: Shelbyville", "Remy Castel: Ogdenville"],
    "family, given": ["Springfield Quill Aldred: | Shelbyville Ina Bremer:", "Ogdenville Remy Castel:"],
}


def test_lists_that_can_be_read_in_two_ways_are_reported() -> None:
    """One warning for the column, with an example and the key of digest.yaml that settles it."""
    found = of_source(DOUBTFUL)
    (problem,) = (one for one in found if isinstance(one, Problem) and one.code == "unsure")
    assert "“Quill Aldred, Springfield”" in problem.message
    assert "in digest.yaml: “authors: name, place” or “authors: family, given”" in problem.message


@pytest.mark.parametrize("said", SAID)
def test_digest_yaml_says_how_lists_of_authors_are_written(said: AuthorStyle) -> None:
    """The key `authors` of a source decides, and then nothing is reported."""
    found = of_source(DOUBTFUL, said)
    assert [with_places(record) for record in records(found)] == SAID[said]
    assert "unsure" not in codes(found)


def test_a_place_after_both_parts_of_a_name() -> None:
    """`family, given, place` is the third form that the key knows."""
    (record,) = records(
        of_source(["Aldred, Quill, Springfield; Bremer, Ina, Shelbyville, Ohio"], "family, given, place")
    )
    assert with_places(record) == "Quill Aldred: Springfield | Ina Bremer: Shelbyville, Ohio"


PROGRAMME = (
    "presenting_author,talk_title,institution,pres_format,session_theme,published\n"
    '"Aldred, Quill",Of the rarest ducks,University of Nowhere,poster,Poster Session,FALSE\n'
    '"Bremer, Ina R",Of many ducks,Animal Inventors,talk,Community-driven ducks,TRUE\n'
)


def test_a_programme_by_other_headings() -> None:
    """Ways of presenting and themes of sessions; a column of yes and no holds no days, and that is said once."""
    found = outcomes(PROGRAMME)
    first, second = records(found)
    assert (first.type, first.presentation, first.track) == ("meeting-abstract", "poster", "Poster Session")
    assert (second.presentation, second.track, second.issued) == ("oral", "Community-driven ducks", None)
    (problem,) = (one for one in found if isinstance(one, Problem) and one.code == "odd-date")
    assert "“published” holds FALSE and TRUE, no days" in problem.message


def test_a_programme_without_its_meeting_says_so() -> None:
    """Citations of meeting abstracts name the meeting; the source in digest.yaml is where it is written."""
    page = Page(PROGRAMME.encode(), "programme.csv", format="csv", defaults=Source(name="x", address="programme.csv"))
    (problem,) = (one for one in parse(page) if isinstance(one, Problem) and one.code == "no-meeting")
    assert problem.level == "warning"
    assert "2 of them" in problem.message
    assert "“meeting: {name: …, start: …}” to the source in digest.yaml" in problem.message


TABLE_OR_TEXT = {
    "two references": (
        "Fell et al. Abstract# 970, XYZ 2015. http://x.example/y\nRoe K, Lee A. Of ducks. J Ducks 2014;3:5.\n",
        "text",
    ),
    "cells differ in number": (
        "An abstract on ducks, 2015\nRoe K, Lee A, Poe C. Of ducks. J Ducks 2014;3:5.\n",
        "text",
    ),
    "headings": ("Title,Authors\nDucks,Ann Lee\n", "csv"),
    "headings of several words": ("Title of the paper,Names of the authors\nDucks,Ann Lee\n", "csv"),
    "quoted cells with commas": ('Paper name and title,Session of day\n"Ducks, swans",Hall A\n', "csv"),
}


@pytest.mark.parametrize("case", TABLE_OR_TEXT)
def test_a_table_has_headings_and_rows_as_wide(case: str) -> None:
    """What has neither a heading alone in a cell nor rows of one width is text."""
    text, wanted = TABLE_OR_TEXT[case]
    assert recognise(Page(text.encode(), "x.txt")) == wanted
