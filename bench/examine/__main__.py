"""Our processor and citeproc-js over generated items: ``python -m bench.examine [--sample | --full] [--seed TEXT]``.

Prints how many outputs are identical, have the same text, or differ only in punctuation and blanks; then the kinds of
difference, by the number of styles that show each, with the smallest example. ``--clusters`` examines citations instead
of bibliographies, ``--locales`` all languages in a few styles. Without a choice all three run.

The sample takes about two minutes on two cores. Its seed is the current month, so that nobody learns it by heart.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bench.examine import items as generate
from bench.examine.compare import IDENTICAL, LENIENT, SAME_TEXT, degree
from bench.examine.drivers import CiteprocJs, Job, locales, ours, styles
from bench.examine.findings import Findings
from bench.examine.severity import kind_of

_AREAS = ("bibliographies", "clusters", "locales")


def jobs(area: str, seed: str, count: int, per_style: int) -> list[Job]:
    """The documents of one part of the examination."""
    every = styles()
    chance = random.Random(f"{seed} {area}")  # noqa: S311 – the same for everybody
    chosen = every if count >= len(every) else sorted(chance.sample(every, count))
    found: list[Job] = []
    for number, path in enumerate(chosen):
        mine = random.Random(f"{seed} {area} {path.stem}")  # noqa: S311
        if area == "clusters":
            alike = generate.alike_items(mine, 6) + [generate.odd_item(mine, f"o{n}") for n in range(4)]
            ids = [item["id"] for item in alike]
            found.append(Job(path, alike, None, generate.citations(mine, ids, per_style)))
            continue
        if b"<bibliography" not in path.read_bytes():
            continue
        language = None
        if area == "locales":
            language = locales()[number % len(locales())]
        found.append(Job(path, generate.items(mine, per_style), language))
    return found


def examine(work: list[Job], findings: Findings) -> Counter[str]:
    """All jobs by both processors; what differs goes to the findings."""
    count: Counter[str] = Counter()
    js = CiteprocJs()
    for job, theirs in zip(work, js.answers(work), strict=True):
        if theirs.error:
            count["refused by the other"] += 1
            continue
        mine = ours(job)
        if mine.error:
            count["exceptions"] += 1
            print(f"  exception: {job.style.name}: {mine.error}", file=sys.stderr)
            continue
        outputs = mine.outputs()
        for key, theirs_text in theirs.outputs().items():
            count["outputs"] += 1
            if key not in outputs:
                lost = "no printed form" not in theirs_text
                count["lost" if lost else "identical"] += 1
                if lost:
                    findings.add(job, key, "", theirs_text)
                continue
            match degree(outputs[key], theirs_text):
                case degree_ if degree_ == IDENTICAL:
                    count["identical"] += 1
                case degree_ if degree_ == SAME_TEXT:
                    count["same text"] += 1
                    findings.add(job, key, outputs[key], theirs_text)
                case degree_:
                    count["lenient" if degree_ == LENIENT else "different"] += 1
                    item = next((item for item in job.items if item["id"] == key), None)
                    count[f"by {kind_of(outputs[key], theirs_text, item)}"] += 1
                    findings.add(job, key, outputs[key], theirs_text)
    js.close()
    return count


def main() -> None:
    """Runs what was asked for and prints percentages and kinds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", action="store_true", help="some hundred styles (the default)")
    parser.add_argument("--full", action="store_true", help="all styles")
    parser.add_argument("--seed", default=f"{datetime.now(UTC):%Y-%m}", help="any text; by default the month")
    parser.add_argument("--styles", type=int, help="how many styles")
    parser.add_argument("--items", type=int, default=16, help="how many items, or citations, for each style")
    parser.add_argument("--bibliographies", action="store_true")
    parser.add_argument("--clusters", action="store_true")
    parser.add_argument("--locales", action="store_true")
    parser.add_argument("--kinds", type=int, default=20, help="how many kinds to print")
    parser.add_argument("--shrink", action="store_true", help="make the examples small, and ask pandoc about them")
    parser.add_argument("--markdown", type=Path, help="write the kinds here for people")
    parser.add_argument("--out", type=Path, help="write the kinds here as JSON")
    asked = parser.parse_args()
    areas = [area for area in _AREAS if getattr(asked, area)] or list(_AREAS)
    written = {}
    page: list[str] = []
    for area in areas:
        count = asked.styles or (
            10**6 if asked.full else {"bibliographies": 260, "clusters": 160, "locales": 126}[area]
        )
        findings = Findings()
        result = examine(jobs(area, asked.seed, count, asked.items), findings)
        print(summary(area, result), flush=True)
        page += ["", f"## {area}", "", summary(area, result), ""]
        kinds = findings.kinds()
        if asked.shrink:
            findings.shrink(kinds[: asked.kinds])
        for kind in kinds[: asked.kinds]:
            print("  " + "\n    ".join(kind.lines()))
            page += [kind.markdown(), ""]
        written[area] = [kind.value() for kind in kinds]
    if asked.markdown:
        asked.markdown.write_text("\n".join(page) + "\n", encoding="utf-8")
    if asked.out:
        asked.out.write_text(json.dumps(written, ensure_ascii=False, indent=1), encoding="utf-8")


def summary(area: str, count: Counter[str]) -> str:
    """One line of percentages, and of what should be nought."""
    total = max(1, count["outputs"])
    identical = count["identical"]
    same = identical + count["same text"]
    lenient = same + count["lenient"]
    return (
        f"{area}: {total} outputs, identical {100 * identical / total:.2f} %, same text {100 * same / total:.2f} %, "
        f"lenient {100 * lenient / total:.2f} %; exceptions {count['exceptions']}, lost {count['lost']}, "
        f"refused by the other {count['refused by the other']}\n  what differs: "
        + ", ".join(f"{name[3:]} {100 * n / total:.2f} %" for name, n in count.most_common() if name.startswith("by "))
    )


if __name__ == "__main__":
    main()
