"""The sections of an issue as OJS knows them: by title and abbreviation, each abbreviation once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.outputs.described import parts_of
from digest.outputs.xmltext import Element, element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.outputs.items import Item
    from digest.outputs.losses import Losses
    from digest.outputs.source import Source
    from digest.publication import Section


class Sections:
    """The sections that have items in an import file.

    Attributes:
        listed: title and abbreviation of each.
    """

    def __init__(self, source: Source, items: Sequence[Item], losses: Losses) -> None:
        """Finds the abbreviation of each.

        Args:
            source: the issue.
            items: what is in the file.
            losses: takes a warning for each section without an abbreviation.
        """
        self._names: dict[int, tuple[str, str]] = {}
        self._without: set[int] = set()  # sections with items of which nothing is printed before their text
        head = source.issue.head
        order: list[Section | None] = [None, *head.sections]
        used = {section.abbreviation for section in head.sections}
        for n, section in enumerate(order):
            inside = [item for item in items if item.section is section]
            if not inside:
                continue
            title = section.title.plain if section else source.prepared.words.word("editorial")
            short = section.abbreviation if section else ""
            if not short:
                short = _short(title, used)
                if section:
                    message = f"the section “{title}” has no “abbreviation”, by which OJS knows it; it gets {short}"
                    losses.of_issue(message, "sections", n - 1, level="warning")
            used.add(short)
            self._names[id(section)] = title, short
            if any(not parts_of(item) for item in inside):
                self._without.add(id(section))

    @property
    def listed(self) -> tuple[tuple[str, str], ...]:
        """Title and abbreviation of each section, in the order of the issue."""
        return tuple(self._names.values())

    def short(self, section: Section | None) -> str:
        """The abbreviation of a section; that of the editorial where there is no section."""
        return self._names[id(section)][1]

    def element(self, locale: str) -> Element | None:
        """All sections; nothing where there are none."""
        made = [
            element(
                "section",
                element("abbrev", short, locale=locale),
                element("title", title, locale=locale),
                ref=short,
                seq=f"{n}",
                meta_indexed="1",
                abstracts_not_required="1" if which in self._without else "0",
            )
            for n, (which, (title, short)) in enumerate(self._names.items())
        ]
        return element("sections", *made) if made else None


def _short(title: str, used: set[str]) -> str:
    """The first letters of the words of a title, or the first three of its only word: one that no other section has."""
    words = ["".join(char for char in word if char.isalnum()) for word in title.split()]
    words = [word for word in words if word]
    made = "".join(word[0] for word in words[:6]) if len(words) > 1 else "".join(words)[:3]
    made = made.upper() or "SEC"
    number, short = 1, made
    while short in used:
        number += 1
        short = f"{made}{number}"
    return short
