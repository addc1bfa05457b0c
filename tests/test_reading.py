"""The table of readers of pasted citations: each reads its own examples, and says that it did."""

from __future__ import annotations

import logging
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from digest.cite.reading import READERS, CitationReader, Reading, read_reference
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = [(reader, text) for reader in READERS for text in reader.examples]


@pytest.mark.parametrize(("reader", "text"), EXAMPLES, ids=[f"{reader.name}: {text[:30]}" for reader, text in EXAMPLES])
def test_examples(reader: CitationReader, text: str) -> None:
    """Each example is read by its reader, and by none before it in the table."""
    found = read_reference(text)
    assert isinstance(found, Reading), found
    assert found.reader == reader.name
    assert found.record.title.plain != "[Untitled]"


def test_names_are_different() -> None:
    """A name in the output of ``--debug`` means one reader."""
    assert len({reader.name for reader in READERS}) == len(READERS)
    assert len({text for _, text in EXAMPLES}) == 3 * len(READERS)


def test_debug_says_which_reader(caplog: pytest.LogCaptureFixture) -> None:
    """The name of the reader goes to the log, where ``--debug`` finds it."""
    with caplog.at_level(logging.DEBUG, logger="digest"):
        read_reference("J Clin Oncol 32:5s, 2014 (suppl; abstr 4021)")
    assert caplog.messages == ["read as society-form: J Clin Oncol 32:5s, 2014 (suppl; abstr 4021)"]


@pytest.mark.parametrize("command", ["convert", "cite"])
def test_debug_on_the_command_line(command: str, tmp_path: Path) -> None:
    """``--debug`` prints the reader of each citation, and nothing of the kind comes without it.

    The program runs in a process of its own: the child that reads files writes nothing to standard error.
    """
    file = tmp_path / "references.txt"
    file.write_text("1. Roe J, Poe A. A study of ducks. Nature. 2021 Dec 21;600(7889):10-11.\n", encoding="utf-8")
    for options, expected in (["--debug"], 1), ([], 0):
        program = [sys.executable, "-m", "digest", command, str(file), *options]
        done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stderr.count("debug: read as journal: Roe J, Poe A. A study") == expected
