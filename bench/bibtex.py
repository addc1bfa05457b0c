"""Reading BibTeX, side by side with bibtexparser: ``python -m bench.bibtex [--entries N] [--file FILE] [--rounds N]``.

All read the same file: 5,000 invented entries with accents, formulas and lists of names, or FILE. bibtexparser 2 has
its usual middlewares: LaTeX decoded, names divided and split into parts. Next to it are its bare splitting and
pybtex, which neither decode nor become records. CPU time of this process, the best of the rounds.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from digest.sources import Page, Parsed, parse

if TYPE_CHECKING:
    from collections.abc import Callable

FAMILIES = (
    "Kuo",
    "Lee",
    "Chabot",
    r"L{\"o}fberg",
    r"{\O}berg",
    "O'Reilly",
    r"Garc{\'\i}a",
    "van der Heide",
    r"K\"onig",
    r"Erd\H{o}s",
    "Saif",
    "Cabrera",
)
GIVEN = ("Jennifer H.", "Anna-Maria", "Muhammad Wasif", r"Andr{\'e}", "Pirkko-Liisa", "Wei", r"Zo\"e", "T.")
WORDS = (
    "survival",
    "following",
    "radioembolization",
    "{KRAS}-mutated",
    "neuroendocrine",
    "tumors",
    "liver",
    "metastases",
    r"\textit{in vitro}",
    r"H$_2$O",
    r"$\alpha$-fetoprotein",
    r"95\% {CI}",
    "trial",
    "of",
    "with",
    "and",
)
JOURNALS = (r"Journal of Clinical Oncology", r"Z. f{\"u}r Gastroenterologie", "Annals of Oncology", "Pancreas")


def sample(count: int) -> str:
    """Entries of invented articles, the same ones every time."""
    chance = random.Random(15166)  # noqa: S311 - a benchmark wants the same numbers, not secret ones
    rows = []
    for n in range(count):
        names = " and ".join(f"{chance.choice(FAMILIES)}, {chance.choice(GIVEN)}" for _ in range(chance.randint(1, 12)))
        title = " ".join(chance.choices(WORDS, k=chance.randint(6, 18)))
        abstract = " ".join(chance.choices(WORDS, k=120))
        year = chance.randint(1990, 2025)
        rows.append(
            f"@article{{key{n},\n  author = {{{names}}},\n  title = {{{title} {n}}},\n"
            f"  journal = {{{chance.choice(JOURNALS)}}},\n  year = {year},\n  month = may,\n"
            f"  volume = {{{year - 1980}}},\n  number = {{{chance.randint(1, 24)}}},\n  pages = {{{n}--{n + 9}}},\n"
            f"  doi = {{10.1000/j.{n}_a}},\n  abstract = {{{abstract}}},\n}}\n"
        )
    return "\n".join(rows)


def digest_reads(text: str) -> int:
    """Whole records of ours."""
    page = Page(text.encode(), "bench.bib", format="bibtex")
    return sum(isinstance(outcome, Parsed) for outcome in parse(page))


def bibtexparser_reads(text: str) -> int:
    """Entries of bibtexparser 2 with LaTeX decoded and names split."""
    import bibtexparser
    from bibtexparser import middlewares

    stack = [middlewares.LatexDecodingMiddleware(), middlewares.SeparateCoAuthors(), middlewares.SplitNameParts()]
    return len(bibtexparser.parse_string(text, append_middleware=stack).entries)


def bibtexparser_splits(text: str) -> int:
    """Raw blocks of bibtexparser 2: nothing is decoded."""
    import bibtexparser

    return len(bibtexparser.parse_string(text, parse_stack=[]).entries)


def pybtex_reads(text: str) -> int:
    """Entries of pybtex: names split, LaTeX unchanged."""
    from pybtex import errors
    from pybtex.database import parse_string

    with errors.capture():  # a repeated field is else the end of the reading
        return len(parse_string(text, "bibtex").entries)


PEERS: dict[str, tuple[str, Callable[[str], int]]] = {
    "digest, records": ("digest", digest_reads),
    "bibtexparser 2, decoded": ("bibtexparser", bibtexparser_reads),
    "bibtexparser 2, bare": ("bibtexparser", bibtexparser_splits),
    "pybtex, undecoded": ("pybtex", pybtex_reads),
}


def measured(read: Callable[[str], int], text: str, rounds: int) -> tuple[int, float]:
    """How many entries were read, and the least CPU time of the rounds."""
    count, best = 0, float("inf")
    for _ in range(rounds):
        start = time.process_time()
        count = read(text)
        best = min(best, time.process_time() - start)
    return count, best


def main(arguments: list[str]) -> int:
    """Prints a line a peer: entries, seconds, entries per second, and how many times our time it takes."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=5000)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    text = options.file.read_text(encoding="utf-8") if options.file else sample(options.entries)
    logging.disable(logging.CRITICAL)  # bibtexparser logs each entry that it cannot decode
    ours = 0.0
    print(f"{len(text) / 2**20:.1f} MiB of BibTeX")
    for name, (module, read) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name:<26} not installed")
            continue
        count, seconds = measured(read, text, options.rounds)
        ours = ours or seconds
        print(f"{name:<26} {count:>6} entries {seconds:>8.2f} s {count / seconds:>9.0f}/s {seconds / ours:>7.2f} x")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
