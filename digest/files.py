"""Writes files all or none; what another program saves in the same moment is found, and put back."""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import itertools
import os
import re
import secrets
import shutil
import signal
import stat
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from digest import opening
from digest.errors import DigestError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SETTLING: Final = 0.02  # seconds in which a program that had opened the former file begins to write into it
WRITING: Final = 2.0  # seconds that are waited for a program that is in the middle of saving
LISTING: Final = "assets/files.txt"  # in a folder that is made as a whole: the names of its files, one a line
_RUN: Final = secrets.token_hex(4)  # keeps our own files apart from those of an earlier process with the same number
_counted: Final = itertools.count()
# .NAME.digest-PROCESS-RUN-COUNT.part, or instead of “part” the checksums of what was there and of what we write.
_OURS: Final = re.compile(
    r"\.(?P<name>.+)\.digest-(?P<process>\d+)-(?P<run>[0-9a-f]{8})-\d+\."
    r"(?:part|(?P<was>[0-9a-f]{16})-(?P<new>[0-9a-f]{16})\.swap)",
    re.DOTALL,
)


class ChangedError(DigestError):
    """A file is not what it was when it was read: somebody has saved it since. Nothing was written."""


class _Placed(Struct, frozen=True):
    """A file that was written: its place, what was written, where its former file waits, and what that must hold."""

    target: Path
    new: bytes
    aside: Path | None
    was: bytes | None = None


def write_files(
    files: Mapping[str, bytes], folder: Path, *, was: Mapping[str, bytes | None] | None = None, hurried: bool = False
) -> list[Path]:
    """Writes files into a folder and returns their paths: all of them, or none.

    Where `was` names a file, its former content is taken out in the same moment as the new one is put in, and compared.

    Args:
        files: bytes by name; a name may have folders in it, which are made.
        folder: the folder, which is made where it is missing.
        was: what files must hold at that moment; None: there must be no such file.
        hurried: whether files take their places before the disk has them, which takes a busy one a tenth of a second;
            the former ones stay until it has.

    Raises:
        ChangedError: a file holds something else; it was left as whoever saved it has it.
        DigestError: the folder cannot be written; files that were there before are as they were.
    """
    was = was or {}
    ready: list[tuple[Path, str]] = []
    placed: list[_Placed] = []
    stuck: list[_Placed] = []
    target = folder
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                part = _name_beside(target)
                ready.append((part, name))
                _write(part, content, like=target, synced=not hurried)
            places = {part.parent for part, _ in ready}
            for place in places:
                sweep(place)
            for part, name in ready:
                target = folder / name
                aside = _place(part, target, files[name], was[name]) if name in was else _place_any(part, target)
                placed.append(_Placed(target, files[name], aside, was.get(name)))
            _compare(placed)
            for target in ({folder / name for name in files} if hurried else set()) | places:
                _keep(target)
        except BaseException:
            for one in reversed(placed):
                try:
                    _put_back(one)
                except OSError:
                    stuck.append(one)
            raise
    except OSError as error:
        raise _unwritable(target, error, stuck) from error
    finally:
        left = {part for part, _ in ready} | {one.aside for one in placed if one.aside}
        for path in left - {one.aside for one in stuck}:
            with contextlib.suppress(OSError):  # swept later
                path.unlink(missing_ok=True)
    return [folder / name for name in files]


def _compare(placed: Sequence[_Placed]) -> None:
    """Compares what was taken out with what was expected there.

    Raises:
        ChangedError: another program has saved the file after it was read.
    """
    compared = [one for one in placed if one.aside and one.was is not None]
    if compared:
        time.sleep(SETTLING)
    for one in compared:
        if one.aside and read_released(one.aside) != one.was:
            raise _changed(one.target)


def write_folder(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    """Makes a folder with files in it and returns their paths; it is there with all of them, or not at all.

    Args:
        files: bytes by name; a name may have folders in it.
        folder: the folder, which must not exist.

    Raises:
        ChangedError: there is such a folder already.
        DigestError: it cannot be written; nothing was.
    """
    part = _name_beside(folder)
    target = folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part.mkdir()
        for name, content in files.items():
            target = folder / name
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            _write(part / name, content, like=part / name, synced=True)
        for place in {(part / name).parent for name in files} | {part}:
            _keep(place)
        target = folder
        _create(part, folder)
        try:
            _keep(folder.parent)
        except BaseException:
            folder.rename(part)
            raise
    except OSError as error:
        if error.errno in {errno.EEXIST, errno.ENOTEMPTY}:
            raise _changed(folder) from error
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return [folder / name for name in files]


@contextlib.contextmanager
def folder_replaced(files: Mapping[str, bytes], folder: Path) -> Iterator[None]:
    """Puts a folder with files in the place of the one that was there; puts that back if what is done meanwhile fails.

    A file that is as before stays the same file on disk, so that programs that copy folders see what has changed.

    Args:
        files: bytes by name, `LISTING` among them; a name may have folders in it.
        folder: the folder, of which nobody but this function writes anything.

    Raises:
        DigestError: it cannot be written, or holds files of somebody else; it is as it was.
    """
    part = _name_beside(folder)
    target = folder
    there = False
    try:
        try:
            _require_own(folder)
            folder.parent.mkdir(parents=True, exist_ok=True)
            sweep(folder.parent)
            part.mkdir()
            for place in sorted({(part / name).parent for name in files}):
                place.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                target = folder / name
                if not _taken_over(target, part / name, content):
                    _write(part / name, content, like=target, synced=False)
            target = folder
            _keep_all(part)
            there = folder.exists()
            _exchange_folders(part, folder) if there else _create(part, folder)
        except OSError as error:
            raise _unwritable(target, error) from error
        try:
            _keep(folder.parent)
            yield
        except BaseException:
            _exchange_folders(part, folder) if there else folder.rename(part)
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)


_OF_SYSTEMS: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


def _require_own(folder: Path) -> None:
    """Raises a `DigestError` where a folder holds files that its listing does not name."""
    if not folder.exists():
        return
    try:
        own = set((folder / LISTING).read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        own = set()
    found = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    names = (path.relative_to(folder).as_posix() for path in found if path.name not in _OF_SYSTEMS)
    if foreign := [name for name in names if name not in own]:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise DigestError(
            f"the folder holds files that were not written with it: {foreign[0]}{more}",
            where=_shown(folder),
            todo="move them, or choose another folder with --out; nothing was written",
        )


def _taken_over(old: Path, new: Path, content: bytes) -> bool:
    """Whether a file with this content was there before, and has a second name now."""
    try:
        if old.is_symlink() or old.stat().st_size != len(content) or old.read_bytes() != content:
            return False
        os.link(old, new)
    except OSError:  # there is no such file, or the disk knows no second names
        return False
    return True


def _keep_all(folder: Path) -> None:
    """Makes all files of a folder last; where the system can do that in one step, in one."""
    import ctypes

    sync = getattr(ctypes.CDLL(None), "syncfs", None) if sys.platform.startswith("linux") else None
    if sync is not None:
        file = os.open(folder, os.O_RDONLY)
        try:
            if sync(file) == 0:
                return
        finally:
            os.close(file)
    for path in (*folder.rglob("*"), folder):
        if path.is_dir():
            _keep(path)
        else:
            with path.open("rb") as stream:
                os.fsync(stream.fileno())


def _exchange_folders(one: Path, other: Path) -> None:
    """Exchanges two folders: in one step, or else in three."""
    if _in_one_step(one, other, _EXCHANGE):
        return
    held = _name_beside(other)
    other.rename(held)
    try:
        one.rename(other)
    except BaseException:
        held.rename(other)
        raise
    held.rename(one)


def read_released(path: Path) -> bytes:
    """The content of a file once no program has it open for writing, or after two seconds as it is.

    Raises:
        OSError: it cannot be read.
    """
    with opening.open_file(path) as opened:
        end = time.monotonic() + WRITING
        while _is_written(opened.fileno()) and time.monotonic() < end:
            time.sleep(0.005)
        return opened.read()


def _is_written(file: int) -> bool:
    """Whether another program has a file open for writing, as far as this system and this disk tell."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # A program that opens the file meanwhile has to be announced to us: by a signal that nobody minds.
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)  # refused while it is open for writing
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:  # somebody else's file, or a disk of the network
        return False
    return False


def sweep(folder: Path, *, alone: bool = False) -> list[str]:
    """Removes what killed commands left in a folder; returns a sentence for each text that is not ours.

    A command that is killed between taking out a file and comparing it leaves what it took out: where that is a text
    that another program saved, it is put back, or kept next to it where the file has changed once more.

    Args:
        folder: the folder.
        alone: whether nobody else can be writing there; otherwise files of processes that run are left alone, and such
            texts too.
    """
    said: list[str] = []
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names only
    except OSError:
        return said
    for name in names:
        match = _OURS.fullmatch(name)
        if match is None or (int(match["process"]) == os.getpid() and match["run"] == _RUN):
            continue
        left = folder / name
        with contextlib.suppress(OSError):  # somebody else sweeps, or nothing can be written here
            if not (alone or _is_over(int(match["process"]), left)):
                continue
            if match["was"] and _checksum(left.read_bytes()) not in {match["was"], match["new"]}:
                said += [_rescued(left, match)] if alone else []
            elif left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
    return said


@contextlib.contextmanager
def for_the_moment(name: str) -> Iterator[Path]:
    """A folder among the temporary files of the machine; first it removes those that killed commands left there.

    Args:
        name: what it is for, such as ``review``.
    """
    start = f"digest-{name}-"
    with contextlib.suppress(OSError):  # somebody else sweeps, or nothing can be read here
        for left in Path(tempfile.gettempdir()).glob(f"{start}*-*"):
            process = left.name.removeprefix(start).partition("-")[0]
            if process.isdigit() and not left.is_symlink() and _is_ours(left) and _is_over(int(process), left):
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{start}{os.getpid()}-") as folder:
        yield Path(folder).resolve()


def _rescued(left: Path, match: re.Match[str]) -> str:
    """What became of a text that another program saved, and that a killed command had taken out."""
    target = left.parent / match["name"]
    if not target.exists():
        _create(left, target)
    elif _checksum(new := target.read_bytes()) == match["new"]:
        _put_back(_Placed(target, new, left))
        left.unlink(missing_ok=True)
    else:
        kept = target.with_name(f"{target.name}.kept-{match['run']}")
        _create(left, kept)
        return f"{kept.name} is what another program saved while a command was killed; compare it with {target.name}"
    return f"{target.name} is again as another program saved it while a command was killed"


def _is_over(process: int, path: Path) -> bool:
    """Whether a process has ended; a process of another computer is taken for ended after a day."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        ended = True
    except OSError:
        ended = False
    else:
        ended = process == os.getpid()
    return (ended and _is_ours(path)) or path.lstat().st_mtime < time.time() - 86_400


def _is_ours(path: Path) -> bool:
    """Whether a file was made by this user: one of another, on a shared disk, may be of another computer."""
    return not hasattr(os, "getuid") or path.lstat().st_uid == os.getuid()


def _name_beside(target: Path, kind: str = "part") -> Path:
    """A hidden name next to a file, by which a later command knows what it is."""
    name = target.name if kind != "part" else target.name[:40]
    return target.with_name(f".{name}.digest-{os.getpid()}-{_RUN}-{next(_counted)}.{kind}")


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _write(path: Path, content: bytes, *, like: Path, synced: bool) -> None:
    """A new file, with the permissions of another that may exist; `synced`: the disk has it."""
    with path.open("xb") as file:  # temporary files are as public as what they become
        with contextlib.suppress(FileNotFoundError):
            mode = stat.S_IMODE(like.stat().st_mode)
            if mode != stat.S_IMODE(os.fstat(file.fileno()).st_mode):
                path.chmod(mode)
        file.write(content)
        file.flush()
        if synced:
            os.fsync(file.fileno())


def _keep(path: Path) -> None:
    """Makes a file, or the names in a folder, last: they outlive a failure of the power."""
    if os.name == "nt":
        return
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP, errno.EBADF}:  # a disk that cannot do this for folders
            raise
    finally:
        os.close(file)


def _place(part: Path, target: Path, new: bytes, was: bytes | None) -> Path | None:
    """Puts a file into its place where that is as expected; returns where the former one waits, to be compared."""
    try:
        if was is None:
            _create(part, target)
            return None
        aside = _name_beside(target, f"{_checksum(was)}-{_checksum(new)}.swap")
        part.rename(aside)
        try:
            _exchange(aside, target, was)
        except (OSError, ChangedError):
            aside.rename(part)
            raise
    except (FileExistsError, FileNotFoundError) as error:
        raise _changed(target) from error
    return aside


def _place_any(part: Path, target: Path) -> Path | None:
    """Puts a file into its place, whatever is there; returns where that waits."""
    while True:
        with contextlib.suppress(FileNotFoundError):
            _exchange(part, target, None)
            return part
        with contextlib.suppress(FileExistsError):
            _create(part, target)
            return None


def _put_back(placed: _Placed) -> None:
    """Puts the former file back; where somebody has saved the new one meanwhile, what was saved last stays."""
    if placed.aside is None:
        with contextlib.suppress(FileNotFoundError):
            if placed.target.read_bytes() == placed.new:
                placed.target.unlink()
        return
    there, back = placed.new, placed.aside.read_bytes()
    for _ in range(100):
        _exchange(placed.aside, placed.target, None)
        out = placed.aside.read_bytes()
        if out == there:
            return
        there, back = back, out


def _changed(target: Path) -> ChangedError:
    what = "there is such a folder already" if target.is_dir() else "another program has saved this file meanwhile"
    return ChangedError(what, where=_shown(target), todo="nothing was written")


def _unwritable(target: Path, error: OSError, stuck: Sequence[_Placed] = ()) -> DigestError:
    found = f"the file cannot be written: {error.strerror or error}"
    todo = "nothing was written"
    if stuck:  # the disk fails in both directions
        names = ", ".join(f"{_shown(one.target)} ({one.aside.name if one.aside else 'new'})" for one in stuck)
        todo = f"these files could not be put back (in brackets, what was there): {names}"
    return DigestError(found, where=_shown(target), todo=todo)


def _shown(path: Path) -> str:
    return os.path.relpath(path)


# --- What the kernel does in one step --------------------------------------------------------------------------------

_NOREPLACE: Final = 1
_EXCHANGE: Final = 2
_HERE: Final = -100  # AT_FDCWD
_LACKS: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})


@functools.cache
def _renameat2() -> Any:  # noqa: ANN401 - a function of C
    import ctypes

    if not sys.platform.startswith("linux"):
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is not None:
        function.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return function


def _in_one_step(one: Path, other: Path, flag: int) -> bool:
    """Renames with a flag of Linux; returns whether kernel and disk can do it."""
    import ctypes

    rename = _renameat2()
    if rename is None:
        return False
    try:
        sys.audit("os.rename", os.fspath(one), os.fspath(other), flag, -1)  # as Python's own renaming is announced
        done = rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), flag) == 0
        number = 0 if done else ctypes.get_errno()
    except OSError as error:  # of somebody who listens to the announcement
        number = error.errno or errno.EIO
    if number and number not in _LACKS:
        raise OSError(number, os.strerror(number), os.fspath(other))
    return not number


def _exchange(one: Path, other: Path, was: bytes | None) -> None:
    """Exchanges two files: in one step, or else comparing with what was there right before.

    Raises:
        FileNotFoundError: the second is not there.
    """
    if other.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(other))
    if _in_one_step(one, other, _EXCHANGE):
        return
    held = _name_beside(other)
    try:
        os.link(other, held)  # what is written into the former file later is seen there
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(other, held)
    try:
        if was is not None and (other.read_bytes() != was):
            raise _changed(other)
        one.replace(other)
        held.replace(one)
    finally:
        held.unlink(missing_ok=True)


def _create(one: Path, other: Path) -> None:
    """Renames a file or folder to a name that is free.

    Raises:
        FileExistsError: it is not free.
    """
    if _in_one_step(one, other, _NOREPLACE):
        return
    if one.is_dir():
        if other.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(other))
        one.rename(other)
        return
    try:
        os.link(one, other)
    except FileExistsError:
        raise
    except OSError:
        with other.open("xb"):
            pass
        one.replace(other)
    one.unlink(missing_ok=True)
