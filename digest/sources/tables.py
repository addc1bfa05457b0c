"""Tables, CSV, TSV and XLSX: one record a row, its columns known by their headings or by a map in ``digest.yaml``."""

from __future__ import annotations

import datetime as dt
import functools
import html
import io
import itertools
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator  # msgspec looks at the types of fields
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, structs

from digest.errors import DigestError, Problem, did_you_mean
from digest.merge import flat, fold
from digest.model import AbstractPart, Meeting
from digest.names import Author, is_group, person, read_people, sure_name
from digest.sources import markup, worksheets
from digest.sources.addresses import addressed
from digest.sources.days import Evidence, is_time, read_day
from digest.sources.draft import Draft, read_date
from digest.sources.page import LARGEST, Page, line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from digest.errors import Level
    from digest.model import PartialDate, Person, Presentation, RecordType
    from digest.sources.page import Outcome
    from digest.text import RichText

_MOST_COLUMNS: Final = 16_384  # a sheet of Excel has no more
_MOST_CELLS: Final = 20_000_000  # calamine keeps a sheet as a full rectangle
_HEADINGS_WITHIN: Final = 20  # rows: above the headings stand at most a title and some remarks


class Row(Struct, frozen=True):
    """One row: where it is, its cells, its bytes, and what was odd in writing it.

    Attributes:
        line: where it is.
        cells: its cells as plain text.
        raw: its bytes.
        odd: what was odd in writing it.
        rich: cells in which words are set in type, as markup.
        above: cells of a workbook that one above them was merged with, whose text they have.
        wide: whether its only cell was merged with others beside it.
        more: rows below it that tell further authors or paragraphs of the same record.
        section: the text of the nearest row above that heads a part of the table.
    """

    line: int
    cells: list[str]
    raw: bytes
    odd: str = ""
    rich: dict[int, str] = {}
    above: frozenset[int] = frozenset()
    wide: bool = False
    more: tuple[Row, ...] = ()
    section: str = ""


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
    yield from _records(page, [("", lambda: _rows(text, best, at, first))])


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
    tables: list[tuple[str, Callable[[], Iterator[Row]]]] = []
    empty = True
    unread: list[str] = []
    hidden: list[Problem] = []
    told: dict[str, worksheets.Beside] = {}
    for name, rows in sheets(page):
        if not any(any(row.cells) for row in rows):
            continue
        empty = False
        told = told or _beside(page)
        beside = told.get(name, worksheets.Beside())
        filled = list(_as_shown(rows, beside))
        if _heading_row(page, filled[:_HEADINGS_WITHIN]) is None:
            unread.append(f"{name} ({len(filled)} rows: {', '.join(filled[0].cells[:8])[:200]})")
            continue
        tables.append((f"sheet {name}, ", lambda filled=filled: iter(filled)))  # type: ignore[misc]  # its own rows
        hidden += _told_hidden(page, name, filled, beside)
    if empty:
        raise DigestError("there is nothing in its sheets", where=page.where, expected="a table with headings")
    message = f"no column of titles was found in {'; '.join(unread)}"
    if not tables:
        raise DigestError(message, where=page.where, todo=_TODO)
    yield from hidden
    yield from _records(page, tables, since_1904=_counts_from_1904(page))
    if unread:
        yield page.problem("warning", "no-headings", f"{message}; {_TODO}")


def _told_hidden(page: Page, name: str, rows: Sequence[Row], beside: worksheets.Beside) -> Iterator[Problem]:
    """That a sheet is hidden, or rows and columns of it that are not empty."""
    if beside.hidden:
        yield page.problem("warning", "hidden", f"the sheet {name} is hidden; its rows were read")
        return
    behind = set(beside.hidden_rows)
    if lines := [row.line for row in rows if row.line in behind]:
        message = f"sheet {name}, {len(lines)} of its rows are hidden; they were read"
        yield page.problem("warning", "hidden", message, line=lines[0])
    filled = {at for row in rows for at, cell in enumerate(row.cells) if cell} & beside.hidden_columns
    if filled:
        named = ", ".join(f"“{next(row.cells[at] for row in rows if row.cells[at:at + 1] > [''])[:40]}”"
                          for at in sorted(filled)[:_MOST_NAMED])  # fmt: skip
        yield page.problem("warning", "hidden", f"sheet {name}, {len(filled)} of its columns are hidden: {named}")


def _beside(page: Page) -> dict[str, worksheets.Beside]:
    try:
        return worksheets.beside(page.content)
    except ValueError as error:
        raise DigestError(f"the workbook cannot be read: {error}", where=page.where, todo="save it as CSV") from error


def _as_shown(rows: Sequence[Row], beside: worksheets.Beside) -> Iterator[Row]:
    """The rows of a sheet that are not empty, as a reader sees them: a merged cell is there for each row beside it."""
    by_line: dict[int, dict[int, str]] = {}
    rich: dict[int, dict[int, str]] = {}
    above: dict[int, dict[int, worksheets.At]] = {}
    for (line, at), text in beside.shown.items():
        by_line.setdefault(line, {})[at] = text
    for (line, at), text in beside.rich.items():
        rich.setdefault(line, {})[at] = text
    for (line, at), origin in beside.above.items():
        above.setdefault(line, {})[at] = origin
    seen: dict[worksheets.At, tuple[str, str]] = {}
    merged = set(beside.above.values())
    for row in rows:
        if not any(row.cells):
            continue
        cells = list(row.cells)
        mine = {at: text for at, text in rich.get(row.line, {}).items()
                if at < len(cells) and "".join(markup.plain(text).split()) == "".join(cells[at].split())}  # fmt: skip
        for at, text in by_line.get(row.line, {}).items():
            if at < len(cells) and cells[at]:
                cells[at] = text
        covered = set()
        for at, origin in above.get(row.line, {}).items():
            text, typed = seen.get(origin, ("", ""))
            if text and not (at < len(cells) and cells[at]):
                cells += [""] * (at + 1 - len(cells))
                cells[at] = text
                covered.add(at)
                if typed:
                    mine[at] = typed
        seen |= {(row.line, at): (cell, mine.get(at, "")) for at, cell in enumerate(cells) if (row.line, at) in merged}
        own = [at for at, cell in enumerate(cells) if cell and at not in covered]
        wide = len(own) == 1 and (row.line, own[0]) in beside.across
        raw = "\t".join(cells).encode("utf-8", "replace")
        yield Row(row.line, cells, raw, rich=mine, above=frozenset(covered), wide=wide)


def _counts_from_1904(page: Page) -> bool:
    """Whether days are counted from 1904 (ECMA-376, part 1, 18.2.28, ``date1904``)."""
    with zipfile.ZipFile(io.BytesIO(page.content)) as package:
        book = package.read("xl/workbook.xml")
    return re.search(rb"\bdate1904\s{0,3}=\s{0,3}[\"'](?:1|true)[\"']", book) is not None


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
    refusal, todo = "", "delete what stands behind the table, save it anew or as CSV"
    try:
        with zipfile.ZipFile(io.BytesIO(page.content)) as package:
            entries = package.infolist()
            if "xl/workbook.xml" not in package.namelist():
                refusal, todo = _other_package(package.namelist())
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
        raise DigestError(refusal, where=page.where, todo=todo)


def _other_package(names: Sequence[str]) -> tuple[str, str]:
    """What a package is that is no workbook of XML, and what to do with it."""
    for part, what, todo in (
        ("word/", "a Word document (.docx)", "copy its table into a spreadsheet, or save it as plain text"),
        ("ppt/", "a presentation (.pptx)", "copy its table into a spreadsheet, or save it as plain text"),
        ("xl/workbook.bin", "a binary workbook (.xlsb)", "save it as .xlsx or CSV"),
        ("content.xml", "an OpenDocument file", "save it as .xlsx or CSV, a text as plain text"),
    ):
        if any(name.startswith(part) for name in names):
            return f"this is {what}, no XLSX workbook", todo
    return "this is no XLSX workbook", "save the table as .xlsx or CSV"


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
        "titel", "titre", "titulo", "titolo", "primary title", "contribution title", "lecture title",
        "title of the abstract", "title of the paper", "title of presentation", "title of the presentation",
        "title of talk", "paper heading", "abstract heading", "abstracttitel", "beitragstitel", "vortragstitel",
        "postertitel", "titel des beitrags", "titel des vortrags", "titel des abstracts", "titre du resume",
        "titre de la communication", "titre de la presentation", "intitule", "titulo del trabajo", "titulo del resumen",
        "titulo de la ponencia", "titulo de la comunicacion", "titulo do trabalho",
        "heading", "talk", "paper", "contribution", "beitrag", "vortrag", "thema", "tema",
    ),
    "number": (
        "abstract number", "abstract no", "abstract nr", "final abstract number", "abstract id", "abstract code",
        "abstract", "final id", "publication number", "meeting abstract", "poster number", "poster no", "poster id",
        "poster code", "poster board", "poster board number", "presentation number", "presentation code",
        "program number", "programme number", "paper number", "paper no", "paper nr", "paper code",
        "contribution number", "contribution id", "abstractnummer", "beitragsnummer", "beitrag nr", "posternummer",
        "vortragsnummer", "vortrag nr", "numero de resume", "numero du resume", "numero de resumen", "id resumen",
        "number", "no", "nr", "num", "n", "nummer", "numero", "lfd nr", "laufende nummer", "code", "kennung", "uid",
        "paper id", "presentation id", "ref", "ref no", "reference number", "paper", "submission number",
        "submission id", "submission", "control number", "control id", "record id", "id",
    ),
    "authors": (
        "author full names", "authors full names", "authors full name", "full author names", "authors", "author",
        "author s", "author list", "authors list", "list of authors", "all authors", "author names", "author name",
        "authors names", "names of authors", "contributors", "creators", "creator", "author block", "names",
        "autoren", "autor", "autorin", "autorinnen", "autor innen", "autorinnen und autoren", "verfasser",
        "mitwirkende", "auteurs", "auteur", "auteur s", "liste des auteurs", "noms des auteurs", "autores", "autor es",
        "lista de autores", "autori",
    ),
    "first_author": (
        "first author", "lead author", "primary author", "primary authors", "main author", "principal author",
        "first author name", "erstautor", "erstautorin", "hauptautor", "premier auteur", "auteur principal",
        "primer autor", "autor principal",
    ),
    "presenter": (
        "presenting author", "presenting authors", "presenting author s", "presenting author name", "presenters",
        "presenter", "presenter s", "presenter name", "speakers", "speaker", "speaker s", "speaker name", "organizers",
        "referenten", "referent", "referentin", "referent in", "referent innen", "referentinnen", "vortragende",
        "vortragender", "vortragende r", "redner", "rednerin", "sprecher", "orateurs", "orateur", "oratrice",
        "intervenants", "intervenant", "conferenciers", "conferencier", "presentateur", "auteur presentateur",
        "auteur presentant", "ponentes", "ponente", "autor presentador", "autor ponente", "presentador",
        "conferencista", "conferencistas", "expositor", "orador", "oradores", "relatore", "relatori",
    ),
    "coauthors": (
        "co authors", "co author", "coauthors", "coauthor", "co author s", "coauthor s", "co author names",
        "co authors names", "other authors", "additional authors", "further authors", "contributing authors",
        "secondary authors", "koautoren", "ko autoren", "co autoren", "coautoren", "mitautoren", "weitere autoren",
        "coauteurs", "co auteurs", "autres auteurs", "coautores", "co autores", "otros autores", "coautori",
    ),
    "affiliations": (
        "affiliations", "affiliation", "author affiliations", "author affiliation", "authors affiliations",
        "institutions", "institution", "institution s", "author institutions", "organisations", "organizations",
        "organisation", "organization", "addresses", "institutes", "institute", "affiliation s", "organisation s",
        "organization s", "affiliation list", "list of affiliations", "authors affiliation", "institut", "einrichtung",
        "einrichtungen", "institutionen", "kliniken", "klinik", "affiliationen", "zugehorigkeit", "organisationen",
        "etablissements", "etablissement", "affiliations des auteurs", "afiliaciones", "afiliacion", "instituciones",
        "filiacion", "filiaciones", "centros", "centro", "centre", "affiliazioni", "afiliacoes",
    ),
    "abstract": (
        "abstract text", "abstract body", "abstract", "abstract content", "full abstract", "summary", "body", "text",
        "description", "abstract plain", "zusammenfassung", "kurzfassung", "abstracttext", "inhalt", "beschreibung",
        "resume", "texte du resume", "resumen", "texto del resumen", "resumo", "riassunto", "abstract s", "content",
    ),
    "keywords": (
        "keywords", "keyword", "key words", "author keywords", "tags", "keyword s", "index keywords", "mesh terms",
        "mesh", "schlusselworter", "schluesselwoerter", "schlagworter", "schlagworte", "schlagwoerter", "stichworte",
        "stichworter", "mots cles", "mots clefs", "mot cle", "palabras clave", "palabras claves", "palavras chave",
        "parole chiave",
    ),
    "track": (
        "track", "session title", "session", "session name", "topic", "category", "track name", "topics", "subject",
        "theme", "stream", "sub category", "subcategory", "primary topic", "section", "area", "tumor type", "tracks",
        "subject area", "track title", "accepted track", "sitzung", "sektion", "themenbereich", "themengebiet",
        "kategorie", "fachgebiet", "rubrik", "thema", "themen", "thematique", "categorie", "sesion", "area tematica",
        "categoria", "eje tematico", "tema", "temas", "sessione", "sessao",
    ),
    "presentation": (
        "presentation type", "presentation format", "session type", "type of presentation", "final presentation type",
        "presentation", "presentation preference", "decision", "format", "acceptance type", "accepted type",
        "accepted as", "final decision", "mode of presentation", "prasentationsform", "prasentationsart",
        "vortragsart", "art der prasentation", "type de presentation", "type de communication", "tipo de presentacion",
        "tipo de comunicacion", "modalidad",
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
        "online publication date", "date", "datum", "fecha",
    ),
    "presented": (
        "session date", "presentation date", "date of presentation", "date of session", "date presented",
        "presented on", "talk date", "scheduled date", "session start date", "start date", "start datetime",
        "start date time", "day", "session day", "presentation day", "vortragsdatum", "sitzungsdatum", "termin",
        "datum der prasentation", "datum des vortrags", "tag", "date de presentation", "date de la presentation",
        "date de la session", "jour", "fecha de presentacion", "fecha de la presentacion", "fecha de la sesion", "dia",
    ),
    "year": ("year", "publication year", "pub year", "year of publication", "py", "jahr", "annee", "ano"),
    "volume": ("volume", "journal volume", "vol"),
    "issue": ("issue", "journal issue", "issue number", "iss"),
    "supplement": ("supplement", "suppl", "supplement number"),
    "pages": ("pages", "page", "page numbers", "page range", "pp", "page s"),
    "first_page": ("page start", "start page", "first page", "page from"),
    "last_page": ("page end", "end page", "last page", "page to"),
    "article_number": ("article number", "art no", "article no", "elocation id", "e location"),
    "publisher": ("publisher",),
    "language": ("language", "language of original document", "languages", "sprache", "langue", "idioma"),
    "editors": ("editors", "editor", "book editors"),
    "embargo_until": ("embargo until", "embargo", "embargo date", "embargoed until", "embargo lift", "embargo end"),
    "licence": ("licence", "license", "rights", "copyright licence"),
    "meeting": (
        "conference title", "conference name", "conference", "meeting", "meeting name", "event", "event name",
        "kongress", "tagung", "congres", "congreso",
    ),
    "status": (
        "status", "abstract status", "submission status", "acceptance status", "paper status", "current status",
        "state", "withdrawn", "retracted", "cancelled", "statut", "etat", "estado", "zuruckgezogen",
    ),
    "type": (
        "document type", "content type", "publication type", "item type", "record type", "reference type", "type",
        "submission type", "contribution type", "abstract type", "typ", "beitragstyp", "beitragsart", "tipo",
    ),
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
    r"funding|funding sources?|disclosures?|research sponsor|clinical trial information|editorial acknowledge?ment|"
    r"hintergrund|einleitung|fragestellung|zielsetzung|ziele?|methoden|methodik|material und methoden|ergebnisse|"
    r"resultate|diskussion|schlussfolgerung(?:en)?|fazit|contexte|objectifs?|methodes?|materiels? et methodes?|"
    r"patients et methodes|resultats?|antecedentes|introduccion|objetivos?|metodos|material(?:es)? y metodos|"
    r"pacientes y metodos|resultados?|discusion|conclusion(?:es)?)"
)
_ROLE: Final = (
    r"(?:(?P<role>(?:co )?(?:author|autor|auteur)s?|autorin|(?:co|ko|mit) ?(?:author|autor|auteur|autorin)|"
    r"presenters?|presenting author|first author|lead author|speakers?|referent|ponente|orateur|submitter|"
    r"submitting author|contact|contact author|corresponding author) ?)?"
)
_NAME_PART: Final = (
    r"(?P<part>first names?|given names?|forenames?|vornamen?|prenoms?|nombres?|middle names?|middle initials?|"
    r"last names?|family names?|surnames?|nachnamen?|familiennamen?|noms? de famille|apellidos?|cognome|suffix|names?|"
    r"nom|nome|full names?|affiliations?|institutions?|institutes?|organi[sz]ations?|einrichtung|klinik|etablissement|"
    r"afiliacion|institucion|departments?|dept|abteilung|city|stadt|ville|ciudad|state|country|land|pays|pais|"
    r"orcid(?: id)?)"
)
_WEAK: Final = 7  # headings of numbers that in a list of articles are numbers of its rows
_PERSON: Final = re.compile(
    rf"{_ROLE}(?P<n>\d{{1,3}})? ?{_NAME_PART}(?: (?P<m>\d{{1,3}}))?|"
    rf"(?P<co>co )?(?:author|autor|auteur) ?(?P<only>\d{{1,3}})|"
    rf"(?P<nth>\d{{1,2}})(?:st|nd|rd|th) author(?: {_NAME_PART.replace('<part>', '<of>')})?"
)
# Headings that mean a title where no surer one is there, beside one something else; “State” beside a city is a place.
_LAST_TITLES: Final = frozenset({"heading", "talk", "paper", "contribution", "beitrag", "vortrag", "thema", "tema"})
FIELDS: Final = (*_HEADINGS, "part", "ignore")
_TODO: Final = "name the columns in digest.yaml, such as “columns: {Paper name: title}”; known fields: " + ", ".join(
    FIELDS
)
_NOTHING: Final = re.compile(r"(?:n/?a|nan|null|none|nil|-|–|—|\.)?", re.IGNORECASE)


_Addresses = tuple[tuple[int, ...], ...]  # columns of each affiliation: department, institution, city, country


class _Somebody(Struct, frozen=True):
    """Columns of one person: what the person is (empty for an author), the name's parts, the affiliations."""

    role: str
    parts: dict[str, int]
    addresses: _Addresses


class _Columns(Struct, frozen=True, kw_only=True):
    """What the columns of a table hold.

    Attributes:
        fields: the column of each field.
        parts: columns of labelled parts, with their labels.
        people: people whose names have columns of their own.
        places: columns of affiliations that are counted, by their numbers.
        beside: affiliations of somebody whose name stands in a column of its own, by what the person is.
        unused: headings that mean nothing known.
        spare: headings whose field another column has.
        ignored: columns that the editor has left out.
        heading: the headings as they stand.
        weak_number: whether the numbers may be those of rows.
        persons: columns of names and affiliations.
        texts: columns of the abstract and of keywords.
    """

    fields: dict[str, tuple[int, ...]]
    parts: tuple[tuple[int, str], ...]
    people: tuple[_Somebody, ...]
    places: dict[str, _Addresses]
    beside: dict[str, _Addresses]
    unused: tuple[str, ...]
    spare: tuple[str, ...]
    heading: tuple[str, ...]
    weak_number: bool
    persons: frozenset[int]
    texts: frozenset[int]


def _folded(heading: str) -> str:
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:200]).replace("#", " number ").replace("№", " number ")
    words = " ".join(re.findall(r"[^\W_]+", flat(split)))
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
        if field not in FIELDS:
            raise DigestError(
                f"the column “{name}” is mapped to “{field}”, which is no field{did_you_mean(field, FIELDS)}",
                where=page.where, expected=f"one of {', '.join(FIELDS)}",
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
    for field, names in _HEADINGS.items():
        if field not in fields and (
            found := tuple(free[words] for words in names if words in free and _means(words, field, free, fields))
        ):
            fields[field] = found
    taken = {at for columns in fields.values() for at in columns}
    parts: list[tuple[int, str]] = []
    people: dict[tuple[str, str], dict[str, tuple[int, ...]]] = {}
    for at, words in enumerate(folded):
        if at in told:
            if told[at] == "part":
                parts.append((at, heading[at].strip()))
        elif at not in taken and _PART.fullmatch(words):
            label = re.sub(r"^abstract[\s_-]*", "", heading[at].strip(), flags=re.IGNORECASE).replace("_", " ")
            parts.append((at, label[:1].upper() + label[1:]))
            taken.add(at)
        elif at not in taken and (match := _PERSON.fullmatch(words)):
            of = people.setdefault(_who(match), {})
            part = _name_part(match["part"] or match["of"] or "name")
            of[part] = (*of.get(part, ()), at)
    named = {who: of for who, of in people.items() if {"family", "name"} & set(of)}
    listed = "authors" in fields or any(role != "contact" for role, _ in named)
    # A list of all authors goes before columns of single ones; who only sent the abstract in goes behind all others.
    named = {
        (role, n): of for (role, n), of in named.items()
        if not ((role == "" and "authors" in fields) or (role == "contact" and listed))
    }  # fmt: skip
    alone = {who: of["affiliation"] for who, of in people.items() if who not in named and set(of) == {"affiliation"}}
    places = {n: _addresses(of, folded) for (role, n), of in alone.items() if not role and n}
    beside = {role: _addresses(of, folded) for (role, n), of in alone.items() if role in {"presenter", "first"}}
    somebody = tuple(
        _Somebody(role, {part: ats[0] for part, ats in of.items() if part != "affiliation"},
                  _addresses(of.get("affiliation", ()), folded))
        for (role, _), of in named.items()
    )  # fmt: skip
    addresses = [*places.values(), *beside.values(), *(who.addresses for who in somebody)]
    taken |= {at for groups in addresses for group in groups for at in group}
    taken |= {at for who in somebody for at in who.parts.values()}
    rest = [(at, words) for at, words in enumerate(folded) if words and at not in told and at not in taken]
    first = {field: columns[0] for field, columns in fields.items()}
    return _Columns(
        fields=fields,
        parts=tuple(parts),
        people=somebody,
        places=places,
        beside=beside,
        unused=tuple(heading[at] for at, _ in rest),
        spare=tuple(heading[at] for field, columns in fields.items() for at in columns[1:] if at not in told),
        heading=tuple(heading),
        weak_number="number" in fields
        and first["number"] not in told
        and folded[first["number"]] in _HEADINGS["number"][-_WEAK:]
        and bool({"container", "volume", "pmid"} & set(fields)),
        persons=frozenset(
            {at for field in _OF_PERSONS for at in fields.get(field, ())}
            | {at for of in people.values() for ats in of.values() for at in ats}
        ),
        texts=frozenset(
            {at for field in ("abstract", "keywords") for at in fields.get(field, ())} | dict(parts).keys()
        ),
    )


_OF_PERSONS: Final = ("authors", "first_author", "presenter", "coauthors", "affiliations")


def _means(words: str, field: str, free: Mapping[str, int], fields: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether a heading that may mean several fields means this one, beside the others that are there."""
    if words == "abstract":  # alone it is the text; beside a column for the text it is the number
        return (field == "number") == ("abstract text" in free or "abstract body" in free)
    if words in _LAST_TITLES:
        first = next((name for name in _HEADINGS["title"] if name in free), "")
        return (
            (first == words and "title" not in fields)
            if field == "title"
            else free[words] not in fields.get("title", ())
        )
    if words == "state":
        return not {"city", "country"} & set(free)
    return True


def _addresses(columns: Sequence[int], folded: Sequence[str]) -> _Addresses:
    """Columns of affiliations, parted where a heading comes again but for its number."""
    groups: list[list[int]] = []
    kinds: set[str] = set()
    for at in columns:
        kind = re.sub(r"[\d ]+", " ", folded[at])
        if not groups or kind in kinds:
            groups.append([])
            kinds = set()
        groups[-1].append(at)
        kinds.add(kind)
    return tuple(map(tuple, groups))


def _who(match: re.Match[str]) -> tuple[str, str]:
    """What somebody is whose name has columns of its own – empty for an author – and the number."""
    role, n = match["role"] or match["co"] or "", match["n"] or match["m"] or match["only"] or match["nth"] or ""
    for name, pattern in (
        ("contact", r"submit|contact|corresponding"), ("co", r"(?:co|ko|mit)"), ("first", r"first|lead"),
        ("presenter", r"present|speaker|referent|ponente|orateur"),
    ):  # fmt: skip
        if re.match(pattern, role):
            return name, n
    return "", n


def _name_part(words: str) -> str:
    for name, pattern in (
        ("given", r"first|given|fore|vorname|prenom|nombre"), ("middle", r"middle"),
        ("family", r"last|family|sur|nachname|familien|noms? de famille|apellido|cognome"), ("suffix", r"suffix"),
        ("orcid", r"orcid"), ("name", r"nam|nom|full"), ("affiliation", r"."),
    ):  # fmt: skip
        if re.match(pattern, words):
            return name
    raise AssertionError(words)


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


class _Table(Struct, frozen=True):
    """A sheet, or the whole of a text: how problems name it, what its columns are, and its rows as often as asked."""

    sheet: str
    columns: _Columns
    rows: Callable[..., Iterator[Row]]  # see `_below`: it may be given a list for the rows that head sections


def _records(
    page: Page, sheets: Sequence[tuple[str, Callable[[], Iterator[Row]]]], *, since_1904: bool = False
) -> Iterator[Outcome]:
    """The records of all sheets. The rows are read twice: first for what only all of them together tell."""
    tables: list[_Table] = []
    for sheet, rows in sheets:
        first = list(itertools.islice(_filled(page, rows()), _HEADINGS_WITHIN))
        at = _heading_row(page, first)
        if at is None:
            found = ", ".join(
                f"“{cell.strip()[:40]}”" for cell in (first[0].cells if first else [])[:30] if cell.strip()
            )
            if page.columns:
                _columns(page, first[0].cells if first else [])
            raise DigestError(
                f"no column of the table holds titles; its headings are {found or 'empty'}",
                where=page.where,
                todo=_TODO,
            )
        columns = _columns(page, [cell.strip() for cell in first[at].cells])
        yield from _told_columns(page, columns, first[at].line, sheet)
        for row in first[:at]:
            text = " ".join(filter(None, (cell.strip() for cell in row.cells)))
            yield page.problem("note", "above-headings", f"above the headings stands “{text[:200]}”", line=row.line)
        tables.append(_Table(sheet, columns, functools.partial(_below, page, rows, at, columns)))
    survey = _Survey(tables, since_1904=since_1904)
    yield from survey.problems(page)
    if not survey.rows:
        yield page.problem("warning", "no-records", "below the headings stands no row", line=1)
    for table in tables:
        for row in table.rows():
            yield _record(page, row, table, survey)


def _filled(page: Page, rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        if len(row.cells) > _MOST_COLUMNS:
            raise DigestError(f"more than {_MOST_COLUMNS} columns", where=page.where, todo="delete the empty ones")
        if any(cell.strip() for cell in row.cells):
            yield row


def _below(
    page: Page, rows: Callable[[], Iterator[Row]], at: int, columns: _Columns, heads: list[Row] | None = None
) -> Iterator[Row]:
    """The rows below the headings, which stand in this one of those that are not empty; see `_whole`."""
    return _whole(itertools.islice(_filled(page, rows()), at + 1, None), columns, heads)


def _whole(rows: Iterable[Row], columns: _Columns, heads: list[Row] | None = None) -> Iterator[Row]:
    """The rows that are records, each with the rows below that go on with it, and with its section's heading.

    Args:
        rows: all rows.
        columns: what the columns mean.
        heads: where to put the rows that head a section, each with its text as its section.
    """
    section, head = "", None
    more: list[Row] = []
    for row in rows:
        if head is not None and _goes_on(row, head, columns):
            more.append(row)
            continue
        if head is not None:
            yield structs.replace(head, more=tuple(more), section=section)
        heading = _section(row, columns)
        section, head, more = heading or section, None if heading else row, []
        if heading and heads is not None:
            heads.append(structs.replace(row, section=heading))
    if head is not None:
        yield structs.replace(head, more=tuple(more), section=section)


# “P-05”, “Poster 12”, “4021.” stand for an abstract; “Poster III – Imaging” heads those that follow.
_ANY_NUMBER: Final = re.compile(r"\W{0,3}(?:[^\W\d_]{1,8}[\W_]{0,3}){0,2}\d[\w./-]{0,12}\W{0,3}")


def _section(row: Row, columns: _Columns) -> str:
    """The text of a row that heads a part of the table: it stands alone, and is no title, no number and no name."""
    filled = [(at, cell.strip()) for at, cell in enumerate(row.cells) if cell.strip() and at not in row.above]
    if len(filled) != 1 or row.above:
        return ""
    at, text = filled[0]
    if len(text) > 300 or not re.search(r"[^\W\d_]", text):
        return ""
    if row.wide:
        return text
    numbered = at in columns.fields.get("number", ()) and len(text) > 3 and not _ANY_NUMBER.fullmatch(text)
    return text if numbered or at in columns.fields.get("track", ()) else ""


def _goes_on(row: Row, head: Row, columns: _Columns) -> bool:
    """Whether a row tells more of the record above: it has no title and no name, or those of the row above.

    So look a sheet with a line for each author, whose other cells are merged or empty, and a text over several lines.
    """
    told = {at for at, cell in enumerate(row.cells) if cell.strip() and at not in row.above}
    names = {at for field in ("number", "doi", "pmid", "title") for at in columns.fields.get(field, ())}
    if names & told or not told:
        return False
    if names & row.above:
        return True
    if not _told_by(columns, head.cells, "title"):
        return False
    return all(
        at in columns.persons or at in columns.texts or (at < len(head.cells) and row.cells[at] == head.cells[at])
        for at in told
    ) and bool(told & (columns.persons | columns.texts))


def _told_by(columns: _Columns, cells: Sequence[str], field: str) -> str:
    """The first cell of a field that is not empty."""
    for at in columns.fields.get(field, ()):
        text = cells[at].strip() if at < len(cells) else ""
        if text and (field == "title" or not _NOTHING.fullmatch(text)):
            return text
    return ""


def _name_of(columns: _Columns, cells: Sequence[str]) -> str:
    """What a row is known by in its source."""
    return next((text for field in ("number", "doi", "pmid") if (text := _told_by(columns, cells, field))), "")


_NAMELESS: Final = "\0"  # before the title of a row that has no number; no cell holds it


def _key_of(columns: _Columns, cells: Sequence[str]) -> str:
    """The name of a row, or else its title with a mark before it."""
    return _name_of(columns, cells) or _NAMELESS + fold(markup.plain(_told_by(columns, cells, "title")))


def _first_author(columns: _Columns, cells: Sequence[str]) -> str:
    """The family name of the first author, or the whole name, as it stands in the row."""
    fields = (_told_by(columns, cells, field) for field in ("authors", "first_author", "presenter"))
    single = (
        cells[at] for who in columns.people for part in ("family", "name")
        if (at := who.parts.get(part, len(cells))) < len(cells)
    )  # fmt: skip
    text = markup.plain(next(filter(None, (*fields, *single)), ""))
    return re.split(r"[;,|(\n\d]", text, maxsplit=1)[0].strip()[:60]


_DAYS: Final = ("issued", "presented", "embargo_until")
_MOST_TOLD: Final = 20  # problems of one kind that may come once for each number


class _Mark(Struct, frozen=True):
    """What tells a row apart from others of its name: where it was shown, its first author, title, all its cells."""

    line: int
    place: str
    author: str
    title: str
    cells: tuple[str, ...]


class _Survey:
    """What only all rows together tell: which names stand in several, and which way round dates are written.

    Attributes:
        since_1904: whether serial numbers of days count from 1904.
        rows: how many there are.
    """

    def __init__(self, tables: Sequence[_Table], *, since_1904: bool) -> None:
        self.since_1904 = since_1904
        self.rows = 0
        self._days: dict[tuple[str, int], Evidence] = {}
        self._again: dict[str, tuple[str, list[_Mark]]] = {}  # the sheet of the second row, and all rows
        self._apart: dict[str, dict[tuple[str, tuple[str, ...]], str]] = {}
        self._sections: list[tuple[str, Row, bool]] = []  # the sheet, and whether rows stand below
        names: Counter[str] = Counter()
        for table in tables:
            days = {at: Evidence() for field in _DAYS for at in table.columns.fields.get(field, ())}
            self._days |= {(table.sheet, at): evidence for at, evidence in days.items()}
            heads: list[Row] = []
            headed: set[str] = set()
            for row in table.rows(heads):
                self.rows += 1
                headed.add(row.section)
                name = _key_of(table.columns, row.cells)
                names[name] += 1
                if names[name] == 2:
                    self._again[name] = (table.sheet, [])
                for at, evidence in days.items():
                    if at < len(row.cells):
                        evidence.look(row.cells[at])
            self._sections += [(table.sheet, row, row.section in headed) for row in heads]
        if self._again:
            for table in tables:
                for row in table.rows():
                    if (again := self._again.get(_key_of(table.columns, row.cells))) is not None:
                        again[1].append(_mark(table, row))
            self._apart = {name: _told_apart(marks) for name, (_, marks) in self._again.items()}

    def problems(self, page: Page) -> Iterator[Problem]:
        """Each number that stands in several rows, copies of rows, and dates that can be read in two ways."""
        several: list[tuple[str, int]] = []
        copies: list[tuple[str, int]] = []
        for name, (sheet, marks) in self._again.items():
            seen: dict[tuple[str, tuple[str, ...]], int] = {}
            for n, mark in enumerate(marks):
                if (first := seen.setdefault((mark.place, mark.cells), n)) != n:
                    message = f"{sheet}the row is an exact copy of row {marks[first].line}; the two are one record"
                    copies.append((message, mark.line))
            if len(seen) > 1 and not name.startswith(_NAMELESS):
                beside = "each is a record of its own, known by its session and first author beside"
                told = f"{sheet}the number {name[:60]} stands in {len(marks)} rows; {beside}"
                several.append((told, marks[1].line))
        for found, more in ((several, "numbers stand in several rows; each row is a record of its own"),
                            (copies, "rows are exact copies of others")):  # fmt: skip
            for message, line in found[:_MOST_TOLD]:
                yield page.problem("warning", "repeated", message, line=line)
            if len(found) > _MOST_TOLD:
                yield page.problem("warning", "repeated", f"{len(found) - _MOST_TOLD} more {more}")
        for sheet, row, headed in self._sections:
            what = "it was taken for the session of the rows below" if headed else "no row below belongs to it"
            message = f"{sheet}“{row.section}” stands alone in its row; {what}"
            level: Level = "note" if headed else "warning"
            yield page.problem(level, "section", message, line=row.line)
        unsure = [evidence for evidence in self._days.values() if evidence.unsure and not evidence.order]
        if unsure:
            message = (
                f"nothing tells which is the day and which the month in “{unsure[0].example}”; only the year was kept, "
                f"also of all other such dates, {sum(evidence.unsure for evidence in unsure)} in all"
            )
            yield page.problem("warning", "odd-date", message)

    def day(self, table: _Table, cells: Sequence[str], field: str, year: int | None) -> PartialDate | None:
        """The date in a field of a row."""
        for at in table.columns.fields.get(field, ()):
            if cells[at] and not _NOTHING.fullmatch(cells[at]):
                order = self._days[table.sheet, at].order
                return read_day(cells[at], order, year=year, since_1904=self.since_1904)
        return None

    def identifier(self, table: _Table, row: Row) -> str:
        """What the row is known by: its number, and what tells it apart where the number stands in several rows.

        A row without a number has no name, unless another one has its title, too.
        """
        name = _key_of(table.columns, row.cells)
        bare = "" if name.startswith(_NAMELESS) else name
        if name not in self._apart:
            return bare
        mark = _mark(table, row)
        beside = self._apart[name][mark.place, mark.cells]
        title = mark.title if name.startswith(_NAMELESS) else bare
        return " · ".join(filter(None, (title or "[Untitled]", beside))) if beside else bare


def _mark(table: _Table, row: Row) -> _Mark:
    columns = table.columns
    place = _told_by(columns, row.cells, "track") or row.section or table.sheet.removesuffix(", ")
    title = markup.plain(_told_by(columns, row.cells, "title"))[:200]
    cells = tuple(" ".join(cell.split()) for one in (row, *row.more) for cell in one.cells)
    return _Mark(row.line, place[:100], _first_author(columns, row.cells), title, cells)


def _told_apart(marks: Sequence[_Mark]) -> dict[tuple[str, tuple[str, ...]], str]:
    """What is told beside the name of each of several rows; nothing where all are copies of one.

    Where the session does not tell them apart, the first author does, and else their order by title: so neither the
    order of the rows nor a word that is changed in a title or an abstract makes another record of them.
    """
    rows = {(mark.place, mark.cells): mark for mark in marks}
    if len(rows) == 1:
        return dict.fromkeys(rows, "")
    told: dict[tuple[str, tuple[str, ...]], str] = {}
    for place, here in _grouped(rows.values(), lambda mark: mark.place):
        for author, mine in _grouped(here, lambda mark: fold(mark.author)) if len(here) > 1 else [("", here)]:
            for n, mark in enumerate(sorted(mine, key=lambda mark: (fold(mark.title), mark.cells)), 1):
                parts = (place, mark.author if author else "", str(n) if len(mine) > 1 else "")
                told[mark.place, mark.cells] = " · ".join(filter(None, parts))
    return told


def _grouped(marks: Iterable[_Mark], key: Callable[[_Mark], str]) -> list[tuple[str, list[_Mark]]]:
    groups: dict[str, list[_Mark]] = {}
    for mark in marks:
        groups.setdefault(key(mark), []).append(mark)
    return list(groups.items())


def _told_columns(page: Page, columns: _Columns, line: int, sheet: str) -> Iterator[Problem]:
    levels: tuple[tuple[tuple[str, ...], Level, str, str], ...] = (
        (columns.unused, "warning", "unknown-column", "columns not read"),
        (columns.spare, "note", "spare-column", "columns read only where one that means the same is empty"),
    )
    for names, level, code, what in levels:
        if names:
            listed = ", ".join(f"“{name[:40]}”" for name in names[:_MOST_NAMED])
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            yield page.problem(level, code, f"{sheet}{what}: {listed}{more}; {_MAP}", line=line)


_MOST_NAMED: Final = 8
_MAP: Final = "name them under “columns” in digest.yaml, “ignore” for those to leave out"


def _record(page: Page, row: Row, table: _Table, survey: _Survey) -> Outcome:
    sheet, columns = table.sheet, table.columns
    draft = Draft(page, f"{sheet}row {row.line}", b"\n".join(one.raw for one in (row, *row.more)))
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

    told = functools.partial(_told_by, columns, cells)
    typed = functools.partial(_typed, columns, row, cells)
    draft.title = markup.inline(typed("title"))
    draft.identifier = survey.identifier(table, row)
    if not columns.weak_number:
        draft.number = told("number")
    _status(draft, columns, told)
    for field in ("container", "container_short", "volume", "issue", "supplement", "article_number", "publisher",
                  "language", "licence", "pages"):  # fmt: skip
        setattr(draft, field, told(field))
    draft.track = "; ".join(_split(told("track"), "|")) if "|" in told("track") else told("track") or row.section
    if not draft.pages and told("first_page"):
        first, last = told("first_page"), told("last_page")
        draft.pages = f"{first}-{last}" if last and last != first else first
    _ids(draft, told)
    _dates(draft, table, cells, survey)
    if told("meeting"):
        draft.meeting = Meeting(name=told("meeting"))
    _kind(draft, columns, told)
    draft.keywords = [word for word in _split(told("keywords"), "") if word]
    if told("editors"):
        draft.add_people(told("editors"), as_editor=True)
    _people(draft, columns, cells, typed)
    _abstract(draft, columns, cells, typed, row)
    if row.more:
        _go_on(draft, row, columns)
    _citation(draft, told("citation"))
    made = draft.finish()
    if isinstance(made, Problem):
        text = " | ".join(filter(None, cells))[:300]
        return structs.replace(made, message=f"{made.message}; in the row stands “{text}”")
    return made


def _go_on(draft: Draft, row: Row, columns: _Columns) -> None:
    """What the rows below say that go on with a record: further authors, paragraphs, keywords."""
    lines = ", ".join(str(more.line) for more in row.more[:_MOST_NAMED]) + (" …" if len(row.more) > _MOST_NAMED else "")
    draft.tell("note", "continued", f"it goes on in {'rows' if len(row.more) > 1 else 'row'} {lines}")
    unread: list[str] = []
    for more in row.more:
        own = ["" if at in more.above else cell.strip() for at, cell in enumerate(more.cells)]
        unread += [
            cell for at, cell in enumerate(own)
            if cell and at not in columns.persons | columns.texts and row.cells[at : at + 1] != [cell]
        ]  # fmt: skip
        own += [""] * (len(columns.heading) - len(own))
        typed = functools.partial(_typed, columns, more, own)
        _people(draft, columns, own, typed, goes_on=True)
        _abstract(draft, columns, own, typed, more)
        draft.keywords += _split(_told_by(columns, own, "keywords"), "")
    if unread:
        draft.tell("warning", "ragged", f"in rows below that go on with it stands “{' | '.join(unread)[:300]}”")


def _typed(columns: _Columns, row: Row, cells: Sequence[str], field: str) -> str:
    """The first cell of a field that is not empty, with its markup where words in it are set in type."""
    text = _told_by(columns, cells, field)
    ats = [at for at in columns.fields.get(field, ()) if at in row.rich and cells[at] == text]
    return row.rich[ats[0]] if text and ats else text


_GONE: Final = re.compile(
    r"(?<!not )(?<!nicht )\b(?:withdrawn|withdrew|retracted|cancell?ed|zuruckgezogen|zuruckgenommen|abgesagt|storniert|"
    r"entfallt|entfallen|retiree?|annulee?|retirad[oa]|anulad[oa]|cancelad[oa]|ritirat[oa]|annullat[oa])\b"
)
_YES: Final = re.compile(r"(?:yes|y|x|true|1|ja|j|oui|o|si|s|sim|✓|✔)", re.IGNORECASE)


def _status(draft: Draft, columns: _Columns, told: Callable[[str], str]) -> None:
    """Withdrawn, where a column says so; what a title says of it is read with the title."""
    words = flat(" | ".join((told("status"), told("presentation"), told("type"))))
    named = any(_GONE.fullmatch(_folded(columns.heading[at])) for at in columns.fields.get("status", ()))
    if _GONE.search(words) or (named and _YES.fullmatch(told("status"))):
        draft.status = "withdrawn"
    elif re.search(r"\b(?:rejected|reject|declined|abgelehnt|refusee?|rechazad[oa])\b", words):
        draft.tell("note", "concern", f"its status is “{words.strip(' |')[:60]}”; look whether it belongs here")


def _dates(draft: Draft, table: _Table, cells: Sequence[str], survey: _Survey) -> None:
    """The date of publication, or else the day of presentation where the source tells no other; and the embargo."""
    told = functools.partial(_told_by, table.columns, cells)
    source = draft.page.told
    begin = (source.issued or (source.meeting.start if source.meeting else None)) if source else None
    year = read_day(told("year"), since_1904=survey.since_1904)
    near = year.year if year else begin.year if begin else None
    draft.issued = survey.day(table, cells, "issued", near) or year
    if year and draft.issued and draft.issued.year != year.year:
        draft.issued = year  # a day of going online, or of being listed
    presented = survey.day(table, cells, "presented", near)
    if not begin:
        draft.issued = draft.issued or presented
    for field, date in (("issued", draft.issued), ("presented", presented)):
        if (text := told(field)) and not date and not (field == "presented" and (is_time(text) or len(text) < 4)):
            draft.tell("warning", "odd-date", f"“{text[:60]}” is no date; it was left out")
    if embargo := told("embargo_until"):
        draft.embargo_until = survey.day(table, cells, "embargo_until", near)
        if not draft.embargo_until or draft.embargo_until.day is None:
            draft.tell("warning", "odd-date", f"the embargo “{embargo[:60]}” is no day; look until when it lasts")


def _ids(draft: Draft, told: Callable[[str], str]) -> None:
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
    (r"plenary|presidential|plenarvortrag|pleniere|plenaria", "plenary"),
    (r"invited|keynote|eingeladene[rn]?|invitee?|invitad[oa]|festvortrag", "invited"),
    (r"e-?posters?|posters?|poster(?:beitrag|prasentation|vortrag)|affiche|cartel", "poster"),
    (r"orale?s?|proffered|talk|rapid|mini.?oral|(?:kurz|frei)?vortrag|freier vortrag|mundlich|mundliche[rn]?", "oral"),
)  # fmt: skip


def _kind(draft: Draft, columns: _Columns, told: Callable[[str], str]) -> None:
    kind, how = told("type"), told("presentation")
    draft.type = next((type_ for word, type_ in _TYPES if re.match(word, kind, re.IGNORECASE)), None)
    programme = {"number", "track", "presentation"} & set(columns.fields)
    if draft.type is None and programme and not {"container", "volume", "pmid"} & set(columns.fields):
        draft.type = "meeting-abstract"
    for text in (how, kind):
        if draft.presentation is None:
            found = (name for word, name in _PRESENTATIONS if re.search(rf"\b(?:{word})\b", flat(text)))
            draft.presentation = next(found, None)
    if how and not draft.presentation and draft.status != "withdrawn":
        draft.tell("note", "odd-presentation", f"“{how[:60]}” is no known way of presenting; it was left out")


def _split(text: str, marks: str) -> list[str]:
    """The pieces of a list: at lines, bars or semicolons where there are any, else at commas."""
    for mark in ("\n", "|", ";", *(("," if mark != " " else " ") for mark in (marks or ",")), ","):
        if mark in text:
            return [piece.strip() for piece in text.split(mark) if piece.strip()]
    return [text.strip()] if text.strip() else []


class _Roster:
    """The authors of a row, gathered from all its columns; nobody stands in it twice."""

    def __init__(self) -> None:
        self.people: list[tuple[Author, list[str], str]] = []  # with affiliations of their own, and an ORCID iD

    def find(self, who: Person) -> int | None:
        """Where somebody stands already: by the same family name, and first names that may be one."""
        for n, (author, _, _) in enumerate(self.people):
            if _may_be(author.person, who):
                return n
        return None

    def add(self, author: Author, places: Sequence[str] = (), orcid: str = "", *, first: bool = False) -> None:
        """Puts somebody who is new at the end, or at the front; of somebody who is known keeps what is new."""
        if (at := self.find(author.person)) is None:
            self.people.insert(0 if first else len(self.people), (author, list(places), orcid))
        else:
            known, mine, own = self.people[at]
            self.people[at] = known, [*mine, *places], own or orcid


def _may_be(one: Person, other: Person) -> bool:
    if fold(one.family_name) != fold(other.family_name):
        return False
    letters = [fold(who.initial_letters) for who in (one, other)]
    return letters[0].startswith(letters[1][:1]) and letters[1].startswith(letters[0][:1])


def _people(
    draft: Draft, columns: _Columns, cells: Sequence[str], typed: Callable[[str], str], *, goes_on: bool = False
) -> None:
    """The authors: of a list of all, or of columns of single ones, or the one who speaks; then the co-authors.

    A further row of the record adds its own; one without a name is about the last of those before.
    """
    before = len(draft.authors)
    told = functools.partial(_raised, typed)
    roster = _Roster()
    beside: list[str] = []  # institutions that stand among the names
    everybody = _list(draft, columns, told("authors"), beside)
    own = [author for author, _ in everybody]
    for author, places in everybody:
        roster.people.append((author, places, ""))
    singles: dict[str, list[tuple[Author, list[str], str]]] = {}
    for somebody in columns.people:
        singles.setdefault(somebody.role, []).extend(_single(draft, somebody, cells))
    for author, places, orcid in singles.get("", ()):
        roster.people.append((author, places, orcid))
    whole = bool(roster.people) and not told("coauthors")
    for field, role in (("first_author", "first"), ("presenter", "presenter"), ("coauthors", "co"), ("", "contact")):
        if role == "contact" and roster.people:
            break
        listed = _list(draft, columns, told(field), beside, speakers=role == "presenter") if field else []
        more = [(author, places, "") for author, places in listed] + singles.get(role, [])
        mine = _addresses_of(columns.beside.get(role, ()), cells)
        for n, (author, places, orcid) in enumerate(more):
            if whole and role in {"first", "presenter"} and roster.find(author.person) is None:
                name = author.person.full[:60]
                draft.tell("note", "contributors", f"“{name}” is not among the authors; left out as the {role} of them")
            else:
                roster.add(author, [*places, *(mine if n == 0 else ())], orcid, first=role == "first")
        if not own and role in {"first", "presenter", "co"}:
            own = [author for author, _ in listed]
    counted = _places(told("affiliations")) or _counted(columns, cells)
    if goes_on and not roster.people and draft.authors:
        _move(draft, draft.authors[-1], [*counted.values(), *beside])
        return
    _affiliate(draft, roster, own, counted, beside)
    if goes_on:
        for who in draft.authors[before:]:
            if twin := next((one for one in draft.authors[:before] if one.full == who.full), None):
                draft.authors.remove(who)
                _move(draft, twin, [draft.affiliations[n - 1] for n in who.affiliations])


def _move(draft: Draft, author: Person, places: Iterable[str | RichText]) -> None:
    """Gives an author further affiliations."""
    numbers = {*author.affiliations, *filter(None, map(draft.affiliation, places))}
    at = next(n for n, one in enumerate(draft.authors) if one is author)
    draft.authors[at] = structs.replace(author, affiliations=tuple(sorted(numbers)))


def _raised(typed: Callable[[str], str], field: str) -> str:
    """A field of names as text, of whose markup only raised marks are kept."""
    text = typed(field)
    if not re.search(r"</(?:b|i|su[bp])>", text):
        return text
    return html.unescape(re.sub(r"</?(?:b|i|sub)>", "", text.replace("<br>", "\n")))


def _list(
    draft: Draft, columns: _Columns, text: str, beside: list[str], *, speakers: bool = False
) -> list[tuple[Author, list[str]]]:
    """The people of a printed list with the places behind their names; institutions among speakers are put beside."""
    if not text or _NOBODY.fullmatch(text):
        if text:
            draft.tell("note", "anonymous", f"for authors stands “{text[:60]}”; it was left out")
        return []
    if text.count(".") == 1:
        text = text.removesuffix(".")  # PubMed ends its lists so
    text = re.sub(r"\s?\(\d{6,}\)", "", text)  # numbers of people in Scopus
    if not re.search(r"[;,|\n]", text) and "item doi" in map(_folded, columns.heading):
        # Springer's search joins the names without anything between: “Andy SmithTom Weber”.
        text = re.sub(r"(?<=[^\W\d_A-Z]{2})(?<!Mc)(?<!Mac)(?<!Fitz)(?=[A-Z][^\W\d_]*[\s.])", "; ", text)
    if speakers and not {"authors", "coauthors"} & set(columns.fields):
        text = _BESIDE_SPEAKER.sub(lambda one: f", {one[1]}" if sure_name(one[1]) else one[0], text)
    names, places = _without_places(text) if speakers else (text, [])
    names = markup.plain(names) if "&" in names else names
    names, own = addressed(names) if not places else (names, {})
    try:
        people, truncated = read_people(names, family_first=bool(draft.page.told and draft.page.told.family_first))
    except ValueError:
        draft.add_people(names)  # tells what is wrong
        return []
    beside += places
    draft.truncated = draft.truncated or truncated
    return _placed(people, own)


# Where only speakers have a column, one who does not speak stands in brackets; two words may be a city, too.
_BESIDE_SPEAKER: Final = re.compile(
    r"\s?\((?!(?:New|San|Santa|São|Sao|Los|Las|Saint|St|Tel|Hong|Cape|Buenos|Rio|El|Univ\w*|Hospital)\b)"
    r"([^\W\d_][^(),;]{1,30}\s[^(),;]{2,60})\)"
)
_NOBODY: Final = re.compile(
    r"\W?(?:tb[acd]|to be (?:announced|confirmed|defined)|anonym(?:ous|e|o)?|unknown|n\.\s?n\.?|"
    r"wird noch bekannt gegeben|unbekannt|inconnu|desconocido|à confirmer|por confirmar)\W?",
    re.IGNORECASE,
)


def _single(draft: Draft, somebody: _Somebody, cells: Sequence[str]) -> Iterator[tuple[Author, list[str], str]]:
    """Whom columns of one person's names tell."""
    texts = {part: cells[at] for part, at in somebody.parts.items() if not _NOTHING.fullmatch(cells[at])}
    places = _addresses_of(somebody.addresses, cells)
    orcid = texts.get("orcid", "")
    family, given, name = texts.get("family", ""), texts.get("given", ""), texts.get("name", "")
    if not family and name and given and given not in name:
        family, name = name, ""  # “Name, Vorname”
    if family or (given and not name):
        try:
            who = person(family or given, " ".join(filter(None, (given if family else "", texts.get("middle", "")))),
                         texts.get("suffix", ""))  # fmt: skip
        except ValueError as error:
            draft.tell("warning", "odd-name", f"an author was left out: {error}")
            return
        yield Author(person=who), places, orcid
    elif name and not _NOBODY.fullmatch(name):
        bare, own = addressed(name)
        try:
            people, truncated = read_people(bare, family_first=bool(draft.page.told and draft.page.told.family_first))
        except ValueError as error:
            draft.tell("warning", "odd-name", f"an author was left out: {error}")
            return
        draft.truncated = draft.truncated or truncated
        for author, mine in _placed(people, own):
            yield author, [*places, *mine], orcid if len(people) == 1 else ""


def _placed(people: Iterable[Author], own: Mapping[str, str]) -> list[tuple[Author, list[str]]]:
    """People with the places to which their marks lead, and without these marks."""
    return [
        (structs.replace(author, marks=tuple(mark for mark in author.marks if mark not in own)),
         [own[mark] for mark in author.marks if mark in own])
        for author in people
    ]  # fmt: skip


def _addresses_of(addresses: _Addresses, cells: Sequence[str]) -> list[str]:
    found = []
    for columns in addresses:
        texts = [cells[at] for at in columns if not _NOTHING.fullmatch(cells[at])]
        if len(texts) == 1:
            found += _split(texts[0], ";")
        elif texts:
            found.append(", ".join(texts))
    return found


def _counted(columns: _Columns, cells: Sequence[str]) -> dict[str, str]:
    """The affiliations of columns such as “Affiliation 1”."""
    found = ((n, ", ".join(_addresses_of(addresses, cells))) for n, addresses in columns.places.items())
    return {n: text for n, text in found if text}


def _affiliate(
    draft: Draft, roster: _Roster, own: Sequence[Author], marked_places: Mapping[str, str], beside: Sequence[str]
) -> None:
    """Adds the authors with their affiliations: by marks, one for each of one list, or all for a single one."""
    listed = list(marked_places.values())
    marked = any(author.marks for author, _, _ in roster.people if {*author.marks} & {*marked_places})
    count = len(roster.people)
    for n, (author, places, orcid) in enumerate(roster.people):
        mine = list(places)
        if marked:
            mine += [marked_places[mark] for mark in author.marks if mark in marked_places]
        elif count == 1 or (len(own) == len(listed) == 1 and author is own[0]):
            mine += listed
        elif len(listed) == count:
            mine.append(listed[n])
        draft.add_author(author.person, [*mine, *(beside if count == 1 else [])], orcid=orcid)
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


_RAISED_MARK: Final = "[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}"
_PLACE_MARK: Final = re.compile(
    rf"(?P<raised>{_RAISED_MARK})\s{{0,3}}(?=[^\W\d_])|<sup>\s?(?P<sup>\d{{1,3}}|[a-z])\s?</sup>|"
    r"(?:(?<=[;,|\n.\s])|^)(?:[(\[](?P<bracket>\d{1,3}|[a-z])[)\]]|(?P<dot>\d{1,3}|[a-z])[.):]\s?(?=[^\W\d_])|"
    r"(?P<bare>\d{1,3})\s?(?!(?:st|nd|rd|th|ª|º)\b)(?=[^\W\d_]))"
)
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARK_BEHIND: Final = re.compile(rf"\s?(?:[(\[](\d{{1,3}}|[a-z])[)\]]|({_RAISED_MARK})|<sup>(\d{{1,3}}|[a-z])</sup>)$")


def _places(text: str) -> dict[str, str]:
    """Affiliations by the marks before or behind them, or by their place in the list."""
    if found := _places_by_marks(text):
        return found
    pieces = [piece.strip() for piece in re.split(r"[;|\n]", text) if piece.strip()] if text else []
    if len(pieces) == 1 and len(commas := re.split(r"(?<=[⁰¹²³⁴⁵⁶⁷⁸⁹])\s?[,;]\s?", text)) > 1:
        pieces = [piece.strip() for piece in commas if piece.strip()]  # Uni Köln¹, Uni Bonn²
    found = {}
    for n, piece in enumerate(pieces, 1):
        match = re.match(r"[(\[]?(\d{1,3}|[a-z](?=[).\]]))[)\].:]?\s{0,3}(?=[^\W\d_])", piece)
        if match:
            found[match[1]] = piece[match.end() :]
        elif (match := _MARK_BEHIND.search(piece)) and match.start():
            mark = (match[1] or match[2] or match[3]).translate(_SUPERSCRIPTS)
            found[mark] = piece[: match.start()]
        else:
            found[str(n)] = piece
    if len(found) == len(pieces):
        return found
    return {str(n): piece for n, piece in enumerate(pieces, 1)}


def _places_by_marks(text: str) -> dict[str, str]:
    """Affiliations before which marks of one kind stand that count 1, 2, 3 or a, b, c; nothing for other texts."""
    starts: list[tuple[int, int, str]] = []
    kind = None
    for match in _PLACE_MARK.finditer(text):
        mark = match[match.lastgroup or 0].translate(_SUPERSCRIPTS)
        wanted = ("1", "a") if not starts else (_next(starts[-1][2]),)
        if mark in wanted and (kind == match.lastgroup or not starts) and (starts or not text[: match.start()].strip()):
            kind = match.lastgroup
            starts.append((match.start(), match.end(), mark))
    if len(starts) < 2 and not (starts and kind in {"raised", "sup", "bracket"}):
        return {}
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return {mark: text[begin:end].strip(" ;,|\n") for (_, begin, mark), end in zip(starts, ends, strict=True)}


def _next(mark: str) -> str:
    return str(int(mark) + 1) if mark.isdigit() else chr(ord(mark) + 1)


def _abstract(draft: Draft, columns: _Columns, cells: Sequence[str], told: Callable[[str], str], row: Row) -> None:
    """The parts of the abstract; a row that goes on with a record adds to those of the rows before."""
    parts: list[AbstractPart] = list(draft.parts)
    if (text := told("abstract")) and not re.fullmatch(r"\[?no abstract available[\].]*", text, re.IGNORECASE):
        parts += markup.abstract(text)
    for at, label in columns.parts:
        if (text := row.rich.get(at, cells[at])) and not _NOTHING.fullmatch(text):
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
