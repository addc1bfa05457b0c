"""What somebody types into a search, in the language of SQLite's full-text search."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, Self

from digest.errors import DigestError
from digest.library.tables import searchable
from digest.library.wordforms import forms, spellings
from digest.merge import flat
from digest.query import FIELDS, YEARS, printable, tokens_of

_LONGEST: Final = 100
_DEEPEST: Final = 20


# Where a word is looked for in other forms as well; a name or number has none.
_TEXTS: Final = ("title", "abstract", "keywords", "container", "meeting", "track")

Known = Callable[[Sequence[str], bool], Sequence[str]]  # which of these words, or beginnings of words, the library has


def _unknown(_words: Sequence[str], _begin: bool) -> Sequence[str]:
    return ()


class Query:
    """A query in the language of FTS5, every word of it quoted.

    Attributes:
        match: what must be there; empty where nothing is asked for.
        excluded: what must not be there.
        years: first and last year of each ``year:``.
        words: the words looked for, to show them in their context.
        also: other forms of its words that are looked for as well.
        broad: whether it asks for nothing but beginnings of one or two letters.
    """

    def __init__(self, known: Known = _unknown) -> None:
        self._known = known
        self.also: dict[str, None] = {}
        self.match = ""
        self.excluded = ""
        self.years: list[tuple[int, int]] = []
        self.words: list[str] = []
        self.broad = False

    @classmethod
    def read(cls, text: str, known: Known = _unknown) -> Self:
        """Reads whatever somebody types; what is not a word is ignored.

        Args:
            text: what somebody typed.
            known: gives those of some words that the library has.

        Raises:
            DigestError: the query has too many words or parentheses.
        """
        query = cls(known)
        tokens = tokens_of(text)
        if len(tokens) > _LONGEST:
            raise DigestError(f"the query has {len(tokens)} words", expected=f"at most {_LONGEST}")
        tokens.reverse()
        excluded: list[str] = []
        parts = []
        while tokens:  # one closing parenthesis too many ends nothing
            parts.append(query._group(tokens, excluded, 0))
        query.match = " AND ".join(part for part in parts if part)
        query.excluded = " OR ".join(excluded)
        query.broad = bool(query.words) and all(len(word) < 3 and f'"{word}" *' in query.match for word in query.words)
        return query

    def _group(self, tokens: list[re.Match[str]], excluded: list[str], depth: int) -> str:
        """What comes up to the closing parenthesis: alternatives joined by OR bind closer than words in a row."""
        if depth > _DEEPEST:
            raise DigestError(f"parentheses are nested more than {_DEEPEST} levels deep")
        items: list[list[str]] = []
        joined = False
        while tokens:
            token = tokens.pop()
            if token["bracket"] == ")":
                break
            if token["word"] == "OR" and not token["no"] and not token["field"]:
                joined = bool(items)
                continue
            if token["word"] in {"AND", "&"} and not token["field"]:
                joined = False
                continue
            if token["word"] == "NOT" and not token["field"] and tokens and not tokens[-1]["bracket"]:
                if item := self._item(tokens.pop(), []):
                    excluded.append(item)
                continue
            item = self._group(tokens, excluded, depth + 1) if token["bracket"] else self._item(token, excluded)
            if not item:
                continue
            if joined:
                items[-1].append(item)
            else:
                items.append([item])
            joined = False
        return self._joined([self._joined(item, " OR ") for item in items], " AND ")

    @staticmethod
    def _joined(parts: Sequence[str], word: str) -> str:
        return parts[0] if len(parts) == 1 else f"({word.join(parts)})" if parts else ""

    def _item(self, token: re.Match[str], excluded: list[str]) -> str:
        """One word or phrase; what must not be there goes to `excluded`."""
        field = (token["field"] or "").lower()
        text = token["phrase"] if token["phrase"] is not None else token["word"]
        if field == "year" and not token["no"] and (match := YEARS.fullmatch(text)):
            last = match[2] or (match[1] if match[0] == match[1] else "9999")
            self.years.append((int(match[1]), int(last)))
            return ""
        column = FIELDS.get(field, "")
        if field and not column:
            text = f"{token['field']} {text}"  # “Reply: …”: not a field of ours, so two words
        words = phrase(text)
        if not words:
            return ""
        others = self._others(text) if token["phrase"] is None and column in ("", *_TEXTS) else ""
        if column:
            words = f"{column} : ({words} OR {others})" if others else f"{column} : {words}"
        elif others:
            words = f"({words} OR {{{' '.join(_TEXTS)}}} : ({others}))"
        if token["no"]:
            excluded.append(words)
            return ""
        self.words.append(flat(text).strip("*"))
        return words

    def _others(self, text: str) -> str:
        """Other forms of a word, or other spellings of a beginning, that the library has: alternatives of FTS5."""
        word, begins = flat(text.rstrip("*")), text.endswith("*")
        if len(word) < 3 or not word.isalpha() or text.isupper():  # AIDS is not the plural of aid
            return ""
        found = self._known(spellings(word) if begins else forms(word), begins)
        self.also.update((f"{one}*" if begins else one, None) for one in found)
        self.words += found
        return " OR ".join(phrase(f"{one}*" if begins else one) for one in found)


def phrase(text: str) -> str:
    """The words as a phrase of FTS5, or as a beginning if they end in ``*``; empty without letters or digits."""
    text = printable(text).strip()
    if not any(c.isalnum() for c in text):
        return ""
    quoted = '"' + searchable(text).rstrip("*").replace('"', '""') + '"'
    return f"{quoted} *" if text.endswith("*") else quoted


_SNIPPET: Final = 160


def snippet(text: str, words: Sequence[str]) -> str:
    """About 160 characters around the first word of the query, or from the beginning."""
    starts = tuple(found[0] for word in words if (found := re.findall(r"[^\W_]+", word)))
    at = next((m.start() for m in re.finditer(r"[^\W_]+", text) if flat(m[0]).startswith(starts)), 0) if starts else 0
    first = max(0, at - _SNIPPET // 3)
    if first:
        first = text.find(" ", first, at) + 1 or at
    last = first + _SNIPPET
    if last < len(text):
        last = text.rfind(" ", first + 1, last) if " " in text[first + 1 : last] else last
    return ("…" if first else "") + text[first:last].strip() + ("…" if last < len(text) else "")
