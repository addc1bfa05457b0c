"""What docs/dependencies.md says is so: each package that is asked for has its row, with its minimum and its licence."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib
from typing import Any

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[str]] = {
    "program": PROJECT["project"]["dependencies"],
    "preview": PROJECT["project"]["optional-dependencies"]["preview"],
    "cluster": PROJECT["project"]["optional-dependencies"]["cluster"],
    "outputs": PROJECT["project"]["optional-dependencies"]["outputs"],
    "development": [line for group in PROJECT["dependency-groups"].values() for line in group if isinstance(line, str)],
}
# What metadata calls a licence that has no identifier there.
SPOKEN = {
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Permission is hereby granted, free of charge": "MIT",
    "Mozilla Public License 2.0": "MPL",
    "GNU General Public License v2": "GPL",
    "GNU AFFERO GPL 3.0": "AGPL",
    "Apache": "Apache",
    "BSD-3-Clause": "BSD",
}


def rows(mark: str) -> list[list[str]]:
    """The cells of the table that follows a mark on the page, without its head."""
    after = PAGE.partition(f"<!-- {mark} -->")[2].lstrip()
    table = after.partition("\n\n")[0].splitlines()
    assert len(table) > 2, mark
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


@pytest.mark.parametrize("group", GROUPS)
def test_every_requirement_has_its_row(group: str) -> None:
    """The page lists what pyproject.toml asks for, in this group and with the same minimum, and nothing else."""
    asked = {}
    for line in GROUPS[group]:
        found = re.match(r"([\w.-]+)>=([\d.]+)", line)
        assert found, f"{line} has no minimum"
        asked[found[1]] = found[2]
    assert {row[0]: row[1] for row in rows(f"packages: {group}")} == asked
    assert all(row[3] for row in rows(f"packages: {group}"))


def test_what_builds_is_in_a_group() -> None:
    """What the build asks for is asked for in the same words where it is installed beforehand."""
    assert set(PROJECT["build-system"]["requires"]) <= set(PROJECT["dependency-groups"]["build"])


@pytest.mark.parametrize("group", GROUPS)
def test_licences(group: str) -> None:
    """Each licence is the one that the package itself names, as an identifier or in words."""
    for name, _, said, *_ in rows(f"packages: {group}"):
        try:
            metadata = importlib.metadata.metadata(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # a peer of the benches
        stated = "\n".join(metadata.get_all("License") or []).strip()
        exact = "".join(metadata.get_all("License-Expression") or []) or (stated if stated == said else "")
        words = "\n".join([stated, *(metadata.get_all("Classifier") or [])])
        families = {short for spoken, short in SPOKEN.items() if spoken in words}
        if exact:
            assert said == exact, name
        else:
            assert re.split(r"[- ]", said)[0] in families, (name, said, words)


def test_packages_of_npm() -> None:
    """The page lists what both package.json ask for; the licence is the one in the lock file."""
    asked: dict[str, list[str]] = {}
    for folder in ("tests/browser", "bench/peers"):
        wanted = json.loads((ROOT / folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
        locked = json.loads((ROOT / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        for name, version in wanted.items():
            asked[name] = [version, locked[f"node_modules/{name}"]["license"]]
    assert {row[0]: row[1:3] for row in rows("npm")} == asked


def test_packages_of_the_system() -> None:
    """The page lists what ./run installs, and nothing else."""
    script = (ROOT / "run").read_text(encoding="utf-8")
    installed = {name for words in re.findall(r'missing="(?:\$missing)? ([^"$]+)"', script) for name in words.split()}
    assert {name for row in rows("system") for name in row[0].split(", ")} == installed


def test_licence_of_the_package() -> None:
    """What the page names as inside the wheel is what the licence expression names."""
    table = PAGE.partition("## Data and fonts")[2].partition("\n\n")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table]
    inside = {row[2] for row in cells if row[3].startswith("yes")}
    assert inside == set(PROJECT["project"]["license"].split(" AND "))
    assert f"`{PROJECT['project']['license']}`" in PAGE
    assert {row[2] for row in cells if row[3] == "no"} == {"CC-BY-SA-3.0"}
