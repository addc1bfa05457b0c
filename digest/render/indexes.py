"""The indexes of an issue: names of authors, keywords and numbers of abstracts, each with where it is found."""

from __future__ import annotations

import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.model import number_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.render.context import ArticleEntry, DigestEntry, EntryContext


class IndexReference(msgspec.Struct, frozen=True, kw_only=True):
    """One place to which a line of an index leads.

    Attributes:
        anchor: HTML id of the entry.
        label: what to show where pages have no numbers.
        number: number of the abstract, without ``#``; may be empty.
    """

    anchor: str
    label: str
    number: str = ""


class IndexLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an index.

    Attributes:
        name: what is looked up.
        initial: the letter under which it is listed.
        references: where it is found.
    """

    name: str
    initial: str
    references: tuple[IndexReference, ...]


class IndexLetter(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of an index under one letter.

    Attributes:
        initial: the letter.
        lines: the lines.
    """

    initial: str
    lines: tuple[IndexLine, ...]


def by_letter(lines: Sequence[IndexLine]) -> tuple[IndexLetter, ...]:
    """The lines of an index by their letters."""
    return tuple(
        IndexLetter(initial=initial, lines=tuple(some))
        for initial, some in itertools.groupby(lines, key=lambda line: line.initial)
    )


def sort_key(text: str) -> tuple[str, str]:
    """Letters without their accents decide first: ``Löfgren`` comes next to ``Lofgren``."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return bare.casefold().translate({0x111: "d", 0xF8: "o", 0x142: "l", 0x131: "i"}), text


def _index(
    found: Mapping[str, list[IndexReference]], key: Callable[[str], Any], initial: Callable[[str], str]
) -> tuple[IndexLine, ...]:
    return tuple(
        IndexLine(name=name, initial=initial(name), references=tuple(dict.fromkeys(found[name])))
        for name in sorted(found, key=key)
    )


def _with_authors(entries: Iterable[EntryContext]) -> Iterator[ArticleEntry | DigestEntry]:
    """The articles and abstracts among entries."""
    for entry in entries:
        if entry.kind == "article" or entry.kind == "digest":  # noqa: PLR1714 - mypy follows this alone
            yield entry


def author_index(entries: Iterable[EntryContext], most: int | None = None) -> tuple[IndexLine, ...]:
    """The authors of articles and abstracts.

    Args:
        entries: the entries.
        most: how many authors of one entry at most.
    """
    found: dict[str, list[IndexReference]] = {}
    sorted_by: dict[str, str] = {}
    for entry in _with_authors(entries):
        reference = _index_reference(entry)
        for person in entry.authors[:most]:
            short = person.short
            found.setdefault(short, []).append(reference)
            # The particle is printed but not sorted by (CSL: demote-non-dropping-particle).
            sorted_by[short] = person.literal or f"{person.family} {person.initial_letters}"
    keys = {short: sort_key(text) for short, text in sorted_by.items()}
    return _index(found, keys.__getitem__, lambda name: keys[name][0][:1].upper())


def keyword_index(entries: Iterable[EntryContext]) -> tuple[IndexLine, ...]:
    """All keywords; spellings that differ in capitals alone are one keyword, printed as it came first."""
    found: dict[str, list[IndexReference]] = {}
    spelt: dict[str, str] = {}
    for entry in _with_authors(entries):
        for word in entry.keywords:
            name = spelt.setdefault(unicodedata.normalize("NFC", word).casefold(), word)
            found.setdefault(name, []).append(_index_reference(entry))
    return _index(found, sort_key, lambda name: sort_key(name)[0][:1].upper())


def number_index(entries: Iterable[EntryContext]) -> tuple[IndexLine, ...]:
    """All numbers of abstracts, also of those that an article reviews."""
    found: dict[str, list[IndexReference]] = {}
    for entry in _with_authors(entries):
        for number in entry.numbers if entry.kind == "article" else filter(None, [entry.number]):
            found.setdefault(number, []).append(_index_reference(entry))
    return _index(found, number_key, lambda _: "")


def _index_reference(entry: ArticleEntry | DigestEntry) -> IndexReference:
    label = f"#{entry.number}" if entry.kind == "digest" and entry.number else entry.title.plain
    return IndexReference(anchor=entry.id, label=label, number=entry.number if entry.kind == "digest" else "")


# A line of an index, and in it a link that shows nothing but the page to which it leads, with the comma before it.
_LINE: Final = re.compile(r"<li\b[^<>]{0,500}>(?:(?!</?li\b).){0,100000}</li>", re.DOTALL)
_PAGE_LINK: Final = re.compile(
    r'(?P<comma>,\s[^<>,]{0,20})?(?P<link><a class="page" href="#(?P<place>[^"<>]{1,300})"></a>)'
)
_RUN: Final = 3  # pages one after the other that are printed as one range


def each_page_once(html: str, pages: Mapping[str, str]) -> str:
    """The document whose indexes name a page once in a line: ``12, 12`` is 12, and ``12, 13, 14`` is 12–14.

    Two pages after each other stay two: what is on the one need not go on upon the other (Chicago Manual of Style
    16.10).

    Args:
        html: the document; only a link of the class ``page`` that is empty names a page.
        pages: the label of the page on which each HTML id is, as finished pages show.
    """

    def line(match: re.Match[str]) -> str:
        if match[0].count('class="page"') < 2:
            return match[0]
        out, at = "", 0
        named: set[str] = set()
        run: list[re.Match[str]] = []
        for one in _PAGE_LINK.finditer(match[0]):
            if run and one.start() != at:  # something else is between them
                out, run = out + _printed(run, pages), []
            out += match[0][at : one.start()]
            at = one.end()
            page = pages.get(one["place"], one["place"])
            if page not in named or not one["comma"]:
                run.append(one)
            named.add(page)
        return out + _printed(run, pages) + match[0][at:]

    return _LINE.sub(line, html)


def _printed(links: Sequence[re.Match[str]], pages: Mapping[str, str]) -> str:
    """Links that follow each other, those to pages that follow each other as a range."""
    out, at = "", 0
    while at < len(links):
        end = at + 1
        while end < len(links) and _follows(links[end], links[end - 1], pages):
            end += 1
        if end - at >= _RUN:
            out += f"{links[at][0]}–{links[end - 1]['link']}"
        else:
            out += "".join(one[0] for one in links[at:end])
        at = end
    return out


def _follows(one: re.Match[str], before: re.Match[str], pages: Mapping[str, str]) -> bool:
    """Whether a link leads to the page after that of another; only pages with figures are counted."""
    number, last = pages.get(one["place"], ""), pages.get(before["place"], "")
    return bool(one["comma"]) and number.isdecimal() and last.isdecimal() and int(number) == int(last) + 1
