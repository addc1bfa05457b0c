"""The preview: an edit is seen, what breaks is reported next to the last good picture, and nobody else gets in."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.doctor import PREVIEW
from digest.errors import DigestError, MissingRequirementError, Problem, ProjectError, TemplateError
from digest.preview.rendering import Asked, Renderer, problems_of
from digest.preview.state import Shown
from digest.preview.views import PageImage, PageSet, View
from digest.render import origins
from tests.conftest import ISSUE, ROOT, violations
from tests.previewing import ENDLESS, ISSUE_FILE, Desk, Window, children, sample, serving, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

PARTIALS = ROOT / "templates" / "highlights" / "partials"
FONTS = ROOT / "templates" / "highlights" / "fonts"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One preview for all tests of this file, with a short limit on time."""
    with serving(sample(tmp_path_factory.mktemp("preview") / "journal")) as desk:
        yield desk


@pytest.fixture
def desk(running: Desk) -> Iterator[Desk]:
    """The preview; what a test changes is changed back."""
    yield running
    running.restore()


@pytest.fixture
def look(chromium: Browser, desk: Desk) -> Iterator[Callable[..., Window]]:
    """Opens the preview in a browser."""
    with windows(chromium, desk) as opened:
        yield opened


# -- an edit is seen ---------------------------------------------------------------------------------------------------


def test_a_style_is_seen(desk: Desk, look: Callable[..., Window]) -> None:
    """A new colour is on the web page and in the pictures of the pages that have it; nothing moves."""
    from playwright.sync_api import expect

    window = look()
    title = window.frame.locator("#abstract-e310 .title")
    title.scroll_into_view_if_needed()
    window.page.locator("#paper").evaluate("paper => { paper.scrollTop = 700; }")
    window.page.locator("#pages li img").first.evaluate("image => { image.mine = true; }")
    before, scrolled = window.pictures(), window.inside("scrollY")
    assert scrolled > 300
    desk.css.write_text("#abstract-e310 .title { color: rgb(1, 102, 3) }", encoding="utf-8")
    expect(title).to_have_css("color", "rgb(1, 102, 3)")
    pages = window.changed(before)
    assert len(pages) == 1
    assert window.inside("scrollY") == scrolled
    assert window.page.locator("#paper").evaluate("paper => paper.scrollTop") == 700
    assert window.page.locator("#pages li img").first.evaluate("image => image.mine")
    shown = window.page.locator("#pages li img").nth(pages[0])
    assert shown.evaluate("image => image.src").endswith(f"/picture/{window.pictures()[pages[0]]}.png")
    # The colour is in the picture itself.
    assert shown.evaluate("""async image => {
        const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext("2d");
        canvas.drawImage(image, 0, 0);
        const data = canvas.getImageData(0, 0, image.naturalWidth, image.naturalHeight).data;
        for (let n = 0; n < data.length; n += 4) if (data[n] < 20 && data[n + 1] > 90 && data[n + 1] < 115 && data[n + 2] < 20) return true;
        return false;
    }""")


def test_a_text_is_seen(desk: Desk, look: Callable[..., Window]) -> None:
    """A new text is on the web page and on its page of the PDF, and on no other."""
    from playwright.sync_api import expect

    window = look()
    before = window.pictures()
    desk.issue.write_text(ISSUE_FILE.replace("entire registry", "enormous registry"), encoding="utf-8")
    expect(window.frame.locator("#abstract-e310")).to_contain_text("enormous registry")
    assert len(window.changed(before)) == 1
    expect(window.page.locator("#status")).to_contain_text(f"{ISSUE}/issue.yaml changed")


def test_a_template_is_seen(desk: Desk, look: Callable[..., Window]) -> None:
    """A partial that overrides the theme's is used as soon as it is there, and not any more when it is gone."""
    from playwright.sync_api import expect

    window = look()
    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    desk.partial.write_text('<article class="mine" id="{{ entry.id }}">Mine: {{ entry.title }}</article>', "utf-8")
    expect(window.frame.locator(".mine")).to_have_count(3)
    desk.partial.unlink()
    expect(window.frame.locator(".mine")).to_have_count(0)


def test_pictures_and_fonts_are_fresh(desk: Desk, look: Callable[..., Window]) -> None:
    """A picture or a font that is replaced under its name is shown again, on the web page and in the PDF."""
    from playwright.sync_api import expect

    own = desk.root / "overrides" / "fonts" / "Own.ttf"
    own.parent.mkdir(exist_ok=True)
    shutil.copy(FONTS / "SourceSans3-Regular.ttf", own)
    desk.css.write_text(
        '@font-face { font-family: Own; src: url("../fonts/Own.ttf") }\n#abstract-e310 .title { font-family: Own }',
        "utf-8",
    )
    window = look()
    title = window.frame.locator("#abstract-e310 .title")
    expect(title).to_have_css("font-family", "Own")
    window.inside("document.fonts.ready")
    before = window.pictures()
    wide = "document.querySelector('#abstract-e310 .title').firstChild, document.createRange()"
    measure = f"((text, range) => {{ range.selectNode(text); return range.getBoundingClientRect().width; }})({wide})"
    width = window.inside(measure)
    assert window.inside("[...document.fonts].some(font => font.family === 'Own' && font.status === 'loaded')")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="123" height="45"><path d="M0 0h9v9z"/></svg>'
    (desk.root / ISSUE / "figures" / "cover.svg").write_text(drawing, encoding="utf-8")
    shutil.copy(FONTS / "SourceSerif4-SemiBold.ttf", own)
    expect(window.frame.locator("img").first).to_have_js_property("naturalWidth", 123)
    assert {0, len(before) - 1} <= {*window.changed(before)}
    window.inside("document.fonts.ready")
    assert window.inside(measure) != width


# -- what breaks -------------------------------------------------------------------------------------------------------


def test_a_broken_template(desk: Desk, look: Callable[..., Window]) -> None:
    """The problem says where it is and what to do; the last good version stays until it is fixed."""
    from playwright.sync_api import expect

    window = look()
    before, text = window.pictures(), window.frame.locator("main").inner_text()
    source = (PARTIALS / "digest.html").read_text(encoding="utf-8")
    line = source[: source.index("{{ entry.why }}")].count("\n") + 1
    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    desk.partial.write_text(source.replace("{{ entry.why }}", "{{ entry.whi }}", 1), encoding="utf-8")
    expect(window.problems()).to_have_count(1)
    reported = window.problems().inner_text()
    assert f"overrides/partials/digest.html:{line}" in reported
    assert "did you mean “why”?" in reported
    expect(window.page.locator("#stale")).to_be_visible()
    expect(window.page.locator("#status")).to_contain_text("Something is wrong")
    assert window.pictures() == before
    assert window.frame.locator("main").inner_text() == text
    desk.partial.write_text(source.replace("<article", "<article data-fixed", 1), encoding="utf-8")
    expect(window.frame.locator("[data-fixed]")).to_have_count(3)
    expect(window.problems()).to_have_count(0)
    expect(window.page.locator("#stale")).to_be_hidden()


def test_what_only_paper_shows(desk: Desk, look: Callable[..., Window]) -> None:
    """What is wrong on paper alone is reported as well; a warning says which line of a stylesheet is not printed."""
    from playwright.sync_api import expect

    window = look()
    desk.css.write_text(".title {\n  colour: red;\n}", encoding="utf-8")
    expect(window.problems("warning")).to_contain_text("did you mean “color”?")
    expect(window.problems("warning")).to_have_count(1)
    expect(window.problems("warning")).to_contain_text("overrides/css/custom.css:2")
    before = window.pictures()
    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    desk.partial.write_text("{% if paged %}{{ nothing }}{% endif %}<p id='{{ entry.id }}'>", encoding="utf-8")
    expect(window.problems()).to_have_count(1)
    assert "overrides/partials/digest.html:1" in window.problems().inner_text()
    assert window.pictures() == before


def test_a_template_without_end(desk: Desk, look: Callable[..., Window]) -> None:
    """It is stopped and reported with its line; the server answers all the time; a newer save does not wait for it."""
    from playwright.sync_api import expect

    window = look()
    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(5):  # on a machine that is busy for seconds one may see the template's end before the answer
        desk.partial.write_text("<p id='{{ entry.id }}'>x</p>", encoding="utf-8")  # links lead to each entry
        expect(window.problems()).to_have_count(0)
        desk.partial.write_text(ENDLESS, encoding="utf-8")
        expect(window.page.locator("#status")).to_contain_text("Making the web page")
        assert desk.ask("/")[0] == 200
        if window.problems().count() == 0:
            break
    else:
        pytest.fail("each answer came after the end of the template")
    expect(window.problems()).to_contain_text("overrides/partials/digest.html:2", timeout=300_000)
    desk.partial.write_text(f"{ENDLESS}.", encoding="utf-8")
    expect(window.page.locator("#status")).to_contain_text("Making the web page")
    window.page.wait_for_timeout(1200)
    desk.partial.write_text("<p class='fixed' id='{{ entry.id }}'>x</p>", encoding="utf-8")
    expect(window.frame.locator(".fixed")).to_have_count(3)
    expect(window.problems()).to_have_count(0)


def test_a_crash(desk: Desk, look: Callable[..., Window]) -> None:
    """A process that is killed while it works is reported; the next save is shown by another one."""
    from playwright.sync_api import expect

    window = look()
    assert len(desk.workers()) == 1
    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    desk.partial.write_text(ENDLESS, encoding="utf-8")
    expect(window.page.locator("#status")).to_contain_text("Making the web page")
    until = time.monotonic() + 300
    while not window.problems().filter(has_text="[preview-crash]").count():
        assert time.monotonic() < until
        for pid in desk.workers():  # one that is killed before it has begun is replaced without a word
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        window.page.wait_for_timeout(200)
    desk.partial.write_text("<p class='fixed' id='{{ entry.id }}'>x</p>", encoding="utf-8")
    expect(window.frame.locator(".fixed")).to_have_count(3)
    expect(window.problems()).to_have_count(0)
    window.settle()
    os.kill(desk.workers().pop(), signal.SIGKILL)
    desk.partial.unlink()
    expect(window.frame.locator(".fixed")).to_have_count(0)


# -- parts and gallery -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "titles"),
    [
        ("?entry=abstract-LBA7", ["abstract-LBA7"]),
        ("?entry=LBA7", ["abstract-LBA7"]),
        ("?section=section-1", ["abstract-101", "abstract-LBA7"]),
    ],
)
def test_a_part(desk: Desk, look: Callable[..., Window], part: str, titles: list[str]) -> None:  # noqa: ARG001 - the files
    """One entry or one section is shown alone, on the web page and in the PDF; the list of parts says which."""
    window = look(part)
    assert window.frame.locator("article").evaluate_all("all => all.map(one => one.id)") == titles
    assert 0 < len(window.pictures()) <= 2
    assert window.frame.locator(".cover, .contents").count() == 0
    chosen = window.page.locator("#part").evaluate("part => part.selectedOptions[0].textContent")
    assert ("Adenocarcinoma" if "section" in part else "#LBA7") in chosen


def test_from_part_to_part(desk: Desk, look: Callable[..., Window]) -> None:
    """The list leads to each part and Back to the one before; what is not there is reported."""
    from playwright.sync_api import expect

    window = look()
    window.page.locator("#part").focus()
    window.page.locator("#part").select_option("entry=abstract-e310")
    expect(window.frame.locator("article")).to_have_count(1)
    expect(window.page.locator("#part")).to_be_focused()
    assert window.page.url == f"{desk.address}?entry=abstract-e310"
    window.settle()
    window.page.go_back()
    expect(window.frame.locator("article")).to_have_count(3)
    expect(window.page.locator("#part")).to_have_value("")
    window.page.goto(f"{desk.address}?entry=nobody")
    expect(window.problems()).to_contain_text("there is no entry “nobody” in the issue")


def test_the_gallery(desk: Desk, look: Callable[..., Window]) -> None:
    """Every partial is there under its name with the worst that it may have to print, by the editor's own files."""
    from playwright.sync_api import expect

    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    own = desk.partial.parent / "authors.html"
    own.write_text("{{ entry.authors|length }} people", encoding="utf-8")
    desk.css.write_text(".digest .title { color: rgb(9, 8, 7) }", encoding="utf-8")
    window = look("gallery", settle=False)
    expect(window.frame.locator("#partial-1")).to_be_visible()
    names = window.frame.locator(".gallery-name").all_inner_texts()
    # The head of the page, what articles and sections hold, and macros.
    inside = {f"partials/{name}.html" for name in ("meta", "figure", "section-picture", "names", "marks")}
    theirs = {f"partials/{path.name}" for path in PARTIALS.glob("*.html")} - inside
    assert theirs <= {*names}
    text = window.frame.locator("main").inner_text()
    for hostile in ("胰", "البنكرياس", "παγκρέατος", "pneumonoultramicroscopicsilicovolcanoconiosis"):
        assert hostile in text, hostile
    expect(window.frame.locator("main .digest .title").first).to_have_css("color", "rgb(9, 8, 7)")
    expect(window.frame.locator(".gallery-partial", has_text="40 people").first).to_be_visible()
    # A partial that is broken is reported in its place; the others are shown.
    own.write_text("{{ entry.nobody }}", encoding="utf-8")
    expect(window.frame.locator("#partial-1")).to_be_visible()
    expect(window.frame.get_by_text("overrides/partials/authors.html:1").first).to_be_visible()
    expect(window.frame.locator(".gallery-partial", has_text="partials/abbreviations.html")).to_contain_text("PUSVC")


def test_hover_shows_the_file(desk: Desk, look: Callable[..., Window]) -> None:
    """The mouse and the keyboard find the template and line of an element; it can be turned off."""
    from playwright.sync_api import expect

    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    desk.partial.write_text('<article id="{{ entry.id }}">\n<p class="here">{{ entry.title }}</p>\n</article>', "utf-8")
    window = look()
    origin = window.page.locator("#origin")
    window.frame.locator(".here").first.hover()
    expect(origin).to_have_text("overrides/partials/digest.html:2")
    window.page.mouse.move(5, 5)
    window.page.locator("#origins").focus()
    # The focus reaches a frame later than the key: one Tab more would lead on to a link in it.
    while window.page.evaluate("document.activeElement.id") != "screen":
        at = window.page.evaluate_handle("document.activeElement")
        window.page.keyboard.press("Tab")
        window.page.wait_for_function("at => ![at, document.body].includes(document.activeElement)", arg=at)
    expect(origin).to_have_text(re.compile(r"^templates/highlights/.+:\d+$"))
    first = origin.inner_text()
    window.page.keyboard.press("ArrowDown")
    expect(origin).not_to_have_text(first)
    window.page.keyboard.press("ArrowUp")
    expect(origin).to_have_text(first)
    window.page.locator("#origins").uncheck()
    window.frame.locator(".here").first.hover()
    expect(origin).to_have_text("")


# -- for everybody -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1300])
def test_accessible(desk: Desk, look: Callable[..., Window], width: int, scheme: str) -> None:
    """axe-core finds no violation, also where problems are listed; nothing is wider than the screen."""
    from playwright.sync_api import expect

    window = look("?entry=e310", width=width, scheme=scheme)
    desk.css.write_text(".title { colour: red; background: url(nothing.png) }", encoding="utf-8")
    expect(window.problems()).to_have_count(1)
    assert violations(window.page, frames=False) == []
    assert window.page.evaluate("document.documentElement.scrollWidth") == width


def test_the_keyboard_reaches_all(desk: Desk, look: Callable[..., Window]) -> None:  # noqa: ARG001 - the files
    """The Tab key comes to each control, the frame and the pages, in the order in which they are."""
    window = look("?entry=e310")
    stops: list[str] = []
    while "sheet" not in stops and len(stops) < 40:
        window.page.keyboard.press("Tab")
        stops.append(
            window.page.evaluate(
                "(one => one.id || one.value || one.className || one.textContent)(document.activeElement)"
            )
        )
    tools = ["Preview", "Gallery", "Curation", "part", "both", "origins", "stop", "again", "screen"]
    paper = ["smaller", "larger", "fit", "full", "spreads", "only", "paper", "sheet"]
    assert [*dict.fromkeys(stops)] == tools + paper


# -- who gets in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/", "GET", {}, 200),
        ("/", "GET", {"host": "localhost:{port}"}, 200),
        ("/", "GET", {"host": "evil.example"}, 403),
        ("/", "GET", {"host": "evil.example:{port}"}, 403),
        ("/", "GET", {"host": "127.0.0.1"}, 403),
        ("/screen", "GET", {"sec_fetch_site": "same-origin"}, 200),
        ("/screen", "GET", {"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}, 403),
        ("/", "GET", {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}, 200),
        ("/focus", "POST", {}, 403),
        ("/focus", "POST", {"origin": "http://evil.example"}, 403),
        ("/focus", "POST", {"origin": "null"}, 403),
        ("/focus", "POST", {"origin": "http://127.0.0.1:1"}, 403),
        ("/focus", "POST", {"origin": "https://127.0.0.1:{port}"}, 403),
        ("/focus", "POST", {"origin": "http://127.0.0.1:{port}", "sec_fetch_site": "cross-site"}, 403),
        ("/focus", "POST", {"origin": "http://127.0.0.1:{port}", "sec_fetch_site": "same-origin"}, 204),
        ("/focus", "GET", {}, 405),
        ("/", "PUT", {}, 403),
    ],
)
def test_who_gets_in(running: Desk, path: str, method: str, headers: dict[str, str], status: int) -> None:
    """Only this machine's browser, for the preview's own pages."""
    filled = {name: value.format(port=running.port) for name, value in headers.items()}
    body = '{"page": 1}' if method == "POST" else ""
    assert running.ask(path, method, body, **filled)[0] == status


@pytest.mark.parametrize(
    "body", ["", "x", "[]", '{"page": "1"}', '{"page": true}', '{"page": -1}', "[" * 9_000, " " * 20_000]
)
def test_odd_bodies(running: Desk, body: str) -> None:
    """What is not a page number is refused, however long or deep."""
    assert running.ask("/focus", "POST", body, origin=f"http://127.0.0.1:{running.port}")[0] == 400


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static//etc/passwd",
        "/static/",
        "/static/preview.css/",
        "/asset/../../digest.yaml",
        "/asset/..%2f..%2fdigest.yaml",
        "/digest.yaml",
        "/picture/x.png",
        "/picture/..%2f..%2fcover.png",
        "/overrides/css/custom.css",
        "//etc/passwd",
        "/static/preview.css%00.js",
    ],
)
def test_no_file_is_reached(running: Desk, path: str) -> None:
    """No address leads to a file that is not the preview's own."""
    assert running.ask(path)[0] == 404


def test_what_is_kept(running: Desk) -> None:
    """Pages are never kept by a browser, what is named after its content always; no script but our own runs."""
    status, headers, body = running.ask("/")
    assert status == 200
    assert headers["cache-control"] == "no-store"
    assert "script-src 'self';" in headers["content-security-policy"]
    assert not re.search(rb"<script(?! src=)|\son\w+=|style=", body)
    status, headers, body = running.ask("/screen")
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"].startswith(
        "sandbox allow-scripts; default-src 'none'; script-src http://127"
    )
    name = next(iter(re.findall(rb"/asset/([0-9a-f]+)", body)), b"").decode()
    if not name:
        pytest.skip("no test before this one has opened the preview")
    status, headers, body = running.ask(f"/asset/{name}")
    assert status == 200
    assert "immutable" in headers["cache-control"]
    assert body
    assert running.ask(f"/asset/{name}", if_none_match=headers["etag"])[0] == 304


def test_scripts_of_templates_do_not_run(desk: Desk, chromium: Browser) -> None:
    """A theme from a stranger can neither run a script nor load anything from elsewhere."""
    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    hostile = "<script>document.title = 'hurt'; parent.document.title = 'hurt'</script><img src=x onerror=\"document.title='hurt'\">"
    desk.partial.write_text(f'<article id="{{{{ entry.id }}}}">{hostile}</article>', encoding="utf-8")
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(f"{desk.address}?entry=e310")
    page.frame_locator("#screen").locator("article").wait_for()
    page.wait_for_timeout(200)
    frame = next(frame for frame in page.frames if "/screen?" in frame.url)
    assert frame.evaluate("document.title") != "hurt"
    assert page.title() != "hurt"
    assert frame.evaluate("origin") == "null"
    assert all(url.startswith((desk.address, "data:")) for url in asked)
    page.close()


# -- the command -------------------------------------------------------------------------------------------------------


def test_ctrl_c_ends_it(tmp_path: Path) -> None:
    """It prints its address, shows what is asked for, and ends at once with all that it started, and one line."""
    root = sample(tmp_path / "journal")
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", "preview", "2014-07-28", "--port", "0"],
        cwd=root,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
    )
    assert process.stdout
    assert process.stderr
    address = process.stdout.readline().strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address)
    connection = http.client.HTTPConnection(address.split("/")[2], timeout=300)
    connection.request("GET", "/events")
    answer = connection.getresponse()
    while not (line := answer.readline()).startswith(b"data:"):
        pass
    assert json.loads(line.removeprefix(b"data:"))["stage"] in {"", "screen"}
    below = children(process.pid) | {grandchild for child in children(process.pid) for grandchild in children(child)}
    process.send_signal(signal.SIGINT)
    assert process.wait(300) == 130  # 0.3 s where nothing else runs
    assert process.stdout.read() == ""
    said = "Open this address in a browser. Ctrl-C ends the preview.\ndigest: stopped by Ctrl-C\n"
    assert process.stderr.read() == said
    until = time.monotonic() + 300
    while any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in below):
        assert time.monotonic() < until, "a process was left behind"
        time.sleep(0.05)
    connection.close()
    process.stdout.close()
    process.stderr.close()


@pytest.mark.parametrize("name", PREVIEW)
def test_a_missing_extra(
    name: str,
    journal: Path,
    digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without what the extra installs, the command says what to install."""
    monkeypatch.setitem(sys.modules, name, None)
    code, out, err = digest_in(journal)("preview")
    assert (code, out) == (4, "")
    assert f"the preview needs {name}; install with: " in err


def test_a_port_that_is_taken(
    running: Desk, journal: Path, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]
) -> None:
    """A port that another has is reported."""
    code, out, err = digest_in(journal)("preview", "--port", str(running.port))
    assert (code, out) == (1, "")
    assert f"port {running.port} cannot be used" in err


# -- inside ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ("<p>a</p>\n<b>c</b>", '<p data-template="f:1">a</p>\n<b data-template="f:2">c</b>'),
        ('<p title="a > b" id=x>', '<p data-template="f:1" title="a > b" id=x>'),
        ("{% if a < b %}<p>{% endif %}", '{% if a < b %}<p data-template="f:1">{% endif %}'),
        (
            '<p {% if a > "<b>" %}class="x"{% endif %}><i>',
            '<p data-template="f:1" {% if a > "<b>" %}class="x"{% endif %}><i data-template="f:1">',
        ),
        ("{# <p> #}{{ '<p>' }}<!-- <p> -->", "{# <p> #}{{ '<p>' }}<!-- <p> -->"),
        ("{% raw %}<p>{% endraw %}", "{% raw %}<p>{% endraw %}"),
        ("<{{ heading }} class=t>x</{{ heading }}>", '<{{ heading }} data-template="f:1" class=t>x</{{ heading }}>'),
        ("<h{{ n }}>x", '<h{{ n }} data-template="f:1">x'),
        (
            "<head><title>a <b></title><style>p > b{}</style></head><body>",
            '<head><title>a <b></title><style>p > b{}</style></head><body data-template="f:1">',
        ),
        ("a < b > c", "a < b > c"),
        ("<!DOCTYPE html>\n<html><p>", '<!DOCTYPE html>\n<html><p data-template="f:2">'),
    ],
)
def test_origins(source: str, marked: str) -> None:
    """Each start tag gets its file and line; nothing else is touched."""
    assert origins.mark(source, "f") == marked


@given(st.text(alphabet="<>/ab{}%#!-\"'= \n", max_size=60))
def test_origins_add_attributes_alone(source: str) -> None:
    """Whatever a template holds: without the attributes it is what it was."""
    assert (
        origins.mark(source, "f&").replace("\x00", "") == source
        or re.sub(r' data-template="f&amp;:\d+"', "", origins.mark(source, "f&")) == source
    )


@pytest.mark.parametrize("theme", ["highlights", "book"])
def test_what_is_laid_out_first_is_right(tmp_path: Path, theme: str) -> None:
    """The page of a changed entry is shown before all pages are made, and what is shown early stays."""
    root = sample(tmp_path / "journal")
    with (root / "digest.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\ntheme: {theme}\n")
    renderer, view = Renderer(root / ISSUE), View()
    renderer.screen(view)
    *_, before = renderer.pages(view, None, Asked())
    assert isinstance(before, PageSet)
    known = {name for name, *_ in before.pages}
    # The last entries are on a page with what follows them: that is shown when all is laid out.
    (root / ISSUE / "issue.yaml").write_text(ISSUE_FILE.replace("What patients", "What families"), encoding="utf-8")
    renderer.screen(view)
    made = [one for one in renderer.pages(view, before, Asked(known={*known})) if isinstance(one, PageImage)]
    last = {one.page: one.name for one in made}
    assert made[0].name not in known
    assert [one.page for one in made if one.name != last[one.page]] == []
    renderer.screen(view)
    *_, after = renderer.pages(view, before, Asked(known=known | {*last.values()}))
    assert isinstance(after, PageSet)
    assert list(renderer.pages(view, after, Asked(known=known | {*last.values()}))) == [after]


@pytest.mark.parametrize(
    ("error", "where", "message"),
    [
        (DigestError("found", where="a.yaml:3", expected="b", todo="c"), ("a.yaml", 3), "found; expected b; c"),
        (DigestError("found", where="a.yaml"), ("a.yaml", None), "found"),
        (MissingRequirementError("no Pango", todo="install it"), ("", None), "no Pango; install it"),
        (FileNotFoundError(2, "No such file or directory", "x.svg"), ("x.svg", None), "No such file or directory"),
        (MemoryError(), ("", None), "this takes more memory than there is; remove what you added last"),
        (ZeroDivisionError("why"), ("", None), "this is a bug: ZeroDivisionError: why"),
    ],
)
def test_whatever_is_raised_is_shown(error: Exception, where: tuple[str, int | None], message: str) -> None:
    """Every exception becomes a problem that says what was found, where, and what to do."""
    (problem,) = problems_of(error)
    assert (problem.file, problem.line, problem.message) == (*where, message)


def test_problems_stay_themselves() -> None:
    """Problems that an exception carries are shown as they are, errors first, each once, the worst 200."""
    many = tuple(Problem(level="warning", code="value", message=f"w{n}", file="a", line=n) for n in range(1, 250))
    error = Problem(level="error", code="value", message="e")
    assert problems_of(ProjectError(many)) == many
    assert problems_of(TemplateError(error)) == (error,)
    reported = Shown(problems={"screen": many, "theme": (error, many[0])}).as_json()
    assert [problem["message"] for problem in reported["problems"][:2]] == ["e", "w1"]
    assert (len(reported["problems"]), reported["more"]) == (200, 50)


def test_static_files_are_small() -> None:
    """What the browser loads of the preview itself is a few kilobytes, without a line of somebody else's."""
    folder = ROOT / "digest" / "preview" / "static"
    own = [folder / name for name in ("preview.js", "paper.js", "inside.js", "preview.css", "icon.svg")]
    assert sum(path.stat().st_size for path in own) < 40_000
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in own}) == len(own)
