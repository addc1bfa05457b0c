"""What in a page runs, leads astray or loads something from elsewhere, and the policy that keeps browsers from it.

A page is looked at as text: every ``<`` before a letter counts as a tag, also in comments, styles and scripts. So a tag
that some browser sees is never missed, however the text around it was built. Attributes are read as HTML reads them
(HTML Living Standard, 13.2.5).
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import msgspec

from digest import opening, picture
from digest.errors import Problem
from digest.render import stylesheet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from digest.render.stylesheet import Stylesheet

ACTIVE: Final = "active-content"
LOADS: Final = "loads-a-file"
FILLED: Final = "\0"  # in the text of a template: takes the place of what is printed there
# Files of the same site. Browsers differ in whether 'self' means other files of a folder that is not on a server; a
# page from a server loads nothing from file: in any case.
ITS_FOLDER: Final = "'self' file:"
DATA_SCRIPTS: Final = frozenset({"application/ld+json", "application/json"})  # no browser runs these

_TAG: Final = re.compile(r"<([A-Za-z][^\t\n\f\r />]*)")
_ATTRIBUTE: Final = re.compile(
    r"[\t\n\f\r /]*([^\t\n\f\r />][^\t\n\f\r />=]*)"
    r"(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:\"([^\"]*)\"|'([^']*)'|([^\t\n\f\r >\"'][^\t\n\f\r >]*)|(?=>)))?"
)
_START: Final = re.compile(
    r"""\s*<!DOCTYPE\s[^>]*>\s*<html(?:[^"'>]|"[^"]*"|'[^']*')*>\s*<head>(?:\s*<meta\scharset=["']?utf-8["']?\s*/?>)?""",
    re.IGNORECASE,
)
_DOCTYPE: Final = re.compile(r"\s*<!DOCTYPE[^>]*>", re.IGNORECASE)
_DESCRIPTOR: Final = re.compile(r"[\d.]+[wxh],?")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:")
_MOST_ATTRIBUTES: Final = 200
_MOST_FOUND: Final = 100  # of a page that is wrong all over the first show what it is

_ELEMENTS: Final = frozenset(("iframe frame frameset object embed applet portal fencedframe base form").split())
_EQUIVALENTS: Final = frozenset(("content-type", "content-language", "x-ua-compatible", "content-security-policy"))
_LINK_SCHEMES: Final = frozenset(("http:", "https:", "mailto:", "tel:", "ftp:", "doi:", "urn:"))
_RELATIONS: Final = frozenset(  # of <link>, those that load nothing
    ("alternate author canonical cite-as contents first help index last license me next prev related shortlink").split()
)
_LOADING: Final = frozenset(
    ("src srcset imagesrcset poster background lowsrc dynsrc codebase archive classid manifest altimg ping").split()
)
_RUNNING: Final = frozenset(("action", "formaction", "srcdoc"))
_DRAWN_FROM: Final = frozenset(  # elements of SVG that draw what their href leads to
    """
        image feimage use script lineargradient radialgradient pattern filter mpath textpath tref cursor
        font-face-uri animate set animatemotion animatetransform
    """.split()
)
_ANIMATIONS: Final = frozenset(("animate", "set", "animatemotion", "animatetransform"))
_STYLING: Final = frozenset(
    ("style fill stroke filter mask clip-path marker marker-start marker-mid marker-end cursor").split()
)
_STYLE_TO_READ: Final = re.compile(r"[(\\@]|behavior|binding", re.IGNORECASE)


class Permits(msgspec.Struct, frozen=True, kw_only=True):
    """What a page may hold beyond what is inert and inside of it.

    Attributes:
        scripts: hashes of scripts, as `script_hash` makes them.
        hosts: from where an e-mail may load pictures.
        begin: how addresses of what is loaded may begin, in small letters.
    """

    scripts: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    begin: tuple[str, ...] = ("data:",)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may not be in a page.

    Attributes:
        code: `ACTIVE` or `LOADS`.
        message: what it is.
        at: where its tag begins in the text.
        line: how many lines further down it is.
        address: what a tag would load.
    """

    code: str
    message: str
    at: int
    line: int = 0
    address: str = ""


class _Oddity(msgspec.Struct, frozen=True):
    """What is wrong in a tag, without its place: see `Found`."""

    code: str
    message: str
    address: str = ""


class Scan:
    """What was seen in a page.

    Attributes:
        found: what may not be there, `_MOST_FOUND` at most.
        scripts: place and hash of each script that is there because it is permitted.
    """

    def __init__(self, text: str, permits: Permits, *, known_styles: Collection[str] = ()) -> None:
        """Looks at a page, or at a template in which `FILLED` takes the place of what is printed.

        Args:
            text: the page.
            permits: what it may hold.
            known_styles: contents of ``<style>`` that were looked at before.
        """
        self.text, self.permits, self._known = text, permits, known_styles
        self.scripts: list[tuple[int, str]] = []
        self.found: list[Found] = []
        for found in self._scan():
            if len(self.found) >= _MOST_FOUND:
                break
            self.found.append(found)

    def _scan(self) -> Iterator[Found]:
        skip = 0  # the end of a script that is permitted: what it says is not the page's
        for match in _TAG.finditer(self.text):
            if match.start() < skip:
                continue
            name = match[1].lower().rpartition(":")[2].replace(FILLED, "")
            attributes, end = _attributes(self.text, match.end())
            if len(attributes) >= _MOST_ATTRIBUTES:
                message = f"a tag <{name[:20]}> with {_MOST_ATTRIBUTES} attributes or more, or without an end"
                yield Found(code=ACTIVE, message=message, at=match.start())
                continue
            if name == "script":
                yield from self._script(match.start(), end, attributes)
                if self.scripts and self.scripts[-1][0] == match.start():
                    skip = _end_of(self.text, end, "script")
            elif name == "style":
                yield from self._style(match.start(), end)
            for odd, line in self._tag(name, attributes):
                yield Found(code=odd.code, message=odd.message, at=match.start(), line=line, address=odd.address)

    # -- tags ----------------------------------------------------------------------------------------------------------

    def _tag(self, name: str, attributes: list[tuple[str, str, int]]) -> Iterator[tuple[_Oddity, int]]:
        """What is wrong in a tag, each with its line, counted from the tag."""
        if name in _ELEMENTS:
            yield _Oddity(ACTIVE, f"<{name}> shows or sends something that is not the page"), 0
        if not attributes:
            return
        values = _first(attributes)
        for key, value, line in attributes:
            for odd in self._attribute(name, key.rpartition(":")[2], value, values):
                yield odd, line
        if name == "meta" and (of := values.get("http-equiv")) and _plain(of) not in _EQUIVALENTS and FILLED not in of:
            yield _Oddity(ACTIVE, f'<meta http-equiv="{_short(of)}"> gives the browser an order; a page may not'), 0
        if name in _ANIMATIONS and re.search(r"href|\bon", values.get("attributename", ""), re.IGNORECASE):
            yield _Oddity(ACTIVE, "an animation changes where a link leads"), 0

    def _attribute(self, name: str, local: str, value: str, values: Mapping[str, str]) -> Iterator[_Oddity]:
        if re.fullmatch(r"on[a-z]+", local):
            yield _Oddity(ACTIVE, f"“{local}” runs a script when something happens; pages run none")
        elif local in _RUNNING:
            yield _Oddity(ACTIVE, f"“{local}” sends readers, or what they type, elsewhere")
        elif local in _STYLING and _STYLE_TO_READ.search(value):
            yield from (_Oddity(code, message) for _, code, message in stylesheet.hazards(value, self._inside))
        elif local in _LOADING:
            yield from self._loaded(value, several="srcset" in local)
        elif local == "href":
            yield from self._href(name, value, values)

    def _href(self, name: str, value: str, values: Mapping[str, str]) -> Iterator[_Oddity]:
        relations = set(_plain(values.get("rel", "")).split())
        if "attachment" in relations:
            yield _Oddity(ACTIVE, f'<{name} rel="attachment"> puts a file into the PDF that no page shows')
        elif name == "link":
            if not (relations and relations <= _RELATIONS):
                yield from self._loaded(value)
        elif name in _DRAWN_FROM:
            yield from self._loaded(value)
        elif name != "base":  # which is reported as an element
            scheme = _SCHEME.match(_plain(value))
            if scheme and scheme[0] not in _LINK_SCHEMES:
                known = "http:, https:, mailto:, tel:, ftp:, doi: or urn:"
                yield _Oddity(ACTIVE, f"the link “{_short(value)}” may run something; links begin with {known}")

    def _loaded(self, value: str, *, several: bool = False) -> Iterator[_Oddity]:
        """What leads out of the page."""
        for one in [one for one in value.split() if not _DESCRIPTOR.fullmatch(one)] if several else [value.strip()]:
            if one and not self._inside(one):
                use = "in templates use asset(…), so that the file is inside the page"
                yield _Oddity(LOADS, f"the page would load “{_short(one)}”; {use}", one)

    def _inside(self, address: str) -> bool:
        """Whether an address leads to what a page has inside, or may load, or is not known before it is printed."""
        bare = _plain(address)
        if bare.startswith(("#", *self.permits.begin)):
            return True
        if _SCHEME.match(bare) or bare.replace("\\", "/").startswith("//"):
            return bool(self.permits.hosts) and host_of(address) in self.permits.hosts
        return FILLED in address or "\ufffd" in address  # tinycss2 replaces what it is written as

    # -- scripts and styles --------------------------------------------------------------------------------------------

    def _script(self, at: int, end: int, attributes: list[tuple[str, str, int]]) -> Iterator[Found]:
        values = _first(attributes)
        if _plain(values.get("type", "")) in DATA_SCRIPTS:
            return
        if values.keys() & {"src", "href", "xlink:href"}:
            message = "a script from a file or from the web; put it between <script> and </script>, and allow it there"
            yield Found(code=ACTIVE, message=message, at=at)
            return
        content = self.text[end : _end_of(self.text, end, "script")]
        if FILLED in content and self.permits.scripts:
            return  # only the finished page shows what it is
        named = script_hash(content)
        if named in self.permits.scripts:
            self.scripts.append((at, named))
            return
        message = "a script; pages run none, unless digest.yaml allows it"
        if FILLED not in content:
            message += f" by its name: allow_scripts: [{named}]"
        yield Found(code=ACTIVE, message=message, at=at)

    def _style(self, at: int, end: int) -> Iterator[Found]:
        content = self.text[end : _end_of(self.text, end, "style")]
        if content in self._known:
            return
        before = self.text.count("\n", at, end)
        for line, code, message in stylesheet.hazards(content, self._inside):
            yield Found(code=code, message=message, at=at, line=before + line - 1)


def script_hash(content: str) -> str:
    """The name of a script: ``sha256-`` and the digest of its text, as a Content Security Policy has it."""
    normal = content.replace("\r\n", "\n").replace("\r", "\n")
    return "sha256-" + base64.b64encode(hashlib.sha256(normal.encode("utf-8", "replace")).digest()).decode()


def with_policy(page: str, scripts: Iterable[str] = (), *, files: str = "", running: bool = False) -> str:
    """The page with a Content Security Policy: it runs the named scripts, and loads what is inside of it.

    Args:
        page: a whole document.
        scripts: hashes of the scripts that it may run.
        files: from where it may load pictures, fonts and styles as well, such as `ITS_FOLDER`.
        running: whether it may run scripts from there.
    """
    listed = " ".join([*(f"'{one}'" for one in dict.fromkeys(scripts)), *([files] if running else [])])
    load = f"{files} data:" if files else "data:"
    policy = (
        "default-src 'none'; "
        + (f"script-src {listed}; " if listed else "")
        + f"style-src {files}{' ' * bool(files)}'unsafe-inline'; img-src {load}; font-src {load}; media-src {load}; "
        + "base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    # In the head, or at the very start, where no element that a template left open can swallow it.
    at = match.end() if (match := _START.match(page) or _DOCTYPE.match(page)) else 0
    return f"{page[:at]}\n{meta}{page[at:]}"


def drawing_problems(path: Path, shown: str) -> Iterator[Problem]:
    """An error for each thing in an SVG drawing that runs, or loads something from elsewhere.

    Args:
        path: the file; any other picture has no such things.
        shown: its name, as problems show it.
    """
    if path.suffix.lower() != ".svg":
        return
    if complaint := picture.complaint(path):
        yield Problem(level="error", code="picture-type", message=complaint, file=shown)
        return
    yield from _in_drawing(opening.read_file(path), shown, None)


def inner_drawing_problems(sheet: Stylesheet) -> Iterator[Problem]:
    """The same for each drawing that is inside of a stylesheet, in an address that begins with ``data:``."""
    for _, address, line in sheet.addresses:
        if address[:5].lower() != "data:":
            continue
        try:
            media, content = picture.in_address(address)
        except ValueError as error:
            yield Problem(level="error", code="css-address", message=str(error), file=sheet.shown, line=line)
            continue
        if media != "image/svg+xml":
            continue
        if complaint := picture.complaint_about(content, media, "in this address"):
            yield Problem(level="error", code="picture-type", message=complaint, file=sheet.shown, line=line)
        else:
            yield from _in_drawing(content, sheet.shown, line)


def _in_drawing(content: bytes, shown: str, line: int | None) -> Iterator[Problem]:
    if b"<?xml-stylesheet" in content:
        message = "the drawing loads a stylesheet; put its rules into a <style> of the drawing"
        yield Problem(level="error", code=LOADS, message=message, file=shown, line=line)
    # Written again, so that its encoding and its references to characters hide nothing.
    text = ET.tostring(ET.fromstring(content), encoding="unicode")  # noqa: S314 - entities were refused above
    for found in Scan(text, Permits()).found:
        message = found.message.replace("in templates use asset(…), so that the file is inside the page", "embed it")
        yield Problem(level="error", code=found.code, message=f"in the drawing: {message}", file=shown, line=line)


def _attributes(text: str, at: int) -> tuple[list[tuple[str, str, int]], int]:
    """Name, value and line (counted from `at`) of each attribute of a tag, and where the tag ends."""
    found: list[tuple[str, str, int]] = []
    begin, seen, line = at, at, 0
    while len(found) < _MOST_ATTRIBUTES and (match := _ATTRIBUTE.match(text, at)):
        line += text.count("\n", seen, match.start(1))
        seen, at = match.start(1), match.end()
        value = match[2] or match[3] or match[4] or ""
        found.append((match[1].lower().replace(FILLED, ""), html.unescape(value), line))
    end = text.find(">", at)
    return found, end + 1 if end >= 0 else max(begin, len(text))


def _first(attributes: list[tuple[str, str, int]]) -> dict[str, str]:
    """The attributes by name: the first of two counts."""
    return {name: value for name, value, _ in reversed(attributes)}


def _end_of(text: str, at: int, name: str) -> int:
    match = re.compile(rf"</{name}", re.IGNORECASE).search(text, at)
    return match.start() if match else len(text)


def _plain(address: str) -> str:
    """An address or keyword as browsers take it: without blanks around it and line ends in it, in small letters."""
    return re.sub(r"[\t\n\r]", "", address).strip("".join(map(chr, range(1, 33)))).lower()


def host_of(address: str) -> str:
    """The host of a web address; empty for anything else."""
    try:
        return (urlsplit(address.strip()).hostname or "") if "\\" not in address else ""
    except ValueError:
        return ""


def _short(address: str) -> str:
    printed = address.replace(FILLED, "…")
    return printed if len(printed) <= 80 else printed[:79] + "…"
