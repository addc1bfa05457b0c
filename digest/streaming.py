"""A child process with limits that answers each question with what a function yields, piece by piece.

Files from outside are read in it. It is kept from one question to the next, because what parsers load is worth a
hundred small files; one that has failed is replaced. The answers of one question are never held whole.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pickle
import select
import signal
import struct
import time
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, Self, TypeVar

from digest import ending, worker
from digest.errors import DigestError, LimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from digest.worker import JobLimits

P = ParamSpec("P")
T = TypeVar("T")

_LENGTH: Final = struct.Struct("<Q")  # before each message
_MOST_AT_ONCE: Final = 64  # values in a message
_EVERY: Final = 0.1  # seconds after which a message is sent with what there is


class Stream(Generic[P, T]):
    """Use it in a ``with``: at the end its process is ended."""

    def __init__(self, function: Callable[P, Iterator[T]]) -> None:
        self._function = function
        self._child = 0
        self._asking = self._hearing = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def ask(self, limits: JobLimits, *args: P.args, **options: P.kwargs) -> Iterator[T]:
        """What the function yields for these arguments, as it comes. Where there is no fork, it is called here.

        Args:
            limits: seconds that it may compute for this question, and the memory that its process may ask for.
            args: arguments of the function, which can be pickled.
            options: further ones.

        Raises:
            LimitError: it took too long or too much memory, or its process ended by itself; values before that came.
            Exception: whatever the function raised.
        """
        if not hasattr(os, "fork"):  # pragma: no cover - Windows
            yield from self._function(*args, **options)
            return
        if not self._child:
            self._start(limits)
        whole = False
        try:
            send(self._asking, (limits, args, options))
            while True:
                message = receive(self._hearing, worker.by_the_clock(limits.seconds))
                if message is None:
                    raise self._failure(limits)
                values, logged, is_last, error = message
                if is_last and error is None:
                    whole = True
                log_again(logged)
                yield from values
                if error is not None:
                    raise error
                if is_last:
                    return
        except BrokenPipeError:
            raise self._failure(limits) from None
        except TimeoutError:
            raise LimitError("this took too long by the clock and was stopped") from None
        finally:
            if not whole:  # it may be in any state, and nobody waits for the rest
                self._end()

    def _start(self, limits: JobLimits) -> None:
        asked, self._asking = os.pipe()
        self._hearing, answering = os.pipe()
        self._child = ending.fork()
        if self._child:
            os.close(asked)
            os.close(answering)
            return
        try:
            os.close(self._asking)
            os.close(self._hearing)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libraries that crash print where; the parent says what
            worker.limit_memory(limits.memory)
            kept = KeptLog()
            while (question := receive(asked, None)) is not None:
                self._answer(answering, kept, *question)
        finally:
            os._exit(1)  # no exception gets out of the child; the parent sees that it ended

    def _answer(self, end: int, kept: KeptLog, limits: JobLimits, args: Any, options: Any) -> None:  # noqa: ANN401 - any function's
        """Sends messages from the child: values, what was logged, whether they are the last, what was raised after."""
        ready: list[T] = []
        error: Exception | None = None
        try:
            worker.limit_computing(limits.seconds + worker.GRACE)
            with worker.deadline(limits.seconds):
                sent = time.monotonic()
                for value in self._function(*args, **options):
                    ready.append(value)
                    if len(ready) >= _MOST_AT_ONCE or time.monotonic() - sent > _EVERY:
                        with _undisturbed():
                            send(end, (ready, kept.taken(), False, None))
                            ready, sent = [], time.monotonic()
        except MemoryError:
            error = worker.too_large(limits)
        except Exception as raised:  # noqa: BLE001 - it is raised again in the parent
            error = raised if isinstance(raised, DigestError) else RuntimeError(f"{type(raised).__name__}: {raised}")
        send(end, (ready, kept.taken(), True, error))

    def _failure(self, limits: JobLimits) -> LimitError:
        """Why the child, which has ended, gave no answer."""
        _, status = os.waitpid(self._child, 0)
        self._child = 0
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGXCPU:
            return worker.too_long(limits.seconds)
        return LimitError(f"the process that read it ended {worker.how_it_ended(code)}")

    def _end(self) -> None:
        for end in (self._asking, self._hearing):
            if end >= 0:
                os.close(end)
        self._asking = self._hearing = -1
        if self._child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._child, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._child, 0)
            self._child = 0


class KeptLog(logging.Handler):
    """Keeps what a child logs, for its parent: the child itself has no standard error."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[tuple[str, int, str]] = []
        log = logging.getLogger("digest")
        log.handlers, log.propagate = [self], False

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        self._kept.append((record.name, record.levelno, record.getMessage()))

    def taken(self) -> list[tuple[str, int, str]]:
        """What has been logged since it was last taken."""
        kept, self._kept = self._kept, []
        return kept


def log_again(logged: Iterable[tuple[str, int, str]]) -> None:
    """Logs in the parent what a child has logged."""
    for name, level, text in logged:
        logging.getLogger(name).log(level, "%s", text)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Holds back the signal of the deadline, which would cut a message in two."""
    signals = {signal.SIGPROF}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def send(end: int, message: object) -> None:
    """Writes a message, for `receive` in another process."""
    content = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    worker.write_all(end, _LENGTH.pack(len(content)))
    worker.write_all(end, content)


def receive(end: int, patience: float | None) -> Any:  # noqa: ANN401 - what was sent
    """The next message; nothing where the other end was closed.

    Args:
        end: the pipe or socket.
        patience: seconds to wait for it; none: for ever.

    Raises:
        TimeoutError: none came in so many seconds.
    """
    head = _read(end, _LENGTH.size, patience)
    content = _read(end, _LENGTH.unpack(head)[0], patience) if head else None
    return pickle.loads(content) if content else None  # noqa: S301 - our own process wrote it


def _read(end: int, count: int, patience: float | None) -> bytes | None:
    parts: list[bytes] = []
    until = None if patience is None else time.monotonic() + patience
    while count:
        ready, _, _ = select.select([end], [], [], None if until is None else max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(end, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
