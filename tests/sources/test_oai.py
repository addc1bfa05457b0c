"""OAI-PMH answers: Dublin Core as repositories fill it, JATS inside, deletions, errors, broken answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.sources.formats.oai import parse
from digest.sources.page import Deleted, Outcome, Page, Parsed
from tests.conftest import files_of

if TYPE_CHECKING:
    from pathlib import Path


def outcomes(content: str | bytes) -> list[Outcome]:
    data = content.encode() if isinstance(content, str) else content
    return list(parse(Page(data, "page.xml", format="oai-pmh")))


def answer(*records: str, verb: str = "ListRecords") -> str:
    inner = f"<{verb}>{''.join(records)}<resumptionToken/></{verb}>"
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request verb="{verb}">x</request>{inner}</OAI-PMH>'


def record(metadata: str, *, identifier: str = "oai:x:1", status: str = "") -> str:
    attribute = f' status="{status}"' if status else ""
    header = f"<header{attribute}>{identifier and f'<identifier>{identifier}</identifier>'}</header>"
    return f"<record>{header}{metadata and f'<metadata>{metadata}</metadata>'}</record>"


def dc(**fields: str | list[str]) -> str:
    fields = {"title": "Ducks", **fields}
    inner = "".join(
        f"<dc:{name}>{text}</dc:{name}>"
        for name, texts in fields.items()
        for text in ([texts] if isinstance(texts, str) else texts)
    )
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{inner}</oai_dc:dc>'
    )


def one(**fields: str | list[str]) -> Parsed:
    (found,) = outcomes(answer(record(dc(**fields))))
    assert isinstance(found, Parsed), found
    return found


SOURCES = {
    "OJS 3": "JOP. Journal of the Pancreas; Vol. 15 No. 4 (2014): JOP; 332-334",
    "OJS 2": "JOP. Journal of the Pancreas; Vol 15, No 4 (2014); 332-334",
    "Spanish": "JOP. Journal of the Pancreas; Vol. 15 Núm. 4 (2014): Julio; 332-334",
    "Portuguese": "JOP. Journal of the Pancreas; v. 15 n. 4 (2014): JOP; 332-334",
    "an issue with a semicolon": "JOP. Journal of the Pancreas; Vol. 15 No. 4 (2014): Ducks; Geese (p. 301-432); 332-334",
    "German": "JOP. Journal of the Pancreas; Bd. 15 Nr. 4 (2014): JOP; 332-334",
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_the_source_of_a_journal_system_is_taken_apart(source: str) -> None:
    """Journal, volume, issue, pages and year are in one sentence, in the language of the journal."""
    found = one(source=[source, "1590-8577"]).record
    assert (found.container, found.volume, found.issue, found.pages) == (
        "JOP. Journal of the Pancreas",
        "15",
        "4",
        "332-334",
    )
    assert (str(found.issued), found.issn) == ("2014", "1590-8577")


SOURCES_IN_PART = {
    "no issue": ("Ducks Today; Vol. 7 (2019); e12", ("Ducks Today", "7", "", "e12")),
    "no volume": ("Ducks Today; No. 12 (2019): Spring; 1-3", ("Ducks Today", "", "12", "1-3")),
    "a year alone": ("Ducks Today; 2019: Ducks", ("Ducks Today", "", "", "")),
    "a name alone": ("Ducks Today", ("Ducks Today", "", "", "")),
}


@pytest.mark.parametrize(("source", "wanted"), SOURCES_IN_PART.values(), ids=SOURCES_IN_PART)
def test_a_source_without_all_its_parts(source: str, wanted: tuple[str, ...]) -> None:
    """What is missing stays empty; nothing slips into another field."""
    found = one(source=source).record
    assert (found.container, found.volume, found.issue, found.pages) == wanted


CREATORS: dict[str, tuple[str | list[str], list[str], list[str]]] = {
    "several": (["Saif, Muhammad Wasif", "Berg, Jan van der"], ["Muhammad Wasif Saif", "Jan van der Berg"], []),
    "an affiliation after the name": (
        ["Saif, M.; Tufts Medical Center; Boston", "Roe, B.; Tufts Medical Center; Boston"],
        ["M. Saif", "B. Roe"],
        ["Tufts Medical Center; Boston"],
    ),
    "all in one": ("Saif, M.; Roe, B.; Doe, C.", ["M. Saif", "B. Roe", "C. Doe"], []),
    "a group": ("Duck Study Group", ["Duck Study Group"], []),
}


@pytest.mark.parametrize(("creator", "authors", "affiliations"), CREATORS.values(), ids=CREATORS)
def test_creators(creator: str | list[str], authors: list[str], affiliations: list[str]) -> None:
    """Each creator is an author, with the affiliation that follows the name."""
    found = one(creator=creator).record
    # Bare initials are kept as letters.
    assert [author.full.replace(".", "") for author in found.authors] == [name.replace(".", "") for name in authors]
    assert [place.plain for place in found.affiliations] == affiliations


def test_dates_identifiers_and_rights() -> None:
    """The earliest date made exact, identifiers in any spelling, the licence by its address."""
    found = one(
        date=["2014", "2014-12-10", "2015-01-02T10:00:00Z"],
        identifier=[
            "http://www.ncbi.nlm.nih.gov/pmc/articles/PMC4261701/",
            "http://www.ncbi.nlm.nih.gov/pubmed/25540631",
            "https://journal.example/index.php/jop/article/view/2",
            "90-9014980-5",
            "12345",
        ],
        relation="10.6092/1590-8577/2345",
        rights=["All is free", "https://creativecommons.org/licenses/by/4.0"],
        language="eng",
        subject=["ducks; geese", "Research Article"],
        type=["info:eu-repo/semantics/article", "Peer-reviewed Article"],
    ).record
    assert (str(found.issued), found.permission, found.language) == ("2014-12-10", "full", "en")
    assert (found.ids.doi, found.ids.pmid, found.ids.pmcid, found.ids.isbn) == (
        "10.6092/1590-8577/2345",
        "25540631",
        "PMC4261701",
        "9090149805",
    )
    assert found.ids.url == "https://journal.example/index.php/jop/article/view/2"
    assert (found.keywords, found.type) == (("ducks", "geese"), "article")


def test_of_several_descriptions_one_is_the_abstract() -> None:
    """The first that is long enough is the abstract; the others are reported."""
    found = one(description=["12 pages", "Background: " + "a duck " * 40 + ". Results: none were seen."])
    assert [part.label for part in found.record.abstract] == ["Background", "Results"]
    assert "12 pages" in str(found.problems[0])


def test_lines_of_a_description_may_begin_with_labels() -> None:
    """Line ends count where labels begin lines; what the repository writes about its work is not the abstract."""
    found = one(
        description=["Made available in DSpace on 2014-05-20. " * 9, "Context\nDucks swim.\n\nResults\nGeese fly."]
    )
    assert [(part.label, part.text.plain) for part in found.record.abstract] == [
        ("Context", "Ducks swim."),
        ("Results", "Geese fly."),
    ]
    assert found.problems == ()


def test_titles_in_two_languages() -> None:
    """The title in the record's language is taken, the other is reported."""
    (found,) = outcomes(
        answer(
            record(
                dc(language="en").replace(
                    "<dc:title>Ducks", '<dc:title xml:lang="de">Enten</dc:title><dc:title xml:lang="en-US">Ducks'
                )
            )
        )
    )
    assert isinstance(found, Parsed)
    assert found.record.title.plain == "Ducks"
    assert "Enten" in str(found.problems[0])


JATS = (
    '<article xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/" article-type="abstract"><front><article-meta><title-group>'
    "<article-title>Geese</article-title></title-group></article-meta></front><body><p>Text.</p></body></article>"
)


def test_jats_and_deletions_keep_their_identifiers() -> None:
    """Records of several kinds are in one answer, each known by its identifier."""
    found = outcomes(
        answer(
            record(JATS, identifier="oai:x:1"),
            record("", identifier="oai:x:2", status="deleted"),
            record(dc(), identifier="oai:x:3"),
        )
    )
    assert [(type(one), getattr(one, "identifier", "")) for one in found] == [
        (Parsed, "oai:x:1"),
        (Deleted, "oai:x:2"),
        (Parsed, "oai:x:3"),
    ]


TOLD = {
    "nothing found": ('<error code="noRecordsMatch">none</error>', "note", "nothing-found"),
    "a broken token": ('<error code="badResumptionToken"/>', "error", "oai-error"),
    "no metadata": (record(""), "error", "no-metadata"),
    "MARC": (record('<record xmlns="http://www.loc.gov/MARC21/slim"><leader/></record>'), "error", "prefix"),
    "MODS": (record('<mods xmlns="http://www.loc.gov/mods/v3"/>'), "error", "prefix"),
    "deleted without a name": (record("", identifier="", status="deleted"), "error", "no-identifier"),
    "an empty list": ("", "note", "nothing-found"),
}


@pytest.mark.parametrize(("inner", "level", "code"), TOLD.values(), ids=TOLD)
def test_what_is_not_a_record_is_reported(inner: str, level: str, code: str) -> None:
    """An error of the repository, or a record that cannot be read, is one problem."""
    (found,) = outcomes(answer(inner))
    assert isinstance(found, Problem)
    assert (found.level, found.code) == (level, code)


def test_another_namespace_is_not_passed_over() -> None:
    """Records in a foreign namespace are an error, not an empty answer."""
    (found,) = outcomes(answer(record(dc())).replace("http://www.openarchives.org/OAI/2.0/", "http://example.org/"))
    assert isinstance(found, Problem)
    assert found.code == "namespace"


def test_the_same_record_again_is_reported_once_each() -> None:
    """A record that is repeated exactly is one record; another one under its name is kept."""
    found = outcomes(answer(record(dc()), record(dc()), record(dc(title="Geese"))))
    assert [type(one) for one in found] == [Parsed, Problem, Parsed]


@pytest.mark.parametrize(
    "broken", [b"A & B", b"caf\xe9", b"a\x02b", b"&nbsp;x"], ids=["&", "bytes", "control", "entity"]
)
def test_a_broken_character_loses_no_record(broken: bytes) -> None:
    """One bad character within three records loses none of them."""
    page = answer(*(record(dc(), identifier=f"oai:x:{n}") for n in range(3))).encode()
    first = page.index(b"Ducks") + 5
    at = page.index(b"Ducks", first)
    found = outcomes(page[:at] + broken + page[at + 5 :])
    assert [one.identifier for one in found if isinstance(one, Parsed)] == ["oai:x:0", "oai:x:1", "oai:x:2"]


@pytest.mark.parametrize(
    "page", [b"", b"broken xml", b"<html><body>Sorry</body></html>", b"<!DOCTYPE html><html><br></html>"]
)
def test_no_answer_at_all_is_an_error(page: bytes) -> None:
    """HTML or nothing in the place of an answer is an error."""
    (found,) = outcomes(page)
    assert isinstance(found, Problem)
    assert found.level == "error"


@given(st.binary(max_size=200), st.integers(0, 3000))
@example(b"", 0)
@example(b"</record>", 500)
def test_records_in_are_records_and_problems_out(noise: bytes, at: int) -> None:
    """Whatever bytes get into an answer, its records are there or an error says that they are not."""
    page = answer(*(record(dc(), identifier=f"oai:x:{n}") for n in range(3)), record(JATS, identifier="y")).encode()
    try:
        found = outcomes(page[:at] + noise + page[at:])
    except DigestError:
        return
    kept = sum(not isinstance(one, Problem) for one in found)
    assert kept >= 4 or any(isinstance(one, Problem) for one in found)


def test_hostile_pages(shared: Path) -> None:
    """Each made attack is answered within two seconds, with three records where three are in it."""
    for path in sorted((shared / "hostile" / "made" / "oai").glob("*.xml")):
        start = time.process_time()
        try:
            found = list(parse(Page(path, path.name)))
        except DigestError:
            found = []
        assert time.process_time() - start < 60
        if path.stem in {"bare-amp", "ctrl-char", "latin1"}:
            assert sum(isinstance(one, Parsed) for one in found) == 3


def test_answers_lose_nothing() -> None:
    """Each ``<record>`` of an answer gives a record, a deletion or an error."""
    files = files_of("oai-pmh", "records/more/oai_pmh/**/*.xml")
    for path in (path for path in files if "Broken" not in path.name):
        found = list(parse(Page(path, path.name)))
        assert found
        count = path.read_bytes().count(b"<record>")
        assert sum(not isinstance(one, Problem) or one.level == "error" for one in found) >= count


PARTS = {
    "the list goes on": (
        '<resumptionToken completeListSize="500" cursor="0">abc</resumptionToken>',
        "2 of 500 records",
    ),
    "nobody knows how far": ("<resumptionToken>abc</resumptionToken>", "2 records"),
    "its last part": ('<resumptionToken completeListSize="1500" cursor="1498"/>', "2 of 1,500 records"),
    "the whole list": ('<resumptionToken completeListSize="2" cursor="0"/>', ""),
    "a list that was never cut": ("", ""),
    "an odd size": ('<resumptionToken completeListSize="-7">abc</resumptionToken>', "2 records"),
}


@pytest.mark.parametrize("case", PARTS)
def test_a_saved_part_of_a_list_says_so(case: str) -> None:
    """The rest of a list is reported to be missing, but not while its parts are requested one by one."""
    token, count = PARTS[case]
    list_of_two = (
        f"<ListRecords>{record(dc())}{record('', identifier='oai:x:2', status='deleted')}{token}</ListRecords>"
    )
    content = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{list_of_two}</OAI-PMH>'.encode()
    problems = [outcome for outcome in parse(Page(content, "page.xml")) if isinstance(outcome, Problem)]
    assert [(problem.level, problem.code) for problem in problems] == ([("warning", "incomplete")] if count else [])
    assert all(f", {count};" in problem.message for problem in problems)
    page = Page(content, "http://example.org/")
    page.followed = True
    assert not [outcome for outcome in parse(page) if isinstance(outcome, Problem)]


@pytest.mark.parametrize(
    ("dates", "wanted"),
    [
        (["2014", "05", "30"], "2014-05-30"),  # each part an element of its own
        (["2014", "May"], "2014-05"),
        (["2014-05", "2014"], "2014-05"),
        (["2014 May 30"], "2014-05-30"),
        (["2014-05-30/2014-06-03"], "2014-05-30"),  # W3CDTF, a span
        (["2014-05-30T10:00:00Z", "2013"], "2013"),  # a time of day is that of archiving
    ],
)
def test_dates_in_parts(dates: list[str], wanted: str) -> None:
    """Several dates of Dublin Core are read as one where they are its parts."""
    assert str(one(title="Ducks", date=dates).record.issued) == wanted
