"""The door to WeasyPrint: which fonts and files it sees, what it says, and what is laid out as is said here."""

from __future__ import annotations

import contextlib
import copy
import functools
import gc
import logging
import os
import re
import sys
import tempfile
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from digest import font, opening, picture, worker
from digest.errors import DigestError, MissingRequirementError, Problem, ProjectError, of_disk
from digest.render import breaking, fitting, linebreaks, mirror, quicker, stylesheet, tagged, typesetting
from digest.render.paper import rereading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from xml.etree.ElementTree import Element

LIBRARIES: Final = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
PAGES: Final = 10_000  # of one issue
_RECURSION: Final = 6_000  # calls of WeasyPrint inside each other: a table takes twenty, and 100 may be in each other


def fitted(
    weasyprint: Any,  # noqa: ANN401 - WeasyPrint has no types
    text: str,
    fetcher: Any,  # noqa: ANN401 - WeasyPrint has no types
    log: Log,
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
        with rereading.remembered(log):
            return tree, page.render(**options)

    from cssselect2 import ElementWrapper

    return fitting.fit(parsed.etree_element, lay_out, before)


def versions() -> str:
    """The versions of WeasyPrint and the libraries that draw its text."""
    weasyprint = load()
    from weasyprint.text.ffi import ffi, harfbuzz, pango

    ffi.cdef("const char * hb_version_string(void);", override=True)
    number = pango.pango_version()
    harfbuzz_version = ffi.string(harfbuzz.hb_version_string()).decode()
    return f"WeasyPrint {weasyprint.__version__}, Pango {number}, HarfBuzz {harfbuzz_version}"


@contextlib.contextmanager
def our_layout(weasyprint: Any) -> Iterator[None]:  # noqa: ANN401 - WeasyPrint has no types
    """Lets WeasyPrint lay out as is said here, in `breaking` and in `linebreaks`, not as its own functions do."""
    layout = weasyprint.layout
    with (
        linebreaks.kept(layout.inline, layout.preferred, units=quicker.units(weasyprint)),
        quicker.patches(weasyprint),
        breaking.rules(layout.block, layout.inline),
        _widths_of_fonts(),
        _floats_moved_whole(),
    ):
        yield


@contextlib.contextmanager
def _widths_of_fonts() -> Iterator[None]:
    """Lets glyphs have the width in a PDF that their font gives them.

    WeasyPrint 70 measures each glyph where it comes first, at that size, and rounds: its width would depend on what
    else is in the document.
    """
    from weasyprint.pdf.fonts import Font
    from weasyprint.text.ffi import ffi, harfbuzz

    _declare_widths()
    original = Font.__init__

    def made(font: Any, *args: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
        original(font, *args)
        if font.bitmap or font.png or font.svg or font.colr or font.variations:
            return
        measured = ffi.gc(harfbuzz.hb_font_create(font.hb_face), harfbuzz.hb_font_destroy)
        font.widths = _Widths(lambda glyph: harfbuzz.hb_font_get_glyph_h_advance(measured, glyph) * 1000 / font.upem)

    Font.__init__ = made
    try:
        yield
    finally:
        Font.__init__ = original


class _Widths(dict[int, float]):
    """The widths of glyphs, each looked up when it is asked for whether it is there; that of .notdef is Pango's."""

    def __init__(self, width: Callable[[int], float]) -> None:
        super().__init__()
        self._width = width

    def __contains__(self, glyph: object) -> bool:
        if not super().__contains__(glyph) and isinstance(glyph, int) and glyph:
            self[glyph] = round(self._width(glyph))
        return super().__contains__(glyph)


@functools.cache
def _declare_widths() -> None:
    """Makes known to WeasyPrint's bindings how HarfBuzz measures glyphs."""
    from weasyprint.text.ffi import ffi

    ffi.cdef(
        "hb_font_t * hb_font_create(hb_face_t *face); void hb_font_destroy(hb_font_t *font);"
        "int32_t hb_font_get_glyph_h_advance(hb_font_t *font, hb_codepoint_t glyph);",
        override=True,
    )


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
def blamed(log: Log, shown: Callable[[Path], str]) -> Iterator[None]:
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
        if full := of_disk(error):
            raise full from error
        if not log.refused:
            where = f"page {log.page}" if log.page else ""
            raise DigestError(
                f"WeasyPrint cannot lay this out: {type(error).__name__}: {without_addresses(str(error), shown)}",
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


def without_addresses(message: str, shown: Callable[[Path], str]) -> str:
    """A message of WeasyPrint with files as a person knows them, and of ``data:`` no more than its type."""

    def name(match: re.Match[str]) -> str:
        return shown(Path(unquote(match[1])))

    message = re.sub(r"file://(/[^\s'\"()<>]{1,4000})", name, message)
    message = re.sub(r"'(/[^'\n]{1,4000})'", name, message)
    return re.sub(r"(data:[^,'\"]{0,60}),[^'\"\s)]{40,}", r"\1,…", message)


def load() -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """WeasyPrint, which asks us where words may be hyphenated.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
    """
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


_loaded: Final = [""]  # the file that fontconfig read last in this process


@contextlib.contextmanager
def fontconfig(file: Path | None) -> Iterator[None]:
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
            load()
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


def other_fonts_note(fonts: Path | None) -> tuple[Problem, ...]:
    """A note where a person's choice of fonts goes before that of the theme."""
    if fonts is None or not (other := other_fonts()):
        return ()
    message = f"FONTCONFIG_FILE is set: fonts come from {other}, not from the theme; pages may differ on other machines"
    return (Problem(level="note", code="other-fonts", message=message),)


@contextlib.contextmanager
def less_garbage_collection() -> Iterator[None]:
    """Layout makes many boxes that live until the end: collecting less often saves 7 % of its time."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Log(logging.Handler):
    """What WeasyPrint logs, sorted: characters without a glyph, and other messages with their stylesheet and line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.missing: list[str] = []
        self.messages: list[tuple[str, str, int | None]] = []
        self.stylesheet = ""  # the one that is being read: CSS messages name no file
        self.refused: list[tuple[str, str]] = []  # file and message of each picture or font that cannot be used
        self.page = 0  # the one that is laid out

    def emit(self, record: logging.LogRecord) -> None:
        """Sorts what is logged."""
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

    def __init__(self, log: Log, on_page: Callable[[int], None]) -> None:
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


def log_problems(log: Log, shown: Callable[[Path], str]) -> tuple[Problem, ...]:
    """What was logged, as warnings."""
    return problems_of(log.messages, shown)


def problems_of(messages: Sequence[tuple[str, str, int | None]], shown: Callable[[Path], str]) -> tuple[Problem, ...]:
    """What WeasyPrint said, as warnings: message, file of a stylesheet, line."""
    problems = (
        Problem(
            level="warning",
            code="pdf",
            message=without_addresses(message, shown),
            file=shown(Path(file)) if file else "",
            line=line,
        )
        for message, file, line in messages
    )
    return tuple(dict.fromkeys(problems))


def missing(log: Log) -> tuple[str, ...]:
    """The characters that no font has."""
    return tuple(dict.fromkeys(char for char in log.missing if char and not char.isspace()))


@contextlib.contextmanager
def logged(on_page: Callable[[int], None] = lambda _: None) -> Iterator[Log]:
    """What WeasyPrint logs; `on_page` is given the number of each page that is laid out."""
    logger = logging.getLogger("weasyprint")
    handler = Log()
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


def fetcher_for(
    weasyprint: Any,  # noqa: ANN401 - WeasyPrint has no types
    roots: tuple[Path, ...],
    log: Log,
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
