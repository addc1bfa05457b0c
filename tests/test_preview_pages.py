"""The pages of the preview: how far they are, what is old or has changed, their size, and what made what is on them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from digest import worker
from digest.preview.rendering import Asked, Renderer
from digest.preview.state import Shown
from digest.preview.views import PageSet, Step, View
from digest.render import pdf
from tests.conftest import ISSUE, ROOT, SAMPLE, violations
from tests.previewing import ENDLESS, ISSUE_FILE, Desk, Window, children, sample, serving, windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

SLOW: Final = (
    f"<p id='{{{{ entry.id }}}}'>{{% if paged %}}{ENDLESS}{{% endif %}}"  # the web page is made, the pages never
)
SILENT: Final = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
# A grid over which WeasyPrint fails, for one entry as long as it has an abstract, and for each.
GRID: Final = (
    '<div style="display: grid; grid-auto-flow: column dense"><p style="grid-row: 4">a<p style="grid-row: -9">b</div>'
)
ALL_UNPRINTABLE: Final = f'<div id="{{{{ entry.id }}}}">{GRID}</div>'
UNPRINTABLE: Final = f"<div id='{{{{ entry.id }}}}'>{{{{ entry.why }}}} {{% if entry.number == '101' and entry.parts %}}{GRID}{{% endif %}}</div>"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One preview for all tests of this file."""
    with serving(sample(tmp_path_factory.mktemp("pages") / "journal")) as desk:
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


def write(desk: Desk, partial: str) -> None:
    """A template of digests of the publication's own."""
    desk.partial.parent.mkdir(parents=True, exist_ok=True)
    desk.partial.write_text(partial, encoding="utf-8")


def sheet(window: Window, n: int) -> Locator:
    """A page, counted from 0."""
    return window.page.locator("#pages .sheet").nth(n)


def box_of(place: Locator) -> dict[str, float]:
    """Where something is in the window."""
    box = place.bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


# -- how far it is -----------------------------------------------------------------------------------------------------


def test_how_far_it_is(desk: Desk, look: Callable[..., Window]) -> None:
    """While pages are laid out the line says which, and of about how many; afterwards nothing of it is left."""
    from playwright.sync_api import expect

    window = look()
    count = len(window.pictures())
    window.page.evaluate("""() => {
        window.steps = [];
        new MutationObserver(() => window.steps.push(document.getElementById('step').textContent))
            .observe(document.getElementById('step'), { childList: true });
    }""")
    before = window.pictures()
    desk.css.write_text(".title { color: rgb(1, 102, 3) }", encoding="utf-8")
    assert window.changed(before)
    steps = window.page.evaluate("window.steps")
    assert any(re.fullmatch(rf"Laying out page \d+ of about {count}", step) for step in steps), steps
    expect(window.page.locator("#bar")).to_be_hidden()
    expect(window.page.locator("#step")).to_be_hidden()
    expect(window.page.locator("#stop")).to_have_attribute("aria-disabled", "true")


def test_each_page_is_counted() -> None:
    """Whoever lays out a document is given the number of each of its pages, although WeasyPrint was loaded before."""
    numbers: list[int] = []
    text = "<!DOCTYPE html><html><head></head><body><p>One<p style='break-before: page'>Two</body></html>"
    pdf.proof(text, 1, roots=(), fonts=None, on_page=numbers.append)
    assert numbers == [1, 2]


def test_stopping_the_pages(desk: Desk, look: Callable[..., Window]) -> None:
    """What makes pages is ended at once, what is there is marked as old; “Make again” and the next save begin again."""
    from playwright.sync_api import expect

    window = look()
    status, old = window.page.locator("#status"), window.page.locator("#pages li.old")
    count, before = len(window.pictures()), window.pictures()
    write(desk, SLOW)
    expect(status).to_contain_text("Making the pages")
    expect(old).to_have_count(count)
    expect(window.page.locator("#screen-old")).to_be_hidden()
    makers = {maker for one in desk.workers() for maker in children(one)}
    assert makers
    window.page.locator("#stop").click()
    expect(status).to_contain_text("Stopped")
    until = time.monotonic() + 300
    while makers & {maker for one in desk.workers() for maker in children(one)}:
        assert time.monotonic() < until, "it works on"
        time.sleep(0.05)
    expect(old).to_have_count(count)
    expect(window.page.locator("#paper-old")).to_have_text(f"{count} old")
    expect(window.page.locator("#pages figcaption").first).to_contain_text("old")
    assert window.pictures() == before
    assert violations(window.page, frames=False) == []
    window.page.locator("#again").click()
    expect(status).to_contain_text("Making the")
    window.page.locator("#stop").click()
    expect(status).to_contain_text("Stopped")
    write(desk, "<p class='fixed' id='{{ entry.id }}'>x</p>")
    window.settle()
    expect(window.frame.locator(".fixed")).to_have_count(3)
    expect(old).to_have_count(0)
    expect(window.page.locator("#paper-old")).to_be_hidden()


def test_stopping_the_web_page(desk: Desk, look: Callable[..., Window]) -> None:
    """A template that never ends is stopped as well, and the web page is marked as old."""
    from playwright.sync_api import expect

    window = look("?entry=e310")
    status = window.page.locator("#status")
    for _ in range(5):  # on a machine that is busy for seconds it ends by itself before somebody presses the button
        write(desk, ENDLESS)
        expect(status).to_contain_text("Making the web page")
        expect(window.page.locator("#screen-old")).to_be_visible()
        window.page.keyboard.press("Escape")
        window.page.locator("#stop").focus()
        window.page.keyboard.press("Enter")
        expect(status).not_to_contain_text("Making")
        if "Stopped" in status.inner_text():
            break
        write(desk, "<p id='{{ entry.id }}'>x</p>")
        window.settle()
    expect(status).to_contain_text("Stopped")
    expect(window.page.locator("#screen-old")).to_be_visible()
    assert window.problems().count() == 0
    write(desk, "<p class='fixed' id='{{ entry.id }}'>x</p>")
    expect(window.frame.locator(".fixed")).to_have_count(1)
    expect(window.page.locator("#screen-old")).to_be_hidden()


def test_old_after_a_failure(desk: Desk, look: Callable[..., Window]) -> None:
    """Pages that could not be made again stay, and are marked as old until they are."""
    from playwright.sync_api import expect

    window = look()
    count, old = len(window.pictures()), window.page.locator("#pages li.old")
    write(desk, "{% if paged %}{{ nothing }}{% endif %}<p id='{{ entry.id }}'>")
    expect(window.problems()).to_have_count(1)
    expect(old).to_have_count(count)
    expect(window.page.locator("#screen-old")).to_be_hidden()
    write(desk, "{{ nothing }}")
    expect(window.page.locator("#screen-old")).to_be_visible()
    desk.partial.unlink()
    window.settle()
    expect(old).to_have_count(0)
    expect(window.page.locator("#screen-old")).to_be_hidden()


@pytest.mark.parametrize("stage", ["screen", "pages"])
def test_what_is_old(stage: str) -> None:
    """Everything is old from the moment when files change; a failure or a stop leaves it so."""
    shown = Shown(version="v", pages={0: ("a", 1, 1, "1"), 1: ("b", 1, 1, "2")}, first=("a", "b"))
    shown.begin(("issue.yaml",))
    assert (shown.as_json()["old"], shown.as_json()["old_screen"]) == ([0, 1], True)
    shown.old.discard(1)
    shown.fail(stage, ())
    assert (shown.as_json()["old"], shown.as_json()["failed"]) == ([0], True)
    shown.begin(())
    shown.step = Step(doing="Laying out", done=1)
    shown.stop()
    assert (shown.as_json()["old"], shown.stopped, shown.how_far()) == ([0, 1], True, None)


# -- which file made this ----------------------------------------------------------------------------------------------


def test_pointing_at_a_page(desk: Desk, look: Callable[..., Window]) -> None:
    """The mouse finds the innermost block of a page and says its file and line; a click keeps them, to be copied."""
    from playwright.sync_api import expect

    write(desk, '<article id="{{ entry.id }}">Own text\n<p>a</p><p class="here">{{ entry.title }}</p>\n</article>')
    window = look("?entry=e310")
    origin, copy = window.page.locator("#origin"), window.page.locator("#copy")
    answer = window.page.evaluate("fetch('/blocks/0?entry=e310').then(answer => answer.json())")
    blocks = [one for one in answer if one[0] == "overrides/partials/digest.html:2"]
    assert len(blocks) == 2  # one for each paragraph; what is printed of the theme comes before
    _, left, top, width, height = blocks[1]
    sheet(window, 0).scroll_into_view_if_needed()
    page = box_of(sheet(window, 0))
    at = page["x"] + page["width"] * (left + width / 2), page["y"] + page["height"] * (top + height / 2)
    window.page.mouse.move(*at)
    expect(origin).to_have_text("overrides/partials/digest.html:2")
    outlined = box_of(window.page.locator(".block"))
    assert outlined["x"] == pytest.approx(page["x"] + page["width"] * left, abs=2)
    assert outlined["height"] == pytest.approx(page["height"] * height, abs=2)
    expect(copy).to_be_hidden()
    window.page.mouse.click(*at)
    expect(copy).to_be_visible()
    window.page.mouse.move(5, 5)
    expect(origin).to_have_text("overrides/partials/digest.html:2")
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copy.click()
    expect(copy).to_have_text("Copied")
    assert window.page.evaluate("navigator.clipboard.readText()") == "overrides/partials/digest.html:2"
    # The web page keeps what is clicked, too; a second click lets it go.
    window.frame.locator("#abstract-e310").click(position={"x": 8, "y": 8})
    expect(origin).to_have_text("overrides/partials/digest.html:1")
    window.frame.locator("#abstract-e310").click(position={"x": 8, "y": 8})
    expect(copy).to_be_hidden()
    window.page.locator("#origins").uncheck()
    window.page.mouse.move(*at)
    expect(window.page.locator(".block")).to_be_hidden()
    expect(origin).to_have_text("")


def test_blocks_by_keyboard(desk: Desk, look: Callable[..., Window]) -> None:
    """The Tab key reaches the page; arrows go from block to block and on to the next page, Enter keeps, Escape leaves."""
    from playwright.sync_api import expect

    write(desk, '<article id="{{ entry.id }}">\n<p>{{ entry.title }}</p>\n</article>')
    window = look()
    origin = window.page.locator("#origin")
    window.page.locator("#paper").focus()
    window.page.keyboard.press("Tab")
    expect(origin).to_have_text(re.compile(r"^templates/highlights/.+:\d+$"))
    first = origin.inner_text()
    window.page.keyboard.press("ArrowDown")
    expect(origin).not_to_have_text(first)
    window.page.keyboard.press("Enter")
    expect(window.page.locator("#copy")).to_be_visible()
    kept = origin.inner_text()
    window.page.keyboard.press("Enter")
    expect(window.page.locator("#copy")).to_be_hidden()
    window.page.keyboard.press("ArrowUp")
    expect(origin).to_have_text(first)
    assert kept != first
    for _ in range(window.page.evaluate("fetch('/blocks/0?').then(answer => answer.json()).then(all => all.length)")):
        before = window.page.evaluate("`${at}`")
        window.page.keyboard.press("ArrowDown")
        window.page.wait_for_function("before => `${at}` !== before", arg=before)
    assert window.page.evaluate("at") == [1, 0]
    assert window.page.evaluate("document.activeElement.closest('li').dataset.page") == "1"
    window.page.keyboard.press("Escape")
    expect(window.page.locator("#paper")).to_be_focused()


# -- size and spreads --------------------------------------------------------------------------------------------------


def test_size(desk: Desk, look: Callable[..., Window]) -> None:  # noqa: ARG001 - the files
    """Pages fit the pane, are as large as printed, or as wanted, by buttons and keys; what is looked at stays."""
    from playwright.sync_api import expect

    window = look()
    zoom, image = window.page.locator("#zoom"), window.page.locator("#pages img").nth(1)
    pane = box_of(window.page.locator("#paper"))
    assert pane["width"] - 60 < box_of(image)["width"] < pane["width"]
    window.page.locator("#full").click()
    expect(zoom).to_have_text("100 %")
    natural = int(image.get_attribute("width") or 0) * 96 / 108
    assert box_of(image)["width"] == pytest.approx(natural, abs=1)
    window.page.locator("#larger").click()
    expect(zoom).to_have_text("110 %")
    image.scroll_into_view_if_needed()
    window.page.locator("#paper").evaluate("paper => { paper.scrollTop = paper.querySelectorAll('li')[1].offsetTop; }")
    window.page.wait_for_function("() => focused === 1")
    window.page.locator("#paper").focus()
    for key, percent in (("-", "100 %"), ("-", "90 %"), ("+", "100 %"), ("=", "110 %"), ("1", "100 %")):
        window.page.keyboard.press(key)
        expect(zoom).to_have_text(percent)
    assert abs(box_of(image)["y"] - pane["y"]) < 40
    window.page.keyboard.press("0")
    expect(window.page.locator("#fit")).to_have_attribute("aria-pressed", "true")
    assert pane["width"] - 60 < box_of(image)["width"] < pane["width"]
    assert abs(box_of(image)["y"] - pane["y"]) < 40
    window.page.reload()
    window.settle()
    expect(window.page.locator("#fit")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_spreads(desk: Desk, look: Callable[..., Window], direction: str) -> None:
    """Two pages are side by side as in a bound issue: the first is alone on its side, the second begins a spread."""
    window = look()
    window.page.locator("#spreads").check()
    if direction == "rtl":
        window.page.locator("#pages").evaluate("list => { list.dir = 'rtl'; }")
    one, two, three = (box_of(sheet(window, n)) for n in range(3))
    side = 1 if direction == "ltr" else -1
    assert one["y"] < two["y"] == pytest.approx(three["y"], abs=1)
    assert side * two["x"] < side * three["x"] == pytest.approx(side * one["x"], abs=1)
    assert violations(window.page, frames=False) == []
    assert desk.issue.exists()


def test_the_direction_of_an_issue(tmp_path: Path) -> None:
    """Pages of an issue in Arabic follow each other from right to left."""
    root = sample(tmp_path / "journal")
    text = re.sub(r"(?m)^language: .*\n", "", (root / "digest.yaml").read_text(encoding="utf-8"))
    (root / "digest.yaml").write_text(f"{text}\nlanguage: ar\n", encoding="utf-8")
    renderer, view = Renderer(root / ISSUE), View("entry", "e310")
    renderer.screen(view)
    *_, made = renderer.pages(view, None, Asked())
    assert isinstance(made, PageSet)
    assert made.from_right


# -- what changed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "built", "now", "changes", "since", "removed"),
    [
        ("abc", "", "abc", [], "start", 0),
        ("abc", "", "axc", [1], "start", 0),
        ("abc", "xbc", "abc", [0], "build", 0),
        ("abc", "abc", "abxc", [2], "build", 0),
        ("abc", "abcd", "abc", [], "build", 1),
        ("", "", "abc", [], "", 0),
    ],
)
def test_changes(first: str, built: str, now: str, changes: list[int], since: str, removed: int) -> None:
    """Pages are compared with those of the last build, or with the first that were made; a page that came in is one."""
    pages = {n: (name, 1, 1, str(n)) for n, name in enumerate(now)}
    sent = Shown(pages=pages, first=tuple(first), built=tuple(built)).as_json()
    assert (sent["changes"], sent["since"], sent["removed"]) == (changes, since, removed)


def test_only_what_changed(desk: Desk, look: Callable[..., Window]) -> None:
    """Pages that differ from the last build, or from when the preview was opened, are listed, reached, shown alone."""
    from playwright.sync_api import expect

    window = look()
    line, items = window.page.locator("#changes"), window.page.locator("#pages li")
    count = items.count()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "digest", "build", "--to", "pdf"]
    subprocess.run(command, cwd=desk.root, check=True, capture_output=True, env=environment)
    window.settle()
    expect(line).to_have_text("No page differs from the last build")
    before = window.pictures()
    desk.issue.write_text(ISSUE_FILE.replace("entire registry", "enormous registry"), encoding="utf-8")
    (page,) = window.changed(before)
    expect(line).to_contain_text("1 page differs from the last build:")
    expect(items.nth(page).locator("figcaption")).to_contain_text("changed")
    window.page.locator("#paper").evaluate("paper => { paper.scrollTop = 0; }")
    line.get_by_role("button").click()
    expect(items.nth(page)).to_be_in_viewport()
    window.page.locator("#only").check()
    expect(window.page.locator("#pages li:visible")).to_have_count(1)
    window.page.locator("#spreads").check()  # the other half of the spread stays
    assert window.page.locator("#pages li:visible").count() in {1, 2}
    window.page.locator("#only").uncheck()
    expect(window.page.locator("#pages li:visible")).to_have_count(count)
    desk.issue.write_text(ISSUE_FILE, encoding="utf-8")
    expect(line).to_have_text("No page differs from the last build")


# -- an entry that cannot be printed -----------------------------------------------------------------------------------


def test_an_unprintable_entry(desk: Desk, look: Callable[..., Window]) -> None:
    """An entry that cannot be laid out is named with its field; the others are shown. Then it is printed again."""
    from playwright.sync_api import expect

    window = look()
    write(desk, UNPRINTABLE)
    warning = window.problems("warning").filter(has_text="unprintable-entry")
    expect(warning).to_contain_text("the record “101” is left out of the PDF", timeout=300_000)
    expect(warning).to_contain_text("without its abstract it can be printed")
    expect(warning).to_contain_text(f"{ISSUE}/records/101.yaml")
    window.settle()
    assert window.problems().count() == 0
    expect(window.page.locator("#problem-list")).to_be_visible()  # a warning that is new is open
    expect(window.page.locator("#pages li.old")).to_have_count(0)
    expect(window.frame.locator("#abstract-101")).to_have_count(1)
    desk.partial.unlink()
    expect(warning).to_have_count(0, timeout=300_000)
    window.settle()


def left_out(renderer: Renderer, view: View, before: PageSet | None) -> tuple[PageSet, list[str], list[Step]]:
    """The pages of a view, the messages about entries that are left out, and how far it was."""
    steps: list[Step] = []
    renderer.screen(view)
    *_, made = renderer.pages(view, before, Asked(step=steps.append))
    assert isinstance(made, PageSet)
    return made, [one.message for one in made.problems if one.code == "unprintable-entry"], steps


@pytest.mark.parametrize("view", [View(), View("section", "section-1")], ids=["issue", "section"])
def test_it_is_found_once(tmp_path: Path, view: View) -> None:
    """What failed is not tried again with the same files, and is tried again with others."""
    root = sample(tmp_path / "journal")
    css = root / "overrides" / "css" / "custom.css"
    own = root / "overrides" / "partials" / "digest.html"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(UNPRINTABLE, encoding="utf-8")
    renderer = Renderer(root / ISSUE)
    made, messages, steps = left_out(renderer, view, None)
    assert [message.partition(" is ")[0] for message in messages] == ["the record “101”"]
    assert sum(step.attempts for step in steps) > 1
    assert "abstract-101" not in made.places
    assert "abstract-LBA7" in made.places
    (root / ISSUE / "issue.yaml").write_text(ISSUE_FILE.replace("Muscle and", "Sinews and"), encoding="utf-8")
    again, messages, steps = left_out(renderer, view, made)
    assert len(messages) == 1
    assert not any(step.attempts for step in steps)
    css.write_text(".title { color: red }", encoding="utf-8")
    again, messages, steps = left_out(renderer, view, again)
    assert (len(messages), sum(step.attempts for step in steps)) == (1, 1)
    own.write_text(UNPRINTABLE.replace("101", "nothing"), encoding="utf-8")
    whole, messages, steps = left_out(renderer, view, again)
    assert messages == []
    assert "abstract-101" in whole.places


def test_an_entry_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that takes too long is left out as well; so it is where the process did not come back the first time."""
    root = sample(tmp_path / "journal")
    partial = root / "overrides" / "partials" / "digest.html"
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_text(
        f"{{% if entry.number == '101' and entry.parts and paged %}}{SILENT}{{% endif %}}<p id='{{{{ entry.id }}}}'>x",
        "utf-8",
    )
    monkeypatch.setattr(worker, "for_trial", lambda _: worker.JobLimits(seconds=4))
    renderer, view = Renderer(root / ISSUE), View()
    renderer.screen(view)
    *_, made = renderer.pages(view, None, Asked(wary=True))
    assert isinstance(made, PageSet)
    (warning,) = [one for one in made.problems if one.code == "unprintable-entry"]
    assert warning.message.startswith("the record “101” is left out of the PDF: ")
    assert "overrides/partials/digest.html:1: this took more than 4 seconds" in warning.message
    assert "without its abstract it can be printed" in warning.message


def test_what_fails_for_all(desk: Desk, look: Callable[..., Window]) -> None:
    """Where each entry fails it is not single entries that are at fault: it is an error, and the pages stay as they were."""
    from playwright.sync_api import expect

    window = look()
    before = window.pictures()
    write(desk, ALL_UNPRINTABLE)
    expect(window.problems()).to_contain_text("WeasyPrint cannot lay this out", timeout=300_000)
    assert window.pictures() == before
    expect(window.page.locator("#pages li.old")).to_have_count(len(before))


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "meant"),
    [("galery", "/gallery"), ("issue/LBA7", "/?entry=LBA7"), ("curation", "/curate"), ("x/y/z", "")],
)
def test_an_unknown_address(desk: Desk, chromium: Browser, look: Callable[..., Window], path: str, meant: str) -> None:
    """It is answered with what there is, and with what was probably meant."""
    look("?entry=e310")  # then the preview knows the entries
    page = chromium.new_page()
    answer = page.goto(desk.address + path)
    assert answer
    assert answer.status == 404
    assert f"There is no page “/{path}”" in page.inner_text("h1")
    assert {"/", "/gallery", "/curate"} <= {
        *page.locator("main a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    }
    links = page.locator("main p a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert links == ([meant] if meant else [])
    assert violations(page) == []
    page.close()


def test_every_address_is_in_the_docs() -> None:
    """The page about the preview names each address that it answers to, and none besides."""
    from starlette.routing import Route

    from digest.preview import curation, server

    state: Any = type("State", (), {"folder": SAMPLE / ISSUE, "root": SAMPLE, "menu": lambda _: ()})()
    routes, nav = curation.mount(state)
    app = server.create_app(state, port=1, routes=routes, nav=nav).app
    served = {
        re.sub(r"\{(\w+)(:\w+)?\}", lambda one: one[1].upper(), one.path)
        for one in app.routes
        if isinstance(one, Route)
    }
    docs = (ROOT / "docs" / "preview.md").read_text(encoding="utf-8")
    table = docs.partition("## Addresses")[2].partition("\n## ")[0]
    named = {
        place.partition("?")[0]
        for line in table.splitlines()
        if line.startswith("|")
        for place in re.findall(r"`(/[^`]*)`", line.split("|")[1])
    }
    assert named == served
