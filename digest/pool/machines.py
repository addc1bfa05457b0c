"""An executor of the machines of a Dask cluster, for what one machine is too small for: the same tasks, the same bytes.

A worker of Dask hands each task to a process of its own with the limits that hold on one machine, so that a task which
crashes or hangs costs that machine nothing. Dask gives what a lost machine was doing to another one.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import importlib.metadata
import logging
import pickle
import platform
import re
import socket
import sys
import threading
import time
import warnings
from concurrent.futures import Executor, Future, InvalidStateError, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from digest.doctor import DISTRIBUTION, install_command
from digest.errors import DigestError, LimitError, MissingRequirementError
from digest.pool.processes import local

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from digest.worker import JobLimits

P = ParamSpec("P")
T = TypeVar("T")

_ADDRESS: Final = re.compile(r"(?:(?:tcp|tls|wss?)://)?([\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})")
_LAST_PORT: Final = 65_535
_PATIENCE: Final = 10.0  # seconds for the scheduler to answer, and for the first worker to be there
_WITHOUT_WORKERS: Final = 60.0  # seconds in which machines that were lost may come back
_LOOK: Final = 2.0  # seconds between two looks whether there are workers
_OTHERS: Final = frozenset({"__pycache__", "templates", "seeds"})  # in the package, and not the program


class SchedulerError(MissingRequirementError):
    """The scheduler of a cluster, or all its workers, cannot be reached; what was made before is whole."""


def cluster(
    address: str,
    *,
    limits: JobLimits | Callable[[bytes], JobLimits],
    warm: str = "",
    called: str = "the process that makes the pages",
    patience: float = _PATIENCE,
) -> Executor:
    """An executor of the workers of a Dask cluster; use it in a ``with``. They need this program and nothing else.

    The future of a task holds what the function returned or raised, as with `local`. A worker that is lost in the
    middle of a task costs time: another one begins it again. A task that workers are lost over again and again is a
    `LimitError` in its own future; where the scheduler is lost, all futures that are left hold a `SchedulerError`.

    Args:
        address: the scheduler, such as ``tcp://10.0.0.5:8786``; ``tls://…`` with the certificates of Dask's settings.
        limits: as for `local`; a function is one at the top of a module.
        warm: as for `local`.
        called: as for `local`.
        patience: seconds for the scheduler to answer, and for the first worker to be there.

    Raises:
        MissingRequirementError: Dask is not installed here.
        SchedulerError: the scheduler does not answer, or has no workers.
        DigestError: a worker has not the same versions of this program and of what makes its pages.
    """
    return _Cluster(_connected(address, patience), address, (limits, warm, called), patience)


def _distributed() -> Any:  # noqa: ANN401 - imported late
    try:
        import dask
        import distributed
    except ImportError as error:
        raise MissingRequirementError(
            "work on several machines needs Dask, which is not installed",
            todo=f"install with: {install_command(['distributed'])}",
        ) from error
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 TiB"})  # a large file is one
    for name in tuple(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":  # what it meets is said by this program, once
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return distributed


def _connected(address: str, patience: float) -> Any:  # noqa: ANN401 - imported late
    """A client of the scheduler, when there are workers and all have the versions that are here."""
    place = _ADDRESS.fullmatch(address)
    if not place or int(place[2]) > _LAST_PORT:
        raise _no_answer(address, "this is not an address")
    try:
        socket.create_connection((place[1].strip("[]"), int(place[2])), timeout=patience).close()
    except OSError as error:
        raise _no_answer(address, error.strerror or str(error)) from error
    client = _client(address, patience)
    try:
        try:
            client.wait_for_workers(1, timeout=patience)
        except (TimeoutError, OSError) as error:
            raise SchedulerError(
                "the scheduler has no workers", where=address, todo=f"“dask worker {address}” starts one on a machine"
            ) from error
        _compare(client.run(program_versions, on_error="return"))
    except BaseException:
        client.close()
        raise
    return client


def _client(address: str, patience: float) -> Any:  # noqa: ANN401 - imported late
    """A client of a scheduler that somebody answers at.

    Dask waits for ever for a server that says nothing. And a client that could not be made closes itself when Python
    drops it, where it may wait for itself: it is kept.
    """
    distributed = _distributed()
    client = distributed.Client.__new__(distributed.Client)
    raised: list[Exception] = []

    def make() -> None:
        try:
            client.__init__(address, timeout=patience, set_as_default=False)
        except Exception as error:  # noqa: BLE001 - whatever it meets, nobody there is a scheduler
            raised.append(error)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it has a word for versions; ours are compared
        making = threading.Thread(target=make, daemon=True)
        making.start()
        making.join(2 * patience)
    if making.is_alive() or raised:
        _half_made.append(client)
        reason = " ".join(str(raised[0]).split())[:200] if raised else f"nothing came in {2 * patience:g} seconds"
        raise _no_answer(address, reason)
    return client


_half_made: Final[list[Any]] = []


def _no_answer(address: str, reason: str) -> SchedulerError:
    return SchedulerError(
        f"the scheduler does not answer: {reason}",
        where=address,
        expected="the address of a Dask scheduler, such as tcp://10.0.0.5:8786",
        todo="“dask scheduler” starts one and prints its address",
    )


def _compare(workers: Mapping[str, Mapping[str, str] | BaseException]) -> None:
    """Raises where a worker has other versions than this machine."""
    here = program_versions()
    for address, there in workers.items():
        if isinstance(there, BaseException):
            raise DigestError(
                f"this worker has not this program, or another release of it ({type(there).__name__}: {there})",
                where=address,
                expected=here["digest"],
                todo="install the same release there as here",
            )
        if odd := [name for name in here if there.get(name) != here[name]]:
            raise DigestError(
                "this worker has " + ", ".join(f"{name} {there.get(name) or 'not at all'}" for name in odd),
                where=address,
                expected=", ".join(f"{name} {here[name]}" for name in odd) + ", as here: pages would differ",
                todo="install the same versions there as here",
            )


@functools.cache
def program_versions() -> dict[str, str]:
    """What the bytes of a page depend on besides what it is made of: the program, its packages and libraries.

    Of this program it is its release and the beginning of a checksum of its files, by which two checkouts differ.
    """
    home = Path(__file__).parent.parent
    checksum = hashlib.sha256()
    for path in sorted(home.rglob("*")):
        inside = path.relative_to(home)
        if not _OTHERS & set(inside.parts) and path.suffix != ".pyc" and path.is_file():
            checksum.update(f"{inside.as_posix()}\0{path.stat().st_size}\0".encode())
            checksum.update(path.read_bytes())
    version = importlib.metadata.version(DISTRIBUTION)
    found = {"digest": f"{version} ({checksum.hexdigest()[:12]})", "Python": platform.python_version()}
    for need in importlib.metadata.requires(DISTRIBUTION) or ():
        if "extra ==" not in need and (package := re.match(r"[\w.-]+", need)):
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                found[package[0]] = importlib.metadata.version(package[0])
    for name, library, function in (
        ("Pango", "libpango-1.0.so.0", "pango_version_string"),
        ("HarfBuzz", "libharfbuzz.so.0", "hb_version_string"),
    ):
        with contextlib.suppress(OSError, AttributeError):  # a system that names it otherwise
            called = getattr(ctypes.CDLL(library), function)
            called.restype = ctypes.c_char_p
            found[name] = called().decode()
    return found


class _Cluster(Executor):
    def __init__(self, client: Any, address: str, settings: tuple[Any, ...], patience: float) -> None:  # noqa: ANN401
        self._client, self._address, self._settings = client, address, settings
        self._executor = client.get_executor(pure=False)
        self._patience = patience
        self._version = program_versions()["digest"]
        self._waiting: dict[Future[Any], Future[Any]] = {}
        self._lost: SchedulerError | None = None
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """See `Executor.submit`."""
        if self._closed.is_set():
            raise RuntimeError("this executor is closed")
        future: Future[T] = Future()
        if self._lost:
            future.set_exception(self._lost)
            return future
        task = pickle.dumps((fn, args, kwargs), pickle.HIGHEST_PROTOCOL)
        try:
            remote = self._executor.submit(do_at_worker, self._version, self._settings, task)
        except Exception as error:  # noqa: BLE001 - the client has been closed, or is about to be
            self._fail(future, self._gone(error))
            return future
        # The future does not know the remote one: a worker keeps a result as long as anybody here knows its name.
        self._waiting[future] = remote
        future.add_done_callback(self._drop)
        remote.add_done_callback(lambda one: self._take(one, future))
        return future

    def _drop(self, future: Future[Any]) -> None:
        remote = self._waiting.pop(future, None)
        if remote and future.cancelled():
            remote.cancel()

    def _take(self, remote: Future[Any], future: Future[Any]) -> None:
        """What came of a task, or why nothing did."""
        if remote.cancelled():
            if not future.cancelled():
                self._fail(future, self._gone())
        elif error := remote.exception():
            self._fail(future, _in_our_words(error))
        else:
            with contextlib.suppress(InvalidStateError):  # cancelled meanwhile
                future.set_result(pickle.loads(remote.result()))  # noqa: S301 - a machine that runs our program made it

    def _fail(self, future: Future[Any], error: BaseException) -> None:
        with contextlib.suppress(InvalidStateError):
            future.set_exception(error)

    def _gone(self, error: BaseException | None = None) -> SchedulerError:
        self._lost = self._lost or SchedulerError(
            f"the scheduler went away{f' ({error})' if error else ''}",
            where=self._address,
            todo="start it again, and run the same command: what was made is not made again",
        )
        return self._lost

    def _watch(self) -> None:
        """Gives up what is left when there have been no workers for a while: Dask itself would wait for ever."""
        seen = time.monotonic()
        while not self._closed.wait(_LOOK):
            with contextlib.suppress(Exception):  # a scheduler that does not answer is noticed by the tasks
                if not self._waiting or self._client.scheduler_info(n_workers=1)["workers"]:
                    seen = time.monotonic()
            if time.monotonic() - seen > _WITHOUT_WORKERS:
                self._lost = SchedulerError(
                    f"the scheduler has had no workers for {_WITHOUT_WORKERS:.0f} seconds",
                    where=self._address,
                    todo=f"“dask worker {self._address}” starts one; run the same command again",
                )
                for future in tuple(self._waiting):
                    self._fail(future, self._lost)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """See `Executor.shutdown`."""
        if cancel_futures or not wait:
            for future in tuple(self._waiting):
                future.cancel()
        _await(tuple(self._waiting))
        if not self._closed.is_set():
            self._closed.set()
            with contextlib.suppress(Exception):  # the scheduler has gone
                self._client.close(timeout=self._patience)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown(wait=kind is None)


def _await(futures: tuple[Future[Any], ...]) -> None:
    wait(futures)


def _in_our_words(error: BaseException) -> BaseException:
    """The error of a task; what Dask says of a task that workers were lost over is said as this program does."""
    if type(error).__name__ == "KilledWorker":
        return LimitError(
            "several workers ended, one after the other, over this task, and it was given up",
            todo="see what the workers wrote; the memory of a machine may be too small for it",
        )
    return error


# -- on the machines ---------------------------------------------------------------------------------------------------

_pools: dict[tuple[Any, ...], Executor] = {}
_making: Final = threading.Lock()


def do_at_worker(version: str, settings: tuple[Any, ...], task: bytes) -> bytes:
    """Does a task in a process of this machine; Dask calls it in a thread of its worker.

    Args:
        version: the program that asks.
        settings: limits and module of `local`.
        task: the function and what it is given, pickled.

    Raises:
        DigestError: this machine has another version of the program.
        Exception: whatever the task raised.
    """
    if version != (ours := program_versions()["digest"]):
        raise DigestError(
            f"a worker has digest {ours}", expected=f"digest {version}", todo="install the same release there as here"
        )
    with _making:
        if settings not in _pools:
            limits, warm, called = settings
            _pools[settings] = local(_threads(), limits=limits, warm=warm, called=called)
    function, args, options = pickle.loads(task)  # noqa: S301 - from our own program, as all that a scheduler brings
    return pickle.dumps(_pools[settings].submit(function, *args, **options).result(), pickle.HIGHEST_PROTOCOL)


def _threads() -> int:
    """How many tasks this worker of Dask does at once."""
    distributed = sys.modules["distributed"]
    threads: int = distributed.get_worker().state.nthreads
    return threads
