"""Writes the bill of materials of the wheel while it is built: CycloneDX, from pyproject.toml and requirements.lock.

Hatchling calls it (``tool.hatch.build.targets.wheel.hooks.custom``) and puts the file into ``.dist-info/sboms/``, where
PEP 770 wants it. The same checkout gives the same bytes: nothing comes from the clock, the machine or the network.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
import tomllib
import uuid
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME: Final = "conference-digest.cdx.json"
# What the wheel holds that others made: files, what they are, name and licence.
INSIDE: Final = (
    ("digest/preview/static/vendor/sortable.min.js", "library", "sortablejs", "MIT"),
    ("digest/render/site/static/vendor/minisearch.js", "library", "minisearch@7.2.0", "MIT"),
    ("digest/journals.tsv", "data", "Journal titles and abbreviations, as JabRef collects them", "CC0-1.0"),
    ("templates/highlights/fonts/SourceSerif4-*", "data", "Source Serif 4", "OFL-1.1"),
    ("templates/highlights/fonts/SourceSans3-*", "data", "Source Sans 3", "OFL-1.1"),
    ("templates/highlights/fonts/SourceCodePro-*", "data", "Source Code Pro", "OFL-1.1"),
    ("templates/highlights/fonts/NotoSansMath-*", "data", "Noto Sans Math", "OFL-1.1"),
    ("templates/highlights/fonts/NotoSansArabic-*", "data", "Noto Sans Arabic", "OFL-1.1"),
)
# One package of a lock file that uv wrote, with the lines that say what asks for it.
LOCKED: Final = re.compile(
    r"^(?P<name>[a-z0-9.-]+)==(?P<version>[^ ]+)(?: ; (?P<marker>[^\\]+?))? \\\n"
    r"(?:    --hash=.*\n)+(?P<via>(?:    #.*\n)+)",
    re.MULTILINE,
)


class BillOfMaterials(BuildHookInterface[Any]):
    """The hook that Hatchling finds in this file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the bill to the wheel; an editable installation has none."""
        if version == "editable":
            return
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name, NAME)
        path.write_text(bill_of_materials(Path(self.root)), encoding="utf-8")
        build_data["sbom_files"].append(str(path))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - the hook's form
        """Removes what `initialize` wrote."""
        if version != "editable":
            self.folder.cleanup()


def bill_of_materials(root: Path) -> str:
    """The bill of a checkout, as JSON of CycloneDX 1.6.

    Args:
        root: the checkout.

    Raises:
        OSError: pyproject.toml, requirements.lock or one of the files of `INSIDE` cannot be read.
        ValueError: a pattern of `INSIDE` finds nothing, or the lock file lacks a dependency.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {plain_name(line) for line in project["dependencies"]}
    extras = project["optional-dependencies"]
    extra = {plain_name(line) for name in ("preview", "outputs") for line in extras[name]}
    itself = f"pkg:pypi/{project['name']}@{project['version']}"
    packages, asks = locked((root / "requirements.lock").read_text(encoding="utf-8"), project["name"])
    if missing := (needed | extra) - packages.keys():
        raise ValueError(f"requirements.lock lacks {', '.join(sorted(missing))}")
    always = reached(needed, asks)
    wanted = sorted(reached(needed | extra, asks))
    inside = [part(root, *row) for row in INSIDE]
    bill: dict[str, Any] = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "component": {
                "type": "application",
                "bom-ref": itself,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
                "licenses": [{"expression": project["license"]}],
                "purl": itself,
                "components": inside,
            },
        },
        "components": [library(name, *packages[name], needed=name in always) for name in wanted],
        "dependencies": [
            {"ref": itself, "dependsOn": [address(name, packages) for name in sorted(needed | extra)]},
            *(
                {
                    "ref": address(name, packages),
                    "dependsOn": [address(other, packages) for other in sorted(asks.get(name, set()))],
                }
                for name in wanted
            ),
        ],
    }
    digest = hashlib.sha256(json.dumps(bill, sort_keys=True).encode()).hexdigest()
    bill["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}"
    return json.dumps(bill, indent=1, ensure_ascii=False) + "\n"


def plain_name(requirement: str) -> str:
    """The name of a requirement, as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", requirement)[0]).lower()


def locked(text: str, itself: str) -> tuple[dict[str, tuple[str, str]], dict[str, set[str]]]:
    """The packages of a lock file with version and condition, and which other packages each of them asks for."""
    packages: dict[str, tuple[str, str]] = {}
    asks: dict[str, set[str]] = {}
    for found in LOCKED.finditer(text):
        name = plain_name(found["name"])
        packages[name] = (found["version"], found["marker"] or "")
        for asking in re.findall(r"^    #(?: via)? +([^\s(]+)", found["via"], re.MULTILINE):
            if asking != itself:
                asks.setdefault(plain_name(asking), set()).add(name)
    return packages, asks


def reached(names: set[str], asks: dict[str, set[str]]) -> set[str]:
    """These packages, and whatever they ask for in the end."""
    found: set[str] = set()
    waiting = set(names)
    while waiting:
        found.add(name := waiting.pop())
        waiting |= asks.get(name, set()) - found
    return found


def address(name: str, packages: dict[str, tuple[str, str]]) -> str:
    """The package address of a locked package."""
    return f"pkg:pypi/{name}@{packages[name][0]}"


def library(name: str, version: str, marker: str, *, needed: bool) -> dict[str, Any]:
    """A Python package that pip installs with the wheel, or only with its extra."""
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
        "scope": "required" if needed else "optional",
        "purl": f"pkg:pypi/{name}@{version}",
    }
    if marker:
        found["properties"] = [{"name": "conference-digest:environment-marker", "value": marker}]
    return found


def part(root: Path, pattern: str, kind: str, name: str, licence: str) -> dict[str, Any]:
    """Something of others inside the wheel, with the digest of each of its files."""
    paths = sorted(root.glob(pattern))
    if not paths:
        raise ValueError(f"nothing is there: {pattern}")
    name, _, version = name.partition("@")
    found: dict[str, Any] = {"type": kind, "bom-ref": f"inside:{pattern}", "name": name}
    if kind == "library":  # the first line of a script says its version, or else the table does
        first = version or paths[0].read_text(encoding="utf-8").partition("\n")[0]
        said = re.search(r"\d+\.\d+\.\d+", first)
        if not said:
            raise ValueError(f"neither the first line nor the table names a version: {pattern}")
        found |= {"version": said[0], "purl": f"pkg:npm/{name}@{said[0]}"}
    found["licenses"] = [{"license": {"id": licence}}]
    found["components"] = [
        {
            "type": "file",
            "name": path.relative_to(root).as_posix(),
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        }
        for path in paths
    ]
    return found
