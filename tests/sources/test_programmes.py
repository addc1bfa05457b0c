"""Systems for programmes: Indico, pretalx, frab, OpenReview, and tables of EasyChair and ConfTool."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.publication import LayoutName
from digest.sources import Page, Parsed, parse
from digest.sources.formats.tables.columns import FIELDS, folded
from digest.sources.formats.tables.layouts import LAYOUTS
from digest.sources.shared.programme import moment_of, zone_of
from tests.conftest import SEEDS

if TYPE_CHECKING:
    from digest.model import Record
    from digest.sources import Outcome

FORMATS = ("indico-json", "pretalx-json", "frab", "openreview-json")


def outcomes(value: object, name: str = "", columns: str = "") -> list[Outcome]:
    data = (
        value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    )
    return list(parse(Page(data, "p", format=name, columns=columns)))


def records(found: list[Outcome]) -> list[Record]:
    return [outcome.record for outcome in found if isinstance(outcome, Parsed)]


def codes(found: list[Outcome]) -> set[str]:
    own = {outcome.code for outcome in found if isinstance(outcome, Problem)}
    return own | {problem.code for outcome in found if isinstance(outcome, Parsed) for problem in outcome.problems}


def abstract(**given: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """An export of Indico with one abstract."""
    one = {"friendly_id": 1, "title": "Ducks", "content": "Wet.", "state": "accepted", "persons": [], **given}
    return {"version": 1, "abstracts": [one], "questions": []}


def event(tz: str = "Europe/Zurich", day: str = "2024-05-14", **given: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """An answer of Indico's HTTP API with one contribution."""
    start, end = ({"date": day, "time": time, "tz": tz} for time in ("15:00:00", "15:20:00"))
    one = {"_type": "Contribution", "friendly_id": 1, "title": "Ducks", "startDate": start, "endDate": end, **given}
    conference = {"_type": "Conference", "title": "Duck Days", "startDate": start, "endDate": end, "category": "Birds"}
    return {"_type": "HTTPAPIResult", "results": [{**conference, "contributions": [one]}]}


def submission(**given: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A page of pretalx with one submission."""
    one = {"code": "ABC", "title": "Ducks", "state": "confirmed", "speakers": [], "submission_type": None, **given}
    return {"count": 1, "next": None, "previous": None, "results": [one]}


def schedule(inner: str, zone: str = "<time_zone_name>Europe/Brussels</time_zone_name>") -> str:
    return (
        f"<schedule><conference><title>FOSDEM 2018</title><city>Brussels</city>{zone}<day_change>09:00:00</day_change>"
        f'</conference><day index="1" date="2018-02-03"><room name="Janson"><event id="7"><title>Ducks</title>{inner}'
        "</event></room></day></schedule>"
    )


def note(replies: object = (), **content: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """An answer of OpenReview's API 2 with one paper."""
    fields = {name: {"value": value} for name, value in {"title": "Ducks", **content}.items()}
    one = {"id": "abcdefghij", "forum": "abcdefghij", "invitations": ["D/-/Submission"], "content": fields}
    return {"notes": [{**one, "details": {"directReplies": replies}}], "count": 1}


def reply(decision: str) -> list[dict[str, Any]]:
    content = {"decision": {"value": decision}}
    return [{"id": "r", "forum": "abcdefghij", "invitations": ["D/Submission1/-/Decision"], "content": content}]


# --- What is in the programme ----------------------------------------------------------------------------------------

OUT: dict[str, Any] = {
    **{
        f"Indico, {state}": abstract(state=state)
        for state in ("submitted", "withdrawn", "rejected", "merged", "duplicate", "invited")
    },
    **{
        f"pretalx, {state}": submission(state=state)
        for state in ("submitted", "rejected", "withdrawn", "canceled", "draft", "deleted")
    },
    "OpenReview, submitted": note(venue="Submitted to ICLR 2024", venueid="ICLR.cc/2024/Conference/Submission"),
    "OpenReview, submitted with its number": note(venueid="ICML.cc/2026/Conference/Submission13536"),
    "OpenReview, rejected": note(venueid="ICLR.cc/2024/Conference/Rejected_Submission"),
    "OpenReview, desk": note(venueid="ICLR.cc/2024/Conference/Desk_Rejected_Submission"),
    "OpenReview, withdrawn": note(venueid="ICLR.cc/2024/Conference/Withdrawn_Submission"),
    "OpenReview, blind": note(venue="ICLR 2020 Conference Blind Submission"),
    "OpenReview, under review": note(venue="Under review for TMLR", venueid="TMLR/Under_Review"),
    "OpenReview, a decision": note(reply("Reject")),
}


@pytest.mark.parametrize("case", OUT)
def test_only_what_was_accepted(case: str) -> None:
    """Anything else is counted in one note, and is neither a record nor an error."""
    (problem,) = outcomes(OUT[case])
    assert isinstance(problem, Problem)
    assert (problem.level, problem.code) == ("note", "not-accepted")


IN: dict[str, Any] = {
    "Indico": abstract(),
    "pretalx, accepted": submission(state="accepted"),
    "pretalx, a public list without states": submission(state=None),
    "OpenReview, accepted": note(venue="ICLR 2024 poster", venueid="ICLR.cc/2024/Conference"),
    "OpenReview, a decision": note(reply("Accept (Oral)")),
    "OpenReview, nothing is said": note(),
}


@pytest.mark.parametrize("case", IN)
def test_what_was_accepted(case: str) -> None:
    """It is one record."""
    (record,) = records(outcomes(IN[case]))
    assert (record.title.plain, record.type) == ("Ducks", "meeting-abstract")


# --- Fields ----------------------------------------------------------------------------------------------------------

JANE = {"first_name": "Jane", "last_name": "Doe", "affiliation": "Lake Institute", "is_speaker": True}
AL = {"first_name": "Al", "last_name": "Roe", "affiliation": ""}
TIMES = {"start": "2024-05-14T16:15:00Z", "end": "2024-05-14T16:45:00Z"}
READ: dict[str, tuple[Any, str, Any]] = {
    "first the primary authors": (
        abstract(persons=[{**AL, "author_type": "secondary"}, {**JANE, "author_type": "primary"}]),
        "authors",
        ["Jane Doe", "Al Roe"],
    ),
    "a speaker where there is no author": (
        abstract(persons=[{**JANE, "author_type": "none"}]),
        "authors",
        ["Jane Doe"],
    ),
    "no speaker where there are authors": (
        abstract(persons=[{**JANE, "author_type": "none"}, {**AL, "author_type": "primary"}]),
        "authors",
        ["Al Roe"],
    ),
    "a group": (
        abstract(persons=[{"first_name": "", "last_name": "Duck Study Group", "author_type": "primary"}]),
        "authors",
        ["Duck Study Group"],
    ),
    "people of a wrong type": (abstract(persons="Jane"), "authors", []),
    "a sign in a title": (abstract(title="p < 0.05 & more"), "title", "p &lt; 0.05 &amp; more"),
    "a title from right to left": (abstract(title="ברווזים בגן"), "title", "ברווזים בגן"),
    "Markdown around TeX": (
        abstract(content="*In* $a_{1} + b_{1}$ and **H~2~O**"),
        "abstract",
        ["<i>In</i> a1 + b1 and <b>H<sub>2</sub>O</b>"],
    ),
    "HTML": (abstract(content="<p>a_b_c &amp; <em>d</em></p><script>x</script>"), "abstract", ["a_b_c &amp; <i>d</i>"]),
    "parts in fields of the organiser": (
        abstract(
            content="", custom_fields=[{"name": "Methods", "value": "We looked."}, {"name": "Results", "value": "Wet."}]
        ),
        "abstract",
        ["We looked.", "Wet."],
    ),
    "keywords in a field of the organiser": (
        abstract(custom_fields=[{"name": "Key words", "value": "a; b"}]),
        "keywords",
        ("a", "b"),
    ),
    "summer time": (event("America/New_York", "2024-03-11"), "begins", "2024-03-11T15:00-04:00"),
    "winter time": (event("America/New_York", "2024-03-08"), "ends", "2024-03-08T15:20-05:00"),
    "a zone that nobody knows": (event("Mars/Base"), "begins", None),
    "a zone that is a path": (event("../../etc/passwd"), "begins", None),
    "a day that does not exist": (event(day="2024-02-30"), "begins", None),
    "the event": (event(), "meeting", "Duck Days"),
    "a reference that is a DOI": (event(references=[{"type": "DOI", "value": "10.9999/A.1"}]), "doi", "10.9999/a.1"),
    "hours in UTC": (
        submission(slots=[{**TIMES, "room": {"id": 1, "name": {"en": "Hall"}}}]),
        "begins",
        "2024-05-14T16:15+00:00",
    ),
    "a room in one of several languages": (
        submission(slots=[{**TIMES, "room": {"id": 1, "name": {"de": "Saal", "en": "Hall"}}}], content_locale="de"),
        "room",
        "Saal",
    ),
    "the first of several slots": (
        submission(slots=[TIMES, {"start": "2024-05-13T16:15:00Z", "end": None}]),
        "begins",
        "2024-05-13T16:15+00:00",
    ),
    "an end before the beginning": (submission(slots=[{**TIMES, "end": "2024-05-14T16:00:00Z"}]), "ends", None),
    "a code that is not a name": (submission(speakers=["JDOE12"]), "authors", []),
    "nothing but a title": (submission(abstract=None, description=None, track=None), "abstract", []),
    "an hour on the day around it": (
        schedule("<start>10:00</start><duration>00:50</duration>"),
        "ends",
        "2018-02-03T10:50+01:00",
    ),
    "an hour without a zone": (schedule("<start>10:00</start>", ""), "begins", None),
    "seconds in how long it takes": (
        schedule("<start>9:30</start><duration>00:50:00</duration>"),
        "ends",
        "2018-02-03T10:20+01:00",
    ),
    "its own day before the one around it": (
        schedule("<date>2018-02-04T10:00:00+01:00</date><start>10:00</start>"),
        "begins",
        "2018-02-04T10:00+01:00",
    ),
    "the room around it": (schedule(""), "room", "Janson"),
    "persons": (schedule('<persons><person id="1">Jane Doe</person></persons>'), "authors", ["Jane Doe"]),
    "the meeting of a schedule": (schedule(""), "meeting", "FOSDEM 2018"),
    "the meeting of a venue": (
        note(venue="NeurIPS 2025 spotlight", venueid="NeurIPS.cc/2025/Conference"),
        "meeting",
        "NeurIPS 2025",
    ),
    "the way of presenting in a venue": (
        note(venue="ICLR 2024 oral", venueid="ICLR.cc/2024/Conference"),
        "presentation",
        "oral",
    ),
    "a decision that says how": (note(reply("Accept (poster)")), "presentation", "poster"),
    "a journal": (note(venue="Accepted by TMLR", venueid="TMLR"), "container", "TMLR"),
    "authors in a text": (note(authors=["Jane Doe", {"fullname": "Al Roe"}]), "authors", ["Jane Doe", "Al Roe"]),
}


@pytest.mark.parametrize("case", READ)
def test_fields(case: str) -> None:
    """Each field is read as the system means it; anything else is left out."""
    value, field, wanted = READ[case]
    (record,) = records(outcomes(value))
    found: dict[str, Any] = {
        "authors": [person.full for person in record.authors],
        "title": record.title.source,
        "abstract": [part.text.source for part in record.abstract],
        "meeting": record.meeting and record.meeting.name,
        "doi": record.ids.doi,
    }
    assert (found[field] if field in found else getattr(record, field)) == wanted


def test_three_hundred_authors() -> None:
    """All of them are kept, with an affiliation that they share once."""
    people = [
        {
            "first_name": "Jane",
            "last_name": f"Doe{'abcdefghij'[n % 10]}{'abcdefghij'[n // 10 % 10]}{'xyz'[n // 100]}",
            "affiliation": "Lake",
            "author_type": "primary",
        }
        for n in range(300)
    ]
    (record,) = records(outcomes(abstract(persons=people)))
    assert (len(record.authors), len(record.affiliations)) == (300, 1)


def test_parts_of_an_affiliation() -> None:
    """They are kept where Indico gives them apart, with the number that the affiliation has in the end."""
    link = {
        "name": "Lake Institute",
        "city": "Nowhere",
        "country_name": "Nowhereland",
        "meta": {"ror": "https://ror.org/05a28rw58"},
    }
    people = [
        {**AL, "affiliation": "Pond", "author_type": "primary"},
        {**JANE, "affiliation_link": link, "author_type": "primary"},
    ]
    (record,) = records(outcomes(abstract(persons=people)))
    (one,) = record.institutions
    assert (one.affiliation, one.name, one.city, one.country, one.ror) == (
        2,
        "Lake Institute",
        "Nowhere",
        "Nowhereland",
        "05a28rw58",
    )


# --- What is said and what is not kept -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_that_reaches_a_person_is_kept(name: str) -> None:
    """E-mail, telephone and address are neither in a record nor in the bytes that are kept of it."""
    for path in (SEEDS / name).iterdir():
        for outcome in parse(Page(path, path.name)):
            kept = f"{outcome}".encode() + (outcome.raw if isinstance(outcome, Parsed) else b"")
            assert not any(word in kept for word in (b"@example.org", b"555", b"Pond Road", b"Lake Road", b'0b"'))


SAID: dict[str, tuple[Any, str]] = {
    "fields that were not read": (abstract(board_number="B1"), "not-read"),
    "a page of several": ({**submission(), "next": "https://p.example/?page=2"}, "incomplete"),
    "a part of a list": ({**note(), "count": 9}, "incomplete"),
    "codes in place of names": (submission(speakers=["JDOE12"]), "not-expanded"),
    "hours without a zone": (schedule("<start>10:00</start>", ""), "no-zone"),
    "an event without contributions": (
        {"_type": "HTTPAPIResult", "results": [{"_type": "Conference", "title": "Duck Days", "category": "Birds"}]},
        "no-contributions",
    ),
    "no answer": ({"name": "NotFoundError", "message": "The Note x was not found", "status": 404}, "openreview-error"),
    "an empty list": ({"count": 0, "next": None, "previous": None, "results": []}, "nothing-found"),
    "an item that is none": ({"version": 1, "abstracts": [7, abstract()["abstracts"][0]]}, "no-record"),
    "papers that others printed": (note(venue="CoRR 2025", venueid="dblp.org/journals/CORR/2025"), "other-venue"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said(case: str) -> None:
    """What a reader has to know is a problem with a code of its own."""
    value, code = SAID[case]
    assert code in codes(outcomes(value))


def test_unread_fields_are_one_note() -> None:
    """It counts them over the whole file."""
    value = abstract(board_number="B1")
    value["abstracts"] *= 3
    notes = [one for one in outcomes(value) if isinstance(one, Problem) and one.code == "not-read"]
    assert [one.message for one in notes] == ["fields that were not read: board_number (3)"]


# --- Hostile files ---------------------------------------------------------------------------------------------------


def test_entities_are_refused() -> None:
    """A schedule that declares entities of its own is not read."""
    with pytest.raises(DigestError, match="entit"):
        outcomes('<!DOCTYPE schedule [<!ENTITY a "b">]>' + schedule("<abstract>&a;</abstract>"))


def test_a_broken_event_costs_no_other() -> None:
    """The others are read, each with its own room."""
    events = '<event id="8"><room>Room 2</room><title>A <b</title></event><event id="9"><room>Room 2</room><title>Geese</title></event>'
    found = outcomes(schedule("").replace("</event>", f"</event>{events}"))
    assert [(record.title.plain, record.room) for record in records(found)][-1] == ("Geese", "Room 2")
    assert sum(isinstance(one, Problem) and one.level == "error" for one in found) == 1


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = {
    "indico-json": ("title content state persons accepted_track custom_fields start_dt end_dt duration session keywords "
    "references startDate primaryauthors type friendly_id code url").split(),
    "pretalx-json": "title state speakers submission_type track tags abstract slots slot answers content_locale code".split(),
    "openreview-json": "title authors abstract keywords venue venueid doi html primary_area".split(),
}  # fmt: skip


@pytest.mark.parametrize("name", KEYS)
@given(data=st.data())
def test_values_of_any_type(name: str, data: st.DataObject) -> None:
    """Whatever is in a field, there is one record, one error, or one note that it was left out."""
    odd = data.draw(st.dictionaries(st.sampled_from(KEYS[name]), ODD, max_size=4))
    if name == "openreview-json":
        value: Any = note()
        value["notes"][0]["content"] |= odd
    else:
        value = abstract(**odd) if name == "indico-json" else submission(**odd)
    found = outcomes(value, name)
    assert "unreadable-record" not in codes(found)
    assert (
        len(records(found))
        + sum(isinstance(one, Problem) and (one.level == "error" or one.code == "not-accepted") for one in found)
        == 1
    )


def test_deep_nesting() -> None:
    """What is nested deeper than any record is left out of what is kept."""
    deep: Any = "end"
    for _ in range(90):
        deep = {"a": [deep]}
    (record,) = records(outcomes(abstract(custom_fields=[{"name": "x", "value": deep}])))
    assert record.title.plain == "Ducks"


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-05-14", "99999-01-01T10:00Z", "1899-01-01T10:00+00:00", "2024-05-14T25:00Z", "9" * 5000]
)
def test_no_hour(text: str) -> None:
    """What is not a day with its hour and zone is none."""
    assert moment_of(text, "Europe/Zurich") is None


@pytest.mark.parametrize("name", ["", "..", "/etc/passwd", "Europe", "\0", "x" * 300, "Europe/Zurich\n"])
def test_no_zone(name: str) -> None:
    """What is not the name of a zone is none, and no file is opened for it."""
    assert zone_of(name) is None


# --- Tables of systems -----------------------------------------------------------------------------------------------

EASYCHAIR = (
    "#,title,authors,submitted,last updated,form fields,keywords,decision,notified,reviews sent,abstract,deleted?\n"
    '1,Ducks fold,Jane Doe and Ann Lee,2024-01-01 10:00,2024-01-02 10:00,"(T) yes","ducks\npaper",accept,yes,yes,Wet.,\n'
    "2,Swans,No One,2024-01-01 10:00,,,swans,reject,yes,yes,No.,\n3,Geese,Al Roe,2024-01-01 10:00,,,,accept,yes,yes,No.,yes\n"
)
CONFTOOL = (
    '"paperID","contribution_type","presentation_mode","authors","organisations","","title","","keywords","topics",'
    '"submitting_author","sa_email","acceptance_status","acceptance","withdrawn","abstract"\n'
    '"101","Full paper","Poster","Doe, Jane (1); Lee, Ann (1,2)","1: Lake Institute; 2: Pond University","","Ducks fold","",'
    '"ducks, paper","Waterfowl","Doe, Jane","a@example.org","1","Accepted as Poster","","Wet."\n'
    '"102","Full paper","Talk","Roe, Al (1)","1: Pond University","","Swans","","","","","","-1","Rejected","","No."\n'
)
IN_COLUMNS = (
    "paperID,title,abstract,authors_formatted_1_name,authors_formatted_1_organisation,authors_formatted_2_name,"
    'authors_formatted_2_organisation\n101,Ducks fold,Wet.,"Doe, Jane",Lake Institute,"Lee, Ann",Pond University\n'
)


@pytest.mark.parametrize(
    ("layout", "text", "number", "affiliations"),
    [
        ("easychair", EASYCHAIR, "1", []),
        ("conftool", CONFTOOL, "101", ["Lake Institute", "Pond University"]),
        ("conftool", IN_COLUMNS, "101", ["Lake Institute", "Pond University"]),
    ],
)
def test_tables_by_the_name_of_their_system(layout: str, text: str, number: str, affiliations: list[str]) -> None:
    """Rows that were accepted are records; headings of the system need no map, and e-mail is in none."""
    (record,) = records(outcomes(text, columns=layout))
    assert (record.number, record.title.plain) == (number, "Ducks fold")
    assert [person.full for person in record.authors] == ["Jane Doe", "Ann Lee"]
    assert [text.plain for text in record.affiliations] == affiliations
    assert [part.text.plain for part in record.abstract] == ["Wet."]
    assert not any(b"@" in outcome.raw for outcome in outcomes(text, columns=layout) if isinstance(outcome, Parsed))


def test_layouts_are_those_of_a_source() -> None:
    """Their names are those that digest.yaml takes; their headings are as headings are compared, their fields exist."""
    assert set(get_args(LayoutName)) == set(LAYOUTS)
    for layout in LAYOUTS.values():
        assert set(layout.fields.values()) <= set(FIELDS)
        assert all(folded(heading) == heading for heading in layout.fields)
