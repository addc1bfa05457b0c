"""The web pages of every theme: on narrow screens, by touch, in the dark, and printed from the browser."""

from __future__ import annotations

import io
import re
import shutil
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

from digest.build import build
from digest.render.theme import Theme, themes
from tests import odd_issues
from tests.conftest import AXE, ISSUE, ROOT, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

WEB = [name for name in themes(None) if "html" in (theme := Theme(name, SAMPLE)).formats and not theme.inline]
KINDS = ["sample", "gallery", "wide"]
every_page = pytest.mark.parametrize(("theme", "kind"), [(theme, kind) for theme in WEB for kind in KINDS])


@pytest.fixture(scope="session")
def file_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The HTML file of a theme for one of the three issues, made once."""
    folder = tmp_path_factory.mktemp("web")
    issues: dict[str, Path] = {}

    def issue(kind: str) -> Path:
        ignored = shutil.ignore_patterns("_build")
        if kind == "wide":
            return odd_issues.wide(folder / kind)
        source = SAMPLE if kind == "sample" else ROOT / "seeds" / "gallery"
        shutil.copytree(source, folder / kind, ignore=ignored)
        return folder / kind / (ISSUE if kind == "sample" else "issues/2014-01-01")

    def call(theme: str, kind: str) -> Path:
        file = folder / f"{theme}-{kind}.html"
        if not file.exists():
            if kind not in issues:
                issues[kind] = issue(kind)
            built = build(issues[kind], ("html",), theme_name=theme)
            file.write_bytes(next(content for name, content in built.files.items() if name.endswith(".html")))
        return file

    return call


@pytest.fixture
def open_page(chromium: Browser, file_of: Callable[[str, str], Path]) -> Iterator[Callable[..., Page]]:
    """Opens a page of a theme as wide and high as somebody wants."""
    contexts = []

    def call(theme: str, kind: str, width: int, **options: Any) -> Page:  # noqa: ANN401 - options of Playwright
        context = chromium.new_context(viewport={"width": width, "height": 844}, bypass_csp=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(file_of(theme, kind).as_uri())
        return page

    yield call
    for context in contexts:
        context.close()


UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true })"
# What is beyond the right edge and not in a box that scrolls.
BEYOND = """() => [...document.querySelectorAll('body *')].filter(one => {
  const box = one.getBoundingClientRect();
  if (box.width === 0 || box.right <= innerWidth + 0.5) return false;
  for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
    if (getComputedStyle(up).overflowX !== 'visible') return false;
  return true;
}).map(one => one.outerHTML.slice(0, 120))"""


@every_page
def test_never_wider_than_a_small_telephone(open_page: Callable[..., Page], theme: str, kind: str) -> None:
    """Whatever is in it, a page of 320 pixels scrolls in one direction only; tables and formulas scroll in boxes."""
    page = open_page(theme, kind, 320)
    page.evaluate(UNFOLD)
    assert page.evaluate(BEYOND) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    if kind == "wide" and theme != "compact":
        frames = "[...document.querySelectorAll('.body .table-frame')]"
        assert page.evaluate(f"{frames}.some(box => box.scrollWidth > box.clientWidth)")


@every_page
def test_the_text_begins_soon(open_page: Callable[..., Page], theme: str, kind: str) -> None:
    """On a telephone the first text is within one and a half screens, because the contents are folded."""
    page = open_page(theme, kind, 390, java_script_enabled=kind != "sample")
    top = page.locator(":is(.section-intro, .summary, .abstract, .text, .why, .body)").first.bounding_box()
    assert top
    assert top["y"] <= 844 * (1.5 if kind == "sample" else 2)  # the others have titles of five lines and more
    assert page.locator(".contents a").first.is_hidden()
    page.locator(".fold > summary").click()
    assert page.locator(".contents a").first.is_visible()


# Targets that are not in a sentence: all in lists of links, and those without other words in their paragraph.
TARGETS = """() => [...document.querySelectorAll('a[href], summary, button')].filter(one => {
  if (one.closest('.skip, .author')) return false;
  if (one.closest('.index, .contents, summary, .pointer')) return true;
  const around = one.closest('p, li, td, th, figcaption, caption, dd, blockquote, h1, h2, h3, h4, h5, h6, div').cloneNode(true);
  around.querySelectorAll('a').forEach(link => link.remove());
  return !/[\\p{L}\\p{N}]/u.test(around.textContent);
}).map(one => [one.getBoundingClientRect(), one.outerHTML.slice(0, 120)])
  .filter(([box]) => box.width < 24 || box.height < 24).map(([box, html]) => `${box.width} × ${box.height}: ${html}`)"""


@every_page
def test_targets_can_be_touched(open_page: Callable[..., Page], theme: str, kind: str) -> None:
    """Links and controls that are not in a sentence are 24 by 24 pixels and more (WCAG 2.2, 2.5.8)."""
    page = open_page(theme, kind, 390)
    page.evaluate(UNFOLD)
    assert page.evaluate(TARGETS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_page
def test_contrast(open_page: Callable[..., Page], theme: str, kind: str, scheme: str) -> None:
    """Text has a contrast of 4.5 and more to its ground, folded text as well, and pictures are dimmed in the dark."""
    page = open_page(theme, kind, 390, color_scheme=scheme)
    page.evaluate(UNFOLD)
    page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
    found = page.evaluate(
        "axe.run(document, {runOnly: ['color-contrast', 'scrollable-region-focusable'], resultTypes: ['violations']})"
        ".then(r => r.violations.flatMap(v => v.nodes.map(n => n.html + n.failureSummary)))"
    )
    assert found == []
    filters = page.evaluate("[...document.images].map(one => getComputedStyle(one).filter)")
    assert all((float(re.findall(r"[\d.]+", one)[0]) < 0.9 if scheme == "dark" else one == "none") for one in filters)


# Grounds that are not light, and what is cut off.
DARK = """() => [...document.querySelectorAll('*')].filter(one => {
  const [r, g, b, a = 1] = getComputedStyle(one).backgroundColor.match(/[\\d.]+/g).map(Number);
  return one.checkVisibility() && a > 0 && Math.min(r, g, b) < 215;
}).map(one => one.outerHTML.slice(0, 80))"""


@every_page
def test_printed_from_the_browser(open_page: Callable[..., Page], theme: str, kind: str) -> None:
    """A printout from the dark has light grounds, boxes and open contents, and nothing to click on; nothing is cut off."""
    page = open_page(theme, kind, 658, color_scheme="dark")  # as wide as the text of a page of A4
    page.emulate_media(media="print")
    assert page.evaluate(DARK) == []
    assert page.evaluate(BEYOND) == []
    assert page.locator(".skip").is_hidden()
    assert page.locator("summary:visible").count() == 0
    assert page.locator(".contents-section").first.is_visible()
    first = page.locator(":is(.section-head, .track-head)").first
    assert first.evaluate("one => parseFloat(getComputedStyle(one).borderTopWidth)") > 2
    assert page.locator(".notice").first.evaluate("one => getComputedStyle(one).borderTopStyle") == "solid"
    assert page.locator(".digest").first.evaluate("one => parseFloat(getComputedStyle(one).marginBottom)") > 0


@pytest.mark.parametrize("theme", WEB)
def test_printed_titles_are_whole(open_page: Callable[..., Page], theme: str) -> None:
    """No title is divided between two pages, or the last thing on one."""
    page = open_page(theme, "sample", 1280, color_scheme="dark")
    page.add_style_tag(content=".contents { display: none !important }")  # they may end with a title
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    pages = ["".join(one.get_textpage().get_text_bounded().split()) for one in document]
    titles = page.locator("main h3.title").all_inner_texts()
    assert len(titles) > 7
    for title in titles:
        short = re.sub(r"\W", "", title)
        assert sum(re.sub(r"\W", "", text).count(short) for text in pages) >= 1, title
        assert not [text for text in pages if re.sub(r"\W|\d+$", "", text).endswith(re.sub(r"\W|\d+$", "", title))], (
            title
        )
