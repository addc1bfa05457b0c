"""Recognises the format of a page by its content, and the files of a folder that hold no records.

Binary files are known by their first bytes, XML by its first element, JSON by its keys, our own YAML by its first key,
tagged text by its lines, a table by its headings. What is left is pasted text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from digest import opening
from digest.errors import DigestError
from digest.sources.formats import own
from digest.sources.formats.registry import FORMATS
from digest.sources.page import decode
from digest.sources.shared.jsontext import json_until_break

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from digest.sources.page import Page

_LOOKED_AT: Final = 20_000  # characters of a text in which its first record begins


def recognise(page: Page) -> str:
    """The name of the format that a page is in, known by its content alone.

    Raises:
        DigestError: it is in none that can be read.
    """
    head = page.head
    if binary := _binary(page, head):
        return binary
    text = decode(head)[0].lstrip("\ufeff \t\r\n").replace("\r", "\n")  # “^” does not know lines that end with CR
    if not text:
        raise DigestError("there is nothing in it", where=page.where, expected="records in one of the known formats")
    if text.count("\0") > 10:
        raise _unknown(page, "binary data")
    if re.match(r"<[A-Za-z!?/]", text):  # Ovid's tagged text begins with <1>
        found = _xml(page, text)
        return "csv" if found == "html" and _is_html_table(text) else found
    if text.startswith(("{", "[")) and (found := _json(page)):
        return found
    if _is_front_matter(text):
        return "markdown"
    if own.is_yaml(text):
        return "yaml"
    for name, pattern in _LINES.items():
        if pattern.search(text[:_LOOKED_AT]):
            return name
    from digest.sources.formats.tables.labelled import is_labelled

    if is_labelled(text):
        return "fields"
    if _is_table(text) and not _CITED.match(text):
        return "csv"
    if tags := _tags(text):
        raise _unknown(page, f"an export in tags that are not known ({', '.join(tags)}); export it as RIS or CSV")
    return "text"


def _unknown(page: Page, what: str) -> DigestError:
    return DigestError(f"this is {what}", where=page.where, expected="one of " + ", ".join(FORMATS))


# --- Binary files ----------------------------------------------------------------------------------------------------

_BINARY: Final = {
    b"%PDF-": "a PDF",
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"\xd0\xcf\x11\xe0": "an old Office file (.doc, .xls); save it as .xlsx or .csv",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"SQLite format 3": "an SQLite database",
    b"BZh": "a bzip2 file; unpack it first",
    b"\xfd7zXZ": "an xz file; unpack it first",
    b"{\\rtf": "an RTF file; save it as plain text",
}
# The leader that begins each record of a library's catalogue: ISO 2709, and MARC 21 Bibliographic, “Leader”.
_MARC: Final = re.compile(rb"\d{5}[acdnp][a-z].{3}22\d{5}.{3}4500", re.DOTALL)
_OF_A_CATALOGUE: Final = "MARC 21, of a library's catalogue; export it as RIS, BibTeX or MODS"


def _binary(page: Page, head: bytes) -> str:
    """``xlsx`` for a workbook; empty for what may be text.

    Raises:
        DigestError: it is another kind of binary file.
    """
    if head.startswith(b"PK\x03\x04"):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            return "xlsx"
        if b"vnd.oasis.opendocument" in head[:200]:
            raise _unknown(page, "an OpenDocument file; save it as .xlsx or .csv, a text as plain text")
        raise _unknown(page, "a ZIP archive; unpack it first")
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise _unknown(page, what)
    if _MARC.match(head):
        raise _unknown(page, _OF_A_CATALOGUE)
    return ""


# Files that are found next to exports and never hold records in a form that is read here.
_WITHOUT_RECORDS: Final = {
    ".pdf": "PDF",
    ".doc": "Word",
    ".docx": "Word",
    ".odt": "OpenDocument",
    ".ppt": "PowerPoint",
    ".pptx": "PowerPoint",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".gif": "GIF",
    ".webp": "WebP",
    ".svg": "SVG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".mp4": "video",
    ".mov": "video",
    ".mp3": "sound",
    ".zip": "ZIP",
    ".css": "CSS",
    ".js": "JavaScript",
    ".md": "Markdown",
    ".py": "Python",
    ".woff": "font",
    ".woff2": "font",
    ".ttf": "font",
    ".otf": "font",
}


def without_records(file: Path) -> str:
    """The kind of a file in a folder that holds no records, such as ``PNG``; empty where it may hold some.

    The name decides only where the content does not say otherwise: a table that is called ``.zip`` is a table.
    """
    kind = _WITHOUT_RECORDS.get(file.suffix.lower(), "")
    if not kind or file.suffix.lower() in {".svg", ".css", ".js", ".py"}:
        return kind
    try:
        with opening.open_file(file) as stream:
            head = stream.read(4096 if kind != "Markdown" else _LOOKED_AT)
    except OSError:
        return ""
    if kind == "Markdown":
        return "" if _is_front_matter(decode(head)[0].replace("\r\n", "\n")) else kind
    return kind if b"\0" in head or head.startswith(b"%PDF") or any(map(head.startswith, _BINARY)) else ""


# --- XML -------------------------------------------------------------------------------------------------------------

_ROOTS: Final = {
    "rss": "feed",
    "rdf": "feed",
    "feed": "feed",
    "channel": "feed",
    "pubmedarticleset": "pubmed-xml",
    "pubmedarticle": "pubmed-xml",
    "pubmedbookarticle": "pubmed-xml",
    "pubmedbookarticleset": "pubmed-xml",
    "medlinecitationset": "pubmed-xml",
    "medlinecitation": "pubmed-xml",
    "deletecitation": "pubmed-xml",
    "esearchresult": "pubmed-xml",
    "efetchresult": "pubmed-xml",
    "oai-pmh": "oai-pmh",
    "article": "jats",
    "pmc-articleset": "jats",
    "articles": "jats",
    "mods": "mods",
    "modscollection": "mods",
    "xml": "endnote-xml",
    "records": "endnote-xml",
    "schedule": "frab",
    "html": "html",
    "dc": "oai-pmh",
    "entry": "feed",
    "div": "html",
    "p": "html",
    "table": "html",
}


def _xml(page: Page, text: str) -> str:
    """The format by the first element, whatever declarations come before it."""
    at = 0
    while match := re.compile(r"\s*<(?:\?[^>]*\?>|!--.*?-->|!\w[^\[<>]*(?:\[[^\]]*\]\s*)?>)", re.DOTALL).match(
        text, at
    ):
        if re.match(r"\s*<!doctype\s+html", match[0], re.IGNORECASE):
            return "html"
        at = match.end()
    root = re.match(r"\s*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)", text[at:])
    name = root[1].lower() if root else ""
    if name == "dblp":
        raise DigestError("this is XML of DBLP, which is not read", where=page.where, todo="export it there as BibTeX")
    if name == "html" or (name not in _ROOTS and re.search(r"<(?:html|head|body|meta|title)\b", text, re.IGNORECASE)):
        return "html"
    if name == "article" and not re.search(
        r"<(?:front|article-meta|front-stub|journal-meta)\b|article-type=|JATS|NLM", text
    ):
        return "html"
    if name == "records" and re.search(r"<rec[\s>]", text) and not re.search(r"<record[\s>]", text, re.IGNORECASE):
        raise _unknown(page, "EBSCO's XML; export it as RIS or CSV")
    if name in _ROOTS:
        return _ROOTS[name]
    # Declarations that are cut short or malformed: the parsers say what is wrong with them.
    for word, format_ in (
        ("<rss", "feed"),
        ("<feed", "feed"),
        ("<PubmedArticle", "pubmed-xml"),
        ("<OAI-PMH", "oai-pmh"),
    ):
        if word in text:
            return format_
    if name.startswith("trials_downloaded"):
        raise DigestError("this is XML of ICTRP, which is not read", where=page.where, todo=_AS_CSV)
    if "www.loc.gov/MARC21/slim" in text:
        raise _unknown(page, _OF_A_CATALOGUE)
    if name == "workbook":
        raise _unknown(page, "a workbook of Excel 2003 in XML; save it as .xlsx or .csv")
    raise _unknown(page, f"XML whose first element is <{root[1] if root else text[:20]}>")


# --- JSON ------------------------------------------------------------------------------------------------------------


def _json(page: Page) -> str:
    """The format of a JSON text by its keys; empty where it is not JSON."""
    if own.is_json_lines(page.text):
        return "json"
    try:
        value, broken = json_until_break(page)
    except DigestError:
        return _broken_json(page)
    if broken and (name := _named_by_a_key(decode(page.head)[0], _OF_ANSWERS)):
        return name
    return _json_value(value, page.where)


# What an answer holds and nothing else does; and what is less sure, asked only where nothing could be read.
_OF_ANSWERS: Final = {
    '"message-version"': "crossref-json",
    '"resultList"': "europepmc-json",
    "jsonfeed.org": "feed",
    '"friendly_id"': "indico-json",
    '"submission_type"': "pretalx-json",
    '"time_zone_name"': "frab",
    '"daysCount"': "frab",
    '"venueid"': "openreview-json",
}
_OF_LISTS: Final = {**_OF_ANSWERS, '"container-title"': "csl-json", '"schema"': "json"}


def _named_by_a_key(text: str, keys: dict[str, str]) -> str:
    return next((name for key, name in keys.items() if key in text), "")


def _broken_json(page: Page) -> str:
    """The format of a text that begins like JSON and holds not one whole item."""
    text = decode(page.head)[0]
    if name := _named_by_a_key(text, _OF_LISTS):
        return name
    # A pasted list of references begins with "[1]", JSON with a value in its brackets.
    is_json = re.match(r"[\[{]\s*[\[{\"]", text.lstrip()) or re.search(r'["\]}]\s*[,:]', text)
    return "json" if is_json else ""


def _json_value(value: object, where: str) -> str:
    """The format by the keys of a whole value, or of the first items of a list."""
    first: Any = value[0] if isinstance(value, list) and value else value
    if (
        isinstance(first, dict)
        and isinstance(inner := first.get("data"), list)
        and inner
        and isinstance(inner[0], dict)
    ):
        first = inner[0] if "lens_id" in inner[0] else first
    if not isinstance(first, dict):
        return "json"
    for keys, what in _UNREAD_JSON:
        if keys & set(first):
            raise DigestError(f"this is {what}, which is not read", where=where, todo=_AS_CSV)
    if name := _of_programmes(first):
        return name
    if "jsonfeed.org" in str(first.get("version", "")) or ("items" in first and "home_page_url" in first):
        return "feed"
    if {"errCode", "errMsg"} <= set(first):
        return "europepmc-json"
    if "esearchresult" in first or (
        isinstance(first.get("error"), str) and set(first) <= {"error", "count", "api-key", "limit"}
    ):
        return "pubmed-xml"  # E-utilities say in JSON what is wrong
    if "resultList" in first or "hitCount" in first or ("fullTextUrlList" in first or "abstractText" in first):
        return "europepmc-json"
    if "message" in first or "message-type" in first or (isinstance(first.get("title"), list) and "DOI" in first):
        return "crossref-json"
    if isinstance(first.get("items"), list):
        inner = first["items"][0] if first["items"] else {}
        return "crossref-json" if isinstance(inner, dict) and isinstance(inner.get("title"), list) else "csl-json"
    if isinstance(first.get("records"), list):
        return "json"
    return own.records_or_items(value if isinstance(value, list) else [value])


def _of_programmes(first: dict[str, Any]) -> str:
    """The format of a system for programmes, by the keys of its answer or of the first item; empty for others."""
    if isinstance(outer := first.get("schedule"), dict) and "conference" in outer:
        return "frab"
    if isinstance(outer := first.get("conference"), dict) and "days" in outer:
        return "frab"
    if first.get("_type") in {"HTTPAPIResult", "Conference", "Contribution"} or (
        isinstance(first.get("abstracts"), list) and "version" in first
    ):
        return "indico-json"
    inner = first
    for key in ("results", "notes"):
        if isinstance(listed := first.get(key), list):
            if not listed:
                return "openreview-json" if key == "notes" else "pretalx-json" if "next" in first else ""
            inner = next((one for one in listed if isinstance(one, dict)), {})
    if "friendly_id" in inner and {"persons", "primaryauthors"} & set(inner):
        return "indico-json"
    if isinstance(slot := inner.get("submission"), dict):
        inner = slot
    if "code" in inner and {"submission_type", "speakers"} & set(inner):
        return "pretalx-json"
    if isinstance(inner.get("content"), dict) and {"forum", "invitations", "invitation", "signatures"} & set(inner):
        return "openreview-json"
    if str(first.get("name", "")).endswith("Error") and {"message", "status"} <= set(first):
        return "openreview-json"
    return ""


# JSON that others give in forms of their own, by keys that nothing else has.
_UNREAD_JSON: Final = (
    (frozenset({"studies", "protocolSection"}), "JSON of ClinicalTrials.gov"),
    (frozenset({"lens_id"}), "JSON of Lens"),
)
_AS_CSV: Final = "export it there as CSV"


# --- Lines -----------------------------------------------------------------------------------------------------------

_LINES: Final = {
    "ovid": re.compile(
        r"^(?:<\s?\d{1,6}\s?\.?\s?>[ \t]*\n(?:[^\n]*\n){0,3}?(?:[A-Z][A-Z0-9] {1,2}- |"
        r"(?:Unique Identifier|Accession Number|Title|Database|Status)\.?[ \t]*\n[ \t]+\S)|VN {1,2}- Ovid\b)",
        re.MULTILINE,
    ),
    "refworks": re.compile(r"^RT [A-Z][^\n]{2,40}\n(?:[^\n]*\n){0,8}?(?:SR|T1|A1|ID|JF) \S", re.MULTILINE),
    "ris": re.compile(r"^[ \t]{0,4}TY[ \t]{0,6}-", re.MULTILINE | re.IGNORECASE),
    # Records without a PubMed number begin with other tags of more than two letters, which RIS does not have.
    "nbib": re.compile(r"^(?:PMID ?-|(?:OWN|FAU|STAT|PMCR?|CTI|BTI|JT) {0,2}- )", re.MULTILINE),
    "isi": re.compile(
        r"^(?:FN (?:ISI|Thomson|Clarivate|Web of)|PT [A-Z]\s*$)|\APT\t(?:[A-Z][A-Z0-9](?:\t|$)){4,}", re.MULTILINE
    ),
    "bibtex": re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*(?:[{(]|,\s*\w+\s*=\s*[{\"])", re.MULTILINE),
    "refer": re.compile(r"^%[0A-Z] \S", re.MULTILINE),
}
# Fields with a tag of two to four capitals, or a name, in front of each.
_TAGGED: Final = re.compile(
    r"^[ \t]{0,2}(?P<tag>[A-Z][A-Z0-9]{1,3})(?:[ \t]{0,3}[-:=][ \t]|[ \t]{2,}|\t)\S", re.MULTILINE
)


def _tags(text: str) -> list[str]:
    """Tags with which most lines begin, where they are those of a database; nothing in prose and pasted references."""
    lines = [line for line in text[:_LOOKED_AT].split("\n") if line.strip() and line[0] not in " \t"]
    found = [match["tag"] for match in _TAGGED.finditer(text[:_LOOKED_AT])]
    tags = list(dict.fromkeys(found))
    return tags[:6] if len(tags) > 3 and 2 * len(found) > len(lines) else []


# “1. Pancreas. 2014 Nov;43(8):1350-5. doi: …”, as PubMed prints it above an abstract
_CITED: Final = re.compile(
    r"(?:\d{1,5}[.:] )?[^\W\d_][^;\n]{1,200}\. (?:19|20)\d\d[^;\n,]{0,20}[;:.][^\n]*\n(?:[^\n]+\n)?\n"
)


_HEADINGS: Final = re.compile(
    r"title|authors?|abstract|doi|number|session|track|paper|uid|pmid|"
    r"titel|titre|t[ií]tulo|autor(?:en|innen|es)?\b|auteurs?|referent|ponente|zusammenfassung|kurzfassung|r[ée]sum[ée]n?\b|"
    r"sitzung|sesi[oó]n",
    re.IGNORECASE,
)


_OF_AN_ARTICLE: Final = re.compile(r"citation_title|\bdc\.title|application/ld\+json|\bog:title", re.IGNORECASE)
_ROW: Final = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL | re.IGNORECASE)
_CELL: Final = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL | re.IGNORECASE)


def _is_front_matter(text: str) -> bool:
    if not re.match(r"\ufeff?\s*(?:---|\+\+\+)", text):  # its reader loads the readers of all records
        return False
    from digest.sources.formats.frontmatter import is_front_matter

    return is_front_matter(text)


def _is_html_table(text: str) -> bool:
    """Whether HTML is a table of records, as programs write one and call it ``.xls``, and not an article's page."""
    if "<table" not in text.casefold() or _OF_AN_ARTICLE.search(text):
        return False
    for row in list(_ROW.finditer(text))[:6]:
        cells = [" ".join(re.sub(r"<[^>]{0,200}>", " ", cell[1]).split()) for cell in _CELL.finditer(row[1])]
        known = [cell for cell in cells if len(cell) < 40 and _HEADINGS.search(cell)]
        if len(known) > 1 and all(len(cell) < 60 for cell in cells):
            return True
    return False


def _is_table(text: str) -> bool:
    """Whether one of the first lines looks like the headings of a table: the first, or below a title a sure one."""
    if re.match(r"sep=.\r?\n", text):  # Excel's own line
        return True
    lines = [line for line in re.split(r"[\r\n]+", text[:20_000]) if line.strip()]
    if len(lines) < 2:  # headings and no row yet
        cells = re.split(r"[\t;,|]", lines[0]) if lines else []
        known = [cell for cell in cells if len(cell) < 30 and _HEADINGS.search(cell)]
        return len(known) > 1 and 3 * len(known) >= 2 * len(cells) and all(len(cell.split()) < 4 for cell in cells)
    return any(_are_headings(line, lines[n + 1 : n + 5], sure=n > 0) for n, line in enumerate(lines[:6]))


def _as_wide(lines: Sequence[str], mark: str, width: int) -> bool:
    """Whether half of some rows or more have this number of cells; those in quotes may contain the mark."""
    rows = [re.sub(r'"[^"]*"', "", line).count(mark) + 1 for line in lines]
    return any('"' in line for line in lines) or 2 * rows.count(width) >= len(rows)


def _are_headings(line: str, below: Sequence[str], *, sure: bool) -> bool:
    """Whether a line holds headings: one of its cells is a heading alone, or the lines below have as many cells."""
    for mark in ("\t", ";", ",", "|"):
        cells = [cell.strip(' "\r') for cell in line.split(mark)]
        short = [cell for cell in cells if len(cell) < 40 and _HEADINGS.search(cell)]
        if len(cells) > 1 and short and all(len(cell) < 60 for cell in cells):
            from digest.sources.formats.reflist import begins_reference

            alone = any(map(_HEADINGS.fullmatch, cells))
            if not alone and (begins_reference(line) or (below and not _as_wide(below, mark, len(cells)))):
                return False
            if not alone and re.search(r"https?://|\bet al\b", line):
                return False
            return not sure or (len(short) > 1 and all(len(cell.split()) < 5 for cell in cells))
    return False
