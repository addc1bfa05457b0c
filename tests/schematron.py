"""Runs rules of ISO Schematron with the query binding ``xslt2``: compiled to XSLT here, run by SaxonC.

Patterns become modes, rules become templates, assertions and reports become conditions. Of the standard (ISO 19757-3) it
knows what JATS4R's rules use: ``include``, ``ns``, ``let``, ``pattern``, ``rule``, ``assert``, ``report``, ``value-of``,
``name``, and functions of XSLT. The first rule of a pattern that fits a node is the one that counts.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path

    from lxml.etree import _Element

_SCH: Final = "{http://purl.oclc.org/dsdl/schematron}"
_XSL_NAME: Final = "http://www.w3.org/1999/XSL/Transform"
_XSL: Final = f"{{{_XSL_NAME}}}"


def compiled(path: Path) -> str:
    """The stylesheet for the rules of a file and those that it includes."""
    schema = etree.parse(str(path), etree.XMLParser(no_network=True, resolve_entities=False)).getroot()
    prefixes = {one.get("prefix", ""): one.get("uri", "") for one in schema.iter(f"{_SCH}ns")}
    prefixes |= {"xsl": _XSL_NAME, "xsd": "http://www.w3.org/2001/XMLSchema", "xs": "http://www.w3.org/2001/XMLSchema"}
    sheet = etree.Element(f"{_XSL}stylesheet", version="2.0", nsmap=prefixes)
    sheet.set("exclude-result-prefixes", "#all")
    etree.SubElement(sheet, f"{_XSL}output", method="xml")
    patterns = []
    for child in schema:
        if child.tag == f"{_SCH}let":
            etree.SubElement(sheet, f"{_XSL}variable", name=child.get("name", ""), select=child.get("value", ""))
        elif child.tag == f"{_XSL}function":
            sheet.append(child)
        elif child.tag == f"{_SCH}include":
            patterns.append(etree.parse(str(path.parent / child.get("href", ""))).getroot())
    start = etree.SubElement(sheet, f"{_XSL}template", match="/")
    found = etree.SubElement(start, "found")
    for number, pattern in enumerate(patterns):
        mode = f"m{number}"
        etree.SubElement(found, f"{_XSL}apply-templates", select="/", mode=mode)
        walk = etree.SubElement(sheet, f"{_XSL}template", match="*|/", mode=mode, priority="-1")
        etree.SubElement(walk, f"{_XSL}apply-templates", select="@*|*", mode=mode)
        etree.SubElement(sheet, f"{_XSL}template", match="@*|text()", mode=mode, priority="-2")
        rules = list(pattern.iter(f"{_SCH}rule"))
        for place, rule in enumerate(rules):
            _template(sheet, rule, mode, len(rules) - place, pattern.get("id", ""))
    return etree.tostring(sheet, encoding="unicode")


def _template(sheet: _Element, rule: _Element, mode: str, priority: int, name: str) -> None:
    made = etree.SubElement(sheet, f"{_XSL}template", match=rule.get("context", ""), mode=mode, priority=str(priority))
    for child in rule:
        if child.tag == f"{_SCH}let":
            etree.SubElement(made, f"{_XSL}variable", name=child.get("name", ""), select=child.get("value", ""))
        elif child.tag in {f"{_SCH}assert", f"{_SCH}report"}:
            test = child.get("test", "")
            wrong = f"not({test})" if child.tag.endswith("assert") else test
            condition = etree.SubElement(made, f"{_XSL}if", test=wrong)
            role = child.get("role") or "error"
            out = etree.SubElement(condition, "message", role=role, pattern=name)
            _words(out, child)
    etree.SubElement(made, f"{_XSL}apply-templates", select="@*|*", mode=mode)


def _words(out: _Element, message: _Element) -> None:
    def text(words: str | None) -> None:
        if words:
            etree.SubElement(out, f"{_XSL}text").text = words

    text(message.text)
    for child in message:
        if child.tag == f"{_SCH}value-of":
            etree.SubElement(out, f"{_XSL}value-of", select=child.get("select", ""))
        elif child.tag == f"{_SCH}name":
            etree.SubElement(out, f"{_XSL}value-of", select="name()")
        text(child.tail)


class Rules:
    """The rules of a file, compiled once."""

    def __init__(self, path: Path) -> None:
        saxonche = importlib.import_module("saxonche")  # 105 MB: it is not in the group of packages for tests

        self._saxon = saxonche.PySaxonProcessor(license=False)
        compiler = self._saxon.new_xslt30_processor()
        compiler.set_cwd(str(path.parent))
        # Rules read lists from files next to them.
        sheet = compiled(path).replace("doc('", f"doc('{path.parent.as_uri()}/")
        sheet = sheet.replace("document('", f"document('{path.parent.as_uri()}/")
        self._program: Any = compiler.compile_stylesheet(stylesheet_text=sheet)

    def broken_by(self, document: str) -> list[tuple[str, str, str]]:
        """For each rule that a document breaks: how grave it is, the pattern, and the message.

        Args:
            document: the text of the document without a document type declaration, with its ids declared.
        """
        node = self._saxon.parse_xml(xml_text=document)
        result = self._program.transform_to_string(xdm_node=node)
        return [
            (one.get("role", ""), one.get("pattern", ""), " ".join("".join(map(str, one.itertext())).split()))
            for one in etree.fromstring(result.encode()).iter("message")
        ]
