"""How an abstract was presented, in the words of programmes in English, German, French and Spanish."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.merge import flat

if TYPE_CHECKING:
    from digest.model import Presentation

_PRESENTATIONS: Final[tuple[tuple[str, Presentation], ...]] = (
    (r"late.?breaking", "late-breaking"),
    (r"poster discussion|discussed poster", "poster discussion"),
    (r"trials? in progress|tip", "trial in progress"),
    (r"publication only|online publication|e.?publication", "publication only"),
    (r"plenary|presidential|plenarvortrag|pleniere|plenaria", "plenary"),
    (r"invited|keynote|eingeladene[rn]?|invitee?|invitad[oa]|festvortrag", "invited"),
    (r"e-?posters?|posters?|poster(?:beitrag|prasentation|vortrag)|affiche|cartel", "poster"),
    (r"orale?s?|proffered|talk|rapid|mini.?oral|(?:kurz|frei)?vortrag|freier vortrag|mundlich|mundliche[rn]?", "oral"),
)


def presentation_in(text: str) -> Presentation | None:
    """The first way of presenting that a text names: ``poster`` of “Poster (P-012)”; nothing where it names none."""
    words = flat(text)
    return next((name for word, name in _PRESENTATIONS if re.search(rf"\b(?:{word})\b", words)), None)
