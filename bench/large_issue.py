"""What working on a whole congress takes: ``.venv/bin/python -m bench.large_issue --entries 6000 [--profile WORD]``.

The abstracts of `bench.congress` are collected from a file, frozen into one issue, and worked on as an editor does.
Each line is a process of its own: seconds of computing with those of its children, and the memory of the largest one.
The lines of the curation page are steps of one process. ``--profile add`` prints where the time of a command goes.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from msgspec import structs

from bench.congress.folder import write_publication
from bench.large_inputs import measured
from digest.model import Ids
from digest.project import read_files
from digest.records import encode
from digest.text import RichText

ISSUE: Final = "2014-01-01"
_COMMANDS: Final = (
    ("collect", "collect -q congress.jsonl"),
    ("new, with all", "new --date 2014-01-01"),
    ("check, the first time", "check -q"),
    ("check, nothing changed", "check -q"),
    ("check, one abstract changed", "check -q"),
    ("status", "status"),
    ("collect one more", "collect -q extra.jsonl"),
    ("add", "add 2014-01-01 EXTRA --section 1"),
    ("refresh, nothing to decide", "refresh 2014-01-01"),
    ("curate export", "curate export decide.xlsx"),
    ("curate import, nothing changed", "curate import decide.xlsx"),
    ("curate import, 100 entries changed", "curate import decide.csv"),
    ("collect, nothing changed", "collect -q congress.jsonl"),
    ("search", "search tumours"),
    ("build, HTML alone", "build --to html"),
)
_CURATION: Final = """
import sys, time
from pathlib import Path
from digest.memo import remember
from digest.preview.curation import Add, Curation, Edit, Move, Undo
remember()
root = Path(sys.argv[1])
desk = Curation(root, root / "issues" / "2014-01-01")
def step(name, act):
    start = time.process_time()
    found = act()
    print(f"| curation page: {name} | | {time.process_time() - start:.1f} | |", flush=True)
    return found
shown = step("opened", desk.snapshot)
shown = step("shown again", desk.snapshot)
last = shown["sections"][-1]["entries"][-1]
text = {"texts": {"why": "It matters."}, "was": {"why": ""}}
step("a text", lambda: desk.edit(Edit(version=shown["version"], at=last["at"], **text)))
shown = step("shown after it", desk.snapshot)
step("a move", lambda: desk.move(Move(version=shown["version"], at=last["at"], to=(0, 0))))
shown = desk.snapshot()
step("undone", lambda: desk.undo(Undo(version=shown["version"])))
hits = step("a search", lambda: desk.found("tumours"))
"""


def write_congress(root: Path, entries: int) -> None:
    """A publication without issues, whose sections are the tracks of a congress, with the file of its abstracts."""
    written = read_files(write_publication(root, entries)).records
    shutil.rmtree(root / "issues")
    shutil.rmtree(root / ".cache", ignore_errors=True)
    records = [written[str(n)] for n in range(1, entries + 1)]
    tracks = list(dict.fromkeys(record.track for record in records))
    sections = "".join(f"  - title: '{track}'\n    match: 'track:\"{track}\"'\n" for track in tracks)
    with (root / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(f"sections:\n{sections}")
    (root / "congress.jsonl").write_bytes(b"".join(encode(record) + b"\n" for record in records))
    extra = structs.replace(records[0], number="EXTRA", ids=Ids(), title=RichText.plain_text("One more of ducks"))
    (root / "extra.jsonl").write_bytes(encode(extra) + b"\n")


def _before(name: str, root: Path) -> None:
    """What happens before a command."""
    folder = root / "issues" / ISSUE / "records"
    if name == "check, one abstract changed":
        path = min(folder.glob("*.yaml"))
        path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title: More ", 1), encoding="utf-8")
    if name == "curate import, 100 entries changed":
        table = root / "decide.csv"
        records = [path.stem for path in sorted(folder.glob("*.yaml"))[:100]]
        lines = ["Key,Decision,Reason,Why", *(f"record {name},print,,Ducks matter" for name in records)]
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Prints a row of Markdown for each command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=6000)
    parser.add_argument("--profile", metavar="WORD", help="the beginning of the name of a command")
    given = parser.parse_args()
    digest = [sys.executable, "-m", "digest"]
    print("| command | exit | CPU, s | MiB | said |\n| --- | ---: | ---: | ---: | --- |")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary, "congress")
        root.mkdir()
        program = "import sys; from pathlib import Path; from bench.large_issue import write_congress; "
        program += "write_congress(Path(sys.argv[1]), int(sys.argv[2]))"  # its memory would count as that of the others
        subprocess.run([sys.executable, "-c", program, str(root), str(given.entries)], check=True)
        for name, command in _COMMANDS:
            _before(name, root)
            called = [*digest, *command.split()]
            if given.profile and name.startswith(given.profile):
                called = [sys.executable, "-m", "cProfile", "-s", "tottime", "-m", "digest", *command.split()]
                subprocess.run(called, cwd=root, check=False)
                return
            status, seconds, size, said = measured(called, root)
            print(f"| {name} | {status} | {seconds:.1f} | {size:.0f} | {said[:90]} |", flush=True)
        called = [sys.executable, "-c", _CURATION, str(root)]
        if given.profile:
            called = [sys.executable, "-m", "cProfile", "-s", "tottime", *called[1:]]
        subprocess.run(called, check=False)


if __name__ == "__main__":
    main()
