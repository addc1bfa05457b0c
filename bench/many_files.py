"""Reading many files on one core and on all: ``python -m bench.many_files [--files N] [--records N] [--folder DIR]``.

The files are RIS with invented records (`bench.ris`). Each command runs in a process of its own, with as many cores as
the line says (`sched_setaffinity`), so that the first line is what the program does without a pool. Two runs have to
give the same bytes: the library's records as JSON, or what `convert` prints.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.ris import write


class Run(NamedTuple):
    """What a command took: seconds by the clock, seconds of computing with all children, and what it printed."""

    wall: float
    computed: float
    printed: bytes


def run(cores: int, folder: Path, *command: str) -> Run:
    """Runs a command of the program on so many cores."""
    allowed = sorted(os.sched_getaffinity(0))[:cores]
    with tempfile.TemporaryFile() as output:
        begun, before = time.monotonic(), os.times()
        subprocess.run(
            [sys.executable, "-m", "digest", *command],
            cwd=folder,
            stdout=output,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, allowed),
            check=False,
        )
        wall, after = time.monotonic() - begun, os.times()
        output.seek(0)
        printed = hashlib.sha256(output.read()).digest()
    computed = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(wall, computed, printed)


def main() -> None:
    """Makes the files, runs the commands and prints a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=200)
    options.add_argument("--records", type=int, default=100_000)
    options.add_argument("--folder", type=Path)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder: Path = asked.folder or Path(made)
        source = folder / "files"
        if not source.exists():
            source.mkdir(parents=True)
            write(folder / "all.ris", asked.records)
            text = (folder / "all.ris").read_text(encoding="utf-8")
            (folder / "all.ris").unlink()
            records = [f"{one}\nER  - \n" for one in text.split("\nER  - \n") if one.strip()]
            each = -(-len(records) // asked.files)
            for n in range(0, len(records), each):
                (source / f"{n // each:04}.ris").write_text("".join(records[n : n + each]), encoding="utf-8")
        cores = len(os.sched_getaffinity(0))
        print("| command | cores | wall, s | CPU, s | same bytes |\n| --- | ---: | ---: | ---: | --- |")
        for what in ("convert", "collect"):
            first = b""
            for count in (1, cores):
                if what == "convert":
                    done = run(count, folder, "convert", "files", "--to", "json", "--lines")
                    same = done.printed
                else:
                    library = folder / f"library-{count}.sqlite"
                    library.unlink(missing_ok=True)
                    done = run(count, folder, "collect", "files", "--library", str(library))
                    same = run(
                        count, folder, "search", "--limit", "1000000", "--library", str(library), "--json"
                    ).printed
                first = first or same
                print(
                    f"| {what} | {count} | {done.wall:.1f} | {done.computed:.1f} | {'yes' if same == first else 'NO'} |"
                )


if __name__ == "__main__":
    main()
