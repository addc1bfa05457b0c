"""Publication types and parts of a citation, which PubMed XML, MEDLINE text and Europe PMC's JSON name alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest import trials
from digest.model import Person
from digest.text import without_control
from digest.vocabulary import group_alone

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from digest.model import PartialDate, RecordType
    from digest.sources.shared.draft import Draft

# MeSH publication types, and those that Europe PMC and ERIC add. "Congress" is a whole congress or a paper of one;
# together with "Journal Article" it is an article.
_TYPES: Final[Mapping[str, RecordType]] = {
    "meeting abstract": "meeting-abstract",
    "meeting abstracts": "meeting-abstract",
    "preprint": "preprint",
    "dataset": "dataset",
    "academic dissertation": "thesis",
    "technical report": "report",
    "book chapter": "chapter",
    "book": "book",
    "book-chapter": "chapter",
}
_WEAK_TYPES: Final[Mapping[str, RecordType]] = {"congress": "meeting-abstract", "congresses": "meeting-abstract"}
_WITHDRAWN: Final = frozenset(
    {
        "retracted publication",
        "retractionin",
        "retraction in",
        "withdrawn publication",
        "retracted",
        "withdrawal in",
        "removed",
    }
)
_CORRECTED: Final = frozenset(
    {
        "erratumin",
        "erratum in",
        "correctedandrepublishedin",
        "corrected and republished in",
        "corrected and republished",
        "corrected and republished article",
    }
)
_SUPPLEMENT_BEHIND: Final = re.compile(r"(\S{1,20})\s{1,3}((?:Suppl|Spec)\b.{0,40})", re.IGNORECASE)
_NUMBER_OF_ARTICLE: Final = re.compile(r"(?:[A-Za-z]{1,4}-?)?\d{1,8}")


def set_type(draft: Draft, types: Iterable[str]) -> None:
    """Set the type of a record from a list of publication types."""
    names = [name.strip().lower() for name in types]
    for name in names:
        if kind := _TYPES.get(name):
            draft.type = kind
            break
    else:
        if not {"journal article", "research-article", "journal-article"} & set(names):
            draft.type = next((kind for name in names if (kind := _WEAK_TYPES.get(name))), None)
    set_status(draft, names)


def set_status(draft: Draft, words: Iterable[str]) -> None:
    """Set the status of a record from publication types, or kinds of links between citations: withdrawn, corrected."""
    for word in words:
        name = word.strip().lower()
        if name in _WITHDRAWN:
            draft.status = "withdrawn"
        elif name in _CORRECTED and draft.status == "final":
            draft.status = "corrected"
        elif name in {"expressionofconcernin", "expression of concern in"}:
            draft.tell("warning", "concern", "its journal has published an expression of concern about it")


def set_part(draft: Draft, volume: str, issue: str) -> None:
    """Set volume, issue and supplement; NLM puts a supplement after the volume where the issue is missing."""
    draft.volume, draft.issue = volume.strip(), issue.strip()
    if match := _SUPPLEMENT_BEHIND.fullmatch(draft.volume):
        draft.volume = match[1]
        draft.issue, draft.supplement = (draft.issue, match[2]) if draft.issue else (match[2], "")


def set_number(draft: Draft, number: str) -> None:
    """Set the number of an article without pages: the item identifier that looks like one, if it is in a volume."""
    if not draft.pages and draft.volume and _NUMBER_OF_ARTICLE.fullmatch(number):
        draft.article_number = number


def better_date(printed: PartialDate | None, electronic: PartialDate | None, *, only: bool) -> PartialDate | None:
    """The date of the issue; the day on which it was put online where it is only there and the issue has but a year.

    NLM cites such articles by that day: “2018 Aug 8;9:1110”, followed by “eCollection 2018”.
    """
    if printed is None:
        return electronic
    if only and electronic and printed.month is None and printed.year == electronic.year:
        return electronic
    return printed


def group(name: str) -> Person:
    """The group of this name.

    Raises:
        ValueError: the name is empty.
    """
    text = group_alone(" ".join(without_control(name).split()).strip(" ,;."))
    if not text:
        raise ValueError("the name of a group is empty")
    return Person(literal=text)


_REGISTRIES: Final = frozenset(registry.name.casefold() for registry in trials.REGISTRIES)


def registrations(text: str) -> list[str]:
    """The numbers of registries of trials in a databank's name and number, such as ``ISRCTN/ISRCTN57105075``."""
    bank, _, number = text.partition("/")
    known = bank.strip().casefold() in _REGISTRIES
    return [one.number for one in trials.find(number if known else text, running=not known)]


def tell_copyright(draft: Draft, text: str) -> None:
    """Keep what the copyright line of an abstract allows, and report that the line is left out."""
    line = " ".join(text.split())
    if line:
        draft.licence = draft.licence or line[:1000]
        draft.tell("note", "tail", f"left out after the abstract: “{line[:300]}”")
