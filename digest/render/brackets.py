"""What a text of CSS leaves open, each at the line where it opens: brackets, comments, quotes; and brackets too many.

Parsers of CSS close at the end of a file whatever is open there (CSS Syntax Module Level 3, 2.2), so that a person who
forgot one brace sees only that nothing after it counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECES: Final = re.compile(
    r"""(?P<comment>/\*.*?(?P<ended>\*/|\Z))
    |(?P<quoted>"(?:[^"\\\n]|\\.)*(?P<double>"|\n|\Z)|'(?:[^'\\\n]|\\.)*(?P<single>'|\n|\Z))
    |(?P<address>\burl\(\s*(?!["'\s])(?:[^)"'\\\n{}]|\\.)*\))
    |(?P<escape>\\.)
    |(?P<bracket>[{}()\[\]])
    |(?P<end>;)""",
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
_CLOSES: Final = {"}": "{", ")": "(", "]": "["}
# Rules that hold rules, so that one more inside is right (CSS Conditional, Cascade, Nesting).
_GROUPS: Final = ("@media", "@supports", "@layer", "@container", "@scope", "@starting-style", "@keyframes")
_NESTED: Final = ("&", ">", "+", "~", ":", "@", "from", "to")  # begin what is meant to be inside of a rule
_SWALLOWED: Final = re.compile(r"[;}]")


class Slip(msgspec.Struct, frozen=True):
    """Something left open, or a bracket that closes nothing.

    Attributes:
        line: where it opens.
        message: what is missing.
    """

    line: int
    message: str


class _Bracket:
    """An opening bracket with what precedes it, and the first rule that begins inside of it where none should."""

    def __init__(self, sign: str, at: int, before: str, column: int) -> None:
        self.sign, self.at, self.before, self.column = sign, at, before, column
        self.inner: _Bracket | None = None

    @property
    def holds_rules(self) -> bool:
        """Whether rules inside of it are what one expects."""
        return self.before.lower().startswith(_GROUPS)

    def takes_by_mistake(self, other: _Bracket) -> bool:
        """Whether a rule inside of this one looks as if it were meant to follow it: it is not indented further."""
        meant = not other.before or other.before.startswith(_NESTED) or self.sign != "{" or self.holds_rules
        return not meant and other.column <= self.column


def slips(text: str) -> Iterator[Slip]:
    """Everything that a text of CSS leaves open, in the order of its lines.

    Args:
        text: a stylesheet.
    """
    found = [*_found(text)]
    yield from sorted(dict.fromkeys(found), key=lambda slip: slip.line)


def _found(text: str) -> Iterator[Slip]:
    stack: list[_Bracket] = []
    swallowing: list[_Bracket] = []  # braces with a rule inside that was meant to follow
    start = 0  # of what precedes the next brace

    def line(at: int) -> int:
        return text.count("\n", 0, at) + 1

    for match in _PIECES.finditer(text):
        kind = match.lastgroup
        if kind == "comment":
            yield from _comment(match[0], match["ended"], line(match.start()))
        elif kind == "quoted":
            if match["double"] not in {'"', None} or match["single"] not in {"'", None}:
                message = "the quotation mark that opens here is not closed on its line"
                yield Slip(line(match.start()), f"{message}: {_beginning(match[0])}")
        elif kind == "end":
            start = match.end()
        elif kind == "bracket" and match[0] in "{([":
            opened = _Bracket(match[0], match.start(), *_before(text, start, match.start()))
            if match[0] == "{":
                for outer in stack:
                    if outer.inner is None and outer.takes_by_mistake(opened):
                        outer.inner = opened
                        swallowing.append(outer)
                start = match.end()
            stack.append(opened)
        elif kind == "bracket":
            while stack and stack[-1].sign != _CLOSES[match[0]] and match[0] == "}":
                unclosed = stack.pop()
                yield Slip(line(unclosed.at), f"the “{unclosed.sign}” that opens here is never closed")
            if stack and stack[-1].sign == _CLOSES[match[0]]:
                stack.pop()
            else:
                message = f"this “{match[0]}” closes nothing; look for an extra or missing bracket before it"
                yield Slip(line(match.start()), message)
            if match[0] == "}":
                start = match.end()
    yield from (
        Slip(line(one.at), f"the “{one.sign}” that opens here is never closed") for one in stack if one.sign != "{"
    )
    left = [one for one in stack if one.sign == "{"]
    first = sorted(swallowing, key=lambda one: one.at)[: len(left)]
    for one in first or left:
        opens = f"the “{{” that opens here, after “{_beginning(one.before)}”, is never closed; a “}}” is missing"
        lost = f" before line {line(one.inner.at)}, and the rules from there on are lost" if one.inner else ""
        yield Slip(line(one.at), f"{opens}{lost}")


def _comment(text: str, ended: str | None, line: int) -> Iterator[Slip]:
    if not ended:
        yield Slip(line, "the comment that begins here is never closed: “*/” is missing, and all after it is lost")
        return
    again = text.find("/*", 2)
    if again > 0 and _SWALLOWED.search(text, 2, again):
        following = line + text.count("\n", 0, again)
        message = (
            f"the comment that begins here is not closed before the next one on line {following}; “*/” is missing, "
            "and what is between them is lost"
        )
        yield Slip(line, message)


def _before(text: str, start: int, at: int) -> tuple[str, int]:
    """The selector before a brace, without comments, and the column in which it begins.

    A declaration before it that lacks its “;” is not part of it: a selector goes on from line to line by a comma.
    """
    bare = re.sub(r"/\*.*?\*/", lambda match: re.sub(r"\S", " ", match[0]), text[start:at], flags=re.DOTALL)
    lines = bare.rstrip().split("\n")
    first = len(lines) - 1
    while first and (not lines[first - 1].strip() or lines[first - 1].rstrip().endswith(",")):
        first -= 1
    begin = start + sum(len(one) + 1 for one in lines[:first])
    words = "\n".join(lines[first:])
    begin += len(words) - len(words.lstrip())
    return " ".join(words.split()), begin - (text.rfind("\n", 0, begin) + 1)


def _beginning(text: str) -> str:
    text = " ".join(text.split())
    return f"{text[:30]}…" if len(text) > 31 else text
