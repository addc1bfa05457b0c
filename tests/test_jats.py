"""JATS 1.3: valid by the DTD, by JATS4R's rules, read back to the same records, and whole for odd issues."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec import structs

from digest import build, outputs
from digest.export import yaml_record
from digest.model import AbstractPart, Ids, Meeting, PartialDate, Person, Record
from digest.outputs.jats.items import is_own, published
from digest.outputs.jats.texts import name_of
from digest.outputs.source import Source
from digest.records import as_json
from digest.sources import Page, Parsed, parse
from digest.sources.shared.draft import journal_names
from digest.text import RichText
from tests.conftest import ISSUE, ROOT, SAMPLE
from tests.odd_issues import LACKING, changed, lacking, wide
from tests.sources.strategies import dates, rich
from tests.sources.strategies import words as any_words
from tests.test_outputs import SAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from lxml.etree import _Element

    from digest.render.pdf import Pdf
    from tests.schematron import Rules

SCHEMAS = ROOT.parent / "shared" / "schemas"
DTD = SCHEMAS / "jats-publishing-1.3-dtd" / "JATS-journalpublishing1-3.dtd"
# The rules look up ids, which a document without its DTD does not declare.
IDS = "<!DOCTYPE article [<!ATTLIST aff id ID #IMPLIED><!ATTLIST xref rid IDREFS #IMPLIED>]>"
XLINK = "{http://www.w3.org/1999/xlink}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@functools.cache
def dtd() -> etree.DTD:
    if not DTD.is_file():
        pytest.skip("the folder ../shared/schemas is not here")
    return etree.DTD(str(DTD))


@functools.cache
def rules() -> Rules:
    if not importlib.util.find_spec("saxonche"):
        pytest.skip("saxonche is not installed")
    if not SCHEMAS.is_dir():
        pytest.skip("the folder ../shared/schemas is not here")
    from tests.schematron import Rules

    return Rules(SCHEMAS / "jats4r-schematron" / "jats4r.sch")


def source_of(folder: Path) -> Source:
    """What outputs are made of, without pages."""

    def pages() -> Pdf:
        raise AssertionError("JATS needs no pages")

    issue = build.read(folder).issue
    return Source(build.prepare(issue, build.load_theme(issue)), pages)


def made(folder: Path) -> tuple[Source, Mapping[str, bytes]]:
    source = source_of(folder)
    return source, outputs.make("jats", source).files


def tree(content: bytes) -> _Element:
    return etree.fromstring(content, etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False))


def assert_valid(files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        if name.endswith(".xml"):
            assert dtd().validate(tree(content)), f"{name}: {dtd().error_log}"


def broken(files: Mapping[str, bytes], role: str) -> set[tuple[str, str, str]]:
    """The rules of JATS4R of this gravity that files break: file, pattern and message."""
    found = set()
    for name, content in files.items():
        if name.endswith(".xml"):
            text = re.sub(r"<!DOCTYPE[^>]*>", IDS, content.decode().split("?>", 1)[1], count=1)
            found |= {(name, pattern, message) for how, pattern, message in rules().broken_by(text) if how == role}
    return found


def texts(node: _Element, path: str) -> list[str]:
    return [" ".join("".join(map(str, one.itertext())).split()) for one in node.findall(path)]


@pytest.fixture
def whole(journal: Path) -> Path:
    """The sample, with all that outputs may ask for."""
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(SAYS)
    return journal / ISSUE


# -- what others ask for -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", ["sample", "gallery"])
def test_the_seeds(seed: str, tmp_path: Path) -> None:
    """Valid, and by JATS4R's rules without a mistake; what it warns of is what the seeds do not say."""
    folder = shutil.copytree(ROOT / "seeds" / seed, tmp_path / seed, ignore=shutil.ignore_patterns("_build"))
    with (folder / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(
            "licence: https://creativecommons.org/licenses/by/4.0/\n" + "issn: 1590-8577\n" * (seed == "gallery")
        )
    (issue,) = (folder / "issues").iterdir()
    _, files = made(issue)
    assert_valid(files)
    assert not broken(files, "error")
    warnings = {message for _, _, message in broken(files, "warning")}
    assert all("descriptive link text" in text or "should have authors" in text for text in warnings), warnings


@pytest.mark.parametrize("name", LACKING)
def test_issues_that_lack_something(name: str, tmp_path: Path) -> None:
    """Valid, whatever is missing; without an ISSN, which the DTD asks for, nothing is made."""
    issue = lacking(tmp_path / "odd", name)
    source = source_of(issue)
    if missing := outputs.lacking("jats", source.issue):
        assert [one.message for one in missing] == ["the key “issn”, “issn_print” or “issn_online” is missing"]
        return
    files = outputs.make("jats", source).files
    assert_valid(files)
    assert not broken(files, "error")


def test_wide_things(tmp_path: Path) -> None:
    """Wide tables, code, formulas and long words are whole."""
    _, files = made(wide(tmp_path / "wide"))
    assert_valid(files)
    root = tree(files["jats/cachexia.xml"])
    assert (
        len(root.findall(".//body//table-wrap[2]//th") or root.findall(".//body//table-wrap")[-1].findall(".//th"))
        == 14
    )
    assert root.find(".//body//code") is not None
    assert root.find(".//body//disp-formula/{*}math") is not None
    assert root.find(".//body//inline-formula/{*}math") is not None


# -- texts -------------------------------------------------------------------------------------------------------------

EVERYTHING = r"""
A paragraph[^1] with *italics*, **bold**, `code`, ~~gone~~, H~2~O, x^2^, <sc>caps</sc>, $a < b$ and
[a link](https://example.org/?a=1&b=2), https://example.org/bare and <anna@example.org>. Twice[^1].\
A second line [see @hollowmere2014, p. 14; @e310].

## One

- a bullet

  with two paragraphs
- [x] a task

  ```python
  if a < b & c: pass
  ```

5. five $$y$$
6. six
   > quoted in a list

#### Two levels lower

Term
: what it means

> A quotation
>
> - with a list

::: quote Somebody
Said in large letters.
:::

::: box A *box*
Text, and a table:

| a | b |
|---|--:|
| 1 | 2.5 |
:::

::: aside
At the side.
:::

---

Table: Numbers of #101 and $x$ {page}

| Head |
|---|

Note: nothing below

$$\sqrt{x^2 + \frac{1}{2}} \ge \hat{y}$$

## Conflict of interest[^2]

[^1]: First note [@101].

    - with a list
[^2]: Second.
"""


def test_every_notation(whole: Path) -> None:
    """What Markdown can say is in elements of its own, valid, and no word of it is lost."""
    article = whole / "articles" / "cachexia.md"
    head = article.read_text(encoding="utf-8").split("\n---\n")[0]
    article.write_text(f"{head}\n---\n{EVERYTHING}\n![](body-weight)\n", encoding="utf-8")
    _, files = made(whole)
    assert_valid(files)
    assert {pattern for _, pattern, _ in broken(files, "error")} <= {
        "coi-errors"
    }  # of the heading, which is on purpose
    root = tree(files["jats/cachexia.xml"])
    body = root.find("body")
    assert body is not None
    tags = {str(element.tag).rpartition("}")[2] for element in body.iter()}
    assert tags >= set(
        """
            p sec title italic bold monospace strike sub sup sc inline-formula disp-formula math ext-link email xref list
            list-item label code disp-quote attrib boxed-text caption table-wrap table thead th tr table-wrap-foot
            def-list def-item term def fig graphic alt-text
        """.split()
    ) - {"thead"}
    assert texts(body, "p[2]") == ["A second line [see 1, p. 14, 2]."]
    assert [one.get("rid") for one in body.findall("p[2]/xref")] == [
        "article-cachexia-ref-hollowmere2014",
        "article-cachexia-ref-e310",
    ]
    assert texts(body, "sec/title") == ["One", "Conflict of interest2"]
    assert texts(body, "sec/sec/title") == ["Two levels lower"]
    assert texts(body, ".//list[@list-type='order']/list-item/label") == ["5.", "6."]
    assert body.find(".//list[@list-type='order']//p/disp-formula") is not None
    assert texts(body, ".//code") == ["if a < b & c: pass"]
    assert [one.get("content-type") for one in body.findall(".//boxed-text")] == ["box", "side-note"]
    assert body.find(".//boxed-text//td[@align='right']") is not None
    (figure,) = body.findall(".//fig")
    (graphic,) = figure.findall("graphic")
    assert graphic.get(f"{XLINK}href") == "figures/body-weight.svg"
    assert files["jats/figures/body-weight.svg"].startswith(b"<")
    assert texts(figure, "label") == ["Figure 1"]
    assert texts(figure, "graphic/alt-text")[0].startswith("Line chart")
    assert texts(figure, "attrib") == ["Drawing made for this sample"]
    notes = root.findall("back/fn-group/fn")
    assert [one.get("id") for one in notes] == ["article-cachexia-h-note-1", "article-cachexia-h-note-2"]
    assert texts(root, "back/fn-group/fn/label") == ["1", "2"]
    assert len(body.findall(".//xref[@ref-type='fn']")) == 3
    assert texts(root, "back/ref-list/ref/label") == ["1.", "2.", "3."]
    assert "↩" not in files["jats/cachexia.xml"].decode()


def test_citations_without_numbers(whole: Path) -> None:
    """Where the style prints names and years, these lead to the references, all of a bracket together."""
    with (whole.parents[1] / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("style: meeting-author-date\n")
    article = whole / "articles" / "cachexia.md"
    article.write_text(
        article.read_text(encoding="utf-8").replace("[@101]", "[@101; @hollowmere2014]"), encoding="utf-8"
    )
    _, files = made(whole)
    assert_valid(files)
    root = tree(files["jats/cachexia.xml"])
    calls = root.findall("body//xref[@ref-type='bibr']")
    assert "article-cachexia-ref-101 article-cachexia-ref-hollowmere2014" in {call.get("rid") for call in calls}
    assert all(re.search(r"\d{4}", "".join(map(str, call.itertext()))) for call in calls)
    known = {one.get("id") for one in root.iter("ref")}
    assert known == {name for call in calls for name in (call.get("rid") or "").split()}


def test_ids_are_names() -> None:
    """Keys of references may hold what a name of XML may not; two keys never have one name."""
    keys = ["a/b", "a:b", "a+b", "a_b", "a-2f-b", "a.2f.b"]
    names = [name_of(f"ref-{key}") for key in keys]
    assert len(set(names)) == len(keys)
    for name in names:
        etree.fromstring(f'<!DOCTYPE a [<!ATTLIST a id ID #IMPLIED>]><a id="{name}"/>')


# -- what may be printed, what belongs to whom --------------------------------------------------------------------------


def test_what_may_not_be_printed_is_not_there(whole: Path) -> None:
    """Of an abstract with a quotation alone, its text is in no file; of one with permission it is."""
    source, files = made(whole)
    everything = b"".join(files.values()).decode()
    for key, printed in (("LBA7", False), ("e310", False), ("101", True)):
        assert ("<abstract>" in files[f"jats/{key}.xml"].decode()) is printed
        assert (source.issue.records[key].abstract[0].text.plain[:40] in everything) is printed


def test_another_journals_abstract_is_not_ours(whole: Path) -> None:
    """Its journal, volume and date are its own; the issue is where it is presented; it claims no licence of ours."""
    _, files = made(whole)
    root = tree(files["jats/e15166.xml"])
    assert texts(root, ".//journal-title") == ["Journal of Clinical Oncology"]
    assert texts(root, ".//article-meta/volume") == ["32"]
    assert root.findall(".//permissions/*") == []
    (shown,) = root.findall(".//related-object[@link-type='is-presented-in']")
    assert shown.get("document-id") == "10.6092/1590-8577/2014-07-28"
    part = tree(files["jats/issue.xml"]).find("sub-article[@id='abstract-e15166']")
    assert part is not None
    assert texts(part, "front/journal-meta//journal-title") == ["Journal of Clinical Oncology"]
    ours = tree(files["jats/cachexia.xml"])
    assert texts(ours, ".//article-id[@pub-id-type='doi']") == ["10.6092/1590-8577/cachexia"]
    assert texts(ours, ".//issn[@publication-format='electronic']") == ["1590-8577"]
    (licence,) = ours.findall(".//license/{*}license_ref")
    assert licence.text == "https://creativecommons.org/licenses/by/4.0/"


def test_notices_are_articles(whole: Path) -> None:
    """An erratum is a correction, a withdrawal a retraction; both sides are linked, in the files and in the whole."""

    def change(data: dict[str, Any]) -> None:
        entries = data["sections"][0]["entries"]
        entries.append(
            {"notice": {"kind": "withdrawal", "title": "Withdrawn", "about": "e15166", "text": "By its authors."}}
        )
        entries.append({"notice": {"kind": "update", "title": "The next meeting"}})

    changed(whole / "issue.yaml", change)
    record = whole / "records" / "e15166.yaml"
    record.write_text(record.read_text(encoding="utf-8") + "\nstatus: withdrawn\n", encoding="utf-8")
    _, files = made(whole)
    assert_valid(files)
    assert not broken(files, "error")
    shown = {}
    for name in ("notice-1-4", "notice-1-5", "notice-1-6", "P1701", "e15166"):
        root = tree(files[f"jats/{name}.xml"])
        related = root.findall(".//related-article")
        shown[name] = (
            root.get("article-type"),
            [(r.get("related-article-type"), r.get(f"{XLINK}href")) for r in related],
        )
    assert shown == {
        "notice-1-4": ("correction", [("corrected-article", "P1701.xml")]),
        "notice-1-5": ("retraction", [("retracted-article", "e15166.xml")]),
        "notice-1-6": ("announcement", []),
        "P1701": ("abstract", [("correction-forward", "notice-1-4.xml")]),
        "e15166": ("abstract", [("retraction-forward", "notice-1-5.xml")]),
    }
    root = tree(files["jats/issue.xml"])
    links = {one.get(f"{XLINK}href") for one in root.iter("related-article")}
    assert links == {"#abstract-P1701", "#notice-1-4", "#abstract-e15166", "#notice-1-5"}
    assert {link[1:] for link in links if link} <= {one.get("id") for one in root.iter("sub-article")}


def test_the_whole_issue_is_one_collection(whole: Path) -> None:
    """All items are in it in their order, ids are unique, links between items lead to them."""
    source, files = made(whole)
    root = tree(files["jats/issue.xml"])
    assert root.get("article-type") == "collection"
    parts = [part.get("id") for part in root.findall("sub-article")]
    assert parts == [entry.id for entry in source.context.entries]
    names = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(names) == len(set(names))
    rids = {rid for one in root.iter("xref") for rid in (one.get("rid") or "").split()}
    assert rids <= set(names)
    assert any(rid.startswith("abstract-") and "aff" not in rid and "ref" not in rid for rid in rids)
    assert texts(root, "body/sec/title") == ["Neuroendocrine Tumors", "Pancreatic Adenocarcinoma", "Supportive Care"]


def test_what_is_left_out_is_said(whole: Path) -> None:
    """Pages of the editors' own and pictures of covers have no place, and an unknown ISSN is empty: each is a note."""
    changed(
        whole / "issue.yaml",
        lambda data: data["sections"][0]["entries"].append({"page": {"title": "Ad", "text": "Buy."}}),
    )
    notes = [problem.message for problem in outputs.make("jats", source_of(whole)).problems]
    assert len(notes) == 3
    assert all(note.startswith("jats: ") for note in notes)
    assert "“Ad”" in notes[0]
    assert "e15166" in notes[2]


# -- reading back ------------------------------------------------------------------------------------------------------


def assert_read_back(source: Source, files: Mapping[str, bytes]) -> None:
    """Each file, and each part of the whole, gives the record that was published."""
    whole = [
        one.record
        for one in parse(Page(files["jats/issue.xml"], "issue.xml", format="jats"))
        if isinstance(one, Parsed)
    ]
    by_name = {entry.id: record for entry, record in zip(_in_file(source), whole[1:], strict=True)}
    for item in source.items:
        outcomes = list(parse(Page(files[f"jats/{item.key}.xml"], f"{item.key}.xml", format="jats")))
        (read,) = (one.record for one in outcomes if isinstance(one, Parsed))
        wanted = comparable(published(item, source.issue))
        if item.entry.kind == "article":
            wanted.pop("abstract", None)
        for record in (read, by_name[item.entry.id]):
            found = comparable(record)
            if item.entry.kind == "article":
                found.pop("abstract", None)
            if not is_own(item, source.issue) or record is read:
                assert found == wanted, item.key
            else:  # a part that names no meeting has that of the whole
                found = {key: value for key, value in found.items() if key != "meeting" or key in wanted}
                assert found == wanted, item.key


def _in_file(source: Source) -> Iterable[Any]:
    return [entry for entry in source.context.entries if entry.kind != "page"]


def comparable(record: Record) -> dict[str, Any]:
    """What JATS says of a record: what only this program keeps is left out.

    Permissions are ours, not the licence's; parts of affiliations, the hours of a presentation and whom to write to are
    written, and records from elsewhere have no place for them; an e-mail address is never read.
    """
    container, short = journal_names(record.container, record.container_short)  # NLM's abbreviation, where it has one
    fields = as_json(
        structs.replace(
            record,
            container=container,
            container_short=short,
            id=None,
            origin=None,
            permission="quote",
            embargo_until=None,
            institutions=(),
            session="",
            room="",
            begins=None,
            ends=None,
            authors=tuple(structs.replace(one, email=None, corresponding=False) for one in record.authors),
        )
    )
    return {key: value for key, value in fields.items() if value} | {"type": record.type}


@pytest.mark.parametrize("seed", ["sample", "gallery"])
def test_the_seeds_are_read_back(seed: str, tmp_path: Path) -> None:
    """The records of both seeds, from single files and from the whole."""
    folder = shutil.copytree(ROOT / "seeds" / seed, tmp_path / seed, ignore=shutil.ignore_patterns("_build"))
    with (folder / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("issn: 1590-8577\n" * (seed == "gallery"))
    (issue,) = (folder / "issues").iterdir()
    assert_read_back(*made(issue))


def words() -> st.SearchStrategy[str]:
    """Words that mean nothing to the reader, as “None” does in the place of a name."""
    return any_words().map(lambda word: f"{word}el")


def sentences() -> st.SearchStrategy[RichText]:
    """A text of several words of which some have markup, without a number or a label at its beginning."""
    return st.tuples(words(), words(), rich(longest=20), words()).map(
        lambda parts: RichText.of((f"{parts[0]} {parts[1].lower()} ", ("i", (parts[3].lower(),)), " in mice"))
    )


def people(places: int) -> st.SearchStrategy[Person]:
    marks = st.sets(st.integers(1, places), min_size=1, max_size=2).map(lambda found: tuple(sorted(found)))
    named = st.builds(
        Person,
        family=words(),
        given=words(),
        particle=st.sampled_from(("", "", "van der", "de")),
        suffix=st.sampled_from(("", "", "Jr", "III")),
        orcid=st.sampled_from((None, "0000-0002-1825-0097")),
        affiliations=marks,
    )
    initials = st.builds(Person, family=words(), initials=st.sampled_from(("J", "MW", "ABC")), affiliations=marks)
    group = st.builds(Person, literal=words().map(lambda word: f"{word} Study Group"), affiliations=marks)
    return st.one_of(named, initials, group)


@st.composite
def abstracts(draw: st.DrawFn) -> Record:
    """A record as a society publishes it, with every field that JATS has a place for."""
    count = draw(st.integers(1, 3))
    places = tuple(
        RichText.plain_text(f"Hospital of {word}, {word}land {n}")
        for n, word in enumerate(draw(st.lists(words(), min_size=count, max_size=count)))
    )
    authors = draw(st.lists(people(count), min_size=count, max_size=5))
    named = tuple(
        structs.replace(one, affiliations=tuple({*one.affiliations, *((n + 1,) if n < count else ())}))
        for n, one in enumerate(authors)
    )
    labels = draw(
        st.sampled_from(((), (None,), ("Methods",), ("Background", "Methods", "Results"), ("Aim", "Findings")))
    )
    start, end = sorted((draw(dates(whole=True)), draw(dates(whole=True))))
    journal = draw(st.booleans())
    return Record(
        title=draw(sentences()),
        authors=tuple(structs.replace(one, affiliations=tuple(sorted(one.affiliations))) for one in named),
        authors_truncated=draw(st.booleans()),
        affiliations=places,
        container="Journal of Invented Medicine" if journal else "",
        container_short="J Invent Med" if journal else "",
        issn="0732-183X" if journal else None,
        volume=draw(st.integers(1, 99).map(str)) if journal else "",
        issue=draw(st.sampled_from(("", "3", "15"))) if journal else "",
        supplement=draw(st.sampled_from(("", "1", "5s"))) if journal else "",
        pages=draw(st.sampled_from(("", "S12-S15", "120", "4043-4051"))),
        number=draw(st.sampled_from(("", "e15166", "LBA4", "P-12", "1234"))),
        issued=draw(dates()) if journal else None,
        meeting=draw(
            st.none()
            | st.just(
                Meeting(name="9th Invented Meeting", society="Sample Society", place="Northport", start=start, end=end)
            )
        ),
        presentation=draw(st.sampled_from((None, "oral", "poster discussion", "late-breaking"))),
        ids=Ids(
            doi=draw(st.none() | st.integers(1000, 9999).map(lambda n: f"10.5555/x{n}")) if journal else None,
            pmid=draw(st.none() | st.integers(1000, 99_999_999).map(str)),
            url=draw(st.none() | st.just("https://example.org/a_b?c=1&d=~e")),
            nct=draw(st.sampled_from(((), ("NCT01077154",)))),
            trials=draw(st.sampled_from(((), ("2004-001234-56", "ISRCTN57105075"), ("NTR1234",), ("jRCT1234567890",)))),
        ),
        abstract=tuple(AbstractPart(label=label, text=draw(sentences())) for label in labels),
        keywords=tuple(draw(st.lists(words(), max_size=3, unique=True))),
        track=draw(st.sampled_from(("", "Poster Session A", "Pancreas"))),
        editors=tuple(
            structs.replace(one, affiliations=()) for one in draw(st.lists(people(1), max_size=1)) if one.family
        ),
        publisher="Sample Society" if journal else "",
        permission=draw(st.sampled_from(("full", "full", "quote", "none"))),
        status=draw(st.sampled_from(("final", "final", "corrected", "withdrawn"))),
    )


@settings(
    max_examples=6,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(abstracts(), min_size=12, max_size=12))
def test_records_are_read_back(tmp_path_factory: pytest.TempPathFactory, found: list[Record]) -> None:
    """Any record that a society could have published comes back from its file, and from the whole issue."""
    journal = tmp_path_factory.mktemp("back") / "journal"
    issue = shutil.copytree(SAMPLE, journal, ignore=shutil.ignore_patterns("_build")) / ISSUE
    shutil.rmtree(issue / "records")
    (issue / "records").mkdir()
    for number, record in enumerate(found):
        (issue / "records" / f"r{number}.yaml").write_text(yaml_record(record), encoding="utf-8")
    entries = [{"record": f"r{number}"} for number in range(len(found))]
    changed(issue / "issue.yaml", lambda data: data.update(sections=[{"title": "Poster", "entries": entries}]))
    source, files = made(issue)
    assert_valid(files)
    assert_read_back(source, files)


def test_a_part_with_its_own_front_matter_is_complete() -> None:
    """It does not take the volume of the collection that it is in."""
    meta = "<title-group><article-title>One of mice</article-title></title-group>"
    page = (
        "<article article-type='collection'><front><journal-meta><journal-id>A</journal-id></journal-meta><article-meta>"
        "<title-group><article-title>All</article-title></title-group><volume>3</volume></article-meta></front>"
        f"<sub-article article-type='abstract'><front><journal-meta/><article-meta>{meta}</article-meta></front></sub-article>"
        f"<sub-article article-type='abstract'><front-stub>{meta}</front-stub></sub-article></article>"
    )
    read = [one.record.volume for one in parse(Page(page.encode(), "a.xml", format="jats")) if isinstance(one, Parsed)]
    assert read == ["3", "", "3"]


def test_people_and_institutions(whole: Path) -> None:
    """Parts of affiliations are marked in the printed text; who is written to has her address, and nobody else."""
    article = whole / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    text = text.replace(
        "    family: Hollow", "    email: ann@example.org\n    corresponding: true\n    family: Hollow", 1
    )
    text = text.replace("    family: Tarnbrook", "    email: bob@example.org\n    family: Tarnbrook", 1)
    parts = "institutions:\n  - {affiliation: 1, name: Northfield University Hospital, department: Department of Supportive Oncology, city: Northfield, country: Sampleland, ror: 05a28rw58}\n"
    text = text.replace("summary: >-", f"correspondence: Octavia Hollowmere, *Northfield*\n{parts}summary: >-", 1)
    article.write_text(text, encoding="utf-8")
    _, files = made(whole)
    assert_valid(files)
    assert not broken(files, "error")
    root = tree(files["jats/cachexia.xml"])
    (place, _) = root.findall(".//aff")
    assert texts(place, "institution-wrap/institution-id") == ["https://ror.org/05a28rw58"]
    assert texts(place, "institution") + texts(place, "institution-wrap/institution") == [
        "Department of Supportive Oncology",
        "Northfield University Hospital",
    ]
    assert texts(place, "country") == ["Sampleland"]
    assert b"ann@example.org" in files["jats/cachexia.xml"]
    assert not any(b"bob@example.org" in content for content in files.values())
    assert texts(root, ".//author-notes/corresp") == ["Octavia Hollowmere, Northfield"]
    (read,) = (
        one.record for one in parse(Page(files["jats/cachexia.xml"], "a", format="jats")) if isinstance(one, Parsed)
    )
    assert (
        read.affiliations[0].plain
        == "Department of Supportive Oncology, Northfield University Hospital. Northfield, Sampleland"
    )


@pytest.mark.parametrize(
    ("rights", "wanted"),
    [
        ("© 2014 The Sample Society. All rights reserved.", ("2014", "The Sample Society")),
        ("Copyright (c) 2014", None),
        ("All rights are with the authors.", None),
    ],
)
def test_copyright(whole: Path, rights: str, wanted: tuple[str, str] | None) -> None:
    """A year and a holder are given where the statement names both; else it is what the licence says."""
    changed(whole.parents[1] / "digest.yaml", lambda data: data.update(rights=rights))
    _, files = made(whole)
    root = tree(files["jats/cachexia.xml"])
    found = texts(root, ".//copyright-year") + texts(root, ".//copyright-holder")
    assert tuple(found) == (wanted or ())
    assert texts(root, ".//copyright-statement" if wanted else ".//license-p") == [rights]


def test_editions_and_languages(whole: Path) -> None:
    """A new edition says that it is one; a text in another language has its tag."""
    changed(whole / "issue.yaml", lambda data: data.update(edition="2"))
    article = whole / "articles" / "cachexia.md"
    article.write_text(
        article.read_text(encoding="utf-8").replace("summary: >-", "language: ar\nsummary: >-", 1), encoding="utf-8"
    )
    record = whole / "records" / "e411.yaml"
    record.write_text(
        record.read_text(encoding="utf-8").replace("issued:", "language: de\nissued:", 1), encoding="utf-8"
    )
    _, files = made(whole)
    assert_valid(files)
    root = tree(files["jats/cachexia.xml"])
    assert root.get(LANG) == "ar"
    assert texts(root, ".//article-version") == ["2"]
    assert tree(files["jats/issue.xml"]).find("sub-article[@id='article-cachexia']").get(LANG) == "ar"  # type: ignore[union-attr]  # it is there


def test_dates_that_are_not_whole() -> None:
    """A date is as exact as it is known."""
    from digest.outputs.jats.front import date_of

    assert date_of(PartialDate(2014)).attributes == {"iso-8601-date": "2014"}
    assert [child.name for child in date_of(PartialDate(2014, 5)).children if not isinstance(child, str)] == [
        "month",
        "year",
    ]


ODD = {
    "cachexia": "title: Of the name of an article\nids: {nct: [NCT01077154]}",
    "issue": "title: Of the name of the whole\nids: {trials: [DRKS00000001]}\nmeeting: {name: A meeting without days}",
    "evil": "title: 'A ]]&gt; &lt;!ENTITY x&gt; &amp;amp;'\ncontainer: 'J ]]> <b> &x;'\nkeywords: ['a<b', '\"x\"']",
    "many": "title: Many\nauthors:\n" + "\n".join(f"  - {{family: Fam{n}, given: A}}" for n in range(300)),
    "group": "title: A group\nauthors_truncated: true\nauthors:\n  - literal: The A&B <Group>",
    "gone": "title: Gone\nstatus: withdrawn\ncontainer: J Test\nids: {doi: 10.5555/gone}",
    "formula": "title: Of x² + 1/2 cells\nformulas:\n  - {text: x² + 1/2, source: 'x^2 + \\frac{1}{2}'}",
    "one": "title: One\npermission: full\nabstract:\n  - {label: Methods, text: We did it.}",
    "mixed": "title: Two\npermission: full\nabstract:\n  - text: Before it.\n  - {label: Methods, text: We did.}",
}


def test_odd_records(whole: Path) -> None:
    """What is odd in a record is in its place in the file, or is not there."""
    for key, text in ODD.items():
        (whole / "records" / f"{key}.yaml").write_text(f"type: meeting-abstract\n{text}\n", encoding="utf-8")

    def change(data: dict[str, Any]) -> None:
        data["sections"][-1]["entries"] += [{"record": key} for key in ODD]

    changed(whole / "issue.yaml", change)
    _, files = made(whole)
    assert_valid(files)
    assert not broken(files, "error")
    roots = {name[5:-4]: tree(content) for name, content in files.items() if name.endswith(".xml")}
    assert {"article-cachexia", "abstract-cachexia", "abstract-issue", "issue"} <= roots.keys()
    assert "cachexia" not in roots
    assert texts(roots["evil"], ".//article-title") == ["A ]]> <!ENTITY x> &amp;"]
    assert texts(roots["evil"], ".//journal-title") == ["J ]]> <b> &x;"]
    assert roots["evil"].find(".//contrib-group") is None
    assert len(roots["many"].findall(".//contrib")) == 300
    assert texts(roots["group"], ".//contrib/collab") == ["The A&B <Group>"]
    assert "incomplete" in texts(roots["group"], ".//meta-value")
    assert [one.get("related-article-type") for one in roots["gone"].iter("related-article")] == ["retraction-forward"]
    assert roots["gone"].find(".//license") is None
    assert roots["gone"].find(".//pub-date-not-available") is not None
    assert roots["formula"].find(".//article-title/inline-formula/{*}math") is not None
    assert [child.tag for child in roots["one"].findall(".//abstract/*")] == ["title", "p"]
    assert [child.tag for child in roots["mixed"].findall(".//abstract/*")] == ["p", "sec"]
    (date,) = roots["abstract-issue"].findall(".//conf-date")
    assert (date.text, len(date.attrib)) == (None, 0)
    (trial,) = roots["abstract-issue"].findall(".//related-object[@document-id-type='clinical-trial-number']")
    assert trial.get("source-id") == "German Clinical Trials Register"
