"""Journals that NLM knows: a title's abbreviation, an abbreviation's title, and how both are printed."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


def named(title: str, short: str = "") -> tuple[str, str]:
    """Title and abbreviation as they are printed, of those that a source gives: NLM's where it is known.

    Publishers fill the field for the abbreviation with what they like: ``JCO``, ``FASEB j.``, the title again. It is
    kept where the table does not have the title, or has it as another journal's abbreviation: titles are shared.
    """
    title = plain_title(title)
    known, own = abbreviation(title), _tables().spelling.get(_folded(short), "")
    short = own if own and own not in {known, title} else known or own or short
    return title or full_title(short), short


def plain_title(title: str) -> str:
    """A title without what cataloguers add: whose official journal it is, its name in other languages, its place."""
    if not any(mark in title for mark in _MARKS):
        return title
    plain = _ADDED.sub("", title).strip()
    return plain if " " in plain or (plain and " / " not in title) else title  # “Proceedings / Society of Ducks”


def abbreviation(title: str) -> str:
    """NLM's abbreviation of a full title; empty where the table does not have it."""
    key = _folded(plain_title(title))
    return _tables().shorts.get(key) or _tables().longer.get(key, "") if title else ""


def full_title(short: str) -> str:
    """The full title of NLM's abbreviation; empty where the table does not have it, or has two."""
    title = _tables().titles.get(_folded(short)) or "" if short else ""
    return re.sub(r"\s:\s[A-Z]{2,10}$", "", title)  # “Journal of clinical orthodontics : JCO”


def is_journal(name: str) -> bool:
    """Whether a text is a title or an abbreviation of the table, full stops and capitals aside."""
    folded = _folded(name)
    return folded in _tables().shorts or folded in _tables().titles


_MARKS: Final = (" : ", " = ", " / ", ")")
# “: official journal of …”, “= Revista …”, “/ edited by …”; places: “(Baltimore, Md.)”, “(Hoboken : 2014)”.
_ADDED: Final = re.compile(
    r"\s:\s(?:the\s|an\s)?official\s.*|\s[=/]\s.*|\s\([A-Z][^():,]{0,80}(?:,|\s:|\bed\.)[^()]{0,80}\)(?=$|\s[:=/]\s)",
    re.IGNORECASE,
)


def _folded(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.replace("&", " and ").casefold().removeprefix("the ")))


class _Tables(NamedTuple):
    """Abbreviations by title, and by title without additions; titles by abbreviation, and its spelling; folded keys."""

    shorts: Mapping[str, str]
    longer: Mapping[str, str]
    titles: Mapping[str, str | None]
    spelling: Mapping[str, str]


@functools.cache
def _tables() -> _Tables:
    """The 22,000 journals of NLM (``journals.tsv``)."""
    shorts: dict[str, str] = {}
    titles: dict[str, str | None] = {}
    spelling: dict[str, str] = {}
    longer: dict[str, str] = {}
    with resources.files(__package__).joinpath("journals.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            title, short, key_title, key = line.rstrip("\n").split("\t")
            shorts.setdefault(key_title, short)
            spelling.setdefault(key, short)
            if (plain := plain_title(title)) is not title:
                title = plain
                longer.setdefault(_folded(title), short)
            # Of several titles with one abbreviation none is sure.
            first = titles.get(key, title)
            titles[key] = first if first and (first is title or _folded(first) == _folded(title)) else None
    return _Tables(shorts, longer, titles, spelling)
