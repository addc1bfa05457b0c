"""Fonts of the machine: no page takes one, neither on paper nor on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from digest.build import check, load_theme, prepare, read
from digest.render import html
from tests.conftest import ISSUE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

# Fonts that machines have, one of which is enough.
INSTALLED = ("DejaVu Sans Mono", "Liberation Mono", "Courier New", "Noto Sans Mono", "FreeMono", "Menlo", "Consolas")

RULE = 'src: url("data:,"); unicode-range: U+0;'


def page_of(journal: Path) -> str:
    issue = read(journal / ISSUE).issue
    return html.render(prepare(issue, load_theme(issue)), "screen").text


def fonts_of(browser: Browser, file: Path, selector: str) -> set[str]:
    """The fonts in which a browser draws an element."""
    page = browser.new_page()
    page.goto(file.as_uri())
    page.evaluate("document.fonts.ready")
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    found: dict[str, Any] = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})
    page.close()
    return {font["familyName"] for font in found["fonts"]}


def test_a_font_of_the_machine_is_no_font(journal: Path, chromium: Browser, tmp_path: Path) -> None:
    """A family without a file is reported, and a browser that has it does without it, as paper does."""
    listed = ", ".join(f'"{name}"' for name in INSTALLED)
    (journal / "overrides/css").mkdir(parents=True, exist_ok=True)
    (journal / "overrides/css/custom.css").write_text(
        f".section-intro {{ font-family: {listed}, var(--sans); }}\n", encoding="utf-8"
    )
    page, file = page_of(journal), tmp_path / "issue.html"
    assert page.count(RULE) == len(INSTALLED)
    file.write_text(page.replace("@font-face { font-family", "@font-face { --none"), encoding="utf-8")
    if not fonts_of(chromium, file, ".section-intro p") & set(INSTALLED):
        pytest.skip("the machine has none of these fonts")
    file.write_text(page, encoding="utf-8")
    assert fonts_of(chromium, file, ".section-intro p") == {"Source Sans 3"}
    (problem,) = [problem for problem in check(journal / ISSUE) if problem.code == "missing-font"]
    assert (problem.file, problem.line) == ("overrides/css/custom.css", 1)


def test_names_in_rules(journal: Path) -> None:
    """An option is hidden as well; what a file brings, what the theme has and generic names are not."""
    path = journal / "digest.yaml"
    path.write_text(path.read_text("utf-8") + "\ntheme_options:\n  text_font: Georgia\n", encoding="utf-8")
    (journal / "overrides/css").mkdir(parents=True, exist_ok=True)
    (journal / "overrides/css/custom.css").write_text(
        """.a { font: 12pt "Source Code Pro", monospace }\n.b { font-family: "O'<b>", "source serif 4", system-ui }\n""",
        encoding="utf-8",
    )
    page = page_of(journal)
    hidden = [line for line in page.splitlines() if RULE in line]
    assert hidden == [f'@font-face {{ font-family: "{name}"; {RULE} }}' for name in ("Georgia", r"O\27 \3c b\3e ")]


def test_nothing_to_hide(journal: Path) -> None:
    """A page whose fonts are all there has no such rule."""
    assert RULE not in page_of(journal)
