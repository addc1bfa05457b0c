"""Stores what a page of a source holds: each arrival is new, the same as before, changed, or taken back."""

from __future__ import annotations

import hashlib
import itertools
import re
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, structs

from digest.errors import Problem
from digest.library.filing import Filing, full_json
from digest.library.joining import Joining
from digest.library.removing import keep_out, removed_as
from digest.library.tables import REMOVED, arrivals_of, is_gone, sound
from digest.library.values import MOST_LISTED, Intake
from digest.merge import alike, combine, fold, is_generic, keys, possible_ids, same
from digest.model import Record
from digest.records import decode, encode
from digest.sources.page import Deleted, Outcome, Parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.library.tables import Connection
    from digest.model import PartialDate

_MARKED: Final = re.compile(r"(?:~[0-9a-f]{12}(?:~\d+)?)?")
_LARGE: Final = 8  # arrivals under one name, from which on they are kept in memory while a page is read
_VERSIONS: Final = 32  # of what has one name and title, of which a new arrival may be the next version


class _Family:
    """The arrivals of one source under one name: the name itself, and the name with marks (`Arrivals._origin`).

    Attributes:
        names: their names by their numbers.
        contents: the checksum of what each says, by their numbers.
        numbers: their numbers, by the checksum.
        free: numbers that may be given to an arrival that says something else, by the mark of their title, the first
            one last.
        count: how many have this mark.
    """

    def __init__(self, name: str, rows: Iterable[tuple[int, str, bytes]]) -> None:
        self.names: dict[int, str] = {}
        self.contents: dict[int, bytes] = {}
        self.numbers: dict[bytes, int] = {}
        self.free: dict[str, list[int]] = {}
        self.count: dict[str, int] = {}
        for n, known_as, content in sorted(
            (row for row in rows if _MARKED.fullmatch(row[1][len(name) :])), reverse=True
        ):
            mark = self.add(n, known_as, content, name)
            self.free.setdefault(mark, []).append(n)

    def add(self, n: int, known_as: str, content: bytes, name: str) -> str:
        """Adds an arrival, and gives the mark after its name."""
        self.names[n], self.contents[n], self.numbers[content] = known_as, content, n
        mark = known_as[len(name) : len(name) + 13]
        self.count[mark] = self.count.get(mark, 0) + 1
        return mark

    def change(self, n: int, content: bytes) -> None:
        """Notes that an arrival now says something else."""
        if self.numbers.get(self.contents[n]) == n:
            del self.numbers[self.contents[n]]
        self.contents[n], self.numbers[content] = content, n


class PageArrivals:
    """What has come so far from one page of a source: nothing on a page replaces something else on it.

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

    @property
    def place(self) -> str:
        """The file or address that it comes from."""
        return sound(self.record.origin.where) if self.record.origin else ""

    @property
    def format(self) -> str:
        """The format that it was read from."""
        return self.record.origin.format if self.record.origin else ""


class Arrivals:
    """One transaction's arrivals: finds the record of each, and lets the search find them at the end.

    Attributes:
        intake: what came in so far.
    """

    def __init__(
        self,
        connection: Connection,
        source: str,
        today: PartialDate,
        *,
        part: str = "",
        page: PageArrivals | None = None,
    ) -> None:
        """Arrivals of one source.

        Args:
            connection: the library, in a transaction.
            source: name of the source.
            today: the day.
            part: the file, in a source of several.
            page: what has come from the same page in an earlier transaction.
        """
        self.intake = Intake(source=source)
        self._connection = connection
        self._source = sound(source)
        self._part = sound(part)
        self._page = page or PageArrivals()
        self._filing = Filing(connection, today)
        self._joining = Joining(self._filing, self.intake, self._page.here)
        self._awaited: dict[str, set[bytes]] = {}  # what names that come more than once are about to say
        self._noting = bool(connection.execute("SELECT 1 FROM temp.sqlite_master WHERE name = 'seen'").fetchone())

    def take_all(self, outcomes: Iterable[Outcome]) -> None:
        """Takes in arrivals of every kind, in order."""
        ready = [self._ready(outcome) if isinstance(outcome, Parsed) else outcome for outcome in outcomes]
        names = Counter(one.name for one in ready if isinstance(one, _Ready))
        for one in ready:
            if isinstance(one, _Ready) and names[one.name] > 1:
                self._awaited.setdefault(one.name, set()).add(one.content)
        new: list[_Ready] = []
        for one in ready:
            if isinstance(one, _Ready):
                self.intake.problems += one.parsed.problems
                origin, identifier = self._origin(one)
                if origin is None:  # what is known comes first: it must not be taken for what is new under its name
                    new.append(one)
                else:
                    self._take_known(one, origin, identifier)
            elif isinstance(one, Deleted):
                self._take_new(new)
                self._take_back(one)
            else:
                self.intake.problems.append(one)
                self.intake.refused += one.level == "error"
        self._take_new(new)
        self._filing.finish()

    def mark_gone(self) -> None:
        """Marks each arrival of the source that has not come since `begin` as gone."""
        rows = self._connection.execute(
            "SELECT n, record FROM origins WHERE source = ? AND record <> 0 AND NOT gone"
            " AND NOT withdrawn AND n NOT IN (SELECT origin FROM seen) ORDER BY n",
            (self._source,),
        ).fetchall()
        self._connection.executemany("UPDATE origins SET gone = 1 WHERE n = ?", [(row[0],) for row in rows])
        self.intake.gone = len(rows)
        for n in dict.fromkeys(row[1] for row in rows):
            self._joining.weigh(n)
            if is_gone(self._connection, n):
                row = self._connection.execute("SELECT id FROM records WHERE n = ?", (n,)).fetchone()
                self.intake.gone_ids.append(row[0])
        self._filing.finish()

    # Which arrival it is

    def _ready(self, parsed: Parsed) -> _Ready | Problem:
        try:
            body = encode(structs.replace(parsed.record, id=None, origin=None))
            record = structs.replace(decode(body), origin=parsed.record.origin)
        except (msgspec.MsgspecError, ValueError) as error:
            # What cannot be read back must not be written: one such record would break every later search.
            place = parsed.identifier or parsed.record.id or ""
            where = parsed.record.origin.where if parsed.record.origin else ""
            message = f"the record cannot be stored: {error}"
            return Problem(level="error", code="not-stored", message=message, file=where, key=place)
        content = hashlib.blake2b(body, digest_size=16).digest()
        name = sound(parsed.identifier) or _own_name(record, content)
        return _Ready(parsed, record, body, content, f"{self._part}: {name}" if self._part else name)

    def _origin(self, ready: _Ready) -> tuple[int | None, str]:
        """The number of the earlier arrival that this one repeats or replaces, if there is one; and its name.

        Some sources give one name to several records, or none, so that they are named by what they say. One that says
        exactly the same is the same; otherwise it may be a new version of one that has not come in this page. Another
        record is filed under the name with a mark of its title: it must not replace the first.
        """
        identifier, record = ready.name, ready.record
        family = self._family(identifier)
        if (known := family.numbers.get(ready.content)) is not None:
            return known, family.names[known]
        awaited, here = self._awaited.get(identifier, set()), self._page.here
        folded = fold(record.title.plain).encode("utf-8", "replace")
        mark = f"~{hashlib.blake2b(folded, digest_size=6).hexdigest()}"
        for waiting in (family.free.get("", []), family.free.get(mark, [])):
            while waiting and waiting[-1] in here:
                waiting.pop()
            free = (n for n in reversed(waiting) if n not in here and family.contents[n] not in awaited)
            for n in itertools.islice(free, _VERSIONS):
                row = self._connection.execute("SELECT record, gone FROM origins WHERE n = ?", (n,)).fetchone()
                if row[1] and not ready.parsed.identifier:
                    continue  # one more “Case report”, and not the one that was there years ago
                if _is_version(self._filing.record_of_origin(n, row[0]), record):
                    family.change(n, ready.content)
                    return n, family.names[n]
        if not family.names:
            return None, identifier
        count = family.count.get(mark, 0) + 1
        name = f"{identifier}{mark}" if count == 1 else f"{identifier}{mark}~{count}"
        return None, name if "" in family.count else identifier

    def _family(self, name: str) -> _Family:
        """What is known under a name: a large family is kept while a page is read, a small one is looked up again."""
        if known := self._page.families.get(name):
            return known
        rows = self._connection.execute(
            "SELECT n, identifier, content FROM origins WHERE source = ?1 AND identifier = ?2 UNION ALL"
            " SELECT n, identifier, content FROM origins"
            " WHERE source = ?1 AND identifier > ?2 || '~' AND identifier < ?2 || '~~'",
            (self._source, name),
        ).fetchall()
        family = _Family(name, rows)
        if len(rows) >= _LARGE:
            self._page.families[name] = family
        return family

    def _note(self, origin: int) -> None:
        """Notes that an arrival is there, and not gone."""
        self._page.here.add(origin)
        if not self._noting:
            return
        self._connection.execute("INSERT OR IGNORE INTO seen VALUES(?)", (origin,))
        if self._connection.execute("UPDATE origins SET gone = 0 WHERE n = ? AND gone", (origin,)).rowcount:
            self._joining.weigh(self._filing.number_of_origin(origin))

    # What was there before

    def _take_known(self, ready: _Ready, origin: int, identifier: str) -> None:
        """Takes in an arrival that is known under this number and name."""
        if origin in self._page.here:
            self._note_repeated(ready, identifier)
            return
        n, old_sha256, old_content, withdrawn = self._connection.execute(
            "SELECT record, sha256, content, withdrawn FROM origins WHERE n = ?", (origin,)
        ).fetchone()
        if n == REMOVED:
            self._page.here.add(origin)
            self.intake.removed += 1
            return
        self._note(origin)
        sha256, raw = hashlib.sha256(ready.parsed.raw).digest(), ready.parsed.raw
        if ready.content == old_content and not withdrawn:
            if sha256 != old_sha256:
                self._keep_former(origin, n)
                self._connection.execute(
                    "UPDATE origins SET sha256 = ?, raw = ? WHERE n = ?", (sha256, _packed(raw), origin)
                )
            self._connection.execute(
                "UPDATE origins SET last_seen = ?, place = ? WHERE n = ?", (self._filing.today, ready.place, origin)
            )
            self.intake.unchanged += 1
            self._joining.part(origin, n)
            return
        self._keep_former(origin, n)
        self._connection.execute(
            "UPDATE origins SET place = ?, format = ?, sha256 = ?, content = ?, last_seen = ?, withdrawn = 0, json = ?,"
            " raw = ? WHERE n = ?",
            (
                ready.place,
                ready.format,
                sha256,
                ready.content,
                self._filing.today,
                full_json(ready.record, ready.body),
                _packed(raw),
                origin,
            ),
        )
        self.intake.changed += 1
        self._joining.change(origin, n, ready.record)
        self._joining.part(origin, self._filing.number_of_origin(origin))

    def _note_repeated(self, ready: _Ready, identifier: str) -> None:
        record = ready.record
        title = record.title.plain
        shown = title if len(title) < 70 else f"{title[:69].rstrip()}…"
        message = f"{record.number} “{shown}” appears twice with identical text; counted once".lstrip()
        file = record.origin.where if record.origin else ""
        problem = Problem(level="warning", code="repeated", message=message, file=file, key=identifier)
        self.intake.problems.append(problem)
        self.intake.unchanged += 1

    def _keep_former(self, origin: int, n: int) -> None:
        body = encode(self._filing.record_of_origin(origin, n))
        self._connection.execute(
            "INSERT INTO former(origin, until, json, raw) SELECT n, ?, ?, raw FROM origins WHERE n = ?",
            (self._filing.today, body, origin),
        )

    def _take_back(self, deleted: Deleted) -> None:
        name = sound(deleted.identifier)
        name = f"{self._part}: {name}" if self._part else name
        # A name that the source gave to several records has a mark after it (`_origin`).
        rows = self._connection.execute(
            "SELECT n, record, identifier FROM origins WHERE source = ?1 AND (identifier = ?2"
            " OR identifier >= ?2 || '~' AND identifier < ?2 || '~~') ORDER BY n",
            (self._source, name),
        ).fetchall()
        rows = [row for row in rows if row[1] != REMOVED and _MARKED.fullmatch(row[2][len(name) :])]
        self.intake.unknown += not rows
        self.intake.deleted += bool(rows)
        for origin, n, _ in rows:
            self._connection.execute(
                "UPDATE origins SET withdrawn = 1, last_seen = ? WHERE n = ?", (self._filing.today, origin)
            )
            self._note(origin)
            self._filing.write_out(n)
            after = self._filing.renew(n)
            self.intake.deletions.append(after.id or "")

    # What is new

    def _take_new(self, new: list[_Ready]) -> None:
        for one in new:
            origin, identifier = self._origin(one)
            if origin is None:
                self._add(one, identifier)
            else:
                self._take_known(one, origin, identifier)
        new.clear()

    def _add(self, ready: _Ready, identifier: str) -> None:
        """Adds an arrival to the record that it joins, or to a new one."""
        record = ready.record
        filed, sought = keys(record)
        if (known_as := removed_as(self._connection, record, sought)) is not None:
            origin = self._insert(ready, identifier, REMOVED, alone=False)
            keep_out(self._connection, origin, known_as, self._filing.today)
            self._page.here.add(origin)
            self.intake.removed += 1
            return
        partners = self._joining.partners(record, sought, None)
        chosen = self._joining.partner_for(record, ready.content, self._source, ready.place, partners)
        n = chosen[0] if chosen else self._filing.insert(record, ready.body, filed)
        if chosen:
            self._filing.write_out(n)
        origin = self._insert(ready, identifier, n, alone=not chosen)
        self._note(origin)
        if family := self._page.families.get(ready.name):
            family.add(origin, identifier, ready.content, ready.name)
        given = ready.parsed.record.id
        if given and given not in possible_ids(record):  # somebody's own key, such as gruener2014
            self._connection.execute("INSERT OR IGNORE INTO aliases VALUES(?, ?)", (given, n))
        if not chosen:
            self.intake.new += 1
            if len(self.intake.new_ids) < MOST_LISTED:
                self.intake.new_ids.append(self._filing.record(n).id or "")
            self._joining.link(n, partners)
            return
        match = chosen[1]
        before = self._filing.record(n)
        after = self._filing.renew(n)
        # One that has not come again in this page may be this one under another name: what it said does not count.
        there = [
            arrival.record
            for arrival in arrivals_of(self._connection, n, after)
            if arrival.n != origin
            and ((arrival.source, arrival.where) != (self._source, ready.place) or arrival.n in self._page.here)
        ]
        odds = self._joining.note_contradiction(combine(there), record, after) if there else ""
        joined = f"{self._source} {identifier}".strip()
        self._joining.note_merge(n, joined, match.reason + odds, match.key, before, after)
        self.intake.merged += 1
        self._joining.join_others(n, [partner for partner in partners if partner[0] != n])

    def _insert(self, ready: _Ready, identifier: str, n: int, *, alone: bool) -> int:
        """Stores an arrival as an origin of a record, and gives its number."""
        today = self._filing.today
        origin = self._connection.execute(
            "INSERT INTO origins(record, source, identifier, place, format, sha256, content, first_seen, last_seen,"
            " withdrawn, json, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
            (
                n,
                self._source,
                identifier,
                ready.place,
                ready.format,
                hashlib.sha256(ready.parsed.raw).digest(),
                ready.content,
                today,
                today,
                None if alone else full_json(ready.record, ready.body),
                _packed(ready.parsed.raw),
            ),
        ).lastrowid
        assert origin is not None
        return origin


def _packed(raw: bytes) -> bytes:
    return zlib.compress(raw, 1)  # level 6 takes twice as long for a tenth less


def _own_name(record: Record, content: bytes) -> str:
    """What a record is known by if its source gives it no name.

    Many are called “Editorial”, or nothing: with nothing more to distinguish them, only identical text is the same
    record.
    """
    name = next(iter(possible_ids(record)))
    title = record.title.plain
    if name.startswith("sha256:") and not record.authors and is_generic(title, fold(title)):
        return f"sha256:{content.hex()}"
    return name


def _is_version(known: Record, record: Record) -> bool:
    """Whether the second is a later version of the first, and not another record under the same name."""
    if same(known, record):
        return True
    if any((a := getattr(known.ids, kind)) and a == getattr(record.ids, kind) for kind in ("doi", "pmid", "pmcid")):
        return False  # and yet not the same: one identifier for several
    if alike(known.title.plain, record.title.plain):
        return True
    first = [fold(one.authors[0].family_name) if one.authors else "" for one in (known, record)]
    return bool(first[0] and known.number) and first[0] == first[1] and fold(known.number) == fold(record.number)
