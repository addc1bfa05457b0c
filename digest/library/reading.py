"""Reads one source into the library: from where the last reading stopped, page by page, to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from digest.errors import DigestError, Problem
from digest.library.arrivals import Arrivals, PageArrivals
from digest.library.tables import holds_source, sound
from digest.library.values import Intake
from digest.sources.page import Outcome, Parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from digest.library.tables import Database
    from digest.model import PartialDate

_BATCH: Final = 1000
_BATCH_BYTES: Final = 32 * 2**20


class Reading:
    """One source on its way into the library; `Library.reading` makes it, and its ``with`` begins and ends it.

    An error of the source ends the reading and leaves the ``with`` quietly: what came before it is stored, and the next
    reading resumes there. An error of the library is raised.

    Attributes:
        resume: where to resume reading; empty: at the beginning.
        first: whether the library had nothing from this source before.
        intake: what came in so far.
        failures: the errors of the source: of pages that could not be read, and the one that ended the reading.
    """

    def __init__(
        self,
        database: Database,
        source: str,
        *,
        today: PartialDate,
        fresh: bool,
        whole: bool,
        on_part: Callable[[Intake], None] | None,
    ) -> None:
        self._database = database
        self._source = sound(source)
        self._today = today
        self._fresh = fresh
        self._whole = whole
        self._on_part = on_part
        self._library_failed = False
        self.resume = ""
        self.first = False
        self.intake = Intake(source=source)
        self.failures: list[DigestError] = []

    def __enter__(self) -> Self:
        with self._database.connection() as connection:
            self.first = not holds_source(connection, self._source)
            row = connection.execute("SELECT cursor FROM cursors WHERE source = ?", (self._source,)).fetchone()
            self.resume = row[0] if row and not self._fresh else ""
            connection.execute("CREATE TEMP TABLE IF NOT EXISTS seen(origin INTEGER PRIMARY KEY)")
            connection.execute("DELETE FROM seen")
        return self

    def take(self, outcomes: Iterable[Outcome], *, part: str = "", cursor: str | None = None) -> Intake:
        """Stores what was read from one page, and reports what became of each outcome.

        Args:
            outcomes: what a parser yields.
            part: the file, in a source of several: each has its own names for what it holds.
            cursor: where the next reading resumes, if this one ends here.

        Raises:
            DigestError: the library cannot be written; what was stored before is whole.
        """
        try:
            taken = store(
                self._database,
                outcomes,
                source=self._source,
                today=self._today,
                part=part,
                cursor=cursor,
                on_part=self._on_part,
            )
        except DigestError:
            self._library_failed = True
            raise
        self.intake.add(taken)
        if taken.stopped:  # one file of a folder that cannot be read does not keep the others out
            self._fail(taken.stopped)
        return taken

    def note(self, *problems: Problem, left_out: int = 0) -> None:
        """Adds problems of the source itself, not of one of its pages, to the report, and what of it was not taken."""
        part = Intake(source=self.intake.source, problems=list(problems), left_out=left_out)
        self.intake.add(part)
        if self._on_part:
            self._on_part(part)

    @property
    def is_whole(self) -> bool:
        """Whether what was read is all that the source holds: what could not be read may be exactly what is missing."""
        return self._whole and not self.failures and "error" not in self.intake.levels

    def _fail(self, error: DigestError) -> None:
        self.failures.append(error)
        self.intake.stopped = self.failures[0]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if error is None:
            self._end()
            return False
        if isinstance(error, DigestError) and not self._library_failed:
            self._fail(error)
            return True
        return False

    def _end(self) -> None:
        """Forgets the cursor, so that what failed is asked for again with the rest, and marks what is gone."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM cursors WHERE source = ?", (self._source,))
        if not self.is_whole:
            return
        with self._database.transaction() as connection:
            arrivals = Arrivals(connection, self._source, self._today)
            arrivals.mark_gone()
        if self._on_part:
            self._on_part(arrivals.intake)
        self.intake.add(arrivals.intake)


def store(
    database: Database,
    outcomes: Iterable[Outcome],
    *,
    source: str,
    today: PartialDate,
    part: str,
    cursor: str | None,
    on_part: Callable[[Intake], None] | None,
) -> Intake:
    """Stores what was read from one page, as it comes, a thousand outcomes to a transaction; see `Library.collect`."""
    intake = Intake(source=source)
    page = PageArrivals()
    arriving = iter(outcomes)
    more = True

    def stored(cursor: str | None) -> Intake:
        with database.transaction() as connection:
            arrivals = Arrivals(connection, source, today, part=part, page=page)
            arrivals.take_all(pending)
            if cursor is not None:
                connection.execute("INSERT OR REPLACE INTO cursors VALUES(?, ?)", (sound(source), cursor))
        return arrivals.intake

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
            intake.stopped = error
        except BaseException:
            stored(None)
            raise
        ended = not more and intake.stopped is None
        taken = stored(cursor if ended else None)
        if on_part:
            on_part(taken)
        intake.add(taken)
    return intake
