"""CPU seconds of a PDF with and without the patches of `digest.render.quicker`: ``python -m bench.quicker``.

Each number is the lowest of some runs, each a new process; with and without take turns, so that other work on the
machine slows both. The time is that of `pdf.render`, without reading and templates.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.congress.folder import write_publication

SAMPLE = Path(__file__).resolve().parent.parent / "seeds" / "sample" / "issues" / "2014-07-28"
_RUN = """
import sys, time, hashlib
from pathlib import Path
import weasyprint
from digest.preview import review
from digest.render import pdf, tagged
folder, theme, is_quick = sys.argv[1:]
if is_quick == "no":
    weasyprint.__version__ = "0"
made = review.compose(review.Version(issue=Path(folder)), theme, "issue")
facts = tagged.Facts(title="x", language="en", date="2014-01-01", periodical="x")
start = time.process_time()
found = pdf.render(made.html, facts, roots=made.roots, fonts=made.theme.find("fonts/fonts.conf"), typeset=made.language)
print(time.process_time() - start, hashlib.sha256(found.content).hexdigest(), len(found.labels))
"""


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[60], help="abstracts of the books")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        issues = [(f"sample, {theme}", SAMPLE, theme) for theme in ("highlights", "compact", "journal")]
        for size in given.sizes:
            folder = write_publication(Path(name) / str(size), size)
            issues += [(f"{size} abstracts, {theme}", folder, theme) for theme in ("book", "compact")]
        print("| document | pages | without, s | with, s | ratio |\n| --- | ---: | ---: | ---: | ---: |")
        for label, folder, theme in issues:
            took: dict[str, list[float]] = {"no": [], "yes": []}
            kinds = set()
            for _ in range(given.runs):
                for is_quick, times in took.items():
                    command = [sys.executable, "-c", _RUN, str(folder), theme, is_quick]
                    seconds, content, pages = subprocess.check_output(command, text=True).split()
                    times.append(float(seconds))
                    kinds.add((content, pages))
            ((_, pages),) = kinds
            without, quick = min(took["no"]), min(took["yes"])
            print(f"| {label} | {pages} | {without:.1f} | {quick:.1f} | {quick / without:.2f} |", flush=True)


if __name__ == "__main__":
    main()
