"""The script `./run`, with stubs for Python, npm and apt-get: what it prints, and when it fails. Nothing is installed."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

# What a bare Debian has, and the script uses.
BARE = "sh dirname cksum cat grep sed tail id env ldconfig mkdir rm touch flock sleep cp chmod printf kill uname awk"
PYTHON = """#!/bin/sh
# Makes the programs of a virtual environment, and otherwise only makes noise.
case "$*" in
*--version*) echo "Python 3.12.1" ;;
*"-m venv"*)
    for venv; do :; done
    mkdir -p "$venv/bin"
    cp "$0" "$venv/bin/python"
    cp "$STUBS/digest" "$venv/bin/digest" ;;
*"-m pip"*)
    echo "noise of pip"
    [ "${PIP_ENDS:-0}" = 0 ] || exit "$PIP_ENDS"
    cp "$STUBS/npm" "${0%/*}/" ;;
*"-m pytest"*) echo "3 passed" ;;
*sys.version\\)*) echo "3.12.1" ;;
esac
"""
DIGEST = '#!/bin/sh\necho "digest $*"\n[ "$1" != init ] || { mkdir -p "$3"; touch "$3/digest.yaml"; }\n'
NPM = """#!/bin/sh
echo "noise of npm"
mkdir -p "$2/node_modules"
touch "$2/node_modules/.package-lock.json"
"""
APT = """#!/bin/sh
case "$*" in
*--print-uris*) printf "'http://example.org/%s.deb' %s.deb %s SHA256:0\\n" a a 1500000 b b 2500000 ;;
*install*python3*) cp "$STUBS/python3" "$STUBS/only/"; echo "noise of apt-get" ;;
*) echo "noise of apt-get" ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with a checkout of what the script reads, and programs in `only/`, which is the whole PATH."""
    for name in (
        "run",
        "pyproject.toml",
        "requirements.lock",
        "requirements-test.lock",
        "tests/browser/package-lock.json",
    ):
        (tmp_path / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "checkout" / name)
    (tmp_path / "only").mkdir()
    for name in BARE.split():
        if place := shutil.which(name, path=f"{os.environ['PATH']}:/sbin:/usr/sbin"):
            (tmp_path / "only" / name).symlink_to(place)
    for name, text in (("python3", PYTHON), ("digest", DIGEST), ("npm", NPM), ("apt-get", APT)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    return tmp_path


def run(
    machine: Path, *arguments: str, has: str = "python3", pip_ends: int = 0, checkout: str = "checkout"
) -> subprocess.CompletedProcess[str]:
    """Runs the script where these programs are installed."""
    for name in has.split():
        shutil.copy(machine / name, machine / "only" / name)
    environment = {"PATH": str(machine / "only"), "STUBS": str(machine), "PIP_ENDS": str(pip_ends)}
    return subprocess.run(
        [shutil.which("sh") or "sh", f"{checkout}/run", *arguments],
        cwd=machine,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_line_per_step(machine: Path) -> None:
    """The first call says what it does in a few lines, without the noise of others, and ends with what to do next."""
    done = run(machine, "issue")
    assert (done.returncode, done.stdout) == (0, "digest build sample-journal\n")
    lines = done.stderr.splitlines()
    assert lines[0].startswith("Setting up, once.")
    assert lines[1].startswith("  Python packages: ")
    assert [line for line in lines if line.endswith("... done")] == [
        "Making the virtual environment .venv ... done",
        "Installing Python packages ... done",
        "Installing digest ... done",
    ]
    assert "noise" not in done.stderr
    assert "./run digest preview sample-journal --open" in done.stderr
    assert len(lines) <= 10
    assert "noise of pip" in (machine / "checkout" / ".set-up.log").read_text(encoding="utf-8")


def test_the_second_call_starts_at_once(machine: Path) -> None:
    """What was set up is not set up again; the last line of the tests is pytest's."""
    assert run(machine, "test").stdout == "3 passed\n"
    done = run(machine, "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "3 passed\n", "")


def test_a_step_that_fails(machine: Path) -> None:
    """When a step fails, what it printed is shown, and the next call tries again."""
    done = run(machine, "issue", pip_ends=1)
    assert done.returncode == 4
    assert "Installing Python packages ... failed." in done.stderr
    assert "noise of pip" in done.stderr
    assert done.stderr.splitlines()[-1] == "run: this step failed: Installing Python packages"
    assert run(machine, "issue").returncode == 0


@pytest.mark.parametrize("gone", ["node_modules", "lock"])
def test_what_is_gone_or_new_is_set_up(machine: Path, gone: str) -> None:
    """The checkers were deleted, or a lock file changed: it is set up again."""
    run(machine, "test")
    if gone == "lock":
        with (machine / "checkout" / "requirements-test.lock").open("a", encoding="utf-8") as lock:
            lock.write("more==1.0\n")
    else:
        shutil.rmtree(machine / "checkout" / "tests" / "browser" / "node_modules")
    assert "Installing the checkers of pages ... done" in run(machine, "test").stderr
    assert run(machine, "test").stderr == ""


def test_a_checkout_that_moved(machine: Path) -> None:
    """The programs of the environment name its folder, so it is made again."""
    run(machine, "issue")
    (machine / "checkout").rename(machine / "moved")
    assert "Making the virtual environment .venv ... done" in run(machine, "issue", checkout="moved").stderr


@pytest.mark.skipif(os.getuid() != 0, reason="without root the script asks for sudo")
def test_without_python(machine: Path) -> None:
    """Where apt-get can install Python, it does, and says before what it will install and how much that is."""
    done = run(machine, "issue", has="apt-get")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    (announced,) = [n for n, line in enumerate(lines) if line.startswith("  system packages: python3 python3-venv")]
    assert lines[announced].endswith("(2 with what they need, 4 MB to download)")
    (installed,) = [
        n for n, line in enumerate(lines) if line.startswith("Installing system packages: python3 python3-")
    ]
    assert lines[installed].endswith(" ... done")
    assert announced < installed


def test_without_python_and_apt(machine: Path) -> None:
    """Elsewhere the message says how to get Python."""
    done = run(machine, "issue", has="")
    assert done.returncode == 4
    assert "Python 3.11 or later is needed; found none." in done.stderr
    assert "brew install python" in done.stderr


def test_what_is_said_of_sizes() -> None:
    """What the script says of the size of the Python packages, for use and for tests, is about what they have here."""
    script = (ROOT / "run").read_text(encoding="utf-8")
    said = [int(size) for size in re.findall(r"Python packages: .* into \.venv .*, (\d+) MB on disk", script)]
    found = []
    for lock in ("requirements.lock", "requirements-test.lock"):
        names = re.findall(r"^([a-z0-9.-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
        found.append(sum(map(size_on_disk, names)) / 1e6)
    assert said == pytest.approx(found, rel=0.25)


def size_on_disk(name: str) -> int:
    """Of a Python package; nothing if it is one for other systems."""
    try:
        places = [Path(str(path.locate())) for path in importlib.metadata.files(name) or []]
    except importlib.metadata.PackageNotFoundError:
        return 0
    return sum(place.stat().st_size for place in places if place.is_file())


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("hlep",), 2), (("help",), 0), (("--help",), 0)])
def test_usage(machine: Path, arguments: tuple[str, ...], code: int) -> None:
    """Without a known word it says what it can do."""
    done = run(machine, *arguments)
    assert done.returncode == code
    assert "./run issue          build the sample issue" in done.stdout + done.stderr
