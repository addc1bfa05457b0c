"""How much the tests notice: ``./run mutants [--module M] [--count N] [--seed S]``.

A mutant is the program with one small mistake in it (`bench.mistakes`). A sample of all possible ones is taken, the
same for the same seed and program, and each is made in a copy of the project. The tests that call the function with the
mistake are run, quickest first, until one fails; a mistake outside of functions is looked for by the tests that call
any function of the module. The mutants that no test notices are printed. Each is a missing test, a line that nobody
needs, or no mistake at all: these are listed with a reason in ``bench/equivalent_mutants.txt`` and do not count.

Which tests call a function is found out by running them, once for each state of a test file. That takes some minutes
and is kept in ``_build/mutants``: delete it when much of the program has changed. Tests that read the program's text or
need a browser, Java or a package index are left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.called import probed
from bench.mistakes import Mutant, mutants
from bench.noticing import MARK, Job

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT: Final = Path(__file__).resolve().parent.parent
KEPT: Final = ROOT / "_build" / "mutants"
EQUIVALENT: Final = ROOT / "bench" / "equivalent_mutants.txt"
AT_ONCE: Final = 2
SECONDS: Final = 30  # of CPU, for the tests that are run for one mutant
LEFT_OUT: Final = "test_docs.py test_house.py test_language.py test_lint.py test_mutants.py test_run.py test_wheel.py"


class Called(NamedTuple):
    """Which tests call what, and how long each takes in seconds of CPU."""

    tests: dict[str, float]
    by_function: dict[str, set[str]]

    def add(self, file: str, found: dict[str, dict[str, object]]) -> None:
        """Takes in what `bench.called` has noted of one file."""
        tests: dict[str, float] = found["tests"]  # type: ignore[assignment]
        fixtures: dict[str, list[str]] = found["fixtures"]  # type: ignore[assignment]
        calls: dict[str, list[str]] = found["calls"]  # type: ignore[assignment]
        self.tests.update(tests)
        for function, callers in calls.items():
            for by in callers:
                if by == f"file:{file}":
                    names = set(tests)
                elif by.startswith("fixture:"):
                    names = {test for test, used in fixtures.items() if by.removeprefix("fixture:") in used}
                else:
                    names = {by}
                self.by_function.setdefault(function, set()).update(names & tests.keys())

    def by(self, mutant: Mutant) -> list[str]:
        """The tests that may notice it, quickest first, as many as there is time for."""
        names = self.by_function.get(f"{mutant.module}::{mutant.function}", set())
        if not names:
            within = [tests for name, tests in self.by_function.items() if name.startswith(f"{mutant.module}::")]
            names = set().union(*within)
        chosen, left = [], float(SECONDS)
        for name in sorted(names, key=lambda name: (self.tests[name], name)):
            left -= self.tests[name]
            if left < 0:
                break
            chosen.append(name)
        return chosen


def copy_project(root: Path, change: Callable[[str, str], str] | None = None) -> None:
    """Copies everything that git knows or would take, with each module of the program changed."""
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(lambda name: (ROOT / name).is_file(), listed.stdout.splitlines()):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, root / name)
        if change and name.startswith("digest/") and name.endswith(".py"):
            (root / name).write_text(change(name, (ROOT / name).read_text("utf-8")), encoding="utf-8")
    if (ROOT.parent / "shared").exists():
        (root.parent / "shared").symlink_to((ROOT.parent / "shared").resolve())


def start(root: Path, plugin: str, arguments: list[str], **environment: str) -> subprocess.Popen[str]:
    """Starts pytest in a copy."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-p", "no:cacheprovider", "-p", plugin]
    return subprocess.Popen(
        [*command, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def test_files() -> dict[str, Path]:
    """The files whose tests may notice something, and where it is kept what they call."""
    places = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        if path.name not in LEFT_OUT.split():
            name, state = path.relative_to(ROOT).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()[:16]
            places[name] = KEPT / f"{name.replace('/', '-')}-{state}.json"
    return places


def note_calls(folder: Path) -> Called:
    """Runs the test files that have changed since the last time, and gives what all of them call."""
    KEPT.mkdir(parents=True, exist_ok=True)
    places, roots = test_files(), queue.SimpleQueue[Path]()

    def note(name: str) -> None:
        root = roots.get()
        calls = root.parent / "calls"
        for old in root.parent.glob("calls*"):
            old.unlink()
        with start(root, "bench.called", [name], CALLS=str(calls)) as running:
            said, _ = running.communicate()
        if running.returncode in {0, 1} and calls.exists():
            shutil.move(calls, places[name])
            say(f"  {name}" + (", with failures" if running.returncode else ""))
        else:
            say(f"  {name} is left out; it ended with {running.returncode}:\n{said[-2000:]}")
        roots.put(root)

    missing = [name for name, place in places.items() if not place.exists()]
    if missing:
        say(f"noting what is called by the tests in {len(missing)} files:")
        for number in range(AT_ONCE):
            root = folder / f"noting-{number}" / "checkout"
            copy_project(root, probed)
            roots.put(root)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(note, sorted(missing, key=lambda name: -(ROOT / name).stat().st_size)))
    called = Called({}, {})
    for name, place in places.items():
        if place.exists():
            called.add(name, json.loads(place.read_text(encoding="utf-8")))
    return called


def run(folder: Path, jobs: list[Job]) -> dict[int, tuple[str, list[str]]]:
    """Of each job by number: how its tests ended, empty for well, and which failed."""

    def half(part: list[Job]) -> dict[int, tuple[str, list[str]]]:
        place = folder / f"running-{part[0].number}"
        copy_project(place / "checkout")
        (place / "jobs").write_text(json.dumps(part), encoding="utf-8")
        files = sorted({test.partition("::")[0] for job in part for test in job.tests})
        results, other = {}, []
        with start(place / "checkout", "bench.noticing", files, MUTANTS=str(place / "jobs")) as running:
            assert running.stdout is not None
            for line in running.stdout:
                if line.startswith(MARK):
                    number, ended, failed = json.loads(line.removeprefix(MARK))
                    results[number] = (ended, failed)
                    job = next(job for job in part if job.number == number)
                    if job.module:
                        say(f"  {job.module}: {' '.join(failed) or ended or 'not noticed'}")
                else:
                    other.append(line)
        if len(results) < len(part):
            raise SystemExit("".join(other[-40:]))
        return results

    parts = [part for number in range(AT_ONCE) if (part := jobs[number::AT_ONCE])]
    found: dict[int, tuple[str, list[str]]] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for results in pool.map(half, parts):
            found.update(results)
    return found


def sample(module: str, count: int, seed: int) -> list[Mutant]:
    """As many mutants of the modules with this in their path, in the order of the program."""
    found: list[Mutant] = []
    for path in sorted((ROOT / "digest").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if module in name:
            found += mutants(name, path.read_text(encoding="utf-8"))
    return sorted(random.Random(seed).sample(found, min(count, len(found))))  # noqa: S311 - no secret


def say(text: str) -> None:
    """For whoever waits."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Prints the mutants that no test notices, and the rate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", default="", help="only modules whose path has this in it, as csl/dates")
    parser.add_argument("--count", type=int, default=40, help="how many mutants")
    parser.add_argument("--seed", type=int, default=1, help="another number chooses other mutants")
    asked = parser.parse_args()
    known = {line.partition("  # ")[0] for line in EQUIVALENT.read_text(encoding="utf-8").splitlines()}
    chosen = sample(asked.module, asked.count, asked.seed)
    tried = [mutant for mutant in chosen if mutant.key not in known]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        called = note_calls(Path(folder))
        jobs = []
        for number, mutant in enumerate(tried):
            tests = called.by(mutant)
            seconds = 3 * sum(called.tests[test] for test in tests)
            place = (mutant.module, mutant.function, mutant.start, mutant.end, mutant.text)
            jobs.append(Job(number, *place, tests, seconds))
        results = run(Path(folder), [job for job in jobs if job.tests])
        by = {number: (failed or [ended])[0] for number, (ended, failed) in results.items() if failed or ended}
        tests = sorted(set(by.values()) & called.tests.keys())
        again = run(Path(folder) / "again", [Job(0, "", "", 0, 0, "", tests, SECONDS)]) if tests else {}
    by_chance = set(again[0][1]) if again else set()
    noticed = [name for name in by.values() if name not in by_chance]
    for number, mutant in enumerate(tried):
        name = by.get(number, "")
        if not name or name in by_chance:
            calls = len(jobs[number].tests)
            why = f"{name} fails without it, too" if name else f"{calls} tests call it" if calls else "no test calls it"
            print(f"{mutant.module}:{mutant.line} ({why})\n  - {mutant.before}\n  + {mutant.after}")
    print(
        f"{len(noticed)} of {len(tried)} noticed ({len(noticed) / max(1, len(tried)):.0%}), "
        f"{len(chosen) - len(tried)} known to be no mistake; seed {asked.seed}"
    )


if __name__ == "__main__":
    main()
