"""The language of queries: its words, its fields, and where what somebody typed is not a query."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from digest.errors import DigestError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FIELDS: Final = {
    "title": "title",
    "author": "authors",
    "authors": "authors",
    "by": "authors",
    "abstract": "abstract",
    "keyword": "keywords",
    "keywords": "keywords",
    "mesh": "keywords",
    "number": "number",
    "no": "number",
    "abstr": "number",
    "id": "ids",
    "ids": "ids",
    "doi": "ids",
    "pmid": "ids",
    "pmcid": "ids",
    "nct": "ids",
    "trial": "ids",
    "trials": "ids",
    "isbn": "ids",
    "journal": "container",
    "container": "container",
    "meeting": "meeting",
    "society": "meeting",
    "track": "track",
    "session": "track",
    "affiliation": "affiliations",
    "affiliations": "affiliations",
}
YEARS: Final = re.compile(r"(\d{4})(?:(?:-|–|\.\.)(\d{4})?)?")
_TOKEN: Final = re.compile(
    r'(?P<bracket>[()])|(?P<no>-)?(?:(?P<field>[A-Za-z]{2,12}):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s()"]+))'
)
_JOINS: Final = frozenset({"OR", "AND", "&", "NOT"})
_SHOWN: Final = 100  # characters of a query that are shown around a mistake


def printable(text: str) -> str:
    """The text with spaces for control characters, which end a query of FTS5, and for halves of characters."""
    return "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)


def tokens_of(text: str) -> list[re.Match[str]]:
    """The words, phrases and brackets of a query, each with its place in the text."""
    return list(_TOKEN.finditer(re.sub("[“”„«»]", '"', printable(text[:100_000]))))


def unknown_fields(query: str) -> list[str]:
    """Words of a query before a colon that are not fields, each with the nearest field."""
    fields = [match["field"] for match in tokens_of(query[:10_000]) if match["field"]]
    return [_unknown(field) for field in dict.fromkeys(fields) if not _is_field(field)]


def _is_field(name: str) -> bool:
    return name.lower() in FIELDS or name.lower() == "year"


def _unknown(field: str) -> str:
    return f"“{field}”{did_you_mean(field, [*FIELDS, 'year'])}"


def mistakes_in(query: str, *, fields: bool = True) -> list[tuple[int, str]]:
    """What is wrong with a query, each with its place in the text.

    Args:
        query: what somebody typed.
        fields: whether a word before a colon must be a field.
    """
    tokens = tokens_of(query)
    found = [*_odd_words(tokens, fields=fields), *_odd_brackets(tokens), *_odd_joins(tokens)]
    return sorted(found)


def check_query(query: str, *, fields: bool = True) -> None:
    """Makes sure that a query can be understood.

    Args:
        query: what somebody typed.
        fields: whether a word before a colon must be a field.

    Raises:
        DigestError: it cannot; the message shows where.
    """
    if found := mistakes_in(query, fields=fields):
        at, message = found[0]
        first = max(0, at - _SHOWN // 2)
        shown = printable(query[first : first + _SHOWN])
        raise DigestError(f"the query cannot be read: {message}\n    {shown}\n    {' ' * (at - first)}^")


def _odd_words(tokens: Sequence[re.Match[str]], *, fields: bool) -> Iterator[tuple[int, str]]:
    for token in tokens:
        at, word, field = token.start(), token["word"] or "", token["field"] or ""
        if fields and field and not _is_field(field):
            yield at, f"no field is called {_unknown(field)}; put “{field}:” in quotes if these are words"
        elif word.endswith(":") and not field and _is_field(word[:-1].lstrip("-")):
            yield at, f"there is nothing after “{word}”"
        elif field.lower() == "year" and not YEARS.fullmatch(word or token["phrase"] or ""):
            yield at, "expected a year such as 2014, 2012-2014 or 2013-"
        if token["phrase"] is not None and not (token[0].endswith('"') and token[0].count('"') > 1):
            yield token.end("phrase") - len(token["phrase"]) - 1, "the quotation mark is not closed"
        star = word.find("*")
        if star >= 0 and any(map(str.isalnum, word[star:])):
            yield token.start("word") + star, "a * comes at the end of a beginning, as in pancrea*"


def _odd_brackets(tokens: Sequence[re.Match[str]]) -> Iterator[tuple[int, str]]:
    opened: list[int] = []
    for before, token in zip((None, *tokens), tokens, strict=False):
        if token["bracket"] == "(":
            opened.append(token.start())
        elif token["bracket"]:
            if not opened:
                yield token.start(), "the parenthesis was not opened"
                continue
            opened.pop()
            if before is not None and before["bracket"] == "(":
                yield before.start(), "there is nothing in the parentheses"
    for at in opened:
        yield at, "the parenthesis is not closed"


def _odd_joins(tokens: Sequence[re.Match[str]]) -> Iterator[tuple[int, str]]:
    for n, token in enumerate(tokens):
        if not _is_join(token):
            continue
        before = tokens[n - 1] if n else None
        after = tokens[n + 1] if n + 1 < len(tokens) else None
        if after is None or after["bracket"] == ")" or (_is_join(after) and after["word"] != "NOT"):
            yield token.start(), f"there is nothing after {token['word']}"
        elif token["word"] != "NOT" and (before is None or before["bracket"] == "("):
            yield token.start(), f"there is nothing before {token['word']}"


def _is_join(token: re.Match[str]) -> bool:
    return token["word"] in _JOINS and not token["field"] and not token["no"]
