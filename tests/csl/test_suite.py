"""The CSL test-suite: what we pass is written down, and the list may only grow."""

from pathlib import Path

import pytest

from tests import csl_suite

OPEN = csl_suite.SHARED / "open"
PASSING = Path(__file__).with_name("passing.txt")

# These expect terms that no state of the official locale files has together with what the other cases expect.
CONTRADICTORY = {
    "bugreports_SortedIeeeItalicsFail": "June abbreviated as “Jun.”; the locale has “June”",
    "date_NegativeDateSort": "“100BC” without the space that the term has by now",
    "date_NegativeDateSortViaMacroOnYearMonthOnly": "the same",
    "magic_SubsequentAuthorSubstituteNotFooled": "“tran.” for a translator; the locale has “trans.”",
}

pytestmark = pytest.mark.skipif(not OPEN.is_dir(), reason=f"the fixtures are not here: {OPEN}")


def test_what_passed_still_passes_and_what_passes_is_written_down() -> None:
    """A fixture that newly passes belongs into passing.txt; one that is in it must pass."""
    listed = set(PASSING.read_text(encoding="utf-8").split())
    same = csl_suite.comparison()
    outcomes = {path.stem: csl_suite.outcome(path, same) for path in sorted(OPEN.glob("*.txt"))}
    passing = {name for name, outcome in outcomes.items() if outcome == "pass"}
    assert not (listed & set(outcomes)) - passing, "these have passed before"
    assert not passing - listed, "these pass now: add them to passing.txt"
    assert set(outcomes) - passing <= set(CONTRADICTORY), "only contradictory ones may fail"


def test_the_runner_prints_each_outcome_and_the_sum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m tests.csl_suite DIR` is what others measure with."""
    for name in ("sort_Citation", "date_NegativeDateSort"):
        (tmp_path / f"{name}.txt").write_bytes((OPEN / f"{name}.txt").read_bytes())
    (tmp_path / "broken.txt").write_text(">>== CSL ==>>\n<style/>\n<<== CSL ==<<\n", encoding="utf-8")
    assert csl_suite.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "broken\terror",
        "date_NegativeDateSort\tfail",
        "sort_Citation\tpass",
        "1 passed, 2 failed",
    ]
