"""Makes a tagged PDF/UA-1 file of an HTML page. The one door to WeasyPrint; `tagged` completes what it leaves undone.

In: the page, the folders whose files it may use, the facts for the metadata. Out: the bytes, and what only finished
pages show (how many, where each anchor fell, what was noticed on the way).
"""

from __future__ import annotations

import contextlib
import copy
import gc
import logging
import os
import re
import sys
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from digest import font, opening, picture, worker
from digest.csl.numerals import roman
from digest.errors import DigestError, MissingRequirementError, Problem, ProjectError, did_you_mean
from digest.memo import remembered
from digest.render import (
    breaking,
    fitting,
    formulas,
    linebreaks,
    mirror,
    origins,
    quicker,
    stylesheet,
    tagged,
    typesetting,
)
from digest.render.indexes import each_page_once
from digest.render.properties import SCREEN_ONLY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from xml.etree.ElementTree import Element

    import weasyprint

LIBRARIES: Final = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
PAGES: Final = 10_000  # of one issue
_RECURSION: Final = 6_000  # calls of WeasyPrint inside each other: a table takes twenty, and 100 may be in each other


class Pdf(msgspec.Struct, frozen=True, kw_only=True):
    """A PDF and its facts.

    Attributes:
        content: the bytes of the file.
        labels: the label of each page, such as ``ii`` or ``332``.
        anchors: the label of the page on which each HTML id is.
        problems: what was noticed while making it.
        missing: characters that no font has.
        fit: what does not fit, and what was done about it.
        fonts: the names of the fonts inside, such as ``ABCDEF+Source-Serif-4``.
    """

    content: bytes
    labels: tuple[str, ...]
    anchors: Mapping[str, str]
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
    shown: Callable[[Path], str] = str,
    on_page: Callable[[int], None] = lambda _: None,
) -> Pdf:
    """The page as PDF/UA-1, the same bytes whenever and wherever it is made from the same input by the same libraries.

    Args:
        html: a whole HTML document that refers to its files by ``file:`` addresses.
        facts: for the metadata.
        roots: the folders whose files it may use; any other address is refused.
        fonts: a fontconfig file that names the only fonts to fall back on; nothing keeps the machine's own, and so does
            a person who sets ``FONTCONFIG_FILE``.
        shown: gives the name of a file as problems show it.
        on_page: is given the number of each page that is laid out; one may be laid out more than once.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
    """
    html, undrawn = formulas.as_pictures(html)  # WeasyPrint draws no MathML
    with _fontconfig(fonts), _log(on_page) as log:
        weasyprint = _weasyprint()
        fetcher = _fetcher(weasyprint, tuple(root.resolve() for root in roots), log, shown, mirror.way_of(html))
        with _less_garbage_collection(), _blamed(log, shown), _our_layout(weasyprint):

            def laid_out(
                text: str, before: fitting.Outcome | None = None
            ) -> tuple[Any, fitting.Outcome, tuple[str, ...], dict[str, str]]:
                made, fit = _fitted(weasyprint, text, fetcher, log, before, pdf_variant="pdf/ua-1")
                labels = _labels(made, facts.first_page)
                pages = reversed([*zip(made.pages, labels, strict=True)])
                return made, fit, labels, {name: label for page, label in pages for name in page.anchors}

            document, fit, labels, anchors = laid_out(html)
            if (once := each_page_once(html, anchors)) != html:
                document, fit, labels, anchors = laid_out(once, fit)
            marks = _own_marks(document)
            raw = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"digest")
    assert raw is not None
    content = tagged.completed(raw, facts, labels, marks)
    return Pdf(
        content=content,
        labels=labels,
        anchors=anchors,
        problems=(*_other_fonts_note(fonts), *_log_problems(log, shown), *undrawn),
        missing=_missing(log),
        fit=fit,
        fonts=tagged.font_names(content),
    )


def _fitted(
    weasyprint: Any,  # noqa: ANN401 - WeasyPrint has no types
    text: str,
    fetcher: Any,  # noqa: ANN401 - WeasyPrint has no types
    log: _Log,
    before: fitting.Outcome | None = None,
    **options: Any,  # noqa: ANN401 - WeasyPrint has no types
) -> tuple[Any, fitting.Outcome]:
    """The document, laid out again where a table has to be changed; of each layout the log has the last alone."""
    parsed = weasyprint.HTML(string=text, base_url="", url_fetcher=fetcher)
    fitting.number(parsed.etree_element)

    def lay_out(change: Callable[[Element], None]) -> tuple[Element, Any]:
        log.messages.clear()
        log.missing.clear()
        page = copy.copy(parsed)
        page.etree_element = tree = copy.deepcopy(parsed.etree_element)  # quicker than reading it again
        change(tree)
        for picture_ in tree.iter("img"):
            if picture_.get("alt") == "":
                picture_.set("alt", tagged.DECORATIVE)
        page.wrapper_element = ElementWrapper.from_html_root(tree, content_language=None)  # it knows all elements
        return tree, page.render(**options)

    from cssselect2 import ElementWrapper

    return fitting.fit(parsed.etree_element, lay_out, before)


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
    shown: Callable[[Path], str] = str,
    on_page: Callable[[int], None] = lambda _: None,
    on_layout: Callable[[Any], None] = lambda _: None,
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
    """
    html, undrawn = formulas.as_pictures(html)  # WeasyPrint draws no MathML
    with _fontconfig(fonts), _log(on_page) as log:
        weasyprint = _weasyprint()
        fetcher = _fetcher(weasyprint, tuple(root.resolve() for root in roots), log, shown, mirror.way_of(html))
        with _less_garbage_collection(), _blamed(log, shown), _our_layout(weasyprint):
            document, fit = _fitted(weasyprint, html, fetcher, log)
            on_layout(document)
            content = document.write_pdf(uncompressed_pdf=True)
    return Proof(
        content=content,
        labels=_labels(document, first_page),
        places={
            name: (n, float(place[1]), float(place[0]))
            for n, page in reversed([*enumerate(document.pages)])
            for name, place in page.anchors.items()
        },
        areas=tuple(_area(page) for page in document.pages),
        blocks=tuple(
            origins.blocks(page._page_box) if origins.ATTRIBUTE in html else ()  # noqa: SLF001 - nothing public has boxes
            for page in document.pages
        ),
        problems=(*_other_fonts_note(fonts), *_log_problems(log, shown), *undrawn),
        missing=_missing(log),
        fit=fit,
    )


@contextlib.contextmanager
def _our_layout(weasyprint: Any) -> Iterator[None]:  # noqa: ANN401 - WeasyPrint has no types
    """Lets WeasyPrint lay out as is said here, in `breaking` and in `linebreaks`, not as its own functions do."""
    layout = weasyprint.layout
    with (
        _running_heads(),
        linebreaks.kept(layout.inline, layout.preferred, units=quicker.units(weasyprint)),
        quicker.patches(weasyprint),
        breaking.rules(layout.block, layout.inline),
        _floats_moved_whole(),
    ):
        yield


@contextlib.contextmanager
def _running_heads() -> Iterator[None]:
    """Lets margin boxes say what is on the page: ``counter(pages)``, ``string(numbers)`` and ``string(entry)``.

    ``counter(pages)`` is the number of the last page, as it is printed, in place of how many sheets there are with
    cover and contents. ``string(numbers)`` is what the elements with ``data-number`` on the page have there: nothing,
    one number, or the first and the last as a range. ``string(entry)`` is the ``data-running-head`` of the first
    element on the page that has one, even if it began on an earlier page.
    """
    from weasyprint import layout

    original = layout.make_margin_boxes

    def with_numbers(context: Any, page: Any, state: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        last = context.page_maker[-1][3][1].get("page", [0])[-1]
        state[1]["pages"] = [last]
        elements = [box.element for box in page.descendants() if getattr(box, "element", None) is not None]
        numbers = [*dict.fromkeys(number for element in elements if (number := element.get("data-number")))]
        text = numbers[0] if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}" if numbers else ""
        context.string_set["numbers"][context.current_page] = [text]
        heads = (head for element in elements if (head := element.get("data-running-head")) is not None)
        context.string_set["entry"][context.current_page] = [next(heads, "")]
        return original(context, page, state)

    layout.make_margin_boxes = with_numbers
    try:
        yield
    finally:
        layout.make_margin_boxes = original


@contextlib.contextmanager
def _floats_moved_whole() -> Iterator[None]:
    """Takes the rest of a float from the next page where what it is in is moved there altogether.

    WeasyPrint 70 looks for it by the boxes before layout, keeps it by those after, and prints it a second time.
    """
    from weasyprint.layout import block, column

    original = block.remove_placeholders

    def with_rests(context: Any, boxes: Any, *lists: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        original(context, boxes, *lists)
        if not context.broken_out_of_flow:
            return
        for piece, (whole, *_) in [*context.broken_out_of_flow.items()]:
            if whole in boxes:
                del context.broken_out_of_flow[piece]

    block.remove_placeholders = column.remove_placeholders = with_rests
    try:
        yield
    finally:
        block.remove_placeholders = column.remove_placeholders = original


@contextlib.contextmanager
def _blamed(log: _Log, shown: Callable[[Path], str]) -> Iterator[None]:
    """Reports what was refused, and whatever layout raises, by what it was about.

    Raises:
        ProjectError: a picture or font that a page uses cannot be used.
        DigestError: WeasyPrint gave up.
    """
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _RECURSION))
    try:
        yield
    except (DigestError, MemoryError):
        raise
    except Exception as error:
        if not log.refused:
            where = f"page {log.page}" if log.page else ""
            raise DigestError(
                f"WeasyPrint cannot lay this out: {type(error).__name__}: {_without_addresses(str(error), shown)}",
                where=where,
                todo="look at the styles that you changed last",
            ) from error
    finally:
        sys.setrecursionlimit(before)
    if log.refused:
        raise ProjectError(
            Problem(level="error", code="asset-type", message=message, file=shown(Path(file)) if file else "")
            for file, message in dict.fromkeys(log.refused)
        )


def _without_addresses(message: str, shown: Callable[[Path], str]) -> str:
    """A message of WeasyPrint with files as a person knows them, and of ``data:`` no more than its type."""

    def name(match: re.Match[str]) -> str:
        return shown(Path(unquote(match[1])))

    message = re.sub(r"file://(/[^\s'\"()<>]{1,4000})", name, message)
    message = re.sub(r"'(/[^'\n]{1,4000})'", name, message)
    return re.sub(r"(data:[^,'\"]{0,60}),[^'\"\s)]{40,}", r"\1,…", message)


def _area(page: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - WeasyPrint has no types
    box = page._page_box  # noqa: SLF001 - nothing public has the margins of a page
    left, top = box.content_box_x(), box.content_box_y()
    return left / page.width, top / page.height, (left + box.width) / page.width, (top + box.height) / page.height


def glyph_name(char: str) -> str:
    """``“病” (U+75C5, CJK UNIFIED IDEOGRAPH-75C5)``."""
    return f"“{char}” (U+{ord(char):04X}, {unicodedata.name(char, 'without a name')})"


@remembered
def css_problems(text: str) -> Sequence[tuple[int | None, str]]:
    """What of a stylesheet WeasyPrint does not know, with its line; what is for the screen only is not looked at.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
    """
    weasyprint: Any = _weasyprint()

    class Nothing(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ANN401, ARG002 - WeasyPrint has no types
            raise ValueError("a stylesheet is looked at by itself")

    with _log() as log:
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


# -- around WeasyPrint -------------------------------------------------------------------------------------------------


def _weasyprint() -> Any:  # noqa: ANN401 - WeasyPrint has no types
    try:
        import weasyprint
    except OSError as error:
        library = re.search(r"'([^']+)'", str(error))
        raise MissingRequirementError(
            f"the library {library[1] if library else 'Pango'} is missing: PDF files need it for their text",
            todo=f"install it with: apt-get install {' '.join(LIBRARIES)}",
        ) from error
    from weasyprint.text import line_break

    if isinstance(line_break.pyphen, ModuleType):
        line_break.pyphen = _hyphenation(line_break.pyphen)
    return weasyprint


def _hyphenation(pyphen: Any) -> Any:  # noqa: ANN401 - Pyphen has no types
    """What WeasyPrint asks for places to hyphenate, without those in words that are not hyphenated.

    An element around each such word would do it as well; a book of abstracts then takes a third longer.
    """

    class Hyphens(pyphen.Pyphen):  # type: ignore[misc]  # Pyphen has no types
        def __init__(self, *, lang: str, left: int, right: int) -> None:
            super().__init__(lang=lang, left=left, right=right)
            self.rules = typesetting.rules_of(lang.replace("_", "-"))

        def positions(self, word: str) -> list[int]:
            return [] if self.rules.is_whole(word) else super().positions(word)

    return SimpleNamespace(language_fallback=pyphen.language_fallback, Pyphen=Hyphens)


def check() -> str:
    """The versions of what makes PDF files.

    Raises:
        MissingRequirementError: something is not installed.
    """
    weasyprint = _weasyprint()
    from weasyprint.text.ffi import pango

    number = pango.pango_version()
    return f"WeasyPrint {weasyprint.__version__}, Pango {number // 10000}.{number // 100 % 100}.{number % 100}"


_loaded: Final = [""]  # the file that fontconfig read last in this process


@contextlib.contextmanager
def _fontconfig(file: Path | None) -> Iterator[None]:
    """Lets fontconfig see the fonts that `file` names and no others: the same page on every machine.

    WeasyPrint reads the file again for each document, as to which fonts there are (2.5 ms, no longer than the machine's
    own; 25 ms the first time on a machine, for the cache). What serif means, Pango asks the configuration with which
    fontconfig began in this process: that one is read again when it is another.
    """
    pinned = file.resolve() if file and not other_fonts() else None  # a relative one is looked for in /etc/fonts
    if pinned:
        os.environ["FONTCONFIG_FILE"] = str(pinned)
    try:
        with _font_cache():
            _weasyprint()
            if _loaded[0] != (now := os.environ.get("FONTCONFIG_FILE", "")):
                from weasyprint.text.ffi import ffi, fontconfig

                ffi.cdef("int FcInitReinitialize(void);", override=True)
                fontconfig.FcInitReinitialize()
                _loaded[0] = now
            yield
    finally:
        if pinned:
            del os.environ["FONTCONFIG_FILE"]


@contextlib.contextmanager
def _font_cache() -> Iterator[None]:
    """Lets fontconfig have a cache for the moment where it cannot keep one: it would complain on standard error."""
    before = os.environ.get("XDG_CACHE_HOME", "")
    usual = Path(before or os.path.expanduser("~/.cache")) / "fontconfig"  # noqa: PTH111 - raises no error
    nearest = next(folder for folder in (usual, *usual.parents) if folder.exists())
    if os.access(nearest, os.W_OK):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="digest-fonts-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        try:
            yield
        finally:
            os.environ["XDG_CACHE_HOME"] = before


def other_fonts() -> str:
    """The fontconfig file that a person chose for this machine; it goes before that of a theme."""
    return os.environ.get("FONTCONFIG_FILE", "")


def _other_fonts_note(fonts: Path | None) -> tuple[Problem, ...]:
    if fonts is None or not (other := other_fonts()):
        return ()
    message = f"FONTCONFIG_FILE is set: fonts come from {other}, not from the theme; pages may differ on other machines"
    return (Problem(level="note", code="other-fonts", message=message),)


@contextlib.contextmanager
def _less_garbage_collection() -> Iterator[None]:
    """Layout makes many boxes that live until the end: collecting less often saves 7 % of its time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Log(logging.Handler):
    """What WeasyPrint logs, sorted: characters without a glyph, and other messages with their stylesheet and line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing: list[str] = []
        self.messages: list[tuple[str, str, int | None]] = []
        self.stylesheet = ""  # the one that is being read: CSS messages name no file
        self.refused: list[tuple[str, str]] = []  # file and message of each picture or font that cannot be used
        self.page = 0  # the one that is laid out

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if ".notdef" in str(record.msg):
            self.missing.append(str(record.args[0]) if isinstance(record.args, tuple) and record.args else "")
            return
        if re.match(r"(?:Expected a|Invalid) media type", message) and "print" not in message:
            return  # for the screen: WeasyPrint knows media by their names alone
        place = re.search(r" at (\d+):\d+", message) if self.stylesheet else None
        line = int(place[1]) if place else None
        self.messages.append((message, self.stylesheet if place else "", line))


class _Steps(logging.Handler):
    """Notices pages, and when all stylesheets have been read: later messages of CSS are about ``style`` attributes."""

    def __init__(self, log: _Log, on_page: Callable[[int], None]) -> None:
        super().__init__(logging.INFO)
        self.log, self.on_page = log, on_page

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Step 3"):
            self.log.stylesheet = ""
        elif page := re.search(r"^Step 5.* Page (\d+)$", message):
            self.log.page = int(page[1])
            worker.doing(f"laying out page {page[1]}")
            if self.log.page > PAGES:
                raise DigestError(
                    f"the issue has more than {PAGES:,} pages",
                    todo="look for a page break that is repeated, or a page that is too small for what it holds",
                )
            self.on_page(self.log.page)


def _log_problems(log: _Log, shown: Callable[[Path], str]) -> tuple[Problem, ...]:
    problems = (
        Problem(
            level="warning",
            code="pdf",
            message=_without_addresses(message, shown),
            file=shown(Path(file)) if file else "",
            line=line,
        )
        for message, file, line in log.messages
    )
    return tuple(dict.fromkeys(problems))


def _missing(log: _Log) -> tuple[str, ...]:
    return tuple(dict.fromkeys(char for char in log.missing if char and not char.isspace()))


@contextlib.contextmanager
def _log(on_page: Callable[[int], None] = lambda _: None) -> Iterator[_Log]:
    logger = logging.getLogger("weasyprint")
    handler = _Log()
    before = (logger.handlers[:], logger.propagate, logger.level)
    logger.handlers, logger.propagate, logger.level = [handler], False, logging.WARNING
    progress = logging.getLogger("weasyprint.progress")
    progress_before = (progress.handlers[:], progress.propagate, progress.level)
    progress.handlers, progress.propagate = [_Steps(handler, on_page)], False
    progress.setLevel(logging.INFO)  # not by the attribute: the logger remembers what it answered while it was imported
    try:
        yield handler
    finally:
        logger.handlers, logger.propagate, logger.level = before
        progress.handlers, progress.propagate = progress_before[:2]
        progress.setLevel(progress_before[2])


def _fetcher(
    weasyprint: Any,  # noqa: ANN401 - WeasyPrint has no types
    roots: tuple[Path, ...],
    log: _Log,
    shown: Callable[[Path], str],
    way: mirror.Way,
) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """Files below `roots` and ``data:``, nothing else, whatever an address looks like; styles are turned this way."""
    allowed = {".css", ".html", ".png", ".jpg", ".jpeg", ".svg", ".webp", ".ttf", ".otf", ".woff", ".woff2"}

    def refused(file: str, message: str) -> ValueError:
        log.refused.append((file, message))
        return ValueError(message)

    class Fetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        def complaint(self, media: str, content: bytes, name: str) -> str:
            if media.startswith("image/"):
                return picture.complaint_about(content, media, name)
            return font.complaint_about(content, name) if "font" in media else ""

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ANN401, ARG002 - WeasyPrint has no types
            parts = urlsplit(url)
            if parts.scheme == "data":
                try:
                    media, content = picture.in_address(url)
                except ValueError as error:
                    raise refused("", str(error)) from None
                if message := self.complaint(media, content, f"in the address “{url[:40]}…”"):
                    raise refused("", message)
                return weasyprint.urls.URLFetcherResponse(url, content, {"Content-Type": media or "text/plain"})
            path = Path(unquote(parts.path)).resolve() if parts.scheme == "file" and not parts.netloc else None
            if (
                path is None
                or path.suffix.lower() not in allowed
                or not any(path.is_relative_to(root) for root in roots)
            ):
                raise ValueError("only files of the issue, the overrides and the theme may be used")
            worker.doing(f"{shown(path)} (read last)")
            if message := stylesheet.asset_complaint(path, stylesheet.stamp(path)):
                raise refused(str(path), message)
            if path.suffix.lower() == ".css":
                log.stylesheet = str(path)
            media = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}.get(
                path.suffix.lower(), "application/octet-stream"
            )
            content = opening.read_file(path)
            if path.suffix.lower() == ".css" and way != "ltr":
                content = mirror.turned(content.decode("utf-8-sig", "replace"), way).encode()
            return weasyprint.urls.URLFetcherResponse(path.as_uri(), content, {"Content-Type": media})

    return Fetcher(allowed_protocols=("data",), allow_redirects=False)


def _labels(document: weasyprint.Document, first_page: int) -> tuple[str, ...]:
    """i, ii, iii up to the page on which the content begins, then numbers from the issue's first page."""
    fronts = next((n for n, page in enumerate(document.pages) if "content" in page.anchors), 0)
    body = (str(first_page + n) for n in range(len(document.pages) - fronts))
    return (*(roman(n) for n in range(1, fronts + 1)), *body)


def _own_marks(document: weasyprint.Document) -> tuple[tuple[str, ...], ...]:
    """The marks that the styles of each page ask for; WeasyPrint, which would draw them in the bleed, forgets them."""
    marks = []
    for page in document.pages:
        style = page._page_box.style  # noqa: SLF001 - nothing public has the styles of a page
        marks.append(tuple(style["marks"]))
        style["marks"] = ()
    return tuple(marks)
