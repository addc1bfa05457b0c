"""Whole records for property tests: every field that the model has, with texts as people and publishers write them."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from digest.model import (
    AbstractPart,
    Ids,
    Meeting,
    Origin,
    PartialDate,
    Permission,
    Person,
    Presentation,
    Record,
    RecordType,
    Status,
)
from digest.text import RichText

# Letters of several scripts, and the signs that YAML, LaTeX, RIS, JSON and names have their own use for.
ALPHABET = "abcdefgxyzABCDEKLMZ0123456789äéøßŁαβ中 .,;:'’\"()[]{}<>&#%$_^~\\/-–—=+*@!?|`µ≥"

TRIALS = ("ISRCTN57105075", "2004-001234-56", "ChiCTR2000029308", "DRKS00000001", "CTRI/2020/03/024402")


def texts(*, longest: int = 40) -> st.SearchStrategy[str]:
    """One line of text without blanks at its ends."""
    return st.text(ALPHABET, min_size=1, max_size=longest).map(lambda text: " ".join(text.split())).filter(bool)


def words() -> st.SearchStrategy[str]:
    return st.text("abcdefghiklmnoprstuvwyäéø", min_size=2, max_size=9).map(str.capitalize)


def rich(*, longest: int = 60) -> st.SearchStrategy[RichText]:
    """A text of which some parts have markup."""
    span = st.tuples(st.sampled_from(("i", "b", "sub", "sup", "sc")), st.tuples(texts(longest=8)))
    nodes = st.lists(st.one_of(texts(longest=longest), span), min_size=1, max_size=4)
    return nodes.map(RichText.of).filter(lambda text: bool(text.plain.strip()))


@st.composite
def dates(draw: st.DrawFn, *, whole: bool = False) -> PartialDate:
    year = draw(st.integers(1900, 2039))
    month = draw(st.integers(1, 12) if whole else st.none() | st.integers(1, 12))
    return PartialDate(
        year, month, draw((st.integers(1, 28) if whole else st.none() | st.integers(1, 28)) if month else st.none())
    )


@st.composite
def people(draw: st.DrawFn, places: int = 0) -> Person:
    marks = tuple(sorted(draw(st.sets(st.integers(1, places), max_size=2)))) if places else ()
    orcid = draw(st.sampled_from((None, None, "0000-0002-1825-0097")))
    if draw(st.integers(0, 5)) == 0:
        return Person(
            literal=draw(st.one_of(texts(longest=30), words().map(lambda w: f"{w} Study Group"))), affiliations=marks
        )
    has_given = draw(st.booleans())
    return Person(
        family=draw(st.one_of(words(), words(), texts(longest=15))),
        given=draw(st.one_of(words(), texts(longest=12))) if has_given else "",
        initials="" if has_given else draw(st.sampled_from(("", "J", "MW", "ABC"))),
        particle=draw(st.sampled_from(("", "", "", "van der", "de", "Von"))),
        suffix=draw(st.sampled_from(("", "", "", "Jr", "III"))),
        orcid=orcid,
        affiliations=marks,
    )


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    start, end = sorted((draw(dates(whole=True)), draw(dates(whole=True))))
    return Meeting(
        name=draw(texts()),
        society=draw(st.sampled_from(("", "ASCO", "Sample Society"))),
        place=draw(st.one_of(st.just(""), texts(longest=20))),
        start=start if draw(st.booleans()) else None,
        end=end if draw(st.booleans()) else None,
    )


@st.composite
def ids(draw: st.DrawFn) -> Ids:
    return Ids(
        doi=draw(st.none() | st.from_regex(r"10\.\d{4}/[a-z0-9._()-]{1,12}[a-z0-9]", fullmatch=True)),
        pmid=draw(st.none() | st.integers(1, 99_999_999).map(str)),
        pmcid=draw(st.none() | st.integers(1, 9_999_999).map(lambda n: f"PMC{n}")),
        nbk=draw(st.none() | st.just("NBK6993")),
        isbn=draw(st.none() | st.just("9783161484100")),
        url=draw(st.none() | st.sampled_from(("https://example.org/a_b?c=1&d=~e#f", "http://example.org/%7Bx%7D"))),
        trials=tuple(draw(st.sets(st.sampled_from(TRIALS), max_size=2))),
        nct=tuple(draw(st.lists(st.integers(0, 10**8 - 1).map(lambda n: f"NCT{n:08d}"), max_size=2, unique=True))),
    )


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A whole record; each of its fields except the title may be empty."""
    places = draw(st.lists(rich(longest=30), max_size=3, unique_by=lambda place: place.source))
    some = st.one_of(st.just(""), texts(longest=20))
    part = st.builds(
        AbstractPart,
        text=rich(longest=90),
        label=st.one_of(st.none(), st.sampled_from(("Methods", "RESULTS")), texts(longest=12)),
    )
    return Record(
        title=draw(rich()),
        type=draw(st.sampled_from(get_args(RecordType))),
        id=draw(st.none() | st.just("some:id")),
        authors=tuple(draw(st.lists(people(len(places)), max_size=4))),
        authors_truncated=draw(st.booleans()),
        affiliations=tuple(places),
        container=draw(some),
        container_short=draw(some),
        issn=draw(st.none() | st.just("0732-183X")),
        volume=draw(st.one_of(some, st.integers(1, 99).map(str))),
        issue=draw(st.one_of(some, st.integers(1, 20).map(str))),
        supplement=draw(st.sampled_from(("", "", "Suppl", "2", "5s"))),
        pages=draw(st.one_of(some, st.sampled_from(("12-15", "S12-S15", "e15166", "4043")))),
        number=draw(st.one_of(some, st.sampled_from(("e15166", "LBA4", "0037"))).map(lambda text: text.lstrip("#"))),
        issued=draw(st.none() | dates()),
        issued_online=draw(st.none() | dates()),
        meeting=draw(st.none() | meetings()),
        presentation=draw(st.sampled_from((None, *get_args(Presentation)))),
        ids=draw(ids()),
        abstract=tuple(draw(st.lists(part, max_size=3))),
        keywords=tuple(draw(st.lists(texts(longest=15), max_size=4))),
        track=draw(some),
        language=draw(st.sampled_from((None, "en", "pt-BR"))),
        publisher=draw(some),
        editors=tuple(draw(st.lists(people(), max_size=2))),
        permission=draw(st.sampled_from(get_args(Permission))),
        embargo_until=draw(st.none() | dates(whole=True)),
        status=draw(st.sampled_from(get_args(Status))),
        origin=draw(st.none() | st.builds(Origin, source=texts(), format=st.just("ris"), retrieved=dates(whole=True))),
    )
