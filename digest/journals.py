"""Journals that NLM knows: a title's abbreviation, an abbreviation's title, and whether a text is either of them."""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def abbreviation(title: str) -> str:
    """NLM's abbreviation of a full title; empty where the table does not have it."""
    if not title:
        return ""
    table = _tables()[0]
    return table.get(_folded(title)) or table.get(_folded(_without_subtitle(title))) or ""


def full_title(short: str) -> str:
    """The full title behind NLM's abbreviation; empty where the table does not have it, or has two."""
    return _without_subtitle(_tables()[1].get(_folded(short)) or "") if short else ""


def _without_subtitle(title: str) -> str:
    """The title alone: ``Pancreatology`` of ``Pancreatology : official journal of …``, ``Gut`` of ``Gut (London)``."""
    return re.sub(r"\s\([^()]{3,60}\)$", "", re.split(r"\s[:=]\s", title, maxsplit=1)[0].rstrip(" ."))


def is_journal(name: str) -> bool:
    """Whether a text is a title or an abbreviation of the table, full stops and capitals aside."""
    folded = _folded(name)
    return any(folded in table for table in _tables())


def _folded(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.replace("&", " and ").casefold().removeprefix("the ")))


@functools.cache
def _tables() -> tuple[Mapping[str, str], Mapping[str, str | None]]:
    """Abbreviations by title, and titles by abbreviation: 22,000 journals of NLM (``journals.tsv``)."""
    shorts: dict[str, str] = {}
    titles: dict[str, str | None] = {}
    with resources.files(__package__).joinpath("journals.tsv").open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            title, short, key_title, key = line.rstrip("\n").split("\t")
            shorts.setdefault(key_title, short)
            # Of several titles with one abbreviation none is sure.
            first = titles.get(key, title)
            titles[key] = first if first and (first is title or _folded(first) == _folded(title)) else None
    return shorts, titles
