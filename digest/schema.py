"""JSON Schema of each file that people type, generated from the types of the model."""

from __future__ import annotations

import copy
import inspect
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.errors import DigestError, did_you_mean
from digest.files import write_files
from digest.model import PartialDate, Record
from digest.ownfields import declared_for
from digest.project import find_publication, read_publication
from digest.publication import ArticleFile, IssueFile, Publication
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from digest.ownfields import OwnField, Place

KINDS: Final[dict[str, type]] = {
    "publication": Publication,  # digest.yaml
    "issue": IssueFile,  # issue.yaml
    "article": ArticleFile,  # the front matter in articles/*.md
    "record": Record,  # records/*.yaml
    "references": tuple[Record, ...],  # references.yaml, references.json
}


def get_schema(kind: str, *, folder: Path | None = None) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a kind of file: publication, issue, article, record or references.

    A text may be typed without quotes where YAML would read a number (``volume: 15``): the schema allows both, as
    `digest.strict` does.

    Args:
        kind: the kind.
        folder: a folder in the publication for which the schema is made: ``fields:`` then has the fields that this one
            declares, and no others; none, or one outside of a publication: it may have any.

    Raises:
        DigestError: there is no such kind, or ``digest.yaml`` has mistakes.
    """
    return schema_with(kind, _declared_in(folder) if folder else ())


def write_schemas(folder: Path = Path()) -> tuple[Path, ...]:
    """Writes the schemas of a publication into its ``.schemas/``, where text editors find them.

    Args:
        folder: a folder in the publication.

    Raises:
        DigestError: there is no publication, its ``digest.yaml`` has mistakes, or the files cannot be written.
    """
    root = find_publication(folder)
    declared = _declared_in(folder)
    texts = {
        f"{kind}.json": json.dumps(schema_with(kind, declared), indent=2, ensure_ascii=False) + "\n" for kind in KINDS
    }
    return tuple(write_files({name: text.encode() for name, text in texts.items()}, root / ".schemas"))


def _declared_in(folder: Path) -> tuple[OwnField, ...]:
    """The own fields of the publication that a folder is in; none outside of one."""
    try:
        root = find_publication(folder)
    except DigestError:
        return ()
    return read_publication(root).fields


def schema_with(kind: str, fields: Sequence[OwnField]) -> dict[str, Any]:
    """The JSON Schema of a kind of file in a publication that declares these fields of its own.

    Raises:
        DigestError: there is no such kind.
    """
    if kind not in KINDS:
        raise DigestError(f"there is no schema “{kind}”{did_you_mean(kind, KINDS)}", expected=", ".join(KINDS))
    generated: dict[str, Any] = json.loads(msgspec.json.encode(msgspec.json.schema(KINDS[kind], schema_hook=_custom)))
    for name, definition in generated.get("$defs", {}).items():
        _describe(definition, _TYPES[name])
        if fields and (place := _PLACES.get(name)):
            definition["properties"]["fields"] |= _own_fields(declared_for(fields, place))
    _loosen(generated)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **generated}


_PLACES: Final[dict[str, Place]] = {
    "Entry": "entries",
    "Record": "records",
    "ArticleFile": "articles",
    "Section": "sections",
    "IssueFile": "issue",
}
_OWN: Final[dict[str, dict[str, Any]]] = {
    "number": {"type": "number"},
    "whole number": {"type": "integer"},
    "yes/no": {"enum": [True, False, "yes", "no"]},
    "list of texts": {"type": "array", "items": {"type": "string"}},
}


def _own_fields(fields: Iterable[OwnField]) -> dict[str, Any]:
    """The rules of ``fields:`` where these are declared, so that text editors complete and check them."""
    rules: dict[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
    for one in fields:
        rule = {"enum": [*one.choices]} if one.choices else _OWN.get(one.type, {"type": "string"})
        if one.type == "date":
            rule = _custom(PartialDate)
        elif one.type == "rich text":
            rule = _custom(RichText)
        rules["properties"][one.name] = {**copy.deepcopy(rule), "title": one.title}
    return rules


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


class Key(msgspec.Struct, frozen=True):
    """A key of a file that people type.

    Attributes:
        path: the key below those that hold it, ``sources[].name``.
        form: what its value is.
        default: what holds where it is missing; empty: nothing; “needed” where it has to be there.
        meaning: the line of the manual.
    """

    path: str
    form: str
    default: str
    meaning: str


def keys_of(kind: str) -> list[Key]:
    """All keys of a kind of file, those inside others after the key that holds them."""
    return list(_keys(KINDS[kind], ""))


def _keys(type_: type, before: str) -> Iterator[Key]:
    lines = field_lines(type_)
    for field in msgspec.structs.fields(type_):
        info = msgspec.inspect.type_info(field.type)
        inner, form, mark = _form(info)
        default = "needed" if field.required else _shown(field.default)
        path = f"{before}{field.encode_name}{mark}"
        yield Key(path, form, default, lines[field.encode_name])
        if inner:
            yield from _keys(inner, f"{path}.")


def _shown(value: object) -> str:
    """A default as one types it; nothing for one that is empty."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


_NAMED: Final = 8  # values that are all named


def _form(info: msgspec.inspect.Type, noun: str = "") -> tuple[type | None, str, str]:
    """The type that a value holds keys of, what the value is, and what follows the key in a path: ``[]`` of a list."""
    match info:
        case msgspec.inspect.Metadata(type=inner):
            return _form(inner, (info.extra_json_schema or {}).get("title", "") or noun)
        case msgspec.inspect.UnionType(types=types):
            return _form(next(one for one in types if not isinstance(one, msgspec.inspect.NoneType)), noun)
        case msgspec.inspect.VarTupleType(item_type=inner):
            held, form, mark = _form(inner)
            return held, f"a list: each {form}", f"[]{mark}"
        case msgspec.inspect.StructType(cls=cls):
            return cls, "keys of its own", ""
        case msgspec.inspect.DictType(value_type=inner):
            return None, f"keys of your choice: each {_form(inner)[1]}", ""
        case msgspec.inspect.LiteralType(values=values):
            names = [f"`{value}`" for value in values if value]
            return None, " or ".join(names) if len(names) <= _NAMED else f"{', '.join(names[:3])} and others", ""
        case msgspec.inspect.CustomType(cls=cls):
            return None, "a date such as 2014-07-28" if cls is PartialDate else "text with inline markup", ""
        case msgspec.inspect.IntType():
            return None, noun or "a number", ""
        case msgspec.inspect.BoolType():
            return None, "true or false", ""
    return None, noun or "text", ""


def _describe(definition: dict[str, Any], type_: type) -> None:
    definition["description"] = (type_.__doc__ or "").partition("\n")[0]
    for name, line in field_lines(type_).items():
        definition["properties"][name]["description"] = line.replace("``", "")


def _loosen(node: Any) -> None:  # noqa: ANN401 - any part of a JSON document, any type
    if isinstance(node, dict):
        if node.get("type") == "string":
            node["type"] = node.pop("x-type", ["string", "number"])
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
