"""BibTeX and BibLaTeX become records."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import Problem
from digest.records import as_json
from digest.sources import Page, Parsed
from digest.sources.formats import bibtex
from digest.sources.formats.bibtexentries import EntryScanner
from digest.sources.shared.latex import Decoder, encode, encode_rich
from tests.conftest import files_of
from tests.sources.strategies import ALPHABET, rich

if TYPE_CHECKING:
    from digest.text import RichText


def read(text: str | bytes) -> tuple[list[Parsed], list[Problem]]:
    content = text.encode() if isinstance(text, str) else text
    outcomes = list(bibtex.parse(Page(content, "some.bib", format="bibtex")))
    return [o for o in outcomes if isinstance(o, Parsed)], [o for o in outcomes if isinstance(o, Problem)]


def fields(text: str) -> dict[str, Any]:
    (parsed,), _ = read(text)
    return as_json(parsed.record)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(r"{\"U}ber \'e \ss{} \v{s} $\alpha$ {\LaTeX}", "Über é ß š α LaTeX", id="accents"),
        pytest.param(
            r"{\'\i} \'{\i} \`{a} \o re {\O}re \c{c} {\c c} Erd\H{o}s \k{a}",
            "í í à øre Øre ç ç Erdős ą",
            id="accents that take an argument",
        ),
        pytest.param(
            r"\textit{in vivo} {\em in vitro} \textsc{Star}",
            "<i>in vivo</i> <i>in vitro</i> <sc>Star</sc>",
            id="commands and switches",
        ),
        pytest.param(
            r"CD8\textsuperscript{+} H$_2$O $10^{-3}$ $\mathrm{Y}_{90}$",
            "CD8<sup>+</sup> H<sub>2</sub>O 10<sup>-3</sup> Y<sub>90</sub>",
            id="scripts",
        ),
        pytest.param("``a'' -- b---c~d", "“a” – b—c d", id="signs"),
        pytest.param("{MIAPPE} and {{FAIR}ness}", "MIAPPE and FAIRness", id="protected capitals"),
        pytest.param(
            r"from $5 to $10, 95% & more", "from $5 to $10, 95% &amp; more", id="signs of exports that escape nothing"
        ),
        pytest.param(r"\input{/etc/passwd} \write18{id}", "/etc/passwd 18id", id="commands are never obeyed"),
        pytest.param(r"\href{javascript:1}{x} \url{https://e.org/a_b}", "x https://e.org/a_b", id="links"),
        pytest.param(r"a \% b \& c \_ d \# e \$ f \{ g \}", "a % b &amp; c _ d # e $ f { g }", id="escaped signs"),
        pytest.param(r"\~{} \^{} \textasciitilde{} \textbackslash{}", "~ ^ ~ \\", id="signs that are accents"),
        pytest.param("}{}}{{", "", id="braces out of balance"),
        pytest.param("{" * 5000 + "a", "a", id="thousands of braces"),
    ],
)
def test_latex_becomes_text(source: str, expected: str) -> None:
    """Accents, ligatures, formulas and commands become characters and our markup."""
    assert Decoder().rich(source).source == expected


@given(rich())
def test_text_written_as_latex_is_read_back(text: RichText) -> None:
    """Braces are balanced and the characters are the same, capitals protected or not."""
    for protected in (False, True):
        source = encode_rich(text, protected=protected)
        assert source.count("{") == source.count("}")
        assert Decoder().rich(source) == text


@given(st.text(ALPHABET, max_size=60))
def test_any_latex_becomes_text(text: str) -> None:
    """Nothing in it stops the reading, and plain text that is written as LaTeX is read back as that text."""
    Decoder().rich(text)
    assert Decoder().plain(encode(text)) == " ".join(text.split())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Papoutsoglou, Evangelia A. and Rocca-Serra, Philippe", "Evangelia A. Papoutsoglou; Philippe Rocca-Serra"),
        ("Jan van der Heide and Saif MW", "Jan van der Heide; MW Saif"),
        ("de la Fontaine, Jr, Jean", "Jean de la Fontaine Jr"),
        ("Jean {de la Fontaine}", "Jean de la Fontaine"),
        ("{Beat AML Study Group} and {R Core Team and Friends}", "Beat AML Study Group; R Core Team and Friends"),
        (r"G{\"o}del, Kurt and {\O}re, \'Emile", "Kurt Gödel; Émile Øre"),
        ("Smith, J. AND\n   Doe, A.", "J. Smith; A. Doe"),
        ("family=Heide, given=Jan, prefix=van der, suffix=Jr", "Jan van der Heide Jr"),
        ("Barnes and Noble", "Barnes; Noble"),
    ],
)
def test_names_are_divided(names: str, expected: str) -> None:
    """By “and” outside braces, each in one of BibTeX's three forms or biblatex's fourth."""
    (parsed,), _ = read(f"@article{{k, title={{T}}, author={{{names}}}, editor={{Editor, Some}}}}")
    assert "; ".join(person.full for person in parsed.record.authors) == expected
    assert [person.family for person in parsed.record.editors] == ["Editor"]


def test_and_others_is_not_an_author() -> None:
    """The list itself is cut short."""
    found = fields("@article{k, title={T}, author={Saif, Wasif and others}}")
    assert found["authors_truncated"] is True
    assert len(found["authors"]) == 1


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(
            "@article{k, title={T}, journal={J}, volume=12, number=3, pages={60--6}, year=2014, month=may}",
            {"type": "article", "volume": "12", "issue": "3", "pages": "60-66", "issued": "2014-05"},
            id="article",
        ),
        pytest.param(
            '@article{k, title="T", journaltitle={J}, date={2014-05-20/2014-05-22}, eid={e15166}, issue={15_suppl}}',
            {"issued": "2014-05-20", "pages": "e15166", "issue": "15", "supplement": "Suppl"},
            id="biblatex",
        ),
        pytest.param(
            '@article{k, title={T}, month = "20~" # may, year = {2014}}',
            {"issued": "2014-05-20"},
            id="a day in the month",
        ),
        pytest.param("@article{k, title={T}, note={(abstr e15166)}}", {"number": "e15166"}, id="a number in the note"),
        pytest.param(
            "@inproceedings{k, title={T}, booktitle={Proc}, eventtitle={50th ASCO Annual Meeting}, venue={Chicago}, eventdate={2014-05-30/2014-06-03}, pages={12}}",
            {
                "container": "Proc",
                "meeting": {
                    "name": "50th ASCO Annual Meeting",
                    "society": "ASCO",
                    "place": "Chicago",
                    "start": "2014-05-30",
                    "end": "2014-06-03",
                },
            },
            id="a meeting",
        ),
        pytest.param(
            "@inproceedings{k, title={T}, booktitle={Proc}, pages={12--25}}",
            {"type": "chapter"},
            id="a paper is not an abstract",
        ),
        pytest.param(
            "@misc{k, title={T}, eprint={2401.01234}, archiveprefix={arXiv}}",
            {"type": "preprint", "ids": {"url": "https://arxiv.org/abs/2401.01234"}},
            id="arxiv",
        ),
        pytest.param(
            "@article{k, title={T}, eprint={24857584}, eprinttype={pubmed}, doi={https://doi.org/10.1000/A\\_b}}",
            {"ids": {"doi": "10.1000/a_b", "pmid": "24857584"}},
            id="identifiers",
        ),
        pytest.param("@article{k, title={T}, keywords={a, b}}", {"keywords": ("a", "b")}, id="keywords by commas"),
        pytest.param(
            "@article{k, title={T}, keywords={Carcinoma, Ductal; Weight}}",
            {"keywords": ("Carcinoma, Ductal", "Weight")},
            id="keywords by semicolons",
        ),
        pytest.param(
            "@phdthesis{k, title={T}, school={U}, langid={ngerman}}",
            {"type": "thesis", "publisher": "U", "language": "de"},
            id="thesis",
        ),
        pytest.param(
            "@book{k, title={T}, subtitle={S}, editor={E, F}}",
            {"title": "T: S", "editors": ({"family": "E", "initials": "F"},)},
            id="book",
        ),
        pytest.param("@ARTICLE(k, TITLE = {a (b) c})", {"title": "a (b) c"}, id="round brackets"),
        pytest.param(
            "@string{J = {Cancer}} @article{k, title = {T}, journal = j # { Res}}",
            {"container": "Cancer Res"},
            id="strings",
        ),
        pytest.param(
            "me@x.org @comment{@article{z, title={Z}}} @article{k,title={a@b.org}}", {"title": "a@b.org"}, id="comments"
        ),
        pytest.param("@article{,title={T}}", {"title": "T"}, id="no key"),
        pytest.param(
            "@article{title={T}, year=2014}", {"title": "T", "issued": "2014"}, id="not even a comma for the key"
        ),
        pytest.param(
            "@article{k, title={<i>In vivo</i> &amp; more}}",
            {"title": "<i>In vivo</i> &amp; more"},
            id="HTML from a publisher",
        ),
        pytest.param(
            "@article{k, title={T}, abstract={BACKGROUND: We saw. RESULTS: We won.}}",
            {"abstract": ({"text": "We saw.", "label": "BACKGROUND"}, {"text": "We won.", "label": "RESULTS"})},
            id="labels",
        ),
    ],
)
def test_fields_become_what_they_mean(entry: str, expected: dict[str, Any]) -> None:
    """In the dialects of BibTeX and biblatex, and as exports have them."""
    found = fields(entry)
    assert {name: found.get(name) for name in expected} == expected


def test_parts_take_from_the_whole_they_refer_to() -> None:
    """A title becomes the title of the book; the authors and the DOI of the whole are not taken; loops end."""
    text = """
    @inproceedings{part, title={P}, author={A, B}, crossref={whole}}
    @proceedings{whole, title={W}, editor={E, F}, year=2014, doi={10.1000/w}, crossref={part}}
    @xdata{x, publisher={Pub}, xdata={x}}
    @book{b, title={B}, xdata={x}, crossref={nowhere}}
    """
    records, problems = read(text)
    part, _, book = (as_json(parsed.record) for parsed in records)
    assert (part["container"], part["issued"], part["editors"][0]["family"]) == ("W", "2014", "E")
    assert part["ids"] == {}
    assert book["publisher"] == "Pub"
    assert [problem.code for problem in problems] == ["no-record"]
    assert [problem.code for parsed in records for problem in parsed.problems] == ["no-such-entry"]


@pytest.mark.parametrize(
    ("text", "titles", "broken", "reported"),
    [
        pytest.param(
            "@article{a,title={ok}}\n@article{b,title={bad\n@article{c,title={ok2}}\n",
            ["ok", "ok2"],
            [2],
            [],
            id="a brace missing in the middle",
        ),
        pytest.param("@article{a, title={T}, year=2014", ["T"], [], ["unclosed"], id="the last brace missing"),
        pytest.param("@article{a, title={T", [], [1], [], id="an open value"),
        pytest.param(
            "@article{a, author={X, title={T},\n year={2014}\n}\n", [], [1], [], id="a value that swallows the next"
        ),
        pytest.param("@article{a, title={T} year=2014}", ["T"], [], ["comma"], id="a comma missing"),
        pytest.param(
            "@article{a, title={T}, doi={10.1000/a}, doi={10.1000/b}}",
            ["T"],
            [],
            ["repeated-field"],
            id="a field twice",
        ),
        pytest.param("@article{k,title={A}}@article{k,title={B}}", ["A", "B"], [], ["duplicate-key"], id="a key twice"),
        pytest.param("@string{a=b}@string{b=a}@article{k,title=a}", ["b"], [], [], id="strings in a loop"),
        pytest.param(
            "@article{k, title=nowhere}", ["nowhere"], [], ["unknown-string"], id="a string that is not there"
        ),
        pytest.param("@article{k, rubbish, title={T}}", ["T"], [], ["no-field"], id="what is not a field"),
        pytest.param("@article{k}", [], [1], [], id="nothing in it"),
    ],
)
def test_no_entry_is_lost(text: str, titles: list[str], broken: list[int], reported: list[str]) -> None:
    """Each gives a record, or an error with its line; what is odd in a record is reported with it."""
    records, problems = read(text)
    assert [parsed.record.title.plain for parsed in records] == titles
    assert [problem.line for problem in problems if problem.level == "error"] == broken
    assert [problem.code for parsed in records for problem in parsed.problems] == reported


@pytest.mark.parametrize(
    "text",
    [
        "@article{k, title={" + "{" * 200_000,
        '@article{k, title="' + '{"' * 100_000,
        "@article{k,\n" * 20_000,
        "@a{x, t={\n" * 20_000,
        "@" * 200_000 + "{",
        '@string{a="' + "x" * 1000 + '"}' + "".join("@string{a=a # a # a}" for _ in range(40)) + "@article{k, title=a}",
        "@article{k, author={" + "A and " * 50_000 + "}, title={T}}",
        "@article{k, title={" + r"\textit{" * 20_000 + "a" + "}" * 20_000 + "}}",
        "@article{k, title={" + "$" * 100_000 + "}}",
        "@article{k, title={" + "<" * 50_000 + "i>&amp;}}",
        "@article{k, title={T}, abstract={" + "\\paragraph{" * 5_000 + "}}",
        "@article{k, " + "a b c " * 30_000 + "}",
        "@comment{" * 20_000,
        "@string{a={" * 20_000,
        '@string{a="' * 20_000,
    ],
    ids=range(15),
)
def test_hostile_files_take_little_time(text: str) -> None:
    """What is nested, repeated or never closed a hundred thousand times is read in seconds."""
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 50


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            (
                "@article{",
                "k1,",
                "title = {",
                "{",
                "}",
                "}\n",
                '"',
                ",",
                "#",
                "=",
                "author",
                "\n@misc{b, ",
                "@string{a = ",
                "Über \\'e",
                "$x^2$",
                " and ",
                "@comment",
                "(",
                ")",
                "\\",
                "1",
                "\x00",
                "@set{s,",
            )
        ),
        max_size=25,
    ).map("".join)
)
def test_entries_in_are_records_and_problems_out(text: str) -> None:
    """Whatever the bytes: the scanner's entries each give a record, an error, or the note that they hold no record."""
    records, problems = read(text)
    entries = list(EntryScanner(Page(text.encode(), "").text).entries())
    reported = [problem for problem in problems if problem.level == "error" or problem.code == "no-record"]
    assert len(entries) == len(records) + len(reported)
    plain = re.sub(r"[^@]*", "", text)
    assert len(entries) <= len(plain)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(content: bytes) -> None:
    """Noise is a comment, or an entry that is reported."""
    read(b"@article{k, title={T" + content + b"}}\n@book{b, title={B}}")


def test_files_lose_nothing() -> None:
    """As many entries come out as begin with an @ and a type, in our files and those of four projects."""
    for path in files_of("bibtex", "records/more/bibtex/**/*.bib"):
        records, problems = read(path.read_bytes())
        reported = [problem for problem in problems if problem.level == "error" or problem.code == "no-record"]
        text = Page(path, path.name).text
        begins = re.findall(
            r"^[ \t]*@[ \t]*(\w+)[ \t\n]*[{(]",
            re.sub(r"@comment\{[^{}]*\}", "", text, flags=re.IGNORECASE),
            re.MULTILINE,
        )
        count = sum(name.lower() not in {"comment", "string", "preamble"} for name in begins)
        assert len(records) + len(reported) >= count or "@comment" in text.lower(), path.name


def test_an_entry_that_no_brace_opens() -> None:
    """An entry without its first brace is read where its fields follow, and otherwise reported; it does not vanish as a comment."""
    text = "@Article,\n  author = {Sarda, Marie-Anne},\n  title = {Livres de secrets}\n}\n"
    (found,), _ = read(text)
    assert (found.record.title.plain, [problem.code for problem in found.problems]) == ("Livres de secrets", ["comma"])
    text = "@Article,\n}\n@book{b, title={A whole one}, note={\n@Article,\n}}\n"
    outcomes = list(bibtex.parse(Page(text.encode(), "x.bib")))
    assert [outcome.code for outcome in outcomes if isinstance(outcome, Problem)] == ["broken-entry"]
    assert [outcome.record.title.plain for outcome in outcomes if isinstance(outcome, Parsed)] == ["A whole one"]


LEFT = {
    "no year": ("year={in press}", ["“in press” is not a year; it was left out"]),
    "a note": ("year=2014, note={To be read}", ["fields that were not read: note “To be read”"]),
    "a field of nobody": ("year=2014, colour={green}", ["fields that were not read: colour “green”"]),
    "what the program needs": ("year=2014, file={a.pdf}, date-added={2014}, mendeley-tags={x}", []),
}


@pytest.mark.parametrize("case", LEFT)
def test_fields_without_a_place_are_reported(case: str) -> None:
    """A field for which a record has no place is named, and so is a year that is not one."""
    fields, reported = LEFT[case]
    (found,) = bibtex.parse(
        Page(f"@article{{a, author={{Roe, J}}, title={{Ducks}}, journal={{Gut}}, {fields}}}".encode(), "x.bib")
    )
    assert isinstance(found, Parsed)
    assert [problem.message for problem in found.problems] == reported


def test_a_journal_as_the_title_of_a_book() -> None:
    """Mendeley’s proceedings of ASCO: the number is the issue, and the abstract begins with the abstract’s number."""
    text = (
        "@inproceedings{a, title={Ducks}, booktitle={Journal of Clinical Oncology}, volume={36}, number={15_suppl}, "
        "pages={4518--4518}, year=2018, doi={10.1200/JCO.2018.36.15_suppl.4518}, "
        "abstract={4518Background: Ducks swim. Methods: We looked. Results: They did. Conclusions: They do.}}"
    )
    (found,) = bibtex.parse(Page(text.encode(), "x.bib"))
    assert isinstance(found, Parsed)
    record = found.record
    assert (record.type, record.number, record.volume) == ("meeting-abstract", "4518", "36")
    assert (record.issue, record.supplement) == ("15", "Suppl")
    assert [part.label for part in record.abstract] == ["Background", "Methods", "Results", "Conclusions"]


def test_a_note_holds_number_and_meeting() -> None:
    """“Poster presented at” in a note gives the meeting, and the number of the abstract with it."""
    text = "@article{a, title={Ducks}, year=2014, note={Poster presented at DDW; abstract Sa1234}}"
    (found,) = bibtex.parse(Page(text.encode(), "x.bib"))
    assert isinstance(found, Parsed)
    record = found.record
    assert (record.type, record.number, record.presentation) == ("meeting-abstract", "Sa1234", "poster")
    assert record.meeting
    assert record.meeting.name == "DDW"
