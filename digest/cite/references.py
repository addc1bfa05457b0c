"""Citations in a text and the list of references after it, formatted by a CSL style."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup, escape

from digest import csl
from digest.cite import catalogue
from digest.cite.items import address, item, registered
from digest.model import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from digest.prose import Citation


_FIRST: Final = re.compile(r"^[\[(]?1[\]).]+\s+")  # the number of an only entry, where a style has it in its text


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a list of references.

    Attributes:
        key: what is cited.
        number: its number in the list, counted from 1.
        label: what comes before the entry, such as ``1.``; empty in a list without numbers.
        html: the entry as HTML, without its label.
        text: the same as plain text.
        record: the record.
    """

    key: str
    number: int
    label: str = ""
    html: Markup
    text: str
    record: Record


class Cited(msgspec.Struct, frozen=True, kw_only=True):
    """A text's citations and references.

    Attributes:
        citations: what is printed for each citation of the text, in order.
        references: the list of references, in the order of the style.
    """

    citations: tuple[Markup, ...] = ()
    references: tuple[Reference, ...] = ()


class Styles:
    """Citation styles by name: ours, the published ones, or a CSL file. Each is read once."""

    def __init__(self, root: Path | None = None, *, anywhere: bool = False) -> None:
        """Paths of style files count from `root`, and lead out of it only where `anywhere` is set."""
        self._root = root
        self._anywhere = anywhere
        self._read: dict[str, catalogue.LoadedStyle] = {}
        self._items: dict[tuple[str, str], tuple[Record, Mapping[str, Any]]] = {}

    def find(self, name: str) -> catalogue.LoadedStyle:
        """The style with what is known of it.

        Raises:
            DigestError: the name is unknown, or the file is broken.
        """
        if name not in self._read:
            path = self._path(name)
            self._read[name] = catalogue.read(path, name=name) if path else catalogue.load(name)
        return self._read[name]

    def load(self, name: str) -> tuple[csl.Style, bool]:
        """The style, and whether it is one of ours.

        Raises:
            DigestError: the name is unknown, or the file is broken.
        """
        found = self.find(name)
        return found.style, found.ours

    def _path(self, name: str) -> Path | None:
        """The file that a name means which looks like a path, if it is there and may be read."""
        if self._root is None or not (name.endswith(".csl") or "/" in name):
            return None
        path = (self._root / name).resolve()
        inside = self._anywhere or path.is_relative_to(self._root.resolve())
        return path if inside and path.is_file() else None

    def cite(
        self,
        name: str,
        citations: Sequence[Citation],
        sources: Mapping[str, Record],
        *,
        language: str,
        anchor: str,
    ) -> Cited:
        """The citations of one text, formatted together: numbers, collapsing and “ibid.” depend on each other.

        Args:
            name: name of the style.
            citations: the citations, in the order of the text; every key is in `sources`.
            sources: what may be cited.
            language: language of the terms.
            anchor: the reference ``key`` has the HTML id ``{anchor}{key}``; citations link there.
        """
        if not citations:
            return Cited()
        found = self.find(name)
        keys = dict.fromkeys(cite.key for citation in citations for cite in citation.cites)
        document = csl.format_document(
            found.style,
            {key: self._item(name, key, sources[key]) for key in keys},
            [
                csl.Citation(
                    cites=tuple(
                        csl.Cite(
                            id=cite.key,
                            prefix=cite.prefix,
                            suffix=cite.suffix,
                            locator=cite.locator,
                            label=cite.label,
                            suppress_author=cite.suppress_author,
                        )
                        for cite in citation.cites
                    ),
                    note_number=number,
                )
                for number, citation in enumerate(citations, 1)
            ],
            locale=language,
            link=lambda variable, value, source: _address(variable, value, source, sources, anchor),
        )
        return Cited(
            citations=tuple(_markup(node) for node in document.citations),
            references=tuple(
                _reference(entry, number, sources[entry.id], f"{number}." if found.leaves_numbers else "")
                for number, entry in enumerate(document.bibliography, 1)
            ),
        )

    def _item(self, name: str, key: str, record: Record) -> Mapping[str, Any]:
        """The item of a record for a style, made once for all texts that cite it."""
        kept = self._items.get((name, key))
        if kept is None or kept[0] is not record:
            found = self.find(name)
            kept = self._items[name, key] = (record, item(record, key, house=found.ours, form=found.form))
        return kept[1]

    def reference(self, name: str, record: Record, *, language: str) -> Reference | None:
        """A record as a list of references in this style has it, with no number and no more identifiers than the style.

        Nothing where the style makes no lists.

        Args:
            name: name of the style.
            record: the record.
            language: language of the terms.
        """
        found = self.find(name)
        items = {"it": item(record, "it", house=found.ours, form=found.form)}
        document = csl.format_document(
            found.style,
            items,
            [],
            uncited=("it",),
            locale=language,
            link=lambda variable, value, source: (
                None if variable == "citation-number" else address(variable, value, source)
            ),
        )
        if not document.bibliography:
            return None
        body = document.bibliography[0].body
        html = Markup(_FIRST.sub("", _markup(body)))  # noqa: S704 - less than it was
        return Reference(key="it", number=1, html=html, text=_FIRST.sub("", csl.to_text(body)), record=record)


def how_to_cite(styles: Styles, record: Record, language: str) -> Reference:
    """How others should cite an article of ours: APA's form, as the journal prints it."""
    style, house = styles.load("jop-how-to-cite")
    document = csl.format_document(style, {"it": item(record, "it", house=house)}, [], uncited=("it",), locale=language)
    (entry,) = document.bibliography
    return Reference(key="it", number=1, html=_markup(entry.content), text=csl.to_text(entry.content), record=record)


def _reference(entry: csl.Entry, number: int, record: Record, label: str) -> Reference:
    """An entry, with ``[PMID:24857584]`` after it where the style prints none of the identifiers."""
    if entry.margin is not None:  # the style prints the number itself, in the margin (second-field-align)
        label = csl.to_text(entry.margin).strip()
    html, text = _markup(entry.body), csl.to_text(entry.body)
    known = registered(record)
    if known and not any(escape(url) in html for _, _, url in known):
        registry, name, url = known[0]
        html += Markup(' [{}:<a href="{}">{}</a>]').format(registry, url, name)
        text += f" [{registry}:{name}]"
    return Reference(key=entry.id, number=number, label=label, html=html, text=text, record=record)


def _address(variable: str, value: str, source: Any, sources: Mapping[str, Record], anchor: str) -> str | None:  # noqa: ANN401 - the item as digest.csl gives it back
    """Where a printed variable leads: a number to its reference, an identifier to its registry."""
    record = sources.get(str(source.get("id", "")))
    if record is None:
        return None
    if variable == "citation-number":
        return f"#{anchor}{source['id']}"
    return address(variable, value, source)


def _markup(node: csl.Node) -> Markup:
    return Markup(csl.to_html(node))  # noqa: S704 - to_html escapes every text; markup comes from its tree alone
