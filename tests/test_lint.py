"""The static check: every mistake is reported at its place, and what is right is not reported."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import resources
from digest.build import build
from digest.build import check as check_issue
from digest.render import check
from digest.render.theme import Theme, themes
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from pathlib import Path

    from digest.errors import Problem


def reported(journal: Path, name: str, text: str) -> list[Problem]:
    """What the check says of a publication with one more override."""
    path = journal / "overrides" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return list(check.theme_problems(Theme("highlights", journal), "en"))


NOTICE, DIGEST, ARTICLE, SECTION = (f"partials/{kind}.html" for kind in ("notice", "digest", "article", "section"))
COVER, AUTHORS, ISSUE_PAGE, CUSTOM = "partials/cover.html", "partials/authors.html", "issue.html", "css/custom.css"
ON = '{% extends "highlights:issue.html" %}\n'

MISTAKES: list[tuple[str, str, int, str, str]] = [
    # what is in the text of a template, and what stylesheets name of each other
    (COVER, '<p>\n<img src="logo.png" alt="">', 2, "loads-a-file", "put it into overrides/ and use asset(…)"),
    (COVER, '<img alt="" src="fonts/fonts.conf">', 1, "loads-a-file", 'write {{ asset("fonts/fonts.conf") }}'),
    (COVER, "<style>\n.a {\n  colr: red\n}</style>", 3, "css-unknown", "did you mean “color”?"),
    (COVER, "\n<p {% if paged %}\nstyle='display: flexx'{% endif %}>", 2, "css-unknown", "display: flexx"),
    (CUSTOM, "\n.a { color: var(--acent) }", 2, "css-unknown", "“--acent” is not defined; did you mean “--accent”?"),
    (CUSTOM, "@media prnt { .a { color: red } }", 1, "css-unknown", "there is no medium “prnt”; did you mean “print”?"),
    (CUSTOM, ".a {\n  colour: red;\n}\n}\n.b { margn: 0 }", 4, "css-syntax", "this “}” closes nothing"),
    (CUSTOM, ".a {\n  colour: red;\n}\n}\n.b { margn: 0 }", 2, "css-unknown", "did you mean “color”?"),
    (CUSTOM, "p { color: red }\n\np { co\x00lor: r\x1bed }", 3, "control-character", "U+0000 is in the stylesheet"),
    (CUSTOM, "\n@meda print { .a { color: red } }", 2, "css-unknown", "no rule “@meda” here; did you mean “@media”?"),
    (CUSTOM, "@page { @top-lft { content: 'x' } }", 1, "css-unknown", "“@top-lft” here; did you mean “@top-left”?"),
    (CUSTOM, "@supports (x: y) { .a { color: red } }", 1, "css-unknown", "“@supports” is a rule for browsers alone"),
    (CUSTOM, ".a { color: red; }\n}\n.b { color: red }", 2, "css-syntax", "an extra or missing bracket"),
    (
        ISSUE_PAGE,
        ON + "{% block head %}<title>x</title>{{ stylesheets }}{% endblock %}{% block cover %}{{ isue }}{% endblock %}",
        2,
        "missing-charset",
        "declare its encoding",
    ),
    # names and fields
    (COVER, "<p>\n{{ isue.title }}", 2, "unknown-variable", "“isue” is not defined here; did you mean “issue”?"),
    (
        COVER,
        "{{ issue.titel }}",
        1,
        "unknown-field",
        "issue has no “titel”; did you mean “title”?",
    ),
    (COVER, "{{ issue['titel'] }}", 1, "unknown-field", "did you mean “title”?"),
    (COVER, "{{ issue.publication.nmae }}", 1, "unknown-field", "issue.publication has no “nmae”"),
    (COVER, "{{ issue.date.yaer }}", 1, "unknown-field", "did you mean “year”?"),
    (COVER, "{{ issue.title.plain }}", 1, "unknown-field", "issue.title is a text and has no “plain”"),
    (COVER, "{{ issue.__class__ }}", 1, "unknown-field", "private"),
    (COVER, "{{ entry.title }}", 1, "unknown-variable", "“entry” is not defined here"),
    (COVER, "{{ options.colour }}", 1, "unknown-field", "the theme highlights has no option “colour”"),
    (COVER, "{{ options.acent }}", 1, "unknown-field", "did you mean “accent”?"),
    (COVER, "{{ words.contens }}", 1, "unknown-word", "there is no word “contens”; did you mean “contents”?"),
    (COVER, '{{ word("contens") }}', 1, "unknown-word", "there is no word “contens”"),
    (COVER, '{{ word("abstract_number") }}', 1, "unknown-word", "words/en.yaml:20 has a place {number}"),
    (COVER, "{{ issue.sections.title }}", 1, "unknown-field", "each of them has: write {% for … in issue.sections %}"),
    (
        COVER,
        "{% for s in issue.sections %}\n{{ s.heading }}{% endfor %}",
        2,
        "unknown-field",
        "s is a section and has no “heading”",
    ),
    (
        COVER,
        "{% for s in issue.sections %}{% for e in s.entries %}\n{{ e.titel }}{% endfor %}{% endfor %}",
        2,
        "unknown-field",
        "did you mean “title”?",
    ),
    (
        COVER,
        "{% for s in issue.sections %}{% endfor %}\n{{ s.title }}",
        2,
        "unknown-variable",
        "“s” is not defined here",
    ),
    (
        COVER,
        "{% for short, long in issue.abbreviations %}{{ long.text }}{% endfor %}",
        1,
        "unknown-field",
        "long is a text and has no “text”",
    ),
    (COVER, "{% for a, b, c in issue.abbreviations %}{% endfor %}", 1, "unpacking", "expected 2 names here, found 3"),
    (COVER, "{% for a, b in issue.sections %}{% endfor %}", 1, "unpacking", "expected one name here, found 2"),
    (COVER, "{% for c in issue.title %}{{ c }}{% endfor %}", 1, "not-a-list", "letter by letter"),
    (COVER, "{% for c in issue.date %}{{ c }}{% endfor %}", 1, "not-a-list", "issue.date is a date, not a list"),
    (COVER, "{% for s in issue.sections %}{{ loop.indx }}{% endfor %}", 1, "unknown-field", "did you mean “index”?"),
    (COVER, "{{ loop.index }}", 1, "unknown-variable", "“loop” is not defined here"),
    (
        COVER,
        '{% for g in issue.author_index|groupby("inital") %}{% endfor %}',
        1,
        "unknown-field",
        "did you mean “initial”?",
    ),
    (
        COVER,
        '{% for l, lines in issue.author_index|groupby("initial") %}{% for x in lines %}{{ x.nam }}{% endfor %}{% endfor %}',
        1,
        "unknown-field",
        "did you mean “name”?",
    ),
    (COVER, '{{ issue.sections|map(attribute="titel")|join(", ") }}', 1, "unknown-field", "did you mean “title”?"),
    (COVER, "{% set s = issue.sections|first %}{{ s.titel }}", 1, "unknown-field", "did you mean “title”?"),
    (COVER, "{% set s = issue.sections[0] %}{{ s.titel }}", 1, "unknown-field", "did you mean “title”?"),
    (
        COVER,
        "{% for s in issue.sections[:3]|reverse %}{{ s.titel }}{% endfor %}",
        1,
        "unknown-field",
        "did you mean “title”?",
    ),
    (COVER, "{% with p = issue.publication %}{{ p.titel }}{% endwith %}", 1, "unknown-field", "did you mean “title”?"),
    (COVER, "{% set x = issue.publication.issnn or '' %}", 1, "unknown-field", "did you mean “issn”?"),
    (COVER, '{{ issue.titel|default("") }}', 1, "never-there", "did you mean “title”?"),
    (
        COVER,
        "{% macro m(s) %}\n{{ s.titel }}{% endmacro %}{{ m(issue.sections[0]) }}",
        2,
        "unknown-field",
        "did you mean “title”?",
    ),
    (COVER, "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=1) }}", 1, "wrong-argument", "m() takes no “b”"),
    (COVER, "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", 1, "wrong-argument", "m() needs “a” as well"),
    (COVER, "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}", 1, "wrong-argument", "m() takes 1 value, found 2"),
    (COVER, "{{ date(issue.title) }}", 1, "wrong-argument", "date(…) takes a date, and issue.title is a text"),
    (COVER, "{{ issue.title() }}", 1, "wrong-argument", "issue.title is a text, not a function"),
    (COVER, "{{ issue.title + issue.first_page }}", 1, "wrong-argument", "write ~ instead of +"),
    # kinds of entries
    (
        SECTION,
        "{% for entry in section.entries %}\n{{ entry.authors|length }}{% endfor %}",
        2,
        "other-kind",
        'only an article and a digest have “authors”, a notice and a page do not; put this inside {% if entry.kind in ("article", "digest") %}',
    ),
    (
        SECTION,
        "{% for entry in section.entries %}{{ entry.why }}{% endfor %}",
        1,
        "other-kind",
        'put this inside {% if entry.kind == "digest" %}',
    ),
    (
        SECTION,
        '{% for entry in section.entries %}{% if entry.kind == "digest" %}\n{{ entry.body }}{% endif %}{% endfor %}',
        2,
        "unknown-field",
        "entry is a digest and has no “body”",
    ),
    (
        SECTION,
        '{% for entry in section.entries %}{% if entry.kind != "notice" %}{{ entry.why }}{% endif %}{% endfor %}',
        1,
        "other-kind",
        "an article and a page do not",
    ),
    (
        SECTION,
        '{% for entry in section.entries %}{% if entry.kind == "digset" %}{% endif %}{% endfor %}',
        1,
        "never-there",
        "entry.kind is never “digset”; did you mean “digest”?",
    ),
    (
        SECTION,
        '{% for e in section.entries|selectattr("kind", "equalto", "notice") %}{{ e.authors }}{% endfor %}',
        1,
        "unknown-field",
        "e is a notice and has no “authors”",
    ),
    (AUTHORS, "{{ entry.body }}", 1, "unknown-field", "entry is a digest and has no “body”"),
    (NOTICE, "{{ entry.authors }}", 1, "unknown-field", "entry is a notice and has no “authors”"),
    (ARTICLE, "{{ entry.why }}", 1, "unknown-field", "entry is an article and has no “why”"),
    # what may be nothing, and what is not a text
    (
        COVER,
        "{{ issue.meeting.name }}",
        1,
        "may-be-missing",
        "issue.meeting may be nothing; put this inside {% if issue.meeting %}",
    ),
    (COVER, "{{ event_line(issue.meeting) }}", 1, "may-be-missing", "put event_line(…) inside {% if issue.meeting %}"),
    (COVER, "{{ issue.publication.issn }}", 1, "may-be-missing", "prints “None”"),
    (
        COVER,
        "{% if not issue.cover %}{{ issue.cover.src }}{% endif %}",
        1,
        "may-be-missing",
        "issue.cover is nothing here",
    ),
    (DIGEST, "{{ entry.authors }}", 1, "not-text", "entry.authors is a list"),
    (COVER, "{{ issue.publication }}", 1, "not-text", "issue.publication is a publication, not a text"),
    (DIGEST, '{{ entry.authors|join(", ") }}', 1, "not-text", 'use join(", ", attribute="…")'),
    # filters, tests, escaping
    (COVER, "{{ issue.title|uper }}", 1, "unknown-filter", "there is no filter “uper”; did you mean “upper”?"),
    (COVER, "{% if issue.title is strng %}{% endif %}", 1, "unknown-test", "did you mean “string”?"),
    (COVER, "{{ issue.colophon|safe }}", 1, "marked-safe", "|safe is not used"),
    (
        COVER,
        "{% autoescape false %}{{ issue.title }}{% endautoescape %}",
        1,
        "marked-safe",
        "escaping stays on",
    ),
    (COVER, "<p>\n{{ issue.title", 2, "template-syntax", ""),
    (COVER, "{% endfor %}", 1, "template-syntax", ""),
    # files
    (COVER, '{% include "partials/masthed.html" %}', 1, "template-missing", "did you mean “partials/masthead.html”?"),
    (COVER, '{% from "partials/nothing.html" import m %}', 1, "template-missing", "there is no template"),
    (COVER, '<img src="{{ asset("fonts/fonts.cnf") }}">', 1, "missing-asset", "did you mean “fonts/fonts.conf”?"),
    (ISSUE_PAGE, '{% extends "highlights:isue.html" %}', 1, "template-missing", "there is no template"),
    (ISSUE_PAGE, '{% extends "issue.html" %}', 1, "template-error", "highlights:issue.html"),
    ("partials/coverr.html", "x", 0, "unused-override", "did you mean “partials/cover.html”?"),
    # blocks
    (ISSUE_PAGE, ON + "{% block colofon %}x{% endblock %}", 2, "unknown-block", "did you mean “colophon”?"),
    (
        ISSUE_PAGE,
        ON + "{% block colophon %}\n{{ issue.colofon }}{% endblock %}",
        3,
        "unknown-field",
        "did you mean “colophon”?",
    ),
    (ISSUE_PAGE, ON + "<p>lost</p>", 2, "lost-output", "prints its blocks only"),
    (
        ISSUE_PAGE,
        ON + "{% block sections %}{{ section.title }}{% endblock %}",
        2,
        "unknown-variable",
        "“section” is not defined here",
    ),
    (
        ISSUE_PAGE,
        "<html>{% block new %}{{ super() }}{% endblock %}</html>",
        1,
        "unknown-block",
        "super() finds no block",
    ),
    (ISSUE_PAGE, ON + "{% block head %}<title>T</title>{% endblock %}", 2, "missing-charset", '<meta charset="utf-8">'),
    # what is gone where it is used
    (
        COVER,
        "{% set n = 0 %}{% for s in issue.sections %}\n{% set n = n + 1 %}{% endfor %}{{ n }}",
        2,
        "lost-value",
        "write {% set ns = namespace(n=…) %} before it",
    ),
    (
        COVER,
        "{% set last = '' %}{% for e in issue.entries %}{% if e.kind != last %}x{% endif %}\n{% set last = e.kind %}{% endfor %}",
        2,
        "lost-value",
        "is lost when its next round begins",
    ),
    (
        COVER,
        "{% set any = false %}{% for e in issue.entries %}{% if loop.first %}{% set any = true %}{% endif %}{% endfor %}{{ any }}",
        1,
        "lost-value",
        "and line 1 has the old one",
    ),
    (
        COVER,
        "{% for s in issue.sections %}{% set x = s %}{% endfor %}\n{{ x }}",
        2,
        "unknown-variable",
        "namespace(x=…)",
    ),
    (
        COVER,
        "{% for s in issue.sections %}{% endfor %}\n{{ s.title }}",
        2,
        "unknown-variable",
        "“s” is not defined here: “s” is a variable of the loop that begins on line 1",
    ),
    # tags that are not closed as they were opened
    (
        COVER,
        "{% if paged }<p>{{ issue.title }</p>{% endif %}",
        1,
        "template-syntax",
        "“{% if paged }” ends with “}”; write “%}”",
    ),
    (
        COVER,
        "{% if paged }<p>{{ issue.title }</p>{% endif %}",
        1,
        "template-syntax",
        "“{{ issue.title }” ends with “}”",
    ),
    (COVER, "\n{% for s in issue.sections }\n{{ s.title }}{% endfor %}", 2, "template-syntax", "write “%}”"),
    (COVER, "{{ issue.title %}", 1, "template-syntax", "ends with “%}”; write “}}”"),
    (COVER, "\n{{ issue.title\n<p>", 2, "template-syntax", "“}}” is missing"),
    (COVER, "\n{# a comment\n<p>", 2, "template-syntax", "“#}” is missing"),
    (COVER, "\n{ { issue.title }}", 2, "template-printed", "“{ {” is printed as it is; write “{{” without a blank"),
    (COVER, "\n{ % if paged %}x{% endif %}", 2, "template-syntax", "write “{%” without a blank"),
    (COVER, "<p>{if paged %}x</p>", 1, "template-printed", "write “{%if paged %}”"),
    # rich text
    (DIGEST, '{{ entry.title.splitt(" ") }}', 1, "unknown-field", "did you mean “split”?"),
    (DIGEST, '{% if entry.title == "Corrigendum" %}x{% endif %}', 1, "never-there", "compare entry.title.plain"),
    (DIGEST, "{{ entry.title + 2 }}", 1, "wrong-argument", "write ~ instead of +"),
    (DIGEST, "{{ entry.titel }} {{ entry.autors }}", 1, "unknown-field", "did you mean “authors”?"),
    # what cannot be compared or computed
    (DIGEST, "{% if entry.number > 5 %}x{% endif %}", 1, "wrong-argument", "“>” compares a text with a number"),
    (COVER, "{% if 3 <= issue.title < 5 %}x{% endif %}", 1, "wrong-argument", "“<=” compares a number with a text"),
    (DIGEST, '{% if entry.title < "M" %}x{% endif %}', 1, "wrong-argument", "compare entry.title.plain"),
    (COVER, "{% if issue.date.day > 3 %}x{% endif %}", 1, "may-be-missing", "put this inside {% if issue.date.day %}"),
    (COVER, "{{ issue.date.day - 1 }}", 1, "may-be-missing", "issue.date.day may be nothing"),
    (COVER, "{% if issue.date.day and issue.date.day > 3 or issue.date > 5 %}x{% endif %}", 1, "wrong-argument", "“>”"),
    (COVER, "{{ issue.volume - 1 }}", 1, "wrong-argument", "“-” is not possible with a text"),
    # stylesheets
    (CUSTOM, "a { color: red; }\np { colr: red; }", 2, "css-unknown", "did you mean “color”?"),
    (CUSTOM, "p { color: rad }", 1, "css-unknown", "invalid value"),
    (CUSTOM, "p:frist { color: red }", 1, "css-unknown", "selector"),
    (CUSTOM, "\n@page :frist { margin: 0 }", 2, "css-unknown", "@page"),
    (CUSTOM, "p { background: url(logo.svg) }", 1, "css-address", "there is no file “logo.svg”"),
    (CUSTOM, "p { background: url(http://example.org/a.png) }", 1, "css-address", "leads out of the theme"),
    (CUSTOM, '@import "more.css";', 1, "css-address", "@import is not used here"),
    (CUSTOM, "p { color: red }}", 1, "css-syntax", "bracket"),
    (CUSTOM, ".title { color: red;\n\n.comment { color: teal; }", 1, "css-syntax", "a “}” is missing before line 3"),
    (CUSTOM, "@media print {\n .a { margin: 0;\n .b { margin: 0 }\n}\n.c { margin: 0 }", 2, "css-syntax", "after “.a”"),
    (CUSTOM, "@media print {\n .a { margin: 0 }\n", 1, "css-syntax", "after “@media print”, is never closed"),
    (CUSTOM, "p {\n  width: calc(1px + (2px);\n}", 2, "css-syntax", "the “(” that opens here"),
    (CUSTOM, "\n/* old\np { color: red }", 2, "css-syntax", "“*/” is missing"),
    (CUSTOM, "/* old\np { color: red }\n/* new */", 1, "css-syntax", "the next one on line 3; “*/” is missing"),
    (CUSTOM, 'p {\n  quotes: "«;\n}', 2, "css-syntax", "quotation mark"),
    (CUSTOM, "p {\n  color: red\n  margin: 0;\n}", 2, "css-declaration", "a “;” is missing after “color: red”"),
    (CUSTOM, "p { --a: red\n --b: teal }", 1, "css-declaration", "a “;” is missing after “--a: red”"),
    (CUSTOM, "p { color: red\n b { margin: 0 } }", 1, "css-declaration", "a “;” is missing in “color: red”"),
    (CUSTOM, "p {\n  color = red;\n}", 2, "css-declaration", "write “color: red”"),
    (CUSTOM, "p {\n  margin 0 auto\n}", 2, "css-declaration", "write “margin: 0 auto”"),
    (CUSTOM, "p { color:: red }", 1, "css-declaration", "a “:” too many"),
    (CUSTOM, "p { color: red !imporant }", 1, "css-declaration", "only “important” is possible"),
    (CUSTOM, "p { color: ; }", 1, "css-declaration", "has no value"),
    (CUSTOM, "color: red;\np { margin: 0 }", 1, "css-declaration", "is in no rule"),
    (CUSTOM, "@media print { color: red }", 1, "css-declaration", "is in no rule"),
    (CUSTOM, "p { margin: 0 };\ntd { margin: 0 }", 1, "css-declaration", "keeps the rule after it from counting"),
    (CUSTOM, "p { text-wrap: balance }", 1, "css-unknown", "“text-wrap” is a property for browsers alone"),
    (CUSTOM, "@font-face { font-family: X; src: url(x.ttf) }", 1, "css-address", "there is no file “x.ttf”"),
    (CUSTOM, "p { font-family: Georgia, serif }", 1, "missing-font", "no font “Georgia”"),
    (CUSTOM, "@media screen { p { font-family: Georgia } }", 1, "missing-font", "no font “Georgia”"),
    (CUSTOM, "p { font: 12pt/1.4 'Sorce Serif 4', serif }", 1, "missing-font", "did you mean “Source Serif 4”?"),
    (CUSTOM, ":root {\n--serif: Palatino, serif }", 2, "missing-font", "no font “Palatino”"),
]


@pytest.mark.parametrize(
    ("name", "text", "line", "code", "message"), MISTAKES, ids=[f"{m[3]}:{m[1][:40]}" for m in MISTAKES]
)
def test_mistakes(journal: Path, name: str, text: str, line: int, code: str, message: str) -> None:
    """Each mistake is reported at its file and line, with its code and a way to fix it."""
    found = reported(journal, name, text)
    here = [problem for problem in found if problem.code == code]
    assert [p for p in here if (p.file, p.line or 0) == (f"overrides/{name}", line) and message in p.message], (
        "\n".join(map(str, found))
    )
    strangers = [p for p in found if p.file != f"overrides/{name}"]
    assert strangers == []


RIGHT: list[tuple[str, str]] = [
    (COVER, '<p style="--mine: 3px; --n: {{ issue.volume }}"><img alt="" src="{{ asset(\'fonts/fonts.conf\') }}"></p>'),
    (COVER, "<style>@page { margin: {{ 3 }}mm }</style><img alt='' src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>"),
    (
        CUSTOM,
        ".a { color: var(--nobody, var(--accent)); } @media screen and (min-width: 10em) { .a { --b: 1; width: var(--b) } }",
    ),
    (COVER, "{% if issue.meeting %}{{ issue.meeting.name }}{% endif %}"),
    (COVER, "{% if issue.meeting and issue.meeting.start %}{{ date(issue.meeting.start) }}{% endif %}"),
    (
        COVER,
        "{% if not issue.meeting %}-{% elif issue.meeting.end %}{{ date(issue.meeting.end) }}{% else %}{{ issue.meeting.name }}{% endif %}",
    ),
    (COVER, "{{ issue.meeting.name if issue.meeting else '' }}"),
    (COVER, "{{ issue.meeting and issue.meeting.name or '' }}"),
    (COVER, "{% if issue.meeting is not none %}{{ issue.meeting.name }}{% endif %}"),
    (COVER, "{% set m = issue.meeting %}{% if m %}{{ m.name }}{{ event_line(m) }}{% endif %}"),
    (COVER, "{% set has = issue.meeting is not none %}{% if has %}{{ issue.meeting.name }}{% endif %}"),
    (COVER, "{{ issue.publication.issn or '' }}{{ issue.publication.issn|default('', true) }}"),
    (COVER, "{% for e in issue.entries if e.kind == 'digest' %}{{ e.why }}{% endfor %}"),
    (
        COVER,
        "{% for e in issue.entries %}{% if e.kind in ['article', 'digest'] %}{{ e.authors|length }}{% elif e.kind == 'notice' %}{{ e.about }}{% endif %}{% endfor %}",
    ),
    (
        COVER,
        "{% for e in issue.entries %}{% if e.kind in ('notice', 'page') %}{% else %}{{ e.authors|length }}{% endif %}{% endfor %}",
    ),
    (COVER, "{% for e in issue.entries %}{% set k = e.kind %}{% if k == 'digest' %}{{ e.why }}{% endif %}{% endfor %}"),
    (COVER, "{% for e in issue.entries %}{% set d = e.kind == 'digest' %}{% if d %}{{ e.why }}{% endif %}{% endfor %}"),
    (
        COVER,
        "{% for e in issue.entries %}{% if e.why is defined %}{{ e.why }}{% endif %}{{ e.doi|default('') }}{% endfor %}",
    ),
    (COVER, "{% for e in issue.entries|selectattr('kind', 'equalto', 'digest') %}{{ e.why }}{% endfor %}"),
    (
        COVER,
        "{% for e in issue.entries|rejectattr('kind', 'eq', 'notice')|rejectattr('kind', 'eq', 'page') %}{{ e.keywords|join(', ') }}{% endfor %}",
    ),
    (
        COVER,
        "{% for kind, group in issue.entries|groupby('kind') %}{{ kind }}{% for e in group %}{{ e.title }}{% endfor %}{% endfor %}",
    ),
    (COVER, "{% for g in issue.author_index|groupby('initial') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}"),
    (COVER, "{% macro m(a, b='x') %}{{ a.title }}{{ b }}{% endmacro %}{{ m(issue) }}{{ m(issue.sections[0], b='y') }}"),
    (COVER, "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ issue.title }}{% endcall %}"),
    (COVER, "{% macro m(x) %}{% if x > 0 %}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(3) }}"),
    (
        COVER,
        "{% macro m(x) %}{{ options.accent }}{{ word('contents') }}{{ issue.title }}{{ x }}{% endmacro %}{{ m(1) }}",
    ),
    (
        COVER,
        "{% set ns = namespace(n=0) %}{% for s in issue.sections %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    ),
    (COVER, "{% for n in range(3) %}{{ n }}{{ loop.index }}{{ loop.cycle('a', 'b') }}{% endfor %}"),
    (COVER, "{% for p in (issue.sections|first).entries %}{{ p.title }}{% endfor %}"),
    (COVER, "{{ issue.title.upper() }}{{ issue.title|upper|replace('A', 'B') }}{{ issue.title.split(' ')|join('-') }}"),
    (COVER, "{% set x = 1 %}{% if paged %}{% set x = 2 %}{% endif %}{{ x }}"),
    (COVER, "{% if paged %}{% set y = issue.title %}{% else %}{% set y = '' %}{% endif %}{{ y }}"),
    (COVER, "{% set t %}<b>{{ issue.title }}</b>{% endset %}{{ t }}"),
    (COVER, "{% filter upper %}{{ issue.title }}{% endfilter %}"),
    (COVER, "{% if nothing is defined %}{{ nothing }}{% endif %}{{ nothing|default('x') }}"),
    (COVER, '{% include ["partials/mine.html", "partials/masthead.html"] %}{% include "none.html" ignore missing %}'),
    (COVER, "{% for a, b in issue.abbreviations %}{{ a }}{{ b.lower() }}{% endfor %}{{ issue.abbreviations[0][1] }}"),
    (COVER, "{{ words['contents'] }}{{ words.direction }}{{ words.language }}{{ options['accent'] }}"),
    (
        COVER,
        "{% for s in issue.sections %}{% if loop.nextitem is defined %}{{ loop.nextitem.title }}{% endif %}{% endfor %}",
    ),
    (
        SECTION,
        "{% for entry in section.entries %}{% with heading = 'h3' %}{% include 'partials/' ~ entry.kind ~ '.html' %}{% endwith %}{% endfor %}",
    ),
    (
        SECTION,
        "{% for entry in section.entries %}{% set heading = 'h3' %}{% if entry.kind == 'notice' %}{% include 'partials/notice.html' %}{% endif %}{% endfor %}",
    ),
    (
        ISSUE_PAGE,
        ON
        + "{% set mine = issue.title %}{% macro m(x) %}{{ x }}{% endmacro %}{% block colophon %}{{ super() }}{{ mine }}{{ m(1) }}{% endblock %}",
    ),
    (
        ISSUE_PAGE,
        ON
        + "{% block body %}{% block fresh %}{{ issue.title }}{% endblock %}{{ super() }}{{ self.title() }}{% endblock %}",
    ),
    (
        DIGEST,
        "{{ entry.title|length }}{{ entry.title[:40] }}{{ entry.title|truncate(40) }}{{ entry.title.split()|join('-') }}",
    ),
    (DIGEST, "{{ entry.title + '.' }}{{ entry.title|upper }}{{ entry.title ~ '.' }}{{ 'x' in entry.title }}"),
    (
        COVER,
        "{% for e in issue.entries %}{% set c = 'a' %}{% if loop.first %}{% set c = c ~ 'b' %}{% endif %}{{ c }}{% endfor %}",
    ),
    (COVER, "{% set h = 'h2' %}{% for e in issue.entries %}{% set h = h|default('h3') %}{{ h }}{% endfor %}"),
    (COVER, "{% for e in issue.entries %}{% endfor %}{% for e in issue.entries %}{{ e.title }}{% endfor %}"),
    (COVER, "<style>@media print { .a { color: red }}</style>{% raw %}{{ x }}{% endraw %}{{ {'a': {'b': 1}}.a }}"),
    (
        CUSTOM,
        ".a {\n  color: red;\n  .b { color: red }\n  &:hover { color: red }\n}\n@media print {\n  .c { margin: 0 }\n}",
    ),
    (
        CUSTOM,
        ".a { content: '}'; quotes: '\\'' '\\'' } /* { */ .b[title='{'] { margin: 0 } .c { background: url(data:,a;b) }",
    ),
    (CUSTOM, "@media screen { p { cursor: pointer; transitions: x; font-family: serif } }"),
    (
        CUSTOM,
        "p { font-family: 'Source Sans 3', sans-serif; --x: Palatino; font: inherit } @page { @top-left { content: 'x'; font: 9pt 'Source Serif 4' } }",
    ),
    (CUSTOM, "p { background: url(data:image/png;base64,AAAA) } .x::before { content: '}' }"),
]


@pytest.mark.parametrize(("name", "text"), RIGHT, ids=[text[:50] for _, text in RIGHT])
def test_what_is_right_is_not_reported(journal: Path, name: str, text: str) -> None:
    """What works is let alone, whichever way it makes sure that a thing is there."""
    assert reported(journal, name, text) == []


@pytest.mark.parametrize("name", sorted(themes(None)))
def test_our_themes_are_clean(name: str) -> None:
    """Nothing is reported about the themes of the program, in any of their languages."""
    for language in sorted(path.stem for path in resources.folder("templates").glob("*/words/*.yaml")):
        assert check.theme_problems(Theme(name, SAMPLE), language) == ()


def test_macros_of_another_file(journal: Path) -> None:
    """What a file of macros does not have is reported where it is asked for; its macros see no issue."""
    reported(journal, "partials/macros.html", "{% macro name(p) %}\n{{ p.ful }}{{ issue.title }}{% endmacro %}")
    asks = '{% from "partials/macros.html" import nam, name %}{{ name(issue.entries[0].authors[0]) }}'
    found = reported(
        journal,
        AUTHORS,
        "{% import 'partials/macros.html' as m %}\n{{ m.nme(1) }}{{ m.name(entry.authors[0]) }}" + asks,
    )
    assert sorted((p.file, p.line, p.message) for p in found if p.code != "other-kind") == [
        ("overrides/partials/authors.html", 2, "m is “m” and has no “nme”; did you mean “name”?"),
        ("overrides/partials/authors.html", 2, "“partials/macros.html” has no macro “nam”; did you mean “name”?"),
        ("overrides/partials/macros.html", 2, "p is a person and has no “ful”; did you mean “full”?"),
        (
            "overrides/partials/macros.html",
            2,
            "“issue” is not defined here; you can use name, p, varargs, kwargs, caller",
        ),
    ]


def test_what_is_reported_by_the_build_is_reported_by_the_check(journal: Path) -> None:
    """`digest check` lists the mistakes of templates as well, even those that this issue does not reach."""
    reported(journal, COVER, "{% if issue.cover is none %}{{ issue.titel }}{% endif %}")
    assert build(journal / ISSUE, ["html"]).files
    assert [problem.code for problem in check_issue(journal / ISSUE) if problem.level == "error"] == ["unknown-field"]


def test_the_check_is_quick() -> None:
    """The check of the sample takes less than a second of work, once the library for paper is loaded."""
    theme = Theme("highlights", SAMPLE)
    check.theme_problems(theme, "en")
    start = time.process_time()
    check.theme_problems(theme, "en")
    assert time.process_time() - start < 60


PIECES = st.sampled_from(
    [
        "{{",
        "}}",
        "{%",
        "%}",
        " if ",
        " for ",
        " in ",
        " issue",
        ".sections",
        ".meeting",
        "endif",
        "endfor",
        " entry",
        ".kind",
        "|first",
        "|map",
        "(",
        ")",
        "[0]",
        "'x'",
        " set ",
        "=",
        " macro m(a)",
        "endmacro",
        " block b",
        "endblock",
        " include ",
        " extends ",
        "'issue.html'",
        "'partials/cover.html'",
        "super()",
        "m",
        " is defined",
        " and ",
        " not ",
        "\n",
        "|groupby('kind')",
        " call m()",
        "endcall",
        "~",
        ",",
        " loop",
        " recursive",
        " import ",
        " from ",
        " with ",
        "endwith",
        "#}",
        "{#",
        "-",
        "1",
        "{",
        "}",
    ]
)
TEXTS = st.one_of(st.lists(PIECES, max_size=25).map("".join), st.text(max_size=60))
WHOLE = st.recursive(
    st.sampled_from(
        [
            "{{ issue.title }}",
            "{{ x }}",
            "{{ entry.why }}",
            "{{ super() }}",
            "{% set x = issue.meeting %}",
            "{% include 'partials/cover.html' %}",
            "{{ m(x) }}",
            "{{ loop(x) }}",
            "{{ x[0][1] }}",
            "{{ x.y.z }}",
            "{{ x|first|last|length }}",
            "{{ x|sum(attribute='a.0.b') }}",
            "{% import 'partials/cover.html' as x %}",
            "{{ [x, *y] }}",
            "{{ {'a': 1}.a }}",
        ]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        inner.map("{{% for x in issue.sections %}}{}{{% endfor %}}".format),
        inner.map("{{% for x, y in x recursive %}}{}{{% endfor %}}".format),
        inner.map("{{% if x and not y.z or issue.cover %}}{}{{% elif x == 1 %}}b{{% endif %}}".format),
        inner.map("{{% macro m(x, y=1) %}}{}{{% endmacro %}}".format),
        inner.map("{{% call m(1) %}}{}{{% endcall %}}".format),
        inner.map("{{% with x = issue.entries %}}{}{{% endwith %}}".format),
        inner.map("{{% filter upper %}}{}{{% endfilter %}}".format),
        inner.map("{{% set x %}}{}{{% endset %}}".format),
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Theme:
    return Theme("highlights", tmp_path_factory.mktemp("other"))


@settings(max_examples=100)
@given(text=st.one_of(TEXTS, WHOLE))
def test_any_template_is_looked_at(other: Theme, text: str) -> None:
    """Whatever is in a template, the check ends and says something that can be printed."""
    text = text.encode("utf-8", "replace").decode()
    path = other.overrides / "partials" / "cover.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    for problem in check.template_problems(other, "en"):
        assert str(problem)


def test_much_is_looked_at_in_bounded_time(journal: Path) -> None:
    """Macros that call each other twice at every step, and templates that include themselves, come to an end."""
    macros = "{% macro m0(x) %}{{ x }}{% endmacro %}" + "".join(
        f"{{% macro m{n}(x) %}}{{{{ m{n - 1}(x ~ 'a') }}}}{{{{ m{n - 1}(x ~ 'b') }}}}{{% endmacro %}}"
        for n in range(1, 40)
    )
    start = time.process_time()
    reported(journal, COVER, macros + "{{ m39('') }}{% include 'partials/cover.html' %}")
    reported(journal, COVER, "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}")
    reported(journal, COVER, "{% if x %}" * 300 + "{% endif %}" * 300)
    reported(journal, COVER, "{{ " + " and ".join(f"issue.meeting.a{n}" for n in range(400)) + " }}")
    assert time.process_time() - start < 60
