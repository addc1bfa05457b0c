"""Meeting abstracts as their societies cite them: the table in both directions, what is pasted, the small pieces."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.cite import society_citation
from digest.cite.reading import Reading, read_citation, read_reference
from digest.cite.societies import Form, book, completed, doi_kind, journal_of, read_form, table
from digest.cite.tokens import VolumePart, print_dates, read_dates, read_encore, read_identifier, read_pages
from digest.errors import Problem
from digest.model import AbstractNumber, Ids, Meeting, PartialDate, Record
from digest.text import RichText
from digest.vocabulary import MONTHS
from tests.citation_cases import got, passes

if TYPE_CHECKING:
    from pathlib import Path

TITLE = RichText.parse("T")


# --- The cases -------------------------------------------------------------------------------------------------------


def test_every_case(shared: Path) -> None:
    """Every citation of the cases is printed or read exactly as it is there."""
    cases = json.loads((shared / "citations.json").read_text(encoding="utf-8"))["cases"]
    made = {case["id"]: got(case) for case in cases}
    assert {case["id"]: made[case["id"]] for case in cases if not passes(case, made[case["id"]])} == {}


def read_small(kind: str, raw: str) -> Any:  # noqa: ANN401 - whatever the case expects
    """A small piece, read and shown as the cases show it."""
    match kind:
        case "abstract_no":
            number = AbstractNumber.parse(raw)
            shown = {
                "prefix": number.prefix,
                "number": number.number,
                "suffix": number.suffix,
                "flags": list(number.flags),
                "kind": number.kind,
            }
            if number.digits.startswith("0") and number.digits.isdecimal():
                shown["pad"] = len(number.digits)
            return {name: value for name, value in shown.items() if value}
        case "page":
            return read_pages(raw)
        case "issue":
            part = VolumePart.parse(raw)
            return {"issue": part.issue, "supplement": part.supplement}
        case "event_dates":
            spans = [[str(start), str(end)] for start, end in read_dates(raw)]
            return spans[0] if len(spans) == 1 else spans
        case "identifier":
            field, value = read_identifier(raw)
            return {field: [value] if field == "nct" else value, **({"check": True} if field == "issn" else {})}
        case "encore":
            meeting = read_encore(raw)
            assert meeting is not None
            assert meeting.start is not None
            return {"encore_of": {"society": meeting.society, "year": meeting.start.year, "meeting": meeting.name}}
    raise AssertionError(kind)


def test_every_small_piece(shared: Path) -> None:
    """Numbers, pages, issues, dates, identifiers and encore lines of the cases are read as these say."""
    kinds = {"abstract_no", "page", "issue", "event_dates", "identifier", "encore"}
    cases = json.loads((shared / "normalisation.json").read_text(encoding="utf-8"))["cases"]
    cases = [case for case in cases if case["kind"] in kinds]
    assert [read_small(case["kind"], case["raw"]) for case in cases] == [case["expected"] for case in cases]


# --- The table, in both directions -----------------------------------------------------------------------------------

NUMBERS = st.one_of(
    st.integers(1, 20000).map(str),
    st.builds("{}{}".format, st.sampled_from(["e", "LBA", "TPS", "CRA", "CT", "P", "PA", "A"]), st.integers(1, 20000)),
    st.builds("{}{}".format, st.integers(1, 2000), st.sampled_from(["P", "O", "MO", "PD"])),
    st.sampled_from(["CT037", "P1-01-02", "OA03.05", "GS2-08", "ehae666.286"]),
)


@st.composite
def abstracts(draw: st.DrawFn, row: Form) -> Record:
    """A record for which this row of the table may be used."""
    journals = [journal for journal in book().journals if journal.society == (row.society or "ADA")]
    year = draw(st.integers(max(row.first_year, 1990), min(row.last_year, 2030)))
    old = [journal for journal in journals if journal.short.startswith("Proc ") and row.last_year < 2004]
    journal = (old or journals)[0]
    fields = set(re.findall(r"\{(\w+)\}", row.form))
    number = draw(NUMBERS.filter(lambda text: re.fullmatch(row.numbers, text) is not None))
    pages = ""
    if fields & {"pages", "locator", "range", "page_words"} and (journal.locator == "pages" or "pages" in fields):
        pages = draw(st.sampled_from(["S12-S15", "iv546-iv563", "1161", "A15879", "v683"]))
    supplement = draw(
        st.sampled_from([text for text in ("1", "3", "7", "15") if re.fullmatch(row.suppl, text)] or [""])
    )
    if not fields & {"suppl", "supplement", "part"} and row.suppl == ".*":
        supplement = ""
    if "page_s" in fields:
        supplement = draw(st.sampled_from(["5s", "15s"]))
    days = read_dates("2019 Mar 29-Apr 3")[0]
    return Record(
        title=TITLE,
        container=journal.container,
        container_short=journal.short,
        volume=str(draw(st.integers(1, 160))),
        issue=draw(st.sampled_from(["13", "4"])) if "issue" in fields else "",
        supplement="Suppl" if "issue" in fields and "supplement" not in fields else supplement,
        pages=pages,
        number="" if pages and "number" not in fields else number,
        issued=PartialDate(year, 10 if "month" in fields else None),
        meeting=Meeting(
            name=(row.meeting and f"{row.meeting} on Pancreatic Cancer") or row.society or "ADA",
            society=row.society or "ADA",
            place="Atlanta, GA",
            start=days[0],
            end=days[1],
        ),
    )


OF_SOCIETIES = [row for row in table() if not row.dois]  # publishers' rows are in test_society_table


@pytest.mark.parametrize("row", OF_SOCIETIES, ids=lambda row: f"{row.society or 'others'} {row.first_year} {row.name}")
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_printed_comes_home(row: Form, data: st.DataObject) -> None:
    """A citation made from a row of the table is read back, and printed again it is the same."""
    record = data.draw(abstracts(row))
    text = society_citation(record, row.name)
    assert text
    back = read_citation(text)
    assert isinstance(back, Record), back
    assert back.type == "meeting-abstract" or not back.number
    if back.type == "meeting-abstract":
        assert society_citation(back, row.name) == text
    assert (back.container, back.volume) == (record.container, record.volume)
    assert record.issued
    assert back.issued
    if re.search(r"\([A-Z][a-z]+ \d\d? [Ss]uppl", text):  # the supplement's own day, which the row gives
        assert back.issued.year == record.issued.year
    else:
        assert back.issued == (record.issued if "month" in row.form else PartialDate(record.issued.year))
    for name in ("number", "pages"):
        if getattr(back, name):
            assert getattr(back, name) in {record.number, record.pages}


def test_every_row_is_reached() -> None:
    """Each row's own example, as its source has it, or the row says that it was not seen in print."""
    assert all(row.source for row in table())
    assert sum(row.verified for row in table()) >= 12
    assert {row.society for row in table()} >= {
        "ASCO",
        "AACR",
        "ASH",
        "ESMO",
        "EHA",
        "ESC",
        "AHA",
        "ERS",
        "SABCS",
        "IASLC",
        "AGA",
        "EASL",
        "",
    }


def test_rows_are_patterns_that_can_be_read() -> None:
    """Every pattern of the file is one, and its fields are known."""
    assert read_form("nothing of the kind") is None
    for row in book().dois:
        re.compile(row.pattern)
        assert not row.short or any(journal.short == row.short for journal in book().journals)
        assert row.articles or not (row.pages or row.first_year > 1900)
    for fact in book().meetings:
        if fact.dates:
            assert print_dates(read_dates(fact.dates)) == fact.dates


ASCO = {
    "meeting": Meeting(name="2023 Genitourinary Cancers Symposium", society="ASCO"),
    "container_short": "J Clin Oncol",
}
FORMS = [
    (
        {**ASCO, "volume": "29", "supplement": "4", "issued": PartialDate(2011), "number": "337"},
        "J Clin Oncol 29: 2011 (suppl 4; abstr 337)",
    ),
    (
        {**ASCO, "volume": "34", "supplement": "4S", "issued": PartialDate(2016), "number": "226"},
        "J Clin Oncol 34, 2016 (suppl 4S; abstr 226)",
    ),
    (
        {**ASCO, "volume": "41", "issue": "6", "supplement": "Suppl", "issued": PartialDate(2023), "number": "LBA16"},
        "J Clin Oncol 41, 2023 (suppl 6; abstr LBA16)",
    ),
    (
        {**ASCO, "volume": "28", "issue": "15", "supplement": "Suppl", "issued": PartialDate(2010), "number": "3649"},
        "J Clin Oncol 28:15s, 2010 (suppl; abstr 3649)",
    ),
    (
        {**ASCO, "volume": "28", "issue": "15", "supplement": "Suppl", "issued": PartialDate(2010), "number": "e14000"},
        "J Clin Oncol 28, 2010 (suppl; abstr e14000)",
    ),
    (
        {
            **ASCO,
            "meeting": Meeting(name="2024 ASCO Annual Meeting", society="ASCO"),
            "volume": "42",
            "issued": PartialDate(2024),
            "number": "LBA9512",
        },
        "J Clin Oncol 42, 2024 (suppl 17; abstr LBA9512)",
    ),
    (
        {"container": "Journal of Clinical Oncology", "volume": "33", "issued": PartialDate(2015), "number": "2540"},
        "J Clin Oncol 33, 2015 (suppl; abstr 2540)",
    ),
    (
        {
            "container_short": "Eur Respir J",
            "volume": "54",
            "supplement": "63",
            "issued": PartialDate(2019),
            "number": "PA1234",
        },
        "European Respiratory Journal 2019; 54: Suppl. 63, PA1234",
    ),
    (
        {
            "container_short": "Ann Oncol",
            "volume": "30",
            "supplement": "5",
            "issued": PartialDate(2019),
            "pages": "v683-v684",
            "number": "1234P",
        },
        "Annals of Oncology (2019) 30 (suppl_5): v683-v684, abstract 1234P",
    ),
    ({"ids": Ids(doi="10.1200/jco.2023.41.16_suppl.4008")}, "J Clin Oncol 41, 2023 (suppl 16; abstr 4008)"),
    (
        {"ids": Ids(doi="10.1158/1538-7445.am2021-176")},
        "In: Proceedings of the American Association for Cancer Research Annual Meeting 2021; 2021 Apr 10-15 and May 17-21. Philadelphia (PA): AACR; Cancer Res 2021;81(13_Suppl):Abstract nr 176",
    ),
    ({"ids": Ids(doi="10.1093/eurheartj/ehae666.286")}, "European Heart Journal 2024;45(Suppl 1):ehae666.286"),
    (
        {"ids": Ids(doi="10.1183/13993003.congress-2019.pa1234")},
        "European Respiratory Journal 2019; 54: Suppl. 63, PA1234",
    ),
    ({"ids": Ids(doi="10.1182/blood-2021-147589"), "pages": "1161"}, "Blood (2021) 138 (Supplement 1): 1161"),
    (
        {"ids": Ids(doi="10.1161/circ.148.suppl_1.15879"), "issued": PartialDate(2023)},
        "Circulation. 2023;148(Suppl_1):A15879",
    ),
    ({"ids": Ids(doi="10.1000/nothing")}, ""),
]


@pytest.mark.parametrize(("fields", "expected"), FORMS, ids=[expected[:40] for _, expected in FORMS])
def test_forms(fields: dict[str, Any], expected: str) -> None:
    """Periods, symposia and what a DOI reveals."""
    assert society_citation(Record(title=TITLE, **fields)) == expected


def test_what_a_record_says_goes_first() -> None:
    """A DOI fills what is missing and changes nothing; JCO's abstracts are in supplements to its issues."""
    record = Record(title=TITLE, volume="40", issue="3", ids=Ids(doi="10.1200/jco.2023.41.16_suppl.tps4008"))
    full = completed(record)
    assert (full.volume, full.issue, full.supplement) == ("40", "3", "Suppl")
    assert (full.number, full.container_short, str(full.issued)) == ("TPS4008", "J Clin Oncol", "2023")
    assert doi_kind("10.1200/jco.2014.57.1234") is None  # an article of the same journal


def test_a_supplement_that_is_an_issue() -> None:
    """JCO's supplement 15 is the supplement to issue 15; a volume's first supplement is none to an issue."""
    jco = completed(Record(title=TITLE, container_short="J Clin Oncol", volume="39", supplement="15", number="580"))
    assert (jco.issue, jco.supplement) == ("15", "Suppl")
    blood = completed(Record(title=TITLE, container_short="Blood", volume="138", supplement="1", pages="1161"))
    assert (blood.issue, blood.supplement) == ("", "1")


@pytest.mark.parametrize(
    ("volume", "expected"), [("79", "Cancer Research"), ("25", "Clinical Cancer Research"), ("80", "")]
)
def test_journal_of_a_volume(volume: str, expected: str) -> None:
    """An abstract that names no journal is in the one of its society whose volume it has; another volume shows nothing."""
    record = Record(
        type="meeting-abstract",
        title=RichText.plain_text("Ducks"),
        number="P2-08-07",
        volume=volume,
        issue="4",
        issued=PartialDate(2019),
        meeting=Meeting(name="San Antonio Breast Cancer Symposium", society="SABCS"),
    )
    assert completed(record).container == expected


def test_journals_are_known_by_both_names() -> None:
    """Full stops, an article and “&” do not matter; a short name that others share is none."""
    assert journal_of("The Journal of Clinical Oncology") == journal_of("J. Clin. Oncol.") != journal_of("JCO")
    assert journal_of("JCO") is None
    assert journal_of("Arthritis and Rheumatology") == journal_of("Arthritis & Rheumatology")


# --- What is pasted --------------------------------------------------------------------------------------------------

PASTED = [
    ("J Clin Oncol 2009 27:15s (suppl; abstr 4509)", {"volume": "27", "supplement": "15s", "number": "4509"}),
    (
        "Journal of Clinical Oncology 32, no. 15_suppl (May 2014) 8031-8031.",
        {"volume": "32", "issue": "15", "number": "8031"},
    ),
    ("J Clin Oncol. 2019;37(15_suppl):4000-4000", {"volume": "37", "issue": "15", "number": "4000"}),
    (
        "J. Clin. Oncol. 2023;41:9007. doi: 10.1200/JCO.2023.41.16_suppl.9007",
        {"volume": "41", "issue": "16", "number": "9007"},
    ),
    ("Cancer Res (2023) 83 (7_Supplement): 526.", {"volume": "83", "issue": "7", "number": "526"}),
    ("Blood 2019; 134 (Supplement_1): 766", {"volume": "134", "supplement": "1", "pages": "766"}),
    (
        "Annals of Oncology, Volume 28, Issue suppl_5, 1 September 2017, mdx367.035",
        {"volume": "28", "supplement": "5", "pages": "mdx367.035"},
    ),
    ("Annals of Oncology 28.suppl_5 (2017): v428-v448.", {"volume": "28", "supplement": "5", "pages": "v428-v448"}),
    ("Ann Oncol 2016;27 suppl 6:vi149", {"volume": "27", "supplement": "6", "pages": "vi149"}),
    (
        "Eur J Cancer. 2019;111(S1):S12",
        {"container": "Eur J Cancer", "volume": "111", "supplement": "1", "pages": "S12"},
    ),
    (
        "Proc Am Soc Clin Oncol 22: 2003 (abstr 1234)",
        {"container_short": "Proc Am Soc Clin Oncol", "volume": "22", "number": "1234"},
    ),
    ("ESMO Congress 2019; Abstract LBA12_PR", {"number": "LBA12_PR"}),
    ("2009 Gastrointestinal Cancers Symposium, abstr 340", {"number": "340"}),
    ("Presented at: 2014 ASCO Annual Meeting; May 30-June 3, 2014; Chicago, IL. Abstract 8031.", {"number": "8031"}),
]


@pytest.mark.parametrize(("text", "expected"), PASTED, ids=[text[:40] for text, _ in PASTED])
def test_pasted(text: str, expected: dict[str, str]) -> None:
    """Forms that no society prints and people paste all the same."""
    record = read_citation(text)
    assert isinstance(record, Record), record
    assert record.type == "meeting-abstract"
    assert {name: getattr(record, name) for name in expected} == expected


MEETING = ("2014 ASCO Annual Meeting", "Chicago, IL", "2014-05-30", "2014-06-03")
PRESENTED = {
    "a year before the meeting": (
        "Presented at: 2014 ASCO Annual Meeting; May 30-June 3, 2014; Chicago, IL. Abstract 4021.",
        "4021",
        *MEETING,
    ),
    "a count before the meeting": (
        "Presented at: 46th European Pancreatic Club Meeting; June 25-28, 2014; Southampton, UK. Abstract P-09",
        "P-09",
        "46th European Pancreatic Club Meeting",
        "Southampton, UK",
        "2014-06-25",
        "2014-06-28",
    ),
    "without a number": (
        "Presented at: ESMO Congress 2014; September 26-30, 2014; Madrid",
        "",
        "ESMO Congress 2014",
        "Madrid",
        "2014-09-26",
        "2014-09-30",
    ),
    "in a sentence": (
        "Poster presented at the 39th ESMO Congress, Madrid, Spain, September 26-30, 2014 (abstract 617P).",
        "617P",
        "39th ESMO Congress",
        "Madrid, Spain",
        "2014-09-26",
        "2014-09-30",
    ),
    "in a sentence, with the year first": (
        "Presented at 2014 ASCO Annual Meeting, Chicago, IL, May 30 - June 3, 2014.",
        "",
        *MEETING,
    ),
    "a talk": (
        "Oral presentation at: 2014 ASCO Annual Meeting; 30 May-3 June 2014; Chicago, IL. Abstract 4021",
        "4021",
        *MEETING,
    ),
    "proceedings": (
        "In: Proceedings of the 39th ESMO Congress; 2014 Sep 26-30; Madrid, Spain. Abstract P-5.",
        "P-5",
        "39th ESMO Congress",
        "Madrid, Spain",
        "2014-09-26",
        "2014-09-30",
    ),
    "a poster's number": (
        "Presented at: 2014 ASCO Annual Meeting; May 30-June 3, 2014; Chicago, IL. Poster P-12.",
        "P-12",
        *MEETING,
    ),
}


@pytest.mark.parametrize("case", PRESENTED)
def test_presented_at_a_meeting(case: str) -> None:
    """The meeting's name, place and days follow “presented at” in any order, its year or count first or not."""
    text, number, *expected = PRESENTED[case]
    record = read_citation(f"Smith J, Lee K. Effects of ducks. {text}")
    assert isinstance(record, Record)
    assert (record.title.plain, record.type, record.number) == ("Effects of ducks", "meeting-abstract", number)
    assert (record.container, len(record.authors)) == ("", 2)
    assert record.meeting
    assert [record.meeting.name, record.meeting.place, str(record.meeting.start), str(record.meeting.end)] == expected


@pytest.mark.parametrize(
    "kind", ["Poster presentation", "Paper presentation", "Conference session", "Oral presentation"]
)
def test_presented_as_apa_has_it(kind: str) -> None:
    """APA has the days after the year, the kind of contribution in brackets, and the meeting as a sentence."""
    record = read_citation(
        f"Smith, J., & Lee, K. (2014, May 30–June 3). Effects of ducks [{kind}]. 2014 ASCO Annual Meeting, Chicago, IL."
    )
    assert isinstance(record, Record)
    assert (record.title.plain, record.type) == ("Effects of ducks", "meeting-abstract")
    assert record.meeting
    assert (record.meeting.name, record.meeting.place, str(record.meeting.start), str(record.meeting.end)) == MEETING


def test_a_word_in_brackets_before_the_meeting() -> None:
    """What was shown may be a word in brackets; before a place in a journal it does not make a meeting."""
    poster = read_citation("Roe J. Ducks [poster]. ESMO Congress; 26-30 September 2014; Madrid, Spain.")
    assert isinstance(poster, Record)
    assert poster.meeting
    assert (poster.title.plain, poster.presentation, poster.meeting.name) == ("Ducks", "poster", "ESMO Congress")
    printed = read_citation("Roe J. Ducks [poster]. Ann Oncol. 2014;25(suppl 4):iv210.")
    assert isinstance(printed, Record)
    assert (printed.container, printed.volume, printed.pages) == ("Annals of Oncology", "25", "iv210")


def test_a_registered_trial_by_its_number() -> None:
    """The number of a trial may come first."""
    record = read_citation(
        "NCT01077154. Study of Ducks. ClinicalTrials.gov. Updated May 5, 2014. Accessed June 1, 2014."
    )
    assert isinstance(record, Record)
    assert (record.type, record.title.plain, record.ids.nct) == ("trial", "Study of Ducks", ("NCT01077154",))
    assert str(record.issued) == "2014-05-05"


@pytest.mark.parametrize("end", ["at 32 weeks", "at 2014 emergency visits", "in Rome"])
def test_patients_are_presented_at_no_meeting(end: str) -> None:
    """The same words in an article's title name no meeting."""
    record = read_citation(f"Smith J. Outcomes of patients who presented {end}. Gut. 2014;63:12-15.")
    assert isinstance(record, Record)
    assert (record.type, record.container, record.pages) == ("article", "Gut", "12-15")


PEOPLE = {
    "editors": (
        "Adams DB, Cote GA, eds. Ducks: In the Wild. Chichester: Wiley; 2017.",
        "book",
        "Ducks: In the Wild",
        [],
        ["Adams DB", "Cote GA"],
    ),
    "one editor": (
        "Cameron JL, ed. Current Ducks. Philadelphia: Elsevier; 2017.",
        "book",
        "Current Ducks",
        [],
        ["Cameron JL"],
    ),
    "editors, in full": (
        "Adams DB, Cote GA, editors. Current ducks. 12th ed. Philadelphia: Elsevier; 2017.",
        "book",
        "Current ducks",
        [],
        ["Adams DB", "Cote GA"],
    ),
    "editors of APA": (
        "Adams, D. B., & Cote, G. A. (Eds.). (2017). Ducks: In the wild. Wiley.",
        "book",
        "Ducks: In the wild",
        [],
        ["Adams DB", "Cote GA"],
    ),
    "editors of a chapter's book": (
        "Beger HG. Chapter one. In: Adams DB, Cote GA, eds. The Ducks. 3rd ed. Oxford: Wiley; 2018. p. 12-34.",
        "chapter",
        "Chapter one",
        ["Beger HG"],
        ["Adams DB", "Cote GA"],
    ),
    "a group after “et al”": (
        "Conroy T, Ychou M, et al; PRODIGE Intergroup. Ducks at sea. Gut. 2011;63:1-5.",
        "article",
        "Ducks at sea",
        ["Conroy T", "Ychou M", "PRODIGE Intergroup"],
        [],
    ),
    "groups after “et al”": (
        "Conroy T, et al; Groupe Canards of Unicancer; PRODIGE Intergroup. Ducks at sea. Gut. 2011;63:1-5.",
        "article",
        "Ducks at sea",
        ["Conroy T", "Groupe Canards of Unicancer", "PRODIGE Intergroup"],
        [],
    ),
    "groups after people": (
        "Conroy T, Ychou M; ESPAC Group; NCRI. Ducks at sea. Gut. 2011;63:1-5.",
        "article",
        "Ducks at sea",
        ["Conroy T", "Ychou M", "ESPAC Group", "NCRI"],
        [],
    ),
    "for a group, after “et al”": (
        "Conroy T, Ychou M, et al, for the ESPAC Group. Ducks at sea. Gut. 2011;63:1-5.",
        "article",
        "Ducks at sea",
        ["Conroy T", "Ychou M", "ESPAC Group"],
        [],
    ),
    "people parted by semicolons": (
        "Conroy T; Ychou M; Lee P. Ducks at sea. Gut. 2011;63:1-5.",
        "article",
        "Ducks at sea",
        ["Conroy T", "Ychou M", "Lee P"],
        [],
    ),
    "in press": (
        "Conroy T, Ychou M. Ducks at sea. Gut. In press 2014.",
        "article",
        "Ducks at sea",
        ["Conroy T", "Ychou M"],
        [],
    ),
}


@pytest.mark.parametrize("case", PEOPLE)
def test_who_stands_before_the_title(case: str) -> None:
    """Editors, groups and authors are distinguished, and none of them is left in the title."""
    text, kind, title, authors, editors = PEOPLE[case]
    record = read_citation(text)
    assert isinstance(record, Record)
    assert (record.type, record.title.plain) == (kind, title)
    assert [person.literal or person.short for person in record.authors] == authors
    assert [person.short for person in record.editors] == editors


DAYS = {
    "accessed": ("https://www.who.int/ducks (accessed 3 May 2014).", None),
    "a sentence": ("https://www.who.int/ducks. Accessed May 3, 2014.", None),
    "retrieved": ("Retrieved May 3, 2014, from https://www.who.int/ducks", None),
    "cited": ("[cited 2014 May 3]. Available from: https://www.who.int/ducks", None),
    "the year of the page as well": ("2013. https://www.who.int/ducks (accessed 3 May 2014).", "2013"),
    "published": ("Published May 2012. Accessed May 3, 2014. https://www.who.int/ducks", "2012-05"),
    "updated": (
        "Published May 2012. Updated June 5, 2013. Accessed May 3, 2014. https://www.who.int/ducks",
        "2013-06-05",
    ),
}


@pytest.mark.parametrize("case", DAYS)
def test_the_day_of_a_visit_is_no_date_of_publication(case: str) -> None:
    """A page of the web has the date that it gives itself; that the date of access was left out is reported."""
    text, issued = DAYS[case]
    reading = read_reference(f"World Health Organization. Fact sheet on ducks. {text}")
    assert isinstance(reading, Reading)
    record = reading.record
    assert (record.type, record.title.plain, record.publisher) == ("web", "Fact sheet on ducks", "")
    assert (str(record.issued) if record.issued else None) == issued
    assert any("2014" in doubt and "left out" in doubt for doubt in reading.doubts)


def test_pasted_whole() -> None:
    """Authors, title and place of an article and of an abstract."""
    article = read_citation(
        "Kuo JH, Lee JA, et al. Nonfunctional Tumors: < 5 & more. Surg Clin North Am. 2014 Jul 3; 94(3): 689-708. [PMID:24857584]"
    )
    assert isinstance(article, Record)
    assert [person.short for person in article.authors] == ["Kuo JH", "Lee JA"]
    assert (article.type, article.authors_truncated, article.title.plain) == (
        "article",
        True,
        "Nonfunctional Tumors: < 5 & more",
    )
    assert (article.container, article.volume, article.issue, article.pages) == (
        "Surg Clin North Am",
        "94",
        "3",
        "689-708",
    )
    assert article.ids.pmid == "24857584"
    abstract = read_citation(
        "Price, D., Rosen, J. P. & van der Berg, J. (2003) Validation in asthma [abstract]. The European Respiratory Journal, 22 (suppl 45), P1701."
    )
    assert isinstance(abstract, Record)
    assert [person.short for person in abstract.authors] == ["Price D", "Rosen JP", "van der Berg J"]
    assert (abstract.type, abstract.title.plain) == ("meeting-abstract", "Validation in asthma")


@pytest.mark.parametrize("text", ["", "nonsense", "2014", "hello 2014 world", "(((", "doi:10.1000/x"])
def test_what_is_no_citation(text: str) -> None:
    """What cannot be read is a problem that quotes it."""
    problem = read_citation(text, "clipboard", 3)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.file, problem.line) == ("unread-citation", "clipboard", 3)
    assert text in problem.message


@settings(max_examples=200, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(list("aAbB .,;:()[]&#0129-–_J Clin Oncol suppl abstr 2014 32 e15166 doi:10.1/x")),
        max_size=80,
    )
)
def test_any_text_is_read_or_reported(text: str) -> None:
    """No text brings the reader down."""
    assert isinstance(read_citation(text), Record | Problem)


NUMBERED = [
    ("#e15166", "e", "15166", "", (), "publication-only"),
    ("Abstract nr 4608", "", "4608", "", (), "abstract"),
    ("LBA4004", "LBA", "4004", "", (), "late-breaking"),
    ("TPS662", "TPS", "662", "", (), "trial-in-progress"),
    ("CT037", "CT", "037", "", (), "clinical-trial"),
    ("615MO", "", "615", "MO", (), "mini-oral"),
    ("123TiP", "", "123", "TiP", (), "trial-in-progress"),
    ("LBA O-9", "O", "9", "", ("LBA",), "oral"),
    ("LBA1_PR", "LBA", "1", "", ("PR",), "late-breaking"),
    ("OA03.05", "OA", "03.05", "", (), "oral"),
    ("GS2-08", "GS", "2-08", "", (), "general-session"),
    ("F49.", "F", "49", "", (), "abstract"),
    ("P1701", "P", "1701", "", (), "poster"),
]


@pytest.mark.parametrize(
    ("text", "prefix", "digits", "suffix", "flags", "kind"), NUMBERED, ids=[row[0] for row in NUMBERED]
)
def test_abstract_numbers(text: str, prefix: str, digits: str, suffix: str, flags: tuple[str, ...], kind: str) -> None:
    """The parts of a society's number, and what it means; what is printed is read as the same number."""
    number = AbstractNumber.parse(text)
    assert (number.prefix, number.digits, number.suffix, number.flags, number.kind) == (
        prefix,
        digits,
        suffix,
        flags,
        kind,
    )
    assert AbstractNumber.parse(str(number)) == number


@pytest.mark.parametrize("text", ["", "abstract", "e", "1 2 3", "10.1200/jco", "2014;32(15)"])
def test_what_is_no_number(text: str) -> None:
    """A number has digits, and nothing else."""
    with pytest.raises(ValueError, match="is not an abstract number"):
        AbstractNumber.parse(text)


# --- Small pieces ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "issue", "supplement", "printed", "suppl"),
    [
        ("15_suppl", "15", "", "15 Suppl", "15"),
        ("13 Suppl 2", "13", "2", "13 Suppl 2", "2"),
        ("suppl_4", None, "4", "Suppl 4", "4"),
        ("Supplement 1", None, "1", "Suppl 1", "1"),
        ("S1", None, "1", "Suppl 1", "1"),
        ("11S2", "11", "2", "11 Suppl 2", "2"),
        ("4S", "4", "", "4 Suppl", "4"),
        ("suppl", None, "", "Suppl", ""),
        ("4", "4", None, "4", ""),
        ("1-2", "1-2", None, "1-2", ""),
        ("3, Supplement 1", "3", "1", "3 Suppl 1", "1"),
        ("Issue 3, Supplement", "3", "", "3 Suppl", "3"),
        ("3 - Suppl. No. 2", "3", "2", "3 Suppl 2", "2"),
        ("No. 3 (Suppl 1)", "3", "1", "3 Suppl 1", "1"),
        ("3, S1", "3", "1", "3 Suppl 1", "1"),
        ("3, 4", "3, 4", None, "3, 4", ""),
        ("Suppl north", None, "north", "Suppl north", "north"),
        ("Spec Iss B", "Spec Iss B", None, "Spec Iss B", ""),
        ("", None, None, "", ""),
    ],
)
def test_parts(text: str, issue: str | None, supplement: str | None, printed: str, suppl: str) -> None:
    """Issues and supplements as sources spell them; what is printed is read as the same."""
    part = VolumePart.parse(text)
    assert (part.issue, part.supplement, str(part), part.suppl) == (issue, supplement, printed, suppl)
    assert VolumePart.parse(str(part)) == part


@given(
    issue=st.none() | st.integers(1, 60).map(str),
    supplement=st.none() | st.sampled_from(["", "1", "12", "A"]),
)
def test_parts_come_home(issue: str | None, supplement: str | None) -> None:
    """Every part is read back from what is printed, and from the two fields of a record."""
    part = VolumePart(issue=issue, supplement=supplement)
    assert VolumePart.parse(str(part)) == part
    assert VolumePart.of(issue or "", "Suppl" if supplement == "" else supplement or "") == part


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("60-6", "60-66"),
        ("S12-5", "S12-S15"),
        ("1469–92", "1469-1492"),
        ("4068-4068", "4068"),
        ("p. 5", "5"),
        ("ixe17", "ixe17"),
        ("v683–4", "v683-v684"),
        ("ehae666.286", "ehae666.286"),
        ("12-9", "12-19"),
        ("", ""),
    ],
)
def test_pages(raw: str, read: str) -> None:
    """The last page is completed, doubled ones become one, and reading twice changes nothing."""
    assert read_pages(raw) == read == read_pages(read)


@given(st.lists(st.tuples(st.dates(), st.integers(0, 40)), min_size=1, max_size=2))
def test_dates_come_home(parts: list[tuple[Any, int]]) -> None:
    """The days of a meeting are read back from what is printed, in one part or two, over the turn of a month or year."""
    spans, floor = [], dt.date(1000, 1, 1)
    for start, days in parts:
        first = max(start, floor).replace(year=2014)
        last = first + dt.timedelta(days=days)
        spans.append(tuple(PartialDate(day.year, day.month, day.day) for day in (first, last)))
    assert read_dates(print_dates(spans)) == tuple(spans)  # type: ignore[arg-type]  # tuple() of two is a pair


@pytest.mark.parametrize("month", MONTHS)
def test_months_in_full_and_cut_short(month: str) -> None:
    """A month is known by its name and by any beginning of three letters or more, “Sept” among them."""
    days = {read_dates(f"{name} 26-28, 2014") for name in (month, month[:3], month[:4], month.upper(), f"{month[:3]}.")}
    assert [[str(day) for day in span] for span in days.pop()] == [
        [f"2014-{MONTHS.index(month) + 1:02d}-{day}" for day in (26, 28)]
    ]
    assert not days


@pytest.mark.parametrize("text", ["", "soon", "May 30 - June 3", "2014 Feb 30", "1 - 2 - 3 May 2014"])
def test_what_is_no_date(text: str) -> None:
    """A meeting's days need a year, and days that exist."""
    with pytest.raises(ValueError, match=r"date|day|year"):
        read_dates(text)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("[PMID:24857584]", "pmid", "24857584"),
        ("https://pubmed.ncbi.nlm.nih.gov/24857584/", "pmid", "24857584"),
        ("[PMC:3700796]", "pmcid", "PMC3700796"),
        ("PMCID: PMC3700796", "pmcid", "PMC3700796"),
        ("NBK6993", "nbk", "NBK6993"),
        ("doi:10.1200/JCO.2014.32.15_suppl.8031", "doi", "10.1200/jco.2014.32.15_suppl.8031"),
        ("https://doi.org/10.1234/X", "doi", "10.1234/x"),
        ("NCT01077154", "nct", "NCT01077154"),
        ("ClinicalTrials.gov: NCT01077154", "nct", "NCT01077154"),
        ("eISSN 1590-8577", "issn", "1590-8577"),
        ("ISBN 978-3-16-148410-0", "isbn", "9783161484100"),
        ("https://example.org/x", "url", "https://example.org/x"),
    ],
)
def test_identifiers(text: str, kind: str, value: str) -> None:
    """Each identifier in its canonical spelling."""
    assert read_identifier(text) == (kind, value)


@pytest.mark.parametrize("text", ["24857584", "ISSN 1590-8578", "NCT123", "10.1/x", ""])
def test_what_is_no_identifier(text: str) -> None:
    """A bare number may be anything; a wrong check digit is reported."""
    with pytest.raises(ValueError, match=r"identifier|check digit"):
        read_identifier(text)


@pytest.mark.parametrize(
    ("text", "society", "year", "name"),
    [
        ("Encore: presented at ESMO Congress 2019, Barcelona", "ESMO", 2019, "ESMO Congress"),
        ("Previously presented at the 2018 ASCO Quality Care Symposium.", "ASCO", 2018, "ASCO Quality Care Symposium"),
        (
            "This was first published in the Society for Immunotherapy of Cancer (SITC) Annual Meeting, November 2020.",
            "SITC",
            2020,
            "Society for Immunotherapy of Cancer (SITC) Annual Meeting",
        ),
    ],
)
def test_encores(text: str, society: str, year: int, name: str) -> None:
    """A line that says where an abstract was presented before."""
    meeting = read_encore(text)
    assert meeting is not None
    assert (meeting.society, str(meeting.start), meeting.name) == (society, str(year), name)
    assert read_encore("No such line.") is None
