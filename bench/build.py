"""Time and peak memory of ``digest --help`` and of ``digest build`` for the sample issue: ``python -m bench.build``.

cold: a new process that finds no compiled Python files and no font cache. warm: a new process that finds both.
hot: the second build inside one process. Each line is the median of the runs; memory is the peak resident set.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ISSUE = "issues/2014-07-28"
HOT = (
    "import sys, time; from pathlib import Path; from digest.build import build\n"
    "folder, formats = Path(sys.argv[1]), sys.argv[2].split(',')\n"
    "build(folder, formats); start = time.perf_counter(); build(folder, formats); print(time.perf_counter() - start)"
)


def measure(arguments: list[str], folder: Path, caches: Path) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and peak MiB of one process."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(caches / "python"), "XDG_CACHE_HOME": str(caches / "xdg")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Prints a table in Markdown."""
    with tempfile.TemporaryDirectory() as name:
        folder, caches = Path(name) / "journal", Path(name) / "caches"
        shutil.copytree(ROOT / "seeds" / "sample", folder)
        commands = {
            "digest --help": ["-m", "digest", "--help"],
            "build, HTML alone": ["-m", "digest", "build", "--to", "html"],
            "build, HTML and PDF": ["-m", "digest", "build"],
        }
        print("| what | state | wall, s | CPU, s | peak, MiB |")
        print("| --- | --- | ---: | ---: | ---: |")
        for label, arguments in commands.items():
            for state, runs in (("cold", 3), ("warm", 7)):
                results = []
                for _ in range(runs):
                    if state == "cold":
                        shutil.rmtree(caches, ignore_errors=True)
                    results.append(measure(arguments, folder, caches))
                wall, cpu, peak = (statistics.median(column) for column in zip(*results, strict=True))
                print(f"| {label} | {state} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |")
        for label, formats in (("build, HTML alone", "html"), ("build, HTML and PDF", "html,pdf")):
            seconds = [
                float(subprocess.check_output([sys.executable, "-c", HOT, str(folder / ISSUE), formats], text=True))
                for _ in range(3)
            ]
            print(f"| {label} | hot | {statistics.median(seconds):.2f} | | |")


if __name__ == "__main__":
    main()
