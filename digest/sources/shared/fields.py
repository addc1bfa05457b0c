"""What fields hold in place of their value, or added to it: placeholders, other numbers, who introduced an author.

The same mistakes are in files of every format, so all are looked for in `digest.sources.shared.draft`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest import trials
from digest.text import RichText

if TYPE_CHECKING:
    from digest.model import Person
    from digest.sources.shared.draft import Draft

# What R, Python and JavaScript print where there is no value, as they spell it: no word of a language, no name.
_PROGRAMS: Final = (
    r"NA|N/A|n/a|none|None|NONE|null|NULL|nan|NaN|NAN|undefined|character\(0\)|list\(\)|\[\]|\{\}|\(\)|['\"]{2}"
)
_PRINTED: Final = re.compile(rf"(?:(?:{_PROGRAMS}|[-–—]{{1,3}})(?:[\s,;|]{{1,3}}|$)){{1,9}}")
# What people and programs write in fields that hold a number, a code or the name of a thing.
_UNKNOWN: Final = (
    r"n\.?\s?[/.]?\s?a\.?|none|null|nil|nan|undefined|unknown|[-–—.?_]{1,3}|\[\]|\{\}|\(\)|"
    r"(?:not|no data|none) ?(?:available|applicable|provided|specified|known|given|reported|found)?|no data"
)
PLACEHOLDER: Final = re.compile(_UNKNOWN, re.IGNORECASE)


def is_nothing(text: str) -> bool:
    """Whether a number, a code or a choice is empty, or only what is written where there is no value."""
    text = text.strip()
    return not text or (len(text) < 24 and PLACEHOLDER.fullmatch(text) is not None) or is_printed_nothing(text)


def is_printed_nothing(text: str) -> bool:
    """Whether a text is only what programs print for no value, in their spelling: a title may be “Null” or “Na”."""
    return len(text) < 80 and _PRINTED.fullmatch(text.strip()) is not None


def no_name(text: str) -> bool:
    """Whether a whole name is only what a program prints for no value; Na and Nan are families of people."""
    text = text.strip()
    return is_printed_nothing(text) or _NOBODY.fullmatch(text[:40]) is not None


_NOBODY: Final = re.compile(r"unknown(?: authors?)?|\[?no authors?(?: names?)? (?:available|listed)\]?", re.IGNORECASE)


# --- Lists as programs print them ------------------------------------------------------------------------------------

_QUOTED: Final = r"(?:'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")"
_ITEM: Final = rf"(?:{_QUOTED}|None|nan|NaN|NA|null|-?\d[\d.]{{0,12}})"
# ``['a', 'b']`` of Python, ``['a' 'b']`` of NumPy, ``["a", "b"]`` of JSON, ``c("a", "b")`` of R
_LIST: Final = re.compile(rf"(?:\[|c\(|\{{)\s*+{_ITEM}(?:\s*+,?\s*+{_ITEM})*+\s*+,?\s*+[\])}}]", re.DOTALL)
_PAIRS: Final = re.compile(rf"({_QUOTED})\s?:\s?(\[[^\[\]]{{0,2000}}\]|{_ITEM})", re.DOTALL)
_NAME_KEYS: Final = ("name", "full_name", "fullname", "display_name", "author", "author_name", "literal")
_GIVEN_KEYS: Final = ("given", "first", "first_name", "firstname", "given_name", "forename")
_FAMILY_KEYS: Final = ("family", "last", "last_name", "lastname", "family_name", "surname")
_PLACE_KEYS: Final = ("affiliation", "affiliations", "institution", "organization", "organisation")
_MOST: Final = 100_000  # characters of a list that is looked at


def listed(text: str) -> list[str] | None:
    """The texts of a list that a program has printed, without those that are nothing; nothing for other texts."""
    text = text.strip()
    if (
        text[:1] not in {"[", "{", "c"}
        or len(text) > _MOST
        or not re.search("['\"]", text)
        or not _LIST.fullmatch(text)
    ):
        return None
    items = re.findall(_ITEM, text[text.index("(") if text.startswith("c") else 0 :])
    return [one for one in map(_unquoted, items) if one and not is_printed_nothing(one)]


def _unquoted(item: str) -> str:
    if item[:1] not in {"'", '"'}:
        return item
    text = re.sub(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", lambda one: chr(int(one[1] or one[2], 16)), item[1:-1])
    return re.sub(r"\\(.)", lambda one: " " if one[1] in "nrt" else one[1], text).strip()


def parted(text: str) -> str:
    """A list that a program has printed as one with semicolons, without what is nothing; other texts as they are."""
    items = listed(text)
    if items is None and (people := _people(text)):
        return "; ".join(f"{name} ({'; '.join(places)})" if places else name for name, places in people)
    if items is None and (bare := re.fullmatch(r"\[([^\[\]{}'\"]{2,2000})\]", text.strip())):
        return "" if no_name(bare[1]) else bare[1]
    pieces = text.split(";") if items is None else items
    if items is None and not (len(pieces) > 1 and any(map(no_name, pieces))):
        return text
    return "; ".join(piece.strip() for piece in pieces if piece.strip() and not no_name(piece))


def _people(text: str) -> list[tuple[str, list[str]]]:
    """The people of ``[{'name': 'Ina Bremer', 'affiliation': 'MIT'}]``, each with places."""
    text = text.strip()
    if not re.match(r"\[?\s?\{\s?['\"]", text) or not text.endswith(("]", "}")) or len(text) > _MOST:
        return []
    people = []
    for piece in re.findall(r"\{([^{}]{0,4000})\}", text):
        values = {_unquoted(key).lower(): value for key, value in _PAIRS.findall(piece)}

        def value_of(keys: tuple[str, ...], values: dict[str, str] = values) -> str:
            found = (_unquoted(values[key]) for key in keys if key in values)
            return next((text for text in found if not is_printed_nothing(text)), "")

        family, given = value_of(_FAMILY_KEYS), value_of(_GIVEN_KEYS)
        if name := value_of(_NAME_KEYS) or ", ".join(filter(None, (family, given))):
            place = value_of(_PLACE_KEYS)
            people.append((name, (listed(place) or []) if place.startswith("[") else [place] if place else []))
    return people


def names_in(name: str | Person) -> list[tuple[str, list[str]]] | None:
    """The names, with places, of a printed list in place of one name; nothing for a name."""
    if isinstance(name, str):
        texts = [name]
    else:
        texts = [name.literal or f"{name.family}, {name.given}", f"{name.given} {name.family}"]
    for text in texts:
        if re.match(r"\[|\{|c\(", text):
            if (items := listed(text)) is not None:
                return [(item, []) for item in items]
            if people := _people(text):
                return people
    return None


# --- Fields of a record ----------------------------------------------------------------------------------------------

_CODES: Final = ("volume", "issue", "supplement", "pages", "article_number", "number")
_TEXTS: Final = ("container", "container_short", "publisher", "track", "licence")


def empty(draft: Draft) -> None:
    """Empties the fields of a draft that hold only a word for nothing, and reads lists as programs print them.

    What counts as nothing depends on the field: a volume cannot be “Unknown”, a title may be “Null” but not “NULL”,
    and “na” is the language of Nauru.
    """
    for name in (*_CODES, *_TEXTS):
        text = getattr(draft, name)
        if (items := listed(text)) is not None:
            text = ("; " if name == "track" else " ").join(items if name == "track" else items[:1])
        if name in _CODES[:3] and re.fullmatch(r"\d{1,4}\.0", text):  # a column of numbers with gaps, in pandas
            text = text[:-2]
        if is_nothing(text) or (name in _TEXTS and re.fullmatch(r"unknown \w{4,12}", text[:30], re.IGNORECASE)):
            text = ""
        setattr(draft, name, text)
    draft.language = "" if is_printed_nothing(draft.language) or draft.language.lower() == "unknown" else draft.language
    title = draft.title.plain
    if (items := listed(title)) is not None:
        draft.title = RichText.of((": ".join(items),) if items else ())
    elif is_printed_nothing(title):
        draft.title = RichText()
    draft.keywords = _keywords(_whole(draft.keywords))
    draft.issn = [one for one in _whole(draft.issn) if not is_nothing(one)]
    draft.ids = [one for text in draft.ids for one in _identifiers(text)]
    if (meeting := draft.meeting) and is_nothing(meeting.name):
        draft.meeting = None
    elif meeting and meeting.place and is_nothing(meeting.place):
        draft.meeting = structs.replace(meeting, place="")
    if len(draft.parts) == 1 and (items := listed(draft.parts[0].text.plain)) is not None:
        draft.parts = (structs.replace(draft.parts[0], text=RichText.of((" ".join(items),))),) if items else ()


def _whole(texts: list[str]) -> list[str]:
    """Texts with those of printed lists among them each by itself, also of a list that was divided at its commas."""
    joined = ", ".join(texts)
    if len(texts) > 1 and joined.startswith(("[", "c(")) and (items := listed(joined)) is not None:
        return items
    lists = ((text, listed(text)) for text in texts)
    return [one for text, items in lists for one in ([text] if items is None else items)]


def _keywords(words: list[str]) -> list[str]:
    if all(map(is_nothing, words)):
        return []
    # Among others “NA” may be neuraminidase, and “None” is nothing.
    return [word for word in words if word == "NA" or not is_printed_nothing(word)]


def _identifiers(text: str) -> list[str]:
    label, bare = _LABEL.fullmatch(text).groups() if len(text) < 2000 else ("", text)  # type: ignore[union-attr]
    items = listed(bare)
    return [f"{label}{one}" for one in ([bare] if items is None else items) if not is_nothing(one)]


_LABEL: Final = re.compile(r"((?:(?:doi|pmid|pmcid|isbn|issn|url)\s?:?\s?)?)(.*)", re.IGNORECASE | re.DOTALL)


# --- Other things than the value -------------------------------------------------------------------------------------

NO_TEXT: Final = re.compile(
    r"n/?a|none|null|nan|undefined|\[\]|\{\}|[-–—.?_]{1,3}|not available\.?|"
    r"\[?(?:no abstract|abstract not)(?: is)?(?: available| provided)?\.?\]?",
    re.IGNORECASE,
)
# A DOI may hold any printable character (DOI Handbook, 2.2.2); angle brackets are in those that hold a SICI.
WHOLE_DOI: Final = re.compile(r"10\.\d{4,9}/[^\s<>\"]+(?:<[^\s<>\"]{1,60}>[^\s<>\"]*)?")
# A publisher item identifier (S, ISSN, year, number, check digit), a DOI, a serial number, or a database's number.
NO_ISSUE: Final = re.compile(
    r"(?:PII:?\s?)?S?\d{4}-?\d{3}[\dX]-?(?:\(\d\d\)|\d\d)-?\d{5}-?[\dX]|(?:doi:?\s?|https?://\S*)?10\.\d{4,9}/\S+|"
    r"(?:ISSN:?\s?)?\d{4}-\d{3}[\dX]|(?:PMID|PMC|UID|CN|L)?[:-]?\s?\d{7,}",
    re.IGNORECASE,
)
# The abstract's number where pages are; so NLM's records of meetings on AIDS have it: “(abstract no. TuPeB4452)”.
SAYS_NUMBER: Final = re.compile(
    r"\(?(?:unnumbered )?abs(?:tr(?:act)?)?s?\b\.?\s?(?:(?:no|nr|number)\b\.?)?\s?[:#]?\s?#?"
    r"([A-Za-z]{0,8}[ .-]?\d[\w./-]{0,12})\)?\.?",
    re.IGNORECASE,
)
# An article's id within a volume that appears bit by bit (Oxford University Press: “ehae666.286”), printed where pages
# are; no society numbers its abstracts so.
CONTINUOUS: Final = re.compile(r"[a-z]{2,10}\d{2,4}\.\d{1,5}", re.IGNORECASE)
# A page of a supplement: S889, S-946, iv546 (Oxford), A12; e12 is an article's number, S0140-6736(20)30183-5 a PII.
PAGE_OF_SUPPLEMENT: Final = re.compile(r"(?:[SA]-?|[ivx]{1,4})\d{1,4}(?![\w(])")


def ends_of_doi(doi: str) -> frozenset[str]:
    """Ends of a DOI, each of which may be the abstract's number: ``10.5555/x.pth-41`` ends in ``pth-41``."""
    return frozenset(doi[at + 1 :] for at, sign in enumerate(doi) if sign in "./_-")


# The stop that ended a printed list of authors: “Jones.”, but “St.” and “M.”.
STOPPED: Final = re.compile(r".{0,200}[^\W\d_]{3}\.")
# Who presented the author to a society: “Smith J (Intr. by K. Jones)”, “(Spon: A. Doe)”.
_INTRODUCED: Final = re.compile(
    r"\s?[(\[](?:(?:intr(?:o(?:duced)?)?|spon(?:s(?:ored)?)?|presented|communicated|read)\b\.?\s?by:?\s|"
    r"(?:intr(?:o(?:ducer)?)?|spon(?:s(?:or)?)?)\.?\s?:\s?)[^()\[\]]{2,80}[)\]]",
    re.IGNORECASE,
)


def without_introducer(names: str) -> str:
    """Names without those who presented the authors to a society."""
    return _INTRODUCED.sub("", names) if ("(" in names or "[" in names) and ("by" in names or ":" in names) else names


# Databases and their exports, whose addresses are left where a journal's own is given.
AGGREGATOR: Final = re.compile(
    r"https?://(?:[\w-]{1,60}\.){0,4}(?:embase\.com|cochranelibrary\.com/central|scopus\.com|webofscience\.com|webofknowledge\.com|"
    r"isiknowledge\.com|proquest\.com|ebscohost\.com|ebsco\.com|ovid\.com|ovidsp\.[\w.]{1,30}|researchgate\.net|academia\.edu|"
    r"semanticscholar\.org|europepmc\.org|ncbi\.nlm\.nih\.gov|scholar\.google\.\w{2,3}|mendeley\.com|lens\.org|dimensions\.ai|"
    r"cabdirect\.org|ingentaconnect\.com|medes\.com|ui\.adsabs\.harvard\.edu|worldcat\.org|core\.ac\.uk|base-search\.net|"
    r"dialnet\.unirioja\.es|infona\.pl|popline\.org)(?:[/:?]|$)",
    re.IGNORECASE,
)


# DBLP distinguishes people of the same name by four digits after it (its FAQ: “Wei Wang 0001”).
_COUNT: Final = re.compile(r"(?<=[^\W\d_])[ \u00a0]0\d{3}(?![\w-])|(?<=[^\W\d_]\.)[ \u00a0]0\d{3}(?![\w-])")


def without_count(names: str) -> str:
    """Names without the digits by which DBLP distinguishes people of the same name."""
    return _COUNT.sub("", names) if " 0" in names or "\u00a00" in names else names


def take_registration(draft: Draft) -> bool:
    """Whether it is an entry of a registry of trials; what it has in place of journal and authors is moved.

    Cochrane's register has the registry's page for a journal, and “Nct”, “Euctr, D. K.” or a number for an author.
    """
    journal = draft.container or draft.container_short
    on_page = trials.is_page(journal)
    if on_page:
        draft.ids.append(journal)
        draft.container = draft.container_short = ""
    names = [(author, author.literal or author.family) for author in draft.authors]
    numbered = any(trials.find(author.full) for author in draft.authors) or any(map(trials.alone, draft.ids))
    only_codes = numbered and all(trials.is_code(name) for _, name in names)
    if draft.type != "trial" and not ((on_page or only_codes) and draft.type in {None, "article", "web", "other"}):
        return False
    draft.authors = [author for author, name in names if not trials.is_code(name)]
    draft.ids += [one.number for author, _ in names for one in trials.find(author.full)]
    return True
