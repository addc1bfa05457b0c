"""Covers, contents and the heads of sections, as rendered pages and browsers show them."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest
from PIL import Image
from ruamel.yaml import YAML

from digest.build import build
from digest.contrast import contrast
from digest.errors import ProjectError
from digest.project import read_issue
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser

    from digest.render.context import IssueContext

MAGENTA = (255, 0, 255)
LONG = "Highlights of Neuroendocrine and Exocrine Tumors of the Pancreas from Prevention to Palliation, with Nutrition"
LINE = "A cover line that says at length what the survival of patients with pancreatic cancer was like in the registry"


def change(path: Path, how: Callable[[Any], None]) -> None:
    yaml = YAML()
    whole = yaml.load(path.read_text(encoding="utf-8"))
    how(whole)
    yaml.dump(whole, path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The sample with two abstracts and no article, whose cover is one colour."""
    journal = Path(shutil.copytree(SAMPLE, tmp_path / "small", ignore=shutil.ignore_patterns("_build")))
    Image.new("RGB", (600, 800), MAGENTA).save(journal / ISSUE / "figures" / "photo.png")

    def shorten(issue: Any) -> None:  # noqa: ANN401 - what YAML holds
        issue["sections"] = issue["sections"][:2]
        issue["sections"][0]["entries"] = [
            one for one in issue["sections"][0]["entries"] if one.get("record") == "P1701"
        ]
        issue["sections"][1]["entries"] = [
            one for one in issue["sections"][1]["entries"] if one.get("record") == "LBA7"
        ]
        issue["cover"].update(file="figures/photo.png", credit="Jane Roe")
        issue.pop("permissions")
        issue.pop("colophon")

    change(journal / ISSUE / "issue.yaml", shorten)
    return journal


def pages(journal: Path, theme: str = "highlights", **options: object) -> pypdfium2.PdfDocument:
    """The pages of the issue in this theme, with a bleed of 3 mm."""
    options |= {"indexes": False} if theme == "highlights" else {}
    change(journal / "digest.yaml", lambda whole: whole.update(theme_options=options))
    custom = journal / "overrides" / "css" / "custom.css"
    custom.parent.mkdir(parents=True, exist_ok=True)
    custom.write_text("@media print { @page { bleed: 3mm } }", encoding="utf-8")
    change(journal / "digest.yaml", lambda whole: whole.update(theme=theme))
    built = build(journal / ISSUE, ["pdf"])
    assert [problem for problem in built.problems if problem.level != "note"] == []
    return pypdfium2.PdfDocument(next(iter(built.files.values())))


def text_of(page: pypdfium2.PdfPage) -> str:
    return " ".join(str(page.get_textpage().get_text_range()).split())


def box(page: pypdfium2.PdfPage, words: str) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the first letter of these words."""
    text = page.get_textpage()
    found = text.search(words).get_next()
    assert found, words
    return tuple(text.get_charbox(found[0]))


def number_beside(page: pypdfium2.PdfPage, words: str) -> str:
    """What is printed in the column of numbers next to the line in which these words begin."""
    _, bottom, _, top = box(page, words)
    edge = page.get_trimbox()[0]
    bounded = page.get_textpage().get_text_bounded(left=edge + 50, bottom=bottom, right=edge + 85, top=top)
    return str(bounded).strip()


@pytest.mark.parametrize(
    ("layout", "where"),
    [
        # Of the height of the page from above: where the picture is at the left and right edge of the bleed.
        ("full", [0.3, 0.5, 0.97, 0.999]),
        ("half", [0.6, 0.75, 0.85]),
        ("band", [0.25, 0.4, 0.5]),
        ("type", []),
    ],
)
def test_layouts(layout: str, where: list[float], small: Path) -> None:
    """The picture reaches the bleed on both sides where its layout has it; all words are there once, inside the paper."""
    change(
        small / ISSUE / "issue.yaml", lambda issue: issue["cover"].update(lines=["Survival doubles", "Less is more"])
    )
    document = pages(small, cover_layout=layout)
    page, text = document[0], text_of(document[0])
    for words in ("Highlights", "50th ASCO Annual Meeting 2014", "Survival doubles", "Less is more", "1590-8577"):
        assert text.count(words) == 1, words
    assert ("Jane Roe" in text) == (layout != "type")
    assert "Contents" in text_of(document[1])
    image = page.render(scale=1).to_pil().convert("RGB")
    edges = [image.getpixel((x, int(at * image.height))) for at in where for x in (0, image.width - 1)]
    assert edges == [MAGENTA] * len(edges)
    if layout == "type":
        assert MAGENTA not in {color for _, color in image.getcolors(1 << 20)}
    if layout == "full":  # under the words it is not seen
        left, bottom, _, _ = box(page, "Highlights")
        media = page.get_mediabox()
        ground = image.getpixel((round(left - media[0] - 3), round(image.height - bottom + media[1])))
        assert all(abs(one - other) < 3 for one, other in zip(ground, (11, 79, 92), strict=True))
        red, _, blue = image.getpixel((0, 2))  # a shade under the name of the periodical, not a ground
        assert 60 < red == blue < 120
    trim = page.get_trimbox()
    letters = page.get_textpage()
    for n in range(letters.count_chars()):
        left, bottom, right, top = letters.get_charbox(n)
        assert trim[0] <= left <= right <= trim[2]
        assert trim[1] <= bottom <= top <= trim[3]


@pytest.mark.parametrize("layout", ["band", "half", "full", "type"])
def test_the_fullest_cover(layout: str, small: Path) -> None:
    """A long title, six long lines and a long credit are on one page, none over another."""

    def fill(issue: Any) -> None:  # noqa: ANN401 - what YAML holds
        issue["title"] = LONG
        issue["cover"].update(lines=[f"{n}. {LINE}" for n in range(1, 7)], credit="A long line about a licence. " * 5)

    change(small / ISSUE / "issue.yaml", fill)
    document = pages(small, cover_layout=layout)
    page = document[0]
    order = ["Palliation", "50th ASCO", "Chicago", *(f"{n}. A cover line" for n in range(1, 7)), "ISSN 1590"]
    tops = [box(page, words)[3] for words in order]
    assert tops == sorted(tops, reverse=True)
    assert min(before - after for before, after in itertools.pairwise(tops)) > 9
    assert "Contents" in text_of(document[1])


@pytest.mark.parametrize("layout", ["half", "full"])
def test_the_head_of_a_newsletter(layout: str, small: Path) -> None:
    """Half of the head is the picture, to the edge of the bleed, or all of it."""
    page = pages(small, "compact", cover_layout=layout)[0]
    image = page.render(scale=1).to_pil().convert("RGB")
    at = int(0.12 * image.height)
    left, right = image.getpixel((1, at)), image.getpixel((image.width - 2, at))
    assert right[0] > 120  # in the middle of the head the picture begins to fade into the ground of the title
    assert (left[0] > 120) == (layout == "full")
    assert text_of(page).count("Highlights") == 1


def seen(journal: Path) -> IssueContext:
    from digest.build import load_theme, prepare

    issue = read_issue(journal / ISSUE)
    return prepare(issue, load_theme(issue)).composition.issue


@pytest.mark.parametrize(
    ("publication", "title", "meeting", "headline", "named", "full_title"),
    [
        ("JOP", "Highlights", "ASCO 2014", "Highlights", "ASCO 2014", "Highlights from the ASCO 2014"),
        ("JOP", "Highlights of ASCO 2014", "ASCO 2014", "Highlights of ASCO 2014", "", "Highlights of ASCO 2014"),
        ("Pancreas Highlights", "Highlights", "ASCO 2014", "ASCO 2014", "", "Highlights from the ASCO 2014"),
        ("Pancreas Highlights", "Highlights", "", "Highlights", "", "Highlights"),
        ("Light", "Highlights", "ASCO 2014", "Highlights", "ASCO 2014", "Highlights from the ASCO 2014"),
        ("JOP", "ASCO 2014", "ASCO 2014", "ASCO 2014", "", "ASCO 2014"),
    ],
)
def test_no_word_is_doubled(
    publication: str, title: str, meeting: str, headline: str, named: str, full_title: str, small: Path
) -> None:
    """The cover does not say what the name of the periodical, or the title itself, says already."""

    def name(issue: Any) -> None:  # noqa: ANN401 - what YAML holds
        issue["title"] = title
        issue.pop("meeting")
        if meeting:
            issue["meeting"] = {"name": meeting}

    change(small / ISSUE / "issue.yaml", name)
    change(small / "digest.yaml", lambda whole: whole.update(title=publication))
    issue = seen(small)
    assert (issue.headline, issue.headline_meeting, issue.full_title) == (headline, named, full_title)


def test_contents(journal: Path) -> None:
    """The number of each page is left of the first line of its title; what leads is larger; the imprint is below."""
    change(journal / "digest.yaml", lambda whole: whole.update(publisher="Sample Press", editors=["Ann Roe"]))
    document = pypdfium2.PdfDocument(build(journal / ISSUE, ["pdf"]).files["issue.pdf"])
    page, text = document[1], text_of(document[1])
    for words in ("Publisher", "Sample Press", "Editors Ann Roe", "How to cite Highlights from the 50th", "ISSN 1590")[
        1:
    ]:
        assert words in text
    lead, other = box(page, "Weight and Muscle Loss"), box(page, "Samplinib plus")
    assert lead[3] - lead[1] > 1.3 * (other[3] - other[1])
    assert lead[1] > box(page, "#e15166")[3]
    assert box(page, "Sample Press")[3] < box(page, "Author index")[1]
    for words in (
        "Radioembolization in",
        "Weight and Muscle",
        "#e15166",
        "Number of Patients",
        "#101",
        "#LBA7",
        "Author index",
    ):
        assert number_beside(page, words).isdigit(), words
    assert "1590-8577" not in text_of(document[len(document) - 1]).replace("[ISSN 1590-8577]", "")


def test_long_contents(small: Path) -> None:
    """Where the contents have several pages, each title has its number on its page, and the imprint is on the first."""
    record = (small / ISSUE / "records" / "P1701.yaml").read_text(encoding="utf-8")
    names = [f"X{n}" for n in range(100, 140)]
    for name in names:
        text = re.sub(r"^number: .*$", f"number: {name}", record, flags=re.MULTILINE)
        (small / ISSUE / "records" / f"{name}.yaml").write_text(re.sub(r"^id: .*\n", "", text, flags=re.MULTILINE))

    def add(issue: Any) -> None:  # noqa: ANN401 - what YAML holds
        issue["sections"][1]["entries"] += [{"record": name} for name in names]

    change(small / ISSUE / "issue.yaml", add)
    document = pages(small, cover=False)
    listed: list[str] = []
    for page in document:
        here = [name for name in names if f"#{name} " in text_of(page)]
        if not here:
            break
        assert ("How to cite" in text_of(page)) == (not listed)
        for name in here:
            assert number_beside(page, f"#{name} ").isdigit(), name
        listed += here
        if listed[-1] == names[-1]:
            break
    assert listed == names
    assert len(here) < len(names)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("accent: teal", "expected a colour of # and six digits"),
        ("accent: #2a6b3c", "error"),
        ('accent: "#ffd800"', "headings in #ffd800 are hard to read on white"),
        ("picture: {file: figures/no.png, alt: x}", "there is no picture issues/2014-07-28/figures/no.png"),
        ("picture: {file: figures/photo.png}", "“alt” is missing"),
        ("picture: {file: ../x.png, alt: x}", "expected a path inside this folder"),
        ("picture: {file: issue.yaml, alt: x}", "a picture is one of"),
    ],
)
def test_odd_heads_of_sections(line: str, message: str, small: Path) -> None:
    """Each slip is reported with its line."""
    path = small / ISSUE / "issue.yaml"
    title = "- title: Pancreatic Adenocarcinoma\n"
    before, _, after = path.read_text(encoding="utf-8").partition(title)
    assert after
    path.write_text(f"{before}{title}  {line}\n{after}", encoding="utf-8")
    try:
        problems = read_issue(small / ISSUE).problems
    except ProjectError as error:
        problems = tuple(error.problems)
    (problem,) = [one for one in problems if one.level != "note"]
    assert message in str(problem)
    assert problem.line == before.count("\n") + 2


@pytest.mark.parametrize(
    ("cover", "message"),
    [
        ("{file: figures/photo.png}", "the key “alt” is missing"),
        ("{credit: x}", "“credit” belongs to a picture"),
        ("{lines: [a, b, c, d, e, f, g]}", "6 lines at most; found 7"),
        (f"{{lines: ['{'x' * 161}']}}", "161 characters; 160 at most"),
    ],
)
def test_odd_covers(cover: str, message: str, small: Path) -> None:
    """A cover that cannot be printed is an error with its line."""
    path = small / ISSUE / "issue.yaml"
    change(path, lambda issue: issue.pop("cover"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("sections:", f"cover: {cover}\nsections:", 1))
    with pytest.raises(ProjectError) as error:
        read_issue(small / ISSUE)
    line = path.read_text().splitlines().index(f"cover: {cover}") + 1
    assert [problem.line for problem in error.value.problems if problem.level == "error"] == [line]
    assert message in str(error.value.problems[0])


@pytest.mark.parametrize(
    ("color", "ratio"), [("#ffffff", 1.0), ("#000000", 21.0), ("#777777", 4.48), ("#767676", 4.54), ("#ff0000", 4.0)]
)
def test_contrast(color: str, ratio: float) -> None:
    """The ratios that WCAG's own examples have."""
    assert contrast(color) == pytest.approx(ratio, abs=0.01)
    assert contrast("#ffffff", color) == contrast(color)


@pytest.mark.parametrize("theme", ["highlights", "compact", "book"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_section_of_its_own_colour(theme: str, scheme: str, small: Path, chromium: Browser) -> None:
    """Heading, label and rule of the section have its colour, in dark mode a lighter one; those of the next do not."""

    def colour(issue: Any) -> None:  # noqa: ANN401 - what YAML holds
        issue["sections"][0]["accent"] = "#8a3a00"
        issue["sections"][0]["picture"] = {"file": "figures/photo.png", "alt": "One colour", "credit": "Jane Roe"}

    change(small / ISSUE / "issue.yaml", colour)
    page_file = small / "issue.html"
    page_file.write_bytes(next(iter(build(small / ISSUE, ["html"], theme_name=theme).files.values())))
    page = chromium.new_page(color_scheme=scheme, viewport={"width": 390, "height": 800})  # type: ignore[arg-type]  # "light" or "dark"
    page.goto(page_file.as_uri())
    assert page.locator("main section.own-accent").count() == 1
    picture = page.locator("main .own-accent .section-picture img")
    assert picture.get_attribute("alt") == "One colour"
    box = picture.bounding_box()
    assert box
    assert box["width"] > 300
    colors = page.evaluate(
        """() => {
            const of = (part, property) => [...document.querySelectorAll("main > section")].map(
                section => getComputedStyle(section.querySelector(part))[property]);
            return [of("h2", "backgroundColor")[0], of("h2", "color")[1], ...of(".label", "color")];
        }"""
    )
    head, next_head, label, next_label = colors
    if theme == "compact":
        label, next_label = page.evaluate(
            """() => [...document.querySelectorAll("main > section .label .number")].map(
                one => getComputedStyle(one).color)"""
        )[:2]
    assert (head == "rgb(138, 58, 0)") == (scheme == "light")
    assert label == head
    assert next_label == next_head != label
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()


def test_a_new_issue_begins_its_sections_so(
    journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """`digest new` writes intro, picture and colour of a section, and copies the picture; without it nothing is made."""
    picture = {"file": "openers/net.png", "alt": "A scan: “net”", "credit": "Jane Roe"}
    change(
        journal / "digest.yaml",
        lambda whole: whole["sections"][0].update(intro="What is new.\n\nAnd old.", picture=picture, accent="#8a3a00"),
    )
    call = digest_in(journal)
    assert call("collect", "-q")[0] == 0
    code, _, err = call("new", "--date", "2015-01-05")
    assert code != 0
    assert "digest.yaml" in err
    assert "there is no picture openers/net.png" in err
    assert not (journal / "issues" / "2015-01-05").exists()
    (journal / "openers").mkdir()
    Image.new("RGB", (40, 20), MAGENTA).save(journal / "openers" / "net.png")
    assert call("new", "--date", "2015-01-05")[0] == 0
    issue = read_issue(journal / "issues" / "2015-01-05")
    section = issue.head.sections[0]
    assert section.picture
    assert (section.picture.file, section.picture.alt, section.picture.credit) == (
        "figures/net.png",
        "A scan: “net”",
        "Jane Roe",
    )
    assert (section.intro, section.accent) == ("What is new.\n\nAnd old.", "#8a3a00")
    copied = issue.folder / "figures" / "net.png"
    assert copied.read_bytes() == (journal / "openers" / "net.png").read_bytes()
