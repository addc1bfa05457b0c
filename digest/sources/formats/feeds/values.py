"""The values of a feed's item, by the names of its elements, and their texts."""

from __future__ import annotations

import functools
import html
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest.sources.shared import markup
from digest.text import RichText, without_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_LONGEST_TITLE: Final = 3000


class Value(Struct, frozen=True):
    """One element of an item.

    Attributes:
        text: what it holds: text that may be HTML in any state of escaping.
        attributes: its attributes, by local name.
        literal: whether the feed says that it is not HTML (Atom, section 3.1.1.1).
    """

    text: str
    attributes: dict[str, str] = {}
    literal: bool = False


# What an item or a channel says, by the names of its elements: ``title``, ``dc:creator``, ``prism:volume``.
Fields = dict[str, list[Value]]


_BRACED: Final = re.compile(r"\{([A-Za-z]{2,12}|\+/-|>=|<=)\}")
_SIGNS: Final[Mapping[str, str]] = {"+/-": "±", ">=": "≥", "<=": "≤", "micro": "µ", "degrees": "°", "deg": "°"}


def clean(text: str) -> str:
    """The text with the signs that feeds write in braces: ``Δ`` of ``{Delta}``."""
    return _BRACED.sub(_sign, text) if "{" in text else text


def _sign(match: re.Match[str]) -> str:
    """The sign that HighWire's and Cold Spring Harbor's feeds write as ``{Delta}``."""
    word = match[1]
    known = html.unescape(f"&{word};")
    greek = len(known) == 1 and "\N{GREEK CAPITAL LETTER ALPHA}" <= known <= "\N{GREEK PHI SYMBOL}"
    return _SIGNS.get(word) or (known if greek else match[0])


def rich_text(value: Value) -> RichText:
    """The text of a value with its markup."""
    text = clean(value.text)
    # A title that is nothing but a script is shown, not dropped.
    return (RichText() if is_literal(value) else markup.inline(text)) or RichText.of((text,))


_TAGS: Final = re.compile(r"</?([A-Za-z][\w:-]{0,20})(?:\s[^<>]{0,500})?/?>")


def is_literal(value: Value) -> bool:
    """Whether a text that is declared plain is plain: publishers put ``<i>`` there as well."""
    if not value.literal:
        return False
    names = {match[1].lower() for match in _TAGS.finditer(value.text)}
    return bool(names - {*markup.SPANS, "p", "br", "div", "span", "h2", "h3", "h4"}) or not (
        names or re.search(r"&(?:[a-z]{2,8}|#\d{2,6});", value.text)
    )


def flat(value: Value) -> str:
    """The characters of a short value."""
    return _flattened(value.text[:20_000])


@functools.lru_cache(maxsize=256)  # a title is asked for several times, a journal in every item
def _flattened(text: str) -> str:
    text = clean(text)
    return (markup.plain(text) if "<" in text or "&" in text else " ".join(without_control(text).split())).strip()


def first_text(fields: Fields, *names: str) -> str:
    """The text of the first of these elements that is not empty."""
    for name in names:
        for value in fields.get(name, ()):
            if text := flat(value):
                return text
    return ""


def all_texts(fields: Fields, *names: str) -> Iterator[str]:
    """The texts of all these elements that are not empty."""
    for name in names:
        for value in fields.get(name, ()):
            if text := flat(value):
                yield text
