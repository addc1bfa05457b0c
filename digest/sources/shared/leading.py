"""The number with which the text of an abstract begins: ``4068``, ``Meeting abstract 123``, ``(P-12)``.

Publishers that print the number next to the title deposit it as the first words of the text: Crossref's and Zotero's
records of the Journal of Clinical Oncology begin “2041Background: …”.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from digest.cite.numbering import is_number
from digest.model import AbstractPart
from digest.sources.shared import markup
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Container


class Leading(Struct, frozen=True, kw_only=True):
    """A number, and the abstract after it.

    Attributes:
        number: the number.
        parts: the abstract without it.
        said: whether the text itself calls it the number of an abstract.
    """

    number: str
    parts: tuple[AbstractPart, ...]
    said: bool = False


_LEADING: Final = re.compile(
    r"\s*(?P<word>(?:(?:meeting|conference|congress|poster|oral)\s)?abs(?:tract|tr)?\b\.?\s?"
    r"(?:(?:no|nr|number)\b\.?)?\s?:?\s?)?[#(\[]{0,2}"
    r"(?P<number>[A-Za-z]{0,5}[ -]?\d{1,6}(?:[.-]\d{1,4}){0,2}(?:[A-Z]{1,3}|TiP|eP)?)[)\]]?"
    r"(?P<sign>[.:]?)(?:\s+(?-i:(?=[A-Z]))|\s*$)",
    re.IGNORECASE,
)


def leading_number(parts: tuple[AbstractPart, ...], known: Container[str]) -> Leading | None:
    """The number before an abstract's text; nothing where the first words may be something else.

    It is one where it is alone before the first label, where the text says “Abstract”, or where it is known.

    Args:
        parts: the abstract.
        known: the record's number, its page in a supplement and the last part of its DOI, as far as they are known.
    """
    if not parts or parts[0].label:
        return None
    text = parts[0].text
    match = _LEADING.match(text.plain[:80])
    if match is None or any(node[0] in {"sub", "sup"} for node in text.nodes[:2] if not isinstance(node, str)):
        return None  # “x<sup>2</sup>” is not a number
    number, said, rest = match["number"], match["word"] is not None, text.plain[match.end() :]
    if said and rest and not match["sign"] and number not in known and not re.search(r"[A-Za-z]|\d\d", number):
        return None
    if rest and not (said or number in known):
        return None
    if not rest and not (len(parts) > 1 and (said or number in known or is_number(number.replace(" ", "-")))):
        return None
    if not rest:
        return Leading(number=number, parts=parts[1:], said=said)
    begun = structs.replace(parts[0], text=RichText.of(markup.sliced(text, match.end(), len(text.plain))))
    return Leading(number=number, parts=(begun, *parts[1:]), said=said)
