"""JSON Schema of each file that people type, generated from the types of the model."""

from __future__ import annotations

import inspect
import re
from typing import Any, Final

import msgspec

from digest.model import ArticleFile, IssueFile, PartialDate, Publication, Record
from digest.text import RichText

KINDS: Final[dict[str, type]] = {
    "publication": Publication,  # digest.yaml
    "issue": IssueFile,  # issue.yaml
    "article": ArticleFile,  # the front matter in articles/*.md
    "record": Record,  # records/*.yaml
    "references": tuple[Record, ...],  # references.yaml, references.json
}


def schema(kind: str) -> dict[str, Any]:
    """The schema (draft 2020-12) of a file of this kind, one of `KINDS`.

    A text may be typed without quotes where YAML would read a number (``volume: 15``): the schema allows both, as
    `digest.strict` does.
    """
    generated = msgspec.json.schema(KINDS[kind], schema_hook=_custom)
    for name, definition in generated.get("$defs", {}).items():
        _describe(definition, _TYPES[name])
    _loosen(generated)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **generated}


def _custom(type_: type) -> dict[str, Any]:
    if type_ is RichText:
        return {"type": "string", "description": "Inline HTML with <i> <b> <sub> <sup> <sc>."}
    if type_ is PartialDate:
        return {
            "type": "string",
            "pattern": r"^\d{4}(-\d\d(-\d\d)?)?$",
            "description": "2014-07-28, 2014-07 or 2014.",
        }
    raise NotImplementedError(type_)


def field_lines(type_: type) -> dict[str, str]:
    """The line that the docstring of a type has for each of its fields."""
    _, _, attributes = inspect.cleandoc(type_.__doc__ or "").partition("Attributes:\n")  # 3.13 cleans it itself
    return {
        name: " ".join(text.split())
        for name, text in re.findall(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE)
    }


def _describe(definition: dict[str, Any], type_: type) -> None:
    definition["description"] = (type_.__doc__ or "").partition("\n")[0]
    for name, line in field_lines(type_).items():
        definition["properties"][name]["description"] = line.replace("``", "")


def _loosen(node: Any) -> None:  # noqa: ANN401 - any part of a JSON document, any type
    if isinstance(node, dict):
        if node.get("type") == "string":
            node["type"] = ["string", "number"]
        for child in node.values():
            _loosen(child)
    elif isinstance(node, list):
        for child in node:
            _loosen(child)


def _structs(type_: type, found: dict[str, type]) -> dict[str, type]:
    """All Struct types that a type leads to, by name."""
    for info in _walk(msgspec.inspect.type_info(type_)):
        found[info.cls.__name__] = info.cls
    return found


def _walk(info: msgspec.inspect.Type) -> Any:  # noqa: ANN401 - any part of a JSON document, any type
    match info:
        case msgspec.inspect.StructType(fields=fields):
            yield info
            for field in fields:
                yield from _walk(field.type)
        case msgspec.inspect.UnionType(types=types):
            for inner in types:
                yield from _walk(inner)
        case msgspec.inspect.VarTupleType(item_type=inner) | msgspec.inspect.Metadata(type=inner):
            yield from _walk(inner)
        case msgspec.inspect.DictType(value_type=inner):
            yield from _walk(inner)


_TYPES: Final = {name: cls for kind in KINDS.values() for name, cls in _structs(kind, {}).items()}
