"""A site: every link leads somewhere, from a disk and from a server, with scripts and without, and it is made again little by little."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import threading
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import msgspec
import pytest

from bench.congress.folder import write_publication
from digest.build import build, load_theme, prepare, read
from digest.errors import DigestError, ProjectError
from digest.files import LISTING, folder_replaced
from digest.jobs import build_issue
from digest.maths import drawn
from digest.render.check import theme_problems
from digest.render.indexes import IndexLine, IndexReference
from digest.render.site import pages, plan, searching
from digest.render.site.shared import SharedFiles
from digest.render.theme import Theme, themes
from digest.store import Store
from digest.text import RichText
from tests.conftest import ISSUE, ROOT, SAMPLE, nu_messages, violations
from tests.test_web import TARGETS, UNFOLD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser, Page

SITES = [name for name in themes(None) if not Theme(name, SAMPLE).inline]
ADDRESS = "https://example.org/issues"
# One page of each kind, of the sample.
KINDS = [
    "index.html",
    "section-1.html",
    "abstract-101.html",
    "article-radioembolization.html",
    "authors.html",
    "search.html#q=gemcitabin",
    "about.html",
]
HASH = re.compile(r"-[0-9a-f]{12}\.")


def files_of(issue: Path, theme: str = "highlights") -> dict[str, bytes]:
    """The files of the site of an issue."""
    built = build(issue, ["site"], theme_name=theme)
    return {name.partition("/")[2]: content for name, content in built.files.items()}


@pytest.fixture(scope="session")
def site_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """The folder of the site of an issue in a theme, made once."""
    folder = tmp_path_factory.mktemp("sites")
    sources = {"sample": SAMPLE, "gallery": ROOT / "seeds" / "gallery"}

    @functools.cache
    def publication(kind: str) -> Path:
        if kind == "book":
            return write_publication(folder / kind, 230, plain=True)
        root = shutil.copytree(sources[kind], folder / kind, ignore=shutil.ignore_patterns("_build", ".cache"))
        if kind == "sample":
            settings = root / "digest.yaml"
            settings.write_text(f"{settings.read_text(encoding='utf-8')}\nsites: {ADDRESS}\n", encoding="utf-8")
        return next(root.glob("issues/*"))

    @functools.cache
    def call(theme: str, kind: str) -> Path:
        out = folder / f"{theme}-{kind}"
        for name, content in files_of(publication(kind), theme).items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(content)
        return out

    return call


class _Places(HTMLParser):
    """Reads what a page leads to and loads, and which places it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.to: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - so it is called
        values = dict(attrs)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.to += [value for name in ("href", "src") if (value := values.get(name)) is not None]


@pytest.mark.parametrize(
    ("theme", "kind"),
    [*((theme, kind) for theme in SITES for kind in ("sample", "gallery")), ("book", "book"), ("highlights", "book")],
)
def test_every_link_leads_somewhere(site_of: Callable[[str, str], Path], theme: str, kind: str) -> None:
    """Each address in a page is a file of the site and a place on it, or on the web; each file is listed."""
    folder = site_of(theme, kind)
    read_pages = {path.name: _Places(path.read_text(encoding="utf-8")) for path in folder.glob("*.html")}
    for name, page in read_pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        for address in page.to:
            if re.match(r"(?:https?|mailto|data):", address):
                continue
            file, _, place = unquote(address).partition("#")
            assert not file.startswith("/"), (name, address)
            assert (folder / (file or name)).is_file(), (name, address)
            if place:
                assert place in read_pages[file or name].ids, (name, address)
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert (folder / LISTING).read_text(encoding="utf-8").splitlines() == there


def test_whole(site_of: Callable[[str, str], Path], golden: Callable[[str, str], None]) -> None:
    """Small pages of each kind, the feed and the map, whole."""
    folder = site_of("highlights", "sample")
    names = ["index.html", "section-1.html", "abstract-e310.html", "numbers.html", "search.html", "feed.xml"]
    names += ["sitemap.xml", "robots.txt", LISTING]
    text = "".join(f"=== {name}\n{(folder / name).read_text(encoding='utf-8')}\n" for name in names)
    golden("tests/golden/site.txt", HASH.sub("-….", text))


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    """A site made again, in another folder and with a store or without, is the same to the last byte."""
    made = []
    for name in ("one", "other"):
        root = shutil.copytree(SAMPLE, tmp_path / name, ignore=shutil.ignore_patterns("_build", ".cache"))
        made += [files_of(root / ISSUE), files_of(root / ISSUE)]
    assert made[0] == made[1] == made[2] == made[3]


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page; fails when it asked for anything outside of its folder, or complained."""
    contexts = []
    asked: list[str] = []
    said: list[str] = []
    folders: list[str] = []

    def call(address: str, width: int = 1280, scheme: str = "light", **options: Any) -> Page:  # noqa: ANN401 - options
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)  # type: ignore[arg-type]  # "light" or "dark"
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        if "bypass_csp" not in options:  # axe-core asks for the stylesheet, which a page from a disk may not
            page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
            page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        folders.append(address.partition("#")[0].rpartition("/")[0])
        page.goto(address)
        return page

    yield call
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(("data:", *folders))] == []
    assert said == []


@pytest.fixture
def served(site_of: Callable[[str, str], Path], tmp_path: Path) -> Iterator[str]:
    """The address of the sample's site in a folder of a server."""
    shutil.copytree(site_of("highlights", "sample"), tmp_path / "some" / "folder")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/some/folder"
        server.shutdown()


@pytest.fixture(params=["disk", "server"])
def place(request: pytest.FixtureRequest, site_of: Callable[[str, str], Path]) -> str:
    """The address of the sample's site on the disk and on a server."""
    if request.param == "disk":
        return site_of("highlights", "sample").as_uri()
    return str(request.getfixturevalue("served"))


def results(page: Page, words: str) -> list[str]:
    """The addresses that a search finds."""
    page.locator("#search-words").fill(words)
    page.wait_for_function("words => document.getElementById('search').dataset.shown === words", arg=words)
    found: list[str] = page.locator("#search-results a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    return found


def test_reading_and_searching(place: str, open_page: Callable[..., Page]) -> None:
    """From the first page to an abstract and on to the next; a word, a name and a number are found, and lead there."""
    page = open_page(f"{place}/index.html")
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.images].every(one => one.naturalWidth > 0)")
    assert "Source Sans 3" in page.evaluate("[...document.fonts].map(one => one.family).join()")
    page.locator("main a", has_text="e15166").click()
    assert page.url.endswith("/abstract-e15166.html")
    page.locator("a[rel=next]").click()
    assert page.url.endswith("/abstract-P1701.html")
    page.locator(".site-menu a", has_text="Search").click()
    assert "abstract-e310.html" in results(page, "dietitian")
    assert "article-radioembolization.html" in results(page, "radioemb")
    assert results(page, "Dang") == ["abstract-P1701.html"]
    assert results(page, "LBA7")[0] == "abstract-LBA7.html"
    assert results(page, "zzz <img src=x>") == []
    assert page.locator("#search-status").inner_text() == "Nothing found for “zzz <img src=x>”"
    results(page, "e15166")
    page.locator('#search-results a[href="abstract-e15166.html"]').click()
    page.wait_for_url("**/abstract-e15166.html")


def test_search_in_other_scripts(site_of: Callable[[str, str], Path], open_page: Callable[..., Page]) -> None:
    """Words of other scripts are found as they are written, and a search is an address."""
    page = open_page(f"{site_of('highlights', 'gallery').as_uri()}/search.html#q=%E8%85%BA")
    page.locator("#search-results a").first.wait_for()
    assert page.locator("#search-words").input_value() == "腺"
    assert results(page, "胰腺") == ["abstract-cjk.html"]
    texts = {path.stem: path for path in (ROOT / "seeds/gallery/issues/2014-01-01/records").glob("*.yaml")}
    word = re.findall(r"[\u0621-\u064a]{5,}", texts["arabic"].read_text(encoding="utf-8"))[0]
    assert "abstract-arabic.html" in results(page, word)


def test_words_that_every_text_has(site_of: Callable[[str, str], Path], open_page: Callable[..., Page]) -> None:
    """A word that nearly every abstract has is found in titles, and takes nothing from what other words find."""
    page = open_page(f"{site_of('book', 'book').as_uri()}/search.html")
    assert page.locator("#search-results a").count() == 0
    titled = results(page, "this")
    found = int(page.locator("#search-status").inner_text().removeprefix("Found: "))
    assert 30 < found < 60
    assert len(titled) == 30
    page.locator("#search-more").click()
    page.wait_for_function(f"() => document.querySelectorAll('#search-results a').length === {found}")
    assert results(page, "this hazelcott") == results(page, "hazelcott") != []


def test_without_scripts(site_of: Callable[[str, str], Path], open_page: Callable[..., Page]) -> None:
    """Nothing but the search needs scripts, and its page says so."""
    folder = site_of("highlights", "sample").as_uri()
    page = open_page(f"{folder}/section-1.html", 390, java_script_enabled=False)
    page.locator(".listed a").first.click()
    assert page.locator(".body").is_visible()
    page.locator(".site-menu a", has_text="Search").click()
    assert page.locator("#search-needs").is_visible()
    assert page.locator("#search-words").is_hidden()
    scripts = {
        path.name for path in site_of("highlights", "sample").glob("*.html") if "<script src" in path.read_text()
    }
    assert scripts == {"search.html"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", SITES)
def test_accessible(
    site_of: Callable[[str, str], Path], open_page: Callable[..., Page], theme: str, width: int, scheme: str
) -> None:
    """axe-core finds nothing on any kind of page; none is wider than a small telephone; links can be touched."""
    folder = site_of(theme, "sample")
    names = [name.replace("section-1", "track-1") if theme == "book" else name for name in KINDS]
    page = open_page(f"{folder.as_uri()}/{names[0]}", width, scheme, bypass_csp=True)
    for name in names:
        page.goto(f"{folder.as_uri()}/{name}")
        if "#" in name:
            page.locator("#search-results a").first.wait_for()
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        page.evaluate(UNFOLD)
        assert width > 320 or page.evaluate(TARGETS) == [], name


@pytest.mark.parametrize("theme", ["highlights", "book"])
def test_valid(site_of: Callable[[str, str], Path], tmp_path: Path, theme: str) -> None:
    """The Nu checker has nothing to say about any kind of page."""
    for kind in ("sample", "gallery"):
        for path in site_of(theme, kind).glob("*.html"):
            text = path.read_text(encoding="utf-8")
            # It takes data: and scripts that are data for what the policy forbids; browsers do not.
            text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
            (tmp_path / f"{kind}-{path.name}").write_text(text, encoding="utf-8")
    messages = [f"{m['url'].rpartition('/')[2]}:{m.get('lastLine')}: {m['message']}" for m in nu_messages(tmp_path)]
    assert messages == []


def test_printed_from_the_browser(site_of: Callable[[str, str], Path], open_page: Callable[..., Page]) -> None:
    """On paper there is nothing to click on, and the ground is light."""
    page = open_page(f"{site_of('highlights', 'sample').as_uri()}/abstract-101.html", 658, "dark")
    page.emulate_media(media="print")
    for name in (".skip", ".site-menu", ".site-neighbours"):
        assert page.locator(name).is_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


# -- what is not in it, and what it says of itself ---------------------------------------------------------------------


def test_what_may_not_be_published_is_nowhere(journal: Path) -> None:
    """Of what is under embargo or on hold no byte is in any file, the index of the search included."""
    record = journal / ISSUE / "records" / "101.yaml"
    text = record.read_text(encoding="utf-8").replace("title: ", "embargo_until: 2014-08-01\ntitle: ", 1)
    record.write_text(re.sub(r"(?m)^(  - (?:label: \S+\n    )?text: >-\n)", r"\1      Zyxomarked.\n", text))
    issue = journal / ISSUE / "issue.yaml"
    entry = "      - record: e411\n"
    held = issue.read_text(encoding="utf-8").replace(
        entry, f"{entry}        hold: later\n        comment: Qwertymarked.\n"
    )
    issue.write_text(held, encoding="utf-8")
    assert "Zyxomarked" in record.read_text()
    assert "Qwertymarked" in issue.read_text()
    try:
        files = files_of(journal / ISSUE)
    except ProjectError as error:  # what cites it
        pytest.fail(str(error))
    whole = b"".join(files.values()).lower()
    assert b"zyxomarked" not in whole
    assert b"qwertymarked" not in whole
    assert {"abstract-101.html", "abstract-e411.html"}.isdisjoint(files)
    assert "abstract-e310.html" in files


def test_policy_and_meta(site_of: Callable[[str, str], Path]) -> None:
    """Each page forbids what is not of the site, and says what it is and where."""
    for path in site_of("highlights", "sample").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert len(policy) == 1, path
        assert policy[0].startswith("default-src 'none'; ")
        assert ("script-src" in policy[0]) == (path.name == "search.html")
        own = "" if path.name == "index.html" else path.name
        assert f'<link rel="canonical" href="{ADDRESS}/2014-07-28/{own}">' in text
        data = [
            json.loads(one)
            for one in re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
        ]
        kind = {"index.html": ["PublicationIssue"]}.get(
            path.name, ["ScholarlyArticle"] * ("-" in path.stem and path.stem[0] == "a")
        )
        assert [one["@type"] for one in data] == kind
    assert "canonical" not in (site_of("highlights", "gallery") / "index.html").read_text(encoding="utf-8")
    assert not (site_of("highlights", "gallery") / "feed.xml").exists()


def test_feed(site_of: Callable[[str, str], Path]) -> None:
    """The feed has what RFC 4287 asks for, and the map names each page."""
    folder = site_of("highlights", "sample")
    atom, sitemap = "{http://www.w3.org/2005/Atom}", "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    feed = ET.fromstring((folder / "feed.xml").read_text(encoding="utf-8"))  # noqa: S314 - our own
    entries = feed.findall(f"{atom}entry")
    ids = [one.findtext(f"{atom}id") or "" for one in (feed, *entries)]
    assert len(ids) == len(set(ids)) == 10
    assert all(re.fullmatch(rf"{ADDRESS}/2014-07-28/[\w.-]*", one) for one in ids)
    for one in (feed, *entries):
        assert one.findtext(f"{atom}title")
        assert one.findtext(f"{atom}updated") == "2014-07-28T00:00:00Z"
    found = ET.fromstring((folder / "sitemap.xml").read_text(encoding="utf-8"))  # noqa: S314 - our own
    listed = {one.text for one in found.iter(f"{sitemap}loc")}
    assert len(listed) == len([*folder.glob("*.html")])


# -- templates ---------------------------------------------------------------------------------------------------------

MISTAKES = [
    ("site/foot.html", '<footer>\n<a href="#nowhere">x</a>\n</footer>', "dead-link", 2),
    ("site/foot.html", "<footer>\n\n<script>alert(1)</script></footer>", "active-content", 3),
    ("site/foot.html", '<footer>\n<img src="https://example.org/x.png" alt=""></footer>', "loads-a-file", 2),
    ("site/entry.html", '{% extends "site/page.html" %}\n{% block main %}\n{{ issue.sections }}{% endblock %}', "template-undefined", 3),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "code", "line"), MISTAKES, ids=[mistake[2] for mistake in MISTAKES])
def test_mistakes_in_templates(journal: Path, name: str, text: str, code: str, line: int) -> None:
    """A mistake in a template of the site ends the build with its file and line."""
    path = journal / "overrides" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    with pytest.raises((ProjectError, DigestError)) as raised:
        files_of(journal / ISSUE)
    problems = getattr(raised.value, "problems", None) or [raised.value.problem]  # type: ignore[attr-defined]  # one of two
    found = [problem for problem in problems if problem.level == "error"]
    assert {(one.code, one.file, one.line) for one in found} == {(code, f"overrides/{name}", line)}


def test_overrides(journal: Path) -> None:
    """A part of the site is replaced by a file in overrides; the check knows what it sees, and finds what is not there."""
    path = journal / "overrides" / "site" / "foot.html"
    path.parent.mkdir(parents=True)
    path.write_text("<footer>{{ issue.title }} {{ site.menu|length }}</footer>\n", encoding="utf-8")
    (journal / "overrides" / "css").mkdir(exist_ok=True)
    (journal / "overrides" / "css" / "custom.css").write_text(".site-menu a { color: teal }\n", encoding="utf-8")
    reading = read(journal / ISSUE)
    theme = load_theme(reading.issue)
    assert theme_problems(theme, "en") == ()
    built = build(journal / ISSUE, ["site"])
    assert not [problem for problem in built.problems if problem.level != "note"]
    assert b"<footer>Highlights 6</footer>" in built.files["site/about.html"]
    path.write_text("{{ issue.sections }}{{ page.titel }}\n", encoding="utf-8")
    found = [(problem.code, problem.message[:40]) for problem in theme_problems(theme, "en")]
    assert [code for code, _ in found].count("unknown-field") == 2, found


def test_the_manual_lists_the_templates() -> None:
    """Each template of the site, and each block of theirs, is in the manual."""
    manual = (ROOT / "docs" / "templates.md").read_text(encoding="utf-8")
    table = manual.partition("| template | prints |")[2].partition("A link to the id")[0]
    folder = ROOT / "templates" / "highlights" / "site"
    names = {path.name for path in folder.iterdir()}
    blocks = {name for path in folder.iterdir() for name in re.findall(r"{% block (\w+) %}", path.read_text("utf-8"))}
    listed = set(re.findall(r"`([\w.-]+)`", table))
    assert names | blocks == listed


def test_an_email_is_not_a_site(journal: Path) -> None:
    """A theme for e-mail says that it cannot make one."""
    with pytest.raises(DigestError, match="cannot make site"):
        build(journal / ISSUE, ["site"], theme_name="mail")


# -- little by little --------------------------------------------------------------------------------------------------


def made(issue: Path, store: Store | None) -> pages.RenderedSite:
    """The site of an issue, with a store."""
    reading = read(issue)
    return pages.render(prepare(reading.issue, load_theme(reading.issue)), store)


def test_only_what_changed_is_drawn(journal: Path, tmp_path: Path) -> None:
    """A word in an abstract draws its page and those that list it; the result is that of a build from nothing."""
    store = Store(tmp_path / "store")
    first = made(journal / ISSUE, store)
    again = made(journal / ISSUE, store)
    assert (first.drawn, again.drawn) == (18, 2)  # the first page and the last see the whole issue
    assert again.files == first.files
    record = journal / ISSUE / "records" / "101.yaml"
    text = record.read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^(  - (?:label: \S+\n    )?text: >-\n)", r"\1      Zyxomarked.\n", text, count=1)
    assert changed != text
    record.write_text(changed, encoding="utf-8")
    third = made(journal / ISSUE, store)
    assert third.drawn == 5  # its page, its section, and an article that cites it
    assert dict(third.files) == dict(made(journal / ISSUE, None).files)
    html = {name for name, content in third.files.items() if name.endswith(".html") and content != first.files[name]}
    assert "abstract-101.html" in html
    assert html <= {"abstract-101.html", "search.html"}


def test_a_changed_asset_is_seen(journal: Path, tmp_path: Path) -> None:
    """A picture that a template shows is part of what a kept page depends on."""
    store = Store(tmp_path / "store")
    folder = journal / "overrides" / "site"
    folder.mkdir(parents=True)
    (folder / "foot.html").write_text('<img src="{{ asset("logo.svg") }}" alt="">', encoding="utf-8")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{}" height="9"/></svg>'
    (journal / "overrides" / "logo.svg").write_text(drawing.format(5), encoding="utf-8")
    one = made(journal / ISSUE, store)
    again = made(journal / ISSUE, store)
    assert again.drawn == 2
    assert dict(again.files) == dict(one.files)
    (journal / "overrides" / "logo.svg").write_text(drawing.format(77), encoding="utf-8")
    assert dict(made(journal / ISSUE, store).files) == dict(made(journal / ISSUE, None).files)


def test_another_formula_is_another_text() -> None:
    """Formulas that read alike and are written in another way are not taken for each other where a page is looked up."""
    text = RichText.parse("x and $a_1$")
    assert repr(drawn(text, [("$a_1$", "a_1")])) != repr(drawn(text, [("$a_1$", "a_{1}^{}")])) != repr(text)


def test_files_that_stay(journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]) -> None:
    """A command makes the folder; made again, pages that are as before stay the same files, and what is gone is gone."""
    digest = digest_in(journal)
    code, out, err = digest("build", "--to", "html,site")
    assert code == 0, err
    assert out.split() == [f"{ISSUE}/_build/issue.html", f"{ISSUE}/_build/site/index.html"]
    site = journal / ISSUE / "_build" / "site"
    before = {path.name: path.stat().st_ino for path in site.glob("*.html")}
    issue = journal / ISSUE / "issue.yaml"
    text = issue.read_text(encoding="utf-8")
    issue.write_text(
        text.replace("      - record: e411\n", "      - record: e411\n        hold: later\n"), encoding="utf-8"
    )
    assert digest("build", "--to", "site")[0] == 0
    after = {path.name: path.stat().st_ino for path in site.glob("*.html")}
    assert "abstract-e411.html" in before.keys() - after.keys()
    assert after["abstract-LBA7.html"] == before["abstract-LBA7.html"]
    assert after["index.html"] != before["index.html"]
    assert sorted(path.name for path in site.parent.iterdir()) == ["issue.html", "site"]


def test_files_of_others(journal: Path) -> None:
    """A folder with files of somebody else is left as it is; those that file managers leave do not count."""
    site = journal / ISSUE / "_build" / "site"
    build_issue(journal / ISSUE, formats="site")
    (site / ".DS_Store").write_bytes(b"x")
    build_issue(journal / ISSUE, formats="site")
    (site / "CNAME").write_text("example.org")
    with pytest.raises(DigestError, match="files that were not written with it: CNAME"):
        build_issue(journal / ISSUE, formats="site")
    assert (site / "CNAME").read_text() == "example.org"
    assert (site / "index.html").is_file()


@pytest.mark.parametrize("before", [None, {"a.txt": b"1", LISTING: f"a.txt\n{LISTING}\n".encode()}])
def test_a_folder_is_put_back(tmp_path: Path, before: Mapping[str, bytes] | None) -> None:
    """Where what comes after it fails, the folder is what it was, or not there."""
    folder = tmp_path / "out"
    for name, content in (before or {}).items():
        folder.mkdir(exist_ok=True)
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    new = {"b/c.txt": b"2", LISTING: f"b/c.txt\n{LISTING}\n".encode()}

    def fail() -> None:
        with folder_replaced(new, folder):
            assert (folder / "b/c.txt").read_bytes() == b"2"
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == (before or {})
    assert [path.name for path in tmp_path.iterdir()] == (["out"] if before else [])
    with folder_replaced(new, folder):
        pass
    assert {path.name for path in folder.iterdir()} == {"b", "assets"}


# -- parts -------------------------------------------------------------------------------------------------------------


def lines(*groups: tuple[str, int, int]) -> list[IndexLine]:
    """Lines of an index: for each group its initial, how many there are, and how many places each has."""
    return [
        IndexLine(
            name=f"{initial or '1'}{n:04}",
            initial=initial,
            references=tuple(IndexReference(anchor=f"a{place}", label="x") for place in range(places)),
        )
        for initial, count, places in groups
        for n in range(count)
    ]


CUT = [
    (lines(("A", 100, 2), ("B", 100, 2)), [("", 200)]),
    (lines(("A", 400, 2), ("B", 60, 1), ("C", 50, 1), ("D", 300, 2)), [("A", 400), ("B–D", 410)]),
    (lines(("A", 1500, 1), ("B", 200, 2)), [("A0000 – A0749", 750), ("A0750 – A1499", 750), ("B", 200)]),
    (lines(("", 1600, 1)), [("10000 – 10533", 534), ("10534 – 11066", 533), ("11067 – 11599", 533)]),
    (lines(("A", 2, 2000)), [("A0000", 1), ("A0001", 1)]),
]


@pytest.mark.parametrize(("listed", "expected"), CUT, ids=range(len(CUT)))
def test_indexes_are_cut(listed: list[IndexLine], expected: list[tuple[str, int]]) -> None:
    """A long index is cut by its letters, small ones together and large ones in parts; no line is lost."""
    found = plan.cut(listed)
    assert [line for _, part in found for line in part] == listed
    assert [(label, len(part)) for label, part in found] == expected


def test_names_of_files() -> None:
    """Each entry has a file that every disk can hold, and no two have one that some disk takes for the same."""
    names = plan._names(["abstract-1", "abstract-a", "abstract-A", "abstract-ü/..", "x" * 300])  # noqa: SLF001 - a table
    assert names["abstract-1"] == "abstract-1.html"
    assert len({name.casefold() for name in names.values()}) == 5
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,130}", name) for name in names.values())


def test_the_index_is_that_of_minisearch(site_of: Callable[[str, str], Path], chromium: Browser) -> None:
    """MiniSearch finds the same with the same scores in our index as in one that it makes itself."""
    issue = site_of("book", "book").parent / "book" / "issues" / "2014-01-01"
    reading = read(issue)
    prepared = prepare(reading.issue, load_theme(reading.issue))
    entries = [(f"{n}.html", entry) for n, entry in enumerate(prepared.composition.issue.entries[:60])]
    shared = SharedFiles()
    searching.add_search(entries, shared)  # type: ignore[arg-type]  # a book has abstracts alone
    handed = [
        msgspec.json.decode(b"[" + content.removeprefix(b"digestSearch(").removesuffix(b");\n") + b"]")
        for content in shared.files.values()
        if content.startswith(b"digestSearch(")
    ]
    documents = [
        {"id": n, **dict(zip(searching.FIELDS, searching.texts_of(entry), strict=True))}  # type: ignore[arg-type]
        for n, (_, entry) in enumerate(entries)
    ]
    page = chromium.new_page()
    page.add_script_tag(path=ROOT / "digest/render/site/static/vendor/minisearch.js")
    found = page.evaluate(
        """([handed, documents, queries]) => {
          const index = handed.find(one => one[0] === "index")[1];
          const words = handed.filter(one => one[0] === "shards").flatMap(one => one[1]).flatMap(one => one[1]);
          const cut = text => text.normalize("NFKD").replace(/\\p{M}/gu, "")
            .replace(/[đĐøØłŁı]/g, letter => "dDoOlLi"["đĐøØłŁı".indexOf(letter)]).toLowerCase().match(/[\\p{L}\\p{N}]+/gu) || [];
          const options = {fields: index.fields, tokenize: cut, processTerm: term => term};
          const theirs = new MiniSearch(options);
          theirs.addAll(documents);
          const made = theirs.toJSON();
          const ours = MiniSearch.loadJS({...made, index: words,
            fieldLength: Object.fromEntries(index.lengths.map((lengths, n) => [n, lengths]))}, options);
          const find = (engine, query) => engine.search(query, {prefix: true, fuzzy: 0.2})
            .map(one => [one.id, one.score.toFixed(6)]).sort();
          return queries.map(query => [find(ours, query), find(theirs, query)]);
        }""",
        [handed, documents, ["patients serum", "thornquist", "17", "Pancreatic", "tumuors", "Ñíg", "10.5555"]],
    )
    page.close()
    for ours, theirs in found:
        assert ours == theirs
        assert ours or theirs == []
    assert any(ours for ours, _ in found)


def test_what_is_vendored() -> None:
    """MiniSearch is npm's, byte for byte, with its licence."""
    theirs = ROOT / "tests" / "browser" / "node_modules" / "minisearch"
    if not theirs.is_dir():
        pytest.skip("minisearch is not installed")
    vendor = ROOT / "digest" / "render" / "site" / "static" / "vendor"
    for name, of_npm in (("minisearch.js", "dist/umd/index.js"), ("minisearch.LICENSE.txt", "LICENSE.txt")):
        assert (vendor / name).read_bytes() == (theirs / of_npm).read_bytes()
