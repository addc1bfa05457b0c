"""Words of themes: every language is whole, words can be changed one by one, dates are written as in the language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from digest import strict
from digest.build import build
from digest.errors import TemplateError
from digest.model import Meeting, PartialDate
from digest.render.theme import Theme, themes
from digest.render.words import Words, read_words
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LANGUAGES = ("de", "fr", "es", "it", "pt")


def files() -> Iterator[tuple[str, str, Path]]:
    for name, folder in themes(None).items():
        for path in sorted(folder.glob("words/*.yaml")):
            yield name, path.stem, path


def texts(path: Path) -> dict[str, str]:
    read: strict.Read[dict[str, str]] = strict.read(path.read_text(encoding="utf-8"), dict[str, str], path.name)
    assert read.problems == ()
    return read.value or {}


@pytest.mark.parametrize(("theme", "language", "path"), [*files()], ids=lambda value: str(value)[-12:])
def test_every_language_is_whole(theme: str, language: str, path: Path) -> None:
    """A language has the words that English has, with the same places in them, and no other."""
    english = texts(path.parent / "en.yaml")
    words = texts(path)
    assert list(words) == list(english), (theme, language)
    for key, text in words.items():
        places = set(re.findall(r"\{(\w+)\}", text))
        if key.startswith("date"):  # an English range does without the second month; another language may repeat it
            assert places <= {"day", "month", "year", "last_day", "last_month", "last_year", "first", "last"}
        else:
            assert places == set(re.findall(r"\{(\w+)\}", english[key])), (theme, language, key)


@pytest.mark.parametrize("theme", [name for name, folder in themes(None).items() if (folder / "words").is_dir()])
def test_every_language_is_there(theme: str) -> None:
    """Each theme that has words of its own has them in every language."""
    assert {path.stem for path in (themes(None)[theme] / "words").glob("*.yaml")} == {"en", *LANGUAGES}


def test_every_word_is_printed(tmp_path: Path) -> None:
    """No word is one that neither a template nor the program asks for."""
    sources = "".join(
        path.read_text(encoding="utf-8") for folder in themes(None).values() for path in folder.rglob("*.html")
    )
    made = (
        "presentation_",
        "record_",
        "status_",
        "notice_",
        "date_",
        "dates_",
    )  # asked for by a field's value, or by Words
    program = {
        "abstract",
        "highlight_article",
        "event_line",
        "volume_in_line",
        "issue_in_line",
        "table",
        "continued",
        "from_meeting",
        "epub_structure",
        "epub_described",
        "epub_undescribed",
        "epub_formulas",
        "epub_page_list",
    }
    words, _ = read_words(Theme("highlights", tmp_path), "en")
    asked = set(re.findall(r'\bwords\.(\w+)|\bword\("(\w+)"', sources))
    unused = {key for key in words if not key.startswith(made) and key not in {a or b for a, b in asked} | program}
    assert unused == set()


MEETINGS = [
    ((2014, 5, 30), (2014, 6, 3)),
    ((2014, 6, 20), (2014, 6, 22)),
    ((2014, 12, 30), (2015, 1, 2)),
    ((2010, 5, 7), (2010, 5, 7)),
    ((2014, 5), (2014, 6)),
    ((2014,), (2014,)),
]


@pytest.mark.parametrize(
    ("language", "date", "ranges"),
    [
        (
            "en",
            "28 July 2014",
            [
                "May 30 - June 3, 2014",
                "June 20-22, 2014",
                "December 30, 2014 - January 2, 2015",
                "May 7, 2010",
                "May 2014 - June 2014",
                "2014",
            ],
        ),
        (
            "de",
            "28. Juli 2014",
            [
                "30. Mai – 3. Juni 2014",
                "20.–22. Juni 2014",
                "30. Dezember 2014 – 2. Januar 2015",
                "7. Mai 2010",
                "Mai 2014 – Juni 2014",
                "2014",
            ],
        ),
        (
            "de-AT",
            "28. Juli 2014",
            [
                "30. Mai – 3. Juni 2014",
                "20.–22. Juni 2014",
                "30. Dezember 2014 – 2. Jänner 2015",
                "7. Mai 2010",
                "Mai 2014 – Juni 2014",
                "2014",
            ],
        ),
        (
            "fr",
            "28 juillet 2014",
            [
                "30 mai - 3 juin 2014",
                "20-22 juin 2014",
                "30 décembre 2014 - 2 janvier 2015",
                "7 mai 2010",
                "mai 2014 - juin 2014",
                "2014",
            ],
        ),
        (
            "es",
            "28 de julio de 2014",
            [
                "30 de mayo - 3 de junio de 2014",
                "20-22 de junio de 2014",
                "30 de diciembre de 2014 - 2 de enero de 2015",
                "7 de mayo de 2010",
                "mayo de 2014 - junio de 2014",
                "2014",
            ],
        ),
        (
            "it",
            "28 luglio 2014",
            [
                "30 maggio - 3 giugno 2014",
                "20-22 giugno 2014",
                "30 dicembre 2014 - 2 gennaio 2015",
                "7 maggio 2010",
                "maggio 2014 - giugno 2014",
                "2014",
            ],
        ),
        (
            "pt-BR",
            "28 de julho de 2014",
            [
                "30 de maio - 3 de junho de 2014",
                "20-22 de junho de 2014",
                "30 de dezembro de 2014 - 2 de janeiro de 2015",
                "7 de maio de 2010",
                "maio de 2014 - junho de 2014",
                "2014",
            ],
        ),
    ],
)
def test_dates(language: str, date: str, ranges: list[str], tmp_path: Path) -> None:
    """Dates are written as in the language, also where only the month or the year is known."""
    words, problems = read_words(Theme("highlights", tmp_path), language)
    assert problems == ()
    assert words.date(PartialDate(2014, 7, 28)) == date
    assert [
        words.dates(Meeting(name="M", start=PartialDate(*start), end=PartialDate(*end))) for start, end in MEETINGS
    ] == ranges


def test_english_dates_are_those_of_the_record(tmp_path: Path) -> None:
    """The theme's English and the model's own form are one."""
    words, _ = read_words(Theme("highlights", tmp_path), "en")
    for start, end in MEETINGS:
        meeting = Meeting(name="M", start=PartialDate(*start), end=PartialDate(*end), place="P")
        assert (words.dates(meeting), words.event_line(meeting)) == (meeting.dates, meeting.event_line)


def test_a_german_issue(journal: Path) -> None:
    """An issue in German has no English word of the theme left."""
    path = journal / "digest.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("language: en", "language: de"), encoding="utf-8")
    built = build(journal / ISSUE, ["html"])
    page = built.files["issue.html"].decode().replace("\u00a0", " ")
    assert '<html lang="de">' in page
    for text in (
        ">Inhalt<",
        ">Literatur<",
        "28. Juli 2014",
        "Highlights der Tagung „",
        ">Autorenverzeichnis<",
        "Bd. 15",
    ):
        assert text in page
    for text in (">Contents<", ">References<", "28 July 2014", "Highlights from the", "How to cite", "Why this one"):
        assert text not in page
    assert [problem for problem in built.problems if problem.code.endswith("-word")] == []


def test_one_word_is_changed(journal: Path) -> None:
    """A word in overrides/words/ takes the place of the theme's; one that nothing prints is reported."""
    folder = journal / "overrides" / "words"
    folder.mkdir(parents=True)
    (folder / "en.yaml").write_text("contents: In this issue\ncontnets: Oops\n", encoding="utf-8")
    built = build(journal / ISSUE, ["html"])
    assert ">In this issue</h2>" in built.files["issue.html"].decode()
    (problem,) = [problem for problem in built.problems if problem.code == "unknown-word"]
    assert (problem.file, problem.line) == ("overrides/words/en.yaml", 2)
    assert problem.message == "no template prints a word “contnets”; did you mean “contents”?"


def test_a_language_without_words(journal: Path) -> None:
    """A language that the theme does not speak is printed in English, and that is reported, with what to do."""
    theme = Theme("highlights", journal)
    words, (problem,) = read_words(theme, "nl")
    assert words["contents"] == "Contents"
    assert (words.date(PartialDate(2014, 7, 28)), words.language) == ("28 July 2014", "en")
    assert str(problem) == (
        "overrides/words/nl.yaml: warning: there are no words in Dutch (Nederlands) yet, and those of the theme are printed"
        " in English; write them into overrides/words/nl.yaml, as in words/en.yaml of the theme [missing-word]"
    )
    folder = journal / "overrides" / "words"
    folder.mkdir(parents=True)
    (folder / "nl.yaml").write_text("contents: Inhoud\n", encoding="utf-8")
    words, (problem,) = read_words(theme, "nl")
    assert words["contents"] == "Inhoud"
    assert problem.message.startswith("these words are printed in English: editorial, summary,")
    assert (words.date(PartialDate(2014, 7, 28)), words.language) == ("28 juli 2014", "nl")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ words.contnets }}", "there is no word “contnets”; did you mean “contents”?"),
        (
            '{{ word("abstract_nummer", number=1) }}',
            "there is no word “abstract_nummer”; did you mean “abstract_number”?",
        ),
        (
            '{{ word("abstract_number") }}',
            "the word “abstract_number” in templates/highlights/words/en.yaml:20 has a place {number}; what was given is nothing",
        ),
    ],
)
def test_words_that_are_not_there(template: str, message: str, journal: Path) -> None:
    """A word that does not exist is reported at the line of the template that asks for it."""
    path = journal / "overrides" / "partials" / "colophon.html"
    path.parent.mkdir(parents=True)
    path.write_text(f"<p>\n{template}</p>\n", encoding="utf-8")
    with pytest.raises(TemplateError) as caught:
        build(journal / ISSUE, ["html"])
    problem = caught.value.problem
    assert (problem.file, problem.line, problem.code) == ("overrides/partials/colophon.html", 2, "template-undefined")
    assert problem.message == message


def test_values_are_escaped() -> None:
    """Words are text: neither they nor what is filled in can be markup, unless it is markup already."""
    words = Words({"a": "<b>{x}</b>"}, "en", {})
    assert words.word("a", x="<i>") == "&lt;b&gt;&lt;i&gt;&lt;/b&gt;"


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("fa-IR", "rtl"), ("HE", "rtl")])
def test_direction(language: str, direction: str) -> None:
    """A language that is written from right to left says so."""
    assert Words({}, language, {}).direction == direction
