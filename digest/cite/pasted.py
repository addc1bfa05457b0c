"""A citation that somebody pasted, read back into a record: the societies' own forms, and those seen in the wild.

The table of societies reads what it prints. Anything else is taken apart by what stands out: identifiers, the year,
volume with issue and page, the word “abstract” before a number; what stands before them is journal, title and authors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from digest.cite.societies import Journal, book, journal_of, read_form, society_in, told_by_doi, with_doi
from digest.cite.tokens import DASH, Part, read_dates, read_identifier, read_pages
from digest.errors import Problem
from digest.model import Ids, Meeting, PartialDate, Person, Record
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_citation(text: str, file: str = "", line: int | None = None) -> Record | Problem:
    """The record that a citation tells, or the problem that it tells none.

    A citation without a title, such as ``J Clin Oncol 32, 2014 (suppl; abstr e15166)``, gets one in square brackets, as
    NLM marks what a cataloguer has supplied: ``[Abstract e15166]``.
    """
    plain = re.sub(r"\s+", " ", text).strip()
    bare, ids = _without_identifiers(_unglued(plain))
    try:
        fields = _whole(bare) or _scanned(bare)
        record = _record(fields, ids) if fields else None
    except ValueError as error:  # a day that does not exist, an identifier that is none
        return Problem(
            level="warning", code="unread-citation", message=f"“{plain[:80]}”: {error}", file=file, line=line
        )
    if record is None:
        message = f"no citation was recognised in “{plain[:80]}”: expected at least a journal or meeting, and a year"
        return Problem(level="warning", code="unread-citation", message=message, file=file, line=line)
    return record


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


# “ShealyDCaiALacyE Characterization of”: what is left of a list of people when the tags between them are taken away.
_RUN: Final = re.compile(
    r"(?:(?:[Vv]an|[Vv]on|[Dd]e|[Ll]a|Di|El)\s)?(?P<family>(?![a-z])[^\W\d_][^\W\d_A-Z]{1,30}(?:-[A-Z][^\W\d_A-Z]{1,30})?)"
    r"(?P<initials>[A-Z]{1,4}?)(?P<suffix>Jr|Sr)?(?=[A-Z][^\W\d_A-Z]|[\s,:.;\d]|$)"
)


def _unglued(text: str) -> str:
    """A text that begins with two names or more that run into one another, with what belongs between them."""
    names: list[str] = []
    at = 0
    while match := _RUN.match(text, at):
        names.append(f"{text[at : match.end('family')]} {match['initials']} {match['suffix'] or ''}".strip())
        at = match.end()
    if len(names) < 2:
        return text
    return f"{', '.join(names)}. {text[at:].lstrip(' .:,;')}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- Identifiers -----------------------------------------------------------------------------------------------------

_IDENTIFIER: Final = re.compile(
    r"\[?(?:"
    r"(?:doi\s*:?\s*)?https?://(?:dx\.)?doi\.org/10\.\d{4,9}/\S+|(?:doi\s*:?\s*|\b)10\.\d{4,9}/\S+|"
    r"\bPMID\s*:?\s*\d+|\bPMC(?:ID)?\s*:?\s*(?:PMC)?\d+|\bNBK\s*:?\s*\d+|\bNCT\s*:?\s*(?:NCT)?\d{8}|https?://\S+)\]?",
    re.IGNORECASE,
)


def _without_identifiers(text: str) -> tuple[str, dict[str, Any]]:
    """The text without its identifiers, and these as fields of `Ids`."""
    found: dict[str, Any] = {}

    def take(match: re.Match[str]) -> str:
        word = match[0].rstrip(".,;])")
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

    bare = re.sub(r"\s+", " ", _IDENTIFIER.sub(take, text)).strip()
    return re.sub(r"(?:[\s.;,]|\bAvailable (?:from|at):?|\b(?:doi|PMID):)+$", "", bare), found


# --- The societies' own forms ----------------------------------------------------------------------------------------


def _whole(text: str) -> dict[str, Any] | None:
    """A citation in a form of the table, alone or behind authors and title."""
    for start in _starts(text):
        if fields := read_form(text[start:]):
            people, title = _split_head(_without_designation(text[:start]))
            if _DESIGNATION.search(text[:start]):
                fields["type"] = "meeting-abstract"
            return {**fields, **_people_fields(people), "title": title}
    return None


def _starts(text: str) -> Iterator[int]:
    """Where the citation proper may begin: at the front, or behind a sentence."""
    yield 0
    for match in re.finditer(r"[.?!\]”\"]\s+(?=[^\W\d_])", text):
        yield match.end()


# --- Whatever else is seen -------------------------------------------------------------------------------------------

_SUPPL: Final = r"suppl(?:ement)?s?\b\.?(?:[ _-]*\w{1,3}\b)?|suppl(?:ement)?_\w{1,3}"
_LOCATOR: Final = rf"(?:(?:[A-Za-z]{{0,6}}{DASH}?|[A-Z]\s)\d[\w./]*(?:\s?{DASH}\s?[A-Za-z]*-?\d\w*)?)"
_ABSTRACT_NUMBER: Final = re.compile(
    r"[\[(]?\b(?:abstracts?|abstr?|abs)\b\.?\s*(?:(?:nr|no|number)\b\.?)?\s*[:#]?\s*#?"
    r"(?P<number>(?:LBA )?[A-Za-z]{0,6}-?\d[\w.-]*\w|\d)[\])]?",
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
    rf"(?P<joint>\s*[:,;]|(?<=\))\s)\s*(?:abstr?(?:act)?\.?\s*(?:nr|no)?\.?\s*#?|pp?(?:\.\s*|\s+))?"
    rf"(?P<locator>{_LOCATOR})",
    re.IGNORECASE,
)
_VOLUME_YEAR: Final = re.compile(r"(?<![\w.:/-])(?P<volume>\d{1,3})\s*[:,]\s*(?=(?:19|20)\d\d\s*[(,;])")
_PRESENTED: Final = re.compile(
    r"(?P<how>Poster|Paper|Abstract|Oral presentation|Talk)?\s*presented at:?\s+(?:the\s+)?(?P<name>[^;]+);\s*"
    r"(?P<dates>[^;]*\d{4}[^;]*);\s*(?P<place>[^;.]+)",
    re.IGNORECASE,
)


def _scanned(text: str) -> dict[str, Any]:
    """The fields of a citation in no known form; none where there is no year, or nothing else."""
    if presented := _PRESENTED.search(text):
        return _presented(text, presented)
    text = re.sub(r"(?<=[a-z.])(?=(?:19|20)\d\d\b)", " ", text)
    text = re.sub(r",?\s*\bVol(?:ume|\.)?\s*(?=\d)", " ", text)
    text = re.sub(r"(?<=\d),?\s+(?:Issue|no\.)\s+(\w+)", r" (\1)", text)
    years = list(_YEAR.finditer(text))
    if not years:
        return {}
    marked = _ABSTRACT_NUMBER.search(text)
    place = _place(text)
    volume_year = _VOLUME_YEAR.search(text) if marked and not place else None
    end = next((match.start() for match in (place, volume_year, marked) if match), len(text))
    year = min(years, key=lambda match: (abs(match.start() - end), match.start()))
    if _author_date(text[: years[0].end() + 1]):
        year = years[0]  # a proceedings' own year, nearer to the pages, stands in its title
    people, title, container = _head(text, year, end)
    journal = journal_of(container)
    society = society_in(text[: marked.start()] if marked else text) or (journal.society if journal else "")
    fields: dict[str, Any] = {"issued": PartialDate(int(year[0])), **_people_fields(people), "title": title}
    is_abstract = bool(marked or _DESIGNATION.search(text))
    if place:
        part = Part.parse(place["part"] or place["word"] or place["no"] or "")
        locator = read_pages(place["locator"])
        # In a journal whose abstracts are cited by number, CT326 is one even where nothing says so.
        lettered = journal is not None and journal.locator == "number" and re.match(r"[A-Z]", locator) is not None
        is_abstract = is_abstract or part.supplement is not None or lettered
        fields |= {"volume": place["volume"], "issue": part.issue or ""}
        fields["supplement"] = "Suppl" if part.supplement == "" else part.supplement or ""
        counts = is_abstract and journal is not None and journal.locator == "number" and "-" not in locator
        if re.fullmatch(r"\d{1,2}s", locator):
            fields["supplement"] = locator  # 15s, a part of JCO's supplement
        elif counts or (marked and marked["number"] in place[0]):
            fields["number"] = locator
        else:
            fields["pages"] = locator
    elif volume_year:
        fields["volume"] = volume_year["volume"]
    if marked:
        fields["number"] = marked["number"]
    if journal:
        fields |= {"container": journal.container, "container_short": journal.short}
    elif place or volume_year:
        fields["container"] = container
    elif marked and (society or container):
        fields["meeting"] = Meeting(name=f"{society or container} {year[0]}", society=society, start=fields["issued"])
    else:
        return {}
    if is_abstract and society and "meeting" not in fields:
        fields["meeting"] = Meeting(name=society, society=society)
    return {**fields, "type": "meeting-abstract" if is_abstract else "article"}


def _head(text: str, year: re.Match[str], end: int) -> tuple[str, str, str]:
    """Authors, title and journal: what stands before the place `end` in it."""
    before_year = text[: year.start()].rstrip(" (,;")
    if _author_date(text[: year.end() + 1]):  # Authors (2014). Title. Journal, 15(4), 332-334.
        title, container = _split_journal(re.sub(r"^[).,\s]+", "", text[year.end() : end]))
        return before_year, _without_designation(title), container
    head = text[:end] if year.start() > end else before_year or text[year.end() : end]
    head = re.sub(rf"[\s,.;([]*(?:{_MONTH}\s*(?:\d+,?)?)?[\s,;([]*$", "", head)
    front, container = _split_journal(head)
    people, title = _split_head(_without_designation(front))
    return people, title, container


def _presented(text: str, match: re.Match[str]) -> dict[str, Any]:
    """A poster or talk that stands in no journal."""
    people, title = _split_head(_without_designation(text[: match.start()]))
    try:
        ((start, end), *_) = read_dates(match["dates"])
    except ValueError:
        return {}
    meeting = Meeting(name=match["name"], society=society_in(match["name"]), place=match["place"], start=start, end=end)
    fields = {"title": title, "issued": start, "meeting": meeting, **_people_fields(people), "type": "meeting-abstract"}
    if marked := _ABSTRACT_NUMBER.search(text):
        fields["number"] = marked["number"]
    return {**fields, "presentation": "poster"} if (match["how"] or "").lower() == "poster" else fields


def _place(text: str) -> re.Match[str] | None:
    """Volume, part and page: the first that is not a day and a volume, or a page and a year."""
    start = 0
    while match := _PLACE.search(text, start):
        has_part = match["part"] or match["word"] or match["no"]
        is_day = re.search(rf"{_MONTH}\s*$", text[: match.start()], re.IGNORECASE)
        joint = match["joint"].strip()
        if has_part or (joint in {":", ","} and not is_day and not re.fullmatch(r"(?:19|20)\d\d", match["locator"])):
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
    for row in _journals_by_length():
        for name in (row.container, row.short):
            pattern = r"\.?\s+".join(re.escape(word) for word in name.split())
            if match := re.search(rf"(?:^|(?<=[.?!\]”\"]\s)|(?<=,\s))(?:The\s+)?{pattern}\.?$", head, re.IGNORECASE):
                return head[: match.start()].rstrip(), name
    match = re.search(r"^(?P<front>.*[.?!\]”\"])\s+(?P<journal>[^.?!\]”\"]+(?:\.(?=\s[A-Z(]|$)[^?!\]]*)?)$", head)
    if match and not re.fullmatch(r"[A-Z]{1,3}", match["journal"]):
        front, journal = match["front"], match["journal"].strip(" .,")
        # “JOP. Journal of the Pancreas”: a short name may stand before the full one.
        if short := re.search(r"(?<=[.?!]\s)[A-Z]{2,8}\.$", front):
            return front[: short.start()].rstrip(), f"{short[0]} {journal}"
        return front, journal
    return ("", head.strip(" .,")) if re.match(r"[A-Z]", head) else (head, "")


def _journals_by_length() -> list[Journal]:
    return sorted(book().journals, key=lambda row: -len(row.container))


def _without_designation(text: str) -> str:
    """A title without ``[abstract]`` behind it, ``Abstract 4843:`` and ``Abstract`` before it."""
    text = re.sub(r"\s*[\[(](?:meeting )?abstract(?:\s+[^\])]*)?[\])]", "", text, flags=re.IGNORECASE)
    text = re.sub(r"(?:^|(?<=\.\s))Abstract\s+[A-Z]{0,4}\d[\w-]*:\s*", "", text)
    return text.strip(" .,")


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
        if _looks_like_people(people):
            return people, head[match.end() :].strip(" .")
    return ("", head.strip(" .")) if not _looks_like_people(head) else (head, "")


_INITIALS: Final = r"(?:[A-Z]\.?[ -]?){1,4}"
_FAMILY: Final = r"(?:(?:van|von|de|der|den|la|le|di|da|dos|el|al|ter|ten)\s+)*[^\W\d_][\w'’-]+(?:\s[^\W\d_][\w'’-]+)?"
_SHORT_NAME: Final = re.compile(
    rf"(?P<family>{_FAMILY}),?\s+(?P<initials>{_INITIALS})(?:\s(?P<suffix>Jr|Sr|II|III))?\.?"
)
_FULL_NAME: Final = re.compile(rf"(?P<given>[A-Z][\w'’.-]*(?:\s[A-Z][\w'’.-]*)*?)\s(?P<family>{_FAMILY})")
_GLUED: Final = re.compile(r"(?P<family>(?![a-z])[^\W\d_][^\W\d_A-Z’'-]+)(?P<initials>(?:[A-Z]\.?){1,4})")


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
        match = _SHORT_NAME.fullmatch(piece) or _GLUED.fullmatch(piece) or _FULL_NAME.fullmatch(piece)
        if not match:
            yield None
            continue
        told = match.groupdict()
        particle = re.match(r"(?:(?:van|von|de|der|den|la|le|di|da|dos|ter|ten)\s+)*", told["family"])
        prefix = particle[0].strip() if particle else ""
        yield Person(
            family=told["family"].removeprefix(prefix).strip(),
            particle=prefix,
            given=told.get("given") or "",
            initials=re.sub(r"[^A-Z]", "", told.get("initials") or ""),
            suffix=told.get("suffix") or "",
        )
