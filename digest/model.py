"""The values of the house: records, people, dates, meetings, articles, issues. Frozen, complete when constructed.

The types also are the file formats: a record file is a `Record`, ``issue.yaml`` an `IssueFile`, the front matter of an
article an `ArticleFile`, ``digest.yaml`` a `Publication`. Each type's ``Attributes`` become the descriptions in its
JSON Schema (`digest.schema`), and the constraints here are the ones that `digest.strict` enforces while reading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from msgspec import Meta, Struct

from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


Path = tuple[str | int, ...]


class InconsistentError(ValueError):
    """Parts of a value contradict each other.

    Attributes:
        mistakes: each as the path of the part inside the value, such as ``("authors", 0, "affiliations", 1)``, and
            a message.
    """

    def __init__(self, mistakes: Iterable[tuple[Path, str]]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(message for _, message in self.mistakes))

    @classmethod
    def check(cls, mistakes: Iterable[tuple[Path, str]]) -> None:
        """Raises itself if there are any mistakes."""
        if found := tuple(mistakes):
            raise cls(found)


class PartialDate:
    """A year, a month of a year, or a day; as much as is known. Sorts by time, an unknown part first."""

    __slots__ = ("day", "month", "year")
    year: int
    month: int | None
    day: int | None

    def __init__(self, year: int, month: int | None = None, day: int | None = None) -> None:
        if not 1 <= year <= 9999:
            raise ValueError(f"{year} is no year between 1 and 9999")
        if month is None and day is not None:
            raise ValueError("a day needs its month")
        if month is not None and not 1 <= month <= 12:
            raise ValueError(f"there is no month {month}")
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if month is not None and day is not None:
            last = 28 if month == 2 and not leap else _DAYS[month - 1]
            if not 1 <= day <= last:
                raise ValueError(f"{MONTHS[month - 1]} {year} has no day {day}")
        for name, value in (("year", year), ("month", month), ("day", day)):
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"PartialDate is frozen: {name} cannot be set")

    def __reduce__(self) -> tuple[type[Self], tuple[int, ...]]:
        return type(self), self.parts

    @classmethod
    def parse(cls, text: str) -> Self:
        """A date written as ``2014``, ``2014-05`` or ``2014-05-20`` (ISO 8601, reduced precision allowed).

        Raises:
            ValueError: another form, or a day that does not exist.
        """
        match = re.fullmatch(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text.strip(), re.ASCII)
        if not match:
            raise ValueError(f"“{text}” is not a date such as 2014-07-28, 2014-07 or 2014")
        return cls(*(int(part) if part else None for part in match.groups()))  # type: ignore[arg-type]  # the pattern always gives a year

    @property
    def parts(self) -> tuple[int, ...]:
        """What is known, from year to day; the form of CSL's ``date-parts``."""
        return tuple(part for part in (self.year, self.month, self.day) if part is not None)

    @property
    def month_name(self) -> str:
        """``July``; empty when the month is not known."""
        return MONTHS[self.month - 1] if self.month else ""

    @property
    def long(self) -> str:
        """``28 July 2014``, ``July 2014`` or ``2014``."""
        return " ".join(str(part) for part in (self.day, self.month_name, self.year) if part)

    @property
    def medline(self) -> str:
        """``2014 Jul 28``, the order of NLM citations."""
        return " ".join(str(part) for part in (self.year, self.month_name[:3], self.day) if part)

    def is_after(self, other: PartialDate) -> bool:
        """Whether this date begins after the other has ended; false where what is known cannot tell."""
        shared = min(len(self.parts), len(other.parts))
        return self.parts[:shared] > other.parts[:shared]

    def __str__(self) -> str:
        """The ISO form that `parse` reads."""
        return "-".join(f"{part:04d}" if n == 0 else f"{part:02d}" for n, part in enumerate(self.parts))

    def __repr__(self) -> str:
        return f"PartialDate.parse('{self}')"

    def __eq__(self, other: object) -> bool:
        return self.parts == other.parts if isinstance(other, PartialDate) else NotImplemented

    def __lt__(self, other: PartialDate) -> bool:
        return self.parts < other.parts

    def __hash__(self) -> int:
        return hash(self.parts)


def _pattern(pattern: str, noun: str) -> Meta:
    """A constraint whose ``title`` is the noun that a message and a text editor show."""
    return Meta(pattern=rf"^(?:{pattern})$", title=noun)


Name = Annotated[str, Meta(min_length=1, title="some text")]
OptionText = Annotated[str, Meta(title="a value", extra_json_schema={"type": ["string", "number", "boolean"]})]
Key = Annotated[
    str,
    _pattern(
        r"[A-Za-z0-9](?:[A-Za-z0-9_.:/+-]*[A-Za-z0-9_])?",
        "a key of letters, digits and - _ . : / + such as gruener2014",
    ),
]
RecordId = Annotated[str, _pattern(r"\S+", "an id without blanks, such as doi:10.1200/jco.2014.32.15_suppl.e15166")]
FileKey = Annotated[
    str, _pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "the name of a file without its ending, such as e15166")
]
RelativePath = Annotated[
    str,
    _pattern(r"(?!/)(?!.*(?:^|/)\.\.(?:/|$))(?!.*:).+", "a path inside this folder, such as figures/plot.png"),
]
Url = Annotated[str, _pattern(r"https?://[^\s<>\"]+", "an address that begins with https://")]
HostPort = Annotated[
    str, _pattern(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}", "a server and its port, such as localhost:8080")
]
Issn = Annotated[str, _pattern(r"\d{4}-\d{3}[\dX]", "an ISSN such as 1590-8577")]
Orcid = Annotated[str, _pattern(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", "an ORCID iD such as 0000-0002-1825-0097")]
Doi = Annotated[
    str,
    _pattern(
        r"10\.\d{4,9}/[^\sA-Z]+",
        "a DOI in lower case that begins with 10., such as 10.1200/jco.2014.32.15_suppl.e15166",
    ),
]
Pmid = Annotated[str, _pattern(r"[1-9]\d{0,8}", "a PubMed number such as 24857584")]
Pmcid = Annotated[str, _pattern(r"PMC[1-9]\d*", "a PubMed Central number such as PMC3700796")]
Nbk = Annotated[str, _pattern(r"NBK[1-9]\d*", "an NCBI Bookshelf number such as NBK6993")]
Nct = Annotated[str, _pattern(r"NCT\d{8}", "a registration number such as NCT01077154")]
Isbn = Annotated[str, _pattern(r"(?:97[89])?\d{9}[\dX]", "an ISBN without hyphens, such as 9783161484100")]
NumberRange = Annotated[
    str,
    _pattern(
        r"[A-Za-z]{0,6}\d+[A-Za-z]{0,4}(?:-[A-Za-z]{0,6}\d+[A-Za-z]{0,4})?", "numbers such as 4000-4199 or LBA4001"
    ),
]
Language = Annotated[str, _pattern(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "a language tag such as en or pt-BR")]
Mark = Annotated[int, Meta(ge=1, title="the number of an affiliation, counted from 1")]
PageNumber = Annotated[int, Meta(ge=1, title="a page number")]

RecordType = Literal[
    "meeting-abstract",
    "article",
    "chapter",
    "book",
    "report",
    "thesis",
    "preprint",
    "dataset",
    "trial",
    "web",
    "other",
]
Presentation = Literal[
    "oral",
    "poster",
    "poster discussion",
    "publication only",
    "late-breaking",
    "trial in progress",
    "plenary",
    "invited",
]
Order = Literal["number", "date", "title", "relevance"]
Permission = Literal["quote", "full", "none"]
Status = Literal["final", "corrected", "withdrawn"]
# Names of formats (`digest.sources.formats`) and of what a column of a table may hold (`digest.sources.tables`).
FormatName = Literal[
    "", "feed", "pubmed-xml", "nbib", "europepmc-json", "crossref-json", "oai-pmh", "jats", "ris", "bibtex", "csl-json",
    "endnote-xml", "refer", "isi", "csv", "xlsx", "html", "json", "yaml", "text",
]  # fmt: skip
ColumnField = Literal[
    "title", "number", "authors", "first_author", "presenter", "coauthors", "affiliations", "abstract", "keywords",
    "track", "presentation", "doi", "pmid", "pmcid", "nct", "url", "isbn", "issn", "eissn", "container",
    "container_short", "issued", "presented", "year", "volume", "issue", "supplement", "pages", "first_page",
    "last_page", "article_number", "publisher", "language", "editors", "embargo_until", "licence", "meeting", "status",
    "type", "citation", "part", "ignore",
]  # fmt: skip
NoticeKind = Literal["erratum", "withdrawal", "update"]


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who wrote something: a person, or a group under its one name (`literal`).

    Attributes:
        family: family name, such as ``Saif``.
        given: given names as printed, such as ``Muhammad Wasif``.
        initials: the initials where the given names are not known, such as ``MW``.
        particle: what stands before the family name and is not sorted by, such as ``van der``.
        suffix: what stands behind the name, such as ``Jr``.
        literal: the whole name of a group, such as ``Beat AML Study Group``; instead of all the above.
        orcid: ORCID iD without its address.
        affiliations: numbers of this person's affiliations, counted from 1 as they are printed.
    """

    family: str = ""
    given: str = ""
    initials: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""
    orcid: Orcid | None = None
    affiliations: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.family) == bool(self.literal):
            raise ValueError("a person has a family name, a group a literal name: give one of the two")
        if self.literal and (self.given or self.initials or self.particle or self.suffix):
            raise ValueError("a group has a literal name and no other names")

    @property
    def initial_letters(self) -> str:
        """``MW``: the initials given, or else those of the given names (``Pirkko-Liisa`` gives ``PL``)."""
        return self.initials or "".join(part[0].upper() for part in re.split(r"[\s.-]+", self.given) if part)

    @property
    def family_name(self) -> str:
        """Family name with its particle, or the name of the group."""
        return self.literal or " ".join(part for part in (self.particle, self.family) if part)

    @property
    def full(self) -> str:
        """``Muhammad Wasif Saif``: as above a title."""
        given = self.given or self.initials
        return " ".join(part for part in (given, self.family_name, self.suffix) if part)

    @property
    def short(self) -> str:
        """``Saif MW``: as in an index."""
        return " ".join(part for part in (self.family_name, self.initial_letters, self.suffix) if part)


class Meeting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A meeting at which abstracts were presented.

    Attributes:
        name: full name, such as ``50th ASCO Annual Meeting 2014``.
        society: short name of the society, such as ``ASCO``.
        place: city and country, such as ``Chicago, IL, USA``.
        start: first day.
        end: last day.
    """

    name: Name
    society: str = ""
    place: str = ""
    start: PartialDate | None = None
    end: PartialDate | None = None

    def __post_init__(self) -> None:
        if self.start and self.end and self.start.is_after(self.end):
            raise InconsistentError([(("end",), f"the meeting ends ({self.end}) before it starts ({self.start})")])

    @property
    def dates(self) -> str:
        """``May 30 - June 3, 2014``, or ``January 22-24, 2010`` within one month; empty when not known."""
        start, end = self.start or self.end, self.end or self.start
        if start is None or end is None:
            return ""
        if start.day is None or end.day is None:
            first, last = (" ".join(p for p in (d.month_name, str(d.year)) if p) for d in (start, end))
            return first if first == last else f"{first} - {last}"
        if start == end:
            return f"{start.month_name} {start.day}, {start.year}"
        if start.year != end.year:
            return f"{start.month_name} {start.day}, {start.year} - {end.month_name} {end.day}, {end.year}"
        if start.month != end.month:
            return f"{start.month_name} {start.day} - {end.month_name} {end.day}, {end.year}"
        return f"{start.month_name} {start.day}-{end.day}, {end.year}"

    @property
    def event_line(self) -> str:
        """``Highlights from the “50th ASCO Annual Meeting 2014”. Chicago, IL, USA. May 30 - June 3, 2014``."""
        return ". ".join(part for part in (f"Highlights from the “{self.name}”", self.place, self.dates) if part)


class Ids(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Under which names others know a record, each in its canonical spelling.

    Attributes:
        doi: Digital Object Identifier, lower case, without an address before it.
        pmid: PubMed number.
        pmcid: PubMed Central number with ``PMC``.
        nbk: NCBI Bookshelf number with ``NBK``.
        isbn: ISBN without hyphens.
        url: address of the record's own page.
        nct: ClinicalTrials.gov registration numbers.
    """

    doi: Doi | None = None
    pmid: Pmid | None = None
    pmcid: Pmcid | None = None
    nbk: Nbk | None = None
    isbn: Isbn | None = None
    url: Url | None = None
    nct: tuple[Nct, ...] = ()


class AbstractPart(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One labelled part of a structured abstract, or the whole of an unstructured one.

    Attributes:
        label: the label as printed, such as ``Methods``; left out in an unstructured abstract.
        text: the text, inline HTML with ``<i> <b> <sub> <sup> <sc>``.
    """

    text: RichText
    label: str | None = None


class Origin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a record came from.

    Attributes:
        source: name of the source, or a sentence about it.
        format: format it was read from, such as ``crossref-json``.
        where: file or address.
        retrieved: day on which it was taken in.
        sha256: checksum of the bytes that it was read from.
    """

    source: str = ""
    format: str = ""
    where: str = ""
    retrieved: PartialDate | None = None
    sha256: str = ""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One citable thing: a meeting abstract, or what an article refers to. Also the format of a frozen record's file.

    Attributes:
        id: unique key, ``doi:…``, ``pmid:…`` or another; in a references file the key that articles cite.
        type: what kind of publication this is.
        title: title, inline HTML, without a final full stop and without the abstract number.
        authors: authors in order.
        authors_truncated: the source itself ends in “et al.”; further authors are not known.
        affiliations: affiliations in the order in which authors' marks count them.
        container: journal or proceedings, full title.
        container_short: its abbreviation, such as ``J Clin Oncol``.
        issn: ISSN of the container.
        volume: volume as printed.
        issue: issue as printed, without the supplement.
        supplement: supplement as printed, such as ``5s``.
        pages: pages as printed, the last one completed, such as ``689-708``.
        number: the society's abstract number as printed, without ``#``, such as ``e15166``.
        issued: date of publication.
        meeting: the meeting at which it was presented.
        presentation: how it was presented; found from the number when left out.
        ids: identifiers.
        abstract: the abstract in its parts.
        keywords: keywords; a MeSH heading with a comma is one.
        track: track, session or topic of the meeting under which it was listed.
        language: language of the record, where it is known.
        publisher: publisher.
        editors: editors of the container.
        permission: what may be printed: ``full`` text, a short ``quote``, or ``none`` of it.
        embargo_until: day before which the record may not be published.
        status: whether it was corrected or withdrawn since.
        origin: where the record came from.
    """

    title: RichText
    type: RecordType = "meeting-abstract"
    id: RecordId | None = None
    authors: tuple[Person, ...] = ()
    authors_truncated: bool = False
    affiliations: tuple[RichText, ...] = ()
    container: str = ""
    container_short: str = ""
    issn: Issn | None = None
    volume: str = ""
    issue: str = ""
    supplement: str = ""
    pages: str = ""
    number: str = ""
    issued: PartialDate | None = None
    meeting: Meeting | None = None
    presentation: Presentation | None = None
    ids: Ids = Ids()
    abstract: tuple[AbstractPart, ...] = ()
    keywords: tuple[str, ...] = ()
    track: str = ""
    language: Language | None = None
    publisher: str = ""
    editors: tuple[Person, ...] = ()
    permission: Permission = "quote"
    embargo_until: PartialDate | None = None
    status: Status = "final"
    origin: Origin | None = None

    def __post_init__(self) -> None:
        InconsistentError.check([*_title_and_marks(self), *_issn_mistakes(self.issn), *self._day_and_number()])

    def _day_and_number(self) -> Iterator[tuple[Path, str]]:
        if self.embargo_until and self.embargo_until.day is None:
            message = f"an embargo ends on a day, such as 2014-07-29, not in {self.embargo_until}"
            yield ("embargo_until",), message
        if self.number.startswith("#"):
            yield ("number",), f"the number is given without “#”: {self.number.lstrip('#')}"

    @property
    def presented(self) -> str:
        """How it was presented: as given, or else what the number's prefix says; empty when neither tells."""
        if self.presentation:
            return self.presentation
        try:
            return _PRESENTED.get(AbstractNumber.parse(self.number).kind, "")
        except ValueError:
            return ""


# The kinds of abstract numbers that mean the same wherever they are used.
_PRESENTED: Final[dict[str, Presentation]] = {
    "publication-only": "publication only",
    "late-breaking": "late-breaking",
    "trial-in-progress": "trial in progress",
}


class AbstractNumber(Struct, frozen=True, kw_only=True):
    """A society's abstract number in its parts: ``e15166``, ``LBA4004``, ``615MO``, ``OA03.05``, ``LBA O-9``.

    Attributes:
        printed: the number as printed, without ``#``.
        prefix: letters before the digits, such as ``LBA``.
        digits: the digits as printed, zeros kept, such as ``037`` or ``03.05``.
        suffix: letters behind them, such as ``MO``.
        flags: what is set beside the number, such as ``LBA`` in ``LBA O-9`` and ``PR`` in ``LBA1_PR``.
    """

    printed: str
    digits: str
    prefix: str = ""
    suffix: str = ""
    flags: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number in its parts; ``#``, “Abstract”, “abstr.” or “nr” before it and a full stop behind it are none.

        Raises:
            ValueError: there are no digits, or more than a number.
        """
        match = _NUMBER.fullmatch(text.strip())
        if not match:
            raise ValueError(f"“{text}” is not an abstract number such as e15166, LBA4004 or 615MO")
        flags = tuple(flag for flag in (match["flag"], match["press"]) if flag)
        return cls(
            printed=match["whole"], prefix=match["prefix"], digits=match["digits"], suffix=match["suffix"], flags=flags
        )

    @property
    def number(self) -> int | str:
        """What to count by: ``37`` of ``CT037``; of several groups of digits, such as ``03.05``, the text."""
        return int(self.digits) if self.digits.isdecimal() else self.digits

    @property
    def kind(self) -> str:
        """What societies mean by such a number, such as ``late-breaking``; ``abstract`` where it does not tell."""
        prefix = "e" if self.prefix == "E" else self.prefix
        return _SUFFIXES.get(self.suffix.upper()) or _PREFIXES.get(prefix, "abstract")

    def __str__(self) -> str:
        return self.printed


_NUMBER: Final = re.compile(
    r"(?:(?:abstracts?|abstr?)\b\.?)?\s*(?:(?:nr|no|number)\b\.?)?\s*[:#]?\s*"
    r"(?P<whole>(?:(?P<flag>LBA|LB|PR)[ -](?=[A-Z]))?(?P<prefix>[A-Za-z]{0,6})[- ]?(?P<digits>\d+(?:[.-]\d+)*)"
    r"(?P<suffix>[A-Za-z]{0,4})(?:[_ ](?P<press>PR))?)\.?",
    re.IGNORECASE | re.ASCII,
)
# ASCO: e, LBA, CRA, TPS. AACR: CT, LB. ESMO: suffixes. ESMO GI: O, SO, P. IASLC: OA, MA, PL, P. ERS: PA, OA.
# EHA: S, P, PB. EULAR: OP, POS, AB. SABCS: GS, PD, P, OT. Where a record tells its presentation, that goes first.
_PREFIXES: Final = {
    "e": "publication-only", "PB": "publication-only", "AB": "publication-only", "LBA": "late-breaking",
    "LB": "late-breaking", "TPS": "trial-in-progress", "TIP": "trial-in-progress", "OT": "trial-in-progress",
    "CRA": "clinical-research-abstract", "CT": "clinical-trial", "O": "oral", "OA": "oral", "OC": "oral", "OR": "oral",
    "S": "oral", "SO": "short-oral", "MO": "mini-oral", "MA": "mini-oral", "OP": "oral-poster", "P": "poster",
    "PA": "poster", "PO": "poster", "POS": "poster", "PP": "poster", "PS": "poster", "PD": "poster-discussion",
    "EP": "e-poster", "PL": "plenary", "GS": "general-session", "IS": "invited",
}  # fmt: skip
_SUFFIXES: Final = {
    "P": "poster", "O": "oral", "MO": "mini-oral", "PD": "poster-discussion", "TIP": "trial-in-progress",
    "EP": "e-poster", "IN": "invited",
}  # fmt: skip


def number_key(number: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which abstract numbers sort as people count: ``3049 < 10006``, ``e2 < e15166``."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in re.findall(r"[0-9]+|[^0-9]+", number)
    )


def _issn_mistakes(issn: str | None) -> Iterator[tuple[Path, str]]:
    """A wrong check digit (ISO 3297)."""
    if issn:
        check = -sum(int(digit) * (8 - n) for n, digit in enumerate(issn.replace("-", "")[:7])) % 11
        if issn[-1] != "0123456789X"[check]:
            yield ("issn",), f"the ISSN {issn} has a wrong check digit: {'0123456789X'[check]} would be right"


def _title_and_marks(value: Record | ArticleFile) -> Iterator[tuple[Path, str]]:
    """An empty title, and each mark of an author that no affiliation has."""
    if not value.title:
        yield ("title",), "the title is empty"
    count = len(value.affiliations)
    known = f"there are {count}" if count > 1 else "there is one" if count else "there are none"
    for n, author in enumerate(value.authors):
        for m, mark in enumerate(author.affiliations):
            if mark > count:
                yield (
                    ("authors", n, "affiliations", m),
                    f"author {author.full} has affiliation {mark}, but {known}",
                )


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where records are from: an address, or a question to a service. Give exactly one of the first five.

    Attributes:
        address: a file or folder here, or an address on the web: a feed, a page, an exported file.
        pubmed: a query of PubMed, as one types it there.
        europepmc: a query of Europe PMC, as one types it there.
        crossref: parameters of Crossref's works, such as ``filter`` and ``query.bibliographic``.
        oai: base address of an OAI-PMH repository, such as a journal's ``…/oai``.
        name: short name of this source, told with each of its records.
        set: for OAI-PMH: only this set.
        prefix: for OAI-PMH: the metadata format to ask for.
        since: only what the service took in or changed on this day or later.
        until: only what the service took in or changed on this day or before.
        format: name of the format, where it is not found from the content.
        columns: for tables: the field that each column holds, by the column's heading.
        meeting: the meeting, where the records do not tell.
        permission: what of these records may be printed, where they do not tell.
        container: journal or proceedings, where the records do not tell.
        issued: date of publication, where the records do not tell.
        track: track, session or topic, where the records do not tell.
        language: language of the records, where they do not tell.
        family_first: whether names are written with the family name first.
    """

    name: FileKey
    address: str = ""
    pubmed: str = ""
    europepmc: str = ""
    crossref: dict[Name, str] = {}
    oai: Url | None = None
    set: str = ""
    prefix: Name = "oai_dc"
    since: PartialDate | None = None
    until: PartialDate | None = None
    format: FormatName = ""
    columns: dict[Name, ColumnField] = {}
    meeting: Meeting | None = None
    permission: Permission | None = None
    container: str = ""
    issued: PartialDate | None = None
    track: str = ""
    language: Language | None = None
    family_first: bool = False

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        kinds = ("address", "pubmed", "europepmc", "crossref", "oai")
        given = [kind for kind in kinds if getattr(self, kind)]
        if len(given) != 1:
            found = f"found {' and '.join(given)}" if given else "found none"
            yield (given[-1],) if given else (), f"a source has exactly one of {', '.join(kinds)}; {found}"
        if self.since and self.until and self.since.is_after(self.until):
            yield ("since",), f"since ({self.since}) is after until ({self.until})"
        if self.address and (self.since or self.until):
            yield ("since" if self.since else "until",), "a file or an address cannot be asked for a span of time"
        if self.set and not self.oai:
            yield ("set",), "only an OAI-PMH repository has sets"
        for parameter in self.crossref:
            if parameter in {"rows", "cursor", "offset", "sample", "mailto"}:
                yield ("crossref", parameter), f"the parameter “{parameter}” is set by the program"


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A section of new issues and what goes into it: what fits all of its conditions, and no section before it.

    Attributes:
        title: heading of the section.
        match: query of the library, as ``digest search`` takes it, such as ``pancrea* OR neuroendocrine``.
        track: a part of the name of the track or session.
        numbers: abstract numbers or ranges of them, such as ``4000-4199``, ``e15000-e15999`` or ``LBA4001``.
        presentation: how it was presented.
        order: what the entries are sorted by.
        limit: how many entries at most; what is over is told.
    """

    title: RichText
    match: str = ""
    track: str = ""
    numbers: tuple[NumberRange, ...] = ()
    presentation: tuple[Presentation, ...] = ()
    order: Order = "number"
    limit: Annotated[int, Meta(ge=1, title="a count")] | None = None


class Publication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The periodical, as ``digest.yaml`` tells it.

    Attributes:
        title: full title, such as ``JOP. Journal of the Pancreas``.
        abbreviation: short title for running heads, such as ``JOP. J Pancreas (Online)``.
        issn: ISSN.
        publisher: publisher.
        url: address of the periodical.
        language: language of the issues; decides hyphenation.
        editors: who edits it, printed in the colophon.
        rights: copyright or licence statement, printed in the colophon.
        style: citation style: a name of ours, or the path of a CSL file in this folder.
        theme: theme: a name of ours, or of a folder in ``themes/``.
        theme_options: what the theme lets one set, such as ``accent``; ``digest themes show`` lists it.
        contact: e-mail address of who is responsible; told to the servers that are asked for records.
        sources: where records are from.
        allow: servers of your own network that may be asked, each as ``host:port``.
        sections: sections of new issues, in order; a record goes into the first that it fits.
    """

    title: Name
    abbreviation: str = ""
    issn: Issn | None = None
    publisher: str = ""
    url: Url | None = None
    language: Language = "en"
    editors: tuple[str, ...] = ()
    rights: str = ""
    style: Name = "jop-highlights"
    theme: Name = "highlights"
    theme_options: dict[str, OptionText] = {}
    contact: str = ""
    sources: tuple[Source, ...] = ()
    allow: tuple[HostPort, ...] = ()
    sections: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        yield from _issn_mistakes(self.issn)
        seen: set[str] = set()
        for n, source in enumerate(self.sources):
            if source.name in seen:
                yield ("sources", n, "name"), f"two sources are called “{source.name}”"
            seen.add(source.name)


class Picture(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A picture with what must be told about it.

    Attributes:
        file: path inside the issue's folder.
        alt: what it shows, in words, for those who do not see it.
        caption: caption printed under it; Markdown.
        credit: who made it and under what terms, printed with it.
    """

    file: RelativePath
    alt: Name
    caption: str = ""
    credit: str = ""


class Notice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An erratum, a withdrawal or an update.

    Attributes:
        kind: which of the three.
        title: headline.
        text: what happened; Markdown.
        about: the frozen record that it is about.
    """

    kind: NoticeKind
    title: Name
    text: str = ""
    about: FileKey | None = None


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One entry of a section: an article, a record on its own, or a notice.

    Attributes:
        article: name of the article's file in ``articles/``, without ``.md``.
        record: name of the record's file in ``records/``, without ``.yaml``.
        notice: a notice.
        why: for a record: why this one, in one sentence; Markdown.
        comment: for a record: the editor's comment; Markdown.
        quote: for a record: a short quotation from its abstract, word for word.
        flag: a word printed with the entry, such as ``Practice-changing``.
        hold: why it is not printed for now; it stays here and is left out of the pages.
        drop: why it was decided against; it stays here and is left out of the pages.
    """

    article: FileKey | None = None
    record: FileKey | None = None
    notice: Notice | None = None
    why: str = ""
    comment: str = ""
    quote: str = ""
    flag: str = ""
    hold: str = ""
    drop: str = ""

    def __post_init__(self) -> None:
        if sum(kind is not None for kind in (self.article, self.record, self.notice)) != 1:
            raise ValueError("an entry is one of article, record and notice: give exactly one of them")
        if not self.record and (self.why or self.comment or self.quote):
            raise ValueError("why, comment and quote belong to a record; this entry has none")


class Section(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A section of an issue.

    Attributes:
        title: heading, such as a tumour, a track or a theme.
        entries: entries in the order in which they are printed.
        intro: a paragraph under the heading; Markdown.
    """

    title: RichText
    entries: tuple[Entry, ...]
    intro: str = ""


class IssueFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An issue as ``issue.yaml`` tells it.

    Attributes:
        date: day of publication; every date in the output comes from here.
        volume: volume.
        number: number within the volume.
        title: title on the cover.
        meeting: the meeting whose abstracts are highlighted.
        first_page: number of the first page behind the contents; the pages before it count i, ii, iii.
        cover: picture on the cover.
        editorial: name of an article in ``articles/`` that opens the issue.
        sections: sections in order.
        permissions: by whose leave texts and pictures are printed; Markdown.
        colophon: what else to say about the making of the issue; Markdown.
    """

    date: PartialDate
    sections: tuple[Section, ...]
    volume: str = ""
    number: str = ""
    title: str = "Highlights"
    meeting: Meeting | None = None
    first_page: PageNumber = 1
    cover: Picture | None = None
    editorial: FileKey | None = None
    permissions: str = ""
    colophon: str = ""

    def __post_init__(self) -> None:
        if self.date.day is None:
            raise InconsistentError(
                [(("date",), f"the date of an issue is a day, such as 2014-07-28, not {self.date}")]
            )


class ArticleFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The front matter of an article; its text follows as Markdown.

    Attributes:
        title: title, inline HTML.
        label: what stands above the title; without one, the theme's words for a highlight article.
        authors: authors in order.
        affiliations: affiliations in the order in which authors' marks count them.
        summary: one paragraph; Markdown.
        keywords: MeSH headings; a heading with a comma is one.
        abstracts: names of the frozen records that the article reviews.
        meeting: the meeting that it is about, when that is not the issue's.
        pages: pages as cited, such as ``332-334``.
        doi: DOI of the article.
        figures: pictures by the key under which the text places them: ``![](key)``.
        abbreviations: abbreviations with their meaning.
        conflict_of_interest: the authors' statement.
        correspondence: whom to write to.
        language: language of the article, when it is not the publication's.
    """

    title: RichText
    label: str = ""
    authors: tuple[Person, ...] = ()
    affiliations: tuple[RichText, ...] = ()
    summary: str = ""
    keywords: tuple[Name, ...] = ()
    abstracts: tuple[FileKey, ...] = ()
    meeting: Meeting | None = None
    pages: Annotated[str, _pattern(r"[A-Za-z]*\d+(?:-[A-Za-z]*\d+)?", "pages such as 332-334")] | None = None
    doi: Doi | None = None
    figures: dict[Key, Picture] = {}
    abbreviations: dict[Name, str] = {}
    conflict_of_interest: str = ""
    correspondence: str = ""
    language: Language | None = None

    def __post_init__(self) -> None:
        InconsistentError.check(_title_and_marks(self))
