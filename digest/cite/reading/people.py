"""The people at the front of a citation, however they are printed, and the year after them."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from digest import journals
from digest.cite.reading.landmarks import is_proper
from digest.model import Person
from digest.names import FAMILY, is_group, name_at, person, sure_name
from digest.vocabulary import AND_OTHERS, ET_AL

if TYPE_CHECKING:
    from collections.abc import Iterator


class Opening(Struct, frozen=True):
    """The front of a citation, as far as it is people and a year.

    Attributes:
        people: the people; none where it is not sure that there are any.
        truncated: whether “et al.” follows them.
        year: the year that follows them, and was cut out.
        rest: what follows.
        glued: whether people run into one another and into the title.
        last: the last of the people, where others before were left out: “A, B, … Z”.
        days: month and days after the year, as APA has a meeting's: “(2014, May 30–June 3)”.
        edited: whether the citation calls them editors.
    """

    people: tuple[Person, ...]
    truncated: bool
    year: str
    rest: str
    glued: bool = False
    last: str = ""
    days: str = ""
    edited: bool = False

    @property
    def fields(self) -> dict[str, Any]:
        """The people as fields of a record."""
        if self.edited:
            return {"editors": self.people}
        return {"authors": self.people, "authors_truncated": self.truncated} if self.people else {}


_ELLIPSIS: Final = r"(?:…|\.\s?\.\s?\.)"
_ET_AL: Final = re.compile(rf"[\s,;]{{0,3}}(?:(?:{AND_OTHERS})(?:(?<=al)\.{{0,2}})?|{_ELLIPSIS})", re.IGNORECASE)
INITIALS: Final = r"(?:[A-Z]\.?[ -]?){1,4}"
FAMILY_NAME: Final = (
    r"(?:(?:van|von|de|der|den|la|le|di|da|dos|el|al|ter|ten)\s+)*[^\W\d_][\w'’-]+(?:\s[^\W\d_][\w'’-]+)?"
)
SHORT_NAME: Final = re.compile(
    rf"(?P<family>{FAMILY_NAME}),?\s+(?P<initials>{INITIALS})(?:,?\s(?P<suffix>Jr|Sr|II|III))?\.?"
)
FULL_NAME: Final = re.compile(rf"(?P<given>[A-Z][\w'’.-]*(?:\s[A-Z][\w'’.-]*)*?)\s(?P<family>{FAMILY_NAME})")
_BETWEEN: Final = re.compile(r"\s{0,2}[,;]\s{0,3}(?:(?:and|&|\.{3}|…)\s)?|\s(?:and|&)\s")
_END_OF_NAMES: Final = re.compile(r"\s{0,2}(?:[.:(“\"]|$|(?:19|20)\d\d)|\s{0,2},\s{0,2}(?=[“\"]|(?:19|20)\d\d)")
_YEAR_AFTER: Final = re.compile(
    r"[\s.,:;]{0,4}[(\[]?(?P<year>(?:19|20)\d\d)(?:[a-z](?![a-z]))?"
    r"(?:,\s(?P<days>(?:[A-Z][a-z]{2,8}\.?)(?:[-–/][A-Z][a-z]{2,8})?"
    r"(?:\s\d{1,2}(?:\s?[-–]\s?(?:[A-Z][a-z]{2,8}\.?\s)?\d{1,2})?)?))?[)\]]?[\s.,:]{0,3}"
    r"(?=[^\W\d_]|[“\"‘'\[]|\d{1,3}\w{0,2}\s)"
)
# What a group is of: “Study Group of Geese”, “Groupe des Oies Françaises”
_NAME_WORD: Final = r"\s(?-i:[A-Z][\w'’-]*|[a-zü]{2,3})"
_OF_WHAT: Final = rf"(?:\s(?-i:of|for|de|des|du|von|für)(?:{_NAME_WORD}){{1,9}}(?=\s?[.;]))?"
_GROUP_AFTER: Final = re.compile(
    r"(?:(?:on|in) behalf of |for )?(?:the )?(?P<name>(?:[^\W\d_][^.;,:()]{3,120}?"
    r"(?:Group|Investigators|Network|Consortium|Committee|Trialists|Collaboration|Society|Team|Organi[sz]ation)\b"
    rf"|(?:Groupe|Grupo|Gruppo|Arbeitsgemeinschaft|Arbeitsgruppe|(?:Study|Working|Cooperative) Group)\b){_OF_WHAT})",
    re.IGNORECASE,
)
# The last author in APA's form, which may be a group: “Roe, J., & World Sleep Panel. (2021)”.
_LAST_GROUP: Final = re.compile(
    r"\s?,?\s(?:&|and)\s(?:the\s)?(?P<name>[^\W\d_][^.;,:()&]{3,120})(?=\.\s\((?:19|20)\d\d)"
)
_GROUP_FIRST: Final = re.compile(
    r"(?:The\s)?(?P<name>[A-Z][^.:()“\"]{3,200}?)(?:\s\([A-Z][A-Za-z-]{1,12}\))?"
    r"(?=\.\s[A-Z“\"(\d\[]|[.,]?\s\(?(?:19|20)\d\d\b|:\s[A-Z]|,\s[“\"A-Z])"
)
_ACRONYM_FIRST: Final = re.compile(r"(?P<name>[A-Z]{2,8})(?=\s\((?:19|20)\d\d\)|\.\s\(?(?:19|20)\d\d[.)])")
_NOT_A_GROUP: Final = re.compile(
    r"(?:Proceedings|Journal|Annals|Transactions|Abstracts|Archives|Bulletin|Annual)\b|.*\b(?:Meeting|Congress|Conference|Symposium)\b"
)
_BEHALF: Final = re.compile(
    r"[\s,;]{0,3}(?:[Oo]n [Bb]ehalf [Oo]f|in behalf of|for)\s(?:the\s)?(?P<name>(?:[^\W\d_][^.;,:()]{3,120}?|)"
    rf"(?:Group|Investigators|Network|Consortium|Committee|Trialists|Collaboration|Society|Team)(?![a-z]){_OF_WHAT})"
)
_ROLE: Final = re.compile(
    r"[\s,]{0,2}(?:\((?:[Ee]d(?:itor)?s?|Hrsg|Hg|Coords?)\b\.?\)|\b(?:[Ee]d(?:itor)?s?|Hrsg|Hg)\b)\.?,?(?=\s|$)"
)
_GROUP_SENTENCE: Final = re.compile(
    r"(?:The )?(?P<name>[A-Z][^.;,:()]{3,80}(?:Group|Investigators|Network|Consortium)) ?\. "
)
_TRIAL_FIRST: Final = re.compile(r"[^.]{3,300}\.\s(?:ClinicalTrials|EudraCT|ISRCTN)\b")
_ONE_GROUP: Final = re.compile(
    r"\s?;\s(?:(?:and|&)\s)?(?:(?:on|in) behalf of |for )?(?:the )?(?P<name>[^\W\d_][^.;:()]{1,160})(?=[.;])"
)


def opening_of(text: str) -> Opening:
    """People, year and rest of a citation that begins with people; of any other text, the rest is the whole."""
    nobody = Opening((), False, "", text)
    if _TRIAL_FIRST.match(text):
        return nobody  # “Study of Ducks. ClinicalTrials.gov”
    for read in (
        _given_names_first,
        _separate_names,
        _bare_initials_first,
        _leading_groups,
        _glued_names,
        _full_names,
        _one_and_others,
    ):
        if found := read(text):
            people, end = found
            break
    else:
        return nobody
    if match := _BEHALF.match(text, end):
        people.append(Person(literal=match["name"]))
        end = match.end()
    truncated = _ET_AL.match(text, end)
    end = truncated.end() if truncated else end
    if truncated and (match := _BEHALF.match(text, end)):
        people.append(Person(literal=match["name"]))
        end = match.end()
    last = ""
    if truncated and re.search(rf"{_ELLIPSIS}$", truncated[0]) and "al" not in truncated[0]:
        at = end + len(text[end : end + 3]) - len(text[end : end + 3].lstrip())
        if found_last := name_at(text, at) or name_at(text, at, initials_first=True):
            last, end = found_last[0].short, found_last[1]
    groups, end = _groups_after(text, end)
    people += groups
    role = _ROLE.match(text, end)
    end = role.end() if role else end
    rest = text[end:].lstrip(" .,:;")
    if match := _GROUP_SENTENCE.match(rest):
        people.append(Person(literal=match["name"]))
        rest = rest[match.end() :].lstrip()
    year = _YEAR_AFTER.match(text, end) or _YEAR_AFTER.match(rest)
    if year:
        rest = year.string[year.end() :]
    if not re.search(r"[^\W\d_]{3}", rest) or not (
        year or re.match(r"(?:[\W\d]{0,3}|\d{1,5}[A-Za-z-]{0,4}\s)[^\W\d_]", rest)
    ):
        return nobody  # “Eur Heart J 2014;35”
    return Opening(
        tuple(people),
        bool(truncated),
        year["year"] if year else "",
        rest,
        read is _glued_names,
        last,
        (year["days"] or "") if year else "",
        role is not None,
    )


def _groups_after(text: str, end: int) -> tuple[list[Person], int]:
    """Groups after people, set off by semicolons: “Conroy T, et al; Groupe Canards; PRODIGE Intergroup. Title”."""
    found: list[Person] = []
    at = end
    while (match := _ONE_GROUP.match(text, at)) and is_proper(match["name"]) and not sure_name(match["name"]):
        found.append(Person(literal=match["name"].strip()))
        at = match.end()
    if len(found) == 1 and not is_group(found[0].literal) and not re.search(r"\bal\.?$", text[:end]):
        return [], end  # “Jane Roe, Adam Poe; Geese in Winter. Blood 2019”
    return (found, at) if found and text[at : at + 1] == "." else ([], end)


# “F. Stephen Hodi, Jedd D. Wolchok, Max Qian. Title”: AACR's citations, with three people or more.
_GIVEN_FIRST: Final = re.compile(
    r"(?:[A-Z]\.\s?){0,2}[^\W\d_a-z][^\W\d_A-Z][\w'’-]*(?:\s[A-Z]\.)*(?:\s(?:van|von|de|der|den|di|da|la|le|el|al))*"
    r"(?:\s[^\W\d_a-z][\w'’-]*[^\W\d_A-Z][\w'’-]*){1,2}"
)


def _given_names_first(text: str) -> tuple[list[Person], int] | None:
    """Three people or more with given names first, of whom one has initials with stops, before a title."""
    for end in itertools.islice(re.finditer(r"(?<=[^\W\d_A-Z])\.\s(?=[A-Z\d])", text[:3000]), 2):
        pieces = re.split(r",\s(?:and\s)?", text[: end.start()])
        if (
            len(pieces) > 2
            and all(map(_GIVEN_FIRST.fullmatch, pieces))
            and re.search(r"\b[A-Z]\.\s", pieces[0] + pieces[1])
        ):
            people = [_by_middle_name(piece) or _full_person(piece) for piece in pieces]
            if all(people):
                return [one for one in people if one], end.start()
    return None


def _by_middle_name(name: str) -> Person | None:
    """``F. Stephen Hodi`` in a list of given names in full: the initial and the name after it are given names."""
    match = re.fullmatch(r"((?:[A-Z]\.\s?)+[^\W\d_a-z][\w'’-]+)\s([^\W\d_a-z][\w'’-]+)", name)
    return person(match[2], match[1]) if match else None


_ONE: Final = re.compile(rf"(?:(?P<initials>(?:[A-Z]\.?[ -]?){{1,3}})\s)?(?P<family>{FAMILY})(?=,?\set\sal\b)")


def _one_and_others(text: str) -> tuple[list[Person], int] | None:
    """One person without initials, or with them before the name, of whom “et al.” says that there are others."""
    match = _ONE.match(text)
    if match is None or (not match["initials"] and _ends_in_initials(match["family"])):
        return None
    return [person(match["family"], re.sub(r"[ .-]", "", match["initials"] or ""))], match.end()


def _ends_in_initials(name: str) -> bool:
    return re.search(r"\s[A-Z]{1,3}$", name) is not None


def _separate_names(text: str) -> tuple[list[Person], int] | None:
    """People separated by commas or semicolons, and where their list ends."""
    for first in (False, True):
        people: list[Person] = []
        end = 0
        turned = False  # only the first is inverted: “Roe, J. A., K. Poe, L. Doe.”
        while found := _last_in_full(text, end, people) or _name_at(text, end, initials_first=first or turned):
            people.append(found[0])
            end = found[1]
            between = _BETWEEN.match(text, end)
            if between is None or _ET_AL.match(text, end):
                break
            turned = turned or (
                len(people) == 1
                and not first
                and _INVERTED.fullmatch(text, 0, end) is not None
                and _name_at(text, between.end(), initials_first=True) is not None
                and _name_at(text, between.end(), initials_first=False) is None
            )
            if _name_at(text, between.end(), initials_first=first or turned):
                end = between.end()
            elif group := _GROUP_AFTER.match(text, between.end()):
                people.append(Person(literal=group["name"]))
                end = group.end()
                break
            elif (last := _LAST_GROUP.match(text, end)) and is_group(last["name"]):
                people.append(Person(literal=last["name"]))
                end = last.end()
                break
            else:
                break
        if not people:
            continue
        if text[end - 2 : end] == " A" and re.match(r"\s[a-z]", text[end:]) and re.search(r"\.\sA$", text[:end]):
            end -= 2
        if _ET_AL.match(text, end) or _BEHALF.match(text, end) or _ROLE.match(text, end):
            return people, end
        if ";" not in text[:end].replace(f"; {people[-1].literal}", "") and _groups_after(text, end)[0]:
            return people, end
        if len(people) == 1 and re.match(r"\.[^\W\d_]", text[end:]) and _ends_glued(text[:end]):
            return None  # “UmbrichtD.VollenweiderF.”
        closed = _LAST_OF_LIST.search(text[:end]) and re.match(r",\s(?=[^\W_a-z])", text[end:])
        if len(people) > 1 and not first and (closed or _TITLE_AFTER_COMMA.match(text, end)):
            return people, end  # EndNote: “Roe, J. and A. Poe, A title. Journal, 2014. 32(5): p. 12”
        unread = text[end : end + 1] in {",", ";"}  # a name follows that cannot be read
        ended = (text[end - 1] == "." and not unread) or _END_OF_NAMES.match(text, end)
        if first and not (len(people) > 1 or text[end : end + 1] == ","):
            continue
        if first and re.match(r",\s(?=[A-Z“\"‘']|\d{1,5}[A-Za-z-]{0,4}\s[A-Z])", text[end:]):
            return people, end  # J. Doe and R. Roe, “Title,” or J. Doe, R. Roe, Title
        if not ended:
            # “WolinEM Long-term …”: where tags were lost, only a space may follow.
            if people and re.match(r"\s[A-Z“]", text[end:]) and _ends_glued(text[:end]):
                return people, end
            continue
        if len(people) == 1 and not first and re.match(rf"\s{FAMILY}(?:,\s[A-Z]|\.\s|\sand\s[A-Z])", text[end:]):
            return None  # “Jane A. Smith, John Doe. Title”
        if len(people) == 1 and re.match(r"\s?[a-z]", text[end:]):
            return None
        return people, end
    return None


_INVERTED: Final = re.compile(rf"{FAMILY_NAME},\s*{INITIALS}")


# The last name of HighWire's lists: “Roe JA, Poe K, and Bruce D. Doe on behalf of”, “…, and Jane Doe. Title”.
_IN_FULL: Final = re.compile(
    r"(?P<given>[A-Z][a-z]{2,20}(?:\s[A-Z]\.){1,2})\s(?P<family>[^\W\d_a-z][\w'’-]{1,30})"
    r"(?=\.\s|\s[Oo]n [Bb]ehalf\b|[;:]\s)"
)


def _last_in_full(text: str, at: int, people: list[Person]) -> tuple[Person, int] | None:
    """The last person of a list, who alone has a given name."""
    if not people or not re.search(r"(?:\band|&)\s$", text[max(0, at - 5) : at]):
        return None
    match = _IN_FULL.match(text, at)
    return (person(match["family"], match["given"]), match.end()) if match else None


# “Phase III study of” has the look of a name with initials.
_NOT_A_NAME: Final = re.compile(r"(?:Phase|Part|Type|Stage|Grade|Class|Factor|Group|Abstract|Poster)\s[IVX\d]")


def _name_at(text: str, at: int, *, initials_first: bool) -> tuple[Person, int] | None:
    return None if _NOT_A_NAME.match(text, at) else name_at(text, at, initials_first=initials_first)


# “S Roe, A D Poe (2022). Title”, “S Roe, A D Poe, P1489 Title”: as Oxford prints names, without stops.
_BARE_FIRST: Final = re.compile(
    r"(?P<initials>[A-Z](?:[ -]?[A-Z]){0,3})\s(?P<family>(?:(?:van|von|de|der|den|di|da|la|le)\s){0,2}"
    r"[A-Z][a-z'’][\w'’-]+(?:\s[A-Z][\w'’-]+)?)(?=,\s|\s\(|\.\s|;\s)"
)
_AFTER_BARE: Final = re.compile(r"\s\((?:19|20)\d\d\)|,\s(?=[A-Z]{0,4}-?\d{2,5}\s[A-Z])|,\set al\b")


def _bare_initials_first(text: str) -> tuple[list[Person], int] | None:
    """Two people or more with initials first and no stops, before a year in parentheses or an abstract's number."""
    people: list[Person] = []
    at = end = 0
    while match := _BARE_FIRST.match(text, at):
        people.append(person(match["family"], re.sub(r"[ -]", "", match["initials"])))
        end = match.end()
        between = _BETWEEN.match(text, end)
        if between is None:
            break
        at = between.end()
    return (people, end) if len(people) > 1 and _AFTER_BARE.match(text, end) else None


_LAST_OF_LIST: Final = re.compile(r"(?:\band|&)\s[^,;&]{2,40},?\s(?:[A-Z]\.?[ -]?){1,4}$")
_TITLE_AFTER_COMMA: Final = re.compile(r",\s(?=[^\W_a-z][^,;.]{0,80}?\s[a-z]{4,}\b)")


def _ends_glued(text: str) -> bool:
    """Whether a text ends in a family name that has run into its initials."""
    return bool(re.search(r"[^\W\d_A-Z]{2}[A-Z]{1,3}(?:Jr)?$", text))


_CAPITALS: Final = re.compile(r"[A-ZÀ-ÖØ-Þ]{1,12}")
_HYPHENATED: Final = re.compile(r"[A-Z][-‐‑][A-Z](?=[A-Z][^\W\d_A-Z]|\s|$)")
_ONE_FAMILY: Final = re.compile(FAMILY)
_SUFFIXED: Final = re.compile(r"(?P<initials>[A-Z]{1,4}?)(?P<suffix>Jr|Sr|III|II|IV)(?=[A-Z\s,.:]|$)")
_DOTTED: Final = re.compile(r"(?:[A-Z]\.[ -]?){1,4}")
_PARTICLE: Final = re.compile(r"(?:van|von|de|der|den|di|da|dos|del|la|le|ter|ten|el|al|bin)\s")
_BETWEEN_GLUED: Final = re.compile(r"\s?[,;&]\s?(?=[^\W\d_])")
_GLUED_GROUP: Final = re.compile(
    r"(?P<name>[A-Z][\w -]{3,80}?(?:Group|Investigators|Network|Consortium))(?=[A-Z][a-z ])"
)


def _glued_names(text: str) -> tuple[list[Person], int] | None:
    """“ShealyDCaiALacyE Characterization of”: the people of a list that has lost its tags, and where it ends."""
    people: list[Person] = []
    end = 0
    while len(people) < 500 and (family := _ONE_FAMILY.match(text, end)):
        at = family.end()
        parts = {"family": family[0], "suffix": ""}
        if dotted := _DOTTED.match(text, at):
            initials, at = re.sub(r"[^A-Z]", "", dotted[0]), at + len(dotted[0].rstrip())
        elif hyphenated := _HYPHENATED.match(text, at):
            initials, at = re.sub(r"\W", "", hyphenated[0]), hyphenated.end()
        elif suffixed := _SUFFIXED.match(text, at):
            initials, parts["suffix"], at = suffixed["initials"], suffixed["suffix"], suffixed.end()
        else:
            capitals = _CAPITALS.match(text, at)
            if capitals is None:
                break
            initials = _initials_of(capitals[0], text[capitals.end() : capitals.end() + 40], people)
            if not initials:
                break
            at += len(initials)
        people.append(_glued_person(initials, parts))
        end = at
        if found := _BEHALF.match(text, at):
            people.append(Person(literal=found["name"]))
            end = found.end()
            break
        end = between.end() if (between := _BETWEEN_GLUED.match(text, end)) else end
    if people and (found := _GLUED_GROUP.match(text, end)):
        people.append(Person(literal=found["name"]))
        end = found.end()
    if not people or (len(people) == 1 and not re.match(r"[A-Z][^\W\d_A-Z]{2}|[\s(.]{1,2}[A-Z(\d]", text[end:])):
        return None
    return people, end


def _glued_person(initials: str, parts: dict[str, str]) -> Person:
    """A person whose names have run together, read by the usual rules where these allow."""
    found = sure_name(f"{parts['family']} {initials} {parts['suffix']}".strip())
    return found or Person(family=parts["family"], initials=initials, suffix=parts["suffix"])


def _initials_of(capitals: str, after: str, people: list[Person]) -> str:
    """Those of the capitals after a family name that are initials: the next name or the title begins among them."""
    usual = [len(person.initials) for person in people if person.initials]
    count = max(set(usual), key=lambda n: (usual.count(n), -n)) if usual else 1
    if re.match(r"['’][A-Z]", after):
        return capitals[:-1]  # “GAO'ConnellMJ”
    if (
        re.match(r"[^\W\d_]", after)
        and not _PARTICLE.match(after)
        and not re.match(r"(?:on|in) behalf|for the ", after)
    ):
        rest = len(capitals) - 1  # D of “DCai”
        # “HER2” and “mTOR” aside, an acronym has three capitals at least: “PCRYSTALs”
        return capitals[:rest] if rest <= 4 else capitals[:count]
    if re.match(r"\s[a-z]", after) and capitals.endswith("A") and 2 <= len(capitals) <= 4:
        return capitals[:-1]  # “BevanPA phase I study”
    goes_on = re.match(r"[-‐]?\d(?!\d{3})|[-‐][A-Z\d]|,?\s[a-z]|:", after)
    if len(capitals) > 4 or (len(capitals) > count + 1 and goes_on):
        return capitals[:count]  # the title begins with an acronym
    return capitals


_END_OF_FRONT: Final = re.compile(
    r"[.,]?\s(?=[“\"])|(?:[.,]\s|\s(?=\())(?=\(?(?:19|20)\d\d[a-z]?\)?[.,:]?\s[“\"‘'A-Z](?!\w{2,8}\s\d))"
)
_CAPITAL_NAME: Final = re.compile(
    r"(?P<family>[^\W\d_a-z](?:[^\W\d_a-z]|['’ -]){1,30}),\s"
    r"(?P<given>[^\W\d_a-z][\w'’.-]*(?:\s[^\W\d_a-z][\w'’.-]*){0,3})"
)


def _full_names(text: str) -> tuple[list[Person], int] | None:
    """People with full names before a title in quotation marks or a year, as MLA, Chicago and ISO 690 have them."""
    for end in itertools.islice(_END_OF_FRONT.finditer(text[:1500]), 3):
        if 4 < end.start() < 600 and (people := people_of_list(text[: end.start()])):
            cut = _ET_AL.search(text[: end.start()])
            return people, cut.start() if cut else end.start()
    # Silverchair’s “Cite”: “Jane Roe, Adam Poe; Title. Blood 2019; 134”
    semicolon = re.search(r";\s(?=[A-Z\d“\"‘'])", text[:3000])
    if semicolon and semicolon.start() > 4 and (people := people_of_list(text[: semicolon.start()])):
        return people, semicolon.start()
    for end in re.finditer(r"(?<=[a-z])\.\s(?=[A-Z\d])", text[:400]):
        front = text[: end.start()]
        # “Lindqvist, A. B., and C. Moreau. Handbook”: the first name is inverted, so this is a list of names.
        if (
            re.match(r"[^,]{2,40},\s[A-Z]", front)
            and re.search(r",?\s(?:and|&)\s", front)
            and (people := people_of_list(front))
        ):
            return people, end.start()
    # Oxford's “Cite”: “Jane Roe, Adam Poe, Karl Doe, 0094 Title of five words or more, Sleep, Volume 45, Issue 1”
    pieces = text[:3000].split(", ") if re.search(r",\sVolume\s\d", text) else []
    names = list(itertools.takewhile(lambda piece: len(piece.split()) < 5 and _full_person(piece), pieces))
    if len(names) > 1 and len(pieces) > len(names) and len(pieces[len(names)].split()) > 4:
        return [found for piece in names if (found := _full_person(piece))], len(", ".join(names))
    return None


def people_of_list(front: str) -> list[Person]:
    """The people of a list with full names in any order; none where one of them is not a name."""
    cut = _ET_AL.search(front)
    front = (front[: cut.start()] if cut else front).strip(" ,;:")
    found = _separate_names(f"{front}:")
    if found and found[1] >= len(front.rstrip(".")):
        return found[0]
    pieces = [piece.strip() for piece in re.split(r",?\s(?:and|&)\s|[,;]", front)]
    pieces = [piece for piece in pieces if piece]
    if ";" in front and front.count(",") == len(re.split(r"[;]|\s(?:and|&)\s", front)):
        readings = [re.split(r";\s?|\s(?:and|&)\s", front)]  # Okafor, Chinedu; Tanaka, Yuki
    else:
        readings = [
            pieces,  # Chinedu Okafor, Yuki Tanaka
            [", ".join(pieces[:2]), *pieces[2:]],  # Okafor, Chinedu, and Yuki Tanaka
            [", ".join(pair) for pair in zip(pieces[::2], pieces[1::2], strict=False)] if len(pieces) % 2 == 0 else [],
        ]
    for reading in readings:
        people = [_full_person(piece) for piece in reading]
        if people and all(people) and (len(people) > 1 or not journals.is_journal(front)):
            return [one for one in people if one]
    return []


def _full_person(text: str) -> Person | None:
    """A person with a full name, or a group."""
    if is_group(text) and "," not in text:
        return Person(literal=text.removeprefix("the ")) if is_proper(text) else None
    if capitals := _CAPITAL_NAME.fullmatch(text):  # OKAFOR, Chinedu
        return person(capitals["family"], capitals["given"])
    return sure_name(text)


def _leading_groups(text: str) -> tuple[list[Person], int] | None:
    """Groups at the front, without people: “Goose Society; Committee on Ducks. Title”, “WHO (2014) Title”."""
    match = _ACRONYM_FIRST.match(text)
    if match and not journals.is_journal(match["name"]):
        return [Person(literal=match["name"])], match.end()
    match = _GROUP_FIRST.match(text)
    if match is None or _NOT_A_GROUP.match(match["name"]) or journals.is_journal(match["name"]):
        return None
    names = [name.strip() for name in re.split(r";|,?\sand the\s", match["name"])]
    if not all(is_group(name) and is_proper(name) for name in names):
        return None
    return [Person(literal=name.removeprefix("the ")) for name in names], match.end()


_AND_OTHERS_LAST: Final = re.compile(rf",?\s*(?:\b{ET_AL}\b\.?|\(more\)|…)\s*$")
_AND_OTHERS_IN_LIST: Final = re.compile(rf"\b{ET_AL}\b|\(more\)")


def looks_like_people(text: str) -> bool:
    """Whether a text is a list of names and nothing else."""
    found = list(_each_person(text))
    return bool(found) and all(found)


def read_people(text: str) -> tuple[tuple[Person, ...], bool]:
    """The people of a list of names, such as ``Kuo JH, Lee JA, et al.``, and whether the list leaves others out."""
    people = tuple(person for person in _each_person(text) if person)
    return people, bool(_AND_OTHERS_IN_LIST.search(text))


def names_as_fields(text: str) -> dict[str, Any]:
    """The people of a list of names as fields of a record; empty where there are none."""
    people, truncated = read_people(text)
    return {"authors": people, "authors_truncated": truncated} if people else {}


def _each_person(text: str) -> Iterator[Person | None]:
    """Each person of a list of names; nothing in place of what is not a name."""
    text = _AND_OTHERS_LAST.sub("", text.strip(" .,;:"))
    text = re.sub(r",?\s+(?:and|&)\s+", ", ", text)
    # “Price, D., Haughney, J.” has a comma inside each name, “Kuo JH, Lee JA” only between them.
    inverted = re.fullmatch(rf"(?:{FAMILY_NAME},\s*{INITIALS}(?:,\s*|$))+", text)
    pieces = re.findall(rf"{FAMILY_NAME},\s*{INITIALS}(?:,|$)", text) if inverted else re.split(r"[,;]\s*", text)
    if not inverted and (first := re.match(rf"{FAMILY_NAME},\s*{INITIALS}(?:,|$)", text)):
        pieces = [first[0], *re.split(r"[,;]\s*", text[first.end() :])]  # only the first: “Price, D., J. Haughney”
    for piece in filter(None, (piece.strip(" ,;") for piece in pieces)):
        yield sure_name(piece)
