"""Printed names: each row is read as given, and lists are taken apart where they should be."""

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


SPANISH = ["Roe Doe D", "Moe-Poe P", "Gopar-Nieto CP", "Poe-De La Cruz JL", "Arias A"]
DEGREES_AFTER = [
    "dr.",
    "Dr.",
    "phd",
    "PhD.",
    "Ph.D.",
    "CSc.",
    "MUDr.",
    "Dr med",
    "dr. med.",
    "M.Sc.",
    "dr. univ.",
    "mudr.",
    "prof.",
]
TITLES_BEFORE = (
    "dr.|Dr|Prof. MUDr.|doc. MUDr.|prof. dr hab. n. med.|lek. med.|Doç. Dr.|Uzm. Dr.|doc. dr. sc.|dr.sc.|Prof.Dr.med.|Dr. h. c.|"
    "Univ.-Prof. Dr.|Prof.ssa|Dott.ssa|Dña.|mr.|Ing.|Mgr.|Bc.|Conf. Dr.|drs.|Ass. Prof. Dr."
).split("|")


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
        # Citing Medicine, 2nd edition, chapter 2, “Other surname rules”: prefixes and compounds are kept.
        ("Lama Al Bassit", {"family": "Al Bassit", "given": "Lama"}),
        ("Jaime Mier y Teran", {"family": "Mier y Teran", "given": "Jaime"}),
        ("Josep Puig i Cadafalch", {"family": "Puig i Cadafalch", "given": "Josep"}),
        ("Pablo Ruiz-De León", {"family": "Ruiz-De León", "given": "Pablo"}),
        ("María José García López", {"family": "García López", "given": "María José"}),
        ("Omar Abdel Rahman", {"family": "Abdel Rahman", "given": "Omar"}),
        ("Bart Op de Beeck", {"family": "Op de Beeck", "given": "Bart"}),
        ("van 't Veer LJ", {"particle": "van 't", "family": "Veer", "initials": "LJ"}),
        ("Heijde D van der", {"particle": "van der", "family": "Heijde", "initials": "D"}),
        # NBR 6023: Neto, Filho, Júnior, Sobrinho belong to the family name.
        ("João Silva Neto", {"family": "Silva Neto", "given": "João"}),
        # The order of Hungary, Korea, China and Vietnam, where the names show it.
        ("Horváth Zsolt", {"family": "Horváth", "given": "Zsolt"}),
        ("Peter Kovacs", {"family": "Kovacs", "given": "Peter"}),
        ("Kim Min-jae", {"family": "Kim", "given": "Min-jae"}),
        ("Kim Smith", {"family": "Smith", "given": "Kim"}),
        ("Zhang Xiaoming", {"family": "Zhang", "given": "Xiaoming"}),
        ("Yuan Zhuang", {"family": "Zhuang", "given": "Yuan"}),
        ("Nguyen Thi Thu Huong", {"family": "Nguyen", "given": "Thi Thu Huong"}),
        ("Phạm Ngọc Thạch", {"family": "Phạm", "given": "Ngọc Thạch"}),
        ("DELLA PORTA Matteo", {"family": "Della Porta", "given": "Matteo"}),
        ("OH Do-Youn", {"family": "Oh", "given": "Do-Youn"}),
        ("M. Kumar R.", {"family": "Kumar", "given": "M. R."}),
        ("Smith Jr. J", {"family": "Smith", "initials": "J", "suffix": "Jr"}),
        # Letters after nothing but a family name with its particles are initials, though they may be a degree elsewhere.
        ("van der Heijden MS", {"particle": "van der", "family": "Heijden", "initials": "MS"}),
        ("Van Cutsem BA", {"family": "Van Cutsem", "initials": "BA"}),
        ("Ben Carson MD", {"family": "Carson", "given": "Ben"}),
        # What is printed next to names.
        ("Jane Roe, MD, on behalf of the AIO", {"family": "Roe", "given": "Jane"}),
        ("Jane Roe1*, MD, PhD", {"family": "Roe", "given": "Jane", "marks": ("1", "*")}),
        ("Jane Roe (Intr. by J. Doe)", {"family": "Roe", "given": "Jane"}),
        ("William (Bill) Smith", {"family": "Smith", "given": "William"}),
        ("Univ.-Prof. Dr. med. habil. Eva Gruber", {"family": "Gruber", "given": "Eva"}),
        ("MUDr. Jan Novák, Ph.D.", {"family": "Novák", "given": "Jan"}),
        ("au nom du groupe PRODIGE", {"literal": "groupe PRODIGE"}),
        ("The ABC Investigators.", {"literal": "ABC Investigators"}),
    ],
)
def test_a_name(text: str, wanted: dict[str, Any]) -> None:
    """One name in the forms that sources print is read by rule."""
    assert parts(text) == wanted


def test_east_asian_order_only_when_asked_for() -> None:
    """Nothing in a name says that the family name comes first."""
    assert parts("Wang Wei") == {"family": "Wei", "given": "Wang"}
    assert parts("Wang Wei", family_first=True) == {"family": "Wang", "given": "Wei"}


@pytest.mark.parametrize(
    ("text", "wanted", "truncated"),
    [
        ("Roe, J. E., M. U. Poe, Q. Doe", ["Roe JE", "Poe MU", "Doe Q"], False),  # only the first is inverted
        ("Roe, J., Poe, R., & the ABC Study Group", ["Roe J", "Poe R", "ABC Study Group"], False),
        ("Roe, J., Poe, R., Doe, K., and the ABC Study Group", ["Roe J", "Poe R", "Doe K", "ABC Study Group"], False),
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
        # One list shows how its names are printed.
        ("J. Roe, L. Poe von Moe, K. Doe", ["Roe J", "Poe von Moe L", "Doe K"], False),
        ("J. Michael Roe, L. Poe, K. Doe", ["Roe JM", "Poe L", "Doe K"], False),
        ("Dr. Nagy Péter, Prof. Dr. Roe Nagy Zoltán", ["Nagy P", "Roe Nagy Z"], False),
        ("Wang Xiaoming, Li Wei, Zhang Hong", ["Wang X", "Li W", "Zhang H"], False),
        ("Chen Shani, Jane Roe, John Doe", ["Shani C", "Roe J", "Doe J"], False),
        ("Roe J, Doe A, et al; on behalf of the ABC Group.", ["Roe J", "Doe A", "ABC Group"], True),
        ("Roe, J., Doe, A., . . . Poe, B.", ["Roe J", "Doe A", "Poe B"], True),
        ("Jane Roe1, Max Moe2,3 and the XYZ Network", ["Roe J", "Moe M", "XYZ Network"], False),
        ("Jane Roe 1 2, John Doe 3", ["Roe J", "Doe J"], False),
        ("A. Dupont, B. Durand, pour le groupe ABC", ["Dupont A", "Durand B", "groupe ABC"], False),
        ("1. Jane Roe, 2. John Doe", ["Roe J", "Doe J"], False),
        ("Jane Roe (USA), John Doe (UK)", ["Roe J", "Doe J"], False),
        ("Jane Roe (Leeds, UK), John Doe III (Chicago, IL, USA)", ["Roe J", "Doe J III"], False),
        ("Roe J, Doe A, Moe PP.", ["Roe J", "Doe A", "Moe PP"], False),
        # A number or sign after a comma belongs to the person before it; a comma between two digits separates nobody.
        ("D Roe Doe,1 P Moe-Poe,2 CP Gopar-Nieto,1 JL Poe-De La Cruz1 and A Arias1", SPANISH, False),
        ("JM García López,1 A Pérez Gómez,2 L Sanz3", ["García López JM", "Pérez Gómez A", "Sanz L"], False),
        ("Jane M Roe1, Jin Zhao1, Angelo Di Leo2,3 and Max Moe2,3.", ["Roe JM", "Zhao J", "Di Leo A", "Moe M"], False),
        ("Jane Roe,1,2 John Doe,3–5 and Max Moe.2,3", ["Roe J", "Doe J", "Moe M"], False),
        ("Jane Roe,1* John Doe,2† Max Moe‡", ["Roe J", "Doe J", "Moe M"], False),
        ("Jane Roe, *John Doe, Max Moe", ["Roe J", "Doe J", "Moe M"], False),
        ("Jane Roe,a John Doe,b,c Max Moe", ["Roe J", "Doe J", "Moe M"], False),
        ("Jane Roe a,b, John Doe b, Max Moe a.", ["Roe J", "Doe J", "Moe M"], False),
        ("Jane Roe, MD,1 John Doe, PhD,2 and Max Moe, MD, PhD1,2", ["Roe J", "Doe J", "Moe M"], False),
        ("Roe, J.,1 Doe, A.,2 Moe, M.1", ["Roe J", "Doe A", "Moe M"], False),
        ("Jane Roe^1,2^, John Doe^{3}, Max Moe^1*", ["Roe J", "Doe J", "Moe M"], False),
        ("Jane Roe¹, John Doe³*, and Max Moe¹⁻³.", ["Roe J", "Doe J", "Moe M"], False),
        ("Jane Roe (1), John Doe (1,2), Max Moe (3).", ["Roe J", "Doe J", "Moe M"], False),
        ("1 Jane Roe, 2 John Doe", ["Roe J", "Doe J"], False),
        ("Smith J, Doe A, Acme Inc.", ["Smith J", "Doe A", "Acme Inc."], False),
        # Short families in capitals are not initials; what is printed before and after a list.
        ("LI Wei, WU Yan, XU Hong", ["Li W", "Wu Y", "Xu H"], False),
        ("By Jane Roe and John Doe", ["Roe J", "Doe J"], False),
        ("Authors: Jane Roe, John Doe", ["Roe J", "Doe J"], False),
        ("Jane Roe, John Doe, and 12 others", ["Roe J", "Doe J"], True),
        ("Jane Roe and colleagues", ["Roe J"], True),
        ("Roe J, Doe A, +5", ["Roe J", "Doe A"], True),
        ("Roe J, Doe A, ...", ["Roe J", "Doe A"], True),
    ],
)
def test_a_list_of_names(text: str, wanted: list[str], *, truncated: bool) -> None:
    """A list is cut between people, not within them, and its “et al.” is heard."""
    people, cut = read_people(text)
    assert ([author.person.short for author in people], cut) == (wanted, truncated)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("D Roe,1 P Moe,2,3 Q Poe1", [("1",), ("2", "3"), ("1",)]),
        ("Jane Roe1, Max Moe2,3.", [("1",), ("2", "3")]),
        ("Jane Roe,1* John Doe,2† Max Moe‡", [("1", "*"), ("2", "†"), ("‡",)]),
        ("Jane Roe, *John Doe", [(), ("*",)]),
        ("Jane Roe,a John Doe b,c", [("a",), ("b", "c")]),
        ("Jane Roe^1,2^, John Doe^{3}", [("1", "2"), ("3",)]),
        ("Jane Roe, MD,1 John Doe, PhD2", [("1",), ("2",)]),
    ],
)
def test_marks_of_a_list(text: str, marks: list[tuple[str, ...]]) -> None:
    """Each person has the marks printed after the name, whether before or after the comma."""
    assert [author.marks for author in read_people(text)[0]] == marks


@pytest.mark.parametrize("degree", DEGREES_AFTER)
@pytest.mark.parametrize("sign", [" ", ", "])
def test_degrees_after_a_name(degree: str, sign: str) -> None:
    """Degrees after a name do not belong to it, in any language and case."""
    assert read_name(f"Zsuzsanna Roe{sign}{degree}").short == "Roe Z"
    assert read_name(f"ROEPOE Zsuzsanna{sign}{degree}").family == "Roepoe"


@pytest.mark.parametrize("title", TITLES_BEFORE)
def test_titles_before_a_name(title: str) -> None:
    """Titles before a name do not belong to it."""
    assert read_name(f"{title} Zsuzsanna Roe").short == "Roe Z"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Roe, Prof. Dr. Jane", "Roe J"),
        ("Kovácsné dr. Kis Anna", "Kovácsné Kis A"),
        ("Jane Roe Ph. D.", "Roe J"),
        ("Roe III JA", "Roe JA III"),
        ("проф. Jane Roe", "Roe J"),
        ("山田太郎 教授", "山田太郎"),
        # What only looks like a title.
        ("Ph. Dupont", "Dupont P"),
        ("Roe, Phil.", "Roe P"),
        ("Dr. H. C. Meyer", "Meyer HC"),
        ("Do MA", "Do MA"),
        ("Smith MD", "Smith MD"),
        ("Ma Do", "Do M"),
    ],
)
def test_titles_in_other_places(text: str, short: str) -> None:
    """A title may be between the parts of a name; initials and short given names are none."""
    assert read_name(text).short == short


@pytest.mark.parametrize("text", ["", " ", "1,2", "...", "x" * 301])
def test_no_name(text: str) -> None:
    """What is not a name is refused, not guessed."""
    with pytest.raises(ValueError, match=r"name|longer|characters"):
        read_name(text)


PIECES = st.lists(
    st.sampled_from(
        ["(a)", "1", "Kim", "Min-jae", "Nagy", "Péter", ",", ";", "J.", "et al", "for", "…", "y", "de", "*", "MD"]
    )
)


@given(st.one_of(st.text(max_size=400), PIECES.map(" ".join)))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    """Whatever is in a field for a name, reading ends in a person or a refusal, quickly."""
    with contextlib.suppress(ValueError):
        read_people(text)
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
    assert time.process_time() - start < 60  # what is quadratic takes many minutes


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
        ("Roy", "Bob Jr.", "Roy B Jr"),
        ("Roy", "Bob, Jr", "Roy B Jr"),
        ("Poe", "Carl III", "Poe C III"),
        ("Roy", "B. Sr", "Roy B Sr"),
        ("Roy, Jr.", "Bob", "Roy B Jr"),
        ("Roy", "Jr", "Roy J"),
    ],
)
def test_a_suffix_behind_the_given_name(family: str, given: str, short: str) -> None:
    """Formats with fields for both names put the suffix after either of them."""
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


@pytest.mark.parametrize(
    ("text", "family", "initials"),
    [("Roeholdt-ter Moor, M.A.", "Roeholdt-ter Moor", "MA"), ("Roe-van Poe BS", "Roe-van Poe", "BS")],
)
def test_a_particle_inside_a_double_name(text: str, family: str, initials: str) -> None:
    """The whole double name is the family name (Citing Medicine, chapter 2), and what follows it is not a degree."""
    found = read_name(text)
    assert (found.family, found.initials) == (family, initials)


def test_an_intergroup_is_a_group() -> None:
    """A collective of one word with an acronym before it is not a person."""
    people, _ = read_people("Roe T, Poe M; Groupe Canards Digestifs of Unipond; DUCK Intergroup.")
    assert [author.person.literal for author in people][2:] == [
        "Groupe Canards Digestifs of Unipond",
        "DUCK Intergroup",
    ]
