"""Opening a publication's library: what is in an issue is what its folder holds, read again only where it has changed."""

from __future__ import annotations

import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from digest import reconcile
from digest.errors import DigestError
from digest.library import Library
from digest.model import PartialDate
from digest.reconcile import open_reconciled
from tests.test_library import arrival

if TYPE_CHECKING:
    from pathlib import Path

    from digest.parsed import ParsedFiles

TODAY = PartialDate(2014, 7, 28)
LONG_AGO = 1_400_000_000


def freeze(root: Path, issue: str, name: str, id_: str) -> Path:
    """An issue with a frozen record, both written long ago."""
    folder = root / "issues" / issue
    (folder / "records").mkdir(parents=True, exist_ok=True)
    record = folder / "records" / f"{name}.yaml"
    record.write_text(f"id: {id_}\ntitle: Quality of life\n", encoding="utf-8")
    (folder / "issue.yaml").write_text(f"date: {issue}\n", encoding="utf-8")
    for path in (record, folder / "issue.yaml"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return record


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "digest.yaml").write_text("title: Highlights\n", encoding="utf-8")
    with Library.open(tmp_path / "library.db") as library:
        library.collect([arrival("1", doi="10.1000/1")], source="s", today=TODAY)
    freeze(tmp_path, "2014-07-28", "one", "doi:10.1000/1")
    return tmp_path


def issues(root: Path, id_: str = "doi:10.1000/1") -> list[str]:
    with open_reconciled(root) as library:
        return [highlight.issue for highlight in library.get(id_).highlighted]


def test_the_folders_decide(root: Path) -> None:
    """An issue that was added, renamed, changed or deleted by hand is known as soon as the library is opened."""
    assert issues(root) == ["2014-07-28"]
    freeze(root, "2014-09-01", "one", "doi:10.1000/1")
    assert issues(root) == ["2014-07-28", "2014-09-01"]
    shutil.rmtree(root / "issues" / "2014-07-28")
    assert issues(root) == ["2014-09-01"]
    (root / "issues" / "2014-09-01").rename(root / "issues" / "autumn")
    assert issues(root) == ["autumn"]
    (root / "issues" / "autumn" / "records" / "one.yaml").write_text("id: doi:10.1000/9\ntitle: X\n", encoding="utf-8")
    assert issues(root) == []


def test_folders_are_read_again_only_where_something_changed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where neither files nor library have changed no file is read; what the library learns makes it look again."""
    read: list[str] = []
    record_id = reconcile.record_id

    def noted(path: Path, parsed: ParsedFiles) -> str:
        read.append(path.stem)
        return record_id(path, parsed)

    monkeypatch.setattr(reconcile, "record_id", noted)
    assert (issues(root), read) == (["2014-07-28"], ["one"])
    assert (issues(root), read) == (["2014-07-28"], ["one"])
    freeze(root, "2014-07-28", "two", "doi:10.1000/2")
    assert (issues(root), read) == (["2014-07-28"], ["one", "one", "two"])
    with open_reconciled(root) as library:
        library.collect([arrival("2", doi="10.1000/2", title="Survival")], source="s", today=TODAY)
    assert issues(root, "doi:10.1000/2") == ["2014-07-28"]
    read.clear()
    os.utime(freeze(root, "2014-07-28", "two", "doi:10.1000/2"))  # just now: its time may not show the next change
    assert (issues(root), issues(root), read) == (["2014-07-28"], ["2014-07-28"], ["one", "two", "one", "two"])


def test_a_library_that_is_being_written_is_opened_without_waiting(root: Path) -> None:
    """To note that nothing has changed waits for no other process."""
    issues(root)
    with sqlite3.connect(root / "library.db", isolation_level=None) as connection:
        connection.execute("DELETE FROM issues_seen")
        connection.execute("BEGIN IMMEDIATE")
        assert issues(root) == ["2014-07-28"]
        connection.execute("ROLLBACK")
    connection.close()


def test_no_library(tmp_path: Path) -> None:
    """A library is made only on request; outside of a publication it is only opened."""
    with pytest.raises(DigestError, match="there is no library yet"):
        open_reconciled(tmp_path)
    freeze(tmp_path, "2014-07-28", "one", "doi:10.1000/1")
    with open_reconciled(tmp_path, tmp_path / "new" / "library.db", make=True) as library:
        assert (len(library), library.issues_stamp()) == (0, "")
