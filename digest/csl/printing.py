"""What is known while one cite or one entry is rendered, and what its rendering leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from digest.csl.draft import Draft
    from digest.csl.item import Item
    from digest.csl.names import NameList
    from digest.csl.style import NameOptions

FIRST: Final = 0
SUBSEQUENT: Final = 1
IBID: Final = 2
IBID_WITH_LOCATOR: Final = 3

# How far a name is expanded: to initials, which a style without ``initialize-with`` prints bare (`Doe JM`); in full; or
# to what the list at hand has, initials with its ``initialize-with`` and full given names without.
BARE_INITIALS: Final = 1
FULL: Final = 2
INITIALS: Final = 3


class Expansion(Struct, frozen=True):
    """How the names of one item's cites are expanded to distinguish it from others (CSL 1.0.2 “Disambiguation”).

    Attributes:
        shown: for each list of names in order of rendering, how many names are shown at least.
        levels: for each list and name, 0 as the style says or how far it is expanded (`BARE_INITIALS` and so on).
        condition: whether ``disambiguate="true"`` tests true.
    """

    shown: tuple[int, ...] = ()
    levels: tuple[tuple[int, ...], ...] = ()
    condition: bool = False

    def level(self, list_number: int, name_number: int) -> int:
        """How far this name is expanded."""
        levels = self.levels[list_number] if list_number < len(self.levels) else ()
        return levels[name_number] if name_number < len(levels) else 0

    def names_shown(self, list_number: int) -> int:
        """How many names of this list are shown at least."""
        return self.shown[list_number] if list_number < len(self.shown) else 0


UNEXPANDED: Final = Expansion()


class Printing:
    """Everything that rendering elements ask for or record. One object per cite or entry; nothing outlives it.

    Attributes:
        item: the item.
        in_bibliography: which area is rendered.
        locator: what the cite points to inside the item, such as ``12-14``.
        label: what the locator counts, such as ``page``.
        position: `FIRST`, `SUBSEQUENT`, `IBID` or `IBID_WITH_LOCATOR`.
        near_note: whether the item was cited a few notes before.
        first_note: the number of the note that cites the item first; empty outside notes.
        citation_number: its number in the bibliography.
        year_suffix: the letter that distinguishes it from others of the year.
        expansion: how its names are expanded.
        sorting: whether the output is a sort key: no labels, no et al., dates and numbers that sort.
        link: the caller's function that knows addresses.
        called: how many variables were asked for, and …
        filled: … how many had content (what ``cs:group`` decides by).
        suppressed: variables that have replaced others and are not printed again.
        recorded: variables that were printed, while ``cs:substitute`` wants to know.
        comparing: whether the output only shows whether cites read the same: when a page was accessed does not matter,
            as the test-suite has it.
        sort_options: et-al options that ``cs:key`` sets, while sorting.
        names_draft: the output of the first ``cs:names``, for cites that print nothing else.
        names_off: whether the first lists of names are left out (``suppress-author``, collapsed cites).
        year_suffix_printed: whether the suffix has been printed.
        lists: the lists of names rendered so far.
        first_names: the characters of the first ``cs:names`` that printed something; `None` before.
        replaced: what is printed for repeated names, and for how many of them (`None`: for the whole list).
        shown_names: the characters of each name of the first list, for finding repeated ones.
    """

    __slots__ = tuple(
        """
        called citation_number comparing expansion filled first_names first_note in_bibliography item label link
        lists locator names_draft names_off near_note position recorded replaced shown_names sort_options sorting
        suppressed year_suffix year_suffix_printed
    """.split()
    )

    def __init__(self, item: Item, *, in_bibliography: bool) -> None:
        self.item = item
        self.in_bibliography = in_bibliography
        self.locator = ""
        self.label = ""
        self.position = FIRST
        self.near_note = False
        self.first_note = ""
        self.citation_number = 0
        self.year_suffix = ""
        self.expansion = UNEXPANDED
        self.sorting = False
        self.comparing = False
        self.sort_options: NameOptions | None = None
        self.link: Callable[[str, str, Mapping[str, Any]], str | None] | None = None
        self.called = 0
        self.filled = 0
        self.suppressed: set[str] = set()
        self.recorded: list[str] | None = None
        self.names_draft: Draft | None = None
        self.names_off = False
        self.year_suffix_printed = False
        self.lists: list[NameList] = []
        self.first_names: str | None = None
        self.replaced: tuple[str, int | None] | None = None
        self.shown_names: tuple[str, ...] = ()
