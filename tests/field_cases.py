"""Small files from the field, each with a command and what comes of it: ``python -m tests.field_cases FOLDER``.

The folder holds ``field.json``, a list of cases, and the files that they name. Each ``command`` is run with the folder's
files in a folder of its own. Prints ``file<TAB>pass|fail<TAB>what differs`` for each and ``N passed, M failed`` in the end.

What ``expect_json`` is compared with depends on the command:

===========  ===========================================================================================================
``convert``  the records that it prints, in order. A case gives a part of each: what it leaves out is not compared, null
             means that there is nothing, a list has as many members as the case says
``cite``     an object: ``text``, ``contains`` or ``not_contains`` for the text of the references
``collect``  an object: ``records``, how many there are in the library afterwards
===========  ===========================================================================================================

A year is met by a day of that year: a source may say more than a case asks for.

A case without ``expect_json`` passes if the command ends by itself, without a traceback.
"""

from __future__ import annotations

import io
import json
import shlex
import shutil
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.cli import main as program
from digest.library import Library

if TYPE_CHECKING:
    from collections.abc import Iterator


def run(folder: Path) -> list[tuple[str, list[str]]]:
    """Each case of a folder with what differs; nothing differs where it passes."""
    cases = json.loads((folder / "field.json").read_text(encoding="utf-8"))
    return [(case["file"], list(differences(folder, case))) for case in cases]


def differences(folder: Path, case: dict[str, Any]) -> Iterator[str]:
    """What one case's command gives otherwise than expected."""
    expected = case.get("expect_json")
    _, *arguments = shlex.split(case["command"])
    with tempfile.TemporaryDirectory() as made:
        copy = Path(made) / "files"
        shutil.copytree(folder, copy)
        out, err = io.StringIO(), io.StringIO()
        with chdir(copy), redirect_stdout(out), redirect_stderr(err):
            code = program(arguments)
            stored = _stored(arguments) if arguments[0] == "collect" else 0
    if expected is None:
        return
    try:
        printed = json.loads(out.getvalue())
    except ValueError:
        yield f"exit code {code}, no JSON; {' '.join(err.getvalue().split())[:300]}"
        return
    if arguments[0] == "cite":
        yield from _text("\n".join(entry["text"] for entry in printed["references"]), expected)
    elif arguments[0] == "collect":
        yield from _part({"records": stored}, expected, "")
    else:
        yield from _part(printed, expected, "")


def _stored(arguments: list[str]) -> int:
    """How many records the library holds that a command names."""
    with Library.open(Path(arguments[arguments.index("--library") + 1])) as library:
        return len(library)


def _text(text: str, expected: dict[str, Any]) -> Iterator[str]:
    if (whole := expected.get("text")) is not None and " ".join(text.split()) != " ".join(whole.split()):
        yield f"{text!r} instead of {whole!r}"
    for words in _several(expected.get("contains")):
        if words not in text:
            yield f"{words!r} is not in {text!r}"
    for words in _several(expected.get("not_contains")):
        if words in text:
            yield f"{words!r} is in {text!r}"


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []


def _part(found: Any, expected: Any, where: str) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Where the expected part is not in what was found."""
    if expected is None:
        if found not in (None, "", [], {}):
            yield f"{where}: {found!r} instead of nothing"
    elif isinstance(expected, dict):
        if found is None and not any(expected.values()):
            return
        if not isinstance(found, dict):
            yield f"{where or 'all'}: {found!r} instead of {expected!r}"
            return
        for key, value in expected.items():
            yield from _part(found.get(key), value, f"{where}.{key}".lstrip("."))
    elif isinstance(expected, list):
        members = found if isinstance(found, list) else []
        if len(members) != len(expected):
            yield f"{where or 'records'}: {len(members)} instead of {len(expected)}, {json.dumps(members)[:300]}"
            return
        for n, (one, value) in enumerate(zip(members, expected, strict=True)):
            yield from _part(one, value, f"{where}[{n}]")
    elif found != expected and not (where.endswith("issued") and str(found).startswith(f"{expected}-")):
        yield f"{where}: {found!r} instead of {expected!r}"


def main(arguments: list[str]) -> int:
    """Runs the folder that is named; returns the exit code."""
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)  # noqa: T201 - a program
        return 2
    results = run(Path(arguments[0]))
    for name, differs in results:
        print(name, "fail" if differs else "pass", "; ".join(differs), sep="\t")  # noqa: T201
    failed = sum(bool(differs) for _, differs in results)
    print(f"{len(results) - failed} passed, {failed} failed")  # noqa: T201
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
