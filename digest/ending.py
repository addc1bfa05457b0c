"""How the program is ended from outside: by Ctrl-C and other signals, and with the process that started it.

`ended_by_signals` turns a signal into a `Stopped` that passes through the code, so that files, locks and children are
cleaned up on its way. It is not an `Exception`: nobody takes it for an error of the job.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

# What ends the program: Ctrl-C, a closed terminal, “kill”.
SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGHUP", "SIGTERM") if hasattr(signal, name))
_AGAIN: Final = 1.0  # seconds in which further signals change nothing: some senders signal twice


class Stopped(BaseException):
    """The program was ended by a signal.

    Attributes:
        number: number of the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        return "stopped by Ctrl-C" if self.number == signal.SIGINT else f"stopped by {signal.Signals(self.number).name}"

    @property
    def exit_code(self) -> int:
        """The exit code that shells give to a command which a signal ended."""
        return 128 + self.number


class _State:
    """What is known of signals in this process."""

    holders = 0  # how many `held` are open
    waiting: int | None = None  # the signal that came meanwhile
    last: int | None = None  # the signal that came last
    at = 0.0  # when a `Stopped` was raised


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Has signals that end a program raise `Stopped` in the code under it; for the main thread, which has them all.

    A signal that is ignored, as after ``nohup``, stays ignored. Afterwards everything is as it was.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    hook = sys.unraisablehook

    def unraisable(what: sys.UnraisableHookArgs) -> None:
        if isinstance(what.exc_value, Stopped):  # it came while an object was being deleted, where Python drops it
            signal.signal(signal.SIGALRM, _end_again)
            signal.setitimer(signal.ITIMER_REAL, 0.01)
        else:
            hook(what)

    _State.holders, _State.waiting, _State.last, _State.at = 0, None, None, 0.0
    before = {}
    try:
        for number in SIGNALS:
            if signal.getsignal(number) not in {signal.SIG_IGN, None}:
                before[number] = signal.signal(number, _end)
        sys.unraisablehook = unraisable
        yield
    finally:
        if sys.unraisablehook is unraisable:
            sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    now = time.monotonic()
    if _State.last is not None and now < _State.at + _AGAIN:
        return
    _State.last, _State.at = number, now
    if _State.holders:
        _State.waiting = number
    else:
        raise Stopped(number)


def _end_again(_number: int, _frame: FrameType | None) -> None:
    if _State.last is not None:
        raise Stopped(_State.last)


def go_on_ending() -> None:
    """Raises `Stopped` where a signal has come: after a library has dropped it, and failed for another reason."""
    if _State.last is not None:
        raise Stopped(_State.last)


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Keeps a signal until the code under it is done: for short steps that belong together."""
    _State.holders += 1
    try:
        yield
    finally:
        _State.holders -= 1
        if not _State.holders and _State.waiting is not None:
            number, _State.waiting = _State.waiting, None
            raise Stopped(number)


def fork() -> int:
    """As `os.fork`; the child ends when this process does, however that ends, and leaves signals to it.

    Ctrl-C in a terminal reaches both: this process ends the child, and says so once.
    """
    parent = os.getpid()
    with held():
        child = os.fork()
        if child == 0:
            end_with_parent()
            _State.waiting = _State.last = None  # a signal that came meanwhile is the parent's
            if os.getppid() != parent:
                os._exit(1)  # it has ended already
    return child


def end_with_parent() -> None:
    """Has this process end when the one that started it does, and leave signals to that one.

    Where the system cannot do the first, the signals that end a program end this process by themselves.
    """
    bound = False
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # a C library without it
            bound = ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN if bound else signal.SIG_DFL)


_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
