"""What the formats of tagged lines, RIS and MEDLINE, share when records are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.model import Record
    from digest.text import Node, RichText


def html_text(text: RichText) -> str:
    """A text with HTML tags for its markup and all other characters as they are, as reference managers write it."""
    return _html_of(text.nodes)


def _html_of(nodes: Iterable[Node]) -> str:
    return "".join(n if isinstance(n, str) else f"<{n[0]}>{_html_of(n[1])}</{n[0]}>" for n in nodes)


def tagged_lines(rows: Iterable[tuple[str, str | None]], form: str) -> str:
    """Lines of tags with their values; empty ones are left out."""
    return "".join(form.format(tag, " ".join(str(value).split())) for tag, value in rows if value)


def abstract_line(record: Record) -> str:
    """The abstract on one line, labels before their parts."""
    return " ".join(
        f"{part.label}: {html_text(part.text)}" if part.label else html_text(part.text) for part in record.abstract
    )
