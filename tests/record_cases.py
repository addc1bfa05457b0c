"""Runs a folder of real records with hand-checked fields: ``python -m tests.record_cases FOLDER``.

The folder holds ``truth.json`` and the files it names. Prints a line a case, ``id<TAB>pass|fail<TAB>what differs``, and
``N passed, M failed`` at the end. What is compared is what ``digest convert FILE --to json`` prints.

A field that the truth leaves out is not compared. One that it gives as null must be empty, except for identifiers (finding
one more is not a mistake). ``first record`` is the first of the file, ``doi 10.5555/x`` the one of that DOI. Pages and
issues are compared as values: ``4068-4068`` is ``4068``, ``15_suppl`` is issue 15 with a supplement. A journal's
abbreviation may be the one in the file or NLM's, ``Jr`` may have a stop.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digest.cite.tokens import VolumePart, read_dates, read_pages
from digest.errors import DigestError, Problem
from digest.export import as_object
from digest.sources import Page, Parsed, parse
from digest.sources.shared.draft import abbreviation

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
        problems = "; ".join(str(outcome) for outcome in outcomes if isinstance(outcome, Problem))
        yield f"no record for {case['locator']} among {len(found)}{': ' if problems else ''}{problems[:300]}"
        return
    yield from _compared(record, case["expected"])


def _located(found: list[Parsed], case: dict[str, Any]) -> dict[str, Any] | None:
    """The record that a case is about, by what names it in the file or by its place there."""
    locator, expected = case["locator"], case["expected"]
    word = re.sub(r"^(?:PMID|key|UID|doi) |^message\.items\[DOI=|\]$", "", locator)
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
    locator = "record 1" if locator == "first record" else locator
    place = re.fullmatch(r"(?:record|item|entry) (\d+)", locator)
    at = int(place[1]) - 1 if place else 0
    return as_object(found[at].record) if at < len(found) and (place or len(found) == 1) else None


def _compared(record: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    def differs(field: str, ours: object, wanted: object) -> Iterator[str]:
        if ours != wanted:
            yield f"{field}: {ours!r} instead of {wanted!r}"

    if "title" in expected:
        yield from differs("title", _plain(record["title"]), _spaced(expected["title"]))
    if html := expected.get("title_html"):
        yield from differs("title_html", record["title"], _spaced(html).rstrip("."))
    if "authors" in expected:
        yield from differs("authors", *_people(record.get("authors", []), expected["authors"]))
    yield from _printed(record, expected)
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


def _printed(record: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    """Where and when it was printed: journal, volume, issue, pages, number and date."""
    wanted: dict[str, str] = {
        key: value or "" for key, value in expected.items() if value is None or type(value) is str
    }
    ours: dict[str, object] = {key: record.get(key, "") for key in ("container", "volume", "pages", "number")}
    truth: dict[str, object] = {key: wanted[key] for key in ("container", "volume") if key in wanted}
    if "container" in truth:
        ours["container"] = str(ours["container"]).lower()
        # NLM's catalogue distinguishes journals of one name by “(Oxford, England)”, which is not part of it.
        names = (wanted["container"].lower(), re.sub(r" \([^()]{3,40}\)$", "", wanted["container"].lower()))
        truth["container"] = names[1] if ours["container"] == names[1] else names[0]
    if "issue" in wanted:
        ours["issue"] = VolumePart.of(record.get("issue", ""), record.get("supplement", ""))
        truth["issue"] = VolumePart.parse(wanted["issue"])
    if "pages" in wanted or wanted.get("article_number"):
        truth["pages"] = read_pages(wanted.get("pages") or wanted.get("article_number") or "")
    if "abstract_number" in wanted:
        truth["number"] = wanted["abstract_number"]
    ours["year"] = record.get("issued", "")[:4]
    # A programme does not say its year; truth has it from the meeting.
    if "year" in wanted and (wanted.get("container") or ours["year"]):
        truth["year"] = wanted["year"]
    if wanted.get("date"):
        ours["date"], truth["date"] = record.get("issued", ""), wanted["date"]
    for field, right in truth.items():
        if ours[field] != right:
            yield f"{field}: {ours[field]!r} instead of {right!r}"
    short = record.get("container_short", "")
    if wanted.get("container_short") and short not in {
        wanted["container_short"],
        abbreviation(record.get("container", "")),
    }:
        yield f"container_short: {short!r} instead of {wanted['container_short']!r}"


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
        # Initials are letters: “K.M.” and “KM” are the same where the truth, or the record, has nothing else.
        if (
            n < len(ours)
            and not (person.get("given") and ours[n].get("given"))
            and _letters(first) == _letters(given[n])
        ):
            first = given[n]
        name = person.get("collective") or "/".join((person.get("family", ""), first, person.get("suffix") or ""))
        right.append(_spaced(name))
    left = [re.sub(r"/(Jr|Sr)\.$", r"/\1", name) for name in left]
    right = [re.sub(r"/(Jr|Sr)\.$", r"/\1", name) for name in right]
    return left, right


def _letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def _sections(parts: list[dict[str, Any]], expected: dict[str, Any]) -> Iterator[str]:
    if "sections" not in expected:
        return
    wanted = expected["sections"] or []  # null: there must be none
    labels = [part.get("label") for part in parts]
    if [str(label).lower() for label in labels] != [str(section["label"]).lower() for section in wanted]:
        yield f"labels: {labels} instead of {[section['label'] for section in wanted]}"
        return
    for part, section in zip(parts, wanted, strict=True):
        text = _plain(part["text"])
        if not text.startswith(_spaced(section.get("starts", ""))):
            yield f"{section['label']} starts {text[:60]!r} instead of {section.get('starts')!r}"
        if not text.endswith(_spaced(section.get("ends", ""))):
            yield f"{section['label']} ends {text[-60:]!r} instead of {section.get('ends')!r}"
    if (tail := expected.get("copyright_tail")) and any(_spaced(tail) in _plain(part["text"]) for part in parts):
        yield "the copyright line is in the abstract"


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
