"""Title and journal of a citation, separated by journals that are known and by how sentences end."""

from __future__ import annotations

import functools
import re
from typing import Final

from digest import journals
from digest.cite.reading.landmarks import IN_BOOK, MONTH_WORD, YEAR_DIGITS
from digest.cite.reading.people import FAMILY_NAME, FULL_NAME, INITIALS, SHORT_NAME, looks_like_people
from digest.cite.societies import book, journal_of
from digest.names import FAMILY
from digest.vocabulary import ET_AL

_DATE_AT_END: Final = re.compile(rf"[\s,.;([]*(?:(?:\b\d\d?\s)?{MONTH_WORD}\s*(?:\d+,?)?)?[\s,;([]*$")
_YEAR_AFTER_NAME: Final = re.compile(rf"[A-Z]\.?,?(?: {ET_AL}\.?)?\s*\({YEAR_DIGITS}\)")


def head_parts(text: str, year: re.Match[str], end: int, *, split: bool) -> tuple[str, str, str]:
    """Authors, title and journal, from what comes before the place in the journal.

    Args:
        text: the citation.
        year: its year.
        end: where the place in the journal begins.
        split: whether authors may be among it; otherwise they are known and were cut off.
    """
    before_year = text[: year.start()].rstrip(" (,;")
    if split and is_author_date(text[: year.end() + 1]):  # Authors (2014). Title. Journal, 15(4), 332-334.
        title, container = split_journal(re.sub(r"^[).,\s]+", "", text[year.end() : end]))
        return before_year, title, container
    head = text[:end] if year.start() > end else before_year or text[year.end() : end]
    front, container = split_journal(_DATE_AT_END.sub("", head))
    return (*(split_people(_without_number(front)) if split else ("", front)), container)


def is_author_date(text: str) -> bool:
    """Whether a year in parentheses follows names, so that the title comes after it."""
    names = text[: text.rfind("(")]
    return (
        bool(_YEAR_AFTER_NAME.search(text))
        and not re.search(r"\d", names)
        and ("," in text or all(SHORT_NAME.fullmatch(name.strip()) for name in _single_names(names)))
    )


def _single_names(text: str) -> list[str]:
    return re.split(r"\s(?:and|&)\s", text.removesuffix(" et al. "))


# --- Title | journal -------------------------------------------------------------------------------------------------

_JOURNAL_START: Final = re.compile(
    r"(?:^|(?<=[.?!\])”\"’'])|(?<=[”\"’'],)|(?<=[\w)?!],\s))\s{0,2}(?=[^\W\d_a-z])",
)
# “J. Imag. Stud.”: two words or more that end in full stops.
_DOTTED_JOURNAL: Final = re.compile(
    r"(?<=[.?!\])”\"]\s)(?:(?:[A-Z][A-Za-z-]{0,11}\.\s){2,8}[A-Z][A-Za-z-]{0,11}\.?"
    r"|[A-Z][A-Za-z-]{0,11}\.\s[A-Z][A-Za-z-]{0,11}\.)$"
)
_LAST_SENTENCE: Final = re.compile(
    r"^(?P<front>.*[.?!\]”\"])\s+(?P<journal>[^.?!\]”\"]+(?:\.(?=\s[A-Z(]|$)[^?!\]]*)?)$"
)
_SHORT_TITLE: Final = re.compile(r"(?<=[.?!]\s)[A-Z]{2,8}\.$")
_AFTER_COMMA: Final = re.compile(
    r"^(?P<front>.*[a-z].*[a-z)?]),\s(?P<journal>(?:[A-Z][\w.]*\s){1,6}[A-Z][\w.]*)$",
)


def split_journal(head: str) -> tuple[str, str]:
    """What comes before the journal, and the journal."""
    head = head.strip(" ,;")
    if inside := IN_BOOK.search(head):
        return head[: inside.start()].rstrip(), head[inside.end() :]
    window = head[-200:]
    for match in _JOURNAL_START.finditer(window):
        name = window[match.end() :]
        if journal_of(name):
            break
        if name == "BMJ" or (len(name) > 3 and journals.is_journal(name)):
            return head[: len(head) - len(window) + match.end()].rstrip(), name.rstrip(" .")
    for name, pattern in _journals_at_end():
        if known := pattern.search(head):
            return head[: known.start()].rstrip(), name
    if dotted := _DOTTED_JOURNAL.search(head):
        return head[: dotted.start()].rstrip(), dotted[0].rstrip()
    sentence = _LAST_SENTENCE.search(head)
    if sentence and not re.fullmatch(r"[A-Z]{1,3}", sentence["journal"]):
        front, journal = sentence["front"], sentence["journal"].strip(" .,")
        # “JOP. Journal of the Pancreas”: a short title may come before the full one.
        if short := _SHORT_TITLE.search(front):
            return front[: short.start()].rstrip(), f"{short[0]} {journal}"
        return front, journal
    if named := _AFTER_COMMA.search(head):
        return named["front"], named["journal"]  # Title, J Marsh Stud
    return ("", head.strip(" .,")) if re.match(r"[A-Z]", head) else (head, "")


def journal_at_end(text: str) -> bool:
    """Whether a text ends in the name of a journal that is known, after the end of a sentence."""
    text = text.rstrip(" .,:;")
    if any(pattern.search(text) for _, pattern in _journals_at_end()):
        return True
    window = text[-120:]
    names = (window[match.end() :] for match in _JOURNAL_START.finditer(window))
    return any(len(name) > 3 and journals.is_journal(name) for name in names)


@functools.cache
def _journals_at_end() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The titles of the table of societies, longest first, each with a pattern that finds it at the end of a text."""
    found = []
    for row in sorted(book().journals, key=lambda row: -len(row.container)):
        for name in (row.container, row.short):
            words = r"\.?\s+".join(re.escape(word) for word in name.split())
            pattern = rf"(?:^|(?<=[.?!\])”\"]\s)|(?<=[.\])])|(?<=,\s))(?:The\s+)?{words}\.?$"
            found.append((name, re.compile(pattern, re.IGNORECASE)))
    return tuple(found)


# --- A title without what is not part of it --------------------------------------------------------------------------

_ABSTRACT_IN_BRACKETS: Final = re.compile(
    r"\s*[\[(](?:(?:meeting|conference|congress|poster|oral)(?: presentation)? )?abstr(?:act)?\.?(?:\s+[^\])]*)?[\])]",
    re.IGNORECASE,
)
_ABSTRACT_BEFORE: Final = re.compile(r"(?:^|(?<=\.\s))Abstract\s+[A-Z]{0,4}\d[\w-]*:\s*")


def without_designation(text: str) -> str:
    """A title without ``[abstract]`` after it, and without ``Abstract 4843:`` before it."""
    return _without_number(_ABSTRACT_IN_BRACKETS.sub("", text)).strip(" .,")


def _without_number(text: str) -> str:
    return _ABSTRACT_BEFORE.sub("", text)


# --- Authors | title -------------------------------------------------------------------------------------------------

_ONE_SHORT_NAME: Final = re.compile(rf"{FAMILY_NAME}\s{INITIALS}\s(?!\w+\.\s)")
_SENTENCE_END: Final = re.compile(r"(?:\bet al\.?|[A-Za-z’'.]+)\s*(?:\.|:)\s+(?=[^a-z\s])")
_NEXT_NAME: Final = re.compile(rf"{FAMILY},\s(?:and\s)?[A-Z][\w.]*\s[A-Z]")


def split_people(head: str) -> tuple[str, str]:
    """Authors and title."""
    head = head.strip()
    if not head:
        return "", ""
    first = head.partition(",")[0]
    in_full = FULL_NAME.fullmatch(first) and not SHORT_NAME.fullmatch(first)
    if _ONE_SHORT_NAME.match(first):
        in_full = None  # “Poe A. Geese and swans”: one author and a short title, but “Jane A. Smith. Geese”
    for match in _SENTENCE_END.finditer(head):
        people, rest = head[: match.end()].strip(" .:"), head[match.end() :]
        if re.search(r"\b[A-Z]$", people) and (in_full or re.match(r"[A-Z]\.", rest)):
            continue  # after an initial: in a name
        if re.search(r"\b[A-Z]$", people) and _NEXT_NAME.match(rest):
            continue  # “Jane A. Smith, John Doe. Title”
        if looks_like_people(people):
            return people, rest.strip(" .")
    return ("", head.strip(" .")) if not looks_like_people(head) else (head, "")
