"""What an editor types on a keyboard, as it is printed: quotes, apostrophes, dashes, ranges, minus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OTHER: Final = "\ufffc"
"""Between texts: something that is not text, such as code, a citation or an escaped character."""


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What a language prints for what is typed.

    Attributes:
        outer: marks of a quotation.
        inner: marks of a quotation inside of one.
        range: between the ends of a range of numbers.
    """

    outer: tuple[str, str] = ("“", "”")
    inner: tuple[str, str] = ("‘", "’")
    range: str = "–"


def printed(pieces: Sequence[str], marks: Marks) -> list[str]:
    """The pieces of one paragraph as they are printed; abstracts are printed as they came and do not go through here.

    Args:
        pieces: texts, with `OTHER` where something else is between them.
        marks: those of the language.
    """
    whole = "".join(pieces)
    if not any(sign in whole for sign in ("-", "'", '"', "...")):
        return [*pieces]
    kept = [match.span() for match in _ADDRESS.finditer(whole)]
    changes = sorted(
        change
        for change in (*_signs(whole, marks), *_Quotes(whole, marks).changes())
        if not any(start <= change[0] < end for start, end in kept)
    )
    out, at = [], 0
    for piece in pieces:
        end, parts, done = at + len(piece), [], at
        for start, stop, new in changes:
            if start < end and stop > at:
                parts += [whole[done : max(start, done)], new if start >= at else ""]
                done = min(stop, end)
        out.append("".join([*parts, whole[done:end]]))
        at = end
    return out


# Addresses and identifiers, which are printed as they are.
_ADDRESS: Final = re.compile(r"(?:https?://|www\.|doi:|10\.\d{4,9}/)\S+|[\w.+-]+@[\w.-]+")
_EM: Final = re.compile(r"(?<!-)---(?!-)")
_EN: Final = re.compile(r"(?<=\s)--(?=\s)|(?<=[^\s-])--(?=[^\s-])")
_DOTS: Final = re.compile(r"(?<!\.)\.\.\.(?!\.)")
_MINUS: Final = re.compile(r"(?<![^\s(\[=<>±≤≥×/,;:])(?<!\d\s)-(?=[.,]?\d)")
_RANGE: Final = re.compile(
    r"(?<![\w.,/:–−-])(?P<first>\d+(?:[.,]\d+)*)(?P<sign>-)(?P<last>\d+(?:[.,]\d+)*)(?![\w/:–-]|[.,]\d)"
)
# Numbers whose hyphen is a part of them.
_LABELLED: Final = re.compile(
    r"(?:ISSN|ISBN|ORCID|CAS|EC|NCT|EudraCT|DOI|doi|[Tt]el|[Pp]hone|[Ff]ax|Fon|CA|\+\d+)[.:]?\s*$"
)


def _signs(text: str, marks: Marks) -> Iterator[tuple[int, int, str]]:
    for pattern, new in ((_EM, "—"), (_EN, "–"), (_DOTS, "…"), (_MINUS, "−")):
        for match in pattern.finditer(text):
            yield *match.span(), new
    for match in _RANGE.finditer(text):
        if _is_range(match["first"], match["last"]) and not _LABELLED.search(text[: match.start()]):
            yield *match.span("sign"), marks.range


def _is_range(first: str, last: str) -> bool:
    """Whether two numbers are the ends of a range: they rise, and are not parts of a date or a code."""
    low, high = (float(re.sub(r",(?=\d{3}(?!\d))", "", number).replace(",", ".", 1)) for number in _plain(first, last))
    code = re.match(r"0\d", first) or re.match(r"0\d", last) or (len(first) == len(last) == 4 and high > 2100)
    return low < high and not code


def _plain(*numbers: str) -> Iterator[str]:
    for number in numbers:
        whole = number.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", number) else number
        yield whole if re.fullmatch(r"\d+(?:[.,]\d+)?", whole) else "0"


# Words that begin with an apostrophe in English.
_ELIDED: Final = re.compile(r"'(?:n'(?!\w)|(?:tis|twas|em|til|cause|bout)(?!\w)|\d\ds?(?!\w))", re.IGNORECASE)
_OPENERS: Final = "([{<–—-/¿¡“‘„‚«‹\"'"


class _Quotes:
    """One paragraph's straight quotes, each with what is printed for it."""

    def __init__(self, text: str, marks: Marks) -> None:
        self.text, self.marks = text, marks
        self.outer = self.inner = False  # whether a quotation is open
        self.elided: set[int] = set()
        for match in _ELIDED.finditer(text):
            if not text[match.start() - 1 : match.start()].isalnum():
                self.elided |= {n for n in range(*match.span()) if text[n] == "'"}

    def changes(self) -> Iterator[tuple[int, int, str]]:
        for match in re.finditer("[\"']", self.text):
            at = match.start()
            before = self.text[at - 1] if at else " "
            after = self.text[at + 1] if at + 1 < len(self.text) else " "
            new = self._double(before, after) if match[0] == '"' else self._single(at, before, after)
            yield at, at + 1, new

    def _double(self, before: str, after: str) -> str:
        opens = (before.isspace() or before in _OPENERS) and not after.isspace()
        if before.isdigit() and not self.outer:
            return "″"
        if opens and not self.outer:
            self.outer = True
            return self.marks.outer[0]
        self.outer = False
        return self.marks.outer[1]

    def _single(self, at: int, before: str, after: str) -> str:
        if at in self.elided or (before.isalnum() and after.isalnum()):
            return "’"
        if self.inner and not before.isspace():
            self.inner = False
            return self.marks.inner[1]
        if before.isdigit():
            return "′"
        if (before.isspace() or before in _OPENERS) and not after.isspace() and self._is_closed(at):
            self.inner = True
            return self.marks.inner[0]
        return "’"

    def _is_closed(self, at: int) -> bool:
        """Whether a quotation that begins here ends in this paragraph."""
        return any(
            n not in self.elided and not self.text[n - 1].isspace() and not self.text[n + 1 : n + 2].isalnum()
            for n in range(at + 2, len(self.text))
            if self.text[n] == "'"
        )
