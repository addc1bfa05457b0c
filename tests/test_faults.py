"""Work is not lost: by kills, by disk errors, by many that write at once, by a program that saves meanwhile."""

from __future__ import annotations

import errno
import os
import random
import time
from typing import TYPE_CHECKING

from bench import faults

if TYPE_CHECKING:
    import pytest


def test_kills() -> None:
    """After a kill at any moment files are whole, the next command does the work, and nothing is left over."""
    assert not [one for one in faults.faults(4, random.Random(7), (0,)) if one]  # noqa: S311 - no secret


def test_disk_errors() -> None:
    """A disk that is full, broken or read-only leaves files as they were."""
    chance = random.Random(7)  # noqa: S311 - no secret
    assert not [one for one in faults.faults(4, chance, (errno.ENOSPC, errno.EIO, errno.EROFS)) if one]


def test_many_writers() -> None:
    """Commands that add to one issue at once all do; of those that make the same issue one does."""
    assert faults.adders(4) == ""
    assert faults.makers(3) == ""


def test_an_editor_saves() -> None:
    """What another program saves in the same moment is kept, whichever way it saves."""
    assert not [one for one in faults.races(30, random.Random(7)) if one]  # noqa: S311 - no secret


def test_an_editor_saves_all_the_time() -> None:
    """Edits in the browser are made next to an editor that saves again and again, and what it saves is kept."""
    assert not [one for one in faults.edits(12) if one]


def test_an_editor_saves_all_the_time_and_the_disk_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes longer than the time between two saves keeps no edit from being made."""
    sync = os.fsync

    def slow(file: int) -> None:
        time.sleep(2 * faults.EVERY)
        sync(file)

    monkeypatch.setattr(os, "fsync", slow)
    assert not [one for one in faults.edits(6) if one]
