"""Crossref's deposit: valid by its schema 5.4.0, with what its documentation asks for, and of the publication's own."""

from __future__ import annotations

import functools
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import structs

from digest import strict, trials
from digest.build import BuiltIssue, build
from digest.errors import ProjectError
from digest.export import yaml_record
from digest.model import AbstractPart, Formula, Ids, Institution, Person, Record
from digest.outputs.crossref.registries import registry_doi
from digest.outputs.xmltext import Element, document, element, of_html, rich
from digest.text import RichText
from tests.conftest import ISSUE, SAMPLE
from tests.sources.strategies import records

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMA = Path(sys.prefix) / "schemas" / "crossref" / "commonmeta" / "resources" / "crossref"
NAMES = {
    "c": "http://www.crossref.org/schema/5.4.0",
    "ai": "http://www.crossref.org/AccessIndicators.xsd",
    "ct": "http://www.crossref.org/clinicaltrials.xsd",
    "jats": "http://www.ncbi.nlm.nih.gov/JATS1",
    "mml": "http://www.w3.org/1998/Math/MathML",
    "rel": "http://www.crossref.org/relations.xsd",
}
SAYS = """
publisher: The Society
issn_online: 1590-8577
licence: https://creativecommons.org/licenses/by/4.0/
dois: {prefix: "10.6092", item: "10.6092/1590-8577/{key}", issue: "10.6092/1590-8577/{issue}", abstracts: true}
deposit: {depositor: Office, email: doi@example.org, policy: 10.6092/1590-8577/policy}
addresses: {issue: "https://example.org/{issue}/", item: "https://example.org/{issue}/{key}?a=1&b=2"}
"""


class Local(etree.Resolver):
    """The two schemas of W3C that Crossref's names by their addresses, from the folder."""

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]  # noqa: ANN401, ARG002 - as lxml calls it
        if not system_url.startswith("http"):
            return None
        places = {"mathml3.xsd": "standard-modules/mathml3/mathml3.xsd"}
        name = system_url.rpartition("/")[2]
        found = SCHEMA / places.get(name, f"standard-modules/{name}")
        return self.resolve_filename(str(found), context)  # type: ignore[attr-defined]  # lxml-stubs lacks it


@functools.cache
def schema() -> etree.XMLSchema:
    """The schema, which takes some seconds to read; tests are skipped where `./run test` has not brought it."""
    if not SCHEMA.is_dir():
        pytest.skip("the schema of Crossref is not in .venv/schemas; ./run test gets it")
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    return etree.XMLSchema(etree.parse(str(SCHEMA / "crossref5.4.0.xsd"), parser))


def checked(built: BuiltIssue) -> etree._Element:
    """The deposit of an issue, which is valid."""
    root = etree.fromstring(built.files["crossref.xml"], etree.XMLParser(no_network=True, resolve_entities=False))
    assert schema().validate(root), str(schema().error_log)
    return root


def at(root: etree._Element, path: str) -> list[Any]:
    """What an XPath finds: elements, or values of attributes."""
    values: Any = root.xpath(path, namespaces=NAMES)
    return list(values)


def texts(root: etree._Element, path: str) -> list[str]:
    return [one if isinstance(one, str) else "".join(map(str, one.itertext())) for one in at(root, path)]


def article(root: etree._Element, doi: str) -> etree._Element:
    one: etree._Element
    (one,) = at(root, f"//c:journal_article[c:doi_data/c:doi = '10.6092/1590-8577/{doi}']")
    return one


@pytest.fixture
def whole(journal: Path) -> Path:
    """The sample, with all that a deposit needs, its abstracts the publication's own."""
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(SAYS)
    return journal / ISSUE


def change(issue: Path, key: str, **fields: object) -> None:
    """Changes a record of an issue."""
    path = issue / "records" / f"{key}.yaml"
    record = strict.read(path.read_text(encoding="utf-8"), Record, key).value
    assert record
    path.write_text(yaml_record(structs.replace(record, container="", **fields)), encoding="utf-8")


def rewrite(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def make(issue: Path) -> BuiltIssue:
    return build(issue, ["crossref"])


def said(built: BuiltIssue, *, level: str = "") -> list[str]:
    """The messages about what was left out."""
    found = [one for one in built.problems if one.code == "output-leaves-out" and level in {"", one.level}]
    return [one.message for one in found]


# -- the sample --------------------------------------------------------------------------------------------------------


def test_the_sample(whole: Path) -> None:
    """Head, journal and issue say who deposits what; each article has its facts in the words of the schema."""
    root = checked(make(whole))
    assert texts(root, "c:head/*/descendant-or-self::*[not(*)]") == [
        "20140728000001-2014-07-28",
        "20140728000001",
        "Office",
        "doi@example.org",
        "The Society",
    ]
    assert texts(root, "//c:journal_metadata/c:issn[@media_type='electronic']") == ["1590-8577"]
    assert texts(root, "//c:journal_issue//c:doi") == ["10.6092/1590-8577/2014-07-28"]
    assert len(texts(root, "//c:journal_article")) == 10
    one = article(root, "cachexia")
    assert one.get("publication_type") == "full_text"
    assert texts(one, "rel:program//rel:inter_work_relation[@relationship-type='isReviewOf']") == [
        "10.6092/1590-8577/101",
        "10.6092/1590-8577/lba7",
        "10.6092/1590-8577/tps205",
    ]
    assert texts(one, ".//c:citation/@key") == [f"ref{n}" for n in range(1, 7)]
    assert texts(one, ".//jats:abstract/jats:p/jats:sub") == ["1", "3"]
    assert texts(one, "c:doi_data/c:resource") == ["https://example.org/2014-07-28/cachexia?a=1&b=2"]
    assert texts(one, ".//ai:license_ref[@applies_to='vor'][@start_date='2014-07-28']") == [
        "https://creativecommons.org/licenses/by/4.0/"
    ]


def test_others_are_not_registered(whole: Path) -> None:
    """Without `abstracts: true` no abstract is registered, and no DOI of somebody else: neither is the notice."""
    rewrite(whole.parents[1] / "digest.yaml", (", abstracts: true", ""))
    change(whole, "101", ids=Ids(doi="10.1200/other.101"))
    built = make(whole)
    root = checked(built)
    assert texts(root, "//c:doi_data/c:doi") == [
        "10.6092/1590-8577/2014-07-28",
        "10.6092/1590-8577/radioembolization",
        "10.6092/1590-8577/cachexia",
    ]
    assert "10.1200/other.101" in texts(root, "//rel:inter_work_relation[@identifier-type='doi']")
    assert any("“Number of Patients in Abstract #P1701” is not registered" in message for message in said(built))


def test_a_foreign_prefix(whole: Path) -> None:
    """An abstract of which others have the DOI, and an article under another prefix, are left out."""
    change(whole, "101", ids=Ids(doi="10.1200/other.101"))
    rewrite(whole / "articles" / "cachexia.md", ("label:", "doi: 10.9999/cachexia\nlabel:"))
    built = make(whole)
    dois = texts(checked(built), "//c:doi_data/c:doi")
    assert all(doi.startswith("10.6092/") for doi in dois)
    assert "10.6092/1590-8577/101" not in dois
    assert any("10.9999/cachexia is not under the publication's prefix" in message for message in said(built))


def test_it_grows_with_the_edition(whole: Path) -> None:
    """A corrected edition of the same day has a larger timestamp, and so has an issue of a later day."""
    stamps = []
    for date, edition in (("2014-07-28", 1), ("2014-07-28", 2), ("2014-07-28", 11), ("2014-07-29", 1)):
        rewrite(whole / "issue.yaml", ("date: 2014-07-28", f"edition: {edition}\ndate: {date}"))
        stamps.append(int(texts(checked(make(whole)), "//c:timestamp")[0]))
        rewrite(whole / "issue.yaml", (f"edition: {edition}\ndate: {date}", "date: 2014-07-28"))
    assert stamps == sorted(set(stamps))


# -- corrections -------------------------------------------------------------------------------------------------------

WITHDRAWAL = """
      - notice: {kind: withdrawal, title: 'Withdrawn: <b>', about: "101"}
      - notice: {kind: erratum, title: Again, about: P1701}
      - notice: {kind: update, title: Later, about: P1701}
      - notice: {kind: update, title: About nothing}
"""


def test_corrections(whole: Path) -> None:
    """A notice is an article that updates the abstract it is about; its DOI has its kind and that abstract in it."""
    change(whole, "101", status="withdrawn")
    rewrite(whole / "issue.yaml", ("      - record: TPS205\n", f"{WITHDRAWAL}      - record: TPS205\n"))
    built = make(whole)
    root = checked(built)
    found = {
        texts(one, "c:doi_data/c:doi")[0].rpartition("/")[2]: (
            texts(one, ".//c:update")[0].rpartition("/")[2],
            *texts(one, ".//c:update/@type | .//c:update/@date"),
        )
        for one in at(root, "//c:journal_article[.//c:update]")
    }
    assert found == {
        "erratum-p1701": ("p1701", "erratum", "2014-07-28"),
        "withdrawal-101": ("101", "withdrawal", "2014-07-28"),
        "erratum-p1701-2": ("p1701", "erratum", "2014-07-28"),
        "update-p1701": ("p1701", "addendum", "2014-07-28"),
    }
    assert texts(article(root, "withdrawal-101"), "c:titles/c:title") == ["Withdrawn: <b>"]
    assert any("“About nothing” is not registered" in message for message in said(built))


def test_without_a_policy(whole: Path) -> None:
    """Where corrections have no policy, there is no Crossmark, and a warning says that the update is not registered."""
    rewrite(whole.parents[1] / "digest.yaml", (", policy: 10.6092/1590-8577/policy", ""))
    built = make(whole)
    root = checked(built)
    assert texts(root, "//c:crossmark") == []
    assert len(texts(article(root, "cachexia"), "ai:program")) == 1
    assert any("“policy” is missing" in message for message in said(built, level="warning"))


# -- odd records -------------------------------------------------------------------------------------------------------

TITLE = RichText.parse("H<sub>2</sub>O &amp; 10<sup>3</sup> <i>in</i> <b>v</b> <sc>Nat</sc> &lt;x&gt; x2")
X2 = "<math><msup><mi>x</mi><mn>2</mn></msup></math>"


def test_odd_records(whole: Path) -> None:
    """Markup, formulas, groups, many authors, languages, identifiers: each where the schema has a place for it."""
    people = (
        Person(literal="Sample Group", affiliations=(1,), orcid="0000-0002-1825-0097"),
        Person(
            family="Berg",
            particle="van der",
            given="Anna",
            suffix="Jr",
            orcid="0000-0002-1825-0097",
            affiliations=(2, 1),
        ),
        Person(family="Wrong", initials="W", orcid="0000-0002-1825-0098", email="w@example.org"),
        Person(family="Solo", suffix="MD, PhD, FRCP"),
        Person(family="???"),
        Person(family="L" * 70, given="5"),
        *(Person(family=f"Family{chr(97 + n % 26)}", given="G") for n in range(300)),
    )
    change(
        whole,
        "101",
        title=TITLE,
        formulas=(Formula(text="x2", source=X2),),
        authors=people,
        affiliations=(RichText.parse("Plain <i>Place</i>, Town"), RichText.parse("Dept, Uni, City, Country")),
        institutions=(
            Institution(affiliation=2, name="Uni", department="Dept", city="City", country="Country", ror="05a28rw58"),
        ),
        ids=Ids(nct=("NCT01077154",), trials=("2004-001234-56", "2022-500024-30-00"), pmid="123"),
        language="pt-BR",
    )
    change(whole, "LBA7", authors=(), language="yue")
    change(whole, "TPS205", title=RichText.plain_text("مرحبا بالعالم"), language="ar")
    built = make(whole)
    root = checked(built)
    one = article(root, "101")
    title = one.find("c:titles/c:title", NAMES)
    assert title is not None
    assert [etree.QName(part).localname for part in title] == ["sub", "sup", "i", "b", "scp", "math"]
    assert "".join(map(str, title.itertext())) == "H2O & 103 in v Nat <x> x2"
    assert one.get("language") == "pt"
    assert texts(one, "c:contributors/*/@sequence") == ["first"] + ["additional"] * 304
    assert texts(one, "c:contributors/c:organization[@sequence='first']") == ["Sample Group"]
    (anna,) = at(one, "c:contributors/c:person_name[c:given_name = 'Anna']")
    assert texts(anna, "c:surname | c:suffix | c:ORCID") == [
        "van der Berg",
        "Jr",
        "https://orcid.org/0000-0002-1825-0097",
    ]
    assert texts(anna, ".//c:institution/*") == [
        "Uni",
        "https://ror.org/05a28rw58",
        "City, Country",
        "Dept",
        "Plain Place, Town",
    ]
    assert texts(anna, ".//c:institution_id/@type") == ["ror"]
    assert texts(one, ".//ct:clinical-trial-number/@registry") == ["10.18810/clinical-trials-gov", "10.18810/euctr"]
    assert texts(one, "c:publisher_item/*") == ["101", "123"]
    assert texts(article(root, "lba7"), "c:contributors") == []
    assert article(root, "lba7").get("language") is None
    assert article(root, "tps205").get("language") == "ar"
    assert texts(article(root, "tps205"), "c:titles/c:title") == ["مرحبا بالعالم"]
    assert b"w@example.org" not in built.files["crossref.xml"]
    for part in (
        "a group has no affiliation",
        "a group has no ORCID",
        "0000-0002-1825-0098 has a wrong check digit",
        "“MD, PhD, FRCP” is too long",
        "“???” is not a name",
        "at most 60 characters",
        "2022-500024-30-00",
        "yue",
    ):
        assert any(part in message for message in said(built)), part


def test_what_may_not_be_printed(whole: Path) -> None:
    """An abstract of which nothing is printed has neither text nor licence: it is a bibliographic record."""
    change(whole, "101", permission="none")
    change(whole, "P1701", permission="full", abstract=(
        AbstractPart(text=RichText.plain_text("First.")),
        AbstractPart(label="Aim", text=RichText.plain_text("To see.")),
        AbstractPart(text=RichText.plain_text("Last.")),
    ))  # fmt: skip
    root = checked(make(whole))
    assert article(root, "101").get("publication_type") == "bibliographic_record"
    assert texts(article(root, "101"), "jats:abstract | .//ai:license_ref") == []
    assert texts(article(root, "p1701"), "jats:abstract//jats:p") == ["First.", "To see.", "Last."]
    assert texts(article(root, "p1701"), "jats:abstract/jats:sec/*") == ["Aim", "To see.", "Last."]


def test_two_dois(whole: Path) -> None:
    """An abstract that has the publication's own DOI, and one of the society, says so; only its own is registered."""
    change(whole, "101", ids=Ids(doi="10.1200/other.101"))
    rewrite(whole / "issue.yaml", ('- record: "101"\n', '- record: "101"\n        doi: 10.6092/own.101\n'))
    root = checked(make(whole))
    assert "10.6092/own.101" in texts(root, "//c:doi_data/c:doi")
    assert texts(root, "//rel:intra_work_relation[@relationship-type='isVersionOf']") == ["10.1200/other.101"]


def test_limits(whole: Path) -> None:
    """Titles of the journal, volume and number are cut to what the schema takes, with a warning."""
    text = (whole.parents[1] / "digest.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^title: .*$", f"title: {'Long ' * 60}", text, flags=re.MULTILINE)
    text = re.sub(r"^abbreviation: .*$", f"abbreviation: {'Abbr ' * 40}", text, flags=re.MULTILINE)
    (whole.parents[1] / "digest.yaml").write_text(text.replace("issn_online", "issn_print"), encoding="utf-8")
    rewrite(whole / "issue.yaml", ("number: 4", f"number: {'4' * 40}"))
    built = make(whole)
    root = checked(built)
    assert len(texts(root, "//c:full_title")[0]) <= 255
    assert len(said(built, level="warning")) >= 3
    assert texts(root, "//c:issn/@media_type") == ["print"]
    assert set(texts(root, "//c:publication_date/@media_type")) == {"print"}


def test_an_article_without_a_doi(whole: Path) -> None:
    """It is left out with a warning, and so is the second of two with the same DOI."""
    rewrite(whole.parents[1] / "digest.yaml", ('item: "10.6092/1590-8577/{key}", ', ""))
    rewrite(whole / "articles" / "cachexia.md", ("label:", "doi: 10.6092/one\nlabel:"))
    built = make(whole)
    assert texts(checked(built), "//c:journal_article/c:doi_data/c:doi") == ["10.6092/one"]
    assert any("it has no DOI" in message for message in said(built, level="warning"))
    rewrite(whole / "issue.yaml", ('- record: "101"\n', '- record: "101"\n        doi: 10.6092/one\n'))
    built = make(whole)
    assert texts(checked(built), "//c:journal_article/c:doi_data/c:doi") == ["10.6092/one"]
    assert any("two items have the DOI 10.6092/one" in message for message in said(built, level="warning"))


@pytest.mark.parametrize("key", ["deposit", "dois", "publisher", "issn_online", "addresses"])
def test_what_is_lacking(whole: Path, key: str) -> None:
    """Each key that is needed is named where it is missing."""
    path = whole.parents[1] / "digest.yaml"
    path.write_text(
        re.sub(rf"^{key}: .*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8"
    )
    with pytest.raises(ProjectError) as caught:
        make(whole)
    assert key in "".join(problem.message for problem in caught.value.problems if problem.code == "output-lacks")


# -- anything ----------------------------------------------------------------------------------------------------------


@settings(
    max_examples=5, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.lists(records(), min_size=6, max_size=6))
def test_anything_is_valid(found: Sequence[Record]) -> None:
    """Whatever records hold, the deposit is valid, and each title is in it to its last character."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(shutil.copytree(SAMPLE, Path(folder) / "journal", ignore=shutil.ignore_patterns("_build")))
        with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
            file.write(SAYS)
        issue = journal / ISSUE
        head = re.match(
            r".*?(?=^sections:)", (issue / "issue.yaml").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
        )
        assert head
        entries = "".join(f"      - record: r{n}\n" for n in range(len(found)))
        (issue / "issue.yaml").write_text(
            f"{head[0]}sections:\n  - title: All\n    entries:\n{entries}", encoding="utf-8"
        )
        plain = []
        for n, record in enumerate(found):
            own = structs.replace(
                record,
                embargo_until=None,
                origin=None,
                fields={},
                formulas=(),
                ids=structs.replace(record.ids, doi=None),
            )
            (issue / "records" / f"r{n}.yaml").write_text(yaml_record(own), encoding="utf-8")
            plain.append("".join(of_html(own.title.html).plain.split()))
        root = checked(make(issue))
        titles = ["".join(text.split()) for text in texts(root, "//c:journal_article/c:titles/c:title")]
        assert [title.lower() for title in titles] == [title.lower() for title in plain]


# -- parts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "doi"),
    [
        ("NCT01077154", "10.18810/clinical-trials-gov"),
        ("ISRCTN57105075", "10.18810/isrctn"),
        ("2004-001234-56", "10.18810/euctr"),
        ("2022-500024-30-00", ""),  # Crossref lists no CTIS
        ("ChiCTR2000029308", "10.18810/chictr"),
        ("CTRI/2020/03/024402", "10.18810/clinical-trial-registry-india"),
        ("UMIN000001234", "10.18810/umin-japan"),
        ("UMIN-C000000123", ""),  # the shape that Crossref lists has digits only
        ("jRCTs031180001", "10.18810/jprn"),
        ("RBR-6qnhgh", ""),
        ("NTR1234", "10.18810/dutch-trial-register"),
        ("RPCEC00000123", "10.18810/rpec"),
    ],
)
def test_registries(number: str, doi: str) -> None:
    """The registry of a number, where Crossref knows it and its numbers look so."""
    assert registry_doi(number) == doi


def test_every_listed_registry_is_known() -> None:
    """The table has no kind of registry that nobody else knows."""
    from digest.outputs.crossref import registries

    assert set(registries._LISTED) <= trials.KINDS  # noqa: SLF001 - the table


@pytest.mark.parametrize(
    ("html", "source"),
    [
        ("a <em>b</em> <strong>c</strong> &lt;d&gt;", "a <i>b</i> <b>c</b> &lt;d&gt;"),
        ('<span class="sc">Nat</span> <a href="x">link</a><br>next', "<sc>Nat</sc> link next"),
        ('x <math alttext="y²"><mi>y</mi><mn>2</mn></math> z', "x y² z"),
        ("<i>open", "<i>open</i>"),
        ("stray</b> end", "stray end"),
    ],
)
def test_html_as_text(html: str, source: str) -> None:
    """Inline HTML becomes a text with the markup that texts have."""
    assert of_html(html).source == source


def test_xml_is_escaped() -> None:
    """Texts and attributes are escaped, what XML cannot hold is gone, and mixed content has no blanks of ours."""
    text = RichText.of(("a<b ", ("i", ("&",)), ("sub", ("]]>",))))
    root = element("r", Element("t", tuple(rich(text, {"i": "i"}))), x='"\x01<&', y=None)
    assert document(root).decode().splitlines()[1:] == [
        "<r x='\"&lt;&amp;'>",
        "  <t>a&lt;b <i>&amp;</i>]]&gt;</t>",
        "</r>",
    ]
    etree.fromstring(document(root))
