"""What is demanded of each reader whatever it is given, and texts to begin with: for the tests and ``bench/fuzz.py``."""

from __future__ import annotations

import contextlib
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from digest import prose, strict
from digest.cite.reading import read_citation
from digest.csl import StyleError, load_style
from digest.errors import Problem, TemplateError
from digest.model import Record
from digest.publication import ArticleFile, IssueFile, Publication
from digest.query import mistakes_in
from digest.render import pdf, stylesheet
from digest.render.check import theme_problems
from digest.render.theme import Option, Theme, ThemeManifest
from digest.sources import FORMATS
from digest.text import RichText
from tests.conftest import ROOT
from tests.sources import test_any_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FOUND: Final = ROOT / "tests" / "found"  # inputs that once broke a reader, by the name of the target


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _tidy(problems: Iterable[Problem]) -> None:
    """Problems can be printed, and name no place of this machine."""
    for problem in problems:
        assert isinstance(problem, Problem)
        str(problem).encode()
        assert "file:///" not in str(problem)


def _yaml(type_: Any) -> Callable[[bytes], None]:  # noqa: ANN401 - a type of the model
    def check(data: bytes) -> None:
        read = strict.read(_text(data), type_, "file.yaml")
        _tidy(read.problems)
        assert (read.value is None) == any(problem.level == "error" for problem in read.problems)

    return check


def _style(data: bytes) -> None:
    with contextlib.suppress(StyleError):
        load_style(data)


def _citation(data: bytes) -> None:
    read = read_citation(_text(data))
    assert isinstance(read, Record | Problem)
    str(read).encode()


def _markup(data: bytes) -> None:
    try:
        text = RichText.parse(_text(data))
    except ValueError:
        return
    again = RichText.parse(text.source)  # blanks at an end that were written as &#32; are gone now
    assert again.plain.strip() == text.plain.strip()
    assert RichText.parse(again.source) == again


def _article(data: bytes) -> None:
    text = _text(data)
    if strict.CONTROL.search(text):  # refused before
        return
    parsed = prose.parse(text, "articles/a.md")
    _tidy(parsed.problems)


def _option(data: bytes) -> None:
    kind, _, text = _text(data).partition("\n")
    known = ("boolean", "choice", "color", "font", "integer", "length", "paper", "text")
    option = Option(type=kind if kind in known else "text", default="", description="")  # type: ignore[arg-type]
    with contextlib.suppress(ValueError):
        option.parse(text)


def _query(data: bytes) -> None:
    for message in mistakes_in(_text(data)):
        str(message).encode()


@cache
def _publication() -> tempfile.TemporaryDirectory[str]:
    """A folder for a publication with a small theme of its own, whose files are written again and again."""
    folder = tempfile.TemporaryDirectory()
    theme = Path(folder.name, "themes/small")
    (theme / "css").mkdir(parents=True)
    (theme / "words").mkdir()
    (theme / "theme.yaml").write_text("title: Small\ndescription: A theme.\nformats: [html]\n", "utf-8")
    (theme / "words/en.yaml").write_text("contents: Contents\nskip: Skip\n", "utf-8")
    (theme / "part.html").write_text("{% macro m(a) %}{{ a }}{{ caller() }}{% endmacro %}{{ issue.title }}", "utf-8")
    return folder


def _stylesheet(data: bytes) -> None:
    root = Path(_publication().name)
    path = root / "themes/small/css/small.css"
    path.write_bytes(data)
    sheet = stylesheet.Stylesheet(path, "themes/small/css/small.css", (root,))
    problems = sheet.problems()
    _tidy(problems)
    _ = (
        sheet.declarations("print"),
        sheet.declarations("screen"),
        sheet.brought_families,
        sheet.media,
        sheet.needed_properties,
    )
    if not problems:
        sheet.inlined()
        for _line, message in pdf.css_problems(sheet.text):
            str(message).encode()


def _template(data: bytes) -> None:
    """A template is checked, and rendered without an issue: both end in problems at its lines."""
    root = Path(_publication().name)
    (root / "themes/small/issue.html").write_bytes(data)
    theme = Theme("small", root)
    _tidy(theme_problems(theme, "en"))
    with contextlib.suppress(TemplateError):
        theme.render(theme.environment(), "issue.html", {"issue": {"title": "T", "sections": []}, "words": {}})


def _files(*patterns: str) -> Callable[[], list[bytes]]:
    return lambda: [path.read_bytes() for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def _citations() -> list[bytes]:
    texts = json.loads((ROOT / "tests" / "judged_citations.json").read_text(encoding="utf-8"))
    return [str(one).encode() for item in texts[:60] for key, one in item.items() if key == "text"] or [
        b"Saif MW, et al. J Clin Oncol 2014; 32 (suppl; abstr e15166). doi:10.1200/jco.2014.32.15_suppl.e15166",
        b"Doe J, Roe A (2019). A title. In: Proceedings of a meeting, pp. 3-9. Berlin: Springer.",
        "Müller K. Über den Schlaf [Abstract P-12]. 12. Jahrestagung, Bonn, 3.–5. Mai 2014.".encode(),
    ]


_TEMPLATES: Final = ("templates/*/issue.html", "templates/*/partials/*.html")
# What is checked, and the texts to begin with.
TARGETS: Final[dict[str, tuple[Callable[[bytes], None], Callable[[], list[bytes]]]]] = {
    **{
        name: (
            lambda data, name=name: test_any_bytes.check(data, name),  # type: ignore[misc]
            lambda name=name: [path.read_bytes() for path in test_any_bytes.seeds(name)],  # type: ignore[misc]
        )
        for name in FORMATS
    },
    "csl": (_style, _files("digest/cite/styles/*.csl")),
    "citation": (_citation, _citations),
    "markup": (
        _markup,
        lambda: [
            b"H<sub>2</sub>O, <i>p</i> &lt; 0.05, <b>a <sup>2</sup></b>",
            b"$x^2$ and <sc>x</sc> & y <br> [@a]",
        ],
    ),
    "article": (_article, _files("seeds/sample/issues/*/articles/*.md")),
    "front-matter": (_yaml(ArticleFile), lambda: [b"title: A\nauthors:\n  - Doe J\nabstracts: [e1]\n"]),
    "digest.yaml": (_yaml(Publication), _files("seeds/*/digest.yaml")),
    "issue.yaml": (_yaml(IssueFile), _files("seeds/sample/issues/*/issue.yaml")),
    "record": (_yaml(Record), _files("seeds/sample/issues/*/records/*.yaml")),
    "theme.yaml": (_yaml(ThemeManifest), _files("templates/*/theme.yaml")),
    "option": (
        _option,
        lambda: [
            b"color\n#0b4f5c",
            b"length\n4mm",
            b"integer\n12",
            b"paper\nA4",
            b"font\nSource Serif 4",
            b"boolean\nyes",
        ],
    ),
    "query": (
        _query,
        lambda: [b'title:"a b" -track:x (year:2014 OR abstract:gem*)', b"authors:doe AND NOT doi:10.1/x"],
    ),
    "stylesheet": (_stylesheet, _files("templates/*/css/*.css")),
    "template": (_template, _files(*_TEMPLATES)),
}


def seeds(name: str) -> list[bytes]:
    """The texts to begin with, and those that once broke the target."""
    return [*TARGETS[name][1](), *(path.read_bytes() for path in sorted((FOUND / name).glob("*")))]
