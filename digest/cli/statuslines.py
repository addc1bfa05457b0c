"""How `digest status` shows what is open in a publication: as lines that end with commands, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from digest.cli.talk import as_dict
from digest.cli.terminal import Styled, echo, styled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.status import IssueStatus, SourceStatus, Status, Todo

# Counts of a reading, in the words of `digest collect`.
_RUN: Final = {
    "new": "new",
    "merged": "merged",
    "changed": "changed",
    "unchanged": "unchanged",
    "deleted": "withdrawn",
    "gone": "gone",
    "refused": "refused",
}


def print_status(status: Status) -> None:
    """Prints what is open, what waits in yellow on a terminal."""
    _print_todo(status.todo, "")
    if status.library:
        counts = status.library
        listed = [f"{_count(counts.records, 'record')} from {_count(counts.arrivals, 'arrival')}"]
        named = {"withdrawn": counts.withdrawn, "gone from their sources": counts.gone, "in issues": counts.frozen}
        echo("library: " + ", ".join([*listed, *(f"{count} {what}" for what, count in named.items() if count)]))
    for source in status.sources:
        if source.run is None and not source.arrivals:
            _print_todo(source.todo, f"source {source.name}: ")
            continue
        echo(f"source {source.name}: {_last_run(source)}")
        _print_todo(source.todo, "  ")
    for issue in status.issues:
        echo(f"issue {issue.name}: {_entries(issue)}")
        _print_todo(issue.todo, "  ")


def _print_todo(todo: Iterable[Todo], space: str) -> None:
    for one in todo:
        what = styled(" ".join(one.what.split()), fg="yellow")
        echo(Styled.of(space, what, ": ", styled(one.command, bold=True)))


def _last_run(source: SourceStatus) -> str:
    if source.run is None:
        return f"{_count(source.arrivals, 'arrival')}, read before this was remembered"
    counts = [f"{count} {word}" for name, word in _RUN.items() if (count := getattr(source.run, name))]
    counts += [_count(source.run.problems, "problem")] if source.run.problems else []
    return f"last read {source.run.day}: {', '.join(counts) or 'nothing'}"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _entries(issue: IssueStatus) -> str:
    if issue.entries is None:
        return "its issue.yaml has mistakes"
    parts = [f"{issue.entries} {'entry' if issue.entries == 1 else 'entries'}"]
    named = {"on hold": issue.held, "dropped": issue.dropped, "under embargo": issue.embargoed}
    parts += [f"{count} {what}" for what, count in named.items() if count]
    return ", ".join([*parts, *(["built"] if issue.built else [])])


def status_dict(status: Status) -> dict[str, Any]:
    """What is open, as a value of JSON."""
    from msgspec import structs

    def todo(items: Iterable[Todo]) -> list[dict[str, str]]:
        return [{"what": one.what, "command": one.command} for one in items]

    return {
        "library": structs.asdict(status.library) if status.library else None,
        "sources": [
            {
                **structs.asdict(source),
                "run": {**structs.asdict(source.run), "day": str(source.run.day)} if source.run else None,
                "todo": todo(source.todo),
            }
            for source in status.sources
        ],
        "issues": [
            {
                **structs.asdict(issue),
                "changed": list(issue.changed),
                "withdrawn": list(issue.withdrawn),
                "problems": [as_dict(problem) for problem in issue.problems],
                "todo": todo(issue.todo),
            }
            for issue in status.issues
        ],
        "todo": todo(status.todo),
    }
