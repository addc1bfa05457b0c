"""A finished page made ready for setting: what belongs together stays on one line, and which words are not hyphenated.

One walk over the texts of a page, across its inline markup. `together.yaml` says what belongs together, by language.
Copying and searching find what was written: `render/pdf.py` gives the characters that are put in here the meaning of a
blank, or none.
"""

from __future__ import annotations

import bisect
import functools
import html
import itertools
import re
from importlib import resources
from typing import TYPE_CHECKING, Final

import msgspec
from markupsafe import Markup, escape

from digest import strict
from digest.csl.locales import locale_for
from digest.text import capitals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

NO_BREAK: Final = "\u00a0"
JOINER: Final = "\u2060"  # word joiner: no line ends here (Unicode Standard Annex #14, class WJ)
_LONGEST: Final = 24  # characters without a place to break: half of a line in a narrow column
_LONGEST_IN_CELL: Final = 9


class Row(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of one kind.

    Attributes:
        words: the words, separated by blanks; ``_`` is a blank inside of one.
        source: where this is written.
        any_case: they may begin with a capital as well.
    """

    words: str
    source: str
    any_case: bool = False

    @property
    def listed(self) -> tuple[str, ...]:
        """The words, each as often as it may be written."""
        words = [word.replace("_", " ") for word in self.words.split()]
        return (*words, *(word[0].upper() + word[1:] for word in words)) if self.any_case else tuple(words)


class Speech(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What belongs together in one language.

    Attributes:
        before_number: words that stay with the number after them.
        between: words between two numbers.
        periods: what a number counts.
        pairs: words that are one.
        blank_before: signs that the blank before them belongs to.
        blank_after: signs that the blank after them belongs to.
        capitals_are_names: whether a word with a capital inside of a sentence is a name.
    """

    before_number: tuple[Row, ...] = ()
    between: tuple[Row, ...] = ()
    periods: tuple[Row, ...] = ()
    pairs: tuple[Row, ...] = ()
    blank_before: tuple[str, ...] = ()
    blank_after: tuple[str, ...] = ()
    capitals_are_names: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of ``together.yaml``.

    Attributes:
        prefixes: prefixes of units.
        prefixed: units that may have one.
        units: other units, and what else follows a number.
        symbols: what is measured, before a value.
        labels: before the number of an identifier.
        titles: before a name.
        after_names: after a name.
        openings: before any word.
        stems: how names of drugs end.
        languages: by language; ``all`` for each of them.
    """

    prefixes: str
    prefixed: tuple[Row, ...]
    units: tuple[Row, ...]
    symbols: tuple[Row, ...]
    labels: tuple[Row, ...]
    titles: tuple[Row, ...]
    after_names: tuple[Row, ...]
    openings: tuple[Row, ...]
    stems: tuple[Row, ...]
    languages: dict[str, Speech]


@functools.cache
def table() -> Table:
    """The table, read once."""
    text = resources.files(__package__).joinpath("together.yaml").read_text(encoding="utf-8")
    read = strict.read(text, Table, "together.yaml")
    assert read.value is not None, [str(problem) for problem in read.problems]
    return read.value


def typeset(page: str, language: str, *, paper: bool) -> str:
    """The page with blanks at which no line ends; for paper also with joined signs and words that are not hyphenated.

    Args:
        page: HTML, whole or a part.
        language: its language where no element around a text has another one.
        paper: whether it becomes pages; else it becomes plain text, where a joiner would be seen.
    """
    return _Walk(breakable(page) if paper else page, language, paper=paper).written()


# -- the walk over a page ----------------------------------------------------------------------------------------------

_PIECE: Final = re.compile(
    r"<(?P<whole>style|script|head|svg|math|pre|code|textarea)\b.*?</(?P=whole)\s*>"
    r"|<!--.*?-->|<![^>]*>|<(?P<end>/?)(?P<tag>[a-z][^\s/>]*)(?P<attributes>[^>]*)>"
    r"|(?P<reference>&(?:\#\d+|\#x[0-9a-f]+|[a-z]\w*);)|(?P<text>[^<&]+|[<&])",
    re.DOTALL | re.IGNORECASE,
)
_LANGUAGE: Final = re.compile(r"""\slang=["']?([A-Za-z0-9-]+)""")
_INLINE: Final = frozenset("a abbr b bdi cite del em i ins mark q s small span strong sub sup time u".split())
_WORD: Final = re.compile(r"[^ ]+")
_OTHER_BLANK: Final = re.compile(r"[\t\r\n\f]")
_CELLS: Final = frozenset({"td", "th"})
_OBJECT: Final = "\ufffc"  # a picture, a formula, code: something that is not text


class _Walk:
    """One walk: the text of a block gathers with its markup, then is changed and written."""

    def __init__(self, page: str, language: str, *, paper: bool) -> None:
        self.page, self.paper = page, paper
        self.languages: list[tuple[str, int, str]] = [("", 0, language)]  # element, how many like it inside, language
        self.cells = 0  # of tables, open at this place
        self.raised: list[int] = []
        self.out: list[str] = []
        self._clear()

    def _clear(self) -> None:
        self.pieces: list[tuple[int, str]] = []  # where in the text a piece begins, -1 for markup; the piece
        self.texts: list[str] = []
        self.length = 0
        self.marks: list[tuple[int, int]] = []  # texts that are raised, such as the mark of an affiliation

    def written(self) -> str:
        """The changed page."""
        for match in _PIECE.finditer(self.page):
            kind = match.lastgroup
            if kind == "text":
                self._add(match[0], match[0])
            elif kind == "attributes":
                self._tag(match)
            elif kind == "reference":
                shown = html.unescape(match[0])
                self._add(shown if len(shown) == 1 else _OBJECT * len(shown), match[0])
            elif kind == "whole":
                if match["whole"].lower() in {"svg", "math", "code"}:
                    self._add(_OBJECT, match[0])
                else:
                    self._block(match[0])
            else:
                self.pieces.append((-1, match[0]))
        self._block("")
        return "".join(self.out)

    def _add(self, shown: str, piece: str) -> None:
        self.pieces.append((self.length, piece))
        self.texts.append(shown)
        self.length += len(shown)

    def _tag(self, match: re.Match[str]) -> None:
        name, ends = match["tag"].lower(), bool(match["end"])
        if name in _INLINE:
            self.pieces.append((-1, match[0]))
            if name == "sup":
                if not ends:
                    self.raised.append(self.length)
                elif self.raised:
                    self.marks.append((self.raised.pop(), self.length))
        elif name in {"img", "wbr"}:
            self._add(_OBJECT, match[0])
        else:
            self._block(match[0])
        self._enter(name, match["attributes"], ends=ends)

    def _enter(self, name: str, attributes: str, *, ends: bool) -> None:
        element, inside, language = self.languages[-1]
        if not ends and (found := _LANGUAGE.search(attributes)):
            self.languages.append((name, 0, found[1]))
        elif name == element:
            if not ends:
                self.languages[-1] = (element, inside + 1, language)
            elif inside:
                self.languages[-1] = (element, inside - 1, language)
            else:
                self.languages.pop()
        if name in _CELLS:
            self.cells = max(0, self.cells + (-1 if ends else 1))

    def _block(self, markup: str) -> None:
        """Writes the block that ends here, and the markup that ends it."""
        if self.texts and not all(map(str.isspace, self.texts)):
            self._change()
        else:
            self.out += [piece for _, piece in self.pieces]
        self.out.append(markup)
        if self.pieces:
            self._clear()

    def _change(self) -> None:
        text = "".join(self.texts)
        longest = _LONGEST_IN_CELL if self.cells else _LONGEST
        changes = _Changes(text, rules_of(self.languages[-1][2]), longest)
        changes.bind(self.marks)
        if self.paper:
            changes.join()
            changes.keep_names(self.pieces)
        for shown in changes.applied(self.pieces):
            # WeasyPrint leaves a line nearly empty where a blank ends the text before an element that does not fit.
            self.out.append(shown + JOINER if self.paper and shown.endswith(NO_BREAK) else shown)


class _Changes:
    """What changes in the text of one block, by place."""

    def __init__(self, text: str, rules: Rules, longest: int) -> None:
        self.text, self.rules, self.longest = _OTHER_BLANK.sub(" ", text), rules, longest
        self.instead: dict[int, str] = {}
        self.before: dict[int, str] = {}

    def applied(self, pieces: Sequence[tuple[int, str]]) -> Iterator[str]:
        """The pieces of the block, each with where its text begins, with their changes."""
        places = sorted({*self.instead, *self.before})
        next_one = 0
        for at, piece in pieces:
            if at < 0:
                yield piece
                continue
            first = piece[0]
            whole = len(piece) > 1 and first in "&<"  # a reference to a character, or an object
            end = at + (1 if whole else len(piece))
            begin = next_one
            while next_one < len(places) and places[next_one] < end:
                next_one += 1
            if whole:
                yield piece if first == "<" else self.before.get(at, "") + self.instead.get(at, piece)
            elif begin == next_one:
                yield piece
            else:
                out: list[str] = []
                done = at
                for n in places[begin:next_one]:
                    out += (piece[done - at : n - at], self.before.get(n, ""), self.instead.get(n, piece[n - at]))
                    done = n + 1
                yield "".join([*out, piece[done - at :]])

    def bind(self, marks: Sequence[tuple[int, int]]) -> None:
        """No line ends at blanks between what belongs together, the strongest ties first."""
        words = [match.span() for match in _WORD.finditer(self.text)]
        if len(words) < 2:
            return
        starts = [start for start, _ in words]
        ties: dict[int, int] = {}  # the number of a word that belongs to the one before it, and how loosely it does
        for looseness, pattern in self.rules.blanks:
            for match in pattern.finditer(self.text):
                first = bisect.bisect_right(starts, match.start())
                for n in range(max(first, 1), len(words)):
                    if starts[n] > match.end():
                        break
                    if words[n - 1][1] >= match.start():
                        ties[n] = min(ties.get(n, looseness), looseness)
        for start, end in marks:  # the mark before an affiliation
            n = bisect.bisect_left(starts, end)
            if 0 < n < len(words) and words[n - 1] == (start, end):
                ties[n] = 0
        begins = list(range(len(words)))  # of the run of each word its first word; of the first one, its last
        ends = list(range(len(words)))
        for n, _ in sorted(ties.items(), key=lambda tie: (tie[1], tie[0])):
            first, last = begins[n - 1], ends[n]
            whole = words[last][1] - words[first][0]
            if whole > self.longest and self._stretch(words[first : last + 1]) > self.longest:
                continue
            begins[last], ends[first] = first, last
            self.instead[words[n - 1][1]] = NO_BREAK
            self.instead |= dict.fromkeys(range(words[n - 1][1] + 1, words[n][0]), "")

    def _stretch(self, words: Sequence[tuple[int, int]]) -> int:
        """How long the longest piece with a blank would be in which no line can end, if some words were tied."""
        ends = [words[0][0], words[-1][1]]
        for start, end in words:
            breaks = _BREAKS if end - start <= self.longest else _BREAKS_IN_LONG
            ends += [match.end() for match in breaks.finditer(self.text, start, end)]
        blanks = [end for _, end in words[:-1]]
        return max(b - a for a, b in itertools.pairwise(sorted(ends)) if any(a < blank < b for blank in blanks))

    def keep_names(self, pieces: Sequence[tuple[int, str]]) -> None:
        """Names after titles are not hyphenated, in a language where capitals do not show what is a name.

        Args:
            pieces: the pieces of the block, each with where its text begins; a name is within one of them.
        """
        for match in itertools.chain.from_iterable(pattern.finditer(self.text) for pattern in self.rules.names):
            for word in re.finditer(rf"[^ {NO_BREAK}.,;:]{{2,}}", match["names"]):
                start, end = (match.start("names") + at for at in word.span())
                if any(at <= start and end <= at + len(piece) for at, piece in pieces if at >= 0 and piece[:1] != "&"):
                    self.before[start] = '<span style="hyphens: none">' + self.before.get(start, "")
                    self.instead[end - 1] = f"{self.text[end - 1]}</span>"

    def join(self) -> None:
        """No line ends inside of numbers, units and short names."""
        done = 0
        for match in _JOINT_SIGN.finditer(self.text):
            if match.start() < done:
                continue  # its word was looked at
            begin = self.text.rfind(" ", 0, match.start()) + 1
            done = self.text.find(" ", match.end())
            done = len(self.text) if done < 0 else done
            if 1 < done - begin <= self.longest:
                for place in _joints(self.text[begin:done]):
                    self.before[begin + place] = JOINER


# -- the rules ---------------------------------------------------------------------------------------------------------

_DIGIT: Final = "0-9½¼¾⅓⅔²³¹⁰⁴-⁹₀-₉"
_SIGNS: Final = "=<>≤≥⩽⩾±∓×∼≈≅≡≠≪≫÷"
_VALUE: Final = r"(?=[−–+-]?[.,]?\d)"
_BOUND: Final = r"[−–+-]?[.,]?\d[\d.,]*?%?"  # of an interval
_SEQUENCE: Final = re.compile(r"[acgtun]{8,}", re.IGNORECASE)
_GREEK: Final = re.compile("[\u0370-\u03ff]")
_PARTICLES: Final = "von|vom|van|der|den|de|zu|zur|di|da|al|el"
_NOT_LETTER: Final = r"(?![^\W_])"


class Rules:
    """The rules of one language; made by `rules_of`.

    Attributes:
        blanks: patterns that match blanks at which no line ends, with how loosely they tie: 0 is firm.
        names: patterns that match names next to what shows them; none where any capital does.
    """

    def __init__(self, language: str) -> None:
        whole = table()
        own = language.lower().partition("-")[0]
        own = "en" if own == "und" else own  # a language that nobody knows: most abstracts are in English
        speeches = [whole.languages["all"], whole.languages.get(own, Speech())]
        self.capitals_are_names = speeches[-1].capitals_are_names
        self._stems = tuple(word for row in whole.stems for word in row.listed)
        units = (
            rf"(?:(?:{_any(whole.prefixes.split())})?(?:{_any(_words(whole.prefixed))})|{_any(_words(whole.units))})"
        )
        number = [word for speech in speeches for word in _words(speech.before_number)]
        between = _any(word for speech in speeches for word in _words(speech.between))
        periods = _any(word for speech in speeches for word in _words(speech.periods))
        rows = [*whole.units, *(row for speech in speeches for row in (*speech.periods, *speech.pairs))]
        pairs = _begun(word for word in _words(rows) if " " in word)
        symbols = _words(whole.symbols)
        before = "".join(sign for speech in speeches for sign in speech.blank_before)
        after = "".join(sign for speech in speeches for sign in speech.blank_after)
        months = _any(_months(language))
        a_number = r"(?:#?[A-Za-z]{0,5}[-.]?\d|[IVXLivx]+\b|[A-Z]\b)"
        # Most are found by their first blank, from which they look back; others begin with a character, or with one of
        # a few, which `re` finds as quickly.
        firm = _together(
            [
                rf"(?:(?<=\d )|(?<=\d\. )) *(?:de +)?(?=(?:{months}){_NOT_LETTER})",
                rf"(?<=[{_DIGIT}] ) *(?={units}(?:[23²³]|[−⁻-][123¹²³])?{_NOT_LETTER})",
                r"(?<=% ) *(?=(?:CI|CrI|KI|IC|PI)\b)",
                r" *(?=\[\d)",
                _followed(symbols, rf"(?:[−–-]?[.,]?\d|[{_SIGNS}])", after=r"[\w-]", signs=("", "[:,]")),
                _followed(_words(whole.labels), r"[A-Z\d]"),
                _followed(number, a_number),
            ],
            rf"[{_SIGNS}] +(?=[^ ])",
            r"[A-Z](?<!\w[A-Z])\. +(?=[A-Z]\.)",
            r"\.(?<=(?<!\w)[a-z]\.) +(?=[a-z]\.)",
            rf"(?:{pairs})(?!\w)",
            rf"(?:{_begun(word for word in number if ' ' in word)}) +(?={a_number})",
            r"\[\d+(?:[,;] +\d+)+\]",
            rf"[\[(]{_BOUND}[,;] +{_BOUND}[\])]",
            rf"[ICR](?<=CI|KI|IC|PI|QR)[:,]? +[\[(]?{_BOUND}[,;] +{_BOUND}",
            r"[′°](?<=\d[′°]) +(?=\d+[″′])",
            rf"(?:{_begun(_months(language))})\.? +(?=\d{{1,2}}(?!\d))",
        )
        fair = _together(
            [
                r"(?<=\d ) *[x+] +(?=\d)",
                rf" *(?=[{_SIGNS}])",
                rf" *(?=(?:{_any(_words(whole.after_names))})(?!\w))",
                r"(?<=[^ ] ) *(?=[–—·-] )",
                *([rf"(?<=[^ ] ) *(?=[{re.escape(before)}])"] if before else ()),
                _followed(_words(whole.titles), "[A-Z]"),
            ],
            rf"(?:{_begun(_words(whole.openings))}) +(?=[^ ])",
            r"[A-Z](?<!\w[A-Z])\.? +(?=[A-Z][^\W\d_]*[a-z])",
            r"[A-Z](?<!\w[A-Z])[\w'’-]+ +(?=[A-Z]{1,3}(?:[,.;:)]|$))",
            r"\d(?<![\d.,]\d)\d{0,2}(?: +\d{3})+(?![\d.,]\d)",
            r"[€$£¥] +(?=\d)",
            r"\((?:suppl|Suppl)[^ ]*; +(?=abstr)",
            *([rf"[{re.escape(after)}] +(?=[^ ])"] if after else ()),
        )
        loose = _together(
            [
                rf"(?<=[\d%] ) *(?:{between}) +{_VALUE}",
                rf"(?<=\d ) *(?=(?:{periods}){_NOT_LETTER})",
                r" *(?=et al)",
            ]
        )
        groups = enumerate((firm, fair, loose))
        titles = _any(_words(whole.titles))
        blanks = f"[ {NO_BREAK}]+"
        name = rf"(?:(?:{_PARTICLES}){blanks})*[A-ZÀ-ÖØ-Þ][\w'’.-]+"
        shown = (
            rf"(?<!\w)(?:(?:{titles}){blanks})+(?P<names>{name}(?:{blanks}{name})*)",
            rf"(?<!\w)(?P<names>{name}){blanks}et al",
        )
        self.names = () if self.capitals_are_names else tuple(map(re.compile, shown))
        self.blanks = tuple((n, re.compile(pattern)) for n, group in groups for pattern in group)

    def is_whole(self, word: str) -> bool:
        """Whether a word is not hyphenated: a name, a drug, a gene, a sequence or a code."""
        if self.capitals_are_names and word[:1].isupper():
            return True
        if any(char.isupper() or char.isdigit() for char in word[1:]) or _GREEK.search(word):
            return True
        small = word.lower()
        stems = small.endswith(self._stems) or small.removesuffix("s").endswith(self._stems)
        return stems or _SEQUENCE.fullmatch(word) is not None


@functools.lru_cache(maxsize=64)
def rules_of(language: str) -> Rules:
    """The rules of a language, a tag of BCP 47."""
    return Rules(language)


def _words(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(word for row in rows for word in row.listed)


def _any(words: Iterator[str] | Sequence[str]) -> str:
    """A pattern for any of the words, the longest first; without words it never matches."""
    listed = sorted({*words}, key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", " +") for word in listed) or r"(?!)"


def _begun(words: Iterable[str], after: str = r"\w") -> str:
    """The same for words that begin where no such character is before them; these are found by their first letters.

    Args:
        words: the words.
        after: a pattern for the character.
    """
    by_first: dict[str, list[str]] = {}
    for word in words:
        by_first.setdefault(word[0], []).append(word[1:])
    escaped = ((re.escape(first), rest) for first, rest in by_first.items())
    return "|".join(f"{first}(?<!{after}{first})(?:{_rest(rest)})" for first, rest in escaped) or r"(?!)"


def _followed(words: Iterable[str], then: str, after: str = r"\w", signs: Sequence[str] = ("",)) -> str:
    """A pattern for what is after a blank, with such a word before it, and one such as this after it.

    Args:
        words: the words; those with a blank in them are left out.
        then: a pattern for what follows.
        after: as `_begun` takes it.
        signs: patterns for what may be between word and blank, each of one width.
    """
    by_length: dict[int, list[str]] = {}
    for word in words:
        if " " not in word:
            by_length.setdefault(len(word), []).append(word)
    before = "|".join(
        rf"(?<=(?<!{after})(?:{_any(alike)}){sign} )" for sign in signs for _, alike in sorted(by_length.items())
    )
    return rf"(?= *{then})(?:{before}) *"


def _together(after_blank: Sequence[str], *others: str) -> tuple[str, ...]:
    """Patterns, of which those that begin with a blank are one: what each of them has after it."""
    return (f" (?:{'|'.join(after_blank)})", *others)


def _rest(words: Sequence[str]) -> str:
    return "" if words == [""] else _any(words)


def _months(language: str) -> Iterator[str]:
    locale = locale_for((), language)
    for number in range(1, 13):
        for form in ("long", "short"):
            if name := locale.text(f"month-{number:02d}", form):
                yield name.rstrip(".")


_JOINTS: Final = re.compile(
    r"(?<![\d\w])[.,](?P<decimal>(?=\d))"
    r"|(?<=[\w%²³)])/(?P<slash>(?=\w))|(?<=[^\W\d_]):(?P<colon>(?=\d))"
    r"|(?<=[\w.%])[–−](?P<dash>(?=[\d.,]))"
    rf"|(?<=[^ ])(?P<sign>(?=[{_SIGNS}]))|[{_SIGNS}](?P<signed>(?=[^ ]))"
)
# Where a line may end inside of a word (Unicode Standard Annex #14: IS, SY, HY, BA); not where `_joints` are.
_BREAKS: Final = re.compile(r"(?<=[^ ])[:;](?=[^\W\d_])")
_BREAKS_IN_LONG: Final = re.compile(r"(?<=[^ ])[:;/–‑-](?=[^\W\d_])|(?<=\d)/(?=[^ ])")
# A word has none of `_joints` without one of these that another character of it follows, or one of the last.
_JOINT_SIGN: Final = re.compile(rf"[.,/:–−‑{_SIGNS}-](?:(?=[^ ])|(?<=[{_SIGNS}]))")
_NAME: Final = re.compile(r"[\w⁺⁻′'’.]+(?:[-‑][\w⁺⁻′'’.]+)+")


def _joints(word: str) -> Iterator[int]:
    """The places in a word at which no line ends."""
    for match in _JOINTS.finditer(word):
        yield match.end()
    for match in _NAME.finditer(word):
        if is_short_name(match[0]):
            for hyphen in re.finditer("[-‑]", match[0]):
                yield match.start() + hyphen.end()


def is_short_name(word: str) -> bool:
    """Whether a word with hyphens is a name such as ``TGF-β``, ``IL-6`` or ``anti-PD-1`` rather than a compound."""
    parts = re.split("[-‑]", word)
    coded = any(char.isupper() or char.isdigit() for char in word[1:]) or _GREEK.search(word) is not None
    return len(word) <= 14 and coded and any(map(str.isalpha, word)) and min(map(len, parts)) <= 3


# -- words that are longer than any line -------------------------------------------------------------------------------

# A word that is longer than any line takes the engine of pages minutes: its time grows with the square of a word.
# Writing without blanks between words is left to it: it breaks anywhere.
_MOST_LETTERS: Final = 60
_LONG_WORD: Final = re.compile(
    r"[^\W_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff]{61,}"
)
_ADDRESS: Final = (
    r"(?:https?://|ftp://|\bwww\.|\b10\.\d{4,9}/)[^\s<>]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
)
_NOT_TEXT: Final = re.compile(
    r"<(style|script|title|svg|math)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_WORDS: Final = re.compile(rf"(?P<address>{_ADDRESS})|(?P<word>{_LONG_WORD.pattern})", re.IGNORECASE)
_BREAK: Final = "\u200b"  # zero width space, Unicode Standard Annex #14, class ZW
_BREAK_AFTER: Final = 10  # characters


def breakable(page: str) -> str:
    """The page with places to break in words of more than 60 letters and digits, and addresses that take no hyphen.

    A hyphen at the end of a line would be read as part of an address (Chicago Manual of Style 14.18).
    """

    def broken(match: re.Match[str]) -> str:
        word = match[0]
        return _BREAK.join(word[at : at + _BREAK_AFTER] for at in range(0, len(word), _BREAK_AFTER))

    def changed(match: re.Match[str]) -> str:
        if match["address"]:
            return f'<span style="hyphens: none">{_LONG_WORD.sub(broken, match[0])}</span>'
        return broken(match) if match["word"] else match[0]

    out: list[str] = []
    at = 0
    for match in _NOT_TEXT.finditer(page):
        text = page[at : match.start()]
        out += (_WORDS.sub(changed, text) if _may_be_long(text) else text, match[0])
        at = match.end()
    return "".join([*out, _WORDS.sub(changed, page[at:])])


def _may_be_long(text: str) -> bool:
    """Whether a text has a sign of an address, or a word that may be longer than any line."""
    if "/" in text or "@" in text or "w." in text or "W." in text:
        return True
    return len(text) > _MOST_LETTERS and max(map(len, text.split()), default=0) > _MOST_LETTERS


# -- small capitals ----------------------------------------------------------------------------------------------------

_SMALL: Final = re.compile(
    r"""<span (?P<how>class="sc"|style="font-variant:small-caps;")>(?P<inner>(?:[^<]|<(?!/?span\b)[^<>]*>)*)</span>"""
)
_BETWEEN_TAGS: Final = re.compile(r"<[^<>]*>|&[#\w]+;|(?P<text>[^<&]+)")
_ALL: Final[Mapping[str, str]] = {
    'class="sc"': 'class="sc all"',
    'style="font-variant:small-caps;"': 'style="font-variant:all-small-caps;"',  # as digest.csl writes them
}


def small_capitals(page: str) -> str:
    """The page with capitals where small capitals are meant: a medium that lacks them shows ``L-DOPA``, never ``l-``.

    Where they can be drawn, capitals are drawn as small ones. A text with a capital of its own, such as the name
    ``Nat``, stays as it is.
    """

    def capital(match: re.Match[str]) -> str:
        inner = match["inner"]
        texts = "".join(one["text"] or "" for one in _BETWEEN_TAGS.finditer(inner))
        if capitals(texts) == texts:
            return match[0]
        shown = _BETWEEN_TAGS.sub(lambda one: capitals(one[0]) if one["text"] else one[0], inner)
        return f"<span {_ALL[match['how']]}>{shown}</span>"

    return _SMALL.sub(capital, page)


# -- labels in capitals ------------------------------------------------------------------------------------------------

_LABEL_WORD: Final = re.compile(r"<[^<>]*>|&[#\w]+;|(?P<word>[^\s<>&]+)")


def as_is(label: object) -> Markup:
    """The words of a label, with those marked that capitals would change into others: ``e15166``, ``mRNA``, ``pH``.

    A stylesheet that sets labels in capitals leaves elements of the class ``as-is`` alone.

    Args:
        label: what a template prints.
    """

    def marked(match: re.Match[str]) -> str:
        word = match["word"] or ""
        coded = (
            word[:1] == "#"
            or any(char.isdigit() for char in word)
            or (word[1:] != word[1:].lower() and word != word.upper())
        )
        return f'<span class="as-is">{word}</span>' if coded else match[0]

    return Markup(_LABEL_WORD.sub(marked, str(escape(label))))  # noqa: S704 - escaped, and our own tags
