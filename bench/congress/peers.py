"""The same book for other programs: sources for typst, for pdflatex and, as HTML, for Chromium and WeasyPrint alone.

Each prints contents with every abstract, a run of two columns for each track, tables, figures, references and the
indexes. Indexes lead to abstracts by their numbers, as ours do. None of them has our running heads.
"""

from __future__ import annotations

import html
import importlib.util
import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from bench.congress.book import Book
from bench.congress.folder import drawing
from digest import resources
from digest.cite import society_citation
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.congress.book import Abstract, Overview, Table
    from digest.model import Person, Record
    from digest.text import Node

FONTS: Final = resources.folder("templates") / "highlights" / "fonts"
_TITLE: Final = "Abstracts of the 1st Meeting of the Sample Society 2013"


class Peer(Struct, frozen=True, kw_only=True):
    """A program that prints the book.

    Attributes:
        name: its name.
        lacks: what installs it, where it is not on this machine.
        write: writes its sources into an empty folder.
        command: what makes ``book.pdf`` of them in that folder.
        note: what its book does not have.
    """

    name: str
    lacks: str
    write: Callable[[Book, Path], None]
    command: tuple[str, ...]
    note: str = ""


def peers() -> dict[str, Peer]:
    """All of them, by name."""
    latex = "pdflatex -interaction=batchmode -halt-on-error book.tex"
    chromium = shutil.which("chromium")
    compiled = "import typst; typst.compile('book.typ', output='book.pdf', font_paths=[{!r}], ignore_system_fonts=True)"
    listed = (
        Peer(
            name="typst",
            lacks="" if importlib.util.find_spec("typst") else ".venv/bin/pip install --group bench",
            write=lambda book, folder: _written(folder, "book.typ", Typst(book).lines(), book),
            command=(sys.executable, "-c", compiled.format(str(FONTS))),
        ),
        Peer(
            name="pdflatex, 3 runs",
            lacks=""
            if shutil.which("pdflatex")
            else "apt-get install texlive-latex-base texlive-latex-recommended lmodern",
            write=lambda book, folder: _written(folder, "book.tex", Latex(book).lines(), book),
            command=("sh", "-c", " && ".join([latex] * 3)),
            note="no tags",
        ),
        Peer(
            name="Chromium",
            lacks="" if chromium else "apt-get install chromium",
            write=lambda book, folder: _written(folder, "book.html", Html(book).lines(), book),
            command=(
                chromium or "chromium",
                *(
                    "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-dev-shm-usage"
                ).split(),
                *("--no-pdf-header-footer --generate-pdf-document-outline --print-to-pdf=book.pdf book.html").split(),
            ),
            note="no page numbers in the contents",
        ),
        Peer(
            name="WeasyPrint alone",
            lacks="",
            write=lambda book, folder: _written(folder, "book.html", Html(book).lines(), book),
            command=(sys.executable, "-m", "weasyprint", "--pdf-variant", "pdf/ua-1", "book.html", "book.pdf"),
            note="nothing of ours: no breaks of our own, no check",
        ),
    )
    return {peer.name.partition(",")[0].partition(" ")[0].casefold(): peer for peer in listed}


def _written(folder: Path, name: str, lines: Iterable[str], book: Book) -> None:
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for overview in (track.overview for track in book.tracks if track.overview):
        (folder / f"{overview.key}.svg").write_text(drawing(overview), encoding="utf-8")


class _Writer:
    """What all have in common: the order of the parts. Subclasses know a syntax."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def lines(self) -> Iterator[str]:
        """The whole source, in pieces."""
        yield from self.head()
        for n, track in enumerate(self.book.tracks, 1):
            yield from self.track(track.title, n)
            if track.overview:
                yield from self.overview(track.overview)
            yield from self.run([line for one in track.abstracts for line in self.abstract(one)])
        yield from self.index("Authors", self.book.authors.items())
        yield from self.index("Keywords", self.book.keywords.items())
        yield from self.foot()

    def overview(self, overview: Overview) -> Iterator[str]:
        """The article of a track."""
        first, second, third = overview.paragraphs
        yield self.heading(self.rich(overview.title), overview.key)
        yield from self.byline(overview.authors, overview.affiliations)
        yield self.paragraph(self.markup(first))
        yield from self.table(overview.table)
        yield self.paragraph(self.markup(second))
        yield from self.figure(overview)
        yield self.paragraph(self.markup(third))

    def abstract(self, one: Abstract) -> Iterator[str]:
        """An abstract."""
        record = one.record
        heading = f"{self.text(record.number)} {self.rich(record.title)}"
        yield self.heading(heading, f"abstract-{record.number}")
        yield from self.byline(record.authors, record.affiliations)
        for part in record.abstract:
            yield self.paragraph(f"{self.strong(part.label or '')} {self.rich(part.text)}")
        if one.table:
            yield from self.table(one.table)
        yield self.small(f"{self.strong('Keywords')} {self.text('; '.join(record.keywords))}")
        yield self.small(self.text(f"{society_citation(record)} doi:{record.ids.doi}"))
        if one.cited:
            yield from self.references([_reference(self.book.references[n]) for n in one.cited])

    def rich(self, text: RichText) -> str:
        """A text with its markup."""
        return "".join(map(self._node, text.nodes))

    def _node(self, node: Node) -> str:
        if isinstance(node, str):
            return self.text(node)
        return self.tag(node[0], "".join(map(self._node, node[1])))

    def markup(self, source: str) -> str:
        """A text that is written as inline HTML."""
        return self.rich(RichText.parse(source))

    def byline(self, authors: Sequence[Person], affiliations: Sequence[RichText]) -> Iterator[str]:
        """Authors and affiliations, with their marks."""
        yield self.small(
            ", ".join(
                self.text(person.full) + self.tag("sup", ",".join(map(str, person.affiliations))) for person in authors
            )
        )
        yield self.small(
            "; ".join(self.tag("sup", str(n)) + self.rich(place) for n, place in enumerate(affiliations, 1))
        )

    # -- what a syntax is ----------------------------------------------------------------------------------------------

    def head(self) -> Iterator[str]:
        """What comes first, contents included."""
        raise NotImplementedError

    def foot(self) -> Iterator[str]:
        """What comes last."""
        return iter(())

    def text(self, text: str) -> str:
        """Plain text, escaped."""
        raise NotImplementedError

    def tag(self, name: str, inner: str) -> str:
        """Marked text: ``i``, ``b``, ``sub``, ``sup``."""
        raise NotImplementedError

    def strong(self, text: str) -> str:
        """Bold text, escaped."""
        return self.tag("b", self.text(text))

    def paragraph(self, inner: str) -> str:
        """A paragraph."""
        raise NotImplementedError

    def small(self, inner: str) -> str:
        """A paragraph in small letters."""
        raise NotImplementedError

    def heading(self, inner: str, anchor: str) -> str:
        """The title of an abstract or article."""
        raise NotImplementedError

    def track(self, title: str, n: int) -> Iterator[str]:
        """The head of a track."""
        raise NotImplementedError

    def run(self, lines: Sequence[str]) -> Iterator[str]:
        """Abstracts in columns."""
        raise NotImplementedError

    def table(self, table: Table) -> Iterator[str]:
        """A table with its caption."""
        raise NotImplementedError

    def figure(self, overview: Overview) -> Iterator[str]:
        """The figure of an article."""
        raise NotImplementedError

    def references(self, printed: Sequence[str]) -> Iterator[str]:
        """A numbered list."""
        raise NotImplementedError

    def index(self, title: str, lines: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
        """An index that leads to abstracts by their numbers."""
        raise NotImplementedError


def _reference(record: Record) -> str:
    """A reference, formatted before: none of the peers has a processor of citations at work."""
    people = ", ".join(person.short for person in record.authors)
    year = record.issued.year if record.issued else ""
    return f"{people}. {record.title.plain}. {record.container_short} {year}; {record.volume}:{record.pages}."


# -- typst -------------------------------------------------------------------------------------------------------------

_TYPST: Final = """#set document(title: "TITLE")
#set page(paper: "a4", margin: (x: 18mm, top: 23mm, bottom: 20mm), numbering: "1")
#set text(font: "Source Serif 4", size: 8.5pt, lang: "en", hyphenate: true)
#set par(justify: true, leading: 0.5em, spacing: 0.6em)
#set table(stroke: 0.4pt, inset: 2pt)
#show heading: set text(font: "Source Sans 3", weight: 600, hyphenate: false)
#show heading.where(level: 1): set text(size: 20pt, fill: rgb("#7a1f2b"))
#show heading.where(level: 2): set text(size: 10pt)
#let s(body) = block(text(size: 7.2pt, body))
#let a(n) = link(label("abstract-" + n), n)
#text(size: 30pt, [TITLE])
#pagebreak()
#outline(depth: 2)"""


class Typst(_Writer):
    """For typst: a document with an outline; it numbers pages by laying out again until nothing moves."""

    def head(self) -> Iterator[str]:  # noqa: D102 - as of the base
        yield _TYPST.replace("TITLE", _TITLE)

    def text(self, text: str) -> str:  # noqa: D102
        return re.sub(r"([\\#$*_`@<>~\[\]\"'/=+\-])", r"\\\1", text)

    def tag(self, name: str, inner: str) -> str:  # noqa: D102
        function = {"i": "emph", "b": "strong", "sub": "sub", "sup": "super"}[name]
        return f"#{function}[{inner}]"

    def paragraph(self, inner: str) -> str:  # noqa: D102
        return f"\n{inner}\n"

    def small(self, inner: str) -> str:  # noqa: D102
        return f"#s[{inner}]"

    def heading(self, inner: str, anchor: str) -> str:  # noqa: D102
        return f"== {inner} <{anchor}>"

    def track(self, title: str, n: int) -> Iterator[str]:  # noqa: D102
        yield f"#pagebreak()\n= {self.text(title)} <track-{n}>"

    def run(self, lines: Sequence[str]) -> Iterator[str]:  # noqa: D102
        yield "#columns(2, gutter: 7mm)["
        yield from lines
        yield "]"

    def table(self, table: Table) -> Iterator[str]:  # noqa: D102
        cells = (f"[{self.text(cell)}]" for row in table.rows for cell in row)
        head = f"table.header({', '.join(f'[{self.text(cell)}]' for cell in table.heads)})"
        grid = f"table(columns: {len(table.heads)}, {head}, {', '.join(cells)})"
        yield f"#figure({grid}, caption: [{self.markup(table.caption)}])"

    def figure(self, overview: Overview) -> Iterator[str]:  # noqa: D102
        yield f'#figure(image("{overview.key}.svg", alt: "Eight bars"), caption: [{self.markup(overview.caption)}])'

    def references(self, printed: Sequence[str]) -> Iterator[str]:  # noqa: D102
        yield "#s[\n" + "\n".join(f"+ {self.text(one)}" for one in printed) + "\n]"

    def index(self, title: str, lines: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:  # noqa: D102
        yield f"#pagebreak()\n= {title}\n#columns(4, gutter: 5mm)[#set text(size: 7.8pt, hyphenate: false)"
        yield "#set par(justify: false)"
        for name, numbers in lines:
            yield f"{self.text(name)} {', '.join(f'#a({json.dumps(number)})' for number in numbers)} \\"
        yield "]"


# -- LaTeX -------------------------------------------------------------------------------------------------------------

_LATEX: Final = r"""\documentclass[a4paper,twocolumn]{article}
\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{lmodern}\usepackage{textcomp}\usepackage[english]{babel}
\usepackage[a4paper,hmargin=18mm,top=23mm,bottom=20mm,columnsep=7mm]{geometry}
\usepackage{microtype}\usepackage{multicol}\usepackage[hidelinks,bookmarksdepth=2]{hyperref}
\setlength{\parindent}{0pt}\setlength{\parskip}{2pt}\setlength{\emergencystretch}{2em}\setcounter{secnumdepth}{0}
\newcommand{\body}{\fontsize{8.5}{11.4}\selectfont}\newcommand{\little}{\fontsize{7.2}{9.4}\selectfont}
\newcommand{\s}[1]{{\little #1\par}}
\newcommand{\entry}[2]{\par\bigskip\phantomsection\label{#2}\addcontentsline{toc}{subsection}{#1}%
{\fontsize{10}{12}\selectfont\bfseries\raggedright #1\par}\nopagebreak}
\newcommand{\track}[1]{\onecolumn\phantomsection\addcontentsline{toc}{section}{#1}{\Huge\bfseries #1\par}\bigskip}
\newcommand{\nr}[1]{\hyperref[abstract-#1]{#1}}
\newcommand{\bari}[1]{\rule{8mm}{#1mm}\hspace{3mm}}
\begin{document}\body\sloppy
{\Huge TITLE\par}\clearpage\tableofcontents"""
_IN_LATEX: Final = {
    "β": r"\ensuremath{\beta}",
    "≥": r"\ensuremath{\geq}",
    "≤": r"\ensuremath{\leq}",
    "−": r"\ensuremath{-}",
    "×": r"\texttimes{}",
    "±": r"\textpm{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


class Latex(_Writer):
    """For pdflatex: the class article in two columns; contents need a second run, which moves them, and a third."""

    def head(self) -> Iterator[str]:  # noqa: D102 - as of the base
        yield _LATEX.replace("TITLE", _TITLE)

    def foot(self) -> Iterator[str]:  # noqa: D102
        yield r"\end{document}"

    def text(self, text: str) -> str:  # noqa: D102
        escaped = re.sub(r"([&%$#_{}])", r"\\\1", text.replace("\\", r"\textbackslash{}"))
        escaped = (
            escaped.replace("~", r"\textasciitilde{}").replace("<", r"\textless{}").replace(">", r"\textgreater{}")
        )
        return re.sub("|".join(_IN_LATEX), lambda match: _IN_LATEX[match[0]], escaped)

    def tag(self, name: str, inner: str) -> str:  # noqa: D102
        macro = {"i": "emph", "b": "textbf", "sub": "textsubscript", "sup": "textsuperscript"}[name]
        return rf"\{macro}{{{inner}}}"

    def paragraph(self, inner: str) -> str:  # noqa: D102
        return inner + r"\par"

    def small(self, inner: str) -> str:  # noqa: D102
        return rf"\s{{{inner}}}"

    def heading(self, inner: str, anchor: str) -> str:  # noqa: D102
        return rf"\entry{{{inner}}}{{{anchor}}}"

    def track(self, title: str, n: int) -> Iterator[str]:  # noqa: ARG002, D102
        yield rf"\track{{{self.text(title)}}}"

    def run(self, lines: Sequence[str]) -> Iterator[str]:  # noqa: D102
        yield r"\twocolumn"
        yield from lines

    def table(self, table: Table) -> Iterator[str]:  # noqa: D102
        yield rf"{{\little {self.markup(table.caption)}\par"
        yield rf"\begin{{tabular}}{{l{'r' * (len(table.heads) - 1)}}}\hline"
        for n, row in enumerate((table.heads, *table.rows)):
            yield " & ".join(map(self.text, row)) + r" \\" + (r"\hline" if n == 0 else "")
        yield r"\hline\end{tabular}\par}"

    def figure(self, overview: Overview) -> Iterator[str]:  # noqa: D102
        yield "".join(rf"\bari{{{bar / 4:.1f}}}" for bar in overview.bars) + r"\par"
        yield rf"\s{{{self.markup(overview.caption)}}}"

    def references(self, printed: Sequence[str]) -> Iterator[str]:  # noqa: D102
        for n, one in enumerate(printed, 1):
            yield rf"\s{{{n}. {self.text(one)}}}"

    def index(self, title: str, lines: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:  # noqa: D102
        yield rf"\track{{{title}}}\begin{{multicols}}{{4}}\raggedright\little"
        for name, numbers in lines:
            links = ", ".join(rf"\nr{{{number}}}" for number in numbers)
            yield rf"{self.text(name)} {links}\par"
        yield r"\end{multicols}"


# -- HTML --------------------------------------------------------------------------------------------------------------

_CSS: Final = """@page { size: A4; margin: 23mm 18mm 20mm; @bottom-right { content: counter(page); font: 8.5pt Sans; } }
html { font: 8.5pt/1.34 Serif; } body { margin: 0; }
h1, h2, h3, caption, figcaption, .small { font-family: Sans; }
h1 { font-size: 30pt; } h2 { font-size: 20pt; color: #7a1f2b; break-before: page; }
h3 { font-size: 10pt; line-height: 1.2; margin: 5mm 0 1mm; break-after: avoid; }
p { margin: 0 0 1.4mm; text-align: justify; hyphens: auto; orphans: 3; widows: 3; }
.small { font-size: 7.2pt; line-height: 1.3; text-align: left; hyphens: manual; }
.run { columns: 2; column-gap: 7mm; column-fill: auto; } .index { columns: 4; column-gap: 5mm; font-size: 7.8pt; }
.index p { text-align: left; hyphens: manual; margin: 0; } sub, sup { font-size: 70%; line-height: 0; }
table { border-collapse: collapse; font-size: 7pt; } td, th { border-bottom: 0.4pt solid; padding: 0 1.4mm 0 0; }
td + td { text-align: right; } figure { margin: 2mm 0; } img { width: 100%; } ol { padding-left: 5mm; margin: 0; }
a { color: inherit; text-decoration: none; } nav a { display: block; } nav .track { font-weight: 600; margin-top: 2mm; }
nav a::after { content: target-counter(attr(href), page); float: right; }"""
_FACES: Final = (
    ("Serif", "SourceSerif4-Regular", "400 normal"),
    ("Serif", "SourceSerif4-Italic", "400 italic"),
    ("Serif", "SourceSerif4-SemiBold", "600 normal"),
    ("Sans", "SourceSans3-Regular", "400 normal"),
    ("Sans", "SourceSans3-SemiBold", "600 normal"),
)


class Html(_Writer):
    """For Chromium and WeasyPrint: one page of HTML, its page numbers in the contents where CSS can count them."""

    def head(self) -> Iterator[str]:  # noqa: D102 - as of the base
        yield f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{_TITLE}</title><style>{_CSS}'
        for family, name, kind in _FACES:
            weight, style = kind.split()
            source = f"src: url({(FONTS / name).as_uri()}.ttf)"
            yield f"@font-face {{ font-family: {family}; font-weight: {weight}; font-style: {style}; {source} }}"
        yield f"</style></head><body><h1>{_TITLE}</h1><nav><h2>Contents</h2>"
        for n, track in enumerate(self.book.tracks, 1):
            yield f'<a class="track" href="#track-{n}">{self.text(track.title)}</a>'
            if track.overview:
                yield f'<a href="#{track.overview.key}">{self.rich(track.overview.title)}</a>'
            for record in (one.record for one in track.abstracts):
                yield f'<a href="#abstract-{record.number}">{record.number} {self.rich(record.title)}</a>'
        yield "</nav>"

    def foot(self) -> Iterator[str]:  # noqa: D102
        yield "</body></html>"

    def text(self, text: str) -> str:  # noqa: D102
        return html.escape(text)

    def tag(self, name: str, inner: str) -> str:  # noqa: D102
        return f"<{name}>{inner}</{name}>"

    def paragraph(self, inner: str) -> str:  # noqa: D102
        return f"<p>{inner}</p>"

    def small(self, inner: str) -> str:  # noqa: D102
        return f'<p class="small">{inner}</p>'

    def heading(self, inner: str, anchor: str) -> str:  # noqa: D102
        return f'<h3 id="{anchor}">{inner}</h3>'

    def track(self, title: str, n: int) -> Iterator[str]:  # noqa: D102
        yield f'<h2 id="track-{n}">{self.text(title)}</h2>'

    def run(self, lines: Sequence[str]) -> Iterator[str]:  # noqa: D102
        yield '<div class="run">'
        yield from lines
        yield "</div>"

    def table(self, table: Table) -> Iterator[str]:  # noqa: D102
        heads = "".join(f'<th scope="col">{self.text(cell)}</th>' for cell in table.heads)
        yield f"<table><caption>{self.markup(table.caption)}</caption><thead><tr>{heads}</tr></thead><tbody>"
        for row in table.rows:
            yield f"<tr>{''.join(f'<td>{self.text(cell)}</td>' for cell in row)}</tr>"
        yield "</tbody></table>"

    def figure(self, overview: Overview) -> Iterator[str]:  # noqa: D102
        caption = self.markup(overview.caption)
        yield f'<figure><img src="{overview.key}.svg" alt="Eight bars"><figcaption>{caption}</figcaption></figure>'

    def references(self, printed: Sequence[str]) -> Iterator[str]:  # noqa: D102
        yield f'<ol class="small">{"".join(f"<li>{self.text(one)}</li>" for one in printed)}</ol>'

    def index(self, title: str, lines: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:  # noqa: D102
        yield f'<h2>{title}</h2><div class="index">'
        for name, numbers in lines:
            links = ", ".join(f'<a href="#abstract-{number}">{number}</a>' for number in numbers)
            yield f"<p>{self.text(name)} {links}</p>"
        yield "</div>"
