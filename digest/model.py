"""The values that everything works with: records, people, dates, meetings. Frozen, complete when constructed.

The types are the file formats as well: a record file is a `Record`; the files that people type are in
`digest.publication`. Each type's ``Attributes`` become the descriptions in its JSON Schema (`digest.schema`), and
`digest.strict` enforces the constraints while reading.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from msgspec import Meta, Struct, structs

from digest import trials
from digest.text import RichText
from digest.vocabulary import MONTHS, NUMBER_LABEL, NUMBER_WORD

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

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
            raise ValueError(f"{year} is not a year between 1 and 9999")
        if month is None and day is not None:
            raise ValueError("a day needs its month")
        if month is not None and not 1 <= month <= 12:
            raise ValueError(f"{month} is not a month")
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


def pattern(pattern: str, noun: str) -> Meta:
    """A constraint whose ``title`` is the noun that a message and a text editor show."""
    return Meta(pattern=rf"^(?:{pattern})$", title=noun)


Name = Annotated[str, Meta(min_length=1, title="some text")]
Key = Annotated[
    str,
    pattern(
        r"[A-Za-z0-9](?:[A-Za-z0-9_.:/+-]*[A-Za-z0-9_])?",
        "a key of letters, digits and - _ . : / + such as gruener2014",
    ),
]
RecordId = Annotated[str, pattern(r"\S+", "an id without spaces, such as doi:10.1200/jco.2014.32.15_suppl.e15166")]
Url = Annotated[str, pattern(r"https?://[^\s<>\"]+", "an address that begins with https://")]
Issn = Annotated[str, pattern(r"\d{4}-\d{3}[\dX]", "an ISSN such as 1590-8577")]
Orcid = Annotated[str, pattern(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]", "an ORCID iD such as 0000-0002-1825-0097")]

Doi = Annotated[
    str,
    pattern(
        r"10\.\d{4,9}/[^\sA-Z]+",
        "a DOI in lower case that begins with 10., such as 10.1200/jco.2014.32.15_suppl.e15166",
    ),
]
Pmid = Annotated[str, pattern(r"[1-9]\d{0,8}", "a PubMed number such as 24857584")]
Pmcid = Annotated[str, pattern(r"PMC[1-9]\d*", "a PubMed Central number such as PMC3700796")]
Nbk = Annotated[str, pattern(r"NBK[1-9]\d*", "an NCBI Bookshelf number such as NBK6993")]
Nct = Annotated[str, pattern(r"NCT\d{8}", "a registration number such as NCT01077154")]
Trial = Annotated[
    str,
    pattern(
        trials.OTHER_SHAPES,
        "a registration number such as ISRCTN57105075 or 2004-001234-56 (EudraCT); those with NCT belong in nct",
    ),
]
Email = Annotated[str, pattern(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+", "an e-mail address such as anna@example.org")]
Ror = Annotated[
    str, pattern(r"0[a-hj-km-np-tv-z0-9]{6}\d{2}", "a ROR identifier without its address, such as 05a28rw58")
]
Instant = Annotated[
    str,
    pattern(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)",
        "a day and an hour with their zone, such as 2014-05-31T13:15-05:00",
    ),
]
Isbn = Annotated[str, pattern(r"(?:97[89])?\d{9}[\dX]", "an ISBN without hyphens, such as 9783161484100")]
LANGUAGE: Final = pattern(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", "a language tag such as en or pt-BR")
Language = Annotated[str, LANGUAGE]
# Fields of a publication's own (`digest.ownfields`): what was typed; the declaration of the field decides what it is.
FieldName = Annotated[str, pattern(r"[A-Za-z][A-Za-z0-9_]*", "a name of letters, digits and _ such as relevance")]
Width = Literal["column", "page", "landscape"]
"""How much room a table or a picture takes on paper: one column, the whole page, or a page that is turned."""
FieldText = (
    Annotated[str, Meta(title="a value", extra_json_schema={"x-type": ["string", "number", "boolean"]})]
    | tuple[str, ...]
)
Mark = Annotated[int, Meta(ge=1, title="the number of an affiliation, counted from 1")]

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
Permission = Literal["quote", "full", "none"]
Status = Literal["final", "corrected", "withdrawn"]


def has_orcid_check(orcid: str) -> bool:
    """Whether the last character of an ORCID iD is the check digit of the others (ISO 7064, MOD 11-2)."""
    digits, total = orcid.replace("-", ""), 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == digits[-1]


class Person(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who wrote something: a person, or a group under its one name (`literal`).

    Attributes:
        family: family name, such as ``Saif``.
        given: given names as printed, such as ``Muhammad Wasif``.
        initials: the initials where the given names are not known, such as ``MW``.
        particle: what comes before the family name and is ignored in sorting, such as ``van der``.
        suffix: what comes after the name, such as ``Jr``.
        literal: the whole name of a group, such as ``Beat AML Study Group``; instead of all the above.
        orcid: ORCID iD without its address.
        affiliations: numbers of this person's affiliations, counted from 1 as they are printed.
        email: e-mail address, for proofs and the files of other systems; pages do not print it.
        corresponding: whether readers write to this person.
    """

    family: str = ""
    given: str = ""
    initials: str = ""
    particle: str = ""
    suffix: str = ""
    literal: str = ""
    orcid: Orcid | None = None
    affiliations: tuple[Mark, ...] = ()
    email: Email | None = None
    corresponding: bool = False

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


class Institution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The parts of an affiliation, where its source gives them apart. They are never guessed from its text.

    Attributes:
        affiliation: the number of the affiliation, counted from 1 as they are printed.
        name: name of the institution.
        department: department, division or laboratory.
        city: city.
        country: country, as it is printed.
        ror: identifier in the Research Organization Registry, without its address.
    """

    affiliation: Mark
    name: str = ""
    department: str = ""
    city: str = ""
    country: str = ""
    ror: Ror | None = None


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
        trials: numbers in other registries of trials: ISRCTN, EudraCT, ChiCTR and all others of the WHO.
    """

    doi: Doi | None = None
    pmid: Pmid | None = None
    pmcid: Pmcid | None = None
    nbk: Nbk | None = None
    isbn: Isbn | None = None
    url: Url | None = None
    nct: tuple[Nct, ...] = ()
    trials: tuple[Trial, ...] = ()

    @property
    def registrations(self) -> tuple[str, ...]:
        """The numbers in all registries of trials."""
        return (*self.nct, *self.trials)

    def with_registrations(self, numbers: Iterable[str]) -> Self:
        """The same with these numbers as the only ones, each in its place."""
        unlike = tuple(dict.fromkeys(numbers))
        nct = tuple(number for number in unlike if number.startswith("NCT"))
        return structs.replace(self, nct=nct, trials=tuple(number for number in unlike if number not in nct))


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
        version: in an issue, which version of the library's record was frozen or, later, looked at.
    """

    source: str = ""
    format: str = ""
    where: str = ""
    retrieved: PartialDate | None = None
    sha256: str = ""
    version: str = ""


class Formula(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A formula. Where title or abstract has its text as a word of its own, the formula is printed.

    Attributes:
        text: the formula in one line of text, such as ``x²`` or ``(a + b)/c``.
        source: its MathML, ``<math>…</math>``, or its TeX without dollars.
    """

    text: str
    source: str


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One citable thing: a meeting abstract, or what an article refers to. Also the format of a frozen record's file.

    Attributes:
        id: unique key, ``doi:…``, ``pmid:…`` or another; in a references file the key that articles cite.
        type: what kind of publication this is.
        title: title, inline HTML, without a final full stop and without the abstract number.
        authors: authors in order.
        authors_truncated: the source itself ends in “et al.”; further authors are not known.
        affiliations: affiliations in the order in which authors' marks count them.
        institutions: the parts of affiliations, where the source gives them apart.
        container: journal or proceedings, full title.
        container_short: its abbreviation, such as ``J Clin Oncol``.
        issn: ISSN of the container.
        volume: volume as printed.
        issue: issue as printed, without the supplement.
        supplement: supplement as printed, such as ``5s``.
        pages: pages as printed, the last one completed, such as ``689-708``.
        number: the society's abstract number as printed, without ``#``, such as ``e15166``.
        issued: date of publication.
        issued_online: day on which it was put online, where the issue has another date.
        meeting: the meeting at which it was presented.
        presentation: how it was presented; found from the number when left out.
        ids: identifiers.
        abstract: the abstract in its parts.
        formulas: the formulas of title and abstract, whose texts there say less than a formula does.
        keywords: keywords; a MeSH heading with a comma is one.
        track: track, session or topic of the meeting under which it was listed.
        session: name of the session in which it was presented.
        room: room of that session.
        begins: when its presentation began.
        ends: when it ended.
        fields: fields of your own that ``digest.yaml`` declares for records.
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
    institutions: tuple[Institution, ...] = ()
    container: str = ""
    container_short: str = ""
    issn: Issn | None = None
    volume: str = ""
    issue: str = ""
    supplement: str = ""
    pages: str = ""
    number: str = ""
    issued: PartialDate | None = None
    issued_online: PartialDate | None = None
    meeting: Meeting | None = None
    presentation: Presentation | None = None
    ids: Ids = Ids()
    abstract: tuple[AbstractPart, ...] = ()
    formulas: tuple[Formula, ...] = ()
    keywords: tuple[str, ...] = ()
    track: str = ""
    session: str = ""
    room: str = ""
    begins: Instant | None = None
    ends: Instant | None = None
    fields: dict[FieldName, FieldText] = {}
    language: Language | None = None
    publisher: str = ""
    editors: tuple[Person, ...] = ()
    permission: Permission = "quote"
    embargo_until: PartialDate | None = None
    status: Status = "final"
    origin: Origin | None = None

    def __post_init__(self) -> None:
        InconsistentError.check(
            [
                *title_and_mark_mistakes(self.title, self.authors, self.affiliations),
                *institution_mistakes(self.institutions, self.affiliations),
                *issn_mistakes(self.issn),
                *self._day_and_number(),
                *self._hours(),
            ]
        )

    def _day_and_number(self) -> Iterator[tuple[Path, str]]:
        if self.embargo_until and self.embargo_until.day is None:
            message = f"an embargo ends on a day, such as 2014-07-29, not in {self.embargo_until}"
            yield ("embargo_until",), message
        if self.number.startswith("#"):
            yield ("number",), f"the number is given without “#”: {self.number.lstrip('#')}"

    def _hours(self) -> Iterator[tuple[Path, str]]:
        begin, end = (yield from _moment("begins", self.begins)), (yield from _moment("ends", self.ends))
        if begin and end and end < begin:
            yield ("ends",), f"the presentation ends ({self.ends}) before it begins ({self.begins})"

    @property
    def presented(self) -> str:
        """How it was presented: as given, or else what the number's prefix says; empty when neither says so."""
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
        suffix: letters after them, such as ``MO``.
        flags: what is printed with the number, such as ``LBA`` in ``LBA O-9`` and ``PR`` in ``LBA1_PR``.
    """

    printed: str
    digits: str
    prefix: str = ""
    suffix: str = ""
    flags: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """The number in its parts; ``#``, “Abstract”, “abstr.” or “nr” before it and a full stop after it are ignored.

        Raises:
            ValueError: the text has no digits, or more than a number.
        """
        bare = text.strip().strip("()[]:,; ")
        if ";" in bare:  # (suppl 15; abstr 8031)
            bare = re.sub(r"^[^;]{0,80};\s*(?=abs)", "", bare, flags=re.IGNORECASE)
        match = _NUMBER.fullmatch(bare)
        if not match:
            raise ValueError(f"“{text}” is not an abstract number such as e15166, LBA4004 or 615MO")
        flags = tuple(flag for flag in (match["flag"], match["press"]) if flag)
        return cls(
            printed=match["whole"],
            prefix=match["prefix"],
            digits=match["digits"],
            suffix=match["suffix"] or "",
            flags=flags,
        )

    @property
    def number(self) -> int | str:
        """What to count by: ``37`` of ``CT037``; of several groups of digits, such as ``03.05``, the text."""
        return int(self.digits) if self.digits.isdecimal() else self.digits

    @property
    def kind(self) -> str:
        """What societies mean by such a number, such as ``late-breaking``; ``abstract`` where nothing is known."""
        prefix = "e" if self.prefix == "E" else self.prefix.rpartition("-")[2]
        other = "late-breaking" if {"LBA", "LB"} & set(self.flags) else "abstract"
        return _SUFFIXES.get(self.suffix.upper()) or _PREFIXES.get(prefix, other)

    def __str__(self) -> str:
        return self.printed


_NUMBER: Final = re.compile(
    rf"(?:{NUMBER_LABEL})?\s*{NUMBER_WORD}?\s*[:：=#-]?\s*#?\s*"
    r"(?P<whole>(?:(?P<flag>LBA|LB|PR)[ -](?=[A-Z]))?(?P<prefix>[A-Za-z]{0,6}(?:-[A-Za-z]{1,3}(?=-?\d))?)[- ]?"
    r"(?P<digits>\d+(?:[.-]\d+)*)(?:-?(?P<suffix>[A-Za-z]{1,4})(?:-(?:HPR|PARE|YI))?)?(?:[_ ](?P<press>PR))?)\.?",
    re.IGNORECASE | re.ASCII,
)
# ASCO: e, LBA, CRA, TPS. AACR: CT, LB. ESMO: suffixes. ESMO GI: O, SO, P. IASLC: OA, MA, PL, P. ERS: PA, OA.
# EHA: S, P, PB. EULAR: OP, POS, AB. SABCS: GS, PD, P, OT. A record's own presentation goes first.
_PREFIXES: Final = {
    "e": "publication-only",
    "PB": "publication-only",
    "AB": "publication-only",
    "LBA": "late-breaking",
    "LB": "late-breaking",
    "TPS": "trial-in-progress",
    "TIP": "trial-in-progress",
    "OT": "trial-in-progress",
    "CRA": "clinical-research-abstract",
    "CT": "clinical-trial",
    "O": "oral",
    "OA": "oral",
    "OC": "oral",
    "OR": "oral",
    "S": "oral",
    "SO": "short-oral",
    "MO": "mini-oral",
    "MA": "mini-oral",
    "OP": "oral-poster",
    "P": "poster",
    "PA": "poster",
    "PO": "poster",
    "POS": "poster",
    "PP": "poster",
    "PS": "poster",
    "PD": "poster-discussion",
    "EP": "e-poster",
    "PL": "plenary",
    "GS": "general-session",
    "IS": "invited",
}
_SUFFIXES: Final = {
    "P": "poster",
    "O": "oral",
    "MO": "mini-oral",
    "PD": "poster-discussion",
    "TIP": "trial-in-progress",
    "EP": "e-poster",
    "IN": "invited",
    "LB": "late-breaking",
    "OR": "oral",
}


def number_key(number: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which abstract numbers sort as people count: ``3049 < 10006``, ``e2 < e15166``."""
    return tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in re.findall(r"[0-9]+|[^0-9]+", number)
    )


def moment(instant: str) -> dt.datetime:
    """The instant that an `Instant` names.

    Raises:
        ValueError: there is no such day or hour.
    """
    return dt.datetime.fromisoformat(instant)


def _moment(key: str, instant: str | None) -> Generator[tuple[Path, str], None, dt.datetime | None]:
    """The instant, or a mistake where there is no such day or hour."""
    try:
        return moment(instant) if instant else None
    except ValueError:
        yield (key,), f"there is no such day or hour: {instant}"
        return None


def institution_mistakes(
    institutions: tuple[Institution, ...], affiliations: tuple[RichText, ...]
) -> Iterator[tuple[Path, str]]:
    """Each number of an affiliation that is not there, or that two institutions have."""
    seen: set[int] = set()
    for n, one in enumerate(institutions):
        if one.affiliation > len(affiliations):
            message = f"this is said of affiliation {one.affiliation}, but there are {len(affiliations)}"
            yield ("institutions", n, "affiliation"), message
        elif one.affiliation in seen:
            yield ("institutions", n, "affiliation"), f"two institutions are said of affiliation {one.affiliation}"
        seen.add(one.affiliation)


def issn_mistakes(issn: str | None, key: str = "issn") -> Iterator[tuple[Path, str]]:
    """A wrong check digit (ISO 3297)."""
    if issn:
        check = -sum(int(digit) * (8 - n) for n, digit in enumerate(issn.replace("-", "")[:7])) % 11
        if issn[-1] != "0123456789X"[check]:
            yield (key,), f"the ISSN {issn} has a wrong check digit: {'0123456789X'[check]} would be right"


def title_and_mark_mistakes(
    title: RichText, authors: tuple[Person, ...], affiliations: tuple[RichText, ...]
) -> Iterator[tuple[Path, str]]:
    """An empty title, and each mark of an author that no affiliation has."""
    if not title:
        yield ("title",), "the title is empty"
    count = len(affiliations)
    known = f"there are {count}" if count > 1 else "there is one" if count else "there are none"
    for n, author in enumerate(authors):
        for m, mark in enumerate(author.affiliations):
            if mark > count:
                yield (
                    ("authors", n, "affiliations", m),
                    f"author {author.full} has affiliation {mark}, but {known}",
                )
