"""Where the time of this program goes until the HTML for paper is there: seconds of computing of each step."""

from __future__ import annotations

import cProfile
import io
import json
import os
import pstats
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.congress.folder import write_publication

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STEPS: Final = ("imports", "read", "theme", "compose", "templates", "scan", "screen", "links")
_PROGRAM: Final = """
import json, sys, time
from pathlib import Path
took, last = [], 0.0
def step():
    global last
    now = time.process_time()
    took.append(now - last)
    last = now
from digest import build
from digest.cite import Styles
from digest.render import html, pdf
pdf.check()
step()
folder = Path(sys.argv[1])
issue = build.read(folder).issue
step()
theme = build.load_theme(issue)
step()
prepared = build.prepare(issue, theme)
step()
drawing = html.Drawing(prepared, "print")
page = drawing.page()
step()
drawing.scan(page)
drawing.finished(page)
step()
screen = html.Drawing(prepared, "screen").page()
step()
list(html.dead_links(screen))
step()
print(json.dumps(took))
"""


def table(sizes: Sequence[int], place: Path, *, plain: bool = False) -> Iterator[str]:
    """A line for each size.

    Steps are: imports; reading; the theme; composing; filling in templates for paper; looking for what runs; the page
    for the screen as a whole; its links.

    Args:
        sizes: the sizes.
        place: where the publications are written.
        plain: as `bench.congress.book.make` takes it.
    """
    yield f"| abstracts | {' | '.join(f'{step}, s' for step in STEPS)} | until HTML for paper, s |"
    yield f"| ---: | {' | '.join('---:' for _ in STEPS)} | ---: |"
    for size in sizes:
        issue = write_publication(place / f"steps-{size}", size, plain=plain)
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
        said = subprocess.check_output([sys.executable, "-c", _PROGRAM, str(issue)], text=True, env=environment)
        took = json.loads(said)
        yield f"| {size:,} | {' | '.join(f'{seconds:.2f}' for seconds in took)} | {sum(took[:6]):.1f} |"


def profile(size: int, place: Path, *, plain: bool = False) -> str:
    """Which functions a build of HTML and PDF spends its time in, without its child process."""
    from digest.build import build

    profiler = cProfile.Profile()
    profiler.runcall(build, write_publication(place / f"profile-{size}", size, plain=plain))
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(40)
    return out.getvalue()
