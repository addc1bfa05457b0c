"""A document's citations and its bibliography: numbers, positions, order, and the front door `format_document`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

from digest.csl.bibliography import entries
from digest.csl.cites import PlacedCite, cluster
from digest.csl.compile import Program, compiled
from digest.csl.disambiguate import Disambiguation, disambiguate
from digest.csl.item import Item, ItemProblem
from digest.csl.printing import FIRST, IBID, IBID_WITH_LOCATOR, SUBSEQUENT, Printing
from digest.csl.sorting import in_order
from digest.csl.tree import Entry, Node

if TYPE_CHECKING:
    from digest.csl.cites import Citation, Cite
    from digest.csl.style import Style

LinkOf: TypeAlias = Callable[[str, str, Mapping[str, Any]], "str | None"]


class Document(Struct, frozen=True):
    """A formatted document.

    Attributes:
        citations: one tree for each citation, in the order given.
        bibliography: its entries, in the order of the style.
        problems: what was odd about single items.
    """

    citations: tuple[Node, ...]
    bibliography: tuple[Entry, ...]
    problems: tuple[ItemProblem, ...]


def format_document(
    style: Style,
    items: Mapping[str, Any],
    citations: Sequence[Citation],
    uncited: Iterable[str] = (),
    locale: str | None = None,
    link: LinkOf | None = None,
) -> Document:
    """The citations and the bibliography of one document.

    An odd item never stops a document: what can be read of it is printed, and the rest is in `Document.problems`.

    A list of names that ends with ``{"family": "others"}`` or ``{"literal": "others"}`` (the convention of BibTeX and
    pandoc) means that the source itself says “et al.” there: the known names are printed as far as the style's et-al
    rules allow, then its et-al term, set as after any list that was cut. The word “others” is never printed.

    Args:
        style: from `digest.csl.load_style`.
        items: CSL-JSON items by their id; the values may be any JSON.
        citations: in the order of the text.
        uncited: ids of items that are in the bibliography without being cited.
        locale: such as ``en-US``; by default the style's own, or American English.
        link: asked for each variable that is printed: its name, its value and the item. An address that it returns
            makes the printed text a link.
    """
    program = compiled(style, locale or style.default_locale or "en-US")
    problems: list[ItemProblem] = []
    registry = _register(items, citations, uncited, problems)
    numbers = _numbers(program, registry)
    placed = _positions(citations, registry, style)
    clarity = disambiguate(program, list(registry.values()), numbers, _first_notes(citations))
    document = PreparedDocument(program, registry, numbers, clarity, link, problems)
    clusters = tuple(cluster(document, cites, citation) for citation, cites in zip(citations, placed, strict=True))
    bibliography = entries(document)
    return Document(clusters, bibliography, tuple(problems))


class PreparedDocument:
    """A document before it is printed: items numbered and disambiguated, and what each is printed with.

    Attributes:
        program: the compiled style.
        registry: the items of the document by id: cited ones in the order of citation, then the uncited.
        numbers: the citation number of each id.
        clarity: what makes ambiguous cites unambiguous.
    """

    def __init__(
        self,
        program: Program,
        registry: dict[str, Item],
        numbers: dict[str, int],
        clarity: Disambiguation,
        link: LinkOf | None,
        problems: list[ItemProblem],
    ) -> None:
        self.program = program
        self.registry = registry
        self.numbers = numbers
        self.clarity = clarity
        self._link = link
        self._problems = problems

    def add_problem(self, id: str, message: str) -> None:  # noqa: A002 – CSL-JSON's word
        """Keeps something odd about an item."""
        self._problems.append(ItemProblem(id, "", message))

    def entry_printing(self, item: Item) -> Printing:
        """What an entry of the bibliography is printed with."""
        printing = Printing(item, in_bibliography=True)
        printing.citation_number = self.numbers[item.id]
        printing.year_suffix = self.clarity.year_suffixes.get(item.id, "")
        printing.expansion = self.clarity.expansion(item.id)
        printing.link = self._link
        return printing

    def cite_printing(self, placed: PlacedCite) -> Printing:
        """What a cite is printed with."""
        printing = Printing(placed.item, in_bibliography=False)
        printing.citation_number = self.numbers[placed.item.id]
        printing.year_suffix = self.clarity.year_suffixes.get(placed.item.id, "")
        printing.expansion = self.clarity.expansion(placed.item.id)
        printing.locator, printing.label = placed.locator, placed.label
        if printing.locator:  # a label that is written into the locator is the right one (citeproc-js)
            written, printing.locator = self.program.locale.locator_label(printing.locator)
            printing.label = written or printing.label
        printing.position, printing.near_note, printing.first_note = (
            placed.position,
            placed.near_note,
            placed.first_note,
        )
        printing.link = self._link
        return printing


def _register(
    items: Mapping[str, Any], citations: Sequence[Citation], uncited: Iterable[str], problems: list[ItemProblem]
) -> dict[str, Item]:
    registry: dict[str, Item] = {}
    missing: set[str] = set()
    ids = [cite.id for citation in citations for cite in citation.cites]
    for id_ in [*ids, *uncited]:
        if id_ in registry or id_ in missing:
            continue
        if id_ in items:
            registry[id_] = Item(id_, items[id_], problems)
        else:
            missing.add(id_)
            problems.append(ItemProblem(str(id_), "", "it is cited, but no item has this id"))
    return registry


def _numbers(program: Program, registry: dict[str, Item]) -> dict[str, int]:
    """Citation numbers: the place in the bibliography, which without sort keys is the order of citation."""
    numbers = {id_: place for place, id_ in enumerate(registry, 1)}
    layout = program.bibliography
    if layout is None or not layout.keys:
        return numbers
    order = sorted_entries(program, list(registry.values()), numbers)
    if layout.counts_down:
        order.reverse()
    return {item.id: place for place, item in enumerate(order, 1)}


def sorted_entries(program: Program, items: list[Item], numbers: dict[str, int]) -> list[Item]:
    """The items in the order of the bibliography."""
    layout = program.bibliography
    if layout is None or not layout.keys:
        return items

    def keys(item: Item) -> list[str]:
        values = []
        for key, _ in layout.keys:
            printing = Printing(item, in_bibliography=True)
            printing.citation_number = numbers[item.id]
            values.append(key(printing))
        return values

    return in_order(items, keys, [descending for _, descending in layout.keys], program.locale.lang)


def _first_notes(citations: Sequence[Citation]) -> dict[str, str]:
    """The number of the note that cites each item first; only of items that a note cites."""
    found: dict[str, str] = {}
    for citation in citations:
        if citation.note_number:
            for cite in citation.cites:
                found.setdefault(cite.id, cite.first_note or str(citation.note_number))
    return found


def _positions(citations: Sequence[Citation], registry: dict[str, Item], style: Style) -> list[list[PlacedCite]]:
    """Each cite with its position in the document (CSL 1.0.2 “Choose”, ``position``)."""
    distance = style.citation.attributes.get("near-note-distance", "5")
    near = int(distance) if distance.isdecimal() else 5
    first_notes: dict[str, int] = {}
    last_notes: dict[str, int] = {}
    placed: list[list[PlacedCite]] = []
    # Citations in the text and those in notes are two rows: “ibid.” looks back in its own.
    rows: dict[bool, tuple[list[PlacedCite], int]] = {True: ([], 0), False: ([], 0)}
    in_note: dict[int, int] = {}  # how many citations a note holds
    for citation in citations:
        cites: list[PlacedCite] = []
        note = citation.note_number
        before, before_note = rows[note > 0]
        for cite in citation.cites:
            item = registry.get(cite.id)
            if item is None:
                continue
            position, near_note = FIRST, False
            if cite.id in first_notes:
                position = SUBSEQUENT
                previous: PlacedCite | None = None
                if cites:
                    previous = cites[-1]
                elif len(before) == 1 and (
                    note == before_note or (note - before_note == 1 and in_note[before_note] == 1)
                ):
                    previous = before[0]  # a single cite, alone in the note before (or before in the same one)
                if previous is not None and previous.item.id == cite.id:
                    position = _ibid(previous.locator, previous.label, cite)
                near_note = bool(note) and 0 <= note - last_notes[cite.id] <= near
            else:
                first_notes[cite.id] = note
            if note:
                last_notes[cite.id] = note
            else:
                last_notes.setdefault(cite.id, 0)
            first_note = first_notes[cite.id] if position else 0
            cites.append(PlacedCite.of(cite, item, position, near_note=near_note, first_note=str(first_note or "")))
        if cites:
            rows[note > 0] = cites, note
            in_note[note] = in_note.get(note, 0) + 1
        placed.append(cites)
    return placed


def _ibid(locator: str, label: str, cite: Cite) -> int:
    mine = cite.locator.strip()
    if not locator:
        return IBID_WITH_LOCATOR if mine else IBID
    if not mine:
        return SUBSEQUENT
    return IBID if mine == locator and (cite.label or "page") == (label or "page") else IBID_WITH_LOCATOR
