"""An executor of warm local processes with limits: a task that crashes, hangs or grows ends alone.

One process, the fork server, loads what tasks need and forks a worker when one is wanted. Each worker does one task at
a time, and belongs to a thread of this process, which waits for it. So what has not begun has not been sent to anybody
and can be cancelled, and a worker that ends takes no other task with it. Nothing outlives this process: the fork server
ends when its socket is closed, and the workers end with it.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import mmap
import os
import pickle
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import deque
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from digest import ending, streaming, worker
from digest.errors import DigestError, LimitError
from digest.worker import JobLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE: Final = 5.0  # seconds for a worker to write down where it is, when the clock has run out
_LONGEST: Final = 2**20  # bytes of a message to the fork server: paths of modules, no payloads
_TRACE: Final = "trace"
_WORDS: Final = "words"


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def local(
    workers: int | None = None,
    *,
    limits: JobLimits | Callable[[bytes], JobLimits],
    warm: str = "",
    called: str = "the process that makes the pages",
) -> Executor:
    """An executor of local processes; use it in a ``with``. A worker starts when there is a task for it.

    The future of a task holds what the function returned or raised. Where the task computed too long, took too much
    memory or time, or ended its process, that is a `LimitError` which says so, and where it was (`worker.doing`).
    At the end of the ``with`` all tasks are awaited; where an exception leaves it, they are ended instead.

    Args:
        workers: how many tasks are done at once; none: as many as there are cores.
        limits: what each task may use, or what gives that for its payload.
        warm: name of a module that is imported once, before workers are forked.
        called: what messages call the process of a task.
    """
    if not hasattr(os, "fork"):  # pragma: no cover - Windows
        return here()
    return _Local(workers or usable_cores(), limits, warm, called)


def here() -> Executor:
    """An executor that does each task at once in this process, without limits: for one that needs no process."""
    return _Here()


def ordered(
    executor: Executor, function: Callable[[bytes], T], payloads: Iterable[bytes], *, ahead: int
) -> Iterator[Future[T]]:
    """The futures of a function's tasks in the order of their payloads, each when it is done.

    Args:
        executor: what does the tasks.
        function: the function.
        payloads: what it is given; each is taken when its task is submitted.
        ahead: how many tasks are submitted at most before the oldest of them has been taken from here.
    """
    waiting: deque[Future[T]] = deque()
    try:
        for payload in payloads:
            waiting.append(executor.submit(function, payload))
            if len(waiting) >= ahead:
                yield _done(waiting.popleft())
        while waiting:
            yield _done(waiting.popleft())
    finally:
        for future in waiting:
            future.cancel()


def _done(future: Future[T]) -> Future[T]:
    future.exception()
    return future


class _Here(Executor):
    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See `Executor.submit`; it is done when this returns."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is the future's
            future.set_exception(error)
        return future


class _Local(ThreadPoolExecutor):
    """Threads that each wait for one process."""

    def __init__(self, workers: int, limits: JobLimits | Callable[[bytes], JobLimits], warm: str, called: str) -> None:
        super().__init__(workers, thread_name_prefix="digest-pool")
        self._limits, self._called = limits, called
        self._scratch = tempfile.TemporaryDirectory(prefix="digest-", ignore_cleanup_errors=True)
        self._server = _ForkServer(warm)
        self._own = threading.local()
        self._processes: set[_Process] = set()
        self._changing = threading.Lock()
        self._stopped = False
        self._count = 0

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See `Executor.submit`."""
        return super().submit(self._do, fn, args, kwargs)

    def _do(self, function: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]) -> T:
        """One task, in the process of this thread; a new one where there is none, or where the last one ended."""
        limits = self._limits if isinstance(self._limits, JobLimits) else self._limits(args[0])
        process: _Process | None = getattr(self._own, "process", None)
        for _ in range(2):  # a worker that ended while it had nothing to do is replaced
            if process is None:
                process = self._own.process = self._started()
            try:
                process.send((function, args, options, limits))
                break
            except BrokenPipeError:
                self._ended(process)
                process = None
        if process is None:
            raise LimitError(f"{self._called} ended before it had begun")
        keep = False
        try:
            returned, value, keep = process.answer(limits)
        except EOFError:
            if self._stopped:
                raise _stopped() from None
            place = process.place()
            raise _failure(self._ended(process), limits, self._called, place) from None
        finally:
            if not keep:
                self._ended(process)
        if returned:
            result: T = value
            return result
        raise value

    def _started(self) -> _Process:
        with self._changing:
            if self._stopped:
                raise _stopped()
            self._count += 1
            folder = Path(self._scratch.name, str(self._count))
            folder.mkdir()
            process = _Process(self._server, folder)
            self._processes.add(process)
        return process

    def _ended(self, process: _Process) -> int:
        """Ends a process, if it has not ended; gives its exit code."""
        if getattr(self._own, "process", None) is process:
            self._own.process = None
        with self._changing:
            self._processes.discard(process)
            return process.end()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See `Executor.shutdown`; the processes end with the last task, or with this process."""
        try:
            super().shutdown(wait=wait, cancel_futures=cancel_futures)
        finally:
            if wait:
                self._end()

    def _end(self) -> None:
        """Ends all processes, whatever they do."""
        with self._changing:
            self._stopped = True
            for process in self._processes:
                process.end()
            self._processes.clear()
            self._server.end()
        self._scratch.cleanup()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            super().shutdown(wait=False, cancel_futures=True)
            self._end()
        self.shutdown(wait=True)


def _stopped() -> LimitError:
    return LimitError("this was stopped before it was done")


def _failure(code: int, limits: JobLimits, called: str, place: str) -> LimitError:
    """Why a process ended without an answer."""
    error = worker.too_long(limits.seconds)
    if code != -signal.SIGXCPU:
        error = LimitError(f"{called} ended {worker.how_it_ended(code)}")
    error.where = place
    return error


class _Process:
    """A worker, as the thread that waits for it knows it."""

    def __init__(self, server: _ForkServer, folder: Path) -> None:
        self._server, self._folder = server, folder
        (folder / _WORDS).write_bytes(bytes(mmap.PAGESIZE))
        self._ours, theirs = socket.socketpair()
        self._code: int | None = None
        with theirs:
            try:
                self._number = server.start(theirs.fileno(), folder)
            except BaseException:
                self._ours.close()
                raise

    def send(self, task: object) -> None:
        streaming.send(self._ours.fileno(), task)

    def answer(self, limits: JobLimits) -> tuple[bool, Any, bool]:
        """Whether the task returned; what it returned or raised; whether its process can do another one.

        Raises:
            EOFError: the process has ended.
        """
        clock = worker.by_the_clock(limits.seconds) if limits.clock is None else limits.clock
        try:
            message = self._receive(clock)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._number, signal.SIGXCPU)  # it writes down where it is
            with contextlib.suppress(EOFError, TimeoutError):
                self._receive(_PATIENCE)
            error = worker.too_late(clock)
            error.where = self.place()
            return False, error, False
        answer: tuple[bool, Any, bool] = message
        return answer

    def _receive(self, patience: float) -> Any:  # noqa: ANN401 - what was sent
        try:
            message = streaming.receive(self._ours.fileno(), patience)
        except ConnectionResetError:  # it ended with a part of the task unread
            message = None
        if message is None:
            raise EOFError
        return message

    def place(self) -> str:
        """Where it was: a line of a template, or else what it said that it is doing."""
        with contextlib.suppress(OSError):
            if place := worker.last_place((self._folder / _TRACE).read_bytes()):
                return place
            return worker.last_words((self._folder / _WORDS).read_bytes())
        return ""

    def end(self) -> int:
        """Ends it, whatever it does; gives its exit code."""
        if self._code is None:
            self._code = self._server.end_worker(self._number)
            self._ours.close()
            shutil.rmtree(self._folder, ignore_errors=True)
        return self._code


class _ForkServer:
    """The process that loads what workers need and forks them, as this process knows it.

    It is a fork of this process where that has one thread: it starts in milliseconds, with everything that is loaded
    here. Otherwise, because a lock that another thread holds would never be opened in a fork, it is a new one.
    """

    def __init__(self, warm: str) -> None:
        self._warm = warm
        self._asking = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._is_ready = False
        self._process: subprocess.Popen[bytes] | None = None
        self._number = 0
        with theirs:
            if threading.active_count() == 1:
                self._number = ending.fork()
                if self._number == 0:
                    _serve_forked(theirs.fileno(), self._warm)
            else:
                code = f"from digest.pool.processes import serve; serve({theirs.fileno()}, {self._warm!r})"
                self._process = subprocess.Popen(
                    [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}"],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                )

    def start(self, end: int, folder: Path) -> int:
        """Has it fork a worker that is asked through a socket; gives the worker's number.

        Raises:
            DigestError: what workers need could not be loaded, or there is no room for another process.
        """
        with self._asking:
            try:
                return self._answer((end, str(folder)))
            except (EOFError, OSError):  # somebody ended it, and all its workers with it
                self._reap()
                self._begin()
                try:
                    return self._answer((end, str(folder)))
                except (EOFError, OSError) as error:
                    raise DigestError("the process that starts others ended by itself", todo="try again") from error

    def end_worker(self, number: int) -> int:
        """Ends a worker, if it has not ended; gives its exit code."""
        with self._asking:
            try:
                return self._answer((-1, str(number)))
            except (EOFError, OSError, DigestError):
                return -signal.SIGKILL

    def _answer(self, question: tuple[int, str]) -> int:
        if not self._is_ready:
            _value(self._ours)
            self._is_ready = True
        end, about = question
        socket.send_fds(self._ours, [pickle.dumps((end < 0, about))], [end] if end >= 0 else [])
        return _value(self._ours)

    def end(self) -> None:
        """Ends it, and with it all workers that are left."""
        with self._asking:
            self._reap()

    def _reap(self) -> None:
        self._ours.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        elif self._number:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._number, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._number, 0)
        self._process, self._number = None, 0


def _value(control: socket.socket) -> int:
    """What the fork server answered.

    Raises:
        DigestError: it could not do what it was asked for.
        EOFError: it has ended.
    """
    answer = control.recv(_LONGEST)
    if not answer:
        raise EOFError
    value: int | DigestError = pickle.loads(answer)  # noqa: S301 - our own process wrote it
    if isinstance(value, DigestError):
        raise value
    return value


def _serve_forked(end: int, warm: str) -> None:
    """The life of a fork server that is a fork: it lets go of what else this process had open, such as locks.

    In the place of each file is nothing to read from then on: a number that was free would be given to another file,
    and closed with an object from before.
    """
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for name in os.listdir("/proc/self/fd") if Path("/proc/self/fd").is_dir() else ():  # noqa: PTH208 - names only
            if int(name) > 2 and int(name) not in {end, nothing}:
                with contextlib.suppress(OSError):  # the listing's own
                    os.fstat(int(name))
                    os.dup2(nothing, int(name))
        serve(end, warm)
    finally:
        os._exit(1)


def serve(end: int, warm: str) -> None:
    """The life of a fork server: it ends when the other end of its socket is closed.

    Args:
        end: its socket.
        warm: the module that is imported first; may be empty.
    """
    for number in ending.SIGNALS:  # they are the matter of the process that started this one
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # as a thread that held some back may have left it
    control = socket.socket(fileno=end)
    try:
        if warm:
            importlib.import_module(warm)
    except Exception as error:  # noqa: BLE001 - it is reported by the process that started this one
        control.send(pickle.dumps(DigestError(f"{warm} could not be loaded: {type(error).__name__}: {error}")))
        return
    gc.collect()
    gc.freeze()  # what is loaded stays, and is not looked through again by each worker
    control.send(pickle.dumps(0))
    while True:
        message, ends, _, _ = socket.recv_fds(control, _LONGEST, 1)
        if not message:
            return
        is_end, about = pickle.loads(message)  # noqa: S301 - our own process wrote it
        answer: int | DigestError
        if is_end:
            answer = _ended_worker(int(about))
        else:
            try:
                answer = ending.fork()
            except OSError as error:
                answer = DigestError(f"no process could be started: {error.strerror}")
            if answer == 0:
                control.close()
                _work(ends[0], Path(about))
            os.close(ends[0])
        control.send(pickle.dumps(answer))


def _ended_worker(number: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(number, signal.SIGKILL)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
    except ChildProcessError:
        return -signal.SIGKILL


def _work(end: int, folder: Path) -> None:
    """A worker's whole life: it ends when nobody asks it any more."""
    code = 1
    try:
        trace = os.open(folder / _TRACE, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        os.dup2(trace, 2)  # libraries that crash print where; the other side says what
        faulthandler.enable(file=trace)
        # It writes down where it is first: this handler of Python runs in the middle of a library, too.
        faulthandler.register(signal.SIGXCPU, file=trace, chain=True)
        with (folder / _WORDS).open("r+b") as file:
            worker.say_into(mmap.mmap(file.fileno(), 0))
        tempfile.tempdir = str(folder)  # what libraries leave there goes with it
        begun = worker.address_space()
        while (task := streaming.receive(end, None)) is not None:
            function, args, options, limits = task
            os.ftruncate(trace, 0)
            worker.doing("")
            worker.limit_memory(limits.memory)
            worker.limit_computing(limits.seconds + worker.GRACE)
            returned, value = worker.outcome(limits, lambda: function(*args, **options))  # noqa: B023 - called at once
            keep = not isinstance(value, LimitError)  # it was interrupted anywhere, and may be in any state
            keep = keep and worker.address_space() - begun <= limits.memory // 2
            worker.limit_memory(limits.memory)  # the answer and the next payload are not the task's
            worker.limit_computing(limits.seconds + worker.GRACE)
            streaming.send(end, (returned, value, keep))
        code = 0
    finally:
        os._exit(code)  # no exception gets out of here; the other side sees that it ended
