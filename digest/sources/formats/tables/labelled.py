"""Text that names the fields of each record becomes the table that it is: a row for a record, a column for a name.

So CENTRAL exports citations, ProQuest text, and Embase text and a CSV with “fields by row”.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.errors import DigestError
from digest.sources.formats.tables.columns import folded, is_known
from digest.sources.formats.tables.rows import TableRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Page


class _Form(Struct, frozen=True):
    """How one database names fields.

    Attributes:
        begins: where a record begins.
        field: a field's name, and after it where its value begins.
        headings: names that are not headings of tables, each with the heading that means the same.
    """

    begins: re.Pattern[str]
    field: re.Pattern[str]
    headings: Mapping[str, str]


_FORMS: Final = {
    "CENTRAL": _Form(
        begins=re.compile(r"^Record #\d{1,6} of \d{1,6}[ \t]*$", re.MULTILINE),
        field=re.compile(r"^(?P<name>[A-Z]{2,4}):(?: |$)", re.MULTILINE),
        headings={
            "ID": "accession number",
            "AU": "authors",
            "TI": "title",
            "SO": "journal",
            "YR": "year",
            "VL": "volume",
            "NO": "issue",
            "PG": "pages",
            "PM": "pmid",
            "XR": "embase id",
            "PT": "publication type",
            "KY": "keywords",
            "DOI": "doi",
            "AB": "abstract",
            "US": "url",
            "CC": "crg",
        },
    ),
    "ProQuest": _Form(
        begins=re.compile(
            r"^_{20,}[ \t]*\n(?=(?:[^\n]*\n){0,60}?(?:Title|Author|Publication info|Abstract)\s?: )"
            r"(?:\s*Document \d{1,6} of \d{1,6}[ \t]*$)?",
            re.MULTILINE,
        ),
        field=re.compile(r"^(?P<name>[A-Z][A-Za-z/,. -]{2,50}?)\s?:(?: |$)", re.MULTILINE),
        headings={
            "Author": "authors",
            "Identifier / keyword": "keywords",
            "Subject": "subjects",
            "MeSH": "subjects",
            "First page": "first page",
            "Year": "year",
            "Publication date": "publication date",
            "Language of publication": "language",
            "Accession number": "accession number",
            "Author affiliation": "affiliations",
            "Conference title": "conference name",
            "Conference": "conference name",
            "Links": "full text link",
            "Location": "accession number",
            "Publication info": "source",
            "Full text": "full text link",
            "Full Text": "full text link",
            "Publication subject": "wos categories",
            "Place of publication": "place of publication",
            "Country of publication": "place of publication",
            "Source type": "publication stage",
            "Document feature": "publication stage",
            "ProQuest document ID": "accession number",
            "Last updated": "date of export",
            "Source": "long dbname",
            "Company / organization": "companies",
            "Business indexing term": "classification",
            "e-ISSN": "eissn",
        },
    ),
    "Embase": _Form(
        begins=re.compile(r"^RECORD \d{1,6}[ \t]*$", re.MULTILINE),
        field=re.compile(r"^(?P<name>[A-Z][A-Z/ ()-]{1,60})[ \t]*\n", re.MULTILINE),
        headings={},
    ),
}
_BY_ROW: Final = re.compile(r'(?:"?RECORD \d{1,6}"?\s*\n)?"TITLE","', re.IGNORECASE)
_RULE: Final = re.compile(r"\n\s*_{20,}(?s:.*)|^\s*ProQuest document ?link\s*$", re.MULTILINE)
_LONG: Final = frozenset({"abstract", "full text link", "author addresses"})
_LISTS: Final = frozenset({"authors", "author names", "keywords", "subjects", "author keywords", "author addresses"})


def is_labelled(text: str) -> bool:
    """Whether a text names the fields of its records in one of these forms."""
    return _form(text) is not None or (
        bool(_BY_ROW.match(text))
        and len(re.findall(r'^"(?:AUTHOR NAMES|SOURCE|PUBLICATION YEAR)",', text, re.MULTILINE)) > 0
    )


def _form(text: str) -> _Form | None:
    for form in _FORMS.values():
        if (match := form.begins.search(text[:5000])) and len(list(_fields(form, text[match.end() :][:20_000]))) > 1:
            return form
    return None


def labelled_rows(page: Page) -> list[TableRow]:
    """The headings of all records, and a row for each.

    Raises:
        DigestError: the text has no such records.
    """
    text = page.text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    form = _form(text)
    blocks = list(_blocks(form, text)) if form else list(_records_by_row(text))
    if not blocks:
        raise DigestError("no records found", where=page.where, expected="records whose fields have names")
    headings = list(dict.fromkeys(name for _, _, cells in blocks for name in cells))
    rows = [TableRow(1, headings, b"")]
    for line, raw, cells in blocks:
        rows.append(TableRow(line, [cells.get(name, "") for name in headings], raw.encode("utf-8", "replace")))
    return rows


_Block = tuple[int, str, dict[str, str]]


def _blocks(form: _Form, text: str) -> Iterator[_Block]:
    starts = list(form.begins.finditer(text))
    for n, match in enumerate(starts):
        body = text[match.end() : starts[n + 1].start() if n + 1 < len(starts) else len(text)]
        cells: dict[str, str] = {}
        for name, value in _fields(form, body):
            _add(cells, name, value)
        if cells and "title" not in cells and (first := re.match(r"\s*([^\n]+)\n\s*\n", body)):
            _add(cells, "title", first[1])  # ProQuest prints it above the fields
        if cells:
            yield text.count("\n", 0, match.start()) + 1, body.strip(), cells


def _fields(form: _Form, body: str) -> Iterator[tuple[str, str]]:
    found = [match for match in form.field.finditer(body) if _heading(form, match["name"])]
    for n, match in enumerate(found):
        value = body[match.end() : found[n + 1].start() if n + 1 < len(found) else len(body)]
        value = _RULE.sub("", value).strip()
        heading = _heading(form, match["name"])
        if heading not in _LONG:  # a paragraph without a name may follow
            value, _, rest = value.partition("\n\n")
            if rest := " ".join(rest.split()):
                yield "text without a name", rest
        if value:
            yield heading, value


def _heading(form: _Form, name: str) -> str:
    """The heading that means the same as a name; empty for words that are none."""
    if name in form.headings:
        return form.headings[name]
    words = folded(name)
    return words if is_known(words) else ""


def _add(cells: dict[str, str], name: str, value: str) -> None:
    """Adds a value: of a list each line is an item, of other fields the lines are one text."""
    if (
        re.match(r"https?://\S+$", value) and name == "journal"
    ):  # a registration has its registry's page in place of one
        name = "url"
    if name == "pmid":
        value = re.sub(r"^PUBMED\s", "", value)
    flat = "; ".join(filter(None, map(str.strip, value.split("\n")))) if name in _LISTS else " ".join(value.split())
    if name in cells and name in _LISTS:
        cells[name] += f"; {flat}"
    elif name not in cells:
        cells[name] = flat


def _records_by_row(text: str) -> Iterator[_Block]:
    """Records of a CSV whose rows are fields: the name, then its values."""
    cells: dict[str, str] = {}
    raw: list[str] = []
    start = line = 1
    reader = csv.reader(text.splitlines(keepends=True))
    for row in reader:
        begun, line = line, reader.line_num + 1
        name = folded(row[0]) if row else ""
        if (name == "title" and "title" in cells) or re.match(r"record \d+$", name):
            if cells:
                yield start, "\n".join(raw), cells
            cells, raw, start = {}, [], begun
        if len(row) > 1:
            raw.append(" | ".join(row))
            _add(cells, name, ("\n" if name in _LISTS else " ").join(row[1:]))
    if cells:
        yield start, "\n".join(raw), cells
