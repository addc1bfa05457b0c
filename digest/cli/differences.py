"""How `digest refresh` shows a frozen record and the library's in one: on a terminal in colours, and as JSON."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from digest.cli.terminal import Styled, echo, styled

if TYPE_CHECKING:
    from digest.refresh import Difference, FieldDifference, Refreshed, Words

_AROUND: Final = 8  # words before and after a change that are shown

_BY: Final = {
    "library": "",
    "hand": ", corrected by hand",
    "both": ", corrected by hand and changed in the library",
    "": "",
}


def print_difference(difference: Difference) -> None:
    """Prints what differs: ``[-what the issue has-]{+what the library has+}``, in colours on a terminal."""
    state = "withdrawn by its source" if difference.withdrawn else "other in the library"
    settled = " (kept before)" if difference.settled else ""
    echo(styled(f"{difference.file}: {state}{settled}", bold=True))
    for field in difference.fields:
        printed = Styled.of(*(_marked(words, n, len(field.words)) for n, words in enumerate(field.words)))
        lines = Styled(printed.replace("\n", "\n    "))
        echo(Styled.of(f"  {field.field}{_BY[field.changed_by]}: ", lines))


def _marked(words: Words, n: int, count: int) -> str:
    if words.side == "frozen":
        return styled(f"[-{words.text}-]", fg="red")
    if words.side == "library":
        return styled(f"{{+{words.text}+}}", fg="green")
    parts = re.findall(r"\S+\s*|\s+", words.text)
    first, last = (0 if n == 0 else _AROUND), (0 if n == count - 1 else _AROUND)
    if len(parts) <= first + last + 1:
        return words.text
    return "".join([*parts[:first], "… " if last else "…", *(parts[-last:] if last else [])])


def refreshed_dict(one: Refreshed) -> dict[str, Any]:
    """A difference and what was decided, as a value of JSON."""
    difference = one.difference
    return {
        "record": difference.record,
        "id": difference.id,
        "file": difference.file,
        "withdrawn": difference.withdrawn,
        "settled": difference.settled,
        "decision": one.decision,
        "taken": list(one.taken),
        "fields": [_field_dict(field) for field in difference.fields],
    }


def _field_dict(field: FieldDifference) -> dict[str, Any]:
    return {
        "field": field.field,
        "frozen": field.frozen,
        "library": field.library,
        "changed_by": field.changed_by,
        "words": [{"side": words.side, "text": words.text} for words in field.words],
    }
