"""What docs/bad-input.md says of bad input is what happens: each row of its table is tried as a user would meet it."""

from __future__ import annotations

import gzip
import io
import os
import re
import shlex
import shutil
import sqlite3
import struct
import subprocess
import sys
import zipfile
import zlib
from typing import TYPE_CHECKING, NamedTuple

import pytest
import xlsxwriter
from PIL import Image

from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

MANUAL = ROOT / "docs" / "bad-input.md"
BEGIN, END = "<!-- rows: begin -->\n", "<!-- rows: end -->\n"


class Row(NamedTuple):
    """One thing that can come in.

    Attributes:
        what: the input, as the manual names it.
        happens: what the program does.
        code: the code of the problem that is printed; empty: a message without a code, or nothing.
        status: the exit status.
        files: the content of files by name; from the publication's folder where `build` or `check` is called.
        arguments: the command.
        said: words of the message.
        kept: words of the output.
        gone: words that are not in the output.
        make: makes what is not a file with bytes.
    """

    what: str
    happens: str
    code: str
    status: int
    arguments: str
    files: Mapping[str, bytes] = {}
    said: str = ""
    kept: Sequence[str] = ()
    gone: Sequence[str] = ()
    make: Callable[[Path], object] | None = None


BOMB = b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 10))
MARC = b"00095nam a2200049 a 4500100001400000245003100014\x1e1 \x1faLee, Ann.\x1e10\x1faA book of MARC /\x1e\x1d"


def ris(title: str = "Ducks", number: int = 1, more: str = "") -> bytes:
    return f"TY  - ABST\nAU  - Doe, J\nTI  - {title}\nAN  - {number}\n{more}ER  - \n".encode()


def oai(more: bytes) -> bytes:
    """Two records, of which the first has something in it."""
    record = (
        b"<record><header><identifier>oai:ponds:%d</identifier></header><metadata>"
        b'<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        b"%s<dc:title>Ducks</dc:title></oai_dc:dc></metadata></record>"
    )
    both = record % (1, more) + record % (2, b"")
    return b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>' + both + b"</ListRecords></OAI-PMH>"


def jpeg_of_layers(folder: Path) -> None:
    """A progressive JPEG whose last scan comes 300 times."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64)).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    last = whole.rindex(b"\xff\xda")
    (folder / "overrides" / "logo.jpg").write_bytes(whole[:last] + whole[last:-2] * 300 + whole[-2:])


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def workbook(cell: str) -> bytes:
    """A workbook of one sheet, with a text in one cell."""
    kinds = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheet_ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            f'openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{kinds}'
            f'.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{sheet_ns}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{sheet_ns}"><sheetData><row><c r="{cell}" t="inlineStr"><is><t>Title</t></is></c></row>'
            "</sheetData></worksheet>",
        )
    return out.getvalue()


def foreign_database(folder: Path) -> None:
    with sqlite3.connect(folder / "library.db") as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()


def issue_as_pipe(folder: Path) -> None:
    (folder / ISSUE_FILE).unlink()
    os.mkfifo(folder / ISSUE_FILE)


def publication_as_pipe(folder: Path) -> None:
    (folder / "digest.yaml").unlink()
    os.mkfifo(folder / "digest.yaml")


def issue_as_link(folder: Path) -> None:
    (folder / ISSUE_FILE).unlink()
    (folder / ISSUE_FILE).symlink_to("/etc/passwd")


def record_as_pipe(folder: Path) -> None:
    (folder / ISSUE / "records" / "101.yaml").unlink()
    os.mkfifo(folder / ISSUE / "records" / "101.yaml")


def packed_line(folder: Path) -> None:
    with gzip.open(folder / "a.csv.gz", "wb") as file:
        file.write(b"Title,Authors\n")
        for _ in range(300):
            file.write(b"a" * 2**20)


def issues_elsewhere(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    shutil.copytree(folder / "issues", elsewhere)
    shutil.rmtree(folder / "issues")
    (folder / "issues").symlink_to(elsewhere)
    digest = [sys.executable, "-m", "digest"]
    subprocess.run([*digest, "collect"], cwd=folder, check=True, capture_output=True)


def overrides_elsewhere(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir()
    shutil.rmtree(folder / "overrides", ignore_errors=True)
    (folder / "overrides").symlink_to(folder.parent / "elsewhere")


def unfolding_workbook(folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        with package.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(300):
                part.write(b"A" * 2**20)


def workbook_without_a_text(folder: Path) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate((("Title", "Authors"), ("Ducks", "Jane Doe"), ("Geese", "John Poe"))):
            sheet.write_row(n, 0, row)
    with zipfile.ZipFile(out) as package, zipfile.ZipFile(folder / "a.xlsx", "w") as broken:
        for name in package.namelist():
            content = package.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b'<c r="B3" t="s"><v>5</v>', b'<c r="B3" t="s"><v>99</v>')
            broken.writestr(name, content)


CONVERT = "convert {} --to json"
BUILD = "build --to html"
PARTIAL = "overrides/partials/colophon.html"
ISSUE_FILE = f"{ISSUE}/issue.yaml"
SMALL_ISSUE = b"date: 2014-07-28\ntitle: Small\nsections:\n  - title: One\n    entries:\n      - record: P1701\n"

RECORDS = [
    Row("an empty file", "refused", "", 1, CONVERT.format("a.ris"), {"a.ris": b""}),
    Row("a file in no known format", "refused", "", 1, CONVERT.format("a.bin"), {"a.bin": b"\x00\x01\x02" * 50}),
    Row("a file that does not exist", "refused", "", 1, CONVERT.format("gone.ris"), {}),
    Row("a name that nobody could give a file", "refused", "", 1, CONVERT.format("x" * 300 + ".ris"), {}),
    Row("an empty name", "refused", "", 1, "convert ''", {}, said="the name of a file is empty"),
    Row(
        "a folder without a record",
        "a warning",
        "empty-source",
        0,
        CONVERT.format("empty"),
        {},
        make=lambda at: (at / "empty").mkdir(),
    ),
    Row(
        "a named pipe",
        "refused at once",
        "",
        5,
        CONVERT.format("pipe.ris"),
        {},
        make=lambda at: os.mkfifo(at / "pipe.ris"),
    ),
    Row(
        "a link that leads to itself",
        "refused",
        "",
        1,
        CONVERT.format("loop.ris"),
        {},
        make=lambda at: (at / "loop.ris").symlink_to("loop.ris"),
    ),
    Row(
        "a device without an end",
        "refused at once",
        "",
        5,
        CONVERT.format("zero.ris"),
        {},
        make=lambda at: (at / "zero.ris").symlink_to("/dev/zero"),
    ),
    Row(
        "a record without a title, with a number",
        "called by its number, “[Abstract A2]”",
        "no-title",
        0,
        CONVERT.format("a.csv"),
        {"a.csv": b"Number,Title,Authors\nA1,Ducks,Doe J\nA2,,Doe J\n"},
        kept=["Ducks", "[Abstract A2]"],
    ),
    Row(
        "a record without title and number",
        "called “[Untitled]”",
        "no-title",
        0,
        CONVERT.format("a.ris"),
        {"a.ris": b"TY  - ABST\nAU  - Doe, J\nER  - \n" + ris()},
        kept=["[Untitled]", "Ducks"],
    ),
    Row(
        "a record with nothing to know it by",
        "left out; the others are read",
        "no-title",
        0,
        CONVERT.format("a.ris"),
        {"a.ris": b"TY  - ABST\nPY  - 2014\nER  - \n" + ris()},
        kept=["Ducks"],
        gone=["Untitled", "2014"],
    ),
    Row(
        "RIS whose last record has no end",
        "read",
        "",
        0,
        CONVERT.format("a.ris"),
        {"a.ris": ris()[:-7]},
        kept=["Ducks"],
    ),
    Row(
        "a line of 5 MB in a format of lines",
        "refused; the message gives the line",
        "",
        1,
        CONVERT.format("a.ris"),
        {"a.ris": b"TY  - ABST\nTI  - " + b"x" * 5_000_000},
    ),
    Row(
        "a line of 300 MB in a packed file of 300 kB",
        "refused as it unfolds",
        "",
        1,
        CONVERT.format("a.csv.gz"),
        said="a line of more than 4 MiB",
        make=packed_line,
    ),
    Row(
        "a title of 1 MB",
        "cut, with a warning",
        "cut",
        0,
        CONVERT.format("a.json"),
        {
            "a.json": b'[{"id":"a","type":"article-journal","author":[{"family":"Doe"}],"title":"'
            + b"x " * 500_000
            + b'"}]'
        },
    ),
    Row(
        "30,000 authors",
        "the first 20,000 are kept, with a warning",
        "cut",
        0,
        CONVERT.format("a.ris"),
        {"a.ris": ris(more="".join(f"AU  - Name{n}, A\n" for n in range(30_000)))},
        kept=["Ducks", "Name19998"],
        gone=["Name20001"],
    ),
    Row(
        "a word of 80,000 letters",
        "read; it is broken into lines",
        "",
        0,
        CONVERT.format("a.ris"),
        {"a.ris": ris(more=f"AB  - {'y' * 80_000}\n")},
        kept=["y" * 80_000],
    ),
    Row(
        "bytes that are not UTF-8",
        "read as Windows-1252, with a note",
        "encoding",
        0,
        CONVERT.format("a.ris") + " -v",
        {"a.ris": "TY  - ABST\nAU  - Döe, J\nTI  - Dücks\nER  - \n".encode("cp1252")},
        kept=["Dücks", "Döe"],
    ),
    Row(
        "a NUL and other control characters",
        "left out of the text",
        "",
        0,
        CONVERT.format("a.ris"),
        {"a.ris": ris("Du\x00ck\x07s")},
        kept=["Ducks"],
    ),
    Row(
        "JSON that is cut off",
        "error; what came before is read",
        "cut-off",
        0,
        CONVERT.format("a.json"),
        {"a.json": b'[{"type":"article-journal","author":[{"family":"Doe"}],"title":"Ducks"},{"ti'},
        kept=["Ducks"],
    ),
    Row("JSON nested 100,000 deep", "refused", "", 1, CONVERT.format("a.json"), {"a.json": b"[" * 100_000}),
    Row(
        "`NaN`, `1e400` and numbers of 90 bits in JSON",
        "read: nothing, or as text",
        "",
        0,
        CONVERT.format("a.json"),
        {"a.json": b'[{"id":"a","title":"Ducks","volume":1234567890123456789012345678,"page":NaN,"issue":1e400}]'},
        kept=["Ducks"],
        gone=["NaN", "nan", "inf"],
    ),
    Row(
        "a list nested 5,000 deep in one item of JSON",
        "the other fields and items are read",
        "",
        0,
        CONVERT.format("a.json"),
        {
            "a.json": b'[{"id":"a","type":"article-journal","container-title":"Ponds","title":"Ducks","x":'
            + b"[" * 5000
            + b"]" * 5000
            + b'},{"id":"b","title":"Geese"}]'
        },
        kept=["Ducks", "Ponds", "Geese"],
    ),
    Row(
        "elements nested 5,000 deep in one record of OAI-PMH",
        "left out; the others are read",
        "xml",
        0,
        CONVERT.format("a.xml"),
        {"a.xml": oai(b"<x>" * 5000 + b"</x>" * 5000)},
        said="oai:ponds:1",
        kept=["Ducks"],
    ),
    Row(
        "a number of a million digits in JSON",
        "refused or read as text; no crash",
        "",
        0,
        CONVERT.format("a.json"),
        {"a.json": b'[{"title":"Ducks","volume":' + b"1" * 1_000_000 + b"}]"},
        kept=["Ducks"],
    ),
    Row(
        "XML with entities that unfold without end",
        "refused or left out; nothing unfolds",
        "",
        1,
        CONVERT.format("a.xml"),
        {
            "a.xml": b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><rss><channel><item><title>&b;</title></item></channel></rss>'
        },
        gone=["haha"],
    ),
    Row(
        "XML that asks for a local file",
        "nothing is opened",
        "",
        1,
        CONVERT.format("a.xml"),
        {
            "a.xml": b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>&x;</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>'
        },
        gone=["root:"],
    ),
    Row(
        "100,000 attributes in one tag of a page",
        "the first 1,000 are looked at",
        "too-many",
        1,
        CONVERT.format("a.html"),
        {
            "a.html": b"<html><head><title>Ducks</title></head><body><p "
            + b"".join(b"a%d=1 " % n for n in range(100_000))
            + b">x</p></body></html>"
        },
    ),
    Row(
        "HTML nested 20,000 deep",
        "read or refused; no crash",
        "",
        1,
        CONVERT.format("a.html"),
        {"a.html": b"<html><title>x</title>" + b"<div>" * 20_000},
    ),
    Row(
        "a script in a title or text",
        "left out; its text too",
        "",
        0,
        CONVERT.format("a.json"),
        {
            "a.json": b'[{"id":"a","type":"article-journal","author":[{"family":"Doe"}],"title":"Ducks<script>alert(1)</script>"}]'
        },
        kept=["Ducks"],
        gone=["script", "alert"],
    ),
    Row(
        "BibTeX with braces that are never closed",
        "refused or reported",
        "",
        1,
        CONVERT.format("a.bib"),
        {"a.bib": b"@article{a, title = " + b"{" * 50_000},
    ),
    Row(
        "CSV of which a quote is never closed",
        "read, with a warning",
        "odd-quote",
        0,
        CONVERT.format("a.csv"),
        {"a.csv": b'Title,Authors\n"Ducks,Doe\nGeese,Roe\n'},
        kept=["Ducks", "Geese"],
    ),
    Row(
        "CSV whose headings come again",
        "left out, with a note",
        "headings-again",
        0,
        CONVERT.format("a.csv") + " -v",
        {"a.csv": b"Title,Authors\nDucks,Doe\nTitle,Authors\nGeese,Doe\n"},
        kept=["Ducks", "Geese"],
        gone=['"Title"'],
    ),
    Row(
        "a workbook with a cell whose text is not in it",
        "read without it, with a warning",
        "damaged",
        0,
        CONVERT.format("a.xlsx"),
        said="B3",
        make=workbook_without_a_text,
        kept=["Ducks", "Geese"],
        gone=["Poe"],
    ),
    Row(
        "CSV with rows that are too long",
        "read, with a warning",
        "ragged",
        0,
        CONVERT.format("a.csv"),
        {"a.csv": b"Title,Authors,Abstract number\nDucks,Jane Doe,1\nGeese,John Roe,2,more,and more\n"},
        kept=["Ducks", "Geese"],
    ),
    Row(
        "a workbook with a cell outside every sheet",
        "refused before it is opened",
        "",
        1,
        CONVERT.format("a.xlsx"),
        {"a.xlsx": workbook("ZZZZZZ1")},
        said="ZZZZZZ1",
    ),
    Row(
        "a workbook with one cell in row 9,999,999",
        "refused before it is opened",
        "",
        1,
        CONVERT.format("a.xlsx"),
        {"a.xlsx": workbook("A9999999")},
    ),
    Row(
        "a packed file that is not a workbook",
        "refused",
        "",
        1,
        CONVERT.format("a.xlsx"),
        {"a.xlsx": b"PK\x03\x04" + b"\0" * 100},
    ),
    Row(
        "a table whose head is unknown",
        "refused, with the heads that are known",
        "",
        1,
        CONVERT.format("a.csv"),
        {"a.csv": b"Foo,Bar\n1,2\n"},
    ),
    Row(
        "records of ours in YAML with an alias or tag",
        "error; the records before it are read",
        "yaml",
        0,
        CONVERT.format("a.yaml"),
        {"a.yaml": b"schema: 1\nrecords:\n  - &a {id: x, title: Ducks}\n  - *a\n"},
        kept=["Ducks"],
    ),
    Row(
        "aliases in the front matter of a page that unfold without end",
        "refused; a few are followed",
        "yaml",
        1,
        CONVERT.format("a.md --from markdown"),
        {"a.md": b"---\ntitle: Ducks\na0: &a0 [x]\n" + BOMB + b"authors: *a9\n---\n\nThey swim.\n"},
        gone=["Ducks"],
    ),
    Row(
        "a library's catalogue in MARC 21",
        "refused, with what can be read",
        "",
        1,
        CONVERT.format("a.mrc"),
        {"a.mrc": MARC},
        said="MARC 21",
    ),
    Row(
        "the same in XML",
        "refused, with what can be read",
        "",
        1,
        CONVERT.format("a.xml"),
        {"a.xml": b'<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader/></record></collection>'},
        said="MARC 21",
    ),
    Row(
        "a name of 5,000 letters",
        "the author is left out, with a warning",
        "odd-name",
        0,
        CONVERT.format("a.ris"),
        {"a.ris": ris(more=f"AU  - {'Long' * 1250}\n")},
        kept=["Ducks", "Doe"],
    ),
    Row(
        "a key of ours that is misspelled",
        "refused, with the right one",
        "unknown-key",
        1,
        CONVERT.format("a.yaml"),
        {"a.yaml": b"schema: 1\nrecords:\n  - {id: x, titel: Ducks}\n"},
    ),
    Row("a format that does not exist", "refused", "", 1, "convert a.ris --from riss --to json", {"a.ris": ris()}),
    Row(
        "an address inside a private network",
        "refused; no connection is made",
        "",
        5,
        CONVERT.format("http://10.0.0.1/feed"),
        {},
    ),
    Row("an address with another scheme", "refused", "", 1, CONVERT.format("ftp://example.org/a.ris"), {}),
    Row("an identifier that is none", "refused", "", 1, "cite 10.", {}),
]
PUBLICATION = [
    Row(
        "a folder that is not a publication",
        "refused",
        "",
        1,
        "build",
        {},
        make=lambda at: (at / "digest.yaml").unlink(),
    ),
    Row(
        "a citation style whose macro calls itself",
        "error at its line",
        "unknown-style",
        1,
        BUILD,
        {
            "digest.yaml": b"title: T\nissn: 1590-8577\nstyle: own.csl\n",
            "own.csl": b"""<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
              <info><title>T</title><id>t</id><updated>2014-01-01T00:00:00+00:00</updated></info>
              <macro name="a"><text macro="a"/></macro>
              <citation><layout><text macro="a"/></layout></citation></style>""",
        },
        said="own.csl:3: error",
    ),
    Row("`digest.yaml` that is not YAML", "error", "yaml", 1, BUILD, {"digest.yaml": b"journal: [\n"}),
    Row("`digest.yaml` that is a named pipe", "error, at once", "unreadable", 1, BUILD, {}, make=publication_as_pipe),
    Row("a key twice", "error", "duplicate-key", 1, BUILD, {ISSUE_FILE: SMALL_ISSUE + b"title: Again\n"}),
    Row(
        "an unknown key",
        "error, with the right one",
        "unknown-key",
        1,
        BUILD,
        {ISSUE_FILE: SMALL_ISSUE + b"volum: 3\n"},
    ),
    Row(
        "a text that is not UTF-8",
        "error, with the line",
        "encoding",
        1,
        BUILD,
        {ISSUE_FILE: SMALL_ISSUE + b"# \xff\n"},
    ),
    Row("a NUL in a text", "error", "", 1, BUILD, {ISSUE_FILE: SMALL_ISSUE + b'cover: {file: "a\\0b.svg", alt: x}\n'}),
    Row("a file of text over 2 MiB", "error", "too-large", 1, BUILD, {ISSUE_FILE: SMALL_ISSUE + b"#" * (2 * 2**20)}),
    Row("an issue that is a named pipe", "error, at once", "", 1, "build " + ISSUE, {}, make=issue_as_pipe),
    Row(
        "an issue that is a link out of the publication",
        "error",
        "outside",
        1,
        "build " + ISSUE,
        {},
        make=issue_as_link,
    ),
    Row(
        "a record that is not there",
        "error",
        "missing-record",
        1,
        BUILD,
        {ISSUE_FILE: SMALL_ISSUE.replace(b"P1701", b"P9")},
    ),
    Row(
        "a record's name that leads out of its folder",
        "error",
        "",
        1,
        BUILD,
        {ISSUE_FILE: SMALL_ISSUE.replace(b"P1701", b"../../../x")},
    ),
    Row(
        "a picture that is not there",
        "error",
        "missing-picture",
        1,
        BUILD,
        {ISSUE_FILE: SMALL_ISSUE + b"cover: {file: figures/no.svg, alt: x}\n"},
    ),
    Row(
        "a picture of 13,000 × 13,000 pixels",
        "error",
        "picture-type",
        1,
        BUILD,
        {
            ISSUE_FILE: SMALL_ISSUE + b"cover: {file: figures/big.png, alt: x}\n",
            f"{ISSUE}/figures/big.png": png(13_000, 13_000),
        },
    ),
    Row(
        "a JPEG of 300 layers",
        "error",
        "asset-type",
        1,
        BUILD,
        {PARTIAL: b'<img src="{{ asset("logo.jpg") }}" alt="">'},
        said="drawn in more than 200 layers",
        make=jpeg_of_layers,
    ),
    Row(
        "a script in a drawing in an address of a stylesheet",
        "error at its line",
        "active-content",
        1,
        BUILD,
        {
            "overrides/css/custom.css": b"p { background: url('data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>') }"
        },
        said="overrides/css/custom.css:1",
    ),
    Row(
        "a template without the place to which a link leads",
        "error at the line of the link",
        "dead-link",
        1,
        BUILD,
        {PARTIAL: b"<p>Made by hand.</p>"},
        said="templates/highlights/partials/contents.html:",
    ),
    Row(
        "themes that extend each other",
        "listed with what is wrong; the others can be used",
        "",
        0,
        "themes list",
        {"themes/a/theme.yaml": b"title: A\nextends: b\n", "themes/b/theme.yaml": b"title: B\nextends: a\n"},
    ),
    Row(
        "a picture that is something else",
        "error",
        "picture-type",
        1,
        BUILD,
        {
            ISSUE_FILE: SMALL_ISSUE + b"cover: {file: figures/x.png, alt: x}\n",
            f"{ISSUE}/figures/x.png": b"not a picture",
        },
    ),
    Row(
        "HTML in an article's text",
        "error",
        "html",
        1,
        BUILD,
        {f"{ISSUE}/articles/cachexia.md": b"---\ntitle: A\n---\n\nText <script>alert(1)</script>\n"},
    ),
    Row(
        "an article without front matter",
        "error",
        "front-matter",
        1,
        BUILD,
        {f"{ISSUE}/articles/cachexia.md": b"Just text.\n"},
    ),
    Row("a theme without a name", "refused, with the names that are known", "", 1, 'build --theme ""', {}),
    Row("an unknown theme", "error", "", 1, BUILD + " --theme nothere", {}),
    Row("an unknown format", "wrong usage", "", 2, "build --to odt", {}),
    Row(
        "a template with a mistake in its syntax",
        "error at its line",
        "template-syntax",
        1,
        BUILD,
        {PARTIAL: b"<p>\n{% if x %}\n"},
    ),
    Row(
        "a template that uses what does not exist",
        "error at its line",
        "template-undefined",
        1,
        BUILD,
        {PARTIAL: b"<p>\n{{ issue.nothing }}\n"},
    ),
    Row(
        "a template that includes what is not there",
        "error at its line",
        "template-missing",
        1,
        BUILD,
        {PARTIAL: b"{% include 'no.html' %}"},
    ),
    Row(
        "a template that includes a file outside",
        "error at its line",
        "template-missing",
        1,
        BUILD,
        {PARTIAL: b"{% include '../../../etc/passwd' %}"},
    ),
    Row(
        "a NUL in the name of an include",
        "error at its line",
        "template-missing",
        1,
        BUILD,
        {PARTIAL: b"{% include 'a\\0b.html' %}"},
    ),
    Row(
        "a template that includes itself",
        "error at its line",
        "template-error",
        1,
        BUILD,
        {PARTIAL: b"{% include 'partials/colophon.html' %}"},
    ),
    Row(
        "a text of 1,000 MB made by a template",
        "error at its line",
        "template-limit",
        1,
        BUILD,
        {PARTIAL: b"{{ 'x' * 10**9 }}"},
    ),
    Row(
        "a template that reaches for Python",
        "error at its line",
        "template-error",
        1,
        BUILD,
        {PARTIAL: b"{{ ''.__class__.__mro__ }}"},
    ),
    Row(
        "elements 5,000 deep in a template",
        "error at its line",
        "template-limit",
        1,
        BUILD,
        {PARTIAL: b"<div>" * 5_000},
    ),
    Row(
        "a stylesheet nested thousands deep",
        "error at its line",
        "css-limit",
        1,
        BUILD,
        {"overrides/css/screen.css": b"a{b:" + b"(" * 5_000},
    ),
    Row(
        "`font-size: 1e9px`",
        "error at its line",
        "css-limit",
        1,
        BUILD,
        {"overrides/css/screen.css": b"p { font-size: 1e9px }"},
    ),
    Row(
        "a stylesheet that is not CSS",
        "error at its line",
        "css-syntax",
        1,
        BUILD,
        {"overrides/css/screen.css": b"p { color: red } }"},
    ),
    Row(
        "a stylesheet that asks for a file elsewhere",
        "error at its line",
        "",
        1,
        BUILD,
        {"overrides/css/screen.css": b"p { background: url(https://example.org/x.png) }"},
    ),
    Row(
        "a script in a template",
        "error at its line",
        "active-content",
        1,
        BUILD,
        {PARTIAL: b"<div id=colophon></div><script>alert(1)</script>"},
    ),
    Row(
        "an event handler in a template",
        "error at its line",
        "active-content",
        1,
        BUILD,
        {PARTIAL: b"<p id=colophon onclick='x()'>x</p>"},
    ),
    Row(
        "a `javascript:` link in a template",
        "error at its line",
        "active-content",
        1,
        BUILD,
        {PARTIAL: b"<a id=colophon href='javascript:x()'>x</a>"},
    ),
    Row(
        "a font that is none",
        "error",
        "css-address",
        1,
        BUILD,
        {
            "overrides/css/screen.css": b"@font-face { font-family: X; src: url(../fonts/x.woff2) }",
            "overrides/fonts/x.woff2": b"wOF2 no",
        },
    ),
    Row("another program's `library.db`", "refused, not touched", "", 1, "search ducks", {}, make=foreign_database),
    Row(
        "a library that is not a database",
        "refused, not touched",
        "",
        1,
        "search ducks",
        {"library.db": b"no database, but longer than the head of one" * 9},
    ),
    Row(
        "a library that is a folder", "refused", "", 1, "search ducks", {}, make=lambda at: (at / "library.db").mkdir()
    ),
    Row("no library yet", "refused, with the command that makes one", "", 1, "search ducks", {}),
    Row(
        "a frozen record that is a named pipe",
        "sources are read all the same",
        "",
        0,
        "collect",
        {},
        make=record_as_pipe,
    ),
    Row("a number of 40 digits for `--limit`", "wrong usage", "", 2, f"search --limit {10**40}", {}),
    Row("a date that is none", "wrong usage", "", 2, "new --date 2014-13-45", {}),
    Row(
        "issues behind a link out of the publication",
        "nothing is written there",
        "",
        1,
        "new --date 2014-09-01",
        make=issues_elsewhere,
        said="a link leads out",
    ),
    Row(
        "overrides behind a link out of the publication",
        "nothing is written there",
        "",
        1,
        "themes eject notice.html",
        make=overrides_elsewhere,
        said="a link leads out",
    ),
    Row(
        "a named pipe in `overrides`",
        "a warning; it is not used",
        "unused-override",
        0,
        BUILD,
        make=lambda at: os.mkfifo(at / "overrides" / "pipe.css"),
    ),
    Row(
        "a workbook for `curate import` that unfolds to 300 MB",
        "refused before it is opened",
        "",
        1,
        "curate import a.xlsx",
        make=unfolding_workbook,
        said="unpacks to 300 MiB",
    ),
    Row("a file for `curate import` that is not one", "refused", "", 1, "curate import x.csv", {"x.csv": b"\x00\x01"}),
]


def attempt(row: Row, folder: Path, run: Callable[[Path], Callable[..., tuple[int, str, str]]]) -> tuple[int, str, str]:
    """Exit status, output and messages of a row's command."""
    for name, content in row.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    if row.make:
        row.make(folder)
    return run(folder)(*shlex.split(row.arguments))


def table() -> str:
    """The rows as the manual has them."""
    lines = []
    for rows, heading in ((RECORDS, "In records and what commands are given"), (PUBLICATION, "In a publication")):
        lines += [f"### {heading}\n", "| what comes in | what happens | code | exit |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {row.what} | {row.happens} | {f'`{row.code}`' if row.code else ''} | {row.status} |" for row in rows
        ]
        lines.append("")
    return "\n".join(lines)


def test_the_manual_has_every_row(request: pytest.FixtureRequest) -> None:
    """The table of the manual and the rows tried here are the same."""
    text = MANUAL.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    if request.config.getoption("--renew"):
        MANUAL.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")
    assert MANUAL.read_text(encoding="utf-8") == f"{before}{BEGIN}\n{table()}\n{END}{after}"
    assert len(RECORDS) + len(PUBLICATION) >= 60


def check(row: Row, folder: Path, run: Callable[[Path], Callable[..., tuple[int, str, str]]]) -> None:
    status, output, said = attempt(row, folder, run)
    assert [word for word in row.kept if word not in output] == [], said
    assert [word for word in row.gone if word in output] == []
    codes = set(re.findall(r"\[([a-z-]+)\]$", said, re.MULTILINE))
    assert (status, row.code in codes or not row.code) == (row.status, True), said
    assert row.said in said
    assert status in {0, 3} or said
    assert "bug" not in said


@pytest.mark.parametrize("row", RECORDS, ids=lambda row: row.what)
def test_in_records(row: Row, tmp_path: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]) -> None:
    """What comes in with records, and names and addresses that are typed."""
    check(row, tmp_path, digest_in)


@pytest.mark.parametrize("row", PUBLICATION, ids=lambda row: row.what)
def test_in_a_publication(
    row: Row, journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """What comes in with an issue, its texts and pictures, a theme, and a library."""
    check(row, journal, digest_in)
