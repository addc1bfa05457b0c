"""The commands about records: collect, search, show, convert, library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from digest.cli.options import (
    examples,
    from_option,
    json_option,
    keys,
    library_option,
    services,
    since_option,
    standard_input,
    strict_option,
    until_option,
)
from digest.cli.program import Commands
from digest.cli.talk import DONE, FAILED, WITH_PROBLEMS, Talk, as_dict, print_json, report_error, talkative
from digest.cli.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from digest.library import Intake, StoredRecord
    from digest.model import PartialDate, Record

_FORMATS: Final = ("json", "yaml", "csl", "ris", "bibtex", "nbib")
_NAMED: Final = 5  # ids of vanished records that are named


@click.command(
    epilog=examples(
        "digest collect",
        "digest collect asco --fresh",
        "digest collect export.ris abstracts.xlsx",
        "digest collect --preset asco-gi --year 2025 --match 'pancrea*'",
        "digest collect --dry-run",
    )
)
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option("--preset", default="", metavar="NAME", help="A congress by its name; “digest sources list” prints them.")
@click.option("--year", type=click.IntRange(1900, 2100), help="The year of the congress.")
@click.option("--match", default="", metavar="QUERY", help="Take only records that fit; as for “digest search”.")
@from_option
@click.option("--dry-run", is_flag=True, help="Only list what would be read and requested.")
@click.option("--fresh", is_flag=True, help="Start from the beginning where an earlier reading stopped.")
@click.option("--again", is_flag=True, help="Put back what was removed of these sources.")
@library_option
@json_option
@strict_option
@talkative
def collect(
    sources: tuple[str, ...],
    preset: str,
    year: int | None,
    match: str,
    from_: str,
    library: Path | None,
    *,
    dry_run: bool,
    fresh: bool,
    again: bool,
    json: bool,
    strict: bool,
    talk: Talk,
) -> int:
    """Read sources into the library: names, files, folders, addresses.

    SOURCE… are names of sources in digest.yaml, files, folders or addresses; by default all sources of digest.yaml.
    With --preset, in an empty folder too, the abstracts of a congress.
    """
    from digest.collect import Congress, collect_sources, plan_sources

    if bool(preset) != (year is not None):
        raise click.BadParameter("a congress has a name and a year", param_hint="--year" if preset else "--preset")
    congress = Congress(preset=preset, year=year) if year is not None else None
    if "" in map(str.strip, sources):
        raise click.BadParameter("the name of a source is empty", param_hint="SOURCE")
    if dry_run:
        plans = plan_sources(sources, congress=congress, match=match, library=library, input_format=from_)
        if json:
            print_json({"sources": [{"source": plan.source, "plan": list(plan.requests)} for plan in plans]})
            return DONE
        echo("\n".join("\n  ".join((f"{plan.source}:", *plan.requests)) for plan in plans))
        return DONE

    def on_intake(intake: Intake) -> None:
        if not json:
            talk.clear()
            echo(_summary(intake))
            _print_gone(intake, talk)
            _print_within(intake, talk)

    with talk.signs_of_life("records") as step:
        done = collect_sources(
            sources,
            congress=congress,
            match=match,
            library=library,
            input_format=from_,
            services=services(),
            fresh=fresh,
            again=again,
            keys=keys(),
            notify=talk.say,
            on_problems=talk.problems,
            on_intake=on_intake,
            on_step=step,
        )
    for error in done.failures:
        report_error(error)
    if json:
        frozen = [as_dict(problem) for problem in done.frozen]
        print_json({"sources": [_intake_dict(intake) for intake in done.intakes], "frozen": frozen})
    else:
        talk.problems(done.frozen)
    if done.failures:
        return max(error.exit_code for error in done.failures)
    levels = {problem.level for problem in done.frozen}.union(*(intake.levels for intake in done.intakes))
    return WITH_PROBLEMS if strict and levels - {"note"} else DONE


def _summary(intake: Intake) -> str:
    counts = {
        "new": intake.new,
        "merged": intake.merged,
        "changed": intake.changed,
        "unchanged": intake.unchanged,
        "removed": intake.removed,
        "withdrawn": intake.deleted,
        "gone": intake.gone,
        "left out": intake.left_out,
        "refused": intake.refused,
    }
    listed = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{intake.source}: {listed or 'nothing'}"


def _print_gone(intake: Intake, talk: Talk) -> None:
    """Names the records that have vanished from their last source."""
    if intake.gone_ids:
        named = ", ".join(intake.gone_ids[:_NAMED]) + (", …" if len(intake.gone_ids) > _NAMED else "")
        talk.say(f"No source contains these any more: {named}; “digest new” leaves them out")


def _print_within(intake: Intake, talk: Talk) -> None:
    """Says which records a file held twice, as several databases gathered in one file have them."""
    within = [merge for merge in intake.merges if merge.within]
    if within:
        named = ", ".join(list(dict.fromkeys(merge.id for merge in within))[:_NAMED])
        more = ", …" if len({merge.id for merge in within}) > _NAMED else ""
        held = f"{len(within)} of the merged were in the same file as what they were merged with"
        talk.say(f"{held}: {named}{more}; “digest library merges” says why, “digest library split ID” undoes it")


def _intake_dict(intake: Intake) -> dict[str, Any]:
    from msgspec import to_builtins

    names = "source new merged changed unchanged removed deleted unknown refused gone left_out new_ids gone_ids".split()
    value: dict[str, Any] = {name: getattr(intake, name) for name in names}
    value["merges"] = [{"id": m.id, "joined": m.joined, "reason": m.reason} for m in intake.merges]
    value["changes"] = to_builtins(intake.changes)
    value["deletions"], value["links"] = intake.deletions, to_builtins(intake.links)
    value["problems"] = [as_dict(problem) for problem in intake.problems]
    if intake.stopped:
        value["stopped"] = str(intake.stopped)
    return value


class _Search(click.Command):
    """A command that takes ``-word`` for a word that must not occur, not for five options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, [f" {arg}" if _NO_OPTION.fullmatch(arg) else arg for arg in args])


_NO_OPTION: Final = re.compile(r"-(?!-|[qv]+\Z)..+", re.DOTALL)  # -q and -v may be written together


def _query(words: tuple[str, ...]) -> str:
    """The query on a command line: the shell removes quotes, so an argument with a blank was a phrase."""
    if len(words) == 1:
        return words[0].strip()  # the whole query in quotes
    parts = []
    for word in map(str.strip, words):
        phrase = re.fullmatch(r"(-?(?:[A-Za-z]{2,12}:)?)([^\"]*\s[^\"]*)", word)
        parts.append(f'{phrase[1]}"{phrase[2]}"' if phrase else word)
    return " ".join(parts)


@click.command(
    cls=_Search,
    epilog=examples(
        "digest search pancrea* -mouse",
        "digest search author:saif year:2014 --json",
        "digest search '\"islet cell\" OR neuroendocrine' --limit 50",
    ),
)
@click.argument("query", nargs=-1, metavar="[QUERY…]")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=20, show_default=True, help="How many at most.")
@since_option
@until_option
@click.option("--track", default="", help="Only records of this track or session.")
@click.option("--source", default="", help="Only records of this source.")
@library_option
@json_option
@talkative
def search(
    query: tuple[str, ...],
    limit: int,
    since: PartialDate | None,
    until: PartialDate | None,
    track: str,
    source: str,
    library: Path | None,
    *,
    json: bool,
    talk: Talk,
) -> int:
    """Find records of the library by words, people, numbers, years.

    QUERY… are words, "phrases", beginnings*, OR, -word, author:saif, number:e15166, year:2014. Without any, the newest
    records come first.
    """
    from digest.export import as_object
    from digest.lookup import search_library

    text = _query(query)
    result = search_library(text, library=library, limit=limit, since=since, until=until, track=track, source=source)
    for field in result.unknown_fields:
        talk.say(f"no field is called {field}; searched for as plain words")
    if result.also:
        talk.say(f"Also looked for: {', '.join(result.also)} (a word in quotes is found exactly as it is)")
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
            for hit in result.hits
        ]
        offers = [{"query": query, "records": count} for query, count in result.offers]
        print_json({"query": text, "more": result.more, "also": list(result.also), "offers": offers, "hits": found})
        return DONE
    for hit in result.hits:
        marks = "".join(f" [in issue {mark.issue}]" for mark in hit.highlighted)
        marks += " [gone from its source]" if hit.gone else ""
        echo(f"{hit.id}\t{_line(hit.record)}{marks}")
        if hit.snippet and talk.verbose:
            echo(f"\t{hit.snippet}")
    if not result.hits:
        talk.say(f"No record of the library fits “{text}”." if text else "No record of the library fits.")
        for other, count in result.offers:
            talk.say(f"  “{other}” finds {'one' if count == 1 else count}")
    elif result.more:
        talk.say(f"There are more than {limit}; --limit shows more.")
    return DONE


_LONGEST_TITLE: Final = 300  # characters on a line


def _line(record: Record) -> str:
    """A record on one line: number, first author, title, journal or meeting, and year."""
    first = record.authors[0].family_name if record.authors else ""
    if len(record.authors) > 1 or record.authors_truncated:
        first += " et al."
    where = record.container_short or record.container or (record.meeting.name if record.meeting else "")
    year = str(record.issued.year) if record.issued else ""
    year = "" if year in where.split() else year
    parts = (
        record.number,
        f"{first}:" if first else "",
        f"{record.title.shortened(_LONGEST_TITLE).plain}.",
        where,
        year,
    )
    return " ".join(part for part in parts if part)


@click.command(epilog=examples("digest show e15166", "digest show 10.1000/one --json", "digest show e15166 --raw"))
@click.argument("name", metavar="ID")
@click.option("--raw", is_flag=True, help="Print the bytes that the sources gave, and nothing else.")
@library_option
@json_option
@talkative
def show(name: str, library: Path | None, *, raw: bool, json: bool, talk: Talk) -> int:
    """Show a record of the library and its sources.

    ID is its id, a DOI, a PMID, or its abstract number, whole, or the beginning of an id that only one record has.
    """
    from digest.export import as_object, yaml_record
    from digest.lookup import get_record, get_record_bytes

    if raw:
        for content in get_record_bytes(name, library=library, show=talk.say):
            echo(content.rstrip(b"\n"))
        return DONE
    stored = get_record(name, library=library, show=talk.say)
    if json:
        print_json({"record": as_object(stored.record), **_provenance(stored)})
        return DONE
    echo(yaml_record(stored.record).rstrip())
    for line in _history(stored):
        talk.say(f"# {line}")
    return DONE


def _history(stored: StoredRecord) -> Iterator[str]:
    """What the library knows about a record apart from its content."""
    from digest.merge import disagreement

    for origin in stored.origins:
        seen = f"first seen {origin.first_seen}, last {origin.last_seen}"
        gone = ", withdrawn" if origin.withdrawn else ", no longer there" if origin.gone else ""
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
        yield f"formerly {former}"


def _provenance(stored: StoredRecord) -> dict[str, Any]:
    from digest.export import as_object

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


@click.command(
    epilog=examples(
        "digest convert export.nbib --to ris > export.ris",
        "digest convert issues/2014-07-28/records --to bibtex",
        "cat citations.txt | digest convert - --lines",
    )
)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT…")
@click.option("--to", type=click.Choice(_FORMATS), default="json", show_default=True, help="What to print.")
@from_option
@click.option("--lines", is_flag=True, help="With --to json: one record on a line.")
@click.option("--plain", is_flag=True, help="Leave out what only this program reads back.")
@strict_option
@talkative
def convert(inputs: tuple[str, ...], to: str, from_: str, *, lines: bool, plain: bool, strict: bool, talk: Talk) -> int:
    """Print records in another format.

    INPUT… are files, folders, addresses, or - for standard input, in any format that the program reads.
    """
    from digest.convert import convert_records

    if lines and to != "json":
        raise click.BadParameter("only JSON has one record on a line", param_hint="--lines")
    codes: list[int] = []
    converted = convert_records(
        inputs,
        to=to,
        lines=lines,
        plain=plain,
        input_format=from_,
        keys=keys(),
        notify=talk.say,
        on_problems=talk.problems,
        on_error=lambda error: codes.append(report_error(error)),
        standard_input=standard_input(inputs),
    )
    with talk.signs_of_life("records", printing=True) as step:
        for piece in converted:
            echo(piece, nl=False)
            step("Reading", converted.count, 0)
    if codes:
        return max(codes)
    if not converted.count and converted.failed:
        return FAILED
    return WITH_PROBLEMS if strict and any(problem.level != "note" for problem in converted.problems) else DONE


@click.group(cls=Commands, epilog=examples("digest sources list", "digest sources show asco-gi --year 2025"))
def sources() -> None:
    """Congresses by name, and how they are asked for."""


@sources.command("list", epilog=examples("digest sources list", "digest sources list --json"))
@json_option
@talkative
def list_sources(*, json: bool, talk: Talk) -> int:
    """List the congresses that are known by name."""
    from msgspec import to_builtins

    from digest.sources.presets import list_presets

    found = list_presets()
    if json:
        print_json({"presets": to_builtins(found, enc_hook=str)})
        return DONE
    longest = max(len(preset.name) for preset in found)
    for preset in found:
        where = preset.journal if preset.services or preset.address else "no service has its abstracts"
        echo(f"{preset.name.ljust(longest)}  {preset.title} ({preset.held}): {where}")
    talk.say("“digest sources show NAME --year 2025” prints what is asked for.")
    return DONE


@sources.command("show", epilog=examples("digest sources show esmo", "digest sources show asco-gi --year 2025"))
@click.argument("name", metavar="NAME")
@click.option("--year", type=click.IntRange(1900, 2100), help="With what is asked for the abstracts of this year.")
@json_option
@talkative
def show_source(name: str, *, year: int | None, json: bool, talk: Talk) -> int:
    """Show what is known of a congress, and how it is asked for."""
    from msgspec import to_builtins

    from digest.sources.presets import expand_preset, get_preset

    preset = get_preset(name)
    asked = expand_preset(name, year) if year is not None else None
    if json:
        print_json({"preset": to_builtins(preset, enc_hook=str), **(to_builtins(asked, enc_hook=str) if asked else {})})
        return DONE
    rows = {
        "congress": f"{preset.title}, {preset.held}",
        "society": preset.society,
        "journal": preset.journal,
        "ISSN": ", ".join(preset.issn),
        "DOI prefix": preset.prefix,
        "published": preset.published.replace(" ", " to ") if preset.services else "",
        "services": ", ".join(preset.services),
        "address": preset.address,
        "taken": "; ".join(f"{field} {text}" for field, text in preset.only.items()),
        "instead": preset.instead,
        "numbers": ", ".join(preset.numbers),
        "embargo": preset.embargo,
        "source": preset.source,
        "unverified": ", ".join(preset.unseen),
    }
    if asked:
        only = asked.sources[0].only
        rows |= {
            "published": " to ".join(asked.published) if preset.services else "",
            "taken": "; ".join(f"{field} {text}" for field, text in only.items()),
            "cited": asked.citation,
            "not sure": "; ".join(asked.unsure),
            "asks for": "\n            ".join(asked.requests),
        }
    for label, text in rows.items():
        if text:
            echo(f"{label.ljust(10)}  {text}")
    if asked:
        talk.say(f"In digest.yaml:\nsources:\n  - preset: {preset.name}\n    year: {asked.year}")
    return DONE


@click.group(
    cls=Commands,
    epilog=examples("digest library merges", "digest library split e15166", "digest library remove --source asco"),
)
def library() -> None:
    """The library: merges and removals, and undoing them."""


@library.command(epilog=examples("digest library merges", "digest library merges --json"))
@library_option
@json_option
@talkative
def merges(library: Path | None, *, json: bool, talk: Talk) -> int:
    """List the merges, the latest first, with their reasons."""
    from digest.lookup import list_merges

    found = list_merges(library=library)
    if json:
        rows = [(m.id, m.joined, m.reason, str(m.day or ""), m.undone) for m in found]
        names = ("id", "joined", "reason", "day", "undone")
        print_json({"merges": [dict(zip(names, row, strict=True)) for row in rows]})
    for merge in found if not json else ():
        echo(f"{merge.id}\t{merge.joined}\t{merge.reason}" + ("\tundone" if merge.undone else ""))
    if not found:
        talk.say("Nothing was merged.")
    return DONE


@library.command(epilog=examples("digest library split e15166"))
@click.argument("name", metavar="ID")
@library_option
@json_option
@talkative
def split(name: str, library: Path | None, *, json: bool, talk: Talk) -> int:
    """Undo the merges of a record for good.

    Each of its origins becomes a record again, and they will not be merged again.
    """
    from digest.lookup import split_record

    done = split_record(name, library=library)
    if json:
        print_json({"ids": list(done.ids), "frozen": [as_dict(problem) for problem in done.frozen]})
    else:
        echo("\n".join(done.ids))
        talk.problems(done.frozen)
    talk.say(f"{len(done.ids)} records; they will not be merged again.")
    return DONE


_source_option = click.option("--source", default="", metavar="NAME", help="All that came from this source.")


def _either(names: tuple[str, ...], source: str) -> None:
    """Makes sure that either records or a source are named."""
    if bool(names) == bool(source):
        raise click.UsageError("expected either ID… or --source NAME")


@library.command(epilog=examples("digest library remove --source asco.csv", "digest library remove e15166 P56"))
@click.argument("names", nargs=-1, metavar="[ID…]")
@_source_option
@library_option
@json_option
@talkative
def remove(names: tuple[str, ...], source: str, library: Path | None, *, json: bool, talk: Talk) -> int:
    """Remove records, or all that came from a source.

    They stay out when they are collected again, until “digest library restore” or “digest collect --again” puts them
    back. What an issue has frozen stays in the issue.
    """
    from digest.lookup import remove_records

    _either(names, source)
    done = remove_records(names, source=source, library=library, show=talk.say)
    if json:
        print_json({"removed": list(done.ids), "kept": list(done.kept), "issues": list(done.issues)})
    else:
        echo("".join(f"{id_}\n" for id_ in done.ids), nl=False)
    talk.say(f"{_counted(done.ids)} removed; “digest library restore” puts back what you name.")
    if done.kept:
        talk.say(f"{_counted(done.kept)} that other sources have as well: what {source} said of them is removed.")
    if done.issues:
        talk.say(f"Frozen records stay as they are in: {', '.join(done.issues)}")
    return DONE


@library.command(epilog=examples("digest library restore --source asco.csv", "digest library restore pmid:24857584"))
@click.argument("names", nargs=-1, metavar="[ID…]")
@_source_option
@library_option
@json_option
@talkative
def restore(names: tuple[str, ...], source: str, library: Path | None, *, json: bool, talk: Talk) -> int:
    """Put back what was removed.

    ID… are ids as “digest library list --removed” prints them.
    """
    from digest.lookup import restore_records

    _either(names, source)
    done = restore_records(names, source=source, library=library)
    if json:
        print_json({"restored": list(done.ids), "kept": list(done.kept)})
    else:
        echo("".join(f"{id_}\n" for id_ in done.ids), nl=False)
    talk.say(f"{_counted(done.ids)} put back.")
    return DONE


@library.command("list", epilog=examples("digest library list --source asco", "digest library list --removed"))
@_source_option
@click.option("--removed", is_flag=True, help="What was removed instead.")
@library_option
@json_option
@talkative
def list_library(source: str, library: Path | None, *, removed: bool, json: bool, talk: Talk) -> int:
    """List the records, or what was removed."""
    from digest.lookup import list_removed, search_library

    if removed:
        gone = list_removed(source=source, library=library)
        if json:
            rows = [{"id": one.id, "source": one.source, "day": str(one.day)} for one in gone]
            print_json({"removed": rows})
        for one in gone if not json else ():
            echo(f"{one.id}\t{one.source}\t{one.day}\t{_line(one.record)}")
        if not gone:
            talk.say("Nothing was removed.")
        return DONE
    hits = search_library("", library=library, limit=None, source=source).hits
    if json:
        print_json({"records": [hit.id for hit in hits]})
    for hit in hits if not json else ():
        echo(f"{hit.id}\t{_line(hit.record)}")
    talk.say(f"{_counted(hits)}.")
    return DONE


def _counted(records: Sequence[object]) -> str:
    return "One record" if len(records) == 1 else f"{len(records) or 'No'} records"


@library.command("check", epilog=examples("digest library check", "digest library check --library old.db"))
@library_option
@json_option
@talkative
def check_library(library: Path | None, *, json: bool, talk: Talk) -> int:
    """Check that the library's file is intact."""
    from digest.lookup import check_library as check

    found = check(library=library)
    if json:
        print_json({"records": found.count, "problems": [as_dict(problem) for problem in found.problems]})
        return FAILED if found.problems else DONE
    talk.problems(found.problems)
    if not found.problems:
        talk.say(f"{found.count} {'record' if found.count == 1 else 'records'}, no problems found.")
    return FAILED if found.problems else DONE
