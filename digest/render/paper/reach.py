"""Finds styles that look further than a sheet: counters, texts of other places, selectors that see other sheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from digest.render.sheeting import JOINT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
# What one sheet cannot know of another: counters of the styles' own, texts of other places, boxes that are moved.
_WHOLE: Final = (
    (
        re.compile(r"counter-(?:increment|reset|set)\s*:\s*(?:page\b\s*-?\d*\s*)*(?!page\b|none\b)-?[a-zA-Z_][\w-]*"),
        "counts",
    ),
    (re.compile(r"\bdisplay\s*:[^;{}]*\blist-item\b"), "counts"),  # an item counts itself (CSS Lists 3, 4.6)
    (re.compile(r"\btarget-(?:text|counters)\("), "repeats the text of another place"),
    (re.compile(r"\brunning\(|\bposition\s*:\s*fixed"), "repeats an element on pages"),
    (re.compile(r":nth\((?!\s*1(?:\s+of\s+[\w-]+)?\s*\))"), "chooses pages by their number"),
)
_PAGES: Final = re.compile(r"\bcounters?\(\s*pages\b")
_FROM_END: Final = re.compile(r":(?:nth-last-child|nth-last-of-type|last-of-type|only-of-type)\b")
_HAS: Final = re.compile(r":has\(")
_NEXT: Final = re.compile(r"\+\s*(?:[^\s>+~():]|:(?:is|not|where)\([^()]*\)|:first-child\b)+")  # a stub is there for it
_FILLED: Final = re.compile(r"(?:>\s*)?\*")  # what is cut is never empty
_SAME: Final = re.compile(r":(?:not|is|where)$")
_NAMES: Final = re.compile(r"([.#]?)(-?[a-zA-Z_][\w-]*)")
_TAG: Final = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())


class Reason(msgspec.Struct, frozen=True):
    """Why a document stays in one piece.

    Attributes:
        file: the stylesheet.
        line: the line in it.
        what: what it does.
    """

    file: str
    line: int
    what: str


class _Look(msgspec.Struct, frozen=True):
    """A selector that asks what comes after an element, or what is in it.

    Attributes:
        at: where it is in the stylesheet.
        names: what it says of the element: a tag, classes, an id; empty is any element.
        around: whether it asks for what is around the element, rather than in it.
    """

    at: int
    names: tuple[tuple[str, str], ...]
    around: bool


class Style(Protocol):
    """A stylesheet: the name of its file as problems show it, and its text."""

    @property
    def shown(self) -> str: ...  # noqa: D102 - see above
    @property
    def text(self) -> str: ...  # noqa: D102 - see above


def looking_further(styles: Iterable[Style], html: str) -> Reason | None:
    """The first rule for which a document has to stay in one piece; nothing where there is none.

    Args:
        styles: all stylesheets.
        html: the document, for selectors: they matter where they ask for elements that would be cut.
    """
    texts = [(style.shown, _COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), style.text)) for style in styles]
    for name, rules in texts:
        for pattern, what in _WHOLE:
            if match := pattern.search(rules):
                return Reason(name, rules.count("\n", 0, match.start()) + 1, what)
        for match in _PAGES.finditer(rules):
            if not _around_pages(rules, match.start()):
                return Reason(name, rules.count("\n", 0, match.start()) + 1, "prints the number of all pages in a text")
    if JOINT not in html:
        return None
    for name, rules in texts:
        for look in _looks(rules):
            if _cut_around(html, look.names) if look.around else _cut_inside(html, look.names):
                return Reason(name, rules.count("\n", 0, look.at) + 1, "chooses elements by others that come after")
    return None


def _around_pages(rules: str, at: int) -> bool:
    """Whether a place is in a rule of what is around the content of pages, which is made when all are known."""
    depth = 0
    for n in range(at - 1, -1, -1):
        depth += (rules[n] == "}") - (rules[n] == "{")
        if depth < 0:
            depth = 0
            if re.search(r"@page\b[^{};]*$", rules[:n]):
                return True
    return False


def _looks(rules: str) -> Iterator[_Look]:
    """The selectors of a stylesheet that look ahead, but for those that the sheets of a document satisfy."""
    for match in _FROM_END.finditer(rules):
        yield _Look(match.start(), _names(rules, match.start()), around=True)
    for match in _HAS.finditer(rules):
        end = _closing(rules, match.end())
        wanted = [part.strip() for part in _parts(rules[match.end() : end])]
        wanted = [part for part in wanted if not (_NEXT.fullmatch(part) or _FILLED.fullmatch(part))]
        if not wanted:
            continue
        rest = rules[end + 1 :].lstrip(")")
        after = rest.split("{")[0].split(",")[0]
        around = any(part[:1] in {"+", "~"} for part in wanted) or "+" in after or "~" in after
        yield _Look(match.start(), _names(rules, match.start()), around=around)


def _closing(text: str, at: int) -> int:
    """Where the bracket is closed that was opened before a place."""
    depth = 1
    while at < len(text):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
        at += 1
    return at


def _parts(text: str) -> list[str]:
    """The selectors of a list."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _names(text: str, at: int) -> tuple[tuple[str, str], ...]:
    """What the selector before a place says of the same element."""
    end, depth = at, 0
    own = ""
    while at > 0:
        char = text[at - 1]
        if char in ")]":
            depth += 1
        elif char in "([" and depth:
            depth -= 1
            if not depth:  # what a function asks for may be one of several, or not be
                own, end = text[at:end].partition(")")[2].partition("]")[2] + own, at - 1
        elif not depth and char == "(" and _SAME.search(text[: at - 1]):
            own, end = text[at:end] + own, at - 1
        elif not depth and char in " \t\n>+~,{};(":
            break
        at -= 1
    return tuple((kind, name) for kind, name in _NAMES.findall(re.sub(r"::?[\w-]+", " ", text[at:end] + " " + own)))


def _is_it(names: tuple[tuple[str, str], ...], tag: str, attributes: str) -> bool:
    """Whether an element may be one that is asked for."""
    for kind, name in names:
        if not kind and tag != name.lower():
            return False
        attribute = "class" if kind == "." else "id"
        if kind and not re.search(rf"""\s{attribute}=["'](?:[^"']*\s)?{name}[\s"']""", attributes):
            return False
    return True


def _cut_inside(html: str, names: tuple[tuple[str, str], ...]) -> bool:
    """Whether a joint is in an element."""
    if not names:
        return True
    kind, name = max(names)
    begins = {"": f"<{name}", ".": name, "#": name}[kind]
    at = html.find(begins)
    while at >= 0:
        joint = html.find(JOINT, at)
        if joint < 0:
            return False
        start = html.rfind("<", 0, at + 1)
        tag = _TAG.match(html, start)
        if tag and not tag[1] and tag[2] and tag.end() > at and _is_it(names, tag[2].lower(), tag[3]):
            depth = 1
            for match in re.compile(rf"<(/?){tag[2]}\b", re.IGNORECASE).finditer(html, tag.end(), joint):
                depth += -1 if match[1] else 1
                if not depth:
                    break
            if depth:
                return True
        at = html.find(begins, at + 1)
    return False


def _cut_around(html: str, names: tuple[tuple[str, str], ...]) -> bool:
    """Whether a joint is in the element around an element."""
    wanted: list[bool] = [False]  # of each open element, whether one in it is asked for
    cut: list[bool] = [False]  # and whether it has a joint
    open_ = ["html"]
    for match in _TAG.finditer(html, max(html.find("<body"), 0)):
        if match[0] == JOINT:
            cut = [True] * len(cut)
            if any(wanted):
                return True
        elif match[1] and match[2].lower() in open_:
            while open_.pop() != match[2].lower():
                wanted.pop()
                cut.pop()
            wanted.pop()
            cut.pop()
        elif match[2] and not match[1]:
            tag = match[2].lower()
            if _is_it(names, tag, match[3]):
                if cut[-1]:
                    return True
                wanted[-1] = True
            if tag not in _VOID and not match[3].endswith("/"):
                open_.append(tag)
                wanted.append(False)
                cut.append(False)
    return False
