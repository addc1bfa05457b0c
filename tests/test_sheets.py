"""PDFs of sheets: the same pages as in one piece, the same bytes from the store, from processes, from a cluster."""

from __future__ import annotations

import io
import re
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from digest import build, store
from digest.cite import Styles
from digest.errors import Problem
from digest.render import html, pdf, tagged
from digest.render.indexes import IndexLine
from digest.render.paper import cutting, making, reach
from digest.render.sheeting import JOINT, Sheeting
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from digest.render.pdf import Pdf

FONTS = ROOT / "templates/highlights/fonts/fonts.conf"
FACTS = tagged.Facts(title="T", language="en", date="2014-07-28", periodical="P", first_page=31)
STYLE = """
@page { size: 100mm 120mm; margin: 14mm 8mm 14mm 16mm; background: #fffdf5;
  @top-left { content: string(part, start) } @top-right { content: string(numbers) }
  @bottom-right { content: counter(page) ' of ' counter(pages) } }
@page :left { margin: 14mm 16mm 14mm 8mm; @bottom-right { content: none } @bottom-left { content: counter(page) } }
@page :first { @top-left { content: 'first' } }
@page front { @bottom-right { content: counter(page, lower-roman) } }
@page :blank { @top-left { content: none } }
@page :nth(1 of body) { counter-reset: page 31; @bottom-right { content: 'opens ' counter(page) } }
.front { page: front } main { page: body; break-before: right } .new { break-before: page }
h2 { string-set: part content(text); bookmark-level: 1 }
.box { border: 1pt solid; padding: 3mm; margin: 4mm 0 }
section + section h2 { color: #006 } section:first-child h2 { color: #600 } section:has(+ *) { font-style: italic }
a.page::after { content: ' on ' target-counter(attr(href), page) }
table { border-collapse: collapse } td, th { border: 0.5pt solid }
"""


def entry(n: int, text: str = "Text of an entry that takes some lines. " * 6) -> str:
    return (
        f'<article id="e{n}" data-number="{n}" data-running-head="E{n}"><h3>Entry {n}</h3><p>{text}</p>'
        f'<p>See <a class="page" href="#e{n % 9 + 1}">the other</a>, <a href="https://example.org/{n}">a page</a>.</p>'
        f"<table><thead><tr><th>A<th>B<tbody><tr><th>{n}<td>2</table></article>"
    )


def document(joint: str = JOINT) -> str:
    """Front matter, two sections in three sheets, one of which begins on a right page, and an index."""
    listed = "".join(f'<li><a class="page" href="#e{n}">Entry {n}</a></li>' for n in range(1, 10))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>T</title><style>{STYLE}</style></head>'
        f'<body><nav class="front"><h1>Contents</h1><ul>{listed}</ul></nav>{joint}<main id="content"><section>'
        f"<h2>One</h2>{''.join(entry(n) for n in range(1, 4))}{joint}"
        f'<div class="new box">{"".join(entry(n) for n in range(4, 7))}</div></section>{joint}'
        f'<section class="new"><h2>Two – ő</h2>{"".join(entry(n) for n in range(7, 10))}</section>{joint}'
        '<section class="new" style="break-before: right"><h2>Index</h2><p>病 <b>a</b>, <a href="#e1">back</a>, '
        '<a href="#nowhere">nowhere</a></p></section></main></body></html>'
    )


def made(text: str, kept: store.Store | None = None, **options: object) -> Pdf:
    roots = (ROOT / "seeds", ROOT / "templates/highlights")
    return pdf.render(text, FACTS, roots=roots, fonts=FONTS, kept=kept, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def cut() -> Pdf:
    return made(document())


@pytest.fixture(scope="module")
def whole() -> Pdf:
    return made(document(), whole=True)


def pictures(content: bytes) -> list[Any]:
    opened = pypdfium2.PdfDocument(content)
    return [opened[n].render(scale=1).to_pil().convert("RGB") for n in range(len(opened))]


def destinations(content: bytes) -> dict[str, tuple[int, float, float]]:
    """Named places: the number of the page, and where on the paper."""
    found = {}
    with pikepdf.open(io.BytesIO(content)) as opened:
        numbers: dict[Any, int] = {page.objgen: n for n, page in enumerate(opened.pages)}
        for leaf in opened.Root.Names.Dests.Kids:
            names = list(leaf.Names)
            for name, place in zip(names[::2], names[1::2], strict=True):
                page = opened.pages[numbers[place[0].objgen]]
                left, bottom = float(page.MediaBox[0]), float(page.MediaBox[1])
                found[str(name)] = (
                    numbers[place[0].objgen],
                    round(float(place[2]) - left, 2),
                    round(float(place[3]) - bottom, 2),
                )
    return found


def links(content: bytes) -> list[tuple[int, str, tuple[float, ...]]]:
    found = []
    with pikepdf.open(io.BytesIO(content)) as opened:
        for n, page in enumerate(opened.pages):
            left, bottom = float(page.MediaBox[0]), float(page.MediaBox[1])
            for note in page.get("/Annots", ()):
                x1, y1, x2, y2 = (float(x) for x in note.Rect)
                target = str(note.Dest) if "/Dest" in note else str(note.A.URI)
                found.append((n, target, tuple(round(x, 1) for x in (x1 - left, y1 - bottom, x2 - left, y2 - bottom))))
    return found


def structure(content: bytes) -> list[tuple[str, int]]:
    """The elements of the structure in their order, each with its page."""
    found = []

    def walk(node: Any, numbers: dict[Any, int]) -> None:  # noqa: ANN401 - pikepdf's objects
        if isinstance(node, pikepdf.Dictionary) and "/S" in node:
            found.append((str(node.S), numbers[node.Pg.objgen] if "/Pg" in node else -1))
            kids: Any = node.get("/K", [])
            for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
                walk(kid, numbers)

    with pikepdf.open(io.BytesIO(content)) as opened:
        walk(opened.Root.StructTreeRoot.K[0], {page.objgen: n for n, page in enumerate(opened.pages)})
    return found


def test_pages_of_sheets_are_those_of_one_piece(cut: Pdf, whole: Pdf) -> None:
    """Labels, pictures, places, links, bookmarks and structure are the same."""
    assert cut.labels == whole.labels
    assert cut.anchors == whole.anchors
    for n, (one, other) in enumerate(zip(pictures(cut.content), pictures(whole.content), strict=True)):
        assert ImageChops.difference(one, other).getbbox() is None, n
    assert destinations(cut.content) == destinations(whole.content)
    assert links(cut.content) == links(whole.content)
    assert structure(cut.content) == structure(whole.content)
    titles = [
        [(item.get_title(), item.level) for item in pypdfium2.PdfDocument(one.content).get_toc()]
        for one in (cut, whole)
    ]
    assert titles[0] == titles[1]


def test_texts_of_pages(cut: Pdf) -> None:
    """Numbers of pages, running heads and the marks of first pages are right over all sheets."""
    opened = pypdfium2.PdfDocument(cut.content)
    texts = [opened[n].get_textpage().get_text_bounded().replace("\r\n", " ") for n in range(len(opened))]
    last = cut.labels[-1]
    assert "first" in texts[0]
    assert all("first" not in text for text in texts[1:])
    assert [text.count("opens 31") for text in texts].index(1) == cut.labels.index("31")
    assert sum(text.count("opens") for text in texts) == 1
    assert f"{last} of {last}" in texts[-1] or texts[-1].rstrip().endswith(last)
    for n in range(1, 10):
        assert f"Entry {n} on {cut.anchors[f'e{n}']}" in texts[0]


def test_the_file_is_sound(cut: Pdf) -> None:
    """QPDF finds nothing; the parent tree leads from each marked content to its element."""
    with pikepdf.open(io.BytesIO(cut.content)) as opened:
        assert opened.check_pdf_syntax() == []
        tree: dict[int, Any] = {}
        for leaf in opened.Root.StructTreeRoot.ParentTree.Kids:
            first, last = (int(n) for n in leaf.Limits)
            nums = list(leaf.Nums)
            keys = [int(key) for key in nums[::2]]
            assert keys == sorted(keys)
            assert (keys[0], keys[-1]) == (first, last)
            tree.update(zip(keys, nums[1::2], strict=True))
        for n, page in enumerate(opened.pages):
            assert int(page.StructParents) == n
            for note in page.get("/Annots", ()):
                assert tree[int(note.StructParent)].S == "/Link"
            marked = {int(k) for part in page.Contents for k in re.findall(rb"/MCID (\d+)", part.read_bytes())}
            assert marked == {k for k, item in enumerate(tree.get(n, ())) if item is not None}


def test_what_is_noticed(cut: Pdf, whole: Pdf) -> None:
    """Messages are those of one piece, each once; a link that leads nowhere is one of them."""
    assert set(cut.problems) == set(whole.problems)
    assert len(cut.problems) == len(set(cut.problems))
    assert [problem.message for problem in cut.problems] == ["No anchor #nowhere for internal URI reference"]
    assert cut.missing == whole.missing == ("病",)


def test_the_same_from_the_store_and_from_processes(cut: Pdf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made, loaded, made by processes: the same bytes; a damaged sheet is made again."""
    kept = store.Store(tmp_path / "made")
    assert made(document(), kept).content == cut.content
    monkeypatch.setattr("digest.render.paper.sheet.make", None)  # nothing is laid out any more
    monkeypatch.setattr("digest.render.paper.frames.make", None)
    assert made(document(), kept).content == cut.content
    monkeypatch.undo()
    for path in (tmp_path / "made").rglob("*"):
        if path.is_file() and "sheet" in path.as_posix():
            path.write_bytes(path.read_bytes()[:-1] + b"\0")
    assert made(document(), kept).content == cut.content
    monkeypatch.setattr(making, "_SMALL", 0)
    assert made(document()).content == cut.content


def test_a_change_makes_one_sheet_anew(tmp_path: Path) -> None:
    """A word changed in one sheet: the others come from the store, and the file is that of a cold start."""
    kept = store.Store(tmp_path / "made")
    made(document(), kept)
    changed = document().replace("Entry 8</h3>", "Entry acht</h3>")
    done: list[int] = []
    before = sum(1 for path in (tmp_path / "made").rglob("*") if path.is_file())
    content = made(changed, kept, on_sheet=lambda n, _of, _pages: done.append(n)).content
    after = sum(1 for path in (tmp_path / "made").rglob("*") if path.is_file())
    assert content == made(changed).content
    assert after - before <= 3  # the sheet, and frames where the entry's number is said


@pytest.mark.parametrize(
    ("style", "line"),
    [
        ("h2 { counter-increment: part }", 1),
        ("@page { counter-reset: page 3 figure }", 1),
        ("p::after { content: target-text(attr(href)) }", 1),
        ("@page :nth(2n) { margin: 0 }", 1),
        ("header { position: running(head) }", 1),
        ("article { display: block flow list-item }", 1),
        ("@page { @bottom-left { content: counter(page) ' of ' counter(pages) } }", 0),
        ("@media print {\n @page x:left { @bottom-left { content: counter( pages ) } }\n p { color: red }\n}", 0),
        ("@page { margin: 1cm }\np::after { content: counter(pages) }", 2),
        ("/* two\nlines */\np { position: fixed }", 3),
        ("@page :nth(1 of body) { counter-reset: page 3 }", 0),
        ("@page { counter-reset: page -1 }", 0),
        ("/* counter-increment: part */ p { counter-reset: none }", 0),
        ("section:nth-last-of-type(2) { color: red }", 1),
        ("main > :not(h1):last-of-type { color: red }", 1),
        ("body:has(#e9) h1 { color: red }", 1),
        ("main:not(:has(.notice)) { color: red }", 1),
        ("section:has(table td) h2 { color: red }", 1),
        ("section:has(~ .new) { color: red }", 1),
        (".new:has(b) + section { color: red }", 1),
        ("article:has(td) { color: red } section:has(*), section:has(+ .new) { color: red }", 0),
        ("article p:nth-last-of-type(2), td:last-of-type { color: red }", 0),
        ("li:not(:has(> a)) { color: red }", 0),
    ],
)
def test_styles_that_look_further_than_a_sheet(style: str, line: int) -> None:
    """A document whose styles count, repeat something of other pages, or ask for what was cut off, is not cut."""
    found = reach.looking_further([SimpleNamespace(shown="a.css", text=style)], document())
    assert (found.line if found else 0) == line


def test_footnotes_are_counted_over_all_sheets() -> None:
    """Their numbers go on; sheets that print numbers of their own, or none, do not depend on those before."""
    text = document().replace("of an entry that", 'of an entry<span class="note">A note.</span> that', 40)
    styled = text.replace("</style>", ".note { float: footnote } #e1 .note::footnote-call { content: '*' }</style>")
    one, other = made(styled), made(styled, whole=True)
    for picture, same in zip(pictures(one.content), pictures(other.content), strict=True):
        assert ImageChops.difference(picture, same).getbbox() is None
    own = styled.replace("</style>", ".note::footnote-call, .note::footnote-marker { content: '*' }</style>")
    done: list[int] = []
    made(own, on_sheet=lambda n, _of, _pages: done.append(n))
    assert len(done) <= 2 * own.count(JOINT) + 1  # those with numbers of pages are made twice, no other


def test_blank_pages_inside_of_a_sheet() -> None:
    """Whether there is one depends on the pages of the sheets before, of which there may be another number."""
    text = document().replace('<div class="new box">', '<div class="new">')
    text = text.replace('<article id="e5"', '<article style="break-before: right" id="e5"')
    for pages in range(3):
        more = '<p style="break-before: page">More</p>' * pages
        changed = text.replace(f"</article>{JOINT}", f"</article>{more}{JOINT}", 1)
        one, other = made(changed), made(changed, whole=True)
        assert one.labels == other.labels
        assert one.anchors == other.anchors
        assert destinations(one.content) == destinations(other.content)


def test_the_folder_is_not_in_the_file(tmp_path: Path) -> None:
    """The same issue in another folder gives the same bytes, with pictures and the heads of tables."""
    written = []
    for name in ("a", "another folder"):
        (tmp_path / name).mkdir()
        picture = tmp_path / name / "dot.png"
        Image.new("RGB", (4, 4), "red").save(picture)
        text = document().replace("<h3>", f'<h3><img alt="dot" src="{picture.as_uri()}">')
        roots = (tmp_path / name, ROOT / "templates/highlights")
        written.append(pdf.render(text, FACTS, roots=roots, fonts=FONTS).content)
    assert written[0] == written[1]


def test_a_picture_of_several_sheets_is_in_the_file_once(tmp_path: Path) -> None:
    """With its mask, however many sheets show it; another picture is another object."""
    for name, colour in (("a", (255, 0, 0, 90)), ("b", (0, 0, 255, 120))):
        Image.new("RGBA", (4, 4), colour).save(tmp_path / f"{name}.png")
    both = "".join(f'<img alt="{name}" src="{(tmp_path / name).as_uri()}.png">' for name in "ab")
    text = document().replace("<h3>", f"<h3>{both}")
    one, other = (
        pdf.render(text, FACTS, roots=(tmp_path, ROOT / "templates/highlights"), fonts=FONTS, whole=whole).content
        for whole in (False, True)
    )
    for content in (one, other):
        with pikepdf.open(io.BytesIO(content)) as opened:
            assert opened.check_pdf_syntax() == []
            images = [item for item in opened.objects if isinstance(item, pikepdf.Stream) and "/Width" in item]
            assert len(images) == 4
    for picture, same in zip(pictures(one), pictures(other), strict=True):
        assert ImageChops.difference(picture, same).getbbox() is None


def test_marks_move_with_the_paper() -> None:
    """Marks for cutting are exactly where they are in one piece, on pages of either side."""
    text = document().replace("@page { size", "@page { bleed: 3mm; marks: crop cross; size")
    for picture, same in zip(pictures(made(text).content), pictures(made(text, whole=True).content), strict=True):
        assert ImageChops.difference(picture, same).getbbox() is None


def test_a_book_from_right_to_left_says_so() -> None:
    """Programs that show two pages next to each other put the first one on the right."""
    for direction, leftwards in (("ltr", False), ("rtl", True)):
        content = made(document().replace('lang="en"', f'lang="ar" dir="{direction}"')).content
        with pikepdf.open(io.BytesIO(content)) as opened:
            assert ("/Direction" in opened.Root.ViewerPreferences) == leftwards


def test_what_begins_at_a_joint_is_not_in_the_sheet_before() -> None:
    """An element that is opened before a joint, with all its content after it, leaves no page where pages change."""
    styles = "main p { page: wide } @page wide { size: 8cm 5cm } .back { page: body; margin-top: 3mm }"
    text = (
        f'<!DOCTYPE html><html lang="en"><head><title>T</title><style>{STYLE}{styles}</style></head><body>'
        f'<main><section><p>One</p></section></main>\n<footer class="back" id="back">\n{JOINT}<section class="new">'
        f'<h2>Index</h2></section>{JOINT}<section class="new"><p>Two</p></section></footer></body></html>'
    )
    cut, whole = made(text), made(text, whole=True)
    assert len(cut.labels) == len(whole.labels) == 3
    assert pictures(cut.content) == pictures(whole.content)
    assert cut.anchors == whole.anchors


def test_a_joint_without_a_page_break_is_joined() -> None:
    """Where a template names a joint, and the styles begin no page there, nothing is torn."""
    text = document().replace(
        "</section>" + JOINT + '<section class="new"><h2>Two', "</section>" + JOINT + "<section><h2>Two"
    )
    one, other = made(text), made(text, whole=True)
    assert one.labels == other.labels
    assert structure(one.content) == structure(other.content)


def test_joints_without_page_breaks_are_joined_all_at_once() -> None:
    """However many joints begin no page, the document is printed as if it had none of them."""
    text = document().replace("</article>", "</article>" + JOINT)
    assert text.count(JOINT) > 12
    one, other = made(text), made(text, whole=True)
    assert one.labels == other.labels
    assert destinations(one.content) == destinations(other.content)


def test_siblings_of_other_sheets_are_known_to_selectors() -> None:
    """What is before and after a joint stays as empty elements, once each, with what is open continued."""
    sheets = cutting.cut(document()).sheets
    assert [len(re.findall("<section", sheet)) for sheet in sheets] == [0, 2, 2, 3, 3]
    assert sheets[2].count("data-continued") == 3  # body, main, section
    assert "display:none" in sheets[2]
    assert all(JOINT not in sheet for sheet in sheets)


def test_a_large_book_is_divided_evenly(tmp_path: Path) -> None:
    """No abstract is lost, none of the groups is longer than asked for, short tracks share a sheet."""
    folder = tmp_path / "sample"
    shutil.copytree(ROOT / "seeds/sample", folder)
    issue = build.read(folder / "issues/2014-07-28").issue
    context = html.Drawing(html.prepare(issue, build.load_theme(issue, "book"), Styles(issue.root)), "print").context
    some = next(track for track in context.tracks if track.entries)
    sizes = [1, 1, 40, 3, 16, 15, 2, 90, 150, 20]
    tracks = tuple(
        msgspec.structs.replace(some, id=f"t{n}", entries=some.entries[:1] * size) for n, size in enumerate(sizes)
    )
    names = tuple(IndexLine(name=f"N{n}", initial=chr(65 + n // 90), references=()) for n in range(2000))
    large = msgspec.structs.replace(context, tracks=tracks, author_index=names)
    divided = Sheeting(most=15, least=100).divided(large)
    assert divided.in_sheets
    assert [sum(map(len, track.sheets)) for track in divided.tracks] == sizes
    assert all(len(sheet) <= 15 for track in divided.tracks for sheet in track.sheets)
    assert not divided.tracks[0].opens_sheet
    assert [track.opens_sheet for track in divided.tracks[1:]] == [False, *[True] * 8]
    assert [track.opens_contents for track in divided.tracks] == [*[False] * 8, True, False]
    listed = [line for letters in divided.author_index_sheets for letter in letters for line in letter.lines]
    assert listed == list(names)
    assert all(sum(len(letter.lines) for letter in letters) <= 500 for letters in divided.author_index_sheets)
    assert Sheeting(most=15, least=1000).divided(large) == large


def test_long_contents_have_the_time_that_they_take() -> None:
    """Contents of 6,000 abstracts without an article in them: a minute and more of computing. Few entries have less."""
    line = b"<li class='contents-entry'><a href='#abstract-1'>" + b"A title of some length " * 8 + b"</a></li>"
    assert making.limits(line * 6000).seconds > 120
    assert making.limits(b"<article>text</article>" * 15).seconds == 50


def test_a_sheet_that_fails_is_named_with_its_entries() -> None:
    """The error says which entries were laid out; the problems of several sheets come together."""
    from digest.errors import DigestError, ProjectError
    from digest.render.paper import sheet

    job = sheet.Job(html='<article class="digest" id="abstract-7"><p id="x">', roots=())
    error = making._together([(job, DigestError("WeasyPrint cannot lay this out"))])  # noqa: SLF001 - see the name
    assert isinstance(error, DigestError)
    assert error.entries == ("abstract-7",)
    problems = [Problem(level="error", code="asset-type", message=text) for text in ("a", "b")]
    error = making._together([(job, ProjectError([problem])) for problem in problems])  # noqa: SLF001 - see above
    assert isinstance(error, ProjectError)
    assert list(error.problems) == problems
