"""One pasted citation as the readers get it, and what a reader makes of it."""

from __future__ import annotations

import functools
import re
from typing import Any, Final

from msgspec import Struct

from digest.cite.reading.glued import set_apart
from digest.cite.reading.identifiers import without_identifiers
from digest.cite.reading.meetings import find_presentation
from digest.cite.reading.people import Opening, opening_of
from digest.cite.reading.unplaced import Unplaced, unplaced

_NUMBERED: Final = re.compile(r"^(?:\[\d{1,4}\]|\(\d{1,3}\)|\d{1,3}[.):])\s+(?=[^\W\d_“\"‘'])")
# With the number of an abstract it is ASCO's journal; the orthodontists' Journal of Clinical Orthodontics prints none.
_JCO: Final = re.compile(
    r"\bJCO\b(?=[^“”\"]{0,60}\babs(?:tr(?:act)?)?\b\.?\s?#?\w?|[^“”\"]{0,40}\bsuppl)", re.IGNORECASE
)
# What AACR, publishers' sites and reference managers set before a citation to be copied.
_LEAD_IN: Final = re.compile(
    r"^(?:(?:how to |please |to )?cite(?:\s(?:this|the)\s\w+)?(?:\sas)?|(?:suggested |recommended |preferred )?citation"
    r"(?:\sformat)?)\s?:\s+",
    re.IGNORECASE,
)
# “Title; Abstract #611, Conference on Ducks, Boston”: the number ends the title, whatever is before it.
_NUMBER_AFTER_TITLE: Final = re.compile(r";\s(?=Abstract\s(?:(?:no|nr|number)\b\.?\s)?#?[A-Z]{0,4}-?\d{1,5},\s[A-Z])")
_IN_PRESS: Final = re.compile(r"(?:(?<=[.,;])\s?|\s?\()in press\b[).,;]{0,2}(?=\s|$)", re.IGNORECASE)


class Fields(Struct, frozen=True):
    """What a reader found.

    Attributes:
        values: fields of a record by name; the title is plain text, and identifiers are not among them.
        doubts: what was guessed, a sentence each.
    """

    values: dict[str, Any]
    doubts: tuple[str, ...] = ()


class Line(Struct, frozen=True, dict=True):
    """A citation without its number and its identifiers, and as it was cut.

    Attributes:
        text: the citation.
        ids: its identifiers, as fields of `Ids`.
        opening: the people at its front, and their year.
        rest: what follows them, set apart where it had run together.
        doubts: what was guessed, a sentence each.
    """

    text: str
    ids: dict[str, Any]
    opening: Opening
    rest: str
    doubts: tuple[str, ...] = ()

    @classmethod
    def of(cls, citation: str) -> Line:
        """A citation, cut.

        Raises:
            ValueError: a date or an identifier in it cannot be right.
        """
        text, ids = without_identifiers(_LEAD_IN.sub("", _NUMBERED.sub("", citation, count=1)))
        text = _NUMBER_AFTER_TITLE.sub(". ", _JCO.sub("J Clin Oncol", text))
        text, in_press = _IN_PRESS.subn("", text, count=1)
        opening = opening_of(text)
        rest, doubts = set_apart(opening, identified=bool(ids.get("doi") or ids.get("pmid")))
        if opening.last:
            doubts.append(f"names were left out before {opening.last}; the last name is left out, too")
        if in_press:
            doubts.append("“in press” was left out: volume and pages may be known by now")
        return cls(text, ids, opening, rest, tuple(doubts))

    @functools.cached_property
    def presentation(self) -> re.Match[str] | None:
        """Where it says that it was presented at a meeting, and is not in a journal."""
        return find_presentation(self.rest)

    @functools.cached_property
    def unplaced(self) -> Unplaced | None:
        """Its title and what follows, cut without a place in a journal; nothing where a title is not sure."""
        return unplaced(self.rest, self.opening, self.ids)
