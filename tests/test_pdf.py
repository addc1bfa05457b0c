"""The PDF as a reader, a screen reader and a printer meet it."""

from __future__ import annotations

import html
import http.server
import io
import itertools
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pdfua
import pikepdf
import pypdfium2
import pytest

from digest.build import build
from digest.csl.numerals import roman
from digest.render import pdf, tagged
from digest.render.paper import engine
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.build import BuiltIssue


@pytest.fixture(scope="session")
def document(built: BuiltIssue) -> Iterator[pikepdf.Pdf]:
    """The sample issue's PDF, opened."""
    with pikepdf.open(io.BytesIO(built.files["issue.pdf"])) as opened:
        yield opened


@pytest.fixture(scope="session")
def texts(built: BuiltIssue) -> list[str]:
    """The text of each page."""
    opened = pypdfium2.PdfDocument(built.files["issue.pdf"])
    return [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in opened]


def outline(document: pikepdf.Pdf) -> Iterator[tuple[int, str]]:
    """Depth and title of each bookmark."""

    def walk(items: list[Any], depth: int) -> Iterator[tuple[int, str]]:
        for entry in items:
            yield depth, str(entry.title)
            yield from walk(entry.children, depth + 1)

    with document.open_outline() as opened:
        yield from walk(list(opened.root), 0)


def labels(document: pikepdf.Pdf) -> list[str]:
    return [page.label for page in document.pages]


def test_what_is_on_the_pages(document: pikepdf.Pdf, texts: list[str], golden: Callable[[str, str], None]) -> None:
    """Page labels, bookmarks and the text of every page, whole."""
    parts = ["Bookmarks\n", *("  " * depth + title + "\n" for depth, title in outline(document))]
    for label, text in zip(labels(document), texts, strict=True):
        # Where lines end belongs to the machine's Pango: words are compared in their order, one sentence on a line.
        words = " ".join(re.sub(r"[\x02\ufffe\xad]\n?", "", text).split())
        words = re.sub(r"(?<=[:./-]) ", "", words)  # an older Pango ends lines inside "p = .002" and "[PMID:16134179]"
        parts.append(f"\n--- {label} ---\n" + re.sub(r"(?<=[.?:])(?=[A-Z“])", "\n", words) + "\n")
    golden("tests/golden/sample-pdf.txt", "".join(parts))


@pytest.mark.parametrize(("media", "count"), [("screen and (max-width: 30em)", 0), ("print and", 2)])
def test_media_of_browsers_are_no_slips_of_paper(media: str, count: int) -> None:
    """A width of screens is asked for in many stylesheets; what is for paper and cannot be understood is reported."""
    style = f"<style>@media {media} {{ p {{ color: red }} }}</style>"
    made = pdf.proof(
        f"<!DOCTYPE html><html lang='en'><head><title>T</title>{style}<body><p>Text", 1, roots=(), fonts=None
    )
    assert [problem.code for problem in made.problems if "media" in problem.message] == ["pdf"] * count


def test_two_builds_are_the_same(built: BuiltIssue, tmp_path: Path) -> None:
    """Two builds of one folder have the same bytes, in another process and with another hash seed."""
    program = (
        "import sys; from pathlib import Path; from digest.build import build; from digest.files import write_files\n"
        "write_files(build(Path(sys.argv[1])).files, Path(sys.argv[2]))"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(built.issue.folder), str(tmp_path)],
        check=True,
        env={"PYTHONHASHSEED": "7", "PATH": "", "TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8"},
    )
    for name, content in built.files.items():
        assert (tmp_path / name).read_bytes() == content, name


def test_page_labels(document: pikepdf.Pdf, texts: list[str]) -> None:
    """Pages before the content count i, ii; the content counts from the issue's first page, as its folios say."""
    got = labels(document)
    assert got[:3] == ["i", "ii", "1"]
    assert got[3:] == [str(n) for n in range(2, len(got) - 1)]
    for label, text in list(zip(got, texts, strict=True))[1:]:
        assert re.search(rf"\s{label}$", text), (label, text[-200:])


def squeezed(text: str) -> str:
    """A text without blanks, line ends and hyphens: how lines were broken does not matter."""
    return re.sub(r"[\s\x02\ufffe\xad-]", "", text)


def test_bookmarks_are_the_contents(document: pikepdf.Pdf, built: BuiltIssue) -> None:
    """Bookmarks and contents are the same titles in the same order and depth."""
    page = built.files["issue.html"].decode()
    nav = page[page.index('<nav class="contents"') : page.index("</nav>")]
    lines = re.findall(r'<li class="contents-(section|entry)[^"]*">\s*<a[^>]*>(.*?)</a>', nav)
    expected = [html.unescape(re.sub(r"^#\S+ |<[^>]+>", "", text)) for _, text in lines]
    assert [squeezed(text) for _, text in outline(document)] == [squeezed(text) for text in expected]
    assert [depth for depth, _ in outline(document)] == [0] + [1] * 4 + [0] + [1] * 4 + [0] + [1] * 2 + [0] * 4


def test_contents_lead_to_the_pages(document: pikepdf.Pdf, texts: list[str]) -> None:
    """After each title the contents name its page, and the bookmark leads there."""
    contents = squeezed(texts[1])
    by_label = dict(zip(labels(document), texts, strict=True))
    with document.open_outline() as opened:
        top = list(opened.root)
    for bookmark in [*top, *(child for entry in top for child in entry.children)]:
        assert isinstance(bookmark.destination, pikepdf.Array)
        page = pikepdf.Page(bookmark.destination[0])
        assert squeezed(bookmark.title) in squeezed(by_label[page.label])
        if bookmark not in top[:3]:
            assert re.search(re.escape(squeezed(bookmark.title)) + rf".*?{page.label}", contents)


def test_pdf_ua(built: BuiltIssue, tmp_path: Path) -> None:
    """The checker of PDF/UA-1 finds nothing in the rules that it knows."""
    path = tmp_path / "issue.pdf"
    path.write_bytes(built.files["issue.pdf"])
    check_ua(path)


def check_ua(path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("pdfua"), "check", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "result: PASS (no findings)" in done.stdout
    assert pdfua.__version__


def test_metadata(document: pikepdf.Pdf) -> None:
    """XMP says what the issue is: PDF/UA-1, Dublin Core, PRISM; and it says so inside its RDF."""
    with document.open_metadata() as xmp:
        assert xmp["pdfuaid:part"] == "1"
        assert xmp["dc:title"] == "JOP. Journal of the Pancreas: Highlights from the 50th ASCO Annual Meeting 2014"
        assert list(xmp["dc:creator"])[:2] == ["Preethi K John", "Muhammad Wasif Saif"]
        assert "Embolization, Therapeutic" in list(xmp["dc:subject"])
        names = ("publicationName", "issn", "volume", "number", "publicationDate", "startingPage")
        prism = {name: xmp[f"{{http://prismstandard.org/namespaces/basic/2.0/}}{name}"] for name in names}
    assert prism == {
        "publicationName": "JOP. Journal of the Pancreas",
        "issn": "1590-8577",
        "volume": "15",
        "number": "4",
        "publicationDate": "2014-07-28",
        "startingPage": "1",
    }
    raw = document.Root.Metadata.read_bytes()
    assert b"</rdf:RDF>" in raw
    assert b"prism:" not in raw.partition(b"</rdf:RDF>")[2]
    assert str(document.Root.Lang) == "en"
    assert bool(document.Root.ViewerPreferences.DisplayDocTitle)
    assert str(document.docinfo.CreationDate).startswith("D:20140728")


def children(node: Any) -> list[Any]:  # noqa: ANN401 - an object of pikepdf
    """The kids of a structure element: elements, references to objects, numbers."""
    kids = node.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def elements(document: pikepdf.Pdf) -> Iterator[Any]:
    """Each structure element, in the order of reading."""
    stack: list[Any] = [document.Root.StructTreeRoot.K[0]]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(kid for kid in reversed(children(node)) if isinstance(kid, pikepdf.Dictionary) and "/S" in kid)


def test_structure(document: pikepdf.Pdf) -> None:
    """Table heads have their scope, pictures their words, links are elements of links."""
    kinds: dict[str, int] = {}
    for node in elements(document):
        kinds[str(node.S)] = kinds.get(str(node.S), 0) + 1
        if node.S == "/TH":
            assert node.A.Scope in {"/Column", "/Row"}
        if node.S == "/Figure":
            assert str(node.Alt)
        for kid in children(node):
            if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR":
                assert node.S == "/Link"
                assert str(kid.Obj.Contents)
    assert {
        "/H1",
        "/H2",
        "/H3",
        "/H4",
        "/P",
        "/L",
        "/LI",
        "/Table",
        "/TH",
        "/TD",
        "/Figure",
        "/Link",
        "/Caption",
    } <= kinds.keys()
    assert kinds["/H1"] == 1


def test_paragraphs_hold_their_words(document: pikepdf.Pdf) -> None:
    """No element is made of the words of a line, or of bold ones; each piece of a page leads to what holds it."""
    of_text = {"/P", "/LBody", "/Lbl", "/TD", "/TH", "/Caption", "/H1", "/H2", "/H3", "/H4", "/H5", "/H6"}
    held: dict[str, list[int]] = {str(node.S): [] for node in elements(document)}
    for node in elements(document):
        if str(node.S) in of_text:
            for kid in children(node):
                if isinstance(kid, pikepdf.Dictionary) and kid.get("/S") in {"/Span", "/NonStruct"}:
                    assert any(not isinstance(inner, int) for inner in children(kid))  # such as a link
        held[str(node.S)].append(sum(isinstance(kid, int) for kid in children(node)))
    assert max(held["/P"]) > 20
    leaves = [leaf.Nums for leaf in document.Root.StructTreeRoot.ParentTree.Kids]
    parents = {int(nums[n]): nums[n + 1] for nums in leaves for n in range(0, len(nums), 2)}
    for page in document.pages:
        for mcid, node in enumerate(parents[int(page.obj.StructParents)]):
            assert mcid in children(node)
            assert node.Pg.objgen == page.objgen


def test_folded_objects_are_where_the_file_says() -> None:
    """The table of a file says which object of the stream of objects each is, also after elements were folded."""
    made = (
        engine.load()
        .HTML(string="<html lang=en><title>T</title><p>" + "a <b>b</b> c " * 90)
        .write_pdf(finisher=tagged.fold, pdf_variant="pdf/ua-1")
    )
    with pikepdf.open(io.BytesIO(made)) as document:
        streams = [one for one in document.objects if isinstance(one, pikepdf.Stream)]
        (table,) = (one for one in streams if one.get("/Type") == "/XRef")
        (together,) = (one for one in streams if one.get("/Type") == "/ObjStm")
        numbers = [int(word) for word in together.read_bytes()[: int(together.First)].split()[::2]]
        widths, rows = [int(width) for width in table.W], table.read_bytes()
    size = sum(widths)
    listed = [rows[n : n + size] for n in range(0, len(rows), size)]
    places = {n: int.from_bytes(row[-widths[2] :], "big") for n, row in enumerate(listed) if row[0] == 2}
    assert places == {number: n for n, number in enumerate(numbers)}


def test_headings_skip_no_level(journal: Path, tmp_path: Path) -> None:
    """Headings go down one level at a time (PDF/UA-1, 7.4.2), also in an issue that an editorial opens."""
    issue = journal / ISSUE / "issue.yaml"
    issue.write_text(issue.read_text(encoding="utf-8") + "\neditorial: opening\n", encoding="utf-8")
    article = "---\ntitle: Opening\nsummary: In short.\n---\n## One\n\nText.\n\n### Two\n\n1. a\n2. b\n"
    (journal / ISSUE / "articles" / "opening.md").write_text(article, encoding="utf-8")
    made = build(journal / ISSUE, ["pdf"]).files["issue.pdf"]
    with pikepdf.open(io.BytesIO(made)) as document:
        levels = [int(str(node.S)[2]) for node in elements(document) if re.fullmatch(r"/H[1-6]", str(node.S))]
        assert [title for _, title in outline(document)][:2] == ["Editorial", "Opening"]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels)), levels
    (tmp_path / "issue.pdf").write_bytes(made)
    check_ua(tmp_path / "issue.pdf")


def test_running_heads_are_artifacts(document: pikepdf.Pdf) -> None:
    """All marked content belongs to the structure tree or is an artifact; running heads are artifacts."""
    reachable = {
        (node.Pg.objgen, int(kid)) for node in elements(document) for kid in children(node) if isinstance(kid, int)
    }
    for page in document.pages[1:]:
        streams = [part.read_bytes() for part in page.Contents]
        marked = {int(number) for stream in streams for number in re.findall(rb"/MCID (\d+)", stream)}
        assert marked == {mcid for objgen, mcid in reachable if objgen == page.objgen}
        assert re.search(rb"/Artifact <</Type /Pagination>> BDC q [^\n]*/Frame Do Q EMC", b"\n".join(streams))
        heads = page.Resources.XObject.Frame.read_bytes()
        assert heads.count(b"BT") >= 2
        assert b"MCID" not in heads


def test_fonts(document: pikepdf.Pdf) -> None:
    """All fonts are embedded, and they are the theme's."""
    names = set()
    for page in document.pages:
        for font in page.Resources.get("/Font", {}).values():
            descriptor = font.DescendantFonts[0].FontDescriptor if "/DescendantFonts" in font else font.FontDescriptor
            assert "/FontFile2" in descriptor
            names.add(re.sub(r"^/[A-Z]{6}\+|[-,].*", "", str(font.BaseFont).replace("Source-", "Source")))
    assert names <= {"SourceSans", "SourceSerif", "Noto"}


def test_no_text_leaves_its_page(built: BuiltIssue) -> None:
    """No character is outside the margins of the paper."""
    for page in pypdfium2.PdfDocument(built.files["issue.pdf"]):
        width, height = page.get_size()
        text = page.get_textpage()
        for n in range(text.count_chars()):
            left, bottom, right, top = text.get_charbox(n)
            assert -1 <= left <= right <= width + 1
            assert -1 <= bottom <= top <= height + 1


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="#c0ffee"/></svg>'
CSS = "p { color: #c0ffee }"
MARKUP = {
    "img": ('<img alt="x" src="{}">', "x.svg"),
    "background": ('<p style="background: url({})">x</p>', "x.svg"),
    "object": ('<object data="{}"></object>', "x.svg"),
    "stylesheet": ('<link rel="stylesheet" href="{}"><p>x</p>', "x.css"),
    "import": ("<style>@import '{}';</style><p>x</p>", "x.css"),
    "font": ("<style>@font-face {{ font-family: x; src: url({}) }} p {{ font-family: x }}</style><p>x</p>", "x.ttf"),
    "attachment": ('<link rel="attachment" href="{}"><p>x</p>', "x.svg"),
    "attached link": ('<a rel="attachment" href="{}">x</a>', "x.svg"),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The same good files inside the issue's folder, outside it, and on a server, which counts who comes."""
    folder = tmp_path_factory.mktemp("places")
    for part in ("inside", "outside"):
        (folder / part).mkdir()
        (folder / part / "x.svg").write_text(SVG, encoding="utf-8")
        (folder / part / "x.css").write_text(CSS, encoding="utf-8")
        (folder / part / "x.ttf").write_bytes((ROOT / "templates/highlights/fonts/SourceSans3-Italic.ttf").read_bytes())
    asked: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:  # noqa: ANN401 - as in the class above
            super().__init__(*arguments, directory=str(folder / "outside"))

        def do_GET(self) -> None:
            asked.append(self.path)
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        outside = (folder / "outside").as_uri()
        yield {
            "root": str(folder / "inside"),
            "inside": (folder / "inside").as_uri(),
            "outside": outside,
            "localhost": outside.replace("file://", "file://localhost"),
            "capitals": outside.replace("file:", "FILE:"),
            "dots": f"{(folder / 'inside').as_uri()}/../outside",
            "escaped": f"{(folder / 'inside').as_uri()}/%2e%2e/outside",
            "http": f"http://127.0.0.1:{server.server_port}",
        }
        server.shutdown()
    assert asked == []


def rendered(markup: str, root: str) -> pdf.Pdf:
    text = f'<!DOCTYPE html><html lang="en"><title>x</title><main id="content">{markup}</main></html>'
    facts = tagged.Facts(title="x", language="en", date="2014-07-28", periodical="x")
    return pdf.render(text, facts, roots=(Path(root),), fonts=ROOT / "templates/highlights/fonts/fonts.conf")


@pytest.mark.parametrize("kind", MARKUP)
@pytest.mark.parametrize("place", ["outside", "localhost", "capitals", "dots", "escaped", "http"])
def test_the_fetcher_refuses(kind: str, place: str, places: dict[str, str]) -> None:
    """No address but files of the issue, the overrides and the theme gives anything to a page."""
    markup, name = MARKUP[kind]
    made = rendered(markup.format(f"{places[place]}/{name}"), places["root"])
    with pikepdf.open(io.BytesIO(made.content)) as opened:
        assert "/EmbeddedFiles" not in opened.Root.get("/Names", {})
        assert "/AF" not in opened.Root
        assert not shows(opened)
    if kind not in {"font", "attached link"}:  # WeasyPrint says nothing of these; the page shows it
        assert any("only files of the issue" in problem.message for problem in made.problems)


@pytest.mark.parametrize("kind", ["img", "background", "object", "stylesheet", "import", "font"])
def test_the_fetcher_gives(kind: str, places: dict[str, str]) -> None:
    """The same files inside the issue's folder are used: the test above can fail."""
    markup, name = MARKUP[kind]
    made = rendered(markup.format(f"{places['inside']}/{name}"), places["root"])
    with pikepdf.open(io.BytesIO(made.content)) as opened:
        assert shows(opened)


def shows(document: pikepdf.Pdf) -> bool:
    """Whether the colour or the font of the files is on the page."""
    streams = [part.read_bytes() for part in document.objects if isinstance(part, pikepdf.Stream)]
    fonts = [str(font.BaseFont) for page in document.pages for font in page.Resources.get("/Font", {}).values()]
    return b"0.752941 1 0.933333" in b"".join(streams) or any("Italic" in name for name in fonts)


def test_a_link_inside_the_issue_leads_nowhere(tmp_path: Path) -> None:
    """A symbolic link inside an allowed folder does not open what is outside."""
    (tmp_path / "secret.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><text>secret</text></svg>', encoding="utf-8"
    )
    (tmp_path / "issue").mkdir()
    (tmp_path / "issue" / "x.svg").symlink_to(tmp_path / "secret.svg")
    text = f'<html lang="en"><title>x</title><main id="content"><img alt="x" src="{(tmp_path / "issue").as_uri()}/x.svg"></main></html>'
    facts = tagged.Facts(title="x", language="en", date="2014-07-28", periodical="x")
    made = pdf.render(text, facts, roots=(tmp_path / "issue",), fonts=ROOT / "templates/highlights/fonts/fonts.conf")
    assert any("only files of the issue" in problem.message for problem in made.problems)
    assert "secret" not in pypdfium2.PdfDocument(made.content)[0].get_textpage().get_text_range()


def test_roman_numerals() -> None:
    """Roman numerals count as printers do."""
    assert [roman(n) for n in (1, 2, 4, 9, 14, 40, 90)] == ["i", "ii", "iv", "ix", "xiv", "xl", "xc"]


def test_formulas_are_pictures_with_words(journal: Path, tmp_path: Path) -> None:
    """Formulas of a title and an article are drawn, each a figure with its text; bookmarks have the text too."""
    record = journal / ISSUE / "records" / "101.yaml"
    text = record.read_text(encoding="utf-8").replace("randomized phase III trial", "trial of x² ≥ a/b", 1)
    formula = "formulas:\n  - {text: x² ≥ a/b, source: 'x^2 \\ge \\frac{a}{b}'}\n"
    record.write_text(text.replace("\nabstract:", f"\n{formula}abstract:", 1), encoding="utf-8")
    article = journal / ISSUE / "articles" / "cachexia.md"
    with article.open("a", encoding="utf-8") as file:
        file.write("\nIt cost $5 or $10 where $\\bar{x} = 2$, and $\\unheard{x}$ [@e310, p. 77].\n\n$$\\sqrt{n}$$\n")
    made = build(journal / ISSUE, ["html", "pdf"])
    reported = [problem.message for problem in made.problems if problem.code == "formula"]
    assert reported == [
        "the formula “$\\unheard{x}$” is printed as its source, because the command \\unheard is not known"
    ]
    page = made.files["issue.html"].decode()
    assert '<math alttext="x̄ = 2">' in page
    assert '<math display="block" alttext="√n">' in page
    assert "$5 or $10" in page
    with pikepdf.open(io.BytesIO(made.files["issue.pdf"])) as opened:
        read_aloud = {
            str(alt) for one in opened.objects if isinstance(one, pikepdf.Dictionary) and (alt := one.get("/Alt"))
        }
        assert {"x² ≥ a/b", "x̄ = 2", "√n"} <= read_aloud
        assert any("x² ≥ a/b" in title for _, title in outline(opened))
    path = tmp_path / "formulas.pdf"
    path.write_bytes(made.files["issue.pdf"])
    done = subprocess.run(
        [Path(sys.executable).with_name("pdfua"), "check", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_line_of_an_index_names_a_page_once() -> None:
    """Two places on one page are one number in the index."""
    links = ", ".join(f'<a class="page" href="#{place}"></a>' for place in "abc")
    page = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>t</title><style>.page::after { content: '
        "target-counter(attr(href), page) } h2 { break-before: page }</style></head><body>"
        '<h1 id="content">x</h1><p id="a">a</p><p id="b">b</p>'
        f'<h2 id="c">c</h2><ul class="index"><li>Saif MW {links}</li></ul></body></html>'
    )
    facts = tagged.Facts(title="t", language="en", date="2014-07-28", periodical="p")
    made = pypdfium2.PdfDocument(pdf.render(page, facts, roots=(), fonts=None).content)
    assert "Saif MW 1, 2" in made[1].get_textpage().get_text_range()


def pages_of(style: str, body: str, first_page: int = 1) -> tuple[pikepdf.Pdf, list[str], bytes]:
    """A document, the text of each page, and its bytes."""
    text = (
        f'<!DOCTYPE html><html lang="en"><head><title>t</title><style>{style}</style></head><body>{body}</body></html>'
    )
    facts = tagged.Facts(title="t", language="en", date="2014-07-28", periodical="p", first_page=first_page)
    content = pdf.render(text, facts, roots=(), fonts=None).content
    texts = [page.get_textpage().get_text_range().strip() for page in pypdfium2.PdfDocument(content)]
    return pikepdf.open(io.BytesIO(content)), texts, content


@pytest.mark.parametrize("first", [1, 301])
def test_page_x_of_y(first: int) -> None:
    """Pages count to the number that the last one has, whatever the first one has and whatever comes before it."""
    style = (
        "@page { @bottom-right { content: counter(page) ' of ' counter(pages) } } @page front { @bottom-right { content: "
        "'(' counter(pages) ')' } } header { page: front } main { page: body } p + p { break-before: page } "
        f"@page :nth(1 of body) {{ counter-reset: page {first} }}"
    )
    _, texts, _ = pages_of(style, '<header>Cover</header><main id="content"><p>a</p><p>b</p><p>c</p></main>', first)
    last = first + 2
    assert [text.splitlines()[-1] for text in texts] == [f"({last})", *(f"{first + n} of {last}" for n in range(3))]


def test_running_heads_tell_what_is_on_the_page() -> None:
    """A range of numbers, one number, nothing; the entry that goes on from the page before."""
    style = "@page { size: A5; @top-left { content: '[' string(numbers) '|' string(entry) ']' } } .new { break-before: page }"

    def entry(number: str, head: str, kind: str = "", text: str = "x") -> str:
        numbered = f' data-number="{number}"' if number else ""
        return f'<article class="{kind}"{numbered} data-running-head="{head}"><p>{text}</p></article>'

    body = (
        entry("101", "A")
        + entry("P7", "B")
        + entry("TPS205", "C", text="x<br>" * 60)
        + entry("", "Article", "new")
        + '<p class="new">Index</p>'
    )
    _, texts, _ = pages_of(style, body)
    assert [text[text.index("[") :] for text in texts] == ["[101–TPS205|A]", "[TPS205|C]", "[|Article]", "[|]"]


def test_bleed_and_marks() -> None:
    """Colour ends where the bleed ends, marks are outside of it, and the page is the paper."""
    style = "@page { size: 100mm 150mm; margin: 0; bleed: 3mm; marks: crop cross; background: #ff0000 }"
    opened, _, content = pages_of(style, "<p>x</p>")
    page = opened.pages[0]
    media, bleed, trim = ([float(n) for n in box] for box in (page.mediabox, page.bleedbox, page.trimbox))
    millimetres = [round((trim[2] - trim[0]) / 72 * 25.4), round((trim[3] - trim[1]) / 72 * 25.4)]
    assert millimetres == [100, 150]
    assert [round((trim[0] - bleed[0]) / 72 * 25.4, 1), round((bleed[3] - trim[3]) / 72 * 25.4, 1)] == [3, 3]
    assert media[0] < bleed[0] - 20
    image = pypdfium2.PdfDocument(content)[0].render(scale=4).to_pil().convert("RGB")

    def colour(x: float, y: float) -> tuple[int, ...]:
        return tuple(image.getpixel((round((x - media[0]) * 4), round((media[3] - y) * 4))))

    assert colour(bleed[0] + 1, bleed[3] - 1) == (255, 0, 0)
    assert colour(bleed[0] - 1, bleed[3] + 1) == (255, 255, 255)
    assert colour(trim[0], bleed[3] + 10)[0] < 200  # where to cut
    assert image.getcolors(1 << 24)


def test_the_cover_reaches_the_bleed(journal: Path) -> None:
    """The cover's ground and its picture go on to the edge of the bleed; whole sheets have four pages each."""
    custom = journal / "overrides/css/custom.css"
    custom.parent.mkdir(parents=True, exist_ok=True)
    custom.write_text("@media print { @page { bleed: 3mm } }", encoding="utf-8")
    settings = journal / "digest.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "theme_options" not in text
    settings.write_text(text + "theme_options: {whole_sheets: yes}\n", encoding="utf-8")
    opened = pypdfium2.PdfDocument(build(journal / ISSUE, ["pdf"]).files["issue.pdf"])
    assert len(opened) % 4 == 0
    image = opened[0].render(scale=1).to_pil().convert("RGB")
    edges = {image.getpixel((x, y)) for x in (1, image.width - 2) for y in range(1, image.height - 1)}
    assert (255, 255, 255) not in edges
