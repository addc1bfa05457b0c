"""Changes texts at random and looks whether a reader breaks: ``./run fuzz [TARGET] [--minutes N]``.

Targets are the formats, and whatever else reads what people and servers write (``tests/fuzzing.py`` says what is
demanded of each). Without a name all have their turn. Each begins with small texts of the project. An input that raises
anything but our own errors, computes for more than ten seconds or ends the process is made small and kept: of a format
next to its seeds, as ``found-…``, else in ``tests/found/TARGET/``. Name it after its oddity and fix the reader; the
tests read it each time. The same seed gives the same inputs.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import mmap
import os
import random
import resource
import signal
import struct
import sys
import time
import traceback
import warnings
from typing import TYPE_CHECKING, Final

from tests.fuzzing import FOUND, TARGETS, seeds
from tests.sources.test_any_bytes import PIECES, SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_SECONDS: Final = 10  # of computing for one input
_MEMORY: Final = 1536 * 2**20
_LONGEST: Final = 16_384
_TRIES: Final = 300  # to make a found input smaller
_HEAD: Final = struct.Struct("<QQI")  # inputs so far, different findings, length of the input that is looked at
_WORDS: Final = (
    *PIECES,
    b"{{ ",
    b" }}",
    b"{% ",
    b" %}",
    b"|",
    b"(" * 200,
    b"[" * 200,
    b"{" * 200,
    b"</",
    b"&#x202e;",
    b"1e400",
)


class TooSlowError(Exception):
    """One input takes too long."""


def changed(rng: random.Random, texts: list[bytes]) -> bytes:
    """A text with one to five changes: cut, doubled, moved, mixed with another one, or with odd pieces in it."""
    text = rng.choice(texts)
    if len(text) > _LONGEST:
        at = rng.randrange(len(text) - _LONGEST)
        text = text[at : at + _LONGEST] if rng.random() < 0.5 else text[:_LONGEST]
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        at, end = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        end = min(end, at + rng.choice((1, 4, 40, 4000)))
        match rng.randrange(8):
            case 0:
                text = text[:at]
            case 1:
                text = text[:at] + text[at:end] * rng.choice((2, 2, 3, 50)) + text[end:]
            case 2:
                text = text[:at] + text[end:]
            case 3:
                text = text[:at] + rng.randbytes(rng.choice((1, 1, 3))) + text[at + 1 :]
            case 4 | 5:
                text = text[:at] + rng.choice(_WORDS) + text[at:]
            case 6:
                other = rng.choice(texts)
                start = rng.randint(0, len(other))
                text = text[:at] + other[start : start + (end - at or 20)] + text[end:]
            case _:
                text = text[end:] + text[at:end] + text[:at]
    return text[: 2 * _LONGEST]


def _kind(error: BaseException) -> str:
    """What two findings have in common: the error, and the line of ours that is nearest to it."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if "/digest/" in f.filename or "/tests/" in f.filename
    ]
    place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__} at {place}"


def broken_by(check: Callable[[bytes], None], data: bytes) -> BaseException | None:
    """What a reader raises for an input; nothing where it does as it should."""
    signal.setitimer(signal.ITIMER_PROF, _SECONDS)
    try:
        check(data)
    except (Exception, RecursionError) as error:  # noqa: BLE001 - this is what is looked for
        return error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return None


def smaller(check: Callable[[bytes], None], data: bytes, kind: str) -> bytes:
    """The input without parts that are not needed to break the reader in the same way."""
    step, tries = len(data) // 2, 0
    while step and tries < _TRIES:
        at = 0
        while at < len(data) and tries < _TRIES:
            tries += 1
            shorter = data[:at] + data[at + step :]
            error = broken_by(check, shorter)
            if error is not None and _kind(error) == kind:
                data = shorter
            else:
                at += step
        step //= 2
    return data


def keep(name: str, data: bytes, kind: str) -> None:
    """Writes down what was found, and says so."""
    folder = SEEDS / name if (SEEDS / name).is_dir() else FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    ending = next((path.suffix for path in folder.iterdir() if not path.name.startswith("found-")), "")
    path = folder / f"found-{hashlib.sha256(data).hexdigest()[:8]}{ending}"
    path.write_bytes(data)
    print(f"  {name}: {kind}: {path}", flush=True)


def _work(name: str, room: mmap.mmap, seed: str, until: float, most: int | None) -> None:
    """The life of a child: inputs until the time is over."""

    def over(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, over)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY + 512 * 2**20, resource.getrlimit(resource.RLIMIT_AS)[1]))
    warnings.simplefilter("ignore")
    rng, texts, known = random.Random(seed), seeds(name), set[str]()  # noqa: S311 - it is to be repeated
    check = TARGETS[name][0]
    count = _HEAD.unpack_from(room)[0]
    while time.monotonic() < until and (most is None or count < most):
        data = changed(rng, texts)
        count += 1
        _HEAD.pack_into(room, 0, count, len(known), len(data))
        room[_HEAD.size : _HEAD.size + len(data)] = data
        if (error := broken_by(check, data)) is not None and (kind := _kind(error)) not in known:
            known.add(kind)
            keep(name, smaller(check, data, kind), kind)
    _HEAD.pack_into(room, 0, count, len(known), 0)


def fuzz(name: str, minutes: float, seed: int, most: int | None = None) -> tuple[int, int]:
    """How many inputs a target was given, and how many different faults were found.

    Args:
        name: the target.
        minutes: how long, at most.
        seed: another one gives other inputs.
        most: how many inputs, at most.
    """
    until, crashes = time.monotonic() + 60 * minutes, 0
    with mmap.mmap(-1, _HEAD.size + 4 * _LONGEST) as room:
        while time.monotonic() < until:
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    _work(name, room, f"{name} {seed} {crashes}", until, most)
                    code = 0
                finally:
                    sys.stdout.flush()
                    os._exit(code)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            if code == 0:
                break
            crashes += 1
            length = _HEAD.unpack_from(room)[2]
            keep(name, room[_HEAD.size : _HEAD.size + length], f"the process ended with {code}")
        count, kinds, _ = _HEAD.unpack_from(room)
    return count, kinds + crashes


def main() -> None:
    """Fuzzes one target, or all in turn; exit code 1 where something was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("target", nargs="?", choices=[*TARGETS], metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=1, help="for each target (default: 1)")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    inputs = faults = 0
    with contextlib.suppress(KeyboardInterrupt):
        for name in [asked.target] if asked.target else TARGETS:
            count, found = fuzz(name, asked.minutes, asked.seed)
            print(f"{name}: {count:,} inputs, {found} faults", flush=True)
            inputs, faults = inputs + count, faults + found
    print(f"{inputs:,} inputs, {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
