"""Feeds: what publishers write into them, feeds that are broken, feeds that attack, and that no item is lost."""

from __future__ import annotations

import csv
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.sources.formats.feeds import parse
from digest.sources.page import Outcome, Page, Parsed
from digest.sources.shared import lenient
from tests.conftest import files_of

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Record

PRISM = "http://prismstandard.org/namespaces/basic/2.0/"
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:prism="PRISM"'
)


def rss(items: str, *, title: str = "Annals of Ducks", prism: str = PRISM, more: str = "") -> bytes:
    spaces = SPACES.replace("PRISM", prism)
    return (
        f'<rss version="2.0" {spaces}><channel><title>{title}</title><link>https://ducks.example/</link>{more}{items}'
        "</channel></rss>"
    ).encode()


def outcomes(content: bytes) -> list[Outcome]:
    return list(parse(Page(content, "feed.xml", format="feed")))


def records(content: bytes) -> list[Record]:
    return [found.record for found in outcomes(content) if isinstance(found, Parsed)]


def answers(found: list[Outcome]) -> list[Outcome]:
    """The outcomes, one for each item, or one for a page without items."""
    return [one for one in found if not isinstance(one, Problem) or one.level == "error"]


def only(content: bytes) -> Record:
    (record,) = records(content)
    return record


def said(record: Record) -> dict[str, Any]:
    """What a record says, in words that a table can hold."""
    return {
        "type": record.type,
        "title": record.title.source,
        "authors": [person.full for person in record.authors],
        "container": record.container,
        "volume": record.volume,
        "issue": record.issue,
        "supplement": record.supplement,
        "pages": record.pages,
        "number": record.number,
        "issued": str(record.issued or ""),
        "doi": record.ids.doi,
        "pmid": record.ids.pmid,
        "url": record.ids.url,
        "track": record.track,
        "abstract": [(part.label, part.text.plain) for part in record.abstract],
        "keywords": list(record.keywords),
        "permission": record.permission,
    }


ITEM = "<title>Ducks</title>"
PEOPLE = ["Jane Roe", "John Q. Public", "Ana de la Cruz"]

# The content of an item, and what the record must make of it.
HABITS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Atypon: the citation in the description, number in the title": (
        "ASCO: Journal of Clinical Oncology: Table of Contents",
        "<title>Survival of &lt;i&gt;BRCA&lt;/i&gt; carriers (abstr e15166).</title>"
        "<link>https://x.example/doi/abs/10.1200/JCO.2014.32.15_suppl.e15166?af=R</link>"
        '<description>Journal of Clinical Oncology, &lt;a href="x"&gt;Volume 32, Issue 15_suppl&lt;/a&gt;, Page '
        "e15166-e15166, May 2014. &lt;br/&gt;</description><author>Jane Roe, John Q. Public, Ana de la Cruz</author>",
        {
            "type": "meeting-abstract",
            "title": "Survival of <i>BRCA</i> carriers",
            "authors": PEOPLE,
            "volume": "32",
            "issue": "15",
            "supplement": "Suppl",
            "number": "e15166",
            "doi": "10.1200/jco.2014.32.15_suppl.e15166",
            "issued": "2014-05",
            "abstract": [],
        },
    ),
    "Elsevier: all in the description": (
        "ScienceDirect Publication: Annals of Ducks",
        "<title><![CDATA[Outcomes of <em>de novo</em> disease]]></title><description><![CDATA[<p>Publication date: July "
        "2024</p><p><b>Source:</b> Annals of Ducks, Volume 24, Issue 5</p><p>Author(s): Jane Roe, John Q. Public, Ana de "
        "la Cruz</p>]]></description><link>https://x.example/pii/S14243?dgcid=rss</link>",
        {
            "title": "Outcomes of <i>de novo</i> disease",
            "authors": PEOPLE,
            "container": "Annals of Ducks",
            "volume": "24",
            "issue": "5",
            "issued": "2024-07",
            "abstract": [],
        },
    ),
    "Elsevier: the same without paragraphs": (
        "Annals of Ducks",
        ITEM
        + "<description>Publication date: July 2024Source: Annals of Ducks, Volume 24Author(s): Jane Roe</description>",
        {"authors": ["Jane Roe"], "volume": "24", "issued": "2024-07", "container": "Annals of Ducks", "abstract": []},
    ),
    "Springer: headings, DOI in the address": (
        "Latest Results for Annals of Ducks",
        "<title>A &amp;amp; p53&lt;sup&gt;+&lt;/sup&gt;</title><link>https://x.example/10.1186/s40644-024-1</link>"
        "<description>&lt;h3&gt;Abstract&lt;/h3&gt;&lt;h4&gt;Background&lt;/h4&gt;&lt;p&gt;Why.&lt;/p&gt;&lt;h4&gt;Results"
        "&lt;/h4&gt;&lt;p&gt;p &lt; 0.05&lt;/p&gt;</description><pubDate>2024-07-05</pubDate>",
        {
            "title": "A &amp; p53<sup>+</sup>",
            "container": "Annals of Ducks",
            "doi": "10.1186/s40644-024-1",
            "abstract": [("Background", "Why."), ("Results", "p < 0.05")],
            "issued": "2024-07-05",
        },
    ),
    "Oxford: labels in boxes, supplement in prism:number": (
        "Annals of Ducks Current Issue",
        ITEM + '<description>&lt;span&gt;&lt;div class="boxTitle"&gt;Abstract&lt;/div&gt;&lt;div class="boxTitle"&gt;'
        'Background&lt;/div&gt;Why.&lt;div class="boxTitle"&gt;Methods&lt;/div&gt;How.&lt;/span&gt;</description>'
        "<prism:volume>12</prism:volume><prism:number>Suppl_2</prism:number><prism:startingPage>10</prism:startingPage>"
        "<prism:endingPage>19</prism:endingPage><prism:doi>10.1093/x/y12</prism:doi>",
        {
            "container": "Annals of Ducks",
            "volume": "12",
            "issue": "",
            "supplement": "2",
            "pages": "10-19",
            "doi": "10.1093/x/y12",
            "abstract": [("Background", "Why."), ("Methods", "How.")],
        },
    ),
    "Nature: the citation before the summary": (
        "Nature Ducks - Issue - nature.com science feeds",
        ITEM + '<content:encoded><![CDATA[<p>Nature Ducks, Published online: 05 July 2024; <a href="x">doi:10.1038/s4-1'
        "</a></p>It works.]]></content:encoded><dc:creator>Jane Roe</dc:creator><dc:creator>John Q. Public</dc:creator>"
        "<dc:creator>Ana de la Cruz</dc:creator><dc:source>Nature Ducks, Published online: 2024-07-05; | "
        "doi:10.1038/s4-1</dc:source>",
        {
            "authors": PEOPLE,
            "container": "Nature Ducks",
            "doi": "10.1038/s4-1",
            "issued": "2024-07-05",
            "abstract": [(None, "It works.")],
        },
    ),
    "Wiley: all names in one element, a line each": (
        "Wiley: Annals of Ducks: Table of Contents",
        ITEM
        + "<description>Annals of Ducks, Volume 130, Issue 13, Page 2300-2310, 1 July 2024. </description><dc:creator>\n"
        "Jane Roe, \nJohn Q. Public, \nAna de la Cruz\n</dc:creator><content:encoded>&lt;h2&gt;ABSTRACT&lt;/h2&gt; "
        "&lt;h2&gt;Background&lt;/h2&gt; &lt;p&gt;Why.&lt;/p&gt;</content:encoded><category>ORIGINAL ARTICLE</category>",
        {
            "authors": PEOPLE,
            "container": "Annals of Ducks",
            "volume": "130",
            "pages": "2300-2310",
            "issued": "2024-07-01",
            "abstract": [("Background", "Why.")],
            "keywords": ["ORIGINAL ARTICLE"],
        },
    ),
    "PubMed: a search": (
        '"ducks" - PubMed search',
        ITEM
        + "<link>https://pubmed.ncbi.nlm.nih.gov/38180001/?utm=x</link><description>BACKGROUND: We...</description>"
        '<content:encoded><![CDATA[<div><p style="color: #4aa564;">Ann Ducks. 2024 Jan 5;42(15):1234-40. doi: 10.1200/x.1. '
        "Online ahead of print.</p><p><b>ABSTRACT</b></p><p>BACKGROUND: Why.</p><p>METHODS: How.</p><p>PMID:<a "
        'href="x">38180001</a> | DOI:<a href=https://doi.org/10.1200/x.1>10.1200/x.1</a></p></div>]]></content:encoded>'
        "<guid isPermaLink='false'>pubmed:38180001</guid><dc:creator>Jane Roe</dc:creator>"
        "<dc:creator>John Q Public</dc:creator><dc:date>2024-01-05</dc:date><dc:source>Ann Ducks</dc:source>"
        "<dc:identifier>pmid:38180001</dc:identifier><dc:identifier>doi:10.1200/x.1</dc:identifier>",
        {
            "type": "article",
            "authors": ["Jane Roe", "John Q Public"],
            "container": "Ann Ducks",
            "volume": "42",
            "issue": "15",
            "pages": "1234-1240",
            "doi": "10.1200/x.1",
            "pmid": "38180001",
            "abstract": [("BACKGROUND", "Why."), ("METHODS", "How.")],
        },
    ),
    "OJS: labels in bold, licence": (
        "JOP. Journal of the Pancreas - Current issue",
        ITEM
        + "<description>&lt;p&gt;&lt;strong&gt;Context&lt;/strong&gt; Why. &lt;strong&gt;Results&lt;/strong&gt; It "
        "works.&lt;/p&gt;</description><dc:creator>Jane Roe</dc:creator>"
        "<dc:rights>(c) 2014 https://creativecommons.org/licenses/by/4.0</dc:rights>",
        {
            "container": "JOP. Journal of the Pancreas",
            "permission": "full",
            "abstract": [("Context", "Why."), ("Results", "It works.")],
        },
    ),
    "medRxiv: signs in braces, version in the DOI": (
        "medRxiv Subject Collection: Oncology",
        "<title>IFN-{gamma} and {x}</title><link>https://x.example/content/10.1101/2024.01.02.24300001v2?rss=1</link>"
        "<dc:creator>Roe, J., Public, J. Q., de la Cruz, A.</dc:creator>",
        {
            "type": "preprint",
            "title": "IFN-γ and {x}",
            "authors": ["J. Roe", "J. Q. Public", "A. de la Cruz"],
            "container": "medRxiv",
            "doi": "10.1101/2024.01.02.24300001",
        },
    ),
    "HighWire: section in the title, structured summary": (
        "Gut current issue",
        "<title><![CDATA[[Original research] Gut things]]></title><description><![CDATA[<sec><st>Objective</st><p>Why.</p>"
        "</sec><sec><st>Design</st><p>How.</p></sec>]]></description><dc:identifier>info:doi/10.1136/gut-1</dc:identifier>",
        {
            "title": "Gut things",
            "track": "Original research",
            "container": "Gut",
            "doi": "10.1136/gut-1",
            "abstract": [("Objective", "Why."), ("Design", "How.")],
        },
    ),
    "ACS: nothing but a picture and the DOI": (
        "ACS Ducks: Latest Articles (ACS Publications)",
        "<title>[ASAP] Ducks</title><description>&lt;p&gt;&lt;img src='x.jpg'/&gt;&lt;/p&gt;&lt;div&gt;&lt;cite&gt;ACS Ducks"
        "&lt;/cite&gt;&lt;/div&gt;&lt;div&gt;DOI: 10.1021/a.1&lt;/div&gt;</description>"
        "<author>Jane Roe, John Q. Public, and Ana de la Cruz</author>",
        {"title": "Ducks", "authors": PEOPLE, "container": "ACS Ducks", "doi": "10.1021/a.1", "abstract": []},
    ),
    "MDPI: the citation in the title": (
        "Fluids",
        "<title>Fluids, Vol. 9, Pages 120: Ducks: A Review</title><dc:creator>Jane Roe</dc:creator>"
        "<content:encoded>Abstract</content:encoded><description>Why.</description>",
        {
            "title": "Ducks: A Review",
            "volume": "9",
            "pages": "120",
            "container": "Fluids",
            "abstract": [(None, "Why.")],
        },
    ),
    "Frontiers: labels run into the words": (
        "Frontiers in Ducks | New and Recent Articles",
        ITEM + "<author>Jane Roe</author><author>John Q. Public</author>"
        "<description>BackgroundWe asked why.MethodsWe did how.</description>",
        {
            "container": "Frontiers in Ducks",
            "authors": ["Jane Roe", "John Q. Public"],
            "abstract": [("Background", "We asked why."), ("Methods", "We did how.")],
        },
    ),
    "Taylor and Francis: no journal in the citation": (
        "tandf: Acta Ducks: Table of Contents",
        ITEM + "<description>Volume 63, Issue 2, 2024, Page 100-110&lt;br/&gt;. </description>",
        {"container": "Acta Ducks", "volume": "63", "issue": "2", "pages": "100-110", "issued": "2024", "abstract": []},
    ),
    "PLOS: names before the summary": (
        "PLOS Ducks: New Articles",
        ITEM
        + "<description>&lt;p&gt;by Jane Roe, John Q. Public, Ana de la Cruz&lt;/p&gt;&lt;p&gt;Why.&lt;/p&gt;</description>"
        "<guid isPermaLink='false'>10.1371/journal.pduck.0000001</guid>",
        {
            "authors": PEOPLE,
            "container": "PLOS Ducks",
            "doi": "10.1371/journal.pduck.0000001",
            "abstract": [(None, "Why.")],
        },
    ),
    "Oxford: a number after the DOI in the address": (
        "Nucleic Acids Research Current Issue",
        ITEM + "<link>https://x.example/nar/article/doi/10.1093/nar/gkag494/8688746?rss=1</link>",
        {"doi": "10.1093/nar/gkag494", "container": "Nucleic Acids Research"},
    ),
    "bioRxiv: a channel called after its subject": (
        "bioinformatics",
        ITEM + "<link>https://www.biorxiv.org/content/10.1101/2024.01.02.123456v1</link>",
        {"doi": "10.1101/2024.01.02.123456", "container": "bioRxiv", "type": "preprint"},
    ),
    "Thieme: year before volume": (
        "Endoscopy",
        ITEM + "<description>Endoscopy 2024; 56(1): 12-20&lt;br/&gt;DOI: 10.1055/a-1&lt;br/&gt;Why.</description>",
        {"volume": "56", "issue": "1", "pages": "12-20", "doi": "10.1055/a-1", "abstract": [(None, "Why.")]},
    ),
    "a group after the people": (
        "Annals of Ducks",
        ITEM + "<dc:creator>Jane Roe, John Q Public on behalf of the Duck Study Group</dc:creator>",
        {"authors": ["Jane Roe", "John Q Public", "Duck Study Group"]},
    ),
    "an address before a name": (
        "Blog",
        ITEM + "<author>a@b.c (Jane Roe)</author>",
        {"authors": ["Jane Roe"], "type": "web"},
    ),
    "an address after a name": ("Blog", ITEM + "<author>Jane Roe &lt;a@b.c&gt;</author>", {"authors": ["Jane Roe"]}),
    "an announcement": ("Annals of Ducks", "<title>Issue Information</title>", {"type": "other"}),
    "a title that begins like an announcement": (
        "Annals of Ducks",
        "<title>Contents of ponds</title>",
        {"type": "web"},
    ),
    "a summary that begins like a citation": (
        "Annals of Ducks",
        ITEM + "<description>Volume overload. Source: ponds.</description>",
        {"volume": "", "abstract": [(None, "Volume overload. Source: ponds.")]},
    ),
    "a title that is only a script": (
        "Blog",
        "<title>&lt;script&gt;1&lt;/script&gt;</title>",
        {"title": "&lt;script&gt;1&lt;/script&gt;"},
    ),
    "a script in a title": (
        "Blog",
        "<title>&lt;script&gt;1&lt;/script&gt;T&lt;sub&gt;2&lt;/sub&gt;</title>",
        {"title": "T<sub>2</sub>"},
    ),
    "a title whose markup was never escaped": (
        "Blog",
        "<title>The <i>KRAS</i> gene</title>",
        {"title": "The <i>KRAS</i> gene"},
    ),
    "a relative address": ("Blog", ITEM + "<link>a/b</link>", {"url": "https://ducks.example/a/b"}),
    "an address that runs": ("Blog", ITEM + "<link>javascript:alert(1)</link>", {"url": None}),
    "a year that cannot be": ("Blog", ITEM + "<pubDate>Mon, 01 Jan 0000 00:00:00 GMT</pubDate>", {"issued": ""}),
    "invisible characters": ("Blog", "<title>a\u200bb\u2067c\U000e0041d\ufeff</title>", {"title": "abcd"}),
    "a date of the issue and one of the feed": (
        "Annals of Ducks",
        ITEM + "<pubDate>Mon, 05 Jan 2026 10:00:00 GMT</pubDate><prism:coverDate>2025-12</prism:coverDate>",
        {"issued": "2025-12"},
    ),
}


@pytest.mark.parametrize(("title", "item", "wanted"), HABITS.values(), ids=HABITS)
def test_habits_of_publishers(title: str, item: str, wanted: dict[str, Any]) -> None:
    """Whatever a publisher puts where, the record has it where it belongs."""
    record = said(only(rss(f"<item>{item}</item>", title=title.replace("&", "&amp;"))))
    assert {key: record[key] for key in wanted} == wanted


@pytest.mark.parametrize(
    ("source", "issue", "supplement"),
    [
        ("Volume 14, Issue 3, Supplement", "3", "Suppl"),
        ("Volume 14, Supplement 1", "", "1"),
        ("Volume 14, Issue 3, Supplement 2, 2014, Pages S1-S9", "3", "2"),
        ("Volume 14, Issues 3–4", "3–4", ""),
        ("Volume 14, Issue 3", "3", ""),
    ],
)
def test_supplements_of_elsevier(source: str, issue: str, supplement: str) -> None:
    """The supplement is found after volume and issue, and the journal before all of them."""
    texts = f"<p><b>Source:</b> Annals of Ducks, {source}</p><p>Author(s): Jane Roe</p>"
    record = only(rss(f"<item>{ITEM}<description><![CDATA[{texts}]]></description></item>"))
    assert (record.container, record.volume) == ("Annals of Ducks", "14")
    assert (record.issue, record.supplement) == (issue, supplement)


@pytest.mark.parametrize(
    "space",
    [
        PRISM,
        "http://prismstandard.org/namespaces/1.2/basic/",
        "http://purl.org/rss/1.0/modules/prism/",
        "http://www.prismstandard.org/namespaces/1.2/basic/",
    ],
)
def test_prism_has_four_namespaces(space: str) -> None:
    """PRISM's elements are known under each of its namespaces."""
    item = f"<item>{ITEM}<prism:volume>7</prism:volume><prism:publicationName>Ducks</prism:publicationName></item>"
    record = only(rss(item, prism=space))
    assert (record.volume, record.container) == ("7", "Ducks")


OTHER_FEEDS = {
    "Atom 1.0": b'<feed xmlns="http://www.w3.org/2005/Atom"><title>D</title><entry><title type="html">A &lt;i>b&lt;/i></title>'
    b'<id>urn:1</id><link rel="enclosure" href="https://d.example/x.pdf"/><link href="https://d.example/1"/>'
    b"<author><name>Jane Roe</name><email>a@b.c</email></author><author><name>Ana de la Cruz</name></author>"
    b'<updated>2026-01-01T00:00:00Z</updated><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Why.</p>'
    b"</div></content></entry></feed>",
    "Atom 0.3": b'<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>D</title><entry><title mode="escaped" '
    b'type="text/html">A &lt;i>b&lt;/i></title><id>urn:1</id><link rel="alternate" href="https://d.example/1"/>'
    b"<author><name>Jane Roe</name></author><author><name>Ana de la Cruz</name></author><issued>2026-01-01</issued>"
    b"<summary>Why.</summary></entry></feed>",
    "RSS 1.0": b'<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>D</title></channel><item '
    b'rdf:about="https://d.example/1"><title>A &lt;i>b&lt;/i></title><dc:creator>Jane Roe</dc:creator><dc:creator>Ana de la '
    b"Cruz</dc:creator><dc:date>2026-01-01</dc:date><description>Why.</description></item></rdf:RDF>",
    "RSS 0.91": b'<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/'
    b'rss-0.91.dtd"><rss version="0.91"><channel><title>D</title><item><title>A &lt;i>b&lt;/i></title><link>https://d.example'
    b"/1</link><author>Jane Roe; Ana de la Cruz</author><description>Why.</description><pubDate>1 Jan 2026</pubDate></item>"
    b"</channel></rss>",
    "JSON Feed": b'{"version":"https://jsonfeed.org/version/1.1","title":"D","items":[{"id":"1","url":"https://d.example/1",'
    b'"title":"A <i>b</i>","authors":[{"name":"Jane Roe"},{"name":"Ana de la Cruz"}],"content_html":"<p>Why.</p>",'
    b'"date_published":"2026-01-01T00:00:00Z"}]}',
}


@pytest.mark.parametrize("content", OTHER_FEEDS.values(), ids=OTHER_FEEDS)
def test_kinds_of_feeds(content: bytes) -> None:
    """The same item in each kind of feed gives the same record."""
    record = said(only(content))
    wanted = {
        "title": "A <i>b</i>",
        "authors": ["Jane Roe", "Ana de la Cruz"],
        "url": "https://d.example/1",
        "issued": "2026-01-01",
        "abstract": [(None, "Why.")],
        "container": "D",
    }
    assert {key: record[key] for key in wanted} == wanted


MENDED = {
    "a bare ampersand": ("Food & Drug", "Food &amp; Drug"),
    "an entity of HTML": ("caf&eacute; &alpha;", "café α"),
    "a character that cannot be": ("a&#xD800;b&#0;c", "a\ufffdb\ufffdc"),
    "a control character": ("a\x0bb", "ab"),
}


@pytest.mark.parametrize(("given_title", "wanted"), MENDED.values(), ids=MENDED)
def test_characters_are_mended(given_title: str, wanted: str) -> None:
    """What has one safe repair is repaired and reported; CDATA is left as it is."""
    found = outcomes(rss(f"<item><title>{given_title}</title><description><![CDATA[A & B]]></description></item>"))
    (reported,) = [problem for problem in found if isinstance(problem, Problem)]
    (parsed,) = [parsed for parsed in found if isinstance(parsed, Parsed)]
    assert (reported.code, reported.level) == ("not-well-formed", "note")
    assert parsed.record.title.source == wanted
    assert parsed.record.abstract[0].text.plain == "A & B"


def test_a_broken_item_harms_no_other() -> None:
    """An item with a tag that closes nothing is read leniently and reported; its neighbours keep all they have."""
    good = "<item><title>Good {}</title><dc:creator>Jane Roe</dc:creator><dc:creator>Bo Li</dc:creator></item>"
    bad = "<item><title>Bad</title></b><dc:creator>Jim Poe</dc:creator><link>https://d.example/2</link></item>"
    found = outcomes(rss(good.format(1) + bad + good.format(2)))
    parsed = [one for one in found if isinstance(one, Parsed)]
    assert [one.record.title.plain for one in parsed] == ["Good 1", "Bad", "Good 2"]
    assert [len(one.record.authors) for one in parsed] == [2, 1, 2]
    assert [[problem.code for problem in one.problems] for one in parsed] == [[], ["not-well-formed"], []]


def test_a_feed_that_ends_in_the_middle_keeps_what_came() -> None:
    """A feed cut off within its second item gives the first as it is, and reports the second."""
    whole = rss("".join(f"<item><title>Item {n}</title><description>Text</description></item>" for n in (1, 2)))
    found = outcomes(whole[: whole.index(b"Text</description></item></channel>")])
    assert [one.record.title.plain for one in found if isinstance(one, Parsed)] == ["Item 1", "Item 2"]
    assert [one.code for one in found if isinstance(one, Problem)] == ["not-well-formed"]
    assert isinstance(found[-1], Parsed)
    assert [problem.code for problem in found[-1].problems] == ["not-well-formed"]


REFUSED = {
    "entities": b'<!DOCTYPE rss [<!ENTITY a "b">]><rss><channel><item><title>&a;</title></item></channel></rss>',
    "a parameter entity": b'<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1/x">%a;]><rss><channel/></rss>',
    "no feed": b"<html><body>Sign in</body></html>",
    "other XML": b"<service/>",
    "JSON without items": b'{"error":"quota"}',
    "broken JSON": b'{"items": [',
    "bytes": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "nothing": b"",
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    """A page that is not a feed, or declares entities, is refused with a message."""
    with pytest.raises(DigestError, match="expected"):
        outcomes(content)


def test_encodings() -> None:
    """The declared encoding counts where the bytes are in it; a false one is reported and the accents are kept."""
    item = "<item><title>é</title></item>"
    for declared, codec, reported in (
        ("utf-8", "utf-8", []),
        ("ISO-8859-1", "latin-1", []),
        ("koi8-r", "koi8-r", []),
        ("utf-8", "latin-1", ["encoding"]),
        ("undefined", "utf-8", ["encoding"]),
        ("utf-16", "utf-8", ["encoding"]),
    ):
        text = "<item><title>я</title></item>" if codec == "koi8-r" else item
        content = f'<?xml version="1.0" encoding="{declared}"?><rss><channel>{text}</channel></rss>'.encode(codec)
        found = outcomes(content)
        assert [one.code for one in found if isinstance(one, Problem)] == reported, declared
        assert [one.record.title.plain for one in found if isinstance(one, Parsed)] == [
            "я" if codec == "koi8-r" else "é"
        ]


def test_huge_texts_are_cut_and_reported() -> None:
    """A title of 12 MB and a text of 300,000 characters are cut with a warning, within two seconds."""
    start = time.process_time()
    found = outcomes(rss(f"<item><title>{'x' * 12_000_000}</title></item><item><title>Good</title></item>"))
    assert next(one.code for one in found if isinstance(one, Problem)) == "cut"
    assert [len(one.record.title.plain) for one in found if isinstance(one, Parsed)] == [3000, 4]
    (parsed,) = outcomes(rss(f"<item><title>Long</title><description>{'word ' * 60_000}</description></item>"))
    assert isinstance(parsed, Parsed)
    assert [problem.code for problem in parsed.problems] == ["cut"]
    assert time.process_time() - start < 60


def test_the_lenient_reader_is_limited() -> None:
    """An item that feedparser would work on for minutes is given up in time, and the others are still read."""
    slow = f"<item><title>a</b><description>{'&lt;a style=' * 20_000}</description></item>"
    answers = lenient.read(["<feed><item><title>Good</title></item></feed>", "x" * 600_000, f"<feed>{slow}</feed>"])
    assert isinstance(answers[0], dict)
    assert answers[0]["title"] == ["Good"]
    assert isinstance(answers[1], str)
    assert "too long" in answers[1]
    assert len(answers) == 3


def test_attacks(shared: Path) -> None:
    """Each hostile feed is read or refused in two seconds, and nothing that was taken in can run."""
    with (shared / "hostile" / "made" / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        names = [row["path"] for row in csv.DictReader(file) if row["kind"] == "feed"]
    assert names
    for name in names:
        start = time.process_time()
        page = Page(shared / "hostile" / "made" / name, name, format="feed")
        try:
            found = list(parse(page))
        except DigestError:
            found = []
        assert time.process_time() - start < 60, name
        good = [one.record for one in found if isinstance(one, Parsed)]
        texts = [record.title.source for record in good] + [p.text.source for r in good for p in r.abstract]
        assert not any(re.search(r"<(?:script|img|style|svg|a|iframe)\b", text) for text in texts), name
        assert all(re.match(r"https?://", record.ids.url) for record in good if record.ids.url), name


def test_feeds_lose_no_item() -> None:
    """Our feeds and 1,300 malformed ones of other projects' tests: as many records and errors as there are items."""
    nested = {"spec-example-atom-2.xml", "spec-example-rss-2.xml"}  # copies of items within items
    for path in (path for path in files_of("feed", "hostile/feeds/**/*.xml") if path.suffix == ".xml"):
        content = path.read_bytes()
        try:
            found = list(parse(Page(content, path.name, format="feed")))
        except DigestError:
            continue
        count = len(re.findall(rb"<(?:[\w.-]+:)?(?:item|entry)[\s>/]", content))
        got = len(answers(found))
        assert got == count or path.name in nested or b"\x00" in content or b"<!--" in content, path


WHOLE = rss("".join(f"<item><title>Title {n}</title><dc:creator>Jane Roe</dc:creator></item>" for n in range(4)))


@settings(max_examples=60)
@example(b"<rss><item>")
@example(b"<rss><!--<item>--><item></rss>")
@given(
    st.binary(max_size=300)
    | st.integers(0, len(WHOLE)).flatmap(
        lambda at: st.binary(max_size=8).map(lambda noise: WHOLE[:at] + noise + WHOLE[at + len(noise) :])
    )
)
def test_any_bytes_give_outcomes(content: bytes) -> None:
    """Whatever the bytes, there are records and problems, or one refusal; never another exception, never silence."""
    try:
        found = outcomes(content)
    except DigestError:
        return
    assert found


@settings(max_examples=12)
@given(st.integers(0, len(WHOLE)))
def test_a_cut_feed_loses_no_item_that_began(at: int) -> None:
    """A feed that was cut anywhere has an outcome for each item whose tag had come."""
    content = WHOLE[:at]
    try:
        found = outcomes(content)
    except DigestError:
        assert b"<item>" not in content
        return
    assert len(answers(found)) == max(content.count(b"<item>"), 1 if b"<item>" not in content else 0)


def test_a_description_of_names_and_a_book() -> None:
    """ACL Anthology: a description that holds only names and the proceedings is not an abstract."""
    text = (
        "Quill B. Aldred, Ina Bremer and Remy de Castel in Proceedings of the 38th Conference on Ducks, Swans and Geese"
    )
    record = only(rss(f"<item><title>On ducks</title><description>{text}</description></item>"))
    assert [author.full for author in record.authors] == ["Quill B. Aldred", "Ina Bremer", "Remy de Castel"]
    assert record.container == "Proceedings of the 38th Conference on Ducks, Swans and Geese"
    assert (record.abstract, record.type) == ((), "chapter")


def test_a_sentence_with_in_is_an_abstract() -> None:
    """Only names are names."""
    text = "We review survival, toxicity and quality of life in Proceedings of the 38th Conference on Ducks"
    record = only(rss(f"<item><title>On ducks</title><description>{text}</description></item>"))
    assert (record.authors, record.abstract[0].text.plain) == ((), text)


@pytest.mark.parametrize(
    "creators",
    [
        "<dc:creator>Quill Aldred (KIT, Germany), Ina Bremer (MIT)</dc:creator>",
        "<dc:creator>Quill Aldred (KIT, Germany)</dc:creator><dc:creator>Ina Bremer (MIT)</dc:creator>",
        "<dc:creator>Quill Aldred [KIT, Germany]; Ina Bremer [MIT]</dc:creator>",
    ],
)
def test_places_in_brackets_after_names(creators: str) -> None:
    """They are affiliations of the person before them."""
    record = only(rss(f"<item><title>On ducks</title>{creators}</item>"))
    assert [(author.full, author.affiliations) for author in record.authors] == [
        ("Quill Aldred", (1,)),
        ("Ina Bremer", (2,)),
    ]
    assert [place.plain for place in record.affiliations] == ["KIT, Germany", "MIT"]
