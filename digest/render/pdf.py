"""An HTML page becomes a tagged PDF/UA-1 file. The one door to WeasyPrint; pikepdf mends what it leaves undone.

In: the page, the folders whose files it may use, the facts for the metadata. Out: the bytes, and what only the finished
pages can tell (how many, where each anchor fell, what was noticed on the way).
"""

from __future__ import annotations

import contextlib
import gc
import io
import logging
import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import msgspec

from digest.errors import MissingRequirementError, Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pikepdf
    import weasyprint

LIBRARIES: Final = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
_PRISM: Final = "http://prismstandard.org/namespaces/basic/2.0/"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the metadata of a PDF says (XMP: Dublin Core and PRISM 2.0).

    Attributes:
        title: title of the document.
        authors: authors, as ``Saif MW``.
        language: language tag.
        date: day of publication, ISO form.
        publisher: publisher.
        keywords: keywords.
        periodical: title of the periodical.
        issn: ISSN.
        volume: volume.
        number: number within the volume.
        event: the meeting.
        first_page: number of the page on which the element with the id ``content`` begins; pages before it count
            i, ii, iii.
    """

    title: str
    authors: tuple[str, ...] = ()
    language: str
    date: str
    publisher: str = ""
    keywords: tuple[str, ...] = ()
    periodical: str
    issn: str = ""
    volume: str = ""
    number: str = ""
    event: str = ""
    first_page: int = 1


class Pdf(msgspec.Struct, frozen=True, kw_only=True):
    """A PDF and its facts.

    Attributes:
        content: the bytes of the file.
        labels: the label of each page, such as ``ii`` or ``332``.
        anchors: the label of the page on which each HTML id is.
        problems: what was noticed while making it.
        missing: characters that no font has.
        fonts: the names of the fonts inside, such as ``ABCDEF+Source-Serif-4``.
    """

    content: bytes
    labels: tuple[str, ...]
    anchors: Mapping[str, str]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]
    fonts: tuple[str, ...] = ()


def render(
    html: str, facts: Facts, *, roots: Sequence[Path], fonts: Path | None, shown: Callable[[Path], str] = str
) -> Pdf:
    """The page as PDF/UA-1, the same bytes whenever and wherever it is made from the same input by the same libraries.

    Args:
        html: a whole HTML document that refers to its files by ``file:`` addresses.
        facts: for the metadata.
        roots: the folders whose files it may use; any other address is refused.
        fonts: a fontconfig file that names the only fonts to fall back on; nothing keeps the machine's own, and so does
            a person who sets ``FONTCONFIG_FILE``.
        shown: gives the name of a file as problems show it.

    Raises:
        MissingRequirementError: Pango or HarfBuzz is not installed.
    """
    with _fontconfig(fonts), _log() as log:
        weasyprint = _weasyprint()
        fetcher = _fetcher(weasyprint, tuple(root.resolve() for root in roots), log)
        with _less_garbage_collection():
            document = weasyprint.HTML(string=html, base_url="", url_fetcher=fetcher).render(pdf_variant="pdf/ua-1")
            labels = _labels(document, facts.first_page)
            anchors = {
                name: label
                for page, label in reversed([*zip(document.pages, labels, strict=True)])
                for name in page.anchors
            }
            raw = document.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=b"digest")
    assert raw is not None
    content = _mend(raw, facts, labels)
    return Pdf(
        content=content,
        labels=labels,
        anchors=anchors,
        problems=(*_fonts_told(fonts), *_told(log, shown)),
        missing=_missing(log),
        fonts=font_names(content),
    )


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Pages to look at: the same as in the `Pdf`, without what only machines read.

    Attributes:
        content: a PDF without tags, metadata and page labels.
        labels: the label of each page.
        places: the number of the page on which each HTML id is, counted from 0, and how far down, in CSS pixels.
        areas: of each page what is inside of its margins: left, top, right, bottom, as shares of the page.
        problems: what was noticed while making it.
        missing: characters that no font has.
    """

    content: bytes
    labels: tuple[str, ...]
    places: Mapping[str, tuple[int, float]]
    areas: tuple[tuple[float, float, float, float], ...]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]


def draft(
    html: str,
    first_page: int,
    *,
    roots: Sequence[Path],
    fonts: Path | None,
    shown: Callable[[Path], str] = str,
    css: str = "",
) -> Draft:
    """The pages of a document, made as `render` makes them but in less time.

    Args:
        html: as for `render`.
        first_page: number of the page on which the element with the id ``content`` begins.
        roots: as for `render`.
        fonts: as for `render`.
        shown: as for `render`.
        css: rules behind all stylesheets of the document.
    """
    with _fontconfig(fonts), _log() as log:
        weasyprint = _weasyprint()
        fetcher = _fetcher(weasyprint, tuple(root.resolve() for root in roots), log)
        with _less_garbage_collection():
            more = f"<style>{css}</style></head>" if css else "</head>"
            page = weasyprint.HTML(string=html.replace("</head>", more, 1), base_url="", url_fetcher=fetcher)
            document = page.render()
            content = document.write_pdf(uncompressed_pdf=True)
    return Draft(
        content=content,
        labels=_labels(document, first_page),
        places={
            name: (n, float(place[1]))
            for n, page in reversed([*enumerate(document.pages)])
            for name, place in page.anchors.items()
        },
        areas=tuple(_area(page) for page in document.pages),
        problems=(*_fonts_told(fonts), *_told(log, shown)),
        missing=_missing(log),
    )


def _area(page: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - WeasyPrint has no types
    box = page._page_box  # noqa: SLF001 - nothing public tells the margins of a page
    left, top = box.content_box_x(), box.content_box_y()
    return left / page.width, top / page.height, (left + box.width) / page.width, (top + box.height) / page.height


def glyph_name(char: str) -> str:
    """``“病” (U+75C5, CJK UNIFIED IDEOGRAPH-75C5)``."""
    return f"“{char}” (U+{ord(char):04X}, {unicodedata.name(char, 'without a name')})"


def css_problems(text: str) -> list[tuple[int | None, str]]:
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
        weasyprint.CSS(string=text, base_url="", media_type="print", url_fetcher=Nothing())
    from weasyprint.css.properties import KNOWN_PROPERTIES

    found: list[tuple[int | None, str]] = []
    for message, _, line in log.told:
        if re.match(r"(?:Expected a|Invalid) media type", message) and "print" not in message:
            continue  # for the screen: WeasyPrint knows media by their names alone
        told, at = re.sub(r" at \d+:\d+", "", message).rstrip(".").replace("/**/", " "), line
        if line is None and (selector := re.search(r"selector, '(.*)'", message, re.DOTALL)):
            place = text.find(selector[1].strip())
            at = text[:place].count("\n") + 1 if place >= 0 else None
        if ignored := re.match(r"Ignored `([\w-]+)", message):
            name = ignored[1].replace("_", "-")
            told += did_you_mean(name, KNOWN_PROPERTIES) if "unknown property" in message else ""
        found.append((at, f"WeasyPrint does not print this: {told}".replace("\n", " ")))
    return found


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
            f"the library {library[1] if library else 'Pango'} is missing: it sets the text of PDF files",
            todo=f"install it with: apt-get install {' '.join(LIBRARIES)}",
        ) from error
    return weasyprint


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

    WeasyPrint reads the file anew for each document, as to which fonts there are (2.5 ms, no longer than the machine's
    own; 25 ms the first time on a machine, for the cache). What serif means, Pango asks the configuration with which
    fontconfig began in this process: that one is read anew when it is another.
    """
    pinned = file.resolve() if file and not other_fonts() else None  # a relative one is looked for in /etc/fonts
    if pinned:
        os.environ["FONTCONFIG_FILE"] = str(pinned)
    try:
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


def other_fonts() -> str:
    """The fontconfig file that a person chose for this machine; it goes before that of a theme."""
    return os.environ.get("FONTCONFIG_FILE", "")


def _fonts_told(fonts: Path | None) -> tuple[Problem, ...]:
    if fonts is None or not (other := other_fonts()):
        return ()
    message = (
        f"FONTCONFIG_FILE is set: fonts come from {other}, not from the theme; other machines may give other pages"
    )
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
        self.told: list[tuple[str, str, int | None]] = []
        self.stylesheet = ""  # the one that is being read: CSS messages name no file

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if ".notdef" in str(record.msg):
            self.missing.append(str(record.args[0]) if isinstance(record.args, tuple) and record.args else "")
            return
        place = re.search(r" at (\d+):\d+", message) if self.stylesheet else None
        line = int(place[1]) if place else None
        self.told.append((message, self.stylesheet if place else "", line))


class _Steps(logging.Handler):
    """Notices when all stylesheets have been read: later messages about CSS are about ``style`` attributes."""

    def __init__(self, log: _Log) -> None:
        super().__init__(logging.INFO)
        self.log = log

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith("Step 3"):
            self.log.stylesheet = ""


def _told(log: _Log, shown: Callable[[Path], str]) -> tuple[Problem, ...]:
    problems = (
        Problem(level="warning", code="pdf", message=message, file=shown(Path(file)) if file else "", line=line)
        for message, file, line in log.told
    )
    return tuple(dict.fromkeys(problems))


def _missing(log: _Log) -> tuple[str, ...]:
    return tuple(dict.fromkeys(char for char in log.missing if char and not char.isspace()))


@contextlib.contextmanager
def _log() -> Iterator[_Log]:
    logger = logging.getLogger("weasyprint")
    handler = _Log()
    before = (logger.handlers[:], logger.propagate, logger.level)
    logger.handlers, logger.propagate, logger.level = [handler], False, logging.WARNING
    progress = logging.getLogger("weasyprint.progress")
    progress_before = (progress.handlers[:], progress.propagate, progress.level)
    progress.handlers, progress.propagate, progress.level = [_Steps(handler)], False, logging.INFO
    try:
        yield handler
    finally:
        logger.handlers, logger.propagate, logger.level = before
        progress.handlers, progress.propagate, progress.level = progress_before


def _fetcher(weasyprint: Any, roots: tuple[Path, ...], log: _Log) -> Any:  # noqa: ANN401 - WeasyPrint has no types
    """Files below `roots` and ``data:``, nothing else, whatever an address looks like."""
    allowed = {".css", ".html", ".png", ".jpg", ".jpeg", ".svg", ".webp", ".ttf", ".otf", ".woff", ".woff2"}

    class Fetcher(weasyprint.urls.URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ANN401 - WeasyPrint has no types
            parts = urlsplit(url)
            if parts.scheme == "data":
                return super().fetch(url, headers)
            path = Path(unquote(parts.path)).resolve() if parts.scheme == "file" and not parts.netloc else None
            if (
                path is None
                or path.suffix.lower() not in allowed
                or not any(path.is_relative_to(root) for root in roots)
            ):
                raise ValueError("only files of the issue, the overrides and the theme may be used")
            if path.suffix.lower() == ".css":
                log.stylesheet = str(path)
            media = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}.get(
                path.suffix.lower(), "application/octet-stream"
            )
            return weasyprint.urls.URLFetcherResponse(path.as_uri(), path.read_bytes(), {"Content-Type": media})

    return Fetcher(allowed_protocols=("data",), allow_redirects=False)


def _labels(document: weasyprint.Document, first_page: int) -> tuple[str, ...]:
    """i, ii, iii up to the page on which the content begins, then numbers from the issue's first page."""
    fronts = next((n for n, page in enumerate(document.pages) if "content" in page.anchors), 0)
    body = (str(first_page + n) for n in range(len(document.pages) - fronts))
    return (*(roman(n) for n in range(1, fronts + 1)), *body)


def roman(number: int) -> str:
    """``iv`` for 4."""
    text = ""
    for value, letters in (
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ):
        count, number = divmod(number, value)
        text += letters * count
    return text


# -- what WeasyPrint leaves undone -------------------------------------------------------------------------------------


def _mend(raw: bytes, facts: Facts, labels: tuple[str, ...]) -> bytes:
    """The same pages with page labels, complete metadata, running heads as artifacts and scopes of table heads."""
    import pikepdf

    with pikepdf.open(io.BytesIO(raw)) as pdf:
        fronts = sum(not label.isdecimal() for label in labels)
        ranges: list[Any] = [0, pikepdf.Dictionary(S=pikepdf.Name.r)] if fronts else []
        ranges += [fronts, pikepdf.Dictionary(S=pikepdf.Name.D, St=facts.first_page)]
        pdf.Root.PageLabels = pdf.make_indirect(pikepdf.Dictionary(Nums=pikepdf.Array(ranges)))
        _write_metadata(pdf, facts)
        reachable = _mend_structure(pdf)
        _mark_artifacts(pdf, reachable)
        target = io.BytesIO()
        pdf.save(
            target,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            compress_streams=True,
        )
    return target.getvalue()


def font_names(content: bytes) -> tuple[str, ...]:
    """The names of the fonts inside a PDF, such as ``ABCDEF+Source-Serif-4``."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        names = (
            str(item.FontName).lstrip("/") for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor" and "/FontName" in item
        )  # fmt: skip
        return tuple(sorted(set(names)))


def _write_metadata(pdf: pikepdf.Pdf, facts: Facts) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
        xmp.register_xml_namespace(_PRISM, "prism")
        values: dict[str, Any] = {
            "dc:title": facts.title,
            "dc:creator": list(facts.authors),
            "dc:language": {facts.language},
            "dc:publisher": {facts.publisher} if facts.publisher else None,
            "dc:subject": set(facts.keywords) or None,
            "dc:date": [facts.date],
            "dc:format": "application/pdf",
            "prism:publicationName": facts.periodical,
            "prism:issn": facts.issn,
            "prism:volume": facts.volume,
            "prism:number": facts.number,
            "prism:publicationDate": facts.date,
            "prism:event": facts.event,
            "prism:startingPage": str(facts.first_page),
            "xmp:CreateDate": facts.date,
            "xmp:ModifyDate": facts.date,
        }
        for name, value in values.items():
            if value:
                xmp[name] = value


def _mend_structure(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    """Gives each table head its scope (PDF/UA-1, 7.5) and each link annotation an element `Link` (7.18.5).

    WeasyPrint gives the annotation of a link that holds other elements, such as ``<a>TGF-β<sub>1</sub></a>``, to each
    of them as well.

    Returns:
        Pairs of a page's object number and a marked-content id.
    """
    import pikepdf

    reachable: set[tuple[int, int]] = set()
    stack: list[tuple[Any, int, bool]] = [(pdf.Root.StructTreeRoot, 0, False)]
    while stack:
        node, page, in_head = stack.pop()
        kind = node.get("/S")
        page = node.Pg.objgen[0] if "/Pg" in node else page
        in_head = in_head or kind == "/THead"
        if kind == "/TH":
            scope = pikepdf.Name.Column if in_head else pikepdf.Name.Row
            attributes = node.get("/A", pikepdf.Dictionary(O=pikepdf.Name.Table))
            attributes["/Scope"] = scope
            node.A = attributes
        kids = node.get("/K")
        for kid in kids if isinstance(kids, pikepdf.Array) else [] if kids is None else [kids]:
            if isinstance(kid, int):
                reachable.add((page, kid))
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
                stack.append((kid, page, in_head))
            elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/OBJR" and kid.Obj.Subtype == "/Link":
                node.S = pikepdf.Name.Link
    return reachable


_MARKED: Final = re.compile(rb"/\w+\s<</MCID (\d+)>>\sBDC")


def _mark_artifacts(pdf: pikepdf.Pdf, reachable: set[tuple[int, int]]) -> None:
    """Makes artifacts of what the structure tree does not lead to: running heads and folios (PDF/UA-1, 7.1).

    WeasyPrint tags margin boxes and leaves their elements out of the tree (Kozea/WeasyPrint#1836). WeasyPrint writes
    all text as hexadecimal strings, so the pattern can only match operators.
    """
    import pikepdf

    for page in pdf.pages:
        number = int(page.objgen[0])

        def artifact(match: re.Match[bytes], number: int = number) -> bytes:
            return match[0] if (number, int(match[1])) in reachable else b"/Artifact <</Type /Pagination>>\nBDC"

        contents = page.Contents
        contents.write(_MARKED.sub(artifact, contents.read_bytes()))

    nums = pdf.Root.StructTreeRoot.ParentTree.Nums
    for n in range(0, len(nums) - 1, 2):
        entry = nums[n + 1]
        if isinstance(entry, pikepdf.Array) and int(nums[n]) < len(pdf.pages):
            number = int(pdf.pages[int(nums[n])].objgen[0])
            for mcid in range(len(entry)):
                if (number, mcid) not in reachable:
                    entry[mcid] = None
