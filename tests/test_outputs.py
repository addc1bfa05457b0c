"""Outputs: from one table, of what may be published only, the same bytes each time, with what they lack said before."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from digest import convert_records, outputs, strict
from digest.build import build
from digest.errors import ProjectError
from digest.export import objects, yaml_record
from digest.jobs import list_outputs
from digest.model import PartialDate, Person, Record
from digest.text import RichText
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# What the publication has to say so that everything can be made of the sample.
SAYS = """
publisher: The Society
issn_online: 1590-8577
licence: https://creativecommons.org/licenses/by/4.0/
dois: {prefix: "10.6092", item: "10.6092/1590-8577/{key}", issue: "10.6092/1590-8577/{issue}"}
deposit: {depositor: Office, email: doi@example.org, policy: 10.6092/1590-8577/policy}
addresses: {issue: "https://example.org/{issue}/", item: "https://example.org/{issue}/{key}"}
ojs: {version: "3.4"}
"""
MARK = "Qzxvw"  # of an abstract that may not be published: no output has it


@pytest.fixture
def whole(journal: Path) -> Path:
    """The sample, with all that outputs may ask for."""
    text = (journal / "digest.yaml").read_text(encoding="utf-8")
    (journal / "digest.yaml").write_text(text + SAYS, encoding="utf-8")
    return journal / ISSUE


def contents(content: bytes) -> Iterator[bytes]:
    """The bytes of a file, and of all that is packed in it."""
    yield content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from contents(packed.read(name))
    if content[:5] == b"%PDF-":
        for part in content.split(b"stream\n")[1:]:
            reader = zlib.decompressobj()
            try:
                yield reader.decompress(part)
            except zlib.error:
                continue


@pytest.mark.parametrize("name", outputs.OUTPUTS)
def test_what_is_closed_is_in_none(whole: Path, name: str) -> None:
    """Of an abstract that may not be published yet, no output has a word; nor of one that is on hold."""
    for key, change in (("TPS205", {"embargo_until": PartialDate(2999, 1, 1)}), ("e411", {})):
        path = whole / "records" / f"{key}.yaml"
        record = strict.read(path.read_text(encoding="utf-8"), Record, key).value
        assert record
        marked = structs.replace(
            record,
            title=RichText.plain_text(f"{MARK} one"),
            number=f"{MARK}2",
            keywords=(f"{MARK} three",),
            authors=(Person(family=f"{MARK}four"),),
            **change,
        )
        path.write_text(yaml_record(marked), encoding="utf-8")
    issue = (whole / "issue.yaml").read_text(encoding="utf-8")
    held = issue.replace("- record: e411\n", "- record: e411\n        hold: not yet\n")
    assert held != issue
    (whole / "issue.yaml").write_text(held, encoding="utf-8")
    files = build(whole, [name]).files
    assert files
    for file, content in files.items():
        assert MARK not in file
        assert not any(MARK.encode() in part for part in contents(content)), file


@pytest.mark.parametrize("name", outputs.OUTPUTS)
def test_the_same_bytes(whole: Path, name: str, tmp_path: Path) -> None:
    """The same issue in another folder, on another day, gives the same files; they are those of the table."""
    made = build(whole, [name]).files
    other = tmp_path / "other"
    shutil.copytree(whole.parents[1], other, ignore=shutil.ignore_patterns(".cache"))
    assert build(other / ISSUE, [name]).files == made
    listed = outputs.OUTPUTS[name].files
    assert {file.partition("/")[0] + ("/" if "/" in file else "") for file in made} <= {*listed}


def test_what_is_missing_is_said(journal: Path) -> None:
    """For each output what the publication does not say, before and instead of making it."""
    for listed in list_outputs(folder=journal / ISSUE):
        if not listed.lacks:
            build(journal / ISSUE, [listed.name])
            continue
        with pytest.raises(ProjectError) as caught:
            build(journal / ISSUE, [listed.name])
        errors = [problem for problem in caught.value.problems if problem.code == "output-lacks"]
        assert len(errors) == len(listed.lacks)


def test_every_output_has_its_page() -> None:
    """The manual has a part for each output, with its files."""
    manual = (ROOT / "docs" / "outputs.md").read_text(encoding="utf-8")
    for name, row in outputs.OUTPUTS.items():
        assert f"\n## {name}\n" in manual
        assert all(f"`{file}`" in manual for file in row.files), name


def test_every_field_of_a_record_is_written() -> None:
    """What is frozen, exported or read for an output has all fields of a record, and no other."""
    assert set(objects._ORDER) == {field.name for field in structs.fields(Record)}  # noqa: SLF001 - the list


# -- references --------------------------------------------------------------------------------------------------------


def test_reference_files_are_read_back(whole: Path, tmp_path: Path) -> None:
    """Each file has every article and abstract in order, with its DOI; e-mail addresses are in none."""
    article = whole / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    article.write_text(
        text.replace("    family: Hollow", "    email: ann@example.org\n    family: Hollow", 1), encoding="utf-8"
    )
    files = build(whole, ["references"]).files
    items = json.loads(files["references.json"])
    assert [item["DOI"] for item in items if "1590-8577/" in item.get("DOI", "")] == [
        "10.6092/1590-8577/radioembolization",
        "10.6092/1590-8577/cachexia",
    ]
    assert len(items) == 9
    for name, content in files.items():
        assert b"ann@example.org" not in content
        (tmp_path / name).write_bytes(content)
        found = json.loads("".join(convert_records([str(tmp_path / name)], to="csl")))
        assert [one["title"] for one in found] == [one["title"] for one in items], name
