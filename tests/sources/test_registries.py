"""Registrations of trials in every registry, MODS, and numbers after names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from digest import trials

if TYPE_CHECKING:
    from pathlib import Path

Converted = Callable[..., str]


@pytest.fixture
def converted(digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]], tmp_path: Path) -> Converted:
    """What ``digest convert`` prints of a file of this name and text."""
    run = digest_in(tmp_path)

    def convert(name: str, text: str, to: str = "json") -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        code, out, err = run("convert", name, "--to", to)
        assert code == 0, err
        return out

    return convert


# The shapes are those of the registries' own pages; the page before the number is ICTRP's.
ENTRIES = [
    ("Nct", "https://clinicaltrials.gov/show/NCT01309620", {"nct": ["NCT01309620"]}),
    ("Isrctn", "https://www.isrctn.com/ISRCTN57105075", {"trials": ["ISRCTN57105075"]}),
    ("Euctr, D. K.", "TrialID=EUCTR2012-000001-11-DK", {"trials": ["2012-000001-11"]}),
    ("Jprn, Umin", "TrialID=JPRN-UMIN000012345", {"trials": ["UMIN000012345"]}),
    ("Jprn, jRCTs031180001", "TrialID=JPRN-jRCTs031180001", {"trials": ["jRCTs031180001"]}),
    ("ChiCtr", "TrialID=ChiCTR-TRC-12001234", {"trials": ["ChiCTR-TRC-12001234"]}),
    ("Ctri", "TrialID=CTRI/2017/09/009854", {"trials": ["CTRI/2017/09/009854"]}),
    ("Irct20120215009014N123", "TrialID=IRCT20120215009014N123", {"trials": ["IRCT20120215009014N123"]}),
    ("Rbr", "TrialID=RBR-6yj8sj", {"trials": ["RBR-6yj8sj"]}),
    ("Per", "TrialID=PER-010-19", {"trials": ["PER-010-19"]}),
]


@pytest.mark.parametrize(("author", "page", "ids"), ENTRIES)
def test_entries_of_registries(converted: Converted, author: str, page: str, ids: dict[str, list[str]]) -> None:
    """Cochrane's register: the page is not a journal, the registry not an author; each format gives the number back."""
    address = page if page.startswith("http") else f"https://trialsearch.who.int/Trial2.aspx?{page}"
    text = f"TY  - JOUR\nA1  - {author}\nA1  - Perez, A\nT1  - A trial\nJF  - {address}\nY1  - 2011\nER  - \n"
    (record,) = json.loads(converted("a.ris", text))
    assert (record["type"], record["ids"], record.get("container")) == ("trial", ids, None)
    assert [person["family"] for person in record["authors"]] == ["Perez"]
    for to in ("ris", "nbib", "bibtex", "csl", "yaml"):
        (again,) = json.loads(converted(f"b.{to}", converted("a.ris", text, to)))
        assert again["ids"] == ids, to


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Clinical trial information: ISRCTN57105075.", ["ISRCTN57105075"]),
        ("EudraCT number 2004-001234-56 and NCT 01077154", ["2004-001234-56", "NCT01077154"]),
        ("EU CT 2022-501234-12-00", ["2022-501234-12-00"]),
        ("registered with the Netherlands Trial Register (NTR1234)", ["NTR1234"]),
        ("one per 100-50 mg", []),
        ("the RBR ligase, RBR proteins", []),
        ("lots NL 2018 and C123456789", []),
    ],
)
def test_registrations_in_prose(text: str, found: list[str]) -> None:
    """What is short counts only where words before it say that it is a registration."""
    assert [one.number for one in trials.find(text, running=True)] == found


@pytest.mark.parametrize("registry", [one for one in trials.REGISTRIES if one.address])
def test_addresses_lead_to_numbers(registry: trials.Registry) -> None:
    """The address that is printed for a number is read as that number again."""
    numbers = {
        "nct": "NCT01077154",
        "isrctn": "ISRCTN57105075",
        "euct": "2022-501234-12-00",
        "eudract": "2004-001234-56",
        "umin": "UMIN000012345",
        "ctri": "CTRI/2017/09/009854",
        "drks": "DRKS00001234",
        "actrn": "ACTRN12605000322639",
    }
    if number := numbers.get(registry.kind):
        assert trials.alone(trials.address_of(number)) == number


MODS = """<modsCollection xmlns="http://www.loc.gov/mods/v3"><mods ID="a">
<titleInfo><nonSort>The</nonSort><title>Quilling</title><subTitle>A Study</subTitle></titleInfo>
<name type="personal"><namePart type="given">Quill</namePart><namePart type="family">Aldred</namePart>
<role><roleTerm type="code">aut</roleTerm></role><affiliation>University of Nowhere</affiliation></name>
<name type="corporate"><namePart>Invented Study Group</namePart></name>
<genre>journal article</genre><originInfo><dateIssued encoding="w3cdtf">2014-05</dateIssued></originInfo>
<abstract displayLabel="Background">One.</abstract><abstract displayLabel="Results">Two.</abstract>
<subject><topic>ducks</topic></subject><identifier type="doi">10.9999/INV.1</identifier>
<relatedItem type="host"><titleInfo><title>Gut</title></titleInfo><part><detail type="volume"><number>63</number></detail>
<detail type="issue"><number>5</number></detail><extent unit="page"><start>689</start><end>708</end></extent></part>
</relatedItem></mods><mods><titleInfo><title>One</title></titleInfo><relatedItem type="host"><titleInfo>
<title>Book of Ducks</title></titleInfo><genre>book</genre><name><namePart>Dupin, A.</namePart><role>
<roleTerm>editor</roleTerm></role></name><originInfo><publisher>Press</publisher><dateIssued>2001</dateIssued>
</originInfo></relatedItem></mods></modsCollection>"""


def test_mods(converted: Converted) -> None:
    """MODS 3 (Library of Congress, User Guidelines): the host of a part is its container, with volume and pages."""
    article, chapter = json.loads(converted("a.xml", MODS))
    assert (article["type"], article["title"], article["container"]) == ("article", "The Quilling: A Study", "Gut")
    assert (article["volume"], article["issue"], article["pages"]) == ("63", "5", "689-708")
    assert (article["issued"], article["ids"]["doi"], article["keywords"]) == ("2014-05", "10.9999/inv.1", ["ducks"])
    assert [one.get("literal") or one["family"] for one in article["authors"]] == ["Aldred", "Invented Study Group"]
    assert [part["label"] for part in article["abstract"]] == ["Background", "Results"]
    assert (chapter["type"], chapter["container"], chapter["editors"][0]["family"]) == (
        "chapter",
        "Book of Ducks",
        "Dupin",
    )
    assert (chapter["publisher"], chapter["issued"]) == ("Press", "2001")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bib", "@article{a, title={T}, author={Quill Aldred 0001 and Ina Bremer 0023}}"),
        ("a.bib", "@article{a, title={T}, author={Quill A. Aldred, Ina B. Bremer}}"),
        ("a.ris", "TY  - JOUR\nTI  - T\nAU  - Aldred 0001, Quill\nAU  - Bremer, Ina 0023\nER  - \n"),
        ("a.csv", "Title,Authors\nT,Quill Aldred 0001; Ina Bremer 0023\n"),
        (
            "a.json",
            '[{"id": "a", "type": "article-journal", "title": "T", "author": '
            '[{"family": "Aldred 0001", "given": "Quill"}, {"family": "Bremer", "given": "Ina 0023"}]}]',
        ),
    ],
)
def test_people_of_the_same_name(converted: Converted, name: str, text: str) -> None:
    """DBLP's four digits after a name are not part of it; two whole names with one comma are two people."""
    (record,) = json.loads(converted(name, text))
    assert [one["family"] for one in record["authors"]] == ["Aldred", "Bremer"]


def test_a_list_of_registrations(converted: Converted) -> None:
    """ClinicalTrials.gov's CSV: an entry without authors and journal, with a registration, is a trial."""
    text = "NCT Number,Study Title,Brief Summary,First Posted\nNCT01309620,Inventomab,Text.,2011-03-07\n"
    (record,) = json.loads(converted("a.csv", text))
    assert (record["type"], record["title"], record["issued"]) == ("trial", "Inventomab", "2011-03-07")
    assert record["ids"]["nct"] == ["NCT01309620"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"studies": [{"protocolSection": {}}]}'),
        ("a.json", '{"total": 1, "data": [{"lens_id": "000-111", "title": "Ducks"}]}'),
        ("a.xml", "<Trials_downloaded_from_ICTRP><Trial/></Trials_downloaded_from_ICTRP>"),
    ],
)
def test_refused_in_a_sentence(
    digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]], tmp_path: Path, name: str, text: str
) -> None:
    """What is known and not read is named, with the form that is."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    code, out, err = digest_in(tmp_path)("convert", name, "--to", "json")
    assert code, out
    assert "which is not read" in err
    assert "as CSV" in err
