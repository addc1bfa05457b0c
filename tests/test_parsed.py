"""Files that were parsed before: what comes out is what parsing gives, and whatever was wrong is reported again."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from bench.congress.folder import write_publication
from digest import parsed, strict
from digest.errors import ProjectError
from digest.export import yaml_record
from digest.model import Record
from digest.parsed import MODULES, ParsedFiles
from digest.project import read_files, read_issue
from digest.publication import IssueFile, Publication
from digest.sources import Page, Parsed, parse
from digest.store import publication_store
from tests.conftest import FIELD, ISSUE, ROOT, SAMPLE, SEEDS
from tests.test_house import ours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TYPES: Final[tuple[type, ...]] = (Record, IssueFile, Publication)


def yaml_files() -> Iterator[tuple[bytes, type]]:
    """The files of the project, and records of every format as an issue has them, each with the types to try."""
    for folder in ("seeds", "tests/cases", "tests/sources/seeds"):
        for path in sorted((ROOT / folder).rglob("*.yaml")):
            if path.stat().st_size < 50_000:
                yield from ((path.read_bytes(), type_) for type_ in TYPES)
    for path in (path for folder in (SEEDS, FIELD) for path in sorted(folder.rglob("*")) if path.is_file()):
        page = Page(path, path.name)
        try:
            records = [one.record for one in parse(page) if isinstance(one, Parsed)]
        except Exception:  # noqa: BLE001, S112 - whatever the readers of formats refuse is not asked here
            continue
        yield from ((yaml_record(record).encode("utf-8", "replace"), Record) for record in records[:40])


def parts(read: strict.Read[Any]) -> tuple[object, ...]:
    return read.value, read.rest, read.problems, read.file, dict(read.lines), dict(read.texts)


def test_the_second_reading_is_the_first(tmp_path: Path) -> None:
    """Values, lines, problems and names of files are equal, for each file of the project and each format."""
    kept = tried = 0
    with ParsedFiles(tmp_path) as files:
        for content, type_ in yaml_files():
            again: strict.Read[Any]
            try:
                first: strict.Read[Any] = files.read(content, type_, "records/one.yaml")
            except UnicodeDecodeError:
                continue
            again = files.read(content, type_, "records/other.yaml")
            text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
            expected: strict.Read[Any] = strict.read(text, type_, "records/other.yaml")
            assert parts(again) == parts(expected), content
            assert again == expected
            assert type(again.value) is type(expected.value)
            assert first.file == "records/one.yaml"
            sound = expected.value is not None
            assert isinstance(again.lines, dict) != sound  # it comes out of the store
            tried, kept = tried + 1, kept + sound
    assert (kept > 100, tried - kept > 30) == (True, True), (kept, tried)


def test_a_whole_issue(journal: Path) -> None:
    """An issue is the same the second time, and so is one of which a file has changed."""
    first = read_issue(journal / ISSUE)
    second = read_issue(journal / ISSUE)
    assert second == first
    assert any((journal / ".cache" / "made" / "reading").iterdir())
    record = min((journal / ISSUE / "records").glob("*.yaml"))
    record.write_text(record.read_text(encoding="utf-8").replace("Adaline", "Edeline", 1), encoding="utf-8")
    changed = read_issue(journal / ISSUE)
    assert changed.records[record.stem].authors[0].given == "Edeline R"
    shutil.rmtree(journal / ".cache")
    assert read_issue(journal / ISSUE) == changed


def test_mistakes_are_reported_each_time(journal: Path) -> None:
    """A file with mistakes is not kept: the second reading has the same problems with their lines."""
    record = min((journal / ISSUE / "records").glob("*.yaml"))
    record.write_text(record.read_text(encoding="utf-8") + "isued: 2014\nstatus: gone\n", encoding="utf-8")
    first, second = (read_files(journal / ISSUE) for _ in range(2))
    assert second.problems == first.problems
    found = [(problem.code, problem.key) for problem in second.problems]
    assert ("unknown-key", "isued") in found
    assert ("value", "status") in found
    assert all(problem.line for problem in second.problems)
    record.write_bytes(b"title: \xff\n")
    for _ in range(2):
        with pytest.raises(ProjectError) as caught:
            read_issue(journal / ISSUE)
        assert [problem.code for problem in caught.value.problems if problem.file.endswith(record.name)] == ["encoding"]


@pytest.mark.parametrize(
    "content", [b"", b"\xc1", b"\x93\xc0\x90\x90", b"\x93\x80\x90\x90", b"\x93\x81\xa5title\x92\x01\x02\x90\x90"]
)
def test_a_kept_reading_of_another_kind(tmp_path: Path, content: bytes) -> None:
    """What is in the store, and is not a reading, is read again from the file."""
    text = b"title: Ducks\n"
    store = publication_store(tmp_path)
    store.put("reading", parsed.key_of(text, Record), content)
    with ParsedFiles(tmp_path) as files:
        read = files.read(text, Record, "one.yaml")
        assert read == strict.read(text.decode(), Record, "one.yaml")
        assert files.read(text, Record, "one.yaml") == read


def test_readings_are_sent_to_other_processes(tmp_path: Path) -> None:
    """A kept reading can be pickled, and its lines are found as in any other."""
    text = b"title: Ducks\nabstract:\n  - text: |-\n      They swim.\n"
    with ParsedFiles(tmp_path) as files:
        files.read(text, Record, "one.yaml")
        read = files.read(text, Record, "one.yaml")
    assert read.text_line("abstract", 0, "text") == 4
    assert read.problem("note", "unused", "", "abstract", 0, "label").line == 3
    assert pickle.loads(pickle.dumps(read)) == read  # noqa: S301 - our own


def test_unchanged_files_need_no_reader_of_yaml(tmp_path: Path) -> None:
    """A second process reads an issue without loading either reader of YAML, from a folder that it cannot write."""
    folder = write_publication(tmp_path, 3, plain=True)
    program = (
        "import sys\nfrom pathlib import Path\nfrom digest.project import read_issue\n"
        f"print(len(read_issue(Path({str(folder)!r})).records), 'yaml' in sys.modules, 'ruamel.yaml' in sys.modules)"
    )
    said = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT).stdout
        for _ in range(2)
    ]
    assert said == ["3 True False\n", "3 False False\n"]


def test_what_reading_depends_on() -> None:
    """Another state of a module that decides what a text means is another version: the list has all of them."""
    package = ROOT / "digest"
    needed, open_ = set[str](), {"parsed", "publication"}
    while open_:
        needed |= open_
        names = {name.split(".")[1] for one in open_ for name in ours(package / f"{one}.py") if "." in name}
        open_ = {name for name in names if (package / f"{name}.py").is_file()} - needed
    assert needed == set(MODULES)


def test_another_version_reads_again(tmp_path: Path) -> None:
    """Where a module has changed nothing that was kept before is found."""
    copy = tmp_path / "program"
    shutil.copytree(ROOT / "digest", copy / "digest", ignore=shutil.ignore_patterns("__pycache__"))
    program = (
        "from digest import parsed; from digest.model import Record; print(parsed.key_of(b'title: a', Record).hex())"
    )

    def printed() -> str:
        return subprocess.run(
            [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True, cwd=copy
        ).stdout

    before = printed()
    assert printed() == before
    with (copy / "digest" / "strict.py").open("a", encoding="utf-8") as stream:
        stream.write("# another\n")
    assert printed() != before


def test_nothing_is_kept_in_what_belongs_to_the_program(journal: Path, tmp_path: Path) -> None:
    """The sample is read in its place without a trace, and what was made of a publication is not in a copy of it."""
    from digest.resources import copy_sample

    assert read_issue(SAMPLE / ISSUE).records == read_issue(journal / ISSUE).records
    assert not (SAMPLE / ".cache").exists()
    copy_sample(tmp_path / "new")
    assert not (tmp_path / "new" / ".cache").exists()
