"""Opens files that come from outside: regular files alone, never waiting for one, and no more bytes than expected.

A name in the material of strangers may lead to a pipe that nobody writes to, a device without an end, a socket or a
link in a circle. All are an `OSError` with words for people in ``strerror``, as for a file that is missing.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import BinaryIO

MOST: Final = 256 * 2**20  # bytes of a file that is read whole

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_OPEN_ALREADY: Final = re.compile(r"/dev/(?:stdin|fd/\d{1,6})|/proc/self/fd/\d{1,6}")


def open_file(path: Path) -> BinaryIO:
    """A stream of the bytes of a regular file, or of the one that a link leads to.

    Raises:
        OSError: it cannot be opened, or is not a regular file; ``strerror`` says what it is.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - the same call as below
    except ValueError:  # a NUL in it
        raise FileNotFoundError(errno.ENOENT, "no file can have this name", str(path)) from None
    _expect_regular(path, mode)
    number = os.open(path, _FLAGS)
    try:
        _expect_regular(path, os.fstat(number).st_mode)  # it may have become another one
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def read_file(path: Path, most: int = MOST) -> bytes:
    """The bytes of a regular file.

    Args:
        path: the file.
        most: how many bytes it may have.

    Raises:
        OSError: it cannot be read, is not a regular file, or is larger.
    """
    with open_file(path) as stream:
        return _read(stream, most, path)


def read_text(path: Path, most: int = MOST, *, errors: str = "strict") -> str:
    """The text of a regular file in UTF-8, with or without a byte order mark; every line end is one character.

    Args:
        path: the file.
        most: how many bytes it may have.
        errors: what to do with bytes that are not UTF-8, as in `bytes.decode`.

    Raises:
        OSError: as for `read_file`.
        UnicodeDecodeError: it is not UTF-8.
    """
    return as_text(read_file(path, most), errors=errors)


def as_text(content: bytes, *, errors: str = "strict") -> str:
    """The text of bytes in UTF-8, with or without a byte order mark; every line end is one character.

    Raises:
        UnicodeDecodeError: they are not UTF-8.
    """
    return content.decode("utf-8-sig", errors).replace("\r\n", "\n").replace("\r", "\n")


def inside(folder: Path, name: str) -> Path | None:
    """The file of this name in a folder; nothing where there is none, or the name leads out of the folder.

    Args:
        folder: the folder.
        name: whatever somebody has typed for a name.
    """
    try:
        path = (folder / name).resolve()
        return path if path.is_file() and path.is_relative_to(folder.resolve()) else None
    except (OSError, ValueError, RuntimeError, TypeError):  # too long, half a character, a link in a circle, no text
        return None


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a link, in a name below a folder, leads out of it or nowhere; what is not there yet does not."""
    try:
        return not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a link in a circle
        return True


def exists(path: Path) -> bool:
    """Whether there is something of this name; never where no file can have it."""
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, half a character
        return False


def shown_name(name: str) -> str:
    r"""The name of a file as text that can be kept and printed: bytes that are not UTF-8 are escaped, as ``\xff``."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_given_pipe(name: str) -> bool:
    """Whether a name that a person typed is a pipe that their shell has opened: ``<(…)``, or ``/dev/stdin``."""
    return bool(_OPEN_ALREADY.fullmatch(name)) and Path(name).is_fifo()


def read_given_pipe(name: str, most: int = MOST) -> bytes:
    """The bytes of a pipe that a shell has opened, up to its end.

    Raises:
        OSError: it cannot be read, or there are more bytes.
    """
    path = Path(name)
    with path.open("rb") as stream:
        return _read(stream, most, path)


def _expect_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        code = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(code, f"this is {_KINDS.get(stat.S_IFMT(mode), 'something else')}, not a file", str(path))


def _read(stream: BinaryIO, most: int, path: Path) -> bytes:
    content = stream.read(most + 1)
    if len(content) > most:
        size = f"{most >> 20} MiB" if most >= 2**20 else f"{most >> 10} KiB"
        raise OSError(errno.EFBIG, f"the file is larger than {size}", str(path))
    return content
