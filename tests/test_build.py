"""What building and checking share: an issue is read once, composed once, and each of its mistakes is listed once."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import tinycss2

from digest import build
from digest.cite import Styles
from digest.cli import main
from digest.render import theme
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import FrameType

OPENED: list[str] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        OPENED.append(str(arguments[0]))


@pytest.fixture(scope="session")
def audit() -> None:
    """Notes each file that is opened; a hook cannot be taken away again."""
    sys.addaudithook(_note)


@pytest.fixture
def opened(audit: None) -> Iterator[list[str]]:  # noqa: ARG001 - needed first
    """The files that were opened in this test."""
    OPENED.clear()
    yield OPENED
    OPENED.clear()


def _override(journal: Path, name: str, text: str) -> None:
    path = journal / "overrides" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_check_reads_each_file_once(journal: Path, opened: list[str]) -> None:
    """A check opens each file of an issue once, and each stylesheet."""
    build.check(journal / ISSUE)
    counts = Counter(name for name in opened if name.endswith((".yaml", ".md", ".css")))
    ours = {name: count for name, count in counts.items() if name.startswith(str(journal)) or "/templates/" in name}
    assert any(name.endswith("issue.yaml") for name in ours)
    assert any(name.endswith("print.css") for name in ours)
    words = {name: count for name, count in ours.items() if "/words/" in name}
    assert {name: count for name, count in ours.items() if count > 1 and name not in words} == {}


def test_check_parses_each_stylesheet_once(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own questions about a stylesheet are answered from one parse."""
    texts = {path.read_text(encoding="utf-8"): path.name for path in theme.themes(None)["highlights"].rglob("*.css")}
    parse, counts = tinycss2.parse_component_value_list, Counter[str]()

    def counted(css: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - tinycss2 has no types
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - WeasyPrint parses for itself
        while frame and not frame.f_globals.get("__name__", "").startswith("weasyprint"):
            frame = frame.f_back
        if frame is None and css in texts:
            counts[texts[css]] += 1
        return parse(css, *arguments, **options)

    monkeypatch.setattr(tinycss2, "parse_component_value_list", counted)
    monkeypatch.setattr(tinycss2.parser, "parse_component_value_list", counted)
    build.check(journal / ISSUE)
    assert counts
    assert set(counts.values()) == {1}


def test_check_hides_no_other_problem_of_a_line(journal: Path) -> None:
    """What ends the build is listed next to what the static check finds in the same line."""
    _override(journal, "partials/colophon.html", "{{ 1 // 0 }}{{ issue.titel }}\n")
    found = [(p.code, p.line) for p in build.check(journal / ISSUE) if p.file.endswith("colophon.html")]
    assert ("template-error", 1) in found
    assert ("unknown-field", 1) in found


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{{ issue.titel }}", "unknown-field"),
        ("{{ isue }}", "unknown-variable"),
        ("{{ words.contens }}", "unknown-word"),
        ("{{ issue.title|uper }}", "unknown-filter"),
        ('{{ asset("no.svg") }}', "missing-asset"),
        ('{% include "partials/no.html" %}', "template-missing"),
    ],
)
def test_check_lists_each_mistake_once(journal: Path, line: str, code: str) -> None:
    """A mistake that ends the build is listed in the words of the static check alone."""
    _override(journal, "partials/colophon.html", f"\n{line}\n")
    found = [problem for problem in build.check(journal / ISSUE) if problem.level == "error"]
    assert [(problem.code, problem.line) for problem in found] == [(code, 2)]


def test_check_lists_warnings_with_what_ends_the_build(journal: Path) -> None:
    """A template that is broken hides no warning about the issue's files."""
    article = next((journal / ISSUE / "articles").glob("*.md"))
    article.write_text(article.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    _override(journal, "css/no-such.css", "")
    _override(journal, "partials/colophon.html", "{{ issue.titel }}\n")
    assert {"unused-override", "unknown-field"} <= {problem.code for problem in build.check(journal / ISSUE)}


def test_build_composes_once(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTML and PDF of an issue share their texts: each list of citations is formatted once."""
    asked: list[str] = []
    cite = Styles.cite

    def counted(self: Styles, *arguments: Any, anchor: str, **options: Any) -> Any:  # noqa: ANN401 - as it is called
        asked.append(anchor)
        return cite(self, *arguments, anchor=anchor, **options)

    monkeypatch.setattr(Styles, "cite", counted)
    files = build.build(journal / ISSUE).files
    assert set(files) == {"issue.html", "issue.pdf"}
    assert asked
    assert len(asked) == len(set(asked))


def test_one_message_for_an_unknown_theme(
    journal: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever command names a theme, the answer is the same, and does not blame digest.yaml."""
    monkeypatch.chdir(journal)
    said = []
    for command in (["build", "--theme", "higlights"], ["themes", "show", "higlights"]):
        assert main(command) != 0
        said.append(capsys.readouterr().err)
    assert said[0] == said[1]
    assert "did you mean “highlights”" in said[0]
    assert "digest.yaml" not in said[0]


def test_one_message_for_a_mistaken_option(
    journal: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that the theme does not have is reported at its line, by each command."""
    monkeypatch.chdir(journal)
    with (journal / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write("\ntheme_options:\n  acent: teal\n")
    said = []
    for command in (["build"], ["themes", "check"]):
        assert main(command) != 0
        said.append(next(line for line in capsys.readouterr().err.splitlines() if "acent" in line))
    assert said[0] == said[1]
    assert said[0].startswith("digest.yaml:")
