"""The footnotes of a finished page for paper: moved from the end of an article to the foot of the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# What `digest.prose.writing` writes for notes that may be moved, each of them one paragraph.
_NOTES: Final = re.compile(r'<div class="notes foot">\n<ol[^<>]*>\n(?P<notes>.*?)</ol>\n</div>\n', re.DOTALL)
_NOTE: Final = re.compile(
    r'<li id="(?P<place>[^"<>]+)">\n<p>(?P<text>.*?)</p>\n(?:<a class="note-back"|</li>)', re.DOTALL
)
_CALL: Final = re.compile(
    r'<sup class="note-call"><a id="(?P<call>[^"<>]+)" href="#(?P<place>[^"<>]+)" role="doc-noteref">'
    r"(?P<number>\w+)</a></sup>"
)


def at_foot(page: str) -> str:
    """The page with each note that may be moved inside the line that calls it, as WeasyPrint wants it.

    A second call of the same note stays a link to it.
    """
    if 'class="notes foot"' not in page:
        return page
    texts = dict(_texts(page))

    def moved(match: re.Match[str]) -> str:
        text = texts.pop(match["place"], None)
        if text is None:
            return match[0]
        # WeasyPrint would begin a line with the number; the word joiner keeps it with its word.
        place, number = match["place"], match["number"]
        return f'\u2060<span class="footnote" id="{place}" style="float:footnote" data-number="{number}">{text}</span>'

    return _CALL.sub(moved, _NOTES.sub("", page))


def _texts(page: str) -> Iterator[tuple[str, str]]:
    for notes in _NOTES.finditer(page):
        for note in _NOTE.finditer(notes["notes"]):
            yield note["place"], note["text"]
