"""What reference managers mean by their fields: values under the tags of RIS become a record.

RIS, EndNote's tagged text and XML and Web of Science's export name the same things differently; their readers
translate everything into the tags of RIS, and only this module knows what each tag means for each type of reference.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from msgspec import structs

from digest import trials
from digest.cite.reading import Remark, read_remark
from digest.cite.registries import doi_in
from digest.cite.tokens import read_dates
from digest.model import Meeting, PartialDate, Person
from digest.names import is_group, person
from digest.sources.shared import dialects, fields, markup, ties
from digest.sources.shared.dates import date_of, read_date
from digest.sources.shared.draft import abbreviation, full_title
from digest.text import without_control
from digest.vocabulary import ET_AL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import RecordType
    from digest.sources.shared.draft import Draft

Values = dict[str, list[str]]

# Types of the RIS specification of 2011, and those that exporters add.
_TYPES: Final[Mapping[str, RecordType]] = {
    "JOUR": "article",
    "EJOUR": "article",
    "EJOU": "article",
    "JFULL": "article",
    "MGZN": "article",
    "INPR": "article",
    "NEWS": "article",
    "JOURNAL": "article",
    "ABST": "meeting-abstract",
    "CHAP": "chapter",
    "ECHAP": "chapter",
    "ENCYC": "chapter",
    "DICT": "chapter",
    "BOOK": "book",
    "EBOOK": "book",
    "EDBOOK": "book",
    "CLSWK": "book",
    "SER": "book",
    "RPRT": "report",
    "GOVDOC": "report",
    "STAND": "report",
    "STD": "report",
    "THES": "thesis",
    "ELEC": "web",
    "WEB": "web",
    "BLOG": "web",
    "DATA": "dataset",
    "DBASE": "dataset",
    "AGGR": "dataset",
    "CTLI": "trial",
    "PREPRINT": "preprint",
    "UNPB": "other",
    "GEN": "other",
}
_MEETINGS: Final = frozenset({"CONF", "CPAPER"})
_KNOWN: Final = frozenset(
    {
        *_TYPES,
        *_MEETINGS,
        "MANSCPT",
        "MUSIC",
        "PAT",
        "PAMP",
        "PCOMM",
        "SLIDE",
        "SOUND",
        "STAT",
        "VIDEO",
        "MAP",
        "MULTI",
        "LEGAL",
        "HEAR",
        "GRANT",
        "GRNT",
        "ICOMM",
        "EQUA",
        "FIGURE",
        "COMP",
        "CHART",
        "CASE",
        "BILL",
        "ART",
        "ANCIENT",
        "ADVS",
        "MPCT",
        "UNBILL",
        "UNBILl",
        "CTLG",
        "DI",
        "INTV",
        "POD",
        "SOC",
        "OTHER",
    }
)
# How databases name what a reference is, in M3, or in a word of N1.
_ABSTRACT_TYPE: Final = re.compile(
    r"\b(?:meeting|conference|congress|published erratum )[- ]?abstracts?\b", re.IGNORECASE
)
_WORKS: Final[Mapping[str, RecordType]] = {
    "preprint": "preprint",
    "posted-content": "preprint",
    "dataset": "dataset",
    "data set": "dataset",
    "book chapter": "chapter",
    "thesis": "thesis",
    "ph.d. thesis": "thesis",
    "clinical trial registration": "trial",
    "trial registry record": "trial",
}
_DOI: Final = re.compile(r"\b10\.\d{4,9}/[^\s<>\"]{1,300}")
_DOI_ALONE: Final = re.compile(r"(?:doi:?\s?)?10\.\S{4,200}", re.IGNORECASE)
_LINKED_PMID: Final = re.compile(
    r"https?://(?:pubmed\.ncbi\.nlm\.nih\.gov|(?:www\.)?ncbi\.nlm\.nih\.gov/(?:m/)?pubmed)/([1-9]\d{0,8})\b"
)
_LINKED_PMCID: Final = re.compile(r"\bncbi\.nlm\.nih\.gov/(?:pmc/)?articles/(PMC\d{1,9})\b")
_PMID: Final = re.compile(
    r"\b([1-9]\d{0,8}) {0,3}\[pmid\]|\bPMID\s?:?\s?([1-9]\d{0,8})\b|^MEDLINE:([1-9]\d{0,8})$", re.IGNORECASE
)
_PMCID: Final = re.compile(r"\b(PMC\d{1,9})\b")
_CODE: Final = re.compile(r"[a-z]{2,3}, ?\d{4,9}")  # Ovid puts codes of the journal into the field of the issue
_VOLUME_AND_ISSUE: Final = re.compile(r"(\d{1,5}) ?\(([^()]{1,30})\)")
_PUBLISHED: Final = re.compile(r"received|accepted|revised|submitted|cited", re.IGNORECASE)
_SLASHED: Final = re.compile(r"(\d{4})(?:/([^/]{0,12})(?:/(\d{0,2})(?:/.{0,80})?)?)?")
_EVENT: Final = re.compile(
    r"\b(?:conference|meeting|congress|symposium|workshop|convention|kongress|kongreß|tagung|congreso|congrès|"
    r"sessions?|summit|week)\b",
    re.IGNORECASE,
)
_EVENT_BEHIND: Final = re.compile(
    r"(?P<journal>[^\s.](?:[^.]|\.(?! ?Conference:)){1,300})\.? ?\bConference: ?(?P<event>.+)", re.DOTALL
)
_NO_PAGE: Final = re.compile(r"no|no[ -]?(?:pagination|pages?)|n/?a|pagination|none|null|-", re.IGNORECASE)
_PROCEEDINGS: Final = re.compile(r"(?:proceedings|abstracts?)\s+(?:of|from)\s+(?:the\s+)?(?=\S)", re.IGNORECASE)
_ET_AL: Final = re.compile(rf"(?:^|[\s,;])\[?(?:(?:and )?{ET_AL}\.?|(?:and |^)others)\]?$", re.IGNORECASE)
_PLAIN_NAME: Final = re.compile(r"([^\W\d_][^\d,;<>@&()\[\]*]{0,60}),\s{0,3}([^\W\d_][^\d,;<>@&()\[\]*]{0,60})")
_JUNIOR: Final = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV", re.IGNORECASE)


def fill(draft: Draft, kind: str, values: Values) -> None:
    """Fill a draft with the values of one reference.

    Args:
        draft: the record in the making.
        kind: type of the reference, a code of RIS such as ``JOUR``.
        values: the values by tag, in their order; lines of one value are separated by line ends.
    """
    kind = kind.strip().upper()
    values = dialects.plain(values)
    get = values.get
    if kind and kind not in _KNOWN:
        draft.tell("note", "type", f"“{kind[:40]}” is not a type of reference in RIS; it is kept as “other”")
    _titles(draft, kind, values)
    _add_people(draft, kind, values)
    _add_affiliations(draft, values)
    _fill_dates(draft, kind, values)
    _names_of(draft, values)
    _links(draft, values)
    _add_abstract(draft, values)
    for words in get("KW", ()):
        draft.keywords.extend(_keywords(words))
    draft.language = draft.language or _first_value(values, "LA")
    draft.publisher = draft.publisher or _first_value(values, "PB")
    _remarks(draft, kind, values)
    draft.type = _record_type(draft, kind, values)
    draft.tell_unread(_unread(draft, values))


# Tags that are read wherever they appear, that become people, dates and texts, and that only their program needs.
_READ: Final = frozenset(
    """
        TY ER ID TI T1 CT AU A1 A2 ED AD AB N2 PY Y1 YR DA DO PMID AN DB DP M3 PT RT LA KW JF JO JA J1 J2 JX BT EP
        L1 L2 L3 L4 Y2 RP AV LB ST CN RI EVENT PLACE DAYS PI PA WE CC
    """.split()
)


def _unread(draft: Draft, values: Values) -> Iterator[tuple[str, str]]:
    """Each field that may hold something for which a record has no place."""
    held = {re.sub(r"\W|ISBN", "", number) for number in (*draft.issn[:1], *draft.ids)}
    for tag, texts in values.items():
        for text in texts:
            if tag == "SN" and (numbers := list(serials(text))):
                bare = (re.sub(r"\W|ISBN", "", number) for _, number in numbers)
                yield from ((tag, f"{one[:4]}-{one[4:]}" if len(one) == 8 else one) for one in bare if one not in held)
            elif tag in {"UR", "LK"}:
                links = [link.rstrip(";,") for link in text.split() if link.startswith(("http://", "https://"))]
                yield from (
                    (tag, link)
                    for link in links
                    if not (_DOI.search(link) or _LINKED_PMID.match(link) or _LINKED_PMCID.search(link))
                )
            elif tag not in _READ and text and not (_PMID.search(text[:400]) or _PMC_ALONE.fullmatch(text)):
                yield tag, text


_PMC_ALONE: Final = re.compile(r"\s*(?:PMCID:?\s?)?PMC\d{1,9}\s*(?:\[PMCID\]\s*)?", re.IGNORECASE)


def _remarks(draft: Draft, kind: str, values: Values) -> None:
    """Set number, meeting and kind of presentation from the notes and M1 of an abstract."""
    abstract = kind == "ABST" or kind in _MEETINGS or draft.type == "meeting-abstract" or _says_abstract(values)
    for text in values.get("N1", ()):
        remark = read_remark(text)
        draft.number = draft.number or remark.number
        draft.meeting = draft.meeting or remark.meeting
        draft.presentation = draft.presentation or remark.presentation
        if remark != Remark() and _TYPES.get(kind, "article") == "article":
            draft.type = "meeting-abstract"
    number = _first_value(values, "M1")
    if abstract and not draft.number and number != draft.issue and _ABSTRACT_NUMBER.fullmatch(number):
        draft.number = number.lstrip("#")


_ABSTRACT_NUMBER: Final = re.compile(r"#?(?:[A-Za-z]{1,6}[ -]?\d{1,6}[A-Za-z]{0,3}|\d{1,6}[A-Za-z]{0,3})")


def _first_value(values: Values, *tags: str) -> str:
    """The first value that is not empty."""
    for tag in tags:
        for value in values.get(tag, ()):
            if value:
                return value if "\n" not in value else " ".join(value.split())
    return ""


def _unlike(values: Values, *tags: str) -> list[str]:
    """All different values of these tags, in order."""
    found = {" ".join(value.split()): None for tag in tags for value in values.get(tag, ()) if value}
    return list(found)


# --- Titles ----------------------------------------------------------------------------------------------------------


def _titles(draft: Draft, kind: str, values: Values) -> None:
    own = ["TI", "T1", "CT"]
    around = ["BT"]
    if kind in {"BOOK", "EBOOK", "EDBOOK"} and not _first_value(values, *own):
        own, around = [*own, "BT"], []
    found = _unlike(values, *own)
    draft.title = markup.inline(found[0]) if found else draft.title
    for other in found[1:]:
        if bare_letters(other) != bare_letters(found[0]):
            draft.tell("warning", "two-titles", f"a second title was left out: “{other[:200]}”")
    _fill_event(draft, values)
    values = _without_event(draft, values)
    if kind in {*_MEETINGS, "ABST"} or any(_ABSTRACT_TYPE.search(work[:200]) for work in values.get("M3", ())):
        _fill_meeting(draft, kind, values)
    if kind in _MEETINGS:
        # Secondary title, proceedings or series: exporters differ. All of them are searched for the name of a meeting.
        full = _unlike(values, "T2", *around, "JF", "C3", "JO")
        draft.container = draft.container or (full[0] if full else "")
        draft.container_short = draft.container_short or _first_value(values, "JA", "J2", "J1")
        return
    if kind in {"BOOK", "EBOOK", "EDBOOK", "THES", "RPRT", "ELEC", "WEB"}:
        # T2 and T3 are a series or an institution, not something in which such a record appears.
        draft.publisher = (
            draft.publisher or _first_value(values, "PB") or (_first_value(values, "T2") if kind == "THES" else "")
        )
        return
    full = [
        text
        for text in _unlike(values, "JF", "T2", *around, "JO")
        if trials.is_page(text) or not text.startswith(("http:", "https:"))
    ]
    short = _unlike(values, "JA", "J2", "J1", "JO")
    if kind in {"CHAP", "ECHAP"} and full:  # a book's title, as it is written
        draft.container = full[0]
        return
    draft.container, draft.container_short = _journal(tuple(full), tuple(short))


def _fill_event(draft: Draft, values: Values) -> None:
    """Set the meeting that has a field of its own."""
    name = _clean(_first_value(values, "EVENT"))
    place, days = _clean(_first_value(values, "PLACE")), [*values.get("DAYS", ())]
    for note in values.get("N1", ()) if not name else ():  # Scopus: “Conference name: …; Conference date: …”
        noted = {match[1]: match[2].strip() for match in _CONFERENCE.finditer(note[:5000])}
        name, place = _clean(noted.get("name", "")), _clean(noted.get("location", ""))
        days = [noted.get("date", "").replace(" through ", " - ")]
    if name and draft.meeting is None:
        draft.meeting = Meeting(name=name, place=place)
        for text in filter(None, days):
            _set_days(draft, text)


_CONFERENCE: Final = re.compile(r"Conference (name|date|location): ([^;\n]{3,300})")


def _without_event(draft: Draft, values: Values) -> Values:
    """The values without the meeting that Ovid puts after the name of a journal; it becomes the meeting of the record.

    ``Pancreatology. Conference: 46th Meeting of the European Pancreatic Club. Southampton United Kingdom.``
    """
    out = values
    for tag in ("JF", "JO", "T2", "JA", "J2"):
        for text in values.get(tag, ()):
            if "Conference:" not in text or not (match := _EVENT_BEHIND.match(text[:1000])):
                continue
            name, _, rest = _clean(match["event"]).partition(". ")
            place, _, after = rest.partition(". ")
            if re.search(r"\d|Conference|Publication", place):
                place, after = "", rest
            if draft.meeting is None and name.rstrip("."):
                draft.meeting = Meeting(name=name.rstrip("."), place=place.rstrip("."))
                if after:
                    draft.tell("note", "odd-issue", f"left out after the name of the meeting: “{after[:200]}”")
            kept = [match["journal"] if one == text else one for one in out[tag]]
            out = {**out, tag: kept}
    return out


def _fill_meeting(draft: Draft, kind: str, values: Values) -> None:
    """Set the meeting that a title of the series or of the proceedings names, with its place."""
    tags = ("C3", "T2", "BT", "T3") if kind in _MEETINGS else ("T3", "C3")
    names = _unlike(values, *tags)
    event = next((name for name in names if _EVENT.search(name)), "")
    if not event and kind in _MEETINGS and _first_value(values, "CY"):  # a name with a place is one of a meeting
        event = next((name for name in names if not (full_title(name) or abbreviation(name))), "")
    if not event or draft.meeting is not None:
        return
    # Embase puts the place after the name and a full stop.
    title, _, place = _clean(event).rstrip(".").partition(". ")
    if place and _EVENT.search(place):
        title, place = f"{title}. {place}", ""
    title = _PROCEEDINGS.sub("", title, count=1)
    draft.meeting = Meeting(name=title, place=place or _clean(_first_value(values, "CY")))


def _clean(text: str) -> str:
    return " ".join(without_control(text).split())


def bare_letters(text: str) -> str:
    """The letters and digits of a text, whatever their case: what has the same ones is the same title or name."""
    return "".join(filter(str.isalnum, text)).casefold()


@functools.lru_cache(maxsize=4096)
def _journal(full: tuple[str, ...], short: tuple[str, ...]) -> tuple[str, str]:
    """Full title and abbreviation of a journal, from fields for either, which are not always used correctly."""
    full, short = tuple(map(_lowered, full)), tuple(map(_lowered, short))
    names = dict.fromkeys((*full, *short))
    if not names:
        return "", ""
    titles = [name for name in full if not _is_short(name)]
    title = titles[0] if titles else next((long for name in names if (long := full_title(name))), "")
    brief = next((name for name in (*short, *full) if name != title and _is_short(name)), "")
    if not title and not brief:
        title = next(iter(names))
    if not brief:
        brief = next((name for name in short if name != title and len(name) < len(title)), "")
    return title, brief


def _lowered(name: str) -> str:
    """A journal's name that Web of Science prints in capitals as NLM's table has it, or with capital initials."""
    if len(name) < 8 or not name.isupper():
        return name
    if known := full_title(name) or full_title(abbreviation(name)):
        return known
    words = name.lower().split()
    return " ".join(
        word if n and word in _SMALL else "-".join(part.capitalize() for part in word.split("-"))
        for n, word in enumerate(words)
    )


_SMALL: Final = frozenset({"of", "and", "the", "in", "for", "on", "de", "et", "und", "der", "a", "to", "with"})


def _is_short(name: str) -> bool:
    """Whether a journal's name is an abbreviation: with stops, or in NLM's table as one and not as a title."""
    if re.search(r"[a-z]\.(?:\s|$)", name) and not re.search(r"\be\.V\b", name):
        return _TITLE_OF_PART.fullmatch(name) is None
    long = full_title(name)
    return " " in name and bool(long) and long.casefold() != name.casefold() and abbreviation(name) in {"", name}


# NLM's titles of parts of a journal have a stop: “Lancet. Gastroenterology & hepatology”, “JAMA. Oncology”.
_TITLE_OF_PART: Final = re.compile(r"(?:The )?[A-Z]\w{3,20}\. (?=[^.]*\b\w{8})[^.]{3,80}")


# --- People ----------------------------------------------------------------------------------------------------------


def _add_people(draft: Draft, kind: str, values: Values) -> None:
    texts = [*values.get("AU", ()), *values.get("A1", ())]
    if "AU" in values and "A1" in values:
        texts = list(dict.fromkeys(texts))
    for text in texts:
        _add_person(draft, text, as_editor=False)
    if kind not in {"THES", "PAT", "CASE", "BILL"}:
        for text in dict.fromkeys((*values.get("ED", ()), *values.get("A2", ()))):
            _add_person(draft, text, as_editor=True)
    _affiliations(draft, values.get("AD", ()))


def _add_person(draft: Draft, text: str, *, as_editor: bool) -> None:
    """Add the people named in one value, mostly a single person."""
    match = _PLAIN_NAME.fullmatch(text)
    if match and not is_group(text) and not _ET_AL.search(text):
        # The usual case, a hundred times faster than trying every form of a name.
        (draft.editors if as_editor else draft.authors).append(_known(match[1], match[2]))
        return
    if not text:
        return
    if "\n" in text:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1 and ("," in lines[0] and not any("," in line for line in lines[1:])):
            lines = [" ".join(lines)]  # one name, wrapped
        for line in lines:
            _add_person(draft, line.strip(), as_editor=as_editor)
        return
    if match := _ET_AL.search(text):
        draft.truncated = draft.truncated or not as_editor
        if rest := text[: match.start()].strip(" ,;"):
            _add_person(draft, rest, as_editor=as_editor)
        return
    family, comma, given = text.partition(",")
    if comma and " " not in family and "," not in given and is_group(text):
        # "Group, SWOG Study", but "Board, John" is a person.
        inverted = _clean(f"{given} {family}")
        draft.add_author(
            Person(literal=inverted) if is_group(f"a {given}") else person(without_control(family), _clean(given)),
            as_editor=as_editor,
        )
        return
    if text.endswith(",") and text.count(",") == 1 and " " in text.strip():
        # EndNote's mark for a text that is one name.
        name = _clean(text.rstrip(" ,"))
        draft.add_author(Person(literal=name) if name else text, as_editor=as_editor)
    elif text.count(",") == 2 and _JUNIOR.fullmatch(text.rpartition(",")[2].strip()):
        family, given, suffix = (piece.strip() for piece in text.split(","))
        try:
            draft.add_author(person(without_control(family), without_control(given), suffix), as_editor=as_editor)
        except ValueError:
            draft.add_author(text, as_editor=as_editor)
    elif ";" in text or re.search(r",.{1,60}\band\b.{1,60},", text):
        draft.add_people(text, as_editor=as_editor)
    else:
        draft.add_author(text, as_editor=as_editor)


@functools.lru_cache(maxsize=65536)  # the same people again and again
def _known(family: str, given: str) -> Person:
    return person(without_control(family), without_control(given))


def _affiliations(draft: Draft, texts: Iterable[str]) -> None:
    """Affiliations; tied to authors where the text names them: ``(Liu, Chen) Department``, ``Liu, R: Department``."""
    for line in (line.strip() for text in texts for line in text.split("\n")):
        if line:
            found, place = ties.tied(line, draft.authors)
            mark = draft.affiliation(place)
            for n in (found or ([0] if len(draft.authors) == 1 else [])) if mark else ():
                author = draft.authors[n]
                marks = tuple(sorted({*author.affiliations, mark or 1}))
                draft.authors[n] = structs.replace(author, affiliations=marks)


# --- Volume, issue, pages, dates --------------------------------------------------------------------------------------


def _add_affiliations(draft: Draft, values: Values) -> None:
    volume, issue = _first_value(values, "VL", "VO"), _first_value(values, "IS")
    if _CODE.fullmatch(issue):
        draft.tell("note", "odd-issue", f"“{issue}” in the field of the issue is a database's code; it was left out")
        issue = ""
    if not issue and (match := _VOLUME_AND_ISSUE.fullmatch(volume)):
        volume, issue = match[1], match[2]
    number = _first_value(values, "M1")
    if not issue and (re.fullmatch(r"\d{1,3}", number) or re.search(r"suppl", number[:40], re.IGNORECASE)) and volume:
        issue = number
    draft.volume, draft.issue = draft.volume or volume, draft.issue or issue
    draft.article_number = draft.article_number or _first_value(values, "C7")
    first, last = _first_value(values, "SP"), _first_value(values, "EP")
    first, last = (re.sub(r"(?<=\d) (?=\d)", "", page) for page in (first, last))
    if first and _NO_PAGE.fullmatch(last):
        last = ""
    if first and last and not re.search(r"\d\s?[-–—]", first):
        first = f"{first}-{last}" if first != last else first
    elif last and not first and not re.fullmatch(r"\d+", last):
        first = last
    elif last and not first:
        draft.tell("note", "no-pages", f"there is a last page, {last[:40]}, without a first one; it was left out")
    draft.pages = draft.pages or first.replace("--", "-")


def _fill_dates(draft: Draft, kind: str, values: Values) -> None:
    found: list[PartialDate] = []
    year = re.match(r"\d{4}(?!\d)", _first_value(values, "PY", "Y1", "YR"))
    if "DA" in values and year:  # "May 20", and the year elsewhere
        values["DA"] = [day if re.search(r"\d{4}", day) or not day else f"{year[0]} {day}" for day in values["DA"]]
    for tag in ("PY", "DA", "Y1", "YR"):  # Y1 is the date of the specification of 2001, DA that of 2011
        for text in values.get(tag, ()):
            if not text or _PUBLISHED.search(text[:80]):
                continue
            days = kind in _MEETINGS and re.search(r"\b\d{1,2}\s?[-–]\s?\d{1,2}\b(?!-)", text[:80])
            if days and _set_days(draft, text):
                continue
            if days:
                draft.tell(
                    "note", "odd-date", f"“{text[:60]}” are days of a meeting without a name; they were left out"
                )
            if date := ris_date(text):
                found.append(date_of(date.year) or date if days else date)
            elif text.strip("/ "):
                draft.tell("note", "odd-date", f"“{text[:60]}” is not a date such as 2014/05/20; it was left out")
    online = ris_date(_first_value(values, "ET")[:40]) if kind in {"JOUR", "EJOUR", "INPR"} else None
    if online and online.month:  # EndNote's “Epub Date”; “2nd ed. 2013” is an edition
        draft.issued_online = online
    if not found or draft.issued:
        return
    # The year of publication comes first; another field may know the day of the same year.
    same = [date for date in found if date.year == found[0].year]
    draft.issued = max(same, key=lambda date: len(date.parts))


@functools.lru_cache(maxsize=4096)
def ris_date(text: str) -> PartialDate | None:
    """The date of RIS, ``2014/05/20/other``, any part of it left empty; other forms if they are unambiguous."""
    text = text.strip()
    if match := _SLASHED.fullmatch(text):
        year, month, day = match.groups()
        return date_of(year, month or None, (day or None) if month else None)
    return read_date(text)


def _set_days(draft: Draft, text: str) -> bool:
    """Set the days of the meeting; False where the meeting is missing, or these are not its days."""
    try:
        spans = read_dates(_clean(text)[:80])
    except ValueError:
        return False
    start, end = spans[0]
    if len(spans) > 1 or start.day is None or end.day is None or start.is_after(end):
        return False
    if draft.meeting is None:
        return False
    if draft.meeting.start is None:
        draft.meeting = Meeting(
            name=draft.meeting.name, society=draft.meeting.society, place=draft.meeting.place, start=start, end=end
        )
    return True


# --- Identifiers and links -------------------------------------------------------------------------------------------


def _names_of(draft: Draft, values: Values) -> None:
    """Serial numbers, DOI, numbers of PubMed and PMC."""
    for text in values.get("SN", ()):
        for kind, number in serials(text):
            (draft.issn if kind == "issn" else draft.ids).append(number)
    if dois := _unlike(values, "DO"):
        draft.ids += dois if len(dois) == 1 else [f"doi:{_doi(text)}" for text in dois]
    else:
        for tag in ("M3", "L3", "UR", "N1", "AN", "L2"):
            texts = values.get(tag, ())
            # In notes a DOI is often another work's.
            whole = [text for text in texts if tag != "N1" or _DOI_ALONE.fullmatch(text)]
            if doi := next((doi for text in whole if (doi := doi_in(text[:1000]))), None):
                draft.ids.append("doi:" + re.split(r"[?#](?=\w+=)|&", doi)[0])
                break
    database = " ".join((*values.get("DB", ()), *values.get("DP", ()))).lower()
    of_nlm = re.search(r"pubmed|medline|\bnlm\b", database) is not None
    for text in (*values.get("PMID", ()), *(values.get("AN", ()) if of_nlm else ())):
        if re.fullmatch(r"[1-9]\d{0,8}", text):
            draft.ids.append(f"PMID:{text}")
    for tag in ("AN", "U1", "U2", "U3", "U4", "U5", "C1", "C2", "C5", "C6", "C8", "M1", "N1"):
        for text in values.get(tag, ()):
            piece = text[:400]
            if match := _PMID.search(piece):
                draft.ids.append(f"PMID:{match[1] or match[2] or match[3]}")
            if tag != "N1" and (match := _PMCID.search(piece)):
                draft.ids.append(match[1])
    for tag in ("AN", "CN", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "U1", "U2", "U3", "U4", "M1"):
        for text in values.get(tag, ()):
            draft.ids += [one.number for one in trials.find(text[:400], running=True)]


def _doi(text: str) -> str:
    match = _DOI.search(text[:1000])
    return match[0] if match else text


def serials(text: str) -> Iterator[tuple[str, str]]:
    """ISSNs and ISBNs in a field that holds either: ``1999-7777(Electronic),0222-6666(Print)``."""
    text = text[:400]
    if len(text) <= 9:
        digits = text.replace("-", "")
        if re.fullmatch(r"\d{7}[\dXx]", digits):
            yield "issn", digits
        return
    for piece in re.split(r"[;,\n\r/|]|\([^()]{0,60}\)|\[[^\[\]]{0,60}\]", text):
        digits = re.sub(r"[^\dXx]", "", piece)
        if len(digits) in {10, 13}:
            yield "isbn", f"ISBN {digits}"
        else:
            for match in re.finditer(r"\b\d{4}-?\d{3}[\dXx]\b", piece):
                yield "issn", match[0]


def _links(draft: Draft, values: Values) -> None:
    """The page's address; PubMed's and PMC's links name the record. What opens a file or runs a script is left out."""
    addresses: list[str] = []
    pmid = pmcid = ""
    for tag in ("UR", "L1", "L2", "L3", "L4", "LK"):
        for text in values.get(tag, ()):
            for link in text.split():
                if link.startswith(("http://", "https://")):
                    pmid = pmid or ((match := _LINKED_PMID.match(link)) and match[1]) or ""
                    pmcid = pmcid or ((match := _LINKED_PMCID.search(link)) and match[1]) or ""
                    if tag in {"UR", "LK"} and "doi.org/10." not in link:
                        addresses.append(link.rstrip(";,"))
                elif re.match(r"[A-Za-z][A-Za-z0-9+.-]{1,20}:", link) and not _DOI.search(link):
                    draft.tell("note", "link", f"“{link[:120]}” in {tag} is not a web address; it was left out")
                elif link.startswith("www.") and tag == "UR":
                    addresses.append(f"http://{link}")
    known = " ".join(draft.ids)
    if pmid and "PMID:" not in known:
        draft.ids.append(f"PMID:{pmid}")
    if pmcid and "PMC" not in known:
        draft.ids.append(pmcid)
    addresses = [one for one in addresses if not (_LINKED_PMID.match(one) or _LINKED_PMCID.search(one))]
    draft.ids += [one for one in addresses if not fields.AGGREGATOR.match(one)][:1] or addresses[:1]


# --- Abstract, keywords, type ----------------------------------------------------------------------------------------


def _add_abstract(draft: Draft, values: Values) -> None:
    found: list[str] = []
    for text in (*values.get("AB", ()), *values.get("N2", ())):
        if not text or text in found:
            continue
        bare = bare_letters(text) if found else ""
        if found and bare in bare_letters(found[0]):
            continue
        if found and bare_letters(found[0]) in bare:
            found[0] = text
        else:
            found.append(text)
    if not found:
        return
    draft.parts = markup.abstract(found[0])
    for other in found[1:]:
        draft.tell("note", "second-abstract", f"a second abstract was left out: “{' '.join(other.split())[:200]}”")


def _keywords(text: str) -> Iterator[str]:
    """One keyword on each line, or several between semicolons. PsycINFO and MEDLINE mark the major ones with a star."""
    pieces = re.split(r"[;\n]", text) if ";" in text or "\n" in text else (text,)
    for piece in pieces:
        if word := piece.strip().strip("*").strip():
            yield word


def _says_abstract(values: Values) -> bool:
    """Whether a database calls the reference a meeting abstract."""
    return any(_ABSTRACT_TYPE.search(text[:200]) for tag in ("M3", "PT", "RT") for text in values.get(tag, ()))


def _record_type(draft: Draft, kind: str, values: Values) -> RecordType | None:
    works = [text.strip().lower() for tag in ("M3", "PT", "RT") for text in values.get(tag, ())]
    if draft.type == "meeting-abstract" or _says_abstract(values):
        return "meeting-abstract"
    if known := next((_WORKS[work] for work in works if work in _WORKS), None):
        return known
    if kind in _MEETINGS:
        # A paper of several pages is not an abstract; one of a page or two is.
        match = re.fullmatch(r"(\d{1,9})-(\d{1,9})", draft.pages)
        long = "conference paper" in works or (match is not None and 2 < int(match[2]) - int(match[1]) < 1000)
        return "chapter" if long and not draft.number else "meeting-abstract"
    if kind in {"", "GEN"} and draft.container:
        return "article"
    return _TYPES.get(kind, "other" if kind else None)


# --- Printed types and fields ----------------------------------------------------------------------------------------

# The types of EndNote by name and by number.
_CODES: Final[Mapping[str, str]] = {
    "journal article": "JOUR",
    "17": "JOUR",
    "electronic article": "EJOUR",
    "43": "EJOUR",
    "magazine article": "MGZN",
    "19": "MGZN",
    "newspaper article": "NEWS",
    "23": "NEWS",
    "book": "BOOK",
    "6": "BOOK",
    "edited book": "EDBOOK",
    "28": "EDBOOK",
    "electronic book": "EBOOK",
    "44": "EBOOK",
    "book section": "CHAP",
    "5": "CHAP",
    "electronic book section": "ECHAP",
    "60": "ECHAP",
    "conference proceedings": "CONF",
    "10": "CONF",
    "conference": "CONF",
    "conference paper": "CPAPER",
    "47": "CPAPER",
    "thesis": "THES",
    "32": "THES",
    "report": "RPRT",
    "27": "RPRT",
    "government document": "GOVDOC",
    "46": "GOVDOC",
    "web page": "ELEC",
    "12": "ELEC",
    "electronic source": "ELEC",
    "online database": "DBASE",
    "45": "DBASE",
    "online multimedia": "ELEC",
    "48": "ELEC",
    "dataset": "DATA",
    "59": "DATA",
    "generic": "GEN",
    "13": "GEN",
    "unpublished work": "UNPB",
    "34": "UNPB",
    "manuscript": "MANSCPT",
    "36": "MANSCPT",
    "patent": "PAT",
    "25": "PAT",
    "encyclopedia": "ENCYC",
    "53": "ENCYC",
    "serial": "SER",
    "57": "SER",
    "standard": "STAND",
    "58": "STAND",
    "blog": "BLOG",
    "56": "BLOG",
    "abstract": "ABST",
    "in press": "INPR",
    "preprint": "PREPRINT",
    "61": "PREPRINT",
}


def code(*names: str) -> str:
    """The code of RIS for a type that EndNote names or numbers; ``OTHER`` for other types, empty for no type."""
    for text in names:
        if known := _CODES.get(text.strip().lower()):
            return known
    return "OTHER" if any(name.strip() for name in names) else ""


def name(values: Values) -> str:
    """The name under which the source knows the record: ``ID`` or ``AN``."""
    for tag in ("ID", "AN"):
        for value in values.get(tag, ()):
            if found := value.partition("\n")[0].strip():
                return found[:200]
    return ""
