"""Pages that templates print as HTML become XHTML: well-formed, with the roles and languages that e-books have."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

XHTML: Final = "http://www.w3.org/1999/xhtml"
SVG: Final = "http://www.w3.org/2000/svg"
MATHML: Final = "http://www.w3.org/1998/Math/MathML"
_OPS: Final = "http://www.idpf.org/2007/ops"
_PREFIXES: Final = {"http://www.w3.org/XML/1998/namespace": "xml:", "http://www.w3.org/1999/xlink": "xlink:"}
_VOID: Final = frozenset("area base br col embed hr img input link meta source track wbr".split())
_NCNAME: Final = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_NAME: Final = re.compile(r"(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*", re.ASCII)
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_UNSAFE: Final = re.compile(r"[\x00-\x20\"<>\\^`{|}\x7f]|%(?![0-9A-Fa-f]{2})")  # not in addresses: RFC 3986, appendix A
_HOLD_MARKS: Final = frozenset("section article header div p h2 h3 h4 h5 h6 li figure aside a".split())
_REFERS: Final = frozenset(("aria-labelledby", "aria-describedby", "aria-details", "headers"))
# What parts are: `epub:type` (EPUB 3 Structural Semantics Vocabulary) and role (DPUB-ARIA 1.1), by element and class.
_ROLES: Final = {
    ("div", "notes"): ("footnotes", "doc-endnotes"),
    ("div", "references"): ("bibliography", "doc-bibliography"),
    ("section", "colophon"): ("colophon", "doc-colophon"),
    ("section", "author-index"): ("index", "doc-index"),
    ("section", "keyword-index"): ("index", "doc-index"),
    ("section", "number-index"): ("index", "doc-index"),
    ("aside", "pull-quote"): ("", "doc-pullquote"),
    ("section", "abbreviations"): ("glossary", "doc-glossary"),
    ("div", "summary"): ("", "doc-abstract"),
}
_OF_ROLES: Final = {"doc-noteref": "noteref", "doc-biblioref": "biblioref", "doc-backlink": "backlink"}


class Picture(msgspec.Struct, frozen=True):
    """A picture of a page.

    Attributes:
        source: its address; empty for a drawing inside of the page.
        alt: what it shows, in words; None where nobody says.
    """

    source: str
    alt: str | None


class Page:
    """A page as a tree of XHTML.

    Attributes:
        places: the ids of the page, as the templates wrote them, each with its name in XML.
        pictures: its pictures.
        has: which of ``mathml`` and ``svg`` are in it, as the manifest of an EPUB names them.
    """

    def __init__(self, text: str, language: str) -> None:
        """Reads a page as browsers do (HTML Living Standard, 13.2).

        Args:
            text: what templates printed.
            language: the language of the issue.
        """
        import tinyhtml5

        self._root: Element = tinyhtml5.parse(text, namespace_html_elements=True)
        self.places: dict[str, str] = {}
        self.pictures: list[Picture] = []
        self.has: set[str] = set()
        self._listed = {link for nav in self._root.iter(f"{{{XHTML}}}nav") for link in nav.iter(f"{{{XHTML}}}a")}
        for element in self._elements():
            self._read(element)
        self._root.set("lang", self._root.get("lang", language))
        self._root.set("xml:lang", self._root.get("lang", language))

    def _elements(self) -> Iterator[Element]:
        """The elements of the page, without comments."""
        return (element for element in self._root.iter() if not callable(element.tag))  # comments have a function

    def _read(self, element: Element) -> None:
        namespace, name = split(element.tag)
        attributes = element.attrib
        for key in [key for key in attributes if key.startswith(("data-", "on"))]:
            del attributes[key]
        if namespace != XHTML:  # the schemas of formulas and drawings in EPUB do not know it
            attributes.pop("tabindex", None)
        if place := attributes.get("id"):
            attributes["id"] = self.places.setdefault(place, xml_name(place))
        elif "id" in attributes:
            del attributes["id"]
        if namespace == MATHML and name == "math":
            self.has.add("mathml")
        elif namespace == SVG and name == "svg":
            self.has.add("svg")
            title = element.find(f"{{{SVG}}}title")
            self.pictures.append(
                Picture("", (title.text if title is not None else None) or attributes.get("aria-label"))
            )
        elif namespace == XHTML:
            if name == "img":
                self.pictures.append(Picture(attributes.get("src", ""), attributes.get("alt")))
            if "lang" in attributes:
                attributes["xml:lang"] = attributes["lang"]
            self._give_role(element, name)

    def _give_role(self, element: Element, name: str) -> None:
        """Says what an element is to programs that speak, and to those that show notes in a window."""
        attributes = element.attrib
        classes = attributes.get("class", "").split()
        kind, role = next((_ROLES[name, one] for one in classes if (name, one) in _ROLES), ("", ""))
        if name == "a" and element not in self._listed:
            href = attributes.get("href", "")
            if href.startswith("#") and "-ref-" in href and "role" not in attributes:
                role = "doc-biblioref"
            kind = _OF_ROLES.get(attributes.get("role", role), "")
        if kind:
            attributes.setdefault("epub:type", kind)
        if role:
            attributes.setdefault("role", role)
        if "notes" in classes:
            for note in element.iter(f"{{{XHTML}}}li"):
                if note.get("id"):
                    note.set("epub:type", "footnote")

    def mark(self, place: str, label: str) -> str:
        """Marks where a page of the PDF is, and returns the name of the mark; empty where there is no room for one.

        Args:
            place: the first place on it that the page of the EPUB has, in which the mark is put.
            label: the label of the page.
        """
        name = xml_name(f"pagebreak-{label}")
        element = next((one for one in self._elements() if one.get("id") == self.places[place]), None)
        if element is None or split(element.tag)[0] != XHTML or split(element.tag)[1] not in _HOLD_MARKS:
            return ""
        mark = element.makeelement(f"{{{XHTML}}}span", {})
        for key, value in {"epub:type": "pagebreak", "role": "doc-pagebreak", "id": name, "aria-label": label}.items():
            mark.set(key, value)
        mark.tail, element.text = element.text, None
        element.insert(0, mark)
        self.places[name] = name
        return name

    def lead(self, led: Callable[[str], str]) -> None:
        """Leads links inside of the issue to where their places are.

        Args:
            led: gives the address of a place, and the place itself, ``#id``, where there is none.
        """
        known = set(self.places.values())
        for element in self._elements():
            attributes = element.attrib
            if split(element.tag) == (XHTML, "a") and (href := attributes.get("href")) is not None:
                attributes["href"] = led(href[1:]) if href.startswith("#") and href != "#" else web_address(href)
            for key in _REFERS & attributes.keys():
                names = [name for one in attributes[key].split() if (name := self.places.get(one, "")) in known]
                if names:
                    attributes[key] = " ".join(names)
                else:
                    del attributes[key]

    def text(self) -> str:
        """The page as XML."""
        return '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n' + "".join(_written(self._root)) + "\n"


def split(tag: str) -> tuple[str, str]:
    """Namespace and name of an element.

    >>> split("{http://www.w3.org/1999/xhtml}p")
    ('http://www.w3.org/1999/xhtml', 'p')
    """
    namespace, brace, name = tag.rpartition("}")
    return (namespace[1:], name) if brace else ("", name)


def xml_name(place: str) -> str:
    """An id as XML allows it (Namespaces in XML, NCName): the same, or one with a digest of it.

    >>> xml_name("abstract-4068"), xml_name("a ref:1")
    ('abstract-4068', 'a_ref_1-7a8cdd8f')
    """
    if _NCNAME.fullmatch(place):
        return place
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", place)
    start = "" if re.match("[A-Za-z_]", plain) else "_"
    return f"{start}{plain[:80]}-{hashlib.sha256(place.encode()).hexdigest()[:8]}"


def web_address(href: str) -> str:
    """An address in which all characters may be in an address; what has brackets in its path has them encoded.

    >>> web_address("https://doi.org/10.1002/(SICI)1097<1::AID>3.0;2-Q")
    'https://doi.org/10.1002/(SICI)1097%3C1::AID%3E3.0;2-Q'
    """
    quoted = _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), href.strip())
    try:
        host = urlsplit(quoted).netloc
    except ValueError:
        host = ""
    at = quoted.find(host) + len(host) if host else 0
    return quoted[:at] + quoted[at:].replace("[", "%5B").replace("]", "%5D")


def escaped(text: str) -> str:
    """A text for XML, in elements and in attributes; without the characters that XML cannot hold."""
    text = _ILLEGAL.sub("", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _written(element: Element, outer: str = "") -> Iterator[str]:
    """An element and what is in it. Pages are at most 200 elements deep: templates that print more are refused."""
    namespace, name = split(element.tag)
    if not _NCNAME.fullmatch(name):  # such as <o:p>, which office programs write: its text is kept
        name = "span"
    yield f"<{name}"
    if namespace != outer:
        yield f' xmlns="{escaped(namespace)}"'
        if not outer:
            yield f' xmlns:epub="{_OPS}"'
    seen: set[str] = set()
    for key, value in element.attrib.items():
        of, local = split(str(key))
        written = _PREFIXES.get(of, "") + local
        if _NAME.fullmatch(written) and written not in seen and not written.startswith("xmlns"):
            seen.add(written)
            yield f' {written}="{escaped(value)}"'
    if name in _VOID and namespace == XHTML:
        yield "/>"
        return
    yield ">"
    yield escaped(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            yield from _written(child, namespace)
        yield escaped(child.tail or "")
    yield f"</{name}>"
