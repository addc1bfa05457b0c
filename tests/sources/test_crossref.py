"""Crossref's JSON: works in every wrapping, people, dates, events, abstracts, and values of any type."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.sources import formats
from digest.sources.formats.crossref import parse
from digest.sources.page import Outcome, Page, Parsed

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Record

WORK = {"DOI": "10.1234/abc", "title": ["Ducks"], "type": "journal-article"}


def outcomes(value: object) -> list[Outcome]:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return list(parse(Page(data, "page.json", format="crossref-json")))


def one(**fields: Any) -> Parsed:  # noqa: ANN401 - any JSON
    (found,) = outcomes({"status": "ok", "message": {**WORK, **fields}})
    assert isinstance(found, Parsed), found
    return found


def read(**fields: Any) -> Record:  # noqa: ANN401 - any JSON
    return one(**fields).record


WRAPPINGS: dict[str, object] = {
    "a work": {"status": "ok", "message-type": "work", "message": WORK},
    "a list": {"status": "ok", "message-type": "work-list", "message": {"items": [WORK]}},
    "a bare item": WORK,
    "bare items": [WORK],
    "a list without its answer": {"items": [WORK]},
    "answers in a row": [{"message": {"items": [WORK]}}],
}


@pytest.mark.parametrize("value", WRAPPINGS.values(), ids=WRAPPINGS)
def test_works_are_found_in_every_wrapping(value: object) -> None:
    """Answers as Crossref gives them, and what people save of them, give the same record."""
    (found,) = outcomes(value)
    assert isinstance(found, Parsed)
    assert (found.record.title.plain, found.identifier) == ("Ducks", "10.1234/abc")
    assert formats.recognise(Page(json.dumps(value).encode(), "page.json")) == "crossref-json"


@pytest.mark.parametrize(("total", "count"), [(500, "1 of 500 records"), (1, ""), (None, ""), ("x", "")])
def test_a_saved_part_of_a_list_says_so(total: object, count: str) -> None:
    """The works that the question found beyond those of one answer are reported to be missing."""
    _, *problems = outcomes({"message": {"items": [WORK], "total-results": total, "next-cursor": "abc"}})
    assert [(one.level, one.code) for one in problems if isinstance(one, Problem)] == [("warning", "incomplete")][
        : bool(count)
    ]
    assert all(isinstance(one, Problem) and f", {count};" in one.message for one in problems)


FIELDS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "a title with markup": ({"title": ["with <sup>89</sup>Zr."]}, "title.source", "with <sup>89</sup>Zr"),
    "a title escaped twice": ({"title": ["A &amp;amp; B &lt;i&gt;c&lt;/i&gt;"]}, "title.source", "A &amp; B <i>c</i>"),
    "a subtitle": ({"subtitle": ["And geese"]}, "title.plain", "Ducks: And geese"),
    "a subtitle that is in the title": (
        {"title": ["Ducks: a duet"], "subtitle": ["A duet"]},
        "title.plain",
        "Ducks: a duet",
    ),
    "a title in one text": ({"title": "Ducks"}, "title.plain", "Ducks"),
    "print before the web": (
        {"published-print": {"date-parts": [[2003, 2]]}, "published-online": {"date-parts": [[2005, 4, 18]]}},
        "issued.parts",
        (2003, 2),
    ),
    "a day within the month": (
        {"published-print": {"date-parts": [[2021, 5]]}, "issued": {"date-parts": [[2021, 5, 20]]}},
        "issued.parts",
        (2021, 5, 20),
    ),
    "an impossible date": ({"issued": {"date-parts": [[99999, 99, 99]]}}, "issued", None),
    "an empty date": ({"issued": {"date-parts": [[None]]}}, "issued", None),
    "an issue of the journal's": ({"journal-issue": {"issue": "4"}}, "issue", "4"),
    "a supplement": ({"issue": "15_suppl"}, "supplement", "Suppl"),
    "an article's number": ({"article-number": "e12"}, "pages", "e12"),
    "a chapter": ({"type": "book-chapter"}, "type", "chapter"),
    "a preprint": (
        {"type": "posted-content", "subtype": "preprint", "institution": [{"name": "duckRxiv"}]},
        "container",
        "duckRxiv",
    ),
    "the version of record's licence": (
        {
            "license": [
                {"URL": "https://creativecommons.org/licenses/by/4.0/", "content-version": "tdm"},
                {"URL": "https://www.example.org/terms", "content-version": "vor"},
            ]
        },
        "permission",
        "quote",
    ),
    "a free licence": ({"license": [{"URL": "https://creativecommons.org/licenses/by/4.0/"}]}, "permission", "full"),
    "the ISSN of print": (
        {"ISSN": ["2059-7029", "1590-8577"], "issn-type": [{"value": "1590-8577", "type": "print"}]},
        "issn",
        "1590-8577",
    ),
    "a registered trial": (
        {"clinical-trial-number": [{"clinical-trial-number": "nct02023996", "registry": "10.18810/ct"}]},
        "ids.nct",
        ("NCT02023996",),
    ),
    "a retraction": ({"updated-by": [{"type": "retraction", "DOI": "10.1234/r"}]}, "status", "withdrawn"),
    "a notice of one": ({"update-to": [{"type": "retraction", "DOI": "10.1234/r"}]}, "status", "final"),
    "its own page": ({"resource": {"primary": {"URL": "https://example.org/1"}}}, "ids.url", "https://example.org/1"),
}


@pytest.mark.parametrize(("fields", "path", "wanted"), FIELDS.values(), ids=FIELDS)
def test_fields(fields: dict[str, Any], path: str, wanted: object) -> None:
    """Each field of a work is read as it is documented, and as it is used."""
    value: Any = read(**fields)
    for name in path.split("."):
        value = getattr(value, name)
    assert value == wanted


def test_people() -> None:
    """Persons, groups and single names, with affiliations that end in a semicolon and ORCID addresses."""
    found = read(
        author=[
            {
                "family": "van der Berg",
                "given": "Jan",
                "suffix": "Jr.",
                "ORCID": "http://orcid.org/0000-0002-1825-0097",
            },
            {"name": "Duck Study Group", "affiliation": [{"name": "1Pond, York, UK;"}]},
            {"given": "Suharto", "affiliation": [{"name": "Pond, York, UK"}]},
        ],
        editor=[{"family": "Roe", "given": "B."}],
    )
    assert [author.full for author in found.authors] == ["Jan van der Berg Jr", "Duck Study Group", "Suharto"]
    assert found.authors[0].orcid == "0000-0002-1825-0097"
    assert [author.affiliations for author in found.authors] == [(), (1,), (1,)]
    assert [place.plain for place in found.affiliations] == ["Pond, York, UK"]
    assert found.editors[0].family == "Roe"


def test_an_event_is_the_meeting() -> None:
    """Name, place and days of the event; days in the wrong order are reported."""
    event = {
        "name": "Meeting of Ducks",
        "location": "York",
        "acronym": "MOD",
        "start": {"date-parts": [[2014, 5, 30]]},
        "end": {"date-parts": [[2014, 6, 3]]},
    }
    meeting = read(event=event).meeting
    assert meeting
    assert (meeting.name, meeting.society, meeting.place) == ("Meeting of Ducks", "MOD", "York")
    assert meeting.dates == "May 30 - June 3, 2014"
    odd = one(event={**event, "end": {"date-parts": [[2013]]}})
    assert odd.record.meeting
    assert [problem.code for problem in odd.problems] == ["odd-date"]


def test_a_name_of_an_event_may_hold_its_days_and_place() -> None:
    """Days and place are taken out of the name where it holds them."""
    event = {"name": "Proceedings: Meeting of Ducks 2020; April 27-28, 2020 and June 22-24, 2020; Philadelphia, PA"}
    meeting = read(event=event).meeting
    assert meeting
    assert (meeting.name, meeting.place) == ("Meeting of Ducks 2020", "Philadelphia, PA")
    assert (str(meeting.start), str(meeting.end)) == ("2020-04-27", "2020-06-24")


def test_an_abstract_in_one_paragraph_is_taken_apart() -> None:
    """The first paragraph may be the number; labels run into the second."""
    found = read(
        DOI="10.1200/jco.2021.39.15_suppl.4068",
        page="4068-4068",
        abstract="<jats:p> 4068 </jats:p><jats:p> Background: Ducks <jats:sup>2</jats:sup>. Methods: We looked. "
        "Results: P &lt; .001. Conclusions: Geese. </jats:p>",
    )
    assert (found.number, found.type) == ("4068", "meeting-abstract")
    assert [part.label for part in found.abstract] == ["Background", "Methods", "Results", "Conclusions"]
    assert found.abstract[0].text.source == "Ducks <sup>2</sup>."
    assert found.abstract[2].text.plain == "P < .001."


def test_many_titles_are_reported() -> None:
    """The first of several titles is taken; the others are reported once."""
    found = one(title=["Ducks", *(f"Other {n}" for n in range(5000))])
    assert found.record.title.plain == "Ducks"
    assert [problem.code for problem in found.problems] == ["titles"]


@pytest.mark.parametrize(
    ("value", "level", "code"),
    [
        ({"status": "ok", "message": {"items": []}}, "note", "nothing-found"),
        ({"status": "failed", "message": [{"type": "parameter-not-allowed"}]}, "error", "crossref-error"),
        ({"status": "ok", "message": "Resource not found."}, "error", "crossref-error"),
        ({"status": "ok", "message": {"items": [1]}}, "error", "no-work"),
        ({"status": "ok", "message": {"items": [{}]}}, "error", "no-title"),
    ],
)
def test_what_is_not_a_work_is_reported(value: object, level: str, code: str) -> None:
    """An empty answer is a note; an error of Crossref or a strange item is an error."""
    (found,) = outcomes(value)
    assert isinstance(found, Problem)
    assert (found.level, found.code) == (level, code)


def test_half_a_surrogate_pair_is_not_a_character() -> None:
    """An escaped lone surrogate becomes U+FFFD; a whole pair stays, as does one that is escaped itself."""
    (found,) = outcomes(rb'{"DOI": "10.1234/x", "title": ["a\ud800b \ud83e\udd86 \\ud800"]}')
    assert isinstance(found, Parsed)
    assert found.record.title.plain == "a\N{REPLACEMENT CHARACTER}b \N{DUCK} \\ud800"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*WORK, "name", "family", "date-parts"]), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = (
    "DOI",
    "title",
    "subtitle",
    "author",
    "editor",
    "container-title",
    "short-container-title",
    "issued",
    "event",
    "published-print",
    "abstract",
    "license",
    "ISSN",
    "issn-type",
    "ISBN",
    "relation",
    "updated-by",
    "type",
    "page",
    "clinical-trial-number",
    "language",
    "resource",
    "URL",
    "journal-issue",
    "institution",
    "volume",
    "issue",
)


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), JSON, max_size=6) | JSON, max_size=4))
def test_works_in_are_records_and_problems_out(works: list[object]) -> None:
    """Whatever types its values have, each item of a list gives one record or one error."""
    found = outcomes({"status": "ok", "message": {"items": works}})
    assert sum(isinstance(one, Parsed) or one.level == "error" for one in found if not hasattr(one, "where")) == len(
        works
    )


@given(st.binary(max_size=60), st.integers(0, 150))
def test_any_bytes_are_read_or_refused(noise: bytes, at: int) -> None:
    """A page that is broken is refused with a message; one that is not gives something."""
    page = json.dumps({"status": "ok", "message": {"items": [WORK]}}).encode()
    try:
        found = outcomes(page[:at] + noise + page[at:])
    except DigestError:
        return
    assert found


def test_hostile_pages(shared: Path) -> None:
    """Each made attack gives a record without live markup, or is refused, within two seconds."""
    for path in sorted((shared / "hostile" / "made" / "crossref").glob("*.json")):
        start = time.process_time()
        try:
            found = list(parse(Page(path, path.name)))
        except DigestError:
            continue
        assert found
        for outcome in found:
            if isinstance(outcome, Parsed):
                text = outcome.record.title.html + "".join(part.text.html for part in outcome.record.abstract)
                assert "<script" not in text
                assert "<img" not in text
        assert time.process_time() - start < 60


def test_malformed_json(shared: Path) -> None:
    """No file of a test-suite of malformed JSON brings anything but records, problems or a refusal."""
    for path in sorted((shared / "hostile" / "json").rglob("*.json")):
        try:
            found = list(parse(Page(path, path.name)))
        except DigestError:
            continue
        assert found
