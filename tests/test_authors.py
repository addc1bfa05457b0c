"""Authors as themes print them: how many, their names in one fashion, their affiliations; and what readers must not miss."""

from __future__ import annotations

import html as html_module
import io
import itertools
import re
from typing import TYPE_CHECKING, get_args

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.build import build, load_theme, prepare, read
from digest.model import Person
from digest.render import html
from digest.render.authors import Bylines, Fashion, Shown, bylines, name_of
from digest.text import RichText
from tests.conftest import ISSUE, violations
from tests.sources.strategies import people
from tests.test_pdf_ua import assert_ua

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from digest.render.context import IssueContext

THEMES = ("highlights", "compact", "book", "mail")


@pytest.mark.parametrize(
    ("person", "came", "dotted", "bare", "inverted"),
    [
        (Person(family="Miller", given="Anna B."), "Anna B. Miller", "A. B. Miller", "AB Miller", "Miller AB"),
        (
            Person(family="Miller", given="Anna Beth", suffix="Jr"),
            "Anna Beth Miller Jr",
            "A. B. Miller Jr",
            "AB Miller Jr",
            "Miller AB Jr",
        ),
        # Hyphens
        (
            Person(family="Dupont", given="Jean-Pierre"),
            "Jean-Pierre Dupont",
            "J.-P. Dupont",
            "JP Dupont",
            "Dupont JP",
        ),
        (Person(family="Dupont", given="J.-P."), "J.-P. Dupont", "J.-P. Dupont", "JP Dupont", "Dupont JP"),
        (Person(family="Lee", given="Min-jae"), "Min-jae Lee", "M.-J. Lee", "MJ Lee", "Lee MJ"),
        # Initials already
        (Person(family="Saif", initials="MW"), "MW Saif", "M. W. Saif", "MW Saif", "Saif MW"),
        (Person(family="Dupont", initials="J-P"), "J-P Dupont", "J.-P. Dupont", "JP Dupont", "Dupont JP"),
        (Person(family="Roe", given="JK"), "JK Roe", "J. K. Roe", "JK Roe", "Roe JK"),
        (Person(family="Lee", given="A.B.C."), "A.B.C. Lee", "A. B. C. Lee", "ABC Lee", "Lee ABC"),
        # Initials of more than one letter
        (Person(family="Ivanov", initials="YuA"), "YuA Ivanov", "Yu. A. Ivanov", "YuA Ivanov", "Ivanov YuA"),
        (Person(family="Müller", given="Th."), "Th. Müller", "Th. Müller", "Th Müller", "Müller Th"),
        (Person(family="Rahman", given="Md. Abdur"), "Md. Abdur Rahman", "Md. A. Rahman", "MdA Rahman", "Rahman MdA"),
        (
            Person(family="Wit", particle="de", given="IJsbrand"),
            "IJsbrand de Wit",
            "IJ. de Wit",
            "IJ de Wit",
            "de Wit IJ",
        ),
        # Particles, in the family name and in given names
        (
            Person(family="Berg", particle="van der", given="Jan Willem"),
            "Jan Willem van der Berg",
            "J. W. van der Berg",
            "JW van der Berg",
            "van der Berg JW",
        ),
        (
            Person(family="García", given="María de los Ángeles"),
            "María de los Ángeles García",
            "M. Á. García",
            "MÁ García",
            "García MÁ",
        ),
        (Person(family="O’Neil", given="d’Arcy"), "d’Arcy O’Neil", "D. O’Neil", "D O’Neil", "O’Neil D"),
        (Person(family="Roe", given="Robert “Bob” T"), "Robert “Bob” T Roe", "R. T. Roe", "RT Roe", "Roe RT"),
        (Person(family="hooks", given="bell"), "bell hooks", "B. hooks", "B hooks", "hooks B"),
        (Person(family="Öz", given="I\u0307pek"), "I\u0307pek Öz", "İ. Öz", "İ Öz", "Öz İ"),
        # One name, groups
        (Person(family="Plato"), "Plato", "Plato", "Plato", "Plato"),
        (Person(literal="Beat AML Study Group"), *["Beat AML Study Group"] * 4),
        # Scripts with capitals, and without
        (Person(family="Иванов", given="Юрий А."), "Юрий А. Иванов", "Ю. А. Иванов", "ЮА Иванов", "Иванов ЮА"),
        (Person(family="Νίκα", given="Γιώργος"), "Γιώργος Νίκα", "Γ. Νίκα", "Γ Νίκα", "Νίκα Γ"),
        (Person(family="حسن", given="محمد"), *["محمد حسن"] * 4),
        (Person(family="כהן", given="דוד"), *["דוד כהן"] * 4),
        (Person(family="ბერიძე", given="გიორგი"), *["გიორგი ბერიძე"] * 4),
        (Person(family="王", given="小明"), *["王小明"] * 4),
        (Person(family="山田", given="たろう"), *["山田たろう"] * 4),
        (Person(family="김", given="민재"), *["김민재"] * 4),
        (Person(family="スミス", given="ジョン"), *["ジョン スミス"] * 4),
    ],
)
def test_names(person: Person, came: str, dotted: str, bare: str, inverted: str) -> None:
    """A name in each fashion."""
    assert [name_of(person, fashion) for fashion in get_args(Fashion)] == [came, dotted, bare, inverted]


@given(people(), st.sampled_from(get_args(Fashion)))
def test_any_name(person: Person, fashion: Fashion) -> None:
    """Nobody loses the family name, the particle or the suffix."""
    name = name_of(person, fashion)
    for part in (person.family, person.literal, person.particle, person.suffix):
        assert part in name
    assert name == " ".join(name.split(" "))


@pytest.mark.parametrize(
    ("shown", "most", "authors", "et_al", "printed"),
    [
        ("all", None, 40, False, (40, 0, 0)),
        ("all", 100, 40, False, (40, 0, 0)),
        ("all", 5, 7, False, (5, 2, 0)),
        ("all", 5, 6, False, (6, 0, 0)),  # “and 1 other” is as long as a name
        ("all", 5, 6, True, (5, 1, 0)),  # “et al.” follows anyway
        ("ten and last", 100, 40, False, (10, 29, 1)),
        ("ten and last", 100, 13, False, (10, 2, 1)),
        ("ten and last", 100, 12, False, (12, 0, 0)),
        ("ten and last", 100, 13, True, (10, 3, 0)),  # the last one is not known
        ("ten and last", 4, 13, False, (4, 8, 1)),
        ("first", 100, 39, False, (1, 38, 0)),
        ("first", 100, 2, False, (2, 0, 0)),
        ("first", 100, 2, True, (1, 1, 0)),
        ("first", 100, 1, True, (1, 0, 0)),
        ("first", 100, 0, False, (0, 0, 0)),
        ("all", 100, 0, True, (0, 0, 0)),
    ],
)
def test_how_many(shown: Shown, most: int | None, authors: int, et_al: bool, printed: tuple[int, int, int]) -> None:
    """How many are printed before those left out, how many are left out, how many are printed after them."""
    everyone = [Person(family=f"F{n}") for n in range(authors)]
    byline = Bylines(shown=shown, most=most).of(everyone, (), et_al=et_al)
    assert (len(byline.first), byline.others, len(byline.last)) == printed
    assert [one.name for one in byline.everyone] == [one.family for one in everyone]
    assert byline.et_al == et_al
    assert not byline.last or byline.last[0].name == f"F{authors - 1}"


@given(st.integers(1, 30), st.integers(0, 6), st.data())
def test_marks_of_those_who_are_printed(authors: int, places: int, data: st.DataObject) -> None:
    """Affiliations of those left out are left out, the others are numbered in order, and nobody gets a wrong one."""
    everyone = [data.draw(people(places)) for _ in range(authors)]
    affiliations = [RichText.plain_text(f"place {n}") for n in range(1, places + 1)]
    shown = data.draw(st.sampled_from(get_args(Shown)))
    byline = Bylines(shown=shown, most=data.draw(st.integers(1, 30))).of(everyone, affiliations, et_al=False)
    printed = (*byline.first, *byline.last)
    owners = (*everyone[: len(byline.first)], *everyone[authors - len(byline.last) :])
    for one, owner in zip(printed, owners, strict=True):
        assert [byline.affiliations[mark - 1] for mark in one.affiliations] == [
            affiliations[mark - 1] for mark in owner.affiliations
        ]
    if byline.others:
        used = {mark for one in printed for mark in one.affiliations}
        assert used == set(range(1, len(byline.affiliations) + 1))
    assert [one.affiliations for one in byline.everyone] == [one.affiliations for one in everyone]


def test_options_of_another_meaning() -> None:
    """A theme may have options of these names that mean something else; what is said as here counts."""
    assert bylines({"authors": "first", "names": True, "most_authors": 7}) == Bylines(shown="first", most=7)
    assert bylines({}) == Bylines()


# -- pages -------------------------------------------------------------------------------------------------------------


def many(journal: Path, *options: str, language: str = "en") -> Path:
    """The sample, with fourteen authors of one abstract and options of the theme."""
    record = journal / ISSUE / "records" / "e310.yaml"
    text = re.sub(
        r"^authors:\n(?:  .*\n)*^affiliations:\n(?:  .*\n)*", "", record.read_text("utf-8"), flags=re.MULTILINE
    )
    assert "authors:" not in text
    authors = "".join(
        f"  - {{family: Fam{n}, given: Giv{n} X, affiliations: [{1 + n % 3}]"
        + (", orcid: 0000-0002-1825-0097" if n in {1, 14} else "")
        + "}\n"
        for n in range(1, 15)
    )
    places = "".join(f"  - Place {name}\n" for name in "ABC")
    record.write_text(f"{text.rstrip()}\nauthors:\n{authors}affiliations:\n{places}", encoding="utf-8")
    path = journal / "digest.yaml"
    settings = path.read_text("utf-8").replace("language: en", f"language: {language}")
    path.write_text(settings + "\ntheme_options:\n" + "".join(f"  {line}\n" for line in options), encoding="utf-8")
    return journal / ISSUE


def drawn(folder: Path, theme: str, medium: html.Medium = "screen") -> str:
    issue = read(folder).issue
    return html.render(prepare(issue, load_theme(issue, theme)), medium).text


def entry(page: str, key: str = "e310") -> str:
    """The element of an abstract."""
    begin = page.index(f'id="abstract-{key}"')
    end = min(at for tag in ("</article>", "</td></tr>\n<tr><td", "</body>") if (at := page.find(tag, begin)) > 0)
    return page[begin:end]


def words_of(markup: str) -> str:
    shown = re.sub(r"<svg.*?</svg>", "", markup, flags=re.DOTALL)
    return " ".join(html_module.unescape(re.sub(r"<[^>]*>", "", shown)).replace("\N{WORD JOINER}", "").split())


TEN = ", ".join(f"Giv{n} X Fam{n}" for n in range(1, 11))


@pytest.mark.parametrize("theme", ["highlights", "compact", "book"])
@pytest.mark.parametrize(
    ("options", "printed", "places"),
    [
        (["authors: ten and last"], f"{TEN}, … Giv14 X Fam14", "BCA"),
        (["authors: first"], "Giv1 X Fam1 and 13 others", "B"),
        (["authors: all", "most_authors: 2", "names: A. B. Miller"], "G. X. Fam1, G. X. Fam2 and 12 others", "BC"),
    ],
)
def test_printed(journal: Path, theme: str, options: list[str], printed: str, places: str) -> None:
    """On paper only those whom the options name, with their places in new order; on the screen all others, folded."""
    folder = many(journal, *options, "orcid: no")
    paper = entry(drawn(folder, theme, "print"))
    assert "<details" not in paper
    authors, listed = (
        words_of(one)
        for one in re.findall(r'<(?:p|ul) class="(?:authors|affiliations)">(.*?)</(?:p|ul)>', paper, re.DOTALL)
    )
    assert re.sub(r"(?<=Fam\d)[123]|(?<=Fam1\d)[123]", "", authors) == printed
    assert sorted(re.findall(r"Place (\w)", listed)) == sorted(places)
    screen = entry(drawn(folder, theme))
    (fold,) = re.findall(r'<details class="all-authors".*?</details>', screen, re.DOTALL)
    assert words_of(fold).startswith("All authors (14)")
    assert re.findall(r"Fam\d+", words_of(re.sub(r"<sup>.*?</sup>", "", fold))) == [f"Fam{n}" for n in range(1, 15)]
    assert re.findall(r"Place (\w)", fold) == ["A", "B", "C"]


@pytest.mark.parametrize("theme", ["highlights", "compact", "book"])
def test_all(journal: Path, theme: str) -> None:
    """Where nobody is left out, nothing is folded."""
    page = entry(drawn(many(journal, "authors: all"), theme))
    assert "<details" not in page
    assert page.count("Fam14") == 1 + page.count(", Giv14 X Fam14</title>")


@pytest.mark.parametrize("medium", ["screen", "text"])
def test_mail(journal: Path, medium: html.Medium) -> None:
    """An e-mail has the first ten and the last, family names first, or what the options ask for."""
    page = drawn(many(journal), "mail", medium)
    assert ", ".join(f"Fam{n} GX" for n in range(1, 11)) + ", … Fam14 GX" in " ".join(page.split())
    assert "all-authors" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "and 13 others"),
        ("de", "und 13 weitere"),
        ("fr", "et 13 autres"),
        ("es", "y otros 13"),
        ("it", "e altri 13"),
        ("pt", "e outros 13"),
    ],
)
def test_others_in_each_language(journal: Path, language: str, words: str) -> None:
    """The words about those left out are in the language of the issue."""
    assert f"Fam1 {words}" in words_of(
        entry(
            drawn(
                many(journal, "authors: first", "affiliations: no", "orcid: no", language=language),
                "highlights",
                "print",
            )
        )
    )


def test_citations_and_index_have_everybody(journal: Path) -> None:
    """What is cited, indexed and read by machines does not depend on who is printed."""
    folder = many(journal, "authors: first")
    issue = read(folder).issue
    prepared = prepare(issue, load_theme(issue))
    few = prepared.composition.issue
    everybody = prepare(issue, load_theme(issue, "book")).composition.issue

    def facts(context: IssueContext) -> list[object]:
        found: list[object] = [context.author_index]
        for one in context.entries:
            if one.kind == "article" or one.kind == "digest":  # noqa: PLR1714 - mypy follows this alone
                found += [one.authors, one.references]
            found.append(one.citation if one.kind == "digest" else "")
        return found

    (mine,) = [one for one in few.entries if one.id == "abstract-e310"]
    assert mine.kind == "digest"
    assert len(mine.byline.first) == 1
    assert facts(few) == facts(everybody)
    assert '"name": "Giv14 X Fam14"' in html.linked_data(few)


# -- ORCID -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("theme", "asked"), [("highlights", ""), ("book", "orcid: yes"), ("compact", "authors: all")])
@pytest.mark.parametrize("medium", ["screen", "print"])
def test_orcid(journal: Path, theme: str, asked: str, medium: html.Medium) -> None:
    """The sign of ORCID is a link with a name; by option there is none."""
    folder = many(journal, *filter(None, [asked]))
    page = entry(drawn(folder, theme, medium))
    assert re.findall(r'<a class="orcid" href="([^"]*)"><svg [^>]*><title>([^<]*)', page) == [
        ("https://orcid.org/0000-0002-1825-0097", f"ORCID 0000-0002-1825-0097, Giv{n} X Fam{n}") for n in (1, 14)
    ]
    path = journal / "digest.yaml"
    path.write_text(path.read_text("utf-8").replace("orcid: yes\n", "") + "  orcid: no\n", encoding="utf-8")
    assert "orcid.org" not in entry(drawn(folder, theme, medium))


def test_orcid_on_paper(journal: Path, tmp_path: Path) -> None:
    """The sign is drawn on paper, leads to the iD, and a screen reader hears whose it is."""
    (content,) = build(many(journal), ["pdf"]).files.values()
    with pikepdf.open(io.BytesIO(content)) as document:
        dictionaries = [one for one in document.objects if isinstance(one, pikepdf.Dictionary)]
        heard = {str(one.Alt) for one in dictionaries if one.get("/S") == "/Link" and "/Alt" in one}
        addresses = {str(one.A.URI) for one in dictionaries if "/URI" in one.get("/A", {})}
    assert heard == {f"ORCID 0000-0002-1825-0097, Giv{n} X Fam{n}" for n in (1, 14)}
    assert "https://orcid.org/0000-0002-1825-0097" in addresses
    assert_ua(content, tmp_path)


def test_orcid_and_fold_in_a_browser(chromium: Browser, journal: Path, tmp_path: Path) -> None:
    """A screen reader hears whose iD it is and of which abstract all authors are; keys unfold them."""
    file = tmp_path / "issue.html"
    file.write_text(drawn(many(journal, "authors: first"), "highlights"), encoding="utf-8")
    for scheme, width in itertools.product(("light", "dark"), (320, 1280)):
        context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]  # "light" or "dark"
        page = context.new_page()
        page.goto(file.as_uri())
        card = page.locator("#abstract-e310")
        assert card.get_by_role("link", name="ORCID 0000-0002-1825-0097, Giv1 X Fam1").count() == 1
        fold = card.locator("summary")
        assert "Weight loss and access to dietary counseling" in fold.inner_text()
        assert not card.locator(".author", has_text="Fam14").is_visible()
        fold.press("Enter")
        assert card.locator(".author", has_text="Fam14").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
        context.close()


# -- what readers must not miss ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("medium", ["screen", "print"])
def test_marks(journal: Path, theme: str, medium: html.Medium) -> None:
    """Corrected, withdrawn and late-breaking come before the number, each in its box with its sign; a flag does not."""
    if theme == "mail" and medium == "print":
        pytest.skip("an e-mail is not printed")
    folder = journal / ISSUE
    with (folder / "records" / "LBA7.yaml").open("a", encoding="utf-8") as file:
        file.write("\nstatus: withdrawn\n")
    page = drawn(folder, theme, medium)
    for key, found in (
        ("LBA7", [("withdrawn", "✗ Withdrawn"), ("late-breaking", "◆ Late-breaking")]),
        ("P1701", [("corrected", "✓ Corrected")]),
        ("101", []),
    ):
        label = entry(page, key).partition("<h3")[0]
        marks = re.findall(r'<strong class="mark mark-([\w-]+)"[^>]*>(.*?)</strong>', label)
        assert [(name, words_of(text).removeprefix("Important: ")) for name, text in marks] == found
        heard = medium == "screen" and theme != "mail"
        assert all(words_of(text).startswith("Important: ") == heard for _, text in marks)
        assert label.rfind("</strong>") < label.index(key, label.index("<p"))
        assert "Sample data" in words_of(label.rpartition("</strong>")[2] or label)
        assert words_of(label).lower().count("late-breaking") == (1 if key == "LBA7" else 0)


def test_marks_in_text(journal: Path) -> None:
    """In plain text they are in capitals between stars."""
    assert "[*** LATE-BREAKING *** Abstract #LBA7 · Sample data]" in drawn(journal / ISSUE, "mail", "text")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_differ_from_flags(chromium: Browser, journal: Path, tmp_path: Path, theme: str, scheme: str) -> None:
    """A mark has a frame, and letters that can be read on their ground; a flag has no frame."""
    folder = journal / ISSUE
    with (folder / "records" / "LBA7.yaml").open("a", encoding="utf-8") as file:
        file.write("\nstatus: withdrawn\n")
    path = tmp_path / "issue.html"
    path.write_text(drawn(folder, theme), encoding="utf-8")
    page = chromium.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(path.as_uri())
    looks = page.evaluate(
        "[...document.querySelectorAll('.mark, .flag')].map(e => { const s = getComputedStyle(e);"
        " return [e.className, s.borderTopWidth !== '0px', s.backgroundColor, s.color]; })"
    )
    found = {name: rest for name, *rest in looks}
    assert {"mark mark-withdrawn", "mark mark-corrected", "mark mark-late-breaking"} <= set(found)
    assert all(look[0] == name.startswith("mark") for name, look in found.items())
    assert len({tuple(look) for look in found.values()}) == len(found)
    assert [row for row in violations(page) if row[0] == "color-contrast"] == []
    page.close()
