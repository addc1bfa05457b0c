"""What templates, stylesheets, pictures, fonts and documents may not ask for is refused before it is spent, with its place."""

from __future__ import annotations

import base64
import os
import signal
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import ImageFile

from digest import font, picture, strict, worker
from digest.build import build
from digest.errors import LimitError, ProjectError, TemplateError
from digest.opening import exists, inside
from digest.render import excess, pdf, sandbox, stylesheet
from digest.render.theme import Theme
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FONTS = ROOT / "templates" / "highlights" / "fonts"
WOFF2 = (FONTS / "SourceSans3-Regular.woff2").read_bytes()
TTF = (FONTS / "SourceCodePro-Regular.ttf").read_bytes()
ISSUE = "issues/2014-07-28"


def drawn(journal: Path, **files: str) -> str:
    """What a template ``page.html`` in the overrides prints; its neighbours are written too."""
    for name, text in files.items():
        path = journal / "overrides" / f"{name}.html"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    theme = Theme("highlights", journal)
    return theme.render(theme.environment(), "page.html", {"x": ""}, fault=lambda text: excess.first(text, styles=True))


@pytest.mark.parametrize(
    ("template", "line", "code"),
    [
        ("a\n{{ 'x' * 10**9 }}", 2, "template-limit"),
        ("{{ [1] * 10**9 }}", 1, "template-limit"),
        ("{{ 9999999999 ** 9999999 }}", 1, "template-limit"),
        ("\n\n{{ 'x'|center(10**9) }}", 3, "template-limit"),
        ("{{ 'x'.rjust(10**9) }}", 1, "template-limit"),
        ("{{ 'x'|indent(10**9) }}", 1, "template-limit"),
        ("{{ [1]|batch(10**9, 0)|list }}", 1, "template-limit"),
        ("{{ '%0999999999d'|format(1) }}", 1, "template-limit"),
        ("{{ '%0999999999d' % 1 }}", 1, "template-limit"),
        ("{{ '%*d' % (10**9, 1) }}", 1, "template-limit"),
        ("{{ '{:>999999999}'.format(1) }}", 1, "template-limit"),
        ("{{ '{:>{}}'.format(1, 10**9) }}", 1, "template-limit"),
        (
            "{% set n = namespace(t='x') %}{% for i in range(40) %}\n{% set n.t = n.t + n.t %}{% endfor %}",
            2,
            "template-limit",
        ),
        ("{% for i in range(10**9) %}{% endfor %}", 1, "template-error"),
        ("a\n{{ 10**5000 }}", 2, "template-error"),
        ("a\n{{ " + "9" * 5000 + " }}", 2, "template-syntax"),
        ("a\n{{ " + "(" * 5000 + ")" * 5000 + " }}", 2, "template-syntax"),
        ("a\n{{ " + "1+" * 5000 + "1 }}", 2, "template-syntax"),
        ("a\n{{ x" + ".x" * 5000 + " }}", 2, "template-syntax"),
        ("a\n" + "{% if x %}" * 500 + "{% endif %}" * 500, 2, "template-syntax"),
        ("a\n" + "{% for a in x %}" * 30 + "{% endfor %}" * 30, 2, "template-syntax"),
        ("a\n{{ '\\0' }}", 2, "control-character"),
        ("a\n{{ '\\ud800' }}", 2, "control-character"),
        ("a\n{% for i in range(200) %}\n{{ '<div>'|safe }}\n{% endfor %}", 3, "template-limit"),
        ('a\n{% if 1 %}{{ x }}\n{% endif %}<td\n colspan="1000000">', 4, "template-limit"),
        ("a\n{{ x }}<p style='font-size: 1e9px'>", 2, "template-limit"),
        ("a\n{{ x }}<style>p { margin: 1e9px }</style>", 2, "template-limit"),
        ("a\n{% if x %}\n{% for a in x %}\n{% endfor %}\n", 2, "template-syntax"),
        ("{% block a %}\n{% block b %}\n{% endblock %}", 1, "template-syntax"),
        ("a\n{{ nothere }}", 2, "template-undefined"),
        ('a\n{% include "a\\0b" %}', 2, "template-missing"),
        ('a\n{% include "' + "n" * 5000 + '" %}', 2, "template-missing"),
        ('a\n{% include "\\ud800" %}', 2, "template-missing"),
        ('a\n{% include "partials" %}', 2, "template-missing"),
        ('a\n{% include "page.html" %}', 2, "template-error"),
    ],
)
def test_templates_that_ask_for_too_much(journal: Path, template: str, line: int, code: str) -> None:
    """A template that makes too much, or cannot be read, ends in a problem with its file and line."""
    with pytest.raises(TemplateError) as caught:
        drawn(journal, page=template)
    assert (caught.value.problem.file, caught.value.problem.line, caught.value.problem.code) == (
        "overrides/page.html",
        line,
        code,
    )


@pytest.mark.parametrize(
    ("page", "other", "line"),
    [
        ('{% include "other.html" %}', "a\n\n{{ '\\0' }}", 3),
        ('{% include "other.html" %}', "a\n{{ nothere }}", 2),
        ('{% include "other.html" %}', "a\n{% nothere %}", 2),
        ('{% import "other.html" as o %}{{ o.m() }}', "{% macro m() %}\n\n{{ nothere }}{% endmacro %}", 3),
        ('{% extends "other.html" %}{% block a %}{% endblock %}', "{% block a %}{% endblock %}\n{{ 'x' * 10**9 }}", 2),
        ('{% for i in [1, 2] %}{% include "other.html" %}{% endfor %}', "\n{{ '<b>'|safe * 300 }}", 2),
    ],
)
def test_the_template_that_is_at_fault(journal: Path, page: str, other: str, line: int) -> None:
    """A mistake in an included, imported or extended template is reported there."""
    with pytest.raises(TemplateError) as caught:
        drawn(journal, page=page, other=other)
    assert (caught.value.problem.file, caught.value.problem.line) == ("overrides/other.html", line)


@pytest.mark.parametrize(
    "template",
    [
        "{{ '%05d' % 7 }} {{ '{:,}'.format(5000000) }} {{ 'a %s'|format(1000000) }} {{ 2 ** 64 }}",
        "{{ 'x' * 1000 }}{{ 'x'|center(80) }}{{ [1, 2, 3]|batch(2, 0)|list }}",
        "{% if x %}" + "{% elif x %}" * 20 + "{% endif %}",
        "{{ " + "'a' ~ " * 300 + "'b' }}",
        "<ul>" + "<li>a" * 500 + "</ul>" + "<p>b" * 500 + "<div></div>" * 500,
    ],
)
def test_templates_that_do_not(journal: Path, template: str) -> None:
    """What real templates do is within all bounds."""
    assert drawn(journal, page=template + ".").endswith(".")


def test_a_document_without_end(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that grows without end is stopped at the line that prints it."""
    monkeypatch.setattr(sandbox, "DOCUMENT", 1000)
    with pytest.raises(TemplateError) as caught:
        drawn(journal, page='a\n{% include "other.html" %}', other="{% for i in range(99999) %}\n{{ i }}{% endfor %}")
    assert (caught.value.problem.file, caught.value.problem.line) == ("overrides/other.html", 2)


@pytest.mark.parametrize(
    ("css", "line", "message"),
    [
        ("p {}\np { font-size: 1e9px }", 2, "1e9px"),
        ("p { margin: 1e300px }", 1, "1e300px"),
        ("p { margin: -999999px }", 1, "-999999px"),
        ("p { letter-spacing: 1e6em }", 1, "1e6em"),
        ("p {\n column-count: 1000000000 }", 2, "1000000000"),
        ("p { columns: 1e-9px }", 1, "too small"),
        ("@page { size: 1mm 1mm }", 1, "too small"),
        ("@page { size: 1e9mm }", 1, "1e9mm"),
        ("p { background: repeating-linear-gradient(red 0, blue 0.00001px) }", 1, "too small"),
        ("p { counter-increment: c 1000000000 }", 1, "1000000000"),
        ("p { grid-template-columns: repeat(1000000000, 1fr) }", 1, "1000000000"),
        ("p::before { content: '" + "x" * 200_000 + "' }", 1, "characters"),
        ("p {}\n" + "a {" * 3000, 2, "nested"),
        ("a { color: " + "(" * 3000 + " }", 1, "nested"),
        (":not(" * 1500 + "a" + ")" * 1500 + " { color: red }", 1, "nested"),
        ("@media print {" * 1500, 1, "nested"),
        ("[" * 3000, 1, "nested"),
        ("\n" + ".a" * 500_000 + " { color: red }", 2, "words and signs"),
        ("* " * 5000 + "{ color: red }", 1, "words and signs"),
    ],
)
def test_stylesheets_that_ask_for_too_much(tmp_path: Path, css: str, line: int, message: str) -> None:
    """A stylesheet that no page can follow is an error at its line, and nothing else of it is looked at."""
    path = tmp_path / "a.css"
    path.write_text(css, encoding="utf-8")
    sheet = stylesheet.Stylesheet(path, "css/a.css", (tmp_path,))
    problem = sheet.problems()[0]
    assert (problem.code, problem.file, problem.line) == ("css-limit", "css/a.css", line)
    assert message in problem.message
    assert sheet.rules == []


def test_stylesheets_that_do_not(tmp_path: Path) -> None:
    """What stylesheets use to hide, to round and to lift things up is within all bounds, as are our own."""
    path = tmp_path / "a.css"
    path.write_text(
        "a { text-indent: -9999px; border-radius: 99999px; z-index: 2147483647; transition: color 99999s }\n"
        "b { content: url(data:image/png;base64," + "A" * 300_000 + ") }",
        encoding="utf-8",
    )
    for file in (path, *ROOT.glob("templates/*/css/*.css")):
        assert stylesheet.Stylesheet(file, file.name, (tmp_path,)).excess == ()


def png(width: int, height: int, *, kind: int = 2, more: bytes = b"", pixels: bytes | None = None) -> bytes:
    """A PNG picture of these sizes that is black, or broken where its pixels are other ones."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    row = {0: 1, 2: 3, 3: 1, 6: 4}[kind] * width + 1
    data = zlib.compress(b"\0" * row * min(height, 50)) if pixels is None else pixels
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def svg(inside: str) -> bytes:
    """A drawing."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'.encode()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.png", png(13_000, 13_000), "13000 × 13000 pixels"),
        ("a.png", png(60_000, 60_000), "pixels"),
        (
            "a.png",
            png(7000, 7000, kind=6),
            "it has 7000 × 7000 pixels; 2480 × 2480 are enough for a page of A4 (300 dpi)",
        ),
        ("a.png", png(20, 20, pixels=b"not deflated"), "does not hold a picture"),
        ("a.png", png(20, 20)[:40], "does not hold a picture"),
        ("a.png", b"", "does not hold a picture"),
        ("a.jpg", png(20, 20), "does not hold a picture"),
        ("a.webp", b"GIF89a" + b"\xff" * 40, "does not hold a picture"),
        ("a.svg", b"", "not well formed"),
        ("a.svg", svg("<rect/>" * 30_000), "more than 20000 elements"),
        ("a.svg", svg("<g>" * 5000 + "</g>" * 5000), "more than 20000 elements"),
        ("a.svg", svg('<g id="a"><use href="#a"/></g>'), "uses itself"),
        ("a.svg", svg('<mask id="a"><rect mask="url(#a)"/></mask><rect mask="url(#a)"/>'), "uses itself"),
        ("a.svg", svg('<pattern id="a"><rect fill="url(#a)"/></pattern>'), "uses itself"),
        (
            "a.svg",
            svg(
                '<marker id="m">'
                + "<rect/>" * 100
                + '</marker><path marker-mid="url(#m)" d="M0 0'
                + "L1 1" * 1000
                + '"/>'
            ),
            "more than 20000 elements",
        ),
        ("a.svg", svg('<path d="M0 0' + "L1 1" * 1_100_000 + '"/>'), "million characters"),
        ("a.svg", svg("<g/>").decode().encode("utf-16"), "not UTF-8"),
        ("a.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + svg("&a;"), "entities"),
        (
            "a.svg",
            svg(f'<image href="data:image/png;base64,{base64.b64encode(png(13_000, 13_000)).decode()}"/>'),
            "inside a.svg has too many pixels",
        ),
    ],
)
def test_pictures_that_ask_for_too_much(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """A picture is refused by what its head says, or because it cannot be drawn."""
    path = tmp_path / name
    path.write_bytes(content)
    assert message in picture.complaint(path)


def test_a_picture_that_ends_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused also after WeasyPrint was loaded, which has Pillow fill up what is missing."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    path = tmp_path / "a.png"
    path.write_bytes(png(20, 20, pixels=b"not deflated"))
    assert "does not hold a picture" in picture.complaint(path)
    assert ImageFile.LOAD_TRUNCATED_IMAGES


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", png(20, 20)),
        ("a.png", png(20, 20, kind=6)),
        (
            "a.svg",
            svg('<defs><linearGradient id="a"><stop/></linearGradient></defs>' + '<rect fill="url(#a)"/>' * 9000),
        ),
        ("a.svg", svg('<g id="a"><rect/></g>' + '<use href="#a"/>' * 100)),
    ],
)
def test_pictures_that_do_not(tmp_path: Path, name: str, content: bytes) -> None:
    """Pictures and drawings of usual sizes are printed."""
    path = tmp_path / name
    path.write_bytes(content)
    assert picture.complaint(path) == ""


def woff(size: int, packed: bytes) -> bytes:
    """A WOFF font with one table that says to have this size."""
    head = struct.pack(">4sIIHHIHHIIIII", b"wOFF", 0x10000, 64 + len(packed), 1, 0, size, 0, 0, 0, 0, 0, 0, 0)
    return head + struct.pack(">4sIIII", b"glyf", 64, len(packed), size, 0) + packed


def woff2_bomb() -> bytes:
    """A WOFF2 font whose packed part gives 64 MiB, though its head says less."""
    import brotli  # type: ignore[import-untyped]  # it has no types

    packed = brotli.compress(bytes(64 << 20), quality=1)
    table = b"\x01\x0a"  # head, ten bytes
    head = struct.pack(">4sIIHHII", b"wOF2", 0x10000, 48 + len(table) + len(packed), 1, 0, 100, len(packed))
    return bytes(head + bytes(24) + table + packed)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (lambda: b"", "not a font"),
        (lambda: b"\0\1\0\0\0\xff" + b"x" * 100, "not a font"),
        (lambda: TTF[:5000], "not a font"),
        (lambda: b"OTTO\xff\xff" + bytes(100), "not a font"),
        (lambda: woff(100, b"x" * 200), "not a font"),
        (lambda: woff(10**9, b"x" * 200), "unfolds to more than 40 MiB"),
        (lambda: WOFF2[:-100], "not a font"),
        (lambda: WOFF2[:16] + struct.pack(">I", 10**9) + WOFF2[20:], "unfolds to more than 40 MiB"),
        (woff2_bomb, "unfolds to more than 40 MiB"),
        (lambda: TTF, ""),
        (lambda: WOFF2, ""),
    ],
)
def test_fonts(tmp_path: Path, content: Callable[[], bytes], message: str) -> None:
    """A font is refused when it is broken, or unfolds to more than any font has."""
    path = tmp_path / "a.font"
    path.write_bytes(content())
    assert message in font.complaint(path)
    assert bool(message) == bool(font.complaint(path))


@pytest.mark.parametrize(
    ("files", "where"),
    [
        (
            {
                "overrides/css/custom.css": b"p { background: url(big.png) }",
                "overrides/css/big.png": png(13_000, 13_000),
            },
            "overrides/css/",
        ),
        (
            {
                "overrides/css/custom.css": b"@font-face { font-family: x; src: url(x.ttf) } p { font-family: x }",
                "overrides/css/x.ttf": TTF[:5000],
            },
            "overrides/css/",
        ),
        (
            {
                "overrides/partials/cover.html": b'<img alt="" src="{{ asset("big.png") }}">',
                "overrides/big.png": png(13_000, 13_000),
            },
            "overrides/partials/cover.html:1",
        ),
        (
            {
                "overrides/partials/cover.html": b'<img alt="" src="data:image/png;base64,%s">'
                % base64.b64encode(png(13_000, 13_000))
            },
            "",
        ),
        ({"overrides/css/custom.css": b"p { font-size: 1e9px }"}, "overrides/css/custom.css:1"),
        ({f"{ISSUE}/figures/cover.svg": svg("<g>" * 5000 + "</g>" * 5000)}, f"{ISSUE}/issue.yaml"),
    ],
)
@pytest.mark.parametrize("form", ["html", "pdf"])
def test_a_build_names_what_it_refuses(journal: Path, files: dict[str, bytes], where: str, form: str) -> None:
    """An issue with such a picture, font or style is not built, and the message names the file."""
    for name, content in files.items():
        path = journal / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if not where and form == "html":
        return  # a browser has its own bounds for what is inside of a page
    with pytest.raises((ProjectError, TemplateError)) as caught:
        build(journal / ISSUE, [form])
    assert isinstance(caught.value, ProjectError | TemplateError)
    found = [str(problem) for problem in caught.value.problems if problem.level == "error"]
    assert found
    assert all(one.startswith(where) for one in found)
    assert str(journal) not in " ".join(found)


def test_elements_inside_elements_are_laid_out() -> None:
    """What is nested as deeply as documents may be is laid out, tables in tables too."""
    depth = excess.DEEPEST - 5
    html = "<html><body>" + "<table><tr><td>" * depth + "x" + "</td></tr></table>" * depth
    assert excess.first(html, styles=True) is None
    assert pdf.proof(html, 1, roots=(), fonts=None).labels


def test_the_last_words_of_a_child() -> None:
    """A process that ends without an answer is reported with what it was working on."""

    def job() -> None:
        worker.doing("themes/mine/fonts/x.ttf (read last)")
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(LimitError) as caught:
        worker.run(worker.JobLimits(), job)
    assert str(caught.value).startswith("themes/mine/fonts/x.ttf (read last): the process")


def test_no_memory_left_names_the_place() -> None:
    """Memory that runs out in a library is reported with what was worked on."""

    def job() -> bytes:
        worker.doing("laying out page 7")
        return bytes(10**10)

    with pytest.raises(LimitError) as caught:
        worker.run(worker.JobLimits(memory=2**28), job)
    assert caught.value.where == "laying out page 7"


@pytest.mark.parametrize(
    "name", ["", ".", "a\0b", "a" * 5000, "\ud800", "../secret", "/etc/passwd", "circle", "folder"]
)
def test_names_that_no_file_has(tmp_path: Path, name: str) -> None:
    """A name that no file can have, or that leads out of the folder, is the name of no file, and nothing is raised."""
    folder = tmp_path / "in"
    (folder / "folder").mkdir(parents=True)
    (folder / "circle").symlink_to("circle")
    (tmp_path / "secret").write_text("x", encoding="utf-8")
    assert inside(folder, name) is None
    exists(folder / name)


def test_a_text_that_is_too_large(tmp_path: Path) -> None:
    """A file of 60 MB that people are meant to type is refused by its size."""
    path = tmp_path / "en.yaml"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(ProjectError) as caught:
        strict.read_text(path, "words/en.yaml")
    assert [(problem.code, problem.file) for problem in caught.value.problems] == [("too-large", "words/en.yaml")]
