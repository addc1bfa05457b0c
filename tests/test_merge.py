"""The same thing from several sources: when two records are one, why, and what the one says."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from digest.errors import DigestError, Problem
from digest.library import Library
from digest.merge import alike, combine, disagreement, encore, fold, keys, record_id, same
from digest.model import AbstractPart, Ids, Institution, Meeting, Origin, PartialDate, Person, Record
from digest.sources import Page, parse
from digest.text import RichText

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

TITLE = "Predictors of survival following radioembolization of liver metastases"
SAIF = Person(family="Saif", given="Muhammad Wasif")


def made(title: str = TITLE, **fields: Any) -> Record:  # noqa: ANN401 - any field of a record
    """A meeting abstract of ASCO 2014, except for what is given."""
    known: dict[str, Any] = {
        "authors": (SAIF, Person(family="Oberg", initials="K")),
        "issued": PartialDate(2014, 5, 20),
        "meeting": Meeting(name="ASCO Annual Meeting", society="ASCO"),
    }
    ids = {name: fields.pop(name) for name in ("doi", "pmid", "pmcid") if name in fields}
    source = fields.pop("format", "")
    origin = Origin(format=source) if source else None
    return Record(title=RichText.parse(title), ids=Ids(**ids), origin=origin, **{**known, **fields})


def at(name: str, society: str, year: int) -> dict[str, Any]:
    return {"meeting": Meeting(name=name, society=society, start=PartialDate(year, 5)), "issued": PartialDate(year)}


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({"doi": "10.1/a"}, {"doi": "10.1/a", "title": "Prädiktoren"}, "same DOI 10.1/a"),
        (
            {"doi": "10.1/a", "number": "P-012"},
            {"doi": "10.1/a", "number": "P12", "title": f"{TITLE}: A study"},
            "same DOI 10.1/a",
        ),
        (
            {"doi": "10.1/a"},
            {"doi": "10.1/a", "title": TITLE[:60], "authors": (Person(family="Wasif"),)},
            "same DOI 10.1/a",
        ),
        ({"pmid": "7"}, {"pmid": "7", "doi": "10.1/a"}, "same PMID 7"),
        ({"pmcid": "PMC7"}, {"pmcid": "PMC7"}, "same PMCID PMC7"),
        ({"number": "e15166"}, {"number": "E15166", "title": "[Abstract e15166]"}, "ASCO 2014 abstract e15166"),
        # the journal implies the society, and only one of them names its meeting
        (
            {"number": "4015", "meeting": None, "container": "Journal of Clinical Oncology"},
            {"number": "4015", "container_short": "J Clin Oncol"},
            "ASCO 2014 abstract 4015",
        ),
        (  # a month in which the meeting begins does not contradict it, nor does the day of the courses before
            {
                "number": "7",
                "meeting": Meeting(
                    name="ASCO", society="ASCO", start=PartialDate(2014, 5, 30), end=PartialDate(2014, 6, 3)
                ),
            },
            {"number": "7", "meeting": Meeting(name="ASCO", society="ASCO", start=PartialDate(2014, 6))},
            "ASCO 2014 abstract 7",
        ),
        (
            {"number": "7", "meeting": Meeting(name="ASCO", society="ASCO", start=PartialDate(2014, 5, 30))},
            {"number": "7", "meeting": Meeting(name="ASCO", society="ASCO", start=PartialDate(2014, 6, 1))},
            "ASCO 2014 abstract 7",
        ),
        ({}, {"title": TITLE.upper() + "?"}, "same title and first author (Saif)"),
        (
            {},
            {"title": TITLE.replace("metastases", "<i>metastases</i>"), "doi": "10.1/a"},
            "same title and first author (Saif)",
        ),
        (
            {"title": f"β-Catenin in {TITLE}"},
            {"title": f"Beta-catenin in {TITLE}"},
            "same title and first author (Saif)",
        ),
        (
            {"type": "article", "meeting": None},
            {"type": "article", "meeting": None, "issued": PartialDate(2015)},
            "same title and first author (Saif)",
        ),
        (
            {"title": "First talk", "number": "101", "meeting": None, "issued": None},
            {"title": "First talk", "number": "101", "meeting": None, "issued": None},
            "same number, title and first author (Saif)",
        ),
        (
            {"title": "Reply", "type": "article", "container": "Gut", "volume": "3", "pages": "12-13", "meeting": None},
            {"title": "Reply", "type": "article", "container": "Gut", "volume": "3", "pages": "12", "meeting": None},
            "same title and first author (Saif) on the same page",
        ),
        (
            {"doi": "10.1/a", "pmid": "8"},
            {"doi": "10.1/a", "pmid": "7"},
            "same DOI 10.1/a, though they differ in PMID 7 and 8",
        ),
        (
            {},
            {"meeting": Meeting(name="American Society of Clinical Oncology", society="ASCO")},
            "same title and first author (Saif)",
        ),
        ({"authors": ()}, {}, "same title, year and place of publication; one of them has no authors"),
        ({"authors": ()}, {"authors": ()}, "same title, year and place of publication; both have no authors"),
        (
            {"authors": (Person(family="van der Berg"),)},
            {"authors": (Person(family="Berg", particle="van der"),)},
            "same title and first author (van der Berg)",
        ),
    ],
)
def test_same(one: dict[str, Any], other: dict[str, Any], reason: str) -> None:
    """Two records are one by an identifier, by the society's number, or by title and first author; the reason is given."""
    a, b = made(**one), made(**other)
    merge = same(a, b)
    assert merge is not None
    assert merge.reason == reason
    assert same(b, a) == merge
    assert set(keys(a)[0]) & set(keys(b)[1])
    assert set(keys(b)[0]) & set(keys(a)[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"doi": "10.1/a"}, {"doi": "10.1/b"}),
        ({"doi": "10.1/a", "pmid": "7"}, {"doi": "10.1/b", "pmid": "7"}),
        ({"pmid": "7", "number": "1"}, {"pmid": "8", "number": "1"}),
        ({"number": "1"}, {"number": "2"}),
        ({"type": "article"}, {}),
        ({"title": "Editorial"}, {"title": "Editorial"}),
        ({"title": "Reply to the authors"}, {"title": "Reply to the authors"}),
        ({"title": "[Untitled]"}, {"title": "[Untitled]"}),
        ({}, {"authors": (Person(family="Kuo"),)}),
        ({}, at("ESMO Congress", "ESMO", 2014)),
        ({}, at("ASCO Annual Meeting", "ASCO", 2015)),
        # the annual meeting counts its abstracts, the gastrointestinal one counts its own
        (
            {"number": "200", "title": "Something quite different about the pancreas and its ducts"},
            {"number": "200", "meeting": Meeting(name="Gastrointestinal Cancers Symposium", society="ASCO")},
        ),
        (
            {"container": "Gut", "meeting": None, "type": "article"},
            {"container": "Pancreas", "meeting": None, "type": "article"},
        ),
        # the same study in January and in May: linked, not merged
        ({}, {"meeting": Meeting(name="Gastrointestinal Cancers Symposium", society="ASCO")}),
        (
            {"meeting": Meeting(name="AACR Annual Meeting 2014", society="AACR")},
            {"meeting": Meeting(name="AACR Special Conference: Pancreatic Cancer", society="AACR")},
        ),
        (
            {"title": "Reply", "container": "Gut", "volume": "3", "pages": "12"},
            {"title": "Reply", "container": "Gut", "volume": "3", "pages": "14"},
        ),
        (
            {"meeting": Meeting(name="ASCO", society="ASCO", start=PartialDate(2014, 1, 16))},
            {"meeting": Meeting(name="ASCO", society="ASCO", start=PartialDate(2014, 5))},
        ),
        (
            {"container": "Gut", "volume": "3", "pages": "1-5", "meeting": None, "type": "article"},
            {"container": "Gut", "volume": "3", "pages": "77-80", "meeting": None, "type": "article"},
        ),
        # one number at two meetings of a society in one year, with the same title and author
        (
            {
                "number": "P-01",
                "meeting": Meeting(
                    name="ESMO Congress 2014",
                    society="ESMO",
                    start=PartialDate(2014, 9, 26),
                    end=PartialDate(2014, 9, 30),
                ),
            },
            {
                "number": "P-01",
                "meeting": Meeting(
                    name="ESMO World Congress on Gastrointestinal Cancer 2014",
                    society="ESMO",
                    start=PartialDate(2014, 6, 25),
                    end=PartialDate(2014, 6, 28),
                ),
            },
        ),
        (
            {"number": "200"},
            {"number": "200", "meeting": Meeting(name="Gastrointestinal Cancers Symposium", society="ASCO")},
        ),
        (
            {"number": "200", **at("ASCO", "ASCO", 2014)},
            {"number": "200", "meeting": Meeting(name="ASCO", society="ASCO", start=PartialDate(2014, 1, 16))},
        ),
        # one DOI for a whole supplement
        (
            {"doi": "10.1/suppl", "number": "P1", "title": "A phase II trial of gemcitabine in pancreatic cancer"},
            {"doi": "10.1/suppl", "number": "P2", "title": "A phase II trial of erlotinib in pancreatic cancer"},
        ),
        (
            {"doi": "10.1/suppl", "number": "P1", "title": "[Abstract P1]"},
            {"doi": "10.1/suppl", "number": "P2", "title": "[Abstract P2]"},
        ),
        (
            {"doi": "10.1/suppl", "title": "A phase II trial of gemcitabine in pancreatic cancer"},
            {
                "doi": "10.1/suppl",
                "title": "A phase II trial of erlotinib in pancreatic cancer",
                "authors": (Person(family="Kuo"),),
            },
        ),
        (
            {"doi": "10.1/suppl", "number": "P1"},
            {"doi": "10.1/suppl", "number": "P2", "title": "Quality of life of patients with other diseases"},
        ),
    ],
)
def test_not_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """A contradiction rules out a match by anything weaker; generic titles never match."""
    assert same(made(**one), made(**other)) is None
    assert same(made(**other), made(**one)) is None


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ({}, at("ESMO Congress", "ESMO", 2014), "same title and first author (Saif) at ASCO 2014 and ESMO 2014"),
        ({}, at("ASCO Annual Meeting", "ASCO", 2015), "same title and first author (Saif) at ASCO 2014 and ASCO 2015"),
        (
            {},
            {"type": "article", "container": "Gut"},
            "same title and first author (Saif), as article and as meeting-abstract",
        ),
        (
            {"doi": "10.1/a"},
            {"doi": "10.1/b"},
            "same title and first author (Saif), but they contradict each other: DOI 10.1/a and 10.1/b",
        ),
        (
            {
                "title": "Radioembolization of liver metastases: predictors of survival, an update",
                "abstract": (AbstractPart(text=RichText.parse("Previously presented at ESMO 2013.")),),
            },
            at("ESMO Congress", "ESMO", 2013),
            "ASCO 2014 says that it was presented before at ESMO 2013",
        ),
    ],
)
def test_encores(one: dict[str, Any], other: dict[str, Any], reason: str) -> None:
    """A study that was presented again is linked, whichever of the two came first."""
    a, b = made(**one), made(**other)
    assert same(a, b) is None
    assert encore(a, b) == encore(b, a) == reason
    assert set(keys(a)[0]) & set(keys(b)[1])
    assert set(keys(b)[0]) & set(keys(a)[1])


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Löfberg", "lofberg"),
        ("O'Reilly", "oreilly"),
        ("Løvberg", "lovberg"),
        ("TGF-β₂", "tgfbeta2"),
        ("Straße", "strasse"),
        ("…", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Letters and digits remain, however a source spells them."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("fields", "id_"),
    [
        ({"doi": "10.1/a", "pmid": "7"}, "doi:10.1/a"),
        ({"pmid": "7", "pmcid": "PMC7"}, "pmid:7"),
        ({"pmcid": "PMC7"}, "pmcid:PMC7"),
        ({"number": "LBA 1"}, "ASCO:annual-meeting:2014:LBA-1"),
        ({}, "sha256:"),
    ],
)
def test_ids(fields: dict[str, Any], id_: str) -> None:
    """A record gets the best id that it can have."""
    assert record_id(made(**fields)).startswith(id_)


PARTS = tuple(AbstractPart(label=label, text=RichText.parse(label * 40)) for label in ("Methods", "Results"))
LONG = (AbstractPart(text=RichText.parse("MethodsResults" * 41)),)
SHORT = (AbstractPart(text=RichText.parse("MethodsResults" * 10 + "…")),)
OTHER = (AbstractPart(text=RichText.parse("Quite another text")),)
WORDS = (AbstractPart(text=RichText.parse("We looked at ten patients with tumours of the pancreas for a year")),)
PIECE = (AbstractPart(text=RichText.parse("We looked at ten…")),)
MARKS = (RichText.parse("Tufts, Boston"), RichText.parse("Uppsala"))


@pytest.mark.parametrize(
    ("one", "other", "fields"),
    [
        ({"abstract": PARTS}, {"abstract": LONG}, {"abstract": PARTS}),
        ({"abstract": SHORT}, {"abstract": LONG}, {"abstract": LONG}),
        ({"abstract": PARTS[:1]}, {"abstract": LONG}, {"abstract": LONG}),
        ({"title": TITLE.upper()}, {}, {"title": RichText.parse(TITLE)}),
        ({"title": "[Abstract 7]"}, {}, {"title": RichText.parse(TITLE)}),
        ({"title": f"<i>{TITLE}</i>"}, {}, {"title": RichText.parse(f"<i>{TITLE}</i>")}),
        (
            {
                "authors": (Person(family="Saif", initials="MW"), Person(family="Oberg", given="Kjell")),
                "authors_truncated": True,
            },
            {"authors": (SAIF, Person(family="Oberg", initials="K"), Person(family="Kuo"))},
            {
                "authors": (SAIF, Person(family="Oberg", given="Kjell"), Person(family="Kuo")),
                "authors_truncated": False,
            },
        ),
        (  # other people: nobody gets somebody else's given name
            {"authors": (Person(family="Lee", initials="J"), Person(family="Kuo"))},
            {"authors": (Person(family="Lee", given="Anna"),)},
            {"authors": (Person(family="Lee", initials="J"), Person(family="Kuo"))},
        ),
        (
            {"authors": (structs.replace(SAIF, orcid="0000-0002-1825-0097"),)},
            {"authors": (structs.replace(SAIF, given="M", affiliations=(1, 2)),), "affiliations": MARKS},
            {
                "authors": (structs.replace(SAIF, orcid="0000-0002-1825-0097", affiliations=(1, 2)),),
                "affiliations": MARKS,
            },
        ),
        (
            {"format": "crossref-json", "volume": "32", "issue": "15", "supplement": "Suppl", "pages": "1-2"},
            {"format": "feed", "volume": "32", "issue": "5s", "pages": "e1"},
            {"issue": "15", "supplement": "Suppl", "pages": "1-2"},
        ),
        ({"issued": PartialDate(2014)}, {"issued": PartialDate(2014, 5, 20)}, {"issued": PartialDate(2014, 5, 20)}),
        ({"status": "withdrawn"}, {"status": "corrected"}, {"status": "withdrawn"}),
        # a permission applies to a text: it is that of the source whose text is taken
        ({"permission": "full"}, {"permission": "none"}, {"permission": "none"}),
        ({"permission": "full", "abstract": LONG}, {}, {"permission": "full", "abstract": LONG}),
        ({"abstract": LONG}, {"permission": "full"}, {"permission": "quote", "abstract": LONG}),
        ({"permission": "none"}, {"permission": "full", "abstract": LONG}, {"permission": "full", "abstract": LONG}),
        ({"abstract": PARTS}, {"permission": "full", "abstract": LONG}, {"permission": "full", "abstract": LONG}),
        ({"permission": "none", "abstract": PARTS}, {"abstract": LONG}, {"permission": "quote", "abstract": LONG}),
        ({"abstract": LONG}, {"permission": "full", "abstract": LONG}, {"permission": "full", "abstract": LONG}),
        ({"permission": "none", "abstract": LONG}, {"permission": "full", "abstract": LONG}, {"permission": "none"}),
        ({"abstract": LONG}, {"permission": "full", "abstract": OTHER}, {"permission": "full", "abstract": OTHER}),
        ({"abstract": WORDS}, {"permission": "full", "abstract": PIECE}, {"permission": "quote", "abstract": WORDS}),
        (
            {"embargo_until": PartialDate(2014, 5, 2)},
            {"embargo_until": PartialDate(2014, 6, 1)},
            {"embargo_until": PartialDate(2014, 6, 1)},
        ),
        (
            {"keywords": ("Liver", "Y-90")},
            {"keywords": ("liver", "Survival")},
            {"keywords": ("Liver", "Y-90", "Survival")},
        ),
        (
            {"doi": "10.1/a"},
            {"pmid": "7", "pmcid": "PMC7"},
            {"ids": Ids(doi="10.1/a", pmid="7", pmcid="PMC7"), "id": "doi:10.1/a"},
        ),
        ({"type": "article"}, {"type": "meeting-abstract"}, {"type": "meeting-abstract"}),
        (
            {"meeting": Meeting(name="ASCO", society="ASCO", place="Chicago", start=PartialDate(2014, 5, 30))},
            {"meeting": Meeting(name="50th ASCO Annual Meeting")},
            {
                "meeting": Meeting(
                    name="50th ASCO Annual Meeting", society="ASCO", place="Chicago", start=PartialDate(2014, 5, 30)
                )
            },
        ),
    ],
)
def test_which_says_what(one: dict[str, Any], other: dict[str, Any], fields: dict[str, Any]) -> None:
    """Each field comes from the record that has it best; where nothing else decides, from the better source."""
    a, b = made(**{"format": "nbib", **one}), made(**{"format": "ris", **other})
    merged = combine([a, b])
    assert {name: getattr(merged, name) for name in fields} == fields
    assert combine([b, a]) == merged


@pytest.mark.parametrize(
    ("one", "other", "contradiction"),
    [
        ("We had 10 patients.", "We had 99 patients.", "“we had 10 patients” and “we had 99 patients”"),
        (
            "Survival was 12.5 months.",
            "Survival was 21.5 months.",
            "“survival was 12.5 months” and “survival was 21.5 months”",
        ),
        (
            "It did improve survival in all.",
            "It did not improve survival in all.",
            "“it did improve survival” and “it did not improve survival”",
        ),
        (
            "Text four of rats.",
            "Mice were given other things.",
            "“text four of rats …” and “mice were given other things …”",
        ),
        ("One", "Two", "“one …” and “two …”"),
        ("p &lt; .05 in 1,000 men", "P&lt;0.05 in 1000 men", ""),
        ("p = 0·05 with β-cells", "p=0.05 with beta cells", ""),
        ("Tumours of 10 patients were studied", "Tumors of 10 patients were studied", ""),
        ("We had 10 patients. Of these 7 lived.", "We had 10 patients…", ""),
        ("We had 10 patients.", "We had 10 patients. © 2014 Elsevier", ""),
        ("We had 10 patients.", "", ""),
        ("", "", ""),
    ],
)
def test_texts_that_contradict_each_other(one: str, other: str, contradiction: str) -> None:
    """Other numbers, a negation and an entirely different text are contradictions; spelling and a missing end are not."""
    records = [made(abstract=(AbstractPart(text=RichText.parse(text)),) if text else ()) for text in (one, other)]
    assert disagreement(*records) == contradiction
    assert bool(disagreement(*records[::-1])) == bool(contradiction)


_people = st.lists(
    st.builds(
        Person,
        family=st.sampled_from(["Saif", "Lee", "Kuo"]),
        given=st.sampled_from(["", "M", "Muhammad", "Muhammad Wasif"]),
        initials=st.sampled_from(["", "M", "MW"]),
    ),
    max_size=3,
).map(tuple)
_dates = st.sampled_from(
    [None, PartialDate(2014), PartialDate(2014, 5), PartialDate(2014, 5, 30), PartialDate(2015, 1)]
)
_records = st.builds(
    made,
    title=st.sampled_from([TITLE, TITLE.upper(), f"<b>{TITLE}</b>", "[Untitled]", "Editorial", f"{TITLE[:30]}…"]),
    doi=st.sampled_from([None, "10.1/a", "10.1/b"]),
    pmid=st.sampled_from([None, "7", "8"]),
    number=st.sampled_from(["", "e1", "E1", "2"]),
    authors=_people,
    authors_truncated=st.booleans(),
    issued=_dates,
    meeting=st.builds(
        Meeting,
        name=st.sampled_from(["ASCO", "50th ASCO Annual Meeting"]),
        society=st.sampled_from(["", "ASCO", "ESMO"]),
        start=_dates,
    )
    | st.none(),
    volume=st.sampled_from(["", "32"]),
    issue=st.sampled_from(["", "15", "5s"]),
    keywords=st.lists(st.sampled_from(["Liver", "liver", "…"]), max_size=2).map(tuple),
    abstract=st.sampled_from([(), PARTS, LONG, SHORT]),
    permission=st.sampled_from(["quote", "full", "none"]),
    status=st.sampled_from(["final", "withdrawn", "corrected"]),
    format=st.sampled_from(["", "ris", "jats", "feed"]),
    type=st.sampled_from(["meeting-abstract", "article", "web"]),
)


@given(st.lists(_records, min_size=1, max_size=4), st.randoms())
def test_order_and_repetition_change_nothing(records: list[Record], chance: Random) -> None:
    """The same records give the same result, in any order and however often they come."""
    merged = combine(records)
    shuffled = records + records[:2]
    chance.shuffle(shuffled)
    assert combine(shuffled) == merged
    assert merged.id == record_id(merged)


@given(_records)
def test_one_alone_stays_as_it_is(record: Record) -> None:
    """A single record keeps everything but its id."""
    assert structs.replace(combine([record]), id=None) == record


@given(st.lists(_records, min_size=1, max_size=4))
def test_nothing_is_lost(records: list[Record]) -> None:
    """What any of several records says, the combined one says as well, or better."""
    merged = combine(records)
    for record in records:
        for name in ("doi", "pmid"):
            assert not getattr(record.ids, name) or getattr(merged.ids, name)
        for field in ("number", "volume", "issued", "meeting", "abstract", "container"):
            assert not getattr(record, field) or getattr(merged, field)
        assert len(merged.authors) >= len(record.authors)
        assert {fold(word) or word for word in record.keywords} <= {fold(word) or word for word in merged.keywords}


@given(_records, _records)
def test_sameness_goes_both_ways(one: Record, other: Record) -> None:
    """Neither the order of two records nor their keys change what is found; the same record is not an encore."""
    merge = same(one, other)
    assert merge == same(other, one)
    assert encore(one, other) == encore(other, one)
    if merge or encore(one, other):
        assert set(keys(one)[1]) & set(keys(other)[0])


def test_merges_of_real_files(shared: Path, tmp_path: Path) -> None:
    """Thousands of real records in one library: merged records do not contradict themselves, and nothing is lost."""
    folder = shared / "records" / "more"
    new = joined = 0
    with Library.open(tmp_path / "library.db") as library:
        for kind in (
            "bibtex",
            "ris",
            "nbib",
            "pubmed_xml",
            "csl_json",
            "crossref_json",
            "endnote_other",
            "oai_pmh",
            "feeds",
        ):
            for path in sorted(path for path in (folder / kind).rglob("*") if path.is_file()):
                with contextlib.suppress(DigestError):  # some of these files are broken on purpose
                    outcomes = [one for one in parse(Page(path, path.name)) if not isinstance(one, Problem)]
                    report = library.collect(outcomes, source=path.as_posix(), today=PartialDate(2014, 7, 28))
                    assert report.arrived == len(outcomes)
                    new += report.new
                    joined += report.merged
        merges = [merge.id for merge in library.merges()]
        stored = [library.get(name) for name in dict.fromkeys(merges)]
        assert len(library) == new + joined - len(merges)  # each merge takes one away, and nothing else does
        assert len(stored) > 50
        for one in stored:
            says = [origin.record for origin in one.origins]
            for first, second in itertools.combinations(says, 2):
                shown = f"{one.merges}\n{first}\n{second}"
                pairs = [(getattr(first.ids, kind), getattr(second.ids, kind)) for kind in ("doi", "pmid", "pmcid")]
                strongest = next(((a, b) for a, b in pairs if a and b), ("", ""))
                assert strongest[0] == strongest[1], shown
                assert strongest[0] or alike(first.title.plain, second.title.plain), shown
                assert not (first.number and second.number) or fold(first.number) == fold(second.number), shown
                years = [date.year for date in (first.issued, second.issued) if date]
                assert not years or max(years) - min(years) <= 1 or strongest[0], shown
        for one in stored:
            assert len(library.split(one.record.id or "")) == len(one.origins)
        assert library.check() == ()


def test_when_and_where_it_was_presented() -> None:
    """The hours are those of one source, the room is that of the same source, and what it lacks is that of others."""
    early = {"begins": "2014-05-31T08:00-05:00", "ends": "2014-05-31T08:10-05:00", "room": "Hall A"}
    late = {"begins": "2014-05-31T13:15-05:00", "session": "Pancreas", "room": "Hall B"}
    one = combine([made(format="json", **late), made(format="indico-json", **early)])
    assert (one.session, one.room, one.begins, one.ends) == ("Pancreas", "Hall A", early["begins"], early["ends"])
    assert combine([made(format="indico-json", **early), made(format="json", **late)]) == one


def test_parts_of_affiliations_go_with_their_texts() -> None:
    """They are numbered as the affiliations of the merged record are; those of other affiliations are left out."""
    lake, pond = RichText.parse("Lake Institute, Nowhere"), RichText.parse("Pond University")
    first = structs.replace(SAIF, affiliations=(1,))
    part = Institution(affiliation=1, name="Lake Institute", city="Nowhere")
    less = made(authors=(first,), affiliations=(lake,), institutions=(part,), format="indico-json")
    more = made(authors=(structs.replace(SAIF, affiliations=(2,)), first), affiliations=(pond, lake), format="json")
    assert combine([less, more]).institutions == (structs.replace(part, affiliation=2),)
    assert combine([less, structs.replace(more, affiliations=(pond, pond))]).institutions == ()
