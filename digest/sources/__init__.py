"""Bytes to records: one module per format, each pure; the table of formats; one door to the network.

A parser takes a `Page` and yields what it found: a record (`Parsed`), one taken back (`Deleted`), or a `Problem`.
"""

from digest.sources.formats import FORMATS, Format, parse, recognise
from digest.sources.page import Deleted, Outcome, Page, Parsed

__all__ = ["FORMATS", "Deleted", "Format", "Outcome", "Page", "Parsed", "parse", "recognise"]
