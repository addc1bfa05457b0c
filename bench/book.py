"""Time, pages and peak memory of a book of N invented abstracts: ``python -m bench.book --sizes 20 60 200 1000``.

Each line is one new process; seconds are of its CPU, but for the last column. ``--profile N`` prints where the time of
the first theme goes instead; ``--write FOLDER`` leaves the publication of the first size there. The abstracts come from
a seeded generator: the same N, the same book.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import os
import pstats
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from digest.export import yaml_record
from digest.model import AbstractPart, Ids, PartialDate, Person, Record
from digest.text import RichText

_TRACKS: Final = (
    "Adenocarcinoma: systemic treatment",
    "Adenocarcinoma: surgery and radiotherapy",
    "Biliary tract and liver",
    "Neuroendocrine tumours",
    "Oesophagus and stomach",
    "Colon and rectum",
    "Supportive care",
    "Translational research",
)
_FAMILY: Final = ("Thorn", "Bram", "Wex", "Lantern", "Quill", "Copper", "Åker", "Ñíg", "Đặn", "Łą", "Papa", "Oster")
_ENDING: Final = ("quist", "weld", "cott", "wood", "feather", "leaf", "ö", "uez", "g", "ki", "dopoulos", "combe")
_GIVEN: Final = ("Adaline", "Björn", "Cordelia Mae", "Dong-hyun", "Eszter", "Gideon", "İpek", "João", "Kestrel O")
_PLACES: Final = ("Northfield", "Midvale", "Lakeside", "Norrfält", "Villañeja", "Easthaven", "Southport", "Musterstadt")
_KINDS: Final = ("Neoplasms", "Therapy", "Survival", "Genes", "Receptors", "Care")
_OF: Final = ("Pancreatic", "Biliary", "Gastric", "Colonic", "Hepatic", "Experimental", "Aged")
_KEYWORDS: Final = tuple(f"{kind}, {of}" for kind in _KINDS for of in _OF)
_WORDS: Final = re.findall(
    r"\w+",
    """patients invented trial survival median months response placebo randomly assigned treatment tumours serum sample
    baseline endpoint primary secondary progression hazard ratio confidence interval toxicity neutropenia centre cohort
    with in of and the for was were after before during versus between without among""",
)
_PARTS: Final = (("Background", 45), ("Methods", 75), ("Results", 105), ("Conclusions", 35))


def write_publication(root: Path, size: int) -> Path:
    """The folder of an issue with as many abstracts, each with seven authors and some 260 words."""
    dice = random.Random(size)  # noqa: S311 - invented data
    folder = root / "issues" / "2014-01-01"
    (folder / "records").mkdir(parents=True)
    (root / "digest.yaml").write_text(
        "title: Bench of Books\npublisher: Sample Society\ntheme: book\n", encoding="utf-8"
    )
    lines = [
        "date: 2014-01-01",
        "title: Abstracts",
        "meeting:",
        "  name: 1st Meeting of the Sample Society 2013",
        "  place: Northfield, Sampleland",
        "  start: 2013-12-30",
        "sections:",
    ]
    before = ""
    for n in range(1, size + 1):
        track = _TRACKS[(n - 1) * len(_TRACKS) // size]
        (folder / "records" / f"{n}.yaml").write_text(yaml_record(_record(dice, n, track)), encoding="utf-8")
        if track != before:
            lines += [f'  - title: "{track}"', "    entries:"]
        lines.append(f'      - record: "{n}"')
        before = track
    (folder / "issue.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def _record(dice: random.Random, number: int, track: str) -> Record:
    people = [
        Person(
            given=dice.choice(_GIVEN),
            family=dice.choice(_FAMILY) + dice.choice(_ENDING) + dice.choice(("", "", "er", "son")),
            affiliations=tuple(sorted(dice.sample((1, 2, 3, 4), dice.choice((1, 1, 2))))),
        )
        for _ in range(7)
    ]
    places = [f"Department of Invented Oncology, University Hospital. {p}, Sampleland" for p in dice.sample(_PLACES, 4)]
    return Record(
        number=str(number),
        title=RichText.plain_text(" ".join(dice.choices(_WORDS, k=14)).capitalize()),
        authors=tuple(people),
        affiliations=tuple(map(RichText.plain_text, places)),
        container="Sample Journal of Oncology",
        container_short="Sample J Oncol",
        volume="1",
        supplement="1",
        issued=PartialDate(2013, 12),
        presentation=dice.choice(("oral", "poster")),
        permission="full",
        track=track,
        keywords=tuple(dice.sample(_KEYWORDS, 4)),
        ids=Ids(doi=f"10.5555/sample.2013.{number}"),
        abstract=tuple(AbstractPart(label=label, text=RichText.plain_text(_sentences(dice, n))) for label, n in _PARTS),
    )


def _sentences(dice: random.Random, words: int) -> str:
    drawn = dice.choices(_WORDS, k=words)
    for n in range(12, words, 14):
        drawn[n] = f"{dice.randint(2, 98)}% (95% CI 0.{dice.randint(10, 99)} to 1.4; p < .001)."
    return " ".join(drawn).capitalize() + "."


_STEPS: Final = """
import json, sys, time
from pathlib import Path
from digest.build import build, load_theme
from digest.cite import Styles
from digest.project import read_issue
from digest.render import html, pdf, tagged
import resource
folder, name = Path(sys.argv[1]), sys.argv[2]
pdf.check()
start = time.process_time(); issue = read_issue(folder); read = time.process_time() - start
start = time.process_time(); theme = load_theme(issue, name); styles = Styles(issue.root)
page = html.render(html.prepare(issue, theme, styles), "print"); page_time = time.process_time() - start
facts = tagged.Facts(title="x", language="en", date="2014-01-01", periodical="x")
start = time.process_time()
made = pdf.render(page.text, facts, roots=(folder, *theme.roots), fonts=theme.find("fonts/fonts.conf"))
layout = time.process_time() - start
print(json.dumps([read, page_time, layout, len(made.labels), len(made.content) / 2**20,
                  resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def main() -> None:
    """Prints a table in Markdown, or a profile."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 60, 200])
    parser.add_argument("--themes", nargs="+", default=["book", "highlights"])
    parser.add_argument("--profile", type=int, metavar="N")
    parser.add_argument("--write", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if given.write:
            given.write.mkdir()
            print(write_publication(given.write, given.sizes[0]))
            return
        if given.profile:
            print(_profile(write_publication(Path(name), given.profile), given.themes[0]))
            return
        print(
            "| theme | abstracts | read, s | HTML, s | PDF, s | ms/abstract | pages | PDF, MiB | peak, MiB | wall, s |"
        )
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for size in given.sizes:
            folder = write_publication(Path(name) / str(size), size)
            for theme in given.themes:
                start = time.perf_counter()
                said = subprocess.check_output(
                    [sys.executable, "-c", _STEPS, str(folder), theme], text=True, env={**os.environ}
                )
                wall = time.perf_counter() - start
                read, page, layout, pages, size_mib, peak = json.loads(said)
                each = 1000 * (read + page + layout) / size
                print(
                    f"| {theme} | {size} | {read:.1f} | {page:.1f} | {layout:.1f} | {each:.0f} "
                    f"| {pages} | {size_mib:.1f} | {peak:.0f} | {wall:.0f} |",
                    flush=True,
                )


def _profile(folder: Path, theme: str) -> str:
    from digest.build import build

    profiler = cProfile.Profile()
    profiler.runcall(build, folder, ["pdf"], theme_name=theme)
    out = io.StringIO()
    pstats.Stats(profiler, stream=out).sort_stats("tottime").print_stats(35)
    return out.getvalue()


if __name__ == "__main__":
    main()
