"""Attacks and malformed files: each is read or refused in time, in little memory, and nothing live comes through."""

from __future__ import annotations

import csv
import json
import re
import resource
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest.errors import DigestError, Problem
from digest.records import as_json
from digest.sources import Deleted, Page, Parsed, parse
from tests.conftest import FIELD, SEEDS

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 2.0  # of processor time for one file
MEMORY = 2**30
KINDS = {"feed", "html", "ris", "bibtex", "csv", "crossref", "oai", "pubmed", "xml"}
Result = dict[str, Any]


def serve() -> None:
    """The child: reads names of files, writes for each one line before it is read and one after."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        print(json.dumps({"begins": str(path)}), flush=True)  # noqa: T201 - the child's answer
        print(json.dumps(played(path)), flush=True)  # noqa: T201 - the child's answer


def played(path: Path) -> Result:
    result: Result = {"path": str(path), "records": [], "deleted": 0, "errors": [], "reported": [], "refused": ""}
    started = time.process_time()
    try:
        for outcome in parse(Page(path, path.name)):
            if isinstance(outcome, Parsed):
                record = as_json(outcome.record)
                record.pop("origin")  # it has the name of the file
                result["records"].append(record)
                result["reported"] += [str(problem) for problem in outcome.problems]
            elif isinstance(outcome, Deleted):
                result["deleted"] += 1
            else:
                assert isinstance(outcome, Problem)
                result["errors" if outcome.level == "error" else "reported"].append(str(outcome))
    except DigestError as error:
        result["refused"] = str(error)
    except Exception as error:  # noqa: BLE001 - which file it was is what the test reports
        result["raised"] = f"{type(error).__name__}: {error}"[:300]
    result["seconds"] = time.process_time() - started
    return result


def play(paths: list[Path]) -> dict[str, Result]:
    """What came of each file, by its name; one process for all of them."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.sources.test_hostile"],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    lines = [json.loads(line) for line in child.stdout.splitlines()]
    results = {line["path"]: line for line in lines if "path" in line}
    begun = [line["begins"] for line in lines if "begins" in line]
    if len(results) < len(paths):
        pytest.fail(f"the process ended with {child.returncode} in {begun[-1:] or 'its start'}: {child.stderr[-800:]}")
    return results


def faults(result: Result) -> list[str]:
    """What is wrong whatever the file: a traceback, too long a time, silence, something live or unprintable."""
    found = [f"raised {result['raised']}"] if "raised" in result else []
    if result["seconds"] > SECONDS:
        found.append(f"took {result['seconds']:.1f} s")
    # What a formula holds is MathML, of which tests/test_maths.py says what is kept.
    records = [{name: value for name, value in one.items() if name != "formulas"} for one in result["records"]]
    text = json.dumps(records, ensure_ascii=False)
    if live := re.search(r"<(?!/?(?:i|b|sub|sup|sc)>)/?[a-z][^<>]*>|\"url\": \"(?!https?://)", text):
        found.append(f"something live came through: {live[0][:80]}")
    if odd := re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]|\\u00[01]", text):
        found.append(f"an unprintable character came through: {odd[0]!r}")
    return found


def nothing(result: Result) -> bool:
    """Refused, or reported as an error, without a record."""
    return not result["records"] and bool(result["refused"] or result["errors"])


def text_of(result: Result) -> str:
    return json.dumps(result["records"], ensure_ascii=False)


def records(count: int, more: int = 0) -> Callable[[Result], bool]:
    return lambda result: count <= len(result["records"]) <= max(count, more) and not result["refused"]


def holds(*words: str) -> Callable[[Result], bool]:
    return lambda result: all(word in text_of(result) for word in words)


def lacks(*words: str) -> Callable[[Result], bool]:
    return lambda result: bool(result["records"]) and not any(word in text_of(result).lower() for word in words)


def undated(result: Result) -> bool:
    return any("issued" not in record for record in result["records"])


# What must come of the attacks that parsing alone has to stop; INDEX.csv has it in words.
EXPECTED: dict[str, Callable[[Result], bool]] = {
    "F002": nothing,
    "F004": nothing,
    "F006": nothing,
    "F021": lacks("script", "alert("),
    "F022": lacks("onerror"),
    "F024": lacks("javascript"),
    "F013": lacks("file:"),
    "F014": lacks("<img"),
    "F015": lacks("@import"),
    "F035": lacks("<script"),
    "F039": lambda r: records(1, 2)(r) and ("é" in text_of(r) or "\ufffd" in text_of(r)),
    "F044": holds("é"),
    "F047": records(1, 2),
    "F055": lambda r: not re.search("[\U000e0000-\U000e007f]", text_of(r)),
    "F057": lambda r: text_of(r) == unicodedata.normalize("NFC", text_of(r)),
    "F069": records(1, 2),
    "F071": undated,
    "F072": undated,
    "F079": nothing,
    "F080": nothing,
    "F081": nothing,
    "F082": nothing,
    "O002": nothing,
    "O003": lambda r: len(r["records"]) == 3 or bool(r["errors"]),
    "O004": lambda r: len(r["records"]) == 3 or bool(r["errors"]),
    "O005": lambda r: len(r["records"]) == 3 or bool(r["errors"]),
    "O010": lambda r: r["deleted"] >= 1,
    "O018": nothing,
    "O020": records(1, 3),
    "P001": records(1),
    "P003": records(1),
    "P005": nothing,
    "P006": nothing,
    "P007": records(1),
    "C004": lacks("script", "alert("),
    "C006": records(1),
    "C010": nothing,
    "C012": records(1),
    "C014": undated,
    "C015": lambda r: records(1)(r) and len(r["records"][0]["title"]) < 10_000,
    "R002": records(1, 2),
    "R005": records(1),
    "R006": lambda r: records(1)(r) and holds("é")(r),
    "R007": records(1),
    "R009": lacks("file:", "javascript:"),
    "B001": lambda r: bool(r["errors"]) and ":" in r["errors"][0],
    "B002": lambda r: len(r["records"]) >= 2 or bool(r["errors"]),
    "B005": records(1, 2),
    "B007": records(1),
    "B009": lambda r: len(r["records"]) == 2 or bool(r["errors"]),
    "B010": holds("Über", "é", "ß", "š", "α"),
    "V001": records(2),
    "V005": lambda r: len(r["reported"]) + len(r["errors"]) >= 2,
    "V006": nothing,
    "V009": holds("“q” – é"),
    "V010": holds('"number": "1"'),
    "V011": nothing,
    "H002": lacks("<script"),
    "H007": holds("é"),
    "H008": nothing,
}


def test_attacks_come_to_what_their_index_says(shared: Path) -> None:
    """Each attack on a format is read or refused in two seconds, and comes to what is expected of it."""
    folder = shared / "hostile" / "made"
    with (folder / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] in KINDS]
    results = play([folder / row["path"] for row in rows])
    wrong = []
    for row in rows:
        result = results[str(folder / row["path"])]
        found = faults(result)
        expected = EXPECTED.get(row["id"])
        if expected and not expected(result):
            found.append(f"{row['attack']}: expected {row['expected']}; found {json.dumps(result)[:400]}")
        if not (result["records"] or result["errors"] or result["refused"] or result["deleted"] or row["id"] == "O013"):
            found.append("nothing was said of it")
        wrong += [f"{row['id']} {row['path']}: {fault}" for fault in found]
    assert not wrong, "\n".join(wrong)
    assert EXPECTED.keys() <= {row["id"] for row in rows}


def test_files_of_our_own_are_read_or_refused() -> None:
    """Every file of the seeds and of the field, and each that once broke the program: records, problems or one message."""
    folders = (SEEDS, FIELD, FIELD.parent / "found")
    paths = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    assert len(paths) > 60
    wrong = [f"{Path(path).name}: {fault}" for path, result in play(paths).items() for fault in faults(result)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", ["feeds", "xml", "json", "generated"])
def test_malformed_files_of_others_are_read_or_refused(shared: Path, kind: str) -> None:
    """Every malformed file of other test-suites gives records, problems or one message, quickly."""
    paths = sorted(path for path in (shared / "hostile" / kind).rglob("*") if path.is_file())
    assert paths
    results = play(paths)
    wrong = [f"{Path(path).name}: {fault}" for path, result in results.items() for fault in faults(result)]
    assert not wrong, "\n".join(wrong)


if __name__ == "__main__":
    serve()
