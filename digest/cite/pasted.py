"""A citation that somebody pasted, read back into a record: the societies' own forms, and those seen in the wild.

The table of societies reads what it prints. Anything else is taken apart by what stands out: people at the front,
identifiers, the year, volume with issue and page, the word “abstract” before a number; what is left is title and
journal, told apart by the journals that are known. Where tags were lost and everything runs into everything, names and
known journals tell where to cut.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from digest import journals
from digest.cite.societies import Journal, book, journal_of, organ_of, read_form, society_in, told_by_doi, with_doi
from digest.cite.tokens import DASH, Part, read_dates, read_identifier, read_pages
from digest.errors import Problem
from digest.model import Ids, Meeting, PartialDate, Person, Presentation, Record
from digest.names import FAMILY, is_group, name_at, person, sure_name
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator


class Reading(Struct, frozen=True):
    """A record that was read from a citation.

    Attributes:
        record: the record.
        doubts: what was guessed, a sentence each.
    """

    record: Record
    doubts: tuple[str, ...] = ()


def read_citation(text: str, file: str = "", line: int | None = None) -> Record | Problem:
    """The record that a citation tells, or the problem that it tells none; see `read_reference` for what is unsure."""
    found = read_reference(text, file, line)
    return found.record if isinstance(found, Reading) else found


def read_reference(text: str, file: str = "", line: int | None = None) -> Reading | Problem:
    """The record that a citation tells, with what was guessed, or the problem that it tells none.

    A citation without a title, such as ``J Clin Oncol 32, 2014 (suppl; abstr e15166)``, gets one in square brackets, as
    NLM marks what a cataloguer has supplied: ``[Abstract e15166]``.
    """
    plain = re.sub(r"\s+", " ", text).strip() if len(text) <= 2 * _LONGEST else text
    if len(plain) > _LONGEST:
        message = f"“{plain[:80]}…” is {len(plain)} characters long: expected one citation, of {_LONGEST} at most"
        return Problem(level="warning", code="unread-citation", message=message, file=file, line=line)
    bare, ids = _without_identifiers(_NUMBERED.sub("", plain, count=1))
    bare, in_press = _IN_PRESS.subn("", bare, count=1)
    try:
        opening = _opening(bare)
        rest, doubts = _separated(opening, identified=bool(ids.get("doi") or ids.get("pmid")))
        if opening.last:
            doubts.append(f"names were left out before {opening.last}; the last name is left out, too")
        if in_press:
            doubts.append("“in press” was left out: volume and pages may be known by now")
        fields = _whole(bare) or _inside(rest, opening) or _scanned(rest, opening) or _loose(rest, opening, ids, doubts)
        record = _record(fields, ids) if fields else None
    except ValueError as error:  # a day that does not exist, an identifier that is none
        return Problem(
            level="warning", code="unread-citation", message=f"“{plain[:80]}”: {error}", file=file, line=line
        )
    if record is None:
        message = f"no citation was recognised in “{plain[:80]}”: expected at least a journal or meeting, and a year"
        return Problem(level="warning", code="unread-citation", message=message, file=file, line=line)
    return Reading(record, tuple(doubts))


_IN_PRESS: Final = re.compile(r"(?:(?<=[.,;])\s?|\s?\()in press\b[).,;]{0,2}(?=\s|$)", re.IGNORECASE)
_LONGEST: Final = 5_000  # of one citation with its authors
_NUMBERED: Final = re.compile(r"^(?:\[\d{1,4}\]|\(\d{1,3}\)|\d{1,3}[.):])\s+(?=[^\W\d_“\"‘'])")


def _record(fields: dict[str, Any], ids: dict[str, Any]) -> Record:
    journal = journal_of(fields.get("container", ""))
    if told_by_doi(ids.get("doi", "")):
        fields["type"] = "meeting-abstract"
        if journal and journal.locator == "number" and not fields.get("number"):
            fields["number"], fields["pages"] = fields.get("pages", ""), ""
    named = fields["type"] == "meeting-abstract" and (fields.get("number") or fields.get("pages"))
    title = fields.pop("title", "") or (f"[Abstract {named}]" if named else "[Untitled]")
    record = Record(title=RichText.parse(_escaped(title)), ids=Ids(**ids), **fields)
    return with_doi(record) if record.type == "meeting-abstract" else record


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- People at the front ---------------------------------------------------------------------------------------------


class _Opening(Struct, frozen=True):
    """What stands at the front of a citation.

    Attributes:
        people: the people, none where nobody surely stands there.
        truncated: whether “et al.” follows them.
        year: the year that follows them, and was cut out.
        rest: what follows.
        glued: whether people run into one another and into the title.
        last: the last of the people, where others were left out before: “A, B, … Z”.
        days: month and days that stand behind the year, as APA has a meeting's: “(2014, May 30–June 3)”.
        edited: whether the people are said to be editors.
    """

    people: tuple[Person, ...]
    truncated: bool
    year: str
    rest: str
    glued: bool = False
    last: str = ""
    days: str = ""
    edited: bool = False


_ELLIPSIS: Final = r"(?:…|\.\s?\.\s?\.)"
_ET_AL: Final = re.compile(
    rf"[\s,;]{{0,3}}(?:\bet\.? ?al\b\.{{0,2}}|\band others\b|\(more\)|{_ELLIPSIS})", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"\s{0,2}[,;]\s{0,3}(?:(?:and|&|\.{3}|…)\s)?|\s(?:and|&)\s")
_END_OF_NAMES: Final = re.compile(r"\s{0,2}(?:[.:(“\"]|$|(?:19|20)\d\d)|\s{0,2},\s{0,2}(?=[“\"]|(?:19|20)\d\d)")
_YEAR_BEHIND: Final = re.compile(
    r"[\s.,:;]{0,4}[(\[]?(?P<year>(?:19|20)\d\d)(?:[a-z](?![a-z]))?"
    r"(?:,\s(?P<days>(?:[A-Z][a-z]{2,8}\.?)(?:[-–/][A-Z][a-z]{2,8})?"
    r"(?:\s\d{1,2}(?:\s?[-–]\s?(?:[A-Z][a-z]{2,8}\.?\s)?\d{1,2})?)?))?[)\]]?[\s.,:]{0,3}"
    r"(?=[^\W\d_]|[“\"‘'\[]|\d{1,3}\w{0,2}\s)"
)
_GROUP_BEHIND: Final = re.compile(
    r"(?:(?:on|in) behalf of |for )?(?:the )?(?P<name>[^\W\d_][^.;,:()]{3,120}?"
    r"(?:Group|Investigators|Network|Consortium|Committee|Trialists|Collaboration|Society|Team|Organi[sz]ation))\b",
    re.IGNORECASE,
)
_GROUP_FIRST: Final = re.compile(
    r"(?:The\s)?(?P<name>[A-Z][^.:()“\"]{3,200}?)(?:\s\([A-Z][A-Za-z-]{1,12}\))?"
    r"(?=\.\s[A-Z“\"(\d\[]|[.,]?\s\(?(?:19|20)\d\d\b|:\s[A-Z]|,\s[“\"A-Z])"
)
_ACRONYM_FIRST: Final = re.compile(r"(?P<name>[A-Z]{2,8})(?=\s\((?:19|20)\d\d\)|\.\s\(?(?:19|20)\d\d[.)])")
_NO_GROUP: Final = re.compile(
    r"(?:Proceedings|Journal|Annals|Transactions|Abstracts|Archives|Bulletin|Annual)\b|.*\b(?:Meeting|Congress|Conference|Symposium)\b"
)
_BEHALF: Final = re.compile(
    r"[\s,;]{0,3}(?:(?:on|in) behalf of|for)\s(?:the\s)?(?P<name>[^\W\d_][^.;,:()]{3,120}?"
    r"(?:Group|Investigators|Network|Consortium|Committee|Trialists|Collaboration|Society|Team))(?![a-z])"
)


def _opening(text: str) -> _Opening:
    """People, year and rest of a citation that begins with people; a text that does not is the rest as a whole."""
    nobody = _Opening((), False, "", text)
    if re.match(r"[^.]{3,300}\.\s(?:ClinicalTrials|EudraCT|ISRCTN)\b", text):
        return nobody  # “Study of Ducks. ClinicalTrials.gov”
    for read in (_separate_names, _groups, _glued_names, _full_names):
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
    groups, end = _groups_behind(text, end)
    people += groups
    role = _ROLE.match(text, end)
    end = role.end() if role else end
    rest = text[end:].lstrip(" .,:;")
    if match := re.match(
        r"(?:The )?(?P<name>[A-Z][^.;,:()]{3,80}(?:Group|Investigators|Network|Consortium)) ?\. ", rest
    ):
        people.append(Person(literal=match["name"]))
        rest = rest[match.end() :].lstrip()
    year = _YEAR_BEHIND.match(text, end) or _YEAR_BEHIND.match(rest)
    if year:
        rest = year.string[year.end() :]
    if not re.search(r"[^\W\d_]{3}", rest) or not (year or re.match(r"[\W\d]{0,3}[^\W\d_]", rest)):
        return nobody  # “Eur Heart J 2014;35”
    return _Opening(
        tuple(people), bool(truncated), year["year"] if year else "", rest, read is _glued_names, last,
        (year["days"] or "") if year else "", role is not None,
    )  # fmt: skip


_ROLE: Final = re.compile(
    r"[\s,]{0,2}(?:\((?:[Ee]d(?:itor)?s?|Hrsg|Hg|Coords?)\b\.?\)|\b(?:[Ee]d(?:itor)?s?|Hrsg|Hg)\b)\.?,?(?=\s|$)"
)
_ONE_GROUP: Final = re.compile(
    r"\s?;\s(?:(?:and|&)\s)?(?:(?:on|in) behalf of |for )?(?:the )?(?P<name>[^\W\d_][^.;:()]{1,160})(?=[.;])"
)


def _groups_behind(text: str, end: int) -> tuple[list[Person], int]:
    """Groups behind people whom commas part: “Conroy T, et al; Groupe Canards; PRODIGE Intergroup. Title”."""
    found: list[Person] = []
    at = end
    while (match := _ONE_GROUP.match(text, at)) and _is_proper(match["name"]) and not sure_name(match["name"]):
        found.append(Person(literal=match["name"].strip()))
        at = match.end()
    return (found, at) if found and text[at : at + 1] == "." else ([], end)


def _is_proper(text: str) -> bool:
    """Whether all words but the small ones begin with a capital."""
    small = {"of", "and", "the", "for", "on", "in", "to", "&", "de", "des", "et", "für", "und", "der", "la", "du"}
    return all(not word[0].islower() for word in text.split() if word not in small)


def _separate_names(text: str) -> tuple[list[Person], int] | None:
    """People who are set apart by commas or semicolons, and where their list ends."""
    for first in (False, True):
        people: list[Person] = []
        end = 0
        while found := name_at(text, end, initials_first=first):
            people.append(found[0])
            end = found[1]
            between = _BETWEEN.match(text, end)
            if between is None or _ET_AL.match(text, end):
                break
            if name_at(text, between.end(), initials_first=first):
                end = between.end()
            elif group := _GROUP_BEHIND.match(text, between.end()):
                people.append(Person(literal=group["name"]))
                end = group.end()
                break
            else:
                break
        if not people:
            continue
        if text[end - 2 : end] == " A" and re.match(r"\s[a-z]", text[end:]) and re.search(r"\.\sA$", text[:end]):
            end -= 2
        if _ET_AL.match(text, end) or _BEHALF.match(text, end) or _ROLE.match(text, end):
            return people, end
        if ";" not in text[:end].replace(f"; {people[-1].literal}", "") and _groups_behind(text, end)[0]:
            return people, end
        if len(people) == 1 and re.match(r"\.[^\W\d_]", text[end:]) and _is_glued(text[:end]):
            return None  # “UmbrichtD.VollenweiderF.”
        unread = text[end : end + 1] in {",", ";"}  # somebody follows whose name is not plain
        ended = (text[end - 1] == "." and not unread) or _END_OF_NAMES.match(text, end)
        if first and not (len(people) > 1 or text[end : end + 1] == ","):
            continue
        if first and re.match(r",\s(?=[A-Z“\"‘'])", text[end:]):
            return people, end  # J. Doe and R. Roe, “Title,” or J. Doe, R. Roe, Title
        if not ended:
            # “WolinEM Long-term …”: where tags were lost, a blank alone may follow.
            if people and re.match(r"\s[A-Z“]", text[end:]) and _is_glued(text[:end]):
                return people, end
            continue
        if len(people) == 1 and not first and re.match(rf"\s{FAMILY}(?:,\s[A-Z]|\.\s|\sand\s[A-Z])", text[end:]):
            return None  # “Jane A. Smith, John Doe. Title”
        if len(people) == 1 and re.match(r"\s?[a-z]", text[end:]):
            return None
        return people, end
    return None


def _is_glued(text: str) -> bool:
    return bool(re.search(r"[^\W\d_A-Z]{2}[A-Z]{1,3}(?:Jr)?$", text))


_CAPITALS: Final = re.compile(r"[A-Z]{1,12}")
_ONE_FAMILY: Final = re.compile(FAMILY)
_SUFFIXED: Final = re.compile(r"(?P<initials>[A-Z]{1,4}?)(?P<suffix>Jr|Sr|III|II|IV)(?=[A-Z\s,.:]|$)")
_DOTTED: Final = re.compile(r"(?:[A-Z]\.[ -]?){1,4}")
_PARTICLE_BEHIND: Final = re.compile(r"(?:van|von|de|der|den|di|da|dos|del|la|le|ter|ten|el|al|bin)\s")


def _glued_names(text: str) -> tuple[list[Person], int] | None:
    """“ShealyDCaiALacyE Characterization of”: people of a list from which tags were taken, with all between them."""
    people: list[Person] = []
    end = 0
    while len(people) < 500 and (family := _ONE_FAMILY.match(text, end)):
        at = family.end()
        told = {"family": family[0], "suffix": ""}
        if dotted := _DOTTED.match(text, at):
            initials, at = re.sub(r"[^A-Z]", "", dotted[0]), at + len(dotted[0].rstrip())
        elif suffixed := _SUFFIXED.match(text, at):
            initials, told["suffix"], at = suffixed["initials"], suffixed["suffix"], suffixed.end()
        else:
            capitals = _CAPITALS.match(text, at)
            if capitals is None:
                break
            initials = _initials(capitals[0], text[capitals.end() : capitals.end() + 40], people)
            if not initials:
                break
            at += len(initials)
        people.append(_person(initials, told))
        end = at
        if found := _BEHALF.match(text, at):
            people.append(Person(literal=found["name"]))
            end = found.end()
            break
        end = between.end() if (between := re.compile(r"\s?[,;&]\s?(?=[^\W\d_])").match(text, end)) else end
    group = re.compile(r"(?P<name>[A-Z][\w -]{3,80}?(?:Group|Investigators|Network|Consortium))(?=[A-Z][a-z ])")
    if people and (found := group.match(text, end)):
        people.append(Person(literal=found["name"]))
        end = found.end()
    if not people or (len(people) == 1 and not re.match(r"[A-Z][^\W\d_A-Z]{2}|[\s(.]{1,2}[A-Z(\d]", text[end:])):
        return None
    return people, end


def _person(initials: str, told: dict[str, str]) -> Person:
    found = sure_name(f"{told['family']} {initials} {told['suffix']}".strip())
    return found or Person(family=told["family"], initials=initials, suffix=told["suffix"])


def _initials(capitals: str, behind: str, people: list[Person]) -> str:
    """Of the capitals behind a family name those that are initials: the next name or the title begins among them."""
    usual = [len(person.initials) for person in people if person.initials]
    count = max(set(usual), key=lambda n: (usual.count(n), -n)) if usual else 1
    if re.match(r"['’][A-Z]", behind):
        return capitals[:-1]  # “GAO'ConnellMJ”
    if re.match(r"[^\W\d_]", behind) and not _PARTICLE_BEHIND.match(behind) and not behind.startswith("on behalf"):
        rest = len(capitals) - 1  # D of “DCai”
        # “HER2” and “mTOR” aside, an acronym has three capitals at least: “PCRYSTALs”
        return capitals[:rest] if rest <= 4 else capitals[:count]
    if re.match(r"\s[a-z]", behind) and capitals.endswith("A") and 2 <= len(capitals) <= 4:
        return capitals[:-1]  # “BevanPA phase I study”
    goes_on = re.match(r"[-‐]?\d(?!\d{3})|[-‐][A-Z\d]|,?\s[a-z]|:", behind)
    if len(capitals) > 4 or (len(capitals) > count + 1 and goes_on):
        return capitals[:count]  # the title begins with an acronym
    return capitals


_END_OF_FRONT: Final = re.compile(
    r"[.,]?\s(?=[“\"])|(?:[.,]\s|\s(?=\())(?=\(?(?:19|20)\d\d[a-z]?\)?[.,:]?\s[“\"‘'A-Z](?!\w{2,8}\s\d))"
)


def _full_names(text: str) -> tuple[list[Person], int] | None:
    """People with full names before a title in quotation marks or a year, as MLA, Chicago and ISO 690 have them."""
    for end in itertools.islice(_END_OF_FRONT.finditer(text[:1500]), 3):
        if 4 < end.start() < 600 and (people := _everybody(text[: end.start()])):
            cut = _ET_AL.search(text[: end.start()])
            return people, cut.start() if cut else end.start()
    for end in re.finditer(r"(?<=[a-z])\.\s(?=[A-Z\d])", text[:400]):
        front = text[: end.start()]
        # “Lindqvist, A. B., and C. Moreau. Handbook”: the first is turned round, and that surely is a list of names.
        if re.match(r"[^,]{2,40},\s[A-Z]", front) and re.search(r",?\s(?:and|&)\s", front) and (
            people := _everybody(front)
        ):  # fmt: skip
            return people, end.start()
    return None


def _everybody(front: str) -> list[Person]:
    """The people of a list with full names in any order; none where one of them is no name."""
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
        people = [_in_full(piece) for piece in reading]
        if people and all(people) and (len(people) > 1 or not journals.is_journal(front)):
            return [one for one in people if one]
    return []


_CAPITAL_NAME: Final = re.compile(
    r"(?P<family>[^\W\d_a-z](?:[^\W\d_a-z]|['’ -]){1,30}),\s"
    r"(?P<given>[^\W\d_a-z][\w'’.-]*(?:\s[^\W\d_a-z][\w'’.-]*){0,3})"
)


def _in_full(text: str) -> Person | None:
    """A person with a full name, or a group."""
    if is_group(text) and "," not in text:
        return Person(literal=text.removeprefix("the ")) if _is_proper(text) else None
    if capitals := _CAPITAL_NAME.fullmatch(text):  # OKAFOR, Chinedu
        return person(capitals["family"], capitals["given"])
    return sure_name(text)


def _groups(text: str) -> tuple[list[Person], int] | None:
    """Groups at the front, without people: “Goose Society; Committee on Ducks. Title”, “WHO (2014) Title”."""
    match = _ACRONYM_FIRST.match(text)
    if match and not journals.is_journal(match["name"]):
        return [Person(literal=match["name"])], match.end()
    match = _GROUP_FIRST.match(text)
    if match is None or _NO_GROUP.match(match["name"]) or journals.is_journal(match["name"]):
        return None
    names = [name.strip() for name in re.split(r";|,?\sand the\s", match["name"])]
    if not all(is_group(name) and _is_proper(name) for name in names):
        return None
    return [Person(literal=name.removeprefix("the ")) for name in names], match.end()


# --- Identifiers -----------------------------------------------------------------------------------------------------

_IDENTIFIER: Final = re.compile(
    r"\[?(?:"
    r"(?:doi\s*:?\s*)?https?://(?:dx\.)?doi\.org/10\.\d{4,9}/\S+|(?:doi\s*:?\s*)?10\.\d{4,9}/\S+|"
    r"\bPMID\s*:?\s*\d+|\bPMC(?:ID)?\s*:?\s*(?:PMC)?\d+|\bNBK\s*:?\s*\d+|\bNCT\s*:?\s*(?:NCT)?\d{8}|https?://\S+)\]?",
    re.IGNORECASE,
)


_LABEL_LEFT: Final = re.compile(r"\b(?:(?:Available|Retrieved) (?:from|at)|doi|PMID|URL):?$", re.IGNORECASE)


def _without_identifiers(text: str) -> tuple[str, dict[str, Any]]:
    """The text without its identifiers, and these as fields of `Ids`."""
    found: dict[str, Any] = {}

    def take(match: re.Match[str]) -> str:
        word = match[0].rstrip(".,;])")
        word = re.sub(r"([123]\d{6,7})\1$", r"\1", word)
        if (glued := re.search(r"[123]\d{7}$", word)) and text[match.start() - 1 : match.start()].isalnum():
            word = word[: glued.start()]  # DOI and PMID run into one another
            found.setdefault("pmid", glued[0])
        word = re.sub(r"^(?:doi\s*:?\s*)(?=https?:)", "", word, flags=re.IGNORECASE).lstrip("[")
        try:
            kind, value = read_identifier(word)
        except ValueError:
            return match[0]
        if kind == "nct":
            found["nct"] = (*found.get("nct", ()), value)
        elif kind in Ids.__struct_fields__:
            found.setdefault(kind, value)
        return " "

    bare = _IDENTIFIER.sub(take, text)
    bare = re.sub(r"\S{1,60} \[pii\]|\bEpub \d{4}(?:[/ ]\w{1,4}){0,2}\.?", " ", bare)
    bare = re.sub(r"\s+", " ", bare).strip()
    bare = bare.lstrip(".,;: ") if found else bare  # “NCT01077154. Study of X.”
    if number := re.search(r"(?:(?<=\.)|(?<=\d\.\s)|(?<=\)\.\s))[123]\d{7}$", bare):
        found.setdefault("pmid", number[0])  # what is left of a link to PubMed
        bare = bare[: number.start()]
    while bare != (stripped := _LABEL_LEFT.sub("", bare.rstrip(" .;,<>"))):
        bare = stripped
    return bare, found


# --- The societies' own forms ----------------------------------------------------------------------------------------


def _whole(text: str) -> dict[str, Any] | None:
    """A citation in a form of the table, alone or behind authors and title."""
    for start in _starts(text):
        if fields := read_form(text[start:]):
            people, title = _people_and_title(text[:start])
            marked = None if fields.get("number") else _ABSTRACT_NUMBER.search(text, 0, start)
            if marked:
                fields |= {"number": marked["number"], "type": "meeting-abstract"}
            elif title and not (fields.get("number") or _is_short(fields.get("pages", ""))):
                fields["type"] = "article"  # a supplement holds articles as well: an abstract is short
                fields.pop("meeting", None)
            if _DESIGNATION.search(text[:start]):
                fields["type"] = "meeting-abstract"
            return {**fields, **people, "title": title}
    return None


def _people_and_title(head: str) -> tuple[dict[str, Any], str]:
    opening = _opening(head)
    if opening.people:
        return _people_of(opening), _without_designation(opening.rest)
    people, title = _split_head(_without_designation(head))
    return _people_fields(people), title


def _starts(text: str) -> Iterator[int]:
    """Where the citation proper may begin: at the front, or behind a sentence."""
    yield 0
    # No form is longer than 500 characters.
    for match in re.compile(r"[.?!\])”\"]\s+(?=[^\W\d_])").finditer(text, max(0, len(text) - 500)):
        yield match.end()


# --- What has run together -------------------------------------------------------------------------------------------

_GLUED_YEAR: Final = re.compile(r"(?:(?<=[^\W\d_])|(?<=[.)]))\.?(?P<year>(?:19|20)\d\d)")
_GLUED_NUMBER: Final = re.compile(r"(?<=[^\W\d_])\.?(?=\d|\(suppl)")
_CUT: Final = re.compile(
    r"(?<=[^\W_A-Z])(?=[A-Z])|(?<=[\])?!.”\"])\s{0,2}(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[.,])\s(?=[A-Z])"
)
_MEETING_WORD: Final = re.compile(
    r"\b(?:Meeting|Congress|Conference|Symposium|Symposia|Workshop|Society|Association|Proceedings|Sessions?|Convention|"
    r"Abstracts|Forum|Federation|College|Summit)\b", re.IGNORECASE
)  # fmt: skip


def _separated(opening: _Opening, *, identified: bool) -> tuple[str, list[str]]:
    """What follows the people with journal, year, volume and pages set apart, where they ran into one another."""
    text = opening.rest
    marks = list(_GLUED_YEAR.finditer(text))
    if opening.year:
        marks += _GLUED_NUMBER.finditer(text)
    for mark in marks:
        head = text[: mark.start()]
        if opening.glued and "year" in mark.re.groupindex and _MEETING_WORD.search(text[mark.end() :]) and (
            re.match(r"[A-Z]", text[mark.end() :])
        ):  # fmt: skip
            return f"{head}. {text[mark.start() :]}".replace(mark["year"], f"{mark['year']} ", 1), []
        cut, known = _journal_at_end(head)
        if not known and not (opening.glued and mark["year"] if "year" in mark.groupdict() else False):
            continue
        if known and cut == 0 and not opening.people:
            continue
        if not known:
            cut = _capitalised_at_end(head)
            if not cut:
                continue
        year = opening.year or mark["year"]
        tail = text[mark.end() :]
        doubts: list[str] = []
        title, container = head[:cut].strip(), head[cut:].strip(" .")
        place = _tail(tail if identified else _without_pmid(tail, doubts), container, int(year), doubts)
        stop = "" if title.endswith((".", "?", "!")) else "."
        return f"{title}{stop} {container}. {year}{place}".replace("  ", " "), doubts
    return text, []


def _journal_at_end(head: str) -> tuple[int, bool]:
    """Where the journal begins that stands at the end of a text, and whether it is a known one."""
    window = max(0, len(head) - 160)
    cuts = [0] if not window else []
    cuts += [match.end() for match in _CUT.finditer(head, window)]
    for cut in cuts:
        name = head[cut:].strip()
        if journal_of(name) or (len(name) > 3 and journals.is_journal(name)):
            return cut, True
    return len(head), False


def _capitalised_at_end(head: str) -> int:
    """Where what is printed like the name of a journal or meeting, in capitals, begins at the end of a text."""
    before = max(0, len(head) - 160)
    cuts = [before + match.end() for match in re.finditer(r"(?<=[a-z\])])(?=[A-Z])", head[before:])]
    proper = (cut for cut in cuts if _is_proper(re.sub(r"[^\w\s]", " ", head[cut:])))
    meeting = (cut for cut in reversed(cuts) if _MEETING_WORD.search(head[cut:]))
    return next(proper, next(meeting, 0))


def _tail(text: str, container: str, year: int, doubts: list[str]) -> str:
    """Volume, part and pages that ran together, as ``;27(15s):4086``; a text that begins otherwise as it is."""
    match = re.match(r"(?P<digits>\d{1,16})(?P<behind>.*)", text)
    if not match:
        return text if re.match(r"\s?[;,:(]", text) else f"; {text}" if text else ""
    digits, behind = match["digits"], match["behind"]
    counted = _volume_of(container, year)
    if not (counted and digits.startswith(counted)):
        counted = ""
    if digits == str(year):
        return _tail(behind, container, year, doubts)
    if len(digits) == 3 and not counted and re.match(r"\s?\(?[A-Za-z]", behind):
        doubts.append(f"the volume {digits} may be a volume and an issue that run together")
    supplement = re.search(r"[Ss]uppl(?:ement)?\.?[ _]?(?P<number>\d{1,2}(?!\d)|[IVX]+\b)?", behind)
    numbered = _ABSTRACT_GLUED.search(behind)
    if numbered and len(digits) <= 3:
        number = numbered["number"].removesuffix(str(year)) or numbered["number"]
        stands = f"(Suppl {supplement['number'] or ''})" if supplement else ""
        return f";{digits}{stands}:abstract {number}"
    if part := re.match(r"_suppl?(\w{0,3}?)(?P<page>[A-Z]{0,3}\d*)(?!\w)", behind):  # 2915_suppl3007
        volume, issue = _halves(digits, counted)
        page = part["page"]
        return f";{volume}({issue}_suppl):{page}" if page else f";{volume}({issue}_suppl)"
    if part := re.match(r"s(?P<page>\d+|(?=\s?\(suppl))", behind):  # 2715s4086
        volume, issue = _halves(digits, counted)
        return f";{volume}({issue}s):{part['page']}" if part["page"] else f";{volume}:{issue}s{behind[1:]}"
    if part := re.match(r"(?P<letter>[A-Za-z])(?P<last>\d+)(?P=letter)\b", behind):  # 126188S203S
        size = len(part["last"])
        volume, first = (digits[:-size], digits[-size:]) if len(digits) > size else ("", digits)
        letter = part["letter"]
        return f";{volume}:{first}{letter}-{part['last']}{letter} {behind[part.end() :]}"
    if part := re.match(r"(?P<letter>[A-Za-z])(?![A-Za-z])", behind):  # 34581s
        if len(digits) > 3 and not behind[1:2].isdigit():
            volume, page = _volume_and_page(digits, counted, doubts)
            return f";{volume}:{page}{part['letter']}{behind[1:]}" if volume else ""
        if len(digits) > len(counted) > 0 and part["letter"] in "sS" and (page := re.match(r"\d+", behind[1:])):
            return f";{counted}({digits[len(counted) :]}s):{page[0]} {behind[1 + page.end() :]}"  # 2214S7010
        if len(digits) > 2 and not counted:
            doubts.append(f"the numbers “{digits}{behind[:20]}” were not told apart")
            return ""
        return f";{digits}:{behind}"  # 64S1079
    if len(digits) <= 3 and (
        part := re.match(r"\s?(?P<word>[Ss]uppl(?:ement)?\.?\s?)(?P<rest>s?\d{1,14})?(?P<more>.*)", behind)
    ):
        number, page = _supplement_and_page(part["rest"] or "", doubts)
        return f";{digits}(Suppl {number}){':' if page else ''}{page} {part['more']}"
    if len(digits) <= 3:
        return f";{digits} {behind}" if not re.match(r"\s?[;,:(]", behind) else f";{digits}{behind}"
    if part := re.match(r"(?:;|:)\s?", behind):
        return f";{digits}{behind}"
    pages = _range(digits)
    if pages:
        before, first, last = pages
        volume, issue = _halves(before, counted) if counted else (before, "")
        if len(before) > 3 and not counted:
            doubts.append(f"the numbers “{before}” were not told apart into volume and issue")
            volume = ""
        elif len(before) > 2 and not counted:
            volume, issue = before[:2], before[2:]
            doubts.append(f"volume and issue run together: {before} was read as {volume}({issue})")
        if supplement and supplement.start() < 2:
            issue, behind = f"{issue} Suppl {supplement['number'] or ''}".strip(), ""
        return f";{volume}{f'({issue})' if issue else ''}:{first}-{last} {behind}" if volume else f" {behind}"
    volume, page = _volume_and_page(digits, counted, doubts)
    return f";{volume}:{page} {behind}" if volume else f" {behind}"


def _without_pmid(text: str, doubts: list[str]) -> str:
    """The text without PubMed's number of eight digits, which ran into the pages."""
    text = re.sub(r"([123]\d{6,7})\1$", r"\1", text)
    pages = _range(text)
    found = None if pages and len(pages[0]) < 4 else re.search(r"(?<=\d)[123]\d{7}$", text)
    if found:
        doubts.append(f"the digits {found[0]} at the end were taken for PubMed's number and left out")
        return text[: found.start()]
    return text


_ABSTRACT_GLUED: Final = re.compile(
    r"(?:abstracts?|abstr?)\.?[ -]?(?:(?:nr|no|number)\b\.?)?\s?[:#]?\s?#?(?P<number>[A-Za-z]{0,6}-?\d[\w-]{0,12})",
    re.IGNORECASE,
)


def _volume_of(container: str, year: int) -> str:
    """The volume in which a journal printed a society's abstracts of the year, where the table tells it."""
    journal = journal_of(container)
    facts = book().meetings if journal else ()
    return next((row.volume for row in facts if journal and (row.society, row.year) == (journal.society, year)), "")


def _halves(digits: str, volume: str) -> tuple[str, str]:
    """Volume and issue that ran together."""
    if volume and digits != volume and digits.startswith(volume):
        return volume, digits[len(volume) :]
    return digits[: (len(digits) + 1) // 2], digits[(len(digits) + 1) // 2 :]


def _volume_and_page(digits: str, volume: str, doubts: list[str]) -> tuple[str, str]:
    """Volume and page that ran together; nothing where they cannot be told apart.

    Of five digits the first two are the volume, more often than not; that is told.
    """
    if not volume and len(digits) == 5 and digits[2] != "0":
        volume = digits[:2]
        doubts.append(f"volume and page run together: {digits} was read as {volume}:{digits[2:]}")
    elif not volume:
        doubts.append(f"the numbers “{digits}” were not told apart into volume, issue and pages")
        return "", ""
    return volume, digits[len(volume) :]


def _supplement_and_page(digits: str, doubts: list[str]) -> tuple[str, str]:
    """The number of a supplement and a page, or pages, that ran together."""
    letter = "s" if digits.startswith("s") else ""
    digits = digits.removeprefix("s")
    if len(digits) < 3:
        return letter + digits, ""
    size = 2 if len(digits) > 2 and digits[1] == "0" else 1
    number, page = digits[:size], digits[size:]
    doubts.append(f"supplement and page run together: {digits} was read as Suppl {number}, page {page}")
    if pages := _range(f"0{page}"):
        return letter + number, f"{pages[1]}-{pages[2]}"
    return letter + number, page


def _range(digits: str) -> tuple[str, str, str] | None:
    """What stands before two pages that ran together, and the pages: they are near to one another."""
    if not digits.isdecimal() or len(digits) > 16:
        return None
    for size in (5, 4, 3):
        before, first, last = digits[: -2 * size], digits[-2 * size : -size], digits[-size:]
        if before and len(first) == size and first[0] != "0" and 0 < int(last) - int(first) <= 40:
            return before, first, last
    return None


# --- What stands in a book -------------------------------------------------------------------------------------------

_INSIDE: Final = re.compile(
    r"(?P<stop>[.?!,]?[”\"’']|[.?!\])]|,)[,.]?\s{0,2}(?:[Pp]p?\.\s?(?P<pages>\d{1,5}\s?[-–]\s?\d{1,5})\s)?(?P<word>[Ii]n)\b(?P<colon>:?)\s"
    r"|(?P<before>[.?!,]?[”\"])\s(?=[^“”\"]{5,200},\s(?:edited by|ed\.)\s)"  # MLA: “Title.” Handbook, edited by
)
_PUBLISHER: Final = (
    r"(?:[A-Z][\w&'’.-]*\s){0,4}?(?:University Press|Press|Publish(?:ing|ers)|Verlag|Springer|Elsevier|Wiley|Routledge|"
    r"McGraw-Hill|Karger|Thieme|Saunders|Lippincott|Mosby|Blackwell|Macmillan|IEEE|ACM)\b[\w&'’/ -]{0,40}"
)
_IMPRINT: Final = re.compile(
    rf"(?:[.;,]\s|\s?\()(?P<imprint>(?P<place>[A-Z][^.:;()\d]{{1,40}}):\s(?P<publisher>[A-Z][^.;:()\d]{{1,80}}?)"
    rf"|(?P<alone>{_PUBLISHER}))(?:,\s[A-Z][\w ]{{2,30}})?[\s.,;:)]*$"
)
_EDITORS: Final = r"[Ee]d(?:itor)?s?\b\.?"
_EDITED: Final = re.compile(
    rf"(?:[.,;]\s|\s?\()(?:[Ee]dited by|{_EDITORS}(?:\sby)?)\s"
    rf"(?P<names>[^()]{{3,200}}?)(?=\)|[,.;]\s(?![A-Z]\b)|\s\(|$)"
)
_EDITORS_BEHIND: Final = re.compile(rf",?\s\(?{_EDITORS}\)?[\s,.:;]{{0,3}}")
_PAGES_INSIDE: Final = re.compile(
    r"[\s(,;:.]{0,3}(?:\b(?:pp?|pages?)\b\.?\s?(?P<named>[A-Za-z]{0,2}\d[\w.]{0,8}(?:\s?[-–]\s?[A-Za-z]{0,2}\d\w{0,8})?)"
    r"|(?<![\w-])(?P<range>\d{1,5}\s?[-–]\s?\d{1,5})(?![\w-]))\)?"
)
_PROCEEDINGS: Final = re.compile(
    r"\b(?:Proc(?:eedings\b|\.)|Conf(?:erence\b|\.)|Symp(?:osium\b|\.)|Workshop|Congress|Meeting)"
)


def _inside(text: str, opening: _Opening) -> dict[str, Any]:
    """A chapter or a paper of proceedings: title, “In”, editors, the book, who published it, pages in any order."""
    if _DESIGNATION.search(text) or _ABSTRACT_NUMBER.search(text):
        return {}
    for match in itertools.islice(_INSIDE.finditer(text), 20):
        stop = match["stop"] or match["before"]
        sure = bool(match["colon"]) or (match["word"] == "In" and stop != ",") or stop[-1] in "”\"’'"
        if match.start() < 4 or (stop == "," and not re.search(_EDITORS, text[match.end() :])):
            continue
        behind = text[match.end() :]
        place = _place(behind, dated=True)
        fields, told = _book(
            behind[: place.start()] if place else behind,
            read_pages(place["locator"]) if place else match["pages"] or "",
        )
        if place:  # a part of a series: Hydrobiologia 562: 3-16
            fields["volume"], told = place["volume"], bool(fields.get("editors"))
        proceedings = _PROCEEDINGS.search(fields["container"])
        if not fields["container"] or not (
            told
            or (sure and not place and proceedings)
            or (sure and not place and fields.get("pages") and not journals.is_journal(fields["container"]))
        ):
            continue
        year = opening.year or fields.pop("year")
        fields.pop("year", None)
        title = _EDITION.sub("", text[: match.start()] + stop).strip(" ,.").strip('“”"‘’').strip(" ,.")
        if not (title and year):
            return {}
        kind = "chapter" if fields.get("editors") or not proceedings else "article"
        if kind == "article":
            name = re.sub(r"^Proc(?:eedings|\.)\s(?:of\s(?:the\s)?)?", "", fields["container"])
            fields["meeting"] = Meeting(name=name, society=society_in(name), place=fields.pop("place", ""))
        elif place := fields.pop("place", ""):
            fields["publisher"] = f"{fields.get('publisher', '')}, {place}".strip(" ,")
        return {"title": title, "issued": PartialDate(int(year)), **_people_of(opening), **fields, "type": kind}
    return {}


def _book(text: str, pages: str) -> tuple[dict[str, Any], bool]:
    """The fields that a book's own part of a citation tells, and whether editors or a publisher say that it is one."""
    fields: dict[str, Any] = {"pages": read_pages(pages)}
    editors: list[Person] = []
    if (behind := _EDITORS_BEHIND.search(text)) and (editors := _everybody(text[: behind.start()])):
        text = text[behind.end() :]  # Okafor C, editor. Handbook
    elif behind:  # Handbook, C. Okafor, ed.
        front = text[: behind.start()]
        for cut in itertools.islice(re.finditer(r"[,;.]\s", front), 30):
            if editors := _everybody(front[cut.end() :]):
                text = f"{front[: cut.start()]}. {text[behind.end() :]}"
                break
    if not editors and (edited := _EDITED.search(text)) and (editors := _everybody(edited["names"])):
        text = f"{text[: edited.start()]}. {text[edited.end() :].lstrip('),.; ')}"
    years = list(_YEAR.finditer(text))
    fields["year"] = years[-1][0] if years else ""
    if not pages:
        for found in _PAGES_INSIDE.finditer(text):
            if not re.fullmatch(r"(?:19|20)\d\d\s?[-–]\s?(?:19|20)?\d\d", found["range"] or ""):
                fields["pages"] = read_pages(found["named"] or found["range"])
                text = f"{text[: found.start()]}; {text[found.end() :].lstrip(' ,.;')}"
                break
    if years:
        text = re.sub(rf"[\s(,;]{{0,3}}\b{fields['year']}\b[)\s,;:.]{{0,3}}(?!.*\b{fields['year']}\b)", "; ", text)
    text = re.sub(r"(?:\s?[;,.:(]){1,6}\s*$", "", _EDITION.sub(". ", re.sub(r"\(\s?[;,]?\s?\)", "", text))).strip()
    text = re.sub(r"(?:\s?[;,]\s?){2,}", "; ", re.sub(r"\.\s?[.,;]\s{1,3}(?!$)", ". ", text))
    text = " ".join(text.split())
    if series := re.search(
        r"[.,]\s[Vv]ol(?:ume|\.)\s(?P<volume>\d{1,5})(?:\sof\s(?P<name>[A-Z][^.,;]{3,100}))?[\s.,;]*$", text
    ):
        fields["volume"], text = series["volume"], text[: series.start()]
    if imprint := _IMPRINT.search(text):
        fields["publisher"] = (imprint["publisher"] or imprint["alone"]).strip()
        fields["place"] = (imprint["place"] or "").strip()
        text = text[: imprint.start()]
    elif (bare := re.search(rf"\s(?P<alone>{_PUBLISHER})[\s.,;]*$", text)) and editors:
        fields["publisher"], text = bare["alone"].strip(), text[: bare.start()]
    if _PROCEEDINGS.search(text):
        name, _, place = text.strip(" .,;").partition(",")
        if not re.search(r"\d", place) and _is_proper(place):
            text, fields["place"] = name, place.strip(" .,;")
    fields["container"] = text.strip(" .,;:()")
    if series and series["name"]:
        fields["container"] += f" ({series['name'].strip()})"
    fields["editors"] = tuple(editors)
    return {name: value for name, value in fields.items() if value or name in {"container", "year"}}, bool(
        editors or "publisher" in fields
    )


# --- Whatever else is seen -------------------------------------------------------------------------------------------

_SUPPL: Final = r"suppl(?:ement)?s?\b\.?(?:[ _-]*\w{1,3}\b)?|suppl(?:ement)?_\w{1,3}"
_LOCATOR: Final = rf"(?:(?:[A-Za-z]{{0,6}}{DASH}?|[A-Z]\s)\d[\w./]*(?:\s?{DASH}\s?[A-Za-z]*-?\d\w*)?)"
_ABSTRACT_NUMBER: Final = re.compile(
    r"[\[(]?\b(?:abstracts?|abstr?|abs)\b\.?\s*(?:(?:nr|no|number)\b\.?)?\s*[:#]?\s*#?"
    r"(?P<number>(?:LBA )?[A-Za-z]{0,6}-?\d(?:[\w.-]*\w)?)[\])]?",
    re.IGNORECASE,
)
_DESIGNATION: Final = re.compile(r"[\[(](?:meeting )?abstract", re.IGNORECASE)
_MONTH: Final = r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?)"
_YEAR: Final = re.compile(r"(?<![\w:.-])(?:19|20)\d\d(?![\w-]|\.\d)")
# Volume, part and place in it, wherever the year stands. Volume and page alone (“74:CT326”) need their colon or comma.
_PLACE: Final = re.compile(
    rf"(?<![\w.:/-])(?!(?:19|20)\d\d\b)(?P<volume>\d{{1,4}})\s*"
    rf"(?:[,.]?\s*\((?!(?:19|20)\d\d\))\s*(?P<part>[^()]{{1,30}}?)\s*\)"
    rf"|[,.]?\s*(?P<word>(?:\d+[ _]?)?(?:{_SUPPL})|S\d+)(?!\w)"
    rf"|,\s*no\.\s*(?P<no>\w+))?"
    rf"(?:\s*\([^()]*(?:19|20)\d\d[^()]*\)|,?\s*(?:\d\d?\s+)?{_MONTH}\s*(?:\d\d?,?)?\s*(?:19|20)\d\d)?"
    rf"(?P<joint>\s*[:,;]|(?<=\))\s)\s*(?:abstr?(?:act)?\.?\s*(?:number|nr|no)?\.?\s*#?|pp?(?:\.\s*|\s+))?"
    rf"(?P<locator>{_LOCATOR})",
    re.IGNORECASE,
)
_VOLUME_YEAR: Final = re.compile(r"(?<![\w.:/-])(?P<volume>\d{1,3})\s*[:,]\s*(?=(?:19|20)\d\d\s*[(,;])")
_VOLUME_ALONE: Final = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s?;\s?(?P<volume>\d{1,4})(?!\d|\s?[:,;])\s?(?:\(\s?(?P<part>[^()]{1,40})\s?\))?"
)
_SHOWN: Final = "(?:Poster|Paper|Abstract|Oral|Podium|Plenary|Talk)"
_NUMBER_SHOWN: Final = re.compile(
    r"[\[(]?\b(?:poster|paper|oral|presentation)\b\.?\s(?:(?:nr|no|number|id)\b\.?)?\s?[:#]?\s?#?"
    r"(?P<number>[A-Z]{0,6}-?\d(?:[\w.-]*\w)?)[\])]?",
    re.IGNORECASE,
)
_PRESENTED: Final = re.compile(
    rf"(?:[(\[]?(?P<how>{_SHOWN}(?:\s(?:presentation|abstract|session))?)?\s*presented (?:at:?|in:)\s+"
    rf"|[(\[]?(?P<talk>{_SHOWN})\s(?:presentation|abstract|session) at:?\s+"
    # APA sets it in brackets behind the title, and the meeting behind a full stop.
    rf"|\[(?P<kind>(?:{_SHOWN}|Conference)\s(?:presentation|session|abstract|paper)|Poster|Oral|Podium|Plenary|Talk)\]"
    r"[.,]?\s+)"
    r"(?:the\s+)?(?P<event>(?:(?<=:\s)\d|\d{1,3}(?:st|nd|rd|th)\s|(?:19|20)\d\d\s[A-Z]|[^\s\d.;,]).{2,400})",
    re.IGNORECASE,
)
_DAYS: Final = re.compile(
    rf"(?:\b\d\d?(?:\s?(?:{DASH}|to)\s?\d\d?)?\s{_MONTH}(?:\s?(?:{DASH}|to)\s?\d\d?\s{_MONTH})?"
    rf"|\b{_MONTH}(?:\s\d\d?)?(?:\s?(?:{DASH}|to)\s?(?:{_MONTH}\s?)?\d\d?)?),?\s(?:19|20)\d\d\b"
    rf"|\b(?:19|20)\d\d\s{_MONTH}(?:\s\d\d?)?(?:\s?{DASH}\s?(?:{_MONTH}\s?)?\d\d?)?"
)


def _scanned(text: str, opening: _Opening) -> dict[str, Any]:
    """The fields of a citation in no known form; none where there is no year, or nothing else."""
    people = _people_of(opening)
    presented = _PRESENTED.search(text)
    if presented and not (presented["kind"] and _place(text[presented.start("event") :], dated=True)):
        return _presented(text, presented, opening)
    text = re.sub(r"(?<=[a-z.])(?=(?:19|20)\d\d\b)", " ", text)
    text = re.sub(r",?\s*\b[Vv]ol(?:ume|\.)?\s*(?=\d)", " ", text)
    text = re.sub(
        r"(?<=\d)[.,]?\s+(?:Issue|[Nn][or]\.|number)\s+((?:\d\w*[ _-])?Suppl(?:ement)?\.?(?:[ _]\w{1,3}\b)?|\w+)",
        r" (\1)",
        text,
    )  # vol. 61, no. 15 Suppl
    text = re.sub(rf"(?<=[\d)]),\s(?:{_MONTH}\s)?((?:19|20)\d\d),\s(?=pp?\.)", r" (\1): ", text)  # 12 (3), 2014, pp. 45
    text = re.sub(r"(?<=\s)(\d{1,3})\.(\d{1,2})(?=\s\((?:19|20)\d\d\))", r"\1(\2)", text)  # 25.3 (2014)
    text = re.sub(r"(?<=[\d)]),\s*Art(?:icle|\.)\s+(?:[Nn]o\.\s|number\s)?(?=[eE]?\d)", ": ", text)
    text = re.sub(r"\.?:\s?\((?=Suppl)", " (", text)  # 2009;27:(Suppl 15)
    if opening.year:  # J Clin Oncol 31 (suppl; abstr 9621)
        text = re.sub(r"(?<=\d)\s?\((supp[^();:]{0,20});\s?(abstr?[^()]{1,30})\)", r"(\1): \2", text)
    years = list(_YEAR.finditer(text))
    if not (years or opening.year):
        return {}
    marked = _ABSTRACT_NUMBER.search(text)
    place = _place(text, dated=bool(opening.year))
    volume_year = _VOLUME_YEAR.search(text) if marked and not place else None
    alone = None if place or volume_year else _VOLUME_ALONE.search(text)
    end = next((match.start() for match in (place, volume_year, alone, marked) if match), len(text))
    labelled = 0
    if (quoted := _TITLE_IN_QUOTES.match(text)) and quoted.end() <= end:
        year = opening.year or min(years, key=lambda match: abs(match.start() - end))[0]
        title = quoted["title"]
        container = re.sub(r"[\s,.;(]*(?:19|20)\d\d[\s.;,()]*$", "", text[quoted.end() : end]).strip(" ,.;(")
        container, labelled = re.subn(r"^(?:Meeting )?[Aa]bstract[.,]\s", "", container)
    elif opening.year:
        year, (title, container) = (
            opening.year,
            _split_journal(re.sub(rf"(?:[\s,.;([]*{_MONTH})?[\s,;([]*(?:19|20)\d\d[\s.;,(]*$", "", text[:end])),
        )
    else:
        at = min(years, key=lambda match: (abs(match.start() - end), match.start()))
        if not people and _author_date(text[: years[0].end() + 1]):
            at = years[0]  # a proceedings' own year, nearer to the pages, stands in its title
        year = at[0]
        names, title, container = _head(text, at, end, split=not people)
        people = people or _people_fields(names)
    designated = re.search(r"[\[(](?:meeting |conference )?abstract[^\])]{0,40}[\])][\s.]*(?=\w)", title, re.IGNORECASE)
    behind = title[designated.end() :].strip(" .") if designated else ""
    if designated and (not container or not (journal_of(container) or journals.is_journal(container))):
        title, container, behind = title[: designated.start()], f"{behind}. {container}".strip(" ."), ""
    elif designated and _MEETING_WORD.search(behind):
        title = title[: designated.start()]
    else:
        behind = ""
    title = _without_designation(title)
    if people and not title:  # the title was taken for a part of the journal
        front, _, name = re.sub(r"([.?!])\s+(?=[A-Z])", "\\1\0", container, count=1).partition("\0")
        if name or not (_is_proper(front) and len(front) < 60):
            title, container = front.rstrip(" ."), name
    journal = journal_of(container)
    society = society_in(text[: marked.start()] if marked else text)
    fields: dict[str, Any] = {"issued": PartialDate(int(year)), **people, "title": title}
    is_abstract = bool(marked or labelled or _DESIGNATION.search(text))
    if place:
        part = Part.parse(place["part"] or place["word"] or place["no"] or "")
        locator = read_pages(place["locator"])
        # In a journal whose abstracts are cited by number, CT326 is one even where nothing says so.
        lettered = journal is not None and journal.locator == "number" and re.match(r"[A-Z]", locator) is not None
        # A supplement holds articles as well: an abstract is short. Without a title nothing is known of an article.
        is_abstract = is_abstract or lettered or (part.supplement is not None and (_is_short(locator) or not title))
        fields |= {"volume": place["volume"], "issue": part.issue or ""}
        fields["supplement"] = "Suppl" if part.supplement == "" else part.supplement or ""
        counts = (
            is_abstract and journal is not None and journal.locator == "number" and not re.search(r"-|^S\d+$", locator)
        )
        if re.fullmatch(r"\d{1,2}s", locator):
            fields["supplement"] = locator  # 15s, a part of JCO's supplement
        elif counts or (marked and marked["number"] in place[0]):
            fields["number"] = locator
        else:
            fields["pages"] = locator
    elif volume_year:
        fields["volume"] = volume_year["volume"]
    elif alone:
        part = Part.parse(alone["part"] or "")
        fields["volume"] = alone["volume"]
        fields["issue"] = part.issue or ""
        fields["supplement"] = "Suppl" if part.supplement == "" else part.supplement or ""
    if marked:
        fields["number"] = marked["number"]
    if journal:
        fields |= {"container": journal.container, "container_short": journal.short}
    elif place or volume_year or alone or (container and journals.is_journal(container)):
        fields["container"] = container
    elif marked and (society or container):
        name = society or _meeting_name(container)
        name = name if year in name else f"{name} {year}"
        fields["meeting"] = Meeting(name=name, society=society, start=fields["issued"])
        begin = text.find(container) if container else -1
        if begin >= 0 and _DAYS.search(text, begin, marked.start()):
            event = re.sub(r"^(?:Proceedings|Abstracts)\s(?:of|from)\s(?:the\s)?", "", text[begin : marked.start()])
            meeting = _meeting(event)
            fields |= {"meeting": meeting, "issued": meeting.start} if meeting.start and meeting.start.day else {}
    else:
        return {}
    if behind and "meeting" not in fields:
        fields["meeting"] = Meeting(name=_meeting_name(behind), society=society_in(behind))
    part_number = fields.get("issue") or fields.get("supplement", "")
    society = society or organ_of(journal, int(year), fields.get("volume", ""), part_number)
    if is_abstract and society and "meeting" not in fields:
        fields["meeting"] = Meeting(name=society, society=society)
    return {**fields, "type": "meeting-abstract" if is_abstract else "article"}


def _is_short(pages: str) -> bool:
    """Whether pages are two at most."""
    ends = re.fullmatch(r"\D*(\d+)\w*-\D*(\d+)\w*", pages)
    return ends is None or 0 <= int(ends[2]) - int(ends[1]) < 2


def _meeting_name(text: str) -> str:
    text = re.sub(
        r"^(?:In:?\s)?(?:(?:Poster |Paper |Abstract )?presented at:?\s)?(?:the\s)?", "", text, flags=re.IGNORECASE
    )
    return re.sub(r"\s*\([^()]*$", "", text).strip(" .,;:)") or text


_PUBLISHED: Final = re.compile(
    r"(?:(?P<place>[A-Z][^.:;\d]{1,60}):\s(?P<publisher>[A-Z][^.;:\d]{1,80})(?:[;,.]\s?\(?c?(?P<year>(?:19|20)\d\d)|[.;,]?$)"
    r"|(?P<alone>[A-Z][^.,:;\d]{0,60}(?:Press|Publish(?:ing|ers)|Verlag)[^.,:;\d]{0,30}|"
    r"\b(?:Springer|Elsevier|Wiley|Routledge|McGraw-Hill|Karger|Thieme)\b[^.,:;\d]{0,30}))"
)
_POSTED: Final = re.compile(
    rf"(?:(?<=[.;,(])\s?|\()(?:(?:first |last )?(?:published|posted|updated|modified|revised|reviewed)"
    rf"(?: online)?(?: on)?:?\s(?P<day>(?:\d\d?\s)?(?:{_MONTH}\s)?(?:\d\d?,?\s)?(?:19|20)\d\d)[.;)]{{0,2}}\s?)+",
    re.IGNORECASE,
)
_EDITION: Final = re.compile(r"[.,]?\s?\(?\b\d{1,2}(?:st|nd|rd|th)\s(?:ed\b\.?|edition)\)?", re.IGNORECASE)
_VISITED: Final = re.compile(
    r"[\s.;,([]{0,3}(?:\b(?:last )?(?:accessed|retrieved|cited|visited)\b(?: on| at)?:?)[^.)\]]{0,40}[.)\]]{0,2}"
    r"|[\s.;,(]{0,3}(?:\b|(?<=\d))(?:Available(?: (?:from|at|online)\b|:)|Retrieved from\b|URL\b):?"
    r"|\s?\[(?:Internet|Online|WWW Document|Webpage|Web page|Website)\][.,]?|(?<=\.)\sOnline\.",
    re.IGNORECASE,
)
_IN: Final = re.compile(
    r"(?:(?<=[.?!\])]\s)|(?<=[.?!]))In(?!\s[Pp]ress\b):?\s(?:(?P<editors>[^:]{3,200}?),?\s\(?[Ee]d(?:itor)?s?\b\.?\)?[,.:]?\s)?"
)


def _loose(text: str, opening: _Opening, ids: dict[str, Any], doubts: list[str]) -> dict[str, Any]:
    """What can be read of a book, a page of the web, a meeting without number: title, year, and what stands behind."""
    bare = _VISITED.sub(lambda match: ". " if match[0].strip().startswith("[") else " ", text)
    visited = bare != text
    day = next((match[0] for match in _VISITED.finditer(text) if re.search(r"(?:19|20)\d\d", match[0])), "")
    posted = _POSTED.search(bare)
    bare = _POSTED.sub(". ", bare)
    bare = re.sub(r"([.,?!])\s?\.(?=\s|$)", r"\1", bare)
    years = [match[0] for match in _YEAR.finditer(bare)]
    year = opening.year or (years[-1] if years else "")
    if day:
        doubts.append(f"“{day.strip(' .,;()[]')}” is no date of publication; it was left out")
    quoted = re.match(r"[“\"‘'](?P<title>.{8,400}?)[.,?!]?[”\"’'](?=[\s,.])", bare)
    designated = _DESIGNATION.search(bare)
    inside = _IN.search(bare)
    imprint = (
        None
        if inside or designated or visited
        else _IMPRINT.search(re.sub(r"[\s,;:.(]{0,3}\b(?:19|20)\d\d[\s).,;]*$", "", bare))
    )
    if imprint and opening.people and imprint.start() > 4:
        title, behind = bare[: imprint.start()], bare[imprint.start() :]
    elif quoted:
        title, behind = quoted["title"], bare[quoted.end() :]
    elif inside:
        title, behind = bare[: inside.start()], bare[inside.end() :]
    elif designated:
        title, _, behind = bare.partition(designated[0])
        behind = re.sub(r"^[^\])]{0,40}[\])]", "", behind)
    else:
        end = next(
            (match.start() for match in re.finditer(r"[.?!](?=\s+(?:[^\W_a-z]|\w{2,6}Rxiv)|$)", bare)
             if not re.search(r"(?:\b(?:[A-Z]|vs|St|Dr|No|Vol|ed|cf|e\.g|i\.e))$", bare[: match.start()])),
            len(bare),
        )  # fmt: skip
        question = bare[end : end + 1] in {"?", "!"}
        title, behind = bare[: end + question], bare[end + 1 :]
    title = _without_designation(re.sub(r"\s?\((?:19|20)\d\d[a-z]?\)$", "", _EDITION.sub("", title)))
    published = _PUBLISHED.search(behind)
    who = opening.people
    trial = "nct" in ids and re.search(
        r"\b(?:ClinicalTrials\.gov|identifier|registry)\b", f"{text} {ids.get('url', '')}", re.IGNORECASE
    )
    behind = _TRIAL_WORDS.sub(" ", behind) if trial else behind
    if (trial or visited) and not who and (found := _organisation(title, behind)):
        who, title, behind = found
    words = re.findall(r"[^\W\d_]{2,}", title)
    if len(words) == 1 and who and published:
        words *= 2  # “Cancer. Geneva: WHO Press; 2012”
    sure = bool(trial) or bool(opening.people) or bool(ids) or published or visited or designated or inside
    if len(words) < (2 if who or ids else 3) or title[:1].islower() or not sure or not (year or ids):
        return {}
    container = re.sub(r"\s{2,}", " ", behind).strip(" .,;:()[]<>")[:300]
    fields: dict[str, Any] = {"title": title.strip(" .,"), **_people_of(opening)}
    if who and not opening.people:
        fields["authors"] = who
    if posted and not opening.year:
        ((fields["issued"], _),) = read_dates(posted["day"])
    elif year:
        fields["issued"] = PartialDate(int(year))
    marked = _ABSTRACT_NUMBER.search(text)
    if designated or marked or (container and _MEETING_WORD.search(container) and not published):
        fields["type"] = "meeting-abstract"
        name = _ABSTRACT_NUMBER.sub("", container).strip(" .,;:(")
        if name:
            fields["meeting"] = _meeting(name)
        if marked:
            fields["number"] = marked["number"]
        doubts.append("the meeting was read from what stands behind the title")
    elif trial:
        fields["type"] = "trial"
        fields["publisher"] = re.sub(r"[\s.,;(]{0,3}(?:19|20)\d\d[\s.,;)]{0,3}", " ", container).strip(" .,;")
        doubts.append("no journal was found; it was read as a registered trial")
    elif _THESIS.search(bare):
        fields["title"] = _THESIS.sub("", title).strip(" .,;[(")
        fields["publisher"] = _THESIS.sub("", (published and published["publisher"]) or container).strip(" .,;:()[]")
        fields["publisher"] = re.sub(r"[\s.,;(]{0,3}(?:19|20)\d\d[\s.,;)]{0,3}", " ", fields["publisher"]).strip(" .,;")
        fields["type"] = "thesis"
    elif published:
        fields["publisher"] = (published["publisher"] or published["alone"]).strip()
        fields["type"] = "chapter" if inside else "book"
        if inside:
            fields["container"] = _EDITION.sub("", behind[: published.start()]).strip(" .,;:(")
        doubts.append(f"no journal was found; it was read as a {fields['type']}")
    elif "url" in ids or visited:
        fields["type"] = "web"
        if version := re.search(r"\bVersion\s\d[\d.]*\d|\bVersion\s\d", text):
            fields["title"], container = (
                f"{fields['title']}. {version[0]}",
                re.sub(r"\bVersion\b\s[\d.]*", "", container),
            )
        fields["publisher"] = re.sub(r"[\s.,;(]{0,3}(?:19|20)\d\d[\s.,;)]{0,3}", " ", container).strip(" .,;")
        doubts.append("no journal was found; it was read as a page of the web")
    elif inside:
        fields |= {"type": "chapter", "container": container}
        doubts.append("no journal was found; it was read as a chapter")
    else:
        fields |= {"type": "other", "container": re.sub(r"[\s.,;(]{0,3}(?:19|20)\d\d[\s.,;)]{0,3}$", "", container)}
        doubts.append(
            "neither volume nor pages were found, and what stands behind the title was taken for its container"
        )
    return fields


_TRIAL_WORDS: Final = re.compile(
    r"(?:ClinicalTrials\.gov(?: (?:website|registry|database))?\s?)?(?:(?:NLM|registration|trial) )?"
    r"(?:Identifier|number|registry)s?\b:?"
    rf"|\b(?:Last )?Updated:?\s(?:{_MONTH}\s)?(?:\d\d?,?\s)?\d{{4}}\.?",
    re.IGNORECASE,
)
_THESIS: Final = re.compile(
    r"[\[(](?:[\w.'’]{1,12}\s)?(?:dissertation|thesis)[\])]"
    r"|\b(?:doctoral|Ph\.?\s?D\.?|master['’]?s|M\.?Sc\.?)\s(?:dissertation|thesis)\b",
    re.IGNORECASE,
)


def _organisation(title: str, behind: str) -> tuple[tuple[Person, ...], str, str] | None:
    """Who made a page, its title and what follows, where a name stands in front: “Ipsen. Study of lanreotide.”."""
    name = title.strip(" .,")
    following = re.match(r"\s{0,2}(?P<title>[A-Z][^.?!]{8,300}\??)(?:[.!]\s?|$|(?<=\?))", behind)
    if following is None or not _is_proper(name) or len(name.split()) > 8 or len(following["title"].split()) < 2:
        return None
    if is_group(following["title"]) and _is_proper(following["title"]):
        return None
    if re.match(r"(?:Version|Updated|Accessed|Published|ClinicalTrials|EudraCT|ISRCTN)\b", following["title"]):
        return None
    return (Person(literal=name),), following["title"].strip(), behind[following.end() :]


_TITLE_IN_QUOTES: Final = re.compile(
    r"[“\"‘'](?P<title>[^“”\"]{8,500}?)(?:(?P<stop>[.,])[”\"’']|(?<=[?!])[”\"’']|[”\"’'](?=,\s|\.\s|\s\())[\s,.]{0,3}"
)


def _people_of(opening: _Opening) -> dict[str, Any]:
    if opening.edited:
        return {"editors": opening.people}
    return {"authors": opening.people, "authors_truncated": opening.truncated} if opening.people else {}


def _head(text: str, year: re.Match[str], end: int, *, split: bool) -> tuple[str, str, str]:
    """Authors, title and journal: what stands before the place `end` in it."""
    before_year = text[: year.start()].rstrip(" (,;")
    if split and _author_date(text[: year.end() + 1]):  # Authors (2014). Title. Journal, 15(4), 332-334.
        title, container = _split_journal(re.sub(r"^[).,\s]+", "", text[year.end() : end]))
        return before_year, title, container
    head = text[:end] if year.start() > end else before_year or text[year.end() : end]
    head = re.sub(rf"[\s,.;([]*(?:{_MONTH}\s*(?:\d+,?)?)?[\s,;([]*$", "", head)
    front, container = _split_journal(head)
    return (*(_split_head(_without_number(front)) if split else ("", front)), container)


def _presented(text: str, match: re.Match[str], opening: _Opening) -> dict[str, Any]:
    """A poster or talk that stands in no journal; nothing where its year is not told."""
    people = _people_of(opening)
    title = _without_designation(text[: match.start()])
    if not people:
        names, title = _split_head(title)
        people = _people_fields(names)
    how = next((group for group in ("how", "talk", "kind") if match[group]), "")
    begin = match.end(how) if how else match.start()
    marked = _ABSTRACT_NUMBER.search(text, begin) or _NUMBER_SHOWN.search(text, match.start("event"))
    event = match["event"] if marked is None else text[match.start("event") : max(marked.start(), match.start("event"))]
    days = f"; {opening.days} {opening.year}" if opening.days and not _DAYS.search(event) else ""
    meeting = _meeting(f"{event.strip(' .')}{days}")
    issued = meeting.start or (PartialDate(int(opening.year)) if opening.year else None)
    if issued is None or not (title or marked):
        return {}
    fields = {"title": title, "issued": issued, "meeting": meeting, **people, "type": "meeting-abstract"}
    if marked:
        fields["number"] = marked["number"]
    shown = _HOW.get(match[how].split()[0].lower()) if how else None
    return {**fields, "presentation": shown} if shown else fields


class Remark(Struct, frozen=True):
    """What a remark beside a record tells of its presentation; empty where it tells nothing.

    Attributes:
        number: the abstract's number.
        meeting: the meeting.
        presentation: how it was presented.
    """

    number: str = ""
    meeting: Meeting | None = None
    presentation: Presentation | None = None


_PIECE_BEFORE: Final = re.compile(r"(?:^|[.;:,(\[–—-])\s{0,3}$")
_EVENT: Final = re.compile(
    r"\b(?:Meeting|Congress|Conference|Symposium|Symposia|Workshop|Sessions|Convention|Summit|Kongress|Tagung)\b"
)
_HOW: Final[dict[str, Presentation]] = {"poster": "poster", "oral": "oral", "plenary": "plenary"}


def read_remark(text: str) -> Remark:
    """What a note tells: ``Abstract 617P. 39th ESMO Congress``, ``Poster presented at DDW; abstract Sa1234``."""
    text = " ".join(text[:600].split())
    if len(text) > 500:
        return Remark()
    marked = next((one for one in _ABSTRACT_NUMBER.finditer(text) if _PIECE_BEFORE.search(text[: one.start()])), None)
    number = marked["number"] if marked else ""
    rest = f"{text[: marked.start()].rstrip(' .,;:(')}; {text[marked.end() :]}".strip(" .,;:()[]") if marked else text
    try:
        if found := _PRESENTED.search(rest):
            words = " ".join(found[group] or "" for group in ("how", "talk", "kind")).lower().split()
            how = next((_HOW[word] for word in words if word in _HOW), None)
            return Remark(number, _meeting(found["event"]), how)
        proper = marked and len(rest) < 200 and _EVENT.search(rest) and _is_proper(re.split(r"[.;,]", rest)[0])
        return Remark(number, _meeting(rest) if proper else None)
    except ValueError:  # days that do not exist
        return Remark(number)


def _meeting(text: str) -> Meeting:
    """The meeting whose name, place and days a text gives in any order, set apart by commas, semicolons, full stops."""
    start = end = None
    year = _YEAR.search(text)
    if days := _DAYS.search(text):
        try:
            ((start, end), *_) = read_dates(days[0])
        except ValueError:
            days = None
        else:
            text = f"{text[: days.start()].rstrip(' ,.;:(')}; {text[days.end() :].lstrip(' ,.;)')}"
    if start is None and year:
        start = PartialDate(int(year[0]))
        text = re.sub(rf"[\s,.;(]{{1,3}}{year[0]}[\s,.;)]*$", "", text)
    name, *places = re.split(r";\s*|\.\s+(?=[A-Z])|,\s+(?=[A-Z])", text.strip(" .,;()"), maxsplit=1)
    place = re.sub(r"\s{0,2};\s{0,2}", ", ", places[0].strip(" .,;()")) if places else ""
    if place and (re.search(r"\d|:", place) or not _is_proper(place)):
        name, place = text.strip(" .,;()"), ""
    name = _meeting_name(name)
    return Meeting(name=name, society=society_in(name), place=place, start=start, end=end)


def _place(text: str, *, dated: bool) -> re.Match[str] | None:
    """Volume, part and page: the first that is not a day and a volume, or a page and a year."""
    start = 0
    while match := _PLACE.search(text, start):
        has_part = match["part"] or match["word"] or match["no"]
        is_day = re.search(rf"{_MONTH}\s*(?:\d\d?\s?{DASH}\s?)?$", text[: match.start()], re.IGNORECASE)
        joint = match["joint"].strip()
        if has_part or (
            joint in {":", ","} and not is_day and (dated or not re.fullmatch(r"(?:19|20)\d\d", match["locator"]))
        ):
            return match
        if not joint and "(" in match[0]:
            return match  # 138 (2021) 1161
        start = match.start() + len(match["volume"])
    return None


def _author_date(text: str) -> bool:
    """Whether a year in parentheses follows names, with a title to come."""
    return (
        bool(re.search(r"[A-Z]\.?,?(?: et al\.?)?\s*\((?:19|20)\d\d\)", text))
        and not re.search(r"\d", text[: text.rfind("(")])
        and ("," in text or _are_short_names(text[: text.rfind("(")]))
    )


def _are_short_names(text: str) -> bool:
    return all(
        _SHORT_NAME.fullmatch(name.strip()) for name in re.split(r"\s(?:and|&)\s", text.removesuffix(" et al. "))
    )


def _split_journal(head: str) -> tuple[str, str]:
    """What stands before the journal, and the journal."""
    head = head.strip(" ,;")
    if inside := _IN.search(head):
        return head[: inside.start()].rstrip(), head[inside.end() :]
    for match in re.finditer(
        r"(?:^|(?<=[.?!\])”\"’'])|(?<=[”\"’'],)|(?<=[a-z],\s))\s{0,2}(?=[^\W\d_a-z])", head[-200:]
    ):
        name = head[-200:][match.end() :]
        if journal_of(name):
            break
        if len(name) > 3 and journals.is_journal(name):
            return head[: max(0, len(head) - 200) + match.end()].rstrip(), name.rstrip(" .")
    for row in _journals_by_length():
        for name in (row.container, row.short):
            pattern = r"\.?\s+".join(re.escape(word) for word in name.split())
            if known := re.search(
                rf"(?:^|(?<=[.?!\])”\"]\s)|(?<=[.\])])|(?<=,\s))(?:The\s+)?{pattern}\.?$", head, re.IGNORECASE
            ):
                return head[: known.start()].rstrip(), name
    if dotted := _DOTTED_JOURNAL.search(head):
        return head[: dotted.start()].rstrip(), dotted[0].rstrip()
    sentence = re.search(r"^(?P<front>.*[.?!\]”\"])\s+(?P<journal>[^.?!\]”\"]+(?:\.(?=\s[A-Z(]|$)[^?!\]]*)?)$", head)
    if sentence and not re.fullmatch(r"[A-Z]{1,3}", sentence["journal"]):
        front, journal = sentence["front"], sentence["journal"].strip(" .,")
        # “JOP. Journal of the Pancreas”: a short name may stand before the full one.
        if short := re.search(r"(?<=[.?!]\s)[A-Z]{2,8}\.$", front):
            return front[: short.start()].rstrip(), f"{short[0]} {journal}"
        return front, journal
    if named := re.search(r"^(?P<front>.*[a-z].*[a-z]),\s(?P<journal>(?:[A-Z][\w.]*\s){1,6}[A-Z][\w.]*)$", head):
        return named["front"], named["journal"]  # Title, J Marsh Stud
    return ("", head.strip(" .,")) if re.match(r"[A-Z]", head) else (head, "")


# “J. Imag. Stud.”: two words or more that end in full stops.
_DOTTED_JOURNAL: Final = re.compile(
    r"(?<=[.?!\])”\"]\s)(?:(?:[A-Z][A-Za-z-]{0,11}\.\s){2,8}[A-Z][A-Za-z-]{0,11}\.?|[A-Z][A-Za-z-]{0,11}\.\s[A-Z][A-Za-z-]{0,11}\.)$"
)


def _journals_by_length() -> list[Journal]:
    return sorted(book().journals, key=lambda row: -len(row.container))


def _without_designation(text: str) -> str:
    """A title without ``[abstract]`` behind it, ``Abstract 4843:`` and ``Abstract`` before it."""
    text = re.sub(r"\s*[\[(](?:meeting )?abstr(?:act)?\.?(?:\s+[^\])]*)?[\])]", "", text, flags=re.IGNORECASE)
    return _without_number(text).strip(" .,")


def _without_number(text: str) -> str:
    return re.sub(r"(?:^|(?<=\.\s))Abstract\s+[A-Z]{0,4}\d[\w-]*:\s*", "", text)


def _split_head(head: str) -> tuple[str, str]:
    """Authors and title."""
    head = head.strip()
    if not head:
        return "", ""
    first = head.partition(",")[0]
    in_full = _FULL_NAME.fullmatch(first) and not _SHORT_NAME.fullmatch(first)
    if re.match(rf"{_FAMILY}\s{_INITIALS}\s(?!\w+\.\s)", first):
        in_full = None  # “Poe A. Geese and swans”: one author and a short title, but “Jane A. Smith. Geese”
    for match in re.finditer(r"(?:\bet al\.?|[A-Za-z’'.]+)\s*(?:\.|:)\s+(?=[^a-z\s])", head):
        people = head[: match.end()].strip(" .:")
        if re.search(r"\b[A-Z]$", people) and (in_full or re.match(r"[A-Z]\.", head[match.end() :])):
            continue  # behind an initial: in a name
        if re.search(r"\b[A-Z]$", people) and re.match(
            rf"{FAMILY},\s(?:and\s)?[A-Z][\w.]*\s[A-Z]", head[match.end() :]
        ):
            continue  # “Jane A. Smith, John Doe. Title”
        if _looks_like_people(people):
            return people, head[match.end() :].strip(" .")
    return ("", head.strip(" .")) if not _looks_like_people(head) else (head, "")


_INITIALS: Final = r"(?:[A-Z]\.?[ -]?){1,4}"
_FAMILY: Final = r"(?:(?:van|von|de|der|den|la|le|di|da|dos|el|al|ter|ten)\s+)*[^\W\d_][\w'’-]+(?:\s[^\W\d_][\w'’-]+)?"
_SHORT_NAME: Final = re.compile(
    rf"(?P<family>{_FAMILY}),?\s+(?P<initials>{_INITIALS})(?:\s(?P<suffix>Jr|Sr|II|III))?\.?"
)
_FULL_NAME: Final = re.compile(rf"(?P<given>[A-Z][\w'’.-]*(?:\s[A-Z][\w'’.-]*)*?)\s(?P<family>{_FAMILY})")


def _looks_like_people(text: str) -> bool:
    found = list(_people(text))
    return bool(found) and all(found)


def read_people(text: str) -> tuple[tuple[Person, ...], bool]:
    """The people of a list of names, such as ``Kuo JH, Lee JA, et al.``, and whether the list ends before they do."""
    people = tuple(person for person in _people(text) if person)
    return people, bool(re.search(r"\bet al\b|\(more\)", text))


def _people_fields(text: str) -> dict[str, Any]:
    people, truncated = read_people(text)
    return {"authors": people, "authors_truncated": truncated} if people else {}


def _people(text: str) -> Iterator[Person | None]:
    """Each person of a list of names; nothing for what is no name."""
    text = re.sub(r",?\s*(?:\bet al\b\.?|\(more\)|…)\s*$", "", text.strip(" .,;:"))
    text = re.sub(r",?\s+(?:and|&)\s+", ", ", text)
    # “Price, D., Haughney, J.” has a comma inside each name, “Kuo JH, Lee JA” only between them.
    inverted = re.match(rf"{_FAMILY},\s*{_INITIALS}(?:,|$)", text)
    pieces = re.findall(rf"{_FAMILY},\s*{_INITIALS}(?:,|$)", text) if inverted else re.split(r"[,;]\s*", text)
    for piece in filter(None, (piece.strip(" ,;") for piece in pieces)):
        yield sure_name(piece)
