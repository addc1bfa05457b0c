"""Makes a tagged PDF/UA-1 file of an HTML page, or pages of it to look at; `digest.render.paper` does it in sheets.

In: the page, the folders whose files it may use, the facts for the metadata. Out: the bytes, and what only finished
pages show (how many, where each anchor fell, what was noticed on the way).
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.errors import FileNames, Problem, did_you_mean
from digest.memo import remembered
from digest.render import fitting, origins, tagged
from digest.render.paper import engine, making, printing
from digest.render.properties import SCREEN_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from digest.store import Store


_NO_NAMES: Final = FileNames()


class Pdf(msgspec.Struct, frozen=True, kw_only=True):
    """A PDF and its facts.

    Attributes:
        content: the bytes of the file.
        labels: the label of each page, such as ``ii`` or ``332``.
        anchors: the label of the page on which each HTML id is.
        ends: the label of the last page on which it is.
        problems: what was noticed while making it.
        missing: characters that no font has.
        fit: what does not fit, and what was done about it.
        fonts: the names of the fonts inside, such as ``ABCDEF+Source-Serif-4``.
    """

    content: bytes
    labels: tuple[str, ...]
    anchors: Mapping[str, str]
    ends: Mapping[str, str]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]
    fit: fitting.Outcome = fitting.Outcome()
    fonts: tuple[str, ...] = ()


def render(
    html: str,
    facts: tagged.Facts,
    *,
    roots: Sequence[Path],
    fonts: Path | None,
    shown: FileNames = _NO_NAMES,
    on_page: Callable[[int], None] = lambda _: None,
    on_sheet: Callable[[int, int, int], None] = lambda _done, _of, _pages: None,
    kept: Store | None = None,
    scheduler: str = "",
    whole: bool = False,
    typeset: str = "",
) -> Pdf:
    """The page as PDF/UA-1, the same bytes whenever and wherever it is made from the same input by the same libraries.

    Args:
        html: a whole HTML document that refers to its files by ``file:`` addresses.
        facts: for the metadata.
        roots: the folders whose files it may use; any other address is refused.
        fonts: a fontconfig file that names the only fonts to fall back on; nothing keeps the machine's own, and so does
            a person who sets ``FONTCONFIG_FILE``.
        shown: gives the name of a file as problems show it.
        on_page: is given the number of each page that is laid out here; one may be laid out more than once.
        on_sheet: is given how many sheets are made, of how many, and their pages so far.
        kept: where sheets are kept for the next time; nothing: nowhere.
        scheduler: address of the scheduler of a cluster that makes the sheets; empty: this machine does.
        whole: whether it is laid out in one piece, because its styles look further than a sheet.
        typeset: the language in which texts are typeset that have no other one (`digest.render.typesetting`); empty:
            texts stay as they are.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
    """
    kept = kept if fonts else None  # it is not known when fonts of the machine change
    with making.Workshop(roots, shown, kept=kept, scheduler=scheduler, on_page=on_page, on_sheet=on_sheet) as makers:
        made = printing.Printer(html, facts, fonts, makers, whole=whole, typeset=typeset).print()
    return Pdf(
        content=made.content,
        labels=made.labels,
        anchors=made.anchors,
        ends=made.ends,
        problems=_noticed(made, fonts, shown),
        missing=made.missing,
        fit=made.fit,
        fonts=made.fonts,
    )


def _noticed(made: printing.Printed, fonts: Path | None, shown: FileNames) -> tuple[Problem, ...]:
    """What was noticed while pages were made."""
    return (*engine.other_fonts_note(fonts), *engine.problems_of(made.messages, shown), *made.undrawn)


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Pages to look at: the same as in the `Pdf`, without what only machines read.

    Attributes:
        content: a PDF without tags, metadata and page labels.
        labels: the label of each page.
        places: the number of the page on which each HTML id is, counted from 0, and how far down and to the right, in
            CSS pixels.
        areas: of each page what is inside of its margins: left, top, right, bottom, as shares of the page.
        blocks: of each page the template and line that made each of its boxes, where the document has such marks.
        problems: what was noticed while making it.
        missing: characters that no font has.
        fit: what does not fit, and what was done about it.
    """

    content: bytes
    labels: tuple[str, ...]
    places: Mapping[str, tuple[int, float, float]]
    areas: tuple[tuple[float, float, float, float], ...]
    blocks: tuple[tuple[origins.Block, ...], ...]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]
    fit: fitting.Outcome = fitting.Outcome()


def proof(
    html: str,
    first_page: int,
    *,
    roots: Sequence[Path],
    fonts: Path | None,
    shown: FileNames = _NO_NAMES,
    on_page: Callable[[int], None] = lambda _: None,
    on_layout: Callable[[Any], None] = lambda _: None,
    kept: Store | None = None,
    whole: bool = False,
    typeset: str = "",
) -> Proof:
    """The pages of a document, made as `render` makes them but in less time.

    Args:
        html: as for `render`.
        first_page: number of the page on which the element with the id ``content`` begins.
        roots: as for `render`.
        fonts: as for `render`.
        shown: as for `render`.
        on_page: as for `render`.
        on_layout: is given WeasyPrint's document, to measure its boxes.
        kept: as for `render`.
        whole: as for `render`.
        typeset: as for `render`.
    """
    facts = tagged.Facts(title="", language="", date="", periodical="", first_page=first_page)
    kept = kept if fonts else None
    with making.Workshop(roots, shown, kept=kept, on_page=on_page, on_layout=on_layout) as makers:
        made = printing.Printer(html, facts, fonts, makers, whole=whole, tags=False, typeset=typeset).print()
    return Proof(
        content=made.content,
        labels=made.labels,
        places=made.places,
        areas=made.areas,
        blocks=made.blocks,
        problems=_noticed(made, fonts, shown),
        missing=made.missing,
        fit=made.fit,
    )


def glyph_name(char: str) -> str:
    """``“病” (U+75C5, CJK UNIFIED IDEOGRAPH-75C5)``."""
    return f"“{char}” (U+{ord(char):04X}, {unicodedata.name(char, 'without a name')})"


@remembered
def css_problems(text: str) -> Sequence[tuple[int | None, str]]:
    """What of a stylesheet WeasyPrint does not know, with its line; what is for the screen only is not looked at.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
    """
    weasyprint: Any = engine.load()

    class Nothing(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ANN401, ARG002 - WeasyPrint has no types
            raise ValueError("a stylesheet is looked at by itself")

    with engine.logged() as log:
        log.stylesheet = "this one"
        try:
            weasyprint.CSS(string=text, base_url="", media_type="print", url_fetcher=Nothing())
        except (ArithmeticError, LookupError, RecursionError, SyntaxError, TypeError, ValueError) as error:
            return [(None, f"WeasyPrint cannot read this: {type(error).__name__}: {error}")]
    found: list[tuple[int | None, str]] = []
    for message, _, line in log.messages:
        what, at = re.sub(r" at \d+:\d+", "", message).rstrip(".").replace("/**/", " "), line
        if line is None and (selector := re.search(r"selector, '(.*)'", message, re.DOTALL)):
            place = text.find(selector[1].strip())
            at = text[:place].count("\n") + 1 if place >= 0 else None
        if (ignored := re.match(r"Ignored `([\w-]+)", message)) and "unknown property" in message:
            what = _unknown_property(ignored[1].replace("_", "-"), what)
        elif unknown := re.match(r"Unknown (@page )?rule <AtRule (@[\w-]+)", message):
            what = _unknown_rule(unknown[2], _MARGIN_BOXES if unknown[1] else _AT_RULES)
        found.append((at, f"WeasyPrint does not print this: {what}".replace("\n", " ")))
    return found


def _unknown_property(name: str, message: str) -> str:
    """What a message says of a property that is not printed: the nearest that is, or that browsers alone know it."""
    from weasyprint.css.properties import KNOWN_PROPERTIES
    from weasyprint.css.validation.expanders import EXPANDERS

    printed = {known.replace("_", "-") for known in (*KNOWN_PROPERTIES, *EXPANDERS)}
    if name in SCREEN_ONLY or name.startswith("-"):
        return f"“{name}” is a property for browsers alone"
    near = did_you_mean(name, [*printed, *SCREEN_ONLY], least=0.75)
    return f"{message}{near}" if near.partition("“")[2].partition("”")[0] in printed else message


# Rules that WeasyPrint 70 knows, and those for browsers alone (CSS Snapshot 2025).
_AT_RULES: Final = (
    "@color-profile",
    "@counter-style",
    "@font-face",
    "@import",
    "@layer",
    "@media",
    "@namespace",
    "@page",
)
_SCREEN_RULES: Final = frozenset(
    "@container @font-feature-values @font-palette-values @keyframes @position-try @property @scope @starting-style"
    " @supports @view-transition".split()
)
# CSS Paged Media Module Level 3, 6.2, and the area of footnotes.
_MARGIN_BOXES: Final = (
    "@footnote",
    *(
        f"@{edge}-{place}"
        for edge in ("top", "bottom")
        for place in ("left-corner", "left", "center", "right", "right-corner")
    ),
    *(f"@{edge}-{place}" for edge in ("left", "right") for place in ("top", "middle", "bottom")),
)


def _unknown_rule(name: str, known: Sequence[str]) -> str:
    """What a message says of an at-rule that is not printed: the nearest that is, or that browsers alone know it."""
    if name.lower() in _SCREEN_RULES:
        return f"“{name}” is a rule for browsers alone"
    return f"there is no rule “{name}” here{did_you_mean(name, known)}"


def families(fonts: Path) -> tuple[str, ...]:
    """The font families in the folders that a fontconfig file names."""
    from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]  # it has no types

    found: dict[str, None] = {}
    for folder in re.findall(
        r"<dir[^>]{0,100}>([^<]{1,200})</dir>", fonts.read_text(encoding="utf-8", errors="replace")
    ):
        for path in sorted((fonts.parent / folder.strip()).glob("*.[ot]tf")):
            with contextlib.suppress(TTLibError, OSError), TTFont(path, lazy=True) as font:
                for number in (1, 16, 21):  # family, typographic family, WWS family
                    if name := font["name"].getDebugName(number):
                        found[name] = None
    return tuple(found)


def check() -> str:
    """The versions of what makes PDF files.

    Raises:
        MissingRequirementError: something is not installed.
    """
    weasyprint = engine.load()
    from weasyprint.text.ffi import pango

    number = pango.pango_version()
    return f"WeasyPrint {weasyprint.__version__}, Pango {number // 10000}.{number // 100 % 100}.{number % 100}"
