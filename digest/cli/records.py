"""The commands about records: collect, search, show, new, add, convert, library."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from digest.cli.talk import (
    DONE,
    FAILED,
    WITH_PROBLEMS,
    Talk,
    as_dict,
    print_json,
    relative,
    shown,
    talkative,
    tell,
)
from digest.errors import DigestError, Problem, ProjectError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from digest.library import Library, Report, Stored
    from digest.model import PartialDate, Publication, Record, Source
    from digest.sources.fetch import Client
    from digest.sources.page import Outcome, Page

_CACHE: Final = ".cache"
_TARGETS: Final = ("json", "yaml", "csl", "ris", "bibtex", "nbib")


class _Date(click.ParamType):  # type: ignore[type-arg]  # generic for the type checker alone
    """A date as files have it: 2014-07-28, 2014-07 or 2014."""

    name = "DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PartialDate:  # noqa: ANN401 - click's own signature
        from digest.model import PartialDate

        if isinstance(value, PartialDate):
            return value
        try:
            return PartialDate.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


_library_option = click.option(
    "--library",
    "library_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The library's file.  [default: library.db in the publication]",
)
_json_option = click.option("--json", is_flag=True, help="Print it as JSON.")
_strict_option = click.option("--strict", is_flag=True, help="Exit with 3 when there were errors or warnings.")


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option("--from", "from_", metavar="FORMAT", default="", help="Format of the files, where it is not found.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be read and asked for.")
@click.option("--fresh", is_flag=True, help="Begin unfinished harvests anew.")
@_library_option
@_json_option
@_strict_option
@talkative
def collect(
    sources: tuple[str, ...],
    from_: str,
    library_file: Path | None,
    *,
    dry_run: bool,
    fresh: bool,
    json: bool,
    strict: bool,
    talk: Talk,
) -> int:
    """Read SOURCE… into the library: names from digest.yaml (all without), files, folders or addresses."""
    from msgspec import structs

    from digest.curate import FrozenWatch
    from digest.sources.harvest import plan

    root, publication = _publication(library_file)
    chosen = list(_sources(sources, publication, from_, root))
    if dry_run:
        plans = [(source.name, plan(source)) for source in chosen]
        if json:
            print_json({"sources": [{"source": name, "plan": asked} for name, asked in plans]})
        else:
            click.echo(
                "\n".join(line for name, asked in plans for line in (f"{name}:", *(f"  {one}" for one in asked)))
            )
        return DONE
    today = _today()
    reports: list[Report] = []
    failed: list[DigestError] = []
    watch = FrozenWatch(root)

    def tell_part(part: Report) -> None:
        talk.problems(part.problems)
        watch.note(part)

    with _library(root, library_file, make=True) as library, _client(root, publication, talk) as client:
        for source in chosen:
            if publication is None or source not in publication.sources:
                taken = {one.name for one in publication.sources} if publication else set()
                name = library.name_of(_place(source, root, library.path), source.name, taken)
                source = structs.replace(source, name=name)  # noqa: PLW2901 - the same source from here on
            first = not library.holds(source.name)
            report, stopped = _collect(source, library, client, root, today, fresh=fresh, talk=talk, tell=tell_part)
            if first and _is_whole(source, report):
                watch.read_first(source.name)
            reports.append(report)
            failed += stopped
            if not json:
                click.echo(_summary(report))
                _tell_gone(report, talk)
        watch.recognise(library)
        frozen = list(watch.problems(library))
    for error in failed:
        tell(error)
    if json:
        print_json({"sources": [_report(report) for report in reports], "frozen": [as_dict(p) for p in frozen]})
    else:
        talk.problems(frozen)
    if failed:
        return max(error.exit_code for error in failed)
    levels = {problem.level for problem in frozen}.union(*(report.levels for report in reports))
    return WITH_PROBLEMS if strict and levels - {"note"} else DONE


def _collect(
    source: Source,
    library: Library,
    client: Client,
    root: Path,
    today: PartialDate,
    *,
    fresh: bool,
    talk: Talk,
    tell: Callable[[Report], None],
) -> tuple[Report, list[DigestError]]:
    """One source into the library, a page at a time; what could be had before it failed is kept."""
    from digest.library import Report
    from digest.sources import parse
    from digest.sources.harvest import pages

    report = Report(source=source.name)

    def said(problem: Problem) -> None:
        report.add(Report(source=source.name, problems=[problem]))
        talk.problems([problem])

    stopped: list[DigestError] = []
    resume = "" if fresh else library.cursor(source.name) or ""
    if resume:
        talk.say(f"{source.name}: goes on where it stopped last time (--fresh begins anew)")
    try:
        library.begin()
        for batch in pages(source, client, root=root, tell=said, resume=resume, retrieved=today, own=root):
            part = library.collect(
                parse(batch.page),
                source=source.name,
                today=today,
                part=batch.part,
                cursor=batch.cursor,
                tell=tell,
            )
            report.add(part)
            if part.stopped:  # one file of a folder that cannot be read does not keep the others out
                stopped.append(part.stopped)
        library.set_cursor(source.name, None)  # read to its end: what failed in it is asked for again with the rest
        if _is_whole(source, report) and not stopped:
            ended = library.end(source.name, today)
            tell(ended)
            report.add(ended)
    except DigestError as error:
        if error.where == str(library.path):
            raise
        stopped.append(error)
    report.stopped = stopped[0] if stopped else None
    return report, stopped


def _is_whole(source: Source, report: Report) -> bool:
    """Whether what was read is all that a source holds.

    A file is, an answer of a service mostly what is new; and what could not be read may be just what is missing.
    """
    local = bool(source.address) and not is_address(source.address)
    return local and report.stopped is None and "error" not in report.levels


def _summary(report: Report) -> str:
    counts = {
        "new": report.new, "merged": report.merged, "changed": report.changed, "unchanged": report.unchanged,
        "taken back": report.deleted, "gone": report.gone, "refused": report.refused,
    }  # fmt: skip
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{report.source}: {told or 'nothing'}"


def _tell_gone(report: Report, talk: Talk) -> None:
    """Names what is gone from its last source."""
    if report.gone_ids:
        named = ", ".join(report.gone_ids[:5]) + (", …" if len(report.gone_ids) > 5 else "")
        talk.say(f"No source holds any more: {named}; “digest new” leaves them out")


def _report(report: Report) -> dict[str, Any]:
    from msgspec import to_builtins

    value: dict[str, Any] = {
        name: getattr(report, name)
        for name in ("source", "new", "merged", "changed", "unchanged", "deleted", "unknown", "refused", "gone",
                     "new_ids", "gone_ids")
    }  # fmt: skip
    value["merges"] = [{"id": m.id, "joined": m.joined, "reason": m.reason} for m in report.merges]
    value["changes"] = to_builtins(report.changes)
    value["deletions"], value["links"] = report.deletions, to_builtins(report.links)
    value["problems"] = [as_dict(problem) for problem in report.problems]
    if report.stopped:
        value["stopped"] = str(report.stopped)
    return value


class _Search(click.Command):
    """A command that takes ``-word`` for a word that must not be there, not for five options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {arg}" if _NO_OPTION.fullmatch(arg) else arg for arg in args])


_NO_OPTION: Final = re.compile(r"-(?!-|[qv]+\Z)..+", re.DOTALL)  # -q and -v are all our options of one letter


def _query(words: tuple[str, ...]) -> str:
    """The query of a command line: a shell takes the quotes away, so that what holds a blank was a phrase."""
    if len(words) == 1:
        return words[0].strip()  # the whole query in quotes
    said = []
    for word in map(str.strip, words):
        phrase = re.fullmatch(r"(-?(?:[A-Za-z]{2,12}:)?)([^\"]*\s[^\"]*)", word)
        said.append(f'{phrase[1]}"{phrase[2]}"' if phrase else word)
    return " ".join(said)


@click.command(cls=_Search)
@click.argument("query", nargs=-1, metavar="[QUERY…]")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most.")
@click.option("--since", type=_Date(), help="Only what was published on this day or later.")
@click.option("--until", type=_Date(), help="Only what was published on this day or before.")
@click.option("--track", default="", help="Only records of this track or session.")
@click.option("--source", default="", help="Only records of this source.")
@_library_option
@_json_option
@talkative
def search(
    query: tuple[str, ...],
    limit: int,
    since: PartialDate | None,
    until: PartialDate | None,
    track: str,
    source: str,
    library_file: Path | None,
    *,
    json: bool,
    talk: Talk,
) -> int:
    """Find records of the library: words, "phrases", beginnings*, OR, -word, author:saif, number:e15166, year:2014."""
    from digest.library import unknown_fields
    from digest.sources.write import as_object

    root, _ = _publication(library_file)
    text = _query(query)
    with _library(root, library_file) as library:
        hits = library.search(text, limit=limit + 1, since=since, until=until, track=track, source=source)
    more, hits = len(hits) > limit, hits[:limit]
    for field in unknown_fields(text):
        talk.say(f"no field is called {field}; its words were looked for")
    if not any(map(str.isalnum, text)):
        talk.say("No word was given: the newest records come first.")
    if json:
        found = [
            {
                "record": as_object(hit.record),
                "score": hit.score,
                "snippet": hit.snippet,
                "gone": hit.gone,
                "highlighted": [mark.issue for mark in hit.highlighted],
            }
            for hit in hits
        ]
        print_json({"query": text, "more": more, "hits": found})
        return DONE
    for hit in hits:
        marks = "".join(f" [in issue {mark.issue}]" for mark in hit.highlighted)
        marks += " [gone from its source]" if hit.gone else ""
        click.echo(f"{hit.id}\t{_line(hit.record)}{marks}")
        if hit.snippet and talk.verbose:
            click.echo(f"\t{hit.snippet}")
    if not hits:
        talk.say(f"No record of the library fits “{text}”." if text else "No record of the library fits.")
    elif more:
        talk.say(f"There are more than {limit}; --limit shows more.")
    return DONE


def _line(record: Record) -> str:
    """A record on a line: number, first author, title, where and when."""
    first = record.authors[0].family_name if record.authors else ""
    if len(record.authors) > 1 or record.authors_truncated:
        first += " et al."
    where = record.container_short or record.container or (record.meeting.name if record.meeting else "")
    year = str(record.issued.year) if record.issued else ""
    year = "" if year in where.split() else year
    parts = (record.number, f"{first}:" if first else "", f"{record.title.plain}.", where, year)
    return " ".join(part for part in parts if part)


@click.command()
@click.argument("name", metavar="ID")
@click.option("--raw", is_flag=True, help="Print the bytes that the sources gave, nothing else.")
@_library_option
@_json_option
@talkative
def show(name: str, library_file: Path | None, *, raw: bool, json: bool, talk: Talk) -> int:
    """Show a record with its origins; ID is its id, a DOI, a PMID, or its abstract number."""
    from digest.sources.write import as_object, yaml_record

    root, _ = _publication(library_file)
    with _library(root, library_file) as library:
        stored = library.get(name)
        if raw:
            for origin in stored.origins:
                sys.stdout.buffer.write(library.raw(origin).rstrip(b"\n") + b"\n")
            return DONE
    if json:
        print_json({"record": as_object(stored.record), **_provenance(stored)})
        return DONE
    click.echo(yaml_record(stored.record).rstrip())
    for line in _told(stored):
        talk.say(f"# {line}")
    return DONE


def _told(stored: Stored) -> Iterator[str]:
    """What the library knows about a record besides what it says."""
    from digest.merge import disagreement

    for origin in stored.origins:
        seen = f"first seen {origin.first_seen}, last {origin.last_seen}"
        gone = ", taken back" if origin.withdrawn else ", not there any more" if origin.gone else ""
        yield f"from {origin.source}: {origin.where} ({origin.format}), {seen}{gone}"
        if not gone and (odds := disagreement(stored.record, origin.record)):
            yield f"  its text contradicts this one: {odds}; --json has both"
    for merge in stored.merges:
        yield f"merged with {merge.joined}: {merge.reason}{' (undone)' if merge.undone else ''}"
    for link in stored.links:
        yield f"same study: {link.other} ({link.reason})"
    for mark in stored.highlighted:
        yield f"in issue {mark.issue} of {mark.date}"
    for former in stored.former_ids:
        yield f"known before as {former}"


def _provenance(stored: Stored) -> dict[str, Any]:
    from digest.sources.write import as_object

    def plain(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the library's values
        return {
            name: part if isinstance(part, bool | int | tuple) else str(part)
            for name in value.__struct_fields__
            if (part := getattr(value, name)) not in (None, "", ()) and name not in {"n", "record"}
        }

    return {
        "origins": [{**plain(origin), "record": as_object(origin.record)} for origin in stored.origins],
        "merges": [plain(merge) for merge in stored.merges],
        "links": [plain(link) for link in stored.links],
        "highlighted": [plain(mark) for mark in stored.highlighted],
        "former_ids": list(stored.former_ids),
    }


@click.command()
@click.option("--date", type=_Date(), required=True, help="Date of the issue, and the name of its folder.")
@click.option("--match", default="", metavar="QUERY", help="Only records that fit; as “digest search” takes it.")
@click.option("--since", type=_Date(), help="Only what was published on this day or later.")
@click.option("--until", type=_Date(), help="Only what was published on this day or before.")
@click.option("--again", is_flag=True, help="Also what was highlighted in another issue.")
@_library_option
@talkative
def new(
    date: PartialDate,
    match: str,
    since: PartialDate | None,
    until: PartialDate | None,
    library_file: Path | None,
    *,
    again: bool,
    talk: Talk,
) -> int:
    """Make the folder of a new issue, filled from the library by the rules of digest.yaml."""
    from digest.curate import new_issue
    from digest.project import LIBRARY

    if date.day is None:
        raise click.BadParameter(f"an issue has a day, such as 2014-07-28, not {date}", param_hint="--date")
    root, publication = _publication(None)
    assert publication is not None
    if (library_file or root / LIBRARY).exists():
        with _library(root, library_file) as library:
            made = new_issue(
                root, publication, library, date=date, match=match, since=since, until=until, again=again
            )  # fmt: skip
    else:
        made = new_issue(root, publication, None, date=date, match=match, since=since, until=until)
        talk.say("There is no library yet: the issue is empty. “digest collect” reads records into one.")
    _tell_left_out(made.problems, talk)
    click.echo(relative(made.folder))
    count = f"{made.records} records" if made.records != 1 else "one record"
    talk.say(f"{count} frozen. Next: edit {relative(made.folder / 'issue.yaml')}, then digest build {made.folder.name}")
    return DONE


def _tell_left_out(problems: Iterable[Problem], talk: Talk) -> None:
    """What was left out: each with ``-v``, else how many and why."""
    problems = tuple(problems)
    if talk.verbose:
        talk.problems(problems)
        return
    talk.problems(problem for problem in problems if problem.level != "note")
    reasons: dict[str, int] = {}
    for problem in problems:
        if problem.level == "note":
            reasons[problem.code] = reasons.get(problem.code, 0) + 1
    for code, count in reasons.items():
        talk.say(f"{count} {_LEFT.get(code, code)} (-v names them)")


_LEFT: Final = {
    "no-section": "left out: they fit no section", "over-limit": "left out: their section is full",
    "highlighted": "left out: they stand in another issue", "withdrawn": "left out: they were withdrawn",
    "gone": "left out: no source holds them any more",
    "same-study": "tell of a study that was highlighted before", "frozen": "in the issue already",
}  # fmt: skip


@click.command()
@click.argument("issue")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--section", default="", metavar="S", help="Title or number of the section.")
@_library_option
@talkative
def add(issue: str, ids: tuple[str, ...], section: str, library_file: Path | None, *, talk: Talk) -> int:
    """Freeze records of the library into ISSUE: ID… as “digest show” takes them."""
    from digest import curate, project

    root, publication = _publication(None)
    assert publication is not None
    folder = project.find_issue(Path(), issue)
    with _library(root, library_file) as library:
        stored = [library.get(name) for name in ids]
        made = curate.add(root, publication, folder, stored, section=section)
        curate.remember(library, folder, made.date)
        problems = (*made.problems, *curate.earlier(library, [one.record for one in stored], folder.name))
    talk.problems(problem for problem in problems if problem.level != "note")
    for problem in problems:
        if problem.level == "note":
            talk.say(shown(problem))
    for path in made.files:
        click.echo(relative(path))
    return DONE


@click.group()
def curate() -> None:
    """Decide together: an issue as a spreadsheet, and back."""


@curate.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx")
@click.option("--issue", metavar="ISSUE", help="The issue.  [default: the one you are in, or the newest]")
@click.option("--match", default="", metavar="QUERY", help="Also offer records of the library that fit.")
@_library_option
@talkative
def export_issue(file: Path, issue: str | None, match: str, library_file: Path | None, *, talk: Talk) -> int:
    """Write an issue as a workbook in which a committee decides, orders and comments."""
    from digest import project, spreadsheet
    from digest.files import write as write_files

    if file.exists():
        raise DigestError("this file is there already", where=str(file), todo="give another name; nothing was written")
    read = project.read_issue(project.find_issue(Path(), issue))
    offered: list[Record] = []
    if match:
        with _library(read.root, library_file) as library:
            hits = library.search(match, limit=_OFFERED)
        frozen = {record.id for record in read.records.values()}
        found = [hit for hit in hits if hit.id not in frozen]
        offered = [hit.record for hit in found if not hit.gone and hit.record.status != "withdrawn"]
        if len(offered) < len(found):
            talk.say(f"{len(found) - len(offered)} not offered: they were withdrawn, or no source holds them any more")
        if len(hits) == _OFFERED:
            talk.say(f"The first {_OFFERED} that fit “{match}” are offered; a narrower query leaves out the others.")
    for path in write_files({file.name: spreadsheet.export(read, offered)}, file.parent):
        click.echo(relative(path))
    talk.say("Send it round; “digest curate import” takes in what was decided.")
    return DONE


_OFFERED: Final = 500


@curate.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.xlsx")
@click.option("--issue", metavar="ISSUE", help="The issue.  [default: the one you are in, or the newest]")
@click.option("--dry-run", is_flag=True, help="Only tell what would be changed.")
@_library_option
@talkative
def import_issue(file: Path, issue: str | None, library_file: Path | None, *, dry_run: bool, talk: Talk) -> int:
    """Take in what a committee decided; a row that cannot be understood is told, and then nothing is changed."""
    from digest import curate as hand
    from digest import project, spreadsheet
    from digest.files import write as write_files

    folder = project.find_issue(Path(), issue)
    root, publication = _publication(None)
    assert publication is not None
    path = folder / "issue.yaml"
    text = path.read_bytes().decode("utf-8-sig")
    shown_as = path.resolve().relative_to(root.resolve()).as_posix()
    decided = spreadsheet.decided(file.read_bytes(), str(file), text, shown_as)
    there = {record.id for _, record in hand.frozen_records(folder)}
    additions = [(id_, section) for id_, section in decided.additions if id_ not in there]
    for change in decided.changes:
        click.echo(change)
    for id_, section in additions:
        click.echo(f"{id_}: comes into {section}")
    if not (decided.changes or additions):
        talk.say("Nothing was changed.")
        return DONE
    if dry_run:
        return DONE
    added: list[tuple[Stored, str]] = []
    if additions:
        with _library(root, library_file) as library:
            added = [(library.get(id_), section) for id_, section in additions]
    if decided.changes:
        write_files({"issue.yaml": decided.text.encode()}, folder)
    for section in dict.fromkeys(section for _, section in added):
        made = hand.add(root, publication, folder, [one for one, where in added if where == section], section=section)
        talk.problems(made.problems)
    if added:
        with _library(root, library_file) as library:
            hand.remember(library, folder, project.read_issue(folder).head.date)
    talk.say(f"{relative(path)} holds what was decided.")
    return DONE


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@click.option("--to", type=click.Choice(_TARGETS), default="json", show_default=True, help="What to print.")
@click.option("--from", "from_", metavar="FORMAT", default="", help="Format of INPUT, where it is not found.")
@click.option("--lines", is_flag=True, help="With --to json: one record on a line.")
@click.option("--plain", is_flag=True, help="Leave out what only this program reads back.")
@_strict_option
@talkative
def convert(inputs: tuple[str, ...], to: str, from_: str, *, lines: bool, plain: bool, strict: bool, talk: Talk) -> int:
    """Print the records of INPUT… in another format: files, folders, addresses, or - for standard input."""
    from digest.sources.page import Parsed
    from digest.sources.write import write

    if lines and to != "json":
        raise click.BadParameter("only JSON has one record on a line", param_hint="--lines")
    problems: list[Problem] = []
    count = 0
    code = DONE

    def records() -> Iterator[Record]:
        nonlocal count, code
        for outcome in read_inputs(inputs, from_, talk, on_error=failed):
            if isinstance(outcome, Parsed):
                count += 1
                problems.extend(outcome.problems)
                talk.problems(outcome.problems)
                yield outcome.record
            elif isinstance(outcome, Problem):
                problems.append(outcome)
                talk.problems([outcome])

    def failed(error: DigestError) -> None:
        nonlocal code
        code = max(code, tell(error))

    # Nothing stands on standard output where nothing could be read.
    pieces = write(records(), to, lines=lines, plain=plain)
    first = next(pieces, "")
    if count or not (code or any(problem.level == "error" for problem in problems)):
        click.echo(first, nl=False)
    for piece in pieces:
        click.echo(piece, nl=False)
    if code:
        return code
    if not count and any(problem.level == "error" for problem in problems):
        return FAILED
    return WITH_PROBLEMS if strict and any(problem.level != "note" for problem in problems) else DONE


def read_inputs(
    inputs: tuple[str, ...],
    format_: str,
    talk: Talk,
    *,
    on_error: Callable[[DigestError], None],
    standard_input: bytes | None = None,
) -> Iterator[Outcome]:
    """What is in files, folders, addresses and standard input (``-``), in order; an input that fails is told.

    Args:
        inputs: names of files and folders, addresses, ``-``.
        format_: their format; empty: to be found from the content of each.
        talk: where to tell what takes long.
        on_error: is given the error of an input that could not be read; the others go on.
        standard_input: what standard input held, where that was read already.
    """
    from digest.sources import Page
    from digest.sources.formats import named
    from digest.sources.harvest import pages

    if format_:
        named(format_)
    try:
        root, publication = _publication(None)
    except ProjectError:
        raise
    except DigestError:  # outside of a publication there is no contact and no cache
        root, publication = Path(), None
    told: list[Problem] = []
    with _client(root, publication, talk, cache=False) as client:
        for name in inputs:
            try:
                if name == "-":
                    content = sys.stdin.buffer.read() if standard_input is None else standard_input
                    yield from _with_deletions(Page(content, "standard input", format=format_))
                    continue
                source = _from_address(name, format_, Path())
                for batch in pages(source, client, root=Path(), tell=told.append):
                    try:
                        yield from _with_deletions(batch.page)
                    except DigestError as error:
                        on_error(error)
            except DigestError as error:
                on_error(error)
            yield from told
            told.clear()


def _with_deletions(page: Page) -> Iterator[Outcome]:
    """What is on a page; records that it takes back are told, for here is no library that they could be taken from."""
    from digest.sources import Deleted, parse

    deleted: list[str] = []
    for outcome in parse(page):
        if isinstance(outcome, Deleted):
            deleted.append(outcome.identifier)
        else:
            yield outcome
    if deleted:
        names = ", ".join(deleted[:12]) + (", …" if len(deleted) > 12 else "")
        message = f"records that the source has taken back, {len(deleted)} in all: {names}"
        yield page.problem("warning", "deleted", message)


@click.group()
def library() -> None:
    """The library: what was merged, and undoing it."""


@library.command()
@_library_option
@_json_option
@talkative
def merges(library_file: Path | None, *, json: bool, talk: Talk) -> int:
    """List the merges that were made, the latest first, with their reasons."""
    root, _ = _publication(library_file)
    with _library(root, library_file) as opened:
        found = list(opened.merges())
    if json:
        rows = [(m.id, m.joined, m.reason, str(m.day or ""), m.undone) for m in found]
        names = ("id", "joined", "reason", "day", "undone")
        print_json({"merges": [dict(zip(names, row, strict=True)) for row in rows]})
    for merge in found if not json else ():
        click.echo(f"{merge.id}\t{merge.joined}\t{merge.reason}" + ("\tundone" if merge.undone else ""))
    if not found:
        talk.say("Nothing was merged.")
    return DONE


@library.command()
@click.argument("name", metavar="ID")
@_library_option
@_json_option
@talkative
def split(name: str, library_file: Path | None, *, json: bool, talk: Talk) -> int:
    """Undo the merges of a record for good: each of its origins becomes a record again."""
    from digest.curate import FrozenWatch

    root, _ = _publication(library_file)
    with _library(root, library_file) as opened:
        ids = opened.split(name)
        frozen = [one for one in FrozenWatch(root).problems(opened) if one.code == "frozen-split"]
    if json:
        print_json({"ids": ids, "frozen": [as_dict(problem) for problem in frozen]})
    else:
        click.echo("\n".join(ids))
        talk.problems(frozen)
    talk.say(f"{len(ids)} records; they will not be merged again.")
    return DONE


@library.command("check")
@_library_option
@_json_option
@talkative
def check_library(library_file: Path | None, *, json: bool, talk: Talk) -> int:
    """Look whether the library's file is whole."""
    root, _ = _publication(library_file)
    with _library(root, library_file) as opened:
        problems, count = opened.check(), len(opened)
    if json:
        print_json({"records": count, "problems": [as_dict(problem) for problem in problems]})
        return FAILED if problems else DONE
    talk.problems(problems)
    if not problems:
        talk.say(f"{count} {'record' if count == 1 else 'records'}, all whole.")
    return FAILED if problems else DONE


def add_commands(cli: click.Group) -> None:
    """Makes these commands part of the program."""
    for command in (collect, search, show, new, add, curate, convert, library):
        cli.add_command(command)


# --- What the commands stand on --------------------------------------------------------------------------------------


def _publication(library_file: Path | None) -> tuple[Path, Publication | None]:
    """The publication around this folder; with a library of its own a command may do without."""
    from digest.project import find_publication, read_publication

    try:
        root = find_publication(Path())
    except DigestError:
        if library_file is None:
            raise
        return Path(), None
    return root, read_publication(root)


def _library(root: Path, library_file: Path | None, *, make: bool = False) -> Library:
    from digest.curate import stand
    from digest.library import Library
    from digest.project import LIBRARY

    path = library_file or root / LIBRARY
    if not make and not path.exists():
        raise DigestError(
            "there is no library yet", where=relative(path), todo="“digest collect” reads records into one"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = Library.open(path)
    if (root / "digest.yaml").is_file():
        try:
            stand(opened, root)
        except BaseException:
            opened.close()
            raise
    return opened


def look_into_library(folder: Path) -> list[Problem]:
    """What the library of a publication, if there is one, tells of the frozen records of an issue."""
    from digest.curate import FrozenWatch
    from digest.project import LIBRARY, find_publication

    root = find_publication(folder)
    if not (root / LIBRARY).is_file():
        return []
    try:
        with _library(root, None) as opened:
            return list(FrozenWatch(root).problems(opened, folder))
    except DigestError as error:
        return [Problem(level="warning", code="library", message=str(error), file=LIBRARY)]


def _client(root: Path, publication: Publication | None, talk: Talk, *, cache: bool = True) -> Client:
    from digest.sources.fetch import Client

    variables = {name: os.environ.get(f"DIGEST_KEY_{name.upper()}", "") for name in ("ncbi", "crossref")}
    return Client(
        contact=publication.contact if publication else "",
        api_keys=variables,
        cache=root / _CACHE if cache else None,
        allow=frozenset(publication.allow) if publication else None,
        tell=talk.say,
    )


def _sources(names: tuple[str, ...], publication: Publication | None, format_: str, root: Path) -> Iterator[Source]:
    known = {source.name: source for source in publication.sources} if publication else {}
    if not names and not known:
        raise DigestError(
            "there are no sources yet",
            where="digest.yaml",
            expected="sources in digest.yaml, or files after the command",
            todo="“digest collect export.ris” reads a file",
        )
    for name in names or known:
        if not name.strip():
            raise click.BadParameter("the name of a source is empty", param_hint="SOURCE")
        yield known[name] if name in known else _from_address(name, format_, root, known)


def is_address(name: str) -> bool:
    """Whether an input is an address of the web, not a file."""
    return re.match(r"https?://", name, re.IGNORECASE) is not None


def _from_address(name: str, format_: str, root: Path, known: Iterable[str] = ()) -> Source:
    """The source of a name on the command line: a path starts from this folder there, from `root` in a source."""
    from digest.model import Source
    from digest.sources.fetch import without_secrets

    if scheme := re.match(r"(?!https?:)([a-z][a-z0-9+.-]+)://", name, re.IGNORECASE):
        found = f"addresses of {scheme[1]} are not read"
        raise DigestError(found, where=name, expected="https://…, a file or a folder", todo="save it as a file first")
    if name == "-" and known:
        raise DigestError(
            "standard input cannot be read again", where=name, expected="a file, a folder, or an address",
            todo="save it as a file: the library tells of each record where it is from",
        )  # fmt: skip
    if not is_address(name) and not Path(name).exists():
        found = f"there is no such file{' or source' if known else ''}{did_you_mean(name, known)}"
        raise DigestError(found, where=name, expected="a file, a folder, or an address (https://…)")
    known_as = without_secrets(name) if is_address(name) else str(Path(name).resolve())
    last = re.split(r"[/\\]", known_as.rstrip("/\\"))[-1] or name
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", last).strip("-._") or "input"
    address = name if is_address(name) or Path(name).is_absolute() else os.path.relpath(name, root)
    return Source(name=slug[:80], address=address, format=format_)  # type: ignore[arg-type]  # looked up by `named`


def _place(source: Source, root: Path, library: Path) -> str:
    """Where a source is, told so that the library may be moved together with its files."""
    from digest.sources.fetch import without_secrets

    if is_address(source.address):
        return without_secrets(source.address)
    return Path(os.path.relpath((root / source.address).resolve(), library.resolve().parent)).as_posix()


def _today() -> PartialDate:
    from digest.model import PartialDate

    now = dt.datetime.now(tz=dt.UTC).date()
    return PartialDate(now.year, now.month, now.day)
