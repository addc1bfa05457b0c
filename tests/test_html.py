"""The HTML file: valid, accessible, whole in itself, and readable by machines."""

from __future__ import annotations

import html as html_module
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from digest.build import build
from tests.conftest import ISSUE, nu_messages, violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from digest.build import BuiltIssue

DATA = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=]+")


@pytest.fixture(scope="session")
def page_text(built: BuiltIssue) -> str:
    """The sample issue's HTML."""
    return built.files["issue.html"].decode()


@pytest.fixture
def open_page(chromium: Browser, page_text: str, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Opens the sample issue in a browser, and fails when it asked for anything else or complained."""
    file = tmp_path / "issue.html"
    file.write_text(page_text, encoding="utf-8")
    asked: list[str] = []
    said: list[str] = []
    contexts = []

    def call(width: int = 1280, scheme: str = "light", **options: Any) -> Page:  # noqa: ANN401 - options of Playwright
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)  # type: ignore[arg-type]  # "light" or "dark"
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        return page

    yield call
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("data:", file.as_uri()))] == []
    assert said == []


def test_whole(page_text: str, golden: Callable[[str, str], None]) -> None:
    """The file, whole but for the bytes of fonts and pictures."""
    golden(
        "tests/golden/sample.html",
        DATA.sub("data:", re.sub(r"<style>.*?</style>", "<style></style>", page_text, flags=re.DOTALL)),
    )


def test_valid(page_text: str, tmp_path: Path) -> None:
    """The Nu checker has nothing to say."""
    path = tmp_path / "issue.html"
    # Two things of today that the checker's CSS does not know yet; they are taken out of the copy it sees.
    known = re.sub(r"\s*(?:hyphenate-limit-chars|text-wrap): [^;]+;", "", page_text)
    # It takes data: and scripts that are data for what the policy forbids; browsers do not (tests/test_active.py).
    known = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", known)
    path.write_text(known, encoding="utf-8")
    messages = [f"{m.get('lastLine')}: {m['message']} {m.get('extract', '')}" for m in nu_messages(path)]
    assert messages == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_accessible(open_page: Callable[..., Page], width: int, scheme: str) -> None:
    """axe-core finds no violation, on a phone, a tablet and a desk, light and dark; nothing is wider than the screen."""
    page = open_page(width, scheme, bypass_csp=True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_fonts_are_inside(open_page: Callable[..., Page]) -> None:
    """The page is set in its own fonts."""
    page = open_page()
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status == 'loaded').map(f => f.family.replaceAll('\"', ''))"
    )
    assert {"Source Serif 4", "Source Sans 3"} <= set(loaded)
    assert page.evaluate("[...document.images].every(i => i.naturalWidth > 0)")


def test_dark_is_dark(open_page: Callable[..., Page]) -> None:
    """Who asks for dark pages gets them."""
    colours = [
        open_page(scheme=scheme).evaluate("getComputedStyle(document.documentElement).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert colours[0] == "rgb(255, 255, 255)"
    assert sum(int(part) for part in re.findall(r"\d+", colours[1])) < 150


def test_contents_on_a_phone(open_page: Callable[..., Page]) -> None:
    """On a phone, without scripts, the contents lead to every entry, and the keyboard reaches them."""
    page = open_page(390, java_script_enabled=False, reduced_motion="reduce")
    links = page.locator(".contents a")
    assert links.count() == 17
    link = page.locator(".contents a", has_text="e310")
    assert not link.is_visible()
    page.locator(".fold > summary").focus()
    page.keyboard.press("Enter")
    assert link.is_visible()
    link.focus()
    page.keyboard.press("Enter")
    box = page.locator("#abstract-e310").bounding_box()
    assert box
    assert 0 <= box["y"] < 200


def test_on_a_desk_the_contents_stay(open_page: Callable[..., Page]) -> None:
    """Where there is room the contents are next to the text and stay there."""
    page = open_page(1280)
    page.locator("#abstract-101").scroll_into_view_if_needed()
    page.wait_for_function("() => window.scrollY > 1000")
    contents, text = page.locator(".contents").bounding_box(), page.locator("main").bounding_box()
    assert contents
    assert text
    assert -1 <= contents["y"] < 5
    assert contents["x"] + contents["width"] <= text["x"]
    link = page.locator(".contents a", has_text="e310")
    link.focus()
    assert link.evaluate("one => one === document.activeElement")


def test_browser_prints_it(open_page: Callable[..., Page]) -> None:
    """Printed from the browser it is black on white, with its contents open."""
    page = open_page(390, "dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator(".contents a", has_text="e310").is_visible()
    assert page.locator(".fold > summary").is_hidden()


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.meta: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "meta" and "name" in found:
            self.meta.append((found["name"], found["content"]))
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])


@pytest.fixture(scope="session")
def parsed(page_text: str) -> _Outline:
    """The sample's HTML, read."""
    reader = _Outline()
    reader.feed(page_text)
    return reader


def test_links_arrive(parsed: _Outline) -> None:
    """Every link inside the page has its target, and every id is there once."""
    assert len(parsed.ids) == len(set(parsed.ids))
    assert [link for link in parsed.links if link.startswith("#") and link[1:] not in parsed.ids] == []
    assert all(link.startswith(("#", "https://")) for link in parsed.links)


def test_highwire(parsed: _Outline) -> None:
    """Reference managers find the tags they look for."""
    tags: dict[str, list[str]] = {}
    for name, content in parsed.meta:
        tags.setdefault(name, []).append(content)
    assert tags["citation_journal_title"] == ["JOP. Journal of the Pancreas"]
    assert (tags["citation_issn"], tags["citation_volume"], tags["citation_issue"]) == (["1590-8577"], ["15"], ["4"])
    assert tags["citation_publication_date"] == ["2014/07/28"]
    assert tags["citation_author"][:2] == ["Preethi K John", "Muhammad Wasif Saif"]
    assert tags["citation_author_institution"][0] == "Tufts Medical Center. Boston, MA, USA"
    assert "Embolization, Therapeutic" in tags["citation_keywords"]
    assert tags["citation_conference_title"] == ["50th ASCO Annual Meeting 2014"]
    assert len(tags["citation_reference"]) >= 9


def test_linked_data(page_text: str) -> None:
    """JSON-LD describes the issue and each of its articles and abstracts."""
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page_text, re.DOTALL)
    data = json.loads(text)
    assert (data["@type"], data["issueNumber"], data["datePublished"]) == ("PublicationIssue", "4", "2014-07-28")
    assert data["isPartOf"]["volumeNumber"] == "15"
    assert data["isPartOf"]["isPartOf"]["issn"] == "1590-8577"
    assert {part["@type"] for part in data["hasPart"]} == {"ScholarlyArticle"}
    abstract = next(part for part in data["hasPart"] if part.get("identifier") == "e15166")
    assert abstract["creditText"] == "J Clin Oncol 32, 2014 (suppl; abstr e15166)"


def test_no_scripts(parsed: _Outline) -> None:
    """The only script element is data."""
    assert parsed.tags.count("script") == 1
    assert not {"iframe", "object", "embed", "form", "link"} & set(parsed.tags)


def test_what_comes_in_goes_out_as_text(journal: Path) -> None:
    """Markup typed where a plain text is wanted comes out as text, everywhere."""
    attack = '</title></style></script><script>alert("x")</script><img src=x onerror=alert(1)>'
    quoted = attack.replace('"', '\\"')
    for file, key in (
        ("digest.yaml", "rights"),
        ("digest.yaml", "publisher"),
        ("digest.yaml", "title"),
        ("digest.yaml", "abbreviation"),
        (f"{ISSUE}/issue.yaml", "title"),
    ):
        path = journal / file
        text = re.sub(rf"^{key}:.*(?:\n  .*)*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        path.write_text(f'{text}\n{key}: "{quoted}"\n', encoding="utf-8")
    record = journal / ISSUE / "records" / "e310.yaml"
    record.write_text(
        re.sub(r"^container:.*", f'container: "{quoted}"', record.read_text(encoding="utf-8"), flags=re.MULTILINE),
        encoding="utf-8",
    )
    built = build(journal / ISSUE)
    reader = _Outline()
    reader.feed(built.files["issue.html"].decode())
    assert reader.tags.count("script") == 1
    assert reader.tags.count("img") == 2
    assert built.files["issue.pdf"].startswith(b"%PDF")


ARTICLE = """
type: article
title: Nonfunctional Tumors
authors: [{family: Kuo, initials: JH}]
container: Surgical Clinics of North America
container_short: Surg Clin North Am
number: "15"
issued: 2014-06
volume: 94
issue: 3
pages: 689-708
ids: {pmid: 24857584, pmcid: PMC3301211, doi: 10.1016/j.suc.2014.02.010, nct: [NCT01077154]}
"""


@pytest.mark.parametrize(
    ("type_", "label"), [("article", "Journal article"), ("preprint", "Preprint"), ("chapter", "Book chapter")]
)
@pytest.mark.parametrize("theme", ["highlights", "compact", "journal", "book", "mail"])
def test_a_record_that_is_no_abstract(journal: Path, theme: str, type_: str, label: str) -> None:
    """A journal article among the records is printed as one: with its journal, its citation and no abstract's number."""
    record = journal / ISSUE / "records" / "kuo.yaml"
    record.write_text(ARTICLE.replace("article", type_, 1), encoding="utf-8")
    path = journal / ISSUE / "issue.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("      - record: e15166\n", "      - record: kuo\n      - record: e15166\n"), encoding="utf-8"
    )
    built = build(journal / ISSUE, formats=("html",), theme_name=theme)
    page = next(content for name, content in built.files.items() if name.endswith(".html")).decode()
    begin = page.index('id="abstract-kuo"')
    entry = page[begin : page.index('id="abstract-e15166"')]
    shown = html_module.unescape(re.sub(r"<[^>]*>", "", entry))
    assert label in shown
    assert "Abstract" not in shown
    assert "Surgical Clinics of North America" in shown
    assert "Kuo JH. Nonfunctional Tumors. " in shown
    assert shown.count("24857584") == 1
    assert (
        "\N{NO-BREAK SPACE}· PMC3301211\N{NO-BREAK SPACE}· DOI 10.1016/j.suc.2014.02.010\N{NO-BREAK SPACE}· NCT01077154"
        in shown
    )
