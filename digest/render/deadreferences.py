"""References that the text of an abstract cites by number, as in “shown before [3]”, where nothing says what 3 is.

The list to which the numbers belong stays with the society. A number in brackets is often something else: an interval
(``5 [3-8]``), an isotope (``[18]F``), a part of a chemical name. What is not surely a citation is left alone.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from digest.model import AbstractPart
    from digest.text import Node

# [3], [3, 4], [3-5], [3–5;8]: ICMJE, AMA 11 (3.6) and Vancouver put them in brackets or above the line.
_NUMBERS: Final = r"[1-9]\d{0,2}(?:\s?[-–,;]\s?[1-9]\d{0,2}){0,12}"
_BRACKETS: Final = re.compile(
    rf"\[({_NUMBERS})\](?:(?:,|;|\s?[-–])?\s?(?:(?:and|und|et|y|e)\s)?\[{_NUMBERS}\]){{0,12}}(?![\w({{-])"
)
_ABOVE: Final = re.compile(rf"\[?({_NUMBERS})\]?")
# Before brackets: a number with or without its unit, or a word for what is measured, has an interval after it.
_VALUE: Final = re.compile(r"\d[\d.,]*\s?(?:%|[^\W\d_]{1,9}(?:/[^\W\d_]{1,9})?)?[,:]?\s*$")
_NUMBER: Final = re.compile(r"[\d%]\s*$")
_MEASURE: Final = re.compile(
    r"\b(?:range|iqr|interquartile range|ci|interval|median|mean|sd|se|age|aged|years?|months?|weeks?|days?|hours?|"
    r"grades?|stages?|scores?|class|level|phase|arm|group|cohort|table|figure|fig|ecog|ps|hr|or|rr|n|no)"
    r"\.?\s*[:=,]?\s*$",
    re.IGNORECASE,
)
# Above the line: after a mark of punctuation or a word. 2 and 3 after a unit or a bracket are powers.
_AFTER_WORD: Final = re.compile(r"(?:[.,;:”’\"]|[a-zà-ÿ]{4,})$")
_AFTER_BRACKET: Final = re.compile(r"[)\]]$")
_UNIT: Final = re.compile(r"\b(?:milli|centi|kilo|micro|deci)?(?:met(?:er|re)s?|inch(?:es)?|feet|foot|miles?|yards?)$")
_POWER: Final = re.compile(r"[23]")
# Where a sentence needs the number as its word, as in “according to [3]”, nothing can be left out.
_NEEDED: Final = re.compile(
    r"(?:^|\b(?:in|by|of|to|from|with|and|or|see|ref|refs|references?|than|as|for|on|the|per)\.?)$",
    re.IGNORECASE,
)
_LIST: Final = re.compile(
    r"(?:selected |key )?(?:references?|bibliography|literature(?: cited)?|literatur|références|bibliographie|"
    r"referencias|bibliografía|bibliografia|riferimenti|referências|literatura)",
    re.IGNORECASE,
)
_LIST_IN_TEXT: Final = re.compile(rf"\b{_LIST.pattern}\s*:", re.IGNORECASE)


def found_dead(parts: Iterable[AbstractPart]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The number of each part of an abstract that cites what the abstract does not bring, with what it cites."""
    parts = tuple(parts)
    if any(_LIST.fullmatch((part.label or "").strip(" :.")) for part in parts):
        return
    if any(_LIST_IN_TEXT.search(text) for part in parts if ":" in (text := part.text.plain)):
        return
    for n, part in enumerate(parts):
        found: list[str] = []

        def note(mark: str, _before: str, found: list[str] = found) -> bool:
            found.append(mark)
            return False

        _walked(part.text.nodes, note)
        if found:
            yield n, tuple(dict.fromkeys(found))


def without_dead(text: RichText) -> RichText:
    """A text without its citations by number; one that a sentence needs as a word stays."""
    nodes, _ = _walked(text.nodes, lambda _, before: not _NEEDED.search(before.rstrip()))
    return RichText.of(nodes)


def _walked(nodes: Iterable[Node], leave_out: Callable[[str, str], bool], before: str = "") -> tuple[list[Node], str]:
    """The nodes without the citations that are to be left out, and the text up to their end.

    Args:
        nodes: the nodes.
        leave_out: is given each citation and the text before it.
        before: the text before the nodes.
    """
    nodes = list(nodes)
    kept: list[Node] = []
    for n, node in enumerate(nodes):
        if isinstance(node, str):
            text, at = "", 0
            for match in _BRACKETS.finditer(node):
                text += node[at : match.start()]
                at = match.start()
                if _is_citation(match[1], before + text) and leave_out(match[0], before + text):
                    text, at = text.rstrip(), match.end()
            text += node[at:]
            kept.append(text)
            before += text
            continue
        tag, children = node
        plain = RichText((node,)).plain
        after = next((one if isinstance(one, str) else RichText((one,)).plain for one in nodes[n + 1 :]), "")
        if tag == "sup" and _is_above(plain, before, after):
            if leave_out(plain, before):
                continue
        elif tag in {"i", "b", "sub", "sup", "sc"}:
            children = tuple(_walked(children, leave_out, before)[0])
        kept.append((tag, children))
        before += plain
    return kept, before


def _is_citation(numbers: str, before: str) -> bool:
    """Whether numbers in brackets are a citation, by what is before them."""
    several = not numbers.isdecimal()
    if not before.strip() or _NUMBER.search(before) or _MEASURE.search(before) or (several and _VALUE.search(before)):
        return False
    return _ascends(numbers)


def _is_above(plain: str, before: str, after: str) -> bool:
    """Whether a superscript is a citation, by what is around it."""
    match = _ABOVE.fullmatch(plain.strip())
    if not match or after[:1].isalnum() or not _ascends(match[1]):
        return False
    if _POWER.fullmatch(match[1]) and (_UNIT.search(before) or _AFTER_BRACKET.search(before)):
        return False
    return bool(_AFTER_WORD.search(before) or _AFTER_BRACKET.search(before))


def _ascends(numbers: str) -> bool:
    """Whether each number is greater than the one before it, as numbers of references are."""
    found = [int(number) for number in re.findall(r"\d+", numbers)]
    return all(one < other for one, other in itertools.pairwise(found))
