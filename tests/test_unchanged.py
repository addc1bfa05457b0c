"""A build of unchanged files is taken as it was made; a change of any file that a build reads is seen."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from digest import resources
from digest.build import EntryName, build
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from digest.build import BuiltIssue


def steps(folder: Path, *formats: str, **asked: object) -> tuple[BuiltIssue, list[str]]:
    """A build, and the steps that it said it takes."""
    said: list[str] = []
    built = build(folder, formats or ("html",), on_step=lambda what, _done, _of: said.append(what), **asked)  # type: ignore[arg-type]  # as they come
    return built, said


def is_taken(said: list[str]) -> bool:
    """Whether a build took what was made before."""
    return said == ["Reading the issue"]


def test_unchanged(journal: Path) -> None:
    """The second build is the first one, problems included; nothing is drawn."""
    first, said = steps(journal / ISSUE)
    assert not is_taken(said)
    again, said = steps(journal / ISSUE)
    assert is_taken(said)
    assert (again.files, again.problems, again.embargoed) == (first.files, first.problems, first.embargoed)
    assert again.issue == first.issue


def test_what_is_asked_counts(journal: Path) -> None:
    """Another format, theme or choice of entries is another build."""
    folder = journal / ISSUE
    steps(folder)
    record = next((folder / "records").glob("*.yaml")).stem
    asked: list[dict[str, object]] = [
        {"theme_name": "compact"},
        {"only": []},
        {"only": [EntryName(kind="record", key=record)]},
    ]
    for one in asked:
        assert not is_taken(steps(folder, **one)[1]), one
        assert is_taken(steps(folder, **one)[1]), one
    assert not is_taken(steps(folder, "site")[1])
    assert is_taken(steps(folder)[1])


def _append(name: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> object:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.write_text((path.read_text(encoding="utf-8") if path.exists() else "") + text, encoding="utf-8")

    return change


def _picture(root: Path) -> object:
    path = next((root / ISSUE).rglob("*.svg"))
    return path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def _linked(root: Path) -> object:
    """A folder of overrides that is a link has another file behind it."""
    return (root.parent / "elsewhere" / "partials" / "colophon.html").write_text("<p>Elsewhere</p>", encoding="utf-8")


CHANGES: dict[str, Callable[[Path], object]] = {
    "digest.yaml": _append("digest.yaml", "\n# a remark\n"),
    "issue.yaml": _append(f"{ISSUE}/issue.yaml", "\n# a remark\n"),
    "template": _append("overrides/partials/colophon.html", "<p>Printed in Verona</p>"),
    "styles": _append("overrides/css/custom.css", "p { color: #123456 }"),
    "words": _append("overrides/words/en.yaml", "# none\n"),
    "picture": _picture,
    "file in the issue": _append(f"{ISSUE}/figures/new.txt", "x"),
    "record that went": lambda root: next((root / ISSUE / "records").glob("*.yaml")).rename(root / "away.yaml"),
    "another issue": _append("issues/2013-01-01/issue.yaml", "title: x\n"),
    "record of another issue": _append("issues/2013-01-01/records/x.yaml", "x"),
    "linked folder": _linked,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_seen(journal: Path, change: Callable[[Path], object]) -> None:
    """Whatever a build may read: when it changes, nothing is taken from before."""
    elsewhere = journal.parent / "elsewhere"
    (elsewhere / "partials").mkdir(parents=True)
    if change is _linked:
        shutil.rmtree(journal / "overrides", ignore_errors=True)
        (journal / "overrides").symlink_to(elsewhere)
    steps(journal / ISSUE)
    assert is_taken(steps(journal / ISSUE)[1])
    change(journal)
    try:
        said = steps(journal / ISSUE)[1]
    except Exception:  # noqa: BLE001 - it was seen, and is a mistake
        return
    assert not is_taken(said)


def test_what_a_build_does_not_read(journal: Path) -> None:
    """What is built, fetched or collected changes nothing."""
    folder = journal / ISSUE
    steps(folder)
    for name in ("_build/issue.html", "../../library.db", "../../.git/HEAD", "../2013-01-01/_build/issue.html"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")
    assert is_taken(steps(folder)[1])


def test_a_change_in_the_middle(journal: Path) -> None:
    """What is made while a file changes is not kept as that of either state."""
    folder = journal / ISSUE
    colophon = journal / "overrides" / "partials" / "colophon.html"
    colophon.parent.mkdir(parents=True, exist_ok=True)
    text = (resources.folder("templates") / "highlights" / "partials" / "colophon.html").read_text(encoding="utf-8")
    colophon.write_text(text + "<p>before</p>", encoding="utf-8")

    def interfere(what: str, _done: int, _of: int) -> None:
        if what == "Filling in the templates":
            colophon.write_text(text + "<p>after</p>", encoding="utf-8")

    page = build(folder, ["html"], on_step=interfere).files["issue.html"]
    assert b"<p>after</p>" in page
    colophon.write_text(text + "<p>before</p>", encoding="utf-8")
    assert b"<p>before</p>" in build(folder, ["html"]).files["issue.html"]


def test_fonts_of_the_machine(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a person chose other fonts, nobody knows when they change: nothing is taken."""
    monkeypatch.setenv("FONTCONFIG_FILE", os.devnull)
    steps(journal / ISSUE)
    assert not is_taken(steps(journal / ISSUE)[1])
