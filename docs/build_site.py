"""Makes the documentation site in _build/site of README.md, docs/ and the pages at the top of the repository.

usage: python docs/build_site.py [FOLDER]
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
# Pages that are outside of docs/, and their names in the site.
OUTSIDE: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "bench/RESULTS.md": "results.md",
}


def main(folder: Path) -> int:
    """Builds the site inside a folder; a broken link ends it with an error.

    Args:
        folder: holds the pages as they are given to Zensical, the configuration, and the site.
    """
    shutil.rmtree(folder / "pages", ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder / "pages", ignore=shutil.ignore_patterns("*.py", "*.toml", "__pycache__"))
    for source, name in OUTSIDE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        (folder / "pages" / name).write_text(in_the_site(text), encoding="utf-8")
    for page in (folder / "pages").glob("*.md"):
        page.write_text(with_titles(page.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copyfile(ROOT / "docs" / "site.toml", folder / "zensical.toml")
    return subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--clean", "--strict"], cwd=folder, check=False
    ).returncode


def in_the_site(text: str) -> str:
    """A page from the top of the repository with its links as they are in the site."""
    for source, name in OUTSIDE.items():
        text = text.replace(f"]({source}", f"]({name}")
    return re.sub(r'(\]\(|src="|srcset=")docs/', r"\1", text)


def with_titles(text: str) -> str:
    """A page whose examples have the names of their files as titles, in the form that Zensical reads."""
    return re.sub(r"^```(\w+) (\S+)$", r'```\1 title="\2"', text, flags=re.MULTILINE)


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "_build"
    code = main(target)
    if code == 0:
        sys.stderr.write("The site is in:\n")
        sys.stdout.write(f"{target / 'site' / 'index.html'}\n")
    sys.exit(code)
