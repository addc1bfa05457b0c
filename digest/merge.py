"""Whether two records are the same abstract, and what the one merged from both says; each match has its reason.

Matches are tried in order of strength: an identifier that both have; the society's number, year and meeting; the title
with the first author. A contradiction in a stronger one rules out a match by a weaker one: two abstracts that stay
apart can be merged later, two that were merged by mistake may already be printed. Everything here is pure.
"""

from __future__ import annotations

import calendar
import datetime as dt
import difflib
import functools
import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final, TypeVar

from msgspec import Struct, structs

from digest.cite.societies import journal_of, society_in
from digest.cite.tokens import VolumePart, read_encore
from digest.model import AbstractPart, Ids, Institution, Meeting, PartialDate, Permission, Person, Record, Status
from digest.records import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from digest.text import RichText

T = TypeVar("T")


class Match(Struct, frozen=True, kw_only=True):
    """Why two records are one.

    Attributes:
        reason: for people: ``same DOI 10.…``, ``ASCO 2014 abstract e15166``, ``same title and first author (Saif)``.
        key: what they share, for machines: ``doi:10.…``, ``number:asco:2014:e15166``, ``title:…``.
    """

    reason: str
    key: str


# --- Folding ---------------------------------------------------------------------------------------------------------

# Letters that Unicode does not take apart, and Greek ones, which sources write out as often as not.
_LETTERS: Final = str.maketrans(
    {
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "đ": "d",
        "Đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "ı": "i",
        "α": "alpha",
        "β": "beta",
        "γ": "gamma",
        "δ": "delta",
        "ε": "epsilon",
        "κ": "kappa",
        "λ": "lambda",
        "μ": "mu",
        "µ": "mu",
        "σ": "sigma",
        "ω": "omega",
        "Δ": "delta",
        "Ω": "omega",
    }
)
_NO_WORD: Final = re.compile(r"[\W_]+")


def flat(text: str) -> str:
    """The text in small letters without accents; ``β`` is ``beta``, ``ø`` is ``o``."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def fold(text: str) -> str:
    """Letters and digits alone, in small letters without accents: what is left when sources disagree on the rest."""
    return _NO_WORD.sub("", flat(text))


_WORD: Final = re.compile(r"[^\W_]+")
_PLACEHOLDER: Final = re.compile(r"\[(?:Abstract\b.*|Untitled|No title.*)\]", re.IGNORECASE)


def is_generic(title: str, folded: str) -> bool:
    """Whether many different records have such a title: “Editorial”, “Reply”, “In this issue”, one made up by us."""
    if title.startswith("[") and _PLACEHOLDER.fullmatch(title):
        return True
    return len(folded) < 25 or (len(folded) < 60 and len(_WORD.findall(title)) < 4)


def alike(one: str, other: str) -> bool:
    """Whether two titles may be of one thing: most words of the shorter one are in the other, or one is made up."""
    if _PLACEHOLDER.fullmatch(one) or _PLACEHOLDER.fullmatch(other):
        return True
    first, second = set(_WORD.findall(flat(one))), set(_WORD.findall(flat(other)))
    shorter = min(len(first), len(second))
    return fold(one) == fold(other) or (shorter > 0 and len(first & second) >= max(0.6 * shorter, 2))


# --- What a record is known by ---------------------------------------------------------------------------------------


def record_id(record: Record) -> str:
    """The id of a record: DOI, PMID, PMCID, society:meeting:year:number, or a hash of what identifies it."""
    return next(iter(possible_ids(record)))


def possible_ids(record: Record) -> Iterable[str]:
    """All ids that the record could have, the best first."""
    ids = record.ids
    yield from (f"{kind}:{name}" for kind in _STRONG if (name := getattr(ids, kind)))
    society, year = _society(record), str(record.issued.year) if record.issued else ""
    if society and record.number and year:
        name = record.meeting.name if record.meeting else ""
        words = _WORD.findall(_YEAR.sub("", name.replace(society, "")).lower())
        yield ":".join(_SPACE.sub("-", part) for part in (society, "-".join(words), year, record.number))
    first = record.authors[0].family_name if record.authors else ""
    container = record.container or record.container_short
    known = f"{record.title.plain.casefold()}\n{first.casefold()}\n{year}\n{container}\n{record.number}"
    yield "sha256:" + hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()[:16]


_STRONG: Final = {"doi": "DOI", "pmid": "PMID", "pmcid": "PMCID"}
_YEAR: Final = re.compile(r"\b(?:19|20)\d\d\b")
_SPACE: Final = re.compile(r"\s+")


def keys(record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys to file a record under, and those to look for to find what `same` or `encore` may join to it.

    A shared key does not prove anything. The two differ for a record that says that it was presented before: it looks
    for the one of that meeting, and is filed so that the earlier one finds it if that comes in later.
    """
    found = [f"{kind}:{name}" for kind in _STRONG if (name := getattr(record.ids, kind))]
    years = _years(record)
    if record.number and years:
        number = fold(record.number)
        found += [f"number:{venue}:{year}:{number}" for venue in _venues(record) for year in years]
    title = record.title.plain
    folded = fold(title)
    if not is_generic(title, folded):
        found.append(f"title:{folded}")
    elif folded and (family := _first_family(record)):
        found += [f"line:{place}:{family}:{folded}" for place in (fold(record.number), _page(record)) if place]
    filed, sought = list(found), list(found)
    society, family = _society(record), _first_family(record)
    if record.type == "meeting-abstract" and family:
        if society:
            filed += [f"by:{society.casefold()}:{year}:{family}" for year in years]
            sought += [f"again:{society.casefold()}:{year}:{family}" for year in years]
        before = _presented_before(record)
        if before and before.start and before.society:
            filed.append(f"again:{before.society.casefold()}:{before.start.year}:{family}")
            sought.append(f"by:{before.society.casefold()}:{before.start.year}:{family}")
    return tuple(dict.fromkeys(filed)), tuple(dict.fromkeys(sought))


def _years(record: Record) -> tuple[int, ...]:
    """Year of publication and year of the meeting: SABCS meets in December and prints in the year after."""
    start = record.meeting.start if record.meeting else None
    return tuple(dict.fromkeys(date.year for date in (record.issued, start) if date))


def _society(record: Record) -> str:
    return _society_of(record.meeting.society if record.meeting else "", record.container_short, record.container)


@functools.lru_cache(maxsize=4096)
def _society_of(named: str, short: str, container: str) -> str:
    if named:
        return society_in(named) or named
    journal = journal_of(short) or journal_of(container)
    return journal.society if journal else ""


def _venues(record: Record) -> tuple[str, ...]:
    """Where a number is unique within a year: among the society's abstracts, or else among the journal's."""
    if society := _society(record):
        return (fold(society),)
    names = (record.issn or "", fold(record.container_short), fold(record.container))
    if any(names):
        return tuple(name for name in names if name)
    return (fold(record.meeting.name),) if record.meeting else ()


@functools.lru_cache(maxsize=4096)
def _meeting_words(name: str, society: str) -> frozenset[str]:
    """What distinguishes a society's meetings: ``gastrointestinal cancers``; nothing for the annual one."""
    return frozenset(_WORD.findall(flat(name))) - _EVERY_MEETING - {flat(society)} - _digits(name)


def _digits(name: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(flat(name)) if word[0].isdigit())


_EVERY_MEETING: Final = frozenset(
    """
        annual meeting meetings congress conference symposium session sessions scientific abstracts proceedings the
        of and for in on a an at world international
    """.split()
)


_MAIN: Final = frozenset({"annual", "congress"})  # the meeting of a year, as opposed to those alongside it
_SPECIAL: Final = frozenset(
    """
        symposium special workshop summit course school interim midyear regional winter spring summer autumn fall
    """.split()
)


def _meetings_differ(one: Record, other: Record) -> bool:
    """Whether both name their meeting, and the meetings differ."""
    society, second = _society(one), _society(other)
    if society and second and fold(society) != fold(second):
        return True
    a, b = one.meeting, other.meeting
    if a is None or b is None:
        return False
    if a.start and b.start and _days_between(a, b) > _NEAR:
        return True
    names = [set(_WORD.findall(flat(meeting.name))) for meeting in (a, b)]
    if any(x & _MAIN and not y & _MAIN and y & _SPECIAL for x, y in (names, names[::-1])):
        return True  # ASCO's annual meeting and its Gastrointestinal Cancers Symposium, in one year
    words, others = _meeting_words(a.name, society), _meeting_words(b.name, second)
    return bool(words and others) and not (words <= others or others <= words)


_NEAR: Final = 7  # days: one source has the day when the courses before a meeting begin, another that of the opening


def _days_between(one: Meeting, other: Meeting) -> int:
    """How many days there are at least between the end of one meeting and the beginning of the other."""
    spans = []
    for meeting in (one, other):
        first, last = meeting.start, meeting.end or meeting.start
        assert first is not None and last is not None  # noqa: PT018 - the caller has checked
        month = last.month or 12
        day = last.day or calendar.monthrange(last.year, month)[1]
        begin = dt.date(first.year, first.month or 1, first.day or 1)
        spans.append((begin, max(begin, dt.date(last.year, month, day))))
    return (max(begin for begin, _ in spans) - min(end for _, end in spans)).days


def _containers_differ(one: Record, other: Record) -> bool:
    """Whether both name their journal in a comparable way, and the journals differ."""
    if one.issn and one.issn == other.issn:
        return False
    full = fold(one.container), fold(other.container)
    short = fold(one.container_short), fold(other.container_short)
    names = {name for name in (full[0], short[0]) if name} & {name for name in (full[1], short[1]) if name}
    return not names and ((all(full) and full[0] != full[1]) or (all(short) and short[0] != short[1]))


def _types_differ(one: Record, other: Record) -> bool:
    vague = {"web", "other"}
    return one.type != other.type and one.type not in vague and other.type not in vague


def _first_family(record: Record) -> str:
    return fold(record.authors[0].family_name) if record.authors else ""


def _same_first_author(one: Record, other: Record) -> bool | None:
    """Whether the first authors agree; nothing if one has none. ``van der Berg`` may be filed under ``Berg``."""
    if not one.authors or not other.authors:
        return None
    a, b = one.authors[0], other.authors[0]
    first, second = fold(a.family_name), fold(b.family_name)
    if first == second:
        return True
    if min(len(first), len(second)) > 2 and (first.endswith(second) or second.endswith(first)):
        return True
    # Family name first or last: sources disagree about East Asian names.
    return bool(a.given and b.given) and (first, fold(a.given)) == (fold(b.given), second)


def _strangers(one: Record, other: Record) -> bool:
    """Whether a shared identifier cannot be their own: that of a supplement, given to each abstract in it."""
    titles = one.title.plain, other.title.plain
    first, second = map(fold, titles)
    if first == second:
        return False
    if one.number and other.number and _digits_of(one.number) != _digits_of(other.number):
        return True
    if _same_first_author(one, other) is False:  # “A phase II trial of … in pancreatic cancer” is many people's title
        return not (first.startswith(second) or second.startswith(first) or any(map(_PLACEHOLDER.fullmatch, titles)))
    return bool(one.number and other.number) and fold(one.number) != fold(other.number) and not alike(*titles)


def _digits_of(number: str) -> list[str]:
    """The numbers in an abstract's number: ``P-012`` and ``P12`` may be one."""
    return [digits.lstrip("0") for digits in re.findall(r"[0-9]+", number)]


def _page(record: Record) -> str:
    """Volume and first page, which distinguish one “Editorial” of a journal from another; empty if one is missing."""
    first = fold(re.split(r"[-\u2013]", record.pages, maxsplit=1)[0])
    return f"{fold(record.volume)}/{first}" if record.volume and first else ""


def _odds(one: Record, other: Record) -> str:
    """Further identifiers that differ although one is shared: an editor should check which of them is right."""
    pairs = ((word, getattr(one.ids, kind), getattr(other.ids, kind)) for kind, word in _STRONG.items())
    odds = [f"{word} {min(a, b)} and {max(a, b)}" for word, a, b in pairs if a and b and a != b]
    return f", though they differ in {', '.join(odds)}" if odds else ""


def _pages_differ(one: Record, other: Record) -> bool:
    """Whether the two are in different places of one volume; e-pages and pages ahead of print do not count."""
    if not one.volume or one.volume != other.volume:
        return False
    first = [pages.partition("-")[0] for pages in (one.pages, other.pages)]
    return all(map(str.isdecimal, first)) and first[0] != first[1]


def same(one: Record, other: Record) -> Match | None:
    """Why these two are the same thing; nothing if they are not, or if it is not certain."""
    for kind, word in _STRONG.items():
        a, b = getattr(one.ids, kind), getattr(other.ids, kind)
        if a and b:
            if a != b or _strangers(one, other):
                return None
            return Match(reason=f"same {word} {a}{_odds(one, other)}", key=f"{kind}:{a}")
    if _types_differ(one, other):
        return None
    titles = one.title.plain, other.title.plain
    folded = fold(titles[0])
    equal = folded == fold(titles[1])
    generic = is_generic(titles[0], folded)
    venues = [venue for venue in _venues(one) if venue in _venues(other)]
    years = sorted(set(_years(one)) & set(_years(other)))
    numbers = fold(one.number), fold(other.number)
    author = _same_first_author(one, other)
    differ = _meetings_differ(one, other)
    if all(numbers) and venues and years:
        if numbers[0] != numbers[1]:
            return None
        if author is not False and alike(*titles) and not differ:
            name = _society(one) or one.container_short or one.container or (one.meeting.name if one.meeting else "")
            key = f"number:{venues[0]}:{years[0]}:{numbers[0]}"
            return Match(reason=f"{name} {years[0]} abstract {max(one.number, other.number)}", key=key)
    if (
        equal
        and generic
        and author
        and all(numbers)
        and numbers[0] == numbers[1]
        and (years or not (_years(one) and _years(other)))
        and not differ
        and not _containers_differ(one, other)
    ):
        reason = f"same number, title and first author ({_named(one, other)})"
        return Match(reason=reason, key=f"line:{numbers[0]}:{_first_family(one)}:{folded}")
    if (
        equal
        and generic
        and author
        and years
        and venues
        and (page := _page(one))
        and page == _page(other)
        and not (all(numbers) and numbers[0] != numbers[1])
        and not differ
    ):
        reason = f"same title and first author ({_named(one, other)}) on the same page"
        return Match(reason=reason, key=f"line:{page}:{_first_family(one)}:{folded}")
    if not equal or generic or author is False or differ or _containers_differ(one, other):
        return None
    if (one.volume and other.volume and one.volume != other.volume) or _pages_differ(one, other):
        return None
    near = not (_years(one) and _years(other)) or any(abs(a - b) <= 1 for a in _years(one) for b in _years(other))
    if one.type == other.type == "meeting-abstract":
        if all(numbers) and numbers[0] != numbers[1]:
            return None
        near = bool(years) or not (_years(one) and _years(other))  # a year later it is presented again
    if not near:
        return None
    key = f"title:{folded}"
    if author:
        return Match(reason=f"same title and first author ({_named(one, other)})", key=key)
    # Without authors, a long title with the same year and place of publication has to be enough.
    if years and venues and len(_WORD.findall(titles[0])) >= 6:
        without = "one of them has" if one.authors or other.authors else "both have"
        return Match(reason=f"same title, year and place of publication; {without} no authors", key=key)
    return None


# What people export from databases and reference managers: such a file may hold one article several times, as several
# databases have it. A feed, a page, an issue's deposit or a programme lists each thing once.
_GATHERED: Final = frozenset({"ris", "endnote-xml", "refer", "bibtex", "isi", "nbib", "ovid", "csl-json", "csv"})


def gathered_twice(one: Record, other: Record, file: str) -> bool:
    """Whether two records of one file are the same thing out of two databases, although no identifier says so.

    A reviewer's library is a file of several databases. There, what was printed in one place under one title by one
    group of authors is one; abstracts of a meeting, several of which may be on one page, must also have texts or
    numbers that agree.

    Args:
        one: a record of the file.
        other: another one.
        file: the file's format.
    """
    if file not in _GATHERED:
        return False
    first, second = (_printed_at(record) for record in (one, other))
    if not first[0] or first[0] != second[0]:
        return False
    if any(a and b and a != b for a, b in zip(first, second, strict=True)):
        return False
    title = one.title.plain
    if (
        is_generic(title, fold(title))
        or fold(title) != fold(other.title.plain)
        or not set(_years(one)) & set(_years(other))
    ):
        return False
    lists = one.authors, other.authors
    if (
        not all(lists)
        or not all(map(_is_same_person, *lists))
        or (len(lists[0]) != len(lists[1]) and not (one.authors_truncated or other.authors_truncated))
    ):
        return False
    if disagreement(one, other) or fold(one.number) != fold(other.number):
        return False
    agree = bool(one.number) or bool(one.abstract and other.abstract)
    return agree or not any(map(_may_share_a_page, (one, other)))


def _may_share_a_page(record: Record) -> bool:
    """Whether it is an abstract of a meeting, or in a supplement or on a page with a letter, as those are."""
    return record.type == "meeting-abstract" or bool(record.supplement) or not record.pages[:1].isdecimal()


def _printed_at(record: Record) -> tuple[str, ...]:
    """Volume and first page, which must be known; last page, issue and supplement, if they are."""
    last = re.split(r"[-\u2013]", record.pages)[-1]
    return _page(record), fold(last), fold(record.issue), fold(record.supplement)


def _named(one: Record, other: Record) -> str:
    return min(one.authors[0].family_name, other.authors[0].family_name)


def encore(one: Record, other: Record) -> str:
    """Why these two, which are not the same, report on the same study; empty if they do not."""
    if _same_first_author(one, other) is not True:
        return ""
    abstracts = [record.type == "meeting-abstract" for record in (one, other)]
    folded = fold(one.title.plain)
    if folded == fold(other.title.plain) and not is_generic(one.title.plain, folded):
        who = f"same title and first author ({_named(one, other)})"
        if not _types_differ(one, other):
            where = sorted({_occasion(one), _occasion(other)})
            if len(where) == 2 and all(where):
                return f"{who} at {where[0]} and {where[1]}" if all(abstracts) else f"{who}: {'; '.join(where)}"
            return f"{who}, but they contradict each other: {_contradiction(one, other)}"
        return f"{who}, as {' and as '.join(sorted({one.type, other.type}))}"
    if all(abstracts) and alike(one.title.plain, other.title.plain):
        for first, second in ((one, other), (other, one)):
            before = _presented_before(first)
            if before and before.start and before.start.year in _years(second):
                society = _society(second)
                if (
                    society
                    and society.casefold() == before.society.casefold()
                    and _occasion(first) != _occasion(second)
                ):
                    return f"{_occasion(first)} says that it was presented before at {before.name} {before.start.year}"
    return ""


def _occasion(record: Record) -> str:
    """``ASCO 2014``: where and when it was presented or published."""
    meeting = record.meeting
    name = _society(record) or (meeting.name if meeting else "") or record.container_short or record.container
    date = (meeting.start if meeting else None) or record.issued
    year = str(date.year) if date else ""
    return name if year and year in name else f"{name} {year}".strip()


def _contradiction(one: Record, other: Record) -> str:
    for kind, word in _STRONG.items():
        pair = sorted({getattr(one.ids, kind) or "", getattr(other.ids, kind) or ""})
        if len(pair) == 2 and all(pair):
            return f"{word} {pair[0]} and {pair[1]}"
    if one.number != other.number:
        return " and ".join(f"abstract {number or 'without a number'}" for number in sorted({one.number, other.number}))
    return "meeting, journal, volume, pages or year"


def _presented_before(record: Record) -> Meeting | None:
    """The earlier meeting that a line at the end of the abstract names."""
    if not record.abstract:
        return None
    end = record.abstract[-1].text.plain[-400:]
    return read_encore(end) if "resented" in end or "ncore" in end else None


# --- One record of several -------------------------------------------------------------------------------------------

# Which source takes precedence for volume, issue and pages, and where nothing else decides: an editor's own file, the
# publisher, the indexers, what people exported, feeds and pages, pasted text.
_RANKS: Final = tuple(
    """
    yaml json jats crossref-json pubmed-xml nbib europepmc-json indico-json pretalx-json openreview-json frab xlsx
    csv oai-pmh html csl-json isi endnote-xml ris refer bibtex feed text
""".split()
)
_RANK: Final = {name: rank for rank, name in enumerate(_RANKS)}
_TYPES: Final = ("meeting-abstract", "preprint", "chapter", "book", "thesis", "report", "dataset", "trial", "article")
_PERMISSIONS: Final[tuple[Permission, ...]] = ("none", "quote", "full")
_STATUSES: Final[tuple[Status, ...]] = ("withdrawn", "corrected", "final")


def _rank(record: Record) -> tuple[int, bytes]:
    name = record.origin.format if record.origin else ""
    return _RANK.get(name, len(_RANKS)), encode(record)


def combine(records: Iterable[Record]) -> Record:
    """One record that says what all these records of the same thing say; their order does not matter.

    The latest embargo and a withdrawal win, whichever source they come from. A permission applies to a text: it is that
    of the source whose text was taken.

    Raises:
        ValueError: no record was given.
    """
    ranked = sorted({_rank(record): record for record in records}.items(), key=lambda pair: pair[0])
    several = [record for _, record in ranked]
    if not several:
        raise ValueError("nothing to combine")
    first = several[0]
    if len(several) == 1:
        return structs.replace(first, id=record_id(first))
    authors, truncated, affiliations = _people(several)
    placed = max(several, key=_placed)  # the first of the best
    text, permission = _text(several)
    fields = {
        "title": max(several, key=lambda record: _title_worth(record.title)).title,
        "type": min((record.type for record in several), key=_type_rank),
        "authors": authors,
        "authors_truncated": truncated,
        "affiliations": affiliations,
        "institutions": _institutions(several, affiliations),
        "container": _first(several, lambda record: record.container),
        "container_short": _first(several, lambda record: record.container_short),
        "issn": next((record.issn for record in several if record.issn), None),
        "volume": placed.volume or _first(several, lambda record: record.volume),
        "issue": placed.issue,
        "supplement": placed.supplement,
        "pages": _first(several, lambda record: record.pages),
        "number": _first(several, lambda record: record.number),
        "issued": _most_precise([record.issued for record in several if record.issued]),
        "issued_online": _most_precise([record.issued_online for record in several if record.issued_online]),
        "meeting": _meeting(several),
        "presentation": next((record.presentation for record in several if record.presentation), None),
        "ids": _ids(several),
        "abstract": text,
        "formulas": tuple(dict.fromkeys(formula for record in several for formula in record.formulas)),
        "keywords": _union(several),
        "track": _first(several, lambda record: record.track),
        **_presented_at(several),
        "fields": {name: typed for record in reversed(several) for name, typed in record.fields.items()},
        "language": next((record.language for record in several if record.language), None),
        "publisher": _first(several, lambda record: record.publisher),
        "editors": max((record.editors for record in several), key=len),
        "permission": permission,
        "embargo_until": max((record.embargo_until for record in several if record.embargo_until), default=None),
        "status": min((record.status for record in several), key=_STATUSES.index),
    }
    merged = structs.replace(first, **fields)
    return structs.replace(merged, id=record_id(merged))


def _first(several: Sequence[Record], field: Callable[[Record], str]) -> str:
    return next((text for record in several if (text := field(record))), "")


def _presented_at(several: Sequence[Record]) -> dict[str, str | None]:
    """When and where it was presented. The hours are those of one source, and its room before that of others."""
    timed = max(several, key=lambda record: (bool(record.begins), bool(record.ends)))  # the first of the best
    in_order = [timed, *several]
    return {
        "session": _first(in_order, lambda record: record.session),
        "room": _first(in_order, lambda record: record.room),
        "begins": timed.begins,
        "ends": timed.ends,
    }


def _institutions(several: Sequence[Record], affiliations: Sequence[RichText]) -> tuple[Institution, ...]:
    """The parts of these affiliations, from the first record that has them for the same text."""
    known: dict[RichText, Institution] = {}
    for record in several:
        for one in record.institutions:
            known.setdefault(record.affiliations[one.affiliation - 1], one)
    return tuple(structs.replace(known[text], affiliation=n) for n, text in enumerate(affiliations, 1) if text in known)


def _type_rank(name: str) -> int:
    return _TYPES.index(name) if name in _TYPES else len(_TYPES)


def _placed(record: Record) -> int:
    """How completely it says where it was printed: these three belong together (``32``, ``15``, ``Suppl``)."""
    part = VolumePart.of(record.issue, record.supplement)
    return 2 * bool(record.volume) + (part.supplement is not None or part.issue is not None)


def _title_worth(title: RichText) -> tuple[bool, bool, bool, bool]:
    text = title.plain
    return (
        not _PLACEHOLDER.fullmatch(text),
        not text.rstrip().endswith(("…", "...")),
        not text.isupper(),
        any(not isinstance(node, str) for node in title.nodes),
    )


def _people(several: Sequence[Record]) -> tuple[tuple[Person, ...], bool, tuple[RichText, ...]]:
    """The longest list of authors, with full given names and ORCID iDs of the same people, and its affiliations."""

    def worth(record: Record) -> tuple[int, bool, int, bool]:
        people = record.authors
        tied = any(person.affiliations for person in people)
        return len(people), not record.authors_truncated, sum(bool(person.given) for person in people), tied

    best = max(several, key=worth)
    lists = [record for record in several if record is not best and record.authors]
    authors, affiliations = list(best.authors), best.affiliations
    if not affiliations:
        for record in lists:
            as_many = record.affiliations and len(record.authors) == len(authors)
            if as_many and all(map(_is_same_person, authors, record.authors)):
                affiliations = record.affiliations
                authors = [
                    structs.replace(mine, affiliations=theirs.affiliations)
                    for mine, theirs in zip(authors, record.authors, strict=True)
                ]
                break
    for record in lists:
        if len(record.authors) > len(authors) or not all(map(_is_same_person, authors, record.authors)):
            continue  # another order or other people: nobody gets somebody else's first name
        for n, theirs in enumerate(record.authors):
            mine = authors[n]
            given = theirs.given if len(theirs.given) > len(mine.given) else mine.given
            initials = mine.initials or ("" if given else theirs.initials)
            if given and not mine.given and initials == structs.replace(theirs, initials="").initial_letters:
                initials = ""  # they are used where given names are not known
            authors[n] = structs.replace(
                mine,
                given=given,
                initials=initials,
                suffix=mine.suffix or theirs.suffix,
                orcid=mine.orcid or theirs.orcid,
            )
    return tuple(authors), best.authors_truncated, affiliations


def _is_same_person(one: Person, other: Person) -> bool:
    if one.literal or other.literal:
        return one.literal == other.literal
    if fold(one.family_name) != fold(other.family_name):
        return False
    a, b = fold(one.initial_letters), fold(other.initial_letters)
    if not (a.startswith(b) or b.startswith(a)):
        return False
    given, second = flat(one.given).split(), flat(other.given).split()
    return all(len(x) < 3 or len(y) < 3 or x[0] != y[0] or x == y for x, y in zip(given, second, strict=False)) or (
        fold(one.given) == fold(other.given)
    )


def _most_precise(dates: Sequence[PartialDate]) -> PartialDate | None:
    """The first date, as precisely as one that agrees with it says."""
    if not dates:
        return None
    shared = len(dates[0].parts)
    agreeing = [date for date in dates if date.parts[:shared] == dates[0].parts]
    return max(agreeing, key=lambda date: len(date.parts))


def _meeting(several: Sequence[Record]) -> Meeting | None:
    """The meeting with the most details, with what others say about the same one."""
    meetings = [record.meeting for record in several if record.meeting]
    if not meetings:
        return None

    def details(meeting: Meeting) -> tuple[int, int, bool, int]:
        days = sum(len(date.parts) for date in (meeting.start, meeting.end) if date)
        return bool(meeting.society) + bool(meeting.place), days, meeting.name != meeting.society, len(meeting.name)

    best = max(meetings, key=details)
    for other in meetings:
        if best.start and other.start and best.start.year != other.start.year:
            continue
        best = structs.replace(
            best,
            name=other.name if best.name == best.society else best.name,
            society=best.society or other.society,
            place=best.place or other.place,
            start=best.start or other.start,
            end=best.end if best.start else other.end,
        )
    return best


def _ids(several: Sequence[Record]) -> Ids:
    found: dict[str, Any] = {}
    for name in ("doi", "pmid", "pmcid", "nbk", "isbn", "url"):
        found[name] = next((value for record in several if (value := getattr(record.ids, name))), None)
    return Ids(**found).with_registrations(name for record in several for name in record.ids.registrations)


def _text(several: Sequence[Record]) -> tuple[tuple[AbstractPart, ...], Permission]:
    """The abstract, and whether it may be printed.

    Of complete texts the one that may be printed is taken, then the one in labelled parts, then the longest. Where
    several sources have the same text, what one of them allows is allowed, unless another one forbids it.
    """
    having = [record for record in several if record.abstract]
    if not having:
        return (), min((record.permission for record in several), key=_PERMISSIONS.index)
    words = [" ".join(_words_of(record.abstract)) for record in having]
    whole = 0.8 * max(map(len, words))

    def worth(n: int) -> tuple[bool, int, bool, bool, bool, int]:
        parts, long = having[n].abstract, len(words[n]) >= whole
        piece = not long and any(len(other) > len(words[n]) and words[n] in other for other in words)
        marked = any(not isinstance(node, str) for part in parts for node in part.text.nodes)
        leave = _PERMISSIONS.index(permissions[n])
        return not piece, leave, long, any(part.label for part in parts), marked, len(words[n])

    permissions: list[Permission] = []
    for text in words:
        given = [
            _PERMISSIONS.index(record.permission) for record, other in zip(having, words, strict=True) if other == text
        ]
        permissions.append(_PERMISSIONS[max(given) if min(given) else 0])
    best = max(range(len(having)), key=worth)
    return having[best].abstract, permissions[best]


# --- Texts that contradict each other --------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"\d+(?:[.,·]\d+)*|[^\W\d_]+")
_LONGEST: Final = 800  # words that are compared: a text of a million would take minutes
_NEGATIONS: Final = frozenset({"no", "not", "non", "without", "never", "neither", "nor"})


def _words_of(parts: Iterable[AbstractPart]) -> list[str]:
    """The words and numbers of a text with its labels: ``.05``, ``0.05`` and ``0·05`` are one."""
    text = flat(" ".join(f"{part.label or ''} {part.text.plain}" for part in parts))
    text = re.sub(r"(?<![\d.,·])[.·](?=\d)", "0.", text)
    return [token.replace("·", ".").replace(",", "") if token[0].isdigit() else token for token in _TOKEN.findall(text)]


def disagreement(one: Record, other: Record) -> str:
    """Where the abstracts of two records of the same thing contradict each other, for people; empty if they do not.

    Numbers and negations count, and so do texts that have next to nothing in common. Other words are spelt in many
    ways, and one text may be part of the other.
    """
    first, second = (_words_of(record.abstract)[:_LONGEST] for record in (one, other))
    if not first or not second or sorted(first) == sorted(second):
        return ""
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks())
    if shared < 0.3 * min(len(first), len(second)):
        return f"“{' '.join(first[:6])} …” and “{' '.join(second[:6])} …”"
    for tag, a, b, c, d in matcher.get_opcodes():
        mine, theirs = first[a:b], second[c:d]
        numbers = [[word for word in words if word[0].isdigit()] for words in (mine, theirs)]
        negated = [_NEGATIONS & set(words) for words in (mine, theirs)]
        within = a > 0 and b < len(first) and c > 0 and d < len(second) and (b - a) + (d - c) < 6
        if (tag == "replace" and all(numbers) and numbers[0] != numbers[1]) or (within and negated[0] != negated[1]):
            shown = [" ".join(words[max(0, x - 2) : y + 2]) for words, x, y in ((first, a, b), (second, c, d))]
            return " and ".join(f"“{text[:60]}”" for text in shown)
    return ""


def _union(several: Sequence[Record]) -> tuple[str, ...]:
    words: dict[str, str] = {}
    for record in several:
        for word in record.keywords:
            words.setdefault(fold(word) or word, word)
    return tuple(words.values())
