"""The authors of a row, from lists of names and from columns of single people, with their affiliations."""

from __future__ import annotations

import functools
import html
import re
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest.merge import fold
from digest.names import Author, is_group, person, read_people, sure_name
from digest.sources.formats.tables.affiliations import affiliations_by_mark, without_affiliations
from digest.sources.formats.tables.authorlists import is_in_brackets, listed_people
from digest.sources.formats.tables.columns import folded
from digest.sources.shared import fields, markup, ties

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.model import Person
    from digest.publication import AuthorStyle
    from digest.sources.formats.tables.columns import Columns, PersonColumns, Places
    from digest.sources.shared.draft import Draft
    from digest.text import RichText


class _Roster:
    """The authors of a row, gathered from all its columns; no one is listed twice."""

    def __init__(self) -> None:
        self.people: list[tuple[Author, list[str], str]] = []  # with affiliations of their own, and an ORCID iD

    def find(self, who: Person) -> int | None:
        """The place of somebody who is listed already: by the same family name, and first names that may be one."""
        for n, (author, _, _) in enumerate(self.people):
            if _may_be(author.person, who):
                return n
        return None

    def add(self, author: Author, places: Sequence[str] = (), orcid: str = "", *, first: bool = False) -> None:
        """Adds somebody new at the end, or at the front; for somebody who is listed keeps what is new."""
        if (at := self.find(author.person)) is None:
            self.people.insert(0 if first else len(self.people), (author, list(places), orcid))
        else:
            known, mine, own = self.people[at]
            self.people[at] = known, [*mine, *places], own or orcid


def _may_be(one: Person, other: Person) -> bool:
    if fold(one.family_name) != fold(other.family_name):
        return False
    letters = [fold(who.initial_letters) for who in (one, other)]
    return letters[0].startswith(letters[1][:1]) and letters[1].startswith(letters[0][:1])


def add_people(
    draft: Draft,
    columns: Columns,
    cells: Sequence[str],
    rich_text_of: Callable[[str], str],
    *,
    goes_on: bool = False,
    style: AuthorStyle = "",
) -> None:
    """Adds the authors of a row: from a list of all, or from columns of single ones, or the speaker; then co-authors.

    Args:
        draft: the record.
        columns: what the columns mean.
        cells: the cells of the row.
        rich_text_of: gives the text of a field, with markup.
        goes_on: whether the row continues a record: it adds people; without a name it is about the last one before.
        style: how lists of authors are written in the table; empty where each is read by itself.
    """
    before = len(draft.authors)
    text_of = functools.partial(_with_raised_marks, rich_text_of)
    roster = _Roster()
    among: list[str] = []  # institutions among the names
    people_of_list = functools.partial(_people_of_list, draft, columns, among=among, style=style)
    everybody = people_of_list(text_of("authors"))
    own = [author for author, _ in everybody]
    for author, places in everybody:
        roster.people.append((author, places, ""))
    singles: dict[str, list[tuple[Author, list[str], str]]] = {}
    for somebody in columns.people:
        singles.setdefault(somebody.role, []).extend(_people_of_columns(draft, somebody, cells))
    for author, places, orcid in singles.get("", ()):
        roster.people.append((author, places, orcid))
    whole = bool(roster.people) and not text_of("coauthors")
    for field, role in (("first_author", "first"), ("presenter", "presenter"), ("coauthors", "co"), ("", "contact")):
        if role == "contact" and roster.people:
            break
        found = people_of_list(text_of(field), speakers=role == "presenter") if field else []
        more = [(author, places, "") for author, places in found] + singles.get(role, [])
        mine = _affiliations_in(columns.role_places.get(role, ()), cells)
        for n, (author, places, orcid) in enumerate(more):
            if whole and role in {"first", "presenter"} and roster.find(author.person) is None:
                name = author.person.full[:60]
                draft.tell("note", "contributors", f"“{name}” is not among the authors; left out as their {role}")
            else:
                roster.add(author, [*places, *(mine if n == 0 else ())], orcid, first=role == "first")
        if not own and role in {"first", "presenter", "co"}:
            own = [author for author, _ in found]
    listed, with_names = text_of("affiliations"), text_of("affiliated_authors")
    untied: list[str] = []
    for at in columns.fields.get("affiliations", (-1,)):  # one of them may name the authors
        named, untied = _named_places(roster, cells[at] if at >= 0 else "", with_names)
        for n, places in named.items():
            roster.people[n][1].extend(places)
        if named:
            listed = ""
            break
    counted = affiliations_by_mark(listed) or _counted(columns, cells)
    if goes_on and not roster.people and draft.authors:
        _move(draft, draft.authors[-1], [*counted.values(), *among])
        return
    _affiliate(draft, roster, own, counted, among)
    for place in untied:
        draft.affiliation(place)
    if goes_on:
        added, draft.authors[before:] = draft.authors[before:], []
        for who in added:
            if twin := next((one for one in draft.authors[:before] if one.full == who.full), None):
                _move(draft, twin, [draft.affiliations[n - 1] for n in who.affiliations])
            else:
                draft.authors.append(who)


def _named_places(roster: _Roster, listed: str, with_names: str) -> tuple[dict[int, list[str]], list[str]]:
    """The affiliations of each author, by place in the roster, where the text names whose they are; and all others.

    Args:
        roster: the authors.
        listed: a list of affiliations, each after its authors in brackets (Embase, Web of Science), or without them.
        with_names: authors between semicolons, each with all affiliations (Scopus).
    """
    people = [author.person for author, _, _ in roster.people]
    found: dict[int, list[str]] = {}
    pieces = [piece.strip() for piece in with_names.split(";") if piece.strip()]
    known = sorted((piece.strip() for piece in listed.split(";") if piece.strip()), key=len, reverse=True)
    for n, piece in enumerate(pieces):
        mine, rest = ties.tied(piece, people)
        if len(pieces) == len(people) and n in mine:  # two of one name
            mine = [n]
        for one in mine if rest != piece else ():
            found.setdefault(one, []).extend(_among(rest, known))
    if found:
        tied = {place for places in found.values() for place in places}
        return found, [place for place in reversed(known) if not any(place in one for one in tied)]
    untied: list[str] = []
    for piece in _NEXT.split(listed) if listed.startswith(("(", "[")) else ():
        mine, rest = ties.tied(piece.strip(" ;"), people)
        untied += [] if mine else [rest]
        for one in mine:
            found.setdefault(one, []).append(rest)
    return found, untied if found else []


_NEXT: Final = re.compile(r"[;\n]\s{0,3}(?=[(\[][^()\[\]]{2,6000}[)\]]\s)")


def _among(text: str, known: Sequence[str]) -> list[str]:
    """The affiliations that a text joins with commas, where it holds nothing but known ones; else the text as one."""
    at: dict[int, str] = {}
    rest = text
    for place in known:
        if (start := rest.find(place)) >= 0:
            at[start] = place
            rest = rest[:start] + " " * len(place) + rest[start + len(place) :]
    return [at[start] for start in sorted(at)] if at and not rest.strip(" ,;.") else [text]


def _move(draft: Draft, author: Person, places: Iterable[str | RichText]) -> None:
    """Gives an author further affiliations."""
    numbers = {*author.affiliations, *filter(None, map(draft.affiliation, places))}
    at = next(n for n, one in enumerate(draft.authors) if one is author)
    draft.authors[at] = structs.replace(author, affiliations=tuple(sorted(numbers)))


def _with_raised_marks(rich_text_of: Callable[[str], str], field: str) -> str:
    """A field of names as text, of whose markup only raised marks are kept."""
    text = rich_text_of(field)
    if not re.search(r"</(?:b|i|su[bp])>", text):
        return text
    return html.unescape(re.sub(r"</?(?:b|i|sub)>", "", text.replace("<br>", "\n")))


def _people_of_list(
    draft: Draft,
    columns: Columns,
    text: str,
    *,
    among: list[str],
    speakers: bool = False,
    style: AuthorStyle = "",
) -> list[tuple[Author, list[str]]]:
    """The people of a printed list with the places after their names; institutions among speakers go into `among`."""
    if not text or _NOBODY.fullmatch(text):
        if text:
            draft.tell("note", "anonymous", f"in place of authors there is “{text[:60]}”; it was left out")
        return []
    if text.count(".") == 1:
        text = text.removesuffix(".")  # PubMed ends its lists so
    text = re.sub(r"\s?\(\d{6,}\)", "", text)  # numbers of people in Scopus
    if style and not is_in_brackets(text):
        try:
            written, goes_on = listed_people(text, style, family_first=draft.family_first)
        except ValueError as error:
            draft.tell("warning", "odd-name", f"the list of authors “{text[:80]}” could not be read: {error}")
            return []
        draft.truncated = draft.truncated or goes_on
        return written
    if not re.search(r"[;,|\n]", text) and "item doi" in map(folded, columns.heading):
        # Springer's search joins the names without anything between: “Andy SmithTom Weber”.
        text = re.sub(r"(?<=[^\W\d_A-Z]{2})(?<!Mc)(?<!Mac)(?<!Fitz)(?=[A-Z][^\W\d_]*[\s.])", "; ", text)
    if speakers and not {"authors", "coauthors"} & set(columns.fields):
        text = _NOT_SPEAKING.sub(lambda one: f", {one[1]}" if sure_name(one[1]) else one[0], text)
    names, places = _without_places(text) if speakers else (text, [])
    names = markup.plain(names) if "&" in names else names
    names, own = without_affiliations(names) if not places else (names, {})
    try:
        people, truncated = read_people(fields.without_count(names), family_first=draft.family_first)
    except ValueError:
        draft.add_people(names)  # reports what is wrong
        return []
    among += places
    draft.truncated = draft.truncated or truncated
    return _placed(people, own)


# Where only speakers have a column, one who does not speak is in brackets; two words may be a city, too.
_NOT_SPEAKING: Final = re.compile(
    r"\s?\((?!(?:New|San|Santa|São|Sao|Los|Las|Saint|St|Tel|Hong|Cape|Buenos|Rio|El|Univ\w*|Hospital)\b)"
    r"([^\W\d_][^(),;]{1,30}\s[^(),;]{2,60})\)"
)
_NOBODY: Final = re.compile(
    r"\W?(?:tb[acd]|to be (?:announced|confirmed|defined)|anonym(?:ous|e|o)?|unknown|n\.\s?n\.?|"
    r"wird noch bekannt gegeben|unbekannt|inconnu|desconocido|à confirmer|por confirmar)\W?",
    re.IGNORECASE,
)


def _people_of_columns(
    draft: Draft, somebody: PersonColumns, cells: Sequence[str]
) -> Iterator[tuple[Author, list[str], str]]:
    """The person, or people, in the columns of one person's name."""
    texts = {part: cells[at] for part, at in somebody.parts.items() if not fields.is_nothing(cells[at])}
    places = _affiliations_in(somebody.places, cells)
    orcid = texts.get("orcid", "")
    family, given, name = texts.get("family", ""), texts.get("given", ""), texts.get("name", "")
    if not family and name and given and given not in name:
        family, name = name, ""  # “Name, Vorname”
    if family or (given and not name):
        try:
            who = person(
                family or given,
                " ".join(filter(None, (given if family else "", texts.get("middle", "")))),
                texts.get("suffix", ""),
            )
        except ValueError as error:
            draft.tell("warning", "odd-name", f"an author was left out: {error}")
            return
        yield Author(person=who), places, orcid
    elif name and not _NOBODY.fullmatch(name):
        bare, own = without_affiliations(name)
        try:
            people, truncated = read_people(fields.without_count(bare), family_first=draft.family_first)
        except ValueError as error:
            draft.tell("warning", "odd-name", f"an author was left out: {error}")
            return
        draft.truncated = draft.truncated or truncated
        for author, mine in _placed(people, own):
            yield author, [*places, *mine], orcid if len(people) == 1 else ""


def _placed(people: Iterable[Author], own: Mapping[str, str]) -> list[tuple[Author, list[str]]]:
    """People with the places to which their marks lead, and without these marks."""
    return [
        (
            structs.replace(author, marks=tuple(mark for mark in author.marks if mark not in own)),
            [own[mark] for mark in author.marks if mark in own],
        )
        for author in people
    ]


def _affiliations_in(places: Places, cells: Sequence[str]) -> list[str]:
    found: list[str] = []
    for columns in places:
        texts = [cells[at] for at in columns if not fields.is_nothing(cells[at])]
        if len(texts) == 1:
            found += filter(None, (piece.strip() for piece in re.split(r"[\n|;]", texts[0])))  # commas are inside
        elif texts:
            found.append(", ".join(texts))
    return found


def _counted(columns: Columns, cells: Sequence[str]) -> dict[str, str]:
    """The affiliations of columns such as “Affiliation 1”."""
    found = ((n, ", ".join(_affiliations_in(places, cells))) for n, places in columns.places.items())
    return {n: text for n, text in found if text}


def _affiliate(
    draft: Draft, roster: _Roster, own: Sequence[Author], marked_places: Mapping[str, str], among: Sequence[str]
) -> None:
    """Adds the authors with their affiliations: by marks, one to one where the lists match, or all for a single one."""
    listed = list(marked_places.values())
    marked = any(author.marks for author, _, _ in roster.people if {*author.marks} & {*marked_places})
    count = len(roster.people)
    for n, (author, places, orcid) in enumerate(roster.people):
        mine = list(places)
        if marked:
            mine += [marked_places[mark] for mark in author.marks if mark in marked_places]
        elif count == 1 or (len(own) == len(listed) == 1 and author is own[0]):
            mine += listed
        elif len(listed) == count:
            mine.append(listed[n])
        draft.add_author(author.person, [*mine, *(among if count == 1 else [])], orcid=orcid)
    for place in (*listed, *among):
        draft.affiliation(place)


def _without_places(text: str) -> tuple[str, list[str]]:
    """Names and the institutions among them, as programmes print after a speaker."""
    text = re.sub(r"\s?\(([^()]{3,500},[^()]{3,500})\)", r", \1", text)  # the speaker (and those who do not speak)
    pieces = [piece.strip() for piece in re.split(r"[,;]\s", text)]
    places = [piece for piece in pieces[1:] if is_group(piece) or _POST.search(piece)]
    return ", ".join(piece for piece in pieces if piece not in places) if places else text, (
        [", ".join(places)] if places else []
    )


_POST: Final = re.compile(
    r"\b(?:professor|scientist|director|lecturer|researcher|engineer|student|president|head|chaired|chief)\b",
    re.IGNORECASE,
)
