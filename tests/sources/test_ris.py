"""RIS in its dialects: what each oddity becomes, and that no record is lost whatever the bytes."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.records import as_json
from digest.sources import Page, Parsed, parse, recognise
from digest.sources.formats import ris
from tests.conftest import files_of


def read(text: str | bytes) -> list[Any]:
    content = text.encode() if isinstance(text, str) else text
    return list(parse(Page(content, "x.ris", format="ris")))


def records(text: str | bytes) -> list[dict[str, Any]]:
    return [as_json(outcome.record) for outcome in read(text) if isinstance(outcome, Parsed)]


def only(lines: str) -> dict[str, Any]:
    (record,) = records(f"TY  - JOUR\nTI  - A title\n{lines}\nER  - \n")
    return record


def names(record: dict[str, Any], field: str = "authors") -> list[str]:
    return [
        person.get("literal")
        or "/".join((person["family"], person.get("given") or person.get("initials", ""), person.get("suffix", "")))
        for person in record.get(field, ())
    ]


TITLES = {
    "two records without ER": ("TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B", ["A", "B"]),
    "the last ER is missing": ("TY  - JOUR\nTI  - A\nER  - \n\nTY  - JOUR\nTI  - B\n", ["A", "B"]),
    "ER without a blank": ("TY  - JOUR\nTI  - A\nER  -\nTY  - JOUR\nTI  - B\nER-", ["A", "B"]),
    "old Mac's line ends": ("TY  - JOUR\rTI  - A\rER  - \rTY  - JOUR\rTI  - B\r", ["A", "B"]),
    "DOS's line ends": ("TY  - JOUR\r\nTI  - A\r\nER  - \r\n", ["A"]),
    "a byte order mark": ("\ufeffTY  - JOUR\nTI  - A\nER  - ", ["A"]),
    "one blank": ("TY - JOUR\nTI - A\nAB - One.\nTwo.\nKW - c\nER -\nTY - JOUR\nTI - B", ["A", "B"]),
    "tabs": ("TY\t\t-\tJOUR\nTI\t\t-\tA\n", ["A"]),
    "lower-case tags": ("ty  - JOUR\nti  - A\nab  - Text\nkw  - x\ner  - \nty  - JOUR\nti  - B", ["A", "B"]),
    "a title over two lines": ("TY  - JOUR\nTI  - A long\n      title\nER  - ", ["A long title"]),
    "TY in the midst of a line": ("TY  - JOUR\nTI  - What TY  - JOUR means\nER  - ", ["What TY - JOUR means"]),
    "T1": ("TY  - JOUR\nT1  - A\n", ["A"]),
    "a book's title in BT": ("TY  - BOOK\nBT  - A\n", ["A"]),
    "a tag that nobody knows": ("TY  - JOUR\nXX  - nothing\nTI  - A\n", ["A"]),
    "a tag that nobody knows after a title": ("TY  - JOUR\nTI  - A\nXX  - nothing\n", ["A"]),
    "lines between records": ("1.\nTY  - JOUR\nTI  - A\nER  - \n\n2.\nTY  - JOUR\nTI  - B\nER  - \n", ["A", "B"]),
    "the end of a record within an abstract": (
        "TY  - JOUR\nTI  - A\nAB  - Tumours were\nER-positive and\nER - negative.\nKW  - x\nER  - ",
        ["A"],
    ),
}


@pytest.mark.parametrize("case", TITLES)
def test_records(case: str) -> None:
    """Each TY line gives a record, whatever is around it."""
    text, titles = TITLES[case]
    assert recognise(Page(text.encode(), "x")) == "ris"
    assert [record["title"] for record in records(text)] == titles
    assert not [outcome for outcome in read(text) if isinstance(outcome, Problem)]


FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "the last page is completed": ("SP  - 60\nEP  - 6", {"pages": "60-66"}),
    "Ovid has no pages": ("SP  - No\nEP  - Specified", {"pages": None}),
    "the same page twice": ("SP  - e15166\nEP  - e15166", {"pages": "e15166"}),
    "all pages in SP": ("SP  - 60-66\nEP  - 66", {"pages": "60-66"}),
    "an article's number": ("C7  - 104501", {"pages": "104501"}),
    "an article's number in SP": ("SP  - 2087980", {"pages": "2087980"}),
    "Ovid's code of a journal": ("IS  - eag, 7805975", {"issue": None}),
    "issue in the volume": ("VL  - 50(2)", {"volume": "50", "issue": "2"}),
    "a supplement": ("VL  - 32\nIS  - 15 SUPPL. 1", {"issue": "15", "supplement": "1"}),
    "a full date": ("PY  - 2014/05/20/", {"issued": "2014-05-20"}),
    "a year with slashes": ("Y1  - 2014///", {"issued": "2014"}),
    "a year and a month": ("PY  - 2014/05//", {"issued": "2014-05"}),
    "a month's name": ("Y1  - 2015/october", {"issued": "2015-10"}),
    "the day in DA": ("PY  - 2014\nDA  - 2014/05/20", {"issued": "2014-05-20"}),
    "DA of another year": ("PY  - 2014\nDA  - 2019/01/01", {"issued": "2014"}),
    "the day of receipt": ("PY  - 2013/04/18\nPY  - 2013/02/15/received", {"issued": "2013-04-18"}),
    "a month next to the year": ("PY  - 2014\nDA  - MAY 20", {"issued": "2014-05-20"}),
    "Embase's meeting": (
        "M3  - Conference Abstract\nT3  - 2014 Annual Meeting of the Society, SOC. Chicago, IL United States.",
        {"meeting": {"name": "2014 Annual Meeting of the Society, SOC", "place": "Chicago, IL United States"}},
    ),
    "no date": ("PY  - ///", {"issued": None}),
    "a DOI with its address": ("DO  - https://doi.org/10.1000/ABC", {"doi": "10.1000/abc"}),
    "a DOI in M3": ("M3  - doi: 10.1000/abc", {"doi": "10.1000/abc"}),
    "a DOI in L3": ("L3  - 10.1000/abc", {"doi": "10.1000/abc"}),
    "a DOI in UR": ("UR  - http://dx.doi.org/10.1000/abc", {"doi": "10.1000/abc"}),
    "PMID by its database": ("AN  - 24857584\nDB  - PubMed", {"pmid": "24857584"}),
    "another database's number": ("AN  - 24857584\nDB  - Embase", {"pmid": None}),
    "PMID in U1": ("U1  - 35957633[PMID]", {"pmid": "35957633"}),
    "PMCID in C2": ("C2  - PMC4756000", {"pmcid": "PMC4756000"}),
    "PMID in a link": ("UR  - https://pubmed.ncbi.nlm.nih.gov/32789069/", {"pmid": "32789069", "url": None}),
    "two addresses": ("UR  - https://a.example/1\nUR  - https://a.example/2", {"url": "https://a.example/1"}),
    "a file": ("L1  - file:///etc/passwd\nUR  - javascript:alert(1)", {"url": None}),
    "ISSN in words": ("SN  - 03064530 (ISSN)", {"issn": "0306-4530"}),
    "two ISSNs": ("SN  - 1532-1827(Electronic),0007-0920(Print)", {"issn": "1532-1827"}),
    "ISBN": ("SN  - 978-3-16-148410-0", {"isbn": "9783161484100"}),
    "a language": ("LA  - English", {"language": "en"}),
    "keywords on lines": ("KW  - one\ntwo\nKW  - *three", {"keywords": ("one", "two", "three")}),
    "keywords with semicolons": ("KW  - one; two", {"keywords": ("one", "two")}),
    "full title and abbreviation": (
        "JF  - Journal of Clinical Oncology\nJO  - J. Clin. Oncol.",
        {"container": "Journal of Clinical Oncology", "container_short": "J Clin Oncol"},
    ),
    "an abbreviation in JF": (
        "JF  - J Clin Oncol",
        {"container": "Journal of Clinical Oncology", "container_short": "J Clin Oncol"},
    ),
    "a journal in capitals": ("T2  - JOURNAL OF CLINICAL ONCOLOGY", {"container": "Journal of Clinical Oncology"}),
    "what the work is": ("M3  - Conference Abstract", {"type": "meeting-abstract"}),
    "a publisher": ("PB  - Elsevier Ltd", {"publisher": "Elsevier Ltd"}),
}


@pytest.mark.parametrize("case", FIELDS)
def test_fields(case: str) -> None:
    """Each tag is read for what it means."""
    lines, wanted = FIELDS[case]
    record = only(lines)
    found = {**record, **record["ids"]}
    assert {name: found.get(name) for name in wanted} == wanted


PEOPLE = {
    "names apart": ("AU  - Saif, Muhammad Wasif", ["Saif/Muhammad Wasif/"]),
    "without a blank": ("AU  - Valle-Delgado,J. J. ", ["Valle-Delgado/J. J./"]),
    "a suffix": ("AU  - King, Martin Luther, Jr.", ["King/Martin Luther/Jr"]),
    "Embase": ("A1  - Liu R.", ["Liu/R/"]),
    "a group": ("AU  - Beat AML Study Group,", ["Beat AML Study Group"]),
    "AU and A1 alike": ("AU  - Saif, M.\nA1  - Saif, M.", ["Saif/M./"]),
    "two in a line": ("AU  - Saif, M.; Kaur, A.", ["Saif/M./", "Kaur/A./"]),
    "IEEE": ("AU  - A. Author-One", ["Author-One/A./"]),
    "et al.": ("AU  - Saif, M., et al.\nAU  - et al.", ["Saif/M./"]),
    "et al. within a name": ("AU  - Saif, M. et al.", ["Saif/M./"]),
    "a group turned round": ("AU  - Group, SWOG Study", ["SWOG Study Group"]),
    "a person with a group's name": ("AU  - Board, John", ["Board/John/"]),
    "a trial's number": ("AU  - NCT01077154,", []),
    "no name": ("AU  - \nAU  - Saif, M.", ["Saif/M./"]),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_people(case: str) -> None:
    """Authors as exporters write them."""
    lines, wanted = PEOPLE[case]
    # Bare initials are kept as they are printed, with stops or without.
    assert [name.replace("R.", "R") for name in names(only(lines))] == wanted


def test_affiliations_are_tied_where_the_text_names_authors() -> None:
    """Ovid and PsycINFO name the authors before an affiliation."""
    record = only("AU  - Liu, R.\nAU  - Chen, W.\nAD  - (Chen) Department of One, Town\nAD  - Liu, R: Institute of Two")
    assert record["affiliations"] == ("Department of One, Town", "Institute of Two")
    assert [person["affiliations"] for person in record["authors"]] == [(2,), (1,)]


def test_conferences() -> None:
    """A reference of a conference names the meeting; a page or two is an abstract, more is a paper."""
    text = (
        "TY  - CONF\nTI  - A\nT2  - Proceedings of the 9th Symposium on Tests\nCY  - Berlin\nPY  - 2020\n"
        "Y1  - 4-8 Aug. 2020\nSP  - 183\nEP  - {}\n"
    )
    short, long = (records(text.format(last))[0] for last in (184, 190))
    assert (short["type"], long["type"]) == ("meeting-abstract", "chapter")
    assert short["meeting"] == {
        "name": "9th Symposium on Tests",
        "place": "Berlin",
        "start": "2020-08-04",
        "end": "2020-08-08",
    }
    assert short["issued"] == "2020"


OVID = (
    "M3  - Conference Abstract\nJF  - Pancreatology. Conference: 46th Meeting of the Club. Southampton United Kingdom."
)


@pytest.mark.parametrize("rest", ["", " Conference Publication: (var.pagings). 14 (3 SUPPL. 1)"])
def test_a_meeting_after_the_journal(rest: str) -> None:
    """Ovid puts the meeting after the journal's name and “No” for pages: each goes to its place, the rest is reported."""
    (parsed,) = read(f"TY  - JOUR\nTI  - A\n{OVID}{rest}\nSP  - S12\nEP  - No\nPY  - 2014\n")
    record = as_json(parsed.record)
    assert (record["container"], record["pages"]) == ("Pancreatology", "S12")
    assert record["meeting"] == {"name": "46th Meeting of the Club", "place": "Southampton United Kingdom"}
    assert [problem.code for problem in parsed.problems] == (["odd-issue"] if rest else [])


def test_a_journal_of_conferences_is_not_a_meeting() -> None:
    """The word within the name of a journal does not begin a meeting."""
    record = only("JF  - IOP Conference Series: Earth and Environmental Science")
    assert record["container"] == "IOP Conference Series: Earth and Environmental Science"
    assert "meeting" not in record


TOLD = {
    "a second title": ("TI  - Another title", "two-titles"),
    "a link to a file": ("L1  - file:///etc/passwd", "link"),
    "no date": ("PY  - 99", "odd-date"),
    "a second abstract": ("AB  - One thing.\nN2  - Quite another.", "second-abstract"),
    "a last page alone": ("EP  - 12", "no-pages"),
    "a code for an issue": ("IS  - eag, 7805975", "odd-issue"),
}


@pytest.mark.parametrize("case", TOLD)
def test_what_is_left_out_is_reported(case: str) -> None:
    """What does not come into the record is a note or a warning with it."""
    lines, code = TOLD[case]
    (parsed,) = read(f"TY  - JOUR\nTI  - A title\n{lines}\nER  - ")
    assert code in [problem.code for problem in parsed.problems]


def test_tags_without_their_type_are_an_error() -> None:
    """Lines before the first TY, or after an ER, that look like a record are reported with their line."""
    outcomes = read("AU  - Lost, A.\nTI  - Lost\nTY  - JOUR\nTI  - A\nER  - \nTI  - Lost too\n")
    lost = [(outcome.code, outcome.line) for outcome in outcomes if isinstance(outcome, Problem)]
    assert lost == [("no-type", 1), ("no-type", 6)]
    assert len(outcomes) == 3


def test_lines_are_those_of_the_file() -> None:
    """A problem names the line on which its record begins."""
    outcomes = read(
        "\n\nTY  - JOUR\nTI  - A\nPY  - 99\nER  - \n\nTY  - JOUR\nER  - \n\n\nTY  - JOUR\nTI  - B\nPY  - 98"
    )
    assert [o.line if isinstance(o, Problem) else o.problems[0].line for o in outcomes] == [3, 8, 12]


def test_lines_between_records_are_reported() -> None:
    """Text that belongs to no record is a note with its line; counts and rules that exporters print are not."""
    outcomes = read("words\nmore\nTY  - JOUR\nTI  - A\nER  - \n12.\n\nA line of text\nTY  - JOUR\nTI  - B")
    notes = [(o.code, o.line) for o in outcomes if isinstance(o, Problem)]
    assert notes == [("between-records", 1), ("between-records", 8)]


OUTSIDE = {
    "TI  - A": "no-type",
    "TI - A": "no-type",
    "ti  - A": "no-type",
    "ti - a small word and a hyphen": "between-records",
    "KW  - a tag that names nothing": "between-records",
}


@pytest.mark.parametrize("line", OUTSIDE)
def test_what_looks_like_a_record_without_its_type(line: str) -> None:
    """A title, an author or the like after the end of a record is a lost record; other lines are only left out."""
    outcomes = read(f"TY  - JOUR\nTI  - A title\nER  - \n{line}\n")
    assert [outcome.code for outcome in outcomes if isinstance(outcome, Problem)] == [OUTSIDE[line]]


def test_a_record_keeps_its_own_lines() -> None:
    """The bytes kept are the record's from TY to what comes before ER; a record is known by its ID, or by its place."""
    text = "TY  - JOUR\nTI  - A\nPY  - 99\nER  - \n\nTY  - JOUR\nTI  - B\nPY  - 99\nID  - x7"
    found = [outcome for outcome in read(text) if isinstance(outcome, Parsed)]
    assert [one.raw.decode() for one in found] == [text.partition("\nER")[0], text.partition("\n\n")[2]]
    assert [(one.identifier, one.problems[0].key) for one in found] == [("", "record 1"), ("x7", "x7")]


AUTHORS = {
    "two people of one name": ("AU  - Smith, J.\nAU  - Smith, J.", ["Smith/J./", "Smith/J./"]),
    "the same people under two tags": ("A1  - Smith, J.\nA1  - Lee, A.\nAU  - Smith, J.", ["Smith/J./", "Lee/A./"]),
}


@pytest.mark.parametrize("case", AUTHORS)
def test_people_who_come_twice(case: str) -> None:
    """Two authors of one name are two people, unless the file lists its authors under both AU and A1."""
    lines, wanted = AUTHORS[case]
    assert names(only(lines)) == wanted


ABSTRACTS = {
    "two letters and a hyphen": ("AB  - One\nKW - two\nKW  - three", "One KW - two", ("three",)),
    "a hyphen next to the letters": ("AB  - One\nKW- two\nKW  - three", "One KW- two", ("three",)),
    "a tag that nobody knows": ("AB  - One\nQQ  - two\nKW  - three", "One QQ - two", ("three",)),
}


@pytest.mark.parametrize("case", ABSTRACTS)
def test_where_an_abstract_ends(case: str) -> None:
    """A line of an abstract that looks like a tag, but is not written like the file's tags, belongs to the abstract."""
    lines, text, keywords = ABSTRACTS[case]
    record = only(lines)
    assert (record["abstract"][0]["text"], record["keywords"]) == (text, keywords)


def test_two_blanks_make_a_tag_in_any_file() -> None:
    """Where a file's tags have one blank, a tag with two ends an abstract as well."""
    (record,) = records("TY - JOUR\nTI - A\nAB - One\nKW  - two\nER - \n")
    assert (record["abstract"][0]["text"], record["keywords"]) == ("One", ("two",))


def test_no_ris() -> None:
    """A text without a record is an error of the page."""
    with pytest.raises(DigestError):
        read("nothing")


LINES = st.sampled_from(
    [
        "TY  - JOUR",
        "TY - CONF",
        "TY  - ",
        "TI  - A",
        "ER  - ",
        "ER  -",
        "AU  - B, C.",
        "AB  - text",
        "more",
        "",
        "TY",
        "PY  - 2014",
        "DO  - 10.1000/x",
        "SP  - \x00",
        "T2  - <b>x",
        "  TY  - ABST",
        "Y1  - 9-1 May 2020",
        "\ufeff",
        "AD  - (B) x",
        "SN  - 9",
        "UR  - http://[",
        "CY  - x",
        "VL  - 1(",
        "A1  - ,",
        "AU  - ,,Jr",
        "M3  - doi:",
        "EP  - 1",
        "KW  - ;",
    ]
)


@given(st.lists(LINES, max_size=25), st.sampled_from(["\n", "\r", "\r\n"]))
def test_no_record_is_lost(lines: list[str], end: str) -> None:
    """As many records and errors come out as TY lines go in."""
    text = end.join(["TY  - JOUR", *lines])
    asked = len(re.findall(r"(?m)^ *TY(?:  - ?.*| - \w+ *)$", text.replace("\r\n", "\n").replace("\r", "\n")))
    outcomes = read(text)
    found = [o for o in outcomes if isinstance(o, Parsed) or (o.level == "error" and o.code != "no-type")]
    assert len(found) == asked


@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    """Whatever the bytes, the only errors are ours."""
    assert read(b"TY  - JOUR\nTI  - " + content)


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\n" * 20_000,
        "TY  - JOUR\nTI  - A\n" + "AU  - B, C.\n" * 20_000,
        "TY  - JOUR\nTI  - A\nAB  - " + "(" * 200_000,
        "TY  - JOUR\nTI  - A\nAB  - " + "ER - x\n" * 40_000,
        "TY  - JOUR\nTI  - " + " " * 300_000 + "x",
        "TY  - JOUR\nTI  - A\nAU  - " + "a " * 100_000,
        "TY  - JOUR\nTI  - A\nUR  - " + "http:" * 60_000,
        "TY  - JOUR\nTI  - A\nN1  - " + "10.1000/" * 40_000,
        "TY  - JOUR\nTI  - A\nAD  - " + "(a" * 100_000,
        "TY  - JOUR\nTI  - A\nSN  - " + "1234-" * 60_000,
    ],
    ids=range(10),
)
def test_time_is_bounded(text: str) -> None:
    """Hostile texts take no more than moments."""
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 50


def test_files_lose_nothing() -> None:
    """Each TY line of every file gives a record or an error."""
    files = files_of("ris", "records/more/ris/**/*.ris", "hostile/made/ris/*.ris")
    assert len(files) > 10
    for path in files:
        page = Page(path, path.name)
        asked = len(re.findall(r"^TY  -", page.text.replace("\r", "\n"), re.MULTILINE))
        outcomes = list(parse(page))
        if page.format == "ris":
            assert asked == sum(
                isinstance(o, Parsed) or (isinstance(o, Problem) and o.level == "error") for o in outcomes
            ), path


def test_values_are_read_alone() -> None:
    """Tags and their values can be had without making records of them."""
    assert list(ris.values(Page(b"TY  - JOUR\nTI  - A\nTI  - B\n", "x"))) == [{"TY": ["JOUR"], "TI": ["A", "B"]}]


REMARKS: dict[str, tuple[str, tuple[str, str, str], str]] = {
    "a number in M1": ("TY  - ABST\nIS  - suppl_4\nM1  - 617P", ("meeting-abstract", "617P", ""), ""),
    "digits in M1": ("TY  - CONF\nIS  - 4\nM1  - 4021", ("meeting-abstract", "4021", ""), ""),
    "an issue in M1": ("TY  - ABST\nM1  - 4", ("meeting-abstract", "", ""), ""),
    "a number and a meeting in a note": (
        "TY  - JOUR\nN1  - Abstract 617P. 39th ESMO Congress",
        ("meeting-abstract", "617P", "39th ESMO Congress"),
        "",
    ),
    "a poster": (
        "TY  - JOUR\nN1  - Poster presented at: DDW 2014; abstract Sa1234",
        ("meeting-abstract", "Sa1234", "DDW"),
        "",
    ),
    "another note": (
        "TY  - JOUR\nN1  - See abstract 12 of last year",
        ("article", "", ""),
        "N1 “See abstract 12 of last year”",
    ),
    "fields without a place": (
        "TY  - JOUR\nC5  - blue\nET  - 2nd\nTT  - Enten",
        ("article", "", ""),
        "C5 “blue”; ET “2nd”; TT “Enten”",
    ),
    "fields that say it once more": ("TY  - JOUR\nC3  - Annals of Oncology\nCY  - ", ("article", "", ""), ""),
}


@pytest.mark.parametrize("case", REMARKS)
def test_notes_and_fields_without_a_place(case: str) -> None:
    """Number and meeting are read where notes hold them; a field that is not read is reported."""
    lines, remark, left = REMARKS[case]
    text = (
        f"{lines}\nTI  - Ducks\nAU  - Smith, J\nT2  - Annals of Oncology\nVL  - 25\nSP  - iv210\nPY  - 2014\nER  - \n"
    )
    (found,) = parse(Page(text.encode(), "x.ris", format="ris"))
    assert isinstance(found, Parsed)
    record = found.record
    assert (record.type, record.number, record.meeting.name if record.meeting else "") == remark
    notes = [problem.message for problem in found.problems if problem.code == "not-read"]
    assert notes == ([f"fields that were not read: {left}"] if left else [])
