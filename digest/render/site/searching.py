"""The index in which the browser searches a site: MiniSearch's own form, cut by the first letter of its words.

A page that was opened from a disk may load scripts and nothing else, so each piece is a script that hands over JSON.
The browser loads the pieces of the letters that somebody types. Words are cut here as ``static/search.js`` cuts what is
typed.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from digest.render.context import ArticleEntry, DigestEntry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.render.site.shared import SharedFiles

FIELDS: Final = ("title", "authors", "number", "keywords", "text")
_TEXT: Final = FIELDS.index("text")
_STATIC: Final = Path(__file__).resolve().parent / "static"
_LISTED: Final = 500  # results that are described in one file
_LARGE: Final = 150_000  # bytes, beyond which letters do not share a file
_COMMON: Final = 0.4  # words that are in more than this part of the texts say nothing
_FEW: Final = 200  # texts, of which each word may say something
_LONGEST: Final = 60  # letters of a word
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")
_WORD: Final = re.compile(r"[^\W_]+")
# Scripts that write without blanks: each character is a word.
_PLAIN: Final = dict(zip("đĐøØłŁı", "dDoOlLi", strict=True))  # letters that Unicode does not take apart
_UNSPACED: Final = re.compile("([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")


def words(text: str) -> list[str]:
    """The words of a text as they are looked up: in small letters, without accents.

    >>> words("Łącznie β-HCG: 0.5 ng/mL, Löfgren’s")
    ['lacznie', 'β', 'hcg', '0', '5', 'ng', 'ml', 'lofgren', 's']
    """
    if not text.isascii():
        text = _FOREIGN.sub(lambda match: _bare(match[0]), unicodedata.normalize("NFKD", text))
        text = _UNSPACED.sub(r" \1 ", text)
    return _WORD.findall(text.lower())


@functools.lru_cache(maxsize=10_000)
def _bare(char: str) -> str:
    """A character as it is looked up; nothing for one that is a mark on another."""
    return "" if unicodedata.category(char)[0] == "M" else _PLAIN.get(char, char)


def texts_of(entry: ArticleEntry | DigestEntry) -> tuple[str, ...]:
    """What of an entry is searched, by `FIELDS`."""
    authors = " ".join(person.full for person in entry.authors)
    keywords = " ".join(entry.keywords)
    places = [affiliation.plain for affiliation in entry.affiliations]
    if isinstance(entry, ArticleEntry):
        texts = [entry.summary.striptags(), _text(entry.body)]
        return entry.title.plain, authors, " ".join(entry.numbers), keywords, " ".join([*texts, *places])
    said = [_text(entry.why), _text(entry.comment), entry.quote, entry.track]
    numbers = " ".join([entry.number, *(one.number for one in (*entry.identifiers, *entry.registrations))])
    parts = [text.plain for _, text in entry.parts]
    return entry.title.plain, authors, numbers, keywords, " ".join([*parts, *said, *places])


def _text(of: Markup) -> str:
    return Markup(of.replace("<", " <")).striptags() if of else ""  # noqa: S704 - read as text only


def add_search(entries: Sequence[tuple[str, ArticleEntry | DigestEntry]], shared: SharedFiles) -> Markup:
    """Puts the index of a site and the scripts of the search among its files; returns the elements that load them.

    Args:
        entries: the articles and abstracts, each with its page.
        shared: the shared files of the site.
    """
    counts: dict[str, dict[int, dict[int, int]]] = {}
    lengths: list[list[int]] = []
    for n, (_, entry) in enumerate(entries):
        lengths.append([])
        for field, text in enumerate(texts_of(entry)):
            found = Counter(words(text))
            lengths[-1].append(len(found))
            for word, count in found.items():
                counts.setdefault(word[:_LONGEST], {}).setdefault(field, {})[n] = count
    common = _common(counts, len(entries))
    for word in common:  # it is found in titles, authors and keywords; where others are asked for as well, not at all
        del counts[word][_TEXT]
    shards: dict[str, list[tuple[str, Mapping[int, Mapping[int, int]]]]] = {}
    for word in sorted(counts):
        shards.setdefault(word[0], []).append((word, counts[word]))
    core = {
        "count": len(entries),
        "fields": list(FIELDS),
        "lengths": lengths,
        "common": sorted(common),
        "shards": _shards(shards, shared),
        "listed": _LISTED,
        "described": [
            _piece(
                f"search-results-{at // _LISTED + 1}",
                "described",
                at,
                [*_results(entries[at : at + _LISTED])],
                shared=shared,
            )
            for at in range(0, len(entries), _LISTED)
        ],
    }
    names = [
        shared.add("minisearch", ".js", (_STATIC / "vendor" / "minisearch.js").read_bytes()),
        shared.add("search", ".js", (_STATIC / "search.js").read_bytes()),
        _piece("search-index", "index", core, shared=shared),
    ]
    return Markup("\n").join(Markup('<script src="{}" defer></script>').format(name) for name in names)


def _shards(
    shards: Mapping[str, Sequence[tuple[str, Mapping[int, Mapping[int, int]]]]], shared: SharedFiles
) -> dict[str, str]:
    """The file of the words that begin with each letter; letters with few words share one."""
    names: dict[str, str] = {}
    held: list[tuple[str, bytes]] = []

    def put() -> None:
        if held:
            first, last = held[0][0], held[-1][0]
            stem = "search-" + "-".join(map(_letter, dict.fromkeys((first, last))))
            listed = b",\n".join(b"[%b,%b]" % (msgspec.json.encode(letter), words) for letter, words in held)
            name = shared.add(stem, ".js", b'digestSearch("shards", [' + listed + b"]);\n")
            names.update(dict.fromkeys((letter for letter, _ in held), name))
            held.clear()

    for letter, listed in shards.items():
        encoded = msgspec.json.encode(listed)
        if sum(len(other) for _, other in held) + len(encoded) > _LARGE:
            put()
        held.append((letter, encoded))
    put()
    return names


def _results(entries: Sequence[tuple[str, ArticleEntry | DigestEntry]]) -> Iterator[list[str]]:
    """Page, number, title and authors of each entry, as they are shown where they are found."""
    for file, entry in entries:
        number = f"#{entry.number}" if isinstance(entry, DigestEntry) and entry.number else ""
        people = ", ".join(person.short for person in entry.authors[:3]) + (" …" if len(entry.authors) > 3 else "")
        yield [file, number, entry.title.plain, people]


def _common(counts: Mapping[str, Mapping[int, Mapping[int, int]]], size: int) -> set[str]:
    """The words of which nearly every text has some."""
    if size < _FEW:
        return set()
    return {word for word, fields in counts.items() if len(fields.get(_TEXT, ())) > size * _COMMON}


def _letter(letter: str) -> str:
    return letter if re.fullmatch("[a-z0-9]", letter) else f"u{ord(letter):x}"


def _piece(stem: str, *arguments: Any, shared: SharedFiles) -> str:  # noqa: ANN401 - any values of JSON
    """A script that hands something to ``static/search.js``."""
    handed = b", ".join(map(msgspec.json.encode, arguments))
    return shared.add(stem, ".js", b"digestSearch(" + handed + b");\n")
