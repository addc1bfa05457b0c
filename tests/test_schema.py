"""JSON Schemas: generated from the types, shipped with the sample, right about the sample's files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest
from ruamel.yaml import YAML

from digest.schema import _TYPES, KINDS, field_lines, get_schema, keys_of
from tests.conftest import ISSUE, ROOT, SAMPLE

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
    golden(f"seeds/sample/.schemas/{kind}.json", json.dumps(get_schema(kind), indent=2, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("kind", KINDS)
def test_schema_fits_the_sample(kind: str) -> None:
    """The sample's files are valid, and a wrong key in them is not."""
    rules = get_schema(kind)
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
    fields = {field.encode_name for field in msgspec.structs.fields(_TYPES[name])}
    assert fields
    assert set(field_lines(_TYPES[name])) == fields


def _table_of_keys() -> str:
    tables = []
    for kind, file in (("publication", "digest.yaml"), ("issue", "issue.yaml")):
        rows = [
            f"| `{key.path}` | {key.form} | {'**needed**' if key.default == 'needed' else key.default} "
            f"| {key.meaning.replace('``', '`')} |"
            for key in keys_of(kind)
        ]
        tables.append(
            "\n".join((f"### {file}\n", "| key | value | without it | meaning |", "| --- | --- | --- | --- |", *rows))
        )
    return "\n" + "\n\n".join(tables).replace("|  |", "| |") + "\n\n"


def test_table_of_keys(request: pytest.FixtureRequest) -> None:
    """The manual lists every key of the files that editors type, with the line of the type that reads it."""
    page = ROOT / "docs" / "files.md"
    before, begin, rest = page.read_text(encoding="utf-8").partition(
        "<!-- keys: written by ./run test --renew -n 0 tests/test_schema.py -k keys -->\n"
    )
    kept, end, after = rest.partition("<!-- end of keys -->")
    assert begin
    assert end
    if request.config.getoption("--renew"):
        page.write_text(before + begin + _table_of_keys() + end + after, encoding="utf-8")
    else:
        assert kept == _table_of_keys(), "write it with: ./run test --renew -n 0 tests/test_schema.py -k keys"


def test_what_a_theme_option_may_be() -> None:
    """Text editors take true and false for an option, as the program does."""
    schema = get_schema("publication")
    for value in (True, 3, 0.5, "A4"):
        jsonschema.validate({"title": "x", "theme_options": {"cover": value}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"title": "x", "theme_options": {"cover": []}}, schema)
