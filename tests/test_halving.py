"""Entries with which pages cannot be made are found by halving, in few attempts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.build import EntryName, build, outline
from digest.errors import LimitError
from digest.halving import MOST, failing, most_attempts
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@given(st.integers(2, 300), st.sets(st.integers(0, 299), min_size=1, max_size=MOST))
def test_the_entries_at_fault_are_found(count: int, bad: set[int]) -> None:
    """Exactly those that fail are found, with their errors, in about twice as many attempts as halvings for each."""
    bad = {n % count for n in bad}
    attempts = 0

    def attempt(entries: Sequence[int]) -> Exception | None:
        nonlocal attempts
        attempts += 1
        return next((LimitError(str(n)) for n in entries if n in bad), None)

    found = failing(range(count), attempt)
    assert attempts <= most_attempts(count)
    if len(bad) < count and not (count > 3 and {0, count // 2, count - 1} <= bad):
        assert set(found) == bad
        assert all(str(error) == str(n) for n, error in found.items())
    else:
        assert not found


@pytest.mark.parametrize("why", ["none", "all", "many", "together"])
def test_not_single_entries(why: str) -> None:
    """Where an empty issue fails, each entry does, many do, or only all together do, no entry is blamed."""

    def attempt(entries: Sequence[int]) -> Exception | None:
        fails = {
            "none": True,
            "all": bool(entries),
            "many": any(n % 3 == 1 for n in entries),
            "together": len(entries) > 40,
        }
        return LimitError("no") if fails[why] else None

    assert not failing(range(41), attempt)


def test_the_samples_are_the_first_the_middle_and_the_last() -> None:
    """Where these three fail alone, a theme is at fault rather than an entry, even if others can be printed."""
    assert not failing("abcde", lambda entries: LimitError("no") if {*entries} & {*"ace"} else None)
    assert {*failing("abcde", lambda entries: LimitError("no") if {*entries} & {*"acd"} else None)} == {*"acd"}


def test_an_issue_without_an_entry(journal: Path) -> None:
    """An issue is made of the entries that are wanted; what they cite stays."""
    names = outline(journal / ISSUE).entries
    assert EntryName(kind="record", key="P1701") in names
    kept = [name for name in names if name.key != "TPS205"]
    html = build(journal / ISSUE, ["html"], only=kept).files["issue.html"].decode()
    assert 'id="abstract-P1701"' in html
    assert 'id="abstract-TPS205"' not in html
