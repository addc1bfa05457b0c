"""The editor's hand: records of the library are chosen by rules, frozen into files, and put into an issue in order."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from digest import strict
from digest.arrange import filled
from digest.errors import DigestError, Problem, ProjectError, did_you_mean
from digest.files import write
from digest.library import Highlight
from digest.model import AbstractNumber, IssueFile, PartialDate, Publication, Record, Rule, number_key
from digest.sources.write import yaml_record, yaml_text
from digest.text import RichText

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.library import Library, Report, Stored


class Written(Struct, frozen=True, kw_only=True):
    """What was put into an issue.

    Attributes:
        folder: folder of the issue.
        files: files that were written.
        records: how many records were frozen.
        date: date of the issue.
        problems: what was left out, and what an editor should know.
    """

    folder: Path
    files: tuple[Path, ...]
    records: int
    date: PartialDate
    problems: tuple[Problem, ...]


# --- Choosing --------------------------------------------------------------------------------------------------------


class Candidate(Struct, frozen=True, kw_only=True):
    """A record that may go into an issue.

    Attributes:
        record: the record.
        rank: its place in the order of relevance.
        highlighted: issues in which it stands already.
    """

    record: Record
    rank: int = 0
    highlighted: tuple[Highlight, ...] = ()


def choose(
    candidates: Sequence[Candidate], rules: Sequence[Rule], matching: Callable[[str], Iterable[str]]
) -> tuple[list[tuple[Rule, list[Record]]], list[Problem]]:
    """The records of each section in order, and a note for each that is in none.

    A record goes into the first section whose conditions it meets. Nothing is lost: what fits no section or is over a
    limit is told with its id.

    Args:
        candidates: the records.
        rules: the sections; none: one section for all.
        matching: gives the ids of the records that fit a query, the best first.
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
            notes.append(_left(record, "no-section", "it fits no section of digest.yaml"))
    sections = []
    for rule, section in zip(rules, chosen, strict=True):
        ordered = [record for _, record in sorted(section, key=lambda pair: _order(rule, *pair))]
        kept = ordered[: rule.limit]
        full = f"“{rule.title}” has its {rule.limit} entries"
        notes += [_left(record, "over-limit", full) for record in ordered[len(kept) :]]
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

    Letters before and behind the digits must be the same: 4001 is not between LBA4000 and LBA4100.
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


def _left(record: Record, code: str, why: str) -> Problem:
    name = record.number or record.id or ""
    title = record.title.plain
    shown = title if len(title) < 70 else title[:69].rstrip() + "…"
    return Problem(level="note", code=code, message=f"left out: {name} “{shown}”: {why}", key=record.id or "")


# --- A new issue -----------------------------------------------------------------------------------------------------


def new_issue(
    root: Path,
    publication: Publication,
    library: Library | None,
    *,
    date: PartialDate,
    match: str = "",
    since: PartialDate | None = None,
    until: PartialDate | None = None,
    again: bool = False,
) -> Written:
    """Makes the folder of a dated issue, filled from the library by the rules of ``digest.yaml``.

    Args:
        root: folder of the publication.
        publication: the publication.
        library: the library; none: the issue is empty.
        date: date of the issue; also the name of its folder.
        match: a query that all records must fit.
        since: leaves out what was published before.
        until: leaves out what was published later.
        again: whether to take what was highlighted in another issue.

    Raises:
        DigestError: there is such a folder already, or nothing fits; nothing was written.
    """
    folder = root / "issues" / str(date)
    if folder.exists():
        raise DigestError(
            f"there is an issue of {date} already", where=str(folder), expected="a date without an issue",
            todo="“digest add” puts more records into it; nothing was written",
        )  # fmt: skip
    hits = library.search(match, limit=None, since=since, until=until) if library else []
    candidates, notes = [], []
    for rank, hit in enumerate(hits):
        if hit.highlighted and not again:
            where = ", ".join(sorted(highlight.issue for highlight in hit.highlighted))
            notes.append(_left(hit.record, "highlighted", f"it stands in issue {where}; --again takes it"))
        elif hit.gone:
            notes.append(_left(hit.record, "gone", "no source holds it any more; “digest add” takes it all the same"))
        elif hit.record.status == "withdrawn":
            notes.append(_left(hit.record, "withdrawn", "it was withdrawn"))
        else:
            candidates.append(Candidate(record=hit.record, rank=rank, highlighted=hit.highlighted))

    def matching(query: str) -> list[str]:
        return [hit.id for hit in library.search(query, limit=None)] if library else []

    sections, left = choose(candidates, publication.sections, matching)
    notes += left
    if any(kept for _, kept in sections):
        sections = [(rule, kept) for rule, kept in sections if kept]
    records = [record for _, kept in sections for record in kept]
    if not records and (match or since or until or hits):
        count = f"{len(hits)} records fit" if len(hits) != 1 else "one record fits"
        found = f"{count}, but none is left for a section" if hits else "no record of the library fits"
        raise DigestError(
            found + (f": {notes[0].message}" if notes else ""), where=match or str(date),
            todo="“digest search” shows what is there; nothing was written",
        )  # fmt: skip
    names = _names(records, set())
    files = {f"records/{name}.yaml": _frozen(root, record) for name, record in zip(names, records, strict=True)}
    keys = dict(zip((record.id for record in records), names, strict=True))
    head = _head(root, date, records)
    body = "sections:" + ("" if sections else " []") + "\n"
    for rule, kept in sections:
        body += f"  - title: {yaml_text(rule.title.source)}\n    entries:{'' if kept else ' []'}\n"
        for record in kept:
            body += f"      - record: {keys[record.id]}  # {_comment(record)}\n"
    files["issue.yaml"] = (head + body).encode()
    _made_well(files["issue.yaml"].decode(), "issue.yaml")
    paths = write(files, folder)
    if library:
        library.mark_highlighted([record.id for record in records if record.id], folder.name, date)
        notes += earlier(library, records, folder.name)
    return Written(folder=folder, files=tuple(paths), records=len(records), date=date, problems=tuple(notes))


def _head(root: Path, date: PartialDate, records: Sequence[Record]) -> str:
    """The beginning of ``issue.yaml``: the date, and the meeting that most of the records name."""
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


def _frozen(root: Path, record: Record) -> bytes:
    """The file of a frozen record."""
    schema = "# yaml-language-server: $schema=../../../.schemas/record.json\n#\n" if _has_schemas(root) else ""
    head = "# A frozen record: one abstract, as this issue prints it. You may correct it by hand.\n\n"
    return (schema + head + yaml_record(record)).encode()


def _names(records: Iterable[Record], taken: set[str]) -> list[str]:
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
        while unique.lower() in taken:  # some file systems do not tell capitals apart
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


def add(root: Path, publication: Publication, folder: Path, stored: Sequence[Stored], *, section: str = "") -> Written:
    """Freezes records into an issue and puts them at the end of a section; every other line of the file stays as it is.

    Args:
        root: folder of the publication.
        publication: the publication, whose rules find the section where none is given.
        folder: folder of the issue.
        stored: the records, as the library knows them.
        section: title of the section, or its number counted from 1.

    Raises:
        DigestError: the issue cannot be read or has no such section; nothing was written.
    """
    text = (folder / "issue.yaml").read_bytes().decode("utf-8-sig")
    made = addition(root, publication, folder, stored, text, section=section)
    paths = write(made.files, folder)
    return Written(folder=folder, files=tuple(paths), records=made.records, date=made.date, problems=made.problems)


def addition(
    root: Path, publication: Publication, folder: Path, stored: Sequence[Stored], text: str, *, section: str = ""
) -> Addition:
    """What `add` writes into an issue whose ``issue.yaml`` has this text.

    Raises:
        DigestError: as `add` does.
    """
    read = strict.read(text, IssueFile, (folder / "issue.yaml").relative_to(root).as_posix())
    if read.value is None:
        raise ProjectError(read.problems)
    frozen = dict(frozen_records(folder))
    places = {record.id: name for name, record in frozen.items() if record.id}
    notes: list[Problem] = []
    new: list[Stored] = []
    for one in stored:
        known = (one.record.id or "", *one.former_ids)  # frozen before it was merged, it has the id of then
        if name := next((places[id_] for id_ in known if id_ in places), ""):
            message = f"{one.record.id} is in this issue already, as records/{name}.yaml; it was left as it is"
            notes.append(Problem(level="note", code="frozen", message=message, file=read.file, key=one.record.id or ""))
        elif one not in new:
            new.append(one)
            for highlight in one.highlighted:
                message = f"{one.record.id} stands in issue {highlight.issue} too"
                notes.append(Problem(level="warning", code="highlighted", message=message, file=read.file))
    taken = {name.lower() for name in frozen} | {path.stem.lower() for path in (folder / "records").glob("*.yaml")}
    records = [one.record for one in new]
    names = _names(records, taken)
    files = {f"records/{name}.yaml": _frozen(root, record) for name, record in zip(names, records, strict=True)}
    wanted: dict[int, list[str]] = {}
    for name, record in zip(names, records, strict=True):
        at = _section_for(record, section, read.value, publication, read.file)
        wanted.setdefault(at, []).append(f"- record: {name}  # {_comment(record)}")
    value = read.value
    for at in sorted(wanted, reverse=True):  # from the end: lines before stay where they are
        text = _with_entries(text, read, at, wanted[at])
    if new:
        value = _made_well(text, read.file)
        before, after = (sum(len(one.entries) for one in issue.sections) for issue in (read.value, value))
        if after != before + len(new):
            raise DigestError(
                "the new entries would not stand where they belong",
                where=read.file,
                todo="add them by hand; nothing was written",
            )
        files["issue.yaml"] = text.encode()
    return Addition(files=files, records=len(new), date=value.date, problems=tuple(notes))


def _section_for(record: Record, section: str, issue: IssueFile, publication: Publication, file: str) -> int:
    """Where in the issue a record goes: the section that was asked for, the one whose rule it fits, or the only one."""
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
        # A query is the library's to answer; without one, or with other conditions, the rule decides here.
        if (
            rule.title.plain in titles
            and (rule.track or rule.numbers or rule.presentation)
            and _fits(record, rule, None)
        ):
            return titles.index(rule.title.plain)
    if len(titles) == 1:
        return 0
    raise DigestError(
        f"it is not clear into which section {record.number or record.id} goes",
        where=file,
        expected=f"--section with one of {', '.join(titles)}" if titles else "a section in the issue",
        todo="nothing was written",
    )


def _with_entries(text: str, read: strict.Read[IssueFile], section: int, entries: Sequence[str]) -> str:
    """The text of ``issue.yaml`` with lines for new entries at the end of a section.

    Lines are put in, nothing is written anew: comments, quotes and blank lines of the editor stay to the letter.
    """
    assert read.value is not None
    lines = text.splitlines(keepends=True)
    count = len(read.value.sections[section].entries)
    place = ("sections", section, "entries", *((count - 1,) if count else ()))
    at = read.lines[place] - 1
    if not count and (found := filled(lines, at)):
        n, head, depth = found
        lines[n] = head + "".join(f"{' ' * depth}{entry}\n" for entry in entries)
        return "".join(lines)
    dash = re.match(r"(\s*)- ", lines[at])
    if not count or not dash:
        raise DigestError(
            "the entries of this section stand in brackets", where=f"{read.file}:{at + 1}",
            expected="each entry on a line of its own, behind “- ”", todo="write them so; nothing was written",
        )  # fmt: skip
    depth = len(dash[1])
    end = last = at + 1
    while end < len(lines):
        bare = lines[end].strip()
        if bare and len(lines[end]) - len(lines[end].lstrip(" ")) <= depth:
            break
        end += 1
        if bare:
            last = end  # blank lines behind an entry stay before what follows
    blank = count > 1 and not lines[read.lines[(*place[:-1], count - 1)] - 2].strip()  # entries with air between them
    if lines[last - 1] and not lines[last - 1].endswith("\n"):
        lines[last - 1] += "\n"
    new = "".join(f"{chr(10) if blank else ''}{dash[1]}{entry}\n" for entry in entries)
    return "".join([*lines[:last], new, *lines[last:]])


def _made_well(text: str, file: str) -> IssueFile:
    """The issue that a text tells: what was written here must be what is read."""
    read = strict.read(text, IssueFile, file)
    if read.value is None:
        raise DigestError(f"the issue would have mistakes: {read.problems[0]}", where=file, todo="nothing was written")
    return read.value


# --- What is frozen --------------------------------------------------------------------------------------------------


def frozen_records(folder: Path) -> Iterator[tuple[str, Record]]:
    """The frozen records of an issue that can be read, by the names of their files."""
    for path in sorted((folder / "records").glob("*.yaml")):
        text = path.read_bytes().decode("utf-8", "replace")
        if (record := strict.read(text, Record, path.name).value) is not None:
            yield path.stem, record


def remember(library: Library, folder: Path, date: PartialDate) -> None:
    """Tells the library which of its records stand in an issue."""
    known = []
    for _, record in frozen_records(folder):
        if record.id and (stored := _known(library, record.id)):
            known.append(stored.record.id or "")
    library.mark_highlighted(known, folder.name, date, replace=True)


def _known(library: Library, id_: str) -> Stored | None:
    """What the library knows of a record, which may be none of its own."""
    with contextlib.suppress(DigestError):
        return library.get(id_)
    return None


def stand(library: Library, root: Path) -> None:
    """Tells the library what stands in the issues of a publication: their folders say so, whatever it remembers."""
    issues: dict[str, tuple[PartialDate, list[str]]] = {}
    for path in sorted(root.glob("issues/*/issue.yaml")):
        if (date := _date_in(path)) is not None:
            ids = [id_ for file in sorted(path.parent.glob("records/*.yaml")) if (id_ := _id_in(file))]
            issues[path.parent.name] = (date, ids)
    library.stand(issues)


def _date_in(path: Path) -> PartialDate | None:
    """The date of an issue, also of one with mistakes: its line, or else the name of its folder."""
    match = _DATE_LINE.search(path.read_bytes().decode("utf-8", "replace"))
    for text in (match[1] if match else "", path.parent.name):
        with contextlib.suppress(ValueError):
            return PartialDate.parse(text)
    return None


_DATE_LINE: Final = re.compile(r"^date:[ ]*[\"']?([0-9-]{4,10})", re.MULTILINE)


class FrozenWatch:
    """The frozen records of a publication, for telling of which of them the library says something else.

    It is given what each transaction did: what 100,000 arrivals change need not be held, only what is frozen.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: dict[str, list[Path]] | None = None
        self._changed: set[str] = set()
        self._withdrawn: set[str] = set()
        self._gone: set[str] = set()
        self._anew: set[str] = set()

    def _frozen(self) -> dict[str, list[Path]]:
        if self._files is None:  # read when it is needed: a publication may have many issues
            self._files = {}
            for path in sorted(self._root.glob("issues/*/records/*.yaml")):
                if id_ := _id_in(path):
                    self._files.setdefault(id_, []).append(path)
        return self._files

    def note(self, report: Report) -> None:
        """Takes in what a part of a collection changed."""
        changed = {id_ for change in report.changes if change.fields for id_ in (change.id, change.former_id) if id_}
        changed |= {id_ for one in report.merges if one.fields for id_ in (one.id, one.former_id, one.joined) if id_}
        if not (changed or report.deletions or report.gone_ids):
            return
        frozen = self._frozen().keys()
        self._changed |= changed & frozen
        self._withdrawn |= frozen & report.deletions
        self._gone |= frozen & report.gone_ids

    def read_first(self, source: str) -> None:
        """A source was read to its end of which the library had nothing: what is frozen of it ought to be there."""
        self._anew.add(source)

    def recognise(self, library: Library) -> None:
        """Makes the library know again, under the ids that they have, frozen records of sources that it read first.

        A library that is made again may call them otherwise: an id is the best that was known at its time.
        """
        if not self._anew:
            return
        for id_, paths in self._frozen().items():
            if library.known(id_) is None:
                text = paths[0].read_bytes().decode("utf-8", "replace")
                if (frozen := strict.read(text, Record, paths[0].name).value) is not None:
                    library.recognise(frozen)
        stand(library, self._root)

    def problems(self, library: Library, folder: Path | None = None) -> Iterator[Problem]:
        """A warning for each frozen record of which its source now says something else, or nothing any more.

        That one was withdrawn, or holds what is another record's since they were split, is told as long as it is so.

        Args:
            library: the library.
            folder: an issue, to be told of its records alone.
        """
        parted = library.parted()
        for id_, path in ((id_, path) for id_, paths in self._frozen().items() for path in paths):
            if folder and path.parent.parent.resolve() != folder.resolve():
                continue
            known = library.known(id_)
            touched = id_ in self._changed or id_ in self._withdrawn or id_ in self._gone
            others = parted.get(known.id or "", set()) if known else set()
            if not (touched or others or (known is None and self._anew) or (known and known.status == "withdrawn")):
                continue
            file = path.relative_to(self._root).as_posix()
            frozen = strict.read(path.read_bytes().decode("utf-8", "replace"), Record, file).value
            told = self._told(library, frozen, known, others, file) if frozen is not None else None
            if told and (told.code != "frozen-withdrawn" or _is_printed(path)):
                yield told

    def _told(
        self, library: Library, frozen: Record, known: Record | None, others: Iterable[str], file: str
    ) -> Problem | None:
        """What is to be told of a frozen record."""
        id_ = frozen.id or ""

        def problem(code: str, message: str) -> Problem:
            return Problem(level="warning", code=code, message=message, file=file, key=id_)

        if known is None:
            if frozen.origin is None or frozen.origin.source not in self._anew:
                return None
            return problem(
                "frozen-gone",
                f"{frozen.origin.source} does not hold {id_} any more: look whether it was taken back; this file stays"
                " as it is",
            )
        if frozen.status != "withdrawn" and id_ in self._withdrawn and known.status != "withdrawn":
            return problem("frozen-withdrawn", f"{id_} was taken back by one of its sources after it was frozen")
        if frozen.status != "withdrawn" and known.status == "withdrawn":
            return problem(
                "frozen-withdrawn",
                f"{id_} was taken back by its source after it was frozen: write “status: withdrawn” into this file, or"
                " drop its entry",
            )
        if id_ in self._gone and all(origin.gone for origin in library.get(id_).origins):
            return problem(
                "frozen-gone",
                f"no source holds {id_} any more: look whether it was taken back; this file stays as it is",
            )
        fields = differing(frozen, known)
        for name in sorted(others):
            other = library.known(name)
            theirs = [
                field
                for field in fields
                if other and (value := getattr(frozen, field)) and value == getattr(other, field)
            ]
            if theirs:
                return problem(
                    "frozen-split",
                    f"since {known.id} and {name} were split, this file holds what is the other's: {', '.join(theirs)};"
                    f" compare with “digest show {known.id}” and “digest show {name}”, then mend it",
                )
        if fields and id_ in self._changed:
            return problem(
                "frozen-changed",
                f"the library now says otherwise of {id_}: {', '.join(fields)}; compare with “digest show {id_}”, then"
                " mend this file or leave it",
            )
        return None


def _is_printed(path: Path) -> bool:
    """Whether the issue of a frozen record has it as an entry that was not dropped."""
    file = path.parent.parent / "issue.yaml"
    if not file.is_file():
        return True
    issue = strict.read(file.read_bytes().decode("utf-8", "replace"), IssueFile, file.name).value
    if issue is None:
        return True
    entries = (entry for section in issue.sections for entry in section.entries)
    return any(entry.record == path.stem and not entry.drop for entry in entries)


def differing(frozen: Record, record: Record) -> list[str]:
    """The fields of which the library says something else than a frozen record."""
    return [name for name in _COMPARED if getattr(frozen, name) != getattr(record, name)]


_ID_LINE: Final = re.compile(r"^id:[ ]*([\"']?)([^\s\"'#]+)\1[ ]*$", re.MULTILINE)


def _id_in(path: Path) -> str:
    """The id that a frozen record tells: nearly always on a line of its own, as it was written here."""
    text = path.read_bytes().decode("utf-8", "replace")
    if match := _ID_LINE.search(text):
        return match[2]
    record = strict.read(text, Record, path.name).value
    return (record.id or "") if record else ""


_COMPARED: Final = tuple(
    name for name in Record.__struct_fields__ if name not in {"id", "origin", "permission", "presentation"}
)


def earlier(library: Library, records: Iterable[Record], issue: str) -> Iterator[Problem]:
    """A note for each record whose study was highlighted before, under another number or at another meeting."""
    for record in records:
        for link in library.get(record.id or "").links:
            for highlight in library.get(link.other).highlighted:
                if highlight.issue != issue:
                    issues = f"{link.other} in issue {highlight.issue} ({link.reason})"
                    message = f"{record.id} tells of the same study as {issues}"
                    yield Problem(level="note", code="same-study", message=message, key=record.id or "")
