"""Themes: which one a publication gets, what it extends, which file wins, what its options may be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from digest.build import build
from digest.errors import DigestError, ProjectError
from digest.render.theme import Option, Theme
from tests.conftest import ISSUE, ROOT

if TYPE_CHECKING:
    from pathlib import Path


def own_theme(journal: Path, name: str, text: str) -> Path:
    folder = journal / "themes" / name
    folder.mkdir(parents=True)
    (folder / "theme.yaml").write_text("title: T\ndescription: D\n" + text, encoding="utf-8")
    return folder


def set_in(journal: Path, text: str) -> None:
    path = journal / "digest.yaml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (Option(type="boolean", default="true", description=""), "No", False),
        (Option(type="boolean", default="true", description=""), "on", True),
        (Option(type="integer", default="2", description="", minimum=1, maximum=3), "3", 3),
        (Option(type="color", default="teal", description=""), "#0b4f5c", "#0b4f5c"),
        (Option(type="color", default="teal", description=""), "rgb(10 20 30 / 50%)", "rgb(10 20 30 / 50%)"),
        (Option(type="length", default="0", description=""), "4.5mm", "4.5mm"),
        (Option(type="font", default="A", description=""), "Source Serif 4", "Source Serif 4"),
        (Option(type="paper", default="A4", description=""), "Letter", "Letter"),
        (Option(type="choice", default="a", description="", choices=("a", "b")), "b", "b"),
        (Option(type="text", default="", description=""), "No. “7”", "No. “7”"),
    ],
)
def test_values_of_options(option: Option, text: str, value: object) -> None:
    """What a person types becomes a value of the option's type."""
    assert option.parse(text) == value


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        (Option(type="boolean", default="true", description=""), "2", "expected true or false"),
        (
            Option(type="integer", default="2", description="", minimum=1, maximum=3),
            "4",
            "expected a number from 1 to 3",
        ),
        (Option(type="integer", default="2", description=""), "-1", "expected a number from 0 to 1000"),
        (
            Option(type="color", default="teal", description=""),
            "tael",
            "expected a colour of CSS, such as “#0b4f5c” (in quotation marks) or teal",
        ),
        (
            Option(type="color", default="teal", description=""),
            "red; } body { display: none",
            "expected a colour of CSS, such as “#0b4f5c” (in quotation marks) or teal",
        ),
        (Option(type="length", default="0", description=""), "4", "expected a length of CSS, such as 4mm or 12pt"),
        (
            Option(type="font", default="A", description=""),
            'A", serif',
            "expected the name of one font family, such as Source Serif 4",
        ),
        (
            Option(type="paper", default="A4", description=""),
            "leter",
            "expected one of A5, B5, A4, Letter, Legal; did you mean “Letter”?",
        ),
        (Option(type="choice", default="a", description="", choices=("a", "b")), "c", "expected one of a, b"),
    ],
)
def test_no_values_of_options(option: Option, text: str, message: str) -> None:
    """A wrong value is reported with what a right one looks like, and no CSS comes in by the way."""
    with pytest.raises(ValueError, match=r"^expected") as caught:
        option.parse(text)
    assert str(caught.value) == message


def test_a_text_cannot_leave_the_stylesheet(journal: Path) -> None:
    """An option that is a text is one string of CSS, whatever it holds."""
    own_theme(journal, "mine", "extends: highlights\noptions:\n  motto: {type: text, default: '', description: D}\n")
    theme = Theme("mine", journal)
    assert list(theme.set_options({"motto": '</style><script>"\n\\'}, theme)) == []
    assert "</style><script>" not in theme.properties
    assert r'--option-motto: "<\/style><script>\"\A \\";' in theme.properties


def test_options_are_seen(journal: Path) -> None:
    """What digest.yaml sets is in the page: colour and paper in the styles, parts that are switched off are gone."""
    set_in(journal, 'theme_options: {accent: "#7a1f3d", paper: Letter, cover: false, affiliations: no, indexes: off}\n')
    page = build(journal / ISSUE, ["html"]).files["issue.html"].decode()
    assert "--option-accent: #7a1f3d;" in page
    assert "--option-paper-width: 8.5in;" in page
    assert '<header class="cover">' not in page
    assert '<header class="masthead">' in page
    assert page.count("<h1>") == 1
    assert 'class="affiliations"' not in page
    assert 'id="author-index"' not in page
    assert "#author-index" not in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "theme_options: {acent: red}\n",
            "the theme highlights has no option “acent”; did you mean “accent”?; it has accent, cover_color,",
        ),
        (
            "theme_options: {columns: many}\n",
            "“many” is not a value of the option “columns”; expected a number from 1 to 3",
        ),
    ],
)
def test_odd_options(journal: Path, text: str, message: str) -> None:
    """An option that is not there, and a wrong value, are reported at their line of digest.yaml."""
    set_in(journal, text)
    lines = (journal / "digest.yaml").read_text(encoding="utf-8").count("\n")
    with pytest.raises(ProjectError) as caught:
        build(journal / ISSUE, ["html"])
    (problem,) = [problem for problem in caught.value.problems if problem.level == "error"]
    assert (problem.file, problem.line, problem.code) == ("digest.yaml", lines, "theme-option")
    assert problem.message.startswith(message)


def test_a_theme_of_ones_own(journal: Path) -> None:
    """A folder in themes/ is a theme; what it does not have is taken from the theme that it extends."""
    folder = own_theme(
        journal, "mine", "extends: highlights\noptions:\n  accent: {type: color, default: navy, description: D}\n"
    )
    (folder / "issue.html").write_text(
        '{% extends "highlights:issue.html" %}{% block title %}Mine: {{ super() }}{% endblock %}', encoding="utf-8"
    )
    (journal / "overrides").mkdir(exist_ok=True)
    (journal / "overrides" / "issue.html").write_text(
        '{% extends "mine:issue.html" %}{% block title %}{{ super() }}, changed{% endblock %}', encoding="utf-8"
    )
    files = build(journal / ISSUE, ["html"], theme_name="mine").files
    assert list(files) == ["issue-mine.html"]
    page = files["issue-mine.html"].decode()
    assert re.search(r"<title>Mine: JOP\. Journal of the Pancreas: Highlights .*, changed</title>", page)
    assert "--option-accent: navy;" in page
    assert 'class="cover cover-band"' in page
    theme = Theme("mine", journal)
    assert [theme.shown(path) for path in theme.candidates("issue.html")] == [
        "overrides/issue.html",
        "themes/mine/issue.html",
        "templates/highlights/issue.html",
    ]
    assert [theme.shown(path) for path in theme.candidates("mine:partials/cover.html")] == [
        "templates/highlights/partials/cover.html"
    ]
    assert theme.candidates("mine:../../digest.yaml") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("extends: highlihgts\n", "themes/mine/theme.yaml: there is no theme “highlihgts”; did you mean “highlights”?"),
        ("extends: mine\n", "themes/mine/theme.yaml: the themes mine extend each other in a circle"),
        (
            "options: {a: {type: integer, default: x, description: D}}\n",
            "“x” is not a value of the option “a”; expected a number from 0 to 1000",
        ),
        ("extend: highlights\n", "the key “extend” is not known here; did you mean “extends”?"),
    ],
)
def test_odd_themes(journal: Path, text: str, message: str) -> None:
    """A theme.yaml with mistakes is reported with its file."""
    own_theme(journal, "mine", text)
    with pytest.raises(DigestError) as caught:
        Theme("mine", journal)
    mistakes = caught.value.problems if isinstance(caught.value, ProjectError) else ()
    reported = "\n".join([str(caught.value), *(f"{problem.file}: {problem.message}" for problem in mistakes)])
    assert message in reported
    assert "themes/mine/theme.yaml" in reported


def test_the_name_of_a_theme_of_ours_stays_ours(journal: Path) -> None:
    """A folder in themes/ that is called like a theme of the program does not take its place."""
    own_theme(journal, "highlights", "")
    assert Theme("highlights", journal).layers[0].folder == ROOT / "templates" / "highlights"
