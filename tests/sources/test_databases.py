"""Exports of databases: what each writes into which field, as its own manual and real files have it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.errors import DigestError
from digest.records import as_json
from digest.sources import Page, Parsed, parse, recognise


def read(text: str, name: str = "export.txt") -> list[dict[str, Any]]:
    """The records of a page whose format is found by its content."""
    page = Page(text.encode(), name)
    page = Page(text.encode(), name, format=recognise(page))
    found = [as_json(outcome.record) for outcome in parse(page) if isinstance(outcome, Parsed)]
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def one(text: str) -> dict[str, Any]:
    (record,) = read(text)
    return record


def ris(lines: str) -> dict[str, Any]:
    return one(f"TY  - JOUR\nTI  - A title\n{lines}\nER  - \n")


def ties(record: dict[str, Any]) -> dict[str, list[str]]:
    """The affiliations of each author, by family name."""
    places = record.get("affiliations", [])
    return {
        who.get("family") or who["literal"]: [places[n - 1] for n in who.get("affiliations", ())]
        for who in record.get("authors", ())
    }


PEOPLE = "AU  - Novak, A.\nAU  - Lindqvist, Bo\nAU  - Okafor, C. D."

TIES: dict[str, tuple[str, dict[str, list[str]]]] = {
    # Embase: M1 has the affiliations with whose they are, AD the address for letters.
    "M1 of Embase": (
        f"DB  - Embase\n{PEOPLE}\nM1  - (Novak A., novak@invent.example; Okafor C.D.) Invented Hospital, Brno\n"
        "M1  - (Lindqvist B.) Invented University, Lund\nAD  - A. Novak, Invented Hospital, Brno",
        {"Novak": ["Invented Hospital, Brno"], "Okafor": ["Invented Hospital, Brno"]},
    ),
    "a name before the place": (
        f"{PEOPLE}\nAD  - A. Novak, Invented Hospital, Brno\nAD  - Lindqvist, B., Invented University, Lund",
        {"Novak": ["Invented Hospital, Brno"], "Lindqvist": ["Invented University, Lund"], "Okafor": []},
    ),
    "whole names in square brackets": (
        f"{PEOPLE}\nAD  - [Novak, Anna; Okafor, Chidi D.] Invented Univ, Brno, Czech Republic.",
        {"Novak": ["Invented Univ, Brno, Czech Republic"], "Okafor": ["Invented Univ, Brno, Czech Republic"]},
    ),
    "families alone": (
        f"{PEOPLE}\nAD  - (Novak, Lindqvist) Invented Hospital, Brno",
        {"Novak": ["Invented Hospital, Brno"], "Lindqvist": ["Invented Hospital, Brno"]},
    ),
    # other initials are somebody else, and a place may be called like a person
    "somebody else": (f"{PEOPLE}\nAD  - X. Novak, Brno", {"Novak": []}),
    "a place like a family": (f"{PEOPLE}\nAD  - Novak, Invented Hospital", {"Novak": []}),
}


@pytest.mark.parametrize("case", TIES)
def test_affiliations_that_name_their_authors(case: str) -> None:
    lines, expected = TIES[case]
    found = ties(ris(lines))
    assert {name: found[name] for name in expected} == expected


EMAILS = [
    "Invented Hospital, Brno. Electronic address: novak@invent.example.",
    "Invented Hospital, Brno, novak@invent.example",
    "Invented Hospital, Brno (e-mail: novak@invent.example)",
    "Invented Hospital, Brno; a.novak@mail.invent.example; b@invent.example",
    "novak@invent.example, Invented Hospital, Brno",
]


@pytest.mark.parametrize("text", EMAILS)
def test_addresses_of_mail_are_no_part_of_an_affiliation(text: str) -> None:
    """They are taken out of every format alike, for all affiliations pass the same place."""
    assert ris(f"AU  - Novak, A.\nAD  - {text}")["affiliations"] == ["Invented Hospital, Brno"]
    table = f'title,authors,affiliations,doi\nA title,"Novak, A.","{text}",10.9999/x\n'
    if ";" not in text:
        assert one(table)["affiliations"] == ["Invented Hospital, Brno"]


FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    # PubMed's numbers: Embase's “Medline PMID”, Scopus's C2, CENTRAL's C3 (with Embase's number after it)
    "C5 of Embase": ("DB  - Embase\nC5  - 31234567", {"ids": {"pmid": "31234567"}}),
    "C5 of others": ("DB  - Invented\nC5  - 31234567", {"ids": None}),
    "C2 of Scopus": ("DB  - Scopus\nC2  - 38999657", {"ids": {"pmid": "38999657"}}),
    "C3 of CENTRAL": ("AN  - CN-02999909\nC3  - PUBMED 38999106,EMBASE 643999775", {"ids": {"pmid": "38999106"}}),
    # Web of Science: CP is the meeting, CL its place, CY its days; the issue elsewhere (RIS of 2001)
    "CP of Web of Science": (
        "T2  - GUT\nCP  - 24th Annual Meeting of the Invented Society\nCL  - Oslo, NORWAY\nCY  - MAY 01-05, 2014\n"
        "AN  - WOS:1",
        {
            "meeting": {
                "name": "24th Annual Meeting of the Invented Society",
                "place": "Oslo, NORWAY",
                "start": "2014-05-01",
                "end": "2014-05-05",
            },
            "issue": None,
        },
    ),
    "CP is the issue": ("T2  - Gut\nVL  - 63\nCP  - 15 Suppl", {"issue": "15", "supplement": "Suppl", "meeting": None}),
    "PU": ("PU  - Invented Press\nPI  - OSLO", {"publisher": "Invented Press"}),
    # Dates: Y1 and A1 are tags of 2001, DA and AU those of 2011
    "DA before Y1": ("Y1  - 1900/01/01\nDA  - 2019/05/17", {"issued": "2019-05-17"}),
    "DA without a year": ("Y1  - 2019//\nDA  - May 17", {"issued": "2019-05-17"}),
    # CENTRAL's addresses do not hold DOIs; other publishers' addresses hold DOIs, without what follows them
    "an address of CENTRAL": (
        "UR  - https://www.cochranelibrary.com/central/doi/10.1002/central/CN-01012345/full",
        {"ids": {"url": "https://www.cochranelibrary.com/central/doi/10.1002/central/CN-01012345/full"}},
    ),
    "a number of CENTRAL as a DOI": ("DO  - 10.1002/central/CN-01012345", {"ids": None}),
    "an address with a DOI": (
        "UR  - https://invent.example/doi/10.9999/abc.12/full",
        {"ids": {"doi": "10.9999/abc.12"}},
    ),
    "an address after an abstract": (
        "AB  - We invented.\nUS  - https://www.cochranelibrary.com/central/doi/10.1002/central/CN-1/full",
        {"abstract": [{"text": "We invented."}]},
    ),
    # registrations: no author, no journal; ICTRP's prefixes come in place of authors
    "a registration": (
        "M3  - Trial registry record\nAU  - Nct,\nJF  - https://clinicaltrials.gov/show/NCT01309620",
        {"type": "trial", "authors": None, "container": None, "ids": {"nct": ["NCT01309620"]}},
    ),
    "a registration by number": ("M3  - Clinical Trial Registration\nAU  - NCT01309620,", {"authors": None}),
    "another registry": ("M3  - Trial registry record\nAU  - Jprn, U.\nJF  - Umin", {"type": "trial", "authors": None}),
    "people called so": ("AU  - Per, Anders\nAU  - Nl, A.", {"authors": [{"family": "Per", "given": "Anders"}, {}]}),
}


@pytest.mark.parametrize("case", FIELDS)
def test_fields_of_ris(case: str) -> None:
    lines, expected = FIELDS[case]
    record = ris(lines)
    for field, value in expected.items():
        found: Any = record.get(field) or None
        if field == "ids" and value:
            assert {kind: found.get(kind) for kind in value} == value
            assert ("doi" in value) == ("doi" in found)
        elif field == "authors" and value:
            assert len(found) == len(value)
        else:
            assert found == value


def test_people_keep_their_order_under_both_tags() -> None:
    record = ris("A1  - Aldred, Quill\nAU  - Bremer, Ina\nA1  - Castel, Remy\nAU  - Aldred, Quill")
    assert [who["family"] for who in record["authors"]] == ["Aldred", "Bremer", "Castel"]


# --- Web of Science --------------------------------------------------------------------------------------------------

KINDS = {
    # PT says what the publication is, DT what the record is: a paper in a book of proceedings is a part of it
    ("B", "Proceedings Paper"): ("chapter", "INVENTED CONFERENCE, PROCEEDINGS"),
    ("C", "Proceedings Paper"): ("chapter", "INVENTED CONFERENCE, PROCEEDINGS"),
    ("S", "Article; Book Chapter"): ("chapter", "INVENTED CONFERENCE, PROCEEDINGS"),
    ("B", "Book"): ("book", None),
    ("J", "Article; Proceedings Paper"): ("article", "Invented Conference, Proceedings"),
    ("J", "Meeting Abstract"): ("meeting-abstract", "Invented Conference, Proceedings"),
}


@pytest.mark.parametrize("kinds", KINDS)
def test_kinds_in_web_of_science(kinds: tuple[str, str]) -> None:
    record = one(f"PT {kinds[0]}\nTI A paper\nSO INVENTED CONFERENCE,\n   PROCEEDINGS\nDT {kinds[1]}\nPU IEEE\nER\n")
    assert (record["type"], record.get("container")) == KINDS[kinds]
    assert record["publisher"] == "IEEE"


def test_tab_delimited_web_of_science() -> None:
    head = ["PT", "AU", "AF", "TI", "SO", "DT", "CT", "CY", "CL", "C1", "PY", "VL", "MA", "BP", "PM", "UT"]
    places = "[Aldred, Quill] Univ A, Oslo, Norway; [Aldred, Quill; Bremer, Ina] Univ B, Paris, France"
    row = ["J", "Aldred, Q; Bremer, I", "Aldred, Quill; Bremer, Ina", "Ducks", "GUT", "Meeting Abstract", "DDW"]
    row += ["MAY 1-4, 2014", "Chicago, IL", places, "2014", "63", "PTH-41", "A1", "25000001", "WOS:1"]
    record = one("\n".join("\t".join(line) + "\t" for line in (head, row)))
    assert ties(record) == {
        "Aldred": ["Univ A, Oslo, Norway", "Univ B, Paris, France"],
        "Bremer": ["Univ B, Paris, France"],
    }
    assert record["meeting"] == {"name": "DDW", "place": "Chicago, IL", "start": "2014-05-01", "end": "2014-05-04"}
    assert (record["number"], record["type"], record["ids"]) == ("PTH-41", "meeting-abstract", {"pmid": "25000001"})


# --- Tables ----------------------------------------------------------------------------------------------------------


def test_table_of_embase() -> None:
    """“CSV – fields by column” of embase.com."""
    record = one(
        "Title,Author Names,Author Addresses,Source,Conference Name,Conference Location,Conference Date,Medline PMID\n"
        'Ducks,Novak A.; Lindqvist B.,"(Novak A., n@invent.example; Lindqvist B.) Invented Hospital, Brno; (Lindqvist'
        ' B.) Invented University, Lund",Gut (2019) 68 Supplement 1 (A12). Date of Publication: June 2019,'
        '24th Invented Congress,"Oslo, Norway",2019-05-31 to 2019-06-04,31234567\n'
    )
    assert ties(record)["Lindqvist"] == ["Invented Hospital, Brno", "Invented University, Lund"]
    assert record["meeting"]["end"] == "2019-06-04"
    assert (record["volume"], record["supplement"], record["pages"]) == ("68", "1", "A12")
    assert record["ids"]["pmid"] == "31234567"


SCOPUS = {
    "the form of today": ("Aldred Q.; Bremer I.", "Aldred Q., Univ A, Oslo; Bremer I., Univ A, Oslo, Univ B, Paris"),
    "the form before 2023": (
        "Aldred, Q., Bremer, I.",
        "Aldred, Q., Univ A, Oslo; Bremer, I., Univ A, Oslo, Univ B, Paris",
    ),
}


@pytest.mark.parametrize("case", SCOPUS)
def test_ties_of_scopus(case: str) -> None:
    authors, with_places = SCOPUS[case]
    record = one(
        "Authors,Title,Year,Source title,Affiliations,Authors with affiliations,PubMed ID,Conference name\n"
        f'"{authors}",Ducks,2024,Gut,"Univ A, Oslo; Univ B, Paris; Univ C, Rome","{with_places}",38000001,\n'
    )
    assert ties(record) == {"Aldred": ["Univ A, Oslo"], "Bremer": ["Univ A, Oslo", "Univ B, Paris"]}
    assert record["affiliations"] == ["Univ A, Oslo", "Univ B, Paris", "Univ C, Rome"]
    assert record["ids"]["pmid"] == "38000001"


def test_table_of_web_of_science() -> None:
    record = one(
        "Publication Type,Authors,Article Title,Source Title,Document Type,Addresses,Affiliations,Pubmed Id\n"
        'J,"Aldred, Q; Bremer, I",Ducks,GUT,Meeting Abstract,"[Aldred, Q] Univ A, Oslo; [Bremer, I] Univ B, Paris",'
        "University of Oslo; University of Paris,25000001\n"
    )
    assert ties(record) == {"Aldred": ["Univ A, Oslo"], "Bremer": ["Univ B, Paris"]}


# --- Text that names its fields --------------------------------------------------------------------------------------

CENTRAL = """Record #1 of 2
ID: CN-01012345
AU: Aldred Q
AU: Bremer IN
TI: A trial reported at a congress
SO: Journal of clinical oncology
YR: 2014
VL: 32
NO: 15 SUPPL. 1
PG: 12‐13
PM: PUBMED 25000001
PT: Journal: Conference Abstract
KY: *Invention; adult
AB: BACKGROUND: It is rare. RESULTS: 12 answered.
US: https://www.cochranelibrary.com/central/doi/10.1002/central/CN-01012345/full

Record #2 of 2
ID: CN-02017416
AU: Nct
TI: Inventomab in Adults
SO: https://clinicaltrials.gov/show/NCT01309620
YR: 2011
PT: Trial registry record
"""


def test_citations_of_central() -> None:
    first, second = read(CENTRAL)
    assert [who["family"] for who in first["authors"]] == ["Aldred", "Bremer"]
    assert (first["type"], first["volume"], first["issue"], first["supplement"]) == (
        "meeting-abstract",
        "32",
        "15",
        "1",
    )
    assert (first["pages"], first["ids"]["pmid"], first["keywords"]) == ("12-13", "25000001", ["Invention", "adult"])
    assert "doi" not in first["ids"]
    assert (second["type"], second["ids"], second.get("authors")) == ("trial", {"nct": ["NCT01309620"]}, None)
    assert "container" not in second


RULE = "_" * 60
PROQUEST = f"""{RULE}

Document 1 of 2

Evening calls

Author: Harlow, Edward James; Ng, Siew Ling

ProQuest document link

Abstract: They help. Methods: we asked.

More of it.

Title: Evening calls

Publication title: Journal of Invented Practice

Volume: 32

Pages: 770-780

Publication date: May 2014

Language of publication: English

{RULE}

Document 2 of 2

Ducks and drakes

Author: Castel, Remy

Publication info: Journal of Ducks; Ann Arbor Vol. 3, Iss. 5,  (May 2014): 7-8.

{RULE}

Contact us at: http://invent.example/contact
"""


def test_text_of_proquest() -> None:
    first, second = read(PROQUEST)
    assert [who["family"] for who in first["authors"]] == ["Harlow", "Ng"]
    assert (first["title"], first["volume"], first["pages"], first["issued"]) == (
        "Evening calls",
        "32",
        "770-780",
        "2014-05",
    )
    assert "More of it." in first["abstract"][-1]["text"]
    assert (second["title"], second["container"], second["issue"]) == ("Ducks and drakes", "Journal of Ducks", "5")


EMBASE_TEXT = """RECORD 1

TITLE
First-in-human study of inventomab

AUTHOR NAMES
Novak A.
Lindqvist B.

AUTHOR ADDRESSES
(Novak A., novak@invent.example) Invented Hospital, Brno
(Lindqvist B.) Invented University, Lund

SOURCE
Journal of Clinical Oncology (2019) 37:15 Supplement 1 (e15700). Date of Publication: May 2019

MEDLINE PMID
31234567

RECORD 2

TITLE
Another
"""
EMBASE_ROWS = """"TITLE","First-in-human study of inventomab"
"AUTHOR NAMES","Novak A.","Lindqvist B."
"SOURCE","Journal of Clinical Oncology (2019) 37:15 Supplement 1 (e15700). Date of Publication: May 2019"
"MEDLINE PMID","31234567"

"TITLE","Another"
"AUTHOR NAMES","Okafor C."
"""


@pytest.mark.parametrize("text", [EMBASE_TEXT, EMBASE_ROWS], ids=["text", "fields by row"])
def test_other_exports_of_embase(text: str) -> None:
    first, second = read(text)
    assert [who["family"] for who in first["authors"]] == ["Novak", "Lindqvist"]
    assert (first["volume"], first["pages"], first["ids"]["pmid"]) == ("37", "e15700", "31234567")
    assert second["title"] == "Another"
    if "ADDRESSES" in text:
        assert ties(first) == {"Novak": ["Invented Hospital, Brno"], "Lindqvist": ["Invented University, Lund"]}


def test_text_of_ovid_with_names() -> None:
    first, second = read(
        "<1>\nUnique Identifier\n  25000001\nTitle\n  A second study.\nSource\n  Annals of Invention. 25(3):121-9, 2014"
        " Mar.\nAuthors\n  Dupin, Auguste; Estrada, Luz\nAbstract\n  We invented\n  again.\n\n"
        "<2>\nUnique Identifier\n  25000002\nTitle\n  A third one.\n"
    )
    assert [who["family"] for who in first["authors"]] == ["Dupin", "Estrada"]
    assert (first["volume"], first["issue"], first["pages"]) == ("25", "3", "121-129")
    assert first["abstract"][0]["text"] == "We invented again."
    assert second["title"] == "A third one"


def test_refworks() -> None:
    """RefWorks, “RefWorks tagged format”: a tag, a blank, the value; RT begins a record."""
    first, second = read(
        "RT Journal Article\nSR Electronic(1)\nID 12345\nA1 Aldred,Quill\nA1 Bremer,I. N.\nT1 Inventomab\nJF Gut\nYR 2014\n"
        "FD May 20\nVO 32\nIS 15\nSP 12\nOP 19\nK1 invention\nAB We invented it.\nIt works.\nDO 10.9999/jim.12\n"
        "UL https://invent.example/12\n\nRT Book, Section\nSR Print(0)\nA1 Castel,Remy\nT1 Ducks\nT2 Birds\nYR 2015\n"
    )
    assert [who["family"] for who in first["authors"]] == ["Aldred", "Bremer"]
    assert (first["volume"], first["issue"], first["pages"], first["issued"]) == ("32", "15", "12-19", "2014-05-20")
    assert (first["abstract"][0]["text"], first["keywords"]) == ("We invented it. It works.", ["invention"])
    assert first["ids"] == {"doi": "10.9999/jim.12", "url": "https://invent.example/12"}
    assert (second["type"], second["container"]) == ("chapter", "Birds")


UNKNOWN = [
    "ZA: Aldred Q\nZB: A title\nZC: Journal\nZD: 2014\nZE: 12\n\nZA: Bremer Q\nZB: Another\n",
    "ZA  - Aldred Q\nZB  - A title\nZC  - Journal\nZD  - 2014\n",
    "AU\tAldred Q\nTI\tA title\nSO\tJournal\nPY\t2014\n",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_tags_are_refused(text: str) -> None:
    """They are not read as pasted references: one sentence says what they are."""
    with pytest.raises(DigestError, match="tags that are not known"):
        read(text)


def test_xml_of_ebsco_is_refused() -> None:
    with pytest.raises(DigestError, match="EBSCO"):
        read('<?xml version="1.0"?><records><rec resultID="1"><header shortDbName="ccm"/></rec></records>')


PASTED = [
    "Aldred Q. A title. Gut 2014;63:A1.\nBremer I. Another. Gut 2014;63:A2.\n",
    "NCT01309620: a study. Aldred Q. Gut 2014;63:A1.\n",
    "LBA1 Aldred Q. A title. Gut 2014;63:A1\nLBA2 Bremer I. Another. Gut 2014;63:A2\nLBA3 Castel R. A third. Gut 2014\n"
    "LBA4 Dupin A. A fourth. Gut 2014;63:A4\n",
]


@pytest.mark.parametrize("text", PASTED)
def test_references_are_no_tags(text: str) -> None:
    assert recognise(Page(text.encode(), "pasted.txt")) == "text"
