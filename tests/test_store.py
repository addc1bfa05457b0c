"""The store of made things: what comes out is exactly what went in, whatever happens to its files, or nothing."""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import faults
from digest.errors import DigestError
from digest.store import LIMIT, Cleaned, Store, key, publication_store
from tests.test_readonly import read_only, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

KEY = key("what it is made from")
VALUE = b"%PDF-1.7 made" * 30


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "publication" / ".cache" / "made")


def only_file(store: Store) -> Path:
    (path,) = (path for path in store.folder.rglob("*") if path.is_file() and path.name != ".gitignore")
    return path


def test_what_is_put_is_there(store: Store) -> None:
    """A value is there for whoever has its kind and key, and for nobody else; the last one that was put counts."""
    assert store.get("sheet", KEY) is None
    assert store.put("sheet", KEY, VALUE)
    assert store.put("record", KEY, b"")
    assert (store.get("sheet", KEY), store.get("record", KEY)) == (VALUE, b"")
    assert (store.get("font", KEY), store.get("sheet", key("other")), store.get("../sheet", KEY)) == (None, None, None)
    assert store.put("sheet", KEY, b"newer")
    assert Store(store.folder).get("sheet", KEY) == b"newer"
    assert store.problems == ()


@given(st.lists(st.binary(max_size=9) | st.text(max_size=9)), st.lists(st.binary(max_size=9) | st.text(max_size=9)))
def test_other_parts_are_another_key(one: list[bytes | str], other: list[bytes | str]) -> None:
    """A key is of its parts, their order and their ends; a text is not its bytes."""
    assert (key(*one) == key(*other)) == (one == other)
    assert len(key(*one)) == 32
    assert key("ab", "c") != key("a", "bc") != key("abc")
    assert key("a") != key(b"a")


def test_a_value_of_ten_megabytes(store: Store) -> None:
    """Large values are kept as small ones; one that is larger than the whole store is not, and nothing is reported."""
    value = os.urandom(10 << 20)
    assert store.put("sheet", KEY, value)
    assert store.get("sheet", KEY) == value
    small = Store(store.folder, limit=100)
    assert not small.put("sheet", KEY, bytes(101))
    assert small.problems == ()


def test_damage_at_each_place(store: Store) -> None:
    """A byte that is another, anywhere in the file, and the value is not there; the file is removed and made again."""
    store.put("sheet", KEY, b"value")
    path = only_file(store)
    content = path.read_bytes()
    for place in range(len(content)):
        for bit in (1, 128):
            path.write_bytes(content[:place] + bytes([content[place] ^ bit]) + content[place + 1 :])
            assert store.get("sheet", KEY) is None, f"byte {place}"
            assert not path.exists()
    assert store.put("sheet", KEY, b"value")
    assert store.get("sheet", KEY) == b"value"


def test_files_that_are_cut_off_or_longer(store: Store) -> None:
    """What breaks off anywhere, or goes on, is not there."""
    store.put("sheet", KEY, b"value")
    path = only_file(store)
    content = path.read_bytes()
    for other in (*(content[:end] for end in range(len(content))), content + b"\0", content * 2, bytes(len(content))):
        path.write_bytes(other)
        assert store.get("sheet", KEY) is None
        assert not path.exists()


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _as_link(path: Path) -> None:
    other = path.parent.parent / "elsewhere"
    path.rename(other)
    path.symlink_to(other)


def _as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _as_endless(path: Path) -> None:
    with path.open("ab") as stream:
        stream.truncate(1 << 40)


def _as_text(path: Path) -> None:
    path.write_text("Notes of somebody", encoding="utf-8")


def _as_unreadable(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize("change", [_as_folder, _as_link, _as_pipe, _as_endless, _as_text, _as_unreadable])
def test_something_else_of_this_name(store: Store, change: Callable[[Path], None]) -> None:
    """What is not a file, leads elsewhere, is foreign or endless is not read, and is replaced."""
    store.put("sheet", KEY, VALUE)
    path = only_file(store)
    change(path)
    assert store.get("sheet", KEY) is None
    if change is _as_folder:
        assert not store.put("sheet", KEY, VALUE)
        assert [problem.code for problem in store.problems] == ["store-unwritable"]
        return
    assert not os.path.lexists(path)
    assert store.put("sheet", KEY, VALUE)
    assert store.get("sheet", KEY) == VALUE


def test_the_file_of_another_key(store: Store) -> None:
    """A sound file under the name of another key or kind is not that one's value."""
    other = key("another")
    store.put("sheet", KEY, VALUE)
    path = only_file(store)
    store.put("sheet", other, b"another")
    (second,) = (file for file in path.parent.iterdir() if file != path)
    shutil.copyfile(second, path)
    assert store.get("sheet", KEY) is None
    assert store.get("sheet", other) == b"another"
    (store.folder / "record").mkdir()
    shutil.copyfile(second, store.folder / "record" / second.name)
    assert store.get("record", other) is None


def test_links_do_not_lead_out(store: Store, tmp_path: Path) -> None:
    """A folder that is a link elsewhere is neither read nor written, and nothing there is removed."""
    outside = Store(tmp_path / "outside")
    outside.put("sheet", KEY, VALUE)
    before = sorted(outside.folder.rglob("*"))
    store.put("record", KEY, VALUE)
    (store.folder / "sheet").symlink_to(outside.folder / "sheet")
    assert store.get("sheet", KEY) is None
    assert not store.put("sheet", key("new"), VALUE)
    assert [problem.message for problem in store.problems] == [
        "what was made cannot be kept for the next time: sheet in it is not a folder; this costs time, nothing else"
    ]
    store.clean()
    Store(store.folder, limit=0).trim()
    root = tmp_path / "other"
    (root / ".cache").mkdir(parents=True)
    (root / ".cache" / "made").symlink_to(outside.folder)
    led = publication_store(root)
    assert led.get("sheet", KEY) is None
    assert not led.put("sheet", KEY, VALUE)
    led.trim()
    assert led.clean() == Cleaned(files=0, size=0)
    assert "leads out of the publication's folder" in led.problems[0].message
    assert sorted(outside.folder.rglob("*")) == before


def test_what_was_not_used_goes_first(store: Store) -> None:
    """Over the limit, values go in the order in which they were used last; the day is exact enough."""
    keys = [key(str(n)) for n in range(6)]
    now = time.time()
    for n, one in enumerate(keys):
        store.put("sheet" if n % 2 else "record", one, bytes([n]) * 1000)
    paths: dict[bytes, Path] = {}
    for path in (path for path in store.folder.rglob("*") if path.is_file() and path.name != ".gitignore"):
        n = path.read_bytes()[-1]
        paths[keys[n]] = path
        os.utime(path, (now - (10 - n) * 86_400,) * 2)
    part = store.folder / "sheet" / ".part-1-killed"
    part.write_bytes(bytes(5000))
    fresh = store.folder / "sheet" / ".part-2-writing"
    fresh.write_bytes(bytes(5000))
    os.utime(part, (now - 7200,) * 2)
    assert store.get("record", keys[0]) is not None  # used again: it is the newest now
    assert paths[keys[0]].stat().st_mtime > now - 60
    touched = paths[keys[5]]
    os.utime(touched, (now - 3600,) * 2)
    assert store.get("sheet", keys[5]) is not None
    assert touched.stat().st_mtime < now - 3000  # used within a day: not written each time
    store.trim()
    assert sum(path.exists() for path in paths.values()) == 6
    assert (part.exists(), fresh.exists()) == (False, True)
    Store(store.folder, limit=3300).trim()
    assert [n for n, one in enumerate(keys) if paths[one].exists()] == [0, 4, 5]


def test_clean_leaves_what_is_foreign(store: Store) -> None:
    """All values go, and the folders with them; a file that the store does not make stays, and so does its folder."""
    assert store.clean() == Cleaned(files=0, size=0)
    for n in range(3):
        store.put("sheet", key(str(n)), VALUE)
    store.put("record", KEY, VALUE)
    notes = store.folder / "sheet" / "notes.txt"
    notes.write_text("mine", encoding="utf-8")
    size = sum(path.stat().st_size for path in store.folder.rglob("*") if path.is_file() and path.name != "notes.txt")
    page = store.folder.parent / "0.page"
    page.write_bytes(b"a page of a source")
    assert store.clean() == Cleaned(files=4, size=size)
    assert sorted(path.name for path in store.folder.rglob("*")) == ["notes.txt", "sheet"]
    notes.unlink()
    store.clean()
    assert sorted(path.name for path in store.folder.parent.iterdir()) == [".gitignore", "0.page"]
    assert store.put("sheet", KEY, VALUE)
    assert store.get("sheet", KEY) == VALUE


def test_nothing_of_it_comes_into_a_history(tmp_path: Path) -> None:
    """The folder that is made first has a .gitignore; one that was there before is left alone."""
    new, old, known = (tmp_path / name for name in ("new", "old", "known"))
    for root in (old, known):
        (root / ".cache").mkdir(parents=True)
    (known / ".cache" / ".gitignore").write_text("*\n!keep\n", encoding="ascii")
    for root in (new, old, known):
        assert publication_store(root).put("sheet", KEY, VALUE)
    found = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob(".gitignore")}
    assert found == {
        "new/.cache/.gitignore": "*\n",
        "old/.cache/made/.gitignore": "*\n",
        "known/.cache/.gitignore": "*\n!keep\n",
    }


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Values are read from it and none is kept, which is noted once; `digest clean` says that it cannot."""
    root = tmp_path / "journal"
    shutil.copytree(faults.SAMPLE, root, ignore=shutil.ignore_patterns("_build", ".cache"))
    store = publication_store(root)
    store.put("sheet", KEY, VALUE)
    with read_only(root):
        ((code, out, err),) = run(root, "clean")
    assert (code, out) == (1, "")
    assert ".cache/made: not everything could be removed: Permission denied" in err
    assert store.get("sheet", KEY) == VALUE
    ((code, out, err),) = run(root, "clean")
    assert (code, err) == (0, "")
    assert out == "Removed 1 file of .cache/made (468 bytes).\n"


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    """Where a folder cannot be, nothing is kept; the reason is noted once."""
    (tmp_path / ".cache").write_text("a file", encoding="utf-8")
    store = publication_store(tmp_path)
    assert [store.put("sheet", KEY, VALUE) for _ in range(3)] == [False, False, False]
    assert store.get("sheet", KEY) is None
    assert [str(problem) for problem in store.problems] == [
        ".cache/made: note: what was made cannot be kept for the next time: Not a directory; "
        "this costs time, nothing else [store-unwritable]"
    ]


def test_a_folder_that_vanishes(store: Store) -> None:
    """What was in it is gone, and what is put afterwards is there."""
    store.put("sheet", KEY, VALUE)
    shutil.rmtree(store.folder.parent)
    assert store.get("sheet", KEY) is None
    store.trim()
    assert store.put("sheet", KEY, VALUE)
    shutil.rmtree(store.folder / "sheet")
    assert store.put("sheet", KEY, VALUE)
    assert store.get("sheet", KEY) == VALUE
    assert store.problems == ()


def test_a_full_disk(store: Store) -> None:
    """What does not fit leaves no file, and the value from before where it was; smaller ones are kept all the same."""
    store.put("sheet", KEY, VALUE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    usual = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
        assert not store.put("sheet", KEY, bytes(6000))
        assert not store.put("sheet", key("other"), bytes(6000))
        assert store.put("sheet", key("small"), b"small")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, usual)
    assert [problem.message for problem in store.problems] == [
        "what was made cannot be kept for the next time: File too large; this costs time, nothing else"
    ]
    assert (store.get("sheet", KEY), store.get("sheet", key("small"))) == (VALUE, b"small")
    assert store.get("sheet", key("other")) is None
    assert not list(store.folder.rglob(".part-*"))


@contextlib.contextmanager
def processes(*jobs: Callable[[], None]) -> Iterator[Sequence[multiprocessing.process.BaseProcess]]:
    started = [multiprocessing.get_context("fork").Process(target=job) for job in jobs]
    for one in started:
        one.start()
    yield started
    for one in started:
        one.join()


def test_two_processes(store: Store) -> None:
    """Processes that put, get, trim and clean one folder at once see whole values or none."""

    def use() -> None:
        for n in range(300):
            one = key(str(n % 7))
            store.put("sheet", one, bytes([n % 7]) * 3000)
            assert store.get("sheet", one) in {None, bytes([n % 7]) * 3000}
            if n % 50 == 49:
                Store(store.folder, limit=9000).trim()
            if n % 100 == 99:
                store.clean()
        assert store.problems == (), store.problems

    with processes(use, use, use) as started:
        pass
    assert [one.exitcode for one in started] == [0, 0, 0]
    assert not list(store.folder.rglob(".part-*"))


def test_kills_while_values_are_put() -> None:
    """After `kill -9` at any moment each value is whole or not there."""
    assert not [one for one in faults.stored(36) if one]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_disk_errors_while_values_are_put(code: int) -> None:
    """A disk error at any moment costs values, not the store, and raises nothing."""
    assert not [one for one in faults.stored(9, code) if one]


def test_cleaning_says_what_failed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be removed is an error with the reason."""
    store.put("sheet", KEY, VALUE)

    def broken(_path: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "unlink", broken)
    with pytest.raises(DigestError, match="not everything could be removed: Input/output error"):
        store.clean()
    monkeypatch.undo()
    assert store.limit == LIMIT


def test_what_came_from_somebody_else_is_not_used(store: Store, tmp_path: Path) -> None:
    """A value of another user, such as one in a publication that was sent, is not what this user has put there."""
    code = (
        "import sys; from pathlib import Path; from digest.store import Store, key; store = Store(Path(sys.argv[1]));"
        "value = store.get('sheet', key('one')); store.put('sheet', key('one'), b'mine'); print(value)"
    )
    found = []
    for user in ("a", "a", "b", "b"):
        environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / user)}
        command = [sys.executable, "-c", code, str(store.folder)]
        found.append(
            subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
        )
    assert found == ["None", "b'mine'", "None", "b'mine'"]
    assert (tmp_path / "a/digest/store.key").stat().st_mode & 0o077 == 0
