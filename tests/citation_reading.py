"""How many fields of real citations are read as a person read them: ``python -m tests.citation_reading tune|test [FILE]``.

150 of the 705 citations of meeting abstracts in the shared folder were judged by hand, before their readers were changed
(``judged_citations.json``): half of them to work with (``tune``), half to measure with (``test``), by the digest of the
text. The citations themselves are not part of the project; a judgement has the digest of its citation instead.

What a judgement says:

* ``authors``: how many, the first and the last, and ``+`` where the list goes on: ``3 Roe J > Poe A +``
* ``title``: its first and its last three words: ``A study of … ducks in winter``
* ``locator``: what may be the pages or the number
* ``a~b``: either is right; ``a~`` also nothing, where parts that ran together cannot be separated without a guess;
  ``~*`` whatever the table of societies adds
* a field that is not there must not be read: reading never invents

A field counts when it was judged or read. The last line of the output is ``N of M fields``.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.cite.reading import read_citation
from digest.cite.societies import book, journal_of
from digest.cite.tokens import VolumePart, read_pages
from digest.model import Record
from tests.conftest import SHARED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JUDGED: Final = Path(__file__).with_name("judged_citations.json")
CITATIONS: Final = SHARED / "records/more/conference_abstract_citations.jsonl"
Outcome = tuple[str, str, str, bool]


def citations(file: Path = CITATIONS) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each judged citation: which half it is in, its text, and what it says."""
    judged = {row.pop("key"): row for row in json.loads(JUDGED.read_text(encoding="utf-8"))}
    for line in file.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        key = hashlib.sha256(text.encode()).hexdigest()[:12]
        if row := judged.pop(key, None):
            yield ("test" if int(key, 16) % 2 else "tune"), text, row


def outcomes(text: str, row: Mapping[str, str]) -> Iterator[Outcome]:
    """Each field that was judged or read: its name, what it should be, what it is, and whether that is right."""
    read = read_citation(text)
    mine = dict(_shown(read)) if isinstance(read, Record) else {}
    names = {*mine, *row} - {"locator"}
    if "locator" in row:
        names -= {"pages", "number"}
        found = next((mine[name] for name in ("number", "pages") if mine.get(name)), "")
        yield "locator", row["locator"], found, _key(found) == _key(row["locator"])
    for name in sorted(names):
        value, wanted = mine.get(name, ""), row.get(name, "")
        if name == "event" and not wanted:
            societies = {entry.society for entry in book().journals}
            right = value in societies or _key(value) in _key(text)
        elif name == "pmid" and not wanted:
            right = value in text
        else:
            right = any(_is_same(name, one, value, mine) for one in wanted.split("~"))
        if value or not right or wanted.split("~")[0]:
            yield name, wanted, value, right


def _shown(record: Record) -> Iterator[tuple[str, str]]:
    part = VolumePart.of(record.issue, record.supplement)
    yield "type", record.type
    people = [person.short or person.literal for person in record.authors]
    if people:
        yield "authors", f"{len(people)} {people[0]} > {people[-1]}{' +' if record.authors_truncated else ''}"
    if not record.title.plain.startswith("["):
        yield "title", record.title.plain
    yield "container", record.container_short or record.container
    yield "year", str(record.issued.year) if record.issued else ""
    yield "volume", record.volume
    yield "issue", part.issue or ""
    yield "supplement", "" if part.supplement is None else part.supplement or "Suppl"
    yield "pages", record.pages
    yield "number", record.number
    yield "doi", record.ids.doi or ""
    yield "pmid", record.ids.pmid or ""
    yield "event", record.meeting.name if record.meeting else ""
    yield "place", record.meeting.place if record.meeting else ""


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.replace("ß", "ss").casefold())


def _is_same(name: str, wanted: str, value: str, mine: Mapping[str, str]) -> bool:
    if wanted == "*":
        return True
    if not wanted:
        return not value
    match name:
        case "title":
            first, _, last = wanted.partition(" … ")
            return _key(value).startswith(_key(first)) and _key(value).endswith(_key(last))
        case "container":
            journal = journal_of(value)
            known = journal is not None and journal == journal_of(wanted)
            chapter = mine.get("type") == "chapter" and _key(value).startswith(_key(wanted))
            return known or chapter or _key(value) == _key(wanted) or _key(wanted) in _key(mine.get("event", ""))
        case "event":
            return bool(_key(wanted)) and _key(wanted) in _key(value)
        case "issue":
            return _key(value) == _key(wanted)
        case "supplement":
            # The supplement to issue 15, whether it is called “15 Suppl” or “Suppl 15”.
            return _key(value) == _key(wanted) or (value == "Suppl" and _key(mine.get("issue", "")) == _key(wanted))
        case "pages":
            return _key(value) == _key(read_pages(wanted)) if "-" not in wanted else read_pages(value) == wanted
        case _:
            return _key(value) == _key(wanted)


def main(arguments: list[str]) -> int:
    """Prints what was read otherwise, and the rate."""
    half = arguments[0] if arguments else "test"
    right = total = 0
    for where, text, row in citations(*map(Path, arguments[1:2])):
        if where != half:
            continue
        found = list(outcomes(text, row))
        right += sum(one[3] for one in found)
        total += len(found)
        if wrong := [f"{name}: {value!r}, not {wanted!r}" for name, wanted, value, same in found if not same]:
            sys.stdout.write(f"{' '.join(text.split())}\n    {'; '.join(wrong)}\n")
    sys.stdout.write(f"{half}: {right} of {total} fields, {100 * right / max(total, 1):.1f} %\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
