"""What journal systems import: PDFs of single items, OJS's native XML, Janeway's folders, each with a README."""

from __future__ import annotations

import base64
import functools
import io
import itertools
import re
import shutil
import zipfile
from typing import TYPE_CHECKING

import page as ua
import pikepdf
import pypdfium2
import pytest
from lxml import etree

from digest import build
from digest.errors import DigestError, ProjectError
from digest.inputs import ignore_step
from digest.outputs.source import Source
from digest.render.tagged import Facts
from tests.conftest import ISSUE, ROOT
from tests.odd_issues import changed
from tests.test_jats import dtd
from tests.test_outputs import SAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from lxml.etree import _Element

    from digest.render.paper.excerpt import Excerpts

NATIVE = ROOT.parent / "shared" / "schemas" / "ojs-native"
P = "{http://pkp.sfu.ca}"
VERSIONS = ("3.3", "3.4", "3.5")
OWN = SAYS.replace("dois: {", "dois: {abstracts: true, ")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The gallery, of which some entries share pages and others go over several; its abstracts are its own."""
    folder = tmp_path_factory.mktemp("handoff") / "gallery"
    shutil.copytree(ROOT / "seeds/gallery", folder, ignore=shutil.ignore_patterns("_build"))
    issue = build.read(folder / "issues/2014-01-01").issue
    prepared = build.prepare(issue, build.load_theme(issue, "journal"))
    return Source(prepared, lambda: build._pdf(prepared, ignore_step, "", []))  # noqa: SLF001 - as a build makes it


@pytest.fixture
def whole(journal: Path) -> Path:
    """The sample, with what both systems ask for, and abstracts that are its own."""
    text = (journal / "digest.yaml").read_text(encoding="utf-8").replace("publisher:", "# publisher:")
    (journal / "digest.yaml").write_text(text + OWN, encoding="utf-8")
    return journal / ISSUE


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def imported(folder: Path) -> tuple[_Element, list[str]]:
    """The file for OJS, valid for its version, and the notes."""
    built = build.build(folder, ["ojs"])
    files = unpacked(built.files["ojs.zip"])
    root = etree.fromstring(files["import.xml"], etree.XMLParser(huge_tree=True))
    ojs = built.issue.publication.ojs
    assert ojs
    if NATIVE.is_dir():
        assert native(ojs.version).validate(root), native(ojs.version).error_log
    return root, [problem.message for problem in built.problems if problem.message.startswith("ojs: ")]


@functools.cache
def native(version: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(NATIVE / version / "plugins/importexport/native/native.xsd"))


def texts(root: _Element, path: str) -> list[str]:
    return [element.text or "" for element in root.iterfind(re.sub(r"(^|/)(\w)", rf"\1{P}\2", path))]


# -- item PDFs ---------------------------------------------------------------------------------------------------------


def pictures(content: bytes) -> list[bytes]:
    """What each page looks like."""
    with pypdfium2.PdfDocument(content) as pdf:
        return [pdf[n].render(scale=0.7).to_pil().tobytes() for n in range(len(pdf))]


def test_pages_of_an_item_are_those_of_the_issue(source: Source) -> None:
    """Each entry has the pages that it is on, which look the same, with their labels; a shared page is in both."""
    whole = pictures(source.pdf.content)
    excerpts = source.excerpts
    spans = {entry.id: excerpts.pages_of(entry.id) for entry in source.context.entries}
    assert all(spans.values())
    found = [span for span in spans.values() if span]
    assert any(first < last for first, last in found)
    assert len({first for first, _ in found}) < len(found)
    for name, (first, last) in zip(spans, found, strict=True):
        content = cut(excerpts, name)
        assert pictures(content) == whole[first : last + 1], name
        with pypdfium2.PdfDocument(content) as pdf:
            labels = [pdf.get_page_label(n) for n in range(len(pdf))]
        assert labels == [excerpts.label(n) for n in range(first, last + 1)], name
        assert content == cut(excerpts, name)


def cut(excerpts: Excerpts, name: str, elsewhere: Mapping[str, str] | None = None) -> bytes:
    pages = excerpts.pages_of(name)
    assert pages
    facts = Facts(title=f"About {name}", language="en", date="2014-01-01", periodical="Gallery", first_page=998)
    return excerpts.cut(*pages, facts, elsewhere or {})


def test_pdfs_of_items_are_ua(source: Source) -> None:
    """Every one keeps the rules of PDF/UA-1, with its own title, and nothing of the other facts of the issue."""
    for entry in source.context.entries:
        content = cut(source.excerpts, entry.id)
        report = ua.validate_pdf_bytes(content, profile=ua.ValidationProfile.PDF_UA_1)
        assert [(failure.rule_id, failure.message) for failure in report.failures] == [], entry.id
        with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_metadata() as xmp:
            assert xmp["dc:title"] == f"About {entry.id}"
            assert "dc:creator" not in xmp
            assert str(pdf.docinfo["/Title"]) == f"About {entry.id}"


def test_links_of_an_item(source: Source) -> None:
    """A link to a page of it stays, one to another page leads to the address of what it named, or is text only."""
    excerpts = source.excerpts
    for entry in source.context.entries:
        for elsewhere in ({}, {one.id: f"https://example.org/{one.id}" for one in source.context.entries}):
            content = cut(excerpts, entry.id, elsewhere)
            with pikepdf.open(io.BytesIO(content)) as pdf:
                names = {*pikepdf.NameTree(pdf.Root.Names.Dests)}
                assert entry.id in names
                notes = [note for page in pdf.pages for note in page.obj.get("/Annots", ())]
                assert {str(note.Dest) for note in notes if "/Dest" in note} <= names
                led = {str(note.A.URI) for note in notes if "/A" in note}
                outside = {address for address in led if address.startswith("https://example.org/a")}
                assert not outside or elsewhere


def test_structure_of_an_item(source: Source) -> None:
    """All that is marked on its pages is in its structure, and nothing of other pages; headings begin with the first level."""
    for entry in source.context.entries:
        with pikepdf.open(io.BytesIO(cut(source.excerpts, entry.id))) as pdf:
            pages = {page.obj.objgen for page in pdf.pages}
            tree = pdf.Root.StructTreeRoot
            held: set[tuple[tuple[int, int], int]] = set()
            levels: list[int] = []
            stack = [tree.K[0]]
            while stack:
                element = stack.pop()
                assert element.Pg.objgen in pages
                if re.fullmatch(r"/H\d", str(element.S)):
                    levels.append(int(str(element.S)[2:]))
                for kid in reversed([*element.K]):
                    if kid.Type == "/MCR":
                        held.add((kid.Pg.objgen, int(kid.MCID)))
                    elif kid.Type == "/StructElem":
                        stack.append(kid)
            marked = {
                (page.obj.objgen, int(number))
                for page in pdf.pages
                for number in re.findall(
                    rb"/MCID (\d+)",
                    page.obj.Contents.read_bytes()
                    if not isinstance(page.obj.Contents, pikepdf.Array)
                    else b"".join(one.read_bytes() for one in page.obj.Contents),
                )
            }
            assert held == marked
            assert not levels or levels[0] == 1
            assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


# -- OJS ---------------------------------------------------------------------------------------------------------------


def shortened(root: _Element) -> str:
    """The file without the PDFs that are in it."""
    for element in root.iter(f"{P}embed"):
        element.text = "…"
    for element in root.iter(f"{P}file", f"{P}file_size"):
        if element.get("filesize"):
            element.set("filesize", "…")
        else:
            element.text = "…"
    return etree.tostring(root, encoding="unicode") + "\n"


@pytest.mark.parametrize("version", VERSIONS)
def test_the_import_file(version: str, whole: Path, golden: Callable[[str, str], None]) -> None:
    """The whole file, valid for its version; the PDFs in it have the sizes that it says, and the README fits."""
    text = (
        (whole.parents[1] / "digest.yaml")
        .read_text(encoding="utf-8")
        .replace('version: "3.4"', f'version: "{version}"')
    )
    (whole.parents[1] / "digest.yaml").write_text(text, encoding="utf-8")
    files = unpacked(build.build(whole, ["ojs"]).files["ojs.zip"])
    root, _ = imported(whole)
    for file in root.iter(f"{P}file"):
        content = base64.b64decode(file[0].text or "")
        assert file.get("filesize") == f"{len(content)}"
        assert content.startswith(b"%PDF-1.7")
    (issue_file,) = root.iter(f"{P}issue_file")
    content = base64.b64decode(issue_file.findtext(f"{P}embed") or "")
    assert issue_file.findtext(f"{P}file_size") == f"{len(content)}"
    assert ("issue.pdf" in files) == (version == "3.3")
    assert files.get("issue.pdf", content) == content
    golden(f"tests/golden/ojs-{version}.xml", shortened(root))
    golden(f"tests/golden/ojs-{version}.txt", files["README.txt"].decode())


def test_authors(whole: Path) -> None:
    """One contact, groups and single names as given names, ROR identifiers apart, no author where OJS needs one."""
    digest = whole.parents[1] / "digest.yaml"
    digest.write_text(digest.read_text(encoding="utf-8").replace('version: "3.4"', 'version: "3.5"'), encoding="utf-8")
    article = whole / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    text = text.replace("  - given: Octavia P\n    family: Hollowmere", "  - literal: The A&B Group", 1)
    text = text.replace(
        "  - given: Lucian\n",
        "  -\n    orcid: 0000-0002-1825-0097\n    email: l@example.org\n    corresponding: true\n",
        1,
    )
    text = text.replace(
        "summary: >-", "institutions:\n  - affiliation: 2\n    name: Sample State\n    ror: 03yrm5c26\nsummary: >-", 1
    )
    article.write_text(text, encoding="utf-8")
    changed(whole / "records" / "101.yaml", lambda data: data.pop("authors"))
    root, notes = imported(whole)
    articles = {texts(one, "submission_file/name")[0]: one for one in root.iter(f"{P}article")}
    people = [*articles["cachexia.pdf"].iter(f"{P}author")]
    assert [one.findtext(f"{P}givenname") for one in people] == ["The A&B Group", "Tarnbrook", "Saskia M"]
    assert [one.findtext(f"{P}familyname") for one in people] == [None, None, "Wrenfield-Oduya"]
    assert [one.get("primary_contact") for one in people] == [None, "true", None]
    assert [one.findtext(f"{P}email") for one in people] == ["", "l@example.org", ""]
    assert texts(people[1], "orcid") == ["https://orcid.org/0000-0002-1825-0097"]
    assert texts(people[1], "affiliation/name") == [
        "Department of Supportive Oncology, Northfield University Hospital. Northfield, Sampleland"
    ]
    assert texts(people[1], "rorAffiliation/ror") == ["https://ror.org/03yrm5c26"]
    (publication,) = articles["cachexia.pdf"].iter(f"{P}publication")
    assert publication.get("primary_contact_id") == people[1].get("id")
    assert texts(articles["101.pdf"], "publication/authors/author/givenname") == ["JOP. Journal of the Pancreas"]
    assert any("101" in note or "fails without one" in note for note in notes)


def test_odd_issues_for_ojs(whole: Path) -> None:
    """A volume that is not a number is left out; abbreviations are made where none is given, each once."""

    def odd(data: dict[str, object]) -> None:
        data["volume"] = "15A"
        sections = data["sections"]
        assert isinstance(sections, list)
        sections[1]["title"] = "Neuro Talks"
        sections[0]["abbreviation"] = "NT"

    changed(whole / "issue.yaml", odd)
    root, notes = imported(whole)
    assert texts(root, "issue_identification/volume") == []
    assert texts(root, "issue_identification/number") == ["4"]
    assert texts(root, "sections/section/abbrev")[:2] == ["NT", "NT2"]
    assert sum("whole number" in note for note in notes) == 1
    assert [note for note in notes if "gets NT2" in note]


def test_what_appeared_elsewhere_is_not_imported(journal: Path) -> None:
    """Abstracts of other journals are in the PDF of the issue only, which a note says."""
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(SAYS)
    root, notes = imported(journal / ISSUE)
    assert texts(root, "articles/article/submission_file/name") == ["radioembolization.pdf", "cachexia.pdf"]
    assert any("e15166" in note and "appeared elsewhere" in note for note in notes)


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ("", "the key “ojs” is missing"),
        (
            'language: de\nojs: {version: "3.3"}',
            "the key “ojs.locale” is missing: OJS 3.3 names languages with a country",
        ),
        ('ojs: {version: "3.3", locale: de}', "“de” is not a language of OJS"),
        ('ojs: {version: "3.5", locale: "English!"}', "“English!” is not a language of OJS"),
    ],
)
def test_what_ojs_needs(said: str, lacks: str, journal: Path) -> None:
    """Without a version, or a language in its form, nothing is made."""
    text = (journal / "digest.yaml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^language:.*\n", "", text) if "language" in said else text
    (journal / "digest.yaml").write_text(f"{text}\n{said}\n", encoding="utf-8")
    with pytest.raises(ProjectError) as caught:
        build.build(journal / ISSUE, ["ojs"])
    assert [one.message for one in caught.value.problems if lacks in one.message]


@pytest.mark.parametrize("name", ["ojs", "janeway"])
def test_a_theme_without_pages(name: str, whole: Path) -> None:
    """A theme for e-mail makes no PDF, so that there is nothing to hand over."""
    with pytest.raises(DigestError, match="makes no PDF"):
        build.build(whole, [name], theme_name="mail")


def test_the_example_of_the_manual(journal: Path) -> None:
    """What the manual writes into ``digest.yaml`` is all that OJS needs."""
    manual = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8").partition("\n## ojs\n")[2]
    example = manual.partition("```yaml digest.yaml\n")[2].partition("```")[0]
    (journal / "digest.yaml").write_text(example, encoding="utf-8")
    root, _ = imported(journal / ISSUE)
    assert len(texts(root, "articles/article/submission_file/name")) == 2


# -- Janeway -----------------------------------------------------------------------------------------------------------


def test_folders_for_janeway(whole: Path, golden: Callable[[str, str], None]) -> None:
    """One file of JATS and one PDF in each folder, with pictures next to them; its importer can read all it looks for."""
    changed(whole / "issue.yaml", lambda data: data.update(number="Suppl 1"))
    article = whole / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    article.write_text(text.replace("  - given: Lucian\n", "  -\n", 1), encoding="utf-8")
    built = build.build(whole, ["janeway"])
    files = unpacked(built.files["janeway.zip"])
    folders = {name.rpartition("/")[0] for name in files} - {""}
    assert len(folders) == sum(name.endswith(".xml") for name in files)
    for folder in folders:
        inside = {name.rpartition("/")[2] for name in files if name.rpartition("/")[0] == folder}
        (xml,) = (name for name in inside if name.endswith(".xml"))
        (pdf,) = (name for name in inside if name.endswith(".pdf"))
        assert files[f"{folder}/{pdf}"].startswith(b"%PDF-1.7")
        root = etree.fromstring(files[f"{folder}/{xml}"], etree.XMLParser(load_dtd=False, no_network=True))
        assert dtd().validate(root), dtd().error_log
        first = [next(root.iter(name)).text for name in ("volume", "issue")]
        assert first == ["15", "0"]
        assert all(one.find("given-names") is not None for one in root.iter("name"))
        links = {one.get("{http://www.w3.org/1999/xlink}href") for one in root.iter("graphic", "inline-graphic")}
        assert links == inside - {xml, pdf}
    assert {"README.txt", "issue.pdf"} == {name for name in files if "/" not in name}
    assert [one.message for one in built.problems if "“Suppl 1” becomes 0" in one.message]
    golden("tests/golden/janeway.txt", "".join(f"{name}\n" for name in files) + "\n" + files["README.txt"].decode())


def test_a_group_is_left_out_by_janeway(whole: Path) -> None:
    """Janeway reads people only: a note names the group."""
    article = whole / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    text = text.replace("  - given: Octavia P\n    family: Hollowmere", "  - literal: The A&B Group", 1)
    article.write_text(text, encoding="utf-8")
    notes = [one.message for one in build.build(whole, ["janeway"]).problems]
    assert "janeway: Janeway leaves out groups of authors: The A&B Group" in notes
