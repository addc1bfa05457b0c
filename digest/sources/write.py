"""Records become text in the formats that others read: JSON, YAML, CSL-JSON, RIS, BibTeX, MEDLINE.

Each writer has a reader in this folder, and reading back gives the same record. What a format has no place for goes as
JSON into its place for remarks (`digest.sources.remainder`), written only where there is something to keep:

=========  ==================================  =======================================================================
format     place for what it cannot say        what does not come back
=========  ==================================  =======================================================================
json       none needed                         nothing
yaml       none needed                         nothing
csl        ``custom``                          ``id`` and ``origin``: a reading makes them anew
ris        ``U5`` (user-defined)               ``id`` and ``origin``
bibtex     the field ``digest-remainder``      ``id`` and ``origin``
nbib       ``GN`` (general note)               ``id`` and ``origin``
=========  ==================================  =======================================================================
"""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

from digest.cite.items import item
from digest.cite.tokens import Part
from digest.errors import DigestError, did_you_mean
from digest.records import as_json
from digest.sources import formats, latex, remainder
from digest.sources.page import Page, Parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from digest.model import Person, Record, RecordType
    from digest.text import Node, RichText


def write(records: Iterable[Record], to: str, *, lines: bool = False, plain: bool = False) -> Iterator[str]:
    """The text of a file with these records, in pieces as the records come.

    Args:
        records: the records.
        to: name of the format, a key of `WRITERS`.
        lines: for JSON: one record on a line instead of an array.
        plain: leaves out what is written beside the format's own fields, so that nothing is lost when it is read back.

    Raises:
        DigestError: there is no such format.
    """
    if to not in WRITERS:
        raise DigestError(f"nothing is written as “{to}”{did_you_mean(to, WRITERS)}", expected=", ".join(WRITERS))
    return _json_lines(records) if lines and to == "json" else WRITERS[to](records, plain=plain)


# --- JSON ------------------------------------------------------------------------------------------------------------

# The order in which people read a record.
_ORDER: Final = (
    "id", "type", "number", "title", "authors", "authors_truncated", "affiliations", "container", "container_short",
    "issn", "volume", "issue", "supplement", "pages", "issued", "meeting", "presentation", "track", "ids", "permission",
    "embargo_until", "status", "abstract", "keywords", "language", "publisher", "editors", "origin",
)  # fmt: skip


_USUAL: Final = {"permission": "quote", "status": "final"}


def as_object(record: Record) -> dict[str, Any]:
    """The record as ``digest convert --to json`` prints it: its type always, a label or null for each part."""
    value = {"type": record.type, **as_json(record)}
    if "abstract" in value:
        value["abstract"] = [{"label": part.get("label"), "text": part["text"]} for part in value["abstract"]]
    return {name: value[name] for name in _ORDER if value.get(name) and value[name] != _USUAL.get(name)}


def _json_lines(records: Iterable[Record]) -> Iterator[str]:
    for record in records:
        yield json.dumps(as_object(record), ensure_ascii=False) + "\n"


def _array(values: Iterable[Any]) -> Iterator[str]:
    """A JSON array, an entry at a time."""
    opening = "[\n"
    for value in values:
        yield opening + textwrap.indent(json.dumps(value, ensure_ascii=False, indent=2), "  ", lambda _: True)
        opening = ",\n"
    yield "[]\n" if opening == "[\n" else "\n]\n"


def _json(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:  # noqa: ARG001 - these two formats say everything
    return _array(map(as_object, records))


# --- YAML ------------------------------------------------------------------------------------------------------------

# What every reader of YAML 1.1 and 1.2 takes for a text as it stands: words, addresses and DOIs.
_PLAIN: Final = re.compile(r"[^\W\d_][\w.'’–—()/+&=<>;,?!%−±°-]*(?: [\w.'’–—()/+&=<>;,?!%−±°-]+)*")
_PLAIN_IN_FLOW: Final = re.compile(r"[^\W\d_][\w.'’–—()/+-]*(?: [\w.'’–—()/+-]+)*")
_PLAIN_WORDS: Final = re.compile(
    r"(?:https?://|doi:)[A-Za-z0-9][\w./:;()+=&?%~-]*[\w/]|[1-9]\d{0,8}|\d{4}-\d\d(?:-\d\d)?"
)
_NOT_TEXT: Final = re.compile(
    r"(?:null|true|false|yes|no|on|off|y|n|nan|inf|infinity)|[\d_.]*(?:e[\d_]+)?", re.IGNORECASE | re.ASCII
)
# What is no character of YAML (1.2.2, section 5.1), or ends a line in one of its versions.
_ODD: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_WIDTH: Final = 118
_FLOW_ITEMS: Final = frozenset({"authors", "editors"})


def yaml_record(record: Record) -> str:
    """The record as people read and edit it: what `digest.strict` reads back to an equal one."""
    return "\n".join(_yaml_lines({**as_object(record), **_unlabelled(record)}, 0)) + "\n"


def _unlabelled(record: Record) -> dict[str, Any]:
    """The abstract without the labels that are null in JSON."""
    parts = [{"label": part.label, "text": part.text.source} for part in record.abstract]
    kept = [{name: text for name, text in part.items() if text is not None} for part in parts]
    return {"abstract": kept} if kept else {}


def yaml_text(text: str, *, in_flow: bool = False) -> str:
    """A text as a scalar on one line: as it stands where YAML reads it so, else in double quotes."""
    pattern = _PLAIN_IN_FLOW if in_flow else _PLAIN
    if (pattern.fullmatch(text) and not _NOT_TEXT.fullmatch(text)) or _PLAIN_WORDS.fullmatch(text):
        return text
    return _ODD.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _yaml_lines(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    space = " " * indent
    for name, part in value.items():
        if isinstance(part, dict):
            yield f"{space}{name}:"
            yield from _yaml_lines(part, indent + 2)
        elif isinstance(part, list | tuple):
            yield from _yaml_list(name, part, indent)
        else:
            yield from _yaml_scalar(f"{space}{name}:", part, indent + 2)


def _yaml_list(name: str, items: Iterable[Any], indent: int) -> Iterator[str]:
    space = " " * indent
    items = list(items)
    if not any(isinstance(one, dict) for one in items) and name != "affiliations":
        row = f"{space}{name}: {_flow(items)}"
        if len(row) <= _WIDTH:
            yield row
            return
    yield f"{space}{name}:"
    for one in items:
        if not isinstance(one, dict):
            yield from _yaml_scalar(f"{space}  -", one, indent + 4)
        elif name in _FLOW_ITEMS:
            yield f"{space}  - {_flow(one)}"
        else:
            first, *others = _yaml_lines(one, indent + 4)
            yield f"{space}  - {first.lstrip()}"
            yield from others


def _yaml_scalar(head: str, value: object, indent: int) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{head} {json.dumps(value)}"
        return
    row = f"{head} {yaml_text(value)}"
    folds = len(row) > _WIDTH and not _ODD.search(value) and value == " ".join(value.split(" ")) == value.strip()
    if not folds or "  " in value or "\t" in value:
        yield row
        return
    yield f"{head} >-"
    space = " " * indent
    yield from textwrap.wrap(
        value, _WIDTH, initial_indent=space, subsequent_indent=space, break_long_words=False, break_on_hyphens=False
    )  # fmt: skip


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return yaml_text(value, in_flow=True) if isinstance(value, str) else json.dumps(value)


def _yaml(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:  # noqa: ARG001 - these two formats say everything
    none = True
    for record in records:
        first, *others = yaml_record(record).splitlines()
        yield "\n".join([f"- {first}", *(f"  {line}" for line in others)]) + "\n"
        none = False
    if none:
        yield "[]\n"


# --- What is kept beside ---------------------------------------------------------------------------------------------


def _rest(record: Record, text: str, format_: str) -> dict[str, Any]:
    """What a reader would not get back from this text."""
    page = Page(text.encode("utf-8", "replace"), "", format=format_)
    told = next((outcome.record for outcome in formats.parse(page) if isinstance(outcome, Parsed)), None)
    return remainder.remainder(record, told)


def _key(record: Record) -> str:
    """A key that people can type: family name, year, and what tells it from others."""
    first = record.authors[0].family_name if record.authors else record.title.plain
    word = re.sub(r"[^a-z]", "", latex.ascii_of(first).lower())[:30] or "record"
    year = str(record.issued.year) if record.issued else ""
    return f"{word}{year}"


# --- CSL-JSON --------------------------------------------------------------------------------------------------------


def csl_item(record: Record, key: str, *, plain: bool = False) -> dict[str, Any]:
    """The CSL-JSON item of a record, with what CSL has no variable for."""
    value = item(record, key)
    if record.abstract:
        value["abstract"] = "\n".join(
            f"{part.label}: {part.text.source}" if part.label else part.text.source for part in record.abstract
        )
    if record.keywords:
        mark = "; " if any("," in word for word in record.keywords) else ", "
        value["keyword"] = mark.join(record.keywords)
    if not plain and (rest := _rest(record, json.dumps(value), "csl-json")):
        value["custom"] = {remainder.MARK: rest}
    return value


def _csl(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    keys: dict[str, int] = {}
    return _array(csl_item(record, record.id or _unique(_key(record), keys), plain=plain) for record in records)


def _unique(key: str, keys: dict[str, int]) -> str:
    """The key, with a letter or number behind it where it was given before: ``saif2014``, ``saif2014b``."""
    count = keys[key] = keys.get(key, 0) + 1
    if count == 1:
        return key
    name = f"{key}{chr(96 + count)}" if count <= 26 else f"{key}-{count}"
    return name if name not in keys else _unique(name, keys)


# --- BibTeX ----------------------------------------------------------------------------------------------------------

_ENTRIES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "inproceedings", "article": "article", "chapter": "incollection", "book": "book",
    "report": "report", "thesis": "thesis", "preprint": "online", "dataset": "dataset", "trial": "online",
    "web": "online", "other": "misc",
}  # fmt: skip


def bibtex_entry(record: Record, key: str, *, plain: bool = False) -> str:
    """The entry of a record in the dialect of biblatex, names and texts in LaTeX."""
    fields = _bibtex_fields(record)
    kind = _ENTRIES[record.type]
    if record.type == "meeting-abstract" and "journaltitle" in fields:
        kind = "article"
    if record.type in {"meeting-abstract", "preprint", "trial"}:
        fields["entrysubtype"] = record.type
    rows = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    if not plain and (rest := _rest(record, _entry(kind, key, rows), "bibtex")):
        rows.append(f"  {remainder.MARK} = {{{remainder.printed(rest)}}}")
    return _entry(kind, key, rows)


def _entry(kind: str, key: str, rows: Iterable[str]) -> str:
    return ",\n".join([f"@{kind}{{{key}", *rows]) + "\n}\n"


def _bibtex_fields(record: Record) -> dict[str, str]:
    text, ids, meeting = latex.encode, record.ids, record.meeting
    authors = [_bibtex_name(person) for person in record.authors]
    if record.authors_truncated:
        authors.append("others")
    in_journal = record.type in {"article", "meeting-abstract", "preprint", "other", "trial", "web"}
    fields = {
        "author": " and ".join(authors),
        "title": latex.encode_rich(record.title, protected=True),
        "journaltitle" if in_journal else "booktitle": text(record.container),
        "shortjournal": text(record.container_short),
        "editor": " and ".join(map(_bibtex_name, record.editors)),
        "date": str(record.issued or ""),
        "volume": text(record.volume),
        "number": text(str(Part.of(record.issue, record.supplement))) if in_journal else "",
        "issue": "" if in_journal else text(record.issue),
        "pages": text(record.pages.replace("-", "--")).replace("-{}-", "--"),
        "abstractnumber": text(record.number),
        "issn": record.issn or "",
        "isbn": ids.isbn or "",
        "publisher": text(record.publisher),
        "doi": _bare(ids.doi or ""),
        "pmid": ids.pmid or "",
        "pmcid": ids.pmcid or "",
        "nbk": ids.nbk or "",
        "nct": ", ".join(ids.nct),
        "url": _bare(ids.url or ""),
        "language": record.language or "",
        "keywords": _bibtex_keywords(record.keywords),
        "affiliation": "; ".join(f"{{{latex.encode_rich(place)}}}" for place in record.affiliations),
    }
    if meeting:
        dates = "/".join(str(date) for date in (meeting.start, meeting.end) if date)
        fields |= {"eventtitle": text(meeting.name), "venue": text(meeting.place), "eventdate": dates}
        fields["eventsociety"] = text(meeting.society)
    if len(record.abstract) == 1 and record.abstract[0].label is None:
        fields["abstract"] = latex.encode_rich(record.abstract[0].text)
    elif record.abstract:
        fields["abstract"] = "\n".join(
            f"\\paragraph{{{text(part.label or '')}}} {latex.encode_rich(part.text)}" for part in record.abstract
        )
    return fields


def _bare(address: str) -> str:
    """An address or DOI as it is, but for what BibTeX itself would read."""
    return re.sub(r"[%#{}]", lambda match: f"\\{match[0]}", address) if address.count("{") == address.count("}") else ""


def _bibtex_keywords(words: Iterable[str]) -> str:
    return "; ".join(f"{{{latex.encode(w)}}}" if re.search(r"[,;]", w) else latex.encode(w) for w in words)


def _bibtex_name(person: Person) -> str:
    if person.literal:
        return f"{{{latex.encode(person.literal)}}}"
    given = person.given or "".join(f"{letter}. " for letter in person.initials).strip()
    family = f"{person.particle} {person.family}".strip()
    parts = [_guarded(part) for part in (family, person.suffix, given) if part]
    return ", ".join(parts) if len(parts) > 1 or " " not in family else f"{{{parts[0]}}}"


def _guarded(part: str) -> str:
    """A part of a name, in braces where it holds what divides names."""
    text = latex.encode(part)
    return f"{{{text}}}" if re.search(r",|\band\b", text, re.IGNORECASE) else text


def _bibtex(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    keys: dict[str, int] = {}
    for n, record in enumerate(records):
        yield ("\n" if n else "") + bibtex_entry(record, _unique(_key(record), keys), plain=plain)


# --- Tagged text: RIS and MEDLINE ------------------------------------------------------------------------------------


def _inline(text: RichText) -> str:
    """A text with HTML for its markup and its own signs as they are, as reference managers write it."""
    return _shown(text.nodes)


def _shown(nodes: Iterable[Node]) -> str:
    return "".join(n if isinstance(n, str) else f"<{n[0]}>{_shown(n[1])}</{n[0]}>" for n in nodes)


def _tagged(rows: Iterable[tuple[str, str | None]], form: str) -> str:
    """Lines of tags with their values; empty ones are left out."""
    return "".join(form.format(tag, " ".join(str(value).split())) for tag, value in rows if value)


_RIS_TYPES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "ABST", "article": "JOUR", "chapter": "CHAP", "book": "BOOK", "report": "RPRT",
    "thesis": "THES", "preprint": "UNPB", "dataset": "DATA", "trial": "CTLI", "web": "ELEC", "other": "GEN",
}  # fmt: skip


def ris_record(record: Record, *, plain: bool = False) -> str:
    """The lines of a record in RIS, from TY to ER."""
    body = _tagged(_ris_rows(record), "{}  - {}\n")
    end = "ER  - \n"
    if not plain and (rest := _rest(record, body + end, "ris")):
        body += f"U5  - {remainder.MARK} {remainder.printed(rest)}\n"
    return body + end


def _ris_rows(record: Record) -> Iterator[tuple[str, str | None]]:
    ids, meeting = record.ids, record.meeting
    is_unpublished = meeting is not None and not (record.container or record.container_short)
    yield "TY", "CPAPER" if record.type == "meeting-abstract" and is_unpublished else _RIS_TYPES[record.type]
    yield "M3", "Preprint" if record.type == "preprint" else ""
    yield from (("AU", _ris_name(person)) for person in record.authors)
    if record.authors_truncated:
        yield "AU", "et al."
    yield from (("A2", _ris_name(person)) for person in record.editors)
    yield "TI", _inline(record.title)
    yield "T2", record.container or record.container_short
    yield "JA", record.container_short
    yield "VL", record.volume
    yield "IS", str(Part.of(record.issue, record.supplement))
    first, dash, last = record.pages.partition("-")
    yield "SP", first
    yield "EP", last if dash else ""
    yield "C7", "" if first else record.number
    if record.issued:
        yield "PY", f"{record.issued.year:04d}"
        yield "DA", "/".join([*(f"{part:02d}" for part in record.issued.parts), "", "", ""][:3]) + "/"
    if meeting:
        yield "C3", meeting.name
        yield "CY", meeting.place
    yield "DO", ids.doi
    yield "AN", f"PMID: {ids.pmid}" if ids.pmid else ""
    yield "C2", ids.pmcid
    yield "UR", ids.url
    yield "SN", record.issn
    yield "SN", ids.isbn
    yield "PB", record.publisher
    yield "LA", record.language
    yield from (("AD", _inline(place)) for place in record.affiliations)
    yield from (("KW", word) for word in record.keywords)
    yield "AB", _labelled(record)


def _ris_name(person: Person) -> str:
    if person.literal:
        return person.literal
    given = person.given or "".join(f"{letter}." for letter in person.initials)
    parts = [part for part in (person.family_name, given, person.suffix) if part]
    return ", ".join(parts) if len(parts) > 1 else f"{parts[0]},"


def _labelled(record: Record) -> str:
    """The abstract on one line, labels before their parts."""
    return " ".join(
        f"{part.label}: {_inline(part.text)}" if part.label else _inline(part.text) for part in record.abstract
    )


def _ris(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    for n, record in enumerate(records):
        yield ("\n" if n else "") + ris_record(record, plain=plain)


_PUBLICATION_TYPES: Final[Mapping[RecordType, str]] = {
    "meeting-abstract": "Meeting Abstract", "article": "Journal Article", "chapter": "Book Chapter", "book": "Book",
    "report": "Technical Report", "thesis": "Academic Dissertation", "preprint": "Preprint", "dataset": "Dataset",
}  # fmt: skip


def nbib_record(record: Record, *, plain: bool = False) -> str:
    """The lines of a record in MEDLINE's format; one without a PMID begins with its owner, which is nobody."""
    body = _tagged(_nbib_rows(record), "{:<4}- {}\n")
    if not plain and (rest := _rest(record, body, "nbib")):
        body += f"GN  - {remainder.MARK} {remainder.printed(rest)}\n"
    return body


def _nbib_rows(record: Record) -> Iterator[tuple[str, str | None]]:
    ids = record.ids
    yield "PMID", ids.pmid
    yield "OWN", "" if ids.pmid else "NONE"
    yield "IS", record.issn
    yield "ISBN", ids.isbn
    yield "VI", record.volume
    yield "IP", str(Part.of(record.issue, record.supplement))
    yield "DP", record.issued.medline if record.issued else ""
    yield "TI", _inline(record.title)
    yield "PG", record.pages
    yield "LID", f"{ids.doi} [doi]" if ids.doi else ""
    yield "AB", _labelled(record)
    for person in record.authors:
        yield from _nbib_person(person, "FAU", "AU")
        yield "AUID", f"ORCID: {person.orcid}" if person.orcid else ""
        for mark in person.affiliations:
            yield "AD", _inline(record.affiliations[mark - 1])
    if record.authors_truncated:
        yield "AU", "et al."
    for person in record.editors:
        yield from _nbib_person(person, "FED", "ED")
    yield "LA", record.language
    yield from (("SI", f"ClinicalTrials.gov/{number}") for number in ids.nct)
    yield "PT", _PUBLICATION_TYPES.get(record.type)
    yield "TA", record.container_short
    yield "JT", record.container
    yield "PB", record.publisher
    yield from (("OT", word) for word in record.keywords)
    yield "PMC", ids.pmcid
    yield "SO", _source(record)


def _nbib_person(person: Person, full: str, short: str) -> Iterator[tuple[str, str]]:
    if person.literal:
        yield "CN" if full == "FAU" else short, person.literal
        return
    given = " ".join(filter(None, (person.given or " ".join(person.initials), person.suffix)))
    yield full, ", ".join(filter(None, (person.family_name, given)))
    yield short, person.short


def _source(record: Record) -> str:
    """What MEDLINE's last line repeats: journal, date, volume and pages."""
    place = record.volume + (f"({part})" if (part := str(Part.of(record.issue, record.supplement))) else "")
    date = record.issued.medline if record.issued else ""
    where = ":".join(filter(None, (place, record.pages)))
    source = ". ".join(
        filter(None, (record.container_short or record.container, ";".join(filter(None, (date, where)))))
    )
    return f"{source or record.title.plain[:80]}."


def _nbib(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:
    for n, record in enumerate(records):
        yield ("\n" if n else "") + nbib_record(record, plain=plain)


# The writers by the name of their format: each takes records and gives the text of a file in pieces.
WRITERS: Final[Mapping[str, Callable[..., Iterator[str]]]] = {
    "json": _json, "yaml": _yaml, "csl": _csl, "ris": _ris, "bibtex": _bibtex, "nbib": _nbib,
}  # fmt: skip
