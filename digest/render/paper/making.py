"""Makes sheets and frames, here or by an executor; what was made before of the same is taken from the store."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias
from urllib.parse import unquote

import msgspec

from digest import pool, resources, store
from digest.errors import DigestError, DiskError, FileNames, LimitError, MissingRequirementError, Problem, ProjectError
from digest.render.paper import bundles, engine, frames, sheet
from digest.worker import JobLimits, for_issue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor

_FEW: Final = 3  # sheets for which no processes are started
_SMALL: Final = 600_000  # letters of HTML that are laid out sooner than processes are started
_LIKE_ONE: Final = 20_000  # bytes of HTML that take as long as an abstract at most does
_FILES: Final = frozenset(".conf .css .html .jpeg .jpg .otf .png .svg .ttf .webp .woff .woff2".split())
_ENTRY: Final = re.compile(r"""<article\b[^<>]*\sid=["']([^"']+)""")
_ADDRESS: Final = re.compile(r"file://(/[^\s\"'<>)]+)")
_FOR_ALL: Final = (DiskError, MissingRequirementError)  # with a scheduler that went away: no job can be done then
_Outcome: TypeAlias = "tuple[bytes, dict[str, bytes], Exception | None]"
_JOBS: Final = {"sheet": sheet.Job, "frame": frames.FrameJob}


class Done(msgspec.Struct, frozen=True):
    """What came of a job: a sheet or frames, and the files of fonts that were not known, by their digests."""

    made: msgspec.Raw
    files: dict[str, bytes]


class Work(msgspec.Struct, frozen=True):
    """A job on its way to a process.

    Attributes:
        kind: ``sheet`` or ``frame``.
        job: the job.
        names: how files are called in messages.
        known: the digests of fonts whose files are there.
        files: what is sent to another machine; nothing where the files are here.
    """

    kind: str
    job: msgspec.Raw
    names: FileNames
    known: frozenset[str] = frozenset()
    files: bundles.Bundle | None = None


def work(payload: bytes) -> bytes:
    """Does a job: for a process of its own.

    Args:
        payload: `Work` as MessagePack.

    Raises:
        DigestError: as `sheet.make` and `frames.make` do.
    """
    asked = msgspec.msgpack.decode(payload, type=Work)
    job = msgspec.msgpack.decode(asked.job, type=_JOBS[asked.kind])
    names = asked.names
    if asked.files:
        job, names = bundles.arrived(job, asked.files)
    made: Any
    made, files = sheet.make(job, names) if isinstance(job, sheet.Job) else frames.make(job, names)
    if asked.files:
        made = bundles.returned(made, asked.files)
    lacking = {digest: content for digest, content in files.items() if digest not in asked.known}
    return msgspec.msgpack.encode(Done(msgspec.Raw(msgspec.msgpack.encode(made)), lacking))


def limits(payload: bytes) -> JobLimits:
    """What a sheet may use: as an issue with as many entries; long contents and indexes count as entries, too."""
    return for_issue(max(payload.count(b"<article"), len(payload) // _LIKE_ONE))


class Workshop:
    """Makes sheets and frames for one document; use it in a ``with``.

    Attributes:
        roots: the folders whose files the document may use, that of the issue first.
        names: how files are called in messages.
        kept: where sheets are kept; nothing: nowhere.
        fonts: the files of the fonts of all that was made, by their digests.
        spool: a file for what does not have to be in memory.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        names: FileNames,
        *,
        kept: store.Store | None = None,
        scheduler: str = "",
        on_page: Callable[[int], None] = lambda _: None,
        on_sheet: Callable[[int, int, int], None] = lambda _done, _of, _pages: None,
        on_layout: Callable[[Any], None] = lambda _: None,
    ) -> None:
        """Looks which files the document may use.

        Args:
            roots: the folders whose files it may use, that of the issue first.
            names: how files are called in messages.
            kept: where sheets are kept; nothing: nowhere.
            scheduler: address of the scheduler of a cluster that makes them; empty: warm processes of this machine.
            on_page: is given the number of each page that is laid out here.
            on_sheet: is given how many sheets are made, of how many, and their pages so far.
            on_layout: is given WeasyPrint's document of each sheet that is made here, to measure its boxes.
        """
        self.names, self.kept = names, kept if not engine.other_fonts() else None
        self._scheduler = scheduler
        self._bundle: bundles.Bundle | None = None
        self._on_page, self._on_sheet, self._on_layout = on_page, on_sheet, on_layout
        self._running: Executor | None = None
        self._stack = contextlib.ExitStack()
        self.spool = self._stack.enter_context(tempfile.TemporaryFile(prefix="digest-"))  # noqa: SIM115 - the stack closes it
        self.roots = [root.resolve() for root in roots]
        self._inputs = inputs(roots) if self.kept else b""
        self.fonts: dict[str, bytes] = {}

    def __enter__(self) -> Self:
        """See `contextlib`."""
        return self

    def __exit__(self, *error: object) -> None:
        """Ends its processes."""
        self._stack.__exit__(*error)  # type: ignore[arg-type]  # as they come
        if self.kept and error[0] is None:
            self.kept.trim()

    def sheets(self, jobs: Sequence[sheet.Job]) -> Iterator[sheet.Sheet]:
        """The sheets, in the order of their jobs."""
        pages = 0
        for n, made in enumerate(self._made("sheet", jobs, sheet.Sheet), 1):
            pages += len(made.pages)
            self._on_sheet(n, len(jobs), pages)
            yield made

    def frames(self, jobs: Sequence[frames.FrameJob]) -> Iterator[frames.Frames]:
        """The frames, as `sheets`."""
        return self._made("frame", jobs, frames.Frames)

    def _made(self, kind: str, jobs: Sequence[Any], type_: Any) -> Iterator[Any]:  # noqa: ANN401 - see above
        texts = [msgspec.msgpack.encode(job) for job in jobs]
        keys = [self._key(kind, job, text) for job, text in zip(jobs, texts, strict=True)]
        there = [self._loaded(kind, key, type_) for key in keys]
        new = [n for n, one in enumerate(there) if one is None]
        many = len(new) >= _FEW and sum(len(texts[n]) for n in new) > _SMALL and pool.usable_cores() > 1
        failed: list[tuple[Any, Exception]] = []
        elsewhere = many or (self._scheduler and new)
        done = (self._elsewhere if elsewhere else self._here)(kind, [jobs[n] for n in new])
        for n, one in enumerate(there):
            if one is not None:
                yield one
                continue
            content, files, error = next(done)
            if error:
                failed.append((jobs[n], error))  # what the others make is in the store the next time
                continue
            for digest, font in files.items():
                self.fonts.setdefault(digest, font)
                if self.kept:
                    self.kept.put("font", bytes.fromhex(digest), font)
            if self.kept:
                self.kept.put(kind, keys[n], content)
            made = msgspec.msgpack.decode(content, type=type_)
            if self._bundle:
                made = bundles.received(made, self.roots)
            yield made
        if failed:
            raise _together(failed)

    def _here(self, kind: str, jobs: Sequence[Any]) -> Iterator[_Outcome]:
        """What this process makes of jobs: content, files of fonts, or the error."""
        for job in jobs:
            made: Any
            try:
                if kind == "sheet":
                    made, files = sheet.make(job, self.names, self._on_page, self._on_layout)
                else:
                    made, files = frames.make(job, self.names)
            except (LimitError, *_FOR_ALL):  # this process has no time left, or the next one would fail as well
                raise
            except DigestError as error:
                yield b"", {}, error
                continue
            yield msgspec.msgpack.encode(made), files, None

    def _elsewhere(self, kind: str, jobs: Sequence[Any]) -> Iterator[_Outcome]:
        """What processes or other machines make of jobs: content, files of fonts, or the error."""
        if self._running is None:
            warm = "digest.render.paper.warm"
            made = pool.cluster(self._scheduler, limits=limits, warm=warm) if self._scheduler else None
            self._running = self._stack.enter_context(made or pool.local(limits=limits, warm=warm))
        if self._scheduler and self._bundle is None:
            self._bundle = bundles.bundle(
                self.roots, (path for root in self.roots for path in _files(root)), self.names
            )
        payloads = (self._payload(kind, job) for job in jobs)
        futures = pool.ordered(self._running, work, payloads, ahead=8 * pool.usable_cores())
        for job, future in zip(jobs, futures, strict=True):
            try:
                try:
                    content = future.result()
                except bundles.LackingBundleError:  # the first one of that process
                    content = self._running.submit(work, self._payload(kind, job, whole=True)).result()
            except _FOR_ALL:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a library raises: the others are done
                yield b"", {}, error
                continue
            done = msgspec.msgpack.decode(content, type=Done)
            yield bytes(done.made), done.files, None

    def _payload(self, kind: str, job: Any, *, whole: bool = False) -> bytes:  # noqa: ANN401 - a job
        files = self._bundle
        if files:
            job = bundles.sent(job, self.roots)
            files = files if whole else msgspec.structs.replace(files, content=b"")
        text = msgspec.Raw(msgspec.msgpack.encode(job))
        return msgspec.msgpack.encode(Work(kind, text, self.names, frozenset(self.fonts), files))

    # -- the store -----------------------------------------------------------------------------------------------------

    def _key(self, kind: str, job: Any, text: bytes) -> bytes:  # noqa: ANN401 - a job
        if not self.kept:
            return b""
        pictures = sorted({unquote(match) for match in _ADDRESS.findall(job.html)}) if kind == "sheet" else []
        for n, root in enumerate(self.roots):
            text = text.replace(str(root).encode(), b"\0%d" % n)
        return store.key(kind, self._inputs, text, *(_file_digest(Path(path)) for path in pictures))

    def _loaded(self, kind: str, key: bytes, type_: Any) -> Any:  # noqa: ANN401 - see above
        content = self.kept.get(kind, key) if self.kept else None
        if content is None or self.kept is None:
            return None
        try:
            made = msgspec.msgpack.decode(content, type=type_)
        except msgspec.MsgspecError:  # of another version of the program
            return None
        for face in made.faces:
            if face.file not in self.fonts:
                font = self.kept.get("font", bytes.fromhex(face.file))
                if font is None:
                    return None
                self.fonts[face.file] = font
        return made


def _together(failed: Sequence[tuple[Any, Exception]]) -> Exception:
    """One error for all jobs that have failed: with all problems, or with the ids of the entries that were laid out."""
    if any(isinstance(error, ProjectError) for _, error in failed):
        return ProjectError(dict.fromkeys(problem for job, error in failed for problem in _problems(job, error)))
    error = failed[0][1]
    if isinstance(error, DigestError):
        error.entries = tuple(dict.fromkeys(name for job, _ in failed for name in _entries(job)))
    return error


def _problems(job: Any, error: Exception) -> Sequence[Problem]:  # noqa: ANN401 - a job
    """Why a job has failed, next to others whose files have mistakes."""
    if isinstance(error, ProjectError):
        return error.problems
    named = [name.partition("-")[2] for name in _entries(job)]
    about = f"what is laid out with “{named[0]}”: " if len(named) == 1 else ""
    about = about or (f"one of “{named[0]}” to “{named[-1]}”: " if named else "")
    return [Problem(level="error", code="unprintable-entry", message=f"{about}{error}")]


def _entries(job: Any) -> list[str]:  # noqa: ANN401 - a job
    """The ids of the entries that are laid out."""
    return [match[1] for match in _ENTRY.finditer(getattr(job, "html", ""))]


def inputs(roots: Sequence[Path]) -> bytes:
    """A digest of all that every sheet depends on: this program, its libraries, the files of theme and overrides."""
    parts = [_versions(), *(_folder_digest(root) for root in roots[1:])]
    sheets = [path for root in roots[1:] for path in _files(root) if path.suffix == ".css"]
    if any("issues/" in path.read_text(encoding="utf-8", errors="replace") for path in sheets):
        parts.append(_folder_digest(roots[0]))
    return store.key(*parts)


def _files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix.lower() in _FILES and path.is_file())


def _folder_digest(root: Path) -> bytes:
    parts: list[bytes | str] = []
    for path in _files(root):
        parts += [path.relative_to(root).as_posix(), _file_digest(path)]
    return store.key(*parts)


def _file_digest(path: Path) -> bytes:
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b""


@functools.cache
def _versions() -> bytes:
    """A digest of this program and of what lays pages out."""
    return store.key(engine.versions(), resources.fingerprint())
