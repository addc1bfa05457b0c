"""What a running preview knows: the views that are open, what each shows, and the worker that makes it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import hashlib
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import watchfiles

from digest import resources, worker
from digest.errors import DigestError
from digest.preview.process import PAGES_LIMIT, SCREEN_LIMIT, Answer, Job, Worker, crash, grown, hang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.errors import Problem
    from digest.preview.views import View

T = TypeVar("T")

_IMPATIENT: Final = 1.0  # seconds after which HTML that is still being made is given up for newer files
_KEPT: Final = 100 * 2**20  # bytes of pictures, above which those go that no view shows; a page has 0.1 MiB


@dataclasses.dataclass
class Shown:
    """What a view shows: always the last that could be made.

    Attributes:
        html: the document.
        assets: names of what it loads.
        version: digest of the document; empty while there is none.
        pages: name, width, height and label of the picture of each page.
        menu: kind, id and title of each section and entry.
        problems: by what told them: ``screen``, ``pages``, ``theme``.
        stage: what is being done now: ``screen``, ``pages``, or nothing.
        failed: whether what is shown is older than the files.
        seconds: how long the last HTML, first changed page and all pages took.
        changed: the files that changed last.
    """

    html: str = ""
    assets: frozenset[str] = frozenset()
    version: str = ""
    pages: dict[int, tuple[str, int, int, str]] = dataclasses.field(default_factory=dict)
    menu: tuple[tuple[str, str, str], ...] = ()
    problems: dict[str, tuple[Problem, ...]] = dataclasses.field(default_factory=dict)
    stage: str = ""
    failed: bool = False
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What a browser is told of it; it fetches the document and the pictures itself."""
        problems = [problem for stage in ("screen", "pages", "theme") for problem in self.problems.get(stage, ())]
        # What the check of stylesheets says better than WeasyPrint's own message of the same line.
        better = {(problem.file, problem.line) for problem in problems if problem.code == "css-unknown"}
        problems = [one for one in problems if one.code != "pdf" or (one.file, one.line) not in better]
        order = {"error": 0, "warning": 1, "note": 2}
        told = sorted(dict.fromkeys(problems), key=lambda problem: order[problem.level])
        return {
            "version": self.version,
            "pages": [[*self.pages[n]] for n in sorted(self.pages)],
            "menu": self.menu,
            "problems": [
                {
                    "level": problem.level,
                    "where": problem.file + (f":{problem.line}" if problem.file and problem.line else ""),
                    "message": " ".join(problem.message.split()),
                    "code": problem.code,
                }
                for problem in told[:200]
            ],
            "more": max(0, len(told) - 200),
            "stage": self.stage,
            "failed": self.failed,
            "seconds": self.seconds,
            "changed": self.changed,
        }


class State:
    """A running preview. Everything but the reading of the worker's answers happens in one event loop."""

    def __init__(self, folder: Path, *, limits: tuple[float, float] = (SCREEN_LIMIT, PAGES_LIMIT)) -> None:
        """Watches the issue in a folder.

        Args:
            folder: folder of the issue.
            limits: seconds for the HTML and for the pages of a view of a small issue.
        """
        from digest.project import find_publication

        self.folder, self.root, self.limits = folder.resolve(), find_publication(folder), limits
        self.shown: dict[View, Shown] = {}
        self.pictures: dict[str, bytes] = {}
        self.assets: dict[str, tuple[str, bytes]] = {}
        self._open: Counter[View] = Counter()
        self._recent: list[View] = []
        self._focus: dict[View, int] = {}
        self._listeners: dict[asyncio.Event, View] = {}
        self._number = 0
        self._since = 0.0
        self._current = limits  # those of the job that was given
        self._waiting: set[View] = set()  # views whose HTML is being made
        self._behind = False  # whether the worker has still to answer an older job
        self._busy = False
        self._worker: Worker | None = None
        self._begun = 0  # number of the job that the worker took last
        self._job: Job | None = None  # given, and given to no second worker yet
        self._dog: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()

    # -- living --------------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Watches the files until `stop`."""
        self._worker = await asyncio.to_thread(self._start)
        self._loop = asyncio.get_running_loop()
        self._ask(())
        try:
            async for changes in watchfiles.awatch(
                self.root, resources.folder("templates"), watch_filter=self._matters, debounce=40, step=10,
                stop_event=self._stop, rust_timeout=1000, ignore_permission_denied=True,
            ):  # fmt: skip
                paths = sorted({Path(path) for _, path in changes})
                self.changed(tuple(self._name(path) for path in paths if not path.is_dir()))
        except OSError as error:
            raise DigestError(
                f"the files cannot be watched: {error}", where=str(self.root),
                todo="set WATCHFILES_FORCE_POLLING=1 in the environment, so that they are looked at again and again",
            ) from error  # fmt: skip

    def stop(self) -> None:
        """Ends it, with its processes."""
        self._stop.set()
        if self._dog:
            self._dog.cancel()
        if self._worker:
            self._worker.kill()
        for listener in self._listeners:
            listener.set()

    @property
    def stopped(self) -> bool:
        """Whether it was ended."""
        return self._stop.is_set()

    def _matters(self, _change: watchfiles.Change, name: str) -> bool:
        """Whether a file is one that pages are made of, and not one of those that editors leave for a moment."""
        path = Path(name)
        if (
            path.name == "4913"
            or path.name.startswith((".", "#"))
            or path.name.endswith(("~", ".swp", ".tmp", ".part"))
        ):
            return False
        folders = (self.root / "overrides", self.root / "themes", resources.folder("templates"))
        if path.is_relative_to(self.folder):
            return path.relative_to(self.folder).parts[:1] != ("_build",)
        return (
            path == self.root / "digest.yaml" or path.suffix == ".csl" or any(path.is_relative_to(f) for f in folders)
        )

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    # -- being asked ---------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def open(self, view: View) -> Iterator[asyncio.Event]:
        """For a browser that looks at a view: an event that is set whenever it should look again."""
        event = asyncio.Event()
        event.set()
        self._listeners[event] = view
        self._open[view] += 1
        self._recent = [view, *(other for other in self._recent if other != view)]
        if view not in self.shown:
            self.shown[view] = Shown()
            self._ask(())
        elif self._open[view] == 1:
            self._ask(())  # its files may have changed while nobody looked
        try:
            yield event
        finally:
            del self._listeners[event]
            self._open[view] -= 1
            if not self._open[view]:
                del self._open[view]

    def look_at(self, view: View, page: int) -> None:
        """Says which page is looked at; it is made first from now on."""
        self._focus[view] = max(0, page)

    def changed(self, names: tuple[str, ...] = ()) -> None:
        """Makes all open views again, because these files changed."""
        self._ask(names)

    def _tell(self, view: View | None) -> None:
        for event, seen in self._listeners.items():
            if view is None or seen == view:
                event.set()

    # -- the worker ----------------------------------------------------------------------------------------------------

    def _start(self) -> Worker:
        made = Worker(self.folder)
        threading.Thread(target=made.read, args=(lambda answer: self._heard(made, answer),), daemon=True).start()
        return made

    def _ask(self, names: tuple[str, ...]) -> None:
        """Gives the worker a new job; one that hangs is replaced."""
        if self._loop is None or self.stopped:
            return
        views = [view for view in self._recent if view in self._open]
        if not views:
            return
        now = time.monotonic()
        usual = max(self.shown[view].seconds.get("html", 0.0) for view in views)
        patience = max(0.0, self._since + _IMPATIENT + 2 * usual - now)
        self._behind = bool(self._waiting)
        if self._worker is None or (self._behind and not patience):
            self._replace()
        self._forget()
        self._number += 1
        if not self._behind:
            self._since = now
        self._waiting, self._busy = set(views), True
        for view in views:
            shown = self.shown[view]
            shown.stage = "screen"
            shown.changed = names or shown.changed
        job = Job(
            number=self._number, views=views, known=frozenset(self.pictures),
            focus={view: self._focus.get(view, 0) for view in views}, limits=grown(self.limits, self.folder),
        )  # fmt: skip
        self._give(job)
        if self._behind:
            self._loop.call_later(patience, self._hurry, job)
        self._tell(None)

    def _give(self, job: Job) -> None:
        assert self._worker is not None
        self._worker.ask(job)
        self._job = job
        self._current = job.limits
        self._watch()

    def _hurry(self, job: Job) -> None:
        """Gives a job to another worker when the one that has it is still busy with what is outdated."""
        if self._behind and job.number == self._number and not self.stopped:
            self._replace()
            self._give(job)

    def _replace(self) -> None:
        if self._worker:
            self._worker.kill()
        self._worker, self._behind, self._since = self._start(), False, time.monotonic()

    def _watch(self) -> None:
        """Waits for the next answer, but not for ever."""
        assert self._loop is not None
        if self._dog:
            self._dog.cancel()
        limit = self._current[0] if self._waiting else self._current[1]
        self._dog = self._loop.call_later(limit + worker.GRACE, self._hangs, self._number, limit)

    def _hangs(self, number: int, limit: float) -> None:
        if number == self._number and self._busy:
            self._lost((hang(limit),))
            self._replace()

    def _lost(self, problems: tuple[Problem, ...]) -> None:
        """The worker is gone: what it was making stays as it was, with the reason."""
        for view in self._open:
            shown = self.shown[view]
            shown.problems["screen" if shown.stage == "screen" else "pages"] = problems
            shown.stage, shown.failed = "", True
        self._waiting, self._busy = set(), False
        self._tell(None)

    def _heard(self, who: Worker, answer: Answer | None) -> None:
        """An answer, in the thread that reads it."""
        if self._loop is None or self.stopped or self._loop.is_closed():
            return
        code = who.exit_code() if answer is None else 0
        self._loop.call_soon_threadsafe(self._take, who, answer, code)

    def _take(self, who: Worker, answer: Answer | None, code: int) -> None:
        if who is not self._worker or self.stopped:
            return
        if answer is None and self._job and self._busy and self._begun != self._job.number:
            job, self._worker = self._job, self._start()  # it had ended before the job came
            self._give(job)
            self._job = None
            return
        if answer is None:
            self._worker = self._start() if self._busy else None  # one that ends by itself would do so again and again
            self._lost((crash(code),))
            return
        self._behind, self._since = False, time.monotonic()
        if answer.number != self._number or answer.kind == "begun":
            self._begun = answer.number
            self._watch()
            return
        if answer.kind == "ended":
            self._busy = False
        view, shown = answer.view, self.shown.get(answer.view) if answer.view else None
        if view is None or shown is None:
            for other in self._open:
                self.shown[other].stage = ""
                if answer.kind == "failed":
                    self.shown[other].problems["pages"] = answer.value
                    self.shown[other].failed = True
            self._busy = False
            self._tell(None)
        else:
            self._apply(shown, view, answer)
            self._tell(view)
        if self._busy:
            self._watch()
        elif self._dog:
            self._dog.cancel()

    def _apply(self, shown: Shown, view: View, answer: Answer) -> None:
        value = answer.value
        if answer.kind == "screen":
            self._waiting.discard(view)
            self.assets.update(value.assets)
            shown.assets = frozenset(value.assets)
            shown.html, shown.version = value.html, hashlib.sha256(value.html.encode()).hexdigest()[:16]
            shown.menu = value.menu
            shown.problems["screen"] = value.problems
            shown.stage, shown.failed = "pages", False
            shown.seconds = {"html": answer.seconds}
        elif answer.kind == "failed":
            stage = "screen" if view in self._waiting else "pages"
            self._waiting.discard(view)
            shown.problems[stage] = value
            shown.stage, shown.failed = "", True
        elif answer.kind == "picture":
            if value.png is not None:
                self.pictures[value.name] = value.png
            before = shown.pages.get(value.page)
            if before is None or before[0] != value.name:
                shown.seconds.setdefault("page", answer.seconds)
                shown.pages[value.page] = (value.name, *value.size, value.label)
        elif answer.kind == "layout":
            shown.pages = dict(enumerate(value.pages))
            shown.problems["pages"] = value.problems
            shown.seconds["pages"] = answer.seconds
            shown.stage = ""
        elif answer.kind == "theme":
            shown.problems["theme"] = value

    def _forget(self) -> None:
        """Drops the oldest of what no view shows. Only between jobs: a worker does not send what is there already."""
        pages = {page[0] for shown in self.shown.values() for page in shown.pages.values()}
        assets = {name for shown in self.shown.values() for name in shown.assets}
        _drop(self.pictures, pages, len)
        _drop(self.assets, assets, lambda asset: len(asset[1]))


def _drop(kept: dict[str, T], used: set[str], size: Callable[[T], int]) -> None:
    """Drops what is not used, the oldest first, until the rest is not too much."""
    total = sum(map(size, kept.values()))
    for name in [name for name in kept if name not in used]:
        if total <= _KEPT:
            break
        total -= size(kept.pop(name))
