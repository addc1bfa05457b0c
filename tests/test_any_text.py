"""Whatever people write, each reader gives values and problems: what `bench/fuzz.py` looks for, for a short while."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench import fuzz
from digest.sources import FORMATS
from tests import fuzzing
from tests.sources.test_any_bytes import mutations

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = [name for name in fuzzing.TARGETS if name not in FORMATS]  # tests/sources/test_any_bytes.py has the formats


@pytest.mark.parametrize("name", WRITTEN)
def test_texts_to_begin_with(name: str) -> None:
    """Each reader has texts to begin with, and gives values or problems for them and for all that once broke it."""
    texts = fuzzing.seeds(name)
    assert texts
    for text in texts:
        fuzzing.TARGETS[name][0](text)


@pytest.mark.parametrize("name", WRITTEN)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_texts_that_were_changed(name: str, data: st.DataObject) -> None:
    """A text that is cut, doubled or changed gives values or problems, and nothing else is raised."""
    text = data.draw(st.sampled_from(fuzzing.seeds(name)), label="seed")[:20_000]
    fuzzing.TARGETS[name][0](data.draw(mutations(text), label="mutated"))


def test_what_the_fuzzer_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A reader that breaks at a byte is found, and what breaks it is made small and kept; a process that ends is, too."""

    def brittle(data: bytes) -> None:
        if b"\x1b" in data:
            raise KeyError("escape")

    monkeypatch.setattr(fuzz, "FOUND", tmp_path)
    monkeypatch.setitem(fuzzing.TARGETS, "brittle", (brittle, lambda: [b"a text of some length"]))
    count, faults = fuzz.fuzz("brittle", 30, 1, 300)
    assert count == 300
    assert faults == 1
    assert [path.read_bytes() for path in (tmp_path / "brittle").iterdir()] == [b"\x1b"]
    assert "KeyError" in capfd.readouterr().out
    monkeypatch.setitem(
        fuzzing.TARGETS, "brittle", (lambda data: os._exit(3) if b"\x1b" in data else None, lambda: [b"a"])
    )
    assert fuzz.fuzz("brittle", 30, 1, 300)[1] > 0


def test_the_same_seed_gives_the_same_texts() -> None:
    """What is found once can be found again."""
    texts = fuzzing.seeds("citation")
    first, second = (
        [fuzz.changed(rng, texts) for _ in range(5)]
        for rng in (random.Random("a 1"), random.Random("a 1"))  # noqa: S311 - it is to be repeated
    )
    assert first == second
