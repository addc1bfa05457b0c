"""BibTeX and BibLaTeX: entries with their strings, cross-references and LaTeX become records, bad blocks problems.

The file is cut by a scanner of our own. Of the kept libraries bibtexparser 2.1 takes entries with a repeated field for
failed (2 of 152 in a collection of Zotero's), reads ``title = {a} year = 2014`` as one value without a word, resolves
no concatenation and loses an entry whose last brace is missing; pybtex 0.26 gives up an entry without a key, and the
rest of a file behind an address such as ``me@x.org`` in a comment.
"""

from __future__ import annotations

import bisect
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.cite.pasted import Remark, read_remark
from digest.cite.societies import society_in
from digest.model import AbstractPart, Meeting, Person
from digest.names import person, read_author
from digest.sources import markup, remainder
from digest.sources.draft import Draft, date_of, read_date
from digest.sources.latex import Decoder
from digest.text import RichText, without_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.model import PartialDate, RecordType
    from digest.sources.page import Outcome, Page


class Entry(Struct, kw_only=True):
    """One entry as it stands in the file.

    Attributes:
        kind: its type in lower case, such as ``inproceedings``.
        key: its key; may be empty.
        fields: the fields by their names in lower case, strings put in, LaTeX untouched.
        start: where it begins in the text.
        end: where it ends.
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


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each entry of a page, or an error for it, in their order."""
    yield from page.text_problems
    text = page.text
    scanner = _Scanner(text)
    entries = list(scanner.entries())
    lines = _Lines(text)
    by_key: dict[str, Entry] = {}
    for entry in entries:
        by_key.setdefault(entry.key.lower(), entry)
    for at, code, message in scanner.oddities:
        yield page.problem("warning", code, message, line=lines.at(at))
    starts = [entry.start for entry in entries]
    for match in _UNOPENED.finditer(text):
        before = bisect.bisect_right(starts, match.start(1)) - 1
        if before < 0 or entries[before].end <= match.start(1):
            message = f"behind “@{match[1]}” no brace opens the entry; expected “@{match[1]}{{key,”"
            yield page.problem("error", "broken-entry", message, line=lines.at(match.start(1)))
    seen: set[str] = set()
    for number, entry in enumerate(entries, 1):
        line = lines.at(entry.start)
        place = entry.key[:200] or f"entry {number}"
        if entry.broken:
            yield page.problem("error", "broken-entry", entry.broken, line=line, place=place)
            continue
        if entry.kind in {"xdata", "set"}:
            message = f"@{entry.kind} holds no publication of its own"
            yield page.problem("note", "no-record", message, line=line, place=place)
            continue
        draft = Draft(page, place, text[entry.start : entry.end].encode(), entry.key)
        draft.line = line
        if entry.key and entry.key in seen:
            draft.tell("warning", "duplicate-key", f"the key “{entry.key}” stands here twice; both entries were read")
        seen.add(entry.key)
        for code, message in entry.oddities:
            draft.tell("warning", code, message)
        fields = _inherited(entry, by_key, draft)
        _fill(draft, entry.kind, fields)
        outcome: Outcome = draft.finish()
        if rest := fields.get(remainder.MARK):
            outcome = remainder.restored(outcome, remainder.read(rest), page)
        yield outcome


class _Lines:
    """Line numbers of places in a text."""

    def __init__(self, text: str) -> None:
        self.ends = [match.start() for match in re.finditer(r"\r\n|\r|\n", text)]

    def at(self, place: int) -> int:
        return bisect.bisect_left(self.ends, place) + 1


# --- Cutting the file ------------------------------------------------------------------------------------------------

_AT: Final = re.compile(
    r"@[ \t\r\n]{0,20}([A-Za-z][\w:.+-]{0,60})[ \t\r\n]{0,200}"
    r"(?:([{(])|,(?=\s{0,200}[A-Za-z][A-Za-z_-]{0,40}\s{0,20}=\s{0,20}[{\"]))"
)
_UNOPENED: Final = re.compile(r"^[ \t]{0,40}@([A-Za-z]{1,40})[ \t]{0,20},[ \t]{0,20}$", re.MULTILINE)
# At the beginning of a line and with a key behind it: a new entry, even where the one before it is not closed.
_NEW: Final = re.compile(
    r"^[ \t]{0,40}@[ \t]{0,20}[A-Za-z]{1,40}[ \t]{0,20}[{(][ \t]{0,20}[^\s,={}()\"]{1,200}[ \t]{0,20},", re.MULTILINE
)
_BRACE: Final = re.compile(r"[{}]")
_QUOTED: Final = re.compile(r'[{}"]')
_BLANK: Final = re.compile(r"\s*")
_NAME: Final = re.compile(r"[^\s={}()\",#%']{1,100}")
_BARE: Final = re.compile(r"[^\s={}()\",#]{1,200}")
_LOST: Final = re.compile(r",\s{0,200}[A-Za-z][A-Za-z_-]{1,30}\s{0,20}=\s{0,20}[{\"]")
_LONGEST: Final = 1_000_000  # of one value with its strings put in
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class _BrokenError(Exception):
    """An entry that cannot be read to its end; `end` is where reading goes on."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


class _Scanner:
    """Walks once through a text; what is no entry is a comment, as BibTeX has it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.strings: dict[str, str] = dict(zip(_MONTHS, _MONTHS, strict=True))
        self.oddities: list[tuple[int, str, str]] = []
        self.new = [match.start() for match in _NEW.finditer(text)]
        self.patience = 20 * len(text)  # characters that may be walked for a brace that is not there

    def entries(self) -> Iterator[Entry]:
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
        """Where the next entry surely begins, behind the one that begins at `start`."""
        n = bisect.bisect_right(self.new, start)
        return self.new[n] if n < len(self.new) else len(self.text)

    def _comment(self, match: re.Match[str]) -> int:
        try:
            return self._closed(match.end(), len(self.text), match[2])
        except _BrokenError:  # BibTeX itself leaves out the word alone
            return match.end()

    def _closed(self, start: int, limit: int, opening: str = "{") -> int:
        """Behind the brace that closes the one before `start`."""
        if self.patience < 0:
            raise _BrokenError("too many braces are opened and never closed", start)
        depth = 1 if opening == "{" else 0
        pattern = _BRACE if opening == "{" else _PARENTHESIS
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
        """Takes in ``name = value`` of a @string; gives where it ends."""
        name = _NAME.match(self.text, self._blank(at, limit), limit)
        if not name:
            raise _BrokenError("it has no name", at)
        at = self._blank(name.end(), limit)
        if self.text[at : at + 1] != "=":
            raise _BrokenError(f"behind “{name[0]}” there is no “=”", at)
        value, at, _ = self._value(at + 1, limit)
        self.strings[name[0].lower()] = value
        return at + 1 if self.text[at : at + 1] in {"}", ")"} else at

    def _blank(self, at: int, limit: int) -> int:
        match = _BLANK.match(self.text, at, limit)
        return match.end() if match else at

    def _entry(self, match: re.Match[str], kind: str) -> Entry:
        text, limit = self.text, self._limit(match.start())
        entry = Entry(kind=kind, fields={}, start=match.start(), oddities=[])
        closing = ")" if match[2] == "(" else "}"
        at = self._blank(match.end(), limit)
        if not match[2]:
            entry.oddities.append(("comma", f"behind “@{match[1]}” no brace opens the entry and no key names it"))
        head = (_KEY if closing == "}" else _KEY_IN_ROUND).match(text, at, limit)
        end = head.end() if head else at
        if head and text[end : end + 1] != "=":
            entry.key = "".join(without_control(head[0]).split())
            at = end
        try:
            at = self._fields(entry, at, limit, closing)
        except _BrokenError as error:
            entry.broken = f"the entry “{entry.key}” is not closed: {error}; mend it, what stands in it was not read"
            at = limit
        entry.end = max(at, match.end())
        return entry

    def _fields(self, entry: Entry, at: int, limit: int, closing: str) -> int:
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
                message = f"{word}: the string “{unknown}” is not defined here; its name was taken"
                entry.oddities.append(("unknown-string", message))
            known = entry.fields.setdefault(word, value)
            if known != value and " ".join(known.split()) != " ".join(value.split()):
                message = f"the field “{word}” stands here twice; left out was “{' '.join(value.split())[:200]}”"
                entry.oddities.append(("repeated-field", message))
            ahead = self._blank(at, limit)
            if ahead < limit and text[ahead] not in {",", closing}:
                entry.oddities.append(("comma", f"behind the field “{word}” a comma is missing"))
        if any(_LOST.search(value) for value in entry.fields.values()):
            raise _BrokenError("a brace of one of its fields is missing", at)
        if not entry.fields:
            raise _BrokenError("it ends before its first field", at)
        entry.oddities.append(("unclosed", "the last brace of the entry is missing"))
        return limit

    def _junk(self, entry: Entry, at: int, limit: int, closing: str) -> int:
        """Past what is no field, up to the next comma or the end of the entry; told."""
        start = at
        while at < limit and self.text[at] not in {",", closing}:
            if self.text[at] == "{":
                at = self._closed(at + 1, limit)
                continue
            match = _UNTIL.match(self.text, at + 1, limit)
            at = match.end() if match else at + 1
        found = " ".join(self.text[start:at].split())
        if found:
            entry.oddities.append(("no-field", f"“{found[:200]}” is no field, such as title = {{…}}; it was left out"))
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

# What a part does not take from its whole (biblatex 3.20, appendix B: title becomes booktitle, names of the whole's own
# authors, identifiers and texts stay with it).
_OWN: Final = frozenset({
    "title", "subtitle", "titleaddon", "shorttitle", "sorttitle", "indextitle", "author", "doi", "url", "urldate",
    "pages", "abstract", "keywords", "crossref", "xref", "xdata", "label", "note", "annote", "file", "eid", "pmid",
    "pmcid", "key", "ids", "entryset", "related", "options", "timestamp", "owner", "eprint", remainder.MARK,
})  # fmt: skip


def _inherited(entry: Entry, by_key: Mapping[str, Entry], draft: Draft) -> dict[str, str]:
    """The fields of an entry with those that it has from others by ``xdata`` and ``crossref``."""
    if "crossref" not in entry.fields and "xdata" not in entry.fields:
        return entry.fields
    fields = dict(entry.fields)
    done = {entry.key.lower()}
    waiting = [(key, False) for key in _keys(fields.get("xdata", ""))]
    waiting += [(key, True) for key in _keys(fields.get("crossref", ""))]
    while waiting and len(done) < 50:
        key, is_whole = waiting.pop(0)
        if key.lower() in done:
            continue
        done.add(key.lower())
        other = by_key.get(key.lower())
        if other is None or other.broken:
            draft.tell("warning", "no-such-entry", f"the entry refers to “{key[:80]}”, which is not here")
            continue
        if is_whole:
            for name, value in other.fields.items():
                if name not in _OWN:
                    fields.setdefault(name, value)
            for own, part in (("title", "booktitle"), ("subtitle", "booksubtitle")):
                if own in other.fields and not (part == "booksubtitle" and "booktitle" in entry.fields):
                    fields.setdefault(part, other.fields[own])
        else:
            for name, value in other.fields.items():
                fields.setdefault(name, value)
        waiting += [(key, is_whole) for key in _keys(other.fields.get("xdata", ""))]
        waiting += [(key, True) for key in _keys(other.fields.get("crossref", ""))]
    return fields


def _keys(text: str) -> list[str]:
    return [key for key in re.split(r"[\s,]+", text) if key][:50]


# --- Fields become a record ------------------------------------------------------------------------------------------

_TYPES: Final[Mapping[str, RecordType | None]] = {
    "article": "article", "suppperiodical": "article", "review": "article", "inproceedings": None, "conference": None,
    "incollection": "chapter", "inbook": "chapter", "suppbook": "chapter", "suppcollection": "chapter",
    "inreference": "chapter", "bookinbook": "chapter", "book": "book", "mvbook": "book", "collection": "book",
    "mvcollection": "book", "proceedings": "book", "mvproceedings": "book", "reference": "book", "booklet": "book",
    "manual": "report", "report": "report", "techreport": "report", "thesis": "thesis", "phdthesis": "thesis",
    "mastersthesis": "thesis", "online": "web", "electronic": "web", "www": "web", "webpage": "web",
    "dataset": "dataset", "data": "dataset", "preprint": "preprint", "misc": "other", "software": "other",
    "unpublished": "other",
}  # fmt: skip
_SUBTYPES: Final[tuple[RecordType, ...]] = (
    "meeting-abstract", "article", "chapter", "book", "report", "thesis", "preprint", "dataset", "trial", "web",
    "other",
)  # fmt: skip
_LANGUAGES: Final = {
    "american": "en-US", "usenglish": "en-US", "british": "en-GB", "ukenglish": "en-GB", "canadian": "en-CA",
    "australian": "en-AU", "ngerman": "de", "nswissgerman": "de-CH", "naustrian": "de-AT", "austrian": "de-AT",
    "brazilian": "pt-BR", "brazil": "pt-BR", "portuges": "pt", "francais": "fr", "acadian": "fr", "canadien": "fr-CA",
    "polutonikogreek": "el", "ngermanb": "de", "germanb": "de",
}  # fmt: skip
_ABSTRACT_NOTE: Final = re.compile(
    r"\W{0,3}(?:(?:meeting |conference )?abstr(?:act)?s?)\b\.?\s?(?:(?:no|nr|number)\b\.?)?\s?[:#]?\s?"
    r"(?P<number>[A-Za-z]{0,5}[- ]?\d[\w.-]{0,12})?\W{0,3}", re.IGNORECASE
)  # fmt: skip
_IDS_IN_NOTE: Final = re.compile(r"\b(?:PMID|PMCID)\s?:\s?(?:PMC)?\d{1,9}\b|\bNCT\d{8}\b", re.IGNORECASE)
_MARKUP: Final = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|sc|scp|p|br|span|div|italic|bold|inf|jats:[a-z-]+)\b[^<>]{0,200}>"
    r"|&(?:amp|lt|gt|quot|nbsp|#\d{1,6}|#x[\da-f]{1,5});", re.IGNORECASE
)  # fmt: skip
_PARAGRAPH: Final = re.compile(r"\n[ \t\r]*\n|\\par(?![A-Za-z])|\\\\[ \t\r]*\n?")
_PART: Final = re.compile(r"\\paragraph\{")


def _fill(draft: Draft, kind: str, fields: Mapping[str, str]) -> None:
    """What the fields say goes where a draft has it."""
    latex = Decoder()

    def text(*names: str) -> str:
        for name in names:
            if value := fields.get(name):
                plain = latex.plain(value)
                if plain := markup.plain(plain) if _MARKUP.search(plain) else plain:
                    return plain
        return ""

    draft.title = _joined(latex, fields, "title", "subtitle")
    _people(draft, latex, fields)
    _place(draft, kind, text, _joined(latex, fields, "booktitle", "booksubtitle"))
    draft.type = _type(draft, kind, text)
    draft.publisher = text("publisher", "school", "institution", "organization")
    draft.issued = _issued(text)
    draft.parts = _abstract(latex, fields.get("abstract", ""))
    _identifiers(draft, fields, text)
    draft.keywords += _split(fields.get("keywords", "") or fields.get("keyword", ""), latex)
    language = text("langid", "language", "hyphenation")
    draft.language = _LANGUAGES.get(language.lower(), language)
    for name in ("affiliation", "affiliations"):
        for piece in _cut(fields.get(name, ""), ";"):
            draft.affiliation(latex.rich(piece))
    draft.tell_unread((name, text(name)) for name in fields if not _READ.fullmatch(name))
    if not draft.issued and (year := text("year", "date")):
        draft.tell("note", "odd-date", f"“{year[:60]}” is no year; it was left out")
    if latex.unknown:
        names = ", ".join(f"\\{name[:30]}" for name in sorted(latex.unknown)[:10])
        draft.tell("note", "latex", f"not known, only their arguments were kept: {names}")


# What becomes people, dates, texts and identifiers, and what only the editor's program needs.
_READ: Final = re.compile(
    r"(?:author|editor|title|subtitle|book(?:sub)?title|journal\w{0,20}|shortjournal|fjournal|year|month|day|date|abstract|"
    r"keywords?|doi|pmid|pubmed-?id|pubmed|pmcid|pmc|isbn|nct|nbk|url|ee|eprint\w{0,10}|archiveprefix|primaryclass|langid|"
    r"language|hyphenation|affiliations?|crossref|xdata|xref|ids|key|file|urldate|owner|timestamp|groups?|short\w{0,20}|sort\w{0,20}|"
    r"label\w{0,20}|date-\w{0,20}|mendeley-\w{0,30}|bdsk-\w{0,20}|entrysubtype|options|related\w{0,20}|unique-id|"
    r"event\w{0,20}|venue|conference|(?:bib|ads)\w{0,20}|__\w{1,30}|digest-?remainder)",
    re.IGNORECASE,
)


def _joined(latex: Decoder, fields: Mapping[str, str], title: str, subtitle: str) -> RichText:
    """A title with its subtitle."""
    first, second = (_rich(latex, fields.get(name, "")) for name in (title, subtitle))
    if not (first and second):
        return first or second
    mark = " " if first.plain[-1] in ".:?!–—" else ": "
    return RichText.of((*first.nodes, mark, *second.nodes))


def _rich(latex: Decoder, value: str) -> RichText:
    rich = latex.rich(value)
    # Publishers' exports carry their HTML along, some of it with its signs as commands: {\textless}i{\textgreater}.
    if _MARKUP.search(rich.plain):
        source = rich.source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        return markup.inline(source)
    return rich


def _abstract(latex: Decoder, value: str) -> tuple[AbstractPart, ...]:
    if not value.strip():
        return ()
    if _PART.match(value.lstrip()):
        return tuple(_labelled(latex, value.strip()))
    pieces = [latex.rich(piece) for piece in _PARAGRAPH.split(value)]
    if any(_MARKUP.search(piece.plain) for piece in pieces):
        source = "\n\n".join(piece.source for piece in pieces)
        return markup.abstract(source.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return markup.parts([markup.Block(text=piece) for piece in pieces if piece])


def _labelled(latex: Decoder, value: str) -> Iterator[AbstractPart]:
    """The parts of an abstract whose labels are LaTeX's headings, as our own files have them."""
    for piece in _PART.split(value)[1:]:
        end = _group_end(piece, 0)
        label, rest = latex.plain(piece[:end]), latex.rich(piece[end + 1 :])
        if rest:
            yield AbstractPart(label=label or None, text=rest)
        elif label:
            yield AbstractPart(text=RichText.of((label,)))


def _group_end(text: str, start: int) -> int:
    depth = 1
    for match in _BRACE.finditer(text, start):
        depth += 1 if match[0] == "{" else -1
        if depth == 0:
            return match.start()
    return len(text)


# --- People ----------------------------------------------------------------------------------------------------------

_AND: Final = re.compile(r"[{}]|\s+and(?=\s)", re.IGNORECASE)
_EXTENDED: Final = re.compile(r"\s*(?:family|given|prefix|suffix|id|useprefix)(?:-i)?\s*=", re.IGNORECASE)


def _people(draft: Draft, latex: Decoder, fields: Mapping[str, str]) -> None:
    for field, as_editor in (("author", False), ("editor", True)):
        for name in _names(fields.get(field, "")):
            if re.fullmatch(r"\s*(?:others|et\.? ?al\.?)\s*", name, re.IGNORECASE):
                draft.truncated = draft.truncated or not as_editor
                continue
            try:
                found = read_name(name, latex)
            except ValueError:
                found = None
            if found:
                draft.add_author(found, as_editor=as_editor)
            else:
                # Not divided by "and": "Smith, J., Doe, A." or "Smith J; Doe A".
                draft.add_people(latex.plain(name), as_editor=as_editor)


def _names(value: str) -> Iterator[str]:
    """The names of a list, cut at each ``and`` outside braces."""
    depth = start = 0
    for match in _AND.finditer(value):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            if name := value[start : match.start()].strip():
                yield name
            start = match.end()
    if name := value[start:].strip():
        yield re.sub(r"^and\s", "", name, flags=re.IGNORECASE)


def _cut(value: str, sign: str) -> list[str]:
    """The pieces of a text between signs outside braces, without blanks at their ends."""
    if "{" not in value and "}" not in value:
        return [piece for found in value.split(sign) if (piece := found.strip())]
    pieces, depth, start = [], 0, 0
    for match in re.finditer(rf"[{{}}{re.escape(sign)}]", value):
        if match[0] == "{":
            depth += 1
        elif match[0] == "}":
            depth = max(0, depth - 1)
        elif depth == 0:
            pieces.append(value[start : match.start()].strip())
            start = match.end()
    pieces.append(value[start:].strip())
    return [piece for piece in pieces if piece]


def _split(value: str, latex: Decoder) -> list[str]:
    pieces = _cut(value, ";")
    if len(pieces) == 1:
        pieces = _cut(value, ",")
    return [word for piece in pieces if (word := latex.plain(piece))]


def read_name(text: str, latex: Decoder) -> Person | None:
    """The person or group of one name; nothing where it looks like several in one.

    Raises:
        ValueError: there is no name in it.
    """
    if _is_group(text):
        return Person(literal=_shown(latex, text))
    if _EXTENDED.match(text):
        return _extended(text, latex)
    pieces = _cut(text, ",")
    if len(pieces) > 3 or (len(pieces) == 3 and not _is_suffix(latex.plain(pieces[1])) and ";" in text):
        return None
    if ";" in latex.plain(text):
        return None
    if len(pieces) == 3:
        family, suffix, given = pieces
        if not _is_suffix(latex.plain(suffix)) and _is_suffix(latex.plain(given)):
            suffix, given = given, suffix
        return _person(family, latex.plain(given), latex.plain(suffix), latex)
    if len(pieces) == 2:
        return _person(pieces[0], latex.plain(pieces[1]), "", latex)
    if match := re.fullmatch(r"(.{1,200}?)\s+(\{[^{}]*\s[^{}]*\})", text, re.DOTALL):  # Jean {de la Fontaine}
        return _person(match[2], latex.plain(match[1]), "", latex)
    return read_author(without_control(_shown(latex, text))).person


def _shown(latex: Decoder, text: str) -> str:
    """The characters of a name; those from publishers' exports may hold character references."""
    plain = latex.plain(text)
    return markup.plain(plain) if _MARKUP.search(plain) else plain


def _person(family: str, given: str, suffix: str, latex: Decoder) -> Person:
    shown, given, suffix = (without_control(part) for part in (_shown(latex, family), given, suffix))
    made = person(shown, given, suffix)
    if _is_group(family) and made.particle:  # in braces it is one name
        return Person(family=shown, given=made.given, initials=made.initials, suffix=made.suffix)
    return made


def _is_suffix(text: str) -> bool:
    return bool(re.fullmatch(r"(?:Jr|Sr|Jnr|Snr)\.?|I{2,3}|IV|V|[2-4](?:nd|rd|th)", text, re.IGNORECASE))


def _is_group(text: str) -> bool:
    """Whether the whole text is one group in braces."""
    return text.startswith("{") and _group_end(text, 1) == len(text) - 1


def _extended(text: str, latex: Decoder) -> Person:
    """Biblatex's extended form: ``family=Heide, given=Jan, prefix=van der``."""
    found: dict[str, str] = {}
    for piece in _cut(text, ","):
        name, _, value = piece.partition("=")
        found[name.strip().lower()] = without_control(latex.plain(value.strip().strip('"')))
    given = found.get("given", "")
    return Person(
        family=found.get("family", ""),
        given=given,
        initials="" if given else "".join(filter(str.isalpha, found.get("given-i", ""))),
        particle=found.get("prefix", ""),
        suffix=found.get("suffix", ""),
    )


# --- Place, time and identifiers -------------------------------------------------------------------------------------


def _place(draft: Draft, kind: str, text: _Reader, booktitle: RichText) -> None:
    journal = text("journaltitle", "journal", "fjournal")
    if (subtitle := text("journalsubtitle")) and journal:
        journal = f"{journal}: {subtitle}"
    draft.container = journal or booktitle.plain or (text("maintitle") if kind.startswith("in") else "")
    draft.container_short = text("shortjournal", "journalabbr", "journal-iso", "journal_abbrev")
    draft.volume = text("volume")
    draft.supplement = text("supplement")
    draft.pages = text("pages", "page").replace("--", "-")
    draft.article_number = text("eid", "article-number", "articleno", "article_number")
    draft.number = text("abstractnumber", "abstract-number")
    issue, number = text("issue"), text("number")
    if kind in {"article", "suppperiodical", "review", "misc"} or journal:
        # BibTeX's number of an article is the issue; biblatex's issue is its name, such as Spring.
        draft.issue = number or issue
        if number and issue and issue != number:
            if re.match(r"\d|suppl", issue, re.IGNORECASE):
                draft.issue = issue
                draft.number = draft.number or number
            else:
                draft.tell("note", "issue", f"besides the issue {number} there is “{issue[:80]}”; it was left out")
    else:
        draft.issue = issue
        if number and not text("series") and kind in {"inproceedings", "conference"}:
            draft.number = draft.number or number
    for name in ("note", "howpublished", "addendum", "annote", "pubstate", "titleaddon"):
        note = text(name)
        if not note or len(note) > 500:
            continue
        if match := _ABSTRACT_NOTE.fullmatch(note):
            draft.type = "meeting-abstract"
            draft.number = draft.number or match["number"] or ""
        elif (told := read_remark(note)) != Remark():
            draft.number, draft.meeting = draft.number or told.number, draft.meeting or told.meeting
            draft.presentation = draft.presentation or told.presentation
            draft.type = "meeting-abstract"
        draft.ids += _IDS_IN_NOTE.findall(note)
    if name := text("eventtitle", "conference", "eventname"):
        society = text("eventsociety") or society_in(name)
        dates = [date for part in text("eventdate").split("/")[:2] if (date := read_date(part))]
        place = text("venue", "eventplace")
        try:
            draft.meeting = Meeting(
                name=name,
                society=society,
                place=place,
                start=dates[0] if dates else None,
                end=dates[-1] if len(dates) > 1 else None,
            )
        except ValueError as error:
            draft.tell("warning", "odd-date", f"the dates of the meeting were left out: {error}")
            draft.meeting = Meeting(name=name, society=society, place=place)


def _type(draft: Draft, kind: str, text: _Reader) -> RecordType | None:
    subtype = text("entrysubtype")
    for known in _SUBTYPES:
        if subtype == known:
            return known
    if draft.type:
        return draft.type
    if kind in {"inproceedings", "conference"}:
        # A paper of several pages is no abstract; what was shown on a page or two is one.
        match = re.search(r"(\d+)\s?[-–—]+\s?(\d+)", draft.pages)
        is_long = match is not None and 2 < int(match[2][:9]) - int(match[1][:9]) < 1000
        return "chapter" if is_long and not draft.number else "meeting-abstract"
    found = _TYPES.get(kind, "other")
    if found == "other" and (text("eprint") or "arxiv" in text("howpublished", "publisher", "url").lower()):
        return "preprint"
    if found == "other" and kind == "misc" and text("url", "howpublished").startswith("http"):
        return "web"
    return found


def _issued(text: _Reader) -> PartialDate | None:
    date = text("date")
    if found := read_date(date.partition("/")[0]):
        return found
    year = re.search(r"\d{4}", text("year") or date)
    if not year:
        return None
    month = text("month")
    name = re.search(r"[A-Za-z]{3,}", month)
    numbers = re.findall(r"\d{1,2}", month)
    if name:
        return date_of(year[0], name[0], text("day") or (numbers[0] if numbers else None))
    return date_of(year[0], numbers[0] if numbers else None, text("day"))


_LABELS: Final = {
    "doi": "doi:", "pmid": "PMID:", "pubmedid": "PMID:", "pubmed-id": "PMID:", "pubmed": "PMID:", "pmcid": "PMCID:",
    "pmc": "PMCID:", "isbn": "ISBN ", "nct": "", "nbk": "NBK:",
}  # fmt: skip


def _identifiers(draft: Draft, fields: Mapping[str, str], text: _Reader) -> None:
    for name, label in _LABELS.items():
        value = _address(fields[name]) if name in fields and name == "doi" else text(name)
        if not value:
            continue
        pieces = re.split(r"[\s,;]+", value) if name != "isbn" else re.split(r"[,;]\s*|\s+(?=97[89])", value)
        for piece in pieces[:20]:
            bare = re.sub(r"\s*\(.{0,40}\)$", "", piece).removeprefix("doi:").strip()
            if bare:
                draft.ids.append(bare if bare.startswith("http") or not label else label + bare)
    for name in ("issn", "eissn", "pissn", "issn-l"):
        draft.issn += [piece for piece in re.split(r"[,;/]\s*|\s+", text(name)) if piece]
    for name in ("url", "howpublished", "ee", "bdsk-url-1"):
        if match := re.search(r"https?://[^\s{}<>\"]{1,2000}", _address(fields.get(name, ""))):
            draft.ids.append(match[0])
            break
    eprint, kind = text("eprint"), text("eprinttype", "archiveprefix").lower()
    if eprint:
        if kind in {"pubmed", "pmid", "medline"}:
            draft.ids.append(f"PMID:{eprint}")
        elif kind in {"pmc", "pmcid", "pubmedcentral"}:
            draft.ids.append(f"PMCID:{eprint}")
        elif kind == "doi":
            draft.ids.append(f"doi:{eprint}")
        elif kind in {"arxiv", ""} and re.fullmatch(
            r"(?:arxiv:)?[\w.-]{4,20}(?:/\d{7})?(?:v\d+)?", eprint, re.IGNORECASE
        ):
            number = re.sub(r"^arxiv:", "", eprint, flags=re.IGNORECASE)
            draft.ids.append(f"https://arxiv.org/abs/{number}")
        elif kind == "hdl":
            draft.ids.append(f"https://hdl.handle.net/{eprint}")
        elif kind == "jstor":
            draft.ids.append(f"https://www.jstor.org/stable/{eprint}")


def _address(value: str) -> str:
    """An address or DOI as it is: in them a tilde is a tilde, and only what BibTeX needs is escaped."""
    value = re.sub(r"\\(?:url|path|nolinkurl|href)\s*(?=\{)", "", value.strip())
    value = re.sub(r"\\textasciitilde(?:\{\})?|\\~\{\}|\{?\\(?:sim|textasciitilde)\}?|\$\\sim\$", "~", value)
    value = value.replace(r"\textunderscore", "_").replace("{\\_}", "_")
    return re.sub(r"\\([_%&#$~{}])", r"\1", value).replace("{", "").replace("}", "").strip()


if TYPE_CHECKING:
    from typing import Protocol

    class _Reader(Protocol):
        def __call__(self, *names: str) -> str: ...
