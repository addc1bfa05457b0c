"""JATS: articles, meeting abstracts whose text is in the body, people, dates, pages that are not well-formed."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.errors import DigestError, Problem
from digest.sources.formats.jats import parse
from digest.sources.page import Outcome, Page, Parsed

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model import Record

TITLE = "<title-group><article-title>Ducks and geese</article-title></title-group>"


def outcomes(content: str | bytes) -> list[Outcome]:
    data = content.encode() if isinstance(content, str) else content
    return list(parse(Page(data, "page.xml", format="jats")))


def article(meta: str = "", body: str = "", *, attributes: str = "", journal: str = "", title: str = TITLE) -> str:
    return (
        f'<article xmlns:xlink="http://www.w3.org/1999/xlink" {attributes}><front><journal-meta>{journal}</journal-meta>'
        f"<article-meta>{title}{meta}</article-meta></front>{f'<body>{body}</body>' if body else ''}</article>"
    )


def one(content: str | bytes) -> Parsed:
    (found,) = outcomes(content)
    assert isinstance(found, Parsed), found
    return found


def people(record: Record) -> list[str]:
    return [f"{author.full}{list(author.affiliations) or ''}" for author in record.authors]


PAGES = {
    "no namespace": article(),
    "a namespace": article().replace("<article ", '<article xmlns="https://jats.nlm.nih.gov/ns/archiving/1.3/" '),
    "a prefix": article().replace("<", "<j:").replace("<j:/", "</j:").replace("<j:article ", '<j:article xmlns:j="u" '),
    "a prefix that nobody declared": article().replace("<", "<j:").replace("<j:/", "</j:"),
    "a DTD elsewhere": '<!DOCTYPE article SYSTEM "http://127.0.0.1:9/archivearticle.dtd">' + article(),
    "a set of articles": f"<pmc-articleset>{article()}</pmc-articleset>",
    "UTF-16": article().encode("utf-16"),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_an_article_is_found_in_every_wrapping(page: str | bytes) -> None:
    """Namespaces, prefixes and a DTD that is not fetched make no difference."""
    records = [found.record.title.plain for found in outcomes(page) if isinstance(found, Parsed)]
    assert records == ["Ducks and geese"]


AUTHORS = {
    "names apart": ("<name><surname>van der Berg</surname><given-names>Jan</given-names></name>", ["Jan van der Berg"]),
    "degrees": (
        "<name><surname>Saif</surname><given-names>Muhammad Wasif</given-names></name><degrees>MD, MBBS</degrees>",
        ["Muhammad Wasif Saif"],
    ),
    "a suffix": (
        "<name><surname>Loeffler</surname><given-names>Kim</given-names><suffix>III</suffix></name>",
        ["Kim Loeffler III"],
    ),
    "a suffix in the place of the family name": (
        "<name><surname>Jr</surname><given-names>U Ribeiro</given-names></name>",
        ["U Ribeiro Jr"],
    ),
    "one string": ("<string-name>Maria José de la Cruz</string-name>", ["Maria José de la Cruz"]),
    "a string of parts": (
        "<string-name><given-names>Li</given-names> <surname>Wei</surname></string-name>",
        ["Li Wei"],
    ),
    "two scripts": (
        '<name-alternatives><name xml:lang="ja"><surname>山田</surname><given-names>太郎</given-names></name>'
        '<name name-style="eastern"><surname>Yamada</surname><given-names>Taro</given-names></name></name-alternatives>',
        ["Taro Yamada"],
    ),
    "a mononym": ("<name><given-names>Suharto</given-names></name>", ["Suharto"]),
    "a group with its members": (
        "<collab>The Duck Study Group<contrib-group><contrib><name><surname>Member</surname>"
        "<given-names>A</given-names></name></contrib></contrib-group></collab>",
        ["The Duck Study Group"],
    ),
    "a person for a group": (
        "<name><surname>Roe</surname><given-names>B</given-names></name><on-behalf-of>the Goose Network</on-behalf-of>",
        ["B Roe", "Goose Network"],
    ),
    "a mark of a footnote": (
        '<name><surname>Roe</surname><given-names>Bo</given-names></name><xref ref-type="fn" rid="n1">*</xref>',
        ["Bo Roe"],
    ),
}


@pytest.mark.parametrize(("inner", "wanted"), AUTHORS.values(), ids=AUTHORS)
def test_a_contributor_is_read(inner: str, wanted: list[str]) -> None:
    """Each way in which JATS names a contributor gives the person or group, without what is printed next to the name."""
    meta = f'<contrib-group><contrib contrib-type="author">{inner}</contrib></contrib-group>'
    assert people(one(article(meta)).record) == wanted


def mark(text: str = "", *, to: str = "") -> str:
    return f'<xref ref-type="aff" rid="{to}">{text}</xref>'


def contributor(name: str, more: str = "", kind: str = "author") -> str:
    return f'<contrib contrib-type="{kind}"><name><surname>{name}</surname><given-names>Al</given-names></name>{more}</contrib>'


AFFILIATIONS = {
    "marks": (
        f"<contrib-group>{contributor('B', mark(to='a2 a1'))}{contributor('C')}</contrib-group>"
        '<aff id="a1"><label>1</label>Pond, York</aff><aff id="a2"><sup>2</sup>Lake, Bath</aff>',
        ["Al B[1, 2]", "Al C"],
        ["Pond, York", "Lake, Bath"],
    ),
    "one for all": (
        f"<contrib-group>{contributor('B')}{contributor('C')}<aff>Pond</aff></contrib-group>",
        ["Al B[1]", "Al C[1]"],
        ["Pond"],
    ),
    "one for each group": (
        f"<contrib-group>{contributor('B')}<aff>Pond</aff></contrib-group>"
        f"<contrib-group>{contributor('C')}<aff>Lake</aff></contrib-group>",
        ["Al B[1]", "Al C[2]"],
        ["Pond", "Lake"],
    ),
    "inside the contributor": (
        f"<contrib-group>{contributor('B', '<aff>Pond;</aff>')}</contrib-group>",
        ["Al B[1]"],
        ["Pond"],
    ),
    "alternatives": (
        f"<contrib-group>{contributor('B', mark(to='x'))}</contrib-group><aff-alternatives id='x'>"
        "<aff>Pond</aff><aff>Teich</aff></aff-alternatives>",
        ["Al B[1]"],
        ["Pond"],
    ),
    "elements without commas": (
        f"<contrib-group>{contributor('B')}</contrib-group><aff><institution-wrap><institution-id>x9</institution-id>"
        "<institution>Pond</institution></institution-wrap><city>York</city><country>UK</country></aff>",
        ["Al B[1]"],
        ["Pond, York, UK"],
    ),
    "the mark as printed": (
        f"<contrib-group>{contributor('B', mark('2'))}</contrib-group>"
        "<aff><label>1</label>Pond</aff><aff><label>2</label>Lake</aff>",
        ["Al B[2]"],
        ["Pond", "Lake"],
    ),
}


@pytest.mark.parametrize(("meta", "authors", "affiliations"), AFFILIATIONS.values(), ids=AFFILIATIONS)
def test_affiliations_stay_with_their_authors(meta: str, authors: list[str], affiliations: list[str]) -> None:
    """Marks are followed; what has none is of all in its group where there is one."""
    record = one(article(meta)).record
    assert (people(record), [place.plain for place in record.affiliations]) == (authors, affiliations)


def test_affiliations_of_nobody_are_kept_and_reported() -> None:
    """Where nothing shows whose they are nobody gets one, and a note says so."""
    found = one(article(f"<contrib-group>{contributor('B')}</contrib-group><aff>Pond</aff><aff>Lake</aff>"))
    assert people(found.record) == ["Al B"]
    assert len(found.record.affiliations) == 2
    assert [problem.code for problem in found.problems] == ["affiliations"]


def test_editors_and_others() -> None:
    """Editors are kept as such; translators and the like are reported."""
    meta = f"<contrib-group>{contributor('B', kind='editor')}{contributor('C', kind='translator')}</contrib-group>"
    found = one(article(meta))
    assert ([person.full for person in found.record.editors], people(found.record)) == (["Al B"], [])
    assert "C is listed as translator" in str(found.problems[0])


DATES = {
    "the day on the web within the year of print": (
        '<pub-date pub-type="ppub"><year>2007</year></pub-date>'
        '<pub-date pub-type="epub"><day>19</day><month>6</month><year>2007</year></pub-date>',
        "2007-06-19",
    ),
    "print in another year": (
        '<pub-date pub-type="epub"><month>12</month><year>2013</year></pub-date>'
        '<pub-date pub-type="ppub"><month>2</month><year>2014</year></pub-date>',
        "2014-02",
    ),
    "a release in PubMed Central is none": (
        '<pub-date pub-type="pmc-release"><year>2020</year></pub-date>'
        '<pub-date date-type="pub" publication-format="electronic"><year>2014</year></pub-date>',
        "2014",
    ),
    "ISO alone": ('<pub-date iso-8601-date="2014-05-20"/>', "2014-05-20"),
    "a day that does not exist": ("<pub-date><day>31</day><month>6</month><year>2014</year></pub-date>", "2014-06"),
    "a season": ("<pub-date><season>Mar-Apr</season><year>2014</year></pub-date>", "2014-03"),
    "nonsense": ("<pub-date><year>20144</year></pub-date>", "None"),
}


@pytest.mark.parametrize(("meta", "wanted"), DATES.values(), ids=DATES)
def test_dates(meta: str, wanted: str) -> None:
    """Print and collection come before the web, which makes them more exact where it agrees."""
    assert str(one(article(meta)).record.issued) == wanted


PLACES = {
    "pages": ("<volume>3</volume><issue>2</issue><fpage>60</fpage><lpage>6</lpage>", ("3", "2", "", "60-66")),
    "one page": ("<fpage>P102</fpage><lpage>P102</lpage>", ("", "", "", "P102")),
    "an article number": ("<elocation-id>e1000123</elocation-id>", ("", "", "", "e1000123")),
    "a supplement": ("<issue>Suppl 2</issue>", ("", "", "2", "")),
    "a supplement of its own": ("<issue>4</issue><supplement>Suppl 1</supplement>", ("", "4", "1", "")),
    "the title of a supplement": (
        "<issue>4</issue><supplement><named-content>Abstracts of Ducks 2014</named-content></supplement>",
        ("", "4", "", ""),
    ),
}


@pytest.mark.parametrize(("meta", "wanted"), PLACES.values(), ids=PLACES)
def test_the_place_in_the_volume(meta: str, wanted: tuple[str, ...]) -> None:
    """Volume, issue, supplement and pages, or the article's number where there are none."""
    record = one(article(meta)).record
    assert (record.volume, record.issue, record.supplement, record.pages) == wanted


def test_identifiers_journal_licence_language_and_status() -> None:
    """What names an article and what may be done with it."""
    journal = (
        '<journal-id journal-id-type="nlm-ta">Duck J</journal-id><journal-title-group><journal-title>The Duck Journal'
        '</journal-title></journal-title-group><issn pub-type="epub">2051-1426</issn><issn pub-type="ppub">1590-8577</issn>'
    )
    meta = (
        '<article-id pub-id-type="doi">10.1186/ABC-1</article-id><article-id pub-id-type="pmid">24857584</article-id>'
        '<article-id pub-id-type="pmc">4646101</article-id><permissions><license xlink:href="'
        'http://creativecommons.org/licenses/by-nc-nd/4.0/"><license-p>Data: http://creativecommons.org/publicdomain/zero'
        '</license-p></license></permissions><related-article related-article-type="retraction-forward"/>'
        "<kwd-group><kwd>ducks</kwd><kwd>geese &lt;2 kg</kwd></kwd-group>"
        "<kwd-group kwd-group-type='abbreviations'><kwd>D, duck</kwd></kwd-group>"
    )
    record = one(article(meta, attributes='xml:lang="en" article-type="research-article"', journal=journal)).record
    assert (record.ids.doi, record.ids.pmid, record.ids.pmcid) == ("10.1186/abc-1", "24857584", "PMC4646101")
    assert (record.container, record.container_short, record.issn) == ("The Duck Journal", "Duck J", "1590-8577")
    assert (record.permission, record.language, record.status, record.type) == ("quote", "en", "withdrawn", "article")
    assert record.keywords == ("ducks", "geese <2 kg")


MEETING = (
    "<conference><conf-date>4-8 November 2015</conf-date><conf-name>Annual Meeting of Ducks</conf-name>"
    "<conf-loc>York, UK</conf-loc></conference>"
)


def test_a_meeting_abstract_stands_in_the_body() -> None:
    """The body of a meeting abstract is its abstract: tables as text, figures reported, sections' numbers left out."""
    body = (
        "<sec><label>1.</label><title>Background</title><p>Ducks swim.</p><fig><caption><title>A duck</title></caption>"
        "</fig></sec><sec><title>Results</title><p>See Table <xref>1</xref>.</p><table-wrap><label>Table 1</label>"
        "<caption><title>Ducks</title></caption><table><tr><td>a</td><td>b</td></tr></table></table-wrap></sec>"
    )
    found = one(article(MEETING + "<fpage>P84</fpage>", body, attributes='article-type="abstract"'))
    record = found.record
    assert [(part.label, part.text.plain) for part in record.abstract] == [
        ("Background", "Ducks swim."),
        ("Results", "See Table 1. Table 1 Ducks a | b"),
    ]
    assert (record.type, record.number) == ("meeting-abstract", "P84")
    assert record.meeting
    assert (record.meeting.name, record.meeting.place) == ("Annual Meeting of Ducks", "York, UK")
    assert record.meeting.dates == "November 4-8, 2015"
    assert "A duck" in str(found.problems[0])


def test_the_day_of_a_meeting_in_elements() -> None:
    """A date whose day, month and year are in elements of their own is not one run of digits."""
    meta = MEETING.replace("4-8 November 2015", "<day>7</day><month>5</month><year>2010</year>")
    meeting = one(article(meta, "<p>Ducks.</p>", attributes='article-type="abstract"')).record.meeting
    assert meeting
    assert meeting.dates == "May 7, 2010"


def test_the_body_of_a_paper_is_no_abstract() -> None:
    """Only proceedings have their text taken from the body, and only where it is short."""
    assert one(article("", "<p>Long paper.</p>", attributes='article-type="research-article"')).record.abstract == ()
    found = one(article(MEETING, "<p>" + "word " * 5000 + "</p>", attributes='article-type="abstract"'))
    assert found.record.abstract == ()
    assert [problem.code for problem in found.problems] == ["long-text"]


ABSTRACTS = {
    "sections": ("<abstract><sec><title>Aim</title><p>A.</p></sec></abstract>", [("Aim", "A.")]),
    "a heading of its own": ("<abstract><title>Summary</title><p>A.</p></abstract>", [(None, "A.")]),
    "bold labels": (
        "<abstract><p><bold>Background:</bold> A.</p><p><bold>Results:</bold> B.</p></abstract>",
        [("Background", "A."), ("Results", "B.")],
    ),
    "a graphical one before it": (
        '<abstract abstract-type="graphical"><p>Picture.</p></abstract><abstract><p>A.</p></abstract>',
        [(None, "A.")],
    ),
    "another language after it": (
        '<abstract xml:lang="de"><p>Enten.</p></abstract><abstract xml:lang="en"><p>Ducks.</p></abstract>',
        [(None, "Ducks.")],
    ),
    "a heading below a heading": (
        "<abstract><sec><title>Methods</title><sec><title>Design</title><p>A.</p></sec><sec><title>Setting</title>"
        "<p>B.</p></sec></sec></abstract>",
        [("Methods: Design", "A."), ("Setting", "B.")],
    ),
    "a formula in TeX": (
        r"<abstract><p>a <inline-formula><tex-math>\begin{document}$$x^2$$\end{document}</tex-math></inline-formula> b"
        "</p></abstract>",
        [(None, "a x² b")],
    ),
    "HTML's entities": ("<abstract><p>5&nbsp;mg &lt; 6 &mu;g</p></abstract>", [(None, "5 mg < 6 μg")]),
}


@pytest.mark.parametrize(("meta", "wanted"), ABSTRACTS.values(), ids=ABSTRACTS)
@pytest.mark.parametrize("doctype", ["", '<!DOCTYPE article PUBLIC "-//NLM//DTD" "j.dtd">'], ids=["bare", "with a DTD"])
def test_abstracts(meta: str, wanted: list[tuple[str | None, str]], doctype: str) -> None:
    """Labels are kept, and nothing but the abstract itself is in it."""
    (record,) = [
        found.record
        for found in outcomes(doctype + article(meta, attributes='xml:lang="en"'))
        if isinstance(found, Parsed)
    ]
    assert [(part.label, part.text.plain) for part in record.abstract] == wanted


def test_parts_of_an_article_are_records_or_reported() -> None:
    """A sub-article with a title is a record of its own in the same volume; peer reviews are reported."""
    stub = "<front-stub><title-group><article-title>{}</article-title></title-group></front-stub>"
    parts = (
        f'<sub-article article-type="abstract">{stub.format("First")}<body><p>A.</p></body></sub-article>'
        f'<sub-article article-type="decision-letter">{stub.format("Letter")}</sub-article>'
    )
    found = outcomes(article("<volume>3</volume>").replace("</article>", f"{parts}</article>"))
    records = [outcome.record for outcome in found if isinstance(outcome, Parsed)]
    assert [(record.title.plain, record.volume) for record in records] == [("Ducks and geese", "3"), ("First", "3")]
    assert records[1].abstract[0].text.plain == "A."
    assert [str(outcome) for outcome in found if isinstance(outcome, Problem)] == [
        "page.xml: note: parts of the article are not records: 1 decision-letter [parts]"
    ]


def test_sections_with_authors_of_their_own_are_records() -> None:
    """An article that prints all abstracts of a meeting gives one record for each, in its volume and at its meeting."""
    section = (
        "<sec><sec-meta><contrib-group><contrib><name><surname>{0}</surname></name></contrib></contrib-group></sec-meta>"
        "<title>P{0}: Ducks</title><sec><title>Aim</title><p>A{0}.</p></sec></sec>"
    )
    page = article(
        f"<volume>3</volume>{MEETING}", section.format(1) + section.format(2), attributes='article-type="abstract"'
    )
    records = [found.record for found in outcomes(page) if isinstance(found, Parsed)]
    assert [(record.number, record.title.plain, record.volume) for record in records[1:]] == [
        ("P1", "Ducks", "3"),
        ("P2", "Ducks", "3"),
    ]
    assert [(part.label, part.text.plain) for part in records[1].abstract] == [("Aim", "A1.")]
    assert all(record.meeting == records[0].meeting for record in records)


def test_what_comes_before_a_break_is_kept() -> None:
    """A page that ends too early gives its whole articles, and an error in the place of the one that is cut."""
    good = article()
    found = outcomes(f"<articles>{good}{good}{good[:100]}")
    assert [type(outcome) for outcome in found] == [Parsed, Parsed, Problem]
    assert "this <article> is not well-formed XML and was left out" in str(found[2])


def test_a_broken_article_leaves_its_neighbours() -> None:
    """Each article of a page that is not well-formed is read alone: what is broken is named, the others are read."""
    broken = article().replace("<front>", "<front><p>" * 300).replace("</article>", "</back></article>")
    found = outcomes(
        f'<?xml version="1.0"?><articles xmlns:x="urn:x"><set a=">">{article()}{broken}{article()}</set></articles>'
    )
    assert [type(outcome) for outcome in found] == [Parsed, Problem, Parsed]
    assert "not well-formed" in str(found[1])


def test_a_reply_in_the_place_of_an_article_is_reported() -> None:
    """PubMed Central answers with a reply where it has no article for a number."""
    reply = '<Reply Id="123" error="The following PMCID is not available: 123"/>'
    record, problem = outcomes(f"<pmc-articleset>{article()}{reply}</pmc-articleset>")
    assert isinstance(record, Parsed)
    assert "no article 123" in str(problem)


def test_a_page_is_mended_where_that_is_sure() -> None:
    """Bare ampersands, control characters and stray bytes lose nothing, and are reported once."""
    broken = article(title="<title-group><article-title>R&D & caf\xe9\x02</article-title></title-group>").encode(
        "latin-1"
    )
    found = outcomes(b"<articles>" + article().encode() + broken + article().encode() + b"</articles>")
    assert [outcome.record.title.plain for outcome in found if isinstance(outcome, Parsed)] == [
        "Ducks and geese",
        "R&D & café",
        "Ducks and geese",
    ]
    assert [outcome.code for outcome in found if isinstance(outcome, Problem)] == ["xml"]


def test_what_is_quoted_is_not_mended() -> None:
    """Ampersands in CDATA are whole already: only those around it are repaired."""
    title = "<title-group><article-title>R&D <![CDATA[at A&B]]> &#X3b1;&nbsp;&#x2;</article-title></title-group>"
    (parsed,) = [outcome for outcome in outcomes(article(title=title)) if isinstance(outcome, Parsed)]
    assert parsed.record.title.plain == "R&D at A&B α \ufffd"


def test_entities_of_its_own_are_refused() -> None:
    """A page that declares entities with a value is not read; names of pictures are none."""
    with pytest.raises(DigestError, match="declares entities"):
        outcomes('<!DOCTYPE article [<!ENTITY a "b">]>' + article())
    picture = '<!DOCTYPE article [<!NOTATION gif SYSTEM "gif"><!ENTITY f1 SYSTEM "f1.gif" NDATA gif>]>'
    assert one(picture + article()).record.title.plain == "Ducks and geese"


def test_hostile_pages_take_no_time() -> None:
    """Depth, width and length are bounded: each page is answered within two seconds."""
    pages = (
        article("<abstract>" + "<sec>" * 9000),
        article("<contrib-group>" + contributor("B") * 3000 + "</contrib-group>" + "<aff>x</aff>" * 3000),
        article("<abstract><p>" + "Results: " * 20_000 + "</p></abstract>"),
        article("<abstract><p>" + "(" * 100_000 + "</p></abstract>"),
        "<articles>" + "&a" * 300_000,
        article(title="<title-group><article-title>" + "1 - " * 30_000 + "</article-title></title-group>"),
    )
    for page in pages:
        start = time.process_time()
        assert outcomes(page)
        assert time.process_time() - start < 60


@given(st.binary(max_size=300), st.integers(0, 2000))
@example(b"", 0)
@example(b"<article", 0)
@example(b"<!DOCTYPE", 0)
@example(b'<?xml version="1.0" encoding="undefined"?>', 0)
def test_articles_in_are_records_and_problems_out(noise: bytes, at: int) -> None:
    """Whatever bytes get into a page, each article gives a record or an error, or the page is refused."""
    page = f"<articles>{article()}{article(MEETING, '<p>x</p>')}</articles>".encode()
    try:
        found = outcomes(page[:at] + noise + page[at:])
    except DigestError:
        return
    records = sum(isinstance(outcome, Parsed) for outcome in found)
    errors = sum(isinstance(outcome, Problem) and outcome.level == "error" for outcome in found)
    assert records >= 2 or errors >= 1


def test_real_meeting_abstracts(shared: Path) -> None:
    """Each real file gives one record with a title, authors and an abstract."""
    folder = shared / "records" / "more" / "jats_conference_abstracts"
    files = sorted(folder.glob("*.nxml"))
    assert files
    for path in files:
        (found,) = parse(Page(path, path.name))
        assert isinstance(found, Parsed)
        record = found.record
        assert record.authors
        assert record.abstract
        assert record.ids.pmcid == path.stem
        assert record.type == "meeting-abstract"


def test_an_affiliation_in_several_forms_is_printed_once() -> None:
    """SciELO PS: ``original`` is the whole as printed, the others are its parts; suffixes stay as they are."""
    parts = (
        '<aff id="a1"><label>I</label><institution content-type="original">Department, University. Town, SP</institution>'
        '<institution content-type="normalized">University</institution>'
        '<institution content-type="orgname">University</institution><country country="BR">Brasil</country></aff>'
    )
    name = "<name><surname>Aldred</surname><given-names>Quill</given-names><suffix>Neto</suffix></name>"
    for affiliation, wanted in (
        (parts, "Department, University. Town, SP"),
        (re.sub("<institution content-type=.original.*?</institution>", "", parts), "University, Brasil"),
    ):
        meta = (
            f'<contrib-group><contrib contrib-type="author">{name}<xref ref-type="aff" rid="a1"/></contrib>'
            f"</contrib-group>{affiliation}"
        )
        record = one(article(meta)).record
        assert [place.plain for place in record.affiliations] == [wanted]
        assert record.authors[0].suffix == "Neto"
