"""The store of made things: each is kept under the hash of all that it was made from, in one file, whole or not there.

What is in it can be made again at any time. So a value that is damaged, cut off, somebody else's or of another layout
is not there, a disk that cannot be written costs time and nothing else, and nobody waits for a lock: a value gets its
name when all of it is written, by renaming, and two processes that make the same value write the same bytes.

    folder/.gitignore       “*”, or in the folder around it: what is made does not belong under version control
    folder/KIND/NAME        a value; the name is the hash of its key
    folder/KIND/.part-…     a value that is being written, or was when its process was killed

A value is not more to be trusted than the files around it: whoever can write into the folder can put another one in its
place. It is never code.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import re
import secrets
import stat
import struct
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest import opening
from digest.errors import DigestError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT: Final = 1 << 30  # bytes of all values together
_MAGIC: Final = b"digest made 1\n"  # the number is that of the layout of files
_SUM: Final = 16  # bytes of the checksum, of all after it
_SECRET: Final = 32  # bytes
_HEAD: Final = struct.Struct(">BHQ")  # lengths of kind, key and value, which follow in this order
_KIND: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NAME: Final = re.compile(r"[0-9a-f]{40}")
_PART: Final = ".part-"
_DAY: Final = 86_400.0  # seconds for which a value that was used counts as used just now
_HOUR: Final = 3_600.0  # seconds after which a part is one that a killed process has left
_TRIES: Final = 20  # times that a value is written because its folder was removed meanwhile
_LASTING: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ELOOP})
_READ: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_WRITE: Final = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class Cleaned(Struct, frozen=True, kw_only=True):
    """What was removed from a store.

    Attributes:
        files: how many files.
        size: how many bytes they had.
    """

    files: int
    size: int


def key(*parts: bytes | str) -> bytes:
    """The hash of what something is made from: other parts, another order or another cut between them is another key.

    Args:
        parts: the parts; a text and its bytes in UTF-8 are not the same part.
    """
    whole = hashlib.blake2b(digest_size=32)
    for part in parts:
        text = isinstance(part, str)
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        whole.update(b"%c%d:" % (b"t" if text else b"b", len(content)))
        whole.update(content)
    return whole.digest()


def publication_store(root: Path, *, limit: int = LIMIT) -> Store:
    """The store of a publication, in ``.cache/made``, next to the pages of sources that ``.cache`` holds.

    In those that belong to the program, the sample and the gallery, nothing is kept: they are not the user's.

    Args:
        root: folder of the publication.
        limit: bytes of all values together.
    """
    package = Path(__file__).resolve().parent
    place = root.resolve()
    ours = place.is_relative_to(package) or place.is_relative_to(package.parent / "seeds")
    return Store(root / ".cache" / "made", limit=limit, within=root, keeping=not ours)


class Store:
    """Values by kind and key, on disk; any number of processes and threads may use one folder at a time.

    Args:
        folder: where they are kept; it is made when the first value is.
        limit: bytes of all values together, which `trim` sees to.
        within: a folder that links may not lead out of; none: the folder of the store.
        keeping: whether anything is kept.
    """

    def __init__(self, folder: Path, *, limit: int = LIMIT, within: Path | None = None, keeping: bool = True) -> None:
        self.folder, self.limit = folder, limit
        self._problems: list[Problem] = []
        self._sound: set[str] = set()  # kinds whose folder was seen to be one
        self._closed = not keeping  # there is no use in trying to write
        self._outside = within is not None and opening.leads_out(folder, within)
        if self._outside:
            self._cannot("it is a link that leads out of the publication's folder", lasting=True)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """A note with the first reason why a value could not be kept; empty where all were."""
        return tuple(self._problems)

    def get(self, kind: str, key: bytes) -> bytes | None:
        """The value that was put under this key; nothing where there is none, or it is not exactly what was put.

        What is there in its place is removed. A value that is used is not the next that `trim` removes.

        Args:
            kind: a short name of what it is, such as ``sheet``.
            key: the key.
        """
        if (folder := self._folder_of(kind)) is None:
            return None
        path = f"{folder}/{_name(key)}"
        try:
            found = _content(path, self.limit)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM}:
                self._drop(path)  # a link, a pipe, a device, a part of the disk that cannot be read
            return None
        if found is None:
            self._drop(path)
            return None
        content, used = found
        if (value := _unpacked(content, kind, key)) is None:
            self._drop(path)
            return None
        if abs(time.time() - used) > _DAY:
            with contextlib.suppress(OSError):  # somebody else's, or read-only: it may be removed earlier, no more
                os.utime(path)
        return value

    def put(self, kind: str, key: bytes, value: bytes) -> bool:
        """Keeps a value under a key, whatever was there; whether it is kept. It never raises an `OSError`.

        Args:
            kind: a short name of what it is: small letters, digits and hyphens.
            key: the key.
            value: the value.
        """
        if self._closed or len(value) > self.limit:
            return False
        content = _packed(kind, key, value)
        missing: OSError | None = None
        for _ in range(_TRIES):
            try:
                if missing is not None:
                    self._make(kind)
                self._write(kind, _name(key), content)
            except FileNotFoundError as error:  # the folder is not there yet, or another process cleans
                missing = error
            except OSError as error:
                return self._failed(error)
            else:
                return True
        return missing is None or self._failed(missing)

    def trim(self) -> None:
        """Removes the values that were not used for longest until the rest is within the limit, and old parts."""
        now = time.time()
        values: list[tuple[float, int, str]] = []
        for path, name, about in self._files():
            if not name.startswith(_PART):
                values.append((about.st_mtime, about.st_size, path))
            elif abs(now - about.st_mtime) > _HOUR:
                self._drop(path)
        used = sum(size for _, size, _ in values)
        for _, size, path in sorted(values) if used > self.limit else ():
            if used <= self.limit:
                break
            self._drop(path)
            used -= size

    def clean(self) -> Cleaned:
        """Removes all that the store has made, with its folders where nothing else is in them.

        Raises:
            DigestError: something of it could not be removed; the rest is.
        """
        files = size = 0
        failed: OSError | None = None
        for path, _, about in self._files():
            try:
                os.unlink(path)  # noqa: PTH108 - a name here
                files, size = files + 1, size + about.st_size
            except FileNotFoundError:  # another process was quicker
                continue
            except OSError as error:
                failed = failed or error
        if failed is None and not self._outside:
            self._remove_folders()
        if failed is not None:
            raise DigestError(
                f"not everything could be removed: {failed.strerror or failed}",
                where=_shown(self.folder),
                expected="a folder that you can write to",
            )
        return Cleaned(files=files, size=size)

    def _folder_of(self, kind: str) -> str | None:
        """The folder of a kind; nothing where there is none that is a folder here."""
        folder = f"{self.folder}/{kind}"
        if kind in self._sound:
            return folder
        if self._outside or not _KIND.fullmatch(kind):
            return None
        try:
            if not stat.S_ISDIR(os.lstat(folder).st_mode):
                return None
        except OSError:
            return None
        self._sound.add(kind)
        return folder

    def _write(self, kind: str, name: str, content: bytes) -> None:
        if (folder := self._folder_of(kind)) is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        part = f"{folder}/{_PART}{os.getpid()}-{os.urandom(6).hex()}"
        try:
            number = os.open(part, _WRITE, 0o666)
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[os.write(number, rest) :]
            finally:
                os.close(number)
            os.replace(part, f"{folder}/{name}")  # noqa: PTH105 - both are names here
        except BaseException:
            self._drop(part)
            raise

    def _make(self, kind: str) -> None:
        """Makes the folder of a kind, and those around it."""
        if not _KIND.fullmatch(kind):
            raise ValueError(f"{kind!r} is not the name of a kind: expected small letters, digits and hyphens")
        self._sound.discard(kind)
        around = self.folder.parent
        own = not around.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        if own or not _keeps_out(around):
            _keep_out(around if own else self.folder)
        with contextlib.suppress(FileExistsError):
            (self.folder / kind).mkdir()
        if self._folder_of(kind) is None:
            raise NotADirectoryError(errno.ENOTDIR, f"{kind} in it is not a folder")

    def _failed(self, error: OSError) -> bool:
        self._cannot(error.strerror or str(error), lasting=error.errno in _LASTING)
        return False

    def _cannot(self, reason: str, *, lasting: bool) -> None:
        self._closed |= lasting
        if not self._problems:
            message = f"what was made cannot be kept for the next time: {reason}; this costs time, nothing else"
            self._problems.append(
                Problem(level="note", code="store-unwritable", message=message, file=_shown(self.folder))
            )

    def _drop(self, path: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - a name here

    def _files(self) -> Iterator[tuple[str, str, os.stat_result]]:
        """Path, name and state of each file that the store has made; what is not of its names is not here."""
        for folder in self._folders():
            try:
                with os.scandir(folder) as entries:
                    found = [one for one in entries if _NAME.fullmatch(one.name) or one.name.startswith(_PART)]
            except OSError:
                continue
            for one in found:
                with contextlib.suppress(OSError):  # removed meanwhile
                    if not one.is_dir(follow_symlinks=False):
                        yield one.path, one.name, one.stat(follow_symlinks=False)

    def _folders(self) -> list[str]:
        """The folders of all kinds, also of those that this program does not know."""
        if self._outside:
            return []
        try:
            with os.scandir(self.folder) as entries:
                return [one.path for one in entries if _KIND.fullmatch(one.name) and one.is_dir(follow_symlinks=False)]
        except OSError:
            return []

    def _remove_folders(self) -> None:
        """Removes the empty folders of kinds, and the store's own where nothing else is in it."""
        for folder in self._folders():
            with contextlib.suppress(OSError):  # something foreign is in it
                os.rmdir(folder)  # noqa: PTH106 - a name here
        self._sound.clear()
        ignore = self.folder / ".gitignore"
        with contextlib.suppress(OSError):
            if [one.name for one in self.folder.iterdir()] == [ignore.name] and ignore.read_bytes() == b"*\n":
                ignore.unlink()
            self.folder.rmdir()


def _keeps_out(folder: Path) -> bool:
    """Whether a folder has a ``.gitignore`` with something in it: a killed process may have left an empty one."""
    try:
        return os.lstat(folder / ".gitignore").st_size > 0
    except OSError:
        return False


def _keep_out(folder: Path) -> None:
    """Keeps what is in a folder out of version control, before anything is in it."""
    if not _keeps_out(folder):
        ignore = folder / ".gitignore"
        ignore.unlink(missing_ok=True)
        with contextlib.suppress(FileExistsError), ignore.open("x", encoding="ascii") as stream:
            stream.write("*\n")


def _name(key: bytes) -> str:
    return hashlib.blake2b(key, digest_size=20).hexdigest()


def _packed(kind: str, key: bytes, value: bytes) -> bytes:
    rest = b"".join((_HEAD.pack(len(kind), len(key), len(value)), kind.encode("ascii"), key, value))
    return _MAGIC + _sum(rest) + rest


def _unpacked(content: bytes, kind: str, key: bytes) -> bytes | None:
    """The value in the content of a file; nothing where it is another one, or not as it was written."""
    begin = len(_MAGIC) + _SUM
    head = _HEAD.size + len(kind) + len(key)
    value = content[begin + head :]
    expected = _HEAD.pack(len(kind), len(key), len(value)) + kind.encode("ascii") + key
    if not content.startswith(_MAGIC) or content[begin : begin + head] != expected:
        return None
    return value if content[len(_MAGIC) : begin] == _sum(memoryview(content)[begin:]) else None


def _sum(content: bytes | memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=_SUM, key=_secret()).digest()


@functools.cache
def _secret() -> bytes:
    """What only this user knows: a value that came with somebody else's publication has another sum, and is not used.

    Where it cannot be kept, it is another one in each process, which then uses only what it has put there itself.
    """
    folder = Path(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")) / "digest"  # noqa: PTH111 - raises no error
    path = folder / "store.key"
    new = secrets.token_bytes(_SECRET)
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            written = folder / f"{secrets.token_hex(8)}.tmp"
            try:
                written.touch(mode=0o600)
                written.write_bytes(new)
                os.link(written, path)  # all of it, or nothing where another process was first
            finally:
                written.unlink(missing_ok=True)
        kept = path.read_bytes()
        if len(kept) == _SECRET:
            return kept
    return new


def _content(path: str, most: int) -> tuple[bytes, float] | None:
    """The bytes of a file and the time when it was used last; nothing where it is not one, or larger than a store."""
    number = os.open(path, _READ)
    try:
        about = os.fstat(number)
        if not stat.S_ISREG(about.st_mode) or about.st_size > most + 2**16:
            return None
        content = os.read(number, about.st_size + 1)
        while len(content) < about.st_size and (more := os.read(number, about.st_size - len(content))):
            content += more
        return content, about.st_mtime
    finally:
        os.close(number)


def _shown(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"
