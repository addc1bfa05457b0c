"""Importing this loads all that pages need: the process that preview's workers are forked from does it once."""

from digest.preview import rendering
from digest.render import pdf

pdf.draft("<!DOCTYPE html><html><head></head><p>x</p></html>", 1, roots=(), fonts=None)
READY = bool(rendering.Renderer)
