"""The ``text-case`` attribute (CSL 1.0.2 “Text-case”) on a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.csl.draft import Mark, Protected

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.csl.draft import Draft

# The words that title case leaves in lower case: the specification's stop-words.json, and articles and conjunctions.
_STOP_WORDS: Final = frozenset(
    re.findall(
        r"\S+",
        """
        a an the and or nor but so yet across afore after against along alongside amid amidst among amongst anenst
        apropos apud around as aside astride at athwart atop barring before behind below beneath beside besides between
        beyond by circa despite down during except for forenenst from given in inside into lest like modulo near next
        notwithstanding of off on onto out over per plus pro qua sans since than through throughout thru thruout till
        to toward towards under underneath until unto up upon v. v versus via vis-à-vis vs. vs with within without
        de d' van von et c ca
        """,
    )
)
_STOP_PHRASES: Final = re.compile(
    r"\b(?:according to|ahead of|apart from|as regards|back to|because of|close to|due to|far from|instead of"
    r"|outside of|prior to|pursuant to|rather than|regardless of|such as|that of|where as)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_][^\s/\u2010-\u2015\-\"“”]*")
_OPENING: Final = " \t\n\u00a0\"“‘'([{¿¡"
_CLOSING: Final = ".,;:!?)]}’”'\""
_HYPHENS: Final = ("-", "\u2010", "\u2011")


def cased(draft: Draft, case: str, *, english: bool) -> Draft:
    """The draft in the case that the attribute asks for; ``title`` changes English text only."""
    change = _CHANGES.get(case)
    if change is None or (case == "title" and not english):
        return draft
    pieces = list(_pieces(draft, free=True))
    return _rebuilt(draft, iter(change(pieces)))


def _pieces(draft: Draft, *, free: bool) -> Iterator[tuple[str, bool]]:
    """The strings of a draft in order, each with whether its case may change."""
    if isinstance(draft, str):
        yield draft, free
    elif isinstance(draft, Mark):
        # Super- and subscripts are formulas and footnote signs: their case carries meaning.
        free = free and not isinstance(draft, Protected)
        yield from _pieces(draft.child, free=free)
    else:
        for part in draft:
            yield from _pieces(part, free=free)


def _rebuilt(draft: Draft, texts: Iterator[str]) -> Draft:
    if isinstance(draft, str):
        return next(texts)
    if isinstance(draft, Mark):
        return draft.copy(_rebuilt(draft.child, texts))
    return type(draft)([_rebuilt(part, texts) for part in draft])


def _each(change: Callable[[str], str]) -> Callable[[list[tuple[str, bool]]], list[str]]:
    return lambda pieces: [change(text) if free else text for text, free in pieces]


def _capitalize_first(pieces: list[tuple[str, bool]]) -> list[str]:
    texts = [text for text, _ in pieces]
    for place, (text, free) in enumerate(pieces):
        found = re.search(r"\w", text)
        if found:
            if free:
                at = found.start()
                texts[place] = text[:at] + _capital(text[at:])
            break
    return texts


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _capitalize_all(text: str) -> str:
    return re.sub(r"(?<![\w’'])\w\S*", lambda found: _capital(found[0]), text)


def _sentence(pieces: list[tuple[str, bool]]) -> list[str]:
    whole = "".join(text for text, _ in pieces)
    if whole.isupper():
        pieces = [(text.lower() if free else text, free) for text, free in pieces]
    return _capitalize_first(pieces)


def _title(pieces: list[tuple[str, bool]]) -> list[str]:
    """Title case over the pieces as one text: what is first, last or behind a colon is known only of the whole."""
    whole = "".join(text for text, _ in pieces)
    free_at: list[bool] = []
    for text, free in pieces:
        free_at += [free] * len(text)
    in_phrase = {place for found in _STOP_PHRASES.finditer(whole) for place in range(found.start(), found.end())}
    letters = list(whole)
    words = list(_WORD.finditer(whole))
    for number, word in enumerate(words):
        start, end = word.span()
        if not all(free_at[start:end]):
            continue
        bare = word[0].rstrip(_CLOSING)
        if bare != bare.lower() or any(map(str.isdigit, bare)):
            continue  # words with capitals or figures are names and abbreviations: `iPad`, `DNA`, `p53`
        before = whole[max(0, start - 16) : start].rstrip(_OPENING)
        hyphenated = before[-1:] in _HYPHENS
        if hyphenated and len(bare) == 1:
            continue  # `07-x`
        is_first = number == 0 or before[-1:] in ":?!" or not before
        is_last = number == len(words) - 1
        # A stop word that begins a compound is capitalized (`Pro-Environmental`), one inside is not (`Out-of-Fashion`).
        opens_compound = whole[end : end + 1] in _HYPHENS and not hyphenated
        stops = word[0].rstrip(_CLOSING.replace(".", "")) in _STOP_WORDS or bare in _STOP_WORDS or start in in_phrase
        if stops and not (is_first or is_last or opens_compound):
            continue
        letters[start] = letters[start].upper()
    texts: list[str] = []
    at = 0
    for text, _ in pieces:
        texts.append("".join(letters[at : at + len(text)]))
        at += len(text)
    return texts


_CHANGES: Final[dict[str, Callable[[list[tuple[str, bool]]], list[str]]]] = {
    "lowercase": _each(str.lower),
    "uppercase": _each(str.upper),
    "capitalize-first": _capitalize_first,
    "capitalize-all": _each(_capitalize_all),
    "sentence": _sentence,
    "title": _title,
}
