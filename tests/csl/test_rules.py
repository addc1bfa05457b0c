"""Rules of CSL 1.0.2, and of citeproc-js where it is silent: a layout, an item, what is printed."""

from __future__ import annotations

from typing import Any

import pytest

from digest import csl
from tests.csl.styles import cited, style

DOE, ROE = {"family": "Doe", "given": "Jane"}, {"family": "Roe", "given": "Rik"}
TITLE = '<text variable="title"/>'
BY = '<names variable="author"><substitute><text variable="title"/></substitute></names>'

LAYOUTS: list[tuple[str, dict[str, Any], str]] = [
    # “Substitute”: what has replaced names is suppressed in the output, but conditions see it.
    (BY + '<choose><if variable="title"><text value="!"/></if></choose>' + TITLE, {"title": "A"}, "A!"),
    # An item has one type: several are alternatives, whatever `match` says.
    ('<choose><if type="webpage post"><text value="x"/></if></choose>', {"type": "post"}, "x"),
    ('<choose><if type="webpage post" variable="URL"><text value="x"/></if></choose>', {"type": "post"}, ""),
    ('<choose><if type="book post" match="none"><text value="x"/></if></choose>', {"type": "post"}, ""),
    # “Name”: formats and affixes are for individual names; between them the delimiter stays plain.
    (
        '<names variable="author"><name and="text" form="short" font-weight="bold" suffix="."/></names>',
        {"author": [DOE, ROE]},
        "<b>Doe</b>. and <b>Roe</b>.",
    ),
    # Affixes and formats of cs:names are for names, not for what replaces them (citeproc-js) …
    (BY.replace('"author">', '"author" prefix="by ">'), {"title": "A"}, "A"),
    # … but a bare cs:names inherits everything, inside of cs:choose too.
    (
        '<names variable="author" prefix="by "><name form="short"/><label prefix=", "/><substitute><choose>'
        '<if type="book"><names variable="editor"/></if></choose></substitute></names>',
        {"type": "book", "editor": [DOE]},
        "by Doe, editor",
    ),
    # “Date Ranges”: only the delimiter is between the two dates.
    (
        '<date variable="issued"><date-part name="month"/><date-part name="day" prefix=" " suffix="!"/></date>',
        {"issued": {"date-parts": [[2012, 6, 20], [2012, 6, 24]]}},
        "June 20–24!",
    ),
    # Initials without stops go with suffixes without them; remarks in a given name are not shortened.
    (
        '<names variable="author"><name initialize-with="" delimiter="; "/></names>',
        {"author": [{**DOE, "suffix": "Jr."}, {"family": "Poe", "given": "Ed (Eddie) A."}]},
        "J Doe Jr; E (Eddie) A Poe",
    ),
    # Several blanks after an initial are one (citeproc-js).
    (
        '<names variable="author"><name initialize-with=".  "/></names>',
        {"author": [{"family": "Poe", "given": "Ed Al"}]},
        "E. A. Poe",
    ),
    # Of two blanks of a style one is printed, a no-break space too; but a blank with a format stays next to one without,
    # and so does a blank of a given text, a term or a variable (citeproc-js).
    ('<text variable="title" suffix=" "/><text value="x" prefix=" "/>', {"title": "A"}, "A x"),
    ('<text variable="title" suffix="&#160;"/><text value="x" prefix="&#160;"/>', {"title": "A"}, "A\u00a0x"),
    (
        '<group delimiter=" "><group font-style="italic"><text variable="title" suffix=" "/></group><text value="x"/></group>',
        {"title": "A"},
        "<i>A </i> x",
    ),
    ('<group delimiter=" "><text value="to "/><text variable="title"/></group>', {"title": "A"}, "to  A"),
    ('<text value="to"/><text variable="title" prefix=" " suffix="."/>', {"title": " A "}, "to  A ."),
    (TITLE, {"title": "A  B   C"}, "A\u00a0 B\u00a0  C"),
    ('<text value="to"/><text variable="volume" prefix=" " suffix="."/>', {"volume": " A "}, "to A."),
    # Two blanks of a sort-separator are one, of a delimiter only between the first two names (citeproc-js).
    (
        '<names variable="author"><name form="short" delimiter=",  "/></names>',
        {"author": [DOE, ROE, DOE]},
        "Doe, Roe,\u00a0 Doe",
    ),
    (
        '<names variable="author"><name name-as-sort-order="all" sort-separator="  "/></names>',
        {"author": [DOE]},
        "Doe Jane",
    ),
    # Title case: a word begins after white space, brackets, quotation marks, dashes, slashes and tags (citeproc-js).
    *(
        (
            '<text variable="title" text-case="title"/>',
            {"title": f"The {words} of"},
            f"The {cased} of".replace(" of", " Of"),
        )
        for words, cased in (
            ("(sea)", "(Sea)"),
            ("“sea”", "“Sea”"),
            ("«sea»", "«sea»"),
            ("« sea »", "«\u202fsea\u202f»"),
            ("„sea”", "„sea”"),
            ("¿sea?", "¿sea?"),
            ("#sea", "#sea"),
            ("m<sup>2</sup>", "m<sup>2</sup>"),
            ("un<i>sea</i>", "Un<i>Sea</i>"),
        )
    ),
    # A term is in the language of the locale, whatever that of the item is.
    (
        '<group delimiter=" "><label variable="volume" text-case="title"/><number variable="volume"/></group>',
        {"volume": "2", "language": "fr"},
        "Volume 2",
    ),
]


@pytest.mark.parametrize(("layout", "item", "html"), LAYOUTS)
def test_what_is_printed(layout: str, item: dict[str, Any], html: str) -> None:
    """One cite of one item."""
    assert cited(item, layout) == html


AUTHOR_DATE = (
    '<group delimiter=" "><names variable="author"><name form="short"/><substitute>'
    '<names variable="editor"/><text variable="title"/></substitute></names>'
    '<date variable="issued"><date-part name="year"/></date>'
    '<group delimiter=" "><label variable="locator" form="short"/><text variable="locator"/></group></group>'
)
NUMBER = '<text variable="citation-number"/>'
SUFFIXES = 'disambiguate-add-year-suffix="true" collapse="year-suffix" year-suffix-delimiter=","'
NUMBERS = 'collapse="citation-number"'

CLUSTERS: list[tuple[str, str, list[dict[str, Any]], str]] = [
    # “Cite Collapsing”: years of a group are divided by a comma; a locator keeps its cite from collapsing further …
    (AUTHOR_DATE, SUFFIXES, [{"id": "a"}, {"id": "b"}, {"id": "d"}], "(Doe 2000a,b, 2001)"),
    (
        AUTHOR_DATE,
        SUFFIXES,
        [{"id": "a"}, {"id": "b", "locator": "5"}, {"id": "c"}],
        "(Doe 2000a, 2000b p. 5, 2000c)",
    ),
    # … text that the author writes around it does not.
    (AUTHOR_DATE, SUFFIXES, [{"id": "a", "prefix": "see"}, {"id": "b"}], "(see Doe 2000a,b)"),
    (AUTHOR_DATE, SUFFIXES, [{"id": "a"}, {"id": "b", "prefix": "and"}], "(Doe 2000a, and b)"),
    # Suppressed names are replaced by nothing.
    (AUTHOR_DATE, "", [{"id": "e", "suppress_author": True}, {"id": "a"}], "(2003; Doe 2000)"),
    # Names in the text have nothing around them of what the layout puts around a citation.
    (AUTHOR_DATE, "", [{"id": "a", "author_only": True}], "Doe"),
    # A range may follow a prefix, and a locator that is not printed does not break it.
    (NUMBER, NUMBERS, [{"id": "a", "prefix": "e.g.,"}, {"id": "b"}, {"id": "c"}], "(e.g., 1–3)"),
    (NUMBER, NUMBERS, [{"id": "a"}, {"id": "b", "locator": "5"}, {"id": "c"}], "(1–3)"),
    (NUMBER, NUMBERS, [{"id": "a"}, {"id": "b"}, {"id": "c", "suffix": "too"}], "(1; 2; 3 too)"),
    # A label that is written into the locator is the right one; several numbers are plural.
    (AUTHOR_DATE, "", [{"id": "a", "locator": "chap. 3", "label": "page"}], "(Doe 2000 chap. 3)"),
    (AUTHOR_DATE, "", [{"id": "a", "locator": "3; 5"}], "(Doe 2000 pp. 3; 5)"),
    (AUTHOR_DATE, "", [{"id": "a", "locator": "iv-vi"}], "(Doe 2000 pp. iv–vi)"),
]


@pytest.mark.parametrize(("layout", "options", "cites", "text"), CLUSTERS)
def test_one_citation(layout: str, options: str, cites: list[dict[str, Any]], text: str) -> None:
    """Several cites together."""
    issued = {"date-parts": [[2000]]}
    items = {id_: {"author": [DOE], "issued": issued, "title": id_} for id_ in "abc"}
    items["d"] = {"author": [DOE], "issued": {"date-parts": [[2001]]}, "title": "d"}
    items["e"] = {"editor": [ROE], "issued": {"date-parts": [[2003]]}, "title": "E"}
    chosen = style(layout, citation=options, dress='prefix="(" suffix=")" delimiter="; "')
    document = csl.format_document(chosen, items, [csl.Citation(tuple(csl.Cite(**cite) for cite in cites))])
    assert csl.to_text(document.citations[0]) == text


def test_a_particle_stays_with_its_name_in_french() -> None:
    """French, Russian and Czech do not break a line there (citeproc-js)."""
    items = {"a": {"author": [{"family": "Berg", "given": "Jan", "non-dropping-particle": "van den"}]}}
    chosen = style('<names variable="author"/>')
    for locale, name in (("fr-FR", "Jan van den\N{NO-BREAK SPACE}Berg"), ("de-DE", "Jan van den Berg")):
        document = csl.format_document(chosen, items, [csl.Citation((csl.Cite("a"),))], locale=locale)
        assert csl.to_text(document.citations[0]) == name


def test_a_term_that_begins_an_entry_has_a_capital() -> None:
    """As it does in a note; the number of the entry does not count (citeproc-js)."""
    layout = (
        '<text variable="citation-number" suffix=". "/><group prefix="("><text term="no date" form="short"/></group>'
    )
    chosen = style(bibliography=f'<bibliography><layout>{layout}<text value=" n.d."/></layout></bibliography>')
    document = csl.format_document(chosen, {"a": {"title": "A"}}, [], ["a"])
    assert csl.to_text(document.bibliography[0].content) == "1. (N.d. n.d."


def test_lower_case_holds_at_the_beginning_of_a_note() -> None:
    """The style's own `text-case` goes before the capital of a note (CSL 1.0.2 “Text-case”)."""
    for case, expected in (("", "Ibid"), ('text-case="lowercase"', "ibid")):
        source = (
            '<style xmlns="http://purl.org/net/xbiblio/csl" class="note" version="1.0"><citation><layout>'
            f'<text term="ibid" {case} strip-periods="true"/></layout></citation></style>'
        )
        cites = [csl.Citation((csl.Cite("a"),), note_number=1)]
        document = csl.format_document(csl.load_style(source.encode()), {"a": {}}, cites)
        assert csl.to_text(document.citations[0]) == expected


EXPANDED = [
    # Where the list at hand has initials, they are enough if nobody else has the same; without `initialize-with`, the
    # full given name is printed (citeproc-js; the specification is silent about lists of another form).
    ("all-names", "", "John Max Doe; Jane Doe; Jim Doe; Roe", "J. M. Doe; Jane Doe; Jim Doe; R. Roe"),
    ("primary-name", "", "John Max Doe; Jane Doe; Jim Doe; Roe", "J. M. Doe; Jane Doe; Jim Doe; R. Roe"),
    # “-with-initials” stays with initials; they are bare where the style has no `initialize-with`.
    ("all-names-with-initials", "", "JM Doe; J Doe; J Doe; Roe", "J. M. Doe; J. Doe; J. Doe; R. Roe"),
    ("all-names-with-initials", 'initialize-with="."', "J.M. Doe; J. Doe; J. Doe; Roe", None),
]


@pytest.mark.parametrize(("rule", "initials", "cites", "entries"), EXPANDED)
def test_given_names_tell_cites_apart(rule: str, initials: str, cites: str, entries: str | None) -> None:
    """Cites have short names; the bibliography has names with initials, and expands them no further than it must."""
    people = {"John Max": "Doe", "Jane": "Doe", "Jim": "Doe", "Rik": "Roe"}
    items = {given: {"author": [{"family": family, "given": given}]} for given, family in people.items()}
    chosen = style(
        f'<names variable="author"><name form="short" {initials}/></names>',
        citation=f'disambiguate-add-givenname="true" givenname-disambiguation-rule="{rule}"',
        dress='delimiter="; "',
        bibliography='<bibliography><layout><names variable="author"><name initialize-with=". "/></names>'
        "</layout></bibliography>",
    )
    citation = csl.Citation(tuple(map(csl.Cite, items)))
    document = csl.format_document(chosen, items, [citation])
    assert csl.to_text(document.citations[0]) == cites
    if entries is not None:
        assert "; ".join(csl.to_text(entry.content) for entry in document.bibliography) == entries


def test_years_and_whole_dates_sort_together() -> None:
    """CSL 1.0.2 “Sorting”: YYYYMMDD with zeros for what is missing, also for what a macro leaves out."""
    macro = (
        '<macro name="when"><choose><if type="webpage"><date variable="issued" form="numeric"/></if><else>'
        '<date variable="issued"><date-part name="year"/></date></else></choose></macro>'
    )
    source = (
        f'<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">{macro}<citation><layout/></citation>'
        '<bibliography><sort><key macro="when"/><key variable="title"/></sort><layout><text variable="title"/></layout>'
        "</bibliography></style>"
    )
    issued = {"date-parts": [[2001]]}
    items = {
        "b": {"type": "book", "title": "B", "issued": {"date-parts": [[2001, 5]]}},
        "a": {"type": "webpage", "title": "A", "issued": issued},
        "c": {"type": "webpage", "title": "C", "issued": issued},
    }
    document = csl.format_document(csl.load_style(source.encode()), items, [], tuple(items))
    assert [csl.to_text(entry.content) for entry in document.bibliography] == ["A", "B", "C"]


CONJUNCTIONS = [
    # Chinese, Japanese and Korean write “and” without blanks, and without a comma but where the style asks for one
    # (citeproc-js; CSL 1.0.2 says nothing of blanks around the term).
    ("zh-CN", "", "J Doe, K Roe和L Poe"),
    ("ja-JP", "", "J Doe, K RoeとL Poe"),
    ("ko-KR", "", "J Doe, K Roe와/과L Poe"),
    ("zh-CN", 'delimiter-precedes-last="always"', "J Doe, K Roe, 和L Poe"),
    ("zh-CN", 'delimiter-precedes-last="never"', "J Doe, K Roe和L Poe"),
    # Hindi and Armenian write blanks, though citeproc-js drops them for every script that is not Latin or Cyrillic.
    ("hi-IN", "", "J Doe, K Roe, व L Poe"),
    ("ru-RU", "", "J Doe, K Roe, и L Poe"),
]


@pytest.mark.parametrize(("locale", "options", "expected"), CONJUNCTIONS)
def test_and_has_the_blanks_of_its_language(locale: str, options: str, expected: str) -> None:
    people = [{"family": family, "given": given} for given, family in (("J", "Doe"), ("K", "Roe"), ("L", "Poe"))]
    chosen = style(f'<names variable="author"><name and="text" {options}/></names>')
    document = csl.format_document(chosen, {"a": {"author": people}}, [csl.Citation((csl.Cite("a"),))], locale=locale)
    assert csl.to_text(document.citations[0]) == expected


def _note_style(options: str) -> csl.Style:
    """Repeated cites have the author, the title where that is ambiguous, and the first note."""
    source = (
        f'<style xmlns="http://purl.org/net/xbiblio/csl" class="note" version="1.0"><citation {options}>'
        '<layout delimiter="; "><choose><if position="subsequent"><group delimiter=" "><group delimiter=", ">'
        '<names variable="author"><name form="short" et-al-min="2" et-al-use-first="1"/></names>'
        '<choose><if disambiguate="true"><text variable="title"/></if></choose></group>'
        '<text variable="first-reference-note-number" prefix="(n " suffix=")"/></group></if>'
        '<else><text variable="title"/></else></choose></layout></citation></style>'
    )
    return csl.load_style(source.encode())


ABOVE = [
    # `(n 1)` and `(n 2)` are not ambiguous (CSL 1.0.2 “Disambiguation” is about cites that are the same; citeproc-js) …
    ("", ["a", "b", "a", "b"], "A | B | Doe (n 1) | Doe (n 2)"),
    # … where one note has both, more is needed.
    ("", ["ab", "a", "b"], "A; B | Doe, A (n 1) | Doe, B (n 1)"),
    ('disambiguate-add-names="true"', ["c", "d", "c", "d"], "C | D | Poe et al. (n 1) | Poe et al. (n 2)"),
    ('disambiguate-add-names="true"', ["cd", "c", "d"], "C; D | Poe, Koe (n 1) | Poe, Loe (n 1)"),
]


@pytest.mark.parametrize(("options", "notes", "expected"), ABOVE)
def test_other_first_notes_make_cites_unambiguous(options: str, notes: list[str], expected: str) -> None:
    families = {"a": ["Doe"], "b": ["Doe"], "c": ["Poe", "Koe"], "d": ["Poe", "Loe"]}
    items = {
        id_: {"title": id_.upper(), "author": [{"family": family, "given": "J"} for family in names]}
        for id_, names in families.items()
    }
    citations = [csl.Citation(tuple(map(csl.Cite, ids)), note_number=n) for n, ids in enumerate(notes, 1)]
    document = csl.format_document(_note_style(options), items, citations)
    assert " | ".join(map(csl.to_text, document.citations)) == expected


HIDDEN = [
    # Names that “et al.” hides make others ambiguous (citeproc-js), and names that are added follow the rule too.
    ("all-names", "I. Kuo, Lee, J. Zhou, et al.; M. Zhou; A. Kuo; I. Kuo, Lee, K. Zhou, et al."),
    # “primary-name”: given names are added to the first name of a cite and to no other, so more names cannot help here.
    ("primary-name", "I. Kuo et al.; Zhou; A. Kuo; I. Kuo et al."),
    ("by-cite", "Kuo, Lee, J. Zhou, et al.; Zhou; Kuo; Kuo, Lee, K. Zhou, et al."),
]


@pytest.mark.parametrize(("rule", "expected"), HIDDEN)
def test_names_that_are_added_or_hidden_follow_the_rule_for_given_names(rule: str, expected: str) -> None:
    lists = ("Kuo I, Lee A, Zhou Jane, Roe B", "Zhou Max", "Kuo Ann", "Kuo I, Lee A, Zhou Kim, Roe C")
    items = {
        str(n): {"author": [dict(zip(("family", "given"), name.split(), strict=True)) for name in people.split(", ")]}
        for n, people in enumerate(lists)
    }
    chosen = style(
        '<names variable="author"><name form="short" initialize-with="." et-al-min="3" et-al-use-first="1"/></names>',
        citation='disambiguate-add-names="true" disambiguate-add-givenname="true" '
        f'givenname-disambiguation-rule="{rule}"',
        dress='delimiter="; "',
    )
    document = csl.format_document(chosen, items, [csl.Citation(tuple(map(csl.Cite, items)))])
    assert csl.to_text(document.citations[0]) == expected


def test_names_alone_keep_the_text_of_the_author() -> None:
    """What was typed before and after a cite is printed with names alone, too (citeproc-js)."""
    cite = csl.Cite("a", author_only=True, prefix="See also ", suffix=", too")
    document = csl.format_document(
        style('<names variable="author"/><text variable="title"/>'),
        {"a": {"author": [DOE], "title": "A"}},
        [csl.Citation((cite,))],
    )
    assert csl.to_text(document.citations[0]) == "See also Jane Doe, too"


ESCAPED = [("&amp;#160;", "\N{NO-BREAK SPACE}"), ("&amp;#8212;", "—"), ("&amp;#x2013;", "–"), ("&amp;#1;", "&#1;")]


@pytest.mark.parametrize(("written", "printed"), ESCAPED)
def test_what_a_style_escapes_twice_is_the_character(written: str, printed: str) -> None:
    """22 of 2,865 published styles have `&amp;#160;` and the like, which a web page shows as the character."""
    document = csl.format_document(
        style(f'<text variable="title" suffix="{written}!"/>'), {"a": {"title": "A"}}, [csl.Citation((csl.Cite("a"),))]
    )
    assert csl.to_text(document.citations[0]) == f"A{printed}!"
