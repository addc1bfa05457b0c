"""Decides which records are one: they are merged, linked as the same study, or taken apart again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.errors import Problem
from digest.library.tables import arrivals_of, hash_of
from digest.library.values import Change, Merge, StudyLink
from digest.merge import combine, disagreement, encore, gathered_twice, keys, same
from digest.model import PartialDate, Record
from digest.records import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from digest.library.filing import Filing
    from digest.library.values import Arrival, Intake
    from digest.merge import Match

_RIVALS: Final = 5  # rows of one page with one title that are linked: a hundred “Case reports” need no web of links
_PARTNERS: Final = 32  # looked at for one key: five thousand abstracts under one DOI must not cost 25 million looks

Partner = tuple[int, "Match | None"]  # the number of a record, and why it is the same as another one


class Joining:
    """Joins and parts the records of one transaction.

    Two records of one page are two, whatever they have in common, unless an identifier says that they are one, or the
    page is a library gathered from several databases (`digest.merge.gathered_twice`).

    Attributes:
        here: numbers of the arrivals that have come so far in the page that is being read.
    """

    def __init__(self, filing: Filing, intake: Intake, here: set[int]) -> None:
        self.here = here
        self._filing = filing
        self._connection = filing.connection
        self._intake = intake

    # Candidates

    def partners(self, record: Record, sought: Iterable[str], n: int | None) -> list[Partner]:
        """Records that share a key with this one, the strongest first, each with the reason to merge it or nothing.

        Args:
            record: the record.
            sought: its keys.
            n: its number, if it has one.
        """
        found: dict[int, None] = {}
        for key in sought:
            rows = self._connection.execute(
                "SELECT record FROM keys WHERE hash = ? ORDER BY record LIMIT ?", (hash_of(key), _PARTNERS)
            )
            found.update((row[0], None) for row in rows)
        found.pop(n, None)  # type: ignore[arg-type]  # nothing is removed if it has no number yet
        return [(other, same(record, self._filing.record(other))) for other in found]

    def partner_for(
        self, record: Record, content: bytes, source: str, place: str, partners: Iterable[Partner]
    ) -> tuple[int, Match] | None:
        """The record that an arrival joins, and why: of several the one with the same text, or with no contradiction.

        What has not come again in this page is not a rival: it may be the same arrival under another name.
        """
        found: list[tuple[int, Match]] = []
        for n, match in partners:
            if match is None:
                continue
            rivals = [
                row[0]
                for row in self._connection.execute(
                    "SELECT n FROM origins WHERE record = ? AND source = ? AND place = ? AND NOT withdrawn",
                    (n, source, place),
                )
                if row[0] in self.here
            ]
            if not rivals or self._tied(n, rivals, record, content):
                found.append((n, _twice(match) if rivals else match))
        if len(found) > 1:
            texts = {n: self._filing.record(n) for n, _ in found}
            found.sort(
                key=lambda one: (bool(disagreement(record, texts[one[0]])), record.abstract != texts[one[0]].abstract)
            )
        return found[0] if found else None

    # Rivals: arrivals of one page

    def _rivals(self, n: int, other: int) -> list[tuple[int, int]]:
        """Pairs of arrivals of one page, one of each record; within one record, those that have come in this page."""
        rows = self._connection.execute(
            "SELECT a.n, b.n FROM origins a JOIN origins b ON a.source = b.source AND a.place = b.place"
            " WHERE a.record = ? AND b.record = ? AND a.n <> b.n"
            " AND NOT (a.withdrawn OR b.withdrawn OR a.gone OR b.gone) LIMIT ?",
            (n, other, _PARTNERS * _PARTNERS),
        )
        return [(a, b) for a, b in rows if n != other or {a, b} <= self.here]

    def _are_rivals(self, n: int, other: int) -> bool:
        """Whether two records have arrivals of one page that nothing connects."""
        pairs = self._rivals(n, other)
        if not pairs:
            return False
        ties = self._ties(n, other)
        return not all(ties.has(a, b) for a, b in pairs)

    def _tied(self, n: int, origins: Iterable[int], record: Record, content: bytes) -> bool:
        """Whether an arrival that joins a record is one with each of these arrivals of that record."""
        ids = record.ids
        if not (ids.doi or ids.pmid or ids.pmcid or (record.volume and record.pages)):
            same_words = "SELECT 1 FROM origins WHERE record = ? AND content = ?"
            if not self._connection.execute(same_words, (n, content)).fetchone():
                return False
        ties = self._ties(n)
        ties.add(0, record)
        ties.tie(0, content)
        file = record.origin.format if record.origin else ""
        for arrival in arrivals_of(self._connection, n, self._filing.record(n)):
            if arrival.n in origins and gathered_twice(record, arrival.record, file):
                ties.unite(0, arrival.n)
        return all(ties.has(0, origin) for origin in origins)

    def _ties(self, *records: int) -> _Ties:
        """What makes the arrivals of these records one."""
        ties = _Ties()
        arrivals: list[Arrival] = []
        for n in dict.fromkeys(records):
            for arrival in arrivals_of(self._connection, n, self._filing.record(n)):
                ties.add(arrival.n, arrival.record)
                for other in arrivals[:_PARTNERS]:
                    of_one_page = (other.source, other.where) == (arrival.source, arrival.where)
                    if of_one_page and gathered_twice(other.record, arrival.record, arrival.format):
                        ties.unite(other.n, arrival.n)
                arrivals.append(arrival)
            for origin, content in self._connection.execute("SELECT n, content FROM origins WHERE record = ?", (n,)):
                ties.tie(origin, content)
        return ties

    # Together

    def join_others(self, n: int, partners: Sequence[Partner]) -> None:
        """Merges further records into this one where it is the same as them, and links the others."""
        left: list[Partner] = []
        for other, _ in partners:
            match = same(self._filing.record(n), self._filing.record(other))
            if match and not self._were_split(n, other) and not self._are_rivals(n, other):
                self._absorb(n, other, _twice(match) if self._rivals(n, other) else match)
            else:
                left.append((other, match))
        self.link(n, left)

    def _were_split(self, n: int, other: int) -> bool:
        """Whether somebody has split origins of these two."""
        row = self._connection.execute(
            "SELECT 1 FROM apart JOIN origins a ON a.n = one JOIN origins b ON b.n = other"
            " WHERE (a.record = ?1 AND b.record = ?2) OR (a.record = ?2 AND b.record = ?1) LIMIT 1",
            (n, other),
        ).fetchone()
        return row is not None

    def was_split_from(self, origin: int, n: int) -> bool:
        """Whether somebody has split this arrival from one of the record."""
        row = self._connection.execute(
            "SELECT 1 FROM apart JOIN origins o ON o.n = one + other - ?1"
            " WHERE (one = ?1 OR other = ?1) AND o.record = ?2 LIMIT 1",
            (origin, n),
        ).fetchone()
        return row is not None

    def _absorb(self, n: int, other: int, match: Match) -> None:
        before, gone = self._filing.record(n), self._filing.record(other)
        for one in (n, other):
            self._filing.write_out(one)
            self._filing.touch(one)
        connection = self._connection
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
        self._filing.remove(other)
        connection.execute("INSERT OR REPLACE INTO aliases VALUES(?, ?)", (gone.id, n))
        after = self._filing.renew(n)
        odds = self.note_contradiction(before, gone, after)
        self.note_merge(n, gone.id or "", match.reason + odds, match.key, before, after)

    def link(self, n: int, partners: Sequence[Partner]) -> None:
        """Links a record with those that report on the same study."""
        rivals = 0
        for other, match in partners:
            reason = encore(self._filing.record(n), self._filing.record(other))
            rivals += bool(match)
            if rivals > _RIVALS:
                continue
            if match and not self._were_split(n, other):
                reason = f"{match.reason}, but listed separately in one source"
            if reason and self._write_link(n, other, reason):
                ids = self._filing.record(n).id or "", self._filing.record(other).id or ""
                self._intake.links.append(StudyLink(id=ids[0], other=ids[1], reason=reason))

    def _write_link(self, n: int, other: int, reason: str) -> bool:
        if n == other:
            return False
        done = self._connection.execute(
            "INSERT OR IGNORE INTO links VALUES(?, ?, ?)", (min(n, other), max(n, other), reason)
        )
        return done.rowcount > 0

    # Apart

    def part(self, origin: int, n: int) -> None:
        """Takes an arrival out of its record if another one of this page is in it as well."""
        others = [
            row[0]
            for row in self._connection.execute(
                "SELECT b.n FROM origins a JOIN origins b ON a.source = b.source AND a.place = b.place"
                " WHERE a.n = ? AND b.record = ? AND a.n <> b.n AND NOT b.withdrawn",
                (origin, n),
            )
            if row[0] in self.here
        ]
        if not others or not self._are_rivals(n, n):
            return
        before = self._filing.record(n)
        self._take_out(max(origin, *others), n)
        self._note_change(before, self._filing.record(n))

    def _take_out(self, origin: int, n: int) -> int:
        """Makes an arrival of a record a record of its own, and gives its number."""
        self._filing.write_out(n)
        arrivals = arrivals_of(self._connection, n, self._filing.record(n))
        (record,) = (one.record for one in arrivals if one.n == origin)
        record = structs.replace(record, id=None)
        new = self._filing.insert(record, encode(structs.replace(record, origin=None)), keys(record)[0])
        self._connection.execute("UPDATE origins SET record = ? WHERE n = ?", (new, origin))
        self._connection.execute(
            "UPDATE merges SET undone = 1 WHERE record = ?1 AND joined ="
            " (SELECT trim(source || ' ' || identifier) FROM origins WHERE n = ?2)",
            (n, origin),
        )
        self._filing.renew(n)
        self._filing.renew(new)
        return new

    def split(self, n: int, origins: Sequence[int]) -> None:
        """Makes each of these origins of a record a record of its own, for good."""
        self._filing.write_out(n)
        self._filing.touch(n)
        arrivals = {arrival.n: arrival for arrival in arrivals_of(self._connection, n, self._filing.record(n))}
        self._connection.executemany(
            "INSERT OR IGNORE INTO apart VALUES(?, ?)", [(a, b) for a in origins for b in origins if a < b]
        )
        self._connection.execute("UPDATE merges SET undone = 1 WHERE record = ?", (n,))
        self._connection.execute("UPDATE origins SET record = -n WHERE record = ? AND n <> ?", (n, origins[0]))
        self._filing.renew(n)  # first of all: an id that it does not keep is free for one of the others
        for origin in origins[1:]:
            self._filing.today = str(arrivals[origin].first_seen)
            record = structs.replace(arrivals[origin].record, id=None)
            body = encode(structs.replace(record, origin=None))
            new = self._filing.insert(record, body, keys(record)[0])
            self._connection.execute("UPDATE origins SET record = ? WHERE n = ?", (new, origin))
            self._connection.execute(
                "INSERT INTO highlighted SELECT ?, issue, date FROM highlighted WHERE record = ?", (new, n)
            )
            self._filing.renew(new)

    # What changed

    def change(self, origin: int, n: int, record: Record) -> None:
        """Brings a record in line with an arrival of it that now says something else."""
        before = self._filing.record(n)
        others = [arrival for arrival in arrivals_of(self._connection, n, before) if arrival.n != origin]
        if others and not same(record, combine([arrival.record for arrival in others])):
            # What they were merged by is no longer true.
            n, others = self._take_out(origin, n), []
        after = self._filing.renew(n)
        if there := [arrival.record for arrival in others if not (arrival.gone or arrival.withdrawn)]:
            self.note_contradiction(combine(there), record, after)
        self._intake.changes.append(_change(before, after))
        self.join_others(n, self.partners(after, keys(after)[1], n))

    def weigh(self, n: int) -> None:
        """Combines a record of several arrivals again, one of which is gone or has come back."""
        if self._connection.execute("SELECT count(*) FROM origins WHERE record = ?", (n,)).fetchone()[0] > 1:
            before = self._filing.record(n)
            self._note_change(before, self._filing.renew(n))

    def _note_change(self, before: Record, after: Record) -> None:
        change = _change(before, after)
        if change.fields:
            self._intake.changes.append(change)

    def note_merge(self, n: int, joined: str, reason: str, key: str, before: Record, after: Record) -> None:
        """Remembers a merge, and reports it."""
        today = self._filing.today
        self._connection.execute(
            "INSERT INTO merges(record, joined, reason, key, day) VALUES(?, ?, ?, ?, ?)",
            (n, joined, reason, key, today),
        )
        self._intake.merges.append(
            Merge(
                id=after.id or "",
                joined=joined,
                reason=reason,
                key=key,
                fields=_differing(before, after),
                day=PartialDate.parse(today),
                former_id=_former_id(before, after),
                within=_TWICE in reason,
            )
        )

    def note_contradiction(self, one: Record, other: Record, merged: Record) -> str:
        """Warns about texts that contradict each other, and gives what to add to the reason of their merge."""
        odds = disagreement(one, other)
        if odds:
            message = (
                f"the texts of {merged.id} contradict each other: {odds}; “digest show {merged.id}” shows which source "
                "takes precedence, and “digest library split” undoes the merge"
            )
            where = other.origin.where if other.origin else ""
            problem = Problem(level="warning", code="texts-differ", message=message, file=where, key=merged.id or "")
            self._intake.problems.append(problem)
        return f"; their texts contradict each other: {odds}" if odds else ""


_FIELDS: Final = tuple(name for name in Record.__struct_fields__ if name not in {"id", "origin"})


def _differing(before: Record, after: Record) -> tuple[str, ...]:
    return tuple(name for name in _FIELDS if getattr(before, name) != getattr(after, name))


def _former_id(before: Record, after: Record) -> str:
    return (before.id or "") if before.id != after.id else ""


def _change(before: Record, after: Record) -> Change:
    return Change(id=after.id or "", fields=_differing(before, after), former_id=_former_id(before, after))


_TWICE: Final = ", twice in one file"


def _twice(match: Match) -> Match:
    """The match of two arrivals of one page, where no identifier makes it certain."""
    certain = match.key.startswith(("doi:", "pmid:", "pmcid:"))
    return match if certain else structs.replace(match, reason=match.reason + _TWICE)


class _Ties:
    """Which arrivals are one by an identifier, directly or by way of others."""

    def __init__(self) -> None:
        self._above: dict[object, object] = {}

    def _top(self, one: object) -> object:
        while (above := self._above.setdefault(one, one)) != one:
            self._above[one] = self._above[above]
            one = above
        return one

    def tie(self, origin: int, mark: object) -> None:
        """Makes this arrival one with all others that have this mark."""
        self._above[self._top(origin)] = self._top(mark)

    def unite(self, one: int, other: int) -> None:
        """Makes two arrivals one."""
        self._above[self._top(one)] = self._top(other)

    def add(self, origin: int, record: Record) -> None:
        """Gives this arrival the identifiers of a record."""
        for kind in ("doi", "pmid", "pmcid"):
            if name := getattr(record.ids, kind):
                self.tie(origin, f"{kind}:{name}")

    def has(self, one: int, other: int) -> bool:
        """Whether two arrivals are one."""
        return self._top(one) == self._top(other)
