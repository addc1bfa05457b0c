"""Dates, meetings, people and numbers, as they are printed and sorted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import InconsistentError, Meeting, PartialDate, Person, Record, number_key
from digest.publication import Publication
from digest.text import RichText


@pytest.mark.parametrize(
    ("text", "long", "medline"),
    [
        ("2014-07-28", "28 July 2014", "2014 Jul 28"),
        ("2014-05", "May 2014", "2014 May"),
        ("2014", "2014", "2014"),
        ("2012-02-29", "29 February 2012", "2012 Feb 29"),
    ],
)
def test_dates(text: str, long: str, medline: str) -> None:
    """A date keeps what is known and prints no more."""
    date = PartialDate.parse(text)
    assert (str(date), date.long, date.medline) == (text, long, medline)


@pytest.mark.parametrize(
    "text", ["2014-13", "2013-02-29", "2014-7-28", "28 July 2014", "0000", "2014-00", "20140728", "٢٠١٤"]
)
def test_no_dates(text: str) -> None:
    """What is not a date is refused."""
    with pytest.raises(ValueError, match=r"date|month|day|year"):
        PartialDate.parse(text)


@given(st.dates())
def test_date_comes_home(date: object) -> None:
    """The ISO form is read back."""
    assert str(PartialDate.parse(str(date))) == str(date)


@pytest.mark.parametrize(
    ("date", "other", "after"),
    [
        ("2014-08-01", "2014-07-28", True),
        ("2014-07-28", "2014-07-28", False),
        ("2014-08", "2014-07-28", True),
        ("2014-07", "2014-07-28", False),  # the day is not known: nothing follows
        ("2015", "2014-07-28", True),
        ("2014", "2014-07-28", False),
    ],
)
def test_after(date: str, other: str, after: bool) -> None:
    """A date is after another only when what is known says so."""
    assert PartialDate.parse(date).is_after(PartialDate.parse(other)) is after


@pytest.mark.parametrize(
    ("start", "end", "dates"),
    [
        ("2014-05-30", "2014-06-03", "May 30 - June 3, 2014"),
        ("2010-01-22", "2010-01-24", "January 22-24, 2010"),
        ("2013-12-30", "2014-01-02", "December 30, 2013 - January 2, 2014"),
        ("2014-05-30", "2014-05-30", "May 30, 2014"),
        ("2014-05-30", None, "May 30, 2014"),
        ("2014-05", "2014-06", "May 2014 - June 2014"),
        ("2014", "2014", "2014"),
        (None, None, ""),
    ],
)
def test_meeting_dates(start: str | None, end: str | None, dates: str) -> None:
    """Meetings are dated as JOP prints them."""
    meeting = Meeting(
        name="X",
        start=PartialDate.parse(start) if start else None,
        end=PartialDate.parse(end) if end else None,
    )
    assert meeting.dates == dates


def test_meeting_ends_before_it_starts() -> None:
    """A meeting that ends before it starts is a mistake at its end."""
    with pytest.raises(InconsistentError) as caught:
        Meeting(name="X", start=PartialDate.parse("2014-06-03"), end=PartialDate.parse("2014-05-30"))
    assert caught.value.mistakes[0][0] == ("end",)


@pytest.mark.parametrize(
    ("person", "full", "short"),
    [
        (Person(family="Saif", given="Muhammad Wasif"), "Muhammad Wasif Saif", "Saif MW"),
        (
            Person(family="Kellokumpu-Lehtinen", given="Pirkko-Liisa"),
            "Pirkko-Liisa Kellokumpu-Lehtinen",
            "Kellokumpu-Lehtinen PL",
        ),
        (Person(family="Kuo", initials="JH"), "JH Kuo", "Kuo JH"),
        (
            Person(family="Berg", particle="van den", given="Anna", suffix="Jr"),
            "Anna van den Berg Jr",
            "van den Berg A Jr",
        ),
        (Person(literal="Beat AML Study Group"), "Beat AML Study Group", "Beat AML Study Group"),
    ],
)
def test_names(person: Person, full: str, short: str) -> None:
    """A person has one name above a title and another in an index."""
    assert (person.full, person.short) == (full, short)


def test_nobody() -> None:
    """A person without a name, or with two, is refused."""
    with pytest.raises(ValueError, match="one of the two"):
        Person(given="Anna")
    with pytest.raises(ValueError, match="one of the two"):
        Person(family="A", literal="B")


def test_numbers_sort_as_people_count() -> None:
    """Abstract numbers sort by their numbers, not by their characters."""
    right = [
        "37",
        "3049",
        "10006",
        "CRA6509",
        "e2",
        "e15166",
        "LBA7",
        "OA03.05",
        "OA03.10",
        "TPS205",
        "TPS5608",
    ]
    assert sorted(right, key=number_key) == right


@pytest.mark.parametrize(
    ("number", "presented"),
    [
        ("e15166", "publication only"),
        ("LBA7", "late-breaking"),
        ("TPS662", "trial in progress"),
        ("4008", ""),
    ],
)
def test_presentation_from_number(number: str, presented: str) -> None:
    """The prefix of a number says how an abstract was presented."""
    assert Record(title=RichText.parse("x"), number=number).presented == presented


def test_issn_check_digit() -> None:
    """A mistyped ISSN is noticed, and the right check digit given."""
    assert Publication(title="JOP", issn="1590-8577").issn == "1590-8577"
    with pytest.raises(InconsistentError, match="7 would be right"):
        Publication(title="JOP", issn="1590-8578")
