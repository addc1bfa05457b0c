"""JSON Schemas: generated from the types, shipped with the sample, right about the sample's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from ruamel.yaml import YAML

from digest.schema import _TYPES, KINDS, field_lines, schema
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {
    "publication": [SAMPLE / "digest.yaml"],
    "issue": [SAMPLE / ISSUE / "issue.yaml"],
    "article": sorted((SAMPLE / ISSUE / "articles").glob("*.md")),
    "record": sorted((SAMPLE / ISSUE / "records").glob("*.yaml")),
    "references": [SAMPLE / ISSUE / "references.yaml"],
}


def load(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds, as a text editor's YAML service sees it
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = text.split("---\n")[1]
    return json.loads(json.dumps(YAML(typ="safe").load(text), default=str))


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_shipped(kind: str, golden: Callable[[str, str], None]) -> None:
    """The sample publication carries the schemas, so that text editors complete and check its files."""
    golden(f"seeds/sample/.schemas/{kind}.json", json.dumps(schema(kind), indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("kind", KINDS)
def test_schema_fits_the_sample(kind: str) -> None:
    """The sample's files are valid, and a wrong key in them is not."""
    rules = schema(kind)
    jsonschema.Draft202012Validator.check_schema(rules)
    validator = jsonschema.Draft202012Validator(rules)
    assert FILES[kind]
    for path in FILES[kind]:
        value = load(path)
        assert [error.message for error in validator.iter_errors(value)] == [], path
        (value[0] if isinstance(value, list) else value)["titel"] = "x"
        assert list(validator.iter_errors(value)), path


def test_modelines_lead_to_schemas() -> None:
    """The first line of each file names its schema by a path that is there."""
    for kind in ("publication", "issue", "record", "references"):
        for path in FILES[kind]:
            first = path.read_text(encoding="utf-8").splitlines()[0]
            assert first.startswith("# yaml-language-server: $schema="), path
            assert (path.parent / first.partition("=")[2]).resolve() == SAMPLE / ".schemas" / f"{kind}.json", path


@pytest.mark.parametrize("name", _TYPES)
def test_every_field_has_its_line(name: str) -> None:
    """The docstring of a type describes each of its fields, and no other."""
    fields = {field.name for field in msgspec.structs.fields(_TYPES[name])}
    assert fields
    assert set(field_lines(_TYPES[name])) == fields
