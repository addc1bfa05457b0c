"""Slips in the files of a publication that no page shows: each is reported, and what is right is let alone."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from markupsafe import Markup

from digest import themes as themes_of
from digest.build import build, load_theme, read
from digest.build import check as check_issue
from digest.render import check, wording
from digest.render.check import selectors
from digest.render.sandbox import Sandbox
from digest.render.theme import Theme, themes
from digest.text import RichText
from tests.conftest import ISSUE, ROOT, SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from digest.errors import Problem

FONT = ROOT / "templates" / "highlights" / "fonts" / "SourceSerif4-Regular.ttf"
CUSTOM = "css/custom.css"


def override(journal: Path, name: str, text: str | bytes) -> None:
    path = journal / "overrides" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def found(problems: tuple[Problem, ...], code: str) -> list[tuple[str, int | None, str, str]]:
    return [(p.file, p.line, p.level, p.message) for p in problems if p.code == code]


UNMET = """.articel .title { color: red }
.masthead > .title { color: red }

@media print { .masthead .digest { color: red } }
.digest:not(.articel) { color: red }
#editoral { color: red }
artical p { color: red }
.band { color: red }
.title { .autors { color: red } }
@media screen { .Title:hover { color: red } }
"""
EXPECTED = [
    (1, "warning", "“.articel” meets nothing", "did you mean “.article”?"),
    (2, "warning", "“.masthead > .title” meets nothing", "no element is in this place"),
    (4, "warning", "“.masthead .digest” meets nothing on paper", ""),
    (5, "warning", "“.articel” meets nothing", ""),
    (6, "warning", "“#editoral” meets nothing", "did you mean “#editorial”?"),
    (7, "warning", "“artical” meets nothing", "did you mean “article”?"),
    (8, "note", "“.band” meets nothing in the theme highlights", "the theme compact has it"),
    (9, "warning", "“.autors” meets nothing", "did you mean “.authors”?"),
    (10, "warning", "“.Title” meets nothing", "did you mean “.title”?"),
]


def test_selectors_that_meet_nothing(journal: Path) -> None:
    """A selector that nothing meets is reported by the check, the build and the check of the theme, with its line."""
    override(journal, CUSTOM, UNMET)
    checked = found(check_issue(journal / ISSUE), "unmet-selector")
    assert [(file, line, level) for file, line, level, _ in checked] == [
        (f"overrides/{CUSTOM}", line, level) for line, level, *_ in EXPECTED
    ]
    for (*_, message), (_, _, begins, near) in zip(checked, EXPECTED, strict=True):
        assert message.startswith(begins)
        assert near in message
    assert found(build(journal / ISSUE, ["html"]).problems, "unmet-selector") == checked
    assert found(themes_of.check_theme(folder=journal), "unmet-selector") == checked


def test_selectors_that_may_meet_something(journal: Path) -> None:
    """States, pseudo-elements, what entries may hold, ids of entries, and what a template writes at times are let alone."""
    override(
        journal,
        CUSTOM,
        """.digest .title:hover, a:visited::after, p::first-letter { color: red }
@page :first { margin: 2cm } @font-face { font-family: X }
@media print { .citation { float: footnote } .citation::footnote-call { color: red } }
blockquote td, dl dt, .abstract sup, .comment table, pre code { color: red }
[lang=de] .title, .article:nth-child(7), .notice + .digest { color: red }
#abstract-e15166 { color: red }
.rare, .kind-digest, .never { color: red }
@keyframes x { from { color: red } 50% { color: red } }
@media (max-width: 40em) and (prefers-color-scheme: dark) { .title { color: red } }
""",
    )
    override(
        journal,
        "partials/notice.html",
        '<p class="notice{% if entry.about %} rare{% endif %} kind-{{ entry.kind }}" id="{{ entry.id }}"></p>'
        "<p class=\"{{ 'never' if not entry.text else '' }}\"></p>",
    )
    assert found(check_issue(journal / ISSUE), "unmet-selector") == []


@pytest.mark.parametrize("name", sorted(themes(None)))
def test_the_stylesheets_of_our_themes_meet_something(journal: Path, name: str) -> None:
    """What the themes of the program have in their stylesheets is met in the issue, the gallery or a template.

    A note names another theme that has it: book and compact use the stylesheets of highlights, too.
    """
    shutil.copytree(ROOT / "templates" / name, journal / "themes" / "copy")
    path = journal / "digest.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\ntheme: copy\n", encoding="utf-8")
    assert [
        p for p in themes_of.check_theme(folder=journal) if (p.code, p.level) == ("unmet-selector", "warning")
    ] == []


def test_the_classes_that_the_program_writes() -> None:
    """The table of classes has each that the program writes into what entries hold."""
    rooms = ("prose", "render", "cite", "csl")
    files = [path for room in rooms for path in (ROOT / "digest" / room).rglob("*.py") if path.name != "gallery.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in (*files, ROOT / "digest" / "text.py"))
    written = {
        word
        for pair in re.findall(r'[ f]class="([\w -]+)|(?:attrSet\("class", |"class": )"([\w -]+)', text)
        for word in " ".join(pair).split()
    }
    own = {"page", "in-text"}  # a template's, and an example of a style
    assert written - own <= selectors.WRITTEN | {"csl-"}


def test_another_theme_than_the_usual_one(journal: Path) -> None:
    """Where another theme is asked for, the publication's stylesheet is not measured by it."""
    override(journal, CUSTOM, ".digest .authors { color: red }\n.articel { color: red }")
    assert found(build(journal / ISSUE, ["html"], theme_name="mail").problems, "unmet-selector") == []


WITHOUT_EFFECT = [
    ("digest.html", "x", "warning", "the theme has no file of that name; did you mean “partials/digest.html”?"),
    ("partials/digest.htm", "x", "warning", "did you mean “partials/digest.html”?"),
    ("partial/cover.html", "x", "warning", "did you mean “partials/cover.html”?"),
    ("custom.css", "", "warning", "did you mean “css/custom.css”?"),
    ("css/custom.scss", "", "warning", "did you mean “css/custom.css”?"),
    ("css/Custom.css", "", "warning", "did you mean “css/custom.css”?"),
    ("words/en.yml", "a: b", "warning", "did you mean “words/en.yaml”?"),
    ("fonts/My.ttf", FONT.read_bytes(), "warning", "nothing uses this font: no template and no stylesheet names it"),
    ("logo.png", b"", "warning", "nothing uses this picture"),
    (
        "css/print.css",
        (ROOT / "templates/highlights/css/print.css").read_bytes(),
        "note",
        "it is as the theme's own; change it, or delete it",
    ),
    (
        "issue.html",
        '{% extends "highlights:issue.html" %}\n{# mine #}{% block cover %}\n{{ super() }}\n{% endblock %}',
        "note",
        "this file changes nothing",
    ),
]


@pytest.mark.parametrize(
    ("name", "content", "level", "message"), WITHOUT_EFFECT, ids=[row[0] for row in WITHOUT_EFFECT]
)
def test_overrides_without_an_effect(journal: Path, name: str, content: str | bytes, level: str, message: str) -> None:
    """A file that nothing uses, or that is as without it, is reported with what was probably meant."""
    override(journal, name, content)
    ((file, _, said, text),) = found(build(journal / ISSUE, ["html"]).problems, "unused-override")
    assert (file, said) == (f"overrides/{name}", level)
    assert message in text


def test_overrides_with_an_effect(journal: Path) -> None:
    """What is for people, or is named somewhere, if only in part, is let alone."""
    override(journal, "fonts/OFL.txt", "licence")
    override(journal, "README.md", "notes")
    override(journal, "logos/asco.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    override(journal, "mine/box.html", "x")
    text = "{% include 'mine/box.html' %}{% for n in ['asco'] %}{{ asset('logos/' ~ n ~ '.svg') }}{% endfor %}"
    override(journal, "partials/masthead.html", text)
    assert found(build(journal / ISSUE, ["html"]).problems, "unused-override") == []


def test_an_override_that_nothing_includes(journal: Path) -> None:
    """An override of a partial that is no longer included is reported; not where an include may mean any file."""
    override(journal, "partials/cover.html", "<p>mine</p>")
    override(journal, "issue.html", '{% extends "highlights:issue.html" %}{% block cover %}{% endblock %}')
    theme = Theme("highlights", journal)
    assert found(check.theme_problems(theme, "en"), "unused-override") == [
        (
            "overrides/partials/cover.html",
            None,
            "warning",
            "nothing includes “partials/cover.html” here, so this file changes nothing",
        )
    ]
    override(journal, "partials/colophon.html", '{% include "partials/" ~ issue.title ~ ".html" ignore missing %}')
    assert found(check.theme_problems(theme, "en"), "unused-override") == []


def test_a_folder_with_nearly_the_name(journal: Path) -> None:
    """A folder that is nearly called `overrides` is not read, and that is reported."""
    (journal / "override").mkdir()
    (journal / "override" / "custom.css").write_text("", encoding="utf-8")
    assert found(build(journal / ISSUE, ["html"]).problems, "unused-override") == [
        ("override/", None, "warning", "nothing in this folder is used; did you mean “overrides”?")
    ]


@pytest.mark.parametrize("name", ["highlights", "book"])  # the others inherit options that have no use in them
def test_every_option_is_read(name: str) -> None:
    """No option that a theme declares is said to be read by nothing when it is set, also where the program reads it."""
    theme = Theme(name, SAMPLE)
    theme.option_lines = dict.fromkeys(theme.declared, 1)
    assert [str(problem) for problem in check.silent_slips(theme) if problem.code == "unread-option"] == []


def test_options_that_nothing_reads(journal: Path) -> None:
    """An option that is set and that no template and no stylesheet reads any more is reported at its line."""
    path = journal / "digest.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\ntheme_options:\n  accent: teal\n  cover: true\n  cover_articles: 2\n", encoding="utf-8")
    line = before.count("\n") + 5
    theme = load_theme(read(journal / ISSUE).issue)
    assert found(tuple(check.silent_slips(theme)), "unread-option") == []
    override(journal, "partials/cover-lines.html", "<p>In this issue</p>")
    ((file, at, _, message),) = found(tuple(check.silent_slips(theme)), "unread-option")
    assert (file, at) == ("digest.yaml", line)
    assert "“cover_articles”" in message
    other = load_theme(read(journal / ISSUE).issue, "mail")
    assert found(tuple(check.silent_slips(other)), "unread-option") == []  # the options are for the publication's own


FACE = '@font-face {{ font-family: "My"; src: url("../fonts/My.ttf"); {} }}\n'
SERIF = ':root { --serif: "My", serif }\n'
FACES = [
    (FACE.format("") + SERIF, "no bold and no italic"),
    (FACE.format("") + FACE.format("font-weight: 500; font-style: italic") + SERIF, "no bold:"),
    (FACE.format("") + FACE.format("font-weight: bold") + SERIF, "no italic:"),
    (FACE.format("font-weight: 200 900") + FACE.format("font-style: oblique") + SERIF, ""),
    (FACE.format("") + '.digest { font-family: "My", serif }', "no bold and no italic"),
    (FACE.format("") + '.title { font-family: "My"; font-weight: 600 }', "no bold:"),
    (FACE.format("") + '.cover-periodical { font: 400 2em/1 "My" }', ""),
]


@pytest.mark.parametrize(("text", "message"), FACES)
def test_faces_that_a_font_lacks(journal: Path, text: str, message: str) -> None:
    """A family in which text is set has bold and italic, or it is reported where the family begins."""
    override(journal, "fonts/My.ttf", FONT.read_bytes())
    override(journal, CUSTOM, f"\n{text}")
    theme = Theme("highlights", journal)
    reported = found(check.theme_problems(theme, "en"), "missing-face")
    assert [(file, line) for file, line, *_ in reported] == ([(f"overrides/{CUSTOM}", 2)] if message else [])
    assert all(message in text for *_, text in reported)


TITLE = RichText.parse("<i>KRAS</i> and CO<sub>2</sub> in 12 patients")
RICH = [
    ("{{ t|length }}", "27"),
    ("{{ t[:4] }}", "<i>KRAS</i>"),
    ("{{ t[2:11] }}", "<i>AS</i> and CO"),
    ("{{ t[-8:] }}", "patients"),
    ("{{ t[0] }}{{ t[::-1] }}", "Kstneitap 21 ni 2OC dna SARK"),
    ("{{ t|truncate(12) }}", "<i>KRAS</i> and..."),
    ("{{ t|truncate(12, true, '…') }}", "<i>KRAS</i> and CO…"),
    ("{{ t|truncate(80) }}", "<i>KRAS</i> and CO<sub>2</sub> in 12 patients"),
    ("{{ t + ' & more' }}", "<i>KRAS</i> and CO<sub>2</sub> in 12 patients &amp; more"),
    ("{{ '<' + t[:4] }}", "&lt;<i>KRAS</i>"),
    ("{{ t.split()|join('-') }}", "KRAS-and-CO2-in-12-patients"),
    ("{{ t|upper }}", "KRAS AND CO2 IN 12 PATIENTS"),
    ("{{ t|wordwrap(8)|length }}", "27"),
    ("{{ 'KRAS' in t }}", "True"),
    ("{{ [t, u]|sort|join('; ') }}", "A; <i>KRAS</i> and CO<sub>2</sub> in 12 patients"),
    ("{{ [1, 2, 3][1:] }}", "[2, 3]"),
]


@pytest.mark.parametrize(("text", "printed"), RICH)
def test_rich_text_is_a_text(text: str, printed: str) -> None:
    """Rich text does in templates what other texts do, and what is cut out of it keeps its markup."""
    template = Sandbox().from_string(text)
    assert template.render(t=TITLE, u=RichText.parse("A")) == printed


ERRORS = [
    (TypeError("unsupported operand type(s) for +: 'int' and 'str'"), "a number and a text cannot be added; write ~"),
    (TypeError('can only concatenate tuple (not "RichText") to tuple'), "a list and a text cannot be added"),
    (TypeError("object of type 'PartialDate' has no len()"), "this is a date, which has no length"),
    (TypeError("'SectionContext' object is not iterable"), "this is a section, not a list"),
    (TypeError("'<' not supported between instances of 'Person' and 'NoneType'"), "a person and nothing cannot be put"),
    (
        TypeError("cannot pickle 'digest.model.PartialDate' object"),
        "this cannot be computed: cannot pickle a date object",
    ),
    (ZeroDivisionError("division by zero"), "this divides by zero"),
]


@pytest.mark.parametrize(("error", "message"), ERRORS)
def test_errors_in_words(error: Exception, message: str) -> None:
    """What Python says of a template is said without the names of its classes."""
    assert wording.of_error(error).startswith(message)


def test_markup_stays_safe() -> None:
    """What is added to rich text is escaped, unless it is markup."""
    text = Sandbox().from_string("{{ t + m }}{{ t + s }}").render(t=RichText.parse("a"), m=Markup("<b>"), s="<b>")
    assert text == "a<b>a&lt;b&gt;"
