"""The bibliography: its entries in order, repeated names replaced, the first field set apart (CSL 1.0.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from digest.csl.draft import Placed, finish
from digest.csl.textcase import begun
from digest.csl.tree import Block, Entry, Sequence

if TYPE_CHECKING:
    from digest.csl.compile import Layout
    from digest.csl.document import PreparedDocument
    from digest.csl.draft import Draft
    from digest.csl.item import Item
    from digest.csl.printing import Printing


def entries(document: PreparedDocument) -> tuple[Entry, ...]:
    """The entries of all items of the document; none where the style has no bibliography."""
    layout = document.program.bibliography
    if layout is None:
        return ()
    order = sorted(document.registry.values(), key=lambda item: document.numbers[item.id], reverse=layout.counts_down)
    substitute = layout.area.attributes.get("subsequent-author-substitute")
    rule = layout.area.attributes.get("subsequent-author-substitute-rule", "complete-all")
    before: tuple[str, ...] = ()
    out: list[Entry] = []
    for item in order:
        fields, printing = _fields(document, layout, item)
        if substitute is not None:
            mine = printing.shown_names
            count = _repeated(before, mine, rule)
            if count:
                replaced = (substitute, None if count < 0 else count)
                fields, _ = _fields(document, layout, item, replaced)
            before = mine
        if not fields:
            document.add_problem(item.id, "the style prints no entry for it in the bibliography")
            continue
        composed = begun(_composed(layout, fields), str(document.numbers[item.id]))
        content = finish(composed, document.program.locale.quotes)
        out.append(Entry(item.id, _with_punctuation_in_the_margin(content)))
    return tuple(out)


def _fields(
    document: PreparedDocument, layout: Layout, item: Item, replaced: tuple[str, int | None] | None = None
) -> tuple[list[Draft], Printing]:
    printing = document.entry_printing(item)
    printing.replaced = replaced
    return layout.render(printing), printing


def _repeated(before: tuple[str, ...], mine: tuple[str, ...], rule: str) -> int:
    """How many names the substitute replaces; -1 for the whole list at once."""
    if not mine:
        return 0
    match rule:
        case "complete-each":
            return len(mine) if mine == before else 0
        case "partial-each":
            same = 0
            while same < min(len(mine), len(before)) and mine[same] == before[same]:
                same += 1
            return same
        case "partial-first":
            return 1 if before and mine[0] == before[0] else 0
        case _:
            return -1 if mine == before else 0


def _composed(layout: Layout, fields: list[Draft]) -> Draft:
    """The fields of an entry inside the layout's affixes; with ``second-field-align`` the first one in the margin."""
    if not fields:
        return ""
    if layout.area.attributes.get("second-field-align") and len(fields) > 1:
        rest = layout.dress([*fields[1:]])
        return [Placed(fields[0], "left-margin"), Placed(rest, "right-inline")]
    last = fields[-1]
    suffix = layout.area.layout.suffix
    if isinstance(last, Placed) and suffix:
        # The layout's suffix belongs to the text of the last block, not after the block.
        fields = [*fields[:-1], Placed([last.child, suffix], last.display)]
        return [layout.area.layout.prefix, *fields]
    return layout.dress([*fields])


def _with_punctuation_in_the_margin(content: Sequence) -> Sequence:
    """The entry, where ``1`` ``. Doe`` has become ``1.`` ``Doe``: punctuation belongs to what comes before it."""
    match content.children:
        case (Block("left-margin", left), Block("right-inline", (str(text), *rest)) as body, *more) if (
            text[0] in ".,;:"
        ):
            sign, text = text[0], text[1:].lstrip()
            right = Block(body.display, (text, *rest) if text else tuple(rest))
            return Sequence((Block("left-margin", (*left, sign)), right, *more))
    return content
