"""An issue is put together in the browser: each change is one of lines in issue.yaml, and another's is never lost."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from html import escape
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from digest import strict
from digest.publication import IssueFile
from tests.conftest import CHECKERS, ISSUE, ROOT, SAMPLE, violations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

STATIC = ROOT / "digest" / "preview" / "static"
HOSTILE = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script> & \u202eevil'
ADDED = "IPM:invented-pancreas-meeting:2014:P2105"
TEXT = (SAMPLE / ISSUE / "issue.yaml").read_text(encoding="utf-8")


class Desk:
    """A running preview, and the issue that it shows."""

    def __init__(self, root: Path, address: str) -> None:
        self.root, self.folder, self.address = root, root / ISSUE, address
        self.path = self.folder / "issue.yaml"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, Any]]:
        """The status and the answer."""
        connection = http.client.HTTPConnection(self.address.removeprefix("http://").rstrip("/"), timeout=300)
        connection.request(method, f"/curate/{path}", body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content) if content[:1] == b"{" else {"text": content.decode()}

    def post(self, action: str, **body: object) -> tuple[int, dict[str, Any]]:
        """A change as the page asks for it, on the file as it is now."""
        sent = json.dumps({"version": self.version, **body}).encode()
        headers = {"content-type": "application/json", "origin": self.address.rstrip("/")}
        return self.ask("POST", action, sent, **headers)

    @property
    def version(self) -> str:
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def text(self) -> str:
        return self.path.read_bytes().decode()

    @property
    def order(self) -> list[list[str]]:
        """What is in each section."""
        head = strict.read(self.text, IssueFile, "issue.yaml").value
        assert head is not None
        return [[str(one.record or one.article or "notice") for one in section.entries] for section in head.sections]

    def edit(self, old: str, new: str) -> str:
        """Somebody else changes the file in an editor."""
        assert self.text.count(old) == 1
        self.path.write_bytes(self.text.replace(old, new).encode())
        return self.text


@pytest.fixture(scope="module")
def publication(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a library."""
    ignored = shutil.ignore_patterns("_build")
    root = shutil.copytree(SAMPLE, tmp_path_factory.mktemp("curation") / "journal", ignore=ignored)
    subprocess.run([sys.executable, "-m", "digest", "collect"], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture(scope="module")
def collected(publication: Path) -> bytes:
    """The library as it was before anything else had it open."""
    return (publication / "library.db").read_bytes()


@pytest.fixture(scope="module")
def server(publication: Path) -> Iterator[str]:
    """The address of a preview; Ctrl-C ends it at once, whatever still listens."""
    command = [sys.executable, "-m", "digest", "preview"]
    running = subprocess.Popen(command, cwd=publication, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    yield running.stdout.readline().strip()
    os.kill(running.pid, signal.SIGINT)
    _, errors = running.communicate(timeout=300)
    assert running.returncode == 130
    assert "Traceback" not in errors


@pytest.fixture
def desk(publication: Path, collected: bytes, server: str) -> Iterator[Desk]:
    """The running preview with the issue as the sample has it."""
    folder = publication / ISSUE
    library = publication / "library.db"
    yield Desk(publication, server)
    if library.read_bytes() != collected:  # the preview may be reading it: it is not written for nothing
        library.write_bytes(collected)
    for name in ("records", "articles"):
        shutil.rmtree(folder / name)
        shutil.copytree(SAMPLE / ISSUE / name, folder / name)
    (folder / "issue.yaml").write_text(TEXT, encoding="utf-8")


FIRST = [
    ["radioembolization", "e15166", "P1701", "notice"],
    ["cachexia", "101", "LBA7", "TPS205"],
    ["e310", "e411"],
]


@pytest.mark.parametrize(
    ("at", "to", "order", "message"),
    [
        ((0, 1), (0, 0), [["e15166", "radioembolization", "P1701", "notice"], *FIRST[1:]], "1 of 4 in Neuroendocrine"),
        ((0, 0), (0, 3), [["e15166", "P1701", "notice", "radioembolization"], *FIRST[1:]], "4 of 4 in Neuroendocrine"),
        (
            (2, 0),
            (1, 1),
            [FIRST[0], ["cachexia", "e310", "101", "LBA7", "TPS205"], ["e411"]],
            "2 of 5 in Pancreatic Adenocarcinoma",
        ),
        (
            (0, 3),
            (2, 99),
            [FIRST[0][:3], FIRST[1], ["e310", "e411", "notice"]],
            "3 of 3 in Supportive Care",
        ),
        ((1, 2), (1, 2), FIRST, "3 of 4"),
    ],
    ids=["up", "to the end", "another section", "after the end", "nowhere"],
)
def test_moving(desk: Desk, at: tuple[int, int], to: tuple[int, int], order: list[list[str]], message: str) -> None:
    """An entry is where it was put; no line of the file is lost, made up, or written differently."""
    status, answer = desk.post("move", at=at, to=to)
    assert (status, desk.order) == (200, order)
    assert message in answer["message"]
    assert Counter(line for line in desk.text.split("\n") if line) == Counter(line for line in TEXT.split("\n") if line)
    assert [[entry["name"] or "notice" for entry in one["entries"]] for one in answer["issue"]["sections"]] == order
    assert answer["issue"]["version"] == desk.version


@pytest.mark.parametrize(
    ("at", "words", "lines", "message"),
    [
        (
            (1, 3),
            {"comment": "Muscle, *gained*: by training [@e310]"},
            ['        comment: "Muscle, *gained*: by training [@e310]"'],
            "comment changed",
        ),
        (
            (2, 1),
            {"why": "Its # facts\nand: more"},
            ["        why: |-", "          Its # facts", "          and: more"],
            "“why this one” changed",
        ),
        ((0, 0), {"hold": "waits for a reply", "drop": ""}, ["        hold: waits for a reply"], "held back"),
        ((2, 0), {"hold": "", "drop": "was in print before"}, ["        drop: was in print before"], "dropped"),
        ((2, 0), {"why": ""}, [], "“why this one” changed"),
    ],
    ids=["comment", "why", "hold", "drop", "emptied"],
)
def test_saying(desk: Desk, at: tuple[int, int], words: dict[str, str], lines: list[str], message: str) -> None:
    """A text gets lines of its own, whatever it holds; every other line stays."""
    status, answer = desk.post("edit", at=at, texts=words, was={})
    assert (status, answer["message"].endswith(message)) == (200, True)
    gained = Counter(desk.text.split("\n")) - Counter(TEXT.split("\n"))
    assert sorted(gained) == sorted(lines)
    shown = answer["issue"]["sections"][at[0]]["entries"][at[1]]
    assert {name: shown[name] for name in words} == words


def test_printed_again(desk: Desk) -> None:
    """What was held can be printed again; then the file is what it was."""
    desk.post("edit", at=(0, 1), texts={"hold": "not yet", "drop": ""}, was={"hold": "", "drop": ""})
    assert "hold: not yet" in desk.text
    _, answer = desk.post("edit", at=(0, 1), texts={"hold": "", "drop": ""}, was={"hold": "not yet", "drop": ""})
    assert "will be printed again" in answer["message"]
    assert desk.text == TEXT


def test_adding_and_undoing(desk: Desk, digest_in: Callable[[Path], Callable[..., tuple[int, str, str]]]) -> None:
    """A record of the library is frozen into a section and known to be in the issue; undone, nothing is left of it."""
    status, answer = desk.post("add", id=ADDED, section=2)
    assert (status, desk.order[2]) == (200, ["e310", "e411", "P2105"])
    assert "was added to Supportive Care" in answer["message"]
    assert (desk.folder / "records" / "P2105.yaml").is_file()
    digest = digest_in(desk.root)
    assert desk.folder.name in "".join(digest("show", ADDED)[1:])
    status, again = desk.post("add", id=ADDED, section=0)
    assert (status, "in this issue already" in again["message"]) == (200, True)
    assert desk.order[2][-1] == "P2105"
    status, undone = desk.post("undo")
    assert (status, desk.text) == (200, TEXT)
    assert undone["message"].startswith("Undone: “Weight at first visit")
    assert not (desk.folder / "records" / "P2105.yaml").exists()
    assert desk.folder.name not in "".join(digest("show", ADDED)[1:])


def test_a_record_changed_by_hand_outlives_undo(desk: Desk) -> None:
    """What somebody wrote into a record's file is not deleted with the entry; a message says so."""
    desk.post("add", id=ADDED, section=2)
    record = desk.folder / "records" / "P2105.yaml"
    record.write_text(record.read_text(encoding="utf-8") + "# checked by hand\n", encoding="utf-8")
    _, answer = desk.post("undo")
    assert desk.text == TEXT
    assert record.is_file()
    assert "records/P2105.yaml was changed by hand and stays" in answer["message"]


def test_undo_is_to_the_letter(desk: Desk) -> None:
    """Several changes are undone one after the other; byte order mark and ends of lines are those of the file."""
    odd = b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode()
    desk.path.write_bytes(odd)
    assert desk.post("move", at=(0, 1), to=(2, 0))[0] == 200
    assert desk.path.read_bytes().startswith(b"\xef\xbb\xbf# yaml")
    assert desk.post("edit", at=(2, 0), texts={"why": "Because.\nTwice."}, was={})[0] == 200
    assert desk.path.read_bytes().count(b"\n") == desk.path.read_bytes().count(b"\r\n")
    assert desk.order[2][0] == "e15166"
    desk.post("undo")
    _, answer = desk.post("undo")
    assert desk.path.read_bytes() == odd
    assert not (answer["issue"]["undo"] or {}).get("possible")


NEW = "volume: 16  # as printed"


@pytest.mark.parametrize(
    ("action", "body", "order"),
    [
        ("move", {"at": (0, 1), "to": (0, 0)}, [["e15166", "radioembolization", "P1701", "notice"], *FIRST[1:]]),
        ("edit", {"at": (2, 1), "texts": {"why": "mine"}, "was": {}}, FIRST),
        ("add", {"id": ADDED, "section": 2}, [*FIRST[:2], [*FIRST[2], "P2105"]]),
    ],
)
def test_what_others_change_is_kept(desk: Desk, action: str, body: dict[str, Any], order: list[list[str]]) -> None:
    """A change is made on what is there now, where that was changed elsewhere in another place."""
    desk.ask("GET", "issue")
    seen = desk.version
    desk.edit("volume: 15", NEW)
    status, answer = desk.post(action, **{**body, "version": seen})
    assert (status, desk.order) == (200, order)
    assert NEW in desk.text
    assert answer["issue"]["version"] == desk.version
    assert answer["issue"]["undo"]["possible"] is True
    assert desk.post("undo")[0] == 200
    assert desk.text == TEXT.replace("volume: 15", NEW)


@pytest.mark.parametrize(
    ("action", "body", "old", "new"),
    [
        ("move", {"at": (2, 0), "to": (2, 1)}, "      - record: e411\n", "      - record: TPS205\n"),
        (
            "edit",
            {"at": (2, 1), "texts": {"hold": "mine"}, "was": {}},
            "record: e411\n",
            "record: e411\n        hold: No\n",
        ),
        (
            "edit",
            {"at": (2, 1), "texts": {"hold": "mine"}, "was": {}},
            "      - record: e411\n",
            "      - record: LBA7\n",
        ),
        ("add", {"id": ADDED, "section": 2}, "title: Supportive Care", "title: Care"),
        ("undo", {}, "volume: 15", NEW),
    ],
)
def test_conflicts(desk: Desk, action: str, body: dict[str, Any], old: str, new: str) -> None:
    """What was changed elsewhere since the page was made, in the same place, is shown, and never overwritten."""
    assert desk.post("move", at=(1, 0), to=(1, 1))[0] == 200
    seen = desk.version
    theirs = desk.edit(old, new)
    status, answer = desk.post(action, **{**body, "version": seen})
    assert (status, desk.text) == (409, theirs)
    assert "changed elsewhere" in answer["error"]
    assert ["+", new.splitlines()[-1].strip().removeprefix("- ")] in [
        [sign, line.strip().removeprefix("- ")] for sign, line in answer["diff"]
    ]
    assert answer["issue"]["version"] == desk.version
    assert answer["issue"]["undo"]["possible"] is False
    assert not (desk.folder / "records" / "P2105.yaml").exists()


def test_two_at_once(desk: Desk) -> None:
    """Of moves that arrive together, made on the same version, one is made; others are refused, if they are not the same."""
    desk.ask("GET", "issue")
    seen = desk.version
    with ThreadPoolExecutor(8) as hands:
        calls = [hands.submit(desk.post, "move", version=seen, at=(1, n % 4), to=(2, 0)) for n in range(8)]
        found = sorted(call.result()[0] for call in calls)
    assert found == [200, 200, *[409] * 6]
    assert sorted(chain(*desk.order)) == sorted(chain(*FIRST))
    assert [len(section) for section in desk.order] == [4, 3, 3]


def test_edits_at_once(desk: Desk) -> None:
    """Texts of different entries that arrive together are all written."""
    desk.ask("GET", "issue")
    seen = desk.version
    places = [(0, 1), (0, 2), (1, 1), (1, 2), (1, 3), (2, 0), (2, 1)]
    with ThreadPoolExecutor(8) as hands:
        calls = [
            hands.submit(desk.post, "edit", version=seen, at=at, texts={"hold": f"Because of {at}."}, was={"hold": ""})
            for at in places
        ]
        assert [call.result()[0] for call in calls] == [200] * len(places)
    assert all(f"hold: Because of {at}." in desk.text for at in places)


def test_a_change_that_is_there_already(desk: Desk) -> None:
    """Where somebody else has made the same change, nothing is written and it counts as done."""
    desk.ask("GET", "issue")
    seen = desk.version
    assert desk.post("edit", at=(2, 1), texts={"hold": "Wait."}, was={"hold": ""})[0] == 200
    assert desk.post("move", at=(0, 1), to=(0, 0))[0] == 200
    now = desk.text
    assert desk.post("edit", version=seen, at=(2, 1), texts={"hold": "Wait."}, was={"hold": ""})[0] == 200
    assert desk.post("move", version=seen, at=(0, 1), to=(0, 0))[0] == 200
    assert desk.text == now


def test_a_text_that_was_changed_elsewhere(desk: Desk) -> None:
    """A text is written only over the one that the editor saw, even where the page knows of the change."""
    theirs = desk.edit(
        "Everything in this section is invented.\n    entries:\n      - record: e310",
        "Invented, all of it.\n    entries:\n      - record: e310",
    )
    status, answer = desk.post("edit", at=(2, 0), texts={"why": "mine"}, was={"why": "something that I saw"})
    assert (status, desk.text) == (409, theirs)
    assert answer["now"]["why"].startswith("An entire registry")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("adenocarcinoma", ["P2105", "O2106"]),
        ("number:P2105", ["P2105"]),
        ("nobodyhasthisword", []),
        ("", None),
    ],
)
def test_searching(desk: Desk, query: str, found: list[str] | None) -> None:
    """The library is searched as “digest search” does it."""
    status, answer = desk.ask("GET", f"search?q={query}")
    numbers = [hit["number"] for hit in answer["hits"]]
    assert (status, len(numbers) if found is None else sorted(numbers)) == (200, 6 if found is None else sorted(found))


def test_what_the_search_says_of_a_record(desk: Desk) -> None:
    """A hit names the other issues that it is in; a query nobody types is refused in words."""
    other = shutil.copytree(SAMPLE / ISSUE, desk.root / "issues" / "2014-09-01")
    text = (other / "issue.yaml").read_text(encoding="utf-8").replace("date: 2014-07-28", "date: 2014-09-01")
    (other / "issue.yaml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "digest", "add", "2014-09-01", ADDED, "--section", "1"]
    subprocess.run(command, cwd=desk.root, check=True, capture_output=True)
    _, answer = desk.ask("GET", "search?q=number:P2105")
    assert answer["hits"][0]["issues"] == ["2014-09-01"]
    assert "is also in issue 2014-09-01" in desk.post("add", id=ADDED, section=0)[1]["message"]
    shutil.rmtree(other)
    _, answer = desk.ask("GET", "search?q=number:P2105")
    assert answer["hits"][0]["issues"] == []
    status, answer = desk.ask("GET", "search?q=" + "%28" * 600)
    assert (status, bool(answer["error"])) == (422, True)


def test_what_the_library_says_otherwise(desk: Desk) -> None:
    """An entry names what is printed differently from the library."""
    desk.post("add", id=ADDED, section=2)
    record = desk.folder / "records" / "P2105.yaml"
    text = record.read_text(encoding="utf-8")
    record.write_text(re.sub(r"(?m)^title: .*", "title: Corrected by hand", text), encoding="utf-8")
    _, answer = desk.ask("GET", "issue")
    entry = answer["issue"]["sections"][2]["entries"][2]
    assert (entry["title"], entry["library"]) == ("Corrected by hand", "different in the library: title")


def test_without_a_library(desk: Desk) -> None:
    """Where nothing was collected the issue is shown, the search says what to do, and no file is made."""
    library = desk.root / "library.db"
    content = library.read_bytes()
    for path in desk.root.glob("library.db*"):
        path.unlink()
    try:
        assert desk.ask("GET", "issue")[0] == 200
        status, answer = desk.ask("GET", "search?q=x")
        assert (status, "digest collect" in answer["error"]) == (422, True)
        assert not library.exists()
    finally:
        library.write_bytes(content)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("volume: 15", "volume: [", "error: "),
        ("sections:", "sektions:", "did you mean"),
        ("date: 2014-07-28", "date: \uffff\x00", "error"),
    ],
)
def test_a_file_with_mistakes(desk: Desk, old: str, new: str, message: str) -> None:
    """An issue that cannot be read shows its mistakes; nothing can be changed until they are fixed."""
    theirs = desk.edit(old, new)
    status, answer = desk.ask("GET", "issue")
    assert (status, answer["issue"]["broken"]) == (200, True)
    assert any(message in problem for problem in answer["issue"]["problems"])
    status, answer = desk.post("move", at=(0, 0), to=(0, 1))
    assert (status, bool(answer["error"]), desk.text) == (422, True, theirs)


def test_an_article_with_mistakes(desk: Desk) -> None:
    """A mistake in one article is reported, and the entries can still be ordered."""
    article = desk.folder / "articles" / "cachexia.md"
    article.write_text("---\ntitle: [\n---\n", encoding="utf-8")
    status, answer = desk.post("move", at=(1, 0), to=(0, 0))
    assert (status, desk.order[0][0]) == (200, "cachexia")
    assert answer["issue"]["broken"] is False
    assert "articles/cachexia.md" in answer["issue"]["problems"][0]
    assert answer["issue"]["sections"][0]["entries"][0]["title"] == "cachexia"


def test_brackets(desk: Desk) -> None:
    """Entries in brackets cannot be moved by lines: a message says so, and the file stays."""
    theirs = desk.edit(
        TEXT[TEXT.index("    entries:\n      - record: e310") : TEXT.index("permissions: |")],
        "    entries: [{record: e310}, {record: e411}]\n\n",
    )
    status, answer = desk.post("move", at=(2, 0), to=(2, 1))
    assert (status, desk.text) == (422, theirs)
    assert "in brackets" in answer["error"]


GOOD = {"at": (0, 0), "to": (0, 1)}


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("move", {**GOOD, "at": (0, -1)}, 400),
        ("move", {**GOOD, "at": (0,)}, 400),
        ("move", {**GOOD, "at": (9, 9)}, 422),
        ("move", {**GOOD, "to": (9, 0)}, 422),
        ("move", {**GOOD, "file": "digest.yaml"}, 400),
        ("move", {**GOOD, "version": "x"}, 400),
        ("edit", {"at": (0, 1), "texts": {"record": "e411"}, "was": {}}, 422),
        ("edit", {"at": (0, 1), "texts": {}, "was": {}}, 400),
        ("edit", {"at": (0, 1), "texts": {"why": "bell \x07"}, "was": {}}, 422),
        ("edit", {"at": (0, 0), "texts": {"why": "of an article"}, "was": {}}, 422),
        ("edit", {"at": (0, 1), "texts": {"why": "x" * 100_001}, "was": {}}, 400),
        ("edit", {"at": (0, 1), "texts": {"why": "x" * 300_000}, "was": {}}, 413),
        ("add", {"id": "../../../../etc/passwd", "section": 0}, 422),
        ("add", {"id": "IPM", "section": 0}, 422),
        ("add", {"id": "x" * 301, "section": 0}, 400),
        ("add", {"id": ADDED, "section": 3}, 422),
        ("add", {"id": ADDED, "section": True}, 400),
    ],
)
def test_odd_requests(desk: Desk, action: str, body: dict[str, Any], status: int) -> None:
    """What the page does not ask for is refused in words, and writes nothing."""
    before = sorted(path.name for path in desk.folder.rglob("*"))
    found, answer = desk.post(action, **body)
    assert (found, bool(answer["error"]), desk.text) == (status, True, TEXT)
    assert sorted(path.name for path in desk.folder.rglob("*")) == before


def test_strangers(desk: Desk) -> None:
    """Another site can neither change the issue nor read it, and a form cannot pose as the page."""
    body = json.dumps({"version": desk.version, **GOOD}).encode()
    own, kind = {"origin": desk.address.rstrip("/")}, {"content-type": "application/json"}
    for method, path, headers, status in [
        ("POST", "move", kind, 403),
        ("POST", "move", {**kind, "origin": "http://evil.example"}, 403),
        ("POST", "move", {**kind, "origin": "null"}, 403),
        ("POST", "move", {**own, "content-type": "text/plain"}, 415),
        ("POST", "move", {**own, **kind, "host": "evil.example"}, 403),
        ("GET", "issue", {"host": "evil.example"}, 403),
        ("GET", "issue", {"sec-fetch-site": "cross-site"}, 403),
        ("GET", "move", own, 405),
        ("GET", "undo", own, 405),
    ]:
        assert desk.ask(method, path, body if method == "POST" else b"", **headers)[0] == status
    assert desk.ask("POST", "move", b"{", **own, **kind)[0] == 400
    assert desk.ask("POST", "move", b"\xff", **own, **kind)[0] == 400
    assert desk.text == TEXT


def test_what_is_vendored() -> None:
    """The script for dragging is the one that npm pins, with its licence."""
    if not (CHECKERS / "sortablejs").is_dir():
        pytest.skip("sortablejs is not installed")
    for name, theirs in (("sortable.min.js", "Sortable.min.js"), ("sortable.LICENSE.txt", "LICENSE")):
        assert (STATIC / "vendor" / name).read_bytes() == (CHECKERS / "sortablejs" / theirs).read_bytes()


# --- In a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture
def open_page(chromium: Browser, desk: Desk) -> Iterator[Callable[..., Page]]:
    """Opens the page, and fails where a script complains or the policy is broken."""
    messages: list[str] = []
    contexts = []

    def call(width: int = 1280, scheme: str = "light", height: int = 900) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
            reduced_motion="reduce",
            bypass_csp=False,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: messages.append(str(error)))
        # A refusal (409, 422) is part of the talk, and Chromium writes it into the console.
        page.on("console", lambda message: messages.append(message.text) if "status of 4" not in message.text else None)
        page.goto(f"{desk.address}curate")
        page.wait_for_selector(".entry")
        return page

    yield call
    for context in contexts:
        context.close()
    assert not messages


def says(page: Page, text: str) -> None:
    """Waits until the line that screen readers speak says so."""
    page.wait_for_function("text => document.getElementById('message').textContent.includes(text)", arg=text)


def drag(page: Page, key: str, target: str) -> None:
    """By mouse, from the handle of one entry to the upper edge of another thing."""
    handle = page.locator(f'[data-key="{key}"] .handle')
    handle.scroll_into_view_if_needed()
    start = handle.bounding_box()
    assert start
    page.mouse.move(start["x"] + 6, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 10, start["y"] + 24, steps=3)
    for _ in range(5):  # as a hand does: things make room on the way
        end = page.locator(target).bounding_box()
        assert end
        page.mouse.move(end["x"] + 60, end["y"] + 6, steps=6)
        page.wait_for_timeout(70)  # where it would fall is looked for every 50 ms
        there = "target => [target.previousElementSibling, target.children[0]].includes(document.querySelector('.sortable-ghost'))"
        if page.locator(target).evaluate(there):
            break
    page.mouse.up()


def test_dragging(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Entries are dragged within a section and into another; comments and blank lines of the file stay."""
    page = open_page(height=2400)
    drag(page, "record P1701", '[data-key="article radioembolization"]')
    says(page, "is now 1 of 4 in Neuroendocrine Tumors")
    assert desk.order[0] == ["P1701", "radioembolization", "e15166", "notice"]
    drag(page, "record e15166", '[data-key="record 101"]')
    says(page, "is now 2 of 5 in Pancreatic Adenocarcinoma")
    assert desk.order[1] == ["cachexia", "e15166", "101", "LBA7", "TPS205"]
    assert Counter(line for line in desk.text.split("\n") if line) == Counter(line for line in TEXT.split("\n") if line)
    assert page.locator(".list").nth(1).locator(".entry").count() == 5


def test_keys_go_on_after_a_drag(desk: Desk, open_page: Callable[..., Page]) -> None:
    """The entry that was dragged has the focus: the next key moves it on; one that is let go where it was has it, too."""
    page = open_page(height=2400)
    drag(page, "record e15166", '[data-key="record 101"]')
    says(page, "is now 2 of 5 in Pancreatic Adenocarcinoma")
    page.wait_for_function("() => document.activeElement.dataset.key === 'record e15166'")
    page.keyboard.press("Alt+ArrowDown")
    says(page, "is now 3 of 5 in Pancreatic Adenocarcinoma")
    assert desk.order[1] == ["cachexia", "101", "e15166", "LBA7", "TPS205"]
    assert page.evaluate("document.activeElement.dataset.key") == "record e15166"
    handle = page.locator('[data-key="record e411"] .handle').bounding_box()
    assert handle
    page.mouse.move(handle["x"] + 6, handle["y"] + 10)
    page.mouse.down()
    page.mouse.move(handle["x"] + 12, handle["y"] + 16, steps=3)
    page.mouse.up()
    page.wait_for_function("() => document.activeElement.dataset.key === 'record e411'")
    page.keyboard.press("Alt+ArrowUp")
    says(page, "is now 1 of 2 in Supportive Care")


def test_markup_is_shown_as_it_prints(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Italics, indices and small capitals of titles are seen, not their tags, in the issue and in the library."""
    page = open_page()
    title = page.locator('[data-key="record LBA7"] .title')
    assert title.locator("sub").inner_text() == "3"
    assert title.locator("i").inner_text() == "KRAS"
    assert "<" not in title.inner_text()
    page.wait_for_selector(".hit")
    hit = desk.ask("GET", "search?q=")[1]["hits"][0]
    assert page.locator(".hit .title").first.inner_text() == "".join(hit["printed"])
    desk.edit("title: Supportive Care", "title: <i>Supportive</i> Care<sub>2</sub> <sc>nb</sc>")
    page.wait_for_selector("#section-2 i")
    assert page.locator("#section-2 i").inner_text() == "Supportive"
    assert page.locator("#section-2 sub").inner_text() == "2"
    assert page.locator("#section-2 .sc").evaluate("one => getComputedStyle(one).fontVariantCaps") == "small-caps"


def test_the_last_of_a_section_comes_and_goes(desk: Desk, open_page: Callable[..., Page]) -> None:
    """A section may become empty, and says so; by dragging it is filled again."""
    desk.post("move", at=(2, 1), to=(0, 0))
    desk.post("move", at=(2, 0), to=(0, 0))
    page = open_page(height=2400)
    assert desk.order[2] == []
    assert page.locator(".list.empty").count() == 1
    drag(page, "record TPS205", '[data-section="2"]')
    says(page, "is now 1 of 1 in Supportive Care")
    assert desk.order[2] == ["TPS205"]


def test_moving_by_keys(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Keys go to an entry and move it, also over the end of its section; it keeps the focus, and each step is announced."""
    page = open_page()
    page.locator(".entry").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    says(page, "“Survival following Y90")
    page.keyboard.press("Alt+ArrowDown")
    says(page, "is now 4 of 4 in Neuroendocrine Tumors")
    page.keyboard.press("Alt+ArrowDown")
    says(page, "is now 1 of 5 in Pancreatic Adenocarcinoma")
    assert desk.order[1][0] == "e15166"
    assert page.evaluate("document.activeElement.dataset.key") == "record e15166"
    page.keyboard.press("s")
    page.keyboard.press("End")
    page.keyboard.press("Control+Enter")
    says(page, "is now 3 of 3 in Supportive Care")
    for _ in range(4):
        page.keyboard.press("Control+z")
    page.wait_for_function("() => document.getElementById('undo').disabled")
    assert desk.text == TEXT


def test_buttons_are_reached_by_tab(open_page: Callable[..., Page]) -> None:
    """The buttons of the entry that is in focus are the next stops, and no others: thirty entries are not 200 stops."""
    page = open_page()
    page.locator(".entry").nth(1).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.action") == "up"
    stops = page.evaluate("document.querySelectorAll('#issue [tabindex=\"0\"], #issue a:not([tabindex])').length")
    assert stops <= 9


def test_editing(desk: Desk, open_page: Callable[..., Page]) -> None:
    """“Why this one” and the comment are written in place; what is half typed is not lost by one key."""
    page = open_page()
    page.locator('[data-key="record TPS205"]').focus()
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("It asks for muscle, not for years.")
    page.keyboard.press("Escape")
    says(page, "not saved")
    page.locator("form.inline textarea[name=comment]").fill("First line.\n\nSecond: line.")
    page.keyboard.press("Control+Enter")
    says(page, "“why this one” and comment changed")
    assert page.locator("form.inline").count() == 0
    assert page.evaluate("document.activeElement.dataset.key") == "record TPS205"
    head = strict.read(desk.text, IssueFile, "issue.yaml").value
    assert head is not None
    entry = head.sections[1].entries[3]
    assert (entry.why, entry.comment) == ("It asks for muscle, not for years.", "First line.\n\nSecond: line.")
    assert desk.text.startswith(TEXT[: TEXT.index("      - record: TPS205")])
    assert desk.text.endswith(TEXT[TEXT.index("  - title: Supportive Care") :])


FIELDS = """
fields:
  - {name: relevance, type: whole number, label: Clinical relevance}
  - {name: evidence, type: choice, choices: [high, low], label: Evidence}
  - {name: tags, type: list of texts}
  - {name: elsewhere, for: records}
"""


@pytest.fixture
def fields(desk: Desk) -> Iterator[Desk]:
    """The running preview of a publication with own fields."""
    path = desk.root / "digest.yaml"
    before = path.read_bytes()
    path.write_bytes(before + FIELDS.encode())
    yield desk
    path.write_bytes(before)


@pytest.mark.parametrize(
    ("texts", "lines"),
    [
        ({"fields.relevance": "4"}, ["        fields:", "          relevance: 4"]),
        ({"fields.evidence": "High"}, ["        fields:", "          evidence: high"]),
        (
            {"fields.tags": "one\ntwo\n", "why": ""},
            ["        fields:", "          tags:", "            - one", "            - two"],
        ),
    ],
)
def test_own_fields(fields: Desk, texts: dict[str, str], lines: list[str]) -> None:
    """An own field is saved as a text is: in lines of its own; undone, the file is as it was."""
    status, answer = fields.post("edit", at=(2, 1), texts=texts, was={})
    assert status == 200, answer
    gained = Counter(fields.text.split("\n")) - Counter(TEXT.split("\n"))
    assert sorted(gained.elements()) == sorted(lines)
    assert answer["issue"]["sections"][2]["entries"][1][min(texts)] == min(texts.items())[1].strip().lower()
    assert [field["label"] for field in answer["issue"]["fields"]] == ["Clinical relevance", "Evidence", "tags"]
    fields.post("undo")
    assert fields.text == TEXT


@pytest.mark.parametrize(
    ("texts", "status", "message"),
    [
        ({"fields.relevance": "high"}, 422, "Clinical relevance: expected a whole number such as 3; found “high”"),
        ({"fields.elsewhere": "x"}, 422, "this page does not change “fields.elsewhere”"),
        ({"fields.relevance": "4"}, 409, "This text was changed elsewhere since you began"),
    ],
)
def test_own_fields_that_are_not_saved(fields: Desk, texts: dict[str, str], status: int, message: str) -> None:
    """A value of another type is refused in words, and another's value is never overwritten."""
    was = {"fields.relevance": "2"} if status == 409 else {}
    found, answer = fields.post("edit", at=(2, 1), texts=texts, was=was)
    assert (found, message in answer["error"], fields.text) == (status, True, TEXT)


def test_own_fields_by_hand(fields: Desk, open_page: Callable[..., Page]) -> None:
    """Each own field has an input of its type, on entries of every kind."""
    page = open_page()
    page.locator('[data-key="article cachexia"]').focus()
    page.keyboard.press("e")
    form = page.locator("form.inline")
    assert form.locator("[name]").evaluate_all("all => all.map((one) => `${one.localName} ${one.name}`)") == [
        "input fields.relevance",
        "select fields.evidence",
        "textarea fields.tags",
    ]
    form.get_by_label("Evidence").select_option("low")
    page.keyboard.press("Escape")
    says(page, "not saved")
    form.get_by_label("Clinical relevance").fill("many")
    form.get_by_role("button", name="Save").click()
    page.get_by_text("expected a whole number such as 3; found “many”").wait_for()
    form.get_by_label("Clinical relevance").fill("3")
    form.get_by_role("button", name="Save").click()
    says(page, "“Clinical relevance” and “Evidence” changed")
    head = strict.read(fields.text, IssueFile, "issue.yaml").value
    assert head is not None
    assert head.sections[1].entries[0].fields == {"relevance": "3", "evidence": "low"}
    shown = page.locator('[data-key="article cachexia"] .said').all_inner_texts()
    assert shown == ["Clinical relevance: 3", "Evidence: low"]


def test_holding(desk: Desk, open_page: Callable[..., Page]) -> None:
    """An entry is held with a reason, and not without one; by mouse, and undone by the button."""
    page = open_page()
    entry = page.locator('[data-key="record 101"]')
    entry.get_by_role("button", name="Hold").click()
    page.keyboard.press("Enter")
    assert desk.text == TEXT
    page.keyboard.type("the erratum is not out")
    page.keyboard.press("Enter")
    says(page, "held back")
    assert "hold: the erratum is not out" in desk.text
    assert entry.locator(".badge.hold").inner_text() == "held"
    assert page.locator("#section-1").inner_text() == "Pancreatic Adenocarcinoma 3 printed, 1 not"
    entry.get_by_role("button", name="Print again").click()
    says(page, "will be printed again")
    assert desk.text == TEXT
    entry.get_by_role("button", name="Drop").click()
    page.keyboard.type("reported elsewhere")
    page.keyboard.press("Enter")
    says(page, "dropped")
    page.get_by_role("button", name="Undo").click()
    says(page, "Undone: ")
    assert desk.text == TEXT


def test_adding_from_the_search(desk: Desk, open_page: Callable[..., Page]) -> None:
    """A record is found while one types, added to the section that is chosen, and known as here from then on."""
    page = open_page()
    page.wait_for_selector("text=6 records")  # before anything is asked for: the newest
    page.keyboard.press("/")
    page.keyboard.type("weight regis")
    hit = page.locator(".hit", has_text="Weight at first visit")
    hit.wait_for()
    page.get_by_label("Add to").select_option("Supportive Care")
    hit.get_by_role("button").press("Enter")
    says(page, "was added to Supportive Care")
    assert desk.order[2] == ["e310", "e411", "P2105"]
    assert hit.get_by_role("button").inner_text() == "In this issue"
    assert page.evaluate("document.activeElement.className") == "add"
    assert "Weight at first visit" in page.locator(".list").nth(2).inner_text()


def test_a_change_made_elsewhere_is_seen(desk: Desk, open_page: Callable[..., Page]) -> None:
    """The page follows the file while somebody types: focus, text and cursor stay, and the other's change is shown."""
    page = open_page()
    page.locator('[data-key="record LBA7"]').focus()
    page.keyboard.press("e")
    page.keyboard.press("End")
    page.keyboard.type("half a th")
    desk.edit("      - record: TPS205\n        flag: Sample data", "      - record: TPS205\n        flag: New flag")
    page.wait_for_selector("text=New flag")
    page.keyboard.type("ought")
    assert "half a thought" in page.locator("textarea[name=why]").input_value()
    assert page.locator("#trouble").inner_text().startswith("issues/2014-07-28/issue.yaml was changed elsewhere")
    assert "flag: New flag" in page.locator(".diff .new").inner_text()
    page.keyboard.press("Control+Enter")
    says(page, "“why this one” changed")
    assert "half a thought" in desk.text
    assert "New flag" in desk.text


def test_the_same_text_changed_elsewhere(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Where two write the same text both are shown, and the editor says which it is to be."""
    page = open_page()
    page.locator('[data-key="record e411"]').focus()
    page.keyboard.press("e")
    page.locator("textarea[name=why]").fill("What I think.")
    desk.edit("why: >-\n          Shows what remains", "why: >-\n          Mended elsewhere. Shows what remains")
    theirs = page.locator(".theirs")
    theirs.wait_for()
    assert "Mended elsewhere" in theirs.inner_text()
    page.get_by_role("button", name="Keep mine").click()
    assert page.locator("textarea[name=why]").input_value() == "What I think."
    assert page.locator("#message.bad, #trouble:visible, .theirs").count() == 0
    assert "Mended elsewhere" in desk.text
    page.get_by_role("button", name="Save").click()
    says(page, "“why this one” changed")
    assert "why: What I think." in desk.text


def test_a_conflict_before_the_page_knows(desk: Desk, open_page: Callable[..., Page]) -> None:
    """A text that somebody else changed is not written over: it is shown, ours stays, and a second try works."""
    page = open_page()
    page.evaluate("events.close()")  # as slow as a network drive
    page.locator('[data-key="record e411"]').focus()
    page.keyboard.press("e")
    page.locator("textarea[name=comment]").fill("My comment.")
    theirs = desk.edit("record: e411\n", "record: e411\n        comment: Theirs.\n")
    page.keyboard.press("Control+Enter")
    says(page, "Not done")
    assert desk.text == theirs
    assert "comment: Theirs." in page.locator(".diff .new").inner_text()
    assert page.locator("textarea[name=comment]").input_value() == "My comment."
    assert page.locator("#message.bad, #trouble:visible, .theirs").count() == 3
    page.get_by_role("button", name="Keep mine").click()
    assert page.locator("#message.bad, #trouble:visible, .theirs").count() == 0
    says(page, "Yours is kept")
    page.keyboard.press("Control+Enter")
    says(page, "comment changed")
    assert "Theirs." not in desk.text
    assert "comment: My comment." in desk.text


def test_an_entry_that_is_gone_while_one_types(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Text for an entry that somebody takes out is shown, not thrown away."""
    page = open_page()
    page.locator('[data-key="record e411"]').focus()
    page.keyboard.press("e")
    page.locator("textarea[name=comment]").fill("Long thoughts.")
    start = TEXT.index("      - record: e411")
    desk.edit(TEXT[start : TEXT.index("permissions: |")], "")
    page.locator("#saved").wait_for()
    assert "Long thoughts." in page.locator("#saved").inner_text()
    desk.edit("volume: 15", "volume: [")
    page.wait_for_selector("text=This file has mistakes")
    desk.edit("volume: [", "volume: 15")
    page.wait_for_selector("text=This file has mistakes", state="detached")
    assert page.locator(".entry").count() == 9


def test_a_file_that_breaks_while_one_types(desk: Desk, open_page: Callable[..., Page]) -> None:
    """An editor that saves half a line elsewhere closes nothing here: one types on, and saves when it is fixed."""
    page = open_page()
    page.locator('[data-key="record e411"]').focus()
    page.keyboard.press("e")
    page.locator("textarea[name=comment]").fill("Long ")
    desk.edit("volume: 15", "volume: [")
    page.wait_for_selector("text=This file has mistakes")
    page.locator("textarea[name=comment]").press_sequentially("thoughts.")
    page.keyboard.press("Control+Enter")
    says(page, "Not done")
    desk.edit("volume: [", "volume: 15")
    page.wait_for_selector("text=This file has mistakes", state="detached")
    page.locator("textarea[name=comment]").press("Control+Enter")
    says(page, "comment changed")
    assert "comment: Long thoughts." in desk.text


def test_hostile_texts(desk: Desk, open_page: Callable[..., Page]) -> None:
    """Titles, comments and lines of a difference are text, whatever they look like."""
    record = desk.folder / "records" / "e411.yaml"
    text = record.read_text(encoding="utf-8")
    record.write_text(
        re.sub(r"(?m)^title: .*", lambda _: f"title: {json.dumps(escape(HOSTILE))}", text), encoding="utf-8"
    )
    status, answer = desk.post("edit", at=(2, 1), texts={"comment": HOSTILE, "hold": HOSTILE}, was={})
    assert status == 200, answer
    page = open_page()
    desk.edit("title: Supportive Care", f"title: {json.dumps(escape(HOSTILE))}")
    page.wait_for_selector("#trouble:not([hidden])")
    assert page.locator('[data-key="record e411"] .title').inner_text() == HOSTILE
    assert page.locator("#section-2").inner_text().startswith(HOSTILE)
    assert page.locator('[data-key="record e411"] .said.comment').inner_text() == f"Comment: {HOSTILE}"
    assert page.evaluate("window.hurt") is None
    assert page.locator("#issue img, #issue script, #trouble img, #trouble script").count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "light")])
def test_everybody_can_use_it(desk: Desk, open_page: Callable[..., Page], width: int, scheme: str) -> None:
    """axe-core finds no violation with all that the page may show at once; nothing is wider than the screen."""
    desk.post("edit", at=(0, 1), texts={"hold": "waits", "drop": ""}, was={})
    desk.post("edit", at=(0, 2), texts={"hold": "", "drop": "no"}, was={})
    page = open_page(width, scheme)
    page.locator("#query").fill("adenocarcinoma")
    page.wait_for_selector(".hit")
    page.locator('[data-key="record LBA7"]').focus()
    page.keyboard.press("e")
    page.locator("textarea[name=why]").fill("mine")
    desk.edit("why: >-\n          Muscle and quality", "why: >-\n          Theirs. Muscle and quality")
    page.wait_for_selector(".theirs")
    page.locator(".keys summary").click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
