"""The document of Word: what Word and LibreOffice need to open it, and what readers and editors find in it."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

import pytest

from digest.build import BuiltIssue, build
from digest.errors import DigestError
from digest.outputs.docx.formulas import office_math
from digest.outputs.docx.template import template
from digest.outputs.docx.tree import tree_of
from digest.picture import for_office
from tests.conftest import ISSUE, ROOT
from tests.odd_issues import changed

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
R: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
WP: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
MARK: Final = "Qzxvw"

ARTICLE: Final = """---
title: "A <b>&amp;</b> B: <i>x</i> &lt; 3 &amp; \\"y\\""
authors:
  - {family: Corwin, given: Ada, email: ada@example.org, corresponding: true, affiliations: [1]}
  - {family: Alone}
affiliations: [First House. Town, Second House. Town]
figures:
  weight: {file: figures/body-weight.svg, alt: 'A "line" & more', caption: 'The *caption*'}
  plain: {file: figures/body-weight.svg, alt: "", caption: Decorates}
---

## A heading

Twice[^n] and again[^n]. H~2~O, x^2^ and $\\frac{a}{b} = \\sqrt{c}$, **bold** and *italic*; see [@e310].

$$\\sum_{i=1}^{n} i^2$$

5. five
6. six

- one
  - inside

1. again

Table: A table & more

| a | b |
| --- | ---: |
| 1 | 2 |

![](weight)

![](plain)

[^n]: The *note*.
"""


def _odd(data: dict[str, Any]) -> None:
    data["first_page"] = "17"
    data["edition"] = "3"
    data["sections"] = [
        {
            "title": "Odd",
            "entries": [
                {"article": "odd"},
                {"record": "P1701"},
                {"record": "LBA7"},
                {"record": "e310", "why": "Because of [@wexcombe2014]."},
                {"record": "101"},
                {"record": "TPS205"},
                {"record": "e411", "comment": "First *word*.\n\nSecond."},
                {"notice": {"kind": "erratum", "title": "An error & more", "about": "P1701", "text": "It **was** so."}},
            ],
        }
    ]


def _right_to_left(data: dict[str, Any]) -> None:
    data["title"] = "دراسة عن samplinib في المرحلة 2"
    data["language"] = "ar"


def _many(data: dict[str, Any]) -> None:
    data["authors"] = [
        {"family": f"Author{n}", "given": "An", "affiliations": [str(n % 150 + 1)]} for n in range(1, 301)
    ]
    data["affiliations"] = [f"House {n}. Town" for n in range(1, 151)]


def _german(data: dict[str, Any]) -> None:
    data["language"] = "de"
    data["title"] = "Über <sup>68</sup>Ga und H<sub>2</sub>O"
    data["permission"] = "full"
    data["abstract"] = [{"label": "Ziel", "text": "Ein Satz auf Deutsch."}]


def _withdrawn(data: dict[str, Any]) -> None:
    data["status"] = "withdrawn"
    data["authors"] = []


def _closed(data: dict[str, Any]) -> None:
    data["permission"] = "none"
    data["abstract"] = [{"text": f"{MARK} is closed."}]


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> BuiltIssue:
    """The sample with odd contents."""
    root = tmp_path_factory.mktemp("odd") / "journal"
    shutil.copytree(ROOT / "seeds" / "sample", root, ignore=shutil.ignore_patterns("_build"))
    folder = root / ISSUE
    (folder / "articles" / "odd.md").write_text(ARTICLE, encoding="utf-8")
    changed(folder / "issue.yaml", _odd)
    for key, change in {
        "P1701": _right_to_left,
        "LBA7": _many,
        "101": _german,
        "TPS205": _withdrawn,
        "e411": _closed,
    }.items():
        changed(folder / "records" / f"{key}.yaml", change)
    return build(folder, ["docx"])


class Word:
    """A document, taken apart."""

    def __init__(self, content: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(content))
        self.parts = {name: self.zip.read(name) for name in self.zip.namelist()}
        self.body = self.xml("word/document.xml")
        self.paragraphs = [*self.body.iter(f"{W}p")]

    def xml(self, name: str) -> Element:
        return ET.fromstring(self.parts[name])  # noqa: S314 - our own file

    def values(self, tag: str, root: Element | None = None) -> list[str]:
        root = self.body if root is None else root
        return [one.get(f"{W}val", "") for one in root.iter(f"{W}{tag}")]

    def styled(self, style: str) -> list[Element]:
        return [one for one in self.paragraphs if self.values("pStyle", one)[:1] == [style]]

    def with_text(self, text: str) -> Element:
        return next(
            one
            for one in self.paragraphs
            if text in text_of(one) and not self.values("pStyle", one)[0].startswith("TOC")
        )


def text_of(element: Element) -> str:
    return "".join(one.text or "" for one in element.iter(f"{W}t"))


@pytest.fixture(scope="module")
def word(odd: BuiltIssue) -> Word:
    return Word(odd.files["issue.docx"])


# -- what a file must show, by ISO/IEC 29500-1 and by what readers expect ----------------------------------------------


def sub_and_superscripts(word: Word) -> bool:
    title = word.with_text("Über")
    return word.values("vertAlign", title) == ["superscript", "subscript"] and text_of(title) == "Über 68Ga und H2O"


def right_to_left(word: Word) -> bool:
    title = word.with_text("دراسة")
    runs = [one for one in title.iter(f"{W}r") if one.find(f"{W}rPr/{W}rtl") is not None]
    latin = [one for one in title.iter(f"{W}r") if "samplinib" in text_of(one) and one.find(f"{W}rPr/{W}rtl") is None]
    spoken = [one.get(f"{W}bidi") for one in title.iter(f"{W}lang")]
    return title.find(f"{W}pPr/{W}bidi") is not None and bool(runs and latin) and set(spoken) == {"ar"}


def three_hundred_authors(word: Word) -> bool:
    line = next(one for one in word.styled("Authors") if "Author300" in text_of(one))
    return (
        len(re.findall(r"An Author\d+", text_of(line))) == 300
        and word.values("vertAlign", line).count("superscript") == 300
    )


def numbered_affiliations(word: Word) -> bool:
    lines = [one for one in word.styled("Affiliations") if "House 150" in text_of(one)]
    return (
        len(lines) == 1
        and text_of(lines[0]) == "150 House 150. Town"
        and word.values("vertAlign", lines[0]) == ["superscript"]
    )


def group_author(word: Word) -> bool:
    group = next(one for one in word.styled("Authors") if "Registry" in text_of(one))
    asked = "".join(text_of(one) for one in word.xml("word/comments.xml"))
    return "Registry Group" in text_of(group) and "Registry" not in asked


def nobody_signed(word: Word) -> bool:
    asked = [text_of(one) for one in word.xml("word/comments.xml")]
    return any("No author is named" in one for one in asked)


def comments_are_anchored(word: Word) -> bool:
    ids = [one.get(f"{W}id", "") for one in word.xml("word/comments.xml")]
    places = [
        [one.get(f"{W}id", "") for one in word.body.iter(f"{W}{tag}")]
        for tag in ("commentRangeStart", "commentRangeEnd", "commentReference")
    ]
    return bool(ids) and all(sorted(place) == sorted(ids) for place in places) and len({*ids}) == len(ids)


def withdrawn(word: Word) -> bool:
    return any(text_of(one).startswith("Withdrawn") for one in word.styled("Label"))


def erratum(word: Word) -> bool:
    heading = [text_of(one) for one in word.styled("Heading2")]
    concerns = word.with_text("Concerns")
    target = next(concerns.iter(f"{W}hyperlink")).get(f"{W}anchor")
    abstract = word.with_text("دراسة")
    return "An error & more" in heading and target in [
        one.get(f"{W}name") for one in abstract.iter(f"{W}bookmarkStart")
    ]


def no_doi(word: Word) -> bool:
    rels = word.parts["word/_rels/document.xml.rels"].decode()
    return 'Target="https://doi.org/"' not in rels and "DOI  " not in text_of(word.body)


def other_language(word: Word) -> bool:
    part = word.with_text("Ein Satz auf Deutsch")
    return {one.get(f"{W}val") for one in part.iter(f"{W}lang")} == {"de"}


def formulas(word: Word) -> bool:
    shown = [*word.body.iter(f"{M}oMath")]
    return (
        len(shown) == 2
        and next(shown[0].iter(f"{M}f")).find(f"{M}den") is not None
        and next(shown[0].iter(f"{M}rad")).find(f"{M}e") is not None
        and next(shown[1].iter(f"{M}nary")).find(f"{M}naryPr/{M}chr").get(f"{M}val") == "∑"  # type: ignore[union-attr]  # else it fails
        and len([*word.body.iter(f"{M}oMathPara")]) == 1
    )


def a_note_that_is_called_twice(word: Word) -> bool:
    notes = [one for one in word.xml("word/footnotes.xml") if one.get(f"{W}type") is None]
    calls = [*word.body.iter(f"{W}footnoteReference")]
    fields = [one.text or "" for one in word.body.iter(f"{W}instrText")]
    repeated = [one.split()[1] for one in fields if one.strip().startswith("NOTEREF")]
    marks = {one.get(f"{W}name") for one in word.body.iter(f"{W}bookmarkStart")}
    return len(notes) == len(calls) == len(repeated) == 1 and {*repeated} <= marks and "The note." in text_of(notes[0])


def tables(word: Word) -> bool:
    table = next(word.body.iter(f"{W}tbl"))
    rows = table.findall(f"{W}tr")
    wide = len([*table.iter(f"{W}gridCol")])
    return (
        rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        and rows[1].find(f"{W}trPr/{W}tblHeader") is None
        and all(len(row.findall(f"{W}tc")) == wide == 2 for row in rows)
        and all(cell[-1].tag == f"{W}p" for cell in table.iter(f"{W}tc"))
    )


def pictures(word: Word) -> bool:
    shown = [*word.body.iter(f"{WP}docPr")]
    texts = [one.get("descr") for one in shown]
    ids = [one.get("id") for one in shown]
    empty = next(one for one in shown if not one.get("descr"))
    return 'A "line" & more' in texts and len({*ids}) == len(ids) and b"decorative" in ET.tostring(empty)


def bookmarks(word: Word) -> bool:
    starts = [*word.body.iter(f"{W}bookmarkStart")]
    names, ids = [one.get(f"{W}name", "") for one in starts], [one.get(f"{W}id", "") for one in starts]
    ends = [one.get(f"{W}id", "") for one in word.body.iter(f"{W}bookmarkEnd")]
    right = all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,39}", name) for name in names)
    return (
        right
        and len({name.lower() for name in names}) == len(names)
        and sorted(ends) == sorted(ids)
        and len({*ids}) == len(ids)
    )


def links(word: Word) -> bool:
    names = {one.get(f"{W}name") for one in word.body.iter(f"{W}bookmarkStart")}
    rels = {one.get("Id"): one.get("TargetMode") for one in word.xml("word/_rels/document.xml.rels")}
    found = [*word.body.iter(f"{W}hyperlink")]
    return bool(found) and all(
        one.get(f"{W}anchor") in names if one.get(f"{W}anchor") else rels.get(one.get(f"{R}id")) == "External"
        for one in found
    )


def contents(word: Word) -> bool:
    kinds = [one.get(f"{W}fldCharType") for one in word.body.iter(f"{W}fldChar")]
    first = next(word.body.iter(f"{W}fldChar"))
    listed = [text_of(one) for style in ("TOC1", "TOC2") for one in word.styled(style)]
    headings = [text_of(one) for style in ("Heading1", "Heading2") for one in word.styled(style)]
    return (
        kinds.count("begin") == kinds.count("separate") == kinds.count("end")
        and first.get(f"{W}dirty") == "true"
        and len(listed) == len(headings)
        and all(heading in line for heading, line in zip(headings, listed, strict=True))
    )


def pages(word: Word) -> bool:
    front, rest = word.body.iter(f"{W}sectPr")
    numbers = [one.find(f"{W}pgNumType") for one in (front, rest)]
    found = [(one.get(f"{W}fmt"), one.get(f"{W}start")) for one in numbers if one is not None]
    alone = [one.find(f"{W}titlePg") is not None for one in (front, rest)]
    return found == [("lowerRoman", "1"), ("decimal", "17")] and alone == [True, False]


def running_heads(word: Word) -> bool:
    head, foot = (text_of(word.xml(f"word/{name}1.xml")) for name in ("header", "footer"))
    return "JOP. J Pancreas (Online)" in head and "{" not in head + foot and b" PAGE " in word.parts["word/footer1.xml"]


def closed(word: Word) -> bool:
    return not any(MARK.encode() in part for part in word.parts.values())


def dates(word: Word) -> bool:
    stamps = {one.date_time for one in word.zip.infolist()}
    core = word.parts["docProps/core.xml"].decode()
    return stamps == {(2014, 7, 28, 0, 0, 0)} and core.count("2014-07-28T00:00:00Z") == 2 and ">3</cp:revision>" in core


def signs(word: Word) -> bool:
    title = word.with_text("A & B")
    return text_of(title) == "A & B: x < 3 & “y”"


def lists(word: Word) -> bool:
    numbers = [one.get(f"{W}val") for one in word.body.iter(f"{W}numId")]
    numbering = word.xml("word/numbering.xml")
    starts = {
        one.get(f"{W}numId"): [start.get(f"{W}val") for start in one.iter(f"{W}startOverride")][:1]
        for one in numbering.findall(f"{W}num")
    }
    levels = word.values("ilvl")
    return numbers[0] == numbers[1] and starts[numbers[0]] == ["5"] and "1" in levels and set(numbers) <= set(starts)


def language(word: Word) -> bool:
    default = word.xml("word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    return default is not None and default.get(f"{W}val") == "en"


def styles(word: Word) -> bool:
    known = {one.get(f"{W}styleId") for one in word.xml("word/styles.xml").iter(f"{W}style")}
    used = {
        value
        for name in word.parts
        if name.startswith("word/") and name.endswith(".xml")
        for tag in ("pStyle", "rStyle", "tblStyle", "basedOn", "next")
        for value in word.values(tag, word.xml(name))
    }
    return used <= known


def addresses_of_people(word: Word) -> bool:
    return not any(b"ada@example.org" in part for part in word.parts.values())


def corresponding(word: Word) -> bool:
    line = word.with_text("Ada Corwin")
    return "Ada Corwin1,*" in text_of(line) and any(
        "* Correspondence" in text_of(one) for one in word.styled("Affiliations")
    )


def what_is_asked_of_authors(word: Word) -> bool:
    asked = "\n".join(text_of(one) for one in word.xml("word/comments.xml"))
    return all(
        text in asked
        for text in (
            "The given name is missing: Alone.",
            "The affiliation is missing: Alone.",
            "No author has affiliation 2.",
            "No permission to print any",
        )
    )


FACTS: Final[tuple[Callable[[Word], bool], ...]] = (
    sub_and_superscripts,
    right_to_left,
    three_hundred_authors,
    numbered_affiliations,
    group_author,
    nobody_signed,
    comments_are_anchored,
    withdrawn,
    erratum,
    no_doi,
    other_language,
    formulas,
    a_note_that_is_called_twice,
    tables,
    pictures,
    bookmarks,
    links,
    contents,
    pages,
    running_heads,
    closed,
    dates,
    signs,
    lists,
    language,
    styles,
    addresses_of_people,
    corresponding,
    what_is_asked_of_authors,
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.__name__)
def test_what_a_document_shows(word: Word, fact: Callable[[Word], bool]) -> None:
    """Each fact holds of the sample with odd contents."""
    assert fact(word)


# -- files of Word -----------------------------------------------------------------------------------------------------


def checked(path: Path) -> None:
    """Fails where one of the checkers finds anything."""
    audit = pytest.importorskip("openxml_audit", reason="openxml-audit is not installed")
    integrity = pytest.importorskip("ooxml_integrity", reason="ooxml-integrity is not installed")
    assert audit
    assert integrity
    folder = Path(sys.executable).parent
    for command in (["openxml-audit"], ["ooxml-integrity", "check"]):
        done = subprocess.run([folder / command[0], *command[1:], path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "0 warning" in done.stdout or "no findings" in done.stdout, done.stdout


def test_checkers_find_nothing(odd: BuiltIssue, whole_gallery: Path, tmp_path: Path) -> None:
    """The odd sample, the gallery and the template are documents that Word opens without repair."""
    for name, content in {
        "odd.docx": odd.files["issue.docx"],
        "gallery.docx": build(whole_gallery, ["docx"]).files["issue.docx"],
        "template.docx": template(),
    }.items():
        (tmp_path / name).write_bytes(content)
        checked(tmp_path / name)


@pytest.fixture
def whole_gallery(tmp_path: Path) -> Path:
    root = shutil.copytree(ROOT / "seeds" / "gallery", tmp_path / "gallery")
    return next((root / "issues").iterdir())


def printed(path: Path, to: str = "pdf") -> Path:
    """What LibreOffice makes of a file; a test is skipped where it is missing."""
    office = shutil.which("soffice")
    if not office:
        pytest.skip("LibreOffice is not installed")
    out = path.parent / "out"
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", to, "--outdir", out, path], check=True, capture_output=True
    )
    return out / f"{path.stem}.{to}"


def test_libreoffice_prints_it(odd: BuiltIssue, tmp_path: Path) -> None:
    """LibreOffice opens the document, and its pages have titles, heads, numbers, formulas and pictures."""
    pypdfium2 = pytest.importorskip("pypdfium2")
    path = tmp_path / "issue.docx"
    path.write_bytes(odd.files["issue.docx"])
    pages = pypdfium2.PdfDocument(printed(path))
    texts = [page.get_textpage().get_text_range() for page in pages]
    assert len(texts) > 5
    assert "Highlights" in texts[0]
    first = next(text for text in texts if text.lstrip().splitlines()[0].startswith("JOP") and "A heading" in text)
    assert "JOP. J Pancreas (Online) 2014 Jul 28; 15(4)." in first
    assert first.rstrip().endswith("17") or "\n17" in first.replace("\r", "")
    assert any("The note." in text for text in texts)


def test_the_template_is_what_its_module_makes() -> None:
    """The file that editors restyle is made by `digest.outputs.docx.template`."""
    assert (ROOT / "templates" / "highlights" / "issue.docx").read_bytes() == template()


def restyled(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The template after a change of its parts."""
    with zipfile.ZipFile(io.BytesIO(template())) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def with_template(journal: Path, content: bytes) -> BuiltIssue:
    (journal / "overrides").mkdir(exist_ok=True)
    (journal / "overrides" / "issue.docx").write_bytes(content)
    return build(journal / ISSUE, ["docx"])


def test_styles_of_an_editor(journal: Path, tmp_path: Path) -> None:
    """A template of the editor's decides styles by their names; ids are Word's own, and what is missing is added."""

    def change(parts: dict[str, bytes]) -> None:
        for name in ("word/styles.xml", "word/document.xml"):
            text = parts[name]
            for own, theirs in ((b"Heading2", b"berschrift2"), (b"Authors", b"Autoren")):
                for use in (b'w:styleId="', b'<w:next w:val="', b'<w:pStyle w:val="'):
                    text = text.replace(use + own + b'"', use + theirs + b'"')
            parts[name] = text.replace(b'w:val="28"', b'w:val="66"')
        parts["word/styles.xml"] = re.sub(
            rb'<w:style w:type="paragraph" w:customStyle="1" w:styleId="Why">.*?</w:style>',
            b"",
            parts["word/styles.xml"],
        )
        parts["word/header1.xml"] = parts["word/header1.xml"].replace(
            b"<w:t>{running head}</w:t>", b"<w:t>Ours: {run</w:t></w:r><w:r><w:t>ning head}</w:t>"
        )

    made = with_template(journal, restyled(change))
    word = Word(made.files["issue.docx"])
    styles = word.xml("word/styles.xml")
    names = {one.get(f"{W}styleId"): one for one in styles.iter(f"{W}style")}
    assert word.values("sz", names["berschrift2"]) == ["66"]
    assert "Heading2" not in names
    assert word.styled("berschrift2")
    assert word.styled("Autoren")
    assert word.styled("Why")
    assert text_of(word.xml("word/header1.xml")).startswith("Ours: JOP. J Pancreas (Online) 2014")
    (tmp_path / "issue.docx").write_bytes(made.files["issue.docx"])
    checked(tmp_path / "issue.docx")


def test_a_template_that_libreoffice_saved(journal: Path, tmp_path: Path) -> None:
    """A template that went through LibreOffice gives a document that is as clean, with all styles."""
    (tmp_path / "template.docx").write_bytes(template())
    made = with_template(journal, printed(tmp_path / "template.docx", "docx").read_bytes())
    word = Word(made.files["issue.docx"])
    assert styles(word)
    assert text_of(word.xml("word/header1.xml")).startswith("JOP. J Pancreas") or any(
        b"JOP. J Pancreas" in part for name, part in word.parts.items() if "header" in name
    )
    (tmp_path / "issue.docx").write_bytes(made.files["issue.docx"])
    checked(tmp_path / "issue.docx")


def test_what_a_template_loads_from_elsewhere_is_taken_out(journal: Path) -> None:
    """A template that names another one on a server is used without it, and a note says so."""
    address = b"https://evil.example/t.dotm"

    def change(parts: dict[str, bytes]) -> None:
        parts["word/settings.xml"] = parts["word/settings.xml"].replace(
            b'<w:zoom w:percent="100"/>', b'<w:zoom w:percent="100"/><w:attachedTemplate r:id="rId1"/>'
        )
        parts["word/_rels/settings.xml.rels"] = (
            b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            b'attachedTemplate" Target="' + address + b'" TargetMode="External"/></Relationships>'
        )

    made = with_template(journal, restyled(change))
    assert [problem.code for problem in made.problems if "evil.example" in problem.message] == ["word-template"]
    assert not any(
        address in part or b"attachedTemplate" in part for part in Word(made.files["issue.docx"]).parts.values()
    )


def _entity(parts: dict[str, bytes]) -> None:
    head = b'<!DOCTYPE w:styles [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    parts["word/styles.xml"] = (
        parts["word/styles.xml"]
        .replace(b"<w:styles", head + b"<w:styles", 1)
        .replace(b'<w:name w:val="Normal"/>', b'<w:name w:val="Normal"/>&e;')
    )


def _without_document(parts: dict[str, bytes]) -> None:
    del parts["word/document.xml"]


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        b"",
        template()[:2000],
        restyled(_without_document),
        restyled(lambda parts: parts.update({"word/document.xml": b"<w:document"})),
        restyled(lambda parts: parts.update({"word/bomb.xml": b"0" * (31 * 2**20)})),
        restyled(lambda parts: parts.update({"word/styles.xml": b"<other/>"})),
    ],
    ids=["text", "empty", "cut", "without-document", "not-xml", "large", "no-styles"],
)
def test_what_is_not_a_template(journal: Path, content: bytes) -> None:
    """A file that is not a document of Word is refused with its name."""
    with pytest.raises(DigestError, match=r"overrides/issue\.docx"):
        with_template(journal, content)


def test_entities_of_a_template_are_not_read(journal: Path) -> None:
    """A template cannot bring the content of files of this machine into a document."""
    made = with_template(journal, restyled(_entity))
    assert b"ENTITY" not in Word(made.files["issue.docx"]).parts["word/styles.xml"]


@pytest.mark.parametrize("theme", ["book", "compact", "journal", "mail"])
def test_other_themes(journal: Path, theme: str) -> None:
    """Each theme gives a document, also one that brings no template and lacks words."""
    files = build(journal / ISSUE, ["docx"], theme_name=theme).files
    assert [*files] == [f"issue-{theme}-issue.docx"]
    assert Word(files[f"issue-{theme}-issue.docx"]).styled("Heading2")


@pytest.mark.parametrize(
    ("mathml", "holds"),
    [
        ("<msup><mi>x</mi><mn>2</mn></msup>", "<m:sSup><m:e>"),
        ("<msub><mi>x</mi><mn>2</mn></msub>", "<m:sSub><m:e>"),
        ("<msubsup><mi>x</mi><mn>2</mn><mn>3</mn></msubsup>", "<m:sSubSup>"),
        ("<msqrt><mi>x</mi><mn>1</mn></msqrt>", '<m:degHide m:val="1"/>'),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "<m:rad><m:deg>"),
        ("<mover><mi>x</mi><mo>^</mo></mover>", "<m:acc>"),
        ("<munder><mo>lim</mo><mi>n</mi></munder>", "<m:limLow>"),
        ("<mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd/></mtr></mtable>", "<m:mr><m:e>"),
        ('<mrow><mo fence="true">[</mo><mi>a</mi><mo fence="true">]</mo></mrow>', '<m:begChr m:val="["/>'),
        ("<mtext>if &lt;</mtext>", "if &lt;"),
        ("<mfrac><mi>a</mi></mfrac>", ">a<"),
        ("<msup><mi>x</mi></msup>", ">x<"),
        ("<unknown><mi>q</mi></unknown>", ">q<"),
    ],
)
def test_formulas(mathml: str, holds: str) -> None:
    """Each part of MathML has its part of Office Math, or its text."""
    formula = tree_of(f"<math>{mathml}</math>").elements[0]
    written = office_math(formula)
    assert holds in written
    ET.fromstring(written.replace("<m:oMath>", '<m:oMath xmlns:m="m">', 1))  # noqa: S314 - our own


def test_an_issue_that_runs_from_right_to_left(journal: Path) -> None:
    """Sections and their heads turn; an entry or a reference in another language keeps its own way."""
    path = journal / "digest.yaml"
    path.write_text(re.sub(r"(?m)^language: en\b", "language: ar", path.read_text(encoding="utf-8")), encoding="utf-8")
    word = Word(build(journal / ISSUE, ["docx"]).files["issue.docx"])
    turned = {text_of(one): one.find(f"{W}pPr/{W}bidi") is not None for one in word.paragraphs}
    assert turned["Neuroendocrine Tumors"]
    assert not turned["Radioembolization in the Treatment of Neuroendocrine Tumors of the Pancreas"]
    assert not next(way for text, way in turned.items() if text.startswith("1.Kuo JH"))
    assert all(one.find(f"{W}bidi") is not None for one in word.body.iter(f"{W}sectPr"))
    default = word.xml("word/styles.xml").find(f"{W}docDefaults/{W}rPrDefault/{W}rPr/{W}lang")
    assert default is not None
    assert default.get(f"{W}bidi") == "ar"


def test_a_drawing_without_its_library(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where drawings cannot become pictures, their alternative texts are there, and a warning says what to install."""
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    made = build(journal / ISSUE, ["docx"])
    assert any(problem.code == "not-in-word" and "pypdfium2" in problem.message for problem in made.problems)
    assert "[Line chart of the mean change" in text_of(Word(made.files["issue.docx"]).body)


def test_pictures_that_word_does_not_know(tmp_path: Path) -> None:
    """WebP becomes PNG, and a photograph that the camera marked as turned is turned."""
    image = pytest.importorskip("PIL.Image")
    shown = image.new("RGB", (40, 20), "red")
    shown.save(tmp_path / "a.webp")
    exif = shown.getexif()
    exif[0x0112] = 6
    shown.save(tmp_path / "b.jpg", exif=exif)
    shown.save(tmp_path / "c.png")
    assert for_office(tmp_path / "a.webp")[1:] == ("image/png", 40, 20)
    assert for_office(tmp_path / "b.jpg")[1:] == ("image/png", 20, 40)
    assert for_office(tmp_path / "c.png") == ((tmp_path / "c.png").read_bytes(), "image/png", 40, 20)
