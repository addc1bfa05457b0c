"""Records of our own, JSON, JSON lines or YAML, read back as strictly as they are checked in an issue's folder."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from digest import records, strict
from digest.errors import DigestError, did_you_mean
from digest.model import Record
from digest.sources.draft import adopted
from digest.sources.page import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.errors import Problem
    from digest.sources.page import Outcome, Page

_SCHEMA: Final = 1
# What JSON may hold and no text of ours does: `strict` says where it is.
_ODD: Final = re.compile(rb"\\(?:u00[01789]|u007[fF]|u[dD][89a-fA-F]|[bf])|\x7f|\xc2[\x80-\x9f]")
_EXPLAINED: Final = 1000  # records whose every mistake is told; of more the first mistake each


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each of a list, a line, a document or ``records:``; one with mistakes is one problem.

    Raises:
        DigestError: the records are of another schema than ours.
    """
    yield from page.text_problems
    if page.format != "yaml" and page.text.lstrip()[:1] in {"{", "["}:
        yield from _json(page)
    else:
        yield from _yaml(page)


# --- JSON ------------------------------------------------------------------------------------------------------------


def _json(page: Page) -> Iterator[Outcome]:
    data = page.text.encode("utf-8", "replace")
    try:
        if data.lstrip().startswith(b"["):
            yield from _list(page, data, msgspec.json.decode(data, type=list[msgspec.Raw]))
            return
        whole = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        yield from _broken(page, str(error))
        return
    if "records" not in whole:
        yield _Reader(page).record(data, "", 0)
        return
    _check_schema(page, bytes(whole.get("schema", b"1")).decode("utf-8", "replace"))
    if key := _doubled(data.replace(bytes(whole["records"]), b"0", 1)):
        yield page.problem("error", "duplicate-key", f"the key “{key[:60]}” stands twice beside the records; of each "
                           "key the last was read")  # fmt: skip
    for key in whole.keys() - {"schema", "records"}:
        yield page.problem("note", "unknown-key", f"the key “{key[:60]}” beside the records was not read")
    try:
        inner = msgspec.json.decode(whole["records"], type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError) as error:
        yield page.problem("error", "type", f"“records” is no list: {error}")
        return
    yield from _list(page, data, inner)


def _check_schema(page: Page, schema: str) -> None:
    if schema.strip() != str(_SCHEMA):
        raise DigestError(
            f"the records are of schema {schema.strip()[:20]}", where=page.where, expected=f"schema {_SCHEMA}",
            todo="read them with the version of digest that wrote them",
        )  # fmt: skip


def _list(page: Page, data: bytes, items: list[msgspec.Raw]) -> Iterator[Outcome]:
    reader = _Reader(page, data)
    at = 0
    for n, item in enumerate(items, 1):
        raw = bytes(item)
        at = max(data.find(raw, at), at)
        yield reader.record(raw, f"record {n}", at)
        at += len(raw)


def _broken(page: Page, why: str) -> Iterator[Outcome]:
    """The records of a text that is JSON lines, or breaks off: those before the break, then what was lost."""
    text = page.text
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith("{") for line in lines[:2]) and _is_whole(lines):
        yield from _lines(page)
        return
    start = re.match(r"\s*\[|\s*\{\s*(?:\"schema\"\s*:\s*(?P<schema>\w+)\s*,\s*)?\"records\"\s*:\s*\[", text)
    if not start:
        yield page.problem("error", "json", f"this is no JSON: {why}")
        return
    _check_schema(page, start["schema"] or "1")
    # Numbers are kept as text: Python refuses those of 5,000 digits.
    decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
    reader, at, n = _Reader(page, text.encode("utf-8", "surrogatepass")), start.end(), 0
    offset = len(text[:at].encode("utf-8", "surrogatepass"))
    blank = re.compile(r"\s*,?\s*")
    while True:
        gap = blank.match(text, at)
        begin = gap.end() if gap else at
        if text.startswith("]", begin):
            rest = text[begin + 1 :].strip(" \r\n\t}")
            if rest:
                yield page.problem("error", "json", f"behind the list stands “{rest[:80]}”; it was not read",
                                   line=line_of(text, begin))  # fmt: skip
            return
        try:
            _, end = decoder.raw_decode(text, begin)
        except (ValueError, RecursionError) as error:
            lost = len(re.findall(r'"title"\s{0,9}:', text[begin:]))
            what = str(error).partition(": line")[0] if isinstance(error, ValueError) else "nested too deeply"
            message = f"the JSON breaks at record {n + 1} ({what}); the rest was not read, about {max(lost, 1)} records"
            yield page.problem("error", "json", message, line=line_of(text, begin))
            return
        n += 1
        offset += len(text[at:begin].encode("utf-8", "surrogatepass"))
        raw = text[begin:end].encode("utf-8", "surrogatepass")
        yield reader.record(raw, f"record {n}", offset)
        offset, at = offset + len(raw), end


def _is_whole(lines: list[str]) -> bool:
    """Whether one of the first lines is a whole object."""
    for line in lines[:20]:
        try:
            msgspec.json.decode(line.encode("utf-8", "replace"), type=dict[str, msgspec.Raw])
        except (msgspec.DecodeError, RecursionError):
            continue
        return True
    return False


def _lines(page: Page) -> Iterator[Outcome]:
    data = page.text.encode("utf-8", "replace")
    reader, at, n = _Reader(page, data), 0, 0
    for line in data.splitlines(keepends=True):
        if line.strip():
            n += 1
            yield reader.record(line.strip(), f"record {n}", at)
        at += len(line)


def _doubled(data: bytes) -> str:
    """A key that stands twice in one object, of which a reader of JSON takes the last in silence; else empty."""
    found: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            found.append(Counter(key for key, _ in pairs).most_common(1)[0][0])

    try:
        json.loads(data, object_pairs_hook=look, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return ""  # told where it is read
    return min(found, default="")


class _Reader:
    """Reads records one by one: quickly, and strictly where something is odd, for then every mistake is told."""

    def __init__(self, page: Page, data: bytes = b"") -> None:
        self.page, self.data = page, data
        self.counted, self.line, self.explained = 0, 1, 0

    def line_at(self, at: int) -> int:
        """The line of a place in the data; places are asked for in order."""
        self.line += self.data.count(b"\n", self.counted, at)
        self.counted = max(at, self.counted)
        return self.line

    def record(self, raw: bytes, place: str, at: int) -> Outcome:
        """The record, or the one problem that tells its mistakes."""
        if not raw.lstrip().startswith(b"{"):
            message = f"expected a record, found {raw[:60].decode('utf-8', 'replace')}"
            return self.page.problem("error", "type", message, line=self.line_at(at), place=place)
        try:
            record = None if _ODD.search(raw) or _doubled(raw) else records.decode(raw)
            why = "Expected `str`"
        except (msgspec.DecodeError, RecursionError, ValueError) as error:
            record, why = None, str(error)
        if record is None:
            if self.explained > _EXPLAINED and "Expected `str`" not in why:
                return self.page.problem("error", "record", why, line=self.line_at(at), place=place)
            self.explained += 1
            text = _PAIR.sub(_joined, raw.decode("utf-8", "replace"))
            return _strictly(self.page, text, raw, place, self.line_at(at))
        return adopted(self.page, record, raw)


# YAML reads the two halves of a character beyond the first plane one by one.
_PAIR: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


def _joined(match: re.Match[str]) -> str:
    return match[1] + bytes.fromhex(match[2] + match[3]).decode("utf-16-be")


def _strictly(page: Page, text: str, raw: bytes, place: str, line: int) -> Outcome:
    """The record that a text of YAML or JSON holds, or one problem that tells all its mistakes."""
    read = strict.read(text, Record, page.where, first_line=line)
    if read.value is not None:
        return adopted(page, read.value, raw, problems=read.problems)
    return _all_told(page, read.problems, place, line)


def _all_told(page: Page, problems: tuple[Problem, ...], place: str, line: int) -> Problem:
    if not problems:
        return page.problem("error", "empty", "there is no record", line=line, place=place)
    told = [f"{problem.key}: {problem.message}" if problem.key else problem.message for problem in problems]
    message = "; ".join(told[:20]) + (f"; and {len(told) - 20} more" if len(told) > 20 else "")
    return page.problem("error", problems[0].code, message[:3000], line=problems[0].line or line, place=place)


# --- YAML ------------------------------------------------------------------------------------------------------------


def _yaml(page: Page) -> Iterator[Outcome]:
    """The records of each document, cut apart where lines tell, so that a mistake in one does not hide the others."""
    n = 0
    for first, lines in _documents(page.text):
        shown = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if not shown:
            continue
        for line, piece in _pieces(page, first, lines, shown):
            n += 1
            yield _strictly(page, piece, piece.encode("utf-8", "replace"), f"record {n}", line)


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


def _pieces(page: Page, first: int, lines: list[str], shown: list[str]) -> Iterator[tuple[int, str]]:
    """The texts of single records with their lines."""
    keys = [match[1] for line in shown if (match := re.match(r"([\w-]+):(?:\s|\Z)", line))]
    at = 0
    if not re.match(r"\s*-(?:\s|\Z)", shown[0]):
        if "records" not in keys:
            yield first, "".join(lines)
            return
        for line in shown:
            if match := re.match(r"schema:\s*(\S+)", line):
                _check_schema(page, match[1])
        at = next(n for n, line in enumerate(lines) if re.match(r"records:(?:\s|\Z)", line))
        if unknown := [key for key in keys if key not in {"schema", "records"}]:
            near = did_you_mean(unknown[0], Record.__struct_fields__)
            raise DigestError(f"the key “{unknown[0]}” beside “records” is not known{near}", where=page.where)
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
