"""Affiliations in a list of authors, or in a column: each is found with the mark that leads to it from its people.

Programmes print them after each name, ``Ann Lee (Boston, USA)``, after all, ``…; University of Boston``, or in a list
of their own with marks, ``Lee A (1), Roy B (2). (1) Boston; (2) London``.
"""

from __future__ import annotations

import re
from typing import Final

from digest.degrees import is_degrees
from digest.names import is_group, is_role, name_at, read_people, sure_name

# Marks of our own; affiliations are counted from 1, and no abstract has so many.
_FIRST_MARK: Final = 700
_MOST: Final = 250  # places of one list; more are left where they are

_INSTITUTION: Final = re.compile(
    r"\b(?:univ\w{0,12}\b\.?|hospital\w{0,5}|h[ôo]pital|ospedale|klinik\w{0,4}|\w{2,20}klinik(?:um)?|clinic|clinique|"
    r"cl[íi]nica|clinical cent(?:er|re)|institut[eos]?|istituto|cent(?:er|re)s?|centro|zentrum|college|school|facultad|"
    r"facult\w{1,3}|fakult[äa]t|dep(?:t\b\.?|artments?|artamento|artement)|d[ée]partement|abteilung|division|academy|"
    r"laborator\w{1,3}|akademie|infirmary|polyclinic|foundation trust|nhs|inserm|cnrs|gmbh|ltd|inc|ministry|"
    r"pharma\w{0,10})(?!\w)",
    re.IGNORECASE,
)
_TOGETHER: Final = re.compile(
    r"\b(?:groups?|investigators?|consorti\w{2}|trialists|network|committee|collaborat\w{2,5}|society|association|team|panel|"
    r"task force|working party|registry|initiative|study|trial|behalf|for the)\b",
    re.IGNORECASE,
)
_COUNTRIES: Final = frozenset(
    {
        "argentina",
        "australia",
        "austria",
        "österreich",
        "belgium",
        "belgique",
        "belgien",
        "brazil",
        "brasil",
        "bulgaria",
        "canada",
        "chile",
        "china",
        "pr china",
        "p.r. china",
        "colombia",
        "croatia",
        "cuba",
        "cyprus",
        "czech republic",
        "czechia",
        "denmark",
        "dänemark",
        "ecuador",
        "egypt",
        "england",
        "estonia",
        "finland",
        "france",
        "frankreich",
        "germany",
        "deutschland",
        "greece",
        "hong kong",
        "hungary",
        "iceland",
        "india",
        "indonesia",
        "iran",
        "iraq",
        "ireland",
        "israel",
        "italy",
        "italia",
        "italien",
        "japan",
        "kenya",
        "korea",
        "south korea",
        "republic of korea",
        "kuwait",
        "latvia",
        "lebanon",
        "lithuania",
        "luxembourg",
        "malaysia",
        "mexico",
        "méxico",
        "morocco",
        "netherlands",
        "the netherlands",
        "niederlande",
        "new zealand",
        "nigeria",
        "northern ireland",
        "norway",
        "pakistan",
        "peru",
        "philippines",
        "poland",
        "portugal",
        "qatar",
        "romania",
        "russia",
        "russian federation",
        "saudi arabia",
        "scotland",
        "serbia",
        "singapore",
        "slovakia",
        "slovenia",
        "south africa",
        "spain",
        "españa",
        "spanien",
        "sweden",
        "switzerland",
        "schweiz",
        "suisse",
        "taiwan",
        "thailand",
        "tunisia",
        "turkey",
        "türkiye",
        "uk",
        "u.k.",
        "ukraine",
        "united kingdom",
        "united states",
        "united states of america",
        "uruguay",
        "us",
        "usa",
        "u.s.",
        "u.s.a.",
        "venezuela",
        "vietnam",
        "wales",
    }
)


def without_affiliations(text: str) -> tuple[str, dict[str, str]]:
    """The list with its people alone, with marks after them, and the place to which each mark leads.

    A list that does not clearly contain a place comes back as it is.
    """
    if len(text) > 100_000 or not re.search(r"[(\[,;|\n]", text):
        return text, {}
    text, places = _counted(text)
    if places:
        return text, places
    text = _SENTENCE.sub(_after_names, _in_brackets(text, places))
    marks = [mark for mark in (";", "|", "\n") if mark in text]
    if marks:
        return _marked([_NamesAndPlace.of(piece) for piece in text.split(marks[0]) if piece.strip()], places, text)
    return _marked(_by_commas(text), places, text)


# “Smith J, Roe A. University of A, Boston”, and a text that may be both.
_SENTENCE: Final = re.compile(r"(?P<name>(?:^|[,;])\s?[^,;.\n]{2,60})\.\s(?P<rest>[^,;.\n]{2,200})")
_HAS_MARKS: Final = re.compile(r"[(\[]\d{1,2}[)\]]|\.\s[a-z0-9]\s|</sup>")


def _after_names(match: re.Match[str]) -> str:
    name = match["name"].strip(" ,;")
    return f"{match['name']}, {match['rest']}" if _is_institution(match["rest"]) and sure_name(name) else match[0]


def _mark(places: dict[str, str], place: str) -> str:
    """The mark of a place, which is added to the places."""
    place = place.strip(" ,;.")
    known = next((mark for mark, one in places.items() if one == place), "")
    mark = known or str(_FIRST_MARK + len(places))
    places[mark] = place
    return f"<sup>{mark}</sup>"


# --- Places in a list of their own -----------------------------------------------------------------------------------

_OWN_LIST: Final = re.compile(
    r"(?:[.;|\n]\s{0,3}|(?<=[)\]>])\s)(?=(?P<mark>[(\[]\s?(?:1|a)\s?[)\]]|<sup>\s?(?:1|a)\s?</sup>|[¹*†]|(?:1|a)[.):]?\s?(?=[^\W\d_]))\s?[^\W\d_])"
)
_EACH: Final = re.compile(
    r"(?:(?<=[\s;,.|])|^)(?:[(\[]\s?(\d{1,2}|[a-z])\s?[)\]]|<sup>\s?(\d{1,2}|[a-z])\s?</sup>|([¹²³⁴⁵⁶⁷⁸⁹])|"
    r"(\d{1,2})[.):]?\s?(?=[^\W\d_]{2})|([a-z])(?:[.):]\s?|\s)(?=[^\W\d_a-z])|([*†‡§¶#])\s?(?=[^\W\d_]))\s?"
)
_SIGNS: Final = frozenset("*†‡§¶#")
_LETTERS: Final = re.compile(r"(?<=[^\W\d_])\s([a-z](?:\s?,\s?[a-z])*)(?=\s*(?:[,;]|$))")  # Smith J a, Roe K b
_RAISED: Final = str.maketrans("¹²³⁴⁵⁶⁷⁸⁹", "123456789")


def _counted(text: str) -> tuple[str, dict[str, str]]:
    """The list before a list of places that are counted 1, 2, 3 or a, b, c, and these with marks of our own."""
    for match in list(_OWN_LIST.finditer(text))[:5]:
        head, tail = text[: match.start()], text[match.end() :]
        starts: list[tuple[str, int, int]] = []
        for each in _EACH.finditer(tail):
            mark = next(filter(None, each.groups())).translate(_RAISED)
            wanted = starts[-1][0] if starts else ""
            if mark in _SIGNS:
                following = (not wanted or wanted in _SIGNS) and mark not in {one for one, _, _ in starts}
            elif not wanted or wanted in _SIGNS:
                following = not wanted and mark in {"1", "a"}
            else:
                following = mark == (str(int(wanted) + 1) if wanted.isdigit() else chr(ord(wanted) + 1))
            if following:
                starts.append((mark, each.start(), each.end()))
        if not starts:
            continue
        ends = [start for _, start, _ in starts[1:]] + [len(tail)]
        found = {mark: tail[end:stop].strip(" ;,|\n.") for (mark, _, end), stop in zip(starts, ends, strict=True)}
        if any(_is_other(place) for place in found.values()):
            continue
        if "a" in found:
            head = _LETTERS.sub(r"<sup>\1</sup>", head)
        try:
            people, _ = read_people(head)
        except ValueError:
            continue
        used = {mark for author in people for mark in author.marks}
        if used and used <= {*found, *_SIGNS}:
            return head, found
    return text, {}


# --- Places in brackets ----------------------------------------------------------------------------------------------

_BRACKETS: Final = re.compile(
    r"(?P<before>[^\W\d_][.\d,*]{0,6}|</sup>)\s?[(\[](?P<place>(?:[^()\[\]]|\([^()]{0,60}\)){2,300})[)\]]"
    r"(?:\s?[*†‡]{1,2})?(?=\s?(?:[,;|\n]|\.?\s?$|\s(?:and|und|et|y|e|&)\s))"
)


def _in_brackets(text: str, places: dict[str, str]) -> str:
    """The list with a mark in place of each place in brackets after a name."""

    def take(match: re.Match[str]) -> str:
        place = re.sub(r"^\d{1,2}[.:)]?\s+(?=\D)", "", match["place"].strip(" *†"))
        name = re.split(r"[,;|\n]|</sup>", text[max(0, match.start() - 300) : match.end("before")])[-1]
        if len(places) >= _MOST or _is_other(place) or _TOGETHER.search(name) or is_group(name):
            return match[0]
        return match["before"] + _mark(places, place)

    return _DEGREES_FIRST.sub(
        lambda match: f"{match[2]}{match[1]}" if is_degrees(match[1].strip(", ")) else match[0],
        _BRACKETS.sub(take, text),
    )


_DEGREES_FIRST: Final = re.compile(r"((?:,\s?[A-Za-z.]{2,8}){1,4})(<sup>7\d\d</sup>)")  # Ann Lee, MD (Boston)


def _is_other(text: str) -> bool:
    """Whether a text in brackets after a name is something other than a place: a role, degrees, an e-mail, people."""
    return (
        len(re.findall(r"[^\W\d_]", text)) < 2
        or is_role(f"({text})")
        or is_degrees(text)
        or _NOT_A_PLACE.search(text) is not None
        or (not is_place(text) and _are_people(text))
    )


_NOT_A_PLACE: Final = re.compile(
    r"@|orcid|\d{4}-\d{4}|\bet al\b|\b(?:n[ée]e|geb|more|deceased|presenter|presenting|speaker|chair)\b", re.IGNORECASE
)


def is_place(text: str) -> bool:
    """Whether a text names an institution, or ends in a country."""
    return _is_institution(text) or text.rpartition(",")[2].strip(" .").lower() in _COUNTRIES


def _is_institution(text: str) -> bool:
    return bool(_INSTITUTION.search(text)) and not _TOGETHER.search(text)


def _are_people(text: str) -> bool:
    """Whether all between commas are names of two words or more: the authors who do not speak."""
    return re.search(r"[,;]", text) is not None and all(
        " " in one.strip() and sure_name(one) is not None for one in re.split(r"[,;]", text)
    )


# --- Places after names ----------------------------------------------------------------------------------------------


_PARTED: Final = re.compile(r"(?P<name>[^:–—]{2,60}?)(?::\s|\s[-–—]\s)(?P<place>.{3,300})", re.DOTALL)


def _has_initials(text: str) -> bool:
    found = name_at(text.strip())
    return found is not None and found[1] >= len(text.strip())


def _swallows(place: str) -> bool:
    """Whether a name comes before the first word of an institution: “Roe K† Univ B” would be lost as a place."""
    match = _INSTITUTION.search(place)
    return match is not None and name_at(place[: match.start()].strip(" ,;")) is not None


class _NamesAndPlace:
    """A part of a list: the name, or names, and the place after them; either may be empty."""

    def __init__(self, name: str, place: str) -> None:
        self.name, self.place = name, place

    @staticmethod
    def of(text: str) -> _NamesAndPlace:
        """The name and the place between two semicolons."""
        chunks = [chunk.strip() for chunk in text.split(",")]
        if (match := _PARTED.fullmatch(chunks[0])) and _is_institution(match["place"]) and sure_name(match["name"]):
            chunks[:1] = [match["name"], match["place"]]  # Ann Lee: University of Boston
        at = next((n for n, chunk in enumerate(chunks) if _is_institution(chunk)), len(chunks))
        if at == len(chunks) and len(chunks) > 2 and chunks[-1].strip(" .").lower() in _COUNTRIES:
            at = 1 if " " in chunks[0] else 2  # Ann Lee, Boston, USA; Lee, Ann, Boston, USA
        return (
            _NamesAndPlace(", ".join(chunks[:at]), ", ".join(chunks[at:]))
            if at < len(chunks)
            else _NamesAndPlace(text, "")
        )


def _by_commas(text: str) -> list[_NamesAndPlace]:
    """The parts of a list that is divided by commas only: a place ends at a name that another place follows."""
    chunks: list[str] = []
    for chunk in (one.strip() for one in text.split(",")):
        match = _PARTED.fullmatch(chunk)
        parted = match and _is_institution(match["place"]) and _has_initials(match["name"])
        chunks += [match["name"], match["place"]] if match and parted else [chunk]
    pieces: list[_NamesAndPlace] = []
    at = 0
    while at < len(chunks):
        start = next((n for n in range(at, len(chunks)) if _is_institution(chunks[n])), len(chunks))
        end = start + 1
        while end < len(chunks) and not (
            " " in chunks[end]
            and sure_name(chunks[end]) is not None
            and any(map(_is_institution, chunks[end + 1 : end + 2]))
        ):
            end += 1
        pieces.append(_NamesAndPlace(", ".join(chunks[at:start]), ", ".join(chunks[start:end])))
        at = end
    return pieces


def _marked(pieces: list[_NamesAndPlace], places: dict[str, str], text: str) -> tuple[str, dict[str, str]]:
    """The names with marks: a place belongs to all people before it who have none."""
    if not any(piece.place for piece in pieces) or not pieces[0].name.strip() or len(pieces) > _MOST:
        return text, places
    if any(_HAS_MARKS.search(piece.place) or _swallows(piece.place) for piece in pieces):
        return text, places  # it may contain people
    names: list[str] = []
    waiting = 0
    for piece in pieces:
        if piece.name.strip():
            try:
                people, truncated = read_people(piece.name)
            except ValueError:
                return text, places
            several = [piece.name] if len(people) == 1 else _each(piece.name, len(people))
            if not several or (truncated and piece.place):
                return text, places
            names += several
        if piece.place:
            mark = _mark(places, piece.place)
            for n in range(waiting, len(names)):
                names[n] += "" if "</sup>" in names[n] else mark
            waiting = len(names)
    return "; ".join(names), places


def _each(text: str, count: int) -> list[str]:
    """The names of a list between commas, as they are written; none where commas do not separate them."""
    pieces = [piece.strip() for piece in re.split(r",\s?(?:and\s)?|\s(?:and|&|und|et)\s", text) if piece.strip()]
    if len(pieces) == 2 * count:
        pieces = [f"{family}, {given}" for family, given in zip(pieces[::2], pieces[1::2], strict=True)]
    return pieces if len(pieces) == count else []


# --- A column of affiliations ----------------------------------------------------------------------------------------

_RAISED_MARK: Final = "[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}"
_PLACE_MARK: Final = re.compile(
    rf"(?P<raised>{_RAISED_MARK})\s{{0,3}}(?=[^\W\d_])|<sup>\s?(?P<sup>\d{{1,3}}|[a-z])\s?</sup>|"
    r"(?:(?<=[;,|\n.\s])|^)(?:[(\[](?P<bracket>\d{1,3}|[a-z])[)\]]|(?P<dot>\d{1,3}|[a-z])[.):]\s?(?=[^\W\d_])|"
    r"(?P<bare>\d{1,3})\s?(?!(?:st|nd|rd|th|ª|º)\b)(?=[^\W\d_]))"
)
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARK_AFTER: Final = re.compile(rf"\s?(?:[(\[](\d{{1,3}}|[a-z])[)\]]|({_RAISED_MARK})|<sup>(\d{{1,3}}|[a-z])</sup>)$")


def affiliations_by_mark(text: str) -> dict[str, str]:
    """Affiliations by the marks before or after them, or by their place in the list."""
    if found := _places_by_marks(text):
        return found
    pieces = [piece.strip() for piece in re.split(r"[;|\n]", text) if piece.strip()] if text else []
    if len(pieces) == 1 and len(commas := re.split(r"(?<=[⁰¹²³⁴⁵⁶⁷⁸⁹])\s?[,;]\s?", text)) > 1:
        pieces = [piece.strip() for piece in commas if piece.strip()]  # Uni Köln¹, Uni Bonn²
    found = {}
    for n, piece in enumerate(pieces, 1):
        match = re.match(r"[(\[]?(\d{1,3}|[a-z](?=[).\]]))[)\].:]?\s{0,3}(?=[^\W\d_])", piece)
        if match:
            found[match[1]] = piece[match.end() :]
        elif (match := _MARK_AFTER.search(piece)) and match.start():
            mark = (match[1] or match[2] or match[3]).translate(_SUPERSCRIPTS)
            found[mark] = piece[: match.start()]
        else:
            found[str(n)] = piece
    if len(found) == len(pieces):
        return found
    return {str(n): piece for n, piece in enumerate(pieces, 1)}


def _places_by_marks(text: str) -> dict[str, str]:
    """Affiliations after marks of one kind that count 1, 2, 3 or a, b, c; nothing for other texts."""
    starts: list[tuple[int, int, str]] = []
    kind = None
    for match in _PLACE_MARK.finditer(text):
        mark = match[match.lastgroup or 0].translate(_SUPERSCRIPTS)
        wanted = ("1", "a") if not starts else (_next(starts[-1][2]),)
        if mark in wanted and (kind == match.lastgroup or not starts) and (starts or not text[: match.start()].strip()):
            kind = match.lastgroup
            starts.append((match.start(), match.end(), mark))
    if len(starts) < 2 and not (starts and kind in {"raised", "sup", "bracket"}):
        return {}
    ends = [start for start, _, _ in starts[1:]] + [len(text)]
    return {mark: text[begin:end].strip(" ;,|\n") for (_, begin, mark), end in zip(starts, ends, strict=True)}


def _next(mark: str) -> str:
    return str(int(mark) + 1) if mark.isdigit() else chr(ord(mark) + 1)
