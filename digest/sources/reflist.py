"""Pasted text: a list of references, or a journal's page with one, gives records; what is none of them is told."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest.cite.pasted import read_citation, read_reference
from digest.cite.tokens import read_dates
from digest.errors import Problem
from digest.model import AbstractPart, Meeting
from digest.names import person, sure_name
from digest.sources import pubmedtext
from digest.sources.draft import adopted, full_title, journal_names
from digest.text import RichText, without_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.errors import Level
    from digest.model import Record
    from digest.sources.page import Outcome, Page

_LONGEST: Final = 3000  # of one reference; a longer text is prose
_MARK: Final = re.compile(
    r"\s{0,12}(?:\[(\d{1,4})\]|\((\d{1,3})\)|(\d{1,4})(?:[.)](?=\s)|:(?=\s+[^\W\d_]))|(\d{1,3})(?=\t)|[•·▪◦‣*–-](?=\s))\s*"
)
# Where tags were lost the year may be glued to journal and volume: “Pancreas2014434223229”.
_YEAR: Final = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)|(?<=[a-z.)])(?:19|20)\d\d(?=\d)")
# What tells a reference from prose: an identifier, a volume with a page, a supplement, an abstract's number.
_PLACE: Final = re.compile(
    r"\b10\.\d{4,9}/\S|\bPMC?(?:ID)?\s?:\s?\d|\bNBK\s?:?\s?\d|"
    r"\b\d{1,4}\s?(?:\([^()]{1,30}\)|[,;]?\s?suppl?\b[^:;,.]{0,12})?\s?[:,;]\s?(?:pp?\.?\s?)?[A-Za-z]{0,4}\d|"
    r"\bsuppl(?:ement)?\b|\babstr?(?:act)?\.?\s?(?:no\.?|nr\.?)?\s?#?[A-Za-z]{0,5}\d|\[abstract\]|\bpp?\.\s?\d|"
    r"presented at|\b(?:available (?:from|at)|retrieved from|accessed)\b|\b\d(?:st|nd|rd|th) ed(?:ition|\.)|"
    r"\b(?:[A-Z][\w-]{1,30}(?:, [A-Z]{2})?: [A-Z][\w&. -]{2,60}|(?:University )?Press|Springer|Elsevier|Wiley|Verlag)"
    r"[;,.] ?\(?(?:19|20)\d\d",
    re.IGNORECASE,
)
_PART: Final = r"(?:(?![a-z])[^\W\d_][\w'’.-]{0,40}|van|von|de|der|den|da|dos|di|la|le|el|al|ter|ten|and|&)"
_PEOPLE: Final = re.compile(rf"{_PART}(?:\s{_PART}){{0,9}}(?:,|\.|\s\((?:19|20)\d\d|;|\set al)|[A-Z][a-z'’-]+[A-Z]\.")
_ENDED: Final = re.compile(r"(?:[.\])>]|\d|/\S{1,60})\s*$")
_GOES_ON: Final = re.compile(
    r"(?:Epub|Available|DOI|PMID|PMC|Retrieved|Accessed|Published|Erratum|NCT|URL|In:)", re.IGNORECASE
)
_HEADING: Final = re.compile(
    r"\W{0,5}(?:references?|bibliography|literature(?: cited)?|works cited|citations?|how to cite|sources)\W{0,5}",
    re.IGNORECASE,
)


_IDENTIFIER_ALONE: Final = re.compile(
    r"\s*(?:doi\s*:?\s*)?(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+\s*|\s*PMID\s*:?\s*\d+\.?\s*"
    r"|\s*(?:PMCID\s*:?\s*)?PMC\s?\d+\.?\s*|\s*https?://\S+\s*",
    re.IGNORECASE,
)


class _Piece(Struct, frozen=True):
    """A part of the text that may be one reference.

    Attributes:
        line: the line on which it begins.
        text: its lines as one.
        listed: whether a number or a bullet says that it is an item of a list.
    """

    line: int
    text: str
    listed: bool


def parse(page: Page) -> Iterator[Outcome]:
    """A record for each reference in the text; what is no reference is told once, nothing is left unsaid."""
    yield from page.text_problems
    if pubmedtext.is_pubmed(page.text):
        yield from pubmedtext.parse(page)
        return
    pieces = list(_pieces(page.text))
    article, used = _article(page, pieces)
    if article:
        yield article
    found: list[Outcome] = []
    around: list[_Piece] = []
    for piece in pieces:
        if piece in used:
            continue
        if _IDENTIFIER_ALONE.fullmatch(piece.text):
            message = f"nothing but an identifier stands here: “{piece.text[:200]}”; expected a citation"
            todo = "“digest collect” asks the address for its record"
            found.append(page.problem("error", "only-identifier", f"{message}; {todo}", line=piece.line))
        elif _is_reference(piece):
            found.append(_read(page, piece))
        else:
            around.append(piece)
    yield from found
    if around:
        shown = "; ".join(f"“{piece.text[:60]}”" for piece in around[:12]) + (" …" if len(around) > 12 else "")
        # Nothing else was found: then it is the list itself that could not be read.
        level: Level = "note" if found or article else "error"
        count = f"{len(around)} {'part' if len(around) == 1 else 'parts'} of the text"
        message = f"{count} are no references and were not read: {shown}"
        yield page.problem(level, "no-reference", message, line=around[0].line)


# --- Cutting apart ---------------------------------------------------------------------------------------------------


def _pieces(text: str) -> Iterator[_Piece]:
    """The text cut at blank lines, at numbers and bullets, and where a line begins a new reference."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n|\f|\x0b|\u2028|\u2029", text), 1):
        clean = without_control(line.expandtabs(4) if line.startswith((" ", "\t")) else line)
        if clean.strip():
            block.append((number, clean))
        elif block:
            yield from _cut(block)
            block = []
    if block:
        yield from _cut(block)


def _cut(block: Sequence[tuple[int, str]]) -> Iterator[_Piece]:
    marks = [_MARK.match(line) for _, line in block]
    listed = [n for n, mark in enumerate(marks) if mark and block[n][1][mark.end() :].strip()]
    starts = listed if _is_list(marks, listed) else [0]
    if starts != listed:
        depths = [_indent(line) for _, line in block]
        if max(depths) - min(depths) > 1:  # a hanging indent
            starts = [0, *(n for n in range(1, len(block)) if depths[n] == depths[0] == min(depths))]
        else:
            starts = [0]
            for n in range(1, len(block)):
                before = " ".join(line.strip() for _, line in block[starts[-1] : n])
                if _begins(before[-2000:], block[n][1]):
                    starts.append(n)
        listed = []
    if starts[0] != 0:
        yield from _cut(block[: starts[0]])
    for n, start in enumerate(starts):
        lines = list(block[start : starts[n + 1] if n + 1 < len(starts) else len(block)])
        mark = marks[start] if start in listed else None
        # A line that begins left of a bullet is no part of its item.
        after = next((k for k in range(1, len(lines)) if mark and _indent(lines[k][1]) < _indent(lines[0][1])), None)
        rest, lines = (lines[after:], lines[:after]) if after else ([], lines)
        first = lines[0][1][mark.end() :] if mark else lines[0][1]
        text = first.strip()
        for _, line in lines[1:]:
            # An address that was broken at the line's end goes on; a word that was hyphenated keeps its hyphen.
            glue = "" if re.search(r"(?:/|[a-z]-|\d[-–]|10\.\d{4,9}/\S*[._/-])$", text) else " "
            text = f"{text}{glue}{line.strip()}"
        yield _Piece(lines[0][0], " ".join(text.split()), mark is not None)
        if rest:
            yield from _cut(rest)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_list(marks: Sequence[re.Match[str] | None], listed: Sequence[int]) -> bool:
    """Whether numbers count upwards, or bullets stand: “2014. A title” alone begins no list."""
    if not listed:
        return False
    numbers = [int(number) for n in listed if (mark := marks[n]) and (number := next(filter(None, mark.groups()), ""))]
    if not numbers:
        return True
    rising = sum(b - a == 1 for a, b in itertools.pairwise(numbers))
    return numbers[0] < 1000 and rising >= (len(numbers) - 1) / 2


def _begins(before: str, line: str) -> bool:
    """Whether a line without a mark begins a new reference: the one before it is complete."""
    if _HEADING.fullmatch(before) or _HEADING.fullmatch(line):
        return True
    if _IDENTIFIER_ALONE.fullmatch(before) and _IDENTIFIER_ALONE.fullmatch(line):
        return True
    if not (_ENDED.search(before) and _YEAR.search(before[-2000:])):
        return False
    # Behind pages and a full stop only identifiers and days go on with a reference.
    whole = _PLACE.search(before[-2000:]) and re.search(r"\d[\d\w]{0,9}\.\s*$", before)
    return bool(_PEOPLE.match(line.strip()) or (whole and line[:1].isupper() and not _GOES_ON.match(line)))


def begins_reference(line: str) -> bool:
    """Whether the first line of a text is a reference or the beginning of one, and not the headings of a table."""
    if _YEAR.search(line) and _PLACE.search(line):
        return True
    line = _MARK.sub("", line[:300], count=1).strip()
    first, comma, rest = line.partition(",")
    if not comma:
        return False
    # “Smith J, Lee K. A title”, “Smith, J., Lee, K. A title”, “Jane Smith, Ann Lee. A title”, and the line ends
    names = sure_name(first) or _INITIALS.match(rest) or (_PEOPLE.match(line) and first.count(" ") in {1, 2})
    return bool(names and _SENTENCE.search(rest))


_INITIALS: Final = re.compile(r"\s?(?:[A-Z]\.[ -]?){1,4}(?=,|;|$|&|and\b)")
_SENTENCE: Final = re.compile(r"(?:\b\w+[.:]|\)[.:]?)\s+[“\"‘]?[^\W\d_a-z][\w-]*\s+[\w-]+")


def _is_reference(piece: _Piece) -> bool:
    text = piece.text
    if len(text) > _LONGEST or not _YEAR.search(text):
        return piece.listed and len(text) <= _LONGEST and bool(_PLACE.search(text))
    if piece.listed:
        return True
    sentences = len(re.findall(r"[a-z)]\.\s+[A-Z]", text))
    return bool(_PLACE.search(text)) and sentences <= (12 if _PEOPLE.match(text) else 3)


# --- Reading ---------------------------------------------------------------------------------------------------------


def _read(page: Page, piece: _Piece) -> Outcome:
    read = read_reference(piece.text, page.where, piece.line)
    if isinstance(read, Problem):
        return page.problem("error", read.code, f"{read.message}; in full: {piece.text[:600]}", line=piece.line)
    found = read.record
    record = _with_journal(found)
    problems = [
        page.problem("warning", "unsure", f"{doubt}: “{piece.text[:200]}”", line=piece.line) for doubt in read.doubts
    ]
    if found.title.plain == "[Untitled]" and not (found.authors or record.container_short or found.ids.doi):
        message = f"neither title, authors nor a known journal were recognised in “{piece.text[:600]}”"
        return page.problem("error", "unread-citation", message, line=piece.line)
    if found.title.plain.startswith("["):
        problems.append(page.problem("warning", "no-title", f"no title was found in “{piece.text[:200]}”",
                                     line=piece.line))  # fmt: skip
    if not (found.authors or found.editors):
        problems.append(page.problem("note", "no-authors", f"no authors were found in “{piece.text[:200]}”",
                                     line=piece.line))  # fmt: skip
    return adopted(page, record, piece.text.encode("utf-8", "replace"), problems=problems)


def _with_journal(record: Record) -> Record:
    """The record with its journal's full and short title, where the tables have them."""
    if record.container_short or not record.container or record.type == "chapter":
        return record  # a book's title is not a journal's: “The Pancreas”
    full = full_title(record.container)
    title, short = journal_names(full or record.container, record.container if full else "")
    return structs.replace(record, container=title, container_short=short)


# --- An article's own page -------------------------------------------------------------------------------------------

_CITE_AS: Final = re.compile(
    r"(?:how to cite(?: this article)?|cite this article(?: as)?|to cite)\s*:?\s*", re.IGNORECASE
)
_EVENT: Final = re.compile(
    r"Highlights from the [“\"](?P<name>[^”\"]{3,200})[”\"]\.?\s+(?P<place>[^.]{2,80}(?:\.[^.]{2,40}){0,2}?)\.\s+"
    r"(?P<dates>[A-Z][^.]{4,40}\d{4})"
)


def _article(page: Page, pieces: Sequence[_Piece]) -> tuple[Outcome | None, list[_Piece]]:
    """The article whose page this is, as the line under “How to Cite” tells it, and the parts that were used for it.

    The page's own lines mend what the citation has lost: OJS prints “JohnP., & SaifM.” for Preethi K John and
    Muhammad Wasif Saif.
    """
    at = next((n for n, piece in enumerate(pieces) if _CITE_AS.match(piece.text)), None)
    if at is None:
        return None, []
    head = pieces[at]
    text = _CITE_AS.sub("", head.text, count=1)
    cited = head if text else next(iter(pieces[at + 1 : at + 2]), None)
    if cited is None:
        return None, []
    citation = text or cited.text
    record = read_citation(citation, page.where, cited.line)
    if isinstance(record, Problem):
        return None, []
    used = [head, cited]
    title = record.title.plain.casefold()
    for piece in pieces:
        if piece.text.casefold() == title:
            used.append(piece)
        elif match := re.match(r"key ?words?\s*:\s*", piece.text, re.IGNORECASE):
            record = structs.replace(record, keywords=_keywords(piece.text[match.end() :]))
            used.append(piece)
        elif match := _EVENT.search(piece.text):
            record = _with_event(record, match)
            used.append(piece)
    record = _with_people(record, pieces, used)
    record = _with_abstract(record, pieces, used, head)
    return adopted(page, _with_journal(record), cited.text.encode("utf-8", "replace")), used


def _keywords(text: str) -> tuple[str, ...]:
    """Keywords; a MeSH heading keeps its comma: “Embolization, Therapeutic”, the adjective behind the noun."""
    words = [word.strip() for word in re.split(r";" if ";" in text else r",", text) if word.strip(" .")]
    if ";" in text:
        return tuple(words)
    out: list[str] = []
    for word in words:
        if out and _QUALIFIER.fullmatch(word):
            out[-1] = f"{out[-1]}, {word}"
        else:
            out.append(word)
    return tuple(out)


# One word that describes and names nothing is the second half of a MeSH heading.
_QUALIFIER: Final = re.compile(
    r"(?!Radiology|Surgery)[A-Z][a-z]+(?:ic|al|ive|ary|ous|ed|ar|ile|ant)|Human|Animal|Mouse|Fetal|Adult|Aged|Child"
)


def _with_event(record: Record, match: re.Match[str]) -> Record:
    try:
        ((start, end), *_) = read_dates(match["dates"])
        meeting = Meeting(name=match["name"], place=match["place"], start=start, end=end)
    except ValueError:
        return record
    return structs.replace(record, meeting=meeting)


def _with_people(record: Record, pieces: Sequence[_Piece], used: list[_Piece]) -> Record:
    """Authors with their full names and affiliations, as lines of their own have them."""
    authors, affiliations = [], list(record.affiliations)
    for author in record.authors:
        initial, family = re.escape(author.initials[:1]), re.escape(author.family)
        pattern = rf"(?P<given>{initial}[\w.'’-]*(?:\s[\w.'’-]+){{0,3}}?)\s{family}\b"
        for piece in pieces:
            match = re.match(pattern, piece.text) if author.family and author.initials else None
            if match and len(piece.text) < 300:
                mended = person(author.family, match["given"])
                place = RichText.of((piece.text[match.end() :].strip(" ,;"),))
                if place and place not in affiliations:
                    affiliations.append(place)
                marks = (affiliations.index(place) + 1,) if place else ()
                authors.append(structs.replace(mended, affiliations=marks))
                used.append(piece)
                break
        else:
            authors.append(author)
    return structs.replace(record, authors=tuple(authors), affiliations=tuple(affiliations))


def _with_abstract(record: Record, pieces: Sequence[_Piece], used: list[_Piece], head: _Piece) -> Record:
    """The prose behind the page's keywords or authors is the article's abstract."""
    before = [n for n, piece in enumerate(pieces) if piece in used and piece.line < head.line]
    for piece in pieces[max(before, default=-1) + 1 :] if before else ():
        if len(piece.text) > 200 and len(re.findall(r"[a-z)]\.\s+[A-Z]", piece.text)) > 1 and not _is_reference(piece):
            used.append(piece)
            return structs.replace(record, abstract=(AbstractPart(text=RichText.of((piece.text,))),))
    return record
