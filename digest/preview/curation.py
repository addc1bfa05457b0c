"""The preview's Curation page: the entries of an issue in their order, and the library to add records from."""

from __future__ import annotations

import asyncio
import difflib
import hashlib
import json
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

from digest import curate, memo, opening, project, strict
from digest.errors import DigestError, Problem, ProjectError
from digest.files import ChangedError, write_files
from digest.frozen import differing_fields, frozen_records
from digest.issuefile import Placement, arranged, bytes_of, text_of, unchanged
from digest.model import Record
from digest.ownfields import declared_for, from_a_cell, in_a_cell
from digest.preview.server import page
from digest.publication import Entry, IssueFile
from digest.reconcile import open_reconciled
from digest.text import RichText
from digest.writing import change_issue, one_writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from digest.library import Hit, Library, StoredRecord
    from digest.model import FieldText
    from digest.ownfields import OwnField
    from digest.preview.server import Nav
    from digest.preview.state import LivePreview
    from digest.text import Node

PATH: Final = "/curate"
_VENDOR: Final = Path(__file__).resolve().parent / "static" / "vendor"
_VENDORED: Final = "sortable.min.js"
_LARGEST: Final = 256 * 1024  # bytes of a request; a comment of an editor has a few thousand
_FOUND: Final = 30
_KEPT: Final = 40  # versions of issue.yaml, to show what changed since one; and steps that can be undone
_PAUSE: Final = 0.25  # seconds between two looks at the files
_COMPARED: Final = 1000  # lines of two versions that are compared
_DIFF: Final = 40  # lines that are shown
_LINE: Final = 240  # characters of each


# --- Requests --------------------------------------------------------------------------------------------------------

Version = Annotated[str, Meta(min_length=64, max_length=64)]
Place = tuple[Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=0)]]
Text = Annotated[str, Meta(max_length=100_000)]
_MOST: Final = 100  # keys of an entry that are changed at once: ours and own fields


class Move(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Moves an entry to a section and place, counted from 0 without the entry itself."""

    version: Version
    at: Place
    to: Place


class Edit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gives an entry other texts.

    Attributes:
        version: digest of the ``issue.yaml`` that the page shows.
        at: section and place of the entry.
        texts: the texts by their keys, ``why`` or ``comment``, ``fields.NAME`` for an own field; or ``hold`` or
            ``drop`` with the reason.
        was: the texts of these keys when the editor began to write.
    """

    version: Version
    at: Place
    texts: Annotated[dict[str, Text], Meta(min_length=1, max_length=_MOST)]
    was: Annotated[dict[str, Text], Meta(max_length=_MOST)]


class Add(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Adds a record of the library at the end of a section."""

    version: Version
    id: Annotated[str, Meta(min_length=1, max_length=300)]
    section: Annotated[int, Meta(ge=0)]


class Undo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Undoes the last change of this session."""

    version: Version


_EDITABLE: Final = frozenset({"why", "comment", "hold", "drop"})
_OWN: Final = "fields."  # begins the key of an own field
Change = TypeVar("Change", Move, Edit, Add, Undo)


class ConflictError(Exception):
    """The file is not what the page shows: somebody else has changed it.

    Attributes:
        message: what happened, in words.
        now: for an entry's texts: what they are now.
    """

    def __init__(self, message: str, now: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message, self.now = message, now


class _Step(Struct, frozen=True, kw_only=True):
    """A change that can be undone: the bytes before, the digest after, the other files that it made."""

    message: str
    before: bytes
    after: str
    made: dict[str, bytes]


# --- The issue on the page -------------------------------------------------------------------------------------------


class Curation:
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
            content = opening.read_file(self.path)
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

    def snapshot(self) -> dict[str, Any]:
        """The issue as the page shows it."""
        content = self._content()
        version = _digest(content)
        last = self._steps[-1] if self._steps else None
        out: dict[str, Any] = {"version": version, "file": self.file, "sections": [], "problems": [], "broken": False}
        out["fields"] = [_described(field) for field in self._declared().values()]
        out["undo"] = {"message": last.message, "possible": last.after == version} if last else None
        try:
            head = self._head(text_of(content, self.file))
        except DigestError as error:
            return {**out, "problems": _messages(error), "broken": True}
        try:
            issue = project.read_issue(self.folder)
            records: Mapping[str, Record] = issue.records
            articles: Mapping[str, project.Article] = issue.articles
        except DigestError as error:  # a mistake in one article does not prevent ordering the others
            out["problems"] = _messages(error)
            records, articles = dict(frozen_records(self.folder)), {}
        states = self._states({entry.record for section in head.sections for entry in section.entries}, records)
        rich = [key for key, one in self._declared().items() if one.type == "rich text"]
        keys: set[str] = set()
        for s, section in enumerate(head.sections):
            entries = []
            for e, entry in enumerate(section.entries):
                shown = _entry(entry, records, articles)
                while shown["key"] in keys:
                    shown["key"] += "+"
                keys.add(shown["key"])
                marked = {key: _nodes(shown[key]) for key in rich if shown.get(key)}
                entries.append({**shown, "marked": marked, "at": [s, e], "library": states.get(entry.record or "", "")})
            out["sections"].append({**_titled(section.title), "entries": entries})
        return out

    def _declared(self) -> dict[str, OwnField]:
        """The own fields of entries, by their keys on the page; none while digest.yaml has mistakes."""
        try:
            fields = project.read_publication(self.root).fields
        except DigestError:  # which reading the issue reports
            return {}
        return {f"{_OWN}{one.name}": one for one in declared_for(fields, "entries")}

    def _states(self, names: set[str | None], records: Mapping[str, Record]) -> dict[str, str]:
        """What has become of frozen records in the library; nothing where they are the same."""
        if not (self.root / project.LIBRARY).exists():
            return {}
        states = {}
        try:
            with open_reconciled(self.root) as library:
                for name, record in records.items():
                    if name not in names or not record.id:
                        continue
                    try:
                        stored = library.get(record.id)
                    except DigestError:
                        continue  # it never came out of this library
                    if all(origin.withdrawn for origin in stored.origins):
                        states[name] = "withdrawn by its source"
                    elif all(origin.gone or origin.withdrawn for origin in stored.origins):
                        states[name] = "no source contains it any more"
                    elif fields := differing_fields(record, stored.record):
                        states[name] = f"different in the library: {', '.join(fields)}"
        except DigestError:
            return {}  # the search reports what is wrong with the library
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
        """A text that differs whenever a file of the issue has changed; cheap enough to be asked for all the time."""
        facts = []
        parts = sorted([*(self.folder / "records").glob("*.yaml"), *(self.folder / "articles").glob("*.md")])
        for path in (self.path, self.root / "digest.yaml", *parts):
            try:
                status = path.stat()
            except OSError:
                continue
            facts.append((path.name, status.st_mtime_ns, status.st_size, status.st_ino))
        return _digest(repr(facts).encode())

    # -- changing --

    def _change(self, version: str, make: Callable[[bytes, IssueFile], tuple[Mapping[str, bytes], str]]) -> str:
        """Writes the files that `make` makes of what the file holds: the version that the page shows, or a later one.

        Args:
            version: digest of what the page shows.
            make: takes what the file holds now and the issue that the page shows; gives files, none where its change is
                there already, and a message. It may be called several times.
        """
        message = ""

        def made(now: bytes) -> Mapping[str, bytes]:
            nonlocal message
            shown = self._seen.get(version)
            if shown is None:
                raise self._conflict("written")
            files, said = make(now, self._head(text_of(shown, self.file)))
            if files or not message:  # a change that is looked at again has been made, and says so
                message = said
            return files if files.get("issue.yaml", now) != now else {}

        with self._lock:
            self._content()  # what the page shows may be what is there
            try:
                written = change_issue(self.folder, made)
            except ChangedError as error:
                raise self._conflict("written") from error
            if after := written.files.get("issue.yaml"):
                self._content()
                others = {name: content for name, content in written.files.items() if name != "issue.yaml"}
                step = _Step(message=message, before=written.before, after=_digest(after), made=others)
                self._steps = [*self._steps[1 - _KEPT :], step]
            return message

    def _conflict(self, what: str) -> ConflictError:
        return ConflictError(f"{self.file} was changed elsewhere in the meantime; nothing was {what}.")

    def move(self, asked: Move) -> str:
        """Puts an entry in another place; returns a message that says where it is now."""

        def make(before: bytes, shown: IssueFile) -> tuple[Mapping[str, bytes], str]:
            text = text_of(before, self.file)
            head = self._head(text)
            self._entry_at(shown, asked.at)
            if asked.to[0] >= len(shown.sections):
                raise DigestError("there is no such section", where=self.file, todo="nothing was written")
            order, wanted = _order(shown), _order(shown)
            target = wanted[asked.to[0]]
            taken = wanted[asked.at[0]].pop(asked.at[1])
            place = min(asked.to[1], len(target))
            target.insert(place, taken)
            title = shown.sections[asked.to[0]].title.plain
            message = f"{self._name(shown, asked.at)} is now {place + 1} of {len(target)} in {title}"
            if _order(head) == wanted:
                return {}, message
            if _order(head) != order:
                raise self._conflict("written")
            sections = unchanged(head)
            placed = sections[asked.at[0]].pop(asked.at[1])
            sections[asked.to[0]].insert(place, placed)
            return {"issue.yaml": bytes_of(arranged(text, self.file, sections), before)}, message

        return self._change(asked.version, make)

    def edit(self, asked: Edit) -> str:
        """Gives an entry other texts, or holds or drops it with a reason; returns a message."""
        declared = self._declared()
        if unknown := asked.texts.keys() - _EDITABLE - declared.keys():
            raise DigestError(f"this page does not change “{min(unknown)}”", todo="nothing was written")

        def make(before: bytes, shown: IssueFile) -> tuple[Mapping[str, bytes], str]:
            text = text_of(before, self.file)
            head = self._head(text)
            seen = self._entry_at(shown, asked.at)
            at = _now_at(asked.at, shown, head)
            if at is None:
                raise self._conflict("written")
            entry = self._entry_at(head, at)
            now = {name: _text_of(entry, name) for name in asked.texts}
            changed = {name: text for name, text in asked.texts.items() if text.strip() != now[name].strip()}
            if any(now[name] != asked.was.get(name, _text_of(seen, name)) for name in changed):
                raise ConflictError("This text was changed elsewhere since you began; nothing was written.", now)
            name = self._name(head, at)
            if not changed:
                return {}, f"{name} is as it was"
            sections = unchanged(head)
            texts = {key: text for key, text in changed.items() if key not in declared}
            fields = {declared[key].name: _typed(declared[key], changed[key]) for key in changed if key in declared}
            sections[at[0]][at[1]] = Placement(at=at, texts=texts, fields=fields)
            message = f"{name}: {_message(changed, declared)}"
            return {"issue.yaml": bytes_of(arranged(text, self.file, sections), before)}, message

        return self._change(asked.version, make)

    def add(self, asked: Add) -> str:
        """Freezes a record of the library into the issue; returns a message that names its section."""
        with open_reconciled(self.root) as library:
            stored = self._stored(library, asked.id)

            def make(before: bytes, shown: IssueFile) -> tuple[Mapping[str, bytes], str]:
                text = text_of(before, self.file)
                head = self._head(text)
                if asked.section >= len(shown.sections):
                    raise DigestError("there is no such section", where=self.file, todo="nothing was written")
                if [section.title for section in head.sections] != [section.title for section in shown.sections]:
                    raise self._conflict("written")
                publication = project.read_publication(self.root)
                chosen = [(stored, str(asked.section + 1))]
                made = curate.addition(self.root, publication, self.folder, chosen, text)
                notes = "; ".join(problem.message for problem in made.problems)
                if not made.records:
                    return {}, notes
                files = made.in_file(before)
                title = head.sections[asked.section].title.plain
                message = f"{_short(stored.record.title.plain)} was added to {title}"
                return files, f"{message} ({notes})" if notes else message

            return self._change(asked.version, make)

    def undo(self, asked: Undo) -> str:
        """Undoes the last change of this session exactly; returns a message that names it."""
        kept: list[str] = []
        with self._lock, one_writer(self.folder):
            before = self._content()
            if _digest(before) != asked.version:
                raise self._conflict("undone")
            if not self._steps:
                raise DigestError("there is nothing to undo")
            step = self._steps[-1]
            if step.after != asked.version:
                raise ConflictError(f"{self.file} was changed elsewhere since; nothing was undone.")
            try:
                write_files({"issue.yaml": step.before}, self.folder, was={"issue.yaml": before})
            except ChangedError as error:
                raise self._conflict("undone") from error
            self._content()
            self._steps.pop()
            for name, content in step.made.items():
                path = self.folder / name
                try:
                    if opening.read_file(path) != content:
                        kept.append(f"{name} was changed by hand and stays")
                    else:
                        path.unlink()
                except FileNotFoundError:
                    continue
                except OSError as error:
                    kept.append(f"{name} stays: {error.strerror}")
        return "; ".join([f"Undone: {step.message}", *kept])

    # -- the library --

    def found(self, query: str) -> list[dict[str, Any]]:
        """The records that fit a query."""
        with open_reconciled(self.root) as library:
            hits = library.search(query, limit=_FOUND)
            if not hits and query[-1:].isalnum():  # somebody is still typing this word
                hits = library.search(f"{query}*", limit=_FOUND)
            return [self._hit(hit) for hit in hits]

    def _hit(self, hit: Hit) -> dict[str, Any]:
        others = [highlight.issue for highlight in hit.highlighted if highlight.issue != self.folder.name]
        return {
            "id": hit.id,
            "number": hit.record.number,
            **_titled(hit.record.title),
            "authors": _authors([person.short for person in hit.record.authors]),
            "snippet": hit.snippet,
            "year": str(hit.record.issued.year) if hit.record.issued else "",
            "gone": hit.gone,
            "issues": others,
        }

    def _stored(self, library: Library, id_: str) -> StoredRecord:
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
            text = opening.read_file(path).decode("utf-8-sig", "replace")
            if record := strict.read(text, Record, path.relative_to(self.root).as_posix()).value:
                records[entry.record] = record
        return _short(_entry(entry, records, {})["title"])


def _identity(entry: Entry) -> tuple[str, ...]:
    """By what an entry is recognised, whatever is written about it."""
    notice, page = entry.notice, entry.page
    return (entry.record or "", entry.article or "", notice.title if notice else "", page.name if page else "")


def _order(head: IssueFile) -> list[list[tuple[str, ...]]]:
    """What is in each section of an issue, in order."""
    return [[_identity(entry) for entry in section.entries] for section in head.sections]


def _now_at(at: tuple[int, int], shown: IssueFile, head: IssueFile) -> tuple[int, int] | None:
    """Where an entry that the page shows is now; nothing where it is gone or there are several like it."""
    wanted = _identity(shown.sections[at[0]].entries[at[1]])
    places = [(s, e) for s, row in enumerate(_order(head)) for e, one in enumerate(row) if one == wanted]
    if len(places) == 1:
        return places[0]
    return at if _order(shown) == _order(head) else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _short(title: str) -> str:
    words = " ".join(title.split())
    return f"“{words if len(words) <= 70 else words[:68].rstrip() + ' …'}”"


def _text_of(entry: Entry, key: str) -> str:
    """The text of a key of the page."""
    if key.startswith(_OWN):
        return in_a_cell(entry.fields.get(key.removeprefix(_OWN), ""))
    text: str = getattr(entry, key)
    return text


def _typed(declared: OwnField, text: str) -> FieldText:
    """What was typed into an own field.

    Raises:
        DigestError: it is not of the field's type.
    """
    try:
        return from_a_cell(declared, text)
    except ValueError as error:
        raise DigestError(f"{declared.title}: {error}", todo="nothing was written") from None


def _described(declared: OwnField) -> dict[str, Any]:
    """What the page needs to know of an own field to make an input of it."""
    choices = ["yes", "no"] if declared.type == "yes/no" else list(declared.choices)
    hints = {"list of texts": "one text on each line", "text": "", "rich text": "with <i> <b> <sub> <sup> <sc>"}
    hint = "" if choices else hints.get(declared.type, declared.noun)
    return {
        "key": f"{_OWN}{declared.name}",
        "label": declared.title,
        "type": declared.type,
        "choices": choices,
        "hint": hint,
        "default": in_a_cell(declared.default),
    }


def _message(changed: Mapping[str, str], declared: Mapping[str, OwnField]) -> str:
    if changed.get("hold") or changed.get("drop"):
        return "held back" if changed.get("hold") else "dropped"
    if changed.keys() & {"hold", "drop"}:
        return "will be printed again"
    ours = {"why": "“why this one”", "comment": "comment"}
    *others, last = (f"“{declared[name].title}”" if name in declared else ours[name] for name in changed)
    names = " and ".join(part for part in (", ".join(others), last) if part)
    return f"{names} changed"


def _authors(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", et al." if len(names) > 3 else "")


def _titled(title: RichText) -> dict[str, Any]:
    """A title as text, and as what the page makes of it: texts, and pairs of a tag and what is in it."""
    return {"title": title.plain, "printed": title.nodes}


def _nodes(source: str) -> tuple[Node, ...]:
    """What the page makes of a text with markup; of one with a mistake, which is reported elsewhere, its letters."""
    try:
        return RichText.parse(source).nodes
    except ValueError:
        return (source,)


def _entry(entry: Entry, records: Mapping[str, Record], articles: Mapping[str, project.Article]) -> dict[str, Any]:
    """What the page shows of an entry; its key stays while it moves."""
    texts = {name: getattr(entry, name) for name in ("why", "comment", "flag", "hold", "drop")}
    texts |= {f"{_OWN}{name}": in_a_cell(typed) for name, typed in entry.fields.items()}
    out: dict[str, Any] = {"id": "", "number": "", "authors": "", **texts}
    if entry.record:
        record = records.get(entry.record)
        out |= {"kind": "record", "key": f"record {entry.record}", "name": entry.record, "title": entry.record}
        if record:
            authors = _authors([person.short for person in record.authors])
            out |= {"id": record.id or "", "number": record.number, **_titled(record.title), "authors": authors}
    elif entry.article:
        article = articles.get(entry.article)
        out |= {"kind": "article", "key": f"article {entry.article}", "name": entry.article, "title": entry.article}
        if article:
            authors = _authors([person.short for person in article.head.authors])
            out |= {**_titled(article.head.title), "authors": authors}
    elif entry.notice:
        title = str(entry.notice.title)
        out |= {"kind": "notice", "key": f"notice {title}", "name": "", "title": title}
    elif entry.page:
        name = entry.page.name
        out |= {"kind": "page", "key": f"page {name}", "name": "", "title": name}
    return out


def _messages(error: DigestError) -> list[str]:
    problems: Sequence[Problem] = error.problems if isinstance(error, ProjectError) else ()
    return [str(problem) for problem in problems if problem.level == "error"][:5] or [str(error)]


# --- The pages -------------------------------------------------------------------------------------------------------


def mount(state: LivePreview) -> tuple[Sequence[BaseRoute], Nav]:
    """The routes of the page, and its place in the bar, for `digest.preview.server.serve`."""
    memo.remember()  # sixty records are read again after each change: only those that did change
    curation = Curation(state.root, state.folder)
    nav: Nav = ((PATH, "Curation"),)
    name = f"{state.folder.name} · {state.root.name}"

    async def shell(_request: Request) -> Response:
        whole: Nav = (("/", "Preview"), ("/gallery", "Gallery"), *nav)
        text = page("Curation", _BODY, here=PATH, nav=whole, name=name, scripts=(f"vendor/{_VENDORED}", "curation.js"))
        return HTMLResponse(text)

    async def issue(request: Request) -> Response:
        since = request.query_params.get("since", "")
        return await _answer(lambda: {"diff": curation.changes(since) if since else []}, curation)

    async def search(request: Request) -> Response:
        query = request.query_params.get("q", "")[:2000]
        try:
            hits = await asyncio.to_thread(curation.found, query)
        except DigestError as error:
            return JSONResponse({"error": str(error)}, 422)
        return JSONResponse({"hits": hits})

    async def events(_request: Request) -> Response:
        async def stamps() -> AsyncIterator[ServerSentEvent]:
            last = ""
            while not state.stopped:
                began = time.perf_counter()
                mark = await asyncio.to_thread(curation.mark)
                if mark != last:
                    last = mark
                    yield ServerSentEvent(json.dumps({"mark": mark}), event="changed")
                # A book of 5,000 records has as many files to look at: that must not keep a processor busy.
                await asyncio.sleep(max(_PAUSE, 20 * (time.perf_counter() - began)))

        return EventSourceResponse(stamps(), ping=15)

    def changing(type_: type[Change], change: Callable[[Change], str]) -> Callable[[Request], Any]:
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
                return JSONResponse({"error": f"this is not a request of the page: {error}"}, 400)
            return await _answer(lambda: {"message": change(asked)}, curation, since=asked.version)

        return endpoint

    async def vendored(_request: Request) -> Response:
        return FileResponse(_VENDOR / _VENDORED, media_type="text/javascript; charset=utf-8")

    routes = [
        Route(PATH, shell),
        Route(f"{PATH}/issue", issue),
        Route(f"{PATH}/search", search),
        Route(f"{PATH}/events", events),
        Route(f"{PATH}/move", changing(Move, curation.move), methods=["POST"]),
        Route(f"{PATH}/edit", changing(Edit, curation.edit), methods=["POST"]),
        Route(f"{PATH}/add", changing(Add, curation.add), methods=["POST"]),
        Route(f"{PATH}/undo", changing(Undo, curation.undo), methods=["POST"]),
        Route(f"/static/vendor/{_VENDORED}", vendored),
    ]
    return routes, nav


async def _answer(do: Callable[[], dict[str, Any]], curation: Curation, *, since: str = "") -> Response:
    """The message of a change, with the issue as it is now; or why it was not made."""

    def work() -> tuple[dict[str, Any], int]:
        try:
            try:
                out, status = do(), 200
            except ConflictError as error:
                out, status = {"error": error.message, "now": error.now, "diff": curation.changes(since)}, 409
            except DigestError as error:
                out, status = {"error": "; ".join(_messages(error)), "diff": []}, 422
            return {**out, "issue": curation.snapshot()}, status
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
<div><dt><kbd>E</kbd></dt><dd>edit “why this one”, the comment and your own fields</dd></div>
<div><dt><kbd>H</kbd> <kbd>D</kbd></dt><dd>hold, drop</dd></div>
<div><dt><kbd>S</kbd></dt><dd>move to a section</dd></div>
<div><dt><kbd>Ctrl</kbd> + <kbd>Enter</kbd>, <kbd>Esc</kbd></dt><dd>save, close what is open</dd></div>
<div><dt><kbd>Ctrl</kbd> + <kbd>Z</kbd></dt><dd>undo the last change</dd></div>
<div><dt><kbd>/</kbd></dt><dd>search the library</dd></div>
</dl></details>
<p id="message" class="status" role="status"></p>
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
