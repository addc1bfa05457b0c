"""A publication declares fields of its own, fills them in, and its templates see them with their types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from digest import strict
from digest.build import build, check, prepare
from digest.export import yaml_record
from digest.frozen import differing_fields, version_of
from digest.merge import combine
from digest.model import FieldText, PartialDate, Record
from digest.ownfields import FieldType, OwnField, from_a_cell, in_a_cell
from digest.project import read_publication_file
from digest.publication import Publication
from digest.render import html
from digest.render.check import theme_problems
from digest.render.theme import load_theme
from digest.schema import get_schema, write_schemas
from digest.text import RichText
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from pathlib import Path

DECLARED = """
fields:
  - {name: relevance, type: whole number, label: Clinical relevance}
  - {name: level, type: choice, choices: [A, B], for: [entries, records]}
  - {name: reviewed, type: date, for: records}
  - {name: reading, type: number, default: 2.5, for: articles}
  - {name: mood, type: rich text, for: sections}
  - {name: topics, type: list of texts, for: issue}
"""


@pytest.mark.parametrize(
    ("type_", "typed", "value"),
    [
        ("text", "4", "4"),
        ("rich text", "<i>KRAS</i>", RichText.parse("<i>KRAS</i>")),
        ("number", "-2.50", -2.5),
        ("number", "4", 4),
        ("whole number", "4", 4),
        ("yes/no", "Yes", True),
        ("yes/no", "false", False),
        ("date", "2014-07", PartialDate(2014, 7)),
        ("list of texts", ("a", "b"), ("a", "b")),
        ("list of texts", "a", ("a",)),
    ],
)
def test_values(type_: FieldType, typed: FieldText, value: object) -> None:
    """The declared type decides what a typed text is, and a cell of a table gives it back."""
    field = OwnField(name="x", type=type_)
    found = field.value(typed)
    assert (found, type(found)) == (value, type(value))
    assert field.value(from_a_cell(field, in_a_cell(typed))) == value


@pytest.mark.parametrize(
    ("type_", "typed", "message"),
    [
        ("whole number", "4.5", "expected a whole number such as 3; found “4.5”"),
        ("whole number", "★★★", "expected a whole number such as 3; found “★★★”"),
        ("number", "4,5", "expected a number such as 3 or 2.5; found “4,5”"),
        ("yes/no", "maybe", "expected yes or no; found “maybe”"),
        ("date", "July", "“July” is not a date such as 2014-07-28, 2014-07 or 2014"),
        ("text", ("a", "b"), "expected a text, found a list"),
        (
            "rich text",
            "<u>x</u>",
            "<u> is not allowed in a text; allowed are <i> <b> <sub> <sup> <sc>, without attributes",
        ),
    ],
)
def test_what_is_no_value(type_: FieldType, typed: FieldText, message: str) -> None:
    """A text of another type is refused in words."""
    with pytest.raises(ValueError, match=r"expected|is not") as raised:
        OwnField(name="x", type=type_).value(typed)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("type_", "typed", "kept"),
    [("whole number", "3.0", "3"), ("yes/no", "TRUE", "yes"), ("date", "2014-07-28 00:00:00", "2014-07-28")],
)
def test_what_a_spreadsheet_makes_of_it(type_: FieldType, typed: str, kept: str) -> None:
    """A number or a day that Excel spelt in its own way is the same number or day."""
    assert from_a_cell(OwnField(name="x", type=type_), typed) == kept


@pytest.mark.parametrize(
    ("lines", "reported"),
    [
        ("- {name: 1st}", "expected a name of letters, digits and _ such as relevance, found “1st”"),
        ("- {name: a, type: chioce}", "found “chioce”; did you mean “choice”?"),
        ("- {name: a, for: entry}", "found “entry”; did you mean “entries”?"),
        ("- {name: a, type: choice}", "the key “choices” is missing"),
        ("- {name: a, choices: [x]}", "only a choice has choices; this field is of the type “text”"),
        ("- {name: a, type: number, default: x}", "expected a number such as 3 or 2.5; found “x”"),
        ("- {name: a, default: x, required: true}", "a field with a default need not be filled in"),
        ("- {name: a}\n- {name: a}", "two fields are called “a”"),
        ("- {name: a}\n- {name: b, label: A}", "two fields have the label “A”"),
    ],
)
def test_declarations(lines: str, reported: str) -> None:
    """A declaration that contradicts itself or another is reported."""
    read = strict.read(f"title: x\nfields:\n{lines}\n", Publication, "digest.yaml")
    assert read.value is None
    assert reported in str(read.problems[0])
    assert (read.problems[0].line or 0) >= 3


def declare(root: Path, more: str = DECLARED) -> None:
    path = root / "digest.yaml"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")


def fill(root: Path, old: str, new: str, file: str = "issue.yaml") -> int:
    """Puts lines into a file of the issue; returns the number of the first."""
    path = root / ISSUE / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, f"{old}{new}"), encoding="utf-8")
    return text[: text.index(old)].count("\n") + old.count("\n") + 1


ENTRY = "      - record: e15166\n"


@pytest.mark.parametrize(
    ("lines", "reported"),
    [
        ("        fields: {relevanc: 4}\n", "digest.yaml declares no field “relevanc” for entries; did you mean “relevance”? [unknown-key]"),
        ("        fields: {stars: 4}\n", "digest.yaml declares no field “stars” for entries; declare it under “fields:” with “- name: stars” [unknown-key]"),
        ("        fields: {mood: x}\n", "digest.yaml declares the field “mood” for sections, not for entries; add that under its “for:” [unknown-key]"),
        ("        fields: {relevance: high}\n", "the field “relevance”: expected a whole number such as 3; found “high” [value]"),
        ("        fields: {level: C}\n", "the field “level”: expected one of A, B; found “C” [value]"),
        (
            "        relevance: 4\n",
            "the key “relevance” is not known here; known here: article, record, notice, page, why, comment, quote, flag, doi, proof,"
            " hold, drop, fields; a field of your own is declared under “fields” in digest.yaml, and written as “fields: {relevance: …}”"
            " [unknown-key]",
        ),
    ],
)  # fmt: skip
def test_mistakes(journal: Path, lines: str, reported: str) -> None:
    """What is not declared, or is of another type, is reported at its line; a key that is not ours names the way."""
    declare(journal)
    line = fill(journal, ENTRY, lines)
    errors = [str(problem) for problem in check(journal / ISSUE) if problem.level == "error"]
    assert errors == [f"{ISSUE}/issue.yaml:{line}: error: {reported}"]


def test_required(journal: Path) -> None:
    """A required field has to be filled in wherever something is printed, in the entry or in its record."""
    declare(journal, "\nfields:\n  - {name: level, for: [entries, records, articles], required: true}\n")
    missing = [problem for problem in check(journal / ISSUE) if problem.code == "missing-key"]
    assert len(missing) == 10
    fill(journal, ENTRY, "        fields: {level: high}\n")
    fill(journal, "number: P1701\n", "fields: {level: low}\n", "records/P1701.yaml")
    assert len([problem for problem in check(journal / ISSUE) if problem.code == "missing-key"]) == 8


def filled(root: Path) -> None:
    declare(root)
    fill(root, ENTRY, "        fields: {relevance: 4, level: B}\n")
    fill(root, "number: P1701\n", "fields:\n  level: A\n  reviewed: 2014-07-01\n", "records/P1701.yaml")
    fill(root, "title: Highlights\n", "fields: {topics: [one, two]}\n")
    fill(root, "  - title: Supportive Care\n", "    fields: {mood: <i>calm</i>}\n")
    partial = root / "overrides" / "partials" / "section.html"
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text(
        '<section id="{{ section.id }}"><p>[{{ issue.fields.topics|join("+") }}|{{ section.fields.mood }}]</p>\n'
        '{% for entry in section.entries %}<p id="{{ entry.id }}">'
        "{% if entry.fields.relevance %}{{ '★' * entry.fields.relevance }}{% endif %}"
        '{% if entry.kind != "article" %}{{ entry.fields.level if entry.kind == "digest" else "-" }}{% endif %}'
        '{% if entry.kind == "digest" and entry.fields.reviewed %}{{ date(entry.fields.reviewed) }}{% endif %}'
        '{% if entry.kind == "article" %}{{ entry.fields.reading * 2 }}{% endif %}</p>\n{% endfor %}</section>\n',
        encoding="utf-8",
    )  # fmt: skip


def test_templates_see_them(journal: Path) -> None:
    """Templates get typed values: of the entry, else of its record or article, else the default."""
    filled(journal)
    assert [problem for problem in check(journal / ISSUE) if problem.level != "note"] == []
    printed = build(journal / ISSUE, formats=("html",)).files["issue.html"].decode()
    assert "[one+two|<i>calm</i>]" in printed
    assert '<p id="abstract-e15166">★★★★B</p>' in printed
    assert '<p id="abstract-P1701">A1 July 2014</p>' in printed
    assert '<p id="article-cachexia">5.0</p>' in printed


@pytest.mark.parametrize(
    ("expression", "reported"),
    [
        ("{{ section.fields.stars }}", "digest.yaml declares no field “stars” for sections; declare it under “fields:” with “- name: stars”"),
        ("{{ section.fields.mod }}", "digest.yaml declares no field “mod” for sections; did you mean “mood”?"),
        ("{{ section.fields.relevance }}", "digest.yaml declares the field “relevance” for entries, not for sections; add that under its “for:”"),
        ("{% for e in section.entries %}{{ e.fields.relevance }}{% endfor %}", "e.fields.relevance may be nothing, which prints “None”; put it inside {% if e.fields.relevance %}"),
        ('{% for e in section.entries if e.kind == "digest" and e.fields.level == "C" %}{% endfor %}', "e.fields.level is never “C”; it is one of A, B, "),
        ("{{ section.fields.mood }}{% for topic in issue.fields.topics %}{{ topic }}{% endfor %}", ""),
    ],
)  # fmt: skip
def test_themes_check(journal: Path, expression: str, reported: str) -> None:
    """Templates are checked against the declarations: a field that a theme needs and nobody declares is reported."""
    declare(journal)
    partial = journal / "overrides" / "partials" / "section.html"
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text(expression, encoding="utf-8")
    theme = load_theme(read_publication_file(journal), journal)
    found = [problem.message for problem in theme_problems(theme, "en") if "section.html" in problem.file]
    assert found == ([reported] if reported else [])


def test_a_build_says_so_too(journal: Path) -> None:
    """A template that needs a field which is not declared ends a build in the same words, without names of Python."""
    partial = journal / "overrides" / "partials" / "section.html"
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text("{{ section.fields.stars }}", encoding="utf-8")
    (error,) = [problem for problem in check(journal / ISSUE) if problem.level == "error"]
    assert error.message == (
        "digest.yaml declares no field “stars” for sections; declare it under “fields:” with “- name: stars”"
    )


def test_schema_of_the_publication(journal: Path) -> None:
    """The schema that is made for a publication has its fields with their types, and no others."""
    declare(journal)
    rules = get_schema("issue", folder=journal / ISSUE)
    files = write_schemas(journal)
    assert json.loads((journal / ".schemas" / "issue.json").read_text(encoding="utf-8")) == rules
    assert len(files) == 5
    jsonschema.Draft202012Validator.check_schema(rules)
    validator = jsonschema.Draft202012Validator(rules)

    def wrong(fields: dict[str, Any]) -> int:
        entry = {"record": "x", "fields": fields}
        value = {"date": "2014-07-28", "sections": [{"title": "A", "entries": [entry]}]}
        return len(list(validator.iter_errors(value)))

    assert wrong({"relevance": 4, "level": "A"}) == 0
    assert [wrong(fields) for fields in ({"relevance": "high"}, {"level": "C"}, {"mood": "x"})] == [1, 1, 1]
    assert wrong({}) == 0


def test_the_gallery_fills_them_in(journal: Path) -> None:
    """A partial that needs a field can be looked at in the gallery."""
    from digest.project import read_issue
    from digest.render import gallery

    filled(journal)
    issue = gallery.issue(read_issue(journal / ISSUE).publication)
    theme = load_theme(read_publication_file(journal), journal)
    assert "★★★" in gallery.draw(html.Drawing(prepare(issue, theme), "screen"))


def test_records_keep_them() -> None:
    """A record's own fields are in its YAML and JSON, survive a merge, and are the editor's: no news of the library."""
    record = Record(title=RichText.plain_text("A title"), fields={"level": "A", "tags": ("x", "y")})
    text = yaml_record(record)
    assert strict.read(text, Record, "x").value == record
    other = Record(title=RichText.plain_text("A title"), fields={"level": "B", "more": "z"})
    assert combine([record, other]).fields.keys() == {"level", "tags", "more"}
    plain = Record(title=RichText.plain_text("A title"))
    assert version_of(record) == version_of(plain)
    assert differing_fields(record, plain) == []
