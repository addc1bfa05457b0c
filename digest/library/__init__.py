"""The library: one SQLite file that takes records in with all their origins, and gives merged ones out.

Every arrival is kept as an *origin*, with its bytes; a *record* is what `digest.merge.combine` makes of its origins. So
a merge can be undone, and loses nothing that came in. Everything is written in transactions that begin ``IMMEDIATE``: a
process that is killed leaves the state before or after one, and two processes wait for each other.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Self

from digest.errors import DigestError, Problem, did_you_mean
from digest.library import finding, removing
from digest.library.filing import Filing
from digest.library.joining import Joining
from digest.library.reading import Reading, store
from digest.library.tables import (
    Database,
    arrivals_of,
    counts_of,
    forget_issues,
    highlights_of,
    holds_source,
    note_run,
    record_in,
    runs_of,
    sound,
)
from digest.library.values import (
    Arrival,
    Change,
    Counts,
    Highlight,
    Hit,
    Intake,
    Merge,
    Removal,
    Removed,
    Run,
    StoredRecord,
    StudyLink,
)
from digest.merge import combine, keys
from digest.model import PartialDate, Record
from digest.records import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from digest.library.tables import Connection
    from digest.sources.page import Outcome

__all__ = [
    "Arrival",
    "Change",
    "Counts",
    "Highlight",
    "Hit",
    "Intake",
    "Library",
    "Merge",
    "Reading",
    "Removal",
    "Removed",
    "Run",
    "StoredRecord",
    "StudyLink",
]


class Library:
    """An open library: records go in with their origins and come out merged; closed by leaving its ``with``."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.path = database.path

    @classmethod
    def open(cls, path: Path, *, max_pages: int | None = None) -> Self:
        """The library in this file, made if there is none.

        Args:
            path: the file.
            max_pages: how many pages of 4 KiB the file may have at most.

        Raises:
            DigestError: it is not a library, is damaged, is from a newer version, or from an earlier one and cannot be
                written. One of this version that cannot be written is opened for reading.
        """
        return cls(Database(path, max_pages=max_pages))

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- Records in ---

    def reading(
        self,
        source: str,
        *,
        today: PartialDate,
        fresh: bool = False,
        whole: bool = False,
        on_part: Callable[[Intake], None] | None = None,
    ) -> Reading:
        """Reads one source into the library, page by page; use it in a ``with``, for one source at a time.

        Args:
            source: name of the source.
            today: the day, for when something was first and last seen.
            fresh: whether to start from the beginning where an earlier reading stopped before the end.
            whole: whether the source shows everything it has when it is read to its end, as a file does: what is
                missing then is marked as gone. The answer of a service holds only what is new.
            on_part: is given what became of each thousand arrivals; the report counts all and keeps the first of them.
        """
        return Reading(self._database, source, today=today, fresh=fresh, whole=whole, on_part=on_part)

    def collect(
        self,
        outcomes: Iterable[Outcome],
        *,
        source: str,
        today: PartialDate,
        part: str = "",
        cursor: str | None = None,
        on_part: Callable[[Intake], None] | None = None,
    ) -> Intake:
        """Takes in what was read from one page of a source, and reports what became of each outcome.

        The outcomes are stored as they come, a thousand to a transaction; the cursor is stored with the last of them.
        When reading them raises a `DigestError`, what came before it is stored, the cursor is not, and the report has
        the error. For a source of several pages, or one of which something may be gone, use `reading`.

        Args:
            outcomes: what a parser yields.
            source: name of the source.
            today: the day, for when something was first and last seen.
            part: the file, in a source of several: each has its own names for what it holds.
            cursor: where the next reading resumes.
            on_part: is given what became of each thousand arrivals; the report counts all and keeps the first of them.

        Raises:
            DigestError: the library cannot be written; what was stored before is whole.
        """
        return store(self._database, outcomes, source=source, today=today, part=part, cursor=cursor, on_part=on_part)

    def name_of(self, place: str, name: str, taken: Iterable[str] = ()) -> str:
        """The name of the source that a file or address is: the same each time, and no other source's.

        Two files called ``programme.csv`` are two sources: what is missing from the second is not gone from the first.

        Args:
            place: the address, or the path from the library's folder.
            name: the name that it should have, if that is free.
            taken: names that it cannot have.
        """
        place, taken = sound(place), set(taken)
        with self._database.transaction() as connection:
            given, is_new = _name_for(connection, place, name, taken)
            if is_new:
                connection.execute("INSERT OR REPLACE INTO places VALUES(?, ?)", (given, place))
            return given

    def probable_name(self, place: str, name: str, taken: Iterable[str] = ()) -> str:
        """The name that `name_of` would give now; nothing is written."""
        with self._database.connection() as connection:
            return _name_for(connection, sound(place), name, set(taken))[0]

    def note_run(self, run: Run) -> None:
        """Remembers what came of the last reading of a source."""
        with self._database.transaction() as connection:
            note_run(connection, run)

    def runs(self) -> dict[str, Run]:
        """The last reading of each source, by its name."""
        with self._database.connection() as connection:
            return {run.source: run for run in runs_of(connection)}

    def counts(self) -> Counts:
        """How much the library holds."""
        with self._database.connection() as connection:
            return counts_of(connection)

    def free_name(self, source: str) -> None:
        """Gives up the name of a file or address from which nothing has come: another one may have it."""
        with self._database.transaction() as connection:
            if not holds_source(connection, source):
                connection.execute("DELETE FROM places WHERE name = ?", (sound(source),))

    def cursor(self, source: str) -> str | None:
        """Where the next reading of this source resumes; nothing if it starts from the beginning."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT cursor FROM cursors WHERE source = ?", (sound(source),)).fetchone()
        return row[0] if row else None

    # --- Records out ---

    def __len__(self) -> int:
        with self._database.connection() as connection:
            return int(connection.execute("SELECT count(*) FROM records").fetchone()[0])

    def all(self) -> Iterator[Record]:
        """Every record, the first that came in first; also while others write."""
        last = 0
        while True:
            with self._database.connection() as connection:
                rows = connection.execute(
                    "SELECT n, json FROM records WHERE n > ? ORDER BY n LIMIT 500", (last,)
                ).fetchall()
            if not rows:
                return
            for n, body in rows:
                last = n
                yield decode(body)

    def get(self, id: str, *, show: Callable[[str], None] | None = None) -> StoredRecord:  # noqa: A002 - the field's word
        """Everything about one record.

        Args:
            id: its id or a former one, a DOI, PMID or PMCID in any spelling, or its abstract number, each of them
                whole; or the beginning of an id that only one record has.
            show: is given, in words, which record a beginning is taken for; none: beginnings are refused.

        Raises:
            DigestError: no record matches, or more than one does.
        """
        with self._database.connection() as connection:
            n = finding.number_of(connection, id.strip(), str(self.path), show)
            record = record_in(connection, n)
            links = connection.execute(
                "SELECT r.id, l.reason FROM links l JOIN records r ON r.n = l.one + l.other - ?1"
                " WHERE l.one = ?1 OR l.other = ?1 ORDER BY r.id",
                (n,),
            )
            former = connection.execute("SELECT id FROM aliases WHERE record = ? ORDER BY id", (n,))
            return StoredRecord(
                record=record,
                origins=tuple(arrivals_of(connection, n, record)),
                merges=_merges(connection, "WHERE m.record = ?", n),
                links=tuple(StudyLink(id=record.id or "", other=other, reason=reason) for other, reason in links),
                highlighted=highlights_of(connection, n),
                former_ids=tuple(row[0] for row in former),
            )

    def known(self, id: str) -> Record | None:  # noqa: A002 - the field's word
        """The record that has or had exactly this id, or the identifier in it; nothing where there is none."""
        with self._database.connection() as connection:
            n = finding.exact_number(connection, id)
            return None if n is None else record_in(connection, n)

    def former(self, id: str) -> Iterator[Record]:  # noqa: A002 - the field's word
        """What a record was before its sources changed it or joined it, the latest first, as far as it is kept."""
        with self._database.connection() as connection:
            n = finding.number_of(connection, id, str(self.path))
            arrivals = list(arrivals_of(connection, n, record_in(connection, n)))
            rows = connection.execute(
                "SELECT f.origin, f.json FROM former f JOIN origins o ON o.n = f.origin WHERE o.record = ?"
                " ORDER BY f.rowid DESC LIMIT 100",
                (n,),
            ).fetchall()
        states = {arrival.n: arrival.record for arrival in arrivals}
        for origin, body in [(None, b""), *rows]:
            if origin is not None:
                states[origin] = decode(body)
            for count in range(len(states), max(len(states) - 10, 0), -1):  # without those that came last
                yield combine(list(states.values())[:count])

    def raw(self, arrival: Arrival) -> bytes:
        """The bytes from which an arrival was read."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT raw FROM origins WHERE n = ?", (arrival.n,)).fetchone()
        return zlib.decompress(row[0]) if row else b""

    def holds(self, source: str) -> bool:
        """Whether anything has come from this source."""
        with self._database.connection() as connection:
            return holds_source(connection, source)

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
        """The records that fit, the best first; the newest first if the query has no words.

        Args:
            query: words that must all be there, in any order; ``"phrases"``; beginnings (``pancrea*``); ``OR``;
                ``-word`` for what must not be there; parentheses; ``author:saif``, ``title:``, ``number:e15166``,
                ``track:``, ``meeting:``, ``journal:``, ``keyword:``, ``affiliation:``, ``doi:``, ``nct:``,
                ``year:2014``, ``year:2012-2014``. Capitals and accents do not matter; a word that is not in
                quotes is also found in other spellings and in the singular or plural (`other_forms`).
            limit: how many at most; nothing for all.
            since: leaves out what is certainly older. What has no date counts by the day on which it was first seen.
            until: leaves out what is certainly newer.
            track: a word or phrase of the track.
            source: name of a source that has it.

        Raises:
            DigestError: the query is too long or too deep, or the source is unknown.
        """
        with self._database.connection() as connection:
            return finding.search(
                connection,
                query,
                limit=limit,
                since=since,
                until=until,
                track=track,
                source=source,
                where=str(self.path),
            )

    def other_forms(self, query: str) -> tuple[str, ...]:
        """Other spellings, singulars and plurals of a query's words that the search also looks for."""
        with self._database.connection() as connection:
            return tuple(finding.read_query(connection, query).also)

    def offers(self, query: str) -> tuple[tuple[str, int], ...]:
        """Queries that differ from one that finds nothing in a word, and how many records each finds."""
        with self._database.connection() as connection:
            finding.read_query(connection, query)
            return tuple(finding.offers(connection, query))

    # --- Merges ---

    def merges(self) -> tuple[Merge, ...]:
        """Every merge that was made, the latest first, including those that were undone."""
        with self._database.connection() as connection:
            return _merges(connection, "")

    def split(self, id: str) -> tuple[str, ...]:  # noqa: A002 - the field's word
        """Undoes the merges of a record for good: each of its origins becomes a record again.

        Returns:
            The ids of the records that it is now; the first keeps the links and issues.

        Raises:
            DigestError: no record matches, or it was never merged.
        """
        with self._database.transaction() as connection:
            n = finding.number_of(connection, id.strip(), str(self.path))
            origins = [row[0] for row in connection.execute("SELECT n FROM origins WHERE record = ? ORDER BY n", (n,))]
            if len(origins) < 2:
                raise DigestError(f"“{id}” was not merged: it has one origin", where=str(self.path))
            filing, joining = _outside_of_sources(connection)
            joining.split(n, origins)
            filing.finish()
            found = connection.execute(
                "SELECT r.id FROM origins o JOIN records r ON r.n = o.record"  # noqa: S608 - numbers alone
                f" WHERE o.n IN ({', '.join('?' * len(origins))}) ORDER BY o.n",
                origins,
            )
            return tuple(row[0] for row in found)

    def recognise(self, record: Record) -> bool:
        """Whether exactly one record of the library is the same as this one; it is then known under its id as well."""
        with self._database.transaction() as connection:
            _, joining = _outside_of_sources(connection)
            found = [n for n, match in joining.partners(record, keys(record)[1], None) if match]
            if len(found) == 1 and record.id:
                connection.execute("INSERT OR IGNORE INTO aliases VALUES(?, ?)", (record.id, found[0]))
                forget_issues(connection)
            return len(found) == 1

    def parted(self) -> dict[str, set[str]]:
        """For each id of a record that was split, the ids of those that it was one with."""
        found: dict[str, set[str]] = {}
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT a.id, b.id FROM apart JOIN origins x ON x.n = apart.one JOIN origins y ON y.n = apart.other"
                " JOIN records a ON a.n = x.record JOIN records b ON b.n = y.record WHERE a.n <> b.n"
            ).fetchall()
        for one, other in rows:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        return found

    # --- Removed, and put back ---

    def remove(
        self,
        ids: Iterable[str] = (),
        *,
        source: str = "",
        today: PartialDate,
        show: Callable[[str], None] | None = None,
    ) -> Removed:
        """Removes records, or everything that came from one source, and keeps it out from now on.

        Frozen records of issues are files, and stay. Nothing is lost: `restore` puts it back.

        Args:
            ids: names of the records, as for `get`.
            source: name of the source.
            today: the day.
            show: as for `get`.

        Raises:
            DigestError: no record matches, more than one does, or nothing has come from such a source.
        """
        with self._database.transaction() as connection:
            filing, _ = _outside_of_sources(connection)
            if source:
                finding.check_source(connection, source, str(self.path))
                done = removing.remove_source(filing, source, today)
            else:
                numbers = [finding.number_of(connection, id_.strip(), str(self.path), show) for id_ in ids]
                done = removing.remove_records(filing, numbers, today)
            filing.finish()
            return done

    def restore(self, ids: Iterable[str] = (), *, source: str = "") -> Removed:
        """Puts back what was removed: records by their ids or abstract numbers, or all that came from one source.

        Raises:
            DigestError: nothing of the kind was removed, or several removed records have a number.
        """
        with self._database.transaction() as connection:
            filing, joining = _outside_of_sources(connection)
            if source:
                connection.execute("DELETE FROM removed_sources WHERE source = ?", (sound(source),))
                done = [removing.restore(filing, joining, "o.source = ?", sound(source))]
            else:
                done = []
                for name in map(sound, ids):
                    removed = removing.removals(connection)
                    numbered = {one.id for one in removed if one.record.number.casefold() == name.casefold()}
                    found = {one.id for one in removed if one.id == name} or numbered
                    if len(found) != 1:
                        near = did_you_mean(name, [one.id for one in removed])
                        several = f"several removed records have the number {name}: {', '.join(sorted(found))}"
                        raise DigestError(
                            several if found else f"no record “{name}” was removed{near}",
                            where=str(self.path),
                            todo="digest library list --removed shows what was",
                        )
                    done.append(removing.restore(filing, joining, "d.id = ?", *found))
            filing.finish()
            return Removed(
                arrivals=sum(one.arrivals for one in done),
                ids=tuple(dict.fromkeys(id_ for one in done for id_ in one.ids)),
                kept=tuple(dict.fromkeys(id_ for one in done for id_ in one.kept)),
            )

    def removed(self, source: str = "") -> tuple[Removal, ...]:
        """What was removed, the latest first; of one source, if one is named."""
        with self._database.connection() as connection:
            return removing.removals(connection, source)

    def removed_sources(self) -> dict[str, PartialDate]:
        """The sources that were removed, and when."""
        with self._database.connection() as connection:
            rows = connection.execute("SELECT source, day FROM removed_sources ORDER BY source").fetchall()
        return {source: PartialDate.parse(day) for source, day in rows}

    # --- Issues ---

    def issues_stamp(self) -> str:
        """The stamp that `set_issues` was given; empty if records have come in or changed since."""
        with self._database.connection() as connection:
            row = connection.execute("SELECT stamp FROM issues_seen").fetchone()
        return row[0] if row else ""

    def set_issues(self, issues: Mapping[str, tuple[PartialDate, Iterable[str]]], stamp: str = "") -> None:
        """Makes these the issues that records are in, and no others.

        Args:
            issues: date of each issue and the ids of the records in it; an id that the library does not know is left
                out.
            stamp: what `issues_stamp` gives from now on, until something changes here.
        """
        issues = {issue: (date, tuple(ids)) for issue, (date, ids) in issues.items()}
        with self._database.connection() as connection:
            wanted = _wanted(connection, issues)
            settled = wanted == _highlighted(connection)
        if settled and not stamp:
            return

        def write(connection: Connection) -> None:
            if (wanted := _wanted(connection, issues)) != _highlighted(connection):
                connection.execute("DELETE FROM highlighted")
                connection.executemany("INSERT INTO highlighted VALUES(?, ?, ?)", sorted(wanted))
            forget_issues(connection)
            if stamp:
                connection.execute("INSERT INTO issues_seen VALUES(?)", (stamp,))

        # Nobody waits in order to write what is known: reading needs no more, and whoever writes later writes this too.
        try:
            with self._database.transaction(wait=False) as connection:
                write(connection)
        except DigestError:
            if not settled:
                self._database.keep_for_now("highlighted", sorted(wanted), write)

    # --- Maintenance ---

    def check(self) -> tuple[Problem, ...]:
        """What is wrong with the file: nothing, unless a disk or another program has changed it."""
        with self._database.connection() as connection:
            answers = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            found = [] if answers == ["ok"] else [f"SQLite reports: {line}" for line in answers]
            for what, statement in {
                "records without an origin": "SELECT count(*) FROM records WHERE n NOT IN (SELECT record FROM origins)",
                "origins without a record": "SELECT count(*) FROM origins WHERE record NOT IN (SELECT n FROM records)"
                " AND n NOT IN (SELECT origin FROM removed)",
                "records that cannot be searched": "SELECT abs((SELECT count(*) FROM records)"
                " - (SELECT count(*) FROM words_docsize))",
            }.items():
                if count := connection.execute(statement).fetchone()[0]:
                    found.append(f"{count} {what}")
        todo = "move the file away and collect again: it can be rebuilt"
        return tuple(
            Problem(level="error", code="library", message=f"{text}; {todo}", file=str(self.path)) for text in found
        )


def _name_for(connection: Connection, place: str, name: str, taken: Collection[str]) -> tuple[str, bool]:
    """The name of the source in a place, and whether it has none yet that it can have."""
    row = connection.execute("SELECT name FROM places WHERE place = ?", (place,)).fetchone()
    if row and row[0] not in taken:
        return str(row[0]), False
    given, n = name, 1
    known = "SELECT 1 FROM places WHERE name = ? AND place != ?"
    while given in taken or connection.execute(known, (given, place)).fetchone():
        n += 1
        given = f"{name}-{n}"
    return given, True


def _outside_of_sources(connection: Connection) -> tuple[Filing, Joining]:
    """What splits and recognises records while no source is read."""
    filing = Filing(connection, PartialDate(1))
    return filing, Joining(filing, Intake(source=""), set())


def _merges(connection: Connection, condition: str, *values: object) -> tuple[Merge, ...]:
    rows = connection.execute(
        "SELECT r.id, m.joined, m.reason, m.key, m.day, m.undone FROM merges m JOIN records r ON r.n = m.record "  # noqa: S608 - the conditions are ours
        + condition
        + " ORDER BY m.n DESC",
        values,
    ).fetchall()
    return tuple(
        Merge(id=id_, joined=joined, reason=reason, key=key, day=PartialDate.parse(day), undone=bool(undone))
        for id_, joined, reason, key, day, undone in rows
    )


_Highlighted = set[tuple[int, str, str]]  # number of a record, name and date of an issue


def _wanted(connection: Connection, issues: Mapping[str, tuple[PartialDate, Iterable[str]]]) -> _Highlighted:
    """The rows that these issues make."""
    return {
        (n, issue, str(date))
        for issue, (date, ids) in issues.items()
        for id_ in ids
        if (n := finding.exact_number(connection, id_)) is not None
    }


def _highlighted(connection: Connection) -> _Highlighted:
    """The rows that there are."""
    return set(connection.execute("SELECT record, issue, date FROM highlighted"))
