"""Imports all that a sheet needs, for the process that those which make sheets are forked from."""

from __future__ import annotations

import contextlib

from digest.errors import DigestError
from digest.render.paper import making, sheet

with contextlib.suppress(DigestError):  # what is missing here is reported by the process that needs it
    sheet.make(sheet.Job(html="<!DOCTYPE html><html lang=en><head></head><body><p>x</p></body></html>", roots=()))

__all__ = ["making", "sheet"]
