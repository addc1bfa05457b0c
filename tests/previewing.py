"""What the tests of the preview share: one that runs, its files, and a browser that looks at it."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.conftest import ISSUE, ROOT, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, FrameLocator, Page

_SERVE: Final = """
import sys
from pathlib import Path
from digest.preview import curation
from digest.preview.server import serve
serve(Path(sys.argv[1]), announce=lambda address: print(address, flush=True), limits=(2.0, 60.0), extend=curation.mount)
"""
ISSUE_FILE: Final = """date: 2014-07-28
volume: 15
number: 4
title: Highlights
cover:
  file: figures/cover.svg
  alt: A drawing
sections:
  - title: Adenocarcinoma
    entries:
      - record: "101"
        why: What patients notice first.
      - record: LBA7
        why: Muscle and quality of life improved.
  - title: Supportive Care
    entries:
      - record: e310
        why: An entire registry in one paragraph.
"""
ENDLESS: Final = "<p>\n{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}"


class Desk:
    """A running preview, the files that it shows, and their first texts."""

    def __init__(self, root: Path, address: str, process: subprocess.Popen[str]) -> None:
        self.root, self.address, self.process = root, address, process
        self.port = int(address.rsplit(":", 1)[1].strip("/"))
        self.issue = root / ISSUE / "issue.yaml"
        self.css = root / "overrides" / "css" / "custom.css"
        self.partial = root / "overrides" / "partials" / "digest.html"
        self.kept = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def restore(self) -> None:
        """Makes all files what they were."""
        for path in self.root.rglob("*"):
            if path.is_file() and path not in self.kept:
                path.unlink()
        for path, content in self.kept.items():
            if path.read_bytes() != content:
                path.write_bytes(content)

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer; the path is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items() if value}
        )
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def workers(self) -> set[int]:
        """The processes that make the pages: the children of the one from which they are forked."""
        return {grandchild for child in children(self.process.pid) for grandchild in children(child)}


def children(pid: int) -> set[int]:
    """The children of a process; none where it has ended."""
    with contextlib.suppress(OSError):
        return {
            int(c) for file in Path(f"/proc/{pid}/task").glob("*/children") for c in file.read_text("ascii").split()
        }
    return set()


def sample(root: Path) -> Path:
    """A small publication in which every kind of change is seen on few pages."""
    shutil.copytree(SAMPLE, root, ignore=shutil.ignore_patterns("_build"))
    (root / ISSUE / "issue.yaml").write_text(ISSUE_FILE, encoding="utf-8")
    return root


@contextlib.contextmanager
def serving(root: Path) -> Iterator[Desk]:
    """A preview with a short limit on time; it ends with nothing but its address said."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(root / ISSUE)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout
        assert process.stderr
        yield Desk(root, process.stdout.readline().strip(), process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""


class Window:
    """The preview in a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def frame(self) -> FrameLocator:
        """The web page in its frame."""
        return self.page.frame_locator("#screen")

    def inside(self, script: str) -> Any:  # noqa: ANN401 - whatever the script gives
        """What a script gives in the frame."""
        return next(frame for frame in self.page.frames if "/screen?" in frame.url).evaluate(script)

    def pictures(self) -> list[str]:
        """The picture of each page."""
        found: list[str] = self.page.locator("#pages li").evaluate_all("all => all.map(one => one.dataset.name ?? '')")
        return found

    def settle(self) -> Window:
        """Waits until all is made and shown."""
        from playwright.sync_api import expect

        expect(self.page.locator("#status")).to_have_text(re.compile("^Up to date"), timeout=300_000)
        expect(self.page.locator("#pages li:not([data-name])")).to_have_count(0)
        return self

    def changed(self, before: list[str]) -> list[int]:
        """The pages whose pictures are others, once there is one and all is made."""
        until = time.monotonic() + 300
        while self.pictures() == before and time.monotonic() < until:
            self.page.wait_for_timeout(20)
        self.settle()
        return [n for n, (old, new) in enumerate(zip(before, self.pictures(), strict=True)) if old != new]

    def problems(self, kind: str = "error") -> Any:  # noqa: ANN401 - a locator
        """The problems that are listed."""
        return self.page.locator(f"#problem-list .{kind}")


@contextlib.contextmanager
def windows(chromium: Browser, desk: Desk) -> Iterator[Callable[..., Window]]:
    """Opens the preview; fails where a script complains or the page asks for anything from elsewhere."""
    said: list[str] = []
    contexts = []

    def call(
        path: str = "", *, settle: bool = True, scheme: str = "light", width: int = 1300, height: int = 900
    ) -> Window:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]  # "light" or "dark"
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "request", lambda one: said.append(one.url) if not one.url.startswith((desk.address, "data:")) else None
        )
        page.goto(desk.address + path)
        return Window(page).settle() if settle else Window(page)

    yield call
    for context in contexts:
        context.close()
    assert said == []
