"""The book of a congress as the folder of an issue, and the changes that are made to it there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from msgspec import structs

from bench.congress.book import make
from digest.export import yaml_record
from digest.export.yamltext import yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.congress.book import Abstract, Book, Overview, Table

_HEAD = """title: Bench of Books
publisher: Sample Society
theme: book
"""
_ISSUE = """date: 2014-01-01
title: Abstracts
meeting:
  name: 1st Meeting of the Sample Society 2013
  place: Northfield, Sampleland
  start: 2013-12-30
sections:
"""


def write_publication(root: Path, size: int, *, plain: bool = False) -> Path:
    """Writes the publication of an invented book; gives the folder of its issue.

    Args:
        root: where.
        size: how many abstracts.
        plain: as `make` takes it.
    """
    return write(make(size, plain=plain), root)


def write(book: Book, root: Path) -> Path:
    """Writes the publication of a book; gives the folder of its issue."""
    folder = root / "issues" / "2014-01-01"
    (folder / "records").mkdir(parents=True)
    head = _HEAD + ("theme_options:\n  contents_abstracts: yes\n" if book.references else "")
    (root / "digest.yaml").write_text(head, encoding="utf-8")
    (folder / "issue.yaml").write_text(_ISSUE + "".join(_sections(book)), encoding="utf-8")
    for one in book.abstracts:
        write_record(folder, one)
    if book.references:
        named = (structs.replace(record, id=f"r{n}") for n, record in enumerate(book.references))
        listed = "".join("- " + yaml_record(record).rstrip("\n").replace("\n", "\n  ") + "\n" for record in named)
        (folder / "references.yaml").write_text(listed, encoding="utf-8")
    for overview in (track.overview for track in book.tracks if track.overview):
        for name, text in ((f"articles/{overview.key}.md", _article(overview)), (_figure(overview), drawing(overview))):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def write_record(folder: Path, abstract: Abstract) -> None:
    """Writes the record of an abstract, or writes it again."""
    path = folder / "records" / f"{abstract.record.number}.yaml"
    path.write_text(yaml_record(abstract.record), encoding="utf-8")


def add(folder: Path, abstract: Abstract, *, after: Abstract) -> None:
    """Adds an abstract to the issue.

    Args:
        folder: the folder of the issue.
        abstract: the abstract.
        after: the one that it follows.
    """
    write_record(folder, abstract)
    path = folder / "issue.yaml"
    before = "".join(_entry(after))
    head, found, rest = path.read_text(encoding="utf-8").partition(before)
    assert found, "the entry is as it was written"
    path.write_text(head + before + "".join(_entry(abstract)) + rest, encoding="utf-8")


def drawing(overview: Overview) -> str:
    """The figure of an article as SVG."""
    bars = "".join(
        f'<rect x="{20 + 40 * n}" y="{110 - bar}" width="26" height="{bar}" fill="#7a1f2b"/>'
        for n, bar in enumerate(overview.bars)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 360 120" width="360" height="120">'
        f'<path d="M10 4V110H350" fill="none" stroke="#333"/>{bars}</svg>\n'
    )


def _figure(overview: Overview) -> str:
    return f"figures/{overview.key}.svg"


def _sections(book: Book) -> Iterator[str]:
    for track in book.tracks:
        yield f"  - title: {json.dumps(track.title)}\n    entries:\n"
        if track.overview:
            yield f"      - article: {track.overview.key}\n"
        for one in track.abstracts:
            yield from _entry(one)


def _entry(one: Abstract) -> Iterator[str]:
    """The lines of an entry; what is printed with an abstract is in the comment on it."""
    yield f'      - record: "{one.record.number}"\n'
    if one.cited or one.table:
        yield "        comment: |\n"
    if one.cited:
        yield f"          Earlier work: [{'; '.join(f'@r{n}' for n in one.cited)}].\n"
    if one.table:
        yield "".join(f"\n          {line}".rstrip(" ") for line in ("", *_table(one.table))) + "\n"


def _table(table: Table) -> Iterator[str]:
    yield f"Table: {table.caption}"
    yield ""
    yield "| " + " | ".join(table.heads) + " |"
    yield "| " + " | ".join(["---", *["---:"] * (len(table.heads) - 1)]) + " |"
    for row in table.rows:
        yield "| " + " | ".join(row) + " |"


def _article(overview: Overview) -> str:
    people = [
        {"given": person.given, "family": person.family, "affiliations": person.affiliations}
        for person in overview.authors
    ]
    lines = [
        "---",
        f"title: {yaml_text(overview.title.source)}",
        f"authors: {json.dumps(people, ensure_ascii=False)}",
        f"affiliations: {json.dumps([one.source for one in overview.affiliations], ensure_ascii=False)}",
        "figures:",
        f"  bars: {{file: {_figure(overview)}, alt: Eight bars, caption: {json.dumps(overview.caption)}}}",
        "---",
        "",
        overview.paragraphs[0],
        "",
        *_table(overview.table),
        "",
        overview.paragraphs[1],
        "",
        "![](bars)",
        "",
        overview.paragraphs[2],
    ]
    return "\n".join(lines) + "\n"
