"""Issues that lack what others have: no cover, no contents, one entry, only notices. Each looks meant in every theme."""

from __future__ import annotations

import io
import itertools
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from PIL import Image

from digest.build import build
from digest.render.theme import themes
from tests import odd_issues

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = frozenset({"meta", "img", "br", "hr", "link", "input", "wbr"})
BLOCKS = frozenset(
    {"p", "li", "ul", "ol", "h1", "h2", "h3", "h4", "figcaption", "td", "div", "section", "nav", "header"}
)


class _Blocks(HTMLParser):
    """The texts of the blocks of a page, in the order in which they end, with their depth."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str, list[str]]] = []
        self.blocks: list[tuple[str, str, str]] = []
        self.order: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            for _, _, texts in self.open:
                texts.append("[picture]")
        if tag not in EMPTY:
            self.open.append((tag, dict(attrs).get("class") or "", []))
            self.order.append(tag)

    def handle_endtag(self, tag: str) -> None:
        name, kind, texts = self.open.pop()
        assert name == tag
        self.blocks.append((tag, kind, "".join(texts).strip()))

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1][0] not in {"style", "script", "title"}:
            for _, _, texts in self.open:
                texts.append(data)
            if data.strip():
                self.order.append("text")


def double_rules(page: Any) -> list[int]:  # noqa: ANN401 - a page of PDFium
    """Where two rules across a page follow each other with nothing between them, in points from the top.

    What is higher than a rule is the ground of a box, which may follow another.
    """
    image = page.render(scale=1).to_pil().convert("L")
    if image.getpixel((2, 2)) < 200:  # a cover with a ground
        return []
    ink = image.point(lambda value: 255 if value < 250 else 0).resize((1, image.height), Image.Resampling.BOX)
    shares = [ink.getpixel((0, row)) / 255 for row in range(image.height)]
    inked = [(kind, [*rows]) for kind, rows in itertools.groupby(range(len(shares)), lambda row: _kind(shares[row]))]
    runs = [(kind, rows[0], len(rows)) for kind, rows in inked if kind != "nothing"]
    return [
        start
        for (kind, _, height), (after, start, other) in itertools.pairwise(runs)
        if kind == after == "across" and height <= _RULE and other <= _RULE
    ]


_RULE = 6  # points


def _kind(share: float) -> str:
    return "across" if share > 0.5 else "something" if share > 0.002 else "nothing"


@pytest.mark.parametrize("theme", themes(None))
@pytest.mark.parametrize("name", odd_issues.LACKING)
def test_looks_meant(tmp_path: Path, name: str, theme: str) -> None:
    """No empty page or element, no heading over nothing, no separator of nothing, no count of nothing, no double rule."""
    built = build(odd_issues.lacking(tmp_path / "journal", name), theme_name=theme)
    texts = {file.rpartition(".")[2]: content for file, content in built.files.items()}
    reader = _Blocks()
    reader.feed(texts["html"].decode())
    shown = [(tag, kind, text) for tag, kind, text in reader.blocks if tag in BLOCKS and kind != "preheader"]
    assert [(tag, kind) for tag, kind, text in shown if not text] == []
    small = [text for tag, _, text in shown if tag in {"p", "li", "figcaption"}]
    assert [text for text in small if re.search(r"^[·,;–]|[·,;–]$|·\s*·|,\s*,|\(\s*\)", text)] == []
    assert not re.search(r"\b0 (?:abstracts|entries)|: 0\b|Abstracts?\s+[#–]?\s*$", "\n".join(small), re.MULTILINE)
    order = [tag for tag in reader.order if tag in {"h1", "h2", "h3", "text"}]
    assert not re.search(r"(?:h1|h2|h3) (?:h1|h2|h3)", " ".join(order))  # a heading without words
    assert order[-1] == "text"
    if "pdf" in texts:
        document = pypdfium2.PdfDocument(io.BytesIO(texts["pdf"]))
        foot = re.escape(built.context.running_foot) if hasattr(built, "context") else ""
        for number, page in enumerate(document):
            text = page.get_textpage().get_text_bounded()
            blank = theme == "book" and number + 1 < len(document)  # before a right-hand page
            assert blank or len(re.sub(rf"{foot}|\W|\d", "", text)) > 10, number
            assert double_rules(page) == [] or "notices" in name, number  # these are boxes, one after the other
        if "nothing else" in name:
            assert len(document) == 1
        if name == "no cover, no contents":
            assert len(document) <= 2
    if "txt" in texts:
        plain = texts["txt"].decode()
        assert not re.search(r"\n{4}|(?m:^[=-]+\n+[=-]+$)|(?m:^[·,;–]+$)", plain.strip()), plain


def test_double_rules_are_seen() -> None:
    """The test above sees two rules without anything between them, and not two with a word."""
    from weasyprint import HTML

    rule = "<hr style='height:2pt;background:#000;border:0;margin:20pt 0'>"
    pages = [HTML(string=rule + between + rule).write_pdf() for between in ("", "<p>A word</p>")]
    assert [len(double_rules(pypdfium2.PdfDocument(io.BytesIO(page or b""))[0])) for page in pages] == [1, 0]
