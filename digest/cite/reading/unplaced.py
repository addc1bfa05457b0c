"""A citation without a place in a journal, cut into its title and what follows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from digest.cite.reading.landmarks import (
    ABSTRACT_NUMBER,
    DESIGNATION,
    EDITION,
    IMPRINT,
    IN_BOOK,
    MONTH_WORD,
    YEAR,
    YEAR_DIGITS,
    is_proper,
)
from digest.cite.reading.titles import without_designation
from digest.cite.tokens import read_dates
from digest.model import PartialDate, Person
from digest.names import is_group

if TYPE_CHECKING:
    from digest.cite.reading.people import Opening

_PUBLISHED: Final = re.compile(
    r"(?:(?P<place>[A-Z][^.:;\d]{1,60}):\s(?P<publisher>[A-Z][^.;:\d]{1,80})"
    r"(?:[;,.]\s?\(?c?(?P<year>(?:19|20)\d\d)|[.;,]?$)"
    r"|(?P<alone>[A-Z][^.,:;\d]{0,60}(?:Press|Publish(?:ing|ers)|Verlag)[^.,:;\d]{0,30}|"
    r"\b(?:Springer|Elsevier|Wiley|Routledge|McGraw-Hill|Karger|Thieme)\b[^.,:;\d]{0,30}))"
)
_POSTED: Final = re.compile(
    rf"(?:(?<=[.;,(])\s?|\()(?:(?:first |last )?(?:published|posted|updated|modified|revised|reviewed)"
    rf"(?: online)?(?: on)?:?\s(?P<day>(?:\d\d?\s)?(?:{MONTH_WORD}\s)?(?:\d\d?,?\s)?{YEAR_DIGITS})[.;)]{{0,2}}\s?)+",
    re.IGNORECASE,
)
_VISITED: Final = re.compile(
    r"[\s.;,([]{0,3}(?:\b(?:last )?(?:accessed|retrieved|cited|visited)\b(?: on| at)?:?)[^.)\]]{0,40}[.)\]]{0,2}"
    r"|[\s.;,(]{0,3}(?:\b|(?<=\d))(?:Available(?: (?:from|at|online)\b|:)|Retrieved from\b|URL\b):?"
    r"|\s?\[(?:Internet|Online|WWW Document|Webpage|Web page|Website)\][.,]?|(?<=\.)\sOnline\.",
    re.IGNORECASE,
)
_TRIAL: Final = re.compile(r"\b(?:ClinicalTrials\.gov|identifier|regist(?:ry|er)|EudraCT|EU CT)\b", re.IGNORECASE)
_TRIAL_WORDS: Final = re.compile(
    r"(?:ClinicalTrials\.gov(?: (?:website|registry|database))?\s?)?(?:(?:NLM|registration|trial) )?"
    r"(?:Identifier|number|registry)s?\b:?"
    rf"|\b(?:Last )?Updated:?\s(?:{MONTH_WORD}\s)?(?:\d\d?,?\s)?\d{{4}}\.?",
    re.IGNORECASE,
)
_YEAR_AT_END: Final = re.compile(rf"[\s,;:.(]{{0,3}}\b{YEAR_DIGITS}[\s).,;]*$")
_QUOTED: Final = re.compile(r"[“\"‘'](?P<title>.{8,400}?)[.,?!]?[”\"’'](?=[\s,.])")
_SENTENCE_END: Final = re.compile(r"[.?!](?=\s+(?:[^\W_a-z]|\w{2,6}Rxiv)|$)")
_ABBREVIATED: Final = re.compile(r"(?:\b(?:[A-Z]|vs|St|Dr|No|Vol|ed|cf|e\.g|i\.e))$")


class Unplaced(Struct, frozen=True):
    """A citation cut without a place in a journal.

    Attributes:
        text: the citation without its people.
        bare: the same without its dates of posting and of access, and without where it is available.
        fields: title, people and date as fields of a record.
        after: what follows the title.
        container: the same without marks around it.
        designated: whether it is called an abstract.
        number: the number of an abstract.
        published: place and publisher.
        inside: whether “In” follows the title.
        trial: whether it is in a register of trials.
        online: whether it has an address, or says where it is available or when it was accessed.
        doubts: what was guessed.
    """

    text: str
    bare: str
    fields: dict[str, Any]
    after: str
    container: str
    designated: bool
    number: re.Match[str] | None
    published: re.Match[str] | None
    inside: bool
    trial: bool
    online: bool
    doubts: tuple[str, ...]


def unplaced(text: str, opening: Opening, ids: dict[str, Any]) -> Unplaced | None:
    """Title, date and what follows the title; nothing where it is not sure that these are parts of a citation.

    Raises:
        ValueError: the day on which it was posted does not exist.
    """
    bare = _VISITED.sub(lambda match: ". " if match[0].strip().startswith("[") else " ", text)
    visited = bare != text
    day = next((match[0] for match in _VISITED.finditer(text) if re.search(YEAR_DIGITS, match[0])), "")
    posted = _POSTED.search(bare)
    bare = re.sub(r"([.,?!])\s?\.(?=\s|$)", r"\1", _POSTED.sub(". ", bare))
    years = [match[0] for match in YEAR.finditer(bare)]
    year = opening.year or (years[-1] if years else "")
    designated, inside = DESIGNATION.search(bare), IN_BOOK.search(bare)
    imprint = None if inside or designated or visited else IMPRINT.search(_YEAR_AT_END.sub("", bare))
    if imprint and opening.people and imprint.start() > 4:
        title, after = bare[: imprint.start()], bare[imprint.start() :]
    else:
        title, after = _title_and_rest(bare, designated, inside)
    title = without_designation(re.sub(rf"\s?\({YEAR_DIGITS}[a-z]?\)$", "", EDITION.sub("", title)))
    published = _PUBLISHED.search(after)
    trial = not ids.keys().isdisjoint(("nct", "trials")) and _TRIAL.search(f"{text} {ids.get('url', '')}") is not None
    after = _TRIAL_WORDS.sub(" ", after) if trial else after
    people = opening.people
    if (trial or visited) and not people and (found := _organisation(title, after)):
        people, title, after = found
    words = len(re.findall(r"[^\W\d_]{2,}", title))
    if words == 1 and people and published:
        words = 2  # “Cancer. Geneva: WHO Press; 2012”
    sure = bool(trial or opening.people or ids or published or visited or designated or inside)
    if words < (2 if people or ids else 3) or title[:1].islower() or not sure or not (year or ids):
        return None
    fields: dict[str, Any] = {"title": title.strip(" .,"), **opening.fields}
    if people and not opening.people:
        fields["authors"] = people
    if posted and not opening.year:
        ((fields["issued"], _),) = read_dates(posted["day"])
    elif year:
        fields["issued"] = PartialDate(int(year))
    return Unplaced(
        text=text,
        bare=bare,
        fields=fields,
        after=after,
        container=re.sub(r"\s{2,}", " ", after).strip(" .,;:()[]<>")[:300],
        designated=designated is not None,
        number=ABSTRACT_NUMBER.search(text),
        published=published,
        inside=inside is not None,
        trial=trial,
        online=visited or "url" in ids,
        doubts=(f"“{day.strip(' .,;()[]')}” is not a date of publication; it was left out",) if day else (),
    )


def _title_and_rest(bare: str, designated: re.Match[str] | None, inside: re.Match[str] | None) -> tuple[str, str]:
    """The title, by quotation marks, by “In”, by “[abstract]” or as the first sentence, and what follows it."""
    if quoted := _QUOTED.match(bare):
        return quoted["title"], bare[quoted.end() :]
    if inside:
        return bare[: inside.start()], bare[inside.end() :]
    if designated:
        title, _, after = bare.partition(designated[0])
        return title, re.sub(r"^[^\])]{0,40}[\])]", "", after)
    ends = (match.start() for match in _SENTENCE_END.finditer(bare))
    end = next((end for end in ends if not _ABBREVIATED.search(bare[:end])), len(bare))
    question = bare[end : end + 1] in {"?", "!"}
    return bare[: end + question], bare[end + 1 :]


def _organisation(title: str, after: str) -> tuple[tuple[Person, ...], str, str] | None:
    """Who made a page, its title and what follows, where a name comes first: “Ipsen. Study of lanreotide.”."""
    name = title.strip(" .,")
    following = re.match(r"\s{0,2}(?P<title>[A-Z][^.?!]{8,300}\??)(?:[.!]\s?|$|(?<=\?))", after)
    if following is None or not is_proper(name) or len(name.split()) > 8 or len(following["title"].split()) < 2:
        return None
    if is_group(following["title"]) and is_proper(following["title"]):
        return None
    if re.match(r"(?:Version|Updated|Accessed|Published|ClinicalTrials|EudraCT|ISRCTN)\b", following["title"]):
        return None
    return (Person(literal=name),), following["title"].strip(), after[following.end() :]
