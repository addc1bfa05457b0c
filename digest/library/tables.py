"""The library's file: one connection to SQLite, for reading where it cannot be written; tables, migrations, rows."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from digest.ending import go_on_ending
from digest.errors import DigestError
from digest.library.values import Arrival, Counts, Highlight, Run
from digest.merge import flat
from digest.model import PartialDate, Record
from digest.records import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
Connection = sqlite3.Connection  # no other room needs sqlite3

_PATIENCE: Final = 120.0  # seconds that a process waits for another one that writes
_TURN: Final = 0.25  # seconds of them in which it waits inside SQLite, where it hears no signal
_STEPS: Final = 20_000  # instructions of SQLite after which it looks for signals: a few milliseconds


class Database:
    """The open file of a library.

    Where the file or its folder cannot be written, it is opened for reading, and nothing is made next to it.

    Attributes:
        path: the file.
        writable: whether it can be written.
    """

    def __init__(self, path: Path, *, max_pages: int | None = None) -> None:
        """Opens the file, or makes it.

        Args:
            path: the file.
            max_pages: how many pages of 4 KiB the file may have at most.

        Raises:
            DigestError: it is not a library, is damaged, is from a newer version, or from an earlier one and cannot be
                written.
        """
        self.path = path
        real = Path(os.path.realpath(path))  # SQLite's own files are next to it, not next to a link
        self.writable = _can_write(real)
        self._unwritten: Callable[[Connection], None] | None = None
        self._closing = contextlib.ExitStack()
        with _messages(path), contextlib.ExitStack() as opening:
            _check_whose(path, real)
            self._real, self._unlocked = real, None
            if self.writable:
                self._connection = sqlite3.connect(real, timeout=_TURN, isolation_level=None)
            else:
                self._connection, self._unlocked = _connect_for_reading(real, opening)
            opening.callback(self._connection.close)
            self._connection.set_progress_handler(_nothing, _STEPS)
            _patiently(lambda: _prepare(self._connection, path) if self.writable else _check(self._connection, path))
            if max_pages is not None:
                self._connection.execute(f"PRAGMA max_page_count = {int(max_pages)}")
            self._closing = opening.pop_all()

    def close(self) -> None:
        """Closes the file."""
        self._closing.close()

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """The connection, for reading; an error of SQLite becomes a message."""
        try:
            with _messages(self.path):
                yield self._connection
        except (DigestError, sqlite3.Error):
            self._check_unchanged()
            raise
        self._check_unchanged()

    def _check_unchanged(self) -> None:
        """Raises an error where the file was read without a lock, and somebody else has changed it."""
        if self._unlocked is not None and self._unlocked != _state(self._real):
            raise DigestError("the library was changed while it was being read", where=str(self.path), todo="try again")

    def keep_for_now(self, table: str, rows: Iterable[tuple[object, ...]], write: Callable[[Connection], None]) -> None:
        """Has a table hold other rows for this connection alone, until something is written.

        Args:
            table: its name.
            rows: its rows from now on.
            write: writes them into the file; called at the beginning of the first transaction.
        """
        with _messages(self.path):
            self._connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
            self._connection.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} WHERE 0")  # noqa: S608 - our names
            for row in rows:
                self._connection.execute(f"INSERT INTO temp.{table} VALUES({', '.join('?' * len(row))})", row)

        def write_instead(connection: Connection) -> None:
            connection.execute(f"DROP TABLE temp.{table}")
            write(connection)

        self._unwritten = write_instead

    @contextlib.contextmanager
    def transaction(self, *, wait: bool = True) -> Iterator[Connection]:
        """The connection, for what is written completely or not at all.

        Args:
            wait: whether to wait for another process that is writing.
        """
        with _messages(self.path):
            _patiently(lambda: self._connection.execute("BEGIN IMMEDIATE"), _PATIENCE if wait else 0)
            try:
                if self._unwritten is not None:
                    self._unwritten(self._connection)
                yield self._connection
                self._connection.execute("COMMIT")
                self._unwritten = None
            except BaseException:
                if self._connection.in_transaction:  # after a full disk SQLite itself has rolled back
                    self._connection.execute("ROLLBACK")
                raise


def _nothing() -> None:
    """Lets Python see in between whether a signal has come."""


def _patiently(act: Callable[[], T], patience: float = _PATIENCE) -> T:
    """What something gives that may have to wait for another process."""
    until = time.monotonic() + patience
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() >= until:
                raise
            time.sleep(0.01)  # signals are heard here


# --- Whose file it is, and whether it can be written ------------------------------------------------------------------


def _next_to(path: Path, what: str) -> Path:
    """SQLite's own file next to a database: ``wal`` holds what was written last, ``shm`` says what of it counts."""
    return path.with_name(f"{path.name}-{what}")


_State = tuple[int, int, int]


def _state(path: Path) -> _State:
    """What changes where a file does: which file it is, its size and its time."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0, 0
    return status.st_ino, status.st_size, status.st_mtime_ns


def _can_write(path: Path) -> bool:
    """Whether SQLite can write a database, and make its own files next to it; also where there is nothing yet."""
    if not path.exists():
        return True  # if it cannot be made, that is an error
    files = [path, *(file for what in ("wal", "shm") if (file := _next_to(path, what)).exists())]
    return os.access(path.parent, os.W_OK | os.X_OK) and all(os.access(file, os.W_OK) for file in files)


def _uri(path: Path, options: str) -> str:
    return f"{path.as_uri()}?{options}"


def _connect_for_reading(path: Path, closing: contextlib.ExitStack) -> tuple[Connection, _State | None]:
    """A connection that makes and changes no file, and the state of the file where it reads without a lock."""
    unlocked = None
    try:
        waiting = _next_to(path, "wal").stat().st_size > 0
    except FileNotFoundError:
        waiting = False
    if not waiting:  # nobody is writing; SQLite would make files for locks, which can be had only where it may write
        options = "mode=ro&immutable=1"
        unlocked = _state(path)
    elif _next_to(path, "shm").exists():
        options = "mode=ro&readonly_shm=1"
    else:  # half a copy: what was written last can be read only where SQLite may write
        copies = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="digest-library-")))
        shutil.copy(_next_to(path, "wal"), copies / "library-wal")
        path, options = Path(shutil.copy(path, copies / "library")), "mode=rw"
    return sqlite3.connect(_uri(path, options), uri=True, timeout=_TURN, isolation_level=None), unlocked


_HEAD: Final = 100  # bytes with which a database begins: what it is, and whose


def _check_whose(path: Path, real: Path) -> None:
    """Finds another program's file, a broken one, or something other than a file, without changing anything.

    Raises:
        DigestError: it is not a library.
    """
    if path.exists() and not path.is_file():
        raise DigestError("the library is not a file", where=str(path), todo="give the library another name")
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return
    except OSError as error:
        raise DigestError(
            f"the library cannot be read: {error.strerror or error}", where=str(path), todo="check its permissions"
        ) from error
    if not head:
        return
    if not head.startswith(b"SQLite format 3\0"):
        raise DigestError(f"{_DAMAGED[0]} (file is not a database)", where=str(path), todo=_DAMAGED[1])
    if int.from_bytes(head[68:72], "big") == _APPLICATION:
        return
    # Ours has no number either while its tables are still in the file next to it: then none is in this one.
    if any(head[60:64]) or any(head[68:72]) or _has_tables(real, "mode=ro&immutable=1"):
        raise _foreign(path)
    if _next_to(real, "wal").exists():
        with contextlib.suppress(sqlite3.OperationalError):  # it cannot be read in place: it will be in a copy
            if _has_tables(real, "mode=ro"):
                raise _foreign(path)


def _has_tables(path: Path, options: str) -> bool:
    """Whether a database has tables, and not our number."""
    with contextlib.closing(sqlite3.connect(_uri(path, options), uri=True, timeout=_TURN)) as connection:
        if connection.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION:
            return False
        return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


_DAMAGED: Final = ("the library is damaged, or not a library", "move it away and collect again: it can be rebuilt")


@contextlib.contextmanager
def _messages(path: Path) -> Iterator[None]:
    """Turns an error of SQLite into a message that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        where = str(path)
        if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
            found, todo = _DAMAGED
        elif name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            found = "the disk is full or cannot be written"
            todo = "nothing that was stored before is lost: make room and try again"
        elif name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            found = "another process has been writing to the library for too long"
            todo = "wait for it to finish, or end it"
        elif name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
            found, todo = "the library cannot be opened or written here", "check the folder and its permissions"
        else:
            go_on_ending()  # a signal that came inside SQLite, which ends the query with an error
            raise
        raise DigestError(f"{found} ({error})", where=where, todo=todo) from error


# --- The tables, and how they came about -----------------------------------------------------------------------------

_APPLICATION: Final = 0x44494753  # “DIGS”: distinguishes our file from another program's
COLUMNS: Final = {
    "title": 8.0,
    "authors": 4.0,
    "abstract": 1.0,
    "keywords": 4.0,
    "number": 8.0,
    "ids": 8.0,
    "container": 1.0,
    "meeting": 2.0,
    "track": 3.0,
    "affiliations": 1.0,
}


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
    {", ".join(COLUMNS)}, content='', tokenize="unicode61 remove_diacritics 2", prefix='2 3');
INSERT INTO words(words, rank) VALUES('rank', 'bm25({", ".join(map(str, COLUMNS.values()))})');
INSERT INTO words(words, rank) VALUES('hashsize', 16777216)
"""
_NAMES: Final = ", ".join(COLUMNS)
_HOLES: Final = ", ".join("?" * len(COLUMNS))
ADD_WORDS: Final = f"INSERT INTO words(rowid, {_NAMES}) VALUES(?, {_HOLES})"
DELETE_WORDS: Final = f"INSERT INTO words(words, rowid, {_NAMES}) VALUES('delete', ?, {_HOLES})"


def _words(connection: Connection) -> Connection:
    """Makes the table of words that is searched."""
    for statement in _WORDS_TABLE.split(";\n"):
        connection.execute(statement)
    return connection


def words_alone() -> Connection:
    """A table of words without a library, in memory."""
    return _words(sqlite3.connect(":memory:"))


def _first_tables(connection: Connection) -> None:
    """Version 1."""
    for statement in _FIRST_TABLES.split(";\n"):  # `executescript` would commit
        connection.execute(statement)


def _gone(connection: Connection) -> None:
    """Version 2: what was missing when a source was last read to its end."""
    connection.execute("ALTER TABLE origins ADD COLUMN gone INTEGER NOT NULL DEFAULT 0")


def _affiliations(connection: Connection) -> None:
    """Version 3: affiliations are searched as well."""
    connection.execute("DROP TABLE IF EXISTS words")
    _words(connection)
    rows = connection.execute("SELECT n, json FROM records ORDER BY n")
    connection.executemany(ADD_WORDS, ((n, *words_of(decode(body))) for n, body in rows))


def _places(connection: Connection) -> None:
    """Version 4: the name of each file or address that is not a source of ``digest.yaml``."""
    connection.execute("CREATE TABLE places(name TEXT PRIMARY KEY, place TEXT NOT NULL UNIQUE) WITHOUT ROWID")


def _issues_seen(connection: Connection) -> None:
    """Version 5: the stamp of the issues' folders when they were last read."""
    connection.execute("CREATE TABLE issues_seen(stamp TEXT NOT NULL)")


def _runs(connection: Connection) -> None:
    """Version 6: what came of the last reading of each source."""
    counts = ", ".join(f"{name} INTEGER NOT NULL" for name in _RUN_COUNTS)
    connection.execute(
        f"CREATE TABLE runs(source TEXT PRIMARY KEY, day TEXT NOT NULL, {counts}, failed TEXT NOT NULL) WITHOUT ROWID"
    )


_RUN_COUNTS: Final = ("new", "merged", "changed", "unchanged", "deleted", "gone", "refused", "problems")


def _removed(connection: Connection) -> None:
    """Version 7: what somebody has removed. Its origins stay, under record 0, and so does what they said."""
    for statement in (
        "CREATE TABLE removed(origin INTEGER PRIMARY KEY, id TEXT NOT NULL, day TEXT NOT NULL, names TEXT NOT NULL)",
        "CREATE TABLE removed_keys(hash INTEGER, origin INTEGER, PRIMARY KEY(hash, origin)) WITHOUT ROWID",
        "CREATE TABLE removed_sources(source TEXT PRIMARY KEY, day TEXT NOT NULL) WITHOUT ROWID",
    ):
        connection.execute(statement)


REMOVED: Final = 0  # the number of no record: that of origins which somebody has removed

_MIGRATIONS: Final[tuple[Callable[[Connection], None], ...]] = (
    _first_tables,
    _gone,
    _affiliations,
    _places,
    _issues_seen,
    _runs,
    _removed,
)


def _prepare(connection: Connection, path: Path) -> None:
    """Sets the connection up, and brings the tables to the newest version; may be called again if it had to wait."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute("PRAGMA journal_mode = WAL")
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
                raise _foreign(path)  # noqa: TRY301 - the transaction must be rolled back in this case as well
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
    _check(connection, path)


def _check(connection: Connection, path: Path) -> None:
    """Refuses what cannot be read as it is: another program's tables, and those of another version."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
        raise _foreign(path)
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version < len(_MIGRATIONS):
        raise DigestError(
            f"the library has version {version}, and cannot be brought to version {len(_MIGRATIONS)} here, where it"
            " cannot be written",
            where=str(path),
            todo="run “digest library check” where it can be written; or copy it, and name the copy: --library FILE",
        )
    if version > len(_MIGRATIONS):
        raise DigestError(
            f"the library has version {version}",
            where=str(path),
            expected=f"version {len(_MIGRATIONS)} or earlier",
            todo="update this program: a newer one wrote the library",
        )


def _foreign(path: Path) -> DigestError:
    return DigestError("this is another program's database", where=str(path), todo="give the library another file")


# --- Rows and keys, as both sides need them --------------------------------------------------------------------------


def sound(text: str) -> str:
    """The text without halves of characters, which SQLite refuses."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def hash_of(key: str) -> int:
    """64 bits of a key: SQLite's integers are small and fast; a clash costs one comparison, never a wrong merge."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


def searchable(text: str) -> str:
    """The text in small letters without accents: FTS5 removes accents, but leaves ``ø`` and ``β`` as they are."""
    return text if text.isascii() else flat(text)


def words_of(record: Record) -> tuple[str, ...]:
    """The texts that are searched, in the order of `COLUMNS`."""
    meeting = record.meeting
    ids = record.ids
    return tuple(
        map(
            searchable,
            (
                record.title.plain,
                "; ".join(f"{person.given or person.initials} {person.family_name}" for person in record.authors),
                " ".join(f"{part.label or ''} {part.text.plain}" for part in record.abstract),
                "; ".join(record.keywords),
                record.number,
                " ".join(filter(None, (ids.doi, ids.pmid, ids.pmcid, ids.nbk, ids.isbn, *ids.registrations))),
                f"{record.container}; {record.container_short}",
                f"{meeting.name}; {meeting.society}; {meeting.place}" if meeting else "",
                record.track,
                "; ".join(affiliation.plain for affiliation in record.affiliations),
            ),
        )
    )


def forget_issues(connection: Connection) -> None:
    """Has the issues' folders read again: an id in them may now be another record's."""
    connection.execute("DELETE FROM issues_seen")


def record_in(connection: Connection, n: int) -> Record:
    """The record with this number."""
    return decode(connection.execute("SELECT json FROM records WHERE n = ?", (n,)).fetchone()[0])


def holds_source(connection: Connection, source: str) -> bool:
    """Whether anything has come from this source."""
    row = connection.execute("SELECT 1 FROM origins WHERE source = ? AND record <> 0 LIMIT 1", (sound(source),))
    return row.fetchone() is not None


def is_gone(connection: Connection, n: int) -> bool:
    """Whether no source has a record any longer."""
    return not connection.execute("SELECT 1 FROM origins WHERE record = ? AND NOT gone LIMIT 1", (n,)).fetchone()


def highlights_of(connection: Connection, n: int) -> tuple[Highlight, ...]:
    """The issues that a record is in."""
    rows = connection.execute("SELECT issue, date FROM highlighted WHERE record = ? ORDER BY date, issue", (n,))
    return tuple(Highlight(issue=issue, date=PartialDate.parse(date)) for issue, date in rows)


def note_run(connection: Connection, run: Run) -> None:
    """Remembers the last reading of a source, in place of the one before."""
    values = (sound(run.source), str(run.day), *(getattr(run, name) for name in _RUN_COUNTS), sound(run.failed))
    connection.execute(f"INSERT OR REPLACE INTO runs VALUES({', '.join('?' * len(values))})", values)


def runs_of(connection: Connection) -> Iterator[Run]:
    """The last reading of each source, by name."""
    for source, day, *counts, failed in connection.execute("SELECT * FROM runs ORDER BY source"):
        named = dict(zip(_RUN_COUNTS, counts, strict=True))
        yield Run(source=source, day=PartialDate.parse(day), failed=failed, **named)


def counts_of(connection: Connection) -> Counts:
    """How much there is."""

    def count(what: str, *values: object) -> int:
        return int(connection.execute(f"SELECT count({what}", values).fetchone()[0])

    return Counts(
        records=count("*) FROM records"),
        arrivals=count("*) FROM origins"),
        withdrawn=count("*) FROM records WHERE instr(json, ?)", b'"status":"withdrawn"'),
        gone=count("*) FROM records WHERE n NOT IN (SELECT record FROM origins WHERE NOT gone)"),
        frozen=count("DISTINCT record) FROM highlighted"),
        sources=dict(connection.execute("SELECT source, count(*) FROM origins GROUP BY source ORDER BY source")),
    )


def arrivals_of(connection: Connection, n: int, record: Record) -> Iterator[Arrival]:
    """The origins of a record, the first one first."""
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
