"""Pages are read in a child process with limits, whatever they hold: what explodes or never ends is a problem.

Files that will be read soon may be read ahead, several at once. That changes nothing but the time it takes: a file over
which anything went wrong is read again in its turn, as if nobody had tried before.
"""

from __future__ import annotations

import pickle
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from digest import pool, streaming
from digest.errors import LimitError, Problem
from digest.sources.formats import parse
from digest.worker import JobLimits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future
    from types import TracebackType

    from digest.sources.page import Outcome, Page

SECONDS: Final = 60  # of computing for a page, and for each MiB of it:
SECONDS_FOR_MIB: Final = 10
MEMORY: Final = 2 * 2**30  # of the process that reads

WORTH: Final = 4 * 2**20  # bytes of files, which are read in two seconds, for which processes are started
_LARGEST: Final = 16 * 2**20  # of a file that is read ahead: its records are held until it is their turn
_AHEAD: Final = 48 * 2**20  # of all files that are
_MOST_AHEAD: Final = 64
_MOST_PROCESSES: Final = 8  # the one that stores records keeps up with three
_MISSES: Final = 3  # files that were read ahead in vain, after which that is given up
_CALLED: Final = "the process that read it"


def limits_for(size: int) -> JobLimits:
    """What reading a file of so many bytes may take."""
    return JobLimits(seconds=SECONDS + SECONDS_FOR_MIB * (size >> 20), memory=MEMORY)


class PageReader:
    """Reads pages in child processes; use it in a ``with``."""

    def __init__(self) -> None:
        self._stream = streaming.Stream(parse)
        self._ahead: _ReadAhead | None = None

    def __enter__(self) -> Self:
        self._stream.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.__exit__()
        if self._ahead:
            self._ahead.end(kind, error, trace)

    def expect(self, pages: Iterable[Page]) -> None:
        """Says which pages will be read, in this order: those that are files may be read ahead, several at once.

        Args:
            pages: the pages; each is taken when there is room for it. What is wrong here costs time and nothing else.
        """
        cores = pool.usable_cores()
        if cores > 1:
            self._ahead = _ReadAhead(iter(pages), min(cores, _MOST_PROCESSES))

    def read(self, page: Page) -> Iterator[Outcome]:
        """What is on a page, as `digest.sources.parse` gives it.

        Where reading takes too long, too much memory, or ends the process, that is an error after what was read.

        Raises:
            DigestError: the page is in no format of the table, or not at all what its format says, or nothing of it
                could be read within the limits.
        """
        if self._ahead and page.file and (outcomes := self._ahead.taken(page)) is not None:
            yield from outcomes
            return
        limits = limits_for(page.size)
        count = 0
        try:
            for outcome in self._stream.ask(limits, page):
                count += not isinstance(outcome, Problem)
                yield outcome
        except LimitError as error:
            if not count:
                error.where, error.todo = page.where, "split it into parts, or save it in another format"
                raise
            read = f"{count:,} {'record was' if count == 1 else 'records were'} read, nothing that comes after"
            yield page.problem("error", "unreadable-rest", f"{error.found}: {read}; split it into parts")


class _Expected(NamedTuple):
    """A page that will be read, and what comes of it, if that is being found out already."""

    page: Page
    future: Future[bytes] | None = None

    @property
    def size(self) -> int:
        return self.page.size if self.future else 0


class _ReadAhead:
    """The next pages, which are read before it is their turn."""

    def __init__(self, pages: Iterator[Page], workers: int) -> None:
        self._pages, self._workers = pages, workers
        self._waiting: deque[_Expected] = deque()
        self._pool: Executor | None = None
        self._misses = 0

    def taken(self, page: Page) -> list[Outcome] | None:
        """What came of a page that was read ahead without anything odd; nothing where it has to be read now."""
        if self._misses >= _MISSES or not (self._pool or self._begin()):
            return None
        self._fill()
        place = next((n for n, one in enumerate(self._waiting) if one.page.request == page.request), None)
        if place is None:
            self._misses += 1
            if self._misses >= _MISSES:
                self._forget(len(self._waiting))
            return None
        self._forget(place)
        self._misses = 0
        future = self._waiting.popleft().future
        self._fill()
        if future is None or future.exception() is not None:
            return None
        outcomes, logged = pickle.loads(future.result())  # noqa: S301 - our own process wrote it
        streaming.log_again(logged)
        found: list[Outcome] = outcomes
        return found

    def _forget(self, count: int) -> None:
        for _ in range(count):
            if future := self._waiting.popleft().future:
                future.cancel()

    def _begin(self) -> bool:
        """Starts processes if the files that come next are worth it: otherwise nothing is read ahead at all."""
        size = many = 0
        while size < WORTH or many < 2:
            page = next(self._pages, None)
            if page is None:
                self._misses = _MISSES
                self._waiting.clear()
                return False
            self._waiting.append(_Expected(page))
            if _is_suitable(page):
                size, many = size + page.size, many + 1
        self._pool = pool.local(self._workers, limits=_limits, warm=__name__, called=_CALLED)
        self._pool.__enter__()
        self._waiting = deque(self._begun(one.page) for one in self._waiting)
        return True

    def _begun(self, page: Page) -> _Expected:
        assert self._pool
        return _Expected(page, self._pool.submit(read_whole, pickle.dumps(page)) if _is_suitable(page) else None)

    def _fill(self) -> None:
        while len(self._waiting) < _MOST_AHEAD and sum(one.size for one in self._waiting) < _AHEAD:
            page = next(self._pages, None)
            if page is None:
                return
            self._waiting.append(self._begun(page))

    def end(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Ends the processes; nobody waits for what they are reading."""
        self._forget(len(self._waiting))
        if self._pool:
            self._pool.__exit__(kind or GeneratorExit, error, trace)


def _is_suitable(page: Page) -> bool:
    """Whether a page is read ahead: not one that may be any size when it is unpacked."""
    file = page.file
    return file is not None and file.suffix.lower() != ".gz" and page.size <= _LARGEST


def _limits(payload: bytes) -> JobLimits:
    page: Page = pickle.loads(payload)  # noqa: S301 - our own bytes
    return limits_for(page.size)


def read_whole(payload: bytes) -> bytes:
    """What is on a page, and what was logged meanwhile: a task of `digest.pool`.

    Args:
        payload: the page, pickled.
    """
    page: Page = pickle.loads(payload)  # noqa: S301 - our own process wrote it
    kept = streaming.KeptLog()
    return pickle.dumps((list(parse(page)), kept.taken()), pickle.HIGHEST_PROTOCOL)
