"""Pages are read in a child process with limits, whatever they hold: what explodes or never ends is a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from digest.errors import LimitError, Problem
from digest.sources.formats import parse
from digest.streaming import Stream
from digest.worker import JobLimits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Outcome, Page

SECONDS: Final = 60  # of computing for a page, and for each MiB of it:
SECONDS_FOR_MIB: Final = 10
MEMORY: Final = 2 * 2**30  # of the process that reads


def limits_for(size: int) -> JobLimits:
    """What reading a file of so many bytes may take."""
    return JobLimits(seconds=SECONDS + SECONDS_FOR_MIB * (size >> 20), memory=MEMORY)


class PageReader:
    """Reads pages in one child process; use it in a ``with``."""

    def __init__(self) -> None:
        self._stream = Stream(parse)

    def __enter__(self) -> Self:
        self._stream.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.__exit__()

    def read(self, page: Page) -> Iterator[Outcome]:
        """What is on a page, as `digest.sources.parse` gives it.

        Where reading takes too long, too much memory, or ends the process, that is an error after what was read.

        Raises:
            DigestError: the page is in no format of the table, or not at all what its format says, or nothing of it
                could be read within the limits.
        """
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
