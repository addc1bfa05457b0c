"""What the columns of a table mean: by a map in ``digest.yaml``, or by their headings, which `headings.csv` lists."""

from __future__ import annotations

import csv
import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.errors import DigestError, did_you_mean
from digest.merge import flat
from digest.sources.formats.tables.layouts import LAYOUTS
from digest.sources.shared import fields as shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.errors import Level, Problem
    from digest.sources.formats.tables.rows import TableRow
    from digest.sources.page import Page

HEADINGS_WITHIN: Final = 20  # rows: above the headings there are at most a title and some remarks
MOST_LISTED: Final = 8
# Fields that hold several things, for which programs print ``['a', 'b']``.
_OF_SEVERAL: Final = frozenset(
    {"authors", "first_author", "presenter", "coauthors", "affiliations", "keywords", "editors"}
)


def cell_items(text: str, marks: str) -> list[str]:
    """The items of a list in a cell: split at lines, bars or semicolons where there are any, else at commas."""
    for mark in ("\n", "|", ";", *(("," if mark != " " else " ") for mark in (marks or ",")), ","):
        if mark in text:
            return [piece.strip() for piece in text.split(mark) if piece.strip()]
    return [text.strip()] if text.strip() else []


# --- Headings --------------------------------------------------------------------------------------------------------


class _Headings(Struct, frozen=True):
    """The headings that are known.

    Attributes:
        of: for each field the headings that mean it, the surest first: the first that is found is read.
        parts: headings of an abstract's parts; the heading is the label.
        weak: by field, headings that mean it only where nothing speaks against it.
        field: for each heading the field that it means.
        ignored: headings of what a record has no place for.
    """

    of: dict[str, tuple[str, ...]]
    parts: frozenset[str]
    weak: dict[str, frozenset[str]]
    field: dict[str, str]
    ignored: frozenset[str]


def _read_headings() -> _Headings:
    text = resources.files(__package__).joinpath("headings.csv").read_text(encoding="utf-8")
    of: dict[str, list[str]] = {}
    weak: dict[str, set[str]] = {}
    for line in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        of.setdefault(line["field"], []).append(line["heading"])
        if line["weak"]:
            weak.setdefault(line["field"], set()).add(line["heading"])
    parts, ignored = frozenset(of.pop("part")), frozenset(of.pop("ignore"))
    return _Headings(
        of={field: tuple(words) for field, words in of.items()},
        parts=parts,
        weak={field: frozenset(words) for field, words in weak.items()},
        field={words: field for field, names in of.items() for words in names},
        ignored=ignored,
    )


_HEADINGS: Final = _read_headings()
FIELDS: Final = (*_HEADINGS.of, "part", "ignore")
TO_NAME_COLUMNS: Final = (
    "name the columns in digest.yaml, such as “columns: {Paper name: title}”; known fields: " + ", ".join(FIELDS)
)

_ROLE: Final = (
    r"(?:(?P<role>(?:co )?(?:author|autor|auteur)s?|autorin|(?:co|ko|mit) ?(?:author|autor|auteur|autorin)|"
    r"presenters?|presenting author|first author|lead author|speakers?|referent|ponente|orateur|submitter|"
    r"submitting author|contact|contact author|corresponding author) ?)?"
)
_NAME_PART: Final = (
    r"(?P<part>first names?|given names?|forenames?|vornamen?|prenoms?|nombres?|middle names?|middle initials?|"
    r"last names?|family names?|surnames?|nachnamen?|familiennamen?|noms? de famille|apellidos?|cognome|suffix|names?|"
    r"nom|nome|full names?|affiliations?|institutions?|institutes?|organi[sz]ations?|einrichtung|klinik|etablissement|"
    r"afiliacion|institucion|departments?|dept|abteilung|city|stadt|ville|ciudad|state|country|land|pays|pais|"
    r"orcid(?: id)?)"
)
_PERSON: Final = re.compile(
    rf"{_ROLE}(?P<n>\d{{1,3}})? ?{_NAME_PART}(?: (?P<m>\d{{1,3}}))?|"
    rf"(?P<co>co )?(?:author|autor|auteur) ?(?P<only>\d{{1,3}})|"
    rf"(?P<nth>\d{{1,2}})(?:st|nd|rd|th) author(?: {_NAME_PART.replace('<part>', '<of>')})?"
)


@functools.lru_cache(maxsize=4096)  # the first rows of a table are looked at several times
def folded(heading: str) -> str:
    """A heading as the list of headings has it: ``abstract number`` of “AbstractNo.”."""
    split = (
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading[:200].replace("PubMed", "Pubmed").replace("WoS", "Wos"))
        .replace("#", " number ")
        .replace("№", " number ")
    )
    words = " ".join(re.findall(r"[^\W_]+", flat(split)))
    return re.sub(
        r"\b(number)(?: number)+\b", r"\1", re.sub(r"^(abstract|poster) (?:no|nr|num)\b", r"\1 number", words)
    )


def _is_part(words: str) -> bool:
    return words.removeprefix("abstract ") in _HEADINGS.parts


def is_known(words: str) -> bool:
    """Whether a folded heading means something, if only what is left out."""
    return words in _HEADINGS.field or words in _HEADINGS.ignored


def known_headings(page: Page, row: Sequence[str]) -> int:
    """How many cells of a row are headings that are known; a title counts several times."""
    cells = {folded(cell): cell for cell in row if cell and len(cell) < 80}
    mapped = {folded(name) for name in page.columns}
    known = sum(
        (words in _HEADINGS.field) + 5 * (words in _HEADINGS.of["title"] or words in mapped)
        or bool(_is_part(words) or _PERSON.fullmatch(words))
        for words in cells
    )
    return known if len(cells) > 1 or mapped & set(cells) or len(row) > 1 else min(known, 1)


def heading_row(page: Page, rows: Sequence[TableRow]) -> int | None:
    """Which of the first rows holds the headings; nothing where none has a heading of titles."""
    best: tuple[int, int] | None = None
    for n, row in enumerate(rows):
        words = {folded(cell) for cell in row.cells}
        mapped = {folded(name) for name, field in page.columns.items() if field == "title"}
        named = words & (mapped or set(_HEADINGS.of["title"]))
        if named and (len([cell for cell in row.cells if cell]) > 1 or len(rows) > 1):
            score = known_headings(page, row.cells)
            if best is None or score > best[0]:
                best = (score, n)
    return best[1] if best else None


# --- Columns ---------------------------------------------------------------------------------------------------------

Places = tuple[tuple[int, ...], ...]  # columns of each affiliation: department, institution, city, country


class PersonColumns(Struct, frozen=True):
    """Columns of one person: what the person is (empty for an author), the name's parts, the affiliations."""

    role: str
    parts: dict[str, int]
    places: Places


class Columns(Struct, frozen=True, kw_only=True):
    """What the columns of a table hold.

    Attributes:
        fields: the column of each field.
        parts: columns of labelled parts, with their labels.
        people: people whose names have columns of their own.
        places: columns of affiliations that are counted, by their numbers.
        role_places: affiliations of somebody whose name is in a column for all such names, by what the person is.
        unused: headings that mean nothing known.
        spare: headings whose field another column has.
        ignored: headings of what a record has no place for.
        heading: the headings as they are written.
        weak_number: whether the numbers may be those of rows.
        left_out: columns that say which rows are not of the programme, with what keeps a row in it.
        private: columns of a system's table that only reach a person; nothing is kept of them.
        persons: columns of names and affiliations.
        texts: columns of the abstract and of keywords.
    """

    fields: dict[str, tuple[int, ...]]
    parts: tuple[tuple[int, str], ...]
    people: tuple[PersonColumns, ...]
    places: dict[str, Places]
    role_places: dict[str, Places]
    unused: tuple[str, ...]
    spare: tuple[str, ...]
    ignored: tuple[str, ...]
    heading: tuple[str, ...]
    weak_number: bool
    left_out: tuple[tuple[int, re.Pattern[str]], ...]
    private: frozenset[int]
    persons: frozenset[int]
    texts: frozenset[int]

    def text(self, cells: Sequence[str], field: str) -> str:
        """The first cell of a field that is not empty."""
        for at in self.fields.get(field, ()):
            text = cells[at].strip() if at < len(cells) else ""
            if text and (field == "title" or not shared.is_nothing(text)):
                return shared.parted(text) if field in _OF_SEVERAL else text
        return ""

    def rich_text(self, row: TableRow, cells: Sequence[str], field: str) -> str:
        """The first cell of a field that is not empty, with markup where words in it are formatted."""
        text = self.text(cells, field)
        ats = [at for at in self.fields.get(field, ()) if at in row.rich and cells[at].strip() == text]
        return row.rich[ats[0]] if text and ats else text


def columns_of(page: Page, heading: Sequence[str]) -> Columns:
    """What each column means: what the editor has mapped, then what its heading says.

    Raises:
        DigestError: a heading appears twice, or a mapped column or its field does not exist.
    """
    layout = LAYOUTS.get(page.layout)
    words = [layout.word(folded(cell)) if layout else folded(cell) for cell in heading]
    _refuse_twins(page, heading, words)
    mapped = _mapped(page, heading, words)
    left_out: list[tuple[int, re.Pattern[str]]] = []
    if layout:
        mapped |= {at: layout.fields[said] for at, said in enumerate(words) if said in layout.fields}
        left_out += [(at, layout.accepted) for at, said in enumerate(words) if said == layout.decision]
        left_out += [(at, _NO_MARK) for at, said in enumerate(words) if said in layout.gone]
    fields = _fields(words, mapped)
    taken = {at for columns in fields.values() for at in columns}
    parts: list[tuple[int, str]] = []
    people: dict[tuple[str, str], dict[str, tuple[int, ...]]] = {}
    for at, said in enumerate(words):
        if at in mapped:
            if mapped[at] == "part":
                parts.append((at, heading[at].strip()))
        elif at not in taken and _is_part(said):
            label = re.sub(r"^abstract[\s_-]*", "", heading[at].strip(), flags=re.IGNORECASE).replace("_", " ")
            parts.append((at, label[:1].upper() + label[1:]))
            taken.add(at)
        elif at not in taken and (match := _PERSON.fullmatch(said)):
            of = people.setdefault(_role_and_number(match), {})
            part = _name_part(match["part"] or match["of"] or "name")
            of[part] = (*of.get(part, ()), at)
    persons, places, role_places = _people(people, words, has_list="authors" in fields)
    groups = [*places.values(), *role_places.values(), *(person.places for person in persons)]
    taken |= {at for columns in groups for group in columns for at in group}
    taken |= {at for person in persons for at in person.parts.values()}
    left = [at for at, said in enumerate(words) if said and at not in mapped and at not in taken]
    return Columns(
        fields=fields,
        parts=tuple(parts),
        people=persons,
        places=places,
        role_places=role_places,
        unused=tuple(heading[at] for at in left if words[at] not in _HEADINGS.ignored),
        ignored=tuple(heading[at] for at in left if words[at] in _HEADINGS.ignored),
        spare=tuple(heading[at] for columns in fields.values() for at in columns[1:] if at not in mapped),
        heading=tuple(heading),
        weak_number="number" in fields
        and fields["number"][0] not in mapped
        and words[fields["number"][0]] in _HEADINGS.weak["number"]
        and bool({"container", "volume", "pmid"} & set(fields)),
        left_out=tuple(left_out),
        private=frozenset(at for at, said in enumerate(words) if layout and _PRIVATE.search(said)),
        persons=frozenset(
            {at for field in _OF_PERSONS for at in fields.get(field, ())}
            | {at for of in people.values() for ats in of.values() for at in ats}
        ),
        texts=frozenset(
            {at for field in ("abstract", "keywords") for at in fields.get(field, ())} | dict(parts).keys()
        ),
    )


_PRIVATE: Final = re.compile(r"\b(?:e ?mails?\d?|phone|telephone|mobile|fax|address|street|zip|cv)\b")
_NO_MARK: Final = re.compile(r"(?:no|false|0|-)?$", re.IGNORECASE)
_OF_PERSONS: Final = ("authors", "first_author", "presenter", "coauthors", "affiliations", "affiliated_authors")


def _refuse_twins(page: Page, heading: Sequence[str], words: Sequence[str]) -> None:
    seen: set[str] = set()
    for cell, said in zip(heading, words, strict=True):
        if said and said in seen and (said in _HEADINGS.field or said in {folded(name) for name in page.columns}):
            raise DigestError(
                f"two columns have the heading “{cell.strip()}”",
                where=page.where,
                expected="one column for each field",
                todo="rename one of the two columns",
            )
        seen.add(said)


def _mapped(page: Page, heading: Sequence[str], words: Sequence[str]) -> dict[int, str]:
    """The columns that ``digest.yaml`` names, each with its field."""
    mapped: dict[int, str] = {}
    for name, field in page.columns.items():
        if field not in FIELDS:
            raise DigestError(
                f"the column “{name}” is mapped to “{field}”, which is not a field{did_you_mean(field, FIELDS)}",
                where=page.where,
                expected=f"one of {', '.join(FIELDS)}",
            )
        if folded(name) not in words:
            known = ", ".join(f"“{cell}”" for cell in heading[:30])
            raise DigestError(
                f"the table has no column “{name}”{did_you_mean(name, heading)}",
                where=page.where,
                expected=f"one of the headings {known}",
                todo="correct “columns” in digest.yaml",
            )
        mapped[words.index(folded(name))] = field
    return mapped


def _fields(words: Sequence[str], mapped: Mapping[int, str]) -> dict[str, tuple[int, ...]]:
    """The columns of each field: those that are mapped, or else those whose headings mean it, the surest first."""
    fields: dict[str, tuple[int, ...]] = {}
    for at, field in mapped.items():
        if field not in {"part", "ignore"}:
            fields[field] = (*fields.get(field, ()), at)
    free = {said: at for at, said in enumerate(words) if at not in mapped and said}
    for field, names in _HEADINGS.of.items():
        if field not in fields and (
            found := tuple(free[said] for said in names if said in free and _means(said, field, free, fields))
        ):
            fields[field] = found
    return fields


def _means(words: str, field: str, free: Mapping[str, int], fields: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether a heading that can mean several fields means this one, given the other columns."""
    if words == "abstract":  # alone it is the text; next to a column for the text it is the number
        return (field == "number") == ("abstract text" in free or "abstract body" in free)
    if words in _HEADINGS.weak["title"]:
        first = next((name for name in _HEADINGS.of["title"] if name in free), "")
        return (
            (first == words and "title" not in fields)
            if field == "title"
            else free[words] not in fields.get("title", ())
        )
    if words == "state":  # next to a city it is a place
        return not {"city", "country"} & set(free)
    return True


def _people(
    people: Mapping[tuple[str, str], Mapping[str, tuple[int, ...]]], words: Sequence[str], *, has_list: bool
) -> tuple[tuple[PersonColumns, ...], dict[str, Places], dict[str, Places]]:
    """People with columns of their own, affiliations by their numbers, and those that belong to a role."""
    named = {who: of for who, of in people.items() if {"family", "name"} & set(of)}
    listed = has_list or any(role != "contact" for role, _ in named)
    # A list of all authors has priority over columns of single ones; whoever only submitted the abstract comes last.
    named = {
        (role, n): of
        for (role, n), of in named.items()
        if not ((role == "" and has_list) or (role == "contact" and listed))
    }
    alone = {who: of["affiliation"] for who, of in people.items() if who not in named and set(of) == {"affiliation"}}
    places = {n: _places(of, words) for (role, n), of in alone.items() if not role and n}
    role_places = {role: _places(of, words) for (role, n), of in alone.items() if role in {"presenter", "first"}}
    persons = tuple(
        PersonColumns(
            role,
            {part: ats[0] for part, ats in of.items() if part != "affiliation"},
            _places(of.get("affiliation", ()), words),
        )
        for (role, _), of in named.items()
    )
    return persons, places, role_places


def _places(columns: Sequence[int], words: Sequence[str]) -> Places:
    """Columns of affiliations, split where a heading is repeated but for its number."""
    groups: list[list[int]] = []
    kinds: set[str] = set()
    for at in columns:
        kind = re.sub(r"[\d ]+", " ", words[at])
        if not groups or kind in kinds:
            groups.append([])
            kinds = set()
        groups[-1].append(at)
        kinds.add(kind)
    return tuple(map(tuple, groups))


def _role_and_number(match: re.Match[str]) -> tuple[str, str]:
    """What somebody is whose name has columns of its own – empty for an author – and the number."""
    role, n = match["role"] or match["co"] or "", match["n"] or match["m"] or match["only"] or match["nth"] or ""
    for name, pattern in (
        ("contact", r"submit|contact|corresponding"),
        ("co", r"(?:co|ko|mit)"),
        ("first", r"first|lead"),
        ("presenter", r"present|speaker|referent|ponente|orateur"),
    ):
        if re.match(pattern, role):
            return name, n
    return "", n


def _name_part(words: str) -> str:
    for name, pattern in (
        ("given", r"first|given|fore|vorname|prenom|nombre"),
        ("middle", r"middle"),
        ("family", r"last|family|sur|nachname|familien|noms? de famille|apellido|cognome"),
        ("suffix", r"suffix"),
        ("orcid", r"orcid"),
        ("name", r"nam|nom|full"),
        ("affiliation", r"."),
    ):
        if re.match(pattern, words):
            return name
    raise AssertionError(words)


def column_problems(page: Page, columns: Columns, line: int, sheet: str) -> Iterator[Problem]:
    """The columns that are not read."""
    levels: tuple[tuple[tuple[str, ...], Level, str, str], ...] = (
        (columns.unused, "warning", "unknown-column", "columns not read"),
        (columns.spare, "note", "spare-column", "columns read only where another that means the same is empty"),
        (columns.ignored, "note", "ignored-column", "columns for which a record has no place"),
    )
    for names, level, code, what in levels:
        if names:
            listed = ", ".join(f"“{name[:40]}”" for name in names[:MOST_LISTED])
            more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
            todo = "" if code == "ignored-column" else _TO_MAP
            yield page.problem(level, code, f"{sheet}{what}: {listed}{more}{todo}", line=line)


_TO_MAP: Final = "; name them under “columns” in digest.yaml, with “ignore” for those to leave out"
