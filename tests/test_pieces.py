"""Numbers before titles, pages, issues, days of meetings and identifiers: each table is a rule with its exceptions."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.cite.numbering import NUMBERINGS, numbered, read_title
from digest.cite.reading.numbers import without_quotes
from digest.cite.registries import doi_in, read_identifiers
from digest.cite.tokens import VolumePart, read_dates, read_pages
from digest.model import AbstractNumber, has_orcid_check
from tests.name_cases import main, outcomes

if TYPE_CHECKING:
    from pathlib import Path

# Each society's own form, as it is printed before a title (see `NUMBERINGS`).
NUMBERS = """
    678P 854MO 1234TiP LBA5_PR LBA3 SO-23 THU-123 SAT-123-YI PS-079 Mo1234 O12 P1466 P-0010 OP-01-01 OP0123 AB1234-HPR P1.01-12
    OA03.05 EP08.02-123 MINI09.05 GS2-08 P1-01-02 TH-PO123 123-P 12-LB 1001-A e15166 TPS5608 CRA6509 CT037 PA5343 PB0123
    PO123-MON MP12-34 DOP23 PWE-123 EPR-123 MO72-3
""".split()
FRIENDS = """
    P53 P450 P2Y12 S100 5-FU IL-6 COVID-19 2020 68Ga-PSMA 177Lu-PSMA-617 18F-FDG CD34 CA19-9 H1N1 B12 A549 O157 HPV16 V600E T790M
    3D 24-hour 5-HT3
""".split()


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("sign", [" ", ": ", ". ", " - ", " | "])
def test_numbers_of_societies(number: str, sign: str) -> None:
    """A society's number before a title is found with and without a sign after it."""
    assert read_title(f"{number}{sign}Outcomes of stents") == ("Outcomes of stents", number)


# In supplements and before a capital, of which some are followed by a blank and a word that is counted.
@pytest.mark.parametrize(
    ("title", "society"),
    [
        *((f"{word} Outcomes of stents", "") for word in FRIENDS),
        *((f"{word} Outcomes of stents", "BSG") for word in "P53 O157 P16 S100 O26".split()),
        *((f"{word} Outcomes of stents", "ESMO") for word in "15O 32P 18F 90Y HER2 Ki-67 3D 1H-NMR".split()),
        *((f"{word} Outcomes of stents", "AGA DDW") for word in "Th17 IL-6 H2O 25-hydroxyvitamin".split()),
        ("12 Months of Stents", "ASH"),
        ("100 Consecutive Patients", "AACR"),
        ("2020 Outcomes of stents", "ASH"),
        ("90 Day Mortality", "ASCO"),
        ("64 Slice Tomography", "AHA"),
        ("1000 Genomes Revisited", "AACR"),
    ],
)
def test_what_is_no_number_in_a_supplement(title: str, society: str) -> None:
    """Nor is it one where the society numbers with such letters, or with digits alone."""
    assert numbered(title, society=society, supplement=True) is None
    assert numbered(title, society=society, supplement=True, proceedings=True) is None


# Numbers that need nothing but themselves: no society, meeting or supplement is known.
CERTAIN = """
    1620MO 678P 1234TiP 5P_PR 1055eTiP LBA5_PR FRI-384 THU-123-YI OS-045-YI Mo1234 Sa156 FRI0123 OP0123 AB0789-HPR POS0456 e15166 TPS5608
    LBA5507 CRA6509 LBA-3 P5-08-02 GS3-04 OT1-02-03 OA05.03 P1.03-012 EP1.04-13 1234-P 123-OR 45-LB TH-PO123 SA-PO1023 PUB123
    PTU-012 PTH-41 EP-1187 P5.123 PB0123 LPB0012 PO123-MON PA5343 MP12-34 EPR-123
""".split()


@pytest.mark.parametrize(
    ("text", "supplement", "number"),
    [
        ("(456) Ex vivo perfusion", True, "456"),  # ISHLT, J Heart Lung Transplant 41 (4 Suppl)
        ("(456) Ex vivo perfusion", False, ""),
        ("(2020) Ex vivo perfusion", True, ""),
        ("(5) Ex vivo perfusion", True, ""),
    ],
)
def test_digits_in_brackets(text: str, *, supplement: bool, number: str) -> None:
    """In a supplement digits in brackets before a title are a number, but for a year or a count."""
    found = numbered(text, supplement=supplement)
    assert (found.number if found else "") == number


@pytest.mark.parametrize("number", CERTAIN)
@pytest.mark.parametrize("sign", [" ", ": ", " | "])
def test_numbers_that_show_themselves(number: str, sign: str) -> None:
    """Such a form is nothing else before a title, unless a small letter follows."""
    found = numbered(f"{number}{sign}Outcomes of stents")
    assert found is not None
    assert found.number == number
    assert numbered(f"{number} outcomes of stents") is None


@pytest.mark.parametrize(
    ("text", "likely", "number"),
    [
        ("766 Outcomes of stents", {"766"}, "766"),
        ("PTQ-4 Outcomes of stents", {"ptq-4"}, "PTQ-4"),
        ("1001-A | Outcomes of stents", set(), "1001-A"),
        ("100 Patients with Stents", {"100"}, ""),
        ("2020 Outcomes of Stents", {"2020"}, ""),
        ("12 Outcomes of Stents", {"12"}, ""),
        ("2020 | Outcomes of Stents", set(), ""),
        ("2-DG | Outcomes of Stents", set(), ""),
    ],
)
def test_numbers_shown_by_page_or_doi(text: str, likely: set[str], number: str) -> None:
    """The page in a supplement and the end of a DOI may be the number; a year and what is counted are none."""
    found = numbered(text, likely=likely)
    assert (found.number if found else "") == number


def test_digits_need_a_society_that_numbers_with_them() -> None:
    """In a supplement, and certainly in proceedings; “#” says it."""
    assert numbered("766 Outcomes of stents", society="ASH", proceedings=True, supplement=True)
    assert numbered("766 Outcomes of stents", society="ESMO", proceedings=True, supplement=True) is None
    assert numbered("766 Outcomes of stents", society="ASH", proceedings=True) is None
    assert numbered("#766 Outcomes of stents", supplement=True)


@pytest.mark.parametrize("word", FRIENDS)
def test_what_only_looks_like_a_number(word: str) -> None:
    """Proteins, receptors, isotopes, compounds, years and quantities begin titles."""
    title = f"{word} Outcomes of stents"
    assert read_title(title) == (title, "")


@pytest.mark.parametrize(
    "title",
    [
        "ESPAC-4: A randomized trial",
        "LEAP-002: Final results",
        "S1826: A randomized study",
        "E1912: Ibrutinib and rituximab",
        "CD34: A marker",
        "V600E: A mutation",
        "Oral 5 mg tofacitinib",
        "12 Weeks versus 24 Weeks",
        "30 Gy in 10 Fractions",
        "90 Y Radioembolization",
        "[18F] FDG in lymphoma",
        "100 Consecutive Patients",
        "P16 - a marker",
    ],
)
def test_titles_that_begin_so(title: str) -> None:
    """Names of trials and quantities stay in the title, even before a colon."""
    assert read_title(title) == (title, "")


@pytest.mark.parametrize(
    ("text", "title", "number"),
    [
        ("Abstract LB-B013: Foo", "Foo", "LB-B013"),
        ("Abstract #389: Foo", "Foo", "389"),
        ("Poster 12: Foo", "Foo", "12"),
        ("[P123] Foo bar", "Foo bar", "P123"),
        ("# P-0010 Foo", "Foo", "P-0010"),
        ("766 Foo Bar", "Foo Bar", "766"),
        ("P123 mRNA vaccines", "mRNA vaccines", "P123"),
        ("Results of foo (Abstract 123)", "Results of foo", "123"),
        ("P027 / #123 Foo", "Foo", "P027"),
        ("Publication Number: S1-01 Foo bar", "Foo bar", "S1-01"),
        ("Publication Number: S1-01. Title: Foo", "Foo", "S1-01"),
        ("Final Abstract Number: 12.034 Foo", "Foo", "12.034"),
        ("Program Number: 12.3 | Foo", "Foo", "12.3"),
        ("Presentation Number: 123 - Foo", "Foo", "123"),
        ("MO01.01 Foo bar", "Foo bar", "MO01.01"),
        ("Session 3: Foo", "Session 3: Foo", ""),
        ("Control 2: Foo", "Control 2: Foo", ""),
        ("PS-079\nFoo", "Foo", "PS-079"),
        # Oxford University Press deposited titles without the space.
        ("678PThe effect of foo", "The effect of foo", "678P"),
        ("678PPD-1 blockade", "PD-1 blockade", "678P"),
        ("LBA5_PRPhase III", "Phase III", "LBA5_PR"),
        ("P1466Can physicians", "Can physicians", "P1466"),
        ("P53Mutations", "P53Mutations", ""),
    ],
)
def test_numbers_in_other_places(text: str, title: str, number: str) -> None:
    """A word or brackets around the number, no space after it, or the end of the title."""
    assert read_title(text) == (title, number)


@pytest.mark.parametrize(
    ("number", "sign", "title"),
    [
        ("P-17", ". ", "Outcomes of stents"),
        ("LBA-4", " | ", "Outcomes of stents"),
        ("ePS-031", ". ", "18F-FDG uptake"),
        ("OALBB0103", " – ", "Long-acting stents"),
        ("3CPS-045", " ", "Outcomes of stents"),
        ("P-05-031", " ", "Outcomes of stents"),
        ("P-17", ". ", "¿Menos es más?"),
    ],
)
def test_numbers_that_need_no_proceedings(number: str, sign: str, title: str) -> None:
    """Two groups of digits, a leading zero before a sign, or a general prefix say by themselves what they are."""
    text = f"{number}{sign}{title}"
    found = numbered(text)
    assert found is not None
    assert (found.number, text[found.start : found.end]) == (number, title)


@pytest.mark.parametrize(
    ("before", "number"),
    [
        ("[V31] ", "V31"),
        ("(P23) ", "P23"),
        ("[PP-123]: ", "PP-123"),
        ("0341 ", "0341"),
        ("012. ", "012"),
        # Isotopes, fullerenes, particles, cells, proteins, trials, years, serotypes.
        *((text, "") for text in ("[F18] ", "[O15] ", "[P32] ", "[C60] ", "(PM10) ", "(K562) ", "(IL17) ", "(S1505) ")),
        *((text, "") for text in ("2021 ", "0157 ", "000 ", "0.25 ")),
    ],
)
def test_numbers_set_off(before: str, number: str) -> None:
    """Letters and digits in brackets of their own, and digits filled up with zeros, are numbers of abstracts."""
    found = numbered(f"{before}Ducks in winter")
    assert (found.number if found else "") == number


@pytest.mark.parametrize("sign", [": ", ". ", " – ", " | ", " "])
@pytest.mark.parametrize(
    "word",
    "AALL0232 RTOG-0617 NRG-GY004 COVID-19 MK-3475 IL-17 PD-1 CA19-9 H1N1-2009 2-DG 18F-FDG 177Lu-PSMA-617".split(),
)
def test_trials_and_compounds_need_proceedings(word: str, sign: str) -> None:
    """Groups that number their trials, proteins, compounds and isotopes do not number abstracts."""
    assert numbered(f"{word}{sign}Outcomes of stents") is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        *(
            (f"{marks[0]}A trial{marks[1]}", "A trial")
            for marks in ("“”", "‘’", '""', "''", "«»", "„“", "»«", "‹›", "””", "「」")
        ),
        ("“A” or “B”", "“A” or “B”"),
        ("'Hot' and 'cold'", "'Hot' and 'cold'"),
        ("“The patient’s way”", "The patient’s way"),
        ("A “trial”", "A “trial”"),
        ("", ""),
    ],
)
def test_quotation_marks_around_a_title(text: str, title: str) -> None:
    """Those around the whole come off, of every kind; two parts keep theirs."""
    assert without_quotes(text) == title


def test_an_article_keeps_what_looks_like_a_number() -> None:
    """Outside proceedings a title is left alone; in a supplement numbers with letters are found; a society's own always."""
    assert numbered("O12 Outcomes of stents") is None
    assert numbered("678P Outcomes of stents", supplement=True)
    assert numbered("766 Outcomes of stents", supplement=True) is None
    assert numbered("S100: Outcomes of stents", proceedings=True) is None
    assert numbered("S100: Outcomes of stents", proceedings=True, society="EHA")
    assert len({row.society for row in NUMBERINGS}) > 20


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(suppl 15; abstr TPS595)", "TPS595"),
        ("(Abstract LBA 006)", "LBA 006"),
        ("Abstract LB-B013:", "LB-B013"),
        ("Oral abstract 105", "105"),
        ("SAT-123-YI", "SAT-123-YI"),
        ("TH-PO123", "TH-PO123"),
        ("G-O-001", "G-O-001"),
        ("[Abs. 1234P]", "1234P"),
        ("ehae666.286", "ehae666.286"),
        # Labels of programmes, see `NUMBER_LABEL`.
        ("Publication Number: S1-01", "S1-01"),
        ("Final Abstract Number: 12.034", "12.034"),
        ("Presentation Number: LB-P2-02", "LB-P2-02"),
        ("Program No. 123.04", "123.04"),
        ("Submission ID: 1234", "1234"),
        ("Control Number 1234", "1234"),
        ("Poster No.: P-123", "P-123"),
        ("Abstract-Nr. V12", "V12"),
        ("Posternummer: P12", "P12"),
        ("Résumé n° 45", "45"),
        ("N.º de resumo: 12", "12"),
        ("Número de resumen: 12", "12"),
        ("演題番号：P-123", "P-123"),
    ],
)
def test_a_number_alone(text: str, number: str) -> None:
    """Words and brackets around a number are left out."""
    assert AbstractNumber.parse(text).printed == number


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        # NLM's indexing manual, 10.2: the last page is complete.
        ("1199-205", "1199-1205"),
        ("34-6,87-91; discussion 110-2", "34-36, 87-91; discussion 110-112"),
        ("S58-9", "S58-S59"),
        ("S535--S536", "S535-S536"),
        ("1045.e1–9", "1045.e1-1045.e9"),
        ("1045.e1-e9", "1045.e1-1045.e9"),
        ("xiii–xv", "xiii-xv"),
        ("4021-4021", "4021"),
        ("1,045-1,050", "1045-1050"),
        ("Seiten 5-9", "5-9"),
        ("S. 123-130", "123-130"),
        ("GS2-08", "GS2-08"),
        ("123–", "123"),
        ("123-4 [abstract]", "123-124"),
    ],
)
def test_pages(text: str, pages: str) -> None:
    """Ranges are completed, each of several; a number in two parts is none."""
    assert read_pages(text) == pages


@pytest.mark.parametrize(
    ("text", "issue", "supplement"),
    [
        ("Number 4 • Suppl 1", "4", "1"),
        ("10, Part 2", "10 Pt 2", None),
        ("10 Pt 2 Suppl", "10 Pt 2", ""),
        ("Suppl 2 Pt 1", None, "2 Pt 1"),
        ("8S", "8", ""),
        ("S3-S4", None, "3-4"),
        ("9 Suppl S1", "9", "1"),
        ("sup5", None, "5"),
        ("Suplemento 1", None, "1"),
        ("nº 4 Supl 2", "4", "2"),
        ("No. 4", "4", None),
        ("# 4", "4", None),
        ("fasc. 4", "4", None),
        ("Bd. 33 Suppl. 5", None, "5"),
        ("Sonderheft 1", "Sonderheft 1", None),
        ("vol. 33, suppl. 5", None, "5"),
        ("Spec No", "Spec No", None),
    ],
)
def test_issues(text: str, issue: str | None, supplement: str | None) -> None:
    """Words before a number are left out, also those of other languages."""
    assert VolumePart.parse(text) == VolumePart(issue=issue, supplement=supplement)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("08.10.22–11.10.22", "2022-10-08", "2022-10-11"),
        ("vom 8. bis zum 11.10.2020", "2020-10-08", "2020-10-11"),
        ("31.05.-04.06.2013", "2013-05-31", "2013-06-04"),
        ("du 31 mai au 2 juin 2007", "2007-05-31", "2007-06-02"),
        ("dal 29 settembre al 1 ottobre 2022", "2022-09-29", "2022-10-01"),
        ("de 5 a 8 de maio de 2019", "2019-05-05", "2019-05-08"),
        ("7 t/m 9 november 2018", "2018-11-07", "2018-11-09"),
        ("od 8 do 11 października 2020", "2020-10-08", "2020-10-11"),
        ("2019. november 28-30-án", "2019-11-28", "2019-11-30"),
        ("28 Eylül - 2 Ekim 2022", "2022-09-28", "2022-10-02"),
        ("с 12 по 14 ноября 2013 г.", "2013-11-12", "2013-11-14"),
        ("3-5 Μαΐου 2019", "2019-05-03", "2019-05-05"),
        ("2022年9月29日(木)-10月1日(土)", "2022-09-29", "2022-10-01"),
        ("令和4年9月29日～10月1日", "2022-09-29", "2022-10-01"),
        ("2022년 9월 29일~10월 1일", "2022-09-29", "2022-10-01"),
        ("ngày 29 tháng 9 năm 2022", "2022-09-29", "2022-09-29"),
        ("3-VI-2016", "2016-06-03", "2016-06-03"),
        ("3,4,5 June 2016", "2016-06-03", "2016-06-05"),
        ("June 3, 4 and 5, 2016", "2016-06-03", "2016-06-05"),
        ("8-11.X.2020", "2020-10-08", "2020-10-11"),
        ("20191109-20191112", "2019-11-09", "2019-11-12"),
        ("2022-10-08/11", "2022-10-08", "2022-10-11"),
        ("2022.9.29-10.1", "2022-09-29", "2022-10-01"),
        ("27-30/09/2019", "2019-09-27", "2019-09-30"),
        ("9/27-30/2019", "2019-09-27", "2019-09-30"),
        ("10/08/2022-10/11/2022", "2022-10-08", "2022-10-11"),
        ("Saturday, December 7, through Tuesday, December 10, 2024", "2024-12-07", "2024-12-10"),
        ("29 and 30 September 2022", "2022-09-29", "2022-09-30"),
        ("Oct 8-11, '22", "2022-10-08", "2022-10-11"),
        ("1er-3 juin 2017", "2017-06-01", "2017-06-03"),
        # A city is not a month.
        ("June 3-7, 2016, Martinique", "2016-06-03", "2016-06-07"),
    ],
)
def test_days_of_meetings(text: str, start: str, end: str) -> None:
    """First and last day in many languages and shapes."""
    assert [tuple(map(str, span)) for span in read_dates(text)] == [(start, end)]


def test_of_two_numbers_nobody_knows_the_month() -> None:
    """03/04/2014 may be in March or in April."""
    with pytest.raises(ValueError, match="day"):
        read_dates("03/04/2014")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("https://doi.org/10.1016%2FS0168-8278%2812%2961374-9", {"doi": "10.1016/s0168-8278(12)61374-9"}),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/hep.30256#abstract", {"doi": "10.1002/hep.30256"}),
        ("(doi: 10.1016/S0168-8278(12)61374-9).", {"doi": "10.1016/s0168-8278(12)61374-9"}),
        ("PMID: 40892623. PMCID: PMC12791876.", {"pmid": "40892623", "pmcid": "PMC12791876"}),
        ("ISSN: 0732-183x", {"issn": "0732-183X"}),
        ("ISSN: 0732-1831", {}),
        ("https://orcid.org/0000-0002-1694-233X", {"orcid": "0000-0002-1694-233X"}),
        ("https://orcid.org/0000-0002-1694-2331", {}),
        ("https://doi.org/10.1186/ISRCTN83971151", {"isrctn": "ISRCTN83971151"}),
        ("ClinicalTrials.gov (NCT 01234567)", {"nct": "NCT01234567"}),
        ("EudraCT number: 2014-000148-22", {"eudract": "2014-000148-22"}),
        ("EU CT number 2023-503684-42-00", {"euct": "2023-503684-42-00"}),
        ("ChiCTR-IOR-14005334", {"chictr": "ChiCTR-IOR-14005334"}),
        ("JPRN-UMIN000006532", {"umin": "UMIN000006532"}),
        ("jRCTs031180129", {"jrct": "jRCTs031180129"}),
        ("ACTRN12605000322639", {"actrn": "ACTRN12605000322639"}),
        ("DRKS-ID: DRKS00004156", {"drks": "DRKS00004156"}),
        ("Netherlands Trial Register NL7264", {"ntr": "NL7264"}),
        ("CTRI-2017-09-009854", {"ctri": "CTRI/2017/09/009854"}),
        ("KCT0001234", {"cris": "KCT0001234"}),
        ("PACTR201504001090181", {"pactr": "PACTR201504001090181"}),
        ("RBR-6yj8sj", {"rebec": "RBR-6yj8sj"}),
        ("IRCT20160705028800N1", {"irct": "IRCT20160705028800N1"}),
        ("10.0000/nothing", {}),
        ("2014-05-30", {}),
    ],
)
def test_identifiers_anywhere(text: str, wanted: dict[str, str]) -> None:
    """Identifiers are found in texts and addresses; those with a wrong check digit are not."""
    assert {kind: values[0] for kind, values in read_identifiers(text).items()} == wanted


def test_the_doi_of_an_address() -> None:
    """A DOI in a publisher's address ends where the address goes on."""
    assert doi_in("https://ascopubs.org/doi/pdf/10.1200/JCO.2019.1.LBA1?role=tab") == "10.1200/JCO.2019.1.LBA1"
    assert doi_in("https://doi.org/10.1182/blood-2021-154282/") == "10.1182/blood-2021-154282"
    assert doi_in("https://www.example.org/article/12") is None
    assert has_orcid_check("000000021694233X")


def test_hand_checked_pieces(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every case of the shared file is read as it says."""
    path = shared / "normalisation.json"
    assert [case["id"] for case, passed, _ in outcomes(path) if not passed] == []
    assert main([str(path)]) == 0
    assert "0 failed" in capsys.readouterr().out


LETTERS = st.text(alphabet=st.sampled_from("0123456789年月日./-–,;()[] ASPLBaebdo№#X令和'%"), max_size=60)


@given(st.one_of(LETTERS, st.text(max_size=60)))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is in a field, reading ends in a value or a refusal, and a title keeps its words."""
    for read in (read_dates, AbstractNumber.parse):
        with contextlib.suppress(ValueError):
            read(text)
    read_pages(text)
    VolumePart.parse(text)
    read_identifiers(text)
    title, number = read_title(text)
    assert title in " ".join(text.split())
    assert number in " ".join(text.split())
