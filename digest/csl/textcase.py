"""The ``text-case`` attribute (CSL 1.0.2 “Text-case”) on a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from digest.csl.draft import Mark, Protected, Styled, Worded

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
# A word ends at white space, a hyphen, dash, slash or quotation mark (both citeproc-js and pandoc). Letters after an
# apostrophe belong to it, but what is before the apostrophe decides: `d’Artagnan` begins with the word `d`.
_WORD: Final = re.compile(r"([^\W_][^\s/\u2010-\u2015\-\"“”'’]*)(?:['’][^\s/\u2010-\u2015\-\"“”]*)?")
_OPENING: Final = " \t\n\u00a0\"“‘'([{¿¡"
# Signs that belong to the word after them: it has no letter in front that could be a capital.
_NOT_OPENING: Final = "«‹„¿¡*…#{<&"
_CLOSING: Final = ".,;:!?)]}’”'\""
_HYPHENS: Final = ("-", "\u2010", "\u2011")
_LEVELS: Final = frozenset(["font-variant", "vertical-align"])
# Languages in which the capital of `i` keeps its dot, and `ı` is the small letter of `I` (Unicode SpecialCasing).
_DOTTED: Final = frozenset(["tr", "az"])
_DOTTED_UPPER: Final = str.maketrans({"i": "İ", "ı": "I"})
_DOTTED_LOWER: Final = str.maketrans({"İ": "i", "I": "ı"})


def cased(draft: Draft, case: str, *, language: str) -> Draft:
    """The draft in the case that the attribute asks for; ``title`` changes English text only.

    Args:
        draft: what is to be printed.
        case: a value of ``text-case``.
        language: the language of the text, such as ``en-US``.
    """
    change = _CHANGES.get(case)
    main = language[:2].lower()
    if change is None or (case == "title" and main != "en"):
        return draft
    if case == "lowercase":
        draft = _unworded(draft)
    pieces = list(_pieces(draft, free=True))
    if main in _DOTTED:
        dots = _DOTTED_LOWER if case == "lowercase" else _DOTTED_UPPER
        if case in {"lowercase", "uppercase"}:
            pieces = [(text.translate(dots) if free else text, free) for text, free in pieces]
        else:
            return _rebuilt(draft, iter(_dotted(pieces, change(pieces))))
    return _rebuilt(draft, iter(change(pieces)))


def begun(draft: Draft, number: str = "") -> Draft:
    """The draft with a capital where it begins with a term: `Ibid.` begins a note, `N.d.` an entry after its number."""
    return _begun(draft, number)[0]


def _begun(draft: Draft, number: str) -> tuple[Draft, bool]:
    """The draft, and whether it has printed a letter or figure, after which nothing begins."""
    if isinstance(draft, str):
        return draft, draft != number and any(map(str.isalnum, draft))
    if isinstance(draft, Worded):
        return cased(draft, "capitalize-first", language=""), True
    if isinstance(draft, Mark):
        child, done = _begun(draft.child, number)
        return (draft.copy(child) if child is not draft.child else draft), done
    for place, part in enumerate(draft):
        changed, done = _begun(part, number)
        if done:
            if changed is part:
                return draft, True
            return type(draft)([*draft[:place], changed, *draft[place + 1 :]]), True
    return draft, False


def _dotted(pieces: list[tuple[str, bool]], changed: list[str]) -> list[str]:
    """The changed texts, with a dotted capital where a dotted small letter was."""
    return [
        "".join("İ" if small == "i" and large == "I" else large for small, large in zip(text, new, strict=True))
        if len(text) == len(new)
        else new
        for (text, _), new in zip(pieces, changed, strict=True)
    ]


def _unworded(draft: Draft) -> Draft:
    """The draft without marks of terms: what a style sets in lower case gets no capital at the beginning of a note."""
    if isinstance(draft, str):
        return draft
    if isinstance(draft, Mark):
        child = _unworded(draft.child)
        return child if isinstance(draft, Worded) else draft.copy(child)
    return type(draft)([_unworded(part) for part in draft])


def _pieces(draft: Draft, *, free: bool) -> Iterator[tuple[str, bool]]:
    """The strings of a draft in order, each with whether its case may change."""
    if isinstance(draft, str):
        yield draft, free
    elif isinstance(draft, Mark):
        # ``nocase``; and small capitals, super- and subscripts of the item itself, whose case carries meaning.
        kept = isinstance(draft, Protected) or (isinstance(draft, Styled) and draft.flips and draft.property in _LEVELS)
        yield from _pieces(draft.child, free=free and not kept)
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


class _Whole:
    """The pieces as one text, since what is a word, first or last is known only of the whole."""

    def __init__(self, pieces: list[tuple[str, bool]]) -> None:
        self.text = "".join([text for text, _ in pieces])
        self._sizes = [len(text) for text, _ in pieces]
        self._letters = list(self.text)
        self._free: list[bool] = []
        for text, free in pieces:
            self._free += [free] * len(text)

    def words(self) -> list[re.Match[str]]:
        return list(_WORD.finditer(self.text))

    def words_between_tags(self) -> list[re.Match[str]]:
        """The words, each in one piece: the `m` of ``m<sup>2</sup>`` is a letter alone (citeproc-js)."""
        found: list[re.Match[str]] = []
        at = 0
        for size in self._sizes:
            found += _WORD.finditer(self.text, at, at + size)
            at += size
        return found

    def bare(self, word: re.Match[str]) -> str:
        """What decides about a word: the part before an apostrophe, as far as its case may change."""
        start, end = word.span(1)
        while end > start and not self._free[end - 1]:
            end -= 1
        return self.text[start:end].rstrip(_CLOSING) if all(self._free[start:end]) else ""

    def capitalize(self, word: re.Match[str]) -> None:
        """Gives a word in lower case its capital; one in mixed case is a name of its own (`iPad`, CSL “Text-case”)."""
        bare = self.bare(word)
        # A lone Greek letter in a title is a sign of science, not a word (citeproc-js).
        if bare and bare == bare.lower() and not (len(bare) == 1 and "\u0370" <= bare <= "\u03ff"):
            start = word.start()
            self._letters[start] = self._letters[start].upper()

    def texts(self) -> list[str]:
        """The texts of the pieces, as they are now."""
        out: list[str] = []
        at = 0
        for size in self._sizes:
            out.append("".join(self._letters[at : at + size]))
            at += size
        return out


def _capitalize_first(pieces: list[tuple[str, bool]]) -> list[str]:
    whole = _Whole(pieces)
    word = _WORD.search(whole.text)
    if word:
        whole.capitalize(word)
    return whole.texts()


def _capitalize_all(pieces: list[tuple[str, bool]]) -> list[str]:
    whole = _Whole(pieces)
    for word in whole.words():
        whole.capitalize(word)
    return whole.texts()


def _sentence(pieces: list[tuple[str, bool]]) -> list[str]:
    if "".join([text for text, _ in pieces]).isupper():
        pieces = [(text.lower() if free else text, free) for text, free in pieces]
    return _capitalize_first(pieces)


def _title(pieces: list[tuple[str, bool]]) -> list[str]:
    """Title case: every word but stop words, which get a capital only where they are first, last or after a colon."""
    whole = _Whole(pieces)
    text = whole.text
    in_phrase = {place for found in _STOP_PHRASES.finditer(text) for place in range(found.start(), found.end())}
    words = whole.words_between_tags()
    for number, word in enumerate(words):
        start, end = word.span()
        before = text[max(0, start - 16) : start].rstrip(_OPENING)
        hyphenated = before[-1:] in _HYPHENS
        is_first = number == 0 or before[-1:] in ":?!" or not before
        if start and (text[start - 1] in _NOT_OPENING or text[start - 2 : start] == "«\u202f"):
            continue  # a word begins after white space, brackets and quotation marks (citeproc-js)
        if not is_first:
            bare = word[1].rstrip(_CLOSING)
            # A stop word that begins a compound gets a capital (`Pro-Environmental`), one inside none (`Out-of-Date`).
            opens_compound = text[end : end + 1] in _HYPHENS and not hyphenated
            if (len(bare) == 1 or word[1][1:2] == ".") and not opens_compound:
                continue  # `vitamin d`, `i.e.`: a single letter is not a word (citeproc-js, pandoc), but `E-Mail`
            is_stop = (
                word[1].rstrip(_CLOSING.replace(".", "")) in _STOP_WORDS or bare in _STOP_WORDS or start in in_phrase
            )
            if is_stop and not (number == len(words) - 1 or opens_compound):
                continue
        whole.capitalize(word)
    return whole.texts()


_CHANGES: Final[dict[str, Callable[[list[tuple[str, bool]]], list[str]]]] = {
    "lowercase": _each(str.lower),
    "uppercase": _each(str.upper),
    "capitalize-first": _capitalize_first,
    "capitalize-all": _capitalize_all,
    "sentence": _sentence,
    "title": _title,
}
