"""Citations in a text and the list of references behind it, formatted by a CSL style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from digest import csl
from digest.cite.items import identifiers, item
from digest.errors import DigestError, did_you_mean
from digest.model import Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from digest.prose import Citation

_HOUSE: Final = Path(__file__).parent / "styles"


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of a list of references.

    Attributes:
        key: what is cited.
        number: its number in the list, counted from 1.
        html: the entry as HTML, without its number.
        text: the same as plain text.
        record: the record.
    """

    key: str
    number: int
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
    """Citation styles by name: our own, or a CSL file of the publication. Each is read once."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._read: dict[str, tuple[csl.Style, bool]] = {}

    def load(self, name: str) -> tuple[csl.Style, bool]:
        """The style, and whether it is one of ours.

        Raises:
            DigestError: there is none of this name, or its file is broken.
        """
        if name not in self._read:
            house = _HOUSE / f"{name}.csl"
            ours = house.parent == _HOUSE and house.is_file()
            path = house if ours else self._own(name)
            try:
                self._read[name] = csl.load_style(path), ours
            except csl.StyleError as error:
                first = error.problems[0] if error.problems else error
                raise DigestError(
                    f"the citation style cannot be read: {getattr(first, 'message', first)}",
                    where=f"{path}:{getattr(first, 'line', None) or 1}",
                    expected="a style of CSL 1.0.2",
                ) from error
        return self._read[name]

    def _own(self, name: str) -> Path:
        path = (self._root / name).resolve() if self._root and name.endswith(".csl") else None
        if path and self._root and path.is_relative_to(self._root.resolve()) and path.is_file():
            return path
        known = sorted(file.stem for file in _HOUSE.glob("*.csl"))
        raise DigestError(
            f"there is no citation style “{name}”{did_you_mean(name, known)}",
            where="digest.yaml",
            expected=f"one of {', '.join(known)}, or the path of a .csl file inside the publication's folder",
        )

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
        style, house = self.load(name)
        keys = {cite.key for citation in citations for cite in citation.cites}
        document = csl.format_document(
            style,
            {key: item(sources[key], key, house=house) for key in keys},
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
                Reference(
                    key=entry.id,
                    number=number,
                    html=_markup(entry.content),
                    text=csl.to_text(entry.content),
                    record=sources[entry.id],
                )
                for number, entry in enumerate(document.bibliography, 1)
            ),
        )


def how_to_cite(styles: Styles, record: Record, language: str) -> Reference:
    """How others should cite an article of ours: APA's form, as the journal prints it."""
    style, house = styles.load("jop-how-to-cite")
    document = csl.format_document(style, {"it": item(record, "it", house=house)}, [], uncited=("it",), locale=language)
    (entry,) = document.bibliography
    return Reference(key="it", number=1, html=_markup(entry.content), text=csl.to_text(entry.content), record=record)


def _address(variable: str, value: str, source: Any, sources: Mapping[str, Record], anchor: str) -> str | None:  # noqa: ANN401 - the item as digest.csl gives it back
    """Where a printed variable leads: a number to its reference, an identifier to its registry."""
    record = sources.get(str(source.get("id", "")))
    if record is None:
        return None
    if variable == "citation-number":
        return f"#{anchor}{source['id']}"
    if variable in {"DOI", "PMID", "PMCID", "archive_location"}:
        wanted = {"PMCID": "PMC"}.get(variable, variable)
        for label, number, address in identifiers(record.ids):
            if label == wanted or (variable == "archive_location" and number == value):
                return address
    return None


def _markup(node: csl.Node) -> Markup:
    return Markup(csl.to_html(node))  # noqa: S704 - to_html escapes every text; markup comes from its tree alone
