"""Compares frozen records with the library's versions of them, word by word, and takes these or keeps the files."""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct, structs

from digest import opening, strict
from digest.errors import DigestError, Problem, did_you_mean
from digest.export import yaml_record
from digest.files import ChangedError, write_files
from digest.frozen import differing_fields, has_news, is_settled, version_of
from digest.inputs import publication_around
from digest.model import AbstractPart, Origin, Person, Record
from digest.parsed import ParsedFiles
from digest.project import find_issue
from digest.reconcile import open_reconciled
from digest.records import as_json
from digest.text import RichText
from digest.writing import one_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from digest.inputs import Notify
    from digest.library import Library

Decision = Literal["take", "keep", ""]
Side = Literal["same", "frozen", "library"]


class Words(Struct, frozen=True):
    """Some words of a field, with blanks and marks between them.

    Attributes:
        side: who has them: both, the frozen record alone, or the library alone.
        text: the words.
    """

    side: Side
    text: str


class FieldDifference(Struct, frozen=True, kw_only=True):
    """A field in which a frozen record and the library differ.

    Attributes:
        field: its name.
        frozen: what the issue has, as text.
        library: what the library has.
        words: both in one, word by word.
        changed_by: the ``library`` since it was frozen, somebody by ``hand`` in the file, or ``both``; empty where that
            is not known.
    """

    field: str
    frozen: str
    library: str
    words: tuple[Words, ...]
    changed_by: Literal["library", "hand", "both", ""]


class Difference(Struct, frozen=True, kw_only=True):
    """A frozen record that the library now knows otherwise.

    Attributes:
        record: name of its file in ``records/``, without ``.yaml``.
        id: its id in the library.
        file: the file, as problems name it.
        withdrawn: whether the library has it as withdrawn, and the issue does not.
        settled: whether it was decided before not to take this version of the library's record.
        fields: the fields that differ.
    """

    record: str
    id: str
    file: str
    withdrawn: bool
    settled: bool
    fields: tuple[FieldDifference, ...]


class Refreshed(Struct, frozen=True, kw_only=True):
    """A difference and what was decided about it.

    Attributes:
        difference: the difference.
        decision: ``take``, ``keep``, or nothing: it stays open.
        taken: the fields that the file now has from the library.
    """

    difference: Difference
    decision: Decision
    taken: tuple[str, ...] = ()


class Refresh(Struct, frozen=True, kw_only=True):
    """What came of comparing an issue with the library.

    Attributes:
        folder: folder of the issue.
        records: each difference with what was decided, in the order of the files' names.
        files: the files that were written.
        problems: what could not be compared, and why.
    """

    folder: Path
    records: tuple[Refreshed, ...]
    files: tuple[Path, ...]
    problems: tuple[Problem, ...]


def _later(_: Difference) -> Decision:
    return ""


def refresh_issue(
    issue: str | Path | None = None,
    ids: str | Sequence[str] = (),
    *,
    folder: Path = Path(),
    library: Path | None = None,
    fields: str | Sequence[str] = (),
    decide: Callable[[Difference], Decision] = _later,
    show: Notify | None = None,
) -> Refresh:
    """Compares frozen records with the library, and takes the library's version of those for which that is decided.

    What is taken replaces those fields in the file that the library has changed; what was corrected by hand stays. What
    is kept is not asked about again until the library changes once more. All files are written, or none.

    Args:
        issue: the issue, a folder or its name; none: the one that `folder` is in, or the newest.
        ids: names of frozen records: of their files, or what the library takes; none: all about which nothing was
            decided yet.
        folder: a folder in the publication.
        library: the library's file; none: the one in the publication.
        fields: the fields to take; none: all that the library has changed.
        decide: says what to do about a difference: ``take`` it, ``keep`` the file, or nothing.
        show: is given, in words, which other command is waited for.

    Raises:
        DigestError: there is no such issue, library, record or field, or a file cannot be written as wanted; nothing
            was written.
    """
    root, _ = publication_around(folder)
    target = find_issue(issue, folder=folder)
    wanted_fields = [fields] if isinstance(fields, str) else list(fields)
    for name in wanted_fields:
        if name not in Record.__struct_fields__ or name in {"id", "origin"}:
            near = did_you_mean(name, Record.__struct_fields__)
            raise DigestError(f"a record has no field “{name}”{near}", todo="nothing was written")
    problems: list[Problem] = []
    files = _files(root, target, problems)
    decided: list[Refreshed] = []
    written: dict[str, bytes] = {}
    with open_reconciled(root, library) as opened:
        named = _named([ids] if isinstance(ids, str) else ids, files, opened, target)
        for file in (files[name] for name in named or sorted(files)):
            compared = _Compared.of(file, opened, problems, always=bool(named))
            if compared is None:
                continue
            decision = decide(compared.difference)
            taken = compared.taken(wanted_fields) if decision == "take" else ()
            decided.append(Refreshed(difference=compared.difference, decision=decision, taken=taken))
            if decision:
                written[f"records/{file.path.name}"] = compared.rewritten(taken)
    paths: list[Path] = []
    if written:  # nobody waits for us while we ask: the files are compared with what was shown
        was = {name: files[Path(name).stem].content for name in written}
        with one_writer(target, show):
            try:
                paths = write_files(written, target, was=was)
            except ChangedError as error:
                found = "somebody has changed the file since it was read"
                raise DigestError(
                    found, where=error.where, todo="run the command again; nothing was written"
                ) from error
    return Refresh(folder=target, records=tuple(decided), files=tuple(paths), problems=tuple(problems))


class _File(Struct, frozen=True, kw_only=True):
    """A frozen record's file: its path, its name in problems, its bytes, and the record."""

    path: Path
    shown: str
    content: bytes
    record: Record


def _files(root: Path, folder: Path, problems: list[Problem]) -> dict[str, _File]:
    """The frozen records of an issue by the names of their files; what cannot be read is reported."""
    found = {}
    with ParsedFiles(root) as parsed:
        for path in sorted((folder / "records").glob("*.yaml")):
            shown = path.relative_to(root).as_posix()
            try:
                content = opening.read_file(path)
            except OSError as error:
                message = f"the file cannot be read: {error.strerror or error}"
                problems.append(Problem(level="error", code="unreadable", message=message, file=shown))
                continue
            read = parsed.read_leniently(content, Record, shown)
            if read.value is None:
                problems += [problem for problem in read.problems if problem.level == "error"]
            else:
                found[path.stem] = _File(path=path, shown=shown, content=content, record=read.value)
    return found


def _named(ids: Iterable[str], files: Mapping[str, _File], library: Library, folder: Path) -> list[str]:
    """The names of the files that somebody means."""
    by_id = {file.record.id: name for name, file in files.items() if file.record.id}
    numbers = {file.record.number: name for name, file in files.items() if file.record.number}
    found = []
    for id_ in ids:
        name = id_ if id_ in files else by_id.get(id_) or numbers.get(id_)
        if name is None:
            with contextlib.suppress(DigestError):  # the library does not know it either
                stored = library.get(id_)
                name = next((by_id[one] for one in (stored.record.id, *stored.former_ids) if one in by_id), None)
        if name is None:
            raise DigestError(
                f"no record “{id_}” is frozen in issue {folder.name}{did_you_mean(id_, files)}",
                expected="the name of a file in records/, an id or an abstract number",
                todo="nothing was written",
            )
        found.append(name)
    return list(dict.fromkeys(found))


# --- One record ------------------------------------------------------------------------------------------------------


class _Compared(Struct, frozen=True, kw_only=True):
    """A frozen record and the library's."""

    file: _File
    known: Record
    difference: Difference

    @classmethod
    def of(cls, file: _File, library: Library, problems: list[Problem], *, always: bool) -> _Compared | None:
        """The comparison, where they differ and nothing was decided yet, or always; nothing else.

        Args:
            file: the frozen record.
            library: the library.
            problems: gets what cannot be compared.
            always: whether to compare what was decided before, and corrections by hand.
        """

        def note(message: str) -> None:
            key = file.record.id or ""
            problems.append(Problem(level="note", code="frozen-gone", message=message, file=file.shown, key=key))

        known = library.known(file.record.id) if file.record.id else None
        if known is None:
            if always:
                note(f"the library has no record {file.record.id or 'without an id'}: there is nothing to compare with")
            return None
        stored = library.get(known.id or "")
        if all(origin.gone for origin in stored.origins):
            note(f"no source contains {known.id} any more; the library still has what it knew")
        fields = differing_fields(file.record, known)
        if not fields or not (always or has_news(file.record, stored) or _is_withdrawn(file.record, known)):
            return None
        settled = is_settled(file.record, known)
        if settled and not always:
            return None
        version = file.record.origin.version if file.record.origin else ""
        before = next((one for one in library.former(known.id or "") if version and version_of(one) == version), None)
        return cls(
            file=file,
            known=known,
            difference=Difference(
                record=file.path.stem,
                id=known.id or "",
                file=file.shown,
                withdrawn=_is_withdrawn(file.record, known),
                settled=settled,
                fields=tuple(_field(name, file.record, known, known if settled else before) for name in fields),
            ),
        )

    def taken(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The fields that are taken from the library: those that are wanted, or all but corrections by hand."""
        fields = [
            one for one in self.difference.fields if (one.field in wanted if wanted else one.changed_by != "hand")
        ]
        names = {one.field for one in fields}
        if names & {"authors", "affiliations"}:  # the marks of people count the places
            try:
                _with(self.file.record, self.known, names)
            except ValueError:
                names |= {"authors", "affiliations"}
        return tuple(one.field for one in self.difference.fields if one.field in names)

    def rewritten(self, fields: Iterable[str]) -> bytes:
        """The file with these fields from the library, and with a note of the version that was looked at."""
        fields, frozen, known = set(fields), self.file.record, self.known
        try:
            wanted = _with(frozen, known, fields)
        except ValueError as error:
            raise DigestError(str(error), where=self.file.shown, todo="nothing was written") from None
        origin = (known.origin if fields else frozen.origin) or Origin()
        wanted = structs.replace(wanted, origin=structs.replace(origin, version=version_of(known)))
        text = self.file.content.decode("utf-8-sig")
        new = _edited(text, yaml_record(wanted), {*fields, "origin"})
        read = strict.read(new, Record, self.file.shown)
        if read.value != wanted:
            reason = read.problems[0].message if read.problems else "the result would not say what was meant"
            todo = f"correct the file by hand: “digest show {known.id}” prints the record; nothing was written"
            raise DigestError(f"the file could not be rewritten: {reason}", where=self.file.shown, todo=todo)
        return new.encode()


def _is_withdrawn(frozen: Record, known: Record) -> bool:
    return known.status == "withdrawn" and frozen.status != "withdrawn"


def _with(frozen: Record, known: Record, fields: Iterable[str]) -> Record:
    return structs.replace(frozen, **{name: getattr(known, name) for name in fields})


def _field(name: str, frozen: Record, known: Record, before: Record | None) -> FieldDifference:
    """A field that differs; `before` is the library's record as it was when the file was frozen or last looked at."""
    ours, theirs = getattr(frozen, name), getattr(known, name)
    one, other = _shown(ours), _shown(theirs)
    if one == other:  # they differ in what the short form leaves out
        one, other = (json.dumps(as_json(record).get(name), ensure_ascii=False) for record in (frozen, known))
    changed: Literal["library", "hand", "both", ""] = ""
    if before is not None:
        by_library, by_hand = getattr(before, name) != theirs, getattr(before, name) != ours
        changed = "both" if by_library and by_hand else "library" if by_library else "hand"
    return FieldDifference(field=name, frozen=one, library=other, words=tuple(_words(one, other)), changed_by=changed)


def _shown(value: Any) -> str:  # noqa: ANN401 - any field of a record
    """A field as people read it."""
    match value:
        case None | False | "":
            return ""
        case True:
            return "yes"
        case Person():
            marks = ",".join(map(str, value.affiliations))
            return " ".join(part for part in (value.full, value.orcid, f"({marks})" if marks else "") if part)
        case AbstractPart():
            return f"{value.label}: {value.text.source}" if value.label else value.text.source
        case tuple():
            texts = [_shown(part) for part in value]
            return ("\n" if any(isinstance(part, AbstractPart) for part in value) else "; ").join(texts)
        case RichText():
            return value.source
        case Struct():
            parts = ((name, _shown(getattr(value, name))) for name in value.__struct_fields__)
            return "; ".join(f"{name}: {text}" for name, text in parts if text)
    return str(value)


def _words(one: str, other: str) -> Iterator[Words]:
    """Two texts in one: what both have, what only the first has, what only the second has, in order."""
    ours, theirs = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (one, other))
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    before, after = "", ""
    for operation, a, b, c, d in matcher.get_opcodes():
        same = "".join(ours[a:b])
        if operation == "equal" and (same.strip() or not (before or after)):
            yield from _changed(before, after)
            before = after = ""
            yield Words("same", same)
        else:  # a blank between two changed words is part of the change
            before, after = before + same, after + "".join(theirs[c:d])
    yield from _changed(before, after)


def _changed(before: str, after: str) -> Iterator[Words]:
    if before:
        yield Words("frozen", before)
    if after:
        yield Words("library", after)


# --- The lines of a file ---------------------------------------------------------------------------------------------

_KEY: Final = re.compile(r"([\"']?)([a-z_]+)\1[ ]*:(?:\s|$)")


def _edited(text: str, new: str, fields: set[str]) -> str:
    """The text of a frozen record in which some keys have the lines of the new one; all other lines stay."""
    end = "\r\n" if "\r\n" in text else "\n"
    old, blocks = _blocks(text.replace("\r\n", "\n")), _blocks(new)
    order = list(blocks)
    for name in fields:
        if name not in blocks:
            old.pop(name, None)
        elif name in old:
            old[name] = blocks[name] + old[name][len(_body(old[name])) :]
        else:
            after = next((key for key in order[order.index(name) + 1 :] if key in old), "")
            whole: dict[str, list[str]] = {}
            for key, lines in old.items():
                if key == after:
                    whole[name] = blocks[name]
                whole[key] = lines
            old = whole if after else {**old, name: blocks[name]}
    return end.join(line for lines in old.values() for line in lines) + end


def _blocks(text: str) -> dict[str, list[str]]:
    """The lines of each key at the left margin; those before the first key are under “”."""
    blocks: dict[str, list[str]] = {"": []}
    key = ""
    for line in text.removesuffix("\n").split("\n"):
        if match := _KEY.match(line):
            key = match[2]
        blocks.setdefault(key, []).append(line)
    return blocks


def _body(lines: list[str]) -> list[str]:
    """The lines of a key without blank ones and comments after them, which belong to what follows."""
    count = len(lines)
    while count > 1 and (not lines[count - 1].strip() or lines[count - 1].startswith("#")):
        count -= 1
    return lines[:count]
