"""How well pages are filled and set: ``python -m bench.pages [--pages] [FOLDER …]``; without folders, the sample.

For each theme that makes pages: the empty share of the pages that count (the mean, the worst, how many are more than
a third empty), and what a typesetter would take back:

* torn: a line ends between a number and its unit or at a decimal point, or the next begins with = ± ≥ and the like;
* lone lines: a paragraph leaves one line at the foot or the head of a column;
* lone heads: a heading or label with nothing of its text under it;
* hyphens: three lines or more in a row that end with one;
* rivers: a blank of a justified line that is wider than a third of the line;
* rules: the rule between two entries is the first thing of a page;
* in step: the share of the lines of text in second columns that are level with a line of the first.

A stretch of 15 mm or more without ink counts as empty, in each sixth of the width by itself: columns count alone.
"""

from __future__ import annotations

import argparse
import itertools
import re
import statistics
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2

from digest.build import load_theme, prepare, read
from digest.render import html, pdf
from digest.render.theme import themes

ROOT = Path(__file__).resolve().parent.parent
STRIPS, SCALE, BLANK = 6, 0.5, 15 / 25.4 * 72 * 0.5  # pixels of a page are half points
UNITS = (
    r"(?:mg|kg|g|µg|μg|ng|pg|mL|ml|dL|L|l|mm|cm|m|km|nm|µm|μm|mM|µM|μM|nM|mmHg|mmol|µmol|Gy|cGy|MBq|GBq|kDa|Da|bp|kb|Hz|"
    r"°C|K|%|‰|IU|U|h|hr|hrs|min|s|ms|d|days?|weeks?|wks?|months?|mo|years?|yrs?|hours?|minutes?|seconds?)"
)
TORN = (
    (re.compile(r"\d[\s\u00a0\u202f]*$"), re.compile(rf"\s*{UNITS}\b")),
    (re.compile(r"(?:^|[\s\d(])\.$"), re.compile(r"\d")),
    (re.compile(r""), re.compile(r"\s*[=±≥≤<>≈∼~×](?!\s*$)")),
    (re.compile(r"[=±≥≤<>≈×]\s*$"), re.compile(r"\s*[\d.-]")),
)
HEADS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class Line(NamedTuple):
    """A line of the pages: where it is, and of what."""

    page: int
    x: float
    y: float
    width: float
    text: str
    blank: float
    block: int  # the same for lines of one paragraph
    is_head: bool


class Broken(NamedTuple):
    """An entry that goes over pages.

    Attributes:
        name: its HTML id.
        heights: of its parts, as shares of their pages.
        lines: how many lines of its text, without head, comment and citation, are in each part.
    """

    name: str
    heights: tuple[float, ...]
    lines: tuple[int, ...]


class Page(NamedTuple):
    """A page that was looked at."""

    label: str
    empty: float


def lines_of(document: Any) -> list[Line]:  # noqa: ANN401 - WeasyPrint has no types
    """The lines of all pages in the order of the document, without running heads."""
    from weasyprint.formatting_structure import boxes

    found: list[Line] = []

    def walk(box: Any, page: int, block: Any, is_head: bool, is_two_sided: bool = False) -> None:  # noqa: ANN401 - as above
        if isinstance(box, boxes.MarginBox) or getattr(box, "style", {}).get("position") == "absolute":
            return
        if isinstance(box, boxes.LineBox):
            parts = [part for part in box.descendants() if isinstance(part, boxes.TextBox)]
            text = "".join(part.text for part in parts)
            if text.strip():
                blank = max((part.justification_spacing for part in parts), default=0.0)
                place = (box.position_x, box.position_y, sum(part.width for part in parts))
                found.append(Line(page, *place, text, blank, id(block), is_head and not is_two_sided))
            return
        element = getattr(box, "element", None)
        if isinstance(box, boxes.BlockContainerBox) and element is not None:
            block = element
            is_head = is_head or element.tag in HEADS or "label" in (element.get("class") or "")
        if element is not None and "two-sided" in (element.get("class") or "").split():
            is_two_sided = True  # its text is to the right of its head
        for child in getattr(box, "children", ()):
            walk(child, page, block, is_head, is_two_sided)

    for n, page in enumerate(document.pages):
        walk(page._page_box, n, None, False)  # noqa: SLF001 - nothing public has the boxes of a page
    return found


def rules_of(document: Any) -> int:  # noqa: ANN401 - as above
    """How many pages begin with the rule above an entry."""
    count = 0
    for page in document.pages:
        todo = list(page._page_box.children)  # noqa: SLF001 - as above
        while todo:
            box = todo.pop(0)
            element = getattr(box, "element", None)
            if (
                element is not None
                and element.tag == "article"
                and box.border_top_width
                and "notice" not in element.get("class")
            ):
                count += 1
                break
            todo = [child for child in getattr(box, "children", ()) if getattr(child, "height", 0)][:1]
    return count


def broken(document: Any) -> list[Broken]:  # noqa: ANN401 - as above
    """The entries that go over pages."""
    parts: dict[str, list[tuple[float, int]]] = {}
    for page in document.pages:
        whole = page._page_box  # noqa: SLF001 - as above
        for box in whole.descendants():
            if box.element is not None and box.element_tag == "article" and not box.is_column:
                parts.setdefault(box.element.get("id"), []).append(
                    (box.border_height() / whole.height, len(text_of(box)))
                )
    return [Broken(name, *zip(*pieces, strict=True)) for name, pieces in parts.items() if len(pieces) > 1]


def text_of(box: Any, is_text: bool = False) -> list[Any]:  # noqa: ANN401 - as above
    """The lines of the text of an entry."""
    from weasyprint.formatting_structure import boxes

    found: list[Any] = []
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.LineBox):
            found += [child] if is_text else []
        else:
            classes = (child.element.get("class") or "").split() if child.element is not None else ()
            found += text_of(child, is_text or "text" in classes or "body" in classes)
    return found


def in_step(document: Any) -> float:  # noqa: ANN401 - as above
    """The share of the lines of text in later columns that are level with a line of the first one, to half a pixel."""
    steps: list[bool] = []
    for page in document.pages:
        for box in page._page_box.descendants():  # noqa: SLF001 - as above
            columns = [child for child in getattr(box, "children", ()) if getattr(child, "is_column", False)]
            if len(columns) < 2 or not {"abstract", "body", "run"} & set((box.element.get("class") or "").split()):
                continue
            lines = [(column, line) for column in columns for line in text_of(column, is_text=True)]
            unit = statistics.mode(round(line.height, 1) for _, line in lines) if lines else 0
            text = [(column, line.position_y) for column, line in lines if abs(line.height - unit) < unit / 40]
            first = next((top for _, top in text), 0.0)
            later = [top - first for column, top in text if column.position_x > columns[0].position_x]
            steps += [abs(off / unit - round(off / unit)) < 0.5 / unit for off in later]
    return statistics.mean(steps) if steps else 1.0


def faults(lines: list[Line]) -> dict[str, list[str]]:
    """What is wrong, by kind: the text around each place."""
    found: dict[str, list[str]] = {kind: [] for kind in ("torn", "lone lines", "lone heads", "hyphens", "rivers")}
    hyphens = 0
    for one, two in itertools.pairwise(lines):
        together = one.block == two.block
        where = f"p. {one.page + 1}: {one.text[-30:]!r} | {two.text[:30]!r}"
        if together and any(end.search(one.text) and start.match(two.text) for end, start in TORN):
            found["torn"].append(where)
        hyphens = hyphens + 1 if together and one.text.rstrip().endswith(("-", "‐", "\u00ad")) else 0
        if hyphens == 3:
            found["hyphens"].append(where)
        if one.is_head and not two.is_head and (two.page != one.page or two.y < one.y):
            found["lone heads"].append(where)
        if one.blank > one.width / 3:
            found["rivers"].append(where)
    for _, paragraph in itertools.groupby(lines, key=lambda line: line.block):
        pieces: list[list[Line]] = []
        for line in paragraph:
            if pieces and line.page == pieces[-1][-1].page and line.y > pieces[-1][-1].y:
                pieces[-1].append(line)
            elif pieces and (line.page, line.y) == (pieces[-1][-1].page, pieces[-1][-1].y):
                pieces[-1].append(line)  # the same line in another box
            else:
                pieces.append([line])
        if len(pieces) > 1:
            lone = [piece[0] for piece in pieces if len({line.y for line in piece}) == 1]
            found["lone lines"] += [f"p. {line.page + 1}: {line.text[:60]!r}" for line in lone]
    return found


def look(page: Any, label: str, area: tuple[float, float, float, float]) -> Page:  # noqa: ANN401 - PDFium's
    """The empty share of a page inside its margins."""
    image = page.render(scale=SCALE).to_pil().convert("L")
    left, top, right, bottom = (
        round(share * size) for share, size in zip(area, (image.width, image.height) * 2, strict=True)
    )
    image = image.crop((left, top, max(right, left + STRIPS), max(bottom, top + 1)))
    empty = []
    for n in range(STRIPS):
        strip = image.crop((n * image.width // STRIPS, 0, (n + 1) * image.width // STRIPS, image.height))
        pixels, width = strip.tobytes(), strip.width
        inked = [min(pixels[y * width : (y + 1) * width]) < 250 for y in range(strip.height)]
        runs = ((key, len(list(run))) for key, run in itertools.groupby(inked))
        empty.append(sum(length for key, length in runs if not key and length >= BLANK) / strip.height)
    return Page(label, statistics.mean(empty))


class Measured(NamedTuple):
    """What was found in the pages of an issue in a theme."""

    pages: tuple[Page, ...]
    found: dict[str, list[str]]
    rules: int
    broken: list[Broken]
    in_step: float

    def row(self) -> str:
        """The cells of the table."""
        shares = [page.empty for page in self.pages if page.label.isdecimal()]
        filled = (f"{statistics.mean(shares):.0%}", f"{max(shares):.0%}", sum(share > 1 / 3 for share in shares))
        return " | ".join(
            map(str, (len(self.pages), *filled, *map(len, self.found.values()), self.rules, f"{self.in_step:.0%}"))
        )


def measure(folder: Path, name: str) -> Measured:
    """What is found in the pages of an issue in a theme."""
    issue = read(folder).issue
    theme = load_theme(issue, name)
    page = html.render(prepare(issue, theme), "print")
    documents: list[Any] = []
    made = pdf.proof(
        page.text,
        page.context.first_page,
        roots=(folder, *theme.roots),
        fonts=theme.find("fonts/fonts.conf"),
        on_layout=documents.append,
        typeset=issue.publication.language,
    )
    sheets = zip(pypdfium2.PdfDocument(made.content), made.labels, made.areas, strict=True)
    document = documents[-1]
    pages = tuple(look(*sheet) for sheet in sheets)
    return Measured(pages, faults(lines_of(document)), rules_of(document), broken(document), in_step(document))


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description="How well pages are filled and set.")
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / "seeds/sample/issues/2014-07-28"])
    parser.add_argument("--pages", action="store_true", help="each page and each place as well")
    parser.add_argument("--theme", action="append", help="this theme only")
    options = parser.parse_args()
    kinds = "torn | lone lines | lone heads | hyphens | rivers | rules | in step"
    print(f"| issue | theme | pages | empty, mean | worst | over a third | {kinds} |")
    print("| --- | --- |" + " ---: |" * 11)
    for folder in options.folders:
        issue = read(folder).issue
        for name in options.theme or themes(None):
            if load_theme(issue, name).inline:
                continue
            measured = measure(folder, name)
            print(f"| {issue.root.name} | {name} | {measured.row()} |", flush=True)
            if options.pages:
                print(*(f"{page.label}: {page.empty:.0%}" for page in measured.pages))
                print(*(f"  {kind}: {place}" for kind, places in measured.found.items() for place in places), sep="\n")


if __name__ == "__main__":
    main()
