"""An HTML page made fit for e-mail: styles inside the elements, links that arrive from anywhere, told when too long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import css_inline
from markupsafe import escape

from digest.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

# Gmail shows the first 102 kB of a message, and the rest behind a link.
CLIPPED: Final = 102 * 1024
_LINK: Final = re.compile(r'<a\b([^<>]*?)\shref="#([^"<>]*)"([^<>]*)>(.*?)</a>', re.DOTALL)
_ENCODING: Final = re.compile(r'<meta charset="utf-8"\s*/?>\s*')


def inlined(html: str, web_address: str) -> str:
    """The page with its styles inside the elements; rules for dark mode and small screens stay in the head.

    Args:
        html: the page.
        web_address: where the issue stands on the web. A link to a place in the issue leads there; without an address
            it is text, because links inside of a message do nothing in Gmail and Yahoo.
    """

    def link(match: re.Match[str]) -> str:
        before, place, after, text = match.groups()
        if web_address:
            return f'<a{before} href="{escape(web_address)}#{place}"{after}>{text}</a>'
        return text

    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False, resolve_css_variables=True)
    done = inliner.inline(_LINK.sub(link, html))
    # The rules that stay come first in the head; the encoding has to stand within the first 1024 bytes (HTML, 4.2.5.4).
    return _ENCODING.sub("", done, count=1).replace("<head>", '<head><meta charset="utf-8">', 1)


def told(html: str) -> Iterator[Problem]:
    """A warning when the message is longer than Gmail shows."""
    size = len(html.encode())
    if size > CLIPPED:
        message = (
            f"the message has {size // 1024} kB; Gmail shows the first 102 and hides the rest behind a link. "
            "Take entries out, or set options such as “keywords” and “references” to false"
        )
        yield Problem(level="warning", code="mail-clipped", message=message)
