"""Pasted text: a list of references, or a journal's page with one, gives records; what is neither is reported."""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest.cite.reading import read_citation, read_reference
from digest.cite.tokens import read_dates
from digest.errors import Problem
from digest.model import AbstractPart, Meeting
from digest.names import person, sure_name
from digest.sources.formats import pubmedtext
from digest.sources.page import each
from digest.sources.shared.dates import exact_date, other_date, read_date
from digest.sources.shared.draft import adopted, full_title, journal_names
from digest.text import RichText, without_control
from digest.vocabulary import MONTH

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
# What distinguishes a reference from prose: an identifier, a volume with a page, a supplement, an abstract's number.
_PLACE: Final = re.compile(
    r"\b10\.\d{4,9}/\S|\bPMC?(?:ID)?\s?:\s?\d|\bNBK\s?:?\s?\d|"
    r"\b\d{1,4}\s?(?:\([^()]{1,30}\)|[,;]?\s?suppl?\b[^:;,.]{0,12})?\s?[:,;]\s?(?:pp?\.?\s?)?[A-Za-z]{0,4}\d|"
    r"\bsuppl(?:ement)?\b|\babstr?(?:act)?\.?\s?(?:no\.?|nr\.?|number)?:?\s?#?\s?[A-Za-z]{0,5}\d|\[abstract\]|\bpp?\.\s?\d|"
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


class _Passage(Struct, frozen=True):
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
    """A record for each reference in the text; everything else is reported once."""
    yield from page.text_problems
    if pubmedtext.is_pubmed(page.text):
        yield from pubmedtext.parse(page)
        return
    pieces = list(_pieces(page.text))
    article, used = _article(page, pieces)
    if article:
        yield article
    found: list[Outcome] = []
    around: list[_Passage] = []
    for piece in pieces:
        if piece in used:
            continue
        if _IDENTIFIER_ALONE.fullmatch(piece.text):
            message = f"there is only an identifier here: “{piece.text[:200]}”; expected a citation"
            todo = "“digest collect” fetches the record from its address"
            found.append(page.problem("error", "only-identifier", f"{message}; {todo}", line=piece.line))
        elif _is_reference(piece):
            found += each(page, [piece], functools.partial(_read, page), called="reference", line=lambda one: one.line)
        else:
            around.append(piece)
    yield from found
    if around:
        shown = "; ".join(f"“{piece.text[:60]}”" for piece in around[:12]) + (" …" if len(around) > 12 else "")
        # Nothing else was found: then it is the list itself that could not be read.
        level: Level = "note" if found or article else "error"
        count = f"{len(around)} {'part' if len(around) == 1 else 'parts'} of the text"
        message = f"{count} are not references and were not read: {shown}"
        yield page.problem(level, "no-reference", message, line=around[0].line)


# --- Cutting apart ---------------------------------------------------------------------------------------------------


def _pieces(text: str) -> Iterator[_Passage]:
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


def _cut(block: Sequence[tuple[int, str]]) -> Iterator[_Passage]:
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
        # A line that begins left of a bullet is not part of its item.
        after = next((k for k in range(1, len(lines)) if mark and _indent(lines[k][1]) < _indent(lines[0][1])), None)
        rest, lines = (lines[after:], lines[:after]) if after else ([], lines)
        first = lines[0][1][mark.end() :] if mark else lines[0][1]
        text = first.strip()
        for _, line in lines[1:]:
            text = _continued(text, line.strip())
        yield _Passage(lines[0][0], " ".join(text.split()), mark is not None)
        if rest:
            yield from _cut(rest)


# Words and beginnings of words that are joined to others with a hyphen, and words that are joined so to those before
# them (AMA Manual of Style, 8.3.1).
_BEFORE_HYPHEN: Final = re.compile(
    r"(?:^|[^\w])(?:long|short|high|low|non|anti|post|pre|co|well|self|first|second|third|fourth|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|half|full|follow|open|double|single|multi|phase|real|large|small|early|late|end|whole|next|cost|dose|drug|"
    r"cross|head|face|side|by|to|and|in|of|on|up|over|out|near|all|ever|ill|evidence|population|hospital|health|patient|quality|"
    r"risk|time|age|sex|gene|cell|gamma|alpha|beta|meta|ex|semi|quasi|pro|intra|inter|extra|peri|re|de|life|disease|"
    r"placebo|tumou?r|cancer|blood|breast|lung|small|web|case|state|treatment|protein|culture|carbapenem|insulin|\w-\w+)-$",
    re.IGNORECASE,
)
_AFTER_HYPHEN: Final = re.compile(
    r"(?:term|up|based|line|free|specific|related|dose|controlled|blind(?:ed)?|label|label(?:led|ed)|like|associated|dependent|"
    r"independent|induced|derived|mediated|directed|guided|center|centre|arm|year|month|week|day|hour|risk|grade|stage|type|"
    r"cell|small|world|scale|wide|care|to|in|of|and|on|by|the|resistant|sensitive|negative|positive|naive|naïve|binding|targeted|"
    r"limiting|threatening|effective(?:ness)?|analys[ei]s|inferiority|old|level|onset|response|reported|adjusted|effect|"
    r"inhibitors?|blocker|receptor|antagonists?|agonists?|therapy|treated|treatment|sparing|throughput|resolution|quality)\b",
    re.IGNORECASE,
)


def _continued(text: str, line: str) -> str:
    """A text and the next line of it: an address that was broken goes on, and so does a word.

    A hyphen at the line's end stays in a compound (``long-/term``), before capitals and digits (``IL-/6``) and in a
    name; between two pieces of a word that are not compounds the printer has put it (``ran-/domised``).
    """
    if re.search(r"[a-z]{2}-$", text) and re.match(r"[a-z]{2}", line) and "/" not in text[-40:].rpartition(" ")[2]:
        compound = _BEFORE_HYPHEN.search(text[-40:]) or _AFTER_HYPHEN.match(line)
        return f"{text}{line}" if compound else f"{text[:-1]}{line}"
    glue = "" if re.search(r"(?:/|[A-Za-z]-|\d[-–]|10\.\d{4,9}/\S*[._/-])$", text) else " "
    return f"{text}{glue}{line}"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_list(marks: Sequence[re.Match[str] | None], listed: Sequence[int]) -> bool:
    """Whether numbers count upwards, or there are bullets: “2014. A title” alone does not begin a list."""
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
    # After pages and a full stop only identifiers and days go on with a reference.
    whole = _PLACE.search(before[-2000:]) and re.search(r"\d[\d\w]{0,9}\.\s*$", before)
    return bool(_PEOPLE.match(line.strip()) or (whole and line[:1].isupper() and not _GOES_ON.match(line)))


def begins_reference(line: str) -> bool:
    """Whether the first line of a text is a reference or the beginning of one, and not the headings of a table."""
    if _YEAR.search(line) and (_PLACE.search(line) or _ET_AL.match(line)):
        return True
    line = _MARK.sub("", line[:300], count=1).strip()
    first, comma, rest = line.partition(",")
    if not comma:
        return False
    # “Smith J, Lee K. A title”, “Smith, J., Lee, K. A title”, “Jane Smith, Ann Lee. A title”, and the line ends
    names = sure_name(first) or _INITIALS.match(rest) or (_PEOPLE.match(line) and first.count(" ") in {1, 2})
    return bool(names and _SENTENCE.search(rest))


# “Aldred et al. Abstract# 970, ELCC 2015.”
_ET_AL: Final = re.compile(r"(?:[\[(]?\d{1,4}[\])]?\.?\s)?[^\W\d_][^,;\t|]{1,40}(?:,\s[A-Z.]{1,6})?,?\set\sal\b")
_INITIALS: Final = re.compile(r"\s?(?:[A-Z]\.[ -]?){1,4}(?=,|;|$|&|and\b)")
_SENTENCE: Final = re.compile(r"(?:\b\w+[.:]|\)[.:]?)\s+[“\"‘]?[^\W\d_a-z][\w-]*\s+[\w-]+")


def _is_reference(piece: _Passage) -> bool:
    text = piece.text
    if len(text) > _LONGEST or not _YEAR.search(text):
        return piece.listed and len(text) <= _LONGEST and bool(_PLACE.search(text))
    if piece.listed:
        return True
    sentences = len(re.findall(r"[a-z)]\.\s+[A-Z]", text))
    return bool(_PLACE.search(text)) and sentences <= (12 if _PEOPLE.match(text) else 3)


# --- Reading ---------------------------------------------------------------------------------------------------------


def _read(page: Page, piece: _Passage) -> Outcome:
    read = read_reference(piece.text, page.where, piece.line)
    if isinstance(read, Problem):
        return page.problem("error", read.code, f"{read.message}; in full: {piece.text[:600]}", line=piece.line)
    found = read.record
    record = _with_day(_with_journal(found), piece.text)
    problems = [
        page.problem("warning", "unsure", f"{doubt}: “{piece.text[:200]}”", line=piece.line) for doubt in read.doubts
    ]
    if found.title.plain == "[Untitled]" and not (found.authors or record.container_short or found.ids.doi):
        message = f"neither title, authors nor a known journal were recognised in “{piece.text[:600]}”"
        return page.problem("error", "unread-citation", message, line=piece.line)
    if found.title.plain.startswith("["):
        problems.append(
            page.problem("warning", "no-title", f"no title was found in “{piece.text[:200]}”", line=piece.line)
        )
    if not (found.authors or found.editors):
        problems.append(
            page.problem("note", "no-authors", f"no authors were found in “{piece.text[:200]}”", line=piece.line)
        )
    return adopted(page, record, piece.text.encode("utf-8", "replace"), problems=problems)


# NLM's citations have the issue's date before the volume: “2014 Jul;29(7 Suppl 2):1235-42”, “2016 Dec 2;28(22)”.
_DAY: Final = rf"(?:19|20)\d\d {MONTH}[a-z]{{0,6}}\.?(?:[ /–-][\w-]{{1,9}}\.?)?"
_DAY_OF_ISSUE: Final = re.compile(rf"\b({_DAY})\s?;\s?\d", re.IGNORECASE)
_DAY_ONLINE: Final = re.compile(rf"\bEpub ({_DAY})", re.IGNORECASE)


def _with_day(record: Record, text: str) -> Record:
    """The record with the month and the day of its issue, where the reference has them, and the day of its “Epub”."""
    if record.issued is None:
        return record
    printed, online = (
        read_date(match[1]) if (match := at.search(text)) else None for at in (_DAY_OF_ISSUE, _DAY_ONLINE)
    )
    issued = exact_date(record.issued, [printed]) if printed else record.issued
    return structs.replace(record, issued=issued, issued_online=other_date(issued, online))


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


def _article(page: Page, pieces: Sequence[_Passage]) -> tuple[Outcome | None, list[_Passage]]:
    """The article whose page this is, as the line under “How to Cite” gives it, and the parts that were used for it.

    The page's own lines supply what the citation has lost: OJS prints “JohnP., & SaifM.” for Preethi K John and
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
    """Keywords; a MeSH heading keeps its comma: “Embolization, Therapeutic”, the adjective after the noun."""
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


def _with_people(record: Record, pieces: Sequence[_Passage], used: list[_Passage]) -> Record:
    """Authors with their full names and affiliations, as lines of their own have them."""
    authors, affiliations = [], list(record.affiliations)
    for author in record.authors:
        initial, family = re.escape(author.initials[:1]), re.escape(author.family)
        pattern = rf"(?P<given>{initial}[\w.'’-]*(?:\s[\w.'’-]+){{0,3}}?)\s{family}\b"
        for piece in pieces:
            match = re.match(pattern, piece.text) if author.family and author.initials else None
            if match and len(piece.text) < 300:
                full = person(author.family, match["given"])
                place = RichText.of((piece.text[match.end() :].strip(" ,;"),))
                if place and place not in affiliations:
                    affiliations.append(place)
                marks = (affiliations.index(place) + 1,) if place else ()
                authors.append(structs.replace(full, affiliations=marks))
                used.append(piece)
                break
        else:
            authors.append(author)
    return structs.replace(record, authors=tuple(authors), affiliations=tuple(affiliations))


def _with_abstract(record: Record, pieces: Sequence[_Passage], used: list[_Passage], head: _Passage) -> Record:
    """The record with the prose after the page's keywords or authors as its abstract."""
    before = [n for n, piece in enumerate(pieces) if piece in used and piece.line < head.line]
    for piece in pieces[max(before, default=-1) + 1 :] if before else ():
        if len(piece.text) > 200 and len(re.findall(r"[a-z)]\.\s+[A-Z]", piece.text)) > 1 and not _is_reference(piece):
            used.append(piece)
            return structs.replace(record, abstract=(AbstractPart(text=RichText.of((piece.text,))),))
    return record
