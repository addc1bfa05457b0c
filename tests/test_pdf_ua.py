"""Every PDF of every theme is PDF/UA-1 by all rules of it, and a screen reader finds its words."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import outloud
import page
import pytest

from digest.build import build
from digest.render.theme import Theme, themes
from tests.conftest import ISSUE, ROOT, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

PAGED = [name for name in themes(None) if not Theme(name, SAMPLE).inline]

# What outloud asks of a person to look at, looked at, and right.
RIGHT = {
    "DOC-040": "the gallery has a long title on purpose",
    "LNK-010": "an abstract is printed as it came: its addresses are not links",
    "ORD-001": "page numbers of the contents are painted where their lines end",
    "PAG-001": "labels such as “Abstract #101” happen to begin three pages",
    "TAG-002": "the running foot is an artifact (PDF/UA-1, 7.8), however long it is",
    "TXT-004": "Arabic letters have a glyph for each of their forms",
}


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An issue of odd entries: forty authors, all scripts, tables, formulas; each with a reason and a comment."""
    from digest.cli import main

    folder = tmp_path_factory.mktemp("odd")
    (folder / "in").mkdir()
    shutil.copy(ROOT / "tests/cases/pages/odd.json", folder / "in")
    (folder / "digest.yaml").write_text(
        "title: Odd Pages\nlanguage: en\nsources:\n  - name: odd\n    address: in\n    permission: full\n"
        "sections:\n  - title: Odd but real\n    match: meeting:Sample\n",
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(["collect", "-q"]) == 0
        assert main(["new", "--date", "2014-09-01", "-q"]) == 0
    issue = folder / "issues/2014-09-01"
    lines = []
    for line in (issue / "issue.yaml").read_text(encoding="utf-8").splitlines():
        lines.append(line)
        if "- record:" in line:
            lines += [
                " " * 8 + "why: It asks what patients ask.",
                " " * 8 + "comment: Few patients; read it with care.",
            ]
    (issue / "issue.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return issue


@pytest.fixture
def issues(odd: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Gives the folder of an issue by its name: the sample, the gallery, the odd entries."""

    def folder(name: str) -> Path:
        if name == "odd":
            return odd
        source, issue = (SAMPLE, ISSUE) if name == "sample" else (ROOT / "seeds/gallery", "issues/2014-01-01")
        return Path(shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("_build"))) / issue

    return folder


@pytest.mark.parametrize("name", ["sample", "gallery", "odd"])
@pytest.mark.parametrize("theme", PAGED)
def test_each_theme(theme: str, name: str, issues: Callable[[str], Path], tmp_path: Path) -> None:
    """The pages keep all 104 rules of PDF/UA-1, and a screen reader finds words for everything."""
    made = build(issues(name), ["pdf"], theme_name=theme)
    (content,) = (content for file, content in made.files.items() if file.endswith(".pdf"))
    assert_ua(content, tmp_path)


def assert_ua(content: bytes, folder: Path) -> None:
    report = page.validate_pdf_bytes(content, profile=page.ValidationProfile.PDF_UA_1)
    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.is_compliant
    assert report.rules.total >= 104
    (folder / "read.pdf").write_bytes(content)
    read = outloud.check(str(folder / "read.pdf"))
    assert not read.error
    assert [(found.rule, found.message) for found in read.findings if found.rule not in RIGHT] == []
