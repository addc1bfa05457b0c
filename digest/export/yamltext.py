"""Records as YAML that people read and edit, and the scalars of every YAML file that the program writes."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

from digest.export.objects import as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from digest.model import Record


def write(records: Iterable[Record], *, plain: bool = False) -> Iterator[str]:  # noqa: ARG001 - YAML says everything
    """A YAML list, a record at a time."""
    none = True
    for record in records:
        first, *others = yaml_record(record).splitlines()
        yield "\n".join([f"- {first}", *(f"  {line}" for line in others)]) + "\n"
        none = False
    if none:
        yield "[]\n"


# What every reader of YAML 1.1 and 1.2 takes for a text without quotes: words, addresses and DOIs.
_PLAIN: Final = re.compile(r"[^\W\d_][\w.'’–—()/+&=<>;,?!%−±°-]*(?: [\w.'’–—()/+&=<>;,?!%−±°-]+)*")
_PLAIN_IN_FLOW: Final = re.compile(r"[^\W\d_][\w.'’–—()/+-]*(?: [\w.'’–—()/+-]+)*")
_PLAIN_WORDS: Final = re.compile(
    r"(?:https?://|doi:)[A-Za-z0-9][\w./:;()+=&?%~-]*[\w/]|[1-9]\d{0,8}|\d{4}-\d\d(?:-\d\d)?"
)
_NOT_TEXT: Final = re.compile(
    r"(?:null|true|false|yes|no|on|off|y|n|nan|inf|infinity)|[\d_.]*(?:e[\d_]+)?", re.IGNORECASE | re.ASCII
)
# What is not a character of YAML (1.2.2, section 5.1), or ends a line in one of its versions.
_ODD: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_WIDTH: Final = 118
_FLOW_ITEMS: Final = frozenset({"authors", "editors"})


def yaml_record(record: Record) -> str:
    """The record as people read and edit it: `digest.strict` reads back an equal one."""
    return "\n".join(_yaml_lines({**as_object(record), **_unlabelled(record)}, 0)) + "\n"


def _unlabelled(record: Record) -> dict[str, Any]:
    """The abstract without the labels that are null in JSON."""
    parts = [{"label": part.label, "text": part.text.source} for part in record.abstract]
    kept = [{name: text for name, text in part.items() if text is not None} for part in parts]
    return {"abstract": kept} if kept else {}


def yaml_text(text: str, *, in_flow: bool = False) -> str:
    """A text as a scalar on one line: without quotes where YAML reads it so, else in double quotes."""
    pattern = _PLAIN_IN_FLOW if in_flow else _PLAIN
    if (pattern.fullmatch(text) and not _NOT_TEXT.fullmatch(text)) or _PLAIN_WORDS.fullmatch(text):
        return text
    return _ODD.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _yaml_lines(value: Mapping[str, Any], indent: int) -> Iterator[str]:
    space = " " * indent
    for name, part in value.items():
        if isinstance(part, dict):
            yield f"{space}{name}:"
            yield from _yaml_lines(part, indent + 2)
        elif isinstance(part, list | tuple):
            yield from _yaml_list(name, part, indent)
        else:
            yield from _yaml_scalar(f"{space}{name}:", part, indent + 2)


def _yaml_list(name: str, items: Iterable[Any], indent: int) -> Iterator[str]:
    space = " " * indent
    items = list(items)
    if not any(isinstance(one, dict) for one in items) and name != "affiliations":
        row = f"{space}{name}: {_flow(items)}"
        if len(row) <= _WIDTH:
            yield row
            return
    yield f"{space}{name}:"
    for one in items:
        if not isinstance(one, dict):
            yield from _yaml_scalar(f"{space}  -", one, indent + 4)
        elif name in _FLOW_ITEMS:
            yield f"{space}  - {_flow(one)}"
        else:
            first, *others = _yaml_lines(one, indent + 4)
            yield f"{space}  - {first.lstrip()}"
            yield from others


def _yaml_scalar(head: str, value: object, indent: int) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{head} {json.dumps(value)}"
        return
    row = f"{head} {yaml_text(value)}"
    folds = len(row) > _WIDTH and not _ODD.search(value) and value == " ".join(value.split(" ")) == value.strip()
    if not folds or "  " in value or "\t" in value:
        yield row
        return
    yield f"{head} >-"
    space = " " * indent
    yield from textwrap.wrap(
        value, _WIDTH, initial_indent=space, subsequent_indent=space, break_long_words=False, break_on_hyphens=False
    )


def _flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_flow(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return yaml_text(value, in_flow=True) if isinstance(value, str) else json.dumps(value)
