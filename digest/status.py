"""What is open in a publication: in its library, its sources and its issues, and the command for each of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest import build
from digest.errors import DigestError, Problem, ProjectError
from digest.files import LISTING
from digest.frozen import FrozenWatch
from digest.inputs import publication_around
from digest.library import Counts, Run
from digest.parsed import ParsedFiles
from digest.project import LIBRARY, issue_folders
from digest.publication import IssueFile
from digest.reconcile import open_reconciled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from digest.library import Library
    from digest.publication import Publication


class Todo(Struct, frozen=True, kw_only=True):
    """Something that waits for an editor.

    Attributes:
        what: what it is.
        command: the command that does it, or shows more.
    """

    what: str
    command: str


class SourceStatus(Struct, frozen=True, kw_only=True):
    """A source and its last reading.

    Attributes:
        name: its name.
        declared: whether ``digest.yaml`` has it; the others were named on a command line.
        arrivals: how many arrivals the library has from it.
        run: the last reading; none where it was never read, or before this was remembered.
        todo: what waits.
    """

    name: str
    declared: bool
    arrivals: int
    run: Run | None
    todo: tuple[Todo, ...]


class IssueStatus(Struct, frozen=True, kw_only=True):
    """An issue and what is open about it.

    Attributes:
        name: name of its folder.
        entries: how many entries it has; none where ``issue.yaml`` has mistakes.
        held: how many of them are on hold.
        dropped: how many were decided against.
        embargoed: how many entries wait for the end of an embargo.
        changed: frozen records that the library now knows otherwise, about which nobody has decided.
        withdrawn: frozen records that were withdrawn since.
        problems: errors and warnings of its files, and about its frozen records.
        built: whether there are built files, and none of what they are made of has changed since; what issues share,
            such as the theme, counts for the newest issue.
        todo: what waits.
    """

    name: str
    entries: int | None
    held: int
    dropped: int
    embargoed: int
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]
    problems: tuple[Problem, ...]
    built: bool
    todo: tuple[Todo, ...]


class Status(Struct, frozen=True, kw_only=True):
    """What is open in a publication.

    Attributes:
        root: folder of the publication.
        library: how much its library holds; none where there is no library, or it cannot be opened.
        sources: its sources by name, those of ``digest.yaml`` first.
        issues: its issues by name.
        todo: what waits that belongs to no source and no issue.
    """

    root: Path
    library: Counts | None
    sources: tuple[SourceStatus, ...]
    issues: tuple[IssueStatus, ...]
    todo: tuple[Todo, ...]


def get_status(*, folder: Path = Path(), library: Path | None = None) -> Status:
    """What is open in a publication; nothing in it is changed.

    Args:
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication.

    Raises:
        DigestError: the folder is in no publication, or ``digest.yaml`` has mistakes.
    """
    root, publication = publication_around(folder)
    assert publication is not None
    folders = issue_folders(root)
    todo = [] if folders else [Todo(what="there is no issue yet", command="digest new --date DATE")]
    file = library or root / LIBRARY
    if not file.exists():
        todo.insert(0, Todo(what="there is no library yet", command="digest collect"))
    else:
        try:
            with open_reconciled(root, library) as opened:
                watch = FrozenWatch(root)
                return Status(
                    root=root,
                    library=opened.counts(),
                    sources=tuple(_sources(publication, opened)),
                    issues=tuple(
                        _issue(root, one, list(watch.problems(opened, one)), is_newest=one == folders[-1])
                        for one in folders
                    ),
                    todo=tuple(todo),
                )
        except DigestError as error:
            todo.insert(0, Todo(what=str(error), command="digest collect"))
    return Status(
        root=root,
        library=None,
        sources=tuple(_sources(publication, None)),
        issues=tuple(_issue(root, one, [], is_newest=one == folders[-1]) for one in folders),
        todo=tuple(todo),
    )


def _sources(publication: Publication, library: Library | None) -> Iterator[SourceStatus]:
    """The sources of ``digest.yaml``, then what else has been read."""
    runs = library.runs() if library is not None else {}
    arrivals = library.counts().sources if library is not None else {}
    declared = [source.name for source in publication.sources]
    for name in (*declared, *sorted({*runs, *arrivals} - {*declared})):
        run = runs.get(name)
        todo = []
        if run and run.failed:
            todo.append(Todo(what=f"failed on {run.day}: {run.failed}", command=_again(name, declared)))
        elif library is not None and library.cursor(name) is not None:
            todo.append(Todo(what="its reading was stopped before the end", command=_again(name, declared)))
        elif run is None and name not in arrivals:
            todo.append(Todo(what="not read yet", command=_again(name, declared)))
        yield SourceStatus(
            name=name, declared=name in declared, arrivals=arrivals.get(name, 0), run=run, todo=tuple(todo)
        )


def _again(name: str, declared: Iterable[str]) -> str:
    return f"digest collect {name if name in declared else 'FILE'}"  # the library knows a name of it, not the path


# --- Issues ----------------------------------------------------------------------------------------------------------

_ALIKE: Final = ("same-date", "same-number")


def _issue(root: Path, folder: Path, frozen: list[Problem], *, is_newest: bool) -> IssueStatus:
    """One issue: its files are read, but no pages are made."""
    try:
        found = build.read(folder).problems
    except ProjectError as error:
        found = error.problems
    codes = [problem.code for problem in found]
    problems = (*(problem for problem in found if problem.level != "note"), *frozen)
    open_ = [problem for problem in frozen if problem.level == "warning"]
    changed = tuple(problem.key for problem in open_ if problem.code == "frozen-changed")
    withdrawn = tuple(problem.key for problem in open_ if problem.code == "frozen-withdrawn")
    newer = _newer_than_built(root, folder, is_newest=is_newest)
    return IssueStatus(
        name=folder.name,
        entries=_entries(root, folder),
        held=codes.count("held"),
        dropped=codes.count("dropped"),
        embargoed=codes.count("embargo"),
        changed=changed,
        withdrawn=withdrawn,
        problems=problems,
        built=newer is None,
        todo=tuple(_todo(folder.name, changed, withdrawn, problems, newer)),
    )


def _todo(
    name: str, changed: tuple[str, ...], withdrawn: tuple[str, ...], problems: Iterable[Problem], newer: str | None
) -> Iterator[Todo]:
    """What waits in an issue, the most urgent first."""
    refresh = f"digest refresh {name}"
    if withdrawn:
        yield Todo(
            what=f"{_count(len(withdrawn), 'frozen record')} withdrawn since: {_some(withdrawn)}", command=refresh
        )
    if changed:
        yield Todo(what=f"{_count(len(changed), 'frozen record')} changed since: {_some(changed)}", command=refresh)
    rest = [one for one in problems if one.level != "note" and one.code not in {"frozen-changed", "frozen-withdrawn"}]
    for problem in rest:
        if problem.code in _ALIKE:
            yield Todo(what=problem.message, command=f"digest check {name}")
    rest = [problem for problem in rest if problem.code not in _ALIKE]
    levels = [problem.level for problem in rest]
    counts = [_count(levels.count(level), level) for level in ("error", "warning") if level in levels]
    if counts:
        yield Todo(what=f"{' and '.join(counts)} in its files", command=f"digest check {name}")
    if newer is not None:
        what = f"{newer} has changed since it was built" if newer else "not built yet"
        yield Todo(what=what, command=f"digest build {name}")


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _some(ids: tuple[str, ...]) -> str:
    return ", ".join(ids[:3]) + (", …" if len(ids) > 3 else "")


def _entries(root: Path, folder: Path) -> int | None:
    with ParsedFiles(root) as parsed:
        issue = parsed.value(folder / "issue.yaml", IssueFile, "issue.yaml")
    return None if issue is None else sum(len(section.entries) for section in issue.sections)


def _newer_than_built(root: Path, folder: Path, *, is_newest: bool) -> str | None:
    """The file of an issue that has changed last, where it has since the issue was built; empty: it was never built.

    What issues share, such as the theme, counts for the newest one: the others were published as they were.
    """
    made = (path for path in (folder / "_build").glob("*") if path.is_file() or (path / LISTING).is_file())
    built = [path.stat().st_mtime_ns for path in made]
    if not built:
        return ""
    made_of = [*_files(folder)]
    if is_newest:
        made_of += [root / "digest.yaml", *_files(root / "overrides"), *_files(root / "themes")]
    newest = max(made_of, key=lambda path: path.stat().st_mtime_ns)
    return newest.relative_to(root).as_posix() if newest.stat().st_mtime_ns > max(built) else None


def _files(folder: Path) -> Iterator[Path]:
    """What is in a folder, without hidden files and what was built."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and parts[0] != "_build" and not any(part.startswith(".") for part in parts):
            yield path
