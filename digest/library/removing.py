"""Takes out of the library what somebody does not want there, remembers the decision, and puts it back when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from digest.library.tables import REMOVED, hash_of, highlights_of, sound
from digest.library.values import Removal, Removed
from digest.merge import keys, possible_ids, same
from digest.model import PartialDate
from digest.records import decode, encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.library.filing import Filing
    from digest.library.joining import Joining
    from digest.library.tables import Connection
    from digest.model import Record


def remove_records(filing: Filing, numbers: Iterable[int], today: PartialDate) -> Removed:
    """Removes whole records with all their arrivals; what is the same stays out from now on, whoever sends it."""
    connection = filing.connection
    origins: list[int] = []
    for n in dict.fromkeys(numbers):
        found = [row[0] for row in connection.execute("SELECT n FROM origins WHERE record = ?", (n,))]
        filing.write_out(n)
        for origin in found:
            record = filing.record_of_origin(origin, n)
            connection.executemany(
                "INSERT OR IGNORE INTO removed_keys VALUES(?, ?)", [(hash_of(key), origin) for key in keys(record)[0]]
            )
        origins += found
    return _take_out(filing, origins, today)


def remove_source(filing: Filing, source: str, today: PartialDate) -> Removed:
    """Removes everything that came from one source; what other sources say stays."""
    source = sound(source)
    filing.connection.execute("INSERT OR REPLACE INTO removed_sources VALUES(?, ?)", (source, str(today)))
    filing.connection.execute("DELETE FROM cursors WHERE source = ?", (source,))
    rows = filing.connection.execute("SELECT n FROM origins WHERE source = ? AND record <> 0 ORDER BY n", (source,))
    return _take_out(filing, [row[0] for row in rows], today)


def _take_out(filing: Filing, origins: Iterable[int], today: PartialDate) -> Removed:
    connection = filing.connection
    by_record: dict[int, list[int]] = {}
    for origin in origins:
        by_record.setdefault(filing.number_of_origin(origin), []).append(origin)
    removed: list[str] = []
    kept: list[str] = []
    issues: dict[str, None] = {}
    for n, ours in by_record.items():
        id_ = filing.record(n).id or ""
        issues.update((mark.issue, None) for mark in highlights_of(connection, n))
        filing.write_out(n)
        names = [row[0] for row in connection.execute("SELECT id FROM aliases WHERE record = ? ORDER BY id", (n,))]
        for origin in ours:
            connection.execute("UPDATE origins SET record = ? WHERE n = ?", (REMOVED, origin))
            keep_out(connection, origin, id_, str(today), names)
        if connection.execute("SELECT 1 FROM origins WHERE record = ? LIMIT 1", (n,)).fetchone():
            kept.append(filing.renew(n).id or "")
            continue
        filing.remove(n)
        for table in ("aliases", "merges", "highlighted"):
            connection.execute(f"DELETE FROM {table} WHERE record = ?", (n,))  # noqa: S608 - the names are ours
        connection.execute("DELETE FROM links WHERE one = ?1 OR other = ?1", (n,))
        removed.append(id_)
    return Removed(
        arrivals=sum(map(len, by_record.values())), ids=tuple(removed), kept=tuple(kept), issues=tuple(sorted(issues))
    )


def keep_out(connection: Connection, origin: int, id_: str, day: str, names: Iterable[str] = ()) -> None:
    """Remembers that an arrival was removed.

    Args:
        connection: the library, in a transaction.
        origin: the arrival's number.
        id_: the id that its record had.
        day: when.
        names: other ids that led to the record.
    """
    connection.execute("INSERT INTO removed VALUES(?, ?, ?, ?)", (origin, id_, day, "\n".join(names)))


def removed_as(connection: Connection, record: Record, sought: Iterable[str]) -> str | None:
    """The id that a record had which is the same as this one and was removed; nothing where there is none."""
    for key in sought:
        rows = connection.execute(
            "SELECT d.id, o.json FROM removed_keys k JOIN removed d ON d.origin = k.origin"
            " JOIN origins o ON o.n = k.origin WHERE k.hash = ? LIMIT 32",
            (hash_of(key),),
        ).fetchall()
        for id_, body in rows:
            if same(record, decode(body)):
                return str(id_)
    return None


def removals(connection: Connection, source: str = "") -> tuple[Removal, ...]:
    """What was removed, the latest first; of one source, if one is named."""
    rows = connection.execute(
        "SELECT d.id, o.source, d.day, o.json FROM removed d JOIN origins o ON o.n = d.origin"
        " WHERE ?1 = '' OR o.source = ?1 ORDER BY d.day DESC, o.n",
        (sound(source),),
    ).fetchall()
    return tuple(
        Removal(id=id_, source=name, day=PartialDate.parse(day), record=decode(body)) for id_, name, day, body in rows
    )


def restore(filing: Filing, joining: Joining, condition: str, value: str) -> Removed:
    """Puts back what was removed and fits a condition on its row and that of its origin."""
    connection = filing.connection
    rows = connection.execute(
        "SELECT o.n, o.source, o.identifier, o.place, o.content, o.json, o.first_seen, d.names FROM removed d"  # noqa: S608 - the conditions are ours
        f" JOIN origins o ON o.n = d.origin WHERE {condition} ORDER BY o.n",
        (value,),
    ).fetchall()
    known = {row[0] for row in connection.execute("SELECT n FROM records")}
    touched: dict[int, None] = {}
    for source in {row[1] for row in rows}:  # rows of one page stay rivals
        joining.here.update(row[0] for row in connection.execute("SELECT n FROM origins WHERE source = ?", (source,)))
    for origin, source, identifier, place, content, body, first_seen, names in rows:
        filing.today = first_seen
        record = structs.replace(decode(body), id=None)
        filed, sought = keys(record)
        partners = [
            partner
            for partner in joining.partners(record, sought, None)
            if not joining.was_split_from(origin, partner[0])
        ]
        chosen = joining.partner_for(record, content, source, place, partners)
        if chosen:
            n = chosen[0]
            filing.write_out(n)
        else:
            n = filing.insert(record, encode(structs.replace(record, origin=None)), filed)
        connection.execute("UPDATE origins SET record = ? WHERE n = ?", (n, origin))
        connection.execute("DELETE FROM removed WHERE origin = ?", (origin,))
        connection.execute("DELETE FROM removed_keys WHERE origin = ?", (origin,))
        before = filing.record(n)
        after = filing.renew(n)
        if chosen:
            joining.note_merge(n, f"{source} {identifier}".strip(), chosen[1].reason, chosen[1].key, before, after)
        connection.executemany(
            "INSERT OR IGNORE INTO aliases VALUES(?, ?)",
            [(name, n) for name in filter(None, names.split("\n")) if name not in possible_ids(after)],
        )
        touched[n] = None
    ids = {n: filing.record(n).id or "" for n in touched}
    return Removed(
        arrivals=len(rows),
        ids=tuple(id_ for n, id_ in ids.items() if n not in known),
        kept=tuple(id_ for n, id_ in ids.items() if n in known),
    )
