"""The formulas of a finished page for media without MathML: drawn as pictures for paper, as text for e-mail."""

from __future__ import annotations

import base64
import functools
import html
import re
import warnings
from typing import TYPE_CHECKING, Final

from digest.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

# What `digest.maths` writes, and nothing else does: its first attributes, then elements without any text in quotes.
_FORMULA: Final = re.compile(r'<math (?P<block>display="block" )?alttext="(?P<text>[^"<>]*)">.*?</math>', re.DOTALL)
_LONG: Final = re.compile(r'(<math (?:display="block" )?alttext="[^"<>]{24,}")>')  # 320 px have room for 30 letters
_TAG: Final = re.compile(r"<(/?)(m[a-z]+)\b[^<>]*>")
# Layout takes twice as long for each level: 0.3 s for seven fractions within each other on one core.
_DEEPEST: Final = 7
_LONGEST: Final = 4000
_WIDEST: Final = 60.0  # em; a page of A4 has about 45
_SIZE: Final = 24.0


def as_text(page: str) -> str:
    """The page with each formula as a line of text."""
    return _FORMULA.sub(lambda match: _block(match, match["text"]), page)


def within_reach(page: str) -> str:
    """The page with each formula that a telephone has to scroll within reach of the keyboard."""
    return _LONG.sub(r'\1 tabindex="0">', page)


def as_pictures(page: str) -> tuple[str, tuple[Problem, ...]]:
    """The page with each formula as a picture, whose alternative is its text; and what is printed as text instead."""
    problems: dict[str, Problem] = {}

    def draw(match: re.Match[str]) -> str:
        picture = _picture(match[0])
        if picture is None:
            shown = html.unescape(match["text"])
            message = (
                f"a formula is printed as a line of text, because it is too large to be drawn: “{shown[:80]}”; "
                "write it in parts"
            )
            problems.setdefault(shown, Problem(level="warning", code="formula", message=message))
            return _block(match, match["text"])
        address, width, height, below = picture
        style = f"width:{width}em;height:{height}em;vertical-align:{below}em"
        return _block(match, f'<img class="formula" src="{address}" alt="{match["text"]}" style="{style}">')

    drawn = _FORMULA.sub(draw, page)
    return (_HEADING.sub(_labelled, drawn) if drawn != page else page), tuple(problems.values())


_HEADING: Final = re.compile(
    r"<(?P<name>h[1-6])(?P<options>[^<>]*)>(?P<inner>(?:(?!</?h[1-6]).){1,40000})</(?P=name)>", re.DOTALL
)


def _labelled(match: re.Match[str]) -> str:
    """A heading whose bookmark has the texts of its formulas, as WeasyPrint takes no words from pictures."""
    if 'class="formula"' not in match["inner"] or "style=" in match["options"]:
        return match[0]
    words = re.sub(r'<img class="formula"[^<>]* alt="([^"]*)"[^<>]*>', r"\1", match["inner"])
    label = " ".join(html.unescape(re.sub(r"<[^<>]*>", "", words)).split()).replace("\\", "\\\\").replace('"', '\\"')
    style = html.escape(f'bookmark-label: "{label}"')
    return f'<{match["name"]}{match["options"]} style="{style}">{match["inner"]}</{match["name"]}>'


def _block(match: re.Match[str], shown: str) -> str:
    return f'<span style="display:block;text-align:center;margin:.5em 0">{shown}</span>' if match["block"] else shown


@functools.lru_cache(maxsize=4096)
def _picture(mathml: str) -> tuple[str, float, float, float] | None:
    """A picture's address, its width, its height and how far down it is moved, in em; None for what is too large."""
    if len(mathml) > _LONGEST or max(_depths(mathml), default=0) > _DEEPEST:
        return None
    try:
        svg = _svg(mathml)
        _, top, width, height = (float(n) for n in re.findall(r"-?[\d.]+", re.findall(r'viewBox="([^"]+)"', svg)[0]))
    except Exception:  # noqa: BLE001 - it raises what it happens to for what it cannot draw
        return None
    if width > _WIDEST * _SIZE or height > _WIDEST * _SIZE:
        return None
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
    return address, round(width / _SIZE, 3), round(height / _SIZE, 3), -round((height + top) / _SIZE, 3)


def _depths(mathml: str) -> Iterator[int]:
    """How many elements are open at each tag, tokens and the outermost aside."""
    depth = 0
    for match in _TAG.finditer(mathml):
        if match[2] not in {"mi", "mn", "mo", "mtext", "ms", "math", "mtr", "mtd"} and not match[0].endswith("/>"):
            depth += -1 if match[1] else 1
            yield depth


def _svg(mathml: str) -> str:
    """An SVG in which each letter is a path of its own, as WeasyPrint draws it, in hundredths of a pixel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ziamath 0.13 asks for its font as Python 3.8 did
        from ziamath.config import config
        from ziamath.zmath import Math

        config.svg2, config.precision = False, 2
        return Math(mathml, size=_SIZE).svg()
