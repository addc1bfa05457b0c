"""JSON as sources send it: whole, cut off in the middle of a list, or with halves of characters in it."""

from __future__ import annotations

import contextlib
import functools
import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.sources.page import Outcome, Page


def json_of(page: Page) -> Any:  # noqa: ANN401 - any JSON
    """The value of a JSON page.

    Raises:
        DigestError: it is not JSON.
    """
    return _decoded(page.text, page.where)


_LONE_SURROGATE: Final = re.compile(
    r"(?P<pair>\\[^u]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def _without_lone_surrogates(text: str) -> str:
    """A JSON text without halves of surrogate pairs, which are not characters (RFC 8259, section 8.2)."""
    return _LONE_SURROGATE.sub(lambda m: m["pair"] or r"\ufffd", text) if r"\ud" in text or r"\uD" in text else text


@functools.lru_cache(maxsize=1)  # a page is recognised first, then parsed
def _decoded(text: str, where: str) -> Any:  # noqa: ANN401 - any JSON
    whole = _without_lone_surrogates(text)
    try:
        return msgspec.json.decode(whole.encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as error:
        with contextlib.suppress(ValueError, RecursionError):
            return _LENIENT.decode(_shallow(whole))
        raise DigestError(f"this is not JSON: {error}", where=where, expected="a whole JSON text") from error


_DEEPEST: Final = 100  # lists and objects inside each other; ours are ten deep


def _shallow(text: str) -> str:
    """A JSON text with nothing in the place of what is nested deeper than any record."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return text
    out, at, depth = [], 0, 0
    for match in _MARK_OR_TEXT.finditer(text):
        mark = match[0][0]
        if mark in "[{":
            depth += 1
            if depth == _DEEPEST + 1:
                out += [text[at : match.start()], "null"]
        elif mark in "]}":
            if depth == _DEEPEST + 1:
                at = match.end()
            depth -= 1
    return "".join([*out, text[at:]]) if depth <= 0 else text


def _number(text: str) -> int | float | str:
    """A number; as its text where it is longer or larger than any field of a record."""
    if len(text) > 40:
        return text
    number = float(text) if set(text) & set(".eE") else int(text)
    return number if abs(number) < 2**63 else text


# What Python and JavaScript write although it is not JSON: NaN and Infinity, which say nothing, bare ends of lines in
# texts, and numbers of more than 64 bits.
_LENIENT: Final = json.JSONDecoder(parse_int=_number, parse_float=_number, parse_constant=lambda _: None, strict=False)


def json_until_break(page: Page) -> tuple[Any, DigestError | None]:
    """The value of a JSON page; where it breaks off, its list up to the last whole item, and what is wrong.

    Raises:
        DigestError: it is not JSON, and no item of a list is whole before the break.
    """
    try:
        return json_of(page), None
    except DigestError as error:
        if (value := _before_break(page.text)) is None:
            raise
        return value, error


def cut_off(page: Page, broken: DigestError | None) -> Iterator[Outcome]:
    """The problem that a page of JSON breaks off, if it does: what comes after its last whole item is lost."""
    if broken is not None:
        message = f"{broken.found}; only the items before that were read: repair the file or fetch it again"
        yield page.problem("error", "cut-off", message)


def kind_of(value: object) -> str:
    """The kind of a JSON value in words, such as “a list”."""
    names = {str: "a text", list: "a list", bool: "true or false", int: "a number", float: "a number"}
    return "nothing" if value is None else names.get(type(value), "something else")


def scalar_text(value: object) -> str:
    """A text or a number as text; anything else gives an empty text."""
    if isinstance(value, str):
        return value.strip()
    return str(value)[:40] if isinstance(value, int | float) and not isinstance(value, bool) else ""


_MARK_OR_TEXT: Final = re.compile(r'"(?P<text>(?:[^"\\]++|\\.?)*+)(?:"(?P<key>\s{0,99}:)?|\Z)|[\[\]{}]', re.DOTALL)
_COMMA: Final = re.compile(r"\s*,\s*")
_LISTS: Final = frozenset(
    {"items", "result", "references", "records", "abstracts", "contributions", "results", "notes", "days"}
)  # Crossref, JSON Feed, CSL-JSON; Europe PMC; pandoc; ours; Indico; Indico and pretalx; OpenReview; frab


@functools.lru_cache(maxsize=1)
def _before_break(text: str) -> Any:  # noqa: ANN401 - any JSON
    """The value that a text would be if its list of items ended before the break; nothing without a whole item."""
    text = _without_lone_surrogates(text)
    closing: list[str] = []
    key, patience = "", 3  # lists that are tried; no database answers with more
    for match in _MARK_OR_TEXT.finditer(text):
        mark = match[0][0]
        if mark == '"':
            key = match["text"] if match["key"] else ""
            continue
        if mark in "]}":
            if not closing:
                return None
            closing.pop()
            continue
        closing.append("]" if mark == "[" else "}")
        if mark == "[" and (len(closing) == 1 or key in _LISTS):
            start = match.end()
            if (end := _end_of_items(text, start)) > start:
                try:
                    return msgspec.json.decode((text[:end] + "".join(reversed(closing))).encode("utf-8", "replace"))
                except (msgspec.DecodeError, RecursionError):
                    return None
            patience -= 1
            if not patience:
                return None
        key = ""
    return None


def _end_of_items(text: str, start: int) -> int:
    """The place after the last whole object of a list that begins here; `start` where there is none."""
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)  # Python refuses numbers of 5,000 digits
    blank = re.compile(r"\s*").match(text, start)
    at, end = blank.end() if blank else start, start
    try:
        while text.startswith("{", at):
            _, end = decoder.raw_decode(text, at)
            comma = _COMMA.match(text, end)
            if not comma:
                break
            at = comma.end()
    except (ValueError, RecursionError):
        pass
    return end
