"""The page on which an issue is put together: its entries in their order, and the library to add to them from."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
import json
import re
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import msgspec
from markupsafe import Markup
from msgspec import Meta, Struct
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from digest import curate, memo, project, strict
from digest.arrange import Placed, arranged
from digest.errors import DigestError, Problem, ProjectError, not_utf8
from digest.files import write
from digest.library import Library
from digest.model import Entry, IssueFile, PartialDate, Record
from digest.preview.server import page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from digest.library import Hit, Stored
    from digest.preview.server import Nav
    from digest.preview.state import State

PATH: Final = "/curate"
_VENDOR: Final = Path(__file__).resolve().parent / "static" / "vendor"
_VENDORED: Final = "sortable.min.js"
_BOM: Final = b"\xef\xbb\xbf"
_LARGEST: Final = 256 * 1024  # bytes of a request; a comment of an editor has a few thousand
_FOUND: Final = 30
_KEPT: Final = 40  # versions of issue.yaml, to tell what changed since one; and steps that can be undone
_PAUSE: Final = 0.25  # seconds between two looks at the files
_COMPARED: Final = 1000  # lines of two versions that are compared
_DIFF: Final = 40  # lines that are shown
_LINE: Final = 240  # characters of each


# --- What is asked for -----------------------------------------------------------------------------------------------

Version = Annotated[str, Meta(min_length=64, max_length=64)]
Place = tuple[Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=0)]]
Text = Annotated[str, Meta(max_length=100_000)]


class Move(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry is to stand elsewhere: section and place, counted from 0 without the entry itself."""

    version: Version
    at: Place
    to: Place


class Say(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry gets other texts.

    Attributes:
        version: digest of the ``issue.yaml`` that the page shows.
        at: section and place of the entry.
        words: the texts by their keys, ``why`` or ``comment``; or ``hold`` or ``drop`` with the reason.
        was: what these keys said when the editor began to write.
    """

    version: Version
    at: Place
    words: Annotated[dict[str, Text], Meta(min_length=1, max_length=4)]
    was: Annotated[dict[str, Text], Meta(max_length=4)]


class Take(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record of the library is to come in at the end of a section."""

    version: Version
    id: Annotated[str, Meta(min_length=1, max_length=300)]
    section: Annotated[int, Meta(ge=0)]


class Undo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last change of this session is to be taken back."""

    version: Version


_WORDS: Final = frozenset({"why", "comment", "hold", "drop"})
Asked = TypeVar("Asked", Move, Say, Take, Undo)


class ConflictError(Exception):
    """The file is not what the page shows: somebody else has changed it.

    Attributes:
        told: what happened, in words.
        now: for an entry's texts: what they say now.
    """

    def __init__(self, told: str, now: Mapping[str, str] | None = None) -> None:
        super().__init__(told)
        self.told, self.now = told, now


class _Step(Struct, frozen=True, kw_only=True):
    """A change that can be undone: the bytes before, the digest after, the other files that it made."""

    told: str
    before: bytes
    after: str
    made: dict[str, bytes]


# --- The desk --------------------------------------------------------------------------------------------------------


class Desk:
    """An issue that is being put together: what it shows, and the changes of this session. One change at a time."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.path = folder / "issue.yaml"
        self.file = self.path.relative_to(root).as_posix()
        self._lock = threading.Lock()
        self._steps: list[_Step] = []
        self._seen: OrderedDict[str, bytes] = OrderedDict()

    # -- reading --

    def _content(self) -> bytes:
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise DigestError(f"the file cannot be read: {error.strerror}", where=self.file) from error
        version = _digest(content)
        self._seen[version] = content
        self._seen.move_to_end(version)
        if len(self._seen) > _KEPT:
            self._seen.popitem(last=False)
        return content

    def _head(self, text: str) -> IssueFile:
        read = strict.read(text, IssueFile, self.file)
        if read.value is None:
            raise ProjectError(read.problems)
        return read.value

    def shown(self) -> dict[str, Any]:
        """The issue as the page shows it."""
        content = self._content()
        version = _digest(content)
        last = self._steps[-1] if self._steps else None
        out: dict[str, Any] = {"version": version, "file": self.file, "sections": [], "problems": [], "broken": False}
        out["undo"] = {"told": last.told, "possible": last.after == version} if last else None
        try:
            head = self._head(_text(content, self.file))
        except DigestError as error:
            return {**out, "problems": _told(error), "broken": True}
        try:
            issue = project.read_issue(self.folder)
            records: Mapping[str, Record] = issue.records
            articles: Mapping[str, project.Article] = issue.articles
        except DigestError as error:  # an article with a mistake keeps nobody from ordering the others
            out["problems"] = _told(error)
            records, articles = dict(curate.frozen_records(self.folder)), {}
        states = self._states({entry.record for section in head.sections for entry in section.entries}, records)
        keys: set[str] = set()
        for s, section in enumerate(head.sections):
            entries = []
            for e, entry in enumerate(section.entries):
                shown = _entry(entry, records, articles)
                while shown["key"] in keys:
                    shown["key"] += "+"
                keys.add(shown["key"])
                entries.append({**shown, "at": [s, e], "library": states.get(entry.record or "", "")})
            out["sections"].append({"title": section.title.plain, "entries": entries})
        return out

    def _states(self, names: set[str | None], records: Mapping[str, Record]) -> dict[str, str]:
        """What became of frozen records in the library: nothing where it says the same."""
        if not (self.root / project.LIBRARY).exists():
            return {}
        states = {}
        try:
            with Library.open(self.root / project.LIBRARY) as library:
                for name, record in records.items():
                    if name not in names or not record.id:
                        continue
                    try:
                        stored = library.get(record.id)
                    except DigestError:
                        continue  # it never came out of this library
                    if all(origin.withdrawn for origin in stored.origins):
                        states[name] = "taken back by its source"
                    elif all(origin.gone or origin.withdrawn for origin in stored.origins):
                        states[name] = "no source holds it any more"
                    elif fields := curate.differing(record, stored.record):
                        states[name] = f"the library says otherwise: {', '.join(fields)}"
        except DigestError:
            return {}  # the search tells what is wrong with the library
        return states

    def changes(self, since: str) -> list[tuple[str, str]]:
        """What changed in the file since a version: ``-`` or ``+``, and the line."""
        content, before = self._content(), self._seen.get(since)
        if before is None or content == before:
            return []
        one, other = (part.decode("utf-8", "replace").splitlines() for part in (before, content))
        while one and other and one[-1] == other[-1]:
            one.pop(), other.pop()
        first = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
        first = min(len(one), len(other)) if first is None else first
        one, other = one[first : first + _COMPARED], other[first : first + _COMPARED]  # comparing takes their product
        lines = list(difflib.unified_diff(one, other, lineterm="", n=0))[2:]
        return [(line[0], line[1 : _LINE + 1]) for line in lines if line[0] in "+-" and line[1:].strip()][:_DIFF]

    def mark(self) -> str:
        """Another text whenever a file of the issue has changed; cheap enough to be asked for all the time."""
        facts = []
        parts = sorted([*(self.folder / "records").glob("*.yaml"), *(self.folder / "articles").glob("*.md")])
        for path in (self.path, *parts):
            try:
                status = path.stat()
            except OSError:
                continue
            facts.append((path.name, status.st_mtime_ns, status.st_size, status.st_ino))
        return _digest(repr(facts).encode())

    # -- changing --

    def _change(self, version: str, make: Callable[[bytes], tuple[Mapping[str, bytes], str]]) -> str:
        """Writes the files that `make` makes of the file's content, where that is the version that the page shows."""
        with self._lock:
            before = self._content()
            if _digest(before) != version:
                raise ConflictError(f"{self.file} was changed elsewhere in the meantime; nothing was written.")
            files, told = make(before)
            after = files.get("issue.yaml", before)
            if after == before:
                return told
            if self._content() != before:  # making it took a moment
                raise ConflictError(f"{self.file} was changed elsewhere in the meantime; nothing was written.")
            write(files, self.folder)
            self._content()
            made = {name: content for name, content in files.items() if name != "issue.yaml"}
            self._steps = [*self._steps[1 - _KEPT :], _Step(told=told, before=before, after=_digest(after), made=made)]
            return told

    def move(self, asked: Move) -> str:
        """Puts an entry in another place, and tells where it is now."""

        def make(before: bytes) -> tuple[Mapping[str, bytes], str]:
            text = _text(before, self.file)
            head = self._head(text)
            self._entry_at(head, asked.at)
            sections = [[Placed(at=(s, e)) for e in range(len(one.entries))] for s, one in enumerate(head.sections)]
            placed = sections[asked.at[0]].pop(asked.at[1])
            if asked.to[0] >= len(sections):
                raise DigestError("there is no such section", where=self.file, todo="nothing was written")
            target = sections[asked.to[0]]
            place = min(asked.to[1], len(target))
            target.insert(place, placed)
            title = head.sections[asked.to[0]].title.plain
            told = f"{self._name(head, asked.at)} is now {place + 1} of {len(target)} in {title}"
            return {"issue.yaml": _bytes(arranged(text, self.file, sections), before)}, told

        return self._change(asked.version, make)

    def say(self, asked: Say) -> str:
        """Gives an entry other texts, or holds or drops it with a reason, and tells so."""
        if unknown := asked.words.keys() - _WORDS:
            raise DigestError(f"this page does not change “{min(unknown)}”", todo="nothing was written")

        def make(before: bytes) -> tuple[Mapping[str, bytes], str]:
            text = _text(before, self.file)
            head = self._head(text)
            entry = self._entry_at(head, asked.at)
            now = {name: getattr(entry, name) for name in asked.words}
            if any(now[name] != asked.was.get(name, now[name]) for name in now):
                raise ConflictError("This text was changed elsewhere since you began; nothing was written.", now)
            changed = {name: words for name, words in asked.words.items() if words.strip() != now[name].strip()}
            name = self._name(head, asked.at)
            if not changed:
                return {}, f"{name} is as it was"
            sections = [[Placed(at=(s, e)) for e in range(len(one.entries))] for s, one in enumerate(head.sections)]
            sections[asked.at[0]][asked.at[1]] = Placed(at=asked.at, words=changed)
            return {"issue.yaml": _bytes(arranged(text, self.file, sections), before)}, f"{name}: {_said(changed)}"

        return self._change(asked.version, make)

    def take(self, asked: Take) -> str:
        """Freezes a record of the library into the issue, and tells where it stands."""
        with self._library() as library:
            stored = self._stored(library, asked.id)
            date: PartialDate | None = None

            def make(before: bytes) -> tuple[Mapping[str, bytes], str]:
                nonlocal date
                text = _text(before, self.file)
                head = self._head(text)
                if asked.section >= len(head.sections):
                    raise DigestError("there is no such section", where=self.file, todo="nothing was written")
                publication = project.read_publication(self.root)
                made = curate.addition(
                    self.root, publication, self.folder, [stored], text, section=str(asked.section + 1)
                )
                date = made.date
                notes = "; ".join(problem.message for problem in made.problems)
                if not made.records:
                    return {}, notes
                files = {**made.files, "issue.yaml": _bytes(made.files["issue.yaml"].decode(), before)}
                title = head.sections[asked.section].title.plain
                told = f"{_short(stored.record.title.plain)} was added to {title}"
                return files, f"{told} ({notes})" if notes else told

            told = self._change(asked.version, make)
            return told + (self._remember(library, date) if date else "")

    def _remember(self, library: Library, date: PartialDate) -> str:
        """Tells the library what stands in the issue; what kept it from being told, in words."""
        try:
            curate.remember(library, self.folder, date)
        except DigestError as error:  # the issue is as it was asked for: only another issue would not be warned
            return f" (the library was not told: {error})"
        return ""

    def undo(self, asked: Undo) -> str:
        """Takes back the last change of this session, to the letter, and tells which."""
        kept: list[str] = []
        with self._lock:
            before = self._content()
            if _digest(before) != asked.version:
                raise ConflictError(f"{self.file} was changed elsewhere in the meantime; nothing was undone.")
            if not self._steps:
                raise DigestError("there is nothing to undo")
            step = self._steps[-1]
            if step.after != asked.version:
                raise ConflictError(f"{self.file} was changed elsewhere since; nothing was undone.")
            write({"issue.yaml": step.before}, self.folder)
            self._content()
            self._steps.pop()
            for name, content in step.made.items():
                path = self.folder / name
                try:
                    if path.read_bytes() != content:
                        kept.append(f"{name} was changed by hand and stays")
                    else:
                        path.unlink()
                except FileNotFoundError:
                    continue
                except OSError as error:
                    kept.append(f"{name} stays: {error.strerror}")
        told = "; ".join([f"Undone: {step.told}", *kept])
        if step.made and (self.root / project.LIBRARY).exists():
            with self._library() as library:
                told += self._remember(library, self._head(_text(step.before, self.file)).date)
        return told

    # -- the library --

    def found(self, query: str) -> list[dict[str, Any]]:
        """The records that fit a query."""
        with self._library() as library:
            hits = library.search(query, limit=_FOUND)
            if not hits and query[-1:].isalnum():  # somebody is still typing this word
                hits = library.search(f"{query}*", limit=_FOUND)
            return [self._hit(hit) for hit in hits]

    def _hit(self, hit: Hit) -> dict[str, Any]:
        others = [highlight.issue for highlight in hit.highlighted if highlight.issue != self.folder.name]
        return {
            "id": hit.id, "number": hit.record.number, "title": hit.record.title.plain,
            "authors": _authors([person.short for person in hit.record.authors]), "snippet": hit.snippet,
            "year": str(hit.record.issued.year) if hit.record.issued else "", "gone": hit.gone, "issues": others,
        }  # fmt: skip

    def _library(self) -> Library:
        if not (self.root / project.LIBRARY).exists():
            raise DigestError("there is no library yet", todo="“digest collect” reads records into one")
        return Library.open(self.root / project.LIBRARY)

    def _stored(self, library: Library, id_: str) -> Stored:
        stored = library.get(id_)
        if stored.record.id != id_ and id_ not in stored.former_ids:  # the page names ids, never beginnings of them
            raise DigestError(f"there is no record “{id_}” in the library", todo="search again")
        return stored

    def _entry_at(self, head: IssueFile, at: tuple[int, int]) -> Entry:
        if at[0] >= len(head.sections) or at[1] >= len(head.sections[at[0]].entries):
            raise DigestError("there is no such entry", where=self.file, todo="nothing was written")
        return head.sections[at[0]].entries[at[1]]

    def _name(self, head: IssueFile, at: tuple[int, int]) -> str:
        entry = head.sections[at[0]].entries[at[1]]
        path = self.folder / "records" / f"{entry.record}.yaml"
        records = {}
        if entry.record and path.is_file():
            text = path.read_bytes().decode("utf-8-sig", "replace")
            if record := strict.read(text, Record, path.relative_to(self.root).as_posix()).value:
                records[entry.record] = record
        return _short(_entry(entry, records, {})["title"])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError([not_utf8(error, file)]) from None


def _bytes(text: str, before: bytes) -> bytes:
    """The text as bytes, with the mark and the ends of lines that the file had before."""
    if 0 < before.count(b"\n") == before.count(b"\r\n"):
        text = re.sub(r"(?<!\r)\n", "\r\n", text)
    return (_BOM if before.startswith(_BOM) else b"") + text.encode()


def _short(title: str) -> str:
    words = " ".join(title.split())
    return f"“{words if len(words) <= 70 else words[:68].rstrip() + ' …'}”"


def _said(changed: Mapping[str, str]) -> str:
    if changed.get("hold") or changed.get("drop"):
        return "held back" if changed.get("hold") else "dropped"
    if changed.keys() & {"hold", "drop"}:
        return "will be printed again"
    names = " and ".join({"why": "“why this one”", "comment": "comment"}[name] for name in changed)
    return f"{names} changed"


def _authors(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", et al." if len(names) > 3 else "")


def _entry(
    entry: Entry, records: Mapping[str, Record], articles: Mapping[str, project.Article]
) -> dict[str, Any]:  # fmt: skip
    """What the page shows of an entry; its key stays while it moves."""
    said = {name: getattr(entry, name) for name in ("why", "comment", "flag", "hold", "drop")}
    out = {"id": "", "number": "", "authors": "", **said}
    if entry.record:
        record = records.get(entry.record)
        out |= {"kind": "record", "key": f"record {entry.record}", "name": entry.record, "title": entry.record}
        if record:
            authors = _authors([person.short for person in record.authors])
            out |= {"id": record.id or "", "number": record.number, "title": record.title.plain, "authors": authors}
    elif entry.article:
        article = articles.get(entry.article)
        out |= {"kind": "article", "key": f"article {entry.article}", "name": entry.article, "title": entry.article}
        if article:
            authors = _authors([person.short for person in article.head.authors])
            out |= {"title": article.head.title.plain, "authors": authors}
    elif entry.notice:
        title = str(entry.notice.title)
        out |= {"kind": "notice", "key": f"notice {title}", "name": "", "title": title}
    return out


def _told(error: DigestError) -> list[str]:
    problems: Sequence[Problem] = error.problems if isinstance(error, ProjectError) else ()
    return [str(problem) for problem in problems if problem.level == "error"][:5] or [str(error)]


# --- The pages -------------------------------------------------------------------------------------------------------


def mount(state: State) -> tuple[Sequence[BaseRoute], Nav]:
    """The routes of the page, and its place in the bar, for `digest.preview.server.serve`."""
    memo.remember()  # sixty records are read again after each change: only those that did change
    desk = Desk(state.root, state.folder)
    nav: Nav = ((PATH, "Curation"),)
    name = f"{state.folder.name} · {state.root.name}"

    async def shell(_request: Request) -> Response:
        whole: Nav = (("/", "Preview"), ("/gallery", "Gallery"), *nav)
        text = page("Curation", _BODY, here=PATH, nav=whole, name=name, scripts=(f"vendor/{_VENDORED}", "curation.js"))
        return HTMLResponse(text)

    async def issue(request: Request) -> Response:
        since = request.query_params.get("since", "")
        return await _answer(lambda: {"diff": desk.changes(since) if since else []}, desk)

    async def search(request: Request) -> Response:
        query = request.query_params.get("q", "")[:2000]
        try:
            hits = await asyncio.to_thread(desk.found, query)
        except DigestError as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"hits": hits})

    async def events(_request: Request) -> Response:
        async def tell() -> AsyncIterator[ServerSentEvent]:
            last = ""
            while not state.stopped:
                began = time.perf_counter()
                mark = await asyncio.to_thread(desk.mark)
                if mark != last:
                    last = mark
                    yield ServerSentEvent(json.dumps({"mark": mark}), event="changed")
                # A book of 5,000 records has as many files to look at: that must not keep a processor busy.
                await asyncio.sleep(max(_PAUSE, 20 * (time.perf_counter() - began)))

        return EventSourceResponse(tell(), ping=15)

    def changing(type_: type[Asked], change: Callable[[Asked], str]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                return JSONResponse({"error": "expected JSON"}, 415)
            body = b""
            async for part in request.stream():
                body += part
                if len(body) > _LARGEST:
                    return JSONResponse({"error": "this is longer than an editor's text can be"}, 413)
            try:
                asked = msgspec.json.decode(body, type=type_)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                return JSONResponse({"error": f"this is no request of the page: {error}"}, 400)
            return await _answer(lambda: {"told": change(asked)}, desk, since=asked.version)

        return endpoint

    async def vendored(_request: Request) -> Response:
        return FileResponse(_VENDOR / _VENDORED, media_type="text/javascript; charset=utf-8")

    routes = [
        Route(PATH, shell),
        Route(f"{PATH}/issue", issue),
        Route(f"{PATH}/search", search),
        Route(f"{PATH}/events", events),
        Route(f"{PATH}/move", changing(Move, desk.move), methods=["POST"]),
        Route(f"{PATH}/say", changing(Say, desk.say), methods=["POST"]),
        Route(f"{PATH}/take", changing(Take, desk.take), methods=["POST"]),
        Route(f"{PATH}/undo", changing(Undo, desk.undo), methods=["POST"]),
        Route(f"/static/vendor/{_VENDORED}", vendored),
    ]
    return routes, nav


async def _answer(do: Callable[[], dict[str, Any]], desk: Desk, *, since: str = "") -> Response:
    """What a change tells, with the issue as it is now; or why it was not made."""

    def work() -> tuple[dict[str, Any], int]:
        try:
            try:
                out, status = do(), 200
            except ConflictError as error:
                out, status = {"error": error.told, "now": error.now, "diff": desk.changes(since)}, 409
            except DigestError as error:
                out, status = {"error": "; ".join(_told(error)), "diff": []}, 422
            return {**out, "issue": desk.shown()}, status
        except DigestError as error:  # not even the file can be read
            return {"error": str(error)}, 422

    out, status = await asyncio.to_thread(work)
    return JSONResponse(out, status)


_BODY: Final = Markup("""<link rel="stylesheet" href="/static/curation.css">
<main class="curation">
<div class="tools">
<h1>Curation</h1>
<button type="button" id="undo" disabled>Undo</button>
<details class="keys"><summary>Keys</summary>
<dl>
<div><dt><kbd>↑</kbd> <kbd>↓</kbd></dt><dd>go to another entry</dd></div>
<div><dt><kbd>Alt</kbd> + <kbd>↑</kbd> <kbd>↓</kbd></dt><dd>move the entry, also into the next section</dd></div>
<div><dt><kbd>E</kbd></dt><dd>edit “why this one” and the comment</dd></div>
<div><dt><kbd>H</kbd> <kbd>D</kbd></dt><dd>hold, drop</dd></div>
<div><dt><kbd>S</kbd></dt><dd>move to a section</dd></div>
<div><dt><kbd>Ctrl</kbd> + <kbd>Enter</kbd>, <kbd>Esc</kbd></dt><dd>save, close what is open</dd></div>
<div><dt><kbd>Ctrl</kbd> + <kbd>Z</kbd></dt><dd>undo the last change</dd></div>
<div><dt><kbd>/</kbd></dt><dd>search the library</dd></div>
</dl></details>
<p id="told" class="status" role="status"></p>
</div>
<section id="trouble" class="trouble" aria-label="What happened" hidden></section>
<div class="desk">
<section class="entries" aria-labelledby="entries-heading">
<h2 id="entries-heading">The issue</h2>
<div id="issue"><p class="quiet">Reading the issue …</p></div>
</section>
<section class="finder" aria-labelledby="finder-heading">
<h2 id="finder-heading">The library</h2>
<form id="search" role="search">
<label for="query">Search: words, author:saif, number:e15166, year:2014</label>
<input type="search" id="query" autocomplete="off" spellcheck="false" maxlength="500">
<label for="target">Add to</label>
<select id="target"></select>
</form>
<p id="count" class="quiet" role="status"></p>
<ol id="hits"></ol>
</section>
</div>
</main>""")
