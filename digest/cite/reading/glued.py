"""A citation whose parts have run into one another, because the tags between them were lost: where to cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest import journals
from digest.cite.reading.landmarks import MEETING_WORD, YEAR_DIGITS, is_proper
from digest.cite.reading.volumes import volume_that_begins
from digest.cite.societies import book, journal_of

if TYPE_CHECKING:
    from digest.cite.reading.people import Opening

_GLUED_YEAR: Final = re.compile(
    rf"(?:(?<=[^\W\d_])|(?<=[.)])|(?<=[a-z]\s)(?={YEAR_DIGITS}\d))\.?(?P<year>{YEAR_DIGITS})(?:[a-c](?=\d))?"
)
# Volume and supplement before the year: “19suppl 82008viii77viii88”
_PART_BEFORE_YEAR: Final = re.compile(
    rf"(?<=[a-z])(?P<volume>\d{{1,3}})\(?(?P<part>[Ss]uppl\.?(?:\s\d{{1,2}}?)?)\)?(?P<year>{YEAR_DIGITS})(?!\d)"
    r"(?P<pages>(?P<first>[A-Za-z]{1,5}-?\d+)(?P<last>[A-Za-z]{1,5}-?\d+)?(?![A-Za-z]{0,5}\d))?"
)
_GLUED_NUMBER: Final = re.compile(r"(?<=[^\W\d_])\.?(?=\d|\(suppl)")
_CUT: Final = re.compile(
    r"(?<=[^\W_A-Z])(?=[A-Z])|(?<=[\])?!.”\"])\s{0,2}(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[.,])\s(?=[A-Z])"
)
_ABSTRACT_GLUED: Final = re.compile(
    r"(?:abstracts?|abstr?)\.?[ -]?(?:(?:nr|no|number)\b\.?)?\s?[:#]?\s?#?(?P<number>[A-Za-z]{0,6}-?\d[\w-]{0,12})",
    re.IGNORECASE,
)
_AFTER_S: Final = re.compile(r"(?<=\d[Ss])[123]\d{7}$")  # PubMed's number: 483S512S15383482
_SUPPLEMENT: Final = re.compile(r"[Ss]uppl(?:ement)?\.?[ _]?(?P<number>\d{1,2}(?!\d)|[IVX]+\b)?")
_ISSUE_SUPPLEMENT: Final = re.compile(r"\s?[Ss]uppl\.?\s?(?P<page>[A-Z]?\d{1,5}[A-Z]?)(?P<last>\d{1,5}S)?(?!\d)")
_SUPPLEMENT_FIRST: Final = re.compile(r"\s?(?P<word>[Ss]uppl(?:ement)?\.?\s?)(?P<rest>s?\d{1,14})?(?P<more>.*)")


def set_apart(opening: Opening, *, identified: bool) -> tuple[str, list[str]]:
    """What follows the people, with journal, year, volume and pages set apart where they ran into one another.

    Args:
        opening: the front of the citation.
        identified: whether its DOI or PubMed's number was found already, so that no digits at the end are the latter.

    Returns:
        The text, and what was guessed.
    """
    text = opening.rest
    if opening.glued and (part := _PART_BEFORE_YEAR.search(text)):
        pages = "-".join(filter(None, (part["first"], part["last"])))
        numbered = re.match(r"abstr", part["pages"] or "", re.IGNORECASE)
        tail = text[part.start("pages") if numbered else part.end() :]
        place = f"{part['year']};{part['volume']}({part['part']}){f':{pages}' if pages and not numbered else ''}"
        text = f"{text[: part.start()]}{place}. {tail}"
    marks = list(_GLUED_YEAR.finditer(text))
    if opening.year:
        marks += _GLUED_NUMBER.finditer(text)
    for mark in marks:
        head, tail = text[: mark.start()], text[mark.end() :]
        marked_year = mark.groupdict().get("year")
        if opening.glued and marked_year and MEETING_WORD.search(tail) and re.match(r"[A-Z]", tail):
            return f"{head}. {text[mark.start() :]}".replace(marked_year, f"{marked_year} ", 1), []
        cut, known = _journal_at_end(head)
        if not known and not (opening.glued and marked_year):
            continue
        if known and cut == 0 and not opening.people:
            continue
        if not known:
            cut = _capitalised_at_end(head)
            if not cut:
                continue
        year = opening.year or marked_year or ""
        doubts: list[str] = []
        title, container = head[:cut].strip(), head[cut:].strip(" .")
        place = _place_in_journal(
            _AFTER_S.sub("", tail) if identified else _without_pmid(tail, doubts), container, int(year), doubts
        )
        stop = "" if title.endswith((".", "?", "!")) else "."
        return f"{title}{stop} {container}. {year}{place}".replace("  ", " "), doubts
    return text, []


def _journal_at_end(head: str) -> tuple[int, bool]:
    """Where the journal at the end of a text begins, and whether it is a known one."""
    window = max(0, len(head) - 160)
    cuts = [0] if not window else []
    cuts += [match.end() for match in _CUT.finditer(head, window)]
    for cut in cuts:
        name = head[cut:].strip()
        if journal_of(name) or (len(name) > 3 and journals.is_journal(name)):
            return cut, True
    return len(head), False


def _capitalised_at_end(head: str) -> int:
    """Where a name with capitals, like that of a journal or meeting, begins at the end of a text."""
    before = max(0, len(head) - 160)
    cuts = [before + match.end() for match in re.finditer(r"(?<=[a-z\])])\.?(?=[A-Z])", head[before:])]
    proper = (cut for cut in cuts if is_proper(re.sub(r"[^\w\s]", " ", head[cut:])))
    meeting = (cut for cut in reversed(cuts) if MEETING_WORD.search(head[cut:]))
    return next(proper, next(meeting, 0))


def _place_in_journal(text: str, container: str, year: int, doubts: list[str]) -> str:
    """Volume, part and pages that ran together, as ``;27(15s):4086``; a text that begins otherwise, as it is."""
    match = re.match(r"(?P<digits>\d{1,16})(?P<after>.*)", text)
    if not match and (marked := re.match(r"\s?\[(?P<number>[A-Z]{1,4}\d{2,5})\],?\s?(?:(?P<page>\d+s)$)?", text)):
        page = f", p. {marked['page']}" if marked["page"] else ""
        return f". Abstract {marked['number']}{page}{text[marked.end() :]}"  # [P1166], 204s
    if not match and (part := re.match(r"Suppl\.?\s(?P<number>\d{1,2})(?P<page>[A-Z]\d+)", text)):
        return f";(Suppl {part['number']}):{part['page']}{text[part.end() :]}"
    if not match and (lettered := re.match(r"\s?#?(?P<number>[A-Z]{1,4}\d{2,5})(?!\w)", text)):
        return f". Abstract {lettered['number']}{text[lettered.end() :]}"  # 2004P293
    if not match:
        return text if re.match(r"\s?[;,:(]", text) else f"; {text}" if text else ""
    digits, after = match["digits"], match["after"]
    known = volume_that_begins(digits, container, year)
    if digits == str(year):
        return _place_in_journal(after, container, year, doubts)
    if len(digits) == 3 and not known and re.match(r"\s?\(?[A-Za-z]", after):
        doubts.append(f"the volume {digits} may be a volume and an issue that run together")
    if len(digits) == 3 and not known and not after.strip(" ."):
        doubts.append(f"{digits} may be a volume, a page, or both; it was left out")
        return ""
    if signed := re.match(r"#(?P<number>\d{1,5})(?!\d)", after):
        return f";{digits}: abstract {signed['number']}{after[signed.end() :]}"  # 44#780, as ARVO numbers
    if known and re.match(r"s\s?\(abstr", after):
        volume, issue = _halves(digits, known)
        return f";{volume}({issue}s){after[1:]}"  # 325s (abstr 3566)
    supplement = _SUPPLEMENT.search(after)
    numbered = _ABSTRACT_GLUED.search(after)
    if known and digits != known and (part := _ISSUE_SUPPLEMENT.match(after)):
        pages = f"{part['page']}-{part['last']}" if part["last"] else part["page"]
        return f";{known}({digits[len(known) :]} Suppl):{pages} {after[part.end() :]}"  # 1243 Suppl26S32S
    if known and (part := re.match(r"(?P<page>[A-Z]{1,3}\d{1,5}|s\d{1,5})(?=\s?\(?[Aa]bstr|\s?$)", after)):
        volume, issue = _halves(digits, known) if digits != known else (digits, "")
        if part["page"][0] not in "sS" or not issue:
            rest = after[part.end() :]
            return f";{volume}{f'({issue})' if issue else ''}:{part['page']} {rest}"  # 137A254Abstr PCN20
    if numbered and len(digits) <= 3:
        number = numbered["number"].removesuffix(str(year)) or numbered["number"]
        if (leading := _SUPPLEMENT_FIRST.match(after)) and re.match(r"\d{3}", leading["rest"] or ""):
            suppl, page = _supplement_and_page(leading["rest"], doubts)
            return f";{digits}(Suppl {suppl}){':' if page else ''}{page} abstract {number}"  # 5Suppl 8179(abstr 904)
        suppl = f"(Suppl {supplement['number'] or ''})" if supplement else ""
        return f";{digits}{suppl}:abstract {number}"
    if inside := re.match(r"\s?\((?P<part>[Ss]uppl[^()]{0,8})\)(?P<page>[A-Za-z]?\d{1,5}[A-Za-z]?)(?!\d)", after):
        volume = known or digits
        return f";{volume}({inside['part']}):{inside['page']} {after[inside.end() :]}"  # 100(suppl I)1379
    place = _place_by_letters(digits, after, known, doubts, _supplement_of(container, year))
    if place is None and len(digits) <= 3:
        return f";{digits} {after}" if not re.match(r"\s?[;,:(]", after) else f";{digits}{after}"
    if place is not None:
        return place
    if re.match(r"(?:;|:)\s?", after):
        return f";{digits}{after}"
    if pages := _range(digits):
        before, first, last = pages
        volume, issue = _halves(before, known) if known else (before, "")
        if len(before) > 3 and not known:
            doubts.append(f"the numbers “{before}” could not be separated into volume and issue")
            volume = ""
        elif len(before) > 2 and not known:
            volume, issue = before[:2], before[2:]
            doubts.append(f"volume and issue run together: {before} was read as {volume}({issue})")
        if supplement and supplement.start() < 2:
            issue, after = f"{issue} Suppl {supplement['number'] or ''}".strip(), ""
        return f";{volume}{f'({issue})' if issue else ''}:{first}-{last} {after}" if volume else f" {after}"
    volume, page = _volume_and_page(digits, known, doubts)
    return f";{volume}{':' if page else ''}{page} {after}" if volume else f" {after}"


def _place_by_letters(digits: str, after: str, known: str, doubts: list[str], supplement: str) -> str | None:
    """Volume, part and pages where letters after the first digits show what is what; nothing where none do.

    Args:
        digits: the first digits.
        after: what follows them.
        known: the volume, where it is known and the digits begin with it.
        doubts: takes what was guessed.
        supplement: the number that the journal's supplement for its society has in the year, where the table has it.
    """
    if part := re.match(r"_suppl?(\w{0,3}?)(?P<page>[A-Za-z]{0,3}\d*)(?!\w)", after):  # 2915_suppl3007
        volume, issue = _halves(digits, known)
        page = part["page"]
        return f";{volume}({issue}_suppl):{page}" if page else f";{volume}({issue}_suppl)"
    if len(digits) < 3 and re.match(r"s\d+$", after.strip(" .")):
        return f";{digits}:{after}"  # 21s119
    if part := re.match(r"s(?P<page>\d+|(?=\s?\((?:suppl|abstr)))", after):  # 2715s4086
        volume, issue = _halves(digits, known)
        return f";{volume}({issue}s):{part['page']}" if part["page"] else f";{volume}:{issue}s{after[1:]}"
    if part := re.match(r"(?P<letter>[A-Za-z])(?P<last>\d+)(?P=letter)\b", after):  # 126188S203S
        size = len(part["last"])
        volume, first = (digits[:-size], digits[-size:]) if len(digits) > size else ("", digits)
        letter = part["letter"]
        return f";{volume}:{first}{letter}-{part['last']}{letter} {after[part.end() :]}"
    if part := re.match(r"(?P<letter>[A-Za-z])(?![A-Za-z])", after):  # 34581s
        if len(digits) > 3 and not after[1:2].isdigit():
            volume, page = _volume_and_page(digits, known, doubts)
            return f";{volume}:{page}{part['letter']}{after[1:]}" if volume else ""
        if len(digits) > len(known) > 0 and part["letter"] in "sS" and (first_page := re.match(r"\d+", after[1:])):
            rest = after[1 + first_page.end() :]
            return f";{known}({digits[len(known) :]}s):{first_page[0]} {rest}"  # 2214S7010
        if len(digits) > 2 and not known and (lettered := re.match(r"[AP]\d{3,5}(?=\(|$)", after)):
            doubts.append(f"the numbers “{digits}” could not be separated into volume and issue")
            return f". Abstract {lettered[0]} {after[lettered.end() :]}"  # 181A4445
        if len(digits) > 2 and not known:
            doubts.append(f"the numbers “{digits}{after[:20]}” could not be separated")
            return ""
        return f";{digits}:{after}"  # 64S1079
    if len(digits) <= 3 and (part := _SUPPLEMENT_FIRST.match(after)):
        number, page = _supplement_and_page(part["rest"] or "", doubts, supplement)
        more = part["more"]
        if page and (last := re.match(r"[Ss](?P<last>\d{1,5})[Ss](?!\d)", more)):
            page, more = f"{page}S-{last['last']}S", more[last.end() :]  # 119Suppl 1176S193S
        if page and (numbered := re.match(r"(?P<letter>s)(?P<number>P?\d{2,5})(?=\(|$)", more)):
            page, more = f"{page}s", f" abstract {numbered['number']} {more[numbered.end() :]}"  # 541014s5557(abstract)
        return f";{digits}(Suppl {number}){':' if page else ''}{page} {more}"
    return None


def _without_pmid(text: str, doubts: list[str]) -> str:
    """The text without PubMed's number of eight digits, which ran into the pages."""
    text = re.sub(r"([123]\d{6,7})\1$", r"\1", text)
    pages = _range(text)
    found = None if pages and len(pages[0]) < 4 else re.search(r"(?<=[\dSs])[123]\d{7}$", text)
    if found:
        doubts.append(f"the digits {found[0]} at the end were taken for PubMed's number and left out")
        return text[: found.start()]
    return text


def _supplement_of(container: str, year: int) -> str:
    """The number of a journal's supplement with a society's abstracts in a year, where the table has a rule for it."""
    journal = journal_of(container)
    rules = (row.supplement_is for row in book().dois if journal and row.short == journal.short and row.supplement_is)
    return next((str(factor * year - less) for factor, less in rules), "")


def _halves(digits: str, volume: str) -> tuple[str, str]:
    """Volume and issue that ran together."""
    if volume and digits.startswith(volume):
        return volume, digits[len(volume) :]
    return digits[: (len(digits) + 1) // 2], digits[(len(digits) + 1) // 2 :]


def _volume_and_page(digits: str, volume: str, doubts: list[str]) -> tuple[str, str]:
    """Volume and page that ran together; nothing where they cannot be separated.

    Of five digits the first two are the volume, more often than not; that is a doubt.
    """
    if not volume and len(digits) == 5 and digits[2] != "0":
        volume = digits[:2]
        doubts.append(f"volume and page run together: {digits} was read as {volume}:{digits[2:]}")
    elif not volume:
        doubts.append(f"the numbers “{digits}” could not be separated into volume, issue and pages")
        return "", ""
    page = digits[len(volume) :]
    if len(page) > 4:
        doubts.append(f"the numbers “{page}” could not be separated into issue and pages")
        page = ""
    return volume, page


def _supplement_and_page(digits: str, doubts: list[str], known: str = "") -> tuple[str, str]:
    """The number of a supplement and a page, or pages, that ran together."""
    if known and digits.startswith(known):
        return known, digits.removeprefix(known)
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
    """What comes before two pages that ran together, and the pages, which are near to one another."""
    if not digits.isdecimal() or len(digits) > 16:
        return None
    for size in (5, 4, 3):
        before, first, last = digits[: -2 * size], digits[-2 * size : -size], digits[-size:]
        if before and len(first) == size and first[0] != "0" and 0 < int(last) - int(first) <= 40:
            return before, first, last
    return None
