"""Our readers next to independent ones on a folder of real files: ``python -m bench.agree FOLDER [--format NAME]``.

Each format has a reader that others wrote (Biopython, rispy, pybtex, pandoc, feedparser), or one of a few lines that
takes the fields where the specification has them (lxml, json, csv). Both read each file; records are paired by
identifier or title and compared field by field. Differences that were judged are in ``bench/agree.toml`` with the
reason; the others are printed. A reader that is not installed counts as one that cannot read the files.
"""

from __future__ import annotations

import argparse
import codecs
import csv
import html
import io
import json
import re
import sys
import tomllib
import unicodedata
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lxml import etree

from digest.cite.tokens import VolumePart, read_pages
from digest.errors import DigestError
from digest.export import as_object
from digest.sources import Page, Parsed, parse, recognise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIELDS = ("title", "authors", "container", "volume", "issue", "pages", "year", "doi", "pmid")
Values = dict[str, Any]


# --- What others read ------------------------------------------------------------------------------------------------


def nbib(path: Path) -> Iterator[Values]:
    """Biopython's reader of MEDLINE text."""
    from Bio import Medline

    with path.open(encoding="utf-8", errors="replace") as stream:
        for record in Medline.parse(stream):
            found = [text for text in (*record.get("LID", "").split(" ["), *record.get("AID", [])) if "10." in text]
            yield {
                "title": record.get("TI"),
                "authors": [name.split(",")[0] for name in record.get("FAU", [])],
                "container": [record.get("JT"), record.get("TA")],
                "volume": record.get("VI"),
                "issue": record.get("IP"),
                "pages": record.get("PG"),
                "year": record.get("DP", "")[:4],
                "doi": found[0].partition(" ")[0] if found else None,
                "pmid": record.get("PMID"),
            }


def ris(path: Path) -> Iterator[Values]:
    """Rispy's reader of RIS."""
    import rispy

    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        for record in rispy.load(stream, skip_unknown_tags=True):
            first, last = record.get("start_page"), record.get("end_page")
            yield {
                "title": record.get("title") or record.get("primary_title"),
                "authors": [name.split(",")[0] for name in record.get("authors", record.get("first_authors", []))],
                "container": [record.get(name) for name in ("journal_name", "secondary_title", "alternate_title3")],
                "volume": record.get("volume"),
                "issue": record.get("number"),
                "pages": f"{first}-{last}" if first and last and "-" not in first else first,
                "year": (record.get("year") or record.get("publication_year") or record.get("date") or "")[:4],
                "doi": record.get("doi"),
            }


def bibtex(path: Path) -> Iterator[Values]:
    """Pybtex's reader of BibTeX."""
    from pybtex.database import parse_string

    text = path.read_text(encoding="utf-8", errors="replace")
    for entry in parse_string(text, "bibtex").entries.values():
        fields = {name.lower(): _latex(value) for name, value in entry.fields.items()}
        people = entry.persons.get("author", [])
        yield {
            "title": fields.get("title"),
            "authors": [_latex(" ".join((*one.prelast_names, *one.last_names))) for one in people],
            "container": [fields.get(name) for name in ("journal", "journaltitle", "booktitle", "shortjournal")],
            "volume": fields.get("volume"),
            "issue": fields.get("number") or fields.get("issue"),
            "pages": (fields.get("pages") or "").replace("--", "-"),
            "year": (fields.get("year") or fields.get("date") or "")[:4],
            "doi": fields.get("doi"),
            "pmid": fields.get("pmid"),
        }


def _latex(text: str) -> str:
    import latexcodec  # noqa: F401 - it registers “ulatex”

    plain = codecs.decode(text, "ulatex")  # type: ignore[call-overload,unused-ignore]
    return re.sub(r"\\[A-Za-z]+\s?|[{}$\\]", "", str(plain))


def pandoc(path: Path) -> Iterator[Values]:
    """Pandoc's reader of RIS, BibTeX or EndNote XML, as CSL-JSON."""
    import pypandoc  # type: ignore[import-not-found,import-untyped,unused-ignore]

    kind = {".ris": "ris", ".bib": "biblatex", ".xml": "endnotexml"}[path.suffix]
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    yield from map(_of_csl, json.loads(pypandoc.convert_text(text, "csljson", format=kind)))


def csl_json(path: Path) -> Iterator[Values]:
    """The variables of CSL-JSON as they are."""
    value = json.loads(path.read_bytes())
    for item in value if isinstance(value, list) else value.get("items", [value]):
        if isinstance(item, dict):
            yield _of_csl(item)


def _of_csl(item: Values) -> Values:
    parts = (item.get("issued") or {}).get("date-parts") if isinstance(item.get("issued"), dict) else None
    people = [name for name in item.get("author") or [] if isinstance(name, dict)]
    return {
        "title": item.get("title"),
        "authors": [
            " ".join(filter(None, (one.get("dropping-particle"), one.get("non-dropping-particle"), one.get("family"))))
            or one.get("literal", "")
            for one in people
        ],
        "container": [item.get("container-title"), item.get("container-title-short"), item.get("journalAbbreviation")],
        "volume": item.get("volume"),
        "issue": item.get("issue"),
        "pages": item.get("page"),
        "year": str(parts[0][0]) if parts and parts[0] and parts[0][0] else None,
        "doi": item.get("DOI"),
        "pmid": item.get("PMID"),
    }


def crossref(path: Path) -> Iterator[Values]:
    """The keys of Crossref's REST answers."""
    message = json.loads(path.read_bytes()).get("message", {})
    for item in message.get("items", [message] if "DOI" in message else []):
        yield {
            **_of_csl({**item, "title": (item.get("title") or [None])[0]}),
            "container": [*(item.get("container-title") or []), *(item.get("short-container-title") or [])],
            "authors": [one.get("family") or one.get("name", "") for one in item.get("author", [])],
            "pages": item.get("page") or item.get("article-number"),
        }


def pubmed(path: Path) -> Iterator[Values]:
    """PubMed XML by the paths of its DTD."""
    for article in etree.parse(str(path)).getroot().iter("PubmedArticle"):

        def at(way: str, article: Any = article) -> str:  # noqa: ANN401 - an element
            found = article.find(way)
            return " ".join("".join(map(str, found.itertext())).split()) if found is not None else ""

        journal = "MedlineCitation/Article/Journal/"
        date = at(f"{journal}JournalIssue/PubDate/Year") or at(f"{journal}JournalIssue/PubDate/MedlineDate")
        yield {
            "title": at("MedlineCitation/Article/ArticleTitle"),
            "authors": [
                "".join(map(str, name.itertext()))
                for name in article.findall("MedlineCitation/Article/AuthorList/Author/LastName")
            ],
            "container": [at(f"{journal}Title"), at(f"{journal}ISOAbbreviation"), at("MedlineCitation//MedlineTA")],
            "volume": at(f"{journal}JournalIssue/Volume"),
            "issue": at(f"{journal}JournalIssue/Issue"),
            "pages": at("MedlineCitation/Article/Pagination/MedlinePgn"),
            "year": date[:4],
            "doi": at("PubmedData/ArticleIdList/ArticleId[@IdType='doi']"),
            "pmid": at("MedlineCitation/PMID"),
        }


def jats(path: Path) -> Iterator[Values]:
    """JATS by the paths of its tag library."""
    root = etree.parse(str(path), etree.XMLParser(load_dtd=False, no_network=True, recover=True)).getroot()
    for article in [root] if etree.QName(root).localname == "article" else root.iter("{*}article"):
        meta, journal = article.find(".//article-meta"), article.find(".//journal-meta")
        if meta is None:
            continue

        def at(way: str, within: Any = meta) -> str:  # noqa: ANN401 - an element
            found = within.find(way) if within is not None else None
            return " ".join("".join(map(str, found.itertext())).split()) if found is not None else ""

        first, last = at("fpage"), at("lpage")
        dates = {one.get("pub-type") or one.get("date-type"): one.findtext("year") for one in meta.findall("pub-date")}
        yield {
            "title": at("title-group/article-title"),
            "authors": [
                "".join(map(str, name.itertext()))
                for name in meta.findall("contrib-group/contrib[@contrib-type='author']/name/surname")
            ],
            "container": [
                at(".//journal-title", journal),
                at(".//abbrev-journal-title", journal),
                at("journal-id", journal),
            ],
            "volume": at("volume"),
            "issue": at("issue"),
            "pages": f"{first}-{last}" if first and last else first or at("elocation-id"),
            "year": next(
                (dates[kind] for kind in ("ppub", "collection", "epub", "pub", None) if dates.get(kind)), None
            ),
            "doi": at("article-id[@pub-id-type='doi']"),
            "pmid": at("article-id[@pub-id-type='pmid']"),
        }


def oai(path: Path) -> Iterator[Values]:
    """Dublin Core in answers of OAI-PMH: title and creators as they are, a DOI wherever it is alone."""
    for record in etree.parse(str(path)).getroot().iter("{http://www.openarchives.org/OAI/2.0/}record"):
        texts: dict[str, list[str]] = {}
        for element in record.iter("{http://purl.org/dc/elements/1.1/}*"):
            if text := " ".join((element.text or "").split()):
                texts.setdefault(etree.QName(element).localname, []).append(text)
        if not texts:
            continue
        dois = [
            text
            for text in texts.get("identifier", [])
            if re.match(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?10\.\d", text)
        ]
        years = [match[0] for text in texts.get("date", []) if (match := re.match(r"\d{4}", text))]
        yield {
            "title": texts.get("title"),
            "authors": [re.split(r"[,;]", text)[0] for text in texts.get("creator", [])],
            "year": min(years, default=None),
            "doi": dois[0] if dois else None,
        }


def feed(path: Path) -> Iterator[Values]:
    """Feedparser's own fields."""
    import feedparser  # type: ignore[import-untyped]

    for entry in feedparser.parse(path.read_bytes()).entries:
        yield {
            "title": re.sub(r"<[^<>]+>", "", entry.get("title", "")),
            "doi": entry.get("prism_doi") or (entry.get("dc_identifier") or "").removeprefix("doi:"),
            "volume": entry.get("prism_volume"),
            "issue": entry.get("prism_number"),
        }


def table(path: Path) -> Iterator[Values]:
    """Rows of a table under headings that are a field's own name."""
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for row in csv.DictReader(io.StringIO(text), delimiter="\t" if path.suffix == ".tsv" else ","):
        by_name = {str(name).strip().lower(): value for name, value in row.items() if isinstance(value, str)}
        yield {
            "title": by_name.get("title"),
            "container": [by_name.get("journal"), by_name.get("journal/book")],
            "year": by_name.get("year") or by_name.get("publication year"),
            "doi": by_name.get("doi"),
            "pmid": by_name.get("pmid"),
        }


READERS: dict[str, tuple[tuple[str, Callable[[Path], Iterator[Values]]], ...]] = {
    "nbib": (("biopython", nbib),),
    "ris": (("rispy", ris), ("pandoc", pandoc)),
    "bibtex": (("pybtex", bibtex), ("pandoc", pandoc)),
    "endnote-xml": (("pandoc", pandoc),),
    "csl-json": (("json", csl_json),),
    "crossref-json": (("json", crossref),),
    "pubmed-xml": (("lxml", pubmed),),
    "jats": (("lxml", jats),),
    "oai-pmh": (("lxml", oai),),
    "feed": (("feedparser", feed),),
    "csv": (("csv", table),),
}


# --- Comparing -------------------------------------------------------------------------------------------------------


def _flat(text: object) -> str:
    plain = re.sub(r"<[^<>]{1,40}>", "", html.unescape(str(text or "")))
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", plain))).casefold()


def ours(path: Path) -> tuple[str, list[Values]]:
    """The format of a file and what we read of it."""
    page = Page(path, path.name)
    found: list[Values] = []
    try:
        page.format = recognise(page)
        for outcome in parse(page):
            if isinstance(outcome, Parsed):
                found += [as_object(outcome.record)]
    except DigestError:
        pass
    return page.format, found


def _key(record: Values, *, is_ours: bool) -> list[str]:
    ids = record.get("ids", {}) if is_ours else record
    title = record.get("title")
    title = title[0] if isinstance(title, list) and title else title
    doi = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s?)", "", str(ids.get("doi") or "").lower())
    return [key for key in (doi, str(ids.get("pmid") or ""), _flat(title)[:60]) if key]


def pairs(left: list[Values], right: list[Values]) -> Iterator[tuple[Values, Values]]:
    """Records of both readers that are the same, each once."""
    if len(left) == len(right):
        both = [
            (set(_key(mine, is_ours=True)), set(_key(other, is_ours=False)))
            for mine, other in zip(left, right, strict=True)
        ]
        if sum(bool(mine & other) for mine, other in both) * 2 >= len(both):
            yield from zip(left, right, strict=True)
            return
    known: dict[str, Values] = {}
    for record in left:
        for key in _key(record, is_ours=True):
            known.setdefault(key, record)
    mine = Counter(key for record in left for key in set(_key(record, is_ours=True)))
    theirs = Counter(key for record in right for key in set(_key(record, is_ours=False)))
    for record in right:
        keys = (key for key in _key(record, is_ours=False) if mine[key] == theirs[key] == 1)
        if match := next((known[key] for key in keys), None):
            yield match, record


def differences(record: Values, other: Values) -> Iterator[tuple[str, object, object]]:
    """Each field that the other reader fills, with both values and whether they mean the same."""
    for field in FIELDS:
        theirs = other.get(field)
        theirs = [one for one in theirs if one] if isinstance(theirs, list) else theirs
        if not theirs:
            continue
        yield field, _mine(record, field), theirs


def _mine(record: Values, field: str) -> object:
    if field == "authors":
        names = (
            one.get("literal") or f"{one.get('particle', '')} {one['family']}" for one in record.get("authors", [])
        )
        return [name.strip() for name in names]
    if field == "container":
        return [record.get(name, "") for name in ("container", "container_short")] + [
            record.get("meeting", {}).get("name", "")
        ]
    if field == "issue":
        return record.get("issue", ""), record.get("supplement", "")
    if field == "year":
        return record.get("issued", "")[:4]
    return record.get("ids", {}).get(field, "") if field in {"doi", "pmid"} else record.get(field, "")


def same(field: str, mine: Any, theirs: Any) -> bool:  # noqa: ANN401 - of the field
    """Whether both values mean the same."""
    if field == "authors":
        return [_flat(name) for name in mine] == [_flat(name) for name in theirs]
    if field in {"container", "title"}:
        known = {_flat(one) for one in (mine if isinstance(mine, list) else [mine])}
        return bool(known & {_flat(one) for one in (theirs if isinstance(theirs, list) else [theirs])})
    if field == "issue":
        return bool(VolumePart.of(*mine) == VolumePart.parse(str(theirs)))
    if field == "pages":
        return _flat(read_pages(str(mine))) == _flat(read_pages(str(theirs).replace("--", "-")))
    if field == "doi":
        theirs = re.sub(
            r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s?)", "", str(theirs).strip(), flags=re.IGNORECASE
        ).lower()
    return _flat(mine) == _flat(theirs)


def noted() -> list[dict[str, str]]:
    """The differences that were judged."""
    text = Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    rows: list[dict[str, str]] = tomllib.loads(text)["noted"]
    return rows


def is_noted(rows: list[dict[str, str]], reader: str, field: str, path: Path, mine: object, theirs: object) -> bool:
    """Whether a row is about this difference."""
    return any(
        row.get("reader", reader) == reader
        and row["field"] in {field, "*"}
        and fnmatch(str(path), f"*{row.get('file', '')}*")
        and re.search(row.get("ours", ""), str(mine)) is not None
        and re.search(row.get("theirs", ""), str(theirs)) is not None
        for row in rows
    )


def main() -> int:
    """Prints the differences that nobody has judged, and a table of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--format", default="")
    parser.add_argument("--most", type=int, default=12, help="differences to print of each field and reader")
    options = parser.parse_args()
    rows, counts, shown = noted(), Counter[tuple[str, str, str, str]](), Counter[tuple[str, str, str]]()
    for path in sorted(file for file in options.folder.rglob("*") if file.is_file()):
        format_, records = ours(path)
        if options.format not in {"", format_}:
            continue
        for reader, read in READERS.get(format_, ()):
            if reader == "pandoc" and path.suffix not in {".ris", ".bib", ".xml"}:
                continue
            try:
                others = list(read(path))
            except Exception as error:  # noqa: BLE001 - whatever a peer raises on a file is about the peer
                counts[format_, reader, "files it cannot read", type(error).__name__] += 1
                continue
            for record, other in pairs(records, others):
                counts[format_, reader, "records", "compared"] += 1
                for field, mine, theirs in differences(record, other):
                    if same(field, mine, theirs):
                        counts[format_, reader, field, "same"] += 1
                    elif is_noted(rows, reader, field, path, mine, theirs):
                        counts[format_, reader, field, "noted"] += 1
                    else:
                        counts[format_, reader, field, "open"] += 1
                        shown[format_, reader, field] += 1
                        if shown[format_, reader, field] <= options.most:
                            print(f"{format_}\t{reader}\t{field}\t{path.name}\t{str(mine)[:150]}\t{str(theirs)[:150]}")
    for (format_, reader, field), found in _by_field(counts).items():
        print(f"{format_:14} {reader:11} {field:21} " + ", ".join(f"{count} {what}" for what, count in found.items()))
    return 0


def _by_field(counts: Counter[tuple[str, str, str, str]]) -> dict[tuple[str, str, str], dict[str, int]]:
    out: dict[tuple[str, str, str], dict[str, int]] = {}
    for (format_, reader, field, what), count in sorted(counts.items()):
        out.setdefault((format_, reader, field), {})[what] = count
    return out


if __name__ == "__main__":
    sys.exit(main())
