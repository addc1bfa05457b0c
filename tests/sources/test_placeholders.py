"""What programs and people write where there is no value, and lists as programs print them, in every format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.export import as_object
from digest.sources import Page, Parsed
from digest.sources.formats import parse

RIS = "TY  - JOUR\nTI  - {title}\nAU  - {author}\nAU  - Roe, Kim\nT2  - {x}\nVL  - {x}\nIS  - {x}\nSP  - {x}\nKW  - {x}\nAD  - {x}\nLA  - {x}\nPB  - {x}\nSN  - {x}\nDO  - {x}\nAB  - {x}\nER  - \n"
BIBTEX = "@article{{a, title={{{title}}}, author={{{author} and Roe, Kim}}, journal={{{x}}}, volume={{{x}}}, number={{{x}}}, pages={{{x}}}, keywords={{{x}}}, language={{{x}}}, publisher={{{x}}}, issn={{{x}}}, doi={{{x}}}, abstract={{{x}}}, year=2015}}"
CSV = "Title,Authors,Journal,Volume,Issue,Pages,Year,Keywords,Language,Publisher,ISSN,DOI,Track,Abstract\n{title},{author}; Kim Roe,{x},{x},{x},{x},2015,{x},{x},{x},{x},{x},{x},{x}\n"
CSL = '[{{"type":"article-journal","title":"{title}","author":[{{"family":"{author}"}},{{"family":"Roe","given":"Kim"}}],"container-title":"{x}","volume":"{x}","issue":"{x}","page":"{x}","keyword":"{x}","language":"{x}","publisher":"{x}","ISSN":"{x}","DOI":"{x}","abstract":"{x}","event-title":"{x}","event-place":"{x}"}}]'
FORMATS = {"ris": RIS, "bibtex": BIBTEX, "csv": CSV, "csl-json": CSL}
# R; Python, pandas and numpy; JavaScript and SQL
WORDS = ("NA", "N/A", "None", "nan", "NaN", "null", "NULL", "undefined", "[]", "-", "--")
KEPT = {"id", "type", "title", "authors", "issued", "permission", "origin"}


def records(text: str) -> list[dict[str, Any]]:
    found = [as_object(one.record) for one in parse(Page(text.encode(), "x.txt")) if isinstance(one, Parsed)]
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]  # tuples as lists


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("format_", FORMATS)
def test_words_for_nothing_are_emptied_in_every_field(format_: str, word: str) -> None:
    """No field holds the word, whatever the format, and nobody is called so."""
    (record,) = records(FORMATS[format_].format(title="Null results on Na", author=word, x=word))
    assert set(record) <= KEPT, record
    assert record["title"] == "Null results on Na"
    assert [author["family"] for author in record["authors"]] == ["Roe"]


@pytest.mark.parametrize("word", ["unknown", "Not available", "n.a.", "Unknown", "not applicable"])
def test_words_of_people_are_emptied_where_a_number_or_a_code_is_meant(word: str) -> None:
    """A volume or a journal cannot be “Unknown”."""
    (record,) = records(RIS.format(title="Unknown causes", author="Lee, Ann", x=word).replace(f"AB  - {word}\n", ""))
    assert set(record) <= KEPT, record
    assert len(record["authors"]) == 2


# What looks like a word for nothing, and is something in its field.
FRIENDS = {
    "AU  - Na, Kim": ("authors", [{"family": "Na", "given": "Kim"}]),
    "AU  - Nan, Li": ("authors", [{"family": "Nan", "given": "Li"}]),
    "AU  - Null, Ann": ("authors", [{"family": "Null", "given": "Ann"}]),
    "TI  - None of the above": ("title", "None of the above"),
    "TI  - NA inhibitors": ("title", "NA inhibitors"),
    "LA  - na": ("language", "na"),
    "KW  - HA\nKW  - NA": ("keywords", ["HA", "NA"]),
    "T2  - Nan Nü": ("container", "Nan Nü"),
    "VL  - N1": ("volume", "N1"),
    "PB  - Null Press": ("publisher", "Null Press"),
    "AD  - University of Namibia, Windhoek, NA": ("affiliations", ["University of Namibia, Windhoek, NA"]),
}


@pytest.mark.parametrize("line", FRIENDS)
def test_false_friends_of_words_for_nothing(line: str) -> None:
    """A family called Na, the language of Nauru, neuraminidase among keywords: the field decides."""
    title = "" if line.startswith("TI") else "TI  - Some title\n"
    (record,) = records(f"TY  - JOUR\n{title}{line}\nER  - \n")
    field, wanted = FRIENDS[line]
    assert record.get(field) == wanted


# Lists as Python, NumPy, JSON and R print them.
PRINTED = {
    "Python": ("['A. Lee', 'K. Roe']", "['one word', \"two's\"]", "['Journal of Ducks']"),
    "NumPy": ("['Ann Lee' 'Kim Roe']", "['one word' \"two's\"]", "['Journal of Ducks']"),
    "R": ('c("A. Lee", "K. Roe")', 'c("one word", "two\'s")', 'c("Journal of Ducks")'),
    "with nothing inside": ("['A. Lee', None, 'K. Roe']", "['one word', \"two's\", nan]", "['Journal of Ducks', None]"),
}


@pytest.mark.parametrize("program", PRINTED)
@pytest.mark.parametrize("format_", ["ris", "bibtex", "csv"])
def test_lists_as_programs_print_them(format_: str, program: str) -> None:
    """Names and keywords are read one by one; of a list where one value is meant the first is taken."""
    authors, words, journal = PRINTED[program]
    if format_ == "ris":
        text = f"TY  - JOUR\nTI  - ['Of ducks']\nAU  - {authors}\nKW  - {words}\nT2  - {journal}\nSN  - 0001-4842\nER  - \n"
    elif format_ == "bibtex":
        text = f"@article{{a, title={{['Of ducks']}}, author={{{authors}}}, keywords={{{words}}}, journal={{{journal}}}, issn={{['0001-4842']}}}}"
    else:
        cells = [
            '"' + cell.replace('"', '""') + '"' for cell in ("['Of ducks']", authors, words, journal, "['0001-4842']")
        ]
        text = f"Title,Authors,Keywords,Journal,ISSN\n{','.join(cells)}\n"
    (record,) = records(text)
    assert record["title"] == "Of ducks"
    assert [author["family"] for author in record["authors"]] == ["Lee", "Roe"]
    assert record["keywords"] == ["one word", "two's"]
    assert (record["container"], record["issn"]) == ("Journal of Ducks", "0001-4842")
