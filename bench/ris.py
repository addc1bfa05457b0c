"""Records per second and peak memory of RIS, ours next to rispy's: ``python -m bench.ris [--records N]``.

Each reader runs in a process of its own on the same file of invented records. “Values” is what rispy does: tags and
their values; “records” is the whole way to a `Record` with canonical identifiers, names, parts and checks, which rispy
does not do. Both stream where they can; what is read is counted and dropped.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORDS = (
    "patients",
    "treatment",
    "survival",
    "trial",
    "phase",
    "response",
    "months",
    "with",
    "and",
    "of",
    "the",
    "in",
    "median",
    "overall",
    "pancreatic",
    "cancer",
    "tumour",
    "analysis",
    "group",
    "versus",
    "gemcitabine",
    "therapy",
)
JOURNALS = (
    ("Journal of Clinical Oncology", "J Clin Oncol"),
    ("Annals of Oncology", "Ann Oncol"),
    ("British Journal of Cancer", "Br J Cancer"),
    ("Pancreatology", "Pancreatology"),
)


def write(path: Path, count: int) -> None:
    """A file of invented records as reference managers export them, 200 words in each abstract."""
    chance = random.Random(4)  # noqa: S311 - the same records each time

    def text(length: int) -> str:
        return " ".join(chance.choices(WORDS, k=length)).capitalize() + "."

    with path.open("w", encoding="utf-8") as out:
        for n in range(count):
            title, short = JOURNALS[n % 4]
            lines = ["TY  - JOUR", f"TI  - {text(12)[:-1]} {n}"]
            lines += [f"AU  - {chance.choice(WORDS).title()}son, {chr(65 + n % 26)}. {chr(65 + m)}." for m in range(6)]
            lines += [
                f"T2  - {title}",
                f"JA  - {short}",
                f"VL  - {n % 60}",
                f"IS  - {n % 12}",
                f"SP  - {n}",
                f"EP  - {n + 7}",
            ]
            lines += [f"PY  - {2000 + n % 20}/0{1 + n % 9}/1{n % 9}/", f"DO  - 10.9999/invented.{n}", "SN  - 0732-183X"]
            lines += [f"UR  - https://example.org/{n}", *(f"KW  - {word}" for word in chance.sample(WORDS, 5))]
            parts = " ".join(f"{label}: {text(50)}" for label in ("Background", "Methods", "Results", "Conclusions"))
            out.write("\n".join([*lines, f"AB  - {parts}", "ER  - ", "", ""]))


def measure(reader: str, path: Path) -> tuple[int, float]:
    """How many records a reader finds and the seconds it takes; libraries are loaded before."""
    if reader == "rispy":
        import rispy

        start = time.perf_counter()
        with path.open(encoding="utf-8") as stream:
            found = len(rispy.load(stream))
        return found, time.perf_counter() - start
    from digest.sources import Page
    from digest.sources.formats import ris
    from digest.sources.shared.draft import abbreviation

    abbreviation("Annals of Oncology")  # the table of journals is read once
    start = time.perf_counter()
    if reader == "values":
        found = sum(1 for _ in ris.values(Page(path, path.name)))
    else:
        found = sum(1 for _ in ris.parse(Page(path, path.name, format="ris")))
    return found, time.perf_counter() - start


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--reader", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.reader:
        found, seconds = measure(options.reader, options.file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(found, seconds, peak)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "invented.ris"
        write(path, options.records)
        print(f"{path.stat().st_size / 2**20:.0f} MiB\n")
        print("| reader | records | records/s | ratio | peak, MiB |\n| --- | ---: | ---: | ---: | ---: |")
        base = 0.0
        for reader in ("rispy", "values", "records"):
            command = [sys.executable, "-m", "bench.ris", "--reader", reader, "--file", str(path)]
            runs = [subprocess.check_output(command, text=True).split() for _ in range(3)]
            read, fastest, most = min(runs, key=lambda run: float(run[1]))
            speed = int(read) / float(fastest)
            base = base or speed
            print(f"| {reader} | {read} | {speed:.0f} | {speed / base:.2f} | {float(most):.0f} |", flush=True)


if __name__ == "__main__":
    main()
