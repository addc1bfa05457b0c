"""EndNote XML: what its elements become, and that a broken record affects no other."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.records import as_json
from digest.sources import Page, Parsed, parse
from tests.conftest import files_of

if TYPE_CHECKING:
    from digest.sources import Outcome


def read(content: str | bytes) -> list[Outcome]:
    content = content.encode() if isinstance(content, str) else content
    return list(parse(Page(content, "x.xml", format="endnote-xml")))


def library(*inner: str) -> str:
    body = "".join(f"<record>{text}</record>" for text in inner)
    return f'<?xml version="1.0" encoding="UTF-8"?><xml><records>{body}</records></xml>'


def only(inner: str) -> dict[str, Any]:
    (outcome,) = read(library(inner))
    assert isinstance(outcome, Parsed)
    return as_json(outcome.record)


def style(text: str, face: str = "normal") -> str:
    return f'<style face="{face}" font="default" size="100%">{text}</style>'


TITLE = f"<titles><title>{style('A title')}</title></titles>"


def test_a_journal_article() -> None:
    """Each element is read for what it means, whatever styles are inside it."""
    record = only(f"""
        <rec-number>7</rec-number><ref-type name="Journal Article">17</ref-type>
        <contributors><authors><author>{style("Saif, Muhammad Wasif")}</author><author>{style("Study Group,")}</author>
        </authors></contributors>
        <titles><title>{style("Effects of ")}{style("KRAS", "italic")}{style(" and CA")}{style("2+", "superscript")}</title>
        <secondary-title>{style("J Clin Oncol")}</secondary-title></titles>
        <periodical><full-title>{style("Journal of Clinical Oncology")}</full-title><abbr-1>{style("J Clin Oncol")}</abbr-1>
        </periodical><pages>{style("60-6")}</pages><volume>{style("32")}</volume><number>{style("15_suppl")}</number>
        <keywords><keyword>{style("one")}</keyword><keyword>{style("two, of three")}</keyword></keywords>
        <dates><year>{style("2014")}</year><pub-dates><date>{style("May 20")}</date></pub-dates></dates>
        <isbn>{style("1532-1827 (Electronic)&#xD;0007-0920 (Linking)")}</isbn><accession-num>{style("24857584")}</accession-num>
        <abstract>{style("BACKGROUND: One.&#xD;METHODS: Two.")}</abstract><work-type>{style("Meeting Abstract")}</work-type>
        <urls><related-urls><url>{style("https://example.org/1")}</url></related-urls>
        <pdf-urls><url>internal-pdf://1/a.pdf</url></pdf-urls></urls>
        <electronic-resource-num>{style("10.1000/ABC")}</electronic-resource-num><language>{style("eng")}</language>""")
    wanted = {
        "title": "Effects of <i>KRAS</i> and CA<sup>2+</sup>",
        "type": "meeting-abstract",
        "volume": "32",
        "authors": ({"family": "Saif", "given": "Muhammad Wasif"}, {"literal": "Study Group"}),
        "container": "Journal of Clinical Oncology",
        "container_short": "J Clin Oncol",
        "issue": "15",
        "supplement": "Suppl",
        "pages": "60-66",
        "issued": "2014-05-20",
        "issn": "1532-1827",
        "language": "en",
        "keywords": ("one", "two, of three"),
        "ids": {"doi": "10.1000/abc", "pmid": "24857584", "url": "https://example.org/1"},
    }
    assert {name: record.get(name) for name in wanted} == wanted
    assert [part["label"] for part in record["abstract"]] == ["BACKGROUND", "METHODS"]


TYPES = {
    '<ref-type name="Journal Article">17</ref-type>': "article",
    "<ref-type>17</ref-type>": "article",
    '<ref-type name="Book">6</ref-type>': "book",
    '<ref-type name="Book Section">5</ref-type>': "chapter",
    '<ref-type name="Conference Paper">47</ref-type>': "meeting-abstract",
    '<ref-type name="Thesis">32</ref-type>': "thesis",
    '<ref-type name="Web Page">12</ref-type>': "web",
    '<ref-type name="Dataset">59</ref-type>': "dataset",
    '<ref-type name="Artwork">2</ref-type>': "other",
    "": "article",
}


@pytest.mark.parametrize("element", TYPES)
def test_types(element: str) -> None:
    """EndNote names its types, and numbers them."""
    assert only(element + TITLE)["type"] == TYPES[element]


def test_a_conference() -> None:
    """The secondary title of a conference names its meeting."""
    record = only(
        '<ref-type name="Conference Proceedings">10</ref-type><titles><title>A</title>'
        "<secondary-title>50th Annual Meeting of the Society</secondary-title></titles>"
        "<pub-location>Chicago</pub-location>"
    )
    assert record["meeting"] == {"name": "50th Annual Meeting of the Society", "place": "Chicago"}


def codes(outcomes: list[Outcome]) -> list[str]:
    return [outcome.code if isinstance(outcome, Problem) else "record" for outcome in outcomes]


BROKEN: dict[str, tuple[str | bytes, list[str]]] = {
    "a record that is not well-formed": (
        library(TITLE, "<titles><title>A & B</titles>", TITLE),
        ["record", "xml", "record"],
    ),
    "a bare ampersand and an entity of HTML": (library("<titles><title>A & B&nbsp;C</title></titles>"), ["record"]),
    "a record without its end": (
        f"<xml><records><record>{TITLE}</record><record>{TITLE}<record>{TITLE}</record></records></xml>",
        ["record", "cut-off", "record"],
    ),
    "a file cut short": (library(TITLE, TITLE)[:-60], ["record", "cut-off"]),
    "an empty record": (library("", TITLE), ["no-title", "record"]),
    "a control character": (library("<titles><title>A&#x1;B\x02</title></titles>"), ["record"]),
    "an entity that nobody declared": (library("<titles><title>&xxe;</title></titles>"), ["record"]),
    "no end of the library": (library(TITLE).removesuffix("</records></xml>"), ["record"]),
    "UTF-16": (library(TITLE).encode("utf-16"), ["record"]),
    "Windows-1252": (library("<titles><title>é</title></titles>").encode("cp1252"), ["record"]),
    "gzip": (gzip.compress(library(TITLE).encode()), ["record"]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken(case: str) -> None:
    """A broken record is one problem, and the others are read."""
    content, wanted = BROKEN[case]
    assert codes(read(content)) == wanted


def test_damaged_gzip() -> None:
    """What could be unpacked is read, and an error says that the rest is lost."""
    packed = gzip.compress(library(*[TITLE] * 5000).encode(), 0)
    found = codes(read(packed[:-3000]))
    assert found[-1] == "cut-off"
    assert found.count("record") > 2000


@pytest.mark.parametrize("text", ["<xml/>", "<!DOCTYPE xml [<!ENTITY a 'b'>]><xml><record/></xml>", "nothing"])
def test_refused(text: str) -> None:
    """A file without records, or with entities of its own, is an error of the page."""
    with pytest.raises(DigestError):
        read(text)


@given(
    st.lists(
        st.sampled_from(
            [
                TITLE,
                "",
                "<a>",
                "</a>",
                "&",
                "<dates><year>x</year><month>99</month></dates>",
                "<titles/>",
                "\x00",
                "<contributors><authors><author>,</author></authors></contributors>",
                "<isbn>9</isbn>",
                "]]>",
                "<!-- x -->",
                "<?x?>",
            ]
        ),
        max_size=8,
    )
)
def test_no_record_is_lost(inner: list[str]) -> None:
    """Each record gives a record or an error."""
    outcomes = read(library(*inner, TITLE))
    assert len(outcomes) == len(inner) + 1


@given(st.binary(max_size=200))
@example(b"<!ENTITY")
def test_any_bytes(content: bytes) -> None:
    """Whatever the bytes, there are outcomes, or the page is refused with an error of ours."""
    try:
        outcomes = read(b"<xml><records><record>" + content)
    except DigestError:
        return
    assert outcomes


@pytest.mark.parametrize(
    "text",
    [
        "<record>" * 50_000,
        "<record>" + "<a>" * 200_000,
        library(*["x"] * 20_000),
        "<record" + " " * 500_000,
        "<record>" + "</" * 300_000,
    ],
    ids=range(5),
)
def test_time_is_bounded(text: str) -> None:
    """Hostile files take no more than moments."""
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 80


def test_files_lose_nothing() -> None:
    """Every file gives all its records."""
    files = files_of("endnote-xml", "records/more/endnote_other/**/Endnote*.xml")
    for path in (path for path in files if path.stat().st_size):
        outcomes = list(parse(Page(path, path.name)))
        assert len(outcomes) == path.read_bytes().count(b"<record>")
        assert all(isinstance(outcome, Parsed) for outcome in outcomes)


def test_elements_without_a_place_are_reported() -> None:
    """Notes hold number and meeting; an element for which a record has no place is named."""
    inner = (
        '<ref-type name="Journal Article">17</ref-type><titles><title>Ducks</title>'
        "<secondary-title>Annals of Oncology</secondary-title></titles><dates><year>2014</year></dates>"
        "<notes>Abstract 617P. 39th ESMO Congress</notes><custom1>green</custom1><orig-pub>Pond</orig-pub>"
    )
    text = f"<xml><records><record><rec-number>1</rec-number>{inner}</record></records></xml>"
    (found,) = parse(Page(text.encode(), "x.xml", format="endnote-xml"))
    assert isinstance(found, Parsed)
    record = found.record
    assert (record.type, record.number) == ("meeting-abstract", "617P")
    assert record.meeting
    assert record.meeting.name == "39th ESMO Congress"
    assert [problem.message for problem in found.problems] == ["fields that were not read: C1 “green”; orig-pub “Pond”"]
