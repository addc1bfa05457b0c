"""Time and memory of the library with invented records: ``python -m bench.library [--records N] [--folder DIR]``.

Collecting runs in separate processes, one with a tenth of the records and one with all of them: comparing the peaks
shows whether memory grows with the number. Each line of the searches is the median and the worst of 21 runs.
"""

from __future__ import annotations

import argparse
import itertools
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from digest.library import Library
from digest.merge import possible_ids
from digest.model import AbstractPart, Ids, Meeting, PartialDate, Person, Record
from digest.sources.page import Parsed
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator

TODAY = PartialDate(2014, 7, 28)
COMMON = (
    "patients",
    "of",
    "the",
    "and",
    "in",
    "with",
    "treatment",
    "study",
    "survival",
    "results",
    "response",
    "months",
    "phase",
    "median",
    "overall",
    "trial",
    "cancer",
    "tumor",
    "analysis",
    "group",
    "versus",
    "dose",
    "clinical",
)
# What people search for is in a few per cent of the abstracts, once or several times.
SUBJECTS = (
    "pancreatic",
    "neuroendocrine",
    "gemcitabine",
    "radioembolization",
    "hepatocellular",
    "breast",
    "melanoma",
    "lung",
    "colorectal",
    "prostate",
    "lymphoma",
    "myeloma",
    "ovarian",
    "gastric",
    "thyroid",
    "bladder",
    "renal",
    "glioma",
    "sarcoma",
    "leukemia",
    "biliary",
    "esophageal",
    "cervical",
    "thymoma",
    "mesothelioma",
)
SYLLABLES = (
    "gem",
    "ci",
    "ta",
    "bine",
    "fol",
    "fi",
    "ri",
    "nox",
    "eve",
    "ro",
    "li",
    "mus",
    "pan",
    "cre",
    "a",
    "tic",
    "neu",
    "ro",
    "en",
    "do",
    "crine",
    "ra",
    "dio",
    "em",
    "bo",
    "sa",
    "tion",
    "mab",
    "ni",
    "tib",
)
QUERIES = (
    "pancreatic survival",
    "pancrea*",
    "gemcitabine",
    '"overall survival"',
    "author:saif*",
    "number:e15166",
    "patients",
    "tumor OR cancer -phase",
    "pa*",
    "year:2014 pancreatic",
)


def records(count: int) -> Iterator[Parsed]:
    """Invented meeting abstracts of about 200 words; every twentieth comes a second time, as another source has it."""
    chance = random.Random(4)  # noqa: S311 - the same records each time
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(20_000)]
    words = [*COMMON, *words]
    weights = list(itertools.accumulate(1 / (10 + n) for n in range(len(words))))  # as in any language (Zipf)
    families = [word.title() for word in chance.sample(words[len(COMMON) :], 3000)] + ["Saif"]

    def text(length: int) -> str:
        drawn = chance.choices(words, cum_weights=weights, k=length)
        return " ".join(subject if chance.random() < 0.03 else word for word in drawn)

    for n in range(count):
        subject = chance.choice(SUBJECTS)
        year = 2005 + n % 15
        record = Record(
            title=RichText((f"{text(12).capitalize()} {n}",)),
            authors=tuple(Person(family=chance.choice(families), given=chance.choice(words).title()) for _ in range(6)),
            container="Journal of Clinical Oncology",
            container_short="J Clin Oncol",
            volume=str(year - 1982),
            issue="15",
            supplement="Suppl",
            number=f"e{n // 15}",
            issued=PartialDate(year, 5, 20),
            meeting=Meeting(name=f"ASCO Annual Meeting {year}", society="ASCO", start=PartialDate(year, 5, 30)),
            ids=Ids(doi=f"10.1200/jco.{year}.{year - 1982}.15_suppl.e{n // 15}"),
            abstract=tuple(
                AbstractPart(label=label, text=RichText((text(50),)))
                for label in ("Background", "Methods", "Results", "Conclusions")
            ),
        )
        raw = record.title.plain.encode() * 25
        yield Parsed(record=record, raw=raw, identifier=next(iter(possible_ids(record))))
        if n % 20 == 0:
            yield Parsed(record=record, raw=raw, identifier=f"another name {n}")


def collect(path: Path, count: int) -> None:
    """Collects in this process and prints records per second and the peak in MiB."""
    list(records(1))
    start = time.perf_counter()
    made = sum(1 for _ in records(count))
    making = time.perf_counter() - start
    start = time.perf_counter()
    with Library.open(path) as library:
        report = library.collect(records(count), source="invented", today=TODAY)
    taken = time.perf_counter() - start - making
    assert report.arrived == made
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{made / taken:.0f} {peak:.0f} {path.stat().st_size / 2**20:.0f}")


def main() -> None:
    """Prints tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--collect", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.collect:
        collect(options.collect, options.records)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        print("| collecting | records/s | peak, MiB | file, MiB |\n| --- | ---: | ---: | ---: |")
        for count in (options.records // 10, options.records):
            path = Path(name) / f"{count}.db"
            command = [sys.executable, "-m", "bench.library", "--records", str(count), "--collect", str(path)]
            cells = subprocess.check_output(command, text=True).split()
            print(f"| {count:,} new, 5 % twice | {' | '.join(cells)} |", flush=True)
        command[-3:] = [str(options.records), "--collect", str(path)]
        cells = subprocess.check_output(command, text=True).split()
        print(f"| {options.records:,} once more, unchanged | {' | '.join(cells)} |", flush=True)
        print(f"\n| searching in {options.records:,} | hits | median, ms | worst, ms |\n| --- | ---: | ---: | ---: |")
        with Library.open(path) as library:
            for query in QUERIES:
                times = []
                for _ in range(21):
                    start = time.perf_counter()
                    hits = library.search(query)
                    times.append(1000 * (time.perf_counter() - start))
                print(f"| `{query}` | {len(hits)} | {statistics.median(times):.1f} | {max(times):.1f} |")


if __name__ == "__main__":
    main()
