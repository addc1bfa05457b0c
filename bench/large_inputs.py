"""What the largest and oddest inputs take: ``.venv/bin/python -m bench.large_inputs``.

For each input: what came of it, seconds of computing with those of all children, and the memory of the largest process.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SAMPLE: Final = Path(__file__).resolve().parent.parent / "seeds" / "sample"
_MIB: Final = 2**20


class Input(NamedTuple):
    """Something large: what it is, the command, and what makes its file in the folder of the sample."""

    what: str
    command: str
    make: Callable[[Path], object]


def written(
    name: str, pieces: Callable[[], Iterable[bytes]], opened: Callable[..., object] = open
) -> Callable[[Path], None]:
    """Makes a file of pieces."""

    def make(folder: Path) -> None:
        with opened(folder / name, "wb") as file:  # type: ignore[attr-defined]  # whatever opens files
            file.writelines(pieces())

    return make


def rows() -> Iterable[bytes]:
    """A table of a million records."""
    yield b"Abstract #,Title,Authors,Meeting,Year\n"
    for n in range(1_000_000):
        yield b"P%d,Study of ducks number %d,Jane Doe,Pond Meeting 2014,2014\n" % (n, n)


def records(*, authors: int = 1, title: str = "Ducks", abstract: str = "Ducks swim.") -> Callable[[], Iterable[bytes]]:
    """One record of RIS."""
    people = "".join(f"AU  - Name{n}, A\n" for n in range(authors))
    text = f"TY  - ABST\nTI  - {title}\n{people}C7  - P1\nT2  - Duck Studies\nPY  - 2014\nAB  - {abstract}\nER  - \n"
    return lambda: [text.encode()]


def workbook(folder: Path) -> None:
    """A workbook whose texts unfold to 700 MB."""
    with zipfile.ZipFile(folder / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<workbook/>")
        with package.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(700):
                part.write(b"A" * _MIB)


CONVERT: Final = "convert {} --to json"
INPUTS: Final = (
    Input("a CSV of a million records", CONVERT.format("a.csv"), written("a.csv", rows)),
    Input(
        "a CSV of five million open quotes",
        CONVERT.format("a.csv"),
        written("a.csv", lambda: [b"Title,Authors\n", b'"a\n' * 5_000_000]),
    ),
    Input(
        "RIS of one line of 190 MB",
        CONVERT.format("a.ris"),
        written("a.ris", lambda: [b"TY  - JOUR\nTI  - ", *[b"a" * _MIB] * 190]),
    ),
    Input(
        "a packed CSV with a line of 900 MB",
        CONVERT.format("a.csv.gz"),
        written("a.csv.gz", lambda: [b"Title\n", *[b"a" * _MIB] * 900], gzip.open),
    ),
    Input("a workbook that unfolds to 700 MB", CONVERT.format("a.xlsx"), workbook),
    Input(
        "a page with 100,000 attributes in a tag",
        CONVERT.format("a.html"),
        written("a.html", lambda: [b"<html><p ", b"".join(b"a%d=b " % n for n in range(100_000)), b">x</p></html>"]),
    ),
    Input(
        "JSON nested 100,000 deep",
        CONVERT.format("a.json"),
        written("a.json", lambda: [b"[" * 100_000, b"]" * 100_000]),
    ),
    Input("a record with 30,000 authors", CONVERT.format("a.ris"), written("a.ris", records(authors=30_000))),
    Input("a title of 1 MB", CONVERT.format("a.ris"), written("a.ris", records(title="word " * 200_000))),
    Input("a record with 10,000 authors, collected", "collect a.ris", written("a.ris", records(authors=10_000))),
    Input("the same in an issue", "build 2014-09-09", written("b.ris", lambda: [b""])),
    Input("a word of 80,000 letters, collected", "collect a.ris", written("a.ris", records(abstract="y" * 80_000))),
    Input("the same in an issue, in full", "build 2014-09-09", written("b.ris", lambda: [b""])),
)


def measured(command: list[str], folder: Path) -> tuple[int, float, float, str]:
    """Exit status, seconds of computing, MiB of the largest process, and the last line that was printed."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = process.stderr.read().strip().splitlines()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, said[-1] if said else ""


def main() -> None:
    """Prints a row of Markdown for each input."""
    print("| input | exit | CPU, s | MiB | said |\n| --- | ---: | ---: | ---: | --- |")
    digest = [sys.executable, "-m", "digest"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "journal")
        for one in INPUTS:
            if one.command.startswith("build"):
                subprocess.run(
                    [*digest, "new", "--date", "2014-09-09", "--match", "ducks"],
                    cwd=folder,
                    check=True,
                    capture_output=True,
                )
                for record in folder.glob("issues/2014-09-09/records/*.yaml"):
                    record.write_text(record.read_text(encoding="utf-8") + "permission: full\n", encoding="utf-8")
            else:
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("_build"))
            one.make(folder)
            status, seconds, size, said = measured([*digest, *one.command.split()], folder)
            print(f"| {one.what} | {status} | {seconds:.1f} | {size:.0f} | {said[:90]} |", flush=True)


if __name__ == "__main__":
    main()
