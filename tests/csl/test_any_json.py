"""Whatever is in an item, a document comes out, and nothing of the item becomes markup."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import csl
from tests.csl.styles import style

EVERYTHING = style(
    """
    <group delimiter=". ">
      <names variable="author"><name and="text" initialize-with="."/><label prefix=" "/>
        <substitute><names variable="editor"/><text variable="container-title" form="short"/></substitute></names>
      <text variable="title" text-case="title" quotes="true"/>
      <text variable="container-title" font-style="italic"/>
      <group delimiter=" "><label variable="page"/><text variable="page"/></group>
      <number variable="volume" form="ordinal"/><number variable="edition" form="roman"/>
      <date variable="issued" form="text"/><date variable="accessed" form="numeric"/>
      <text variable="note"/><text variable="DOI"/><text variable="URL"/><text variable="citation-label"/>
      <choose><if is-numeric="issue" variable="title" match="any"><text variable="issue"/></if></choose>
    </group>
    """,
    options='page-range-format="chicago"',
    citation='disambiguate-add-year-suffix="true" disambiguate-add-names="true" disambiguate-add-givenname="true"'
    ' et-al-min="3" et-al-use-first="1" collapse="year-suffix"',
    bibliography='<bibliography second-field-align="flush" subsequent-author-substitute="—"><sort>'
    '<key variable="author"/><key variable="issued"/><key variable="volume"/><key variable="title"/></sort><layout>'
    '<names variable="author"><name name-as-sort-order="all"/></names><text variable="title" prefix=" "/>'
    "</layout></bibliography>",
)
ALLOWED = {"i", "b", "sub", "sup", "span", "div"}

TAGS = ("<i>", "</i>", "<script>", "<b onclick=x>", "</span>", '<span class="nocase">')
SIGNS = st.sampled_from([*"<>&\"'“”‘’ .,;:!?-–/\\{}[]()abZ19é毛\u0000\u00a0ʳ²", *TAGS])
TEXTS = st.one_of(st.text(max_size=12), st.lists(SIGNS, max_size=12).map("".join))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PERSON = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("family", "given", "literal", "suffix", "non-dropping-particle", "dropping-particle", "comma-suffix"),
        TEXTS | JSON,
    ),
)
DATE = st.fixed_dictionaries(
    {},
    optional={
        "date-parts": JSON | st.lists(st.lists(st.integers() | TEXTS, max_size=4), max_size=3),
        "raw": TEXTS,
        "literal": TEXTS,
        "season": JSON,
        "circa": JSON,
    },
)
VARIABLES = (
    "title",
    "container-title",
    "page",
    "volume",
    "issue",
    "edition",
    "note",
    "DOI",
    "URL",
    "language",
    "type",
    "citation-label",
)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(VARIABLES, TEXTS | JSON),
        **dict.fromkeys(("author", "editor"), st.lists(PERSON | JSON, max_size=4) | JSON),
        **dict.fromkeys(("issued", "accessed"), DATE | JSON),
    },
)


class Tags(HTMLParser):
    """Collects the tags of a text and whether they close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"style", "class"}
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@settings(max_examples=300, deadline=None)
@given(st.lists(ITEM | JSON, min_size=1, max_size=4))
def test_any_json_gives_a_document(values: list[Any]) -> None:
    """Output or a problem, never a traceback; the HTML is well-formed and has no tag that the item brought along."""
    items = {f"i{number}": value for number, value in enumerate(values)}
    cites = tuple(csl.Cite(id_, locator="3-5", prefix="see ", suffix=", <i>x") for id_ in items)
    document = csl.format_document(EVERYTHING, items, [csl.Citation(cites), csl.Citation(cites[:1], note_number=2)])
    assert len(document.citations) == 2
    for node in [*document.citations, *(entry.content for entry in document.bibliography)]:
        tags = Tags(csl.to_html(node))
        assert tags.seen <= ALLOWED
        assert tags.open == []
        for write in (csl.to_text, csl.to_markdown, csl.to_latex):
            assert isinstance(write(node), str)
    reported = {problem.id for problem in document.problems}
    printed = {entry.id for entry in document.bibliography}
    assert reported | printed == set(items)


ODD = [
    ("a list", ["x"], "an item is an object, this is a list"),
    ("null", None, "an item is an object, this is null"),
    ("title is a list", {"title": ["x"]}, "title: text or a number was expected, this is a list; it was left out"),
    (
        "authors as text",
        {"author": "Doe, J"},
        "author: a list of names was expected, this is text; it was taken as one name",
    ),
    ("a name without name", {"author": [{"given": 7.5}]}, "author: a name has a family or literal name"),
    ("a year of letters", {"issued": {"date-parts": [["x"]]}}, "issued: this is not a date"),
]


@pytest.mark.parametrize(("value", "message"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_an_odd_item_is_reported_with_its_id_and_variable(value: Any, message: str) -> None:  # noqa: ANN401 – any JSON
    """One odd record among many is a note in the report."""
    document = csl.format_document(EVERYTHING, {"odd": value}, [csl.Citation((csl.Cite("odd"),))])
    assert any(f"odd: {message}" in str(problem) for problem in document.problems)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


MONSTERS = [
    ("markup inside markup", "<i>" * 5000 + "x" + "</i>" * 5000),
    ("quotation inside quotation", "\"a '" * 5000),
    ("tags that never end", "<span " * 5000),
    ("blanks", "1" + " " * 20000 + "x"),
    ("figures", "1" * 9000 + "-" + "2" * 9000),
    ("particles", "van " * 5000),
    ("a list inside a list", nested(3000)),
    ("a number", 10**5000),
]


@pytest.mark.parametrize("value", [row[1] for row in MONSTERS], ids=[row[0] for row in MONSTERS])
def test_monstrous_values_are_only_odd(value: Any) -> None:  # noqa: ANN401 – any JSON
    """Depth and size of a value break nothing and take no time to speak of."""
    item = dict.fromkeys((*VARIABLES, "author", "editor", "issued", "accessed"), value)
    item["author"] = [{"family": value, "given": value}]
    item["issued"] = {"raw": value, "date-parts": [[value]]}
    document = csl.format_document(EVERYTHING, {"a": item}, [csl.Citation((csl.Cite("a"),))])
    for node in (document.citations[0], *(entry.content for entry in document.bibliography)):
        assert csl.to_html(node) + csl.to_latex(node) + csl.to_markdown(node) is not None


def test_a_style_as_deep_as_allowed_renders() -> None:
    """Every level of it formatted, and asked from deep inside another program."""
    group = '<group prefix="(" font-style="italic" font-weight="bold" delimiter=", "><text value="a" quotes="true"/>'
    deep = style(group * 95 + '<text variable="title"/>' + "</group>" * 95)

    def from_below(levels: int) -> str:
        if levels:
            return from_below(levels - 1)
        document = csl.format_document(deep, {"a": {"title": "x"}}, [csl.Citation((csl.Cite("a"),))])
        return csl.to_text(document.citations[0])

    assert from_below(200).endswith("x")


def test_a_cite_of_nothing_is_reported() -> None:
    """The rest of the citation is printed."""
    document = csl.format_document(style(), {"a": {"title": "A"}}, [csl.Citation((csl.Cite("b"), csl.Cite("a")))])
    assert csl.to_text(document.citations[0]) == "A"
    assert [str(problem) for problem in document.problems] == ["b: it is cited, but no item has this id"]


def test_characters_that_cannot_be_printed() -> None:
    """NUL, other control characters and lone surrogates are left out wherever text comes from (XML 1.0 “Char”)."""
    layout = (
        '<text variable="title"/><names variable="author" prefix=" "/><text variable="locator" prefix=" "/>'
        '<text variable="URL" prefix=" "/><date variable="issued" prefix=" "><date-part name="year"/></date>'
    )
    bad = "\x00\x1e\x7f\ud800\uffff"
    item = {
        "title": f"a{bad}b",
        "author": [{"family": f"{bad}Doe", "given": f"J{bad}"}, {"literal": bad}, {"literal": f"W{bad}HO"}],
        "URL": f"https://e{bad}.org",
        "issued": {"literal": f"so{bad}on"},
    }
    cite = csl.Cite("a", locator=f"1{bad}", prefix=f"see{bad}", suffix=f"!{bad}")
    document = csl.format_document(style(layout), {"a": item}, [csl.Citation((cite,))])
    assert csl.to_html(document.citations[0]) == "see ab J Doe, WHO 1 https://e.org soon!"
