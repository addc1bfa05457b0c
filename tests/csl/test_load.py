"""Broken styles: reported with line, element and what is wrong; never a traceback."""

from pathlib import Path

import pytest

from digest import csl

NS = 'xmlns="http://purl.org/net/xbiblio/csl"'
INFO = "<info><title>T</title><id>x</id><updated>2014-07-28T00:00:00Z</updated></info>"
OPEN = f'<style {NS} class="in-text" version="1.0">{INFO}\n'
TEXT = '<text variable="title"/>'


def whole(middle: str = TEXT, *, before: str = "") -> bytes:
    """A style whose citation begins in line 2, or where `before` ends."""
    return f"{OPEN}{before}<citation><layout>{middle}</layout></citation></style>".encode()


DEEP = "<group>" * 200 + TEXT + "</group>" * 200
BOMB = "".join(f'<macro name="m{n}"><text macro="m{n + 1}"/><text macro="m{n + 1}"/></macro>' for n in range(40))
CHAIN = "".join(f'<macro name="m{n}"><text macro="m{n + 1}"/></macro>' for n in range(3000))

REFUSED = [
    ("no XML", b"no XML", "not well-formed XML"),
    ("empty", b"", "not well-formed XML"),
    ("unclosed", whole()[:-3], "not well-formed XML"),
    ("not a style", b"<html/>", "a style file begins with <style>"),
    ("no citation", f"{OPEN}</style>".encode(), "a style has one <citation>"),
    ("no layout", f"{OPEN}<citation/></style>".encode(), "line 2: <citation>: <citation> needs a <layout>"),
    (
        "macro not there",
        whole('\n<text macro="titel"/>', before=f'<macro name="title">{TEXT}</macro>'),
        "line 3: <text>: unknown macro “titel”; did you mean “title”?",
    ),
    (
        "macro in a key",
        f'{OPEN}<citation><sort><key macro="x"/></sort><layout>{TEXT}</layout></citation></style>'.encode(),
        "line 2: <key>: unknown macro “x”",
    ),
    (
        "macro calls itself",
        whole(
            '<text macro="a"/>',
            before='<macro name="a"><text macro="b"/></macro>\n<macro name="b">\n<text macro="a"/></macro>',
        ),
        "calls itself: a → b → a",
    ),
    (
        "macro of itself alone",
        whole(before='<macro name="a"><group>\n<text macro="a"/></group></macro>'),
        "line 3: <text>: the macro “a” calls itself: a → a",
    ),
    ("deep", whole(DEEP), "nested deeper than 100 levels"),
    ("deeper than libxml2 reads", whole("<group>" * 9000), "not well-formed XML"),
    (
        "bomb",
        whole('<text macro="m0"/>', before=BOMB + f'<macro name="m40">{TEXT}</macro>'),
        "elements; 50000 are the most",
    ),
    ("long chain", whole('<text macro="m0"/>', before=CHAIN + f'<macro name="m3000">{TEXT}</macro>'), "nested deeper"),
    ("entity", b'<!DOCTYPE style [<!ENTITY a "b">]>' + whole("&a;"), "document type declaration"),
    (
        "outside entity",
        b'<!DOCTYPE style [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + whole("&a;"),
        "document type declaration",
    ),
    (
        "dependent",
        f"{OPEN.replace('</info>', '<link href=&quot;http://x/apa&quot; rel=&quot;independent-parent&quot;/></info>').replace('&quot;', chr(34))}</style>".encode(),
        "points to another one, http://x/apa",
    ),
]


@pytest.mark.parametrize(("source", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_style_that_cannot_be_rendered_is_refused(source: bytes, message: str) -> None:
    """`load_style` raises a ValueError with the problems; `check` gives the same ones as values."""
    with pytest.raises(csl.StyleError) as caught:
        csl.load_style(source)
    assert isinstance(caught.value, ValueError)
    assert message in str(caught.value)
    if "points to another" not in message:  # a dependent style is right, only not to be rendered by itself
        assert csl.check(source)


WRONG = [
    (
        "attribute",
        '<text variable="title" quote="true"/>',
        "line 2: <text>: <text> has no attribute quote; did you mean “quotes”?",
    ),
    (
        "value",
        '<text variable="title" font-style="italics"/>',
        "font-style cannot be “italics”; expected italic or normal or oblique",
    ),
    ("variable", '<text variable="tilte"/>', "unknown variable “tilte”; did you mean “title”?"),
    ("name variable", '<names variable="autor"/>', "unknown name variable “autor”; did you mean “author”?"),
    ("term", '<text term="accesed"/>', "unknown term “accesed”; did you mean “accessed”?"),
    ("element", "<txt/>", "CSL has no element of this name; did you mean “text”?"),
    ("place", "<date-part name='year'/>", "<date-part> is not allowed in <layout>"),
    (
        "two sources",
        '<text variable="title" term="and"/>',
        "has one of the attributes macro, term, value, variable; it has term and variable",
    ),
    ("no source", "<text/>", "it has none"),
    ("type", '<choose><if type="book journal"/></choose>', "unknown item type “journal”"),
    ("position", '<choose><if position="first last"/></choose>', "position cannot be “last”"),
    ("no condition", "<choose><if/></choose>", "<if> needs a condition"),
    ("number", '<names variable="author"><name et-al-min="three"/></names>', "et-al-min is a number; this is “three”"),
    ("empty group", "<group/>", "this <group> is empty"),
    ("date", '<date variable="issued"/>', "needs the attribute form, or <date-part> elements"),
    ("label", "<label/>", "<label> needs the attribute variable"),
]


@pytest.mark.parametrize(("middle", "message"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_mistake_is_reported_and_the_style_still_works(middle: str, message: str) -> None:
    """What can be rendered is rendered; `check` reports the one thing that is wrong."""
    problems = csl.check(whole(middle))
    assert [message in str(problem) for problem in problems] == [True]
    assert problems[0].line == 2
    csl.format_document(csl.load_style(whole(middle)), {"a": {"title": "T"}}, [csl.Citation((csl.Cite("a"),))])


def test_everything_that_is_wrong_is_reported_in_the_order_of_lines() -> None:
    """One look at a file is enough."""
    source = f'<style {NS} version="1.0">\n<citation><layout>\n<text variable="x"/>\n<foo/></layout></citation></style>'
    assert [(problem.line, problem.element) for problem in csl.check(source.encode())] == [
        (1, "style"),
        (1, "style"),
        (3, "text"),
        (4, "foo"),
    ]


def test_a_right_style_has_no_problems_and_a_missing_file_has_one(tmp_path: Path) -> None:
    """Both functions take a path or the bytes."""
    path = tmp_path / "right.csl"
    path.write_bytes(whole())
    assert csl.check(path) == ()
    assert csl.load_style(path).title == "T"
    assert "cannot be read" in csl.check(tmp_path / "none.csl")[0].message
    with pytest.raises(FileNotFoundError):
        csl.load_style(tmp_path / "none.csl")
