"""Finds what somebody means: the one record that a name leads to, or the records that fit a query."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final

from digest.errors import DigestError, did_you_mean
from digest.library.query import Query, phrase, snippet
from digest.library.tables import hash_of, highlights_of, holds_source, is_gone, record_in, sound
from digest.library.values import Hit
from digest.merge import flat, fold
from digest.query import tokens_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from digest.library.tables import Connection
    from digest.model import PartialDate

# --- One record ------------------------------------------------------------------------------------------------------


def number_of(connection: Connection, text: str, where: str, show: Callable[[str], None] | None = None) -> int:
    """The number of the record that somebody means by this text.

    Args:
        connection: the library.
        text: an id or a former one, a DOI, PMID or PMCID in any spelling, or an abstract number, each of them whole;
            or the beginning of an id that only one record has.
        where: the library's file, for messages.
        show: is given, in words, which record a beginning was taken for; none: beginnings are refused.

    Raises:
        DigestError: no record matches, or more than one does.
    """
    text = sound(text)
    if (n := _number_by_id(connection, text)) is not None:
        return n
    if not text:
        raise DigestError("no id was given", where=where, todo="digest search finds ids")
    found = _whole(connection, text)
    if not found and show and (found := _beginning(connection, text)) and len(found) == 1:
        show(f"“{text}” is the beginning of {_named(connection, found[0])}")
    if len(found) == 1:
        return found[0]
    if found:
        shown = "; ".join(_named(connection, n) for n in found[:_MOST_NAMED])
        more = "; …" if len(found) > _MOST_NAMED else ""
        raise DigestError(f"“{text}” may be more than one record: {shown}{more}", where=where, todo="give the whole id")
    near = _near(connection, text)
    listed = f"; near it: {'; '.join(near)}" if near else ""
    raise DigestError(f"there is no record “{text}”{listed}", where=where, todo="digest search finds ids")


def exact_number(connection: Connection, id_: str) -> int | None:
    """The number of the one record that has or had this id, or the identifier in it; nothing where there is none."""
    id_ = sound(id_)
    n = _number_by_id(connection, id_)
    if n is None and id_.partition(":")[0] in _SPELLINGS:
        rows = connection.execute("SELECT record FROM keys WHERE hash = ? LIMIT 2", (hash_of(id_),)).fetchall()
        return int(rows[0][0]) if len(rows) == 1 else None
    return n


def _number_by_id(connection: Connection, id_: str) -> int | None:
    row = connection.execute(
        "SELECT n FROM records WHERE id = ?1 UNION ALL SELECT record FROM aliases WHERE id = ?1", (id_,)
    ).fetchone()
    return int(row[0]) if row else None


def _whole(connection: Connection, text: str) -> list[int]:
    """The records of which this text is an identifier in any spelling, or the abstract number, and nothing less."""
    found: dict[int, None] = {}
    for kind, pattern in _SPELLINGS.items():
        if match := pattern.fullmatch(text):
            name = f"{kind}:{_canonical(kind, match[1])}"
            own = connection.execute("SELECT n FROM records WHERE id = ?", (name,)).fetchall()
            known = own or connection.execute(
                "SELECT record FROM keys WHERE hash = ? ORDER BY record LIMIT 6", (hash_of(name),)
            )
            found.update((int(row[0]), None) for row in known)
    if found and not text.isdecimal():  # digits alone may be a PMID, and an abstract's number as well
        return list(found)
    if number := fold(text):
        rows = connection.execute("SELECT n FROM records WHERE number = ? AND number <> '' LIMIT 100", (number,))
        asked = number_parts(text)
        found.update((n, None) for (n,) in rows.fetchall() if number_parts(record_in(connection, n).number) == asked)
    return list(found)[:_MOST_FOUND]


def number_parts(text: str) -> list[str]:
    """What an abstract's number consists of, however it is written: ``P-56``, ``#p56`` are one, ``P5.6`` is another."""
    return re.findall(r"\d+|[^\W\d_]+", flat(text))


def _beginning(connection: Connection, text: str) -> list[int]:
    """The records whose ids begin with this text; a number is never completed: ``…e151`` is not ``…e15166``."""
    found: dict[int, None] = {}
    starts = (text, text.lower(), f"doi:{text.lower()}") if ":" in text or text.startswith("10.") else ()
    for start in dict.fromkeys(starts):
        rows = connection.execute(
            "SELECT n, id FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 300", (start, start + _LAST)
        )
        for n, id_ in rows:
            within = start[-1].isdigit() and id_[len(start)].isdigit() and not id_.startswith("sha256:")
            if id_.partition(":")[2] and len(start) > len(id_.partition(":")[0]) + 1 and not within:
                found[int(n)] = None
    return list(found)[:_MOST_FOUND]


def _named(connection: Connection, n: int) -> str:
    """A record for people: its id, number and title."""
    record = record_in(connection, n)
    title = record.title.plain
    shown = title if len(title) < 50 else title[:49].rstrip() + "…"
    return f"{record.id} ({record.number} “{shown}”)" if record.number else f"{record.id} (“{shown}”)"


def _near(connection: Connection, text: str) -> list[str]:
    """Numbers and ids that begin like this text, the nearest first."""
    number = fold(text)
    rows: list[tuple[str, str]] = []
    for start in (text[:6], f"doi:{text.lower()}"[: max(16, len(text))]):  # what DOIs of one registrant have in common
        rows += connection.execute(
            "SELECT id, number FROM records WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT 300", (start, start + _LAST)
        )
    rows += connection.execute(
        "SELECT id, number FROM records WHERE number <> '' AND number >= ?1 AND number < ?2 ORDER BY number LIMIT 300",
        (number[:1], number[:1] + _LAST),
    ).fetchall()
    known: dict[str, str] = {}  # what may be typed, folded, and the id
    for id_, own in rows:
        known.setdefault(own or id_.lower(), id_)
        known.setdefault(id_.lower(), id_)
    asked = [number, text.lower(), f"doi:{text.lower()}"]
    longer = [name for name in known if number and name.startswith(tuple(filter(None, asked)))]
    longer.sort(key=lambda name: (len(name), name))
    near = [name for one in asked for name in difflib.get_close_matches(one, known, n=_MOST_NAMED, cutoff=0.6)]
    ids = dict.fromkeys(known[name] for name in (*longer, *near))
    return [_named(connection, n) for id_ in list(ids)[:3] if (n := _number_by_id(connection, id_)) is not None]


_MOST_FOUND: Final = 6
_MOST_NAMED: Final = 5
_LAST: Final = "\U0010ffff"  # sorts after every other character
_SPELLINGS: Final = {
    "doi": re.compile(r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:?\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE),
    "pmid": re.compile(
        r"(?:pmid:?\s*|pubmed:?\s*|https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|www\.ncbi\.nlm\.nih\.gov/pubmed)/)?0*([1-9]\d{0,8})/?",
        re.IGNORECASE,
    ),
    "pmcid": re.compile(r"(?:pmcid:?\s*|https?://\S{1,60}/articles/)?(?:pmc)(\d+)/?", re.IGNORECASE),
}


def _canonical(kind: str, name: str) -> str:
    return {"doi": name.lower().rstrip(".,;"), "pmid": name, "pmcid": f"PMC{name}"}[kind]


# --- Those that fit --------------------------------------------------------------------------------------------------

_HEAD: Final = ("title", "authors", "keywords", "number", "ids", "track")


def check_source(connection: Connection, source: str, where: str) -> None:
    """Makes sure that something has come from a source, and was not removed.

    Raises:
        DigestError: nothing has.
    """
    if not holds_source(connection, source):
        known = [
            row[0]
            for row in connection.execute("SELECT DISTINCT source FROM origins WHERE record <> 0 ORDER BY source")
        ]
        raise DigestError(
            f"no record is from a source “{source}”{did_you_mean(source, known)}",
            where=where,
            expected=f"one of {', '.join(known[:20])}" if known else "records in the library",
        )


def search(
    connection: Connection,
    query: str,
    *,
    limit: int | None,
    since: PartialDate | None,
    until: PartialDate | None,
    track: str,
    source: str,
    where: str,
) -> list[Hit]:
    """The records that fit; see `digest.library.Library.search`.

    Args:
        connection: the library.
        query: what somebody typed.
        limit: how many at most; nothing for all.
        since: leaves out what is certainly older.
        until: leaves out what is certainly newer.
        track: a word or phrase of the track.
        source: name of a source that has it.
        where: the library's file, for messages.

    Raises:
        DigestError: the query is too long or too deep, or the source is unknown.
    """
    if source:
        check_source(connection, source, where)
    asked = read_query(connection, query)
    match = asked.match
    if track and (words := phrase(track)):
        match = f"({match}) AND track : {words}" if match else f"track : {words}"
    conditions, values = _conditions(asked, since, until, source)
    most = -1 if limit is None else max(limit, 0)
    if match:
        excluded = f" NOT ({asked.excluded})" if asked.excluded else ""
        best = _best(connection, match, excluded, conditions, values, most, broad=asked.broad)
        return [_hit(connection, n, score, asked.words) for n, score in best]
    if asked.excluded:
        conditions += " AND r.n NOT IN (SELECT rowid FROM words WHERE words MATCH ?)"
        values.append(asked.excluded)
    statement = f"SELECT r.n FROM records r WHERE 1{conditions} ORDER BY r.date DESC, r.n DESC LIMIT ?"  # noqa: S608 - the conditions are ours, what was typed is bound
    rows = connection.execute(statement, (*values, most)).fetchall()
    return [_hit(connection, row[0], 0.0, ()) for row in rows]


def read_query(connection: Connection, query: str) -> Query:
    """A query, with those other forms of its words that the library has."""
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, words, row)")

    def known(words: Sequence[str], begin: bool) -> list[str]:
        statement = f"SELECT 1 FROM temp.vocabulary WHERE term >= ? AND term {'<' if begin else '<='} ? LIMIT 1"  # noqa: S608 - no part of it was typed
        return [
            word for word in words if connection.execute(statement, (word, word + _LAST if begin else word)).fetchone()
        ]

    return Query.read(query, known)


def offers(connection: Connection, query: str) -> list[tuple[str, int]]:
    """Queries that differ from this one in a word and find something, each with how many records it finds."""
    found: dict[str, int] = {}
    for token in tokens_of(query):
        word = token["word"]
        if not word or token["no"] or len(word) < 2 or not word.rstrip("*").isalpha() or word in {"OR", "AND", "NOT"}:
            continue
        plain = flat(word.rstrip("*"))
        rows = connection.execute(
            "SELECT term, doc FROM temp.vocabulary WHERE term >= ?1 AND term < ?1 || ?2 AND length(term) <= ?3"
            " ORDER BY doc DESC LIMIT 2000",
            (plain[:2], _LAST, _LONGEST_WORD),
        ).fetchall()
        terms = [term for term, _ in rows if term.startswith(plain) and term != plain][:_MOST_OFFERED]
        near = difflib.get_close_matches(plain, [term for term, _ in rows], n=3, cutoff=0.75)
        for term in dict.fromkeys((*near, *terms)):
            other = query[: token.start("word")] + term + query[token.end("word") :]
            asked = read_query(connection, other)
            if term != plain and asked.match:
                excluded = f" NOT ({asked.excluded})" if asked.excluded else ""
                statement = "SELECT count(*) FROM words WHERE words MATCH ?"
                if count := connection.execute(statement, (asked.match + excluded,)).fetchone()[0]:
                    found[other] = count
    return sorted(found.items(), key=lambda pair: -pair[1])[:_MOST_NAMED]


_MOST_OFFERED: Final = 20
_LONGEST_WORD: Final = 60  # letters; what is longer was not typed by anybody


def _conditions(
    asked: Query, since: PartialDate | None, until: PartialDate | None, source: str
) -> tuple[str, list[object]]:
    """Conditions on the record, each after an ``AND``, and the values that they are bound to."""
    conditions: list[str] = []
    values: list[object] = []
    date = "coalesce(nullif(r.date, ''), r.seen)"
    for first, last in asked.years:
        conditions.append("substr(r.date, 1, 4) BETWEEN ? AND ?")
        values += [f"{first:04d}", f"{last:04d}"]
    if since:
        conditions.append(f"substr(?, 1, length({date})) <= substr({date}, 1, ?)")
        values += [str(since), len(str(since))]
    if until:
        conditions.append(f"substr({date}, 1, ?) <= substr(?, 1, length({date}))")
        values += [len(str(until)), str(until)]
    if source:
        conditions.append("EXISTS (SELECT 1 FROM origins o WHERE o.record = r.n AND o.source = ?)")
        values.append(sound(source))
    return "".join(f" AND {condition}" for condition in conditions), values


def _best(
    connection: Connection,
    match: str,
    excluded: str,
    conditions: str,
    values: Sequence[object],
    most: int,
    *,
    broad: bool,
) -> list[tuple[int, float]]:
    """The numbers of the best records with their scores, at most `most`, or all where that is -1.

    In two steps, for people and for speed: “patients” is in four of five abstracts, and to rank 80,000 takes 200 ms;
    those that have it in the title come first, and usually are enough. “pa*” is in nearly every record: none is better
    than the rest, and to rank 100,000 takes 90 ms.
    """
    order = "words.rowid DESC" if broad else "words.rank"
    rank_of = "0.0" if broad else "words.rank"
    found: dict[int, float] = {}
    for columns in ("",) if broad else (f"{{{' '.join(_HEAD)}}} : ", ""):
        if 0 <= most <= len(found):
            break
        matched = f"{columns}({match}){excluded}"
        room = most if most < 0 else most + len(found)  # the second step finds those of the first again
        if conditions:
            statement = (
                f"SELECT words.rowid, {rank_of} FROM words CROSS JOIN records r ON r.n = words.rowid"  # noqa: S608 - the same
                f" WHERE words MATCH ?{conditions} ORDER BY {order} LIMIT ?"
            )
        else:  # FTS5 sorts by itself, and keeps only the best
            statement = f"SELECT rowid, {rank_of} FROM words WHERE words MATCH ? ORDER BY {order} LIMIT ?"  # noqa: S608 - the same
        for n, rank in connection.execute(statement, (matched, *values, room)).fetchall():
            found.setdefault(n, -rank)
    return list(found.items()) if most < 0 else list(found.items())[:most]


def _hit(connection: Connection, n: int, score: float, words: Sequence[str]) -> Hit:
    record = record_in(connection, n)
    abstract = " ".join(part.text.plain for part in record.abstract)
    return Hit(
        id=record.id or "",
        record=record,
        score=round(score, 6),
        gone=is_gone(connection, n),
        snippet=snippet(abstract, words),
        highlighted=highlights_of(connection, n),
    )
