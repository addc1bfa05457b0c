"""Cuts a document for paper into sheets, at the joints that its templates name: each is a document of its own.

What is around a joint stays around each sheet, so that the same styles apply: the elements that are open there, and
an empty element, which is not shown, for each that was next to them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from digest.render.paper.apart import CONTINUED
from digest.render.sheeting import JOINT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_TAG: Final = re.compile(
    r"<!--.*?-->|<(?P<raw>script|style)\b[^>]*>.*?</(?P=raw)\s*>"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*)(?P<rest>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL,
)
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
_BEGUN: Final = (
    "margin-top:0!important;padding-top:0!important;border-top-width:0!important;break-before:auto!important;"
    "bookmark-level:none!important;-weasy-anchor:initial!important;"
)
_GOES_ON: Final = (
    "margin-bottom:0!important;padding-bottom:0!important;border-bottom-width:0!important;break-after:auto!important;"
)
_AWAY: Final = "display:none!important;-weasy-anchor:initial!important;"
_STYLE: Final = re.compile(r"""(\sstyle=)("|')""")
_ID: Final = re.compile(r"""\sid=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_PLACE: Final = re.compile(r"""\shref=["']?#([^"'\s>]+)""")


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A document in sheets.

    Attributes:
        sheets: a whole document for each.
        empty: the document without content.
        ids: all HTML ids, with the sheet of each.
        places: the ids that each sheet links to.
        pieces: what is between the joints, with what is before the first one.
    """

    sheets: tuple[str, ...]
    empty: str
    ids: dict[str, int]
    places: tuple[frozenset[str], ...]
    pieces: tuple[str, ...]


class _Open:
    """An element, with the tags of what is in it so far."""

    __slots__ = ("children", "last", "name", "next", "rest")

    def __init__(self, name: str, rest: str) -> None:
        self.name, self.rest = name, rest
        self.children: list[tuple[str, str]] = []
        self.last: _Open | None = None  # the newest of its children
        self.next: list[tuple[str, str]] = []  # the element after it


def cut(html: str) -> Cut:
    """The sheets of a document; one where it has no joints.

    Args:
        html: the document.
    """
    begin = html.find("<body")
    head_end = html.index(">", begin) + 1 if begin >= 0 else 0
    empty = html[:head_end] + "</body></html>" if head_end else html
    pieces = html[head_end:].split(JOINT) if head_end else [html]
    pieces = _moved(pieces)
    if len(pieces) == 1:
        text = html.replace(JOINT, "")
        return Cut(sheets=(text,), empty=empty, ids=_ids([text]), places=(_places(text),), pieces=(text,))
    first_tag = html[begin + len("<body") : head_end - 1]
    open_: list[_Open] = [_Open("body", first_tag)]
    sheets = []
    states = []
    for piece in pieces:
        around = [(one, [*one.children]) for one in open_]
        _read(piece, open_)
        states.append((around, [*open_]))
    for n, (piece, (around, after)) in enumerate(zip(pieces, states, strict=True)):
        last = n + 1 == len(pieces)
        still = {id(one) for one in after} if not last else set()
        before = ""
        for k, (one, children) in enumerate(around):
            style = (_BEGUN if n else "") + (_GOES_ON if id(one) in still else "")
            before += _tag(one, style, continued=n > 0)
            before += _stubs(children if k + 1 == len(around) else children[:-1]) if n else ""
        if last:
            sheets.append(html[:begin] + before + piece)
        else:
            outer = {id(one) for one, _ in around}
            text = _unfinished(piece, [one for one in after if id(one) not in outer])
            ends = "".join(f"</{one.name}>{_stubs(one.next)}" for one in reversed(after))
            sheets.append(html[:begin] + before + text + _next_stub(pieces[n + 1]) + ends + "</html>")
    return Cut(
        sheets=tuple(sheets),
        empty=empty,
        ids=_ids(pieces),
        places=tuple(_places(piece) for piece in pieces),
        pieces=(html[:head_end] + pieces[0], *pieces[1:]),
    )


def _moved(pieces: Sequence[str]) -> list[str]:
    """The pieces with each joint before the elements that are opened last, as their content begins after it.

    An element that is empty in one sheet would be there with its margins, and with the page that it asks for.
    """
    moved = [*pieces]
    for n in range(len(moved) - 1):
        while (tag := _last_tag(moved[n])) >= 0:
            moved[n], moved[n + 1] = moved[n][:tag], moved[n][tag:] + moved[n + 1]
    return [piece for n, piece in enumerate(moved) if piece.strip() or n == 0]


def _last_tag(piece: str) -> int:
    """Where the tag begins that opens an element at the end of a piece; -1 where something else is there."""
    text = piece.rstrip()
    at = text.rfind("<") if text.endswith(">") else -1
    match = _TAG.fullmatch(text, at) if at >= 0 else None
    opens = match and match["name"] and not match["end"] and not match["rest"].endswith("/")
    return at if match and opens and match["name"].lower() not in _VOID else -1


def joined(before: Cut, wrong: Collection[int]) -> Cut:
    """A document without some of its joints.

    Args:
        before: the document in sheets.
        wrong: the sheets that are to go on from the ones before them.
    """
    first, *others = before.pieces
    return cut(first + "".join(("" if n in wrong else JOINT) + piece for n, piece in enumerate(others, 1)))


def _read(piece: str, open_: list[_Open]) -> None:
    """Follows the tags of a piece: which elements are open after it, and what is in them."""
    for match in _TAG.finditer(piece):
        name = match["name"]
        if name is None:
            continue
        name = name.lower()
        if match["end"]:
            for n in range(len(open_) - 1, 0, -1):
                if open_[n].name == name:
                    del open_[n:]
                    break
            continue
        parent, one = open_[-1], _Open(name, match["rest"])
        parent.children.append((name, match["rest"]))
        if parent.last:
            parent.last.next = [(name, match["rest"])]
        parent.last = one
        if name not in _VOID and not match["rest"].endswith("/"):
            open_.append(one)


def _styled(rest: str, style: str) -> str:
    """Attributes with some more declarations."""
    if not style:
        return rest
    if _STYLE.search(rest):
        return _STYLE.sub(lambda match: f"{match[0]}{style}", rest, count=1)
    return f'{rest} style="{style}"'


def _tag(one: _Open, style: str, *, continued: bool) -> str:
    """The tag that opens an element again."""
    mark = f' {CONTINUED}=""' if continued else ""
    return f"<{one.name}{_styled(one.rest, style)}{mark}>"


def _unfinished(piece: str, opened: Sequence[_Open]) -> str:
    """A piece in which elements are opened that go on after it: nothing is after them on its last page."""
    for one in opened:
        tag = f"<{one.name}{one.rest}>"
        at = piece.rfind(tag)
        if at >= 0:
            piece = piece[:at] + f"<{one.name}{_styled(one.rest, _GOES_ON)}>" + piece[at + len(tag) :]
    return piece


def _stubs(children: Sequence[tuple[str, str]]) -> str:
    """Empty elements, which are not shown, for those that were before a joint."""
    return "".join(
        f"<{name}{_styled(rest, _AWAY)}>" + ("" if name in _VOID else f"</{name}>") for name, rest in children
    )


def _next_stub(piece: str) -> str:
    """An empty element for the one that follows a joint."""
    for match in _TAG.finditer(piece):
        if match["name"] and not match["end"]:
            return _stubs([(match["name"].lower(), match["rest"])])
        if match["name"]:
            return ""
    return ""


def _ids(pieces: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for n, piece in enumerate(pieces):
        for match in _ID.finditer(piece):
            found.setdefault(match[1] or match[2] or match[3] or "", n)
    return found


def _places(piece: str) -> frozenset[str]:
    return frozenset(match[1] for match in _PLACE.finditer(piece))
