"""Edits issue.yaml line by line: entries move, change and are added, and comments stay.

``issue.yaml`` is the single source of an issue, and people write in it. So the file is never rewritten from a value:
lines move, lines of one key are replaced, new lines are inserted; comments, quotes and blank lines stay exactly as they
are. The result is read again and compared with what was wanted before anybody sees it.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, structs

from digest import strict
from digest.errors import DigestError, ProjectError, not_utf8
from digest.export import yaml_text
from digest.model import FieldText
from digest.publication import Entry, IssueFile

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT_KEYS: Final = ("why", "comment", "quote", "flag", "hold", "drop")  # the keys of an entry that can be set
_WIDTH: Final = 118
_BOM: Final = b"\xef\xbb\xbf"
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")  # lines as YAML counts them: U+2028 ends none


class Placement(Struct, frozen=True, kw_only=True):
    """An entry in its new place.

    Attributes:
        at: where it was: the number of its section and its own number in it, counted from 0.
        texts: keys of `TEXT_KEYS` that get a new text; an empty text removes the key.
        fields: own fields that get a new value; an empty one removes the field.
    """

    at: tuple[int, int]
    texts: Mapping[str, str] = {}
    fields: Mapping[str, FieldText] = {}


class NewEntry(Struct, frozen=True, kw_only=True):
    """A frozen record that becomes an entry.

    Attributes:
        record: name of its file in ``records/``, without ``.yaml``.
        comment: a comment for whoever reads the file, on one line.
    """

    record: str
    comment: str = ""

    @property
    def line(self) -> str:
        """The entry as a line of ``issue.yaml``, without indentation and line end."""
        return f"- record: {self.record}" + (f"  # {self.comment}" if self.comment else "")


def unchanged(issue: IssueFile) -> list[list[Placement]]:
    """Each entry of each section where it is, to be changed and given to `arranged`."""
    return [[Placement(at=(s, e)) for e in range(len(section.entries))] for s, section in enumerate(issue.sections)]


def arranged(text: str, file: str, sections: Sequence[Sequence[Placement]]) -> str:
    """The text of ``issue.yaml`` with its entries in the given order and with the given texts.

    Args:
        text: the text.
        file: how problems name it.
        sections: for each section of the issue, its entries from now on; each entry appears exactly once.

    Raises:
        DigestError: the file has mistakes or lists entries in brackets, or an entry is missing or given twice.
    """
    read, issue = _issue(text, file)
    places = [placement.at for section in unchanged(issue) for placement in section]
    given = sorted(placement.at for section in sections for placement in section)
    if given != places or len(sections) != len(issue.sections):
        raise DigestError(
            "the new order does not contain each entry exactly once",
            where=file,
            expected=f"{len(places)} entries",
            todo="nothing was written",
        )
    blocks = _Blocks(text, read)
    wanted = []
    out: list[str] = []
    at = 0
    for s, section in enumerate(sections):
        first, last = blocks.extent(s)
        out += blocks.all[at:first]
        entries = [(one, issue.sections[one.at[0]].entries[one.at[1]]) for one in section]
        out += blocks.joined([_with_changes(blocks.lines(one.at), one, entry, file) for one, entry in entries], s)
        at = last
        changed = tuple(_changed(entry, one, file) for one, entry in entries)
        wanted.append(structs.replace(issue.sections[s], entries=changed))
    return _verified("".join([*out, *blocks.all[at:]]), file, structs.replace(issue, sections=tuple(wanted)))


def extended(text: str, file: str, new: Mapping[int, Sequence[NewEntry]]) -> str:
    """The text of ``issue.yaml`` with new entries at the end of some sections; all other lines stay as they are.

    Args:
        text: the text.
        file: how problems name it.
        new: the entries, by the number of their section, counted from 0.

    Raises:
        DigestError: the file has mistakes, or one of these sections lists its entries in brackets.
    """
    read, issue = _issue(text, file)
    blocks = _Blocks(text, read)
    lines, sections = list(blocks.all), list(issue.sections)
    for s in sorted(new, reverse=True):  # from the end: the lines before keep their numbers
        first, last = blocks.extent(s)
        lines[first:last] = blocks.followed([one.line for one in new[s]], s)
        added = tuple(Entry(record=one.record) for one in new[s])
        sections[s] = structs.replace(sections[s], entries=(*sections[s].entries, *added))
    return _verified("".join(lines), file, structs.replace(issue, sections=tuple(sections)))


def text_of(content: bytes, file: str) -> str:
    """The text of a file, without a byte order mark.

    Raises:
        ProjectError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProjectError([not_utf8(error, file)]) from None


def bytes_of(text: str, before: bytes) -> bytes:
    """The text as bytes, with the byte order mark and the line ends that the file had before."""
    if 0 < before.count(b"\n") == before.count(b"\r\n"):
        text = re.sub(r"(?<!\r)\n", "\r\n", text)
    return (_BOM if before.startswith(_BOM) else b"") + text.encode()


def _issue(text: str, file: str) -> tuple[strict.Read[IssueFile], IssueFile]:
    read = strict.read(text, IssueFile, file)
    if read.value is None:
        raise DigestError(f"the issue has mistakes: {read.problems[0]}", where=file, todo="fix them first")
    return read, read.value


def _verified(text: str, file: str, wanted: IssueFile) -> str:
    """The text, once it is sure that it is read as the issue that was wanted."""
    again = strict.read(text, IssueFile, file)
    if again.value is None or _plain(again.value) != _plain(wanted):
        reason = again.problems[0] if again.problems else "the result would not say what was meant"
        raise DigestError(f"the entries could not be rewritten: {reason}", where=file, todo="nothing was written")
    return text


def _plain(issue: IssueFile) -> object:
    return msgspec.to_builtins(issue, enc_hook=str)


def _changed(entry: Entry, change: Placement, file: str) -> Entry:
    texts = {name: text.strip() for name, text in change.texts.items()}
    try:
        return structs.replace(entry, **texts, fields=_filled(entry, change))
    except ValueError as error:  # an article has no comment
        raise DigestError(str(error), where=file, todo="nothing was written") from None


def _filled(entry: Entry, change: Placement) -> dict[str, FieldText]:
    """The own fields of an entry after a change."""
    both = {**entry.fields, **change.fields}
    return {name: typed for name, typed in both.items() if typed or name not in change.fields}


class _Brackets(Struct, frozen=True):
    """How a section without entries gets its first one: ``entries: []``, whose brackets may be on a line below.

    Attributes:
        at: the line with the brackets.
        rest: what is left of that line without them.
        depth: how far the entries below are indented.
    """

    at: int
    rest: str
    depth: int


def _brackets(lines: Sequence[str], key: int) -> _Brackets | None:
    """The brackets of a section's ``entries`` on line `key`; nothing where it is written in any other way."""
    if match := re.match(r"(\s*)((?:- )?)entries:\s*\[\s*\](\s*(?:#.*)?)$", lines[key]):
        return _Brackets(key, f"{match[1]}{match[2]}entries:{match[3].rstrip()}\n", len(match[1] + match[2]) + 2)
    if not re.match(r"\s*(?:- )?entries:\s*(?:#.*)?$", lines[key]):
        return None
    n = next((n for n in range(key + 1, len(lines)) if re.match(r"\s*[^\s#]", lines[n])), key)
    if match := re.match(r"([ ]*)\[\s*\]\s*(#.*)?$", lines[n]):
        return _Brackets(n, f"{match[1]}{match[2].rstrip()}\n" if match[2] else "", len(match[1]))
    return None


class _Blocks:
    """The lines of each entry.

    Attributes:
        all: the lines of the whole file.
    """

    def __init__(self, text: str, read: strict.Read[IssueFile]) -> None:
        assert read.value is not None
        self.all: list[str] = _LINE.findall(text)
        if self.all and not self.all[-1].endswith(("\n", "\r")):
            self.all[-1] += "\n"
        self._read, self._issue = read, read.value

    def _start(self, s: int, e: int) -> int:
        """The first line of an entry, with the comments right above it."""
        at = self._read.lines["sections", s, "entries", e] - 1
        if not re.match(r"\s*- ", self.all[at]):
            raise self._in_brackets(at)
        depth = _indent(self.all[at])
        while self.all[at - 1].lstrip().startswith("#") and _indent(self.all[at - 1]) >= depth:
            at -= 1
        return at

    def extent(self, s: int) -> tuple[int, int]:
        """The first line of a section's entries and the one after the last; of its brackets where it has none."""
        count = len(self._issue.sections[s].entries)
        if count:
            return self._start(s, 0), self._end(s, count - 1)
        at = self._read.lines["sections", s, "entries"] - 1
        if (found := _brackets(self.all, at)) is None:
            raise self._in_brackets(at)
        return found.at, found.at + 1

    def _end(self, s: int, e: int) -> int:
        """The line after the last one of an entry, without blank lines and comments that belong to what follows."""
        at = self._read.lines["sections", s, "entries", e] - 1
        depth = _indent(self.all[at])
        end = last = at + 1
        while end < len(self.all):
            line = self.all[end]
            if line.strip() and _indent(line) <= depth:
                break
            end += 1
            if line.strip():
                last = end
        return last

    def lines(self, at: tuple[int, int]) -> list[str]:
        """The lines of an entry, without blank ones after it."""
        return self.all[self._start(*at) : self._end(*at)]

    def joined(self, entries: Sequence[list[str]], s: int) -> list[str]:
        """The lines of a section's entries, indented as in this section, with blank lines where the file has them."""
        first, last = self.extent(s)
        key = self._read.lines["sections", s, "entries"] - 1
        if not self._issue.sections[s].entries:
            if not entries or (found := _brackets(self.all, key)) is None:
                return self.all[first:last]
            return [*([found.rest] if found.rest else []), *self._spaced(entries, found.depth)]
        depth = self._depth(s)
        if not entries:  # the key's own line is above, so the brackets take the place of the first entry
            return [" " * max(depth, _key_depth(self.all[key]) + 2) + "[]\n"]
        return self._spaced(entries, depth)

    def followed(self, entries: Sequence[str], s: int) -> list[str]:
        """The lines of a section's entries as they are, and these after them."""
        count = len(self._issue.sections[s].entries)
        if not count:
            return self.joined([[f"{entry}\n"] for entry in entries], s)
        first, last = self.extent(s)
        blank = ["\n"] if count > 1 and not self.all[self._start(s, count - 1) - 1].strip() else []
        new = [[*blank, f"{' ' * self._depth(s)}{entry}\n"] for entry in entries]
        return [*self.all[first:last], *(line for one in new for line in one)]

    def _depth(self, s: int) -> int:
        return _indent(self.all[self._read.lines["sections", s, "entries", 0] - 1])

    def _spaced(self, entries: Sequence[list[str]], depth: int) -> list[str]:
        out: list[str] = []
        for n, entry in enumerate(entries):
            dash = next(_indent(line) for line in entry if line.lstrip().startswith("- "))
            if n and self._airy:
                out.append("\n")
            out += [_shifted(line, depth - dash) for line in entry]
        return out

    @functools.cached_property
    def _airy(self) -> bool:
        """Whether most entries of this file have a blank line between them."""
        gaps = [
            not self.all[self._start(s, e) - 1].strip()
            for s, section in enumerate(self._issue.sections)
            for e in range(1, len(section.entries))
        ]
        return 2 * sum(gaps) > len(gaps)

    def _in_brackets(self, at: int) -> DigestError:
        return DigestError(
            "this section lists its entries in brackets",
            where=f"{self._read.file}:{at + 1}",
            todo="put each entry on its own line, starting with “- ”; nothing was written",
        )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _shifted(line: str, by: int) -> str:
    if not line.strip() or not by:
        return line
    return " " * by + line if by > 0 else line[min(-by, _indent(line)) :]


def _with_changes(lines: list[str], change: Placement, entry: Entry, file: str) -> list[str]:
    """The lines of an entry in which some keys have a new text, and some own fields a new value."""
    for name, text in change.texts.items():
        if name not in TEXT_KEYS:
            raise DigestError(f"an entry has no key “{name}”", where=file, expected=f"one of {', '.join(TEXT_KEYS)}")
        _, depth = _key_now(lines, name)
        lines = _with_key(lines, name, _key_lines(name, text.strip(), depth), file)
    if change.fields:
        old, depth = _key_now(lines, "fields")
        new = _field_lines(old, depth, _filled(entry, change), change, file)
        lines = _with_key(lines, "fields", new, file)
    return lines


def _key_now(entry: list[str], name: str) -> tuple[list[str], int]:
    """The lines that a key of an entry has, none where it is missing, and its indentation."""
    _, depth, at, end = _key_place(entry, name)
    if at is None:
        return [], depth
    return [" " * depth + entry[at].lstrip(" ").removeprefix("- "), *entry[at + 1 : end]], depth


def _key_place(entry: list[str], name: str) -> tuple[int, int, int | None, int]:
    """The line with an entry's dash, the indentation of its keys, a key's first line, and the one after its last."""
    dash = next(n for n, line in enumerate(entry) if line.lstrip().startswith("- "))
    depth = _indent(entry[dash]) + 2
    at = next((n for n, line in enumerate(entry[dash:], dash) if _has_key(line, name, depth)), None)
    return dash, depth, at, len(entry) if at is None else _key_end(entry, at, depth)


def _with_key(entry: list[str], name: str, new: list[str], file: str) -> list[str]:
    """The lines of an entry in which one key has new lines, or none any more."""
    lines = list(entry)
    dash, depth, at, end = _key_place(lines, name)
    if at is None:
        return [*lines, *new]
    if at != dash:
        lines[at:end] = new
        return lines
    rest = new or lines[end:]
    if not rest:
        raise DigestError("an entry would be left without a key", where=file, todo="nothing was written")
    tail = lines[end:] if new else lines[end + 1 :]
    head = " " * (depth - 2) + "- " + rest[0].lstrip(" ")
    lines[at:] = [head, *(rest[1:] if new else []), *tail]
    return lines


def _field_lines(
    old: list[str], depth: int, filled: Mapping[str, FieldText], change: Placement, file: str
) -> list[str]:
    """The lines of ``fields`` in which some have a new value; in braces on one line they get a line each."""
    if not filled:
        return []
    space = " " * depth
    match = re.match(r"\s*fields:[ \t]*(?:(?P<braces>\{.*\})?[ \t]*(?P<comment>#[^}]*)?)?$", old[0]) if old else None
    if old and not match:
        todo = "put each field on its own line below “fields:”; nothing was written"
        raise DigestError("this entry has its fields in braces on several lines", where=file, todo=todo)
    if match is None or match["braces"]:
        comment = f"  {match['comment'].rstrip()}" if match and match["comment"] else ""
        new = [line for name, typed in filled.items() for line in _value_lines(name, typed, depth + 2)]
        return [f"{space}fields:{comment}\n", *new, *old[1:]]
    lines = list(old)
    inner = next((_indent(line) for line in lines[1:] if re.match(r"\s*[^\s#]", line)), depth + 2)
    for name in change.fields:
        new = _value_lines(name, filled[name], inner) if name in filled else []
        at = next((n for n, line in enumerate(lines[1:], 1) if _has_key(line, name, inner)), None)
        if at is not None:
            end = _key_end(lines, at, inner)
            while not lines[end - 1].strip():
                end -= 1
            lines[at:end] = new
            continue
        last = max(n for n, line in enumerate(lines) if line.strip())
        lines[last + 1 : last + 1] = new
    return lines


def _has_key(line: str, name: str, depth: int) -> bool:
    return bool(re.match(rf"\s*(?:- )?([\"']?){name}\1:(?:\s|$)", line)) and _key_depth(line) == depth


def _key_end(lines: list[str], at: int, depth: int) -> int:
    """The line after the last one of a key."""
    end = at + 1
    while end < len(lines):
        line = lines[end]
        of_list = line.lstrip().startswith("- ") and _indent(line) == depth  # YAML lets a list begin below its key
        if line.strip() and _indent(line) <= depth and not of_list:
            break
        end += 1
    return end


def _key_depth(line: str) -> int:
    return _indent(line) + (2 if line.lstrip().startswith("- ") else 0)


def _value_lines(name: str, typed: FieldText, depth: int) -> list[str]:
    """The lines of an own field."""
    if isinstance(typed, str):
        return _key_lines(name, typed, depth) or [f'{" " * depth}{name}: ""\n']
    return [f"{' ' * depth}{name}:\n", *(f"{' ' * depth}  - {yaml_text(text)}\n" for text in typed)]


def _key_lines(name: str, text: str, depth: int) -> list[str]:
    """The lines of a key with its text: one line where it fits, folded where it is a paragraph, else line by line."""
    if not text:
        return []
    space = " " * depth
    one = f"{space}{name}: {yaml_text(text)}\n"
    if "\n" not in text and len(one) <= _WIDTH:
        return [one]
    inner = " " * (depth + 2)
    plain = not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text)
    if plain and "\n" not in text and "  " not in text:
        wrapped = textwrap.wrap(text, _WIDTH - len(inner), break_long_words=False, break_on_hyphens=False)
        return [f"{space}{name}: >-\n", *(f"{inner}{line}\n" for line in wrapped)]
    if plain and not any(line != line.rstrip() for line in text.split("\n")) and not text.startswith(" "):
        return [f"{space}{name}: |-\n", *(f"{inner}{line}\n" if line else "\n" for line in text.split("\n"))]
    return [one]
