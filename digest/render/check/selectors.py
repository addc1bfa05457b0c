"""Selectors of the publication's own stylesheets that meet nothing in any page of an issue or of the gallery."""

from __future__ import annotations

import contextlib
import functools
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import cssselect2
import msgspec

from digest.errors import DigestError, Problem, TemplateError, did_you_mean
from digest.render import rules
from digest.render.theme import Theme, themes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from digest.render.html import Medium
    from digest.render.rules import Name, Selector
    from digest.render.stylesheet import Stylesheet

    Document = Callable[[Medium], str]  # draws a document for a medium

# What records and articles may hold: whether this issue has it says nothing about a selector.
CONTENT: Final = frozenset(
    """
    html head body p ul ol li dl dt dd em strong i b u s sub sup del ins mark small code pre kbd samp var q blockquote
    cite abbr time a br wbr hr h1 h2 h3 h4 h5 h6 table caption colgroup col thead tbody tfoot tr th td
    figure figcaption img picture svg math span
    """.split()
)
# Classes that the program writes itself, into what entries hold (a test finds those that are missing here).
WRITTEN: Final = frozenset(
    """
    turned lifted small smallest squeezed part with-caption caption-row caption continued sc all
    as-is mention formula task table-frame table-note wide long column landscape numeric whole less-1 less-2
    less-3 less-4 less-5 less-6 notes foot note-call note-back footnote nocase nodecor
    pull-quote pull-quote-by box box-title side-note
    csl-entry csl-bib-body csl-left-margin csl-block csl-indent csl-right-inline
    """.split()
)
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
# Which open element ends where another begins (HTML, 13.1.2.4).
_ENDS: Final = {
    **{name: frozenset({name}) for name in ("li", "tr", "option")},
    **dict.fromkeys(("dt", "dd"), frozenset({"dt", "dd"})),
    **dict.fromkeys(("td", "th"), frozenset({"td", "th"})),
    **dict.fromkeys(
        "address article aside blockquote div dl figure footer h1 h2 h3 h4 h5 h6 header hr main nav ol p pre section "
        "table ul".split(),
        frozenset({"p"}),
    ),
}
_TAG: Final = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
_REMARK: Final = re.compile(r"{#.*?#}", re.DOTALL)
_TEXTS: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_FILLED: Final = "\ufffd"
_BEGINS, _ENDED = "\ue000", "\ue001"  # in place of {% if %} and {% endif %}, of {% for %} and {% endfor %}
_BRANCHES: Final = re.compile(f"[{_BEGINS}{_ENDED}]")
_BRANCH: Final = re.compile(f"{_BEGINS}[^{_BEGINS}]*{_ENDED}")


class Vocabulary:
    """The names of elements, classes and ids that templates or pages have."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}  # with the sign of their kind
        self.texts: set[str] = set()  # words between quotation marks, which may become names
        self.patterns: set[str] = set()  # of names that templates make of a text and a value
        self.at_times: set[str] = set()  # what is written where a condition or a list decides

    def knows(self, name: Name) -> bool:
        """Whether something has this name."""
        text = str(name).lower() if not name.kind else str(name)
        return (
            text in self.names
            or text[1:] in self.texts
            or any(re.fullmatch(pattern, text) for pattern in self.patterns)
        )

    def add(self, kind: str, text: str, *, at_times: bool = False) -> None:
        """Takes over one name, or what a template says in its place."""
        if _FILLED not in text:
            self.names[kind + text] = None
            if at_times:
                self.at_times.add(kind + text)
        elif text.strip(_FILLED):
            self.patterns.add(re.escape(kind) + ".*".join(map(re.escape, text.split(_FILLED))))


class _Names(HTMLParser):
    """Reads the names of a document, or of the text of a template, into a vocabulary."""

    def __init__(self, into: Vocabulary) -> None:
        super().__init__()
        self.into = into
        self.in_script = False
        self.depth = 0  # conditions and loops around

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_script = tag == "script" and "json" not in (dict(attrs).get("type") or "")
        self.into.add("", tag)
        for name, value in attrs:
            at_times = self.depth > 0 or _BEGINS in (value or "")
            if name == "class":
                always = [] if self.depth else _BRANCH.sub(" ", value or "").split()
                for part in _BRANCHES.sub(" ", value or "").split():
                    self.into.add(".", part, at_times=part not in always)
            elif name == "id" and value:
                self.into.add("#", _BRANCHES.sub("", value), at_times=at_times)

    def handle_data(self, data: str) -> None:
        self.depth += data.count(_BEGINS) - data.count(_ENDED)
        if self.in_script:  # it may give elements names
            self.into.texts |= set(re.findall(r"[\w-]+", data))


class _Tree(HTMLParser):
    """Builds the elements of a document, without their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.root: ET.Element | None = None
        self.open: list[ET.Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = {name: value or "" for name, value in attrs if name in {"class", "id"}}
        if self.root is None:
            self.root = ET.Element(tag, kept)
            self.open.append(self.root)
            return
        if self.open and self.open[-1].tag in _ENDS.get(tag, ()):
            self.open.pop()
        element = ET.SubElement(self.open[-1] if self.open else self.root, tag, kept)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self.open) - 1, -1, -1):
            if self.open[at].tag == tag:
                del self.open[at:]
                return


class _Pages:
    """The documents in which selectors are looked for, each drawn when one was not met in those before it."""

    def __init__(self, documents: Sequence[Document], media: Sequence[Medium]) -> None:
        self._documents, self.media = documents, media
        self._texts: dict[tuple[int, Medium], str] = {}
        self._trees: dict[tuple[int, Medium], list[cssselect2.ElementWrapper]] = {}

    def _text(self, number: int, medium: Medium) -> str:
        """A document; nothing where it cannot be drawn, which is reported elsewhere."""
        if (number, medium) not in self._texts:
            self._texts[number, medium] = ""
            with contextlib.suppress(DigestError):
                self._texts[number, medium] = self._documents[number](medium)
        return self._texts[number, medium]

    @functools.cached_property
    def vocabulary(self) -> Vocabulary:
        """The names in all documents."""
        found = Vocabulary()
        for medium in self.media:
            for number in range(len(self._documents)):
                reader = _Names(found)
                reader.feed(self._text(number, medium))
                reader.close()
        return found

    def _elements(self, number: int, medium: Medium) -> list[cssselect2.ElementWrapper]:
        if (number, medium) not in self._trees:
            builder = _Tree()
            builder.feed(self._text(number, medium))
            builder.close()
            root = builder.root
            self._trees[number, medium] = (
                [] if root is None else [*cssselect2.ElementWrapper.from_html_root(root).iter_subtree()]
            )
        return self._trees[number, medium]

    def meet(self, selector: Selector) -> bool:
        """Whether an element of a page matches a selector; also where that cannot be known."""
        try:
            test = cssselect2.compile_selector_list(selector.plain)
        except cssselect2.SelectorError:
            return True
        return any(
            element.matches(*test)
            for number in range(len(self._documents))
            for medium in self.media
            if medium in selector.media
            for element in self._elements(number, medium)
        )


def unmet_selectors(theme: Theme, documents: Sequence[Document], keys: Collection[str] = ()) -> Iterator[Problem]:
    """A warning for each selector in stylesheets of the publication that meets nothing.

    A name that a template writes is known, even where no page has it now. A selector of known names is looked for in
    the pages, unless it depends on what entries hold.

    Args:
        theme: the theme, its options set.
        documents: the documents to look at, those that are drawn soonest first.
        keys: the keys of entries in all issues, which may be in ids.
    """
    media: list[Medium] = ["screen", *(["print"] if "pdf" in theme.formats else [])]  # type: ignore[list-item]  # two words
    asked = [*_selectors(theme, media)]
    if not asked:
        return
    templates = _Templates(theme)
    written = templates.names
    pages = _Pages(documents, media)
    for sheet, selector in asked:
        unknown = [name for name in selector.names if not _is_known(name, written, keys)]
        if unknown:
            seen = pages.vocabulary
            for name in (one for one in unknown if not seen.knows(one)):
                known = [
                    other for other in (*written.names, *seen.names) if (other[:1] in {".", "#"}) == bool(name.kind)
                ]
                yield _unknown(sheet, name, did_you_mean(str(name), known), theme)
            if not all(map(seen.knows, unknown)):
                continue
        if _depends_on_content(selector) or len(selector.names) < 2:
            continue
        if not written.at_times.isdisjoint(map(str, selector.names)) and templates.may_meet(selector):
            continue
        if not pages.meet(selector) and all(map(pages.vocabulary.knows, selector.names)):
            where = (
                "" if selector.media >= set(media) else f" on {' and '.join(map(_PLACES.__getitem__, selector.media))}"
            )
            message = (
                f"“{selector.text}” meets nothing{where}: each of its names is there, but no element is in this place"
            )
            yield _problem(sheet, selector.line, message)


_PLACES: Final = {"screen": "the screen", "print": "paper"}


def _unknown(sheet: Stylesheet, name: Name, near: str, theme: Theme) -> Problem:
    """A warning; a note where another theme has the name, for which the same stylesheet may be."""
    others = [other for other in themes(theme.publication) if other != theme.name]
    written: dict[str, Vocabulary] = {}
    for other in others:
        with contextlib.suppress(DigestError):
            written[other] = written_names(Theme(other, theme.publication))
    # First a theme that writes it: what another compares with something may be the same word by chance.
    for other in sorted(written, key=lambda other: str(name) not in written[other].names):
        if written[other].knows(name):
            message = f"“{name}” meets nothing in the theme {theme.name}; the theme {other} has it"
            return msgspec.structs.replace(_problem(sheet, name.line, message), level="note")
    what = {".": "class", "#": "id", "": "element"}[name.kind]
    message = (
        f"“{name}” meets nothing: no page of the issue or of the gallery has this {what}, and no template writes it"
    )
    return _problem(sheet, name.line, message + near)


def _problem(sheet: Stylesheet, line: int, message: str) -> Problem:
    return Problem(level="warning", code="unmet-selector", message=message, file=sheet.shown, line=line)


def _selectors(theme: Theme, media: Sequence[Medium]) -> Iterator[tuple[Stylesheet, Selector]]:
    """The selectors of the publication's own stylesheets, each with the media for which it is."""
    used: dict[Stylesheet, set[str]] = {}
    for medium in media:
        for sheet in theme.stylesheets(medium):
            if sheet.path.is_relative_to(theme.publication):
                used.setdefault(sheet, set()).add(medium)
    for sheet, listed in used.items():
        for selector in rules.selectors(sheet.rules, frozenset(listed)):
            if selector.media:
                yield sheet, selector


def _is_known(name: Name, written: Vocabulary, keys: Collection[str]) -> bool:
    if (not name.kind and name.text.lower() in CONTENT) or (name.kind == "." and name.text in WRITTEN):
        return True
    if name.kind == "#" and any(key and key in name.text for key in keys):
        return True
    return written.knows(name)


def _depends_on_content(selector: Selector) -> bool:
    named = any(name.text.lower() in CONTENT if not name.kind else name.text in WRITTEN for name in selector.names)
    neighbours = "+" in selector.plain or "~" in selector.plain
    ids = any(name.kind == "#" for name in selector.names)
    return named or ids or neighbours or selector.nested or not selector.plain


def _filled(tag: re.Match[str]) -> str:
    """What the reader of a template's text sees in place of a tag."""
    if tag[0].startswith("{{"):
        return _FILLED
    if match := re.match(r"{%[-+]?\s*(end)?(?:if|for)\b", tag[0]):
        return _ENDED if match[1] else _BEGINS
    return " "


def written_names(theme: Theme) -> Vocabulary:
    """The names that the templates of a theme write, those between quotation marks of expressions included."""
    return _Templates(theme).names


class _Templates:
    """The templates of a theme, read once: which names each writes, and which others it includes."""

    def __init__(self, theme: Theme) -> None:
        self.texts = _templates(theme)

    @functools.cached_property
    def _written(self) -> dict[str, Vocabulary]:
        found = {name: Vocabulary() for name in self.texts}
        for name, text in self.texts.items():
            _read_names(text, found[name])
        return found

    @functools.cached_property
    def names(self) -> Vocabulary:
        """What all of them write."""
        found = Vocabulary()
        for text in self.texts.values():
            _read_names(text, found)
        return found

    def may_meet(self, selector: Selector) -> bool:
        """Whether one that writes the first name of a selector writes the others, too, or what it includes does."""
        outer, *others = selector.names
        return any(own.knows(outer) and self._may_hold(name, others) for name, own in self._written.items())

    def _may_hold(self, name: str, wanted: Sequence[Name]) -> bool:
        reached, waiting = set[str](), [name]
        while waiting:
            one = waiting.pop()
            if one in reached or one not in self.texts:
                continue
            reached.add(one)
            for tag in _INCLUDED.finditer(self.texts[one]):
                if tag["name"] is None:
                    return True  # whose name is computed: it may be any
                waiting.append(tag["name"].rpartition(":")[2])
        return all(any(self._written[one].knows(name) for one in reached) for name in wanted)


_INCLUDED: Final = re.compile(
    r"{%[-+]?\s*(?:include|import|from|extends)\s+(?:[\"'](?P<name>[^\"']+)[\"']\s*(?![~+\s]*[~+])|\S)"
)


def _templates(theme: Theme) -> dict[str, str]:
    """The texts of a theme's templates, by their names."""
    texts = {}
    names = {file.relative_to(root).as_posix() for root in theme.roots for file in root.rglob("*.html")}
    for name in sorted(names):
        if (path := theme.find(name)) is not None:
            with contextlib.suppress(TemplateError):  # reported where it is used
                texts[name] = _REMARK.sub("", theme.text(path))
    return texts


def _read_names(text: str, into: Vocabulary) -> None:
    for tag in _TAG.finditer(text):
        for double, single in _TEXTS.findall("" if _INCLUDED.match(tag[0]) else tag[0]):
            into.texts |= set(re.findall(r"(?<![\w-])[a-z][\w-]+", double or single))
    reader = _Names(into)
    reader.feed(_TAG.sub(_filled, text))
    reader.close()
