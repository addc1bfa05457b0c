"""Citations of meeting abstracts: ``python -m tests.citation_cases FILE`` prints or reads every case of a file.

Prints ``id<TAB>pass|fail<TAB>got`` for each and ``N passed, M failed`` in the end. A case names a style:

==================  ====================================================================================================
``asco``, ``…-native``, ``…-short``  the society's own form (`digest.cite.society_citation`)
``…-csl``           the official CSL style that its ``source`` names, with the item in ``record.csl``
others              the style of ours in `STYLES`
``anti-example``    (a status) the string is read, and its fields are compared; it is never printed
==================  ====================================================================================================

A case without a title is the tail of a reference: what follows the title is compared. The society's form has no stop of
its own after it; the list that it is in adds one, so tails in `_STOP_OF_THE_LIST` are compared without it.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from digest import csl
from digest.cite import Styles, item, society_citation
from digest.cite.reading import read_citation, read_people
from digest.cite.societies import journal_of, society_of
from digest.cite.tokens import VolumePart, read_dates, read_pages
from digest.model import Ids, Meeting, PartialDate, Person, Presentation, Record
from digest.text import RichText
from digest.vocabulary import english_month

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STYLES: Final = {
    "aacr": "meeting-aacr",
    "ama10": "meeting-ama-10",
    "ama11": "meeting-ama",
    "ama": "meeting-ama",
    "apa": "meeting-apa",
    "apa7": "meeting-apa",
    "author-date": "meeting-author-date",
    "jco": "meeting-asco",
    "jop": "jop-highlights",
    "nature": "meeting-nature",
    "nlm": "meeting-nlm",
    "vancouver": "meeting-nlm",
}
_STOP_OF_THE_LIST: Final = {"aacr-short", "jop"}
_TITLE: Final = "TITLE"
Case = dict[str, Any]


def got(case: Case) -> str:
    """What the program makes of a case: the string, or the fields that it read."""
    if case["status"] == "anti-example":
        read = read_citation(case["expected"])
        if not isinstance(read, Record):
            return str(read)
        return json.dumps(dict(_shown(read)), ensure_ascii=False)
    name, record = case["style"], case["record"]
    if "csl" in record:
        match = re.search(r"([\w-]+)\.csl\b", case["source"])
        return _printed(match[1] if match else name.removesuffix("-csl"), record["csl"])
    if name.endswith("-event-line"):
        return meeting_of(record, "").event_line
    value = record_of(case)
    if name in STYLES:
        text = _printed(STYLES[name], item(value, "it", house=True))
        _, _, tail = text.partition(_TITLE)
        return re.sub(r"^(?: \[abstract[^\]]*\])?\. ", "", tail) if _TITLE in text else text
    if name.endswith("-short"):
        return society_citation(value, "short", whole=True)
    if name.endswith("-native"):
        return society_citation(value, "platform", whole=True)
    return society_citation(value)


def passes(case: Case, text: str) -> bool:
    """Whether it is what the case expects."""
    if case["status"] == "anti-example":
        return text.startswith("{") and not list(_differences(case, json.loads(text)))
    expected = case["expected"].replace("… ", "…")
    if "title" not in case["record"] and "csl" not in case["record"]:
        if expected.endswith(f" {text}"):
            return True
        if case["style"] in _STOP_OF_THE_LIST:
            return bool(text.removesuffix(".") == expected.removesuffix("."))
    return bool(text.replace("… ", "…") == expected)


def record_of(case: Case) -> Record:
    """The record that a case describes."""
    described = case["record"]
    authors, truncated = _authors(described)
    society = "" if case["society"] == "-" else case["society"]
    kind = described.get("type", "")
    is_abstract = kind in {"abstract", "presentation"} or bool(
        society or "abstract_no" in described or "supplement" in described
    )
    journal = journal_of(described.get("container", ""))
    is_short = journal is None or journal.short == described.get("container")
    year = described.get("year")
    return Record(
        title=RichText.parse(escape(described.get("title", _TITLE), quote=False)),
        type="meeting-abstract" if is_abstract else "article",
        authors=authors,
        authors_truncated=truncated,
        container="" if is_short else described.get("container", ""),
        container_short=(described.get("container") or ("Cancer Res" if society == "AACR" else "")) if is_short else "",
        volume=described.get("volume", ""),
        issue=described.get("issue", ""),
        supplement=described.get("supplement", "") or ("Suppl" if _unnumbered(described) else ""),
        pages=described.get("page", ""),
        number=described.get("abstract_no", ""),
        issued=PartialDate(year, _month(described.get("month"))) if year else None,
        meeting=meeting_of(described, society) if society or "event" in described else None,
        presentation=_PRESENTED.get(str(described.get("genre", "")).lower().removeprefix("e-").partition(" ")[0]),
        ids=Ids(doi=described.get("doi", "").lower() or None, pmid=described.get("pmid")),
    )


_PRESENTED: Final[dict[str, Presentation]] = {
    "poster": "poster",
    "oral": "oral",
    "paper": "oral",
    "talk": "oral",
    "plenary": "plenary",
}


def _month(value: int | str | None) -> int | None:
    """A month by its number or its name."""
    return english_month(value) if isinstance(value, str) and not value.isdecimal() else int(value) if value else None


def _unnumbered(described: Mapping[str, Any]) -> bool:
    """Whether a case means a supplement without a number: it has the field, empty, and a page."""
    return described.get("supplement") == "" and "page" in described and "abstract_no" not in described


def meeting_of(described: Mapping[str, Any], society: str) -> Meeting:
    """The meeting that a case describes."""
    dates = read_dates(described["dates"]) if "dates" in described else ()
    start, end = (PartialDate.parse(described[name]) if name in described else None for name in ("start", "end"))
    return Meeting(
        name=described.get("event") or society,
        society=society,
        place=described.get("place", ""),
        start=dates[0][0] if dates else start,
        end=dates[-1][1] if dates else end,
    )


def _authors(described: Mapping[str, Any]) -> tuple[tuple[Person, ...], bool]:
    return read_people(", ".join(described.get("authors") or described.get("authors_full") or ()))


def _printed(style: str, csl_item: Mapping[str, Any]) -> str:
    found, _ = _styles().load(style)
    document = csl.format_document(found, {"it": csl_item}, [], uncited=("it",))
    text = csl.to_text(document.bibliography[0].content)
    return re.sub(r"^(?:\(1\)|\[1\]|1\.?)\s*", "", text).strip()


@functools.cache
def _styles() -> Styles:
    return Styles()


def _shown(record: Record) -> Iterator[tuple[str, Any]]:
    """The fields of a record that was read, as cases name them."""
    yield "type", record.type
    if record.authors:
        yield "authors", [person.short for person in record.authors]
    part = VolumePart.of(record.issue, record.supplement)
    plain = {
        "container": record.container_short or record.container,
        "title": record.title.plain,
        "volume": record.volume,
        "issue": part.issue,
        "supplement": part.suppl,
        "page": record.pages,
        "abstract_no": record.number,
        "doi": record.ids.doi,
        "pmid": record.ids.pmid,
        "year": record.issued.year if record.issued else None,
        "month": record.issued.medline.partition(" ")[2][:3] if record.issued else "",
        "genre": (record.presentation or "").capitalize(),
        "society": society_of(record),
    }
    if record.meeting:
        start, end = record.meeting.start, record.meeting.end
        plain |= {"event": record.meeting.name, "place": record.meeting.place, "start": str(start or "")}
        plain |= {"end": str(end or "")}
    yield from ((name, value) for name, value in plain.items() if value)


def _differences(case: Case, read: Mapping[str, Any]) -> Iterator[str]:
    """The fields that were not read as the case has them."""
    for name, value in case["record"].items():
        mine = read.get(name, "")
        match name:
            case "type":
                same = value != "abstract" or mine == "meeting-abstract"
            case "authors":
                same = len(mine) == len(value) and all(map(_same_person, mine, value))
            case "container":
                first, second = journal_of(mine), journal_of(value)
                same = mine == value or (first is not None and first == second)
            case "supplement" | "issue":
                # “15_suppl” is the supplement to issue 15, whichever field holds it.
                wanted = VolumePart.of(case["record"].get("issue", ""), case["record"].get("supplement", ""))
                same = mine == (wanted.suppl if name == "supplement" else wanted.issue or "")
                if name == "supplement" and value == "" and case["record"].get("issue"):
                    same = mine in {"", case["record"]["issue"]}  # a supplement to the issue, without a number
            case "page":
                same = mine == read_pages(value)
            case "doi":
                same = mine == value.lower()
            case "event":
                same = value in mine or value == read.get("society")
            case "category":
                same = str(read.get("abstract_no", "")).startswith(value)
            case _:
                same = str(mine) == str(value)
        if not same:
            yield name


def _same_person(mine: str, theirs: str) -> bool:
    """Whether names agree; a string that has lost initials cannot give them back, and MEDLINE has no hyphens in them."""
    family, _, initials = mine.rpartition(" ")
    wanted, _, letters = theirs.rpartition(" ")
    return family == wanted and letters.replace("-", "").startswith(initials)


def main(arguments: list[str]) -> int:
    """Runs a file; 0 when all passed."""
    if len(arguments) != 1:
        sys.stderr.write(__doc__ or "")
        return 2
    counts = {True: 0, False: 0}
    for case in json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["cases"]:
        try:
            text = got(case)
            passed = passes(case, text)
        except Exception as error:  # noqa: BLE001 - an error is an outcome here
            text, passed = f"{type(error).__name__}: {error}", False
        counts[passed] += 1
        sys.stdout.write(f"{case['id']}\t{'pass' if passed else 'fail'}\t{' '.join(text.split())}\n")
    sys.stdout.write(f"{counts[True]} passed, {counts[False]} failed\n")
    return 0 if not counts[False] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
