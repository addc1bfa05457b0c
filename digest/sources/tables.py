"""Tables, CSV, TSV and XLSX: one record a row, its columns known by their headings or by a map in ``digest.yaml``."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from digest.errors import DigestError, did_you_mean
from digest.model import AbstractPart, Meeting
from digest.names import is_group, person, read_people
from digest.sources import markup
from digest.sources.draft import Draft, read_date
from digest.sources.page import LARGEST, Page, line_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from digest.errors import Problem
    from digest.model import Presentation, RecordType
    from digest.sources.page import Outcome

_MOST_COLUMNS: Final = 16_384  # a sheet of Excel has no more
_MOST_CELLS: Final = 20_000_000  # calamine keeps a sheet as a full rectangle
_HEADINGS_WITHIN: Final = 20  # rows: above the headings stand at most a title and some remarks


class Row(Struct, frozen=True):
    """One row: where it is, its cells, its bytes, and what was odd in writing it."""

    line: int
    cells: list[str]
    raw: bytes
    odd: str = ""


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each row below the headings; an empty row is nothing.

    Raises:
        DigestError: no column holds titles, a heading stands twice, or a mapped column is not there.
    """
    if page.content.startswith(b"PK\x03\x04"):
        yield from _workbook(page)
        return
    yield from page.text_problems
    text = page.text
    start = re.match(r"sep=(.)\r?\n", text)  # Excel's own line
    marks = start[1] if start else ",;\t|"
    at = start.end() if start else 0
    best = max(marks, key=lambda mark: _score(page, [row.cells for row in _sample(text, mark, at)]))
    first = line_of(text, at) if at else 1
    yield from _records(page, lambda: _rows(text, best, at, first), "", where=page.where)


# --- Text into rows --------------------------------------------------------------------------------------------------


def _sample(text: str, mark: str, at: int) -> list[Row]:
    rows: list[Row] = []
    for row in _rows(text[: at + 64_000], mark, at, 1):
        rows.append(row)
        if len(rows) == _HEADINGS_WITHIN:
            break
    return rows


def _score(page: Page, rows: Sequence[Sequence[str]]) -> tuple[int, int, int]:
    """How well a mark takes a text apart: known headings, then rows as long as the first, then columns."""
    known, at = max(((_known(page, row), -n) for n, row in enumerate(rows)), default=(0, 0))
    width = len(rows[-at]) if rows else 0
    return known, sum(len(row) == width for row in rows) if width > 1 else 0, width


def _rows(text: str, mark: str, at: int, line: int) -> Iterator[Row]:
    """The rows of a text as RFC 4180 has them; a quote that is never closed ends with its line and is told.

    The module `csv` reads on to the end of the file behind such a quote, and says nothing.
    """
    quoted = re.compile(rf'[ ]?"((?:[^"]++|"")*+)"[ ]?(?={re.escape(mark)}|\r|\n|\Z)')
    bare = re.compile(rf"[^{re.escape(mark)}\r\n]*+")
    cells: list[str] = []
    end, begin, odd, lost = len(text), at, "", 0
    while at < end or (cells and at == end and text[at - 1] == mark):
        plain = True
        if text.startswith('"', at) or text.startswith(' "', at):
            match = quoted.match(text, at) if lost < 4 * end else None
            if match:
                cells.append(match[1].replace('""', '"'))
                plain = False
            else:
                # What a failed search has read is counted: quotes on each line must not make reading quadratic.
                lost += _looked_at(text, at)
                odd = odd or f"a quote in column {len(cells) + 1} is not closed, or text stands behind it"
        if plain:
            match = bare.match(text, at)
            cells.append(match[0] if match else "")
        at = match.end() if match else at
        if len(cells) > _MOST_COLUMNS:
            yield Row(line, cells, b"")
            return
        if at < end and text[at] == mark:
            at += 1
            if at < end:
                continue
            cells.append("")
        body = text[begin:at]
        yield Row(line, cells, body.encode("utf-8", "replace"), odd)
        line += line_of(body, len(body)) - 1 + (at < end)
        at += 2 if text.startswith("\r\n", at) else 1
        begin, cells, odd = at, [], ""


def _looked_at(text: str, at: int) -> int:
    """How far the search for the end of a quoted cell went."""
    match = re.compile(r'[ ]?"(?:[^"]++|"")*+').match(text, at)
    return match.end() - at if match else 0


# --- Workbooks -------------------------------------------------------------------------------------------------------


def _workbook(page: Page) -> Iterator[Outcome]:
    """The records of every sheet that has headings; the other sheets are told."""
    empty, read = True, False
    unread: list[str] = []
    for name, rows in sheets(page):
        filled = [row for row in rows if any(row.cells)]
        if not filled:
            continue
        empty = False
        if _heading_row(page, filled[:_HEADINGS_WITHIN]) is None:
            unread.append(f"{name} ({len(filled)} rows: {', '.join(filled[0].cells[:8])[:200]})")
            continue
        read = True
        yield from _records(page, filled.__iter__, f"sheet {name}, ", where=page.where)
    if empty:
        raise DigestError("there is nothing in its sheets", where=page.where, expected="a table with headings")
    message = f"no column of titles was found in {'; '.join(unread)}"
    if not read:
        raise DigestError(message, where=page.where, todo=_TODO)
    if unread:
        yield page.problem("warning", "no-headings", f"{message}; {_TODO}")


def sheets(page: Page) -> Iterator[tuple[str, list[Row]]]:
    """The sheets of an XLSX workbook by name, hidden ones too, each with its rows of texts.

    Raises:
        DigestError: it is no workbook, is damaged, or unpacks to more than a page may hold.
    """
    _check_package(page)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(page.content))
        names = book.sheet_names
        for name in names:
            sheet = book.get_sheet_by_name(name)
            given: list[list[Any]] = sheet.to_python(skip_empty_area=False)
            rows = []
            for line, cells in enumerate(given, 1):
                texts = [_cell(cell) for cell in cells]
                while texts and not texts[-1]:
                    texts.pop()
                rows.append(Row(line, texts, "\t".join(texts).encode("utf-8", "replace")))
            yield name, rows
    except (CalamineError, OSError, ValueError) as error:
        raise DigestError(f"the workbook cannot be read: {error}", where=page.where, todo="save it as CSV") from error


def _check_package(page: Page) -> None:
    """Refuses a package that unpacks to more than a page may hold, or whose cells are too far apart.

    calamine keeps a sheet as a full rectangle: one cell at XFD1048576 asks for 400 GB and ends the process.
    """
    refusal = ""
    try:
        with zipfile.ZipFile(io.BytesIO(page.content)) as package:
            entries = package.infolist()
            if "xl/workbook.xml" not in package.namelist():
                refusal = "this is no XLSX workbook"
            elif (total := sum(entry.file_size for entry in entries)) > LARGEST:
                refusal = f"the workbook unpacks to {total >> 20} MiB"
            else:
                sheets = [entry for entry in entries if entry.filename.lower().endswith(".xml")]
                largest = max((_extent(package.read(entry)) for entry in sheets), default=0)
                if largest > _MOST_CELLS:
                    refusal = f"a sheet of the workbook is {largest:,} cells large"
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        refusal = f"the workbook is damaged: {error}"
    if refusal:
        todo = "delete what stands behind the table, save it anew or as CSV"
        raise DigestError(refusal, where=page.where, todo=todo)


def _extent(body: bytes) -> int:
    """How many cells the rectangle around all cells of a sheet has."""
    widest = lowest = 0
    for match in re.finditer(rb"\br\s{0,3}=\s{0,3}[\"']([A-Za-z]{1,4})(\d{1,9})[\"']", body):
        column = 0
        for letter in match[1].upper():
            column = column * 26 + letter - 64
        widest, lowest = max(widest, column), max(lowest, int(match[2]))
    return widest * lowest


def _cell(value: object) -> str:
    """A cell as text: no ``.0`` behind a whole number, days in ISO 8601; the result of a formula as it was stored."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


# --- Columns ---------------------------------------------------------------------------------------------------------

# For each field the headings that mean it, the surest first: the first column found is read, the others are told.
_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": (
        "title", "abstract title", "paper title", "article title", "document title", "item title", "presentation title",
        "poster title", "talk title", "submission title", "title of abstract", "title of paper", "full title",
        "titel", "titre", "titulo", "titolo", "primary title",
    ),
    "number": (
        "abstract number", "abstract no", "abstract nr", "final abstract number", "abstract id", "abstract",
        "final id", "publication number", "meeting abstract", "poster number", "poster no", "poster id", "poster board",
        "poster board number", "presentation number", "program number", "programme number", "paper number", "paper no",
        "number", "no", "nr", "num", "code", "uid", "paper id", "presentation id", "submission number",
        "submission id", "submission", "control number", "control id", "record id", "id",
    ),
    "authors": (
        "author full names", "authors full names", "authors full name", "full author names", "authors", "author",
        "author s", "author list", "authors list", "list of authors", "all authors", "author names", "author name",
        "autoren", "auteurs", "autores", "contributors", "creators", "creator", "author block", "speakers", "speaker",
        "speaker s", "presenters", "presenter", "presenter s", "presenting author", "presenting authors",
        "organizers", "first author", "lead author",
    ),
    "affiliations": (
        "affiliations", "affiliation", "author affiliations", "author affiliation", "authors affiliations",
        "institutions", "institution", "institution s", "author institutions", "organisations", "organizations",
        "organisation", "organization", "addresses", "institutes", "institute", "affiliation s",
    ),
    "abstract": (
        "abstract text", "abstract body", "abstract", "abstract content", "full abstract", "summary", "body", "text",
        "description", "zusammenfassung", "resume", "resumen", "abstract s",
    ),
    "keywords": (
        "keywords", "keyword", "key words", "author keywords", "tags", "keyword s", "index keywords", "mesh terms",
        "mesh",
    ),
    "track": (
        "track", "session title", "session", "session name", "topic", "category", "track name", "topics", "subject",
        "theme", "stream", "sub category", "subcategory", "primary topic", "section", "area", "tumor type", "tracks",
    ),
    "presentation": (
        "presentation type", "presentation format", "session type", "type of presentation", "final presentation type",
        "presentation", "presentation preference", "decision", "format", "acceptance type",
    ),
    "doi": ("doi", "item doi", "doi link", "digital object identifier", "doi url"),
    "pmid": ("pmid", "pubmed id", "pubmed"),
    "pmcid": ("pmcid", "pmc id", "pmc"),
    "nct": (
        "nct", "nct number", "nct id", "clinicaltrials gov id", "clinical trial id", "trial registration number",
        "clinical trial registration number", "clinical trial registry number",
    ),
    "url": (
        "url", "link", "abstract url", "abstract link", "web", "website", "web address", "paper url", "permalink",
        "html url", "pdf url", "pdf", "uri",
    ),
    "isbn": ("isbn",),
    "issn": ("issn", "issns", "print issn", "issn print"),
    "eissn": ("eissn", "e issn", "issn online", "online issn", "electronic issn"),
    "container": (
        "journal", "journal title", "journal book", "source title", "publication title", "container title",
        "container", "proceedings", "proceedings title", "book title", "booktitle", "publication", "journal name",
        "publication name", "secondary title",
    ),
    "container_short": (
        "journal abbreviation", "abbreviated source title", "journal iso abbreviation", "container short",
        "journal short", "iso abbreviation",
    ),
    "issued": (
        "publication date", "date published", "date of publication", "published", "issued", "publish date", "pub date",
        "online publication date", "date",
    ),
    "year": ("year", "publication year", "pub year", "year of publication", "py"),
    "volume": ("volume", "journal volume", "vol"),
    "issue": ("issue", "journal issue", "issue number", "iss"),
    "supplement": ("supplement", "suppl", "supplement number"),
    "pages": ("pages", "page", "page numbers", "page range", "pp", "page s"),
    "first_page": ("page start", "start page", "first page", "page from"),
    "last_page": ("page end", "end page", "last page", "page to"),
    "article_number": ("article number", "art no", "article no", "elocation id", "e location"),
    "publisher": ("publisher",),
    "language": ("language", "language of original document", "languages"),
    "editors": ("editors", "editor", "book editors"),
    "embargo_until": ("embargo until", "embargo", "embargo date", "embargoed until", "embargo lift", "embargo end"),
    "licence": ("licence", "license", "rights", "copyright licence"),
    "meeting": ("conference title", "conference name", "conference", "meeting", "meeting name", "event", "event name"),
    "type": ("document type", "content type", "publication type", "item type", "record type", "reference type", "type"),
    "citation": ("citation",),
}  # fmt: skip
# Headings of an abstract's parts; the heading is the label.
_PART: Final = re.compile(
    r"(?:abstract )?(?:backgrounds?|background(?: and)? (?:objectives?|aims?|purpose)|introduction|context|rationale|"
    r"purpose|objectives?|aims?|aims? and objectives?|hypothesis|methods?|methodology|methods? and materials?|"
    r"materials? (?:and )?methods?|patients? (?:and )?methods?|study design|trial design|design|setting|"
    r"results?|findings|results? and discussion|discussion|conclusions?(?:(?: and)? (?:relevance|future directions))?|"
    r"interpretation|significance|limitations|clinical trial identification|"
    r"legal entity responsible(?: for the study)?|"
    r"funding|funding sources?|disclosures?|research sponsor|clinical trial information|editorial acknowledge?ment)"
)
_ROLE: Final = (
    r"(?:(?P<role>(?:co )?authors?|presenters?|presenting author|first author|speakers?|submitter|contact) ?)?"
)
_NAME_PART: Final = (
    r"(?P<part>first names?|given names?|forenames?|middle names?|middle initials?|last names?|family names?|surnames?|"
    r"suffix|names?|full names?|affiliations?|institutions?|organi[sz]ations?|orcid(?: id)?)"
)
_LISTS: Final = 20  # headings of authors that mean a list of all of them
_WEAK: Final = 7  # headings of numbers that in a list of articles are numbers of its rows
_PERSON: Final = re.compile(
    rf"{_ROLE}(?P<n>\d{{1,3}})? ?{_NAME_PART}(?: (?P<m>\d{{1,3}}))?|(?:co )?author (?P<only>\d{{1,3}})"
)
_FIELDS: Final = (*_HEADINGS, "part", "ignore")
_TODO: Final = "name the columns in digest.yaml, such as “columns: {Paper name: title}”; known fields: " + ", ".join(
    _FIELDS
)
_NOTHING: Final = re.compile(r"(?:n/?a|nan|null|none|nil|-|–|—|\.)?", re.IGNORECASE)


class _Columns(Struct, frozen=True, kw_only=True):
    """What the columns of a table hold.

    Attributes:
        fields: the column of each field.
        parts: columns of labelled parts, with their labels.
        people: columns of single people's names, grouped by person.
        unused: headings that mean nothing known.
        spare: headings whose field another column has.
        ignored: columns that the editor has left out.
        heading: the headings as they stand.
    """

    fields: dict[str, tuple[int, ...]]
    parts: tuple[tuple[int, str], ...]
    people: tuple[dict[str, int], ...]
    unused: tuple[str, ...]
    spare: tuple[str, ...]
    heading: tuple[str, ...]
    weak_number: bool


def _folded(heading: str) -> str:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:200]).replace("#", " number ").replace("№", " number ")
    words = " ".join(re.findall(r"[^\W_]+", split.casefold()))
    return re.sub(
        r"\b(number)(?: number)+\b", r"\1", re.sub(r"^(abstract|poster) (?:no|nr|num)\b", r"\1 number", words)
    )


_KNOWN: Final = {words: field for field, names in _HEADINGS.items() for words in names}


def _known(page: Page, row: Sequence[str]) -> int:
    """How many cells of a row are headings that are known."""
    cells = {_folded(cell): cell for cell in row if cell and len(cell) < 80}
    mapped = {_folded(name) for name in page.columns}
    known = sum(
        (words in _KNOWN) + 5 * (words in _HEADINGS["title"] or words in mapped)
        or bool(_PART.fullmatch(words) or _PERSON.fullmatch(words))
        for words in cells
    )
    return known if len(cells) > 1 or mapped & set(cells) or len(row) > 1 else min(known, 1)


def _heading_row(page: Page, rows: Sequence[Row]) -> int | None:
    """Which of the first rows holds the headings; nothing where none names a title."""
    best: tuple[int, int] | None = None
    for n, row in enumerate(rows):
        words = {_folded(cell) for cell in row.cells}
        mapped = {_folded(name) for name, field in page.columns.items() if field == "title"}
        named = words & (mapped or set(_HEADINGS["title"]))
        if named and (len([cell for cell in row.cells if cell]) > 1 or len(rows) > 1):
            score = _known(page, row.cells)
            if best is None or score > best[0]:
                best = (score, n)
    return best[1] if best else None


def _columns(page: Page, heading: Sequence[str]) -> _Columns:
    """What each column means: what the editor has said, then what its heading says."""
    folded = [_folded(cell) for cell in heading]
    _refuse_twins(page, heading, folded)
    told: dict[int, str] = {}
    for name, field in page.columns.items():
        if field not in _FIELDS:
            raise DigestError(
                f"the column “{name}” is mapped to “{field}”, which is no field{did_you_mean(field, _FIELDS)}",
                where=page.where, expected=f"one of {', '.join(_FIELDS)}",
            )  # fmt: skip
        if _folded(name) not in folded:
            known = ", ".join(f"“{cell}”" for cell in heading[:30])
            raise DigestError(
                f"there is no column “{name}”{did_you_mean(name, heading)}", where=page.where,
                expected=f"one of the headings {known}", todo="correct “columns” in digest.yaml",
            )  # fmt: skip
        told[folded.index(_folded(name))] = field
    fields: dict[str, tuple[int, ...]] = {}
    for at, field in told.items():
        if field not in {"part", "ignore"}:
            fields[field] = (*fields.get(field, ()), at)
    free = {words: at for at, words in enumerate(folded) if at not in told and words}
    # “Abstract” alone is the text; beside a column for the text it is the number.
    text_beside = "abstract text" in free or "abstract body" in free
    for field, names in _HEADINGS.items():
        if field not in fields and (
            found := tuple(
                free[words] for words in names
                if words in free and not (words == "abstract" and (field == "number") != text_beside)
            )
        ):  # fmt: skip
            fields[field] = found
    taken = {at for columns in fields.values() for at in columns}
    # “First author” alone does not keep columns of single names from being read.
    sure = any(folded[at] in _HEADINGS["authors"][:_LISTS] or at in told for at in fields.get("authors", ()))
    parts: list[tuple[int, str]] = []
    people: dict[tuple[str, str], dict[str, int]] = {}
    for at, words in enumerate(folded):
        if at in told:
            if told[at] == "part":
                parts.append((at, heading[at].strip()))
        elif at not in taken and _PART.fullmatch(words):
            label = re.sub(r"^abstract[\s_-]*", "", heading[at].strip(), flags=re.IGNORECASE).replace("_", " ")
            parts.append((at, label[:1].upper() + label[1:]))
            taken.add(at)
        elif at not in taken and not sure and (match := _PERSON.fullmatch(words)):
            people.setdefault((match["role"] or "", match["n"] or match["m"] or match["only"] or ""), {})[
                _name_part(match["part"] or "name")
            ] = at
            taken.add(at)
    people = {who: of for who, of in people.items() if {"family", "name"} & set(of)}
    inside = {at for of in people.values() for at in of.values()}
    rest = [(at, words) for at, words in enumerate(folded) if words and at not in told and at not in taken | inside]
    first = {field: columns[0] for field, columns in fields.items()}
    return _Columns(
        fields=fields,
        parts=tuple(parts),
        people=tuple(people.values()),
        unused=tuple(heading[at] for at, _ in rest),
        spare=tuple(heading[at] for field, columns in fields.items() for at in columns[1:] if at not in told),
        heading=tuple(heading),
        weak_number="number" in fields
        and first["number"] not in told
        and folded[first["number"]] in _HEADINGS["number"][-_WEAK:]
        and bool({"container", "volume", "pmid"} & set(fields)),
    )


def _name_part(words: str) -> str:
    for name, pattern in (
        ("given", r"first|given|fore"), ("middle", r"middle"), ("family", r"last|family|sur"), ("suffix", r"suffix"),
        ("affiliation", r"affil|instit|organ"), ("orcid", r"orcid"),
    ):  # fmt: skip
        if re.match(pattern, words):
            return name
    return "name"


def _refuse_twins(page: Page, heading: Sequence[str], folded: Sequence[str]) -> None:
    seen: set[str] = set()
    for cell, words in zip(heading, folded, strict=True):
        if words and words in seen and (words in _KNOWN or words in {_folded(name) for name in page.columns}):
            raise DigestError(
                f"the heading “{cell.strip()}” stands twice", where=page.where,
                expected="one column for each field", todo="rename one of the two columns",
            )  # fmt: skip
        seen.add(words)


# --- Rows into records -----------------------------------------------------------------------------------------------


def _records(page: Page, read: Callable[[], Iterator[Row]], sheet: str, *, where: str) -> Iterator[Outcome]:
    first: list[Row] = []
    rows = read()
    for row in rows:
        if len(row.cells) > _MOST_COLUMNS:
            raise DigestError(f"more than {_MOST_COLUMNS} columns", where=where, todo="delete the empty ones")
        if any(cell.strip() for cell in row.cells):
            first.append(row)
        if len(first) == _HEADINGS_WITHIN:
            break
    at = _heading_row(page, first)
    if at is None:
        found = ", ".join(f"“{cell.strip()[:40]}”" for cell in (first[0].cells if first else [])[:30] if cell.strip())
        if page.columns:
            _columns(page, first[0].cells if first else [])
        raise DigestError(
            f"no column of the table holds titles; its headings are {found or 'empty'}", where=where, todo=_TODO
        )
    columns = _columns(page, [cell.strip() for cell in first[at].cells])
    yield from _told_columns(page, columns, first[at].line, sheet)
    for row in first[:at]:
        text = " ".join(filter(None, (cell.strip() for cell in row.cells)))
        yield page.problem("note", "above-headings", f"above the headings stands “{text[:200]}”", line=row.line)
    repeated = _repeated(columns, read(), first[at].line)
    if repeated:
        listed = ", ".join(sorted(repeated)[:8]) + (", …" if len(repeated) > 8 else "")
        message = f"{sheet}these numbers stand in more than one row: {listed}; each row is a record of its own"
        yield page.problem("warning", "repeated", message, line=first[at].line)
    for row in first[at + 1 :]:
        yield _record(page, row, columns, sheet, repeated)
    for row in rows:
        if any(cell.strip() for cell in row.cells):
            yield _record(page, row, columns, sheet, repeated)


def _repeated(columns: _Columns, rows: Iterator[Row], heading: int) -> frozenset[str]:
    """The numbers that stand in several rows of a table: they begin anew in each session, or a row stands twice."""
    if "number" not in columns.fields:
        return frozenset()
    seen, again = set[str](), set[str]()
    for row in rows:
        if row.line > heading:
            number = _told(row.cells, columns, "number")
            (again if number in seen else seen).add(number)
    return frozenset(again - {""})


def _told(cells: Sequence[str], columns: _Columns, field: str) -> str:
    """What the first filled column of a field says."""
    texts = (cells[at].strip() for at in columns.fields.get(field, ()) if at < len(cells))
    return next((text for text in texts if text and (field == "title" or not _NOTHING.fullmatch(text))), "")


def _told_columns(page: Page, columns: _Columns, line: int, sheet: str) -> Iterator[Problem]:
    for names, code, what in (
        (columns.unused, "unknown-column", "these columns were not read, their headings mean nothing known"),
        (columns.spare, "spare-column", "these columns were read only where one that means the same is empty"),
    ):
        if names:
            listed = ", ".join(f"“{name[:60]}”" for name in names[:40]) + (" …" if len(names) > 40 else "")
            yield page.problem("note", code, f"{sheet}{what}: {listed}; {_MAP}", line=line)


_MAP: Final = "map them in digest.yaml under “columns” (“ignore” for none of the fields)"


def _record(page: Page, row: Row, columns: _Columns, sheet: str, repeated: frozenset[str]) -> Outcome:
    draft = Draft(page, f"{sheet}row {row.line}", row.raw)
    draft.line = row.line
    cells = [cell.strip() for cell in row.cells]
    width = len(columns.heading)
    if row.odd:
        draft.tell("warning", "odd-quote", f"{row.odd}; look whether the cells are right")
    if len(cells) > width and any(cells[width:]):
        draft.tell(
            "warning", "ragged", f"behind the last column stands “{' | '.join(filter(None, cells[width:]))[:300]}”"
        )
    elif len(cells) < width and not sheet:
        draft.tell("note", "ragged", f"the row has {len(cells)} cells, the headings are {width}; the others are empty")
    cells += [""] * (width - len(cells))

    def told(field: str) -> str:
        return _told(cells, columns, field)

    draft.title = markup.inline(told("title"))
    number = told("number")
    draft.identifier = number or told("doi") or told("pmid")
    if number in repeated:  # the number alone does not name the row
        draft.identifier = " ".join(filter(None, (number, told("track"), told("title"))))
    if not columns.weak_number:
        draft.number = number
    for field in ("container", "container_short", "volume", "issue", "supplement", "article_number", "publisher",
                  "language", "licence", "pages"):  # fmt: skip
        setattr(draft, field, told(field))
    draft.track = "; ".join(_split(told("track"), "|")) if "|" in told("track") else told("track")
    if not draft.pages and told("first_page"):
        first, last = told("first_page"), told("last_page")
        draft.pages = f"{first}-{last}" if last and last != first else first
    _ids(draft, told)
    draft.issued = read_date(told("issued")) or read_date(told("year"))
    if (year := read_date(told("year"))) and draft.issued and draft.issued.year != year.year:
        draft.issued = year  # a day of going online, or of being listed
    if told("issued") and not draft.issued:
        draft.tell("warning", "odd-date", f"“{told('issued')[:60]}” is no date; it was left out")
    if embargo := told("embargo_until"):
        draft.embargo_until = read_date(embargo)
        if not draft.embargo_until or draft.embargo_until.day is None:
            draft.tell("warning", "odd-date", f"the embargo “{embargo[:60]}” is no day; look until when it lasts")
    if told("meeting"):
        draft.meeting = Meeting(name=told("meeting"))
    _kind(draft, columns, told)
    draft.keywords = [word for word in _split(told("keywords"), "") if word]
    if told("editors"):
        draft.add_people(told("editors"), as_editor=True)
    _people(draft, columns, cells, told)
    _abstract(draft, columns, cells, told)
    _citation(draft, told("citation"))
    return draft.finish()


def _ids(draft: Draft, told: Any) -> None:  # noqa: ANN401 - a function of a field's name
    labels = {"doi": "doi:", "pmid": "PMID:", "pmcid": "", "isbn": "ISBN ", "url": "", "nct": ""}
    for field, label in labels.items():
        for text in _split(told(field), " ") if field in {"nct", "isbn"} else [told(field)]:
            bare = re.sub(r"^(?:doi|pmid|isbn)\s*:?\s*", "", text, flags=re.IGNORECASE)
            if field == "url" and bare.startswith("www."):
                bare = f"https://{bare}"
            if field == "url" and bare and not re.match(r"https?://", bare):
                draft.tell("note", "odd-identifier", f"“{bare[:80]}” is no address; it was left out")
            elif bare:
                draft.ids.append(bare if re.match(r"https?://", bare) else f"{label}{bare}")
    draft.issn = [piece for field in ("issn", "eissn") for piece in re.split(r"[;,|\s]+", told(field)) if piece]


_TYPES: Final[tuple[tuple[str, RecordType], ...]] = (
    (r"(?:meeting|conference) abstract|abstract", "meeting-abstract"), (r"preprint", "preprint"),
    (r"book chapter|chapter|inproceedings|incollection", "chapter"), (r"book", "book"),
    (r"(?:phd|master)?thesis|dissertation", "thesis"), (r"(?:tech)?report", "report"), (r"data ?set", "dataset"),
    (r"article|review|letter|editorial|journal", "article"),
)  # fmt: skip
_PRESENTATIONS: Final[tuple[tuple[str, Presentation], ...]] = (
    (r"late.?breaking", "late-breaking"), (r"poster discussion|discussed poster", "poster discussion"),
    (r"trials? in progress|tip", "trial in progress"),
    (r"publication only|online publication|e.?publication", "publication only"),
    (r"plenary|presidential", "plenary"), (r"invited|keynote", "invited"),
    (r"e-?posters?|posters?", "poster"), (r"oral|proffered|talk|rapid|mini.?oral", "oral"),
)  # fmt: skip


def _kind(draft: Draft, columns: _Columns, told: Any) -> None:  # noqa: ANN401 - a function of a field's name
    kind, how = told("type"), told("presentation")
    draft.type = next((type_ for word, type_ in _TYPES if re.match(word, kind, re.IGNORECASE)), None)
    programme = {"number", "track", "presentation"} & set(columns.fields)
    if draft.type is None and programme and not {"container", "volume", "pmid"} & set(columns.fields):
        draft.type = "meeting-abstract"
    for text in (how, kind):
        if draft.presentation is None:
            found = (name for word, name in _PRESENTATIONS if re.search(rf"\b(?:{word})\b", text, re.IGNORECASE))
            draft.presentation = next(found, None)
    if how and not draft.presentation:
        draft.tell("note", "odd-presentation", f"“{how[:60]}” is no known way of presenting; it was left out")


def _split(text: str, marks: str) -> list[str]:
    """The pieces of a list: at lines, bars or semicolons where there are any, else at commas."""
    for mark in ("\n", "|", ";", *(("," if mark != " " else " ") for mark in (marks or ",")), ","):
        if mark in text:
            return [piece.strip() for piece in text.split(mark) if piece.strip()]
    return [text.strip()] if text.strip() else []


def _people(draft: Draft, columns: _Columns, cells: Sequence[str], told: Any) -> None:  # noqa: ANN401 - a function of a field's name
    for of in columns.people:
        texts = {part: cells[at] for part, at in of.items() if not _NOTHING.fullmatch(cells[at])}
        places = _split(texts.get("affiliation", ""), ";")
        if "family" in texts:
            given = " ".join(filter(None, (texts.get("given", ""), texts.get("middle", ""))))
            try:
                who = person(texts["family"], given, texts.get("suffix", ""))
            except ValueError as error:
                draft.tell("warning", "odd-name", f"an author was left out: {error}")
                continue
            draft.add_author(who, places, orcid=texts.get("orcid", ""))
        elif name := texts.get("name") or texts.get("given"):
            draft.add_author(name, places, orcid=texts.get("orcid", ""))
    text = told("authors")
    marked_places = _places(told("affiliations"))
    if not text:
        for place in marked_places.values():
            draft.affiliation(place)
        return
    heading = _folded(next(columns.heading[at] for at in columns.fields["authors"] if cells[at] == text))
    if text.count(".") == 1:
        text = text.removesuffix(".")  # PubMed ends its lists so
    text = re.sub(r"\s?\(\d{6,}\)", "", text)  # numbers of people in Scopus
    if "item doi" in map(_folded, columns.heading) and not re.search(r"[;,|\n]", text):
        # Springer's search joins the names without anything between: “Andy SmithTom Weber”.
        text = re.sub(r"(?<=[^\W\d_A-Z]{2})(?<!Mc)(?<!Mac)(?<!Fitz)(?=[A-Z][^\W\d_]*[\s.])", "; ", text)
    own = re.match(r"speaker|presenter|presenting|organizer", heading) is not None
    names, beside = _without_places(text) if own else (text, [])
    try:
        people, truncated = read_people(
            markup.plain(names) if "&" in names else names,
            family_first=bool(draft.page.told and draft.page.told.family_first),
        )
    except ValueError:
        draft.add_people(names)  # tells what is wrong
        people, truncated = (), False
    draft.truncated = draft.truncated or truncated
    listed = list(marked_places.values())
    marked = any(author.marks for author in people)
    for n, author in enumerate(people):
        if marked:
            mine = [marked_places[mark] for mark in author.marks if mark in marked_places]
        elif len(listed) == len(people) or len(people) == 1:
            mine = listed if len(people) == 1 else [listed[n]]
        else:
            mine = []
        draft.add_author(author.person, [*mine, *(beside if len(people) == 1 else [])])
    for place in (*listed, *beside):
        draft.affiliation(place)


def _without_places(text: str) -> tuple[str, list[str]]:
    """Names and the institutions that stand among them, as programmes print behind a speaker."""
    text = re.sub(r"\s?\(([^()]{3,500},[^()]{3,500})\)", r", \1", text)  # the speaker (and those who do not speak)
    pieces = [piece.strip() for piece in re.split(r"[,;]\s", text)]
    places = [piece for piece in pieces[1:] if is_group(piece) or _POST.search(piece)]
    return ", ".join(piece for piece in pieces if piece not in places) if places else text, (
        [", ".join(places)] if places else []
    )


_POST: Final = re.compile(
    r"\b(?:professor|scientist|director|lecturer|researcher|engineer|student|president|head|chaired|chief)\b",
    re.IGNORECASE,
)


def _places(text: str) -> dict[str, str]:
    """Affiliations by the marks before them, or by their place in the list."""
    pieces = [piece.strip() for piece in re.split(r"[;|\n]", text) if piece.strip()] if text else []
    found: dict[str, str] = {}
    for n, piece in enumerate(pieces, 1):
        match = re.match(r"[(\[]?(\d{1,3}|[a-z](?=[).\]]))[)\].:]?\s{0,3}(?=[^\W\d_])", piece)
        found[match[1] if match else str(n)] = piece[match.end() :] if match else piece
    if len(found) == len(pieces):
        return found
    return {str(n): piece for n, piece in enumerate(pieces, 1)}


def _abstract(draft: Draft, columns: _Columns, cells: Sequence[str], told: Any) -> None:  # noqa: ANN401 - a function of a field's name
    parts: list[AbstractPart] = []
    if (text := told("abstract")) and not re.fullmatch(r"\[?no abstract available[\].]*", text, re.IGNORECASE):
        parts += markup.abstract(text)
    for at, label in columns.parts:
        if (text := cells[at]) and not _NOTHING.fullmatch(text):
            rich = markup.joined(markup.blocks(text))
            if rich:
                parts.append(AbstractPart(label=label, text=rich))
    draft.parts = tuple(parts)


def _citation(draft: Draft, text: str) -> None:
    """Volume, issue, pages and day out of PubMed's column: ``Nature. 2021 Dec 21;1(2):10-11. doi: …``."""
    match = re.search(
        r"\.\s(?P<date>\d{4}(?:\s[A-Z][a-z]{2}[\w-]{0,12})?(?:\s\d{1,2})?)(?:;(?P<volume>[^\s():;]{1,20})?"
        r"(?:\((?P<issue>[^()]{1,30})\))?(?::(?P<pages>[^\s.;]{1,30}))?)?\.(?:\s|$)",
        text[:1000],
    )
    if not match:
        return
    date = read_date(match["date"])
    if date and (
        draft.issued is None or (draft.issued.year == date.year and len(date.parts) > len(draft.issued.parts))
    ):
        draft.issued = date
    draft.volume = draft.volume or match["volume"] or ""
    if not draft.issue or draft.issue.lower() == "no issue":
        draft.issue = match["issue"] or ""
    draft.pages = draft.pages or match["pages"] or ""
