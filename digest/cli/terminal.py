"""The one way out: what is printed, with signs that could disturb a terminal or mislead a reader written as escapes."""

from __future__ import annotations

import errno
import io
import os
import re
import sys
from typing import Final, Self

import click

# What moves the cursor, rings or ends a line (C0, C1), what turns the direction of text around (Unicode 16, UAX #9),
# line ends that are none to most programs, tags that nobody sees, and halves of characters (bytes of file names).
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)

_HALVES: Final = re.compile("[\ud800-\udfff]")


class Styled(str):
    """Text that is ready for a terminal: its colours are ours, and whatever came from outside is escaped."""

    __slots__ = ()

    @classmethod
    def of(cls, *parts: str) -> Self:
        """The parts one after the other; those that are not ready are made so."""
        return cls("".join(part if isinstance(part, Styled) else shown(part) for part in parts))


def shown(text: str) -> str:
    r"""The text with each unsafe sign as ``\u202e``, in the form that JSON has; line ends and tabs stay."""
    return text if text.isprintable() else _UNSAFE.sub(_escape, text)


def without_halves(json: str) -> str:
    """JSON in which halves of characters, which no encoding can write, are escapes."""
    return _HALVES.sub(_escape, json)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2))


def styled(text: str, **style: str | bool) -> Styled:
    """The text in colour or bold, as `click.style` takes them."""
    return Styled(click.style(shown(text), **style))  # type: ignore[arg-type]  # names of colours, and bold


def colour() -> bool | None:
    """Whether click colours what it prints."""
    return False if os.environ.get("NO_COLOR") else None  # None: click looks whether it is a terminal


class _Closed(io.TextIOBase):
    """Standard output where whoever started the program has closed it: what is printed would be lost."""

    def write(self, _: str) -> int:
        """Refuses a text."""
        raise OSError(errno.EBADF, "standard output is closed")


def replace_closed_streams() -> None:
    """Puts something in the place of standard streams that are closed, and keeps files from taking their numbers."""
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    sys.stdin = sys.stdin or io.StringIO()
    sys.stdout = sys.stdout or _Closed()
    sys.stderr = sys.stderr or io.StringIO()  # nobody would read it


def echo(text: str | bytes, *, err: bool = False, nl: bool = True) -> None:
    """Prints a text: escaped where people read it, exactly as it is where a program does (a pipe or a file).

    Args:
        text: the text, or the bytes that a source gave.
        err: to standard error, which people read.
        nl: whether the line ends.
    """
    stream = sys.stderr if err else sys.stdout
    if isinstance(text, Styled):
        click.echo(text, err=err, nl=nl, color=colour())
    elif err or stream.isatty():
        given = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        click.echo(shown(given), err=err, nl=nl, color=True)
    else:
        end = "\n" if nl else ""
        encoding = getattr(stream, "encoding", None) or "utf-8"
        if isinstance(text, str) and _can_be(text, encoding):
            click.echo(text + end, nl=False, color=True)  # or else click takes out what looks like a colour
        else:
            click.echo((text if isinstance(text, bytes) else _as_bytes(text, encoding)) + end.encode(), nl=False)


def _can_be(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _as_bytes(text: str, encoding: str) -> bytes:
    """The text where the encoding of the output lacks signs of it; the name of a file gets its own bytes again."""
    try:
        return text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        return text.encode(encoding, "backslashreplace")
