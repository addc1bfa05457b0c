"""A BibTeX file cut into its entries, with strings put in and the fields that they take from other entries.

The scanner is our own. Of the libraries, bibtexparser 2.1 takes entries with a repeated field for failed (2 of 152 in a
collection of Zotero's), silently reads ``title = {a} year = 2014`` as one value, resolves no concatenation and loses an
entry whose last brace is missing; pybtex 0.26 gives up an entry without a key, and the rest of a file after an address
such as ``me@x.org`` in a comment.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.remainder import MARK
from digest.text import without_control
from digest.vocabulary import SHORT_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


class BibEntry(Struct, kw_only=True):
    """One entry as it is in the file.

    Attributes:
        kind: its type in lower case, such as ``inproceedings``.
        key: its key; may be empty.
        fields: the fields by their names in lower case, strings put in, LaTeX untouched.
        start: where it begins in the text.
        end: the place after it.
        oddities: what was odd in it, as code and message.
        broken: why it cannot be a record; empty where it can.
    """

    kind: str
    key: str = ""
    fields: dict[str, str]
    start: int
    end: int = 0
    oddities: list[tuple[str, str]]
    broken: str = ""


class LineNumbers:
    """Line numbers of places in a text."""

    def __init__(self, text: str) -> None:
        self.ends = [match.start() for match in re.finditer(r"\r\n|\r|\n", text)]

    def at(self, place: int) -> int:
        """The line of a place, counted from 1."""
        return bisect.bisect_left(self.ends, place) + 1


# --- Cutting the file ------------------------------------------------------------------------------------------------

_AT: Final = re.compile(
    r"@[ \t\r\n]{0,20}([A-Za-z][\w:.+-]{0,60})[ \t\r\n]{0,200}"
    r"(?:([{(])|,(?=\s{0,200}[A-Za-z][A-Za-z_-]{0,40}\s{0,20}=\s{0,20}[{\"]))"
)
_NOT_OPENED: Final = re.compile(r"^[ \t]{0,40}@([A-Za-z]{1,40})[ \t]{0,20},[ \t]{0,20}$", re.MULTILINE)
# At the beginning of a line and followed by a key: a new entry, even where the one before it is not closed.
_NEW: Final = re.compile(
    r"^[ \t]{0,40}@[ \t]{0,20}[A-Za-z]{1,40}[ \t]{0,20}[{(][ \t]{0,20}[^\s,={}()\"]{1,200}[ \t]{0,20},", re.MULTILINE
)
BRACE: Final = re.compile(r"[{}]")
_QUOTED: Final = re.compile(r'[{}"]')
_BLANK: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"[^\s={}()\",#%']{1,100}")
_BARE: Final = re.compile(r"[^\s={}()\",#]{1,200}")
_LOST: Final = re.compile(r",\s{0,200}[A-Za-z][A-Za-z_-]{1,30}\s{0,20}=\s{0,20}[{\"]")
_LONGEST: Final = 1_000_000  # of one value with its strings put in
_MONTHS: Final = tuple(name.lower() for name in SHORT_MONTHS)


class _BrokenError(Exception):
    """An entry that cannot be read to its end; `end` is where reading goes on."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


def not_opened(text: str, entries: Sequence[BibEntry]) -> Iterator[tuple[int, str]]:
    """The place and type of each entry that no brace opens, outside the entries that were read."""
    starts = [entry.start for entry in entries]
    for match in _NOT_OPENED.finditer(text):
        before = bisect.bisect_right(starts, match.start(1)) - 1
        if before < 0 or entries[before].end <= match.start(1):
            yield match.start(1), match[1]


class EntryScanner:
    """Walks once through a text; what is not an entry is a comment, as in BibTeX."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.strings: dict[str, str] = dict(zip(_MONTHS, _MONTHS, strict=True))
        self.oddities: list[tuple[int, str, str]] = []
        self.new = [match.start() for match in _NEW.finditer(text)]
        self.patience = 20 * len(text)  # characters that may be searched for a missing brace

    def entries(self) -> Iterator[BibEntry]:
        """The entries in their order; strings are put into their fields."""
        at = 0
        while match := _AT.search(self.text, at):
            kind = match[1].lower()
            if not match[2] and kind in {"comment", "string", "preamble"}:
                at = match.end()
            elif kind == "comment":
                at = self._comment(match)
            elif kind in {"string", "preamble"}:
                at = self._string(match, kind)
            else:
                entry = self._entry(match, kind)
                at = entry.end
                yield entry

    def _limit(self, start: int) -> int:
        """Where the next entry certainly begins, after the one that begins at `start`."""
        n = bisect.bisect_right(self.new, start)
        return self.new[n] if n < len(self.new) else len(self.text)

    def _comment(self, match: re.Match[str]) -> int:
        try:
            return self._closed(match.end(), len(self.text), match[2])
        except _BrokenError:  # BibTeX itself skips only the word
            return match.end()

    def _closed(self, start: int, limit: int, opening: str = "{") -> int:
        """The place after the brace that closes the one before `start`."""
        if self.patience < 0:
            raise _BrokenError("too many braces are opened and never closed", start)
        depth = 1 if opening == "{" else 0
        pattern = BRACE if opening == "{" else _PARENTHESIS
        for match in pattern.finditer(self.text, start, limit):
            if match[0] == "{":
                depth += 1
            elif match[0] == "}":
                depth -= 1
                if depth == 0 and opening == "{":
                    return match.end()
            elif depth <= 0:
                return match.end()
        self.patience -= limit - start
        raise _BrokenError("a brace is opened and never closed", start)

    def _string(self, match: re.Match[str], kind: str) -> int:
        limit = self._limit(match.start())
        try:
            return (
                self._closed(match.end(), limit, match[2]) if kind == "preamble" else self._defined(match.end(), limit)
            )
        except _BrokenError as error:
            self.oddities.append((match.start(), "broken-string", f"@{kind} could not be read: {error}"))
            return max(match.end(), min(error.at, limit))

    def _defined(self, at: int, limit: int) -> int:
        """Keep ``name = value`` of a @string; the place after it."""
        name = _NAME.match(self.text, self._blank(at, limit), limit)
        if not name:
            raise _BrokenError("its name is missing", at)
        at = self._blank(name.end(), limit)
        if self.text[at : at + 1] != "=":
            raise _BrokenError(f"“{name[0]}” is not followed by “=”", at)
        value, at, _ = self._value(at + 1, limit)
        self.strings[name[0].lower()] = value
        return at + 1 if self.text[at : at + 1] in {"}", ")"} else at

    def _blank(self, at: int, limit: int) -> int:
        match = _BLANK.match(self.text, at, limit)
        return match.end() if match else at

    def _entry(self, match: re.Match[str], kind: str) -> BibEntry:
        text, limit = self.text, self._limit(match.start())
        entry = BibEntry(kind=kind, fields={}, start=match.start(), oddities=[])
        closing = ")" if match[2] == "(" else "}"
        at = self._blank(match.end(), limit)
        if not match[2]:
            entry.oddities.append(("comma", f"“@{match[1]}” is not followed by a brace and a key"))
        head = (_KEY if closing == "}" else _KEY_IN_ROUND).match(text, at, limit)
        end = head.end() if head else at
        if head and text[end : end + 1] != "=":
            entry.key = "".join(without_control(head[0]).split())
            at = end
        try:
            at = self._fields(entry, at, limit, closing)
        except _BrokenError as error:
            entry.broken = f"the entry “{entry.key}” is not closed and was not read: {error}"
            at = limit
        entry.end = max(at, match.end())
        return entry

    def _fields(self, entry: BibEntry, at: int, limit: int, closing: str) -> int:
        text = self.text
        while True:
            at = self._blank(at, limit)
            while text[at : at + 1] == "," and at < limit:
                at = self._blank(at + 1, limit)
            if at >= limit:
                break
            if text[at] == closing:
                return at + 1
            name = _NAME.match(text, at, limit)
            after = self._blank(name.end(), limit) if name else at
            if not name or text[after : after + 1] != "=":
                at = self._junk(entry, at, limit, closing)
                continue
            value, at, unknown = self._value(after + 1, limit)
            word = name[0].lower()
            if unknown:
                message = f"{word}: the string “{unknown}” is not defined in this file; its name was used"
                entry.oddities.append(("unknown-string", message))
            known = entry.fields.setdefault(word, value)
            if known != value and " ".join(known.split()) != " ".join(value.split()):
                message = f"the field “{word}” appears twice; left out: “{' '.join(value.split())[:200]}”"
                entry.oddities.append(("repeated-field", message))
            ahead = self._blank(at, limit)
            if ahead < limit and text[ahead] not in {",", closing}:
                entry.oddities.append(("comma", f"a comma is missing after the field “{word}”"))
        if any(_LOST.search(value) for value in entry.fields.values()):
            raise _BrokenError("a brace of one of its fields is missing", at)
        if not entry.fields:
            raise _BrokenError("it ends before its first field", at)
        entry.oddities.append(("unclosed", "the last brace of the entry is missing"))
        return limit

    def _junk(self, entry: BibEntry, at: int, limit: int, closing: str) -> int:
        """The place after what is not a field: the next comma or the end of the entry; it is noted as odd."""
        start = at
        while at < limit and self.text[at] not in {",", closing}:
            if self.text[at] == "{":
                at = self._closed(at + 1, limit)
                continue
            match = _UNTIL.match(self.text, at + 1, limit)
            at = match.end() if match else at + 1
        found = " ".join(self.text[start:at].split())
        if found:
            entry.oddities.append(
                ("no-field", f"“{found[:200]}” is not a field such as title = {{…}}; it was left out")
            )
        return at

    def _value(self, at: int, limit: int) -> tuple[str, int, str]:
        """A value with its strings put in, where it ends, and the name of a string that is not known."""
        pieces: list[str] = []
        unknown = ""
        text = self.text
        while True:
            at = self._blank(at, limit)
            letter = text[at : at + 1] if at < limit else ""
            if letter == "{":
                end = self._closed(at + 1, limit)
                pieces.append(text[at + 1 : end - 1])
            elif letter == '"':
                end = self._quoted(at + 1, limit)
                pieces.append(text[at + 1 : end - 1])
            elif bare := _BARE.match(text, at, limit):
                end = bare.end()
                known = self.strings.get(bare[0].lower())
                if known is None and not bare[0][0].isdigit():
                    unknown = bare[0]
                pieces.append(bare[0] if known is None else known)
            else:
                end = at
                if letter == "":
                    raise _BrokenError("it ends within a field", at)
            if sum(map(len, pieces)) > _LONGEST:
                raise _BrokenError(f"a value is longer than {_LONGEST:,} characters", at)
            at = self._blank(end, limit)
            if text[at : at + 1] != "#" or at >= limit:
                return "".join(pieces), at, unknown
            at += 1

    def _quoted(self, start: int, limit: int) -> int:
        if self.patience < 0:
            raise _BrokenError("too many quotation marks are opened and never closed", start)
        depth = 0
        for match in _QUOTED.finditer(self.text, start, limit):
            if match[0] == "{":
                depth += 1
            elif match[0] == "}":
                depth -= 1
                if depth < 0:
                    break
            elif depth == 0:
                return match.end()
        self.patience -= limit - start
        raise _BrokenError("a quotation mark is opened and never closed", start)


_KEY: Final = re.compile(r"[^,={}\"\n]{0,300}")
_KEY_IN_ROUND: Final = re.compile(r"[^,={}\"\n)]{0,300}")
_PARENTHESIS: Final = re.compile(r"[{})]")
_UNTIL: Final = re.compile(r"[^,{})]*")

# --- Fields of other entries -----------------------------------------------------------------------------------------

# What a part does not take from its whole (biblatex 3.20, appendix B): the title becomes the booktitle; authors,
# identifiers and texts of the whole stay with it.
_NOT_INHERITED: Final = frozenset(
    {
        "title",
        "subtitle",
        "titleaddon",
        "shorttitle",
        "sorttitle",
        "indextitle",
        "author",
        "doi",
        "url",
        "urldate",
        "pages",
        "abstract",
        "keywords",
        "crossref",
        "xref",
        "xdata",
        "label",
        "note",
        "annote",
        "file",
        "eid",
        "pmid",
        "pmcid",
        "key",
        "ids",
        "entryset",
        "related",
        "options",
        "timestamp",
        "owner",
        "eprint",
        MARK,
    }
)


# The kinds that the rules of biblatex's appendix B are about; others, such as a version of software, take the title and
# the authors of the whole under their own names.
_PART: Final = re.compile(
    r"article|in(?!stitution)|supp|bookin|book|collection|proceedings|conference|reference|periodical"
)


def by_key(entries: Iterable[BibEntry]) -> dict[str, BibEntry]:
    """The first entry of each key, in lower case."""
    found: dict[str, BibEntry] = {}
    for entry in entries:
        found.setdefault(entry.key.lower(), entry)
    return found


def inherited(entry: BibEntry, others: Mapping[str, BibEntry]) -> tuple[dict[str, str], list[str]]:
    """The fields of an entry with those that it takes from others, and the keys of others that are missing."""
    if "crossref" not in entry.fields and "xdata" not in entry.fields:
        return entry.fields, []
    fields, missing = dict(entry.fields), []
    done = {entry.key.lower()}
    waiting = [(key, False) for key in _keys(fields.get("xdata", ""))]
    waiting += [(key, True) for key in _keys(fields.get("crossref", ""))]
    while waiting and len(done) < 50:
        key, is_whole = waiting.pop(0)
        if key.lower() in done:
            continue
        done.add(key.lower())
        other = others.get(key.lower())
        if other is None or other.broken:
            missing.append(key)
            continue
        if is_whole:
            for name, value in other.fields.items():
                if name not in _NOT_INHERITED:
                    fields.setdefault(name, value)
            is_part = _PART.match(entry.kind) is not None
            for own in () if is_part else ("title", "subtitle", "author"):
                if own in other.fields:
                    fields.setdefault(own, other.fields[own])
            for own, part in (("title", "booktitle"), ("subtitle", "booksubtitle")) if is_part else ():
                if own in other.fields and not (part == "booksubtitle" and "booktitle" in entry.fields):
                    fields.setdefault(part, other.fields[own])
        else:
            for name, value in other.fields.items():
                fields.setdefault(name, value)
        waiting += [(key, is_whole) for key in _keys(other.fields.get("xdata", ""))]
        waiting += [(key, True) for key in _keys(other.fields.get("crossref", ""))]
    return fields, missing


def _keys(text: str) -> list[str]:
    return [key for key in re.split(r"[\s,]+", text) if key][:50]
