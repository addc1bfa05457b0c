"""What the table of societies adds to the little that a citation says, its forms by name, and what is in doubt."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from digest import build
from digest.cite import Doubts, society_citation
from digest.cite.societies import (
    abbreviation,
    book,
    completed,
    doubt,
    is_of_meeting,
    printed_doi,
    read_form,
    shows_abstract,
)
from digest.cite.tokens import VolumePart
from digest.model import Ids, Meeting, PartialDate, Record
from digest.text import RichText
from tests.citation_cases import got
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from pathlib import Path

TITLE = RichText.parse("T")

# The society's form from the little that a citation says: society, journal, year and number.
LITTLE = [
    ("ASCO", "J Clin Oncol", 2001, "Proc Am Soc Clin Oncol", "562", "Proc Am Soc Clin Oncol 20: 2001 (abstr 562)"),
    ("ASCO", "J Clin Oncol", 2006, "", "14575", "J Clin Oncol 24:18s, 2006 (suppl; abstr 14575)"),
    ("ASCO", "J Clin Oncol", 2008, "", "4131", "J Clin Oncol 26: 2008 (May 20 suppl; abstr 4131)"),
    ("ASCO", "J Clin Oncol", 2010, "", "3649", "J Clin Oncol 28:15s, 2010 (suppl; abstr 3649)"),
    ("ASCO", "J Clin Oncol", 2017, "", "2022", "J Clin Oncol 35, 2017 (suppl; abstr 2022)"),
    ("ASCO", "J Clin Oncol", 2022, "", "LBA2002", "J Clin Oncol 40, 2022 (suppl 17; abstr LBA2002)"),
    ("ASCO GI", "J Clin Oncol", 2024, "", "15", "J Clin Oncol 42, 2024 (suppl 3; abstr 15)"),
    ("ASCO GU", "J Clin Oncol", 2025, "", "329", "J Clin Oncol 43, 2025 (suppl 5; abstr 329)"),
    ("ASH", "Blood", 2019, "", "766", "Blood (2019) 134 (Supplement_1): 766"),
    ("AHA", "Circulation", 2020, "", "16111", "Circulation. 2020;142(Suppl_3):16111"),
    ("AHA", "Circulation", 2023, "", "15879", "Circulation. 2023;148(Suppl_1):15879"),
    ("ACC", "J Am Coll Cardiol", 2023, "", "1234", "J Am Coll Cardiol 2023;81:abstr 1234"),
    ("ESC", "Eur Heart J", 2022, "", "P12", "European Heart Journal 2022;43(Suppl 2):P12"),
    ("ERS", "Eur Respir J", 2013, "", "P4841", "European Respiratory Journal 2013; 42: Suppl. 57, P4841"),
    ("ATS", "Am J Respir Crit Care Med", 2019, "", "A7216", "Am J Respir Crit Care Med 2019;199:A7216"),
    ("ESMO", "Ann Oncol", 2019, "", "LBA12", "Annals of Oncology (2019) 30 (suppl_5): LBA12"),
    ("EULAR", "Ann Rheum Dis", 2024, "", "OP0123", "Ann Rheum Dis 2024;83(Suppl 1):OP0123"),
    ("ACR", "Arthritis Rheumatol", 2021, "", "1441", "Arthritis Rheumatol. 2021; 73 (suppl 10)"),
    ("AAN", "Neurology", 2021, "", "1225", "Neurology 2021; 96 (15 Supplement): 1225"),
    ("ADA", "Diabetes", 2024, "", "746-P", "Diabetes 2024;73(Suppl 1):abstr 746-P"),
    ("SITC", "J Immunother Cancer", 2022, "", "1304", "J Immunother Cancer 2022;10(Suppl 2):abstr 1304"),
    ("ISTH", "J Thromb Haemost", 2015, "", "OR1", "J Thromb Haemost 2015;13(Suppl 2):abstr OR1"),
    ("EASD", "Diabetologia", 2009, "", "7", "Diabetologia 2009;52:abstr 7"),
    ("ACG", "Am J Gastroenterol", 2013, "", "7", "Am J Gastroenterol 2013;108:abstr 7"),
    ("ASTRO", "Int J Radiat Oncol Biol Phys", 2024, "", "7", "Int J Radiat Oncol Biol Phys 2024;120:abstr 7"),
    ("DDW", "Gastroenterology", 2015, "", "Sa1234", "Gastroenterology 2015;148:abstr Sa1234"),
    ("ASN", "J Am Soc Nephrol", 2019, "", "FR-PO1", "J Am Soc Nephrol 2019;30:abstr FR-PO1"),
    ("ERA", "Nephrol Dial Transplant", 2025, "", "7", "Nephrol Dial Transplant 2025;40(Suppl 3):abstr 7"),
    ("IDWeek", "Open Forum Infect Dis", 2021, "", "7", "Open Forum Infect Dis 2021;8(Suppl 1):abstr 7"),
    ("ECTRIMS", "Mult Scler", 2020, "", "P302", "Mult Scler 2020;26:abstr P302"),
    ("SNO", "Neuro Oncol", 2024, "", "EXTH-1", "Neuro Oncol 2024;26:abstr EXTH-1"),
]


@pytest.mark.parametrize(
    ("meeting", "short", "year", "other", "number", "expected"), LITTLE, ids=[row[5][:40] for row in LITTLE]
)
def test_what_the_table_adds(meeting: str, short: str, year: int, other: str, number: str, expected: str) -> None:
    """Volume and supplement follow from journal, year, meeting and number."""
    record = Record(
        title=TITLE,
        container_short=other or short,
        issued=PartialDate(year),
        number=number,
        meeting=Meeting(name=meeting, society=meeting),
    )
    assert society_citation(record) == expected


def test_what_the_table_does_not_add() -> None:
    """Nothing is filled in where another meeting or volume may be meant."""
    few: dict[str, Any] = {"title": TITLE, "issued": PartialDate(2023), "number": "7"}
    assert completed(Record(container_short="Ann Oncol", **few)).supplement == ""  # which of ESMO's congresses?
    assert completed(Record(container_short="Circulation", **few)).volume == ""
    spring = completed(Record(container_short="Blood", volume="141", **few))
    assert (spring.volume, spring.supplement) == ("141", "")
    gi = Record(container_short="J Clin Oncol", meeting=Meeting(name="ASCO Quality Care Symposium"), **few)
    assert (completed(gi).volume, completed(gi).issue) == ("41", "")


@pytest.mark.parametrize(
    ("page", "supplement", "year", "expected"),
    [
        ("214s", "Suppl", 2008, "J Clin Oncol 26:214s, 2008 (suppl; abstr 4506)"),
        ("", "14S", 2004, "J Clin Oncol 22:14S, 2004 (suppl; abstr 4506)"),
        ("97s", "15s", 2009, "J Clin Oncol 27:97s, 2009 (suppl; abstr 4506)"),
        ("", "5s", 2014, "J Clin Oncol 32:5s, 2014 (suppl; abstr 4506)"),
    ],
)
def test_pages_of_a_supplement(page: str, supplement: str, year: int, expected: str) -> None:
    """The journal's house form has the page after the volume, or else the supplement; both are read back as what they are."""
    record = Record(
        title=TITLE,
        container_short="J Clin Oncol",
        volume=str(year - 1982),
        supplement=supplement,
        pages=page,
        number="4506",
        issued=PartialDate(year),
    )
    assert society_citation(record) == expected
    back = read_form(expected)
    assert back is not None
    assert (back["pages"], back["supplement"]) == (page, "" if page else supplement)


NAMED = [
    (
        {"container_short": "J Clin Oncol", "issued": PartialDate(2006), "number": "14575"},
        "proceedings",
        "Journal of Clinical Oncology, 2006 ASCO Annual Meeting Proceedings Part I. Vol 24, No. 18S (June 20 Supplement), 2006: 14575",
    ),
    (
        {"container_short": "Eur Heart J", "issued": PartialDate(2025, 11), "pages": "ehaf784.4407", "supplement": "1"},
        "platform",
        "European Heart Journal, Volume 46, Issue Supplement_1, November 2025, ehaf784.4407",
    ),
    (
        {"container_short": "Cancer Res", "issued": PartialDate(2016), "number": "1249", "volume": "76"},
        "short",
        "Cancer Res 2016;76(14 Suppl):Abstract nr 1249",
    ),
    (
        {"container_short": "Ann Rheum Dis", "issued": PartialDate(2024), "number": "OP1"},
        "short",
        "Ann Rheum Dis 2024;83(Suppl 1):OP1",
    ),
]


# The line on a publisher's page, for societies that the table does not have: the DOI's registrant decides.
PUBLISHERS = [
    (
        "J Crohns Colitis",
        "2020-01",
        "14",
        "",
        "1",
        "S547",
        "10.1093/ecco-jcc/jjz203.793",
        "Journal of Crohn's and Colitis, Volume 14, Issue Supplement_1, January 2020, Page S547, https://doi.org/10.1093/ecco-jcc/jjz203.793",
    ),
    (
        "Innov Aging",
        "2020",
        "4",
        "",
        "1",
        "57-58",
        "10.1093/geroni/igaa057.187",
        "Innovation in Aging, Volume 4, Issue Supplement_1, 2020, Pages 57–58, https://doi.org/10.1093/geroni/igaa057.187",
    ),
    (
        "Hum Reprod",
        "2017-07",
        "32",
        "",
        "1",
        "i12",
        "10.1093/humrep/32.1",
        "Human Reproduction, Volume 32, Issue suppl_1, July 2017, Page i12, https://doi.org/10.1093/humrep/32.1",
    ),
    (
        "J Endocr Soc",
        "2020-05",
        "4",
        "",
        "1",
        "bvaa046.12",
        "10.1210/jendso/bvaa046.12",
        "Journal of the Endocrine Society, Volume 4, Issue Supplement_1, May 2020, bvaa046.12, https://doi.org/10.1210/jendso/bvaa046.12",
    ),
    (
        "Hum Reprod",
        "2020-12",
        "35",
        "12",
        "",
        "911-918",
        "10.1093/humrep/deaa1",
        "Human Reproduction, Volume 35, Issue 12, December 2020, Pages 911–918, https://doi.org/10.1093/humrep/deaa1",
    ),
    (
        "Clin Cancer Res",
        "2020",
        "26",
        "12",
        "1",
        "PO-123",
        "10.1158/1557-3265.x",
        "Clin Cancer Res (2020) 26 (12_Supplement_1): PO-123. https://doi.org/10.1158/1557-3265.x",
    ),
]


@pytest.mark.parametrize(
    ("short", "issued", "volume", "issue", "supplement", "pages", "doi", "expected"), PUBLISHERS, ids=range(6)
)
def test_lines_of_publishers(
    short: str, issued: str, volume: str, issue: str, supplement: str, pages: str, doi: str, expected: str
) -> None:
    """A journal of a society that is not in the table has its publisher's line, the title in full."""
    record = Record(
        title=TITLE,
        container_short=short,
        issued=PartialDate.parse(issued),
        volume=volume,
        issue=issue,
        supplement=supplement,
        pages=pages,
        meeting=Meeting(name="Annual Congress"),
        ids=Ids(doi=doi),
    )
    assert society_citation(record, "platform", whole=True) == expected
    back = read_form(society_citation(record, "platform"))
    assert back is not None
    assert (back["volume"], back["issue"], back["supplement"]) == (volume, issue, supplement)
    assert pages in {back["pages"], back["number"]}
    assert back["issued"] == record.issued


# Volume, issue, supplement, and how AMA, Nature and NLM print them. AMA 11, 3.11: each in parentheses of its own.
PARTS = [
    ("10", "Suppl", "13(10)(suppl):S1", "13, S1", "13(10 Suppl):S1"),
    ("18", "3", "13(18)(suppl 3):S1", "13 (suppl. 3), S1", "13(18 Suppl 3):S1"),
    ("", "1", "13(suppl 1):S1", "13 (suppl. 1), S1", "13 Suppl 1:S1"),
    ("", "Suppl", "13(suppl):S1", "13 (suppl.), S1", "13 Suppl:S1"),
    ("10", "", "13(10):S1", "13, S1", "13(10):S1"),
    ("", "", "13:S1", "13, S1", "13:S1"),
]


@pytest.mark.parametrize(("issue", "supplement", "ama", "nature", "nlm"), PARTS)
def test_supplements_in_styles(issue: str, supplement: str, ama: str, nature: str, nlm: str) -> None:
    """A supplement of a volume or of an issue, numbered or not, by the manuals."""
    described = {
        "type": "abstract",
        "container": "Gut",
        "year": 2019,
        "volume": "13",
        "issue": issue,
        "supplement": supplement,
        "page": "S1",
    }
    if not supplement:
        del described["supplement"]
    for style, expected in (("ama11", ama), ("ama10", ama), ("nature", nature), ("nlm", nlm)):
        assert expected in got({"status": "", "style": style, "society": "AGA", "record": described}), style


def test_months_of_nlm() -> None:
    """Citing Medicine abbreviates every month to three letters."""
    described = {
        "type": "presentation",
        "genre": "E-poster",
        "event": "EHA2023 Congress",
        "place": "Frankfurt",
        "start": "2023-06-30",
        "end": "2023-07-02",
        "title": "T",
    }
    text = got({"status": "", "style": "nlm", "society": "EHA", "record": described})
    assert text == "T. Poster session presented at: EHA2023 Congress; 2023 Jun 30-Jul 2; Frankfurt."


@pytest.mark.parametrize(("fields", "name", "expected"), NAMED, ids=[name for _, name, _ in NAMED])
def test_forms_by_name(fields: dict[str, Any], name: str, expected: str) -> None:
    """A form that is asked for by name; a society without it prints its own."""
    assert society_citation(Record(title=TITLE, **fields), name) == expected


def test_doubts() -> None:
    """What nobody has seen in print is named: the form, or what a fact about the meeting added."""
    asco: dict[str, Any] = {"title": TITLE, "container_short": "J Clin Oncol", "number": "4000"}
    assert doubt(Record(issued=PartialDate(2019), **asco)) == ""
    assert "{year} (suppl; abstr {number})" in doubt(Record(issued=PartialDate(2020), **asco))
    aacr: dict[str, Any] = {
        "title": TITLE,
        "container_short": "Cancer Res",
        "issued": PartialDate(2025),
        "number": "LB312",
    }
    assert doubt(Record(**aacr)).endswith("of AACR 2025")
    assert doubt(Record(**{**aacr, "number": "6260"})) == ""
    assert doubt(Record(title=TITLE)) == ""


def test_doubts_about_facts() -> None:
    """What a row that nobody has seen in print fills in is named in every style; what the record says is not doubted."""
    aacr: dict[str, Any] = {"title": TITLE, "container_short": "Cancer Res", "issued": PartialDate(2025)}
    assert "supplement" in doubt(Record(**aacr, number="LB312"), None)
    assert doubt(Record(**aacr, number="LB312", volume="85", issue="8", supplement="Suppl 2"), None) == ""
    assert doubt(Record(**aacr, number="6260"), None) == ""


def test_facts_have_sources() -> None:
    """A row without a source says that it is not verified, and a verified rule ends with the years of its source."""
    facts, journals, kinds = book().meetings, book().journals, book().dois
    assert [fact for fact in facts if fact.verified and not fact.source] == []
    assert [kind for kind in kinds if kind.verified and not kind.source] == []
    assert [row for row in journals if row.volume_is and row.verified and not row.source] == []
    for fact in facts:
        assert fact.verified or "dates" not in fact.seen or fact.source, fact
        if fact.verified and (fact.volume_is or fact.supplement_is):
            years = [int(year) for year in re.findall(r"(?:19|20)\d\d", fact.source)]
            assert min(years) <= fact.year <= fact.last_year <= max(years), fact


# What a source shows of a meeting; the last one that was read for Gastroenterology contradicts the rule of the years before.
SHOWN = [
    ("DDW", "Gastroenterology", 2021, "160", ""),
    ("DDW", "Gastroenterology", 2025, "169", ""),
    ("DDW", "Gastroenterology", 2023, "164", "volume of DDW 2023"),
    ("AASLD", "Hepatology", 2014, "60", ""),
    ("EASL", "J Hepatol", 2022, "77", ""),
    ("ERS", "Eur Respir J", 2025, "66", ""),
    ("ASH", "Blood", 2024, "144", ""),
    ("ASH", "Blood", 2026, "148", "supplement, volume of ASH 2026"),
]


@pytest.mark.parametrize(("society", "short", "year", "volume", "what"), SHOWN)
def test_volumes_that_were_seen(society: str, short: str, year: int, volume: str, what: str) -> None:
    """The volume of a meeting's abstracts, and the doubt where only a rule says so."""
    meeting = Meeting(name=society, society=society)
    record = Record(title=TITLE, container_short=short, issued=PartialDate(year), number="1", meeting=meeting)
    assert completed(record).volume == volume
    assert doubt(record, None).replace("part, suppl, ", "") == what


# What an abstract lacks, and the warnings of three of its kind. A form that was seen in print has none.
WARNED = [
    ("seen in print", PartialDate(2019), 0),
    ("not seen in print", PartialDate(2020), 1),
]


@pytest.mark.parametrize(("form", "issued", "warnings"), WARNED, ids=[form for form, *_ in WARNED])
def test_one_warning_for_each_form(form: str, issued: PartialDate, warnings: int) -> None:
    """Three abstracts in one form that nobody has seen in print have one warning, which names the first."""
    doubts = Doubts()
    for n, number in enumerate(("4000", "4001", "4002", "4000"), 1):
        record = Record(title=TITLE, container_short="J Clin Oncol", number=number, issued=issued)
        doubts.add(record, "", f"asco{number}", "issue.yaml", n)
    found = [*doubts.problems()]
    assert len(found) == warnings, form
    for problem in found:
        assert (problem.level, problem.code, problem.line) == ("warning", "unverified-form", 1)
        assert "“asco4000” and 2 others" in problem.message


def test_an_issue_warns(journal: Path) -> None:
    """A check of an issue warns of a form that nobody has seen in print, where it is printed first."""
    assert not [problem for problem in build.check(journal / ISSUE) if problem.code == "unverified-form"]
    path = journal / ISSUE / "records" / "101.yaml"
    text = path.read_text(encoding="utf-8").replace("container: Sample Journal of Oncology\n", "")
    text = text.replace("Sample J Oncol", "J Clin Oncol").replace(
        "volume: 1\nsupplement: 1\nissued: 2014-06", "issued: 2020"
    )
    text = text.replace("society: Sample Society", "society: ASCO").replace('number: "101"', 'number: "4101"')
    path.write_text(text, encoding="utf-8")
    (problem,) = [problem for problem in build.check(journal / ISSUE) if problem.code == "unverified-form"]
    assert (problem.level, problem.file.rpartition("/")[2]) == ("warning", "cachexia.md")  # which cites it first
    assert "“101”" in problem.message


@pytest.mark.parametrize(
    "doi",
    [
        "10.1200/JCO.2023.41.17_suppl.LBA3000",
        "10.1200/JCO.2020.38.15_suppl.e17027",
        "10.1158/1538-7445.AM2023-CT032",
        "10.1158/1538-7445.SABCS22-P1-12-11",
        "10.2337/db24-746-P",
        "10.1212/WNL.94.15_supplement.P1.281",
        "10.1182/blood-2021-147589",
        "10.1182/blood.V124.21.389.389",
        "10.1182/blood.V128.22.LBA-6.LBA-6",
        "10.1182/blood.V130.Suppl_1.846.846",
        "10.1183/13993003.congress-2016.PA1065",
        "10.1161/circ.148.suppl_1.15879",
        "10.1016/S0923-7534(23)01926-2",
        "10.1093/eurheartj/ehae666.286",
    ],
)
def test_capitals_of_dois(doi: str) -> None:
    """A DOI is printed as its publisher spells it."""
    assert printed_doi(doi.lower()) == doi


@pytest.mark.parametrize(
    ("doi", "fields"),
    [
        ("10.1093/eurheartj/ehac544.2775", {"volume": "43", "supplement": "2", "pages": "ehac544.2775"}),
        ("10.1161/circ.126.suppl_21.a17506", {"volume": "126", "supplement": "21", "pages": "A17506"}),
        ("10.1164/ajrccm-conference.2020.201.1_meetingabstracts.a4246", {"volume": "201", "number": "A4246"}),
        ("10.1212/wnl.98.18_supplement.371", {"volume": "98", "issue": "18", "number": "371"}),
        ("10.2337/db24-746-p", {"volume": "73", "supplement": "1", "number": "746-P"}),
        ("10.1136/jitc-2023-sitc2023.0121", {"volume": "11", "number": "0121"}),
        ("10.1093/ofid/ofae631.1510", {"volume": "12", "pages": "ofae631.1510"}),
        ("10.1093/ndt/gfaf116.1582", {"volume": "40", "pages": "gfaf116.1582"}),
    ],
)
def test_what_dois_reveal(doi: str, fields: dict[str, str]) -> None:
    """Journal, volume, supplement and number that a DOI contains."""
    record = completed(Record(title=TITLE, ids=Ids(doi=doi)))
    assert {name: getattr(record, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("short", "full", "expected"),
    [
        ("J Clin Oncol", "Journal of Clinical Oncology", "J. Clin. Oncol."),
        ("Cancer Res", "Cancer Research", "Cancer Res."),
        ("Diabetologia", "Diabetologia", "Diabetologia"),
        (
            "Am J Respir Crit Care Med",
            "American Journal of Respiratory and Critical Care Medicine",
            "Am. J. Respir. Crit. Care Med.",
        ),
        ("J Marsh Stud", "", "J Marsh Stud."),
        ("HPB (Oxford)", "HPB (Oxford)", "HPB (Oxford)."),
    ],
)
def test_abbreviations(short: str, full: str, expected: str) -> None:
    """Nature's lists have a stop after each word cut short, and none after a whole one (ISO 4 and LTWA)."""
    assert abbreviation(short, full) == expected


# DOIs of abstracts and of articles of the same journals, as they are printed in reference lists and in lists of citations.
# Pages and year are given where the DOI alone does not tell.
ABSTRACTS = [
    ("10.1200/jco.2014.32.15_suppl.8031", "", 0),
    ("10.1158/1538-7445.am2018-ct075", "", 0),
    ("10.1158/1538-7445.sabcs18-p1-01-01", "", 0),
    ("10.1182/blood-2019-130983", "", 0),
    ("10.1182/blood-2018-99-118637", "", 0),
    ("10.1182/blood.v106.11.2421.2421", "", 0),
    ("10.1182/blood.v128.22.lba-6.lba-6", "", 0),
    ("10.1182/blood.v130.suppl_1.773.773", "", 0),
    ("10.1093/annonc/mdx369.044", "", 0),
    ("10.1093/annonc/mdw594.005", "", 0),
    ("10.1016/j.annonc.2020.08.1278", "S892", 2020),
    ("10.1093/eurheartj/ehae666.286", "", 0),
    ("10.1161/circ.146.suppl_1.14674", "", 0),
    ("10.1161/circ.126.suppl_21.a17506", "", 0),
    ("10.1183/13993003.congress-2019.pa1234", "", 0),
    ("10.1136/annrheumdis-2018-eular.5236", "", 0),
    ("10.1164/ajrccm-conference.2020.201.1_meetingabstracts.a4246", "", 0),
    ("10.1212/wnl.90.15_supplement.p2.440", "", 0),
    ("10.2337/db25-1171-p", "", 0),
    ("10.1136/jitc-2021-sitc2021.303", "", 0),
    ("10.1093/ofid/ofaf695.018", "", 0),
    ("10.1093/ndt/gfaf116.1582", "", 0),
    ("10.1016/s0168-8278(22)00520-7", "S58-S59", 2022),
    ("10.1016/s0016-5085(17)31017-x", "S214", 2017),
    ("10.1136/jech-2017-ssmabstracts.162", "A80", 2017),
]
ARTICLES = [
    ("10.1200/jco.1990.8.3.527", "527-533", 1990),
    ("10.1200/jco.2007.14.7116", "1626-1634", 2008),
    ("10.1158/0008-5472.can-17-0307", "e108-e110", 2017),
    ("10.1182/blood-2016-03-643544", "2391-2405", 2016),
    ("10.1182/blood.v80.9.2425.2425", "2425-2429", 1992),
    ("10.1182/blood.v16.1.1039.1039", "1039", 1960),
    ("10.1182/blood.v100.2.701", "701-703", 2002),
    ("10.1182/blood.v85.3.829.bloodjournal853829", "829", 1995),
    ("10.1093/annonc/mdx517", "3076-3082", 2017),
    ("10.1093/annonc/mdx647", "170-177", 2018),
    ("10.1093/annonc/mdx702", "i3-i9", 2018),  # an article in a supplement
    ("10.1016/j.annonc.2020.08.2100", "1536-1544", 2020),
    ("10.1016/j.annonc.2022.10.003", "", 2023),
    ("10.1093/eurheartj/ehaa575", "1289-1367", 2021),
    ("10.1161/circ.106.25.3143", "3143-3421", 2002),
    ("10.1161/circ.102.suppl_1.i-60", "I-60", 2000),  # guidelines in a supplement
    ("10.1183/13993003.00280-2016", "1369-1376", 2016),
    ("10.1136/annrheumdis-2019-216655", "685-699", 2020),
    ("10.1212/wnl.0000000000004209", "", 2017),
    ("10.2337/db22-0219", "", 2022),
    ("10.1093/ofid/ofz186", "ofz186", 2019),
    ("10.1093/ndt/gfad233", "581-588", 2024),
    ("10.1093/neuonc/noae145", "iv1-iv85", 2024),  # an article in a supplement
    ("10.1016/s0168-8278(99)80297-9", "929-938", 1999),
    ("10.1016/s0168-8278(05)80347-2", "S1", 1994),
    ("10.1016/s0016-5085(99)70510-x", "1453-1456", 1999),
    ("10.1016/s0140-6736(20)30183-5", "497-506", 2020),
]


@pytest.mark.parametrize(("doi", "pages", "year"), ABSTRACTS)
def test_dois_of_abstracts(doi: str, pages: str, year: int) -> None:
    """They show a meeting abstract; where articles have such DOIs as well, only with the pages of a supplement."""
    assert shows_abstract(doi, pages, year)


@pytest.mark.parametrize(("doi", "pages", "year"), ARTICLES)
def test_dois_of_articles(doi: str, pages: str, year: int) -> None:
    """None of the table's patterns makes an abstract of an article of the same journal."""
    assert not shows_abstract(doi, pages, year)
    article = Record(title=TITLE, type="article", issued=PartialDate(year), pages=pages, ids=Ids(doi=doi))
    assert completed(article) == article


@pytest.mark.parametrize(
    ("journal", "year", "volume", "part", "expected"),
    [
        ("Ann Oncol", 2017, "28", "suppl_5", True),
        ("Annals of Oncology", 2019, "30", "Supplement_5", True),
        ("Ann Oncol", 2018, "29", "suppl_1", False),  # mdx702, a review
        ("Ann Oncol", 2017, "28", "5", False),
        ("Ann Oncol", 2017, "29", "suppl_5", False),
        ("Cancer Res", 2019, "79", "13_Supplement", True),
        ("Cancer Res", 2019, "79", "13", False),
        ("J Clin Oncol", 2003, "21", "23_suppl", False),  # articles
        ("Blood", 2019, "134", "Supplement 1", True),
    ],
)
def test_supplements_of_meetings(journal: str, year: int, volume: str, part: str, expected: bool) -> None:
    """A supplement of the table of meetings holds abstracts; an issue of the same number and other supplements may not."""
    assert is_of_meeting(journal, year, volume, VolumePart.parse(part)) is expected
