"""Markdown from outside becomes our texts: a line as inline HTML, a whole text as paragraphs and headings."""

from __future__ import annotations

import re
from typing import Final

from digest.sources.shared import markup

HEADING: Final = re.compile(r"^(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")


def spans(text: str) -> str:
    """Markdown within a line (CommonMark 0.31, chapter 6; Pandoc's raised and lowered text) as HTML."""
    formulas: list[str] = []

    def aside(match: re.Match[str]) -> str:
        formulas.append(match[0])
        return f"\ufdd2{len(formulas) - 1}\ufdd3"

    text = _spans(_TEX.sub(aside, re.sub("[\ufdd2\ufdd3]", "", text)))
    return re.sub("\ufdd2(\\d+)\ufdd3", lambda match: formulas[int(match[1])], text) if formulas else text


# A formula in dollars, or in TeX's own brackets: what looks like Markdown in it is TeX.
_TEX: Final = re.compile(
    r"\$\$[^$]{1,2000}\$\$|\$(?=[^\s$])[^$\n]{0,200}?[\\^_{][^$\n]{0,500}\$|\\\(.{1,500}?\\\)|\\\[.{1,2000}?\\\]",
    re.DOTALL,
)


def _spans(text: str) -> str:
    text = re.sub(r"!\[[^\]]{0,300}\]\([^)]{0,1000}\)(?:\{[^{}]{0,200}\})?", "", text)
    text = re.sub(r"\[([^\]]{1,300})\]\([^)]{0,1000}\)", r"\1", text)
    text = re.sub(r"(\*\*|__)(?=\S)(.{1,2000}?)(?<=\S)\1", r"<b>\2</b>", text)
    text = re.sub(r"(?<![\w*\\])([*_])(?=[^\s*_])(.{1,2000}?)(?<=[^\s*_\\])\1(?![\w*])", r"<i>\2</i>", text)
    text = re.sub(r"(?<=[\w)])~([^\s~]{1,40})~", r"<sub>\1</sub>", text)
    text = re.sub(r"(?<=[\w)])\^([^\s^]{1,40})\^", r"<sup>\1</sup>", text)
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def blocks(text: str) -> list[markup.TextBlock]:
    """Paragraphs and headings of Markdown."""
    out: list[markup.TextBlock] = []
    for piece in re.split(r"\n\s*\n", text.strip()):
        lines = piece.strip().split("\n")
        while lines and (match := HEADING.fullmatch(lines[0].strip())):
            out.append(markup.TextBlock(text=markup.inline(spans(match[2])), heading=True))
            lines = lines[1:]
        kept = " ".join(re.sub(r"^\s*(?:[-*+]|\d{1,2}[.)])\s+|^\s*>\s?", "", line) for line in lines)
        if kept.strip():
            out += markup.blocks(spans(kept))
    return out
