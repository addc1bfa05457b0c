"""A printed name becomes a `Person`, by rule; a printed list of names becomes people, and whether the list goes on.

``Family INITIALS`` is looked for first, then ``Family, Given``, then groups, then ``Given Family``. A name that begins
with the family name is read so where the names themselves, or others of the list, show it (“Horváth Zsolt”, “Kim
Min-jae”), or when the caller asks for it: nothing in “Wang Wei” shows it. What belongs to a family name is as in Citing
Medicine, 2nd edition, chapter 2, box “Other surname rules”: prefixes and compounds are kept.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from digest.degrees import SUFFIX, is_degree, is_degrees, joined, without_degrees, without_title
from digest.families import (
    EASTERN_FAMILIES,
    Order,
    family_words,
    folded,
    is_spanish_pair,
    orders_of,
    without_given,
)
from digest.model import Person
from digest.text import repaired
from digest.vocabulary import AND_OTHERS, AND_OTHERS_ABROAD, FOR_GROUPS, ON_BEHALF, group_alone

if TYPE_CHECKING:
    from collections.abc import Iterator


class Author(Struct, frozen=True, kw_only=True):
    """A person with what was printed next to the name.

    Attributes:
        person: the person or group.
        marks: marks of affiliations as printed, ranges written out: ``3–5`` is ``3``, ``4``, ``5``.
    """

    person: Person
    marks: tuple[str, ...] = ()


_SURE_PARTICLES: Final = frozenset(
    """
        van von de der den del della dello di da das do dos du la le lo el al bin ibn ben ter ten te tot zu zum zur
        af av vom vander y vande degli dei delle
    """.split()
)
_PARTICLES: Final = _SURE_PARTICLES | frozenset(
    "'t ’t in op aan auf aus und abu abou bint dal dalla dalle dai d' d’ des".split()
)
# With a capital they are kept in the family name: Ronan Le Bras. Before Nguyen or Kim it is a middle name.
_CAPITAL_PARTICLES: Final = frozenset(
    """
        Le La De Del Della Dello Degli Dalla Dal Di Da Dos Du Des Von Van Vande Vanden Vander Ver Den Der St St.
        Saint Sainte San Santa Los Las El Al Ter Ten Te Mc Mac D’ O’ D' O' Op Bin Ben Ibn Abu Abou Abd Abdel Abdul Bou
        Fitz
    """.split()
)
_ITALIAN: Final = frozenset("della dello delle degli dalla dalle dallo dai dal di".split())
_OF_TWO: Final = frozenset({"y", "i", "e"})  # Ramón y Cajal, Puig i Cadafalch, Costa e Silva
# In Portuguese they belong to the family name before them (NBR 6023; AACR2 22.5C8): João Silva Neto.
_PORTUGUESE: Final = frozenset({"Neto", "Netto", "Filho", "Júnior", "Sobrinho"})
_MIDDLE: Final = frozenset(  # English names that often follow an initial: J. Michael Smith
    """
        Michael Scott Robert William James John David Thomas Edward Charles Lee Allen Alan Paul Mark Stephen Steven
        Peter Richard Joseph Daniel Douglas Bruce Keith Craig Andrew Christopher Matthew Anne Ann Elizabeth Mary
        Jane Marie Lynn Louise Catherine Kathleen Margaret Patrick Kevin Brian Timothy Gregory Jeffrey Philip
        Randolph Wayne Dean
    """.split()
)
_GROUP: Final = re.compile(
    r"\b(?:(?:inter|sub|study)?groups?|investigators?|consortium|consortia|trialists|network|committee|collaborat(?:ion|ive|ors?)|collective|society|"
    r"association|team|panel|task force|working party|registry|initiative|foundation|institute|university|hospital|"
    r"centers?|centre|college|organi[sz]ation|federation|alliance|council|agency|ministry|study|trial|project|"
    r"programme|program|grupo|groupe|gruppo|gruppe|arbeits\w+|sociedade?|soci[ée]t[éà]|gesellschaft|comit[éè]|asociaci[óo]n|"
    r"coalition|department|office|board|commission|academy|union|platform|service|cohort|inc|ltd|gmbh|forum|authors)\b",
    re.IGNORECASE,
)
_BEHALF_WITHIN: Final = re.compile(rf"(?<=[^\s,;])\s(?:and\s)?(?=(?:{ON_BEHALF})\s)", re.IGNORECASE)
_BEHALF_BEHIND: Final = re.compile(rf"(?<=[^\s,;])[\s,;]+(?:and\s)?(?:{ON_BEHALF})\s", re.IGNORECASE)
_INITIAL: Final = re.compile(r"[^\W\d_a-z](?:\.(?:[-‐]?[^\W\d_a-z]\.)*)?")
_CAPS: Final = re.compile(r"(?:[^\W\d_a-z]\.?(?:[-‐ ]?[^\W\d_a-z]\.?){0,4})")
_MARK: Final = r"(?:\d{1,3}|[a-z]|[*†‡§¶#‖]+)"
_MARKS_AT_END: Final = re.compile(
    rf"(?P<marks>(?:(?<=[^\W\d_.]{{2}})|(?<=[.,*†‡§¶#\s])|(?<=\b\w))(?:\d{{1,3}}|"
    rf"[*†‡§¶#‖]+)(?:\s?[,;–—-]\s?{_MARK}|\s\d{{1,3}}|\s?[*†‡§¶#‖])*)\s*[,;]?$"
)
_MARKED: Final = re.compile(r"[\w.](?:\d{1,3}|[*†‡§¶#‖])(?:[\s,*†‡§¶#‖\d–-]*),")
_RAISED: Final = re.compile(r"([⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:\s?[,˒;⁻–-]\s?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)*|[ᵃᵇᶜᵈᵉᶠᵍʰ]+(?:\s?[,˒]\s?[ᵃᵇᶜᵈᵉᶠᵍʰ]+)*)")
_LETTERS_AT_END: Final = re.compile(r"(?<=[\w.]{2})\s([a-z](?:\s?,\s?[a-z]){0,6})$")
_STARS_FIRST: Final = re.compile(r"[*†‡§¶#‖]+\s?(?=[^\W\d_])")
# What lists add to the name of a person: who speaks, and whom to write to.
_ROLE_WORDS: Final = (
    r"(?:presenting|corresponding|lead|first)(?:[\s-](?:and|&|und)[\s-](?:presenting|corresponding))?(?:\s?author)?|"
    r"presenter|speaker|invited speaker|chair|referent(?:in)?|vortragende[rn]?|redner(?:in)?|pr[äa]sentierende[rn]?|"
    r"autor(?:in)? f[üu]r korrespondenz|korrespondenzautor(?:in)?|"
    r"orateur|oratrice|intervenante?|pr[ée]sentateur|pr[ée]sentatrice|auteur (?:pr[ée]sentant|correspondant)|"
    r"ponente|presentadora?|autora? (?:presentador|ponente|de correspondencia)|relatore|relatrice|apresentadora?"
)
_ROLE_BESIDE: Final = re.compile(rf"\s*[(\[]\s?(?:{_ROLE_WORDS})\s?[)\]]", re.IGNORECASE)
_ROLE_BEFORE: Final = re.compile(rf"^(?:{_ROLE_WORDS})\s?:\s*(?=\S)", re.IGNORECASE)
# Whoever introduced a member: “(Intr. by A. Roe)”, “(SPON: A. Roe)”.
_INTRODUCED: Final = re.compile(
    r"\s*[(\[]\s?(?:intr(?:od(?:uced)?)?\.? by|spon(?:sor(?:ed)?)?(?: by|:)|deceased|for the)\b[^()\[\]]{0,120}[)\]]",
    re.IGNORECASE,
)
_DEGREES_BESIDE: Final = re.compile(r"\s*[(\[]([A-Za-z., /]{2,40})[)\]](?=[\s,;]|$)")
_PLACE_BESIDE: Final = re.compile(r"(?<=\w)\s*[(\[][^()\[\]]{2,60}[)\]](?=[\s,;*†‡\d]*$)")  # “(USA)”, “(Leeds, UK)”
_PLACES: Final = re.compile(r"(?<=[\w.])\s[(\[]([^()\[\]]{1,60},[^()\[\]]{1,60})[)\]](?=\s?(?:[,;|\n]|and\s|&|$))")
_COUNT: Final = re.compile(r"^\s*\d{1,3}[.)]?\s+(?=[^\W\d_])")  # “1. Jane Roe”, “1 Jane Roe”
_NICKNAME: Final = re.compile(r"(?<=[^\W\d_]{2}\s)(?:[(\[“\"'‘][^\W\d_]{2,12}[)\]”\"'’]\s)(?=[^\W\d_])")
_E_MAIL: Final = re.compile(r"(?<!\S)[<(\[]?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}[>)\]]?(?=[\s,;]|$)")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵃᵇᶜᵈᵉᶠᵍʰ", "0123456789-abcdefgh")
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z .'-]{0,80}[A-Za-z.]")  # most names: nothing to take away or to repair
_LONGEST: Final = 300  # of one name; a longer text is not a name
_Capitals = Literal["", "first", "last"]  # where in a name its family name is set in capitals


def read_name(text: str, *, family_first: bool = False) -> Person:
    """The person of a printed name; degrees and marks are dropped.

    Args:
        text: one name in any usual form.
        family_first: whether a name without a comma begins with the family name: East Asian order.

    Raises:
        ValueError: the text is not a name.
    """
    return read_author(text, family_first=family_first).person


def read_author(text: str, *, family_first: bool = False) -> Author:
    """The person with the marks of affiliations after the name, as in ``Stuart T. Fraser Jr,1``.

    Raises:
        ValueError: the text is not a name.
    """
    text = _BEHALF_BEHIND.split(text, maxsplit=1)[0]
    return _author_of(text, *_without_marks(text), "Eastern" if family_first else "", "")


def _author_of(text: str, bare: str, marks: tuple[str, ...], order: Order, capitals: _Capitals) -> Author:
    if len(bare) > _LONGEST:
        raise ValueError(f"“{bare[:40]}…” is {len(bare)} characters long: no name")
    if (alone := group_alone(bare)) != bare:
        return Author(person=Person(literal=_literal(alone)), marks=marks)
    bare = without_title(bare)
    if not re.search(r"[^\W\d_]", bare):
        raise ValueError(f"“{text.strip()[:80]}” is not a name")
    return Author(person=_person(bare, order, capitals), marks=marks)


def _literal(text: str) -> str:
    # Citing Medicine, chapter 2, “Organizations as author”: “The” before an organization is left out.
    text = re.sub(r"^[Tt]he\s(?=\S)", "", text.strip(" ,;"))
    if text.endswith(".") and not re.search(r"\b(?:Inc|Ltd|Co|Corp|Dept|(?:\w\.)+\w)\.$", text):
        text = text[:-1]
    if not text:
        raise ValueError("the name is empty")
    return text


def _without_marks(text: str) -> tuple[str, tuple[str, ...]]:
    marks: list[str] = []

    def take(match: re.Match[str]) -> str:
        marks.extend(_marks(match[1].translate(_SUPERSCRIPTS)))
        return " "

    text = " ".join(text.split())
    if _PLAIN.fullmatch(text):
        return _without_letters(text)
    text = unicodedata.normalize("NFC", repaired(text))
    if len(text) > 10 * _LONGEST:
        raise ValueError(f"“{text[:40]}…” is {len(text)} characters long: no name")
    text = re.sub(r"<sup>([^<>]{0,60})</sup>", take, text)
    text = re.sub(r"<[^<>]{1,60}>", " ", text)
    text = _RAISED.sub(take, text)
    if "@" in text:
        text = _E_MAIL.sub(" ", text)
    text = _ROLE_BEFORE.sub("", _ROLE_BESIDE.sub("", text))
    if "(" in text or "[" in text:
        text = _SEVERAL_MARKS.sub(take, _INTRODUCED.sub("", text))
        text = _DEGREES_BESIDE.sub(lambda found: f", {found[1]}" if is_degrees(found[1]) else found[0], text)
        if not is_group(text):
            text = _PLACE_BESIDE.sub("", text)
    if text[:1].isdigit():
        text = _COUNT.sub("", text)
    if any(mark in text for mark in "([“\"'‘"):
        text = _NICKNAME.sub("", text)
    if match := _STARS_FIRST.match(text.lstrip(" ,;")):
        marks.extend(_marks(match[0]))
        text = text.lstrip(" ,;")[match.end() :]
    text = re.sub(r"\s*[(\[][^()\[\]]{0,80}(?:@|orcid|\d{4}-\d{4})[^()\[\]]{0,80}[)\]]", "", text, flags=re.IGNORECASE)
    text = " ".join(text.split()).strip(" ,;")
    while "," in text and _MARKED.search(text) and is_degrees(text.rpartition(",")[2]):  # Do-Youn Oh*, MD, PhD
        text = text.rpartition(",")[0].rstrip(" ,;")
    if match := _MARKS_AT_END.search(text[-40:]):
        marks.extend(_marks(match["marks"]))
        text = text[: len(text) - len(match[0])].strip(" ,;")
        return text if is_degree(text.rpartition(" ")[2]) else _FINAL_STOP.sub("", text), tuple(marks)
    text, letters = _without_letters(text)
    return text, (*marks, *letters)


def _without_letters(text: str) -> tuple[str, tuple[str, ...]]:
    """A name without the small letters after it that are marks: ``Jane Roe a,b``."""
    match = _LETTERS_AT_END.search(text[-20:])
    return (text[: len(text) - len(match[0])].strip(" ,;"), tuple(_marks(match[1]))) if match else (text, ())


def _marks(text: str) -> Iterator[str]:
    """Single marks, ranges of numbers written out."""
    for match in re.finditer(r"(\d{1,3})\s?[–—-]\s?(\d{1,3})|\d{1,3}|[a-z]|[*†‡§¶#‖]+", text):
        if match[1] and int(match[1]) < int(match[2]) < int(match[1]) + 50:
            yield from map(str, range(int(match[1]), int(match[2]) + 1))
        else:
            yield from re.findall(r"\d{1,3}|[a-z]|[*†‡§¶#‖]+", match[0])


def is_group(text: str) -> bool:
    """Whether a text is the name of a group: two words or more with one such as Group, Investigators, Consortium."""
    return " " in text.strip() and bool(_GROUP.search(text))


# A double name whose second part has a particle: nothing of it is a given name, and MA after it is not a degree.
_DOUBLE: Final = re.compile(
    r"(?P<family>[^\W\d_a-z][\w'’]{1,30}-(?:van|von|de|der|den|ter|ten|te|zu|zur|del|della|di|da|dos|le|la|el|al)\s"
    r"[^\W\d_a-z][\w'’-]{1,30}),?\s(?P<initials>(?:[^\W\d_a-z]\.?[ -]?){1,4})"
)


def _person(text: str, order: Order, capitals: _Capitals) -> Person:
    if "-" in text and (double := _DOUBLE.fullmatch(text)):
        return _inverted(double["family"], re.sub(r"[\W_]", "", double["initials"]), "")
    first, *others = (piece.strip() for piece in joined(text).split(","))
    rest = [piece for piece in others if piece and not is_degrees(piece)]
    suffix = next((piece for piece in rest if SUFFIX.fullmatch(piece)), "")
    rest = [piece for piece in rest if not SUFFIX.fullmatch(piece)]
    if rest and not (is_group(text) and not _CAPS.fullmatch(rest[0])):
        given, end = _suffix_at_end(without_title(" ".join(rest)))
        family, early = _suffix_at_end(first)
        if _is_in_capitals(family) and _has_small(given):
            family = _in_usual_letters(family.split())
        return _inverted(family, given, suffix or end or early)
    if rest:  # a group whose name has a comma, or is inverted: "Group, SWOG Study"
        inverted = " " not in first and len(rest) == 1 and _GROUP.fullmatch(first)
        return Person(literal=_literal(f"{rest[0]} {first}" if inverted else text))
    words = first.split()
    before = sum(1 for _ in itertools.takewhile(_PARTICLES.__contains__, words))  # van der Heijden MS
    before = before or (words[0] in _CAPITAL_PARTICLES and words[-1] != "MD")  # Van Cutsem BA, but Ben Carson MD
    words = without_degrees(words, least=2 + before)
    if len(words) > 1 and SUFFIX.fullmatch(words[-1]):
        suffix = suffix or words.pop()
    bare = " ".join(words)
    after = 0
    while after < len(words) - 2 and words[-1 - after] in _PARTICLES:
        after += 1
    if after and _trailing_initials(words[: len(words) - after]):  # Heijde D van der
        words = [*words[len(words) - after :], *words[: len(words) - after]]
    initials = _trailing_initials(words)
    if is_group(bare) and not (initials and len(words) == 2):
        return Person(literal=_literal(text))
    if capitals := _capitals(words) or (capitals if len(words) > 1 else ""):
        loud = _count_in_capitals(words, capitals)
        if loud and capitals == "first":
            return _inverted(_in_usual_letters(words[:loud]), " ".join(words[loud:]), suffix)
        if loud:
            return _inverted(_in_usual_letters(words[-loud:]), " ".join(words[:-loud]), suffix)
    if initials:
        family, early = _suffix_at_end(" ".join(words[: len(words) - initials]))
        return _inverted(family, "".join(words[len(words) - initials :]), suffix or early)
    if len(words) == 1:
        only = words[0]
        if len(only) > 2 and only.isupper():
            return Person(literal=only)  # ESMO, SWOG
        return Person(family=only, suffix=_suffix(suffix))
    return _in_order(words, order, suffix)


def _in_order(words: list[str], order: Order, suffix: str) -> Person:
    """The person of a name of several words without a comma, by where its family name is."""
    leading = 0
    initials = _is_initials if order == "initials" else _INITIAL.fullmatch
    while leading < len(words) - 1 and initials(words[leading]):
        leading += 1
    if order == "Eastern" and not leading:
        return _inverted(words[0], " ".join(words[1:]), suffix)
    if order == "Hungarian" or (count := family_words(words, doubtful=order != "Western")):
        count = without_given(words) if order == "Hungarian" else count
        family, given = " ".join(words[:count]), " ".join(words[count:])
        loud = all(map(_is_word_in_capitals, words[:count])) and _has_small(given)
        return _inverted(_in_usual_letters(words[:count]) if loud else family, given, suffix)
    if leading and leading == len(words) - 2 and _INITIAL.fullmatch(words[-1]):  # M. Kumar R.: initials on both sides
        return _inverted(words[leading], " ".join([*words[:leading], words[-1]]), suffix)
    start = _family_start(words)
    if leading and order == "initials" and start > leading and words[leading] not in _MIDDLE:
        start = leading  # L. Fischer von Weikersthal
    return _inverted(" ".join(words[start:]), " ".join(words[:start]), suffix)


# --- Family names in capitals: “SMITH John”, “John SMITH” ------------------------------------------------------------


def _is_in_capitals(text: str) -> bool:
    """Whether every word is in capitals and none is an initial; a particle before them may be small."""
    words = text.split()
    return bool(words) and _letters(text) > 2 and all(map(_is_word_in_capitals, words))


def _is_word_in_capitals(word: str) -> bool:
    if (word[-1:].islower() and word[-1:] != "ß") or word in {"II", "III", "IV"}:  # as in most names; a suffix
        return False
    bare = re.sub(r"^(?:Mc|Mac|[DO]['’])(?=[^\W\d_a-z]{2})", "", word).replace("ß", "S")
    return bare.isupper() and "." not in word and _letters(word) > 1


def _has_small(text: str) -> bool:
    return re.search(r"[^\W\d_][^\W\d_]", text) is not None and not text.isupper()


def _count_in_capitals(words: list[str], capitals: _Capitals) -> int:
    """How many words at one end are a family name in capitals, with a given name that is not."""
    ordered = words if capitals == "first" else words[::-1]
    count = 0
    if capitals == "first":
        while count < len(ordered) and ordered[count] in _PARTICLES:
            count += 1
    while count < len(ordered) and _is_word_in_capitals(ordered[count]):
        count += 1
    if capitals == "last":
        while 0 < count < len(ordered) - 1 and ordered[count] in _PARTICLES:
            count += 1
    rest = ordered[count:]
    if not rest or not any(map(_is_word_in_capitals, ordered[:count])) or not any(map(_has_small, rest)):
        return 0
    return 0 if any(map(_is_word_in_capitals, rest)) else count


def _capitals(words: list[str]) -> _Capitals:
    """The end at which a name has its family name in capitals: longer than initials are, or with a particle."""
    if all("." in word or (word[-1].islower() and word[-1] != "ß") for word in words):  # as in most names
        return ""
    for end in ("first", "last"):
        count = _count_in_capitals(words, end)
        family = words[:count] if end == "first" else words[len(words) - count :]
        longest = max((_letters(word) for word in family if _is_word_in_capitals(word)), default=0)
        if longest > (3 if end == "first" else 4) or (longest > 1 and count > 1 and _letters(" ".join(family)) > 4):
            return end
    return ""


def _in_usual_letters(words: list[str]) -> str:
    """A family name in capitals as it is written otherwise: ``DE LA CRUZ`` is ``de la Cruz``, ``McDONALD`` McDonald."""
    quiet = []
    for n, word in enumerate(words):
        small = word.lower()
        if small in _PARTICLES and n < len(words) - 1 and not (n == 0 and small in {"le", "la", "el", "do"}):
            # Italian family names begin with a capital: Della Porta, Di Maio (AACR2, 22.5D1).
            quiet.append(small.capitalize() if n == 0 and small in _ITALIAN else small)
        else:
            lowered = re.sub(
                r"(Ma?c)?([^\W\d_])([^\W\d_]*)", lambda part: (part[1] or "") + part[2] + part[3].lower(), word
            )
            quiet.append(re.sub(r"^Mc([a-z])(?=[a-z]{2})", lambda part: f"Mc{part[1].upper()}", lowered))
    return " ".join(quiet)


def _suffix_at_end(text: str) -> tuple[str, str]:
    words = text.split()
    if len(words) > 1 and SUFFIX.fullmatch(words[-1]):
        return " ".join(words[:-1]), words[-1]
    return text, ""


def _suffix(text: str) -> str:
    word = text.strip(" .")
    if not word:
        return ""
    known = {"jr": "Jr", "jnr": "Jr", "sr": "Sr", "snr": "Sr"}
    if re.fullmatch(r"i+v?", word.lower()):
        return word.upper()
    kept = word.capitalize() if word.isupper() else word  # Neto, Filho, of SciELO
    return known.get(word.lower(), word.lower() if word[0].isdigit() else kept)


def _trailing_initials(words: list[str]) -> int:
    """How many words at the end are initials after a family name; none where that is not certain."""
    count = 0
    while count < len(words) - 1 and _CAPS.fullmatch(words[-1 - count]) and _letters(words[-1 - count]) <= 4:
        if count and words[-1 - count] in {"II", "III", "IV"}:  # Roe III JA
            break
        count += 1
    if not count:
        return 0
    before = words[: len(words) - count]
    if all(word.isupper() for word in words):  # JANE DOE, but WANG XY
        return 1 if _letters(words[-1]) <= 2 and not words[0].endswith(".") and _letters(words[0]) > 1 else 0
    dotted = any(_CAPS.fullmatch(word) and _letters(word) == 1 for word in before)
    return 0 if dotted else count  # "J. A. B Smith" does not come here; "J Smith K" is not known


def _letters(word: str) -> int:
    return sum(letter.isalpha() for letter in word)


def _family_start(words: list[str]) -> int:
    """Where the family name begins in ``Given Middle van der Family``."""
    start = len(words) - 1
    if all(word in _PARTICLES for word in words[:start]):
        return 0
    if start > 1 and (words[start] in _PORTUGUESE or is_spanish_pair(words[start - 1], words[start])):
        start -= 1
    while start > 1:
        word = words[start - 1]
        if word in _PARTICLES or word in _OF_TWO:
            start -= 1
            if word in _OF_TWO and start > 1:
                start -= 1
        elif word in _CAPITAL_PARTICLES:
            if folded(words[start]) in EASTERN_FAMILIES:
                break
            start -= 1
        elif "-" in word and word.rpartition("-")[2] in _CAPITAL_PARTICLES | _PARTICLES:  # Gómez-De León
            start -= 1
        else:
            break
    return start


def _inverted(family: str, given: str, suffix: str) -> Person:
    """A person whose family name is given separately, with its particle."""
    given = given.strip(" ,;")
    words = given.split()
    while len(words) > 1 and is_degree(words[-1]) and not _CAPS.fullmatch(words[-1]):
        words.pop()
    trailing: list[str] = []
    while len(words) > 1 and words[-1] in _PARTICLES:  # "Berg, Jan van der"
        trailing.insert(0, words.pop())
    given = " ".join(words)
    parts = family.strip(" ,;").split()
    leading = 0
    while leading < len(parts) - 1 and parts[leading] in _PARTICLES:
        leading += 1
    particle = " ".join([*trailing, *parts[:leading]])
    name = " ".join(parts[leading:])
    if not name:
        if not given:
            raise ValueError("the name is empty")
        name, given = given, ""
    bare = given.replace("-", "").replace(" ", "")
    if bare and bare.isupper() and bare.isalpha() and len(bare) <= (2 if name.isupper() and len(name) > 1 else 4):
        return Person(family=name, initials=bare, particle=particle, suffix=_suffix(suffix))
    return Person(family=name, given=given, particle=particle, suffix=_suffix(suffix))


def person(family: str, given: str = "", suffix: str = "", *, orcid: str | None = None) -> Person:
    """A person whose names are separate in the source; particles, degrees and bare initials are found in them.

    Raises:
        ValueError: both names are empty.
    """
    family, given = (unicodedata.normalize("NFC", repaired(" ".join(part.split()))) for part in (family, given))
    if SUFFIX.fullmatch(family) and " " in given:  # seen in PubMed Central: family name “Jr”, given “U Ribeiro”
        given, _, name = given.rpartition(" ")
        family, suffix = name, suffix or family
    family, end = _suffix_at_end(family.replace(",", " "))
    last = given.rpartition(" ")[2]
    if not _CAPS.fullmatch(last) or last in {"II", "III", "IV"}:  # “Bob Jr.”, but JR are initials
        given, after = _suffix_at_end(given)
        end = end or after
    made = _inverted(family, given, ("" if is_degrees(suffix) else suffix) or end)
    if not orcid:
        return made
    return Person(
        family=made.family,
        given=made.given,
        initials=made.initials,
        particle=made.particle,
        suffix=made.suffix,
        orcid=orcid,
    )


# --- What is certainly a name ----------------------------------------------------------------------------------------

# One word of a family name, in capitals and small letters as printed, so that initials may follow it without a space.
_WORD: Final = (
    r"(?:(?:Ma?c|Lo|L[ea]|D[eiau]|V[ao]n|Fitz|[EA]l|[ODLN]['’])(?=[A-Z]))?(?![a-z])[^\W\d_][^\W\d_A-Z]{1,30}"
    r"(?:['’][^\W\d_A-Z]{1,20})?"
)
_PART: Final = rf"{_WORD}(?:[-‐‑](?:{_WORD}|[^\W\d_A-Z]{{1,20}})){{0,2}}"
_SMALL: Final = (
    "(?:"
    + "|".join(sorted(_SURE_PARTICLES, key=len, reverse=True))
    + r"|(?:in\s|op\s|aan\s)?['’‘]t|(?:op|aan)(?=\sde))\s"
)
FAMILY: Final = rf"(?:{_SMALL}){{0,3}}{_PART}(?:\s(?:{_SMALL}){{0,2}}{_PART}){{0,2}}"
_ANY: Final = r"(?![a-z])[^\W\d_][^\W\d_]{1,30}"  # VanderMeer, SMITH: where a space sets the initials apart
_SPOT: Final = (
    r"(?:[^\W\d_a-z]{1,2}\s[^\W\d_a-z]{1,2}(?=\s?[,;])|[^\W\d_a-z]\.(?:\s?[-‐‑]?\s?[^\W\d_a-z]\.){0,3}"
    r"|[^\W\d_a-z](?:[-‐‑]?[^\W\d_a-z]){0,3})"
)
_ENDING: Final = r"(?:,?\s?(?:Jr|Sr|II|III|IV|2nd|3rd)\b\.?)?"
_SURE: Final = re.compile(
    rf"(?P<family>{FAMILY}|(?:{_SMALL}){{0,3}}{_ANY}(?:[-‐‑\s]{_ANY}){{0,2}}(?=[\s,])),?\s{{0,2}}(?P<initials>{_SPOT})(?P<suffix>{_ENDING})"
    rf"(?!['’‐‑-]?[^\W\d_])"
)
_SURE_FIRST: Final = re.compile(
    rf"(?P<initials>[^\W\d_a-z]\.(?:\s?[-‐‑]?\s?[^\W\d_a-z]\.){{0,3}})\s{{0,2}}(?P<family>{FAMILY})"
    rf"(?P<suffix>{_ENDING})(?!['’‐‑-]?[^\W\d_])"
)
_SURE_WHOLE: Final = re.compile(
    rf"(?P<given>{_PART}(?:\s(?:{_PART}|[^\W\d_a-z]\.?)){{0,3}})\s(?P<family>(?:{_SMALL}){{0,3}}{_PART})(?P<suffix>{_ENDING})"
)


def name_at(text: str, at: int = 0, *, initials_first: bool = False) -> tuple[Person, int] | None:
    """The person whose name is at this place, and where the name ends; nothing where that is not certain.

    Certain are ``Family INITIALS`` and ``Family, I. I.``, also where the space between them was lost (``FamilyIN``).

    Args:
        text: the text.
        at: where the name begins.
        initials_first: whether names are ``I. I. Family``.
    """
    match = (_SURE_FIRST if initials_first else _SURE).match(text, at)
    return (_of_match(match), match.end()) if match else None


def sure_name(text: str) -> Person | None:
    """The person, where a text as a whole is certainly a name: as in `name_at`, ``I. Family``, or capitalised words."""
    text = text.strip(" ,;")
    if len(text) > _LONGEST:
        return None
    match = _SURE.fullmatch(text) or _SURE_FIRST.fullmatch(text) or _SURE_WHOLE.fullmatch(text)
    if match is None and (inverted := re.fullmatch(rf"({FAMILY}),\s({_PART}(?:\s(?:{_PART}|[A-Z]\.?)){{0,3}})", text)):
        return person(inverted[1], inverted[2])  # Saif, Muhammad Wasif
    return _of_match(match) if match else None


def _of_match(match: re.Match[str]) -> Person:
    parts = match.groupdict()
    given = parts.get("given") or re.sub(r"[^\w-]|_", "", parts["initials"].replace("‐", "-").replace("‑", "-"))
    return _inverted(
        parts["family"], given.replace("-", "") if "initials" in parts else given, parts["suffix"].strip(" ,")
    )


# --- Lists -----------------------------------------------------------------------------------------------------------

_ET_AL: Final = re.compile(
    rf"(?:{AND_OTHERS}|{AND_OTHERS_ABROAD}|"
    r"(?:\b(?:and|with)|&)(?: \d+)? (?:others|(?:the )?colleagues|co-?workers|co-?authors)|"
    r"\+ ?\d+(?: more| others)?)$",
    re.IGNORECASE,
)
_ET_AL_BEFORE: Final = re.compile(
    rf"[\s,;]{{1,3}}et\.?\s?al\.?[\s,;]{{0,3}}(?=(?:and\s)?(?:{ON_BEHALF}|for)\s)", re.IGNORECASE
)
_LEFT_OUT: Final = re.compile(r"([,;])\s?(?:…|\.\s?\.\s?\.)[,;\s]{0,3}(?:&\s)?(?=[^\W\d_])")
_BY: Final = re.compile(  # what is printed before a list
    r"^(?:(?i:authors?|authors? list|autor(?:en|es|i|e)?|auteurs?|autoren und autorinnen|written by|by)\s?:\s*|"
    r"[Bb]y\s(?=[^\W\d_a-z][\w.'’-]{0,30}\s[^\W\d_a-z][^\W\d_A-Z]))"
)
_DOTTED: Final = re.compile(r"(?:[^\W\d_]\.[ -]?){1,5}")
_INITIALS_ALONE: Final = re.compile(r"(?:[^\W\d_a-z]\.?[ -]?){1,5}")


def read_people(text: str, *, family_first: bool = False) -> tuple[tuple[Author, ...], bool]:
    """The people of a printed list, and whether the list itself ends in “et al.”.

    Semicolons, bars and line ends separate names; else commas do, where each is not one of ``Family, I., Family, I.``.

    Raises:
        ValueError: a piece of the list is not a name.
    """
    shortened = "\n".join(line for piece in text.split("\n") if (line := " ".join(piece.split())))
    shortened = _BY.sub("", shortened)
    if shortened.endswith("...") and "," in shortened[-8:]:
        shortened = f"{shortened.rstrip(' .')} …"
    bare = shortened.rstrip(" \n.,;")
    truncated = (match := _ET_AL.search(bare, max(0, len(bare) - 20))) is not None
    if match:
        shortened = bare[: match.start()].rstrip(" \n,;")
    if "al" in shortened and (found := _ET_AL_BEFORE.search(shortened)):  # “Roe J, et al; on behalf of the ABC Group”
        shortened, truncated = f"{shortened[: found.start()]}; {shortened[found.end() :]}", True
    elif shortened.endswith(".") and not is_degree(shortened.split()[-1]):
        shortened = _FINAL_STOP.sub("", shortened)
    if "…" in shortened or ". ." in shortened or "..." in shortened:  # APA: “Roe, J., . . . Doe, A.”
        shortened, count = _LEFT_OUT.subn(lambda found: found[1], shortened)
        truncated = truncated or count > 0
    if any(word in shortened for word in FOR_GROUPS) and _BEHALF_WITHIN.search(
        shortened
    ):  # "Jane Roe on behalf of the ABC Study Group" are two
        mark = ";" if ";" in shortened else ","
        shortened = _BEHALF_WITHIN.sub(f"{mark} ", shortened)
    pieces = [piece for piece in _pieces(_bound(shortened)) if not is_role(piece)]
    without = [_without_marks(piece) for piece in pieces]
    names = [without_title(name) for name, _ in without]
    capitals: set[_Capitals] = {
        _capitals(name.split()) for piece, (name, _) in zip(pieces, without, strict=True) if "," not in piece
    }
    end: _Capitals = "" if {"first", "last"} <= capitals else max(capitals, default="")
    if not end and len(names) > 1 and all(map(_begins_with_loud_family, names)):
        end = "first"
    usual: Order | None = "Eastern" if family_first else "initials" if _all_begin_with_initials(names) else None
    orders = (usual,) * len(names) if usual else orders_of(names)
    read = zip(pieces, without, orders, strict=True)
    return tuple(_author_of(piece, name, marks, order, end) for piece, (name, marks), order in read), truncated


def _all_begin_with_initials(names: list[str]) -> bool:
    """Whether a list of three or more is one of ``I. Family``, so that all after initials is family name."""
    short = people = 0
    for name in names:
        first, *others = name.split() or [""]
        if not (others and _is_initials(first)):
            if is_group(name) or group_alone(name) != name:
                continue
            return False
        people += 1
        short += len([word for word in others if word not in _PARTICLES and not _INITIAL.fullmatch(word)]) == 1
    return short > 1 and people > 2


def _is_initials(word: str) -> bool:
    """Whether a word is initials: ``J.``, ``J.-P.``, ``JP``, ``CP``; ``LI`` and ``WU`` are also families."""
    return bool(_INITIAL.fullmatch(word)) or (
        word.isalpha() and word.isupper() and len(word) < 4 and folded(word) not in EASTERN_FAMILIES
    )


def _begins_with_loud_family(name: str) -> bool:
    """Whether a name begins with a short family name in capitals, as those of East Asia are: ``LI Wei``."""
    first, *others = name.split() or [""]
    return first.isupper() and folded(first) in EASTERN_FAMILIES and bool(others) and all(map(_has_small, others))


def is_role(text: str) -> bool:
    """Whether a text in brackets says no more than who speaks or whom to write to: ``(presenting author)``."""
    return bool(_ROLE_BESIDE.fullmatch(text)) if text.lstrip().startswith(("(", "[")) else False


_SEVERAL_MARKS: Final = re.compile(rf"[(\[]\s?({_MARK}(?:\s?[,;˒+&–-]\s?{_MARK}){{0,12}})\s?[)\]]")
_BETWEEN_MARKS: Final = re.compile(r"\s?[,;+&]\s?")


# A number or sign between a comma and the next name belongs to the person before: “D Araiza,1 P Martinez,2,3 R Gopar”.
_MARKS: Final = r"(?:\d{1,2}|[*†‡§¶#‖]{1,4})(?:\s?[,–-]?\s?(?:\d{1,2}(?!\d)|[*†‡§¶#‖]{1,4})){0,12}"
_NEXT: Final = r"(?=\s[^\W\d_])"
_AFTER_COMMA: Final = re.compile(rf"(?<=[\w.)])(?<!\d)([,;])({_MARKS}|[a-z](?:,[a-z]){{0,6}}){_NEXT}")
_BEFORE_NEXT: Final = re.compile(rf"(?<=[\w.)])(?<!\d)([,;])\s({_MARKS}){_NEXT}")
_CARET: Final = re.compile(r"\s?\^(?:\{([^{}]{1,40})\}|([\da-z*†‡§¶#](?:[,–-]?[\da-z*†‡§¶#]){0,20}(?![^\W_])))\^?")
# The stop at the end of a list; not that of an abbreviation.
_FINAL_STOP: Final = re.compile(
    r"(?:(?<=[\d*†‡§¶#)\]>⁰¹²³⁴⁵⁶⁷⁸⁹])|(?<=\s[a-h])|(?<=[^\W\d_]\s[A-Z]{2})|(?<=[^\W\d_]\s[A-Z]{3})|(?<=[^\W\d_]{3})(?<!\b[JS]nr)(?<!\bInc)(?<!\bLtd)(?<!Corp)(?<!Dept))\.$"
)


def _bound(text: str) -> str:
    """A list in which no comma between marks looks like one between names: ``Kim Lee (1,2)``, ``Kim Lee¹,²``."""
    if "(" in text or "[" in text:
        text = _SEVERAL_MARKS.sub(r"<sup>\1</sup>", text)
        text = _PLACES.sub(lambda match: match[0] if is_degrees(match[1]) else "", text)
    if "^" in text:
        text = _CARET.sub(lambda match: f"<sup>{match[1] or match[2]}</sup>", text)
    if "," in text or ";" in text:
        text = _AFTER_COMMA.sub(r"<sup>\2</sup>\1", text)
        if not text[:1].isdigit():
            text = _BEFORE_NEXT.sub(r"<sup>\2</sup>\1", text)
    if "<sup>" in text:
        text = re.sub(r"<sup>([^<>]{0,60})</sup>", lambda match: _BETWEEN_MARKS.sub("˒", match[0]), text)
    return text if text.isascii() else _RAISED.sub(lambda match: _BETWEEN_MARKS.sub("˒", match[0]), text)


def _pieces(text: str) -> Iterator[str]:
    for mark in (";", "|", "\n", " · ", " • "):
        if mark in text:
            for piece in text.split(mark):
                lines = piece.split("\n") if "\n" in piece.strip() else [piece]
                for line in lines if all(" " in line.strip() for line in lines) else [piece]:
                    yield from _one_or_more(line)
            return
    if "/" in text and len(people := _by_slashes(text)) > 1:
        for piece in people:
            yield from _one_or_more(piece)
        return
    yield from _by_commas(text)


def _one_or_more(text: str) -> Iterator[str]:
    """The names of a piece between two marks that are stronger than a comma."""
    for piece in _at_ands(text).split(" , "):
        # "Smith, J; Doe, A" has a comma inside each name, "Smith J, Doe A; Roe B" more than one.
        several = piece.count(",") > 1 or _ENDS_IN_INITIALS.search(piece.partition(",")[0])
        pieces = _by_commas(piece) if several else [piece]
        yield from (piece for piece in pieces if piece.strip(" ,;"))


def _by_slashes(text: str) -> list[str]:
    """Names between slashes; ``MD/PhD`` is not two names, and a slash without spaces separates only whole names."""
    pieces: list[str] = []
    for piece in re.split(r"\s/\s", text) if " / " in text else re.split(r"(?<!<)/", text):
        if pieces and is_degree(re.split(r"[\s,;]", piece, maxsplit=1)[0]):
            pieces[-1] += f", {piece}"
        else:
            pieces.append(piece)
    return pieces if " / " in text or all(" " in piece.strip() for piece in pieces) else [text]


_MOST_ANDS: Final = 200  # in a list with more, looking for a group at each would take too long
_AND: Final = re.compile(r"(?:,\s?|\s)(?P<word>and|&|und|et(?!\.?\sal\b)|y|e)\s(?!behalf)")


def _at_ands(text: str) -> str:
    """The list with `` , `` for each word “and” between two names, but not within one or a group's."""
    groups = is_group(text) and len(_AND.findall(text)) < _MOST_ANDS

    def comma(match: re.Match[str]) -> str:
        left = text[max(0, match.start() - _LONGEST) : match.start()].rpartition(",")[2]
        if not re.search(r"[^\W\d_]", left):
            return " , "  # only the mark of a name: “Jane Roe2,3 and the ABC Network”
        right = text[match.end() : match.end() + _LONGEST].partition(",")[0]
        if match["word"] in {"y", "e"} and not (" " in left.strip() and " " in right.strip()):
            return match[0]  # Ramón y Cajal
        within = groups and is_group(f"{left} x {right}") and not (" " in left.strip() and not is_group(left))
        return match[0] if within and not match[0].startswith(",") else " , "

    return _AND.sub(comma, text)


def _by_commas(text: str) -> Iterator[str]:
    text = _at_ands(text)
    names, _, last = text.rpartition(",")
    group = [last.strip()] if "," in names and is_group(last) else []  # “Roe, J., Poe, A., & the ABC Study Group”
    yield from (*_names_by_commas(names if group else text), *group)


def _names_by_commas(text: str) -> Iterator[str]:
    bare = [piece.strip() for piece in text.split(",") if piece.strip()]
    couples = list(zip(bare[::2], bare[1::2], strict=False))
    if (
        len(bare) > 2
        and len(bare) % 2 == 0
        and all(_DOTTED.fullmatch(given) and not _INITIALS_ALONE.fullmatch(family) for family, given in couples)
    ):
        # Before anything else: in "Lin, C., Ma, L." Ma is not a degree.
        yield from (f"{family}, {given}" for family, given in couples)
        return
    chunks: list[str] = []
    for chunk in (piece.strip() for piece in text.split(",")):
        if not chunk:
            continue
        belongs = (
            SUFFIX.fullmatch(chunk)
            or re.fullmatch(rf"{_MARK}(?:\s?[–-]\s?{_MARK})?", chunk)
            or is_degrees(chunk.partition("<")[0])
        )
        inverted = chunks and " " not in chunks[-1] and _INITIALS_ALONE.fullmatch(chunk)  # "Do, MA"
        if chunks and belongs and not inverted:
            chunks[-1] += f", {chunk}"
        else:
            chunks.append(chunk)
    pairs = list(zip(chunks[::2], chunks[1::2], strict=False))
    if (
        pairs
        and len(chunks) % 2 == 0
        and all(
            _INITIALS_ALONE.fullmatch(given.partition(",")[0])
            and not _INITIALS_ALONE.fullmatch(family)
            and not _ENDS_IN_INITIALS.search(family)
            for family, given in pairs
        )
    ):
        yield from (f"{family}, {given}" for family, given in pairs)
    elif (
        len(chunks) > 3
        and len(chunks) % 2 == 0
        and all(len(given.split()) < 4 for _, given in pairs)
        and (
            all(_is_family(family) for family, _ in pairs)
            or (
                any(_is_family(family) for family, _ in pairs)
                and all(_GIVEN_ALONE.fullmatch(given) for _, given in pairs)
            )
        )
    ):
        yield from (f"{family}, {given}" for family, given in pairs)  # Smith, John, Doe, Anna
    elif (
        len(chunks) > 2
        and _is_family(chunks[0])
        and (_GIVEN_ALONE.fullmatch(chunks[1]) or _DOTTED.fullmatch(chunks[1]))
        and all(" " in chunk and not _ENDS_IN_INITIALS.search(chunk) for chunk in chunks[2:])
    ):
        yield from (f"{chunks[0]}, {chunks[1]}", *chunks[2:])  # only the first is inverted
    elif len(chunks) == 2 and " " not in chunks[0] and not _ENDS_IN_INITIALS.search(chunks[0]):
        yield ", ".join(chunks)  # one person: Saif, Muhammad Wasif
    else:
        yield from chunks


_GIVEN_ALONE: Final = re.compile(rf"{_PART}(?:\s[^\W\d_a-z]\.?)?")
_ENDS_IN_INITIALS: Final = re.compile(r"\s[^\W\d_a-z]{1,4}$")


def _is_family(text: str) -> bool:
    """Whether a piece between commas is no more than a family name: one word, with its particles."""
    words = text.split()
    while len(words) > 1 and words[0] in _PARTICLES:
        words.pop(0)
    return len(words) == 1 and not (len(words[0]) > 2 and words[0].isupper() and text == words[0] and len(text) < 7)
