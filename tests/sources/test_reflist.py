"""Pasted text: where a reference begins and ends, what is none, and the page of an article with its own authors."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.cite.reading import read_citation
from digest.errors import Problem
from digest.model import Record
from digest.sources import Page, Parsed
from digest.sources.formats.reflist import parse

if TYPE_CHECKING:
    from pathlib import Path

    from digest.sources import Outcome

DUCKS = "Doe J, Roe R. Ducks in vivo. J Ducks. 2014; 32(15): 60-6. [PMID:24857584]"
GEESE = "Poe A. Geese and swans. J Geese. 2012; 3(1): 5-9."


def outcomes(text: str) -> list[Outcome]:
    return list(parse(Page(text.encode("utf-8", "replace"), "pasted.txt", format="text")))


def titles(text: str) -> list[str]:
    return [outcome.record.title.plain for outcome in outcomes(text) if isinstance(outcome, Parsed)]


LISTS = {
    "lines": f"{DUCKS}\n{GEESE}\n",
    "blank lines": f"{DUCKS}\n\n{GEESE}\n",
    "numbers with a full stop": f"1. {DUCKS}\n2. {GEESE}\n",
    "numbers with a colon, as PubMed has them": f"1: {DUCKS}\n\n2: {GEESE}\n",
    "numbers in brackets": f"[1] {DUCKS}\n[2] {GEESE}\n",
    "numbers in parentheses": f"(1) {DUCKS}\n(2) {GEESE}\n",
    "numbers with a parenthesis": f"1) {DUCKS}\n2) {GEESE}\n",
    "numbers and tabs": f"1\t{DUCKS}\n2\t{GEESE}\n",
    "bullets": f"• {DUCKS}\n• {GEESE}\n",
    "indented bullets": f"  - {DUCKS}\n  - {GEESE}\n",
    "a hanging indent": f"{DUCKS[:30]}\n    {DUCKS[30:]}\n{GEESE[:30]}\n    {GEESE[30:]}\n",
    "wrapped lines": f"{DUCKS[:28]}\n{DUCKS[29:]}\n{GEESE[:23]}\n{GEESE[24:]}\n",
    "wrapped lines with numbers": f"1. {DUCKS[:28]}\n{DUCKS[29:]}\n2. {GEESE[:23]}\n{GEESE[24:]}\n",
    "Windows": f"{DUCKS}\r\n{GEESE}\r\n",
    "authors and years": "Doe J and Roe R (2014) Ducks in vivo. J Ducks 32(15): 60-66.\nPoe A (2012) Geese and swans. J Geese 3(1): 5-9.\n",
    "a heading": f"References\n{DUCKS}\n{GEESE}\n",
}


@pytest.mark.parametrize("case", LISTS)
def test_references_are_found_in_lists_of_every_form(case: str) -> None:
    """Two references are two records, whatever precedes them and however lines are broken."""
    assert titles(LISTS[case]) == ["Ducks in vivo", "Geese and swans"]


def test_what_is_not_a_reference_is_reported_once() -> None:
    """Headings and prose are named in one note; nothing is left unsaid."""
    found = outcomes(f"References\n\nDucks are birds. They swim.\n\n{DUCKS}\n")
    (note,) = (outcome for outcome in found if isinstance(outcome, Problem))
    assert note.level == "note"
    assert "“References”; “Ducks are birds. They swim.”" in note.message


def test_an_item_that_cannot_be_read_is_a_problem_with_its_line() -> None:
    """A numbered item without a journal and a year is one error, with its text."""
    found = outcomes(f"1. {DUCKS}\n2. ibid., in 2014\n3. {GEESE}\n")
    assert len(found) == 3
    problem = found[1]
    assert isinstance(problem, Problem)
    assert (problem.level, problem.line) == ("error", 2)
    assert "ibid., in 2014" in problem.message


def test_text_without_references_is_an_error() -> None:
    """Where nothing was found, the text itself is what could not be read."""
    (problem,) = outcomes("Ducks are birds.\n")
    assert isinstance(problem, Problem)
    assert problem.level == "error"


def test_a_journals_page_gives_the_article_and_its_references(shared: Path) -> None:
    """The seed article's page gives the article with the names that its citation had glued, and all nine references."""
    article = json.loads((shared / "seed_article.json").read_text(encoding="utf-8"))
    wanted = json.loads((shared / "seed_references.json").read_text(encoding="utf-8"))["references"]
    own, *found = (
        outcome.record
        for outcome in parse(Page(shared / "seed_page.txt", "seed_page.txt"))
        if isinstance(outcome, Parsed)
    )
    assert own.title.plain == article["title"]
    assert [(a.given, a.family) for a in own.authors] == [(a["given"], a["family"]) for a in article["authors"]]
    assert [place.plain for place in own.affiliations] == article["affiliations"]
    assert (own.container, own.volume, own.issue, own.pages) == (
        article["journal"]["title"],
        article["volume"],
        article["issue"],
        article["pages"],
    )
    assert list(own.keywords) == article["keywords"]
    assert own.meeting
    assert own.meeting.event_line == article["event_line"]
    assert own.abstract[0].text.plain.startswith("Pancreatic neuroendocrine tumors (pNET) are a rare malignancy.")
    assert len(found) == len(wanted)
    for record, reference in zip(found, wanted, strict=True):
        expected = reference["record"]
        assert [(a.family, a.initials) for a in record.authors] == [
            (a["family"], a.get("initials", "")) for a in expected["authors"]
        ]
        assert record.authors_truncated == expected.get("authors_truncated", False)
        # The page has lost some blanks, as the case's own notes say.
        assert record.title.plain.replace(" ", "") == expected["title"].replace(" ", "")
        assert (record.volume, record.issue, record.pages, record.number) == tuple(
            expected.get(field, "") for field in ("volume", "issue", "pages", "number")
        )
        assert expected["container_short"] in {record.container_short, record.container}
        ids = expected.get("ids", {})
        assert (record.ids.pmid, record.ids.pmcid, record.ids.nbk) == (
            ids.get("pmid"),
            ids.get("pmcid"),
            ids.get("nbk"),
        )


HOSTILE = {
    "names without end": "Doe J, " * 20_000 + "2014; 1(1): 1-2.",
    "numbers without end": "1(1): " * 20_000 + "2014",
    "one long word": "A" * 200_000 + " 2014;1:2",
    "short lines": "Doe J. 2014; 1(1): 1-2.\n" * 1_000,
    "glued names": "DoeJ" * 3_000 + " 2014; 1(1): 1-2.",
    "years": "2014 " * 600,
    "identifiers": "10.1234/" * 350 + " 2014",
    "brackets": "[abstract" * 300 + " 2014;1:1",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_read_in_time(case: str) -> None:
    """Text that is long or repeats itself takes seconds at most."""
    started = time.process_time()
    outcomes(HOSTILE[case])
    assert time.process_time() - started < 60


@given(
    st.lists(st.sampled_from([f"1. {DUCKS}", f"[2] {GEESE}", "• ibid. 2014", "References", "", "Prose. More prose."]))
)
def test_every_line_is_in_a_record_or_reported(lines: list[str]) -> None:
    """Each reference gives a record, whatever surrounds it."""
    found = outcomes("\n\n".join(lines))
    assert sum(isinstance(outcome, Parsed) for outcome in found) == sum(
        "PMID" in line or "Geese" in line for line in lines
    )


STYLES = {
    "Vancouver": (
        "Doe J, van der Roe R. Geese: a cohort study? Yes. Imaginary J Stud. 2014 May;12(3):45-67.",
        "Doe J, van der Roe R | Geese: a cohort study? Yes | Imaginary J Stud | 2014-05 12 3 45-67 | article",
    ),
    "AMA": (
        "Doe JA, Roe B, et al. Geese in vivo. N Engl J Med. 2014;370(12):1101-1110. doi:10.1056/NEJMoa1400000",
        "Doe JA, Roe B, et al. | Geese in vivo | N Engl J Med | 2014 370 12 1101-1110 | article",
    ),
    "APA": (
        "Doe, J. A., & Roe, B. C. (2014). Geese in vivo: A study. Journal of Geese, 12(3), 45–67.",
        "Doe JA, Roe BC | Geese in vivo: A study | Journal of Geese | 2014 12 3 45-67 | article",
    ),
    "APA with a day and a number": (
        "Doe, J. A. (2014, May 3). Geese in vivo. Journal of Geese, 12, Article e123.",
        "Doe JA | Geese in vivo | Journal of Geese | 2014-05-03 12 e123 | article",
    ),
    "MLA": (
        'Doe, John A., and Jane Roe. "Geese in Vivo." Journal of Geese, vol. 12, no. 3, 2014, pp. 45-67.',
        "Doe JA, Roe J | Geese in Vivo | Journal of Geese | 2014 12 3 45-67 | article",
    ),
    "MLA of before": (
        'Doe-Poe, R., et al. "Geese in Vivo." Ann. Oncol. 25.3 (2014): 45-67.',
        "Doe-Poe R, et al. | Geese in Vivo | Ann Oncol | 2014 25 3 45-67 | article",
    ),
    "Chicago": (
        "Doe, John A., Jane Roe, and Ann Poe. “Geese in Vivo.” Journal of Geese 12, no. 3 (2014): 45–67.",
        "Doe JA, Roe J, Poe A | Geese in Vivo | Journal of Geese | 2014 12 3 45-67 | article",
    ),
    "Harvard": (
        "Doe, J.A. and Roe, B. (2014) 'Geese in vivo', Journal of Geese, 12(3), pp. 45-67.",
        "Doe JA, Roe B | Geese in vivo | Journal of Geese | 2014 12 3 45-67 | article",
    ),
    "Harvard without parentheses": (
        "Doe, J., 2014. Geese in vivo. Journal of Geese, 12(3), pp.45-67.",
        "Doe J | Geese in vivo | Journal of Geese | 2014 12 3 45-67 | article",
    ),
    "ACS": (
        "Doe, J. A.; Roe, B. C. Geese in vivo. J. Imag. Stud. 2014, 136 (12), 4567–4570.",
        "Doe JA, Roe BC | Geese in vivo | J. Imag. Stud. | 2014 136 12 4567-4570 | article",
    ),
    "Nature": (
        "Doe, J. A., Roe, B. & Poe, R. Geese in vivo. Nature 512, 45–67 (2014).",
        "Doe JA, Roe B, Poe R | Geese in vivo | Nature | 2014 512 45-67 | article",
    ),
    "IEEE": (
        "J. A. Doe and B. Roe, “Geese in vivo,” IEEE Trans. Med. Imaging, vol. 12, no. 3, pp. 45–67, May 2014.",
        "Doe JA, Roe B | Geese in vivo | IEEE Trans Med Imaging | 2014-05 12 3 45-67 | article",
    ),
    "full names": (
        "Jane A. Doe, John Roe. Geese in vivo. Gut 2014;63:1-2.",
        "Doe JA, Roe J | Geese in vivo | Gut | 2014 63 1-2 | article",
    ),
    "a group": (
        "Beat AML Study Group. Geese in vivo. Blood. 2014;123(4):45-6.",
        "Beat AML Study Group | Geese in vivo | Blood | 2014 123 4 45-46 | article",
    ),
    "a group after people": (
        "Doe J, Roe B; ABC Study Group. Geese in vivo. Blood. 2014;123(4):45-6.",
        "Doe J, Roe B, ABC Study Group | Geese in vivo | Blood | 2014 123 4 45-46 | article",
    ),
    "a volume without pages": (
        "Doe J, Roe R. Geese in vivo. J Natl Cancer Inst 2015; 107(2).",
        "Doe J, Roe R | Geese in vivo | J Natl Cancer Inst | 2015 107 2 | article",
    ),
    "a book": (
        "Doe JA, Roe B. Handbook of Geese. 2nd ed. New York: Springer; 2010.",
        "Doe JA, Roe B | Handbook of Geese |  | 2010 | book",
    ),
    "a chapter": (
        "Doe JA. Wild geese. In: Roe B, Poe R, editors. Handbook of Geese. 2nd ed. New York: Springer; 2010.",
        "Doe JA | Wild geese | Handbook of Geese | 2010 | chapter",
    ),
    "a page of the web": (
        "National Goose Institute. Geese in the wild. Available from: https://goose.example/a. Accessed May 3, 2014.",
        "National Goose Institute | Geese in the wild |  |  | web",
    ),
    "no tags": (
        "DoeJARoeBVan PoeRGeese in vivo: a study of birdsJ Clin Oncol20143215s4086",
        "Doe JA, Roe B, Van Poe R | Geese in vivo: a study of birds | J Clin Oncol | 2014 32 15 Suppl 4086 | meeting-abstract",
    ),
    "no tags, pages": (
        "DoeJARoeBGeese in vivo: a study of birdsPancreas2014434223229",
        "Doe JA, Roe B | Geese in vivo: a study of birds | Pancreas | 2014 43 4 223-229 | article",
    ),
    "no blanks in names": (
        "DoeJA, RoeB, et al Geese in vivo: a study [abstract]. Gut 2014;63:1-2.",
        "Doe JA, Roe B, et al. | Geese in vivo: a study | Gut | 2014 63 1-2 | meeting-abstract",
    ),
    "a meeting": (
        "Doe J, Roe R. Geese in vivo [abstract]. Annual meeting of the Goose Society. Oslo; 2016. Abstract 33",
        "Doe J, Roe R | Geese in vivo |  | 2016 33 | meeting-abstract",
    ),
}


@pytest.mark.parametrize("case", STYLES)
def test_references_in_every_style(case: str) -> None:
    """People, title, journal, year, volume, issue, pages and number are recognised in any usual style."""
    text, wanted = STYLES[case]
    found = [outcome for outcome in outcomes(f"1. {text}\n") if isinstance(outcome, Parsed)]
    (record,) = (outcome.record for outcome in found)
    people = [person.short for person in record.authors] + ["et al."] * record.authors_truncated
    numbers = (record.issued, record.volume, record.issue, record.supplement, record.pages, record.number)
    name = record.container_short or record.container
    got = (", ".join(people), record.title.plain, name, " ".join(str(part) for part in numbers if part), record.type)
    assert " | ".join(got).replace("Stud |", "Stud. |") == wanted.replace("Stud |", "Stud. |")


def test_what_was_guessed_is_reported() -> None:
    """Numbers that ran together, and a book that may be something else, are warnings that come with the record."""
    for text in (
        "DoeJARoeBGeese in vivo: a study of birdsPancreas201443423",
        "DoeJARoeBGeese in vivo: a study of birdsPancreas20144342",
        "Doe JA. Handbook of Geese. 2nd ed. New York: Springer; 2010.",
    ):
        (parsed,) = (outcome for outcome in outcomes(f"1. {text}\n") if isinstance(outcome, Parsed))
        assert [(problem.level, problem.code) for problem in parsed.problems] == [("warning", "unsure")]


def test_most_citations_of_abstracts_are_read(shared: Path) -> None:
    """Of 147 citations as articles print them all give a record, and of the 82 that were taken apart 72 are the same."""
    right = read = total = 0
    with (shared / "records/more/conference_abstract_citations.jsonl").open(encoding="utf-8") as lines:
        for case in map(json.loads, lines):
            if case.get("readable") is False:
                continue
            total += 1
            record = read_citation(case["text"])
            if isinstance(record, Problem):
                continue
            read += 1
            if case.get("title"):
                right += agrees(record, case)
    assert (total, read, right >= 72) == (147, 147, True), (read, right)


def agrees(record: Record, case: dict[str, Any]) -> bool:
    """Whether families, title, year and volume are those of the case; “[abstract]” belongs to no title."""
    families = [person.family_name.casefold() for person in record.authors]
    groups = [re.sub(r"^(on behalf of )?(the )?", "", name.casefold()) for name in case["collab"]]
    year = str(record.issued.year) if record.issued else ""
    return (
        families == [family.casefold() for family, _ in case["authors"]] + groups
        and bare(record.title.plain) == bare(case["title"])
        and year == (case["year"] or year)
        and record.volume == (case["volume"] or record.volume)
    )


def bare(title: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"[\[(][^\])]*abstract[^\])]*[\])]", "", title.casefold()))


def test_references_without_numbers() -> None:
    """References that are wrapped and not numbered are cut where the one before is complete; broken pages are joined."""
    text = (
        "Kuo JH, Lee JA, Chabot JA. Nonfunctional pancreatic\nneuroendocrine tumors. Surg Clin North Am. 2014;94(3):689-\n"
        "708.\nYao JC, Shah MH, Ito T, et al. Everolimus for\nadvanced pancreatic neuroendocrine tumors. N Engl J\n"
        "Med. 2011;364(6):514-23.\n"
    )
    records = [outcome.record for outcome in parse(Page(text.encode(), "x.txt")) if isinstance(outcome, Parsed)]
    assert [(record.authors[0].family, record.pages) for record in records] == [("Kuo", "689-708"), ("Yao", "514-523")]


def test_a_book_is_no_journal_of_its_name() -> None:
    """The journal Pancreas does not take the chapters of a book that is called “The Pancreas”."""
    text = "1. Beger HG. Chapter one. In: Adams DB, editor. The Pancreas. Oxford: Wiley; 2018. p. 12-34.\n"
    (found,) = (outcome.record for outcome in outcomes(text) if isinstance(outcome, Parsed))
    assert (found.type, found.container, found.container_short) == ("chapter", "The Pancreas", "")


def test_identifiers_alone() -> None:
    """A line that is nothing but an identifier is reported, each with its line."""
    text = "10.1016/j.suc.2014.02.010\nhttps://doi.org/10.1200/JCO.2014.32.15_suppl.e15166\nPMID: 21306238\n"
    problems = [outcome for outcome in parse(Page(text.encode(), "x.txt")) if isinstance(outcome, Problem)]
    assert [(problem.code, problem.line) for problem in problems] == [("only-identifier", n) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'A. Vaswani, N. Shazeer, and N. Parmar, "Attention is all you need," in Proc. NeurIPS, Long Beach, CA, USA, 2017, pp. 5998-6008.',
            ("article", "Vaswani", "Attention is all you need", "Proc. NeurIPS", "5998-6008", "", 3),
        ),
        (
            "Yao, J. C., Shah, M. H., Ito, T., … Öberg, K. (2011). Everolimus for advanced tumors. New England Journal of Medicine, 364(6), 514–523.",
            ("article", "Yao", "Everolimus for advanced tumors", "New England Journal of Medicine", "514-523", "", 3),
        ),
        (
            "Chen L, Liu R. A study of things [abstract no. 234]. Ann Oncol 2014;25(suppl 4):iv210–iv253.",
            ("meeting-abstract", "Chen", "A study of things", "Annals of Oncology", "iv210-iv253", "234", 2),
        ),
        (
            "Doe A, Roe B. Neuroendocrine tumours: ESMO guidelines. Ann Oncol. 2012;23 Suppl 7:vii124-30.",
            ("article", "Doe", "Neuroendocrine tumours: ESMO guidelines", "Annals of Oncology", "vii124-vii130", "", 2),
        ),
        (
            "Müller K, Roe B. Outcome of IPMN. Gut 2012;61(Suppl 3):A123.",
            ("meeting-abstract", "Müller", "Outcome of IPMN", "Gut", "A123", "", 2),
        ),
    ],
)
def test_what_was_misread(text: str, expected: tuple[str, str, str, str, str, str, int]) -> None:
    """Proceedings in IEEE's form, APA's ellipsis, a number in the title's bracket, a guideline in a supplement."""
    record = read_citation(text)
    assert isinstance(record, Record)
    found = (record.type, record.authors[0].family, record.title.plain, record.container, record.pages, record.number)
    assert (*found, len(record.authors)) == expected


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("A ran-", "domised trial of stents"), "A randomised trial of stents"),
        (("A pla-", "cebo in stents"), "A placebo in stents"),
        (("The long-", "term outcome of stents"), "The long-term outcome of stents"),
        (("An open-", "label trial of stents"), "An open-label trial of stents"),
        (("A placebo-", "controlled trial of stents"), "A placebo-controlled trial of stents"),
        (("The role of anti-", "inflammatory stents"), "The role of anti-inflammatory stents"),
        (("The role of IL-", "6 in stents"), "The role of IL-6 in stents"),
    ],
)
def test_words_that_were_broken_at_the_end_of_a_line(lines: tuple[str, str], words: str) -> None:
    """A compound keeps its hyphen; the printer's goes."""
    first, second = lines
    text = f"1. Roe JA, van ’t Hoff K; DUCK-2 Study Group. {first}\n{second}. BMJ. 2014;4(7):12-5.\n"
    (read,) = [found for found in parse(Page(text.encode(), "list.txt")) if isinstance(found, Parsed)]
    assert read.record.title.plain == words
    assert [person.literal or person.family for person in read.record.authors] == ["Roe", "Hoff", "DUCK-2 Study Group"]
