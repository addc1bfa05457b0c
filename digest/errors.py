"""What can go wrong, as values and as exceptions.

One odd thing among many is a `Problem`: it is returned along with the result and printed as
``file:line: level: message [code]``. A job that cannot go on raises a `DigestError`::

    DigestError                 exit 1   the job cannot go on
    ├── ProjectError                     the publication's own files have mistakes (carries its problems)
    ├── TemplateError                    a template is broken or uses something that does not exist
    ├── LimitError                       it took too long or too much memory, or its process ended
    ├── DiskError                        the disk is full, read-only or broken
    ├── FetchError              exit 5   a source or the network failed (digest.sources.network.failures)
    └── MissingRequirementError exit 4   this machine lacks something (says what, and how to get it)
"""

from __future__ import annotations

import difflib
import errno
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LONGEST: Final = 2_000  # characters of a message; a name of 5,000 in it says no more than its beginning
Level = Literal["error", "warning", "note"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the material, reported where a person can fix it.

    Attributes:
        level: ``error`` keeps the issue from being written, ``warning`` should be looked at, ``note`` may be.
        code: a short name of this kind of problem, the same in every release.
        message: what was found, what was expected and, where it is known, what to do.
        file: the file as the user knows it; empty when there is none.
        line: its line, counted from 1.
        key: the dotted key inside the file, such as ``sections[0].entries[2].why``.
    """

    level: Level
    code: str
    message: str
    file: str = ""
    line: int | None = None
    key: str = ""

    def __str__(self) -> str:
        """``file:line: level: message [code]`` on one line; an error without a line is ``file, record 3: …``."""
        where = self.file
        if where and self.line:
            where += f":{self.line}"
        elif where and self.key and self.level == "error":  # what it is about was lost
            where += f", {self.key}"
        return f"{where}: {self.summary}" if where else self.summary

    @property
    def summary(self) -> str:
        """``level: message [code]``; of a message without end its beginning and its end."""
        message = " ".join(self.message.split())
        if len(message) > LONGEST:
            message = f"{message[: LONGEST // 2]} … {message[-LONGEST // 4 :]}"
        return f"{self.level}: {message} [{self.code}]"


class DigestError(Exception):
    """The job cannot go on.

    Attributes:
        found: what was found.
        where: file, line or address; may be empty.
        expected: what would have been right; may be empty.
        todo: what to do about it; may be empty.
        entries: the HTML ids of the entries that were being laid out, where it is known that it is about these.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, found: str, *, where: str = "", expected: str = "", todo: str = "") -> None:
        super().__init__(found)
        self.found, self.where, self.expected, self.todo = found, where, expected, todo
        self.entries: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (
            type(self),
            self.args,
            self.__dict__,
        )  # it is sent between processes, whatever its arguments

    def __str__(self) -> str:
        text = f"{self.where}: {self.found}" if self.where else self.found
        for more in (f"expected {self.expected}" if self.expected else "", self.todo):
            if more:
                text += f"; {more}"
        return text


def _unpickled(kind: type[DigestError], args: tuple[Any, ...], parts: dict[str, Any]) -> DigestError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(parts)
    return error


class ProjectError(DigestError):
    """The publication's files have mistakes: `problems` holds every one that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        errors = sum(problem.level == "error" for problem in self.problems)
        super().__init__(f"{errors} {'error' if errors == 1 else 'errors'}, nothing was written")


class TemplateError(DigestError):
    """A template is broken, or uses something that does not exist; `problem` says which and where."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message, where=f"{problem.file}:{problem.line or 1}")

    @property
    def problems(self) -> tuple[Problem, ...]:
        """That problem, as a `ProjectError` has its own."""
        return (self.problem,)


class LimitError(DigestError):
    """The job took too long or too much memory, or its process ended by itself."""


class DiskError(DigestError):
    """A disk is full, read-only or broken, whatever the job was about."""


# What the system says of a disk, and not of a single file.
_OF_DISKS: Final = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EIO") if hasattr(errno, name)
)


def of_disk(error: BaseException) -> DiskError | None:
    """What the system said of a disk, in our words; nothing where an error is about something else."""
    if not isinstance(error, OSError) or error.errno not in _OF_DISKS:
        return None
    return DiskError(
        f"a file that is needed in between cannot be written or read: {error.strerror}",
        where=str(error.filename or ""),
        todo="make room on the disk, or set TMPDIR to a folder on another one; nothing was written",
    )


class MissingRequirementError(DigestError):
    """Something is missing on this machine; `todo` is the command that brings it."""

    exit_code: ClassVar[int] = 4


def not_utf8(error: UnicodeDecodeError, file: str) -> Problem:
    """The problem of a text that is not UTF-8, at the line of its first odd byte."""
    line = error.object[: error.start].count(b"\n") + 1
    message = f"expected UTF-8, found the byte 0x{error.object[error.start]:02X}; save the file as UTF-8"
    return Problem(level="error", code="encoding", message=message, file=file, line=line)


def did_you_mean(word: str, known: Iterable[str], *, least: float = 0.6) -> str:
    """``"; did you mean “volume”?"``, or nothing when no known word is near.

    Args:
        word: what was found.
        known: what it may be.
        least: how near a word has to be, up to 1.
    """
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), names, n=1, cutoff=least)
    return f"; did you mean “{names[near[0]]}”?" if near else ""


class FileNames(msgspec.Struct, frozen=True):
    """How files are called in messages: a file below one of the folders by its path from there.

    Attributes:
        folders: folders, and what is written before the path of a file in each.
    """

    folders: tuple[tuple[str, str], ...] = ()

    def __call__(self, path: Path) -> str:
        """The name of a file."""
        resolved = path.resolve()
        for folder, before in self.folders:
            if resolved.is_relative_to(folder):
                return before + resolved.relative_to(folder).as_posix()
        return str(path)
