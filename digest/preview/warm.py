"""Importing this loads all that pages need: the process that preview's workers are forked from does it once."""

import contextlib

from digest.errors import DigestError
from digest.preview import rendering
from digest.render import pdf

with contextlib.suppress(DigestError):  # what is missing here is told by the worker that needs it
    pdf.draft("<!DOCTYPE html><html><head></head><p>x</p></html>", 1, roots=(), fonts=None)

__all__ = ["pdf", "rendering"]
