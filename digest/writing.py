"""One writer at a time in an issue: its lock, and changes of issue.yaml that lose nobody's text."""

from __future__ import annotations

import contextlib
import os
import random
import re
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from digest.errors import DigestError
from digest.files import ChangedError, read_released, sweep, write_files
from digest.inputs import ignore

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.inputs import Notify

TELLING: Final = 1.0  # seconds after which whoever waits is shown why
WAITING: Final = 60.0  # seconds after which nobody waits any more
PATIENT: Final = 3  # tries that wait for the disk before they compare
TRIES: Final = 20  # times that a change is made again because another program has saved the file meanwhile


@contextlib.contextmanager
def one_writer(folder: Path, show: Notify | None = None) -> Iterator[None]:
    """Holds the lock of an issue: no other command and no preview changes the issue meanwhile.

    The lock is on the file ``issues/.NAME.lock``, which is there while somebody holds it, and it ends with its process.
    What killed commands have left is removed first. Where the disk or the system has no locks, there is none: changes
    are then only compared.

    Args:
        folder: folder of the issue; it need not exist.
        show: is given, in words, who is waited for, and what a killed command left.

    Raises:
        DigestError: somebody else has held it for a minute, or nothing can be written here.
    """
    show = show or ignore
    file = folder.parent / f".{folder.name}.lock"
    try:
        lock, alone = _taken(file, folder, show)
    except OSError as error:
        raise DigestError(
            f"the issue cannot be changed: {error.strerror or error}", where=_shown(folder), todo="nothing was written"
        ) from error
    try:
        for place in (folder.parent, folder, folder / "records"):
            for said in sweep(place, alone=alone and place != folder.parent):
                show(f"{_shown(place)}: {said}")
        yield
    finally:
        with contextlib.suppress(OSError):  # before it is released: whoever waits sees that it is another file then
            file.unlink()
        os.close(lock)


def _taken(file: Path, folder: Path, show: Notify) -> tuple[int, bool]:
    """The open file of a lock that we hold, and whether the disk has locks."""
    began = time.monotonic()
    said_so = False
    file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        lock = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        try:
            taken = _take(file, lock)
            holder = "" if taken else _holder(lock)
        except BaseException:
            os.close(lock)
            raise
        if taken:
            return lock, taken == "locked"
        os.close(lock)
        waited = time.monotonic() - began
        if waited > WAITING:
            raise DigestError(
                f"the issue is being changed by {holder}, for more than {WAITING:.0f} seconds",
                where=_shown(folder),
                todo="try again when that has ended; nothing was written",
            )
        if waited > TELLING and not said_so:
            said_so = True
            show(f"Waiting for {holder}, which is changing {_shown(folder)} …")
        time.sleep(random.uniform(0.005, 0.03))  # noqa: S311 - so that not all that wait come at once


def _take(file: Path, lock: int) -> Literal["locked", "no locks", ""]:
    """Tries to take a lock: it is ours, or there are none here, or somebody else has it."""
    if not hasattr(fcntl, "flock"):
        return "no locks"
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return ""
    except OSError:
        return "no locks"
    if not _is_still(file, lock):
        return ""
    with contextlib.suppress(OSError):  # a full disk shows when it matters
        os.ftruncate(lock, 0)
        os.pwrite(lock, _ourselves().encode(), 0)
    return "locked"


def _is_still(file: Path, lock: int) -> bool:
    """Whether a file that was opened is the one of this name: who held it before has removed it."""
    try:
        return os.path.samestat(file.stat(), os.fstat(lock))
    except FileNotFoundError:
        return False


def _ourselves() -> str:
    word = next((word for word in sys.argv[1:] if re.fullmatch(r"[a-z]{1,12}", word)), "")
    return f"{f'digest {word}'.strip()} (process {os.getpid()} on {socket.gethostname()})"


def _holder(lock: int) -> str:
    """Who holds a lock, as far as that is known."""
    said = os.pread(lock, 200, 0).decode("utf-8", "replace")
    return said if said.isprintable() and said else "another command"


def _shown(path: Path) -> str:
    return os.path.relpath(path)


class Written(Struct, frozen=True, kw_only=True):
    """What a change of an issue wrote.

    Attributes:
        before: what ``issue.yaml`` held before.
        files: the bytes of each file that was written, by its name in the folder of the issue.
        paths: their paths.
    """

    before: bytes
    files: Mapping[str, bytes]
    paths: tuple[Path, ...]


def change_issue(folder: Path, make: Callable[[bytes], Mapping[str, bytes]], show: Notify | None = None) -> Written:
    """Reads ``issue.yaml``, makes files of it and writes them: other files first, none of which may exist.

    No other command can change the issue meanwhile. A program that knows no lock can: what it saves is kept, and the
    files are made again of its text. Where it has saved right over what was written here, they are made once more, too.

    Args:
        folder: folder of the issue.
        make: returns the files by their names in the folder, of what ``issue.yaml`` holds; nothing where there is
            nothing to change, as where its own change is in the file already. It may be called several times.
        show: is given, in words, who is waited for, and what happened.

    Raises:
        ChangedError: another program saves the file too often; its text is kept.
        DigestError: the files cannot be written; none was.
        Exception: what `make` raises, of a file that nobody is saving in that moment.
    """
    path = folder / "issue.yaml"
    show = show or ignore
    written = Written(before=b"", files={}, paths=())
    with one_writer(folder, show):
        for tried in range(TRIES):
            before = _content(path)
            try:
                files = make(before)
            except Exception:
                time.sleep(SETTLED)
                if _content(path) == before:
                    raise
                continue  # it was only half there
            if not files:
                return written if written.files else Written(before=before, files={}, paths=())
            new = sorted(files, key="issue.yaml".__eq__)
            try:
                paths = write_files(
                    {name: files[name] for name in new},
                    folder,
                    was={name: before if name == "issue.yaml" else None for name in new},
                    hurried=tried >= PATIENT,
                )
            except ChangedError as error:
                show(f"{error.where} was saved by another program meanwhile: that is kept, and the change made again.")
                continue
            written = Written(
                before=before, files={**written.files, **files}, paths=tuple(dict.fromkeys((*written.paths, *paths)))
            )
            if _content(path) == files.get("issue.yaml", before):
                return written
            show(f"{_shown(path)} was saved by another program right after: that is kept, and looked at again.")
    raise ChangedError(
        "another program saves this file all the time; what it saved is kept",
        where=_shown(path),
        todo="try again when it has ended; your change was not made",
    )


SETTLED: Final = 0.02  # seconds after which a file that cannot be understood is read once more


def _content(path: Path) -> bytes:
    try:
        return read_released(path)
    except OSError as error:
        raise DigestError(f"the file cannot be read: {error.strerror}", where=_shown(path)) from error
