"""Remembers what WeasyPrint made of a stylesheet's file: it is read for each sheet, and for each trial of a table.

The answer is the same for the same bytes: what a file adds to lists of the document is recorded and added again.
A file with layers, styles of counters or colour profiles, which depend on what was read before, is read each time.
"""

from __future__ import annotations

import contextlib
import copy
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.render.paper.engine import Log

_MOST: Final = 60  # files


class _Read(msgspec.Struct, frozen=True):
    """What came of a file.

    Attributes:
        css: WeasyPrint's stylesheet.
        page_rules: the rules of pages.
        faces: the fonts.
        messages: what was said.
    """

    css: Any
    page_rules: list[Any]
    faces: list[Any]
    messages: list[tuple[str, str, int | None]]


_known: Final[dict[tuple[str, str, bytes], _Read]] = {}


class _Faces:
    """Stands in for the fonts of a document, and writes down which are asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def add_font_face(self, descriptors: Any, _fetcher: Any) -> None:  # noqa: ANN401 - as WeasyPrint's
        """Writes down a rule ``@font-face``."""
        self.asked.append(descriptors)


@contextlib.contextmanager
def remembered(log: Log) -> Iterator[None]:
    """Lets WeasyPrint read each stylesheet's file once in this process.

    Args:
        log: what WeasyPrint says.
    """
    from weasyprint import css as styles
    from weasyprint.urls import fetch

    original = styles.CSS

    def read(**options: Any) -> Any:  # noqa: ANN401 - WeasyPrint has no types
        if not (url := options.get("url")) or options.get("layer") or options.get("matcher"):
            return original(**options)
        with fetch(options["url_fetcher"], url) as response:
            if response.content_type != "text/css":
                return original(**options)
            content = response.read()
        key = (url, options["media_type"], content)
        if key not in _known:
            faces, before = _Faces(), len(log.messages)
            lists: dict[str, Any] = {"page_rules": [], "layers": [], "counter_style": {}, "color_profiles": {}}
            plain = {name: value for name, value in options.items() if name not in {"url", "_check_mime_type"}}
            css = original(
                string=content.decode("utf-8-sig", "replace"), base_url=url, **(plain | lists | {"font_config": faces})
            )
            said = log.messages[before:]
            del log.messages[before:]
            if any(lists[name] for name in ("layers", "counter_style", "color_profiles")) or b"@import" in content:
                return original(**options)
            if len(_known) >= _MOST:
                _known.clear()
            _known[key] = _Read(css, lists["page_rules"], faces.asked, said)
        known = _known[key]
        log.messages += known.messages
        options["page_rules"] += known.page_rules
        for face in known.faces:
            options["font_config"].add_font_face(face, options["url_fetcher"])
        css = copy.copy(known.css)
        css.page_rules, css.layers = options["page_rules"], options["layers"]
        return css

    styles.CSS = read
    try:
        yield
    finally:
        styles.CSS = original
