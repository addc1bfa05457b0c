"""Odd records do not keep an issue from being made: they are cut, broken into lines, or left out by name."""

from __future__ import annotations

import io
import math
import re
import resource
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from digest import build, jobs, worker
from digest.model import AbstractPart, Formula, Ids, Meeting, Person, Record
from digest.render.typesetting import breakable
from digest.sources import Page, bounds
from digest.sources.bounds import bounded
from digest.sources.page import Parsed
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

plain = RichText.plain_text
MANY = 30_000


def person(n: int, *marks: int) -> Person:
    return Person(family=f"Name{n}", affiliations=marks)


def kept(**fields: object) -> tuple[Record, list[str]]:
    """What is kept of a record with these fields, and the fields that the warnings name."""
    record = Record(**{"title": plain("Ducks"), "number": "P1", **fields})  # type: ignore[arg-type]  # any field
    found = bounded(Parsed(record=record, raw=b""), Page(b"", "a.ris"))
    assert {(problem.level, problem.code, problem.key) for problem in found.problems} <= {("warning", "cut", "#P1")}
    return found.record, [problem.message.split(": ")[1] for problem in found.problems]


def test_what_is_usual_is_untouched() -> None:
    """A record with 5,154 authors from 344 institutes, as printed in 2015, stays as it is."""
    authors = tuple(person(n, n % 344 + 1) for n in range(5154))
    record, said = kept(authors=authors, affiliations=tuple(plain(f"Institute {n}") for n in range(344)))
    assert said == []
    assert (len(record.authors), len(record.affiliations), record.authors_truncated) == (5154, 344, False)


@pytest.mark.parametrize("name", bounds.MOST)
def test_more_than_are_kept(name: str) -> None:
    """Of each list the first ones are kept, and a warning says how many."""
    many = {
        "authors": tuple(map(person, range(MANY))),
        "editors": tuple(map(person, range(MANY))),
        "affiliations": tuple(plain(str(n)) for n in range(MANY)),
        "abstract": tuple(AbstractPart(text=plain(str(n))) for n in range(MANY)),
        "keywords": tuple(map(str, range(MANY))),
        "formulas": tuple(Formula(text=str(n), source="x") for n in range(MANY)),
    }[name]
    record, said = kept(**{name: many})
    assert said == [name]
    assert getattr(record, name) == many[: bounds.MOST[name]]
    assert record.authors_truncated == (name == "authors")


def test_marks_of_what_was_cut() -> None:
    """An author loses the marks of affiliations that are gone, and keeps the others."""
    last = bounds.MOST["affiliations"]
    affiliations = tuple(plain(str(n)) for n in range(last + 1))
    record, said = kept(authors=(person(1, 1, last + 1), person(2, last)), affiliations=affiliations)
    assert said == ["affiliations"]
    assert [person.affiliations for person in record.authors] == [(1,), (last,)]


LONG = "x" * 300_000


@pytest.mark.parametrize(
    ("name", "given", "text"),
    [
        ("title", plain(LONG), lambda record: record.title.plain),
        ("affiliations", (plain(LONG),), lambda record: record.affiliations[0].plain),
        ("keywords", (LONG,), lambda record: record.keywords[0]),
        ("authors", (Person(family=LONG),), lambda record: record.authors[0].family),
        ("editors", (Person(literal=LONG),), lambda record: record.editors[0].literal),
        ("abstract", (AbstractPart(text=plain(LONG)),), lambda record: record.abstract[0].text.plain),
        ("container", LONG, lambda record: record.container),
        ("container_short", LONG, lambda record: record.container_short),
        ("volume", LONG, lambda record: record.volume),
        ("issue", LONG, lambda record: record.issue),
        ("supplement", LONG, lambda record: record.supplement),
        ("pages", LONG, lambda record: record.pages),
        ("track", LONG, lambda record: record.track),
        ("publisher", LONG, lambda record: record.publisher),
        ("meeting", Meeting(name=LONG), lambda record: record.meeting.name),
    ],
)
def test_longer_than_is_kept(name: str, given: object, text: Callable[[Record], str]) -> None:
    """The beginning of each text is kept, with “…” where it was cut."""
    record, said = kept(**{name: given})
    assert said == [name]
    assert text(record) == LONG[: bounds.LONGEST.get(name, bounds.OTHERS) - 1] + "…"


def test_a_number_that_is_too_long() -> None:
    """A record is named by its title where its number says nothing."""
    record = Record(title=plain("Ducks"), number=LONG)
    found = bounded(Parsed(record=record, raw=b""), Page(b"", "a.ris"))
    assert [problem.key for problem in found.problems] == ["“Ducks”"]
    assert len(found.record.number) == bounds.OTHERS


def test_parts_share_their_bound() -> None:
    """All parts of an abstract together have a bound; a part of which nothing is left is left out."""
    half = plain("x" * (bounds.LONGEST["abstract"] // 2 + 10))
    record, said = kept(abstract=tuple(AbstractPart(label=label, text=half) for label in "ABC"))
    assert said == ["abstract"]
    assert [part.label for part in record.abstract] == ["A", "B"]
    assert sum(len(part.text.plain) for part in record.abstract) == bounds.LONGEST["abstract"]


def test_what_is_of_no_use_when_cut() -> None:
    """Half an address leads nowhere and half a formula says something else: they are left out."""
    nct = tuple(f"NCT{n:08}" for n in range(300))
    ids = Ids(doi="10.1000/" + LONG, url="https://example.org/" + LONG, pmid="12", nct=nct)
    formulas = (Formula(text="x", source="$" * 30_000), Formula(text="y", source="y"))
    record, said = kept(ids=ids, formulas=formulas)
    assert said == ["formulas", "ids"]
    assert record.ids == Ids(pmid="12", nct=nct[:200])
    assert record.formulas == formulas[1:]


@pytest.mark.parametrize(
    ("source", "most", "expected"),
    [
        ("Ducks swim", 10, "Ducks swim"),
        ("Ducks swim", 9, "Ducks sw…"),
        ("Ducks swim", 7, "Ducks…"),
        ("<i>Anas <b>platyrhynchos</b></i> swims", 9, "<i>Anas <b>pla</b></i>…"),
        ("H<sub>2</sub>O", 2, "H…"),
    ],
)
def test_shortened(source: str, most: int, expected: str) -> None:
    """Markup is closed where a text is cut, and nothing is empty."""
    found = RichText.parse(source).shortened(most)
    assert found == RichText.parse(expected)
    assert len(found.plain) <= most


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>" + "x" * 60 + "</p>", "<p>" + "x" * 60 + "</p>"),
        ("<p>" + "x" * 61 + "</p>", "<p>" + 6 * ("x" * 10 + "\u200b") + "x</p>"),
        ('<a href="' + "x" * 99 + '">y</a>', '<a href="' + "x" * 99 + '">y</a>'),
        ("<style>" + "x" * 99 + "</style>", "<style>" + "x" * 99 + "</style>"),
        ("<title>" + "x" * 99 + "</title>", "<title>" + "x" * 99 + "</title>"),
        ("<!-- " + "x" * 99 + " -->", "<!-- " + "x" * 99 + " -->"),
        ("<p>" + "字" * 99 + "</p>", "<p>" + "字" * 99 + "</p>"),
        (
            "<p>https://example.org/" + "ab-" * 40 + "</p>",
            '<p><span style="hyphens: none">https://example.org/' + "ab-" * 40 + "</span></p>",
        ),
    ],
)
def test_places_to_break(page: str, expected: str) -> None:
    """Only words of more than 60 letters and digits get them; addresses, styles and other writing do not."""
    assert breakable(page) == expected


def ris(number: str, title: str, authors: tuple[str, ...] = ("Roe, J",), abstract: str = "Ducks swim.") -> str:
    people = "".join(f"AU  - {author}\n" for author in authors)
    return (
        f"TY  - ABST\nTI  - {title}\n{people}C7  - {number}\nT2  - Duck Studies\nPY  - 2014\nAB  - {abstract}\nER  - \n"
    )


@pytest.fixture
def odd(journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]) -> Path:
    """An issue of odd records and one that is not; their abstracts are printed in full."""
    (journal / "odd.ris").write_text(
        ris("P1", "Ducks of ten thousand", tuple(f"Name{n}, A" for n in range(10_000)))
        + ris("P2", "Ducks " + "without end " * 80_000)
        + ris("P3", "Ducks in one word", abstract="y" * 80_000)
        + ris("P4", "Fine ducks"),
        encoding="utf-8",
    )
    digest = digest_in(journal)
    code, _, err = digest("collect", "odd.ris")
    assert (code, err.count("[cut]")) == (0, 1), err
    assert digest("new", "--date", "2014-09-09", "--match", "title:ducks")[0] == 0
    issue = journal / "issues" / "2014-09-09"
    for path in (issue / "records").glob("P?.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + "permission: full\n", encoding="utf-8")
    return issue


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_what_collect_takes_build_prints(odd: Path) -> None:
    """Ten thousand authors, a title of 1 MB and a word of 80 kB are in the issue, as far as a page has room."""
    built = jobs.render_issue(odd)
    assert [problem for problem in built.problems if problem.level != "note" and problem.code != "journal"] == []
    html, printed = built.files["issue.html"].decode(), text_of(built.files["issue.pdf"])
    assert "Fine ducks" in printed
    assert "et al." in printed
    assert re.search(r"\bName99\b", printed)
    assert not re.search(r"\bName100\b", printed)  # on the screen, all that were kept are folded
    assert re.search(r"\bName9999\b", html)
    assert html.count("without end") > 800
    assert "…</h3>" in html
    assert printed.count("y") > 80_000


# Abstracts that are one word are set in boxes inside boxes, for each of which lines are broken twice as often.
BOXES = """{% if "yyy" in entry.parts|string %}
{% for n in range(60) %}<span style="display: inline-flex">{% endfor %}x{% for n in range(60) %}</span>{% endfor %}
{% endif %}
<h3 id="{{ entry.id }}">{{ entry.title }}</h3>
"""


def test_what_cannot_be_printed_is_left_out_by_name(
    odd: Path, monkeypatch: pytest.MonkeyPatch, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """The other entries are printed; a warning names the record and its field, and ``--strict`` makes it fail."""
    issue = (odd / "issue.yaml").read_text(encoding="utf-8")
    partials = odd.parent.parent / "overrides" / "partials"
    partials.mkdir(parents=True, exist_ok=True)
    (partials / "digest.html").write_text(BOXES, encoding="utf-8")
    # So that the test does not compute for a minute: what can be printed takes one second here, more on a busy machine.
    (odd / "issue.yaml").write_text(re.sub(r" *- record: P[123] .*\n", "", issue), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    worker.run(worker.JobLimits(), build.build, odd, ["pdf"])
    taken = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    limits = worker.JobLimits(seconds=max(3, math.ceil(2.5 * taken)), memory=2**31)
    monkeypatch.setattr(worker, "for_issue", lambda _: limits)
    monkeypatch.setattr(worker, "for_trial", lambda _: limits)
    (odd / "issue.yaml").write_text(re.sub(r" *- record: P[12] .*\n", "", issue), encoding="utf-8")
    code, _, err = digest_in(odd)("build", "--to", "pdf", "--strict")
    assert code == 3, err
    assert (
        "records/P3.yaml: warning: the record “P3” is left out of the PDF: this took more than "
        f"{limits.seconds:g} seconds of computing and was stopped; without its abstract it can be printed [unprintable-entry]"
    ) in err
    printed = text_of((odd / "_build" / "issue.pdf").read_bytes())
    assert "Fine ducks" in printed
    assert "in one word" not in printed
