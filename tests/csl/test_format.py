"""What comes out, as tables: a value of the item, an element of the style, the HTML that is printed."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from digest import csl
from tests.csl.styles import cited, names, style

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLE = '<text variable="title"/>'

MARKUP = [
    # CSL-JSON may carry these …
    ("H<sub>2</sub>O <i>in vivo</i>", "H<sub>2</sub>O <i>in vivo</i>"),
    ("<i>in <i>vitro</i></i>", '<i>in <span style="font-style:normal;">vitro</span></i>'),
    ('<span style="font-variant: small-caps;">x</span>', '<span style="font-variant:small-caps;">x</span>'),
    ('<i>a <span class="nodecor">b</span></i>', '<i>a <span style="font-style:normal;">b</span></i>'),
    # … and all else is text.
    ("5 < 6 & 7 > 3", "5 &lt; 6 &amp; 7 &gt; 3"),
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ('<i onclick="x">a</i>', '&lt;i onclick="x"&gt;a&lt;/i&gt;'),
    ("<i>never closed", "&lt;i&gt;never closed"),
    ("closed</b> never opened", "closed&lt;/b&gt; never opened"),
    ('<span class="x">a</span>', '&lt;span class="x"&gt;a&lt;/span&gt;'),
    # Typographic quotation marks turn where they are the locale's own, others are text (citeproc-js).
    ("the “outer ‘inner’” and ‘inner’", "the “outer ‘inner’” and ‘inner’"),
    ("ein „Wort“ und ein «mot»", "ein „Wort“ und ein «mot»"),
    # Quotation marks find their partner, apostrophes have none.
    ("\"This is 'a nested' quote\"", "“This is ‘a nested’ quote”"),
    ("'This is \"a nested\" quote'", "“This is ‘a nested’ quote”"),
    ("the dogs' 'new' bone", "the dogs’ “new” bone"),
    ("l'<i>État</i> and <b>Nation</b>'s", "l’<i>État</i> and <b>Nation</b>’s"),
    ('6" pipe', '6" pipe'),
    ("''", "’’"),
    ("x²", "x<sup>2</sup>"),
]


@pytest.mark.parametrize(("title", "html"), MARKUP)
def test_rich_text(title: str, html: str) -> None:
    """Only the markup that CSL-JSON allows is understood."""
    assert cited({"title": title}) == html


SMALL = '<span style="font-variant:small-caps;">{}</span>'
CASES = [
    ("title", "the dog's life: a story of", "The Dog’s Life: A Story Of"),
    ("title", "out-of-fashion e-mail, pro-environmental", "Out-of-Fashion E-Mail, Pro-Environmental"),
    ("title", "mRNA and p53 in iPad users", "mRNA and P53 in iPad Users"),
    ("title", "vitamin d, i.e. the α of <sc>dna</sc>", f"Vitamin d, i.e. the α of {SMALL.format('dna')}"),
    ("title", "x-ray: a <b>study</b> of co<sub>2</sub>", "X-Ray: A <b>Study</b> of Co<sub>2</sub>"),
    ("title", "d’Artagnan and the o’clock", "D’Artagnan and the o’clock"),
    ("title", '"this" is <i>a</i> pen <span class="nocase">by smith</span>', "“This” Is <i>a</i> Pen by smith"),
    ("sentence", "THIS IS A PEN", "This is a pen"),
    ("sentence", "this IS a Pen", "This IS a Pen"),
    # A word in mixed case is left as it is (CSL 1.0.2 “Text-case”: “if the word is lowercase”).
    ("capitalize-first", "'van' eyck", "“Van” eyck"),
    ("capitalize-first", "medRxiv preprints", "medRxiv preprints"),
    ("capitalize-first", "α-synuclein", "α-synuclein"),
    ("sentence", "eBay, a history", "eBay, a history"),
    ("capitalize-all", "it's a pen", "It’s A Pen"),
    ("capitalize-all", "eBay and/or open-source", "eBay And/Or Open-Source"),
    # Small capitals, super- and subscripts of the item keep their case, as `nocase` does (citeproc-js, pandoc).
    ("uppercase", "<sc>nasa</sc> <i>x</i><sup>n</sup>", f"{SMALL.format('nasa')} <i>X</i><sup>n</sup>"),
    ("uppercase", 'a <span class="nocase">pH</span> b', "A pH B"),
    ("lowercase", "A <i>B</i>", "a <i>b</i>"),
]


@pytest.mark.parametrize(("case", "title", "html"), CASES)
def test_text_case(case: str, title: str, html: str) -> None:
    """The attribute changes letters, never what is marked as `nocase`."""
    assert cited({"title": title}, f'<text variable="title" text-case="{case}"/>') == html


def test_turkish_letters() -> None:
    """`i` and `ı` are two letters in Turkish and Azerbaijani (Unicode SpecialCasing)."""
    for case, title, expected in (
        ("uppercase", "izmir ıssız", "İZMİR ISSIZ"),
        ("lowercase", "İZMİR ISSIZ", "izmir ıssız"),
        ("capitalize-first", "izmir ili", "İzmir ili"),
    ):
        layout = f'<text variable="title" text-case="{case}"/>'
        assert cited({"title": title, "language": "tr-TR"}, layout) == expected


def test_title_case_is_for_english() -> None:
    """By the language of the item, else that of the style."""
    layout = '<text variable="title" text-case="title"/>'
    assert cited({"title": "ein buch", "language": "de"}, layout) == "ein buch"
    assert cited({"title": "ein buch"}, layout, options='default-locale="de-DE"') == "ein buch"
    assert cited({"title": "a book", "language": "en-GB"}, layout, options='default-locale="de-DE"') == "A Book"


JOINTS = [
    ('<text variable="title" suffix="."/>', "Really?", "Really?"),
    ('<text variable="title" suffix="."/>', "Inc.", "Inc."),
    ('<text variable="title" suffix=","/>', "Really?", "Really?,"),
    ('<text variable="title" font-style="italic" suffix="."/>', "Inc.", "<i>Inc.</i>"),
    ('<text variable="title" quotes="true" suffix=","/>', "A", "“A,”"),
    ('<text variable="title" quotes="true" suffix=";"/>', "A", "“A”;"),
    ('<text variable="title" quotes="true" suffix="."/>', "a 'b'", "“a ‘b.’”"),
    ('<text variable="title" suffix=" "/><text value="b" prefix=" "/>', "a", "a b"),
    # Text that the style gives is printed as it is, two blanks of an affix too (citeproc-js).
    ('<text variable="title" suffix=" "/><text value=" b"/>', "a", "a  b"),
    ('<text variable="title" suffix=",  "/><text value="b"/>', "a", "a,\N{NO-BREAK SPACE} b"),
    # A blank before these signs is narrow and does not break, as French has it (citeproc-js).
    ('<text variable="title"/>', "Le « non » : pourquoi ?", "Le «\u202fnon\u202f»\u202f: pourquoi\u202f?"),
    ('<text variable="title" prefix="" suffix=". "/>', "“a”, b", "“a”, b. "),
]


@pytest.mark.parametrize(("layout", "title", "html"), JOINTS)
def test_where_punctuation_meets(layout: str, title: str, html: str) -> None:
    """Two marks become one or stay two; commas and full stops move inside American quotation marks."""
    assert cited({"title": title}, layout) == html


def test_typed_quotation_marks() -> None:
    """Inside a quotation the locale's own marks turn; marks of another language stay (citeproc-js)."""
    for locale, title, expected in (
        ("en-US", "a “b” c", "“a ‘b’ c”"),
        ("de-DE", "a „b“ c", "„a ‚b‘ c“"),
        ("de-DE", "a “b” c", "„a “b” c“"),
        ("fr-FR", "l’“a” b", "«\xa0l’“a” b\xa0»"),
    ):
        chosen = style('<text variable="title" quotes="true"/>')
        cites = [csl.Citation((csl.Cite("a"),))]
        document = csl.format_document(chosen, {"a": {"title": title}}, cites, locale=locale)
        assert csl.to_text(document.citations[0]) == expected


def test_punctuation_stays_outside_where_the_locale_says_so() -> None:
    """British English."""
    document = csl.format_document(
        style('<text variable="title" quotes="true" suffix="."/>'),
        {"a": {"title": "A"}},
        [csl.Citation((csl.Cite("a"),))],
        locale="en-GB",
    )
    assert csl.to_text(document.citations[0]) == "‘A’."


VLIST = {"family": "van der Vlist", "given": "Eric"}
SORTED = '<name name-as-sort-order="all" initialize-with=". "/>'
NEVER = 'demote-non-dropping-particle="never"'
PEOPLE: list[tuple[Mapping[str, Any], str, str, str]] = [
    (
        {"family": "Kuo", "given": "J. H."},
        '<name initialize-with="" name-as-sort-order="all" sort-separator=" "/>',
        "",
        "Kuo JH",
    ),
    ({"family": "Müller", "given": "Jean-Luc K."}, '<name initialize-with=". "/>', "", "J.-L. K. Müller"),
    (
        {"family": "Müller", "given": "Jean-Luc"},
        '<name initialize-with="."/>',
        'initialize-with-hyphen="false"',
        "J.L. Müller",
    ),
    ({"family": "Chen", "given": "Guo-ping"}, '<name initialize-with=""/>', "", "G Chen"),
    ({"family": "Doe", "given": "J.Kim"}, '<name initialize-with="."/>', "", "J.K. Doe"),
    ({"family": "Morant", "given": "John de Cusance"}, '<name initialize-with=". "/>', "", "J. de C. Morant"),
    ({"family": "Kirk", "given": "James T"}, '<name initialize-with="." initialize="false"/>', "", "James T. Kirk"),
    (VLIST, "<name/>", "", "Eric van der Vlist"),
    (VLIST, SORTED, "", "Vlist, E. van der"),
    (VLIST, SORTED, NEVER, "van der Vlist, E."),
    (VLIST, '<name form="short"/>', "", "van der Vlist"),
    ({"family": "Beethoven", "given": "Ludwig van"}, '<name form="short"/>', "", "Beethoven"),
    ({"family": "d'Aubignac", "given": "F"}, SORTED, NEVER, "d’Aubignac, F."),
    ({"family": '"de Gaulle"', "given": "C"}, SORTED, "", "de Gaulle, C."),
    ({"family": "Doe", "given": "J", "suffix": "III"}, SORTED, "", "Doe, J., III"),
    ({"family": "Doe", "given": "John, Jr."}, "<name/>", "", "John Doe Jr."),
    ({"family": "毛", "given": "泽东"}, SORTED, "", "毛泽东"),
    ({"literal": "WHO & co."}, SORTED, "", "WHO &amp; co."),
    ({"given": "Banksy"}, SORTED, "", "Banksy"),
    ({"family": "Doe", "given": "J"}, '<name><name-part name="family" text-case="uppercase"/></name>', "", "J DOE"),
]


@pytest.mark.parametrize(("person", "element", "options", "html"), PEOPLE)
def test_a_name(person: Mapping[str, Any], element: str, options: str, html: str) -> None:
    """Order, particles, initials and suffixes of one name."""
    assert names([person], element, options=options) == html


NLM = '<name name-as-sort-order="all" sort-separator=" " initialize-with="" et-al-min="8" et-al-use-first="7"/>'
SHORT = '<name form="short" {}/>'
LISTS = [
    (3, 0, SHORT.format('and="text"'), "A, B, and C"),
    (2, 0, SHORT.format('and="symbol"'), "A &amp; B"),
    (2, 0, SHORT.format('and="text" delimiter-precedes-last="always"'), "A, and B"),
    (3, 0, SHORT.format('and="text" delimiter-precedes-last="never"'), "A, B and C"),
    (3, 0, SHORT.format('et-al-min="3" et-al-use-first="1"'), "A et al."),
    (3, 0, SHORT.format('et-al-min="3" et-al-use-first="2"'), "A, B, et al."),
    (3, 0, SHORT.format('et-al-min="3" et-al-use-first="2" delimiter-precedes-et-al="never"'), "A, B et al."),
    (5, 0, SHORT.format('et-al-min="3" et-al-use-first="2" et-al-use-last="true"'), "A, B, … E"),
    (
        3,
        0,
        '<name form="short" et-al-min="2" et-al-use-first="1"/><et-al term="and others" font-style="italic"/>',
        "A <i>and others</i>",
    ),
    (4, 0, '<name form="count"/>', "4"),
    # A source that itself ends with “et al.”: all known names, as far as the style shows them.
    (7, 1, NLM, "A X, B X, C X, D X, E X, F X, G X, et al."),
    (2, 1, NLM, "A X, B X, et al."),
    (1, 1, SHORT.format('and="text"'), "A et al."),
    (2, 1, SHORT.format('and="text"'), "A, B, et al."),
    (2, 1, SHORT.format('et-al-min="3" et-al-use-first="1"'), "A et al."),
    (0, 1, SHORT.format(""), "et al."),
]


@pytest.mark.parametrize(("count", "others", "element", "html"), LISTS)
@pytest.mark.parametrize("sign", [{"family": "others"}, {"literal": "others"}])
def test_a_list_of_names(count: int, others: int, element: str, html: str, sign: dict[str, str]) -> None:
    """Joined, cut, and ended by “et al.”, which also BibTeX's `others` means."""
    people = [{"family": letter, "given": "X"} for letter in "ABCDEFGH"[:count]]
    assert names([*people, *[sign] * others], element) == html


US = '<date variable="issued" form="text"/>'
OWN = (
    '<date variable="issued"><date-part name="day" form="ordinal" suffix=" "/>'
    '<date-part name="month" form="short" suffix=" "/><date-part name="year"/></date>'
)
DATES: list[tuple[Any, str, str]] = [
    ({"date-parts": [[2014, 5, 20]]}, US, "May 20, 2014"),
    ({"date-parts": [["2014", "05"]]}, US, "May 2014"),
    ({"date-parts": [[2014, 5, 20]]}, OWN, "20th May 2014"),
    ({"date-parts": [[2014, 5, 20]]}, '<date variable="issued" form="numeric"/>', "05/20/2014"),
    ({"date-parts": [[2014, 5, 20]]}, '<date variable="issued" form="text" date-parts="year"/>', "2014"),
    ({"date-parts": [[2000, 10, 1], [2000, 10, 14]]}, US, "October 1–14, 2000"),
    ({"date-parts": [[2000, 5, 1], [2000, 6, 9]]}, US, "May 1–June 9, 2000"),
    ({"date-parts": [[2000, 5, 1], [2001, 6, 9]]}, OWN, "1st May 2000–9th June 2001"),
    ({"date-parts": [[2000], [0]]}, US, "2000–"),
    ({"date-parts": [[-44, 3, 15]]}, US, "March 15, 44 BC"),
    ({"date-parts": [[499]]}, US, "499 AD"),
    ({"date-parts": [[2000, 22]]}, US, "Summer 2000"),
    ({"date-parts": [[2000]], "season": "winter"}, US, "Winter 2000"),
    ({"literal": "in press"}, US, "in press"),
    ("2004-10-01/2004-10-14", US, "October 1–14, 2004"),
    ({"raw": "1 May 2000"}, US, "May 1, 2000"),
    ({"raw": "Summer 1999-Autumn 2000"}, US, "Summer 1999–Autumn 2000"),
    ({"raw": "Aug. 15-Sep. 2, 2000"}, US, "August 15–September 2, 2000"),
    (
        {"raw": "c. 1900"},
        '<choose><if is-uncertain-date="issued"><text term="circa" suffix=" "/></if></choose>' + US,
        "circa 1900",
    ),
    ({"raw": "some day"}, US, "some day"),
    ({"season": "Spring term"}, US, "Spring term"),
    ({"date-parts": [[2000], [2000, 5]]}, US, "May 2000"),  # one side has no month: no dash
]


@pytest.mark.parametrize(("value", "layout", "html"), DATES)
def test_a_date(value: Any, layout: str, html: str) -> None:  # noqa: ANN401 – any JSON
    """Localized and own formats, ranges, seasons, eras."""
    assert cited({"issued": value}, layout) == html


NUMBERS = [
    ("2", "ordinal", "2nd"),
    ("11", "ordinal", "11th"),
    ("2, 3 & 4", "ordinal", "2nd, 3rd &amp; 4th"),
    ("2", "long-ordinal", "second"),
    ("23", "roman", "xxiii"),
    ("2 - 4", "numeric", "2–4"),
    ("2E", "ordinal", "2E"),
    ("Special edition", "ordinal", "Special edition"),
]


@pytest.mark.parametrize(("value", "form", "html"), NUMBERS)
def test_a_number(value: str, form: str, html: str) -> None:
    """Numbers are formatted, words are not."""
    assert cited({"edition": value}, f'<number variable="edition" form="{form}"/>') == html


PAGES = [
    ("minimal", "334-342", "334–42"),
    ("minimal", "1590-1602", "1590–602"),
    ("minimal-two", "1002-1006", "1002–06"),
    ("chicago", "1496-1504", "1496–1504"),
    ("chicago-16", "1496-1504", "1496–504"),
    ("expanded", "110-5", "110–115"),
    ("expanded", "S12-S19", "S12–S19"),
    ("minimal", "e15166", "e15166"),
    ("minimal", "60-6, 72-3", "60–6, 72–3"),
    ("minimal", "i-ix", "i–ix"),
    # Crossref writes one page so.
    *((form, "4021-4021", "4021") for form in ("minimal", "minimal-two", "chicago", "expanded")),
    ("minimal", "S889–S889", "S889"),
]


@pytest.mark.parametrize(("form", "pages", "html"), PAGES)
def test_pages(form: str, pages: str, html: str) -> None:
    """CSL 1.0.2 appendix V."""
    assert cited({"page": pages}, '<text variable="page"/>', options=f'page-range-format="{form}"') == html


GROUP = '<group delimiter=" "><label variable="page" form="short"/><text variable="page"/></group>'
LABELS = [("3", "p. 3"), ("3-5", "pp. 3–5"), ("3, 5", "pp. 3, 5"), ("3\\-5", "p. 3-5"), ("", "")]


@pytest.mark.parametrize(("pages", "html"), LABELS)
def test_labels(pages: str, html: str) -> None:
    """Plural where there are several; nothing at all without a page."""
    assert cited({"page": pages}, GROUP) == html


def numbered(*citations: str, collapse: str = "citation-number", sort: str = "") -> list[str]:
    """Citations of items named by digits, by number."""
    chosen = style(
        '<text variable="citation-number"/>',
        citation=f'collapse="{collapse}"',
        dress='prefix="[" suffix="]" delimiter=", "',
        bibliography=f'<bibliography>{sort}<layout><text variable="citation-number"/></layout></bibliography>',
    )
    items = {letter: {"title": letter} for letter in "abcdefgh"}
    document = csl.format_document(chosen, items, [csl.Citation(tuple(map(csl.Cite, ids))) for ids in citations])
    return [csl.to_text(citation) for citation in document.citations]


def test_numbers_follow_the_text_and_collapse() -> None:
    """Three in a row make a range, two do not."""
    assert numbered("a", "bc", "def", "abcdg", "ca") == ["[1]", "[2, 3]", "[4–6]", "[1–4, 7]", "[3, 1]"]


def test_numbers_follow_the_bibliography_where_it_is_sorted() -> None:
    """And count down where the style sorts by number in descending order."""
    assert numbered("cab", sort='<sort><key variable="title"/></sort>') == ["[3, 1, 2]"]
    assert numbered("cab", sort='<sort><key variable="citation-number" sort="descending"/></sort>') == ["[1–3]"]


AUTHOR_DATE = '<group delimiter=" "><names variable="author"><name form="short"/></names><date variable="issued" form="text" date-parts="year"/></group>'


def doe(family: str, given: str, year: int) -> dict[str, Any]:
    return {"author": [{"family": family, "given": given}], "issued": {"date-parts": [[year]]}, "title": given}


AMBIGUOUS = [
    ('disambiguate-add-year-suffix="true"', "(Doe 2000a; Doe 2000b; Doe 2001; Roe 2000)"),
    ('disambiguate-add-givenname="true"', "(Ann Doe 2000; Bob Doe 2000; Doe 2001; Roe 2000)"),
    (
        'disambiguate-add-givenname="true" givenname-disambiguation-rule="all-names"',
        "(Ann Doe 2000; Bob Doe 2000; Ann Doe 2001; Roe 2000)",
    ),
    ('disambiguate-add-year-suffix="true" collapse="year"', "(Doe 2000a, 2000b, 2001; Roe 2000)"),
    (
        'disambiguate-add-year-suffix="true" collapse="year-suffix" year-suffix-delimiter=","',
        "(Doe 2000a,b, 2001; Roe 2000)",
    ),
    ("", "(Doe 2000; Doe 2000; Doe 2001; Roe 2000)"),
]


@pytest.mark.parametrize(("options", "text"), AMBIGUOUS)
def test_ambiguous_cites(options: str, text: str) -> None:
    """The methods that the style allows, and how what they leave collapses."""
    items = {
        "a": doe("Doe", "Ann", 2000),
        "b": doe("Doe", "Bob", 2000),
        "c": doe("Doe", "Ann", 2001),
        "d": doe("Roe", "Cid", 2000),
    }
    chosen = style(AUTHOR_DATE, citation=options, dress='prefix="(" suffix=")" delimiter="; "')
    document = csl.format_document(chosen, items, [csl.Citation(tuple(map(csl.Cite, items)))])
    assert csl.to_text(document.citations[0]) == text


POSITIONS = """<choose><if position="ibid-with-locator"><text term="ibid"/><text variable="locator" prefix=" "/></if>
<else-if position="ibid"><text term="ibid"/></else-if><else-if position="subsequent" ><text variable="title" suffix=" above n. "/>
<text variable="first-reference-note-number"/></else-if><else><text variable="title"/></else></choose>"""


def test_positions_in_notes() -> None:
    """First, ibid, ibid with another locator, subsequent; one list of notes, read from the top."""
    cites = [("a", ""), ("a", ""), ("a", "7"), ("b", ""), ("a", "7"), ("a", "7")]
    citations = [csl.Citation((csl.Cite(id_, locator=where),), note) for note, (id_, where) in enumerate(cites, 1)]
    document = csl.format_document(style(POSITIONS), {"a": {"title": "A"}, "b": {"title": "B"}}, citations)
    assert [csl.to_text(citation) for citation in document.citations] == [
        "A",
        "ibid.",
        "ibid. 7",
        "B",
        "A above n. 1",
        "ibid.",
    ]


MODES = [
    (csl.Citation((csl.Cite("a", prefix="see", suffix="passim"),)), "(see Doe 2000 passim)"),
    (csl.Citation((csl.Cite("a", suppress_author=True),)), "(2000)"),
    (csl.Citation((csl.Cite("a", author_only=True),)), "Doe"),
    (csl.Citation((csl.Cite("a"),), mode="author-only"), "Doe"),
    (csl.Citation((csl.Cite("a"),), mode="suppress-author"), "(2000)"),
    (csl.Citation((csl.Cite("a"),), mode="composite"), "Doe (2000)"),
    (csl.Citation((csl.Cite("a"),), mode="composite", infix="in"), "Doe in (2000)"),
]


@pytest.mark.parametrize(("citation", "text"), MODES)
def test_what_an_author_asks_of_a_cite(citation: csl.Citation, text: str) -> None:
    """Prefix and suffix, names alone, or all but the names."""
    chosen = style(AUTHOR_DATE, dress='prefix="(" suffix=")" delimiter="; "')
    document = csl.format_document(chosen, {"a": doe("Doe", "Ann", 2000)}, [citation])
    assert csl.to_text(document.citations[0]) == text


def test_links_are_the_callers() -> None:
    """Asked for each printed variable; what is around the variable is not part of the link."""
    asked: list[tuple[str, str]] = []

    def link(variable: str, value: str, item: Mapping[str, Any]) -> str | None:
        asked.append((variable, value))
        return f"https://doi.org/{value}?a&b" if variable == "DOI" and item["type"] == "book" else None

    chosen = style('<text variable="title"/><text variable="DOI" prefix=" doi:" suffix="."/>')
    item = {"type": "book", "title": "T", "DOI": "10.1/x"}
    document = csl.format_document(chosen, {"a": item}, [csl.Citation((csl.Cite("a"),))], link=link)
    assert asked == [("title", "T"), ("DOI", "10.1/x")]
    assert csl.to_html(document.citations[0]) == 'T doi:<a href="https://doi.org/10.1/x?a&amp;b">10.1/x</a>.'


def entries(bibliography: str, *items: dict[str, Any]) -> list[csl.Entry]:
    """The entries of items that nobody cites."""
    chosen = style(bibliography=bibliography)
    return list(
        csl.format_document(
            chosen, {str(n): item for n, item in enumerate(items)}, (), map(str, range(len(items)))
        ).bibliography
    )


def test_the_first_field_stands_in_the_margin() -> None:
    """`second-field-align`: both parts can also be had one by one."""
    source = '<bibliography second-field-align="flush"><layout suffix="."><text variable="citation-number" suffix=". "/><text variable="title"/></layout></bibliography>'
    (entry,) = entries(source, {"title": "T"})
    assert csl.to_html(entry.content) == '<div class="csl-left-margin">1. </div><div class="csl-right-inline">T.</div>'
    assert entry.margin is not None
    assert (csl.to_text(entry.margin), csl.to_text(entry.body), csl.to_text(entry.content)) == ("1. ", "T.", "1. T.")


def test_punctuation_stays_with_what_stands_before_it() -> None:
    """Also where the style begins the second field with it."""
    source = (
        '<bibliography second-field-align="flush"><layout><text variable="citation-number"/>'
        '<text variable="title" prefix=". "/></layout></bibliography>'
    )
    (entry,) = entries(source, {"title": "T"})
    assert csl.to_html(entry.content) == '<div class="csl-left-margin">1.</div><div class="csl-right-inline">T</div>'


RULES = [
    ("complete-all", ["A, B 1", "— 2", "A, C 3"]),
    ("complete-each", ["A, B 1", "—, — 2", "A, C 3"]),
    ("partial-each", ["A, B 1", "—, — 2", "—, C 3"]),
    ("partial-first", ["A, B 1", "—, B 2", "—, C 3"]),
]


@pytest.mark.parametrize(("rule", "texts"), RULES)
def test_repeated_names_are_replaced(rule: str, texts: list[str]) -> None:
    """`subsequent-author-substitute` by its four rules."""
    source = (
        f'<bibliography subsequent-author-substitute="—" subsequent-author-substitute-rule="{rule}"><layout>'
        '<names variable="author"><name form="short"/></names><text variable="title" prefix=" "/></layout></bibliography>'
    )
    people = [[{"family": letter} for letter in letters] for letters in ("AB", "AB", "AC")]
    got = entries(source, *({"author": some, "title": str(n)} for n, some in enumerate(people, 1)))
    assert [csl.to_text(entry.content) for entry in got] == texts


def test_a_cut_list_is_replaced_as_a_whole() -> None:
    """With its “et al.”."""
    source = (
        '<bibliography subsequent-author-substitute="—" et-al-min="2" et-al-use-first="1"><layout>'
        '<names variable="author"><name form="short"/></names></layout></bibliography>'
    )
    people = [{"family": "A"}, {"family": "B"}]
    assert [csl.to_text(e.content) for e in entries(source, {"author": people}, {"author": people})] == [
        "A et al.",
        "—",
    ]


def test_entries_sort_as_people_sort() -> None:
    """Without case, accents and leading quotation marks; particles as the style demotes them; empty ones last."""
    source = '<bibliography><sort><key variable="author"/><key variable="title"/></sort><layout><names variable="author"/></layout></bibliography>'
    people = ["Zebra", "van Gogh", "álvarez", "Alvarez", "'t Hooft", "de la Cruz", "Über", "Ubera"]
    got = entries(source, *({"author": [{"family": name}]} for name in people), {"title": "no author"})
    assert [csl.to_text(entry.content) for entry in got] == [
        "Alvarez",
        "álvarez",
        "de la Cruz",
        "van Gogh",
        "’t Hooft",
        "Über",
        "Ubera",
        "Zebra",
    ]


def test_the_note_field_may_hold_variables() -> None:
    """What reference managers have no field for; `||` divides a name."""
    item = {"title": "T", "note": "event-date: 2004-10-01\nreviewed-author: Hall || W.C.\nSome note: here"}
    layout = '<names variable="reviewed-author"/><date variable="event-date" form="text" prefix=", "/><text variable="note" prefix="; "/>'
    assert cited(item, layout) == "W.C. Hall, October 1, 2004; Some note: here"


def test_a_remark_may_come_before_variables_of_the_note() -> None:
    """The first line need not be one (Zotero's and citeproc-js' use of the field)."""
    item = {"title": "T", "note": "A remark\nvolume: 3\nMore"}
    layout = '<text variable="volume"/><text variable="note" prefix="; "/>'
    assert cited(item, layout) == "3; A remark\nMore"


@pytest.mark.parametrize(
    ("label", "html"), [('<label prefix=" (" form="short" suffix=")"/>', "Doe (ed. &amp; trans.)"), ("", "Doe")]
)
def test_editors_who_translate_are_named_once(label: str, html: str) -> None:
    """CSL 1.0.2, “Names”: the same people as editors and translators, with or without a label."""
    same = [{"family": "Doe", "given": "J"}]
    layout = f'<names variable="editor translator" delimiter="; "><name form="short"/>{label}</names>'
    assert cited({"editor": same, "translator": same}, layout) == html


def test_a_locale_is_chosen_and_falls_back() -> None:
    """The caller's, the style's, American English; a language means its main dialect."""
    layout = '<text term="accessed"/>'
    assert cited({}, layout) == "accessed"
    assert cited({}, layout, options='default-locale="fr"') == "consulté le"
    assert cited({}, layout, options='default-locale="xx-YY"') == "accessed"
    top = '<locale xml:lang="fr"><terms><term name="accessed">vu</term></terms></locale>'
    assert cited({}, layout, options='default-locale="fr-CA"', top=top) == "vu"


def test_importing_is_light() -> None:
    """Lxml is loaded with the first style, not with the package."""
    program = "import sys, digest.csl; print('lxml' in sys.modules, 'citeproc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_the_processor_stands_on_its_own() -> None:
    """It imports nothing else of the house."""
    folder = Path(csl.__file__).parent
    for path in folder.glob("*.py"):
        lines = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if "from digest" in line or "import digest" in line
        ]
        assert all("digest.csl" in line or "from digest import csl" in line for line in lines), path


def test_the_manual_in_the_package_is_right() -> None:
    """The example at the top of `digest.csl` is run."""
    assert doctest.testmod(csl) == doctest.TestResults(failed=0, attempted=4)
