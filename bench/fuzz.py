"""Coverage-guided fuzzing of one format: ``python -m bench.fuzz FORMAT --minutes 10``.

Begins with ``tests/sources/seeds/FORMAT`` and demands what ``tests/sources/test_any_bytes.py`` demands of any bytes. An
input that breaks it, or takes longer than ten seconds, is written beside the seeds as ``found-…``; make it small, name
it after its oddity, mend the format, keep the file: the test-suite plays it again each time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from typing import TYPE_CHECKING

import atheris

if TYPE_CHECKING:
    from pathlib import Path

with atheris.instrument_imports(include=["digest", "msgspec", "ruamel", "feedparser"]):
    from digest.sources import FORMATS, formats
    from tests.sources.test_any_bytes import SEEDS, check

_SECONDS = 10
_MEMORY = 1536  # MiB


def main() -> None:
    """Runs until the time is over or something is found; libFuzzer ends the process itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--longest", type=int, default=8192, help="bytes of an input at most")
    asked = parser.parse_args()
    with atheris.instrument_imports(include=["digest"]):
        __import__(f"digest.sources.{formats.named(asked.format).module}")
    seeds: Path = SEEDS / asked.format
    with tempfile.TemporaryDirectory() as corpus:
        atheris.Setup(
            [
                sys.argv[0], corpus, str(seeds), f"-max_total_time={int(asked.minutes * 60)}", f"-timeout={_SECONDS}",
                f"-rss_limit_mb={_MEMORY}", f"-artifact_prefix={seeds}/found-", f"-max_len={asked.longest}",
                "-print_final_stats=1", "-verbosity=0",
            ],
            lambda data: check(data, asked.format),
        )  # fmt: skip
        atheris.Fuzz()


if __name__ == "__main__":
    main()
