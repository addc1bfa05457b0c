"""Printed names: each row is read as it stands, and lists are taken apart where they should be."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.names import is_group, person, read_author, read_name, read_people

if TYPE_CHECKING:
    from pathlib import Path


def parts(text: str, **options: bool) -> dict[str, Any]:
    author = read_author(text, **options)
    fields = {name: getattr(author.person, name) for name in author.person.__struct_fields__}
    return {name: value for name, value in {**fields, "marks": author.marks}.items() if value}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("O'Reilly EM", {"family": "O'Reilly", "initials": "EM"}),
        ("Paz-Ares L", {"family": "Paz-Ares", "initials": "L"}),
        ("Von Hoff DD", {"family": "Von Hoff", "initials": "DD"}),
        ("van der Berg JP", {"particle": "van der", "family": "Berg", "initials": "JP"}),
        ("ter Haar RP III", {"particle": "ter", "family": "Haar", "initials": "RP", "suffix": "III"}),
        ("Liu R.", {"family": "Liu", "given": "R."}),
        ("WANG XY", {"family": "WANG", "initials": "XY"}),
        ("JANE DOE", {"family": "DOE", "given": "JANE"}),
        ("Labanski, A.", {"family": "Labanski", "given": "A."}),
        ("Berg, Jan van der", {"particle": "van der", "family": "Berg", "given": "Jan"}),
        ("Wise, John Pierce, Sr", {"family": "Wise", "given": "John Pierce", "suffix": "Sr"}),
        ("Wise, Jr., John", {"family": "Wise", "given": "John", "suffix": "Jr"}),
        ("John Smith, MD, PhD", {"family": "Smith", "given": "John"}),
        ("Jane Roe M.D.", {"family": "Roe", "given": "Jane"}),
        ("Prof. Jane Roe", {"family": "Roe", "given": "Jane"}),
        ("Do MA", {"family": "Do", "initials": "MA"}),
        ("Ronan Le Bras", {"family": "Le Bras", "given": "Ronan"}),
        ("Eric Van Cutsem", {"family": "Van Cutsem", "given": "Eric"}),
        ("Thi Van Nguyen", {"family": "Nguyen", "given": "Thi Van"}),
        ("Santiago Ramón y Cajal", {"family": "Ramón y Cajal", "given": "Santiago"}),
        ("O' Donoghue, Joseph A.", {"family": "O' Donoghue", "given": "Joseph A."}),
        ("Pirkko-Liisa Kellokumpu-Lehtinen", {"family": "Kellokumpu-Lehtinen", "given": "Pirkko-Liisa"}),
        ("ESMO", {"literal": "ESMO"}),
        ("Beat AML Study Group", {"literal": "Beat AML Study Group"}),
        ("on behalf of the GVAX Investigators", {"literal": "GVAX Investigators"}),
        ("Group, SWOG Study", {"literal": "SWOG Study Group"}),
        ("Department of Surgery, Northport", {"literal": "Department of Surgery, Northport"}),
        ("Study J", {"family": "Study", "initials": "J"}),
        ("Kim DW*", {"family": "Kim", "initials": "DW", "marks": ("*",)}),
        ("Wei Wang¹,²", {"family": "Wang", "given": "Wei", "marks": ("1", "2")}),
        ("Margaret H. Baron3–5", {"family": "Baron", "given": "Margaret H.", "marks": ("3", "4", "5")}),
        ("Stuart T. Fraser Jr,1", {"family": "Fraser", "given": "Stuart T.", "suffix": "Jr", "marks": ("1",)}),
        ("Plato", {"family": "Plato"}),
        ("SMITH John", {"family": "Smith", "given": "John"}),
        ("John SMITH", {"family": "Smith", "given": "John"}),
        ("SMITH, John", {"family": "Smith", "given": "John"}),
        ("van der BERG Jan", {"particle": "van der", "family": "Berg", "given": "Jan"}),
        ("Jean-Pierre DE LA TOUR", {"particle": "de la", "family": "Tour", "given": "Jean-Pierre"}),
        ("MÜLLER-SCHMIDT Karl", {"family": "Müller-Schmidt", "given": "Karl"}),
        ("McDONALD Ann", {"family": "McDonald", "given": "Ann"}),
        ("*John Smith", {"family": "Smith", "given": "John", "marks": ("*",)}),
        ("Anna Doe (presenting author)", {"family": "Doe", "given": "Anna"}),
        ("Eva Kurz (Vortragende)", {"family": "Kurz", "given": "Eva"}),
        ("Presenter: John Smith", {"family": "Smith", "given": "John"}),
        ("John Smith john@x.example", {"family": "Smith", "given": "John"}),
        ("Prof. Dr. med. Hans Meyer", {"family": "Meyer", "given": "Hans"}),
        ("John Smith a,b", {"family": "Smith", "given": "John", "marks": ("a", "b")}),
        ("Kim Lee¹˒²", {"family": "Lee", "given": "Kim", "marks": ("1", "2")}),
    ],
)
def test_a_name(text: str, wanted: dict[str, Any]) -> None:
    """One name in the forms that sources print is read by rule."""
    assert parts(text) == wanted


def test_east_asian_order_only_when_told() -> None:
    """Nothing in a name says that the family name comes first."""
    assert parts("Wang Wei") == {"family": "Wei", "given": "Wang"}
    assert parts("Wang Wei", family_first=True) == {"family": "Wang", "given": "Wei"}


@pytest.mark.parametrize(
    ("text", "wanted", "truncated"),
    [
        ("Kaur, M., Shukla, A., Bhati, K. K.", ["Kaur M", "Shukla A", "Bhati KK"], False),
        ("Quang Minh Nguyen, Duc Minh Le", ["Nguyen QM", "Le DM"], False),
        ("Kuo JH, Lee JA, et al.", ["Kuo JH", "Lee JA"], True),
        ("Jaan H. Pu; Manish Pandey", ["Pu JH", "Pandey M"], False),
        ("Vered Shwartz|Ronan Le Bras", ["Shwartz V", "Le Bras R"], False),
        ("Smith, J and Doe, A", ["Smith J", "Doe A"], False),
        ("John Smith, MD, Jane Roe, PhD and Max Moe", ["Smith J", "Roe J", "Moe M"], False),
        ("Saif, Muhammad Wasif", ["Saif MW"], False),
        ("Smith J, Doe A; Beat AML Study Group", ["Smith J", "Doe A", "Beat AML Study Group"], False),
        ("Smith, John A.; Doe, Jane", ["Smith JA", "Doe J"], False),
        ("Jane Roe1,2, John Doe3", ["Roe J", "Doe J"], False),
        ("SMITH John; LI Wei", ["Smith J", "Li W"], False),
        ("John SMITH, Wei LI", ["Smith J", "Li W"], False),
        ("JA Smith, KL Doe", ["Smith JA", "Doe KL"], False),
        ("SMITH J, DOE A", ["SMITH J", "DOE A"], False),
        ("Smith, John, Doe, Anna", ["Smith J", "Doe A"], False),
        ("García López, María, Pérez, José", ["García López M", "Pérez J"], False),
        ("Smith, John, and Anna Doe, and Kim Lee", ["Smith J", "Doe A", "Lee K"], False),
        ("John Smith / Anna Doe", ["Smith J", "Doe A"], False),
        ("John Smith/Anna Doe", ["Smith J", "Doe A"], False),
        ("John Smith, MD/PhD, Anna Doe", ["Smith J", "Doe A"], False),
        ("Jane Roe (1,2), John Doe [3]", ["Roe J", "Doe J"], False),
        ("Jane Roe¹,², John Doe³", ["Roe J", "Doe J"], False),
        ("Jane Roe<sup>1,2</sup>, John Doe", ["Roe J", "Doe J"], False),
        ("John Smith; Anna Doe and Kim Lee", ["Smith J", "Doe A", "Lee K"], False),
        ("A. Dupont et B. Durand", ["Dupont A", "Durand B"], False),
        ("J. Meyer und K. Kurz", ["Meyer J", "Kurz K"], False),
        ("José García y María López", ["García J", "López M"], False),
        ("Santiago Ramón y Cajal, Ana Gil y Luis Paz", ["Ramón y Cajal S", "Gil A", "Paz L"], False),
        (
            "Smith J, Doe A, Surgery and Oncology Study Group",
            ["Smith J", "Doe A", "Surgery and Oncology Study Group"],
            False,
        ),
        ("Meyer H., Schulz P. u. a.", ["Meyer H", "Schulz P"], True),
    ],
)
def test_a_list_of_names(text: str, wanted: list[str], *, truncated: bool) -> None:
    """A list is cut between people, not within them, and its “et al.” is heard."""
    people, cut = read_people(text)
    assert ([author.person.short for author in people], cut) == (wanted, truncated)


@pytest.mark.parametrize("text", ["", " ", "1,2", "...", "x" * 301])
def test_no_name(text: str) -> None:
    """What is no name is refused, not guessed."""
    with pytest.raises(ValueError, match=r"name|longer|characters"):
        read_name(text)


@given(st.text(max_size=400))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    """Whatever stands in a field for a name, reading ends in a person or a refusal, quickly."""
    try:
        made = read_name(text)
    except ValueError:
        return
    assert made.family or made.literal


LONG = (
    "Jane" + " " * 50_000 + "Roe",
    "Jane" + "\n " * 50_000 + "Roe",
    ", " * 50_000 + "x",
    "et al. " * 20_000,
    "(" * 50_000,
    "a and b y " * 20_000,
    "Study group and b " * 20_000,
)


@pytest.mark.parametrize("text", LONG, ids=["blanks", "lines", "commas", "et al.", "brackets", "ands", "groups"])
def test_long_texts_take_no_time(text: str) -> None:
    """A text of any length is read as names or refused at once, however its blanks and signs are set."""
    start = time.process_time()
    for read in (read_author, read_people):
        with contextlib.suppress(ValueError):
            read(text)
    assert time.process_time() - start < 2


# Of these nobody can tell without a comma whether they are a title, a suffix or a name: “Dr A”, “Smith II”.
AMBIGUOUS = {"Prof", "Professor", "Dr", "Mr", "Mrs", "Ms", "For", "II", "III", "IV", "JR", "SR", "JNR", "SNR"}


@given(
    st.from_regex(r"[A-Z][a-z]{1,9}", fullmatch=True).filter(lambda word: word not in AMBIGUOUS),
    st.from_regex(r"[A-Z]{1,3}", fullmatch=True).filter(lambda word: word not in AMBIGUOUS),
)
def test_short_form_comes_home(family: str, initials: str) -> None:
    """The form of an index is read back as it was."""
    made = person(family, initials)
    assert read_name(made.short) == made or is_group(made.short)


@pytest.mark.parametrize(
    ("family", "given", "short"),
    [
        ("Roy", "Bob Jr.", "Roy B Jr"), ("Roy", "Bob, Jr", "Roy B Jr"), ("Poe", "Carl III", "Poe C III"),
        ("Roy", "B. Sr", "Roy B Sr"), ("Roy, Jr.", "Bob", "Roy B Jr"), ("Roy", "Jr", "Roy J"),
    ],
)  # fmt: skip
def test_a_suffix_behind_the_given_name(family: str, given: str, short: str) -> None:
    """Formats with fields for both names put the suffix behind either of them."""
    assert person(family, given).short == short


def test_hand_checked_names(shared: Path) -> None:
    """Every name of the hand-checked cases is read as it must be."""
    cases = json.loads((shared / "normalisation.json").read_text(encoding="utf-8"))["cases"]
    wrong = {}
    for case in (case for case in cases if case["kind"] == "author"):
        found = read_author(case["raw"])
        ours = {"aff": list(found.marks), "initials": found.person.initial_letters}
        ours |= {name: getattr(found.person, name) for name in ("family", "given", "suffix", "literal", "particle")}
        if any(ours[name] != value for name, value in case["expected"].items()):
            wrong[case["id"]] = ours
    assert not wrong
