"""Whether work is ever lost: ``./run faults [--count N] [--seed S]``.

Commands are killed and given disk errors at the n-th thing that they do with files, many write at once, and another
program saves while they write. What must hold afterwards is looked at each time. ``tests/test_faults.py`` and
``tests/test_bad_days.py`` run a few. Whole builds are in `bench.builds`.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import builds
from digest.errors import DigestError
from digest.preview.curation import ConflictError, Curation, Edit
from digest.publication import IssueFile
from digest.store import key, publication_store
from digest.strict import read
from digest.writing import change_issue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SAMPLE: Final = Path(__file__).resolve().parent.parent / "seeds" / "sample"
RECORDS: Final = 20
# What the interpreter reports before it does it (audit events): each is a moment at which a command can end.
_MOMENTS: Final = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Fault(NamedTuple):
    """What is done to a command.

    Attributes:
        at: the number of the moment, counted from 0.
        error: the error that the disk gives then; 0: the process is killed.
    """

    at: int
    error: int = 0


def publication(folder: Path) -> Path:
    """The sample publication with a library of records P9001, P9002, … that are in no issue."""
    root = Path(shutil.copytree(SAMPLE, folder / "journal", ignore=shutil.ignore_patterns("_build")))
    shutil.rmtree(root / "exports", ignore_errors=True)
    rows = (f"Ducks of pond {n},Jane Doe,P{9000 + n},Pond Meeting 2014,2014\n" for n in range(1, RECORDS + 1))
    (folder / "ponds.csv").write_text("Title,Authors,Abstract number,Meeting,Year\n" + "".join(rows), encoding="utf-8")
    if run(root, "collect", str(folder / "ponds.csv")).returncode:
        raise RuntimeError("the records could not be collected")
    return root


def start(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "digest", *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(SAMPLE.parents[1])},
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command, to its end."""
    process = start(root, *arguments)
    output, _ = process.communicate()
    return subprocess.CompletedProcess(arguments, process.returncode, output)


def faulty(root: Path, fault: Fault | None, *arguments: str, job: Callable[[], int] | None = None) -> tuple[int, int]:
    """The exit status of a command, or a job, to which a fault is done, and how many moments there were; in a fork."""
    from digest.cli import main

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        seen = 0

        def hook(event: str, values: tuple[object, ...]) -> None:
            nonlocal seen
            if event not in _MOMENTS or (event == "open" and not (isinstance(values[2], int) and values[2] & _WRITES)):
                return
            name = values[0]
            if not isinstance(name, str | bytes | Path) or not os.path.abspath(os.fsdecode(name)).startswith(str(root)):  # noqa: PTH100 - no link is followed
                return
            if fault and seen == fault.at:
                seen += 1
                if not fault.error:
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(fault.error, os.strerror(fault.error))
            seen += 1

        code = 99
        try:
            os.chdir(root)
            sys.addaudithook(hook)
            code = job() if job else main(arguments)
            os.write(writing, str(seen).encode())
        finally:
            os._exit(code)
    os.close(writing)
    with open(reading, "rb") as pipe:  # noqa: PTH123 - it is open
        seen = int(pipe.read() or b"0")
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), seen


def state(root: Path) -> dict[str, bytes]:
    """The files of all issues."""
    return {str(path.relative_to(root)): path.read_bytes() for path in (root / "issues").rglob("*") if path.is_file()}


def readable(folder: Path) -> IssueFile:
    """The issue of a folder, which must be whole."""
    found = read((folder / "issue.yaml").read_text(encoding="utf-8"), IssueFile, "issue.yaml").value
    if found is None:
        raise AssertionError(f"{folder}/issue.yaml cannot be read")
    for section in found.sections:
        for entry in section.entries:
            if entry.record and not (folder / "records" / f"{entry.record}.yaml").is_file():
                raise AssertionError(f"the record {entry.record} is missing")
    return found


def left_over(root: Path) -> list[str]:
    """Temporary files that are still there."""
    return [name for name in state(root) if ".digest-" in name or name.endswith(".former")]


ADD: Final = ("add", "--section", "1", "2014-07-28", "P9001")
NEW: Final = ("new", "--date", "2014-09-01", "--match", "number:P9002")


def one_fault(root: Path, fault: Fault, *arguments: str) -> str:
    """What is wrong after a fault and another try; empty where nothing is."""
    before = state(root)
    code, _ = faulty(root, fault, *arguments)
    if fault.error and code not in {0, 1, 5}:
        return f"exit status {code}"
    for folder in sorted((root / "issues").glob("[0-9]*")):
        readable(folder)
    if code == 1 and {name: text for name, text in state(root).items() if name in before} != before:
        return "the command failed, and files are not as before"
    again = run(root, *arguments)
    done = "P9001" in (root / "issues/2014-07-28/issue.yaml").read_text(encoding="utf-8") if arguments == ADD else False
    if again.returncode and not done and not (root / "issues" / "2014-09-01" / "issue.yaml").is_file():
        return f"not done the second time: {again.stdout}"
    for folder in sorted((root / "issues").glob("[0-9]*")):
        readable(folder)
    return f"left over: {found}" if (found := left_over(root)) else ""


def faults(count: int, chance: random.Random, errors: tuple[int, ...]) -> Iterator[str]:
    """What is wrong after each of so many faults, half with `add`, half with `new`."""
    with tempfile.TemporaryDirectory() as temporary:
        made = publication(Path(temporary))
        moments = {}
        for arguments in (ADD, NEW):
            with _copy(made) as root:
                code, moments[arguments] = faulty(root, None, *arguments)
                if code:
                    raise RuntimeError(f"{arguments} does not work: {code}")
        for n in range(count):
            arguments = (ADD, NEW)[n % 2]
            with _copy(made) as root:
                fault = Fault(chance.randrange(moments[arguments]), errors[n // 2 % len(errors)])
                try:
                    wrong = one_fault(root, fault, *arguments)
                except AssertionError as error:
                    wrong = str(error)
                yield f"{arguments[0]}, {fault}: {wrong}" if wrong else ""


@contextlib.contextmanager
def _copy(made: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as temporary:
        yield Path(shutil.copytree(made, Path(temporary, "journal")))


def _ended(running: list[subprocess.Popen[str]]) -> list[int]:
    """The exit statuses of commands, once all have ended."""
    for process in running:
        process.communicate()
    return [process.returncode for process in running]


def adders(count: int) -> str:
    """What is wrong after so many `digest add` at once, each of another record."""
    with tempfile.TemporaryDirectory() as temporary:
        root = publication(Path(temporary))
        running = [start(root, *ADD[:-1], f"P{9001 + n}") for n in range(count)]
        codes = _ended(running)
        text = (root / "issues/2014-07-28/issue.yaml").read_text(encoding="utf-8")
        readable(root / "issues/2014-07-28")
        there = sum(f"P{9001 + n}" in text for n in range(count))
        wrong = codes.count(0) != there or there != count or left_over(root)
        return f"{codes.count(0)} of {count} say done, {there} entries are there" if wrong else ""


def makers(count: int) -> str:
    """What is wrong after so many `digest new` of one date at once."""
    with tempfile.TemporaryDirectory() as temporary:
        root = publication(Path(temporary))
        running = [start(root, *NEW) for _ in range(count)]
        codes = _ended(running)
        readable(root / "issues" / "2014-09-01")
        return f"{codes.count(0)} of {count} say done" if codes.count(0) != 1 or left_over(root) else ""


def race(folder: Path, chance: random.Random, *, in_place: bool) -> str:
    """What is wrong after another program has saved ``issue.yaml`` while we changed it."""
    path = folder / "issue.yaml"
    original = path.read_bytes()
    saved = original + b"# saved by an editor\n"
    wait = chance.random() * 0.06

    def save() -> None:
        time.sleep(wait)
        if in_place:
            path.write_bytes(saved)
        else:
            other = folder / "issue.yaml~"
            other.write_bytes(saved)
            other.replace(path)

    editor = threading.Thread(target=save)
    editor.start()
    done = True
    try:
        change_issue(folder, lambda text: {} if b"# ours\n" in text else {"issue.yaml": text + b"# ours\n"})
    except DigestError:
        done = False
    editor.join()
    found = path.read_bytes()
    path.write_bytes(original)
    if found == saved or (done and set(found.splitlines()) == {*saved.splitlines(), b"# ours"}):
        return ""
    return f"after {wait * 1000:.0f} ms: the file ends with {found[len(original) :]!r}"


def races(count: int, chance: random.Random) -> Iterator[str]:
    """What is wrong after each of so many races, half with a program that saves in place, half by renaming."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(shutil.copytree(SAMPLE, Path(temporary, "journal")))
        for n in range(count):
            yield race(root / "issues" / "2014-07-28", chance, in_place=bool(n % 2))


def stored(count: int, error: int = 0) -> Iterator[str]:
    """What is wrong after faults at so many moments while values are put into a store, some of them over others."""
    keys = [key(str(n)) for n in range(6)]
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(os.path.realpath(temporary), "publication")
        root.mkdir()

        def work(version: int) -> int:
            store = publication_store(root)
            with _written_in_halves(root):
                kept = [store.put("sheet", one, _value(n, version)) for n, one in enumerate(keys)]
            store.trim()
            return int(not all(kept) and not store.problems)

        _, moments = faulty(root, None, job=lambda: work(0))
        for at in range(count):
            if at % 3 == 0:  # otherwise over what the last one has left
                shutil.rmtree(root / ".cache", ignore_errors=True)
            code, _ = faulty(root, Fault(at % moments, error), job=lambda at=at: work(at % 250))  # type: ignore[misc]  # mypy sees no type in a default
            store = publication_store(root)
            found = [store.get("sheet", one) for one in keys]
            odd = [n for n, one in enumerate(found) if one is not None and one != _value(n, one[0])]
            again = all(store.put("sheet", one, b"again") for one in keys) and not store.problems
            left = store.clean()
            wrong = code not in ({0} if error else {-signal.SIGKILL, 0}) or odd or not again or left.files < len(keys)
            yield f"moment {at}, error {error}: status {code}, values {odd}, {store.problems}, {left}" if wrong else ""


@contextlib.contextmanager
def _written_in_halves(root: Path) -> Iterator[None]:
    """Between the halves of what is written is a moment as well."""
    write = os.write

    def half(number: int, content: bytes) -> int:
        done = write(number, content[: len(content) // 2 + 1])
        sys.audit("os.truncate", str(root), done)
        return done

    os.write = half  # type: ignore[assignment]  # in a fork that ends soon
    try:
        yield
    finally:
        os.write = write


def _value(n: int, version: int) -> bytes:
    return bytes([version]) + bytes([n]) * 20_000


EVERY: Final = 0.085  # seconds between two saves of an editor


def edits(count: int) -> Iterator[str]:
    """What is wrong with each of so many edits in the browser, next to an editor that saves all the time."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(shutil.copytree(SAMPLE, Path(temporary, "journal")))
        folder = root / "issues" / "2014-07-28"
        path = folder / "issue.yaml"
        desk = Curation(root, folder)
        ended, saves = threading.Event(), [0]

        def editor() -> None:
            while not ended.wait(EVERY):
                before = path.read_bytes().partition(b"\n# save ")[0]
                other = folder / "issue.yaml~"
                other.write_bytes(before + b"\n# save %d\n" % (saves[0] + 1))
                other.replace(path)
                saves[0] += 1

        hand = threading.Thread(target=editor)
        hand.start()
        try:
            for n in range(count):
                shown = desk.snapshot()
                entry = shown["sections"][n % 3]["entries"][1]
                time.sleep(EVERY * (n % 10) / 5)  # somebody types
                saved = saves[0]
                was = {"hold": entry["hold"]}
                try:
                    desk.edit(Edit(version=shown["version"], at=entry["at"], texts={"hold": f"Reason {n}"}, was=was))
                except (ConflictError, DigestError) as error:
                    yield f"edit {n}: {error}"
                    continue
                _, mark, number = path.read_bytes().rpartition(b"\n# save ")
                kept = int(number) if mark else 0
                yield "" if kept >= saved else f"edit {n}: the editor's save {saved} is gone, {kept} is there"
        finally:
            ended.set()
            hand.join()


def main() -> None:
    """Tries everything, prints ``N of M as required`` for each kind, and ends with 1 where something was not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="kills, disk errors and races of each kind")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)  # noqa: S311 - no secret
    errors = (errno.ENOSPC, errno.EIO, errno.EROFS)
    kinds: dict[str, Callable[[], Iterator[str]]] = {
        "kills": lambda: faults(asked.count, chance, (0,)),
        "disk errors": lambda: faults(asked.count, chance, errors),
        "kills while values are put into the store": lambda: stored(asked.count),
        "disk errors while values are put into the store": lambda: (
            wrong for error in errors for wrong in stored(asked.count // 3, error)
        ),
        "kills of builds": lambda: builds.bad_days(asked.count, chance),
        "builds on a full disk": lambda: builds.bad_days(asked.count // 2, chance, errno.ENOSPC),
        "builds whose store vanishes": lambda: builds.vanished_stores(asked.count // 6, chance, builds.VANISHED),
        "twenty that add at once": lambda: iter([adders(RECORDS) for _ in range(max(1, asked.count // 100))]),
        "eight that make one issue": lambda: iter([makers(8) for _ in range(max(1, asked.count // 100))]),
        "races with an editor": lambda: races(asked.count, chance),
        "edits in the browser next to an editor that saves every 85 ms": lambda: edits(asked.count),
    }
    failed = False
    for name, kind in kinds.items():
        found = list(kind())
        wrong = [one for one in found if one]
        print(f"{name}: {len(found) - len(wrong)} of {len(found)} as required", flush=True)
        for one in wrong[:10]:
            print(f"    {one}")
        failed |= bool(wrong)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
