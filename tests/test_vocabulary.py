"""Months and “et al.” in the languages that are read."""

from __future__ import annotations

import re

import pytest

from digest.vocabulary import (
    AND_OTHERS,
    AND_OTHERS_ABROAD,
    MONTH,
    MONTHS,
    any_month,
    english_month,
    means_others,
    month_that_begins,
)


@pytest.mark.parametrize("number", range(1, 13))
def test_english_months(number: int) -> None:
    """Each month is found by its name, its first three letters, and any beginning between them."""
    name = MONTHS[number - 1]
    assert re.fullmatch(f"{MONTH}[a-z]*", name)
    assert month_that_begins(name.upper()) == number
    assert all(english_month(name[:length]) == number for length in range(3, len(name) + 1))
    assert english_month(f"{name}x") is None


def test_september_with_four_letters() -> None:
    """“Sept” is the usual abbreviation, and a beginning of no other month."""
    assert english_month("Sept") == any_month("sept") == 9


@pytest.mark.parametrize(
    ("word", "number"),
    [("mai", 5), ("marz", 3), ("fevr", 2), ("giugno", 6), ("dez", 12), ("enero", 1), ("ma", None), ("ju", None)],
)
def test_months_in_other_languages(word: str, number: int | None) -> None:
    """A name or a beginning that only one month has, without accents."""
    assert any_month(word) == number


@pytest.mark.parametrize("name", ["et al", "et al.", "Et. al.", "etal", "others", "and others", " OTHERS "])
def test_others_in_place_of_a_name(name: str) -> None:
    """What BibTeX, CSL and PubMed's exports write for “et al.” in the place of a name."""
    assert means_others(name)


@pytest.mark.parametrize("name", ["", "Al", "Otherson", "Etal M", "Anders"])
def test_a_name_is_not_others(name: str) -> None:
    """Names that only look like it."""
    assert not means_others(name)


@pytest.mark.parametrize(
    "end", ["et al", "and others", "(more)", "…", "[…]", "u. a", "und andere", "et coll", "y otros"]
)
def test_end_of_a_list(end: str) -> None:
    """Each language's way to end a list of names."""
    assert re.search(rf"(?:{AND_OTHERS}|{AND_OTHERS_ABROAD})$", f"Roe J, {end}", re.IGNORECASE)
