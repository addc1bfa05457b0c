"""Runs a folder of real records with hand-checked fields: ``python -m tests.record_cases FOLDER``.

The folder holds ``truth.json`` and the files it names. Prints a line a case, ``id<TAB>pass|fail<TAB>what differs``, and
``N passed, M failed`` at the end. What is compared is what ``digest convert FILE --to json`` prints.

A field that the truth gives as null must be empty, but for identifiers (finding one more is no mistake). Pages and
issues are compared as values: ``4068-4068`` is ``4068``, ``15_suppl`` is issue 15 with a supplement. A journal's
abbreviation may be the one in the file or NLM's.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.cite.tokens import Part, read_dates, read_pages
from digest.errors import DigestError, Problem
from digest.sources import Page, Parsed, parse
from digest.sources.draft import abbreviation
from digest.sources.write import as_object

if TYPE_CHECKING:
    from collections.abc import Iterator

_IDS = ("doi", "pmid", "pmcid", "url")


def run(folder: Path) -> list[tuple[str, list[str]]]:
    """Each case of a folder with what differs; nothing differs where it passes."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    return [(case["id"], list(_differences(folder, case))) for case in truth["records"]]


def _differences(folder: Path, case: dict[str, Any]) -> Iterator[str]:
    path = folder / case["file"]
    try:
        outcomes = list(parse(Page(path, path.name)))
    except DigestError as error:
        yield f"not read: {error}"
        return
    found = [outcome for outcome in outcomes if isinstance(outcome, Parsed)]
    record = _located(found, case)
    if record is None:
        told = "; ".join(str(outcome) for outcome in outcomes if isinstance(outcome, Problem))
        yield f"no record for {case['locator']} among {len(found)}{': ' if told else ''}{told[:300]}"
        return
    yield from _compared(record, case["expected"])


def _located(found: list[Parsed], case: dict[str, Any]) -> dict[str, Any] | None:
    """The record that a case is about, by what names it in the file or by its place there."""
    locator, expected = case["locator"], case["expected"]
    word = re.sub(r"^(?:PMID|key|UID) |^message\.items\[DOI=|\]$", "", locator)
    for parsed in found:
        data = as_object(parsed.record)
        names = {parsed.identifier, data.get("number"), *map(str, data.get("ids", {}).values())}
        if word.lower() in {str(name).lower() for name in names if name}:
            return data
    for parsed in found:
        data = as_object(parsed.record)
        if any(
            expected.get(kind) and data.get("ids", {}).get(kind, "").lower() == expected[kind].lower() for kind in _IDS
        ):
            return data
    place = re.fullmatch(r"(?:record|item|entry) (\d+)", locator)
    at = int(place[1]) - 1 if place else 0
    return as_object(found[at].record) if at < len(found) and (place or len(found) == 1) else None


def _compared(record: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    def differs(field: str, ours: object, wanted: object) -> Iterator[str]:
        if ours != wanted:
            yield f"{field}: {ours!r} instead of {wanted!r}"

    plain = _plain(record["title"])
    yield from differs("title", plain, _spaced(expected["title"]))
    if html := expected.get("title_html"):
        yield from differs("title_html", record["title"], _spaced(html).rstrip("."))
    yield from differs("authors", *_people(record.get("authors", []), expected["authors"]))
    yield from differs("container", record.get("container", "").lower(), (expected["container"] or "").lower())
    short = record.get("container_short", "")
    if (wanted := expected.get("container_short")) and short not in {wanted, abbreviation(record["container"])}:
        yield from differs("container_short", short, wanted)
    yield from differs("volume", record.get("volume", ""), expected["volume"] or "")
    part = Part.of(record.get("issue", ""), record.get("supplement", ""))
    yield from differs("issue", part, Part.parse(expected["issue"] or ""))
    pages = read_pages(expected["pages"] or expected["article_number"] or "")
    yield from differs("pages", record.get("pages", ""), pages)
    yield from differs("abstract_number", record.get("number", ""), expected["abstract_number"] or "")
    issued = record.get("issued", "")
    # A programme does not say its year; truth has it from the meeting.
    if expected["container"] or issued:
        yield from differs("year", issued[:4], expected["year"] or "")
    if date := expected.get("date"):
        yield from differs("date", issued, date)
    for kind in _IDS:
        if wanted := expected.get(kind):
            yield from differs(kind, record.get("ids", {}).get(kind, "").lower(), wanted.lower())
    if trials := expected.get("trial_ids"):
        yield from differs("trial_ids", list(record.get("ids", {}).get("nct", ())), trials)
    yield from _sections(record.get("abstract", []), expected)
    meeting = record.get("meeting", {})
    if name := expected.get("meeting"):
        yield from differs("meeting", meeting.get("name", ""), _spaced(name))
    if place := expected.get("meeting_place"):
        yield from differs("meeting_place", meeting.get("place", ""), _spaced(place))
    if dates := expected.get("meeting_date"):
        ((start, end),) = read_dates(dates)
        yield from differs("meeting_date", (meeting.get("start"), meeting.get("end")), (str(start), str(end)))


def _people(ours: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Both lists in one form; bare initials are compared as letters."""
    given = [person.get("given") or person.get("initials", "") for person in ours]
    left = [
        person.get("literal")
        or "/".join(
            (" ".join(filter(None, (person.get("particle"), person["family"]))), first, person.get("suffix", ""))
        )
        for person, first in zip(ours, given, strict=True)
    ]
    right = []
    for n, person in enumerate(wanted):
        first = person.get("given") or person.get("initials") or ""
        if n < len(ours) and not ours[n].get("given") and re.sub(r"[^\w]", "", first) == given[n]:
            first = given[n]
        name = person.get("collective") or "/".join((person.get("family", ""), first, person.get("suffix") or ""))
        right.append(_spaced(name))
    return left, right


def _sections(parts: list[dict[str, Any]], expected: dict[str, Any]) -> Iterator[str]:
    wanted = expected["sections"]
    labels = [part.get("label") for part in parts]
    if labels != [section["label"] for section in wanted]:
        yield f"labels: {labels} instead of {[section['label'] for section in wanted]}"
        return
    for part, section in zip(parts, wanted, strict=True):
        text = _plain(part["text"])
        if not text.startswith(_spaced(section["starts"])):
            yield f"{section['label']} starts {text[:60]!r} instead of {section['starts']!r}"
        if not text.endswith(_spaced(section["ends"])):
            yield f"{section['label']} ends {text[-60:]!r} instead of {section['ends']!r}"
    if (tail := expected.get("copyright_tail")) and any(_spaced(tail) in _plain(part["text"]) for part in parts):
        yield "the copyright line stands in the abstract"


def _plain(source: str) -> str:
    bare = re.sub(r"</?(?:i|b|sub|sup|sc)>", "", source)
    return _spaced(bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def _spaced(text: str) -> str:
    return " ".join(text.split())


def main(arguments: list[str]) -> int:
    """Prints a line a case and the count; 1 where any failed."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.record_cases FOLDER\n")
        return 2
    results = run(Path(arguments[0]))
    for name, differences in results:
        sys.stdout.write(f"{name}\t{'fail' if differences else 'pass'}\t{'; '.join(differences)}\n")
    failed = sum(bool(differences) for _, differences in results)
    sys.stdout.write(f"{len(results) - failed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
