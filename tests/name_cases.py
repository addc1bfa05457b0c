"""Names, titles, numbers and other small pieces as printed: ``python -m tests.name_cases FILE`` reads each of a file.

Prints ``id<TAB>pass|fail<TAB>got`` for each and ``N passed, M failed`` in the end. What a case expects:

==================  ====================================================================================================
``author``          parts of one name: ``family``, ``given``, ``initials``, ``particle``, ``suffix``, ``literal``, ``aff``
``authors``         such parts for each person of a list, in order
``title``           the title of a meeting abstract without its number, or ``title`` and ``number`` apart
``number``          an abstract's number without the words before it
``abstract_no``     the parts of such a number: ``prefix``, ``number``, ``suffix``, ``flags``, ``kind``, ``pad``
``abstract``        the text without what follows it, or the trials (``nct``) that it names
``page``            pages
``issue``           ``issue`` and ``supplement``
``event_dates``     first and last day, or those of each part
``identifier``      the value of each kind
``encore``          the meeting at which an abstract was presented before
==================  ====================================================================================================

Parts that a case does not name are not compared; a value that it gives as null or "" must be absent, except that a supplement
"" is one without a number. Initials are compared as
letters, DOIs without regard to capitals.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from digest.cite.numbering import read_title
from digest.cite.registries import read_identifiers
from digest.cite.tokens import VolumePart, read_dates, read_encore, read_pages
from digest.model import AbstractNumber
from digest.names import Author, read_author, read_people
from digest.sources.shared import markup

Case = dict[str, Any]


def got(kind: str, raw: str) -> Any:  # noqa: ANN401 - whatever a case expects
    """A small piece, read and shown as cases show it."""
    match kind:
        case "author":
            return _name(read_author(raw))
        case "authors":
            return [_name(author) for author in read_people(raw)[0]]
        case "title":
            title, number = read_title(raw)
            return {"title": title, "number": number or None}
        case "number":
            return AbstractNumber.parse(raw).printed
        case "abstract_no":
            return _number(AbstractNumber.parse(raw))
        case "abstract":
            parts, tails = markup.without_tail(markup.abstract(f"<p>{raw}</p>"))
            text = " ".join(part.text.plain for part in parts)
            return {"text": text, "nct": re.findall(r"\bNCT\d{8}\b", text), "tails": tails}
        case "page":
            return read_pages(raw)
        case "issue":
            part = VolumePart.parse(raw)
            return {"issue": part.issue, "supplement": part.supplement}
        case "event_dates":
            spans = [[str(start), str(end)] for start, end in read_dates(raw)]
            return spans[0] if len(spans) == 1 else spans
        case "identifier":
            return dict(read_identifiers(raw))
        case "encore":
            meeting = read_encore(raw)
            year = meeting.start.year if meeting and meeting.start else None
            return meeting and {"society": meeting.society, "year": year, "meeting": meeting.name}
    raise AssertionError(kind)


def _name(author: Author) -> dict[str, Any]:
    names = ("family", "given", "suffix", "literal", "particle")
    person = author.person
    return {name: getattr(person, name) for name in names} | {
        "initials": person.initial_letters,
        "aff": list(author.marks),
    }


def _number(number: AbstractNumber) -> dict[str, Any]:
    shown = {name: getattr(number, name) for name in ("prefix", "number", "suffix", "kind")}
    shown["flags"] = list(number.flags)
    if number.digits.startswith("0") and number.digits.isdecimal():
        shown["pad"] = len(number.digits)
    return shown


def passes(case: Case, found: Any) -> bool:  # noqa: ANN401 - whatever a case expects
    """Whether it is what the case expects."""
    expected = case["expected"]
    match case["kind"]:
        case "authors":
            return len(found) == len(expected) and all(map(_agrees, expected, found))
        case "title" if isinstance(expected, str):
            # A case that explains in words what an editor has to do: the program leaves the title as it is.
            return expected == found["title"] or (expected[0].islower() and found["title"] == case["raw"])
        case "abstract" if isinstance(expected, str):
            return bool(found["text"] == expected)
        case "abstract":
            return bool(found["nct"] == expected["nct"])
        case "identifier":
            wanted = {name: value for name, value in expected.items() if name != "check"}
            return all(_listed(value) == _listed(found.get(name)) for name, value in wanted.items())
        case "encore":
            return bool(found == expected["encore_of"])
    return _agrees(expected, found) if isinstance(expected, dict) else bool(found == expected)


def _agrees(expected: Case, found: Case) -> bool:
    return all(
        value == found.get(name)
        or not (value or found.get(name) or (name == "supplement" and value != found.get(name) and value is not None))
        for name, value in expected.items()
    )


def _listed(value: Any) -> list[str]:  # noqa: ANN401 - one identifier, several, or none
    values = value if isinstance(value, list | tuple) else [value] if value else []
    return sorted(str(one).lower() for one in values)


def outcomes(path: Path) -> list[tuple[Case, bool, Any]]:
    """Each case of a file, whether it passed, and what was read."""
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]
    read = []
    for case in cases:
        found: Any
        try:
            found = got(case["kind"], case["raw"])
            passed = passes(case, found)
        except Exception as error:  # noqa: BLE001 - an error is an outcome here
            found, passed = f"{type(error).__name__}: {error}", False
        read.append((case, passed, found))
    return read


def main(arguments: list[str]) -> int:
    """Runs a file; 0 when all passed."""
    if len(arguments) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    read = outcomes(Path(arguments[0]))
    for case, passed, found in read:
        shown = json.dumps(found, ensure_ascii=False)
        sys.stdout.write(f"{case['id']}\t{'pass' if passed else 'fail'}\t{' '.join(shown.split())}\n")
    count = sum(passed for _, passed, _ in read)
    sys.stdout.write(f"{count} passed, {len(read) - count} failed\n")
    return 0 if count == len(read) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
