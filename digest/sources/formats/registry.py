"""The table of formats: the name of each, what it is, and the module that reads it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from digest.errors import DigestError, did_you_mean


class Format(Struct, frozen=True, kw_only=True):
    """One format that can be read.

    Attributes:
        name: its name, as ``--from`` takes it and `Origin.format` keeps it.
        says: what it is, for people.
        module: the module of `digest.sources.formats` whose ``parse`` reads it.
        by_line: whether its fields are on lines, so that one of many megabytes is a mistake.
    """

    name: str
    says: str
    module: str
    by_line: bool = False


FORMATS: Final = {
    row.name: row
    for row in (
        Format(name="feed", says="RSS, Atom and JSON Feed", module="feeds"),
        Format(name="pubmed-xml", says="PubMed XML: E-utilities and baseline files", module="pubmed"),
        Format(name="nbib", says="MEDLINE tagged text, .nbib", module="medline", by_line=True),
        Format(name="europepmc-json", says="Europe PMC JSON", module="europepmc"),
        Format(name="crossref-json", says="Crossref REST JSON", module="crossref"),
        Format(name="indico-json", says="Indico JSON: abstracts and contributions", module="indico"),
        Format(name="pretalx-json", says="pretalx JSON: pages of submissions", module="pretalx"),
        Format(name="frab", says="frab schedules, XML and JSON, also of pretalx", module="frab"),
        Format(name="openreview-json", says="OpenReview JSON: notes of API 2", module="openreview"),
        Format(name="oai-pmh", says="OAI-PMH answers: oai_dc and JATS", module="oai"),
        Format(name="jats", says="JATS XML: journal articles and meeting abstracts", module="jats"),
        Format(name="mods", says="MODS, single or in a collection", module="mods"),
        Format(name="ris", says="RIS in its dialects", module="ris", by_line=True),
        Format(name="bibtex", says="BibTeX and BibLaTeX", module="bibtex", by_line=True),
        Format(name="csl-json", says="CSL-JSON", module="csljson"),
        Format(name="endnote-xml", says="EndNote XML", module="endnote"),
        Format(name="refer", says="EndNote tagged text, .enw (refer)", module="refer", by_line=True),
        Format(name="isi", says="Web of Science tagged text", module="refer", by_line=True),
        Format(name="ovid", says="Ovid tagged text", module="ovid", by_line=True),
        Format(name="refworks", says="RefWorks tagged text", module="refer", by_line=True),
        Format(name="fields", says="text with named fields: CENTRAL, ProQuest, Embase", module="tables"),
        Format(name="csv", says="a table: CSV or TSV", module="tables"),
        Format(name="xlsx", says="a table: XLSX", module="tables"),
        Format(name="html", says="an article's page: Highwire, Dublin Core, JSON-LD", module="webpage"),
        Format(
            name="markdown",
            says="Markdown with front matter, a file for each abstract",
            module="frontmatter",
            by_line=True,
        ),
        Format(name="json", says="records of our own as JSON, or JSON lines", module="own"),
        Format(name="yaml", says="records of our own as YAML", module="own", by_line=True),
        Format(name="text", says="pasted text: references, PubMed’s “Abstract (text)”", module="reflist", by_line=True),
    )
}


def named(name: str) -> Format:
    """The format of this name.

    Raises:
        DigestError: the name is unknown.
    """
    if name not in FORMATS:
        raise DigestError(
            f"unknown format “{name}”{did_you_mean(name, FORMATS)}", expected=f"one of {', '.join(FORMATS)}"
        )
    return FORMATS[name]
