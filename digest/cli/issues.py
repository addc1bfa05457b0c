"""The commands about issues: init, new, add, refresh, curate, status, check, build."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import click

from digest.cli.differences import print_difference, refreshed_dict
from digest.cli.options import Date, examples, issue_option, json_option, library_option, since_option, until_option
from digest.cli.program import Commands
from digest.cli.statuslines import print_status, status_dict
from digest.cli.talk import (
    DONE,
    EMBARGOED,
    as_dict,
    as_line,
    exit_code,
    print_event,
    print_json,
    print_problems,
    relative,
    talkative,
)
from digest.cli.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.cli.talk import Talk
    from digest.errors import Problem
    from digest.model import PartialDate
    from digest.refresh import Decision, Difference


@click.command(epilog=examples("digest init my-journal", "cd my-journal && digest build", "digest init ours --empty"))
@click.argument("directory", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--empty", is_flag=True, help="Without the sample: a digest.yaml to fill in.")
@talkative
def init(directory: Path, *, empty: bool, talk: Talk) -> None:
    """Copy a sample publication into DIRECTORY; it builds at once."""
    from digest.resources import copy_sample

    copy_sample(directory, empty=empty)
    echo(str(directory))
    inside = "" if directory == Path() else f"cd {directory} && "
    if empty:
        typed = directory / "digest.yaml"
        talk.say(f"An empty publication is ready. Next: fill in {typed}, then {inside}digest collect")
    else:
        talk.say(f"A sample publication is ready. Next: {inside}digest build")


@click.command(
    epilog=examples(
        "digest new --date 2014-07-28",
        "digest new --date 2014-07-28 --match 'pancrea*' --since 2014-05",
    )
)
@click.option("--date", type=Date(), required=True, help="Date of the issue, and the name of its folder.")
@click.option("--match", default="", metavar="QUERY", help="Only records that fit; a query as for “digest search”.")
@since_option
@until_option
@click.option("--track", default="", metavar="T", help="Only records of this track or session.")
@click.option("--source", default="", metavar="NAME", help="Only records of this source.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only records of this type; may be repeated.")
@click.option("--again", is_flag=True, help="Also what was highlighted in another issue.")
@library_option
@talkative
def new(
    date: PartialDate,
    match: str,
    since: PartialDate | None,
    until: PartialDate | None,
    track: str,
    source: str,
    types: tuple[str, ...],
    library: Path | None,
    *,
    again: bool,
    talk: Talk,
) -> int:
    """Make a new issue, filled from the library by rules.

    The rules are the sections of digest.yaml. Each record that they choose is frozen into a file of the issue.
    """
    from digest.curate import new_issue
    from digest.errors import did_you_mean
    from digest.model import RecordType

    if date.day is None:
        raise click.BadParameter(f"an issue has a day, such as 2014-07-28, not {date}", param_hint="--date")
    for name in types:
        if name not in (known := get_args(RecordType)):
            near = did_you_mean(name, known)
            raise click.BadParameter(f"no type is called “{name}”{near}", param_hint="--type")
    made = new_issue(
        date,
        library=library,
        match=match,
        since=since,
        until=until,
        track=track,
        source=source,
        types=types,
        again=again,
        show=talk.say,
    )
    if not made.has_library:
        talk.say("There is no library yet: the issue is empty. “digest collect” reads records into one.")
    _print_left_out(made.problems, talk)
    echo(relative(made.folder))
    count = f"{made.records} records" if made.records != 1 else "one record"
    talk.say(f"{count} frozen. Next: edit {relative(made.folder / 'issue.yaml')}, then digest build {made.folder.name}")
    return DONE


def _print_left_out(problems: Iterable[Problem], talk: Talk) -> None:
    """Prints what was left out: each record with ``-v``, else how many and why."""
    problems = tuple(problems)
    if talk.verbose:
        talk.problems(problems)
        return
    talk.problems(problem for problem in problems if problem.level != "note")
    reasons: dict[str, int] = {}
    for problem in problems:
        if problem.code == "other-forms":
            talk.say(problem.message.capitalize())
        elif problem.level == "note":
            reasons[problem.code] = reasons.get(problem.code, 0) + 1
    for code, count in reasons.items():
        talk.say(f"{count} {_REASONS.get(code, code)} (-v names them)")


_REASONS: Final = {
    "no-section": "left out: they fit no section",
    "over-limit": "left out: their section is full",
    "highlighted": "left out: they are in another issue",
    "withdrawn": "left out: they were withdrawn",
    "gone": "left out: no source contains them any more",
    "same-study": "about a study that was highlighted before",
    "frozen": "in the issue already",
}


@click.command(
    epilog=examples(
        "digest add 2014-07-28 e15166 10.1200/jco.2014.32.15_suppl.e15166",
        "digest add 2014-07-28 e15166 --section 'Neuroendocrine Tumors'",
    )
)
@click.argument("issue")
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--section", default="", metavar="S", help="Title or number of the section.")
@library_option
@talkative
def add(issue: str, ids: tuple[str, ...], section: str, library: Path | None, *, talk: Talk) -> int:
    """Freeze records of the library into an issue.

    ISSUE is a folder or its name. ID… is what “digest show” takes: an id, a DOI, a PMID or an abstract number, whole.
    """
    from digest.curate import add_records

    made = add_records(issue, ids, library=library, section=section, show=talk.say)
    talk.problems(problem for problem in made.problems if problem.level != "note")
    for problem in made.problems:
        if problem.level == "note":
            talk.say(as_line(problem))
    for path in made.files:
        echo(relative(path))
    return DONE


@click.command(
    epilog=examples(
        "digest refresh 2014-07-28",
        "digest refresh 2014-07-28 e15166 --take",
        "digest refresh 2014-07-28 e15166 --take --field abstract",
        "digest refresh 2014-07-28 --keep",
    )
)
@click.argument("issue")
@click.argument("ids", nargs=-1, metavar="[ID…]")
@click.option("--take", is_flag=True, help="Put what the library has changed into the files.")
@click.option("--keep", is_flag=True, help="Leave the files, and ask no more until the library changes again.")
@click.option("--field", "fields", multiple=True, metavar="F", help="With --take: only this field; may be repeated.")
@library_option
@json_option
@talkative
def refresh(
    issue: str,
    ids: tuple[str, ...],
    library: Path | None,
    fields: tuple[str, ...],
    *,
    take: bool,
    keep: bool,
    json: bool,
    talk: Talk,
) -> int:
    """Compare frozen records with the library, and take what changed.

    ISSUE is a folder or its name. ID… are names of files in records/, or what “digest show” takes; by default all
    records about which nothing was decided yet. On a terminal you are asked about each, unless an option decides.
    """
    from digest.refresh import refresh_issue

    if take and keep:
        raise click.BadParameter("take or keep, not both", param_hint="--keep")
    if fields and not take:
        raise click.BadParameter("only with --take", param_hint="--field")
    asks = not (take or keep or json) and sys.stdin.isatty() and sys.stdout.isatty()
    ended: list[bool] = []

    def decide(difference: Difference) -> Decision:
        if not json:
            print_difference(difference)
        if asks and not ended:
            answer = click.prompt("take, keep, later, or quit", type=click.Choice(_ANSWERS), show_choices=False)
            ended.extend([True] if answer == "quit" else [])
            return "take" if answer == "take" else "keep" if answer == "keep" else ""
        return "take" if take else "keep" if keep else ""

    made = refresh_issue(issue, ids, library=library, fields=fields, decide=decide, show=talk.say)
    talk.problems(made.problems)
    if json:
        print_json({"issue": made.folder.name, "records": [refreshed_dict(one) for one in made.records]})
        return DONE
    for one in made.records:
        if one.decision == "take" and not one.taken:
            talk.say(
                f"{one.difference.record}: the library has nothing new, and what was corrected by hand stays;"
                " --field NAME takes a field all the same"
            )
    for path in made.files:
        echo(relative(path))
    left = sum(not one.decision for one in made.records)
    if not made.records:
        talk.say("Nothing to decide.")
    elif left:
        talk.say(f"{left} open. --take puts them into the files, --keep leaves these; ID and --field choose.")
    return DONE


_ANSWERS: Final = ("take", "keep", "later", "quit")


@click.group(cls=Commands, epilog=examples("digest curate export decide.xlsx", "digest curate import decide.xlsx"))
def curate() -> None:
    """Decide together: an issue as a spreadsheet, and back."""


@curate.command(
    "export",
    epilog=examples("digest curate export decide.xlsx", "digest curate export decide.xlsx --match 'pancrea*'"),
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx")
@issue_option
@click.option("--match", default="", metavar="QUERY", help="Also offer records of the library that fit.")
@library_option
@talkative
def export_issue(file: Path, issue: str | None, match: str, library: Path | None, *, talk: Talk) -> int:
    """Write an issue as a workbook for a committee.

    In it the committee decides what is printed, orders the entries and comments on them.
    """
    from digest.spreadsheet import export_workbook

    made = export_workbook(file, issue=issue, library=library, match=match)
    if made.withheld:
        talk.say(f"{made.withheld} not offered: they were withdrawn, or no source contains them any more")
    if made.more:
        talk.say(f"The first {made.most} that fit “{match}” are offered; a narrower query leaves out the others.")
    echo(relative(made.file))
    talk.say("Send it to the committee; “digest curate import” takes in what it decides.")
    return DONE


@curate.command(
    "import",
    epilog=examples("digest curate import decide.xlsx --dry-run", "digest curate import decide.xlsx"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.xlsx|FILE.csv")
@issue_option
@click.option("--dry-run", is_flag=True, help="Only list what would change.")
@library_option
@talkative
def import_issue(file: Path, issue: str | None, library: Path | None, *, dry_run: bool, talk: Talk) -> int:
    """Put what a committee decided into the issue.

    If a row cannot be understood, it is reported and nothing is changed.
    """
    from digest.spreadsheet import import_workbook

    taken = import_workbook(file, issue=issue, library=library, dry_run=dry_run, show=talk.say)
    for change in taken.changes:
        echo(change)
    if not taken.changes:
        talk.say("Nothing was changed.")
    talk.problems(taken.problems)
    if taken.written:
        talk.say(f"{relative(taken.file)} now has what was decided.")
    return DONE


@click.command(epilog=examples("digest status", "digest status --json"))
@library_option
@json_option
@talkative
def status(library: Path | None, *, json: bool, talk: Talk) -> int:  # noqa: ARG001 - what is open is the result
    """Show what is open: library, sources, issues.

    Each line that waits for somebody ends with the command for it. Nothing is written.
    """
    from digest.status import get_status

    found = get_status(library=library)
    if json:
        print_json(status_dict(found))
    else:
        print_status(found)
    return DONE


@click.command(epilog=examples("digest check", "digest check 2014-07-28 --strict", "digest check --json"))
@click.argument("issue", required=False)
@click.option("--json", is_flag=True, help="Print the problems as JSON.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@talkative
def check(issue: str | None, *, json: bool, strict: bool, talk: Talk) -> int:
    """List every problem of an issue: files, citations, pages.

    ISSUE is a folder or its name; by default the one you are in, or the newest. Nothing is written.
    """
    from digest.jobs import check_issue

    return print_problems(check_issue(issue), talk, json=json, strict=strict)


def _step_event(doing: str, done: int, total: int) -> None:
    doing, _, detail = doing.partition("\t")
    facts = {"done": done, "total": total, "so_far": detail}
    print_event("step", doing=doing, **{name: value for name, value in facts.items() if value})


@click.command(
    epilog=examples("digest build", "digest build 2014-07-28 --to html,text", "digest build --theme mail --out mail/")
)
@click.argument("issue", required=False)
@click.option("--to", metavar="FORMATS", help="What to make, such as html,pdf.  [default: what the theme makes]")
@click.option("--theme", metavar="NAME", help="Another theme than the one in digest.yaml.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write.  [default: _build in the issue]",
)
@click.option("--scheduler", metavar="ADDRESS", default="", help="A Dask cluster that makes the pages of the PDF.")
@click.option("--json", is_flag=True, help="Print what happens as JSON, a line for each event.")
@click.option("--strict", is_flag=True, help="Exit with 3 when there were warnings.")
@talkative
def build(
    issue: str | None,
    to: str | None,
    theme: str | None,
    out: Path | None,
    scheduler: str,
    *,
    json: bool,
    strict: bool,
    talk: Talk,
) -> int:
    """Make the HTML, PDF and other files of an issue.

    “digest outputs” lists what --to can name besides html, pdf, text and site.

    ISSUE is a folder or its name; by default the one you are in, or the newest.
    """
    from digest.build import FORMATS
    from digest.jobs import build_issue

    formats = [name.strip() for name in (to or "").split(",") if name.strip()]
    if (to is not None and not formats) or set(formats) - set(FORMATS):
        raise click.BadParameter(f"expected {', '.join(FORMATS)}, or several with commas", param_hint="--to")

    if json:
        built = build_issue(issue, formats=formats, theme=theme, out=out, scheduler=scheduler, on_step=_step_event)
        problems = [as_dict(problem) for problem in (*built.problems, *built.embargoed)]
        print_event("built", files=[relative(path) for path in built.files], problems=problems)
        return EMBARGOED if built.embargoed else exit_code(built.problems, strict=strict)
    with talk.signs_of_life("pages") as step:
        built = build_issue(issue, formats=formats, theme=theme, out=out, scheduler=scheduler, on_step=step)
    talk.problems(built.problems)
    for note in built.embargoed:
        talk.say(as_line(note))
    for path in built.files:
        echo(relative(path))
    if built.embargoed:
        return EMBARGOED
    return exit_code(built.problems, strict=strict)


@click.command(epilog=examples("digest outputs", "digest outputs 2014-07-28 --json"))
@click.argument("issue", required=False)
@click.option("--json", is_flag=True, help="Print the list as JSON.")
@talkative
def outputs(issue: str | None, *, json: bool, talk: Talk) -> int:  # noqa: ARG001 - each command says how it talks
    """List what can be made of an issue, and what is missing for it.

    ISSUE is a folder or its name; by default the one you are in, or the newest.
    """
    from digest.jobs import list_outputs

    listed = list_outputs(issue)
    if json:
        rows = [{"name": one.name, "makes": one.makes, "files": one.files, "lacks": one.lacks} for one in listed]
        print_json({"outputs": rows})
        return 0
    width = max(len(one.name) for one in listed)
    for one in listed:
        echo(f"{one.name:{width}}  {one.makes}")
        for lack in one.lacks:
            echo(f"{'':{width}}  missing: {lack}")
    return 0
