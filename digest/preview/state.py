"""What a running preview knows: the views that are open, what each shows, and the worker that makes it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import difflib
import hashlib
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
import watchfiles

from digest import resources, worker
from digest.build import is_reported
from digest.errors import DigestError
from digest.preview.process import PAGES_LIMIT, SCREEN_LIMIT, Job, JobResult, Worker, crash, grown, hang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from digest.errors import Problem
    from digest.preview.views import Step, View
    from digest.render.origins import Block

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
        blocks: what made each box of a page, by the number of the page.
        old: the pages whose pictures may be older than the files.
        old_screen: whether the document may be older than the files.
        from_right: whether pages follow each other from right to left.
        first: the names of the pictures that the pages had first.
        built: the names of the pictures of the pages that were built last; none where nothing was built.
        problems: by what found them: ``screen``, ``pages``, ``theme``.
        stage: what is being done now: ``screen``, ``pages``, or nothing.
        step: how far it is.
        failed: whether what is shown is older than the files, because they could not be used.
        stopped: whether somebody stopped it.
        seconds: how long the last HTML, first changed page and all pages took.
        changed: the files that changed last.
    """

    html: str = ""
    assets: frozenset[str] = frozenset()
    version: str = ""
    pages: dict[int, tuple[str, int, int, str]] = dataclasses.field(default_factory=dict)
    blocks: dict[int, tuple[Block, ...]] = dataclasses.field(default_factory=dict)
    old: set[int] = dataclasses.field(default_factory=set)
    old_screen: bool = False
    from_right: bool = False
    first: tuple[str, ...] = ()
    built: tuple[str, ...] = ()
    menu: tuple[tuple[str, str, str], ...] = ()
    problems: dict[str, tuple[Problem, ...]] = dataclasses.field(default_factory=dict)
    stage: str = ""
    step: Step | None = None
    failed: bool = False
    stopped: bool = False
    seconds: dict[str, float] = dataclasses.field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def begin(self, names: tuple[str, ...]) -> None:
        """Begins to make all again, because of these files; what is there is old until it has been made again."""
        self.stage, self.step, self.stopped = "screen", None, False
        self.changed = names or self.changed
        self.old, self.old_screen = set(self.pages), True

    def fail(self, stage: str, problems: tuple[Problem, ...]) -> None:
        """Ends a stage with problems. Where the web page fails, the theme is not checked, and its problems are old."""
        self.problems[stage] = problems
        if stage == "screen":
            self.problems.pop("theme", None)
        self.stage, self.step, self.failed = "", None, True

    def stop(self) -> None:
        """Leaves what is there as it is, unless all was made already."""
        self.stopped = bool(self.stage)
        self.stage, self.step = "", None

    def changes(self) -> list[int]:
        """The pages that are not as they were built last or, where nothing was built, as they were first."""
        names = [self.pages[n][0] for n in sorted(self.pages)]
        before = self.built or self.first
        if not before:
            return []
        matcher = difflib.SequenceMatcher(a=before, b=names, autojunk=False)
        same = {n for block in matcher.get_matching_blocks() for n in range(block.b, block.b + block.size)}
        return [n for n in range(len(names)) if n not in same]

    def how_far(self) -> dict[str, Any] | None:
        """How far the pages are, for a browser."""
        return msgspec.to_builtins(self.step) if self.step else None

    def as_json(self) -> dict[str, Any]:
        """What a browser gets of it; it fetches the document and the pictures itself."""
        static = self.problems.get("theme", ())
        made = [problem for stage in ("screen", "pages") for problem in self.problems.get(stage, ())]
        problems = [*(problem for problem in made if not is_reported(problem, static)), *static]
        # What the check of stylesheets says better than WeasyPrint's own message of the same line.
        better = {
            (problem.file, problem.line) for problem in problems if problem.code in {"css-unknown", "css-declaration"}
        }
        problems = [one for one in problems if one.code != "pdf" or (one.file, one.line) not in better]
        order = {"error": 0, "warning": 1, "note": 2}
        listed = sorted(dict.fromkeys(problems), key=lambda problem: order[problem.level])
        return {
            "version": self.version,
            "pages": [[*self.pages[n]] for n in sorted(self.pages)],
            "old": sorted(self.old & self.pages.keys()),
            "old_screen": bool(self.version) and self.old_screen,
            "from_right": self.from_right,
            "changes": self.changes(),
            "since": "build" if self.built else "start" if self.first else "",
            "removed": max(0, len(self.built or self.first) - len(self.pages)),
            "menu": self.menu,
            "problems": [
                {
                    "level": problem.level,
                    "where": problem.file + (f":{problem.line}" if problem.file and problem.line else ""),
                    "message": " ".join(problem.message.split()),
                    "code": problem.code,
                }
                for problem in listed[:200]
            ],
            "more": max(0, len(listed) - 200),
            "stage": self.stage,
            "failed": self.failed,
            "stopped": self.stopped,
            "seconds": self.seconds,
            "changed": self.changed,
        }


class LivePreview:
    """A running preview. Everything but the reading of the worker's answers happens in one event loop."""

    def __init__(self, folder: Path, *, limits: tuple[float, float] = (SCREEN_LIMIT, PAGES_LIMIT)) -> None:
        """Watches the issue in a folder.

        Args:
            folder: folder of the issue.
            limits: seconds of computing for the HTML and for the pages of a view of a small issue.
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
        self._given: Job | None = None  # the last that was given
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
                self.root,
                resources.folder("templates"),
                watch_filter=self._matters,
                debounce=40,
                step=10,
                stop_event=self._stop,
                rust_timeout=1000,
                ignore_permission_denied=True,
            ):
                paths = sorted({Path(path) for _, path in changes})
                self.changed(tuple(self._name(path) for path in paths if not path.is_dir()))
        except OSError as error:
            raise DigestError(
                f"the files cannot be watched: {error}",
                where=str(self.root),
                todo="set WATCHFILES_FORCE_POLLING=1 in the environment, so that they are checked again and again",
            ) from error

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
            inside = path.relative_to(self.folder)
            return inside.parts[:1] != ("_build",) or inside.as_posix() == "_build/issue.pdf"  # it is compared with
        return (
            path == self.root / "digest.yaml" or path.suffix == ".csl" or any(path.is_relative_to(f) for f in folders)
        )

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def menu(self) -> tuple[tuple[str, str, str], ...]:
        """Kind, id and title of each section and entry of the issue, as some view knows them."""
        return next((shown.menu for shown in self.shown.values() if shown.menu), ())

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
        """Makes all open views again, because these files changed, or because somebody wants it."""
        self._ask(names)

    def give_up(self) -> None:
        """Gives up what is being made; the next save, or `changed`, begins it again."""
        if not self._busy or self.stopped:
            return
        self._number += 1  # answers that are on their way are about what was given up
        if self._waiting:
            self._replace()  # whatever it is doing does not look for a newer job
        elif self._worker:
            self._worker.ask(Job(number=self._number, views=(), known=frozenset(), focus={}, limits=self._current))
        if self._dog:
            self._dog.cancel()
        self._waiting, self._busy, self._behind, self._job = set(), False, False, None
        for view in self._open:
            self.shown[view].stop()
        self._notify(None)

    def _notify(self, view: View | None) -> None:
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
            self.shown[view].begin(names)
        job = Job(
            number=self._number,
            views=views,
            known=frozenset(self.pictures),
            focus={view: self._focus.get(view, 0) for view in views},
            limits=grown(self.limits, self.folder),
        )
        self._give(job)
        if self._behind:
            self._loop.call_later(patience, self._hurry, job)
        self._notify(None)

    def _give(self, job: Job) -> None:
        assert self._worker is not None
        self._worker.ask(job)
        self._job = self._given = job
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
        before = self._worker.computed() if self._worker else 0.0
        until = time.monotonic() + worker.by_the_clock(limit)
        self._dog = self._loop.call_later(limit + worker.GRACE, self._look, self._number, limit, before, until)

    def _look(self, number: int, limit: float, before: float, until: float) -> None:
        """Ends a worker that has computed too long since its last answer; one that had to wait for others goes on."""
        if number != self._number or not self._busy:
            return
        left = limit + worker.GRACE - (self._worker.computed() - before if self._worker else 0.0)
        if left > 0 and time.monotonic() < until:
            assert self._loop is not None
            self._dog = self._loop.call_later(max(left, 1.0), self._look, number, limit, before, until)
            return
        wary = self._given is not None and not self._given.wary and not self._waiting
        if not wary:
            self._lost((hang(limit),))
        self._replace()
        if wary and self._given:  # an entry may be at fault: each attempt has a process of its own now
            self._waiting = set(self._given.views)
            self._give(msgspec.structs.replace(self._given, wary=True))

    def _lost(self, problems: tuple[Problem, ...]) -> None:
        """The worker is gone: what it was making stays as it was, with the reason."""
        for view in self._open:
            shown = self.shown[view]
            shown.fail("screen" if shown.stage == "screen" else "pages", problems)
        self._waiting, self._busy = set(), False
        self._notify(None)

    def _heard(self, who: Worker, answer: JobResult | None) -> None:
        """An answer, in the thread that reads it."""
        if self._loop is None or self.stopped or self._loop.is_closed():
            return
        code = who.exit_code() if answer is None else 0
        self._loop.call_soon_threadsafe(self._take, who, answer, code)

    def _take(self, who: Worker, answer: JobResult | None, code: int) -> None:
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
                if answer.kind == "failed":
                    self.shown[other].fail("pages", answer.value)
                self.shown[other].stage = ""
            self._busy = False
            self._notify(None)
        else:
            self._apply(shown, view, answer)
            self._notify(view)
        if self._busy and not (answer.kind == "step" and not answer.value.attempts):  # it may lay out pages for ever
            self._watch()
        elif not self._busy and self._dog:
            self._dog.cancel()

    def _apply(self, shown: Shown, view: View, answer: JobResult) -> None:
        value = answer.value
        if answer.kind == "screen":
            self._waiting.discard(view)
            self.assets.update(value.assets)
            shown.assets = frozenset(value.assets)
            shown.html, shown.version = value.html, hashlib.sha256(value.html.encode()).hexdigest()[:16]
            shown.menu = value.menu
            shown.problems["screen"] = value.problems
            shown.stage, shown.failed, shown.old_screen = "pages", False, False
            shown.seconds = {"html": answer.seconds}
        elif answer.kind == "failed":
            stage = "screen" if view in self._waiting else "pages"
            self._waiting.discard(view)
            shown.fail(stage, value)
        elif answer.kind == "picture":
            if value.png is not None:
                self.pictures[value.name] = value.png
            before = shown.pages.get(value.page)
            if before is None or before[0] != value.name:
                shown.seconds.setdefault("page", answer.seconds)
                shown.pages[value.page] = (value.name, *value.size, value.label)
            shown.blocks[value.page] = value.blocks
            shown.old.discard(value.page)
        elif answer.kind == "step":
            shown.step = value
        elif answer.kind == "layout":
            shown.pages = dict(enumerate(value.pages))
            shown.blocks = {n: blocks for n, blocks in shown.blocks.items() if n in shown.pages}
            shown.from_right, shown.old = value.from_right, set()
            shown.first = shown.first or tuple(name for name, *_ in value.pages)
            shown.problems["pages"] = value.problems
            shown.seconds["pages"] = answer.seconds
            shown.stage, shown.step = "", None
        elif answer.kind == "built":
            shown.built = value.names
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
