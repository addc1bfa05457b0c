"""Records of our own, as JSON, JSON lines or YAML: the one reader of them, as strict as an issue's files are read.

A page is cut into single records first, so that a mistake in one does not hide the others. Each record is then read by
`digest.strict`, or quickly by `digest.records` where nothing in it can be odd.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from digest import records, strict
from digest.errors import DigestError, Problem, did_you_mean
from digest.model import Record
from digest.sources.page import each, line_of
from digest.sources.shared.jsontext import json_until_break

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.sources.page import Outcome, Page

_SCHEMA: Final = 1
_EXPLAINED: Final = 1000  # records whose every mistake is reported; of more the first mistake each
_FIELDS: Final = frozenset(Record.__struct_fields__)


class _Piece(Struct, frozen=True, kw_only=True):
    """The text of one record.

    Attributes:
        raw: the text, as UTF-8.
        line: the line of the page on which it begins.
        place: which record it is, such as ``record 3``; may be empty.
        is_json: whether it is JSON, not YAML.
    """

    raw: bytes
    line: int
    place: str
    is_json: bool

    @property
    def text(self) -> str:
        text = self.raw.decode("utf-8", "replace")
        return _SURROGATE_PAIR.sub(_joined_pair, text) if self.is_json else text


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each of a list, a line, a document or ``records:``; one with mistakes is one problem.

    Raises:
        DigestError: the records are of another schema than ours.
    """
    from digest.sources.shared.draft import adopted  # loads what all formats need; an issue's references do not

    yield from page.text_problems
    explained = 0

    def outcome_of(piece: _Piece | Problem) -> Outcome:
        nonlocal explained
        if isinstance(piece, Problem):
            return piece
        record, why = _quickly(piece)
        if record is not None:
            return adopted(page, record, piece.raw)
        if explained > _EXPLAINED and why:
            return page.problem("error", "record", why, line=piece.line, place=piece.place)
        explained += piece.is_json
        read = strict.read(piece.text, Record, page.where, first_line=piece.line)
        if read.value is not None:
            return adopted(page, read.value, piece.raw, problems=read.problems)
        return _summary(page, read.problems, piece)

    yield from each(page, _pieces(page), outcome_of, line=lambda piece: piece.line)


def strictly(page: Page, *, first_line: int = 1) -> Iterator[strict.Read[Record] | Problem]:
    """What each record of a page says and every mistake in it with its own line; problems of the page itself between.

    Ids and origins are as they are written; `parse` makes those that are missing.

    Args:
        page: the page.
        first_line: the line of its file on which the page begins.

    Raises:
        DigestError: the records are of another schema than ours.
    """
    yield from page.text_problems
    for piece in _pieces(page):
        if isinstance(piece, Problem):
            yield piece
        else:
            yield strict.read(piece.text, Record, page.where, first_line=piece.line + first_line - 1)


def _pieces(page: Page) -> Iterator[_Piece | Problem]:
    is_json = page.format != "yaml" and page.text.lstrip()[:1] in {"{", "["}
    return _json_pieces(page) if is_json else _yaml_pieces(page)


def _quickly(piece: _Piece) -> tuple[Record | None, str]:
    """The record of a piece of JSON in which nothing is odd; else None, and why if that can be said in a word."""
    if not piece.is_json or _ODD.search(piece.raw) or _doubled(piece.raw):
        return None, ""
    try:
        return records.decode(piece.raw), ""
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        # A number in place of a text is a text to the strict reader.
        return None, "" if "Expected `str`" in str(error) else str(error)


def _summary(page: Page, problems: tuple[Problem, ...], piece: _Piece) -> Problem:
    """One problem that lists all mistakes of a record."""
    if not problems:
        return page.problem("error", "empty", "the record is empty", line=piece.line, place=piece.place)
    mistakes = [f"{problem.key}: {problem.message}" if problem.key else problem.message for problem in problems]
    message = "; ".join(mistakes[:20]) + (f"; and {len(mistakes) - 20} more" if len(mistakes) > 20 else "")
    line = problems[0].line or piece.line
    return page.problem("error", problems[0].code, message[:3000], line=line, place=piece.place)


def _check_schema(page: Page, schema: str) -> None:
    if schema.strip() != str(_SCHEMA):
        raise DigestError(
            f"the records are of schema {schema.strip()[:20]}",
            where=page.where,
            expected=f"schema {_SCHEMA}",
            todo="read them with the version of digest that wrote them",
        )


# --- What is ours ----------------------------------------------------------------------------------------------------

# Keys that only a record of ours has, and keys that only an item of CSL-JSON has.
_OF_RECORDS: Final = frozenset(
    """
    authors authors_truncated affiliations container container_short editors embargo_until ids issn meeting origin
    pages permission presentation supplement track
    """.split()
)
_OF_CSL: Final = frozenset(
    """
    DOI ISBN ISSN PMCID PMID URL author citation-key container-title container-title-short custom editor event
    event-date event-place event-title genre keyword page
    """.split()
)
_OF_EITHER: Final = frozenset({"container-title", "issued", "DOI", "author", "event-title"})


def is_record(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is a record of ours and not an item of CSL-JSON; not where nothing says so."""
    return _weight(value) > 0


def is_item(value: Mapping[str, Any]) -> bool:
    """Whether a JSON object is an item of CSL-JSON and not a record of ours; not where nothing says so."""
    return _weight(value) < 0


def is_ours(page: Page) -> bool:
    """Whether a page of JSON holds records of ours alone; not where there are items of CSL-JSON or nothing says so."""
    if is_json_lines(page.text):
        return records_or_items(map(_object_of, _first_lines(page.text))) == "json"
    try:
        value, _ = json_until_break(page)
    except DigestError:
        return False
    if isinstance(value, dict) and isinstance(value.get("records"), list):
        return True
    weights = [_weight(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    return any(weight > 0 for weight in weights) and all(weight >= 0 for weight in weights)


def records_or_items(values: Iterable[object]) -> str:
    """``json`` or ``csl-json``: which of the two most of the first values of a list say they are."""
    first = [value for value in itertools.islice(values, 20) if isinstance(value, dict)]
    if weight := sum(map(_weight, first)):
        return "json" if weight > 0 else "csl-json"
    is_item = bool(first) and bool(_OF_EITHER & first[0].keys()) and "authors" not in first[0]
    return "csl-json" if is_item else "json"


def _weight(value: Mapping[str, Any]) -> int:
    """How many keys say that an object is a record of ours, less those that say it is an item of CSL-JSON."""
    issued = value.get("issued")
    ours = len(_OF_RECORDS & value.keys()) + isinstance(issued, str)
    return ours - len(_OF_CSL & value.keys()) - isinstance(issued, dict)


def is_json_lines(text: str) -> bool:
    """Whether a text is JSON lines: its first two lines begin objects, and one of the first lines is a whole one.

    The first line may be broken, but is not one that the next goes on with, as in an object with an item on each line.
    """
    lines = _first_lines(text)
    begin_objects = len(lines) > 1 and all(line.lstrip().startswith("{") for line in lines[:2])
    if not begin_objects or lines[0].rstrip().endswith(("[", "{", ",", ":")):
        return False
    return any(_object_of(line) is not None for line in lines)


def _first_lines(text: str) -> list[str]:
    return [match[0] for match in itertools.islice(re.finditer(r"[^\r\n]*\S[^\r\n]*", text), 20)]


def _object_of(line: str) -> dict[str, Any] | None:
    try:
        return msgspec.json.decode(line.encode("utf-8", "replace"), type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        return None


_OUR_FIRST_LINE: Final = re.compile(r"# A frozen record\b|# yaml-language-server: \$schema=\S*/record\.json")
_KEY_LINE: Final = re.compile(r"(?:-[ ]+)*([a-z][\w-]*):(?:\s|\Z)")
_SURE_KEY: Final = re.compile(r"^(?:- )?(?:title|type|records?|id):(?:\s|$)", re.MULTILINE)
_YAML_LINE: Final = re.compile(r"\s*(?:- )?[\w-]+:(?:\s|$)|\s+\S|-(?:\s|$)|---")


def is_yaml(text: str) -> bool:
    """Whether a text is YAML: our own first line says so, or its lines are a mapping or a list of mappings."""
    if _OUR_FIRST_LINE.match(text):
        return True
    lines = [line for line in text.split("\n")[:40] if line.strip() and not line.lstrip().startswith(("#", "%YAML"))]
    first = next((line for line in lines if not re.match(r"---(?:\s|\Z)|-\s*\Z", line)), "")
    if not (match := _KEY_LINE.match(first.lstrip())):
        return False
    is_known = match[1] in _FIELDS | {"schema", "records"} or _SURE_KEY.search(text)
    return bool(is_known) and sum(bool(_YAML_LINE.match(line)) for line in lines) > 0.8 * len(lines)


# --- JSON ------------------------------------------------------------------------------------------------------------

# What JSON may hold and no text of ours does: `strict` says where it is.
_ODD: Final = re.compile(rb"\\(?:u00[01789]|u007[fF]|u[dD][89a-fA-F]|[bf])|\x7f|\xc2[\x80-\x9f]")
# YAML reads the two halves of a character beyond the first plane one by one.
_SURROGATE_PAIR: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def _joined_pair(match: re.Match[str]) -> str:
    return match[1] + bytes.fromhex(match[2] + match[3]).decode("utf-16-be")


def _json_pieces(page: Page) -> Iterator[_Piece | Problem]:
    data = page.text.encode("utf-8", "replace")
    try:
        if data.lstrip().startswith(b"["):
            yield from _listed(page, data, msgspec.json.decode(data, type=list[msgspec.Raw]))
            return
        whole = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        yield from _lines_or_broken(page, str(error))
        return
    if "records" not in whole:
        yield _Piece(raw=data, line=1, place="", is_json=True)
        return
    _check_schema(page, bytes(whole.get("schema", b"1")).decode("utf-8", "replace"))
    if key := _doubled(data.replace(bytes(whole["records"]), b"0", 1)):
        message = f"the key “{key[:60]}” appears twice next to the records; of each key the last was read"
        yield page.problem("error", "duplicate-key", message)
    for key in whole.keys() - {"schema", "records"}:
        yield page.problem("note", "unknown-key", f"the key “{key[:60]}” next to the records was not read")
    try:
        inner = msgspec.json.decode(whole["records"], type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        yield page.problem("error", "type", f"“records” is not a list: {error}")
        return
    yield from _listed(page, data, inner)


def _listed(page: Page, data: bytes, items: list[msgspec.Raw]) -> Iterator[_Piece | Problem]:
    cutter = _Cutter(page, data)
    at = 0
    for item in items:
        raw = bytes(item)
        at = max(data.find(raw, at), at)
        yield cutter.piece(raw, at)
        at += len(raw)


def _lines_or_broken(page: Page, why: str) -> Iterator[_Piece | Problem]:
    """The records of a text that is JSON lines, or breaks off: those before the break, then what was lost."""
    text = page.text
    if is_json_lines(text):
        yield from _lines(page)
        return
    start = re.match(r"\s*\[|\s*\{\s*(?:\"schema\"\s*:\s*(?P<schema>\w+)\s*,\s*)?\"records\"\s*:\s*\[", text)
    if not start:
        yield page.problem("error", "json", f"this is not JSON: {why}")
        return
    _check_schema(page, start["schema"] or "1")
    # Numbers are kept as text: Python refuses those of 5,000 digits.
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    cutter, at = _Cutter(page, text.encode("utf-8", "surrogatepass")), start.end()
    offset = len(text[:at].encode("utf-8", "surrogatepass"))
    blank = re.compile(r"\s*,?\s*")
    while True:
        gap = blank.match(text, at)
        begin = gap.end() if gap else at
        if text.startswith("]", begin):
            if rest := text[begin + 1 :].strip(" \r\n\t}"):
                message = f"after the list comes “{rest[:80]}”; it was not read"
                yield page.problem("error", "json", message, line=line_of(text, begin))
            return
        try:
            _, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError) as error:
            lost = max(len(re.findall(r'"title"\s{0,9}:', text[begin:])), 1)
            what = str(error).partition(": line")[0] if isinstance(error, ValueError) else "nested too deeply"
            records_lost = f"about {lost} record" + ("s" if lost > 1 else "")
            message = f"the JSON breaks at record {cutter.count + 1} ({what}); the rest was not read, {records_lost}"
            yield page.problem("error", "json", message, line=line_of(text, begin))
            return
        offset += len(text[at:begin].encode("utf-8", "surrogatepass"))
        raw = text[begin:end].encode("utf-8", "surrogatepass")
        yield cutter.piece(raw, offset)
        offset, at = offset + len(raw), end


def _lines(page: Page) -> Iterator[_Piece | Problem]:
    data = page.text.encode("utf-8", "replace")
    cutter, at = _Cutter(page, data), 0
    for line in data.splitlines(keepends=True):
        if line.strip():
            yield cutter.piece(line.strip(), at)
        at += len(line)


class _Cutter:
    """Counts the records of a page and the lines before each."""

    def __init__(self, page: Page, data: bytes) -> None:
        self.page, self.data = page, data
        self.count, self.line, self.seen = 0, 1, 0

    def piece(self, raw: bytes, at: int) -> _Piece | Problem:
        """The piece at this place of the data, or a problem where it is not an object; to be asked for in order."""
        self.count += 1
        self.line += self.data.count(b"\n", self.seen, at)
        self.seen = max(at, self.seen)
        place = f"record {self.count}"
        if raw.lstrip().startswith(b"{"):
            return _Piece(raw=raw, line=self.line, place=place, is_json=True)
        message = f"expected a record, found {raw[:60].decode('utf-8', 'replace')}"
        return self.page.problem("error", "type", message, line=self.line, place=place)


def _doubled(data: bytes) -> str:
    """A key that appears twice in one object, of which a reader of JSON silently takes the last; else empty."""
    found: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            found.append(Counter(key for key, _ in pairs).most_common(1)[0][0])

    try:
        json.loads(data, object_pairs_hook=look, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return ""  # reported where it is read
    return min(found, default="")


# --- YAML ------------------------------------------------------------------------------------------------------------


def _yaml_pieces(page: Page) -> Iterator[_Piece | Problem]:
    """The records of each document, cut where the lines show it, so that a mistake in one does not hide the others."""
    n = 0
    for first, lines in _documents(page.text):
        filled = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if not filled or [line.strip() for line in filled] == ["[]"]:
            continue
        for line, text in _record_texts(page, first, lines, filled):
            n += 1
            yield _Piece(raw=text.encode("utf-8", "replace"), line=line, place=f"record {n}", is_json=False)


def _documents(text: str) -> Iterator[tuple[int, list[str]]]:
    """Documents with the number of their first line (YAML 1.2, chapter 9)."""
    begin = 1
    lines: list[str] = []
    for number, line in enumerate(re.split(r"(?<=\n)|(?<=\r)(?!\n)", text), 1):
        if re.match(r"---(?:\s|\Z)|\.\.\.(?:\s|\Z)", line):
            yield begin, lines
            begin, lines = number, ["   " + line[3:]]
        elif line.startswith("%") and not any(kept.strip() for kept in lines):
            lines.append("\n")
        else:
            lines.append(line)
    yield begin, lines


def _record_texts(page: Page, first: int, lines: list[str], filled: list[str]) -> Iterator[tuple[int, str]]:
    """The texts of single records with their lines."""
    keys = [match[1] for line in filled if (match := re.match(r"([\w-]+):(?:\s|\Z)", line))]
    at = 0
    if not re.match(r"\s*-(?:\s|\Z)", filled[0]):
        if "records" not in keys:
            yield first, "".join(lines)
            return
        for line in filled:
            if match := re.match(r"schema:\s*(\S+)", line):
                _check_schema(page, match[1])
        at = next(n for n, line in enumerate(lines) if re.match(r"records:(?:\s|\Z)", line))
        if unknown := [key for key in keys if key not in {"schema", "records"}]:
            near = did_you_mean(unknown[0], Record.__struct_fields__)
            raise DigestError(f"the key “{unknown[0]}” next to “records” is not known{near}", where=page.where)
        if lines[at].partition(":")[2].partition(" #")[0].strip():
            raise DigestError(
                "“records” is a list in brackets", where=page.where, expected="lines that begin with “- ”"
            )
        at += 1
    opener = next((line for line in lines[at:] if line.strip() and not line.lstrip().startswith("#")), "")
    indent = len(opener) - len(opener.lstrip(" "))
    mark = re.compile(rf" {{{indent}}}-(?:\s|\Z)")
    piece: list[str] = []
    begin = first + at
    for number, line in enumerate(lines[at:], first + at):
        if mark.match(line):
            if any(kept.strip() and not kept.lstrip().startswith("#") for kept in piece):
                yield begin, "".join(piece)
            begin, piece = number, [line[:indent] + " " + line[indent + 1 :]]
        else:
            piece.append(line)
    if any(kept.strip() and not kept.lstrip().startswith("#") for kept in piece):
        yield begin, "".join(piece)
