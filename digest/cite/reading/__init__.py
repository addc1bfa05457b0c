"""A citation that somebody pasted, read back into a record: the societies' own forms, and those seen in the wild.

The citation is cut once (`digest.cite.reading.line`): number and identifiers, people and year at the front, and, where
tags were lost and everything runs into everything, the cuts that names and known journals show. Then the readers of
`READERS` are asked in their order, and the first that finds something is right. A new kind of citation is a new reader,
with three lines as examples.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from html import escape
from typing import Any, Final

from msgspec import Struct

from digest.cite.numbering import decoded_text
from digest.cite.reading import articles, books, elsewhere
from digest.cite.reading.dates import issue_date
from digest.cite.reading.events import meeting_at_title
from digest.cite.reading.landmarks import CODE
from digest.cite.reading.line import Fields, Line
from digest.cite.reading.meetings import Remark, is_meeting, meeting_of, read_remark
from digest.cite.reading.numbers import is_numbered, number_at_title, without_quotes
from digest.cite.reading.people import read_people
from digest.cite.societies import (
    Journal,
    book,
    completed,
    is_of_meeting,
    journal_of,
    shows_abstract,
    society_of,
    with_doi,
)
from digest.cite.tokens import VolumePart
from digest.errors import Problem
from digest.model import Ids, Record
from digest.text import RichText

__all__ = [
    "READERS",
    "CitationReader",
    "Reading",
    "Remark",
    "read_citation",
    "read_people",
    "read_reference",
    "read_remark",
]

_LOG: Final = logging.getLogger(__name__)
_LONGEST: Final = 5_000  # of one citation with its authors


class CitationReader(Struct, frozen=True):
    """One kind of citation.

    Attributes:
        name: a short name, as ``--debug`` shows it.
        read: the fields of a citation of this kind; nothing for any other.
        examples: lines that it reads, and no reader before it.
    """

    name: str
    read: Callable[[Line], Fields | None]
    examples: tuple[str, str, str]


# In this order: a society's own form is the surest, and the last reader takes any title for which there is a year.
READERS: Final = (
    CitationReader(
        "society-form",
        articles.society_form,
        (
            "J Clin Oncol 32:5s, 2014 (suppl; abstr 4021)",
            "Roe J, Poe A. Geese in winter. Cancer Res 2018;78(13 Suppl):Abstract nr 2612.",
            "Roe J, Poe A, Doe K. Walking for ducks. Gut 2014;63(9):1059.",
        ),
    ),
    CitationReader(
        "part-of-book",
        books.part_of_book,
        (
            "Roe J, Lee K. Feathers of ducks. In: Poe A, editor. Handbook of Ducks. Oxford: Wiley; 2018. p. 12-34.",
            "Roe, J. (2014). Feathers. In A. Poe (Ed.), Handbook of ducks (pp. 12-34). Springer.",
            "Roe J. Finding feathers. In: Proceedings of the 12th Duck Conference, Oslo; 2014. p. 45-52.",
        ),
    ),
    CitationReader(
        "presentation",
        articles.presentation,
        (
            "Roe J, Poe A. Effects of ducks. Presented at: 2014 ASCO Annual Meeting; May 30-June 3, 2014; Chicago, IL.",
            "Roe, J., & Poe, A. (2014, May 30–June 3). Effects of ducks [Poster presentation]. Duck Congress, Oslo.",
            "Roe J. Ducks [poster]. ESMO Congress; 26-30 September 2014; Madrid, Spain.",
        ),
    ),
    CitationReader(
        "journal",
        articles.journal_article,
        (
            "Roe J, Poe A. A study of ducks. Nature. 2021 Dec 21;600(7889):10-11.",
            "RoeJAPoeKThe incidence of geeseArch Intern Med20111712125",
            "Annals of Oncology, Volume 28, Issue suppl_5, 1 September 2017, mdx367.035",
        ),
    ),
    CitationReader(
        "meeting",
        elsewhere.meeting_abstract,
        (
            "Roe J, Poe A. Effects of ducks on ponds [abstract]. 39th Duck Congress, Oslo, 2014.",
            "Roe J, Poe A. Effects of ducks on ponds. European Pancreatic Club Meeting, Oslo, Norway, 2014.",
            "Roe J, Poe A. Effects of ducks on ponds. Annual Duck Symposium. June 2014.",
        ),
    ),
    CitationReader(
        "short-form",
        elsewhere.short_form,
        (
            "Roe J, et al. DUCKS 2021. 803",
            "Roe J, Poe A. GEESE 2019. P-45",
            "Roe J, Poe A. DUCKS 2017: 1234",
        ),
    ),
    CitationReader(
        "trial",
        elsewhere.registered_trial,
        (
            "ClinicalTrials.gov. Lanreotide in ducks with ponds. NCT01077154. Accessed May 3, 2014.",
            "Goose Pharma. Study of lanreotide in ducks. ClinicalTrials.gov identifier: NCT01077154. 2014.",
            "Study of lanreotide in ducks. ClinicalTrials.gov NCT01077154. Updated May 2014.",
        ),
    ),
    CitationReader(
        "thesis",
        elsewhere.thesis,
        (
            "Roe J. Feathers of ducks in winter [dissertation]. Oslo: University of Oslo; 2014.",
            "Roe, J. (2014). Feathers of ducks in winter [Doctoral dissertation]. University of Oslo.",
            "Roe J. Feathers of ducks in winter. PhD thesis, University of Oslo, 2014.",
        ),
    ),
    CitationReader(
        "book",
        elsewhere.published_book,
        (
            "Roe JA. Handbook of Geese. 2nd ed. New York: Springer; 2010.",
            "Roe, J. (2010). Handbook of geese. Goose University Press.",
            "Goose Society. Geese of the world. Geneva: Goose Press; 2012.",
        ),
    ),
    CitationReader(
        "web",
        elsewhere.web_page,
        (
            "Goose Society. Facts about geese. Available from: https://example.org/geese. Accessed May 3, 2014.",
            "Goose Society. Facts about geese [Internet]. 2014 [cited 2014 May 3]. Available from: https://example.org/",
            "Roe J. Facts about geese. Version 4.0. 2014. https://example.org/geese",
        ),
    ),
    CitationReader(
        "chapter",
        elsewhere.chapter,
        (
            "Roe J, Poe A. 2006. Above the water of ponds. In Ecology and Conservation of Ducks",
            "Roe J, Poe A (2014). Feathers of ducks. In: The duck in winter",
            "Roe J. 2012. Feathers of ducks. In: The goose and the pond",
        ),
    ),
    CitationReader(
        "other",
        elsewhere.anything,
        (
            "Roe J, Poe A. 2001. Frost in needles of spruce in the north. Trees 171-176.",
            "Roe J, Poe A (2012). Effects of ducks on ponds. Ponds and Lakes of the North",
            "Roe J, Poe A. Effects of ducks on ponds in winter. Oslo 2014.",
        ),
    ),
)


class Reading(Struct, frozen=True):
    """A record that was read from a citation.

    Attributes:
        record: the record.
        doubts: what was guessed, a sentence each.
        reader: the name of the reader that recognised it.
    """

    record: Record
    doubts: tuple[str, ...] = ()
    reader: str = ""


def read_citation(text: str, file: str = "", line: int | None = None) -> Record | Problem:
    """The record that a citation describes, or the problem that none was recognised."""
    found = read_reference(text, file, line)
    return found.record if isinstance(found, Reading) else found


def read_reference(text: str, file: str = "", line: int | None = None) -> Reading | Problem:
    """The record that a citation describes with what was guessed, or the problem that none was recognised.

    A citation without a title, such as ``J Clin Oncol 32, 2014 (suppl; abstr e15166)``, gets one in square brackets, as
    NLM marks what a cataloguer has supplied: ``[Abstract e15166]``.

    Args:
        text: the citation.
        file: where it is from, for the problem.
        line: its line there.
    """

    def problem(message: str) -> Problem:
        return Problem(level="warning", code="unread-citation", message=message, file=file, line=line)

    plain = re.sub(r"\s+", " ", decoded_text(text)).strip() if len(text) <= 2 * _LONGEST else text
    if len(plain) > _LONGEST:
        return problem(f"“{plain[:80]}…” is {len(plain)} characters long: expected one citation, of {_LONGEST} at most")
    try:
        cut = Line.of(plain)
        for reader in READERS:
            if found := reader.read(cut):
                _LOG.debug("read as %s: %s", reader.name, plain)
                values = _dated(found.values, cut)
                return Reading(_record(values, cut.ids), (*cut.doubts, *found.doubts), reader.name)
    except ValueError as error:  # a day that does not exist, an identifier that is not one
        return problem(f"“{plain[:80]}”: {error}")
    return problem(f"no citation was recognised in “{plain[:80]}”: expected at least a journal or meeting, and a year")


def _dated(fields: dict[str, Any], cut: Line) -> dict[str, Any]:
    """The fields with month and day of publication, where the citation has them and the reader took the year."""
    issued = fields.get("issued")
    if issued is None or issued.month or not fields.get("container"):
        return fields
    return {**fields, "issued": issue_date(cut.text, issued.year, fields.get("volume", ""), cut.opening.days) or issued}


def _take_number(fields: dict[str, Any]) -> None:
    """Moves the number before or after the title into its field; pages that are the same number are that number.

    Where the citation names the number besides, they are its page, too: “Blood. 2016;128(22):3712. Abstract 3712.”
    """
    pages = fields.get("pages", "")
    title = without_quotes(fields.get("title", ""))
    named = fields.get("number", "")
    fields["title"], number = number_at_title(title, named, pages)
    if number:
        fields["number"] = number
        fields["pages"] = "" if pages.casefold() == number.casefold() and not (named and pages.isdigit()) else pages


# ATS and AHA: A1234; ERS: PA1234, OA123; ESC: P1234; AGA: S-298
_PAGE_OF_ABSTRACT: Final = re.compile(r"(?:A|P|PA|OA|OP|EP)\d{3,5}|S-\d{1,4}")


def _is_page_of_abstract(journal: Journal | None, fields: dict[str, Any]) -> bool:
    """Whether a society's journal gives such a page to abstracts only."""
    return journal is not None and _PAGE_OF_ABSTRACT.fullmatch(fields.get("pages", "")) is not None


# EULAR's THU0123, EASL's FRI-384: never a page, whatever journal it is in
_NUMBER_BY_DAY: Final = re.compile(r"(?:SUN|MON|TUE|WED|THU|FRI|SAT)-?\d{2,4}")


def _record(fields: dict[str, Any], ids: dict[str, Any]) -> Record:
    journal = journal_of(fields.get("container", ""))
    issued = fields.get("issued")
    year = issued.year if issued else None
    part = VolumePart.of(fields.get("issue", ""), fields.get("supplement", ""))
    if shows_abstract(ids.get("doi", ""), fields.get("pages", ""), year) or (
        journal and year and is_of_meeting(journal.short, year, fields.get("volume", ""), part)
    ):
        fields["type"] = "meeting-abstract"
        if journal and journal.locator == "number" and not fields.get("number"):
            fields["number"], fields["pages"] = fields.get("pages", ""), ""
    if _NUMBER_BY_DAY.fullmatch(fields.get("pages", "")):
        pages = fields.pop("pages")
        fields |= {"number": fields.get("number") or pages, "type": "meeting-abstract"}
    known = fields.get("meeting")
    own = known is None or known.name == known.society  # from the journal only
    if fields.get("container") and own and (named := meeting_at_title(fields.get("title", ""))):
        fields |= {"title": named[0], "meeting": named[1], "type": "meeting-abstract"}
        if not fields.get("number") and re.fullmatch(CODE, fields["container"]):  # … Congress 2025. OR01
            fields["number"] = fields.pop("container")
    elif own and not fields.get("authors") and is_meeting(fields.get("title", "")):
        fields |= {"title": "", "meeting": meeting_of(fields["title"]), "type": "meeting-abstract"}
    if fields["type"] == "article" and (is_numbered(fields.get("title", "")) or _is_page_of_abstract(journal, fields)):
        fields["type"] = "meeting-abstract"
    if fields["type"] == "meeting-abstract":
        _take_number(fields)
    named = fields["type"] == "meeting-abstract" and (fields.get("number") or fields.get("pages"))
    title = without_quotes(fields.pop("title", "")) or (f"[Abstract {named}]" if named else "[Untitled]")
    record = Record(title=RichText.parse(escape(title, quote=False)), ids=Ids(**ids), **fields)
    return _with_volume(with_doi(record)) if record.type == "meeting-abstract" else record


def _with_volume(record: Record) -> Record:
    """A record with a number and no place, with volume and part from the table; not from rows to be verified."""
    if not (record.number and record.issued) or record.volume or record.issue or record.supplement:
        return record
    year, society = record.issued.year, society_of(record)
    rows = [row for row in book().meetings if row.society == society and row.year == year]
    return record if any(not row.verified for row in rows) else completed(record)
