"""Pages of the editors' own: what an entry `page:` may say, and what it becomes in each format."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from bench.congress.folder import write_publication
from digest import strict
from digest.build import build, load_theme, outline, read
from digest.cite import Styles
from digest.errors import ProjectError
from digest.publication import IssueFile
from digest.render import html
from digest.render.sheeting import JOINT
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from pathlib import Path

AD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297" width="210" height="297"><rect width="210" height="297" fill="#135"/></svg>'
ENTRIES = """\
      - page:
          file: figures/ad.svg
          alt: All blue.
          title: Buy "Samplase" -- now
          advertisement: true
      - page:
          template: sponsor
          title: Thanks
          text: Our *sponsor* paid.
          advertisement: true
        flag: "'New'"

  - title: Pancreatic Adenocarcinoma
"""

WRONG = [
    ("page: {title: x}", "a page has a template, a picture (file) or a text; this one has nothing"),
    ("page: {file: a.png}", "the key “alt” is missing"),
    ("page: {text: x, alt: y}", "“alt” describes the picture of a page"),
    ("page: {text: x, advert: true}", "advert"),
    ("page: {file: ../a.png, alt: x}", "a path inside this folder"),
    ("page: {text: x}\n    record: a", "give exactly one of them"),
    ("page: {text: x}\n    why: y", "belong to a record"),
]


@pytest.mark.parametrize(("entry", "said"), WRONG)
def test_what_a_page_may_not_say(entry: str, said: str) -> None:
    """Each mistake is an error with its line."""
    read = strict.read(f"date: 2014-07-28\nsections:\n- title: A\n  entries:\n  - {entry}\n", IssueFile, "f")
    assert read.value is None
    assert said in read.problems[0].message
    assert read.problems[0].line in {5, 6}


def _text(page: str) -> str:
    return unescape(re.sub(r"<[^<>]*>", "", page))


def _with_pages(journal: Path, entries: str = ENTRIES) -> Path:
    issue = journal / ISSUE
    (issue / "figures" / "ad.svg").write_text(AD, encoding="utf-8")
    (journal / "overrides" / "pages").mkdir(parents=True)
    template = '<p class="x">{{ issue.title }} thanks: {{ entry.title }}</p>{{ entry.body }}'
    (journal / "overrides" / "pages" / "sponsor.html").write_text(template, encoding="utf-8")
    path = issue / "issue.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  - title: Pancreatic Adenocarcinoma\n", entries, 1), encoding="utf-8")
    return issue


def test_in_html_and_pdf(journal: Path) -> None:
    """A block on the screen, a page on paper; marked where it was paid for, listed where it has a title."""
    built = build(_with_pages(journal))
    assert [problem for problem in built.problems if problem.level != "note"] == []
    page = built.files["issue.html"].decode()
    assert page.count('<span class="advertisement">Advertisement</span>') == 2
    assert "Advertisement‘New’" in _text(page)
    assert '<p class="x">Highlights thanks: Thanks</p><p>Our <em>sponsor</em> paid.</p>' in page
    assert '<a href="#page-1-5">Buy “Samplase” – now</a>' in page
    document = pypdfium2.PdfDocument(built.files["issue.pdf"])
    texts = [page.get_textpage().get_text_range() for page in document]
    (whole,) = [n for n, text in enumerate(texts) if text.split() == ["ADVERTISEMENT"]]
    (thanks,) = [n for n, text in enumerate(texts) if "Our sponsor paid." in text]
    assert thanks == whole + 1
    assert "Pancreatic Adenocarcinoma" not in texts[thanks].replace("Highlights thanks", "")
    picture = document[whole].render(scale=0.2).to_pil()
    assert {picture.getpixel((3, 3)), picture.getpixel((picture.width - 4, picture.height - 4))} == {(0x11, 0x33, 0x55)}


def test_in_other_themes(journal: Path) -> None:
    """The book and the newsletter have the page as well; an e-mail has its text, and neither picture nor template."""
    issue = _with_pages(journal)
    for theme in ("book", "compact"):
        built = build(issue, ["html"], theme_name=theme)
        page = built.files[f"issue-{theme}.html"].decode()
        assert page.count('<article class="own-page') == 2
        assert "Highlights thanks: Thanks" in page
    mail = build(issue, theme_name="mail").files
    for name in ("issue-mail.html", "issue-mail.txt"):
        text = mail[name].decode()
        assert "Advertisement" in text
        assert "sponsor" in text
        assert "Highlights thanks" not in text
        assert "Samplase” –" not in text


def test_a_page_at_the_beginning_of_a_sheet(tmp_path: Path) -> None:
    """It has its page, like any other; none is left empty before it."""
    issue = write_publication(tmp_path, 12)
    settings, listed = tmp_path / "digest.yaml", issue / "issue.yaml"
    settings.write_text(settings.read_text("utf-8") + "  sheet_abstracts: 5\n  sheets_from: 10\n", "utf-8")
    text = listed.read_text("utf-8")
    own = '      - page:\n          text: Thanks, all.\n      - record: "4"'
    listed.write_text(text.replace('      - record: "4"', own, 1), "utf-8")
    paper = html.render(
        html.prepare(read(issue).issue, load_theme(read(issue).issue, "book"), Styles(tmp_path)), "print"
    )
    sheet = next(sheet for sheet in paper.text.split(JOINT) if "Thanks, all." in sheet)
    assert sheet.lstrip().startswith('<article class="own-page')
    opened = pypdfium2.PdfDocument(build(issue, ["pdf"]).files["issue.pdf"])
    texts = [page.get_textpage().get_text_bounded() for page in opened]
    at = next(n for n, text in enumerate(texts) if "Thanks, all." in text)
    assert len(texts[at - 1]) > 300


MISSING = [
    ("template: sponsr", "missing-page", "there is no template “sponsr” of a page"),
    ("template: sponsor.html", "missing-page", "did you mean “sponsor”?"),
    ("file: figures/add.svg\n          alt: x", "missing-picture", "did you mean “ad.svg”?"),
]


@pytest.mark.parametrize(("page", "code", "said"), MISSING)
def test_what_is_missing_is_reported_with_its_line(journal: Path, page: str, code: str, said: str) -> None:
    """A template or a picture that is not there is an error at its line."""
    entries = f"      - page:\n          {page}\n  - title: Pancreatic Adenocarcinoma\n"
    issue = _with_pages(journal, entries)
    with pytest.raises(ProjectError) as raised:
        build(issue, ["html"])
    (problem,) = [one for one in raised.value.problems if one.level == "error"]
    line = (issue / "issue.yaml").read_text(encoding="utf-8").split("\n").index(f"          {page}".split("\n")[0]) + 1
    assert (problem.code, problem.line) == (code, line)
    assert said in problem.message


def test_a_picture_that_comes_first_is_reported(journal: Path) -> None:
    """The heading of its section would be alone on a page."""
    title, page = "  - title: Adverts\n    entries:\n", "      - page: {file: figures/ad.svg, alt: x}\n"
    built = build(_with_pages(journal, f"{title}{page}  - title: Pancreatic Adenocarcinoma\n"), ["html"])
    assert [problem.code for problem in built.problems if problem.level == "warning"] == ["page-first"]


def test_a_page_is_named_and_held(journal: Path) -> None:
    """It has a name among the entries, and waits like others."""
    issue = _with_pages(journal)
    assert [entry.key for entry in outline(issue).entries if entry.kind == "page"] == [
        'Buy "Samplase" -- now',
        "Thanks",
    ]
    path = issue / "issue.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("        flag: \"'New'\"", "        hold: unpaid"), encoding="utf-8"
    )
    built = build(issue, ["html"])
    assert "Highlights thanks" not in built.files["issue.html"].decode()
    assert "“Thanks” is not printed, because it is on hold: unpaid" in [problem.message for problem in built.problems]


def test_typographic_titles(journal: Path) -> None:
    """What editors type into titles and the like is printed as in their texts; a record's title stays."""
    issue = journal / ISSUE
    path = issue / "issue.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("title: Highlights\n", 'title: "Editors\' Highlights..."\n')
        .replace("title: Supportive Care", 'title: Patients\' "own" <i>"care"</i> -- today')
        .replace("flag: Facts only", "flag: \"'Facts' 3-7\"")
        .replace("credit: Drawing made", "credit: Drawing -- made"),
        encoding="utf-8",
    )
    record = issue / "records" / "e310.yaml"
    said = record.read_text(encoding="utf-8")
    record.write_text(said.replace('title: "Weight', "title: \"Patients' weight", 1), encoding="utf-8")
    page = build(issue, ["html"]).files["issue.html"].decode()
    assert "<h1>Editors’ Highlights…</h1>" in page
    assert "Patients’ “own” <i>“care”</i> – today</h2>" in page
    assert "‘Facts’ 3–7" in _text(page)
    assert "Drawing – made for this sample" in page
    assert "Patients' weight loss and access" in _text(page)
