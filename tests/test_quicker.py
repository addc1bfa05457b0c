"""WeasyPrint made quicker writes the same bytes, and another version of it is left alone."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import cssselect2
import pydyf  # type: ignore[import-untyped]  # it has no types
import pytest
import weasyprint

from bench.congress.folder import write_publication
from digest.preview import review
from digest.render import pdf, quicker, tagged
from tests.conftest import ISSUE, ROOT, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FONTS = ROOT / "templates" / "highlights" / "fonts" / "fonts.conf"
FACTS = tagged.Facts(title="x", language="en", date="2014-01-01", periodical="x")
TEXT = "Patients with pancreatic adenocarcinoma were randomly assigned to either of these treatments, "
LONG = "".join(f"{n} of 97: {TEXT}<sup>{n}</sup> CO<sub>2</sub> <i>p</i> = .0{n} <b>and</b> 95% CI. " for n in range(9))
STYLE = """@page { size: 110mm 130mm; margin: 10mm; @bottom-center { content: counter(page) " " string(head) } }
html { font: 10pt/1.3 serif; text-align: justify; hyphens: auto }"""

# What a page may have, each as a body and styles of its own.
PAGES = {
    "balanced columns": (f"<div>{f'<p>{LONG}</p>' * 2}</div><p>after</p>", "div { columns: 2; orphans: 2; widows: 3 }"),
    "filled columns": (
        f"<div>{f'<p>{LONG}</p><h2>Wide {TEXT}</h2>' * 4}</div>",
        "div { columns: 3; column-fill: auto } h2 { column-span: all; break-after: avoid; string-set: head content() }",
    ),
    "entries kept whole": (
        f"<article class='text'><p>{LONG}</p></article>" * 5,
        "article { break-inside: avoid; columns: 2; margin: 2em 5% }",
    ),
    "floats": (
        f"<div>{f'<p><span>note {TEXT}</span>{LONG}</p>' * 3}</div>",
        "div { columns: 2 } span { float: right; width: 30%; margin: 1em; border: 1px solid } p + p { clear: both }",
    ),
    "footnotes": (
        f"<div>{f'<p>{TEXT * 3}<span>{TEXT}</span> {LONG}</p>' * 3}</div>",
        "div { columns: 2 } span { float: footnote; footnote-policy: line }",
    ),
    "right to left": (
        f"<div dir='rtl' lang='ar'><p>سرطان البنكرياس {'العلاج الكيميائي للمرضى ' * 30}<b>CO₂ {TEXT}</b></p></div>"
        f"<p dir='rtl'>{LONG}</p>",
        "div { columns: 2 } b { margin: 0 1em; border: 1px solid }",
    ),
    "letters and lines": (
        f"<p>{LONG}</p><p class='cut'>{LONG}</p><pre>a\tb\n  c\u00ad</pre><p class='wide'>{TEXT * 3}</p>"
        f"<p class='break'>{'x' * 300} super\u00adcali\u00adfragi\u00adlistic {TEXT}</p>",
        "p::first-letter { font-size: 3em; float: left } p::first-line { font-weight: bold; letter-spacing: 1px }"
        ".cut { white-space: nowrap; overflow: hidden; text-overflow: ellipsis } pre { tab-size: 3 }"
        ".wide { letter-spacing: .3em; word-spacing: 1em; text-transform: uppercase; text-align-all: center }"
        ".break { overflow-wrap: anywhere; max-lines: 2; block-ellipsis: auto; hyphenate-limit-zone: 20% }",
    ),
    "boxes within a line": (
        f"<div><p>{TEXT}<i>{TEXT}<br>{TEXT}</i> {LONG} <em>top</em><q>middle</q><s>bottom</s><u>low {TEXT}</u></p></div>",
        "div { columns: 2 } i { display: inline-block; width: 40%; padding: 2px; text-decoration: underline overline }"
        "em { vertical-align: top; font-size: 2em } q { vertical-align: middle; display: inline-block }"
        "s { vertical-align: bottom; position: relative; top: 3px } u { vertical-align: calc(10% - 2px) }",
    ),
    "out of the flow": (
        f"<div><p>{TEXT}<i>absolute</i><b>fixed</b>{LONG}</p><ul><li>{TEXT}<li>{LONG}</ul></div>",
        "div { columns: 2; position: relative } i { position: absolute; right: 0 } b { position: fixed; top: 0 }"
        "li { text-decoration: line-through }",
    ),
    "flex and grid": (
        f"<div><p>{LONG}</p><p>{TEXT}</p></div><section><p>{TEXT}</p><p>{LONG}</p><p>{TEXT}</p></section>",
        "div { display: flex; gap: 1em } div p + p { min-width: 20%; max-width: 5em; flex: 1 }"
        "section { display: grid; grid-template-columns: 1fr 2fr; column-gap: 3% } p { padding: 1%; box-sizing: border-box }",
    ),
    "tables": (
        "<table>"
        f"<caption>{TEXT}</caption><thead><tr><th scope=col>a<th scope=col>b<tbody>"
        + f"<tr><th scope=row>{TEXT}<td>{LONG}" * 4
        + "</table><table class=c><tr><td colspan=2>a<tr><td>b<td>c</table>",
        ".c { border-collapse: collapse } td { border: thin solid; padding: 1% 2px; margin: 1em } th { width: 25% }",
    ),
    "pages with names": (
        f"<h1 id='a'>One</h1><p><a href='#b'>see</a> {LONG}</p><section><h1 id='b'>Two</h1><p>{LONG}</p></section>"
        "<p class='toc'><a href='#b'>leads</a><p class='toc'><a href='#a'>back</a>",
        "section { page: wide; box-decoration-break: clone; border: 1px solid; padding: 1em }"
        "@page wide { size: 150mm 100mm } h1 { break-before: page; string-set: head content() }"
        ".toc a::after { content: leader('.') target-counter(attr(href), page) }",
    ),
    "pictures": (
        "<p><svg width='90' height='30'><text x='3' y='20' font-size='9'>drawn</text><rect width='9' height='9'/></svg>"
        f"{LONG}<svg style='float: left' width='30' height='30'><circle r='9'/></svg>{LONG}</p>",
        "p { transform: rotate(1deg); opacity: .9; background: linear-gradient(red, blue); border-radius: 3px }",
    ),
    "inherited and computed": (
        f"<div><p>{TEXT}<span>{LONG}</span></p></div>",
        "div { --w: 3px; border: var(--w) dashed; margin-inline-start: 1em; inline-size: 80%; font-size: calc(9pt + 1px) }"
        "p { border-block-start: 2px solid; padding: inherit; width: calc(100% - 2em); min-height: 3em; all: revert }"
        "span:has(+ *) { color: red } sup:has(~ i) { color: blue } sub:not(:has(~ b)) { color: green }"
        "span { outline: 1px dotted; line-height: calc(1em + 3px); color: currentcolor; direction: ltr }",
    ),
}


def page(body: str, style: str) -> str:
    return f"<!DOCTYPE html><html lang='en'><head><title>x</title><style>{STYLE} {style}</style></head><body>{body}"


def made(text: str, roots: Sequence[Path] = ()) -> pdf.Pdf:
    return pdf.render(text, FACTS, roots=roots, fonts=FONTS)


def compare(text: str, monkeypatch: pytest.MonkeyPatch, roots: Sequence[Path] = ()) -> pdf.Pdf:
    """The document, the same with and without the patches."""
    assert quicker.is_tested(weasyprint)
    quick = made(text, roots)
    with monkeypatch.context() as other:
        other.setattr(weasyprint, "__version__", "70.1")
        assert not quicker.is_tested(weasyprint)
        usual = made(text, roots)
    assert quick == usual, "not the same bytes"
    return quick


@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a page may have is the same, to the byte."""
    assert compare(page(*PAGES[name]), monkeypatch).content


@pytest.mark.parametrize(
    ("theme", "kind"),
    [("highlights", "issue"), ("compact", "issue"), ("journal", "issue"), ("compact", "gallery")],
)
def test_documents(theme: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample and the gallery are the same, to the byte."""
    document = review.compose(review.Version(issue=SAMPLE / ISSUE), theme, kind)
    compare(document.html, monkeypatch, document.roots)


def test_a_book(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sample with thirty abstracts more, as a book: tables, footnotes, figures, indexes."""
    journal = shutil.copytree(SAMPLE, tmp_path / "journal", ignore=shutil.ignore_patterns("_build"))
    folder = journal / ISSUE
    other = write_publication(tmp_path / "book", 30)
    for path in (other / "records").iterdir():
        shutil.copy(path, folder / "records" / f"b{path.name}")
    entries = "\n".join(f"      - record: b{n}" for n in range(1, 31))
    head = folder / "issue.yaml"
    more = f"\nsections:\n  - title: More\n    entries:\n{entries}\n"
    head.write_text(head.read_text("utf-8").replace("\nsections:\n", more, 1), "utf-8")
    document = review.compose(review.Version(issue=folder), "book", "issue")
    assert len(compare(document.html, monkeypatch, document.roots).labels) > 20


def test_nothing_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a document, and with another version during it, each function is WeasyPrint's own."""

    def functions() -> list[object]:
        return [owner.__dict__[name] for owner, name in places]

    places = [(owner, name) for patch in quicker._PATCHES for owner, name, _ in patch(weasyprint)]  # noqa: SLF001 - all of them
    own = functions()
    assert len(places) > len(quicker._PATCHES)  # noqa: SLF001 - as above
    with quicker.patches(weasyprint):
        assert not any(now is before for now, before in zip(functions(), own, strict=True))
    assert functions() == own
    for library in (weasyprint, pydyf, cssselect2):
        with monkeypatch.context() as other:
            other.setattr(library, "__version__", "999")
            with quicker.patches(weasyprint):
                assert functions() == own
