"""The library: one SQLite file that takes records in, keeps where each came from, and gives merged ones out.

Every arrival is kept as an *origin*, with its bytes; a *record* is what `digest.merge.combine` makes of its origins. So
a merge can be undone, and nothing that came in is lost by one. All writing is done in transactions that begin
``IMMEDIATE``: a process that is killed leaves the state before or after one, and two processes wait for each other.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import re
import sqlite3
import time
import unicodedata
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Final, Self

import msgspec
from msgspec import Struct, structs

from digest.errors import DigestError, Problem, did_you_mean
from digest.merge import alike, combine, disagreement, encore, flat, fold, is_generic, keys, possible_ids, same
from digest.model import PartialDate, Record
from digest.records import decode, encode
from digest.sources.page import Deleted, Outcome, Parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from digest.merge import Merge


# --- What comes out --------------------------------------------------------------------------------------------------


class Arrival(Struct, frozen=True, kw_only=True):
    """One origin of a record: what one source says, and when it was seen there.

    Attributes:
        n: its number in the library, for `Library.raw`.
        source: name of the source.
        identifier: the name under which the source knows the record, or else what it is known by.
        where: file or address.
        format: format that it was read from.
        sha256: checksum of its bytes.
        first_seen: day of the first arrival.
        last_seen: day on which it was last seen.
        withdrawn: whether the source has taken it back.
        gone: whether the source, when it was last read to its end, did not hold it any more.
        record: the record as this source tells it.
    """

    n: int
    source: str
    identifier: str
    where: str
    format: str
    sha256: str
    first_seen: PartialDate
    last_seen: PartialDate
    withdrawn: bool
    gone: bool
    record: Record


class Merged(Struct, frozen=True, kw_only=True):
    """A merge that was made.

    Attributes:
        id: id of the record.
        joined: what was joined to it: ``source identifier`` of an arrival, or the former id of a record.
        reason: why, for people.
        key: what they share.
        fields: fields of the record that changed by it.
        day: when.
        undone: whether somebody has split them again.
        former_id: the id that the record had before, where that changed by it; told when the merge is made.
    """

    id: str
    joined: str
    reason: str
    key: str
    fields: tuple[str, ...] = ()
    day: PartialDate | None = None
    undone: bool = False
    former_id: str = ""


class Changed(Struct, frozen=True, kw_only=True):
    """A record of which a source now says something else.

    Attributes:
        id: id of the record.
        fields: fields of the merged record that changed; none where the others' word counts.
        former_id: the id that it had before, where that changed.
    """

    id: str
    fields: tuple[str, ...]
    former_id: str = ""


class Link(Struct, frozen=True, kw_only=True):
    """Two records that tell of the same study, and are not merged.

    Attributes:
        id: one of them.
        other: the other one.
        reason: why, for people.
    """

    id: str
    other: str
    reason: str


class Highlight(Struct, frozen=True, kw_only=True):
    """That a record stands in an issue.

    Attributes:
        issue: name of the issue.
        date: its date.
    """

    issue: str
    date: PartialDate


class Stored(Struct, frozen=True, kw_only=True):
    """Everything that the library knows of one record.

    Attributes:
        record: the record, merged from its origins.
        origins: its arrivals, the first one first.
        merges: the merges that made it one.
        links: other records of the same study.
        highlighted: issues in which it stands.
        former_ids: ids that it had before; they still lead to it.
    """

    record: Record
    origins: tuple[Arrival, ...]
    merges: tuple[Merged, ...] = ()
    links: tuple[Link, ...] = ()
    highlighted: tuple[Highlight, ...] = ()
    former_ids: tuple[str, ...] = ()


class Hit(Struct, frozen=True, kw_only=True):
    """One record that was found.

    Attributes:
        id: its id.
        record: the record.
        score: how well it fits; more is better.
        gone: whether no source holds it any more.
        snippet: the place in the abstract where a word of the query stands, plain text.
        highlighted: issues in which it stands already.
    """

    id: str
    record: Record
    score: float
    gone: bool
    snippet: str
    highlighted: tuple[Highlight, ...] = ()


MOST_TOLD: Final = 1000


class Report(Struct, kw_only=True):
    """What collecting one source gave: what came in is new, merged, changed, unchanged, deleted or refused.

    Attributes:
        source: name of the source.
        new: how many records are new.
        merged: how many arrivals were joined to a record that was there.
        changed: how many arrivals differ from what their source said before.
        unchanged: how many arrivals say what they said before.
        deleted: how many names their source has taken back.
        gone: how many arrivals a source that was read to its end does not hold any more.
        unknown: how many were taken back that never came in.
        refused: how many were no records (problems of level ``error``).
        new_ids: ids of the first 1,000 new records.
        merges: the first 1,000 merges that were made, with their reasons.
        changes: the first 1,000 records that changed, with their fields.
        deletions: ids of the first 1,000 records that were taken back.
        gone_ids: ids of the first 1,000 records that no source holds any more.
        links: the first 1,000 records of the same study that were found.
        problems: the first 1,000 problems, also those of records that came in.
        levels: the levels of all problems.
        stopped: the error that ended the reading before its end; what came before is stored.
    """

    source: str
    new: int = 0
    merged: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    unknown: int = 0
    refused: int = 0
    gone: int = 0
    new_ids: list[str] = []
    merges: list[Merged] = []
    changes: list[Changed] = []
    deletions: list[str] = []
    gone_ids: list[str] = []
    links: list[Link] = []
    problems: list[Problem] = []
    levels: set[str] = set()
    stopped: DigestError | None = None

    @property
    def arrived(self) -> int:
        """How many arrivals there were, whatever became of them."""
        return self.new + self.merged + self.changed + self.unchanged + self.deleted + self.unknown + self.refused

    def add(self, other: Report) -> None:
        """Takes in what a part of the same source gave."""
        for name in ("new", "merged", "changed", "unchanged", "deleted", "unknown", "refused", "gone"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("new_ids", "gone_ids", "merges", "changes", "deletions", "links", "problems"):
            ours = getattr(self, name)
            ours += getattr(other, name)[: MOST_TOLD - len(ours)]
        self.levels |= {problem.level for problem in other.problems} | other.levels


_FIELDS: Final = tuple(name for name in Record.__struct_fields__ if name not in {"id", "origin"})


def _differing(before: Record, after: Record) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if getattr(before, name) != getattr(after, name))


def _sound(text: str) -> str:
    """The text without halves of characters, which SQLite does not take."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _hash(key: str) -> int:
    """64 bits of a key: SQLite's integers are small and fast; a clash costs one comparison, never a wrong merge."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


# --- The tables ------------------------------------------------------------------------------------------------------

_APPLICATION: Final = 0x44494753  # “DIGS”: tells our file from another program's
_COLUMNS: Final = {
    "title": 8.0, "authors": 4.0, "abstract": 1.0, "keywords": 4.0, "number": 8.0, "ids": 8.0, "container": 1.0,
    "meeting": 2.0, "track": 3.0, "affiliations": 1.0,
}  # fmt: skip


_FIRST_TABLES: Final = """
CREATE TABLE records(
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, date TEXT NOT NULL, number TEXT NOT NULL, seen TEXT NOT NULL,
    json BLOB NOT NULL);
CREATE INDEX records_by_number ON records(number) WHERE number <> '';
CREATE INDEX records_by_date ON records(date);
CREATE TABLE aliases(id TEXT PRIMARY KEY, record INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX aliases_by_record ON aliases(record);
CREATE TABLE origins(
    n INTEGER PRIMARY KEY, record INTEGER NOT NULL, source TEXT NOT NULL, identifier TEXT NOT NULL,
    place TEXT NOT NULL, format TEXT NOT NULL, sha256 BLOB NOT NULL, content BLOB NOT NULL,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, withdrawn INTEGER NOT NULL,
    json BLOB, -- empty where it is that of the record, which has no other origin
    raw BLOB NOT NULL, UNIQUE(source, identifier));
CREATE INDEX origins_by_record ON origins(record, source);
CREATE TABLE former(origin INTEGER NOT NULL, until TEXT NOT NULL, json BLOB NOT NULL, raw BLOB NOT NULL);
CREATE INDEX former_by_origin ON former(origin);
CREATE TABLE keys(hash INTEGER NOT NULL, record INTEGER NOT NULL, PRIMARY KEY(hash, record)) WITHOUT ROWID;
CREATE INDEX keys_by_record ON keys(record);
CREATE TABLE merges(
    n INTEGER PRIMARY KEY, record INTEGER NOT NULL, joined TEXT NOT NULL, reason TEXT NOT NULL, key TEXT NOT NULL,
    day TEXT NOT NULL, undone INTEGER NOT NULL DEFAULT 0);
CREATE INDEX merges_by_record ON merges(record);
CREATE TABLE apart(one INTEGER NOT NULL, other INTEGER NOT NULL, PRIMARY KEY(one, other)) WITHOUT ROWID;
CREATE TABLE links(
    one INTEGER NOT NULL, other INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(one, other)) WITHOUT ROWID;
CREATE INDEX links_by_other ON links(other);
CREATE TABLE highlighted(
    record INTEGER NOT NULL, issue TEXT NOT NULL, date TEXT NOT NULL, PRIMARY KEY(record, issue)) WITHOUT ROWID;
CREATE TABLE cursors(source TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID
"""
_WORDS_TABLE: Final = f"""
CREATE VIRTUAL TABLE words USING fts5(
    {", ".join(_COLUMNS)}, content='', tokenize="unicode61 remove_diacritics 2", prefix='2 3');
INSERT INTO words(words, rank) VALUES('rank', 'bm25({", ".join(map(str, _COLUMNS.values()))})');
INSERT INTO words(words, rank) VALUES('hashsize', 16777216)
"""


def _first_tables(connection: sqlite3.Connection) -> None:
    """Version 1."""
    for statement in _FIRST_TABLES.split(";\n"):  # `executescript` would commit
        connection.execute(statement)


_FILED: Final = f"INSERT INTO words(rowid, {', '.join(_COLUMNS)}) VALUES(?{', ?' * len(_COLUMNS)})"
_HEAD: Final = ("title", "authors", "keywords", "number", "ids", "track")


def _gone(connection: sqlite3.Connection) -> None:
    """Version 2: what a source that was read to its end did not hold any more."""
    connection.execute("ALTER TABLE origins ADD COLUMN gone INTEGER NOT NULL DEFAULT 0")


def _affiliations(connection: sqlite3.Connection) -> None:
    """Version 3: affiliations are searched too."""
    connection.execute("DROP TABLE IF EXISTS words")
    for statement in _WORDS_TABLE.split(";\n"):
        connection.execute(statement)
    rows = connection.execute("SELECT n, json FROM records ORDER BY n")
    connection.executemany(_FILED, ((n, *_words(decode(body))) for n, body in rows))


def _places(connection: sqlite3.Connection) -> None:
    """Version 4: under which name a file or address that is no source of ``digest.yaml`` is known."""
    connection.execute("CREATE TABLE places(name TEXT PRIMARY KEY, place TEXT NOT NULL UNIQUE) WITHOUT ROWID")


_MIGRATIONS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (_first_tables, _gone, _affiliations, _places)
_BATCH: Final = 1000
_RIVALS: Final = 5  # rows of one page with one title that are linked: a hundred “Case reports” need no web of links
_BATCH_BYTES: Final = 32 * 2**20
_PATIENCE: Final = 120.0  # seconds that a process waits for another one that writes
_PARTNERS: Final = 32  # looked at for one key: five thousand abstracts under one DOI must not cost 25 million looks


@contextlib.contextmanager
def _telling(path: Path) -> Iterator[None]:
    """What SQLite says, as a message that tells what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        where = str(path)
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            found, todo = "the library is damaged, or no library", "move it away and collect again: it can be rebuilt"
        elif name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            found = "the disk is full or does not take what is written"
            todo = "what was stored before is whole: make room and do it again"
        elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            found, todo = "another process is writing to the library for too long", "wait until it is done, or end it"
        elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
            found, todo = "the library cannot be opened or written here", "look at the folder and its permissions"
        else:
            raise
        raise DigestError(f"{found} ({error})", where=where, todo=todo) from error


class Library:
    """An open library; made by `open`, closed by leaving its ``with``."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path

    @classmethod
    def open(cls, path: Path, *, max_pages: int | None = None) -> Self:
        """The library in this file, made where there is none.

        Args:
            path: the file.
            max_pages: how many pages of 4 KiB the file may have at most.

        Raises:
            DigestError: it is no library, is damaged, is from a newer version, or cannot be written.
        """
        with _telling(path):
            connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
            try:
                _prepare(connection, path)
                if max_pages is not None:
                    connection.execute(f"PRAGMA max_page_count = {int(max_pages)}")
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One that is written whole or not at all."""
        with _telling(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself has taken back what a full disk did not hold
                    self._connection.execute("ROLLBACK")
                raise

    # --- Records in ---

    def collect(
        self,
        outcomes: Iterable[Outcome],
        *,
        source: str,
        today: PartialDate,
        part: str = "",
        cursor: str | None = None,
        tell: Callable[[Report], None] | None = None,
    ) -> Report:
        """Takes in what was read from a source, and tells what became of each.

        The outcomes are taken as they come, a thousand to a transaction; the cursor is stored with the last of them.
        When reading them raises a `DigestError`, what came before is stored, the cursor is not, and the report says so.

        Args:
            outcomes: what a parser yields.
            source: name of the source.
            today: the day, for telling when something was first and last seen.
            part: the file, in a source of several: each has names of its own for what it holds.
            cursor: from where to go on next time.
            tell: is given what became of each thousand arrivals; the report counts all and keeps the first of them.

        Raises:
            DigestError: the library cannot be written; what was stored before is whole.
        """
        report = Report(source=source)
        reading = _Reading()
        arriving = iter(outcomes)
        more = True
        while more:
            pending: list[Outcome] = []
            size = 0
            more = False
            try:
                for outcome in arriving:
                    pending.append(outcome)
                    size += len(outcome.raw) if isinstance(outcome, Parsed) else 0
                    if len(pending) >= _BATCH or size > _BATCH_BYTES:
                        more = True
                        break
            except DigestError as error:
                report.stopped = error
            except BaseException:
                self._store(pending, source, today, part, None, reading)
                raise
            ended = not more and report.stopped is None
            stored = self._store(pending, source, today, part, cursor if ended else None, reading)
            if tell:
                tell(stored)
            report.add(stored)
        return report

    def _store(
        self,
        outcomes: Sequence[Outcome],
        source: str,
        today: PartialDate,
        part: str,
        cursor: str | None,
        reading: _Reading,
    ) -> Report:
        source = _sound(source)
        with self._transaction() as connection:
            desk = _Desk(connection, source, today, _sound(part), reading)
            desk.take_all(outcomes)
            desk.finish()
            if cursor is not None:
                connection.execute("INSERT OR REPLACE INTO cursors VALUES(?, ?)", (source, cursor))
        return desk.report

    def begin(self) -> None:
        """Begins to note what comes in, for `end`."""
        with _telling(self.path):
            self._connection.execute("CREATE TEMP TABLE IF NOT EXISTS seen(origin INTEGER PRIMARY KEY)")
            self._connection.execute("DELETE FROM seen")

    def end(self, source: str, today: PartialDate) -> Report:
        """Marks what has not come in since `begin` as gone from a source that was read to its end.

        It stays in the library, and is as before when it comes again.
        """
        with self._transaction() as connection:
            desk = _Desk(connection, _sound(source), today, "")
            desk.mark_gone()
            desk.finish()
        return desk.report

    def name_of(self, place: str, name: str, taken: Iterable[str] = ()) -> str:
        """The name of the source that a file or address is: the same each time, and no other's.

        Two files called ``programme.csv`` are two sources: what the second does not hold is not gone from the first.

        Args:
            place: the address, or the path from the library's folder.
            name: the name that it would like to have.
            taken: names that it cannot have.
        """
        place, taken = _sound(place), set(taken)
        with self._transaction() as connection:
            row = connection.execute("SELECT name FROM places WHERE place = ?", (place,)).fetchone()
            if row and row[0] not in taken:
                return str(row[0])
            connection.execute("DELETE FROM places WHERE place = ?", (place,))
            given, n = name, 1
            while given in taken or connection.execute("SELECT 1 FROM places WHERE name = ?", (given,)).fetchone():
                n += 1
                given = f"{name}-{n}"
            connection.execute("INSERT INTO places VALUES(?, ?)", (given, place))
            return given

    def cursor(self, source: str) -> str | None:
        """From where reading this source goes on; nothing where it begins anew."""
        with _telling(self.path):
            row = self._connection.execute("SELECT cursor FROM cursors WHERE source = ?", (source,)).fetchone()
        return row[0] if row else None

    def set_cursor(self, source: str, cursor: str | None) -> None:
        """Keeps from where reading this source goes on."""
        with self._transaction() as connection:
            if cursor is None:
                connection.execute("DELETE FROM cursors WHERE source = ?", (source,))
            else:
                connection.execute("INSERT OR REPLACE INTO cursors VALUES(?, ?)", (source, cursor))

    # --- Records out ---

    def __len__(self) -> int:
        with _telling(self.path):
            return int(self._connection.execute("SELECT count(*) FROM records").fetchone()[0])

    def all(self) -> Iterator[Record]:
        """Every record, the first that came in first; also while others write."""
        last = 0
        while True:
            with _telling(self.path):
                rows = self._connection.execute(
                    "SELECT n, json FROM records WHERE n > ? ORDER BY n LIMIT 500", (last,)
                ).fetchall()
            if not rows:
                return
            for n, body in rows:
                last = n
                yield decode(body)

    def get(self, id: str) -> Stored:  # noqa: A002 - the field's word
        """Everything about one record.

        Args:
            id: its id or a former one, a DOI, PMID or PMCID in any spelling, its abstract number, or the beginning of
                one of these that only one record has.

        Raises:
            DigestError: there is no such record, or more than one.
        """
        with _telling(self.path):
            return self._stored(_found(self._connection, id.strip(), str(self.path)))

    def raw(self, arrival: Arrival) -> bytes:
        """The bytes from which an arrival was read."""
        with _telling(self.path):
            row = self._connection.execute("SELECT raw FROM origins WHERE n = ?", (arrival.n,)).fetchone()
        return zlib.decompress(row[0]) if row else b""

    def _stored(self, n: int) -> Stored:
        connection = self._connection
        body = connection.execute("SELECT json FROM records WHERE n = ?", (n,)).fetchone()[0]
        record = decode(body)
        links = connection.execute(
            "SELECT r.id, l.reason FROM links l JOIN records r ON r.n = l.one + l.other - ?1"
            " WHERE l.one = ?1 OR l.other = ?1 ORDER BY r.id",
            (n,),
        )
        former = connection.execute("SELECT id FROM aliases WHERE record = ? ORDER BY id", (n,))
        return Stored(
            record=record,
            origins=tuple(_arrivals(connection, n, record)),
            merges=tuple(self._merges("WHERE m.record = ?", n)),
            links=tuple(Link(id=record.id or "", other=other, reason=reason) for other, reason in links),
            highlighted=_highlights(connection, n),
            former_ids=tuple(row[0] for row in former),
        )

    # --- Merges ---

    def merges(self) -> Iterator[Merged]:
        """Every merge that was made, the latest first; those that were undone say so."""
        with _telling(self.path):
            return self._merges("")

    def _merges(self, condition: str, *values: object) -> Iterator[Merged]:
        rows = self._connection.execute(
            "SELECT r.id, m.joined, m.reason, m.key, m.day, m.undone FROM merges m JOIN records r ON r.n = m.record "  # noqa: S608 - the conditions are ours
            + condition
            + " ORDER BY m.n DESC",
            values,
        ).fetchall()
        for id_, joined, reason, key, day, undone in rows:
            yield Merged(id=id_, joined=joined, reason=reason, key=key, day=PartialDate.parse(day), undone=bool(undone))

    def split(self, id: str) -> tuple[str, ...]:  # noqa: A002 - the field's word
        """Undoes the merges of a record for good: each of its origins is a record of its own again.

        Returns:
            The ids of the records that it is now; the first keeps what is known of links and issues.

        Raises:
            DigestError: there is no such record, or it was never merged.
        """
        with self._transaction() as connection:
            n = _found(connection, id.strip(), str(self.path))
            origins = [row[0] for row in connection.execute("SELECT n FROM origins WHERE record = ? ORDER BY n", (n,))]
            if len(origins) < 2:
                raise DigestError(f"“{id}” was not merged: it has one origin", where=str(self.path))
            desk = _Desk(connection, "", PartialDate(1), "")
            desk.split(n, origins)
            desk.finish()
            found = connection.execute(
                "SELECT r.id FROM origins o JOIN records r ON r.n = o.record"  # noqa: S608 - numbers alone
                f" WHERE o.n IN ({', '.join('?' * len(origins))}) ORDER BY o.n",
                origins,
            )
            return tuple(row[0] for row in found)

    # --- Issues ---

    def mark_highlighted(self, ids: Iterable[str], issue: str, date: PartialDate, *, replace: bool = False) -> None:
        """Remembers that these records stand in an issue.

        Args:
            ids: as `get` takes them.
            issue: name of the issue.
            date: its date.
            replace: whether others that were marked for it before are not in it any more.

        Raises:
            DigestError: there is no such record; nothing was remembered.
        """
        with self._transaction() as connection:
            numbers = dict.fromkeys(_found(connection, id_.strip(), str(self.path)) for id_ in ids)
            if replace:
                connection.execute("DELETE FROM highlighted WHERE issue = ?", (issue,))
            connection.executemany(
                "INSERT OR REPLACE INTO highlighted VALUES(?, ?, ?)", [(n, issue, str(date)) for n in numbers]
            )

    def stand(self, issues: Mapping[str, tuple[PartialDate, Iterable[str]]]) -> None:
        """Brings what the library remembers of issues in line with what they hold; nothing is written where it is so.

        Args:
            issues: date of each issue and the ids of the records in it; those that the library does not know are none
                of its own.
        """
        with _telling(self.path):
            wanted = {
                (n, issue, str(date))
                for issue, (date, ids) in issues.items()
                for id_ in ids
                if (n := _exactly(self._connection, id_)) is not None
            }
            if wanted == set(self._connection.execute("SELECT record, issue, date FROM highlighted")):
                return
        with self._transaction() as connection:
            connection.execute("DELETE FROM highlighted")
            connection.executemany("INSERT OR REPLACE INTO highlighted VALUES(?, ?, ?)", sorted(wanted))

    def recognise(self, record: Record) -> bool:
        """Whether one record of the library alone is the same as this one, which is then known under its id, too."""
        with self._transaction() as connection:
            desk = _Desk(connection, "", PartialDate(1), "")
            found = [n for n, merge in desk.partners(record, keys(record)[1], None) if merge]
            if len(found) == 1 and record.id:
                connection.execute("INSERT OR IGNORE INTO aliases VALUES(?, ?)", (record.id, found[0]))
            return len(found) == 1

    def known(self, id: str) -> Record | None:  # noqa: A002 - the field's word
        """The record that has or had exactly this id, or the identifier in it; nothing where there is none."""
        with _telling(self.path):
            n = _exactly(self._connection, id)
            if n is None:
                return None
            return decode(self._connection.execute("SELECT json FROM records WHERE n = ?", (n,)).fetchone()[0])

    def holds(self, source: str) -> bool:
        """Whether anything has come from this source."""
        with _telling(self.path):
            row = self._connection.execute("SELECT 1 FROM origins WHERE source = ? LIMIT 1", (_sound(source),))
            return row.fetchone() is not None

    def parted(self) -> dict[str, set[str]]:
        """For each id of a record that was split, the ids of those that were one with it."""
        found: dict[str, set[str]] = {}
        with _telling(self.path):
            rows = self._connection.execute(
                "SELECT a.id, b.id FROM apart JOIN origins x ON x.n = apart.one JOIN origins y ON y.n = apart.other"
                " JOIN records a ON a.n = x.record JOIN records b ON b.n = y.record WHERE a.n <> b.n"
            ).fetchall()
        for one, other in rows:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        return found

    # --- Search ---

    def search(
        self,
        query: str,
        *,
        limit: int | None = 20,
        since: PartialDate | None = None,
        until: PartialDate | None = None,
        track: str = "",
        source: str = "",
    ) -> list[Hit]:
        """The records that fit, the best first; the newest first where the query names no words.

        Args:
            query: words that all must be there, in any order; ``"phrases"``; beginnings (``pancrea*``); ``OR``;
                ``-word`` for what must not be there; brackets; ``author:saif``, ``title:``, ``number:e15166``,
                ``track:``, ``meeting:``, ``journal:``, ``keyword:``, ``affiliation:``, ``doi:``, ``nct:``,
                ``year:2014``,
                ``year:2012-2014``. Capitals and accents do not matter.
            limit: how many at most; nothing for all.
            since: leaves out what is certainly older. What has no date counts by the day on which it was first seen.
            until: leaves out what is certainly newer.
            track: a word or phrase of the track.
            source: name of a source that has it.

        Raises:
            DigestError: the query is longer or deeper than anybody types, or there is no such source.
        """
        if (
            source
            and not self._connection.execute(
                "SELECT 1 FROM origins WHERE source = ? LIMIT 1", (_sound(source),)
            ).fetchone()
        ):
            known = [row[0] for row in self._connection.execute("SELECT DISTINCT source FROM origins ORDER BY source")]
            raise DigestError(
                f"no record is from a source “{source}”{did_you_mean(source, known)}", where=str(self.path),
                expected=f"one of {', '.join(known[:20])}" if known else "records in the library",
            )  # fmt: skip
        asked = _Query.read(query)
        match = asked.match
        if track and (words := _phrase(track)):
            match = f"({match}) AND track : {words}" if match else f"track : {words}"
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
            values.append(_sound(source))
        if asked.excluded and not match:
            conditions.append("r.n NOT IN (SELECT rowid FROM words WHERE words MATCH ?)")
            values.append(asked.excluded)
        where = "".join(f" AND {condition}" for condition in conditions)
        most = -1 if limit is None else max(limit, 0)
        with _telling(self.path):
            if not match:
                statement = f"SELECT r.n FROM records r WHERE 1{where} ORDER BY r.date DESC, r.n DESC LIMIT ?"  # noqa: S608 - the conditions are ours, what was typed is bound
                rows = self._connection.execute(statement, (*values, most)).fetchall()
                return [self._hit(row[0], 0.0, ()) for row in rows]
            # “pa*” stands in nearly every record: nothing is better than the rest, and to rank 100,000 takes 90 ms.
            order = "words.rowid DESC" if asked.broad else "words.rank"
            rank_of = "0.0" if asked.broad else "words.rank"
            # In two steps, for people and for speed: "patients" stands in four of five abstracts, and to rank 80,000
            # takes 200 ms; those that have it in the title come first, and mostly are enough.
            found: dict[int, float] = {}
            for columns in ("",) if asked.broad else (f"{{{' '.join(_HEAD)}}} : ", ""):
                if 0 <= most <= len(found):
                    break
                matched = f"{columns}({match})" + (f" NOT ({asked.excluded})" if asked.excluded else "")
                room = most if most < 0 else most + len(found)  # the second step finds those of the first again
                if conditions:
                    statement = (
                        f"SELECT words.rowid, {rank_of} FROM words CROSS JOIN records r ON r.n = words.rowid"  # noqa: S608 - the same
                        f" WHERE words MATCH ?{where} ORDER BY {order} LIMIT ?"
                    )
                else:  # FTS5 sorts by itself, and holds the best alone
                    statement = f"SELECT rowid, {rank_of} FROM words WHERE words MATCH ? ORDER BY {order} LIMIT ?"  # noqa: S608 - the same
                for n, rank in self._connection.execute(statement, (matched, *values, room)).fetchall():
                    found.setdefault(n, -rank)
            best = list(found.items()) if most < 0 else list(found.items())[:most]
            return [self._hit(n, score, asked.words) for n, score in best]

    def _hit(self, n: int, score: float, words: Sequence[str]) -> Hit:
        body = self._connection.execute("SELECT json FROM records WHERE n = ?", (n,)).fetchone()[0]
        record = decode(body)
        abstract = " ".join(part.text.plain for part in record.abstract)
        return Hit(
            id=record.id or "",
            record=record,
            score=round(score, 6),
            gone=_is_gone(self._connection, n),
            snippet=_snippet(abstract, words),
            highlighted=_highlights(self._connection, n),
        )

    # --- Looking after it ---

    def check(self) -> tuple[Problem, ...]:
        """What is wrong with the file: nothing, unless a disk or another program has changed it."""
        with _telling(self.path):
            told = [row[0] for row in self._connection.execute("PRAGMA integrity_check")]
            found = [] if told == ["ok"] else [f"SQLite finds: {line}" for line in told]
            for what, statement in {
                "records without an origin": "SELECT count(*) FROM records WHERE n NOT IN (SELECT record FROM origins)",
                "origins without a record": "SELECT count(*) FROM origins WHERE record NOT IN (SELECT n FROM records)",
                "records that cannot be searched": "SELECT abs((SELECT count(*) FROM records)"
                " - (SELECT count(*) FROM words_docsize))",
            }.items():
                if count := self._connection.execute(statement).fetchone()[0]:
                    found.append(f"{count} {what}")
        todo = "move the file away and collect again: it can be rebuilt"
        return tuple(
            Problem(level="error", code="library", message=f"{text}; {todo}", file=str(self.path)) for text in found
        )


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Settings, and the tables in their newest version."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    for _ in range(100):  # two processes that make the same file: turning to WAL does not wait by itself
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            time.sleep(0.05)
    for setting in (
        "synchronous = FULL",
        "cache_size = -65536",
        "temp_store = MEMORY",
        "journal_size_limit = 67108864",
    ):
        connection.execute(f"PRAGMA {setting}")
    if version < len(_MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                raise _foreign(path)  # noqa: TRY301 - the transaction must be taken back in this case too
            for migrate in _MIGRATIONS[version:]:
                migrate(connection)
            connection.execute(f"PRAGMA user_version = {max(version, len(_MIGRATIONS))}")
            if version == 0:
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise _foreign(path)
    if version > len(_MIGRATIONS):
        raise DigestError(
            f"the library is of version {version}",
            where=str(path),
            expected=f"version {len(_MIGRATIONS)} or earlier",
            todo="update this program: a newer one has written it",
        )


def _foreign(path: Path) -> DigestError:
    return DigestError("this is another program's database", where=str(path), todo="give the library another file")


def _is_gone(connection: sqlite3.Connection, n: int) -> bool:
    """Whether no source holds a record any more."""
    return not connection.execute("SELECT 1 FROM origins WHERE record = ? AND NOT gone LIMIT 1", (n,)).fetchone()


def _highlights(connection: sqlite3.Connection, n: int) -> tuple[Highlight, ...]:
    rows = connection.execute("SELECT issue, date FROM highlighted WHERE record = ? ORDER BY date, issue", (n,))
    return tuple(Highlight(issue=issue, date=PartialDate.parse(date)) for issue, date in rows)


def _arrivals(connection: sqlite3.Connection, n: int, record: Record) -> Iterator[Arrival]:
    rows = connection.execute(
        "SELECT n, source, identifier, place, format, sha256, first_seen, last_seen, withdrawn, gone, json"
        " FROM origins WHERE record = ? ORDER BY n",
        (n,),
    ).fetchall()
    for number, source, identifier, place, format_, sha256, first, last, withdrawn, gone, body in rows:
        yield Arrival(
            n=number,
            source=source,
            identifier=identifier,
            where=place,
            format=format_,
            sha256=sha256.hex(),
            first_seen=PartialDate.parse(first),
            last_seen=PartialDate.parse(last),
            withdrawn=bool(withdrawn),
            gone=bool(gone),
            record=record if body is None else decode(body),
        )


def _found(connection: sqlite3.Connection, text: str, where: str) -> int:
    """The number of the record that somebody means by this text."""
    text = _sound(text)
    row = connection.execute(
        "SELECT n FROM records WHERE id = ?1 UNION ALL SELECT record FROM aliases WHERE id = ?1", (text,)
    ).fetchone()
    if row:
        return int(row[0])
    if not text:
        raise DigestError("no id was given", where=where, todo="digest search finds ids")
    names = [
        f"{kind}:{name}" for kind, pattern in _SPELLINGS.items() if (match := pattern.fullmatch(text))
        for name in (_canonical(kind, match[1]),)
    ]  # fmt: skip
    tries: list[tuple[str, Sequence[object]]] = [("SELECT n FROM records WHERE id = ?", (name,)) for name in names]
    tries += [("SELECT record FROM keys WHERE hash = ? ORDER BY record LIMIT 6", (_hash(name),)) for name in names]
    number = fold(text)
    if number:
        tries.append(("SELECT n FROM records WHERE number = ? AND number <> '' LIMIT 6", (number,)))
    folded = text.lower()
    for column, start in (("id", text), ("id", folded), ("id", f"doi:{folded}"), ("number", number)):
        if start:
            extra = " AND number <> ''" if column == "number" else ""
            tries.append(
                (
                    f"SELECT n FROM records WHERE {column} >= ? AND {column} < ?{extra} ORDER BY {column} LIMIT 6",  # noqa: S608 - the columns are ours
                    (start, start + "\U0010ffff"),
                )
            )
    for statement, values in tries:
        found = [row[0] for row in connection.execute(statement, values)]
        if len(found) == 1:
            return int(found[0])
        if found:
            ids = [connection.execute("SELECT id FROM records WHERE n = ?", (n,)).fetchone()[0] for n in found]
            more = ", …" if len(ids) > 5 else ""
            raise DigestError(
                f"“{text}” may be more than one record: {', '.join(ids[:5])}{more}",
                where=where,
                todo="give the whole id",
            )
    near = connection.execute(
        "SELECT id, number FROM records WHERE id >= ?1 AND id < ?2 LIMIT 300", (text[:6], text[:6] + "\U0010ffff")
    ).fetchall()
    near += connection.execute(
        "SELECT id, number FROM records WHERE number <> '' AND number >= ?1 AND number < ?2 LIMIT 300",
        (number[:2], number[:2] + "\U0010ffff"),
    ).fetchall()
    guess = did_you_mean(text, [name for row in near for name in row if name])
    raise DigestError(f"no record “{text}”{guess}", where=where, todo="digest search finds ids")


def _exactly(connection: sqlite3.Connection, id_: str) -> int | None:
    """The number of the one record that has or had this id, or the identifier in it."""
    id_ = _sound(id_)
    row = connection.execute(
        "SELECT n FROM records WHERE id = ?1 UNION ALL SELECT record FROM aliases WHERE id = ?1", (id_,)
    ).fetchone()
    if not row and id_.partition(":")[0] in _SPELLINGS:
        rows = connection.execute("SELECT record FROM keys WHERE hash = ? LIMIT 2", (_hash(id_),)).fetchall()
        row = rows[0] if len(rows) == 1 else None
    return int(row[0]) if row else None


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


# --- Writing ---------------------------------------------------------------------------------------------------------


class _Family:
    """The arrivals of one source under one name: the name itself, and the name with marks behind it (`_Desk._origin`).

    Attributes:
        names: their names by their numbers.
        says: the checksum of what each says, by their numbers.
        contents: their numbers, by the checksum.
        free: numbers that may be given to an arrival that says something else, by the mark of their title, the first
            last.
        count: how many have this mark.
    """

    def __init__(self, name: str, rows: Iterable[tuple[int, str, bytes]]) -> None:
        self.names: dict[int, str] = {}
        self.says: dict[int, bytes] = {}
        self.contents: dict[bytes, int] = {}
        self.free: dict[str, list[int]] = {}
        self.count: dict[str, int] = {}
        for n, known_as, content in sorted(
            (row for row in rows if _MARKED.fullmatch(row[1][len(name) :])), reverse=True
        ):
            self.add(n, known_as, content)
            mark = known_as[len(name) : len(name) + 13]
            self.free.setdefault(mark, []).append(n)
            self.count[mark] = self.count.get(mark, 0) + 1

    def add(self, n: int, name: str, content: bytes) -> None:
        """Takes one in."""
        self.names[n], self.says[n], self.contents[content] = name, content, n

    def change(self, n: int, content: bytes) -> None:
        """One now says something else."""
        if self.contents.get(self.says[n]) == n:
            del self.contents[self.says[n]]
        self.says[n], self.contents[content] = content, n


_MARKED: Final = re.compile(r"(?:~[0-9a-f]{12}(?:~\d+)?)?")
_LARGE: Final = 8  # arrivals under one name, from which on they are kept in memory while a page is read


class _Reading:
    """What has come so far of one page of a source: nothing of a page takes the place of something else in it.

    Attributes:
        here: numbers of the arrivals that have come.
        families: what is known of names that many have.
    """

    def __init__(self) -> None:
        self.here: set[int] = set()
        self.families: dict[str, _Family] = {}


class _Ready(Struct, frozen=True):
    """An arrival as it is stored: its record, the JSON of it and its checksum, and its name."""

    parsed: Parsed
    record: Record
    body: bytes
    content: bytes
    name: str


class _Desk:
    """One transaction's worth of arrivals: finds each its record, and files what has changed at the end."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        source: str,
        today: PartialDate,
        part: str,
        reading: _Reading | None = None,
    ) -> None:
        self.reading = reading or _Reading()
        self.awaited: dict[str, set[bytes]] = {}  # what names that come more than once are about to say
        self.connection = connection
        self.source = source
        self.part = part
        self.noting = bool(connection.execute("SELECT 1 FROM temp.sqlite_master WHERE name = 'seen'").fetchone())
        self.today = str(today)
        self.report = Report(source=source)
        self.known: dict[int, Record] = {}  # records as they are now
        self.filed: dict[int, Record | None] = {}  # records as the search knows them

    # Taking in

    def take_all(self, outcomes: Iterable[Outcome]) -> None:
        """Arrivals of whatever kind, in order."""
        ready = [self._ready(outcome) if isinstance(outcome, Parsed) else outcome for outcome in outcomes]
        names = Counter(one.name for one in ready if isinstance(one, _Ready))
        for one in ready:
            if isinstance(one, _Ready) and names[one.name] > 1:
                self.awaited.setdefault(one.name, set()).add(one.content)
        new: list[_Ready] = []
        for one in ready:
            if isinstance(one, _Ready):
                self.report.problems += one.parsed.problems
                origin, identifier = self._origin(one)
                if origin is None:  # what is known comes first: it must not be taken for what is new under its name
                    new.append(one)
                else:
                    self._take_in(one, origin, identifier)
            elif isinstance(one, Deleted):
                self._take_new(new)
                self._take_back(one)
            else:
                self.report.problems.append(one)
                self.report.refused += one.level == "error"
        self._take_new(new)

    def _take_new(self, new: list[_Ready]) -> None:
        for one in new:
            origin, identifier = self._origin(one)
            if origin is None:
                self._new(one, identifier, hashlib.sha256(one.parsed.raw).digest())
            else:
                self._take_in(one, origin, identifier)
        new.clear()

    def _ready(self, parsed: Parsed) -> _Ready | Problem:
        try:
            body = encode(structs.replace(parsed.record, id=None, origin=None))
            record = structs.replace(decode(body), origin=parsed.record.origin)
        except (msgspec.MsgspecError, ValueError) as error:
            # What cannot be read back must not be written: one such record would break every later search.
            place = parsed.identifier or parsed.record.id or ""
            where = parsed.record.origin.where if parsed.record.origin else ""
            told = f"the record cannot be stored: {error}"
            return Problem(level="error", code="not-stored", message=told, file=where, key=place)
        content = hashlib.blake2b(body, digest_size=16).digest()
        name = _sound(parsed.identifier) or _own_name(record, content)
        return _Ready(parsed, record, body, content, f"{self.part}: {name}" if self.part else name)

    def _take_in(self, ready: _Ready, origin: int, identifier: str) -> None:
        """An arrival that is known under this number and name."""
        parsed, record, content = ready.parsed, ready.record, ready.content
        sha256 = hashlib.sha256(parsed.raw).digest()
        if origin in self.reading.here:
            place = record.origin.where if record.origin else ""
            title = record.title.plain
            shown = title if len(title) < 70 else f"{title[:69].rstrip()}…"
            message = f"{record.number} “{shown}” stands there twice, word for word: it is one record".lstrip()
            problem = Problem(level="warning", code="repeated", message=message, file=place, key=identifier)
            self.report.problems.append(problem)
            self.report.unchanged += 1
            return
        n, old_sha256, old_content, withdrawn = self.connection.execute(
            "SELECT record, sha256, content, withdrawn FROM origins WHERE n = ?", (origin,)
        ).fetchone()
        self._note(origin)
        place, format_ = (record.origin.where, record.origin.format) if record.origin else ("", "")
        if content == old_content and not withdrawn:
            if sha256 != old_sha256:
                self._keep_former(origin, n)
                self.connection.execute(
                    "UPDATE origins SET sha256 = ?, raw = ? WHERE n = ?", (sha256, _packed(parsed.raw), origin)
                )
            self.connection.execute(
                "UPDATE origins SET last_seen = ?, place = ? WHERE n = ?", (self.today, _sound(place), origin)
            )
            self.report.unchanged += 1
            self._part(origin, n)
            return
        self._keep_former(origin, n)
        self.connection.execute(
            "UPDATE origins SET place = ?, format = ?, sha256 = ?, content = ?, last_seen = ?, withdrawn = 0, json = ?,"
            " raw = ? WHERE n = ?",
            (place, format_, sha256, content, self.today, _text(record, ready.body), _packed(parsed.raw), origin),
        )
        self.report.changed += 1
        self._change(origin, n, record)
        self._part(origin, self._record_of(origin))

    def _record_of(self, origin: int) -> int:
        return int(self.connection.execute("SELECT record FROM origins WHERE n = ?", (origin,)).fetchone()[0])

    def _note(self, origin: int) -> None:
        """Remembers that an arrival is there, and not gone."""
        self.reading.here.add(origin)
        if not self.noting:
            return
        self.connection.execute("INSERT OR IGNORE INTO seen VALUES(?)", (origin,))
        if self.connection.execute("UPDATE origins SET gone = 0 WHERE n = ? AND gone", (origin,)).rowcount:
            self._weigh(self._record_of(origin))

    def _weigh(self, n: int) -> None:
        """Makes a record of several arrivals again, of which one is gone or there again."""
        if self.connection.execute("SELECT count(*) FROM origins WHERE record = ?", (n,)).fetchone()[0] > 1:
            before = self._record(n)
            self._tell_change(before, self._renew(n))

    def _tell_change(self, before: Record, after: Record) -> None:
        former = before.id if before.id != after.id else ""
        if fields := _differing(before, after):
            self.report.changes.append(Changed(id=after.id or "", fields=fields, former_id=former or ""))

    def mark_gone(self) -> None:
        """Marks each arrival of the source that was not noted."""
        rows = self.connection.execute(
            "SELECT n, record FROM origins WHERE source = ? AND NOT gone"
            " AND NOT withdrawn AND n NOT IN (SELECT origin FROM seen) ORDER BY n",
            (self.source,),
        ).fetchall()
        self.connection.executemany("UPDATE origins SET gone = 1 WHERE n = ?", [(row[0],) for row in rows])
        self.report.gone = len(rows)
        for n in dict.fromkeys(row[1] for row in rows):
            self._weigh(n)
            if _is_gone(self.connection, n):
                row = self.connection.execute("SELECT id FROM records WHERE n = ?", (n,)).fetchone()
                self.report.gone_ids.append(row[0])

    def _origin(self, ready: _Ready) -> tuple[int | None, str]:
        """The number of the arrival that this one is again, if it is one; and its name.

        Some sources give one name to several records, or none, so that they are called by what they say. What says the
        same to the letter is the same; else one that has not come in this page, of which it may be a new version.
        Another record is filed under the name with a mark of its title: it must not take the place of the first.
        """
        identifier, record = ready.name, ready.record
        family = self._family(identifier)
        if (known := family.contents.get(ready.content)) is not None:
            return known, family.names[known]
        awaited, here = self.awaited.get(identifier, set()), self.reading.here
        folded = fold(record.title.plain).encode("utf-8", "replace")
        mark = f"~{hashlib.blake2b(folded, digest_size=6).hexdigest()}"
        for waiting in (family.free.get("", []), family.free.get(mark, [])):
            while waiting and waiting[-1] in here:
                waiting.pop()
            free = (n for n in reversed(waiting) if n not in here and family.says[n] not in awaited)
            for n in itertools.islice(free, _PARTNERS):
                row = self.connection.execute("SELECT record, gone FROM origins WHERE n = ?", (n,)).fetchone()
                if row[1] and not ready.parsed.identifier:
                    continue  # one more “Case report”, and not the one that was there years ago
                if _is_version(self._parsed(n, row[0]), record):
                    family.change(n, ready.content)
                    return n, family.names[n]
        if not family.names:
            return None, identifier
        count = family.count.get(mark, 0) + 1
        name = f"{identifier}{mark}" if count == 1 else f"{identifier}{mark}~{count}"
        return None, name if "" in family.count else identifier

    def _family(self, name: str) -> _Family:
        """What is known under a name; while a page is read it is kept where it is large, and else asked for again."""
        if known := self.reading.families.get(name):
            return known
        rows = self.connection.execute(
            "SELECT n, identifier, content FROM origins WHERE source = ?1 AND identifier = ?2 UNION ALL"
            " SELECT n, identifier, content FROM origins"
            " WHERE source = ?1 AND identifier > ?2 || '~' AND identifier < ?2 || '~~'",
            (self.source, name),
        ).fetchall()
        family = _Family(name, rows)
        if len(rows) >= _LARGE:
            self.reading.families[name] = family
        return family

    def _parsed(self, origin: int, n: int) -> Record:
        body = self.connection.execute("SELECT json FROM origins WHERE n = ?", (origin,)).fetchone()[0]
        return self._record(n) if body is None else decode(body)

    def _record(self, n: int) -> Record:
        if n not in self.known:
            body = self.connection.execute("SELECT json FROM records WHERE n = ?", (n,)).fetchone()[0]
            if len(self.known) > 3 * _BATCH:
                self.known.clear()
            self.known[n] = decode(body)
        return self.known[n]

    def _keep_former(self, origin: int, n: int) -> None:
        body = encode(self._parsed(origin, n))
        self.connection.execute(
            "INSERT INTO former(origin, until, json, raw) SELECT n, ?, ?, raw FROM origins WHERE n = ?",
            (self.today, body, origin),
        )

    def _new(self, ready: _Ready, identifier: str, sha256: bytes) -> None:
        parsed, record = ready.parsed, ready.record
        filed, sought = keys(record)
        partners = self.partners(record, sought, None)
        place, format_ = (_sound(record.origin.where), record.origin.format) if record.origin else ("", "")
        chosen = self._chosen(record, place, ready.content, partners)
        n = chosen[0] if chosen else self._insert(record, ready.body, filed)
        if chosen:
            self._write_out(n)
        origin = self.connection.execute(
            "INSERT INTO origins(record, source, identifier, place, format, sha256, content, first_seen, last_seen,"
            " withdrawn, json, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
            (n, self.source, identifier, place, format_, sha256, ready.content, self.today, self.today,
             _text(record, ready.body) if chosen else None, _packed(parsed.raw)),
        ).lastrowid  # fmt: skip
        assert origin is not None
        self._note(origin)
        if family := self.reading.families.get(ready.name):
            family.add(origin, identifier, ready.content)
            mark = identifier[len(ready.name) : len(ready.name) + 13]
            family.count[mark] = family.count.get(mark, 0) + 1
        given = parsed.record.id
        if given and given not in possible_ids(record):  # a key of somebody's own, such as gruener2014
            self.connection.execute("INSERT OR IGNORE INTO aliases VALUES(?, ?)", (given, n))
        if not chosen:
            self.report.new += 1
            if len(self.report.new_ids) < MOST_TOLD:
                self.report.new_ids.append(self._record(n).id or "")
            self._link(n, partners)
            return
        merge = chosen[1]
        before = self._record(n)
        after = self._renew(n)
        # One that has not come again in this page may be this, under another name: what it said does not count.
        there = [
            arrival.record
            for arrival in _arrivals(self.connection, n, after)
            if arrival.n != origin
            and ((arrival.source, arrival.where) != (self.source, place) or arrival.n in self.reading.here)
        ]
        odds = self._tell_odds(combine(there), record, after) if there else ""
        self._merged(n, f"{self.source} {identifier}".strip(), merge.reason + odds, merge.key, before, after)
        self.report.merged += 1
        self._join_others(n, [partner for partner in partners if partner[0] != n])

    def _tell_odds(self, one: Record, other: Record, merged: Record) -> str:
        """Tells of texts that contradict each other; what is to be added to the reason of a merge."""
        odds = disagreement(one, other)
        if odds:
            message = (
                f"the texts of {merged.id} contradict each other: {odds}; “digest show {merged.id}” tells whose word "
                "counts, and “digest library split” undoes the merge"
            )
            where = other.origin.where if other.origin else ""
            problem = Problem(level="warning", code="texts-differ", message=message, file=where, key=merged.id or "")
            self.report.problems.append(problem)
        return f"; their texts contradict each other: {odds}" if odds else ""

    # Two records of one page are two, whatever they have in common, unless an identifier says that they are one

    def _chosen(
        self, record: Record, place: str, content: bytes, partners: Iterable[tuple[int, Merge | None]]
    ) -> tuple[int, Merge] | None:
        """The record that an arrival joins, and why: of several one that has its text, or does not contradict it.

        What has not come again in this page is no rival: it may be just this, under another name.
        """
        found: list[tuple[int, Merge]] = []
        for n, merge in partners:
            if merge is None:
                continue
            rivals = [
                row[0]
                for row in self.connection.execute(
                    "SELECT n FROM origins WHERE record = ? AND source = ? AND place = ? AND NOT withdrawn",
                    (n, self.source, place),
                )
                if row[0] in self.reading.here
            ]
            if not rivals or self._tied(n, rivals, (record, content)):
                found.append((n, merge))
        if len(found) > 1:
            texts = {n: self._record(n) for n, _ in found}
            found.sort(
                key=lambda one: (bool(disagreement(record, texts[one[0]])), record.abstract != texts[one[0]].abstract)
            )
        return found[0] if found else None

    def _rivals(self, n: int, other: int) -> list[tuple[int, int]]:
        """Pairs of arrivals of one page, one of each record; of one record those that have come in this page."""
        rows = self.connection.execute(
            "SELECT a.n, b.n FROM origins a JOIN origins b ON a.source = b.source AND a.place = b.place"
            " WHERE a.record = ? AND b.record = ? AND a.n <> b.n"
            " AND NOT (a.withdrawn OR b.withdrawn OR a.gone OR b.gone) LIMIT ?",
            (n, other, _PARTNERS * _PARTNERS),
        )
        return [(a, b) for a, b in rows if n != other or {a, b} <= self.reading.here]

    def _tied(self, n: int, origins: Iterable[int], new: tuple[Record, bytes]) -> bool:
        """Whether an arrival that joins a record has an identifier in common with each of these of its arrivals."""
        ids = new[0].ids
        if not (ids.doi or ids.pmid or ids.pmcid):
            same_words = "SELECT 1 FROM origins WHERE record = ? AND content = ?"
            if not self.connection.execute(same_words, (n, new[1])).fetchone():
                return False
        ties = self._ties(n)
        ties.add(0, new[0])
        ties.tie(0, new[1])
        return all(ties.has(0, origin) for origin in origins)

    def _ties(self, *records: int) -> _Ties:
        """What makes the arrivals of these records one."""
        ties = _Ties()
        for n in records:
            for arrival in _arrivals(self.connection, n, self._record(n)):
                ties.add(arrival.n, arrival.record)
            for origin, content in self.connection.execute("SELECT n, content FROM origins WHERE record = ?", (n,)):
                ties.tie(origin, content)
        return ties

    def _are_rivals(self, n: int, other: int) -> bool:
        """Whether two records hold arrivals of one page that no identifier makes one."""
        pairs = self._rivals(n, other)
        if not pairs:
            return False
        ties = self._ties(n, other)
        return not all(ties.has(a, b) for a, b in pairs)

    def _part(self, origin: int, n: int) -> None:
        """Takes an arrival out of its record where another one of this page is in it too."""
        others = [
            row[0]
            for row in self.connection.execute(
                "SELECT b.n FROM origins a JOIN origins b ON a.source = b.source AND a.place = b.place"
                " WHERE a.n = ? AND b.record = ? AND a.n <> b.n AND NOT b.withdrawn",
                (origin, n),
            )
            if row[0] in self.reading.here
        ]
        if not others or not self._are_rivals(n, n):
            return
        before = self._record(n)
        self._take_out(max(origin, *others), n)
        self._tell_change(before, self._record(n))

    def _take_out(self, origin: int, n: int) -> int:
        """Gives an arrival of a record a record of its own."""
        self._write_out(n)
        (record,) = (one.record for one in _arrivals(self.connection, n, self._record(n)) if one.n == origin)
        record = structs.replace(record, id=None)
        new = self._insert(record, encode(structs.replace(record, origin=None)), keys(record)[0])
        self.connection.execute("UPDATE origins SET record = ? WHERE n = ?", (new, origin))
        self.connection.execute(
            "UPDATE merges SET undone = 1 WHERE record = ?1 AND joined ="
            " (SELECT trim(source || ' ' || identifier) FROM origins WHERE n = ?2)",
            (n, origin),
        )
        self._renew(n)
        self._renew(new)
        return new

    def _insert(self, record: Record, body: bytes, filed: Iterable[str]) -> int:
        """A record with one origin, from its JSON without id and origin."""
        record = structs.replace(record, id=self._free_id(record, None))
        n = self.connection.execute(
            "INSERT INTO records(id, date, number, seen, json) VALUES(?, ?, ?, ?, ?)",
            (record.id, _date(record), fold(record.number), self.today, _text(record, body)),
        ).lastrowid
        assert n is not None
        self.connection.execute("DELETE FROM aliases WHERE id = ?", (record.id,))
        self._file_keys(n, filed)
        self.known[n] = record
        self.filed[n] = None
        return n

    def _change(self, origin: int, n: int, record: Record) -> None:
        """An arrival that is known now says something else."""
        before = self._record(n)
        others = [arrival for arrival in _arrivals(self.connection, n, before) if arrival.n != origin]
        if others and not same(record, combine([arrival.record for arrival in others])):
            # What they were merged by does not hold any more.
            n, others = self._take_out(origin, n), []
        after = self._renew(n)
        if there := [arrival.record for arrival in others if not (arrival.gone or arrival.withdrawn)]:
            self._tell_odds(combine(there), record, after)
        former = before.id if before.id != after.id else ""
        self.report.changes.append(Changed(id=after.id or "", fields=_differing(before, after), former_id=former or ""))
        self._join_others(n, self.partners(after, keys(after)[1], n))

    def _take_back(self, deleted: Deleted) -> None:
        name = _sound(deleted.identifier)
        name = f"{self.part}: {name}" if self.part else name
        # A name that the source gave to several records stands with a mark behind it (`_origin`).
        rows = self.connection.execute(
            "SELECT n, record, identifier FROM origins WHERE source = ?1 AND (identifier = ?2"
            " OR identifier >= ?2 || '~' AND identifier < ?2 || '~~') ORDER BY n",
            (self.source, name),
        ).fetchall()
        rows = [row for row in rows if re.fullmatch(r"(?:~[0-9a-f]{12}(?:~\d+)?)?", row[2][len(name) :])]
        self.report.unknown += not rows
        self.report.deleted += bool(rows)
        for origin, n, _ in rows:
            self.connection.execute("UPDATE origins SET withdrawn = 1, last_seen = ? WHERE n = ?", (self.today, origin))
            self._note(origin)
            self._write_out(n)
            after = self._renew(n)
            self.report.deletions.append(after.id or "")

    # Finding what belongs together

    def partners(self, record: Record, sought: Iterable[str], n: int | None) -> list[tuple[int, Merge | None]]:
        """Records that have a key in common, each with the reason to merge it or nothing, the strongest first."""
        found: dict[int, None] = {}
        for key in sought:
            rows = self.connection.execute(
                "SELECT record FROM keys WHERE hash = ? ORDER BY record LIMIT ?", (_hash(key), _PARTNERS)
            )
            found.update((row[0], None) for row in rows)
        found.pop(n, None)  # type: ignore[arg-type]  # nothing is removed where there is no number yet
        return [(other, same(record, self._record(other))) for other in found]

    def _are_apart(self, n: int, other: int) -> bool:
        """Whether somebody has split origins of these two."""
        row = self.connection.execute(
            "SELECT 1 FROM apart JOIN origins a ON a.n = one JOIN origins b ON b.n = other"
            " WHERE (a.record = ?1 AND b.record = ?2) OR (a.record = ?2 AND b.record = ?1) LIMIT 1",
            (n, other),
        ).fetchone()
        return row is not None

    def _join_others(self, n: int, partners: Sequence[tuple[int, Merge | None]]) -> None:
        """Merges further records into this one where it is the same as them, and links the others."""
        left = []
        for other, _ in partners:
            merge = same(self._record(n), self._record(other))
            if merge and not self._are_apart(n, other) and not self._are_rivals(n, other):
                self._absorb(n, other, merge.reason, merge.key)
            else:
                left.append((other, merge))
        self._link(n, left)

    def _absorb(self, n: int, other: int, reason: str, key: str) -> None:
        before, gone = self._record(n), self._record(other)
        for one in (n, other):
            self._write_out(one)
            self.filed.setdefault(one, self._record(one))
        connection = self.connection
        connection.execute("UPDATE origins SET record = ? WHERE record = ?", (n, other))
        connection.execute("UPDATE aliases SET record = ? WHERE record = ?", (n, other))
        connection.execute("UPDATE merges SET record = ? WHERE record = ?", (n, other))
        connection.execute("UPDATE OR IGNORE highlighted SET record = ? WHERE record = ?", (n, other))
        connection.execute("DELETE FROM highlighted WHERE record = ?", (other,))
        links = connection.execute(
            "SELECT one, other, reason FROM links WHERE one = ?1 OR other = ?1", (other,)
        ).fetchall()
        connection.execute("DELETE FROM links WHERE one = ?1 OR other = ?1", (other,))
        for one, two, why in links:
            self._write_link(n, one if two == other else two, why)
        connection.execute("DELETE FROM keys WHERE record = ?", (other,))
        connection.execute("DELETE FROM records WHERE n = ?", (other,))
        connection.execute("INSERT OR REPLACE INTO aliases VALUES(?, ?)", (gone.id, n))
        self.known.pop(other, None)
        after = self._renew(n)
        odds = self._tell_odds(before, gone, after)
        self._merged(n, gone.id or "", reason + odds, key, before, after)

    def _merged(self, n: int, joined: str, reason: str, key: str, before: Record, after: Record) -> None:
        self.connection.execute(
            "INSERT INTO merges(record, joined, reason, key, day) VALUES(?, ?, ?, ?, ?)",
            (n, joined, reason, key, self.today),
        )
        self.report.merges.append(
            Merged(
                id=after.id or "",
                joined=joined,
                reason=reason,
                key=key,
                fields=_differing(before, after),
                day=PartialDate.parse(self.today),
                former_id=(before.id or "") if before.id != after.id else "",
            )
        )

    def _link(self, n: int, partners: Sequence[tuple[int, Merge | None]]) -> None:
        rivals = 0
        for other, merge in partners:
            reason = encore(self._record(n), self._record(other))
            rivals += bool(merge)
            if rivals > _RIVALS:
                continue
            if merge and not self._are_apart(n, other):
                reason = f"{merge.reason}, but they stand beside each other in one source"
            if reason and self._write_link(n, other, reason):
                ids = self._record(n).id or "", self._record(other).id or ""
                self.report.links.append(Link(id=ids[0], other=ids[1], reason=reason))

    def _write_link(self, n: int, other: int, reason: str) -> bool:
        if n == other:
            return False
        done = self.connection.execute(
            "INSERT OR IGNORE INTO links VALUES(?, ?, ?)", (min(n, other), max(n, other), reason)
        )
        return done.rowcount > 0

    def split(self, n: int, origins: Sequence[int]) -> None:
        """Gives each of these origins of a record a record of its own, for good."""
        self._write_out(n)
        self.filed.setdefault(n, self._record(n))
        arrivals = {arrival.n: arrival for arrival in _arrivals(self.connection, n, self._record(n))}
        self.connection.executemany(
            "INSERT OR IGNORE INTO apart VALUES(?, ?)", [(a, b) for a in origins for b in origins if a < b]
        )
        self.connection.execute("UPDATE merges SET undone = 1 WHERE record = ?", (n,))
        self.connection.execute("UPDATE origins SET record = -n WHERE record = ? AND n <> ?", (n, origins[0]))
        self._renew(n)  # first of all: an id that it does not keep is free for one of the others
        for origin in origins[1:]:
            self.today = str(arrivals[origin].first_seen)
            record = structs.replace(arrivals[origin].record, id=None)
            body = encode(structs.replace(record, origin=None))
            new = self._insert(record, body, keys(record)[0])
            self.connection.execute("UPDATE origins SET record = ? WHERE n = ?", (new, origin))
            self.connection.execute(
                "INSERT INTO highlighted SELECT ?, issue, date FROM highlighted WHERE record = ?", (new, n)
            )
            self._renew(new)

    # Filing

    def _write_out(self, n: int) -> None:
        """Gives the only origin of a record the record's text, before the record becomes another one."""
        self.connection.execute(
            "UPDATE origins SET json = (SELECT json FROM records WHERE n = ?1) WHERE record = ?1 AND json IS NULL", (n,)
        )

    def _renew(self, n: int) -> Record:
        """The record made again of its origins.

        Those that their source has taken back, and those in whose stead another one of the page is there now, count
        where no other is left.
        """
        before = self._record(n)
        self.filed.setdefault(n, before)
        arrivals = list(_arrivals(self.connection, n, before))
        there = {(arrival.source, arrival.where) for arrival in arrivals if not (arrival.gone or arrival.withdrawn)}
        left = [
            arrival.record
            for arrival in arrivals
            if not (arrival.withdrawn or (arrival.gone and (arrival.source, arrival.where) in there))
        ]
        after = combine(left or [arrival.record for arrival in arrivals])
        if not left:
            after = structs.replace(after, status="withdrawn")
        after = structs.replace(after, id=self._free_id(after, n))
        if before.id != after.id:
            self.connection.execute("DELETE FROM aliases WHERE id = ?", (after.id,))
        self.connection.execute(
            "UPDATE records SET id = ?, date = ?, number = ?, json = ? WHERE n = ?",
            (after.id, _date(after), fold(after.number), encode(after), n),
        )
        if before.id != after.id:
            self.connection.execute("INSERT OR IGNORE INTO aliases VALUES(?, ?)", (before.id, n))
        self.known[n] = after
        self.connection.execute("DELETE FROM keys WHERE record = ?", (n,))
        # What an origin is known by also finds the record, though another one's word counted.
        for record in (after, *(arrival.record for arrival in arrivals if len(arrivals) > 1)):
            self._file_keys(n, keys(record)[0])
        return after

    def _file_keys(self, n: int, filed: Iterable[str]) -> None:
        self.connection.executemany("INSERT OR IGNORE INTO keys VALUES(?, ?)", [(_hash(key), n) for key in filed])

    def _free_id(self, record: Record, n: int | None) -> str:
        """The best id that no other record has."""
        name = ""
        for name in possible_ids(record):
            if self._is_free(name, n):
                return name
        current = self._record(n).id if n is not None else None
        if current and current.startswith(f"{name}~"):
            return current
        count = self.connection.execute(
            "SELECT count(*) FROM records WHERE id >= ? AND id < ?", (f"{name}~", f"{name}~\U0010ffff")
        ).fetchone()[0]
        while not self._is_free(f"{name}~{count + 2}", n):
            count += 1
        return f"{name}~{count + 2}"

    def _is_free(self, name: str, n: int | None) -> bool:
        row = self.connection.execute("SELECT n FROM records WHERE id = ?", (name,)).fetchone()
        return row is None or row[0] == n

    def finish(self) -> None:
        """Files the words of what is new or has changed."""
        gone, come = [], []
        for n, before in self.filed.items():
            exists = self.connection.execute("SELECT 1 FROM records WHERE n = ?", (n,)).fetchone()
            if before is not None:
                gone.append(("delete", n, *_words(before)))
            if exists:
                come.append((n, *_words(self._record(n))))
        names = ", ".join(_COLUMNS)
        holes = ", ".join("?" * len(_COLUMNS))
        self.connection.executemany(f"INSERT INTO words(words, rowid, {names}) VALUES(?, ?, {holes})", gone)
        self.connection.executemany(_FILED, come)


class _Ties:
    """Which arrivals are one by an identifier, perhaps by way of others."""

    def __init__(self) -> None:
        self._above: dict[object, object] = {}

    def _top(self, one: object) -> object:
        while (above := self._above.setdefault(one, one)) != one:
            self._above[one] = self._above[above]
            one = above
        return one

    def tie(self, origin: int, mark: object) -> None:
        """This arrival is one with all others that have this mark."""
        self._above[self._top(origin)] = self._top(mark)

    def add(self, origin: int, record: Record) -> None:
        """This arrival has the identifiers of a record."""
        for kind in ("doi", "pmid", "pmcid"):
            if name := getattr(record.ids, kind):
                self.tie(origin, f"{kind}:{name}")

    def has(self, one: int, other: int) -> bool:
        """Whether two arrivals are one."""
        return self._top(one) == self._top(other)


def _text(record: Record, body: bytes) -> bytes:
    """The JSON of a record from that without its id and origin: to write it again takes as long as to store it."""
    parts = [b'"id":' + encode(record.id)] if record.id else []
    parts.append(body[1:-1])
    if record.origin:
        parts.append(b'"origin":' + encode(record.origin))
    return b"{" + b",".join(parts) + b"}"


def _packed(raw: bytes) -> bytes:
    return zlib.compress(raw, 1)  # level 6 takes twice as long for a tenth less


def _own_name(record: Record, content: bytes) -> str:
    """What a record is known by whose source gives it no name.

    Many are called “Editorial”, or nothing: without more to tell them by, only the same words are the same record.
    """
    name = next(iter(possible_ids(record)))
    title = record.title.plain
    if name.startswith("sha256:") and not record.authors and is_generic(title, fold(title)):
        return f"sha256:{content.hex()}"
    return name


def _is_version(known: Record, record: Record) -> bool:
    """Whether the second is what the first has become, and not another record under the same name."""
    if same(known, record):
        return True
    if any((a := getattr(known.ids, kind)) and a == getattr(record.ids, kind) for kind in ("doi", "pmid", "pmcid")):
        return False  # and yet not the same: one identifier for several
    if alike(known.title.plain, record.title.plain):
        return True
    first = [fold(one.authors[0].family_name) if one.authors else "" for one in (known, record)]
    return bool(first[0] and known.number) and first[0] == first[1] and fold(known.number) == fold(record.number)


def _date(record: Record) -> str:
    date = record.issued or (record.meeting.start if record.meeting else None)
    return str(date) if date else ""


def _words(record: Record) -> tuple[str, ...]:
    """The texts that are searched, in the order of `_COLUMNS`."""
    meeting = record.meeting
    ids = record.ids
    return tuple(
        map(
            _searched,
            (
                record.title.plain,
                "; ".join(f"{person.given or person.initials} {person.family_name}" for person in record.authors),
                " ".join(f"{part.label or ''} {part.text.plain}" for part in record.abstract),
                "; ".join(record.keywords),
                record.number,
                " ".join(filter(None, (ids.doi, ids.pmid, ids.pmcid, ids.nbk, ids.isbn, *ids.nct))),
                f"{record.container}; {record.container_short}",
                f"{meeting.name}; {meeting.society}; {meeting.place}" if meeting else "",
                record.track,
                "; ".join(affiliation.plain for affiliation in record.affiliations),
            ),
        )
    )


def _searched(text: str) -> str:
    """Small letters without accents: FTS5 would take off accents, but leaves ``ø`` and ``β`` as they are."""
    return text if text.isascii() else flat(text)


# --- The language of queries -----------------------------------------------------------------------------------------

_FIELD_NAMES: Final = {
    "title": "title", "author": "authors", "authors": "authors", "by": "authors", "abstract": "abstract",
    "keyword": "keywords", "keywords": "keywords", "mesh": "keywords", "number": "number", "no": "number",
    "abstr": "number", "id": "ids", "ids": "ids", "doi": "ids", "pmid": "ids", "pmcid": "ids", "nct": "ids",
    "isbn": "ids", "journal": "container", "container": "container", "meeting": "meeting", "society": "meeting",
    "track": "track", "session": "track", "affiliation": "affiliations", "affiliations": "affiliations",
}  # fmt: skip
_TOKEN: Final = re.compile(
    r'(?P<bracket>[()])|(?P<no>-)?(?:(?P<field>[A-Za-z]{2,12}):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s()"]+))'
)
_YEARS: Final = re.compile(r"(\d{4})(?:(?:-|–|\.\.)(\d{4})?)?")
_LONGEST: Final = 100
_DEEPEST: Final = 20


def unknown_fields(query: str) -> list[str]:
    """Words of a query before a colon that are no field, each with the nearest one that is."""
    fields = [match["field"] for match in _TOKEN.finditer(query[:10_000]) if match["field"]]
    known = {*_FIELD_NAMES, "year"}
    return [f"“{field}”{did_you_mean(field, known)}" for field in dict.fromkeys(fields) if field.lower() not in known]


class _Query:
    """A query in the words of FTS5, every one of them quoted.

    Attributes:
        match: what must be there; empty where nothing is asked for.
        excluded: what must not be there.
        years: first and last year of each ``year:``.
        words: the words looked for, for showing where they stand.
        broad: whether nothing is asked for but beginnings of one or two letters.
    """

    def __init__(self) -> None:
        self.match = ""
        self.excluded = ""
        self.years: list[tuple[int, int]] = []
        self.words: list[str] = []
        self.broad = False

    @classmethod
    def read(cls, text: str) -> Self:
        """Whatever somebody types; what is no word is passed over."""
        query = cls()
        tokens = list(_TOKEN.finditer(re.sub("[“”„«»]", '"', _printable(text[:100_000]))))
        if len(tokens) > _LONGEST:
            raise DigestError(f"the query has {len(tokens)} words", expected=f"at most {_LONGEST}")
        tokens.reverse()
        excluded: list[str] = []
        parts = []
        while tokens:  # a closing bracket too many ends nothing
            parts.append(query._group(tokens, excluded, 0))
        query.match = " AND ".join(part for part in parts if part)
        query.excluded = " OR ".join(excluded)
        query.broad = bool(query.words) and all(len(word) < 3 and f'"{word}" *' in query.match for word in query.words)
        return query

    def _group(self, tokens: list[re.Match[str]], excluded: list[str], depth: int) -> str:
        """What stands up to the closing bracket: alternatives joined by OR bind closer than words side by side."""
        if depth > _DEEPEST:
            raise DigestError(f"brackets stand in each other more than {_DEEPEST} deep")
        items: list[list[str]] = []
        joined = False
        while tokens:
            token = tokens.pop()
            if token["bracket"] == ")":
                break
            if token["word"] == "OR" and not token["no"] and not token["field"]:
                joined = bool(items)
                continue
            if token["word"] in {"AND", "&"} and not token["field"]:
                joined = False
                continue
            if token["word"] == "NOT" and not token["field"] and tokens and not tokens[-1]["bracket"]:
                if item := self._item(tokens.pop(), []):
                    excluded.append(item)
                continue
            item = self._group(tokens, excluded, depth + 1) if token["bracket"] else self._item(token, excluded)
            if not item:
                continue
            if joined:
                items[-1].append(item)
            else:
                items.append([item])
            joined = False
        return self._joined([self._joined(item, " OR ") for item in items], " AND ")

    @staticmethod
    def _joined(parts: Sequence[str], word: str) -> str:
        return parts[0] if len(parts) == 1 else f"({word.join(parts)})" if parts else ""

    def _item(self, token: re.Match[str], excluded: list[str]) -> str:
        """One word or phrase; what must not be there goes to `excluded`."""
        field = (token["field"] or "").lower()
        said = token["phrase"] if token["phrase"] is not None else token["word"]
        if field == "year" and not token["no"] and (match := _YEARS.fullmatch(said)):
            last = match[2] or (match[1] if match[0] == match[1] else "9999")
            self.years.append((int(match[1]), int(last)))
            return ""
        column = _FIELD_NAMES.get(field, "")
        if field and not column:
            said = f"{token['field']} {said}"  # “Reply: …”: no field of ours, so two words
        words = _phrase(said)
        if not words:
            return ""
        if column:
            words = f"{column} : {words}"
        if token["no"]:
            excluded.append(words)
            return ""
        self.words.append(flat(said).strip("*"))
        return words


def _printable(text: str) -> str:
    """The text with blanks for control characters, which end a query of FTS5, and halves of characters."""
    return "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)


def _phrase(text: str) -> str:
    """The words as a phrase of FTS5, or as a beginning where they end in ``*``; empty where they hold no letters."""
    text = _printable(text).strip()
    if not any(c.isalnum() for c in text):
        return ""
    quoted = '"' + _searched(text).rstrip("*").replace('"', '""') + '"'
    return f"{quoted} *" if text.endswith("*") else quoted


_SHOWN: Final = 160


def _snippet(text: str, words: Sequence[str]) -> str:
    """About 160 characters around the first word of the query, or from the beginning."""
    starts = tuple(found[0] for word in words if (found := re.findall(r"[^\W_]+", word)))
    at = next((m.start() for m in re.finditer(r"[^\W_]+", text) if flat(m[0]).startswith(starts)), 0) if starts else 0
    first = max(0, at - _SHOWN // 3)
    if first:
        first = text.find(" ", first, at) + 1 or at
    last = first + _SHOWN
    if last < len(text):
        last = text.rfind(" ", first + 1, last) if " " in text[first + 1 : last] else last
    return ("…" if first else "") + text[first:last].strip() + ("…" if last < len(text) else "")
