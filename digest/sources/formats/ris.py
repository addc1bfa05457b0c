"""RIS becomes records, in the dialects that exist: each ``TY`` line begins one, whatever comes before it.

The peer (rispy 0.10) drops a last record without ``ER`` and makes one of eleven whose only ``ER`` is the last line;
of several ``TI`` it keeps one; it reads nothing where there are tabs, a single blank or an old Mac's line ends. None of
this is reported. Here the ``TY`` lines are counted, and each gives a record or an error.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from digest import remainder
from digest.errors import DigestError
from digest.sources.page import each
from digest.sources.shared import refman
from digest.sources.shared.draft import Draft
from digest.sources.shared.restoring import restored_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Outcome, Page

# There are two blanks before the hyphen; where there are fewer, a type must follow: "TY - JOUR", but not a sentence.
_START: Final = re.compile(
    r"\n[ \t\ufeff]{0,4}TY(?:[ \t]{2,6}-|[ \t]{0,6}-(?=[ \t]{0,6}[A-Za-z]{2,9}[ \t]*(?:\n|\Z)))", re.IGNORECASE
)
# "ER-positive" begins a line in many abstracts.
_END: Final = re.compile(r"\n[ \t]{0,4}ER(?:[ \t]{2,6}-|[ \t]{0,6}-[ \t]*(?=\n|\Z))", re.IGNORECASE)
_TAG: Final = re.compile(r"\n[ \t\ufeff]{0,4}([A-Za-z][A-Za-z0-9]|PMID)([ \t]{2,6}|[ \t]?(?=-(?!\S)))-[ \t]*")
_TAGS: Final = frozenset(
    """
        TY A1 A2 A3 A4 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CC CL CN CP CT CY DA DB DI DO DP ED EP ET ID IS J1
        J2 J9 JA JF JI JO KW L1 L2 L3 L4 LA LB LK M1 M2 M3 N1 N2 NV OP PB PP PU PY RI RN RP SE SN SP ST T1 T2 T3 TA TI
        TT U1 U2 U3 U4 U5 UR US VL VO Y1 Y2 PMID
    """.split()
)
_NAMING: Final = frozenset({"TI", "T1", "AU", "A1", "JO", "JF", "T2", "DO", "AB", "N2", "PMID"})
# In these the source's own lines may begin with two letters and a hyphen.
_LONG: Final = frozenset({"AB", "N1", "N2"})
# What exporters print between records: a count, the database's name, a rule.
_BETWEEN: Final = re.compile(
    r"[\s\ufeff]*(?:\d{1,6}[.)]?|record\s*#?\s*\d{1,7}.{0,40}|(?:provider|database|content|source|exported?)\b.{0,200}|"
    r"%.{0,300}|[-=*_#]{2,200}|<\d{1,7}>|EF)?\s*",
    re.IGNORECASE,
)


def parse(page: Page) -> Iterator[Outcome]:
    """A record or a problem for each ``TY`` line.

    Raises:
        DigestError: the page has none.
    """
    yield from page.text_problems
    yield from each(page, enumerate(_pieces(page)), functools.partial(_outcomes, page), line=lambda piece: piece[1][1])


def _outcomes(page: Page, piece: tuple[int, tuple[str, int, str, int]]) -> Iterator[Outcome]:
    """The record of a piece, and what is odd between it and the next."""
    count, (text, line, rest, rest_line) = piece
    if text:
        found = _values(text)
        kind = found.pop("TY", [""])[0]
        name = refman.name(found)
        draft = Draft(page, name or f"record {count}", text[1:].encode("utf-8", "replace"), name)
        draft.line = line
        remarks = [text for text in found.get("U5", ()) if text.startswith(remainder.MARK)]
        if remarks:  # only ours: not searched for identifiers
            found["U5"] = [text for text in found["U5"] if text not in remarks]
        refman.fill(draft, kind.partition("\n")[0], found)
        yield restored_from(draft.finish(), remarks, page)
    yield from _outside(page, rest, rest_line)


def values(page: Page) -> Iterator[refman.Values]:
    """The values of each record by tag, as they are written.

    Raises:
        DigestError: the page has no records.
    """
    return (_values(text) for text, _, _, _ in _pieces(page) if text)


def _pieces(page: Page) -> Iterator[tuple[str, int, str, int]]:
    """Each record with its line, and what comes after it with its line; first what comes before them all."""
    # The patterns begin with a line end, a character that is found fast: reading is twice as fast as with "^".
    text = page.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    line = 1
    if not text.startswith("\n"):
        text, line = "\n" + text, 0
    start = _START.search(text)
    if start is None:
        raise DigestError("no line begins with “TY  - ”", where=page.where, expected="RIS")
    yield "", line, text[: start.start()], line
    at = 0
    while start is not None:
        line, at = line + text.count("\n", at, start.start() + 1), start.start() + 1
        after = _START.search(text, start.end())
        stop = after.start() if after else len(text)
        end = _END.search(text, start.end(), stop)
        last = end.start() if end else stop
        rest = text.find("\n", end.end(), stop) if end else -1
        if rest == -1:
            yield text[at - 1 : last], line, "", line
        else:
            yield text[at - 1 : last], line, text[rest:stop], line + text.count("\n", at, rest)
        start = after


def _values(text: str) -> refman.Values:
    """Values by tag; lines without a tag belong to the value before them."""
    values: refman.Values = {}
    tag, at, usual, both = "", 0, "", False
    for match in _TAG.finditer(text):
        found, blanks = match[1], match[2]
        usual = usual or blanks
        if not found.isupper() or len(blanks) < 2 or tag in _LONG:
            found = found.upper()
            # Lines of an abstract may begin with two letters and a hyphen.
            if found not in _TAGS or (tag in _LONG and blanks != usual and len(blanks) < 2):
                continue
        if tag:
            values.setdefault(tag, []).append(text[at : match.start()].strip())
        # A1 is AU under its name of 2001: people keep their order.
        tag, at, both = "AU" if found == "A1" else found, match.end(), both or found == "A1"
    if tag:
        values.setdefault(tag, []).append(text[at:].strip())
    if both:  # the same people under both
        values["AU"] = list(dict.fromkeys(values["AU"]))
    return values


def _outside(page: Page, text: str, line: int) -> Iterator[Outcome]:
    """Problems with lines outside records: tagged lines are a record that has lost its ``TY``."""
    tags = [
        match
        for match in _TAG.finditer(text)
        if match[1].upper() in _NAMING and (len(match[2]) > 1 or match[1].isupper())
    ]
    if tags:
        place = line + text.count("\n", 0, tags[0].start() + 1)
        message = "these lines belong to no record, for no “TY  - ” comes before them; they were left out"
        yield page.problem("error", "no-type", f"{message}: “{' '.join(text.split())[:200]}”", line=place)
        return
    for n, row in enumerate(text.split("\n")):
        if not _BETWEEN.fullmatch(row[:400]):
            message = f"lines between records were left out: “{' '.join(row.split())[:120]}”"
            yield page.problem("note", "between-records", message, line=line + n)
            return
