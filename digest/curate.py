"""Chooses records of the library by rules, freezes them into files and puts them into an issue in order."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from digest import opening, strict
from digest.errors import DigestError, Problem, ProjectError, did_you_mean
from digest.export import yaml_record, yaml_text
from digest.files import ChangedError, write_folder
from digest.frozen import as_frozen, frozen_records, same_study
from digest.inputs import publication_around
from digest.issuefile import NewEntry, bytes_of, extended, text_of
from digest.library import Highlight
from digest.model import AbstractNumber, PartialDate, Record, number_key
from digest.project import LIBRARY, find_issue, issue_heads, mistakes_in_rules, read_publication_file
from digest.publication import IssueFile, Publication, Rule
from digest.query import check_query
from digest.reconcile import open_reconciled
from digest.text import RichText
from digest.writing import change_issue, one_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from digest.inputs import Notify
    from digest.library import Hit, Library, StoredRecord


class AddedRecords(Struct, frozen=True, kw_only=True):
    """Records that were frozen into an issue.

    Attributes:
        folder: folder of the issue.
        files: files that were written.
        records: how many records were frozen.
        date: date of the issue.
        problems: what was left out, and what an editor should know.
        has_library: whether there was a library to choose from.
    """

    folder: Path
    files: tuple[Path, ...]
    records: int
    date: PartialDate
    problems: tuple[Problem, ...]
    has_library: bool = True


# --- Choosing --------------------------------------------------------------------------------------------------------


class Candidate(Struct, frozen=True, kw_only=True):
    """A record that may go into an issue.

    Attributes:
        record: the record.
        rank: its place in the order of relevance.
        highlighted: issues that it is in already.
    """

    record: Record
    rank: int = 0
    highlighted: tuple[Highlight, ...] = ()


def choose(
    candidates: Sequence[Candidate], rules: Sequence[Rule], matching: Callable[[str], Iterable[str]]
) -> tuple[list[tuple[Rule, list[Record]]], list[Problem]]:
    """The records of each section in order, and a note for each that is in none.

    A record goes into the first section whose conditions it meets. Nothing is lost: a record that fits no section or
    exceeds a limit is listed with its id.

    Args:
        candidates: the records.
        rules: the sections; none: one section for all.
        matching: returns the ids of the records that fit a query, the best first.
    """
    rules = rules or [Rule(title=RichText.plain_text("Highlights"))]
    ranks = {rule.match: {id_: n for n, id_ in enumerate(matching(rule.match))} for rule in rules if rule.match}
    chosen: list[list[tuple[int, Record]]] = [[] for _ in rules]
    notes: list[Problem] = []
    for candidate in candidates:
        record = candidate.record
        for rule, section in zip(rules, chosen, strict=True):
            if _fits(record, rule, ranks.get(rule.match)):
                section.append((ranks.get(rule.match, {}).get(record.id or "", candidate.rank), record))
                break
        else:
            notes.append(_left_out(record, "no-section", "it fits no section of digest.yaml"))
    sections = []
    for rule, section in zip(rules, chosen, strict=True):
        ordered = [record for _, record in sorted(section, key=lambda pair: _order(rule, *pair))]
        kept = ordered[: rule.limit]
        full = f"“{rule.title}” has its {rule.limit} entries"
        notes += [_left_out(record, "over-limit", full) for record in ordered[len(kept) :]]
        sections.append((rule, kept))
    return sections, notes


def _fits(record: Record, rule: Rule, ranks: Mapping[str, int] | None) -> bool:
    return (
        (ranks is None or record.id in ranks)
        and rule.track.casefold() in record.track.casefold()
        and (not rule.presentation or record.presented in rule.presentation)
        and (not rule.numbers or any(in_range(record.number, numbers) for numbers in rule.numbers))
    )


def in_range(number: str, numbers: str) -> bool:
    """Whether an abstract number is one of ``4000-4199``, ``e15000-e15999`` or ``LBA4001``.

    Letters before and after the digits must be the same: 4001 is not between LBA4000 and LBA4100.
    """
    first, _, last = numbers.partition("-")
    try:
        low, high, own = (AbstractNumber.parse(text) for text in (first, last or first, number))
    except ValueError:
        return False
    affixes = {(part.prefix.lower(), part.suffix.lower()) for part in (low, high, own)}
    counts = [part.number for part in (low, own, high)]
    if len(affixes) > 1 or not all(isinstance(count, int) for count in counts):
        return first.lower() == number.lower() and not last
    return counts == sorted(counts, key=int)


def _order(rule: Rule, rank: int, record: Record) -> tuple[object, ...]:
    number = number_key(record.number)
    match rule.order:
        case "relevance":
            return (rank,)
        case "date":
            return (record.issued or PartialDate(9999), number, rank)
        case "title":
            return (record.title.plain.casefold(), rank)
        case _:
            return (not number, number, record.title.plain.casefold())


def _left_out(record: Record, code: str, why: str) -> Problem:
    name = record.number or record.id or ""
    title = record.title.plain
    shown = title if len(title) < 70 else title[:69].rstrip() + "…"
    return Problem(level="note", code=code, message=f"left out: {name} “{shown}”: {why}", key=record.id or "")


# --- A new issue -----------------------------------------------------------------------------------------------------


def new_issue(
    date: PartialDate,
    *,
    folder: Path = Path(),
    library: Path | None = None,
    match: str = "",
    since: PartialDate | None = None,
    until: PartialDate | None = None,
    track: str = "",
    source: str = "",
    types: Sequence[str] = (),
    again: bool = False,
    show: Notify | None = None,
) -> AddedRecords:
    """Makes the folder of a dated issue, filled from the library by the rules of ``digest.yaml``.

    Args:
        date: date of the issue; also the name of its folder.
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication. Where there is none, the issue is empty.
        match: a query that all records must fit.
        since: leaves out what was published before.
        until: leaves out what was published later.
        track: only records of this track or session.
        source: only records of this source.
        types: only records of these types, such as ``meeting-abstract``; none: of all.
        again: whether to take what was highlighted in another issue.
        show: is given, in words, which other command is waited for.

    Raises:
        DigestError: there is such a folder already, or nothing fits; nothing was written.
        ProjectError: ``digest.yaml`` has mistakes; nothing was written.
    """
    check_query(match)
    root, publication = publication_around(folder)
    assert publication is not None
    target = root / "issues" / str(date)
    if os.path.lexists(target):
        raise _is_there(target, date)
    odd = list(mistakes_in_rules(root, read_publication_file(root)))
    if any(problem.level == "error" for problem in odd):
        raise ProjectError(odd)
    odd += [
        Problem(
            level="warning", code="same-date", message=f"issue {name} has the same date, {date}", file=f"issues/{name}"
        )
        for name, head in issue_heads(root).items()
        if head.date == str(date)
    ]
    if not (library or root / LIBRARY).exists():
        empty, _ = choose([], publication.sections, lambda _: ())
        return structs.replace(_written_issue(root, target, date, empty, odd, show), has_library=False)
    with open_reconciled(root, library) as opened:
        hits = opened.search(match, limit=None, since=since, until=until, track=track, source=source)
        if types:
            hits = [hit for hit in hits if hit.record.type in types]
        if not hits and (match or since or until or track or source or types):
            raise _nothing_fits(match or str(date), opened.offers(match))
        sections, notes = _chosen(opened, publication, hits, match or str(date), again=again)
        if also := opened.other_forms(match):
            message = f"also looked for: {', '.join(also)} (a word in quotes is found exactly as it is)"
            notes.append(Problem(level="note", code="other-forms", message=message))
        notes += odd
        written = _written_issue(root, target, date, sections, notes, show)
        records = [record for _, kept in sections for record in kept]
        studies = tuple(same_study(opened, records, target.name))
        return structs.replace(written, problems=(*written.problems, *studies))


def _is_there(target: Path, date: PartialDate) -> DigestError:
    if not target.is_dir() or (target / "issue.yaml").exists():
        return DigestError(
            f"there is already an issue of {date}",
            where=str(target),
            expected="a date without an issue",
            todo="“digest add” puts more records into it; nothing was written",
        )
    return DigestError(
        "there is already such a folder, but no issue.yaml in it",
        where=str(target),
        expected="a date without a folder",
        todo="move the folder away, or write an issue.yaml into it; nothing was written",
    )


def _nothing_fits(where: str, offers: Iterable[tuple[str, int]]) -> DigestError:
    found = "; ".join(f"“{query}” finds {'one' if count == 1 else count}" for query, count in offers)
    return DigestError(
        "no record of the library fits" + (f"; {found}" if found else ""),
        where=where,
        todo="“digest search” shows what is there; nothing was written",
    )


def _chosen(
    library: Library, publication: Publication, hits: Sequence[Hit], where: str, *, again: bool
) -> tuple[list[tuple[Rule, list[Record]]], list[Problem]]:
    """The records of a new issue by section, and a note for each that was left out."""
    candidates, notes = [], []
    for rank, hit in enumerate(hits):
        if hit.highlighted and not again:
            where = ", ".join(sorted(highlight.issue for highlight in hit.highlighted))
            notes.append(_left_out(hit.record, "highlighted", f"it is in issue {where}; --again includes it"))
        elif hit.gone:
            why = "no source contains it any more; “digest add” includes it all the same"
            notes.append(_left_out(hit.record, "gone", why))
        elif hit.record.status == "withdrawn":
            notes.append(_left_out(hit.record, "withdrawn", "it was withdrawn"))
        else:
            candidates.append(Candidate(record=hit.record, rank=rank, highlighted=hit.highlighted))

    def matching(query: str) -> list[str]:
        return [hit.id for hit in library.search(query, limit=None)]

    sections, left = choose(candidates, publication.sections, matching)
    notes += left
    if any(kept for _, kept in sections):
        sections = [(rule, kept) for rule, kept in sections if kept]
    records = [record for _, kept in sections for record in kept]
    if not records and hits:
        count = f"{len(hits)} records fit" if len(hits) != 1 else "one record fits"
        raise DigestError(
            f"{count}, but none is left for a section" + (f": {notes[0].message}" if notes else ""),
            where=where,
            todo="“digest search” shows what is there; nothing was written",
        )
    return sections, notes


def _written_issue(
    root: Path,
    folder: Path,
    date: PartialDate,
    sections: Sequence[tuple[Rule, list[Record]]],
    notes: Sequence[Problem],
    show: Notify | None,
) -> AddedRecords:
    """The issue with these sections, once its files are written."""
    records = [record for _, kept in sections for record in kept]
    names = _file_names(records, set())
    files = {f"records/{name}.yaml": _frozen_file(root, record) for name, record in zip(names, records, strict=True)}
    keys = dict(zip((record.id for record in records), names, strict=True))
    head = _head(root, date, records)
    pictures = _pictures(rule for rule, _ in sections)
    files |= {name: opening.read_file(root / file) for file, name in pictures.items()}
    body = "sections:" + ("" if sections else " []") + "\n"
    for rule, kept in sections:
        body += f"  - title: {yaml_text(rule.title.source)}\n{_opening(rule, pictures)}"
        body += f"    entries:{'' if kept else ' []'}\n"
        for record in kept:
            body += f"      {NewEntry(record=keys[record.id], comment=_comment(record)).line}\n"
    files["issue.yaml"] = (head + body).encode()
    read = strict.read(files["issue.yaml"].decode(), IssueFile, "issue.yaml")  # what is written must be what is read
    if read.value is None:
        found = f"the issue would have mistakes: {read.problems[0]}"
        raise DigestError(found, where="issue.yaml", todo="nothing was written")
    if opening.leads_out(folder, root):
        raise DigestError(
            "a link leads out of the publication",
            where=f"{folder.parent.name}/{folder.name}",
            expected="issues in the publication's own folder",
            todo="nothing was written",
        )
    with one_writer(folder, show):
        try:
            paths = write_folder(files, folder)
        except ChangedError as error:
            raise _is_there(folder, date) from error
    return AddedRecords(folder=folder, files=tuple(paths), records=len(records), date=date, problems=tuple(notes))


def _pictures(rules: Iterable[Rule]) -> dict[str, str]:
    """Where the picture of each section goes in the folder of the issue, by its path in the publication."""
    names: dict[str, str] = {}
    for file in sorted({rule.picture.file for rule in rules if rule.picture}):
        path = Path(file)
        name, n = path.name, 1
        while f"figures/{name}".lower() in {taken.lower() for taken in names.values()}:
            n += 1
            name = f"{path.stem}-{n}{path.suffix}"
        names[file] = f"figures/{name}"
    return names


def _opening(rule: Rule, pictures: Mapping[str, str]) -> str:
    """The lines of a section in ``issue.yaml`` that say how it begins."""
    lines = [f"    intro: {yaml_text(rule.intro)}"] if rule.intro else []
    if picture := rule.picture:
        lines += ["    picture:", f"      file: {yaml_text(pictures[picture.file])}"]
        lines.append(f"      alt: {yaml_text(picture.alt)}")
        lines += [
            f"      {name}: {yaml_text(text)}" for name in ("caption", "credit") if (text := getattr(picture, name))
        ]
    if rule.accent:
        lines.append(f'    accent: "{rule.accent}"')
    return "".join(f"{line}\n" for line in lines)


def _head(root: Path, date: PartialDate, records: Sequence[Record]) -> str:
    """The first lines of ``issue.yaml``: the date, and the meeting that most of the records name."""
    schema = "# yaml-language-server: $schema=../../.schemas/issue.json\n#\n" if _has_schemas(root) else ""
    lines = [
        f"{schema}# One issue: its entries in the order in which they are printed. Change what you like;",
        "# a “why” to an entry says why this one.",
        "",
        f"date: {date}",
        "# volume: 15",
        "# number: 4",
        "title: Highlights",
    ]
    meetings = [record.meeting for record in records if record.meeting]
    meeting = max(meetings, key=lambda one: (meetings.count(one), len(one.place) + bool(one.start)), default=None)
    if meeting and 2 * meetings.count(meeting) > len(records):
        lines += ["", "meeting:", f"  name: {yaml_text(meeting.name)}"]
        for name in ("society", "place", "start", "end"):
            if value := getattr(meeting, name):
                lines.append(f"  {name}: {yaml_text(str(value)) if isinstance(value, str) else value}")
    return "\n".join([*lines, "", ""])


def _comment(record: Record) -> str:
    first = record.authors[0].family_name if record.authors else ""
    title = record.title.plain
    shown = title if len(title) < 60 else title[:59].rstrip() + "…"
    return " ".join(f"{first}: {shown}".removeprefix(": ").split())  # YAML has more ends of lines than one sees


def _has_schemas(root: Path) -> bool:
    return (root / ".schemas" / "record.json").is_file()


def _frozen_file(root: Path, record: Record) -> bytes:
    """The bytes of a frozen record's file."""
    schema = "# yaml-language-server: $schema=../../../.schemas/record.json\n#\n" if _has_schemas(root) else ""
    head = "# A frozen record: one abstract, as this issue prints it. You may correct it by hand.\n\n"
    return (schema + head + yaml_record(as_frozen(record))).encode()


def _file_names(records: Iterable[Record], taken: set[str]) -> list[str]:
    """The name of each record's file, such as ``e15166``: its number, or else what it is known by."""
    names = []
    for record in records:
        person = record.authors[0].family_name if record.authors else record.title.plain.strip().partition(" ")[0]
        year = str(record.issued.year) if record.issued else ""
        ids = record.ids
        for text in (record.number, (ids.doi or "").rpartition("/")[2], ids.pmid or "", f"{person}{year}", "record"):
            name = re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-._")[:60]
            if name:
                break
        unique, n = name, 1
        while unique.lower() in taken:  # some file systems treat capitals and small letters alike
            n += 1
            unique = f"{name}-{n}"
        taken.add(unique.lower())
        names.append(unique)
    return names


# --- Adding ----------------------------------------------------------------------------------------------------------


class Addition(Struct, frozen=True, kw_only=True):
    """What adding records to an issue would write.

    Attributes:
        files: bytes of each file, by its name in the folder of the issue; none where there is nothing to add.
        records: how many records are frozen.
        date: date of the issue.
        problems: what is left out, and what an editor should know.
    """

    files: dict[str, bytes]
    records: int
    date: PartialDate
    problems: tuple[Problem, ...]

    def in_file(self, before: bytes) -> dict[str, bytes]:
        """The files, where ``issue.yaml`` held these bytes before: its line ends and its byte order mark stay."""
        new = {name: bytes_of(self.files[name].decode(), before) for name in self.files if name == "issue.yaml"}
        return {**self.files, **new}


def add_records(
    issue: str | Path,
    ids: str | Sequence[str],
    *,
    folder: Path = Path(),
    library: Path | None = None,
    section: str = "",
    show: Notify | None = None,
) -> AddedRecords:
    """Freezes records into an issue and puts them at the end of a section; every other line of the file stays as it is.

    Args:
        issue: the issue, a folder or its name.
        ids: names of the records: an id, a DOI, a PMID or an abstract number, each of them whole, or the beginning of
            an id that only one record has; one or several.
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication.
        section: title of the section, or its number counted from 1; none: the rules of the publication find it.
        show: is given, in words, which record a beginning is taken for, which other command is waited for, and what
            another program saved meanwhile; none: beginnings are refused.

    Raises:
        DigestError: the issue cannot be read or has no such section, or a record is unknown; nothing was written.
    """
    root, publication = publication_around(folder)
    assert publication is not None
    target = find_issue(issue, folder=folder)
    with open_reconciled(root, library) as opened:
        stored = [opened.get(name, show=show) for name in ([ids] if isinstance(ids, str) else ids)]
        tried: list[Addition] = []

        def make(before: bytes) -> Mapping[str, bytes]:
            text = text_of(before, (target / "issue.yaml").relative_to(root).as_posix())
            tried.append(addition(root, publication, target, [(one, section) for one in stored], text))
            return tried[-1].in_file(before)

        paths = change_issue(target, make, show).paths
        made = next((one for one in reversed(tried) if one.files), tried[-1])
        studies = same_study(opened, [one.record for one in stored], target.name)
        problems = (*made.problems, *studies)
    return AddedRecords(folder=target, files=tuple(paths), records=made.records, date=made.date, problems=problems)


def addition(
    root: Path,
    publication: Publication,
    folder: Path,
    stored: Sequence[tuple[StoredRecord, str]],
    text: str,
) -> Addition:
    """What would be written to freeze records into an issue and put each at the end of a section.

    Args:
        root: folder of the publication.
        publication: the publication, whose rules find the section where none is given.
        folder: folder of the issue.
        stored: the records, as the library knows them, each with the title or number of its section, or nothing.
        text: the text of ``issue.yaml``.

    Raises:
        DigestError: the issue cannot be read or has no such section.
    """
    read = strict.read(text, IssueFile, (folder / "issue.yaml").relative_to(root).as_posix())
    if read.value is None:
        raise ProjectError(read.problems)
    frozen = dict(frozen_records(folder))
    places = {record.id: name for name, record in frozen.items() if record.id}
    notes: list[Problem] = []
    new: list[tuple[StoredRecord, str, str]] = []  # each with its section, and its file where it has one
    entries = {entry.record for part in read.value.sections for entry in part.entries}
    for one, section in stored:
        known = (one.record.id or "", *one.former_ids)  # frozen before it was merged, it has its former id
        name = next((places[id_] for id_ in known if id_ in places), "")
        if name in entries:
            message = f"{one.record.id} is in this issue already, as records/{name}.yaml; it was left as it is"
            notes.append(Problem(level="note", code="frozen", message=message, file=read.file, key=one.record.id or ""))
        elif not any(one == other for other, _, _ in new):
            new.append((one, section, name))
            if name:
                message = f"records/{name}.yaml was there already; it was left as it is and is an entry now"
                notes.append(Problem(level="note", code="frozen", message=message, file=read.file, key=name))
            for highlight in one.highlighted:
                if highlight.issue != folder.name:
                    message = f"{one.record.id} is also in issue {highlight.issue}"
                    notes.append(Problem(level="warning", code="highlighted", message=message, file=read.file))
    taken = {name.lower() for name in frozen} | {path.stem.lower() for path in (folder / "records").glob("*.yaml")}
    unfrozen = [one.record for one, _, name in new if not name]
    free = _file_names(unfrozen, taken)
    files = {f"records/{name}.yaml": _frozen_file(root, record) for name, record in zip(free, unfrozen, strict=True)}
    names = iter(free)
    wanted: dict[int, list[NewEntry]] = {}
    for one, section, name in new:
        at = _section_for(one.record, section, read.value, publication, read.file)
        wanted.setdefault(at, []).append(NewEntry(record=name or next(names), comment=_comment(one.record)))
    if new:
        files["issue.yaml"] = extended(text, read.file, wanted).encode()
    return Addition(files=files, records=len(new), date=read.value.date, problems=tuple(notes))


def _section_for(record: Record, section: str, issue: IssueFile, publication: Publication, file: str) -> int:
    """The number of the section that a record goes into: as asked for, by the rules, or the only one."""
    titles = [one.title.plain for one in issue.sections]
    if section:
        folded = [title.casefold() for title in titles]
        if section.casefold() in folded:
            return folded.index(section.casefold())
        if section.isdecimal() and 1 <= int(section) <= len(titles):
            return int(section) - 1
        near = did_you_mean(section, titles)
        raise DigestError(
            f"there is no section “{section}”{near}",
            where=file,
            expected=f"one of {', '.join(titles)}" if titles else "",
            todo="nothing was written",
        )
    for rule in publication.sections:
        # Only the library can answer a query; other conditions are checked here.
        if (
            rule.title.plain in titles
            and (rule.track or rule.numbers or rule.presentation)
            and _fits(record, rule, None)
        ):
            return titles.index(rule.title.plain)
    if len(titles) == 1:
        return 0
    raise DigestError(
        f"it is not clear which section {record.number or record.id} goes into",
        where=file,
        expected=f"--section with one of {', '.join(titles)}" if titles else "a section in the issue",
        todo="nothing was written",
    )
