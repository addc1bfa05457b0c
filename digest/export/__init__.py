"""Records become text in the formats that others read: JSON, YAML, CSL-JSON, RIS, BibTeX, MEDLINE.

Each writer has a reader in `digest.sources`, and reading back gives the same record. What a format has no place for
goes as JSON into its place for remarks (`digest.remainder`), written only where there is something to keep:

=========  ==================================  =======================================================================
format     place for what it cannot say        what does not come back
=========  ==================================  =======================================================================
json       none needed                         nothing
yaml       none needed                         nothing
csl        ``custom``                          ``id`` and ``origin``: reading makes new ones
ris        ``U5`` (user-defined)               ``id`` and ``origin``
bibtex     the field ``digest-remainder``      ``id`` and ``origin``
nbib       ``GN`` (general note)               ``id`` and ``origin``
=========  ==================================  =======================================================================
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from digest.errors import DigestError, did_you_mean
from digest.export.objects import as_object, write_lines
from digest.export.yamltext import yaml_record, yaml_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from digest.model import Record

__all__ = ["WRITERS", "as_object", "write_records", "yaml_record", "yaml_text"]

# The formats by name, each with the module of this folder whose ``write`` takes records and gives the text of a file in
# pieces. All but the first two read back what they write, so they know `digest.sources`; they are loaded when used.
WRITERS: Final[Mapping[str, str]] = {
    "json": "objects",
    "yaml": "yamltext",
    "csl": "csljson",
    "ris": "ris",
    "bibtex": "bibtex",
    "nbib": "medline",
}


def write_records(records: Iterable[Record], to: str, *, lines: bool = False, plain: bool = False) -> Iterator[str]:
    """The text of a file with these records, in pieces as the records come.

    Args:
        records: the records.
        to: name of the format, a key of `WRITERS`.
        lines: for JSON: one record on a line instead of an array.
        plain: leave out what only this program reads back.

    Raises:
        DigestError: the format is unknown.
    """
    if to not in WRITERS:
        raise DigestError(
            f"records cannot be written as “{to}”{did_you_mean(to, WRITERS)}", expected=", ".join(WRITERS)
        )
    if lines and to == "json":
        return write_lines(records)
    writer: Callable[..., Iterator[str]] = importlib.import_module(f"digest.export.{WRITERS[to]}").write
    return writer(records, plain=plain)
