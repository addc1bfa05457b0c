"""The book of an invented congress as a value: the same size, the same book, whoever prints it."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest.model import AbstractPart, Ids, PartialDate, Person, Record
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_TRACKS: Final = 32
_PARTS: Final = (("Background", 50), ("Methods", 75), ("Results", 130), ("Conclusions", 45))
_TABLE_EVERY: Final = 8

# -- words -------------------------------------------------------------------------------------------------------------

_SMALL: Final = (
    "the of and in with to for was were at on by from than after before during between who had not this that these or "
    "but without under per each all both while over as which also only when more less most fewer other"
).split()
_COMMON: Final = (
    "patients study treatment response survival trial group placebo results analysis data months weeks years disease "
    "tumour tumours therapy dose cohort baseline median mean endpoint primary secondary progression hazard ratio risk "
    "toxicity adverse events grade serum plasma sample samples tissue expression receptor gene genes mutation "
    "cells markers levels score scores assessed measured compared randomly assigned enrolled received observed "
    "evaluated followed treated associated significantly higher lower similar improved reduced increased decreased "
    "prolonged clinical safety efficacy overall incidence prevalence multicentre prospective retrospective sequential "
    "surgery resection radiotherapy chemotherapy maintenance relapse remission quality life function renal hepatic "
    "cardiac pulmonary vascular metabolic inflammatory autoimmune infection screening diagnosis prognosis biopsy "
    "ultrasound tomography resonance contrast lesion lesions stage advanced metastatic localised recurrent refractory "
    "elderly adolescents women men children controls volunteers physicians hospitals centres questionnaire interview "
    "registry protocol intervention subgroup multivariable regression adjusted interaction threshold sensitivity "
    "specificity predictive model validation training calibration discrimination heterogeneity concordance"
).split()
_ONSETS: Final = "b br c cl d dr f fl g gl h l m n p pr r s sp st t tr v z".split()
_VOWELS: Final = "a e i o u ia eo".split()
_STEMS: Final = (
    "mab nib ciclib platin taxel statin gliptin sartan pril olol azole mycin cillin oside ase itis oma".split()
)
_MEASURES: Final = (
    "(HR 0.{0:02}; 95% CI 0.{1:02} to 1.{2:02}; <i>p</i> = .0{3})",
    "({0}% versus {1}%; <i>p</i> &lt; .001)",
    "at 1,{0}0 mg/m<sup>2</sup> every {3} weeks",
    "TGF-β<sub>{3}</sub> of {1} ng/mL",
    "CD{3}<sup>+</sup> T cells ({0}.{1} × 10<sup>9</sup>/L)",
    "{0}.{3} ± {3}.{2} months",
    "(interquartile range, {0} to {1})",
    "<i>KR{3}S</i> mutations in {0} of 1{1} tumours",
    "HbA<sub>1c</sub> ≥ {3}.{1}%",
)
_GIVEN: Final = (
    "Adaline Björn Cordelia Dashiell Emeka Florentyna Gideon Hyacinth Isidore Juniper Kestrel Lysander Mirabel "
    "Octavia Percival Quentin Rosalind Saskia Tarquin Ursula Valerian Winifred Xanthe Yolanda Zebedee Eszter João "
    "Łukasz Søren Anaïs Ximena Göran Zoë Renée Štěpán Ana-Luísa Jean-Rémy Þóra Noël"
).split()
_FAMILY: Final = (
    "Thorn Bram Wex Lantern Quill Copper Åker Marrow Stell Pruett Okon Heide Oster Fen Amber Wren Tarn Hollow Sable "
    "Corven Dunmor Ever Farrow Garth Hazel Ivers Jessam Kirr Lorn Merri Nettle Orrin Penn Rook Söder Tüll Umbr Vesper "
    "Wyck Yarr Zell"
).split()
_ENDING: Final = (
    "quist weld cott wood feather leaf ström ley man berg sen ova dale worth by field gate mere brook wick ton land "
    "hurst combe stead"
).split()
_CITIES: Final = (
    "Northfield Midvale Lakeside Norrfält Villañeja Easthaven Southport Musterstadt Ostwick Saint-Exemple Belforte "
    "Kirkmoor Riverton Altbrück Höganäs Montclair Lindholm Fairbridge Weststrand Calderra"
).split()
_COUNTRIES: Final = "Sampleland", "Examplia", "Northern Mockland", "Inventia", "Testonia", "Republic of Fabula"
_FIELDS: Final = (
    "Oncology Haematology Surgery Radiology Pathology Cardiology Immunology Gastroenterology Endocrinology Neurology "
    "Paediatrics Biostatistics Epidemiology Pharmacology Nursing Genetics"
).split()
_ASPECTS: Final = "Therapy Diagnosis Genetics Epidemiology Immunology Surgery Mortality Pharmacology".split()


class Table(Struct, frozen=True, kw_only=True):
    """A table: texts alone, the first of a row is what the row is about."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Abstract(Struct, frozen=True, kw_only=True):
    """An abstract with what is printed with it.

    Attributes:
        record: the abstract; its number is its key.
        cited: which references of the book it cites, counted from 0.
        table: its table, if it has one.
    """

    record: Record
    cited: tuple[int, ...] = ()
    table: Table | None = None


class Overview(Struct, frozen=True, kw_only=True):
    """The article that begins a track, with a table and a figure of bars."""

    key: str
    title: RichText
    authors: tuple[Person, ...]
    affiliations: tuple[RichText, ...]
    paragraphs: tuple[str, ...]
    table: Table
    caption: str
    bars: tuple[int, ...]


class Track(Struct, frozen=True, kw_only=True):
    """A track: its abstracts, after an article about them."""

    title: str
    overview: Overview | None
    abstracts: tuple[Abstract, ...]


class Book(Struct, frozen=True, kw_only=True):
    """The whole book.

    Attributes:
        tracks: what is printed, in order.
        references: what may be cited.
    """

    tracks: tuple[Track, ...]
    references: tuple[Record, ...]

    @property
    def abstracts(self) -> tuple[Abstract, ...]:
        """The abstracts in order."""
        return tuple(itertools.chain.from_iterable(track.abstracts for track in self.tracks))

    @property
    def authors(self) -> Mapping[str, tuple[str, ...]]:
        """The index of authors: the numbers of each one's abstracts, in the order of the names."""
        return _index((person.short, one.record.number) for one in self.abstracts for person in one.record.authors)

    @property
    def keywords(self) -> Mapping[str, tuple[str, ...]]:
        """The same for keywords."""
        return _index((word, one.record.number) for one in self.abstracts for word in one.record.keywords)


def _index(pairs: Iterable[tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for name, number in pairs:
        found.setdefault(name, {})[number] = None
    return {name: tuple(found[name]) for name in sorted(found, key=lambda name: (name.casefold(), name))}


def make(size: int, *, plain: bool = False) -> Book:
    """A book of so many abstracts.

    Args:
        size: how many.
        plain: whether abstracts have seven authors, and no tables, figures and references: as light as those of a
            small meeting.
    """
    invent = _Inventor(size, plain=plain)
    many = max(2, min(_TRACKS, size // 10)) if size > 1 else 1
    bounds = [size * n // many for n in range(many + 1)]
    tracks = []
    for n, (first, end) in enumerate(itertools.pairwise(bounds)):
        title = invent.track(n)
        listed = tuple(invent.abstract(number, title) for number in range(first + 1, end + 1))
        tracks.append(Track(title=title, overview=None if plain else invent.overview(n, title), abstracts=listed))
    return Book(tracks=tuple(tracks), references=invent.references)


def another(book: Book) -> Abstract:
    """An abstract that the book does not have yet, of the track in its middle."""
    size = len(book.abstracts)
    return _Inventor(size, plain=not book.references).abstract(size + 1, book.abstracts[size // 2].record.track)


def with_word(abstract: Abstract) -> Abstract:
    """The abstract with a word of its text changed."""
    first, *others = abstract.record.abstract
    text = RichText.parse(f"Corrected {first.text.source}")
    return structs.replace(
        abstract, record=structs.replace(abstract.record, abstract=(structs.replace(first, text=text), *others))
    )


def with_title(abstract: Abstract) -> Abstract:
    """The abstract with a word of its title changed."""
    title = RichText.parse(f"Revised: {abstract.record.title.source}")
    return structs.replace(abstract, record=structs.replace(abstract.record, title=title))


def with_author(abstract: Abstract) -> Abstract:
    """The abstract with the name of its first author changed."""
    first, *others = abstract.record.authors
    return structs.replace(
        abstract,
        record=structs.replace(abstract.record, authors=(structs.replace(first, family="Aardvarkson"), *others)),
    )


# -- inventing ---------------------------------------------------------------------------------------------------------


class _Inventor:
    """Invents the parts of a book; each part has dice of its own, so that none depends on how many came before."""

    def __init__(self, size: int, *, plain: bool) -> None:
        self.plain = plain
        dice = random.Random("words")  # noqa: S311 - invented data
        self.rare = [_coined(dice) for _ in range(2400)]
        words = [*_SMALL, *_COMMON, *self.rare]
        self.words = words
        # Small words make two fifths of a text, as in English; of the others, the n-th is drawn 1/n as often.
        small, common = len(_SMALL), len(words) - len(_SMALL)
        harmonic = [1 / (n + 12) for n in range(common)]
        shares = [0.4 / small] * small + [0.6 * share / sum(harmonic) for share in harmonic]
        self.shares = list(itertools.accumulate(shares))
        dice = random.Random(f"people of {size}")  # noqa: S311 - invented data
        self.people = [_person(dice) for _ in range(40 + 4 * size)]
        self.places = [_place(dice) for _ in range(12 + size // 4)]
        self.keywords = [f"{word.capitalize()}, {aspect}" for word in self.rare[:60] for aspect in _ASPECTS[:5]]
        self.references = () if plain else tuple(self.reference(n) for n in range(30 + size // 8))

    def track(self, n: int) -> str:
        field, word = _FIELDS[n % len(_FIELDS)], self.rare[100 + n].capitalize()
        return f"{word} and {field.lower()}: {('from bench to bedside', 'trials', 'new methods', 'care')[n % 4]}"

    def abstract(self, number: int, track: str) -> Abstract:
        dice = random.Random(f"abstract {number}")  # noqa: S311 - invented data
        places = dice.sample(self.places, min(len(self.places), dice.randint(3, 8)))
        people = dice.sample(self.people, 7 if self.plain else dice.randint(10, 20))
        parts = [AbstractPart(label=label, text=RichText.parse(self.text(dice, words))) for label, words in _PARTS]
        ids = Ids(doi=f"10.5555/sample.2014.{number}")
        if dice.random() < 1 / 6:
            ids = structs.replace(ids, nct=(f"NCT{dice.randint(10_000_000, 99_999_999)}",))
        record = Record(
            number=str(number),
            title=RichText.parse(self.title(dice, dice.randint(9, 18))),
            authors=tuple(_placed(dice, person, len(places)) for person in people),
            affiliations=tuple(map(RichText.plain_text, places)),
            container="Sample Journal of Oncology",
            container_short="Sample J Oncol",
            volume="1",
            supplement="1",
            issued=PartialDate(2013, 12),
            presentation=dice.choice(("oral", "poster")),
            permission="full",
            language="en",
            track=track,
            keywords=tuple(dice.sample(self.keywords, 4)),
            ids=ids,
            abstract=tuple(parts),
        )
        if self.plain:
            return Abstract(record=record)
        cited = tuple(dice.sample(range(len(self.references)), dice.randint(3, 15)))
        return Abstract(record=record, cited=cited, table=None if number % _TABLE_EVERY else self.table(dice))

    def overview(self, n: int, track: str) -> Overview:
        dice = random.Random(f"overview {n}")  # noqa: S311 - invented data
        places = dice.sample(self.places, 2)
        return Overview(
            key=f"overview-{n + 1}",
            title=RichText.plain_text(f"What is new in {track[0].lower()}{track[1:]}"),
            authors=tuple(_placed(dice, person, 2) for person in dice.sample(self.people, 3)),
            affiliations=tuple(map(RichText.plain_text, places)),
            paragraphs=tuple(self.text(dice, 90) for _ in range(3)),
            table=self.table(dice),
            caption=self.title(dice, 8) + ". Invented data.",
            bars=tuple(dice.randint(10, 100) for _ in range(8)),
        )

    def reference(self, n: int) -> Record:
        dice = random.Random(f"reference {n}")  # noqa: S311 - invented data
        first = dice.randint(1, 2000)
        return Record(
            type="article",
            title=RichText.plain_text(RichText.parse(self.title(dice, 10)).plain),
            authors=tuple(dice.sample(self.people, dice.randint(1, 6))),
            container_short=f"Ann Sample {dice.choice(_FIELDS)}",
            issued=PartialDate(dice.randint(1996, 2013)),
            volume=str(dice.randint(1, 90)),
            pages=f"{first}-{first + dice.randint(3, 12)}",
        )

    def table(self, dice: random.Random) -> Table:
        rows = [
            (
                " ".join(self.draw(dice, 2)).capitalize(),
                str(dice.randint(20, 400)),
                f"{dice.randint(1, 60)}.{dice.randint(0, 9)}",
                f"0.{dice.randint(10, 99)}",
            )
            for _ in range(dice.randint(4, 8))
        ]
        heads = ("Group", "Patients", "Months", "Ratio")
        return Table(caption=self.title(dice, 6) + ".", heads=heads, rows=tuple(rows))

    def title(self, dice: random.Random, words: int) -> str:
        drawn = self.draw(dice, words)
        if dice.random() < 0.2:
            drawn[-1] = dice.choice(("CD8<sup>+</sup> cells", "vitamin D<sub>3</sub>", "<i>KRAS</i> mutations"))
        if dice.random() < 0.3:
            drawn[2] += ":"
        drawn[0] = drawn[0].capitalize()
        return " ".join(drawn)

    def text(self, dice: random.Random, words: int) -> str:
        """Sentences of about so many words, as inline HTML."""
        sentences: list[str] = []
        left = words
        while left > 0:
            count = min(left, dice.randint(11, 24)) if left > 12 else left
            drawn = self.draw(dice, max(count, 3))
            if dice.random() < 0.55 and count > 6:
                numbers = [dice.randint(11, 88) for _ in range(3)]
                drawn[-1:] = [dice.choice(_MEASURES).format(*numbers, dice.randint(2, 8))]
                count += 3
            drawn[0] = drawn[0].capitalize()
            sentences.append(" ".join(drawn) + ".")
            left -= count
        return " ".join(sentences)

    def draw(self, dice: random.Random, count: int) -> list[str]:
        return dice.choices(self.words, cum_weights=self.shares, k=count)


def _coined(dice: random.Random) -> str:
    syllables = [dice.choice(_ONSETS) + dice.choice(_VOWELS) for _ in range(dice.randint(2, 3))]
    return "".join(syllables) + dice.choice(_STEMS)


def _person(dice: random.Random) -> Person:
    given = dice.choice(_GIVEN) + (f" {dice.choice('ABCDEFGHIJKLMNOPRSTVW')}" if dice.random() < 0.6 else "")
    family = dice.choice(_FAMILY) + dice.choice(_ENDING)
    if dice.random() < 0.1:
        family += f"-{dice.choice(_FAMILY)}{dice.choice(_ENDING)}"
    return Person(given=given, family=family)


def _place(dice: random.Random) -> str:
    kind = dice.choice(("University Hospital", "Cancer Centre", "Institute of Health", "Medical School", "Clinic"))
    city = dice.choice(_CITIES)
    return (
        f"Department of {dice.choice(_FIELDS)}, {city} {kind} {dice.randint(1, 99)}. {city}, {dice.choice(_COUNTRIES)}"
    )


def _placed(dice: random.Random, person: Person, places: int) -> Person:
    marks: Sequence[int] = sorted(dice.sample(range(1, places + 1), min(places, dice.choice((1, 1, 1, 2)))))
    return structs.replace(person, affiliations=tuple(marks))
