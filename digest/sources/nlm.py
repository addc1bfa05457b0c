"""What PubMed XML, MEDLINE text and Europe PMC's JSON say in the same words: publication types, parts of a citation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.model import Person
from digest.text import without_control

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from digest.model import PartialDate, RecordType
    from digest.sources.draft import Draft

# MeSH publication types, and those that Europe PMC and ERIC add. "Congress" is a whole congress or a paper of one: with
# "Journal Article" beside it, it is an article.
_TYPES: Final[Mapping[str, RecordType]] = {
    "meeting abstract": "meeting-abstract", "meeting abstracts": "meeting-abstract", "preprint": "preprint",
    "dataset": "dataset", "academic dissertation": "thesis", "technical report": "report", "book chapter": "chapter",
    "book": "book", "book-chapter": "chapter",
}  # fmt: skip
_WEAK_TYPES: Final[Mapping[str, RecordType]] = {"congress": "meeting-abstract", "congresses": "meeting-abstract"}
_WITHDRAWN: Final = frozenset({
    "retracted publication", "retractionin", "retraction in", "withdrawn publication", "retracted", "withdrawal in",
    "removed",
})  # fmt: skip
_CORRECTED: Final = frozenset({
    "erratumin", "erratum in", "correctedandrepublishedin", "corrected and republished in", "corrected and republished",
    "corrected and republished article",
})  # fmt: skip
_SUPPLEMENT_BEHIND: Final = re.compile(r"(\S{1,20})\s{1,3}((?:Suppl|Spec)\b.{0,40})", re.IGNORECASE)
_NUMBER_OF_ARTICLE: Final = re.compile(r"(?:[A-Za-z]{1,4}-?)?\d{1,8}")
_FOR_A_GROUP: Final = re.compile(r"(?:and )?(?:on|in) behalf of (?:the )?|for the ", re.IGNORECASE)
_NCT: Final = re.compile(r"\bNCT\d{8}\b", re.IGNORECASE)


def set_type(draft: Draft, types: Iterable[str]) -> None:
    """Sets what kind of publication a list of publication types tells."""
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
    """Sets whether publication types, or kinds of links between citations, say that it was withdrawn or corrected."""
    for word in words:
        name = word.strip().lower()
        if name in _WITHDRAWN:
            draft.status = "withdrawn"
        elif name in _CORRECTED and draft.status == "final":
            draft.status = "corrected"
        elif name in {"expressionofconcernin", "expression of concern in"}:
            draft.tell("warning", "concern", "its journal has published an expression of concern about it")


def set_part(draft: Draft, volume: str, issue: str) -> None:
    """Sets volume, issue and supplement; NLM sets a supplement behind the volume where there is no issue."""
    draft.volume, draft.issue = volume.strip(), issue.strip()
    if match := _SUPPLEMENT_BEHIND.fullmatch(draft.volume):
        draft.volume = match[1]
        draft.issue, draft.supplement = (draft.issue, match[2]) if draft.issue else (match[2], "")


def set_number(draft: Draft, number: str) -> None:
    """Sets the number of an article without pages: a publisher's item that looks like one, once it is in a volume."""
    if not draft.pages and draft.volume and _NUMBER_OF_ARTICLE.fullmatch(number):
        draft.article_number = number


def better_date(printed: PartialDate | None, electronic: PartialDate | None, *, only: bool) -> PartialDate | None:
    """The date of the issue; the day on which it was put online where it is only there and the issue has but a year.

    NLM cites such articles by that day: “2018 Aug 8;9:1110”, with “eCollection 2018” behind it.
    """
    if printed is None:
        return electronic
    if only and electronic and printed.month is None and printed.year == electronic.year:
        return electronic
    return printed


def group(name: str) -> Person:
    """A group under its name.

    Raises:
        ValueError: the name is empty.
    """
    text = " ".join(without_control(name).split()).strip(" ,;.")
    if match := _FOR_A_GROUP.match(text):
        text = text[match.end() :]
    if not text:
        raise ValueError("the name of a group is empty")
    return Person(literal=text)


def trials(text: str) -> list[str]:
    """The registration numbers in a text, such as ``ClinicalTrials.gov/NCT01077154``."""
    return [number.upper() for number in _NCT.findall(text)]


def tell_copyright(draft: Draft, text: str) -> None:
    """Keeps what an abstract's copyright line allows, and tells that it is left out."""
    line = " ".join(text.split())
    if line:
        draft.licence = draft.licence or line[:1000]
        draft.tell("note", "tail", f"left out behind the abstract: “{line[:300]}”")
