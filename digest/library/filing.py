"""Keeps records in line with their origins: each record is combined again, with its id, keys and searched words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.library.tables import (
    ADD_WORDS,
    DELETE_WORDS,
    arrivals_of,
    forget_issues,
    hash_of,
    record_in,
    words_of,
)
from digest.merge import combine, fold, keys, possible_ids
from digest.records import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.library.tables import Connection
    from digest.model import PartialDate, Record

_MOST_KNOWN: Final = 3000


class Filing:
    """The records that one transaction touches.

    Attributes:
        connection: the library, in the transaction.
        today: the day on which new records were first seen.
    """

    def __init__(self, connection: Connection, today: PartialDate) -> None:
        self.connection = connection
        self.today = str(today)
        self._known: dict[int, Record] = {}  # records as they are now
        self._searched: dict[int, Record | None] = {}  # records as the search has them; nothing for new ones

    def record(self, n: int) -> Record:
        """The record with this number, as it is now."""
        if n not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[n] = record_in(self.connection, n)
        return self._known[n]

    def record_of_origin(self, origin: int, n: int) -> Record:
        """What one origin of a record says."""
        body = self.connection.execute("SELECT json FROM origins WHERE n = ?", (origin,)).fetchone()[0]
        return self.record(n) if body is None else decode(body)

    def number_of_origin(self, origin: int) -> int:
        """The number of the record that an origin belongs to."""
        return int(self.connection.execute("SELECT record FROM origins WHERE n = ?", (origin,)).fetchone()[0])

    def insert(self, record: Record, body: bytes, filed: Iterable[str]) -> int:
        """Files a new record, to which its one origin has yet to be added, and gives its number.

        Args:
            record: the record.
            body: its JSON, without id and origin.
            filed: the keys under which it is found.
        """
        record = structs.replace(record, id=self._free_id(record, None))
        n = self.connection.execute(
            "INSERT INTO records(id, date, number, seen, json) VALUES(?, ?, ?, ?, ?)",
            (record.id, _date(record), fold(record.number), self.today, full_json(record, body)),
        ).lastrowid
        assert n is not None
        self.connection.execute("DELETE FROM aliases WHERE id = ?", (record.id,))
        self._file_keys(n, filed)
        self._known[n] = record
        self._searched[n] = None
        return n

    def write_out(self, n: int) -> None:
        """Gives the only origin of a record its own copy of the text, before the record becomes something else."""
        self.connection.execute(
            "UPDATE origins SET json = (SELECT json FROM records WHERE n = ?1) WHERE record = ?1 AND json IS NULL", (n,)
        )

    def renew(self, n: int) -> Record:
        """Combines a record again from its origins.

        Origins that their source has taken back, and those that another one of the same page has replaced, count only
        if no other is left.
        """
        before = self.record(n)
        self.touch(n)
        arrivals = list(arrivals_of(self.connection, n, before))
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
        self._known[n] = after
        self.connection.execute("DELETE FROM keys WHERE record = ?", (n,))
        # What an origin is known by also finds the record, even where another origin took precedence.
        for record in (after, *(arrival.record for arrival in arrivals if len(arrivals) > 1)):
            self._file_keys(n, keys(record)[0])
        return after

    def touch(self, n: int) -> None:
        """Notes what the search has of a record, before the record changes."""
        if n not in self._searched:
            self._searched[n] = self.record(n)

    def remove(self, n: int) -> None:
        """Removes a record that has become part of another one."""
        self.touch(n)
        self.connection.execute("DELETE FROM keys WHERE record = ?", (n,))
        self.connection.execute("DELETE FROM records WHERE n = ?", (n,))
        self._known.pop(n, None)

    def _file_keys(self, n: int, filed: Iterable[str]) -> None:
        self.connection.executemany("INSERT OR IGNORE INTO keys VALUES(?, ?)", [(hash_of(key), n) for key in filed])

    def _free_id(self, record: Record, n: int | None) -> str:
        """The best id that no other record has."""
        name = ""
        for name in possible_ids(record):
            if self._is_free(name, n):
                return name
        current = self.record(n).id if n is not None else None
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
        """Lets the search find what is new or has changed."""
        forget_issues(self.connection)
        old, new = [], []
        for n, before in self._searched.items():
            exists = self.connection.execute("SELECT 1 FROM records WHERE n = ?", (n,)).fetchone()
            if before is not None:
                old.append((n, *words_of(before)))
            if exists:
                new.append((n, *words_of(self.record(n))))
        self.connection.executemany(DELETE_WORDS, old)
        self.connection.executemany(ADD_WORDS, new)


def full_json(record: Record, body: bytes) -> bytes:
    """The JSON of a record from its JSON without id and origin: to encode it again takes as long as to store it."""
    parts = [b'"id":' + encode(record.id)] if record.id else []
    parts.append(body[1:-1])
    if record.origin:
        parts.append(b'"origin":' + encode(record.origin))
    return b"{" + b",".join(parts) + b"}"


def _date(record: Record) -> str:
    date = record.issued or (record.meeting.start if record.meeting else None)
    return str(date) if date else ""
