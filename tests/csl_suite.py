"""The CSL test-suite: ``python -m tests.csl_suite DIR [--strict]`` runs every fixture of a folder.

Prints ``name<TAB>pass|fail|error`` for each and ``N passed, M failed`` in the end. Outputs are compared by the rules of
``shared/cases/csl/normalise.py``: visual equality, or with ``--strict`` the exact characters.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from digest import csl

if TYPE_CHECKING:
    from collections.abc import Callable

SHARED = Path(__file__).resolve().parents[2] / "shared" / "cases" / "csl"
_SECTION = re.compile(r"^>>=+ *([A-Z-]+) *=+>>\s*?\n(.*?)^<<=+ *\1 *=+<<", re.MULTILINE | re.DOTALL)
_POSITIONS = {0: "first", 1: "subsequent", 2: "ibid", 3: "ibid-with-locator"}


def sections(path: Path) -> dict[str, str]:
    """The sections of a fixture by their name."""
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    return dict(_SECTION.findall(text))


def run(fixture: dict[str, str]) -> str:
    """What the processor makes of a fixture, in the notation of its RESULT section."""
    mode = fixture.get("MODE", "citation").strip()
    source = fixture["CSL"].strip()
    if mode == "bibliography-nosort":
        source = re.sub(r"(<bibliography.*?)<sort>.*?</sort>", r"\1", source, flags=re.DOTALL)
    style = csl.load_style(source.encode())
    inputs: list[dict[str, Any]] = json.loads(fixture["INPUT"])
    items = {str(item.get("id", number)): item for number, item in enumerate(inputs)}
    uncited = [str(id_) for id_ in json.loads(fixture["BIBENTRIES"])[-1]] if "BIBENTRIES" in fixture else list(items)
    citations: list[csl.Citation] = []
    shown = 0
    if "CITATIONS" in fixture:
        citations, uncited = _final_citations(json.loads(fixture["CITATIONS"])), []
    elif "CITATION-ITEMS" in fixture:
        # Items count in the order of INPUT, whatever the order of citation: as if they had been cited all at once.
        citations.append(csl.Citation(tuple(csl.Cite(id_, position="first") for id_ in uncited)))
        shown = 1
        for cites in json.loads(fixture["CITATION-ITEMS"]):
            citations.append(csl.Citation(tuple(_cite(cite, alone=True) for cite in cites)))
    elif mode == "citation":
        # The suite means all items in the order of the bibliography.
        entries = csl.format_document(style, items, (), uncited).bibliography
        order = {entry.id: place for place, entry in enumerate(entries)}
        ids = sorted(items, key=lambda id_: order.get(id_, len(order)))
        citations.append(csl.Citation(tuple(csl.Cite(id_) for id_ in ids)))
    document = csl.format_document(style, items, citations, uncited)
    if not mode.startswith("bibliography"):
        texts = map(csl.to_html, document.citations[shown:])
        return "\n".join(f">>[{n}] {text}" if "CITATIONS" in fixture else text for n, text in enumerate(texts))
    rules = json.loads(fixture.get("BIBSECTION", "{}"))
    lines = [
        f'  <div class="csl-entry">{csl.to_html(entry.content)}</div>'
        for entry in document.bibliography
        if _selected(items[entry.id], rules)
    ]
    return "\n".join(['<div class="csl-bib-body">', *lines, "</div>"])


def _cite(cite: dict[str, Any], *, alone: bool = False) -> csl.Cite:
    position = _POSITIONS[int(cite["position"])] if "position" in cite else "first" if alone else None
    return csl.Cite(
        str(cite["id"]),
        locator=str(cite.get("locator") or ""),
        label=cite.get("label") or "",
        prefix=cite.get("prefix") or "",
        suffix=cite.get("suffix") or "",
        suppress_author=bool(cite.get("suppress-author")),
        author_only=bool(cite.get("author-only")),
        position=cast("Any", position),
        near_note=bool(cite.get("near-note")),
        first_note=str(cite.get("first-reference-note-number") or ""),
    )


def _final_citations(steps: list[Any]) -> list[csl.Citation]:
    """The citations of the document as they are after the last step."""
    known: dict[str, dict[str, Any]] = {}
    order: list[tuple[str, int]] = []
    for citation, before, after in steps:
        known[citation["citationID"]] = citation
        note = citation.get("properties", {}).get("noteIndex", 0)
        order = [*map(tuple, before), (citation["citationID"], note), *map(tuple, after)]
    return [
        csl.Citation(
            tuple(_cite(cite) for cite in known[id_]["citationItems"]),
            note_number=note,
            mode=known[id_].get("properties", {}).get("mode", ""),
            infix=known[id_].get("properties", {}).get("infix", ""),
        )
        for id_, note in order
    ]


def _selected(item: dict[str, Any], rules: dict[str, Any]) -> bool:
    """Whether an item is in a section of a bibliography (``include``, ``exclude``, ``select``, ``quash``)."""

    def matches(rule: dict[str, Any]) -> bool:
        value = item.get(rule["field"], "")
        return rule["value"] in value if isinstance(value, list) else str(value) == str(rule["value"])

    if any(matches(rule) for rule in rules.get("exclude", ())):
        return False
    if "quash" in rules and all(matches(rule) for rule in rules["quash"]):
        return False
    if "include" in rules and not any(matches(rule) for rule in rules["include"]):
        return False
    return "select" not in rules or all(matches(rule) for rule in rules["select"])


def comparison(*, strict: bool = False) -> Callable[[str, str], bool]:
    """The function that compares what was got with what was expected."""
    spec = importlib.util.spec_from_file_location("normalise", SHARED / "normalise.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast("Callable[[str, str], bool]", module.strict if strict else module.norm)


def outcome(path: Path, same: Callable[[str, str], bool]) -> str:
    """``pass``, ``fail`` or ``error``."""
    fixture = sections(path)
    try:
        return "pass" if same(run(fixture), fixture["RESULT"]) else "fail"
    except Exception:  # noqa: BLE001 – an error is an outcome here
        return "error"


def main(arguments: list[str]) -> int:
    """Runs a folder; 0 when all passed."""
    folders = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if len(folders) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    same = comparison(strict="--strict" in arguments)
    counts = {"pass": 0, "fail": 0, "error": 0}
    for path in sorted(folders[0].glob("*.txt")):
        result = outcome(path, same)
        counts[result] += 1
        sys.stdout.write(f"{path.stem}\t{result}\n")
    failed = counts["fail"] + counts["error"]
    sys.stdout.write(f"{counts['pass']} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
