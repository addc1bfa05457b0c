"""The great congresses (`presets.yaml`): each becomes ordinary sources that ask for its abstracts of a year."""

from __future__ import annotations

import calendar
import functools
import itertools
import re
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct, structs

from digest import strict
from digest.cite.printings import printing_of
from digest.cite.societies import doubt, society_citation
from digest.errors import DigestError, did_you_mean
from digest.journals import abbreviation
from digest.model import InconsistentError, Issn, Meeting, Name, PartialDate, Record, issn_mistakes, pattern
from digest.publication import PresetName, SelectedField, Source
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from digest.cite.printings import Printing
    from digest.model import Path

Year = Annotated[int, Meta(ge=1900)]
Service = Literal["crossref", "europepmc", "pubmed"]
Span = Annotated[
    str,
    pattern(r"\{(?:year|next)\}-\d\d \{(?:year|next)\}-\d\d", "two months such as “{year}-11 {next}-02”"),
]


class Edition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a congress in one year, where the table of societies does not have it.

    Attributes:
        year: the year of the congress.
        start: its first day.
        end: its last day.
        place: where it was.
        volume: volume of the proceedings, or the number that is in their addresses and DOIs.
        source: where this was seen.
        verified: whether it was seen; otherwise it is from memory, and no record gets it.
    """

    year: Year
    start: PartialDate | None = None
    end: PartialDate | None = None
    place: str = ""
    volume: str = ""
    source: str = ""
    verified: bool = True


class Preset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One congress.

    Attributes:
        name: the name under which it is asked for.
        title: the congress; with the year, the meeting of its records.
        society: the society, as the table of societies names it, which says how its abstracts are cited.
        journal: title of the journal or proceedings.
        issn: ISSNs of the journal, printed and electronic.
        prefix: prefix of the DOIs.
        held: the months in which it is held.
        published: first and last month of publication; ``{year}`` is that of the congress, ``{next}`` the year after.
        services: the services that have its abstracts one by one; none where nothing has.
        crossref: further parameters for Crossref.
        address: the address of the proceedings, for those that are a file.
        only: what distinguishes its abstracts from everything else in the journal: patterns for fields of a record.
        instead: what to do where no service has the abstracts.
        numbers: examples of its abstracts' numbers.
        embargo: when abstracts may be quoted.
        first_year: the first year for which the row holds.
        last_year: the last one.
        editions: what is known of single years.
        source: what shows it.
        verified: whether all of the row was seen; otherwise it is from memory but for the fields in `seen`.
        seen: fields of a row that is not verified which `source` shows all the same.
    """

    name: PresetName
    title: Name
    society: str = ""
    journal: str = ""
    issn: tuple[Issn, ...] = ()
    prefix: str = ""
    held: str
    published: Span = "{year}-01 {year}-12"
    services: tuple[Service, ...] = ("crossref",)
    crossref: dict[Name, str] = {}
    address: str = ""
    only: dict[SelectedField, str] = {}
    instead: str = ""
    numbers: tuple[str, ...] = ()
    embargo: str = ""
    first_year: Year = 2000
    last_year: Year = 9999
    editions: tuple[Edition, ...] = ()
    source: Name
    verified: bool = True
    seen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        InconsistentError.check(self._mistakes())

    def _mistakes(self) -> Iterator[tuple[Path, str]]:
        for issn in self.issn:
            yield from issn_mistakes(issn)
        if not (self.services or self.address or self.instead):
            yield ("services",), "a congress that no service has needs “instead”"
        if self.services and not (self.issn or self.prefix):
            yield ("issn",), "services are asked by ISSN or by prefix"
        for name in set(self.seen) - set(self.__struct_fields__):
            yield ("seen",), f"there is no field “{name}”"

    def is_seen(self, field: str) -> bool:
        """Whether somebody has seen what this field says."""
        return self.verified or field in self.seen

    @property
    def unseen(self) -> tuple[str, ...]:
        """The fields that nobody has seen."""
        facts = ("journal", "issn", "prefix", "held", "published", "services", "only", "numbers", "embargo")
        return tuple(field for field in facts if getattr(self, field) and not self.is_seen(field))


class ExpandedPreset(Struct, frozen=True, kw_only=True):
    """A congress of one year, as it is asked for.

    Attributes:
        preset: the congress.
        year: the year.
        published: first and last day of publication.
        sources: the ordinary sources that ask for it.
        requests: what they ask for first.
        citation: how its society cites one of its abstracts; empty where that is not known.
        is_sure: whether what is taken is certainly of this meeting.
        unsure: what of all this nobody has seen, in words.
    """

    preset: Preset
    year: int
    published: tuple[str, str]
    sources: tuple[Source, ...]
    requests: tuple[str, ...]
    citation: str
    is_sure: bool
    unsure: tuple[str, ...]


@functools.cache
def list_presets() -> tuple[Preset, ...]:
    """The congresses that the program knows by name."""
    text = resources.files(__package__).joinpath("presets.yaml").read_text(encoding="utf-8")
    read = strict.read(text, tuple[Preset, ...], "presets.yaml")
    assert read.value is not None, [str(problem) for problem in read.problems]
    return read.value


def get_preset(name: str) -> Preset:
    """The congress of this name, whatever its capitals and blanks.

    Raises:
        DigestError: there is none.
    """
    wanted = re.sub(r"[\s_]+", "-", name.strip().lower())
    known: dict[str, Preset] = {preset.name: preset for preset in list_presets()}
    by_title = {re.sub(r"[\s_]+", "-", preset.title.lower()): preset for preset in known.values()}
    if wanted in {**by_title, **known}:
        return {**by_title, **known}[wanted]
    alike = [other for other in known if wanted and wanted in other.split("-")]
    near = f"; did you mean {' or '.join(f'“{one}”' for one in alike)}?" if alike else did_you_mean(wanted, known)
    raise DigestError(f"there is no preset “{name}”{near}", expected="a name that “digest sources list” prints")


def expand_preset(name: str, year: int) -> ExpandedPreset:
    """What is asked for the abstracts of a congress in a year, and what of it is sure.

    Raises:
        DigestError: there is no such congress, or nothing is known of that year, or no service has its abstracts.
    """
    return expand(Source(preset=get_preset(name).name, year=year))


def expand(source: Source) -> ExpandedPreset:
    """The same for a source of ``digest.yaml`` that is a congress; what it says itself is kept.

    Raises:
        DigestError: as `expand_preset`.
    """
    from digest.sources.network.harvest import plan

    asked = _Asked(get_preset(source.preset), source)
    sources = tuple(asked.sources())
    return ExpandedPreset(
        preset=asked.preset,
        year=asked.year,
        published=(asked.first, asked.last),
        sources=sources,
        requests=tuple(request for one in sources for request in plan(one)),
        citation=asked.citation(),
        is_sure=asked.is_sure,
        unsure=tuple(asked.unsure()),
    )


class _Asked:
    """One congress in one year."""

    def __init__(self, preset: Preset, source: Source) -> None:
        assert source.year is not None
        self.preset, self.source, self.year = preset, source, source.year
        if not preset.first_year <= source.year <= preset.last_year:
            until = f" to {preset.last_year}" if preset.last_year < 9999 else " on"
            raise DigestError(
                f"what is known of {preset.title} holds from {preset.first_year}{until}",
                where=source.name,
                todo="write the source itself into digest.yaml: its journal, and the months of publication",
            )
        if not preset.services and not preset.address:
            found = f"the abstracts of {preset.title} are in no service that can be asked"
            raise DigestError(found, where=source.name, todo=preset.instead)
        self.meeting_name = f"{preset.title} {source.year}"
        self.edition = next((one for one in preset.editions if one.year == source.year), None)
        first, last = (self.with_years(month) for month in preset.published.split())
        self.first = f"{first}-01"
        self.last = f"{last}-{calendar.monthrange(int(last[:4]), int(last[5:]))[1]:02d}"
        self.printing: Printing = printing_of(preset.society, preset.journal, self.meeting_name, int(self.first[:4]))

    def with_years(self, text: str) -> str:
        """The text with the years that it has in braces."""
        years = {"year": self.year, "next": self.year + 1, "previous": self.year - 1}
        for name, year in years.items():
            text = text.replace(f"{{{name}}}", str(year)).replace(f"{{{name[0]}{name[0]}}}", f"{year % 100:02d}")
        return text

    def values(self) -> Mapping[str, tuple[str, ...]]:
        """What each field in braces may be; nothing where it is not known."""
        volume = (self.edition.volume if self.edition else "") or self.printing.volume
        return {
            "volume": (volume,) if volume else (),
            "issue": self.printing.issues,
            "supplement": self.printing.supplements,
        }

    def fields_in(self, text: str) -> list[str]:
        return [name for name in self.values() if f"{{{name}}}" in text]

    def filled(self, text: str) -> str:
        """The alternatives of a pattern, with what is in braces; what is not known may be anything."""
        text = self.with_years(text)
        names = self.fields_in(text)
        found = []
        for choice in itertools.product(*(self.values()[name] or ("*",) for name in names)):
            one = text
            for name, value in zip(names, choice, strict=True):
                one = one.replace(f"{{{name}}}", value)
            found.append(one)
        return "|".join(dict.fromkeys(found))

    @property
    def is_sure(self) -> bool:
        """Whether what is taken is certainly of this meeting: all that distinguishes its abstracts was seen."""
        needed = {name for text in self.preset.only.values() for name in self.fields_in(self.with_years(text))}
        unseen = self.printing.unseen if not (self.edition and self.edition.volume) else frozenset()
        if self.preset.address:
            return bool(self.edition and self.edition.verified)
        return self.preset.is_seen("only") and all(self.values()[name] and name not in unseen for name in needed)

    def meeting(self) -> Meeting | None:
        """The meeting of the records; only what somebody has seen of it."""
        if self.source.meeting or not self.is_sure:
            return self.source.meeting
        known = self.edition if self.edition and self.edition.verified else None
        days = self.printing.days if "dates" not in self.printing.unseen else ()
        place = self.printing.place if "place" not in self.printing.unseen else ""
        return Meeting(
            name=self.meeting_name,
            society=self.preset.society,
            place=(known.place if known else "") or place,
            start=(known.start if known else None) or (days[0] if days else None),
            end=(known.end if known else None) or (days[-1] if days else None),
        )

    def sources(self) -> Iterator[Source]:
        """The ordinary sources."""
        ordinary = structs.replace(
            self.source,
            preset="",
            year=None,
            meeting=self.meeting(),
            only={**{field: self.filled(text) for field, text in self.preset.only.items()}, **self.source.only},
            **self.question(),
        )
        yield ordinary
        for service in self.preset.services[1:]:
            none = {"crossref": {}, "europepmc": "", "pubmed": "", "name": f"{ordinary.name}-{service}"}
            yield structs.replace(ordinary, **{**none, service: self.asked_of(service)})

    def question(self) -> dict[str, Any]:
        """What the first source asks: the first service, or the address of the proceedings."""
        if self.preset.services:
            return {self.preset.services[0]: self.asked_of(self.preset.services[0])}
        if not self.values()["volume"] and "{volume}" in self.preset.address:
            raise DigestError(
                f"the volume of {self.meeting_name} is not known",
                where=self.source.name,
                expected=f"one of {', '.join(str(edition.year) for edition in self.preset.editions)}",
                todo=f"write the source itself into digest.yaml, with its address, as in {self.preset.address}",
            )
        return {"address": self.filled(self.preset.address)}

    def asked_of(self, service: Service) -> dict[str, str] | str:
        """The question as a service understands it."""
        if service == "crossref":
            return self.crossref()
        return self.europepmc() if service == "europepmc" else self.pubmed()

    def crossref(self) -> dict[str, str]:
        """Works of the journal in its months; several values of one filter are alternatives (Crossref's REST API)."""
        filters = [f"issn:{issn}" for issn in self.preset.issn]
        filters += [f"prefix:{self.preset.prefix}"] if self.preset.prefix and not self.preset.issn else []
        filters += [f"from-pub-date:{self.first}", f"until-pub-date:{self.last}"]
        more = {name: self.with_years(text) for name, text in self.preset.crossref.items()}
        return {"filter": ",".join(filters), **more}

    def europepmc(self) -> str:
        """The same as a query of Europe PMC."""
        issns = " OR ".join(f'ISSN:"{issn}"' for issn in self.preset.issn)
        return f"({issns}) AND FIRST_PDATE:[{self.first} TO {self.last}]"

    def pubmed(self) -> str:
        """The same as a query of PubMed."""
        issns = " OR ".join(f"{issn}[is]" for issn in self.preset.issn)
        first, last = (day.replace("-", "/") for day in (self.first, self.last))
        return f'({issns}) AND ("{first}"[dp] : "{last}"[dp])'

    def sample(self) -> Record | None:
        """A record with the first number of the examples."""
        number = next(iter(self.preset.numbers), "")
        if not number or not self.preset.society:
            return None
        short = abbreviation(self.preset.journal)
        return Record(
            title=RichText.of(("A",)),
            type="meeting-abstract",
            number=number,
            container=self.preset.journal,
            container_short=short,
            issued=PartialDate(int(self.first[:4])),
            meeting=Meeting(name=self.meeting_name, society=self.preset.society),
        )

    def citation(self) -> str:
        """How the society cites the first of the examples."""
        sample = self.sample()
        return society_citation(sample) if sample else ""

    def unsure(self) -> Iterator[str]:
        """What nobody has verified, in words."""
        if unseen := self.preset.unseen:
            yield f"from memory, not verified: {', '.join(unseen)}"
        if not self.is_sure:
            yield (
                "nothing verified distinguishes these abstracts from others of the journal: look at what was taken; "
                "the records do not get the meeting from the table"
            )
        if self.edition and not self.edition.verified:
            yield f"days, place or volume of {self.year}: from memory, not verified"
        sample = self.sample()
        if sample and (what := doubt(sample)):
            yield f"not verified in the citation: {what}"
