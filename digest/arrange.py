"""An issue's entries are put in another order or section, held, dropped or given other words: in the lines of the file.

``issue.yaml`` is the single truth about an issue, and people write in it. So nothing is written anew: lines move, lines
of one key are replaced, and comments, quotes and blank lines stay to the letter. What comes out is read back and
compared with what was wanted before anybody sees it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, structs

from digest import strict
from digest.errors import DigestError
from digest.model import Entry, IssueFile
from digest.sources.write import yaml_text

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS: Final = ("why", "comment", "quote", "flag", "hold", "drop")  # the keys of an entry that can be set
_WIDTH: Final = 118


class Placed(Struct, frozen=True, kw_only=True):
    """An entry in its new place.

    Attributes:
        at: where it was: numbers of its section and of itself in it, counted from 0.
        words: keys of `WORDS` that get another text; an empty one takes the key away.
    """

    at: tuple[int, int]
    words: Mapping[str, str] = {}


def arranged(text: str, file: str, sections: Sequence[Sequence[Placed]]) -> str:
    """The text of ``issue.yaml`` with its entries so arranged.

    Args:
        text: the text.
        file: how problems name it.
        sections: for each section of the issue the entries that it holds now; each entry stands somewhere.

    Raises:
        DigestError: the file has mistakes or is written in brackets, or an entry is missing or stands twice.
    """
    read = strict.read(text, IssueFile, file)
    if read.value is None:
        raise DigestError(f"the issue has mistakes: {read.problems[0]}", where=file, todo="mend them first")
    issue = read.value
    places = [(s, e) for s, section in enumerate(issue.sections) for e in range(len(section.entries))]
    if sorted(placed.at for section in sections for placed in section) != places or len(sections) != len(
        issue.sections
    ):
        raise DigestError(
            "the new order does not hold each entry once", where=file, expected=f"{len(places)} entries",
            todo="nothing was written",
        )  # fmt: skip
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    blocks = _Blocks(lines, read)
    wanted = []
    out: list[str] = []
    at = 0
    for s, section in enumerate(sections):
        first, last = blocks.extent(s)
        out += lines[at:first]
        out += blocks.joined([_with_words(blocks.lines(placed.at), placed.words, file) for placed in section], s)
        at = last
        wanted.append(
            structs.replace(
                issue.sections[s],
                entries=tuple(_changed(issue.sections[p.at[0]].entries[p.at[1]], p.words, file) for p in section),
            )
        )
    new = "".join([*out, *lines[at:]])
    again = strict.read(new, IssueFile, file)
    if again.value is None or not _equal(again.value, structs.replace(issue, sections=tuple(wanted))):
        told = again.problems[0] if again.problems else "it would be read otherwise than it was meant"
        raise DigestError(f"the entries could not be rewritten: {told}", where=file, todo="nothing was written")
    return new


def _changed(entry: Entry, words: Mapping[str, str], file: str) -> Entry:
    try:
        return structs.replace(entry, **{name: _folded(text) for name, text in words.items()})
    except ValueError as error:  # an article has no comment
        raise DigestError(str(error), where=file, todo="nothing was written") from None


def _folded(text: str) -> str:
    return text.strip()


def _equal(one: IssueFile, other: IssueFile) -> bool:
    return bool(msgspec.to_builtins(one, enc_hook=str) == msgspec.to_builtins(other, enc_hook=str))


def filled(lines: Sequence[str], at: int) -> tuple[int, str, int] | None:
    """How a section without entries gets its first: for ``entries: []``, whose brackets may stand below their key.

    Args:
        lines: the lines of the file.
        at: the line of the key.

    Returns:
        The line with the brackets, what becomes of it, and how deep the entries stand below; nothing where the section
        is written otherwise.
    """
    if match := re.match(r"(\s*)((?:- )?)entries:\s*\[\s*\](\s*(?:#.*)?)$", lines[at]):
        return at, f"{match[1]}{match[2]}entries:{match[3].rstrip()}\n", len(match[1] + match[2]) + 2
    if not re.match(r"\s*(?:- )?entries:\s*(?:#.*)?$", lines[at]):
        return None
    n = next((n for n in range(at + 1, len(lines)) if re.match(r"\s*[^\s#]", lines[n])), at)
    if match := re.match(r"([ ]*)\[\s*\]\s*(#.*)?$", lines[n]):
        return n, f"{match[1]}{match[2].rstrip()}\n" if match[2] else "", len(match[1])
    return None


class _Blocks:
    """The lines of each entry."""

    def __init__(self, lines: list[str], read: strict.Read[IssueFile]) -> None:
        assert read.value is not None
        self._lines, self._read, self._issue = lines, read, read.value

    def _start(self, s: int, e: int) -> int:
        """The first line of an entry, with the comments right above it."""
        at = self._read.lines["sections", s, "entries", e] - 1
        if not re.match(r"\s*- ", self._lines[at]):
            raise _brackets(f"{self._read.file}:{at + 1}")
        depth = _indent(self._lines[at])
        while self._lines[at - 1].lstrip().startswith("#") and _indent(self._lines[at - 1]) >= depth:
            at -= 1
        return at

    def extent(self, s: int) -> tuple[int, int]:
        """The first line of a section's entries and the one behind the last; of its brackets where it has none."""
        count = len(self._issue.sections[s].entries)
        if count:
            return self._start(s, 0), self._end(s, count - 1)
        at = self._read.lines["sections", s, "entries"] - 1
        if (found := filled(self._lines, at)) is None:
            raise _brackets(f"{self._read.file}:{at + 1}")
        return found[0], found[0] + 1

    def _end(self, s: int, e: int) -> int:
        """The line behind the last one of an entry that is not blank and no comment of what follows."""
        at = self._read.lines["sections", s, "entries", e] - 1
        depth = _indent(self._lines[at])
        end = last = at + 1
        while end < len(self._lines):
            line = self._lines[end]
            if line.strip() and _indent(line) <= depth:
                break
            end += 1
            if line.strip():
                last = end
        return last

    def lines(self, at: tuple[int, int]) -> list[str]:
        """The lines of an entry, without blank ones behind it."""
        return self._lines[self._start(*at) : self._end(*at)]

    def joined(self, entries: Sequence[list[str]], s: int) -> list[str]:
        """The lines of a section's entries, with air between them where the file has it, in this section's depth."""
        first, last = self.extent(s)
        key = self._read.lines["sections", s, "entries"] - 1
        if not self._issue.sections[s].entries:
            if not entries or (found := filled(self._lines, key)) is None:
                return self._lines[first:last]
            return [*([found[1]] if found[1] else []), *self._spaced(entries, found[2])]
        depth = _indent(self._lines[self._read.lines["sections", s, "entries", 0] - 1])
        if not entries:  # the key's own line is above: what it holds then stands where the first entry stood
            return [" " * max(depth, _key_depth(self._lines[key]) + 2) + "[]\n"]
        return self._spaced(entries, depth)

    def _spaced(self, entries: Sequence[list[str]], depth: int) -> list[str]:
        out: list[str] = []
        for n, entry in enumerate(entries):
            dash = next(_indent(line) for line in entry if line.lstrip().startswith("- "))
            if n and self._airy:
                out.append("\n")
            out += [_shifted(line, depth - dash) for line in entry]
        return out

    @property
    def _airy(self) -> bool:
        """Whether blank lines stand between the entries of this file, mostly."""
        gaps = [
            not self._lines[self._start(s, e) - 1].strip()
            for s, section in enumerate(self._issue.sections) for e in range(1, len(section.entries))
        ]  # fmt: skip
        return 2 * sum(gaps) > len(gaps)


def _brackets(where: str) -> DigestError:
    return DigestError(
        "the entries of this section stand in brackets", where=where,
        expected="each entry on a line of its own, behind “- ”", todo="write them so; nothing was written",
    )  # fmt: skip


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _shifted(line: str, by: int) -> str:
    if not line.strip() or not by:
        return line
    return " " * by + line if by > 0 else line[min(-by, _indent(line)) :]


def _with_words(entry: list[str], words: Mapping[str, str], file: str) -> list[str]:
    """The lines of an entry in which some keys have another text."""
    lines = list(entry)
    for name, text in words.items():
        if name not in WORDS:
            raise DigestError(f"an entry has no key “{name}”", where=file, expected=f"one of {', '.join(WORDS)}")
        dash = next(n for n, line in enumerate(lines) if line.lstrip().startswith("- "))
        depth = _indent(lines[dash]) + 2
        at = next(
            (n for n, line in enumerate(lines[dash:], dash)
             if re.match(rf"\s*(?:- )?{name}:(?:\s|$)", line) and _key_depth(line) == depth),
            None,
        )  # fmt: skip
        new = _field(name, _folded(text), depth) if text.strip() else []
        if at is None:
            lines += new
            continue
        end = at + 1
        while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > depth):
            end += 1
        if at == dash:
            rest = new or lines[end:]
            if not rest:
                raise DigestError("an entry would be left without a key", where=file, todo="nothing was written")
            tail = lines[end:] if new else lines[end + 1 :]
            head = " " * (depth - 2) + "- " + rest[0].lstrip(" ")
            lines[at:] = [head, *(rest[1:] if new else []), *tail]
        else:
            lines[at:end] = new
    return lines


def _key_depth(line: str) -> int:
    return _indent(line) + (2 if line.lstrip().startswith("- ") else 0)


def _field(name: str, text: str, depth: int) -> list[str]:
    """The lines of a key with its text: on one line where it fits, folded where it is a paragraph, else as it is."""
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
