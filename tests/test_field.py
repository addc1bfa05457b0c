"""Small files from the field, each with what a command makes of it."""

from __future__ import annotations

from pathlib import Path

from tests import field_cases


def test_files_from_the_field() -> None:
    """What other programs' exports and first-time users met; the runner says what differs."""
    failed = {name: differs for name, differs in field_cases.run(Path(__file__).parent / "cases" / "field") if differs}
    assert not failed
