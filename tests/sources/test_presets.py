"""Congresses by name: the table, what it becomes, and the way from an empty folder to a filled library."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, get_args

import pytest

from digest import strict
from digest.cite.societies import book
from digest.errors import DigestError
from digest.publication import PresetName, Publication
from digest.sources.presets import expand_preset, get_preset, list_presets
from tests.conftest import ROOT
from tests.sources.server import Exchange, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[..., tuple[int, str, str]]

YEARS = range(2017, 2031)


# --- The table -------------------------------------------------------------------------------------------------------


def test_names() -> None:
    """Files may name exactly the congresses of the table, each once."""
    names = [preset.name for preset in list_presets()]
    assert sorted(names) == sorted(set(get_args(PresetName)) - {""})


def test_one_place_for_each_fact() -> None:
    """What is cited is in the table of societies: it has each society, with the journal as it is called here."""
    known = {(row.society, row.container) for row in book().journals}
    societies = {society for society, _ in known}
    journals = {container for _, container in known}
    for preset in list_presets():
        assert not preset.society or preset.society in societies, preset.name
        if preset.journal in journals and preset.society != "IASLC":
            assert (preset.society, preset.journal) in known, preset.name


def expanded() -> Iterator[Any]:
    for preset in list_presets():
        for year in YEARS:
            with contextlib.suppress(DigestError):
                yield expand_preset(preset.name, year)


def test_what_nobody_has_seen_is_in_no_record() -> None:
    """Records get a meeting only where its abstracts are certainly known from others, and days only from what was seen."""
    for asked in expanded():
        editions = {edition.year: edition for edition in asked.preset.editions}
        for source in asked.sources:
            assert (source.meeting is not None) == asked.is_sure
            assert not source.container
            assert source.issued is None
            edition = editions.get(asked.year)
            if source.meeting and source.meeting.start and edition and not edition.verified:
                assert source.meeting.start != edition.start
        assert asked.is_sure or any("do not get the meeting" in what for what in asked.unsure)
        assert not asked.preset.unseen or asked.unsure


# A congress, its year, and what is taken, asked and given: DOIs of JCO hold volume and supplement (table of societies);
# San Antonio's abstracts appear in the year after the symposium; Elsevier's item numbers hold the year of publication.
EXPANDED = [
    ("asco-gi", 2025, {"doi": "10.1200/jco.2025.43.4_suppl.*"}, "2025-01-01 2025-02-28", "2025"),
    ("asco-gu", 2025, {"doi": "10.1200/jco.2025.43.5_suppl.*"}, "2025-01-01 2025-03-31", "2025"),
    (
        "asco-annual",
        2024,
        {"doi": "10.1200/jco.2024.42.17_suppl.*|10.1200/jco.2024.42.16_suppl.*"},
        "2024-05-01 2024-06-30",
        "2024-05-31",
    ),
    ("asco-gi", 2029, {"doi": "10.1200/jco.2029.47.*_suppl.*"}, "2029-01-01 2029-02-28", ""),
    ("sabcs", 2023, {"doi": "10.1158/*.sabcs23-*"}, "2024-01-01 2024-08-31", "2023"),
    ("aacr", 2024, {"doi": "10.1158/1538-7445.am2024-*"}, "2024-03-01 2024-08-31", "2024-04-05"),
    ("aha", 2020, {"doi": "10.1161/circ.142.suppl_3.*"}, "2020-10-01 2020-12-31", "2020"),
    ("aha", 2024, {"doi": "10.1161/circ.150.suppl_1.*"}, "2024-10-01 2024-12-31", "2024"),
    ("easl", 2024, {"doi": "10.1016/s0168-8278(24)*", "pages": "S*"}, "2024-04-01 2024-09-30", "2024"),
    ("ADA", 2026, {"doi": "10.2337/db26-*-*"}, "2026-05-01 2026-07-31", "2026"),
]


@pytest.mark.parametrize(
    ("name", "year", "only", "span", "meeting"), EXPANDED, ids=[f"{row[0]}-{row[1]}" for row in EXPANDED]
)
def test_expanded(name: str, year: int, only: dict[str, str], span: str, meeting: str) -> None:
    """A congress of a year becomes a question about its journal in its months, and what to take of the answer."""
    asked = expand_preset(name, year)
    source = asked.sources[0]
    assert source.name == f"{name.lower()}-{year}"
    assert source.only == only
    assert " ".join(asked.published) == span
    first, last = asked.published
    assert source.crossref["filter"].endswith(f"from-pub-date:{first},until-pub-date:{last}")
    assert str((source.meeting and source.meeting.start) or (meeting if source.meeting else "")) == meeting


def test_several_services() -> None:
    """Further services are further sources, which ask the same of the same days."""
    crossref, europepmc = expand_preset("sitc", 2024).sources
    assert (crossref.name, europepmc.name) == ("sitc-2024", "sitc-2024-europepmc")
    assert crossref.crossref["filter"] == "issn:2051-1426,from-pub-date:2024-11-01,until-pub-date:2024-12-31"
    assert europepmc.europepmc == '(ISSN:"2051-1426") AND FIRST_PDATE:[2024-11-01 TO 2024-12-31]'
    assert crossref.only == europepmc.only


def test_proceedings() -> None:
    """Proceedings that are one file are asked for at their address."""
    (source,) = expand_preset("aistats", 2023).sources
    assert source.address == "https://proceedings.mlr.press/v206/assets/bib/bibliography.bib"
    assert source.meeting


def test_table_of_the_manual(golden: Callable[[str, str], None]) -> None:
    """The manual lists every congress with its journal, how it is asked for, and whether all of the row was seen."""
    text = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    before, begin, rest = text.partition(
        "<!-- presets: written by ./run test --renew -n 0 tests/sources/test_presets.py -->\n"
    )
    _, end, after = rest.partition("<!-- end of presets -->")
    assert begin
    assert end
    rows = [
        "| name | congress | held | journal or proceedings | asked | not verified |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for preset in list_presets():
        asked = ", ".join(preset.services) or ("its file" if preset.address else "–")
        unseen = ", ".join(preset.unseen) or "–"
        rows.append(
            f"| `{preset.name}` | {preset.title} | {preset.held} | {preset.journal or '–'} | {asked} | {unseen} |"
        )
    golden("docs/sources.md", before + begin + "\n" + "\n".join(rows) + "\n\n" + end + after)


# --- Files -----------------------------------------------------------------------------------------------------------

# The lines of a source in digest.yaml, and what is said of them; nothing where they are right.
WRITTEN = [
    ("preset: asco-gi\n    year: 2025", ""),
    ("preset: asco-gi\n    year: 2025\n    name: gi\n    match: pancrea*\n    only: {title: '*trial*'}", ""),
    ("preset: asco-gj\n    year: 2025", "; did you mean “asco-g"),
    ("preset: asco-gi", "the key “year” is missing"),
    ("name: x\n    pubmed: x\n    year: 2025", "only a preset has a year"),
    ("preset: asco-gi\n    year: 2025\n    pubmed: x", "exactly one of"),
    ("pubmed: x", "the key “name” is missing"),
    ("name: x\n    pubmed: x\n    only: {doj: x}", "“doj”"),
]


@pytest.mark.parametrize(("lines", "said"), WRITTEN, ids=[row[0] for row in WRITTEN])
def test_written(lines: str, said: str) -> None:
    """A congress in digest.yaml is read strictly, with the line of a mistake."""
    read = strict.read(f"title: A\nsources:\n  - {lines}\n", Publication, "digest.yaml")
    assert [said in str(problem) for problem in read.problems] == ([True] if said else [])
    assert all(problem.line for problem in read.problems)


def test_two_of_one_name() -> None:
    """The name of a congress is its own with the year; twice the same are two sources of one name."""
    text = "title: A\nsources:\n" + "  - {preset: esmo, year: 2024}\n" * 2
    read = strict.read(text, Publication, "digest.yaml")
    assert "two sources are called “esmo-2024”" in str(read.problems[0])


@pytest.mark.parametrize(
    ("name", "year", "said"),
    [
        ("asco", 2025, "did you mean “asco-annual” or “asco-gi” or “asco-gu”?"),
        ("esno", 2025, "did you mean"),
        ("esmo", 2012, "holds from 2020 on"),
        ("rsna", 2025, "in no service that can be asked; its abstracts are not in a journal"),
        ("icml", 2010, "holds from 2017 on"),
        ("eular", 2025, "holds from 2014 to 2024"),
        ("icml", 2017, "the volume of International Conference on Machine Learning 2017 is not known"),
    ],
)
def test_what_is_not_known(name: str, year: int, said: str) -> None:
    """An unknown congress or year is an error that says what to do."""
    with pytest.raises(DigestError) as error:
        expand_preset(name, year)
    assert said in str(error.value)


@pytest.mark.parametrize("typed", ["asco-gi", "ASCO-GI", "asco gi", " ASCO_GI "])
def test_as_people_type_it(typed: str) -> None:
    """Capitals, blanks and underscores make no difference."""
    assert get_preset(typed).name == "asco-gi"


# --- From nothing to a library ---------------------------------------------------------------------------------------


def work(number: int, title: str) -> dict[str, Any]:
    """An abstract as JCO deposits it: the number is page and end of the DOI."""
    return {
        "DOI": f"10.1200/JCO.2025.43.4_suppl.{number}",
        "type": "journal-article",
        "title": [title],
        "author": [{"family": "Roe", "given": "Jane"}],
        "container-title": ["Journal of Clinical Oncology"],
        "volume": "43",
        "issue": "4_suppl",
        "page": str(number),
        "published-print": {"date-parts": [[2025, 2, 1]]},
    }


class Crossref:
    """Crossref with 250 abstracts, every fifth about the pancreas, an article, and something else."""

    def __init__(self) -> None:
        self.works: list[Any] = [
            work(number, f"Invented {'pancreatic' if number % 5 == 0 else 'colonic'} trial {number}")
            for number in range(500, 750)
        ]
        article = {"DOI": "10.1200/JCO.24.01234", "type": "journal-article", "title": ["A pancreatic article"]}
        self.works[100:100] = [article, "odd"]
        self.asked: list[Exchange] = []

    def answer(self, exchange: Exchange) -> None:
        self.asked.append(exchange)
        if len(self.asked) == 2:
            exchange.reply("slow down", 429, Retry_After="1")
            return
        cursor = exchange.query["cursor"]
        start = 0 if cursor == "*" else int(cursor)
        part = self.works[start : start + 200]
        message = {"items": part, "next-cursor": str(start + len(part)), "total-results": len(self.works)}
        exchange.reply(json.dumps({"status": "ok", "message": message}))


@pytest.fixture
def crossref(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crossref]:
    service = Crossref()
    with Server(service.answer) as server:
        monkeypatch.setenv("DIGEST_ADDRESS_CROSSREF", f"{server.url}/works")
        yield service


ASKED = ("collect", "--preset", "asco-gi", "--year", "2025", "--match", "pancrea*")


def test_from_nothing(crossref: Crossref, tmp_path: Path, digest_in: Callable[[Path], Run]) -> None:
    """One command in an empty folder makes a library that can be searched, and a file that says where it is from."""
    run = digest_in(tmp_path)
    code, out, err = run(*ASKED, "-v")
    assert (code, out) == (0, "asco-gi-2025: 50 new, 201 left out, 1 refused\n"), err
    assert "digest.yaml was made" in err
    assert "200 records were left out, because only what fits “pancrea*” is taken" in err
    assert "one record was left out, because only “10.1200/jco.2025.43.4_suppl.*” is taken" in err
    assert "[no-work]" in err
    query = crossref.asked[0].query
    assert query["filter"] == "issn:0732-183X,issn:1527-7755,from-pub-date:2025-01-01,until-pub-date:2025-02-28"
    assert len(crossref.asked) == 3  # one of them was asked to wait
    assert run("search", "trial 505")[1].startswith("doi:10.1200/jco.2025.43.4_suppl.505\t505 Roe")
    shown = run("show", "10.1200/jco.2025.43.4_suppl.505", "--json")[1]
    record = json.loads(shown)["record"]
    assert record["number"] == "505"
    assert record["meeting"] == {"name": "ASCO Gastrointestinal Cancers Symposium 2025", "society": "ASCO"}
    assert run("collect")[1] == "asco-gi-2025: 50 unchanged, 201 left out, 1 refused\n"
    assert run("new", "--date", "2025-02-10")[0] == 0


def test_nothing_there_yet(crossref: Crossref, tmp_path: Path, digest_in: Callable[[Path], Run]) -> None:
    """A year of which the service has nothing is warned about, and so is one whose abstracts are not certain."""
    crossref.works.clear()
    code, out, err = digest_in(tmp_path)("collect", "--preset", "asco-gi", "--year", "2029", "--strict")
    assert (code, out) == (3, "asco-gi-2029: nothing\n")
    assert "nothing was found of the ASCO Gastrointestinal Cancers Symposium 2029" in err
    assert "nothing verified distinguishes these abstracts" in err


def test_nothing_is_made_where_something_is(
    crossref: Crossref, tmp_path: Path, digest_in: Callable[[Path], Run]
) -> None:
    """A folder with other files is left alone, as is everything with --dry-run or after a mistake."""
    run = digest_in(tmp_path)
    assert run(*ASKED, "--dry-run")[:2] == (
        0,
        "asco-gi-2025:\n  https://api.crossref.org/works?filter=issn%3A0732-183X%2Cissn%3A1527-7755%2C"
        "from-pub-date%3A2025-01-01%2Cuntil-pub-date%3A2025-02-28&rows=200&cursor=%2A\n",
    )
    for mistake, said in (
        (("collect", "--preset", "asco-gi"), "a congress has a name and a year"),
        (("collect", "--year", "2025"), "a congress has a name and a year"),
        (("collect", "--preset", "asco", "--year", "2025"), "did you mean “asco-annual”"),
        (("collect", "--preset", "rsna", "--year", "2025"), "in no service that can be asked"),
        ((*ASKED[:-1], "auther:saif"), "no field is called “auther”; did you mean “author”?"),
        ((*ASKED[:-1], "***"), "there is no word in the query"),
    ):
        code, out, err = run(*mistake)
        assert (code in {1, 2}, out, said in err) == (True, "", True), err
        assert not list(tmp_path.iterdir()), mistake
    (tmp_path / "notes.txt").write_text("mine")
    code, _, err = run(*ASKED)
    assert (code, "the folder is not empty" in err) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert run(*ASKED, "--library", "mine.db")[1] == "asco-gi-2025: 50 new, 201 left out, 1 refused\n"
    assert crossref.asked


def test_in_a_publication(crossref: Crossref, tmp_path: Path, digest_in: Callable[[Path], Run]) -> None:
    """Files keep what they say: a congress among other sources, with a name, a query and a choice of its own."""
    (tmp_path / "digest.yaml").write_text(
        "title: Invented Journal\nsources:\n  - preset: asco-gi\n    year: 2025\n    name: gi\n    track: Sundry\n"
        "    only: {title: '*trial 50?'}\n",
        encoding="utf-8",
    )
    run = digest_in(tmp_path)
    assert run("collect", "gi")[1] == "gi: 10 new, 241 left out, 1 refused\n"
    assert json.loads(run("show", "505", "--json")[1])["record"]["track"] == "Sundry"
    assert run("collect", "gi", "--match", "nothing")[2].count("[left-out]") == 3
    assert run("sources", "show", "ASCO GI")[0] == 0
    assert len(crossref.asked) > 3


def test_only_what_fits_of_any_source(tmp_path: Path, digest_in: Callable[[Path], Run]) -> None:
    """A query chooses among the records of a file as well; what it leaves out is counted."""
    records = [
        f"TY  - JOUR\nTI  - {title}\nPY  - {year}\nER  -\n" for title, year in (("Ducks", 2014), ("Geese", 2015))
    ]
    (tmp_path / "birds.ris").write_text("".join(records), encoding="utf-8")
    (tmp_path / "digest.yaml").write_text("title: Invented Journal\n", encoding="utf-8")
    run = digest_in(tmp_path)
    assert run("collect", "birds.ris", "--match", "year:2015")[1] == "birds.ris: 1 new, 1 left out\n"
    assert run("collect", "birds.ris", "--match", "-geese")[1] == "birds.ris: 1 new, 1 gone, 1 left out\n"
    assert run("collect", "birds.ris", "--match", "duck* OR geese")[1] == "birds.ris: 2 unchanged\n"


def test_shown(tmp_path: Path, digest_in: Callable[[Path], Run]) -> None:
    """What is known of a congress is printed for people and for programs, with what nobody has seen."""
    run = digest_in(tmp_path)
    listed = run("sources", "list")[1]
    assert "asco-gi      ASCO Gastrointestinal Cancers Symposium (January): Journal of Clinical Oncology\n" in listed
    assert {row["name"] for row in json.loads(run("sources", "list", "--json")[1])["presets"]} == {
        preset.name for preset in list_presets()
    }
    shown = run("sources", "show", "asco-gi", "--year", "2025")[1]
    assert "cited       J Clin Oncol 43, 2025 (suppl 4; abstr 724)\n" in shown
    assert "asks for    https://api.crossref.org/works?filter=issn%3A0732-183X" in shown
    value = json.loads(run("sources", "show", "asco-gi", "--year", "2029", "--json")[1])
    assert value["is_sure"] is False
    assert any("not verified in the citation" in what for what in value["unsure"])
    assert run("sources", "show", "asco")[0] == 1
