"""All mistakes at once: those in one file do not hide those in others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from digest import build, manuscripts
from digest.cite import Styles
from digest.errors import ProjectError
from digest.project import read_files

if TYPE_CHECKING:
    from pathlib import Path

    from digest.errors import Problem

# A publication with something odd in each text that editors write; each mark “@no1” and so on is one mistake.
FILES = {
    "digest.yaml": "title: Letters\ntheme: highlights\n",
    "issues/a/issue.yaml": """\
date: 2014-07-28
title: "*Loud*"
editorial: hello
permissions: Ask [@no1].
colophon: Made [@no2].
cover:
  lines: ["*Line*"]
sections:
  - title: One
    intro: Intro [@no3].
    entries:
      - record: first
        why: Because [@no4].
        comment: Comment [@no5].
      - article: second
        flag: "*Flag*"
      - notice:
          kind: update
          title: News
          text: Text [@no6].
      - page:
          title: Thanks
          text: Text [@no7].
""",
    "issues/a/records/first.yaml": "title: A title\nlanguage: en\n",
    "issues/a/references.yaml": "- id: known\n  title: A reference\n",
    "issues/a/articles/hello.md": """\
---
title: Hello
conflict_of_interest: None [@no8].
correspondence: Me [@no9].
---
Text [@no10] and [@known].

![](nowhere)

Amid ![](a-sentence) there is a picture.
""",
    "issues/a/articles/second.md": """\
---
title: Second
summary: |
  One [@no11].

  Two.
---
<b>Text</b> [@no12].
""",
}
BREAKS = {
    "digest.yaml": "nothing: of the kind\n",
    "issues/a/issue.yaml": "nothing: of the kind\n",
    "issues/a/records/first.yaml": "nothing: of the kind\n",
    "issues/a/references.yaml": "  nothing: of the kind\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The issue above."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "issues" / "a"


def spots(problems: tuple[Problem, ...]) -> set[tuple[str, str | None, int | None, str]]:
    return {(one.code, one.file, one.line, one.message) for one in problems}


def test_as_when_it_is_made(folder: Path) -> None:
    """What is found in texts alone is what is found when the issue is made, but for what is only known then."""
    files = read_files(folder)
    alone = spots(manuscripts.mistakes(files))
    reading = build.read(folder)
    made = spots(build.prepare(reading.issue, build.load_theme(reading.issue), Styles(reading.issue.root)).problems)
    assert alone <= made
    assert {code for code, *_ in made - alone} <= {"orphan-word", "doubtful-citation", "unknown-language"}
    cited = {key for _, _, _, message in alone for key in re.findall(r"@no\d+", message)}
    lines = {(file, line) for code, file, line, _ in alone if code in {"citation-place", "unknown-citation"}}
    assert len(cited) == len(lines) == 12
    assert {"unknown-figure", "unsupported-markup", "not-one-paragraph"} <= {code for code, *_ in alone}


@pytest.mark.parametrize("name", BREAKS)
def test_a_mistake_hides_no_other(folder: Path, name: str) -> None:
    """A file with a mistake keeps no mistake in the texts of other files from being reported, and adds no false one."""
    before = spots(build.check(folder))
    (folder.parent.parent / name).write_text(FILES[name] + BREAKS[name], encoding="utf-8")
    found = spots(build.check(folder))
    assert {one for one in found - before if one[1] != name} == set()
    lost = {one for one in before - found if one[1] != name}
    # What may be cited is not known then.
    assert {code for code, *_ in lost} <= ({"unknown-citation"} if name.endswith("references.yaml") else set())
    texts = {one for one in found if str(one[1]).endswith(".md")}
    with pytest.raises(ProjectError) as refused:
        build.read(folder)
    assert texts <= spots(refused.value.problems)


def test_a_theme_as_well(folder: Path) -> None:
    """A slip in a template and one in an article are reported in one check."""
    template = folder.parent.parent / "overrides/partials/notice.html"
    template.parent.mkdir(parents=True)
    template.write_text("{{ entry.titel }}", encoding="utf-8")
    (folder / "records/first.yaml").write_text("titel: A title\n", encoding="utf-8")
    assert {"unknown-field", "unknown-key", "unknown-citation"} <= {one.code for one in build.check(folder)}


def test_pictures_next_to_a_broken_publication(folder: Path) -> None:
    """What does not agree between the issue and its files is found though digest.yaml has a mistake."""
    path = folder / "issue.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("record: first", "record: frist"), encoding="utf-8")
    (folder.parent.parent / "digest.yaml").write_text("titel: Letters\n", encoding="utf-8")
    assert "missing-record" in {one.code for one in build.check(folder)}


def test_a_mistake_hides_none_of_its_own_file(folder: Path) -> None:
    """A slip in a front matter, an entry, a reference or digest.yaml leaves the rest of the file to be looked at."""
    root = folder.parent.parent
    before = {one for one in spots(build.check(folder)) if one[0] not in {"unused", "unknown-citation"}}

    def change(name: str, old: str, new: str) -> None:
        path = root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    change("issues/a/articles/hello.md", "title: Hello\n", "title: Hello\nlabl: x\n")
    change("issues/a/issue.yaml", "kind: update", "kind: updated")
    change("issues/a/issue.yaml", "article: second", "article: third")
    change("issues/a/issue.yaml", "      - page:\n", "      - record: first\n        article: hello\n      - page:\n")
    change("issues/a/references.yaml", "  title:", "  tilte:")
    change("digest.yaml", "theme: highlights\n", "theme: higlights\nstyle: jopp\nissn: 12\nlanguage: english\n")
    found = build.check(folder)
    codes = {(one.code, one.file) for one in found}
    wanted = {
        ("unknown-key", "issues/a/articles/hello.md"),
        ("value", "issues/a/issue.yaml"),
        ("missing-article", "issues/a/issue.yaml"),
        ("inconsistent", "issues/a/issue.yaml"),
        ("unknown-key", "issues/a/references.yaml"),
        ("unknown-theme", "digest.yaml"),
        ("unknown-style", "digest.yaml"),
        ("value", "digest.yaml"),
        ("unknown-citation", "issues/a/articles/hello.md"),
    }
    assert wanted <= codes
    # What was wrong before is found still, but for the article that is not in the issue any more; lines have moved.
    kept = {(code, file, message) for code, file, _, message in before if file != "issues/a/articles/second.md"}
    assert kept <= {(one.code, one.file, one.message) for one in found}
    assert not [one for one in found if one.message.startswith(("there is no picture", "the section"))]
