"""The table of formats: how each is recognised from its content, and which module parses it."""

from __future__ import annotations

import functools
import importlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from digest.errors import DigestError, did_you_mean
from digest.sources.page import Outcome, decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from digest.sources.page import Page


class Format(Struct, frozen=True, kw_only=True):
    """One format that can be read.

    Attributes:
        name: its name, as ``--from`` takes it and `Origin.format` keeps it.
        says: what it is, for people.
        module: the module of `digest.sources` whose ``parse`` reads it.
    """

    name: str
    says: str
    module: str


FORMATS: Final = {
    row.name: row
    for row in (
        Format(name="feed", says="RSS, Atom and JSON Feed", module="feeds"),
        Format(name="pubmed-xml", says="PubMed XML: E-utilities and baseline files", module="pubmed"),
        Format(name="nbib", says="MEDLINE tagged text, .nbib", module="medline"),
        Format(name="europepmc-json", says="Europe PMC JSON", module="europepmc"),
        Format(name="crossref-json", says="Crossref REST JSON", module="crossref"),
        Format(name="oai-pmh", says="OAI-PMH answers: oai_dc and JATS", module="oai"),
        Format(name="jats", says="JATS XML: journal articles and meeting abstracts", module="jats"),
        Format(name="ris", says="RIS in its dialects", module="ris"),
        Format(name="bibtex", says="BibTeX and BibLaTeX", module="bibtex"),
        Format(name="csl-json", says="CSL-JSON", module="csljson"),
        Format(name="endnote-xml", says="EndNote XML", module="endnote"),
        Format(name="refer", says="EndNote tagged text, .enw (refer)", module="refer"),
        Format(name="isi", says="Web of Science tagged text", module="refer"),
        Format(name="csv", says="a table: CSV or TSV", module="tables"),
        Format(name="xlsx", says="a table: XLSX", module="tables"),
        Format(name="html", says="an article's page: Highwire, Dublin Core, JSON-LD", module="webpage"),
        Format(name="json", says="records of our own as JSON, or JSON lines", module="own"),
        Format(name="yaml", says="records of our own as YAML", module="own"),
        Format(name="text", says="pasted text: references, PubMed’s “Abstract (text)”", module="reflist"),
    )
}


def parse(page: Page) -> Iterator[Outcome]:
    """What is on a page, in its order: a record, a deletion or a problem for each thing that the page holds.

    Raises:
        DigestError: the page is in no format of the table, or not at all what its format says.
    """
    page.format = page.format or recognise(page)
    module = importlib.import_module(f"digest.sources.{named(page.format).module}")
    parser: Callable[[Page], Iterator[Outcome]] = module.parse
    yield from parser(page)


def named(name: str) -> Format:
    """The format of this name.

    Raises:
        DigestError: there is none.
    """
    if name not in FORMATS:
        raise DigestError(
            f"there is no format “{name}”{did_you_mean(name, FORMATS)}", expected=f"one of {', '.join(FORMATS)}"
        )
    return FORMATS[name]


_BINARY: Final = {
    b"%PDF-": "a PDF", b"\x89PNG": "a picture (PNG)", b"\xff\xd8\xff": "a picture (JPEG)", b"GIF8": "a picture (GIF)",
    b"\xd0\xcf\x11\xe0": "an old Office file (.doc, .xls); save it as .xlsx or .csv", b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive", b"SQLite format 3": "an SQLite database", b"BZh": "a bzip2 file; unpack it first",
    b"\xfd7zXZ": "an xz file; unpack it first", b"{\\rtf": "an RTF file; save it as plain text",
}  # fmt: skip


# Files that lie beside exports and never hold records in a form that is read here.
_BESIDE: Final = {
    ".pdf": "PDF", ".doc": "Word", ".docx": "Word", ".odt": "OpenDocument", ".ppt": "PowerPoint", ".pptx": "PowerPoint",
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WebP", ".svg": "SVG", ".tif": "TIFF",
    ".tiff": "TIFF", ".mp4": "video", ".mov": "video", ".mp3": "sound", ".zip": "ZIP", ".css": "CSS",
    ".js": "JavaScript", ".md": "Markdown", ".py": "Python", ".woff": "font", ".woff2": "font",
    ".ttf": "font", ".otf": "font",
}  # fmt: skip


def without_records(file: Path) -> str:
    """What a file of a folder is that holds no records, such as ``PNG``; empty where it may hold some.

    The name decides only where the content does not say otherwise: a table that is called ``.zip`` is a table.
    """
    kind = _BESIDE.get(file.suffix.lower(), "")
    if not kind or file.suffix.lower() in {".svg", ".css", ".js", ".md", ".py"}:
        return kind
    try:
        with file.open("rb") as stream:
            head = stream.read(4096)
    except OSError:
        return ""
    return kind if b"\0" in head or head.startswith(b"%PDF") or any(map(head.startswith, _BINARY)) else ""


def recognise(page: Page) -> str:
    """The name of the format that a page is in, told by its content alone.

    Raises:
        DigestError: it is in none that can be read.
    """
    head = page.head
    if head.startswith(b"PK\x03\x04"):
        if b"xl/" in head or b"[Content_Types].xml" in head:
            return "xlsx"
        raise _unknown(page, "a ZIP archive; unpack it first")
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise _unknown(page, what)
    text = decode(head)[0].lstrip("\ufeff \t\r\n").replace("\r", "\n")  # “^” does not know lines that end with CR
    if not text:
        raise DigestError("there is nothing in it", where=page.where, expected="records in one of the known formats")
    if text.count("\0") > 10:
        raise _unknown(page, "binary data")
    if re.match(r"<[A-Za-z!?/]", text):  # Ovid's tagged text begins with <1>
        return _xml(page, text)
    if text.startswith(("{", "[")) and (found := _json(page)):
        return found
    for name, pattern in _LINES.items():
        if pattern.search(text[:20_000]):
            return name
    if _is_table(text) and not _CITED.match(text):
        return "csv"
    if re.search(r"^(?:- )?(?:title|type|records?|id):(?:\s|$)", text, re.MULTILINE) and _is_yaml(text):
        return "yaml"
    return "text"


_LINES: Final = {
    "ris": re.compile(r"^[ \t]{0,4}TY[ \t]{0,6}-", re.MULTILINE | re.IGNORECASE),
    # Records without a PubMed number begin with other tags of more than two letters, which RIS does not have.
    "nbib": re.compile(r"^(?:PMID ?-|(?:OWN|FAU|STAT|PMCR?|CTI|BTI|JT) {0,2}- )", re.MULTILINE),
    "isi": re.compile(r"^(?:FN (?:ISI|Thomson|Clarivate|Web of)|PT [A-Z]\s*$)", re.MULTILINE),
    "bibtex": re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*(?:[{(]|,\s*\w+\s*=\s*[{\"])", re.MULTILINE),
    "refer": re.compile(r"^%[0A-Z] \S", re.MULTILINE),
}


# “1. Pancreas. 2014 Nov;43(8):1350-5. doi: …”, as PubMed prints it above an abstract
_CITED: Final = re.compile(
    r"(?:\d{1,5}[.:] )?[^\W\d_][^;\n]{1,200}\. (?:19|20)\d\d[^;\n,]{0,20}[;:.][^\n]*\n(?:[^\n]+\n)?\n"
)


def _unknown(page: Page, what: str) -> DigestError:
    return DigestError(f"this is {what}", where=page.where, expected="one of " + ", ".join(FORMATS))


_ROOTS: Final = {
    "rss": "feed", "rdf": "feed", "feed": "feed", "channel": "feed", "pubmedarticleset": "pubmed-xml",
    "pubmedarticle": "pubmed-xml", "pubmedbookarticle": "pubmed-xml", "pubmedbookarticleset": "pubmed-xml",
    "medlinecitationset": "pubmed-xml", "medlinecitation": "pubmed-xml", "deletecitation": "pubmed-xml",
    "esearchresult": "pubmed-xml", "efetchresult": "pubmed-xml", "oai-pmh": "oai-pmh", "article": "jats",
    "pmc-articleset": "jats", "articles": "jats", "xml": "endnote-xml", "records": "endnote-xml",
    "html": "html", "dc": "oai-pmh", "entry": "feed", "div": "html", "p": "html", "table": "html",
}  # fmt: skip


def _xml(page: Page, text: str) -> str:
    """The format by the first element, whatever declarations stand before it."""
    at = 0
    while match := re.compile(r"\s*<(?:\?[^>]*\?>|!--.*?-->|!\w[^\[<>]*(?:\[[^\]]*\]\s*)?>)", re.DOTALL).match(
        text, at
    ):
        if re.match(r"\s*<!doctype\s+html", match[0], re.IGNORECASE):
            return "html"
        at = match.end()
    root = re.match(r"\s*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)", text[at:])
    name = root[1].lower() if root else ""
    if name == "html" or (name not in _ROOTS and re.search(r"<(?:html|head|body|meta|title)\b", text, re.IGNORECASE)):
        return "html"
    if name == "article" and not re.search(
        r"<(?:front|article-meta|front-stub|journal-meta)\b|article-type=|JATS|NLM", text
    ):
        return "html"
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
    raise _unknown(page, f"XML whose first element is <{root[1] if root else text[:20]}>")


def _json(page: Page) -> str:
    """The format of a JSON text by its keys; empty where it is no JSON."""
    try:
        value, broken = json_until_break(page)
    except DigestError as error:
        value, broken = None, error
    if broken:
        # A broken end does not hide what it is; JSON lines are ours.
        text = decode(page.head)[0]
        if re.match(r"\s*\{.{0,2000}\}\s*\n\s*\{", text[:4000]) and '"title"' in text:
            return "json"
        for key, name in (
            ('"message-version"', "crossref-json"), ('"resultList"', "europepmc-json"), ("jsonfeed.org", "feed"),
            ('"container-title"', "csl-json"), ('"schema"', "json"),
        ):  # fmt: skip
            if key in text and (value is None or key not in {'"container-title"', '"schema"'}):
                return name
        # A pasted list of references begins with "[1]", JSON with a value in its brackets.
        if value is None:
            return "json" if re.match(r"[\[{]\s*[\[{\"]", text.lstrip()) or re.search(r'["\]}]\s*[,:]', text) else ""
    first: Any = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict):
        return "json"
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
    if {"container-title", "issued", "DOI", "author", "event-title"} & set(first) and "authors" not in first:
        return "csl-json"
    return "json"


def json_of(page: Page) -> Any:  # noqa: ANN401 - any JSON
    """The value of a JSON page.

    Raises:
        DigestError: it is no JSON.
    """
    return _decoded(page.text, page.where)


_LONE: Final = re.compile(
    r"(?P<pair>\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def _without_lone(text: str) -> str:
    """A JSON text without halves of surrogate pairs, which are no characters (RFC 8259, section 8.2)."""
    return _LONE.sub(lambda m: m["pair"] or r"\ufffd", text) if r"\ud" in text or r"\uD" in text else text


@functools.lru_cache(maxsize=1)  # recognised first, then parsed
def _decoded(text: str, where: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(_without_lone(text).encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise DigestError(f"this is no JSON: {error}", where=where, expected="a whole JSON text") from error


def json_until_break(page: Page) -> tuple[Any, DigestError | None]:
    """The value of a JSON page, and what is wrong where it breaks off: its list ends with the last whole item then.

    Raises:
        DigestError: it is no JSON, and no item of a list stands whole before the break.
    """
    try:
        return json_of(page), None
    except DigestError as error:
        if (value := _before_break(page.text)) is None:
            raise
        return value, error


def cut_off(page: Page, broken: DigestError | None) -> Iterator[Outcome]:
    """The problem that a page of JSON breaks off, if it does: what stands behind its last whole item is lost."""
    if broken is not None:
        message = f"{broken.found}; the items before that were read, the rest was not: mend the file or fetch it again"
        yield page.problem("error", "cut-off", message)


_MARK_OR_TEXT: Final = re.compile(r'"(?P<text>(?:[^"\\]++|\\.?)*+)(?:"(?P<key>\s{0,99}:)?|\Z)|[\[\]{}]', re.DOTALL)
_COMMA: Final = re.compile(r"\s*,\s*")
_LISTS: Final = frozenset({"items", "result", "references"})  # Crossref, JSON Feed and CSL-JSON; Europe PMC; pandoc


@functools.lru_cache(maxsize=1)
def _before_break(text: str) -> Any:  # noqa: ANN401 - any JSON
    """The value that a text would be if its list of items ended before the break; nothing without a whole item."""
    text = _without_lone(text)
    closing: list[str] = []
    key, patience = "", 3  # lists that are tried; more are none that a database answers with
    for match in _MARK_OR_TEXT.finditer(text):
        mark = match[0][0]
        if mark == '"':
            key = match["text"] if match["key"] else ""
            continue
        if mark in "]}":
            if not closing:
                return None
            closing.pop()
            continue
        closing.append("]" if mark == "[" else "}")
        if mark == "[" and (len(closing) == 1 or key in _LISTS):
            start = match.end()
            if (end := _end_of_items(text, start)) > start:
                try:
                    return msgspec.json.decode((text[:end] + "".join(reversed(closing))).encode("utf-8", "replace"))
                except (msgspec.DecodeError, RecursionError):
                    return None
            patience -= 1
            if not patience:
                return None
        key = ""
    return None


def _end_of_items(text: str, start: int) -> int:
    """Behind the last whole object of a list that begins here; `start` where there is none."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)  # Python refuses numbers of 5,000 digits
    blank = re.compile(r"\s*").match(text, start)
    at, end = blank.end() if blank else start, start
    try:
        while text.startswith("{", at):
            _, end = decoder.raw_decode(text, at)
            comma = _COMMA.match(text, end)
            if not comma:
                break
            at = comma.end()
    except (ValueError, RecursionError):
        pass
    return end


_HEADINGS: Final = re.compile(
    r"title|authors?|abstract|doi|number|session|track|paper|uid|pmid|"
    r"titel|titre|t[ií]tulo|autor(?:en|innen|es)?\b|auteurs?|referent|ponente|zusammenfassung|kurzfassung|r[ée]sum[ée]n?\b|"
    r"sitzung|sesi[oó]n",
    re.IGNORECASE,
)


def _is_table(text: str) -> bool:
    """Whether one of the first lines looks like the headings of a table: the first, or below a title a sure one."""
    if re.match(r"sep=.\r?\n", text):  # Excel's own line
        return True
    lines = [line for line in re.split(r"[\r\n]+", text[:20_000]) if line.strip()]
    if len(lines) < 2:  # headings and no row yet
        cells = re.split(r"[\t;,|]", lines[0]) if lines else []
        known = [cell for cell in cells if len(cell) < 30 and _HEADINGS.search(cell)]
        return len(known) > 1 and 3 * len(known) >= 2 * len(cells) and all(len(cell.split()) < 4 for cell in cells)
    return any(_are_headings(line, sure=n > 0) for n, line in enumerate(lines[:6]))


def _are_headings(line: str, *, sure: bool) -> bool:
    for mark in ("\t", ";", ",", "|"):
        cells = [cell.strip(' "\r') for cell in line.split(mark)]
        short = [cell for cell in cells if len(cell) < 40 and _HEADINGS.search(cell)]
        if len(cells) > 1 and short and all(len(cell) < 60 for cell in cells):
            from digest.sources.reflist import begins_reference

            if not any(map(_HEADINGS.fullmatch, cells)) and begins_reference(line):
                return False
            return not sure or (len(short) > 1 and all(len(cell.split()) < 5 for cell in cells))
    return False


def _is_yaml(text: str) -> bool:
    lines = [line for line in text.split("\n")[:40] if line.strip() and not line.lstrip().startswith("#")]
    return bool(lines) and sum(
        bool(re.match(r"\s*(?:- )?[\w-]+:(?:\s|$)|\s+\S|- |---", line)) for line in lines
    ) > 0.8 * len(lines)
