"""Bad days of whole builds: killed, or out of room, at the n-th thing that they do with files; see `bench.faults`.

A build is a command, a process that makes the files in memory, and processes that make sheets. A moment is an event of
the interpreter about a file of the publication, or half of what is written into one, in whichever of them it comes.
"""

from __future__ import annotations

import _io
import contextlib
import errno
import io
import mmap
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from digest import build as building
from digest.render.paper import making

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

OUTPUTS: Final = ("pdf", "site", "html", "html,pdf,site")
_LITTLE: Final = 6_000  # bytes that are written at once
# A book of small abstracts in sheets of five, whose contents name the pages of them all.
_SETTINGS: Final = """title: Bad Days
publisher: Sample Society
theme: book
theme_options:
  {sheets_from: 2, sheet_abstracts: 5, contents_abstracts: yes, columns: 1, indexes: no, colophon: no}
"""
_RECORD: Final = """type: meeting-abstract
number: {n}
title: On ducks of pond {n}
authors: [{{family: Doe, given: Jane}}]
abstract: [{{text: There were {n} ducks.}}]
keywords: [ducks]
language: en
"""
_ISSUE: Final = "date: 2014-01-01\ntitle: Abstracts\nmeeting: {name: Pond Meeting 2014}\nsections:\n"
_EVENTS: Final = ("open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
_READING: Final = ("os.listdir", "os.scandir")
_TAKING: Final = frozenset({"open", "os.link", "os.mkdir", "write"})  # what fails for as long as a disk is full
_WRITES: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
VANISHED: Final = (errno.EIO, errno.EROFS, errno.ENODEV, errno.ESTALE)  # what a disk says that is not there any more
_COSTS: Final = "this costs time, nothing else"
_BUILT: Final = "issues/2014-01-01/_build"


class BuildFault(NamedTuple):
    """What is done to a build.

    Attributes:
        at: the number of the moment, counted from 0.
        error: the error that the disk gives then; 0: a process is killed.
        more: whether the disk stays full; of a kill, whether the process that works is killed, not the command.
        store: whether it is the disk of the store, which is gone from then on; nothing can be read there either.
    """

    at: int
    error: int = 0
    more: bool = False
    store: bool = False


class Case(NamedTuple):
    """What is built, and from what.

    Attributes:
        output: the value of ``--to``.
        cold: whether nothing is in the store; otherwise all of the former issue.
        processes: whether sheets are made by processes.
    """

    output: str
    cold: bool = True
    processes: bool = False


class Ended(NamedTuple):
    """How a build ended: exit code, what it said, and how many moments there were."""

    code: int
    said: str
    moments: int


class Expected(NamedTuple):
    """What a build gives that nothing happens to: its files, those before, the names in the store, its moments."""

    files: dict[str, bytes]
    former: dict[str, bytes]
    kept: frozenset[str]
    moments: int


def run_build(root: Path, case: Case, fault: BuildFault | None = None) -> Ended:
    """Runs ``digest build`` in a fork; it has ended with all its processes when this returns."""
    from digest.cli import main

    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as output, mmap.mmap(-1, 8) as seen:
        child = os.fork()
        if child == 0:
            os.close(reading)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            for stream in (1, 2):
                os.dup2(output.fileno(), stream)
            sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(n, "w"), write_through=True) for n in (1, 2))
            code = 99
            try:
                os.chdir(root)
                making._SMALL = 0 if case.processes else 1 << 40  # type: ignore[misc]  # noqa: SLF001 - in a fork
                _watch(root, fault, seen, writing)
                code = main(["build", "-v", "--to", case.output])
            finally:
                os._exit(code)
        os.close(writing)
        with open(reading, "rb") as pipe:  # noqa: PTH123 - it is open; its end comes when all processes have ended
            outlived = pipe.read().decode()
        _, status = os.waitpid(child, 0)
        output.seek(0)
        said = output.read().decode() + outlived
        return Ended(os.waitstatus_to_exitcode(status), said, int.from_bytes(seen[:8], "little"))


def _watch(root: Path, fault: BuildFault | None, seen: mmap.mmap, writing: int) -> None:
    """Counts the moments of this process and of those that it forks, and does the fault."""
    command, folder = os.getpid(), f"{root}{os.sep}.cache" if fault and fault.store else f"{root}{os.sep}"

    def moment(event: str) -> None:
        number = int.from_bytes(seen[:8], "little")
        seen[:8] = (number + 1).to_bytes(8, "little")
        if fault is None or number < fault.at:
            return
        if fault.error and (number == fault.at or fault.store or (fault.more and event in _TAKING)):
            raise OSError(fault.error, os.strerror(fault.error))
        if not fault.error and number == fault.at:
            os.kill(os.getpid() if fault.more else command, signal.SIGKILL)
            time.sleep(60)
            os.write(writing, b"a process has outlived the command")

    def inside(name: object) -> bool:
        text = os.fsdecode(name) if isinstance(name, str | bytes | os.PathLike) else ""
        return bool(text) and os.path.abspath(text).startswith(folder)  # noqa: PTH100 - no link is followed

    def hook(event: str, values: tuple[object, ...]) -> None:
        reads = event in _READING or (event == "open" and not (isinstance(values[2], int) and values[2] & _WRITES))
        if (event in _EVENTS or reads) and (not reads or (fault and fault.store)) and inside(values[0]):
            moment(event)

    class InHalves(io.FileIO):
        def write(self, content: Any) -> int:  # noqa: ANN401 - any bytes
            done = super().write(_half(content))
            moment("write")
            return done

    def opened(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - as `open`
        if mode in {"xb", "wb"} and inside(file):
            return io.BufferedWriter(InHalves(file, mode))
        return original(file, mode, *rest, **options)

    def half(number: int, content: Any) -> int:  # noqa: ANN401 - any bytes
        done = write(number, _half(content))
        if str(Path(f"/proc/self/fd/{number}").readlink()).startswith(folder):  # a pipe has a name without a folder
            moment("write")
        return done

    original, write = io.open, os.write
    io.open = _io.open = opened  # in a fork that ends soon
    os.write = half
    sys.addaudithook(hook)


def _half(content: Any) -> Any:  # noqa: ANN401 - any bytes
    """The first half of what is written; all of what is little, such as the other half of a page of text."""
    return content if len(content) < _LITTLE else memoryview(content)[: len(content) // 2]


# -- what is built -----------------------------------------------------------------------------------------------------


def write_publication(root: Path, size: int = 16) -> Path:
    """Writes a publication with a book of small abstracts, in several sheets; gives the folder of its issue."""
    issue = root / "issues" / "2014-01-01"
    (issue / "records").mkdir(parents=True)
    (root / "digest.yaml").write_text(_SETTINGS, encoding="utf-8")
    for n in range(1, size + 1):
        (issue / "records" / f"{n}.yaml").write_text(_RECORD.format(n=n), encoding="utf-8")
    entries = "".join(f'      - record: "{n}"\n' for n in range(1, size + 1))
    (issue / "issue.yaml").write_text(f"{_ISSUE}  - title: Ponds\n    entries:\n{entries}", encoding="utf-8")
    return issue


class Days:
    """A publication that was built and then changed, and what builds of it give that nothing happens to."""

    def __init__(self, folder: Path) -> None:
        """Makes the publication.

        Args:
            folder: an empty folder, which no name leads to by way of a link.
        """
        self.folder = folder
        self.root = folder / "made"
        issue = write_publication(self.root)
        building.build(issue, OUTPUTS[-1].split(","))  # what this process has loaded, each of its forks has
        if (ended := run_build(self.root, Case(OUTPUTS[-1]))).code:
            raise RuntimeError(f"the former issue cannot be built: {ended}")
        for number in (2, 6):
            path = issue / "records" / f"{number}.yaml"
            path.write_text(_RECORD.format(n=number).replace("ducks", "geese"), encoding="utf-8")
        self._expected: dict[Case, Expected] = {}

    @contextlib.contextmanager
    def copy(self, case: Case) -> Iterator[Path]:
        """A copy for one trial."""
        with tempfile.TemporaryDirectory(dir=self.folder) as temporary:
            root = Path(shutil.copytree(self.root, Path(temporary, "journal")))
            if case.cold:
                shutil.rmtree(root / ".cache")
            yield root

    def expected(self, case: Case) -> Expected:
        """What comes out where nothing happens."""
        if case not in self._expected:
            with self.copy(case) as root:
                former = built_files(root)
                ended = run_build(root, case)
                if ended.code:
                    raise RuntimeError(f"{case} cannot be built: {ended}")
                found = Expected(built_files(root), former, frozenset(kept_values(root)), ended.moments)
            self._expected[case] = found
        return self._expected[case]

    def trial(self, case: Case, fault: BuildFault) -> str:
        """What is wrong after a fault and another build; empty where nothing is."""
        right = self.expected(case)
        with self.copy(case) as root:
            ended = run_build(root, case, fault)
            wrong = [*_wrong_end(ended, fault), *_wrong_files(root, right, ended)]
            before = kept_values(root)
            again = run_build(root, case)
            if again.code:
                wrong.append(f"the next build ends with {again.code}: {again.said}")
            if built_files(root) != right.files:
                wrong.append("the next build gives other files")
            if left := left_over(root):
                wrong.append(f"left over: {left}")
            kept = kept_values(root)
            searched = fault.more and not fault.error  # whoever sees a process end looks for the entry that did it
            if not (right.kept <= set(kept) if searched else right.kept == set(kept)):
                wrong.append("the next build leaves other values in the store")
            # A value that was not whole would have been removed, and made again. Fonts are put with each sheet.
            if [name for name in before if not name.startswith("font/") and kept.get(name) != before[name]]:
                wrong.append("the next build has made again what was there")
        return "; ".join(wrong)

    def without_store(self, case: Case, fault: BuildFault) -> str:
        """What is wrong with a build whose store is on a disk that vanishes; empty where it costs time alone."""
        right = self.expected(case)
        with self.copy(case) as root:
            ended = run_build(root, case, fault)
            if ended.code or built_files(root) != right.files or _COSTS not in ended.said:
                return f"it ended with {ended.code}: {ended.said}"
        return ""


def built_files(root: Path) -> dict[str, bytes]:
    """The files of a build that a person sees, by their names."""
    folder = root / _BUILT
    names = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {name.as_posix(): (folder / name).read_bytes() for name in names if not name.parts[0].startswith(".")}


def left_over(root: Path) -> list[str]:
    """Temporary files of a build that are still there."""
    return [path.name for path in (root / _BUILT).rglob("*") if ".digest-" in path.name]


def kept_values(root: Path) -> dict[str, int]:
    """The values in the store, each with the number of its file on the disk."""
    store = root / ".cache" / "made"
    found = (path for path in store.glob("*/*") if not path.name.startswith("."))
    return {path.relative_to(store).as_posix(): path.stat().st_ino for path in found}


def _wrong_end(ended: Ended, fault: BuildFault) -> Iterator[str]:
    """What is wrong with how a build ended."""
    if "outlived" in ended.said or "Traceback" in ended.said or "this is a bug" in ended.said:
        yield f"it said: {ended.said}"
    killed = -signal.SIGKILL if not fault.error else 1
    if ended.code not in {killed, 0, 1}:
        yield f"it ended with {ended.code}: {ended.said}"
    if ended.code == 1:
        said = os.strerror(fault.error) if fault.error else "ended by signal 9"
        if said not in ended.said:
            yield f"it does not say “{said}”: {ended.said}"


def _wrong_files(root: Path, right: Expected, ended: Ended) -> Iterator[str]:
    """What is wrong with the files after a fault: each is the former one or the new one, the site as a whole."""
    files = built_files(root)
    for name in {*files, *right.files} - {one for one in {*files, *right.files} if one.startswith("site/")}:
        if files.get(name) not in {right.former.get(name), right.files.get(name)}:
            yield f"{name} is neither the former one nor the new one"
    sites = [
        {name: content for name, content in some.items() if name.startswith("site/")}
        for some in (files, right.former, right.files)
    ]
    if sites[0] not in sites[1:]:
        yield "the site is neither the former one nor the new one"
    if ended.code >= 0 and files != (right.former if ended.code else right.files):
        yield f"it ended with {ended.code}, and has not the files for that"


def cases() -> tuple[Case, ...]:
    """All that is tried, what takes longest first."""
    return (
        *(Case(output) for output in OUTPUTS),
        Case("pdf", processes=True),
        Case("pdf", cold=False),
        Case("site", cold=False),
    )


def vanished_stores(count: int, chance: random.Random, errors: tuple[int, ...]) -> Iterator[str]:
    """What is wrong after the disk of the store has vanished at each of so many moments of builds."""
    with tempfile.TemporaryDirectory() as temporary:
        days = Days(Path(os.path.realpath(temporary)))
        every = (Case("pdf"), Case("site"), Case("html,pdf,site"), Case("pdf", processes=True))
        for n in range(count):
            case = every[n % len(every)]
            fault = BuildFault(chance.randrange(days.expected(case).moments // 2), errors[n % len(errors)], store=True)
            wrong = days.without_store(case, fault)
            yield f"{case}, {fault}: {wrong}" if wrong else ""


def bad_days(count: int, chance: random.Random, error: int = 0) -> Iterator[str]:
    """What is wrong after each of so many faults of builds, spread evenly over the moments of each case."""
    with tempfile.TemporaryDirectory() as temporary:
        days = Days(Path(os.path.realpath(temporary)))
        every = cases()
        for n, case in enumerate(every):
            moments, some = days.expected(case).moments, len(range(n, count, len(every)))
            for k in range(some):
                at = min(moments - 1, int((k + chance.random()) * moments / some))
                fault = BuildFault(at, error, more=k % 2 == 1 if error else k % 10 == 9)
                wrong = days.trial(case, fault)
                yield f"{case}, {fault}: {wrong}" if wrong else ""
