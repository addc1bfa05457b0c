"""One citation: its cites in order, grouped, collapsed and joined (CSL 1.0.2 “Cite Grouping”, “Cite Collapsing”)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from digest.csl.draft import finish, plain
from digest.csl.item import Item
from digest.csl.markup import clean, rich
from digest.csl.printing import FIRST, IBID, IBID_WITH_LOCATOR, SUBSEQUENT
from digest.csl.sorting import in_order
from digest.csl.textcase import begun

if TYPE_CHECKING:
    from digest.csl.document import PreparedDocument
    from digest.csl.draft import Draft
    from digest.csl.printing import Printing
    from digest.csl.tree import Node

Position = Literal["first", "subsequent", "ibid", "ibid-with-locator"]
_PUNCTUATION = (",", ";", ":", ".", "!", "?")
_POSITIONS = {"first": FIRST, "subsequent": SUBSEQUENT, "ibid": IBID, "ibid-with-locator": IBID_WITH_LOCATOR}


class Cite(Struct, frozen=True):
    """A reference to one item.

    Attributes:
        id: the item's id.
        locator: the place inside the item, such as ``12-14``.
        label: what the locator counts, a locator term of CSL such as ``page`` (the default) or ``figure``.
        prefix: text before the cite; may carry the markup of CSL-JSON.
        suffix: text after it.
        suppress_author: leave the names out, since the text has them.
        author_only: print nothing but the names.
        position: the position, where the caller knows better than the order of citations.
        near_note: with `position`: whether the item was cited a few notes before.
        first_note: with `position`: the number of the note that cites it first.
    """

    id: str
    locator: str = ""
    label: str = ""
    prefix: str = ""
    suffix: str = ""
    suppress_author: bool = False
    author_only: bool = False
    position: Position | None = None
    near_note: bool = False
    first_note: str = ""


class Citation(Struct, frozen=True):
    """One place in the text that cites.

    Attributes:
        cites: what it cites, in the order of the author; the style may sort them.
        note_number: the number of the note that it is in; 0 in the text.
        mode: ``author-only`` prints the names of the first cite alone, ``suppress-author`` leaves them out,
            ``composite`` prints them before the citation, as in “Doe (2014)”.
        infix: with ``composite``: text between the names and the citation.
        keep_order: whether the order of the author holds even where the style sorts.
    """

    cites: tuple[Cite, ...]
    note_number: int = 0
    mode: Literal["", "author-only", "suppress-author", "composite"] = ""
    infix: str = ""
    keep_order: bool = False


class PlacedCite(Struct, frozen=True):
    """A cite with its item and its position in the document."""

    cite: Cite
    item: Item
    locator: str
    label: str
    position: int
    near_note: bool
    first_note: str

    @classmethod
    def of(cls, cite: Cite, item: Item, position: int, *, near_note: bool, first_note: str) -> PlacedCite:
        """The cite; what it says of its position itself goes before."""
        if cite.position is not None:
            position, near_note, first_note = _POSITIONS[cite.position], cite.near_note, cite.first_note
        label = {"sub verbo": "sub-verbo"}.get(cite.label, cite.label)
        return cls(cite, item, clean(cite.locator).strip(), label, position, near_note, first_note)


class _Rendered:
    """A cite in print, and what grouping and collapsing want to know of it."""

    __slots__ = ("draft", "has_locator", "names", "names_draft", "number", "placed", "suffix")

    def __init__(self, placed: PlacedCite, draft: Draft, printing: Printing, *, has_locator: bool) -> None:
        self.placed = placed
        self.draft = draft
        self.has_locator = has_locator
        self.names = printing.first_names
        self.names_draft = printing.names_draft
        self.number = printing.citation_number
        self.suffix = printing.year_suffix

    @property
    def has_affixes(self) -> bool:
        """Whether the author has written something before or after it."""
        cite = self.placed.cite
        return bool(cite.prefix or cite.suffix)

    @property
    def begins_range(self) -> bool:
        """Whether a range of numbers may begin with it; text before it stays before the range."""
        return not (self.placed.cite.suffix or self.has_locator)

    @property
    def is_bare(self) -> bool:
        """Whether it has nothing of its own that a range would swallow."""
        return not (self.has_affixes or self.has_locator)


def cluster(document: PreparedDocument, cites: list[PlacedCite], citation: Citation) -> Node:
    """The tree of one citation."""
    layout = document.program.citation
    quotes = document.program.locale.quotes
    if not citation.keep_order:
        cites = _sorted(document, cites)
    off = citation.mode in {"suppress-author", "composite"}
    names = _render(document, cites[0]).names_draft if cites and citation.mode == "composite" else None
    rendered = [
        one
        for place, placed in enumerate(cites)
        if (one := _render(document, placed, names_off=off and place == 0)).draft
    ]
    if not rendered:
        return finish(None, quotes)
    if document.program.style.class_ == "note":
        for place, one in enumerate(rendered):
            prefix = one.placed.cite.prefix
            if _ends_sentence(prefix) if prefix else place == 0:
                one.draft = _begun(one.draft) if prefix else begun(one.draft)
    if citation.mode == "author-only":
        return finish(rendered[0].names_draft, quotes)
    if all(one.placed.cite.author_only for one in rendered):
        # Names in the text: what the layout puts around a citation is not for them.
        return finish(_joined(document, rendered), quotes)
    out = layout.dress(_joined(document, rendered))
    if citation.mode == "composite" and names is not None:
        infix = clean(citation.infix).strip()
        out = [names, f" {infix} " if infix else " ", out]
    return finish(out, quotes)


def _ends_sentence(prefix: str) -> bool:
    """Whether text before a cite is a sentence; one word with a full stop is an abbreviation (`Cf.`)."""
    words = prefix.split()
    return len(words) > 1 and words[-1].endswith((".", "!", "?"))


def _begun(draft: Draft) -> Draft:
    """A cite with a capital where it begins with a term, after its own prefix (see `_prefix_draft`)."""
    return [*draft[:2], *map(begun, draft[2:3]), *draft[3:]] if isinstance(draft, list) else begun(draft)


def _sorted(document: PreparedDocument, cites: list[PlacedCite]) -> list[PlacedCite]:
    keys = document.program.citation.keys
    if not keys or len(cites) < 2:
        return cites

    def values(placed: PlacedCite) -> list[str]:
        return [key(document.cite_printing(placed)) for key, _ in keys]

    return in_order(cites, values, [descending for _, descending in keys], document.program.locale.lang)


def _render(document: PreparedDocument, placed: PlacedCite, *, names_off: bool = False) -> _Rendered:
    cite = placed.cite
    printing = document.cite_printing(placed)
    printing_off = printing.names_off = names_off or cite.suppress_author
    out: Draft = document.program.citation.render(printing)
    has_locator = bool(placed.locator) and _prints_locator(document, placed, out, names_off=printing_off)
    if cite.author_only:
        out = printing.names_draft or ""
    if out:
        out = _with_affixes(cite, out)
    return _Rendered(placed, out, printing, has_locator=has_locator)


def _prints_locator(document: PreparedDocument, placed: PlacedCite, out: Draft, *, names_off: bool) -> bool:
    """Whether the style prints the locator of a cite: only then it keeps the cite from being collapsed."""
    if "collapse" not in document.program.citation.area.attributes:
        return True
    printing = document.cite_printing(placed)
    printing.names_off = names_off
    printing.locator = printing.label = ""
    return plain(out) != plain(document.program.citation.render(printing))


def _with_affixes(cite: Cite, draft: Draft) -> Draft:
    """A cite with what the author has written before and after it."""
    if not (cite.prefix or cite.suffix):
        return draft
    return [*_prefix_draft(cite.prefix), draft, *_suffix_draft(cite.suffix)]


def _prefix_draft(prefix: str) -> list[Draft]:
    """Text before a cite. Word processors let people type “see” without the space that belongs after it."""
    draft = rich(prefix)
    end = plain(draft)[-1:]
    return [draft, " " if end.isalnum() or (end and end in ".,;:)]!?") else ""]


def _suffix_draft(suffix: str) -> list[Draft]:
    """Text after a cite, with the space before it where it begins with a word."""
    draft = rich(suffix)
    start = plain(draft)[:1]
    return [" " if start.isalnum() or (start and start in "([") else "", draft]


def _joined(document: PreparedDocument, cites: list[_Rendered]) -> list[Draft]:
    area = document.program.citation.area
    delimiter = area.layout.delimiter
    collapse = area.attributes.get("collapse", "")
    after = area.attributes.get("after-collapse-delimiter", delimiter)
    if collapse == "citation-number":
        # The term is an extension that processors share: it lets a style print “[4-6]”. CSL 1.0.2 has none for it.
        dash = document.program.locale.text("citation-range-delimiter") or "–"
        return _numbers(cites, delimiter, after, dash)
    if collapse.startswith("year") or "cite-group-delimiter" in area.attributes:
        return _groups(document, cites, delimiter, after, collapse)
    out: list[Draft] = []
    for place, one in enumerate(cites):
        if place:
            out.append(_between(cites[place - 1], one, delimiter))
        out.append(one.draft)
    return out


def _between(before: _Rendered, after: _Rendered, delimiter: str) -> str:
    """The delimiter of two cites; punctuation that the author wrote there replaces it."""
    if after.placed.cite.prefix.lstrip().startswith(_PUNCTUATION):
        return ""
    if before.placed.cite.suffix.rstrip().endswith(_PUNCTUATION):
        return " "
    return delimiter


def _numbers(cites: list[_Rendered], delimiter: str, after: str, dash: str) -> list[Draft]:
    """Cites with runs of three or more rising numbers written as ranges."""
    out: list[Draft] = []
    place = 0
    between = delimiter
    while place < len(cites):
        end = place
        while (
            end + 1 < len(cites)
            and (cites[end].is_bare if end > place else cites[end].begins_range)
            and cites[end + 1].is_bare
            and cites[end + 1].number == cites[end].number + 1
        ):
            end += 1
        if out:
            out.append(between)
        if end - place >= 2:
            out += [cites[place].draft, dash, cites[end].draft]
            between = after
            place = end + 1
        else:
            out.append(cites[place].draft)
            between = delimiter
            place += 1
    return out


def _groups(
    document: PreparedDocument, cites: list[_Rendered], delimiter: str, after: str, collapse: str
) -> list[Draft]:
    """Cites of the same names together, and collapsed as the style wants."""
    area = document.program.citation.area
    # The specification's default is a comma; in notes the test-suite and citeproc-js have the layout's delimiter.
    in_text = document.program.style.class_ != "note"
    inside = area.attributes.get("cite-group-delimiter", ", " if in_text or not collapse else delimiter)
    between_suffixes = area.attributes.get(
        "year-suffix-delimiter", area.attributes.get("cite-group-delimiter", delimiter)
    )
    groups: dict[object, list[_Rendered]] = {}
    for place, one in enumerate(cites):
        same: object = one.names
        if same is None:  # without names, what is the same but for the year-suffix belongs together
            same = (_without_suffix(document, one),) if one.suffix else place
        groups.setdefault(same, []).append(one)
    out: list[Draft] = []
    between = delimiter
    for group in groups.values():
        if out:
            out.append(between)
        out.append(group[0].draft)
        between = delimiter
        if len(group) == 1:
            continue
        if not collapse:
            for one in group[1:]:
                out += [inside, one.draft]
            continue
        between = after
        suffixes = collapse != "year" and area.is_set("disambiguate-add-year-suffix")
        run = [group[0]]
        for one in group[1:]:
            if (
                suffixes
                and one.suffix
                and not one.has_locator
                and not run[-1].has_locator
                and run[-1].suffix
                and _same_year(document, run[0], one)
            ):
                run.append(one)
                continue
            out += _suffixes(run, between_suffixes, inside, ranged=collapse == "year-suffix-ranged")
            rest = _render(document, one.placed, names_off=True).draft
            if rest:
                out += [_between(run[-1], one, inside), rest]
            run = [one]
        out += _suffixes(run, between_suffixes, inside, ranged=collapse == "year-suffix-ranged")
    return out


def _same_year(document: PreparedDocument, first: _Rendered, second: _Rendered) -> bool:
    """Whether two cites differ in nothing but their year-suffix."""
    return _without_suffix(document, first) == _without_suffix(document, second)


def _without_suffix(document: PreparedDocument, one: _Rendered) -> str:
    printing = document.cite_printing(one.placed)
    printing.year_suffix = ""
    return plain(document.program.citation.render(printing))


def _suffixes(run: list[_Rendered], delimiter: str, inside: str, *, ranged: bool) -> list[Draft]:
    """The year-suffixes of all but the first cite of a run: ``, b, c`` or ``–c``.

    A cite with text of its own keeps that, and is divided from the others as years are.
    """
    out: list[Draft] = []
    place = 1
    while place < len(run):
        end = place
        if ranged and run[place].is_bare and not run[place - 1].placed.cite.suffix:
            while end + 1 < len(run) and run[end + 1].is_bare and _follows(run[end].suffix, run[end + 1].suffix):
                end += 1
            start = place - 1
            if _follows(run[start].suffix, run[place].suffix) and end - start >= 2:
                out += ["–", run[end].suffix]
                place = end + 1
                continue
        before, one = run[place - 1], run[place]
        divides = inside if one.has_affixes or before.placed.cite.suffix else delimiter
        out += [_between(before, one, divides), _with_affixes(one.placed.cite, one.suffix)]
        place += 1
    return out


def _follows(first: str, second: str) -> bool:
    return len(first) == len(second) == 1 and ord(second) == ord(first) + 1
