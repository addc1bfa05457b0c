"""Readers of what has a place in a journal, or a number at a meeting: society's forms, articles, abstracts, posters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, structs

from digest import journals
from digest.cite.reading.events import meeting_after, without_proceedings
from digest.cite.reading.landmarks import (
    ABSTRACT_NUMBER,
    DAYS,
    DESIGNATION,
    MEETING_WORD,
    MONTH_WORD,
    YEAR,
    YEAR_DIGITS,
    find_place,
    is_proper,
    is_short,
)
from digest.cite.reading.line import Fields
from digest.cite.reading.meetings import HOW, find_presentation, meeting_name, meeting_of
from digest.cite.reading.numbers import number_after
from digest.cite.reading.people import names_as_fields, opening_of
from digest.cite.reading.titles import (
    head_parts,
    is_author_date,
    journal_at_end,
    split_journal,
    split_people,
    without_designation,
)
from digest.cite.societies import Journal, journal_of, organ_of, read_form, society_in
from digest.cite.tokens import VolumePart, read_pages
from digest.model import Meeting, PartialDate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.cite.reading.line import Line
    from digest.cite.reading.people import Opening

# --- The societies' own forms ----------------------------------------------------------------------------------------

_AFTER_SENTENCE: Final = re.compile(r"[.?!\])”\"]\s+(?=[^\W\d_])")
_LONGEST_FORM: Final = 500
# “In: Proceedings of the American Association for Cancer Research Annual Meeting 2021; 2021 Apr 10-15”
_NAMED_MEETING: Final = re.compile(r"\bProceedings of the (?P<name>[A-Z\d][^;:]{8,200}?)(?=[;:])")


def society_form(line: Line) -> Fields | None:
    """A citation in a form of the table of societies, alone or after authors and title."""
    text = line.text
    for start in _starts(text):
        if fields := read_form(text[start:]) or _read_proceedings(text[start:]):
            head, shown = text[:start], find_presentation(text[:start])
            if shown and shown.start() > 8:  # Title. Presented at: meeting. J Clin Oncol
                fields |= {"meeting": meeting_of(shown["event"]), **_presentation_of(shown)}
                head = head[: shown.start()]
            if not journal_of(fields["container"]):  # Invest. Ophthalmol. Vis. Sci. has stops inside
                front, longer = split_journal(head + fields["container"])
                if front and longer.endswith(fields["container"]):
                    head, fields["container"] = front, longer
            people, title = _people_and_title(head)
            number = None if fields.get("number") else ABSTRACT_NUMBER.search(text, 0, start)
            if number:
                fields |= {"number": number["number"], "type": "meeting-abstract"}
            elif title and not (fields.get("number") or is_short(fields.get("pages", ""))):
                fields["type"] = "article"  # a supplement holds articles as well: an abstract is short
                fields.pop("meeting", None)
            if DESIGNATION.search(text[:start]):
                fields["type"] = "meeting-abstract"
            named = _NAMED_MEETING.search(text, start)
            if named and "meeting" in fields:
                fields["meeting"] = structs.replace(fields["meeting"], name=named["name"].strip())
            return Fields({**fields, **people, "title": title})
    return None


def _read_proceedings(text: str) -> dict[str, Any] | None:
    """AACR's own form without its “In:”."""
    return read_form(f"In: {text}") if text.startswith("Proceedings of the ") else None


def _people_and_title(head: str) -> tuple[dict[str, Any], str]:
    opening = opening_of(head)
    if opening.people:
        return opening.fields, without_designation(opening.rest)
    people, title = split_people(without_designation(head))
    return names_as_fields(people), title


def _starts(text: str) -> Iterator[int]:
    """Where the form may begin: at the front, or after a sentence."""
    yield 0
    for match in _AFTER_SENTENCE.finditer(text, max(0, len(text) - _LONGEST_FORM)):
        yield match.end()


# --- Presented at a meeting ------------------------------------------------------------------------------------------

_NUMBER_SHOWN: Final = re.compile(
    r"[\[(]?\b(?:poster|paper|oral|presentation)\b\.?\s(?:(?:nr|no|number|id)\b\.?)?\s?[:#]?\s?#?"
    r"(?P<number>[A-Z]{0,6}-?\d(?:[\w.-]*\w)?)[\])]?",
    re.IGNORECASE,
)


def presentation(line: Line) -> Fields | None:
    """A poster or talk that is not in a journal; nothing where its year is not known."""
    match, text, opening = line.presentation, line.rest, line.opening
    if match is None or _journal_of_presentation(text, match)[0]:
        return None
    people = opening.fields
    title = without_designation(text[: match.start()])
    if not people:
        names, title = split_people(title)
        people = names_as_fields(names)
    how = next((group for group in ("how", "talk", "kind") if match[group]), "")
    begin = match.end(how) if how else match.start()
    number = ABSTRACT_NUMBER.search(text, begin) or _NUMBER_SHOWN.search(text, match.start("event"))
    event = match["event"] if number is None else text[match.start("event") : max(number.start(), match.start("event"))]
    days = f"; {opening.days} {opening.year}" if opening.days and not DAYS.search(event) else ""
    meeting = meeting_of(f"{event.strip(' .')}{days}")
    issued = meeting.start or (PartialDate(int(opening.year)) if opening.year else None)
    if issued is None or not (title or number):
        return None
    fields = {"title": title, "issued": issued, "meeting": meeting, **people, "type": "meeting-abstract"}
    if number:
        fields["number"] = number["number"]
    return Fields({**fields, **_presentation_of(match)})


# --- In a journal ----------------------------------------------------------------------------------------------------

_TITLE_IN_QUOTES: Final = re.compile(
    r"[“\"‘'](?P<title>[^“”\"]{8,500}?)(?:(?P<stop>[.,])[”\"’']|(?<=[?!])[”\"’']|[”\"’'](?=,\s|\.\s|\s\())[\s,.]{0,3}"
)
_VOLUME_YEAR: Final = re.compile(rf"(?<![\w.:/-])(?P<volume>\d{{1,3}})\s*[:,]\s*(?={YEAR_DIGITS}\s*[(,;])")
_VOLUME_ALONE: Final = re.compile(
    rf"(?<!\d){YEAR_DIGITS}\s?;\s?(?P<volume>\d{{1,4}})(?!\d|\s?[:,;])\s?(?:\(\s?(?P<part>[^()]{{1,40}})\s?\))?"
)
_IN_PART: Final = r"((?:\d+[A-Za-z]?[ _-]?)?[Ss]uppl[^();:,]{0,20}|\d+[ _-]?s)"
# A supplement without a volume: 2001;(Suppl 2):S275
_PART_ALONE: Final = re.compile(
    rf"(?<!\d){YEAR_DIGITS}\s?[;,]?\s?\(?(?P<part>[Ss]uppl(?:ement)?\.?\s?\w{{0,3}})\)?\s?[:,]\s?"
    r"(?P<locator>[A-Z]{0,2}\d[\w.]*(?:[-–]\w+)?)"
)
# Ways to print volume, issue and pages, and the usual one instead of each.
_REPLACED: Final = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (rf"(?<=[a-z.])(?={YEAR_DIGITS}\b)", " "),
        (r",?\s*\b[Vv]ol(?:ume|\.)?\s*(?=\d)", " "),
        # vol. 61, no. 15 Suppl; HighWire: Vol 33, No 15_suppl; ScienceDirect: Volume 152, Issue 5, Supplement 1
        (
            (
                r"(?<=\d)[.,]?\s+(?:Issue|N[or]\.?|n[or]\.|number)\s+"
                r"((?:\d\w*(?:[ _-]|,\s))?Suppl(?:ement)?\.?(?:[ _]\w{1,3}\b)?|\w+)"
            ),
            r" (\1)",
        ),
        # ScienceDirect: Gastroenterology, 2019, Volume 156 (6, Supplement 1), Pages S-122–S-123
        (
            rf",\s({YEAR_DIGITS}),?\s(\d{{1,4}}(?:\s\([^()]{{1,30}}\))?),\s[Pp](?:ages?|p\.)\s(?=[A-Z]{{0,2}}-?\d)",
            r". \1;\2:",
        ),
        # 12 (3), 2014, pp. 45; 28 (suppl_5), 1 September 2017, Pages 45–46, as Oxford’s “Cite” has it
        (
            rf"(?<=[\d)]),\s(?:\d\d?\s)?(?:{MONTH_WORD}(?:[/–-]{MONTH_WORD})?\s)?({YEAR_DIGITS}),\s(?:[Pp]ages?\s|(?=pp?\.))",
            r" (\1): ",
        ),
        # 28:660s, 2006 (suppl 50; abstr 12), as J Clin Oncol prints other journals
        (
            rf"(?<=\s)(\d{{1,4}}):(\w+(?:[–-]\w+)?),\s({YEAR_DIGITS})\s\((suppl[^();]{{0,12}})(?:[;,]\s(abstr[^()]{{1,30}}))?\)",
            r"\3;\1(\4):\2. \5",
        ),
        # volume and issue: 25.3 (2014)
        (rf"(?<=\s)(\d{{1,3}})\.(\d{{1,2}})(?=\s\({YEAR_DIGITS}\))", r"\1(\2)"),
        (r"(?<=[\d)]),\s*Art(?:icle|\.)\s+(?:[Nn]o\.\s|number\s)?(?=[eE]?\d)", ": "),
        # 2005;22(2)(suppl 4):A12, AMA's supplement to an issue
        (r"(?<=\d)\((\d{1,4})\)\s?\(([Ss]uppl[^();:,]{0,12})\)", r"(\1 \2)"),
        # 2009;27:(Suppl 15)
        (r"\.?:\s?\((?=Suppl)", " ("),
        # 2006; (Suppl) 66:S355
        (r"(?<=;)\s?\(([Ss]uppl[^()]{0,12})\)\s?(\d{1,4})\s?:", r" \2(\1):"),
        # 26 (May 20 suppl)
        (rf"(?<=\d)(\s?)\({MONTH_WORD}\s\d\d?,?\s(?=[Ss]uppl)", r"\1("),
        # 36(15 suppl; abstr 4099): the number is not a part of the supplement
        (rf"(?<=\d)\s?\({_IN_PART}[;,:]\s?((?:abstr?(?:act)?\b|#)[^()]{{1,30}})\)", r"(\1): \2"),
        # 24 (18S) (June 20 Supplement), 2006: 14575
        (
            rf"(?<=\d)\s?\((\w{{1,8}})\)\s?(?:\({MONTH_WORD}\s\d\d?\sSuppl[^()]{{0,12}}\))?,\s({YEAR_DIGITS}):\s?(?=\w?\d)",
            r" (\1) (\2): ",
        ),
    )
)
_DATE_BEFORE_PLACE: Final = re.compile(rf"(?:[\s,.;([]*(?:\b\d\d?\s)?{MONTH_WORD})?[\s,;([]*{YEAR_DIGITS}[\s.;,(]*$")
_YEAR_BEFORE_PLACE: Final = re.compile(rf"[\s,.;(]*{YEAR_DIGITS}[\s.;,()]*$")
_LABEL: Final = re.compile(r"^(?:Meeting )?[Aa]bstract[.,]\s")
_DESIGNATION_INSIDE: Final = re.compile(
    r"[\[(](?:meeting |conference )?abstract[^\])]{0,40}[\])][\s.]*(?=\w)", re.IGNORECASE
)
_OF_PROCEEDINGS: Final = re.compile(r"^(?:Proceedings|Abstracts)\s(?:of|from)\s(?:the\s)?")


class _Marks(Struct, frozen=True):
    """The landmarks of a citation.

    Attributes:
        number: the number of an abstract.
        place: volume, part and page.
        volume_year: a volume before a year, where there is a number and no place.
        volume_alone: a volume without pages after a year, where there is neither.
        part_alone: a supplement with pages after a year, where there is no volume.
    """

    number: re.Match[str] | None
    place: re.Match[str] | None
    volume_year: re.Match[str] | None
    volume_alone: re.Match[str] | None
    part_alone: re.Match[str] | None = None

    @classmethod
    def of(cls, text: str, *, dated: bool) -> _Marks:
        """The marks of a text of which the year may be known."""
        number = ABSTRACT_NUMBER.search(text)
        place = find_place(text, dated=dated)
        volume_year = _volume_and_year(text) if number and not place else None
        volume_alone = None if place or volume_year else _VOLUME_ALONE.search(text)
        part_alone = None if place or volume_year or volume_alone else _PART_ALONE.search(text)
        return cls(number, place, volume_year, volume_alone, part_alone)

    @property
    def volume(self) -> re.Match[str] | None:
        """Where the volume is."""
        return self.place or self.volume_year or self.volume_alone or self.part_alone

    @property
    def first(self) -> re.Match[str] | None:
        """What ends the text before it: the place in the journal, or else the number if it is not in the title."""
        number = self.number
        if number and number[0][0] in "[(" and re.search(r"[^\W\d_]{3}", number.string[number.end() :]):
            number = None  # Title [abstract 123]. Journal
        return self.volume or number


def _volume_and_year(text: str) -> re.Match[str] | None:
    """Where a volume is before a year; the day in “June 3, 2003” is none."""
    found = (match for match in _VOLUME_YEAR.finditer(text) if not _MONTH_AT_END.search(text[: match.start()]))
    return next(found, None)


_MONTH_AT_END: Final = re.compile(rf"\b{MONTH_WORD}\s(?:\d\d?\s?[-–]\s?)?$")


class _Head(Struct, frozen=True):
    """What comes before the place in a journal.

    Attributes:
        year: the year.
        people: fields of the people.
        title: the title.
        container: the journal or the meeting.
        labelled: whether “Abstract.” comes before the journal.
    """

    year: str
    people: dict[str, Any]
    title: str
    container: str
    labelled: bool = False


def journal_article(line: Line) -> Fields | None:
    """An article or abstract in a journal, or one with a number at a meeting; nothing without a year."""
    text, opening, shown = line.rest, line.opening, line.presentation
    if shown:
        text, shown_at = _journal_of_presentation(text, shown)
        if not text:
            return None
    for pattern, instead in _REPLACED:
        text = pattern.sub(instead, text)
    text, proceedings = without_proceedings(text)
    years = list(YEAR.finditer(text))
    marks = _Marks.of(text, dated=bool(opening.year))
    if marks.place:  # 2014, 26, 1929: the page is not a year
        years = [
            year for year in years if not marks.place.start("locator") <= year.start() < marks.place.end()
        ] or years
    if not (years or opening.year) and not _is_sure_without_year(line, marks):
        return None
    head = _head(text, years, marks, opening)
    title, container, event = _meeting_after_title(head.title, head.container)
    title = without_designation(title)
    if head.people and not title:  # the title was taken for a part of the journal
        front, _, name = re.sub(r"([.?!])\s+(?=[A-Z])", "\\1\0", container, count=1).partition("\0")
        if name or not (is_proper(front) and len(front) < 60):
            title, container = front.rstrip(" ."), name
    journal = journal_of(container)
    issued = PartialDate(int(head.year)) if head.year else None
    fields: dict[str, Any] = {"issued": issued, **head.people, "title": title}
    after = meeting_after(text[marks.place.end() :]) if marks.place else None
    if shown:
        after, fields = shown_at, {**fields, **_presentation_of(shown)}
    is_abstract = bool(marks.number or head.labelled or proceedings or after or DESIGNATION.search(text))
    placed, is_abstract = _place_fields(marks, journal, titled=bool(title), is_abstract=is_abstract)
    fields |= placed
    society = society_in(text[: marks.number.start()] if marks.number else text)
    if journal:
        fields |= {"container": journal.container, "container_short": journal.short}
    elif marks.volume or (container and journals.is_journal(container)):
        fields["container"] = container
    elif marks.number and (society or container):
        fields |= _meeting_fields(text, marks.number, container, society, head.year)
    else:
        return None
    if event and "meeting" not in fields:
        fields["meeting"] = Meeting(name=meeting_name(event), society=society_in(event))
    if after and "meeting" not in fields:
        fields["meeting"] = after
    part = fields.get("issue") or fields.get("supplement", "")
    society = (
        society or society_in(proceedings) or organ_of(journal, int(head.year or 0), fields.get("volume", ""), part)
    )
    if is_abstract and society and "meeting" not in fields:
        fields["meeting"] = Meeting(name=society, society=society)
    return Fields({**fields, "type": "meeting-abstract" if is_abstract else "article"})


def _journal_of_presentation(text: str, shown: re.Match[str]) -> tuple[str, Meeting]:
    """A citation without “Presented at …” next to its place in a journal, and the meeting; empty without a journal."""
    before, event = text[: shown.start()].rstrip(" .;("), shown["event"]
    if journal_at_end(_up_to_place(before)):
        return before + ".", meeting_of(event.strip(" .)"))
    place = find_place(event, dated=False) or _VOLUME_ALONE.search(event)
    if place is None:
        return "", Meeting(name="")
    head = _DATE_BEFORE_PLACE.sub("", event[: place.start()])
    front, journal = split_journal(head)
    if not journal_at_end(head) or not front:
        return "", Meeting(name="")
    number = ABSTRACT_NUMBER.search(front)
    front = ABSTRACT_NUMBER.sub("", front).strip(" .;,")
    after = f". {number[0]}" if number else ""
    return f"{before}. {event[event.rfind(journal.split()[0], 0, place.start()) :]}{after}", meeting_of(front)


def _up_to_place(text: str) -> str:
    place = find_place(text, dated=False) or _VOLUME_ALONE.search(text)
    return _DATE_BEFORE_PLACE.sub("", text[: place.start()]) if place else ""


def _presentation_of(shown: re.Match[str]) -> dict[str, Any]:
    how = next((shown[group] for group in ("how", "talk", "kind") if shown[group]), "")
    kind = HOW.get(how.split()[0].lower()) if how else None
    return {"presentation": kind} if kind else {}


def _is_sure_without_year(line: Line, marks: _Marks) -> bool:
    """Whether a citation without a year is one: a part of a volume, and people, an identifier or a known journal."""
    place = marks.place
    if place is None or not (place["part"] or place["word"]):
        return False
    return bool(line.opening.people or line.ids or journal_of(split_journal(place.string[: place.start()])[1]))


def _head(text: str, years: list[re.Match[str]], marks: _Marks, opening: Opening) -> _Head:
    """Year, people, title and journal of a text."""
    end = marks.first.start() if marks.first else len(text)
    people = opening.fields
    if (quoted := _TITLE_IN_QUOTES.match(text)) and quoted.end() <= end:
        near = min(years, key=lambda match: abs(match.start() - end), default=None)
        year = opening.year or (near[0] if near else "")
        container = _YEAR_BEFORE_PLACE.sub("", text[quoted.end() : end]).strip(" ,.;(")
        container, labels = _LABEL.subn("", container)
        return _Head(year, people, quoted["title"], container, bool(labels))
    if opening.year or not years:
        text = _DATE_BEFORE_PLACE.sub("", text[:end])
        names, front = ("", text) if people else split_people(text)
        title, container = split_journal(front)
        return _Head(opening.year, people or names_as_fields(names), title, container)
    at = min(years, key=lambda match: (abs(match.start() - end), match.start()))
    if not people and is_author_date(text[: years[0].end() + 1]):
        at = years[0]  # a proceedings' own year, nearer to the pages, is in its title
    names, title, container = head_parts(text, at, end, split=not people)
    return _Head(at[0], people or names_as_fields(names), title, container)


def _meeting_after_title(title: str, container: str) -> tuple[str, str, str]:
    """Title, container, and the meeting that comes after “[abstract]” in the title; empty where there is none."""
    match = _DESIGNATION_INSIDE.search(title)
    if match is None:
        return title, container, ""
    after = title[match.end() :].strip(" .")
    if not container or not (journal_of(container) or journals.is_journal(container)):
        return title[: match.start()], f"{after}. {container}".strip(" ."), ""
    if MEETING_WORD.search(after):
        return title[: match.start()], container, after
    return title, container, ""


def _place_fields(
    marks: _Marks, journal: Journal | None, *, titled: bool, is_abstract: bool
) -> tuple[dict[str, Any], bool]:
    """Volume, part, pages and number as fields of a record, and whether they are those of an abstract."""
    fields: dict[str, Any] = {}
    by_number = journal is not None and journal.locator == "number"
    if place := marks.place:
        part = VolumePart.parse(place["part"] or place["word"] or place["no"] or "")
        locator = read_pages(place["locator"])
        # In a journal whose abstracts are cited by number, CT326 is one even where nothing says so.
        lettered = by_number and re.match(r"[A-Z]", locator) is not None
        # A supplement holds articles as well: an abstract is short. Without a title nothing is known of an article.
        is_abstract = is_abstract or lettered or (part.supplement is not None and (is_short(locator) or not titled))
        fields = {"volume": place["volume"], **_part_fields(part)}
        counts = is_abstract and by_number and not re.search(r"-|^S\d+$|\d{3}[sS]$", locator)
        if by_number and re.fullmatch(r"\d{1,2}[sS]", locator):
            fields["supplement"] = locator  # 15s, a part of JCO's supplement
        elif place.start() <= (marks.number.start() if marks.number else -1) < place.end() or (
            counts and not (marks.number and marks.number["number"].casefold() != locator.casefold())
        ):
            fields["number"] = locator
        else:
            fields["pages"] = locator
            if after := number_after(place.string[place.end() :]):
                fields["number"], is_abstract = after, True
    elif marks.volume_year:
        fields["volume"] = marks.volume_year["volume"]
    elif alone := marks.volume_alone:
        part = VolumePart.parse(alone["part"] or "")
        fields = {"volume": alone["volume"], **_part_fields(part)}
        # The supplement of a society's journal, without a title: that of its meeting.
        is_abstract = is_abstract or (part.supplement is not None and journal is not None and not titled)
    elif marks.part_alone:
        fields = {
            **_part_fields(VolumePart.parse(marks.part_alone["part"])),
            "pages": read_pages(marks.part_alone["locator"]),
        }
    if marks.number:
        fields["number"] = marks.number["number"]
    return fields, is_abstract


def _part_fields(part: VolumePart) -> dict[str, str]:
    return {"issue": part.issue or "", "supplement": "Suppl" if part.supplement == "" else part.supplement or ""}


def _balanced_name(container: str) -> str:
    """A meeting's name without its place in parentheses: ``Annual Meeting (Washington, DC)``."""
    found = meeting_of(container)
    return (
        found.name if found.place and container.rstrip(" .").endswith(f"({found.place})") else meeting_name(container)
    )


# “ACR Convergence”, “ASH meeting”: what the citation calls the meeting, not only whose it is.
_NAMED_BY_SOCIETY: Final = re.compile(
    r"[A-Z]{2,8}\s(?:[A-Z][\w-]+\s){0,4}(?:[Mm]eeting|Congress|Convergence|Symposium|Conference)(?=$|[\s.,;])"
)


def _meeting_fields(text: str, number: re.Match[str], container: str, society: str, year: str) -> dict[str, Any]:
    """The meeting of an abstract that has a number and is not in a journal; also the day, where the meeting has one."""
    name = _balanced_name(container) if not society or _NAMED_BY_SOCIETY.match(container) else society
    name = name if year in name else f"{name} {year}"
    begin = text.find(container) if container else -1
    # The number may be before the name, between it and the days, or after both.
    around = f"{text[begin : number.start()]} {text[number.end() :]}" if number.start() > begin else text[begin:]
    around = re.split(r"\b(?:Available|Accessed|Retrieved|Cited)\b", around, maxsplit=1)[0]
    if begin >= 0 and DAYS.search(around):
        meeting = meeting_of(_OF_PROCEEDINGS.sub("", around))
        if meeting.start and meeting.start.day:
            return {"meeting": meeting, "issued": meeting.start}
    place = meeting_of(around).place if begin >= 0 else ""
    return {"meeting": Meeting(name=name, society=society, place=place, start=PartialDate(int(year)))}
