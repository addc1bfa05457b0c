"""What kind of thing differs between two outputs: blanks, quotation marks, dashes, case, stops, or words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from bench.examine.compare import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

_QUOTES: Final = str.maketrans(dict.fromkeys("“”„‟‘’‚«»‹›", '"'))


def _blanks(text: str) -> str:
    return re.sub(r"\s", "", text)


def _no_quotes(text: str) -> str:
    return _blanks(text.translate(_QUOTES).replace("'", '"'))


def _stops(text: str) -> str:
    return re.sub(r"[\s.,;:]", "", text)


# Changes that make equal what differs only so; the first that does names the kind.
_SAME_AFTER: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("blanks", _blanks),
    ("quotation marks", _no_quotes),
    ("dashes", lambda text: re.sub(r"[-–‑]", "-", _blanks(text))),
    ("case", lambda text: _no_quotes(text).casefold()),
    ("stops", lambda text: _stops(text).casefold()),
)


def kind_of(ours: str, theirs: str, item: dict[str, Any] | None) -> str:
    """A word for what differs between two outputs, from the mildest to the gravest."""
    one, two = text_of(ours), text_of(theirs)
    for name, change in _SAME_AFTER:
        if change(one) == change(two):
            return name
    issued = str((item or {}).get("issued", ""))
    if re.search(r"\[\[-?\d{1,3}[],]", issued):
        return "years before 1000"
    if re.search(r"\], \[", issued) and ("–" in two or "-" in two):
        return "ranges of dates"
    if str((item or {}).get("language", ""))[:2] in {"zh", "ja", "ko", "ru"}:
        return "names by the item's language"
    return "words"
